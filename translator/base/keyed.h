/* SPDX-License-Identifier: Apache-2.0
 *
 * keyed.h - keys as bytes, and a table that numbers them. For keys that senders choose: whoever does not know where the table lies
 * cannot make them meet. One thread.
 */
#ifndef DGM_BASE_KEYED_H
#define DGM_BASE_KEYED_H

#include "buffer.h"

/* Keys by number, from 0 in the order they came; its hash takes all bytes and begins with where the table lies. */
typedef struct dgm_keyed_row {
    uint64_t hash;
    size_t at, len;
    uint32_t next;  /* + 1 */
    uint32_t value; /* what stands under it, for who keeps the table; DGM_NONE when the key is new */
} dgm_keyed_row;
typedef struct dgm_keyed {
    dgm_mem mem;
    dgm_buffer bytes;
    dgm_keyed_row *rows;
    uint32_t *buckets; /* row + 1 */
    size_t count, room, bucket_count;
} dgm_keyed;
void dgm_keyed_init(dgm_keyed *t, const dgm_mem *mem);
void dgm_keyed_clear(dgm_keyed *t);
void dgm_keyed_free(dgm_keyed *t);
/* The number of a key, which is added when it is new; *number is then the count before. */
dgm_status dgm_keyed_take(dgm_keyed *t, dgm_slice key, uint32_t *number);
/* One value of a key, so that no two keys of several values are the same bytes. */
dgm_status dgm_keyed_append(dgm_buffer *out, dgm_slice value);

#endif
