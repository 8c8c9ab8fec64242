/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_notes.c - dependency notes (ISO 9735-1, D1 to D7) of what is to be written: a tree that breaks one is refused, with the
 * diagnostics that a reader would give (notes.c), by path. Trees of segments without notes never come by here. One thread.
 */
#include "writer_state.h"

#include <stdio.h>

/* What a note speaks of: children of one node. */
typedef struct things {
    dgm_edi_writer *w;
    const dgm_edi_rule *rule;
    uint32_t parent;                       /* the node */
    uint32_t slot[DGM_EDI_NOTE_ITEMS_MAX]; /* of each; DGM_SLOT_NONE where the shape has none */
    uint32_t node[DGM_EDI_NOTE_ITEMS_MAX]; /* the first that is there, or DGM_NONE */
    uint32_t there;
} things;

/* ---- telling ----------------------------------------------------------------------------------------------------------------- */

static dgm_slice name_of(const things *t, uint32_t i)
{
    return t->slot[i] == DGM_SLOT_NONE ? (dgm_slice){ 0 } : dgm_shape_slot(t->w->tree->shape, t->slot[i])->name;
}

static void say_rule(const things *t, dgm_diag *d)
{
    char text[160];
    int n = snprintf(text, sizeof text, "%.*s, %s", (int)t->rule->text.len, t->rule->text.at,
                     dgm_edi_note_words((dgm_edi_note_kind)t->rule->kind));
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    dgm_diag_text(t->w->host.diags, d, (dgm_slice){ text, len });
}

/* At the node when it is there, else where it would be: by its number, when it has one among others of its name. */
static dgm_diag *complain(const things *t, dgm_diag_code code, uint32_t i)
{
    const dgm_shape *shape = t->w->tree->shape;
    const dgm_slot *s = t->slot[i] == DGM_SLOT_NONE ? NULL : dgm_shape_slot(shape, t->slot[i]);
    char below[32];
    if (t->node[i] != DGM_NONE || !s)
        return dgm_edi_complain(t->w, code, t->node[i] == DGM_NONE ? t->parent : t->node[i], (dgm_slice){ 0 });
    bool numbered = dgm_shape_child(shape, s->parent, s->name, 2) != DGM_SLOT_NONE;
    int n = snprintf(below, sizeof below, numbered ? "%.*s#%u" : "%.*s", (int)s->name.len, s->name.at, (unsigned)s->ordinal);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof below ? (size_t)n : sizeof below - 1;
    return dgm_edi_complain(t->w, code, t->parent, (dgm_slice){ below, len });
}

static void tell_one(const things *t, dgm_diag_code code, uint32_t one, uint32_t because)
{
    dgm_diags *diags = t->w->host.diags;
    dgm_diag *d = complain(t, code, one);
    dgm_diag_text(diags, d, name_of(t, one));
    dgm_diag_text(diags, d,
                  t->slot[one] == DGM_SLOT_NONE ? (dgm_slice){ 0 } : dgm_shape_slot(t->w->tree->shape, t->slot[one])->title);
    dgm_diag_text(diags, d, name_of(t, because));
    say_rule(t, d);
}

static void tell_none(const things *t, uint32_t from)
{
    char names[128];
    size_t len = 0;
    for (uint32_t i = from; i < t->rule->count; i++) {
        dgm_slice name = name_of(t, i);
        int n = snprintf(names + len, sizeof names - len, "%s%.*s", len ? ", " : "", (int)name.len, name.at ? name.at : "");
        if (n > 0) len = len + (size_t)n < sizeof names ? len + (size_t)n : sizeof names - 1;
    }
    dgm_diag *d = complain(t, DGM_D_EDI_NONE_OF, from);
    dgm_diag_text(t->w->host.diags, d, (dgm_slice){ names, len });
    say_rule(t, d);
}

static void tell_broken(const things *t)
{
    const dgm_edi_rule *rule = t->rule;
    uint32_t first = 0;
    while (first < rule->count && !(t->there >> first & 1)) first++;
    if (first == rule->count || rule->kind == DGM_EDI_NOTE_THEN_SOME) {
        tell_none(t, rule->kind == DGM_EDI_NOTE_THEN_SOME);
        return;
    }
    const bool wants = rule->kind == DGM_EDI_NOTE_ALL || rule->kind == DGM_EDI_NOTE_THEN_ALL;
    for (uint32_t i = 0; i < rule->count; i++)
        if (i != first && (t->there >> i & 1) != wants) tell_one(t, wants ? DGM_D_EDI_PAIRED : DGM_D_EDI_BARRED, i, first);
}

/* ---- holding ----------------------------------------------------------------------------------------------------------------- */

static bool has_value(const dgm_edi_writer *w, uint32_t node)
{
    const dgm_tree *t = w->tree;
    for (uint32_t i = node, end = dgm_tree_end(t, node); i < end; i++)
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) && dgm_tree_value(t, i).len) return true;
    return false;
}

/* By which numbering positions are counted: that of the program whose notes are held. */
static uint32_t numbering(const dgm_edi_writer *w)
{
    return w->about->programs[0] ? 0 : 1;
}

/* Which of the things a child of the segment or composite is; rule->count: none. */
static uint32_t thing_of(const dgm_edi_writer *w, const dgm_edi_rule *rule, const dgm_edi_row *row)
{
    uint32_t at = rule->element ? (row->component ? row->component : 1) : row->element[numbering(w)], i = 0;
    while (i < rule->count && !(rule->first[i] <= at && at <= rule->last[i])) i++;
    return i;
}

/* One note, among the children of a node. */
static bool hold(dgm_edi_writer *w, const dgm_edi_rule *rule, uint32_t parent, bool tell)
{
    const dgm_tree *tree = w->tree;
    const dgm_edi_row *rows = w->about->rows, *row = &rows[dgm_node_slot(&tree->nodes[parent])];
    things t = { .w = w, .rule = rule, .parent = parent };
    for (uint32_t i = 0; i < rule->count; i++) t.slot[i] = DGM_SLOT_NONE, t.node[i] = DGM_NONE;
    for (uint32_t child = row->first_child; tell && child < row->first_child + row->child_count; child++) {
        uint32_t i = thing_of(w, rule, &rows[child]);
        if (i < rule->count && t.slot[i] == DGM_SLOT_NONE) t.slot[i] = child;
    }
    for (uint32_t n = parent + 1, end = dgm_tree_end(tree, parent); n < end; n = dgm_tree_next(tree, n)) {
        uint32_t slot = dgm_node_slot(&tree->nodes[n]);
        if (slot - row->first_child >= row->child_count || !has_value(w, n)) continue;
        uint32_t i = thing_of(w, rule, &rows[slot]);
        if (i == rule->count || (t.there >> i & 1)) continue;
        t.there |= 1u << i;
        t.node[i] = n;
    }
    bool kept = dgm_edi_rule_kept(rule, t.there);
    if (!kept && tell) tell_broken(&t);
    return kept;
}

bool dgm_edi_notes_kept(dgm_edi_writer *w, uint32_t segment, bool tell)
{
    const dgm_tree *t = w->tree;
    const dgm_edi_program *p = dgm_edi_attached_program(w->about);
    const dgm_edi_row *rows = w->about->rows;
    const dgm_edi_layout *l = &p->layouts[p->positions[rows[dgm_node_slot(&t->nodes[segment])].position].layout];
    bool good = true;
    for (uint32_t k = 0; k < l->rule_count && (good || tell); k++) {
        const dgm_edi_rule *rule = &l->rules[k];
        if (!rule->element) {
            good &= hold(w, rule, segment, tell);
            continue;
        }
        for (uint32_t n = segment + 1, end = dgm_tree_end(t, segment); n < end; n = dgm_tree_next(t, n)) {
            uint32_t slot = dgm_node_slot(&t->nodes[n]);
            if (slot >= w->about->row_count || rows[slot].kind != DGM_COMPOSITE || dgm_node_kind(&t->nodes[n]) != DGM_COMPOSITE)
                continue;
            uint32_t at = rows[slot].element[numbering(w)];
            if (at >= rule->element && at <= rule->until && has_value(w, n)) good &= hold(w, rule, n, tell);
        }
    }
    return good;
}

/* A note of the message, among the parts of one group. */
static bool hold_parts(dgm_edi_writer *w, const dgm_edi_rule *rule, uint32_t group, bool tell)
{
    const dgm_tree *tree = w->tree;
    const dgm_edi_program *p = dgm_edi_attached_program(w->about);
    things t = { .w = w, .rule = rule, .parent = group };
    for (uint32_t i = 0; i < rule->count; i++) t.slot[i] = p->positions[rule->first[i]].slot, t.node[i] = DGM_NONE;
    for (uint32_t n = group + 1, end = dgm_tree_end(tree, group); n < end; n = dgm_tree_next(tree, n))
        for (uint32_t i = 0; i < rule->count; i++) {
            if (dgm_node_slot(&tree->nodes[n]) != t.slot[i] || (t.there >> i & 1)) continue;
            t.there |= 1u << i;
            t.node[i] = n;
        }
    bool kept = dgm_edi_rule_kept(rule, t.there);
    if (!kept && tell) tell_broken(&t);
    return kept;
}

bool dgm_edi_message_notes_kept(dgm_edi_writer *w, bool tell)
{
    const dgm_edi_program *p = dgm_edi_attached_program(w->about);
    const dgm_tree *t = w->tree;
    bool good = true;
    for (uint32_t k = 0; k < p->rule_count && (good || tell); k++) {
        const dgm_edi_rule *rule = &p->rules[k];
        uint32_t slot = p->positions[p->positions[rule->first[0]].parent].slot;
        for (uint32_t n = 0; n < t->node_count; n++)
            if (dgm_node_kind(&t->nodes[n]) == DGM_GROUP && dgm_node_slot(&t->nodes[n]) == slot)
                good &= hold_parts(w, rule, n, tell);
    }
    return good;
}
