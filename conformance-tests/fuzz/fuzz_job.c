/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_job.c - whatever bytes: a whole job must end with a documented status, say something when it refuses, and crash never. The
 * first byte chooses target and chunk, the rest is the input. One thread.
 */
#include "base/slice.h"
#include "dragoman.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static dgm_status take(void *ctx, dgm_slice bytes)
{
    volatile char *seen = ctx;
    for (size_t i = 0; i < bytes.len; i += 64) *seen = bytes.at[i]; /* a sanitizer looks at what is written */
    return DGM_OK;
}

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ take, ctx };
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static dgm_status nowhere(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

/* Printing a record is part of what must not crash; a refusal must have one. */
static void look_at(void *ctx, const dgm_message_report *report)
{
    (void)ctx;
    for (size_t i = 0; i < dgm_diags_count(report->diags); i++)
        if (dgm_diag_print(dgm_diags_at(report->diags, i), &(dgm_diag_style){ .form = i & 1 ? DGM_DIAG_JSON : DGM_DIAG_TEXT },
                           (dgm_sink){ nowhere, NULL }) != DGM_OK)
            abort();
    if (report->status == DGM_INVALID && dgm_diags_errors(report->diags) == 0) abort();
    dgm_report_explain(report, DGM_NONE, (dgm_sink){ nowhere, NULL });
}

static const dgm_context *shared_context(void)
{
    static dgm_context *context;
    dgm_context_options options = { .struct_bytes = sizeof options };
    if (!context && dgm_context_open(&options, NULL, &context) != DGM_OK) abort();
    return context;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const targets[] = { "wco-declaration", "cusdec-d96b", "json", "" };
    static const size_t chunks[] = { 0, 1, 7, 61 };
    char seen = 0;
    if (size == 0) return 0;
    dgm_slice input = { (const char *)data + 1, size - 1 };
    size_t chunk = chunks[data[0] >> 2 & 3];
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .to = dgm_slice_of(targets[data[0] & 3]),
                                .accounts = data[0] & 16,
                                .explain = data[0] & 32,
                                .strict = data[0] & 64,
                                .map = data[0] & 128,
                                .outlet = { open_output, close_output, &seen },
                                .report = look_at };
    if (dgm_job_open(shared_context(), &options, NULL, &job) != DGM_OK) abort();
    dgm_status status = chunk ? DGM_OK : dgm_job_whole(job, input);
    for (size_t at = 0; chunk && status == DGM_OK; at += chunk) {
        bool last = at + chunk >= input.len;
        status = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), last);
        if (last) break;
    }
    if (status != DGM_OK && status != DGM_UNKNOWN && status != DGM_NOMEM) abort();
    dgm_job_close(job);
    return 0;
}
