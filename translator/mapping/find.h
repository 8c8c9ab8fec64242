/* SPDX-License-Identifier: Apache-2.0
 *
 * find.h - things found again by what they stand for, while a mapping is loaded. One thread.
 */
#ifndef DGM_MAPPING_FIND_H
#define DGM_MAPPING_FIND_H

#include "internal.h"

/* Things by a hash of what they stand for; those of one hash are looked at one after another, the last kept first. */
typedef struct map_finder {
    struct map_kept {
        uint32_t hash, id, next; /* next + 1 in its bucket */
    } * at;
    uint32_t *buckets;
    uint32_t count, mask;
    size_t room;
} map_finder;
/* Equal sets of tests have equal hashes. */
uint32_t dgm_map_tests_hash(const map_test *tests, uint32_t count);
uint32_t dgm_map_hash(uint32_t a, uint32_t b, uint32_t c, uint32_t d);
uint32_t dgm_map_text_hash(dgm_slice text, uint32_t n);
bool dgm_map_keep(map_loader *l, map_finder *f, uint32_t hash, uint32_t id); /* false: no memory */
/* The first with this hash, then the next behind one; NULL: no more. */
const struct map_kept *dgm_map_kept(const map_finder *f, uint32_t hash, const struct map_kept *before);

#endif
