/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_lists.c - lists that go side by side: the n-th occurrence of the one holds values of the n-th of the other, in every frame.
 * Each pair of lists becomes an each, tried with what is in it, the likeliest first. One thread.
 */
#include "infer_internal.h"

#include <stdlib.h>

typedef struct posting {
    uint32_t list, number, next;
} posting;
typedef struct head {
    uint32_t first, count;
} head;
typedef struct vote {
    uint32_t wire, model;
    double weight;
} vote;

typedef struct voting {
    inf *k;
    inf_set *s;
    inf_table heads_at, votes_at;
    inf_vector heads, postings, votes;
} voting;

static void post(voting *v, uint32_t list, const inf_occurrence *o, uint64_t hash)
{
    uint32_t *at = inf_at(v->k, &v->heads_at, inf_mix(inf_mix(31, o->frame), hash));
    if (!at) return;
    if (!*at) {
        if (!inf_push(v->k, &v->heads, sizeof(head))) return;
        *at = v->heads.count;
    }
    if (!v->heads.at) return;
    head *h = &((head *)v->heads.at)[*at - 1];
    if (h->count++ >= INF_POSTINGS_MAX) return;
    posting *p = inf_push(v->k, &v->postings, sizeof *p);
    if (!p) return;
    *p = (posting){ list, o->number, h->first };
    h->first = v->postings.count;
}

static void ask(voting *v, uint32_t list, const inf_occurrence *o, uint64_t hash)
{
    uint32_t at = inf_get(&v->heads_at, inf_mix(inf_mix(31, o->frame), hash));
    if (!at || !v->heads.at) return;
    const head *h = &((head *)v->heads.at)[at - 1];
    if (h->count > INF_POSTINGS_MAX) return;
    for (uint32_t i = h->first; i && !v->k->nomem;) {
        const posting *p = &((posting *)v->postings.at)[i - 1];
        i = p->next;
        if (p->number != o->number) continue;
        uint32_t *x = inf_at(v->k, &v->votes_at, inf_mix(inf_mix(37, list), p->list));
        if (!x) return;
        if (!*x) {
            vote *n = inf_push(v->k, &v->votes, sizeof *n);
            if (!n) return;
            *n = (vote){ list, p->list, 0 };
            *x = v->votes.count;
        }
        ((vote *)v->votes.at)[*x - 1].weight += 1.0 / h->count;
    }
}

static bool free_of_each(const inf *k, const inf_set *s, uint32_t side, const inf_list *l)
{
    for (uint32_t i = 0; i < l->count; i++)
        if (k->use[side][s->frames[l->at[i].frame].example][l->at[i].node] & INF_INSIDE) return false;
    return true;
}

static void vote_with(voting *v, uint32_t side)
{
    inf *k = v->k;
    for (uint32_t i = 0; i < v->s->lists[side].count && !k->nomem; i++) {
        const inf_list *l = INF_LIST(v->s, side, i);
        if (!free_of_each(k, v->s, side, l)) continue;
        for (uint32_t o = 0; o < l->count; o++) {
            uint32_t example = v->s->frames[l->at[o].frame].example;
            const inf_hashes *h = &k->hashes[side][example];
            uint32_t end = dgm_tree_end(inf_tree(k, example, side), l->at[o].node);
            for (uint32_t n = h->from[l->at[o].node]; n < h->from[end]; n++) {
                if (side == MODEL)
                    post(v, i, &l->at[o], h->at[n].hash);
                else
                    ask(v, i, &l->at[o], h->at[n].hash);
            }
        }
    }
}

/* ---- choosing ------------------------------------------------------------------------------------------------------------ */

/* Frames where both lists are as long; how many where they are not. */
static uint32_t frames_together(inf *k, const inf_set *s, const inf_list *a, const inf_list *b, inf_vector *out, uint32_t *differ)
{
    uint32_t i = 0, j = 0, frames = 0;
    *differ = 0;
    while (i < a->count || j < b->count) {
        uint32_t fa = i < a->count ? a->at[i].frame : DGM_NONE, fb = j < b->count ? b->at[j].frame : DGM_NONE;
        uint32_t f = fa < fb ? fa : fb, x = i, y = j;
        while (x < a->count && a->at[x].frame == f) x++;
        while (y < b->count && b->at[y].frame == f) y++;
        if (x - i != y - j) {
            ++*differ;
        } else {
            frames++;
            for (uint32_t n = 0; out && n < x - i; n++) {
                inf_frame *new = inf_push(k, out, sizeof *new);
                if (new) *new = (inf_frame){ s->frames[f].example, { a->at[i + n].node, b->at[j + n].node }, n + 1 };
            }
        }
        i = x, j = y;
    }
    return frames;
}

/* What goes first among lists that say the same: those that the standard's qualifiers choose, then all of a slot; less by numbers.
 */
static double preference(const inf *k, const inf_set *s, uint32_t side, uint32_t address)
{
    double p = 1;
    for (uint32_t a = address; a; a = INF_ADDRESS(s, side, a)->parent) {
        const inf_address *x = INF_ADDRESS(s, side, a);
        if (x->how == INF_NUMBER) p *= 0.9;
        if (x->policy) {
            const inf_policy *y = &k->policies[x->policy - 1];
            bool names = y->primary || dgm_infer_qualifies(dgm_shape_slot(k->shape[WIRE], y->selector[y->count - 1]));
            p *= (y->primary ? 1.02 : names ? 0.998 : 0.99) + (k->favour[x->policy - 1] ? 0.01 : 0) - 0.001 * y->count;
        }
    }
    return p;
}

static int heavier(const void *a, const void *b)
{
    const vote *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return x->wire != y->wire ? (x->wire > y->wire ? 1 : -1) : (x->model > y->model) - (x->model < y->model);
}

/* All nodes of the occurrences, with what is below: marked as spoken for, or forgotten again. */
static void mark(inf *k, const inf_frame *frames, uint32_t count, bool keep)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t side = 0; side < 2; side++) {
            uint8_t *use = k->use[side][frames[i].example];
            uint32_t end = dgm_tree_end(inf_tree(k, frames[i].example, side), frames[i].node[side]);
            for (uint32_t n = frames[i].node[side]; n < end; n++) use[n] = keep ? use[n] | INF_INSIDE : 0;
        }
}

static void tell_each(inf *k, uint32_t index, const inf_vector *frames, uint32_t differ)
{
    dgm_proposal *p = &((dgm_proposal *)k->found.at)[index];
    const inf_frame *f = frames->at;
    uint32_t best = 0, last = DGM_NONE;
    for (uint32_t i = index + 1; i < k->found.count; i++) {
        const dgm_proposal *x = &((dgm_proposal *)k->found.at)[i];
        if (x->kept && x->percent > best) best = x->percent;
        p->kept = p->kept || x->kept;
    }
    for (uint32_t i = 0; i < frames->count; i++) {
        p->pairs += f[i].example != last;
        last = f[i].example;
    }
    p->agree = frames->count;
    p->differ = differ;
    p->percent = differ ? best * 9 / 10 : best;
    if (differ) p->against = dgm_arena_print(k->arena, "in %u places the lists are not as long as each other", differ);
}

static bool try_each(inf *k, inf_set *s, const vote *v, uint32_t *snapshot, uint32_t *tries)
{
    const inf_list *a = INF_LIST(s, WIRE, v->wire), *b = INF_LIST(s, MODEL, v->model);
    inf_vector frames = { 0 };
    uint32_t differ, slots = dgm_shape_count(k->shape[WIRE]), before = k->found.count;
    uint32_t together = frames_together(k, s, a, b, NULL, &differ);
    if (!dgm_infer_fits(k, s, a->address) || differ * 5 > together || !free_of_each(k, s, WIRE, a) || !free_of_each(k, s, MODEL, b))
        return false;
    (void)frames_together(k, s, a, b, &frames, &differ);
    dgm_proposal *p = frames.count ? inf_push(k, &k->found, sizeof *p) : NULL;
    if (!p) return false;
    ++*tries;
    memcpy(snapshot, k->chosen, slots * sizeof *snapshot);
    dgm_infer_choose(k, s, a->address);
    *p = (dgm_proposal){ .parent = s->parent, .each = true, .how = "list" };
    p->wire = dgm_infer_place(k, s, WIRE, a->address, DGM_SLOT_NONE, INF_STAR_NONE);
    p->model = dgm_infer_place(k, s, MODEL, b->address, DGM_SLOT_NONE, INF_STAR_NONE);
    inf_set inside = { .frames = frames.at, .frame_count = frames.count, .parent = before, .depth = s->depth + 1 };
    inside.slot[WIRE] = INF_ADDRESS(s, WIRE, a->address)->slot;
    inside.slot[MODEL] = INF_ADDRESS(s, MODEL, b->address)->slot;
    for (uint32_t i = 0; i < a->count; i++) dgm_infer_selectors(k, s, a->address, a->at[i].frame, a->at[i].node + 1);
    double gain = dgm_infer_set(k, &inside);
    if (gain < 0.5 || k->nomem) {
        k->found.count = before;
        memcpy(k->chosen, snapshot, slots * sizeof *snapshot);
        mark(k, frames.at, frames.count, false);
        return false;
    }
    mark(k, frames.at, frames.count, true);
    tell_each(k, before, &frames, differ);
    return true;
}

void dgm_infer_lists(inf *k, inf_set *s)
{
    voting v = { .k = k, .s = s };
    if (s->depth > 8) return;
    vote_with(&v, MODEL);
    vote_with(&v, WIRE);
    uint32_t *snapshot = DGM_NEW(k->arena, uint32_t, dgm_shape_count(k->shape[WIRE]) + 1u), tries = 0;
    if (!snapshot) k->nomem = true;
    vote *all = v.votes.at;
    for (uint32_t i = 0; i < v.votes.count && !k->nomem; i++) {
        const inf_list *a = INF_LIST(s, WIRE, all[i].wire), *b = INF_LIST(s, MODEL, all[i].model);
        uint32_t differ, together = frames_together(k, s, a, b, NULL, &differ);
        all[i].weight *=
            preference(k, s, WIRE, a->address) * preference(k, s, MODEL, b->address) * together / (together + 2.0 * differ);
    }
    if (v.votes.count) qsort(all, v.votes.count, sizeof *all, heavier);
    for (uint32_t i = 0; i < v.votes.count && !k->nomem && tries < INF_TRIES_MAX && all[i].weight >= 0.05; i++)
        (void)try_each(k, s, &all[i], snapshot, &tries);
}
