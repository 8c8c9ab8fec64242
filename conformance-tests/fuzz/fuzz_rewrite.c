/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_rewrite.c - any bytes as an EDIFACT input that is written again. Normalised, what comes out is accepted by the validator at
 * the same level, has as many messages as were accepted, and is the same when it is written again; kept, it is the input itself
 * when nothing was refused. The first byte chooses how, the second how it is cut. One thread.
 */
#include "conformance-tests/support/fuzz_job.h"

enum { INPUT_MAX = 1 << 16, WAYS = 64, WHOLE_EVERY = 64 };

typedef struct bench {
    fuzz_pass first, second, check;
} bench;

static const char *level_of(unsigned way)
{
    static const char *const levels[] = { "directory", "codes", "syntax", "advice" };
    return levels[way >> 1 & 3];
}

static dgm_job_options rewriting(unsigned way, fuzz_pass *p, dgm_named settings[4])
{
    const bool keep = way & 1;
    size_t n = 0;
    if (!keep && way & 8) settings[n++] = (dgm_named){ DGM_LITERAL("writer.line-breaks"), DGM_LITERAL("yes") };
    if (!keep && way & 16) settings[n++] = (dgm_named){ DGM_LITERAL("writer.una"), DGM_LITERAL("yes") };
    if (!keep && way & 32) settings[n++] = (dgm_named){ DGM_LITERAL("writer.security"), DGM_LITERAL("keep") };
    if (keep && way & 8) settings[n++] = (dgm_named){ DGM_LITERAL("reader.trailing"), DGM_LITERAL("error") };
    if (keep && way & 16) settings[n++] = (dgm_named){ DGM_LITERAL("reader.junk"), DGM_LITERAL("error") };
    return (dgm_job_options){ .from = DGM_LITERAL("edifact"),
                              .level = dgm_slice_of(level_of(way)),
                              .rewrite = keep ? DGM_REWRITE_KEEP : DGM_REWRITE_NORMAL,
                              .settings = settings,
                              .setting_count = n,
                              .outlet = fuzz_pass_outlet(p) };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bench kept[WAYS];
    dgm_named settings[4];
    if (size < 2 || size > INPUT_MAX) return 0;
    const unsigned way = data[0] % WAYS;
    const bool keep = way & 1;
    bench *b = &kept[way];
    dgm_slice input = { (const char *)data + 2, size - 2 };
    size_t chunk = data[1] & 1 ? size : 1 + data[1] % 61u;
    dgm_job_options o = rewriting(way, &b->first, settings);
    fuzz_pass_run(&b->first, &o, input, fuzz_choice(data, size) % WHOLE_EVERY == 0 ? 0 : chunk);
    const uint64_t accepted = b->first.counts.messages - b->first.counts.refused;
    dgm_slice out = dgm_buffer_slice(&b->first.out);
    fuzz_pass_must(accepted || out.len == 0, &b->first, "who accepts nothing puts nothing out");
    if (keep && accepted && b->first.counts.refused == 0)
        fuzz_pass_must(dgm_slice_equal(out, input), &b->first, "what is kept is as it came");
    if (!keep && accepted) {
        const dgm_job_options check = { .from = DGM_LITERAL("edifact"), .level = dgm_slice_of(level_of(way)) };
        fuzz_pass_run(&b->check, &check, out, out.len);
        fuzz_pass_must(b->check.counts.messages == accepted, &b->first, "each message is put out");
        fuzz_pass_must(b->check.counts.errors == 0, &b->first, "what is put out is accepted");
    }
    if (accepted &&
        (!keep || b->first.counts.refused == 0)) { /* around what was left out, remains may meet that become another thing */
        o.outlet = fuzz_pass_outlet(&b->second);
        fuzz_pass_run(&b->second, &o, out, out.len);
        if (!dgm_slice_equal(out, dgm_buffer_slice(&b->second.out))) {
            fprintf(stderr, "once: %.*s\n", (int)out.len, out.at);
            fuzz_pass_must(false, &b->second, "written twice is written once");
        }
    }
    if (fuzz_tired())
        for (int i = 0; i < WAYS; i++) {
            fuzz_pass_free(&kept[i].first);
            fuzz_pass_free(&kept[i].second);
            fuzz_pass_free(&kept[i].check);
        }
    return 0;
}
