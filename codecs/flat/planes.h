/* SPDX-License-Identifier: Apache-2.0
 *
 * planes.h - the first look at the bytes of a flat file: which of them is of which set (line ends, separators, digits, the classes
 * of a layout), as bits, 64 bytes at a time, a plane of bits for each set. Each way of finding out (plain C; AVX2, AVX-512) gives
 * the same bits; the widest that the processor has is chosen by who reads. Pure functions; any thread.
 */
#ifndef DGM_CODECS_FLAT_PLANES_H
#define DGM_CODECS_FLAT_PLANES_H

#include "base/slice.h"

enum { DGM_FLAT_BLOCK = 64, DGM_FLAT_PLANES_MAX = 15 };

/* Sets of ASCII; no byte from 0x80 on is in any. The last plane, number `count`, is of those. */
typedef struct dgm_flat_sets {
    uint32_t count;
    uint16_t of[128];                           /* of a byte: the sets it is in, a bit each */
    unsigned char low[DGM_FLAT_PLANES_MAX][16]; /* of a set: bit h of entry l: byte 0xhl is in it */
} dgm_flat_sets;

/* The set of the bytes of 256 bits that are ASCII: its number, of a new one if none is like it; DGM_FLAT_PLANES_MAX: there are too
 * many. */
uint32_t dgm_flat_set_of(dgm_flat_sets *sets, const uint32_t *bits);
uint32_t dgm_flat_set_of_byte(dgm_flat_sets *sets, char c);

/* Bit i of out[plane * stride + block]: byte 64 * block + i is in the set. */
typedef void dgm_flat_look(const char *at, size_t blocks, const dgm_flat_sets *sets, uint64_t *out, size_t stride);

dgm_flat_look dgm_flat_look_plain;
/* By number from 0, narrowest first: what this processor has; NULL past the end. */
dgm_flat_look *dgm_flat_look_at(size_t i, const char **name);
/* The widest one. */
dgm_flat_look *dgm_flat_look_best(void);

#endif
