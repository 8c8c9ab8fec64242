/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_collect.c - what stands in a set of frames: every value under each address it may be named by, compared in each way it may
 * be, and every list with its occurrences. The work is linear in the nodes. One thread.
 */
#include "infer_internal.h"

#include "base/date.h"
#include "base/decimal.h"

enum { DOMAIN_TEXT = 1, DOMAIN_NUMBER, DOMAIN_DATE, DOMAIN_FOLD, NUMBER_BYTES = 40, PIECE_LEAST = 17, CASE_BYTES = 512 };

/* ---- values -------------------------------------------------------------------------------------------------------------- */

uint32_t dgm_infer_part(const dgm_tree *t, uint32_t node, uint32_t slot)
{
    if (slot == DGM_SLOT_NONE) return DGM_NONE;
    for (uint32_t n = node + 1; n < t->node_count && n < node + 8 && dgm_node_leaf(&t->nodes[n]); n++)
        if (dgm_node_slot(&t->nodes[n]) == slot) return n;
    for (uint32_t n = node; n-- > 0 && n + 8 > node && dgm_node_leaf(&t->nodes[n]);)
        if (dgm_node_slot(&t->nodes[n]) == slot) return n;
    return DGM_NONE;
}

static void give(inf_hashed *out, uint32_t *n, uint64_t domain, dgm_slice v, inf_kind kind, const char *format)
{
    if (*n < INF_HASHES) out[(*n)++] = (inf_hashed){ inf_hash(domain, v), kind, format };
}

static void give_number(inf *k, dgm_slice v, inf_hashed *out, uint32_t *n)
{
    dgm_slice read, normal;
    if (v.len > NUMBER_BYTES || !dgm_decimal_valid(v, '\0')) return;
    if (dgm_decimal_read(k->arena, v, '\0', &read) == DGM_OK && dgm_decimal_normal(k->arena, read, &normal) == DGM_OK)
        give(out, n, DOMAIN_NUMBER, normal, INF_DECIMAL, NULL);
}

static bool digits_only(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] < '0' || v.at[i] > '9') return false;
    return v.len > 0;
}

/* A date without its format: whatever it can be, to the day at least. */
static void give_plain_date(inf *k, dgm_slice v, inf_hashed *out, uint32_t *n)
{
    size_t count;
    const char *const *formats = dgm_date_formats(&count);
    if (v.len < 6 || v.len > 14 || !digits_only(v)) return;
    for (size_t i = 0; i < count; i++) {
        dgm_slice iso;
        if (dgm_date_read(k->arena, v, dgm_slice_of(formats[i]), &iso) == DGM_OK && iso.len >= 10 && iso.at[4] == '-')
            give(out, n, DOMAIN_DATE, iso, INF_DATE, formats[i]);
    }
}

static void give_wire_date(inf *k, const dgm_tree *t, uint32_t node, const dgm_slot *whole, inf_hashed *out, uint32_t *n)
{
    dgm_slice v = dgm_tree_value(t, node), iso;
    uint32_t format = dgm_infer_part(t, node, whole->part_code);
    if (format != DGM_NONE && dgm_date_read(k->arena, v, dgm_tree_value(t, format), &iso) == DGM_OK)
        give(out, n, DOMAIN_DATE, iso, INF_DATE, NULL);
    else if (format == DGM_NONE && dgm_date_valid(v))
        give(out, n, DOMAIN_DATE, v, INF_DATE, NULL);
}

static void give_spelt(inf_hashed *out, uint32_t *n, dgm_slice v, inf_kind upper)
{
    char room[CASE_BYTES];
    bool lower = false;
    dgm_slice bare = dgm_slice_trim(v);
    for (size_t i = 0; i < v.len && v.len <= sizeof room; i++) {
        bool small = v.at[i] >= 'a' && v.at[i] <= 'z';
        room[i] = small ? (char)(v.at[i] - 'a' + 'A') : v.at[i];
        lower = lower || small;
    }
    if (lower && v.len <= sizeof room) give(out, n, DOMAIN_TEXT, (dgm_slice){ room, v.len }, upper, NULL);
    while (bare.len > 1 && *bare.at == '0') bare.at++, bare.len--;
    if (bare.len && bare.len < v.len) give(out, n, DOMAIN_TEXT, bare, INF_PADDED, NULL);
}

static uint64_t squeeze(uint64_t h, dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] != ' ' && v.at[i] != '\n') h = (h ^ (unsigned char)v.at[i]) * 0x100000001B3u;
    return h;
}

static bool numeric(dgm_type t)
{
    return t == DGM_TYPE_NUMBER || t == DGM_TYPE_AMOUNT || t == DGM_TYPE_QUANTITY;
}

static uint32_t hashes_of(inf *k, uint32_t side, uint32_t example, uint32_t node, inf_hashed *out)
{
    const dgm_tree *t = inf_tree(k, example, side);
    uint32_t slot = dgm_node_slot(&t->nodes[node]), n = 0;
    const inf_slot *x = &k->slots[side][slot];
    const dgm_slot *whole = dgm_shape_slot(k->shape[side], x->whole);
    dgm_slice v = dgm_tree_value(t, node);
    if (x->part || !v.len) return 0;
    if (side == MODEL && numeric(whole->type)) {
        give_number(k, v, out, &n);
    } else if (side == MODEL && whole->type == DGM_TYPE_DATE) {
        give(out, &n, DOMAIN_DATE, v, INF_DATE, NULL);
    } else {
        give(out, &n, DOMAIN_TEXT, v, INF_EQUAL, NULL);
        give_spelt(out, &n, v, side == WIRE ? INF_UPPER : INF_LOWER);
        if (side == WIRE) give_number(k, v, out, &n);
        if (side == WIRE && whole->type == DGM_TYPE_DATE)
            give_wire_date(k, t, node, whole, out, &n);
        else if (side == WIRE && x->whole == slot)
            give_plain_date(k, v, out, &n);
        if (side == MODEL && n < INF_HASHES)
            out[n++] = (inf_hashed){ inf_mix(squeeze(DOMAIN_FOLD, v), DOMAIN_FOLD), INF_FOLD, NULL };
    }
    return n;
}

/* The text in the pieces of one segment, for its first one: what lists with such texts are known by. */
static uint32_t give_pieces(const inf *k, const dgm_tree *t, uint32_t node, inf_hashed *out, uint32_t n)
{
    uint32_t slot = dgm_node_slot(&t->nodes[node]), parent = dgm_shape_slot(k->shape[WIRE], slot)->parent, pieces = 0;
    dgm_slice name = dgm_shape_slot(k->shape[WIRE], slot)->name;
    uint64_t h = DOMAIN_FOLD;
    if (!k->slots[WIRE][slot].family || dgm_shape_slot(k->shape[WIRE], slot)->ordinal != 1 || n == INF_HASHES) return n;
    for (uint32_t i = node; i < t->node_count && dgm_node_leaf(&t->nodes[i]); i++) {
        uint32_t at = dgm_node_slot(&t->nodes[i]);
        if (at == DGM_SLOT_UNKNOWN) break;
        const dgm_slot *s = dgm_shape_slot(k->shape[WIRE], at);
        if (s->parent != parent || !dgm_slice_equal(s->name, name)) break;
        h = squeeze(h, dgm_tree_value(t, i));
        pieces++;
    }
    if (pieces < 2) return n;
    out[n] = (inf_hashed){ inf_mix(h, DOMAIN_FOLD), INF_FOLD, NULL };
    return n + 1;
}

bool dgm_infer_hash_all(inf *k)
{
    inf_hashed found[INF_HASHES];
    for (uint32_t side = 0; side < 2; side++) {
        k->hashes[side] = DGM_NEW(k->arena, inf_hashes, k->example_count + 1u);
        for (uint32_t e = 0; e < k->example_count && k->hashes[side]; e++) {
            const dgm_tree *t = inf_tree(k, e, side);
            inf_vector all = { 0 };
            uint32_t *from = DGM_NEW(k->arena, uint32_t, t->node_count + 1u);
            for (uint32_t n = 0; n < t->node_count && from && !k->nomem; n++) {
                uint32_t slot = dgm_node_slot(&t->nodes[n]), count = 0;
                bool leaf = dgm_node_leaf(&t->nodes[n]) && dgm_node_kind(&t->nodes[n]) != DGM_ATTRIBUTE;
                if (leaf && slot != DGM_SLOT_UNKNOWN && !dgm_shape_slot(k->shape[side], slot)->envelope)
                    count = hashes_of(k, side, e, n, found);
                if (count && side == WIRE) count = give_pieces(k, t, n, found, count);
                for (uint32_t i = 0; i < count; i++) {
                    inf_hashed *h = inf_push(k, &all, sizeof *h);
                    if (h) *h = found[i];
                }
                from[n + 1] = all.count;
            }
            k->hashes[side][e] = (inf_hashes){ from, all.at };
            if (!from) k->nomem = true;
        }
        if (!k->hashes[side]) k->nomem = true;
    }
    return !k->nomem;
}

/* ---- addresses ----------------------------------------------------------------------------------------------------------- */

static uint64_t address_key(const inf_address *a)
{
    uint64_t h = inf_mix(inf_mix(inf_mix(inf_mix(17, a->parent), a->slot), (uint64_t)a->how), a->number);
    h = inf_mix(h, a->policy);
    return h;
}

/* The index of an address like this one; 0 without memory. */
static uint32_t address_of(inf *k, inf_set *s, uint32_t side, const inf_address *like)
{
    uint64_t key = address_key(like);
    if (like->policy)
        for (uint32_t i = 0; i < k->policies[like->policy - 1].count; i++) key = inf_hash(key, like->values[i]);
    uint32_t *at = inf_at(k, &s->address_table[side], key);
    if (!at || *at) return at ? *at : 0;
    uint32_t index = s->addresses[side].count;
    inf_address *a = inf_push(k, &s->addresses[side], sizeof *a);
    if (!a) return 0;
    *a = *like;
    a->starred = like->how == INF_STAR || (like->parent && INF_ADDRESS(s, side, like->parent)->starred);
    if (like->policy) {
        const inf_policy *p = &k->policies[like->policy - 1];
        dgm_slice *values = DGM_NEW(k->arena, dgm_slice, p->count);
        if (!values) {
            k->nomem = true;
            return 0;
        }
        for (uint32_t i = 0; i < p->count; i++) values[i] = like->values[i]; /* they stand in trees that outlive this */
        a->values = values;
    }
    return *at = index;
}

static uint32_t selector_node(const dgm_tree *t, uint32_t node, uint32_t slot)
{
    uint32_t end = dgm_tree_end(t, node);
    for (uint32_t n = node + 1; n < end; n++) {
        uint32_t at = dgm_node_slot(&t->nodes[n]);
        if (at == slot) return dgm_tree_value(t, n).len ? n : DGM_NONE;
        if (at != DGM_SLOT_UNKNOWN && dgm_node_kind(&t->nodes[n]) == DGM_SEGMENT && n > node + 1) return DGM_NONE;
    }
    return DGM_NONE;
}

static bool policy_values(const dgm_tree *t, uint32_t node, const inf_policy *p, dgm_slice *out)
{
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t at = selector_node(t, node, p->selector[i]);
        if (at == DGM_NONE) return false;
        out[i] = dgm_tree_value(t, at);
    }
    return true;
}

void dgm_infer_selectors(inf *k, const inf_set *s, uint32_t address, uint32_t frame, uint32_t node)
{
    uint32_t example = s->frames[frame].example;
    const dgm_tree *t = inf_tree(k, example, WIRE);
    for (uint32_t a = address; a; a = INF_ADDRESS(s, WIRE, a)->parent) {
        const inf_address *x = INF_ADDRESS(s, WIRE, a);
        if (!x->policy) continue;
        uint32_t up = node;
        while (up && !(dgm_node_slot(&t->nodes[up]) == x->slot && dgm_tree_end(t, up) > node)) up--;
        const inf_policy *p = &k->policies[x->policy - 1];
        for (uint32_t i = 0; i < p->count && up; i++) {
            uint32_t at = selector_node(t, up, p->selector[i]);
            if (at != DGM_NONE) k->use[WIRE][example][at] |= INF_SELECTOR;
        }
    }
}

/* ---- the walk ------------------------------------------------------------------------------------------------------------ */

typedef struct level {
    uint32_t end, count, ids[INF_ADDRESSES_MAX];
} level;

typedef struct walking {
    inf *k;
    inf_set *s;
    uint32_t side, frame, example;
    const dgm_tree *t;
} walking;

static void hold_occurrence(walking *w, uint32_t address, uint32_t node)
{
    inf_set *s = w->s;
    uint32_t *at = inf_at(w->k, &s->column_table[w->side], inf_mix(inf_mix(23, address), 1));
    if (!at) return;
    inf_list *l;
    if (*at) {
        l = INF_LIST(s, w->side, *at - 1);
    } else {
        l = inf_push(w->k, &s->lists[w->side], sizeof *l);
        if (!l) return;
        *at = s->lists[w->side].count;
        l->address = address;
        l->frame = DGM_NONE;
    }
    if (l->frame != w->frame) l->frame = w->frame, l->number = 0;
    if (l->count == l->room) {
        uint32_t room = l->room ? 2 * l->room : 8;
        inf_occurrence *more = DGM_NEW(w->k->arena, inf_occurrence, room);
        if (!more) {
            w->k->nomem = true;
            return;
        }
        if (l->count) memcpy(more, l->at, l->count * sizeof *more);
        l->at = more;
        l->room = room;
    }
    l->at[l->count++] = (inf_occurrence){ w->frame, node, ++l->number };
}

static inf_column *column_of(walking *w, uint32_t address, uint32_t slot, inf_kind kind, const char *format)
{
    inf_set *s = w->s;
    uint64_t key = inf_mix(inf_mix(inf_mix(29, address), slot), (uint64_t)kind);
    if (format) key = inf_hash(key, dgm_slice_of(format));
    uint32_t *at = inf_at(w->k, &s->column_table[w->side], key);
    if (!at) return NULL;
    if (*at) return INF_COLUMN(s, w->side, *at - 1);
    inf_column *c = inf_push(w->k, &s->columns[w->side], sizeof *c);
    if (!c) return NULL;
    *at = s->columns[w->side].count;
    c->address = address;
    c->slot = slot;
    c->kind = kind;
    c->format = format;
    return c;
}

static inf_fact *hold(walking *w, uint32_t address, uint32_t slot, const inf_hashed *h, uint32_t node)
{
    inf_column *c = column_of(w, address, slot, h->kind, h->format);
    inf_fact *f = c ? DGM_NEW(w->k->arena, inf_fact, 1) : NULL;
    if (!f) {
        w->k->nomem = true;
        return NULL;
    }
    f->frame = w->frame;
    f->node = node;
    f->hash = h->hash;
    c->several = c->several || (c->last && c->last->frame == w->frame);
    if (c->last)
        c->last->next = f;
    else
        c->first = f;
    c->last = f;
    c->count++;
    return f;
}

/* One more piece of a text in many places; the slot of its column is the first of its family. */
static void hold_piece(walking *w, uint32_t address, uint32_t slot, uint32_t node)
{
    const dgm_slot *s = dgm_shape_slot(w->k->shape[WIRE], slot);
    bool family = w->k->slots[WIRE][slot].family;
    uint32_t first = family ? dgm_shape_child(w->k->shape[WIRE], s->parent, s->name, 1) : slot;
    inf_column *c = column_of(w, address, first, INF_FOLD, NULL);
    if (!c) return;
    inf_fact *f = c->last && c->last->frame == w->frame ? c->last : NULL;
    if (!f) {
        inf_hashed h = { DOMAIN_FOLD, INF_FOLD, NULL };
        f = hold(w, address, first, &h, node);
    }
    inf_piece *p = f ? DGM_NEW(w->k->arena, inf_piece, 1) : NULL;
    if (!p) {
        w->k->nomem = true;
        return;
    }
    p->node = node;
    if (f->last_piece)
        f->last_piece->next = p;
    else
        f->pieces = p;
    f->last_piece = p;
    f->hash = squeeze(f->hash, dgm_tree_value(w->t, node));
}

static void take_leaf(walking *w, const level *up, uint32_t node)
{
    inf *k = w->k;
    uint32_t slot = dgm_node_slot(&w->t->nodes[node]);
    const dgm_slot *s = dgm_shape_slot(k->shape[w->side], slot);
    const inf_hashes *all = &k->hashes[w->side][w->example];
    const inf_hashed *hashes = all->at + all->from[node];
    if (k->use[w->side][w->example][node] & (INF_VALUE | INF_INSIDE)) return;
    uint32_t n = all->from[node + 1] - all->from[node], number = s->max > 1 ? dgm_tree_number(w->t, node) : 0;
    for (uint32_t i = 0; i < up->count && n && !k->nomem; i++) {
        uint32_t address = up->ids[i];
        if (s->max > 1) {
            if (number > INF_NUMBER_MAX) return;
            inf_address like = { .parent = address, .slot = slot, .how = INF_NUMBER, .number = number };
            address = address_of(k, w->s, w->side, &like);
        }
        bool starred = INF_ADDRESS(w->s, w->side, address)->starred;
        for (uint32_t h = 0; h < n && !starred; h++)
            if (w->side == MODEL || hashes[h].kind != INF_FOLD) (void)hold(w, address, slot, &hashes[h], node);
        if (w->side == WIRE && s->type == DGM_TYPE_TEXT &&
            (k->slots[WIRE][slot].family || (starred && s->repr.length_max >= PIECE_LEAST)))
            hold_piece(w, address, slot, node);
    }
}

static void add_id(walking *w, level *into, const inf_address *like, uint32_t node)
{
    uint32_t id = into->count < INF_ADDRESSES_MAX ? address_of(w->k, w->s, w->side, like) : 0;
    if (!id) return;
    inf_address *a = INF_ADDRESS(w->s, w->side, id);
    if (a->frame == w->frame + 1) a->several = true;
    a->frame = w->frame + 1;
    a->in = node;
    into->ids[into->count++] = id;
}

/* The values by which each policy of a slot tells an occurrence from others; found: those that it has. */
typedef struct ways {
    dgm_slice values[INF_POLICIES_MAX][3];
    bool found[INF_POLICIES_MAX];
    uint32_t count;
} ways;

static void find_ways(const walking *w, const inf_slot *x, uint32_t node, ways *out)
{
    out->count = w->side == WIRE ? x->policy_count : 0;
    for (uint32_t p = 0; p < out->count; p++)
        out->found[p] = policy_values(w->t, node, &w->k->policies[x->policy + p], out->values[p]);
}

/* An occurrence of what may repeat: all the ways it may be chosen, and the lists it is in. */
static void choose_ways(walking *w, const level *up, level *into, uint32_t node)
{
    inf *k = w->k;
    uint32_t slot = dgm_node_slot(&w->t->nodes[node]), number = dgm_tree_number(w->t, node);
    const inf_slot *x = &k->slots[w->side][slot];
    ways tests;
    if (k->use[w->side][w->example][node] & INF_INSIDE) return;
    find_ways(w, x, node, &tests);
    for (uint32_t i = 0; i < up->count && !k->nomem; i++) {
        uint32_t parent = up->ids[i];
        bool starred = INF_ADDRESS(w->s, w->side, parent)->starred;
        inf_address like = { .parent = parent, .slot = slot, .how = INF_EACH };
        if (!starred) hold_occurrence(w, address_of(k, w->s, w->side, &like), node);
        for (uint32_t p = 0; p < tests.count; p++) {
            if (!tests.found[p]) continue;
            inf_address test = {
                .parent = parent, .slot = slot, .how = INF_EACH, .policy = x->policy + p + 1, .values = tests.values[p]
            };
            if (!starred) hold_occurrence(w, address_of(k, w->s, w->side, &test), node);
            test.how = INF_TEST;
            add_id(w, into, &test, node);
        }
        like.how = INF_NUMBER;
        like.number = number;
        if (x->most <= INF_NUMBER_MAX && !starred) add_id(w, into, &like, node);
        like.how = INF_STAR;
        like.number = 0;
        if (w->side == WIRE) add_id(w, into, &like, node);
    }
}

static void walk(walking *w, level *levels, uint32_t from)
{
    uint32_t depth = 0, end = dgm_tree_end(w->t, from);
    levels[0] = (level){ .end = end, .count = 1 };
    for (uint32_t n = from + 1; n < end && !w->k->nomem;) {
        while (depth && n >= levels[depth].end) depth--;
        const dgm_node *node = &w->t->nodes[n];
        uint32_t slot = dgm_node_slot(node);
        const dgm_slot *s = slot == DGM_SLOT_UNKNOWN ? NULL : dgm_shape_slot(w->k->shape[w->side], slot);
        if (!s || s->envelope) {
            n = dgm_tree_next(w->t, n);
            continue;
        }
        if (dgm_node_leaf(node)) {
            if (dgm_node_kind(node) != DGM_ATTRIBUTE) take_leaf(w, &levels[depth], n);
        } else if (depth < DGM_DEPTH_MAX) {
            level *into = &levels[depth + 1];
            into->end = dgm_tree_end(w->t, n);
            into->count = 0;
            if (s->max > 1)
                choose_ways(w, &levels[depth], into, n);
            else
                memcpy(into, &levels[depth], sizeof *into), into->end = dgm_tree_end(w->t, n);
            depth++;
        }
        n++;
    }
}

bool dgm_infer_collect(inf *k, inf_set *s)
{
    level *levels = DGM_NEW(k->arena, level, DGM_DEPTH_MAX + 2);
    if (!levels) k->nomem = true;
    for (uint32_t side = 0; side < 2; side++) {
        s->addresses[side] = s->columns[side] = s->lists[side] = (inf_vector){ 0 };
        s->address_table[side] = s->column_table[side] = (inf_table){ 0 };
        if (!inf_push(k, &s->addresses[side], sizeof(inf_address))) return false;
        for (uint32_t f = 0; f < s->frame_count && !k->nomem && levels; f++) {
            const inf_frame *x = &s->frames[f];
            walking w = { k, s, side, f, x->example, inf_tree(k, x->example, side) };
            walk(&w, levels, x->node[side]);
        }
        for (uint32_t i = 0; i < s->columns[side].count; i++) {
            inf_column *c = INF_COLUMN(s, side, i);
            for (inf_fact *f = c->first; f && side == WIRE && c->kind == INF_FOLD; f = f->next)
                f->hash = inf_mix(f->hash, DOMAIN_FOLD);
        }
    }
    return !k->nomem;
}
