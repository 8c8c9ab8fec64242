/* SPDX-License-Identifier: Apache-2.0
 *
 * keyed.c - see keyed.h. One thread.
 */
#include "keyed.h"

#include "arena.h"
#include "hash.h"

#include <string.h>

void dgm_keyed_init(dgm_keyed *t, const dgm_mem *mem)
{
    *t = (dgm_keyed){ .mem = *mem };
    dgm_buffer_init(&t->bytes, mem);
}

void dgm_keyed_clear(dgm_keyed *t)
{
    t->count = 0;
    t->bytes.len = 0;
    if (t->buckets) memset(t->buckets, 0, t->bucket_count * sizeof *t->buckets);
}

void dgm_keyed_free(dgm_keyed *t)
{
    dgm_mem_free(&t->mem, t->rows, t->room * sizeof *t->rows);
    dgm_mem_free(&t->mem, t->buckets, t->bucket_count * sizeof *t->buckets);
    dgm_buffer_free(&t->bytes);
}

/* Begins with where the table lies, so that no sender knows which keys meet: base/symbols.h is for names of ours. */
static uint64_t hash_of(const dgm_keyed *t, dgm_slice key)
{
    return dgm_hash_bytes((uintptr_t)t, key);
}

static bool rehash(dgm_keyed *t)
{
    size_t wanted = t->bucket_count ? t->bucket_count * 2 : 16;
    uint32_t *buckets = dgm_mem_new(&t->mem, wanted * sizeof *buckets);
    if (!buckets) return false;
    for (uint32_t i = 0; i < t->count; i++) {
        uint32_t *b = &buckets[t->rows[i].hash & (wanted - 1)];
        t->rows[i].next = *b;
        *b = i + 1;
    }
    dgm_mem_free(&t->mem, t->buckets, t->bucket_count * sizeof *t->buckets);
    t->buckets = buckets;
    t->bucket_count = wanted;
    return true;
}

dgm_status dgm_keyed_take(dgm_keyed *t, dgm_slice key, uint32_t *number)
{
    uint64_t hash = hash_of(t, key);
    for (uint32_t i = t->bucket_count ? t->buckets[hash & (t->bucket_count - 1)] : 0; i; i = t->rows[i - 1].next) {
        const dgm_keyed_row *r = &t->rows[i - 1];
        if (r->hash != hash || !dgm_slice_equal(key, (dgm_slice){ t->bytes.at + r->at, r->len })) continue;
        *number = i - 1;
        return DGM_OK;
    }
    void *rows = t->rows;
    dgm_status s = dgm_mem_reserve(&t->mem, &rows, &t->room, t->count + 1, sizeof *t->rows);
    t->rows = rows;
    size_t at = t->bytes.len;
    if (s == DGM_OK) s = dgm_buffer_append(&t->bytes, key);
    if (s != DGM_OK) return s;
    if (t->count >= t->bucket_count && !rehash(t)) {
        t->bytes.len = at;
        return DGM_NOMEM;
    }
    uint32_t *b = &t->buckets[hash & (t->bucket_count - 1)];
    t->rows[t->count] = (dgm_keyed_row){ hash, at, key.len, *b, DGM_NONE };
    *number = (uint32_t)t->count++;
    *b = *number + 1;
    return DGM_OK;
}

dgm_status dgm_keyed_append(dgm_buffer *out, dgm_slice value)
{
    uint64_t len = value.len;
    dgm_status s = dgm_buffer_append(out, (dgm_slice){ (const char *)&len, sizeof len });
    return s == DGM_OK ? dgm_buffer_append(out, value) : s;
}
