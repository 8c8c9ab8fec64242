/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_pair.h - two columns that may be one rule: what agrees, what does not, and how it becomes a proposal. Room-internal; one
 * thread.
 */
#ifndef DGM_MAPPING_INFER_PAIR_H
#define DGM_MAPPING_INFER_PAIR_H

#include "infer_internal.h"

typedef struct inf_pair {
    uint32_t wire, model; /* columns */
    uint32_t agree, differ, wire_alone, model_alone, distinct, rivals;
    double strength, hints, score, percent;
    const inf_fact *standard; /* what the model always has where the wire has nothing: a default; or NULL */
    bool done;
} inf_pair;

enum { INF_SURE = 60 }; /* percent from which a proposal is kept */

/* Makes the proposal of a pair and marks its values as spoken for (infer_accept.c). */
void dgm_infer_accept(inf *k, inf_set *s, const inf_pair *p);
/* The proposal of a pair whose codes change together. */
void dgm_infer_accept_codes(inf *k, inf_set *s, const inf_pair *p);
double dgm_infer_hints(const inf *k, const inf_set *s, const inf_column *a, const inf_column *b);
void dgm_infer_akin(inf *k, const inf_set *s, const inf_column *a, const inf_column *b);
double dgm_infer_percent(double bits);
double dgm_infer_way_value(const inf *k, uint32_t way, double sum);
/* Values side by side, as many as there is room for. */
void dgm_infer_witness(inf *k, inf_set *s, dgm_proposal *p, const inf_column *a, const inf_column *b, bool equal);

#endif
