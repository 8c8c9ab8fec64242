/* SPDX-License-Identifier: Apache-2.0
 *
 * load_pointer.c - `as: pointer` at load: what it points into, and the sides that spell it as occurrences of a class, one for each
 * step (WCO Data Model: class Pointer with 375, 006 and 381). mappings/README.md, "Pointers". One thread.
 */
#include "load.h"

static void combination(map_loader *l, const map_rule *r, const char *what)
{
    dgm_map_say(l, dgm_map_fault(l, r->mark, DGM_D_MAP_COMBINATION), dgm_slice_of(what));
}

void dgm_map_take_pointer(map_loader *l, map_rule *r)
{
    r->pointer = DGM_NEW(l->arena, map_pointer, 1);
    if (!r->pointer) l->nomem = true;
}

/* A document without its version is the one there is; of several the last. */
static dgm_slice with_version(map_loader *l, dgm_slice name)
{
    dgm_slice names[64], hit = name;
    if (dgm_slice_cut(name, '@').found || !l->env->names) return name;
    size_t count = l->env->names(l->env->ctx, "models", names, 64);
    for (size_t i = 0; i < count && i < 64; i++)
        if (dgm_slice_equal(dgm_slice_cut(names[i], '@').head, name)) hit = names[i];
    return hit;
}

void dgm_map_take_of(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return;
    if (!r->pointer) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_COMBINATION);
        dgm_map_say(l, d, DGM_LITERAL("of says what a pointer points into; it stands beside `as: pointer`"));
        return;
    }
    r->pointer->of_name = with_version(l, t);
    r->pointer->of = dgm_map_shape_named(l, n, r->pointer->of_name, true);
}

/* ---- a class that spells it ---------------------------------------------------------------------------------------------- */

/* Identifiers of the WCO Data Model, in the order of MAP_CHAIN_…. */
static const char *const identifiers[MAP_CHAIN_PARTS] = { "375", "006", "381" };

static bool parts_of(const dgm_shape *s, uint32_t slot, uint32_t *parts)
{
    const dgm_slot *self = dgm_shape_slot(s, slot);
    for (uint32_t k = 0; k < MAP_CHAIN_PARTS; k++) {
        parts[k] = DGM_SLOT_NONE;
        for (uint32_t i = 0; i < self->child_count; i++) {
            const dgm_slot *x = dgm_shape_slot(s, self->first_child + i);
            if (dgm_kind_leaf(x->kind) && dgm_slice_is(x->tag, identifiers[k])) parts[k] = self->first_child + i;
        }
        if (parts[k] == DGM_SLOT_NONE) return false;
    }
    return self->max > 1;
}

/* The places of its parts, as `Pointer#1..n/DocumentSectionCode`, and of the class itself. */
static bool chain_places(map_loader *l, map_rule *r, uint32_t side, const map_place *p, uint32_t parts)
{
    const map_place **all = DGM_NEW(l->arena, const map_place *, MAP_CHAIN_PARTS + 1);
    for (uint32_t k = 0; all && k <= parts; k++) {
        map_place *x = DGM_NEW(l->arena, map_place, 1);
        map_step *steps = DGM_NEW(l->arena, map_step, p->step_count + 2u);
        uint32_t *slot = DGM_NEW(l->arena, uint32_t, 1);
        if (!x || !steps || !slot) break;
        *x = *p;
        memcpy(steps, p->steps, p->step_count * sizeof *steps);
        map_step *last = &steps[p->step_count - 1];
        if (!last->from) last->from = 1, last->to = DGM_UNBOUNDED;
        x->steps = steps;
        x->star = p->step_count - 1;
        x->way = NULL;
        x->whole = false;
        if (k == parts) {
            r->pointer->chain = x;
            r->side[side] = all;
            r->side_count[side] = parts;
            return true;
        }
        *slot = x->slot = r->pointer->parts[k];
        steps[x->step_count++] = (map_step){ .slot = *slot, .slots = slot, .slot_count = 1 };
        all[k] = x;
    }
    l->nomem = true;
    return false;
}

void dgm_map_take_chain(map_loader *l, map_rule *r, uint32_t side, const map_place *p)
{
    const dgm_shape *s = l->m->shape[side];
    if (!parts_of(s, p->slot, r->pointer->parts) || !p->step_count || p->star != DGM_NONE || p->deep) {
        dgm_diag *d = dgm_map_fault(l, p->mark, DGM_D_MAP_TYPE);
        dgm_map_say(l, d, p->text);
        dgm_map_say(l, d,
                    DGM_LITERAL("a pointer stands in a text, or in a class that repeats, each occurrence with class (375), number "
                                "(006) and element (381)"));
        return;
    }
    if (r->pointer->chain) {
        combination(l, r, "both sides spell the pointer in the same way; `**` copies it as it is");
        return;
    }
    r->fold = DGM_NEW(l->arena, map_fold, 1);
    if (r->fold) {
        r->fold->ring = DGM_NEW(l->arena, uint32_t, MAP_CHAIN_PARTS); /* all stand in the occurrence that the first one makes */
        r->fold->stars = DGM_NEW(l->arena, uint32_t, MAP_CHAIN_PARTS);
        r->fold->many = side;
    }
    if (!r->fold || !r->fold->ring || !r->fold->stars)
        l->nomem = true;
    else
        (void)chain_places(l, r, side, p, MAP_CHAIN_PARTS);
}

/* Why a rule cannot map a pointer; NULL: it can. */
static const char *unfit(const map_rule *r)
{
    const map_pointer *p = r->pointer;
    if (!p) return "a field of a form is no pointer";
    if ((r->fold && !p->chain) || r->number || r->second || r->times.len || r->scale >= 0 || r->has_is || r->copy_count)
        return "a pointer stands without fold, is, number, copies, scale, convert, currency and unit";
    if (p->chain && (r->name.len || r->has_default)) return "a pointer that a class spells has no name and no default";
    for (uint32_t side = 0; side < 2; side++) {
        const map_place *at = r->side_count[side] ? r->side[side][0] : NULL;
        if (!at || at->deep) return "a pointer needs a place on both sides";
        if (at->star != DGM_NONE && !(p->chain && r->fold && r->fold->many == side)) return "one rule maps one pointer, not a list";
        if (p->chain && (at->up || at->named != DGM_NONE || (at->root && r->block)))
            return "a pointer that a class spells stands in the occurrence at hand, on both sides";
    }
    return NULL;
}

void dgm_map_check_pointer(map_loader *l, const map_rule *r)
{
    const char *why = unfit(r);
    if (why)
        combination(l, r, why);
    else if (!r->pointer->of_name.len)
        dgm_map_missing(l, r->mark, "of: DOCUMENT (what the pointer points into)");
}
