/* SPDX-License-Identifier: Apache-2.0
 *
 * planes.c - see planes.h. Pure functions; any thread.
 */
#include "planes.h"

uint32_t dgm_flat_set_of(dgm_flat_sets *sets, const uint32_t *bits)
{
    unsigned char low[16] = { 0 };
    for (unsigned c = 0; c < 128; c++)
        if (bits[c >> 5] >> (c & 31) & 1) low[c & 15] |= (unsigned char)(1u << (c >> 4));
    for (uint32_t k = 0; k < sets->count; k++)
        if (memcmp(sets->low[k], low, sizeof low) == 0) return k;
    if (sets->count == DGM_FLAT_PLANES_MAX) return DGM_FLAT_PLANES_MAX;
    memcpy(sets->low[sets->count], low, sizeof low);
    for (unsigned c = 0; c < 128; c++)
        if (low[c & 15] >> (c >> 4) & 1) sets->of[c] |= (uint16_t)(1u << sets->count);
    return sets->count++;
}

uint32_t dgm_flat_set_of_byte(dgm_flat_sets *sets, char c)
{
    uint32_t bits[8] = { 0 };
    bits[(unsigned char)c >> 5] = 1u << ((unsigned char)c & 31);
    return dgm_flat_set_of(sets, bits);
}

/* Bit c of byte r becomes bit r of byte c. */
static inline uint64_t turned(uint64_t m)
{
    uint64_t t = (m ^ m >> 7) & 0x00AA00AA00AA00AAu;
    m ^= t ^ t << 7;
    t = (m ^ m >> 14) & 0x0000CCCC0000CCCCu;
    m ^= t ^ t << 14;
    t = (m ^ m >> 28) & 0x00000000F0F0F0F0u;
    return m ^ t ^ t << 28;
}

void dgm_flat_look_plain(const char *at, size_t blocks, const dgm_flat_sets *sets, uint64_t *out, size_t stride)
{
    const uint32_t high = sets->count;
    for (size_t b = 0; b < blocks; b++, at += DGM_FLAT_BLOCK) {
        uint64_t found[DGM_FLAT_PLANES_MAX + 1] = { 0 };
        for (unsigned i = 0; i < DGM_FLAT_BLOCK; i += 8) {
            uint64_t first = 0, second = 0; /* of eight bytes: the first eight sets of each, and the others */
            for (unsigned k = 0; k < 8; k++) {
                unsigned char c = (unsigned char)at[i + k];
                uint32_t in = c < 0x80 ? sets->of[c] : 1u << high;
                first |= (uint64_t)(in & 0xFF) << 8 * k;
                second |= (uint64_t)(in >> 8) << 8 * k;
            }
            first = turned(first);
            second = turned(second);
            for (unsigned k = 0; k <= high; k++) found[k] |= ((k < 8 ? first >> 8 * k : second >> 8 * (k - 8)) & 0xFF) << i;
        }
        for (unsigned k = 0; k <= high; k++) out[k * stride + b] = found[k];
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

/* Two look-ups, one by each half of a byte, tell whether it is in a set. A byte from 0x80 on gives 0 in both. */
__attribute__((target("avx2"))) static void look_avx2(const char *at, size_t blocks, const dgm_flat_sets *sets, uint64_t *out,
                                                      size_t stride)
{
    const __m256i by_high = _mm256_broadcastsi128_si256(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i nibble = _mm256_set1_epi8(15), zero = _mm256_setzero_si256();
    for (size_t b = 0; b < blocks; b++, at += DGM_FLAT_BLOCK) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)at);
        __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));
        __m256i v_high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(v, 4), nibble));
        __m256i w_high = _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(w, 4), nibble));
        uint32_t k = 0;
        for (; k < sets->count; k++) {
            __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)sets->low[k]));
            __m256i v_out = _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(low, v), v_high), zero);
            __m256i w_out = _mm256_cmpeq_epi8(_mm256_and_si256(_mm256_shuffle_epi8(low, w), w_high), zero);
            uint64_t outside = (uint32_t)_mm256_movemask_epi8(v_out) | (uint64_t)(uint32_t)_mm256_movemask_epi8(w_out) << 32;
            out[k * stride + b] = ~outside;
        }
        out[k * stride + b] = (uint32_t)_mm256_movemask_epi8(v) | (uint64_t)(uint32_t)_mm256_movemask_epi8(w) << 32;
    }
}

__attribute__((target("avx512f,avx512bw"))) static void look_avx512(const char *at, size_t blocks, const dgm_flat_sets *sets,
                                                                    uint64_t *out, size_t stride)
{
    const __m512i by_high = _mm512_broadcast_i32x4(_mm_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m512i nibble = _mm512_set1_epi8(15);
    for (size_t b = 0; b < blocks; b++, at += DGM_FLAT_BLOCK) {
        __m512i v = _mm512_loadu_si512(at);
        __m512i high = _mm512_shuffle_epi8(by_high, _mm512_and_si512(_mm512_srli_epi16(v, 4), nibble));
        uint32_t k = 0;
        for (; k < sets->count; k++) {
            __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(const void *)sets->low[k]));
            out[k * stride + b] = _mm512_test_epi8_mask(_mm512_shuffle_epi8(low, v), high);
        }
        out[k * stride + b] = _mm512_movepi8_mask(v);
    }
}
#endif

dgm_flat_look *dgm_flat_look_at(size_t i, const char **name)
{
    static const char *const names[] = { "plain", "avx2", "avx512" };
    if (name) *name = i < 3 ? names[i] : NULL;
    if (i == 0) return dgm_flat_look_plain;
#if defined(__x86_64__)
    if (i == 1 && __builtin_cpu_supports("avx2")) return look_avx2;
    if (i == 2 && __builtin_cpu_supports("avx512bw") && dgm_flat_look_at(1, NULL)) return look_avx512;
#endif
    return NULL;
}

dgm_flat_look *dgm_flat_look_best(void)
{
    dgm_flat_look *best = dgm_flat_look_plain;
    for (size_t i = 1; i < 3; i++) {
        dgm_flat_look *wider = dgm_flat_look_at(i, NULL);
        if (wider) best = wider;
    }
    return best;
}
