/* SPDX-License-Identifier: Apache-2.0
 *
 * generate.h - documents by chance, from the shape of a vocabulary: every place within its format and cardinality, every edge now
 * and then. The same wish gives the same document. Trees to compare, cut down and print. One thread.
 */
#ifndef DGM_MODEL_GENERATE_H
#define DGM_MODEL_GENERATE_H

#include "tree.h"

typedef enum dgm_letters { DGM_LETTERS_ASCII, DGM_LETTERS_LATIN, DGM_LETTERS_UNICODE } dgm_letters;

/* Values that a place (path without occurrences) takes, a blank between them; for places whose codes a table limits. */
typedef struct dgm_wish_choice {
    const char *path, *values; /* values NULL: any */
    const dgm_repr *repr;      /* what its values must fit besides its own format, most of the time; or NULL */
    bool needed;               /* it is always there where what it stands in is */
    bool closed;               /* it takes no other values, whatever choice_percent */
} dgm_wish_choice;

typedef struct dgm_wish {
    uint64_t seed;
    uint32_t presence; /* percent of the optional places that are filled */
    uint32_t many;     /* occurrences of a repeatable class at most */
    dgm_letters letters;
    bool edges;                     /* full lengths, many digits, empty classes, rare precisions of dates, odd attributes */
    const dgm_wish_choice *choices; /* ends with {0}; may be NULL */
    uint32_t choice_percent;        /* how often one of these is taken where there are some; 0: always */
    const char *ordinal;            /* a number of this name is that of its occurrence; or NULL */
    const char *whole;              /* a class of this name, below the root, holds a value when it is there; or NULL */
} dgm_wish;

/* A document of `shape`, made with `builder` (which can be used again). */
dgm_status dgm_generate(dgm_builder *builder, const dgm_shape *shape, const dgm_wish *wish, dgm_tree **out);

/* A copy without the nodes marked in drop (one entry a node; what stands below or belongs to one goes with it). hollow: classes
 * that then hold no value at all go too. */
dgm_status dgm_tree_without(dgm_builder *builder, const dgm_tree *t, const bool *drop, bool hollow, dgm_tree **out);

/* The same, and leaves get the attributes that are understood (path of the attribute, value) where they have none. */
dgm_status dgm_tree_completed(dgm_builder *builder, const dgm_tree *t, const bool *drop, bool hollow,
                              const dgm_wish_choice *understood, dgm_tree **out);

#endif
