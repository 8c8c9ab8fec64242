/* SPDX-License-Identifier: Apache-2.0
 *
 * test_charset_stream.c - whole inputs of other character sets: the same text and the same map back to the bytes wherever the input
 * is cut, and every character of every set there and back. One thread.
 */
#include "base/utf8.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

static dgm_charset *open_set(const char *name)
{
    dgm_charset *c = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_charset_open(NULL, dgm_slice_of(name), &c), DGM_OK);
    return c;
}

static void decode(dgm_charset *c, dgm_slice bytes, size_t piece, dgm_buffer *out, dgm_charset_map *map)
{
    out->len = 0;
    dgm_charset_map_clear(map);
    if (piece == 0) piece = bytes.len + 1;
    for (size_t at = 0;;) {
        dgm_slice part = dgm_slice_part(bytes, at, at + piece);
        at += part.len;
        CU_ASSERT_EQUAL(dgm_charset_decode_mapped(c, part, at == bytes.len, out, map), DGM_OK);
        if (at == bytes.len) break;
    }
    CU_ASSERT_EQUAL(map->text_len, out->len);
    CU_ASSERT_EQUAL(map->source_len, bytes.len);
}

/* Bytes, their text, and for each character of it where it begins in the bytes and whether it stands for something broken. */
static const struct {
    const char *set, *bytes;
    size_t len;
    const char *utf8;
    size_t at[12];
    const char *broken; /* 'x' for each broken character */
} rows[] = {
    { "Shift_JIS", "A\x83\x5C\x95\x27", 5, "A\xE3\x82\xBD\xEF\xBF\xBD'", { 0, 1, 3, 4 }, "..x." }, /* ソ ends in a backslash */
    { "Shift_JIS", "\x93\x8C+\xB6\x93", 5, "\xE6\x9D\xB1+\xEF\xBD\xB6\xEF\xBF\xBD", { 0, 2, 3, 4 }, "...x" },
    { "GB18030", "\x81\x30\x81\x30'", 5, "\xC2\x80'", { 0, 4 }, ".." },
    { "GB18030", "\x81\x30\x81 x", 5, "\xEF\xBF\xBD\x30\xEF\xBF\xBD x", { 0, 1, 2, 3, 4 }, "x.x.." },
    { "GB18030", "z\xB1\xB1\x94\x39\xDA\x33", 7, "z\xE5\x8C\x97\xF0\x9F\x92\xA9", { 0, 1, 3 }, "..." },
    { "GB18030", "z\xB1\xB1\xFF", 4, "z\xE5\x8C\x97\xEF\xBF\xBD", { 0, 1, 3 }, "..x" },
    { "GB18030", "z\x94\x39\xDA", 4, "z\xEF\xBF\xBD", { 0, 1 }, ".x" },
    { "Big5", "\xA5\x5C+", 3, "\xE5\x8A\x9F+", { 0, 2 }, ".." }, /* 功 ends in a backslash */
    { "UTF-16BE", "\0A\xD8\x3D\xDE\xA2\0B", 8, "A\xF0\x9F\x9A\xA2\x42", { 0, 2, 6 }, "..." },
    { "UTF-16BE", "\0A\xD8\x3D\0B", 6, "A\xEF\xBF\xBD\x42", { 0, 2, 4 }, ".x." },
    { "UTF-16BE", "\0A\xDC\x00\0B", 6, "A\xEF\xBF\xBD\x42", { 0, 2, 4 }, ".x." },
    { "UTF-16LE", "A\0\xAC\x20\x42", 5, "A\xE2\x82\xAC\xEF\xBF\xBD", { 0, 2, 4 }, "..x" },
    { "IBM037", "\xE4\xD5\xC2\x4E\x7D\x15", 6, "UNB+'\xC2\x85", { 0, 1, 2, 3, 4, 5 }, "......" },
    { "ISO-8859-7", "a\xAE\xE1", 3, "a\xEF\xBF\xBD\xCE\xB1", { 0, 1, 2 }, ".x." },
    { "EUC-KR", "\xB0\xA1'\xB0'", 5, "\xEA\xB0\x80'\xEF\xBF\xBD'", { 0, 2, 3, 4 }, "..x." },
    { "ISO-2022-JP", "a\x1B$B\x45\x6C\x35\x7E\x1B(Bx'", 13, "a\xE6\x9D\xB1\xE4\xBA\xACx'", { 0, 4, 6, 11, 12 }, "....." },
    { "ISO-2022-KR", "\x1B$)C+\x0E\x30\x21\x0F'", 10, "+\xEA\xB0\x80'", { 4, 6, 9 }, "..." },
    { "UTF-8", "a\xC3\xA9\xE2\x82x", 6, "a\xC3\xA9\xEF\xBF\xBDx", { 0, 1, 3, 5 }, "..x." },
    { "UTF-8", "a\xC0\x80", 3, "a\xEF\xBF\xBD\xEF\xBF\xBD", { 0, 1, 2 }, ".xx" },
};

static void same_wherever_cut(void)
{
    dgm_buffer out;
    dgm_charset_map map;
    dgm_buffer_init(&out, NULL);
    dgm_charset_map_init(&map, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_charset *c = open_set(rows[i].set);
        for (size_t piece = 0; piece <= 7; piece++) {
            decode(c, (dgm_slice){ rows[i].bytes, rows[i].len }, piece, &out, &map);
            TEST_TEXT(dgm_buffer_slice(&out), rows[i].utf8);
            size_t at = 0;
            for (size_t k = 0; at < out.len; k++) {
                const dgm_charset_run *run = dgm_charset_map_at(&map, at);
                bool good = run && dgm_charset_map_source(&map, at) == rows[i].at[k] && run->broken == (rows[i].broken[k] == 'x');
                if (!good)
                    fprintf(stderr, "row %zu (%s) in pieces of %zu: character %zu at %zu\n", i, rows[i].set, piece, k,
                            dgm_charset_map_source(&map, at));
                CU_ASSERT(good);
                if (run && run->broken) CU_ASSERT_EQUAL(run->byte, (unsigned char)rows[i].bytes[rows[i].at[k]]);
                at += dgm_utf8_next(dgm_slice_part(dgm_buffer_slice(&out), at, out.len)).bytes;
            }
            CU_ASSERT_PTR_NULL(dgm_charset_map_at(&map, at));
            CU_ASSERT_EQUAL(dgm_charset_map_source(&map, at), rows[i].len);
        }
        dgm_charset_free(c);
    }
    dgm_buffer_free(&out);
    dgm_charset_map_free(&map);
}

/* What is dropped takes its bytes along, and what is left counts from there. */
static void dropping(void)
{
    static const char bytes[] = "ab\x93\x8C\x8B\x9E\xB6\x63";
    static const size_t at[] = { 0, 1, 2, 4, 6, 7 }, text_at[] = { 0, 1, 2, 5, 8, 11, 12 };
    dgm_charset *c = open_set("Shift_JIS");
    dgm_buffer out;
    dgm_charset_map map;
    dgm_buffer_init(&out, NULL);
    dgm_charset_map_init(&map, NULL);
    for (size_t drop = 0; drop < 6; drop++) {
        decode(c, (dgm_slice){ bytes, 8 }, 0, &out, &map);
        CU_ASSERT_EQUAL(dgm_charset_map_drop(&map, text_at[drop]), at[drop]);
        for (size_t k = drop; k < 6; k++)
            CU_ASSERT_EQUAL(dgm_charset_map_source(&map, text_at[k] - text_at[drop]), at[k] - at[drop]);
        /* and more comes behind it */
        out.len = 0;
        CU_ASSERT_EQUAL(dgm_charset_decode_mapped(c, DGM_LITERAL("\x8B\x9Ez"), true, &out, &map), DGM_OK);
        CU_ASSERT_EQUAL(dgm_charset_map_source(&map, 12 - text_at[drop]), 8 - at[drop]);
        CU_ASSERT_EQUAL(dgm_charset_map_source(&map, 15 - text_at[drop]), 10 - at[drop]);
    }
    dgm_charset_map_clear(&map);
    CU_ASSERT_EQUAL(dgm_charset_map_drop(&map, 5), 0);
    dgm_buffer_free(&out);
    dgm_charset_map_free(&map);
    dgm_charset_free(c);
}

/* Which sets can be searched for ASCII before they are decoded. */
static void direct_sets(void)
{
    static const char *const direct[] = { "US-ASCII", "ISO-8859-1", "ISO-8859-15",  "windows-1250", "windows-1258",
                                          "KOI8-R",   "TIS-620",    "IBM850",       "UTF-8",        "EUC-KR",
                                          "EUC-JP",   "GB2312",     "windows-1251", "windows-1256", "EUC-TW" };
    static const char *const other[] = { "Shift_JIS", "GB18030",    "GBK",         "Big5",        "windows-949", "IBM037",
                                         "IBM500",    "IBM1047",    "UTF-16",      "UTF-7",       "UTF-16LE",    "ISO-2022-JP",
                                         "UTF-32",    "HZ-GB-2312", "ISO-2022-KR", "ISO-2022-CN", "ibm-930" };
    for (size_t i = 0; i < sizeof direct / sizeof *direct; i++) {
        dgm_charset *c = open_set(direct[i]);
        if (!dgm_charset_direct(c)) fprintf(stderr, "%s\n", direct[i]);
        CU_ASSERT(dgm_charset_direct(c));
        dgm_charset_free(c);
    }
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        dgm_charset *c = open_set(other[i]);
        if (dgm_charset_direct(c)) fprintf(stderr, "%s\n", other[i]);
        CU_ASSERT(!dgm_charset_direct(c));
        dgm_charset_free(c);
    }
}

/* Every character of a set, encoded one behind the other, comes back, each from its own bytes, wherever the input is cut. */
static void all_of(const char *name, size_t least)
{
    dgm_charset *c = open_set(name);
    dgm_buffer utf8, bytes, out;
    dgm_charset_map map;
    size_t known = 0, bad, *at = calloc(0x30000, sizeof *at);
    dgm_buffer_init(&utf8, NULL);
    dgm_buffer_init(&bytes, NULL);
    dgm_buffer_init(&out, NULL);
    dgm_charset_map_init(&map, NULL);
    for (uint32_t point = 0x20; point < 0x30000; point++) {
        if ((point >= 0xD800 && point < 0xE000) || (point >= 0x7F && point < 0xA0) || point == 0xFEFF || point == 0xFFFD) continue;
        char text[4];
        dgm_slice one = { text, dgm_utf8_put(point, text) };
        at[known] = bytes.len;
        if (dgm_charset_encode(c, one, &bytes, &bad) != DGM_OK) {
            CU_ASSERT_EQUAL(bad, 0);
            bytes.len = at[known];
            continue;
        }
        known++;
        dgm_buffer_append(&utf8, one);
    }
    if (known < least) fprintf(stderr, "%s: %zu characters\n", name, known);
    CU_ASSERT(known >= least);
    for (size_t piece = 0; piece < 8; piece += piece ? 3 : 1) {
        decode(c, dgm_buffer_slice(&bytes), piece, &out, &map);
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&out), dgm_buffer_slice(&utf8)));
        size_t k = 0, wrong = 0, text = 0;
        for (; text < out.len && k < known; k++) {
            wrong += dgm_charset_map_source(&map, text) != at[k];
            text += dgm_utf8_next(dgm_slice_part(dgm_buffer_slice(&out), text, out.len)).bytes;
        }
        if (wrong) fprintf(stderr, "%s in pieces of %zu: %zu of %zu\n", name, piece, wrong, known);
        CU_ASSERT_EQUAL(wrong, 0);
    }
    free(at);
    dgm_buffer_free(&utf8);
    dgm_buffer_free(&bytes);
    dgm_buffer_free(&out);
    dgm_charset_map_free(&map);
    dgm_charset_free(c);
}

static void every_character(void)
{
    /* At least this many, from the standards: 95 of ASCII and what is above it. */
    all_of("ISO-8859-1", 191);
    all_of("ISO-8859-5", 191);
    all_of("IBM037", 191);
    all_of("IBM500", 191);
    all_of("IBM1047", 191);
    all_of("IBM1140", 191);
    all_of("TIS-620", 95 + 87);
    all_of("KOI8-R", 95 + 128);
    all_of("Shift_JIS", 6879);
    all_of("EUC-JP", 6879);
    all_of("EUC-KR", 8226);
    all_of("windows-949", 17000);
    all_of("GB2312", 7445);
    all_of("GBK", 21000);
    all_of("GB18030", 0x20000);
    all_of("Big5", 13053);
    all_of("UTF-8", 0x20000);
    all_of("UTF-16LE", 0x20000);
    all_of("UTF-16BE", 0x20000);
}

static void nearest_names(void)
{
    TEST_TEXT(dgm_charset_nearest(NULL, DGM_LITERAL("windows-1525")), "windows-1255");
    TEST_TEXT(dgm_charset_nearest(NULL, DGM_LITERAL("GB18300")), "gb18030");
    TEST_TEXT(dgm_charset_nearest(NULL, DGM_LITERAL("KOI8R")), "KOI8-R");
    TEST_TEXT(dgm_charset_nearest(NULL, DGM_LITERAL("completely different")), "");
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    dgm_charset *c = NULL;
    dgm_buffer out;
    dgm_charset_map map;
    dgm_status s = dgm_charset_open(mem, dgm_slice_of(ctx), &c);
    dgm_buffer_init(&out, mem);
    dgm_charset_map_init(&map, mem);
    for (int i = 0; i < 200 && s == DGM_OK; i++)
        s = dgm_charset_decode_mapped(c, DGM_LITERAL("A\x93\x8C'\xFF"), i == 199, &out, &map);
    dgm_buffer_free(&out);
    dgm_charset_map_free(&map);
    dgm_charset_free(c);
    return s;
}

static void failing_memory(void)
{
    static char name[] = "Shift_JIS";
    CU_ASSERT(test_each_allocation_fails(work, name) >= 6);
}

int main(void)
{
    static const test_case cases[] = {
        { "same wherever cut", same_wherever_cut },
        { "dropping", dropping },
        { "direct sets", direct_sets },
        { "every character", every_character },
        { "nearest names", nearest_names },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("charset_stream", cases);
}
