/* SPDX-License-Identifier: Apache-2.0
 *
 * load_tokens.h - what the files share that make programs of the records of a layout of tokens. One thread.
 */
#ifndef DGM_CODECS_FLAT_LOAD_TOKENS_H
#define DGM_CODECS_FLAT_LOAD_TOKENS_H

#include "load.h"
#include "tokens.h"

typedef struct flat_token_loader {
    dgm_flat_token *ops;
    size_t op_count, op_room;
    const dgm_yaml **nodes; /* by op: where it stands in the file */
    size_t node_room;
    dgm_flat_run *runs;
    size_t run_count, run_room;
    uint32_t *first; /* by place */
    size_t first_room;
    const dgm_flat_head **heads; /* by place */
    size_t head_room, place_count;
} flat_token_loader;

/* tokens_ahead.c: how each choice of the ops [from, to) is made, and what they begin with; a choice that cannot be made is told. */
void dgm_flat_look_ahead(flat_loader *k, uint32_t from, uint32_t to, const dgm_flat_head **head);

#endif
