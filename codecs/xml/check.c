/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - does a value fit what the element table says of its place? Lengths, digits, characters and codes, with the meanings XML
 * Schema part 2 gives them (white space of codes and numbers collapses; digits are counted in the value, not in its spelling). Pure
 * functions.
 */
#include "xml.h"

#include <stdio.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t dgm_xml_forbidden(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return i;
        if (c == 0xEF && i + 2 < s.len && (unsigned char)s.at[i + 1] == 0xBF && (unsigned char)s.at[i + 2] >= 0xBE) return i;
    }
    return s.len;
}

/* Characters once leading and trailing blanks are gone and inner runs are one (whiteSpace = collapse). */
static size_t collapsed_length(dgm_slice s)
{
    s = dgm_slice_trim(s);
    size_t n = dgm_utf8_length(s);
    for (size_t i = 1; i < s.len; i++) n -= blank(s.at[i]) && blank(s.at[i - 1]);
    return n;
}

/* The format as the table spells it. */
static dgm_slice spell_format(const dgm_xml_place *p, char *room, size_t bytes)
{
    const char *class = p->class == 'a' ? "a" : p->class == 'n' ? "n" : "an";
    bool number = p->type == DGM_TYPE_NUMBER || p->type == DGM_TYPE_AMOUNT || p->type == DGM_TYPE_QUANTITY;
    int n = number && p->decimals && p->decimals < 255
                ? snprintf(room, bytes, "n..%u,%u", (unsigned)p->length_max, (unsigned)p->decimals)
                : snprintf(room, bytes, "%s%s%u", class, p->length_min == p->length_max ? "" : "..", (unsigned)p->length_max);
    return (dgm_slice){ room, (size_t)n };
}

static bool fault_is(dgm_xml_fault *f, dgm_diag_code code, const dgm_xml_place *p)
{
    f->code = code;
    f->severity = DGM_ERROR;
    f->rule = spell_format(p, f->room, sizeof f->room);
    return true;
}

/* xs:decimal: a sign, digits, a full stop, digits; totalDigits and fractionDigits count what is left without zeros at the ends. */
static bool number_wrong(const dgm_xml_place *p, dgm_slice v, dgm_xml_fault *f)
{
    size_t i = 0, whole = 0, fraction = 0, zeros = 0, digits = 0;
    if (i < v.len && (v.at[i] == '-' || v.at[i] == '+')) i++;
    for (; i < v.len && v.at[i] >= '0' && v.at[i] <= '9'; i++, digits++) whole += whole || v.at[i] != '0';
    if (i < v.len && v.at[i] == '.') {
        for (i++; i < v.len && v.at[i] >= '0' && v.at[i] <= '9'; i++, digits++) {
            fraction++;
            zeros = v.at[i] == '0' ? zeros + 1 : 0;
        }
    }
    if (i < v.len || digits == 0) return fault_is(f, DGM_D_XML_VALUE_NUMBER, p);
    fraction -= zeros;
    bool many = p->length_max && whole + fraction > p->length_max;
    return many || (p->decimals != 255 && fraction > p->decimals) ? fault_is(f, DGM_D_XML_VALUE_DIGITS, p) : false;
}

static bool listed(const dgm_xml_place *p, dgm_slice v)
{
    const char *at = p->values, *end = at + p->values_len;
    while ((size_t)(end - at) >= v.len) {
        const char *behind = at + v.len;
        if ((behind == end || *behind == ' ') && memcmp(at, v.at, v.len) == 0) return true;
        while (at < end && *at != ' ') at++;
        if (at++ == end) return false;
    }
    return false;
}

static inline bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool numeric(const dgm_xml_place *p)
{
    return p->type == DGM_TYPE_NUMBER || p->type == DGM_TYPE_AMOUNT || p->type == DGM_TYPE_QUANTITY;
}

bool dgm_xml_value_good(const dgm_xml_place *p, dgm_slice v)
{
    size_t i = 0, n = v.len;
    if (n == 0) return false;
    if (numeric(p)) { /* digits, perhaps with a full stop inside; zeros at the ends count here, which is no quick yes then */
        while (i < n && digit(v.at[i])) i++;
        size_t fraction = n - i;
        if (i == 0 || fraction == 1) return false;
        if (fraction) {
            if (v.at[i] != '.' || --fraction > p->decimals) return false;
            for (i++; i < n; i++)
                if (!digit(v.at[i])) return false;
            n--;
        }
        return n <= p->length_max || p->length_max == 0;
    }
    if (p->type == DGM_TYPE_FLAG || (p->length_max && (n > p->length_max || n < p->length_min))) return false;
    for (; i < n; i++) { /* a character is a byte, and no white space collapses */
        unsigned char c = (unsigned char)v.at[i];
        if (c <= ' ' || c >= 0x80) return false;
        if (p->class && (p->class == 'n' ? c < '0' || c > '9' : (c | 32) < 'a' || (c | 32) > 'z')) return false;
    }
    return p->values_len == 0 || listed(p, v);
}

static bool text_wrong(const dgm_xml_place *p, dgm_slice v, dgm_xml_fault *f)
{
    if (p->class) {
        for (size_t i = 0; i < v.len; i++) {
            char c = v.at[i];
            bool fits = p->class == 'n' ? c >= '0' && c <= '9' : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (fits) continue;
            fault_is(f, DGM_D_XML_VALUE_CHARACTERS, p);
            f->rule = dgm_slice_of(p->class == 'n' ? "digits" : "the letters A to Z");
            return true;
        }
    }
    if (p->length_max == 0 || (v.len <= p->length_max && p->length_min <= 1)) return false;
    size_t n = p->flags & DGM_XML_COLLAPSED ? collapsed_length(v) : dgm_utf8_length(v);
    if (n <= p->length_max && n >= p->length_min) return false;
    f->number = (int64_t)n;
    return fault_is(f, DGM_D_XML_VALUE_LENGTH, p);
}

dgm_slice dgm_xml_flag(dgm_slice v)
{
    v = dgm_slice_trim(v);
    if (dgm_slice_is(v, "true") || dgm_slice_is(v, "1")) return DGM_LITERAL("true");
    if (dgm_slice_is(v, "false") || dgm_slice_is(v, "0")) return DGM_LITERAL("false");
    return (dgm_slice){ 0 };
}

/* "2026-03-02T08:30", of xs:dateTime and of canonical dates alike. */
static bool date_and_time(dgm_slice v)
{
    return v.len >= 16 && v.len < DGM_XML_DATE_ROOM - 8 && v.at[4] == '-' && v.at[7] == '-' && v.at[10] == 'T' && v.at[13] == ':';
}

/* Where "+hh" of a zone begins, with so many characters behind it; 0: there is none. */
static size_t zone_at(dgm_slice v, size_t behind)
{
    const size_t len = 3 + behind, at = v.len > 16 + len - 1 ? v.len - len : 0;
    bool zone = at && (v.at[at] == '+' || v.at[at] == '-') && v.at[at + 1] >= '0' && v.at[at + 1] <= '9' && v.at[at + 2] >= '0' &&
                v.at[at + 2] <= '9';
    return zone ? at : 0;
}

dgm_slice dgm_xml_date_in(dgm_slice value, char room[DGM_XML_DATE_ROOM])
{
    dgm_slice v = dgm_slice_trim(value), zone = { 0 };
    if (!date_and_time(v)) return value;
    size_t at = zone_at(v, 3), len;
    if (at && v.at[at + 3] == ':') zone = dgm_slice_part(v, at, v.len);
    if (zone.len && memcmp(zone.at + 1, "00:00", 5) == 0)
        zone = DGM_LITERAL("Z");
    else if (zone.len && memcmp(zone.at + 3, ":00", 3) == 0)
        zone.len = 3;
    if (!zone.len && v.at[v.len - 1] == 'Z') zone = DGM_LITERAL("Z"), at = v.len - 1;
    len = zone.len ? at : v.len;
    memcpy(room, v.at, len);
    if (len > 19 && room[19] == '.') { /* one to twelve digits, of which canonical dates have three */
        while (len > 23 && room[len - 1] == '0') len--;
        while (len > 20 && len < 23) room[len++] = '0';
    }
    if (zone.len) memcpy(room + len, zone.at, zone.len);
    dgm_slice out = { room, len + zone.len };
    return dgm_slice_equal(out, value) ? value : out;
}

dgm_slice dgm_xml_date_out(dgm_slice value, char room[DGM_XML_DATE_ROOM])
{
    static const char minutes[] = { ':', '0', '0' };
    if (!date_and_time(value) || !zone_at(value, 0)) return value;
    memcpy(room, value.at, value.len);
    memcpy(room + value.len, minutes, sizeof minutes);
    return (dgm_slice){ room, value.len + sizeof minutes };
}

bool dgm_xml_value_wrong(const dgm_xml_place *p, dgm_slice v, dgm_xml_fault *f)
{
    if (!(p->flags & DGM_XML_RESTRICTED)) return false;
    if (v.len == 0 || blank(v.at[0]) || blank(v.at[v.len - 1])) {
        dgm_slice inner = dgm_slice_trim(v);
        if (inner.len == 0) {
            fault_is(f, DGM_D_XML_VALUE_EMPTY, p);
            f->severity = DGM_WARNING;
            return true;
        }
        if (p->flags & DGM_XML_COLLAPSED) v = inner;
    }
    if (numeric(p)) return number_wrong(p, v, f);
    if (p->type == DGM_TYPE_FLAG && !dgm_xml_flag(v).len) {
        fault_is(f, DGM_D_XML_VALUE_CODE, p);
        f->rule = DGM_LITERAL("true false 1 0");
        return true;
    }
    if (p->values_len && !listed(p, v)) {
        fault_is(f, DGM_D_XML_VALUE_CODE, p);
        f->rule = (dgm_slice){ p->values, p->values_len };
        return true;
    }
    return text_wrong(p, v, f);
}
