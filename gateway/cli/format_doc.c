/* SPDX-License-Identifier: Apache-2.0
 *
 * format_doc.c - `format doc`: a layout as the tables that both sides sign: each record with its columns, what they hold and what
 * they are; as Markdown, or one JSON object for each field. One thread.
 */
#include "format.h"

#include "codecs/flat/tokens.h"

#include <stdio.h>

/* ---- words ---- */

dgm_slice cli_format_columns(cli *c, const dgm_flat_layout *l, const dgm_flat_step *s)
{
    uint32_t from = s->at + 1, to = l->delimited || l->tokens ? from : s->at + s->len;
    return from == to ? dgm_arena_print(&c->arena, "%u", from) : dgm_arena_print(&c->arena, "%u-%u", from, to);
}

dgm_slice cli_format_path(cli *c, const dgm_flat_layout *l, uint32_t place)
{
    dgm_slice path = { "", 0 };
    for (uint32_t p = place; p && p != DGM_NONE; p = l->places[p].parent) {
        dgm_slice name = l->places[p].name;
        path = dgm_arena_print(&c->arena, "%.*s%s%.*s", (int)name.len, name.at, path.len ? "/" : "", (int)path.len, path.at);
    }
    return path;
}

static dgm_slice number_words(cli *c, const dgm_flat_step *s)
{
    static const char *const signs[] = { "", ", sign before it", ", sign behind it", ", sign overpunched",
                                         ", letters for the sign behind it" };
    char decimals[48] = "";
    if (s->implied)
        snprintf(decimals, sizeof decimals, ", %u decimals implied", s->implied);
    else if (s->decimals && !s->stored)
        snprintf(decimals, sizeof decimals, ", up to %u decimals behind %c", s->decimals, s->point);
    static const char *const stores[] = { "",
                                          "packed number, signed",
                                          "packed number, unsigned",
                                          "packed digits without a sign",
                                          "binary number, signed",
                                          "binary number, unsigned",
                                          "binary number, signed, the lowest byte first",
                                          "binary number, unsigned, the lowest byte first" };
    if (s->stored) return dgm_arena_print(&c->arena, "%s%s", stores[s->stored % 8], decimals);
    return dgm_arena_print(&c->arena, "number%s%s", decimals, signs[s->sign % 5]);
}

static dgm_slice base_words(cli *c, const dgm_flat_layout *l, const dgm_flat_step *s)
{
    switch ((dgm_flat_type)s->type) {
    case DGM_FLAT_NUMBER: return number_words(c, s);
    case DGM_FLAT_DATE: {
        dgm_slice near = s->near ? dgm_flat_near_name(l, s) : (dgm_slice){ "", 0 };
        return dgm_arena_print(&c->arena, "date %.*s%s%.*s", (int)s->date.len, s->date.at, s->near ? ", nearest to " : "",
                               (int)near.len, near.at);
    }
    case DGM_FLAT_FLAG: return dgm_arena_print(&c->arena, "%.*s or %.*s", (int)s->yes.len, s->yes.at, (int)s->no.len, s->no.at);
    case DGM_FLAT_CONSTANT:
        return s->value.len ? dgm_arena_print(&c->arena, "always %.*s", (int)s->value.len, s->value.at) : DGM_LITERAL("blank");
    case DGM_FLAT_TEXT:
    case DGM_FLAT_MORE:
    case DGM_FLAT_OPEN:
    case DGM_FLAT_CLOSE:
    default: return dgm_arena_print(&c->arena, "%s", s->class ? s->class : "text");
    }
}

dgm_slice cli_format_holds(cli *c, const dgm_flat_layout *l, const dgm_flat_step *s)
{
    dgm_slice base = base_words(c, l, s);
    char length[48] = "";
    bool text = s->type == DGM_FLAT_TEXT;
    if (s->least && s->least != s->len)
        snprintf(length, sizeof length, ", %u to %u long", s->least, s->len);
    else if (s->least)
        snprintf(length, sizeof length, ", %u long", s->len);
    return dgm_arena_print(&c->arena, "%.*s%s%s%.*s%s%s", (int)base.len, base.at, length, s->codes.len ? ": " : "",
                           (int)s->codes.len, s->codes.at, text && s->right ? ", to the right" : "",
                           s->zero_absent    ? ", zeros for nothing"
                           : s->nines_absent ? ", nines for nothing"
                                             : "");
}

static dgm_slice times(cli *c, const dgm_flat_place *p)
{
    if (p->max == DGM_UNBOUNDED) return dgm_arena_print(&c->arena, "%u..*", p->min);
    return p->min == p->max ? dgm_arena_print(&c->arena, "%u", p->min) : dgm_arena_print(&c->arena, "%u..%u", p->min, p->max);
}

/* ---- Markdown ---- */

static void put(cli_stream *s, dgm_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '|' || text.at[i] == '*') cli_put(s, "\\");
        cli_put_slice(s, dgm_slice_part(text, i, i + 1));
    }
}

static dgm_slice title_of(const dgm_format *f, const dgm_flat_step *s)
{
    const dgm_slot *slot = s->slot == DGM_SLOT_NONE ? NULL : dgm_shape_slot(f->shape, s->slot);
    return slot ? slot->title : (dgm_slice){ "", 0 };
}

static dgm_slice field_of(cli *c, const dgm_format *f, const dgm_flat_step *s)
{
    const dgm_slot *slot = s->slot == DGM_SLOT_NONE ? NULL : dgm_shape_slot(f->shape, s->slot);
    if (!slot) return s->name;
    const dgm_slot *above = dgm_shape_slot(f->shape, slot->parent);
    const char *number = s->repeats ? "#" : "";
    char count[16] = "";
    if (s->repeats) snprintf(count, sizeof count, "%u", s->number);
    bool within = above && above->kind == DGM_COMPOSITE;
    return within ? dgm_arena_print(&c->arena, "%.*s/%.*s%s%s", (int)above->name.len, above->name.at, (int)s->name.len, s->name.at,
                                    number, count)
                  : dgm_arena_print(&c->arena, "%.*s%s%s", (int)s->name.len, s->name.at, number, count);
}

static void put_row(cli *c, const dgm_format *f, const dgm_flat_layout *l, const dgm_flat_step *s)
{
    cli_stream *o = &c->out;
    dgm_slice name = field_of(c, f, s);
    cli_put(o, "| ");
    put(o, cli_format_columns(c, l, s));
    cli_put(o, name.len ? " | `" : " | ");
    cli_put_slice(o, name);
    cli_put(o, name.len ? "` | " : " | ");
    put(o, cli_format_holds(c, l, s));
    cli_put(o, s->required ? " | required | " : s->control ? " | made by the codec | " : " | | ");
    put(o, title_of(f, s));
    cli_put(o, " |\n");
}

static void put_literal(cli_stream *o, dgm_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        cli_put_slice(o, text.at[i] == '\n' ? DGM_LITERAL("\xE2\x8F\x8E") : dgm_slice_part(text, i, i + 1));
}

/* "<prefix>-<serial>[/<text>]": what the record looks like; an end of a line is a bent arrow. */
static void put_pattern(cli_stream *o, const dgm_flat_layout *l, uint32_t place)
{
    cli_put(o, "`");
    for (uint32_t i = l->tokens->first[place]; l->tokens->ops[i].op != DGM_FLAT_OP_DONE; i++) {
        const dgm_flat_token *t = &l->tokens->ops[i], *g = t->op == DGM_FLAT_OP_BACK ? &l->tokens->ops[t->other] : t;
        bool once = g->min == 1 && g->max == 1, maybe = g->min == 0 && g->max == 1;
        if (t->op == DGM_FLAT_OP_TEXT) put_literal(o, t->text);
        if (t->op == DGM_FLAT_OP_FIELD) cli_print(o, "<%.*s>", (int)l->steps[t->step].name.len, l->steps[t->step].name.at);
        if (t->op == DGM_FLAT_OP_GROUP && !once) cli_put(o, maybe ? "[" : "(");
        if (t->op == DGM_FLAT_OP_GROUP) put_literal(o, t->text);
        if (t->op == DGM_FLAT_OP_BACK && !once) cli_put(o, maybe ? "]" : ")");
        if (t->op != DGM_FLAT_OP_BACK || once || maybe) continue;
        bool other = !dgm_slice_equal(g->text, g->again);
        cli_print(o, "{%u..", g->min);
        cli_print(o, g->max < 10000 ? "%u%s" : "*%.0u%s", g->max < 10000 ? g->max : 0, other ? ", then with " : "}");
        if (!other) continue;
        put_literal(o, g->again.len ? g->again : DGM_LITERAL("nothing before it"));
        cli_put(o, "}");
    }
    cli_put(o, "`\n\n");
}

static void put_place(cli *c, const dgm_format *f, const dgm_flat_layout *l, uint32_t place)
{
    cli_stream *o = &c->out;
    const dgm_flat_place *p = &l->places[place];
    cli_put(o, "\n## ");
    put(o, cli_format_path(c, l, place));
    if (p->title.len) cli_put(o, ": ");
    put(o, p->title);
    cli_put(o, " (");
    put(o, times(c, p));
    cli_put(o, ")\n\n");
    if (p->table.len)
        cli_print(o, "Rows behind the line `%.*s%.*s`.\n\n", (int)l->table_line.len, l->table_line.at, (int)p->table.len,
                  p->table.at);
    if (l->tokens) put_pattern(o, l, place);
    cli_print(o, "| %s | field | holds | | what it is |\n|---|---|---|---|---|\n", l->delimited || l->tokens ? "no." : "columns");
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++)
        if (l->steps[i].type != DGM_FLAT_OPEN && l->steps[i].type != DGM_FLAT_CLOSE) put_row(c, f, l, &l->steps[i]);
}

static void put_end(cli_stream *o, dgm_slice end)
{
    if (dgm_slice_is(end, "\r\n"))
        cli_put(o, "CRLF");
    else if (dgm_slice_is(end, "\n"))
        cli_put(o, "LF");
    else
        for (size_t k = 0; k < end.len; k++) cli_print(o, "0x%02X", (unsigned char)end.at[k]);
}

static void put_head(cli *c, const dgm_format *f, const dgm_flat_layout *l)
{
    cli_stream *o = &c->out;
    cli_put(o, "# ");
    put(o, f->name);
    cli_put(o, f->title.len ? ": " : "");
    put(o, f->title);
    cli_print(o, "\n\n%s", l->tokens ? "Records cut by pattern" : l->delimited ? "Delimited records" : "Fixed records");
    if (l->delimited && l->separator >= ' ') cli_print(o, ", separator `%c`", l->separator);
    if (l->delimited && l->separator < ' ') cli_print(o, ", separator 0x%02X", (unsigned char)l->separator);
    if (l->delimited && l->quotes) cli_print(o, ", quote `%c`", l->quote);
    if (!l->delimited && !l->tokens) cli_print(o, ", columns of %s", l->characters ? "characters" : "bytes");
    if (l->length) cli_print(o, ", %u of them", l->length);
    cli_print(o, "; %.*s; ", (int)l->encoding.len, l->encoding.at);
    cli_put(o, l->end_count ? "each ends with " : "one behind the other");
    for (uint32_t i = 0; i < l->end_count; i++) {
        if (i) cli_put(o, " or ");
        put_end(o, l->ends[i]);
    }
    if (l->tokens && l->tokens->continuation)
        cli_print(o, "; a line that begins with `%c` goes on with the one before", l->tokens->continuation);
    if (l->heading) cli_put(o, "; the first line names the fields");
    cli_put(o, ".\n");
}

/* ---- JSON ---- */

static void json_row(cli *c, const dgm_format *f, const dgm_flat_layout *l, uint32_t place, const dgm_flat_step *s)
{
    cli_stream *o = &c->out;
    const dgm_flat_place *p = &l->places[place];
    cli_put(o, "{\"record\":");
    cli_put_json(o, cli_format_path(c, l, place));
    cli_put_member(o, "times", times(c, p));
    cli_print(o, ",\"from\":%u,\"to\":%u", s->at + 1, l->delimited || l->tokens ? s->at + 1 : s->at + s->len);
    cli_put_member(o, "field", field_of(c, f, s));
    cli_put_member(o, "holds", cli_format_holds(c, l, s));
    cli_print(o, ",\"required\":%s,\"derived\":%s", s->required ? "true" : "false", s->control ? "true" : "false");
    cli_put_member(o, "title", title_of(f, s));
    cli_put(o, "}\n");
}

cli_exit cli_format_doc(cli *c, const dgm_format *f)
{
    const dgm_flat_layout *l = dgm_flat_layout_of(f->shape);
    if (!c->json) put_head(c, f, l);
    /* breadth first as they are kept, depth first as they are read */
    uint32_t open[DGM_DEPTH_MAX + 1] = { 0 }, child[DGM_DEPTH_MAX + 1] = { 0 }, depth = 1;
    while (depth) {
        const dgm_flat_place *p = &l->places[open[depth - 1]];
        if (child[depth - 1] == p->child_count) {
            depth--;
            continue;
        }
        uint32_t place = p->first_child + child[depth - 1]++;
        const dgm_flat_place *now = &l->places[place];
        if (!c->json) put_place(c, f, l, place);
        for (uint32_t i = now->first_step; c->json && i < now->first_step + now->step_count; i++)
            if (l->steps[i].type != DGM_FLAT_OPEN && l->steps[i].type != DGM_FLAT_CLOSE) json_row(c, f, l, place, &l->steps[i]);
        open[depth] = place;
        child[depth++] = 0;
    }
    return CLI_DONE;
}
