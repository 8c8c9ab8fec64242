/* SPDX-License-Identifier: Apache-2.0
 *
 * map_coverage.h - what samples made of a mapping, gathered by `map coverage` and shown in one of its forms. One thread.
 */
#ifndef DGM_GATEWAY_MAP_COVERAGE_H
#define DGM_GATEWAY_MAP_COVERAGE_H

#include "map.h"
#include "mapping/describe.h"
#include "model/tree.h"

/* Of one slot, over all samples. */
typedef struct coverage_slot {
    uint32_t nodes;      /* that hold a value, or of what holds none: occurrences */
    uint32_t used, lost; /* values a rule took, verified or chose by; values no rule reads, or that are ignored */
    uint32_t ignored;    /* of the lost: for a stated reason */
    dgm_slice example;   /* of the lost */
    bool shown;          /* in the page */
    uint32_t row;
} coverage_slot;

typedef struct coverage_code {
    dgm_slice table, code;
    uint32_t statement, seen;
} coverage_code;

typedef struct coverage {
    cli *c;
    const dgm_mapping *mapping;
    dgm_slice path; /* of its file */
    dgm_runner *runner;
    dgm_diags *diags;
    const dgm_shape *shape[2]; /* wire, model */
    coverage_slot *slots[2];
    uint32_t *rules[2]; /* by statement: how often it did something, reading and writing */
    uint32_t statements;
    bool *each;           /* by statement: whether it is one */
    coverage_code *codes; /* those of a statement follow one another */
    size_t *code_first;   /* by statement, and one past the last */
    size_t code_count;
    uint32_t messages[2], refused, strange; /* read, written; not mapped; of other formats */
    dgm_status status;
} coverage;

bool coverage_place(const coverage *v, uint32_t slot, char *room, size_t bytes, dgm_slice *out, uint32_t side);
/* The page (map_coverage_html.c). */
void coverage_html(coverage *v);

#endif
