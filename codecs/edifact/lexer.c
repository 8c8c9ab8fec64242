/* SPDX-License-Identifier: Apache-2.0
 *
 * lexer.c - see lexer.h. Blocks without releases and odd characters, which is nearly all of them, take a path without decisions:
 * eight slices are written whether they are there or not. One thread.
 */
#include "lexer.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define BATCH 16u /* blocks indexed at a time: 1 KiB of input, 640 bytes of bits */

void dgm_edi_lexer_start(dgm_edi_lexer *x, const char *base, size_t at, dgm_edi_scan *scan)
{
    x->scan = scan ? scan : dgm_edi_scan_best();
    x->base = base;
    x->at = x->start = at;
    x->held = 0;
    x->released = false;
    x->fresh = true;
}

/* Bits of the bytes that are released; *acting: of the release characters that do it. */
static inline uint64_t released_bits(dgm_edi_lexer *x, uint64_t release, unsigned n, uint64_t *acting)
{
    uint64_t released = 0;
    if (x->released) {
        released = 1;
        release &= ~(uint64_t)1;
        x->released = false;
    }
    *acting = 0;
    while (release) {
        uint64_t one = release & (0 - release);
        *acting |= one;
        released |= one << 1;
        if (one >> (n - 1)) x->released = true;
        release &= ~(one | one << 1);
    }
    return released;
}

/* Leaves out CR and LF where a segment begins; n bytes of the block are there. */
static void skip_breaks(dgm_edi_lexer *x, size_t block_end)
{
    const char *b = x->base;
    while (x->start < block_end && (b[x->start] == '\r' || b[x->start] == '\n')) {
        /* unless UNA made it a separator */
        if (x->alphabet.kind[(unsigned char)b[x->start]] & (DGM_EDI_KIND_REPETITION | DGM_EDI_KIND_RELEASE)) break;
        x->start++;
    }
    x->fresh = x->start == block_end;
}

static inline uint64_t below(unsigned n)
{
    return n >= 64 ? UINT64_MAX : ((uint64_t)1 << n) - 1;
}

/* A block with anything unusual in it, or one cut short (n bytes). */
static size_t block_slow(dgm_edi_lexer *x, const dgm_edi_bits *bits, unsigned n, dgm_edi_token *out)
{
    uint64_t acting, released = released_bits(x, bits->release & below(n), n, &acting);
    uint64_t ends = bits->separator & below(n) & ~released, odd = bits->odd & below(n);
    size_t count = 0, block = x->at, block_end = block + n;
    if (x->fresh && x->start >= block) {
        skip_breaks(x, block_end);
        ends &= ~below((unsigned)(x->start - block));
    }
    while (ends) {
        unsigned i = (unsigned)__builtin_ctzll(ends);
        ends &= ends - 1;
        uint64_t inside = below(i) & ~(x->start > block ? below((unsigned)(x->start - block)) : 0);
        uint32_t kind =
            x->held | (acting & inside ? (uint32_t)DGM_EDI_KIND_RELEASE : 0) | (odd & inside ? (uint32_t)DGM_EDI_KIND_ODD : 0);
        size_t end = block + i;
        kind |= x->alphabet.kind[(unsigned char)x->base[end]];
        out[count++] = (dgm_edi_token){ (uint32_t)x->start, (uint32_t)(end - x->start) << 5 | kind };
        x->held = 0;
        x->start = end + 1;
        x->fresh = kind & DGM_EDI_KIND_TERMINATOR;
        if (!x->fresh) continue;
        skip_breaks(x, block_end);
        ends &= ~below((unsigned)(x->start - block)); /* CR or LF may be the terminator itself: empty lines are no segments */
    }
    uint64_t rest = x->start > block ? ~below((unsigned)(x->start - block)) : UINT64_MAX;
    if (acting & rest) x->held |= DGM_EDI_KIND_RELEASE;
    if (x->start < block_end && (odd & rest)) x->held |= DGM_EDI_KIND_ODD;
    x->at = block_end;
    return count;
}

static inline __attribute__((always_inline)) void eight(dgm_edi_token *out, uint64_t *ends, const char *b, size_t block,
                                                        size_t *start, const unsigned char *kinds)
{
    for (unsigned k = 0; k < 8; k++) {
        size_t end = block + ((unsigned)__builtin_ctzll(*ends | (uint64_t)1 << 63));
        *ends &= *ends - 1;
        out[k] = (dgm_edi_token){ (uint32_t)*start, (uint32_t)(end - *start) << 5 | kinds[(unsigned char)b[end]] };
        *start = end + 1;
    }
}

static inline __attribute__((always_inline)) size_t block_plain(dgm_edi_lexer *x, const dgm_edi_bits *bits, dgm_edi_token *out)
{
    uint64_t ends = bits->separator;
    size_t count = (size_t)bits->count, block = x->at, start = x->start;
    if (count) {
        size_t next = block + 64 - (unsigned)__builtin_clzll(ends);
        eight(out, &ends, x->base, block, &start, x->alphabet.kind);
        if (count > 8) eight(out + 8, &ends, x->base, block, &start, x->alphabet.kind);
        if (count > 16) eight(out + 16, &ends, x->base, block, &start, x->alphabet.kind);
        for (size_t k = 24; k < count; k += 8) eight(out + k, &ends, x->base, block, &start, x->alphabet.kind);
        x->start = next;
    }
    x->fresh = bits->terminator >> 63;
    x->at = block + 64;
    return count;
}

typedef size_t plain_block(dgm_edi_lexer *x, const dgm_edi_bits *bits, dgm_edi_token *out);

/* Line breaks that stand where segments begin, the first of each run told by a bit of `lead`: their slices begin behind them.
 * Returns the odd characters without them. */
static inline uint64_t skip_lines(dgm_edi_lexer *x, uint64_t lead, uint64_t odd, uint64_t separator, size_t count,
                                  dgm_edi_token *out)
{
    const char *block = x->base + x->at - DGM_EDI_BLOCK;
    for (; lead; lead &= lead - 1) {
        unsigned first = (unsigned)__builtin_ctzll(lead), i = first;
        while (i < DGM_EDI_BLOCK && (block[i] == '\r' || block[i] == '\n') && odd >> i & 1) i++;
        uint32_t breaks = i - first;
        size_t slice = (size_t)__builtin_popcountll(separator & below(first));
        odd &= ~(below(i) & ~below(first));
        if (slice < count)
            out[slice] = (dgm_edi_token){ out[slice].at + breaks, out[slice].info - (breaks << 5) };
        else
            x->start += breaks;
        if (i == DGM_EDI_BLOCK) x->fresh = true;
    }
    return odd;
}

/* A whole block with releases or odd characters: taken as a plain one, and then each of the few unusual bytes is told to the slice
 * it stands in. */
static inline __attribute__((always_inline)) size_t block_marked(dgm_edi_lexer *x, const dgm_edi_bits *bits, dgm_edi_token *out,
                                                                 plain_block *plain_way)
{
    uint64_t acting, released = released_bits(x, bits->release, DGM_EDI_BLOCK, &acting), odd = bits->odd;
    dgm_edi_bits plain = { .terminator = bits->terminator & ~released,
                           .separator = bits->separator & ~released,
                           .count = bits->count };
    const uint64_t lead = odd & (plain.terminator << 1 | x->fresh);
    for (uint64_t lost = bits->separator & released; lost; lost &= lost - 1) plain.count--;
    size_t count = plain_way(x, &plain, out);
    if (count) out[0].info |= x->held;
    if (count) x->held = 0;
    if (lead) odd = skip_lines(x, lead, odd, plain.separator, count, out);
    for (uint64_t marks = acting | odd; marks; marks &= marks - 1) {
        uint64_t one = marks & (0 - marks);
        uint32_t kind = acting & one ? (uint32_t)DGM_EDI_KIND_RELEASE : (uint32_t)DGM_EDI_KIND_ODD;
        size_t slice = (size_t)__builtin_popcountll(plain.separator & (one - 1));
        if (slice < count)
            out[slice].info |= kind;
        else
            x->held |= kind;
    }
    return count;
}

static inline __attribute__((always_inline)) size_t lex(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room,
                                                        plain_block *plain_way)
{
    dgm_edi_bits bits[BATCH];
    size_t count = 0;
    const bool lines = x->alphabet.terminator == '\n' || x->alphabet.terminator == '\r';
    while (end - x->at >= DGM_EDI_BLOCK) {
        size_t blocks = (end - x->at) / DGM_EDI_BLOCK, fits = (room - count) / DGM_EDI_BLOCK;
        if (room - count < DGM_EDI_LEX_ROOM) return count;
        if (blocks > BATCH) blocks = BATCH;
        if (blocks > fits) blocks = fits;
        if (blocks * DGM_EDI_BLOCK + 8 > room - count) blocks--;
        x->scan(x->base + x->at, blocks, &x->alphabet, bits);
        for (size_t b = 0; b < blocks; b++) {
            const dgm_edi_bits *block = &bits[b];
            if (lines)
                count += block_slow(x, block, DGM_EDI_BLOCK, out + count);
            else if ((block->odd | block->release) || x->held || x->released)
                count += block_marked(x, block, out + count, plain_way);
            else
                count += plain_way(x, block, out + count);
        }
    }
    if (end > x->at && room - count >= DGM_EDI_LEX_ROOM) {
        char padded[DGM_EDI_BLOCK] = { 0 };
        memcpy(padded, x->base + x->at, end - x->at);
        x->scan(padded, 1, &x->alphabet, bits);
        count += block_slow(x, &bits[0], (unsigned)(end - x->at), out + count);
    }
    return count;
}

#if defined(__x86_64__)
/* The same; the lowest bit is found and taken off in one step each. */
__attribute__((target("bmi,popcnt,lzcnt"))) static size_t lex_bmi(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room)
{
    return lex(x, end, out, room, block_plain);
}

#define WIDE "avx512f,avx512bw,avx512vbmi,avx512vbmi2,bmi,popcnt,lzcnt"

static const unsigned char numbers[64] = { 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                           22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
                                           44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63 };

/* Sixteen slices at a time from where they end, begin, and what ends them, a byte each; counted from the block. */
__attribute__((target(WIDE))) static inline void sixteen(dgm_edi_token *out, uint32_t block, __m128i ends, __m128i starts,
                                                         __m128i kinds)
{
    const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i second = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    __m512i start = _mm512_cvtepu8_epi32(starts), len = _mm512_sub_epi32(_mm512_cvtepu8_epi32(ends), start);
    __m512i at = _mm512_add_epi32(start, _mm512_set1_epi32((int)block));
    __m512i info = _mm512_or_si512(_mm512_slli_epi32(len, 5), _mm512_cvtepu8_epi32(kinds));
    _mm512_storeu_si512(out, _mm512_permutex2var_epi32(at, first, info));
    _mm512_storeu_si512(out + 8, _mm512_permutex2var_epi32(at, second, info));
}

/* As block_plain: the ends are pushed together first. At most 64 slices are written, sixteen at a time. */
__attribute__((target(WIDE), always_inline)) static inline size_t block_wide_with(dgm_edi_lexer *x, const dgm_edi_bits *bits,
                                                                                  dgm_edi_token *out, const bool repetitions)
{
    const uint64_t ends = bits->separator;
    const size_t count = (size_t)bits->count, block = x->at, start = x->start;
    x->fresh = bits->terminator >> 63;
    x->at = block + 64;
    if (!count) return 0;
    const __m512i number = _mm512_loadu_si512(numbers), one = _mm512_set1_epi8(1);
    const __m512i at = _mm512_maskz_compress_epi8(ends, number);
    const __m512i byte = _mm512_maskz_compress_epi8(ends, _mm512_loadu_si512(x->base + block));
    /* each begins behind the one before; the first is put right below */
    const __m512i from = _mm512_maskz_permutexvar_epi8(~(__mmask64)1, _mm512_sub_epi8(number, one), _mm512_add_epi8(at, one));
    __m512i kind = _mm512_set1_epi8(DGM_EDI_KIND_COMPONENT);
    kind = _mm512_mask_mov_epi8(kind, _mm512_cmpeq_epi8_mask(byte, _mm512_set1_epi8((char)x->alphabet.element)),
                                _mm512_set1_epi8(DGM_EDI_KIND_ELEMENT));
    if (repetitions)
        kind = _mm512_mask_mov_epi8(kind, _mm512_cmpeq_epi8_mask(byte, _mm512_set1_epi8((char)x->alphabet.repetition)),
                                    _mm512_set1_epi8(DGM_EDI_KIND_REPETITION));
    kind = _mm512_mask_mov_epi8(kind, _mm512_cmpeq_epi8_mask(byte, _mm512_set1_epi8((char)x->alphabet.terminator)), one);
    sixteen(out, (uint32_t)block, _mm512_castsi512_si128(at), _mm512_castsi512_si128(from), _mm512_castsi512_si128(kind));
    if (count > 16)
        sixteen(out + 16, (uint32_t)block, _mm512_extracti32x4_epi32(at, 1), _mm512_extracti32x4_epi32(from, 1),
                _mm512_extracti32x4_epi32(kind, 1));
    if (count > 32) {
        sixteen(out + 32, (uint32_t)block, _mm512_extracti32x4_epi32(at, 2), _mm512_extracti32x4_epi32(from, 2),
                _mm512_extracti32x4_epi32(kind, 2));
        sixteen(out + 48, (uint32_t)block, _mm512_extracti32x4_epi32(at, 3), _mm512_extracti32x4_epi32(from, 3),
                _mm512_extracti32x4_epi32(kind, 3));
    }
    out[0].at = (uint32_t)start;
    out[0].info += (uint32_t)(block - start) << 5;
    x->start = block + 64 - (unsigned)__builtin_clzll(ends);
    return count;
}

__attribute__((target(WIDE))) static inline size_t block_wide(dgm_edi_lexer *x, const dgm_edi_bits *bits, dgm_edi_token *out)
{
    return block_wide_with(x, bits, out, false);
}

__attribute__((target(WIDE))) static inline size_t block_wide_4(dgm_edi_lexer *x, const dgm_edi_bits *bits, dgm_edi_token *out)
{
    return block_wide_with(x, bits, out, true);
}

__attribute__((target(WIDE))) static size_t lex_wide(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room)
{
    return lex(x, end, out, room, block_wide);
}

/* The same where values may be repeated (version 4). */
__attribute__((target(WIDE))) static size_t lex_wide_4(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room)
{
    return lex(x, end, out, room, block_wide_4);
}
#endif

size_t dgm_edi_lex(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room)
{
#if defined(__x86_64__)
    /* As wide as the scan, so that whoever tries each of those tries each of these. */
    if (x->scan == dgm_edi_scan_at(3, NULL))
        return x->alphabet.has_repetition ? lex_wide_4(x, end, out, room) : lex_wide(x, end, out, room);
    if (x->scan == dgm_edi_scan_at(2, NULL) && __builtin_cpu_supports("bmi")) return lex_bmi(x, end, out, room);
#endif
    return lex(x, end, out, room, block_plain);
}
