/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.c - the command ack: reads each input, checks it, and writes what its standard answers (a CONTRL for each EDIFACT
 * interchange). What was wrong goes to standard error. One thread.
 */
#include "cli.h"

/* Is anything said of what a document means? Then it is mapped. --aperak becomes a setting. */
static bool answers_documents(cli *c)
{
    cli_args *a = &c->args;
    if (a->given[OPT_APERAK]) a->settings[a->setting_count++] = (dgm_named){ DGM_LITERAL("ack.answer"), DGM_LITERAL("aperak") };
    for (size_t i = 0; i < a->setting_count; i++)
        if (dgm_slice_is(a->settings[i].name, "ack.answer") && !dgm_slice_is(a->settings[i].value, "contrl")) return true;
    return false;
}

static cli_exit read_answers(cli *c)
{
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    return code == CLI_DONE ? cli_ack_read(c) : code;
}

cli_exit cli_run_ack(cli *c)
{
    if (c->args.given[OPT_OF] && !c->args.given[OPT_READ]) return cli_usage(c, "--of needs --read");
    if (c->args.given[OPT_READ]) return read_answers(c);
    cli_passing p;
    cli_exit code = cli_pass_open(c, &p);
    if (code != CLI_DONE) return code;
    const bool documents = answers_documents(c);
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    /* A partner is told of all that is wrong; where only documents are answered, their mapping knows which codes are good. */
    if (!c->args.given[OPT_APERAK]) o.level_usual = DGM_LITERAL("codes");
    o.map = documents;
    o.ack = cli_output_outlet(p.output);
    cli_seen seen;
    code = cli_seen_open(c, c->args.value[OPT_SEEN], &seen);
    if (code != CLI_DONE) return cli_worse(code, cli_output_finish(p.output, false));
    o.seen = cli_seen_register(&seen);
    code = cli_pass_run(&p, &o);
    return cli_worse(code, cli_seen_finish(c, &seen, code <= CLI_REFUSED));
}
