/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_rest.c - what is left when equal values are spoken for: codes that change together, running numbers, and constants of what
 * has other rules. One thread.
 */
#include "infer_internal.h"
#include "infer_pair.h"

#include <stdlib.h>

enum { CONSTANT_LEAST = 3, QUALIFIER_PERCENT = 62, COPIES_MAX = 16 };

static bool is_free(const inf *k, const inf_set *s, uint32_t side, const inf_column *c)
{
    for (const inf_fact *f = c->first; f; f = f->next)
        if (k->use[side][s->frames[f->frame].example][f->node] & (INF_VALUE | INF_INSIDE | INF_SELECTOR)) return false;
    return c->first != NULL;
}

static void mark_column(inf *k, const inf_set *s, uint32_t side, const inf_column *c)
{
    for (const inf_fact *f = c->first; f; f = f->next) k->use[side][s->frames[f->frame].example][f->node] |= INF_VALUE;
}

/* ---- codes --------------------------------------------------------------------------------------------------------------- */

/* The same for columns that have values in the same frames, where each new value is new in both and each old one the same old one.
 */
static bool pattern_of(inf *k, const inf_set *s, uint32_t side, const inf_column *c, uint64_t *pattern, uint32_t *distinct)
{
    inf_table known = { 0 };
    *pattern = 59;
    *distinct = 0;
    for (const inf_fact *f = c->first; f && !k->nomem; f = f->next) {
        dgm_slice v = inf_value(k, s->frames[f->frame].example, side, f->node);
        if (!v.len || v.len > INF_CODE_BYTES || memchr(v.at, ' ', v.len) || memchr(v.at, '\t', v.len)) return false;
        uint32_t *at = inf_at(k, &known, f->hash);
        if (at && !*at) *at = ++*distinct;
        *pattern = inf_mix(inf_mix(*pattern, f->frame), at ? *at : 0);
        if (*distinct > INF_CODES_MAX) return false;
    }
    return *distinct > 1 && c->count >= *distinct + 2;
}

typedef struct candidate {
    uint32_t column, next, distinct;
} candidate;

static double bits_of(uint32_t count, uint32_t distinct)
{
    double each = 0;
    for (uint32_t n = distinct; n > 1; n /= 2) each += 1;
    return 0.5 * (count - distinct) * each;
}

static int better(const void *a, const void *b)
{
    const inf_pair *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return x->wire != y->wire ? (x->wire > y->wire ? 1 : -1) : (x->model > y->model) - (x->model < y->model);
}

static bool may_be_code(const inf *k, const inf_set *s, uint32_t side, const inf_column *c)
{
    if (c->several || (c->kind != INF_EQUAL && !(side == MODEL && c->kind == INF_DECIMAL))) return false;
    if (side == WIRE && !dgm_infer_fits(k, s, c->address)) return false;
    return is_free(k, s, side, c);
}

static void find_codes(inf *k, inf_set *s)
{
    inf_table at = { 0 };
    inf_vector all = { 0 }, pairs = { 0 };
    uint64_t pattern;
    uint32_t distinct;
    for (uint32_t i = 0; i < s->columns[WIRE].count && !k->nomem; i++) {
        const inf_column *c = INF_COLUMN(s, WIRE, i);
        if (!may_be_code(k, s, WIRE, c) || !pattern_of(k, s, WIRE, c, &pattern, &distinct)) continue;
        uint32_t *first = inf_at(k, &at, pattern);
        candidate *x = first ? inf_push(k, &all, sizeof *x) : NULL;
        if (!x) return;
        *x = (candidate){ i, *first, distinct };
        *first = all.count;
    }
    for (uint32_t i = 0; i < s->columns[MODEL].count && !k->nomem; i++) {
        const inf_column *c = INF_COLUMN(s, MODEL, i);
        if (!may_be_code(k, s, MODEL, c) || !pattern_of(k, s, MODEL, c, &pattern, &distinct)) continue;
        uint32_t rivals = 0, n = all.at ? inf_get(&at, pattern) : 0;
        for (uint32_t j = n; j && rivals < 20; j = ((candidate *)all.at)[j - 1].next) rivals++;
        for (uint32_t j = n; j && rivals < 20; j = ((candidate *)all.at)[j - 1].next) {
            inf_pair *p = inf_push(k, &pairs, sizeof *p);
            if (!p) return;
            *p = (inf_pair){ .wire = ((candidate *)all.at)[j - 1].column, .model = i, .agree = c->count, .distinct = distinct };
            p->hints = dgm_infer_hints(k, s, INF_COLUMN(s, WIRE, p->wire), c);
            p->score = bits_of(c->count, distinct) + p->hints;
            p->percent = dgm_infer_percent(p->score / (rivals > 1 ? 1.5 : 1));
            p->rivals = rivals - 1;
        }
    }
    if (pairs.count) qsort(pairs.at, pairs.count, sizeof(inf_pair), better);
    for (uint32_t i = 0; i < pairs.count && !k->nomem; i++) {
        const inf_pair *p = &((inf_pair *)pairs.at)[i];
        const inf_column *a = INF_COLUMN(s, WIRE, p->wire), *b = INF_COLUMN(s, MODEL, p->model);
        if (p->percent < 30 || !may_be_code(k, s, WIRE, a) || !may_be_code(k, s, MODEL, b)) continue;
        dgm_infer_accept_codes(k, s, p);
    }
}

/* ---- copies -------------------------------------------------------------------------------------------------------------- */

typedef struct holder {
    uint32_t column, next;
} holder;

static uint64_t key_of(const inf_fact *f)
{
    return inf_mix(inf_mix(61, f->frame), f->hash);
}

/* Whether the column of the model has each of these values, and at least half of its own are among them. */
static bool says_the_same(const inf_column *a, const inf_column *b)
{
    uint32_t distinct = 0;
    uint64_t last = 0;
    const inf_fact *y = b->first;
    for (const inf_fact *x = a->first; x; x = x->next) {
        while (y && y->frame < x->frame) y = y->next;
        if (!y || y->frame != x->frame || y->hash != x->hash) return false;
        distinct += x->hash != last;
        last = x->hash;
    }
    return distinct > 1 && 2 * a->count >= b->count;
}

static dgm_proposal *rule_of(const inf *k, const inf_set *s, const inf_column *b)
{
    uint32_t n = inf_get(&k->rule_of, inf_mix(s->frames[b->first->frame].example, b->first->node));
    dgm_proposal *p = n ? &((dgm_proposal *)k->found.at)[n - 1] : NULL;
    return p && p->parent == s->parent && p->kept && !p->keys.len && !p->differ && strcmp(p->how, "equal") == 0 ? p : NULL;
}

/* Places of the wire that tell again what another one tells. */
static void find_copies(inf *k, inf_set *s)
{
    inf_table at = { 0 };
    inf_vector all = { 0 };
    for (uint32_t i = 0; i < s->columns[MODEL].count && !k->nomem; i++) {
        const inf_column *b = INF_COLUMN(s, MODEL, i);
        if (b->kind != INF_EQUAL || b->several || b->count < 2 || !rule_of(k, s, b)) continue;
        for (const inf_fact *f = b->first; f && !k->nomem; f = f->next) {
            uint32_t *first = inf_at(k, &at, key_of(f));
            holder *h = first ? inf_push(k, &all, sizeof *h) : NULL;
            if (!h) return;
            *h = (holder){ i, *first };
            *first = all.count;
        }
    }
    for (uint32_t i = 0; i < s->columns[WIRE].count && !k->nomem; i++) {
        const inf_column *a = INF_COLUMN(s, WIRE, i);
        if (a->kind != INF_EQUAL || a->several || a->count < 2 || !is_free(k, s, WIRE, a) || !dgm_infer_fits(k, s, a->address))
            continue;
        uint32_t n = inf_get(&at, key_of(a->first));
        for (uint32_t tries = 0; n && tries < COPIES_MAX; tries++, n = ((holder *)all.at)[n - 1].next) {
            const inf_column *b = INF_COLUMN(s, MODEL, ((holder *)all.at)[n - 1].column);
            dgm_proposal *p = says_the_same(a, b) ? rule_of(k, s, b) : NULL;
            if (!p) continue;
            dgm_infer_choose(k, s, a->address);
            dgm_slice place = dgm_infer_place(k, s, WIRE, a->address, a->slot, INF_STAR_NONE);
            p->keys = dgm_arena_print(k->arena, "copies: \"%.*s\"", (int)place.len, place.at);
            if (!p->keys.at) k->nomem = true;
            mark_column(k, s, WIRE, a);
            for (const inf_fact *f = a->first; f; f = f->next) dgm_infer_selectors(k, s, a->address, f->frame, f->node);
            break;
        }
    }
}

/* ---- numbers of order, constants ----------------------------------------------------------------------------------------- */

static dgm_proposal *propose(inf *k, const inf_set *s, const char *how, uint32_t count)
{
    dgm_proposal *p = inf_push(k, &k->found, sizeof *p);
    if (!p) return NULL;
    *p = (dgm_proposal){ .parent = s->parent, .how = how, .agree = count, .distinct = 1, .kept = true };
    p->percent = (uint32_t)dgm_infer_percent(0.5 * count);
    if (p->percent > 99) p->percent = 99;
    return p;
}

static bool one_value(const inf_column *c, uint32_t least)
{
    for (const inf_fact *f = c->first; f; f = f->next)
        if (f->hash != c->first->hash) return false;
    return c->count >= least;
}

/* Something else in the segment (or element) is spoken for, so that it lives when that does. */
static bool in_company(const inf *k, const inf_set *s, const inf_fact *f)
{
    uint32_t example = s->frames[f->frame].example, up = f->node;
    const dgm_tree *t = inf_tree(k, example, WIRE);
    while (up && (dgm_node_leaf(&t->nodes[up]) || dgm_node_kind(&t->nodes[up]) == DGM_COMPOSITE)) up--;
    for (uint32_t n = up, end = dgm_tree_end(t, up); n < end; n++)
        if (k->use[WIRE][example][n] & INF_VALUE) return true;
    return false;
}

static bool ways_chosen(const inf *k, const inf_set *s, uint32_t address)
{
    for (uint32_t a = address; a; a = INF_ADDRESS(s, WIRE, a)->parent)
        if (!k->chosen[INF_ADDRESS(s, WIRE, a)->slot]) return false;
    return dgm_infer_fits(k, s, address);
}

static dgm_slice literal(inf *k, dgm_slice v)
{
    char room[4 * INF_CODE_BYTES + 3];
    size_t n = 0;
    room[n++] = '"';
    for (size_t i = 0; i < v.len && n + 3 < sizeof room; i++) {
        if (v.at[i] == '"' || v.at[i] == '\\') room[n++] = '\\';
        room[n++] = v.at[i];
    }
    room[n++] = '"';
    dgm_slice out = dgm_arena_print(k->arena, "is: %.*s", (int)n, room);
    if (!out.at) k->nomem = true;
    return out;
}

static void find_wire_constants(inf *k, inf_set *s)
{
    for (uint32_t i = 0; i < s->columns[WIRE].count && !k->nomem; i++) {
        const inf_column *c = INF_COLUMN(s, WIRE, i);
        bool qualifies = dgm_infer_qualifies(dgm_shape_slot(k->shape[WIRE], c->slot)); /* it is there to be constant */
        if (c->kind != INF_EQUAL || c->several || !one_value(c, qualifies ? 1 : CONSTANT_LEAST) || !is_free(k, s, WIRE, c) ||
            !ways_chosen(k, s, c->address))
            continue;
        dgm_slice v = inf_value(k, s->frames[c->first->frame].example, WIRE, c->first->node);
        if (!v.len || v.len > INF_CODE_BYTES || v.at[0] == '=' || !in_company(k, s, c->first)) continue;
        dgm_proposal *p = propose(k, s, "constant", c->count);
        if (!p) return;
        if (qualifies && p->percent < QUALIFIER_PERCENT) p->percent = QUALIFIER_PERCENT;
        p->wire = dgm_infer_place(k, s, WIRE, c->address, c->slot, INF_STAR_NONE);
        p->keys = literal(k, v);
        dgm_infer_witness(k, s, p, c, NULL, true);
        mark_column(k, s, WIRE, c);
    }
}

static void find_model_rest(inf *k, inf_set *s)
{
    for (uint32_t i = 0; i < s->columns[MODEL].count && !k->nomem; i++) {
        const inf_column *c = INF_COLUMN(s, MODEL, i);
        if ((c->kind != INF_EQUAL && c->kind != INF_DECIMAL) || c->several || !is_free(k, s, MODEL, c)) continue;
        bool order = c->kind == INF_DECIMAL && dgm_infer_counts(k, s, c), all = c->count == s->frame_count && !c->address;
        dgm_slice v = inf_value(k, s->frames[c->first->frame].example, MODEL, c->first->node);
        bool wanted = dgm_shape_slot(k->shape[MODEL], c->slot)->min > 0;
        if (!order && (!all || (!wanted && !one_value(c, CONSTANT_LEAST)) || !v.len || v.len > INF_CODE_BYTES || v.at[0] == '='))
            continue;
        dgm_proposal *p = propose(k, s, order ? "order" : "constant", c->count);
        if (!p) return;
        p->model = dgm_infer_place(k, s, MODEL, c->address, c->slot, INF_STAR_NONE);
        p->keys = order ? DGM_LITERAL("number: order") : literal(k, v);
        p->kept = order || wanted;
        if (!order && !one_value(c, CONSTANT_LEAST)) {
            p->percent = 10;
            p->against = DGM_LITERAL("it has other values too, and nothing on the wire goes with them; but it must not be missing");
        }
        dgm_infer_witness(k, s, p, NULL, c, true);
        mark_column(k, s, MODEL, c);
    }
}

void dgm_infer_rest(inf *k, inf_set *s)
{
    find_codes(k, s);
    find_copies(k, s);
    find_model_rest(k, s);
    find_wire_constants(k, s);
}
