/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_finish.c - from spots and rules as they were read to tables: what `others: unused` leaves out, contradictions, spots in the
 * order of their depth, which spots each slot has; and the same for the shapes of formats of that message. One thread.
 */
#include "attached.h"
#include "guide_load.h"

/* Each spot once, those above first: a chain through `wait` that grows while it is gone through. */
typedef struct chain {
    guide_spot **at;
    uint32_t count;
} chain;

static bool chain_of(guide_loader *l, chain *c)
{
    c->at = GUIDE_NEW(l, guide_spot *, (size_t)l->spot_count + 2);
    if (!c->at) return false;
    c->at[0] = l->root;
    c->count = 1;
    for (uint32_t i = 0; i < c->count; i++) {
        c->at[i]->number = i;
        for (guide_spot *s = c->at[i]->first; s; s = s->next) c->at[c->count++] = s;
    }
    return true;
}

/* ---- others: unused ---- */

static bool named_below(const guide_spot *s, uint32_t slot)
{
    for (const guide_spot *c = s->first; c; c = c->next)
        if (c->is.slot == slot && (c->is.shown || c->ruled)) return true;
    return false;
}

static bool named(const guide_spot *s, uint32_t slot)
{
    if (named_below(s, slot)) return true;
    for (const guide_spot *t = s->parent ? s->parent->first : NULL; t; t = t->next)
        if (t != s && t->is.slot == s->is.slot && (s->is.test_count == 0 || t->is.test_count == 0) && named_below(t, slot))
            return true;
    return false;
}

static void leave_out(guide_loader *l, guide_spot *s, uint32_t line, dgm_severity severity)
{
    const dgm_shape *shape = l->guide->shape;
    const dgm_slot *at = dgm_shape_slot(shape, s->is.slot);
    for (uint32_t i = 0; i < at->child_count && l->status != DGM_NOMEM; i++) {
        uint32_t slot = at->first_child + i;
        const dgm_slot *child = dgm_shape_slot(shape, slot);
        if (child->min > 0 || child->envelope || child->ordinal != 1 || named(s, slot)) continue;
        guide_spot *out = dgm_edi_guide_below(l, s, slot);
        if (!out || out->entry) continue;
        char text[128];
        size_t n = dgm_shape_path(shape, slot, text, sizeof text);
        out->entry = GUIDE_NEW(l, dgm_edi_guide_entry, 1);
        if (!out->entry) return;
        *out->entry = (dgm_edi_guide_entry){ .place = dgm_arena_copy(l->arena, (dgm_slice){ text, n < 128 ? n : 128 }),
                                             .line = line,
                                             .severity = severity,
                                             .use = DGM_EDI_UNUSED,
                                             .implied = true };
    }
}

void dgm_edi_guide_others(guide_loader *l)
{
    chain c;
    if (!chain_of(l, &c)) return;
    if (l->others) leave_out(l, l->root, l->others_line, DGM_ERROR);
    for (uint32_t i = 1; i < c.count; i++) {
        const dgm_edi_guide_entry *e = c.at[i]->entry;
        if (e && e->others) leave_out(l, c.at[i], e->line, e->severity);
    }
}

/* ---- contradictions ---- */

static void mark_dead(guide_spot *s)
{
    bool plain = s->is.test_count == 0 && s->is.from == 0 && s->is.value_count == 0;
    for (guide_spot *t = plain ? s->parent->first : NULL; t; t = t->next)
        if (t->is.slot == s->is.slot) t->dead = s->entry;
    s->dead = s->entry;
}

/* Of each slot: the parent, counted from 1, below which a rule is about a spot of it. */
static void mark_ruled(const guide_spot *parent, uint32_t *ruled)
{
    for (const guide_spot *t = parent->first; t; t = t->next)
        if (t->ruled) ruled[t->is.slot] = parent->number + 1;
}

void dgm_edi_guide_conflicts(guide_loader *l)
{
    chain c;
    uint32_t *ruled = GUIDE_NEW(l, uint32_t, dgm_shape_count(l->guide->shape));
    if (!ruled || !chain_of(l, &c)) return;
    for (uint32_t i = 1; i < c.count; i++)
        if (c.at[i]->entry && c.at[i]->entry->use == DGM_EDI_UNUSED) mark_dead(c.at[i]);
    for (uint32_t i = 1; i < c.count; i++) {
        const guide_spot *s = c.at[i];
        bool said = s->entry && !s->entry->implied;
        if (s == s->parent->first) mark_ruled(s->parent, ruled);
        if (said && s->entry->use == DGM_EDI_DEPENDENT && ruled[s->is.slot] != s->parent->number + 1) {
            dgm_diag *d = dgm_yaml_fault(l->diags, l->path, l->file, s->mark, DGM_D_GUIDE_DEPENDENT, DGM_WARNING);
            dgm_diag_text(l->diags, d, s->entry->place);
        }
        if (!said && !s->wanted) continue;
        const dgm_edi_guide_entry *dead = s->dead && (s->wanted || s->dead != s->entry) ? s->dead : NULL;
        for (const guide_spot *up = s->parent; up && !dead; up = up->parent) dead = up->dead;
        if (!dead) continue;
        dgm_edi_guide_fault(l, s->wanted ? s->rule_mark : s->mark, DGM_D_GUIDE_CONFLICT, dead->place,
                            dgm_arena_print(l->arena, "%u", dead->line), (dgm_slice){ 0 });
    }
}

/* ---- tables ---- */

static dgm_status compile_uses(guide_loader *l, const dgm_edi_guide_spot *spots, uint32_t count)
{
    uint32_t slots = dgm_shape_count(l->guide->shape);
    uint32_t *from = GUIDE_NEW(l, uint32_t, (size_t)slots + 2), *uses = GUIDE_NEW(l, uint32_t, (size_t)count + 1);
    if (!from || !uses) return DGM_NOMEM;
    for (uint32_t i = 1; i < count; i++) from[spots[i].slot + 2]++;
    for (uint32_t s = 2; s < slots + 2; s++) from[s] += from[s - 1];
    for (uint32_t i = 1; i < count; i++) uses[from[spots[i].slot + 1]++] = i;
    l->guide->uses_from = from;
    l->guide->uses = uses;
    return DGM_OK;
}

static dgm_status compile_watches(guide_loader *l, dgm_edi_guide_spot *spots, uint32_t count, const dgm_edi_guide_rule *rules)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->guide->rule_count; i++)
        for (uint32_t k = 0; rules[i].kind == DGM_EDI_EQUAL && k < rules[i].term_count; k++, n++)
            spots[rules[i].terms[k].spot].watch_count++;
    uint32_t *watches = GUIDE_NEW(l, uint32_t, (size_t)n + 1);
    if (!watches) return DGM_NOMEM;
    for (uint32_t i = 0, at = 0; i < count; i++) {
        spots[i].first_watch = at;
        at += spots[i].watch_count;
        spots[i].watch_count = 0;
    }
    for (uint32_t i = 0; i < l->guide->rule_count; i++)
        for (uint32_t k = 0; rules[i].kind == DGM_EDI_EQUAL && k < rules[i].term_count; k++) {
            dgm_edi_guide_spot *s = &spots[rules[i].terms[k].spot];
            watches[s->first_watch + s->watch_count++] = i;
        }
    l->guide->watches = watches;
    return DGM_OK;
}

/* Those about one spot stand together, in the order of the file. */
static const dgm_edi_guide_rule *compile_rules(guide_loader *l, dgm_edi_guide_spot *spots, uint32_t count)
{
    dgm_edi_guide_rule *rules = GUIDE_NEW(l, dgm_edi_guide_rule, (size_t)l->guide->rule_count + 1);
    for (const guide_rule *r = l->first_rule; r; r = r->next) spots[r->scope->number].rule_count++;
    for (uint32_t i = 0, at = 0; i < count; i++) {
        spots[i].first_rule = at;
        at += spots[i].rule_count;
        spots[i].closes |= spots[i].rule_count > 0;
        spots[i].rule_count = 0;
    }
    for (const guide_rule *r = l->first_rule; rules && r; r = r->next) {
        dgm_edi_guide_spot *scope = &spots[r->scope->number];
        dgm_edi_guide_rule *out = &rules[scope->first_rule + scope->rule_count++];
        *out = r->is;
        out->scope = r->scope->number;
        dgm_edi_guide_term *whens = GUIDE_NEW(l, dgm_edi_guide_term, (size_t)r->is.when_count + r->is.term_count + 1);
        if (!whens) return NULL;
        dgm_edi_guide_term *terms = whens + r->is.when_count;
        for (uint32_t i = 0; i < r->is.when_count; i++) {
            whens[i] = r->is.whens[i];
            whens[i].spot = r->whens[i]->number;
            if (!whens[i].top) spots[whens[i].spot].home = out->scope;
        }
        for (uint32_t i = 0; i < r->is.term_count; i++) {
            terms[i] = r->is.terms[i];
            terms[i].spot = r->terms[i]->number;
            spots[terms[i].spot].home = out->scope;
        }
        out->whens = whens;
        out->terms = terms;
    }
    return rules;
}

/* A composite is no occurrence of its own: what is required in it is required of its segment. */
static bool composite_asks(const dgm_shape *shape, const guide_spot *s)
{
    if (dgm_shape_slot(shape, s->is.slot)->kind != DGM_COMPOSITE || s->is.test_count) return false;
    for (const guide_spot *k = s->first; k; k = k->next)
        if (k->entry && k->entry->min > 0) return true;
    return false;
}

dgm_status dgm_edi_guide_compile(guide_loader *l)
{
    chain c;
    if (!chain_of(l, &c)) return DGM_NOMEM;
    dgm_edi_guide_spot *spots = GUIDE_NEW(l, dgm_edi_guide_spot, c.count);
    if (!spots) return DGM_NOMEM;
    uint32_t below = 1;
    for (uint32_t i = 0; i < c.count; i++) {
        const guide_spot *s = c.at[i];
        spots[i] = s->is;
        spots[i].parent = s->parent ? s->parent->number : 0;
        spots[i].entry = s->entry;
        spots[i].first_child = below;
        for (const guide_spot *k = s->first; k; k = k->next) {
            spots[i].child_count++;
            spots[i].closes |= k->entry && k->entry->min > 0;
            spots[i].closes |= composite_asks(l->guide->shape, k);
        }
        below += spots[i].child_count;
    }
    const dgm_edi_guide_rule *rules = compile_rules(l, spots, c.count);
    if (!rules) return DGM_NOMEM;
    l->guide->rules = rules;
    l->guide->spots = spots;
    l->guide->spot_count = c.count;
    dgm_status st = compile_watches(l, spots, c.count, rules);
    return st == DGM_OK ? compile_uses(l, spots, c.count) : st;
}

/* ---- shapes ---- */

uint32_t dgm_edi_guide_same(const dgm_shape *s, uint32_t slot)
{
    uint32_t way[DGM_DEPTH_MAX], n = 0, at = DGM_SLOT_ROOT;
    for (; slot != DGM_SLOT_ROOT && n < DGM_DEPTH_MAX; slot = dgm_shape_slot(s, slot)->parent) way[n++] = slot;
    while (n-- && at != DGM_SLOT_NONE) at = dgm_shape_child(s, at, dgm_shape_slot(s, way[n])->name, 1);
    return at;
}

uint32_t dgm_edi_guide_most(const dgm_shape *s, uint32_t slot)
{
    const dgm_slot *at = dgm_shape_slot(s, slot);
    if (at->kind == DGM_GROUP || at->kind == DGM_SEGMENT) return at->max;
    const dgm_slot *parent = dgm_shape_slot(s, at->parent);
    uint32_t n = 0;
    for (uint32_t i = 0; i < parent->child_count; i++)
        n += dgm_slice_equal(dgm_shape_slot(s, parent->first_child + i)->name, at->name);
    return n;
}

/* Names are only compared where the shapes differ, and for the second and further of equals. Those above have theirs already. */
static uint32_t same_in(const dgm_shape *own, const dgm_shape *shape, const uint32_t *same, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(shape, slot);
    uint32_t parent = same[s->parent];
    if (parent == DGM_SLOT_NONE) return DGM_SLOT_NONE;
    if (own == shape && parent != s->parent)
        return same[dgm_shape_slot(own, parent)->first_child + (slot - dgm_shape_slot(own, s->parent)->first_child)];
    return own == shape && s->ordinal == 1 ? slot : dgm_shape_child(own, parent, s->name, 1);
}

static dgm_status bind_one(guide_loader *l, const dgm_format *format, const dgm_shape *shape)
{
    dgm_edi_guide *g = l->guide;
    uint32_t n = dgm_shape_count(shape);
    uint32_t *same = GUIDE_NEW(l, uint32_t, n);
    uint16_t *ordinal = GUIDE_NEW(l, uint16_t, n);
    if (!same || !ordinal) return DGM_NOMEM;
    for (uint32_t i = 1; i < n; i++) {
        const dgm_slot *s = dgm_shape_slot(shape, i);
        same[i] = same_in(g->shape, shape, same, i);
        ordinal[i] = (uint16_t)(s->ordinal > UINT16_MAX ? UINT16_MAX : s->ordinal);
    }
    g->bound[g->bound_count++] = (dgm_edi_guide_bound){ g, format, shape, same, ordinal, n };
    return DGM_OK;
}

static bool is_of(const dgm_edi_guide *g, const dgm_format *f)
{
    const struct {
        const char *name;
        dgm_slice value;
    } wanted[] = { { "message", g->type }, { "version", g->version }, { "release", g->release }, { "agency", g->agency } };
    if (!dgm_slice_is(f->codec, "edifact") || (!f->need && (!f->shape || !dgm_edi_attached_of(f->shape)))) return false;
    if (g->format.len) return dgm_slice_equal(f->name, g->format);
    for (size_t i = 0; i < 4; i++)
        if (!dgm_slice_equal(dgm_setting_get(f->settings, f->setting_count, dgm_codec_edifact.format_options, wanted[i].name),
                             wanted[i].value))
            return false;
    return true;
}

dgm_status dgm_edi_guide_bind(guide_loader *l)
{
    dgm_edi_guide *g = l->guide;
    g->bound = GUIDE_NEW(l, dgm_edi_guide_bound, l->host->format_count + 1);
    if (!g->bound) return DGM_NOMEM;
    dgm_status st = g->own ? bind_one(l, NULL, g->own) : DGM_OK;
    for (size_t i = 0; i < l->host->format_count && st == DGM_OK; i++) {
        const dgm_format *f = l->host->formats[i];
        if (!is_of(g, f)) continue;
        st = dgm_format_need(f, l->diags);
        if (st == DGM_OK) st = bind_one(l, f, f->shape);
    }
    return st;
}
