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

static bool listed(dgm_slice values, dgm_slice v)
{
    for (dgm_cut cut = { .tail = values, .found = true }; cut.found;) {
        cut = dgm_slice_cut(cut.tail, ' ');
        if (dgm_slice_equal(cut.head, v)) return true;
    }
    return false;
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
    if (p->type == DGM_TYPE_NUMBER || p->type == DGM_TYPE_AMOUNT || p->type == DGM_TYPE_QUANTITY) return number_wrong(p, v, f);
    if (p->type == DGM_TYPE_FLAG && !dgm_slice_is(v, "true") && !dgm_slice_is(v, "false")) {
        fault_is(f, DGM_D_XML_VALUE_CODE, p);
        f->rule = DGM_LITERAL("true false");
        return true;
    }
    if (p->values_len && !listed((dgm_slice){ p->values, p->values_len }, v)) {
        fault_is(f, DGM_D_XML_VALUE_CODE, p);
        f->rule = (dgm_slice){ p->values, p->values_len };
        return true;
    }
    return text_wrong(p, v, f);
}
