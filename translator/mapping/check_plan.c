/* SPDX-License-Identifier: Apache-2.0
 *
 * check_plan.c - what only all rules together can break: one writer for each place, mandatory places that something writes;
 * and what excludes what: tests, conditions. Addresses: check_addresses.c. One thread.
 */
#include "plan.h"

static bool value_in(dgm_slice v, const map_test *t)
{
    for (uint32_t i = 0; i < t->value_count; i++)
        if (dgm_slice_equal(v, t->values[i])) return true;
    return false;
}

static bool compares(const map_test *t)
{
    return t->kind == MAP_EQUAL || t->kind == MAP_IN;
}

static bool test_equal(const map_test *a, const map_test *b)
{
    if (a->slot != b->slot || a->kind != b->kind || a->value_count != b->value_count) return false;
    for (uint32_t i = 0; i < a->value_count; i++)
        if (!value_in(a->values[i], b)) return false;
    return true;
}

/* Tests are a set: their order says nothing. */
bool dgm_map_tests_equal(const map_test *a, uint32_t na, const map_test *b, uint32_t nb)
{
    if (na != nb) return false;
    for (uint32_t i = 0; i < na; i++) {
        bool there = false;
        for (uint32_t k = 0; k < nb; k++) there = there || test_equal(&a[i], &b[k]);
        if (!there) return false;
    }
    return true;
}

bool dgm_map_tests_disjoint(const map_test *a, uint32_t na, const map_test *b, uint32_t nb)
{
    for (uint32_t i = 0; i < na; i++)
        for (uint32_t k = 0; k < nb; k++) {
            if (a[i].slot != b[k].slot) continue;
            if ((a[i].kind == MAP_LACKS) != (b[k].kind == MAP_LACKS)) return true;
            if (!compares(&a[i]) || !compares(&b[k])) continue;
            bool common = false;
            for (uint32_t v = 0; v < a[i].value_count; v++) common = common || value_in(a[i].values[v], &b[k]);
            if (!common) return true;
        }
    return false;
}

/* ---- conditions ---------------------------------------------------------------------------------------------------------- */

/* `$name = V` and `$name in (V, W)`: the name and the values; 0 when it is neither. */
static uint32_t name_values(const map_expr *x, const map_instr **name)
{
    if (!x || x->count < 3) return 0;
    const map_instr *last = &x->code[x->count - 1];
    if ((last->op != MAP_X_EQ && last->op != MAP_X_IN) || last->argc != x->count - 1) return 0;
    if (x->code[0].op != MAP_X_NAME && x->code[0].op != MAP_X_PARAM) return 0;
    for (uint32_t i = 1; i + 1 < x->count; i++)
        if (x->code[i].op != MAP_X_TEXT) return 0;
    *name = &x->code[0];
    return x->count - 2;
}

bool dgm_map_same_code(const map_instr *a, const map_instr *b)
{
    return a->op == b->op && a->argc == b->argc && a->index == b->index && dgm_slice_equal(a->text, b->text);
}

/* y is not(x). */
static bool negation(const map_expr *x, const map_expr *y)
{
    if (y->count != x->count + 1 || y->code[x->count].op != MAP_X_NOT) return false;
    for (uint32_t i = 0; i < x->count; i++)
        if (!dgm_map_same_code(&x->code[i], &y->code[i])) return false;
    return true;
}

static bool exclude(const dgm_mapping *m, uint32_t a, uint32_t b)
{
    const map_cond *x = &m->conds[a], *y = &m->conds[b];
    if (!y->when)
        for (uint32_t s = y->sibling; s != DGM_NONE; s = m->conds[s].sibling)
            if (s == a) return true;
    if (!x->when || !y->when) return false;
    if (negation(x->when, y->when) || negation(y->when, x->when)) return true;
    const map_instr *name_x = NULL, *name_y = NULL;
    uint32_t nx = name_values(x->when, &name_x), ny = name_values(y->when, &name_y);
    if (!nx || !ny || name_x->op != name_y->op || name_x->index != name_y->index) return false;
    for (uint32_t i = 0; i < nx; i++)
        for (uint32_t k = 0; k < ny; k++)
            if (dgm_slice_equal(x->when->code[1 + i].text, y->when->code[1 + k].text)) return false;
    return true;
}

bool dgm_map_disjoint(const dgm_mapping *m, uint32_t cond_a, uint32_t cond_b)
{
    for (uint32_t a = cond_a; a != DGM_NONE; a = m->conds[a].above)
        for (uint32_t b = cond_b; b != DGM_NONE; b = m->conds[b].above)
            if (exclude(m, a, b) || exclude(m, b, a)) return true;
    return false;
}

const map_rule *dgm_map_maker(const dgm_mapping *m, const map_target *t)
{
    uint32_t id = t->writer != DGM_NONE ? t->writer : t->maker;
    return id < m->rule_count ? &m->rules[id] : NULL;
}

map_mark dgm_map_place_mark(const map_rule *r, uint32_t side)
{
    return r->side_count[side] ? r->side[side][0]->mark : r->mark;
}

void dgm_map_two_writers(map_planner *n, const map_target *t, const map_rule *r)
{
    map_loader *l = n->l;
    uint32_t side = !n->p->direction;
    const map_rule *first = &l->m->rules[t->writer];
    if (dgm_map_disjoint(l->m, first->cond, r->cond)) return;
    dgm_diag *d = dgm_map_fault(l, dgm_map_place_mark(r, side), DGM_D_MAP_WRITERS);
    dgm_map_say(l, d, dgm_map_slot_text(l, n->p->to, t->slot));
    dgm_map_say(l, d, n->p->direction == DGM_READ ? DGM_LITERAL("reading") : DGM_LITERAL("writing"));
    if (d) dgm_diag_number(l->diags, d, first->mark.at.line);
}

/* ---- mandatory places ---------------------------------------------------------------------------------------------------- */

static void mark_up(const map_plan *p, bool *written, uint32_t slot)
{
    for (; slot != DGM_SLOT_NONE && !written[slot]; slot = dgm_shape_slot(p->to, slot)->parent) written[slot] = true;
}

static void check_mandatory(map_loader *l, const map_plan *p)
{
    uint32_t count = dgm_shape_count(p->to);
    bool *written = DGM_NEW(l->arena, bool, count + 1);
    const map_rule **maker = DGM_NEW(l->arena, const map_rule *, count + 1);
    if (!written || !maker) {
        l->nomem = true;
        return;
    }
    if (p->target_count <= 1 && !p->mirror) return;      /* nothing is made this way */
    if (l->m->merge && p->direction == DGM_READ) return; /* other messages say the rest */
    written[0] = true;
    for (uint32_t t = 1; t < p->target_count; t++) {
        mark_up(p, written, p->targets[t].slot);
        if (!maker[p->targets[t].slot]) maker[p->targets[t].slot] = dgm_map_maker(l->m, &p->targets[t]);
    }
    for (uint32_t s = 0; p->mirror && s < dgm_shape_count(p->from); s++)
        if (p->mirror[s].action != MAP_MIRROR_NONE) {
            mark_up(p, written, p->mirror[s].target);
            if (p->mirror[s].action == MAP_MIRROR_TYPED) {
                const map_mirror_typed *y = &p->typed[p->mirror[s].typed];
                if (y->to_value.there) mark_up(p, written, y->to_value.slot);
                if (y->to_code.there) mark_up(p, written, y->to_code.slot);
            }
        }
    for (uint32_t s = 1; s < count; s++) {
        const dgm_slot *slot = dgm_shape_slot(p->to, s);
        if (slot->min == 0 || slot->envelope || written[s] || !written[slot->parent]) continue;
        const map_rule *r = maker[slot->parent];
        map_mark mark = r ? dgm_map_place_mark(r, !p->direction) : (map_mark){ 0, { 0, 1, 1, 0 } };
        dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_MANDATORY);
        dgm_map_say(l, d, dgm_map_slot_text(l, p->to, s));
        dgm_map_say(l, d, dgm_shape_name(p->to));
        dgm_map_say(l, d, dgm_shape_slot(p->to, slot->parent)->name);
    }
}

void dgm_map_check_plan(map_loader *l, dgm_direction d)
{
    dgm_map_check_addresses(l, &l->m->plan[d]);
    if (!l->wrong) check_mandatory(l, &l->m->plan[d]);
}
