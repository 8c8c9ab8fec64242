/* SPDX-License-Identifier: Apache-2.0
 *
 * digits.h - the digits of a short number at one look (ISO 9735:1988, 10.1). Pure functions; any thread.
 */
#ifndef DGM_EDI_DIGITS_H
#define DGM_EDI_DIGITS_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <emmintrin.h>

/* Digits of a number of 1 to 16 bytes, of which 16 can be read; 0 when it is none or there is something to say about it. Sign and
 * one decimal mark, which has a digit on either side, do not count. bad: the mark that may not stand there, or 0. */
static inline uint32_t dgm_edi_digits16(const char *at, uint32_t len, char bad)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at), d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    uint32_t digit = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
    __m128i m = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('.')), _mm_cmpeq_epi8(v, _mm_set1_epi8(',')));
    uint32_t inside = (1u << len) - 1, mark = (uint32_t)_mm_movemask_epi8(m) & inside, minus = at[0] == '-';
    uint32_t wrong = (~(digit | mark | minus) & inside) | (mark & (mark - 1));
    if (wrong || (mark && (at[__builtin_ctz(mark)] == bad || !(mark & digit << 1 & (digit & inside) >> 1)))) return 0;
    return len - (mark != 0) - minus;
}

/* Is there a digit among 1 to 16 bytes, of which 16 can be read? */
static inline bool dgm_edi_any_digit16(const char *at, uint32_t len)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at), d = _mm_sub_epi8(v, _mm_set1_epi8('0'));
    uint32_t digit = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(d, _mm_set1_epi8(9)), d));
    return digit & ((1u << len) - 1);
}
#else
static inline uint32_t dgm_edi_digits16(const char *at, uint32_t len, char bad)
{
    uint32_t digits = 0, marks = 0;
    for (uint32_t i = at[0] == '-'; i < len; i++) {
        if (at[i] == bad && bad)
            return 0;
        else if (at[i] == '.' || at[i] == ',') {
            if (digits == 0 || i + 1 == len || at[i + 1] < '0' || at[i + 1] > '9') return 0;
            marks++;
        } else if (at[i] < '0' || at[i] > '9')
            return 0;
        else
            digits++;
    }
    return marks <= 1 ? digits : 0;
}

static inline bool dgm_edi_any_digit16(const char *at, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        if (at[i] >= '0' && at[i] <= '9') return true;
    return false;
}
#endif

#endif
