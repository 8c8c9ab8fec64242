/* SPDX-License-Identifier: Apache-2.0
 *
 * test_job.c - jobs through the public interface: outputs and reports are the same and in the same order on any number of threads,
 * a broken message costs its neighbours nothing, refused documents leave no output, and wrong options are told with the nearest
 * name.
 */
#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/support/test.h"

#include "base/buffer.h"
#include "base/diag.h"

#include <stdlib.h>

static dgm_context *context;

typedef struct result {
    dgm_buffer outputs, reports;
    dgm_status status;
    dgm_job_counts counts;
    int open;
} result;

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    result *r = ctx;
    CU_ASSERT_EQUAL(r->open, 0);
    r->open++;
    dgm_buffer_print(&r->outputs, "--- %u %.*s\n", number, (int)format.len, format.at);
    *out = dgm_buffer_sink(&r->outputs);
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    result *r = ctx;
    r->open--;
    return dgm_buffer_print(&r->outputs, "\n--- %s\n", complete ? "complete" : "given up");
}

static void report(void *ctx, const dgm_message_report *m)
{
    result *r = ctx;
    dgm_buffer_print(&r->reports, "%u %.*s %d %zu", m->position.message, (int)m->reference.len,
                     m->reference.at ? m->reference.at : "", (int)m->status, dgm_diags_count(m->diags));
    for (size_t i = 0; i < dgm_diags_count(m->diags); i++)
        dgm_buffer_print(&r->reports, " %s@%llu", dgm_diag_name(dgm_diags_at(m->diags, i)->code),
                         (unsigned long long)dgm_diags_at(m->diags, i)->at_byte);
    dgm_buffer_print(&r->reports, "\n");
}

static result run(const char *to, dgm_slice input, uint32_t threads, size_t chunk)
{
    dgm_mem mem = dgm_mem_default();
    result r = { .status = DGM_NOMEM };
    dgm_buffer_init(&r.outputs, &mem);
    dgm_buffer_init(&r.reports, &mem);
    dgm_named settings[] = { { DGM_LITERAL("writer.reference"), DGM_LITERAL("R1") } };
    bool edifact = to && strcmp(to, "cusdec-d96b") == 0;
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .to = dgm_slice_of(to),
                          .accounts = true,
                          .settings = settings,
                          .setting_count = edifact ? 1 : 0,
                          .outlet = { open_output, close_output, &r },
                          .report = report,
                          .report_ctx = &r,
                          .threads = threads };
    dgm_job *job = NULL;
    r.status = dgm_job_open(context, &o, NULL, &job);
    if (r.status == DGM_OK && !chunk) r.status = dgm_job_whole(job, input);
    for (size_t at = 0; r.status == DGM_OK && chunk && at < input.len; at += chunk)
        r.status = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len);
    if (job) r.counts = dgm_job_count(job);
    dgm_job_close(job);
    CU_ASSERT_EQUAL(r.open, 0);
    return r;
}

static void drop(result *r)
{
    dgm_buffer_free(&r->outputs);
    dgm_buffer_free(&r->reports);
}

static void same(const result *a, const result *b)
{
    CU_ASSERT_EQUAL(a->status, b->status);
    CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&a->outputs), dgm_buffer_slice(&b->outputs)));
    CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&a->reports), dgm_buffer_slice(&b->reports)));
    CU_ASSERT_EQUAL(memcmp(&a->counts, &b->counts, sizeof a->counts), 0);
}

/* An interchange in which every fifth CST lost its tag, so that messages all over it are refused. */
static dgm_slice spoiled(size_t bytes)
{
    corpus_options o = { 0 };
    dgm_slice s = corpus_make(&o, bytes);
    char *at = (char *)(uintptr_t)s.at;
    int n = 0;
    for (size_t i = 0; s.at && i + 4 < s.len; i++)
        if (memcmp(at + i, "'CST", 4) == 0 && ++n % 5 == 0) memcpy(at + i, "'QQQ", 4);
    return s;
}

static void threads_change_nothing(void)
{
    dgm_slice input = spoiled(300000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(input.at);
    const char *const targets[] = { "wco-declaration", "json", "cusdec-d96b", "" };
    for (size_t t = 0; t < 4; t++) {
        result one = run(targets[t], input, 1, 0);
        CU_ASSERT_EQUAL(one.status, DGM_OK);
        CU_ASSERT(one.counts.refused > 10);
        CU_ASSERT(one.counts.messages > one.counts.refused + 10);
        static const uint32_t counts[] = { 2, 3, 8 };
        for (size_t k = 0; k < 3; k++) {
            result many = run(targets[t], input, counts[k], k == 1 ? 10007 : 0);
            same(&one, &many);
            drop(&many);
        }
        drop(&one);
    }
    free((char *)(uintptr_t)input.at);
}

static void neighbours_come_out(void)
{
    dgm_slice input = spoiled(60000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(input.at);
    result r = run("wco-declaration", input, 1, 0);
    CU_ASSERT_EQUAL(r.counts.outputs, r.counts.messages - r.counts.refused);
    drop(&r);
    free((char *)(uintptr_t)input.at);
}

/* What is wrong with the end of one interchange is told, and costs neither its own messages nor those of the next. */
static void envelopes_cost_no_message(void)
{
    static const char message[] = "UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+1'";
    char input[512];
    int n = snprintf(input, sizeof input, "UNB+UNOC:3+A+B+260101:0900+1'%sUNZ+7+1'UNB+UNOC:3+A+B+260101:0900+2'%sUNZ+1+2'", message,
                     message);
    for (uint32_t threads = 1; threads < 4; threads += 2) {
        result r = run("json", (dgm_slice){ input, (size_t)n }, threads, 0);
        CU_ASSERT_EQUAL(r.counts.messages, 2);
        CU_ASSERT_EQUAL(r.counts.refused, 0);
        CU_ASSERT_EQUAL(r.counts.outputs, 2);
        CU_ASSERT_EQUAL(r.counts.errors, 1);
        drop(&r);
    }
}

static void refused_alone_leaves_no_output(void)
{
    dgm_slice input = DGM_LITERAL("UNB+UNOC:3+A+B+260101:0900+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3+1'UNZ+1+1'");
    const char *const targets[] = { "wco-declaration", "json", "cusdec-d96b" };
    for (size_t i = 0; i < 3; i++) {
        result r = run(targets[i], input, 1, 0);
        CU_ASSERT_EQUAL(r.status, DGM_OK);
        CU_ASSERT_EQUAL(r.counts.refused, 1);
        CU_ASSERT_EQUAL(r.outputs.len, 0);
        drop(&r);
    }
}

static void inputs_nobody_knows(void)
{
    result r = run("json", DGM_LITERAL("what is this?"), 1, 0);
    CU_ASSERT_EQUAL(r.status, DGM_UNKNOWN);
    TEST_TEXT(dgm_buffer_slice(&r.reports), "0  13 1 job.input.unknown@0\n");
    drop(&r);
    r = run("json", (dgm_slice){ 0 }, 1, 0);
    CU_ASSERT_EQUAL(r.status, DGM_UNKNOWN);
    TEST_TEXT(dgm_buffer_slice(&r.reports), "0  13 1 job.input.empty@0\n");
    drop(&r);
}

static dgm_status try_open(const dgm_job_options *o, const char *code, const char *near)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_job *job = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 10, &diags), DGM_OK);
    dgm_status s = dgm_job_open(context, o, diags, &job);
    CU_ASSERT_PTR_NULL(job);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), code ? 1 : 0);
    const dgm_diag *d = dgm_diags_at(diags, 0);
    if (code && d) {
        CU_ASSERT_STRING_EQUAL(dgm_diag_name(d->code), code);
        CU_ASSERT(d->argument_count > 0);
        TEST_TEXT(d->arguments[d->argument_count - 1].text, near);
    }
    dgm_diags_free(diags);
    dgm_job_close(job);
    return s;
}

static void wrong_options_are_told(void)
{
    result r = { .status = DGM_OK };
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .to = DGM_LITERAL("wco-declaraton"),
                          .outlet = { open_output, close_output, &r } };
    CU_ASSERT_EQUAL(try_open(&o, "job.format.unknown", "wco-declaration"), DGM_UNKNOWN);
    o.to = DGM_LITERAL("json");
    o.from = DGM_LITERAL("edifct");
    CU_ASSERT_EQUAL(try_open(&o, "job.format.unknown", ""), DGM_UNKNOWN);
    o.from = DGM_LITERAL("");
    dgm_named setting = { DGM_LITERAL("writer.indnt"), DGM_LITERAL("2") };
    o.settings = &setting;
    o.setting_count = 1;
    CU_ASSERT_EQUAL(try_open(&o, "job.setting.unknown", "indent"), DGM_CONFIG);
    setting = (dgm_named){ DGM_LITERAL("writer.indent"), DGM_LITERAL("many") };
    CU_ASSERT_EQUAL(try_open(&o, "job.setting.value", "a whole number"), DGM_CONFIG);
    setting = (dgm_named){ DGM_LITERAL("indent"), DGM_LITERAL("2") };
    CU_ASSERT_EQUAL(try_open(&o, "job.setting.unknown", "reader.… or writer.…"), DGM_CONFIG);
    o.setting_count = 0;
    o.struct_bytes = 3;
    CU_ASSERT_EQUAL(try_open(&o, NULL, NULL), DGM_USAGE);
}

static dgm_status fail_write(void *ctx, dgm_slice bytes)
{
    (void)ctx;
    (void)bytes;
    return DGM_IO;
}

static dgm_status open_failing(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number;
    (void)format;
    *out = (dgm_sink){ fail_write, ctx };
    return DGM_OK;
}

static dgm_status close_failing(void *ctx, bool complete)
{
    *(int *)ctx += complete ? 100 : 1;
    return DGM_OK;
}

/* A full disk ends the job at once, with everything in flight given up and nothing called complete. */
static void outlet_that_fails(void)
{
    corpus_options c = { 0 };
    dgm_slice input = corpus_make(&c, 50000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(input.at);
    for (uint32_t threads = 1; threads < 4; threads++) {
        int closed = 0;
        dgm_job_options o = { .struct_bytes = sizeof o,
                              .to = DGM_LITERAL("wco-declaration"),
                              .outlet = { open_failing, close_failing, &closed },
                              .threads = threads };
        dgm_job *job = NULL;
        CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
        CU_ASSERT_EQUAL(dgm_job_whole(job, input), DGM_IO);
        CU_ASSERT_EQUAL(dgm_job_feed(job, DGM_LITERAL("x"), true), DGM_IO);
        CU_ASSERT_EQUAL(dgm_job_count(job).outputs, 0);
        dgm_job_close(job);
        CU_ASSERT_EQUAL(closed, 1);
    }
    free((char *)(uintptr_t)input.at);
}

/* One job over several inputs, of different kinds, says and writes what jobs of their own would. */
static void again_is_as_good_as_new(void)
{
    static const char *const texts[] = {
        "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {\"FunctionCode\": \"9\"}}",
        "UNB+UNOC:3+A+B+260101:0900+1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNT+3+1'UNZ+1+1'",
        "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {\"FunctionCode\": \"13\"}}",
        "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {\"FunctionCod\": \"13\"}}",
    };
    dgm_mem mem = dgm_mem_default();
    result all = { .status = DGM_OK }, alone[4];
    dgm_buffer_init(&all.outputs, &mem);
    dgm_buffer_init(&all.reports, &mem);
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .to = DGM_LITERAL("json"),
                          .accounts = true,
                          .outlet = { open_output, close_output, &all },
                          .report = report,
                          .report_ctx = &all };
    dgm_job *job = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_job_open(context, &o, NULL, &job), DGM_OK);
    CU_ASSERT_EQUAL(dgm_job_again(job), DGM_USAGE);
    size_t said = 0;
    uint64_t outputs = 0, refused = 0;
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(dgm_job_feed(job, dgm_slice_of(texts[i]), true), DGM_OK);
        alone[i] = run("json", dgm_slice_of(texts[i]), 1, strlen(texts[i]));
        test_slice_equal(dgm_slice_part(dgm_buffer_slice(&all.reports), said, all.reports.len), dgm_buffer_slice(&alone[i].reports),
                         __FILE__, __LINE__);
        said = all.reports.len;
        outputs += alone[i].counts.outputs;
        refused += alone[i].counts.refused;
        drop(&alone[i]);
        CU_ASSERT_EQUAL(dgm_job_again(job), DGM_OK);
    }
    CU_ASSERT_EQUAL(dgm_job_count(job).outputs, outputs);
    CU_ASSERT_EQUAL(dgm_job_count(job).refused, refused);
    CU_ASSERT_EQUAL(outputs, 2);
    dgm_job_close(job);
    drop(&all);
}

int main(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_diags_new(&mem, 10, &diags) != DGM_OK || dgm_context_open(&o, diags, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 3;
    }
    static const test_case cases[] = { { "threads change nothing", threads_change_nothing },
                                       { "neighbours of a broken message come out", neighbours_come_out },
                                       { "envelopes cost no message", envelopes_cost_no_message },
                                       { "a refused document leaves no output", refused_alone_leaves_no_output },
                                       { "inputs nobody knows", inputs_nobody_knows },
                                       { "wrong options are told", wrong_options_are_told },
                                       { "an outlet that fails", outlet_that_fails },
                                       { "again is as good as new", again_is_as_good_as_new },
                                       { 0 } };
    int failed = test_main("job", cases);
    dgm_context_free(context);
    dgm_diags_free(diags);
    return failed;
}
