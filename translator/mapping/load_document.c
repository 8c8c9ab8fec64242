/* SPDX-License-Identifier: Apache-2.0
 *
 * load_document.c - the key `document` of a mapping: which wire place stands once for each document, by which keys documents share
 * what stands around it, and whether the rest of the mapping fits that. mappings/README.md, "Documents". One thread.
 */
#include "describe.h"
#include "load.h"
#include "merge.h"

static void no_documents(map_loader *l, map_mark mark, dgm_slice what, const char *why)
{
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_DOCUMENT_PLACE);
    dgm_map_say(l, d, what);
    dgm_map_say(l, d, dgm_slice_of(why));
}

/* ---- the place ----------------------------------------------------------------------------------------------------------- */

/* Which steps of the place repeat. */
static bool take_levels(map_loader *l, map_prefix *x, const map_place *p, uint32_t side)
{
    const dgm_shape *s = l->m->shape[side];
    for (uint32_t i = 0; i < p->step_count; i++) {
        const map_step *step = &p->steps[i];
        if (step->from || step->slot_count > 1) {
            no_documents(l, p->mark, p->text, "it is counted; every one that fits its tests is a document's");
            return false;
        }
        if (dgm_shape_slot(s, step->slot)->max <= 1) continue;
        if (x->levels == MAP_LEVELS_MAX) {
            no_documents(l, p->mark, p->text, "more than four of its steps repeat");
            return false;
        }
        x->step[x->levels++] = i;
    }
    const dgm_slot *last = dgm_shape_slot(s, p->slot);
    if (!x->levels || x->step[x->levels - 1] + 1 != p->step_count) {
        no_documents(l, p->mark, p->text, x->levels ? "its last step does not repeat" : "it stands once in a message");
        return false;
    }
    if (dgm_kind_leaf(last->kind)) {
        no_documents(l, p->mark, p->text, "it is a value, and a document is made of what holds several");
        return false;
    }
    x->place = p;
    return true;
}

static bool take_place(map_loader *l, map_document *d, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return false;
    if (dgm_slice_is(t, "/")) {
        no_documents(l, dgm_map_mark(l, n), t, "a message is a document anyway");
        return false;
    }
    const map_place *p = dgm_map_place(l, MAP_WIRE, 0, t, dgm_map_mark(l, n), MAP_LISTS);
    return p && take_levels(l, &d->at[MAP_WIRE], p, MAP_WIRE);
}

/* ---- keys ---------------------------------------------------------------------------------------------------------------- */

static uint32_t level_of_text(const map_prefix *x, dgm_slice text)
{
    uint32_t ups = 0;
    if (text.len && text.at[0] == '/') return 0;
    while (2 * ups < text.len && text.at[2 * ups] == '^') ups++;
    return ups >= x->levels ? 0 : x->levels - ups;
}

void dgm_map_take_document_keys(map_loader *l, const dgm_yaml *n, map_document_key *keys, uint32_t *count)
{
    if (n->kind != DGM_YAML_MAP || !n->count || n->count > MAP_DOCUMENT_KEYS) {
        dgm_diag *f = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_KIND);
        dgm_map_say(l, f, n->key);
        dgm_map_say(l, f, DGM_LITERAL("a map of one to eight keys: {WIRE-PLACE: MODEL-PLACE}"));
        return;
    }
    for (const dgm_yaml *k = n->first; k; k = k->next) {
        map_document_key key = { .text = { k->key }, .mark = { dgm_map_key_mark(l, k), dgm_map_mark(l, k) } };
        if (!dgm_map_text(l, k, &key.text[MAP_MODEL])) continue;
        for (int side = 0; side < 2; side++)
            key.side[side] = dgm_map_place(l, (uint32_t)side, 0, key.text[side], key.mark[side], 0);
        if (!key.side[0] || !key.side[1]) continue;
        for (int side = 0; side < 2; side++) {
            bool leaf = dgm_kind_leaf(dgm_shape_slot(l->m->shape[side], key.side[side]->slot)->kind);
            if (leaf && key.side[side]->star == DGM_NONE) continue;
            dgm_map_say(l, dgm_map_fault(l, key.mark[side], DGM_D_MAP_COMBINATION),
                        DGM_LITERAL("a key of documents is one place with a value"));
        }
        keys[(*count)++] = key;
    }
}

static void take_by(map_loader *l, map_document *d, const dgm_yaml *n)
{
    map_prefix *x = &d->at[MAP_WIRE];
    dgm_map_take_document_keys(l, n, d->keys, &d->key_count);
    for (uint32_t i = 0; i < d->key_count; i++) {
        d->keys[i].level = level_of_text(x, d->keys[i].text[MAP_WIRE]);
        if (d->keys[i].level == x->levels) x->several = true;
    }
}

/* Documents that are written share what stands around them: by which key? */
static void check_levels(map_loader *l, const map_document *d, map_mark mark)
{
    const map_prefix *x = &d->at[MAP_WIRE];
    for (uint32_t level = 1; level < x->levels; level++) {
        bool keyed = false;
        for (uint32_t i = 0; i < d->key_count; i++) keyed = keyed || d->keys[i].level == level;
        if (keyed) continue;
        char ups[3 * MAP_LEVELS_MAX + 1] = "";
        for (uint32_t i = level; i < x->levels; i++) strncat(ups, "^/", 3);
        dgm_diag *f = dgm_map_fault(l, mark, DGM_D_MAP_DOCUMENT_KEY);
        dgm_map_say(l, f, dgm_shape_slot(l->m->shape[MAP_WIRE], x->place->steps[x->step[level - 1]].slot)->name);
        dgm_map_say(l, f, dgm_slice_of(ups));
    }
}

static void take_max(map_loader *l, map_document *d, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return;
    for (size_t i = 0; i < t.len && t.len <= 9; i++) {
        if (t.at[i] < '0' || t.at[i] > '9') {
            d->max = 0;
            break;
        }
        d->max = d->max * 10 + (uint32_t)(t.at[i] - '0');
    }
    if (d->max) return;
    dgm_diag *f = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_VALUE);
    dgm_map_say(l, f, n->key);
    dgm_map_say(l, f, DGM_LITERAL("a whole number: how many documents one message has at most"));
}

bool dgm_map_document_possible(map_loader *l, const dgm_yaml *n, const char *wanted)
{
    if (n->kind != DGM_YAML_MAP) {
        dgm_diag *f = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_KIND);
        dgm_map_say(l, f, n->key);
        dgm_map_say(l, f, dgm_slice_of(wanted));
        return false;
    }
    if (!l->m->derives) return true;
    dgm_map_say(l, dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_COMBINATION),
                DGM_LITERAL("a derivation makes one document of one; what a message holds, its own mapping says"));
    return false;
}

void dgm_map_take_document(map_loader *l, const dgm_yaml *n)
{
    static const char *const known[] = { "wire", "by", "max", NULL };
    const dgm_yaml *wire = dgm_yaml_get(n, "wire"), *by = dgm_yaml_get(n, "by"), *max = dgm_yaml_get(n, "max");
    if (!dgm_map_document_possible(l, n, "{wire: PLACE, by: {WIRE-PLACE: MODEL-PLACE}}, or {merge: {WIRE-PLACE: MODEL-PLACE}, …}"))
        return;
    for (const dgm_yaml *k = n->first; k; k = k->next)
        if (k != wire && k != by && k != max) dgm_map_unknown_key(l, k, known);
    if (!wire) {
        dgm_map_missing(l, dgm_map_mark(l, n), "wire");
        return;
    }
    map_document *d = DGM_NEW(l->arena, map_document, 1);
    if (!d) {
        l->nomem = true;
        return;
    }
    *d = (map_document){ .mark = dgm_map_key_mark(l, n) };
    if (!take_place(l, d, wire)) return;
    l->m->document = d;
    if (by) take_by(l, d, by);
    if (max) take_max(l, d, max);
    if (!l->wrong) check_levels(l, d, dgm_map_mark(l, wire));
}

/* ---- the rules that keys are --------------------------------------------------------------------------------------------- */

/* Two places that no test or count tells apart, however they are spelled. */
static bool same_plain(const map_place *a, const map_place *b)
{
    return a->way && b->way && a->slot == b->slot && a->step_count == b->step_count;
}

static bool said(const map_loader *l, uint32_t block, const map_document_key *key)
{
    for (uint32_t i = 0; i < l->m->rule_count; i++) {
        const map_rule *r = &l->m->rules[i];
        if (r->kind != MAP_RULE || r->block != block || r->side_count[0] != 1 || r->side_count[1] != 1) continue;
        if (!block && same_plain(r->side[0][0], key->side[0]) && same_plain(r->side[1][0], key->side[1])) return true;
        dgm_slice model = r->side[MAP_MODEL][0]->text, wanted = key->text[MAP_MODEL];
        if (model.len && model.at[0] == '/') model = dgm_slice_part(model, 1, model.len);
        if (wanted.len && wanted.at[0] == '/') wanted = dgm_slice_part(wanted, 1, wanted.len);
        if (dgm_slice_equal(r->side[MAP_WIRE][0]->text, key->text[MAP_WIRE]) && dgm_slice_equal(model, wanted)) return true;
    }
    return false;
}

/* The key is a rule as well, in the block where its wire place is at home. */
void dgm_map_add_document_rule(map_loader *l, const map_document_key *key, uint32_t block)
{
    if (said(l, block, key)) return;
    map_rule r = { .kind = MAP_RULE,
                   .block = block,
                   .opens = DGM_NONE,
                   .cond = DGM_NONE,
                   .mark = key->mark[MAP_WIRE],
                   .text = key->text[MAP_WIRE],
                   .scale = -1 };
    dgm_slice text[2] = { key->text[0], key->text[1] };
    if (block && text[MAP_MODEL].at[0] != '/') { /* of the whole document */
        char *from_top = DGM_NEW(l->arena, char, text[MAP_MODEL].len + 1);
        if (!from_top) {
            l->nomem = true;
            return;
        }
        from_top[0] = '/';
        memcpy(from_top + 1, text[MAP_MODEL].at, text[MAP_MODEL].len);
        text[MAP_MODEL] = (dgm_slice){ from_top, text[MAP_MODEL].len + 1 };
    }
    for (uint32_t side = 0; side < 2; side++) {
        const map_place **places = DGM_NEW(l->arena, const map_place *, 2);
        if (!places) {
            l->nomem = true;
            return;
        }
        places[0] = dgm_map_place(l, side, block, text[side], key->mark[side], 0);
        if (!places[0]) return;
        r.side[side] = places;
        r.side_count[side] = 1;
    }
    dgm_map_store_rule(l, &r);
}

void dgm_map_add_document_rules(map_loader *l)
{
    const map_document *d = l->m->document;
    const map_merge *g = l->m->merge;
    if (l->wrong || l->nomem) return;
    for (uint32_t i = 0; g && i < g->key_count; i++) dgm_map_add_document_rule(l, &g->keys[i], 0);
    if (!d) return;
    uint32_t walks = 0;
    for (uint32_t b = 1; b < l->m->block_count; b++)
        if (l->m->blocks[b].walks) {
            if (walks)
                dgm_map_say(l, dgm_map_fault(l, l->m->rules[l->m->blocks[b].rule].mark, DGM_D_MAP_COMBINATION),
                            DGM_LITERAL("one each walks the occurrences of a document"));
            walks = b;
        }
    if (d->at[MAP_WIRE].several && !walks) {
        dgm_map_missing(l, d->mark,
                        "each: {wire: \".\", model: PLACE} (a key of `by` stands in the occurrence: a document has several)");
        return;
    }
    for (uint32_t i = 0; i < d->key_count; i++)
        dgm_map_add_document_rule(l, &d->keys[i], d->keys[i].level == d->at[MAP_WIRE].levels ? walks : 0);
}

/* ---- checks -------------------------------------------------------------------------------------------------------------- */

/* What is compared when documents are told apart is spelled alike on both sides. */
static void check_key(map_loader *l, const map_document_key *key)
{
    for (uint32_t i = 0; i < l->m->rule_count; i++) {
        const map_rule *r = &l->m->rules[i];
        if (r->kind != MAP_RULE || r->side_count[0] != 1 || r->side_count[1] != 1) continue;
        if (!dgm_slice_equal(r->side[MAP_WIRE][0]->text, key->text[MAP_WIRE]) ||
            r->side[MAP_MODEL][0]->slot != key->side[MAP_MODEL]->slot)
            continue;
        bool alike = !r->codes && !r->fold && !r->form && !r->has_default && !r->has_is && r->only == MAP_BOTH &&
                     r->cond == DGM_NONE &&
                     (r->as == DGM_TYPE_TEXT || r->as == DGM_TYPE_CODE || r->as == DGM_TYPE_ID || r->as == DGM_TYPE_NUMBER);
        if (alike) continue;
        dgm_diag *d = dgm_map_fault(l, r->mark, DGM_D_MAP_KEY_SOURCE);
        dgm_map_say(l, d, key->text[MAP_MODEL]);
        dgm_map_say(l, d, DGM_LITERAL("its rule must always hold, both ways, and spell it alike on both sides"));
    }
}

static const char *total_unfit(const map_loader *l, const map_expr *x, const map_rule **rule)
{
    const map_prefix *wire = &l->m->document->at[MAP_WIRE];
    *rule = NULL;
    for (uint32_t i = 0; i < l->m->rule_count; i++)
        if (l->m->rules[i].is_expr == x) *rule = &l->m->rules[i];
    if (!*rule || (*rule)->side_count[MAP_WIRE] != 1 || (*rule)->side_count[MAP_MODEL] || (*rule)->block)
        return "it stands in `is` of a wire place, outside any each";
    const map_place *p = (*rule)->side[MAP_WIRE][0];
    if (level_of_text(wire, p->text) == wire->levels) return "its place stands around the documents, from / or ^/";
    if (p->star != DGM_NONE) return "its place is one";
    for (uint32_t i = 0; i < x->count; i++)
        if (x->code[i].op == MAP_X_NAME || x->code[i].op == MAP_X_LET || x->code[i].op == MAP_X_PARAM || x->code[i].op == MAP_X_I ||
            (x->code[i].op == MAP_X_PLACE && !x->code[i].place->documents))
            return "names and places of one document are not those of all";
    return (*rule)->cond != DGM_NONE ? "what is said of all documents holds always, so that it has no `when`" : NULL;
}

void dgm_map_check_documents(map_loader *l)
{
    map_document *d = l->m->document;
    if (!d || l->wrong) return;
    for (uint32_t i = 0; i < d->key_count; i++) check_key(l, &d->keys[i]);
    d->totals = DGM_NEW(l->arena, map_total, l->expr_count + 1);
    if (!d->totals) {
        l->nomem = true;
        return;
    }
    for (size_t k = 0; k < l->expr_count; k++) {
        const map_rule *r;
        if (!l->exprs[k]->documents) continue;
        const char *unfit = total_unfit(l, l->exprs[k], &r);
        if (unfit) {
            dgm_map_say(l, dgm_map_fault(l, l->exprs[k]->mark, DGM_D_MAP_DOCUMENT_TOTAL), dgm_slice_of(unfit));
            continue;
        }
        d->totals[d->total_count++] = (map_total){ r->id, level_of_text(&d->at[MAP_WIRE], r->side[MAP_WIRE][0]->text) };
    }
}

/* ---- for people ---------------------------------------------------------------------------------------------------------- */

dgm_slice dgm_mapping_document_text(const dgm_mapping *m, dgm_arena *arena)
{
    static const char *const levels[] = { "shares a message by ", "shares what is around it by ", "has in common " };
    const map_document *d = m->document;
    if (m->merge) return dgm_merge_text(m, arena);
    if (!d) return (dgm_slice){ 0 };
    dgm_slice p = d->at[MAP_WIRE].place->text;
    dgm_slice text = dgm_arena_print(arena, "one for each %.*s", (int)p.len, p.at);
    for (uint32_t i = 0; i < d->key_count && text.at; i++) {
        const map_document_key *k = &d->keys[i];
        const char *how = levels[k->level == 0 ? 0 : k->level == d->at[MAP_WIRE].levels ? 2 : 1];
        text = dgm_arena_print(arena, "%.*s; %s%.*s = %.*s", (int)text.len, text.at, how, (int)k->text[0].len, k->text[0].at,
                               (int)k->text[1].len, k->text[1].at);
    }
    if (d->max && text.at) text = dgm_arena_print(arena, "%.*s; at most %u in a message", (int)text.len, text.at, d->max);
    return text;
}
