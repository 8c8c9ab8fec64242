/* SPDX-License-Identifier: Apache-2.0
 *
 * presence.c - whether a field or a record stands there, as other fields have it. Pure; any thread.
 */
#include "flat.h"

dgm_flat_holds dgm_flat_present(const dgm_flat_layout *l, uint32_t first, const dgm_buffer *kept, const bool *doubtful,
                                const dgm_flat_condition **why)
{
    dgm_flat_holds all = DGM_FLAT_YES;
    for (uint32_t i = first; i; i = l->conditions[i - 1].next) {
        const dgm_flat_condition *c = &l->conditions[i - 1];
        uint32_t number = l->steps[c->source].kept - 1u;
        dgm_slice value = dgm_buffer_slice(&kept[number]);
        if (doubtful && doubtful[number]) {
            all = DGM_FLAT_UNSURE;
            continue;
        }
        bool met = c->codes.len ? value.len && dgm_flat_listed(c->codes, value) : value.len > 0;
        if (met != c->unless) continue;
        *why = c;
        return DGM_FLAT_NO;
    }
    return all;
}
