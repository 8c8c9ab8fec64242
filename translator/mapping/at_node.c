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

/* The node and what it stands in, up to its segment or the like: a place with a typed value may end there. */
enum { AROUND = 4 };
static uint32_t around(const dgm_tree *t, uint32_t node, uint32_t at[AROUND])
{
    uint32_t way[DGM_DEPTH_MAX], depth = 0, n = 0;
    for (uint32_t here = 0; depth < DGM_DEPTH_MAX;) {
        way[depth++] = here;
        if (here == node) break;
        uint32_t next = here + 1;
        while (dgm_tree_next(t, next) <= node) next = dgm_tree_next(t, next);
        here = next;
    }
    while (depth-- > 1 && n < AROUND) {
        at[n++] = way[depth];
        if (dgm_node_kind(&t->nodes[way[depth]]) == DGM_SEGMENT) break;
    }
    return n;
}

uint32_t dgm_mapping_rule_at(const dgm_mapping *m, const dgm_tree *wire, uint32_t node)
{
    uint32_t at[AROUND], count = around(wire, node, at), only = DGM_NONE, hits = 0;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        const map_rule *r = &m->rules[i];
        const map_place *p = r->side_count[MAP_WIRE] && r->side_count[MAP_MODEL] ? r->side[MAP_WIRE][0] : NULL;
        if (!p || r->kind != MAP_RULE || p->deep) continue;
        for (uint32_t k = 0; k < count; k++) {
            if (dgm_node_slot(&wire->nodes[at[k]]) != p->slot) continue;
            if (!r->block && p->star == DGM_NONE && dgm_map_find(wire, 0, p) == at[k]) return i;
            only = i;
            hits++;
            break;
        }
    }
    return hits == 1 && m->rules[only].block ? only : DGM_NONE;
}
