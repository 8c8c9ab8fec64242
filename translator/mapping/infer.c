/* SPDX-License-Identifier: Apache-2.0
 *
 * infer.c - see infer.h. First the lists that go side by side, each with all that is in it, then places of the message as a whole;
 * what is spoken for once is no other rule's. The work grows with the values of the examples and how often they stand, not with
 * pairs of places. One thread.
 */
#include "infer.h"

#include "infer_internal.h"

double dgm_infer_set(inf *k, inf_set *s)
{
    uint32_t before = k->found.count;
    if (!dgm_infer_collect(k, s)) return 0;
    dgm_infer_lists(k, s);
    if (!k->nomem) dgm_infer_match(k, s);
    double gain = 0;
    for (uint32_t i = before; i < k->found.count; i++) {
        const dgm_proposal *p = &((dgm_proposal *)k->found.at)[i];
        if (!p->each) gain += p->percent / 100.0 * (p->distinct > 1 || p->percent >= 75);
    }
    if (!k->nomem && (gain >= 0.5 || s->parent == DGM_NONE)) dgm_infer_rest(k, s);
    return gain;
}

static void count_values(const inf *k, dgm_inferred *out)
{
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t e = 0; e < k->example_count; e++) {
            const dgm_tree *t = inf_tree(k, e, side);
            for (uint32_t n = 1; n < t->node_count; n++) {
                uint32_t slot = dgm_node_slot(&t->nodes[n]);
                bool leaf = dgm_node_leaf(&t->nodes[n]) && dgm_node_kind(&t->nodes[n]) != DGM_ATTRIBUTE && dgm_tree_value(t, n).len;
                if (!leaf || slot == DGM_SLOT_UNKNOWN || dgm_shape_slot(k->shape[side], slot)->envelope) continue;
                out->values[side]++;
                out->taken[side] += (k->use[side][e][n] & (INF_VALUE | INF_SELECTOR)) != 0;
            }
        }
}

dgm_status dgm_infer_rules(dgm_arena *arena, const dgm_example *examples, size_t count, dgm_inferred *out)
{
    inf k = { .arena = arena, .examples = examples, .example_count = count };
    *out = (dgm_inferred){ 0 };
    if (!count) return DGM_OK;
    if (count > DGM_INFER_EXAMPLES_MAX) return DGM_LIMIT;
    for (size_t i = 0; i < count; i++)
        if (examples[i].wire->shape != examples[0].wire->shape || examples[i].model->shape != examples[0].model->shape)
            return DGM_USAGE;
    k.shape[WIRE] = examples[0].wire->shape;
    k.shape[MODEL] = examples[0].model->shape;
    if (!k.shape[WIRE] || !k.shape[MODEL]) return DGM_USAGE;
    if (!dgm_infer_prepare(&k)) return DGM_NOMEM;
    inf_frame *frames = DGM_NEW(arena, inf_frame, count);
    if (!frames) return DGM_NOMEM;
    for (size_t i = 0; i < count; i++) frames[i] = (inf_frame){ .example = (uint32_t)i, .number = 1 };
    inf_set all = { .frames = frames, .frame_count = (uint32_t)count, .parent = DGM_NONE };
    all.slot[WIRE] = all.slot[MODEL] = DGM_SLOT_ROOT;
    (void)dgm_infer_set(&k, &all);
    if (k.nomem) return DGM_NOMEM;
    count_values(&k, out);
    out->at = k.found.at;
    out->count = k.found.count;
    return DGM_OK;
}
