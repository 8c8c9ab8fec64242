/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_draft.c - puts a directory file together: lines are sorted, the second of two is told of, and what the reader would
 * refuse is told at the place it came from. One thread.
 */
#include "directory_draft.h"

#include "base/slice.h"
#include "base/utf8.h"

#include <stdlib.h>

void dgm_edi_draft_free(dgm_edi_draft *d)
{
    for (int t = 0; t < DGM_EDI_TABLES; t++)
        if (d->lines[t]) dgm_mem_free(d->mem, d->lines[t], d->rooms[t] * sizeof *d->lines[t]);
}

bool dgm_edi_draft_add(dgm_edi_draft *d, dgm_edi_table table, dgm_slice key, dgm_slice rest, dgm_edi_draft_place place)
{
    void *lines = d->lines[table];
    dgm_status st = dgm_mem_reserve(d->mem, &lines, &d->rooms[table], d->counts[table] + 1, sizeof *d->lines[table]);
    d->lines[table] = lines;
    if (st != DGM_OK) return false;
    uint32_t order = (uint32_t)d->counts[table];
    d->lines[table][d->counts[table]++] = (dgm_edi_draft_line){ key, rest, place, order };
    return true;
}

dgm_diag *dgm_edi_draft_complain(dgm_edi_draft *d, dgm_diag_code code, dgm_severity severity, dgm_edi_draft_place place)
{
    dgm_diag *diag = dgm_diags_add(d->diags, code, severity);
    dgm_diag_source(d->diags, diag, place.path);
    if (!diag) return diag;
    diag->line = place.line;
    diag->column = 1;
    diag->at_byte = 0;
    diag->bytes = place.text.len;
    dgm_diag_excerpt(d->diags, diag, place.text, 0);
    return diag;
}

/* ---- writing ---- */

static int by_key(const void *x, const void *y)
{
    const dgm_edi_draft_line *a = x, *b = y;
    int order = dgm_slice_compare(a->key, b->key);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* The first line of each key is kept; one that says something else is told of. */
static void keep_first(dgm_edi_draft *d, dgm_edi_table table)
{
    static const char *const kinds[DGM_EDI_TABLES] = { "message", "segment", "composite", "element", "name", "code", "note" };
    dgm_edi_draft_line *l = d->lines[table];
    size_t kept = 0;
    for (size_t i = 0; i < d->counts[table]; i++) {
        if (kept && dgm_slice_equal(l[kept - 1].key, l[i].key)) {
            bool same = dgm_slice_equal(l[kept - 1].rest, l[i].rest);
            if (same || table == DGM_EDI_NAMES) continue;
            dgm_diag *diag = dgm_edi_draft_complain(d, DGM_D_DIRECTORY_TWICE, DGM_WARNING, l[i].place);
            dgm_diag_text(d->diags, diag, dgm_slice_of(kinds[table]));
            dgm_diag_text(d->diags, diag, l[i].key);
            continue;
        }
        l[kept++] = l[i];
    }
    d->counts[table] = kept;
}

static bool has_codes(const dgm_edi_draft *d, dgm_slice element)
{
    size_t low = 0, high = d->counts[DGM_EDI_CODES];
    const dgm_edi_draft_line *l = d->lines[DGM_EDI_CODES];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (dgm_slice_compare(l[middle].key, element) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < d->counts[DGM_EDI_CODES] && dgm_slice_equal(dgm_slice_cut(l[low].key, ' ').head, element);
}

/* The y or n of an element tells what the directory says of it now. */
static dgm_status put_line(const dgm_edi_draft *d, dgm_edi_table table, const dgm_edi_draft_line *l, dgm_buffer *out)
{
    dgm_cut repr = dgm_slice_cut(l->rest, '\t'), coded = dgm_slice_cut(repr.tail, '\t');
    if (table != DGM_EDI_ELEMENTS || !coded.found)
        return dgm_buffer_print(out, "%.*s\t%.*s\n", (int)l->key.len, l->key.at, (int)l->rest.len, l->rest.at);
    bool y = dgm_slice_is(coded.head, "y") || has_codes(d, l->key);
    return dgm_buffer_print(out, "%.*s\t%.*s\t%c\t%.*s\n", (int)l->key.len, l->key.at, (int)repr.head.len, repr.head.at,
                            y ? 'y' : 'n', (int)coded.tail.len, coded.tail.at);
}

static dgm_status put_head(const dgm_edi_draft *d, dgm_buffer *out)
{
    dgm_status st = dgm_buffer_print(out, "%s\n", DGM_EDI_BOOK_MAGIC);
    if (st == DGM_OK) st = dgm_buffer_print(out, "name\t%.*s\n", (int)d->name.len, d->name.at);
    if (st == DGM_OK && d->base.len) st = dgm_buffer_print(out, "base\t%.*s\n", (int)d->base.len, d->base.at);
    if (st == DGM_OK && d->agency.len) st = dgm_buffer_print(out, "agency\t%.*s\n", (int)d->agency.len, d->agency.at);
    return st;
}

/* ---- checking ---- */

/* The draft's line that became line `number` of the file. */
static const dgm_edi_draft_line *line_behind(const dgm_edi_draft *d, uint32_t number, uint32_t head_lines)
{
    uint32_t at = head_lines;
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        at++; /* [section] */
        if (number > at && number <= at + d->counts[t]) return &d->lines[t][number - at - 1];
        at += (uint32_t)d->counts[t];
    }
    return NULL;
}

static void tell_where(dgm_edi_draft *d, const dgm_diags *found, uint32_t head_lines)
{
    for (size_t i = 0; i < dgm_diags_count(found); i++) {
        const dgm_diag *f = dgm_diags_at(found, i);
        const dgm_edi_draft_line *l = line_behind(d, f->line, head_lines);
        dgm_diag *diag = l ? dgm_edi_draft_complain(d, (dgm_diag_code)f->code, f->severity, l->place)
                           : dgm_diags_add(d->diags, (dgm_diag_code)f->code, f->severity);
        for (uint32_t k = 0; k < f->argument_count; k++) dgm_diag_text(d->diags, diag, f->arguments[k].text);
    }
}

static dgm_status check(dgm_edi_draft *d, dgm_slice file, uint32_t head_lines)
{
    dgm_diags *found = NULL;
    dgm_edi_book *book = NULL;
    dgm_status st = dgm_diags_new(d->mem, 0, &found);
    if (st == DGM_OK) st = dgm_edi_book_load(d->mem, d->name, file, found, &book);
    if (st == DGM_CONFIG) tell_where(d, found, head_lines);
    dgm_edi_book_free(book);
    dgm_diags_free(found);
    return st;
}

dgm_status dgm_edi_draft_finish(dgm_edi_draft *d, dgm_buffer *out)
{
    static const char *const sections[DGM_EDI_TABLES] = { "messages", "segments", "composites", "elements",
                                                          "names",    "codes",    "notes" };
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        if (d->counts[t]) qsort(d->lines[t], d->counts[t], sizeof *d->lines[t], by_key);
        keep_first(d, (dgm_edi_table)t);
    }
    dgm_status st = put_head(d, out);
    uint32_t head_lines = 2u + (d->base.len > 0) + (d->agency.len > 0);
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        if (st == DGM_OK) st = dgm_buffer_print(out, "[%s]\n", sections[t]);
        for (size_t i = 0; st == DGM_OK && i < d->counts[t]; i++) st = put_line(d, (dgm_edi_table)t, &d->lines[t][i], out);
    }
    return st == DGM_OK ? check(d, dgm_buffer_slice(out), head_lines) : st;
}

/* ---- text of any age ---- */

/* Code page 437 from 0x80 on; lines and corners as they are drawn in ASCII. */
static const char *const page437[128] = {
    "Ç", "ü", "é", "â", "ä", "à", "å", "ç", "ê", "ë", "è", "ï", "î", "ì", "Ä", "Å", "É", "æ", "Æ", "ô", "ö", "ò",
    "û", "ù", "ÿ", "Ö", "Ü", "¢", "£", "¥", "₧", "ƒ", "á", "í", "ó", "ú", "ñ", "Ñ", "ª", "º", "¿", "⌐", "¬", "½",
    "¼", "¡", "«", "»", "░", "▒", "▓", "|", "+", "+", "+", "+", "+", "+", "|", "+", "+", "+", "+", "+", "+", "+",
    "+", "+", "-", "+", "+", "+", "+", "+", "+", "+", "+", "-", "+", "+", "+", "+", "+", "+", "+", "+", "+", "+",
    "+", "+", "+", "█", "▄", "▌", "▐", "▀", "α", "ß", "Γ", "π", "Σ", "σ", "µ", "τ", "Φ", "Θ", "Ω", "δ", "∞", "φ",
    "ε", "∩", "≡", "±", "≥", "≤", "⌠", "⌡", "÷", "≈", "°", "∙", "·", "√", "ⁿ", "²", "■", " ",
};

static bool draws_437(dgm_slice bytes)
{
    size_t lines = 0;
    for (size_t i = 1; i < bytes.len; i++) lines += (unsigned char)bytes.at[i] == 0xC4 && (unsigned char)bytes.at[i - 1] == 0xC4;
    return lines > 0;
}

dgm_slice dgm_edi_draft_plain_text(dgm_edi_draft *d, dgm_slice bytes)
{
    bool utf8 = dgm_utf8_check(bytes) == bytes.len, old = !utf8 && draws_437(bytes);
    char *text = dgm_arena_new(d->arena, 1, 1, bytes.len * 3 + 1), *to = text;
    if (!text) return (dgm_slice){ 0 };
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char c = (unsigned char)bytes.at[i];
        if (utf8 && c == 0xE2 && i + 2 < bytes.len && ((unsigned char)bytes.at[i + 1] & 0xFE) == 0x94) {
            unsigned char low = (unsigned char)bytes.at[i + 2]; /* U+2500 to U+257F */
            bool first = (unsigned char)bytes.at[i + 1] == 0x94;
            *to++ = first && (low == 0x80 || low == 0x81) ? '-' : first && (low == 0x82 || low == 0x83) ? '|' : '+';
            i += 2;
        } else if (c < 0x80 || utf8) {
            if (c == '\t') c = ' ';
            if (c != '\r' && c != '\f' && c != 0x1A) *to++ = (char)c;
        } else if (old) {
            size_t n = strlen(page437[c - 0x80]);
            memcpy(to, page437[c - 0x80], n);
            to += n;
        } else {
            to += dgm_utf8_put(c, to); /* Latin-1 */
        }
    }
    return (dgm_slice){ text, (size_t)(to - text) };
}
