/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.c - compiles the rules of one direction: a source trie that a message is walked against once, a target trie of addresses
 * whose occurrences are made on demand, and what is done when a block ends. Nothing compares a name afterwards. One thread.
 */
#include "plan.h"

static bool grow(map_planner *n, void **array, size_t *room, size_t wanted, size_t bytes)
{
    return dgm_map_room(n->l, array, room, wanted, bytes);
}

/* Hangs a new node behind the other children of the one above; *last remembers the last of each. */
static bool last_child(map_planner *n, uint32_t **last, size_t *room, size_t count)
{
    void *all = *last;
    if (!grow(n, &all, room, count, sizeof **last)) return false;
    *last = all;
    return true;
}

/* ---- source trie --------------------------------------------------------------------------------------------------------- */

uint32_t dgm_map_source_new(map_planner *n, uint32_t above, uint32_t slot, uint32_t block)
{
    map_plan *p = n->p;
    void *all = p->sources;
    if (!grow(n, &all, &n->source_room, p->source_count + 1, sizeof *p->sources)) return DGM_NONE;
    p->sources = all;
    if (!last_child(n, &n->source_last, &n->source_last_room, p->source_count + 1)) return DGM_NONE;
    const dgm_slot *s = dgm_shape_slot(p->from, slot);
    uint32_t id = (uint32_t)p->source_count++;
    p->sources[id] = (map_source){ .slot = slot,
                                   .first_child = s->first_child,
                                   .child_count = 0,
                                   .counter = DGM_NONE,
                                   .opens = DGM_NONE,
                                   .cond = DGM_NONE,
                                   .block = block,
                                   .mirror_target = DGM_NONE,
                                   .above = above,
                                   .rule = DGM_NONE };
    if (above == DGM_NONE) return id;
    uint32_t last = n->source_last[above]; /* ids begin at 1, so 0 ends a list */
    *(last ? &p->sources[last].sibling : &p->sources[above].kid) = id;
    n->source_last[above] = id;
    return id;
}

static uint32_t source_hash(uint32_t above, uint32_t slot, uint32_t from, const map_test *tests, uint32_t count)
{
    return dgm_map_hash(above, slot, from, dgm_map_tests_hash(tests, count));
}

static uint32_t source_known(const map_planner *n, uint32_t above, const map_source *s)
{
    uint32_t hash = source_hash(above, s->slot, s->from, s->tests, s->test_count);
    for (const struct map_kept *k = NULL; (k = dgm_map_kept(&n->source_steps, hash, k)) != NULL;) {
        const map_source *x = &n->p->sources[k->id];
        if (x->above == above && x->slot == s->slot && x->from == s->from && x->to == s->to &&
            dgm_map_tests_equal(x->tests, x->test_count, s->tests, s->test_count))
            return k->id;
    }
    return DGM_NONE;
}

bool dgm_map_source_known(map_planner *n, uint32_t id)
{
    const map_source *x = &n->p->sources[id];
    if (source_known(n, x->above, x) != DGM_NONE) return true; /* the first of them is taken */
    return dgm_map_keep(n->l, &n->source_steps, source_hash(x->above, x->slot, x->from, x->tests, x->test_count), id);
}

static uint32_t source_step(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t rule,
                            bool own)
{
    map_plan *p = n->p;
    bool counted = s->slot_count <= 1;
    uint32_t from = counted ? s->from : 0, to = counted ? s->to : 0;
    const map_source wanted = { .slot = slot, .from = from, .to = to, .tests = s->tests, .test_count = s->test_count };
    uint32_t known = own ? DGM_NONE : source_known(n, above, &wanted);
    if (known != DGM_NONE) return known;
    uint32_t id = dgm_map_source_new(n, above, slot, block);
    if (id == DGM_NONE) return id;
    map_source *x = &p->sources[id];
    x->tests = s->tests;
    x->test_count = s->test_count;
    x->from = from;
    x->to = to;
    x->rule = rule;
    return own || dgm_map_source_known(n, id) ? id : DGM_NONE;
}

/* The trie nodes a place leads to (several under #* over places of their own), in n->found. False: no memory. */
bool dgm_map_source_place_of(map_planner *n, const map_place *place, uint32_t block, uint32_t rule, bool each)
{
    uint32_t start = place->root ? 1 : n->p->blocks[block].source;
    void *found = n->found;
    n->found_count = 0;
    if (!grow(n, &found, &n->found_room, 1, sizeof *n->found)) return false;
    n->found = found;
    n->found[n->found_count++] = start;
    for (uint32_t i = 0; i < place->step_count; i++) {
        const map_step *s = &place->steps[i];
        size_t had = n->found_count, made = had * s->slot_count;
        if (made > 1u << 16) return false;
        found = n->found;
        if (!grow(n, &found, &n->found_room, had + made, sizeof *n->found)) return false;
        n->found = found;
        for (size_t k = 0; k < had; k++)
            for (uint32_t j = 0; j < s->slot_count; j++) {
                uint32_t id = source_step(n, n->found[k], s->slots[j], s, block, rule, each && i + 1 == place->step_count);
                if (id == DGM_NONE) return false;
                n->found[had + k * s->slot_count + j] = id;
            }
        memmove(n->found, n->found + had, made * sizeof *n->found);
        n->found_count = made;
    }
    return true;
}

/* From a found node on to the composite or leaf where a typed value stands. */
static bool source_typed(map_planner *n, uint32_t slot, uint32_t block, uint32_t rule)
{
    for (size_t k = 0; k < n->found_count; k++) {
        uint32_t len;
        const uint32_t *path = dgm_map_slots_between(n->l, n->p->from, n->p->sources[n->found[k]].slot, slot, &len);
        if (!path) return false;
        for (uint32_t i = 0; i < len; i++) {
            map_step s = { .slot = path[i], .slot_count = 1 };
            n->found[k] = source_step(n, n->found[k], path[i], &s, block, rule, false);
            if (n->found[k] == DGM_NONE) return false;
        }
    }
    return true;
}

static uint32_t add_op(map_planner *n, uint32_t node, const map_op *op)
{
    void *ops = n->ops;
    if (!grow(n, &ops, &n->op_room, n->op_count + 1, sizeof *n->ops)) return DGM_NONE;
    n->ops = ops;
    n->ops[n->op_count] = (struct map_planned_op){ *op, node };
    return (uint32_t)n->op_count++;
}

/* ---- target trie --------------------------------------------------------------------------------------------------------- */

static uint32_t target_new(map_planner *n, uint32_t above, uint32_t slot, uint32_t block)
{
    map_plan *p = n->p;
    void *all = p->targets;
    if (!grow(n, &all, &n->target_room, p->target_count + 1, sizeof *p->targets)) return DGM_NONE;
    p->targets = all;
    if (!last_child(n, &n->target_last, &n->target_last_room, p->target_count + 1)) return DGM_NONE;
    uint32_t id = (uint32_t)p->target_count++;
    p->targets[id] =
        (map_target){ .above = above, .block = block, .slot = slot, .kind = dgm_shape_slot(p->to, slot)->kind, .writer = DGM_NONE };
    if (above == DGM_NONE) return id;
    uint32_t last = n->target_last[above];
    *(last ? &p->targets[last].sibling : &p->targets[above].kid) = id;
    n->target_last[above] = id;
    return id;
}

static uint32_t target_hash(uint32_t above, uint32_t slot, uint32_t from, const map_test *tests, uint32_t count)
{
    return dgm_map_hash(above, slot, from, dgm_map_tests_hash(tests, count));
}

/* The address that a step leads to from one above, in its block. */
static uint32_t target_known(const map_planner *n, uint32_t above, uint32_t slot, uint32_t from, const map_step *s)
{
    uint32_t hash = target_hash(above, slot, from, s->tests, s->test_count);
    for (const struct map_kept *k = NULL; (k = dgm_map_kept(&n->target_steps, hash, k)) != NULL;) {
        const map_target *x = &n->p->targets[k->id];
        if (x->above == above && x->slot == slot && x->from == from &&
            dgm_map_tests_equal(x->tests, x->test_count, s->tests, s->test_count))
            return k->id;
    }
    return DGM_NONE;
}

/* Those that others may name as well: steps that are equal lead there from now on. */
static bool keep_target(map_planner *n, uint32_t id, const map_step *s)
{
    const map_target *t = &n->p->targets[id];
    if (t->join_count) return dgm_map_keep_joined(n, id);
    if (t->star || t->block != n->p->targets[t->above].block || target_known(n, t->above, t->slot, t->from, s) != DGM_NONE)
        return true;
    return dgm_map_keep(n->l, &n->target_steps, target_hash(t->above, t->slot, t->from, t->tests, t->test_count), id);
}

/* #1 before #2, whichever is written first: all of a place have the order of the first of them. */
static bool order_counted(map_planner *n, uint32_t id, bool one, uint32_t from)
{
    const uint32_t mask = (1u << MAP_ORDER_BITS) - 1;
    map_target *t = &n->p->targets[id];
    uint32_t hash = dgm_map_hash(t->above, t->slot, 0, 0);
    const struct map_kept *k = NULL;
    while ((k = dgm_map_kept(&n->counted, hash, k)) != NULL)
        if (n->p->targets[k->id].above == t->above && n->p->targets[k->id].slot == t->slot) break;
    if (one && k) t->order = n->p->targets[k->id].order & ~mask;
    if (one) t->order |= from < mask + 1 ? from : mask;
    return k || dgm_map_keep(n->l, &n->counted, hash, id);
}

/* The nodes a test's value stands at, beneath t: tests create. */
static bool target_tests(map_planner *n, uint32_t t, const map_test *tests, uint32_t count)
{
    map_plan *p = n->p;
    map_constant *constants = DGM_NEW(n->l->arena, map_constant, count + 1);
    if (!constants) {
        n->l->nomem = true;
        return false;
    }
    p->targets[t].constants = constants;
    for (uint32_t i = 0; i < count; i++) {
        const map_test *q = &tests[i];
        if (q->kind != MAP_EQUAL && q->kind != MAP_IN) continue;
        uint32_t at = t;
        for (uint32_t k = 0; k < q->path_len; k++) {
            map_step s = { .slot = q->path[k], .slot_count = 1 };
            at = dgm_map_target_step(n, at, q->path[k], &s, p->targets[t].block, p->targets[t].order);
            if (at == DGM_NONE) return false;
        }
        p->targets[at].must = q;
        constants[p->targets[t].constant_count++] = (map_constant){ at, q->values[0] };
    }
    return true;
}

uint32_t dgm_map_target_own(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t order)
{
    uint32_t id = target_new(n, above, slot, block);
    if (id == DGM_NONE) return id;
    map_target *t = &n->p->targets[id];
    const dgm_slot *self = dgm_shape_slot(n->p->to, slot);
    bool counted = s->slot_count <= 1 && s->from;
    t->tests = s->tests;
    t->test_count = s->test_count;
    t->joins = s->joins;
    t->join_count = s->join_count;
    t->from = counted ? s->from : 0;
    t->order = order;
    t->maker = (order >> MAP_ORDER_BITS) - 1;
    t->star = counted && s->to > s->from;
    bool holder = self->kind == DGM_GROUP || self->kind == DGM_SEGMENT || self->kind == DGM_RECORD;
    t->occurrence = s->test_count || s->join_count || counted || (holder && self->min == 0);
    if (counted && !order_counted(n, id, !t->star, s->from)) return DGM_NONE;
    if (above != DGM_NONE && !keep_target(n, id, s)) return DGM_NONE;
    if (!target_tests(n, id, s->tests, s->test_count)) return DGM_NONE;
    return id;
}

uint32_t dgm_map_target_step(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t order)
{
    map_plan *p = n->p;
    uint32_t from = s->slot_count <= 1 ? s->from : 0;
    uint32_t known = target_known(n, above, slot, from, s);
    if (known != DGM_NONE) return known;
    /* An address belongs to the block of what stands above it, whichever block's rule names it first. */
    return dgm_map_target_own(n, above, slot, s, above ? p->targets[above].block : block, order);
}

/* The address of a place up to its first star. */
static uint32_t target_place(map_planner *n, const map_place *place, uint32_t block, const map_rule *rule, uint32_t steps)
{
    uint32_t at = n->p->blocks[place->base].target;
    for (uint32_t i = 0; i < steps && at != DGM_NONE; i++) {
        const map_step *s = &place->steps[i];
        at = s->join_count ? dgm_map_target_joined(n, at, s, block, rule)
                           : dgm_map_target_step(n, at, s->slot, s, n->p->targets[at].block, dgm_map_order_of(rule));
    }
    return at;
}

bool dgm_map_source_place(map_planner *n, const map_place *place, uint32_t block, uint32_t rule)
{
    return dgm_map_source_place_of(n, place, block, rule, false);
}

uint32_t dgm_map_target_place(map_planner *n, const map_place *place, uint32_t block, const map_rule *r)
{
    return target_place(n, place, block, r, place->step_count);
}

uint32_t dgm_map_target_above(map_planner *n, const map_place *place, const map_rule *r)
{
    return target_place(n, place, r->block, r, place->step_count - 1);
}

static uint32_t target_path(map_planner *n, uint32_t at, const uint32_t *path, uint32_t len, uint32_t order)
{
    for (uint32_t i = 0; i < len && at != DGM_NONE; i++) {
        map_step s = { .slot = path[i], .slot_count = 1 };
        at = dgm_map_target_step(n, at, path[i], &s, n->p->targets[at].block, order);
    }
    return at;
}

/* The star that makes the occurrences a place of a fold's list stands in. */
static uint32_t leader_of(const map_rule *r, const map_place *place, uint32_t self)
{
    for (uint32_t i = 0; r->fold && i < r->side_count[r->fold->many]; i++)
        if (r->side[r->fold->many][i] == place && r->fold->ring[i] != i) return r->fold->stars[r->fold->ring[i]];
    return self;
}

static uint32_t star_plan(map_planner *n, const map_place *place, const map_rule *r)
{
    map_plan *p = n->p;
    void *all = p->stars;
    if (!grow(n, &all, &n->star_room, p->star_count + 1, sizeof *p->stars)) return DGM_NONE;
    p->stars = all;
    const uint32_t self = (uint32_t)p->star_count, leader = leader_of(r, place, self);
    uint32_t base = leader == self ? target_place(n, place, r->block, r, place->star) : p->stars[leader].base;
    uint32_t count = place->step_count - place->star;
    map_star_step *steps = DGM_NEW(n->l->arena, map_star_step, count + 1);
    if (base == DGM_NONE || !steps) {
        n->l->nomem = n->l->nomem || !steps;
        return DGM_NONE;
    }
    uint32_t seen = base;
    for (uint32_t i = 0; i < count; i++) {
        const map_step *s = &place->steps[place->star + i];
        bool star = s->slot_count > 1 || s->to > s->from;
        uint32_t most = dgm_shape_slot(p->to, s->slot)->max;
        if (s->slot_count == 1 && star && s->to != DGM_UNBOUNDED && s->to - s->from + 1 < most) most = s->to - s->from + 1;
        uint32_t *targets = DGM_NEW(n->l->arena, uint32_t, s->slot_count + 1);
        if (!targets) {
            n->l->nomem = true;
            return DGM_NONE;
        }
        steps[i] = (map_star_step){ s->slots, s->slot_count, star ? most : 1, star, s->tests, s->test_count, targets };
        if (s->slot_count > 1) steps[i].max = 1;
        if (leader != self && !i) { /* what its leader makes */
            targets[0] = seen = p->stars[leader].steps[0].targets[0];
            continue;
        }
        for (uint32_t k = 0; seen != DGM_NONE && k < s->slot_count; k++) { /* for the checks of addresses and mandatory places */
            uint32_t id = s->slot_count > 1 || i + 1 == count || star
                              ? dgm_map_target_own(n, seen, s->slots[k], s, p->targets[seen].block, dgm_map_order_of(r))
                              : dgm_map_target_step(n, seen, s->slots[k], s, 0, dgm_map_order_of(r));
            if (id == DGM_NONE) return DGM_NONE;
            if (i + 1 == count) p->targets[id].writer = r->id;
            p->targets[id].apart = true;
            targets[k] = id;
            if (k + 1 == s->slot_count) seen = id;
        }
    }
    uint32_t block = p->targets[base].block;
    if (p->targets[base].block != r->block) block = r->block;
    p->stars[p->star_count] = (map_star){ .base = base,
                                          .steps = steps,
                                          .step_count = count,
                                          .order = dgm_map_order_of(r),
                                          .word = p->blocks[block].words,
                                          .block = block,
                                          .leader = leader };
    p->blocks[block].words += 2 * count;
    return (uint32_t)p->star_count++;
}

/* ---- ends ---------------------------------------------------------------------------------------------------------------- */

map_end *dgm_map_add_end(map_planner *n, map_end_kind kind, const map_rule *r, uint32_t op)
{
    map_plan *p = n->p;
    void *all = p->ends;
    if (!grow(n, &all, &n->end_room, p->end_count + 1, sizeof *p->ends)) return NULL;
    p->ends = all;
    map_end *e = &p->ends[p->end_count++];
    *e = (map_end){
        .kind = kind,
        .rule = r->id,
        .cond = r->cond,
        .op = op,
        .target = DGM_NONE,
        .word = DGM_NONE,
        .counter = DGM_NONE,
        .join = DGM_NONE,
        .block = r->block,
    };
    return e;
}

/* ---- rules --------------------------------------------------------------------------------------------------------------- */

/* A leaf that an each makes for its occurrences: "." inside is the value of it, which no rule has written yet. */
static bool own_leaf(const map_planner *n, uint32_t id, const map_target *t)
{
    return t->block && n->p->blocks[t->block].target == id && n->l->m->rules[t->writer].kind == MAP_EACH;
}

/* Where a rule's value goes. False: no memory. */
static bool plan_target(map_planner *n, const map_rule *r, const map_place *place, map_op *op)
{
    uint32_t side = !n->p->direction;
    op->target = op->second = op->star = DGM_NONE;
    if (place->star != DGM_NONE) {
        op->star = star_plan(n, place, r);
        return op->star != DGM_NONE;
    }
    uint32_t at = target_place(n, place, r->block, r, place->step_count);
    if (at == DGM_NONE) return false;
    const struct map_typed *t = &r->typed[side];
    if (place != r->side[side][0]) { /* copies, members of a list */
        op->target = at;
    } else {
        uint32_t len;
        const uint32_t *path = dgm_map_slots_between(n->l, n->p->to, place->slot, t->slot, &len);
        at = path ? target_path(n, at, path, len, dgm_map_order_of(r)) : DGM_NONE;
        if (at == DGM_NONE) return false;
        op->target = t->value.there ? target_path(n, at, t->value.path, t->value.len, dgm_map_order_of(r)) : at;
        if (t->code.there) op->second = target_path(n, at, t->code.path, t->code.len, dgm_map_order_of(r));
        if (op->target == DGM_NONE || (t->code.there && op->second == DGM_NONE)) return false;
    }
    for (int k = 0; k < 2; k++) {
        uint32_t id = k ? op->second : op->target;
        if (id == DGM_NONE) continue;
        map_target *to = &n->p->targets[id];
        if (to->writer != DGM_NONE && to->writer != r->id && !own_leaf(n, id, to))
            dgm_map_two_writers(n, to, r);
        else
            to->writer = r->id;
    }
    return true;
}

/* A value that stays what it is and goes where nothing else is asked. */
static bool plan_simple(const map_planner *n, const map_rule *r, const map_op *op)
{
    return !r->codes && !r->fold && !r->form && !r->times.len && !r->has_default && r->number == MAP_NUMBER_NONE &&
           !r->copy_count && op->star == DGM_NONE && !op->code.there && op->second == DGM_NONE && op->value.len == 0 &&
           !r->lose.len && !n->p->targets[op->target].must;
}

/* An amount or quantity that stays what it is, with its currency or unit. */
static void plan_pair(const map_planner *n, const map_rule *r, map_op *op)
{
    const map_expr *second = r->second;
    bool literal = !second || (second->count == 1 && second->code[0].op == MAP_X_TEXT);
    op->pair = (r->as == DGM_TYPE_AMOUNT || r->as == DGM_TYPE_QUANTITY) && !r->codes && !r->fold && !r->form && !r->times.len &&
               !r->has_default && op->word == DGM_NONE && op->star == DGM_NONE && literal &&
               ((r->scale < 0 && !r->scale_expr) || n->p->direction == DGM_READ);
    if (literal && second) op->usual = second->code[0].text;
    op->beside = op->pair && op->value.len && op->code.there && op->code.len == op->value.len;
    op->beside = op->beside && op->value.path[op->value.len - 1] != op->code.path[op->code.len - 1];
    for (uint32_t i = 0; op->beside && i + 1 < op->value.len; i++) op->beside = op->value.path[i] == op->code.path[i];
    bool needed = op->second != DGM_NONE && dgm_shape_slot(n->p->to, n->p->targets[op->second].slot)->min > 0;
    op->unsaid = n->p->direction == DGM_WRITE && !needed;
}

static bool plan_fold(map_planner *n, map_rule *r, const map_place *const *from, uint32_t from_count)
{
    map_op op = { .kind = MAP_OP_FOLD,
                  .rule = r->id,
                  .cond = r->cond,
                  .value = { .there = true },
                  .second = DGM_NONE,
                  .star = DGM_NONE,
                  .target = DGM_NONE };
    const uint32_t many = r->fold->many, to_side = !n->p->direction;
    if (to_side == many) { /* one text is cut into many places when it comes by */
        uint32_t first = DGM_NONE;
        for (uint32_t i = 0; i < r->side_count[many]; i++) {
            map_op to = op;
            if (!plan_target(n, r, r->side[many][i], &to)) return false;
            to.kind = MAP_OP_FOLD;
            r->fold->stars[i] = to.star;
            uint32_t id = add_op(n, DGM_NONE, &to);
            if (id == DGM_NONE) return false;
            if (first == DGM_NONE) first = id;
        }
        op.index = first; /* the ops of the list follow one another */
        op.kind = MAP_OP_MOVE;
        if (!dgm_map_source_place_of(n, from[0], r->block, r->id, false)) return false;
        return add_op(n, n->found[0], &op) != DGM_NONE;
    }
    op.word = n->p->blocks[r->block].words;
    n->p->blocks[r->block].words += 2; /* head and tail of the pieces */
    if (!plan_target(n, r, r->side[!many][0], &op)) return false;
    if (r->pointer) { /* each occurrence of the class is a piece */
        from = &r->pointer->chain;
        from_count = 1;
    }
    for (uint32_t i = 0; i < from_count; i++) {
        if (!dgm_map_source_place_of(n, from[i], r->block, r->id, false)) return false;
        op.index = i;
        for (size_t k = 0; k < n->found_count; k++)
            if (add_op(n, n->found[k], &op) == DGM_NONE) return false;
    }
    uint32_t id = add_op(n, DGM_NONE, &op);
    map_end *e = id == DGM_NONE ? NULL : dgm_map_add_end(n, MAP_END_FOLD, r, id);
    if (e) e->word = op.word;
    return e != NULL;
}

static bool plan_copies(map_planner *n, const map_rule *r, const map_op *op, uint32_t move)
{
    if (!r->copy_count) return true;
    if (n->p->direction == DGM_WRITE) {
        for (uint32_t i = 0; i < r->copy_count; i++) {
            map_op copy = *op;
            copy.kind = MAP_OP_COPY;
            if (!plan_target(n, r, r->copies[i], &copy)) return false;
            uint32_t id = add_op(n, DGM_NONE, &copy);
            map_end *e = id == DGM_NONE ? NULL : dgm_map_add_end(n, MAP_END_COPIES, r, id);
            if (!e) return false;
            e->word = op->word;
        }
        return true;
    }
    for (uint32_t i = 0; i < r->copy_count; i++) {
        map_op copy = *op;
        copy.kind = MAP_OP_COPY;
        copy.word = n->p->blocks[r->block].words++;
        if (!dgm_map_source_place_of(n, r->copies[i], r->block, r->id, false)) return false;
        for (size_t k = 0; k < n->found_count; k++)
            if (add_op(n, n->found[k], &copy) == DGM_NONE) return false;
        map_end *e = dgm_map_add_end(n, MAP_END_COPIES, r, move);
        if (!e) return false;
        e->word = copy.word;
    }
    return true;
}

/* Numbers are counted in the frame around; one with a name may be wanted before its block ends. */
static void number_counter(map_planner *n, const map_rule *r, map_end *e)
{
    if (r->block == 0) return;
    e->counter = n->p->blocks[n->p->blocks[r->block].around].words;
    n->p->blocks[n->p->blocks[r->block].around].words += 2; /* the highest so far, and whether the list was looked through */
    if (r->name.len) {
        n->p->named[r->id].counter = e->counter + 1;
        n->p->named[r->id].target = e->target;
    }
}

/* What one-sided and completing keys need when the block ends. */
static bool plan_ends(map_planner *n, const map_rule *r, const map_op *op, uint32_t move)
{
    map_end *e;
    if (r->has_default) {
        if (!(e = dgm_map_add_end(n, MAP_END_DEFAULT, r, move))) return false;
        e->word = op->word;
        e->target = op->target;
    }
    if (r->number == MAP_NUMBER_KEEP) {
        if (!(e = dgm_map_add_end(n, MAP_END_KEEP, r, move))) return false;
        e->target = op->target;
        e->word = op->word;
        number_counter(n, r, e);
    }
    return true;
}

static bool stands_elsewhere(const map_rule *r, const map_place *p)
{
    return (p->root && r->block != 0) || p->up || p->named != DGM_NONE;
}

/* A value that the walk does not meet in the rule's block is looked up when that ends. */
static bool plan_lookup(map_planner *n, const map_rule *r, const map_place *source, uint32_t op)
{
    uint32_t join = source->named == DGM_NONE ? DGM_NONE : dgm_map_plan_join(n, source, r->id);
    map_end *e = dgm_map_add_end(n, MAP_END_LOOKUP, r, op);
    if (!e || (source->named != DGM_NONE && join == DGM_NONE)) return false;
    e->place = source;
    e->join = join;
    if (source->up && join == DGM_NONE) e->counter = n->p->blocks[source->base].words++;
    return true;
}

static bool plan_move(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction, to = !from;
    const map_place *source = r->side[from][0];
    map_op op = { .kind = MAP_OP_MOVE,
                  .rule = r->id,
                  .cond = r->cond,
                  .value = r->typed[from].value,
                  .code = r->typed[from].code,
                  .word = DGM_NONE };
    if (r->as == DGM_TYPE_FLAG && !op.value.there) op.value = (map_way){ .there = true };
    if (!plan_target(n, r, r->side[to][0], &op)) return false;
    if (r->has_default || r->copy_count || r->number == MAP_NUMBER_KEEP) op.word = n->p->blocks[r->block].words++;
    bool text = r->as == DGM_TYPE_TEXT || r->as == DGM_TYPE_CODE || r->as == DGM_TYPE_ID, simple = plan_simple(n, r, &op);
    op.simple = text && simple;
    op.cut = r->form != NULL;
    op.number = r->as == DGM_TYPE_NUMBER && simple && ((r->scale < 0 && !r->scale_expr) || n->p->direction == DGM_READ);
    plan_pair(n, r, &op);
    uint32_t move = add_op(n, DGM_NONE, &op);
    if (move == DGM_NONE) return false;
    if (stands_elsewhere(r, source)) { /* one value above, told to each occurrence */
        if (!plan_lookup(n, r, source, move)) return false;
    } else {
        if (!dgm_map_source_place_of(n, source, r->block, r->id, false) || !source_typed(n, r->typed[from].slot, r->block, r->id))
            return false;
        for (size_t k = 0; k < n->found_count; k++)
            if (add_op(n, n->found[k], &op) == DGM_NONE) return false;
    }
    return plan_copies(n, r, &op, move) && plan_ends(n, r, &op, move);
}

/* One field of a text that is glued when the block ends; the rule of the first field makes the text. */
static bool plan_part(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction;
    const map_place *source = r->side[from][0];
    map_rule *first = &n->l->m->rules[r->first_field];
    map_op op = { .kind = MAP_OP_PART, .rule = r->id, .cond = r->cond, .word = DGM_NONE, .index = r->id - r->first_field };
    if (r == first) {
        first->form_word = n->p->blocks[r->block].words;
        n->p->blocks[r->block].words += 2;
        map_op text = op;
        text.word = first->form_word;
        if (!plan_target(n, r, r->side[!from][0], &text)) return false;
        uint32_t id = add_op(n, DGM_NONE, &text);
        map_end *e = id == DGM_NONE ? NULL : dgm_map_add_end(n, MAP_END_FORM, r, id);
        if (!e) return false;
        e->word = text.word;
    }
    op.word = first->form_word;
    op.target = op.second = op.star = DGM_NONE;
    if (stands_elsewhere(r, source)) {
        uint32_t id = add_op(n, DGM_NONE, &op);
        return id != DGM_NONE && plan_lookup(n, r, source, id);
    }
    if (!dgm_map_source_place_of(n, source, r->block, r->id, false) || !source_typed(n, r->typed[from].slot, r->block, r->id))
        return false;
    for (size_t k = 0; k < n->found_count; k++)
        if (add_op(n, n->found[k], &op) == DGM_NONE) return false;
    return true;
}

/* A rule whose source side is missing or an expression: made when the block ends. */
static bool plan_made(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction, to = !from;
    map_op op = { .kind = MAP_OP_MOVE, .rule = r->id, .cond = r->cond, .word = DGM_NONE };
    if (!plan_target(n, r, r->side[to][0], &op)) return false;
    uint32_t id = add_op(n, DGM_NONE, &op);
    if (id == DGM_NONE) return false;
    map_end_kind kind = r->source[from] ? MAP_END_EXPR : r->has_is ? MAP_END_IS : MAP_END_NUMBER;
    map_end *e = dgm_map_add_end(n, kind, r, id);
    if (!e) return false;
    e->target = op.target;
    if (kind == MAP_END_NUMBER) number_counter(n, r, e);
    if (r->always) {
        e = dgm_map_add_end(n, MAP_END_ALWAYS, r, id);
        if (e) e->target = op.target;
    }
    return e != NULL;
}

/* A rule that only looks at its source: is, number: order. */
static bool plan_verify(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction;
    map_op op = { .kind = r->has_is ? MAP_OP_VERIFY : MAP_OP_ORDER,
                  .rule = r->id,
                  .cond = r->cond,
                  .value = { .there = true },
                  .target = DGM_NONE,
                  .second = DGM_NONE,
                  .star = DGM_NONE,
                  .word = DGM_NONE };
    if ((r->side[from][0]->root && r->block != 0) || r->side[from][0]->up)
        return true; /* told once above; nothing to compare here */
    if (!dgm_map_source_place_of(n, r->side[from][0], r->block, r->id, false)) return false;
    for (size_t k = 0; k < n->found_count; k++)
        if (add_op(n, n->found[k], &op) == DGM_NONE) return false;
    return true;
}

static bool plan_rule(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction, to = !from;
    if (r->side_count[0] && r->side[0][0]->deep) return true; /* dgm_map_mirror */
    bool number = r->number == MAP_NUMBER_ORDER;
    if (r->fold) return plan_fold(n, r, r->side[from], r->side_count[from]);
    if (r->form && r->form_side == to) return plan_part(n, r);
    if (number || r->has_is) {
        bool ok = !r->side_count[from] || plan_verify(n, r);
        return ok && (!r->side_count[to] || plan_made(n, r));
    }
    if (r->side_count[to] && r->side_count[from]) return plan_move(n, r);
    return !r->source[from] || !r->side_count[to] || plan_made(n, r);
}

static bool plan_ignore(map_planner *n, map_rule *r)
{
    uint32_t from = n->p->direction;
    map_op op = { .kind = MAP_OP_IGNORE,
                  .rule = r->id,
                  .cond = r->cond,
                  .target = DGM_NONE,
                  .second = DGM_NONE,
                  .star = DGM_NONE,
                  .word = DGM_NONE };
    for (uint32_t i = 0; i < r->side_count[from]; i++) {
        const map_place *p = r->side[from][i];
        if (p->root && r->block != 0) continue;
        if (!dgm_map_source_place_of(n, p, r->block, r->id, false)) return false;
        for (size_t k = 0; k < n->found_count; k++) {
            uint32_t up = n->found[k];
            n->p->sources[up].skip_several = true;
            for (up = n->p->sources[up].above; up > 1 && !n->p->sources[up].test_count && !n->p->sources[up].from;
                 up = n->p->sources[up].above)
                n->p->sources[up].skip_several = true; /* an ignored place may repeat on its way */
            if (add_op(n, n->found[k], &op) == DGM_NONE) return false;
        }
    }
    return true;
}

static bool plan_statements(map_planner *n)
{
    dgm_mapping *m = n->l->m;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        map_rule *r = &m->rules[i];
        bool ok = true;
        /* A block that does not run this way takes its rules along. */
        bool runs = dgm_map_active(r, n->p->direction);
        for (uint32_t b = r->block; b != DGM_NONE && m->blocks[b].rule != DGM_NONE; b = m->blocks[b].above)
            runs = runs && dgm_map_active(&m->rules[m->blocks[b].rule], n->p->direction);
        if (!runs) continue;
        if (r->kind == MAP_EACH)
            ok = dgm_map_plan_each(n, r);
        else if (r->kind == MAP_IGNORE)
            ok = plan_ignore(n, r);
        else
            ok = plan_rule(n, r);
        if (!ok) {
            n->l->nomem = n->l->nomem || !n->l->wrong;
            return false;
        }
    }
    return true;
}

/* A name's word, and whether its value is a text, code or identifier taken as it stands. */
static map_named name_of(map_plan *p, const map_rule *r)
{
    const dgm_direction d = p->direction;
    map_named x = { r->block, p->blocks[r->block].words++, NULL, 0, DGM_NONE };
    const map_place *place = !r->source[d] && r->side_count[d] ? r->side[d][0] : NULL;
    bool text = r->as == DGM_TYPE_NONE || r->as == DGM_TYPE_TEXT || r->as == DGM_TYPE_CODE || r->as == DGM_TYPE_ID;
    if (place && !(r->form && r->form_side == d) && place->star == DGM_NONE && place->slot == r->typed[d].slot &&
        !r->typed[d].value.len && (d == DGM_WRITE || (text && !r->codes)))
        x.place = place;
    return x;
}

void dgm_map_plan(map_loader *l, dgm_direction d)
{
    dgm_mapping *m = l->m;
    map_plan *p = &m->plan[d];
    map_planner n = { .l = l, .p = p };
    *p = (map_plan){ .direction = d, .from = m->shape[d], .to = m->shape[!d] };
    p->blocks = DGM_NEW(l->arena, map_plan_block, m->block_count + 1);
    p->named = DGM_NEW(l->arena, map_named, m->rule_count + 1);
    p->cond_words = DGM_NEW(l->arena, uint32_t, m->cond_count + 1);
    if (!p->blocks || !p->named || !p->cond_words) {
        l->nomem = true;
        return;
    }
    for (uint32_t i = 0; i < m->rule_count; i++)
        if (m->rules[i].name.len) p->named[i] = name_of(p, &m->rules[i]);
    for (uint32_t i = 0; i < m->cond_count; i++) p->cond_words[i] = p->blocks[m->conds[i].block].words++;
    for (int i = 0; i < 2; i++) /* number 0 stands for none */
        if (dgm_map_source_new(&n, DGM_NONE, DGM_SLOT_ROOT, 0) == DGM_NONE) return;
    for (uint32_t i = 1; i < m->block_count; i++) { /* unless the each runs this way */
        p->blocks[i].target = DGM_NONE;
        p->blocks[i].around = m->blocks[i].above;
    }
    if (target_new(&n, DGM_NONE, DGM_SLOT_ROOT, 0) == DGM_NONE) return;
    p->blocks[0].source = 1;
    p->targets[0].occurrence = true;
    for (uint32_t i = 0; i < m->check_count; i++) p->blocks[m->checks[i].block].kept = true;
    for (uint32_t i = 0; i < m->rule_count && d == DGM_READ; i++)
        if (m->rules[i].is_expr && m->rules[i].is_expr->places) p->blocks[m->rules[i].block].kept = true;
    for (uint32_t i = 0; i < m->rule_count && d == DGM_READ; i++) /* verified when the model is there */
        if (m->rules[i].where) p->blocks[m->rules[i].block].kept = p->blocks[m->rules[i].opens].kept = true;
    if (!plan_statements(&n)) return;
    dgm_map_mirror(&n);
    if (!l->wrong && !l->nomem) dgm_map_finish_plan(&n);
    if (!l->wrong && !l->nomem) dgm_map_relabel_plan(l, p);
}
