/* SPDX-License-Identifier: Apache-2.0
 *
 * order.c - see order.h. Pure functions; any thread.
 */
#include "order.h"

#if defined(__x86_64__)
#include <immintrin.h>
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

#if defined(__x86_64__)
/* Sixteen at a time. What stands behind `ready` is looked at too, and its bits mean nothing. */
__attribute__((target("avx512f,avx512bw,bmi2,popcnt"))) static uint32_t make_wide(dgm_edi_order *o, const dgm_edi_token *tokens,
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
#endif

void dgm_edi_order_make(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready, bool wide)
{
#if defined(__x86_64__)
    o->count = (wide ? make_wide(o, tokens, first, ready) : make_plain(o, tokens, first, ready)) - 1;
#else
    (void)wide;
    o->count = make_plain(o, tokens, first, ready) - 1;
#endif
    o->next = 0;
    o->ready = ready;
    o->made = true;
}
