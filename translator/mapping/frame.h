/* SPDX-License-Identifier: Apache-2.0
 *
 * frame.h - what a runner keeps on its stacks: frames, the walks in them, and what is noted on the way for later. One thread for
 * each runner.
 */
#ifndef DGM_MAPPING_FRAME_H
#define DGM_MAPPING_FRAME_H

#include "base/slice.h"

typedef struct map_frame {
    uint32_t block, above; /* frame */
    uint32_t base;         /* of its words */
    uint32_t node;         /* source */
    uint32_t index;        /* $i */
    uint32_t later_from;   /* what is left for after freeze begins here */
} map_frame;

typedef struct map_walk {
    uint32_t at, end;
    uint32_t frame;
    uint32_t mirror;     /* builder id of the mirrored parent, or DGM_NONE */
    const uint32_t *map; /* of the trie node */
    uint32_t first_child, child_count;
    bool closes; /* its frame ends with it */
} map_walk;

typedef struct map_piece {
    uint32_t node, index, next;
} map_piece; /* next + 1 */
typedef struct map_later {
    uint32_t kind, what, frame_block, occurrence, node, index, saved, saved_to;
    uint32_t second; /* where: the other occurrence it is about */
} map_later;         /* done after freeze */
typedef struct map_saved {
    uint32_t rule;
    dgm_slice value;
} map_saved; /* names that what is done later will want */
typedef struct map_chosen {
    uint32_t leaf, from, to;
} map_chosen; /* a selector and what it chose */

typedef struct map_side {
    uint32_t node;
    dgm_slice value;
} map_side; /* a value that does not stand in the borrowed bytes */

#endif
