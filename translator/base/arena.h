/* SPDX-License-Identifier: Apache-2.0
 *
 * arena.h - memory that is freed in one call. Blocks double from 4 KiB to 1 MiB; what is allocated is zeroed and aligned.
 * Every message, plan and diagnostic list has one of its own, so one thread at a time.
 */
#ifndef DGM_BASE_ARENA_H
#define DGM_BASE_ARENA_H

#include "slice.h"

typedef struct dgm_arena_block dgm_arena_block;

typedef struct dgm_arena {
    dgm_mem mem;
    char *next, *end;
    dgm_arena_block *blocks; /* newest first */
    size_t bytes_held;       /* of all blocks, for limits and recycling */
} dgm_arena;

/* Cannot fail: nothing is allocated before the first use. */
void dgm_arena_init(dgm_arena *a, const dgm_mem *mem);
/* Frees everything; the arena may be used again. */
void dgm_arena_free(dgm_arena *a);
/* Forgets everything but keeps one block of at most keep_bytes for the next use. */
void dgm_arena_reset(dgm_arena *a, size_t keep_bytes);
/* Zeroed memory for count things, NULL when there is none or when size * count overflows. align is a power of two. */
void *dgm_arena_new(dgm_arena *a, size_t size, size_t align, size_t count);
/* A copy of the bytes with a NUL behind them (not counted in len). at is NULL when there is no memory. */
dgm_slice dgm_arena_copy(dgm_arena *a, dgm_slice s);
/* printf into the arena. */
dgm_slice dgm_arena_print(dgm_arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define DGM_NEW(a, type, n) ((type *)dgm_arena_new((a), sizeof(type), _Alignof(type), (n)))

/* malloc-like through a dgm_mem, for single objects outside arenas. */
void *dgm_mem_new(const dgm_mem *mem, size_t bytes); /* zeroed */
void dgm_mem_free(const dgm_mem *mem, void *at, size_t bytes);
/* Grows an array to hold at least `wanted` things, doubling; *capacity is in things. DGM_OK or DGM_NOMEM (array untouched). */
dgm_status dgm_mem_reserve(const dgm_mem *mem, void **array, size_t *capacity, size_t wanted, size_t thing_bytes);

#endif
