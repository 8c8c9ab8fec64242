/* SPDX-License-Identifier: Apache-2.0
 *
 * generate.h - documents by chance, from the shape of a vocabulary: every place within its format and cardinality, every edge now
 * and then. The same wish gives the same document. Trees to compare, cut down and print. One thread.
 */
#ifndef DGM_LAWS_GENERATE_H
#define DGM_LAWS_GENERATE_H

#include "model/tree.h"

#include <stdio.h>

typedef enum laws_letters { LAWS_ASCII, LAWS_LATIN, LAWS_UNICODE } laws_letters;

/* Values that a place (path without occurrences) takes, a blank between them; for places whose codes a table limits. */
typedef struct laws_pool {
    const char *path, *values;
} laws_pool;

typedef struct laws_wish {
    uint64_t seed;
    uint32_t presence; /* percent of the optional places that are filled */
    uint32_t many;     /* occurrences of a repeatable class at most */
    laws_letters letters;
    bool edges;             /* full lengths, many digits, empty classes, rare precisions of dates, odd attributes */
    const laws_pool *pools; /* ends with {0}; may be NULL */
} laws_wish;

/* A document of `shape`, made with `builder` (which can be used again). */
dgm_status laws_document(dgm_builder *builder, const dgm_shape *shape, const laws_wish *wish, dgm_tree **out);

/* A copy without the nodes marked in drop (one entry a node; what stands below or belongs to one goes with it). hollow: classes
 * that then hold no value at all go too. */
dgm_status laws_without(dgm_builder *builder, const dgm_tree *t, const bool *drop, bool hollow, dgm_tree **out);

/* The same, and leaves get the attributes that are understood (path of the attribute, value) where they have none. */
dgm_status laws_copy(dgm_builder *builder, const dgm_tree *t, const bool *drop, bool hollow, const laws_pool *understood,
                     dgm_tree **out);

/* Path of a node without occurrence numbers: "GoodsShipment/Consignee/Name"; cut at room. */
void laws_plain_path(const dgm_tree *t, uint32_t node, char *out, size_t room);

/* One line a value: path and text. */
void laws_print(const dgm_tree *t, FILE *to);

#endif
