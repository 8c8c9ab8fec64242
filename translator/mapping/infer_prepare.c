/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_prepare.c - what an inference knows of the slots before anything is compared: parts of typed values, places that stand
 * several times, and by which leaves the occurrences of a slot may be told apart. Also its tables and vectors. One thread.
 */
#include "infer_internal.h"

#include "base/hash.h"

/* ---- tables -------------------------------------------------------------------------------------------------------------- */

uint64_t inf_hash(uint64_t h, dgm_slice s)
{
    return inf_mix(dgm_hash_bytes(h, s), s.len);
}

static bool grow(inf *k, inf_table *t)
{
    inf_table more = { .size = t->size ? 2 * t->size : 64, .count = t->count };
    more.keys = DGM_NEW(k->arena, uint64_t, more.size);
    more.values = DGM_NEW(k->arena, uint32_t, more.size);
    if (!more.keys || !more.values) {
        k->nomem = true;
        return false;
    }
    for (size_t i = 0; i < t->size; i++) {
        if (!t->values[i]) continue;
        size_t at = t->keys[i] & (more.size - 1);
        while (more.values[at]) at = (at + 1) & (more.size - 1);
        more.keys[at] = t->keys[i];
        more.values[at] = t->values[i];
    }
    *t = more;
    return true;
}

/* A key whose number stays 0 takes no room: the next call finds it free again. */
uint32_t *inf_at(inf *k, inf_table *t, uint64_t key)
{
    if (2 * (t->count + 1) > t->size && !grow(k, t)) return NULL;
    size_t at = key & (t->size - 1);
    while (t->values[at] && t->keys[at] != key) at = (at + 1) & (t->size - 1);
    if (!t->values[at]) {
        t->keys[at] = key;
        t->count++;
    }
    return &t->values[at];
}

uint32_t inf_get(const inf_table *t, uint64_t key)
{
    if (!t->size) return 0;
    size_t at = key & (t->size - 1);
    while (t->values[at] && t->keys[at] != key) at = (at + 1) & (t->size - 1);
    return t->values[at];
}

void *inf_push(inf *k, inf_vector *v, size_t bytes)
{
    if (v->count == v->room) {
        uint32_t room = v->room ? 2 * v->room : 16;
        void *more = dgm_arena_new(k->arena, bytes, _Alignof(max_align_t), room);
        if (!more) {
            k->nomem = true;
            return NULL;
        }
        if (v->count) memcpy(more, v->at, v->count * bytes);
        v->at = more;
        v->room = room;
    }
    return (char *)v->at + bytes * v->count++;
}

/* ---- slots --------------------------------------------------------------------------------------------------------------- */

static bool typed(const dgm_slot *s)
{
    return s->type == DGM_TYPE_DATE || s->type == DGM_TYPE_AMOUNT || s->type == DGM_TYPE_QUANTITY;
}

/* The outermost place that has the leaf as its number or text, and whether it is the other part of one. */
static void find_whole(const dgm_shape *shape, uint32_t slot, inf_slot *x)
{
    x->whole = slot;
    uint32_t up = dgm_shape_slot(shape, slot)->parent;
    for (int i = 0; i < 2 && up != DGM_SLOT_NONE && up != DGM_SLOT_ROOT; i++) {
        const dgm_slot *s = dgm_shape_slot(shape, up);
        if (typed(s) && s->part_value == slot) x->whole = up;
        if (typed(s) && s->part_code == slot) x->part = true;
        up = s->parent;
    }
}

bool dgm_infer_qualifies(const dgm_slot *s)
{
    for (size_t i = 0; i + 8 <= s->title.len; i++)
        if (memcmp(s->title.at + i, "ualifier", 8) == 0) return true;
    return false;
}

static bool ends_with(dgm_slice s, const char *end)
{
    size_t n = strlen(end);
    return s.len >= n && memcmp(s.at + s.len - n, end, n) == 0;
}

static bool selects(const dgm_shape *shape, uint32_t slot, const inf_slot *x)
{
    const dgm_slot *s = dgm_shape_slot(shape, slot);
    if (!dgm_kind_leaf(s->kind) || s->kind == DGM_ATTRIBUTE || x->part || x->whole != slot || s->max > 1) return false;
    if (s->element) return s->type == DGM_TYPE_CODE ? s->repr.length_max <= 3 : dgm_infer_qualifies(s) && s->repr.length_max <= 3;
    return s->type == DGM_TYPE_CODE && ends_with(s->name, "TypeCode");
}

/* The place whose leaves tell the occurrences of a slot apart: a group is known by its first segment. */
static uint32_t known_by(const dgm_shape *shape, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(shape, slot);
    if (s->kind != DGM_GROUP || !s->child_count) return slot;
    const dgm_slot *first = dgm_shape_slot(shape, s->first_child);
    return first->kind == DGM_SEGMENT && first->max == 1 ? s->first_child : slot;
}

typedef struct selectors {
    uint32_t primary[3], primaries, coded[INF_POLICIES_MAX], codeds;
} selectors;

static void take_selector(inf *k, uint32_t slot, const uint32_t *values, selectors *out)
{
    const dgm_slot *s = dgm_shape_slot(k->shape[WIRE], slot);
    if (!selects(k->shape[WIRE], slot, &k->slots[WIRE][slot]) || !values[slot] || values[slot] > INF_SELECTORS_MAX) return;
    bool list = dgm_slice_is(s->name, "1131"); /* which list a code is from: a qualifier of the code, not of the segment */
    if (dgm_infer_qualifies(s) && !list && out->primaries < 3)
        out->primary[out->primaries++] = slot;
    else if (out->codeds < INF_POLICIES_MAX)
        out->coded[out->codeds++] = slot;
}

static void add_policy(inf *k, inf_vector *all, uint32_t slot, const uint32_t *selector, uint32_t count, bool primary)
{
    inf_policy *p = inf_push(k, all, sizeof *p);
    if (!p) return;
    *p = (inf_policy){ .slot = slot, .count = count, .primary = primary };
    for (uint32_t i = 0; i < count; i++) p->selector[i] = selector[i];
    k->slots[WIRE][slot].policy_count++;
}

static void policies_of(inf *k, inf_vector *all, uint32_t slot, const uint32_t *values)
{
    const dgm_shape *shape = k->shape[WIRE];
    uint32_t by = known_by(shape, slot);
    const dgm_slot *s = dgm_shape_slot(shape, by);
    selectors found = { .primaries = 0 };
    k->slots[WIRE][slot].policy = all->count;
    for (uint32_t i = 0; i < s->child_count; i++) {
        const dgm_slot *child = dgm_shape_slot(shape, s->first_child + i);
        if (child->max > 1 || (child->kind != DGM_COMPOSITE && !dgm_kind_leaf(child->kind))) continue;
        if (dgm_kind_leaf(child->kind)) take_selector(k, s->first_child + i, values, &found);
        for (uint32_t c = 0; child->kind == DGM_COMPOSITE && c < child->child_count; c++)
            take_selector(k, child->first_child + c, values, &found);
    }
    if (found.primaries) add_policy(k, all, slot, found.primary, found.primaries, true);
    if (found.primaries > 1) add_policy(k, all, slot, found.primary, 1, true);
    for (uint32_t i = 0; i < found.codeds && k->slots[WIRE][slot].policy_count < INF_POLICIES_MAX; i++) {
        uint32_t both[3] = { found.primary[0], found.coded[i], 0 };
        add_policy(k, all, slot, found.primaries ? both : both + 1, found.primaries ? 2 : 1, false);
    }
}

/* How often each slot stands in one place, and how many different values its leaves have. */
static bool look_through(inf *k, uint32_t side, uint32_t *values)
{
    inf_table seen = { 0 };
    for (uint32_t e = 0; e < k->example_count; e++) {
        const dgm_tree *t = inf_tree(k, e, side);
        for (uint32_t n = 1; n < t->node_count; n++) {
            uint32_t slot = dgm_node_slot(&t->nodes[n]);
            if (slot == DGM_SLOT_UNKNOWN) continue;
            const dgm_slot *s = dgm_shape_slot(k->shape[side], slot);
            inf_slot *x = &k->slots[side][slot];
            uint32_t number = s->max > 1 ? dgm_tree_number(t, n) : 1;
            if (number > x->most) x->most = number;
            if (side == MODEL || !dgm_node_leaf(&t->nodes[n]) || values[slot] > INF_SELECTORS_MAX) continue;
            dgm_slice v = dgm_tree_value(t, n);
            uint32_t *at = v.len ? inf_at(k, &seen, inf_hash(slot + 1u, v)) : NULL;
            if (k->nomem) return false;
            if (at && !*at) values[slot] += *at = 1;
        }
    }
    return true;
}

static void take_families(inf *k, uint32_t side)
{
    const dgm_shape *shape = k->shape[side];
    for (uint32_t i = 0; i < dgm_shape_count(shape); i++) {
        find_whole(shape, i, &k->slots[side][i]);
        const dgm_slot *s = dgm_shape_slot(shape, i);
        if (!i || s->ordinal != 2) continue;
        const dgm_slot *up = dgm_shape_slot(shape, s->parent);
        for (uint32_t c = 0; c < up->child_count; c++)
            if (dgm_slice_equal(dgm_shape_slot(shape, up->first_child + c)->name, s->name))
                k->slots[side][up->first_child + c].family = true;
    }
    for (uint32_t i = 0; i < dgm_shape_alias_count(shape); i++) {
        uint32_t slot = DGM_SLOT_NONE;
        dgm_slice name = dgm_shape_alias_name(shape, i, &slot);
        if (slot != DGM_SLOT_NONE) k->slots[side][slot].alias = name;
    }
}

bool dgm_infer_prepare(inf *k)
{
    for (uint32_t side = 0; side < 2; side++) {
        k->slots[side] = DGM_NEW(k->arena, inf_slot, dgm_shape_count(k->shape[side]) + 1u);
        k->use[side] = DGM_NEW(k->arena, uint8_t *, k->example_count + 1u);
        if (!k->slots[side] || !k->use[side]) return false;
        take_families(k, side);
        for (uint32_t e = 0; e < k->example_count; e++) {
            k->use[side][e] = DGM_NEW(k->arena, uint8_t, inf_tree(k, e, side)->node_count + 1u);
            if (!k->use[side][e]) return false;
        }
    }
    uint32_t count = dgm_shape_count(k->shape[WIRE]);
    uint32_t *values = DGM_NEW(k->arena, uint32_t, count + 1u);
    k->chosen = DGM_NEW(k->arena, uint32_t, count + 1u);
    if (!values || !k->chosen || !look_through(k, WIRE, values) || !look_through(k, MODEL, values)) return false;
    inf_vector all = { 0 };
    for (uint32_t slot = 1; slot < count; slot++) {
        const dgm_slot *s = dgm_shape_slot(k->shape[WIRE], slot);
        if (s->max > 1 && !dgm_kind_leaf(s->kind) && !s->envelope && k->slots[WIRE][slot].most) policies_of(k, &all, slot, values);
    }
    k->policies = all.at;
    k->policy_count = all.count;
    k->favour = DGM_NEW(k->arena, uint32_t, all.count + 1u);
    return k->favour && !k->nomem && dgm_infer_hash_all(k);
}
