/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer_lines.c - the samples of `format infer` as lines: their encoding (well-formed UTF-8, EBCDIC by its blanks and
 * digits, else what ICU's detector says and its converter bears out), what ends a record, which character separates fields. One
 * thread.
 */
#include "format_infer.h"

#include <stdarg.h>
#include <stdio.h>
#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>

enum { DETECT_BYTES = 1 << 16, RECORD_MOST = 4096 };

dgm_slice infer_print(inferring *x, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) n = 0;
    dgm_slice copy = dgm_arena_copy(x->a, (dgm_slice){ text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
    if (!copy.at) x->failed = true;
    return copy.at ? copy : (dgm_slice){ "", 0 };
}

/* ---- encoding ---- */

/* Bytes of each character, by the converter; false: some are of none. classes may be NULL. */
static bool classify(UConverter *u, dgm_slice bytes, uint8_t *classes)
{
    UErrorCode e = U_ZERO_ERROR;
    ucnv_reset(u);
    const char *at = bytes.at, *end = bytes.at + bytes.len;
    while (at < end) {
        const char *from = at;
        UChar32 c = ucnv_getNextUChar(u, &at, end, &e);
        const bool said = at == from + 3 && memcmp(from, "\xEF\xBF\xBD", 3) == 0; /* it stands there itself */
        if (U_FAILURE(e) || (c == 0xFFFD && !said) || at == from) return false;
        bool one = at == from + 1;
        uint8_t class = !one                   ? INFER_WIDE
                        : c >= '0' && c <= '9' ? INFER_DIGIT
                        : c >= 'A' && c <= 'Z' ? INFER_UPPER
                        : c >= 'a' && c <= 'z' ? INFER_LOWER
                        : c == ' '             ? INFER_BLANK
                                               : INFER_MARK;
        for (const char *p = from; classes && p < at; p++) classes[p - bytes.at] = p == from ? class : INFER_WITHIN;
    }
    return true;
}

/* Byte by byte, where bytes are of no encoding. */
static void plain_classes(dgm_slice bytes, uint8_t *classes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        const unsigned char c = (unsigned char)bytes.at[i];
        classes[i] = c >= '0' && c <= '9'   ? INFER_DIGIT
                     : c >= 'A' && c <= 'Z' ? INFER_UPPER
                     : c >= 'a' && c <= 'z' ? INFER_LOWER
                     : c == ' '             ? INFER_BLANK
                                            : INFER_MARK;
    }
}

static bool holds(const inferring *x, const char *name)
{
    UErrorCode e = U_ZERO_ERROR;
    UConverter *u = ucnv_open(name, &e);
    bool good = U_SUCCESS(e);
    if (good) ucnv_setToUCallBack(u, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    for (size_t i = 0; i < x->file_count && good; i++) good = classify(u, x->files[i], NULL);
    ucnv_close(u);
    return good;
}

/* Blanks, digits and capitals of EBCDIC make nearly all of it, and those of ASCII little. */
static bool ebcdic(const inferring *x)
{
    size_t host = 0, all = 0;
    for (size_t f = 0; f < x->file_count; f++)
        for (size_t i = 0; i < x->files[f].len; i++) {
            unsigned char b = (unsigned char)x->files[f].at[i];
            all++;
            host += b == 0x40 || b >= 0xF0 || (b >= 0xC1 && b <= 0xE9) || (b >= 0x81 && b <= 0xA9);
        }
    return all && host * 10 >= all * 7;
}

/* The same with each byte as the character of ASCII that it is; others are marks. */
static dgm_slice to_ascii(inferring *x, dgm_slice bytes)
{
    UErrorCode e = U_ZERO_ERROR;
    UConverter *u = ucnv_open("IBM037", &e);
    char *made = dgm_arena_new(x->a, bytes.len + 1, 1, 1);
    if (!made || U_FAILURE(e)) x->failed = true;
    for (size_t i = 0; i < bytes.len && !x->failed; i++) {
        const char *at = bytes.at + i;
        UErrorCode wrong = U_ZERO_ERROR;
        ucnv_reset(u);
        UChar32 c = ucnv_getNextUChar(u, &at, at + 1, &wrong);
        made[i] = (char)(U_SUCCESS(wrong) && c < 0x7F ? c : 0x7F);
    }
    ucnv_close(u);
    return x->failed ? bytes : (dgm_slice){ made, bytes.len };
}

static void guess_encoding(inferring *x)
{
    bool utf8 = true, ascii = true;
    for (size_t i = 0; i < x->file_count; i++) {
        utf8 = utf8 && dgm_utf8_check(x->files[i]) == x->files[i].len;
        ascii = ascii && dgm_ascii(x->files[i]);
    }
    x->encoding = DGM_LITERAL("UTF-8");
    x->encoding_why = ascii ? DGM_LITERAL("all bytes are ASCII") : DGM_LITERAL("all bytes are well-formed UTF-8");
    if (utf8 && !(ascii && ebcdic(x))) return;
    x->encoding = DGM_LITERAL("IBM037");
    x->encoding_why = DGM_LITERAL("seven of ten bytes are blanks, digits and letters of EBCDIC");
    if (ebcdic(x)) {
        for (size_t i = 0; i < x->file_count && !x->failed; i++) x->files[i] = to_ascii(x, x->files[i]);
        return;
    }
    size_t most = 0;
    for (size_t i = 1; i < x->file_count; i++) most = x->files[i].len > x->files[most].len ? i : most;
    UErrorCode e = U_ZERO_ERROR;
    UCharsetDetector *d = ucsdet_open(&e);
    dgm_slice first = dgm_slice_part(x->files[most], 0, DETECT_BYTES);
    int32_t n = 0;
    ucsdet_setText(d, first.at, (int32_t)first.len, &e);
    const UCharsetMatch **matches = ucsdet_detectAll(d, &n, &e);
    x->encoding = DGM_LITERAL("ISO-8859-1");
    x->encoding_why = DGM_LITERAL("no detector knows it; there every byte is a character");
    for (int32_t i = 0; i < n && U_SUCCESS(e); i++) {
        const char *name = ucsdet_getName(matches[i], &e);
        if (!name || strncmp(name, "UTF-", 4) == 0 || strncmp(name, "ISO-2022", 8) == 0 || !holds(x, name)) continue;
        x->encoding_why = infer_print(x, "ICU's detector is %d %% sure, and all bytes are characters of it",
                                      (int)ucsdet_getConfidence(matches[i], &e));
        x->encoding = infer_print(x, "%s", name);
        break;
    }
    ucsdet_close(d);
}

/* ---- lines ---- */

static bool add_line(inferring *x, size_t *room, uint32_t file, dgm_slice bytes, const uint8_t *class)
{
    if (x->line_count == *room) {
        size_t more = *room ? *room * 2 : 256;
        infer_line *lines = DGM_NEW(x->a, infer_line, more);
        x->failed = x->failed || !lines;
        if (!lines) return false;
        if (x->line_count) memcpy(lines, x->lines, x->line_count * sizeof *lines);
        x->lines = lines;
        *room = more;
    }
    x->lines[x->line_count++] = (infer_line){ .bytes = bytes, .class = class, .file = file, .kind = DGM_NONE, .table = { "", 0 } };
    return x->line_count < INFER_LINES_MAX;
}

/* The length that records without ends have: what divides all samples, and makes columns alike. */
static uint32_t guess_length(const inferring *x, uint8_t *const *classes)
{
    uint32_t best = 0;
    double best_score = 0;
    for (uint32_t len = 4; len <= RECORD_MOST; len++) {
        size_t records = 0, alike = 0, seen = 0;
        bool divides = true;
        for (size_t f = 0; f < x->file_count; f++) {
            divides = divides && x->files[f].len % len == 0;
            records += x->files[f].len / len;
            for (size_t i = len; i < x->files[f].len && divides && i < 65536; i++) {
                alike += classes[f][i] == classes[f][i - len];
                seen++;
            }
        }
        double score = seen ? (double)alike / (double)seen : 0;
        if (divides && records >= 2 && score > best_score + 0.02) best = len, best_score = score;
    }
    return best;
}

static void cut_by_length(inferring *x, size_t *room, uint8_t *const *classes)
{
    x->length = guess_length(x, classes);
    x->ends = DGM_LITERAL("none");
    x->last_end = true;
    x->ends_why = x->length
                      ? infer_print(x, "no line ends; all samples are multiples of %u bytes, whose columns look alike", x->length)
                      : DGM_LITERAL("no line ends, and no length that divides all samples");
    for (size_t f = 0; f < x->file_count; f++)
        for (size_t at = 0; x->length && at + x->length <= x->files[f].len; at += x->length)
            if (!add_line(x, room, (uint32_t)f, dgm_slice_part(x->files[f], at, at + x->length), classes[f] + at)) return;
}

static void cut_lines(inferring *x, uint8_t *const *classes)
{
    size_t room = 0, crlf = 0, lf = 0, cr = 0, open = 0;
    for (size_t f = 0; f < x->file_count; f++) {
        dgm_slice b = x->files[f];
        for (size_t i = 0; i < b.len; i++) {
            if (classes[f][i] != INFER_MARK) continue;
            bool both = b.at[i] == '\r' && i + 1 < b.len && b.at[i + 1] == '\n';
            crlf += both;
            cr += b.at[i] == '\r' && !both;
            lf += b.at[i] == '\n' && !(i && b.at[i - 1] == '\r');
        }
        open += b.len && b.at[b.len - 1] != '\n' && b.at[b.len - 1] != '\r';
    }
    if (!crlf && !lf && !cr) {
        cut_by_length(x, &room, classes);
        return;
    }
    bool alone = !crlf && !lf;
    x->last_end = open == 0;
    x->ends = alone        ? DGM_LITERAL("CR")
              : crlf && lf ? crlf >= lf ? DGM_LITERAL("[CRLF, LF]") : DGM_LITERAL("[LF, CRLF]")
              : crlf ? DGM_LITERAL("CRLF")
                           : DGM_LITERAL("LF");
    x->ends_why = infer_print(x, "%zu CRLF, %zu LF, %zu CR alone", crlf, lf, cr);
    for (size_t f = 0; f < x->file_count; f++) {
        dgm_slice b = x->files[f];
        for (size_t at = 0; at < b.len;) {
            size_t to = at, behind;
            while (to < b.len && !(classes[f][to] == INFER_MARK && b.at[to] == (alone ? '\r' : '\n'))) to++;
            behind = to < b.len ? to + 1 : to;
            if (!alone && to > at && b.at[to - 1] == '\r') to--;
            if (to > at && !add_line(x, &room, (uint32_t)f, dgm_slice_part(b, at, to), classes[f] + at)) return;
            at = behind;
        }
    }
}

/* ---- fields between separators ---- */

/* Separators of a line outside of quotes. */
static uint32_t separators(const infer_line *l, char c)
{
    uint32_t n = 0;
    bool quoted = false;
    for (size_t i = 0; i < l->bytes.len; i++) {
        if (l->class[i] != INFER_MARK) continue;
        if (l->bytes.at[i] == '"') quoted = !quoted;
        n += !quoted && l->bytes.at[i] == c;
    }
    return n;
}

static void guess_separator(inferring *x)
{
    static const char marks[] = { 0x1D, 0x1F, '\t', '|', ';', ',', '^', '~', 0 };
    size_t tables = 0;
    for (size_t i = 0; i < x->line_count; i++)
        tables += x->lines[i].bytes.len > 7 && memcmp(x->lines[i].bytes.at, "<TABLE>", 7) == 0;
    if (tables) x->tables = DGM_LITERAL("<TABLE>");
    for (const char *m = marks; *m && !x->delimited; m++) {
        size_t with = 0, sum = 0;
        for (size_t i = 0; i < x->line_count; i++) {
            uint32_t n = separators(&x->lines[i], *m);
            with += n > 0;
            sum += n;
        }
        size_t lines = x->line_count - tables;
        if (lines == 0 || with * 10 < lines * 9 || sum < lines * 2) continue;
        x->delimited = true;
        x->separator = *m;
        x->shape_why = infer_print(x, "0x%02X stands in %zu of %zu lines, %zu times", (unsigned)*m, with, lines, sum);
    }
    if (!x->delimited) x->shape_why = DGM_LITERAL("no mark separates fields in nine of ten lines");
}

static void cut_cells(inferring *x, infer_line *l)
{
    uint32_t n = separators(l, x->separator) + 1;
    dgm_slice *cells = DGM_NEW(x->a, dgm_slice, n + 1);
    if (!cells) {
        x->failed = true;
        return;
    }
    bool quoted = false;
    size_t from = 0;
    for (size_t i = 0; i <= l->bytes.len; i++) {
        bool mark = i < l->bytes.len && l->class[i] == INFER_MARK;
        if (mark && l->bytes.at[i] == '"') quoted = !quoted;
        if (i < l->bytes.len && (quoted || !mark || l->bytes.at[i] != x->separator)) continue;
        dgm_slice cell = dgm_slice_part(l->bytes, from, i);
        bool within = cell.len >= 2 && cell.at[0] == '"' && cell.at[cell.len - 1] == '"';
        x->quotes = x->quotes || within;
        if (l->cell_count < n) cells[l->cell_count++] = within ? dgm_slice_part(cell, 1, cell.len - 1) : cell;
        from = i + 1;
    }
    l->cells = cells;
    x->trailing = x->trailing || (l->cell_count > 1 && l->cells[l->cell_count - 1].len == 0);
}

bool infer_lines(inferring *x)
{
    guess_encoding(x);
    UErrorCode e = U_ZERO_ERROR;
    char name[64];
    bool host = dgm_slice_is(x->encoding, "IBM037"); /* is ASCII by now */
    snprintf(name, sizeof name, "%.*s", host ? 8 : (int)x->encoding.len, host ? "US-ASCII" : x->encoding.at);
    UConverter *u = ucnv_open(name, &e);
    uint8_t **classes = DGM_NEW(x->a, uint8_t *, x->file_count + 1);
    x->failed = x->failed || !classes || U_FAILURE(e);
    for (size_t i = 0; i < x->file_count && !x->failed; i++) {
        classes[i] = DGM_NEW(x->a, uint8_t, x->files[i].len + 1);
        if (!classes[i])
            x->failed = true;
        else if (!classify(u, x->files[i], classes[i]))
            plain_classes(x->files[i], classes[i]);
    }
    ucnv_close(u);
    if (!x->failed) cut_lines(x, classes);
    if (!x->failed && !dgm_slice_is(x->ends, "none")) guess_separator(x);
    for (size_t i = 0; i < x->line_count && x->delimited && !x->failed; i++) cut_cells(x, &x->lines[i]);
    return !x->failed && x->line_count > 0;
}
