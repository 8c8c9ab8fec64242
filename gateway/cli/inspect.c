/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect.c - the command inspect: reads each input and shows every message, with what is wrong with it at the place it is about.
 * One thread.
 */
#include "inspect.h"

#include <stdlib.h>

dgm_slice inspect_meaning(const inspecting *n, uint32_t node, dgm_slice value)
{
    const dgm_node *at = &n->tree->nodes[node];
    if (!n->codec || !n->codec->meaning || !value.len || !n->tree->shape || dgm_node_slot(at) == DGM_SLOT_UNKNOWN)
        return (dgm_slice){ 0 };
    return n->codec->meaning(n->tree->shape, dgm_node_slot(at), value);
}

const dgm_slot *inspect_slot(const inspecting *n, uint32_t node)
{
    uint32_t slot = dgm_node_slot(&n->tree->nodes[node]);
    return n->tree->shape && slot != DGM_SLOT_UNKNOWN ? dgm_shape_slot(n->tree->shape, slot) : NULL;
}

dgm_slice inspect_title(const inspecting *n, uint32_t node)
{
    const dgm_slot *slot = inspect_slot(n, node);
    if (n->names && n->names[node].len) return n->names[node];
    return slot ? slot->title : (dgm_slice){ 0 };
}

static void take_name(void *ctx, uint32_t node, dgm_slice name)
{
    ((inspecting *)ctx)->names[node] = name;
}

/* False: no memory. */
static bool names_make(inspecting *n)
{
    if (!n->report->guide.len || !n->tree || n->tree != n->report->wire || !n->tree->node_count) return true;
    n->names = calloc(n->tree->node_count, sizeof *n->names);
    return n->names && dgm_context_guide_names(n->c->context, n->report->guide, n->tree, take_name, n) != DGM_NOMEM;
}

static const dgm_codec *codec_named(const cli *c, const char *name)
{
    const dgm_codec *const *codecs = dgm_codec_set_list(c->codecs);
    int i = name ? dgm_codec_list_find(codecs, dgm_slice_of(name)) : -1;
    return i < 0 ? NULL : codecs[i];
}

/* The last node that begins at or before a byte of the input: nodes stand in document order, so a binary search finds it. */
static uint32_t node_at(const dgm_tree *t, uint64_t at)
{
    if (at < t->base || t->node_count == 0) return DGM_NONE;
    uint32_t low = 0, high = t->node_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (t->base + t->nodes[middle].at <= at)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* What is about the message as a whole stands behind it, not at its first segment. */
bool inspect_about_all(const inspecting *n, const dgm_diag *d)
{
    return d->source.len == 0 && d->bytes == 0 && d->at_byte <= n->report->at_byte;
}

static int by_node(const void *a, const void *b)
{
    const struct inspect_anchor *x = a, *y = b;
    if (x->node != y->node) return x->node < y->node ? -1 : 1;
    return x->diag < y->diag ? -1 : x->diag > y->diag;
}

static bool anchors_make(inspecting *n)
{
    size_t count = dgm_diags_count(n->report->diags);
    n->anchor_count = n->anchor_next = 0;
    n->anchors = count ? calloc(count, sizeof *n->anchors) : NULL;
    if (count && !n->anchors) return false;
    for (size_t i = 0; i < count; i++) {
        const dgm_diag *d = dgm_diags_at(n->report->diags, i);
        uint32_t node = DGM_NONE;
        bool wire = n->tree && n->tree == n->report->wire && !inspect_about_all(n, d);
        if (wire && d->source.len == 0 && d->at_byte != UINT64_MAX)
            node = node_at(n->tree, d->at_byte);
        else if (wire && d->source.len == 0 && d->node < n->tree->node_count)
            node = d->node;
        n->anchors[n->anchor_count++] = (struct inspect_anchor){ node, (uint32_t)i };
    }
    if (count) qsort(n->anchors, count, sizeof *n->anchors, by_node);
    return true;
}

static void report(void *ctx, const dgm_message_report *r)
{
    inspecting *n = ctx;
    n->report = r;
    n->securing = false;
    n->tree = n->model ? r->model : r->wire;
    n->codec = codec_named(n->c, n->model ? "json" : r->codec);
    if (anchors_make(n) && names_make(n)) {
        if (n->c->json)
            inspect_json(n);
        else
            inspect_text(n);
    }
    free(n->anchors);
    n->anchors = NULL;
    free(n->names);
    n->names = NULL;
    (void)cli_stream_flush(&n->c->out);
}

static bool end(void *ctx, const cli_input *in, cli_turn_end *e)
{
    cli_turn_failed(((inspecting *)ctx)->c, in, e);
    return true;
}

cli_exit cli_run_inspect(cli *c)
{
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    inspecting n = { .c = c, .model = c->args.given[OPT_MODEL], .empty = c->args.given[OPT_EMPTY] };
    dgm_job_options o = cli_job_options(c, (dgm_slice){ 0 });
    o.map = true; /* so that what the mapping and the model have to say is shown too */
    o.report = report;
    o.report_ctx = &n;
    if (!n.model) o.envelope = inspect_envelope;
    o.envelope_ctx = &n;
    return cli_inputs_run(c, &n.feeding, &o, &(cli_turns){ .end = end, .ctx = &n });
}
