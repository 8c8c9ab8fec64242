/* SPDX-License-Identifier: Apache-2.0
 *
 * accounts.c - after a run, each non-empty leaf of the source stands in one account: nothing is lost without being named. One
 * thread for each runner.
 */
#include "run.h"

static bool understood(uint8_t account)
{
    return account == DGM_ACCOUNT_MAPPED || account == DGM_ACCOUNT_VERIFIED;
}

/* A selector counts when the occurrence it chose gave something; else it is residue with the rest. */
static void account_selectors(dgm_runner *r)
{
    uint32_t n = r->in->node_count;
    uint32_t *before = r->chosen_count ? DGM_NEW(&r->arena, uint32_t, n + 1u) : NULL;
    if (!before) {
        if (r->chosen_count) dgm_map_fail(r, DGM_NOMEM);
        return;
    }
    for (uint32_t i = 0; i < n; i++) before[i + 1] = before[i] + understood(r->accounts[i]);
    for (size_t i = 0; i < r->chosen_count; i++) {
        const map_chosen *c = &r->chosen[i];
        if (before[c->to] > before[c->from] && r->accounts[c->leaf] == DGM_ACCOUNT_NONE)
            r->accounts[c->leaf] = DGM_ACCOUNT_SELECTOR;
    }
}

void dgm_map_account_all(dgm_runner *r)
{
    account_selectors(r);
    const dgm_tree *t = r->in;
    for (uint32_t i = 0; i < t->node_count; i++) {
        if (r->accounts[i] != DGM_ACCOUNT_NONE || dgm_tree_value(t, i).len == 0) continue;
        const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[i]));
        bool envelope = s && s->envelope;
        r->accounts[i] = envelope ? DGM_ACCOUNT_ENVELOPE : DGM_ACCOUNT_RESIDUE;
        if (!envelope) r->residue++;
    }
}
