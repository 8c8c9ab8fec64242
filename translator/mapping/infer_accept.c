/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_accept.c - from a pair of columns to a proposal: the keys of the rule, its evidence value by value, and what speaks against
 * it. One thread.
 */
#include "infer_internal.h"
#include "infer_pair.h"
#include "internal.h"

/* ---- evidence ------------------------------------------------------------------------------------------------------------ */

static dgm_slice path_of(inf *k, const dgm_tree *t, uint32_t node)
{
    char room[INF_TEXT_MAX];
    size_t n = dgm_tree_path(t, node, room, sizeof room);
    dgm_slice out = dgm_arena_copy(k->arena, (dgm_slice){ room, n < sizeof room ? n : sizeof room });
    if (!out.at) k->nomem = true;
    return out;
}

static void tell_side(inf *k, const inf_set *s, uint32_t side, const inf_fact *f, dgm_witness *w)
{
    uint32_t example = s->frames[f->frame].example;
    const dgm_tree *t = inf_tree(k, example, side);
    const dgm_node *n = &t->nodes[f->node];
    bool sent = !t->recoded && (side == WIRE || k->examples[example].model_sent);
    dgm_slice value = dgm_tree_value(t, f->node);
    for (const inf_piece *p = f->pieces ? f->pieces->next : NULL; p; p = p->next) {
        dgm_slice more = dgm_tree_value(t, p->node);
        value = dgm_arena_print(k->arena, "%.*s|%.*s", (int)value.len, value.at, (int)more.len, more.at);
        if (!value.at) k->nomem = true;
    }
    *(side == WIRE ? &w->wire_place : &w->model_place) = path_of(k, t, f->node);
    *(side == WIRE ? &w->wire : &w->model) = value;
    *(side == WIRE ? &w->wire_at : &w->model_at) = sent ? t->base + n->at : 0;
    *(side == WIRE ? &w->wire_bytes : &w->model_bytes) = sent ? n->span : 0;
}

void dgm_infer_witness(inf *k, inf_set *s, dgm_proposal *p, const inf_column *a, const inf_column *b, bool equal)
{
    const inf_fact *x = a ? a->first : NULL, *y = b ? b->first : NULL;
    uint32_t last = DGM_NONE, room = (a ? a->count : 0) + (b ? b->count : 0);
    if (room > INF_WITNESS_MAX) room = INF_WITNESS_MAX;
    dgm_witness *all = DGM_NEW(k->arena, dgm_witness, room + 1u);
    if (!all) {
        k->nomem = true;
        return;
    }
    p->witnesses = all;
    while ((x || y) && !k->nomem) {
        bool wire = x && (!y || x->frame <= y->frame), model = y && (!x || y->frame <= x->frame);
        uint32_t example = s->frames[wire ? x->frame : y->frame].example;
        bool both = a && b ? wire && model : true, agrees = both && (!equal || !a || !b || x->hash == y->hash);
        if (agrees && example != last) p->pairs++, last = example;
        if (p->witness_count < room) {
            dgm_witness *w = &all[p->witness_count++];
            *w = (dgm_witness){ .pair = example, .agrees = agrees };
            if (wire) tell_side(k, s, WIRE, x, w);
            if (model) tell_side(k, s, MODEL, y, w);
        }
        x = wire ? x->next : x;
        y = model ? y->next : y;
    }
}

static void against(inf *k, dgm_proposal *p, dgm_slice more)
{
    if (p->against.len && more.at)
        more = dgm_arena_print(k->arena, "%.*s; %.*s", (int)p->against.len, p->against.at, (int)more.len, more.at);
    if (!more.at) k->nomem = true;
    p->against = more;
}

static void weaknesses(inf *k, dgm_proposal *p)
{
    if (p->differ) against(k, p, dgm_arena_print(k->arena, "%u value%s", p->differ, p->differ == 1 ? " differs" : "s differ"));
    if (p->model_alone)
        against(k, p,
                dgm_arena_print(k->arena, "the model has %u value%s where the wire has none", p->model_alone,
                                p->model_alone == 1 ? "" : "s"));
    if (p->wire_alone)
        against(k, p,
                dgm_arena_print(k->arena, "the wire has %u value%s that the model has not", p->wire_alone,
                                p->wire_alone == 1 ? "" : "s"));
    if (p->rivals)
        against(k, p, dgm_arena_print(k->arena, "%u other place%s as well", p->rivals, p->rivals == 1 ? " fits" : "s fit"));
    if (p->distinct == 1 && p->agree > 1) against(k, p, dgm_arena_print(k->arena, "all %u values are one", p->agree));
    if (p->agree == 1) against(k, p, dgm_arena_print(k->arena, "it is seen %s", "once"));
}

/* ---- keys ---------------------------------------------------------------------------------------------------------------- */

static void keys(inf *k, dgm_proposal *p, dgm_slice text)
{
    if (!text.at) k->nomem = true;
    p->keys = text;
}

typedef struct parts {
    uint32_t same, missing, other; /* second parts: alike; on the wire none and a constant in the model; else */
    bool model_has;
    dgm_slice constant;
} parts;

static parts compare_parts(inf *k, const inf_set *s, const inf_column *a, const inf_column *b, uint32_t whole)
{
    parts out = { .same = 0 };
    const dgm_slot *w = dgm_shape_slot(k->shape[WIRE], whole), *m = dgm_shape_slot(k->shape[MODEL], b->slot);
    const inf_fact *x = a->first, *y = b->first;
    while (x && y) {
        if (x->frame == y->frame && x->hash == y->hash) {
            uint32_t example = s->frames[x->frame].example;
            const dgm_tree *tx = inf_tree(k, example, WIRE), *ty = inf_tree(k, example, MODEL);
            uint32_t i = whole == a->slot && w->part_code == DGM_SLOT_NONE ? DGM_NONE : dgm_infer_part(tx, x->node, w->part_code);
            uint32_t j = m->part_code == DGM_SLOT_NONE || y->node + 1 >= ty->node_count ? DGM_NONE
                                                                                        : dgm_infer_part(ty, y->node, m->part_code);
            dgm_slice c = i == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(tx, i),
                      d = j == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(ty, j);
            out.model_has = out.model_has || d.len;
            if (dgm_slice_equal(c, d))
                out.same++;
            else if (!c.len && (!out.constant.len || dgm_slice_equal(out.constant, d)))
                out.missing++, out.constant = d;
            else
                out.other++;
        }
        bool next_x = x->frame <= y->frame, next_y = y->frame <= x->frame;
        x = next_x ? x->next : x;
        y = next_y ? y->next : y;
    }
    return out;
}

/* An amount or a quantity: with its second part where the wire has it, or with the constant that it is. The place it is of. */
static uint32_t number_keys(inf *k, const inf_set *s, dgm_proposal *p, const inf_column *a, const inf_column *b)
{
    const dgm_slot *m = dgm_shape_slot(k->shape[MODEL], b->slot);
    uint32_t whole = k->slots[WIRE][a->slot].whole;
    const dgm_slot *w = dgm_shape_slot(k->shape[WIRE], whole);
    bool amount = m->type == DGM_TYPE_AMOUNT, pair = amount || m->type == DGM_TYPE_QUANTITY;
    const char *as = amount ? "amount" : "quantity", *unit = amount ? "currency" : "unit";
    parts x = compare_parts(k, s, a, b, whole);
    bool typed = w->type == m->type && pair;
    p->how = "number";
    if (!pair || x.other || (!typed && !x.model_has)) {
        if (x.other) against(k, p, dgm_arena_print(k->arena, "the second part differs in %u places", x.other));
        if (pair || dgm_shape_slot(k->shape[WIRE], a->slot)->type != DGM_TYPE_NUMBER) keys(k, p, DGM_LITERAL("as: number"));
        return a->slot;
    }
    p->how = as;
    if (x.missing)
        keys(k, p, dgm_arena_print(k->arena, "as: %s, %s: \"='%.*s'\"", as, unit, (int)x.constant.len, x.constant.at));
    else
        keys(k, p, dgm_arena_print(k->arena, "as: %s", as));
    return typed ? whole : a->slot;
}

/* In every occurrence its number: it is kept, and given where it is missing. */
static bool counts(inf *k, const inf_set *s, const inf_column *b)
{
    if (s->parent == DGM_NONE || b->address || b->count < 2) return false;
    uint32_t most = 0;
    for (const inf_fact *f = b->first; f; f = f->next) {
        const inf_frame *x = &s->frames[f->frame];
        dgm_slice v = inf_value(k, x->example, MODEL, f->node);
        uint64_t n = 0;
        for (size_t i = 0; i < v.len && n < 1000000; i++)
            n = v.at[i] >= '0' && v.at[i] <= '9' ? n * 10 + (uint64_t)(v.at[i] - '0') : UINT32_MAX;
        if (n != x->number) return false;
        if (x->number > most) most = x->number;
    }
    return most > 1;
}

bool dgm_infer_counts(inf *k, const inf_set *s, const inf_column *b)
{
    return counts(k, s, b);
}

/* Whether pieces of this width are what a text is cut into. */
static bool is_cut(const inf *k, uint32_t example, const inf_fact *x, const inf_fact *y, map_fold_by by, uint32_t width)
{
    dgm_slice rest = inf_value(k, example, MODEL, y->node), piece;
    for (const inf_piece *p = x->pieces; p; p = p->next) {
        if (!rest.len || dgm_map_fold_cut(by, width, &rest, &piece) != DGM_OK) return false;
        if (!dgm_slice_equal(dgm_slice_trim(piece), dgm_slice_trim(inf_value(k, example, WIRE, p->node)))) return false;
    }
    return rest.len == 0;
}

static void fold_keys(inf *k, const inf_set *s, dgm_proposal *p, const inf_column *a, const inf_column *b)
{
    static const char *const names[] = { "word", "width", "line" };
    uint32_t width = dgm_shape_slot(k->shape[WIRE], a->slot)->repr.length_max, wrong[3] = { 0 }, several = 0, best = 0;
    const inf_fact *x = a->first, *y = b->first;
    p->how = "fold";
    while (x && y) {
        if (x->frame == y->frame && x->hash == y->hash) {
            several += x->pieces && x->pieces->next;
            for (uint32_t by = 0; by < 3; by++) wrong[by] += !is_cut(k, s->frames[x->frame].example, x, y, (map_fold_by)by, width);
        }
        bool next_x = x->frame <= y->frame, next_y = y->frame <= x->frame;
        x = next_x ? x->next : x;
        y = next_y ? y->next : y;
    }
    for (uint32_t by = 1; by < 3; by++)
        if (wrong[by] < wrong[best]) best = by;
    keys(k, p, dgm_arena_print(k->arena, "fold: {width: %u, by: %s}", width, names[best]));
    if (!several) against(k, p, dgm_arena_print(k->arena, "no text has a second piece: how they are cut is a %s", "guess"));
    if (wrong[best]) against(k, p, dgm_arena_print(k->arena, "%u texts are cut otherwise", wrong[best]));
    if (!width) p->kept = false;
}

/* Longer texts than the places of one occurrence hold go on in the next. */
static inf_star star_of(const inf *k, const inf_column *a, const inf_column *b)
{
    if (a->kind != INF_FOLD) return INF_STAR_NONE;
    const dgm_slot *s = dgm_shape_slot(k->shape[WIRE], a->slot), *up = dgm_shape_slot(k->shape[WIRE], s->parent);
    uint32_t most = dgm_shape_slot(k->shape[MODEL], b->slot)->repr.length_max, room = 0;
    for (uint32_t i = 0; i < up->child_count; i++)
        if (dgm_slice_equal(dgm_shape_slot(k->shape[WIRE], up->first_child + i)->name, s->name)) room += s->repr.length_max;
    return !most || most > room ? INF_STAR_MORE : INF_STAR_SEEN;
}

/* ---- accepting ----------------------------------------------------------------------------------------------------------- */

static void mark_used(inf *k, const inf_set *s, const inf_column *a, const inf_column *b, bool equal)
{
    const inf_fact *x = a->first, *y = b->first;
    uint32_t whole = k->slots[WIRE][a->slot].whole;
    while (x && y) {
        if (x->frame == y->frame && (!equal || x->hash == y->hash)) {
            uint32_t example = s->frames[x->frame].example;
            uint32_t part = dgm_infer_part(inf_tree(k, example, WIRE), x->node, dgm_shape_slot(k->shape[WIRE], whole)->part_code);
            k->use[WIRE][example][x->node] |= INF_VALUE;
            for (const inf_piece *p = x->pieces; p; p = p->next) k->use[WIRE][example][p->node] |= INF_VALUE;
            if (part != DGM_NONE) k->use[WIRE][example][part] |= INF_VALUE;
            k->use[MODEL][example][y->node] |= INF_VALUE;
            dgm_infer_selectors(k, s, a->address, x->frame, x->node);
        }
        bool next_x = x->frame <= y->frame, next_y = y->frame <= x->frame;
        x = next_x ? x->next : x;
        y = next_y ? y->next : y;
    }
}

/* Values of the model alone that are the default. It is left out on the wire when that never says it. */
static void default_keys(inf *k, const inf_set *s, dgm_proposal *p, const inf_column *a, const inf_column *b,
                         const inf_fact *standard)
{
    dgm_slice v = inf_value(k, s->frames[standard->frame].example, MODEL, standard->node);
    bool said = false;
    const inf_fact *x = a->first;
    if (!v.len || v.len > INF_CODE_BYTES || memchr(v.at, '"', v.len) || memchr(v.at, '\\', v.len)) return;
    for (const inf_fact *y = b->first; y; y = y->next) {
        while (x && x->frame < y->frame) x = x->next;
        bool alone = !x || x->frame != y->frame;
        said = said || (!alone && y->hash == standard->hash);
        if (alone) k->use[MODEL][s->frames[y->frame].example][y->node] |= INF_VALUE;
    }
    dgm_slice key = said ? dgm_arena_print(k->arena, "default: \"%.*s\"", (int)v.len, v.at)
                         : dgm_arena_print(k->arena, "default: {value: \"%.*s\", write: omit}", (int)v.len, v.at);
    p->how = "default";
    keys(k, p, key);
}

static dgm_proposal *begin(inf *k, const inf_set *s, const inf_pair *x)
{
    dgm_proposal *p = inf_push(k, &k->found, sizeof *p);
    if (!p) return NULL;
    *p = (dgm_proposal){ .parent = s->parent, .how = "equal", .percent = (uint32_t)x->percent, .kept = x->percent >= INF_SURE };
    if (p->percent > 99) p->percent = 99;
    p->agree = x->agree;
    p->differ = x->differ;
    p->distinct = x->distinct;
    p->wire_alone = x->wire_alone;
    p->model_alone = x->standard ? 0 : x->model_alone;
    p->rivals = x->rivals;
    weaknesses(k, p);
    return p;
}

/* Capitals on one side go one way only; what is filled up has no rule. */
static void spell(inf *k, dgm_proposal *p, inf_kind wire, inf_kind model)
{
    if (wire == INF_PADDED || model == INF_PADDED) {
        p->how = "padded";
        p->kept = false;
        against(k, p, dgm_arena_print(k->arena, "one side is filled up with zeros or blanks, and no rule does that%s", ""));
    } else if (wire == INF_UPPER) {
        p->how = "upper";
        p->wire = dgm_arena_print(k->arena, "=upper(%.*s)", (int)p->wire.len, p->wire.at);
        keys(k, p, DGM_LITERAL("only: read, why: \"the model has it in capitals\""));
    } else if (model == INF_LOWER) {
        p->how = "upper";
        p->model = dgm_arena_print(k->arena, "=upper(%.*s)", (int)p->model.len, p->model.at);
        keys(k, p, DGM_LITERAL("only: write, why: \"the wire has it in capitals\""));
    }
    if (!p->wire.at || !p->model.at) k->nomem = true;
}

void dgm_infer_accept(inf *k, inf_set *s, const inf_pair *x)
{
    const inf_column *a = INF_COLUMN(s, WIRE, x->wire), *b = INF_COLUMN(s, MODEL, x->model);
    dgm_proposal *p = begin(k, s, x);
    if (!p) return;
    uint32_t slot = a->slot, whole = k->slots[WIRE][a->slot].whole;
    dgm_infer_choose(k, s, a->address);
    if (a->kind == INF_DECIMAL) {
        slot = number_keys(k, s, p, a, b);
        if (counts(k, s, b)) keys(k, p, DGM_LITERAL("number: keep")), slot = a->slot;
    } else if (a->kind == INF_DATE) {
        p->how = "date";
        slot = a->format ? a->slot : whole;
        keys(k, p, a->format ? dgm_arena_print(k->arena, "as: date %s", a->format) : DGM_LITERAL("as: date"));
    } else if (a->kind == INF_FOLD) {
        fold_keys(k, s, p, a, b);
    }
    if (x->standard) default_keys(k, s, p, a, b, x->standard);
    p->wire = dgm_infer_place(k, s, WIRE, a->address, slot, star_of(k, a, b));
    p->model = dgm_infer_place(k, s, MODEL, b->address, b->slot, INF_STAR_NONE);
    spell(k, p, a->kind, b->kind);
    dgm_infer_witness(k, s, p, a, b, true);
    mark_used(k, s, a, b, true);
    uint32_t *rule = b->first ? inf_at(k, &k->rule_of, inf_mix(s->frames[b->first->frame].example, b->first->node)) : NULL;
    if (rule && !*rule) *rule = k->found.count;
}

void dgm_infer_accept_codes(inf *k, inf_set *s, const inf_pair *x)
{
    const inf_column *a = INF_COLUMN(s, WIRE, x->wire), *b = INF_COLUMN(s, MODEL, x->model);
    dgm_proposal *p = begin(k, s, x);
    dgm_slice *codes = p ? DGM_NEW(k->arena, dgm_slice, 2 * (size_t)x->distinct + 2) : NULL;
    if (!codes) {
        k->nomem = true;
        return;
    }
    p->how = "codes";
    p->codes = codes;
    const inf_fact *u = a->first, *v = b->first;
    for (; u && v; u = u->next, v = v->next) {
        uint32_t example = s->frames[u->frame].example;
        dgm_slice wire = inf_value(k, example, WIRE, u->node), model = inf_value(k, example, MODEL, v->node);
        bool known = false;
        for (uint32_t i = 0; i < p->code_count && !known; i++) known = dgm_slice_equal(codes[2 * i + 1], wire);
        if (known || p->code_count >= x->distinct) continue;
        codes[2 * p->code_count] = model;
        codes[2 * p->code_count++ + 1] = wire;
    }
    dgm_infer_choose(k, s, a->address);
    p->wire = dgm_infer_place(k, s, WIRE, a->address, a->slot, INF_STAR_NONE);
    p->model = dgm_infer_place(k, s, MODEL, b->address, b->slot, INF_STAR_NONE);
    dgm_infer_witness(k, s, p, a, b, false);
    mark_used(k, s, a, b, false);
}
