/* SPDX-License-Identifier: Apache-2.0
 *
 * load.c - a mapping file becomes rules, blocks, conditions and checks; then names are bound, the rules checked and both plans
 * made. All mistakes of a file are told at once. One thread.
 */
#include "describe.h"
#include "load.h"

#include <openssl/evp.h>

map_mark dgm_map_mark(const map_loader *l, const dgm_yaml *n)
{
    return (map_mark){ n->file ? n->file : l->file, n->mark };
}

map_mark dgm_map_key_mark(const map_loader *l, const dgm_yaml *n)
{
    return (map_mark){ n->file ? n->file : l->file, n->key.len ? n->key_mark : n->mark };
}

static bool name_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Puts %at, %role … of a fragment's `with` in their places. */
static bool paste(map_loader *l, const dgm_yaml *n, dgm_slice *out)
{
    dgm_buffer b;
    dgm_buffer_init(&b, &l->m->mem);
    dgm_slice s = n->text;
    bool ok = true;
    for (size_t i = 0; i < s.len && ok;) {
        size_t to = i + 1;
        if (s.at[i] != '%') {
            ok = dgm_buffer_append(&b, (dgm_slice){ s.at + i, 1 }) == DGM_OK;
            i++;
            continue;
        }
        while (to < s.len && name_character(s.at[to])) to++;
        dgm_slice name = dgm_slice_part(s, i + 1, to);
        uint32_t k = 0;
        while (k < l->with_count && !dgm_slice_equal(l->with[k].name, name)) k++;
        if (k == l->with_count) {
            dgm_diag *d = dgm_map_fault(l, dgm_map_part(l, dgm_map_mark(l, n), s, i, to - i), DGM_D_MAP_USE_WITH);
            dgm_map_say(l, d, name);
            dgm_buffer_free(&b);
            return false;
        }
        ok = dgm_buffer_append(&b, l->with[k].value) == DGM_OK;
        i = to;
    }
    *out = ok ? dgm_arena_copy(l->arena, dgm_buffer_slice(&b)) : (dgm_slice){ 0 };
    dgm_buffer_free(&b);
    if (!out->at) l->nomem = true;
    return out->at != NULL;
}

bool dgm_map_text(map_loader *l, const dgm_yaml *n, dgm_slice *out)
{
    *out = n->text;
    if (n->kind != DGM_YAML_TEXT) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_KIND);
        dgm_map_say(l, d, n->key.len ? n->key : DGM_LITERAL("this"));
        dgm_map_say(l, d, DGM_LITERAL("a text"));
        return false;
    }
    if (!l->use_depth || !memchr(n->text.len ? n->text.at : "", '%', n->text.len)) return true;
    return paste(l, n, out);
}

static const char *const later[] = { "match", NULL };

void dgm_map_unknown_key(map_loader *l, const dgm_yaml *n, const char *const *known)
{
    for (size_t i = 0; later[i]; i++)
        if (dgm_slice_is(n->key, later[i])) {
            dgm_diag *d = dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_UNSUPPORTED);
            dgm_map_say(l, d, n->key);
            return;
        }
    dgm_slice names[40];
    size_t count = 0;
    while (count < 40 && known[count]) names[count] = dgm_slice_of(known[count]), count++;
    int near = dgm_nearest(n->key, names, count);
    dgm_diag *d = dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_KEY_UNKNOWN);
    dgm_map_say(l, d, n->key);
    if (near >= 0) {
        dgm_map_say(l, d, names[near]);
        return;
    }
    for (size_t i = 0; i < count; i++) { /* `wire:PLACE`: without a blank behind it the colon is a part of the name */
        dgm_slice begins = dgm_slice_part(n->key, 0, names[i].len);
        if (n->key.len <= names[i].len || n->key.at[names[i].len] != ':' || !dgm_slice_equal(begins, names[i])) continue;
        char *apart = DGM_NEW(l->arena, char, n->key.len + 1);
        if (!apart) {
            l->nomem = true;
            return;
        }
        size_t colon = names[i].len + 1;
        memcpy(apart, n->key.at, colon);
        apart[colon] = ' ';
        memcpy(apart + colon + 1, n->key.at + colon, n->key.len - colon);
        dgm_map_say(l, d, (dgm_slice){ apart, n->key.len + 1 });
        return;
    }
}

void dgm_map_missing(map_loader *l, map_mark mark, const char *key)
{
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_KEY_MISSING);
    dgm_map_say(l, d, dgm_slice_of(key));
}

static bool wants(map_loader *l, const dgm_yaml *n, dgm_yaml_kind kind, const char *what)
{
    if (n->kind == kind) return true;
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_KIND);
    dgm_map_say(l, d, n->key.len ? n->key : DGM_LITERAL("this"));
    dgm_map_say(l, d, dgm_slice_of(what));
    return false;
}

/* Room for one more thing in an array of the mapping; NULL: no memory. */
static void *one_more(map_loader *l, void **array, uint32_t *count, size_t *room, size_t bytes)
{
    if (!dgm_map_room(l, array, room, *count + 1u, bytes)) return NULL;
    char *at = (char *)*array + *count * bytes;
    ++*count;
    memset(at, 0, bytes);
    return at;
}

#define ONE_MORE(l, name)                                                                                                          \
    do {                                                                                                                           \
        void *array_ = (l)->m->name##s;                                                                                            \
        name = one_more((l), &array_, &(l)->m->name##_count, &(l)->name##_room, sizeof *(l)->m->name##s);                          \
        (l)->m->name##s = array_;                                                                                                  \
    } while (0)

/* ---- conditions ---------------------------------------------------------------------------------------------------------- */

/* The condition of one `when`; *last: the previous one of this list. */
static uint32_t take_when(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t above, uint32_t *last)
{
    dgm_slice t;
    map_expr *when = NULL;
    if (!dgm_map_text(l, n, &t)) return above;
    if (dgm_slice_is(t, "else")) {
        if (*last == DGM_NONE) {
            dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_WHEN_ELSE);
            return above;
        }
    } else {
        when = dgm_map_expr(l, MAP_MODEL, block, t, dgm_map_mark(l, n), true);
        if (!when) return above;
    }
    map_cond *cond;
    ONE_MORE(l, cond);
    if (!cond) return above;
    *cond = (map_cond){ .when = when, .above = above, .sibling = *last, .block = block };
    *last = l->m->cond_count - 1;
    return *last;
}

/* ---- statements ---------------------------------------------------------------------------------------------------------- */

static void take_list(map_loader *l, const dgm_yaml *list, uint32_t block, uint32_t cond);
static void take_block_keys(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond);

static dgm_slice line_of(const map_loader *l, const dgm_yaml *n)
{
    dgm_slice file = l->m->files[n->file ? n->file : l->file].bytes;
    size_t from = n->mark.byte < file.len ? (size_t)n->mark.byte : file.len, to = from;
    while (to < file.len && to - from < 256 && file.at[to] != '\n' && file.at[to] != '\r') to++;
    return dgm_slice_part(file, from, to);
}

uint32_t dgm_map_store_rule(map_loader *l, const map_rule *r)
{
    map_rule *rule;
    ONE_MORE(l, rule);
    if (!rule) return DGM_NONE;
    *rule = *r;
    if (l->m->derives && r->only == MAP_ONLY_WRITE) {
        dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_COMBINATION);
        dgm_map_say(l, d, DGM_LITERAL("a derivation is only read: from one canonical document to another"));
    }
    if (l->m->derives) rule->only = MAP_ONLY_READ;
    if (l->m->derives && !r->why.len) rule->why = DGM_LITERAL("it is derived");
    rule->id = l->m->rule_count - 1;
    return rule->id;
}

static map_rule rule_begin(const map_loader *l, const dgm_yaml *n, map_statement kind, uint32_t block, uint32_t cond)
{
    return (map_rule){ .kind = kind,
                       .block = block,
                       .opens = DGM_NONE,
                       .cond = cond,
                       .mark = dgm_map_mark(l, n),
                       .text = line_of(l, n),
                       .scale = -1 };
}

static void take_each(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond)
{
    const dgm_yaml *head = dgm_yaml_get(n, "each");
    map_rule r = rule_begin(l, n, MAP_EACH, block, cond);
    if (!wants(l, head, DGM_YAML_MAP, "{wire: PLACE, model: PLACE}")) return;
    for (const dgm_yaml *m = head->first; m; m = m->next)
        if (!dgm_slice_is(m->key, "by") && !dgm_slice_is(m->key, "where")) dgm_map_take_key(l, &r, m);
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        static const char *const beside[] = { "each", "rules", "checks", "let", "when", "id", NULL };
        size_t i = 0;
        while (beside[i] && !dgm_slice_is(m->key, beside[i])) i++;
        if (!beside[i] && (dgm_slice_is(m->key, "always") || dgm_slice_is(m->key, "only") || dgm_slice_is(m->key, "why") ||
                           dgm_slice_is(m->key, "else")))
            dgm_map_take_key(l, &r, m);
        else if (dgm_slice_is(m->key, "drop"))
            dgm_map_say(
                l, dgm_map_fault(l, dgm_map_key_mark(l, m), DGM_D_MAP_COMBINATION),
                DGM_LITERAL(
                    "drop takes statements away from an each of the mapping that is extended; there is none with this place"));
        else if (!beside[i])
            dgm_map_unknown_key(l, m, beside);
    }
    if (r.side_count[MAP_WIRE] != 1 || r.side_count[MAP_MODEL] != 1) {
        if (!l->wrong) dgm_map_missing(l, dgm_map_mark(l, head), r.side_count[MAP_WIRE] ? "model" : "wire");
        return;
    }
    uint32_t depth = l->m->blocks[block].depth + 1;
    map_block *b;
    map_block *block_new;
    void *array = l->m->blocks;
    block_new = one_more(l, &array, &l->m->block_count, &l->block_room, sizeof *l->m->blocks);
    l->m->blocks = array;
    b = block_new;
    if (!b) return;
    r.opens = l->m->block_count - 1;
    *b = (map_block){ .above = block, .depth = depth, .slot = { r.side[MAP_WIRE][0]->slot, r.side[MAP_MODEL][0]->slot } };
    b->rule = l->m->rule_count;
    b->walks = block == 0 && l->m->document && l->m->document->at[MAP_WIRE].several && dgm_slice_is(r.side[MAP_WIRE][0]->text, ".");
    if (depth > MAP_DEPTH_MAX) {
        dgm_diag *d = dgm_map_fault(l, r.mark, DGM_D_MAP_KEY_PLACE);
        dgm_map_say(l, d, DGM_LITERAL("each"));
        dgm_map_say(l, d, DGM_LITERAL("so many others"));
        return;
    }
    uint32_t id = dgm_map_store_rule(l, &r);
    if (id == DGM_NONE) return;
    dgm_map_take_each_keys(l, head, id);
    take_block_keys(l, n, r.opens, DGM_NONE);
    dgm_map_add_key_rules(l, id);
}

static void take_ignore(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond)
{
    const dgm_yaml *head = dgm_yaml_get(n, "ignore");
    map_rule r = rule_begin(l, n, MAP_IGNORE, block, cond);
    if (!wants(l, head, DGM_YAML_MAP, "{wire: [PLACES], why: REASON}")) return;
    for (const dgm_yaml *m = head->first; m; m = m->next) dgm_map_take_key(l, &r, m);
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (dgm_slice_is(m->key, "why"))
            dgm_map_take_key(l, &r, m);
        else if (!dgm_slice_is(m->key, "ignore") && !dgm_slice_is(m->key, "when"))
            dgm_map_take_key(l, &r, m);
    if (!r.why.len) dgm_map_missing(l, dgm_map_mark(l, head), "why");
    dgm_map_store_rule(l, &r);
}

static void take_rule(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond)
{
    map_rule r = rule_begin(l, n, MAP_RULE, block, cond);
    bool wrong = l->wrong;
    if (dgm_yaml_get(n, "form") || dgm_map_has_cells(n)) {
        dgm_map_take_form(l, n, r);
        return;
    }
    l->wrong = false;
    const dgm_yaml *as = dgm_yaml_get(n, "as");
    if (as && dgm_slice_is(as->text, "pointer")) dgm_map_take_pointer(l, &r); /* its places may be classes */
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (!dgm_slice_is(m->key, "when")) dgm_map_take_key(l, &r, m);
    if (!l->wrong && !r.side_count[0] && !r.side_count[1] && !r.source[0] && !r.source[1]) dgm_map_missing(l, r.mark, "wire");
    if (!l->wrong) dgm_map_store_rule(l, &r);
    l->wrong = l->wrong || wrong;
}

/* ---- fragments ----------------------------------------------------------------------------------------------------------- */

/* The `fragments` of a file named before #; the mapping's own for an empty name. DGM_NONE: told. */
static uint32_t fragments_of(map_loader *l, dgm_slice file, map_mark mark)
{
    uint32_t known = 0;
    dgm_slice bytes = { 0 }, path = { 0 };
    const dgm_yaml *root;
    if (!file.len) return l->fragments[0] ? 0 : DGM_NONE;
    dgm_status s = l->env->file ? l->env->file(l->env->ctx, "rules", file, &bytes, &path) : DGM_UNKNOWN;
    if (s == DGM_NOMEM) l->nomem = true;
    if (s != DGM_OK) return DGM_NONE;
    for (known = 1; known < 16 && l->fragments[known]; known++)
        if (dgm_slice_equal(l->m->files[l->fragment_file[known]].name, path)) return known;
    if (known == 16) return DGM_NONE;
    map_file *one;
    void *files = l->m->files;
    one = one_more(l, &files, &l->m->file_count, &l->file_room, sizeof *one);
    l->m->files = files;
    if (!one) return DGM_NONE;
    *one = (map_file){ dgm_arena_copy(l->arena, path), dgm_arena_copy(l->arena, bytes) };
    if (!one->name.at || !one->bytes.at) {
        l->nomem = true;
        return DGM_NONE;
    }
    s = dgm_yaml_read(l->arena, one->name, one->bytes, l->diags, &root);
    if (s == DGM_NOMEM) l->nomem = true;
    if (s != DGM_OK) {
        l->wrong = true;
        return DGM_NONE;
    }
    (void)mark;
    l->fragments[known] = dgm_yaml_get(root, "fragments");
    l->fragment_file[known] = l->m->file_count - 1;
    return l->fragments[known] ? known : DGM_NONE;
}

static void take_with(map_loader *l, const dgm_yaml *with, uint32_t base)
{
    if (!with || !wants(l, with, DGM_YAML_MAP, "a map of names and texts")) return;
    struct map_with more[32];
    uint32_t n = 0;
    for (const dgm_yaml *m = with->first; m && n < 32; m = m->next)
        if (dgm_map_text(l, m, &more[n].value)) more[n++].name = m->key; /* of the enclosing fragment's names */
    for (uint32_t i = 0; i < n && base + i < 64; i++) l->with[l->with_count++] = more[i];
}

static void take_use(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond)
{
    const dgm_yaml *use = dgm_yaml_get(n, "use"), *with = dgm_yaml_get(n, "with");
    dgm_slice t;
    if (!dgm_map_text(l, use, &t)) return;
    dgm_cut c = dgm_slice_cut(t, '#');
    uint32_t set = fragments_of(l, c.found ? c.head : (dgm_slice){ 0 }, dgm_map_mark(l, use));
    dgm_slice name = c.found ? c.tail : t;
    const dgm_yaml *list = NULL;
    for (const dgm_yaml *m = set != DGM_NONE && l->fragments[set]->kind == DGM_YAML_MAP ? l->fragments[set]->first : NULL; m;
         m = m->next)
        if (dgm_slice_equal(m->key, name)) list = m;
    if (l->nomem) return;
    if (!list || l->use_depth >= 8) {
        dgm_slice names[64];
        size_t count = 0;
        for (const dgm_yaml *m = set != DGM_NONE ? l->fragments[set]->first : NULL; m && count < 64; m = m->next)
            names[count++] = m->key;
        int near = list ? -1 : dgm_nearest(name, names, count);
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, use), list ? DGM_D_MAP_USE_CIRCLE : DGM_D_MAP_USE_UNKNOWN);
        dgm_map_say(l, d, t);
        if (near >= 0) dgm_map_say(l, d, names[near]);
        return;
    }
    struct map_with saved[64];
    uint32_t saved_count = l->with_count, saved_file = l->file;
    memcpy(saved, l->with, sizeof saved);
    uint32_t base = l->with_count;
    take_with(l, with, base);
    uint32_t mine = l->with_count - base; /* a fragment sees its own names only */
    memmove(l->with, l->with + base, mine * sizeof *l->with);
    l->with_count = mine;
    l->file = l->fragment_file[set];
    l->use_depth++;
    take_list(l, list, block, cond);
    l->use_depth--;
    l->file = saved_file;
    l->with_count = saved_count;
    memcpy(l->with, saved, sizeof saved);
}

static void take_list(map_loader *l, const dgm_yaml *list, uint32_t block, uint32_t cond)
{
    uint32_t last = DGM_NONE;
    if (!wants(l, list, DGM_YAML_LIST, "a list of statements")) return;
    for (const dgm_yaml *n = list->first; n && !l->nomem; n = n->next) {
        if (!wants(l, n, DGM_YAML_MAP, "a statement: {wire: PLACE, model: PLACE}, each, use, ignore")) continue;
        if (l->m->rule_count >= 20000) {
            dgm_map_missing(l, dgm_map_mark(l, n), "an end: a mapping has at most 20000 statements");
            return;
        }
        const dgm_yaml *when = dgm_yaml_get(n, "when"), *rules = dgm_yaml_get(n, "rules");
        uint32_t own = when ? take_when(l, when, block, cond, &last) : cond;
        if (dgm_yaml_get(n, "each"))
            take_each(l, n, block, own);
        else if (dgm_yaml_get(n, "use"))
            take_use(l, n, block, own);
        else if (dgm_yaml_get(n, "ignore"))
            take_ignore(l, n, block, own);
        else if (rules && when) {
            static const char *const known[] = { "when", "rules", "id", NULL };
            for (const dgm_yaml *m = n->first; m; m = m->next)
                if (m != when && m != rules && !dgm_slice_is(m->key, "id")) dgm_map_unknown_key(l, m, known);
            take_list(l, rules, block, own);
        } else if (rules)
            dgm_map_missing(l, dgm_map_mark(l, n), "each or when (beside rules)");
        else
            take_rule(l, n, block, own);
    }
}

/* ---- checks and lets ----------------------------------------------------------------------------------------------------- */

static void check_key(map_loader *l, map_check *c, const dgm_yaml *m)
{
    static const char *const known[] = { "assert", "at", "code", "level", "say", NULL };
    dgm_slice t = { 0 };
    bool is_say = dgm_slice_is(m->key, "say");
    if (is_say && m->kind == DGM_YAML_MAP) {
        const dgm_yaml *en = dgm_yaml_get(m, "en");
        if (!en) en = m->first;
        if (en && en->kind == DGM_YAML_TEXT) c->say = en->text;
        return;
    }
    if (!dgm_map_text(l, m, &t)) return;
    if (is_say)
        c->say = t;
    else if (dgm_slice_is(m->key, "assert"))
        c->assert = dgm_map_expr(l, MAP_MODEL, c->block, t, dgm_map_mark(l, m), false);
    else if (dgm_slice_is(m->key, "at"))
        c->at = dgm_map_place(l, MAP_MODEL, c->block, t, dgm_map_mark(l, m), MAP_LISTS);
    else if (dgm_slice_is(m->key, "code"))
        c->code = t;
    else if (!dgm_slice_is(m->key, "level"))
        dgm_map_unknown_key(l, m, known);
    else if (dgm_slice_is(t, "warn"))
        c->level = DGM_WARNING;
    else if (dgm_slice_is(t, "info"))
        c->level = DGM_INFO;
    else if (!dgm_slice_is(t, "error")) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, m), DGM_D_MAP_VALUE);
        dgm_map_say(l, d, m->key);
        dgm_map_say(l, d, DGM_LITERAL("error, warn or info"));
    }
}

static void take_checks(map_loader *l, const dgm_yaml *list, uint32_t block)
{
    if (!wants(l, list, DGM_YAML_LIST, "a list of checks")) return;
    for (const dgm_yaml *n = list->first; n && !l->nomem; n = n->next) {
        if (!wants(l, n, DGM_YAML_MAP, "{assert: =EXPR, at: PLACE, code: CODE, say: TEXT}")) continue;
        map_check c = { .block = block, .level = DGM_ERROR, .mark = dgm_map_mark(l, n) };
        bool wrong = l->wrong;
        l->wrong = false;
        for (const dgm_yaml *m = n->first; m; m = m->next) check_key(l, &c, m);
        if (!l->wrong && !c.assert) dgm_map_missing(l, c.mark, "assert");
        if (!l->wrong && !c.at) dgm_map_missing(l, c.mark, "at");
        if (!l->wrong) {
            map_check *check;
            ONE_MORE(l, check);
            if (check) *check = c;
        }
        l->wrong = l->wrong || wrong;
    }
}

static void take_lets(map_loader *l, const dgm_yaml *n, uint32_t block)
{
    if (!wants(l, n, DGM_YAML_MAP, "a map of names and =expressions")) return;
    for (const dgm_yaml *m = n->first; m && !l->nomem; m = m->next) {
        dgm_slice t;
        if (!dgm_map_text(l, m, &t)) continue;
        map_expr *x = dgm_map_expr(l, MAP_MODEL, block, t, dgm_map_mark(l, m), false);
        map_let *let;
        ONE_MORE(l, let);
        if (let) *let = (map_let){ m->key, x, block, dgm_map_key_mark(l, m) };
        if (!x) l->wrong = true;
    }
}

static void take_block_keys(map_loader *l, const dgm_yaml *n, uint32_t block, uint32_t cond)
{
    const dgm_yaml *let = dgm_yaml_get(n, "let"), *rules = dgm_yaml_get(n, "rules"), *checks = dgm_yaml_get(n, "checks");
    if (let) take_lets(l, let, block);
    if (rules)
        take_list(l, rules, block, cond);
    else
        dgm_map_missing(l, dgm_map_mark(l, n), "rules");
    if (checks) take_checks(l, checks, block);
}

/* ---- the head ------------------------------------------------------------------------------------------------------------ */

static dgm_type param_type(map_loader *l, const dgm_yaml *n)
{
    static const struct {
        const char *name;
        dgm_type type;
    } types[] = { { "text", DGM_TYPE_TEXT },     { "code", DGM_TYPE_CODE }, { "id", DGM_TYPE_ID },
                  { "number", DGM_TYPE_NUMBER }, { "date", DGM_TYPE_DATE }, { "flag", DGM_TYPE_FLAG } };
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return DGM_TYPE_TEXT;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (dgm_slice_is(t, types[i].name)) return types[i].type;
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_VALUE);
    dgm_map_say(l, d, n->key);
    dgm_map_say(l, d, DGM_LITERAL("text, code, id, number, date or flag"));
    return DGM_TYPE_TEXT;
}

static void param_fault(map_loader *l, const dgm_yaml *n, const map_param *param, const char *what)
{
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_PARAM_VALUE);
    dgm_map_say(l, d, param->name);
    dgm_map_say(l, d, dgm_slice_of(what));
    dgm_map_say(l, d, param->standard);
}

static void take_params(map_loader *l, const dgm_yaml *n)
{
    if (!wants(l, n, DGM_YAML_MAP, "a map of parameters")) return;
    for (const dgm_yaml *m = n->first; m && !l->nomem; m = m->next) {
        map_param *param;
        ONE_MORE(l, param);
        if (!param) return;
        *param = (map_param){ .name = m->key, .type = DGM_TYPE_TEXT, .mark = dgm_map_key_mark(l, m) };
        const dgm_yaml *standard = m->kind == DGM_YAML_MAP ? dgm_yaml_get(m, "default") : m;
        if (standard && dgm_map_text(l, standard, &param->standard)) param->has_standard = true;
        for (const dgm_yaml *k = m->kind == DGM_YAML_MAP ? m->first : NULL; k; k = k->next) {
            static const char *const known[] = { "as", "default", NULL };
            if (dgm_slice_is(k->key, "as"))
                param->type = param_type(l, k);
            else if (!dgm_slice_is(k->key, "default"))
                dgm_map_unknown_key(l, k, known);
        }
        const char *unfit = param->has_standard ? dgm_map_param_unfit(param->type, param->standard) : NULL;
        if (standard && unfit) param_fault(l, standard, param, unfit);
    }
}

const dgm_shape *dgm_map_shape_named(map_loader *l, const dgm_yaml *n, dgm_slice name, bool model)
{
    const dgm_mapping_env *e = l->env;
    const dgm_shape *s = model ? e->model(e->ctx, name) : e->format(e->ctx, name);
    if (s) return s;
    dgm_slice names[512];
    size_t count = e->names ? e->names(e->ctx, model ? "models" : "formats", names, 512) : 0;
    int near = dgm_nearest(name, names, count < 512 ? count : 512);
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_SHAPE);
    dgm_map_say(l, d, model ? DGM_LITERAL("model") : DGM_LITERAL("format"));
    dgm_map_say(l, d, name);
    if (near >= 0) dgm_map_say(l, d, names[near]);
    return NULL;
}

static void take_shapes(map_loader *l, const dgm_yaml *root)
{
    const dgm_yaml *wire = dgm_yaml_get(root, "wire"), *model = dgm_yaml_get(root, "model");
    const dgm_yaml *format = wire && wire->kind == DGM_YAML_MAP ? dgm_yaml_get(wire, "format") : NULL;
    const dgm_yaml *from = wire && wire->kind == DGM_YAML_MAP ? dgm_yaml_get(wire, "model") : NULL;
    if (from && format) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, from), DGM_D_MAP_KEY_PLACE);
        dgm_map_say(l, d, DGM_LITERAL("model"));
        dgm_map_say(l, d, DGM_LITERAL("wire, beside format"));
        from = NULL;
    }
    if (from) { /* from one canonical document to another */
        l->m->derives = true;
        if (dgm_map_text(l, from, &l->m->format)) l->m->shape[MAP_WIRE] = dgm_map_shape_named(l, from, l->m->format, true);
        format = from;
    }
    if (!format) dgm_map_missing(l, wire ? dgm_map_mark(l, wire) : dgm_map_mark(l, root), "wire: {format: NAME}");
    if (!model) dgm_map_missing(l, dgm_map_mark(l, root), "model");
    if (format && !from && dgm_map_text(l, format, &l->m->format))
        l->m->shape[MAP_WIRE] = dgm_map_shape_named(l, format, l->m->format, false);
    if (model && dgm_map_text(l, model, &l->m->model)) l->m->shape[MAP_MODEL] = dgm_map_shape_named(l, model, l->m->model, true);
}

static const char *const head_names[] = { "dragoman", "mapping",   "wire", "model",   "document", "params",  "rules",
                                          "checks",   "fragments", "let",  "extends", "drop",     "partial", NULL };

const char *const *dgm_mapping_head_keys(void)
{
    return head_names;
}

void dgm_map_read_file(map_loader *l, const dgm_yaml *root)
{
    if (!wants(l, root, DGM_YAML_MAP, "a map: dragoman, mapping, wire, model, rules")) return;
    const dgm_yaml *version = dgm_yaml_get(root, "dragoman"), *name = dgm_yaml_get(root, "mapping");
    if (!version || !dgm_slice_is(version->text, "mapping/1")) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, version ? version : root), DGM_D_MAP_VERSION);
        dgm_map_say(l, d, DGM_LITERAL("mapping/1"));
        return;
    }
    for (const dgm_yaml *m = root->first; m; m = m->next) {
        size_t i = 0;
        while (head_names[i] && !dgm_slice_is(m->key, head_names[i])) i++;
        if (!head_names[i]) dgm_map_unknown_key(l, m, head_names);
    }
    if (name) (void)dgm_map_text(l, name, &l->m->name);
    if (!name || !l->m->name.len) dgm_map_missing(l, dgm_map_mark(l, root), "mapping");
    take_shapes(l, root);
    if (!l->m->shape[0] || !l->m->shape[1]) return;
    map_block *b;
    void *array = l->m->blocks;
    b = one_more(l, &array, &l->m->block_count, &l->block_room, sizeof *l->m->blocks);
    l->m->blocks = array;
    if (!b) return;
    *b = (map_block){ .above = DGM_NONE, .rule = DGM_NONE };
    const dgm_yaml *params = dgm_yaml_get(root, "params");
    if (params) take_params(l, params);
    l->fragments[0] = dgm_yaml_get(root, "fragments");
    if (l->fragments[0] && !wants(l, l->fragments[0], DGM_YAML_MAP, "a map of names and lists of statements")) return;
    const dgm_yaml *document = dgm_yaml_get(root, "document");
    const dgm_yaml *last = NULL;
    if (document && dgm_yaml_get(document, "merge"))
        dgm_map_take_merge(l, document, &last);
    else if (document)
        dgm_map_take_document(l, document);
    if (document && !l->m->document && !l->m->merge) return; /* no place of the wire could be told */
    const dgm_yaml *partial = dgm_yaml_get(root, "partial");
    uint32_t none = DGM_NONE;
    if (partial && partial->kind == DGM_YAML_TEXT && dgm_slice_is(partial->text, "else"))
        dgm_map_fault(l, dgm_map_mark(l, partial), DGM_D_MAP_WHEN_ELSE);
    else if (partial)
        l->m->partial = take_when(l, partial, 0, DGM_NONE, &none) + 1; /* DGM_NONE, when it was told, becomes 0 */
    none = DGM_NONE;
    if (last && dgm_slice_is(last->text, "else"))
        dgm_map_fault(l, dgm_map_mark(l, last), DGM_D_MAP_WHEN_ELSE);
    else if (last)
        l->m->merge->last_cond = take_when(l, last, 0, DGM_NONE, &none) + 1;
    take_block_keys(l, root, 0, DGM_NONE);
    dgm_map_add_document_rules(l);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

static bool digest(map_loader *l)
{
    dgm_mapping *m = l->m;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    bool ok = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL);
    for (uint32_t i = 0; ok && i < m->file_count; i++) {
        uint64_t n = m->files[i].bytes.len;
        ok = EVP_DigestUpdate(c, &n, sizeof n) && EVP_DigestUpdate(c, m->files[i].bytes.at, m->files[i].bytes.len);
    }
    for (int s = 0; ok && s < 2; s++) { /* the same rules over another shape are another plan */
        uint32_t slots = dgm_shape_count(m->shape[s]);
        dgm_slice name = dgm_shape_name(m->shape[s]);
        ok = EVP_DigestUpdate(c, name.at, name.len) && EVP_DigestUpdate(c, &slots, sizeof slots);
    }
    ok = ok && EVP_DigestUpdate(c, DGM_VERSION, sizeof DGM_VERSION) && EVP_DigestFinal_ex(c, m->digest, NULL);
    EVP_MD_CTX_free(c);
    if (!ok) l->nomem = true;
    return ok;
}

static bool open_mapping(map_loader *l, dgm_slice path, dgm_slice yaml)
{
    void *files = NULL;
    if (yaml.len >= 3 && memcmp(yaml.at, "\xEF\xBB\xBF", 3) == 0) yaml = dgm_slice_part(yaml, 3, yaml.len);
    if (!dgm_map_room(l, &files, &l->file_room, 1, sizeof *l->m->files)) return false;
    l->m->files = files;
    dgm_slice name = dgm_arena_copy(l->arena, path), bytes = dgm_arena_copy(l->arena, yaml);
    if (!name.at || !bytes.at) {
        l->nomem = true;
        return false;
    }
    l->m->files[l->m->file_count++] = (map_file){ name, bytes };
    return true;
}

dgm_status dgm_mapping_load(const dgm_mapping_env *env, dgm_slice path, dgm_slice yaml, dgm_diags *diags, dgm_mapping **out)
{
    *out = NULL;
    dgm_mapping *m = dgm_mem_new(&env->mem, sizeof *m);
    if (!m) return DGM_NOMEM;
    m->mem = env->mem;
    dgm_arena_init(&m->arena, &env->mem);
    map_loader *l = DGM_NEW(&m->arena, map_loader, 1);
    if (!l) {
        dgm_mapping_free(m);
        return DGM_NOMEM;
    }
    *l = (map_loader){ .env = env, .m = m, .arena = &m->arena, .diags = diags };
    const dgm_yaml *root = NULL;
    dgm_status s =
        open_mapping(l, path, yaml) ? dgm_yaml_read(l->arena, m->files[0].name, m->files[0].bytes, diags, &root) : DGM_NOMEM;
    if (s == DGM_OK) root = dgm_map_extend(l, root);
    if (s == DGM_OK && root) dgm_map_read_file(l, root);
    if (s == DGM_OK && !l->nomem && m->shape[0] && m->shape[1]) {
        dgm_map_link_names(l);
        if (!l->nomem) dgm_map_check(l);
        if (!l->nomem) dgm_map_check_documents(l);
        if (!l->nomem) dgm_map_check_values(l);
        for (int d = DGM_READ; d <= (m->derives ? DGM_READ : DGM_WRITE) && !l->wrong && !l->nomem; d++) {
            dgm_map_plan(l, (dgm_direction)d);
            if (!l->wrong && !l->nomem) dgm_map_check_plan(l, (dgm_direction)d);
        }
        if (!l->wrong && !l->nomem) dgm_map_check_reading(l);
        if (!l->wrong && !l->nomem) dgm_map_choose(l);
        if (!l->wrong && !l->nomem) (void)digest(l);
    }
    if (s == DGM_OK) s = l->nomem ? DGM_NOMEM : l->wrong ? DGM_CONFIG : DGM_OK;
    if (s != DGM_OK)
        dgm_mapping_free(m);
    else
        *out = m;
    return s;
}

void dgm_mapping_free(dgm_mapping *m)
{
    if (!m) return;
    dgm_mem mem = m->mem;
    for (uint32_t i = 0; i < m->pattern_count; i++) dgm_map_pattern_close(m->patterns[i]);
    dgm_arena_free(&m->arena);
    dgm_mem_free(&mem, m, sizeof *m);
}

bool dgm_mapping_partial(const dgm_mapping *m)
{
    return m->partial != 0;
}

dgm_slice dgm_mapping_name(const dgm_mapping *m)
{
    return m->name;
}

dgm_slice dgm_mapping_format(const dgm_mapping *m)
{
    return m->format;
}

bool dgm_mapping_derives(const dgm_mapping *m)
{
    return m->derives;
}

dgm_slice dgm_mapping_model(const dgm_mapping *m)
{
    return m->model;
}

const unsigned char *dgm_mapping_digest(const dgm_mapping *m)
{
    return m->digest;
}

uint32_t dgm_mapping_rule_count(const dgm_mapping *m)
{
    return m->rule_count;
}

dgm_rule_info dgm_mapping_rule(const dgm_mapping *m, uint32_t rule)
{
    if (rule >= m->rule_count) return (dgm_rule_info){ 0 };
    const map_rule *r = &m->rules[rule];
    dgm_rule_info info = {
        .file = m->files[r->mark.file].name, .line = r->mark.at.line, .column = r->mark.at.column, .text = r->text
    };
    info.wire = r->side_count[0] ? r->side[0][0]->text : r->source[0] ? r->source[0]->text : (dgm_slice){ 0 };
    info.model = r->side_count[1] ? r->side[1][0]->text : r->source[1] ? r->source[1]->text : (dgm_slice){ 0 };
    return info;
}

uint32_t dgm_mapping_covered(const dgm_mapping *m, uint32_t rule, uint32_t i, uint32_t *wire, uint32_t *model)
{
    *wire = *model = DGM_SLOT_NONE;
    if (rule >= m->rule_count) return 0;
    const map_rule *r = &m->rules[rule];
    if (i < r->covered_count) {
        *wire = m->covered[2 * (r->covered_first + i)];
        *model = m->covered[2 * (r->covered_first + i) + 1];
    }
    return r->covered_count;
}
