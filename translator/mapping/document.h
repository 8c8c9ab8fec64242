/* SPDX-License-Identifier: Apache-2.0
 *
 * document.h - what a mapping says of documents that are not messages: several in one message, or one told by several. Read-only
 * once loaded. mappings/README.md, "Documents".
 */
#ifndef DGM_MAPPING_DOCUMENT_H
#define DGM_MAPPING_DOCUMENT_H

#include "terms.h"

enum { MAP_LEVELS_MAX = 4, MAP_DOCUMENT_KEYS = 8 };

/* How places begin on one side outside any each: at an occurrence that stands once for each document. Level 0 is the top, level n
 * the n-th step that repeats, the last of them the occurrence itself. */
typedef struct map_prefix {
    const map_place *place; /* NULL: at the top */
    uint32_t levels;
    uint32_t step[MAP_LEVELS_MAX]; /* by level - 1: which step of the place that is */
    bool several;                  /* a document has several of them */
} map_prefix;

typedef struct map_document_key {
    const map_place *side[2];
    dgm_slice text[2];
    map_mark mark[2];
    uint32_t level; /* where the wire says it */
} map_document_key;

/* A value that is made of all documents that share an occurrence of a level. */
typedef struct map_total {
    uint32_t rule, level;
} map_total;

typedef struct map_document {
    map_prefix at[2];
    map_document_key keys[MAP_DOCUMENT_KEYS];
    uint32_t key_count;
    uint32_t max; /* documents of one message, 0: as many as there is room for */
    map_total *totals;
    uint32_t total_count;
    map_mark mark;
} map_document;

#endif
