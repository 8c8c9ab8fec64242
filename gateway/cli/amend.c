/* SPDX-License-Identifier: Apache-2.0
 *
 * amend.c - the command amend: a document and the message that says what changes in it become the full document, two full documents
 * the message between them; whatever formats they came in, and in the one that is asked for. One thread.
 */
#include "map.h"

#include "model/tree.h"

typedef struct amending {
    cli *c;
    cli_feeding feeding;
    dgm_tree *tree[2]; /* the base, and the other */
    size_t turn, seen;
    bool failed; /* no memory */
    dgm_buffer json;
} amending;

/* ---- what comes ---- */

static void keep(void *ctx, const dgm_message_report *r)
{
    amending *w = ctx;
    cli_print_diags(&w->feeding, &w->c->err, r->diags);
    if (!r->wire) return;
    w->seen++;
    if (w->seen == 1 && r->model && dgm_tree_own(r->model, &w->c->mem, &w->tree[w->turn]) != DGM_OK) w->failed = true;
}

/* The one document of an input. */
static cli_exit read_one(amending *w, dgm_slice name)
{
    cli *c = w->c;
    cli_input in;
    dgm_job_counts counts = { 0 };
    cli_exit code = map_sample_open(c, name, &in);
    if (code != CLI_DONE) return code;
    cli_feeding_turn(&w->feeding, &in);
    dgm_job_options o = map_sample_options(c);
    o.to = (dgm_slice){ 0 };
    o.accounts = false;
    o.report = keep;
    o.report_ctx = w;
    w->seen = 0;
    code = map_sample_run(c, c->context, in.mapped, &o, &counts);
    cli_input_close(&in);
    if (w->failed) return CLI_ENVIRONMENT;
    if (code == CLI_DONE && (counts.refused || !w->tree[w->turn] || w->seen != 1)) {
        if (!counts.refused) cli_say(c, DGM_D_GATEWAY_AMEND_ONE, DGM_ERROR, name, (dgm_slice){ 0 });
        code = CLI_REFUSED;
    }
    w->turn++;
    return code;
}

/* ---- what goes ---- */

static void report(void *ctx, const dgm_message_report *r)
{
    amending *w = ctx;
    cli_print_diags(&w->feeding, &w->c->err, r->diags);
}

static cli_exit write_json(amending *w, const dgm_tree *tree, dgm_slice format)
{
    dgm_output *o = NULL;
    dgm_status s = dgm_output_open(w->c->context, format, NULL, 0, dgm_buffer_sink(&w->json), w->c->diags, &o);
    if (s == DGM_OK) s = dgm_output_write(o, tree);
    if (s == DGM_OK) s = dgm_output_finish(o);
    dgm_output_free(o);
    return cli_exit_of(s);
}

/* As any document that came: checked, mapped, written. */
static cli_exit pass_on(amending *w)
{
    cli *c = w->c;
    cli_output *output = NULL;
    cli_exit code = cli_output_open(c, &output);
    if (code != CLI_DONE) return code;
    dgm_slice to = c->args.value[OPT_TO];
    dgm_job_options o = cli_job_options(c, to.len ? to : DGM_LITERAL("json"));
    dgm_job_counts counts = { 0 };
    cli_input in = { .name = c->args.inputs[1], .mapped = dgm_buffer_slice(&w->json), .whole = true };
    cli_feeding_turn(&w->feeding, &in);
    cli_output_of(output, c->args.inputs[1]);
    o.from = (dgm_slice){ 0 };
    o.threads = 1;
    o.outlet = cli_output_outlet(output);
    o.report = report;
    o.report_ctx = w;
    code = map_sample_run(c, c->context, in.mapped, &o, &counts);
    if (code == CLI_DONE && counts.refused) code = CLI_REFUSED;
    return cli_worse(code, cli_output_finish(output, code == CLI_DONE));
}

static cli_exit change(amending *w, bool makes)
{
    cli *c = w->c;
    dgm_document *d = NULL;
    const dgm_tree *made = NULL;
    const dgm_amendment how = { .struct_bytes = sizeof how,
                                .function = c->args.given[OPT_FUNCTION] ? c->args.value[OPT_FUNCTION] : DGM_LITERAL("13"),
                                .type = c->args.given[OPT_TYPE] ? c->args.value[OPT_TYPE] : DGM_LITERAL("COR"),
                                .reference = c->args.value[OPT_REFERENCE],
                                .reason = c->args.value[OPT_REASON] };
    dgm_slice format =
        dgm_arena_print(&c->arena, "json:%.*s", (int)dgm_shape_name(w->tree[0]->shape).len, dgm_shape_name(w->tree[0]->shape).at);
    if (w->tree[0]->shape != w->tree[1]->shape) {
        cli_say(c, DGM_D_GATEWAY_DIFF_OTHER, DGM_ERROR, DGM_LITERAL("1"), (dgm_slice){ 0 });
        return CLI_REFUSED;
    }
    dgm_status s = format.at ? dgm_document_new(c->context, format, c->diags, &d) : DGM_NOMEM;
    if (s == DGM_OK)
        s = makes ? dgm_document_difference(d, w->tree[0], w->tree[1], &how, c->diags)
                  : dgm_document_amend(d, w->tree[0], w->tree[1], c->diags);
    if (s == DGM_OK) s = dgm_document_tree(d, &made);
    cli_print_own(c);
    cli_exit code = s == DGM_OK ? write_json(w, made, format) : cli_exit_of(s);
    dgm_document_free(d);
    return code;
}

cli_exit cli_run_amend(cli *c)
{
    dgm_slice verb = c->args.inputs[0];
    bool makes = dgm_slice_is(verb, "make");
    if ((!makes && !dgm_slice_is(verb, "apply")) || c->args.input_count != 3)
        return cli_usage(c, "amend takes `apply BASE AMENDMENT` or `make BASE FULL`");
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    amending w = { .c = c, .feeding = { .c = c } };
    dgm_buffer_init(&w.json, &c->mem);
    for (size_t i = 1; i < 3 && code == CLI_DONE; i++) code = read_one(&w, c->args.inputs[i]);
    if (code == CLI_DONE) code = change(&w, makes);
    if (code == CLI_DONE) code = pass_on(&w);
    for (size_t i = 0; i < 2; i++) dgm_tree_free(w.tree[i]);
    dgm_buffer_free(&w.json);
    return code;
}
