/* SPDX-License-Identifier: Apache-2.0
 *
 * when.c - conditions that only ask about names, the index and literals, as nearly all do: their code runs on values of a few
 * words, stops when the answer is known and prints nothing. Says what evaluate.c would say. One thread for each runner.
 */
#include "internal.h"

enum { LIGHT_STACK = 20, QUESTIONS_MAX = 256 };

typedef enum light_kind { LIGHT_NOTHING, LIGHT_TEXT, LIGHT_COUNT, LIGHT_NO, LIGHT_YES } light_kind;
typedef struct light {
    light_kind kind;
    uint32_t count;
    dgm_slice text;
} light;

/* ---- at load ------------------------------------------------------------------------------------------------------------- */

/* A part of a condition, known by its last instruction: where its code begins and how many questions it asks. */
typedef struct part {
    uint32_t start, last, questions;
} part;

/* A natural number of a few digits, as it has to be spelled. */
static bool natural(dgm_slice s, uint32_t *n)
{
    *n = 0;
    if (!s.len || s.len > 8 || (s.at[0] == '0' && s.len > 1)) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
        *n = *n * 10 + (uint32_t)(s.at[i] - '0');
    }
    return true;
}

/* What the code from `first` to `last` asks: the usual questions are answered without it. */
static map_question question(const map_instr *code, uint32_t first, uint32_t last)
{
    map_question q = { .kind = MAP_ASKS_CODE, .first = first, .last = last, .op = code[last].op };
    if (q.op == MAP_X_EXISTS && code[last].argc == 1 && code[last - 1].op == MAP_X_NAME) {
        q.kind = MAP_ASKS_EXISTS;
        q.name = code[last - 1].index;
    }
    bool compares = q.op >= MAP_X_EQ && q.op <= MAP_X_GE && last - first >= 2 && code[last - 1].op == MAP_X_TEXT &&
                    natural(code[last - 1].text, &q.number);
    if (compares && last - first == 2 && code[first].op == MAP_X_I) q.kind = MAP_ASKS_INDEX;
    if (compares && last - first == 3 && code[first].op == MAP_X_NAME && code[first + 1].op == MAP_X_LENGTH) {
        q.kind = MAP_ASKS_LENGTH;
        q.name = code[first].index;
    }
    return q;
}

/* Questions of the part that ends with `last`, from questions[at] on. Calls itself for the sides of and, or, not: no deeper than
 * expressions nest. */
static void ask(map_expr *x, const part *parts, uint32_t last, uint32_t at, uint32_t yes, uint32_t no)
{
    const map_instr *i = &x->code[last];
    if (i->op == MAP_X_NOT) {
        ask(x, parts, last - 1, at, no, yes);
    } else if (i->op == MAP_X_AND || i->op == MAP_X_OR) {
        uint32_t left = parts[last - 1].start - 1, right = at + parts[left].questions;
        ask(x, parts, left, at, i->op == MAP_X_AND ? right : yes, i->op == MAP_X_AND ? no : right);
        ask(x, parts, last - 1, right, yes, no);
    } else {
        x->questions[at] = question(x->code, parts[last].start, last);
        x->questions[at].yes = yes;
        x->questions[at].no = no;
    }
}

void dgm_map_lighten(map_loader *l, map_expr *x)
{
    uint32_t end[LIGHT_STACK] = { 0 }, top = 0; /* of the operands: where the code that makes them ends */
    bool simple = true;
    part *parts = DGM_NEW(l->arena, part, x->count + 1u);
    if (!parts) {
        l->nomem = true;
        return;
    }
    for (uint32_t k = 0; k < x->count; k++) {
        map_instr *i = &x->code[k];
        bool operand = i->op == MAP_X_TEXT || i->op == MAP_X_NAME || i->op == MAP_X_PARAM || i->op == MAP_X_I;
        simple = simple && (operand || (i->op >= MAP_X_IN && i->op <= MAP_X_GE) || i->op == MAP_X_AND || i->op == MAP_X_OR ||
                            i->op == MAP_X_NOT || i->op == MAP_X_EXISTS || i->op == MAP_X_LENGTH);
        if ((simple && operand != !i->argc) || i->argc > top || top - i->argc == LIGHT_STACK) return;
        bool logical = (i->op == MAP_X_AND || i->op == MAP_X_OR) && i->argc == 2;
        if (logical) x->code[end[top - 2]].skip = k;
        parts[k] = (part){ i->argc ? parts[end[top - i->argc]].start : k, k, 1 };
        if (logical) parts[k].questions = parts[end[top - 2]].questions + parts[k - 1].questions;
        if (i->op == MAP_X_NOT && i->argc == 1) parts[k].questions = parts[k - 1].questions;
        top -= i->argc;
        end[top++] = k;
    }
    x->light = simple && top == 1 && parts[x->count - 1].questions <= QUESTIONS_MAX;
    if (!x->light) return;
    x->questions = DGM_NEW(l->arena, map_question, parts[x->count - 1].questions + 1u);
    if (x->questions)
        ask(x, parts, x->count - 1, 0, MAP_SAYS_YES, MAP_SAYS_NO);
    else
        l->nomem = true;
}

/* ---- in a run ------------------------------------------------------------------------------------------------------------ */

static light text_light(dgm_slice s)
{
    return (light){ s.len ? LIGHT_TEXT : LIGHT_NOTHING, 0, s };
}

static light truth_light(bool b)
{
    return (light){ b ? LIGHT_YES : LIGHT_NO, 0, b ? DGM_LITERAL("true") : DGM_LITERAL("false") };
}

static bool truth(const light *v)
{
    if (v->kind == LIGHT_TEXT)
        return !dgm_slice_equal(v->text, DGM_LITERAL("false")) && !dgm_slice_equal(v->text, DGM_LITERAL("0"));
    return v->kind == LIGHT_YES || (v->kind == LIGHT_COUNT && v->count);
}

/* The text of a count; room for ten digits. */
static dgm_slice spelled(const light *v, char *room)
{
    if (v->kind != LIGHT_COUNT) return v->text;
    return dgm_map_digits(v->count, room);
}

static bool may_be_number(dgm_slice s)
{
    return s.len && ((s.at[0] >= '0' && s.at[0] <= '9') || s.at[0] == '-' || s.at[0] == '.');
}

static int order(const light *a, const light *b)
{
    char room_a[16], room_b[16];
    if (a->kind == LIGHT_COUNT && b->kind == LIGHT_COUNT) return (a->count > b->count) - (a->count < b->count);
    dgm_slice x = spelled(a, room_a), y = spelled(b, room_b);
    if (dgm_slice_equal(x, y)) return 0;
    if (may_be_number(x) && may_be_number(y) && dgm_decimal_valid(x, '.') && dgm_decimal_valid(y, '.'))
        return dgm_decimal_compare(x, y);
    return dgm_slice_compare(x, y);
}

static light compared(map_opcode op, const light *a, const light *b)
{
    if (a->kind == LIGHT_NOTHING || b->kind == LIGHT_NOTHING) return (light){ 0 };
    int c = order(a, b);
    return truth_light(op == MAP_X_EQ   ? c == 0
                       : op == MAP_X_NE ? c != 0
                       : op == MAP_X_LT ? c < 0
                       : op == MAP_X_GT ? c > 0
                       : op == MAP_X_LE ? c <= 0
                                        : c >= 0);
}

static light contained(const light *a, uint32_t n)
{
    char room[16], other[16];
    if (a->kind == LIGHT_NOTHING) return (light){ 0 };
    dgm_slice v = spelled(a, room);
    for (uint32_t k = 1; k < n; k++)
        if (a[k].kind != LIGHT_NOTHING && dgm_slice_equal(spelled(&a[k], other), v)) return truth_light(true);
    return truth_light(false);
}

static light logical(map_opcode op, const light *a, const light *b)
{
    bool both = a->kind != LIGHT_NOTHING && b->kind != LIGHT_NOTHING;
    if (op == MAP_X_OR) return truth(a) || truth(b) ? truth_light(true) : both ? truth_light(false) : (light){ 0 };
    if ((a->kind != LIGHT_NOTHING && !truth(a)) || (b->kind != LIGHT_NOTHING && !truth(b))) return truth_light(false);
    return both ? truth_light(true) : (light){ 0 };
}

static light apply(const map_instr *i, const light *a)
{
    bool any = false;
    switch ((int)i->op) {
    case MAP_X_IN: return contained(a, i->argc);
    case MAP_X_AND:
    case MAP_X_OR: return logical(i->op, &a[0], &a[1]);
    case MAP_X_NOT: return truth_light(!truth(&a[0]));
    case MAP_X_EXISTS:
        for (uint32_t k = 0; k < i->argc; k++) any = any || a[k].kind != LIGHT_NOTHING;
        return truth_light(any);
    case MAP_X_LENGTH:
        if (a->kind == LIGHT_NOTHING) return (light){ 0 };
        char room[16];
        return (light){ LIGHT_COUNT, (uint32_t)dgm_utf8_length(spelled(a, room)), { 0 } };
    default: return compared(i->op, &a[0], &a[1]);
    }
}

/* What a part of the code comes to. */
static light come_to(dgm_runner *r, const map_instr *code, uint32_t first, uint32_t last, uint32_t frame, uint32_t index)
{
    light stack[LIGHT_STACK];
    uint32_t top = 0;
    for (uint32_t k = first; k <= last; k++) {
        const map_instr *i = &code[k];
        dgm_slice out = { 0 };
        if (i->op == MAP_X_NAME)
            stack[top++] = dgm_map_name(r, i->index, frame, &out) ? text_light(out) : (light){ 0 };
        else if (i->op == MAP_X_TEXT || i->op == MAP_X_PARAM)
            stack[top++] = text_light(i->op == MAP_X_TEXT ? i->text : r->params[i->index]);
        else if (i->op == MAP_X_I)
            stack[top++] = (light){ index ? LIGHT_COUNT : LIGHT_NOTHING, index, { 0 } };
        else {
            light v = apply(i, &stack[top - i->argc]);
            top -= i->argc;
            stack[top++] = v;
        }
    }
    return stack[0];
}

static inline bool says(map_opcode op, uint32_t a, uint32_t b)
{
    return op == MAP_X_EQ   ? a == b
           : op == MAP_X_NE ? a != b
           : op == MAP_X_LT ? a < b
           : op == MAP_X_GT ? a > b
           : op == MAP_X_LE ? a <= b
                            : a >= b;
}

static bool answer(dgm_runner *r, const map_expr *x, const map_question *q, uint32_t frame, uint32_t index)
{
    dgm_slice out;
    switch (q->kind) {
    case MAP_ASKS_EXISTS: return dgm_map_name(r, q->name, frame, &out) && out.len;
    case MAP_ASKS_INDEX: return index && says(q->op, index, q->number);
    case MAP_ASKS_LENGTH:
        return dgm_map_name(r, q->name, frame, &out) && out.len && says(q->op, (uint32_t)dgm_utf8_length(out), q->number);
    case MAP_ASKS_CODE: break;
    }
    light v = come_to(r, x->code, q->first, q->last, frame, index);
    return truth(&v);
}

/* Whether it says yes. A yes comes of parts that say yes: `and` of two of them, `or` of one, `not` of one that does not; what is
 * nothing says no, and `not` of it yes. So questions are asked one after another until the answer is there. */
bool dgm_map_light(dgm_runner *r, const map_expr *x, uint32_t frame, uint32_t index)
{
    uint32_t at = 0;
    while (at < MAP_SAYS_NO) {
        const map_question *q = &x->questions[at];
        at = answer(r, x, q, frame, index) ? q->yes : q->no;
    }
    return at == MAP_SAYS_YES;
}
