/* SPDX-License-Identifier: Apache-2.0
 *
 * inquiry.h - what the files that answer questions after a run share. One thread for each inquiry.
 */
#ifndef DGM_MAPPING_INQUIRY_H
#define DGM_MAPPING_INQUIRY_H

#include "run.h"
#include "why.h"

enum { INQUIRY_INPUTS_MAX = 512, INQUIRY_STEPS_MAX = 8 };

typedef struct inquiry_number {
    uint32_t block, index;
} inquiry_number; /* of an occurrence among those of its each, from 1; 0: not known yet */

struct dgm_inquiry {
    dgm_mem mem;
    dgm_arena arena;
    dgm_runner *runner;      /* with the frame of the whole open */
    dgm_diags *diags;        /* of the run: nobody reads them */
    uint32_t *used;          /* by source node: the rule that mapped it, or DGM_NONE */
    const dgm_tree *tree[2]; /* the source, and the last made one that was asked about */
    uint32_t *parent[2];     /* by node of these */
    inquiry_number *numbers; /* by source node */
    dgm_status status;
    dgm_why_input inputs[INQUIRY_INPUTS_MAX]; /* of the answer being made */
    size_t input_count;
    dgm_why_step steps[INQUIRY_STEPS_MAX];
    size_t step_count;
};

dgm_slice dgm_inquiry_copy(dgm_inquiry *q, dgm_slice s);
/* The node of a slot that a node is or stands beneath, also as attributes stand beneath their leaf; DGM_NONE. */
uint32_t dgm_inquiry_above(dgm_inquiry *q, const dgm_tree *t, uint32_t node, uint32_t slot);
/* The source's occurrence of a block that a made node (or a source node) stands in; DGM_NONE: not to be seen from it. */
uint32_t dgm_inquiry_occurrence(dgm_inquiry *q, uint32_t block, const dgm_tree *made, uint32_t node, uint32_t source);
/* $i of an occurrence of an each: which of those under the node of the frame above. */
uint32_t dgm_inquiry_index(dgm_inquiry *q, uint32_t block, uint32_t above, uint32_t node);
/* Opens the frames of the occurrences that a made node stands in (or the source node it came from), down to a block's; its number,
 * or DGM_NONE when they cannot be told. */
uint32_t dgm_inquiry_frame(dgm_inquiry *q, uint32_t block, const dgm_tree *made, uint32_t node, uint32_t source);
void dgm_inquiry_back(dgm_inquiry *q); /* closes them */
/* What an expression looks at becomes inputs of the answer. */
void dgm_inquiry_expression(dgm_inquiry *q, const map_expr *x, uint32_t frame, uint32_t depth);

#endif
