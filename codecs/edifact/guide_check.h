/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_check.h - a message on its way past the spots of its guide: what guide_check.c finds and guide_report.c tells. One thread.
 */
#ifndef DGM_EDI_GUIDE_CHECK_H
#define DGM_EDI_GUIDE_CHECK_H

#include "reader.h"

/* Of a spot: the node that fitted last, one past what is in it, the first that fitted since its rule's occurrence began; how often
 * it fitted, and how often its tests held, in the occurrence above. */
typedef struct guide_state {
    uint32_t last, end, first, hits, seen;
} guide_state;
typedef struct guide_frame {
    uint32_t spot, end;
} guide_frame;
/* Of a rule that compares: the first value's node, and the first that differs from it (0: none). */
typedef struct guide_pair {
    uint32_t first, other;
} guide_pair;

typedef struct guide_walk {
    dgm_edi_reader *r;
    const dgm_tree *t;
    const dgm_edi_guide_bound *bound;
    const dgm_edi_guide *g;
    guide_state *states;
    guide_pair *pairs;
    guide_frame *frames;
    uint32_t frame_count;
    uint32_t cursor, segments; /* up to this node there are so many segments */
    /* When names are asked for, nothing is looked at but what nodes are called. */
    void (*called)(void *ctx, uint32_t node, dgm_slice name);
    void *called_ctx;
    dgm_slice name; /* of the node in hand */
} guide_walk;

/* What is told of a place. why: of the guide, or empty. */
typedef struct guide_fault {
    dgm_diag_code code;
    dgm_severity severity;
    uint32_t line;
    dgm_slice what, found, why;
} guide_fault;
/* At a node that fits a spot. */
void dgm_edi_guide_tell(guide_walk *w, uint32_t spot, uint32_t node, const guide_fault *f);
/* Behind or in the occurrence that the spot's parent is at (or the segment around it, when it is a composite that is not there),
 * where another one behind so many should be. */
void dgm_edi_guide_tell_missing(guide_walk *w, uint32_t spot, uint32_t hits, const guide_fault *f);
/* "SG6[NAD/3035=IM] (Importer)" */
dgm_slice dgm_edi_guide_what(const guide_walk *w, uint32_t spot, char *room, size_t bytes);

#endif
