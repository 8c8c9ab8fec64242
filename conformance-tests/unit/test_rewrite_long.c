/* SPDX-License-Identifier: Apache-2.0
 *
 * test_rewrite_long.c - long inputs are written again in memory that does not grow with them, whatever they are made of: messages,
 * refused ones, interchanges and groups without any; and what comes out is what went in, less what was refused. One thread.
 */
#include "conformance-tests/support/test.h"

#include "base/buffer.h"
#include "dragoman.h"

#include <stdatomic.h>
#include <string.h>

typedef struct peak { /* used by two threads */
    dgm_mem mem;
    _Atomic(size_t) live, most;
} peak;

static peak counted;

static void *counting_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    peak *p = ctx;
    void *grown = p->mem.grow(p->mem.ctx, at, old_bytes, new_bytes);
    if (!grown && new_bytes) return NULL;
    size_t live = atomic_fetch_add(&p->live, new_bytes - old_bytes) + new_bytes - old_bytes, most = atomic_load(&p->most);
    while (live > most && !atomic_compare_exchange_weak(&p->most, &most, live)) {
    }
    return grown;
}

static dgm_context *context;

/* ---- inputs ---- */

typedef enum part { GOOD, BAD, EMPTY, GROUP_GOOD, GROUP_BAD, GROUP_EMPTY } part;

/* A whole interchange; kept: as it has to come out as it came. UNH and UNT of a refused message go, and UNZ and UNE count it no
 * more. */
static void add(dgm_buffer *to, part what, uint32_t n, bool kept)
{
    static const char good[] = "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'";
    static const char bad[] = "UNH+1+ORDERS:D:96B:UN'BGM+220+A'UNT+9+1'";
    const bool grouped = what >= GROUP_GOOD, gone = kept && (what == BAD || what == GROUP_BAD);
    const char *message = what == GOOD || what == GROUP_GOOD ? good : what == BAD || what == GROUP_BAD ? bad : "";
    uint32_t count = *message && !gone;
    dgm_buffer_print(to, "UNB+UNOC:3+S+R+260101:0900+%u'", n);
    if (grouped) dgm_buffer_print(to, "UNG+ORDERS+A+B+260101:0900+1+UN+D:96B'");
    if (!gone) dgm_buffer_print(to, "%s", message);
    if (grouped) dgm_buffer_print(to, "UNE+%u+1'", count);
    dgm_buffer_print(to, "UNZ+%u+%u'\n", grouped ? 1 : count, n);
}

/* ---- running ---- */

typedef struct output {
    dgm_buffer *text; /* NULL: nobody wants it */
    size_t bytes;
} output;

static dgm_status take(void *ctx, dgm_slice bytes)
{
    output *o = ctx;
    o->bytes += bytes.len;
    return o->text ? dgm_buffer_append(o->text, bytes) : DGM_OK;
}

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number;
    (void)format;
    *out = (dgm_sink){ take, ctx };
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx;
    (void)complete;
    return DGM_OK;
}

typedef struct feed {
    part parts[3]; /* again and again */
    uint32_t times;
} feed;

/* Feeds interchanges in pieces of some KiB; returns the most memory in use, less what was before. */
static size_t most_used(int rewrite, uint32_t threads, const feed *f, output *out)
{
    dgm_job *job = NULL;
    dgm_buffer piece;
    dgm_mem plain = dgm_mem_default();
    const dgm_job_options o = {
        .struct_bytes = sizeof o, .rewrite = rewrite, .threads = threads, .outlet = { open_output, close_output, out }
    };
    dgm_buffer_init(&piece, &plain);
    size_t before = atomic_load(&counted.live);
    atomic_store(&counted.most, before);
    CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
    for (uint32_t i = 1; i <= f->times; i++) {
        add(&piece, f->parts[i % 3], i, false);
        if (piece.len < 16384 && i < f->times) continue;
        CU_ASSERT_EQUAL(dgm_job_feed(job, dgm_buffer_slice(&piece), i == f->times), DGM_OK);
        piece.len = 0;
    }
    dgm_job_close(job);
    dgm_buffer_free(&piece);
    CU_ASSERT_EQUAL(counted.live, before);
    return counted.most - before;
}

static const feed feeds[] = {
    { { GOOD, GOOD, GOOD }, 2000 },
    { { BAD, BAD, BAD }, 2000 },
    { { EMPTY, EMPTY, EMPTY }, 4000 },
    { { GOOD, BAD, EMPTY }, 2000 },
    { { GROUP_GOOD, GROUP_BAD, GROUP_EMPTY }, 1500 },
    { { GROUP_BAD, GROUP_BAD, BAD }, 1500 },
};

/* Three times as much of it: as much memory, but for what is held until a first message is accepted, a mebibyte at most in a buffer
 * that doubles. */
static void memory_does_not_grow(void)
{
    const int ways[] = { DGM_REWRITE_NORMAL, DGM_REWRITE_KEEP };
    for (size_t i = 0; i < sizeof feeds / sizeof *feeds; i++)
        for (size_t way = 0; way < 2; way++)
            for (uint32_t threads = 1; threads <= 2; threads++) {
                feed longer = feeds[i];
                output out = { 0 };
                size_t once = most_used(ways[way], threads, &feeds[i], &out);
                longer.times *= 3;
                size_t more = most_used(ways[way], threads, &longer, &out);
                bool bounded = more <= once + once / 4 + (ways[way] == DGM_REWRITE_KEEP ? 5u << 19 : 0);
                if (!bounded) fprintf(stderr, "feed %zu, way %zu, %u threads: %zu, %zu bytes\n", i, way, threads, once, more);
                CU_ASSERT(bounded);
            }
}

/* Thousands of interchanges without a message between those that have one. */
static void nothing_is_lost(void)
{
    dgm_mem plain = dgm_mem_default();
    const feed mixed[] = { { { EMPTY, EMPTY, GOOD }, 2500 },
                           { { BAD, EMPTY, GROUP_BAD }, 2500 },
                           { { GROUP_EMPTY, GOOD, BAD }, 1000 } };
    for (uint32_t threads = 1; threads <= 2; threads++)
        for (size_t whole = 0; whole < 2; whole++) {
            dgm_buffer input, wanted, got;
            dgm_buffer *all[] = { &input, &wanted, &got };
            dgm_job *job = NULL;
            for (size_t i = 0; i < 3; i++) dgm_buffer_init(all[i], &plain);
            uint32_t n = 0;
            for (size_t k = 0; k < 3; k++)
                for (uint32_t i = 0; i < mixed[k].times; i++) {
                    part what = mixed[k].parts[i % 3];
                    if (k == 0 && what == GOOD && i < 2000) what = EMPTY; /* 65,536 bytes and more without any */
                    add(&input, what, ++n, false);
                    add(&wanted, what, n, true);
                }
            output out = { .text = &got };
            const dgm_job_options o = { .struct_bytes = sizeof o,
                                        .rewrite = DGM_REWRITE_KEEP,
                                        .threads = threads,
                                        .outlet = { open_output, close_output, &out } };
            dgm_slice all_of_it = dgm_buffer_slice(&input);
            CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
            if (whole) CU_ASSERT_EQUAL(dgm_job_whole(job, all_of_it), DGM_OK);
            for (size_t at = 0; !whole && at < all_of_it.len; at += 10007)
                CU_ASSERT_EQUAL(dgm_job_feed(job, dgm_slice_part(all_of_it, at, at + 10007), at + 10007 >= all_of_it.len), DGM_OK);
            dgm_job_close(job);
            CU_ASSERT_EQUAL(got.len, wanted.len);
            CU_ASSERT(got.len == wanted.len && memcmp(got.at, wanted.at, got.len) == 0);
            for (size_t i = 0; i < 3; i++) dgm_buffer_free(all[i]);
        }
}

/* An input of refused messages gives no output, while what stands around them is no more than a mebibyte. */
static void nothing_accepted(void)
{
    output out = { 0 };
    feed few = { { BAD, EMPTY, GROUP_BAD }, 2000 };
    most_used(DGM_REWRITE_KEEP, 1, &few, &out);
    CU_ASSERT_EQUAL(out.bytes, 0);
    few.times = 18000;
    most_used(DGM_REWRITE_KEEP, 1, &few, &out);
    CU_ASSERT(out.bytes > 1 << 20);
    out.bytes = 0;
    most_used(DGM_REWRITE_NORMAL, 1, &few, &out);
    CU_ASSERT_EQUAL(out.bytes, 0);
}

int main(void)
{
    static const test_case cases[] = { { "memory does not grow", memory_does_not_grow },
                                       { "nothing is lost", nothing_is_lost },
                                       { "nothing accepted", nothing_accepted },
                                       { 0 } };
    counted.mem = dgm_mem_default();
    dgm_context_options o = { .struct_bytes = sizeof o,
                              .mappings = { "mappings", 8 },
                              .mem = { .grow = counting_grow, .ctx = &counted } };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) return 3;
    int code = test_main("rewrite long", cases);
    dgm_context_free(context);
    return code;
}
