/* SPDX-License-Identifier: Apache-2.0
 *
 * explain.c - says where values came from and where they went: residue as diagnostics, and the way of each output value back to the
 * bytes of the input. Runs after a message, never while one is mapped. One thread.
 */
#include "job.h"

#include "base/diag.h"
#include "base/utf8.h"

#define PATH_BYTES 512

static dgm_slice path_of(const dgm_tree *t, uint32_t node, char *room)
{
    size_t n = dgm_tree_path(t, node, room, PATH_BYTES);
    return (dgm_slice){ room, n < PATH_BYTES ? n : PATH_BYTES - 1 };
}

/* What to show around a leaf: its segment where there is one, else its line. `segment` is the last segment node before it. */
static dgm_slice around(const dgm_tree *t, uint32_t node, uint32_t segment, uint32_t *at)
{
    uint32_t from = t->nodes[node].at, to = from + t->nodes[node].span;
    const char *b = t->bytes;
    if (segment != DGM_NONE) {
        from = t->nodes[segment].at;
        uint32_t next = dgm_tree_end(t, segment);
        uint32_t end = next < t->node_count && t->nodes[next].at > from ? t->nodes[next].at : t->byte_count;
        while (end > to && (b[end - 1] == '\r' || b[end - 1] == '\n')) end--;
        to = end;
    } else {
        while (from > 0 && b[from - 1] != '\n') from--;
        while (to < t->byte_count && b[to] != '\n' && b[to] != '\r') to++;
    }
    *at = from;
    return (dgm_slice){ b + from, to - from };
}

static void tell_leaf(dgm_lane *j, const dgm_tree *tree, uint32_t n, dgm_slice mapping, bool writing, uint32_t segment,
                      uint32_t number)
{
    char room[PATH_BYTES];
    dgm_diag *d = dgm_diags_add(j->diags, writing ? DGM_D_JOB_UNSAID : DGM_D_JOB_RESIDUE, DGM_WARNING);
    if (!d) return;
    const dgm_node *node = &tree->nodes[n];
    d->node = n;
    d->position = tree->position;
    dgm_diag_text(j->diags, d, dgm_tree_value(tree, n));
    if (writing) dgm_diag_text(j->diags, d, j->job->to->format.name);
    dgm_diag_text(j->diags, d, mapping);
    dgm_diag_path(j->diags, d, path_of(tree, n, room));
    if (tree->reference.len) dgm_diag_reference(j->diags, d, tree->reference);
    if (writing) return;
    d->at_byte = dgm_tree_place(tree, node->at);
    d->bytes = tree->recoded ? 0 : node->span;
    if (segment != DGM_NONE) {
        d->position.segment = number;
        d->position.element = (uint16_t)dgm_tree_element(tree, n);
        d->position.component = (uint16_t)(node->place >> 8 & 0xFFu);
    }
    if (tree->recoded) return;
    uint32_t at;
    dgm_slice text = around(tree, n, segment, &at);
    dgm_diag_excerpt(j->diags, d, text, tree->base + at);
}

uint32_t dgm_job_tell_residue(dgm_lane *j, const dgm_runner *runner, const dgm_tree *tree, const dgm_mapping_entry *mapping,
                              bool writing)
{
    const uint8_t *accounts = dgm_runner_accounts(runner);
    return accounts && dgm_runner_residue_count(runner) ? dgm_job_tell_accounts(j, accounts, tree, mapping, writing) : 0;
}

uint32_t dgm_job_tell_accounts(dgm_lane *j, const uint8_t *accounts, const dgm_tree *tree, const dgm_mapping_entry *mapping,
                               bool writing)
{
    dgm_slice name = dgm_slice_file_name(mapping->path); /* enough to find it */
    uint32_t count = 0, segment = DGM_NONE, number = 0;
    for (uint32_t n = 0; n < tree->node_count; n++) {
        if (dgm_node_kind(&tree->nodes[n]) == DGM_SEGMENT) segment = n, number++;
        if (accounts[n] != DGM_ACCOUNT_RESIDUE) continue;
        count++;
        tell_leaf(j, tree, n, name, writing, segment, number);
    }
    return count;
}

/* ---- explanations ---- */

static dgm_status put_value(dgm_buffer *b, dgm_slice value)
{
    size_t keep = dgm_utf8_head(value, 60);
    return dgm_buffer_print(b, "\"%.*s%s\"", (int)keep, value.at ? value.at : "", keep < value.len ? "…" : "");
}

static dgm_status put_rule(dgm_buffer *b, const dgm_mapping_entry *m, uint32_t rule)
{
    if (!m || rule == DGM_NONE || rule >= dgm_mapping_rule_count(m->mapping)) return DGM_OK;
    dgm_rule_info info = dgm_mapping_rule(m->mapping, rule);
    dgm_slice file = dgm_slice_file_name(info.file);
    return dgm_buffer_print(b, "  rule %.*s:%u", (int)file.len, file.at ? file.at : "", info.line);
}

static dgm_status put_step(dgm_buffer *b, const char *arrow, const dgm_tree *t, uint32_t node)
{
    char room[PATH_BYTES];
    dgm_slice path = path_of(t, node, room);
    dgm_status s = dgm_buffer_print(b, "%s%.*s ", arrow, (int)path.len, path.at);
    return s == DGM_OK && dgm_kind_leaf(dgm_node_kind(&t->nodes[node])) ? put_value(b, dgm_tree_value(t, node)) : s;
}

static dgm_status put_bytes(dgm_buffer *b, const dgm_tree *wire, uint32_t node)
{
    const dgm_node *n = &wire->nodes[node];
    if (!dgm_kind_leaf(dgm_node_kind(n))) return DGM_OK;
    uint64_t from = wire->base + n->at;
    if (wire->recoded) return dgm_buffer_print(b, "  of the message at %llu", (unsigned long long)wire->base);
    return dgm_buffer_print(b, "  bytes %llu..%llu", (unsigned long long)from, (unsigned long long)(from + n->span));
}

/* One value: where it is, and each step back. `t` is the target or the model. */
static dgm_status explain_node(const dgm_message_report *r, const dgm_tree *t, uint32_t node, dgm_buffer *b)
{
    dgm_status s = put_step(b, "", t, node);
    if (s == DGM_OK && t == r->target && t != r->model && t->origin) {
        dgm_origin o = t->origin[node];
        if (s == DGM_OK) s = put_rule(b, r->job->mapping_out, o.rule);
        if (o.source_node == DGM_NONE || !r->model) return s == DGM_OK ? dgm_buffer_print(b, "  (made by the rule)\n") : s;
        if (s == DGM_OK) s = put_step(b, "\n    ← ", r->model, o.source_node);
        t = r->model;
        node = o.source_node;
    }
    if (s == DGM_OK && t == r->model && t != r->wire && t->origin) {
        dgm_origin o = t->origin[node];
        if (s == DGM_OK) s = put_rule(b, r->job->mapping_in, o.rule);
        if (o.source_node == DGM_NONE || !r->wire) return s == DGM_OK ? dgm_buffer_print(b, "  (made by the rule)\n") : s;
        if (s == DGM_OK) s = put_step(b, "\n    ← ", r->wire, o.source_node);
        t = r->wire;
        node = o.source_node;
    }
    if (s == DGM_OK && t == r->wire) s = put_bytes(b, t, node);
    return s == DGM_OK ? dgm_buffer_print(b, "\n") : s;
}

dgm_status dgm_report_explain(const dgm_message_report *report, uint32_t node, dgm_sink sink)
{
    const dgm_tree *t = report->target ? report->target : report->model;
    if (!t || !report->job) return DGM_USAGE;
    dgm_buffer b;
    dgm_buffer_init(&b, &report->job->mem);
    dgm_status s = DGM_OK;
    uint32_t from = node == DGM_NONE ? 0 : node, to = node == DGM_NONE ? t->node_count : node + 1;
    for (uint32_t n = from; n < to && n < t->node_count && s == DGM_OK; n++) {
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[n])) && node == DGM_NONE) continue;
        b.len = 0;
        s = explain_node(report, t, n, &b);
        if (s == DGM_OK) s = dgm_sink_put(sink, dgm_buffer_slice(&b));
    }
    dgm_buffer_free(&b);
    return s;
}
