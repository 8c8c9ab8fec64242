/* SPDX-License-Identifier: Apache-2.0
 *
 * ack.c - the command ack: reads each input, checks it, and writes what its standard answers (a CONTRL for each EDIFACT
 * interchange), or what customs answers to a declaration (CUSRES, WCO response). What was wrong goes to standard error. One thread.
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

/* What customs answers, in which format; empty: the standard answers. */
static dgm_slice format_of_answer(const cli *c)
{
    dgm_slice kind = c->args.value[OPT_ANSWER];
    if (dgm_slice_is(kind, "contrl") || dgm_slice_is(kind, "aperak")) return (dgm_slice){ 0 };
    if (dgm_slice_is(kind, "cusres")) return DGM_LITERAL("cusres-d96b");
    return dgm_slice_is(kind, "response") ? DGM_LITERAL("wco-response") : kind;
}

static cli_exit respond(cli *c, dgm_slice format)
{
    if (c->args.given[OPT_APERAK] || c->args.given[OPT_SEEN])
        return cli_usage(c, "--answer %.*s goes without --aperak and --seen", (int)c->args.value[OPT_ANSWER].len,
                         c->args.value[OPT_ANSWER].at);
    cli_passing p;
    cli_exit code = cli_pass_open(c, &p);
    if (code != CLI_DONE) return code;
    dgm_job_options o = cli_job_options(c, format);
    o.respond = true;
    o.outlet = cli_output_outlet(p.output);
    return cli_pass_run(&p, &o);
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
    dgm_slice format = format_of_answer(c);
    if (format.len) return respond(c, format);
    if (dgm_slice_is(c->args.value[OPT_ANSWER], "aperak")) c->args.given[OPT_APERAK] = true;
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
