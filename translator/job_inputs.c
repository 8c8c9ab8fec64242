/* SPDX-License-Identifier: Apache-2.0
 *
 * job_inputs.c - many inputs with the same options, in their order. Small ones that lie in memory are read and worked on ahead of
 * their turn, each by a job of its own and in any thread; large ones, and those that are fed, use all threads for their messages
 * when it is their turn. The caller's thread alone sees outputs and reports.
 */
#include "job.h"

/* An input up to this size is taken ahead of its turn; so many of them at a time for each thread. */
enum { AHEAD_BYTES_MAX = 1 << 20, AHEAD_A_THREAD = 6 };

typedef struct place {
    dgm_input input;
    dgm_job *job;
    bool ahead; /* false: all of it in its turn, by the job for such */
} place;

typedef struct crowd {
    const dgm_context *context;
    const dgm_inputs *inputs;
    dgm_job_options one, all; /* for a job of one input, and with all threads */
    dgm_diags *diags;
    dgm_arena arena;
    dgm_pool *pool;
    place *places;
    uint32_t place_count;
    uint64_t taken, ended; /* inputs so far */
    dgm_job *large;
} crowd;

static void work_on(void *ctx, uint32_t slot)
{
    place *p = &((crowd *)ctx)->places[slot];
    if (p->ahead) dgm_job_ahead(p->job, p->input.whole);
}

/* A job for the next input: the last one's made ready, when it has one. */
static dgm_status ready(const crowd *c, const dgm_job_options *options, dgm_job **job)
{
    return *job ? DGM_OK : dgm_job_open(c->context, options, c->diags, job);
}

/* After an input: counts and outputs are those of one input, and a job that did not come to an end is done for. */
static void settle(dgm_job **job)
{
    dgm_job *j = *job;
    j->counts = (dgm_job_counts){ 0 };
    j->sink.number = 0;
    if (dgm_job_again(j) == DGM_OK) return;
    dgm_job_close(j);
    *job = NULL;
}

/* The next input into a free slot; DGM_END when there is none. */
static dgm_status take_in(crowd *c, uint32_t slot)
{
    place *p = &c->places[slot];
    dgm_status s = ready(c, &c->one, &p->job);
    if (s != DGM_OK) return s;
    p->input = (dgm_input){ 0 };
    s = c->inputs->next(c->inputs->ctx, &p->input);
    if (s != DGM_OK) return s;
    p->ahead = !p->input.feed && !c->all.ack.open && !c->all.counter.take && p->input.whole.len <= AHEAD_BYTES_MAX;
    c->taken++;
    dgm_pool_submit(c->pool);
    return DGM_OK;
}

static dgm_status in_its_turn(crowd *c, place *p)
{
    if (c->inputs->begin) c->inputs->begin(c->inputs->ctx, &p->input);
    dgm_job **job = p->ahead ? &p->job : &c->large;
    dgm_status s = p->ahead ? DGM_OK : ready(c, &c->all, job);
    if (s != DGM_OK) return s;
    s = p->ahead ? dgm_job_home(*job) : p->input.feed ? p->input.feed(p->input.ctx, *job) : dgm_job_whole(*job, p->input.whole);
    dgm_job_counts counts = (*job)->counts;
    settle(job);
    c->ended++;
    return c->inputs->end ? c->inputs->end(c->inputs->ctx, &p->input, s, &counts) : DGM_OK;
}

static dgm_status all_in_turn(crowd *c)
{
    bool more = true;
    for (;;) {
        for (uint32_t slot; more && (slot = dgm_pool_free_slot(c->pool)) != DGM_NONE;) {
            dgm_status s = take_in(c, slot);
            if (s == DGM_END)
                more = false;
            else if (s != DGM_OK)
                return s;
        }
        uint32_t oldest = dgm_pool_oldest(c->pool);
        if (oldest == DGM_NONE) return DGM_OK;
        dgm_status s = in_its_turn(c, &c->places[oldest]);
        if (s != DGM_OK) return s;
        dgm_pool_release(c->pool);
    }
}

/* What was taken in and never came to its end is given back. */
static void give_back(crowd *c)
{
    static const dgm_job_counts none = { 0 };
    for (; c->ended < c->taken; c->ended++)
        if (c->inputs->end) (void)c->inputs->end(c->inputs->ctx, &c->places[c->ended % c->place_count].input, DGM_END, &none);
}

dgm_status dgm_job_inputs(const dgm_context *context, const dgm_job_options *options, const dgm_inputs *inputs, dgm_diags *diags)
{
    if (!context || !options || options->struct_bytes != sizeof *options || !inputs || !inputs->next) return DGM_USAGE;
    dgm_mem mem = context->mem;
    uint32_t threads = options->threads > DGM_THREADS_MAX ? DGM_THREADS_MAX : options->threads;
    crowd c = { .context = context, .inputs = inputs, .one = *options, .all = *options, .diags = diags };
    c.one.threads = 1;
    c.place_count = threads > 1 ? threads * AHEAD_A_THREAD : 1;
    dgm_arena_init(&c.arena, &mem);
    c.places = DGM_NEW(&c.arena, place, c.place_count);
    dgm_status s = c.places ? dgm_pool_open(&c.arena, threads, c.place_count, work_on, &c, &c.pool) : DGM_NOMEM;
    if (s == DGM_OK) s = all_in_turn(&c);
    dgm_pool_close(c.pool); /* its threads are done before anything goes */
    give_back(&c);
    for (uint32_t i = 0; c.places && i < c.place_count; i++) dgm_job_close(c.places[i].job);
    dgm_job_close(c.large);
    dgm_arena_free(&c.arena);
    return s;
}
