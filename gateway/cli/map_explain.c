/* SPDX-License-Identifier: Apache-2.0
 *
 * map_explain.c - `map explain MESSAGE [PLACE]`: the way of each value back to the bytes it came from; and why a place is empty.
 * One thread.
 */
#include "map.h"

typedef struct explaining {
    cli *c;
    cli_feeding feeding;
    dgm_slice place;
    dgm_status status;
    bool missing; /* nothing is at the place */
} explaining;

static void report(void *ctx, const dgm_message_report *m)
{
    explaining *e = ctx;
    cli *c = e->c;
    cli_print_diags(&e->feeding, &c->err, m->diags);
    if (e->status != DGM_OK || !m->wire) return;
    e->status = dgm_report_explain_place(m, e->place, c->json, cli_stream_sink(&c->out));
    if (e->status != DGM_END) return;
    e->missing = true;
    e->status = DGM_OK;
}

cli_exit map_explain(cli *c, const dgm_slice *words, size_t n)
{
    if (n < 1 || n > 2) return cli_usage(c, "map explain takes a message, and perhaps a place");
    explaining e = { .c = c, .feeding = { .c = c }, .place = n > 1 ? words[1] : (dgm_slice){ 0 } };
    cli_exit code = cli_context_whole(c);
    cli_input in;
    if (code == CLI_DONE) code = map_sample_open(c, words[0], &in);
    if (code != CLI_DONE) return code;
    cli_feeding_turn(&e.feeding, &in);
    dgm_job_options o = map_sample_options(c);
    dgm_job_counts counts = { 0 };
    o.explain = true;
    o.accounts = false; /* what is lost is another question */
    o.report = report;
    o.report_ctx = &e;
    code = map_sample_run(c, c->context, in.mapped, &o, &counts);
    cli_input_close(&in);
    if (e.status == DGM_UNKNOWN) {
        cli_say(c, DGM_D_GATEWAY_EXPLAIN_PLACE, DGM_ERROR, e.place, (dgm_slice){ 0 });
        return CLI_USAGE;
    }
    if (code == CLI_DONE && e.status != DGM_OK) code = cli_exit_of(e.status);
    return code == CLI_DONE && (counts.refused || !counts.messages || e.missing) ? CLI_REFUSED : code;
}
