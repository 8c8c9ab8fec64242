/* SPDX-License-Identifier: Apache-2.0
 *
 * hints.c - which values of the model a mapping cares about: what conditions, tests and constants compare with, the codes of
 * tables, and which places the wire must not lack. Documents made by chance take them, or most branches of a mapping would never be
 * tried. Any thread.
 */
#include "describe.h"

#include "internal.h"
#include "model/pointer.h"

typedef struct hinting {
    dgm_arena *arena;
    dgm_hint *at;
    size_t count, room;
    bool nomem;
} hinting;

static void hint(hinting *h, uint32_t slot, dgm_slice value, bool closed)
{
    if (!value.len || slot == DGM_SLOT_NONE || h->nomem) return;
    if (h->count == h->room) {
        size_t room = h->room ? 2 * h->room : 64;
        dgm_hint *more = DGM_NEW(h->arena, dgm_hint, room);
        if (!more) {
            h->nomem = true;
            return;
        }
        if (h->count) memcpy(more, h->at, h->count * sizeof *more);
        h->at = more;
        h->room = room;
    }
    h->at[h->count++] = (dgm_hint){ slot, closed, false, value };
}

static void must(hinting *h, uint32_t slot)
{
    size_t before = h->count;
    hint(h, slot, DGM_LITERAL("-"), false);
    if (h->count > before) h->at[before] = (dgm_hint){ .slot = slot, .needed = true };
}

/* A place that the wire must not lack where what it stands in is there. */
static void needed(hinting *h, const dgm_mapping *m, uint32_t wire, uint32_t model)
{
    const dgm_slot *s = dgm_shape_slot(m->shape[MAP_WIRE], wire);
    if (model == DGM_SLOT_NONE || !s || !s->min || s->envelope) return;
    must(h, model);
}

/* What the wire must not lack, in a record or a group or at all, comes of a place of the model: so that one must be there, with all
 * it stands in and what the tests of the place ask for. */
static void needed_way(hinting *h, const dgm_mapping *m, const map_rule *r)
{
    const map_block *b = &m->blocks[r->block];
    if (r->kind == MAP_IGNORE || r->side_count[MAP_WIRE] != 1 || r->side_count[MAP_MODEL] != 1 || r->cond != DGM_NONE) return;
    const map_place *model = r->side[MAP_MODEL][0];
    for (uint32_t at = r->side[MAP_WIRE][0]->slot; at != b->slot[MAP_WIRE]; at = dgm_shape_slot(m->shape[MAP_WIRE], at)->parent) {
        const dgm_slot *s = at == DGM_SLOT_NONE ? NULL : dgm_shape_slot(m->shape[MAP_WIRE], at);
        if (!s || !s->min || s->envelope) return;
    }
    for (uint32_t at = model->slot; at != b->slot[MAP_MODEL] && at != DGM_SLOT_NONE;
         at = dgm_shape_slot(m->shape[MAP_MODEL], at)->parent)
        must(h, at);
    for (uint32_t i = 0; i < model->step_count; i++)
        for (uint32_t k = 0; k < model->steps[i].test_count; k++) must(h, model->steps[i].tests[k].slot);
}

static uint32_t model_slot(const map_rule *r)
{
    return r->side_count[MAP_MODEL] ? r->side[MAP_MODEL][0]->slot : DGM_SLOT_NONE;
}

/* A literal of an expression need not be a value of every place that the expression looks at. */
static bool could_be(const dgm_slot *s, dgm_slice v)
{
    size_t characters = 0;
    for (size_t i = 0; i < v.len; i++) characters += ((unsigned char)v.at[i] & 0xC0) != 0x80;
    if (s->type == DGM_TYPE_POINTER) return false;
    return !s->repr.length_max || (characters <= s->repr.length_max && characters >= s->repr.length_min);
}

/* Every literal of an expression, for every name and place it looks at: which belong together is not asked. */
static void of_expression(hinting *h, const dgm_mapping *m, const map_expr *x)
{
    for (uint32_t i = 0; x && i < x->count; i++) {
        uint32_t slot = DGM_SLOT_NONE;
        if (x->code[i].op == MAP_X_NAME) slot = model_slot(&m->rules[x->code[i].index]);
        if (x->code[i].op == MAP_X_PLACE && x->code[i].place->side == MAP_MODEL) slot = x->code[i].place->slot;
        for (uint32_t k = 0; slot != DGM_SLOT_NONE && k < x->count; k++)
            if (x->code[k].op == MAP_X_TEXT && could_be(dgm_shape_slot(m->shape[MAP_MODEL], slot), x->code[k].text))
                hint(h, slot, x->code[k].text, false);
    }
}

static void of_place(hinting *h, const map_place *p)
{
    for (uint32_t i = 0; p->side == MAP_MODEL && i < p->step_count; i++)
        for (uint32_t k = 0; k < p->steps[i].test_count; k++)
            for (uint32_t v = 0; v < p->steps[i].tests[k].value_count; v++)
                hint(h, p->steps[i].tests[k].slot, p->steps[i].tests[k].values[v], false);
}

/* The cells of a further column that is a name: without them no line of theirs is ever tried. */
static void of_columns(hinting *h, const dgm_mapping *m, const map_codes *t, map_expr *const *by)
{
    for (uint32_t k = 0; k < t->by_count; k++) {
        bool name = by[k]->count == 1 && by[k]->code[0].op == MAP_X_NAME;
        uint32_t slot = name ? model_slot(&m->rules[by[k]->code[0].index]) : DGM_SLOT_NONE;
        const map_code_way *w = &t->way[DGM_WRITE];
        for (uint32_t i = 0; i < w->count; i++)
            if (!(w->cells[i].wild >> k & 1)) hint(h, slot, w->cells[i].by[k], false);
    }
}

static void of_codes(hinting *h, const dgm_mapping *m, const map_rule *r)
{
    const map_codes *t = r->cells && r->field == 0 && r->form_side == MAP_WIRE ? r->cells : r->codes;
    const map_code_way *w = t ? &t->way[DGM_WRITE] : NULL;
    for (size_t i = 0; t && t->cells && i < t->cells->count; i++)
        if (t->cells->lines[i]->way[DGM_WRITE]) hint(h, model_slot(r), t->cells->lines[i]->code, true);
    if (t) of_columns(h, m, t, r->cells ? r->cells_by : r->by);
    if (!w || r->as == DGM_TYPE_AMOUNT || r->as == DGM_TYPE_QUANTITY) return;
    for (uint32_t i = 0; i < w->count; i++) hint(h, model_slot(r), w->cells[i].key, !w->other.len);
}

/* Places of what a pointer points into, from all over it, with numbers where they count. */
static void of_pointer(hinting *h, const map_rule *r)
{
    enum { PLACES = 60 };
    const dgm_shape *of = r->pointer->of;
    uint32_t count = of ? dgm_shape_count(of) : 0, every = count / PLACES + 1;
    for (uint32_t slot = 1; slot < count; slot += every) {
        uint32_t way[DGM_POINTER_STEPS], steps = 0;
        char room[1024];
        bool named = dgm_shape_slot(of, slot)->kind != DGM_ATTRIBUTE; /* a place without an identifier cannot be pointed at */
        dgm_pointer p = { .count = 0 };
        for (uint32_t s = slot; s != DGM_SLOT_ROOT && steps < DGM_POINTER_STEPS; s = dgm_shape_slot(of, s)->parent) {
            named = named && dgm_shape_slot(of, s)->tag.len;
            way[steps++] = s;
        }
        if (!named) continue;
        while (steps) {
            p.slots[p.count] = way[--steps];
            p.numbers[p.count] = dgm_shape_slot(of, p.slots[p.count])->max > 1 ? 1 + slot % 3 : 0;
            p.count++;
        }
        size_t n = dgm_pointer_path(of, &p, room, sizeof room);
        dgm_slice text = n < sizeof room ? dgm_arena_copy(h->arena, (dgm_slice){ room, n }) : (dgm_slice){ 0 };
        h->nomem = h->nomem || (n < sizeof room && !text.at);
        hint(h, model_slot(r), text, false);
    }
}

dgm_status dgm_mapping_hints(const dgm_mapping *m, dgm_arena *arena, dgm_hint **out, size_t *count)
{
    hinting h = { .arena = arena };
    for (uint32_t i = 0; i < m->rule_count; i++) {
        const map_rule *r = &m->rules[i];
        for (uint32_t k = 0; k < r->side_count[MAP_MODEL]; k++) of_place(&h, r->side[MAP_MODEL][k]);
        of_codes(&h, m, r);
        if (r->pointer) of_pointer(&h, r);
        if (r->has_is && !r->side_count[MAP_WIRE]) hint(&h, model_slot(r), r->is, true);
        if (r->has_default) hint(&h, model_slot(r), r->standard, false);
        for (uint32_t k = 0; k < r->covered_count; k++)
            needed(&h, m, m->covered[2 * (r->covered_first + k)], m->covered[2 * (r->covered_first + k) + 1]);
        if (r->kind == MAP_RULE && r->side_count[MAP_WIRE]) needed(&h, m, r->side[MAP_WIRE][0]->slot, model_slot(r));
        needed_way(&h, m, r);
        of_expression(&h, m, r->is_expr);
        of_expression(&h, m, r->source[MAP_MODEL]);
    }
    for (uint32_t i = 0; i < m->cond_count; i++) of_expression(&h, m, m->conds[i].when);
    *out = h.at;
    *count = h.count;
    return h.nomem ? DGM_NOMEM : DGM_OK;
}
