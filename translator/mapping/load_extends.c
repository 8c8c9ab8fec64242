/* SPDX-License-Identifier: Apache-2.0
 *
 * load_extends.c - `extends: NAME`: a mapping built on another, which is put together before anything of it is read. Statements are
 * known by their id, their name or their model place; those of the same id replace, an each is gone into, `drop` takes away, all
 * others are added. mappings/README.md, "Extends". One thread.
 */
#include "load.h"

enum { EXTENDS_MAX = 8 };

typedef struct yaml_list {
    dgm_yaml *first, *last;
    uint32_t count;
} yaml_list;

typedef struct own_statement { /* of the mapping that extends */
    const dgm_yaml *n;
    dgm_slice id;
    bool used;
} own_statement;

typedef struct own_block {
    own_statement *all;
    uint32_t count;
    const dgm_yaml *drops; /* list of texts or NULL */
    bool *dropped;
} own_block;

static dgm_yaml *copy(map_loader *l, const dgm_yaml *n)
{
    dgm_yaml *c = DGM_NEW(l->arena, dgm_yaml, 1);
    if (!c) {
        l->nomem = true;
        return NULL;
    }
    *c = *n;
    c->next = NULL;
    return c;
}

static void append(yaml_list *list, dgm_yaml *n)
{
    if (!n) return;
    if (list->last)
        list->last->next = n;
    else
        list->first = n;
    list->last = n;
    list->count++;
}

/* A node with all below, each of which knows its file. As deep as YAML nests. */
static dgm_yaml *of_file(map_loader *l, const dgm_yaml *n, uint32_t file)
{
    dgm_yaml *c = copy(l, n);
    yaml_list below = { 0 };
    if (!c) return NULL;
    c->file = file;
    for (const dgm_yaml *m = n->first; m && !l->nomem; m = m->next) append(&below, of_file(l, m, file));
    c->first = below.first;
    return c;
}

static dgm_yaml *with_members(map_loader *l, const dgm_yaml *n, yaml_list members)
{
    dgm_yaml *c = copy(l, n);
    if (!c) return NULL;
    c->first = members.first;
    c->count = members.count;
    return c;
}

/* ---- statements ---------------------------------------------------------------------------------------------------------- */

static dgm_slice text_of(const dgm_yaml *n)
{
    return n && n->kind == DGM_YAML_TEXT ? n->text : (dgm_slice){ 0 };
}

enum { IDS = 5 };

/* What a statement is known by, the first that says something before the others; empty: nothing. */
static void identities(const dgm_yaml *n, dgm_slice ids[IDS])
{
    const dgm_yaml *each = dgm_yaml_get(n, "each"), *places = each ? each : n;
    ids[0] = text_of(dgm_yaml_get(n, "id"));
    ids[1] = text_of(dgm_yaml_get(n, "name"));
    ids[2] = text_of(dgm_yaml_get(n, "use"));
    ids[3] = text_of(dgm_yaml_get(places, "model"));
    ids[4] = text_of(dgm_yaml_get(places, "wire"));
}

static dgm_slice identity(const dgm_yaml *n)
{
    dgm_slice ids[IDS];
    uint32_t i = 0;
    identities(n, ids);
    while (i + 1 < IDS && !ids[i].len) i++;
    return ids[i];
}

static bool known_by(const dgm_yaml *n, dgm_slice id)
{
    dgm_slice ids[IDS];
    bool hit = false;
    identities(n, ids);
    for (uint32_t i = 0; i < IDS; i++) hit = hit || (id.len && dgm_slice_equal(ids[i], id));
    return hit;
}

static void fault(map_loader *l, const dgm_yaml *n, dgm_diag_code code, dgm_slice one, dgm_slice other)
{
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), code);
    dgm_map_say(l, d, one);
    if (other.len) dgm_map_say(l, d, other);
}

static bool own_begin(map_loader *l, own_block *o, const dgm_yaml *block)
{
    const dgm_yaml *rules = dgm_yaml_get(block, "rules");
    *o = (own_block){ .drops = dgm_yaml_get(block, "drop") };
    if (o->drops && o->drops->kind != DGM_YAML_LIST) {
        fault(l, o->drops, DGM_D_MAP_KIND, DGM_LITERAL("drop"), DGM_LITERAL("a list of ids"));
        o->drops = NULL;
    }
    uint32_t room = rules && rules->kind == DGM_YAML_LIST ? rules->count : 0;
    o->all = DGM_NEW(l->arena, own_statement, room + 1u);
    o->dropped = DGM_NEW(l->arena, bool, (o->drops ? o->drops->count : 0) + 1u);
    if (!o->all || !o->dropped) {
        l->nomem = true;
        return false;
    }
    for (const dgm_yaml *n = room ? rules->first : NULL; n; n = n->next)
        o->all[o->count++] = (own_statement){ n, identity(n), false };
    return true;
}

static bool drops(const own_block *o, const dgm_yaml *base)
{
    uint32_t i = 0;
    bool gone = false;
    for (const dgm_yaml *d = o->drops ? o->drops->first : NULL; d; d = d->next, i++)
        if (known_by(base, text_of(d))) o->dropped[i] = gone = true;
    return gone;
}

static own_statement *own_of(const own_block *o, const dgm_yaml *base)
{
    for (uint32_t i = 0; i < o->count; i++)
        if (known_by(base, o->all[i].id)) return &o->all[i];
    return NULL;
}

static dgm_yaml *join_block(map_loader *l, const dgm_yaml *base, const dgm_yaml *own);

/* The statements of the base, some of them replaced or gone; lists with a `when` are gone into. */
static void join_list(map_loader *l, yaml_list *out, const dgm_yaml *base, const own_block *o)
{
    for (const dgm_yaml *b = base->first; b && !l->nomem; b = b->next) {
        const dgm_yaml *rules = dgm_yaml_get(b, "rules"), *each = dgm_yaml_get(b, "each");
        if (drops(o, b)) continue;
        own_statement *mine = own_of(o, b);
        if (mine && mine->used) {
            fault(l, mine->n, DGM_D_MAP_EXTENDS_SEVERAL, mine->id, (dgm_slice){ 0 });
        } else if (mine) {
            mine->used = true;
            append(out, each && dgm_yaml_get(mine->n, "each") ? join_block(l, b, mine->n) : copy(l, mine->n));
        } else if (rules && !each && rules->kind == DGM_YAML_LIST) {
            yaml_list members = { 0 }, inner = { 0 };
            join_list(l, &inner, rules, o);
            for (const dgm_yaml *m = b->first; m; m = m->next)
                append(&members, m == rules ? with_members(l, m, inner) : copy(l, m));
            append(out, with_members(l, b, members));
        } else {
            append(out, copy(l, b));
        }
    }
}

static void untaken_drops(map_loader *l, const own_block *o, const dgm_yaml *base)
{
    uint32_t i = 0;
    for (const dgm_yaml *d = o->drops ? o->drops->first : NULL; d; d = d->next, i++) {
        if (o->dropped[i]) continue;
        dgm_slice names[256];
        size_t count = 0;
        for (const dgm_yaml *b = base ? base->first : NULL; b && count < 256; b = b->next) names[count++] = identity(b);
        int near = dgm_nearest(text_of(d), names, count);
        fault(l, d, DGM_D_MAP_DROP, text_of(d), near >= 0 ? names[near] : (dgm_slice){ 0 });
    }
}

/* `rules` of a block: what the base has, changed, and then what is new. */
static dgm_yaml *join_rules(map_loader *l, const dgm_yaml *base, const dgm_yaml *own_list, const dgm_yaml *own)
{
    own_block o;
    yaml_list out = { 0 };
    if (!own_begin(l, &o, own)) return NULL;
    if (base && base->kind == DGM_YAML_LIST) join_list(l, &out, base, &o);
    untaken_drops(l, &o, base);
    for (uint32_t i = 0; i < o.count; i++)
        if (!o.all[i].used) append(&out, copy(l, o.all[i].n));
    return with_members(l, own_list ? own_list : base, out);
}

/* Members of two maps, or of two lists of checks (known by their code): own ones replace. */
static dgm_yaml *join_members(map_loader *l, const dgm_yaml *base, const dgm_yaml *own)
{
    yaml_list out = { 0 };
    bool map = base->kind == DGM_YAML_MAP;
    if (base->kind != own->kind || base->kind == DGM_YAML_TEXT) return copy(l, own);
    for (int side = 0; side < 2; side++)
        for (const dgm_yaml *m = side ? own->first : base->first; m && !l->nomem; m = m->next) {
            bool replaced = false;
            for (const dgm_yaml *k = side ? NULL : own->first; k && !replaced; k = k->next)
                replaced = map ? dgm_slice_equal(k->key, m->key)
                               : text_of(dgm_yaml_get(m, "code")).len &&
                                     dgm_slice_equal(text_of(dgm_yaml_get(k, "code")), text_of(dgm_yaml_get(m, "code")));
            if (!replaced) append(&out, copy(l, m));
        }
    return with_members(l, own, out);
}

/* A head or an each: keys of the base that the own one does not have, its own, and the lists of both. */
static dgm_yaml *join_block(map_loader *l, const dgm_yaml *base, const dgm_yaml *own)
{
    static const char *const joined[] = { "params", "let", "fragments", "checks", NULL };
    yaml_list out = { 0 };
    const dgm_yaml *rules = dgm_yaml_get(base, "rules"), *mine = dgm_yaml_get(own, "rules");
    for (const dgm_yaml *m = own->first; m && !l->nomem; m = m->next) {
        const dgm_yaml *same = NULL;
        for (size_t i = 0; joined[i] && !same; i++)
            if (dgm_slice_is(m->key, joined[i])) same = dgm_yaml_get(base, joined[i]);
        bool ours = dgm_slice_is(m->key, "extends") || dgm_slice_is(m->key, "drop") || m == mine;
        if (!ours) append(&out, same ? join_members(l, same, m) : copy(l, m));
    }
    for (const dgm_yaml *m = base->first; m && !l->nomem; m = m->next) {
        bool there = false, ours = dgm_slice_is(m->key, "extends") || dgm_slice_is(m->key, "drop") || m == rules;
        for (const dgm_yaml *k = own->first; k && !there; k = k->next) there = dgm_slice_equal(k->key, m->key);
        if (!there && !ours) append(&out, copy(l, m));
    }
    if (rules || mine) append(&out, join_rules(l, rules, mine, own));
    return l->nomem ? NULL : with_members(l, own, out);
}

/* ---- files --------------------------------------------------------------------------------------------------------------- */

static const dgm_yaml *open_base(map_loader *l, const dgm_yaml *extends, dgm_slice name)
{
    dgm_slice bytes = { 0 }, path = { 0 };
    const dgm_yaml *root = NULL;
    dgm_status s = l->env->file ? l->env->file(l->env->ctx, "rules", name, &bytes, &path) : DGM_UNKNOWN;
    if (s == DGM_NOMEM) l->nomem = true;
    if (s != DGM_OK) {
        dgm_slice names[256];
        size_t n = l->env->names ? l->env->names(l->env->ctx, "rules", names, 256) : 0;
        int near = dgm_nearest(name, names, n < 256 ? n : 256);
        if (s != DGM_NOMEM) fault(l, extends, DGM_D_MAP_EXTENDS, name, near >= 0 ? names[near] : (dgm_slice){ 0 });
        return NULL;
    }
    for (uint32_t i = 0; i < l->m->file_count; i++)
        if (dgm_slice_equal(l->m->files[i].name, path)) {
            fault(l, extends, DGM_D_MAP_EXTENDS_CIRCLE, name, (dgm_slice){ 0 });
            return NULL;
        }
    void *files = l->m->files;
    if (!dgm_map_room(l, &files, &l->file_room, l->m->file_count + 1, sizeof *l->m->files)) return NULL;
    l->m->files = files;
    map_file one = { dgm_arena_copy(l->arena, path), dgm_arena_copy(l->arena, bytes) };
    if (!one.name.at || !one.bytes.at) {
        l->nomem = true;
        return NULL;
    }
    l->m->files[l->m->file_count++] = one;
    s = dgm_yaml_read(l->arena, one.name, one.bytes, l->diags, &root);
    if (s == DGM_NOMEM) l->nomem = true;
    if (s == DGM_CONFIG) l->wrong = true;
    return s == DGM_OK ? of_file(l, root, l->m->file_count - 1) : NULL;
}

const dgm_yaml *dgm_map_extend(map_loader *l, const dgm_yaml *root)
{
    const dgm_yaml *chain[EXTENDS_MAX + 1], *extends;
    uint32_t depth = 0;
    chain[0] = root;
    while ((extends = dgm_yaml_get(chain[depth], "extends")) != NULL) {
        dgm_slice name;
        if (!dgm_map_text(l, extends, &name)) return NULL;
        if (depth == EXTENDS_MAX) {
            fault(l, extends, DGM_D_MAP_EXTENDS_CIRCLE, name, (dgm_slice){ 0 });
            return NULL;
        }
        chain[depth + 1] = open_base(l, extends, name);
        if (!chain[++depth]) return NULL;
    }
    const dgm_yaml *drop = depth ? NULL : dgm_yaml_get(root, "drop");
    if (drop)
        fault(l, drop, DGM_D_MAP_COMBINATION,
              DGM_LITERAL("drop takes statements away from the mapping of `extends`, which is missing"), (dgm_slice){ 0 });
    const dgm_yaml *whole = chain[depth];
    while (depth-- && whole && !l->nomem) whole = join_block(l, whole, chain[depth]);
    return l->nomem ? NULL : whole;
}
