/* SPDX-License-Identifier: Apache-2.0
 *
 * charset.c - bytes of other character sets into UTF-8 and back, by ICU's converters. A set of one byte a character is made into a
 * table when it is opened, so that reading it needs ICU no more. A dgm_charset belongs to one thread at a time.
 */
#include "arena.h"
#include "utf8.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

enum { NAME_BYTES_MAX = 60, CHUNK = 512, BACK_SLOTS = 1024 };

struct dgm_charset {
    dgm_mem mem;
    UConverter *reader, *writer; /* two, for each keeps the state of its direction */
    char name[NAME_BYTES_MAX + 1];
    size_t name_len;
    uint64_t seen; /* bytes taken since the start of the stream */
    uint16_t lead; /* the first half of a pair whose second half has not come yet */
    bool pairs;    /* a set of two-byte units: nothing begins at an odd offset */
    bool single;   /* table[] holds what each byte stands for: bytes 0..2 and the length, 0 for nothing */
    unsigned char table[256][4];
    uint32_t back[BACK_SLOTS]; /* of a single set: code point << 8 | byte, plus 1, by open addressing; 0 is a free slot */
};

static bool name_good(dgm_slice name)
{
    if (!name.len || name.len > NAME_BYTES_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.:()", c);
        if (!c || !fine) return false; /* no '/': ICU would look for a file; no ',': an option */
    }
    return true;
}

static dgm_status converter_open(const char *name, UConverter **out)
{
    UErrorCode e = U_ZERO_ERROR;
    UConverter *c = ucnv_open(name, &e);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    if (U_FAILURE(e) || !c) return DGM_UNKNOWN;
    ucnv_setToUCallBack(c, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    ucnv_setFromUCallBack(c, UCNV_FROM_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    ucnv_setFallback(c, false);
    if (U_FAILURE(e)) {
        ucnv_close(c);
        return DGM_UNKNOWN;
    }
    *out = c;
    return DGM_OK;
}

static uint32_t *back_slot(dgm_charset *c, uint32_t point)
{
    uint32_t i = (point * 0x9E3779B1u >> 16) % BACK_SLOTS;
    while (c->back[i] && (c->back[i] - 1) >> 8 != point) i = (i + 1) % BACK_SLOTS;
    return &c->back[i];
}

/* The byte that is written for a code point is ICU's choice: where two bytes stand for the same, only one is the way back. */
static void learn_back(dgm_charset *c, UChar point)
{
    char byte;
    char *to = &byte;
    const UChar *from = &point;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_resetFromUnicode(c->writer);
    ucnv_fromUnicode(c->writer, &to, &byte + 1, &from, &point + 1, NULL, true, &e);
    if (U_SUCCESS(e) && to == &byte + 1) *back_slot(c, point) = ((uint32_t)point << 8 | (unsigned char)byte) + 1;
}

static void learn(dgm_charset *c)
{
    UConverterType type = ucnv_getType(c->reader);
    c->pairs = type == UCNV_UTF16_BigEndian || type == UCNV_UTF16_LittleEndian || type == UCNV_UTF16;
    if (ucnv_getMaxCharSize(c->reader) != 1 || (type != UCNV_SBCS && type != UCNV_LATIN_1 && type != UCNV_US_ASCII)) return;
    for (int b = 0; b < 256; b++) {
        char byte = (char)b;
        const char *from = &byte;
        UChar pair[2] = { 0 };
        UChar *to = pair;
        UErrorCode e = U_ZERO_ERROR;
        ucnv_resetToUnicode(c->reader);
        ucnv_toUnicode(c->reader, &to, pair + 2, &from, &byte + 1, NULL, true, &e);
        if (to - pair == 2) return; /* beyond the first plane: no set of one byte goes there, but the table could not hold it */
        if (U_FAILURE(e) || to - pair != 1) continue;
        c->table[b][3] = (unsigned char)dgm_utf8_put(pair[0], (char *)c->table[b]);
        learn_back(c, pair[0]);
    }
    ucnv_resetToUnicode(c->reader);
    ucnv_resetFromUnicode(c->writer);
    c->single = true;
}

dgm_status dgm_charset_open(const dgm_mem *mem, dgm_slice name, dgm_charset **out)
{
    *out = NULL;
    if (!name_good(name)) return DGM_UNKNOWN;
    dgm_mem m = mem ? *mem : dgm_mem_default();
    dgm_charset *c = dgm_mem_new(&m, sizeof *c);
    if (!c) return DGM_NOMEM;
    c->mem = m;
    memcpy(c->name, name.at, name.len);
    c->name_len = name.len;
    dgm_status s = converter_open(c->name, &c->reader);
    if (s == DGM_OK) s = converter_open(c->name, &c->writer);
    if (s != DGM_OK) {
        dgm_charset_free(c);
        return s;
    }
    learn(c);
    *out = c;
    return DGM_OK;
}

void dgm_charset_free(dgm_charset *c)
{
    if (!c) return;
    if (c->reader) ucnv_close(c->reader);
    if (c->writer) ucnv_close(c->writer);
    dgm_mem m = c->mem;
    dgm_mem_free(&m, c, sizeof *c);
}

dgm_slice dgm_charset_name(const dgm_charset *c)
{
    return (dgm_slice){ c->name, c->name_len };
}

void dgm_charset_reset(dgm_charset *c)
{
    c->seen = 0;
    c->lead = 0;
    if (c->single) return; /* tables have no state, and values are short: ICU's reset would cost more than they do */
    ucnv_resetToUnicode(c->reader);
    ucnv_resetFromUnicode(c->writer);
}

/* ---- reading --------------------------------------------------------------------------------------------------------------- */

static dgm_status decode_single(const dgm_charset *c, dgm_slice bytes, dgm_buffer *out, size_t *taken)
{
    *taken = 0;
    while (*taken < bytes.len) {
        size_t n = bytes.len - *taken < CHUNK ? bytes.len - *taken : CHUNK;
        dgm_status s = dgm_buffer_reserve(out, n * 3);
        if (s == DGM_LIMIT) { /* the room left may still be enough for what these bytes really need */
            n = 1;
            s = dgm_buffer_reserve(out, c->table[(unsigned char)bytes.at[*taken]][3]);
        }
        if (s != DGM_OK) return s;
        char *p = out->at + out->len;
        for (size_t i = 0; i < n; i++) {
            const unsigned char *t = c->table[(unsigned char)bytes.at[*taken]];
            if (!t[3]) {
                out->len = (size_t)(p - out->at);
                return DGM_INVALID;
            }
            for (unsigned k = 0; k < t[3]; k++) *p++ = (char)t[k];
            ++*taken;
        }
        out->len = (size_t)(p - out->at);
    }
    return DGM_OK;
}

static dgm_status append_utf16(dgm_charset *c, const UChar *at, size_t n, dgm_buffer *out)
{
    char text[CHUNK * 3 + 4];
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t unit = at[i];
        if (c->lead && unit >= 0xDC00 && unit <= 0xDFFF) {
            unit = 0x10000 + (((uint32_t)c->lead - 0xD800) << 10) + (unit - 0xDC00);
            c->lead = 0;
        } else if (unit >= 0xD800 && unit <= 0xDBFF) {
            c->lead = (uint16_t)unit;
            continue;
        }
        len += dgm_utf8_put(unit, text + len);
    }
    return dgm_buffer_append(out, (dgm_slice){ text, len });
}

static dgm_status decode_icu(dgm_charset *c, dgm_slice bytes, bool last, dgm_buffer *out, size_t *taken)
{
    const char *from = bytes.len ? bytes.at : "", *begin = from, *end = from + bytes.len;
    UErrorCode e;
    do {
        UChar units[CHUNK] = { 0 };
        UChar *to = units;
        e = U_ZERO_ERROR;
        ucnv_toUnicode(c->reader, &to, units + CHUNK, &from, end, NULL, last, &e);
        *taken = (size_t)(from - begin);
        dgm_status s = append_utf16(c, units, (size_t)(to - units), out);
        if (s != DGM_OK) return s;
    } while (e == U_BUFFER_OVERFLOW_ERROR);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    return U_FAILURE(e) ? DGM_INVALID : DGM_OK;
}

/* How many of the bytes taken belong to what could not be read, or were read to find that out and are still held. */
static size_t bytes_bad(const dgm_charset *c)
{
    char bad[32];
    int8_t n = (int8_t)sizeof bad;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_getInvalidChars(c->reader, bad, &n, &e);
    size_t bytes = U_SUCCESS(e) && n > 0 ? (size_t)n : 0;
    e = U_ZERO_ERROR;
    int32_t held = ucnv_toUCountPending(c->reader, &e);
    return bytes + (U_SUCCESS(e) && held > 0 ? (size_t)held : 0);
}

dgm_status dgm_charset_decode_more(dgm_charset *c, dgm_slice bytes, bool last, dgm_buffer *out, size_t *consumed, size_t *bad_at)
{
    dgm_status s = c->single ? decode_single(c, bytes, out, consumed) : decode_icu(c, bytes, last, out, consumed);
    c->seen += *consumed;
    if (s == DGM_INVALID) {
        size_t bad = c->single ? 0 : bytes_bad(c);
        *bad_at = (size_t)(c->seen > bad ? c->seen - bad : 0);
        /* ICU does not tell of a byte it holds when half a pair is followed by something else in the next piece. */
        if (c->pairs) *bad_at &= ~(size_t)1;
    }
    if (s != DGM_OK || last) dgm_charset_reset(c);
    return s;
}

dgm_status dgm_charset_decode(dgm_charset *c, dgm_slice bytes, dgm_buffer *out, size_t *bad_at)
{
    size_t consumed;
    dgm_charset_reset(c);
    return dgm_charset_decode_more(c, bytes, true, out, &consumed, bad_at);
}

/* ---- writing --------------------------------------------------------------------------------------------------------------- */

/* Offset in utf8 of the character that holds UTF-16 unit `units`. */
static size_t offset_of_unit(dgm_slice utf8, size_t units)
{
    size_t at = 0;
    while (at < utf8.len) {
        dgm_rune r = dgm_utf8_next(dgm_slice_part(utf8, at, utf8.len));
        size_t width = r.point > 0xFFFF ? 2 : 1;
        if (units < width) break;
        units -= width;
        at += r.bytes;
    }
    return at;
}

/* One stretch of at most CHUNK units; last ends the text. *lacking: the unit the set has no character for. */
static dgm_status encode_units(dgm_charset *c, const UChar *units, size_t n, bool last, dgm_buffer *out, size_t *lacking)
{
    const UChar *from = units;
    UErrorCode e;
    do {
        char bytes[CHUNK];
        char *to = bytes;
        e = U_ZERO_ERROR;
        ucnv_fromUnicode(c->writer, &to, bytes + sizeof bytes, &from, units + n, NULL, last, &e);
        dgm_status s = dgm_buffer_append(out, (dgm_slice){ bytes, (size_t)(to - bytes) });
        if (s != DGM_OK) return s;
    } while (e == U_BUFFER_OVERFLOW_ERROR);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    if (U_SUCCESS(e)) return DGM_OK;
    UChar bad[8];
    int8_t bad_len = 8;
    UErrorCode quiet = U_ZERO_ERROR;
    ucnv_getInvalidUChars(c->writer, bad, &bad_len, &quiet);
    size_t used = (size_t)(from - units), back = U_SUCCESS(quiet) && bad_len > 0 ? (size_t)bad_len : 0;
    *lacking = used > back ? used - back : 0;
    return DGM_INVALID;
}

static dgm_status encode_single(dgm_charset *c, dgm_slice utf8, dgm_buffer *out, size_t *at)
{
    for (*at = 0; *at < utf8.len;) {
        char bytes[CHUNK];
        size_t n = 0, start = *at;
        bool lacking = false;
        while (!lacking && n < sizeof bytes && *at < utf8.len) {
            dgm_rune r = dgm_utf8_next(dgm_slice_part(utf8, *at, utf8.len));
            uint32_t found = *back_slot(c, r.point);
            lacking = !found;
            if (lacking) break;
            bytes[n++] = (char)((found - 1) & 0xFF);
            *at += r.bytes;
        }
        dgm_status s = dgm_buffer_append(out, (dgm_slice){ bytes, n });
        if (s != DGM_OK) *at = start;
        if (s != DGM_OK || lacking) return lacking && s == DGM_OK ? DGM_INVALID : s;
    }
    return DGM_OK;
}

static dgm_status encode_icu(dgm_charset *c, dgm_slice utf8, dgm_buffer *out, size_t *bad_at)
{
    size_t at = 0;
    dgm_status s = DGM_OK;
    ucnv_resetFromUnicode(c->writer);
    do {
        UChar units[CHUNK];
        size_t n = 0, start = at;
        while (at < utf8.len && n + 2 <= CHUNK) {
            dgm_rune r = dgm_utf8_next(dgm_slice_part(utf8, at, utf8.len));
            at += r.bytes;
            if (r.point > 0xFFFF) {
                units[n++] = (UChar)(0xD7C0 + (r.point >> 10));
                units[n++] = (UChar)(0xDC00 + (r.point & 0x3FF));
            } else {
                units[n++] = (UChar)r.point;
            }
        }
        size_t lacking = 0;
        s = encode_units(c, units, n, at == utf8.len, out, &lacking);
        if (s == DGM_INVALID) *bad_at = start + offset_of_unit(dgm_slice_part(utf8, start, utf8.len), lacking);
    } while (s == DGM_OK && at < utf8.len);
    if (s != DGM_OK) ucnv_resetFromUnicode(c->writer);
    return s;
}

dgm_status dgm_charset_encode(dgm_charset *c, dgm_slice utf8, dgm_buffer *out, size_t *bad_at)
{
    size_t good = dgm_utf8_check(utf8), at = 0;
    dgm_slice text = dgm_slice_part(utf8, 0, good);
    dgm_status s = c->single ? encode_single(c, text, out, &at) : encode_icu(c, text, out, &at);
    if (s == DGM_OK && good < utf8.len) {
        at = good;
        s = DGM_INVALID;
    }
    if (s == DGM_INVALID) *bad_at = at;
    return s;
}
