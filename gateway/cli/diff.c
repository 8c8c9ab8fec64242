/* SPDX-License-Identifier: Apache-2.0
 *
 * diff.c - the command diff: what differs between two messages, in the terms of the canonical model when both have become a
 * document of one model, whatever formats they came in; else in those of the standard they share. One thread.
 */
#include "cli.h"

#include "model/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The messages of one input, kept. */
typedef struct side {
    dgm_slice name;
    struct kept {
        dgm_tree *wire, *model;
        dgm_slice reference;
    } * at;
    size_t count, room;
    uint64_t refused;
} side;

typedef struct comparing {
    cli *c;
    cli_feeding feeding;
    side sides[2];
    size_t turn;
    bool failed; /* no memory */
} comparing;

/* ---- reading ---- */

static void report(void *ctx, const dgm_message_report *r)
{
    comparing *w = ctx;
    side *s = &w->sides[w->turn];
    dgm_status keep = DGM_OK;
    cli_print_diags(&w->feeding, &w->c->err, r->diags);
    if (!r->wire) return;
    if (r->status != DGM_OK) s->refused++;
    void *at = s->at;
    if (dgm_mem_reserve(&w->c->mem, &at, &s->room, s->count + 1, sizeof *s->at) != DGM_OK) {
        w->failed = true;
        return;
    }
    s->at = at;
    struct kept *k = &s->at[s->count++];
    *k = (struct kept){ .reference = dgm_arena_copy(&w->c->arena, r->reference) };
    keep = dgm_tree_own(r->wire, &w->c->mem, &k->wire);
    if (keep == DGM_OK && r->model && r->model != r->wire) keep = dgm_tree_own(r->model, &w->c->mem, &k->model);
    if (keep != DGM_OK) w->failed = true;
}

static cli_exit cannot_read(cli *c, dgm_slice name, int why)
{
    cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, name, dgm_slice_of(strerror(why)));
    return CLI_ENVIRONMENT;
}

/* Both go through one job piece by piece, and so through one reader: what it made of one message it has for its twin. */
static cli_exit feed(cli *c, dgm_job *job, const cli_input *in)
{
    dgm_status status = DGM_OK;
    if (in->whole) {
        status = dgm_job_feed(job, in->mapped, true);
    } else {
        char chunk[65536];
        for (ssize_t n = 1; n > 0 && status == DGM_OK;) {
            n = read(in->fd, chunk, sizeof chunk);
            if (n < 0 && errno != EINTR) return cannot_read(c, in->name, errno);
            if (n >= 0) status = dgm_job_feed(job, (dgm_slice){ chunk, (size_t)n }, n == 0);
        }
    }
    if (status == DGM_OK) return CLI_DONE;
    if (!dgm_job_count(job).errors) cli_say(c, DGM_D_GATEWAY_JOB, DGM_ERROR, in->name, dgm_slice_of(dgm_status_text(status)));
    return cli_exit_of(status);
}

static cli_exit read_side(comparing *w, dgm_job *job)
{
    cli *c = w->c;
    cli_input in;
    int why = cli_input_open(w->sides[w->turn].name, &in);
    if (why) return cannot_read(c, in.name, why);
    cli_feeding_turn(&w->feeding, &in);
    cli_exit code = feed(c, job, &in);
    if (code == CLI_DONE && dgm_job_again(job) != DGM_OK) code = CLI_DEFECT;
    cli_input_close(&in);
    if (code == CLI_DONE && w->sides[w->turn].refused) code = CLI_REFUSED;
    w->turn++;
    return code;
}

static void forget(comparing *w)
{
    for (size_t i = 0; i < 2; i++) {
        side *s = &w->sides[i];
        for (size_t k = 0; k < s->count; k++) {
            dgm_tree_free(s->at[k].wire);
            dgm_tree_free(s->at[k].model);
        }
        dgm_mem_free(&w->c->mem, s->at, s->room * sizeof *s->at);
    }
}

/* ---- comparing ---- */

/* The trees of two messages that can be compared: documents of one model, or messages of one format. */
static bool comparable(const struct kept *a, const struct kept *b, const dgm_tree **x, const dgm_tree **y)
{
    const dgm_tree *mine[2] = { a->model, a->wire }, *yours[2] = { b->model, b->wire };
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < 2; k++) {
            if (!mine[i] || !yours[k] || !mine[i]->shape || mine[i]->shape != yours[k]->shape) continue;
            *x = mine[i];
            *y = yours[k];
            return true;
        }
    return false;
}

static dgm_slice title(comparing *w, size_t i)
{
    dgm_slice a = w->sides[0].at[i].reference, b = w->sides[1].at[i].reference;
    bool other = b.len && !dgm_slice_equal(a, b);
    return dgm_arena_print(&w->c->arena, "document %zu  %.*s%s%.*s", i + 1, (int)a.len, a.at, other ? " → " : "",
                           other ? (int)b.len : 0, other ? b.at : "");
}

static cli_exit compare(comparing *w)
{
    const side *a = &w->sides[0], *b = &w->sides[1];
    size_t both = a->count < b->count ? a->count : b->count;
    uint64_t all = 0;
    for (size_t i = 0; i < both; i++) {
        const dgm_tree *x = NULL, *y = NULL;
        if (!comparable(&a->at[i], &b->at[i], &x, &y)) {
            char number[24];
            int n = snprintf(number, sizeof number, "%zu", i + 1);
            cli_say(w->c, DGM_D_GATEWAY_DIFF_OTHER, DGM_ERROR, (dgm_slice){ number, (size_t)n }, (dgm_slice){ 0 });
            return CLI_REFUSED;
        }
        cli_document of = { .number = i + 1, .title = both > 1 ? title(w, i) : (dgm_slice){ 0 } };
        all += cli_differences(w->c, x, y, &of);
    }
    cli_stream *s = &w->c->out;
    if (!w->c->json && !w->c->quiet) {
        if (a->count != b->count)
            cli_print(s, "%zu messages in %.*s, %zu in %.*s\n", a->count, (int)a->name.len, a->name.at, b->count, (int)b->name.len,
                      b->name.at);
        cli_print(s, "%s%s%s %llu %s\n", cli_ink_of(s, all ? INK_BAD : INK_GOOD), all || a->count != b->count ? "✗" : "✓",
                  cli_ink_of(s, INK_OFF), (unsigned long long)all, all == 1 ? "difference" : "differences");
    }
    return all || a->count != b->count ? CLI_REFUSED : CLI_DONE;
}

cli_exit cli_run_diff(cli *c)
{
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    comparing *w = dgm_mem_new(&c->mem, sizeof *w);
    if (!w) return CLI_ENVIRONMENT;
    *w = (comparing){ .c = c, .sides = { { .name = c->args.inputs[0] }, { .name = c->args.inputs[1] } } };
    w->feeding = cli_feeding_begin(c);
    w->feeding.wanted = false;
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    o.map = true;
    o.accounts = false;
    o.threads = 1;
    o.report = report;
    o.report_ctx = w;
    dgm_job *job = NULL;
    dgm_status status = dgm_job_open(c->context, &o, c->diags, &job);
    cli_print_own(c);
    if (status != DGM_OK) code = status == DGM_UNKNOWN || status == DGM_CONFIG ? CLI_USAGE : cli_exit_of(status);
    for (size_t i = 0; i < 2 && code <= CLI_REFUSED; i++) code = cli_worse(code, read_side(w, job));
    if (w->failed) code = CLI_ENVIRONMENT;
    /* What is refused is compared all the same, as far as it was read: that is when one wants to know what differs. */
    if (code <= CLI_REFUSED) code = cli_worse(code, compare(w));
    dgm_job_close(job);
    forget(w);
    dgm_mem_free(&c->mem, w, sizeof *w);
    return code;
}
