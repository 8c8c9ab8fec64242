/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer_fields.c - where the fields of a kind of record begin and end (blanks that all lines have, columns that hold digits
 * in all of them beside columns that never do, days that are days in all), and what they hold. One thread.
 */
#include "format_infer.h"

#include <stdio.h>

enum { VALUES_MOST = 8, WHY_MOST = 200 };
enum { DIGITS = 1 << INFER_DIGIT, BLANKS = 1 << INFER_BLANK, BROKEN = 1 << INFER_WITHIN };

/* ---- values ---- */

typedef struct values {
    size_t count, filled, digits, decimal, negative, days, dashed, zeros, short_words, distinct;
    uint32_t shortest, longest, decimals;
    bool zeros_vary, flags, punched, wide;
    dgm_slice seen[VALUES_MOST], sample;
} values;

static bool day(const char *at, bool dashed)
{
    uint32_t y = 0, m = 0, d = 0;
    dgm_slice s = { at, dashed ? 10 : 8 };
    if (!at) return false;
    if (dashed && (at[4] != '-' || at[7] != '-')) return false;
    bool good = dgm_slice_count(dgm_slice_part(s, 0, 4), &y) &&
                dgm_slice_count(dgm_slice_part(s, dashed ? 5 : 4, dashed ? 7 : 6), &m) &&
                dgm_slice_count(dgm_slice_part(s, dashed ? 8 : 6, s.len), &d);
    return good && y >= 1950 && y < 2100 && m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

static bool all_digits(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] < '0' || s.at[i] > '9') return false;
    return s.len > 0;
}

static void take_digits(values *v, dgm_slice t)
{
    dgm_cut cut = dgm_slice_cut(dgm_slice_part(t, t.at[0] == '-', t.len), '.');
    bool whole = all_digits(cut.head), fraction = cut.found && all_digits(cut.tail);
    v->digits += whole && !cut.found && t.at[0] != '-';
    v->decimal += fraction && (whole || !cut.head.len);
    v->negative += t.at[0] == '-' && whole;
    if (fraction && cut.tail.len > v->decimals) v->decimals = (uint32_t)cut.tail.len;
    v->zeros += whole && cut.head.len > 1 && cut.head.at[0] == '0';
    v->days += t.len == 8 && whole && !cut.found && day(t.at, false);
    v->dashed += t.len == 10 && day(t.at, true);
}

static void take_value(values *v, dgm_slice t, bool wide)
{
    v->count++;
    if (!t.len) return;
    if (!v->filled) v->sample = t;
    if (!v->filled || t.len < v->shortest) v->shortest = (uint32_t)t.len;
    if (t.len > v->longest) v->longest = (uint32_t)t.len;
    v->filled++;
    v->wide = v->wide || wide;
    bool short_word = t.len <= 4;
    for (size_t i = 0; i < t.len; i++)
        short_word = short_word && ((t.at[i] >= 'A' && t.at[i] <= 'Z') || (t.at[i] >= '0' && t.at[i] <= '9'));
    v->short_words += short_word;
    take_digits(v, t);
    size_t k = 0;
    while (k < v->distinct && k < VALUES_MOST && !dgm_slice_equal(v->seen[k], t)) k++;
    if (k < VALUES_MOST && k == v->distinct) v->seen[v->distinct++] = t;
    if (k == VALUES_MOST) v->distinct = VALUES_MOST + 1;
}

/* "Y or N", "A, B, C": few values, each of them often. */
static bool few(const values *v)
{
    return v->distinct && v->distinct <= VALUES_MOST && v->short_words == v->filled && v->filled >= v->distinct * 3;
}

static size_t list_values(const values *v, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < v->distinct && n + 8 < room; i++)
        n += (size_t)snprintf(out + n, room - n, "%s%.*s", i ? ", " : "", (int)v->seen[i].len, v->seen[i].at);
    return n;
}

/* What the values of a field look like; its keys in the layout, and why. */
static void judge(inferring *x, const values *v, infer_field *f, bool fixed)
{
    char list[WHY_MOST];
    f->more = (dgm_slice){ "", 0 };
    f->required = v->filled == v->count && v->count > 1;
    dgm_slice shown = dgm_slice_part(v->sample, 0, v->sample.len < 24 ? v->sample.len : 24);
    bool readable = shown.at && dgm_ascii(shown) && !v->wide;
    f->why = infer_print(x, "%zu of %zu filled, %u to %u long%s%.*s", v->filled, v->count, v->shortest, v->longest,
                         readable ? ", as " : "", readable ? (int)shown.len : 0, readable ? shown.at : "");
    if (x->plain || !v->filled) return;
    bool yes_no = v->distinct == 2 && v->longest == 1 &&
                  ((v->seen[0].at[0] == 'Y' && v->seen[1].at[0] == 'N') || (v->seen[0].at[0] == 'N' && v->seen[1].at[0] == 'Y'));
    if (v->days == v->filled) {
        f->more = DGM_LITERAL(", date: YYYYMMDD");
    } else if (v->dashed == v->filled) {
        f->more = DGM_LITERAL(", date: YYYY-MM-DD");
    } else if (yes_no) {
        f->more = DGM_LITERAL(", flag: [Y, N]");
    } else if (v->decimal && v->decimal + v->digits + v->negative >= v->filled &&
               !(fixed && v->zeros == 0 && v->longest < f->len)) {
        f->more = infer_print(x, ", decimals: %u%s", v->decimals, v->negative ? ", sign: leading" : "");
    } else if (few(v)) {
        f->more = DGM_LITERAL(", type: code");
        (void)list_values(v, list, sizeof list);
        f->why = infer_print(x, "%.*s; %zu codes: %s", (int)f->why.len, f->why.at, v->distinct, list);
    } else if (v->digits == v->filled && fixed && v->zeros && v->zeros < v->filled && v->shortest == f->len) {
        f->more = DGM_LITERAL(", type: number");
    } else if (v->digits == v->filled) {
        f->more = DGM_LITERAL(", class: n");
    }
}

static bool wide(const uint8_t *class, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (class[i] == INFER_WIDE) return true;
    return false;
}

/* ---- delimited ---- */

/* Letters and digits of a name of the first line; others become points, and what is there twice a number. */
static dgm_slice named(inferring *x, const infer_kind *k, dgm_slice said, uint32_t number)
{
    char name[64];
    size_t n = 0;
    for (size_t i = 0; i < said.len && n + 1 < sizeof name; i++) {
        char c = said.at[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (!plain) return infer_print(x, "f%u", number);
        name[n++] = c;
    }
    for (uint32_t i = 0; i < k->field_count && n && number <= INFER_NAMED_MAX; i++)
        if (dgm_slice_equal(k->fields[i].name, (dgm_slice){ name, n })) n = 0;
    return n && number <= INFER_NAMED_MAX ? infer_print(x, "%.*s", (int)n, name) : infer_print(x, "f%u", number);
}

static void fields_of_cells(inferring *x, infer_kind *k, uint32_t kind)
{
    k->fields = DGM_NEW(x->a, infer_field, k->most + 1);
    if (!k->fields) x->failed = true;
    for (uint32_t i = k->tag.len ? 1 : 0; i < k->most && !x->failed; i++) {
        values v = { 0 };
        infer_field f = { .at = i };
        for (uint32_t n = k->first; n <= k->last; n++) {
            const infer_line *l = &x->lines[n];
            if (l->kind != kind) continue;
            dgm_slice cell = i < l->cell_count ? l->cells[i] : (dgm_slice){ "", 0 };
            take_value(&v, cell, cell.len && wide(l->class + (cell.at - l->bytes.at), cell.len));
        }
        f.name = named(x, k, x->heading ? x->lines[0].cells[i] : (dgm_slice){ "", 0 }, i + 1);
        judge(x, &v, &f, false);
        if (!v.filled) f.why = infer_print(x, "empty in all %zu", v.count);
        k->fields[k->field_count++] = f;
    }
}

/* ---- fixed ---- */

/* Which classes stand in each column of the lines of a kind; what is behind the end of a short line is blank. */
static uint8_t *profile_of(inferring *x, const infer_kind *k, uint32_t kind)
{
    uint8_t *p = DGM_NEW(x->a, uint8_t, (size_t)k->most + 1);
    size_t shortest = k->most;
    if (!p) x->failed = true;
    for (uint32_t n = k->first; n <= k->last && p; n++) {
        const infer_line *l = &x->lines[n];
        if (l->kind != kind) continue;
        for (uint32_t i = 0; i < l->bytes.len; i++) p[i] |= (uint8_t)(1u << l->class[i]);
        if (l->bytes.len < shortest) shortest = l->bytes.len;
    }
    for (size_t i = shortest; i < k->most && p; i++) p[i] |= (uint8_t)(1u << INFER_BLANK);
    return p;
}

/* Do all lines of the kind that hold anything there hold a day in these eight columns? */
static bool days_at(const inferring *x, const infer_kind *k, uint32_t kind, uint32_t at)
{
    size_t days = 0;
    for (uint32_t n = k->first; n <= k->last; n++) {
        const infer_line *l = &x->lines[n];
        if (l->kind != kind) continue;
        if (at + 8 > l->bytes.len || !all_digits(dgm_slice_part(l->bytes, at, at + 8)) || !day(l->bytes.at + at, false))
            return false;
        days++;
    }
    return days > 0;
}

/* A field may begin at a column: behind blanks that all have, or where digits end or begin in all lines. */
static bool begins(const uint8_t *p, uint32_t i)
{
    uint8_t before = p[i - 1], here = p[i];
    if (here & BROKEN || here == BLANKS) return false;
    if (before == BLANKS) return i < 2 || p[i - 2] == BLANKS || here == DIGITS;
    bool all = before == DIGITS, now = here == DIGITS;
    return all != now && !((all ? here : before) & DIGITS);
}

static void put_field(inferring *x, infer_kind *k, uint32_t kind, const uint8_t *p, uint32_t from, uint32_t to)
{
    values v = { 0 };
    uint32_t end = to;
    while (end > from && p[end - 1] == BLANKS) end--;
    if (end == from) return;
    bool digits = true, shifted = false;
    for (uint32_t i = from; i < end; i++) digits = digits && p[i] == DIGITS;
    infer_field f = { .at = from, .len = (digits ? end : to) - from };
    for (uint32_t n = k->first; n <= k->last; n++) {
        const infer_line *l = &x->lines[n];
        if (l->kind != kind) continue;
        dgm_slice cell = dgm_slice_part(l->bytes, from, from + f.len);
        bool beyond = cell.len && wide(l->class + from, cell.len);
        dgm_slice t = dgm_slice_trim(cell);
        shifted = shifted || (t.len && t.at != cell.at);
        take_value(&v, t, beyond);
    }
    f.name = infer_print(x, "c%u", from + 1);
    judge(x, &v, &f, true);
    if (shifted && dgm_slice_is(f.more, ", class: n")) f.more = (dgm_slice){ "", 0 };
    k->fields[k->field_count++] = f;
}

static void fields_of_columns(inferring *x, infer_kind *k, uint32_t kind)
{
    const bool long_lines = k->most > INFER_COLUMNS_MAX; /* not looked into: one text */
    const uint8_t *p = profile_of(x, k, kind);
    k->fields = DGM_NEW(x->a, infer_field, long_lines ? 2 : (size_t)k->most + 1);
    if (!p || !k->fields) x->failed = true;
    if (x->failed) return;
    uint32_t from = (uint32_t)k->tag.len;
    if (long_lines) {
        put_field(x, k, kind, p, from, k->most);
        return;
    }
    for (uint32_t i = from; i < k->most; i++) {
        bool before = i > from && !x->plain && begins(p, i);
        bool whole = !x->plain && (i + 8 <= k->most) && days_at(x, k, kind, i);
        if (i > from && (before || whole)) {
            put_field(x, k, kind, p, from, i);
            from = i;
        }
        if (!whole) continue;
        put_field(x, k, kind, p, i, i + 8);
        from = i + 8;
        i += 7;
    }
    if (from < k->most) put_field(x, k, kind, p, from, k->most);
}

void infer_fields(inferring *x, infer_kind *k)
{
    uint32_t kind = (uint32_t)(k - x->kinds);
    k->field_count = 0;
    if (x->delimited)
        fields_of_cells(x, k, kind);
    else
        fields_of_columns(x, k, kind);
}
