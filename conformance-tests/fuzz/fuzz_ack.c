/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_ack.c - any bytes as an EDIFACT input that is answered: each CONTRL and APERAK is a message that reads without errors, codes
 * included, says something, and no CONTRL answers a CONTRL. The first byte chooses how it is answered, the second how the input is
 * cut. One thread.
 */
#include "conformance-tests/support/fuzz_job.h"

enum { INPUT_MAX = 1 << 16, WAYS = 128, WHOLE_EVERY = 64 };

typedef struct bench {
    fuzz_pass answer, again;
} bench;

/* What is known of the answers that are read. */
typedef struct seen {
    unsigned contrl, others;
} seen;

static void look_at_answer(fuzz_pass *p, const dgm_message_report *report)
{
    seen *s = p->ctx;
    dgm_acked *acked = NULL;
    fuzz_must(dgm_acked_read(report, &acked) == DGM_OK, "an answer is read as one");
    fuzz_must(acked->count > 0, "an answer says something");
    dgm_acked_free(acked);
    if (dgm_slice_is(dgm_slice_part(report->type, 0, 7), "CONTRL:"))
        s->contrl++;
    else
        s->others++;
}

static size_t settings_of(unsigned way, dgm_named *settings)
{
    static const char *const answers[] = { "contrl", "contrl", "aperak", "both" };
    static const char *const syntaxes[] = { "", "UNOC:3", "UNOA:4", "UNOB:2" };
    size_t n = 0;
#define SET(name, value) settings[n++] = (dgm_named){ DGM_LITERAL(name), dgm_slice_of(value) }
    SET("ack.answer", answers[way & 3]);
    if (way & 4) SET("ack.messages", "all");
    if (way >> 3 & 3) SET("ack.syntax", syntaxes[way >> 3 & 3]);
    if (way & 32) SET("ack.warnings", "yes");
    if (way & 32) SET("ack.types", "CUSDEC,CUSCAR,CONTRL");
    if (way & 64) SET("ack.line-breaks", "yes");
#undef SET
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bench kept[WAYS];
    static fuzz_pass check;
    dgm_named settings[8];
    seen s = { 0 };
    if (size < 2 || size > INPUT_MAX) return 0;
    const unsigned way = data[0] % WAYS;
    bench *b = &kept[way];
    dgm_slice input = { (const char *)data + 2, size - 2 };
    size_t chunk = data[1] & 1 ? size : 1 + data[1] % 61u;
    dgm_job_options o = { .from = DGM_LITERAL("edifact"),
                          .level = way & 64 ? DGM_LITERAL("directory") : DGM_LITERAL("codes"),
                          .settings = settings,
                          .setting_count = settings_of(way, settings),
                          .map = (way & 3) > 1,
                          .ack = fuzz_pass_outlet(&b->answer) };
    fuzz_pass_run(&b->answer, &o, input, fuzz_choice(data, size) % WHOLE_EVERY == 0 ? 0 : chunk);
    dgm_slice out = dgm_buffer_slice(&b->answer.out);
    if (out.len) {
        const dgm_job_options reading = { .from = DGM_LITERAL("edifact"), .level = DGM_LITERAL("codes") };
        check.look = look_at_answer;
        check.ctx = &s;
        fuzz_pass_run(&check, &reading, out, out.len);
        fuzz_pass_must(check.counts.errors == 0, &b->answer, "an answer is right");
        fuzz_pass_must(s.contrl + s.others >= b->answer.outputs, &b->answer, "each output is an answer");
    }
    if (s.contrl && !s.others) {
        o.ack = fuzz_pass_outlet(&b->again);
        fuzz_pass_run(&b->again, &o, out, out.len);
        fuzz_pass_must(b->again.outputs == 0, &b->answer, "no answer to an answer");
    }
    if (fuzz_tired()) {
        for (int i = 0; i < WAYS; i++) {
            fuzz_pass_free(&kept[i].answer);
            fuzz_pass_free(&kept[i].again);
        }
        fuzz_pass_free(&check);
    }
    return 0;
}
