/* SPDX-License-Identifier: Apache-2.0
 *
 * order.h - the third pass: of slices, which of them segments begin with, and as bits which are empty, have a component or a
 * repetition behind them, or hold something unusual. Whoever takes segments then reads what one looks like off the bits, and
 * knows where the next begins without having passed over this one. Belongs to one reader and so to one thread.
 */
#ifndef DGM_EDI_ORDER_H
#define DGM_EDI_ORDER_H

#include "lexer.h"

#include <string.h>

/* Of the slices from a multiple of DGM_EDI_ORDER_STEP to the last one that ends a segment. */
typedef struct dgm_edi_order {
    uint32_t *starts;        /* the first slices of segments, in order; then the one behind the last segment */
    uint32_t count;          /* segments */
    uint32_t next;           /* those before it begin before a slice asked for earlier */
    uint8_t *looks;          /* two bits a slice: a component follows, it is empty */
    uint8_t *repeated, *odd; /* a bit a slice: a repetition follows; a release or an odd character is inside */
    size_t room;             /* slices */
    size_t ready;            /* the slice behind the last one */
    bool made;
} dgm_edi_order;
#define DGM_EDI_ORDER_STEP 16u
/* Bytes that `room` slices need. */
size_t dgm_edi_order_bytes(size_t room);
/* Lays the parts of the index into a block of so many bytes. */
void dgm_edi_order_place(dgm_edi_order *o, void *block, size_t room);
/* One way of making it (plain C; SSE2, AVX2, AVX-512; NEON), each with the same outcome; returns the number of segments and one
 * more. All but the plain one read sixteen slices from any before `ready` on. */
typedef uint32_t dgm_edi_order_way(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready);
/* By number from 0, narrowest first: what this processor has, 0 being plain C; NULL past the end and for what it lacks. */
dgm_edi_order_way *dgm_edi_order_at(size_t i, const char **name);
/* The widest one. */
dgm_edi_order_way *dgm_edi_order_best(void);
/* From slice `first`, with which a segment begins, to slice `ready`, behind which none is looked at. */
void dgm_edi_order_make(dgm_edi_order *o, const dgm_edi_token *tokens, size_t first, size_t ready, dgm_edi_order_way *way);

/* What slice n and those behind it look like, 28 of them. */
static inline uint64_t dgm_edi_order_looks(const uint8_t *looks, uint32_t n)
{
    uint64_t word;
    memcpy(&word, looks + n / 4, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word >> (n % 4 * 2);
}

/* The first slice from n on whose bit is set; UINT32_MAX when there is none. */
static inline uint32_t dgm_edi_order_first(const dgm_edi_order *o, const uint8_t *bits, uint32_t n)
{
    for (uint32_t at = n / 8; at * (size_t)8 < o->ready; at += 7, n = at * 8) {
        uint64_t word;
        memcpy(&word, bits + at, sizeof word);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        word = __builtin_bswap64(word);
#endif
        word >>= n % 8;
        if (word) n += (uint32_t)__builtin_ctzll(word);
        if (word) return n < o->ready ? n : UINT32_MAX;
    }
    return UINT32_MAX;
}

/* The number of the segment that begins with a slice; count when none does. Slices are asked for in rising order. */
static inline uint32_t dgm_edi_order_find(dgm_edi_order *o, size_t slice)
{
    while (o->next < o->count && o->starts[o->next] < slice) o->next++;
    return o->next < o->count && o->starts[o->next] == slice ? o->next : o->count;
}

#endif
