/* SPDX-License-Identifier: Apache-2.0
 *
 * walk.c - trees for those outside the library: a node at a time, and values by path. Any thread: a tree is not changed.
 */
#include "dragoman.h"
#include "model/tree.h"

static const dgm_slot *slot_of(const dgm_tree *t, uint32_t node)
{
    uint32_t slot = dgm_node_slot(&t->nodes[node]);
    return t->shape && slot != DGM_SLOT_UNKNOWN ? dgm_shape_slot(t->shape, slot) : NULL;
}

/* Where the children of an interior node end; the attributes of a leaf are its children here. */
static uint32_t end_of(const dgm_tree *t, uint32_t node)
{
    return dgm_kind_leaf(dgm_node_kind(&t->nodes[node])) ? dgm_tree_next(t, node) : dgm_tree_end(t, node);
}

bool dgm_tree_view(const dgm_tree *t, uint32_t node, dgm_view *out)
{
    if (!t || node >= t->node_count) return false;
    const dgm_node *n = &t->nodes[node];
    const dgm_slot *slot = slot_of(t, node);
    *out = (dgm_view){ .kind = dgm_node_kind(n), .name = dgm_tree_name(t, node) };
    out->known = slot && !(dgm_node_flags(n) & DGM_UNKNOWN_NAME);
    if (out->known) out->title = slot->title;
    out->number = dgm_tree_number(t, node);
    out->value = dgm_tree_value(t, node);
    out->at_byte = n->at < t->head ? n->at : t->base + n->at;
    out->bytes = dgm_kind_leaf(out->kind) ? dgm_tree_raw(t, node).len : 0;
    out->below = node + 1;
    out->after = end_of(t, node);
    return true;
}

static uint32_t child_at(const dgm_tree *t, uint32_t node, dgm_slice name, uint32_t number)
{
    uint32_t end = end_of(t, node);
    bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[node]));
    for (uint32_t child = node + 1; child < end; child = leaf ? child + 1 : dgm_tree_next(t, child)) {
        if (!dgm_slice_equal(dgm_tree_name(t, child), name)) continue;
        if (dgm_tree_number(t, child) == number) return child;
    }
    return DGM_NONE;
}

uint32_t dgm_tree_at(const dgm_tree *t, uint32_t from, dgm_slice path)
{
    if (!t || from >= t->node_count) return DGM_NONE;
    uint32_t at = from;
    for (dgm_cut cut = { .tail = path, .found = path.len > 0 }; cut.found && at != DGM_NONE;) {
        cut = dgm_slice_cut(cut.tail, '/');
        dgm_slice name;
        uint32_t number;
        if (!dgm_path_step(cut.head, &name, &number)) return DGM_NONE;
        at = child_at(t, at, name, number);
    }
    return at;
}

dgm_slice dgm_tree_text(const dgm_tree *t, const char *path)
{
    uint32_t node = path ? dgm_tree_at(t, 0, dgm_slice_of(path)) : DGM_NONE;
    return node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, node);
}
