/* SPDX-License-Identifier: Apache-2.0
 *
 * map_laws_amended.c - the third law of `map laws`: of two documents by chance the message between them is made, written and read
 * again, and makes the second of the first. Two that break this are cut down to the smallest that still do. One thread.
 */
#include "map_laws.h"

#include "model/amend.h"

#include <stdio.h>

/* ---- which mappings ------------------------------------------------------------------------------------------------------ */

/* A mapping that carries the pointers of amendments says what changes. */
void laws_amends(trying *t)
{
    uint32_t amendment = dgm_amend_slot(t->model, DGM_SLOT_ROOT, "06A"), pointer = dgm_amend_slot(t->model, amendment, "97A");
    dgm_row r;
    t->amends = false;
    if (pointer == DGM_SLOT_NONE) return;
    for (uint32_t i = 0; !t->amends && dgm_mapping_row(t->mapping, i, &t->c->arena, &r) == DGM_OK; i++) {
        uint32_t wire, model = r.model_at, covered = dgm_mapping_covered(t->mapping, i, 0, &wire, &model);
        if (!covered) model = r.model_at;
        for (uint32_t k = 0; k == 0 || k < covered; k++) {
            if (covered) dgm_mapping_covered(t->mapping, i, k, &wire, &model);
            if (r.kind == DGM_STATEMENT_RULE && model != DGM_SLOT_NONE)
                t->amends = t->amends || model == pointer || dgm_shape_beneath(t->model, model, pointer);
        }
    }
}

/* ---- one pair ------------------------------------------------------------------------------------------------------------ */

/* The message between two documents; DGM_INVALID: none says it. */
static dgm_status difference(trying *t, const dgm_tree *base, const dgm_tree *full, const char *function, dgm_tree **out)
{
    const dgm_amend_head head = { .function = dgm_slice_of(function) };
    const dgm_mem *mem = &t->c->mem;
    *out = NULL;
    dgm_diags_clear(t->diags);
    dgm_status s = dgm_builder_begin(t->builder, t->model, false);
    if (s == DGM_OK) s = dgm_amend_make(mem, base, full, &head, t->diags, t->builder);
    if (s == DGM_OK) s = dgm_builder_freeze(t->builder, out, NULL);
    if (s == DGM_OK) s = dgm_amend_prove(mem, base, *out, full, t->diags);
    return s;
}

/* Written as it must be: all of it said, and where the mapping has `partial`, as such a message. */
static dgm_status written(trying *t, const dgm_tree *base, const dgm_tree *full, dgm_tree **wire)
{
    static const char *const functions[] = { "13", "4", "5" };
    dgm_status s = DGM_INVALID;
    for (size_t i = 0; i < sizeof functions / sizeof *functions && s == DGM_INVALID; i++) {
        dgm_tree *part = NULL, *made = NULL;
        uint32_t unsaid = 0;
        s = difference(t, base, full, functions[i], &part);
        if (s == DGM_OK) s = laws_to_wire(t, part, NULL, &unsaid, &made);
        if (s == DGM_OK && (unsaid || (dgm_mapping_partial(t->mapping) && !dgm_runner_partial(t->runner)))) s = DGM_INVALID;
        if (s == DGM_OK) s = laws_to_bytes(t, made);
        if (s == DGM_OK && dgm_tree_own(made, &t->c->mem, wire) != DGM_OK) s = DGM_NOMEM; /* the runner is used again */
        if (made) dgm_runner_recycle(t->runner, made);
        dgm_tree_free(part);
    }
    return s;
}

static verdict try_pair(trying *t, const dgm_tree *base, const dgm_tree *full)
{
    dgm_tree *wire = NULL;
    t->failed = DGM_OK;
    dgm_status s = written(t, base, full, &wire);
    if (s != DGM_OK) return s == DGM_INVALID ? OUTSIDE : FAILED;
    verdict v = BROKEN;
    s = laws_from_bytes(t);
    if (s != DGM_OK && s != DGM_INVALID && s != DGM_UNKNOWN) {
        v = FAILED;
    } else if (s != DGM_OK || !t->back) {
        if (!*t->why) snprintf(t->why, sizeof t->why, "the amendment that was written is not read");
    } else if (t->residue) {
        snprintf(t->why, sizeof t->why, "of the amendment that was written %u values are not read", t->residue);
    } else {
        dgm_diags_clear(t->diags);
        s = dgm_amend_prove(&t->c->mem, base, t->back, full, t->diags);
        if (s == DGM_INVALID)
            laws_because_of(t, "base and read(write(amendment)) are not the other document");
        else if (s != DGM_OK)
            v = FAILED;
        else if (laws_is_written_again(t, wire))
            v = HOLDS;
    }
    dgm_tree_free(wire);
    laws_forget(t);
    return t->failed != DGM_OK ? FAILED : v;
}

/* ---- cutting down -------------------------------------------------------------------------------------------------------- */

typedef struct two {
    dgm_tree *tree[2]; /* the base, and what it becomes */
} two;

/* Without a node, and without classes that then hold nothing, which no amendment can point at. DGM_NONE: without these alone. */
static dgm_tree *without(trying *t, const dgm_tree *d, uint32_t node)
{
    dgm_tree *less = NULL;
    bool *drop = dgm_mem_new(&t->c->mem, d->node_count * sizeof *drop);
    if (!drop) return NULL;
    if (node != DGM_NONE) drop[node] = true;
    if (dgm_tree_without(t->builder, d, drop, true, &less) != DGM_OK) less = NULL;
    dgm_mem_free(&t->c->mem, drop, d->node_count * sizeof *drop);
    return less;
}

/* One node of one of them less, and with `both` the same place of the other. */
static bool cut_pair(trying *t, two *p, int side, uint32_t node, bool both)
{
    char path[PATH_BYTES];
    uint32_t nodes[2] = { DGM_NONE, DGM_NONE };
    size_t len = dgm_tree_path(p->tree[side], node, path, sizeof path);
    nodes[side] = node;
    if (both && len < sizeof path) nodes[!side] = dgm_tree_at(p->tree[!side], 0, (dgm_slice){ path, len });
    if (both && nodes[!side] == DGM_NONE) return false;
    two less = { { without(t, p->tree[0], nodes[0]), without(t, p->tree[1], nodes[1]) } };
    bool good = less.tree[0] && less.tree[1] && laws_valid(t, less.tree[0]) && laws_valid(t, less.tree[1]) &&
                try_pair(t, less.tree[0], less.tree[1]) == BROKEN;
    two old = good ? *p : less;
    if (good) *p = less;
    for (int i = 0; i < 2; i++) dgm_tree_free(old.tree[i]);
    return good;
}

static void cut_pair_down(trying *t, two *p)
{
    uint32_t tries = 0;
    for (bool progress = true; progress && tries < TRIES_MAX;) {
        progress = false;
        for (int way = 0; way < 3; way++) /* the base and with it the other; each alone */
            for (uint32_t n = 1; n < p->tree[way == 2]->node_count && tries < TRIES_MAX; tries++) {
                if (cut_pair(t, p, way == 2, n, way == 0))
                    progress = true;
                else
                    n++;
            }
    }
    (void)try_pair(t, p->tree[0], p->tree[1]); /* its reason and its bytes */
}

/* ---- pairs by chance ----------------------------------------------------------------------------------------------------- */

/* A few nodes less. */
static dgm_tree *thinned(trying *t, const dgm_tree *d, uint64_t seed)
{
    dgm_tree *less = NULL;
    bool *drop = dgm_mem_new(&t->c->mem, d->node_count * sizeof *drop);
    if (!drop) return NULL;
    for (uint64_t k = 0, x = seed * 0x9E3779B97F4A7C15u; d->node_count > 1 && k <= seed % 4; k++) {
        x = (x ^ x >> 29) * 0xBF58476D1CE4E5B9u;
        drop[1 + (x >> 33) % (d->node_count - 1)] = true;
    }
    if (dgm_tree_without(t->builder, d, drop, true, &less) != DGM_OK) less = NULL;
    dgm_mem_free(&t->c->mem, drop, d->node_count * sizeof *drop);
    return less;
}

/* Another document altogether, of what can be written; but for its number, for an amendment is about the same document. */
static dgm_tree *another(trying *t, const dgm_wish *wish)
{
    dgm_wish other = *wish;
    dgm_tree *d = NULL;
    other.seed = wish->seed + 0x100000001u;
    if (dgm_generate(t->builder, t->model, &other, &d) != DGM_OK) return NULL;
    bool good = laws_fit(t, &d) == HOLDS;
    uint32_t number = dgm_amend_slot(t->model, DGM_SLOT_ROOT, "D014"), at = 1;
    while (at < d->node_count && dgm_node_slot(&d->nodes[at]) != number) at = dgm_tree_next(d, at);
    dgm_tree *same = good ? without(t, d, at < d->node_count ? at : DGM_NONE) : NULL;
    dgm_tree_free(d);
    return same;
}

verdict laws_amended(trying *t, const dgm_tree *base, const dgm_wish *wish)
{
    two p = { { without(t, base, DGM_NONE), wish->seed % 3 == 2 ? another(t, wish) : thinned(t, base, wish->seed) } };
    if (wish->seed % 3 == 1) p = (two){ { p.tree[1], p.tree[0] } };
    verdict v = p.tree[0] && p.tree[1] ? try_pair(t, p.tree[0], p.tree[1]) : OUTSIDE;
    t->pairs++;
    t->pairs_hold += v == HOLDS;
    t->pairs_outside += v == OUTSIDE;
    if (v == BROKEN) {
        cut_pair_down(t, &p);
        laws_tell_head(t, "pair", wish->seed);
        laws_tell_document(t, "base", p.tree[0]);
        if (!t->c->json) cli_put(&t->c->out, "  becomes\n");
        laws_tell_document(t, "full", p.tree[1]);
        laws_tell_written(t);
    }
    for (int i = 0; i < 2; i++) dgm_tree_free(p.tree[i]);
    return v == OUTSIDE ? HOLDS : v;
}
