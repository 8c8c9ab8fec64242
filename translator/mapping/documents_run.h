/* SPDX-License-Identifier: Apache-2.0
 *
 * documents_run.h - what documents.c and documents_join.c share: keys as bytes and a table of them, and speaking of a tree that no
 * run is about. One thread.
 */
#ifndef DGM_MAPPING_DOCUMENTS_RUN_H
#define DGM_MAPPING_DOCUMENTS_RUN_H

#include "documents.h"
#include "run.h"

/* Keys by number, from 0 in the order they came; its hash takes all bytes and begins with where the table lies. */
typedef struct map_keyed_row {
    uint64_t hash;
    size_t at, len;
    uint32_t next;  /* + 1 */
    uint32_t value; /* what stands under it, for who keeps the table; DGM_NONE when the key is new */
} map_keyed_row;
typedef struct map_keyed {
    dgm_mem mem;
    dgm_buffer bytes;
    map_keyed_row *rows;
    uint32_t *buckets; /* row + 1 */
    size_t count, room, bucket_count;
} map_keyed;
void dgm_map_keyed_init(map_keyed *t, const dgm_mem *mem);
void dgm_map_keyed_clear(map_keyed *t);
void dgm_map_keyed_free(map_keyed *t);
/* The number of a key, which is added when it is new; *number is then the count before. */
dgm_status dgm_map_keyed_take(map_keyed *t, dgm_slice key, uint32_t *number);
/* One value of a key, so that no two keys of several values are the same bytes. */
dgm_status dgm_map_key_append(dgm_buffer *out, dgm_slice value);

/* What follows is told of this tree. */
void dgm_map_speak(dgm_runner *r, const dgm_mapping *m, dgm_direction d, const dgm_tree *in, dgm_diags *diags);
/* What a rule says of all documents; false: nothing. */
bool dgm_map_total(dgm_runner *r, uint32_t rule, const dgm_tree *const *documents, uint32_t count, dgm_slice *out);

#endif
