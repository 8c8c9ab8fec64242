/* SPDX-License-Identifier: Apache-2.0
 *
 * expression.c - reads "=" expressions and `when` conditions into postfix code and binds their names. mappings/README.md, "Names
 * and expressions". Descent is bounded by MAP_DEPTH_MAX. One thread.
 */
#include "base/check_digit.h"
#include "find.h"

enum { CODE_MAX = 256, STACK_MAX = 64, EXPRESSION_STEPS_MAX = 16384 };
/* A let among named things. */
#define NAME_LET 0x80000000u

typedef struct expr_reader {
    map_loader *l;
    dgm_slice text;
    map_mark mark;
    size_t at;
    uint32_t side, block, depth;
    bool names_only, up, failed;
    map_instr code[CODE_MAX];
    uint32_t count, stack, stack_max;
    bool places, documents;
} expr_reader;

static const struct function {
    const char *name;
    map_opcode op;
    uint32_t least, most;
} functions[] = {
    { "count", MAP_X_COUNT, 1, 1 },     { "sum", MAP_X_SUM, 1, 16 },       { "first", MAP_X_FIRST, 1, 16 },
    { "if", MAP_X_IF, 3, 3 },           { "not", MAP_X_NOT, 1, 1 },        { "exists", MAP_X_EXISTS, 1, 1 },
    { "round", MAP_X_ROUND, 2, 3 },     { "concat", MAP_X_CONCAT, 1, 16 }, { "cut", MAP_X_CUT, 2, 3 },
    { "upper", MAP_X_UPPER, 1, 1 },     { "length", MAP_X_LENGTH, 1, 1 },  { "lookup", MAP_X_LOOKUP, 2, 3 },
    { "nearest", MAP_X_NEAREST, 2, 3 }, { "step", MAP_X_STEP, 2, 2 },      { "checked", MAP_X_CHECKED, 2, 2 },
};

static void wrong(expr_reader *r, size_t from, size_t to, const char *what)
{
    if (r->failed) return;
    r->failed = true;
    dgm_diag *d = dgm_map_fault(r->l, dgm_map_part(r->l, r->mark, r->text, from, to > from ? to - from : 1), DGM_D_MAP_EXPR_SYNTAX);
    dgm_map_say(r->l, d, dgm_slice_of(what));
}

static void emit(expr_reader *r, map_instr i, uint32_t pops)
{
    if (r->failed) return;
    if (r->count == CODE_MAX || r->stack + 1 - pops > STACK_MAX) {
        wrong(r, 0, r->text.len, "this expression is too long");
        return;
    }
    r->code[r->count++] = i;
    r->stack = r->stack + 1 - pops;
    if (r->stack > r->stack_max) r->stack_max = r->stack;
}

static void skip(expr_reader *r)
{
    while (r->at < r->text.len && (r->text.at[r->at] == ' ' || r->text.at[r->at] == '\t' || r->text.at[r->at] == '\n')) r->at++;
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(expr_reader *r)
{
    skip(r);
    return r->at < r->text.len ? r->text.at[r->at] : '\0';
}

static bool take(expr_reader *r, const char *token)
{
    skip(r);
    size_t n = strlen(token);
    if (r->text.len - r->at < n || memcmp(r->text.at + r->at, token, n) != 0) return false;
    bool word = letter(token[0]);
    if (word && r->at + n < r->text.len &&
        (letter(r->text.at[r->at + n]) || digit(r->text.at[r->at + n]) || r->text.at[r->at + n] == '/'))
        return false;
    r->at += n;
    return true;
}

static void expression(expr_reader *r);

static dgm_slice word(expr_reader *r)
{
    size_t from = r->at;
    while (r->at < r->text.len && (letter(r->text.at[r->at]) || digit(r->text.at[r->at]) || r->text.at[r->at] == '-')) r->at++;
    return dgm_slice_part(r->text, from, r->at);
}

/* A literal of an `in` list, or where only names may stand: bare, quoted or a name. */
static bool literal(expr_reader *r, map_instr *out)
{
    skip(r);
    size_t from = r->at;
    if (r->at < r->text.len && r->text.at[r->at] == '\'') {
        size_t end = r->at + 1;
        while (end < r->text.len && r->text.at[end] != '\'') end++;
        if (end == r->text.len) return false;
        *out = (map_instr){ .op = MAP_X_TEXT, .text = dgm_slice_part(r->text, from + 1, end) };
        r->at = end + 1;
        return true;
    }
    while (r->at < r->text.len && (letter(r->text.at[r->at]) || digit(r->text.at[r->at]) || r->text.at[r->at] == '.' ||
                                   r->text.at[r->at] == '-' || (unsigned char)r->text.at[r->at] >= 0x80))
        r->at++;
    *out = (map_instr){ .op = MAP_X_TEXT, .text = dgm_slice_part(r->text, from, r->at) };
    return r->at > from;
}

static void name(expr_reader *r)
{
    size_t from = r->at++;
    dgm_slice n = word(r);
    if (!n.len) {
        wrong(r, from, r->at, "after $ comes a name");
        return;
    }
    map_instr i = { .op = MAP_X_NAME, .text = n, .mark = dgm_map_part(r->l, r->mark, r->text, from, r->at - from) };
    if (dgm_slice_is(n, "i")) i.op = MAP_X_I;
    emit(r, i, 0);
}

/* The table's name stands bare: lookup(criteria-rules, $agreement, scale). */
static bool lookup_table(expr_reader *r, map_instr *call, const char *form)
{
    skip(r);
    size_t from = r->at;
    dgm_slice table = word(r);
    call->text = table;
    call->mark = dgm_map_part(r->l, r->mark, r->text, from, r->at - from);
    if (!table.len || !take(r, ",")) {
        wrong(r, from, r->at, form);
        return false;
    }
    return true;
}

/* Which check digits stands bare: checked(iban, PayerAccount/IBAN). */
static void checked(expr_reader *r, size_t from)
{
    skip(r);
    size_t at = r->at;
    map_instr i = { .op = MAP_X_CHECKED, .argc = 1, .index = (uint32_t)dgm_check_named(word(r)) };
    if (!i.index || !take(r, ",")) {
        wrong(r, at, r->at, "checked(KIND, VALUE), where KIND is container, ship, gtin, air-waybill or iban");
        return;
    }
    expression(r);
    if (!r->failed && !take(r, ")")) wrong(r, from, r->at, "this ( has no )");
    emit(r, i, 1);
}

static void call(expr_reader *r, const struct function *f, size_t from)
{
    map_instr i = { .op = f->op };
    uint32_t argc = 0;
    dgm_slice column = { 0 };
    if (f->op == MAP_X_CHECKED) {
        checked(r, from);
        return;
    }
    if (f->op == MAP_X_LOOKUP || f->op == MAP_X_NEAREST) {
        bool nearest = f->op == MAP_X_NEAREST;
        if (!lookup_table(r, &i,
                          nearest ? "nearest(TABLE, POINTER) or nearest(TABLE, POINTER, COLUMN)"
                                  : "lookup(TABLE, KEY) or lookup(TABLE, KEY, COLUMN)"))
            return;
        expression(r);
        if (take(r, ",")) {
            skip(r);
            column = word(r);
        }
        if (!take(r, ")")) wrong(r, from, r->at, "this ( has no )");
        if (r->failed) return;
        i.codes = dgm_map_codes(r->l, i.text, DGM_LITERAL("*key"), column, i.mark);
        i.argc = 1;
        if (!i.codes)
            r->failed = true;
        else
            emit(r, i, 1);
        return;
    }
    do {
        expression(r);
        argc++;
    } while (!r->failed && argc < 17 && take(r, ","));
    if (!r->failed && !take(r, ")")) wrong(r, from, r->at, "this ( has no )");
    if (!r->failed && (argc < f->least || argc > f->most)) wrong(r, from, r->at, "this function takes another number of values");
    i.argc = argc;
    emit(r, i, argc);
}

/* `document`, `document/PLACE`: in a mapping that says what a document is, all those that share a message. */
static bool speaks_of_documents(const expr_reader *r, dgm_slice text)
{
    const map_document *d = r->l->m->document;
    dgm_slice first = dgm_slice_cut(text, '/').head;
    return d && d->at[MAP_WIRE].place && r->side == MAP_MODEL && dgm_slice_is(first, "document");
}

static const map_place *documents_place(expr_reader *r, dgm_slice text, map_mark mark)
{
    dgm_slice rest = dgm_slice_part(text, 8, text.len);
    if (!rest.len) rest = DGM_LITERAL(".");
    map_mark at = rest.len < 2 ? mark : dgm_map_part(r->l, mark, text, 8, rest.len);
    map_place *p = DGM_NEW(r->l->arena, map_place, 1);
    const map_place *found = p ? dgm_map_place(r->l, MAP_MODEL, 0, rest, at, MAP_LISTS) : NULL;
    if (!p) r->l->nomem = true;
    if (!found) return NULL;
    *p = *found;
    p->root = p->documents = true;
    p->text = text;
    return p;
}

static void place(expr_reader *r)
{
    size_t from = r->at, depth = 0;
    bool quoted = false;
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.at[r->at];
        if (c == '\'' && depth) quoted = !quoted;
        if (quoted) continue;
        if (c == '[') depth++;
        if (c == ']' && depth) depth--;
        if (depth) continue;
        if (!letter(c) && !digit(c) && c != '/' && c != '@' && c != '#' && c != '*' && c != '.' && c != ']' && c != '-' && c != '^')
            break;
    }
    dgm_slice text = dgm_slice_part(r->text, from, r->at);
    map_mark mark = dgm_map_part(r->l, r->mark, r->text, from, text.len);
    if (r->names_only) {
        r->failed = true;
        dgm_diag *d = dgm_map_fault(r->l, mark, DGM_D_MAP_WHEN_PLACE);
        dgm_map_say(r->l, d, text);
        return;
    }
    bool documents = speaks_of_documents(r, text);
    const map_place *p = documents ? documents_place(r, text, mark)
                                   : dgm_map_place(r->l, r->side, r->block, text, mark, r->up ? MAP_LISTS | MAP_UP : MAP_LISTS);
    if (!p) r->failed = true;
    r->places = true;
    r->documents = r->documents || documents;
    emit(r, (map_instr){ .op = MAP_X_PLACE, .place = p, .mark = mark }, 0);
}

static void primary(expr_reader *r)
{
    char c = peek(r);
    size_t from = r->at;
    map_instr i;
    if (r->failed) return;
    if (c == '(') {
        r->at++;
        expression(r);
        if (!r->failed && !take(r, ")")) wrong(r, from, from + 1, "this ( has no )");
        return;
    }
    if (c == '-' && r->at + 1 < r->text.len && r->text.at[r->at + 1] == ' ') c = '\0';
    if (c == '$') {
        name(r);
        return;
    }
    if (c == '\'') {
        if (literal(r, &i))
            emit(r, i, 0);
        else
            wrong(r, from, r->text.len, "this quote has no end");
        return;
    }
    if (digit(c)) {
        while (r->at < r->text.len && (digit(r->text.at[r->at]) || r->text.at[r->at] == '.')) r->at++;
        if (r->at == r->text.len || (r->text.at[r->at] != '/' && r->text.at[r->at] != '[' && !letter(r->text.at[r->at]))) {
            emit(r, (map_instr){ .op = MAP_X_TEXT, .text = dgm_slice_part(r->text, from, r->at) }, 0);
            return;
        }
        r->at = from;
    }
    if (!letter(c) && !digit(c) && c != '/' && c != '.' && c != '@' && c != '^') {
        wrong(r, r->at, r->at + 1, r->at < r->text.len ? "a value is missing here" : "the expression ends too early");
        return;
    }
    if (letter(c)) {
        dgm_slice w = word(r);
        if (r->at < r->text.len && r->text.at[r->at] == '(') {
            for (size_t k = 0; k < sizeof functions / sizeof *functions; k++)
                if (dgm_slice_is(w, functions[k].name)) {
                    r->at++;
                    call(r, &functions[k], from);
                    return;
                }
            dgm_slice names[sizeof functions / sizeof *functions];
            for (size_t k = 0; k < sizeof functions / sizeof *functions; k++) names[k] = dgm_slice_of(functions[k].name);
            int near = dgm_nearest(w, names, sizeof functions / sizeof *functions);
            r->failed = true;
            map_mark m = dgm_map_part(r->l, r->mark, r->text, from, w.len);
            dgm_diag *d = dgm_map_fault(r->l, m, DGM_D_MAP_EXPR_FUNCTION);
            dgm_map_say(r->l, d, w);
            if (near >= 0) dgm_map_say(r->l, d, names[near]);
            return;
        }
        if (r->names_only && (r->at == r->text.len || (r->text.at[r->at] != '/' && r->text.at[r->at] != '['))) {
            r->at = from;
            if (literal(r, &i)) emit(r, i, 0);
            return;
        }
        r->at = from;
    }
    place(r);
}

static void descend(expr_reader *r)
{
    if (++r->depth > MAP_DEPTH_MAX) wrong(r, 0, r->text.len, "this expression nests too deep");
}

static void unary(expr_reader *r)
{
    descend(r);
    if (!r->failed && peek(r) == '-') {
        r->at++;
        unary(r);
        emit(r, (map_instr){ .op = MAP_X_NEG, .argc = 1 }, 1);
    } else {
        primary(r);
    }
    r->depth--;
}

static void product(expr_reader *r)
{
    unary(r);
    while (!r->failed) {
        map_opcode op = take(r, "*") ? MAP_X_MUL : take(r, "/ ") ? MAP_X_DIV : MAP_X_TEXT;
        if (op == MAP_X_TEXT) return;
        unary(r);
        emit(r, (map_instr){ .op = op, .argc = 2 }, 2);
    }
}

static void sum(expr_reader *r)
{
    product(r);
    while (!r->failed) {
        map_opcode op = take(r, "+") ? MAP_X_ADD : take(r, "-") ? MAP_X_SUB : MAP_X_TEXT;
        if (op == MAP_X_TEXT) return;
        product(r);
        emit(r, (map_instr){ .op = op, .argc = 2 }, 2);
    }
}

static void in_list(expr_reader *r)
{
    size_t from = r->at;
    uint32_t argc = 1;
    map_instr i;
    if (!take(r, "(")) {
        sum(r);
        const map_instr *last = r->count ? &r->code[r->count - 1] : NULL;
        if (last && last->op == MAP_X_PLACE && last->place->documents)
            wrong(r, from, r->at, "count, sum and exists look into all documents; `in` looks into one");
        emit(r, (map_instr){ .op = MAP_X_IN, .argc = 2 }, 2);
        return;
    }
    do {
        if (peek(r) == '$')
            name(r);
        else if (literal(r, &i))
            emit(r, i, 0);
        else
            wrong(r, from, r->at + 1, "after `in` comes a list: (BM, BH)");
        argc++;
    } while (!r->failed && take(r, ","));
    if (!r->failed && !take(r, ")")) wrong(r, from, r->at, "this ( has no )");
    emit(r, (map_instr){ .op = MAP_X_IN, .argc = argc }, argc);
}

static void comparison(expr_reader *r)
{
    sum(r);
    if (r->failed) return;
    if (take(r, "in")) {
        in_list(r);
        return;
    }
    map_opcode op = take(r, "<=")   ? MAP_X_LE
                    : take(r, ">=") ? MAP_X_GE
                    : take(r, "!=") ? MAP_X_NE
                    : take(r, "<")  ? MAP_X_LT
                    : take(r, ">")  ? MAP_X_GT
                    : take(r, "=")  ? MAP_X_EQ
                                    : MAP_X_TEXT;
    if (op == MAP_X_TEXT) return;
    sum(r);
    emit(r, (map_instr){ .op = op, .argc = 2 }, 2);
}

static void conjunction(expr_reader *r)
{
    comparison(r);
    while (!r->failed && take(r, "and")) {
        comparison(r);
        emit(r, (map_instr){ .op = MAP_X_AND, .argc = 2 }, 2);
    }
}

static void expression(expr_reader *r)
{
    descend(r);
    if (!r->failed) conjunction(r);
    while (!r->failed && take(r, "or")) {
        conjunction(r);
        emit(r, (map_instr){ .op = MAP_X_OR, .argc = 2 }, 2);
    }
    r->depth--;
}

static map_expr *read_expr(map_loader *l, const expr_reader *begin)
{
    expr_reader reader = *begin, *r = &reader;
    map_expr *x = DGM_NEW(l->arena, map_expr, 1);
    if (!x) {
        l->nomem = true;
        return NULL;
    }
    if (r->text.len && r->text.at[0] == '=' && !r->names_only) r->at = 1;
    expression(r);
    if (!r->failed && peek(r)) wrong(r, r->at, r->text.len, "this does not belong to the expression");
    if (r->failed) return NULL;
    *x = (map_expr){ .count = r->count,
                     .stack = r->stack_max,
                     .block = r->block,
                     .places = r->places,
                     .documents = r->documents,
                     .text = r->text,
                     .mark = r->mark };
    x->code = DGM_NEW(l->arena, map_instr, r->count + 1);
    void *all = l->exprs;
    if (!x->code || !dgm_map_room(l, &all, &l->expr_room, l->expr_count + 1, sizeof *l->exprs)) {
        l->nomem = true;
        return NULL;
    }
    memcpy(x->code, r->code, r->count * sizeof *x->code);
    l->exprs = all;
    l->exprs[l->expr_count++] = x;
    return x;
}

map_expr *dgm_map_expr(map_loader *l, uint32_t side, uint32_t block, dgm_slice text, map_mark mark, bool names_only)
{
    return read_expr(l,
                     &(expr_reader){ .l = l, .text = text, .mark = mark, .side = side, .block = block, .names_only = names_only });
}

map_expr *dgm_map_expr_where(map_loader *l, uint32_t block, dgm_slice text, map_mark mark)
{
    return read_expr(l, &(expr_reader){ .l = l, .text = text, .mark = mark, .side = MAP_MODEL, .block = block, .up = true });
}

/* ---- names: bound when all statements are known -------------------------------------------------------------------------- */

static bool block_sees(const dgm_mapping *m, uint32_t from, uint32_t block)
{
    for (uint32_t b = from; b != DGM_NONE; b = m->blocks[b].above)
        if (b == block) return true;
    return false;
}

/* Names by their block and text; parameters stand in none. The first of two that are alike is found. */
static bool name_things(map_loader *scratch, map_finder *names)
{
    const dgm_mapping *m = scratch->m;
    bool ok = true;
    for (uint32_t k = m->param_count; k-- > 0 && ok;)
        ok = dgm_map_keep(scratch, names, dgm_map_text_hash(m->params[k].name, DGM_NONE), k);
    for (uint32_t k = m->rule_count; k-- > 0 && ok;)
        if (m->rules[k].name.len) ok = dgm_map_keep(scratch, names, dgm_map_text_hash(m->rules[k].name, m->rules[k].block), k);
    for (uint32_t k = m->let_count; k-- > 0 && ok;)
        ok = dgm_map_keep(scratch, names, dgm_map_text_hash(m->lets[k].name, m->lets[k].block), k | NAME_LET);
    return ok;
}

static bool bind_in(const dgm_mapping *m, const map_finder *names, uint32_t block, map_instr *i)
{
    uint32_t hash = dgm_map_text_hash(i->text, block);
    for (const struct map_kept *k = NULL; (k = dgm_map_kept(names, hash, k)) != NULL;) {
        const uint32_t n = k->id & ~NAME_LET;
        bool let = n != k->id, param = block == DGM_NONE;
        dgm_slice name = let ? m->lets[n].name : param ? m->params[n].name : m->rules[n].name;
        uint32_t stands = let ? m->lets[n].block : param ? DGM_NONE : m->rules[n].block;
        if (stands != block || !dgm_slice_equal(name, i->text)) continue;
        i->index = n;
        if (let) i->op = MAP_X_LET;
        if (param) i->op = MAP_X_PARAM;
        return true;
    }
    return false;
}

static bool bind(const map_loader *l, const map_finder *names, const map_expr *x, map_instr *i)
{
    for (uint32_t b = x->block; b != DGM_NONE; b = l->m->blocks[b].above)
        if (bind_in(l->m, names, b, i)) return true;
    return bind_in(l->m, names, DGM_NONE, i);
}

static void unknown_name(map_loader *l, const map_expr *x, const map_instr *i)
{
    dgm_mapping *m = l->m;
    dgm_diag *d = dgm_map_fault(l, i->mark, DGM_D_MAP_NAME_UNKNOWN);
    if (!d) return; /* as many as anyone will read have been told */
    dgm_slice *names = DGM_NEW(l->arena, dgm_slice, m->rule_count + m->let_count + m->param_count + 1);
    size_t n = 0;
    for (uint32_t k = 0; names && k < m->rule_count; k++)
        if (m->rules[k].name.len && block_sees(m, x->block, m->rules[k].block)) names[n++] = m->rules[k].name;
    for (uint32_t k = 0; names && k < m->let_count; k++)
        if (block_sees(m, x->block, m->lets[k].block)) names[n++] = m->lets[k].name;
    for (uint32_t k = 0; names && k < m->param_count; k++) names[n++] = m->params[k].name;
    int near = names ? dgm_nearest(i->text, names, n) : -1;
    dgm_map_say(l, d, i->text);
    if (near >= 0) dgm_map_say(l, d, names[near]);
}

/* What lets come to when those that they name are put in. depth: how many stand in each other below; more than MAP_DEPTH_MAX when
 * they go round in a circle. steps: each let as often as it is named. */
typedef struct let_size {
    uint32_t depth, steps;
} let_size;

static uint32_t steps_of(const map_expr *x, const let_size *sizes)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < x->count; i++) sum += 1 + (x->code[i].op == MAP_X_LET ? sizes[x->code[i].index].steps : 0);
    return sum < UINT32_MAX / 2 ? (uint32_t)sum : UINT32_MAX / 2;
}

/* Pass by pass one level more is known; what still grows behind the last has no end. */
static void size_lets(const dgm_mapping *m, let_size *sizes)
{
    for (uint32_t pass = 0; pass <= MAP_DEPTH_MAX + 1; pass++)
        for (uint32_t k = 0; k < m->let_count; k++) {
            const map_expr *x = m->lets[k].expr;
            for (uint32_t i = 0; x && i < x->count; i++) {
                if (x->code[i].op != MAP_X_LET || sizes[x->code[i].index].depth < sizes[k].depth) continue;
                sizes[k].depth = sizes[x->code[i].index].depth + 1;
            }
        }
    for (uint32_t depth = 0; depth <= MAP_DEPTH_MAX; depth++)
        for (uint32_t k = 0; k < m->let_count; k++)
            if (sizes[k].depth == depth && m->lets[k].expr) sizes[k].steps = steps_of(m->lets[k].expr, sizes);
}

static void check_lets(map_loader *l, dgm_arena *scratch)
{
    const dgm_mapping *m = l->m;
    let_size *sizes = DGM_NEW(scratch, let_size, m->let_count + 1);
    if (!sizes) {
        l->nomem = true;
        return;
    }
    size_lets(m, sizes);
    bool circle = false;
    for (uint32_t k = 0; k < m->let_count; k++) {
        if (sizes[k].depth <= MAP_DEPTH_MAX) continue;
        circle = true;
        dgm_diag *d = dgm_map_fault(l, m->lets[k].mark, DGM_D_MAP_NAME_CIRCLE);
        dgm_map_say(l, d, m->lets[k].name);
    }
    for (size_t k = 0; k < l->expr_count && !circle; k++) {
        if (steps_of(l->exprs[k], sizes) <= EXPRESSION_STEPS_MAX) continue;
        dgm_diag *d = dgm_map_fault(l, l->exprs[k]->mark, DGM_D_MAP_EXPR_STEPS);
        if (d) dgm_diag_number(l->diags, d, EXPRESSION_STEPS_MAX);
    }
}

void dgm_map_link_names(map_loader *l)
{
    dgm_arena arena;
    map_finder names = { .count = 0 };
    map_loader scratch = *l;
    dgm_arena_init(&arena, &l->env->mem);
    scratch.arena = &arena;
    if (!name_things(&scratch, &names)) l->nomem = true;
    for (size_t k = 0; k < l->expr_count && !l->nomem; k++)
        for (uint32_t i = 0; i < l->exprs[k]->count; i++) {
            map_instr *n = &l->exprs[k]->code[i];
            if (n->op == MAP_X_NAME && !bind(l, &names, l->exprs[k], n)) unknown_name(l, l->exprs[k], n);
        }
    if (!l->wrong && !l->nomem) check_lets(l, &arena);
    dgm_arena_free(&arena);
    if (l->wrong || l->nomem) return;
    for (size_t k = 0; k < l->expr_count; k++) dgm_map_lighten(l, l->exprs[k]);
    /* An expression that names a let which looks into a tree looks into a tree itself. */
    for (bool again = !l->wrong; again;) {
        again = false;
        for (size_t k = 0; k < l->expr_count; k++)
            for (uint32_t i = 0; i < l->exprs[k]->count; i++) {
                const map_instr *n = &l->exprs[k]->code[i];
                if (n->op != MAP_X_LET || l->exprs[k]->places || !l->m->lets[n->index].expr->places) continue;
                l->exprs[k]->places = again = true;
            }
    }
}
