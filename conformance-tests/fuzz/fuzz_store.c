/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_store.c - whatever bytes in a store of documents that several messages tell: what it has is told or called unreadable; a
 * document that can be read is settled, told as written, and taken out with nothing of it left; no record breaks another. The input
 * is records between bytes 0x1E: the key, a line end, and what stands under it. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "parts.h"

enum { KEYS_MAX = 8, KEY_BYTES = 256 };

typedef struct looking {
    const dgm_store *store;
    char keys[KEYS_MAX][KEY_BYTES];
    size_t lengths[KEYS_MAX], count; /* of documents that were told */
    size_t written;
} looking;

static bool same(const dgm_kept *a, const dgm_kept *b)
{
    bool good = dgm_slice_equal(a->name, b->name) && dgm_slice_equal(a->model, b->model) && a->state == b->state &&
                a->since_ms == b->since_ms && a->parts == b->parts && a->bytes == b->bytes && dgm_slice_equal(a->last, b->last) &&
                dgm_slice_equal(a->were, b->were) && a->lists == b->lists && a->view_count == b->view_count;
    for (uint32_t i = 0; good && i < a->view_count; i++)
        good = dgm_slice_equal(a->views[i].mapping, b->views[i].mapping) && a->views[i].parts == b->views[i].parts;
    return good;
}

/* What can be read is written as what is read again. */
static void read_and_write(const dgm_store *s, dgm_slice key)
{
    dgm_arena arena;
    dgm_kept once, again;
    dgm_arena_init(&arena, fuzz_memory());
    dgm_status st = dgm_kept_get(s, fuzz_memory(), &arena, key, &once);
    fuzz_must(st == DGM_OK || st == DGM_INVALID || st == DGM_END, "a document is read, or is none");
    if (st == DGM_OK) {
        fuzz_must(dgm_kept_complete(&once) || dgm_kept_lacks(&once, &arena).len, "what it lacks is told");
        fuzz_must(dgm_kept_put(s, fuzz_memory(), key, &once) == DGM_OK, "a document is written");
        fuzz_must(dgm_kept_get(s, fuzz_memory(), &arena, key, &again) == DGM_OK && same(&once, &again), "and is the same");
    }
    dgm_arena_free(&arena);
}

static void told(void *ctx, const dgm_waiting *w)
{
    looking *l = ctx;
    fuzz_must(w->state <= DGM_WAITS_WRITTEN, "a state there is");
    fuzz_must(w->key.at != NULL || !w->key.len, "a key");
    for (size_t i = 0; i < w->part_count; i++) fuzz_must(w->parts[i].since_ms >= 0, "a part came at some time");
    l->written += w->state == DGM_WAITS_WRITTEN;
    if (l->count == KEYS_MAX || w->key.len > KEY_BYTES) return;
    if (w->key.len) memcpy(l->keys[l->count], w->key.at, w->key.len);
    l->lengths[l->count++] = w->key.len;
}

static void list(const dgm_store *s, looking *l)
{
    *l = (looking){ .store = s };
    dgm_status st = dgm_store_waiting(s, fuzz_memory(), true, told, l);
    fuzz_must(st == DGM_OK || st == DGM_INVALID, "a store is told of, or has what is unreadable");
}

static void settle_and_forget(const dgm_store *s, dgm_slice key)
{
    dgm_arena arena;
    dgm_kept k;
    dgm_arena_init(&arena, fuzz_memory());
    dgm_status st = dgm_store_settle(s, fuzz_memory(), key);
    fuzz_must(st == DGM_OK || st == DGM_INVALID || st == DGM_END, "a document is settled, or cannot be read");
    if (st == DGM_OK) {
        fuzz_must(dgm_kept_get(s, fuzz_memory(), &arena, key, &k) == DGM_OK, "it is there");
        fuzz_must(k.state == DGM_WAITS_WRITTEN && k.parts == 0, "and written, without parts");
    }
    st = dgm_store_forget(s, fuzz_memory(), key);
    fuzz_must(st == DGM_OK || st == DGM_END, "a document is taken out, or there is none");
    fuzz_must(dgm_kept_get(s, fuzz_memory(), &arena, key, &k) == DGM_END, "and is gone");
    dgm_arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_memory_store *m = NULL;
    looking l;
    fuzz_must(dgm_memory_store_new(fuzz_memory(), 16 << 20, &m) == DGM_OK, "memory");
    const dgm_store s = dgm_memory_store_use(m);
    dgm_cut rest = { .tail = { (const char *)data, size }, .found = true };
    while (rest.found) {
        rest = dgm_slice_cut(rest.tail, '\x1e');
        dgm_cut line = dgm_slice_cut(rest.head, '\n');
        if (line.found) fuzz_must(s.put(s.ctx, line.head, line.tail) == DGM_OK, "it has room");
    }
    list(&s, &l);
    for (size_t i = 0; i < l.count; i++) read_and_write(&s, (dgm_slice){ l.keys[i], l.lengths[i] });
    for (size_t i = 0; i < l.count; i++) settle_and_forget(&s, (dgm_slice){ l.keys[i], l.lengths[i] });
    dgm_memory_store_free(m);
    return 0;
}
