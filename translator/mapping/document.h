/* SPDX-License-Identifier: Apache-2.0
 *
 * document.h - what a mapping says of documents that are not messages: several in one message, or one told by several. Read-only
 * once loaded. mappings/README.md, "Documents".
 */
#ifndef DGM_MAPPING_DOCUMENT_H
#define DGM_MAPPING_DOCUMENT_H

#include "terms.h"

enum { MAP_LEVELS_MAX = 4, MAP_DOCUMENT_KEYS = 8, MAP_MERGE_LISTS = 32, MAP_MERGE_WITH = 8, MAP_MERGE_LAST = 8 };

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

/* A list of the canonical document: occurrences that several messages tell are one when they have equal keys. */
typedef struct map_merge_list {
    uint32_t slot;                    /* of the class */
    uint32_t keys[MAP_DOCUMENT_KEYS]; /* slots of leaves that stand once in it */
    uint32_t key_count;
    map_mark mark;
} map_merge_list;

/* A message is a part of a document that others tell as well. */
typedef struct map_merge {
    map_document_key keys[MAP_DOCUMENT_KEYS]; /* which document */
    uint32_t key_count;
    map_merge_list lists[MAP_MERGE_LISTS];
    uint32_t list_count;
    const map_place *number, *count; /* on the wire: which of its parts the message is, of how many; NULL: it does not say */
    uint32_t count_fixed;            /* so many in any case; 0: not said here */
    const map_place *of;             /* a list of the model: its occurrences are counted, not messages */
    const map_place *last;           /* on the wire: one of these values there, it is the last */
    dgm_slice last_values[MAP_MERGE_LAST];
    uint32_t last_count;
    uint32_t last_cond;             /* the same as a condition, + 1; 0: none */
    dgm_slice with[MAP_MERGE_WITH]; /* mappings of the other messages that tell it */
    map_mark with_mark[MAP_MERGE_WITH];
    uint32_t with_count;
    dgm_slice master; /* the mapping that is believed when two disagree; empty: that is an error */
    map_mark master_mark;
    bool replaces; /* a part that comes again and says otherwise takes the place of the one before */
    map_mark mark;
} map_merge;

#endif
