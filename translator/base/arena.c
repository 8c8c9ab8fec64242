/* SPDX-License-Identifier: Apache-2.0
 *
 * arena.c - see arena.h: blocks from a dgm_mem, bumped from front to back; also the small helpers over a dgm_mem itself.
 * An arena belongs to one thread at a time; the default allocator is the C library's and safe everywhere.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES_MIN = 4096, BLOCK_BYTES_MAX = 1024 * 1024 };

struct dgm_arena_block {
    dgm_arena_block *older;
    size_t bytes; /* of the whole block, this head included */
    _Alignas(max_align_t) char data[];
};

static void *default_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    (void)ctx;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(at);
        return NULL;
    }
    return realloc(at, new_bytes);
}

dgm_mem dgm_mem_default(void)
{
    return (dgm_mem){ default_grow, NULL };
}

/* A request for no bytes still gives a pointer of its own, so that NULL means "no memory" and nothing else. */
static size_t at_least_one(size_t bytes)
{
    return bytes ? bytes : 1;
}

void *dgm_mem_new(const dgm_mem *mem, size_t bytes)
{
    void *p = mem->grow(mem->ctx, NULL, 0, at_least_one(bytes));
    return p ? memset(p, 0, at_least_one(bytes)) : NULL;
}

void dgm_mem_free(const dgm_mem *mem, void *at, size_t bytes)
{
    if (at) mem->grow(mem->ctx, at, at_least_one(bytes), 0);
}

dgm_status dgm_mem_reserve(const dgm_mem *mem, void **array, size_t *capacity, size_t wanted, size_t thing_bytes)
{
    if (wanted <= *capacity) return DGM_OK;
    size_t most = SIZE_MAX / at_least_one(thing_bytes);
    if (wanted > most) return DGM_NOMEM;
    size_t roomy = *capacity < 4 ? 8 : *capacity > most / 2 ? most : *capacity * 2;
    if (roomy > most) roomy = most;
    if (roomy < wanted) roomy = wanted;
    void *p = mem->grow(mem->ctx, *array, *capacity * thing_bytes, roomy * thing_bytes);
    if (!p) return DGM_NOMEM;
    *array = p;
    *capacity = roomy;
    return DGM_OK;
}

void dgm_arena_init(dgm_arena *a, const dgm_mem *mem)
{
    *a = (dgm_arena){ .mem = mem ? *mem : dgm_mem_default() };
}

static void block_use(dgm_arena *a, dgm_arena_block *b)
{
    a->next = b->data;
    a->end = (char *)b + b->bytes;
}

void dgm_arena_free(dgm_arena *a)
{
    for (dgm_arena_block *b = a->blocks, *older; b; b = older) {
        older = b->older;
        a->mem.grow(a->mem.ctx, b, b->bytes, 0);
    }
    *a = (dgm_arena){ .mem = a->mem };
}

void dgm_arena_reset(dgm_arena *a, size_t keep_bytes)
{
    dgm_arena_block *kept = NULL;
    for (dgm_arena_block *b = a->blocks; b; b = b->older)
        if (b->bytes <= keep_bytes && (!kept || b->bytes > kept->bytes)) kept = b;
    for (dgm_arena_block *b = a->blocks, *older; b; b = older) {
        older = b->older;
        if (b != kept) a->mem.grow(a->mem.ctx, b, b->bytes, 0);
    }
    *a = (dgm_arena){ .mem = a->mem };
    if (!kept) return;
    kept->older = NULL;
    a->blocks = kept;
    a->bytes_held = kept->bytes;
    block_use(a, kept);
}

/* Room for `bytes` at `align` in a new block. Things too large for the next ordinary block get one to themselves, put behind the
 * current one so that what is left of that is not lost. */
static void *from_new_block(dgm_arena *a, size_t bytes, size_t align)
{
    size_t head = sizeof(dgm_arena_block) + align;
    if (bytes > SIZE_MAX - head - BLOCK_BYTES_MAX) return NULL;
    size_t size = a->bytes_held < BLOCK_BYTES_MIN ? BLOCK_BYTES_MIN : a->bytes_held;
    if (size > BLOCK_BYTES_MAX) size = BLOCK_BYTES_MAX;
    bool own = bytes + head > size;
    if (own) size = bytes + head;
    dgm_arena_block *b = a->mem.grow(a->mem.ctx, NULL, 0, size);
    if (!b) return NULL;
    b->bytes = size;
    a->bytes_held += size;
    char *p = b->data + ((size_t)(-(uintptr_t)b->data) & (align - 1));
    if (own && a->blocks) {
        b->older = a->blocks->older;
        a->blocks->older = b;
        return p;
    }
    b->older = a->blocks;
    a->blocks = b;
    block_use(a, b);
    a->next = p + bytes;
    return p;
}

void *dgm_arena_new(dgm_arena *a, size_t size, size_t align, size_t count)
{
    if (size && count > SIZE_MAX / size) return NULL;
    size_t bytes = size * count;
    size_t pad = (size_t)(-(uintptr_t)a->next) & (align - 1);
    size_t room = (size_t)(a->end - a->next);
    char *p;
    if (a->next && pad <= room && bytes <= room - pad) {
        p = a->next + pad;
        a->next = p + bytes;
    } else {
        p = from_new_block(a, bytes, align);
        if (!p) return NULL;
    }
    return bytes ? memset(p, 0, bytes) : p;
}

/* As dgm_arena_new, but for bytes that are written at once. */
static char *text_room(dgm_arena *a, size_t bytes)
{
    if (a->next && bytes <= (size_t)(a->end - a->next)) {
        char *p = a->next;
        a->next += bytes;
        return p;
    }
    return from_new_block(a, bytes, 1);
}

dgm_slice dgm_arena_copy(dgm_arena *a, dgm_slice s)
{
    if (!s.len) return DGM_LITERAL("");
    if (s.len == SIZE_MAX) return (dgm_slice){ 0 };
    char *p = text_room(a, s.len + 1);
    if (!p) return (dgm_slice){ 0 };
    memcpy(p, s.at, s.len);
    p[s.len] = '\0';
    return (dgm_slice){ p, s.len };
}

dgm_slice dgm_arena_print(dgm_arena *a, const char *format, ...)
{
    size_t room = a->next ? (size_t)(a->end - a->next) : 0;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(room ? a->next : NULL, room, format, args);
    va_end(args);
    if (n < 0) return (dgm_slice){ 0 };
    size_t len = (size_t)n;
    char *p = text_room(a, len + 1);
    if (!p) return (dgm_slice){ 0 };
    if (len >= room) {
        va_start(args, format);
        vsnprintf(p, len + 1, format, args);
        va_end(args);
    }
    return (dgm_slice){ p, len };
}
