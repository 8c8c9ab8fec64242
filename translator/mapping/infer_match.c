/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_match.c - places of a set of frames whose values are equal, as they are or after a conversion: found through the hashes of
 * their values, weighed by how much these say, and chosen the surest first, each value for one rule. One thread.
 */
#include "infer_internal.h"
#include "infer_pair.h"

#include <stdlib.h>

typedef struct posting {
    uint32_t column, next;
} posting;
typedef struct head {
    uint32_t first, count;
} head;

typedef struct matching {
    inf *k;
    inf_set *s;
    inf_table heads_at, pairs_at, alike[2], known[2];
    inf_vector heads, postings, pairs;
} matching;

static uint32_t used(const inf *k, const inf_set *s, uint32_t side, const inf_fact *f)
{
    return k->use[side][s->frames[f->frame].example][f->node] & (INF_VALUE | INF_INSIDE | INF_SELECTOR);
}

/* ---- which values say much ----------------------------------------------------------------------------------------------- */

/* How many values of a frame have this hash. */
static void count_alike(matching *m, uint32_t side, const inf_fact *f)
{
    uint64_t key = inf_mix(inf_mix(41, f->frame), f->hash);
    uint32_t *known = inf_at(m->k, &m->known[side], inf_mix(key, f->node + 1u));
    if (!known || *known) return;
    *known = 1;
    uint32_t *at = inf_at(m->k, &m->alike[side], key);
    if (at) ++*at;
}

static double alike(const matching *m, uint32_t side, const inf_fact *f)
{
    uint32_t n = inf_get(&m->alike[side], inf_mix(inf_mix(41, f->frame), f->hash));
    return n ? n : 1;
}

static bool usable(const inf *k, const inf_set *s, uint32_t side, const inf_column *c)
{
    if (c->several && c->kind != INF_FOLD) return false;
    return side == MODEL || dgm_infer_fits(k, s, c->address);
}

static void post(matching *m, uint32_t column, const inf_fact *f)
{
    uint32_t *at = inf_at(m->k, &m->heads_at, inf_mix(inf_mix(41, f->frame), f->hash));
    if (!at) return;
    if (!*at) {
        if (!inf_push(m->k, &m->heads, sizeof(head))) return;
        *at = m->heads.count;
    }
    head *h = &((head *)m->heads.at)[*at - 1];
    if (h->count++ >= INF_POSTINGS_MAX) return;
    posting *p = inf_push(m->k, &m->postings, sizeof *p);
    if (!p) return;
    *p = (posting){ column, h->first };
    h->first = m->postings.count;
}

static void note(matching *m, uint32_t wire, uint32_t model)
{
    inf_kind a = INF_COLUMN(m->s, WIRE, wire)->kind, b = INF_COLUMN(m->s, MODEL, model)->kind;
    if ((a == INF_UPPER || a == INF_PADDED) && b != INF_EQUAL) return;
    uint32_t *x = inf_at(m->k, &m->pairs_at, inf_mix(inf_mix(43, wire), model));
    if (!x || *x) return;
    inf_pair *p = inf_push(m->k, &m->pairs, sizeof *p);
    if (!p) return;
    *p = (inf_pair){ .wire = wire, .model = model };
    *x = m->pairs.count;
}

static void ask(matching *m, uint32_t model, const inf_fact *f)
{
    uint32_t at = inf_get(&m->heads_at, inf_mix(inf_mix(41, f->frame), f->hash));
    if (!at) return;
    const head *h = &((head *)m->heads.at)[at - 1];
    for (uint32_t i = h->first; i && !m->k->nomem; i = ((posting *)m->postings.at)[i - 1].next)
        note(m, ((posting *)m->postings.at)[i - 1].column, model);
}

static void find_pairs(matching *m)
{
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t i = 0; i < m->s->columns[side].count && !m->k->nomem; i++) {
            const inf_column *c = INF_COLUMN(m->s, side, i);
            if (!usable(m->k, m->s, side, c)) continue;
            for (const inf_fact *f = c->first; f; f = f->next) {
                if (used(m->k, m->s, side, f)) continue;
                count_alike(m, side, f);
                if (side == WIRE)
                    post(m, i, f);
                else
                    ask(m, i, f);
            }
        }
}

/* ---- weighing ------------------------------------------------------------------------------------------------------------ */

typedef struct seen {
    uint64_t at[INF_SEEN_MAX];
    double best[INF_SEEN_MAX];
    uint32_t count;
} seen;

static void see(seen *s, uint64_t hash, double weight)
{
    for (uint32_t i = 0; i < s->count; i++)
        if (s->at[i] == hash) {
            if (weight > s->best[i]) s->best[i] = weight;
            return;
        }
    if (s->count == INF_SEEN_MAX) return;
    s->at[s->count] = hash;
    s->best[s->count++] = weight;
}

/* The model has a value in every frame, and one and the same where the wire has none: that is a default. It is seen a few times,
 * beside other values, and stands in the frame itself, for in a class of its own it would not be made. */
static const inf_fact *standard_of(const matching *m, const inf_pair *p)
{
    enum { SEEN_LEAST = 2 };
    const inf_column *x = INF_COLUMN(m->s, WIRE, p->wire), *y = INF_COLUMN(m->s, MODEL, p->model);
    const inf_fact *a = x->first, *standard = NULL;
    bool plain = x->kind == INF_EQUAL && y->kind == INF_EQUAL && !x->several && !y->several && !y->address;
    plain = plain && dgm_shape_slot(m->k->shape[MODEL], y->slot)->parent == m->s->slot[MODEL];
    if (!plain || p->differ || p->wire_alone || p->model_alone < SEEN_LEAST || p->distinct < 2 || y->count != m->s->frame_count)
        return NULL;
    for (const inf_fact *b = y->first; b; b = b->next) {
        while (a && a->frame < b->frame) a = a->next;
        if (a && a->frame == b->frame) continue;
        if (used(m->k, m->s, MODEL, b) || (standard && standard->hash != b->hash)) return NULL;
        if (!standard) standard = b;
    }
    return standard;
}

static void weigh(const matching *m, inf_pair *p)
{
    const inf_fact *a = INF_COLUMN(m->s, WIRE, p->wire)->first, *b = INF_COLUMN(m->s, MODEL, p->model)->first;
    seen values = { .count = 0 };
    p->agree = p->differ = p->wire_alone = p->model_alone = 0;
    while (a || b) {
        if (!b || (a && a->frame < b->frame)) {
            p->wire_alone += !used(m->k, m->s, WIRE, a);
            a = a->next;
        } else if (!a || b->frame < a->frame) {
            p->model_alone += !used(m->k, m->s, MODEL, b);
            b = b->next;
        } else {
            bool taken = used(m->k, m->s, WIRE, a) || used(m->k, m->s, MODEL, b);
            if (!taken && a->hash == b->hash) {
                p->agree++;
                see(&values, a->hash, 1.0 / (alike(m, WIRE, a) * alike(m, MODEL, b)));
            } else {
                p->differ++;
            }
            a = a->next, b = b->next;
        }
    }
    p->distinct = values.count;
    p->strength = 0;
    for (uint32_t i = 0; i < values.count; i++) p->strength += values.best[i];
    p->standard = p->model_alone ? standard_of(m, p) : NULL;
    double against = 3.0 * p->differ + (p->standard ? 0.3 : 1.5) * p->model_alone + 0.3 * p->wire_alone;
    p->strength *= p->agree / (p->agree + against);
}

static uint32_t number_of(const dgm_slot *s)
{
    uint32_t n = 0;
    if (s->tded) return s->tded;
    for (size_t i = 0; s->name.len == 4 && i < 4; i++)
        if (s->name.at[i] >= '0' && s->name.at[i] <= '9') n = n * 10 + (uint32_t)(s->name.at[i] - '0');
    return n;
}

static uint64_t kinship(const inf *k, const inf_set *s, const inf_column *a, const inf_column *b)
{
    uint32_t above = dgm_shape_slot(k->shape[WIRE], a->slot)->parent, parent = dgm_shape_slot(k->shape[MODEL], b->slot)->parent;
    if (dgm_shape_slot(k->shape[WIRE], above)->kind == DGM_COMPOSITE) above = dgm_shape_slot(k->shape[WIRE], above)->parent;
    uint64_t key = inf_mix(inf_mix(inf_mix(inf_mix(47, a->address), above), b->address), parent);
    return inf_mix(key, (uint64_t)(uintptr_t)s->frames);
}

/* What else than the values says that two places are one. */
double dgm_infer_hints(const inf *k, const inf_set *s, const inf_column *a, const inf_column *b)
{
    const dgm_slot *x = dgm_shape_slot(k->shape[WIRE], a->slot), *y = dgm_shape_slot(k->shape[MODEL], b->slot);
    uint32_t number = number_of(x);
    double hints = 0;
    if (number && number == number_of(y)) hints += 0.5;
    if (x->name.len > 4 && dgm_slice_equal(x->name, y->name)) hints += 0.8;
    if (inf_get(&k->affinity, kinship(k, s, a, b))) hints += 0.7;
    return hints;
}

void dgm_infer_akin(inf *k, const inf_set *s, const inf_column *a, const inf_column *b)
{
    uint32_t *at = inf_at(k, &k->affinity, kinship(k, s, a, b));
    if (at) ++*at;
}

/* A simpler conversion, fewer counts and the qualifiers of the standard before what says the same otherwise. */
static double handicap(const inf *k, const inf_set *s, const inf_column *a, const inf_column *b)
{
    static const double by_kind[INF_KINDS] = { [INF_UPPER] = 1.0, [INF_PADDED] = 0.8, [INF_LOWER] = 1.0, [INF_FOLD] = 0.2 };
    double h = by_kind[a->kind] + (b->kind == INF_EQUAL ? 0 : by_kind[b->kind]);
    const dgm_slot *x = dgm_shape_slot(k->shape[WIRE], a->slot), *y = dgm_shape_slot(k->shape[MODEL], b->slot);
    bool longer = !y->repr.length_max || y->repr.length_max > x->repr.length_max;
    if (a->kind == INF_FOLD && longer && k->slots[WIRE][a->slot].family) h -= 0.6;
    if (a->format) h += dgm_slice_is(dgm_slice_of(a->format), "102") ? 0.2 : 0.4;
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t i = side == WIRE ? a->address : b->address; i; i = INF_ADDRESS(s, side, i)->parent) {
            const inf_address *step = INF_ADDRESS(s, side, i);
            if (step->how == INF_NUMBER) h += 0.15 * step->number;
            if (step->how == INF_STAR) h += 0.05;
            if (step->policy && !k->policies[step->policy - 1].primary) h += 0.1;
        }
    return h;
}

static void score(matching *m, inf_pair *p)
{
    const inf_column *a = INF_COLUMN(m->s, WIRE, p->wire), *b = INF_COLUMN(m->s, MODEL, p->model);
    p->hints = dgm_infer_hints(m->k, m->s, a, b);
    p->score = p->strength + p->hints - handicap(m->k, m->s, a, b);
}

/* ---- how the occurrences of a slot are told apart ------------------------------------------------------------------------- */

bool dgm_infer_fits(const inf *k, const inf_set *s, uint32_t address)
{
    for (uint32_t i = address; i; i = INF_ADDRESS(s, WIRE, i)->parent) {
        const inf_address *a = INF_ADDRESS(s, WIRE, i);
        uint32_t chosen = k->chosen[a->slot];
        if (chosen && a->how != INF_STAR && chosen != (a->policy ? a->policy : a->how == INF_NUMBER ? INF_BY_NUMBER : INF_BY_EACH))
            return false;
    }
    return true;
}

void dgm_infer_choose(inf *k, const inf_set *s, uint32_t address)
{
    for (uint32_t i = address; i; i = INF_ADDRESS(s, WIRE, i)->parent) {
        const inf_address *a = INF_ADDRESS(s, WIRE, i);
        if (a->how == INF_STAR) continue;
        k->chosen[a->slot] = a->policy ? a->policy : a->how == INF_NUMBER ? INF_BY_NUMBER : INF_BY_EACH;
        if (a->policy) k->favour[a->policy - 1]++;
    }
}

typedef struct total {
    uint64_t key;
    uint32_t slot, way;
    double sum;
} total;

/* For each slot the way with which most is found: the best pair of each place of the model counts for each way it is found by. */
static void choose_ways(matching *m)
{
    inf *k = m->k;
    inf_table at = { 0 }, best_at = { 0 };
    inf_vector totals = { 0 }, bests = { 0 };
    for (uint32_t i = 0; i < m->pairs.count && !k->nomem; i++) {
        const inf_pair *p = &((inf_pair *)m->pairs.at)[i];
        const inf_column *a = INF_COLUMN(m->s, WIRE, p->wire);
        for (uint32_t x = a->address; x && p->score > 0; x = INF_ADDRESS(m->s, WIRE, x)->parent) {
            const inf_address *step = INF_ADDRESS(m->s, WIRE, x);
            if (step->how == INF_STAR || k->chosen[step->slot]) continue;
            uint32_t way = step->policy ? step->policy : INF_BY_NUMBER;
            uint64_t key = inf_mix(inf_mix(53, step->slot), way);
            uint32_t *t = inf_at(k, &at, key), *b = NULL;
            if (t && !*t) {
                total *new = inf_push(k, &totals, sizeof *new);
                if (!new) return;
                *new = (total){ key, step->slot, way, 0 };
                *t = totals.count;
            }
            uint32_t index = t ? *t : 0;
            const inf_column *c = INF_COLUMN(m->s, MODEL, p->model);
            b = inf_at(k, &best_at, inf_mix(inf_mix(inf_mix(key, c->address), c->slot), (uint64_t)c->kind));
            if (!b || !index) return;
            if (!*b) {
                double *new = inf_push(k, &bests, sizeof *new);
                if (!new) return;
                *b = bests.count;
            }
            double *best = &((double *)bests.at)[*b - 1], value = p->strength + 0.5 * p->hints;
            if (value > *best) ((total *)totals.at)[index - 1].sum += value - *best, *best = value;
        }
    }
    for (uint32_t i = 0; i < totals.count; i++) {
        const total *x = &((total *)totals.at)[i];
        double mine = x->sum, other = 0;
        for (uint32_t j = 0; j < totals.count; j++) {
            const total *y = &((total *)totals.at)[j];
            if (y->slot != x->slot || y == x) continue;
            double sum = dgm_infer_way_value(k, y->way, y->sum);
            if (sum > other || (sum == other && j < i)) other = sum;
        }
        mine = dgm_infer_way_value(k, x->way, mine);
        if (mine > other || (mine == other && !k->chosen[x->slot])) k->chosen[x->slot] = x->way;
    }
}

double dgm_infer_way_value(const inf *k, uint32_t way, double sum)
{
    if (way == INF_BY_NUMBER) return sum * 0.97;
    const inf_policy *p = &k->policies[way - 1];
    bool names = dgm_infer_qualifies(dgm_shape_slot(k->shape[WIRE], p->selector[p->count - 1]));
    return sum * ((p->primary ? 1.05 : names ? 1.01 : 1.0) + (k->favour[way - 1] ? 0.02 : 0) - 0.002 * p->count);
}

/* ---- choosing ------------------------------------------------------------------------------------------------------------ */

static int better(const void *a, const void *b)
{
    const inf_pair *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->wire != y->wire ? (x->wire > y->wire ? 1 : -1) : (x->model > y->model) - (x->model < y->model);
}

static bool same_place(const inf_set *s, uint32_t side, uint32_t a, uint32_t b)
{
    const inf_column *x = INF_COLUMN(s, side, a), *y = INF_COLUMN(s, side, b);
    return x->first && y->first && x->slot == y->slot && x->first->node == y->first->node && x->first->frame == y->first->frame;
}

/* Other places that these values fit as well. */
static uint32_t rivals_of(const matching *m, const inf_pair *p)
{
    uint32_t n = 0;
    const inf_pair *all = m->pairs.at;
    for (uint32_t i = 0; i < m->pairs.count; i++) {
        const inf_pair *q = &all[i];
        if (q == p || q->done || q->score < p->score - 0.3 || q->agree < p->agree) continue;
        bool wire = same_place(m->s, WIRE, p->wire, q->wire), model = same_place(m->s, MODEL, p->model, q->model);
        n += wire != model;
    }
    return n;
}

/* 100 (1 - 2^-bits), straight between whole bits. */
double dgm_infer_percent(double bits)
{
    double left = 100;
    while (bits >= 1 && left > 0.01) {
        left /= 2;
        bits -= 1;
    }
    return bits > 0 ? 100 - left * (1 - bits / 2) : 100 - left;
}

static void choose(matching *m, double sure)
{
    inf_pair *all = m->pairs.at;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < m->pairs.count; i++) {
        if (all[i].done) continue;
        weigh(m, &all[i]);
        score(m, &all[i]);
    }
    if (m->pairs.count) qsort(all, m->pairs.count, sizeof *all, better);
    for (uint32_t i = 0; i < m->pairs.count && !m->k->nomem; i++) {
        inf_pair *p = &all[i];
        if (p->done || p->score <= 0) continue;
        const inf_column *a = INF_COLUMN(m->s, WIRE, p->wire);
        if (!dgm_infer_fits(m->k, m->s, a->address)) continue;
        if (taken) weigh(m, p); /* what others took since then counts no more */
        if (!p->agree || p->differ * 2 > p->agree || (p->model_alone > p->agree && !p->standard)) continue;
        double bits = 2.0 * p->strength + p->hints;
        if (dgm_infer_percent(bits) < sure) continue;
        p->rivals = rivals_of(m, p);
        p->percent = dgm_infer_percent(p->rivals ? 0.7 * bits : bits);
        if (p->differ * 4 > p->agree && p->percent >= INF_SURE) p->percent = INF_SURE - 1; /* too much speaks against it */
        if (p->percent < sure) continue;
        p->done = true;
        taken++;
        dgm_infer_accept(m->k, m->s, p);
        dgm_infer_akin(m->k, m->s, a, INF_COLUMN(m->s, MODEL, p->model));
    }
}

void dgm_infer_match(inf *k, inf_set *s)
{
    matching m = { .k = k, .s = s };
    find_pairs(&m);
    for (uint32_t i = 0; i < m.pairs.count && !k->nomem; i++) {
        weigh(&m, &((inf_pair *)m.pairs.at)[i]);
        score(&m, &((inf_pair *)m.pairs.at)[i]);
    }
    choose_ways(&m);
    static const double rounds[] = { 90, 75, 60, 60, 30 };
    for (size_t i = 0; i < sizeof rounds / sizeof *rounds && !k->nomem; i++) choose(&m, rounds[i]);
}
