/* SPDX-License-Identifier: Apache-2.0
 *
 * map_diff.c - `map diff OLD NEW SAMPLE...`: what a change of a mapping does to real messages. Each sample goes through the house
 * twice, once with either file, and what comes is compared place by place. One thread.
 */
#include "map.h"

#include "model/tree.h"

/* What came of one message. */
typedef struct result {
    dgm_tree *model, *target;
    dgm_slice reference;
    dgm_status status;
    uint32_t residue, unsaid;
} result;

/* All messages of one sample, with one of the mappings. */
typedef struct results {
    cli *c;
    result *at;
    size_t count, room;
    bool failed;
} results;

typedef struct totals {
    size_t documents, differ;
    uint64_t places;
} totals;

static void keep(results *r, const dgm_tree *from, const dgm_tree *wire, dgm_tree **to)
{
    if (from && from != wire && dgm_tree_own(from, &r->c->mem, to) != DGM_OK) r->failed = true;
}

static void report(void *ctx, const dgm_message_report *m)
{
    results *r = ctx;
    if (!m->wire && !m->type.len) return; /* about no message */
    void *at = r->at;
    if (dgm_mem_reserve(&r->c->mem, &at, &r->room, r->count + 1, sizeof *r->at) != DGM_OK) {
        r->failed = true;
        return;
    }
    r->at = at;
    result *x = &r->at[r->count++];
    *x = (result){ .status = m->status, .residue = m->residue, .unsaid = m->unsaid };
    x->reference = dgm_arena_copy(&r->c->arena, m->reference);
    keep(r, m->model, m->wire, &x->model);
    keep(r, m->target, m->model, &x->target);
}

static void forget(results *r)
{
    for (size_t i = 0; i < r->count; i++) {
        dgm_tree_free(r->at[i].model);
        dgm_tree_free(r->at[i].target);
    }
    dgm_mem_free(&r->c->mem, r->at, r->room * sizeof *r->at);
    *r = (results){ .c = r->c };
}

static cli_exit translate(cli *c, const dgm_context *context, dgm_slice input, results *r)
{
    dgm_job_options o = map_sample_options(c);
    o.report = report;
    o.report_ctx = r;
    cli_exit code = map_sample_run(c, context, input, &o, NULL);
    return r->failed ? CLI_ENVIRONMENT : code;
}

/* ---- comparing ---- */

static const char *outcome(const result *r)
{
    return r->status == DGM_OK ? "accepted" : "refused";
}

/* Beside the places: whether it is taken, and what is lost. */
static bool outcomes_differ(cli *c, const result *a, const result *b, const cli_document *of)
{
    if (a->status == b->status && a->residue == b->residue && a->unsaid == b->unsaid) return false;
    if (c->quiet) return true;
    cli_stream *s = &c->out;
    if (c->json) {
        cli_put(s, "{\"input\":");
        cli_put_json(s, of->input);
        cli_print(s, ",\"document\":%zu,\"was\":\"%s\",\"is\":\"%s\",\"residue\":[%u,%u],\"unsaid\":[%u,%u]}\n", of->number,
                  outcome(a), outcome(b), a->residue, b->residue, a->unsaid, b->unsaid);
        return true;
    }
    cli_put(s, cli_ink_of(s, INK_BOLD));
    cli_put_visible(s, of->title, 200);
    cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
    if (a->status != b->status) cli_print(s, "  was %s, is %s\n", outcome(a), outcome(b));
    if (a->residue != b->residue) cli_print(s, "  values that no rule reads: %u → %u\n", a->residue, b->residue);
    if (a->unsaid != b->unsaid) cli_print(s, "  values that the target cannot say: %u → %u\n", a->unsaid, b->unsaid);
    return true;
}

static void compare_one(cli *c, dgm_slice sample, size_t i, const result *a, const result *b, totals *all)
{
    dgm_slice title = dgm_arena_print(&c->arena, "%.*s, document %zu  %.*s", (int)sample.len, sample.at, i + 1,
                                      (int)a->reference.len, a->reference.at);
    cli_document of = { .number = i + 1, .title = title, .input = sample };
    bool differ = outcomes_differ(c, a, b, &of);
    if (differ) of.title = (dgm_slice){ 0 };
    uint64_t places = 0;
    if (a->model && b->model) places += cli_differences(c, a->model, b->model, &of);
    if (places) of.title = (dgm_slice){ 0 };
    if (a->target && b->target) places += cli_differences(c, a->target, b->target, &of);
    all->documents++;
    all->places += places;
    if (differ || places) all->differ++;
}

static cli_exit one_sample(cli *c, dgm_context *const contexts[2], dgm_slice sample, totals *all)
{
    cli_input in;
    cli_exit code = map_sample_open(c, sample, &in);
    if (code != CLI_DONE) return code;
    results r[2] = { { .c = c }, { .c = c } };
    for (size_t k = 0; k < 2 && code == CLI_DONE; k++) code = translate(c, contexts[k], in.mapped, &r[k]);
    size_t both = r[0].count < r[1].count ? r[0].count : r[1].count;
    for (size_t i = 0; i < both && code == CLI_DONE; i++) compare_one(c, sample, i, &r[0].at[i], &r[1].at[i], all);
    forget(&r[0]);
    forget(&r[1]);
    cli_input_close(&in);
    return code;
}

static cli_exit open_with(cli *c, dgm_slice file, dgm_context **out)
{
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.rules = &file;
    o.rule_file_count = 1;
    dgm_status status = dgm_context_open(&o, c->diags, out);
    cli_print_own(c);
    return status == DGM_CONFIG ? CLI_REFUSED : cli_exit_of(status);
}

static void summary(cli *c, const totals *n)
{
    cli_stream *s = &c->out;
    if (c->json || c->quiet) return;
    cli_print(s, "%s%s%s %zu %s: %zu the same, %zu differ in %llu %s\n", cli_ink_of(s, n->differ ? INK_WARN : INK_GOOD),
              n->differ ? "✗" : "✓", cli_ink_of(s, INK_OFF), n->documents, n->documents == 1 ? "document" : "documents",
              n->documents - n->differ, n->differ, (unsigned long long)n->places, n->places == 1 ? "place" : "places");
}

cli_exit map_diff(cli *c, const dgm_slice *words, size_t n)
{
    if (n < 3) return cli_usage(c, "map diff takes two mapping files, the old one and the new one, and samples");
    dgm_context *contexts[2] = { NULL, NULL };
    totals all = { 0 };
    cli_exit code = CLI_DONE;
    for (size_t k = 0; k < 2; k++) code = cli_worse(code, open_with(c, words[k], &contexts[k]));
    for (size_t i = 2; i < n && code == CLI_DONE; i++) code = one_sample(c, contexts, words[i], &all);
    if (code == CLI_DONE) summary(c, &all);
    dgm_context_free(contexts[0]);
    dgm_context_free(contexts[1]);
    return code == CLI_DONE && all.differ ? CLI_REFUSED : code;
}
