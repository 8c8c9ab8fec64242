/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8.c - checking and walking UTF-8 (RFC 3629: shortest form, no surrogates, nothing above U+10FFFF). Pure functions; any thread.
 */
#include "utf8.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

static bool ascii_32(const char *p)
{
    uint64_t w[4];
    memcpy(w, p, sizeof w);
    return ((w[0] | w[1] | w[2] | w[3]) & 0x8080808080808080u) == 0;
}

bool dgm_ascii(dgm_slice s)
{
    size_t i = 0;
    for (; s.len - i >= 32; i += 32)
        if (!ascii_32(s.at + i)) return false;
    unsigned any = 0;
    for (; i < s.len; i++) any |= (unsigned char)s.at[i];
    return any < 0x80;
}

/* Bytes of the well-formed character at p, of which `left` (at least 1) can be read; 0 when it is broken.
 * The ranges of the second byte are those of RFC 3629, section 4. */
static size_t sequence(const unsigned char *p, size_t left)
{
    unsigned c = p[0];
    if (c < 0x80) return 1;
    if (c < 0xC2 || c > 0xF4) return 0;
    size_t n = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (n > left) return 0;
    unsigned low = c == 0xE0 ? 0xA0 : c == 0xF0 ? 0x90 : 0x80;
    unsigned high = c == 0xED ? 0x9F : c == 0xF4 ? 0x8F : 0xBF;
    if (p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return n;
}

#if defined(__SSE2__)
static inline unsigned high_bits(const char *p)
{
    return (unsigned)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)p));
}

static inline bool ascii_64(const char *p)
{
    const __m128i *v = (const __m128i *)(const void *)p;
    __m128i any = _mm_or_si128(_mm_or_si128(_mm_loadu_si128(v), _mm_loadu_si128(v + 1)),
                               _mm_or_si128(_mm_loadu_si128(v + 2), _mm_loadu_si128(v + 3)));
    return _mm_movemask_epi8(any) == 0;
}

/* The first byte from i on that is not ASCII, or n. */
static inline size_t skip_ascii(const char *p, size_t i, size_t n)
{
    while (n - i >= 16) {
        unsigned high = high_bits(p + i);
        if (high) return i + (size_t)__builtin_ctz(high);
        i += 16;
        while (n - i >= 64 && ascii_64(p + i)) i += 64;
    }
    while (i < n && (unsigned char)p[i] < 0x80) i++;
    return i;
}
#else
/* How many of eight bytes come before the first that is not ASCII: 8 when all are. */
static size_t ascii_ahead(const char *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    w &= 0x8080808080808080u;
    if (!w) return 8;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return (size_t)__builtin_clzll(w) / 8;
#else
    return (size_t)__builtin_ctzll(w) / 8;
#endif
}

static inline size_t skip_ascii(const char *p, size_t i, size_t n)
{
    while (n - i >= 32 && ascii_32(p + i)) i += 32;
    while (n - i >= 8) {
        size_t ahead = ascii_ahead(p + i);
        i += ahead;
        if (ahead < 8) return i;
    }
    while (i < n && (unsigned char)p[i] < 0x80) i++;
    return i;
}
#endif

size_t dgm_utf8_check(dgm_slice s)
{
    size_t i = 0;
    while ((i = skip_ascii(s.at, i, s.len)) < s.len) {
        do {
            size_t n = sequence((const unsigned char *)s.at + i, s.len - i);
            if (!n) return i;
            i += n;
        } while (i < s.len && (unsigned char)s.at[i] >= 0x80);
    }
    return s.len;
}

size_t dgm_utf8_length(dgm_slice s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) n += ((unsigned char)s.at[i] & 0xC0) != 0x80;
    return n;
}

size_t dgm_utf8_head(dgm_slice s, size_t characters)
{
    if (s.len <= characters) return s.len;
    for (size_t i = 0; i < s.len; i++)
        if (((unsigned char)s.at[i] & 0xC0) != 0x80 && characters-- == 0) return i;
    return s.len;
}

dgm_rune dgm_utf8_next(dgm_slice s)
{
    if (!s.len) return (dgm_rune){ 0 };
    const unsigned char *p = (const unsigned char *)s.at;
    switch (sequence(p, s.len)) {
    case 1: return (dgm_rune){ p[0], 1 };
    case 2: return (dgm_rune){ (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu), 2 };
    case 3: return (dgm_rune){ (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu), 3 };
    case 4: return (dgm_rune){ (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu), 4 };
    default: return (dgm_rune){ 0xFFFD, 1 };
    }
}

size_t dgm_utf8_put(uint32_t point, char *out)
{
    unsigned char *p = (unsigned char *)out;
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) point = 0xFFFD;
    if (point < 0x80) {
        p[0] = (unsigned char)point;
        return 1;
    }
    if (point < 0x800) {
        p[0] = (unsigned char)(0xC0 | point >> 6);
        p[1] = (unsigned char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        p[0] = (unsigned char)(0xE0 | point >> 12);
        p[1] = (unsigned char)(0x80 | (point >> 6 & 0x3F));
        p[2] = (unsigned char)(0x80 | (point & 0x3F));
        return 3;
    }
    p[0] = (unsigned char)(0xF0 | point >> 18);
    p[1] = (unsigned char)(0x80 | (point >> 12 & 0x3F));
    p[2] = (unsigned char)(0x80 | (point >> 6 & 0x3F));
    p[3] = (unsigned char)(0x80 | (point & 0x3F));
    return 4;
}
