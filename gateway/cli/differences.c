/* SPDX-License-Identifier: Apache-2.0
 *
 * differences.c - what differs between two trees, told to people (a line for each place: value → value, - and + for what only one
 * of them has) or to programs. One thread.
 */
#include "cli.h"

#include "model/tree.h"

enum { PATH_COLUMNS = 60, VALUE_COLUMNS = 60 };

typedef struct telling {
    cli *c;
    const dgm_tree *a, *b;
    const cli_document *of;
    uint32_t *parents[2]; /* of the nodes of a and b: paths are asked for as often as there are differences; NULL: no memory */
} telling;

static uint32_t *parents_of(const cli *c, const dgm_tree *t)
{
    uint32_t *out = dgm_mem_new(&c->mem, t->node_count * sizeof *out);
    if (out) dgm_tree_parents(t, out);
    return out;
}

static dgm_slice path_of(const telling *w, const dgm_tree *t, uint32_t node, char *room, size_t bytes)
{
    const uint32_t *parents = w->parents[t == w->b];
    size_t n = parents ? dgm_tree_path_up(t, parents, node, room, bytes) : dgm_tree_path(t, node, room, bytes);
    return (dgm_slice){ room, n < bytes ? n : bytes };
}

static void tell_json(telling *w, uint32_t a, uint32_t b)
{
    cli_stream *s = &w->c->out;
    char room[1024];
    cli_put(s, "{");
    if (w->of->input.len) {
        cli_put(s, "\"input\":");
        cli_put_json(s, w->of->input);
        cli_put(s, ",");
    }
    cli_print(s, "\"document\":%zu,\"path\":", w->of->number);
    cli_put_json(s, a != DGM_NONE ? path_of(w, w->a, a, room, sizeof room) : path_of(w, w->b, b, room, sizeof room));
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
static void tell_only(telling *w, const dgm_tree *t, uint32_t node, const char *mark, cli_ink ink)
{
    cli_stream *s = &w->c->out;
    uint32_t after = dgm_tree_next(t, node);
    char room[1024];
    for (uint32_t n = node; n < after; n++) {
        bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[n]));
        if (!leaf && (n + 1 < after || n != node)) continue; /* its values say where they stand; nothing in it: itself */
        dgm_slice path = path_of(w, t, n, room, sizeof room);
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
    telling *w = ctx;
    cli_stream *s = &w->c->out;
    char room[1024];
    if (w->c->json) {
        tell_json(w, a, b);
    } else if (a == DGM_NONE) {
        tell_only(w, w->b, b, "+", INK_GOOD);
    } else if (b == DGM_NONE) {
        tell_only(w, w->a, a, "-", INK_BAD);
    } else {
        dgm_slice path = path_of(w, w->a, a, room, sizeof room);
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

uint64_t cli_differences(cli *c, const dgm_tree *a, const dgm_tree *b, const cli_document *of)
{
    uint64_t n = dgm_tree_compare(a, b, true, NULL, NULL);
    if (!n || c->quiet) return n;
    if (!c->json && of->title.len) {
        cli_put(&c->out, cli_ink_of(&c->out, INK_BOLD));
        cli_put_visible(&c->out, of->title, 200);
        cli_print(&c->out, "%s\n", cli_ink_of(&c->out, INK_OFF));
    }
    telling w = { c, a, b, of, { parents_of(c, a), parents_of(c, b) } };
    (void)dgm_tree_compare(a, b, true, tell, &w);
    if (w.parents[0]) dgm_mem_free(&c->mem, w.parents[0], a->node_count * sizeof *w.parents[0]);
    if (w.parents[1]) dgm_mem_free(&c->mem, w.parents[1], b->node_count * sizeof *w.parents[1]);
    return n;
}
