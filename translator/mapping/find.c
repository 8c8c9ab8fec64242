/* SPDX-License-Identifier: Apache-2.0
 *
 * find.c - see find.h. Hashes of tests do not depend on their order. Load time; one thread.
 */
#include "find.h"

#include "base/hash.h"

static uint32_t mix(uint32_t h, uint32_t n)
{
    return (h ^ n) * 0x9E3779B1u ^ (h >> 15);
}

static uint32_t bytes_hash(dgm_slice s)
{
    uint64_t h = dgm_hash_bytes(0, s);
    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

/* Values are a set, and so are tests: the least and the greatest say the same of it in any order, however often each is told. */
static uint32_t test_hash(const map_test *t)
{
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t i = 0; i < t->value_count; i++) {
        uint32_t h = bytes_hash(t->values[i]);
        if (h < least) least = h;
        if (h > most) most = h;
    }
    return mix(mix(mix(mix(1, t->slot), (uint32_t)t->kind), least), most);
}

uint32_t dgm_map_tests_hash(const map_test *tests, uint32_t count)
{
    uint32_t least = UINT32_MAX, most = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t h = test_hash(&tests[i]);
        if (h < least) least = h;
        if (h > most) most = h;
    }
    return mix(mix(count, least), most);
}

uint32_t dgm_map_hash(uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    return mix(mix(mix(mix(0x811C9DC5u, a), b), c), d);
}

uint32_t dgm_map_text_hash(dgm_slice text, uint32_t n)
{
    return mix(bytes_hash(text), n);
}

bool dgm_map_keep(map_loader *l, map_finder *f, uint32_t hash, uint32_t id)
{
    void *all = f->at;
    if (!dgm_map_room(l, &all, &f->room, f->count + 1u, sizeof *f->at)) return false;
    f->at = all;
    f->at[f->count] = (struct map_kept){ .hash = hash, .id = id };
    if (!f->buckets || f->count >= f->mask) { /* twice as many; those there are hung in again */
        uint32_t size = f->buckets ? 2 * (f->mask + 1) : 64;
        f->buckets = DGM_NEW(l->arena, uint32_t, size);
        if (!f->buckets) {
            l->nomem = true;
            return false;
        }
        f->mask = size - 1;
        for (uint32_t i = 0; i < f->count; i++) {
            uint32_t *b = &f->buckets[f->at[i].hash & f->mask];
            f->at[i].next = *b;
            *b = i + 1;
        }
    }
    uint32_t *b = &f->buckets[hash & f->mask];
    f->at[f->count].next = *b;
    *b = ++f->count;
    return true;
}

const struct map_kept *dgm_map_kept(const map_finder *f, uint32_t hash, const struct map_kept *before)
{
    uint32_t i = before ? before->next : f->buckets ? f->buckets[hash & f->mask] : 0;
    while (i && f->at[i - 1].hash != hash) i = f->at[i - 1].next;
    return i ? &f->at[i - 1] : NULL;
}
