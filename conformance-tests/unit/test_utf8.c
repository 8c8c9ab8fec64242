/* SPDX-License-Identifier: Apache-2.0
 *
 * test_utf8.c - UTF-8 against RFC 3629: each code point, each class of broken bytes, at each alignment to the wide steps. One
 * thread.
 */
#include "base/utf8.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>

/* The grammar of RFC 3629, section 4, written down a second time: the length of the character at p, or 0. */
static size_t by_grammar(const unsigned char *p, size_t n)
{
#define TAIL(i)          (n > (i) && p[i] >= 0x80 && p[i] <= 0xBF)
#define IN(i, low, high) (n > (i) && p[i] >= (low) && p[i] <= (high))
    if (n && p[0] <= 0x7F) return 1;
    if (IN(0, 0xC2, 0xDF) && TAIL(1)) return 2;
    if (IN(0, 0xE0, 0xE0) && IN(1, 0xA0, 0xBF) && TAIL(2)) return 3;
    if (IN(0, 0xE1, 0xEC) && TAIL(1) && TAIL(2)) return 3;
    if (IN(0, 0xED, 0xED) && IN(1, 0x80, 0x9F) && TAIL(2)) return 3;
    if (IN(0, 0xEE, 0xEF) && TAIL(1) && TAIL(2)) return 3;
    if (IN(0, 0xF0, 0xF0) && IN(1, 0x90, 0xBF) && TAIL(2) && TAIL(3)) return 4;
    if (IN(0, 0xF1, 0xF3) && TAIL(1) && TAIL(2) && TAIL(3)) return 4;
    if (IN(0, 0xF4, 0xF4) && IN(1, 0x80, 0x8F) && TAIL(2) && TAIL(3)) return 4;
    return 0;
}

static void each_code_point_goes_there_and_back(void)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char text[4];
        size_t n = dgm_utf8_put(c, text);
        dgm_rune r = dgm_utf8_next((dgm_slice){ text, n });
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        bool right = r.bytes == n && r.point == (surrogate ? 0xFFFD : c) && dgm_utf8_check((dgm_slice){ text, n }) == n &&
                     n == (c < 0x80      ? 1u
                           : c < 0x800   ? 2u
                           : c < 0x10000 ? 3u
                                         : 4u);
        CU_ASSERT_FATAL(right);
    }
    char text[4];
    CU_ASSERT_EQUAL(dgm_utf8_put(0x110000, text), 3);
    CU_ASSERT(memcmp(text, "\xEF\xBF\xBD", 3) == 0);
}

static void every_three_bytes_agree_with_the_grammar(void)
{
    /* All first and second bytes, and those third and fourth ones at which the grammar changes its mind. */
    static const unsigned char edge[] = { 0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF };
    bool same = true;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            for (size_t c = 0; c < sizeof edge; c++)
                for (size_t d = 0; d < sizeof edge; d++)
                    for (size_t n = 1; n <= 4; n++) {
                        unsigned char p[4] = { (unsigned char)a, (unsigned char)b, edge[c], edge[d] };
                        dgm_rune r = dgm_utf8_next((dgm_slice){ (const char *)p, n });
                        size_t wanted = by_grammar(p, n);
                        if (wanted ? r.bytes != wanted : r.bytes != 1 || r.point != 0xFFFD) same = false;
                    }
    CU_ASSERT(same);
}

static void finds_the_first_broken_byte_wherever_it_stands(void)
{
    static const char *const broken[] = { "\x80",
                                          "\xBF",
                                          "\xC0\x80",
                                          "\xC1\xBF",
                                          "\xE0\x9F\xBF",
                                          "\xED\xA0\x80",
                                          "\xF0\x8F\xBF\xBF",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xFF",
                                          "\xC3",
                                          "\xE2\x82",
                                          "\xF0\x9F\x98",
                                          "\xE9t\xE9" };
    for (size_t k = 0; k < sizeof broken / sizeof *broken; k++)
        for (size_t before = 0; before < 100; before++) {
            char text[300];
            memset(text, 'a', sizeof text);
            size_t n = strlen(broken[k]);
            memcpy(text + before, broken[k], n);
            size_t at = dgm_utf8_check((dgm_slice){ text, before + n });
            CU_ASSERT_EQUAL(at, before);
            CU_ASSERT_EQUAL(dgm_utf8_check((dgm_slice){ text, sizeof text }), before);
            CU_ASSERT_FALSE(dgm_ascii((dgm_slice){ text, before + n }));
        }
}

static void random_bytes_agree_with_the_grammar(void)
{
    test_random r = { 20261121 };
    static const char *const pieces[] = {
        "a", "+", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "0123456789012345678901234567890123"
    };
    for (int round = 0; round < 20000; round++) {
        char text[160];
        size_t n = 0;
        while (n < 100) {
            const char *p = pieces[test_random_below(&r, 6)];
            memcpy(text + n, p, strlen(p));
            n += strlen(p);
        }
        if (round % 2) text[test_random_below(&r, (uint32_t)n)] = (char)test_random_below(&r, 256);
        size_t wanted = 0, characters = 0;
        for (size_t step; wanted < n && (step = by_grammar((unsigned char *)text + wanted, n - wanted)) > 0; wanted += step)
            characters++;
        CU_ASSERT_EQUAL_FATAL(dgm_utf8_check((dgm_slice){ text, n }), wanted);
        if (wanted == n) {
            CU_ASSERT_EQUAL_FATAL(dgm_utf8_length((dgm_slice){ text, n }), characters);
        }
    }
}

static void ascii_is_seven_bits(void)
{
    char text[200];
    for (size_t n = 0; n < 130; n++) {
        memset(text, 0x7F, sizeof text);
        CU_ASSERT_TRUE(dgm_ascii((dgm_slice){ text, n }));
        for (size_t i = 0; i < n; i++) {
            text[i] = (char)0x80;
            if (dgm_ascii((dgm_slice){ text, n })) CU_FAIL("a byte of eight bits was missed");
            text[i] = 0;
        }
    }
    CU_ASSERT_TRUE(dgm_ascii((dgm_slice){ 0 }));
}

static void counts_and_cuts(void)
{
    dgm_slice s = dgm_slice_of("Z\xC3\xBCrich \xE2\x82\xAC\xF0\x9F\x9A\xA2"); /* Zürich €🚢: 9 characters, 15 bytes */
    CU_ASSERT_EQUAL(s.len, 15);
    CU_ASSERT_EQUAL(dgm_utf8_length(s), 9);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 0), 0);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 1), 1);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 2), 3);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 8), 11);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 9), 15);
    CU_ASSERT_EQUAL(dgm_utf8_head(s, 100), 15);
    CU_ASSERT_EQUAL(dgm_utf8_next((dgm_slice){ 0 }).bytes, 0);
    CU_ASSERT_EQUAL(dgm_utf8_check((dgm_slice){ 0 }), 0);
}

int main(void)
{
    static const test_case cases[] = {
        { "each code point goes there and back", each_code_point_goes_there_and_back },
        { "every three bytes agree with the grammar", every_three_bytes_agree_with_the_grammar },
        { "finds the first broken byte wherever it stands", finds_the_first_broken_byte_wherever_it_stands },
        { "random bytes agree with the grammar", random_bytes_agree_with_the_grammar },
        { "ASCII is seven bits", ascii_is_seven_bits },
        { "counts and cuts", counts_and_cuts },
        { 0 },
    };
    return test_main("utf8", cases);
}
