/* SPDX-License-Identifier: Apache-2.0
 *
 * walk.c - trees for those outside the library: a node at a time, and values by path. Any thread: a tree is not changed.
 */
#include "path.h"

bool dgm_path_step(dgm_slice *path, dgm_slice *name, uint32_t *number)
{
    dgm_cut cut = dgm_slice_cut(*path, '/');
    *path = cut.tail;
    dgm_cut parts = dgm_slice_cut(cut.head, '#');
    *name = parts.head;
    *number = 1;
    if (parts.head.len == cut.head.len) return name->len > 0;
    uint64_t n = 0;
    for (size_t i = 0; i < parts.tail.len; i++) {
        char c = parts.tail.at[i];
        if (c < '0' || c > '9' || n > UINT32_MAX) return false;
        n = n * 10 + (uint64_t)(c - '0');
    }
    *number = (uint32_t)n;
    return name->len > 0 && n > 0 && n < UINT32_MAX && parts.tail.len > 0;
}

static const dgm_slot *slot_of(const dgm_tree *t, uint32_t node)
{
    uint32_t slot = dgm_node_slot(&t->nodes[node]);
    return t->shape && slot != DGM_SLOT_UNKNOWN ? dgm_shape_slot(t->shape, slot) : NULL;
}

static uint32_t number_of(const dgm_tree *t, uint32_t node, const dgm_slot *slot)
{
    const dgm_node *n = &t->nodes[node];
    dgm_kind kind = dgm_node_kind(n);
    uint32_t occurrence = dgm_kind_leaf(kind) || kind == DGM_COMPOSITE ? n->place >> 16 : n->place;
    if (occurrence == 0) occurrence = 1;
    return slot ? slot->ordinal + occurrence - 1 : occurrence;
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
    out->number = number_of(t, node, out->known ? slot : NULL);
    out->value = dgm_tree_value(t, node);
    out->at_byte = t->base + n->at;
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
        bool unknown = dgm_node_flags(&t->nodes[child]) & DGM_UNKNOWN_NAME;
        if (number_of(t, child, unknown ? NULL : slot_of(t, child)) == number) return child;
    }
    return DGM_NONE;
}

uint32_t dgm_tree_at(const dgm_tree *t, uint32_t from, dgm_slice path)
{
    if (!t || from >= t->node_count) return DGM_NONE;
    uint32_t at = from;
    while (path.len && at != DGM_NONE) {
        dgm_slice name;
        uint32_t number;
        if (!dgm_path_step(&path, &name, &number)) return DGM_NONE;
        at = child_at(t, at, name, number);
    }
    return at;
}

dgm_slice dgm_tree_text(const dgm_tree *t, const char *path)
{
    uint32_t node = path ? dgm_tree_at(t, 0, dgm_slice_of(path)) : DGM_NONE;
    return node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, node);
}
