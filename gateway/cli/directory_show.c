/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_show.c - one thing of a directory for people or programs: a message as a tree of its segments, a segment or composite
 * with what is in it, an element with its codes, a code. One thread.
 */
#include "directory.h"

#include "base/slice.h"

#include <stdio.h>

/* ---- who uses it ---- */

typedef struct users {
    dgm_buffer text; /* ids with blanks between */
    size_t count;
} users;

static bool uses(const dir_thing *t, dgm_edi_table table, dgm_slice says)
{
    if (table == DGM_EDI_MESSAGES) {
        dgm_edi_part part;
        while (dgm_edi_part_next(&says, &part))
            if (part.kind == DGM_EDI_PART_SEGMENT && dgm_slice_equal(part.tag, t->line.key)) return true;
        return false;
    }
    dgm_edi_item item;
    while (dgm_edi_item_next(&says, &item))
        if (dgm_slice_equal(item.id, t->line.key)) return true;
    return false;
}

static users users_of(const dir *d, const dir_thing *t, dgm_edi_table table)
{
    users u = { .count = 0 };
    dgm_buffer_init(&u.text, &d->c->mem);
    dgm_edi_line line;
    for (size_t cursor = 0; dgm_edi_line_each(&t->in, table, &cursor, &line);) {
        if (!uses(t, table, line.rest)) continue;
        (void)dgm_buffer_print(&u.text, "%s%.*s", u.count ? " " : "", (int)line.key.len, line.key.at);
        u.count++;
    }
    (void)dgm_buffer_append(&u.text, (dgm_slice){ "", 1 });
    return u;
}

static void put_users(const dir *d, const dir_thing *t, dgm_edi_table table, const char *label, const char *key)
{
    cli_stream *s = &d->c->out;
    users u = users_of(d, t, table);
    dgm_slice list = u.text.len ? (dgm_slice){ u.text.at, u.text.len - 1 } : (dgm_slice){ 0 };
    if (d->c->json) {
        cli_print(s, ",\"%s\":[", key);
        for (size_t i = 0; list.len; i++) {
            dgm_cut cut = dgm_slice_cut(list, ' ');
            if (i) cli_put(s, ",");
            cli_put_json(s, cut.head);
            list = cut.tail;
        }
        cli_put(s, "]");
    } else if (list.len) {
        cli_print(s, "%s%s (%zu):%s ", cli_ink_of(s, INK_DIM), label, u.count, cli_ink_of(s, INK_OFF));
        cli_put_wrapped(s, list.at, 2, dir_width(s));
        cli_put(s, "\n");
    }
    dgm_buffer_free(&u.text);
}

static void put_all_users(const dir *d, const dir_thing *t)
{
    if (t->kind == DGM_EDI_ELEMENTS) put_users(d, t, DGM_EDI_COMPOSITES, "In composites", "in_composites");
    if (t->kind == DGM_EDI_ELEMENTS || t->kind == DGM_EDI_COMPOSITES)
        put_users(d, t, DGM_EDI_SEGMENTS, "In segments", "in_segments");
    if (t->kind == DGM_EDI_SEGMENTS) put_users(d, t, DGM_EDI_MESSAGES, "In messages", "in_messages");
}

/* ---- rows ---- */

static void json_rows(cli_stream *s, const dir_thing *t, const dir_rows *rows)
{
    cli_put(s, ",\"parts\":[");
    for (size_t i = 0; i < rows->count; i++) {
        const dir_row *r = &rows->at[i];
        cli_print(s, "%s{\"position\":%u,\"level\":%u,\"kind\":\"%s\"", i ? "," : "", r->position, r->depth,
                  r->group                      ? "group"
                  : t->kind == DGM_EDI_MESSAGES ? "segment"
                  : r->repr.len                 ? "element"
                                                : "composite");
        cli_put_member(s, "id", r->id);
        if (!r->group) cli_put_member(s, "name", r->name);
        cli_print(s, ",\"status\":\"%c\",\"max\":%u", r->mandatory ? 'M' : 'C', r->max);
        if (r->repr.len) {
            cli_put_member(s, "representation", r->repr);
            cli_print(s, ",\"coded\":%s", r->coded ? "true" : "false");
        }
        cli_put(s, "}");
    }
    cli_put(s, "]");
}

typedef struct widths {
    size_t id, name, max;
} widths;

static widths widths_of(const dir_rows *rows, size_t all, size_t fixed)
{
    widths w = { 4, 0, 1 };
    char digits[16];
    for (size_t i = 0; i < rows->count; i++) {
        const dir_row *r = &rows->at[i];
        size_t id = r->depth * 2 + r->id.len, name = cli_columns(r->name);
        size_t max = (size_t)snprintf(digits, sizeof digits, "%u", r->max);
        if (id > w.id) w.id = id;
        if (name > w.name) w.name = name;
        if (max > w.max) w.max = max;
    }
    size_t used = fixed + w.id + w.max;
    size_t room = all > used + 16 ? all - used : 16;
    if (w.name > room) w.name = room;
    return w;
}

/* Guides where there is a terminal to draw them on, blanks else. */
static void put_depth(cli_stream *s, uint32_t depth)
{
    cli_put(s, cli_ink_of(s, INK_DIM));
    for (uint32_t i = 0; i < depth; i++) cli_put(s, s->tty ? "│ " : "  ");
    cli_put(s, cli_ink_of(s, INK_OFF));
}

static void text_rows(const dir *d, const dir_thing *t, const dir_rows *rows)
{
    cli_stream *s = &d->c->out;
    bool message = t->kind == DGM_EDI_MESSAGES;
    widths w = widths_of(rows, dir_width(s), message ? 12 : 30);
    for (size_t i = 0; i < rows->count; i++) {
        const dir_row *r = &rows->at[i];
        cli_print(s, "%s%0*u%s  ", cli_ink_of(s, INK_DIM), message ? 4 : 3, r->position, cli_ink_of(s, INK_OFF));
        put_depth(s, r->depth);
        dir_cell(s, r->group ? INK_BOLD : INK_NAME, r->id, w.id > 2 * r->depth ? w.id - 2 * r->depth : 0);
        cli_put(s, "  ");
        cli_put_visible(s, r->name, w.name);
        size_t columns = cli_columns(r->name);
        if (columns < w.name) cli_put_times(s, " ", w.name - columns);
        cli_print(s, "  %s%c%s %*u", cli_ink_of(s, r->mandatory ? INK_BOLD : INK_DIM), r->mandatory ? 'M' : 'C',
                  cli_ink_of(s, INK_OFF), (int)w.max, r->max);
        if (r->repr.len) cli_print(s, "  %.*s", (int)r->repr.len, r->repr.at);
        if (r->coded) {
            cli_put_times(s, " ", r->repr.len < 8 ? 8 - r->repr.len : 1);
            dir_inked(s, INK_DIM, DGM_LITERAL("coded"));
        }
        cli_put(s, "\n");
    }
}

/* ---- codes ---- */

static void put_codes(const dir *d, const dir_thing *t, bool coded)
{
    cli_stream *s = &d->c->out;
    dgm_edi_code_list list;
    dgm_slice code, name;
    bool listed = dgm_edi_code_list_open(&t->in, t->line.key, &list);
    size_t n = 0, width = 3;
    for (size_t cursor = 0; dgm_edi_code_list_each(&list, &cursor, &code, &name); n++)
        if (code.len > width) width = code.len;
    if (d->c->json) {
        cli_print(s, ",\"coded\":%s,\"codes\":[", coded ? "true" : "false");
        size_t i = 0;
        for (size_t cursor = 0; dgm_edi_code_list_each(&list, &cursor, &code, &name); i++) {
            cli_put(s, i ? ",{\"code\":" : "{\"code\":");
            cli_put_json(s, code);
            cli_put_member(s, "name", name);
            cli_put(s, "}");
        }
        cli_put(s, "]");
        return;
    }
    if (coded && !listed) cli_put(s, "Coded; the codes were not published with this directory.\n");
    if (listed) cli_print(s, "\n%s%zu code%s%s\n", cli_ink_of(s, INK_BOLD), n, n == 1 ? "" : "s", cli_ink_of(s, INK_OFF));
    for (size_t cursor = 0; dgm_edi_code_list_each(&list, &cursor, &code, &name);) {
        cli_put(s, "  ");
        dir_cell(s, INK_CODE, code, width);
        cli_put(s, "  ");
        cli_put_visible(s, name, dir_width(s) > width + 4 && s->width ? dir_width(s) - width - 4 : SIZE_MAX);
        cli_put(s, "\n");
    }
}

/* "D94A-D96A,D99B" → "D.94A to D.96A, D.99B" */
static void put_lines_where(cli_stream *s, dgm_slice where)
{
    for (size_t i = 0; where.len; i++) {
        dgm_cut item = dgm_slice_cut(where, ','), ends = dgm_slice_cut(item.head, '-');
        for (int end = 0; end < (ends.found ? 2 : 1); end++) {
            dgm_slice one = end ? ends.tail : ends.head;
            cli_put(s, end ? " to " : i ? ", " : "");
            if (one.len == 4) cli_put(s, "D.");
            cli_put_slice(s, dgm_slice_part(one, one.len == 4 ? 1 : 0, one.len));
        }
        where = item.tail;
    }
}

/* The names a code has had, when there was more than one. */
static void put_names(const dir *d, const dir_thing *t)
{
    cli_stream *s = &d->c->out;
    dgm_slice text = dgm_edi_linked(DGM_EDI_CODES);
    dgm_edi_line line;
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        size_t i = 0;
        for (size_t at = dgm_edi_line_first(text, t->line.key);
             dgm_edi_line_at(text, at, &line, &at) && dgm_slice_equal(line.key, t->line.key); i++) {
            if (pass == 0 || n < 2) continue;
            if (i == 0) cli_print(s, "%sNamed:%s\n", cli_ink_of(s, INK_DIM), cli_ink_of(s, INK_OFF));
            cli_put(s, "  ");
            cli_put_visible(s, line.rest, SIZE_MAX);
            cli_print(s, "  %s", cli_ink_of(s, INK_DIM));
            put_lines_where(s, line.where);
            cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
        }
        n = i;
    }
}

/* ---- dependency notes ---- */

/* Beneath what they are about, as the official directories print them. */
static void put_notes(const dir *d, const dir_thing *t)
{
    cli_stream *s = &d->c->out;
    dgm_slice notes = dgm_edi_notes_of(&t->in, t->kind, t->line.key);
    dgm_edi_note note;
    if (!notes.len) return;
    if (d->c->json)
        cli_put(s, ",\"dependencies\":[");
    else
        cli_print(s, "\n%sDependency notes:%s\n", cli_ink_of(s, INK_DIM), cli_ink_of(s, INK_OFF));
    for (bool first = true; dgm_edi_note_next(&notes, &note); first = false) {
        const char *words = dgm_edi_note_words(note.kind);
        if (!d->c->json) {
            cli_print(s, "  %.*s  %s\n", (int)note.text.len, note.text.at, words);
            continue;
        }
        cli_print(s, "%s{\"note\":\"%.*s\",\"meaning\":\"%s\",\"positions\":[", first ? "" : ",", (int)note.text.len, note.text.at,
                  words);
        for (uint32_t i = 0; i < note.count; i++) cli_print(s, "%s%u", i ? "," : "", note.at[i] * 10u);
        cli_put(s, "]}");
    }
    if (d->c->json) cli_put(s, "]");
}

/* ---- one thing ---- */

static void head(const dir *d, const dir_thing *t, dgm_slice where)
{
    cli_stream *s = &d->c->out;
    if (d->c->json) {
        cli_print(s, "{\"kind\":\"%s\"", dir_kind_name(t->kind));
        dgm_cut key = dgm_slice_cut(t->line.key, ' ');
        cli_put_member(s, t->kind == DGM_EDI_CODES ? "element" : "id", key.head);
        if (t->kind == DGM_EDI_CODES) cli_put_member(s, "code", key.tail);
        cli_put_member(s, "name", t->name);
        cli_put_member(s, "directory", dgm_slice_of(t->in.name));
        cli_put_member(s, "holds_in", where);
        return;
    }
    dir_inked(s, INK_NAME, t->line.key);
    if (t->name.len) {
        cli_put(s, "  ");
        dir_inked(s, INK_BOLD, t->name);
    }
    cli_print(s, "\n%s%s of %s", cli_ink_of(s, INK_DIM), dir_kind_name(t->kind), t->service ? "ISO 9735" : t->in.name);
    cli_put(s, t->service ? ", " : "; in ");
    cli_put_slice(s, where);
    cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
}

static cli_exit show(const dir *d, const dir_thing *t)
{
    cli_stream *s = &d->c->out;
    dir_rows rows;
    dgm_slice where = dir_where(d, t);
    if (!dir_rows_of(d, t, &rows)) return CLI_ENVIRONMENT;
    head(d, t, where);
    if (t->kind == DGM_EDI_ELEMENTS) {
        dgm_edi_element e;
        dgm_edi_element_find(&t->in, t->line.key, &e);
        if (d->c->json)
            cli_put_member(s, "representation", e.repr_text);
        else
            cli_print(s, "%sRepresentation:%s %.*s\n", cli_ink_of(s, INK_DIM), cli_ink_of(s, INK_OFF), (int)e.repr_text.len,
                      e.repr_text.at);
        put_all_users(d, t);
        put_codes(d, t, e.coded);
    } else if (t->kind == DGM_EDI_CODES) {
        dir_thing element;
        dgm_slice id = dgm_slice_cut(t->line.key, ' ').head;
        if (!d->c->json && dir_find_in(d, id, &t->in, &element))
            cli_print(s, "%sElement:%s %.*s %.*s\n", cli_ink_of(s, INK_DIM), cli_ink_of(s, INK_OFF), (int)id.len, id.at,
                      (int)element.name.len, element.name.at);
        if (!d->c->json) put_names(d, t);
    } else {
        if (d->c->json)
            json_rows(s, t, &rows);
        else
            cli_put(s, "\n");
        if (!d->c->json) text_rows(d, t, &rows);
        put_notes(d, t);
        if (!d->c->json && t->kind != DGM_EDI_MESSAGES) cli_put(s, "\n");
        put_all_users(d, t);
    }
    if (d->c->json) cli_put(s, "}\n");
    return CLI_DONE;
}

/* NAME [CODE] [DIRECTORY] with the code also as NAME/CODE: a second word is a code when the element has it anywhere. */
static bool is_code(const dir *d, dgm_slice element, dgm_slice word)
{
    dir_thing t;
    dgm_edi_directory in;
    dgm_slice key = dgm_arena_print(&d->c->arena, "%.*s %.*s", (int)element.len, element.at, (int)word.len, word.at);
    return (key.at && dir_find_latest(d, key, &t)) || !dir_known(d, word, &in);
}

static cli_exit no_code(const dir *d, dgm_slice element, dgm_slice code, const dgm_edi_directory *in)
{
    dir_thing t;
    if (!dir_find_latest(d, element, &t)) return dir_unknown(d, element, in);
    dgm_slice key = dgm_arena_print(&d->c->arena, "%.*s %.*s", (int)element.len, element.at, (int)code.len, code.at);
    dir_thing elsewhere;
    if (in && key.at && dir_find_latest(d, key, &elsewhere)) {
        dgm_slice where = dir_where(d, &elsewhere);
        return cli_usage(d->c, "%s has no code %.*s of %.*s; it is in %.*s", in->name, (int)code.len, code.at, (int)element.len,
                         element.at, (int)where.len, where.at);
    }
    return cli_usage(d->c, "%.*s has no code %.*s%s%s", (int)element.len, element.at, (int)code.len, code.at, in ? " in " : "",
                     in ? in->name : "");
}

cli_exit dir_show(const dir *d, const dgm_slice *words, size_t count)
{
    if (count == 0 || count > 3)
        return cli_usage(d->c, "directory show takes a message, segment, composite or element; a code of the element; a directory");
    dgm_cut name = dgm_slice_cut(words[0], '/');
    dgm_slice code = name.tail;
    size_t used = 1;
    if (!code.len && count > 1 && (count == 3 || is_code(d, name.head, words[1]))) code = words[used++];
    dgm_edi_directory in;
    bool given = used < count;
    if (used + 1 < count)
        return cli_usage(d->c, "directory show does not know what to do with '%.*s'", (int)words[2].len, words[2].at);
    if (code.len && !given && count == 2 && used == 2) {
        dir_thing t;
        bool element = dir_find_latest(d, name.head, &t) && t.kind == DGM_EDI_ELEMENTS;
        if (!element) return dir_open(d, code, &in) ? dir_unknown(d, name.head, NULL) : CLI_USAGE;
    }
    if (given && !dir_open(d, words[used], &in)) return CLI_USAGE;
    dgm_slice id =
        code.len ? dgm_arena_print(&d->c->arena, "%.*s %.*s", (int)name.head.len, name.head.at, (int)code.len, code.at) : name.head;
    dir_thing thing;
    if (given ? dir_find_in(d, id, &in, &thing) : dir_find_latest(d, id, &thing)) return show(d, &thing);
    return code.len ? no_code(d, name.head, code, given ? &in : NULL) : dir_unknown(d, name.head, given ? &in : NULL);
}
