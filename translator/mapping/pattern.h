/* SPDX-License-Identifier: Apache-2.0
 *
 * pattern.h - regular expressions of forms, which are ICU's: compiled when a mapping is loaded, asked with limits in a run, so that
 * none can hold a message up. A pattern is shared by all threads.
 */
#ifndef DGM_MAPPING_PATTERN_H
#define DGM_MAPPING_PATTERN_H

#include "base/arena.h"

enum { MAP_PATTERN_TEXT = 512, MAP_PATTERN_BYTES = 500 }; /* characters that are matched; bytes of a pattern */

typedef struct map_pattern map_pattern;

typedef struct map_pattern_fault {
    size_t at, bytes; /* in the pattern */
    const char *what;
} map_pattern_fault;

/* DGM_OK; DGM_INVALID: it is broken (fault); DGM_NOMEM. */
dgm_status dgm_map_pattern_open(const dgm_mem *mem, dgm_slice text, map_pattern **out, map_pattern_fault *fault);
void dgm_map_pattern_close(map_pattern *p);

typedef enum map_pattern_says {
    MAP_PATTERN_FITS,
    MAP_PATTERN_NOT,
    MAP_PATTERN_SPENT, /* it was given up: what it may cost for one text, or for all of a message, is used up */
    MAP_PATTERN_NOMEM
} map_pattern_says;
/* Whether all of a text (at most MAP_PATTERN_TEXT characters) is what the pattern says. *spent: what the patterns of a message have
 * cost, from 0; nothing is asked any more when that is too much. */
map_pattern_says dgm_map_pattern_fits(map_pattern *p, dgm_slice text, uint32_t *spent);

#endif
