/* SPDX-License-Identifier: Apache-2.0
 *
 * run_ways.h - laying the nodes of one segment, in the ways that processors have: the plain way is for any machine; the wide one
 * lays four nodes at a time, without decisions. Both give the same nodes. Pure functions; any thread.
 */
#ifndef DGM_EDI_RUN_WAYS_H
#define DGM_EDI_RUN_WAYS_H

#include "mold.h"

#include "model/tree.h"

/* The nodes from number `first` on, without occurrences; false when a value is too long. There is room for eight more. */
typedef bool dgm_edi_fill_way(dgm_node *n, uint32_t first, const dgm_edi_mold *mold, const dgm_edi_token *t, uint32_t message_at);
/* Zeros. */
typedef void dgm_edi_clear_way(uint32_t *at, uint32_t count);

static inline __attribute__((always_inline)) void dgm_edi_clear_plain(uint32_t *at, uint32_t count)
{
    memset(at, 0, count * sizeof *at);
}

static inline __attribute__((always_inline)) bool dgm_edi_fill_plain(dgm_node *n, uint32_t first, const dgm_edi_mold *mold,
                                                                     const dgm_edi_token *t, uint32_t message_at)
{
    const dgm_edi_mold_row *row = dgm_edi_mold_rows(mold), *end = row + mold->row_count;
    uint32_t wrong = 0; /* the highest bit: a difference was below zero */
    for (; row != end; row++, n++) {
        const dgm_edi_token *token = t + row->token;
        uint32_t len = token->info >> 5 & row->leaf_bits;
        wrong |= row->most - len;
        n->at = token->at - message_at;
        n->span = len + row->end + (first & row->composite_bits);
        memcpy(&n->tag, &row->tag, 8); /* and place */
    }
    return !(wrong >> 31);
}

#if defined(__x86_64__)
#include <immintrin.h>

#define DGM_EDI_WIDE "avx512f,avx512bw,avx512vl,avx512dq,bmi,bmi2,popcnt,lzcnt"
#define WIDE_INLINE  __attribute__((target(DGM_EDI_WIDE), always_inline)) static inline

WIDE_INLINE void dgm_edi_clear_wide(uint32_t *at, uint32_t count)
{
    /* in steps that whoever reads one of them soon gets it from: a store with a mask would have to be waited for */
    for (; count >= 4; count -= 4, at += 4) {
        _mm_storeu_si128((__m128i *)(void *)at, _mm_setzero_si128());
        __asm__ volatile("" : "+r"(at)); /* the compiler would call memset, which takes longer than all of this */
    }
    for (; count; count--) {
        *at++ = 0;
        __asm__ volatile("" : "+r"(at));
    }
}

/* Four nodes of the slices they are of, with zeros behind each slice. begin: for what holds others, the first one's number; at:
 * where the message begins. Bits of the answer tell of values that are too long. */
WIDE_INLINE uint32_t dgm_edi_four_nodes(dgm_node *n, __m512i slices, const dgm_edi_mold_choice *choice,
                                        const dgm_edi_mold_vector *vector, __m512i begin, __m512i at)
{
    const __m512i same = _mm512_loadu_si512(vector->same);
    __m512i words = _mm512_maskz_srli_epi32(choice->leaves, slices, 5);
    uint32_t wrong = _mm512_mask_cmpgt_epu32_mask(choice->leaves, words, _mm512_shuffle_epi32(same, (_MM_PERM_ENUM)0));
    words = _mm512_mask_add_epi32(words, choice->holders, begin, words);
    words = _mm512_add_epi32(words, same);
    words = _mm512_mask_sub_epi32(words, 0x1111, slices, at);
    _mm512_storeu_si512(n, words);
    return wrong;
}

WIDE_INLINE __m512i dgm_edi_pick(__m512i low, const dgm_edi_mold_choice *choice, __m512i high)
{
    __m512i which = _mm512_cvtepu8_epi64(_mm_loadl_epi64((const __m128i *)(const void *)choice->token));
    return _mm512_permutex2var_epi64(low, which, high);
}

WIDE_INLINE bool dgm_edi_fill_wide(dgm_node *n, uint32_t first, const dgm_edi_mold *mold, const dgm_edi_token *t,
                                   uint32_t message_at)
{
    const dgm_edi_mold_near *near = dgm_edi_mold_near_of(mold);
    const __m512i at = _mm512_set1_epi32((int)message_at), begin = _mm512_set1_epi32((int)first), low = _mm512_loadu_si512(t);
    uint32_t wrong = 0, rows = mold->row_count;
    if (mold->reach == DGM_EDI_MOLD_EIGHT) {
        const __m512i zero = _mm512_setzero_si512();
        wrong = dgm_edi_four_nodes(n, dgm_edi_pick(low, near->choices, zero), near->choices, near->vectors, begin, at);
        wrong |=
            dgm_edi_four_nodes(n + 4, dgm_edi_pick(low, near->choices + 1, zero), near->choices + 1, near->vectors + 1, begin, at);
        if (rows <= 8) return wrong == 0;
    }
    if (mold->reach == DGM_EDI_MOLD_ANY) return dgm_edi_fill_plain(n, first, mold, t, message_at);
    const __m512i high = mold->reach == DGM_EDI_MOLD_EIGHT ? _mm512_setzero_si512() : _mm512_loadu_si512(t + 8);
    const dgm_edi_mold_choice *choices = dgm_edi_mold_line(mold, DGM_EDI_MOLD_NEAR_LINES);
    const dgm_edi_mold_vector *vectors = dgm_edi_mold_line(mold, mold->vectors);
    for (uint32_t i = 0; 4 * i < rows; i++) {
        const dgm_edi_mold_choice *choice = i < DGM_EDI_MOLD_NEAR ? &near->choices[i] : &choices[i - DGM_EDI_MOLD_NEAR];
        const dgm_edi_mold_vector *vector = i < DGM_EDI_MOLD_NEAR ? &near->vectors[i] : &vectors[i - DGM_EDI_MOLD_NEAR];
        const __m512i slices = _mm512_maskz_mov_epi64(0x55, dgm_edi_pick(low, choice, high));
        wrong |= dgm_edi_four_nodes(n + 4 * i, slices, choice, vector, begin, at);
    }
    return wrong == 0;
}
#endif

#endif
