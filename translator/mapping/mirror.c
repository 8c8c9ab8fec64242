/* SPDX-License-Identifier: Apache-2.0
 *
 * mirror.c - ** : pairs the slots of two shapes that agree in name and type and that no other rule speaks of, so that what stands
 * there is copied slot by slot. One thread.
 */
#include "plan.h"

typedef struct mirror_pair {
    uint32_t from, to, node;
} mirror_pair;
typedef struct mirror_maker {
    map_planner *n;
    const map_rule *rule;
    bool *taken[2]; /* slots another rule speaks of, by side */
    mirror_pair *queue;
    size_t queue_room, queue_count;
} mirror_maker;

/* The slot of a place from which on it belongs to its rule: its first step that repeats or is tested, or else its end. */
static uint32_t claimed(const dgm_shape *s, const map_place *p)
{
    for (uint32_t i = 0; i < p->step_count; i++)
        if (p->steps[i].test_count || p->steps[i].from || p->steps[i].slot_count > 1 ||
            dgm_shape_slot(s, p->steps[i].slot)->max > 1)
            return p->steps[i].slot;
    return p->slot;
}

static void claim(mirror_maker *k, uint32_t side, const map_place *p)
{
    if (p->deep || p->step_count == 0) return;
    uint32_t slot = claimed(k->n->l->m->shape[side], p);
    k->taken[side][slot] = true;
    for (uint32_t i = 0; i < p->step_count; i++)
        if (p->steps[i].slot == slot)
            for (uint32_t j = 0; j < p->steps[i].slot_count; j++) k->taken[side][p->steps[i].slots[j]] = true;
}

static void claim_all(mirror_maker *k)
{
    const dgm_mapping *m = k->n->l->m;
    uint32_t from = k->n->p->direction;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        const map_rule *r = &m->rules[i];
        for (uint32_t side = 0; side < 2; side++) {
            /* A one-way rule speaks only of what it writes, and only when it runs. */
            if (r->only != MAP_BOTH && (side == from || !dgm_map_active(r, k->n->p->direction))) continue;
            for (uint32_t j = 0; j < r->side_count[side]; j++) claim(k, side, r->side[side][j]);
        }
        for (uint32_t j = 0; j < r->copy_count; j++) claim(k, MAP_WIRE, r->copies[j]);
    }
}

static bool numeric(dgm_type t)
{
    return t == DGM_TYPE_NUMBER || t == DGM_TYPE_AMOUNT || t == DGM_TYPE_QUANTITY;
}

static bool textual(dgm_type t)
{
    return t == DGM_TYPE_TEXT || t == DGM_TYPE_CODE || t == DGM_TYPE_ID || t == DGM_TYPE_NONE || t == DGM_TYPE_POINTER;
}

static bool same_name(const dgm_shape *a, uint32_t x, const dgm_shape *b, uint32_t y)
{
    if (x == DGM_SLOT_NONE || y == DGM_SLOT_NONE) return x == y;
    return dgm_slice_equal(dgm_shape_slot(a, x)->name, dgm_shape_slot(b, y)->name);
}

static map_mirror_action action_of(const map_plan *p, uint32_t x, uint32_t y)
{
    const dgm_slot *a = dgm_shape_slot(p->from, x), *b = dgm_shape_slot(p->to, y);
    bool leaf_a = dgm_kind_leaf(a->kind), leaf_b = dgm_kind_leaf(b->kind);
    if (a->type == DGM_TYPE_DATE && b->type == DGM_TYPE_DATE) return MAP_MIRROR_TYPED;
    if (!leaf_a && !leaf_b) return a->type == b->type ? MAP_MIRROR_GROUP : MAP_MIRROR_NONE;
    bool pair = dgm_map_pair_type(a->type) && a->type == b->type;
    if (pair && (!leaf_a || !leaf_b || !same_name(p->from, a->part_code, p->to, b->part_code))) return MAP_MIRROR_TYPED;
    if (leaf_a != leaf_b) return MAP_MIRROR_NONE;
    if (numeric(a->type) && numeric(b->type)) return MAP_MIRROR_NUMBER;
    bool agree = (textual(a->type) && textual(b->type)) || (a->type == DGM_TYPE_FLAG && b->type == DGM_TYPE_FLAG);
    return agree ? MAP_MIRROR_LEAF : MAP_MIRROR_NONE;
}

static map_way way(map_loader *l, const dgm_shape *s, uint32_t from, uint32_t to)
{
    map_way w = { .slot = to };
    if (to == DGM_SLOT_NONE || !dgm_shape_beneath(s, to, from)) return w;
    w.path = dgm_map_slots_between(l, s, from, to, &w.len);
    w.there = true;
    return w;
}

static uint32_t value_part(const dgm_shape *s, uint32_t slot)
{
    uint32_t v = dgm_shape_slot(s, slot)->part_value;
    return v == DGM_SLOT_NONE ? slot : v;
}

static bool add_typed(mirror_maker *k, map_mirror *m, uint32_t x, uint32_t y)
{
    map_plan *p = k->n->p;
    void *all = p->typed;
    if (!dgm_map_room(k->n->l, &all, &k->n->typed_room, p->typed_count + 1, sizeof *p->typed)) return false;
    p->typed = all;
    map_mirror_typed *t = &p->typed[p->typed_count];
    t->value = way(k->n->l, p->from, x, value_part(p->from, x));
    t->code = way(k->n->l, p->from, x, dgm_shape_slot(p->from, x)->part_code);
    t->to_value = way(k->n->l, p->to, y, value_part(p->to, y));
    t->to_code = way(k->n->l, p->to, y, dgm_shape_slot(p->to, y)->part_code);
    t->type = dgm_shape_slot(p->from, x)->type;
    m->typed = (uint32_t)p->typed_count++;
    return !k->n->l->nomem;
}

static bool push(mirror_maker *k, mirror_pair pair)
{
    void *queue = k->queue;
    if (!dgm_map_room(k->n->l, &queue, &k->queue_room, k->queue_count + 1, sizeof *k->queue)) return false;
    k->queue = queue;
    k->queue[k->queue_count++] = pair;
    return true;
}

static uint32_t shared_node(const map_plan *p, uint32_t above, uint32_t slot)
{
    if (above == DGM_NONE) return DGM_NONE;
    for (uint32_t t = p->targets[above].kid; t; t = p->targets[t].sibling)
        if (p->targets[t].slot == slot && !p->targets[t].test_count && !p->targets[t].from &&
            p->targets[t].block == p->targets[above].block)
            return t;
    return DGM_NONE;
}

/* A pair for --coverage: wire slot, model slot; told once, when reading. */
static bool cover(mirror_maker *k, uint32_t from, uint32_t to)
{
    dgm_mapping *m = k->n->l->m;
    if (k->n->p->direction != DGM_READ && k->rule->only != MAP_ONLY_WRITE) return true;
    void *all = m->covered;
    if (!dgm_map_room(k->n->l, &all, &k->n->l->covered_room, 2 * ((size_t)m->covered_count + 1), sizeof *m->covered)) return false;
    m->covered = all;
    bool read = k->n->p->direction == DGM_READ;
    m->covered[2 * m->covered_count] = read ? from : to;
    m->covered[2 * m->covered_count + 1] = read ? to : from;
    m->covered_count++;
    m->rules[k->rule->id].covered_count++;
    return true;
}

static bool pair_children(mirror_maker *k, mirror_pair at)
{
    map_plan *p = k->n->p;
    uint32_t from = p->direction, to = !from;
    const dgm_slot *s = dgm_shape_slot(p->from, at.from);
    for (uint32_t i = 0; i < s->child_count; i++) {
        uint32_t x = s->first_child + i;
        const dgm_slot *a = dgm_shape_slot(p->from, x);
        uint32_t y = dgm_shape_child(p->to, at.to, a->name, a->ordinal);
        if (y == DGM_SLOT_NONE || k->taken[from][x] || k->taken[to][y] || p->mirror[x].action != MAP_MIRROR_NONE) continue;
        if (a->envelope || dgm_shape_slot(p->to, y)->envelope) continue;
        map_mirror_action action = action_of(p, x, y);
        if (action == MAP_MIRROR_NONE) continue;
        uint32_t node = shared_node(p, at.node, y);
        p->mirror[x] = (map_mirror){ .target = y, .action = (uint8_t)action, .node = node, .rule = k->rule->id };
        if (action == MAP_MIRROR_TYPED) {
            if (!add_typed(k, &p->mirror[x], x, y)) return false;
        } else if (!push(k, (mirror_pair){ x, y, node })) {
            return false;
        }
        if (!cover(k, x, y)) return false;
    }
    return true;
}

static bool mirror_rule(mirror_maker *k, map_rule *r)
{
    map_planner *n = k->n;
    uint32_t from = n->p->direction;
    const map_place *source = r->side[from][0], *target = r->side[!from][0];
    k->rule = r;
    if (source->root && r->block != 0) {
        dgm_diag *d = dgm_map_fault(n->l, source->mark, DGM_D_MAP_COMBINATION);
        dgm_map_say(n->l, d,
                    DGM_LITERAL("** from the top belongs to the top: inside an each it would copy the same values into every "
                                "occurrence, and nothing could tell which of them to read back"));
        return true;
    }
    uint32_t node = dgm_map_target_place(n, target, r->block, r);
    if (node == DGM_NONE || !dgm_map_source_place(n, source, r->block, r->id)) return false;
    n->p->sources[n->found[0]].mirror_target = node;
    n->p->sources[n->found[0]].rule = r->id;
    if (from == DGM_READ) r->covered_first = n->l->m->covered_count;
    k->queue_count = 0;
    if (!push(k, (mirror_pair){ source->slot, target->slot, node })) return false;
    for (size_t i = 0; i < k->queue_count; i++)
        if (!pair_children(k, k->queue[i])) return false;
    return true;
}

void dgm_map_mirror(map_planner *n)
{
    dgm_mapping *m = n->l->m;
    mirror_maker k = { .n = n };
    for (uint32_t i = 0; i < m->rule_count; i++) {
        map_rule *r = &m->rules[i];
        if (r->kind != MAP_RULE || !r->side_count[0] || !r->side[0][0]->deep || !dgm_map_active(r, n->p->direction)) continue;
        if (!n->p->mirror) {
            n->p->mirror = DGM_NEW(n->l->arena, map_mirror, dgm_shape_count(n->p->from) + 1);
            for (int s = 0; s < 2; s++) k.taken[s] = DGM_NEW(n->l->arena, bool, dgm_shape_count(m->shape[s]) + 1);
            if (!n->p->mirror || !k.taken[0] || !k.taken[1]) {
                n->l->nomem = true;
                return;
            }
            claim_all(&k);
        }
        if (!mirror_rule(&k, r)) {
            n->l->nomem = n->l->nomem || !n->l->wrong;
            return;
        }
    }
    dgm_map_room_back(n->l, k.queue, k.queue_room * sizeof *k.queue);
}
