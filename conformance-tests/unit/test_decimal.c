/* SPDX-License-Identifier: Apache-2.0
 *
 * test_decimal.c - exact decimals: by hand, against 128-bit integers with fixed seeds, and by the laws of arithmetic where numbers
 * have thousands of digits. One thread.
 */
#include "base/decimal.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

__extension__ typedef __int128 wide;

static dgm_arena arena;

static dgm_slice text_of(const char *s)
{
    return dgm_slice_of(s);
}

/* ---- spelling ---------------------------------------------------------------------------------------------------------------- */

static void knows_what_a_decimal_is(void)
{
    static const struct {
        const char *text;
        bool dot, comma, any;
    } cases[] = {
        { "0", true, true, true },      { "-0", true, true, true },       { "5.", true, false, true },
        { ".5", true, false, true },    { "1,50", false, true, true },    { "1.50", true, false, true },
        { "-12", true, true, true },    { "007", true, true, true },      { "", false, false, false },
        { "-", false, false, false },   { ".", false, false, false },     { "-.", false, false, false },
        { "+1", false, false, false },  { "1.2.3", false, false, false }, { "1,2.3", false, false, false },
        { "1e5", false, false, false }, { " 1", false, false, false },    { "1 ", false, false, false },
        { "--1", false, false, false }, { "1-", false, false, false },    { "\xD9\xA1", false, false, false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CU_ASSERT_EQUAL(dgm_decimal_valid(text_of(cases[i].text), '.'), cases[i].dot);
        CU_ASSERT_EQUAL(dgm_decimal_valid(text_of(cases[i].text), ','), cases[i].comma);
        CU_ASSERT_EQUAL(dgm_decimal_valid(text_of(cases[i].text), 0), cases[i].any);
    }
}

static void reads_as_it_was_sent(void)
{
    static const char *const cases[][2] = { { "1,50", "1.50" }, { ".5", "0.5" }, { "5.", "5" },      { "007.10", "007.10" },
                                            { "-,5", "-0.5" },  { "-0", "-0" },  { "0.00", "0.00" }, { "12", "12" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice out;
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_read(&arena, text_of(cases[i][0]), 0, &out), DGM_OK);
        TEST_TEXT(out, cases[i][1]);
    }
    dgm_slice out;
    CU_ASSERT_EQUAL(dgm_decimal_read(&arena, text_of("1.5"), ',', &out), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_decimal_read(&arena, text_of("1,5"), '.', &out), DGM_INVALID);
}

static void has_one_normal_form(void)
{
    static const char *const cases[][2] = { { "1.50", "1.5" },  { "-0", "0" },           { "-0.000", "0" }, { "000", "0" },
                                            { "007", "7" },     { "100", "100" },        { ".5", "0.5" },   { "5.", "5" },
                                            { "-.10", "-0.1" }, { "0010.0100", "10.01" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice out;
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_normal(&arena, text_of(cases[i][0]), &out), DGM_OK);
        TEST_TEXT(out, cases[i][1]);
        CU_ASSERT_EQUAL(dgm_decimal_compare(text_of(cases[i][0]), text_of(cases[i][1])), 0);
    }
    dgm_slice out;
    CU_ASSERT_EQUAL(dgm_decimal_normal(&arena, text_of("1,5"), &out), DGM_INVALID);
}

static void counts_digits_as_spelt(void)
{
    static const struct {
        const char *text;
        uint32_t before, behind;
    } cases[] = { { "-0012.50", 4, 2 }, { "5", 1, 0 }, { ".5", 0, 1 }, { "5.", 1, 0 }, { "12,345", 2, 3 } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t before = 99, behind = 99;
        dgm_decimal_digits(text_of(cases[i].text), &before, &behind);
        CU_ASSERT_EQUAL(before, cases[i].before);
        CU_ASSERT_EQUAL(behind, cases[i].behind);
    }
}

static void orders_numbers(void)
{
    static const char *const rising[] = { "-100",  "-20.5", "-20.05", "-3",  "-0.001", "0",     "0.0009",
                                          "0.001", "0.01",  "2",      "2.5", "10",     "100.01" };
    enum { N = sizeof rising / sizeof *rising };
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) CU_ASSERT_EQUAL(dgm_decimal_compare(text_of(rising[i]), text_of(rising[j])), (i > j) - (i < j));
    CU_ASSERT_EQUAL(dgm_decimal_compare(text_of("-0"), text_of("0.00")), 0);
    CU_ASSERT_EQUAL(dgm_decimal_compare(text_of("x"), text_of("-5")), -1);
}

/* ---- rounding, by hand ---------------------------------------------------------------------------------------------------------
 */

static void rounds_as_named(void)
{
    static const struct {
        const char *x;
        uint32_t scale;
        const char *none, *half_up, *half_even, *down;
    } cases[] = {
        { "1.5", 2, "1.50", "1.50", "1.50", "1.50" },
        { "1.005", 2, NULL, "1.01", "1.00", "1.00" },
        { "1.015", 2, NULL, "1.02", "1.02", "1.01" },
        { "1.0150001", 2, NULL, "1.02", "1.02", "1.01" },
        { "1.0050001", 2, NULL, "1.01", "1.01", "1.00" },
        { "-2.5", 0, NULL, "-3", "-2", "-2" },
        { "-3.5", 0, NULL, "-4", "-4", "-3" },
        { "0.5", 0, NULL, "1", "0", "0" },
        { "-0.4", 0, NULL, "0", "0", "0" },
        { "-0.04", 1, NULL, "0.0", "0.0", "0.0" },
        { "9.995", 2, NULL, "10.00", "10.00", "9.99" },
        { "999.5", 0, NULL, "1000", "1000", "999" },
        { "1.500", 1, "1.5", "1.5", "1.5", "1.5" },
        { "007", 0, "7", "7", "7", "7" },
        { ".5", 3, "0.500", "0.500", "0.500", "0.500" },
        { "0.0049", 2, NULL, "0.00", "0.00", "0.00" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const wanted[] = { cases[i].none, cases[i].half_up, cases[i].half_even, cases[i].down };
        for (int r = DGM_ROUND_NONE; r <= DGM_ROUND_DOWN; r++) {
            dgm_slice out = { 0 };
            dgm_status s = dgm_decimal_scale(&arena, text_of(cases[i].x), cases[i].scale, (dgm_rounding)r, &out);
            CU_ASSERT_EQUAL(s, wanted[r] ? DGM_OK : DGM_INVALID);
            if (wanted[r]) TEST_TEXT(out, wanted[r]);
        }
    }
}

static void divides_by_hand(void)
{
    static const struct {
        const char *x, *y;
        uint32_t scale;
        dgm_rounding rounding;
        dgm_status status;
        const char *wanted;
    } cases[] = {
        { "1", "4", 4, DGM_ROUND_NONE, DGM_OK, "0.2500" },
        { "1", "3", 4, DGM_ROUND_NONE, DGM_INVALID, "" },
        { "1", "3", 4, DGM_ROUND_DOWN, DGM_OK, "0.3333" },
        { "2", "3", 4, DGM_ROUND_HALF_UP, DGM_OK, "0.6667" },
        { "-2", "3", 0, DGM_ROUND_HALF_UP, DGM_OK, "-1" },
        { "1", "8", 2, DGM_ROUND_HALF_EVEN, DGM_OK, "0.12" },
        { "3", "8", 2, DGM_ROUND_HALF_EVEN, DGM_OK, "0.38" },
        { "1", "8", 2, DGM_ROUND_HALF_UP, DGM_OK, "0.13" },
        { "0", "5", 2, DGM_ROUND_NONE, DGM_OK, "0.00" },
        { "5", "0.00", 2, DGM_ROUND_DOWN, DGM_INVALID, "" },
        { "-1", "1000", 2, DGM_ROUND_DOWN, DGM_OK, "0.00" },
        { "0.001", "1000", 6, DGM_ROUND_NONE, DGM_OK, "0.000001" },
        { "1000", "0.001", 0, DGM_ROUND_NONE, DGM_OK, "1000000" },
        { "6.5", "-1.3", 1, DGM_ROUND_NONE, DGM_OK, "-5.0" },
        { "999999999", "1", 0, DGM_ROUND_NONE, DGM_OK, "999999999" },
        { "1999999999", "2", 0, DGM_ROUND_HALF_UP, DGM_OK, "1000000000" },
        { "x", "1", 0, DGM_ROUND_DOWN, DGM_INVALID, "" },
        { "1", "1", 1000001, DGM_ROUND_DOWN, DGM_LIMIT, "" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_slice out = { 0 };
        CU_ASSERT_EQUAL(
            dgm_decimal_divide(&arena, text_of(cases[i].x), text_of(cases[i].y), cases[i].scale, cases[i].rounding, &out),
            cases[i].status);
        if (cases[i].status == DGM_OK) TEST_TEXT(out, cases[i].wanted);
    }
}

static void sums_by_hand(void)
{
    dgm_slice out;
    CU_ASSERT_EQUAL(dgm_decimal_sum(&arena, NULL, 0, &out), DGM_OK);
    TEST_TEXT(out, "0");
    const dgm_slice terms[] = { text_of("999.99"), text_of("-0.001"), text_of("0.011"), text_of("-1000") };
    CU_ASSERT_EQUAL(dgm_decimal_sum(&arena, terms, 4, &out), DGM_OK);
    TEST_TEXT(out, "0");
    CU_ASSERT_EQUAL(dgm_decimal_sum(&arena, terms, 3, &out), DGM_OK);
    TEST_TEXT(out, "1000");
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, terms, 4, 4, &out), DGM_OK);
    TEST_TEXT(out, "0.000");
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, terms, 4, 1, &out), DGM_OK); /* 999.99 + 0.001 - 0.011 + 1000 */
    TEST_TEXT(out, "1999.980");
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, NULL, 0, 0, &out), DGM_OK);
    TEST_TEXT(out, "0");
    const dgm_slice money[] = { text_of("10.50"), text_of("1.50"), text_of("00012.00") };
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, money, 2, 2, &out), DGM_OK);
    TEST_TEXT(out, "12.00");
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, money, 3, 2, &out), DGM_OK); /* no sign before a zero */
    TEST_TEXT(out, "0.00");
    CU_ASSERT_EQUAL(dgm_decimal_tally(&arena, money, 3, 0, &out), DGM_OK);
    TEST_TEXT(out, "-24.00");
    CU_ASSERT_EQUAL(dgm_decimal_subtract(&arena, text_of("0.1"), text_of("0.3"), &out), DGM_OK);
    TEST_TEXT(out, "-0.2");
    CU_ASSERT_EQUAL(dgm_decimal_multiply(&arena, text_of("-1.10"), text_of("1.1"), &out), DGM_OK);
    TEST_TEXT(out, "-1.21");
    CU_ASSERT_EQUAL(dgm_decimal_multiply(&arena, text_of("-5"), text_of("0.0"), &out), DGM_OK);
    TEST_TEXT(out, "0");
    CU_ASSERT_EQUAL(dgm_decimal_add(&arena, text_of("1"), text_of("1,5"), &out), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_decimal_multiply(&arena, text_of(""), text_of("1"), &out), DGM_INVALID);
}

/* ---- against 128-bit integers
 * ---------------------------------------------------------------------------------------------------- */

/* The text of n / 10^scale; with normal, in normal form. */
static const char *reference_text(wide n, unsigned scale, bool normal, char room[80])
{
    char digits[64];
    bool negative = n < 0;
    if (negative) n = -n;
    unsigned len = 0;
    do digits[len++] = (char)('0' + (int)(n % 10));
    while ((n /= 10) > 0 || len <= scale);
    unsigned last = 0;
    while (normal && last < scale && digits[last] == '0') last++;
    bool zero = true;
    for (unsigned i = 0; i < len; i++) zero = zero && digits[i] == '0';
    char *p = room;
    if (negative && !zero) *p++ = '-';
    for (unsigned i = len; i-- > last;) {
        if (i + 1 == scale) *p++ = '.';
        *p++ = digits[i];
    }
    *p = '\0';
    return room;
}

static wide power10(unsigned n)
{
    wide p = 1;
    while (n-- > 0) p *= 10;
    return p;
}

/* n / d rounded; d > 0. *exact: nothing was lost. */
static wide reference_round(wide n, wide d, dgm_rounding r, bool *exact)
{
    wide size = n < 0 ? -n : n, q = size / d, rest = size % d;
    *exact = rest == 0;
    if (r == DGM_ROUND_HALF_UP && rest * 2 >= d) q++;
    if (r == DGM_ROUND_HALF_EVEN && (rest * 2 > d || (rest * 2 == d && q % 2))) q++;
    return n < 0 ? -q : q;
}

typedef struct sample {
    wide n;
    unsigned scale;
    char room[80];
    dgm_slice text;
} sample;

static void draw(test_random *r, sample *s)
{
    unsigned digits = 1 + test_random_below(r, 15);
    s->n = (wide)(((uint64_t)test_random_below(r, UINT32_MAX) << 20) ^ test_random_below(r, UINT32_MAX)) % power10(digits);
    if (test_random_below(r, 8) == 0) s->n = power10(digits) - 1;
    if (test_random_below(r, 8) == 0) s->n = power10(digits - 1);
    if (test_random_below(r, 8) == 0) s->n = 0;
    if (test_random_below(r, 2)) s->n = -s->n;
    s->scale = test_random_below(r, 7);
    s->text = dgm_slice_of(reference_text(s->n, s->scale, test_random_below(r, 2), s->room));
}

static void agrees_with_integers(void)
{
    test_random r = { 4711 };
    char room[80];
    for (int round = 0; round < 200000; round++) {
        sample x, y;
        draw(&r, &x);
        draw(&r, &y);
        wide a = x.n * power10(6 - x.scale), b = y.n * power10(6 - y.scale);
        dgm_slice out;
        CU_ASSERT_EQUAL(dgm_decimal_compare(x.text, y.text), (a > b) - (a < b));
        dgm_decimal_add(&arena, x.text, y.text, &out);
        TEST_TEXT(out, reference_text(a + b, 6, true, room));
        dgm_decimal_subtract(&arena, x.text, y.text, &out);
        TEST_TEXT(out, reference_text(a - b, 6, true, room));
        dgm_decimal_multiply(&arena, x.text, y.text, &out);
        TEST_TEXT(out, reference_text(x.n * y.n, x.scale + y.scale, true, room));
        unsigned scale = test_random_below(&r, 7);
        dgm_rounding rounding = (dgm_rounding)test_random_below(&r, 4);
        bool exact;
        wide wanted = reference_round(a, power10(6 - scale), rounding, &exact);
        dgm_status s = dgm_decimal_scale(&arena, x.text, scale, rounding, &out);
        CU_ASSERT_EQUAL(s, exact || rounding != DGM_ROUND_NONE ? DGM_OK : DGM_INVALID);
        if (s == DGM_OK) TEST_TEXT(out, reference_text(wanted, scale, false, room));
        if (y.n != 0) {
            wide top = (b < 0 ? -a : a) * power10(scale);
            wanted = reference_round(top, b < 0 ? -b : b, rounding, &exact);
            s = dgm_decimal_divide(&arena, x.text, y.text, scale, rounding, &out);
            CU_ASSERT_EQUAL(s, exact || rounding != DGM_ROUND_NONE ? DGM_OK : DGM_INVALID);
            if (s == DGM_OK) TEST_TEXT(out, reference_text(wanted, scale, false, room));
        }
        dgm_arena_reset(&arena, 1 << 20);
    }
}

/* ---- long numbers
 * ------------------------------------------------------------------------------------------------------------------ */

/* Limbs of nine digits that make long division guess wrong: all nines, zeros, halves, ones. */
static dgm_slice draw_long(test_random *r, size_t limbs)
{
    char *p = DGM_NEW(&arena, char, limbs * 9 + 2), *at = p;
    if (test_random_below(r, 2)) *at++ = '-';
    size_t mark = test_random_below(r, (uint32_t)limbs);
    for (size_t i = 0; i < limbs; i++) {
        static const char *const odd[] = { "999999999", "000000000", "500000000", "000000001", "999999998", "499999999" };
        uint32_t k = test_random_below(r, 9);
        char random[16];
        snprintf(random, sizeof random, "%09u", test_random_below(r, 1000000000));
        memcpy(at, k < 6 ? odd[k] : random, 9);
        at += 9;
        if (i == mark) *at++ = '.';
    }
    return (dgm_slice){ p, (size_t)(at - p) };
}

static dgm_slice magnitude(dgm_slice s)
{
    return s.len && s.at[0] == '-' ? dgm_slice_part(s, 1, s.len) : s;
}

static void keeps_the_laws_of_arithmetic(void)
{
    test_random r = { 99 };
    for (int round = 0; round < 4000; round++) {
        dgm_slice x = draw_long(&r, 1 + test_random_below(&r, 12)), y = draw_long(&r, 1 + test_random_below(&r, 8));
        dgm_slice z = draw_long(&r, 1 + test_random_below(&r, 5));
        dgm_slice sum, back, left, right, one, two;
        /* (x + y) - y = x;  x (y + z) = x y + x z;  x y = y x */
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_add(&arena, x, y, &sum), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_subtract(&arena, sum, y, &back), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_compare(back, x), 0);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_add(&arena, y, z, &sum), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_multiply(&arena, x, sum, &left), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_multiply(&arena, x, y, &one), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_multiply(&arena, z, x, &two), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_add(&arena, one, two, &right), DGM_OK);
        CU_ASSERT_FATAL(dgm_slice_equal(left, right));
        if (dgm_decimal_compare(y, text_of("0")) == 0) continue;
        /* x y / y = x, and the rest of a division is smaller than its divisor and has the sign of x */
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_divide(&arena, one, y, 120, DGM_ROUND_NONE, &back), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_compare(back, x), 0);
        dgm_slice quotient, product, rest;
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_divide(&arena, x, y, 0, DGM_ROUND_DOWN, &quotient), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_multiply(&arena, quotient, y, &product), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_subtract(&arena, x, product, &rest), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_decimal_compare(magnitude(rest), magnitude(y)), -1);
        CU_ASSERT_FATAL(dgm_decimal_compare(rest, text_of("0")) == 0 || (rest.at[0] == '-') == (x.at[0] == '-'));
        dgm_arena_reset(&arena, 1 << 20);
    }
}

static dgm_slice run_of(char c, size_t n, const char *end)
{
    char *p = DGM_NEW(&arena, char, n + strlen(end) + 1);
    memset(p, c, n);
    memcpy(p + n, end, strlen(end));
    return (dgm_slice){ p, n + strlen(end) };
}

static void holds_ten_thousand_digits(void)
{
    enum { N = 10000 };
    dgm_slice nines = run_of('9', N, ""), out, wanted;
    /* (10^n - 1)^2 = 99…98 00…01 */
    CU_ASSERT_EQUAL_FATAL(dgm_decimal_multiply(&arena, nines, nines, &out), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(out.len, 2 * N);
    CU_ASSERT(dgm_slice_equal(dgm_slice_part(out, 0, N), run_of('9', N - 1, "8")));
    CU_ASSERT(dgm_slice_equal(dgm_slice_part(out, N, 2 * N), run_of('0', N - 1, "1")));
    CU_ASSERT_EQUAL_FATAL(dgm_decimal_divide(&arena, out, nines, 0, DGM_ROUND_NONE, &wanted), DGM_OK);
    CU_ASSERT(dgm_slice_equal(wanted, nines));
    CU_ASSERT_EQUAL_FATAL(dgm_decimal_add(&arena, nines, text_of("1"), &out), DGM_OK);
    CU_ASSERT_EQUAL(out.len, N + 1);
    CU_ASSERT(dgm_slice_equal(dgm_slice_part(out, 1, N + 1), run_of('0', N, "")));
    CU_ASSERT_EQUAL(out.at[0], '1');
    /* 1 / 7 has the period 142857 */
    CU_ASSERT_EQUAL_FATAL(dgm_decimal_divide(&arena, text_of("1"), text_of("7"), N, DGM_ROUND_DOWN, &out), DGM_OK);
    CU_ASSERT_EQUAL(out.len, N + 2);
    for (size_t i = 0; i < N; i++) CU_ASSERT_EQUAL(out.at[2 + i], "142857"[i % 6]);
    CU_ASSERT_EQUAL(dgm_decimal_scale(&arena, nines, 1000001, DGM_ROUND_DOWN, &out), DGM_LIMIT);
    dgm_arena_reset(&arena, 1 << 20);
}

static void a_million_digits_cost_a_line_or_a_refusal(void)
{
    enum { N = 1000000 };
    dgm_slice long_one = run_of('9', N, ".5"), out;
    dgm_slice *terms = DGM_NEW(&arena, dgm_slice, N);
    for (size_t i = 0; i < N; i++) terms[i] = i ? text_of("0.5") : long_one;
    CU_ASSERT_EQUAL(dgm_decimal_sum(&arena, terms, N, &out), DGM_OK); /* 10^N - 0.5 + (N - 1) / 2 = 10^N + 499999 */
    CU_ASSERT_EQUAL(out.len, N + 1);
    TEST_TEXT(dgm_slice_part(out, out.len - 8, out.len), "00499999");
    CU_ASSERT_EQUAL(dgm_decimal_scale(&arena, long_one, 0, DGM_ROUND_HALF_UP, &out), DGM_OK);
    CU_ASSERT_EQUAL(out.len, N + 1);
    CU_ASSERT_EQUAL(dgm_decimal_multiply(&arena, long_one, text_of("2"), &out), DGM_OK);
    CU_ASSERT_EQUAL(out.len, N + 1);
    CU_ASSERT_EQUAL(dgm_decimal_multiply(&arena, long_one, long_one, &out), DGM_LIMIT);
    dgm_slice half = dgm_slice_part(long_one, 0, N / 2);
    CU_ASSERT_EQUAL(dgm_decimal_divide(&arena, long_one, half, 0, DGM_ROUND_DOWN, &out), DGM_LIMIT);
    dgm_arena_reset(&arena, 1 << 20);
}

/* ---- memory
 * ----------------------------------------------------------------------------------------------------------------------- */

static dgm_status decimal_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_arena a;
    dgm_arena_init(&a, mem);
    static char digits[6000];
    memset(digits, '7', sizeof digits);
    dgm_slice x = { digits, sizeof digits }, y = { digits, 2500 }, out;
    const dgm_slice terms[] = { x, y, x };
    dgm_status s = dgm_decimal_multiply(&a, x, y, &out);
    if (s == DGM_OK) s = dgm_decimal_divide(&a, out, y, 10, DGM_ROUND_HALF_EVEN, &out);
    if (s == DGM_OK) s = dgm_decimal_sum(&a, terms, 3, &out);
    if (s == DGM_OK) s = dgm_decimal_tally(&a, terms, 3, 2, &out);
    if (s == DGM_OK) s = dgm_decimal_scale(&a, x, 5000, DGM_ROUND_NONE, &out);
    if (s == DGM_OK) s = dgm_decimal_normal(&a, x, &out);
    if (s == DGM_OK) s = dgm_decimal_read(&a, x, '.', &out);
    dgm_arena_free(&a);
    return s;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(decimal_work, NULL) >= 5);
}

int main(void)
{
    static const test_case cases[] = {
        { "knows what a decimal is", knows_what_a_decimal_is },
        { "reads as it was sent", reads_as_it_was_sent },
        { "has one normal form", has_one_normal_form },
        { "counts digits as spelt", counts_digits_as_spelt },
        { "orders numbers", orders_numbers },
        { "rounds as named", rounds_as_named },
        { "divides by hand", divides_by_hand },
        { "sums by hand", sums_by_hand },
        { "agrees with integers", agrees_with_integers },
        { "keeps the laws of arithmetic", keeps_the_laws_of_arithmetic },
        { "holds ten thousand digits", holds_ten_thousand_digits },
        { "a million digits cost a line or a refusal", a_million_digits_cost_a_line_or_a_refusal },
        { "failing memory", failing_memory },
        { 0 },
    };
    dgm_arena_init(&arena, NULL);
    int failed = test_main("decimal", cases);
    dgm_arena_free(&arena);
    return failed;
}
