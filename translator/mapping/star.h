/* SPDX-License-Identifier: Apache-2.0
 *
 * star.h - #* in a plan: occurrences made one after another, innermost step first. Read-only once loaded; how far it has come
 * stands in a frame's words (target.c).
 */
#ifndef DGM_MAPPING_STAR_H
#define DGM_MAPPING_STAR_H

#include "sheet.h"

struct map_test;

typedef struct map_star_step {
    const uint32_t *slots;
    uint32_t slot_count;
    uint32_t max; /* occurrences; 1 for a plain step */
    bool star;
    const struct map_test *tests;
    uint32_t test_count;
    const uint32_t *targets; /* target trie nodes, by slot */
} map_star_step;
typedef struct map_star {
    uint32_t base; /* target trie node above the first star */
    const map_star_step *steps;
    uint32_t step_count;
    uint32_t order, word; /* frame words: for each step index and id + 1 */
    uint32_t block;       /* whose frame holds them */
    uint32_t leader;      /* of a ring: the star whose first step its occurrences are; itself when it stands alone */
    bool places;          /* with sheets: its places are addresses like others */
    uint32_t cell, list_block;
    map_bit list; /* else, in a frame of list_block */
} map_star;

#endif
