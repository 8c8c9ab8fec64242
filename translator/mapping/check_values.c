/* SPDX-License-Identifier: Apache-2.0
 *
 * check_values.c - what can be known of values before any message comes: literals that their place cannot hold, pieces that are too
 * long for it, types that do not meet, rules that never apply or cannot be turned round, places that are always there and that
 * nothing reads. One thread.
 */
#include "plan.h"

/* ---- literals ------------------------------------------------------------------------------------------------------------ */

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Why a place cannot hold a text; NULL: it can. *most: the number to say. */
static const char *unfit(const dgm_slot *s, dgm_slice v, uint32_t *most)
{
    bool numeric = s->repr.class[0] == 'n' && !s->repr.class[1], letters = s->repr.class[0] == 'a' && !s->repr.class[1];
    size_t characters = 0, digits = 0;
    for (size_t i = 0; i < v.len; i++) {
        characters += ((unsigned char)v.at[i] & 0xC0) != 0x80;
        digits += digit(v.at[i]);
    }
    *most = s->repr.length_max;
    if ((s->type == DGM_TYPE_NUMBER || numeric) && !dgm_decimal_valid(v, '.')) return "it holds numbers";
    if (letters && digits) return "it holds letters, no digits";
    if (*most && (numeric ? digits : characters) > *most) return "it holds at most";
    if (*most && s->repr.length_min == *most && (numeric ? digits : characters) < *most) return "it holds exactly";
    return NULL;
}

static void literal(map_loader *l, const dgm_shape *s, uint32_t slot, dgm_slice v, map_mark mark)
{
    uint32_t most;
    const dgm_slot *self = dgm_shape_slot(s, slot);
    const char *why = dgm_kind_leaf(self->kind) && v.len ? unfit(self, v, &most) : NULL;
    if (!why) return;
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_LITERAL);
    dgm_map_say(l, d, v);
    dgm_map_say(l, d, dgm_map_slot_text(l, s, slot));
    bool number = strstr(why, "at most") || strstr(why, "exactly");
    dgm_map_say(l, d, number ? dgm_arena_print(l->arena, "%s %u characters", why, most) : dgm_slice_of(why));
}

/* Where a test's value stands in the text of its place. */
static map_mark value_mark(const map_loader *l, const map_place *p, dgm_slice v)
{
    for (size_t i = 1; i + v.len <= p->text.len; i++) {
        char before = p->text.at[i - 1];
        if ((before == '=' || before == '\'' || before == ' ' || before == '(') && memcmp(p->text.at + i, v.at, v.len) == 0)
            return dgm_map_part(l, p->mark, p->text, i, v.len);
    }
    return p->mark;
}

static void check_place(map_loader *l, const map_place *p)
{
    const dgm_shape *s = l->m->shape[p->side];
    for (uint32_t i = 0; i < p->step_count; i++) {
        const map_step *x = &p->steps[i];
        for (uint32_t t = 0; t < x->test_count; t++)
            for (uint32_t v = 0; v < x->tests[t].value_count; v++)
                literal(l, s, x->tests[t].slot, x->tests[t].values[v], value_mark(l, p, x->tests[t].values[v]));
        if (!dgm_map_tests_disjoint(x->tests, x->test_count, x->tests, x->test_count)) continue;
        dgm_diag *d = dgm_map_fault(l, p->mark, DGM_D_MAP_NEVER);
        dgm_map_say(l, d, DGM_LITERAL("no occurrence passes tests that exclude each other"));
    }
}

/* ---- rules --------------------------------------------------------------------------------------------------------------- */

static void check_widths(map_loader *l, const map_rule *r)
{
    if (r->only == MAP_ONLY_READ) return;
    for (uint32_t i = 0; i < r->side_count[MAP_WIRE] && r->fold->width_count; i++) {
        const map_place *p = r->side[MAP_WIRE][i];
        uint32_t width = r->fold->widths[r->fold->width_count > 1 ? i : 0];
        uint32_t most = dgm_shape_slot(l->m->shape[MAP_WIRE], p->slot)->repr.length_max;
        if (!most || width <= most) continue;
        dgm_diag *d = dgm_map_fault(l, p->mark, DGM_D_MAP_FOLD_WIDTH);
        if (d) dgm_diag_number(l->diags, d, width);
        dgm_map_say(l, d, p->text);
        if (d) dgm_diag_number(l->diags, d, most);
    }
}

static void inverse(map_loader *l, map_mark mark, const char *cannot, const char *why)
{
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_INVERSE);
    dgm_map_say(l, d, dgm_slice_of(cannot));
    dgm_map_say(l, d, dgm_slice_of(why));
}

static void no_line(map_loader *l, map_mark mark, dgm_direction d)
{
    inverse(l, mark, d == DGM_READ ? "read" : "write",
            d == DGM_READ ? "each line of its code table begins with <" : "each line of its code table begins with >");
}

static void check_inverse(map_loader *l, const map_rule *r)
{
    if (r->only != MAP_BOTH) return;
    for (int d = DGM_READ; r->cells && r->id == r->first_field && d <= DGM_WRITE; d++) {
        bool any = r->cells->way[d].count || r->cells->way[d].other.len;
        for (size_t i = 0; i < r->cells->cells->count && !any; i++) any = r->cells->cells->lines[i]->way[d];
        if (!any) no_line(l, r->mark, (dgm_direction)d);
    }
    if (r->yes.len && dgm_slice_equal(r->yes, r->no)) inverse(l, r->mark, "read", "yes and no are spelled alike");
    for (int d = DGM_READ; r->codes && d <= DGM_WRITE; d++)
        if (!r->codes->way[d].count && !r->codes->way[d].other.len) no_line(l, r->mark, (dgm_direction)d);
}

/* A type that the model's place cannot hold. Before the type of a rule that does not say is found out. */
void dgm_map_check_type(map_loader *l, const map_rule *r)
{
    static const char *const names[] = { "", "", "", "", "a number", "a date", "an amount", "a quantity", "a flag", "a pointer" };
    if (r->as == DGM_TYPE_NONE || !r->side_count[MAP_MODEL]) return;
    const dgm_slot *s = dgm_shape_slot(l->m->shape[MAP_MODEL], r->side[MAP_MODEL][0]->slot);
    bool pair = s->type == DGM_TYPE_AMOUNT || s->type == DGM_TYPE_QUANTITY;
    if (s->type < DGM_TYPE_NUMBER || s->type == r->as || (pair && r->as == DGM_TYPE_NUMBER) || r->codes) return;
    dgm_diag *d = dgm_map_fault(l, r->side[MAP_MODEL][0]->mark, DGM_D_MAP_TYPE);
    dgm_map_say(l, d, r->side[MAP_MODEL][0]->text);
    dgm_map_say(l, d, dgm_arena_print(l->arena, "it holds %s; leave `as` out, or name that type", names[s->type]));
}

static void check_convert(map_loader *l, const map_rule *r)
{
    const char *why = NULL;
    if (!r->times.len) return;
    if (!r->form && (!r->side_count[0] || !r->side_count[1])) why = "convert needs both sides";
    if (r->fold || r->number || r->codes) why = "convert stands without fold, number and codes";
    if (r->as != DGM_TYPE_NUMBER && r->as != DGM_TYPE_QUANTITY) why = "convert is for numbers: write `as: number`";
    if (r->as == DGM_TYPE_QUANTITY && r->typed[MAP_WIRE].code.there)
        why = "convert is for numbers without a unit of their own; here the wire says its unit itself";
    if (!why) return;
    dgm_map_say(l, dgm_map_fault(l, r->mark, DGM_D_MAP_COMBINATION), dgm_slice_of(why));
}

static void check_rule(map_loader *l, const map_rule *r)
{
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t i = 0; i < r->side_count[side]; i++) check_place(l, r->side[side][i]);
    for (uint32_t i = 0; i < r->copy_count; i++) check_place(l, r->copies[i]);
    if (r->kind != MAP_RULE) return;
    for (uint32_t side = 0; side < 2; side++) {
        if (!r->side_count[side] || r->side[side][0]->deep) continue;
        uint32_t slot = r->typed[side].value.there ? r->typed[side].value.slot : r->side[side][0]->slot;
        if (r->has_is && !r->is_expr) literal(l, l->m->shape[side], slot, r->is, r->is_mark);
        if (r->has_default && side == MAP_MODEL) literal(l, l->m->shape[side], slot, r->standard, r->default_mark);
    }
    if (r->fold) check_widths(l, r);
    check_convert(l, r);
    check_inverse(l, r);
}

void dgm_map_check_values(map_loader *l)
{
    const dgm_mapping *m = l->m;
    for (uint32_t i = 0; i < m->rule_count; i++) check_rule(l, &m->rules[i]);
    for (uint32_t i = 0; i < m->cond_count; i++) {
        const map_cond *c = &m->conds[i];
        if (!c->when || c->above == DGM_NONE || !dgm_map_disjoint(m, i, c->above)) continue;
        dgm_diag *d = dgm_map_fault(l, c->when->mark, DGM_D_MAP_NEVER);
        dgm_map_say(l, d, DGM_LITERAL("this condition excludes the one around it"));
    }
}

/* ---- the plan of reading ------------------------------------------------------------------------------------------------- */

static map_mark ignored_mark(const map_rule *r, uint32_t side, uint32_t slot)
{
    for (uint32_t i = 0; i < r->side_count[side]; i++)
        if (r->side[side][i]->slot == slot) return r->side[side][i]->mark;
    return r->mark;
}

/* A place that one statement ignores and another uses. */
static void check_shadows(map_loader *l, const map_plan *p)
{
    const dgm_mapping *m = l->m;
    for (size_t s = 1; s < p->source_count; s++) {
        const map_source *x = &p->sources[s];
        for (uint32_t a = x->op_first; a < x->op_first + x->op_count; a++) {
            for (uint32_t b = x->op_first; p->ops[a].kind == MAP_OP_IGNORE && b < x->op_first + x->op_count; b++) {
                const map_rule *ra = &m->rules[p->ops[a].rule], *rb = &m->rules[p->ops[b].rule];
                if (p->ops[b].kind == MAP_OP_IGNORE || dgm_map_disjoint(m, ra->cond, rb->cond)) continue;
                map_mark mark = ignored_mark(ra, p->direction, x->slot);
                dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_SHADOWED);
                dgm_map_say(l, d, dgm_map_slot_text(l, p->from, x->slot));
                if (d) dgm_diag_number(l->diags, d, rb->mark.at.line);
                break;
            }
        }
    }
}

enum { USED = 1, WITH_ALL = 2 };

static void used(const map_plan *p, uint8_t *seen, uint32_t slot)
{
    for (; slot != DGM_SLOT_NONE && !(seen[slot] & USED); slot = dgm_shape_slot(p->from, slot)->parent) seen[slot] |= USED;
}

/* What is read with all that stands beneath it: spread when all of these are known. */
static void used_below(const map_plan *p, uint8_t *seen, uint32_t slot)
{
    used(p, seen, slot);
    seen[slot] |= WITH_ALL;
}

static void spread(const map_plan *p, uint8_t *seen)
{
    uint32_t count = dgm_shape_count(p->from);
    for (uint32_t s = 1; s < count; s++) /* parents stand before their children */
        if (seen[dgm_shape_slot(p->from, s)->parent] & WITH_ALL) seen[s] |= USED | WITH_ALL;
}

static void used_test(const map_plan *p, uint8_t *seen, const map_test *tests, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) used(p, seen, tests[i].slot);
}

/* A place that is found by looking: its tests and keys are read as well. */
static void used_place(const map_plan *p, uint8_t *seen, const map_place *place)
{
    if (!place) return;
    used(p, seen, place->slot);
    for (uint32_t i = 0; i < place->step_count; i++) {
        used_test(p, seen, place->steps[i].tests, place->steps[i].test_count);
        used_test(p, seen, place->steps[i].joins, place->steps[i].join_count);
    }
}

static void used_by_source(const map_loader *l, const map_plan *p, const map_source *x, uint8_t *seen)
{
    used_test(p, seen, x->tests, x->test_count);
    if (x->opens != DGM_NONE || x->op_count) used(p, seen, x->slot);
    for (uint32_t i = x->op_first; i < x->op_first + x->op_count; i++) {
        const map_op *op = &p->ops[i];
        const struct map_typed *t = &l->m->rules[op->rule].typed[p->direction];
        if (op->kind == MAP_OP_IGNORE) used_below(p, seen, x->slot);
        if (op->kind != MAP_OP_MOVE && op->kind != MAP_OP_PART) continue;
        if (t->value.there) used(p, seen, t->value.slot);
        if (t->code.there) used(p, seen, t->code.slot);
    }
}

/* Keys of joins, which the walk does not come by. */
static void used_by_joins(const map_loader *l, const map_plan *p, uint8_t *seen)
{
    for (uint32_t i = 0; i < l->m->rule_count; i++) {
        const map_rule *r = &l->m->rules[i];
        for (uint32_t k = 0; k < r->side_count[p->direction] && dgm_map_active(r, p->direction); k++) {
            const map_place *place = r->side[p->direction][k];
            const map_step *step = place->named == DGM_NONE ? NULL : &place->steps[place->named];
            for (uint32_t j = 0; step && j < step->join_count; j++) used(p, seen, step->joins[j].slot);
        }
    }
}

/* The first statement that looks at what a slot stands for. */
static map_mark looked_at(const map_loader *l, const map_plan *p, uint32_t slot)
{
    for (size_t s = 1; s < p->source_count; s++) {
        const map_source *x = &p->sources[s];
        const map_rule *r = x->slot == slot && x->rule < l->m->rule_count ? &l->m->rules[x->rule] : NULL;
        if (r) return r->side_count[p->direction] ? r->side[p->direction][0]->mark : r->mark;
    }
    return (map_mark){ 0, { 0, 1, 1, 0 } };
}

/* What the source always has and nothing reads, as far as its occurrence is looked at: told, for all of it would be residue. */
static void check_unread(map_loader *l, const map_plan *p)
{
    uint32_t count = dgm_shape_count(p->from);
    uint8_t *seen = DGM_NEW(l->arena, uint8_t, count + 1);
    if (!seen) {
        l->nomem = true;
        return;
    }
    if (p->op_count == 0) return;
    for (size_t s = 1; s < p->source_count; s++) used_by_source(l, p, &p->sources[s], seen);
    for (size_t i = 0; i < p->end_count; i++)
        if (p->ends[i].kind == MAP_END_LOOKUP) used_place(p, seen, p->ends[i].place);
    for (size_t i = 0; i < p->join_count; i++) {
        used_place(p, seen, p->joins[i].place);
        used_place(p, seen, p->joins[i].left);
        used_place(p, seen, p->joins[i].right);
    }
    for (uint32_t r = 0; r < l->m->rule_count; r++)
        for (uint32_t k = 0; k < l->m->rules[r].key_count; k++) used_place(p, seen, l->m->rules[r].keys[k].side[p->direction]);
    used_by_joins(l, p, seen);
    for (uint32_t s = 0; p->mirror && s < count; s++)
        if (p->mirror[s].action != MAP_MIRROR_NONE) used_below(p, seen, s);
    spread(p, seen);
    for (uint32_t s = 1; s < count; s++) {
        const dgm_slot *slot = dgm_shape_slot(p->from, s);
        if (!slot->min || slot->envelope || seen[s] || !seen[slot->parent]) continue;
        dgm_diag *d = dgm_map_warn(l, looked_at(l, p, slot->parent), DGM_D_MAP_UNREAD);
        dgm_map_say(l, d, dgm_map_slot_text(l, p->from, s));
        dgm_map_say(l, d, dgm_shape_name(p->from));
        dgm_map_say(l, d, dgm_shape_slot(p->from, slot->parent)->name);
    }
}

void dgm_map_check_reading(map_loader *l)
{
    for (int d = DGM_READ; d <= DGM_WRITE; d++) check_shadows(l, &l->m->plan[d]);
    if (!l->wrong) check_unread(l, &l->m->plan[DGM_READ]);
}
