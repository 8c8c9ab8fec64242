/* SPDX-License-Identifier: Apache-2.0
 *
 * translate.c - the command translate: every input through a job, documents to the outputs, records to standard error. One thread.
 */
#include "cli.h"

#include <stdio.h>

typedef struct translating {
    cli *c;
    cli_feeding feeding;
    cli_output *output;
    dgm_job_counts all;
    bool explain;
} translating;

static void report(void *ctx, const dgm_message_report *r)
{
    translating *t = ctx;
    cli_print_diags(&t->feeding, &t->c->err, r->diags);
    if (t->explain && r->status == DGM_OK) {
        cli_progress_clear(&t->feeding);
        (void)dgm_report_explain(r, DGM_NONE, cli_stream_sink(&t->c->err));
    }
    cli_progress_step(&t->feeding, r->at_byte + r->bytes, dgm_job_count(r->job).messages);
}

static void add(dgm_job_counts *all, dgm_job_counts one)
{
    all->messages += one.messages;
    all->refused += one.refused;
    all->outputs += one.outputs;
    all->errors += one.errors;
    all->warnings += one.warnings;
    all->residue += one.residue;
    all->unsaid += one.unsaid;
}

static void begin(void *ctx, const cli_input *in)
{
    cli_output_of(((translating *)ctx)->output, in->name);
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    translating *t = ctx;
    add(&t->all, e->counts);
    /* An output that failed, the standard one or a file, has its own code and says why itself. */
    if (e->status == DGM_IO && cli_output_failed(t->output))
        e->code = CLI_DONE;
    else if (!t->c->out.error)
        cli_turn_failed(t->c, in, e);
    return !cli_output_failed(t->output);
}

static void number(cli_stream *s, uint64_t n, const char *one_thing, const char *many)
{
    cli_print(s, "%llu %s", (unsigned long long)n, n == 1 ? one_thing : many);
}

/* A last line for people when there is more to tell than "it worked". */
static void summary(cli *c, const dgm_job_counts *n)
{
    if (c->quiet || c->json || (n->messages <= 1 && !n->errors && !n->warnings)) return;
    cli_stream *s = &c->err;
    cli_print(s, "%s%s%s ", cli_ink_of(s, n->refused ? INK_BAD : INK_GOOD), n->refused ? "✗" : "✓", cli_ink_of(s, INK_OFF));
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
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    if (code != CLI_DONE) return code;
    translating t = { .c = c, .explain = c->args.given[OPT_EXPLAIN], .feeding = { .wanted = true } };
    code = cli_output_open(c, &t.output);
    if (code != CLI_DONE) return code;
    dgm_job_options o = cli_job_options(c, c->args.value[OPT_TO]);
    o.outlet = cli_output_outlet(t.output);
    o.report = report;
    o.report_ctx = &t;
    code = cli_inputs_run(c, &t.feeding, &o, &(cli_turns){ begin, end, &t });
    code = cli_worse(code, cli_output_finish(t.output, code <= CLI_REFUSED || code == CLI_ENVIRONMENT));
    summary(c, &t.all);
    return code;
}
