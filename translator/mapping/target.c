/* SPDX-License-Identifier: Apache-2.0
 *
 * target.c - occurrences made on demand: a frame knows for each address of its block which node of the builder it is, if it is any;
 * with sheets, whether it is there (tick.c does the same work on them). With an occurrence come the values its tests say. One
 * thread for each runner.
 */
#include "run.h"

enum { CHAIN_MAX = 128 };

static inline uint32_t *word_of(dgm_runner *r, uint32_t frame, uint32_t word)
{
    return &r->words[r->frames[frame].base + word];
}

static inline uint32_t made_in(const dgm_runner *r, uint32_t frame, uint32_t target)
{
    const map_target *t = &r->p->targets[target];
    uint32_t own = dgm_map_frame_of(r, frame, t->block);
    if (own == DGM_NONE) return DGM_NONE;
    if (r->sheets) return dgm_map_ticked(r, own, &r->p->addresses[target].is) ? 0 : DGM_NONE;
    uint32_t id = r->words[r->frames[own].base + t->word];
    return id ? id - 1 : DGM_NONE;
}

uint32_t dgm_map_made(const dgm_runner *r, uint32_t frame, uint32_t target)
{
    return made_in(r, frame, target);
}

static void full(dgm_runner *r, const map_target *t, uint32_t node, uint32_t count, uint32_t most, uint32_t rule)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_FULL, DGM_ERROR, node, rule);
    dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->to, t->slot)->name);
    dgm_diag_number(r->diags, d, most);
    dgm_diag_number(r->diags, d, count);
    dgm_map_problem_rule(r, d, rule);
}

void dgm_map_count_made(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t rule)
{
    const map_target *t = &r->p->targets[target];
    const map_frame *f = &r->frames[frame];
    if (f->above == DGM_NONE) return;
    uint32_t around = dgm_map_frame_of(r, f->above, r->p->targets[t->above].block);
    if (around == DGM_NONE) return;
    uint32_t made = ++*word_of(r, around, r->p->blocks[f->block].made_word);
    uint32_t most = r->p->blocks[f->block].most;
    if (made == most + 1 && most != DGM_UNBOUNDED) full(r, t, f->node, made, most, rule);
}

static uint32_t leaf_new(dgm_runner *r, uint32_t above, const map_target *t, dgm_slice value)
{
    return dgm_builder_leaf(r->builder, above, t->slot, t->kind == DGM_ATTRIBUTE ? 0 : t->order, value);
}

static void put_constants(dgm_runner *r, uint32_t frame, const map_target *t, uint32_t node, uint32_t rule)
{
    for (uint32_t i = 0; i < t->constant_count; i++) {
        const map_target *c = &r->p->targets[t->constants[i].target];
        if (c->writer != DGM_NONE) continue; /* the rule decides; its value must be in the list */
        uint32_t own = dgm_map_frame_of(r, frame, c->block), above = made_in(r, frame, c->above);
        if (above == DGM_NONE) above = dgm_map_build_ensure(r, frame, c->above, node, rule);
        if (above == DGM_NONE || own == DGM_NONE || *word_of(r, own, c->word)) continue;
        uint32_t id = leaf_new(r, above, c, t->constants[i].value);
        if (id == DGM_NONE) return;
        *word_of(r, own, c->word) = id + 1;
        if (r->with_origin) dgm_builder_origin(r->builder, id, DGM_NONE, rule);
    }
}

uint32_t dgm_map_build_ensure(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t node, uint32_t rule)
{
    uint32_t chain[CHAIN_MAX], frames[CHAIN_MAX], n = 0, id = DGM_NONE;
    for (uint32_t at = target, f = frame; id == DGM_NONE; at = r->p->targets[at].above) {
        const map_target *t = &r->p->targets[at];
        f = dgm_map_frame_of(r, f, t->block);
        if (f == DGM_NONE || n == CHAIN_MAX) {
            dgm_map_fail(r, DGM_LIMIT);
            return DGM_NONE;
        }
        uint32_t had = *word_of(r, f, t->word);
        if (had)
            id = had - 1;
        else {
            chain[n] = at;
            frames[n++] = f;
        }
    }
    while (n--) {
        const map_target *t = &r->p->targets[chain[n]];
        uint32_t come = *word_of(r, frames[n], t->word);
        if (come) { /* with the tests of the occurrence above */
            id = come - 1;
            continue;
        }
        id = dgm_kind_leaf(t->kind) ? leaf_new(r, id, t, (dgm_slice){ 0 }) : dgm_builder_open(r->builder, id, t->slot, t->order);
        if (id == DGM_NONE) {
            dgm_map_fail(r, dgm_builder_status(r->builder));
            return DGM_NONE;
        }
        *word_of(r, frames[n], t->word) = id + 1;
        bool paired = t->block && r->p->blocks[t->block].target == chain[n]; /* with the occurrence of its each */
        if (r->with_origin && paired)
            dgm_builder_origin(r->builder, id, r->frames[frames[n]].node, r->m->blocks[t->block].rule);
        else if (r->with_origin)
            dgm_builder_origin(r->builder, id, node, rule);
        if (paired) dgm_map_count_made(r, frames[n], chain[n], rule);
        if (t->constant_count) put_constants(r, frames[n], t, node, rule);
    }
    return id;
}

bool dgm_map_in_list(dgm_runner *r, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule)
{
    const map_target *t = &r->p->targets[target];
    for (uint32_t i = 0; i < t->must->value_count; i++)
        if (dgm_slice_equal(t->must->values[i], value)) return true;
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_TEST_VALUE, DGM_ERROR, node, rule);
    dgm_diag_text(r->diags, d, value);
    dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->to, t->slot)->name);
    dgm_map_problem_rule(r, d, rule);
    return false;
}

void dgm_map_disagree(dgm_runner *r, dgm_slice before, dgm_slice value, uint32_t node, uint32_t rule)
{
    if (dgm_map_same(&r->m->rules[rule], before, value)) return;
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_DISAGREE, DGM_ERROR, node, rule);
    dgm_diag_text(r->diags, d, value);
    dgm_diag_text(r->diags, d, before);
    dgm_map_problem_rule(r, d, rule);
}

/* A value for a leaf that has one, or that came with its occurrence. */
static void put_again(dgm_runner *r, uint32_t leaf, dgm_slice value, uint32_t node, uint32_t rule)
{
    dgm_slice before = dgm_builder_value(r->builder, leaf);
    if (!before.len)
        dgm_builder_set(r->builder, leaf, value);
    else
        dgm_map_disagree(r, before, value, node, rule);
}

void dgm_map_build_put(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule)
{
    const map_target *targets = r->p->targets, *t = &targets[target];
    uint32_t own = dgm_map_frame_of(r, frame, t->block);
    if (own == DGM_NONE) return;
    if (t->must && !dgm_map_in_list(r, target, value, node, rule)) return;
    uint32_t *words = r->words + r->frames[own].base; /* words do not move while no frame opens */
    if (words[t->word]) {
        put_again(r, words[t->word] - 1, value, node, rule);
        return;
    }
    if (t->above == DGM_NONE) return;
    const map_target *up = &targets[t->above];
    uint32_t above = up->block == t->block ? words[up->word] : 0;
    if (above) {
        above--;
    } else {
        above = dgm_map_build_ensure(r, own, t->above, node, rule);
        if (above == DGM_NONE) return;
        if (words[t->word]) { /* came with its occurrence */
            dgm_builder_set(r->builder, words[t->word] - 1, value);
            return;
        }
    }
    uint32_t id = leaf_new(r, above, t, value);
    if (id == DGM_NONE) return;
    words[t->word] = id + 1;
    if (r->with_origin) dgm_builder_origin(r->builder, id, node, rule);
    if (t->block && r->p->blocks[t->block].target == target) dgm_map_count_made(r, own, target, rule);
}

/* ---- #* : occurrences one after another ---------------------------------------------------------------------------------- */

static void star_constants(dgm_runner *r, const map_star *s, uint32_t step, uint32_t *state, uint32_t occurrence, uint32_t rule)
{
    const map_star_step *x = &s->steps[step];
    for (uint32_t i = 0; i < x->test_count; i++) {
        const map_test *q = &x->tests[i];
        if (q->kind != MAP_EQUAL && q->kind != MAP_IN) continue;
        uint32_t above = occurrence, at = step;
        bool along = true; /* the steps below that the place itself will take are shared with it */
        for (uint32_t k = 0; k + 1 < q->path_len && above != DGM_NONE; k++) {
            bool shared = along && at + 1 < s->step_count && !s->steps[at + 1].star && s->steps[at + 1].slots[0] == q->path[k];
            along = shared;
            if (shared) at++;
            uint32_t id =
                shared && state[2 * at + 1] ? state[2 * at + 1] - 1 : dgm_builder_open(r->builder, above, q->path[k], s->order);
            if (shared) {
                state[2 * at] = 1;
                state[2 * at + 1] = id + 1;
            }
            above = id;
        }
        if (above == DGM_NONE) return;
        uint32_t id = dgm_builder_leaf(r->builder, above, q->path[q->path_len - 1], s->order, q->values[0]);
        if (r->with_origin) dgm_builder_origin(r->builder, id, DGM_NONE, rule);
    }
}

/* Sets the odometer to its next position; the first step that moved, or step_count when all places are full. */
static uint32_t advance(const map_star *s, uint32_t *state)
{
    uint32_t last = s->step_count;
    if (!state[1]) return 0;
    while (last-- > 0) {
        const map_star_step *x = &s->steps[last];
        uint32_t most = x->slot_count > 1 ? x->slot_count : x->max;
        if (x->star && state[2 * last] < most) return last;
    }
    return s->step_count;
}

/* Of a ring: its occurrences are its leader's, and what stands in one of them begins anew with the next. */
static void follow(const dgm_runner *r, uint32_t frame, const map_star *s)
{
    const map_star *leader = &r->p->stars[s->leader];
    const uint32_t *first = r->words + r->frames[frame].base + leader->word;
    uint32_t *state = r->words + r->frames[frame].base + s->word;
    if (state[0] == first[0] || leader == s) return;
    memset(state, 0, 2 * s->step_count * sizeof *state);
    state[0] = first[0];
    state[1] = first[1];
}

/* The first step inside an occurrence that has room; step_count when it is full. */
static uint32_t advance_inside(const map_star *s, const uint32_t *state)
{
    for (uint32_t k = 1; k < s->step_count; k++)
        if (!state[2 * k + 1]) return k;
    for (uint32_t k = s->step_count; k-- > 1;) {
        const map_star_step *x = &s->steps[k];
        if (x->star && state[2 * k] < (x->slot_count > 1 ? x->slot_count : x->max)) return k;
    }
    return s->step_count;
}

bool dgm_map_star_filled(dgm_runner *r, uint32_t frame, uint32_t star)
{
    const map_star *s = &r->p->stars[star];
    follow(r, frame, s);
    const uint32_t *state = word_of(r, frame, s->word);
    return state[1] && advance_inside(s, state) == s->step_count;
}

/* What the occurrences hang beneath with sheets: a node apart, for only their coming puts them in order. */
static uint32_t star_base(dgm_runner *r, uint32_t frame, const map_star *s, uint32_t node, uint32_t rule)
{
    uint32_t own = dgm_map_frame_of(r, frame, s->list_block);
    if (dgm_map_sheet_ensure(r, frame, s->base, node, rule) == DGM_NONE || own == DGM_NONE) return DGM_NONE;
    uint32_t *words = r->words + r->frames[own].base;
    if (words[s->list.word] & s->list.bit) return words[s->list.at];
    uint32_t id = dgm_builder_apart(r->builder, r->p->targets[s->base].slot);
    if (id == DGM_NONE) {
        dgm_map_fail(r, dgm_builder_status(r->builder));
        return DGM_NONE;
    }
    words[s->list.at] = id;
    words[s->list.word] |= s->list.bit;
    return id;
}

/* state: for each step how many so far and the id of the latest + 1. */
bool dgm_map_put_star(dgm_runner *r, uint32_t frame, uint32_t star, dgm_slice value, uint32_t node, uint32_t rule)
{
    const map_star *s = &r->p->stars[star];
    uint32_t *state = word_of(r, frame, s->word);
    uint32_t from = s->leader == star ? advance(s, state) : advance_inside(s, state);
    if (from == s->step_count) {
        if (!r->m->rules[rule].lose.len) {
            dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_FULL_TEXT, DGM_ERROR, node, rule);
            dgm_diag_text(r->diags, d, value);
            dgm_map_problem_rule(r, d, rule);
        }
        return false;
    }
    if (r->sheets && s->places) {
        state[1] = 1;
        return dgm_map_sheet_place(r, frame, s->base, s->steps[0].targets[state[0]++], value, node, rule);
    }
    uint32_t above = from        ? state[2 * from - 1] - 1
                     : r->sheets ? star_base(r, frame, s, node, rule)
                                 : dgm_map_ensure(r, frame, s->base, node, rule);
    if (above == DGM_NONE) return false;
    for (uint32_t k = from + 1; k < s->step_count; k++) state[2 * k] = state[2 * k + 1] = 0;
    state[2 * from]++;
    state[2 * from + 1] = 0;
    for (uint32_t i = from; i < s->step_count; i++) {
        const map_star_step *x = &s->steps[i];
        if (state[2 * i + 1]) { /* came with the tests of the occurrence above */
            above = state[2 * i + 1] - 1;
            continue;
        }
        if (i > from) state[2 * i] = 1;
        uint32_t slot = x->slots[x->slot_count > 1 ? state[2 * i] - 1 : 0];
        bool last = i + 1 == s->step_count;
        uint32_t id =
            last ? dgm_builder_leaf(r->builder, above, slot, s->order, value) : dgm_builder_open(r->builder, above, slot, s->order);
        if (id == DGM_NONE) {
            dgm_map_fail(r, dgm_builder_status(r->builder));
            return false;
        }
        state[2 * i + 1] = id + 1;
        if (r->with_origin) dgm_builder_origin(r->builder, id, node, rule);
        if (x->test_count) star_constants(r, s, i, state, id, rule);
        above = id;
    }
    return true;
}
