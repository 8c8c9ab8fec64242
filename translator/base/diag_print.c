/* SPDX-License-Identifier: Apache-2.0
 *
 * diag_print.c - records for people (as compilers print them: place, text, the line, carets, a hint) and for programs (one JSON
 * object on a line). Whatever a sender wrote is shown so that it can neither move the cursor of a terminal nor break the line:
 * control characters by their pictures, broken UTF-8 as <E9>, what is invisible or turns the writing round as <U+202E>. Nothing is
 * allocated; any thread, each with its own sink.
 */
#include "diag.h"
#include "diag_text.h"
#include "utf8.h"

#include <stdio.h>

enum { WIDTH_DEFAULT = 120, WIDTH_MIN = 24, INDENT = 4 };

/* Collects small pieces for the sink and remembers its first failure. */
typedef struct pen {
    dgm_sink sink;
    dgm_status status;
    bool colour;
    size_t used;
    char bytes[1024];
} pen;

static void flush(pen *p)
{
    if (p->status == DGM_OK) p->status = dgm_sink_put(p->sink, (dgm_slice){ p->bytes, p->used });
    p->used = 0;
}

static void put(pen *p, dgm_slice s)
{
    while (s.len) {
        if (p->used == sizeof p->bytes) flush(p);
        size_t n = sizeof p->bytes - p->used < s.len ? sizeof p->bytes - p->used : s.len;
        memcpy(p->bytes + p->used, s.at, n);
        p->used += n;
        s = dgm_slice_part(s, n, s.len);
    }
}

static void put_text(pen *p, const char *text)
{
    put(p, dgm_slice_of(text));
}

static void put_number(pen *p, uint64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    put(p, (dgm_slice){ digits, (size_t)len });
}

static void put_signed(pen *p, int64_t n)
{
    if (n < 0) put_text(p, "-");
    put_number(p, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

static void put_colour(pen *p, const char *code)
{
    if (p->colour) put_text(p, code);
}

#define BOLD   "\033[1m"
#define RED    "\033[1;31m"
#define GREEN  "\033[1;32m"
#define YELLOW "\033[1;33m"
#define CYAN   "\033[1;36m"
#define OFF    "\033[0m"

static const char *severity_name(dgm_severity s)
{
    return s == DGM_ERROR ? "error" : s == DGM_WARNING ? "warning" : "info";
}

static const char *severity_colour(dgm_severity s)
{
    return s == DGM_ERROR ? RED : s == DGM_WARNING ? YELLOW : CYAN;
}

/* ---- what can be seen -------------------------------------------------------------------------------------------------------- */

/* One character of a source as it is shown. */
typedef struct glyph {
    char text[12];
    size_t len;
    size_t bytes;   /* of the source */
    size_t columns; /* on a terminal */
} glyph;

static bool invisible(uint32_t c)
{
    return (c >= 0x80 && c < 0xA0) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE0FFF);
}

/* Two columns: East Asian wide and full-width letters, and pictures. */
static bool wide(uint32_t c)
{
    return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) || (c >= 0x3041 && c <= 0xA4CF) ||
           (c >= 0xA960 && c <= 0xA97C) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
           (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF01 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) ||
           (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x1F900 && c <= 0x1F9FF) || (c >= 0x20000 && c <= 0x3FFFD);
}

static bool combining(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36F) || (c >= 0x1AB0 && c <= 0x1AFF) || (c >= 0x20D0 && c <= 0x20FF) ||
           (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xFE20 && c <= 0xFE2F);
}

static glyph glyph_of(dgm_slice s)
{
    dgm_rune r = dgm_utf8_next(s);
    glyph g = { .bytes = r.bytes, .columns = 1 };
    if (r.point == 0xFFFD && r.bytes == 1) {
        g.len = (size_t)snprintf(g.text, sizeof g.text, "<%02X>", (unsigned)(unsigned char)s.at[0]);
        g.columns = g.len;
    } else if (invisible(r.point)) {
        g.len = (size_t)snprintf(g.text, sizeof g.text, "<U+%04X>", (unsigned)(r.point & 0x1FFFFF));
        g.columns = g.len;
    } else {
        uint32_t shown = r.point < 0x20 ? 0x2400 + r.point : r.point == 0x7F ? 0x2421 : r.point;
        g.len = dgm_utf8_put(shown, g.text);
        if (combining(shown))
            g.columns = 0;
        else if (wide(shown))
            g.columns = 2;
    }
    return g;
}

static void put_visible(pen *p, dgm_slice s)
{
    while (s.len) {
        glyph g = glyph_of(s);
        put(p, (dgm_slice){ g.text, g.len });
        s = dgm_slice_part(s, g.bytes, s.len);
    }
}

/* Inside a JSON string: escaped as RFC 8259, section 7 asks; a broken byte becomes U+FFFD, for JSON is UTF-8. */
static void put_escaped(pen *p, dgm_slice s)
{
    while (s.len) {
        dgm_rune r = dgm_utf8_next(s);
        char text[8];
        size_t len = 0;
        if (r.point < 0x20) {
            len = (size_t)snprintf(text, sizeof text, "\\u%04x", (unsigned)r.point);
        } else {
            if (r.point == '"' || r.point == '\\') text[len++] = '\\';
            len += dgm_utf8_put(r.point, text + len);
        }
        put(p, (dgm_slice){ text, len });
        s = dgm_slice_part(s, r.bytes, s.len);
    }
}

static void put_piece(pen *p, dgm_slice s, dgm_diag_form form)
{
    if (form == DGM_DIAG_JSON)
        put_escaped(p, s);
    else
        put_visible(p, s);
}

/* The argument a template names at `brace`, or NULL when that is no {1} .. {4} or the record has none. */
static const dgm_argument *argument_at(const char *brace, const dgm_diag *d)
{
    bool named = brace[0] == '{' && brace[1] >= '1' && brace[1] <= '4' && brace[2] == '}';
    return named && (uint32_t)(brace[1] - '1') < d->argument_count ? &d->arguments[brace[1] - '1'] : NULL;
}

/* Does a clause have something for each argument it names? */
static bool complete(dgm_slice clause, const dgm_diag *d)
{
    for (size_t i = 0; i + 2 < clause.len; i++) {
        if (clause.at[i] != '{' || clause.at[i + 1] < '1' || clause.at[i + 1] > '4') continue;
        uint32_t n = (uint32_t)(clause.at[i + 1] - '1');
        if (n >= d->argument_count || (d->arguments[n].kind == DGM_ARGUMENT_TEXT && !d->arguments[n].text.len)) return false;
    }
    return true;
}

/* Up to the next "; ", which begins a clause of its own. */
static dgm_slice clause_of(const char *text)
{
    const char *end = strstr(text, "; ");
    return (dgm_slice){ text, end ? (size_t)(end - text) : strlen(text) };
}

static void put_holes(pen *p, dgm_slice clause, const dgm_diag *d, dgm_diag_form form)
{
    size_t plain = 0;
    for (size_t i = 0; i < clause.len; i++) {
        const dgm_argument *a = argument_at(clause.at + i, d);
        if (!a) continue;
        put_piece(p, dgm_slice_part(clause, plain, i), form);
        if (a->kind == DGM_ARGUMENT_NUMBER)
            put_signed(p, a->number);
        else
            put_piece(p, a->text, form);
        i += 2;
        plain = i + 1;
    }
    put_piece(p, dgm_slice_part(clause, plain, clause.len), form);
}

/* Does "{2:once|{2} times}" stand here, which is "once" where the argument is 1? *chosen: what it comes to; *bytes: its length. */
static bool choice_at(dgm_slice rest, const dgm_diag *d, dgm_slice *chosen, size_t *bytes)
{
    size_t bar = 0, end = 3, depth = 0;
    if (rest.len < 4 || rest.at[0] != '{' || rest.at[1] < '1' || rest.at[1] > '4' || rest.at[2] != ':') return false;
    if ((uint32_t)(rest.at[1] - '1') >= d->argument_count) return false;
    for (; end < rest.len && (depth || rest.at[end] != '}'); end++) {
        depth += rest.at[end] == '{';
        depth -= rest.at[end] == '}';
        if (!depth && !bar && rest.at[end] == '|') bar = end;
    }
    if (!bar || end == rest.len) return false;
    const dgm_argument *a = &d->arguments[rest.at[1] - '1'];
    bool one = a->kind == DGM_ARGUMENT_NUMBER ? a->number == 1 : dgm_slice_is(a->text, "1");
    *chosen = one ? dgm_slice_part(rest, 3, bar) : dgm_slice_part(rest, bar + 1, end);
    *bytes = end + 1;
    return true;
}

static void put_clause(pen *p, dgm_slice clause, const dgm_diag *d, dgm_diag_form form)
{
    dgm_slice chosen;
    size_t plain = 0, bytes = 0;
    for (size_t i = 0; i < clause.len; i++) {
        if (!choice_at(dgm_slice_part(clause, i, clause.len), d, &chosen, &bytes)) continue;
        put_holes(p, dgm_slice_part(clause, plain, i), d, form);
        put_holes(p, chosen, d, form);
        plain = i + bytes;
        i = plain - 1;
    }
    put_holes(p, dgm_slice_part(clause, plain, clause.len), d, form);
}

/* A template with its arguments filled in. A clause whose argument is missing or empty ("; did you mean {2}?") is left out, but for
 * the first one when `first_always`. False when there is nothing to print (and nothing was). */
static bool put_template(pen *p, const char *text, bool first_always, const dgm_diag *d, dgm_diag_form form, bool dry)
{
    bool any = false;
    for (const char *at = text;;) {
        dgm_slice clause = clause_of(at);
        if ((first_always && at == text) || complete(clause, d)) {
            if (!dry && any) put_text(p, "; ");
            if (!dry) put_clause(p, clause, d, form);
            any = true;
        }
        at = clause.at + clause.len;
        if (!*at) return any;
        at += 2;
    }
}

static void put_message(pen *p, const char *text, const dgm_diag *d, dgm_diag_form form)
{
    put_template(p, text, true, d, form, false);
}

static bool has_hint(const char *hint, const dgm_diag *d)
{
    return *hint && put_template(NULL, hint, false, d, DGM_DIAG_TEXT, true);
}

static void put_hint(pen *p, const char *hint, const dgm_diag *d, dgm_diag_form form)
{
    put_template(p, hint, false, d, form, false);
}

/* ---- the line with its carets ---------------------------------------------------------------------------------------------------
 */

/* What the excerpt is cut from, and the bytes of it that are meant. */
typedef struct line_view {
    dgm_slice text;
    size_t from, to;
    bool cut_before, cut_behind; /* there is more of the line than text */
} line_view;

/* Far more than a screen shows need not be measured: a file of one line may have gigabytes. */
static void narrow(line_view *v, size_t width)
{
    size_t before = v->from > width * 4 ? v->from - width * 4 : 0;
    while (before < v->from && ((unsigned char)v->text.at[before] & 0xC0) == 0x80) before++;
    size_t behind = v->text.len - v->from > width * 8 ? v->from + width * 8 : v->text.len;
    while (behind < v->text.len && ((unsigned char)v->text.at[behind] & 0xC0) == 0x80) behind++;
    v->cut_before = before > 0;
    v->cut_behind = behind < v->text.len;
    v->text = dgm_slice_part(v->text, before, behind);
    v->from -= before;
    v->to = v->to < behind ? v->to - before : behind - before;
}

/* Columns of the view: all of them, those before the first meant character, and those before what follows the last. */
typedef struct measure {
    size_t all, from, to;
} measure;

static measure measure_of(const line_view *v)
{
    measure m = { 0 };
    size_t at = 0;
    bool started = false;
    while (at < v->text.len) {
        glyph g = glyph_of(dgm_slice_part(v->text, at, v->text.len));
        if (!started && at + g.bytes > v->from) {
            m.from = m.all;
            started = true;
        }
        at += g.bytes;
        m.all += g.columns;
        if (at <= v->to || (started && at - g.bytes < v->to)) m.to = m.all;
    }
    if (!started) m.from = m.all;
    if (m.to <= m.from) m.to = m.from + 1;
    return m;
}

/* The columns [first, end) of the view. A character that stands across the left border is shown as blanks. */
static void put_columns(pen *p, dgm_slice text, size_t first, size_t end)
{
    size_t column = 0;
    while (text.len && column < end) {
        glyph g = glyph_of(text);
        size_t next = column + g.columns;
        if (column >= first && next <= end)
            put(p, (dgm_slice){ g.text, g.len });
        else
            for (size_t i = column > first ? column : first; i < next && i < end; i++) put_text(p, " ");
        column = next;
        text = dgm_slice_part(text, g.bytes, text.len);
    }
}

static void put_line(pen *p, line_view v, uint32_t width)
{
    size_t room = (width ? width : WIDTH_DEFAULT) > WIDTH_MIN ? (width ? width : WIDTH_DEFAULT) - INDENT : WIDTH_MIN - INDENT;
    narrow(&v, room);
    measure m = measure_of(&v);
    size_t all = m.all > m.from ? m.all : m.from + 1; /* a caret behind the last character needs a column too */
    size_t first = 0, end = all;
    if (all + (v.cut_before ? 1u : 0u) + (v.cut_behind ? 1u : 0u) > room) {
        first = m.from > room / 3 ? m.from - room / 3 : 0;
        if (first + room > all) first = all > room ? all - room : 0;
        end = first + room < all ? first + room : all;
    }
    /* An ellipsis takes the place of the border column, unless there is one to spare. */
    bool dots_before = first > 0 || v.cut_before, dots_behind = end < all || v.cut_behind;
    size_t lead = 0;
    if (dots_before && first > 0) first++;
    if (dots_before) lead = 1;
    if (dots_behind && end < all) end--;
    put_text(p, "    ");
    if (dots_before) put_text(p, "\u2026");
    put_columns(p, v.text, first, end);
    if (dots_behind) put_text(p, "\u2026");
    put_text(p, "\n    ");
    for (size_t i = first; i < m.from + lead; i++) put_text(p, " ");
    put_colour(p, GREEN);
    put_text(p, "^");
    for (size_t i = m.from + 1; i < m.to && i < end; i++) put_text(p, "~");
    put_colour(p, OFF);
    put_text(p, "\n");
}

/* ---- the text form --------------------------------------------------------------------------------------------------------------
 */

/* Where the record stands, as far as it can be known. */
typedef struct spot {
    dgm_slice source;
    size_t line, column;
    bool viewed;
    line_view view;
} spot;

static size_t clipped(uint64_t n, size_t most)
{
    return n < most ? (size_t)n : most;
}

static spot spot_of(const dgm_diag *d, const dgm_diag_style *style)
{
    spot s = { .source = d->source.len ? d->source : style->input_name, .line = d->line, .column = d->column };
    dgm_place place = { 0 };
    bool at_hand = style->input.at && !d->source.len && d->at_byte != UINT64_MAX && d->at_byte <= style->input.len;
    if (at_hand) {
        place = dgm_locate(style->input, (size_t)d->at_byte);
        if (!s.line) s.line = place.line, s.column = place.column;
    }
    size_t from, most;
    if (d->excerpt.len) {
        s.view.text = d->excerpt;
        if (d->at_byte != UINT64_MAX)
            from = d->at_byte > d->excerpt_at ? clipped(d->at_byte - d->excerpt_at, d->excerpt.len) : 0;
        else
            from = d->column ? clipped(d->column - 1, d->excerpt.len) : 0;
    } else if (at_hand && place.line_text.len) {
        s.view.text = place.line_text;
        from = clipped(place.column - 1, place.line_text.len);
    } else {
        return s;
    }
    s.viewed = true;
    /* The line's own end is not worth showing, unless it is what is meant. */
    while (s.view.text.len > from && (s.view.text.at[s.view.text.len - 1] == '\n' || s.view.text.at[s.view.text.len - 1] == '\r'))
        s.view.text.len--;
    for (; from && (s.view.text.at[0] == '\n' || s.view.text.at[0] == '\r'); from--) s.view.text.at++, s.view.text.len--;
    most = s.view.text.len - from;
    s.view.from = from;
    s.view.to = from + clipped(d->bytes, most);
    return s;
}

/* The tag of the segment, when the path is one of EDIFACT: its first step of three letters or digits that is no group (SG1). */
static dgm_slice segment_tag(dgm_slice path)
{
    for (dgm_cut c = { .tail = path, .found = true }; c.found;) {
        c = dgm_slice_cut(c.tail, '/');
        dgm_slice step = dgm_slice_cut(dgm_slice_cut(c.head, '[').head, '#').head;
        bool tag = step.len == 3 && step.at[0] >= 'A' && step.at[0] <= 'Z';
        for (size_t i = 1; tag && i < 3; i++)
            tag = (step.at[i] >= 'A' && step.at[i] <= 'Z') || (step.at[i] >= '0' && step.at[i] <= '9');
        if (tag && step.at[0] == 'S' && step.at[1] == 'G' && step.at[2] <= '9') tag = false;
        if (tag) return step;
    }
    return (dgm_slice){ 0 };
}

static void put_counted(pen *p, const char **between, const char *word, uint64_t n)
{
    put_text(p, *between);
    put_text(p, word);
    put_number(p, n);
    *between = ", ";
}

/* Is what is told of not in the segment that is shown, but missing behind it? */
static bool stands_behind(const dgm_diag *d, dgm_slice tag)
{
    dgm_slice shown = dgm_slice_trim(d->excerpt);
    if (d->bytes || !tag.len || shown.len < 3 || d->at_byte == UINT64_MAX || d->at_byte < d->excerpt_at + d->excerpt.len)
        return false;
    return memcmp(shown.at, tag.at, 3) != 0;
}

/* "  message 4711, segment 12 CST, element 2 component 1 (SG30/CST/C246/7361), offset 1204" */
static void put_position(pen *p, const dgm_diag *d)
{
    const dgm_position *at = &d->position;
    const char *between = "  ", *nothing = between;
    if (at->interchange > 1) put_counted(p, &between, "interchange ", at->interchange);
    if (at->group) put_counted(p, &between, "group ", at->group);
    if (d->reference.len) {
        put_text(p, between);
        put_text(p, "message ");
        put_visible(p, d->reference);
        between = ", ";
    } else if (at->message) {
        put_counted(p, &between, "message ", at->message);
    }
    if (at->document) put_counted(p, &between, "document ", at->document);
    if (at->segment) {
        dgm_slice tag = segment_tag(d->sent.len ? d->sent : d->path);
        bool behind = stands_behind(d, tag);
        put_counted(p, &between, behind ? "behind segment " : "segment ", at->segment);
        if (tag.len && !behind) put_text(p, " ");
        if (!behind) put(p, tag);
    }
    if (at->element) put_counted(p, &between, "element ", at->element);
    if (at->component) between = at->element ? " " : between, put_counted(p, &between, "component ", at->component);
    if (at->repetition > 1) put_counted(p, &between, "repetition ", at->repetition);
    if (d->path.len || d->sent.len) {
        put_text(p, between == nothing ? "  at " : " (");
        put_visible(p, d->path);
        if (d->sent.len) put_text(p, d->path.len ? ", in the message " : "in the message "), put_visible(p, d->sent);
        if (between != nothing) put_text(p, ")");
        between = ", ";
    }
    /* Offsets are of the input; in a file of ours the line says it better. */
    if (d->at_byte != UINT64_MAX && !d->source.len) put_counted(p, &between, "offset ", d->at_byte);
    if (between != nothing) put_text(p, "\n");
}

static void print_text(pen *p, const dgm_diag *d, const dgm_diag_style *style)
{
    const dgm_diag_row *row = dgm_diag_row_of(d->code);
    spot s = spot_of(d, style);
    put_colour(p, BOLD);
    if (s.source.len) put_visible(p, s.source), put_text(p, ":");
    if (s.line) put_number(p, s.line), put_text(p, ":");
    if (s.line && s.column) put_number(p, s.column), put_text(p, ":");
    if (s.source.len || s.line) put_text(p, " ");
    put_colour(p, OFF);
    put_colour(p, severity_colour(d->severity));
    put_text(p, severity_name(d->severity));
    put_text(p, "[");
    put_visible(p, dgm_diag_told_name(d));
    put_text(p, "]:");
    put_colour(p, OFF);
    put_text(p, " ");
    put_colour(p, BOLD);
    put_message(p, row->text, d, DGM_DIAG_TEXT);
    put_colour(p, OFF);
    put_text(p, "\n");
    put_position(p, d);
    if (s.viewed) put_line(p, s.view, style->width);
    if (has_hint(row->hint, d)) {
        put_text(p, "  ");
        put_colour(p, CYAN);
        put_text(p, "hint:");
        put_colour(p, OFF);
        put_text(p, " ");
        put_hint(p, row->hint, d, DGM_DIAG_TEXT);
        put_text(p, "\n");
    }
}

/* ---- the JSON form --------------------------------------------------------------------------------------------------------------
 */

static void put_key(pen *p, const char *key)
{
    put_text(p, ",\"");
    put_text(p, key);
    put_text(p, "\":");
}

static void put_json_text(pen *p, const char *key, dgm_slice s)
{
    if (!s.len) return;
    put_key(p, key);
    put_text(p, "\"");
    put_escaped(p, s);
    put_text(p, "\"");
}

static void put_json_count(pen *p, const char *key, uint64_t n)
{
    if (!n) return;
    put_key(p, key);
    put_number(p, n);
}

static void put_json_index(pen *p, const char *key, uint32_t n)
{
    if (n == DGM_NONE) return;
    put_key(p, key);
    put_number(p, n);
}

static void put_json_arguments(pen *p, const dgm_diag *d)
{
    if (!d->argument_count) return;
    put_key(p, "arguments");
    for (uint32_t i = 0; i < d->argument_count; i++) {
        const dgm_argument *a = &d->arguments[i];
        put_text(p, i ? "," : "[");
        if (a->kind == DGM_ARGUMENT_NUMBER) {
            put_signed(p, a->number);
            continue;
        }
        put_text(p, "\"");
        put_escaped(p, a->text);
        put_text(p, "\"");
    }
    put_text(p, "]");
}

static void print_json(pen *p, const dgm_diag *d, const dgm_diag_style *style)
{
    const dgm_diag_row *row = dgm_diag_row_of(d->code);
    spot s = spot_of(d, style);
    put_text(p, "{\"code\":\"");
    put_escaped(p, dgm_diag_told_name(d));
    put_text(p, "\",\"severity\":\"");
    put_text(p, severity_name(d->severity));
    put_text(p, "\"");
    put_key(p, "message");
    put_text(p, "\"");
    put_message(p, row->text, d, DGM_DIAG_JSON);
    put_text(p, "\"");
    put_json_text(p, "source", s.source);
    put_json_count(p, "line", s.line);
    put_json_count(p, "column", s.column);
    if (d->at_byte != UINT64_MAX) {
        put_key(p, "offset");
        put_number(p, d->at_byte);
    }
    put_json_count(p, "bytes", d->bytes);
    put_json_count(p, "interchange", d->position.interchange);
    put_json_count(p, "group", d->position.group);
    put_json_count(p, "message_number", d->position.message);
    put_json_count(p, "document", d->position.document);
    put_json_count(p, "segment", d->position.segment);
    put_json_count(p, "element", d->position.element);
    put_json_count(p, "component", d->position.component);
    put_json_count(p, "repetition", d->position.repetition);
    put_json_text(p, "reference", d->reference);
    put_json_text(p, "path", d->path);
    put_json_text(p, "sent", d->sent);
    put_json_index(p, "node", d->node);
    put_json_index(p, "rule", d->rule);
    put_json_arguments(p, d);
    put_json_text(p, "excerpt", d->excerpt);
    if (has_hint(row->hint, d)) {
        put_key(p, "hint");
        put_text(p, "\"");
        put_hint(p, row->hint, d, DGM_DIAG_JSON);
        put_text(p, "\"");
    }
    put_text(p, "}\n");
}

dgm_status dgm_diag_print(const dgm_diag *d, const dgm_diag_style *style, dgm_sink sink)
{
    pen p = { .sink = sink, .status = DGM_OK, .colour = style->colour && style->form == DGM_DIAG_TEXT };
    if (style->form == DGM_DIAG_JSON)
        print_json(&p, d, style);
    else
        print_text(&p, d, style);
    flush(&p);
    return p.status;
}

dgm_status dgm_diag_sentence(const dgm_diag *d, dgm_sink sink)
{
    pen p = { .sink = sink, .status = DGM_OK };
    put_message(&p, dgm_diag_row_of(d->code)->text, d, DGM_DIAG_TEXT);
    flush(&p);
    return p.status;
}
