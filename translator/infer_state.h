/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_state.h - the inside of a dgm_inference: the messages that were taken, and what was found between them. One thread.
 */
#ifndef DGM_INFER_STATE_H
#define DGM_INFER_STATE_H

#include "context.h"
#include "mapping/infer.h"

typedef struct taken {
    dgm_tree *wire, *model; /* wire NULL: it came as a canonical document */
    dgm_slice format, type;
    const char *codec;
    bool canonical, mapped;
} taken;

/* The shape of a message that no format declares: those of readers go with them. */
typedef struct own_shape {
    dgm_slice type;
    dgm_shape *shape;
} own_shape;

struct dgm_inference {
    const dgm_context *context;
    dgm_mem mem;
    dgm_arena arena;
    taken *taken[2]; /* source, target */
    size_t count[2], room[2];
    own_shape *own;
    size_t own_count, own_room;
    bool turned, done;
    const taken *wire, *model; /* the first of either */
    dgm_inferred found;
    dgm_infer_file *files;
    size_t file_count;
    dgm_slice to_do; /* what the checks say of the mapping that was written last */
};

#endif
