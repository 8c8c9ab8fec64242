/* SPDX-License-Identifier: Apache-2.0
 *
 * at_node.c - which rule is about a node of the message, and which place of the model that rule fills: so that what is wrong with a
 * value that never reached the document can be told in the document's terms. Any thread.
 */
#include "describe.h"

#include "run.h"

uint32_t dgm_mapping_rule_place(const dgm_mapping *m, uint32_t rule)
{
    if (rule >= m->rule_count || !m->rules[rule].side_count[MAP_MODEL]) return DGM_SLOT_NONE;
    return m->rules[rule].side[MAP_MODEL][0]->slot;
}

/* The way to a node: its ancestors, outermost first, and itself. */
static uint32_t way_to(const dgm_tree *t, uint32_t node, uint32_t way[DGM_DEPTH_MAX])
{
    uint32_t depth = 0;
    for (uint32_t here = 0; depth < DGM_DEPTH_MAX;) {
        way[depth++] = here;
        if (here == node) break;
        here = dgm_tree_towards(t, here, node);
    }
    return depth;
}

/* How much of the way's end is up to a segment or the like, which a place with a typed value may end at. */
enum { AROUND = 4 };
static uint32_t around(const dgm_tree *t, const uint32_t *way, uint32_t depth)
{
    uint32_t n = 0;
    while (n + 1 < depth && n < AROUND)
        if (dgm_node_kind(&t->nodes[way[depth - ++n]]) == DGM_SEGMENT) break;
    return n;
}

/* Does the place of a rule, from the occurrence that its block is in, lead to a node of the way? */
static bool leads_to(const dgm_mapping *m, const map_rule *r, const map_place *p, const dgm_tree *t, const uint32_t *way,
                     uint32_t depth, uint32_t at)
{
    if (p->star != DGM_NONE) return false;
    if (!r->block) return dgm_map_find(t, 0, p) == at;
    uint32_t slot = m->blocks[r->block].slot[MAP_WIRE];
    for (uint32_t i = depth; i-- > 0;)
        if (dgm_node_slot(&t->nodes[way[i]]) == slot) return dgm_map_find(t, way[i], p) == at;
    return false;
}

/* A rule that leads there; else the only one of a block that may, of whatever occurrence. */
uint32_t dgm_mapping_rule_at(const dgm_mapping *m, const dgm_tree *wire, uint32_t node)
{
    uint32_t way[DGM_DEPTH_MAX], depth = way_to(wire, node, way), count = around(wire, way, depth), only = DGM_NONE, hits = 0;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        const map_rule *r = &m->rules[i];
        const map_place *p = r->side_count[MAP_WIRE] && r->side_count[MAP_MODEL] ? r->side[MAP_WIRE][0] : NULL;
        if (!p || r->kind != MAP_RULE || p->deep) continue;
        for (uint32_t k = 1; k <= count; k++) {
            if (dgm_node_slot(&wire->nodes[way[depth - k]]) != p->slot) continue;
            if (leads_to(m, r, p, wire, way, depth, way[depth - k])) return i;
            only = i;
            hits++;
            break;
        }
    }
    return hits == 1 && m->rules[only].block ? only : DGM_NONE;
}
