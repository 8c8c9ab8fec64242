/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.c - UN/EDIFACT (ISO 9735, syntax versions 1 to 4) as the host sees it: the table of functions, formats as shapes,
 * recognition. Constant; any thread.
 */
#include "ack.h"
#include "attached.h"
#include "directory_book.h"
#include "reader.h"
#include "writer.h"

const dgm_option dgm_edi_format_options[] = {
    { "message", "", "message type, as UNH names it (CUSDEC)", DGM_OPT_TEXT, NULL },
    { "version", "D", "message version number", DGM_OPT_TEXT, NULL },
    { "release", "", "message release number (96B)", DGM_OPT_TEXT, NULL },
    { "agency", "UN", "controlling agency", DGM_OPT_TEXT, NULL },
    { "association", "", "association assigned code; empty: any", DGM_OPT_TEXT, NULL },
    { 0 },
};

/* ---- recognition
 * ------------------------------------------------------------------------------------------------------------------ */

static bool begins(dgm_slice s, const char *tag)
{
    return s.len > 3 && memcmp(s.at, tag, 3) == 0 &&
           !((s.at[3] >= '0' && s.at[3] <= '9') || (s.at[3] >= 'A' && s.at[3] <= 'Z') || (s.at[3] >= 'a' && s.at[3] <= 'z') ||
             s.at[3] == ' ');
}

static int identify(dgm_slice first)
{
    dgm_slice bare = first;
    if (bare.len >= 3 && memcmp(bare.at, "\xEF\xBB\xBF", 3) == 0) bare = dgm_slice_part(bare, 3, bare.len);
    bool more;
    size_t mark;
    if (dgm_edi_intake_detect(bare, true, false, &more, &mark)) return mark ? 80 : 92; /* XML is written in UTF-16 too */
    bare = dgm_slice_trim(bare);
    bool pure = bare.at == first.at;
    if (begins(bare, "UNA") && bare.len >= 9) return pure ? 99 : 90;
    if (begins(bare, "UNB")) return pure ? 98 : 90;
    if (begins(bare, "UNH")) return pure ? 95 : 85;
    if (begins(bare, "UIB")) return pure ? 95 : 85; /* to be refused by name */
    return 0;
}

/* ---- formats
 * ---------------------------------------------------------------------------------------------------------------------- */

typedef struct naming {
    const dgm_host *host;
    const dgm_format *format;
    const dgm_edi_program *program;
} naming;

static dgm_diag *complain(const dgm_host *host, const dgm_format *f, dgm_diag_code code)
{
    dgm_diag *d = dgm_diags_add(host->diags, code, DGM_ERROR);
    dgm_diag_source(host->diags, d, f->name);
    return d;
}

static dgm_status add_aliases(void *ctx, dgm_shape_maker *m, const uint32_t *ids)
{
    const naming *n = ctx;
    for (size_t i = 0; i < n->format->alias_count; i++) {
        const dgm_format_alias *alias = &n->format->aliases[i];
        uint32_t at = dgm_edi_program_find(n->program, alias->path);
        if (at == DGM_NONE) {
            dgm_diag *d = complain(n->host, n->format, DGM_D_EDI_FORMAT_NAME);
            dgm_diag_text(n->host->diags, d, alias->name);
            dgm_diag_text(n->host->diags, d, alias->path);
            dgm_diag_text(n->host->diags, d, n->program->type);
            return DGM_CONFIG;
        }
        dgm_status st = dgm_shape_add_alias(m, alias->name, ids[at]);
        if (st != DGM_OK) return st;
    }
    return DGM_OK;
}

static bool needs(const dgm_host *host, const dgm_format *f, const char *name, dgm_slice *value)
{
    *value = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, name);
    if (value->len) return true;
    dgm_diag_text(host->diags, complain(host, f, DGM_D_EDI_FORMAT_SETTING), dgm_slice_of(name));
    return false;
}

static bool open_directory(const dgm_host *host, const dgm_format *f, dgm_slice version, dgm_slice release, dgm_edi_directory *out)
{
    char name[16] = { 0 };
    size_t len = version.len + release.len;
    dgm_slice agency = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "agency");
    if (dgm_edi_directory_choose(host->knowledge, host->knowledge_count, version, release, agency, out)) return true;
    if (len <= sizeof name) {
        memcpy(name, version.at, version.len);
        memcpy(name + version.len, release.at, release.len);
    }
    dgm_diag *diag = complain(host, f, DGM_D_EDI_FORMAT_DIRECTORY);
    dgm_diag_text(host->diags, diag, (dgm_slice){ name, len <= sizeof name ? len : 0 });
    dgm_diag_text(host->diags, diag, dgm_edi_directories_text());
    return false;
}

static dgm_status shape(const dgm_host *host, const dgm_format *f, dgm_shape **out)
{
    dgm_slice type, version, release;
    dgm_edi_directory directory;
    *out = NULL;
    if (!needs(host, f, "message", &type) || !needs(host, f, "version", &version) || !needs(host, f, "release", &release))
        return DGM_CONFIG;
    if (!open_directory(host, f, version, release, &directory)) return DGM_CONFIG;
    naming n = { .host = host, .format = f };
    directory.syntax4 = true; /* so that the shape has what any version has; readers of the others take their part of it */
    dgm_edi_program *program = NULL;
    dgm_status st = dgm_edi_program_make(&host->mem, &directory, type, &program);
    if (st == DGM_UNKNOWN) {
        dgm_diag *d = complain(host, f, DGM_D_EDI_FORMAT_MESSAGE);
        dgm_diag_text(host->diags, d, dgm_slice_of(directory.name));
        dgm_diag_text(host->diags, d, type);
        dgm_slice near = dgm_edi_nearest_message(&directory, type);
        if (near.len) dgm_diag_text(host->diags, d, near);
        return DGM_CONFIG;
    }
    if (st != DGM_OK) return st;
    n.program = program;
    st = dgm_edi_program_shape(program, &host->mem, f->name.len ? f->name : type, add_aliases, &n, out);
    dgm_edi_program *three = NULL;
    directory.syntax4 = false;
    if (st == DGM_OK) st = dgm_edi_program_make(&host->mem, &directory, type, &three);
    if (st == DGM_UNKNOWN) st = DGM_OK; /* a message that came with version 4 */
    if (st == DGM_OK)
        st = dgm_edi_attach(&host->mem, *out, three, program);
    else
        dgm_edi_program_free(program);
    if (st == DGM_OK) return st;
    dgm_shape_free(*out);
    *out = NULL;
    return st;
}

/* In the directory that the shape was made from; else, for codes were given and withdrawn, in the latest that knows it. */
static dgm_slice meaning(const dgm_shape *s, uint32_t slot, dgm_slice value)
{
    const dgm_slot *at = dgm_shape_slot(s, slot);
    const dgm_edi_attached *about = s ? dgm_edi_attached_of(s) : NULL;
    const dgm_edi_program *p = about ? (about->programs[0] ? about->programs[0] : about->programs[1]) : NULL;
    if (!at) return (dgm_slice){ 0 };
    dgm_slice name = p ? dgm_edi_code_name(&p->directory, at->name, value) : (dgm_slice){ 0 };
    return name.len ? name : dgm_edi_code_latest(at->name, value);
}

static dgm_status load_book(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, void **out)
{
    dgm_edi_book *book = NULL;
    dgm_status st = dgm_edi_book_load(mem, path, bytes, diags, &book);
    *out = book;
    return st;
}

static void free_book(void *book)
{
    dgm_edi_book_free(book);
}

/* ---- guides ---- */

static dgm_status load_guide(const dgm_host *host, dgm_slice path, dgm_slice bytes, void **out)
{
    dgm_edi_guide *guide = NULL;
    dgm_status st = dgm_edi_guide_load(host, path, bytes, &guide);
    *out = guide;
    return st;
}

static void free_guide(void *guide)
{
    dgm_edi_guide_free(guide);
}

static dgm_guide_info guide_info(const void *guide)
{
    const dgm_edi_guide *g = guide;
    return (dgm_guide_info){ .name = g->name,
                             .title = g->title,
                             .file = g->path,
                             .format = g->format,
                             .message = g->message,
                             .chosen = g->chosen,
                             .place_count = g->entry_count,
                             .rule_count = g->rule_count };
}

static bool guides_clash(const void *a, const void *b)
{
    return dgm_edi_guide_clash(a, b);
}

static dgm_status guide_names(const void *guide, const dgm_tree *tree, const dgm_mem *mem,
                              void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx)
{
    return dgm_edi_guide_names(guide, tree, mem, called, ctx);
}

const dgm_codec dgm_codec_edifact = {
    .knowledge_folder = "directories",
    .knowledge_suffix = ".directory",
    .knowledge_load = load_book,
    .knowledge_free = free_book,
    .guide_looks = dgm_edi_guide_looks,
    .guide_load = load_guide,
    .guide_free = free_guide,
    .guide_info = guide_info,
    .guide_clash = guides_clash,
    .guide_names = guide_names,
    .abi = DGM_CODEC_ABI,
    .struct_bytes = sizeof(dgm_codec),
    .name = "edifact",
    .reader_options = dgm_edi_reader_options,
    .writer_options = dgm_edi_writer_options,
    .format_options = dgm_edi_format_options,
    .identify = identify,
    .shape = shape,
    .open = dgm_edi_open,
    .open_whole = dgm_edi_open_whole,
    .feed = dgm_edi_feed,
    .next = dgm_edi_next,
    .recycle = dgm_edi_recycle,
    .reset = dgm_edi_reset,
    .close = dgm_edi_close,
    .writer_open = dgm_edi_writer_open,
    .write = dgm_edi_write,
    .finish = dgm_edi_finish,
    .flush = dgm_edi_writer_flush,
    .writer_close = dgm_edi_writer_close,
    .writer_again = dgm_edi_writer_again,
    .writer_renew = dgm_edi_writer_renew,
    .writer_goes_on = dgm_edi_writer_goes_on,
    .writer_envelope = dgm_edi_writer_envelope,
    .writer_full = dgm_edi_writer_full,
    .recount = dgm_edi_recount,
    .single = false,
    .meaning = meaning,
    .ack_options = dgm_edi_ack_options,
    .ack_open = dgm_edi_ack_open,
    .ack_envelope = dgm_edi_ack_envelope,
    .ack_take = dgm_edi_ack_take,
    .ack_rejects = dgm_edi_ack_rejects,
    .ack_finish = dgm_edi_ack_finish,
    .ack_close = dgm_edi_ack_close,
    .ack_read = dgm_edi_ack_read,
    .waits = true,
};
