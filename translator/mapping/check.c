/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - whether each rule can mean what it says: sides, types, stars, what may be lost; and where the parts of its value stand.
 * check_plan.c looks at all rules together. One thread.
 */
#include "internal.h"

bool dgm_map_pair_type(dgm_type t)
{
    return t == DGM_TYPE_DATE || t == DGM_TYPE_AMOUNT || t == DGM_TYPE_QUANTITY;
}

uint32_t dgm_map_typed_slot(const dgm_shape *s, uint32_t slot, dgm_type type)
{
    const dgm_slot *self = dgm_shape_slot(s, slot);
    if (self->type == type || dgm_kind_leaf(self->kind)) return slot;
    uint32_t hit = DGM_SLOT_NONE;
    for (uint32_t i = 0; i < self->child_count; i++) {
        if (dgm_shape_slot(s, self->first_child + i)->type != type) continue;
        if (hit != DGM_SLOT_NONE) return DGM_SLOT_NONE;
        hit = self->first_child + i;
    }
    return hit;
}

static void combination(map_loader *l, const map_rule *r, const char *what)
{
    dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_COMBINATION);
    dgm_map_say(l, d, dgm_slice_of(what));
}

static void type_fault(map_loader *l, const map_place *p, const char *what)
{
    dgm_diag *d = dgm_map_fault(l, p->mark, DGM_D_MAP_TYPE);
    dgm_map_say(l, d, p->text);
    dgm_map_say(l, d, dgm_slice_of(what));
}

static map_way way_to(map_loader *l, const dgm_shape *s, uint32_t from, uint32_t to)
{
    map_way w = { .slot = to };
    if (to == DGM_SLOT_NONE || !dgm_shape_beneath(s, to, from)) return (map_way){ .slot = DGM_SLOT_NONE };
    w.path = dgm_map_slots_between(l, s, from, to, &w.len);
    w.there = true;
    return w;
}

static dgm_type typed(dgm_type t)
{
    return dgm_map_pair_type(t) || t == DGM_TYPE_NUMBER || t == DGM_TYPE_FLAG ? t : DGM_TYPE_NONE;
}

/* What a rule's value is, when it does not say: what the model says, or else the wire. */
static void take_type(map_loader *l, map_rule *r)
{
    for (int side = MAP_MODEL; side >= MAP_WIRE && r->as == DGM_TYPE_NONE && !r->codes && !r->fold; side--)
        if (r->side_count[side]) r->as = typed(dgm_shape_slot(l->m->shape[side], r->side[side][0]->slot)->type);
    if (r->as == DGM_TYPE_NONE) r->as = DGM_TYPE_TEXT;
}

static void place_value(map_loader *l, map_rule *r, uint32_t side)
{
    const dgm_shape *s = l->m->shape[side];
    const map_place *p = r->side[side][0];
    uint32_t slot = p->slot;
    if (dgm_map_pair_type(r->as)) slot = dgm_map_typed_slot(s, slot, r->as);
    if (slot == DGM_SLOT_NONE) {
        type_fault(l, p, r->as == DGM_TYPE_DATE ? "it holds no date, or several" : "it holds no such value, or several");
        return;
    }
    const dgm_slot *self = dgm_shape_slot(s, slot);
    r->typed[side].slot = slot;
    bool parts = dgm_map_pair_type(r->as) && (self->part_value != DGM_SLOT_NONE || self->part_code != DGM_SLOT_NONE);
    uint32_t value = parts && self->part_value != DGM_SLOT_NONE ? self->part_value : slot;
    r->typed[side].value = way_to(l, s, slot, value);
    r->typed[side].code = way_to(l, s, slot, parts ? self->part_code : DGM_SLOT_NONE);
    if (parts && r->as == DGM_TYPE_DATE && r->format.len && side == MAP_MODEL) parts = false;
    if (r->as == DGM_TYPE_FLAG && !dgm_kind_leaf(self->kind)) return; /* it is there, or it is not */
    if (!dgm_kind_leaf(dgm_shape_slot(s, value)->kind))
        type_fault(l, p, "it holds other places and no value of its own");
    else if (r->as == DGM_TYPE_DATE && side == MAP_WIRE && !parts && self->type != DGM_TYPE_DATE && !r->format.len)
        type_fault(l, p, "a date without its format here: write `as: date 102`");
}

static bool number_repr(const dgm_slot *s)
{
    return s->repr.class[0] == 'n' && s->repr.class[1] == '\0';
}

/* Digits that the model may hold and the wire cannot. */
static void check_lossy(map_loader *l, const map_rule *r)
{
    if ((r->rounding != DGM_ROUND_NONE || r->round_expr) && !r->lose.len)
        combination(l, r, "round: needs lose: \"why this is allowed\"");
    bool number = r->as == DGM_TYPE_NUMBER || r->as == DGM_TYPE_AMOUNT || r->as == DGM_TYPE_QUANTITY;
    if (!number || r->lose.len || r->scale >= 0 || r->scale_expr || r->only == MAP_ONLY_READ || !r->side_count[0] ||
        !r->side_count[1])
        return;
    if (!r->typed[0].value.there || !r->typed[1].value.there) return;
    const dgm_slot *wire = dgm_shape_slot(l->m->shape[0], r->typed[0].value.slot);
    const dgm_slot *model = dgm_shape_slot(l->m->shape[1], r->typed[1].value.slot);
    if (!number_repr(wire) || !number_repr(model) || wire->repr.decimals == 255 || model->repr.decimals == 255) return;
    if (model->repr.decimals <= wire->repr.decimals) return;
    dgm_diag *d = dgm_map_fault(l, r->side[0][0]->mark, DGM_D_MAP_LOSSY_LOAD);
    dgm_map_say(l, d, r->side[1][0]->text);
    if (d) dgm_diag_number(l->diags, d, model->repr.decimals);
    dgm_map_say(l, d, r->side[0][0]->text);
    if (d) dgm_diag_number(l->diags, d, wire->repr.decimals);
}

/* Whether two places of a list stand in the same repeated occurrence. */
static bool one_occurrence(const map_place *p, const map_place *q)
{
    if (p->star == DGM_NONE || q->star != p->star || p->root != q->root || p->steps[p->star].slot_count != 1) return false;
    for (uint32_t i = 0; i <= p->star; i++) {
        const map_step *a = &p->steps[i], *b = &q->steps[i];
        if (a->slot != b->slot || !dgm_map_tests_equal(a->tests, a->test_count, b->tests, b->test_count)) return false;
    }
    return true;
}

/* Places of one repeated occurrence are filled in turn, in the order it has them: that is how they are read. */
static void ring_of(map_loader *l, map_rule *r, uint32_t i)
{
    const map_place *q = r->side[MAP_WIRE][i];
    uint32_t *ring = r->fold->ring;
    ring[i] = i;
    for (uint32_t k = 0; k < i; k++) {
        const map_place *p = r->side[MAP_WIRE][k];
        if (!one_occurrence(p, q)) continue;
        bool inside = p->star + 1 < p->step_count && q->star + 1 < q->step_count;
        if (ring[i] == i) ring[i] = ring[k];
        if (ring[i - 1] != ring[k] || !inside || p->steps[p->star + 1].slot >= q->steps[q->star + 1].slot)
            type_fault(l, q,
                       "places of one list in one repeated occurrence follow one another, in different parts and in its order");
    }
}

static void check_fold(map_loader *l, map_rule *r)
{
    if (r->side_count[MAP_MODEL] != 1 || !r->side_count[MAP_WIRE] || r->number || r->copy_count || r->name.len || r->has_default) {
        combination(l, r, "fold joins one model place and wire places, without number, name, copies or default");
        return;
    }
    uint32_t stars = 0;
    r->fold->ring = DGM_NEW(l->arena, uint32_t, r->side_count[MAP_WIRE] + 1u);
    r->fold->stars = DGM_NEW(l->arena, uint32_t, r->side_count[MAP_WIRE] + 1u);
    if (!r->fold->ring || !r->fold->stars) {
        l->nomem = true;
        return;
    }
    for (uint32_t i = 0; i < r->side_count[MAP_WIRE]; i++) {
        const map_place *p = r->side[MAP_WIRE][i];
        const dgm_slot *leaf = dgm_shape_slot(l->m->shape[0], p->slot);
        if (!dgm_kind_leaf(leaf->kind)) type_fault(l, p, "it holds other places and no value of its own");
        stars += p->star != DGM_NONE;
        ring_of(l, r, i);
    }
    if (r->side_count[MAP_WIRE] == 1 && !stars) combination(l, r, "fold needs a #* place or a list of places");
    if (r->side[MAP_MODEL][0]->star != DGM_NONE) combination(l, r, "fold joins one model text, not a list");
    bool one = r->fold->width_count <= 1;
    if (!one && r->fold->width_count != r->side_count[MAP_WIRE]) combination(l, r, "fold wants one width, or one for each place");
}

static void check_star(map_loader *l, map_rule *r)
{
    bool star[2] = { false, false };
    for (int side = 0; side < 2; side++) star[side] = r->side_count[side] && r->side[side][0]->star != DGM_NONE;
    if (!star[0] && !star[1]) return;
    int side = star[0] ? 0 : 1;
    const map_place *p = r->side[side][0];
    if (star[0] != star[1] || !r->side_count[0] || !r->side_count[1]) {
        dgm_diag *d = dgm_map_fault(l, p->mark, DGM_D_MAP_STAR);
        dgm_map_say(l, d, p->text);
        return;
    }
    if (r->typed[0].code.there || r->typed[1].code.there || r->number || r->copy_count || r->has_default || r->name.len)
        combination(l, r, "#* on both sides pairs plain values, without number, name, copies, default or second parts");
}

static void check_expressions(map_loader *l, const map_rule *r)
{
    const map_expr *bad = NULL;
    if (r->second && r->second->places) bad = r->second;
    if (r->is_expr && r->is_expr->places && r->side_count[MAP_MODEL] && r->only != MAP_ONLY_WRITE) bad = r->is_expr;
    for (uint32_t i = 0; r->codes && i < r->codes->by_count; i++)
        if (r->by[i]->places) bad = r->by[i];
    for (uint32_t i = 0; r->cells && i < r->cells->by_count; i++)
        if (r->cells_by[i]->places) bad = r->cells_by[i];
    if (r->scale_expr && r->scale_expr->places) bad = r->scale_expr;
    if (r->round_expr && r->round_expr->places) bad = r->round_expr;
    if (!bad) return;
    dgm_map_fault(l, bad->mark, DGM_D_MAP_EXPR_PLACE);
}

static void check_only(map_loader *l, const map_rule *r)
{
    for (uint32_t side = 0; side < 2; side++) {
        if (!r->source[side]) continue;
        if (r->only != (side == MAP_WIRE ? MAP_ONLY_READ : MAP_ONLY_WRITE))
            combination(l, r, side == MAP_WIRE ? "wire: =… needs only: read" : "model: =… needs only: write");
        if (r->side_count[side]) combination(l, r, "a side is a place or an expression");
        if (!r->side_count[!side]) combination(l, r, "an expression needs a place on the other side");
    }
    if (r->only && !r->why.len && !r->lose.len) {
        dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_KEY_MISSING);
        dgm_map_say(l, d, DGM_LITERAL("why (a one-way rule says why)"));
    }
}

static void check_rule(map_loader *l, map_rule *r)
{
    bool deep[2];
    for (int side = 0; side < 2; side++) deep[side] = r->side_count[side] && r->side[side][0]->deep;
    if (deep[0] || deep[1]) {
        bool alone = r->side_count[0] == 1 && r->side_count[1] == 1 && deep[0] && deep[1] && !r->fold && !r->codes && !r->has_is &&
                     !r->number && !r->has_default && !r->name.len && !r->copy_count && r->as == DGM_TYPE_NONE &&
                     r->cond == DGM_NONE;
        if (!alone) combination(l, r, "** ends both places of a rule, which has no other key but only");
        check_only(l, r);
        return;
    }
    check_only(l, r);
    bool wire = r->side_count[0] || r->source[0], model = r->side_count[1] || r->source[1];
    if ((!wire || !model) && !r->has_is && r->number != MAP_NUMBER_ORDER) {
        dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_KEY_MISSING);
        dgm_map_say(l, d, wire ? DGM_LITERAL("model (or is, or number: order)") : DGM_LITERAL("wire (or is, or number: order)"));
    }
    if (wire && model && r->has_is) combination(l, r, "is says what one place holds; leave the other side out");
    if (r->has_is && r->number) combination(l, r, "is and number both decide this value");
    if ((!wire || !model) && !r->pointer && (r->has_default || r->fold || r->copy_count || r->number == MAP_NUMBER_KEEP))
        combination(l, r, "default, fold, copies and number: keep need both sides");
    if (!r->pointer && (r->side_count[1] > 1 || (r->side_count[0] > 1 && !r->fold)))
        combination(l, r, "several places need fold, or copies");
    dgm_map_check_type(l, r);
    take_type(l, r);
    if (r->as == DGM_TYPE_POINTER || r->pointer)
        dgm_map_check_pointer(l, r);
    else if (r->fold)
        check_fold(l, r);
    for (uint32_t side = 0; side < 2; side++)
        if (r->side_count[side]) place_value(l, r, side);
    for (uint32_t i = 0; i < r->copy_count; i++)
        if (!dgm_kind_leaf(dgm_shape_slot(l->m->shape[0], r->copies[i]->slot)->kind) || r->copies[i]->star != DGM_NONE)
            type_fault(l, r->copies[i], "a copy is one place with a value of its own");
    if (r->form && r->side[!r->form_side][0]->star != DGM_NONE) combination(l, r, "a field of a form is one place, not a list");
    if (r->form && r->has_default && r->form_side == MAP_MODEL)
        combination(l, r, "default is a model value; here the model has the whole text");
    if (!r->fold && !r->form) check_star(l, r);
    dgm_map_check_places(l, r);
    check_expressions(l, r);
    if (!l->wrong) check_lossy(l, r);
}

void dgm_map_check(map_loader *l)
{
    dgm_mapping *m = l->m;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        map_rule *r = &m->rules[i];
        if (r->kind == MAP_RULE)
            check_rule(l, r);
        else if (r->kind == MAP_EACH)
            dgm_map_check_each(l, r), check_only(l, r);
        else if (!r->side_count[0] && !r->side_count[1])
            combination(l, r, "ignore names wire or model places");
        for (uint32_t k = 0; k < i && r->name.len; k++)
            if (m->rules[k].block == r->block && dgm_slice_equal(m->rules[k].name, r->name)) {
                dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_NAME_TWICE);
                dgm_map_say(l, d, r->name);
                if (d) dgm_diag_number(l->diags, d, m->rules[k].mark.at.line);
            }
    }
}
