/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens_ahead.c - for each point of a record's program, the ways in which the characters from there on may begin, and for each
 * choice how many of them tell its sides apart. Runs when a layout is loaded; what cannot be told apart within DGM_FLAT_AHEAD
 * characters is refused there. Ways are kept few: those too many are taken together, which can only refuse more. One thread.
 */
#include "load_tokens.h"

enum { WAYS_MAX = 16, ROUNDS_MAX = 48 };

/* One way to go on: the characters that may come first, second ... */
typedef struct way {
    dgm_flat_set at[DGM_FLAT_AHEAD];
} way;
typedef struct view {
    uint32_t count;
    uint32_t changed, made; /* turns: when it last grew, and was last made */
    way ways[WAYS_MAX];
} view;

static void put(dgm_flat_set *set, uint32_t c)
{
    set->bits[c >> 6] |= (uint64_t)1 << (c & 63);
}

static void join_set(dgm_flat_set *to, const dgm_flat_set *from)
{
    to->bits[0] |= from->bits[0];
    to->bits[1] |= from->bits[1];
}

static bool same(const dgm_flat_set *a, const dgm_flat_set *b)
{
    return a->bits[0] == b->bits[0] && a->bits[1] == b->bits[1];
}

static bool within(const dgm_flat_set *a, const dgm_flat_set *b)
{
    return !(a->bits[0] & ~b->bits[0]) && !(a->bits[1] & ~b->bits[1]);
}

static bool apart(const dgm_flat_set *a, const dgm_flat_set *b)
{
    return !(a->bits[0] & b->bits[0]) && !(a->bits[1] & b->bits[1]);
}

static void join_way(way *to, const way *from)
{
    for (size_t i = 0; i < DGM_FLAT_AHEAD; i++) join_set(&to->at[i], &from->at[i]);
}

/* How many characters two ways have alike, from the first. */
static uint32_t alike(const way *a, const way *b)
{
    uint32_t i = 0;
    while (i < DGM_FLAT_AHEAD && same(&a->at[i], &b->at[i])) i++;
    return i;
}

/* Of too many ways the two most alike become one. */
static void squeeze(view *v, const way *w)
{
    uint32_t one = 0, other = WAYS_MAX, best = 0;
    for (uint32_t a = 0; a < v->count; a++) {
        uint32_t n = alike(&v->ways[a], w);
        if (n > best) best = n, one = a;
    }
    for (uint32_t a = 1; a < v->count; a++)
        for (uint32_t b = 0; b < a; b++) {
            uint32_t n = alike(&v->ways[a], &v->ways[b]);
            if (n > best) best = n, one = b, other = a;
        }
    join_way(&v->ways[one], other == WAYS_MAX ? w : &v->ways[other]);
    if (other < WAYS_MAX) v->ways[other] = *w;
}

/* One way more. False: it is known. Ways that differ in one place only are one way. */
static bool add_way(view *v, const way *w, uint32_t most)
{
    for (uint32_t k = 0; k < v->count; k++) {
        const way *own = &v->ways[k];
        uint32_t others = 0;
        bool inside = true;
        for (size_t i = 0; i < DGM_FLAT_AHEAD && (inside || others < 2); i++) {
            if (same(&w->at[i], &own->at[i])) continue;
            inside = inside && within(&w->at[i], &own->at[i]);
            others++;
        }
        if (inside) return false;
        if (others > 1) continue;
        join_way(&v->ways[k], w);
        return true;
    }
    if (v->count < most)
        v->ways[v->count++] = *w;
    else
        squeeze(v, w);
    return true;
}

static bool join(view *to, const view *from, uint32_t most)
{
    bool added = false;
    for (uint32_t k = 0; k < from->count; k++) added = add_way(to, &from->ways[k], most) || added;
    return added;
}

/* A literal, and what comes behind it. */
static void behind_text(dgm_slice text, const view *next, view *out)
{
    out->count = 0;
    for (uint32_t k = 0; k < next->count; k++) {
        way w = { 0 };
        for (size_t i = 0; i < DGM_FLAT_AHEAD; i++) {
            if (i < text.len)
                put(&w.at[i], (unsigned char)text.at[i]);
            else
                w.at[i] = next->ways[k].at[i - text.len];
        }
        add_way(out, &w, WAYS_MAX);
    }
}

/* From `min` to `max` characters of a set, and what comes behind them: a way for each number. */
static void behind_run(const dgm_flat_set *set, uint32_t min, uint32_t max, const view *next, view *out)
{
    view v = { 0 };
    if (max >= DGM_FLAT_AHEAD) {
        way w;
        for (size_t i = 0; i < DGM_FLAT_AHEAD; i++) w.at[i] = *set;
        add_way(&v, &w, WAYS_MAX);
    }
    for (uint32_t n = min; n <= max && n < DGM_FLAT_AHEAD; n++)
        for (uint32_t k = 0; k < next->count; k++) {
            way w;
            for (uint32_t i = 0; i < DGM_FLAT_AHEAD; i++) w.at[i] = i < n ? *set : next->ways[k].at[i - n];
            add_way(&v, &w, WAYS_MAX);
        }
    *out = v;
}

/* ---- choices ---- */

static way together(const view *v)
{
    way w = { 0 };
    for (uint32_t k = 0; k < v->count; k++) join_way(&w, &v->ways[k]);
    return w;
}

/* The characters that tell each way of one from each of the other; 0: all are not enough. */
static uint32_t depth_of(const view *in, const view *out)
{
    uint32_t depth = 0;
    for (uint32_t a = 0; a < in->count; a++)
        for (uint32_t b = 0; b < out->count; b++) {
            uint32_t i = 0;
            while (i < DGM_FLAT_AHEAD && !apart(&in->ways[a].at[i], &out->ways[b].at[i])) i++;
            if (i == DGM_FLAT_AHEAD) return 0;
            if (i + 1 > depth) depth = i + 1;
        }
    return depth;
}

/* Into `in`, or else `out`. False: they cannot be told apart. */
static bool choose(flat_loader *k, const view *in, const view *out, dgm_flat_choice *choice)
{
    way a = together(in), b = together(out);
    uint32_t one = 0;
    while (one < DGM_FLAT_AHEAD && !apart(&a.at[one], &b.at[one])) one++;
    uint32_t depth = one < DGM_FLAT_AHEAD ? 1 : depth_of(in, out), ways = one < DGM_FLAT_AHEAD ? 1 : in->count;
    if (depth == 0) return false;
    dgm_flat_set *sets = DGM_NEW(&k->l->arena, dgm_flat_set, (size_t)depth * ways);
    if (!sets) {
        k->status = DGM_NOMEM;
        return true;
    }
    if (one < DGM_FLAT_AHEAD) sets[0] = a.at[one];
    for (uint32_t w = 0; one == DGM_FLAT_AHEAD && w < ways; w++) memcpy(&sets[w * depth], in->ways[w].at, depth * sizeof *sets);
    *choice = (dgm_flat_choice){ .in = sets, .ahead = (uint8_t)(one < DGM_FLAT_AHEAD ? one : depth - 1) };
    choice->ways = one < DGM_FLAT_AHEAD ? 0 : (uint8_t)ways;
    choice->blank = dgm_flat_in(&a.at[0], ' ') || dgm_flat_in(&b.at[0], ' ');
    return true;
}

/* ---- one op ---- */

static void view_of(const flat_token_loader *t, const view *views, uint32_t i, uint32_t from, view *v)
{
    const dgm_flat_token *op = &t->ops[i];
    const view *next = &views[i + 1 - from];
    way over = { 0 };
    view again;
    switch ((dgm_flat_op)op->op) {
    case DGM_FLAT_OP_TEXT: behind_text(op->text, next, v); break;
    case DGM_FLAT_OP_FIELD:
        *v = *next;
        for (uint32_t r = op->first_run + op->run_count; r-- > op->first_run;)
            behind_run(t->runs[r].set, t->runs[r].min, t->runs[r].max, v, v);
        if (op->empty) join(v, next, WAYS_MAX);
        break;
    case DGM_FLAT_OP_GROUP:
        behind_text(op->text, next, v);
        if (op->min == 0) join(v, &views[op->other + 1 - from], WAYS_MAX);
        break;
    case DGM_FLAT_OP_BACK:
        *v = *next;
        if (t->ops[op->other].max == 1) break;
        behind_text(t->ops[op->other].again, &views[op->other + 1 - from], &again);
        join(v, &again, WAYS_MAX);
        break;
    case DGM_FLAT_OP_DONE:
    default:
        v->count = 0;
        for (size_t n = 0; n < DGM_FLAT_AHEAD; n++) put(&over.at[n], n ? DGM_FLAT_BEYOND : DGM_FLAT_NOTHING);
        add_way(v, &over, WAYS_MAX);
        break;
    }
}

/* Has what it follows from grown since it was made? */
static bool stale(const flat_token_loader *t, const view *views, uint32_t i, uint32_t from)
{
    const dgm_flat_token *op = &t->ops[i];
    uint32_t made = views[i - from].made;
    if (made == 0) return true;
    if (op->op == DGM_FLAT_OP_DONE) return false;
    bool both = (op->op == DGM_FLAT_OP_GROUP && op->min == 0) || op->op == DGM_FLAT_OP_BACK;
    return views[i + 1 - from].changed > made || (both && views[op->other + 1 - from].changed > made);
}

static void cannot_choose(flat_loader *k, const flat_token_loader *t, uint32_t op, const char *what)
{
    const dgm_flat_token *o = &t->ops[op];
    uint32_t step = o->step == DGM_NONE && o->op == DGM_FLAT_OP_GROUP ? o->low : o->step;
    dgm_slice name = step == DGM_NONE ? DGM_LITERAL("this part") : k->steps[step].name;
    dgm_diag *d = dgm_flat_fault(k, t->nodes[op]->mark, DGM_D_FLAT_TOKEN_CHOICE, dgm_slice_of(what), name, (dgm_slice){ 0 });
    dgm_diag_number(k->host->diags, d, DGM_FLAT_AHEAD);
}

static void choose_field(flat_loader *k, flat_token_loader *t, uint32_t i, const view *next)
{
    dgm_flat_token *op = &t->ops[i];
    view v = *next, in;
    for (uint32_t r = op->first_run + op->run_count; r-- > op->first_run;) {
        dgm_flat_run *run = &t->runs[r];
        if (run->max > run->min) {
            behind_run(run->set, 1, run->max - run->min, &v, &in);
            if (!choose(k, &in, &v, &run->more)) cannot_choose(k, t, i, "where it ends");
        }
        behind_run(run->set, run->min, run->max, &v, &v);
    }
    if (op->empty && !choose(k, &v, next, &op->first)) cannot_choose(k, t, i, "whether it is empty");
}

static void choose_group(flat_loader *k, flat_token_loader *t, uint32_t i, const view *views, uint32_t from)
{
    dgm_flat_token *op = &t->ops[i];
    const view *out = &views[op->other + 1 - from];
    view in;
    behind_text(op->text, &views[i + 1 - from], &in);
    if (op->min == 0 && !choose(k, &in, out, &op->first)) cannot_choose(k, t, i, "whether it is there");
    if (op->max == 1) return;
    behind_text(op->again, &views[i + 1 - from], &in);
    if (!choose(k, &in, out, &op->other_choice)) cannot_choose(k, t, i, "whether there is another one");
}

/* ---- all of them ---- */

static bool one_only(const dgm_flat_set *set)
{
    return __builtin_popcountll(set->bits[0]) + __builtin_popcountll(set->bits[1]) == 1;
}

static void keep_head(flat_loader *k, const view *v, const dgm_flat_head **out)
{
    dgm_flat_head *h = DGM_NEW(&k->temp, dgm_flat_head, 1);
    way w = together(v);
    *out = h;
    if (!h) {
        k->status = DGM_NOMEM;
        return;
    }
    while (h->count < DGM_FLAT_AHEAD && one_only(&w.at[h->count])) {
        bool last = dgm_flat_in(&w.at[h->count], DGM_FLAT_NOTHING);
        h->at[h->count] = w.at[h->count];
        h->count++;
        if (last) break;
    }
    h->constant = h->count > 1;
    if (h->constant) return;
    h->count = DGM_FLAT_AHEAD;
    memcpy(h->at, w.at, sizeof h->at);
}

void dgm_flat_look_ahead(flat_loader *k, uint32_t from, uint32_t to, const dgm_flat_head **head)
{
    flat_token_loader *t = k->tokens;
    size_t room = 0;
    void *own = NULL;
    dgm_status st = dgm_mem_reserve(&k->host->mem, &own, &room, to - from + 1, sizeof(view));
    if (st != DGM_OK) {
        k->status = st;
        return;
    }
    view *views = own;
    memset(views, 0, (to - from + 1) * sizeof *views);
    uint32_t most = WAYS_MAX, round = 0, turn = 0;
    for (bool added = true; added; round++) { /* what is known only grows; through a loop by its length at least */
        added = false;
        if (round == ROUNDS_MAX) most = 1; /* all ways of a point are one: that ends soon */
        for (uint32_t i = to; i-- > from;) {
            view v, *now = &views[i - from];
            if (!stale(t, views, i, from)) continue;
            view_of(t, views, i, from, &v);
            now->made = ++turn;
            if (!join(now, &v, most)) continue;
            now->changed = turn;
            added = true;
        }
    }
    for (uint32_t i = from; i < to && k->status != DGM_NOMEM; i++) {
        if (t->ops[i].op == DGM_FLAT_OP_FIELD) choose_field(k, t, i, &views[i + 1 - from]);
        if (t->ops[i].op == DGM_FLAT_OP_GROUP) choose_group(k, t, i, views, from);
    }
    keep_head(k, &views[0], head);
    dgm_mem_free(&k->host->mem, own, room * sizeof *views);
}
