/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_job.h - jobs that fuzz targets keep from run to run: one for each way to set it, with all that it puts out in one buffer.
 * The clock stands still, so that the same input always gives the same output. One thread.
 */
#ifndef DGM_FUZZ_JOB_H
#define DGM_FUZZ_JOB_H

#include "base/buffer.h"
#include "conformance-tests/support/fuzz_kit.h"

static inline int64_t fuzz_now(void *ctx)
{
    (void)ctx;
    return 1795343000000; /* a day in November 2026 */
}

static inline const dgm_context *fuzz_context(void)
{
    static dgm_context *context;
    if (context) return context;
    dgm_context_options options = { .struct_bytes = sizeof options, .world = dgm_world_default() };
    options.world.now_ms = fuzz_now;
    fuzz_must(dgm_context_open(&options, NULL, &context) == DGM_OK, "the mappings are loaded");
    return context;
}

typedef struct fuzz_pass {
    dgm_job *job;
    dgm_buffer out;                                                         /* all outputs of the input, one behind the other */
    uint32_t outputs;                                                       /* how many */
    dgm_job_counts counts;                                                  /* of the input alone */
    size_t told;                                                            /* errors told so far */
    void (*look)(struct fuzz_pass *pass, const dgm_message_report *report); /* may be NULL */
    void *ctx;
} fuzz_pass;

static inline dgm_status fuzz_pass_write(void *ctx, dgm_slice bytes)
{
    return dgm_buffer_append(&((fuzz_pass *)ctx)->out, bytes);
}

static inline dgm_status fuzz_pass_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    ((fuzz_pass *)ctx)->outputs++;
    *out = (dgm_sink){ fuzz_pass_write, ctx };
    return DGM_OK;
}

static inline dgm_status fuzz_pass_close(void *ctx, bool complete)
{
    (void)ctx;
    fuzz_must(complete, "no output is given up when nothing fails");
    return DGM_OK;
}

static inline dgm_status fuzz_nowhere(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

/* A refusal has a reason, its own or its interchange's, which is told with the first message of it; and each record can be
 * printed. */
static inline void fuzz_pass_report(void *ctx, const dgm_message_report *report)
{
    fuzz_pass *p = ctx;
    p->told += dgm_diags_errors(report->diags);
    fuzz_must(report->status != DGM_INVALID || p->told > 0, "a refusal has a reason");
    for (size_t i = 0; i < dgm_diags_count(report->diags) && i < 2; i++) {
        const dgm_diag_style style = { .form = i & 1 ? DGM_DIAG_JSON : DGM_DIAG_TEXT };
        const dgm_diag *d = dgm_diags_at(report->diags, i);
        fuzz_must(dgm_diag_print(d, &style, (dgm_sink){ fuzz_nowhere, NULL }) == DGM_OK, "a record is printed");
    }
    if (p->look) p->look(p, report);
}

static inline dgm_outlet fuzz_pass_outlet(fuzz_pass *p)
{
    return (dgm_outlet){ fuzz_pass_open, fuzz_pass_close, p };
}

static inline void fuzz_pass_free(fuzz_pass *p)
{
    dgm_job_close(p->job);
    if (p->out.at) dgm_buffer_free(&p->out);
    *p = (fuzz_pass){ 0 };
}

/* One input through the job of a pass, which is opened with these options the first time. chunk 0: as a whole, where it lies. */
static inline void fuzz_pass_run(fuzz_pass *p, const dgm_job_options *options, dgm_slice input, size_t chunk)
{
    dgm_status st = DGM_OK;
    if (!p->job) {
        dgm_job_options o = *options;
        o.struct_bytes = sizeof o;
        o.report = fuzz_pass_report;
        o.report_ctx = p;
        dgm_buffer_init(&p->out, NULL);
        fuzz_must(dgm_job_open(fuzz_context(), &o, NULL, &p->job) == DGM_OK, "a job opens");
    } else {
        st = dgm_job_again(p->job);
    }
    const dgm_job_counts before = dgm_job_count(p->job);
    p->out.len = p->told = p->outputs = 0;
    if (st == DGM_OK && chunk == 0) st = dgm_job_whole(p->job, input);
    for (size_t at = 0; st == DGM_OK && chunk; at += chunk) {
        st = dgm_job_feed(p->job, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len);
        if (at + chunk >= input.len) break;
    }
    fuzz_must(st == DGM_OK, "a job ends well");
    const dgm_job_counts now = dgm_job_count(p->job);
    p->counts = (dgm_job_counts){ now.messages - before.messages, now.refused - before.refused,   now.outputs - before.outputs,
                                  now.errors - before.errors,     now.warnings - before.warnings, now.residue - before.residue,
                                  now.unsaid - before.unsaid };
}

/* What was put out as text, for who looks at a finding. */
static inline void fuzz_pass_must(bool holds, const fuzz_pass *p, const char *what)
{
    if (holds) return;
    fprintf(stderr, "messages %llu refused %llu errors %llu; put out:\n%.*s\n", (unsigned long long)p->counts.messages,
            (unsigned long long)p->counts.refused, (unsigned long long)p->counts.errors, (int)p->out.len,
            p->out.at ? p->out.at : "");
    fuzz_must(false, what);
}

#endif
