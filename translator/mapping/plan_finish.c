/* SPDX-License-Identifier: Apache-2.0
 *
 * plan_finish.c - the last pass over a plan: counters get their words, the children of each trie node a dense map and, where many
 * variants test one place, a switch; operations and ends get their order. One thread.
 */
#include "plan.h"

/* Counters beneath a repeated place stand together, so that each occurrence sets them back. Depth is the shape's. */
static void counters(map_planner *n, uint32_t id)
{
    map_plan *p = n->p;
    map_source *s = &p->sources[id];
    const dgm_slot *slot = dgm_shape_slot(p->from, s->slot);
    uint32_t *words = &p->blocks[s->block].words;
    if (!s->apart && (s->from || (s->opens == DGM_NONE && !s->skip_several && slot->max > 1))) s->counter = (*words)++;
    uint32_t from = *words;
    for (uint32_t k = s->kid; k; k = p->sources[k].sibling) counters(n, k);
    if (s->to > s->from || s->apart) {
        s->reset_from = from;
        s->reset_to = *words;
    }
}

static const map_test *values_of(const map_source *s, uint32_t slot)
{
    for (uint32_t j = 0; j < s->test_count; j++)
        if (s->tests[j].slot == slot && (s->tests[j].kind == MAP_EQUAL || s->tests[j].kind == MAP_IN)) return &s->tests[j];
    return NULL;
}

/* How many variants a value is held against, summed over all values; 0: not all of them test the place, or there is no memory. */
static uint64_t looks(const map_planner *n, const map_choice *c, uint32_t slot, uint32_t *counts, uint32_t size)
{
    uint64_t sum = 0;
    memset(counts, 0, size * sizeof *counts);
    for (uint32_t k = 0; k < c->count; k++) {
        const map_test *t = values_of(&n->p->sources[c->nodes[k]], slot);
        if (!t) return 0;
        for (uint32_t v = 0; v < t->value_count; v++) counts[dgm_map_mix(dgm_map_key(t->values[v])) & (size - 1)]++;
    }
    for (uint32_t i = 0; i < size; i++) sum += (uint64_t)counts[i] * counts[i];
    return sum;
}

/* The place that all variants test with = or in, and by whose values they are told apart best; NULL when there is none. counts:
 * room for `size`. */
static const map_test *common_test(const map_planner *n, const map_choice *c, uint32_t *counts, uint32_t size)
{
    const map_source *first = &n->p->sources[c->nodes[0]];
    const map_test *best = NULL;
    uint64_t least = UINT64_MAX;
    for (uint32_t i = 0; i < first->test_count; i++) {
        const map_test *t = &first->tests[i];
        if (t->kind != MAP_EQUAL && t->kind != MAP_IN) continue;
        uint64_t sum = looks(n, c, t->slot, counts, size);
        if (!sum || sum >= least) continue;
        best = t;
        least = sum;
    }
    return best;
}

static bool make_switch(map_planner *n, map_choice *c)
{
    map_plan *p = n->p;
    uint32_t cases = 0, size = 4;
    if (c->count < 2 || !p->sources[c->nodes[0]].test_count) return true;
    for (uint32_t k = 0; k < c->count; k++)
        for (uint32_t j = 0; j < p->sources[c->nodes[k]].test_count; j++) cases += p->sources[c->nodes[k]].tests[j].value_count;
    while (size < 2 * cases) size *= 2;
    uint32_t *buckets = DGM_NEW(n->l->arena, uint32_t, size);
    if (!buckets) return false;
    const map_test *t = common_test(n, c, buckets, size);
    if (!t) return true;
    memset(buckets, 0, size * sizeof *buckets);
    struct map_case *list = DGM_NEW(n->l->arena, struct map_case, cases + 1);
    if (!list) return false;
    uint32_t used = 0;
    for (uint32_t k = c->count; k-- > 0;) { /* backwards, so that buckets keep the order of statements */
        const map_source *s = &p->sources[c->nodes[k]];
        const map_test *own = values_of(s, t->slot);
        for (uint32_t v = 0; own && v < own->value_count; v++) {
            uint64_t key = dgm_map_key(own->values[v]);
            uint32_t *b = &buckets[dgm_map_mix(key) & (size - 1)];
            list[used] = (struct map_case){ key, own->values[v], c->nodes[k], *b,
                                            s->test_count == 1 ? DGM_NONE : (uint32_t)(own - s->tests) };
            *b = ++used;
        }
    }
    c->path = t->path;
    c->path_len = t->path_len;
    c->cases = list;
    c->buckets = buckets;
    c->mask = size - 1;
    return true;
}

static bool make_map(map_planner *n, uint32_t id)
{
    map_plan *p = n->p;
    map_source *s = &p->sources[id];
    const dgm_slot *slot = dgm_shape_slot(p->from, s->slot);
    if (!s->kid) return true;
    s->child_count = slot->child_count;
    s->map = DGM_NEW(n->l->arena, uint32_t, slot->child_count + 1u);
    if (!s->map) return false;
    for (uint32_t k = s->kid; k; k = p->sources[k].sibling) {
        uint32_t at = p->sources[k].slot - s->first_child;
        if (s->map[at]) continue;
        uint32_t count = 0;
        for (uint32_t j = k; j; j = p->sources[j].sibling) count += p->sources[j].slot == p->sources[k].slot;
        uint32_t *nodes = DGM_NEW(n->l->arena, uint32_t, count + 1);
        void *all = p->choices;
        if (!nodes || !dgm_map_room(n->l, &all, &n->choice_room, p->choice_count + 1, sizeof *p->choices)) return false;
        p->choices = all;
        map_choice *c = &p->choices[p->choice_count++];
        *c = (map_choice){ .nodes = nodes };
        for (uint32_t j = k; j; j = p->sources[j].sibling)
            if (p->sources[j].slot == p->sources[k].slot) nodes[c->count++] = j;
        if (!make_switch(n, c)) return false;
        bool direct = count == 1 && !p->sources[k].test_count;
        s->map[at] = direct ? MAP_DIRECT | k : (uint32_t)p->choice_count;
    }
    return true;
}

static bool sort_ops(map_planner *n)
{
    map_plan *p = n->p;
    uint32_t *moved = DGM_NEW(n->l->arena, uint32_t, n->op_count + 1);
    p->ops = DGM_NEW(n->l->arena, map_op, n->op_count + 1);
    if (!moved || !p->ops) return false;
    for (size_t i = 0; i < n->op_count; i++)
        if (n->ops[i].node != DGM_NONE) p->sources[n->ops[i].node].op_count++;
    uint32_t at = 0;
    for (size_t s = 0; s < p->source_count; s++) {
        p->sources[s].op_first = at;
        at += p->sources[s].op_count;
        p->sources[s].op_count = 0;
    }
    for (size_t i = 0; i < n->op_count; i++) {
        map_source *s = n->ops[i].node == DGM_NONE ? NULL : &p->sources[n->ops[i].node];
        moved[i] = s ? s->op_first + s->op_count++ : at++;
        p->ops[moved[i]] = n->ops[i].op;
        p->ops[moved[i]].id = moved[i];
    }
    p->op_count = n->op_count;
    for (size_t i = 0; i < p->op_count; i++) { /* folds being written name the first of their list */
        map_op *op = &p->ops[i];
        if (op->kind == MAP_OP_MOVE && n->l->m->rules[op->rule].fold) op->index = moved[op->index];
    }
    for (size_t i = 0; i < p->end_count; i++)
        if (p->ends[i].op != DGM_NONE) p->ends[i].op = moved[p->ends[i].op];
    return true;
}

static bool sort_ends(map_planner *n)
{
    map_plan *p = n->p;
    const dgm_mapping *m = n->l->m;
    map_end *sorted = DGM_NEW(n->l->arena, map_end, p->end_count + 1);
    uint32_t *starts = DGM_NEW(n->l->arena, uint32_t, ((size_t)m->block_count + 1) * (MAP_END_KEY + 2));
    if (!sorted || !starts) return false;
    const uint32_t kinds = MAP_END_KEY + 1;
    for (size_t i = 0; i < p->end_count; i++) starts[p->ends[i].block * kinds + p->ends[i].kind + 1]++;
    for (uint32_t i = 0; i < m->block_count * kinds; i++) starts[i + 1] += starts[i];
    for (uint32_t b = 0; b < m->block_count; b++) {
        p->blocks[b].end_first = starts[b * kinds];
        p->blocks[b].end_count = starts[(b + 1) * kinds] - starts[b * kinds];
    }
    for (size_t i = 0; i < p->end_count; i++) sorted[starts[p->ends[i].block * kinds + p->ends[i].kind]++] = p->ends[i];
    p->ends = sorted;
    return true;
}

/* The occurrence whose life decides whether a constant is written (lives() of ends.c), when its frame is the block's own. */
static map_gate life_gate(const map_plan *p, uint32_t target, uint32_t block)
{
    uint32_t at = p->targets[target].above;
    while (at != DGM_NONE && at != 0 && !p->targets[at].occurrence) at = p->targets[at].above;
    if (at == DGM_NONE || p->targets[at].block != block) return (map_gate){ 0 };
    return (map_gate){ p->addresses[at].is.word, p->addresses[at].is.bit };
}

static bool make_gates(map_planner *n)
{
    map_plan *p = n->p;
    p->gates = DGM_NEW(n->l->arena, map_gate, p->end_count + 1);
    if (!p->gates) return false;
    for (size_t i = 0; p->sheets && i < p->end_count; i++) {
        const map_end *e = &p->ends[i];
        if (e->kind == MAP_END_FOLD || e->kind == MAP_END_FORM || (e->kind == MAP_END_COPIES && p->direction == DGM_READ))
            p->gates[i] = (map_gate){ e->word, UINT32_MAX }; /* pieces, or the copy, that came */
        else if (e->kind == MAP_END_NUMBER || e->kind == MAP_END_IS || e->kind == MAP_END_DEFAULT || e->kind == MAP_END_KEY)
            p->gates[i] = life_gate(p, e->target, e->block);
    }
    return true;
}

static bool gaps(map_planner *n)
{
    map_plan *p = n->p;
    for (uint32_t b = 0; b < n->l->m->block_count; b++) {
        p->blocks[b].gap_first = (uint32_t)p->gap_count;
        for (size_t t = 0; t < p->target_count; t++) {
            if (p->targets[t].block != b || p->targets[t].from < 2 || p->targets[t].star) continue;
            void *all = p->gaps;
            if (!dgm_map_room(n->l, &all, &n->gap_room, p->gap_count + 1, sizeof *p->gaps)) return false;
            p->gaps = all;
            p->gaps[p->gap_count++] = (uint32_t)t;
            p->blocks[b].gap_count++;
        }
        if (p->blocks[b].gap_count == 0) p->blocks[b].gap_first = 0;
    }
    return true;
}

static bool make_hot(map_planner *n)
{
    map_plan *p = n->p;
    p->hot = DGM_NEW(n->l->arena, map_hot, p->source_count + 1);
    if (!p->hot) return false;
    for (size_t i = 0; i < p->source_count; i++) {
        map_source *s = &p->sources[i];
        s->rare = s->cond != DGM_NONE || s->opens != DGM_NONE || s->mirror_target != DGM_NONE || s->reset_to > s->reset_from ||
                  s->gathers;
        bool special = s->rare || s->counter != DGM_NONE || s->op_count > UINT16_MAX;
        p->hot[i] = (map_hot){ .map = s->map,
                               .first_child = s->first_child,
                               .child_count = s->child_count,
                               .op_first = s->op_first,
                               .op_count = (uint16_t)s->op_count,
                               .rare = s->rare || s->op_count > UINT16_MAX,
                               .counter = s->counter,
                               .special = special,
                               .tested = s->test_count > 0 };
    }
    return true;
}

static map_spot spot(const map_plan *p, uint32_t target, uint32_t block)
{
    const map_address *a = target == DGM_NONE ? NULL : &p->addresses[target];
    if (!a || !a->plain || a->block != block) return (map_spot){ 0 };
    return (map_spot){ a->is, a->up_word, a->up_bit };
}

/* With sheets: operations of which all that can be known is known now. */
static bool make_ticks(map_planner *n)
{
    map_plan *p = n->p;
    p->ticks = DGM_NEW(n->l->arena, map_tick, p->op_count + 1);
    if (!p->ticks) return false;
    for (uint32_t i = 0; p->sheets && i < p->op_count; i++) {
        const map_op *op = &p->ops[i];
        if (op->kind != MAP_OP_MOVE && op->kind != MAP_OP_FOLD) continue;
        map_tick *k = &p->ticks[i];
        k->value = spot(p, op->target, n->l->m->rules[op->rule].block);
        k->second = spot(p, op->second, n->l->m->rules[op->rule].block);
        k->plain = k->value.is.bit && op->kind == MAP_OP_MOVE && (op->simple || op->number) && op->cond == DGM_NONE;
        k->number = op->number;
    }
    return true;
}

/* An entry of a flat node's map; 0 when there is nothing to do there. */
static uint32_t flat_entry(const map_plan *p, uint32_t node)
{
    const map_hot *x = &p->hot[node];
    if (!x->op_count) return 0;
    bool leaf = dgm_kind_leaf(dgm_shape_slot(p->from, p->sources[node].slot)->kind);
    return leaf && x->op_count == 1 && p->ticks[x->op_first].plain ? MAP_TICKED | x->op_first : MAP_DIRECT | node;
}

/* A segment with its composites, as nearly all are: whether its values can be looked up without going down step by step. */
static bool make_flat(map_planner *n, uint32_t id)
{
    enum { DEEP_MAX = 4096 };
    map_plan *p = n->p;
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t k = p->sources[id].kid; k; k = p->sources[k].sibling) {
        if (p->hot[k].special || !(p->sources[id].map[p->sources[k].slot - p->sources[id].first_child] & MAP_DIRECT)) return true;
        if (p->sources[k].kid && dgm_kind_leaf(dgm_shape_slot(p->from, p->sources[k].slot)->kind)) return true;
        for (uint32_t j = p->sources[k].kid; j; j = p->sources[j].sibling) {
            if (p->hot[j].special || p->sources[j].kid) return true;
            if (!(p->sources[k].map[p->sources[j].slot - p->sources[k].first_child] & MAP_DIRECT)) return true;
            if (p->sources[j].slot < least) least = p->sources[j].slot;
            if (p->sources[j].slot > most) most = p->sources[j].slot;
        }
    }
    map_hot *h = &p->hot[id];
    if (least != UINT32_MAX) {
        if (most - least >= DEEP_MAX) return true;
        uint32_t *deep = DGM_NEW(n->l->arena, uint32_t, most - least + 1u);
        if (!deep) return false;
        for (uint32_t k = p->sources[id].kid; k; k = p->sources[k].sibling)
            for (uint32_t j = p->sources[k].kid; j; j = p->sources[j].sibling) deep[p->sources[j].slot - least] = flat_entry(p, j);
        h->deep = deep;
        h->deep_first = least;
        h->deep_count = most - least + 1;
    }
    uint32_t *near = DGM_NEW(n->l->arena, uint32_t, p->sources[id].child_count + 1u);
    if (!near) return false;
    for (uint32_t k = p->sources[id].kid; k; k = p->sources[k].sibling)
        near[p->sources[k].slot - p->sources[id].first_child] = flat_entry(p, k);
    h->near = near;
    h->flat = p->sources[id].flat = true;
    return true;
}

void dgm_map_finish_plan(map_planner *n)
{
    map_plan *p = n->p;
    for (uint32_t s = 1; s < p->source_count; s++)
        if (s == 1 || p->sources[s].apart) counters(n, s);
    bool ok = true;
    for (uint32_t b = 0; b < n->l->m->block_count; b++) p->blocks[b].others = p->blocks[b].words;
    for (size_t t = 0; t < p->target_count; t++) p->targets[t].word = p->blocks[p->targets[t].block].words++;
    for (uint32_t s = 1; s < p->source_count && ok; s++) ok = make_map(n, s);
    ok = ok && sort_ops(n);
    if (ok) dgm_map_plan_sheets(n);
    ok = ok && make_hot(n) && make_ticks(n);
    for (uint32_t k = 1; k < p->source_count && ok; k++)
        if (p->sources[k].kid) ok = make_flat(n, k);
    ok = ok && sort_ends(n) && make_gates(n) && gaps(n);
    if (!ok) n->l->nomem = true;
}
