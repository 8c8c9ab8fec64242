/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees become interchanges: UNA, UNB, messages, UNZ. A message is made whole in a buffer, checked while it is made, and
 * only then given to the sink. ISO 9735:1988, 5 to 10. One thread.
 * long: all of it shares the state of the message being made, which nobody else needs to see.
 */
#include "writer.h"

#include "base/diag.h"
#include "base/utf8.h"
#include "lexer.h"
#include "program.h"

#include <stdio.h>

const dgm_option dgm_edi_writer_options[] = {
    { "sender", "SENDER", "interchange sender (0004)", DGM_OPT_TEXT, NULL },
    { "sender-qualifier", "", "partner identification code qualifier of the sender (0007)", DGM_OPT_TEXT, NULL },
    { "recipient", "RECIPIENT", "interchange recipient (0010)", DGM_OPT_TEXT, NULL },
    { "recipient-qualifier", "", "partner identification code qualifier of the recipient (0007)", DGM_OPT_TEXT, NULL },
    { "reference", "", "interchange control reference (0020); made from the clock when empty", DGM_OPT_TEXT, NULL },
    { "message-reference", "1", "reference of the first message without one (0062); its last digits count up", DGM_OPT_TEXT, NULL },
    { "syntax", "UNOC:3", "syntax identifier and version", DGM_OPT_TEXT,
      "UNOA UNOB UNOC UNOD UNOE UNOF UNOY UNOA:1 UNOB:1 UNOA:2 UNOB:2 UNOA:3 UNOB:3 UNOC:3 UNOD:3 UNOE:3 UNOF:3 UNOY:3" },
    { "test", "no", "mark the interchange as a test (0035)", DGM_OPT_BOOL, NULL },
    { "una", "auto", "write UNA: auto is when the decimal mark is a comma", DGM_OPT_TEXT, "auto yes no" },
    { "decimal", "", "decimal mark; empty: as values have it", DGM_OPT_TEXT, ". ," },
    { "line-breaks", "no", "a line for each segment", DGM_OPT_BOOL, NULL },
    { 0 },
};

#define FLUSH_AT 65536u

/* What writing wants to know of a slot. */
typedef struct slot_row {
    uint32_t first_child, child_count;
    uint32_t max;
    uint32_t most; /* characters */
    uint16_t least;
    uint8_t kind;  /* dgm_kind */
    uint8_t class; /* dgm_edi_class */
    uint8_t element, component;
    bool needed, needs; /* mandatory; has mandatory children */
    char tag[4];
} slot_row;

/* The same of a whole shape. It is made once and kept beside the shape, because an interchange may hold one small message only. */
typedef struct slot_table {
    dgm_mem mem;
    slot_row *rows;
    uint32_t row_count;
    uint32_t uns[2], uns_count, unh, unt; /* slots */
} slot_table;

enum { RELEASE = 1, WIDE = 2, OUTSIDE = 4 };

typedef struct edi_writer {
    dgm_writer head;
    dgm_host host;
    dgm_mem mem;
    const dgm_format *format;
    const dgm_shape *shape;
    dgm_sink sink;
    dgm_status failed;
    const slot_table *table;
    slot_table *own; /* a shape that nobody prepared */
    uint32_t *counts;
    unsigned char kind[256]; /* RELEASE, WIDE, OUTSIDE */
    const char *set;         /* of bytes from 0x80 on; NULL: UTF-8, or ASCII alone */
    bool latin;              /* that set is ISO 8859-1, the beginning of Unicode */
    dgm_charset *charset;    /* any other, opened when a character first asks for it */
    char syntax[5];
    char syntax_version;
    char decimal; /* 0: as it is */
    bool breaks;
    dgm_buffer out, message, encoded;
    char reference[16]; /* of the interchange */
    size_t reference_len;
    char next[16]; /* reference of the next message */
    size_t next_len;
    uint64_t messages;
    bool finished;
    /* The message being written. */
    const dgm_tree *tree;
    uint32_t decoded; /* next row of the tree's side table */
    uint32_t segments, errors;
    uint32_t at_element, at_component;
} edi_writer;

static edi_writer *of(dgm_writer *w)
{
    return (edi_writer *)(void *)w;
}

/* ---- diagnostics
 * ------------------------------------------------------------------------------------------------------------------ */

static dgm_diag *complain(edi_writer *w, dgm_diag_code code, uint32_t node, dgm_slice below)
{
    char path[256];
    w->errors++;
    dgm_diag *d = dgm_diags_add(w->host.diags, code, DGM_ERROR);
    if (!d) return NULL;
    d->position.message = (uint32_t)(w->messages + 1);
    d->node = node;
    size_t n = node == DGM_NONE || !w->tree ? 0 : dgm_tree_path(w->tree, node, path, sizeof path);
    if (n > sizeof path) n = sizeof path;
    if (below.len && n && n < sizeof path) path[n++] = '/';
    for (size_t i = 0; i < below.len && n < sizeof path; i++) path[n++] = below.at[i];
    dgm_diag_path(w->host.diags, d, (dgm_slice){ path, n });
    if (w->tree) dgm_diag_reference(w->host.diags, d, w->tree->reference);
    return d;
}

static void say_slot(edi_writer *w, dgm_diag *d, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(w->shape, slot);
    dgm_diag_text(w->host.diags, d, s->name);
    dgm_diag_text(w->host.diags, d, s->title);
}

/* ---- values
 * ------------------------------------------------------------------------------------------------------------------------ */

static void put(edi_writer *w, char c)
{
    if (w->message.len == w->message.capacity && dgm_buffer_reserve(&w->message, 1) != DGM_OK) {
        w->failed = DGM_NOMEM;
        return;
    }
    w->message.at[w->message.len++] = c;
}

static void put_all(edi_writer *w, dgm_slice s)
{
    dgm_status st = dgm_buffer_append(&w->message, s);
    if (st != DGM_OK) w->failed = st;
}

static uint32_t kinds_of(const edi_writer *w, dgm_slice v)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < v.len; i++) kinds |= w->kind[(unsigned char)v.at[i]];
    return kinds;
}

static void refuse_character(edi_writer *w, uint32_t node, uint32_t slot, dgm_slice v, size_t at)
{
    char text[24];
    dgm_rune rune = dgm_utf8_next(dgm_slice_part(v, at, v.len));
    dgm_diag *d = complain(w, DGM_D_EDI_WRITE_CHARACTER, node, (dgm_slice){ 0 });
    say_slot(w, d, slot);
    if (rune.point < 0x20 || rune.point == 0x7F)
        snprintf(text, sizeof text, "U+%04X", rune.point);
    else
        snprintf(text, sizeof text, "%.*s (U+%04X)", (int)rune.bytes, v.at + at, rune.point);
    dgm_diag_text(w->host.diags, d, dgm_slice_of(text));
    dgm_diag_text(w->host.diags, d, dgm_slice_of(w->syntax));
}

static bool digits_of(dgm_slice v, uint32_t *digits)
{
    uint32_t n = 0, marks = 0;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        if (c >= '0' && c <= '9')
            n++;
        else if (c == '.' || c == ',')
            marks++;
        else if (c != '-' || i)
            return false;
    }
    *digits = n;
    return n > 0 && marks <= 1;
}

static bool no_digits(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] >= '0' && v.at[i] <= '9') return false;
    return true;
}

/* Length and representation. */
static void check_value(edi_writer *w, uint32_t node, uint32_t slot, dgm_slice v, uint32_t kinds)
{
    const slot_row *row = &w->table->rows[slot];
    uint32_t length = (uint32_t)v.len;
    dgm_diag_code code = DGM_D_NONE;
    if (row->class == DGM_EDI_N) {
        if (!digits_of(v, &length)) code = DGM_D_EDI_NOT_NUMERIC;
    } else {
        if (kinds & WIDE) length = (uint32_t)dgm_utf8_length(v);
        if (row->class == DGM_EDI_A && !no_digits(v)) code = DGM_D_EDI_NOT_ALPHABETIC;
    }
    if (code != DGM_D_NONE) {
        dgm_diag *d = complain(w, code, node, (dgm_slice){ 0 });
        say_slot(w, d, slot);
        dgm_diag_text(w->host.diags, d, v);
        return;
    }
    if (length >= row->least && length <= row->most) return;
    bool shorter = length < row->least;
    dgm_diag *d = complain(w, shorter ? DGM_D_EDI_TOO_SHORT : DGM_D_EDI_TOO_LONG, node, (dgm_slice){ 0 });
    say_slot(w, d, slot);
    dgm_diag_number(w->host.diags, d, length);
    dgm_diag_number(w->host.diags, d, shorter ? row->least : row->most);
}

/* The bytes of a valid text in the set of the interchange; *bad: offset of the first character it lacks. */
static dgm_status encode(edi_writer *w, dgm_slice v, size_t *bad)
{
    w->encoded.len = 0;
    if (!w->latin) {
        dgm_status st = w->charset ? DGM_OK : dgm_charset_open(&w->mem, dgm_slice_of(w->set), &w->charset);
        return st == DGM_OK ? dgm_charset_encode(w->charset, v, &w->encoded, bad) : st;
    }
    dgm_status st = dgm_buffer_reserve(&w->encoded, v.len);
    if (st != DGM_OK) return st;
    for (size_t i = 0; i < v.len;) {
        dgm_rune c = dgm_utf8_next(dgm_slice_part(v, i, v.len));
        *bad = i;
        if (c.point > 0xFF) return DGM_INVALID;
        w->encoded.at[w->encoded.len++] = (char)c.point;
        i += c.bytes;
    }
    return DGM_OK;
}

/* The value with releases, and in the character set of the interchange. */
static void put_value(edi_writer *w, uint32_t node, uint32_t slot, dgm_slice v)
{
    uint32_t kinds = kinds_of(w, v);
    check_value(w, node, slot, v, kinds);
    if (kinds & OUTSIDE) {
        size_t at = 0;
        while (!(w->kind[(unsigned char)v.at[at]] & OUTSIDE)) at++;
        refuse_character(w, node, slot, v, at);
        return;
    }
    if ((kinds & WIDE) && dgm_utf8_check(v) != v.len) {
        refuse_character(w, node, slot, v, dgm_utf8_check(v));
        return;
    }
    if ((kinds & WIDE) && w->set) {
        size_t bad = 0;
        dgm_status st = encode(w, v, &bad);
        if (st == DGM_INVALID)
            refuse_character(w, node, slot, v, bad);
        else if (st != DGM_OK)
            w->failed = st;
        if (st != DGM_OK) return;
        v = dgm_buffer_slice(&w->encoded);
    }
    bool number = w->decimal && w->table->rows[slot].class == DGM_EDI_N;
    if (!(kinds & RELEASE) && !number) {
        put_all(w, v);
        return;
    }
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        if (number && (c == '.' || c == ','))
            c = w->decimal;
        else if (w->kind[(unsigned char)c] & RELEASE)
            put(w, '?');
        put(w, c);
    }
}

/* ---- segments
 * ---------------------------------------------------------------------------------------------------------------------- */

static void begin_segment(edi_writer *w, const char *tag)
{
    put_all(w, (dgm_slice){ tag, 3 });
    w->segments++;
    w->at_element = 0;
    w->at_component = 1;
}

static void end_segment(edi_writer *w)
{
    put(w, '\'');
    if (w->breaks) put(w, '\n');
}

/* Separators up to a place; false when it lies behind us. */
static bool go_to(edi_writer *w, uint32_t element, uint32_t component)
{
    if (component == 0) component = 1;
    if (element < w->at_element || (element == w->at_element && component < w->at_component)) return false;
    for (; w->at_element < element; w->at_element++) {
        put(w, '+');
        w->at_component = 1;
    }
    for (; w->at_component < component; w->at_component++) put(w, ':');
    return true;
}

static void put_plain(edi_writer *w, uint32_t element, uint32_t component, dgm_slice v)
{
    if (v.len == 0) return;
    go_to(w, element, component);
    for (size_t i = 0; i < v.len; i++) {
        if (w->kind[(unsigned char)v.at[i]] & RELEASE) put(w, '?');
        put(w, v.at[i]);
    }
}

static dgm_slice value_of(edi_writer *w, uint32_t node)
{
    const dgm_tree *t = w->tree;
    const dgm_node *n = &t->nodes[node];
    if (!(dgm_node_flags(n) & DGM_DECODED)) return (dgm_slice){ t->bytes + n->at, n->span };
    while (w->decoded < t->decoded_count && t->decoded[w->decoded].node < node) w->decoded++;
    const dgm_side *s = &t->decoded[w->decoded];
    return w->decoded < t->decoded_count && s->node == node ? (dgm_slice){ t->side_bytes + s->at, s->len } : (dgm_slice){ 0 };
}

/* One occurrence more of a slot beneath its parent. */
static bool count_slot(edi_writer *w, uint32_t node, uint32_t slot)
{
    const slot_row *row = &w->table->rows[slot];
    if (++w->counts[slot] <= row->max) return true;
    if (row->kind == DGM_ELEMENT || row->kind == DGM_COMPOSITE) {
        say_slot(w, complain(w, DGM_D_EDI_WRITE_TWICE, node, (dgm_slice){ 0 }), slot);
    } else if (w->counts[slot] == row->max + 1) {
        dgm_diag *d =
            complain(w, row->kind == DGM_GROUP ? DGM_D_EDI_GROUP_TOO_MANY : DGM_D_EDI_SEGMENT_TOO_MANY, node, (dgm_slice){ 0 });
        uint32_t all = row->max;
        dgm_diag_text(w->host.diags, d, dgm_shape_slot(w->shape, slot)->name);
        for (uint32_t i = node; i < w->tree->node_count && w->tree->nodes[i].tag == w->tree->nodes[node].tag;
             i = dgm_tree_next(w->tree, i))
            all++;
        dgm_diag_number(w->host.diags, d, all);
        dgm_diag_number(w->host.diags, d, row->max);
    }
    return false;
}

static void forget_children(edi_writer *w, uint32_t slot)
{
    const slot_row *row = &w->table->rows[slot];
    if (row->child_count) memset(w->counts + row->first_child, 0, row->child_count * sizeof *w->counts);
}

static void missing_child(edi_writer *w, uint32_t node, uint32_t slot, uint32_t parent_slot)
{
    const dgm_slot *s = dgm_shape_slot(w->shape, slot);
    static const dgm_diag_code codes[] = { [DGM_GROUP] = DGM_D_EDI_GROUP_MISSING,
                                           [DGM_SEGMENT] = DGM_D_EDI_SEGMENT_MISSING,
                                           [DGM_COMPOSITE] = DGM_D_EDI_ELEMENT_MISSING,
                                           [DGM_ELEMENT] = DGM_D_EDI_ELEMENT_MISSING };
    dgm_diag *d = complain(w, s->component ? DGM_D_EDI_COMPONENT_MISSING : codes[s->kind], node, s->name);
    dgm_diag_text(w->host.diags, d, s->name);
    dgm_diag_text(w->host.diags, d, s->kind == DGM_GROUP ? dgm_shape_slot(w->shape, s->first_child)->name : s->title);
    const dgm_slot *before = slot > w->table->rows[parent_slot].first_child && s->kind <= DGM_SEGMENT
                                 ? dgm_shape_slot(w->shape, slot - 1)
                                 : dgm_shape_slot(w->shape, parent_slot);
    if (s->kind <= DGM_SEGMENT || s->component) dgm_diag_text(w->host.diags, d, before->name);
}

static void check_children(edi_writer *w, uint32_t node, uint32_t slot)
{
    const slot_row *row = &w->table->rows[slot];
    if (!row->needs) return;
    for (uint32_t i = 0; i < row->child_count; i++) {
        uint32_t child = row->first_child + i;
        if (w->table->rows[child].needed && w->counts[child] == 0 && child != w->table->unh && child != w->table->unt)
            missing_child(w, node, child, slot);
    }
}

static bool known_node(edi_writer *w, uint32_t node, uint32_t parent_slot)
{
    const slot_row *row = &w->table->rows[parent_slot];
    uint32_t slot = dgm_node_slot(&w->tree->nodes[node]);
    if (slot >= row->first_child && slot - row->first_child < row->child_count) return true;
    dgm_diag_text(w->host.diags, complain(w, DGM_D_EDI_WRITE_UNKNOWN, node, (dgm_slice){ 0 }), dgm_tree_name(w->tree, node));
    return false;
}

static void write_leaf(edi_writer *w, uint32_t node, uint32_t slot)
{
    const slot_row *row = &w->table->rows[slot];
    dgm_slice v = value_of(w, node);
    if (v.len == 0) return;
    if (!count_slot(w, node, slot)) return;
    if (!go_to(w, row->element, row->component)) {
        complain(w, DGM_D_EDI_WRITE_FORMAT, node, (dgm_slice){ 0 });
        return;
    }
    put_value(w, node, slot, v);
}

static void write_composite(edi_writer *w, uint32_t node, uint32_t slot)
{
    uint32_t end = dgm_tree_end(w->tree, node), errors = w->errors;
    size_t before = w->message.len;
    forget_children(w, slot);
    for (uint32_t i = node + 1; i < end; i = dgm_tree_next(w->tree, i))
        if (known_node(w, i, slot)) write_leaf(w, i, dgm_node_slot(&w->tree->nodes[i]));
    if (w->message.len == before && w->errors == errors) return; /* nothing in it: as if it were not there */
    count_slot(w, node, slot);
    check_children(w, node, slot);
}

static void write_elements(edi_writer *w, uint32_t node, uint32_t slot)
{
    uint32_t end = dgm_tree_end(w->tree, node);
    forget_children(w, slot);
    for (uint32_t i = node + 1; i < end && w->failed == DGM_OK; i = dgm_tree_next(w->tree, i)) {
        if (!known_node(w, i, slot)) continue;
        uint32_t child = dgm_node_slot(&w->tree->nodes[i]);
        if (w->table->rows[child].kind == DGM_COMPOSITE)
            write_composite(w, i, child);
        else
            write_leaf(w, i, child);
    }
    check_children(w, node, slot);
}

/* ---- UNH, UNS, UNT
 * ------------------------------------------------------------------------------------------------------------------ */

static void count_up(char *text, size_t *len)
{
    size_t i = *len;
    while (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9') {
        if (text[i - 1] != '9') {
            text[i - 1]++;
            return;
        }
        text[--i] = '0';
    }
    if (*len == 14) return; /* as long as it may be: it begins anew */
    memmove(text + i + 1, text + i, *len - i);
    text[i] = i == *len ? '2' : '1';
    ++*len;
}

/* Slots of UNH's leaves in the tree, if it has an UNH. */
static dgm_slice header_value(edi_writer *w, uint32_t header, uint32_t element, uint32_t component)
{
    if (header == DGM_NONE) return (dgm_slice){ 0 };
    for (uint32_t i = header + 1, end = dgm_tree_end(w->tree, header); i < end; i++) {
        const dgm_node *n = &w->tree->nodes[i];
        uint32_t slot = dgm_node_slot(n);
        if (!dgm_kind_leaf(dgm_node_kind(n)) || slot >= w->table->row_count) continue;
        if (w->table->rows[slot].element == element && w->table->rows[slot].component == component)
            return dgm_tree_value(w->tree, i);
    }
    return (dgm_slice){ 0 };
}

static dgm_slice or_setting(const edi_writer *w, dgm_slice value, const char *name)
{
    return value.len ? value : dgm_setting_get(w->format->settings, w->format->setting_count, w->head.codec->format_options, name);
}

/* UNH as the tree has it; what it lacks comes from the format and from counting. */
static dgm_slice write_header(edi_writer *w, uint32_t header)
{
    dgm_slice reference = header_value(w, header, 1, 0);
    if (reference.len == 0) reference = w->tree->reference;
    if (reference.len == 0 || reference.len > 14 || kinds_of(w, reference)) reference = (dgm_slice){ w->next, w->next_len };
    begin_segment(w, "UNH");
    put_plain(w, 1, 0, reference);
    put_plain(w, 2, 1, or_setting(w, header_value(w, header, 2, 1), "message"));
    put_plain(w, 2, 2, or_setting(w, header_value(w, header, 2, 2), "version"));
    put_plain(w, 2, 3, or_setting(w, header_value(w, header, 2, 3), "release"));
    put_plain(w, 2, 4, or_setting(w, header_value(w, header, 2, 4), "agency"));
    put_plain(w, 2, 5, or_setting(w, header_value(w, header, 2, 5), "association"));
    put_plain(w, 3, 0, header_value(w, header, 3, 0));
    put_plain(w, 4, 1, header_value(w, header, 4, 1));
    put_plain(w, 4, 2, header_value(w, header, 4, 2));
    end_segment(w);
    return reference;
}

static void write_trailer(edi_writer *w, dgm_slice reference)
{
    char text[16];
    begin_segment(w, "UNT");
    int n = snprintf(text, sizeof text, "%u", w->segments);
    put_plain(w, 1, 0, (dgm_slice){ text, (size_t)n });
    put_plain(w, 2, 0, reference);
    end_segment(w);
}

/* Section controls that the tree does not have, up to a slot: D before the detail section, S before the summary. */
static void write_sections(edi_writer *w, uint32_t before)
{
    for (uint32_t i = 0; i < w->table->uns_count; i++) {
        uint32_t slot = w->table->uns[i];
        if (slot >= before || w->counts[slot] || !w->table->rows[slot].needed) continue;
        w->counts[slot] = 1;
        begin_segment(w, "UNS");
        put_plain(w, 1, 0, i + 1 < w->table->uns_count ? DGM_LITERAL("D") : DGM_LITERAL("S"));
        end_segment(w);
    }
}

/* ---- messages
 * ----------------------------------------------------------------------------------------------------------------------- */

typedef struct open_group {
    uint32_t node, slot, end;
} open_group;

static void write_segment(edi_writer *w, uint32_t node, uint32_t slot)
{
    if (slot == w->table->unh || slot == w->table->unt) return;
    count_slot(w, node, slot);
    begin_segment(w, w->table->rows[slot].tag);
    write_elements(w, node, slot);
    end_segment(w);
}

/* A group begins with its trigger, and nothing else tells the reader that it is there: where the tree has none and the directory
 * lets the segment stand without elements, it is written so. */
static void write_trigger(edi_writer *w, uint32_t node, uint32_t slot)
{
    uint32_t first = w->table->rows[slot].first_child;
    const slot_row *trigger = &w->table->rows[first];
    if (trigger->kind != DGM_SEGMENT || !trigger->needed || trigger->needs) return;
    if (node + 1 < dgm_tree_end(w->tree, node) && dgm_node_slot(&w->tree->nodes[node + 1]) == first) return;
    w->counts[first] = 1;
    begin_segment(w, trigger->tag);
    end_segment(w);
}

static void write_body(edi_writer *w)
{
    const dgm_tree *t = w->tree;
    open_group open[DGM_DEPTH_MAX];
    uint32_t depth = 1, i = 1;
    open[0] = (open_group){ 0, DGM_SLOT_ROOT, t->node_count };
    forget_children(w, DGM_SLOT_ROOT);
    while (w->failed == DGM_OK) {
        open_group *g = &open[depth - 1];
        if (i >= g->end) {
            if (depth == 1) write_sections(w, UINT32_MAX);
            check_children(w, g->node, g->slot);
            if (--depth == 0) return;
            continue;
        }
        if (!known_node(w, i, g->slot)) {
            i = dgm_tree_next(t, i);
            continue;
        }
        uint32_t slot = dgm_node_slot(&t->nodes[i]);
        if (depth == 1 && w->table->uns_count) write_sections(w, slot);
        if (w->table->rows[slot].kind == DGM_SEGMENT) {
            write_segment(w, i, slot);
            i = dgm_tree_next(t, i);
        } else if (depth == DGM_DEPTH_MAX) {
            complain(w, DGM_D_EDI_WRITE_FORMAT, i, (dgm_slice){ 0 });
            return;
        } else {
            count_slot(w, i, slot);
            forget_children(w, slot);
            write_trigger(w, i, slot);
            open[depth++] = (open_group){ i, slot, dgm_tree_end(t, i) };
            i++;
        }
    }
}

static dgm_status flush(edi_writer *w, size_t above)
{
    if (w->out.len <= above) return DGM_OK;
    dgm_status st = dgm_sink_put(w->sink, dgm_buffer_slice(&w->out));
    w->out.len = 0;
    return st == DGM_OK ? DGM_OK : (w->failed = st);
}

dgm_status dgm_edi_write(dgm_writer *writer, const dgm_tree *tree)
{
    edi_writer *w = of(writer);
    if (w->failed != DGM_OK) return w->failed;
    if (w->finished) return DGM_USAGE;
    w->tree = tree;
    w->decoded = w->segments = w->errors = 0;
    w->message.len = 0;
    uint32_t header = DGM_NONE;
    if (tree->shape != w->shape || tree->node_count == 0) {
        w->tree = NULL;
        complain(w, DGM_D_EDI_WRITE_FORMAT, DGM_NONE, (dgm_slice){ 0 });
        return DGM_INVALID;
    }
    for (uint32_t i = 1; i < tree->node_count && header == DGM_NONE; i = dgm_tree_next(tree, i))
        if (dgm_node_slot(&tree->nodes[i]) == w->table->unh) header = i;
    dgm_slice reference = write_header(w, header);
    bool counted = reference.at == w->next;
    write_body(w);
    write_trailer(w, reference);
    w->tree = NULL;
    if (w->failed != DGM_OK) return w->failed;
    if (w->errors) return DGM_INVALID;
    dgm_status st = dgm_buffer_append(&w->out, dgm_buffer_slice(&w->message));
    if (st != DGM_OK) return w->failed = st;
    if (counted) count_up(w->next, &w->next_len);
    w->messages++;
    return flush(w, FLUSH_AT);
}

/* ---- the envelope
 * -------------------------------------------------------------------------------------------------------------------- */

static bool refuse(edi_writer *w, const char *name, dgm_slice value)
{
    dgm_diag *d = dgm_diags_add(w->host.diags, DGM_D_EDI_SETTING, DGM_ERROR);
    dgm_diag_text(w->host.diags, d, dgm_slice_of(name));
    dgm_diag_text(w->host.diags, d, value);
    return false;
}

typedef struct settings {
    const dgm_setting *at;
    size_t n;
} settings;

static dgm_slice get(const settings *s, const char *name)
{
    return dgm_setting_get(s->at, s->n, dgm_edi_writer_options, name);
}

static bool yes(dgm_slice v)
{
    return dgm_slice_is(v, "yes") || dgm_slice_is(v, "true") || dgm_slice_is(v, "1");
}

/* "UNOC:3" → identifier, version, character set. */
static dgm_status take_syntax(edi_writer *w, dgm_slice syntax)
{
    static const char *const sets[] = { NULL, NULL, "ISO-8859-1", "ISO-8859-2", "ISO-8859-5", "ISO-8859-7" };
    dgm_cut halves = dgm_slice_cut(syntax, ':');
    char level = halves.head.len == 4 && memcmp(halves.head.at, "UNO", 3) == 0 ? halves.head.at[3] : 0;
    w->syntax_version = halves.found && halves.tail.len == 1 ? halves.tail.at[0] : '3';
    bool good = ((level >= 'A' && level <= 'F') || level == 'Y') && halves.tail.len <= 1 && w->syntax_version >= '1' &&
                w->syntax_version <= '3';
    if (!good) {
        refuse(w, "syntax", syntax);
        return DGM_USAGE;
    }
    memcpy(w->syntax, halves.head.at, 4);
    dgm_edi_alphabet a;
    dgm_edi_alphabet_make(&a, ":+?'", true,
                          level == 'A'   ? DGM_EDI_REPERTOIRE_A
                          : level == 'B' ? DGM_EDI_REPERTOIRE_B
                                         : DGM_EDI_REPERTOIRE_ANY);
    for (unsigned i = 0; i < 256; i++) {
        bool odd = a.kind[i] & DGM_EDI_KIND_ODD;
        w->kind[i] = i >= 0x80 ? WIDE | (level < 'C' ? OUTSIDE : 0) : odd ? OUTSIDE : a.kind[i] ? RELEASE : 0;
    }
    w->set = level >= 'C' && level <= 'F' ? sets[level - 'A'] : NULL;
    w->latin = level == 'C';
    return DGM_OK;
}

static void date_of(int64_t now_ms, char date[8], char time[8])
{
    int64_t minutes = now_ms / 60000, days = minutes / 1440, rest = minutes % 1440;
    int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097; /* days since 1 March of year 0, in eras of 400 years */
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365, doy = doe - (365 * yoe + yoe / 4 - yoe / 100),
            mp = (5 * doy + 2) / 153;
    int64_t day = doy - (153 * mp + 2) / 5 + 1, month = mp < 10 ? mp + 3 : mp - 9, year = yoe + era * 400 + (month <= 2);
    snprintf(date, 8, "%02u%02u%02u", (unsigned)(year % 100), (unsigned)month % 100, (unsigned)day % 100);
    snprintf(time, 8, "%02u%02u", (unsigned)(rest / 60) % 100, (unsigned)(rest % 60));
}

/* A setting as a value of UNB. */
static bool put_setting(edi_writer *w, const settings *s, const char *name, uint32_t element, uint32_t component, size_t most)
{
    dgm_slice v = get(s, name);
    uint32_t kinds = kinds_of(w, v);
    if (v.len > most || (kinds & (OUTSIDE | WIDE))) return refuse(w, name, v);
    put_plain(w, element, component, v);
    return true;
}

static bool copy_setting(edi_writer *w, const settings *s, const char *name, char *to, size_t *len)
{
    dgm_slice v = get(s, name);
    if (v.len > 14 || kinds_of(w, v)) return refuse(w, name, v);
    if (v.len) memcpy(to, v.at, v.len);
    *len = v.len;
    return true;
}

static bool write_unb(edi_writer *w, const settings *s)
{
    char date[8], time[8], version[2] = { w->syntax_version, 0 };
    int64_t now = w->host.world.now_ms(w->host.world.ctx);
    if (now < 0) now = 0;
    if (!copy_setting(w, s, "reference", w->reference, &w->reference_len)) return false;
    if (!copy_setting(w, s, "message-reference", w->next, &w->next_len)) return false;
    if (w->next_len == 0) return refuse(w, "message-reference", (dgm_slice){ 0 });
    if (w->reference_len == 0)
        w->reference_len = (size_t)snprintf(w->reference, sizeof w->reference, "%llu", (unsigned long long)now % 100000000000000u);
    date_of(now, date, time);
    begin_segment(w, "UNB");
    put_plain(w, 1, 1, dgm_slice_of(w->syntax));
    put_plain(w, 1, 2, dgm_slice_of(version));
    if (get(s, "sender").len == 0) return refuse(w, "sender", (dgm_slice){ 0 });
    if (get(s, "recipient").len == 0) return refuse(w, "recipient", (dgm_slice){ 0 });
    if (!put_setting(w, s, "sender", 2, 1, 35) || !put_setting(w, s, "sender-qualifier", 2, 2, 4)) return false;
    if (!put_setting(w, s, "recipient", 3, 1, 35) || !put_setting(w, s, "recipient-qualifier", 3, 2, 4)) return false;
    put_plain(w, 4, 1, dgm_slice_of(date));
    put_plain(w, 4, 2, dgm_slice_of(time));
    put_plain(w, 5, 0, (dgm_slice){ w->reference, w->reference_len });
    if (yes(get(s, "test"))) put_plain(w, 11, 0, DGM_LITERAL("1"));
    end_segment(w);
    return true;
}

static dgm_status write_opening(edi_writer *w, const settings *s)
{
    dgm_slice decimal = get(s, "decimal"), una = get(s, "una");
    if (decimal.len && !dgm_slice_is(decimal, ".") && !dgm_slice_is(decimal, ",")) return refuse(w, "decimal", decimal), DGM_USAGE;
    if (!dgm_slice_is(una, "auto") && !dgm_slice_is(una, "yes") && !dgm_slice_is(una, "no"))
        return refuse(w, "una", una), DGM_USAGE;
    w->decimal = decimal.len ? decimal.at[0] : 0;
    w->breaks = yes(get(s, "line-breaks"));
    dgm_status st = take_syntax(w, get(s, "syntax"));
    if (st != DGM_OK) return st;
    if (dgm_slice_is(una, "yes") || (dgm_slice_is(una, "auto") && w->decimal == ',')) {
        put_all(w, DGM_LITERAL("UNA:+"));
        put(w, w->decimal == ',' ? ',' : '.');
        put_all(w, DGM_LITERAL("? '"));
        if (w->breaks) put(w, '\n');
    }
    if (!write_unb(w, s)) return DGM_USAGE;
    if (w->failed != DGM_OK) return w->failed;
    return dgm_buffer_append(&w->out, dgm_buffer_slice(&w->message));
}

/* ---- what is known of a shape --------------------------------------------------------------------------------------------------
 */

static void table_free(void *extra)
{
    slot_table *t = extra;
    if (!t) return;
    dgm_mem mem = t->mem;
    dgm_mem_free(&mem, t->rows, t->row_count * sizeof *t->rows);
    dgm_mem_free(&mem, t, sizeof *t);
}

static slot_row row_of(const dgm_slot *s)
{
    slot_row row = { .first_child = s->first_child,
                     .child_count = s->child_count,
                     .max = s->max,
                     .least = (uint16_t)s->repr.length_min,
                     .most = s->repr.length_max ? s->repr.length_max : UINT32_MAX,
                     .kind = (uint8_t)s->kind,
                     .needed = s->min > 0,
                     .needs = s->needs,
                     .class = s->repr.class[0] == 'n'   ? DGM_EDI_N
                              : s->repr.class[1] == 'n' ? DGM_EDI_AN
                                                        : DGM_EDI_A,
                     .element = (uint8_t)s->element,
                     .component = (uint8_t)s->component };
    if (s->repr.class[0] == 0) row.class = DGM_EDI_AN;
    if (s->kind == DGM_SEGMENT) memcpy(row.tag, s->name.at, s->name.len < 3 ? s->name.len : 3);
    return row;
}

static dgm_status table_make(const dgm_mem *mem, const dgm_shape *shape, slot_table **out)
{
    *out = NULL;
    slot_table *t = dgm_mem_new(mem, sizeof *t);
    if (!t) return DGM_NOMEM;
    *t = (slot_table){ .mem = *mem, .row_count = dgm_shape_count(shape), .unh = DGM_SLOT_NONE, .unt = DGM_SLOT_NONE };
    t->rows = dgm_mem_new(mem, t->row_count * sizeof *t->rows);
    if (!t->rows) {
        dgm_mem_free(mem, t, sizeof *t);
        return DGM_NOMEM;
    }
    for (uint32_t i = 0; i < t->row_count; i++) {
        const dgm_slot *s = dgm_shape_slot(shape, i);
        t->rows[i] = row_of(s);
        if (s->parent != DGM_SLOT_ROOT || s->kind != DGM_SEGMENT) continue;
        if (dgm_slice_is(s->name, "UNH")) t->unh = i;
        if (dgm_slice_is(s->name, "UNT")) t->unt = i;
        if (dgm_slice_is(s->name, "UNS") && t->uns_count < 2) t->uns[t->uns_count++] = i;
    }
    *out = t;
    return DGM_OK;
}

dgm_status dgm_edi_writer_prepare(const dgm_mem *mem, dgm_shape *shape)
{
    slot_table *t = NULL;
    dgm_status st = table_make(mem, shape, &t);
    if (st == DGM_OK) dgm_shape_attach(shape, t, table_free);
    return st;
}

static dgm_status take_table(edi_writer *w)
{
    dgm_status st = DGM_OK;
    w->table = dgm_shape_attached(w->shape);
    if (!w->table) st = table_make(&w->mem, w->shape, &w->own);
    if (st != DGM_OK) return st;
    if (!w->table) w->table = w->own;
    w->counts = dgm_mem_new(&w->mem, w->table->row_count * sizeof *w->counts);
    return w->counts ? DGM_OK : DGM_NOMEM;
}

void dgm_edi_writer_close(dgm_writer *writer)
{
    if (!writer) return;
    edi_writer *w = of(writer);
    dgm_mem mem = w->mem;
    if (w->counts) dgm_mem_free(&mem, w->counts, w->table->row_count * sizeof *w->counts);
    table_free(w->own);
    dgm_charset_free(w->charset);
    dgm_buffer_free(&w->out);
    dgm_buffer_free(&w->message);
    dgm_buffer_free(&w->encoded);
    dgm_mem_free(&mem, w, sizeof *w);
}

dgm_status dgm_edi_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *given, size_t n, dgm_sink sink,
                               dgm_writer **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI || !format || !format->shape) return DGM_USAGE;
    edi_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->head.codec = &dgm_codec_edifact;
    w->host = *host;
    w->mem = host->mem;
    w->format = format;
    w->shape = format->shape;
    w->sink = sink;
    dgm_buffer_init(&w->out, &w->mem);
    dgm_buffer_init(&w->message, &w->mem);
    dgm_buffer_init(&w->encoded, &w->mem);
    dgm_status st = take_table(w);
    settings s = { given, n };
    if (st == DGM_OK) st = write_opening(w, &s);
    if (st != DGM_OK) {
        dgm_edi_writer_close(&w->head);
        return st;
    }
    *out = &w->head;
    return DGM_OK;
}

dgm_status dgm_edi_finish(dgm_writer *writer)
{
    edi_writer *w = of(writer);
    char text[24];
    if (w->failed != DGM_OK) return w->failed;
    if (w->finished) return DGM_USAGE;
    w->finished = true;
    w->message.len = 0;
    begin_segment(w, "UNZ");
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)w->messages);
    put_plain(w, 1, 0, (dgm_slice){ text, (size_t)n });
    put_plain(w, 2, 0, (dgm_slice){ w->reference, w->reference_len });
    end_segment(w);
    if (w->failed != DGM_OK) return w->failed;
    dgm_status st = dgm_buffer_append(&w->out, dgm_buffer_slice(&w->message));
    return st == DGM_OK ? flush(w, 0) : st;
}
