/* SPDX-License-Identifier: Apache-2.0
 *
 * number.c - `number: keep` when a block ends: stored numbers stay, missing ones follow the highest so far, or are given earlier to
 * the rows that carry them; one that stands twice in its list is told of. One thread for each runner.
 */
#include "late.h"

static uint32_t small(dgm_slice v)
{
    uint32_t n = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (v.at[i] < '0' || v.at[i] > '9' || n > 100000000) return 0;
        n = n * 10 + (uint32_t)(v.at[i] - '0');
    }
    return n;
}

static uint32_t *word_of(dgm_runner *r, uint32_t frame, uint32_t word)
{
    return &r->words[r->frames[frame].base + word];
}

static const map_source *source_of(const dgm_runner *r, uint32_t frame)
{
    return &r->p->sources[r->p->blocks[r->frames[frame].block].source];
}

/* ---- twins --------------------------------------------------------------------------------------------------------------- */

static void told_twice(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice number)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_NUMBER_TWICE, rule->otherwise ? rule->otherwise : DGM_WARNING, node, rule->id);
    dgm_diag_text(r->diags, d, number);
    dgm_map_problem_rule(r, d, rule->id);
}

/* Adds a number to those of its list; another occurrence's is told of. */
static void note(dgm_runner *r, const map_rule *rule, uint32_t list, uint32_t n, uint32_t node, uint32_t occurrence)
{
    char room[16];
    dgm_slice digits = dgm_arena_copy(&r->arena, dgm_map_digits(n, room));
    uint32_t what = MAP_WHAT_NUMBER | rule->id;
    if (!digits.at) {
        dgm_map_fail(r, DGM_NOMEM);
        return;
    }
    uint32_t had = dgm_map_index_find(r, what, list, &digits, 1);
    if (had != DGM_NONE) {
        if (r->entries[had].node != occurrence) told_twice(r, rule, node, digits);
        return;
    }
    (void)dgm_map_index_add(r, what, list, &digits, 1, occurrence);
}

/* The stored numbers of a list, once, when one of them does not follow those before it: most lists ascend. */
static void note_list(dgm_runner *r, uint32_t frame, const map_rule *rule)
{
    const map_rule *each = &r->m->rules[r->m->blocks[rule->block].rule];
    uint32_t d = r->p->direction, above = r->frames[frame].above, list = r->frames[above].node;
    map_iter i;
    dgm_map_iter_begin(&i, r->in, dgm_map_place_base(r, above, each->side[d][0]), each->side[d][0]);
    for (uint32_t at; (at = dgm_map_iter_next(&i)) != DGM_NONE;) {
        uint32_t node = dgm_map_find(r->in, at, rule->side[d][0]);
        uint32_t n = node == DGM_NONE ? 0 : small(dgm_tree_value(r->in, node));
        if (n) note(r, rule, list, n, node, at);
    }
}

/* A list whose occurrences all come by as they stand. */
static bool whole_list(const dgm_runner *r, uint32_t frame, const map_rule *rule)
{
    const map_rule *each = &r->m->rules[r->m->blocks[rule->block].rule];
    const map_place *p = rule->side[r->p->direction][0];
    return !source_of(r, frame)->apart && each->cond == DGM_NONE && !each->where && rule->cond == DGM_NONE && !p->root && !p->up &&
           p->named == DGM_NONE;
}

static void stored(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t *counter, uint32_t node)
{
    const map_rule *rule = &r->m->rules[e->rule];
    uint32_t n = small(dgm_tree_value(r->in, node)), above = r->frames[frame].above;
    bool ascends = n > *counter;
    if (ascends) *counter = n;
    if (!n || above == DGM_NONE || e->counter == DGM_NONE) return;
    uint32_t *noted = word_of(r, above, e->counter + 1);
    if (!whole_list(r, frame, rule)) {
        note(r, rule, r->frames[above].node, n, node, r->frames[frame].node);
    } else if (!ascends && !*noted) {
        *noted = 1;
        note_list(r, frame, rule);
    }
}

/* ---- numbers that are missing -------------------------------------------------------------------------------------------- */

bool dgm_map_number_given(const dgm_runner *r, uint32_t frame, uint32_t rule)
{
    const map_named *x = &r->p->named[rule];
    return x->counter && r->words[r->frames[frame].base + x->word] > 1;
}

void dgm_map_give_number(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t n)
{
    const map_named *x = &r->p->named[e->rule];
    char text[16];
    if (!x->counter) {
        dgm_map_put(r, frame, e->target, dgm_map_digits(n, text), DGM_NONE, e->rule);
        return;
    }
    dgm_slice kept = dgm_arena_copy(&r->arena, dgm_map_digits(n, text)); /* it may be a key */
    if (!kept.at)
        dgm_map_fail(r, DGM_NOMEM);
    else if (dgm_map_keep_name(r, word_of(r, frame, x->word), kept))
        dgm_map_put(r, frame, e->target, kept, DGM_NONE, e->rule);
}

/* The next number, which the rows of one occurrence share. */
static uint32_t next_number(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t *counter)
{
    uint32_t above = r->frames[frame].above, own = r->frames[frame].node;
    if (above == DGM_NONE) return ++*counter;
    if (source_of(r, frame)->apart) {
        uint32_t what = MAP_WHAT_GIVEN | rule->id, had = dgm_map_index_find(r, what, own, NULL, 0);
        if (had != DGM_NONE) return r->entries[had].owner;
        had = dgm_map_index_add(r, what, own, NULL, 0, own);
        if (had == DGM_NONE) return 0;
        r->entries[had].owner = ++*counter;
    } else {
        ++*counter;
    }
    note(r, rule, r->frames[above].node, *counter, own, own);
    return *counter;
}

void dgm_map_keep_number(dgm_runner *r, uint32_t frame, const map_end *e, bool lives)
{
    uint32_t one = 0, *counter = e->counter == DGM_NONE ? &one : word_of(r, r->frames[frame].above, e->counter);
    uint32_t seen = *word_of(r, frame, e->word);
    if (seen >= 2)
        stored(r, frame, e, counter, seen - 2);
    else if (lives && !r->partial && !dgm_map_number_given(r, frame, e->rule))
        dgm_map_give_number(r, frame, e, next_number(r, frame, &r->m->rules[e->rule], counter));
}

/* A number that is missing and wanted as a key: it is given now. */
bool dgm_map_name_number(dgm_runner *r, uint32_t rule, uint32_t frame, dgm_slice *out)
{
    const map_named *x = &r->p->named[rule];
    uint32_t own = dgm_map_frame_of(r, frame, x->block);
    if (own == DGM_NONE || r->frames[own].above == DGM_NONE) return false;
    char text[16];
    uint32_t n = next_number(r, own, &r->m->rules[rule], word_of(r, r->frames[own].above, x->counter - 1));
    *out = dgm_arena_copy(&r->arena, dgm_map_digits(n, text));
    if (!out->at) {
        dgm_map_fail(r, DGM_NOMEM);
        return false;
    }
    dgm_map_put(r, own, x->target, *out, DGM_NONE, rule);
    return dgm_map_keep_name(r, word_of(r, own, x->word), *out);
}
