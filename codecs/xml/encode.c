/* SPDX-License-Identifier: Apache-2.0
 *
 * encode.c - whole documents in other sets than UTF-8, and in Base64 (RFC 4648, 4). A character that a set lacks is written as a
 * reference where XML lets one stand: in values, not in names (XML 1.0, 4.1). One thread.
 */
#include "xml.h"

#include <stdio.h>

bool dgm_xml_is_utf8(dgm_slice encoding)
{
    static const char *const names[] = { "", "UTF-8", "utf-8", "UTF8", "utf8" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (dgm_slice_is(encoding, names[i])) return true;
    return false;
}

void dgm_xml_encoder_free(dgm_xml_encoder *e)
{
    dgm_charset_free(e->set);
    e->set = NULL;
}

static dgm_status ready_set(dgm_xml_encoder *e, dgm_slice encoding)
{
    if (e->set && dgm_slice_is(encoding, e->name)) return DGM_OK;
    dgm_xml_encoder_free(e);
    dgm_status st = encoding.len < sizeof e->name ? dgm_charset_open(&e->mem, encoding, &e->set) : DGM_UNKNOWN;
    if (st != DGM_OK) return st;
    memcpy(e->name, encoding.at, encoding.len);
    e->name[encoding.len] = 0;
    return DGM_OK;
}

/* Whether a place of a document stands in a tag, and there in a value: looked at from the last place on. In what we write "<" and
 * ">" are nothing but the ends of tags. */
typedef struct where {
    size_t at;
    bool tag, value;
} where;

static void walk(where *w, dgm_slice document, size_t to)
{
    for (; w->at < to; w->at++) {
        char c = document.at[w->at];
        if (c == '<')
            w->tag = true;
        else if (c == '>')
            w->tag = false;
        else if (c == '"' && w->tag)
            w->value = !w->value;
    }
}

dgm_status dgm_xml_encode(dgm_xml_encoder *e, dgm_slice encoding, dgm_slice document, dgm_buffer *out, size_t *bad_at)
{
    where w = { 0 };
    dgm_status st = ready_set(e, encoding);
    for (size_t from = 0; st == DGM_OK && from < document.len;) {
        size_t bad = 0;
        st = dgm_charset_encode(e->set, dgm_slice_part(document, from, document.len), out, &bad);
        if (st != DGM_INVALID) return st;
        walk(&w, document, from + bad);
        if (w.tag && !w.value) {
            *bad_at = from + bad;
            return DGM_INVALID;
        }
        dgm_rune c = dgm_utf8_next(dgm_slice_part(document, from + bad, document.len));
        char reference[16];
        int n = snprintf(reference, sizeof reference, "&#%u;", (unsigned)c.point);
        st = dgm_charset_encode(e->set, (dgm_slice){ reference, (size_t)n }, out, &bad);
        from += bad + c.bytes;
    }
    return st;
}

dgm_status dgm_xml_base64(dgm_slice bytes, dgm_buffer *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    dgm_status st = dgm_buffer_reserve(out, bytes.len / 3 * 4 + 4);
    if (st != DGM_OK) return st;
    const unsigned char *b = (const unsigned char *)bytes.at;
    char *to = out->at + out->len;
    size_t i = 0;
    for (; i + 3 <= bytes.len; i += 3) {
        uint32_t three = (uint32_t)b[i] << 16 | (uint32_t)b[i + 1] << 8 | b[i + 2];
        for (unsigned k = 0; k < 4; k++) *to++ = letters[three >> (18 - 6 * k) & 63];
    }
    size_t left = bytes.len - i;
    if (left) {
        uint32_t three = (uint32_t)b[i] << 16 | (left == 2 ? (uint32_t)b[i + 1] << 8 : 0);
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = left == 2 ? letters[three >> 6 & 63] : '=';
        *to++ = '=';
    }
    out->len = (size_t)(to - out->at);
    return DGM_OK;
}
