/* SPDX-License-Identifier: Apache-2.0
 *
 * infer.h - rules proposed from examples: wire trees beside the canonical documents that were made of them by other means. What has
 * equal values wherever it stands, or values equal after a conversion the language knows, is proposed, with what speaks for and
 * against it; all that is of dragoman.h (`dgm_proposal`). One thread; pure.
 */
#ifndef DGM_MAPPING_INFER_H
#define DGM_MAPPING_INFER_H

#include "base/arena.h"
#include "mapping.h"

typedef struct dgm_example {
    const dgm_tree *wire, *model;
    bool model_sent; /* its bytes are those of an input, and no mapping made it */
} dgm_example;

/* What was found: proposals as they stand in a mapping, an each before what is in it. Everything lives in the arena. */
typedef struct dgm_inferred {
    dgm_proposal *at;
    size_t count;
    uint64_t values[2], taken[2]; /* values of the examples on either side, and those that proposals that are kept speak of */
} dgm_inferred;

/* DGM_OK, DGM_NOMEM; DGM_USAGE: trees of different shapes; DGM_LIMIT: more than INFER_EXAMPLES_MAX examples. */
dgm_status dgm_infer_rules(dgm_arena *arena, const dgm_example *examples, size_t count, dgm_inferred *out);

enum { DGM_INFER_EXAMPLES_MAX = 1000 };

#endif
