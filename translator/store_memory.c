/* SPDX-License-Identifier: Apache-2.0
 *
 * store_memory.c - a store in memory (dgm_store): keys by hash, bytes that are replaced, a limit on all of it. One thread at a
 * time.
 */
#include "base/arena.h"
#include "base/hash.h"
#include "dragoman.h"

/* What one more key costs beside its bytes, so that many small ones are counted too. */
enum { ROW_COST = 64, BUCKETS_FIRST = 64 };
#define BYTES_USUAL ((uint64_t)256 << 20)

typedef struct kept {
    struct kept *next; /* in its bucket */
    uint64_t hash;
    size_t key_len, len;
    char *bytes; /* of the key, then of what stands under it: one block */
} kept;

struct dgm_memory_store {
    dgm_mem mem;
    uint64_t used, most;
    kept **buckets;
    size_t bucket_count, count;
};

dgm_status dgm_memory_store_new(const dgm_mem *mem, uint64_t bytes_max, dgm_memory_store **out)
{
    dgm_mem usual = dgm_mem_default();
    if (!mem || !mem->grow) mem = &usual;
    *out = NULL;
    dgm_memory_store *m = dgm_mem_new(mem, sizeof *m);
    if (!m) return DGM_NOMEM;
    *m = (dgm_memory_store){ .mem = *mem, .most = bytes_max ? bytes_max : BYTES_USUAL };
    *out = m;
    return DGM_OK;
}

static void drop(dgm_memory_store *m, kept **at)
{
    kept *k = *at;
    *at = k->next;
    m->used -= k->key_len + k->len + ROW_COST;
    m->count--;
    dgm_mem_free(&m->mem, k->bytes, k->key_len + k->len + 1);
    dgm_mem_free(&m->mem, k, sizeof *k);
}

void dgm_memory_store_free(dgm_memory_store *m)
{
    if (!m) return;
    for (size_t i = 0; i < m->bucket_count; i++)
        while (m->buckets[i]) drop(m, &m->buckets[i]);
    dgm_mem mem = m->mem;
    dgm_mem_free(&mem, m->buckets, m->bucket_count * sizeof *m->buckets);
    dgm_mem_free(&mem, m, sizeof *m);
}

static uint64_t hash_of(const dgm_memory_store *m, dgm_slice key)
{
    return dgm_hash_bytes((uintptr_t)m, key);
}

/* Where the key hangs, or would; NULL: there are no buckets yet. */
static kept **find(const dgm_memory_store *m, dgm_slice key)
{
    uint64_t hash = hash_of(m, key);
    if (!m->bucket_count) return NULL;
    kept **at = &m->buckets[hash & (m->bucket_count - 1)];
    while (*at && ((*at)->hash != hash || !dgm_slice_equal((dgm_slice){ (*at)->bytes, (*at)->key_len }, key))) at = &(*at)->next;
    return at;
}

static bool more_buckets(dgm_memory_store *m)
{
    if (m->count < m->bucket_count) return true;
    size_t count = m->bucket_count ? 2 * m->bucket_count : BUCKETS_FIRST;
    kept **buckets = dgm_mem_new(&m->mem, count * sizeof *buckets);
    if (!buckets) return false;
    for (size_t i = 0; i < m->bucket_count; i++)
        for (kept *k = m->buckets[i], *next; k; k = next) {
            next = k->next;
            k->next = buckets[k->hash & (count - 1)];
            buckets[k->hash & (count - 1)] = k;
        }
    dgm_mem_free(&m->mem, m->buckets, m->bucket_count * sizeof *m->buckets);
    m->buckets = buckets;
    m->bucket_count = count;
    return true;
}

static dgm_status get(void *ctx, dgm_slice key, dgm_sink to)
{
    const dgm_memory_store *m = ctx;
    kept **at = find(m, key);
    if (!at || !*at) return DGM_END;
    return (*at)->len ? to.write(to.ctx, (dgm_slice){ (*at)->bytes + (*at)->key_len, (*at)->len }) : DGM_OK;
}

static dgm_status put(void *ctx, dgm_slice key, dgm_slice bytes)
{
    dgm_memory_store *m = ctx;
    if (!more_buckets(m)) return DGM_NOMEM;
    kept **at = find(m, key);
    uint64_t before = *at ? key.len + (*at)->len + ROW_COST : 0;
    if (m->used - before + key.len + bytes.len + ROW_COST > m->most) return DGM_LIMIT;
    kept *k = dgm_mem_new(&m->mem, sizeof *k);
    char *copy = k ? dgm_mem_new(&m->mem, key.len + bytes.len + 1) : NULL;
    if (!copy) {
        if (k) dgm_mem_free(&m->mem, k, sizeof *k);
        return DGM_NOMEM;
    }
    if (key.len) memcpy(copy, key.at, key.len);
    if (bytes.len) memcpy(copy + key.len, bytes.at, bytes.len);
    if (*at) drop(m, at);
    *k = (kept){ *at, hash_of(m, key), key.len, bytes.len, copy };
    *at = k;
    m->used += key.len + bytes.len + ROW_COST;
    m->count++;
    return DGM_OK;
}

static dgm_status remove_key(void *ctx, dgm_slice key)
{
    dgm_memory_store *m = ctx;
    kept **at = find(m, key);
    if (at && *at) drop(m, at);
    return DGM_OK;
}

static dgm_status each(void *ctx, dgm_slice prefix, dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx)
{
    const dgm_memory_store *m = ctx;
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < m->bucket_count && s == DGM_OK; i++)
        for (const kept *k = m->buckets[i]; k && s == DGM_OK; k = k->next) {
            dgm_slice key = { k->bytes, k->key_len };
            if (dgm_slice_equal(dgm_slice_part(key, 0, prefix.len), prefix)) s = called(called_ctx, key);
        }
    return s;
}

dgm_store dgm_memory_store_use(dgm_memory_store *m)
{
    return (dgm_store){ .get = get, .put = put, .remove = remove_key, .each = each, .ctx = m };
}
