/* SPDX-License-Identifier: Apache-2.0
 *
 * validate.c - the command validate: every record about every message, and whether the input is accepted. One thread.
 */
#include "cli.h"

typedef struct validating {
    cli *c;
    cli_feeding feeding;
} validating;

static void report(void *ctx, const dgm_message_report *r)
{
    validating *v = ctx;
    cli_print_diags(&v->feeding, &v->c->err, r->diags);
    cli_advise_seen(&v->feeding, r);
    cli_progress_step(&v->feeding, r->at_byte + r->bytes, dgm_job_count(r->job).messages);
}

static void verdict(cli *c, dgm_slice name, bool accepted, const dgm_job_counts *n)
{
    cli_stream *s = &c->out;
    if (c->json) {
        cli_put(s, "{\"input\":");
        cli_put_json(s, name);
        cli_print(s, ",\"accepted\":%s,\"messages\":%llu,\"refused\":%llu,\"errors\":%llu,\"warnings\":%llu,\"residue\":%llu}\n",
                  accepted ? "true" : "false", (unsigned long long)n->messages, (unsigned long long)n->refused,
                  (unsigned long long)n->errors, (unsigned long long)n->warnings, (unsigned long long)n->residue);
        return;
    }
    if (c->quiet && accepted) return;
    cli_print(s, "%s%s%s ", cli_ink_of(s, accepted ? INK_GOOD : INK_BAD), accepted ? "✓" : "✗", cli_ink_of(s, INK_OFF));
    cli_put_visible(s, name, SIZE_MAX);
    cli_print(s, ": %s; %llu message%s, %llu error%s, %llu warning%s\n", accepted ? "accepted" : "refused",
              (unsigned long long)n->messages, n->messages == 1 ? "" : "s", (unsigned long long)n->errors,
              n->errors == 1 ? "" : "s", (unsigned long long)n->warnings, n->warnings == 1 ? "" : "s");
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    cli *c = ((validating *)ctx)->c;
    cli_turn_failed(c, in, e);
    if (e->code <= CLI_REFUSED) verdict(c, in->name, e->code == CLI_DONE, &e->counts);
    (void)cli_stream_flush(&c->out);
    return true;
}

cli_exit cli_run_validate(cli *c)
{
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    if (code != CLI_DONE) return code;
    validating v = { .c = c, .feeding = { .wanted = true } };
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    o.level_usual = DGM_LITERAL("advice");
    o.map = !dgm_slice_is(o.level, "syntax"); /* what a mapping and the model ask for goes beyond */
    o.report = report;
    o.report_ctx = &v;
    cli_signing signing;
    code = cli_signing_open(c, &o, &signing);
    if (code != CLI_DONE) return code;
    code = cli_inputs_run(c, &v.feeding, &o, &(cli_turns){ .end = end, .ctx = &v });
    cli_signing_close(&signing);
    return code;
}
