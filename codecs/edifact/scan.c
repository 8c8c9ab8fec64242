/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.c - see scan.h. Service characters: ISO 9735:1988, 5 and annex A. Each way of scanning is made twice of one text, with and
 * without repetition separators, which only version 4 has. Pure functions; any thread.
 */
#include "scan.h"

/* Printable bytes that level B lacks, as ranges; level A lacks the last one too (ISO 9735:1988, 5.1 and 5.2). */
static const unsigned char outside[5][2] = { { '#', '$' }, { '@', '@' }, { '[', '`' }, { '{', '~' }, { 'a', 'z' } };

static size_t outside_count(dgm_edi_repertoire r)
{
    return r == DGM_EDI_REPERTOIRE_A ? 5 : r == DGM_EDI_REPERTOIRE_B ? 4 : 0;
}

void dgm_edi_alphabet_make(dgm_edi_alphabet *a, const char *characters, bool has_release, dgm_edi_repertoire repertoire)
{
    *a = (dgm_edi_alphabet){ .component = (unsigned char)characters[0],
                             .element = (unsigned char)characters[1],
                             .release = (unsigned char)characters[2],
                             .terminator = (unsigned char)characters[3],
                             .has_release = has_release,
                             .repertoire = repertoire,
                             .made_of = repertoire };
    for (unsigned i = 0; i < 256; i++) a->kind[i] = i < 0x20 || i > 0x7E ? DGM_EDI_KIND_ODD : 0;
    for (size_t r = 0; r < outside_count(repertoire); r++)
        for (unsigned i = outside[r][0]; i <= outside[r][1]; i++) a->kind[i] = DGM_EDI_KIND_ODD;
    a->kind[a->component] = DGM_EDI_KIND_COMPONENT;
    a->kind[a->element] = DGM_EDI_KIND_ELEMENT;
    if (has_release) a->kind[a->release] = DGM_EDI_KIND_RELEASE;
    a->kind[a->terminator] = DGM_EDI_KIND_TERMINATOR;
    for (unsigned c = 0; c < 0x80; c++)
        if (!(a->kind[c] & DGM_EDI_KIND_ODD)) a->plain_low[c & 15] |= (unsigned char)(1u << (c >> 4));
}

void dgm_edi_alphabet_repeat(dgm_edi_alphabet *a, char repetition)
{
    unsigned c = (unsigned char)repetition;
    a->repetition = (unsigned char)c;
    a->has_repetition = true;
    a->kind[c] = DGM_EDI_KIND_REPETITION;
    if (c < 0x80) a->plain_low[c & 15] |= (unsigned char)(1u << (c >> 4));
}

#define INLINE static inline __attribute__((always_inline))
/* NAME, from the function of the same name with _with behind it. */
#define SCAN(target, name)                                                                                                         \
    target static void name(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out)                           \
    {                                                                                                                              \
        if (a->has_repetition)                                                                                                     \
            name##_with(at, blocks, a, out, true);                                                                                 \
        else                                                                                                                       \
            name##_with(at, blocks, a, out, false);                                                                                \
    }

void dgm_edi_scan_plain(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out)
{
    for (size_t b = 0; b < blocks; b++, at += DGM_EDI_BLOCK) {
        dgm_edi_bits bits = { 0 };
        for (unsigned i = 0; i < DGM_EDI_BLOCK; i++) {
            unsigned char c = (unsigned char)at[i];
            uint64_t kind = a->kind[c];
            bits.terminator |= (kind & 1) << i;
            bits.separator |= (uint64_t)((kind & 7) != 0) << i;
            bits.release |= (kind >> 3 & 1) << i;
            bits.odd |= (kind >> 4) << i;
            bits.high |= (uint64_t)(c >> 7) << i;
        }
        bits.count = (uint64_t)__builtin_popcountll(bits.separator);
        out[b] = bits;
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

/* All bytes that lie in [first, last], unsigned. */
static inline __m128i within16(__m128i v, unsigned first, unsigned last)
{
    __m128i moved = _mm_sub_epi8(v, _mm_set1_epi8((char)first));
    return _mm_cmpeq_epi8(_mm_min_epu8(moved, _mm_set1_epi8((char)(last - first))), moved);
}

static inline uint64_t mask16(__m128i v)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(v);
}

INLINE void scan_sse2_with(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out, const bool repetitions)
{
    const __m128i repetition = _mm_set1_epi8((char)a->repetition);
    const __m128i terminator = _mm_set1_epi8((char)a->terminator), element = _mm_set1_epi8((char)a->element);
    const __m128i component = _mm_set1_epi8((char)a->component), release = _mm_set1_epi8((char)a->release);
    const __m128i wanted = _mm_set1_epi8(a->has_release ? -1 : 0);
    const size_t ranges = outside_count(a->repertoire);
    for (size_t b = 0; b < blocks; b++, at += DGM_EDI_BLOCK) {
        dgm_edi_bits bits = { 0 };
        for (unsigned i = 0; i < DGM_EDI_BLOCK; i += 16) {
            __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
            __m128i t = _mm_cmpeq_epi8(v, terminator), r = _mm_and_si128(_mm_cmpeq_epi8(v, release), wanted);
            __m128i s = _mm_or_si128(t, _mm_or_si128(_mm_cmpeq_epi8(v, element), _mm_cmpeq_epi8(v, component)));
            if (repetitions) s = _mm_or_si128(s, _mm_cmpeq_epi8(v, repetition));
            __m128i plain = within16(v, 0x20, 0x7E);
            for (size_t k = 0; k < ranges; k++) plain = _mm_andnot_si128(within16(v, outside[k][0], outside[k][1]), plain);
            bits.terminator |= mask16(t) << i;
            bits.separator |= mask16(s) << i;
            bits.release |= mask16(r) << i;
            bits.odd |= (mask16(_mm_or_si128(plain, _mm_or_si128(s, r))) ^ 0xFFFF) << i;
            bits.high |= mask16(v) << i;
        }
        bits.count = (uint64_t)__builtin_popcountll(bits.separator);
        out[b] = bits;
    }
}
SCAN(, scan_sse2)

typedef struct half_bits {
    uint32_t terminator, separator, release, odd, high;
} half_bits;

#define AVX2 __attribute__((target("avx2,popcnt")))

AVX2 INLINE uint32_t mask32(__m256i v)
{
    return (uint32_t)_mm256_movemask_epi8(v);
}

AVX2 INLINE void scan_avx2_with(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out, const bool repetitions)
{
    const __m256i repetition = _mm256_set1_epi8((char)a->repetition);
    const __m256i terminator = _mm256_set1_epi8((char)a->terminator), element = _mm256_set1_epi8((char)a->element);
    const __m256i component = _mm256_set1_epi8((char)a->component), release = _mm256_set1_epi8((char)a->release);
    const uint32_t wanted = a->has_release ? UINT32_MAX : 0;
    /* Two look-ups, one by each half of a byte, tell whether it is plain. A byte from 0x80 on gives 0. */
    const __m256i by_low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)a->plain_low));
    const __m256i by_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i nibble = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
    /* Service characters from 0x80 on are not in the tables, yet never odd. */
    const bool ascii =
        ((a->terminator | a->element | a->component | (a->has_release ? a->release : 0) | (repetitions ? a->repetition : 0)) &
         0x80) == 0;
    for (size_t b = 0; b < blocks; b++, at += DGM_EDI_BLOCK) {
        half_bits half[2];
        for (unsigned i = 0; i < 2; i++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32 * i));
            __m256i t = _mm256_cmpeq_epi8(v, terminator);
            __m256i s = _mm256_or_si256(t, _mm256_or_si256(_mm256_cmpeq_epi8(v, element), _mm256_cmpeq_epi8(v, component)));
            if (repetitions) s = _mm256_or_si256(s, _mm256_cmpeq_epi8(v, repetition));
            __m256i low = _mm256_shuffle_epi8(by_low, v);
            __m256i high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));
            half[i].terminator = mask32(t);
            half[i].separator = mask32(s);
            half[i].release = mask32(_mm256_cmpeq_epi8(v, release)) & wanted;
            half[i].odd = mask32(_mm256_cmpeq_epi8(_mm256_and_si256(low, high), zero));
            half[i].high = mask32(v);
            if (!ascii) half[i].odd &= ~(half[i].separator | half[i].release);
        }
        out[b] = (dgm_edi_bits){
            .terminator = half[0].terminator | (uint64_t)half[1].terminator << 32,
            .separator = half[0].separator | (uint64_t)half[1].separator << 32,
            .release = half[0].release | (uint64_t)half[1].release << 32,
            .odd = half[0].odd | (uint64_t)half[1].odd << 32,
            .high = half[0].high | (uint64_t)half[1].high << 32,
            .count = (uint64_t)(__builtin_popcount(half[0].separator) + __builtin_popcount(half[1].separator)),
        };
    }
}

SCAN(AVX2, scan_avx2)

#define AVX512 __attribute__((target("avx512f,avx512bw,popcnt")))

AVX512 INLINE void scan_avx512_with(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out,
                                    const bool repetitions)
{
    const __m512i repetition = _mm512_set1_epi8((char)a->repetition);
    const __m512i terminator = _mm512_set1_epi8((char)a->terminator), element = _mm512_set1_epi8((char)a->element);
    const __m512i component = _mm512_set1_epi8((char)a->component), release = _mm512_set1_epi8((char)a->release);
    const uint64_t wanted = a->has_release ? UINT64_MAX : 0;
    /* As for AVX2. */
    const __m512i by_low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)a->plain_low));
    const __m512i by_high = _mm512_broadcast_i32x4(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m512i nibble = _mm512_set1_epi8(15);
    for (size_t b = 0; b < blocks; b++, at += DGM_EDI_BLOCK) {
        __m512i v = _mm512_loadu_si512(at);
        uint64_t t = _mm512_cmpeq_epi8_mask(v, terminator), r = _mm512_cmpeq_epi8_mask(v, release) & wanted;
        uint64_t s = t | _mm512_cmpeq_epi8_mask(v, element) | _mm512_cmpeq_epi8_mask(v, component);
        if (repetitions) s |= _mm512_cmpeq_epi8_mask(v, repetition);
        __m512i low = _mm512_shuffle_epi8(by_low, v);
        __m512i high = _mm512_shuffle_epi8(by_high, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble));
        out[b] = (dgm_edi_bits){ .terminator = t,
                                 .separator = s,
                                 .release = r,
                                 .odd = _mm512_testn_epi8_mask(low, high) & ~(s | r),
                                 .high = _mm512_movepi8_mask(v),
                                 .count = (uint64_t)__builtin_popcountll(s) };
    }
}
SCAN(AVX512, scan_avx512)

#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>

/* Bit i of the answer is the highest bit of byte i: each byte keeps one bit of its own, and neighbours are added up. */
INLINE uint64_t mask64(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t weights[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
    const uint8x16_t weight = vld1q_u8(weights);
    uint8x16_t low = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    uint8x16_t high = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    low = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

INLINE void scan_neon_with(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out, const bool repetitions)
{
    const uint8x16_t terminator = vdupq_n_u8(a->terminator), element = vdupq_n_u8(a->element);
    const uint8x16_t component = vdupq_n_u8(a->component), release = vdupq_n_u8(a->release);
    const uint8x16_t repetition = vdupq_n_u8(a->repetition), low_half = vdupq_n_u8(15), ascii = vdupq_n_u8(0x7F);
    const uint64_t wanted = a->has_release ? UINT64_MAX : 0;
    /* As for AVX2; a number past the table gives 0. */
    static const uint8_t powers[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0 };
    const uint8x16_t by_low = vld1q_u8(a->plain_low), by_high = vld1q_u8(powers);
    for (size_t b = 0; b < blocks; b++, at += DGM_EDI_BLOCK) {
        uint8x16_t t[4], s[4], r[4], plain[4], high[4];
        for (unsigned i = 0; i < 4; i++) {
            uint8x16_t v = vld1q_u8((const uint8_t *)at + 16 * i);
            t[i] = vceqq_u8(v, terminator);
            s[i] = vorrq_u8(t[i], vorrq_u8(vceqq_u8(v, element), vceqq_u8(v, component)));
            if (repetitions) s[i] = vorrq_u8(s[i], vceqq_u8(v, repetition));
            r[i] = vceqq_u8(v, release);
            plain[i] = vtstq_u8(vqtbl1q_u8(by_low, vandq_u8(v, low_half)), vqtbl1q_u8(by_high, vshrq_n_u8(v, 4)));
            high[i] = vcgtq_u8(v, ascii);
        }
        dgm_edi_bits bits = { .terminator = mask64(t[0], t[1], t[2], t[3]),
                              .separator = mask64(s[0], s[1], s[2], s[3]),
                              .release = mask64(r[0], r[1], r[2], r[3]) & wanted,
                              .high = mask64(high[0], high[1], high[2], high[3]) };
        bits.odd = ~(mask64(plain[0], plain[1], plain[2], plain[3]) | bits.separator | bits.release);
        bits.count = (uint64_t)__builtin_popcountll(bits.separator);
        out[b] = bits;
    }
}
SCAN(, scan_neon)
#endif

dgm_edi_scan *dgm_edi_scan_at(size_t i, const char **name)
{
#if defined(__aarch64__)
    static const char *const names[] = { "plain", "neon", NULL, NULL };
#else
    static const char *const names[] = { "plain", "sse2", "avx2", "avx512" };
#endif
    if (name) *name = i < 4 ? names[i] : NULL;
    if (i == 0) return dgm_edi_scan_plain;
#if defined(__x86_64__)
    if (i == 1) return scan_sse2;
    if (i == 2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt")) return scan_avx2;
    if (i == 3 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2") && dgm_edi_scan_at(2, NULL))
        return scan_avx512;
#elif defined(__aarch64__) && defined(__ARM_NEON)
    if (i == 1) return scan_neon;
#endif
    return NULL;
}

dgm_edi_scan *dgm_edi_scan_best(void)
{
    dgm_edi_scan *best = dgm_edi_scan_plain;
    for (size_t i = 1; i < 4; i++) {
        dgm_edi_scan *wider = dgm_edi_scan_at(i, NULL);
        if (wider) best = wider;
    }
    return best;
}
