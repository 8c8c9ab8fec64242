/* SPDX-License-Identifier: Apache-2.0
 *
 * order.c - see order.h. Pure functions; any thread.
 */
#include "order.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#endif

/* Of one bit a slice: whole steps, and what is read and written beyond. */
static size_t bit_bytes(size_t room)
{
    return room / 8 + 16;
}

size_t dgm_edi_order_bytes(size_t room)
{
    return (room + 2 * DGM_EDI_ORDER_STEP) * sizeof(uint32_t) + 4 * bit_bytes(room);
}

void dgm_edi_order_place(dgm_edi_order *o, void *block, size_t room)
{
    uint8_t *bits = (uint8_t *)block + (room + 2 * DGM_EDI_ORDER_STEP) * sizeof(uint32_t);
    *o = (dgm_edi_order){ .starts = block, .room = room };
    o->looks = bits;
    o->repeated = bits + 2 * bit_bytes(room);
    o->odd = bits + 3 * bit_bytes(room);
}

static inline void put16(uint8_t *bits, size_t at, uint32_t sixteen)
{
    bits[at / 8] = (uint8_t)sixteen;
    bits[at / 8 + 1] = (uint8_t)(sixteen >> 8);
}

static inline void put_looks(uint8_t *looks, size_t at, uint32_t sixteen)
{
    put16(looks, 2 * at, sixteen);
    put16(looks, 2 * at + 16, sixteen >> 16);
}

static uint32_t make_plain(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready)
{
    uint32_t n = 1;
    o->starts[0] = (uint32_t)first;
    for (size_t i = first & ~(size_t)(DGM_EDI_ORDER_STEP - 1); i < ready; i += DGM_EDI_ORDER_STEP) {
        uint32_t looks = 0, component = 0, element = 0, odd = 0;
        for (uint32_t k = 0; k < DGM_EDI_ORDER_STEP && i + k < ready; k++) {
            uint32_t info = tokens[i + k].info;
            looks |= (info / DGM_EDI_KIND_COMPONENT & 1u) << 2 * k | (uint32_t)(info < 32) << (2 * k + 1);
            component |= (info / DGM_EDI_KIND_COMPONENT & 1u) << k;
            element |= (info / DGM_EDI_KIND_ELEMENT & 1u) << k;
            odd |= (uint32_t)((info & (DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD)) != 0) << k;
            o->starts[n] = (uint32_t)(i + k) + 1;
            n += info & DGM_EDI_KIND_TERMINATOR && i + k >= first;
        }
        put_looks(o->looks, i, looks);
        put16(o->repeated, i, element & component);
        put16(o->odd, i, odd);
    }
    return n;
}

/* What sixteen slices look like: a bit each, of looks two. */
typedef struct sixteen {
    uint32_t ends, looks, repeated, odd;
} sixteen;

#define INLINE static inline __attribute__((always_inline))
/* What stands behind `ready` is looked at too, and its bits mean nothing. */
#define MAKE(target, name, look)                                                                                                   \
    target static uint32_t name(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready)                         \
    {                                                                                                                              \
        size_t i = first & ~(size_t)(DGM_EDI_ORDER_STEP - 1);                                                                      \
        uint32_t n = 1, wanted = 0xFFFFu << (first - i);                                                                           \
        o->starts[0] = (uint32_t)first;                                                                                            \
        for (; i < ready; i += DGM_EDI_ORDER_STEP, wanted = 0xFFFF) {                                                              \
            const sixteen s = look(tokens + i);                                                                                    \
            if (ready - i < DGM_EDI_ORDER_STEP) wanted &= (1u << (ready - i)) - 1;                                                 \
            put_looks(o->looks, i, s.looks);                                                                                       \
            put16(o->repeated, i, s.repeated);                                                                                     \
            put16(o->odd, i, s.odd);                                                                                               \
            for (uint32_t ends = s.ends & wanted; ends; ends &= ends - 1)                                                          \
                o->starts[n++] = (uint32_t)i + (uint32_t)__builtin_ctz(ends) + 1;                                                  \
        }                                                                                                                          \
        return n;                                                                                                                  \
    }

#if defined(__x86_64__)

/* A byte for each slice: what it is, and 32 when it is empty. Shifts move the bit that is asked for to the top of its byte. */
INLINE sixteen bits_of(__m128i v)
{
    const __m128i component = _mm_slli_epi16(v, 5), empty = _mm_slli_epi16(v, 2), element = _mm_slli_epi16(v, 6);
    const __m128i odd = _mm_or_si128(_mm_slli_epi16(v, 4), _mm_slli_epi16(v, 3));
    const uint32_t low = (uint32_t)_mm_movemask_epi8(_mm_unpacklo_epi8(component, empty));
    const uint32_t high = (uint32_t)_mm_movemask_epi8(_mm_unpackhi_epi8(component, empty));
    return (sixteen){ .ends = (uint32_t)_mm_movemask_epi8(_mm_slli_epi16(v, 7)),
                      .looks = low | high << 16,
                      .repeated = (uint32_t)_mm_movemask_epi8(_mm_and_si128(component, element)),
                      .odd = (uint32_t)_mm_movemask_epi8(odd) };
}

INLINE __m128i four_kinds(const dgm_edi_token *t)
{
    const __m128 a = _mm_loadu_ps((const float *)(const void *)t), b = _mm_loadu_ps((const float *)(const void *)(t + 2));
    const __m128i info = _mm_castps_si128(_mm_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    const __m128i empty = _mm_cmpeq_epi32(_mm_srli_epi32(info, 5), _mm_setzero_si128());
    return _mm_or_si128(_mm_and_si128(info, _mm_set1_epi32(31)), _mm_and_si128(empty, _mm_set1_epi32(32)));
}

INLINE sixteen look_sse2(const dgm_edi_token *t)
{
    const __m128i low = _mm_packs_epi32(four_kinds(t), four_kinds(t + 4));
    const __m128i high = _mm_packs_epi32(four_kinds(t + 8), four_kinds(t + 12));
    return bits_of(_mm_packus_epi16(low, high));
}
MAKE(, make_sse2, look_sse2)

#define AVX2 __attribute__((target("avx2,bmi")))

/* In the order 0 1 4 5 2 3 6 7. */
AVX2 INLINE __m256i eight_kinds(const dgm_edi_token *t)
{
    const __m256 a = _mm256_loadu_ps((const float *)(const void *)t), b = _mm256_loadu_ps((const float *)(const void *)(t + 4));
    const __m256i info = _mm256_castps_si256(_mm256_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
    const __m256i empty = _mm256_cmpeq_epi32(_mm256_srli_epi32(info, 5), _mm256_setzero_si256());
    return _mm256_or_si256(_mm256_and_si256(info, _mm256_set1_epi32(31)), _mm256_and_si256(empty, _mm256_set1_epi32(32)));
}

AVX2 INLINE sixteen look_avx2(const dgm_edi_token *t)
{
    const __m256i both = _mm256_packs_epi32(eight_kinds(t), eight_kinds(t + 8));
    const __m128i even = _mm256_castsi256_si128(both), odd = _mm256_extracti128_si256(both, 1);
    return bits_of(_mm_packus_epi16(_mm_unpacklo_epi32(even, odd), _mm_unpackhi_epi32(even, odd)));
}
MAKE(AVX2, make_avx2, look_avx2)

__attribute__((target("avx512f,avx512bw,bmi2,popcnt"))) static uint32_t make_avx512(dgm_edi_order *o, const dgm_edi_token *tokens,
                                                                                    size_t first, size_t ready)
{
    const __m512i infos = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    const __m512i numbers = _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
    size_t i = first & ~(size_t)(DGM_EDI_ORDER_STEP - 1);
    uint32_t n = 1, wanted = 0xFFFFu << (first - i);
    o->starts[0] = (uint32_t)first;
    for (; i < ready; i += DGM_EDI_ORDER_STEP) {
        __m512i info = _mm512_permutex2var_epi32(_mm512_loadu_si512(tokens + i), infos, _mm512_loadu_si512(tokens + i + 8));
        if (ready - i < DGM_EDI_ORDER_STEP) wanted &= (1u << (ready - i)) - 1;
        uint32_t ends = _mm512_test_epi32_mask(info, _mm512_set1_epi32(DGM_EDI_KIND_TERMINATOR)) & wanted;
        uint32_t component = _mm512_test_epi32_mask(info, _mm512_set1_epi32(DGM_EDI_KIND_COMPONENT));
        uint32_t element = _mm512_test_epi32_mask(info, _mm512_set1_epi32(DGM_EDI_KIND_ELEMENT));
        uint32_t empty = _mm512_testn_epi32_mask(info, _mm512_set1_epi32(~31));
        put_looks(o->looks, i, _pdep_u32(component, 0x55555555u) | _pdep_u32(empty, 0xAAAAAAAAu));
        put16(o->repeated, i, component & element);
        put16(o->odd, i, _mm512_test_epi32_mask(info, _mm512_set1_epi32(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD)));
        __m512i behind = _mm512_add_epi32(numbers, _mm512_set1_epi32((int)i));
        _mm512_storeu_si512(o->starts + n, _mm512_maskz_compress_epi32((__mmask16)ends, behind));
        n += (uint32_t)__builtin_popcount(ends);
        wanted = 0xFFFF;
    }
    return n;
}
#elif defined(__aarch64__) && defined(__ARM_NEON)

/* As in bits_of() of the other processors: what each slice is, and 32 when it is empty. */
INLINE uint16x4_t four_kinds(const dgm_edi_token *t)
{
    const uint32x4_t info = vld2q_u32((const uint32_t *)(const void *)t).val[1];
    const uint32x4_t empty = vandq_u32(vcltq_u32(info, vdupq_n_u32(32)), vdupq_n_u32(32));
    return vmovn_u32(vorrq_u32(vandq_u32(info, vdupq_n_u32(31)), empty));
}

/* Bit i of the answer is set when byte i is not 0, of all four one behind the other. */
INLINE uint64_t mask64(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d)
{
    static const uint8_t weights[16] = { 1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128 };
    const uint8x16_t weight = vld1q_u8(weights);
    uint8x16_t low = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    uint8x16_t high = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    low = vpaddq_u8(low, high);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(low, low)), 0);
}

INLINE sixteen look_neon(const dgm_edi_token *t)
{
    const uint8x8_t low = vmovn_u16(vcombine_u16(four_kinds(t), four_kinds(t + 4)));
    const uint8x8_t high = vmovn_u16(vcombine_u16(four_kinds(t + 8), four_kinds(t + 12)));
    const uint8x16_t v = vcombine_u8(low, high);
    const uint8x16_t component = vtstq_u8(v, vdupq_n_u8(DGM_EDI_KIND_COMPONENT)), empty = vtstq_u8(v, vdupq_n_u8(32));
    const uint8x16_t repeated = vandq_u8(component, vtstq_u8(v, vdupq_n_u8(DGM_EDI_KIND_ELEMENT)));
    const uint8x16_t odd = vtstq_u8(v, vdupq_n_u8(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD));
    const uint64_t looks = mask64(vzip1q_u8(component, empty), vzip2q_u8(component, empty), repeated, odd);
    const uint64_t ends = mask64(vtstq_u8(v, vdupq_n_u8(DGM_EDI_KIND_TERMINATOR)), odd, odd, odd);
    return (sixteen){ .ends = (uint32_t)ends & 0xFFFF,
                      .looks = (uint32_t)looks,
                      .repeated = (uint32_t)(looks >> 32) & 0xFFFF,
                      .odd = (uint32_t)(looks >> 48) };
}
MAKE(, make_neon, look_neon)
#endif

dgm_edi_order_way *dgm_edi_order_at(size_t i, const char **name)
{
#if defined(__aarch64__)
    static const char *const names[] = { "plain", "neon", NULL, NULL };
#else
    static const char *const names[] = { "plain", "sse2", "avx2", "avx512" };
#endif
    if (name) *name = i < 4 ? names[i] : NULL;
    if (i == 0) return make_plain;
#if defined(__x86_64__)
    if (i == 1) return make_sse2;
    if (i == 2 && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")) return make_avx2;
    if (i == 3 && dgm_edi_scan_at(3, NULL)) return make_avx512;
#elif defined(__aarch64__) && defined(__ARM_NEON)
    if (i == 1) return make_neon;
#endif
    return NULL;
}

dgm_edi_order_way *dgm_edi_order_best(void)
{
    dgm_edi_order_way *best = make_plain;
    for (size_t i = 1; i < 4; i++) {
        dgm_edi_order_way *wider = dgm_edi_order_at(i, NULL);
        if (wider) best = wider;
    }
    return best;
}

void dgm_edi_order_make(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready, dgm_edi_order_way *way)
{
    o->count = way(o, tokens, first, ready) - 1;
    o->next = 0;
    o->ready = ready;
    o->made = true;
}
