/* SPDX-License-Identifier: Apache-2.0
 *
 * merge.c - what a message says of itself as a part of a document: which document, which part, whether it is the last. And whether
 * mappings that tell one document agree on what it is. One thread.
 */
#include "merge.h"

#include "documents_run.h"

#include <stdio.h>

bool dgm_mapping_merges(const dgm_mapping *m)
{
    return m->merge != NULL;
}

dgm_slice dgm_merge_with(const dgm_mapping *m, uint32_t i)
{
    return m->merge && i < m->merge->with_count ? m->merge->with[i] : (dgm_slice){ 0 };
}

dgm_slice dgm_merge_master(const dgm_mapping *m)
{
    return m->merge ? m->merge->master : (dgm_slice){ 0 };
}

bool dgm_merge_replaces(const dgm_mapping *m)
{
    return m->merge && m->merge->replaces;
}

bool dgm_merge_several(const dgm_mapping *m)
{
    const map_merge *g = m->merge;
    return g && (g->number || g->count || g->count_fixed || g->last || g->last_cond);
}

bool dgm_merge_numbered(const dgm_mapping *m)
{
    return m->merge && m->merge->number;
}

bool dgm_merge_ends(const dgm_mapping *m)
{
    return m->merge && (m->merge->last || m->merge->last_cond);
}

/* ---- for people ------------------------------------------------------------------------------------------------------------- */

static dgm_slice more(dgm_arena *arena, dgm_slice text, const char *words, dgm_slice what)
{
    return text.at ? dgm_arena_print(arena, "%.*s%s%.*s", (int)text.len, text.at, words, (int)what.len, what.len ? what.at : "")
                   : text;
}

static dgm_slice list_text(const dgm_mapping *m, const map_merge_list *list, dgm_arena *arena, dgm_slice text)
{
    char path[256];
    size_t n = dgm_shape_path(m->shape[MAP_MODEL], list->slot, path, sizeof path);
    text = more(arena, text, "; one for each ", (dgm_slice){ path, n < sizeof path ? n : sizeof path });
    for (uint32_t i = 0; i < list->key_count; i++) {
        size_t k = dgm_shape_path(m->shape[MAP_MODEL], list->keys[i], path, sizeof path);
        dgm_slice key = { path, k < sizeof path ? k : sizeof path };
        text = more(arena, text, i ? ", " : "/", dgm_slice_part(key, n + 1 < key.len ? n + 1 : 0, key.len));
    }
    return text;
}

dgm_slice dgm_merge_text(const dgm_mapping *m, dgm_arena *arena)
{
    const map_merge *g = m->merge;
    dgm_slice text = dgm_arena_copy(arena, DGM_LITERAL("several messages tell one, known by "));
    for (uint32_t i = 0; i < g->key_count; i++) {
        text = more(arena, text, i ? ", " : "", g->keys[i].text[MAP_WIRE]);
        text = more(arena, text, " = ", g->keys[i].text[MAP_MODEL]);
    }
    for (uint32_t i = 0; i < g->list_count; i++) text = list_text(m, &g->lists[i], arena, text);
    if (g->number) text = more(arena, text, "; the number of the message is ", g->number->text);
    if (g->count) text = more(arena, text, "; complete with as many as say ", g->count->text);
    if (g->count_fixed && text.at) text = dgm_arena_print(arena, "%.*s; complete with %u", (int)text.len, text.at, g->count_fixed);
    if (g->of) text = more(arena, text, " of ", g->of->text);
    if (g->last) text = more(arena, text, "; the last one says so in ", g->last->text);
    for (uint32_t i = 0; i < g->last_count; i++) text = more(arena, text, i ? " or " : ": ", g->last_values[i]);
    if (g->last_cond) text = more(arena, text, "; the last one says so", (dgm_slice){ 0 });
    for (uint32_t i = 0; i < g->with_count; i++) text = more(arena, text, i ? ", " : "; told with messages of ", g->with[i]);
    if (g->master.len) text = more(arena, text, "; where they differ the word is with ", g->master);
    if (g->replaces) text = more(arena, text, "; a part that comes again replaces the one before", (dgm_slice){ 0 });
    return text;
}

/* ---- what a message says of itself ------------------------------------------------------------------------------------------ */

static void take_account(dgm_runner *r, uint32_t leaf, dgm_account account)
{
    if (!r->with_accounts || r->accounts[leaf] != DGM_ACCOUNT_RESIDUE) return;
    r->accounts[leaf] = (uint8_t)account;
    if (r->residue) r->residue--;
}

/* What chose an occurrence that a leaf stands in is accounted for with it. */
static void take_tests(dgm_runner *r, const dgm_tree *wire, uint32_t node, const map_step *s)
{
    for (uint32_t i = 0; i < s->test_count; i++) {
        uint32_t at = node;
        for (uint32_t k = 0; k < s->tests[i].path_len && at != DGM_NONE; k++) {
            uint32_t n = at + 1, end = dgm_tree_next(wire, at);
            while (n < end && dgm_node_slot(&wire->nodes[n]) != s->tests[i].path[k]) n = dgm_tree_next(wire, n);
            at = n < end ? n : DGM_NONE;
        }
        if (at != DGM_NONE && dgm_node_leaf(&wire->nodes[at])) take_account(r, at, DGM_ACCOUNT_SELECTOR);
    }
}

/* The leaf at a place of the wire, which is accounted for from now on; DGM_NONE: nothing is there. */
static uint32_t leaf_at(dgm_runner *r, const dgm_tree *wire, const map_place *p)
{
    uint32_t leaf = p ? dgm_map_find(wire, 0, p) : DGM_NONE, above = 0;
    if (leaf == DGM_NONE || !dgm_tree_value(wire, leaf).len) return DGM_NONE;
    take_account(r, leaf, DGM_ACCOUNT_VERIFIED);
    for (uint32_t i = 0; r->with_accounts && i < p->step_count && above < leaf; i++) { /* down to it */
        above = dgm_tree_towards(wire, above, leaf);
        if (p->steps[i].slot == dgm_node_slot(&wire->nodes[above])) take_tests(r, wire, above, &p->steps[i]);
    }
    return leaf;
}

/* A number from 1 on; false: it is none (told). */
static bool number_at(dgm_runner *r, const dgm_tree *wire, const map_place *p, uint32_t *out)
{
    uint32_t leaf = leaf_at(r, wire, p), n = 0;
    *out = 0;
    if (leaf == DGM_NONE) return true;
    dgm_slice v = dgm_tree_value(wire, leaf);
    if (!v.at) v.len = 0;
    while (v.len > 1 && v.at[0] == '0') v = dgm_slice_part(v, 1, v.len);
    for (size_t i = 0; i < v.len; i++) {
        bool digit = v.at[i] >= '0' && v.at[i] <= '9';
        n = digit && v.len <= 9 ? n * 10 + (uint32_t)(v.at[i] - '0') : 0;
        if (!n) break;
    }
    *out = n;
    if (n) return true;
    dgm_diag_text(r->diags, dgm_map_problem(r, DGM_D_MAP_MERGE_NUMBER, DGM_ERROR, leaf, DGM_NONE), dgm_tree_value(wire, leaf));
    return false;
}

static uint32_t count_of(const dgm_tree *model, const map_place *p)
{
    map_iter i;
    uint32_t n = 0;
    dgm_map_iter_begin(&i, model, 0, p);
    while (dgm_map_iter_next(&i) != DGM_NONE) n++;
    return n;
}

dgm_status dgm_merge_facts(dgm_runner *r, const dgm_mapping *m, const dgm_tree *wire, const dgm_tree *model, dgm_diags *diags,
                           dgm_part_facts *out)
{
    const map_merge *g = m->merge;
    const bool last = r->last;
    dgm_map_speak(r, m, DGM_READ, wire, diags);
    *out = (dgm_part_facts){ .last = last, .lists = g->of != NULL };
    bool good = number_at(r, wire, g->number, &out->number);
    good = number_at(r, wire, g->count, &out->count) && good;
    if (g->count_fixed) out->count = g->count_fixed;
    uint32_t leaf = leaf_at(r, wire, g->last);
    const dgm_slice said = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(wire, leaf);
    for (uint32_t i = 0; said.at && i < g->last_count; i++) out->last = out->last || dgm_slice_equal(said, g->last_values[i]);
    if (g->of) out->listed = count_of(model, g->of);
    if (good && g->number && !out->number) {
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_MERGE_UNNUMBERED, DGM_ERROR, DGM_NONE, DGM_NONE);
        dgm_diag_text(diags, d, g->number->text);
        good = false;
    }
    if (good && !out->lists && out->count && out->number > out->count) {
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_MERGE_BEYOND, DGM_ERROR, leaf_at(r, wire, g->number), DGM_NONE);
        dgm_diag_number(diags, d, out->number);
        dgm_diag_number(diags, d, out->count);
        good = false;
    }
    if (dgm_diags_failed(diags)) return DGM_NOMEM;
    return good ? DGM_OK : DGM_INVALID;
}

dgm_status dgm_merge_key(dgm_runner *r, const dgm_mapping *m, const dgm_tree *wire, const dgm_tree *model, dgm_diags *diags,
                         dgm_buffer *bytes, dgm_buffer *text)
{
    const map_merge *g = m->merge;
    dgm_status s = dgm_keyed_append(bytes, m->model);
    for (uint32_t i = 0; i < g->key_count && s == DGM_OK; i++) {
        const map_document_key *k = &g->keys[i];
        uint32_t leaf = dgm_map_find(model, 0, k->side[MAP_MODEL]);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(model, leaf);
        if (!v.len) {
            dgm_map_speak(r, m, DGM_READ, wire, diags);
            dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_MERGE_KEYLESS, DGM_ERROR, leaf_at(r, wire, k->side[MAP_WIRE]), DGM_NONE);
            dgm_diag_text(diags, d, k->text[MAP_MODEL]);
            dgm_diag_text(diags, d, k->text[MAP_WIRE]);
            return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
        }
        s = dgm_keyed_append(bytes, k->text[MAP_MODEL]);
        if (s == DGM_OK) s = dgm_keyed_append(bytes, v);
        if (s == DGM_OK && i) s = dgm_buffer_append(text, DGM_LITERAL(", "));
        if (s == DGM_OK) s = dgm_buffer_append(text, k->text[MAP_MODEL]);
        if (s == DGM_OK) s = dgm_buffer_append(text, DGM_LITERAL(" "));
        if (s == DGM_OK) s = dgm_buffer_append(text, v);
    }
    return s;
}

/* ---- mappings that tell one document ------------------------------------------------------------------------------------------
 */

static void tell(const dgm_mapping *m, map_mark mark, dgm_diags *diags, dgm_slice what, const char *why, dgm_slice detail)
{
    const map_file *f = &m->files[mark.file];
    dgm_diag *d = dgm_yaml_fault(diags, f->name, f->bytes, mark.at, DGM_D_MAP_MERGE_WITH, DGM_ERROR);
    char text[256];
    int n = snprintf(text, sizeof text, "%s%.*s", why, (int)detail.len, detail.len ? detail.at : "");
    dgm_diag_text(diags, d, what);
    dgm_diag_text(diags, d, (dgm_slice){ text, n < 0 ? 0 : n < (int)sizeof text ? (size_t)n : sizeof text - 1 });
}

static bool has_key(const map_merge *g, dgm_slice model_place)
{
    for (uint32_t i = 0; i < g->key_count; i++)
        if (dgm_slice_equal(g->keys[i].text[MAP_MODEL], model_place)) return true;
    return false;
}

static bool lists_fit(const dgm_mapping *m, const dgm_mapping *other, dgm_diags *diags)
{
    for (uint32_t i = 0; i < m->merge->list_count; i++)
        for (uint32_t k = 0; k < other->merge->list_count; k++) {
            const map_merge_list *a = &m->merge->lists[i], *b = &other->merge->lists[k];
            if (a->slot != b->slot) continue;
            bool same = a->key_count == b->key_count;
            for (uint32_t n = 0; same && n < a->key_count; n++) same = a->keys[n] == b->keys[n];
            if (same) continue;
            tell(m, a->mark, diags, other->name, "it knows occurrences of this list by other keys", (dgm_slice){ 0 });
            return false;
        }
    return true;
}

static bool fits(const dgm_mapping *m, uint32_t i, const dgm_mapping *other, dgm_diags *diags)
{
    const map_merge *g = m->merge;
    const map_mark mark = g->with_mark[i];
    const char *why = NULL;
    dgm_slice detail = { 0 };
    if (!other)
        why = "there is no such mapping";
    else if (!other->merge)
        why = "its messages are no parts of documents: it has no `merge`";
    else if (!dgm_slice_equal(other->model, m->model))
        why = "it tells another document, ", detail = other->model;
    for (uint32_t k = 0; !why && k < g->key_count; k++)
        if (!has_key(other->merge, g->keys[k].text[MAP_MODEL])) {
            why = "its `merge` has no key for ";
            detail = g->keys[k].text[MAP_MODEL];
        }
    for (uint32_t k = 0; !why && k < other->merge->key_count; k++)
        if (!dgm_slice_equal(g->keys[k < g->key_count ? k : 0].text[MAP_MODEL], other->merge->keys[k].text[MAP_MODEL])) {
            why = "its `merge` has other keys, or in another order, from ";
            detail = other->merge->keys[k].text[MAP_MODEL];
        }
    bool named = false;
    for (uint32_t k = 0; !why && k < other->merge->with_count; k++)
        named = named || dgm_slice_equal(other->merge->with[k], m->name);
    if (!why && !named) why = "its `with` does not name this mapping, so it would not wait for it";
    if (!why && !dgm_slice_equal(g->master, other->merge->master)) why = "the two do not believe the same `master`";
    if (why) tell(m, mark, diags, g->with[i], why, detail);
    return !why && lists_fit(m, other, diags);
}

bool dgm_merge_fits(const dgm_mapping *m, const dgm_mapping *(*find)(void *ctx, dgm_slice name), void *ctx, dgm_diags *diags)
{
    bool good = true;
    for (uint32_t i = 0; m->merge && i < m->merge->with_count; i++) good = fits(m, i, find(ctx, m->merge->with[i]), diags) && good;
    return good;
}
