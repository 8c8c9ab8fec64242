/* SPDX-License-Identifier: Apache-2.0
 *
 * message.c - segments find their places. The move table of the program answers nearly always; what it cannot answer (a mandatory
 * place passed over, a place that is full, a tag that leads nowhere) is decided in strays.c. One thread.
 */
#include "directory_book.h"
#include "attached.h"
#include "base/hash.h"
#include "reader.h"

/* ---- what kind of message --------------------------------------------------------------------------------------------------- */

typedef struct identity {
    dgm_edi_text type, version, release, agency, association;
} identity;

static bool setting_fits(const dgm_format *f, const char *name, const dgm_edi_text *value, bool optional)
{
    dgm_slice wanted = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, name);
    if (wanted.len == 0 && optional) return true;
    return dgm_slice_equal(wanted, dgm_edi_text_slice(value));
}

/* The loaded format for a message; one that names the association wins over one that does not. */
static const dgm_format *find_format(const dgm_edi_reader *r, const identity *id)
{
    const dgm_format *found = NULL;
    for (size_t i = 0; i < r->host.format_count; i++) {
        const dgm_format *f = r->host.formats[i];
        if (!dgm_slice_is(f->codec, "edifact") || (!f->need && !f->shape)) continue;
        if (!setting_fits(f, "message", &id->type, false) || !setting_fits(f, "version", &id->version, false) ||
            !setting_fits(f, "release", &id->release, false) || !setting_fits(f, "agency", &id->agency, false) ||
            !setting_fits(f, "association", &id->association, true))
            continue;
        bool exact = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "association").len > 0;
        if (exact) return f;
        if (!found) found = f;
    }
    return found;
}

static void directory_of(const dgm_edi_reader *r, const identity *id, dgm_edi_directory *d)
{
    dgm_edi_directory_choose(r->host.knowledge, r->host.knowledge_count, dgm_edi_text_slice(&id->version),
                             dgm_edi_text_slice(&id->release), dgm_edi_text_slice(&id->agency), d);
}

dgm_slice dgm_edi_nearest_message(const dgm_edi_directory *d, dgm_slice type)
{
    dgm_slice names[256];
    dgm_edi_message m;
    size_t n = 0, cursor = 0;
    while (n < 256 && dgm_edi_message_each(d, &cursor, &m)) names[n++] = m.type;
    int best = dgm_nearest(type, names, n);
    return best < 0 ? (dgm_slice){ 0 } : names[best];
}

static dgm_slice near_unknown(dgm_edi_reader *r, const dgm_edi_directory *d, dgm_slice type)
{
    dgm_edi_unknown *u = &r->unknown;
    if (u->looked && dgm_edi_directory_same(&u->directory, d) && dgm_slice_equal((dgm_slice){ u->type, u->len }, type))
        return u->near;
    if (type.len > sizeof u->type || u->looked == DGM_EDI_UNKNOWN_LOOKED) return (dgm_slice){ 0 };
    *u = (dgm_edi_unknown){ .directory = *d, .len = type.len, .near = dgm_edi_nearest_message(d, type), .looked = u->looked + 1 };
    memcpy(u->type, type.at, type.len);
    return u->near;
}

/* UNH leaves out what names the message: that is not the name of something unknown. */
static bool report_unnamed(dgm_edi_reader *r, const identity *id)
{
    bool type = id->type.len > 0, version = id->version.len > 0, release = id->release.len > 0;
    if (type && version && release) return false;
    uint32_t c = !type && !version && !release ? 0 : !type ? 1 : !version ? 2 : 3;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, c ? c : 1);
    dgm_diag *diag = dgm_edi_report(r, DGM_D_EDI_MESSAGE_UNNAMED, DGM_ERROR, t.at, 0, 2, c);
    dgm_edi_say(r, diag,
                c == 0   ? "what message it begins"
                : c == 1 ? "the type of the message"
                : c == 3 ? "the release of its directory"
                         : "the version of its directory");
    return true;
}

static void report_unknown(dgm_edi_reader *r, const identity *id, const dgm_edi_directory *d)
{
    char text[256];
    if (report_unnamed(r, id)) return;
    bool known = dgm_edi_directory_known(d);
    uint32_t c = known ? 1 : 2;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, c);
    size_t bytes = dgm_edi_token_len(t);
    if (!known) bytes = dgm_edi_token_at(&r->segment, 2, 3).at + dgm_edi_token_len(dgm_edi_token_at(&r->segment, 2, 3)) - t.at;
    dgm_diag *diag =
        dgm_edi_report(r, known ? DGM_D_EDI_MESSAGE_UNKNOWN : DGM_D_EDI_DIRECTORY_UNKNOWN, DGM_ERROR, t.at, bytes, 2, c);
    if (known) {
        dgm_edi_say(r, diag, d->name);
        dgm_edi_say_slice(r, diag, dgm_edi_text_slice(&id->type));
        dgm_slice near = near_unknown(r, d, dgm_edi_text_slice(&id->type));
        if (near.len) dgm_edi_say_slice(r, diag, near);
        return;
    }
    size_t n = id->version.len < 100 ? id->version.len : 100, m = id->release.len < 100 ? id->release.len : 100;
    memcpy(text, id->version.at, n);
    text[n] = '.';
    memcpy(text + n + 1, id->release.at, m);
    dgm_edi_say_slice(r, diag, dgm_edi_text_slice(&id->type));
    dgm_edi_say_slice(r, diag, (dgm_slice){ text, n + 1 + m });
    dgm_edi_say_slice(r, diag, dgm_edi_directories_text());
}

void dgm_edi_kinds_forget(dgm_edi_reader *r)
{
    for (size_t i = 0; i < r->known_count; i++) dgm_shape_free(r->known[i].shape);
    r->known_count = r->known_bytes = 0;
    memset(r->kinds_met, 0, sizeof r->kinds_met);
    r->kind = NULL;
    r->kind_raw.len = 0;
    r->program = NULL;
    r->lately.there = false;
    r->molds->full = true;
    dgm_edi_molds_renew(r->molds);
    dgm_edi_codes_free(&r->molds->lists);
}

/* Is there no room for another kind? */
static bool kinds_full(const dgm_edi_reader *r)
{
    const uint32_t most = r->host.limits.kinds_bytes_max;
    return r->known_bytes > most || r->known_count > most / DGM_EDI_KIND_BYTES ||
           r->molds->lists.count > most / DGM_EDI_CODE_LIST_BYTES;
}

/* Makes room for one more kind and fills it. A guide without a format brings the shape of its message along. */
static dgm_status learn(dgm_edi_reader *r, const dgm_format *format, const dgm_edi_guide_bound *guide, const dgm_edi_directory *d,
                        dgm_slice type, dgm_edi_known **out)
{
    if (kinds_full(r)) dgm_edi_kinds_forget(r);
    void *known = r->known;
    dgm_status st = format ? dgm_format_need(format, r->host.diags) : DGM_OK;
    if (st == DGM_OK) st = dgm_mem_reserve(&r->mem, &known, &r->known_room, r->known_count + 1, sizeof *r->known);
    r->known = known;
    if (st != DGM_OK) return st;
    dgm_edi_known k = { .format = format, .guide = guide };
    if (format || guide) {
        const dgm_edi_attached *about = dgm_edi_attached_of(format ? format->shape : guide->shape);
        k.program = about ? about->programs[d->syntax4] : NULL;
        if (!k.program) return DGM_USAGE;
    } else {
        dgm_edi_program *program = NULL;
        st = dgm_edi_program_make(&r->mem, d, type, &program);
        if (st == DGM_OK) st = dgm_edi_program_shape(program, &r->mem, type, NULL, NULL, &k.shape);
        if (st == DGM_OK)
            st = dgm_edi_attach(&r->mem, k.shape, d->syntax4 ? NULL : program, d->syntax4 ? program : NULL);
        else
            dgm_edi_program_free(program);
        k.program = program;
    }
    if (st != DGM_OK) {
        dgm_shape_free(k.shape);
        return st;
    }
    if (k.shape) {
        dgm_shape_share(k.shape);
        r->known_bytes += dgm_edi_attached_bytes(k.shape);
    }
    *out = &r->known[r->known_count++];
    **out = k;
    return DGM_OK;
}

/* CONTRL is taken as ISO 9735 has it, whatever version UNH says; only the first one, which railways still send, had other segments
 * (UCX, UCR) and the parties before the reference. */
static bool first_contrl(const identity *id)
{
    return dgm_slice_is(dgm_edi_text_slice(&id->type), "CONTRL") && dgm_slice_is(dgm_edi_text_slice(&id->version), "1");
}

/* What a kind is known by. */
typedef struct kind_name {
    const dgm_format *format;
    const dgm_edi_guide_bound *guide;
    const dgm_edi_directory *directory;
    dgm_slice type;
} kind_name;

static bool is_kind(const dgm_edi_known *k, const kind_name *n)
{
    return k->format == n->format && k->guide == n->guide && dgm_slice_equal(k->program->type, n->type) &&
           dgm_edi_directory_same(&k->program->directory, n->directory);
}

/* The kind of that name, if it was met before; *slot: where to remember it. */
static const dgm_edi_known *known_kind(dgm_edi_reader *r, const kind_name *n, uint32_t **slot)
{
    uint64_t h = dgm_hash_number((uintptr_t)n->format ^ (uintptr_t)n->guide, n->directory->number * 2u + n->directory->syntax4);
    *slot = &r->kinds_met[dgm_hash_bytes(h, n->type) % DGM_EDI_KINDS_MET];
    if (**slot && is_kind(&r->known[**slot - 1], n)) return &r->known[**slot - 1];
    for (size_t i = 0; i < r->known_count; i++) {
        if (!is_kind(&r->known[i], n)) continue;
        **slot = (uint32_t)i + 1;
        return &r->known[i];
    }
    return NULL;
}

static dgm_status find_kind(dgm_edi_reader *r, const identity *id, const dgm_edi_known **out)
{
    dgm_edi_directory d;
    dgm_slice type = dgm_edi_text_slice(&id->type);
    const dgm_format *format = find_format(r, id);
    dgm_edi_message m;
    *out = NULL;
    directory_of(r, id, &d);
    d.syntax4 = r->syntax_version >= 4;
    const dgm_edi_guide_wanted wanted = { format,
                                          type,
                                          dgm_edi_text_slice(&id->version),
                                          dgm_edi_text_slice(&id->release),
                                          dgm_edi_text_slice(&id->agency),
                                          dgm_edi_text_slice(&id->association) };
    const dgm_edi_guide_bound *guide = dgm_edi_guide_choose(r, &wanted);
    uint32_t *slot = NULL;
    if (!first_contrl(id) && (*out = known_kind(r, &(kind_name){ format, guide, &d, type }, &slot))) return DGM_OK;
    if (!slot || !dgm_edi_message_find(&d, type, &m)) {
        report_unknown(r, id, &d);
        return DGM_OK;
    }
    dgm_edi_known *made = NULL;
    dgm_status st = learn(r, format, guide, &d, type, &made);
    if (made) *slot = (uint32_t)r->known_count;
    *out = made;
    return st;
}

/* ---- beginning ----------------------------------------------------------------------------------------------------------------
 */

static void set_type(dgm_edi_reader *r, const identity *id)
{
    const dgm_edi_text *parts[] = { &id->type, &id->version, &id->release, &id->agency, &id->association };
    char all[5 * (sizeof id->type.at + 1)];
    size_t len = 0;
    for (size_t i = 0; i < 5; i++) {
        if (i == 4 && parts[i]->len == 0) break;
        if (i) all[len++] = ':';
        memcpy(all + len, parts[i]->at, parts[i]->len);
        len += parts[i]->len;
    }
    dgm_edi_text_set(&r->type, (dgm_slice){ all, len });
}

static void check_reference(dgm_edi_reader *r)
{
    if (r->reference.len == 0) return;
    dgm_status st = dgm_edi_references_add(&r->references, &r->mem, dgm_edi_text_slice(&r->reference));
    if (st == DGM_NOMEM) r->failed = st;
    if (st != DGM_INVALID && st != DGM_LIMIT) return;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
    dgm_diag *d = dgm_edi_report(r, st == DGM_LIMIT ? DGM_D_EDI_REFERENCE_UNCHECKED : DGM_D_EDI_REFERENCE_TWICE,
                                 st == DGM_LIMIT ? DGM_WARNING : DGM_ERROR, t.at, dgm_edi_token_len(t), 1, 0);
    if (st == DGM_INVALID) dgm_edi_say_slice(r, d, dgm_edi_text_slice(&r->reference));
}

static inline void remember(dgm_edi_reader *r)
{
    r->before.at = r->segment.at;
    r->before.end = r->segment.end;
    r->before.position = r->position.segment;
    if (r->segment.packed) {
        memcpy(r->before.tag, r->segment.tag.at, 3);
        return;
    }
    memset(r->before.tag, 0, sizeof r->before.tag);
    if (r->segment.tag.len) memcpy(r->before.tag, r->segment.tag.at, r->segment.tag.len < 3 ? r->segment.tag.len : 3);
}

void dgm_edi_remember(dgm_edi_reader *r)
{
    remember(r);
}

void dgm_edi_message_start(dgm_edi_reader *r)
{
    if (r->program) {
        void *counts = r->counts;
        dgm_status st = dgm_mem_reserve(&r->mem, &counts, &r->counts_room, r->program->position_count, sizeof *r->counts);
        r->counts = counts;
        if (st != DGM_OK) {
            r->failed = st;
            return;
        }
        memset(r->counts, 0, r->program->position_count * sizeof *r->counts);
        r->counts[0] = r->counts[1] = 1;
    }
    dgm_status st = r->host.draft_begin(r->draft, r->program ? r->program->shape : NULL);
    if (st != DGM_OK) {
        r->failed = st;
        return;
    }
    r->draft_trouble = false;
    uint32_t root = r->host.draft_open(r->draft, r->program ? DGM_SLOT_ROOT : DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1);
    if (root != DGM_NONE && !r->program)
        r->host.draft_named(r->draft, root, r->type.len ? dgm_edi_text_slice(&r->type) : DGM_LITERAL("message"));
    r->next_node = root + 1;
    if (root == DGM_NONE) r->draft_trouble = true;
    if (r->program && dgm_edi_message_head(r)) return;
    dgm_edi_segment_put(r, r->program ? 1 : 0, 1, r->segment.unterminated ? DGM_BAD : 0);
}

static void limit_reached(dgm_edi_reader *r)
{
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LIMIT_NODES, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
    dgm_edi_say_number(r, d, r->host.limits.nodes_max);
    dgm_edi_message_give_up(r);
}

static void draft_failed(dgm_edi_reader *r)
{
    r->draft_trouble = false;
    dgm_status st = r->host.draft_status(r->draft);
    if (st == DGM_OK || r->failed != DGM_OK || r->phase != DGM_EDI_IN_MESSAGE) return;
    if (st != DGM_LIMIT)
        r->failed = st;
    else
        limit_reached(r);
}

void dgm_edi_draft_check(dgm_edi_reader *r)
{
    if (r->draft_trouble) draft_failed(r);
}

void dgm_edi_message_too_large(dgm_edi_reader *r)
{
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LIMIT_MESSAGE, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
    dgm_edi_say_number(r, d, r->host.limits.message_bytes_max);
    dgm_edi_message_give_up(r);
}

static inline void check_size(dgm_edi_reader *r)
{
    if (r->phase == DGM_EDI_IN_MESSAGE && r->segment.end - r->message_at > r->host.limits.message_bytes_max)
        dgm_edi_message_too_large(r);
}

void dgm_edi_message_give_up(dgm_edi_reader *r)
{
    r->phase = DGM_EDI_SKIPPING;
    r->before.at = r->before.end = 0;
    r->path_position = DGM_NONE;
}

/* The bytes of UNH's second element, when they stand for themselves and fit. */
static dgm_slice raw_type(const dgm_edi_reader *r)
{
    const dgm_edi_token *t = r->segment.token;
    uint32_t kinds = 0;
    size_t first = 2, i = first;
    if (r->segment.count <= first || (t[0].info | t[1].info) & DGM_EDI_KIND_COMPONENT) return (dgm_slice){ 0 };
    while (i + 1 < r->segment.count && t[i].info & DGM_EDI_KIND_COMPONENT) kinds |= t[i++].info;
    kinds |= t[i].info;
    size_t len = t[i].at + dgm_edi_token_len(t[i]) - t[first].at;
    if (kinds & (DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD) || len > sizeof r->kind_raw.at) return (dgm_slice){ 0 };
    return (dgm_slice){ r->in + t[first].at, len };
}

/* The directory is not the one that UNH names: the setting goes before it. */
static void report_chosen(dgm_edi_reader *r)
{
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, 2), last = dgm_edi_token_at(&r->segment, 2, 3);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DIRECTORY_CHOSEN, DGM_INFO, t.at, last.at + dgm_edi_token_len(last) - t.at, 2, 2);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(&r->type));
    dgm_edi_say(r, d, r->kind->program->directory.name);
}

/* Does what a message is called depend on nothing but the bytes of its UNH and the service characters? */
static bool by_itself(const dgm_edi_reader *r, dgm_slice raw)
{
    return raw.len && raw.len <= sizeof r->lately.raw.at && !r->format_setting.len && !r->agreed && !r->in_group &&
           !dgm_edi_guides_by_partner(r);
}

/* Interchanges, too, are most often of the kind of the one before. */
static bool known_lately(dgm_edi_reader *r, dgm_slice raw)
{
    const bool four = r->syntax_version >= 4;
    if (!by_itself(r, raw) || !r->lately.there || r->lately.four != four || r->lately.has_repetition != r->has_repetition)
        return false;
    if (memcmp(r->lately.service, r->service, sizeof r->service) != 0) return false;
    if (r->has_repetition && r->lately.repetition_separator != r->repetition_separator) return false;
    if (!dgm_slice_equal(raw, dgm_edi_text_slice(&r->lately.raw))) return false;
    r->kind = &r->known[r->lately.kind];
    r->type = r->lately.type;
    r->kind_raw = r->lately.raw;
    return true;
}

static void keep_lately(dgm_edi_reader *r, dgm_slice raw)
{
    r->lately.there = r->kind && by_itself(r, raw);
    if (!r->lately.there) return;
    memcpy(r->lately.service, r->service, sizeof r->service);
    r->lately.has_repetition = r->has_repetition;
    r->lately.repetition_separator = r->repetition_separator;
    r->lately.four = r->syntax_version >= 4;
    r->lately.kind = (size_t)(r->kind - r->known);
    r->lately.type = r->type;
    r->lately.raw = r->kind_raw;
}

/* Finds out what kind of message begins. The next one is most often of the kind of the one before, to the byte. */
static dgm_status identify(dgm_edi_reader *r)
{
    identity id;
    dgm_slice raw = raw_type(r);
    bool same = r->kind && raw.len && dgm_slice_equal(raw, dgm_edi_text_slice(&r->kind_raw));
    if (same) {
        check_reference(r);
        return DGM_OK;
    }
    if (known_lately(r, raw)) {
        check_reference(r);
        return DGM_OK;
    }
    dgm_edi_text before = r->type;
    dgm_edi_take(r, 2, 1, &id.type);
    dgm_edi_take(r, 2, 2, &id.version);
    dgm_edi_take(r, 2, 3, &id.release);
    dgm_edi_take(r, 2, 4, &id.agency);
    dgm_edi_take(r, 2, 5, &id.association);
    set_type(r, &id);
    check_reference(r);
    r->kind_raw.len = 0;
    bool chosen = dgm_edi_choose(r, dgm_edi_text_slice(&id.type), &id.version, &id.release, &id.association);
    if (!r->kind || r->kind->program->directory.syntax4 != (r->syntax_version >= 4) || r->format_setting.len ||
        dgm_edi_guides_by_partner(r) || !dgm_slice_equal(dgm_edi_text_slice(&before), dgm_edi_text_slice(&r->type))) {
        dgm_status st = find_kind(r, &id, &r->kind);
        if (st != DGM_OK) return st;
        if (chosen && r->kind) report_chosen(r);
    }
    dgm_edi_text_set(&r->kind_raw, raw);
    keep_lately(r, raw);
    return DGM_OK;
}

dgm_status dgm_edi_message_begin(dgm_edi_reader *r)
{
    r->phase = DGM_EDI_IN_MESSAGE;
    r->message_at = r->segment.at;
    r->message_from = dgm_edi_offset(r, r->segment.at);
    r->errors_before = r->errors;
    r->interchange_messages++;
    r->group_messages++;
    r->position.message = r->interchange_messages;
    r->position.segment = 1;
    r->path_position = DGM_NONE;
    r->path_layout = dgm_edi_service_layout(r, r->segment.packed);
    r->program = NULL;
    r->place = 1;
    r->groups_open = 0;
    r->encrypted = false;
    r->package = r->segment.packed == DGM_EDI_TAG('U', 'N', 'O');
    if (r->syntax_version >= 4) dgm_edi_security_reset(r, DGM_EDI_OF_MESSAGE);
    if (r->package) {
        dgm_edi_package_begin(r);
    } else {
        dgm_edi_take(r, 1, 1, &r->reference);
        dgm_status st = identify(r);
        if (st != DGM_OK) return r->failed = st;
        r->program = r->kind ? r->kind->program : NULL;
        r->molds->lists.guide = r->kind && r->kind->guide ? r->kind->guide->guide : NULL;
        if (r->level == DGM_EDI_LEVEL_GUIDE && r->kind) dgm_edi_guide_ready(r);
        if (r->failed == DGM_OK) dgm_edi_message_start(r);
    }
    dgm_edi_draft_check(r);
    check_size(r);
    remember(r);
    return r->failed;
}

/* ---- placing -------------------------------------------------------------------------------------------------------------------
 */

/* Groups are closed by giving their nodes the number behind the last one in them. */
void dgm_edi_close_to(dgm_edi_reader *r, uint32_t keep)
{
    while (r->groups_open > keep) {
        dgm_node *group = r->host.draft_node(r->draft, r->group_nodes[--r->groups_open]);
        if (group) group->span = r->next_node;
    }
}

void dgm_edi_open_group(dgm_edi_reader *r, uint32_t group, uint32_t flags)
{
    const dgm_edi_position *g = &r->program->positions[group];
    memset(r->counts + g->first_child, 0, g->child_count * sizeof *r->counts);
    r->group_nodes[r->groups_open++] = r->next_node;
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    uint32_t occurrence = ++r->counts[group];
    if (n) {
        *n = (dgm_node){ .at = (uint32_t)(r->segment.at - r->message_at),
                         .tag = DGM_TAG(g->slot, DGM_GROUP, flags),
                         .place = occurrence };
        r->host.draft_commit(r->draft, 1);
        r->next_node++;
    } else {
        r->draft_trouble = true;
    }
}

static inline void take(dgm_edi_reader *r, dgm_edi_move m, uint32_t flags)
{
    const dgm_edi_program *p = r->program;
    uint32_t to = dgm_edi_move_position(m);
    uint32_t keep = p->positions[to].depth - (dgm_edi_move_opens(m) ? 1u : 0u);
    dgm_edi_close_to(r, keep);
    if (dgm_edi_move_opens(m)) {
        if (keep + 1 >= r->host.limits.depth_max) { /* the message itself is a level too */
            dgm_edi_measure(r);
            limit_reached(r);
            return;
        }
        dgm_edi_open_group(r, p->positions[to].parent, flags);
    }
    r->place = to;
    dgm_edi_segment_put(r, to, ++r->counts[to], flags);
}

void dgm_edi_take_move(dgm_edi_reader *r, dgm_edi_move m, uint32_t flags)
{
    take(r, m, flags);
}

/* UNS+S stands where UNS+D would have its place: it ends the detail section nevertheless, and UNS+D is missing. */
static dgm_edi_move section_move(const dgm_edi_reader *r, dgm_edi_move m)
{
    const dgm_edi_program *p = r->program;
    if (r->segment.packed != DGM_EDI_TAG('U', 'N', 'S') || !p->sections[0] || dgm_edi_move_position(m) != p->sections[0]) return m;
    const dgm_edi_token *t = r->segment.token;
    bool s = !(t->info & DGM_EDI_KIND_TERMINATOR) && t[1].info >> 5 == 1 && r->in[t[1].at] == 'S';
    return s ? DGM_EDI_MOVE(p->sections[1], 0, 1) : m;
}

static dgm_status place_segment(dgm_edi_reader *r)
{
    const dgm_edi_program *p = r->program;
    uint32_t packed = r->segment.packed, number = packed ? dgm_edi_tag_number(p, packed) : 0;
    if (number == 0) {
        dgm_edi_keep_nameless(r, DGM_D_EDI_SEGMENT_UNKNOWN);
        return DGM_OK;
    }
    dgm_edi_move m = dgm_edi_move_get(p, r->place, number);
    if (m == 0) {
        return dgm_edi_take_nowhere(r, number);
    }
    m = section_move(r, m);
    if (dgm_edi_full(r, m)) {
        dgm_edi_move other = dgm_edi_move_find(p, r->place, packed, m);
        if (other == 0 || dgm_edi_move_passes(other) || dgm_edi_full(r, other)) {
            dgm_edi_take_too_many(r, m);
            return DGM_OK;
        }
        m = other;
    }
    if (dgm_edi_move_passes(m)) return dgm_edi_take_passing(r, m);
    take(r, m, r->segment.unterminated ? DGM_BAD : 0);
    return DGM_OK;
}

bool dgm_edi_message_plain(dgm_edi_reader *r)
{
    const dgm_edi_program *p = r->program;
    uint32_t packed = r->segment.packed, number = dgm_edi_tag_number(p, packed);
    if (number == 0 || packed == DGM_EDI_TAG('U', 'N', 'T')) return false;
    dgm_edi_move m = dgm_edi_move_get(p, r->place, number);
    if (m == 0 || dgm_edi_move_passes(m) || dgm_edi_full(r, m) || section_move(r, m) != m) return false;
    r->position.segment++;
    take(r, m, 0);
    dgm_edi_measure(r);
    dgm_edi_draft_check(r);
    check_size(r);
    remember(r);
    return true;
}

static bool tag_good(dgm_slice tag)
{
    for (size_t i = 0; i < tag.len; i++)
        if (!((tag.at[i] >= 'A' && tag.at[i] <= 'Z') || (i && tag.at[i] >= '0' && tag.at[i] <= '9'))) return false;
    return tag.len == 3;
}

/* A tag that is one but for its small letters. */
static void say_capitals(dgm_edi_reader *r, dgm_diag *d)
{
    char tag[3] = { 0 };
    if (r->segment.tag.len != 3) return;
    for (size_t i = 0; i < 3; i++) {
        char c = r->segment.tag.at[i];
        tag[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    if (tag_good((dgm_slice){ tag, 3 })) dgm_edi_say_slice(r, d, (dgm_slice){ tag, 3 });
}

/* Version 4: a segment of security that the message's own structure does not have. */
static bool foreign_security(const dgm_edi_reader *r)
{
    return r->syntax_version >= 4 && dgm_edi_security_tag(r->segment.packed) &&
           !(r->program && dgm_edi_tag_number(r->program, r->segment.packed));
}

static void take_security(dgm_edi_reader *r)
{
    const char *before = r->before.tag;
    bool at_head = memcmp(before, "UNH", 3) == 0 || (before[0] == 'U' && before[1] == 'S' && strchr("HACR", before[2]));
    dgm_edi_text length;
    uint64_t n = 0;
    r->path_position = DGM_NONE;
    r->path_layout = dgm_edi_service_layout(r, r->segment.packed);
    dgm_edi_security_take(r, DGM_EDI_OF_MESSAGE, at_head);
    dgm_edi_segment_put(r, 0, 1, r->segment.unterminated ? DGM_BAD : 0);
    if (r->segment.packed != DGM_EDI_TAG('U', 'S', 'D') || r->segment.unterminated) return;
    r->encrypted = true;
    dgm_edi_report(r, DGM_D_EDI_ENCRYPTED, DGM_WARNING, r->segment.at, r->segment.end - r->segment.at, 0, 0);
    dgm_edi_take(r, 1, 1, &length);
    bool known = dgm_edi_number(dgm_edi_text_slice(&length), &n);
    dgm_edi_octets_begin(r, known, n);
}

dgm_status dgm_edi_message_segment(dgm_edi_reader *r)
{
    dgm_status st = DGM_OK;
    r->position.segment++;
    if (r->phase == DGM_EDI_SKIPPING && (r->unwrap.on || r->intake.lines))
        dgm_edi_unwrap_tell(r, dgm_edi_plain_end(r, r->segment.end));
    if (r->phase == DGM_EDI_SKIPPING) return DGM_OK;
    r->path_position = DGM_NONE; /* what is told before its place is known is not of the segment before */
    r->path_layout = NULL;
    check_size(r);
    if (r->phase == DGM_EDI_SKIPPING) return DGM_OK;
    if (r->syntax_version >= 4 && r->segment.packed == DGM_EDI_TAG('U', 'N', 'T')) dgm_edi_security_close(r, DGM_EDI_OF_MESSAGE);
    if (foreign_security(r)) {
        take_security(r);
    } else if ((r->segment.packed == 0 || (r->program && dgm_edi_tag_number(r->program, r->segment.packed) == 0)) &&
               !tag_good(r->segment.tag)) {
        r->path_position = DGM_NONE;
        r->path_layout = NULL;
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_TAG, DGM_ERROR, r->segment.at, r->segment.tag.len, 0, 0);
        dgm_edi_say_slice(r, d, r->segment.tag);
        say_capitals(r, d);
        dgm_edi_segment_put(r, 0, 1, DGM_BAD);
    } else if (r->program) {
        st = place_segment(r);
        if (st != DGM_OK) {
            r->position.segment--;
            return st;
        }
    } else {
        dgm_edi_segment_put(r, 0, 1, r->segment.unterminated ? DGM_BAD : 0);
    }
    dgm_edi_draft_check(r);
    remember(r);
    return r->failed;
}

/* ---- ending --------------------------------------------------------------------------------------------------------------------
 */

static void check_trailer(dgm_edi_reader *r)
{
    const dgm_edi_layout *l = dgm_edi_service_layout(r, r->segment.packed);
    dgm_edi_text count, reference;
    r->path_position = DGM_NONE;
    r->path_layout = l;
    if (r->phase == DGM_EDI_SKIPPING) dgm_edi_segment_check(r, l);
    dgm_edi_take(r, 1, 1, &count);
    dgm_edi_take(r, 2, 1, &reference);
    int64_t n = 0;
    if (count.len && dgm_edi_counted(dgm_edi_text_slice(&count), &n) && n != (int64_t)r->position.segment) {
        dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_COUNT_SEGMENTS, DGM_ERROR, t.at, dgm_edi_token_len(t), 1, 0);
        dgm_diag_number(r->host.diags, d, n);
        dgm_edi_say_number(r, d, r->position.segment);
    }
    if (reference.len && !dgm_slice_equal(dgm_edi_text_slice(&reference), dgm_edi_text_slice(&r->reference)))
        dgm_edi_report_reference(r, "UNT", &r->reference, &reference);
}

static dgm_status make_tree(dgm_edi_reader *r, size_t end, dgm_tree **out)
{
    size_t bytes = end - r->message_at;
    const char *from = r->in + r->message_at;
    char *copy = NULL;
    size_t room = 0;
    dgm_edi_close_to(r, 0);
    if (!r->whole) {
        void *buffer = r->message_bytes;
        dgm_status st = dgm_mem_reserve(&r->mem, &buffer, &r->message_bytes_room, bytes + 1, 1);
        r->message_bytes = buffer;
        if (st != DGM_OK) return st;
        copy = r->message_bytes;
        room = r->message_bytes_room;
        memcpy(copy, from, bytes);
    } else {
        copy = dgm_edi_borrowed(from);
    }
    dgm_status st = r->host.draft_finish(r->draft, copy, (uint32_t)bytes, room, r->whole, r->message_from, out);
    if (st != DGM_OK) return st;
    if (!r->whole) {
        r->message_bytes = NULL;
        r->message_bytes_room = 0;
    }
    (*out)->recoded = r->intake.on || r->unwrap.on;
    (*out)->position = r->position;
    (*out)->position.segment = 0;
    if ((*out)->node_count > 2 && ((*out)->nodes[2].place & 0xFFFF) == 1 && dgm_node_kind(&(*out)->nodes[2]) == DGM_ELEMENT)
        (*out)->reference = dgm_tree_value(*out, 2);
    return DGM_OK;
}

dgm_status dgm_edi_message_end(dgm_edi_reader *r, size_t end, bool whole, dgm_message *out)
{
    r->at_trailer = false;
    if (whole && !r->package) check_trailer(r);
    if (r->unwrap.on || r->intake.lines) dgm_edi_unwrap_tell(r, dgm_edi_plain_end(r, end));
    if (r->failed != DGM_OK) return r->failed;
    *out = (dgm_message){ 0 };
    if (r->phase == DGM_EDI_IN_MESSAGE) {
        dgm_status st = make_tree(r, end, &out->tree);
        if (st != DGM_OK) return r->failed = st;
        if (whole) dgm_edi_check_totals(r, out->tree);
        if (whole && r->program && r->program->rule_count) dgm_edi_check_message_rules(r, out->tree);
        if (whole && r->level == DGM_EDI_LEVEL_GUIDE && r->program && r->kind->guide)
            dgm_edi_guide_check(r, out->tree, r->kind->guide);
    }
    out->format = r->kind ? r->kind->format : NULL;
    out->guide = r->kind && r->kind->guide ? r->kind->guide->guide : NULL;
    out->type = dgm_edi_text_slice(&r->type);
    out->reference = dgm_edi_text_slice(&r->reference);
    out->sender = dgm_edi_text_slice(&r->sender);
    out->recipient = dgm_edi_text_slice(&r->recipient);
    out->interchange_reference = dgm_edi_text_slice(&r->interchange_reference);
    out->position = r->position;
    out->position.segment = 0;
    out->at_byte = r->message_from;
    /* line breaks behind it that were left out are not its own */
    const bool gone = r->behind_gone && (r->intake.on || r->unwrap.on);
    uint64_t behind = end    ? dgm_edi_offset(r, end - 1) + dgm_edi_extent(r, end - 1, 1)
                      : gone ? r->behind_gone
                             : dgm_edi_offset(r, end);
    out->bytes = behind > r->message_from ? behind - r->message_from : 0;
    out->errors = r->errors - r->errors_before;
    out->agreed = r->agreed;
    r->phase = DGM_EDI_IN_INTERCHANGE;
    r->position.message = r->position.segment = 0;
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    r->message_reference = r->reference; /* out's slice must live until the next call */
    out->reference = dgm_edi_text_slice(&r->message_reference);
    r->reference.len = 0;
    return DGM_OK;
}
