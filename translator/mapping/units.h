/* SPDX-License-Identifier: Apache-2.0
 *
 * units.h - units and what one of them is of the base unit of its kind, as an exact decimal. Read-only; any thread.
 */
#ifndef DGM_MAPPING_UNITS_H
#define DGM_MAPPING_UNITS_H

#include "dragoman.h"

typedef struct map_unit {
    const char *code; /* UN/ECE Recommendation 20 */
    char kind;        /* mass, length, area, volume, energy, time, how many; only those of one kind convert */
    const char *factor;
} map_unit;

/* NULL: not one of those that convert exactly. */
const map_unit *dgm_map_unit(dgm_slice code);
/* All codes, for the nearest one; returns how many it filled in. */
size_t dgm_map_unit_names(dgm_slice *out, size_t room);

#endif
