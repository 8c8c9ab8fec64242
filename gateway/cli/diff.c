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

enum { PATH_COLUMNS = 60, VALUE_COLUMNS = 60 };

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
    /* of the two in hand */
    const dgm_tree *a, *b;
    size_t document;
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

/* ---- telling ---- */

static dgm_slice path_of(const dgm_tree *t, uint32_t node, char *room, size_t bytes)
{
    size_t n = dgm_tree_path(t, node, room, bytes);
    return (dgm_slice){ room, n < bytes ? n : bytes };
}

static void tell_json(comparing *w, uint32_t a, uint32_t b)
{
    cli_stream *s = &w->c->out;
    char room[1024];
    cli_print(s, "{\"document\":%zu,\"path\":", w->document);
    cli_put_json(s, a != DGM_NONE ? path_of(w->a, a, room, sizeof room) : path_of(w->b, b, room, sizeof room));
    if (a != DGM_NONE && dgm_kind_leaf(dgm_node_kind(&w->a->nodes[a]))) {
        cli_put(s, ",\"a\":");
        cli_put_json(s, dgm_tree_value(w->a, a));
    }
    if (b != DGM_NONE && dgm_kind_leaf(dgm_node_kind(&w->b->nodes[b]))) {
        cli_put(s, ",\"b\":");
        cli_put_json(s, dgm_tree_value(w->b, b));
    }
    cli_print(s, ",\"is\":\"%s\"}\n", a == DGM_NONE ? "added" : b == DGM_NONE ? "removed" : "changed");
}

/* A place with its value, or all values beneath it, on one side only. */
static void tell_only(comparing *w, const dgm_tree *t, uint32_t node, const char *mark, cli_ink ink)
{
    cli_stream *s = &w->c->out;
    uint32_t after = dgm_tree_next(t, node);
    char room[1024];
    for (uint32_t n = node; n < after; n++) {
        bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[n]));
        if (!leaf && (n + 1 < after || n != node)) continue; /* its values say where they stand; nothing in it: itself */
        dgm_slice path = path_of(t, n, room, sizeof room);
        cli_print(s, "%s%s ", cli_ink_of(s, ink), mark);
        cli_put_visible(s, path, 200);
        size_t used = cli_columns(path);
        cli_put_times(s, " ", used < PATH_COLUMNS ? PATH_COLUMNS - used + 2 : 2);
        cli_put_visible(s, dgm_tree_value(t, n), VALUE_COLUMNS);
        cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
    }
}

static void tell(void *ctx, uint32_t a, uint32_t b)
{
    comparing *w = ctx;
    cli_stream *s = &w->c->out;
    char room[1024];
    if (w->c->quiet) return;
    if (w->c->json) {
        tell_json(w, a, b);
    } else if (a == DGM_NONE) {
        tell_only(w, w->b, b, "+", INK_GOOD);
    } else if (b == DGM_NONE) {
        tell_only(w, w->a, a, "-", INK_BAD);
    } else {
        dgm_slice path = path_of(w->a, a, room, sizeof room);
        cli_put(s, "  ");
        cli_put_visible(s, path, 200);
        size_t used = cli_columns(path);
        cli_put_times(s, " ", used < PATH_COLUMNS ? PATH_COLUMNS - used + 2 : 2);
        cli_put(s, cli_ink_of(s, INK_BAD));
        cli_put_visible(s, dgm_tree_value(w->a, a), VALUE_COLUMNS);
        cli_print(s, "%s → %s", cli_ink_of(s, INK_OFF), cli_ink_of(s, INK_GOOD));
        cli_put_visible(s, dgm_tree_value(w->b, b), VALUE_COLUMNS);
        cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
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

static void head(comparing *w, size_t i, bool many)
{
    cli_stream *s = &w->c->out;
    dgm_slice a = w->sides[0].at[i].reference, b = w->sides[1].at[i].reference;
    if (w->c->json || w->c->quiet || !many) return;
    cli_print(s, "%sdocument %zu", cli_ink_of(s, INK_BOLD), i + 1);
    if (a.len) cli_print(s, "  %.*s", (int)a.len, a.at);
    if (b.len && !dgm_slice_equal(a, b)) cli_print(s, " → %.*s", (int)b.len, b.at);
    cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
}

static cli_exit compare(comparing *w)
{
    const side *a = &w->sides[0], *b = &w->sides[1];
    size_t both = a->count < b->count ? a->count : b->count;
    uint64_t all = 0;
    for (size_t i = 0; i < both; i++) {
        if (!comparable(&a->at[i], &b->at[i], &w->a, &w->b)) {
            char number[24];
            int n = snprintf(number, sizeof number, "%zu", i + 1);
            cli_say(w->c, DGM_D_GATEWAY_DIFF_OTHER, DGM_ERROR, (dgm_slice){ number, (size_t)n }, (dgm_slice){ 0 });
            return CLI_REFUSED;
        }
        w->document = i + 1;
        uint64_t differences = dgm_tree_compare(w->a, w->b, true, NULL, NULL);
        if (differences) head(w, i, both > 1);
        if (differences) (void)dgm_tree_compare(w->a, w->b, true, tell, w);
        all += differences;
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
