/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import_message.c - the segment table of a message (EDMD, CUSDEC_D.96B ...): rows of position, marks, tag, name, status
 * and repetition, and at the right the lines that tell which groups are open: each | is a group that goes on, each + one that
 * begins or ends. One thread.
 */
#include "base/slice.h"
#include "directory_import.h"

#include <strings.h>

typedef struct group {
    uint32_t max;
    bool mandatory, gone;
} group;

typedef struct row {
    dgm_slice tag; /* empty: a group */
    uint32_t max, bars, corners;
    bool mandatory, gone;
} row;

typedef struct table {
    const dgm_edi_import_file *f;
    dgm_buffer structure;
    group open[DGM_DEPTH_MAX];
    uint32_t depth;
    bool good; /* no memory has failed */
} table;

static bool word_is(dgm_slice word, const char *lower)
{
    return word.len == strlen(lower) && strncasecmp(word.at, lower, word.len) == 0;
}

/* "Pos     Tag Name                    S   R", "TAG  NAME     S   REPT" */
static bool is_heading(dgm_slice line)
{
    static const char *const words[] = { "tag", "name", "s" };
    size_t n = 0;
    for (dgm_slice rest = line; rest.len && n < 3;) n += word_is(dgm_edi_import_word(&rest), words[n]);
    return n == 3;
}

bool dgm_edi_import_has_message(const dgm_edi_import_file *f)
{
    for (size_t i = 0; i < f->count; i++)
        if (is_heading(f->lines[i])) return true;
    return false;
}

/* Cuts the lines and corners off the end of a row. */
static dgm_slice cut_lines(dgm_slice line, row *out)
{
    while (line.len && strchr("+|- ", line.at[line.len - 1])) {
        out->bars += line.at[line.len - 1] == '|';
        out->corners += line.at[line.len - 1] == '+';
        line.len--;
    }
    return line;
}

/* "M   1" at the end of `text`, cut off. */
static bool cut_status(dgm_slice *text, row *out)
{
    size_t digits = text->len;
    while (digits && text->at[digits - 1] >= '0' && text->at[digits - 1] <= '9') digits--;
    uint64_t max = 0;
    if (!dgm_edi_import_number(dgm_slice_part(*text, digits, text->len), 99999999, &max) || max == 0) return false;
    dgm_slice before = dgm_slice_trim(dgm_slice_part(*text, 0, digits));
    if (before.len < 2 || (before.at[before.len - 1] != 'M' && before.at[before.len - 1] != 'C')) return false;
    if (before.at[before.len - 2] != ' ' && before.at[before.len - 2] != '-') return false;
    out->mandatory = before.at[before.len - 1] == 'M';
    out->max = (uint32_t)max;
    *text = dgm_slice_part(before, 0, before.len - 1);
    return true;
}

static bool all_hyphens(dgm_slice word)
{
    size_t n = 0;
    while (n < word.len && word.at[n] == '-') n++;
    return n > 1 && n == word.len;
}

/* Position and marks, taken off. */
static void skip_front(const dgm_edi_import_file *f, dgm_slice *rest, row *out)
{
    for (;;) {
        dgm_slice before = *rest, word = dgm_edi_import_word(rest);
        size_t n = 0;
        while (n < word.len && word.at[n] >= '0' && word.at[n] <= '9') n++;
        bool position = n >= 3 && n <= 5 && (n == word.len || (n + 1 == word.len && strchr("+*#|X-", word.at[n])));
        if (position && n < word.len) out->gone |= word.at[n] == '-' && f->minus_is_gone;
        bool mark = dgm_edi_import_is_mark(word) && rest->len;
        if (mark) out->gone |= word.at[0] == '-' && f->minus_is_gone;
        if (position || mark || all_hyphens(word)) continue;
        *rest = before;
        return;
    }
}

typedef enum row_kind { NO_ROW, A_ROW, WRONG_ROW } row_kind;

/* Reads the row that begins on line *i; its name may run over to the next. */
static row_kind read_row(const dgm_edi_import_file *f, size_t *i, row *out)
{
    *out = (row){ 0 };
    dgm_slice text = cut_lines(f->lines[*i], out), rest = text;
    if (dgm_edi_import_blank(text) || is_heading(f->lines[*i])) return NO_ROW;
    bool status = cut_status(&text, out);
    rest = text;
    skip_front(f, &rest, out);
    dgm_slice word = dgm_edi_import_word(&rest), after = rest;
    bool is_group = word_is(word, "group") || (word_is(word, "segment") && word_is(dgm_edi_import_word(&after), "group"));
    if (!is_group && !dgm_edi_import_capitals(word, 3)) {
        bool section = rest.len >= 7 && memmem(text.at, text.len, "SECTION", 7);
        return status && !section ? WRONG_ROW : NO_ROW;
    }
    if (!is_group) out->tag = word;
    if (status) return A_ROW;
    row next = { 0 };
    dgm_slice more = *i + 1 < f->count ? cut_lines(f->lines[*i + 1], &next) : (dgm_slice){ 0 };
    if (!cut_status(&more, &next)) return is_group || rest.len ? WRONG_ROW : NO_ROW;
    next.tag = out->tag;
    next.gone = out->gone;
    *out = next;
    ++*i;
    return A_ROW;
}

/* ---- the structure ---- */

static bool is_gone(const table *t)
{
    for (uint32_t i = 0; i < t->depth; i++)
        if (t->open[i].gone) return true;
    return false;
}

static void put(table *t, dgm_slice text)
{
    t->good = t->good && dgm_buffer_append(&t->structure, text) == DGM_OK;
}

static void put_blank(table *t)
{
    const dgm_buffer *b = &t->structure;
    if (b->len && b->at[b->len - 1] != '(') put(t, DGM_LITERAL(" "));
}

static void put_occurrence(table *t, bool mandatory, uint32_t max)
{
    if (max > 1) t->good = t->good && dgm_buffer_print(&t->structure, "%c%u", mandatory ? '!' : '?', max) == DGM_OK;
    if (max == 1 && !mandatory) put(t, DGM_LITERAL("?"));
}

static void close_groups(table *t, uint32_t n)
{
    for (; n > 0 && t->depth > 0; n--) {
        bool gone = is_gone(t);
        group g = t->open[--t->depth];
        if (gone) continue;
        put(t, DGM_LITERAL(")"));
        put_occurrence(t, g.mandatory, g.max);
    }
}

/* The lines at the right must agree with the groups that are open; else the message cannot be trusted. */
static bool lines_agree(table *t, size_t i, const row *r)
{
    uint32_t said = r->bars + r->corners, open = t->depth + (r->tag.len == 0);
    if (said == open) return true;
    dgm_diag *diag = dgm_edi_draft_complain(t->f->draft, DGM_D_DIRECTORY_BOX, DGM_ERROR, dgm_edi_import_place(t->f, i));
    dgm_diag_number(t->f->draft->diags, diag, said);
    dgm_diag_number(t->f->draft->diags, diag, open);
    return false;
}

static bool take_row(table *t, size_t i, const row *r)
{
    if (!lines_agree(t, i, r)) return false;
    if (r->tag.len == 0) {
        if (t->depth == DGM_DEPTH_MAX) return false;
        t->open[t->depth++] = (group){ r->max, r->mandatory, r->gone };
        if (is_gone(t)) return true;
        put_blank(t);
        put(t, DGM_LITERAL("("));
        return true;
    }
    if (!r->gone && !is_gone(t)) {
        put_blank(t);
        put(t, r->tag);
        put_occurrence(t, r->mandatory, r->max);
    }
    close_groups(t, r->corners);
    return true;
}

/* ---- the message ---- */

/* What stands behind "Message Type :" and the like. */
static dgm_slice field(const dgm_edi_import_file *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++) {
        if (!dgm_edi_import_begins(f->lines[i], name)) continue;
        dgm_cut cut = dgm_slice_cut(f->lines[i], ':');
        dgm_slice rest = cut.tail;
        if (cut.found) return dgm_edi_import_word(&rest);
    }
    return (dgm_slice){ 0 };
}

static dgm_slice message_type(const dgm_edi_import_file *f)
{
    dgm_slice type = field(f, "Message Type"), base = dgm_slice_file_name(f->path);
    if (dgm_edi_import_capitals(type, 6)) return type;
    char *upper = dgm_arena_new(f->draft->arena, 1, 1, 8);
    size_t n = 0;
    for (; upper && n < 6 && n < base.len; n++)
        upper[n] = (char)(base.at[n] >= 'a' && base.at[n] <= 'z' ? base.at[n] - 32 : base.at[n]);
    return (dgm_slice){ upper, n };
}

/* "D" and "96B" name the directory when the caller did not. */
static void take_name(const dgm_edi_import_file *f)
{
    dgm_slice version = field(f, "Version"), release = field(f, "Release");
    if (f->draft->name.len || !version.len || !release.len || version.len + release.len > 12) return;
    f->draft->name = dgm_arena_print(f->draft->arena, "%.*s.%.*s", (int)version.len, version.at, (int)release.len, release.at);
}

bool dgm_edi_import_take_message(const dgm_edi_import_file *f)
{
    table t = { .f = f, .good = true };
    dgm_buffer_init(&t.structure, f->draft->mem);
    size_t i = 0, first = 0;
    bool whole = false, readable = true;
    while (i < f->count && !is_heading(f->lines[i])) i++;
    for (; i < f->count && readable && !whole && t.good; i++) {
        row r;
        size_t at = i;
        row_kind kind = read_row(f, &i, &r);
        if (kind == WRONG_ROW)
            dgm_edi_import_complain(f, at, "a row of a segment table", "a tag, a name, M or C and a number are expected");
        if (kind == WRONG_ROW) readable = false;
        if (kind != A_ROW) continue;
        if (t.structure.len == 0) first = at;
        readable = take_row(&t, at, &r);
        whole = dgm_slice_is(r.tag, "UNT");
    }
    bool good = t.good;
    if (good && readable && !whole)
        dgm_edi_import_complain(f, f->count ? f->count - 1 : 0, "the end of a segment table", "UNT is missing");
    if (good && readable && whole) {
        dgm_slice text = dgm_arena_copy(f->draft->arena, dgm_buffer_slice(&t.structure)), type = message_type(f);
        take_name(f);
        good = text.at && type.at && dgm_edi_draft_add(f->draft, DGM_EDI_MESSAGES, type, text, dgm_edi_import_place(f, first)) &&
               dgm_edi_import_take_notes(f, i, f->count, type, NULL);
    }
    dgm_buffer_free(&t.structure);
    return good;
}
