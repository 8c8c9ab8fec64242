/* SPDX-License-Identifier: Apache-2.0
 *
 * diag.c - the list of diagnostics: records in one array, their texts in an arena; and what helps to make a good one (the place of
 * an offset, the nearest name). A list belongs to one thread at a time.
 */
#include "arena.h"
#include "diag.h"
#include "diag_text.h"
#include "utf8.h"

enum { RECORDS_MAX = 1000, TEXT_BYTES_MAX = 256, NAME_BYTES_MAX = 128, KEEP_BYTES = 64 * 1024 };

struct dgm_diags {
    dgm_mem mem;
    dgm_arena texts;
    dgm_diag *records;
    size_t count, capacity;
    size_t errors, dropped;
    uint32_t records_max;
    bool failed;
};

/* ---- the codes ------------------------------------------------------------------------------------------------------------- */

static const dgm_diag_row rows[] = {
    { "unknown", "{1}", "" },
#define X(id, number, name, text, hint) { name, text, hint },
#include "diag_codes/all.def"
#undef X
};

enum {
    ROW_UNKNOWN,
#define X(id, number, name, text, hint) ROW_##id,
#include "diag_codes/all.def"
#undef X
};

/* A switch, so that a number used twice does not compile. */
const dgm_diag_row *dgm_diag_row_of(uint32_t code)
{
    switch (code) {
#define X(id, number, name, text, hint)                                                                                            \
    case (number):                                                                                                                 \
        return &rows[ROW_##id];
#include "diag_codes/all.def"
#undef X
    default: return &rows[ROW_UNKNOWN];
    }
}

const char *dgm_diag_name(uint32_t code)
{
    return dgm_diag_row_of(code)->name;
}

dgm_slice dgm_diag_told_name(const dgm_diag *d)
{
    if (d->code == DGM_D_CODEC_TOLD && d->argument_count) return d->arguments[0].text;
    return dgm_slice_of(dgm_diag_name(d->code));
}

/* ---- the list -------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_diags_new(const dgm_mem *mem, uint32_t records_max, dgm_diags **out)
{
    dgm_mem m = mem ? *mem : dgm_mem_default();
    *out = dgm_mem_new(&m, sizeof **out);
    if (!*out) return DGM_NOMEM;
    (*out)->mem = m;
    (*out)->records_max = records_max ? records_max : RECORDS_MAX;
    dgm_arena_init(&(*out)->texts, &m);
    return DGM_OK;
}

void dgm_diags_free(dgm_diags *list)
{
    if (!list) return;
    dgm_mem m = list->mem;
    dgm_arena_free(&list->texts);
    if (list->records) m.grow(m.ctx, list->records, list->capacity * sizeof *list->records, 0);
    dgm_mem_free(&m, list, sizeof *list);
}

void dgm_diags_clear(dgm_diags *list)
{
    if (!list) return;
    dgm_arena_reset(&list->texts, KEEP_BYTES);
    list->count = list->errors = list->dropped = 0;
    list->failed = false;
}

size_t dgm_diags_count(const dgm_diags *list)
{
    return list ? list->count : 0;
}

const dgm_diag *dgm_diags_at(const dgm_diags *list, size_t i)
{
    return list && i < list->count ? &list->records[i] : NULL;
}

size_t dgm_diags_errors(const dgm_diags *list)
{
    return list ? list->errors : 0;
}

size_t dgm_diags_dropped(const dgm_diags *list)
{
    return list ? list->dropped : 0;
}

bool dgm_diags_failed(const dgm_diags *list)
{
    return list && list->failed;
}

static dgm_diag *record_new(dgm_diags *list)
{
    if (list->count >= list->records_max) {
        list->dropped++;
        return NULL;
    }
    void *records = list->records;
    if (dgm_mem_reserve(&list->mem, &records, &list->capacity, list->count + 1, sizeof *list->records) != DGM_OK) {
        list->failed = true;
        return NULL;
    }
    list->records = records;
    return &list->records[list->count++];
}

dgm_diag *dgm_diags_add(dgm_diags *list, dgm_diag_code code, dgm_severity severity)
{
    if (!list) return NULL;
    list->errors += severity == DGM_ERROR;
    dgm_diag *d = record_new(list);
    if (d)
        *d = (dgm_diag){ .code = (uint32_t)code, .severity = severity, .at_byte = UINT64_MAX, .node = DGM_NONE, .rule = DGM_NONE };
    return d;
}

/* ---- what a record quotes -------------------------------------------------------------------------------------------------- */

/* The longest beginning of at most `most` bytes that does not end inside a UTF-8 character. Bytes that are no UTF-8 are cut as
 * they stand. */
static dgm_slice head_of(dgm_slice s, size_t most)
{
    if (s.len <= most) return s;
    size_t end = most;
    for (size_t back = 0; back < 4 && end > 0 && ((unsigned char)s.at[end] & 0xC0) == 0x80; back++) end--;
    if (((unsigned char)s.at[end] & 0xC0) == 0x80) end = most;
    return dgm_slice_part(s, 0, end);
}

static dgm_slice quote(dgm_diags *list, dgm_slice s)
{
    dgm_slice copy = dgm_arena_copy(&list->texts, head_of(s, TEXT_BYTES_MAX));
    if (!copy.at) list->failed = true;
    return copy;
}

static dgm_argument *argument_new(dgm_diags *list, dgm_diag *d)
{
    return list && d && d->argument_count < 4 ? &d->arguments[d->argument_count++] : NULL;
}

void dgm_diag_text(dgm_diags *list, dgm_diag *d, dgm_slice text)
{
    dgm_argument *a = argument_new(list, d);
    if (a) *a = (dgm_argument){ .kind = DGM_ARGUMENT_TEXT, .text = quote(list, text) };
}

void dgm_diag_number(dgm_diags *list, dgm_diag *d, int64_t number)
{
    dgm_argument *a = argument_new(list, d);
    if (a) *a = (dgm_argument){ .kind = DGM_ARGUMENT_NUMBER, .number = number };
}

void dgm_diag_path(dgm_diags *list, dgm_diag *d, dgm_slice path)
{
    if (list && d) d->path = quote(list, path);
}

void dgm_diag_sent(dgm_diags *list, dgm_diag *d, dgm_slice path)
{
    if (list && d) d->sent = quote(list, path);
}

dgm_diag *dgm_diags_edit(dgm_diags *list, size_t i)
{
    return list && i < list->count ? &list->records[i] : NULL;
}

void dgm_diag_reference(dgm_diags *list, dgm_diag *d, dgm_slice reference)
{
    if (list && d) d->reference = quote(list, reference);
}

void dgm_diag_source(dgm_diags *list, dgm_diag *d, dgm_slice source)
{
    if (list && d) d->source = quote(list, source);
}

void dgm_diag_excerpt(dgm_diags *list, dgm_diag *d, dgm_slice around, uint64_t around_at)
{
    if (!list || !d) return;
    size_t from = 0;
    if (around.len > TEXT_BYTES_MAX && d->at_byte != UINT64_MAX && d->at_byte > around_at) {
        size_t place = d->at_byte - around_at < around.len ? (size_t)(d->at_byte - around_at) : around.len;
        /* A third of the room before the place, so that what is meant and what follows it are seen too. */
        from = place > TEXT_BYTES_MAX / 3 ? place - TEXT_BYTES_MAX / 3 : 0;
        if (from > around.len - TEXT_BYTES_MAX) from = around.len - TEXT_BYTES_MAX;
        for (size_t on = 0; on < 3 && ((unsigned char)around.at[from] & 0xC0) == 0x80 && from < place; on++) from++;
    }
    d->excerpt = quote(list, dgm_slice_part(around, from, around.len));
    d->excerpt_at = around_at + from;
}

/* ---- from list to list ----------------------------------------------------------------------------------------------------- */

static void record_copy(dgm_diags *to, dgm_diag *copy, const dgm_diag *d)
{
    *copy = *d;
    if (d->source.at) copy->source = quote(to, d->source);
    if (d->reference.at) copy->reference = quote(to, d->reference);
    if (d->path.at) copy->path = quote(to, d->path);
    if (d->sent.at) copy->sent = quote(to, d->sent);
    if (d->excerpt.at) copy->excerpt = quote(to, d->excerpt);
    for (uint32_t i = 0; i < d->argument_count; i++)
        if (d->arguments[i].kind == DGM_ARGUMENT_TEXT) copy->arguments[i].text = quote(to, d->arguments[i].text);
}

dgm_status dgm_diags_add_copies(dgm_diags *to, const dgm_diags *from, dgm_severity most)
{
    if (!to || !from || to == from) return DGM_OK;
    size_t count = to->count, dropped = to->dropped;
    bool failed = to->failed;
    to->failed = false;
    for (size_t i = 0; i < from->count && !to->failed; i++) {
        dgm_diag *copy = record_new(to);
        if (!copy) continue;
        record_copy(to, copy, &from->records[i]);
        if (copy->severity > most) copy->severity = most;
    }
    if (to->failed) {
        to->count = count;
        to->dropped = dropped;
        return DGM_NOMEM;
    }
    to->failed = failed || from->failed;
    to->errors += most < DGM_ERROR ? 0 : from->errors;
    to->dropped += from->dropped;
    return DGM_OK;
}

dgm_status dgm_diags_move(dgm_diags *to, dgm_diags *from)
{
    if (!to || !from || to == from) return DGM_OK;
    dgm_status s = dgm_diags_add_copies(to, from, DGM_ERROR);
    if (s == DGM_OK) dgm_diags_clear(from);
    return s;
}

/* ---- places ---------------------------------------------------------------------------------------------------------------- */

/* How many of eight bytes are LF: a byte of t is 0x80 where the byte of w is LF. */
static size_t line_feeds(uint64_t w)
{
    const uint64_t low = 0x7F7F7F7F7F7F7F7Fu;
    uint64_t x = w ^ 0x0A0A0A0A0A0A0A0Au;
    uint64_t t = ~(((x & low) + low) | x | low);
    return (size_t)(((t >> 7) * 0x0101010101010101u) >> 56);
}

dgm_place dgm_locate(dgm_slice input, size_t at)
{
    if (at > input.len) at = input.len;
    size_t line = 1, i = 0;
    for (; at - i >= 8; i += 8) {
        uint64_t w;
        memcpy(&w, input.at + i, sizeof w);
        line += line_feeds(w);
    }
    for (; i < at; i++) line += input.at[i] == '\n';
    const char *before = at ? memrchr(input.at, '\n', at) : NULL;
    size_t start = before ? (size_t)(before - input.at) + 1 : 0;
    const char *after = at < input.len ? memchr(input.at + at, '\n', input.len - at) : NULL;
    size_t end = after ? (size_t)(after - input.at) : input.len;
    dgm_slice text = dgm_slice_part(input, start, end);
    if (text.len && text.at[text.len - 1] == '\r') text.len--;
    return (dgm_place){ line, at - start + 1, text };
}

/* ---- the nearest name ------------------------------------------------------------------------------------------------------ */

static unsigned char folded(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Edits between a and b (insert, delete, replace, swap of neighbours; letters' case is free), or most + 1 when there are more. */
static size_t edits(dgm_slice a, dgm_slice b, size_t most)
{
    size_t gap = a.len > b.len ? a.len - b.len : b.len - a.len;
    if (gap > most || a.len > NAME_BYTES_MAX || b.len > NAME_BYTES_MAX) return most + 1;
    unsigned char row[3][NAME_BYTES_MAX + 1];
    unsigned char *before = row[0], *last = row[1], *now = row[2];
    for (size_t j = 0; j <= b.len; j++) last[j] = (unsigned char)j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t least = now[0] = (unsigned char)i;
        for (size_t j = 1; j <= b.len; j++) {
            unsigned char x = folded(a.at[i - 1]), y = folded(b.at[j - 1]);
            size_t n = last[j - 1] + (size_t)(x != y);
            if (last[j] + 1u < n) n = last[j] + 1u;
            if (now[j - 1] + 1u < n) n = now[j - 1] + 1u;
            if (i > 1 && j > 1 && x == folded(b.at[j - 2]) && y == folded(a.at[i - 2]) && before[j - 2] + 1u < n)
                n = before[j - 2] + 1u;
            now[j] = (unsigned char)n;
            if (n < least) least = n;
        }
        if (least > most) return most + 1;
        unsigned char *oldest = before;
        before = last;
        last = now;
        now = oldest;
    }
    return last[b.len];
}

int dgm_nearest(dgm_slice wrong, const dgm_slice *names, size_t n)
{
    size_t most = wrong.len / 3;
    int best = -1;
    for (size_t i = 0; i < n && i <= INT32_MAX; i++) {
        size_t e = edits(wrong, names[i], most);
        if (e > most) continue;
        best = (int)i;
        if (e == 0) break;
        most = e - 1;
    }
    return best;
}
