/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.c - the command ack: reads each input, checks it, and writes what its standard answers (a CONTRL for each EDIFACT
 * interchange). What was wrong goes to standard error. One thread.
 */
#include "cli.h"

typedef struct acking {
    cli *c;
    cli_feeding feeding;
    cli_output *output;
} acking;

static void report(void *ctx, const dgm_message_report *r)
{
    acking *a = ctx;
    cli_print_diags(&a->feeding, &a->c->err, r->diags);
    cli_progress_step(&a->feeding, r->at_byte + r->bytes, dgm_job_count(r->job).messages);
}

static void begin(void *ctx, const cli_input *in)
{
    cli_output_of(((acking *)ctx)->output, in->name);
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    acking *a = ctx;
    if (e->status == DGM_IO && cli_output_failed(a->output))
        e->code = CLI_DONE; /* it has its own code and says why itself */
    else if (!a->c->out.error)
        cli_turn_failed(a->c, in, e);
    return !cli_output_failed(a->output);
}

/* Is anything said of what a document means? Then it is mapped. --aperak becomes a setting. */
static bool answers_documents(cli *c)
{
    cli_args *a = &c->args;
    if (a->given[OPT_APERAK]) a->settings[a->setting_count++] = (dgm_named){ DGM_LITERAL("ack.answer"), DGM_LITERAL("aperak") };
    for (size_t i = 0; i < a->setting_count; i++)
        if (dgm_slice_is(a->settings[i].name, "ack.answer") && !dgm_slice_is(a->settings[i].value, "contrl")) return true;
    return false;
}

cli_exit cli_run_ack(cli *c)
{
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    if (code != CLI_DONE) return code;
    if (c->args.given[OPT_OF] && !c->args.given[OPT_READ]) return cli_usage(c, "--of needs --read");
    if (c->args.given[OPT_READ]) return cli_ack_read(c);
    acking a = { .c = c, .feeding = { .wanted = true } };
    code = cli_output_open(c, &a.output);
    if (code != CLI_DONE) return code;
    const bool documents = answers_documents(c);
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    /* A partner is told of all that is wrong; where only documents are answered, their mapping knows which codes are good. */
    o.level = c->args.value[OPT_LEVEL];
    if (!o.level.len && !c->args.given[OPT_APERAK]) o.level = DGM_LITERAL("codes");
    o.map = documents;
    o.ack = cli_output_outlet(a.output);
    o.report = report;
    o.report_ctx = &a;
    code = cli_inputs_run(c, &a.feeding, &o, &(cli_turns){ begin, end, &a });
    return cli_worse(code, cli_output_finish(a.output, code <= CLI_REFUSED || code == CLI_ENVIRONMENT));
}
