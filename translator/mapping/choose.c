/* SPDX-License-Identifier: Apache-2.0
 *
 * choose.c - conditions that hold one name against constants, `$kind = A`, `$kind in (B, C)`: where several of them stand at one
 * place, and before an `else`, the value of the name is looked up once and leads to those that say yes. What is found is still
 * asked, so that nothing but time depends on it. Loading is one thread's; the rest one thread's for each runner.
 */
#include "run.h"

/* Fewer are asked one after another. A place may ask a few names. */
enum { FEW = 4, NAMES = 4, CASES_MAX = 1 << 20 };

/* ---- at load ------------------------------------------------------------------------------------------------------------- */

/* A number whose other spellings are no other values: equal by = are the spellings that have one normal form. */
static bool one_spelling(dgm_slice s)
{
    bool number = dgm_decimal_valid(s, '.'), whole = s.len > 0;
    for (size_t i = 0; i < s.len; i++) whole = whole && s.at[i] >= '0' && s.at[i] <= '9';
    return !number || (whole && (s.len == 1 || s.at[0] != '0'));
}

/* Where the left side of an `and` ends, of which both must hold; the whole for all else. */
static uint32_t first_part(const map_expr *x)
{
    uint32_t end = x->count - 1;
    while (x->code[end].op == MAP_X_AND) { /* the right side: as many operands as its instructions still want */
        uint32_t wanted = 1, at = end;
        while (wanted && at) wanted += x->code[--at].argc - 1u;
        if (wanted || !at) return x->count - 1;
        end = at - 1;
    }
    return end;
}

/* The instruction of the name that a condition holds against constants, and how many of these stand behind it; NULL: it does
 * something else. */
static const map_instr *name_of(const map_expr *x, bool whole, uint32_t *values, bool *exact)
{
    uint32_t end = x ? first_part(x) : 0;
    if (!x || end < 2 || (whole && end + 1 != x->count)) return NULL;
    const map_instr *last = &x->code[end], *name = &x->code[0];
    if ((last->op != MAP_X_EQ && last->op != MAP_X_IN) || last->argc != end) return NULL;
    if (name->op != MAP_X_NAME && name->op != MAP_X_PARAM) return NULL;
    *exact = last->op == MAP_X_IN;
    *values = end - 1;
    for (uint32_t i = 1; i < end; i++)
        if (x->code[i].op != MAP_X_TEXT || (!*exact && !one_spelling(x->code[i].text))) return NULL;
    return name;
}

/* Of a condition and those around it the first that is such a one. */
static const map_expr *asking(const dgm_mapping *m, uint32_t cond, const map_instr **name)
{
    for (uint32_t at = cond, values; at != DGM_NONE; at = m->conds[at].above) {
        bool exact;
        *name = name_of(m->conds[at].when, false, &values, &exact);
        if (*name) return m->conds[at].when;
    }
    return NULL;
}

static bool begin(map_loader *l, map_asked *a, const map_instr *name, uint32_t cases)
{
    uint32_t size = 4;
    while (size < 2 * cases) size *= 2;
    *a = (map_asked){ .param = name->op == MAP_X_PARAM, .name = name->index, .mask = size - 1 };
    a->buckets = DGM_NEW(l->arena, uint32_t, size);
    a->cases = DGM_NEW(l->arena, map_asked_case, cases + 1u);
    if (!a->buckets || !a->cases) l->nomem = true;
    return !l->nomem;
}

/* The constants of a condition; the last one added is found first. */
static void add(map_asked *a, const map_expr *x, uint32_t op)
{
    uint32_t values = 0;
    bool exact = false;
    (void)name_of(x, false, &values, &exact);
    for (uint32_t i = 1; i <= values; i++) {
        dgm_slice v = x->code[i].text;
        uint32_t *bucket = &a->buckets[dgm_map_mix(dgm_map_key(v)) & a->mask], k = *bucket;
        while (k && !(a->cases[k - 1].op == op && dgm_slice_equal(a->cases[k - 1].value, v))) k = a->cases[k - 1].next;
        if (k) continue; /* it stands there twice */
        a->cases[a->count] = (map_asked_case){ v, op, *bucket, exact };
        *bucket = ++a->count;
    }
}

/* The operations of one trie node, in its new range: those that are asked one by one, then one for each name, which leads to those
 * behind. */
typedef struct regroup {
    const map_instr *name[NAMES];
    uint32_t members[NAMES], cases[NAMES], count;
} regroup;

static uint32_t group_of(const regroup *g, const map_instr *name)
{
    uint32_t k = 0;
    while (k < g->count && (g->name[k]->op != name->op || g->name[k]->index != name->index)) k++;
    return k;
}

static bool may_choose(const map_op *op)
{
    return op->cond != DGM_NONE &&
           (op->kind == MAP_OP_MOVE || op->kind == MAP_OP_COPY || op->kind == MAP_OP_PART || op->kind == MAP_OP_FOLD);
}

static void names_of(const dgm_mapping *m, const map_plan *p, const map_source *s, regroup *g)
{
    const map_instr *name;
    *g = (regroup){ .count = 0 };
    for (uint32_t i = s->op_first; i < s->op_first + s->op_count; i++) {
        const map_expr *x = may_choose(&p->ops[i]) ? asking(m, p->ops[i].cond, &name) : NULL;
        uint32_t k = x ? group_of(g, name) : NAMES, values = 0;
        bool exact;
        if (!x || (k == g->count && k == NAMES)) continue;
        if (k == g->count) g->name[g->count++] = name;
        (void)name_of(x, false, &values, &exact);
        g->members[k]++;
        g->cases[k] += values;
    }
}

static uint32_t add_asked(map_loader *l, map_plan *p, size_t *room, const map_asked *a)
{
    void *all = p->asked;
    if (!dgm_map_room(l, &all, room, p->asked_count + 1, sizeof *p->asked)) return DGM_NONE;
    p->asked = all;
    p->asked[p->asked_count] = *a;
    return (uint32_t)p->asked_count++;
}

/* Gives a node its new range at `to`, behind all others; gives one past the last. */
static uint32_t regrouped(map_loader *l, map_plan *p, uint32_t node, const regroup *g, uint32_t to, size_t *room)
{
    const dgm_mapping *m = l->m;
    map_source *s = &p->sources[node];
    const uint32_t from = s->op_first, count = s->op_count, first = to;
    uint32_t single = to, chosen = to + count; /* those of groups stand behind the range */
    map_asked asked[NAMES];
    const map_instr *name;
    for (uint32_t k = 0; k < g->count; k++)
        if (g->members[k] >= FEW && !begin(l, &asked[k], g->name[k], g->cases[k])) return to;
    for (uint32_t i = from + count; i-- > from;) { /* backwards: the first of a value is found first */
        const map_expr *x = may_choose(&p->ops[i]) ? asking(m, p->ops[i].cond, &name) : NULL;
        uint32_t k = x ? group_of(g, name) : g->count;
        if (k == g->count || g->members[k] < FEW) continue;
        p->ops[chosen] = p->ops[i];
        p->ticks[chosen] = p->ticks[i];
        p->ops[chosen].id = chosen;
        add(&asked[k], x, chosen++);
    }
    for (uint32_t i = from; i < from + count; i++) {
        const map_expr *x = may_choose(&p->ops[i]) ? asking(m, p->ops[i].cond, &name) : NULL;
        uint32_t k = x ? group_of(g, name) : g->count;
        if (k < g->count && g->members[k] >= FEW) continue;
        p->ops[single] = p->ops[i];
        p->ticks[single] = p->ticks[i];
        p->ops[single].id = single;
        single++;
    }
    for (uint32_t k = 0; k < g->count; k++) {
        if (g->members[k] < FEW) continue;
        p->ops[single] = (map_op){ .id = single,
                                   .kind = MAP_OP_CHOOSE,
                                   .rule = 0,
                                   .cond = DGM_NONE,
                                   .target = DGM_NONE,
                                   .second = DGM_NONE,
                                   .star = DGM_NONE,
                                   .word = DGM_NONE };
        p->ops[single].index = add_asked(l, p, room, &asked[k]);
        single++;
    }
    s->op_first = p->hot[node].op_first = first;
    s->op_count = single - first;
    p->hot[node].op_count = (uint16_t)s->op_count;
    return chosen;
}

static void choose_operations(map_loader *l, map_plan *p)
{
    size_t more = 0, room = 0;
    regroup g;
    for (size_t s = 0; s < p->source_count; s++) {
        if (p->sources[s].op_count < FEW || p->sources[s].op_count > UINT16_MAX) continue;
        names_of(l->m, p, &p->sources[s], &g);
        bool any = false;
        for (uint32_t k = 0; k < g.count; k++) any = any || g.members[k] >= FEW;
        if (any) more += 2u * p->sources[s].op_count;
    }
    if (!more) return;
    map_op *ops = DGM_NEW(l->arena, map_op, p->op_count + more + 1);
    map_tick *ticks = DGM_NEW(l->arena, map_tick, p->op_count + more + 1);
    if (!ops || !ticks) {
        l->nomem = true;
        return;
    }
    memcpy(ops, p->ops, p->op_count * sizeof *ops);
    memcpy(ticks, p->ticks, p->op_count * sizeof *ticks);
    p->ops = ops;
    p->ticks = ticks;
    uint32_t to = (uint32_t)p->op_count;
    for (uint32_t s = 0; s < p->source_count && !l->nomem; s++) {
        if (p->sources[s].op_count < FEW || p->sources[s].op_count > UINT16_MAX) continue;
        names_of(l->m, p, &p->sources[s], &g);
        bool any = false;
        for (uint32_t k = 0; k < g.count; k++) any = any || g.members[k] >= FEW;
        if (any) to = regrouped(l, p, s, &g, to, &room);
    }
    p->op_count = to;
}

/* An else behind conditions that all hold one name against constants. */
static void choose_else(map_loader *l, map_cond *c, uint32_t *work)
{
    dgm_mapping *m = l->m;
    const map_instr *name = NULL;
    uint32_t cases = 0, count = 0, values;
    bool exact;
    for (uint32_t s = c->sibling; s != DGM_NONE; s = m->conds[s].sibling) {
        if (!m->conds[s].when) continue;
        const map_instr *own = name_of(m->conds[s].when, true, &values, &exact);
        if (++*work > CASES_MAX || !own || (name && (own->op != name->op || own->index != name->index))) return;
        name = own;
        cases += values;
        count++;
    }
    map_asked *a = count < FEW ? NULL : DGM_NEW(l->arena, map_asked, 1);
    if (count < FEW) return;
    if (!a) l->nomem = true;
    if (!a || !begin(l, a, name, cases)) return;
    for (uint32_t s = c->sibling; s != DGM_NONE; s = m->conds[s].sibling)
        if (m->conds[s].when) add(a, m->conds[s].when, s);
    c->among = a;
}

void dgm_map_choose(map_loader *l)
{
    uint32_t work = 0;
    for (int d = 0; d < 2 && !l->nomem; d++)
        if (l->m->plan[d].hot) choose_operations(l, &l->m->plan[d]);
    for (uint32_t i = 0; i < l->m->cond_count && !l->nomem; i++)
        if (!l->m->conds[i].when) choose_else(l, &l->m->conds[i], &work);
}

/* ---- in a run ------------------------------------------------------------------------------------------------------------ */

/* The value that is looked up and, when it is a number that may be spelled otherwise, its normal form; false: there is none. */
static bool value_of(dgm_runner *r, const map_asked *a, uint32_t frame, dgm_slice value[2])
{
    value[0] = value[1] = (dgm_slice){ 0 };
    if (a->param)
        value[0] = r->params[a->name];
    else if (!dgm_map_name(r, a->name, frame, &value[0]))
        return false;
    if (!value[0].len) return false;
    if (one_spelling(value[0])) return true;
    dgm_status s = dgm_decimal_normal(&r->arena, value[0], &value[1]);
    if (s == DGM_NOMEM) dgm_map_fail(r, s);
    if (s != DGM_OK) value[1] = (dgm_slice){ 0 };
    return true;
}

/* The next case of a value behind `k`, which is one itself or 0: then the first. */
static uint32_t next_case(const map_asked *a, dgm_slice v, bool number, uint32_t k)
{
    k = k ? a->cases[k - 1].next : a->buckets[dgm_map_mix(dgm_map_key(v)) & a->mask];
    while (k && !(dgm_slice_equal(a->cases[k - 1].value, v) && !(number && a->cases[k - 1].exact))) k = a->cases[k - 1].next;
    return k;
}

void dgm_map_choose_op(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    const map_asked *a = &r->p->asked[op->index];
    dgm_slice value[2];
    if (!value_of(r, a, frame, value)) return;
    for (int i = 0; i < 2 && value[i].len; i++)
        for (uint32_t k = 0; (k = next_case(a, value[i], i, k)) != 0;) {
            const map_op *to = &r->p->ops[a->cases[k - 1].op];
            if (to->kind == MAP_OP_MOVE)
                dgm_map_move(r, frame, to, node);
            else
                dgm_map_operate(r, frame, to, node);
        }
}

bool dgm_map_among(dgm_runner *r, const map_asked *a, uint32_t frame)
{
    dgm_slice value[2];
    if (!value_of(r, a, frame, value)) return false;
    for (int i = 0; i < 2 && value[i].len; i++)
        if (next_case(a, value[i], i, 0)) return true;
    return false;
}
