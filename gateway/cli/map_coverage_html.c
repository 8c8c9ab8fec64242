/* SPDX-License-Identifier: Apache-2.0
 *
 * map_coverage_html.c - coverage as a page: both trees side by side, a line for each rule between them, and what was not exercised.
 * Everything is in the page; rows have one height, so that lines are drawn without a script and stand right in print, too. One
 * thread.
 */
#include "map_coverage.h"

enum { ROW = 18, GAP = 220, PATH_BYTES = 512 };

static const char style[] =
    "body{font:13px/18px system-ui,sans-serif;margin:1.5em;color:#1b1f24;background:#fff}h1{font-size:1.5em;margin:0 0 .2em}"
    "h2{font-size:1.15em;margin:1.6em 0 .4em}p{margin:.2em 0;color:#59636e}.trees{display:flex;align-items:flex-start}"
    ".tree{flex:1 1 0;min-width:22em;overflow:hidden}.tree "
    "div{height:18px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}"
    ".tree b{font:12.5px ui-monospace,monospace}.tree span{color:#59636e}.used b{font-weight:700}.lost b{color:#b3261e}"
    ".none b{color:#8b949e}.n{float:right;padding:0 "
    ".6em;color:#59636e}svg{flex:none;overflow:visible}path{fill:none;stroke:#1a7f37;"
    "stroke-width:1.2;opacity:.75}path.never{stroke:#b3261e;stroke-dasharray:4 3}table{border-collapse:collapse}"
    "td,th{text-align:left;padding:.1em .8em .1em 0;border-bottom:1px solid #d1d9e0;vertical-align:top}"
    "code{font:12.5px ui-monospace,monospace;overflow-wrap:anywhere}.bad{color:#b3261e}"
    "@media print{body{margin:0;font-size:9px}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}"
    "@media(prefers-color-scheme:dark){@media screen{body{background:#0d1117;color:#e6edf3}.lost b,.bad{color:#ff7b72}"
    "path{stroke:#3fb950}path.never{stroke:#ff7b72}td,th{border-color:#30363d}}}";

static void put(cli_stream *s, dgm_slice text)
{
    for (size_t i = 0, from = 0; i <= text.len; i++) {
        char c = i < text.len ? text.at[i] : 0;
        const char *as = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
        if (i < text.len && !as) continue;
        cli_put_slice(s, dgm_slice_part(text, from, i));
        if (as) cli_put(s, as);
        from = i + 1;
    }
}

/* A slot and all above it stand in the page. */
static void show(coverage *v, uint32_t side, uint32_t slot)
{
    while (slot != DGM_SLOT_NONE && slot != DGM_SLOT_ROOT && !v->slots[side][slot].shown) {
        v->slots[side][slot].shown = true;
        slot = dgm_shape_slot(v->shape[side], slot)->parent;
    }
}

static void choose(coverage *v)
{
    dgm_row r;
    for (uint32_t i = 0; dgm_mapping_row(v->mapping, i, &v->c->arena, &r) == DGM_OK; i++) {
        show(v, DGM_READ, r.wire_at);
        show(v, DGM_WRITE, r.model_at);
    }
    for (uint32_t side = 0; side < 2; side++)
        for (uint32_t k = 0; k < dgm_shape_count(v->shape[side]); k++)
            if (v->slots[side][k].nodes && !dgm_shape_slot(v->shape[side], k)->envelope) show(v, side, k);
}

static uint32_t depth_of(const dgm_shape *s, uint32_t slot)
{
    uint32_t depth = 0;
    while ((slot = dgm_shape_slot(s, slot)->parent) != DGM_SLOT_NONE && slot != DGM_SLOT_ROOT) depth++;
    return depth;
}

/* The next slot in the order of the tree: below, beside, or beside one above; DGM_SLOT_NONE after the last. */
static uint32_t next_of(const dgm_shape *s, uint32_t slot)
{
    const dgm_slot *x = dgm_shape_slot(s, slot);
    if (x->child_count) return x->first_child;
    while (slot != DGM_SLOT_ROOT) {
        uint32_t up = dgm_shape_slot(s, slot)->parent;
        const dgm_slot *p = dgm_shape_slot(s, up);
        if (slot + 1 < p->first_child + p->child_count) return slot + 1;
        slot = up;
    }
    return DGM_SLOT_NONE;
}

static void tree(coverage *v, uint32_t side)
{
    cli_stream *s = &v->c->out;
    const dgm_shape *shape = v->shape[side];
    cli_put(s, "<div class=\"tree\">\n");
    for (uint32_t k = next_of(shape, DGM_SLOT_ROOT); k != DGM_SLOT_NONE; k = next_of(shape, k)) {
        const coverage_slot *x = &v->slots[side][k];
        const dgm_slot *slot = dgm_shape_slot(shape, k);
        if (!x->shown) continue;
        bool leaf = dgm_kind_leaf(slot->kind);
        const char *is = leaf && x->lost > x->ignored ? "lost" : !x->nodes ? "none" : "used";
        cli_print(s, "<div class=\"%s\" style=\"padding-left:%u.2em\">", is, depth_of(shape, k));
        if (x->nodes) cli_print(s, "<span class=\"n\">%u</span>", x->nodes);
        cli_put(s, "<b>");
        put(s, slot->name);
        if (slot->ordinal > 1) cli_print(s, "#%u", slot->ordinal);
        cli_put(s, "</b> <span>");
        put(s, slot->title);
        cli_put(s, "</span></div>\n");
    }
    cli_put(s, "</div>\n");
}

static void line(coverage *v, uint32_t wire, uint32_t model, bool never, const dgm_row *r)
{
    cli_stream *s = &v->c->out;
    if (wire == DGM_SLOT_NONE || model == DGM_SLOT_NONE || !v->slots[0][wire].shown || !v->slots[1][model].shown) return;
    uint32_t a = v->slots[0][wire].row * ROW + ROW / 2, b = v->slots[1][model].row * ROW + ROW / 2;
    cli_print(s, "<path%s d=\"M0 %uC%d %u %d %u %d %u\"><title>", never ? " class=\"never\"" : "", a, GAP / 2, a, GAP / 2, b, GAP,
              b);
    put(s, r->wire);
    cli_put(s, " ↔ ");
    put(s, r->model);
    cli_print(s, " (line %u)</title></path>\n", r->line);
}

static void lines(coverage *v)
{
    dgm_row r;
    for (uint32_t i = 0; dgm_mapping_row(v->mapping, i, &v->c->arena, &r) == DGM_OK; i++) {
        uint32_t wire, model, covered = dgm_mapping_covered(v->mapping, i, 0, &wire, &model);
        bool never = !(v->rules[0][i] + v->rules[1][i]);
        for (uint32_t k = 0; k < covered; k++) {
            dgm_mapping_covered(v->mapping, i, k, &wire, &model);
            if (v->slots[0][wire].nodes || v->slots[1][model].nodes) line(v, wire, model, false, &r);
        }
        if (!covered && r.kind != DGM_STATEMENT_IGNORE) line(v, r.wire_at, r.model_at, never, &r);
    }
}

static uint32_t shown_rows(const coverage *v, uint32_t side)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < dgm_shape_count(v->shape[side]); k++) n += v->slots[side][k].shown;
    return n;
}

/* Rows have their numbers when a tree is printed; the lines stand between the trees, so numbers are given before. */
static void number_rows(coverage *v, uint32_t side)
{
    uint32_t row = 0;
    for (uint32_t k = next_of(v->shape[side], DGM_SLOT_ROOT); k != DGM_SLOT_NONE; k = next_of(v->shape[side], k))
        if (v->slots[side][k].shown) v->slots[side][k].row = row++;
}

static void table_rules(coverage *v)
{
    cli_stream *s = &v->c->out;
    dgm_row r;
    cli_put(s, "<h2>Rules</h2>\n<table><tr><th>line</th><th>read</th><th>written</th><th>wire</th><th>canonical</th></tr>\n");
    for (uint32_t i = 0; dgm_mapping_row(v->mapping, i, &v->c->arena, &r) == DGM_OK; i++) {
        bool never = !(v->rules[0][i] + v->rules[1][i]);
        cli_print(s, "<tr%s><td>%u</td><td>%u</td><td>%u</td><td><code>", never ? " class=\"bad\"" : "", r.line, v->rules[0][i],
                  v->rules[1][i]);
        put(s, r.wire);
        cli_put(s, "</code></td><td><code>");
        put(s, r.model);
        cli_put(s, "</code></td></tr>\n");
    }
    cli_put(s, "</table>\n");
}

static void table_lost(coverage *v, uint32_t side)
{
    cli_stream *s = &v->c->out;
    char room[PATH_BYTES];
    bool begun = false;
    for (uint32_t k = 0; v->messages[side] && k < dgm_shape_count(v->shape[side]); k++) {
        const coverage_slot *x = &v->slots[side][k];
        dgm_slice path;
        if (x->lost == x->ignored) continue;
        if (!begun) cli_print(s, "<h2>%s</h2>\n<table>\n", side ? "Values that the wire cannot say" : "Values that no rule reads");
        begun = true;
        coverage_place(v, k, room, sizeof room, &path, side);
        cli_print(s, "<tr><td>%u</td><td><code>", x->lost - x->ignored);
        put(s, path);
        cli_put(s, "</code></td><td>");
        put(s, x->example);
        cli_put(s, "</td></tr>\n");
    }
    if (begun) cli_put(s, "</table>\n");
}

static void table_codes(coverage *v)
{
    cli_stream *s = &v->c->out;
    if (!v->code_count) return;
    cli_put(s, "<h2>Codes</h2>\n<table>\n");
    for (size_t i = 0; i < v->code_count; i++) {
        cli_print(s, "<tr%s><td>", v->codes[i].seen ? "" : " class=\"bad\"");
        put(s, v->codes[i].table);
        cli_put(s, "</td><td><code>");
        put(s, v->codes[i].code);
        cli_print(s, "</code></td><td>%u</td></tr>\n", v->codes[i].seen);
    }
    cli_put(s, "</table>\n");
}

void coverage_html(coverage *v)
{
    cli_stream *s = &v->c->out;
    choose(v);
    number_rows(v, DGM_READ);
    number_rows(v, DGM_WRITE);
    uint32_t left = shown_rows(v, DGM_READ), right = shown_rows(v, DGM_WRITE);
    cli_print(
        s,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Coverage</title><style>%s</style></head><body>\n",
        style);
    cli_put(s, "<h1>");
    put(s, dgm_mapping_name(v->mapping));
    cli_put(s, ": ");
    put(s, dgm_mapping_format(v->mapping));
    cli_put(s, " ↔ ");
    put(s, dgm_mapping_model(v->mapping));
    cli_print(
        s,
        "</h1>\n<p>%u messages read, %u written, %u refused. A line is a rule: dashed and red, no sample exercises it. A red "
        "place has values that no rule takes, a grey one has none. The number is how often it occurs.</p>\n<div class=\"trees\">\n",
        v->messages[DGM_READ], v->messages[DGM_WRITE], v->refused);
    tree(v, DGM_READ);
    cli_print(s, "<svg width=\"%d\" height=\"%u\" role=\"img\" aria-label=\"rules\">\n", GAP, ROW * (left > right ? left : right));
    lines(v);
    cli_put(s, "</svg>\n");
    tree(v, DGM_WRITE);
    cli_put(s, "</div>\n");
    table_lost(v, DGM_READ);
    table_lost(v, DGM_WRITE);
    table_rules(v);
    table_codes(v);
    cli_put(s, "</body></html>\n");
}
