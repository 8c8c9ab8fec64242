/* SPDX-License-Identifier: Apache-2.0
 *
 * decimal.c - see decimal.h. Adding, comparing and scaling work on the digits as they stand, in time linear in the texts;
 * multiplying and dividing work on limbs of nine digits, as on paper, and refuse what would take more than WORK_MAX limb
 * products (two factors of 100,000 digits are fine). Pure functions; any thread.
 */
#include "decimal.h"

enum { LIMB = 1000000000, LIMB_DIGITS = 9, SCALE_MAX = 1000000, STACK_LIMBS = 64, STACK_DIGITS = 512 };
#define WORK_MAX ((uint64_t)150 * 1000 * 1000)

/* A number taken apart: no leading zeros in whole, no trailing zeros in fraction; zero has neither, and no sign. */
typedef struct number {
    bool negative;
    dgm_slice whole, fraction;
} number;

/* ---- spelling -------------------------------------------------------------------------------------------------------------- */

static size_t digits_at(dgm_slice s, size_t from)
{
    size_t i = from;
    while (i < s.len && s.at[i] >= '0' && s.at[i] <= '9') i++;
    return i - from;
}

static bool split(dgm_slice s, char mark, bool *negative, dgm_slice *whole, dgm_slice *fraction)
{
    size_t i = 0;
    *negative = s.len && s.at[0] == '-';
    i += *negative;
    size_t before = digits_at(s, i), behind = 0;
    *whole = dgm_slice_part(s, i, i + before);
    *fraction = (dgm_slice){ 0 };
    i += before;
    if (i < s.len && (mark ? s.at[i] == mark : s.at[i] == '.' || s.at[i] == ',')) {
        behind = digits_at(s, ++i);
        *fraction = dgm_slice_part(s, i, i + behind);
        i += behind;
    }
    return i == s.len && before + behind > 0;
}

static bool parse(dgm_slice s, number *n)
{
    if (!split(s, '.', &n->negative, &n->whole, &n->fraction)) return false;
    while (n->whole.len && n->whole.at[0] == '0') n->whole.at++, n->whole.len--;
    while (n->fraction.len && n->fraction.at[n->fraction.len - 1] == '0') n->fraction.len--;
    if (!n->whole.len && !n->fraction.len) n->negative = false;
    return true;
}

bool dgm_decimal_valid(dgm_slice text, char mark)
{
    bool negative;
    dgm_slice whole, fraction;
    return split(text, mark, &negative, &whole, &fraction);
}

/* [-]whole[.fraction] as told; an empty whole becomes "0", an empty fraction takes its mark with it. */
static dgm_status spell(dgm_arena *a, bool negative, dgm_slice whole, dgm_slice fraction, dgm_slice *out)
{
    if (!whole.len) whole = DGM_LITERAL("0");
    size_t len = (size_t)negative + whole.len + (fraction.len ? 1 + fraction.len : 0);
    char *p = DGM_NEW(a, char, len + 1);
    if (!p) return DGM_NOMEM;
    *out = (dgm_slice){ p, len };
    if (negative) *p++ = '-';
    memcpy(p, whole.at, whole.len);
    p += whole.len;
    if (fraction.len) {
        *p++ = '.';
        memcpy(p, fraction.at, fraction.len);
    }
    return DGM_OK;
}

/* The number whose digits these are, the last `scale` of them behind the mark (len >= scale). */
static dgm_status spell_digits(dgm_arena *a, bool negative, dgm_slice digits, size_t scale, bool keep_scale, dgm_slice *out)
{
    dgm_slice whole = dgm_slice_part(digits, 0, digits.len - scale);
    dgm_slice fraction = dgm_slice_part(digits, digits.len - scale, digits.len);
    size_t kept = fraction.len;
    while (whole.len && whole.at[0] == '0') whole.at++, whole.len--;
    while (fraction.len && fraction.at[fraction.len - 1] == '0') fraction.len--;
    if (!whole.len && !fraction.len) negative = false;
    if (keep_scale) fraction.len = kept;
    return spell(a, negative, whole, fraction, out);
}

dgm_status dgm_decimal_read(dgm_arena *a, dgm_slice text, char mark, dgm_slice *out)
{
    bool negative;
    dgm_slice whole, fraction;
    if (!split(text, mark, &negative, &whole, &fraction)) return DGM_INVALID;
    return spell(a, negative, whole, fraction, out);
}

dgm_status dgm_decimal_normal(dgm_arena *a, dgm_slice text, dgm_slice *out)
{
    number n;
    if (!parse(text, &n)) return DGM_INVALID;
    return spell(a, n.negative, n.whole, n.fraction, out);
}

void dgm_decimal_digits(dgm_slice x, uint32_t *before, uint32_t *behind)
{
    bool negative;
    dgm_slice whole, fraction;
    split(x, 0, &negative, &whole, &fraction);
    *before = whole.len < UINT32_MAX ? (uint32_t)whole.len : UINT32_MAX;
    *behind = fraction.len < UINT32_MAX ? (uint32_t)fraction.len : UINT32_MAX;
}

/* ---- compare, add ---------------------------------------------------------------------------------------------------------- */

static int sign_of(int c)
{
    return (c > 0) - (c < 0);
}

int dgm_decimal_compare(dgm_slice x, dgm_slice y)
{
    number a, b;
    bool known_a = parse(x, &a), known_b = parse(y, &b);
    if (!known_a || !known_b) return (int)known_a - (int)known_b;
    if (a.negative != b.negative) return a.negative ? -1 : 1;
    int c = a.whole.len != b.whole.len ? (a.whole.len > b.whole.len ? 1 : -1) : dgm_slice_compare(a.whole, b.whole);
    if (c == 0) c = dgm_slice_compare(a.fraction, b.fraction); /* no trailing zeros: the order of bytes is the order of numbers */
    return sign_of(a.negative ? -c : c);
}

/* Adds a number to `sum`, whose digit i stands for 10^(i - scale). A carry runs on only as far as there are nines, so that a long
 * sum and many short terms together cost what their digits cost. */
static void accumulate(uint8_t *sum, size_t scale, const number *n)
{
    size_t i = scale - n->fraction.len;
    unsigned carry = 0;
    for (size_t k = n->fraction.len; k-- > 0; i++) {
        unsigned d = sum[i] + (unsigned)(n->fraction.at[k] - '0') + carry;
        carry = d >= 10;
        sum[i] = (uint8_t)(carry ? d - 10 : d);
    }
    for (size_t k = n->whole.len; k-- > 0; i++) {
        unsigned d = sum[i] + (unsigned)(n->whole.at[k] - '0') + carry;
        carry = d >= 10;
        sum[i] = (uint8_t)(carry ? d - 10 : d);
    }
    for (; carry; i++) {
        carry = sum[i] == 9;
        sum[i] = (uint8_t)(carry ? 0 : sum[i] + 1);
    }
}

/* big -= small; big is the larger, both have `width` digits. */
static void take_away(uint8_t *big, const uint8_t *small, size_t width)
{
    unsigned borrow = 0;
    for (size_t i = 0; i < width; i++) {
        unsigned minus = small[i] + borrow;
        borrow = big[i] < minus;
        big[i] = (uint8_t)(big[i] + (borrow ? 10u : 0u) - minus);
    }
}

/* The sum of n terms, of which those from `flip` on are taken away. keep: zeros behind the mark count as digits. */
static dgm_status total(dgm_arena *a, const dgm_slice *terms, size_t n, size_t flip, bool keep, dgm_slice *out)
{
    size_t whole = 0, scale = 0;
    number x;
    for (size_t i = 0; i < n; i++) {
        uint32_t before, behind = 0;
        if (!parse(terms[i], &x)) return DGM_INVALID;
        if (keep) dgm_decimal_digits(terms[i], &before, &behind);
        if (x.whole.len > whole) whole = x.whole.len;
        if (x.fraction.len > scale) scale = x.fraction.len;
        if (behind > scale) scale = behind;
    }
    size_t width = whole + scale + 1;
    for (size_t k = n; k > 0; k /= 10) width++; /* n terms add at most as many digits as n has */
    uint8_t stack[2 * STACK_DIGITS];
    uint8_t *plus = stack;
    if (width <= STACK_DIGITS)
        memset(stack, 0, 2 * width);
    else if (!(plus = DGM_NEW(a, uint8_t, 2 * width)))
        return DGM_NOMEM;
    uint8_t *minus = plus + width;
    for (size_t i = 0; i < n; i++) {
        parse(terms[i], &x);
        accumulate(x.negative == (i < flip) ? minus : plus, scale, &x);
    }
    size_t top = width;
    while (top > 0 && plus[top - 1] == minus[top - 1]) top--;
    bool negative = top > 0 && minus[top - 1] > plus[top - 1];
    uint8_t *big = negative ? minus : plus;
    take_away(big, negative ? plus : minus, width);
    for (size_t i = 0, j = width - 1; i < j; i++, j--) {
        uint8_t d = big[i];
        big[i] = big[j];
        big[j] = d;
    }
    for (size_t i = 0; i < width; i++) big[i] = (uint8_t)(big[i] + '0');
    return spell_digits(a, negative, (dgm_slice){ (const char *)big, width }, scale, keep, out);
}

dgm_status dgm_decimal_add(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out)
{
    const dgm_slice terms[] = { x, y };
    return total(a, terms, 2, 2, false, out);
}

dgm_status dgm_decimal_subtract(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out)
{
    const dgm_slice terms[] = { x, y };
    return total(a, terms, 2, 1, false, out);
}

dgm_status dgm_decimal_sum(dgm_arena *a, const dgm_slice *terms, size_t n, dgm_slice *out)
{
    return total(a, terms, n, n, false, out);
}

dgm_status dgm_decimal_tally(dgm_arena *a, const dgm_slice *terms, size_t n, size_t minus, dgm_slice *out)
{
    return total(a, terms, n, minus, true, out);
}

/* ---- limbs: nine digits each, the least significant first ------------------------------------------------------------------- */

static size_t limbs_for(size_t digits)
{
    return digits / LIMB_DIGITS + 1;
}

/* Scratch: on the stack when it fits, else in the arena; zeroed. */
static uint32_t *limbs_room(dgm_arena *a, uint32_t *stack, size_t count)
{
    if (count > STACK_LIMBS) return DGM_NEW(a, uint32_t, count);
    memset(stack, 0, count * sizeof *stack);
    return stack;
}

static size_t trimmed(const uint32_t *limbs, size_t count)
{
    while (count > 0 && limbs[count - 1] == 0) count--;
    return count;
}

/* The digits of n without its mark, times 10^shift, added into zeroed limbs; gives their number. */
static size_t to_limbs(const number *n, size_t shift, uint32_t *limbs)
{
    static const uint32_t power[LIMB_DIGITS] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000 };
    size_t at = shift;
    for (size_t k = n->fraction.len; k-- > 0; at++)
        limbs[at / LIMB_DIGITS] += (uint32_t)(n->fraction.at[k] - '0') * power[at % LIMB_DIGITS];
    for (size_t k = n->whole.len; k-- > 0; at++)
        limbs[at / LIMB_DIGITS] += (uint32_t)(n->whole.at[k] - '0') * power[at % LIMB_DIGITS];
    return trimmed(limbs, limbs_for(at));
}

static dgm_status spell_limbs(dgm_arena *a, bool negative, const uint32_t *limbs, size_t count, size_t scale, bool keep_scale,
                              dgm_slice *out)
{
    size_t shown = limbs_for(scale) > count ? limbs_for(scale) : count;
    size_t len = shown * LIMB_DIGITS;
    char stack[STACK_DIGITS];
    char *digits = len <= sizeof stack ? stack : DGM_NEW(a, char, len);
    if (!digits) return DGM_NOMEM;
    for (size_t i = 0; i < shown; i++) {
        uint32_t limb = i < count ? limbs[i] : 0;
        for (size_t k = 0; k < LIMB_DIGITS; k++, limb /= 10) digits[len - 1 - i * LIMB_DIGITS - k] = (char)('0' + limb % 10);
    }
    return spell_digits(a, negative, (dgm_slice){ digits, len }, scale, keep_scale, out);
}

/* ---- multiply -------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_decimal_multiply(dgm_arena *a, dgm_slice x, dgm_slice y, dgm_slice *out)
{
    number n, m;
    if (!parse(x, &n) || !parse(y, &m)) return DGM_INVALID;
    size_t room_n = limbs_for(n.whole.len + n.fraction.len), room_m = limbs_for(m.whole.len + m.fraction.len);
    if ((uint64_t)room_n > WORK_MAX / room_m) return DGM_LIMIT;
    uint32_t stack_n[STACK_LIMBS], stack_m[STACK_LIMBS], stack_p[STACK_LIMBS];
    uint32_t *ln = limbs_room(a, stack_n, room_n);
    uint32_t *lm = limbs_room(a, stack_m, room_m);
    uint32_t *p = limbs_room(a, stack_p, room_n + room_m);
    if (!ln || !lm || !p) return DGM_NOMEM;
    size_t count_n = to_limbs(&n, 0, ln), count_m = to_limbs(&m, 0, lm);
    for (size_t i = 0; i < count_n; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < count_m; j++) {
            uint64_t t = (uint64_t)ln[i] * lm[j] + p[i + j] + carry;
            p[i + j] = (uint32_t)(t % LIMB);
            carry = t / LIMB;
        }
        p[i + count_m] = (uint32_t)carry;
    }
    size_t count = trimmed(p, room_n + room_m);
    return spell_limbs(a, n.negative != m.negative, p, count, n.fraction.len + m.fraction.len, false, out);
}

/* ---- divide ---------------------------------------------------------------------------------------------------------------- */

static void times_small(uint32_t *limbs, size_t count, uint32_t factor)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t t = (uint64_t)limbs[i] * factor + carry;
        limbs[i] = (uint32_t)(t % LIMB);
        carry = t / LIMB;
    }
}

/* u[0..n] -= q * v[0..n-1]; when that goes below zero, q was one too large: v is added again. Gives the right q. */
static uint32_t subtract_row(uint32_t *u, const uint32_t *v, size_t n, uint32_t q)
{
    uint64_t carry = 0;
    uint32_t borrow = 0;
    for (size_t i = 0; i <= n; i++) {
        uint64_t t = carry + (i < n ? (uint64_t)v[i] * q : 0);
        carry = t / LIMB;
        uint32_t minus = (uint32_t)(t % LIMB) + borrow;
        borrow = u[i] < minus;
        u[i] = u[i] + (borrow ? (uint32_t)LIMB : 0u) - minus;
    }
    if (!borrow) return q;
    uint32_t up = 0;
    for (size_t i = 0; i <= n; i++) {
        uint32_t t = u[i] + (i < n ? v[i] : 0) + up;
        up = t >= LIMB;
        u[i] = up ? t - LIMB : t;
    }
    return q - 1;
}

/* Long division (Knuth, The Art of Computer Programming, 4.3.1, algorithm D) of u (count limbs and a zero one above) by v (n limbs,
 * the top one not zero). q gets count - n + 1 limbs; u keeps the remainder, and u and v are left multiplied by the same factor. */
static void long_divide(uint32_t *u, size_t count, uint32_t *v, size_t n, uint32_t *q)
{
    uint32_t factor = (uint32_t)LIMB / (v[n - 1] + 1);
    times_small(u, count + 1, factor);
    times_small(v, n, factor);
    for (size_t j = count - n + 1; j-- > 0;) {
        uint64_t top = (uint64_t)u[j + n] * LIMB + u[j + n - 1];
        uint64_t guess = top / v[n - 1], rest = top % v[n - 1];
        while (guess >= LIMB || (n > 1 && guess * v[n - 2] > rest * LIMB + u[j + n - 2])) {
            guess--;
            rest += v[n - 1];
            if (rest >= LIMB) break;
        }
        q[j] = subtract_row(u + j, v, n, (uint32_t)guess);
    }
}

/* Twice r against v: negative, zero, positive. r has n + 1 limbs, the top one zero, and is doubled. */
static int compare_half(uint32_t *r, const uint32_t *v, size_t n)
{
    times_small(r, n + 1, 2);
    if (r[n]) return 1;
    for (size_t i = n; i-- > 0;)
        if (r[i] != v[i]) return r[i] > v[i] ? 1 : -1;
    return 0;
}

static bool rounds_up(dgm_rounding rounding, int half, bool odd)
{
    switch (rounding) {
    case DGM_ROUND_HALF_UP: return half >= 0;
    case DGM_ROUND_HALF_EVEN: return half > 0 || (half == 0 && odd);
    case DGM_ROUND_NONE:
    case DGM_ROUND_DOWN: break;
    }
    return false;
}

dgm_status dgm_decimal_divide(dgm_arena *a, dgm_slice x, dgm_slice y, uint32_t scale, dgm_rounding rounding, dgm_slice *out)
{
    number n, m;
    if (!parse(x, &n) || !parse(y, &m)) return DGM_INVALID;
    if (scale > SCALE_MAX) return DGM_LIMIT;
    /* x / y = N / M * 10^(fraction of y - fraction of x), and the quotient is wanted times 10^scale. */
    size_t up = scale + m.fraction.len, down = n.fraction.len;
    size_t shift_n = up > down ? up - down : 0, shift_m = down > up ? down - up : 0;
    size_t room_n = limbs_for(n.whole.len + n.fraction.len + shift_n), room_m = limbs_for(m.whole.len + m.fraction.len + shift_m);
    uint32_t stack_u[STACK_LIMBS], stack_v[STACK_LIMBS], stack_q[STACK_LIMBS];
    uint32_t *u = limbs_room(a, stack_u, room_n + room_m + 2);
    uint32_t *v = limbs_room(a, stack_v, room_m);
    uint32_t *q = limbs_room(a, stack_q, room_n + 2);
    if (!u || !v || !q) return DGM_NOMEM;
    size_t count = to_limbs(&n, shift_n, u), width = to_limbs(&m, shift_m, v);
    if (!width) return DGM_INVALID;   /* y is zero */
    if (count < width) count = width; /* zeros above: the quotient is then a single limb of 0 */
    if ((uint64_t)(count - width + 1) > WORK_MAX / width) return DGM_LIMIT;
    long_divide(u, count, v, width, q);
    if (trimmed(u, width)) {
        if (rounding == DGM_ROUND_NONE) return DGM_INVALID;
        if (rounds_up(rounding, compare_half(u, v, width), q[0] & 1))
            for (size_t i = 0; ++q[i] == LIMB; i++) q[i] = 0;
    }
    return spell_limbs(a, n.negative != m.negative, q, trimmed(q, room_n + 2), scale, true, out);
}

/* ---- scale ----------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_decimal_scale(dgm_arena *a, dgm_slice x, uint32_t scale, dgm_rounding rounding, dgm_slice *out)
{
    number n;
    if (!parse(x, &n)) return DGM_INVALID;
    if (scale > SCALE_MAX) return DGM_LIMIT;
    size_t kept = n.fraction.len < scale ? n.fraction.len : scale;
    if (kept < n.fraction.len && rounding == DGM_ROUND_NONE) return DGM_INVALID;
    size_t len = 1 + n.whole.len + scale; /* a 0 in front for what rounding may carry */
    char *digits = DGM_NEW(a, char, len);
    if (!digits) return DGM_NOMEM;
    memset(digits, '0', len);
    if (n.whole.len) memcpy(digits + 1, n.whole.at, n.whole.len);
    if (kept) memcpy(digits + 1 + n.whole.len, n.fraction.at, kept);
    if (kept < n.fraction.len) {
        /* No trailing zeros: a single 5 is the half exactly, and a 5 with more behind it is above. */
        char first = n.fraction.at[kept];
        int half = first != '5' ? sign_of(first - '5') : n.fraction.len - kept > 1;
        if (rounds_up(rounding, half, (digits[len - 1] - '0') & 1)) {
            size_t i = len - 1;
            for (; digits[i] == '9'; i--) digits[i] = '0';
            digits[i]++;
        }
    }
    return spell_digits(a, n.negative, (dgm_slice){ digits, len }, scale, true, out);
}
