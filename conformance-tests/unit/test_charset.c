/* SPDX-License-Identifier: Apache-2.0
 *
 * test_charset.c - other character sets to UTF-8 and back: exact offsets of what cannot be read or written, and the same result
 * wherever the input is cut. One thread.
 */
#include "base/utf8.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>

static dgm_charset *open_set(const char *name)
{
    dgm_charset *c = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_charset_open(NULL, dgm_slice_of(name), &c), DGM_OK);
    TEST_TEXT(dgm_charset_name(c), name);
    return c;
}

static void knows_names(void)
{
    static const char *const known[] = { "ISO-8859-1",  "ISO-8859-2",   "ISO-8859-5", "ISO-8859-7",  "ISO-8859-9",
                                         "ISO-8859-15", "windows-1252", "UTF-8",      "UTF-16BE",    "UTF-16LE",
                                         "UTF-16",      "GB18030",      "Shift_JIS",  "US-ASCII",    "IBM037",
                                         "KOI8-R",      "windows-1251", "EUC-KR",     "ISO-2022-JP", "Big5" };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) dgm_charset_free(open_set(known[i]));
    static const char *const unknown[] = { "",
                                           "no-such-set",
                                           "../../etc/passwd",
                                           "/etc/passwd",
                                           "ISO-8859-1,swaplfnl",
                                           "a b",
                                           "0123456789012345678901234567890123456789012345678901234567890" };
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        char other;
        dgm_charset *c = (dgm_charset *)(void *)&other; /* must not be left standing */
        CU_ASSERT_EQUAL(dgm_charset_open(NULL, dgm_slice_of(unknown[i]), &c), DGM_UNKNOWN);
        CU_ASSERT_PTR_NULL(c);
    }
    dgm_charset *c;
    CU_ASSERT_EQUAL(dgm_charset_open(NULL, DGM_LITERAL("ISO-8859-1\0x"), &c), DGM_UNKNOWN);
    dgm_charset_free(NULL);
}

/* Bytes of a set and the same in UTF-8. */
static const struct {
    const char *set, *bytes;
    size_t len;
    const char *utf8;
} texts[] = {
    { "ISO-8859-1", "Z\xFCrich \xA3", 8, "Z\xC3\xBCrich \xC2\xA3" },
    { "ISO-8859-2", "\xA3\xF3\x64\xBC", 4, "\xC5\x81\xC3\xB3\x64\xC5\xBA" },                             /* Łódź */
    { "ISO-8859-5", "\xBC\xDE\xE1\xDA\xD2\xD0", 6, "\xD0\x9C\xD0\xBE\xD1\x81\xD0\xBA\xD0\xB2\xD0\xB0" }, /* Москва */
    { "ISO-8859-7", "\xC1\xE8\xDE\xED\xE1", 5, "\xCE\x91\xCE\xB8\xCE\xAE\xCE\xBD\xCE\xB1" },             /* Αθήνα */
    { "ISO-8859-15", "\xA4", 1, "\xE2\x82\xAC" },
    { "windows-1252", "\x80\x93x\x94", 4, "\xE2\x82\xAC\xE2\x80\x9Cx\xE2\x80\x9D" },
    { "IBM037", "\xC8\x85\x93\x93\x96", 5, "Hello" },
    { "UTF-16BE", "\0A\x20\xAC\xD8\x3D\xDE\xA2", 8, "A\xE2\x82\xAC\xF0\x9F\x9A\xA2" }, /* A€🚢 */
    { "UTF-16LE", "A\0\xAC\x20\x3D\xD8\xA2\xDE", 8, "A\xE2\x82\xAC\xF0\x9F\x9A\xA2" },
    { "Shift_JIS", "\x93\x8C\x8B\x9E\xB6", 5, "\xE6\x9D\xB1\xE4\xBA\xAC\xEF\xBD\xB6" },                 /* 東京ｶ */
    { "GB18030", "\xB1\xB1\xBE\xA9\x94\x39\xDA\x33z", 9, "\xE5\x8C\x97\xE4\xBA\xAC\xF0\x9F\x92\xA9z" }, /* 北京, U+1F4A9, z */
    { "UTF-8", "\xC3\xA9\xF0\x9F\x9A\xA2", 6, "\xC3\xA9\xF0\x9F\x9A\xA2" },
    { "ISO-2022-JP", "\x1B$B\x45\x6C\x1B(Bx", 9, "\xE6\x9D\xB1x" }, /* 東x, with its escapes */
};

static void reads_and_writes(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dgm_charset *c = open_set(texts[i].set);
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        size_t bad = 99;
        dgm_slice bytes = { texts[i].bytes, texts[i].len };
        for (int twice = 0; twice < 2; twice++) {
            out.len = 0;
            CU_ASSERT_EQUAL(dgm_charset_decode(c, bytes, &out, &bad), DGM_OK);
            TEST_TEXT(dgm_buffer_slice(&out), texts[i].utf8);
            out.len = 0;
            CU_ASSERT_EQUAL(dgm_charset_encode(c, dgm_slice_of(texts[i].utf8), &out, &bad), DGM_OK);
            test_slice_equal(dgm_buffer_slice(&out), bytes, __FILE__, __LINE__);
        }
        CU_ASSERT_EQUAL(bad, 99);
        dgm_buffer_free(&out);
        dgm_charset_free(c);
    }
}

static void cut_anywhere(void)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        dgm_charset *c = open_set(texts[i].set);
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        for (size_t piece = 1; piece <= texts[i].len; piece++)
            for (size_t first = 0; first < piece; first++) { /* the first cut moves too */
                out.len = 0;
                size_t at = 0, consumed = 0, bad = 99;
                dgm_status s = DGM_OK;
                for (size_t n = first; s == DGM_OK; n = piece) {
                    dgm_slice bytes = dgm_slice_part((dgm_slice){ texts[i].bytes, texts[i].len }, at, at + n);
                    bool last = at + bytes.len == texts[i].len;
                    s = dgm_charset_decode_more(c, bytes, last, &out, &consumed, &bad);
                    CU_ASSERT_EQUAL(consumed, bytes.len);
                    at += bytes.len;
                    if (last) break;
                }
                CU_ASSERT_EQUAL(s, DGM_OK);
                TEST_TEXT(dgm_buffer_slice(&out), texts[i].utf8);
            }
        dgm_buffer_free(&out);
        dgm_charset_free(c);
    }
}

/* What stands for nothing, at which offset, and what came before it. */
static const struct {
    const char *set, *bytes;
    size_t len, bad_at;
    const char *before;
} broken[] = {
    { "US-ASCII", "abc\xE9x", 5, 3, "abc" },
    { "ISO-8859-7", "ab\xAE", 3, 2, "ab" },
    { "ISO-8859-7", "\xD2", 1, 0, "" },
    { "UTF-16BE", "\0A\xDC\x00\0B", 6, 2, "A" }, /* second half without a first */
    { "UTF-16BE", "\0A\xD8\x3D\0B", 6, 2, "A" }, /* first half without a second */
    { "UTF-16BE", "\0A\0", 3, 2, "A" },          /* ends inside a character */
    { "UTF-16BE", "\0A\xD8\x3D", 4, 2, "A" },
    { "UTF-8", "a\xC3\xA9\xE2\x82", 5, 3, "a\xC3\xA9" },
    { "UTF-8", "a\xC0\x80", 3, 1, "a" },
    { "GB18030", "z\xB1\xB1\xFF", 4, 3, "z\xE5\x8C\x97" },
    { "GB18030", "z\xB1\xB1\x94\x39\xDA", 6, 3, "z\xE5\x8C\x97" },
    { "Shift_JIS", "a\x93", 2, 1, "a" },
};

static void tells_where_reading_ends(void)
{
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        dgm_charset *c = open_set(broken[i].set);
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        for (size_t piece = 0; piece <= broken[i].len; piece++) { /* 0: whole */
            out.len = 0;
            size_t at = 0, consumed = 0, bad = 99;
            dgm_status s = DGM_OK;
            if (piece == 0) s = dgm_charset_decode(c, (dgm_slice){ broken[i].bytes, broken[i].len }, &out, &bad);
            while (piece && s == DGM_OK && at < broken[i].len) {
                dgm_slice bytes = dgm_slice_part((dgm_slice){ broken[i].bytes, broken[i].len }, at, at + piece);
                at += bytes.len;
                s = dgm_charset_decode_more(c, bytes, at == broken[i].len, &out, &consumed, &bad);
            }
            CU_ASSERT_EQUAL(s, DGM_INVALID);
            if (bad != broken[i].bad_at) fprintf(stderr, "%s, row %zu in pieces of %zu: %zu\n", broken[i].set, i, piece, bad);
            CU_ASSERT_EQUAL(bad, broken[i].bad_at);
            TEST_TEXT(dgm_buffer_slice(&out), broken[i].before);
        }
        /* and the set goes on working */
        out.len = 0;
        size_t bad;
        CU_ASSERT_EQUAL(dgm_charset_encode(c, DGM_LITERAL("A"), &out, &bad), DGM_OK);
        dgm_buffer_free(&out);
        dgm_charset_free(c);
    }
}

static void tells_what_cannot_be_written(void)
{
    static const struct {
        const char *set, *utf8;
        size_t bad_at;
        const char *before;
    } cases[] = {
        { "ISO-8859-1", "Z\xC3\xBCrich \xE2\x82\xAC 5", 8, "Z\xFCrich " },
        { "ISO-8859-1", "a\xF0\x9F\x9A\xA2", 1, "a" },
        { "US-ASCII", "caf\xC3\xA9", 3, "caf" },
        { "ISO-8859-1", "a\xC3", 1, "a" },       /* no UTF-8 */
        { "ISO-8859-1", "\xEF\xBC\xA1", 0, "" }, /* full-width A is not A */
        { "ISO-8859-1", "a\xEF\xBF\xBD", 1, "a" },
        { "Shift_JIS", "a\xC2\xAD", 1, "a" },   /* a soft hyphen is a character like others, not to be dropped */
        { "Big5", "a\xE2\x80\x8Dz", 1, "a" },   /* nor is a joiner */
        { "Shift_JIS", "\xEF\xA1\xAF", 0, "" }, /* U+F86F is not the numero sign */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_charset *c = open_set(cases[i].set);
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        size_t bad = 99;
        CU_ASSERT_EQUAL(dgm_charset_encode(c, dgm_slice_of(cases[i].utf8), &out, &bad), DGM_INVALID);
        CU_ASSERT_EQUAL(bad, cases[i].bad_at);
        TEST_TEXT(dgm_buffer_slice(&out), cases[i].before);
        dgm_buffer_free(&out);
        dgm_charset_free(c);
    }
}

/* Each byte of each single-byte set goes there and back; where two bytes stand for one character, to one of them. */
static void every_byte_of_single_sets(void)
{
    static const char *const sets[] = { "ISO-8859-1",  "ISO-8859-2",   "ISO-8859-5",   "ISO-8859-7",   "ISO-8859-9",
                                        "ISO-8859-15", "windows-1250", "windows-1251", "windows-1252", "windows-1253",
                                        "IBM037",      "IBM850",       "KOI8-R",       "US-ASCII",     "TIS-620" };
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++) {
        dgm_charset *c = open_set(sets[k]);
        dgm_buffer text, back, again;
        dgm_buffer_init(&text, NULL);
        dgm_buffer_init(&back, NULL);
        dgm_buffer_init(&again, NULL);
        int known = 0;
        for (int b = 0; b < 256; b++) {
            char byte = (char)b;
            size_t bad = 99;
            text.len = back.len = again.len = 0;
            dgm_status s = dgm_charset_decode(c, (dgm_slice){ &byte, 1 }, &text, &bad);
            if (s != DGM_OK) {
                CU_ASSERT_EQUAL(s, DGM_INVALID);
                CU_ASSERT_EQUAL(bad, 0);
                continue;
            }
            known++;
            CU_ASSERT_EQUAL(dgm_utf8_length(dgm_buffer_slice(&text)), 1);
            CU_ASSERT_EQUAL(dgm_charset_encode(c, dgm_buffer_slice(&text), &back, &bad), DGM_OK);
            CU_ASSERT_EQUAL(back.len, 1);
            CU_ASSERT_EQUAL(dgm_charset_decode(c, dgm_buffer_slice(&back), &again, &bad), DGM_OK);
            CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&text), dgm_buffer_slice(&again)));
        }
        CU_ASSERT(known >= 128);
        dgm_buffer_free(&text);
        dgm_buffer_free(&back);
        dgm_buffer_free(&again);
        dgm_charset_free(c);
    }
}

/* Long texts cross the stretches that are converted at once; offsets must not notice. */
static void long_texts(void)
{
    static const char *const sets[] = { "ISO-8859-7", "UTF-16BE", "GB18030" };
    for (size_t k = 0; k < 3; k++) {
        dgm_charset *c = open_set(sets[k]);
        dgm_buffer utf8, bytes, back;
        dgm_buffer_init(&utf8, NULL);
        dgm_buffer_init(&bytes, NULL);
        dgm_buffer_init(&back, NULL);
        size_t bad;
        for (int i = 0; i < 3000; i++) {
            dgm_slice piece = i % 3 == 0             ? dgm_slice_of("\xCE\xB1")
                              : i % 3 == 1 || k == 0 ? DGM_LITERAL("x")
                                                     : dgm_slice_of("\xF0\x9F\x9A\xA2");
            dgm_buffer_append(&utf8, piece);
        }
        CU_ASSERT_EQUAL(dgm_charset_encode(c, dgm_buffer_slice(&utf8), &bytes, &bad), DGM_OK);
        CU_ASSERT_EQUAL(dgm_charset_decode(c, dgm_buffer_slice(&bytes), &back, &bad), DGM_OK);
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&utf8), dgm_buffer_slice(&back)));
        dgm_buffer_append(&utf8, DGM_LITERAL("\xFF"));
        bytes.len = 0;
        CU_ASSERT_EQUAL(dgm_charset_encode(c, dgm_buffer_slice(&utf8), &bytes, &bad), DGM_INVALID);
        CU_ASSERT_EQUAL(bad, utf8.len - 1);
        dgm_buffer_append(&bytes, k == 1 ? DGM_LITERAL("\xDC\x00") : DGM_LITERAL("\xFF"));
        back.len = 0;
        CU_ASSERT_EQUAL(dgm_charset_decode(c, dgm_buffer_slice(&bytes), &back, &bad), DGM_INVALID);
        CU_ASSERT_EQUAL(bad, bytes.len - (k == 1 ? 2 : 1));
        CU_ASSERT_EQUAL(back.len, utf8.len - 1);
        dgm_buffer_free(&utf8);
        dgm_buffer_free(&bytes);
        dgm_buffer_free(&back);
        dgm_charset_free(c);
    }
}

static void respects_a_limit(void)
{
    dgm_charset *c = open_set("ISO-8859-1");
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    out.bytes_max = 5;
    size_t bad;
    CU_ASSERT_EQUAL(dgm_charset_decode(c,
                                       DGM_LITERAL("ab\xE9"
                                                   "c"),
                                       &out, &bad),
                    DGM_OK);
    CU_ASSERT_EQUAL(out.len, 5);
    CU_ASSERT_EQUAL(dgm_charset_decode(c, DGM_LITERAL("d"), &out, &bad), DGM_LIMIT);
    out.len = 4;
    CU_ASSERT_EQUAL(dgm_charset_decode(c, DGM_LITERAL("\xE9"), &out, &bad), DGM_LIMIT);
    CU_ASSERT_EQUAL(out.len, 4);
    dgm_buffer_free(&out);
    dgm_charset_free(c);
}

static dgm_status charset_work(const dgm_mem *mem, void *ctx)
{
    dgm_charset *c = NULL;
    dgm_status s = dgm_charset_open(mem, dgm_slice_of(ctx), &c);
    dgm_buffer out, back;
    dgm_buffer_init(&out, mem);
    dgm_buffer_init(&back, mem);
    size_t bad;
    for (int i = 0; i < 200 && s == DGM_OK; i++) s = dgm_charset_encode(c, dgm_slice_of("\xCE\x91\xCE\xB8\xCE\xAE"), &out, &bad);
    if (s == DGM_OK) s = dgm_charset_decode(c, dgm_buffer_slice(&out), &back, &bad);
    dgm_buffer_free(&out);
    dgm_buffer_free(&back);
    dgm_charset_free(c);
    return s;
}

static void failing_memory(void)
{
    static char names[][16] = { "ISO-8859-7", "UTF-16BE" };
    CU_ASSERT(test_each_allocation_fails(charset_work, names[0]) >= 4);
    CU_ASSERT(test_each_allocation_fails(charset_work, names[1]) >= 4);
}

int main(void)
{
    static const test_case cases[] = {
        { "knows names", knows_names },
        { "reads and writes", reads_and_writes },
        { "cut anywhere", cut_anywhere },
        { "tells where reading ends", tells_where_reading_ends },
        { "tells what cannot be written", tells_what_cannot_be_written },
        { "every byte of single sets", every_byte_of_single_sets },
        { "long texts", long_texts },
        { "respects a limit", respects_a_limit },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("charset", cases);
}
