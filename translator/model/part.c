/* SPDX-License-Identifier: Apache-2.0
 *
 * part.c - nodes of a tree as a tree by themselves: what a document is read from when a message holds several. A part is read-only
 * and may be read by any thread, as long as the whole is there.
 */
#include "private.h"

/* Where nodes of the whole went. */
typedef struct moved {
    const dgm_range *keep;
    const uint32_t *first; /* by range: the node of the part that its first one is */
    size_t count;
} moved;

/* How many nodes that are kept stand before this one. */
static uint32_t rank(const moved *m, uint32_t node)
{
    size_t low = 0, high = m->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (m->keep[middle].to < node)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == m->count) return m->count ? m->first[m->count - 1] + m->keep[m->count - 1].to - m->keep[m->count - 1].from : 0;
    return m->first[low] + (node > m->keep[low].from ? node - m->keep[low].from : 0);
}

static void copy_nodes(dgm_tree_owner *o, const dgm_tree *t, const moved *m)
{
    for (size_t k = 0; k < m->count; k++) {
        const dgm_range r = m->keep[k];
        dgm_node *to = o->nodes + m->first[k];
        memcpy(to, t->nodes + r.from, (r.to - r.from) * sizeof *to);
        for (uint32_t i = 0; i < r.to - r.from; i++) {
            o->whole_nodes[m->first[k] + i] = r.from + i;
            if (dgm_node_leaf(&to[i])) continue;
            to[i].span = to[i].span <= r.to ? to[i].span - r.from + m->first[k] : rank(m, to[i].span);
        }
    }
}

/* Rows of the nodes that are kept; to NULL: only counted. */
static uint32_t copy_rows(const moved *m, const dgm_side *rows, uint32_t count, dgm_side *to)
{
    uint32_t made = 0;
    for (size_t k = 0; k < m->count && count; k++)
        for (uint32_t i = dgm_side_row(rows, count, m->keep[k].from); i < count && rows[i].node < m->keep[k].to; i++, made++)
            if (to) to[made] = (dgm_side){ rows[i].node - m->keep[k].from + m->first[k], rows[i].at, rows[i].len };
    return made;
}

static bool take_rows(dgm_tree_owner *o, const moved *m, const dgm_side *rows, uint32_t count, dgm_side **to, size_t *room,
                      uint32_t *made)
{
    *made = copy_rows(m, rows, count, NULL);
    if (!*made) return true;
    *to = dgm_mem_new(&o->mem, *made * sizeof **to);
    if (!*to) return false;
    *room = *made;
    copy_rows(m, rows, count, *to);
    return true;
}

static bool fill(dgm_tree_owner *o, const dgm_tree *t, const moved *m, uint32_t nodes)
{
    o->node_room = nodes;
    o->nodes = dgm_mem_new(&o->mem, nodes * sizeof *o->nodes);
    o->whole_nodes = dgm_mem_new(&o->mem, nodes * sizeof *o->whole_nodes);
    if (!o->nodes || !o->whole_nodes) return false;
    o->tree = *t;
    o->tree.origin = NULL;
    if (!take_rows(o, m, t->decoded, t->decoded_count, &o->decoded, &o->decoded_room, &o->tree.decoded_count)) return false;
    if (!take_rows(o, m, t->unknown, t->unknown_count, &o->unknown, &o->unknown_room, &o->tree.unknown_count)) return false;
    copy_nodes(o, t, m);
    o->tree.nodes = o->nodes;
    o->tree.node_count = nodes;
    o->tree.decoded = o->decoded;
    o->tree.unknown = o->unknown;
    o->tree.whole = t;
    o->tree.around = NULL;
    o->tree.whole_nodes = o->whole_nodes;
    o->tree.owner = o;
    o->side_used = t->owner ? t->owner->side_used : 0;
    o->built = t->owner && t->owner->built;
    return true;
}

dgm_status dgm_tree_part(const dgm_tree *t, const dgm_mem *mem, const dgm_range *keep, size_t count, dgm_tree **out)
{
    *out = NULL;
    uint32_t nodes = 0;
    uint32_t *first = dgm_mem_new(mem, (count + 1) * sizeof *first);
    dgm_tree_owner *o = dgm_mem_new(mem, sizeof *o);
    if (o) o->mem = *mem;
    for (size_t k = 0; first && k < count; k++) {
        first[k] = nodes;
        nodes += keep[k].to - keep[k].from;
    }
    moved m = { keep, first, count };
    bool made = first && o && nodes && fill(o, t, &m, nodes);
    dgm_mem_free(mem, first, (count + 1) * sizeof *first);
    if (!made) {
        dgm_tree_owner_free(o);
        return first && !nodes ? DGM_USAGE : DGM_NOMEM;
    }
    *out = &o->tree;
    return DGM_OK;
}
