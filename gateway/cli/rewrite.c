/* SPDX-License-Identifier: Apache-2.0
 *
 * rewrite.c - the command rewrite: each input read, checked and written again in its own standard. What was wrong goes to standard
 * error. One thread.
 */
#include "cli.h"

typedef struct rewriting {
    cli *c;
    cli_feeding feeding;
    cli_output *output;
} rewriting;

static void report(void *ctx, const dgm_message_report *r)
{
    rewriting *w = ctx;
    cli_print_diags(&w->feeding, &w->c->err, r->diags);
    cli_progress_step(&w->feeding, r->at_byte + r->bytes, dgm_job_count(r->job).messages);
}

static void begin(void *ctx, const cli_input *in)
{
    cli_output_of(((rewriting *)ctx)->output, in->name);
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    rewriting *w = ctx;
    if (e->status == DGM_IO && cli_output_failed(w->output))
        e->code = CLI_DONE; /* it has its own code and says why itself */
    else if (!w->c->out.error)
        cli_turn_failed(w->c, in, e);
    return !cli_output_failed(w->output);
}

cli_exit cli_run_rewrite(cli *c)
{
    bool keep = c->args.given[OPT_AS_IT_CAME];
    for (size_t i = 0; keep && i < c->args.setting_count; i++)
        if (dgm_slice_is(dgm_slice_part(c->args.settings[i].name, 0, 7), "writer."))
            return cli_usage(c, "--keep writes what came; --set %.*s would change it", (int)c->args.settings[i].name.len,
                             c->args.settings[i].name.at);
    cli_exit code = cli_threads_possible(c);
    if (code == CLI_DONE) code = cli_context(c);
    if (code != CLI_DONE) return code;
    rewriting w = { .c = c, .feeding = { .wanted = true } };
    code = cli_output_open(c, &w.output);
    if (code != CLI_DONE) return code;
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    o.rewrite = keep ? DGM_REWRITE_KEEP : DGM_REWRITE_NORMAL;
    o.outlet = cli_output_outlet(w.output);
    o.report = report;
    o.report_ctx = &w;
    code = cli_inputs_run(c, &w.feeding, &o, &(cli_turns){ begin, end, &w });
    return cli_worse(code, cli_output_finish(w.output, code <= CLI_REFUSED || code == CLI_ENVIRONMENT));
}
