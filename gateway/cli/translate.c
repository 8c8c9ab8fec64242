/* SPDX-License-Identifier: Apache-2.0
 *
 * translate.c - the command translate: every input through a job, documents to the outputs, records to standard error. One thread.
 */
#include "cli.h"

#include "gateway/delivery/crash.h"

#include <stdio.h>

static void number(cli_stream *s, uint64_t n, const char *one_thing, const char *many)
{
    cli_print(s, "%llu %s", (unsigned long long)n, n == 1 ? one_thing : many);
}

/* A last line for people when there is more to tell than "it worked". */
static void summary(cli *c, const dgm_job_counts *n)
{
    if (c->quiet || c->json || (n->messages <= 1 && !n->errors && !n->warnings)) return;
    cli_stream *s = &c->err;
    bool bad = n->refused || n->errors;
    cli_print(s, "%s%s%s ", cli_ink_of(s, bad ? INK_BAD : INK_GOOD), bad ? "✗" : "✓", cli_ink_of(s, INK_OFF));
    number(s, n->messages, "message", "messages");
    cli_print(s, ", %llu refused, ", (unsigned long long)n->refused);
    number(s, n->outputs, "document", "documents");
    cli_put(s, " written, ");
    number(s, n->errors, "error", "errors");
    cli_put(s, ", ");
    number(s, n->warnings, "warning", "warnings");
    if (n->residue || n->unsaid)
        cli_print(s, "; values lost: %llu read by no rule, %llu the target cannot say", (unsigned long long)n->residue,
                  (unsigned long long)n->unsaid);
    cli_put(s, "\n");
}

cli_exit cli_run_translate(cli *c)
{
    cli_passing p;
#ifdef DGM_TESTING
    if (c->args.given[OPT_CRASH_AT] && !dgm_crash_arm(c->args.value[OPT_CRASH_AT].at))
        return cli_usage(c, "there is no crash point '%s'", c->args.value[OPT_CRASH_AT].at);
#endif
    cli_exit code = cli_pass_open(c, &p);
    if (code != CLI_DONE) return code;
    dgm_job_options o = cli_job_options(c, c->args.value[OPT_TO]);
    o.outlet = cli_output_outlet(p.output);
    cli_signing signing;
    code = cli_signing_open(c, &o, &signing);
    if (code != CLI_DONE) return cli_worse(code, cli_output_finish(p.output, false));
    code = cli_pass_run(&p, &o);
    cli_signing_close(&signing);
    summary(c, &p.all);
    return code;
}
