/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect_json.c - a message as one JSON object on a line: its envelope, its tree with names, titles and code meanings, and what is
 * wrong with it. One thread.
 */
#include "inspect.h"

static void text_field(cli_stream *s, const char *name, dgm_slice value, bool first)
{
    cli_print(s, "%s\"%s\":", first ? "" : ",", name);
    cli_put_json(s, value);
}

static const char *kind_name(dgm_kind kind)
{
    switch (kind) {
    case DGM_GROUP: return "group";
    case DGM_SEGMENT: return "segment";
    case DGM_COMPOSITE: return "composite";
    case DGM_ELEMENT: return "element";
    case DGM_ATTRIBUTE: return "attribute";
    case DGM_RECORD: return "record";
    case DGM_OPAQUE: return "opaque";
    }
    return "unknown";
}

static void node_fields(inspecting *n, uint32_t node)
{
    cli_stream *s = &n->c->out;
    const dgm_tree *t = n->tree;
    const dgm_node *at = &t->nodes[node];
    const dgm_slot *slot = inspect_slot(n, node);
    cli_put(s, "{");
    text_field(s, "name", dgm_tree_name(t, node), true);
    cli_print(s, ",\"kind\":\"%s\"", kind_name(dgm_node_kind(at)));
    dgm_slice title = inspect_title(n, node);
    if (title.len) text_field(s, "title", title, false);
    if (slot && slot->tag.len) text_field(s, "tag", slot->tag, false);
    if (!slot) cli_put(s, ",\"unknown\":true");
    if (dgm_kind_leaf(dgm_node_kind(at))) {
        dgm_slice value = dgm_tree_value(t, node);
        text_field(s, "value", value, false);
        dgm_slice meaning = inspect_meaning(n, node, value);
        if (meaning.len) text_field(s, "meaning", meaning, false);
    } else if (slot && slot->max > 1) {
        cli_print(s, ",\"occurrence\":%u", slot->kind == DGM_COMPOSITE ? dgm_tree_number(t, node) : at->place);
    }
    if (t == n->report->wire && !(dgm_node_flags(at) & DGM_SYNTHETIC))
        cli_print(s, ",\"at\":%llu", (unsigned long long)(t->base + at->at));
}

static void tree(inspecting *n)
{
    cli_stream *s = &n->c->out;
    const dgm_tree *t = n->tree;
    uint32_t end[DGM_DEPTH_MAX + 2];
    size_t depth = 0;
    cli_put(s, ",\"tree\":");
    for (uint32_t i = 0; i < t->node_count; i++) {
        bool first = true;
        while (depth && end[depth - 1] <= i) {
            cli_put(s, "]}");
            depth--;
            first = false;
        }
        if (i > 0 && (!first || dgm_kind_leaf(dgm_node_kind(&t->nodes[i - 1])) || dgm_tree_end(t, i - 1) == i)) cli_put(s, ",");
        node_fields(n, i);
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) || depth == sizeof end / sizeof *end) {
            cli_put(s, "}");
            continue;
        }
        cli_put(s, ",\"children\":[");
        if (dgm_tree_end(t, i) == i + 1)
            cli_put(s, "]}");
        else
            end[depth++] = dgm_tree_end(t, i);
    }
    while (depth--) cli_put(s, "]}");
    if (t->node_count == 0) cli_put(s, "null");
}

static void diagnostics(inspecting *n)
{
    cli_stream *s = &n->c->out;
    cli_put(s, ",\"diagnostics\":[");
    dgm_diag_style style = { .form = DGM_DIAG_JSON, .input_name = n->feeding.in->name };
    for (size_t i = 0; i < dgm_diags_count(n->report->diags); i++) {
        dgm_buffer line;
        dgm_buffer_init(&line, &n->c->mem);
        if (dgm_diag_print(dgm_diags_at(n->report->diags, i), &style, dgm_buffer_sink(&line)) == DGM_OK) {
            if (i) cli_put(s, ",");
            cli_put_slice(s, dgm_slice_trim(dgm_buffer_slice(&line)));
        }
        dgm_buffer_free(&line);
    }
    cli_put(s, "]");
}

void inspect_json(inspecting *n)
{
    cli_stream *s = &n->c->out;
    const dgm_message_report *r = n->report;
    cli_put(s, "{");
    text_field(s, "input", n->feeding.in->name, true);
    text_field(s, "codec", dgm_slice_of(r->codec), false);
    text_field(s, "format", r->format, false);
    text_field(s, "mapping", r->mapping_in, false);
    text_field(s, "type", r->type, false);
    text_field(s, "reference", r->reference, false);
    text_field(s, "sender", r->sender, false);
    text_field(s, "recipient", r->recipient, false);
    text_field(s, "interchange", r->interchange_reference, false);
    cli_print(s, ",\"at\":%llu,\"bytes\":%llu,\"status\":", (unsigned long long)r->at_byte, (unsigned long long)r->bytes);
    cli_put_json(s, dgm_slice_of(dgm_status_text(r->status)));
    cli_print(s, ",\"residue\":%u", r->residue);
    if (n->tree)
        tree(n);
    else
        cli_put(s, ",\"tree\":null");
    diagnostics(n);
    cli_put(s, "}\n");
}
