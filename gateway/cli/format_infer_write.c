/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer_write.c - what was guessed of samples as a layout in YAML, the reason of each guess beside it, and as JSON. One
 * thread.
 */
#include "format_infer.h"

#include "base/utf8.h"

/* ---- YAML ---- */

static void put(dgm_status *st, dgm_buffer *out, const char *text)
{
    if (*st == DGM_OK) *st = dgm_buffer_append(out, dgm_slice_of(text));
}

static void put_slice(dgm_status *st, dgm_buffer *out, dgm_slice s)
{
    if (*st == DGM_OK && s.len) *st = dgm_buffer_append(out, s);
}

static void put_indent(dgm_status *st, dgm_buffer *out, uint32_t depth)
{
    for (uint32_t i = 0; i < depth; i++) put(st, out, "  ");
}

/* Double quotes, with what is no letter as \xHH. */
static void put_quoted(dgm_status *st, dgm_buffer *out, dgm_slice s)
{
    const bool utf8 = dgm_utf8_check(s) == s.len;
    put(st, out, "\"");
    for (size_t i = 0; i < s.len && *st == DGM_OK; i++) {
        unsigned char c = (unsigned char)s.at[i];
        bool plain = c >= 0x20 && c != 0x7F && (c < 0x7F || utf8) && c != '"' && c != '\\';
        *st = plain ? dgm_buffer_append(out, dgm_slice_part(s, i, i + 1)) : dgm_buffer_print(out, "\\x%02X", c);
    }
    put(st, out, "\"");
}

/* A remark behind what it is about; no line ends in it. */
static void put_why(dgm_status *st, dgm_buffer *out, dgm_slice why)
{
    put(st, out, " # ");
    for (size_t i = 0; i < why.len && *st == DGM_OK; i++) {
        char c = why.at[i];
        *st = dgm_buffer_append(out, c >= 0x20 && c < 0x7F ? dgm_slice_part(why, i, i + 1) : DGM_LITERAL("?"));
    }
    put(st, out, "\n");
}

static void put_fields(const inferring *x, const infer_kind *k, uint32_t depth, dgm_status *st, dgm_buffer *out)
{
    bool one = !k->tag.len && !k->field_count;
    put_indent(st, out, depth);
    put(st, out, one ? "fields: []\n" : "fields:\n");
    if (k->tag.len) {
        put_indent(st, out, depth);
        if (*st == DGM_OK)
            *st = x->delimited ? dgm_buffer_print(out, "- {value: ") : dgm_buffer_print(out, "- {at: 1-%zu, value: ", k->tag.len);
        put_quoted(st, out, k->tag);
        put(st, out, "}\n");
    }
    for (uint32_t i = 0; i < k->field_count; i++) {
        const infer_field *f = &k->fields[i];
        put_indent(st, out, depth);
        put(st, out, "- {field: ");
        put_slice(st, out, f->name);
        if (*st == DGM_OK && x->delimited) *st = dgm_buffer_print(out, ", at: %u", f->at + 1);
        if (*st == DGM_OK && !x->delimited) *st = dgm_buffer_print(out, ", at: %u-%u", f->at + 1, f->at + f->len);
        put_slice(st, out, f->more);
        put(st, out, f->required && !x->plain ? ", required: yes}" : "}");
        put_why(st, out, f->why);
    }
}

static void put_kind(const inferring *x, uint32_t kind, uint32_t depth, dgm_status *st, dgm_buffer *out)
{
    const infer_kind *k = &x->kinds[kind];
    put_indent(st, out, depth);
    put(st, out, "- record: ");
    put_slice(st, out, k->name);
    if (*st == DGM_OK)
        *st = dgm_buffer_print(out, " # %u lines, %u to %u %s\n", k->count, k->least, k->most, x->delimited ? "fields" : "columns");
    bool many = k->high > 1 || (k->parent == DGM_NONE && x->kind_count == 1);
    bool each = k->parent == DGM_NONE && x->kind_count == 1; /* a line is a message */
    put_indent(st, out, depth + 1);
    if (*st == DGM_OK)
        *st = dgm_buffer_print(out, "times: %s # %u to %u %s\n",
                               each     ? "1"
                               : many   ? k->low ? "1..*" : "0..*"
                               : k->low ? "1"
                                        : "0..1",
                               k->low, k->high, k->parent == DGM_NONE ? "in a file" : "beneath one of what it stands in");
    if (!x->delimited && !x->length) {
        put_indent(st, out, depth + 1);
        if (*st == DGM_OK) *st = dgm_buffer_print(out, "length: %u\n", k->most);
    }
    if (k->table.len) {
        put_indent(st, out, depth + 1);
        put(st, out, "table: ");
        put_quoted(st, out, k->table);
        put(st, out, "\n");
    }
    put_fields(x, k, depth + 1, st, out);
}

/* Depth first: a kind, what stands beneath it, what stands beside it; the first of all opens the message. */
static void put_kinds(const inferring *x, dgm_status *st, dgm_buffer *out)
{
    uint32_t open[DGM_DEPTH_MAX], next[DGM_DEPTH_MAX], depth = 1;
    open[0] = DGM_NONE;
    next[0] = 0;
    while (depth && *st == DGM_OK) {
        uint32_t i = next[depth - 1];
        while (i < x->kind_count && x->kinds[i].parent != open[depth - 1]) i++;
        next[depth - 1] = i + 1;
        if (i >= x->kind_count) {
            depth--;
            continue;
        }
        put_kind(x, i, depth * 2 - 1, st, out);
        uint32_t below = i + 1;
        while (below < x->kind_count && x->kinds[below].parent != i) below++;
        if (below == x->kind_count || depth >= DGM_DEPTH_MAX) continue;
        put_indent(st, out, depth * 2);
        put(st, out, "records:\n");
        open[depth] = i;
        next[depth++] = 0;
    }
}

dgm_status infer_write(const inferring *x, dgm_slice name, dgm_slice tried, dgm_buffer *out)
{
    dgm_status st =
        dgm_buffer_print(out,
                         "# Made by dragoman format infer of %zu file%s, %zu lines: guesses, each with its reason; names are to be "
                         "given by who knows the format.\n",
                         x->file_count, x->file_count == 1 ? "" : "s", x->line_count);
    if (tried.len) put(&st, out, "# ");
    put_slice(&st, out, tried);
    if (tried.len) put(&st, out, "\n");
    put(&st, out, "dragoman: format/1\nformat: ");
    put_slice(&st, out, name);
    put(&st, out, "\ncodec: flat\nlayout:\n");
    if (st == DGM_OK) st = dgm_buffer_print(out, "  kind: %s", x->delimited ? "delimited" : "fixed");
    put_why(&st, out, x->shape_why);
    put(&st, out, "  encoding: ");
    put_slice(&st, out, x->encoding);
    put_why(&st, out, x->encoding_why);
    put(&st, out, "  ends: ");
    put_slice(&st, out, x->ends);
    put_why(&st, out, x->ends_why);
    if (!x->last_end) put(&st, out, "  last-end: no # the last line has no end\n");
    if (x->delimited) {
        put(&st, out, "  separator: ");
        put_quoted(&st, out, (dgm_slice){ &x->separator, 1 });
        put(&st, out,
            x->quotes ? "\n  quote: '\"' # fields stand within quotes\n" : "\n  quote: none # no field stands within quotes\n");
        if (x->trailing) put(&st, out, "  trailing: keep # lines end with empty fields\n");
        if (x->heading) put(&st, out, "  heading: names # the first line has no digits, others have\n");
        if (x->tables.len) put(&st, out, "  tables: \"<TABLE>\" # such lines open tables\n");
    } else {
        if (st == DGM_OK && x->length) st = dgm_buffer_print(out, "  length: %u # of all lines\n", x->length);
        if (x->uneven) put(&st, out, "  short: accept # lines of one kind differ in length\n");
    }
    put(&st, out, "  records:");
    put_why(&st, out, x->kinds_why);
    put_kinds(x, &st, out);
    return st;
}

/* ---- JSON ---- */

static void tell(cli_stream *s, const char *what, dgm_slice guess, dgm_slice why)
{
    cli_print(s, "{\"guess\":\"%s\",\"value\":", what);
    cli_put_json(s, guess);
    cli_put(s, ",\"evidence\":");
    cli_put_json(s, why);
    cli_put(s, "}\n");
}

void infer_tell_json(const inferring *x)
{
    cli_stream *s = &x->c->out;
    tell(s, "kind", x->delimited ? DGM_LITERAL("delimited") : DGM_LITERAL("fixed"), x->shape_why);
    tell(s, "encoding", x->encoding, x->encoding_why);
    tell(s, "ends", x->ends, x->ends_why);
    tell(s, "records", (dgm_slice){ "", 0 }, x->kinds_why);
    for (uint32_t i = 0; i < x->kind_count; i++) {
        const infer_kind *k = &x->kinds[i];
        cli_put(s, "{\"guess\":\"record\",\"value\":");
        cli_put_json(s, k->name);
        cli_put(s, ",\"beneath\":");
        cli_put_json(s, k->parent == DGM_NONE ? (dgm_slice){ "", 0 } : x->kinds[k->parent].name);
        cli_print(s, ",\"lines\":%u,\"least\":%u,\"most\":%u,\"from\":%u,\"to\":%u}\n", k->count, k->low, k->high, k->least,
                  k->most);
        for (uint32_t f = 0; f < k->field_count; f++) {
            cli_put(s, "{\"guess\":\"field\",\"record\":");
            cli_put_json(s, k->name);
            cli_put(s, ",\"value\":");
            cli_put_json(s, k->fields[f].name);
            cli_print(s, ",\"from\":%u,\"to\":%u,\"keys\":", k->fields[f].at + 1,
                      k->fields[f].at + (x->delimited ? 1 : k->fields[f].len));
            cli_put_json(s, k->fields[f].more);
            cli_put(s, ",\"evidence\":");
            cli_put_json(s, k->fields[f].why);
            cli_put(s, "}\n");
        }
    }
}
