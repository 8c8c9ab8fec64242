/* SPDX-License-Identifier: Apache-2.0
 *
 * charset.c - bytes of other character sets into UTF-8 and back, by ICU's converters. A set of one byte a character is made into a
 * table when it is opened, so that reading it needs ICU no more. A dgm_charset belongs to one thread at a time.
 */
#include "arena.h"
#include "charset.h"
#include "diag.h"

#include <unicode/ucnv_err.h>

enum { CHUNK = 512 };

static bool name_good(dgm_slice name)
{
    if (!name.len || name.len > DGM_CHARSET_NAME_MAX) return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-_.:()", c);
        if (!c || !fine) return false; /* no '/': ICU would look for a file; no ',': an option */
    }
    return true;
}

/* Leaves the error as it is. ICU's own callback of this kind drops soft hyphens, joiners and their like without a word. */
static void stop_writing(const void *ctx, UConverterFromUnicodeArgs *args, const UChar *units, int32_t length, UChar32 point,
                         UConverterCallbackReason reason, UErrorCode *e)
{
    (void)ctx, (void)args, (void)units, (void)length, (void)point, (void)reason, (void)e;
}

static dgm_status converter_open(const char *name, UConverter **out)
{
    UErrorCode e = U_ZERO_ERROR;
    UConverter *c = ucnv_open(name, &e);
    if (e == U_MEMORY_ALLOCATION_ERROR) return DGM_NOMEM;
    if (U_FAILURE(e) || !c) return DGM_UNKNOWN;
    ucnv_setToUCallBack(c, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &e);
    ucnv_setFromUCallBack(c, stop_writing, NULL, NULL, NULL, &e);
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
    uint32_t i = (point * 0x9E3779B1u >> 16) % DGM_CHARSET_BACK_SLOTS;
    while (c->back[i] && (c->back[i] - 1) >> 8 != point) i = (i + 1) % DGM_CHARSET_BACK_SLOTS;
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

/* What a byte stands for when a character begins with it and ends with it. False: it stands for more than the table can hold. */
static bool learn_byte(dgm_charset *c, int b)
{
    char byte = (char)b;
    const char *from = &byte;
    UChar pair[2] = { 0 };
    UChar *to = pair;
    UErrorCode e = U_ZERO_ERROR;
    ucnv_resetToUnicode(c->reader);
    ucnv_toUnicode(c->reader, &to, pair + 2, &from, &byte + 1, NULL, c->single, &e);
    if (to - pair == 2) return false; /* beyond the first plane: no set of one byte goes there */
    if (U_FAILURE(e) || to - pair != 1) return true;
    if (c->single && pair[0] >= 0xE000 && pair[0] <= 0xF8FF)
        return true; /* private use: ICU's way to keep a byte that is nothing */
    c->table[b][3] = (unsigned char)dgm_utf8_put(pair[0], (char *)c->table[b]);
    if (c->single) learn_back(c, pair[0]);
    return true;
}

/* Sets of several bytes in which no byte below 0x80 is part of another character, by the names of ICU's tables. */
static bool extended_unix(const UConverter *c)
{
    static const char *const names[] = { "ibm-970_P110_P110-2006_U2",
                                         "ibm-1383_P110-1999",
                                         "ibm-33722_P12A_P12A-2009_U2",
                                         "ibm-33722_P120-1999",
                                         "ibm-5050_P120-1999",
                                         "ibm-954_P101-2007",
                                         "ibm-964_P110-1999",
                                         "euc-jp-2007",
                                         "euc-tw-2014",
                                         "euc-kr-1998" };
    UErrorCode e = U_ZERO_ERROR;
    const char *name = ucnv_getName(c, &e);
    if (U_FAILURE(e) || !name) return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return ucnv_getType(c) == UCNV_UTF8;
}

static bool ascii_stays(const dgm_charset *c)
{
    for (unsigned b = 0x20; b < 0x7F; b++)
        if (c->table[b][3] != 1 || c->table[b][0] != b) return false;
    return c->table['\r'][0] == '\r' && c->table['\n'][0] == '\n';
}

static void learn(dgm_charset *c)
{
    UConverterType type = ucnv_getType(c->reader);
    c->pairs = type == UCNV_UTF16_BigEndian || type == UCNV_UTF16_LittleEndian || type == UCNV_UTF16;
    c->single = ucnv_getMaxCharSize(c->reader) == 1 && (type == UCNV_SBCS || type == UCNV_LATIN_1 || type == UCNV_US_ASCII);
    c->stateful = !c->single && type != UCNV_MBCS && type != UCNV_DBCS && type != UCNV_UTF8 && type != UCNV_CESU8 &&
                  type != UCNV_UTF16_BigEndian && type != UCNV_UTF16_LittleEndian && type != UCNV_UTF32_BigEndian &&
                  type != UCNV_UTF32_LittleEndian;
    for (int b = 0; b < 256 && !c->stateful; b++)
        if (!learn_byte(c, b)) c->single = false;
    c->direct = ascii_stays(c) && (c->single || extended_unix(c->reader));
    ucnv_resetToUnicode(c->reader);
    ucnv_resetFromUnicode(c->writer);
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

bool dgm_charset_direct(const dgm_charset *c)
{
    return c->direct;
}

void dgm_charset_lines(dgm_charset *c)
{
    static const unsigned char next_line[4] = { 0xC2, 0x85, 0, 2 };
    if (!c->single || c->table['A'][0] == 'A') return; /* ASCII has line feeds of its own */
    for (int b = 0; b < 256; b++)
        if (memcmp(c->table[b], next_line, 4) == 0) memcpy(c->table[b], "\n\0\0\1", 4);
}

void dgm_charset_reset(dgm_charset *c)
{
    c->seen = 0;
    c->lead = 0;
    c->held_len = 0;
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

/* Offset of the first character for private use that would come back as another: ICU takes the nearest one for these, even when it
 * is told not to. utf8.len: none. */
static size_t private_lost(dgm_charset *c, dgm_slice utf8)
{
    for (size_t at = 0; at < utf8.len;) {
        dgm_rune r = dgm_utf8_next(dgm_slice_part(utf8, at, utf8.len));
        if ((r.point >= 0xE000 && r.point <= 0xF8FF) || r.point >= 0xF0000) {
            char bytes[32] = { 0 };
            UChar unit[2], back[4];
            UErrorCode e = U_ZERO_ERROR;
            int32_t n = 1;
            unit[0] = (UChar)r.point;
            if (r.point > 0xFFFF) unit[0] = (UChar)(0xD7C0 + (r.point >> 10)), unit[1] = (UChar)(0xDC00 + (r.point & 0x3FF)), n = 2;
            int32_t len = ucnv_fromUChars(c->writer, bytes, sizeof bytes, unit, n, &e);
            int32_t m = U_SUCCESS(e) ? ucnv_toUChars(c->reader, back, 4, bytes, len, &e) : 0;
            if (U_FAILURE(e) || m != n || memcmp(unit, back, (size_t)n * sizeof *unit) != 0) return at;
        }
        at += r.bytes;
    }
    return utf8.len;
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
    if (!c->single) good = private_lost(c, dgm_slice_part(utf8, 0, good));
    dgm_slice text = dgm_slice_part(utf8, 0, good);
    dgm_status s = c->single ? encode_single(c, text, out, &at) : encode_icu(c, text, out, &at);
    if (s == DGM_OK && good < utf8.len) {
        at = good;
        s = DGM_INVALID;
    }
    if (s == DGM_INVALID) *bad_at = at;
    return s;
}

/* ---- names ----------------------------------------------------------------------------------------------------------------- */

/* All names of all sets: as many as there is room for; returns how many there are. */
static size_t names_all(dgm_slice *out, size_t room)
{
    size_t n = 0;
    for (int32_t i = 0; i < ucnv_countAvailable(); i++) {
        const char *set = ucnv_getAvailableName(i);
        UErrorCode e = U_ZERO_ERROR;
        uint16_t aliases = ucnv_countAliases(set, &e);
        for (uint16_t k = 0; U_SUCCESS(e) && k < aliases; k++) {
            const char *name = ucnv_getAlias(set, k, &e);
            if (U_FAILURE(e) || !name) break;
            if (n < room) out[n] = dgm_slice_of(name);
            n++;
        }
    }
    return n;
}

dgm_slice dgm_charset_nearest(const dgm_mem *mem, dgm_slice name)
{
    dgm_mem m = mem ? *mem : dgm_mem_default();
    size_t n = names_all(NULL, 0);
    dgm_slice *names = dgm_mem_new(&m, n * sizeof *names);
    if (!names) return (dgm_slice){ 0 }; /* a hint less */
    names_all(names, n);
    int near = dgm_nearest(name, names, n);
    dgm_slice found = near < 0 ? (dgm_slice){ 0 } : names[near];
    dgm_mem_free(&m, names, n * sizeof *names);
    return found;
}
