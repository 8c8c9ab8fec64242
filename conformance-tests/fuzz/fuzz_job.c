/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_job.c - whatever bytes: a whole job must end with a documented status, say something when it refuses, and crash never. The
 * first byte chooses target and chunk, the rest is the input. Jobs are kept, one for each way to set it. One thread.
 */
#include "conformance-tests/support/fuzz_job.h"

enum { WAYS = 64 };

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

/* Printing a record is part of what must not crash; a refusal must have one. */
static void look_at(void *ctx, const dgm_message_report *report)
{
    (void)ctx;
    for (size_t i = 0; i < dgm_diags_count(report->diags); i++)
        if (dgm_diag_print(dgm_diags_at(report->diags, i), &(dgm_diag_style){ .form = i & 1 ? DGM_DIAG_JSON : DGM_DIAG_TEXT },
                           (dgm_sink){ fuzz_nowhere, NULL }) != DGM_OK)
            abort();
    if (report->status == DGM_INVALID && dgm_diags_errors(report->diags) == 0) abort();
    dgm_report_explain(report, DGM_NONE, (dgm_sink){ fuzz_nowhere, NULL });
}

static dgm_job *open_job(unsigned way, char *seen)
{
    static const char *const targets[] = { "wco-declaration", "cusdec-d96b", "json", "" };
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .to = dgm_slice_of(targets[way & 3]),
                                .accounts = way & 4,
                                .explain = way & 8,
                                .strict = way & 16,
                                .map = way & 32,
                                .outlet = { open_output, close_output, seen },
                                .report = look_at };
    fuzz_must(dgm_job_open(fuzz_context(), &options, NULL, &job) == DGM_OK, "a job opens");
    return job;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dgm_job *kept[WAYS];
    static char seen;
    static const size_t chunks[] = { 0, 1 << 20, 7, 61 };
    if (size == 0) return 0;
    dgm_slice input = { (const char *)data + 1, size - 1 };
    const unsigned way = (data[0] & 3u) | (data[0] >> 4u & 15u) << 2;
    size_t chunk = chunks[data[0] >> 2 & 3];
    dgm_job *job = kept[way];
    dgm_status status = DGM_OK;
    if (job)
        status = dgm_job_again(job);
    else
        job = kept[way] = open_job(way, &seen);
    fuzz_must(status == DGM_OK, "a job takes another input");
    if (chunk == 0) status = dgm_job_whole(job, input);
    for (size_t at = 0; chunk && status == DGM_OK; at += chunk) {
        bool last = at + chunk >= input.len;
        status = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), last);
        if (last) break;
    }
    fuzz_must(status == DGM_OK || status == DGM_UNKNOWN, "a job ends with a status that is documented");
    if (status != DGM_OK || fuzz_tired()) {
        dgm_job_close(job);
        kept[way] = NULL;
    }
    return 0;
}
