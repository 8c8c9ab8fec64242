/* SPDX-License-Identifier: Apache-2.0
 *
 * inspect_text.c - a message for people: a head that says what it is and whose, then one line for each segment, group and value.
 * Values stand in one column, code meanings behind them; what is wrong stands under the line it is about. One thread.
 */
#include "inspect.h"

#include <stdio.h>

enum { DEPTH = DGM_DEPTH_MAX + 2, WIDTH_NONE = 120, VALUE_MIN = 26, GUTTER = 5 };

typedef struct page {
    inspecting *n;
    cli_stream *s;
    size_t width, value_column;
    uint32_t end[DEPTH]; /* of the open interior nodes */
    size_t indent[DEPTH];
    size_t depth;
    uint32_t segment;
    size_t column; /* in the head */
} page;

static void ink(const page *p, cli_ink i)
{
    cli_put(p->s, cli_ink_of(p->s, i));
}

static void inked(const page *p, cli_ink i, dgm_slice text, size_t columns_max)
{
    ink(p, i);
    cli_put_visible(p->s, text, columns_max);
    ink(p, INK_OFF);
}

/* ---- the head ---- */

/* Directories of UN/EDIFACT shout: a title without any small letter is written as a sentence would be. */
static void put_title(const page *p, cli_ink i, dgm_slice title, size_t columns_max)
{
    char quiet[128];
    size_t small = 0;
    for (size_t k = 0; k < title.len; k++) small += title.at[k] >= 'a' && title.at[k] <= 'z';
    if (small == 0 && title.len <= sizeof quiet) {
        for (size_t k = 0; k < title.len; k++) {
            char c = title.at[k];
            quiet[k] = k > 0 && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        }
        title = (dgm_slice){ quiet, title.len };
    }
    inked(p, i, title, columns_max);
}

static void line_end(page *p)
{
    cli_put(p->s, "\n");
    p->column = 0;
}

/* Name and value; on a new line when this one has no room left for both. */
static void field(page *p, const char *name, dgm_slice value)
{
    if (!value.len) return;
    size_t label = strlen(name) + 3, room = p->width > label + 8 ? p->width - label : 8, columns = cli_columns(value);
    if (columns > room) columns = room;
    if (p->column && p->column + label + columns > p->width) line_end(p);
    cli_print(p->s, "  %s%s%s ", cli_ink_of(p->s, INK_DIM), name, cli_ink_of(p->s, INK_OFF));
    inked(p, INK_VALUE, value, room);
    p->column += label + columns;
}

static dgm_slice format_title(const page *p, dgm_slice name)
{
    const dgm_context *c = p->n->c->context;
    for (size_t i = 0; i < dgm_context_format_count(c); i++) {
        dgm_format_info f = dgm_context_format(c, i);
        if (dgm_slice_equal(f.name, name)) return f.title;
    }
    return (dgm_slice){ 0 };
}

static void rule(const page *p)
{
    ink(p, INK_DIM);
    cli_put_times(p->s, "─", p->width);
    ink(p, INK_OFF);
    cli_put(p->s, "\n");
}

static void head(page *p)
{
    const dgm_message_report *r = p->n->report;
    rule(p);
    dgm_slice title = format_title(p, r->format);
    inked(p, INK_BOLD, title.len ? title : r->type.len ? r->type : dgm_slice_of(r->codec), p->width);
    line_end(p);
    if (r->format.len && !title.len) field(p, "format", r->format);
    if (p->n->model && p->n->tree) field(p, "as", dgm_shape_name(p->n->tree->shape));
    field(p, "type", r->type);
    field(p, "message", r->reference);
    if (p->column) line_end(p);
    field(p, "from", r->sender);
    field(p, "to", r->recipient);
    field(p, "interchange", r->interchange_reference);
    if (p->column) line_end(p);
    char bytes[64];
    snprintf(bytes, sizeof bytes, "%llu at %llu", (unsigned long long)r->bytes, (unsigned long long)r->at_byte);
    field(p, "file", p->n->feeding.in->name);
    field(p, "bytes", dgm_slice_of(bytes));
    field(p, "read by", r->mapping_in.len ? r->mapping_in : DGM_LITERAL("no mapping"));
    line_end(p);
    rule(p);
}

/* ---- what is wrong ---- */

/* A line of a record, wrapped at blanks; escape sequences take no columns. */
static void record_line(const page *p, dgm_slice line, size_t indent)
{
    size_t column = indent;
    while (line.len) {
        size_t blanks = 0, word = 0, columns = 0;
        while (blanks < line.len && line.at[blanks] == ' ') blanks++;
        for (word = blanks; word < line.len && line.at[word] != ' '; word++) {
            if (line.at[word] == '\033') {
                while (word + 1 < line.len && line.at[word] != 'm') word++;
            } else {
                columns += ((unsigned char)line.at[word] & 0xC0) != 0x80;
            }
        }
        if (column > indent && column + blanks + columns > p->width) {
            cli_put(p->s, "\n");
            cli_put_times(p->s, " ", indent + 2);
            column = indent + 2;
            line = dgm_slice_part(line, blanks, line.len);
            continue;
        }
        cli_put_slice(p->s, dgm_slice_part(line, 0, word));
        column += blanks + columns;
        line = dgm_slice_part(line, word, line.len);
    }
}

static void record(const page *p, const dgm_diag *d, size_t indent, bool in_place)
{
    dgm_diag shown = *d;
    if (in_place) {
        shown.at_byte = UINT64_MAX;
        shown.line = shown.column = 0;
        shown.excerpt = shown.path = shown.reference = (dgm_slice){ 0 };
        shown.position = (dgm_position){ 0 };
    }
    dgm_diag_style style = { .colour = p->s->colour, .width = (uint32_t)(p->width > indent + 24 ? p->width - indent - 4 : 20) };
    dgm_buffer text;
    dgm_buffer_init(&text, &p->n->c->mem);
    if (dgm_diag_print(&shown, &style, dgm_buffer_sink(&text)) == DGM_OK) {
        const char *mark = d->severity == DGM_ERROR ? "✗ " : d->severity == DGM_WARNING ? "▲ " : "· ";
        for (dgm_slice rest = dgm_buffer_slice(&text); rest.len;) {
            dgm_cut line = dgm_slice_cut(rest, '\n');
            cli_put_times(p->s, " ", indent);
            ink(p, d->severity == DGM_ERROR ? INK_BAD : INK_WARN);
            cli_put(p->s, mark);
            ink(p, INK_OFF);
            record_line(p, line.head, indent + 2);
            cli_put(p->s, "\n");
            mark = "  ";
            rest = line.tail;
        }
    }
    dgm_buffer_free(&text);
}

static void records_at(page *p, uint32_t node, size_t indent)
{
    inspecting *n = p->n;
    for (; n->anchor_next < n->anchor_count && n->anchors[n->anchor_next].node <= node; n->anchor_next++) {
        const dgm_diag *d = dgm_diags_at(n->report->diags, n->anchors[n->anchor_next].diag);
        record(p, d, indent, n->anchors[n->anchor_next].node != DGM_NONE || inspect_about_all(n, d));
    }
}

/* ---- lines ---- */

static bool is_edifact(const page *p)
{
    return p->n->report->codec && !p->n->model && dgm_slice_is(dgm_slice_of(p->n->report->codec), "edifact");
}

static dgm_slice alias_of(const dgm_shape *shape, uint32_t slot)
{
    for (uint32_t i = 0; shape && i < dgm_shape_alias_count(shape); i++) {
        uint32_t is = DGM_SLOT_NONE;
        dgm_slice name = dgm_shape_alias_name(shape, i, &is);
        if (is == slot) return name;
    }
    return (dgm_slice){ 0 };
}

static void interior(page *p, uint32_t node, size_t indent)
{
    const dgm_tree *t = p->n->tree;
    const dgm_node *at = &t->nodes[node];
    const dgm_slot *slot = inspect_slot(p->n, node);
    bool segment = dgm_node_kind(at) == DGM_SEGMENT;
    if (segment) p->segment++;
    if (is_edifact(p)) {
        ink(p, INK_DIM);
        if (segment)
            cli_print(p->s, "%4u ", p->segment);
        else
            cli_put_times(p->s, " ", GUTTER);
        ink(p, INK_OFF);
    }
    cli_put_times(p->s, " ", indent);
    dgm_slice name = dgm_tree_name(t, node);
    if (!segment) cli_put(p->s, "▸ ");
    inked(p, segment ? INK_NAME : INK_BOLD, name, 60);
    size_t used = GUTTER + indent + cli_columns(name);
    dgm_slice alias = slot ? alias_of(t->shape, dgm_node_slot(at)) : (dgm_slice){ 0 };
    if (alias.len && !dgm_slice_equal(alias, name)) {
        cli_put(p->s, " · ");
        inked(p, INK_BOLD, alias, 40);
        used += 3 + cli_columns(alias);
    }
    if (slot && slot->max > 1 && !segment)
        cli_print(p->s, " %s%u%s", cli_ink_of(p->s, INK_BOLD), slot->kind == DGM_COMPOSITE ? dgm_tree_number(t, node) : at->place,
                  cli_ink_of(p->s, INK_OFF));
    dgm_slice title = inspect_title(p->n, node);
    if (title.len && used + 6 < p->width) {
        cli_put(p->s, "  ");
        put_title(p, INK_DIM, title, p->width - used - 6);
    }
    if (!slot) cli_print(p->s, "  %snot in this format%s", cli_ink_of(p->s, INK_WARN), cli_ink_of(p->s, INK_OFF));
    cli_put(p->s, "\n");
}

/* Columns that a leaf's label takes: an EDIFACT element is a number, so its title is the label's better half. */
static size_t label_columns(const page *p, uint32_t node)
{
    dgm_slice title = inspect_title(p->n, node);
    size_t n = cli_columns(dgm_tree_name(p->n->tree, node));
    if (is_edifact(p) && title.len) n += 1 + cli_columns(title);
    return n;
}

/* The value, wrapped in its column, and the meaning behind it or below. */
static void value_and_meaning(const page *p, uint32_t node, dgm_slice value)
{
    size_t room = p->width > p->value_column + 8 ? p->width - p->value_column : 8, used = cli_columns(value);
    dgm_slice rest = value;
    ink(p, INK_VALUE);
    while (rest.len && cli_columns(rest) > room && p->s->width) {
        size_t bytes = 0, columns = 0;
        /* Cut at the last blank that fits, else where the room ends; the window keeps a value of a megabyte from being measured. */
        size_t window = rest.len < room * 4 ? rest.len : room * 4, blank = 0;
        while (bytes < window) {
            size_t c = (unsigned char)rest.at[bytes] < 0x80   ? 1
                       : (unsigned char)rest.at[bytes] < 0xE0 ? 2
                       : (unsigned char)rest.at[bytes] < 0xF0 ? 3
                                                              : 4;
            if (bytes + c > rest.len) c = rest.len - bytes;
            size_t w = cli_columns(dgm_slice_part(rest, bytes, bytes + c));
            if (columns + w > room) break;
            columns += w;
            if (rest.at[bytes] == ' ') blank = bytes;
            bytes += c;
        }
        size_t cut = blank > bytes / 2 ? blank : bytes ? bytes : 1;
        cli_put_visible(p->s, dgm_slice_part(rest, 0, cut), SIZE_MAX);
        cli_put(p->s, "\n");
        cli_put_times(p->s, " ", p->value_column);
        rest = dgm_slice_trim(dgm_slice_part(rest, cut, rest.len));
        used = cli_columns(rest);
    }
    cli_put_visible(p->s, rest, SIZE_MAX);
    ink(p, INK_OFF);
    dgm_slice meaning = inspect_meaning(p->n, node, value);
    if (meaning.len) {
        cli_put(p->s, "  ");
        inked(p, INK_CODE, meaning, used + 2 < room || !p->s->width ? (p->s->width ? room - used - 2 : SIZE_MAX) : 0);
    }
}

static void attributes(const page *p, uint32_t node)
{
    const dgm_tree *t = p->n->tree;
    if (!(dgm_node_flags(&t->nodes[node]) & DGM_HAS_MORE)) return;
    for (uint32_t a = dgm_tree_end(t, node); a < t->node_count && dgm_node_kind(&t->nodes[a]) == DGM_ATTRIBUTE; a++) {
        cli_put(p->s, "  ");
        inked(p, INK_DIM, dgm_tree_name(t, a), 40);
        cli_put(p->s, " ");
        inked(p, INK_OFF, dgm_tree_value(t, a), 60);
    }
}

static void leaf(const page *p, uint32_t node, size_t indent)
{
    const dgm_tree *t = p->n->tree;
    dgm_slice name = dgm_tree_name(t, node), called = inspect_title(p->n, node);
    size_t gutter = is_edifact(p) ? GUTTER : 0;
    size_t room = p->value_column > gutter + indent + 2 ? p->value_column - gutter - indent - 2 : 8, used = cli_columns(name);
    cli_put_times(p->s, " ", gutter + indent);
    bool numbers = is_edifact(p) && called.len;
    inked(p, numbers ? INK_DIM : INK_NAME, name, room);
    if (used > room) used = room;
    if (numbers && used + 4 < room) {
        size_t title = cli_columns(called), left = room - used - 1;
        cli_put(p->s, " ");
        put_title(p, INK_OFF, called, left);
        used += 1 + (title < left ? title : left);
    }
    cli_put_times(p->s, " ", p->value_column - gutter - indent > used ? p->value_column - gutter - indent - used : 2);
    dgm_slice value = dgm_tree_value(t, node);
    if (value.len)
        value_and_meaning(p, node, value);
    else
        cli_print(p->s, "%s(empty)%s", cli_ink_of(p->s, INK_DIM), cli_ink_of(p->s, INK_OFF));
    attributes(p, node);
    if (!inspect_slot(p->n, node))
        cli_print(p->s, "  %snot in this format%s", cli_ink_of(p->s, INK_WARN), cli_ink_of(p->s, INK_OFF));
    cli_put(p->s, "\n");
}

/* Composites are no lines of their own: their components say what they are. */
static bool has_line(const page *p, uint32_t node)
{
    const dgm_tree *t = p->n->tree;
    dgm_kind kind = dgm_node_kind(&t->nodes[node]);
    if (kind == DGM_COMPOSITE || kind == DGM_ATTRIBUTE)
        return kind == DGM_ATTRIBUTE && node > 0 && dgm_node_kind(&t->nodes[node - 1]) == DGM_GROUP;
    if (!dgm_kind_leaf(kind)) return node > 0;
    return p->n->empty || dgm_tree_value(t, node).len > 0 || (dgm_node_flags(&t->nodes[node]) & DGM_HAS_MORE);
}

static size_t open_depth(page *p, uint32_t node)
{
    while (p->depth && p->end[p->depth - 1] <= node) p->depth--;
    return p->depth ? p->indent[p->depth - 1] : 0;
}

static void open_node(page *p, uint32_t node, size_t indent)
{
    const dgm_tree *t = p->n->tree;
    if (p->depth == DEPTH || dgm_kind_leaf(dgm_node_kind(&t->nodes[node]))) return;
    p->end[p->depth] = dgm_tree_end(t, node);
    p->indent[p->depth++] = has_line(p, node) ? indent + 2 : indent;
}

static void measure(page *p)
{
    const dgm_tree *t = p->n->tree;
    size_t most = VALUE_MIN;
    for (uint32_t i = 0; i < t->node_count; i++) {
        size_t indent = open_depth(p, i);
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) && has_line(p, i)) {
            size_t column = (is_edifact(p) ? GUTTER : 0) + indent + label_columns(p, i) + 2;
            if (column > most) most = column;
        }
        open_node(p, i, indent);
    }
    size_t cap = p->width * 9 / 20;
    p->value_column = most < cap ? most : cap;
    p->depth = 0;
}

static void verdict(const page *p)
{
    size_t errors = dgm_diags_errors(p->n->report->diags),
           all = dgm_diags_count(p->n->report->diags) + dgm_diags_dropped(p->n->report->diags);
    cli_stream *s = p->s;
    cli_print(s, "%s%s%s ", cli_ink_of(s, errors ? INK_BAD : INK_GOOD), errors ? "✗" : "✓", cli_ink_of(s, INK_OFF));
    if (all == 0)
        cli_put(s, "nothing wrong with it");
    else
        cli_print(s, "%zu error%s, %zu other remark%s", errors, errors == 1 ? "" : "s", all - errors, all - errors == 1 ? "" : "s");
    cli_put(s, "\n\n");
}

void inspect_text(inspecting *n)
{
    page p = { .n = n, .s = &n->c->out };
    p.width = p.s->width ? p.s->width : WIDTH_NONE;
    head(&p);
    const dgm_tree *t = n->tree;
    if (t) measure(&p);
    for (uint32_t i = 0; t && i < t->node_count; i++) {
        size_t indent = open_depth(&p, i);
        if (!has_line(&p, i))
            open_node(&p, i, indent);
        else if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])))
            leaf(&p, i, indent);
        else {
            interior(&p, i, indent);
            open_node(&p, i, indent);
        }
        records_at(&p, i, (is_edifact(&p) ? GUTTER : 0) + indent + 2);
    }
    records_at(&p, DGM_NONE, 0);
    if (!t)
        cli_print(p.s, "%sThe message could not be %s.%s\n", cli_ink_of(p.s, INK_WARN), n->model ? "mapped" : "read",
                  cli_ink_of(p.s, INK_OFF));
    verdict(&p);
}
