/* SPDX-License-Identifier: Apache-2.0
 *
 * test_inputs.c - many inputs through dgm_job_inputs: what comes of them is what jobs of their own give, in their order, on any
 * number of threads; what fails costs only itself; whatever was handed out is given back, also when everything is stopped or
 * memory ends.
 */
#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/support/test.h"

#include "base/buffer.h"
#include "base/diag.h"

#include <limits.h>
#include <stdlib.h>

static dgm_context *context;

enum { INPUTS = 40, LARGE = 15, FED = 23, BROKEN_FEED = 29 };

typedef struct all {
    dgm_slice texts[INPUTS];
    char *owned[INPUTS];
    dgm_buffer said;
    size_t next, begun, ended, given_back, stop_at;
    int open;
} all;

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    all *a = ctx;
    CU_ASSERT_EQUAL(a->open++, 0);
    *out = dgm_buffer_sink(&a->said);
    return dgm_buffer_print(&a->said, "--- %u %.*s\n", number, (int)format.len, format.at);
}

static dgm_status close_output(void *ctx, bool complete)
{
    all *a = ctx;
    a->open--;
    return dgm_buffer_print(&a->said, "\n--- %s\n", complete ? "complete" : "given up");
}

static void report(void *ctx, const dgm_message_report *m)
{
    all *a = ctx;
    dgm_buffer_print(&a->said, "message %u %.*s %d", m->position.message, (int)m->reference.len,
                     m->reference.at ? m->reference.at : "", (int)m->status);
    for (size_t i = 0; i < dgm_diags_count(m->diags); i++)
        dgm_buffer_print(&a->said, " %s@%llu", dgm_diag_name(dgm_diags_at(m->diags, i)->code),
                         (unsigned long long)dgm_diags_at(m->diags, i)->at_byte);
    dgm_buffer_print(&a->said, "\n");
}

static void tell_end(all *a, size_t i, dgm_status status, const dgm_job_counts *n)
{
    dgm_buffer_print(&a->said, "end of %zu: %d, %llu messages, %llu refused, %llu outputs, %llu errors\n", i, (int)status,
                     (unsigned long long)n->messages, (unsigned long long)n->refused, (unsigned long long)n->outputs,
                     (unsigned long long)n->errors);
}

static dgm_status feed_pieces(void *ctx, dgm_job *job)
{
    const dgm_slice *text = ctx;
    dgm_status s = DGM_OK;
    for (size_t at = 0; s == DGM_OK && at < text->len; at += 100)
        s = dgm_job_feed(job, dgm_slice_part(*text, at, at + 100), at + 100 >= text->len);
    return s;
}

/* As a pipe that breaks in the middle of a message. */
static dgm_status feed_half(void *ctx, dgm_job *job)
{
    const dgm_slice *text = ctx;
    dgm_status s = dgm_job_feed(job, dgm_slice_part(*text, 0, text->len / 2), false);
    return s == DGM_OK ? DGM_IO : s;
}

static dgm_status (*feed_of(size_t i))(void *, dgm_job *)
{
    return i == FED ? feed_pieces : i == BROKEN_FEED ? feed_half : NULL;
}

static dgm_status next(void *ctx, dgm_input *input)
{
    all *a = ctx;
    if (a->next == INPUTS) return DGM_END;
    *input = (dgm_input){ .whole = a->texts[a->next], .feed = feed_of(a->next), .ctx = &a->texts[a->next] };
    a->next++;
    return DGM_OK;
}

static size_t index_of(const all *a, const dgm_input *input)
{
    return (size_t)((const dgm_slice *)input->ctx - a->texts);
}

static void begin(void *ctx, const dgm_input *input)
{
    all *a = ctx;
    CU_ASSERT_EQUAL(index_of(a, input), a->begun);
    CU_ASSERT_EQUAL(a->ended, a->begun);
    a->begun++;
}

static dgm_status end(void *ctx, const dgm_input *input, dgm_status status, const dgm_job_counts *counts)
{
    all *a = ctx;
    CU_ASSERT_EQUAL(index_of(a, input), a->ended + a->given_back);
    if (status == DGM_END) {
        a->given_back++;
        return DGM_OK;
    }
    a->ended++;
    tell_end(a, index_of(a, input), status, counts);
    return a->ended == a->stop_at ? DGM_LIMIT : DGM_OK;
}

static dgm_job_options options_of(all *a, const char *to, uint32_t threads)
{
    static const dgm_named reference = { { "writer.reference", 16 }, { "R1", 2 } };
    return (dgm_job_options){ .struct_bytes = sizeof(dgm_job_options),
                              .to = dgm_slice_of(to),
                              .accounts = true,
                              .settings = &reference,
                              .setting_count = strcmp(to, "cusdec-d96b") == 0,
                              .outlet = { open_output, close_output, a },
                              .report = report,
                              .report_ctx = a,
                              .threads = threads };
}

/* One kind after the other: an interchange of some messages, one of them spoiled; a single message; JSON; nothing; nobody knows it;
 * cut short; no message at all. */
static void make(all *a)
{
    dgm_mem mem = dgm_mem_default();
    *a = (all){ .stop_at = SIZE_MAX };
    dgm_buffer_init(&a->said, &mem);
    for (size_t i = 0; i < INPUTS; i++) {
        corpus_options o = { .seed = i + 1, .wide = i & 1, .utf8 = i & 2 };
        dgm_slice s = { 0 };
        if (i == LARGE || i % 7 == 0 || i % 7 == 1 || i % 7 == 5) s = corpus_make(&o, i == LARGE ? 1300000 : i % 7 ? 1 : 5000);
        char *at = a->owned[i] = (char *)(uintptr_t)s.at;
        if (i % 7 == 0 && i != LARGE)
            for (size_t k = s.len / 2; k + 4 < s.len; k++)
                if (memcmp(at + k, "'CST", 4) == 0) {
                    memcpy(at + k, "'QQQ", 4);
                    break;
                }
        if (i % 7 == 5 && i != LARGE) s.len = s.len * 2 / 3;
        if (i % 7 == 2)
            s = DGM_LITERAL(
                "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {\"FunctionCode\": \"9\"}}");
        if (i % 7 == 3) s = DGM_LITERAL("");
        if (i % 7 == 4) s = DGM_LITERAL("what is this?");
        if (i % 7 == 6) s = DGM_LITERAL("UNB+UNOC:3+A+B+260101:0900+1'UNZ+0+1'");
        a->texts[i] = s;
    }
}

static void forget(all *a)
{
    for (size_t i = 0; i < INPUTS; i++) free(a->owned[i]);
    dgm_buffer_free(&a->said);
}

static void alone(all *a, const char *to)
{
    for (size_t i = 0; i < INPUTS; i++) {
        dgm_job_options o = options_of(a, to, 1);
        dgm_job *job = NULL;
        CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
        dgm_status s = feed_of(i) ? feed_of(i)(&a->texts[i], job) : dgm_job_whole(job, a->texts[i]);
        dgm_job_counts n = dgm_job_count(job);
        tell_end(a, i, s, &n);
        dgm_job_close(job);
    }
}

static void as_jobs_of_their_own(void)
{
    static const char *const targets[] = { "wco-declaration", "json", "cusdec-d96b" };
    static const uint32_t threads[] = { 0, 1, 2, 5 };
    for (size_t t = 0; t < 3; t++) {
        all one;
        make(&one);
        alone(&one, targets[t]);
        CU_ASSERT(one.said.len > 50000);
        for (size_t k = 0; k < 4; k++) {
            all a;
            make(&a);
            dgm_job_options o = options_of(&a, targets[t], threads[k]);
            dgm_inputs inputs = { next, begin, end, &a };
            CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &inputs, NULL), DGM_OK);
            CU_ASSERT_EQUAL(a.ended, INPUTS);
            CU_ASSERT_EQUAL(a.given_back, 0);
            CU_ASSERT_EQUAL(a.open, 0);
            CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&a.said), dgm_buffer_slice(&one.said)));
            forget(&a);
        }
        forget(&one);
    }
}

static void stopping_gives_everything_back(void)
{
    static const size_t stops[] = { 1, 3, LARGE + 1, INPUTS };
    for (size_t k = 0; k < 8; k++) {
        all a;
        make(&a);
        a.stop_at = stops[k % 4];
        dgm_job_options o = options_of(&a, "json", k < 4 ? 1 : 3);
        dgm_inputs inputs = { next, begin, end, &a };
        CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &inputs, NULL), DGM_LIMIT);
        CU_ASSERT_EQUAL(a.ended, a.stop_at);
        CU_ASSERT_EQUAL(a.ended + a.given_back, a.next);
        CU_ASSERT_EQUAL(a.open, 0);
        forget(&a);
    }
}

static void wrong_options_ask_for_no_input(void)
{
    all a;
    make(&a);
    dgm_job_options o = options_of(&a, "wco-declaraton", 2);
    dgm_inputs inputs = { next, begin, end, &a };
    CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &inputs, NULL), DGM_UNKNOWN);
    CU_ASSERT_EQUAL(a.next, 0);
    o = options_of(&a, "json", 2);
    inputs.next = NULL;
    CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &inputs, NULL), DGM_USAGE);
    forget(&a);
}

static dgm_status fail_write(void *ctx, dgm_slice bytes)
{
    (void)bytes;
    ++*(int *)ctx;
    return DGM_IO;
}

static dgm_status open_failing(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ fail_write, ctx };
    return DGM_OK;
}

static dgm_status close_failing(void *ctx, bool complete)
{
    (void)ctx;
    CU_ASSERT_FALSE(complete);
    return DGM_OK;
}

/* An outlet that fails is told as the end of each input that has an output: whoever runs them decides whether to go on. */
static void outlet_that_fails(void)
{
    /* The first three of the seven kinds have outputs, six inputs each, but the one whose feed breaks, which is of the second
     * kind. The outlet is tried once for each. */
    int with_output = 6 + 6 - 1 + 6;
    for (uint32_t threads = 1; threads < 4; threads++) {
        all a;
        make(&a);
        int writes = 0;
        dgm_job_options o = options_of(&a, "json", threads);
        o.outlet = (dgm_outlet){ open_failing, close_failing, &writes };
        dgm_inputs inputs = { next, begin, end, &a };
        CU_ASSERT_EQUAL(dgm_job_inputs(context, &o, &inputs, NULL), DGM_OK);
        CU_ASSERT_EQUAL(a.ended, INPUTS);
        CU_ASSERT_EQUAL(writes, with_output);
        forget(&a);
    }
}

static dgm_status next_small(void *ctx, dgm_input *input)
{
    all *a = ctx;
    while (a->next < INPUTS && (a->texts[a->next].len > 6000 || a->next > 14)) a->next++;
    return next(ctx, input);
}

static dgm_status end_counted(void *ctx, const dgm_input *input, dgm_status status, const dgm_job_counts *counts)
{
    (void)input, (void)counts;
    ((all *)ctx)->ended++;
    return status == DGM_NOMEM ? status : DGM_OK;
}

static void each_allocation_fails(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_context *own = NULL;
    dgm_context_options c = { .struct_bytes = sizeof c, .mem = mem, .mappings = DGM_LITERAL("mappings") };
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&c, NULL, &own), DGM_OK);
    long long before = state.bytes_live;
    long all_of_them = 0;
    int failed = 0;
    for (long n = -1; n < all_of_them; n += n < 300 ? 1 : 7) {
        all a;
        make(&a);
        dgm_job_options o = options_of(&a, "wco-declaration", 1);
        o.report = NULL;
        dgm_inputs inputs = { next_small, NULL, end_counted, &a };
        long asked = state.asked;
        state.left = n < 0 ? LONG_MAX : n;
        dgm_status s = dgm_job_inputs(own, &o, &inputs, NULL);
        state.left = LONG_MAX;
        if (n < 0) all_of_them = state.asked - asked;
        CU_ASSERT_EQUAL_FATAL(state.bytes_live, before);
        CU_ASSERT_EQUAL(a.open, 0);
        failed += s == DGM_NOMEM;
        CU_ASSERT(s == DGM_NOMEM || s == DGM_OK);
        if (n < 0) CU_ASSERT_EQUAL(s, DGM_OK);
        forget(&a);
    }
    CU_ASSERT(all_of_them > 100);
    CU_ASSERT(failed > 100);
    dgm_context_free(own);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

int main(void)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 3;
    }
    static const test_case cases[] = { { "as jobs of their own", as_jobs_of_their_own },
                                       { "stopping gives everything back", stopping_gives_everything_back },
                                       { "wrong options ask for no input", wrong_options_ask_for_no_input },
                                       { "an outlet that fails", outlet_that_fails },
                                       { "each allocation fails", each_allocation_fails },
                                       { 0 } };
    int failed = test_main("inputs", cases);
    dgm_context_free(context);
    return failed;
}
