/* SPDX-License-Identifier: Apache-2.0
 *
 * charsets.c - see charsets.h. The list is code list 0001; UNOY, which leaves open how ISO 10646 is encoded, is UTF-8 here, unless
 * the bytes of the interchange are UTF-16. Constant; any thread.
 */
#include "charsets.h"

#include <stdio.h>
#include <unicode/uchar.h>

static const dgm_edi_set sets[] = {
    { .identifier = "UNOA", .set = "US-ASCII", .repertoire = DGM_EDI_REPERTOIRE_A, .ascii = true },
    { .identifier = "UNOB", .set = "US-ASCII", .repertoire = DGM_EDI_REPERTOIRE_B, .ascii = true },
    { .identifier = "UNOC", .set = "ISO-8859-1" },
    { .identifier = "UNOD", .set = "ISO-8859-2" },
    { .identifier = "UNOE", .set = "ISO-8859-5" },
    { .identifier = "UNOF", .set = "ISO-8859-7" },
    { .identifier = "UNOG", .set = "ISO-8859-3", .version_4 = true },
    { .identifier = "UNOH", .set = "ISO-8859-4", .version_4 = true },
    { .identifier = "UNOI", .set = "ISO-8859-6", .version_4 = true },
    { .identifier = "UNOJ", .set = "ISO-8859-8", .version_4 = true },
    { .identifier = "UNOK", .set = "ISO-8859-9", .version_4 = true },
    { .identifier = "UNOL", .set = "ISO-8859-15", .version_4 = true },
    { .identifier = "UNOW", .set = "UTF-8", .version_4 = true },
    { .identifier = "UNOX", .set = "ISO-2022-JP-2", .shifts = true, .version_4 = true },
    { .identifier = "UNOY", .set = "UTF-8", .version_4 = true },
    { .identifier = "KECA", .set = "EUC-KR", .version_4 = true },
};

const dgm_edi_set *dgm_edi_set_at(size_t i)
{
    return i < sizeof sets / sizeof *sets ? &sets[i] : NULL;
}

const dgm_edi_set *dgm_edi_set_of(dgm_slice identifier)
{
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (dgm_slice_is(identifier, sets[i].identifier)) return &sets[i];
    return NULL;
}

static bool ascii_holds(const dgm_edi_set *s, uint32_t point)
{
    dgm_edi_alphabet a;
    dgm_edi_alphabet_make(&a, ":+?'", true, s->repertoire);
    return !(a.kind[point] & DGM_EDI_KIND_ODD);
}

static bool set_holds(const dgm_mem *mem, const dgm_edi_set *s, uint32_t point)
{
    char text[4];
    size_t bad = 0;
    dgm_charset *c = NULL;
    dgm_buffer bytes;
    if (point < 0x80) return ascii_holds(s, point);
    if (s->ascii || dgm_charset_open(mem, dgm_slice_of(s->set), &c) != DGM_OK) return false;
    dgm_buffer_init(&bytes, mem);
    bool holds = dgm_charset_encode(c, (dgm_slice){ text, dgm_utf8_put(point, text) }, &bytes, &bad) == DGM_OK;
    dgm_buffer_free(&bytes);
    dgm_charset_free(c);
    return holds;
}

const dgm_edi_set *dgm_edi_set_holding(const dgm_mem *mem, uint32_t point)
{
    if (point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xFFFD) return NULL; /* controls are in none */
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++)
        if (set_holds(mem, &sets[i], point)) return &sets[i];
    return NULL;
}

size_t dgm_edi_character(uint32_t point, char *out, size_t room)
{
    char name[96], shown[8] = { 0 }, text[128];
    UErrorCode e = U_ZERO_ERROR;
    int32_t n = u_charName((UChar32)point, U_UNICODE_CHAR_NAME, name, sizeof name, &e);
    if (U_FAILURE(e) || n < 0 || n >= (int32_t)sizeof name) n = 0;
    bool seen = u_isgraph((UChar32)point) || point == ' ';
    if (seen) dgm_utf8_put(point, shown);
    int len =
        snprintf(text, sizeof text, seen ? "\"%s\" (U+%04X%s%.*s)" : "%sU+%04X%s%.*s", shown, point, n ? " " : "", (int)n, name);
    size_t bytes = len > 0 ? (size_t)len : 0;
    if (bytes >= sizeof text) bytes = sizeof text - 1;
    if (bytes > room) bytes = room;
    memcpy(out, text, bytes);
    return bytes;
}

uint32_t dgm_edi_windows_1252(unsigned char byte)
{
    static const uint16_t points[32] = { 0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                         0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                         0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178 };
    return byte >= 0x80 && byte < 0xA0 ? points[byte - 0x80] : 0;
}
