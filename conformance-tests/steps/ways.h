/* SPDX-License-Identifier: Apache-2.0
 *
 * ways.h - the ways in which an input goes through the library. Each aborts the program when the library returns what it must not.
 * One thread; some ways have the library use several.
 */
#ifndef DGM_STEPS_WAYS_H
#define DGM_STEPS_WAYS_H

#include "shapes.h"

typedef struct way {
    const char *name;
    void (*take)(const struct way *way, const dgm_context *c, dgm_slice input, const char *settings);
    size_t chunk;        /* 0: the input as a whole */
    dgm_job_options job; /* of ways that are jobs */
    bool answered, explained;
} way;

/* What is tried with which inputs; lists of ways end with { 0 }. */
typedef struct trial {
    const char *name;
    const shape *shapes;
    const way *ways;
    size_t bytes;  /* of the shortest input, about */
    bool threaded; /* which thread does what is not the same each time */
} trial;
extern const trial trials[];

#endif
