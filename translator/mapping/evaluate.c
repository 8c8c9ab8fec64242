/* SPDX-License-Identifier: Apache-2.0
 *
 * evaluate.c - runs expressions and conditions over a frozen tree, names and parameters; finds places by looking. Expressions are
 * total: what cannot be computed is nothing. One thread.
 */
#include "run.h"

#include "base/check_digit.h"
#include "model/pointer.h"

enum { EVAL_STACK = 64 };

/* ---- places by looking --------------------------------------------------------------------------------------------------- */

static inline void children(const dgm_tree *t, uint32_t node, uint32_t *at, uint32_t *end)
{
    *at = node + 1;
    *end = dgm_node_leaf(&t->nodes[node]) ? dgm_tree_next(t, node) : t->nodes[node].span;
}

void dgm_map_iter_begin(map_iter *i, const dgm_tree *t, uint32_t node, const map_place *p)
{
    i->tree = t;
    i->place = p;
    i->depth = 0;
    i->sorted = false;
    i->self = p->step_count == 0;
    i->at[0] = p->root ? 0 : node;
    i->end[0] = 0;
    i->seen[0] = 0;
    if (!i->self) children(t, p->root ? 0 : node, &i->at[0], &i->end[0]);
}

static inline bool step_has(const map_step *s, uint32_t slot)
{
    if (s->slot == slot) return true;
    if (s->slot_count == 1) return false;
    for (uint32_t k = 1; k < s->slot_count; k++)
        if (s->slots[k] == slot) return true;
    return false;
}

uint32_t dgm_map_iter_next(map_iter *i)
{
    const dgm_tree *t = i->tree;
    if (i->place->step_count == 0) {
        bool first = i->self;
        i->self = false;
        return first ? i->at[0] : DGM_NONE;
    }
    for (;;) {
        uint32_t d = i->depth;
        if (i->at[d] >= i->end[d]) {
            if (!d) return DGM_NONE;
            i->depth--;
            continue;
        }
        const map_step *s = &i->place->steps[d];
        uint32_t n = i->at[d], end = i->end[d];
        if (i->sorted && s->slot_count == 1) {
            while (n < end && dgm_node_slot(&t->nodes[n]) < s->slot) n = dgm_tree_next(t, n);
            if (n < end && dgm_node_slot(&t->nodes[n]) != s->slot) n = end;
        }
        while (n < end && !step_has(s, dgm_node_slot(&t->nodes[n]))) n = dgm_tree_next(t, n);
        if (n >= end) {
            i->at[d] = n;
            continue;
        }
        i->at[d] = dgm_tree_next(t, n);
        if (s->test_count && !dgm_map_tests_pass(t, n, s->tests, s->test_count)) continue;
        i->seen[d]++;
        if (s->from && (i->seen[d] < s->from || i->seen[d] > s->to)) continue;
        if (d + 1 == i->place->step_count) return n;
        i->depth = d + 1;
        i->seen[d + 1] = 0;
        children(t, n, &i->at[d + 1], &i->end[d + 1]);
    }
}

/* As dgm_map_iter_next once, among the nodes from `from` up to `to` and what is beneath them. */
static uint32_t find_between(const dgm_tree *t, uint32_t from, uint32_t to, const map_place *p)
{
    uint32_t at[MAP_STEPS_MAX], end[MAP_STEPS_MAX], seen[MAP_STEPS_MAX], d = 0;
    at[0] = from;
    end[0] = to;
    seen[0] = 0;
    for (;;) {
        const map_step *s = &p->steps[d];
        uint32_t n = at[d];
        for (const uint32_t last = end[d], slot = s->slot; n < last; n = dgm_tree_next(t, n)) {
            if (dgm_node_slot(&t->nodes[n]) != slot && (s->slot_count == 1 || !step_has(s, dgm_node_slot(&t->nodes[n])))) continue;
            if (s->test_count && !dgm_map_tests_pass(t, n, s->tests, s->test_count)) continue;
            if (!s->from || (++seen[d] >= s->from && seen[d] <= s->to)) break;
        }
        if (n >= end[d]) {
            if (!d--) return DGM_NONE;
            continue;
        }
        if (d + 1 == p->step_count) return n;
        at[d++] = dgm_tree_next(t, n);
        children(t, n, &at[d], &end[d]);
        seen[d] = 0;
    }
}

/* The same down a way of slots alone, where none is counted: what is missing beneath the first of a repeated place may stand
 * beneath another. */
static uint32_t find_down(const dgm_tree *t, uint32_t from, uint32_t to, const uint32_t *way, uint32_t len)
{
    uint32_t above[MAP_STEPS_MAX], end[MAP_STEPS_MAX], d = 0, n = from;
    for (;;) {
        uint32_t wanted = way[d];
        while (n < to && dgm_node_slot(&t->nodes[n]) != wanted) n = dgm_tree_next(t, n);
        if (n < to) {
            if (d + 1 == len) return n;
            above[d] = n;
            end[d++] = to;
            children(t, n, &n, &to);
        } else {
            if (!d--) return DGM_NONE;
            n = dgm_tree_next(t, above[d]);
            to = end[d];
        }
    }
}

uint32_t dgm_map_find(const dgm_tree *t, uint32_t node, const map_place *p)
{
    uint32_t from, to;
    if (p->root) node = 0;
    if (p->step_count == 0) return node;
    children(t, node, &from, &to);
    return p->way && p->whole ? find_down(t, from, to, p->way, p->step_count) : find_between(t, from, to, p);
}

/* Where the children of the root stand, by slot: found out once for a run that asks for it. */
static bool know_tops(dgm_runner *r)
{
    const dgm_tree *t = r->in;
    const dgm_slot *root = dgm_shape_slot(t->shape, DGM_SLOT_ROOT);
    void *tops = r->tops;
    bool ok = dgm_map_reserve(r, &tops, &r->tops_room, 2u * root->child_count + 1u, sizeof *r->tops);
    r->tops = tops;
    if (!ok) return false;
    memset(r->tops, 0, 2u * root->child_count * sizeof *r->tops);
    for (uint32_t n = 1, end = dgm_tree_end(t, 0), next; n < end; n = next) {
        next = dgm_tree_next(t, n);
        uint32_t at = dgm_node_slot(&t->nodes[n]) - root->first_child;
        if (at >= root->child_count) continue;
        if (!r->tops[2 * at]) r->tops[2 * at] = n;
        r->tops[2 * at + 1] = next;
    }
    r->tops_known = true;
    return true;
}

/* Of a child slot of the root: the first child of it and one past the last; two equal ones when there is none. */
static const uint32_t *top_of(const dgm_runner *r, uint32_t slot)
{
    return r->tops + 2 * (slot - dgm_shape_slot(r->in->shape, DGM_SLOT_ROOT)->first_child);
}

/* Few places are looked for without knowing where the children of the root stand. */
static uint32_t find_from_top(dgm_runner *r, const map_place *p)
{
    enum { FEW = 4 };
    if (!p->step_count || p->steps[0].slot_count != 1) return dgm_map_find(r->in, 0, p);
    if (!r->tops_known && (r->tops_asked++ < FEW || !know_tops(r))) return dgm_map_find(r->in, 0, p);
    const uint32_t *top = top_of(r, p->steps[0].slot);
    return p->way && p->whole ? find_down(r->in, top[0], top[1], p->way, p->step_count) : find_between(r->in, top[0], top[1], p);
}

uint32_t dgm_map_find_once(dgm_runner *r, uint32_t node, const map_place *p)
{
    if (p->root) node = 0;
    if (!p->known) return node ? dgm_map_find(r->in, node, p) : find_from_top(r, p);
    uint32_t *known = &r->known[p->known - 1];
    if (!*known) {
        uint32_t found = node ? dgm_map_find(r->in, node, p) : find_from_top(r, p);
        *known = found == DGM_NONE ? 1 : found + 2;
    }
    return *known == 1 ? DGM_NONE : *known - 2;
}

/* The usual test: one value, short. */
static inline bool equal_short(dgm_slice a, dgm_slice b)
{
    if (a.len != b.len) return false;
    for (size_t i = 0; i < a.len; i++)
        if (a.at[i] != b.at[i]) return false;
    return true;
}

static inline bool test_passes(const dgm_tree *t, uint32_t node, const map_test *q)
{
    uint32_t leaf = dgm_map_below(t, node, q->path, q->path_len);
    dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, leaf);
    bool there = leaf != DGM_NONE && (v.len || !dgm_node_leaf(&t->nodes[leaf]));
    bool pass = q->kind == MAP_HAS ? there : q->kind == MAP_LACKS && !there;
    for (uint32_t i = 0; !pass && there && i < q->value_count; i++) pass = equal_short(v, q->values[i]);
    return pass;
}

bool dgm_map_tests_pass(const dgm_tree *t, uint32_t node, const map_test *tests, uint32_t count)
{
    for (uint32_t k = 0; k < count; k++)
        if (!test_passes(t, node, &tests[k])) return false;
    return true;
}

bool dgm_map_tests_pass_but(const dgm_tree *t, uint32_t node, const map_test *tests, uint32_t count, uint32_t passed)
{
    for (uint32_t k = 0; k < count; k++)
        if (k != passed && !test_passes(t, node, &tests[k])) return false;
    return true;
}

/* ---- expressions --------------------------------------------------------------------------------------------------------- */

typedef struct eval_value {
    dgm_slice text;
    const map_place *place; /* many values, found when wanted */
    bool there;
} eval_value;

typedef struct eval {
    dgm_runner *r;
    map_context c;
    eval_value stack[EVAL_STACK];
    uint32_t top;
} eval;

static eval_value text_value(dgm_slice s)
{
    return (eval_value){ .text = s, .there = s.len > 0 };
}

static eval_value truth_value(bool b)
{
    return text_value(b ? DGM_LITERAL("true") : DGM_LITERAL("false"));
}

static bool truth(const eval_value *v)
{
    return v->there && !dgm_slice_is(v->text, "false") && !dgm_slice_is(v->text, "0");
}

static eval_value number_value(dgm_runner *r, dgm_status s, dgm_slice text)
{
    if (s == DGM_NOMEM) dgm_map_fail(r, s);
    return s == DGM_OK ? text_value(text) : (eval_value){ 0 };
}

static eval_value printed(dgm_runner *r, uint32_t n)
{
    char room[16];
    dgm_slice s = dgm_arena_copy(&r->arena, dgm_map_digits(n, room));
    if (!s.at) dgm_map_fail(r, DGM_NOMEM);
    return text_value(s);
}

/* The trees that are looked at after freeze stand in the order of their slots. */
static void look(map_iter *i, const eval *e, const map_place *p)
{
    dgm_map_iter_begin(i, e->c.tree, p->up ? e->c.up : e->c.node, p);
    i->sorted = e->c.frame == DGM_NONE && !e->r->documents;
    dgm_runner *r = e->r;
    if (e->c.node || e->c.tree != r->in || !p->step_count || p->steps[0].slot_count != 1 || !r->tops_known) return;
    const uint32_t *top = top_of(r, p->steps[0].slot);
    i->at[0] = top[0];
    i->end[0] = top[1];
}

/* A value that the source of a rule takes is not left behind. */
static eval_value taken(eval *e, uint32_t node, dgm_slice value)
{
    dgm_runner *r = e->r;
    if (r->taker && e->c.tree == r->in && r->accounts[node] == DGM_ACCOUNT_NONE)
        dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, r->taker - 1);
    return text_value(value);
}

/* The first value of a place. */
static __attribute__((noinline)) eval_value first_value(eval *e, const eval_value *v)
{
    uint32_t from = v->place->root ? 0 : v->place->up ? e->c.up : e->c.node;
    uint32_t first = v->place->way ? dgm_map_below(e->c.tree, from, v->place->way, v->place->step_count) : DGM_NONE;
    dgm_slice value = first == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(e->c.tree, first);
    if (value.len) return taken(e, first, value);
    map_iter i;
    look(&i, e, v->place);
    for (uint32_t n; (n = dgm_map_iter_next(&i)) != DGM_NONE;) {
        dgm_slice s = dgm_tree_value(e->c.tree, n);
        if (s.len) return taken(e, n, s);
    }
    return (eval_value){ 0 };
}

/* The first value of a place, or the value itself. */
static inline eval_value scalar(eval *e, const eval_value *v)
{
    return v->place ? first_value(e, v) : *v;
}

/* A plain natural number of a few digits. */
static bool natural(dgm_slice s, uint32_t *n)
{
    if (!s.len || s.len > 9) return false;
    *n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
        *n = *n * 10 + (uint32_t)(s.at[i] - '0');
    }
    return true;
}

static int order(const eval_value *a, const eval_value *b)
{
    uint32_t x, y;
    if (natural(a->text, &x) && natural(b->text, &y)) return (x > y) - (x < y);
    if (dgm_slice_equal(a->text, b->text)) return 0;
    bool numbers = dgm_decimal_valid(a->text, '.') && dgm_decimal_valid(b->text, '.');
    return numbers ? dgm_decimal_compare(a->text, b->text) : dgm_slice_compare(a->text, b->text);
}

static bool numbers(const eval_value *a, const eval_value *b)
{
    return dgm_decimal_valid(a->text, '.') && dgm_decimal_valid(b->text, '.');
}

static eval_value compared(map_opcode op, const eval_value *a, const eval_value *b)
{
    if (!a->there || !b->there) return (eval_value){ 0 };
    int c = order(a, b);
    bool yes = op == MAP_X_EQ   ? c == 0
               : op == MAP_X_NE ? c != 0
               : op == MAP_X_LT ? c < 0
               : op == MAP_X_GT ? c > 0
               : op == MAP_X_LE ? c <= 0
                                : c >= 0;
    return truth_value(yes);
}

static eval_value arithmetic(eval *e, map_opcode op, const eval_value *a, const eval_value *b)
{
    dgm_slice out = { 0 }, terms[2] = { a->text, b->text };
    dgm_arena *arena = &e->r->arena;
    if (!a->there || !b->there || !numbers(a, b)) return (eval_value){ 0 };
    if (op == MAP_X_ADD || op == MAP_X_SUB)
        return number_value(e->r, dgm_decimal_tally(arena, terms, 2, op == MAP_X_ADD ? 2 : 1, &out), out);
    dgm_status s = op == MAP_X_MUL ? dgm_decimal_multiply(arena, a->text, b->text, &out)
                                   : dgm_decimal_divide(arena, a->text, b->text, 12, DGM_ROUND_HALF_EVEN, &out);
    if (s == DGM_OK) s = dgm_decimal_normal(arena, out, &out);
    return number_value(e->r, s, out);
}

/* a in (b, c) and ID in PLACE. Both sides may be many: one of them in the list is enough. */
static eval_value contained(eval *e, const eval_value *what, const eval_value *list, uint32_t n)
{
    map_iter w;
    bool any = false;
    if (what->place) look(&w, e, what->place);
    for (;;) {
        eval_value v = *what;
        if (what->place) {
            uint32_t node = dgm_map_iter_next(&w);
            if (node == DGM_NONE) break;
            v = text_value(dgm_tree_value(e->c.tree, node));
        }
        any = any || v.there;
        for (uint32_t k = 0; v.there && k < n; k++) {
            map_iter i;
            if (list[k].place) {
                look(&i, e, list[k].place);
                for (uint32_t node; (node = dgm_map_iter_next(&i)) != DGM_NONE;)
                    if (dgm_slice_equal(dgm_tree_value(e->c.tree, node), v.text)) return truth_value(true);
            } else if (list[k].there && dgm_slice_equal(list[k].text, v.text)) {
                return truth_value(true);
            }
        }
        if (!what->place) break;
    }
    return any ? truth_value(false) : (eval_value){ 0 };
}

/* How many nodes of a place count, or whether one does: a way without tests and counts, gone down without an iterator. */
static uint32_t count_down(const eval *e, const map_place *p, bool one)
{
    const dgm_tree *t = e->c.tree;
    uint32_t at[MAP_STEPS_MAX], end[MAP_STEPS_MAX], d = 0, count = 0, last = p->step_count - 1;
    bool sorted = e->c.frame == DGM_NONE && !e->r->documents;
    map_iter i;
    look(&i, e, p);
    at[0] = i.at[0];
    end[0] = i.end[0];
    for (;;) {
        uint32_t n = at[d], to = end[d], slot = p->way[d];
        if (sorted)
            while (n < to && dgm_node_slot(&t->nodes[n]) < slot) n = dgm_tree_next(t, n);
        while (n < to && dgm_node_slot(&t->nodes[n]) != slot) n = sorted ? to : dgm_tree_next(t, n);
        if (n >= to) {
            if (!d--) return count;
            continue;
        }
        at[d] = dgm_tree_next(t, n);
        if (d == last) {
            count += !dgm_node_leaf(&t->nodes[n]) || dgm_tree_value(t, n).len;
            if (count && one) return count;
        } else {
            d++;
            children(t, n, &at[d], &end[d]);
        }
    }
}

/* What is counted or summed up. Terms are added up all at once: a long sum and many short terms then cost what their digits cost.
 */
typedef struct gathering {
    uint32_t count;
    dgm_slice *terms; /* of a sum */
    size_t term_count, room;
} gathering;

static void add_term(eval *e, gathering *g, dgm_slice term)
{
    if (g->term_count == g->room) {
        size_t room = g->room ? 2 * g->room : 16;
        dgm_slice *more = DGM_NEW(&e->r->arena, dgm_slice, room);
        if (!more) {
            dgm_map_fail(e->r, DGM_NOMEM);
            return;
        }
        if (g->term_count) memcpy(more, g->terms, g->term_count * sizeof *more);
        g->terms = more;
        g->room = room;
    }
    g->terms[g->term_count++] = term;
}

/* One value or place among those that are counted or summed up. */
static void gather_one(eval *e, map_opcode op, const eval_value *arg, gathering *g)
{
    map_iter i;
    uint32_t node = DGM_NONE;
    if (arg->place && arg->place->whole && op != MAP_X_SUM) {
        g->count += count_down(e, arg->place, op == MAP_X_EXISTS);
        return;
    }
    if (arg->place) look(&i, e, arg->place);
    for (bool more = true; more;) {
        eval_value v = *arg;
        if (arg->place) {
            node = dgm_map_iter_next(&i);
            if (node == DGM_NONE) break;
            v = text_value(dgm_tree_value(e->c.tree, node));
            if (!v.there && !dgm_node_leaf(&e->c.tree->nodes[node])) g->count++;
        } else {
            more = false;
        }
        if (!v.there) continue;
        g->count++;
        if (op == MAP_X_SUM) add_term(e, g, v.text);
    }
}

/* The same in each of the documents that share a message. */
static void gather_documents(eval *e, map_opcode op, const eval_value *arg, gathering *g)
{
    const dgm_tree *own = e->c.tree;
    for (uint32_t k = 0; k < e->r->document_count; k++) {
        e->c.tree = e->r->documents[k];
        gather_one(e, op, arg, g);
    }
    e->c.tree = own;
}

/* count, sum, exists over places and values. An occurrence without a value of its own counts; what cannot be added makes a sum
 * nothing. */
static eval_value gathered(eval *e, map_opcode op, const eval_value *args, uint32_t n)
{
    gathering g = { 0 };
    for (uint32_t k = 0; k < n; k++) {
        bool all = args[k].place && args[k].place->documents && e->r->documents;
        if (all)
            gather_documents(e, op, &args[k], &g);
        else
            gather_one(e, op, &args[k], &g);
    }
    dgm_slice sum = { 0 };
    if (op == MAP_X_SUM) return number_value(e->r, dgm_decimal_tally(&e->r->arena, g.terms, g.term_count, g.term_count, &sum), sum);
    return op == MAP_X_COUNT ? printed(e->r, g.count) : truth_value(g.count > 0);
}

static size_t small_number(const eval_value *v, size_t otherwise)
{
    size_t n = 0;
    if (!v->there) return otherwise;
    for (size_t i = 0; i < v->text.len && n < 1000000; i++) {
        if (v->text.at[i] < '0' || v->text.at[i] > '9') return otherwise;
        n = n * 10 + (size_t)(v->text.at[i] - '0');
    }
    return n;
}

static eval_value rounded(eval *e, const eval_value *a, uint32_t n)
{
    eval_value v = scalar(e, &a[0]), digits = scalar(e, &a[1]), how = n > 2 ? scalar(e, &a[2]) : (eval_value){ 0 };
    dgm_slice out = { 0 };
    if (!v.there || !dgm_decimal_valid(v.text, '.')) return (eval_value){ 0 };
    dgm_rounding rounding = dgm_slice_is(how.text, "down")        ? DGM_ROUND_DOWN
                            : dgm_slice_is(how.text, "half-even") ? DGM_ROUND_HALF_EVEN
                                                                  : DGM_ROUND_HALF_UP;
    size_t scale = small_number(&digits, 0);
    return number_value(e->r, dgm_decimal_scale(&e->r->arena, v.text, scale > 64 ? 64 : (uint32_t)scale, rounding, &out), out);
}

static eval_value concatenated(eval *e, const eval_value *a, uint32_t n)
{
    dgm_buffer *b = &e->r->text;
    b->len = 0;
    for (uint32_t k = 0; k < n; k++) {
        eval_value v = scalar(e, &a[k]);
        if (!v.there) return (eval_value){ 0 };
        if (dgm_buffer_append(b, v.text) != DGM_OK) dgm_map_fail(e->r, DGM_NOMEM);
    }
    dgm_slice s = dgm_arena_copy(&e->r->arena, dgm_buffer_slice(b));
    if (!s.at) dgm_map_fail(e->r, DGM_NOMEM);
    return text_value(s);
}

/* cut(text, characters) and cut(text, from, characters), from 1. */
static eval_value cut(eval *e, const eval_value *a, uint32_t n)
{
    eval_value v = scalar(e, &a[0]), x = scalar(e, &a[1]), y = n > 2 ? scalar(e, &a[2]) : (eval_value){ 0 };
    if (!v.there) return v;
    if (n > 2) {
        size_t from = small_number(&x, 1);
        v.text = dgm_slice_part(v.text, dgm_utf8_head(v.text, from ? from - 1 : 0), v.text.len);
        x = y;
    }
    return text_value(dgm_slice_part(v.text, 0, dgm_utf8_head(v.text, small_number(&x, SIZE_MAX / 8))));
}

static eval_value upper(eval *e, const eval_value *a)
{
    eval_value v = scalar(e, &a[0]);
    if (!v.there) return v;
    char *s = DGM_NEW(&e->r->arena, char, v.text.len + 1);
    if (!s) {
        dgm_map_fail(e->r, DGM_NOMEM);
        return (eval_value){ 0 };
    }
    for (size_t i = 0; i < v.text.len; i++) {
        char c = v.text.at[i];
        s[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    return text_value((dgm_slice){ s, v.text.len });
}

/* The line of a table for the place that a pointer names, numbers aside, or for the nearest place above it; "/" is above all. */
static eval_value nearest(eval *e, const map_instr *i, const eval_value *a)
{
    eval_value v = scalar(e, &a[0]);
    dgm_slice out = { 0 };
    size_t len = 0;
    bool place = v.there && !dgm_pointer_looks(v.text); /* a chain that was kept as it came names nothing */
    char *bare = place ? DGM_NEW(&e->r->arena, char, v.text.len + 1) : NULL;
    if (place && !bare) dgm_map_fail(e->r, DGM_NOMEM);
    if (!bare) return (eval_value){ 0 };
    for (size_t k = 0; k < v.text.len; k++) {
        if (v.text.at[k] == '#')
            while (k + 1 < v.text.len && v.text.at[k + 1] != '/') k++;
        else
            bare[len++] = v.text.at[k];
    }
    while (len > 1) {
        if (dgm_map_code(i->codes, DGM_WRITE, (dgm_slice){ bare, len }, &out)) return text_value(out);
        while (len > 0 && bare[--len] != '/') continue;
    }
    return dgm_map_code(i->codes, DGM_WRITE, DGM_LITERAL("/"), &out) ? text_value(out) : (eval_value){ 0 };
}

/* step(pointer, n): the n-th number on the way that a pointer goes. */
static eval_value step_number(eval *e, const eval_value *a)
{
    eval_value v = scalar(e, &a[0]), which = scalar(e, &a[1]);
    size_t wanted = v.there && !dgm_pointer_looks(v.text) ? small_number(&which, 0) : 0;
    for (dgm_cut rest = { .tail = v.text, .found = v.there }; rest.found && wanted;) {
        rest = dgm_slice_cut(rest.tail, '/');
        dgm_cut number = dgm_slice_cut(rest.head, '#');
        if (number.found && --wanted == 0) return text_value(number.tail);
    }
    return (eval_value){ 0 };
}

static eval_value logical(map_opcode op, const eval_value *a, const eval_value *b)
{
    if (op == MAP_X_AND) {
        if ((a->there && !truth(a)) || (b->there && !truth(b))) return truth_value(false);
        return a->there && b->there ? truth_value(true) : (eval_value){ 0 };
    }
    if (truth(a) || truth(b)) return truth_value(true);
    return a->there && b->there ? truth_value(false) : (eval_value){ 0 };
}

static eval_value apply(eval *e, const map_instr *i, eval_value *a)
{
    eval_value x = { 0 }, y = { 0 };
    bool scalars = i->op >= MAP_X_EQ && i->op <= MAP_X_OR;
    if (scalars) x = scalar(e, &a[0]);
    if (scalars && i->argc > 1) y = scalar(e, &a[1]);
    switch (i->op) {
    case MAP_X_IN: return contained(e, &a[0], a + 1, i->argc - 1);
    case MAP_X_EQ:
    case MAP_X_NE:
    case MAP_X_LT:
    case MAP_X_GT:
    case MAP_X_LE:
    case MAP_X_GE: return compared(i->op, &x, &y);
    case MAP_X_ADD:
    case MAP_X_SUB:
    case MAP_X_MUL:
    case MAP_X_DIV: return arithmetic(e, i->op, &x, &y);
    case MAP_X_NEG: y = text_value(DGM_LITERAL("0")); return arithmetic(e, MAP_X_SUB, &y, &x);
    case MAP_X_AND:
    case MAP_X_OR: return logical(i->op, &x, &y);
    case MAP_X_NOT: x = scalar(e, &a[0]); return truth_value(!truth(&x));
    case MAP_X_IF: x = scalar(e, &a[0]); return truth(&x) ? a[1] : a[2];
    case MAP_X_COUNT:
    case MAP_X_SUM:
    case MAP_X_EXISTS: return gathered(e, i->op, a, i->argc);
    case MAP_X_FIRST:
        for (uint32_t k = 0; k < i->argc && !x.there; k++) x = scalar(e, &a[k]);
        return x;
    case MAP_X_ROUND: return rounded(e, a, i->argc);
    case MAP_X_CONCAT: return concatenated(e, a, i->argc);
    case MAP_X_CUT: return cut(e, a, i->argc);
    case MAP_X_UPPER: return upper(e, a);
    case MAP_X_LENGTH: x = scalar(e, &a[0]); return x.there ? printed(e->r, (uint32_t)dgm_utf8_length(x.text)) : x;
    case MAP_X_LOOKUP: {
        dgm_slice out = { 0 };
        x = scalar(e, &a[0]);
        return x.there && dgm_map_code(i->codes, DGM_WRITE, x.text, &out) ? text_value(out) : (eval_value){ 0 };
    }
    case MAP_X_NEAREST: return nearest(e, i, a);
    case MAP_X_STEP: return step_number(e, a);
    case MAP_X_CHECKED: x = scalar(e, &a[0]); return x.there ? truth_value(dgm_check_number((dgm_check_rule)i->index, x.text)) : x;
    case MAP_X_TEXT:
    case MAP_X_NAME:
    case MAP_X_PARAM:
    case MAP_X_LET:
    case MAP_X_I:
    case MAP_X_PLACE:
    case MAP_X_LIST: break;
    }
    return (eval_value){ 0 };
}

static eval_value operand(eval *e, const map_instr *i)
{
    dgm_slice out = { 0 };
    if (i->op == MAP_X_TEXT) return text_value(i->text);
    if (i->op == MAP_X_I) return e->c.index ? printed(e->r, e->c.index) : (eval_value){ 0 };
    if (i->op == MAP_X_PARAM) return text_value(e->r->params[i->index]);
    if (i->op == MAP_X_PLACE) return (eval_value){ .place = i->place, .there = true };
    if (i->op == MAP_X_NAME && e->c.frame == DGM_NONE) {
        for (uint32_t k = e->c.saved; k < e->c.saved_to; k++)
            if (e->r->saved[k].rule == i->index) return text_value(e->r->saved[k].value);
        return (eval_value){ 0 };
    }
    if (i->op == MAP_X_NAME) return dgm_map_name(e->r, i->index, e->c.frame, &out) ? text_value(out) : (eval_value){ 0 };
    if (i->op == MAP_X_LET && dgm_map_eval(e->r, e->r->m->lets[i->index].expr, e->c, &out)) return text_value(out);
    return (eval_value){ 0 };
}

/* The left side of `and` or `or` is on the stack: whether it is the answer already, which then stands in its place. */
static bool left_says(eval *e, const map_instr *i)
{
    eval_value *left = &e->stack[e->top - 1];
    *left = scalar(e, left);
    if (i->op == MAP_X_OR ? !truth(left) : !left->there || truth(left)) return false;
    *left = truth_value(i->op == MAP_X_OR);
    return true;
}

/* Lets nest at most MAP_DEPTH_MAX deep (checked at load), so calling itself is bounded. */
bool dgm_map_eval(dgm_runner *r, const map_expr *x, map_context c, dgm_slice *out)
{
    if (x->count == 1 && x->code[0].op == MAP_X_TEXT) {
        *out = x->code[0].text;
        return out->len > 0;
    }
    eval e; /* the stack is written before it is read */
    e.r = r;
    e.c = c;
    e.top = 0;
    for (uint32_t k = 0; k < x->count; k++) {
        const map_instr *i = &x->code[k];
        uint32_t pops = i->argc;
        if (pops > e.top || e.top - pops >= EVAL_STACK) return false;
        eval_value v = pops ? apply(&e, i, &e.stack[e.top - pops]) : operand(&e, i);
        e.top -= pops;
        e.stack[e.top++] = v;
        while (x->code[k].skip && left_says(&e, &x->code[x->code[k].skip])) k = x->code[k].skip;
    }
    if (e.top != 1) return false;
    eval_value v = scalar(&e, &e.stack[0]);
    *out = v.text;
    return v.there;
}

bool dgm_map_true(dgm_runner *r, const map_expr *x, map_context c, bool nothing_is)
{
    dgm_slice out;
    if (x->light && !nothing_is && c.frame != DGM_NONE) return dgm_map_light(r, x, c.frame, c.index);
    if (!dgm_map_eval(r, x, c, &out)) return nothing_is;
    eval_value v = text_value(out);
    return truth(&v);
}

/* ---- conditions: once for each frame ------------------------------------------------------------------------------------- */

/* The word of a condition: what its `when` itself says in the two lowest bits, what it says with those around it in the next two.
 * 0 not asked yet, 1 no, 2 yes. */
enum { ASKED_BITS = 2, ASKED = 3 };

static uint32_t *cond_word(dgm_runner *r, uint32_t cond, uint32_t frame)
{
    return &r->words[r->frames[frame].base + r->p->cond_words[cond]];
}

/* Asked once for each frame. */
static bool when_says(dgm_runner *r, uint32_t cond, uint32_t frame)
{
    uint32_t *word = cond_word(r, cond, frame); /* words do not move while no frame opens */
    if (!(*word & ASKED)) {
        const map_frame *f = &r->frames[frame];
        const map_expr *x = r->m->conds[cond].when;
        bool yes = x->light ? dgm_map_light(r, x, frame, f->index)
                            : dgm_map_true(r, x, (map_context){ r->in, f->node, frame, f->index, 0, 0, 0 }, false);
        *word |= yes ? 2 : 1;
    }
    return (*word & ASKED) == 2;
}

/* else: none of those before it in its list. */
static bool none_before(dgm_runner *r, const map_cond *c, uint32_t frame)
{
    if (c->among) return !dgm_map_among(r, c->among, frame);
    for (uint32_t s = c->sibling; s != DGM_NONE; s = r->m->conds[s].sibling)
        if (r->m->conds[s].when && when_says(r, s, frame)) return false;
    return true;
}

static bool all_say(dgm_runner *r, uint32_t cond, uint32_t frame)
{
    for (uint32_t at = cond; at != DGM_NONE; at = r->m->conds[at].above) {
        const map_cond *c = &r->m->conds[at];
        uint32_t own = r->frames[frame].block == c->block ? frame : dgm_map_frame_of(r, frame, c->block);
        if (own == DGM_NONE) return false;
        if (c->when ? !when_says(r, at, own) : !none_before(r, c, own)) return false;
    }
    return true;
}

/* Frames around a frame stay as long as it does, and so does what conditions say there. */
bool dgm_map_cond(dgm_runner *r, uint32_t cond, uint32_t frame)
{
    if (r->frames[frame].block != r->m->conds[cond].block) return all_say(r, cond, frame);
    uint32_t known = *cond_word(r, cond, frame) >> ASKED_BITS;
    if (known) return known == 2;
    bool yes = all_say(r, cond, frame);
    *cond_word(r, cond, frame) |= (yes ? 2u : 1u) << ASKED_BITS;
    return yes;
}
