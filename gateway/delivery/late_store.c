/* SPDX-License-Identifier: Apache-2.0
 *
 * late_store.c - see late_store.h. One thread at a time.
 */
#include "late_store.h"

#include <string.h>

void dgm_late_store_init(dgm_late_store *l, dgm_store inner, const dgm_mem *mem)
{
    *l = (dgm_late_store){ .inner = inner, .mem = *mem };
    dgm_keyed_init(&l->known, mem);
    dgm_buffer_init(&l->keys, mem);
}

static dgm_status hold(void *ctx)
{
    dgm_late_store *l = ctx;
    dgm_status s = l->held || !l->inner.hold ? DGM_OK : l->inner.hold(l->inner.ctx);
    l->held = l->held || s == DGM_OK;
    return s;
}

static void let_go(void *ctx)
{
    (void)ctx; /* not before what was put out is safe */
}

static dgm_status get(void *ctx, dgm_slice key, dgm_sink to)
{
    const dgm_late_store *l = ctx;
    return l->inner.get(l->inner.ctx, key, to);
}

static dgm_status put(void *ctx, dgm_slice key, dgm_slice bytes)
{
    const dgm_late_store *l = ctx;
    return l->inner.put(l->inner.ctx, key, bytes);
}

static dgm_status remove_key(void *ctx, dgm_slice key)
{
    const dgm_late_store *l = ctx;
    return l->inner.remove(l->inner.ctx, key);
}

static dgm_status each(void *ctx, dgm_slice prefix, dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx)
{
    const dgm_late_store *l = ctx;
    return l->inner.each(l->inner.ctx, prefix, called, called_ctx);
}

/* The next of the keys; false: there is none, or what stands there is none. */
static bool next_key(dgm_slice *keys, dgm_slice *key)
{
    uint32_t len;
    if (keys->len < sizeof len) return false;
    memcpy(&len, keys->at, sizeof len);
    if (len > keys->len - sizeof len) return false;
    *key = dgm_slice_part(*keys, sizeof len, sizeof len + len);
    *keys = dgm_slice_part(*keys, sizeof len + len, keys->len);
    return true;
}

static dgm_status out(void *ctx, dgm_slice key, bool ask)
{
    dgm_late_store *l = ctx;
    uint32_t number, len = (uint32_t)key.len;
    dgm_status s = dgm_keyed_take(&l->known, key, &number);
    if (s != DGM_OK) return s;
    uint32_t *is_out = &l->known.rows[number].value; /* DGM_NONE: only asked for */
    if (ask || *is_out != DGM_NONE) return *is_out != DGM_NONE ? DGM_OK : DGM_END;
    s = dgm_buffer_append(&l->keys, (dgm_slice){ (const char *)&len, sizeof len });
    if (s == DGM_OK) s = dgm_buffer_append(&l->keys, key);
    if (s == DGM_OK) *is_out = 1;
    return s;
}

dgm_store dgm_late_store_use(dgm_late_store *l)
{
    return (dgm_store){
        .hold = hold, .let_go = let_go, .get = get, .put = put, .remove = remove_key, .each = each, .out = out, .ctx = l
    };
}

dgm_status dgm_late_store_settle(dgm_late_store *l, dgm_slice keys)
{
    dgm_slice key;
    dgm_status s = keys.len ? hold(l) : DGM_OK;
    while (s == DGM_OK && next_key(&keys, &key)) {
        s = dgm_store_settle(&l->inner, &l->mem, key);
        if (s == DGM_END || s == DGM_INVALID) s = DGM_OK; /* somebody has taken it out, or written into it */
    }
    return s;
}

void dgm_late_store_end(dgm_late_store *l)
{
    if (l->held && l->inner.let_go) l->inner.let_go(l->inner.ctx);
    l->held = false;
    dgm_keyed_free(&l->known);
    dgm_buffer_free(&l->keys);
}
