/* SPDX-License-Identifier: Apache-2.0
 *
 * pool.c - work on several threads, in order at both ends. Pieces of work stand in a ring of numbered slots: the caller's
 * thread fills them in order, any thread works on the next that is filled, the caller's thread takes the oldest when it is done and
 * works along while it is not. Threads are started when a second piece waits: one alone never needs them. Everything below `lock`
 * is guarded by it; what stands behind a slot belongs to the thread that took it until it is marked done.
 */
#include "pool.h"

#include <pthread.h>

struct dgm_pool {
    void (*work)(void *ctx, uint32_t slot);
    void *ctx;
    uint32_t slot_count, threads_wanted, thread_count;
    bool started;
    bool *done; /* by slot; guarded */
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t filled_one, done_one;
    uint64_t filled, taken, emptied; /* pieces so far; number n stands in slot n % slot_count */
    uint32_t idle;                   /* threads that wait for a piece */
    bool waits;                      /* the caller's thread waits for its oldest */
    bool over;
};

/* Works on the next piece nobody has begun; false when there is none. Under the lock, which is given up meanwhile. */
static bool work_on_next(dgm_pool *p)
{
    if (p->taken == p->filled) return false;
    uint32_t slot = (uint32_t)(p->taken++ % p->slot_count);
    pthread_mutex_unlock(&p->lock);
    p->work(p->ctx, slot);
    pthread_mutex_lock(&p->lock);
    p->done[slot] = true;
    if (p->waits) pthread_cond_signal(&p->done_one);
    return true;
}

static void *thread(void *ctx)
{
    dgm_pool *p = ctx;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        if (work_on_next(p)) continue;
        if (p->over) break;
        p->idle++;
        pthread_cond_wait(&p->filled_one, &p->lock);
        p->idle--;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* What the lock guards is short, so waiting awake for a moment is cheaper than going to sleep. */
static void init_lock(pthread_mutex_t *lock)
{
    pthread_mutexattr_t kind;
    pthread_mutexattr_init(&kind);
#ifdef PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ADAPTIVE_NP);
#endif
    pthread_mutex_init(lock, &kind);
    pthread_mutexattr_destroy(&kind);
}

dgm_status dgm_pool_open(dgm_arena *arena, uint32_t threads, uint32_t slots, void (*work)(void *ctx, uint32_t slot), void *ctx,
                         dgm_pool **out)
{
    dgm_pool *p = DGM_NEW(arena, dgm_pool, 1);
    pthread_t *ids = DGM_NEW(arena, pthread_t, threads);
    bool *done = DGM_NEW(arena, bool, slots);
    if (!p || !ids || !done) return DGM_NOMEM;
    *p = (dgm_pool){ .work = work, .ctx = ctx, .slot_count = slots, .threads_wanted = threads, .done = done, .threads = ids };
    init_lock(&p->lock);
    pthread_cond_init(&p->filled_one, NULL);
    pthread_cond_init(&p->done_one, NULL);
    *out = p;
    return DGM_OK;
}

void dgm_pool_close(dgm_pool *p)
{
    if (!p) return;
    pthread_mutex_lock(&p->lock);
    p->over = true;
    p->taken = p->filled; /* what nobody has begun is given up */
    pthread_cond_broadcast(&p->filled_one);
    pthread_mutex_unlock(&p->lock);
    for (uint32_t i = 0; i < p->thread_count; i++) pthread_join(p->threads[i], NULL);
    pthread_cond_destroy(&p->filled_one);
    pthread_cond_destroy(&p->done_one);
    pthread_mutex_destroy(&p->lock);
}

uint32_t dgm_pool_free_slot(const dgm_pool *p)
{
    /* Only this thread changes either number. */
    return p->filled - p->emptied < p->slot_count ? (uint32_t)(p->filled % p->slot_count) : DGM_NONE;
}

/* The caller's thread is one of them. Fewer than asked for is no failure: the caller's alone can do it all. */
static void start(dgm_pool *p)
{
    p->started = true;
    while (p->thread_count + 1 < p->threads_wanted && pthread_create(&p->threads[p->thread_count], NULL, thread, p) == 0)
        p->thread_count++;
}

void dgm_pool_submit(dgm_pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->done[p->filled % p->slot_count] = false;
    p->filled++;
    if (p->idle) pthread_cond_signal(&p->filled_one);
    pthread_mutex_unlock(&p->lock);
    if (!p->started && p->filled - p->emptied > 1) start(p);
}

uint32_t dgm_pool_oldest(dgm_pool *p)
{
    if (p->emptied == p->filled) return DGM_NONE;
    uint32_t oldest = (uint32_t)(p->emptied % p->slot_count);
    pthread_mutex_lock(&p->lock);
    while (!p->done[oldest]) {
        if (work_on_next(p)) continue;
        p->waits = true;
        pthread_cond_wait(&p->done_one, &p->lock);
        p->waits = false;
    }
    pthread_mutex_unlock(&p->lock);
    return oldest;
}

void dgm_pool_release(dgm_pool *p)
{
    p->emptied++;
}
