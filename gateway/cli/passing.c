/* SPDX-License-Identifier: Apache-2.0
 *
 * passing.c - what the commands that write have in common: what was wrong goes to standard error as it is told, outputs are named
 * after the input whose turn it is, and an output that failed says why itself. One thread.
 */
#include "cli.h"

static void report(void *ctx, const dgm_message_report *r)
{
    cli_passing *p = ctx;
    cli_print_diags(&p->feeding, &p->c->err, r->diags);
    cli_advise_seen(&p->feeding, r);
    if (p->explain && r->status == DGM_OK) {
        cli_progress_clear(&p->feeding);
        (void)dgm_report_explain(r, DGM_NONE, cli_stream_sink(&p->c->err));
    }
    cli_progress_step(&p->feeding, r->at_byte + r->bytes, dgm_job_count(r->job).messages);
}

static void begin(void *ctx, const cli_input *in)
{
    cli_output_of(((cli_passing *)ctx)->output, in->name);
}

static void add(dgm_job_counts *all, const dgm_job_counts *one)
{
    all->messages += one->messages;
    all->refused += one->refused;
    all->outputs += one->outputs;
    all->errors += one->errors;
    all->warnings += one->warnings;
    all->residue += one->residue;
    all->unsaid += one->unsaid;
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    cli_passing *p = ctx;
    add(&p->all, &e->counts);
    if (e->status == DGM_IO && cli_output_failed(p->output))
        e->code = CLI_DONE; /* the standard one or a file: it has its own code */
    else if (!p->c->out.error)
        cli_turn_failed(p->c, in, e);
    return !cli_output_failed(p->output);
}

cli_exit cli_pass_open(cli *c, cli_passing *p)
{
    *p = (cli_passing){ .c = c, .feeding = { .wanted = true }, .explain = c->args.given[OPT_EXPLAIN] };
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    if (code == CLI_DONE) code = cli_output_open(c, &p->output);
    return code;
}

/* *written: outputs are in place. */
static cli_exit pass(cli_passing *p, dgm_job_options *o, bool *written)
{
    o->report = report;
    o->report_ctx = p;
    cli_exit code = cli_inputs_run(p->c, &p->feeding, o, &(cli_turns){ begin, end, p });
    cli_exit ended = cli_output_finish(p->output, code <= CLI_REFUSED || code == CLI_ENVIRONMENT);
    *written = ended == CLI_DONE && (code <= CLI_REFUSED || code == CLI_ENVIRONMENT);
    return cli_worse(code, ended);
}

cli_exit cli_pass_run(cli_passing *p, dgm_job_options *o)
{
    cli_counter k;
    cli_exit code = cli_counter_open(p->c, &k);
    if (code != CLI_DONE) return cli_worse(code, cli_output_finish(p->output, false));
    cli_kept kept;
    o->counter = cli_counter_of(&k);
    code = cli_kept_open(p->c, p->c->args.value[OPT_STORE], false, &kept);
    if (code == CLI_DONE) {
        o->store = kept.store;
        bool written = false;
        code = pass(p, o, &written);
        code = cli_worse(code, cli_kept_close(&kept, written));
    } else {
        code = cli_worse(code, cli_output_finish(p->output, false));
    }
    cli_counter_close(&k);
    return code;
}
