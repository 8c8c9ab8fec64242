/* SPDX-License-Identifier: Apache-2.0
 *
 * format_show.c - `format show`: a layout laid over a file: each record with a ruler, marks where its fields begin, each field with
 * its columns and value, and what is wrong where it is wrong. One thread.
 */
#include "format.h"

#include "context.h"

#include <stdio.h>
#include <string.h>

enum { RULER_MAX = 4096 };

typedef struct shown_field {
    const dgm_flat_step *step;
    size_t from, bytes;
    bool wrong;
    dgm_slice value;
} shown_field;

typedef struct show {
    cli *c;
    cli_feeding feeding;
    const dgm_format *format;
    const dgm_flat_layout *l;
    dgm_diags *diags; /* all that the first reading told */
    size_t next_diag;
    dgm_arena arena; /* of the record in hand */
    /* the record in hand; fields come behind it */
    bool any, failed;
    uint32_t place, number;
    uint64_t at;
    dgm_slice bytes, text;
    shown_field *fields;
    size_t count, room;
    uint64_t records;
} show;

/* ---- the line ---- */

/* "1...5....10...15": the tens end on their column. */
static void put_ruler(cli_stream *o, size_t width)
{
    char ruler[RULER_MAX + 16];
    if (width > RULER_MAX) width = RULER_MAX;
    memset(ruler, '.', width);
    for (size_t k = 5; k <= width; k += 5) {
        char text[16];
        int n = snprintf(text, sizeof text, "%zu", k);
        if ((size_t)n <= k) memcpy(ruler + k - (size_t)n, text, (size_t)n);
    }
    cli_print(o, "  %s", cli_ink_of(o, INK_DIM));
    cli_put_slice(o, (dgm_slice){ ruler, width });
    cli_print(o, "%s\n", cli_ink_of(o, INK_OFF));
}

static void put_marks(const show *w, cli_stream *o)
{
    char marks[RULER_MAX + 1];
    size_t width = w->bytes.len < RULER_MAX ? w->bytes.len : RULER_MAX, used = 0;
    memset(marks, ' ', width);
    for (size_t i = 0; i < w->count; i++) {
        const shown_field *f = &w->fields[i];
        if (f->from >= width) continue;
        marks[f->from] = f->wrong ? '^' : '|';
        for (size_t k = f->from + 1; f->wrong && k < f->from + f->bytes && k < width; k++) marks[k] = '^';
        used = f->from + (f->wrong && f->bytes ? f->bytes : 1);
    }
    if (used > width) used = width;
    cli_print(o, "  %s", cli_ink_of(o, INK_DIM));
    cli_put_slice(o, (dgm_slice){ marks, used });
    cli_print(o, "%s\n", cli_ink_of(o, INK_OFF));
}

/* Bytes that are no text of one column each are told as they are. */
static void put_raw(cli_stream *o, dgm_slice raw)
{
    for (size_t i = 0; i < raw.len && i < 64; i++) {
        unsigned char b = (unsigned char)raw.at[i];
        if (b >= 0x20 && b < 0x7F)
            cli_print(o, "%c", b);
        else
            cli_print(o, "\\x%02X", b);
    }
    if (raw.len > 64) cli_put(o, "...");
}

static void put_field(const show *w, const shown_field *f)
{
    cli *c = w->c;
    cli_stream *o = &c->out;
    dgm_slice raw = dgm_slice_part(w->bytes, f->from, f->from + f->bytes);
    if (!f->value.len && !f->wrong) return;
    cli_put(o, "    ");
    dir_cell(o, INK_DIM,
             w->l->tokens ? dgm_arena_print(&c->arena, "%zu-%zu", f->from + 1, f->from + f->bytes)
                          : cli_format_columns(c, w->l, f->step),
             10);
    dir_cell(o, INK_NAME, f->step->name, 20);
    cli_put(o, cli_ink_of(o, f->wrong ? INK_BAD : INK_VALUE));
    cli_put_visible(o, f->value, 60);
    cli_put(o, cli_ink_of(o, INK_OFF));
    if (!dgm_slice_equal(dgm_slice_trim(raw), dgm_slice_trim(f->value))) {
        cli_print(o, "  %s", cli_ink_of(o, INK_DIM));
        put_raw(o, raw);
        cli_put(o, cli_ink_of(o, INK_OFF));
    }
    cli_put(o, "\n");
}

/* Diagnostics up to an offset; those of fields and records are in the order of the file. */
static void put_diags(show *w, uint64_t to)
{
    while (w->next_diag < dgm_diags_count(w->diags)) {
        const dgm_diag *d = dgm_diags_at(w->diags, w->next_diag);
        if (d->at_byte != UINT64_MAX && d->at_byte >= to) return;
        w->next_diag++;
        cli_stream *o = &w->c->out;
        cli_print(o, "  %s%s%s: ", cli_ink_of(o, d->severity == DGM_ERROR ? INK_BAD : INK_WARN), dgm_diag_name(d->code),
                  cli_ink_of(o, INK_OFF));
        if (dgm_diag_sentence(d, cli_stream_sink(o)) != DGM_OK) w->failed = true;
        cli_put(o, "\n");
    }
}

static void json_record(const show *w)
{
    cli_stream *o = &w->c->out;
    cli_put(o, "{\"record\":");
    cli_put_json(o, w->place == DGM_NONE ? (dgm_slice){ "", 0 } : cli_format_path(w->c, w->l, w->place));
    cli_print(o, ",\"number\":%u,\"at_byte\":%llu,\"bytes\":%zu,\"fields\":[", w->number, (unsigned long long)w->at, w->bytes.len);
    for (size_t i = 0, n = 0; i < w->count; i++) {
        const shown_field *f = &w->fields[i];
        cli_print(o, "%s{\"field\":", n++ ? "," : "");
        cli_put_json(o, f->step->name);
        cli_print(o, ",\"from\":%u,\"at_byte\":%llu,\"bytes\":%zu,\"wrong\":%s,\"value\":", f->step->at + 1,
                  (unsigned long long)(w->at + f->from), f->bytes, f->wrong ? "true" : "false");
        cli_put_json(o, f->value);
        cli_put(o, "}");
    }
    cli_put(o, "]}\n");
}

/* The record that was being collected is whole. */
static void put_record(show *w)
{
    cli_stream *o = &w->c->out;
    if (!w->any) return;
    w->any = false;
    w->records++;
    if (w->c->json) {
        json_record(w);
        return;
    }
    dgm_slice path = w->place == DGM_NONE ? DGM_LITERAL("-") : cli_format_path(w->c, w->l, w->place);
    dgm_slice title = w->place == DGM_NONE ? (dgm_slice){ "", 0 } : w->l->places[w->place].title;
    cli_print(o, "%s%.*s%s  %.*s%srecord %u, byte %llu\n", cli_ink_of(o, INK_BOLD), (int)path.len, path.at, cli_ink_of(o, INK_OFF),
              (int)title.len, title.at, title.len ? ", " : "", w->number, (unsigned long long)w->at);
    bool plain = dgm_ascii(w->bytes) && dgm_slice_equal(w->bytes, w->text);
    if (plain && !w->l->delimited) put_ruler(o, w->bytes.len);
    cli_put(o, "  ");
    cli_put_visible(o, w->text, SIZE_MAX);
    cli_put(o, "\n");
    if (plain) put_marks(w, o);
    for (size_t i = 0; i < w->count; i++) put_field(w, &w->fields[i]);
    put_diags(w, w->at + w->bytes.len + 1);
}

/* ---- watching ---- */

static void take_record(void *ctx, uint32_t place, uint64_t at, dgm_slice bytes, dgm_slice text, uint32_t number)
{
    show *w = ctx;
    put_record(w);
    dgm_arena_reset(&w->arena, 65536);
    w->fields = NULL;
    w->count = w->room = 0;
    w->any = true;
    w->place = place;
    w->number = number;
    w->at = at;
    w->bytes = bytes;
    w->text = dgm_arena_copy(&w->arena, text);
    if (!w->text.at) w->failed = true;
}

static void take_field(void *ctx, const dgm_flat_step *s, size_t from, size_t bytes, bool wrong, dgm_slice value)
{
    show *w = ctx;
    if (w->count == w->room) {
        size_t room = w->room ? w->room * 2 : 64;
        shown_field *grown = DGM_NEW(&w->arena, shown_field, room);
        if (!grown) {
            w->failed = true;
            return;
        }
        if (w->count) memcpy(grown, w->fields, w->count * sizeof *grown);
        w->fields = grown;
        w->room = room;
    }
    dgm_slice copy = value.len ? dgm_arena_copy(&w->arena, value) : (dgm_slice){ "", 0 };
    if (!copy.at) w->failed = true;
    w->fields[w->count++] = (shown_field){ s, from, bytes, wrong, copy };
}

static void nobody_record(void *ctx, uint32_t place, uint64_t at, dgm_slice bytes, dgm_slice text, uint32_t number)
{
    (void)ctx, (void)place, (void)at, (void)bytes, (void)text, (void)number;
}

static void nobody_field(void *ctx, const dgm_flat_step *s, size_t from, size_t bytes, bool wrong, dgm_slice value)
{
    (void)ctx, (void)s, (void)from, (void)bytes, (void)wrong, (void)value;
}

static dgm_status read_twice(show *w, dgm_slice input)
{
    const dgm_format *formats[] = { w->format };
    dgm_host host = dgm_host_make(&w->c->mem, NULL, w->diags, NULL, formats, 1);
    dgm_flat_watch nobody = { nobody_record, nobody_field, NULL }, watch = { take_record, take_field, w };
    dgm_status st = dgm_flat_watched(&host, input, &nobody);
    dgm_diags *again = NULL;
    if (st == DGM_OK) st = dgm_diags_new(&w->c->mem, 1, &again);
    host.diags = again;
    if (st == DGM_OK) st = dgm_flat_watched(&host, input, &watch);
    put_record(w);
    dgm_diags_free(again);
    return st;
}

cli_exit cli_format_show(cli *c, const dgm_format *f, dgm_slice file)
{
    cli_input in;
    int error = cli_input_open(file, &in);
    if (error || !in.whole) {
        cli_say(c, DGM_D_CONTEXT_FILE, DGM_ERROR, file, dgm_slice_of(error ? strerror(error) : "it is no regular file"));
        if (!error) cli_input_close(&in);
        return CLI_ENVIRONMENT;
    }
    show w = { .c = c, .format = f, .l = dgm_flat_layout_of(f->shape) };
    dgm_arena_init(&w.arena, &c->mem);
    dgm_status st = dgm_diags_new(&c->mem, 0, &w.diags);
    if (st == DGM_OK) st = read_twice(&w, in.mapped);
    if (st == DGM_OK && w.failed) st = DGM_NOMEM;
    size_t errors = w.diags ? dgm_diags_errors(w.diags) : 0;
    if (st == DGM_OK && c->json) {
        w.feeding = cli_feeding_begin(c);
        cli_feeding_turn(&w.feeding, &in);
        cli_print_diags(&w.feeding, &c->err, w.diags);
    } else if (st == DGM_OK) {
        put_diags(&w, UINT64_MAX);
        cli_print(&c->out, "%llu record%s, %zu error%s\n", (unsigned long long)w.records, w.records == 1 ? "" : "s", errors,
                  errors == 1 ? "" : "s");
    }
    dgm_diags_free(w.diags);
    dgm_arena_free(&w.arena);
    cli_input_close(&in);
    return st != DGM_OK ? cli_exit_of(st) : errors ? CLI_REFUSED : CLI_DONE;
}
