/* SPDX-License-Identifier: Apache-2.0
 *
 * load_merge.c - the key `document` of a mapping whose messages are parts of documents: which document, which part, when it is
 * complete, and which occurrences of several parts are one. mappings/README.md, "Documents". One thread.
 */
#include "load.h"

static void refuse(map_loader *l, map_mark mark, dgm_diag_code code, dgm_slice what, const char *why)
{
    dgm_diag *d = dgm_map_fault(l, mark, code);
    dgm_map_say(l, d, what);
    dgm_map_say(l, d, dgm_slice_of(why));
}

/* A place of one value. */
static const map_place *take_place(map_loader *l, const dgm_yaml *n, dgm_slice text, map_mark mark)
{
    const map_place *p = dgm_map_place(l, MAP_WIRE, 0, text, mark, 0);
    if (!p) return NULL;
    if (dgm_kind_leaf(dgm_shape_slot(l->m->shape[MAP_WIRE], p->slot)->kind)) return p;
    refuse(l, mark, DGM_D_MAP_VALUE, n->key, "a place of the wire with a value");
    return NULL;
}

/* ---- lists whose occurrences are known by a key ----------------------------------------------------------------------------- */

static void take_list_key(map_loader *l, map_merge_list *list, const dgm_yaml *n)
{
    const dgm_shape *s = l->m->shape[MAP_MODEL];
    dgm_slice text;
    if (!dgm_map_text(l, n, &text)) return;
    uint32_t slot = list->slot;
    for (dgm_cut step = dgm_slice_cut(text, '/'); slot != DGM_SLOT_NONE; step = dgm_slice_cut(step.tail, '/')) {
        slot = dgm_shape_child(s, slot, step.head, 1);
        if (slot == DGM_SLOT_NONE || dgm_shape_slot(s, slot)->max > 1) {
            refuse(l, dgm_map_mark(l, n), DGM_D_MAP_MERGE_KEY, text,
                   slot == DGM_SLOT_NONE ? "there is no such place in it" : "it may stand there several times");
            return;
        }
        if (!step.found) break;
    }
    if (slot == DGM_SLOT_NONE) return;
    if (!dgm_kind_leaf(dgm_shape_slot(s, slot)->kind))
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_MERGE_KEY, text, "it holds others and no value of its own");
    else
        list->keys[list->key_count++] = slot;
}

static void take_list(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    const map_mark mark = dgm_map_key_mark(l, n);
    const map_place *p = dgm_map_place(l, MAP_MODEL, 0, n->key, mark, MAP_LISTS | MAP_EACH_END);
    if (!p) return;
    const dgm_slot *slot = dgm_shape_slot(l->m->shape[MAP_MODEL], p->slot);
    for (uint32_t i = 0; i < p->step_count; i++)
        if (p->steps[i].test_count || p->steps[i].from || p->steps[i].slot_count > 1) {
            refuse(l, mark, DGM_D_MAP_MERGE_LIST, n->key, "it is tested or counted; every occurrence is looked at");
            return;
        }
    if (slot->max <= 1 || dgm_kind_leaf(slot->kind)) {
        refuse(l, mark, DGM_D_MAP_MERGE_LIST, n->key,
               slot->max <= 1 ? "it stands once, and is one in any case" : "it is a value and has no key in it");
        return;
    }
    map_merge_list *list = &g->lists[g->list_count];
    *list = (map_merge_list){ .slot = p->slot, .mark = mark };
    if (n->kind == DGM_YAML_LIST && n->count && n->count <= MAP_DOCUMENT_KEYS)
        for (const dgm_yaml *k = n->first; k; k = k->next) take_list_key(l, list, k);
    else if (n->kind == DGM_YAML_TEXT)
        take_list_key(l, list, n);
    else
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_KIND, n->key, "a place in it, or a list of one to eight");
    g->list_count++;
}

static void take_into(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP || !n->count || n->count > MAP_MERGE_LISTS) {
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_KIND, n->key,
               "a map of lists and what their occurrences are known by: {CLASS: PLACE}");
        return;
    }
    for (const dgm_yaml *k = n->first; k; k = k->next) take_list(l, g, k);
}

/* ---- when it is complete ------------------------------------------------------------------------------------------------------
 */

static void take_count(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return;
    size_t digits = 0;
    while (digits < t.len && t.at[digits] >= '0' && t.at[digits] <= '9') digits++;
    if (!t.len || digits < t.len) {
        g->count = take_place(l, n, t, dgm_map_mark(l, n));
        return;
    }
    for (size_t i = 0; i < t.len && t.len <= 6; i++) g->count_fixed = g->count_fixed * 10 + (uint32_t)(t.at[i] - '0');
    if (!g->count_fixed)
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_VALUE, n->key, "a place of the wire, or a number from 1 to 999999");
}

static void take_of(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return;
    const map_place *p = dgm_map_place(l, MAP_MODEL, 0, t, dgm_map_mark(l, n), MAP_LISTS | MAP_EACH_END);
    if (p && dgm_shape_slot(l->m->shape[MAP_MODEL], p->slot)->max <= 1)
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_MERGE_LIST, t, "it stands once, so nothing is to be counted");
    g->of = p;
}

/* {PLACE: VALUE or [VALUES]}; a text is a condition. */
static void take_last(map_loader *l, map_merge *g, const dgm_yaml *n, const dgm_yaml **last)
{
    if (n->kind == DGM_YAML_TEXT) {
        *last = n;
        return;
    }
    const dgm_yaml *k = n->first;
    bool fits = n->kind == DGM_YAML_MAP && n->count == 1 && (k->kind == DGM_YAML_TEXT || k->kind == DGM_YAML_LIST);
    if (!fits || (k->kind == DGM_YAML_LIST && (!k->count || k->count > MAP_MERGE_LAST))) {
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_KIND, n->key,
               "{WIRE-PLACE: VALUE}, with one to eight values, or a condition over names");
        return;
    }
    g->last = take_place(l, k, k->key, dgm_map_key_mark(l, k));
    for (const dgm_yaml *v = k->kind == DGM_YAML_LIST ? k->first : k; v; v = k->kind == DGM_YAML_LIST ? v->next : NULL)
        if (dgm_map_text(l, v, &g->last_values[g->last_count])) g->last_count++;
}

static void take_with(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_LIST || !n->count || n->count > MAP_MERGE_WITH) {
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_KIND, n->key,
               "a list of one to eight mappings, whose messages tell the same document");
        return;
    }
    for (const dgm_yaml *k = n->first; k; k = k->next) {
        dgm_slice name;
        if (!dgm_map_text(l, k, &name)) continue;
        bool twice = dgm_slice_equal(name, l->m->name);
        for (uint32_t i = 0; i < g->with_count; i++) twice = twice || dgm_slice_equal(name, g->with[i]);
        if (twice) refuse(l, dgm_map_mark(l, k), DGM_D_MAP_MERGE_WITH, name, "it is named twice, or is this mapping itself");
        g->with_mark[g->with_count] = dgm_map_mark(l, k);
        g->with[g->with_count++] = name;
    }
}

static void take_again(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    dgm_slice t;
    if (!dgm_map_text(l, n, &t)) return;
    g->replaces = dgm_slice_is(t, "replace");
    if (!g->replaces && !dgm_slice_is(t, "refuse"))
        refuse(l, dgm_map_mark(l, n), DGM_D_MAP_VALUE, n->key,
               "refuse (the usual) or replace: what becomes of a part that comes again and says otherwise");
}

static void take_master(map_loader *l, map_merge *g, const dgm_yaml *n)
{
    g->master_mark = dgm_map_mark(l, n);
    if (!dgm_map_text(l, n, &g->master)) return;
    bool known = dgm_slice_equal(g->master, l->m->name);
    for (uint32_t i = 0; i < g->with_count; i++) known = known || dgm_slice_equal(g->master, g->with[i]);
    if (!known) refuse(l, g->master_mark, DGM_D_MAP_MERGE_WITH, g->master, "it is neither this mapping nor one that `with` names");
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------------
 */

/* at: what stands under each of the keys, in their order. */
static void check_rule(map_loader *l, const dgm_yaml *n, const dgm_yaml *const *at)
{
    const dgm_yaml *number = at[2], *count = at[3], *of = at[4], *last = at[5], *with = at[6];
    if (of && !count)
        refuse(l, dgm_map_key_mark(l, of), DGM_D_MAP_COMBINATION,
               DGM_LITERAL("`of` says what `count` counts, and there is no count"), "");
    if (of && count && number)
        refuse(l, dgm_map_key_mark(l, of), DGM_D_MAP_COMBINATION, DGM_LITERAL("parts with numbers are counted, not what they hold"),
               "");
    if (!count && !last && (!with || number)) dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_MERGE_COMPLETE);
}

void dgm_map_take_merge(map_loader *l, const dgm_yaml *n, const dgm_yaml **last)
{
    static const char *const known[] = { "merge", "into", "number", "count", "of", "last", "with", "master", "again", NULL };
    const dgm_yaml *at[9];
    if (!dgm_map_document_possible(l, n, "{merge: {WIRE-PLACE: MODEL-PLACE}}")) return;
    for (size_t i = 0; known[i]; i++) at[i] = dgm_yaml_get(n, known[i]);
    for (const dgm_yaml *k = n->first; k; k = k->next) {
        bool splits = dgm_slice_is(k->key, "wire") || dgm_slice_is(k->key, "by") || dgm_slice_is(k->key, "max");
        size_t i = 0;
        while (known[i] && !dgm_slice_is(k->key, known[i])) i++;
        if (splits)
            dgm_map_say(l, dgm_map_fault(l, dgm_map_key_mark(l, k), DGM_D_MAP_MERGE_SPLIT), k->key);
        else if (!known[i])
            dgm_map_unknown_key(l, k, known);
    }
    map_merge *g = DGM_NEW(l->arena, map_merge, 1);
    if (!g) {
        l->nomem = true;
        return;
    }
    *g = (map_merge){ .mark = dgm_map_key_mark(l, at[0]) };
    dgm_map_take_document_keys(l, at[0], g->keys, &g->key_count);
    if (at[1]) take_into(l, g, at[1]);
    dgm_slice t;
    if (at[2] && dgm_map_text(l, at[2], &t)) g->number = take_place(l, at[2], t, dgm_map_mark(l, at[2]));
    if (at[3]) take_count(l, g, at[3]);
    if (at[4]) take_of(l, g, at[4]);
    if (at[5]) take_last(l, g, at[5], last);
    if (at[6]) take_with(l, g, at[6]);
    if (at[7]) take_master(l, g, at[7]);
    if (at[8]) take_again(l, g, at[8]);
    check_rule(l, n, at);
    l->m->merge = g;
}
