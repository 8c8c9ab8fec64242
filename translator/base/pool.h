/* SPDX-License-Identifier: Apache-2.0
 *
 * pool.h - work on several threads, in order at both ends. All but `work` is called by the one thread that opened the pool.
 */
#ifndef DGM_BASE_POOL_H
#define DGM_BASE_POOL_H

#include "arena.h"

/* Threads. Slots are filled in order, worked on by any thread, and taken back in order. */
typedef struct dgm_pool dgm_pool;
dgm_status dgm_pool_open(dgm_arena *arena, uint32_t threads, uint32_t slots, void (*work)(void *ctx, uint32_t slot), void *ctx,
                         dgm_pool **out);
void dgm_pool_close(dgm_pool *pool);               /* ends the threads; what nobody has begun is given up */
uint32_t dgm_pool_free_slot(const dgm_pool *pool); /* the next to fill; DGM_NONE: all are in use */
void dgm_pool_submit(dgm_pool *pool);              /* the slot just filled */
uint32_t dgm_pool_oldest(dgm_pool *pool);          /* done, working along while it is not; DGM_NONE when there is none */
void dgm_pool_release(dgm_pool *pool);             /* the oldest may be filled again */

#endif
