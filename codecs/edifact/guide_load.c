/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_load.c - reads a guide: what it is of and for, codes of its own, then places and rules, and has tables made of them. All
 * mistakes of a file are told in one go, each where it stands. One thread.
 */
#include "guide_load.h"

#include "attached.h"
#include "directory_book.h"
#include "reader.h"

const char dgm_edi_guide_head_keys[] = "dragoman guide title format message for codes others places rules";

/* ---- mistakes ---- */

dgm_diag *dgm_edi_guide_fault(guide_loader *l, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c)
{
    dgm_diag *d = dgm_yaml_fault(l->diags, l->path, l->file, mark, code, DGM_ERROR);
    const dgm_slice all[] = { a, b, c };
    size_t n = c.len ? 3 : b.len ? 2 : a.len ? 1 : 0;
    if (l->status == DGM_OK) l->status = DGM_CONFIG;
    for (size_t i = 0; i < n; i++) dgm_diag_text(l->diags, d, all[i]);
    if (d && code == DGM_D_GUIDE_CODE)
        for (; n < 3; n++) dgm_diag_text(l->diags, d, (dgm_slice){ 0 });
    return d;
}

dgm_yaml_mark dgm_edi_guide_part(const guide_loader *l, dgm_yaml_mark mark, size_t from, size_t bytes)
{
    bool quoted = mark.byte < l->file.len && (l->file.at[mark.byte] == '"' || l->file.at[mark.byte] == '\'');
    size_t shift = from + quoted;
    if (mark.bytes && shift >= mark.bytes) shift = mark.bytes - 1;
    mark.byte += shift;
    mark.column += (uint32_t)shift;
    mark.bytes = (uint32_t)bytes;
    return mark;
}

void *dgm_edi_guide_new(guide_loader *l, size_t size, size_t align, size_t n)
{
    void *at = dgm_arena_new(l->arena, size, align, n ? n : 1);
    if (!at) l->status = DGM_NOMEM;
    return at;
}

static dgm_slice nearest_word(dgm_slice wrong, const char *words)
{
    dgm_slice names[32], list = dgm_slice_of(words);
    size_t n = 0;
    while (list.len && n < 32) {
        dgm_cut cut = dgm_slice_cut(list, ' ');
        names[n++] = cut.head;
        list = cut.tail;
    }
    int best = dgm_nearest(wrong, names, n);
    return best < 0 ? (dgm_slice){ 0 } : names[best];
}

static int word_in(dgm_slice wanted, const char *words)
{
    dgm_slice list = dgm_slice_of(words);
    for (int i = 0; list.len; i++) {
        dgm_cut cut = dgm_slice_cut(list, ' ');
        if (dgm_slice_equal(cut.head, wanted)) return i;
        list = cut.tail;
    }
    return -1;
}

bool dgm_edi_guide_key(guide_loader *l, const dgm_yaml *n, const char *owner, const char *keys)
{
    if (word_in(n->key, keys) >= 0) return true;
    dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_KEY, n->key, dgm_slice_of(owner), nearest_word(n->key, keys));
    return false;
}

bool dgm_edi_guide_text(guide_loader *l, const dgm_yaml *n, const char *what, dgm_slice *out)
{
    bool text = n->kind == DGM_YAML_TEXT && n->text.len > 0;
    if (text) *out = n->text;
    if (!text) dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_KIND, dgm_slice_of(what), DGM_LITERAL("a text"), (dgm_slice){ 0 });
    return text;
}

int dgm_edi_guide_word(guide_loader *l, const dgm_yaml *n, const char *words)
{
    int which = n->kind == DGM_YAML_TEXT ? word_in(n->text, words) : -1;
    if (which < 0)
        dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_WORD, n->kind == DGM_YAML_TEXT && n->text.len ? n->text : n->key,
                            dgm_slice_of(words), nearest_word(n->text, words));
    return which;
}

dgm_slice dgm_edi_guide_called(guide_loader *l, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(l->guide->shape, slot);
    return dgm_arena_print(l->arena, "%.*s (%.*s)", (int)s->name.len, s->name.at, (int)s->title.len, s->title.at);
}

/* ---- what it is of ---- */

static void take_format(guide_loader *l, const dgm_yaml *n)
{
    dgm_edi_guide *g = l->guide;
    dgm_slice names[64];
    size_t count = 0;
    if (!dgm_edi_guide_text(l, n, "format", &g->format)) return;
    for (size_t i = 0; i < l->host->format_count; i++) {
        const dgm_format *f = l->host->formats[i];
        if (!dgm_slice_is(f->codec, "edifact") || (!f->need && !dgm_edi_attached_of(f->shape))) continue;
        if (count < 64) names[count++] = f->name;
        if (!dgm_slice_equal(f->name, g->format)) continue;
        const dgm_status there = dgm_format_need(f, l->diags);
        const dgm_edi_attached *about = there == DGM_OK ? dgm_edi_attached_of(f->shape) : NULL;
        if (!about) {
            l->status = there == DGM_OK ? DGM_CONFIG : there;
            return;
        }
        g->shape = f->shape;
        g->directory = dgm_edi_attached_program(about)->directory;
        g->type = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "message");
        g->version = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "version");
        g->release = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "release");
        g->agency = dgm_setting_get(f->settings, f->setting_count, dgm_edi_format_options, "agency");
        return;
    }
    int best = dgm_nearest(g->format, names, count);
    dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_FORMAT, g->format, best < 0 ? (dgm_slice){ 0 } : names[best], (dgm_slice){ 0 });
}

static void no_message(guide_loader *l, const dgm_yaml *n, dgm_slice why, dgm_slice near)
{
    dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_MESSAGE, n->text, why, near);
}

/* "CUSCAR:D:95B:UN", as UNH has it. */
static void take_message(guide_loader *l, const dgm_yaml *n)
{
    dgm_edi_guide *g = l->guide;
    dgm_slice text, parts[4];
    dgm_edi_message m;
    if (!dgm_edi_guide_text(l, n, "message", &text)) return;
    dgm_slice rest = text;
    for (size_t i = 0; i < 4; i++) {
        dgm_cut cut = dgm_slice_cut(rest, ':');
        parts[i] = cut.head;
        rest = cut.tail;
        if (cut.head.len && (i < 3 ? cut.found : !cut.found)) continue;
        no_message(l, n, DGM_LITERAL("type, version, release and agency are wanted, as UNH has them: CUSCAR:D:95B:UN"),
                   (dgm_slice){ 0 });
        return;
    }
    g->type = parts[0];
    g->version = parts[1];
    g->release = parts[2];
    g->agency = parts[3];
    if (!dgm_edi_directory_choose(l->host->knowledge, l->host->knowledge_count, g->version, g->release, g->agency, &g->directory)) {
        no_message(l, n, dgm_arena_print(l->arena, "known directories are %s", dgm_edi_directories_text().at), (dgm_slice){ 0 });
        return;
    }
    if (!dgm_edi_message_find(&g->directory, g->type, &m)) {
        no_message(l, n, dgm_arena_print(l->arena, "%s has no %.*s", g->directory.name, (int)g->type.len, g->type.at),
                   dgm_edi_nearest_message(&g->directory, g->type));
        return;
    }
    const dgm_setting settings[] = { { DGM_LITERAL("message"), g->type },
                                     { DGM_LITERAL("version"), g->version },
                                     { DGM_LITERAL("release"), g->release },
                                     { DGM_LITERAL("agency"), g->agency } };
    const dgm_format f = { .name = g->type, .codec = DGM_LITERAL("edifact"), .settings = settings, .setting_count = 4 };
    dgm_status st = dgm_codec_edifact.shape(l->host, &f, &g->own);
    if (st != DGM_OK) l->status = st;
    g->shape = g->own;
}

static void take_base(guide_loader *l, const dgm_yaml *root)
{
    const dgm_yaml *format = dgm_yaml_get(root, "format"), *message = dgm_yaml_get(root, "message");
    if (format && message)
        dgm_edi_guide_fault(l, message->key_mark, DGM_D_GUIDE_BASE, DGM_LITERAL("not of both"), (dgm_slice){ 0 }, (dgm_slice){ 0 });
    else if (format)
        take_format(l, format);
    else if (message)
        take_message(l, message);
    else
        dgm_edi_guide_fault(l, root->mark, DGM_D_GUIDE_BASE, DGM_LITERAL("neither is given"), (dgm_slice){ 0 }, (dgm_slice){ 0 });
}

/* ---- whom it is for ---- */

static void take_names(guide_loader *l, const dgm_yaml *n, const dgm_slice **out, uint32_t *count)
{
    uint32_t many = n->kind == DGM_YAML_LIST ? n->count : 1;
    dgm_slice *names = GUIDE_NEW(l, dgm_slice, many);
    if (n->kind == DGM_YAML_MAP || many == 0) {
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_KIND, n->key, DGM_LITERAL("a text, or a list of texts"), (dgm_slice){ 0 });
        return;
    }
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : n; names && m; m = n->kind == DGM_YAML_LIST ? m->next : NULL)
        if (dgm_edi_guide_text(l, m, "what stands here", &names[*count])) ++*count;
    *out = names;
}

static void take_for(guide_loader *l, const dgm_yaml *n)
{
    dgm_edi_guide *g = l->guide;
    g->chosen_by_name = !n;
    if (!n || dgm_slice_is(n->text, "all")) return;
    if (n->kind != DGM_YAML_MAP || n->count == 0) {
        dgm_edi_guide_fault(l, n->kind == DGM_YAML_TEXT ? n->mark : n->key_mark, DGM_D_GUIDE_KIND, DGM_LITERAL("for"),
                            DGM_LITERAL("all, or a map of association, sender, recipient"),
                            DGM_LITERAL("for: {association: EU-IM}"));
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        if (!dgm_edi_guide_key(l, m, "`for`", "association sender recipient")) continue;
        if (m->key.at[0] == 'a')
            take_names(l, m, &g->associations, &g->association_count);
        else if (m->key.at[0] == 's')
            take_names(l, m, &g->senders, &g->sender_count);
        else
            take_names(l, m, &g->recipients, &g->recipient_count);
    }
}

static bool describe_names(guide_loader *l, dgm_buffer *b, const char *what, const dgm_slice *names, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (dgm_buffer_print(b, "%s%.*s", i ? ", " : what, (int)names[i].len, names[i].at) != DGM_OK) return false;
    return l->status != DGM_NOMEM;
}

/* What people are told of it. */
static void describe(guide_loader *l)
{
    dgm_edi_guide *g = l->guide;
    dgm_buffer b;
    dgm_buffer_init(&b, &l->host->mem);
    bool good = describe_names(l, &b, "association ", g->associations, g->association_count) &&
                describe_names(l, &b, b.len ? "; sender " : "sender ", g->senders, g->sender_count) &&
                describe_names(l, &b, b.len ? "; recipient " : "recipient ", g->recipients, g->recipient_count);
    if (good && b.len == 0) good = dgm_buffer_print(&b, "%s", g->chosen_by_name ? "name" : "all") == DGM_OK;
    g->chosen = dgm_arena_copy(&g->arena, dgm_buffer_slice(&b));
    g->message = dgm_arena_print(&g->arena, "%.*s:%.*s:%.*s:%.*s", (int)g->type.len, g->type.at, (int)g->version.len, g->version.at,
                                 (int)g->release.len, g->release.at, (int)g->agency.len, g->agency.at);
    if (!good || !g->chosen.at || !g->message.at) l->status = DGM_NOMEM;
    dgm_buffer_free(&b);
}

/* ---- codes of its own ---- */

static uint32_t slot_of_element(const dgm_shape *s, dgm_slice element)
{
    for (uint32_t i = 1; i < dgm_shape_count(s); i++) {
        const dgm_slot *slot = dgm_shape_slot(s, i);
        if (slot->kind == DGM_ELEMENT && !slot->envelope && dgm_slice_equal(slot->name, element)) return i;
    }
    return DGM_SLOT_NONE;
}

static dgm_slice nearest_element(guide_loader *l, dgm_slice wrong)
{
    const dgm_shape *s = l->guide->shape;
    dgm_slice *names = GUIDE_NEW(l, dgm_slice, dgm_shape_count(s));
    size_t n = 0;
    for (uint32_t i = 1; names && i < dgm_shape_count(s); i++)
        if (dgm_shape_slot(s, i)->kind == DGM_ELEMENT) names[n++] = dgm_shape_slot(s, i)->name;
    int best = names && dgm_diags_errors(l->diags) < GUIDE_HINTS_MAX ? dgm_nearest(wrong, names, n) : -1;
    return best < 0 ? (dgm_slice){ 0 } : names[best];
}

static void take_list(guide_loader *l, const dgm_yaml *n)
{
    dgm_edi_guide *g = l->guide;
    dgm_edi_guide_list *list = &l->lists[g->national_count];
    uint32_t slot = slot_of_element(g->shape, n->key);
    if (slot == DGM_SLOT_NONE) {
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_STEP, g->type, n->key, nearest_element(l, n->key));
        return;
    }
    list->any = n->kind == DGM_YAML_TEXT && dgm_slice_is(n->text, "any");
    if (!list->any && !dgm_edi_guide_codes_take(l, n, slot, false, &list->codes)) return;
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice code = n->kind == DGM_YAML_MAP ? m->key : m->text;
        dgm_slice known = dgm_edi_code_name(&g->directory, n->key, code);
        if (known.len)
            dgm_edi_guide_fault(l, n->kind == DGM_YAML_MAP ? m->key_mark : m->mark, DGM_D_GUIDE_CODE_KNOWN, code,
                                dgm_slice_of(g->directory.name), known);
    }
    list->line = n->key_mark.line;
    for (size_t i = 0; i < n->key.len; i++) list->element = (uint16_t)(list->element * 10 + (n->key.at[i] - '0'));
    g->national_count++;
}

static void take_codes(guide_loader *l, const dgm_yaml *n)
{
    if (!n) return;
    if (n->kind != DGM_YAML_MAP) {
        dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_KIND, DGM_LITERAL("codes"), DGM_LITERAL("a map of elements and their codes"),
                            DGM_LITERAL("{1153: {Z01: Permit of ours}}"));
        return;
    }
    l->lists = GUIDE_NEW(l, dgm_edi_guide_list, n->count);
    for (const dgm_yaml *m = n->first; m && l->lists; m = m->next) take_list(l, m);
    l->guide->national = l->lists;
}

/* ---- the file ---- */

static void take_head(guide_loader *l, const dgm_yaml *root)
{
    dgm_edi_guide *g = l->guide;
    const dgm_yaml *version = dgm_yaml_get(root, "dragoman"), *name = dgm_yaml_get(root, "guide"),
                   *title = dgm_yaml_get(root, "title");
    for (const dgm_yaml *m = root->first; m; m = m->next) (void)dgm_edi_guide_key(l, m, "a guide", dgm_edi_guide_head_keys);
    if (!version || !dgm_slice_is(version->text, "guide/1"))
        dgm_edi_guide_fault(l, version ? version->mark : root->mark, DGM_D_GUIDE_VERSION, (dgm_slice){ 0 }, (dgm_slice){ 0 },
                            (dgm_slice){ 0 });
    if (!name)
        dgm_edi_guide_fault(l, root->mark, DGM_D_GUIDE_KEY_MISSING, DGM_LITERAL("guide"), DGM_LITERAL("its name"),
                            (dgm_slice){ 0 });
    else
        (void)dgm_edi_guide_text(l, name, "guide", &g->name);
    if (title) (void)dgm_edi_guide_text(l, title, "title", &g->title);
    take_for(l, dgm_yaml_get(root, "for"));
    take_base(l, root);
}

static void take_body(guide_loader *l, const dgm_yaml *root)
{
    const dgm_yaml *others = dgm_yaml_get(root, "others"), *places = dgm_yaml_get(root, "places"),
                   *rules = dgm_yaml_get(root, "rules");
    take_codes(l, dgm_yaml_get(root, "codes"));
    if (others && dgm_edi_guide_word(l, others, "unused") == 0) {
        l->others = true;
        l->others_line = others->key_mark.line;
    }
    if (places && places->kind != DGM_YAML_MAP)
        dgm_edi_guide_fault(l, places->mark, DGM_D_GUIDE_KIND, DGM_LITERAL("places"), DGM_LITERAL("a map"),
                            DGM_LITERAL("BGM/1001: {codes: [929]}"));
    else if (places)
        for (const dgm_yaml *m = places->first; m && l->status != DGM_NOMEM; m = m->next) dgm_edi_guide_entry_take(l, m);
    if (rules && rules->kind != DGM_YAML_LIST)
        dgm_edi_guide_fault(l, rules->mark, DGM_D_GUIDE_KIND, DGM_LITERAL("rules"), DGM_LITERAL("a list"), (dgm_slice){ 0 });
    else if (rules)
        for (const dgm_yaml *m = rules->first; m && l->status != DGM_NOMEM; m = m->next) dgm_edi_guide_rule_take(l, m);
}

static dgm_status read_guide(guide_loader *l, dgm_slice yaml)
{
    const dgm_yaml *root;
    dgm_status st = dgm_yaml_read(l->arena, l->path, yaml, l->diags, &root);
    if (st != DGM_OK) return st;
    l->root = GUIDE_NEW(l, guide_spot, 1);
    if (!l->root) return DGM_NOMEM;
    l->root->is.shown = true;
    if (root->kind != DGM_YAML_MAP) {
        dgm_edi_guide_fault(l, root->mark, DGM_D_GUIDE_KIND, DGM_LITERAL("a guide"), DGM_LITERAL("a map"), (dgm_slice){ 0 });
        return l->status;
    }
    take_head(l, root);
    if (!l->guide->shape || l->status == DGM_NOMEM) return l->status;
    take_body(l, root);
    if (l->status != DGM_NOMEM) dgm_edi_guide_others(l);
    if (l->status != DGM_NOMEM) dgm_edi_guide_conflicts(l);
    if (l->status == DGM_OK) describe(l);
    if (l->status == DGM_OK) l->status = dgm_edi_guide_compile(l);
    if (l->status == DGM_OK) l->status = dgm_edi_guide_bind(l);
    return l->status;
}

bool dgm_edi_guide_looks(dgm_slice yaml)
{
    for (dgm_slice rest = yaml; rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, '\n');
        rest = line.tail;
        if (line.head.len < 9 || memcmp(line.head.at, "dragoman:", 9) != 0) continue;
        dgm_slice value = dgm_slice_trim(dgm_slice_part(line.head, 9, line.head.len));
        return value.len >= 5 && memcmp(value.at, "guide", 5) == 0;
    }
    return false;
}

dgm_status dgm_edi_guide_load(const dgm_host *host, dgm_slice path, dgm_slice yaml, dgm_edi_guide **out)
{
    *out = NULL;
    dgm_edi_guide *g = NULL;
    dgm_arena arena;
    dgm_arena_init(&arena, &host->mem);
    g = DGM_NEW(&arena, dgm_edi_guide, 1);
    if (!g) return DGM_NOMEM;
    g->arena = arena;
    dgm_slice body = yaml;
    if (body.len >= 3 && memcmp(body.at, "\xEF\xBB\xBF", 3) == 0) body = dgm_slice_part(body, 3, body.len);
    guide_loader l = { .host = host, .guide = g, .arena = &g->arena, .path = path, .file = body, .diags = host->diags };
    g->path = dgm_arena_copy(&g->arena, path);
    dgm_status st = g->path.at ? read_guide(&l, yaml) : DGM_NOMEM;
    if ((st == DGM_OK || st == DGM_CONFIG) && dgm_diags_failed(host->diags)) st = DGM_NOMEM;
    if (st != DGM_OK) {
        dgm_edi_guide_free(g);
        return st;
    }
    g->file = g->path;
    for (size_t i = g->path.len; i > 0; i--)
        if (g->path.at[i - 1] == '/') {
            g->file = dgm_slice_part(g->path, i, g->path.len);
            break;
        }
    *out = g;
    return DGM_OK;
}

void dgm_edi_guide_free(dgm_edi_guide *g)
{
    if (!g) return;
    dgm_shape_free(g->own);
    dgm_arena arena = g->arena;
    dgm_arena_free(&arena);
}
