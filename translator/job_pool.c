/* SPDX-License-Identifier: Apache-2.0
 *
 * job_pool.c - the messages of one input on several threads, in order at both ends. Lanes stand in a ring: the caller's thread
 * fills them in the order of the input, any thread works on the next that is filled, the caller's thread delivers the oldest when
 * it is done and works along while it is not. Everything below `lock` is guarded by it; a lane belongs to the thread that took it
 * until it is marked done.
 */
#include "job.h"

#include <pthread.h>

struct dgm_lane_pool {
    dgm_job *job;
    dgm_lane *lanes;
    uint32_t lane_count, thread_count;
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t filled_one, done_one;
    uint64_t filled, taken, emptied; /* lanes so far; the lane of number n stands at n % lane_count */
    uint32_t idle;                   /* threads that wait for a lane */
    bool waits;                      /* the caller's thread waits for its oldest */
    bool over;
};

/* The next lane nobody works on, or NULL. Under the lock. */
static dgm_lane *take(dgm_lane_pool *p)
{
    return p->taken < p->filled ? &p->lanes[p->taken++ % p->lane_count] : NULL;
}

static void done(dgm_lane_pool *p, dgm_lane *lane)
{
    lane->done = true;
    if (p->waits) pthread_cond_signal(&p->done_one);
}

static void *work(void *ctx)
{
    dgm_lane_pool *p = ctx;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        dgm_lane *lane = take(p);
        if (!lane) {
            if (p->over) break;
            p->idle++;
            pthread_cond_wait(&p->filled_one, &p->lock);
            p->idle--;
            continue;
        }
        pthread_mutex_unlock(&p->lock);
        dgm_lane_work(lane);
        pthread_mutex_lock(&p->lock);
        done(p, lane);
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

dgm_status dgm_pool_open(dgm_job *j, uint32_t threads)
{
    dgm_lane_pool *p = DGM_NEW(&j->arena, dgm_lane_pool, 1);
    pthread_t *ids = DGM_NEW(&j->arena, pthread_t, threads);
    if (!p || !ids) return DGM_NOMEM;
    p->job = j;
    p->lanes = j->lanes;
    p->lane_count = j->lane_count;
    p->threads = ids;
    init_lock(&p->lock);
    pthread_cond_init(&p->filled_one, NULL);
    pthread_cond_init(&p->done_one, NULL);
    j->pool = p;
    /* The caller's thread is one of them. Fewer than asked for is no failure: the caller's alone can do it all. */
    while (p->thread_count + 1 < threads && pthread_create(&ids[p->thread_count], NULL, work, p) == 0) p->thread_count++;
    return DGM_OK;
}

void dgm_pool_close(dgm_lane_pool *p)
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

dgm_lane *dgm_pool_free_lane(dgm_lane_pool *p)
{
    return p->filled - p->emptied < p->lane_count ? &p->lanes[p->filled % p->lane_count]
                                                  : NULL; /* only this thread changes either */
}

void dgm_pool_submit(dgm_lane_pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->filled++;
    if (p->idle) pthread_cond_signal(&p->filled_one);
    pthread_mutex_unlock(&p->lock);
}

dgm_lane *dgm_pool_oldest(dgm_lane_pool *p)
{
    if (p->emptied == p->filled) return NULL;
    dgm_lane *oldest = &p->lanes[p->emptied % p->lane_count];
    pthread_mutex_lock(&p->lock);
    while (!oldest->done) {
        dgm_lane *lane = take(p);
        if (lane) {
            pthread_mutex_unlock(&p->lock);
            dgm_lane_work(lane);
            pthread_mutex_lock(&p->lock);
            done(p, lane);
        } else {
            p->waits = true;
            pthread_cond_wait(&p->done_one, &p->lock);
            p->waits = false;
        }
    }
    pthread_mutex_unlock(&p->lock);
    return oldest;
}

void dgm_pool_release(dgm_lane_pool *p)
{
    p->emptied++;
}
