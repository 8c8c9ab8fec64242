/* SPDX-License-Identifier: Apache-2.0
 *
 * values.c - from bytes to values: releases taken out, characters decoded and checked against the repertoire of the interchange,
 * length and representation. ISO 9735:1988, 5 to 10; character sets: ISO 9735 amendment 1 (UNOC to UNOF). One thread.
 */
#include "reader.h"

#include <stdio.h>

/* What does not fit is cut between two characters. */
void dgm_edi_text_set(dgm_edi_text *t, dgm_slice value)
{
    t->len = value.len <= sizeof t->at ? value.len : dgm_utf8_check((dgm_slice){ value.at, sizeof t->at });
    if (t->len) memcpy(t->at, value.at, t->len);
}

static const struct set_row {
    const char *identifier, *set;
} sets[] = {
    { "UNOA", NULL },         { "UNOB", NULL },         { "UNOC", "ISO-8859-1" }, { "UNOD", "ISO-8859-2" },
    { "UNOE", "ISO-8859-5" }, { "UNOF", "ISO-8859-7" }, { "UNOY", "UTF-8" },
};

dgm_status dgm_edi_values_set(dgm_edi_reader *r, dgm_slice identifier)
{
    dgm_edi_values *v = &r->values;
    dgm_charset *old = v->charset != r->charset_setting ? v->charset : NULL;
    const char *set = "UTF-8";
    bool known = false;
    dgm_charset_free(old);
    *v = (dgm_edi_values){ 0 };
    size_t n = identifier.len < 4 ? identifier.len : 4;
    if (n) memcpy(v->identifier, identifier.at, n);
    for (size_t i = 0; i < sizeof sets / sizeof sets[0] && !known; i++) {
        known = dgm_slice_is(identifier, sets[i].identifier);
        if (known) set = sets[i].set;
    }
    r->lexer.alphabet.repertoire = DGM_EDI_REPERTOIRE_ANY;
    if (known && !set) r->lexer.alphabet.repertoire = v->identifier[3] == 'A' ? DGM_EDI_REPERTOIRE_A : DGM_EDI_REPERTOIRE_B;
    v->ascii_only = known && !set;
    v->set_name = dgm_slice_of(set ? set : v->identifier);
    if (r->charset_setting) {
        v->charset = r->charset_setting;
        v->set_name = dgm_edi_text_slice(&r->charset_name);
        v->ascii_only = false;
    } else if (known && set && strcmp(set, "ISO-8859-1") == 0) {
        v->latin1 = true;
    } else if (known && set && strcmp(set, "UTF-8") != 0) {
        return dgm_charset_open(&r->mem, dgm_slice_of(set), &v->charset);
    }
    if (!known && identifier.len) {
        dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_CHARSET, DGM_WARNING, t.at, dgm_edi_token_len(t), 1, 1);
        dgm_edi_say_slice(r, d, identifier);
        dgm_edi_say_slice(r, d, v->set_name);
    }
    return DGM_OK;
}

/* Offset in the raw bytes of the byte that is number `plain_at` of the value without its releases. */
static size_t raw_offset(const dgm_edi_reader *r, dgm_slice raw, bool released, size_t plain_at)
{
    size_t i = 0;
    if (!released) return plain_at;
    for (size_t n = 0; i < raw.len; i++, n++) {
        if (raw.at[i] == r->service[2] && i + 1 < raw.len) i++;
        if (n == plain_at) break;
    }
    return i;
}

static dgm_status take_releases(dgm_edi_reader *r, dgm_slice raw, dgm_slice *plain)
{
    r->plain.len = 0;
    dgm_status st = dgm_buffer_reserve(&r->plain, raw.len + 1);
    if (st != DGM_OK) return st;
    char *to = r->plain.at;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == r->service[2] && i + 1 < raw.len)
            i++;
        else if (raw.at[i] == r->service[2])
            break; /* the input ends behind it */
        *to++ = raw.at[i];
    }
    r->plain.len = (size_t)(to - r->plain.at);
    *plain = dgm_buffer_slice(&r->plain);
    return DGM_OK;
}

static void report_byte(dgm_edi_reader *r, dgm_edi_token t, size_t at, unsigned char byte, uint32_t e, uint32_t c)
{
    char text[8];
    snprintf(text, sizeof text, "0x%02X", byte);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_ENCODING, DGM_ERROR, t.at + at, 1, e, c);
    dgm_edi_say(r, d, text);
    dgm_edi_say_slice(r, d, r->values.set_name);
}

/* Decodes; what stands for nothing becomes U+FFFD, and the first such byte is reported. */
static dgm_status decode(dgm_edi_reader *r, dgm_slice plain, dgm_slice raw, dgm_edi_token t, uint32_t e, uint32_t c)
{
    const bool released = t.info & DGM_EDI_KIND_RELEASE;
    bool told = false;
    dgm_charset *set = r->values.charset;
    r->decoded.len = 0;
    for (size_t from = 0; from < plain.len;) {
        size_t bad = 0;
        dgm_slice rest = dgm_slice_part(plain, from, plain.len);
        dgm_status st = DGM_OK;
        if (set && !r->values.ascii_only) {
            st = dgm_charset_decode(set, rest, &r->decoded, &bad);
            if (st == DGM_OK) return DGM_OK;
            if (st != DGM_INVALID) return st;
        } else {
            bad = dgm_utf8_check(rest);
            if (r->values.ascii_only)
                for (bad = 0; bad < rest.len && (unsigned char)rest.at[bad] < 0x80;) bad++;
            st = dgm_buffer_append(&r->decoded, dgm_slice_part(rest, 0, bad));
            if (st != DGM_OK || bad == rest.len) return st;
        }
        if (!told) report_byte(r, t, raw_offset(r, raw, released, from + bad), (unsigned char)rest.at[bad], e, c);
        told = true;
        st = dgm_buffer_append(&r->decoded, DGM_LITERAL("\xEF\xBF\xBD"));
        if (st != DGM_OK) return st;
        from += bad + 1;
    }
    return DGM_OK;
}

/* The first character that the repertoire lacks or that is a control character: kept, but told. */
static void check_repertoire(dgm_edi_reader *r, dgm_slice plain, dgm_slice raw, dgm_edi_token t, uint32_t e, uint32_t c)
{
    const unsigned char *kind = r->lexer.alphabet.kind;
    for (size_t i = 0; i < plain.len; i++) {
        unsigned char byte = (unsigned char)plain.at[i];
        if (byte >= 0x80 || !(kind[byte] & DGM_EDI_KIND_ODD)) continue;
        char text[16];
        if (byte < 0x20 || byte == 0x7F)
            snprintf(text, sizeof text, "0x%02X", byte);
        else
            snprintf(text, sizeof text, "\"%c\"", byte);
        size_t at = raw_offset(r, raw, t.info & DGM_EDI_KIND_RELEASE, i);
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_CHARACTER, DGM_WARNING, t.at + at, 1, e, c);
        dgm_edi_say(r, d, text);
        dgm_edi_say(r, d, r->values.identifier[0] ? r->values.identifier : "EDIFACT");
        return;
    }
}

/* Copies bytes while they are printable ASCII, 0x20 to 0x7E, and there are eight more to read and room for as many; returns how
 * many it was. */
static inline size_t copy_printable(char *to, const char *from, size_t len)
{
    const uint64_t each = 0x0101010101010101u;
    size_t i = 0;
    while (len - i >= 8) {
        uint64_t eight;
        memcpy(&eight, from + i, sizeof eight);
        memcpy(to + i, &eight, sizeof eight);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        uint64_t other = (eight | (eight + each) | (eight - 0x20 * each)) & 0x80 * each;
        if (other) return i + (size_t)__builtin_ctzll(other) / 8;
        i += 8;
    }
    return i;
}

/* Bytes from 0x80 to 0x9F are the control characters C1 in ISO 8859-1, as ICU reads them too. *odd: an ASCII character that the
 * repertoire lacks is among them. */
static dgm_slice latin1(dgm_edi_reader *r, dgm_slice plain, bool *odd)
{
    const unsigned char *kind = r->lexer.alphabet.kind;
    unsigned any = 0;
    r->decoded.len = 0;
    dgm_status st = dgm_buffer_reserve(&r->decoded, plain.len * 2);
    if (st != DGM_OK) return r->failed = st, plain;
    char *to = r->decoded.at;
    const bool any_printable = r->lexer.alphabet.repertoire == DGM_EDI_REPERTOIRE_ANY;
    for (size_t i = 0; i < plain.len; i++) {
        if (any_printable && plain.len - i >= 8) {
            size_t n = copy_printable(to, plain.at + i, plain.len - i);
            to += n;
            i += n;
            if (i == plain.len) break;
        }
        unsigned c = (unsigned char)plain.at[i], high = c >> 7;
        any |= kind[c] & ~(c >> 3);
        to[0] = (char)(high ? 0xC0 | c >> 6 : c);
        to[1] = (char)(0x80 | (c & 0x3F)); /* kept when it is needed: there are two bytes for each */
        to += 1 + high;
    }
    *odd = any & DGM_EDI_KIND_ODD;
    r->decoded.len = (size_t)(to - r->decoded.at);
    return dgm_buffer_slice(&r->decoded);
}

dgm_slice dgm_edi_value(dgm_edi_reader *r, dgm_edi_token t, uint32_t e, uint32_t c, bool *changed)
{
    dgm_slice raw = { r->in + t.at, dgm_edi_token_len(t) }, plain = raw;
    *changed = false;
    if (t.info & DGM_EDI_KIND_RELEASE) {
        dgm_status st = take_releases(r, raw, &plain);
        if (st != DGM_OK) return r->failed = st, raw;
        *changed = true;
    }
    if (!(t.info & DGM_EDI_KIND_ODD)) return plain;
    if (r->values.latin1) {
        bool odd = false;
        dgm_slice value = latin1(r, plain, &odd);
        if (odd) check_repertoire(r, plain, raw, t, e, c);
        if (value.len == plain.len) return plain; /* nothing beyond ASCII */
        *changed = true;
        return value;
    }
    check_repertoire(r, plain, raw, t, e, c);
    if (dgm_ascii(plain)) return plain;
    if (!r->values.charset && !r->values.ascii_only && dgm_utf8_check(plain) == plain.len) return plain;
    dgm_status st = decode(r, plain, raw, t, e, c);
    if (st != DGM_OK) return r->failed = st, raw;
    *changed = true;
    return dgm_buffer_slice(&r->decoded);
}

/* ---- length and representation (ISO 9735:1988, 10) ------------------------------------------------------------------------- */

/* Digits of a number; sign and one decimal mark, either of the two, do not count. False when it is no number. */
static bool number_digits(dgm_slice v, uint32_t *digits)
{
    uint32_t n = 0, marks = 0;
    for (size_t i = 0; i < v.len; i++) {
        char ch = v.at[i];
        if (ch >= '0' && ch <= '9')
            n++;
        else if (ch == '.' || ch == ',')
            marks++;
        else if (!(ch == '-' && i == 0))
            return false;
    }
    *digits = n;
    return n > 0 && marks <= 1;
}

/* The mark that UNA does not name (ISO 9735:1988, 10.1): a warning, for it is clear what is meant. */
static void check_mark(dgm_edi_reader *r, const dgm_edi_naming *name, dgm_slice value, dgm_edi_token t, uint32_t e, uint32_t c)
{
    const char *at = memchr(value.at, r->mark_wrong, value.len);
    char marks[2] = { r->mark_wrong, r->una_decimal };
    if (!at) return;
    size_t place = value.len == dgm_edi_token_len(t) ? (size_t)(at - value.at) : 0;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DECIMAL_MARK, DGM_WARNING, t.at + place, 1, e, c);
    dgm_edi_say_slice(r, d, name->id);
    dgm_edi_say_slice(r, d, name->title);
    dgm_edi_say_slice(r, d, (dgm_slice){ marks, 1 });
    dgm_edi_say_slice(r, d, (dgm_slice){ marks + 1, 1 });
}

static bool alphabetic(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] >= '0' && v.at[i] <= '9') return false;
    return true;
}

bool dgm_edi_check_value(dgm_edi_reader *r, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, dgm_slice value, dgm_edi_token t)
{
    uint32_t e = leaf->place & 0xFF, c = leaf->place >> 8 & 0xFF, length = 0;
    dgm_diag_code wrong = DGM_D_NONE;
    /* No value has more characters than bytes. */
    if (leaf->class == DGM_EDI_AN && leaf->least <= 1 && value.len && value.len <= (size_t)leaf->least + leaf->more) return true;
    if (leaf->class == DGM_EDI_N) {
        if (!number_digits(value, &length))
            wrong = DGM_D_EDI_NOT_NUMERIC;
        else if (r->mark_wrong)
            check_mark(r, name, value, t, e, c);
    } else {
        length = (uint32_t)dgm_utf8_length(value);
        if (leaf->class == DGM_EDI_A && !alphabetic(value)) wrong = DGM_D_EDI_NOT_ALPHABETIC;
    }
    uint32_t most = name->repr.length_max ? name->repr.length_max : UINT32_MAX;
    size_t len = dgm_edi_token_len(t);
    if (wrong != DGM_D_NONE) {
        dgm_diag *d = dgm_edi_report(r, wrong, DGM_ERROR, t.at, len, e, c);
        dgm_edi_say_slice(r, d, name->id);
        dgm_edi_say_slice(r, d, name->title);
        dgm_edi_say_slice(r, d, value);
        return false;
    }
    if (length >= leaf->least && length <= most) return true;
    bool shorter = length < leaf->least;
    dgm_diag *d = dgm_edi_report(r, shorter ? DGM_D_EDI_TOO_SHORT : DGM_D_EDI_TOO_LONG, DGM_ERROR, t.at, len, e, c);
    dgm_edi_say_slice(r, d, name->id);
    dgm_edi_say_slice(r, d, name->title);
    dgm_edi_say_number(r, d, length);
    dgm_edi_say_number(r, d, shorter ? leaf->least : most);
    return false;
}

/* ---- values of the envelope ------------------------------------------------------------------------------------------------- */

dgm_edi_token dgm_edi_token_at(const dgm_edi_segment *s, uint32_t e, uint32_t c)
{
    uint32_t element = 0, component = 1;
    for (size_t i = 0; i < s->count; i++) {
        if (element == e && component == c) return s->token[i];
        if (dgm_edi_repetition_follows(s->token[i])) {
            component = UINT32_MAX / 2; /* what is asked for is of the first occurrence */
        } else if (dgm_edi_component_follows(s->token[i])) {
            component++;
        } else {
            element++;
            component = 1;
        }
        if (element > e) break;
    }
    return (dgm_edi_token){ (uint32_t)(s->end > s->at ? s->end - 1 : s->end), 0 };
}

void dgm_edi_take(dgm_edi_reader *r, uint32_t e, uint32_t c, dgm_edi_text *out)
{
    dgm_edi_token t = dgm_edi_token_at(&r->segment, e, c);
    dgm_slice raw = { r->in + t.at, dgm_edi_token_len(t) }, plain = raw;
    if (!(t.info & (DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))) { /* ASCII as it stands */
        dgm_edi_text_set(out, raw);
        return;
    }
    out->len = 0;
    if (t.info & DGM_EDI_KIND_RELEASE) {
        dgm_status st = take_releases(r, raw, &plain);
        if (st != DGM_OK) r->failed = st;
    }
    if (r->values.latin1 && dgm_utf8_check(plain) != plain.len) {
        bool odd = false;
        plain = latin1(r, plain, &odd);
    } else if (dgm_utf8_check(plain) != plain.len && r->values.charset) {
        size_t bad = 0;
        r->decoded.len = 0;
        dgm_status st = dgm_charset_decode(r->values.charset, plain, &r->decoded, &bad);
        if (st != DGM_OK && st != DGM_INVALID) r->failed = st;
        plain = dgm_buffer_slice(&r->decoded);
    }
    dgm_edi_text_set(out, dgm_slice_part(plain, 0, dgm_utf8_check(plain)));
}

bool dgm_edi_number(dgm_slice text, uint64_t *number)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || n > UINT64_MAX / 100) return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    *number = n;
    return text.len > 0;
}
