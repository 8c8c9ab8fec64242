/* SPDX-License-Identifier: Apache-2.0
 *
 * charset.h - what the two halves of character sets share: charset.c converts whole values, charset_stream.c whole inputs with the
 * place of each character. A dgm_charset belongs to one thread at a time. Private to this room.
 */
#ifndef DGM_BASE_CHARSET_H
#define DGM_BASE_CHARSET_H

#include "utf8.h"

#include <unicode/ucnv.h>

enum { DGM_CHARSET_NAME_MAX = 60, DGM_CHARSET_BACK_SLOTS = 1024, DGM_CHARSET_HELD_MAX = 16 };

struct dgm_charset {
    dgm_mem mem;
    UConverter *reader, *writer; /* two, for each keeps the state of its direction */
    char name[DGM_CHARSET_NAME_MAX + 1];
    size_t name_len;
    uint64_t seen; /* bytes taken since the start of the stream */
    uint16_t lead; /* the first half of a pair whose second half has not come yet */
    bool pairs;    /* a set of two-byte units: nothing begins at an odd offset */
    bool single;   /* table[] holds what each byte stands for: bytes 0..2 and the length, 0 for nothing */
    bool stateful; /* what a byte means depends on shifts that came before it */
    bool direct;
    /* Of sets that are not single: bytes that are a character alone wherever one begins. Empty for stateful ones. */
    unsigned char table[256][4];
    uint32_t back[DGM_CHARSET_BACK_SLOTS];    /* of a single set: code point << 8 | byte, plus 1, by open addressing; 0 is free */
    unsigned char held[DGM_CHARSET_HELD_MAX]; /* charset_stream.c: the bytes of a character that is not whole yet */
    size_t held_len;
};

#endif
