/* SPDX-License-Identifier: Apache-2.0
 *
 * form.c - forms read from their text, proven to be cut in one way only, cut and glued. A form is decided from left to right: where
 * a field ends and whether an optional part is there follows from the characters at hand, and the loader refuses forms in which it
 * does not. mappings/README.md, "Form". Pure functions; any thread.
 */
#include "form.h"

#include <stdio.h>

enum { EVERY_CLASS = MAP_CLASS_LETTER | MAP_CLASS_DIGIT | MAP_CLASS_OTHER | MAP_CLASS_MARK };

/* ---- characters ---------------------------------------------------------------------------------------------------------- */

static uint8_t class_of(unsigned char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return MAP_CLASS_LETTER;
    if (c >= '0' && c <= '9') return MAP_CLASS_DIGIT;
    return c == '.' ? MAP_CLASS_MARK | MAP_CLASS_OTHER : MAP_CLASS_OTHER;
}

static size_t character(dgm_slice s, size_t at)
{
    size_t n = 1;
    while (at + n < s.len && ((unsigned char)s.at[at + n] & 0xC0) == 0x80) n++;
    return n;
}

static bool begins(dgm_slice s, size_t at, dgm_slice head)
{
    return s.len - at >= head.len && memcmp(s.at + at, head.at, head.len) == 0;
}

/* ---- reading a form ------------------------------------------------------------------------------------------------------ */

typedef struct form_reader {
    map_form *f;
    dgm_slice text;
    size_t at;
    uint32_t open[MAP_FORM_NEST]; /* items of the options that are not closed yet */
    uint32_t depth;
    map_form_fault *fault;
} form_reader;

static bool wrong(form_reader *r, size_t at, size_t bytes, const char *what)
{
    r->fault->at = at;
    r->fault->bytes = bytes ? bytes : 1;
    r->fault->what = what;
    return false;
}

static map_form_item *item(form_reader *r, map_form_kind kind)
{
    if (r->f->item_count == MAP_FORM_ITEMS) {
        (void)wrong(r, r->at, 1, "a form has at most 64 literals, fields and optional parts");
        return NULL;
    }
    map_form_item *i = &r->f->items[r->f->item_count++];
    *i = (map_form_item){ .kind = (uint8_t)kind };
    return i;
}

static uint32_t digits(dgm_slice s, size_t *at)
{
    uint32_t n = 0;
    while (*at < s.len && s.at[*at] >= '0' && s.at[*at] <= '9' && n < 100000) n = n * 10 + (uint32_t)(s.at[(*at)++] - '0');
    return n;
}

/* Behind the / that ends a pattern, which \\ hides; 0: none does. */
static size_t pattern_end(dgm_slice spec)
{
    for (size_t k = 1; k < spec.len; k++) {
        if (spec.at[k] == '/') return k + 1;
        if (spec.at[k] == '\\') k++;
    }
    return 0;
}

/* CLASS[..]LEN[.DECIMALS] behind the colon of a field. A pattern stands in the place of a class, and a field of it ends as one
 * without class does, unless its length is fixed. */
static bool field_class(form_reader *r, map_form_item *i, dgm_slice spec, size_t from)
{
    size_t k = 0;
    if (spec.len && spec.at[0] == '/') {
        i->classes = EVERY_CLASS;
        k = pattern_end(spec);
        i->pattern = dgm_slice_part(spec, 1, k - 1);
    } else if (spec.len >= 2 && spec.at[0] == 'a' && spec.at[1] == 'n') {
        i->classes = MAP_CLASS_LETTER | MAP_CLASS_DIGIT;
        k = 2;
    } else if (spec.len && (spec.at[0] == 'a' || spec.at[0] == 'n' || spec.at[0] == 'x')) {
        i->classes = spec.at[0] == 'a' ? MAP_CLASS_LETTER : MAP_CLASS_DIGIT;
        if (spec.at[0] == 'x') i->classes = EVERY_CLASS;
        k = 1;
    }
    if (!k)
        return wrong(r, from, spec.len, "a field's class is a (letters), n (digits), an (both), x (any character) or a /PATTERN/");
    i->least = 1;
    i->most = i->pattern.at ? (uint32_t)MAP_FORM_PATTERN : UINT32_MAX;
    i->open = i->pattern.at != NULL;
    if (k == spec.len) return true;
    bool range = spec.len > k + 1 && spec.at[k] == '.' && spec.at[k + 1] == '.';
    if (range) k += 2;
    size_t number = k;
    uint32_t first = digits(spec, &k);
    bool ok = k > number && first > 0;
    i->least = range ? 1 : first;
    i->most = first;
    if (ok && !range && spec.len > k + 1 && spec.at[k] == '.' && spec.at[k + 1] == '.') {
        number = k += 2;
        i->most = digits(spec, &k);
        ok = k > number && i->most >= i->least;
    }
    if (ok && k < spec.len && spec.at[k] == '.' && i->classes == MAP_CLASS_DIGIT) {
        number = ++k;
        i->decimals = digits(spec, &k);
        i->decimal = true;
        i->classes |= MAP_CLASS_MARK;
        ok = k > number;
    }
    i->open = i->pattern.at && i->least != i->most;
    if (ok && i->pattern.at && i->most > MAP_FORM_PATTERN)
        return wrong(r, from, spec.len, "a field with a pattern has at most 512 characters");
    if (ok && k == spec.len) return true;
    return wrong(r, from, spec.len, "a field's length is 3 (exactly), ..3 (at most), 2..5, and for n decimals behind it: n..7.2");
}

static bool name_ok(dgm_slice s)
{
    for (size_t k = 0; k < s.len; k++) {
        uint8_t c = class_of((unsigned char)s.at[k]);
        if (!(c & (MAP_CLASS_LETTER | MAP_CLASS_DIGIT)) && s.at[k] != '_' && s.at[k] != '-') return false;
    }
    return s.len > 0;
}

static bool read_field(form_reader *r)
{
    size_t from = r->at, to = from + 1;
    while (to < r->text.len && r->text.at[to] != '}' && r->text.at[to] != '{' && r->text.at[to] != ':') to++;
    if (to + 1 < r->text.len && r->text.at[to] == ':' && r->text.at[to + 1] == '/') { /* braces may stand in a pattern */
        size_t end = pattern_end(dgm_slice_part(r->text, to + 1, r->text.len));
        if (!end) return wrong(r, to + 1, r->text.len - to - 1, "this pattern has no / at its end: {name:/PATTERN/}");
        to += end;
    }
    while (to < r->text.len && r->text.at[to] != '}' && r->text.at[to] != '{') to++;
    if (to == r->text.len || r->text.at[to] == '{')
        return wrong(r, from, to - from, "this { has no }; {{ stands for a brace itself");
    dgm_slice whole = dgm_slice_part(r->text, from, to + 1);
    dgm_cut c = dgm_slice_cut(dgm_slice_part(r->text, from + 1, to), ':');
    if (!name_ok(c.head)) return wrong(r, from, whole.len, "a field is {name} or {name:CLASS}; names are letters, digits, _ and -");
    for (uint32_t k = 0; k < r->f->field_count; k++)
        if (dgm_slice_equal(r->f->names[k], c.head)) return wrong(r, from, whole.len, "this field stands here twice");
    if (r->f->field_count == MAP_FORM_FIELDS) return wrong(r, from, whole.len, "a form has at most 16 fields");
    map_form_item *i = item(r, MAP_FORM_FIELD);
    if (!i) return false;
    i->text = whole;
    i->field = r->f->field_count;
    r->f->names[r->f->field_count++] = c.head;
    i->open = !c.found;
    i->least = 1;
    i->most = UINT32_MAX;
    if (i->open) i->classes = EVERY_CLASS;
    r->at = to + 1;
    return i->open || field_class(r, i, c.tail, from + 2 + c.head.len);
}

/* A literal up to the next brace; a doubled brace is one and ends the piece, so that a literal is a part of the text as it stands.
 */
static bool read_literal(form_reader *r)
{
    size_t from = r->at, to = from;
    while (to < r->text.len && r->text.at[to] != '{' && r->text.at[to] != '}') to++;
    bool doubled = to + 1 < r->text.len && r->text.at[to + 1] == r->text.at[to] && (r->text.at[to] == '{' || !r->depth);
    map_form_item *i = item(r, MAP_FORM_LITERAL);
    if (!i) return false;
    i->text = dgm_slice_part(r->text, from, doubled ? to + 1 : to);
    r->at = to;
    if (doubled) r->at += 2;
    return true;
}

static bool close_option(form_reader *r)
{
    if (!r->depth) return wrong(r, r->at, 1, "this } has no {; }} stands for a brace itself");
    uint32_t open = r->open[--r->depth];
    bool field = false;
    for (uint32_t k = open + 1; k < r->f->item_count; k++) field = field || r->f->items[k].kind == MAP_FORM_FIELD;
    if (!field) return wrong(r, r->at, 1, "an optional part holds a field, whose value says whether it is written");
    r->f->items[open].after = r->f->item_count;
    r->at++;
    return true;
}

static bool open_option(form_reader *r)
{
    if (r->depth == MAP_FORM_NEST) return wrong(r, r->at, 2, "optional parts stand in each other at most 4 deep");
    uint32_t number = r->f->item_count;
    map_form_item *i = item(r, MAP_FORM_OPTION);
    if (!i) return false;
    i->text = dgm_slice_part(r->text, r->at, r->at + 2);
    i->after = number + 1;
    r->open[r->depth++] = number;
    r->at += 2;
    return true;
}

static bool read_items(form_reader *r)
{
    bool ok = true;
    while (ok && r->at < r->text.len) {
        char c = r->text.at[r->at], next = r->at + 1 < r->text.len ? r->text.at[r->at + 1] : '\0';
        if (c == '{' && next == '?')
            ok = open_option(r);
        else if (c == '{' && next != '{')
            ok = read_field(r);
        else if (c == '}' && (next != '}' || r->depth))
            ok = close_option(r);
        else
            ok = read_literal(r);
    }
    if (ok && r->depth) return wrong(r, r->text.len - 1, 1, "an optional part has no end: {?…}");
    if (ok && !r->f->field_count) return wrong(r, 0, r->text.len, "a form has at least one field: \"{name}-{other}\"");
    return ok;
}

/* ---- the proof ----------------------------------------------------------------------------------------------------------- */

typedef struct first_set { /* what may stand next: literals and fields; and perhaps the end */
    const map_form_item *at[MAP_FORM_ITEMS];
    uint32_t count;
} first_set;

/* What may stand where item `from` stands, of those before `to`. An option that is left out leads on to what is behind it. Options
 * nest at most MAP_FORM_NEST deep, and so does this. */
static void first_of(const map_form *f, uint32_t from, uint32_t to, first_set *out)
{
    for (uint32_t i = from; i < to; i = f->items[i].after) {
        if (f->items[i].kind != MAP_FORM_OPTION) {
            out->at[out->count++] = &f->items[i];
            return;
        }
        first_of(f, i + 1, f->items[i].after, out);
    }
}

static uint8_t first_classes(const map_form_item *i)
{
    if (i->kind == MAP_FORM_LITERAL) return class_of((unsigned char)i->text.at[0]);
    return i->decimal ? MAP_CLASS_DIGIT : i->classes;
}

/* Whether a text may begin as both say. A field without a class does not begin with a literal that ends it. */
static bool meet(const map_form_item *a, const map_form_item *b)
{
    for (uint32_t k = 0; k < a->until_count && b->kind == MAP_FORM_LITERAL; k++)
        if (dgm_slice_equal(a->until[k], b->text)) return false;
    if (a->kind == MAP_FORM_LITERAL && b->kind == MAP_FORM_LITERAL) {
        size_t n = a->text.len < b->text.len ? a->text.len : b->text.len;
        return memcmp(a->text.at, b->text.at, n) == 0;
    }
    return (first_classes(a) & first_classes(b)) != 0;
}

static dgm_slice sample_character(uint8_t classes)
{
    return classes & MAP_CLASS_DIGIT ? DGM_LITERAL("4") : classes & MAP_CLASS_LETTER ? DGM_LITERAL("A") : DGM_LITERAL("-");
}

/* A character with which a text may begin where this item stands, and which is one of these classes where that can be chosen. */
static dgm_slice first_character(const map_form_item *i, uint8_t classes)
{
    if (i->kind != MAP_FORM_LITERAL) return sample_character(classes & first_classes(i));
    dgm_slice c = dgm_slice_part(i->text, 0, character(i->text, 0));
    return c.at[0] ? c : DGM_LITERAL("\\0");
}

/* A text with two readings: the field may end before or behind the character that both may hold. */
static bool ambiguous(form_reader *r, const map_form_item *i, const map_form_item *next, const char *what)
{
    map_form_fault *f = r->fault;
    dgm_slice c = first_character(next, i->classes), d = sample_character(i->classes);
    const int n = (int)c.len, m = (int)d.len;
    f->ambiguous = true;
    snprintf(f->sample, sizeof f->sample, "%.*s%.*s%.*s", m, d.at, n, c.at, n, c.at);
    snprintf(f->one, sizeof f->one, "%.*s + %.*s%.*s", m, d.at, n, c.at, n, c.at);
    snprintf(f->other, sizeof f->other, "%.*s%.*s + %.*s", m, d.at, n, c.at, n, c.at);
    size_t at = (size_t)(i->text.at - r->text.at);
    return wrong(r, at, i->text.len, what);
}

static bool prove_field(form_reader *r, uint32_t number)
{
    map_form_item *i = &r->f->items[number];
    first_set next = { .count = 0 };
    first_of(r->f, number + 1, r->f->item_count, &next);
    if (!i->open && i->least == i->most) return true;
    for (uint32_t k = 0; k < next.count; k++) {
        const map_form_item *x = next.at[k];
        if (!i->open) {
            if (i->classes & first_classes(x)) return ambiguous(r, i, x, "its end cannot be told from what follows");
            continue;
        }
        if (x->kind == MAP_FORM_FIELD) return ambiguous(r, i, x, "a field without a class needs a literal behind it");
        if (i->until_count == MAP_FORM_UNTIL)
            return wrong(r, (size_t)(i->text.at - r->text.at), i->text.len,
                         "too many literals may follow this field; give it a class");
        i->until[i->until_count++] = x->text;
    }
    return true;
}

/* What an optional part begins with must not be what may stand there without it. */
static bool prove_option(form_reader *r, uint32_t number)
{
    map_form_item *i = &r->f->items[number];
    first_set inside = { .count = 0 }, behind = { .count = 0 };
    first_of(r->f, number + 1, i->after, &inside);
    first_of(r->f, i->after, r->f->item_count, &behind);
    for (uint32_t a = 0; a < inside.count; a++) {
        const map_form_item *x = inside.at[a];
        if (i->first_count == MAP_FORM_FIRST)
            return wrong(r, (size_t)(i->text.at - r->text.at), 2, "it may begin in too many ways");
        i->first[i->first_count++] = (uint8_t)(x - r->f->items);
        for (uint32_t b = 0; b < behind.count; b++) {
            if (!meet(x, behind.at[b])) continue;
            map_form_fault *f = r->fault;
            dgm_slice c = first_character(x, UINT8_MAX);
            snprintf(f->sample, sizeof f->sample, "%.*s…", (int)c.len, c.at);
            snprintf(f->one, sizeof f->one, "with it");
            snprintf(f->other, sizeof f->other, "without it");
            f->ambiguous = true;
            return wrong(r, (size_t)(i->text.at - r->text.at), 2,
                         "whether this optional part is there cannot be told from what follows");
        }
    }
    return true;
}

bool dgm_map_form_read(dgm_slice text, map_form *out, map_form_fault *fault)
{
    form_reader r = { .f = out, .text = text, .fault = fault };
    *out = (map_form){ .text = text };
    *fault = (map_form_fault){ .what = "" };
    if (!text.len) return wrong(&r, 0, 1, "a form has at least one field: \"{name}-{other}\"");
    bool ok = read_items(&r);
    for (uint32_t k = 0; ok && k < out->item_count; k++) /* what ends fields is known first */
        if (out->items[k].kind == MAP_FORM_FIELD) ok = prove_field(&r, k);
    for (uint32_t k = 0; ok && k < out->item_count; k++)
        if (out->items[k].kind == MAP_FORM_OPTION) ok = prove_option(&r, k);
    return ok;
}

/* ---- cutting ------------------------------------------------------------------------------------------------------------- */

static bool number_ok(const map_form_item *i, dgm_slice v)
{
    dgm_cut c = dgm_slice_cut(v, '.');
    return !c.found || (c.head.len && c.tail.len && c.tail.len <= i->decimals && !memchr(c.tail.at, '.', c.tail.len));
}

/* Where the field that begins at `at` ends. False: none is there. */
static bool field_end(const map_form_item *i, dgm_slice s, size_t at, size_t *end)
{
    size_t to = at;
    uint32_t count = 0;
    for (; to < s.len && count < i->most; count++) {
        bool stop = !(class_of((unsigned char)s.at[to]) & i->classes);
        for (uint32_t k = 0; k < i->until_count && !stop; k++) stop = begins(s, to, i->until[k]);
        if (stop) break;
        to += character(s, to);
    }
    *end = to;
    return count >= i->least && (!i->decimal || number_ok(i, dgm_slice_part(s, at, to)));
}

/* Whether a field may begin here: not where it would end at once. */
static bool field_starts(const map_form_item *x, dgm_slice s, size_t at)
{
    bool starts = at < s.len && (class_of((unsigned char)s.at[at]) & first_classes(x));
    for (uint32_t k = 0; k < x->until_count && starts; k++) starts = !begins(s, at, x->until[k]);
    return starts;
}

static bool starts(const map_form *f, const map_form_item *i, dgm_slice s, size_t at)
{
    for (uint32_t k = 0; k < i->first_count; k++) {
        const map_form_item *x = &f->items[i->first[k]];
        if (x->kind == MAP_FORM_LITERAL ? begins(s, at, x->text) : field_starts(x, s, at)) return true;
    }
    return false;
}

static bool any_inside(const map_form *f, const map_form_item *option, const dgm_slice *fields)
{
    for (uint32_t k = (uint32_t)(option - f->items) + 1; k < option->after; k++)
        if (f->items[k].kind == MAP_FORM_FIELD && fields[f->items[k].field].len) return true;
    return false;
}

bool dgm_map_form_cut(const map_form *f, dgm_slice text, dgm_slice fields[MAP_FORM_FIELDS])
{
    size_t at = 0;
    bool there[MAP_FORM_ITEMS] = { false };
    memset(fields, 0, sizeof *fields * MAP_FORM_FIELDS);
    for (uint32_t k = 0; k < f->item_count;) {
        const map_form_item *i = &f->items[k];
        size_t end = at;
        switch (i->kind) {
        case MAP_FORM_LITERAL:
            if (!begins(text, at, i->text)) return false;
            end = at + i->text.len;
            break;
        case MAP_FORM_FIELD:
            if (!field_end(i, text, at, &end)) return false;
            fields[i->field] = dgm_slice_part(text, at, end);
            break;
        default:
            if (!starts(f, i, text, at)) {
                k = i->after;
                continue;
            }
            there[k] = true;
            break;
        }
        at = end;
        k++;
    }
    /* An optional part is there for the sake of a value in it: nothing could say that the text had its literals alone. */
    for (uint32_t k = 0; k < f->item_count; k++)
        if (there[k] && !any_inside(f, &f->items[k], fields)) return false;
    return at == text.len;
}

/* ---- gluing -------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_map_form_glue(const map_form *f, const dgm_slice fields[MAP_FORM_FIELDS], dgm_buffer *out, uint32_t *missing)
{
    dgm_slice again[MAP_FORM_FIELDS];
    size_t from = out->len;
    dgm_status s = DGM_OK;
    for (uint32_t k = 0; k < f->item_count && s == DGM_OK;) {
        const map_form_item *i = &f->items[k];
        if (i->kind == MAP_FORM_OPTION && !any_inside(f, i, fields)) {
            k = i->after;
            continue;
        }
        if (i->kind == MAP_FORM_LITERAL) s = dgm_buffer_append(out, i->text);
        if (i->kind == MAP_FORM_FIELD && !fields[i->field].len) {
            *missing = i->field;
            return DGM_INVALID;
        }
        if (i->kind == MAP_FORM_FIELD) s = dgm_buffer_append(out, fields[i->field]);
        k++;
    }
    *missing = DGM_FORM_WHOLE;
    if (s != DGM_OK) return s;
    dgm_slice whole = dgm_slice_part(dgm_buffer_slice(out), from, out->len);
    bool same = dgm_map_form_cut(f, whole, again);
    for (uint32_t k = 0; k < f->field_count && same; k++) same = dgm_slice_equal(fields[k], again[k]);
    return same ? DGM_OK : DGM_INVALID;
}
