/* SPDX-License-Identifier: Apache-2.0
 *
 * foreign.c - loads codecs from shared objects, as a careful tool does: regular files that nobody else may write, checked against
 * the contract before anything of them is called but the entry. What was loaded stays loaded until the set is freed. One thread
 * opens and frees a set.
 */
#include "foreign.h"

#include "base/diag.h"
#include "files.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_BYTES_MAX = 256 << 20, NAME_MAX_BYTES = 32, FILES_MAX = 256, SUM_BYTES = 32 };

typedef struct loaded {
    dgm_slice file;
    void *handle;
    unsigned char sum[SUM_BYTES];
} loaded;

struct dgm_codec_set {
    dgm_mem mem;
    dgm_arena arena;
    const dgm_codec **list; /* NULL-ended; the built-in ones first */
    size_t built_in, count; /* all of them */
    loaded *foreign;        /* of list[built_in + i] */
};

/* ---- what is told ---- */

static dgm_diag *complain(dgm_diags *diags, dgm_diag_code code, dgm_slice file)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, file);
    return d;
}

static dgm_status refuse(dgm_diags *diags, dgm_slice file, const char *why, const char *hint)
{
    dgm_diag *d = complain(diags, DGM_D_CODEC_OPEN, file);
    dgm_diag_text(diags, d, dgm_slice_of(why));
    dgm_diag_text(diags, d, dgm_slice_of(hint));
    return DGM_CONFIG;
}

/* ---- the file ---- */

/* Whose it is, and that nobody else may write it; what: a file or a folder. */
static dgm_status check_owner(const struct stat *st, dgm_slice path, dgm_diags *diags, const char *what)
{
    if (st->st_mode & S_IWOTH) return refuse(diags, path, "everybody may write it", "chmod o-w");
    if (st->st_uid != 0 && st->st_uid != geteuid())
        return refuse(diags, path, what, "whoever owns it could put any program in its place");
    return DGM_OK;
}

static dgm_status check_file(dgm_slice path, dgm_diags *diags)
{
    struct stat st;
    if (lstat(path.at, &st) != 0)
        return refuse(diags, path, errno == ENOENT ? "there is no such file" : "it cannot be looked at", "");
    if (!S_ISREG(st.st_mode)) return refuse(diags, path, "it is no regular file", "links are not followed");
    return check_owner(&st, path, diags, "it belongs neither to root nor to who runs this");
}

static dgm_status sum_of(dgm_codec_set *set, dgm_slice path, dgm_diags *diags, unsigned char *sum)
{
    dgm_arena arena;
    dgm_slice bytes;
    const char *why = "too large";
    unsigned int n = SUM_BYTES;
    dgm_arena_init(&arena, &set->mem);
    dgm_status s = dgm_file_read(&arena, path, FILE_BYTES_MAX, &bytes, &why);
    if (s == DGM_OK && EVP_Digest(bytes.at, bytes.len, sum, &n, EVP_sha256(), NULL) != 1) s = DGM_NOMEM;
    if (s == DGM_IO || s == DGM_LIMIT) s = refuse(diags, path, why, "");
    dgm_arena_free(&arena);
    return s;
}

/* ---- the contract ---- */

static dgm_status other_number(dgm_diags *diags, dgm_diag_code code, dgm_slice file, uint64_t expected, uint64_t found, bool hex)
{
    char text[2][24];
    dgm_diag *d = complain(diags, code, file);
    const uint64_t numbers[2] = { expected, found };
    for (size_t i = 0; i < 2; i++) {
        int n = snprintf(text[i], sizeof text[i], hex ? "%016llx" : "%llu", (unsigned long long)numbers[i]);
        dgm_diag_text(diags, d, (dgm_slice){ text[i], (size_t)n });
    }
    return DGM_CONFIG;
}

static dgm_status check_parts(const dgm_codec *k, dgm_slice file, dgm_diags *diags)
{
    const struct {
        const char *name;
        bool there;
    } parts[] = { { "reader_options", k->reader_options != NULL },
                  { "writer_options", k->writer_options != NULL },
                  { "format_options", k->format_options != NULL },
                  { "identify", k->identify != NULL },
                  { "shape", k->shape != NULL },
                  { "open", k->open != NULL },
                  { "open_whole", k->open_whole != NULL },
                  { "feed", k->feed != NULL },
                  { "next", k->next != NULL },
                  { "recycle", k->recycle != NULL },
                  { "reset", k->reset != NULL },
                  { "close", k->close != NULL },
                  { "writer_open", k->writer_open != NULL },
                  { "write", k->write != NULL },
                  { "finish", k->finish != NULL },
                  { "writer_close", k->writer_close != NULL },
                  { "ack_take, which ack_open asks for", !k->ack_open || k->ack_take },
                  { "ack_envelope, which ack_open asks for", !k->ack_open || k->ack_envelope },
                  { "ack_rejects, which ack_open asks for", !k->ack_open || k->ack_rejects },
                  { "ack_finish, which ack_open asks for", !k->ack_open || k->ack_finish },
                  { "ack_close, which ack_open asks for", !k->ack_open || k->ack_close },
                  { "ack_options, which ack_open asks for", !k->ack_open || k->ack_options },
                  { "knowledge_suffix, which knowledge_folder asks for", !k->knowledge_folder || k->knowledge_suffix },
                  { "knowledge_load, which knowledge_folder asks for", !k->knowledge_folder || k->knowledge_load },
                  { "knowledge_free, which knowledge_folder asks for", !k->knowledge_folder || k->knowledge_free },
                  { "guide_load, which guide_looks asks for", !k->guide_looks || k->guide_load },
                  { "guide_free, which guide_looks asks for", !k->guide_looks || k->guide_free },
                  { "guide_info, which guide_looks asks for", !k->guide_looks || k->guide_info },
                  { "guide_clash, which guide_looks asks for", !k->guide_looks || k->guide_clash } };
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].there) continue;
        dgm_diag *d = complain(diags, DGM_D_CODEC_PART, file);
        dgm_diag_text(diags, d, dgm_slice_of(parts[i].name));
        s = DGM_CONFIG;
    }
    return s;
}

/* A name is written in formats, settings and reports: a word of small letters. */
static dgm_status check_name(const dgm_codec_set *set, const dgm_codec *k, dgm_slice file, dgm_diags *diags)
{
    const dgm_slice name = dgm_slice_of(k->name ? k->name : "");
    bool word = name.len && name.len <= NAME_MAX_BYTES && name.at[0] >= 'a' && name.at[0] <= 'z';
    for (size_t i = 0; i < name.len && word; i++)
        word = (name.at[i] >= 'a' && name.at[i] <= 'z') || (name.at[i] >= '0' && name.at[i] <= '9') || name.at[i] == '-';
    if (!word) {
        dgm_diag *d = complain(diags, DGM_D_CODEC_NAME, file);
        dgm_diag_text(diags, d, dgm_slice_part(name, 0, NAME_MAX_BYTES));
        dgm_diag_text(diags, d, DGM_LITERAL("a name is at most 32 small letters, digits and hyphens, a letter first"));
        return DGM_CONFIG;
    }
    int twin = dgm_codec_list_find((const dgm_codec *const *)set->list, name);
    if (twin < 0) return DGM_OK;
    dgm_diag *d = complain(diags, DGM_D_CODEC_TWICE, file);
    dgm_diag_text(diags, d, name);
    dgm_diag_text(diags, d,
                  (size_t)twin < set->built_in ? DGM_LITERAL("that is built in") : set->foreign[(size_t)twin - set->built_in].file);
    return DGM_CONFIG;
}

/* abi and struct_bytes are looked at first, and nothing else when they are others: they never move. */
static dgm_status check(const dgm_codec_set *set, const dgm_codec *k, dgm_slice file, dgm_diags *diags)
{
    if (k->abi != DGM_CODEC_ABI) return other_number(diags, DGM_D_CODEC_ABI, file, DGM_CODEC_ABI, k->abi, false);
    if (k->struct_bytes != sizeof *k) return other_number(diags, DGM_D_CODEC_BUILD, file, sizeof *k, k->struct_bytes, false);
    if (k->build != DGM_CODEC_BUILD) return other_number(diags, DGM_D_CODEC_BUILD, file, DGM_CODEC_BUILD, k->build, true);
    dgm_status s = check_parts(k, file, diags);
    dgm_status named = check_name(set, k, file, diags);
    return s == DGM_OK ? named : s;
}

/* ---- loading ---- */

static dgm_status unloadable(dgm_diags *diags, dgm_slice path)
{
    const char *why = dlerror(); // NOLINT(concurrency-mt-unsafe): glibc keeps it for each thread
    dgm_diag *d = complain(diags, DGM_D_CODEC_LOAD, path);
    dgm_diag_text(diags, d, dgm_slice_of(why ? why : "the system refuses"));
    return DGM_CONFIG;
}

/* The path with a slash in it, so that no search path has a say. */
static dgm_status load(dgm_codec_set *set, dgm_slice path, dgm_diags *diags)
{
    typedef const dgm_codec *entry_function(void);
    loaded *l = &set->foreign[set->count - set->built_in];
    *l = (loaded){ .file = memchr(path.at, '/', path.len) ? dgm_arena_copy(&set->arena, path)
                                                          : dgm_arena_print(&set->arena, "./%.*s", (int)path.len, path.at) };
    dgm_status s = l->file.at ? check_file(l->file, diags) : DGM_NOMEM;
    if (s == DGM_OK) s = sum_of(set, l->file, diags, l->sum);
    if (s != DGM_OK) return s;
    l->handle = dlopen(l->file.at, RTLD_NOW | RTLD_LOCAL);
    if (!l->handle) return unloadable(diags, l->file);
    union {
        void *object;
        entry_function *function;
    } entry = { dlsym(l->handle, DGM_CODEC_SYMBOL) };
    const dgm_codec *k = entry.object ? entry.function() : NULL;
    if (!k) {
        dgm_diag *d = complain(diags, DGM_D_CODEC_ENTRY, l->file);
        dgm_diag_text(diags, d, DGM_LITERAL(DGM_CODEC_SYMBOL));
    }
    s = k ? check(set, k, l->file, diags) : DGM_CONFIG;
    if (s != DGM_OK) {
        dlclose(l->handle);
        return s;
    }
    set->list[set->count++] = k;
    return DGM_OK;
}

/* All of a folder, in the order of their names; what is wrong with any is told. */
static dgm_status load_folder(dgm_codec_set *set, dgm_slice folder, dgm_diags *diags)
{
    struct stat st;
    dgm_names names = { 0 };
    const char *why = "";
    dgm_slice at = dgm_arena_copy(&set->arena, folder);
    dgm_status s = at.at ? dgm_folder_list(&set->arena, at, ".so", &names, &why) : DGM_NOMEM;
    if (s == DGM_IO || (s == DGM_OK && stat(at.at, &st) != 0)) {
        dgm_diag *d = complain(diags, DGM_D_CODEC_FOLDER, folder);
        dgm_diag_text(diags, d, dgm_slice_of(why));
        return DGM_IO;
    }
    if (s == DGM_OK) s = check_owner(&st, at, diags, "the folder belongs neither to root nor to who runs this");
    if (s == DGM_OK && names.count > FILES_MAX) s = refuse(diags, at, "it holds more than 256 codecs", "");
    if (s != DGM_OK) return s;
    for (size_t i = 0; i < names.count; i++) {
        dgm_slice path = dgm_path_join(&set->arena, at, names.at[i]);
        dgm_status one = path.at ? load(set, path, diags) : DGM_NOMEM;
        if (one != DGM_OK && one != DGM_CONFIG) return one;
        if (one != DGM_OK) s = one;
    }
    return s;
}

/* One file by itself: whoever may write its folder could put another one in its place. */
static dgm_status load_file(dgm_codec_set *set, dgm_slice file, dgm_diags *diags)
{
    struct stat st;
    size_t len = file.len;
    while (len && file.at[len - 1] != '/') len--;
    dgm_slice folder = len ? dgm_arena_copy(&set->arena, dgm_slice_part(file, 0, len)) : DGM_LITERAL(".");
    if (!folder.at) return DGM_NOMEM;
    dgm_status s = DGM_OK;
    if (stat(folder.at, &st) == 0) s = check_owner(&st, folder, diags, "the folder belongs neither to root nor to who runs this");
    return s == DGM_OK ? load(set, file, diags) : s;
}

dgm_status dgm_codec_set_open(const dgm_mem *mem, dgm_slice folder, dgm_slice file, dgm_diags *diags, dgm_codec_set **out)
{
    *out = NULL;
    const dgm_mem m = mem ? *mem : dgm_mem_default();
    dgm_codec_set *set = dgm_mem_new(&m, sizeof *set);
    if (!set) return DGM_NOMEM;
    set->mem = m;
    dgm_arena_init(&set->arena, &m);
    while (dgm_codecs[set->built_in]) set->built_in++;
    set->list = DGM_NEW(&set->arena, const dgm_codec *, set->built_in + FILES_MAX + 2);
    set->foreign = DGM_NEW(&set->arena, loaded, FILES_MAX + 1);
    dgm_status s = set->list && set->foreign ? DGM_OK : DGM_NOMEM;
    for (; s == DGM_OK && set->count < set->built_in; set->count++) set->list[set->count] = dgm_codecs[set->count];
    if (s == DGM_OK && folder.len) s = load_folder(set, folder, diags);
    if (s == DGM_OK && file.len) s = load_file(set, file, diags);
    if (s == DGM_OK)
        *out = set;
    else
        dgm_codec_set_free(set);
    return s;
}

void dgm_codec_set_free(dgm_codec_set *set)
{
    if (!set) return;
    const dgm_mem mem = set->mem;
    for (size_t i = set->count; set->foreign && i > set->built_in; i--) dlclose(set->foreign[i - 1 - set->built_in].handle);
    dgm_arena_free(&set->arena);
    dgm_mem_free(&mem, set, sizeof *set);
}

/* ---- looking ---- */

const dgm_codec *const *dgm_codec_set_list(const dgm_codec_set *set)
{
    return set ? (const dgm_codec *const *)set->list : dgm_codecs;
}

int dgm_codec_list_find(const dgm_codec *const *list, dgm_slice name)
{
    for (int i = 0; list[i]; i++)
        if (dgm_slice_is(name, list[i]->name)) return i;
    return -1;
}

dgm_slice dgm_codec_set_sum(const dgm_codec_set *set, size_t i)
{
    if (!set || i < set->built_in || i >= set->count) return (dgm_slice){ 0 };
    return (dgm_slice){ (const char *)set->foreign[i - set->built_in].sum, SUM_BYTES };
}

dgm_codec_info dgm_codec_told(const dgm_codec *k)
{
    return (dgm_codec_info){ .name = dgm_slice_of(k->name),
                             .title = dgm_slice_of(k->title ? k->title : ""),
                             .version = dgm_slice_of(k->version ? k->version : ""),
                             .abi = k->abi,
                             .answers = k->ack_open != NULL,
                             .single = k->single };
}

size_t dgm_codec_set_count(const dgm_codec_set *set)
{
    return set->count;
}

dgm_codec_info dgm_codec_set_at(const dgm_codec_set *set, size_t i)
{
    dgm_codec_info info = dgm_codec_told(set->list[i]);
    if (i >= set->built_in) info.file = set->foreign[i - set->built_in].file;
    return info;
}
