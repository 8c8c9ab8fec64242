/* SPDX-License-Identifier: Apache-2.0
 *
 * scan.h - the first pass over the bytes: where each service character stands, as bits, 64 bytes at a time. Each way of finding out
 * (plain C; SSE2, AVX2, AVX-512; NEON) gives the same bits; the widest that the processor has is chosen once. Service characters:
 * ISO 9735:1988, 5; version 4 adds the repetition separator (ISO 9735-1:2002, 8). Pure functions; any thread.
 */
#ifndef DGM_EDI_SCAN_H
#define DGM_EDI_SCAN_H

#include "base/slice.h"

#define DGM_EDI_BLOCK 64u

/* Which characters may stand in values. ANY: every byte from 0x20 on; level A and B: ISO 9735:1988, 5.1 and 5.2. */
typedef enum dgm_edi_repertoire { DGM_EDI_REPERTOIRE_ANY, DGM_EDI_REPERTOIRE_A, DGM_EDI_REPERTOIRE_B } dgm_edi_repertoire;

typedef struct dgm_edi_alphabet {
    unsigned char terminator, element, component;
    unsigned char release;    /* meaningless unless has_release */
    unsigned char repetition; /* meaningless unless has_repetition */
    bool has_release, has_repetition;
    dgm_edi_repertoire repertoire;
    dgm_edi_repertoire made_of;  /* the one the tables were made for; repertoire may have been set since */
    unsigned char kind[256];     /* DGM_EDI_KIND_* of each byte, for plain C: made by dgm_edi_alphabet_make */
    unsigned char plain_low[16]; /* bit h of entry l: byte 0xhl is not odd; for AVX2 */
} dgm_edi_alphabet;

enum {
    DGM_EDI_KIND_TERMINATOR = 1,
    DGM_EDI_KIND_ELEMENT = 2,
    DGM_EDI_KIND_COMPONENT = 4,
    DGM_EDI_KIND_REPETITION = DGM_EDI_KIND_ELEMENT | DGM_EDI_KIND_COMPONENT,
    DGM_EDI_KIND_RELEASE = 8,
    DGM_EDI_KIND_ODD = 16
};

/* The four characters must differ. Service characters are never odd. */
void dgm_edi_alphabet_make(dgm_edi_alphabet *a, const char *component_element_release_terminator, bool has_release,
                           dgm_edi_repertoire repertoire);
/* Adds the repetition separator, which must differ from the others. */
void dgm_edi_alphabet_repeat(dgm_edi_alphabet *a, char repetition);

/* Bit i stands for byte i of the block. odd: a byte that needs a second look: below 0x20, from 0x7F on, or outside the repertoire.
 */
typedef struct dgm_edi_bits {
    uint64_t terminator, separator; /* separator: terminators, element, component and repetition separators */
    uint64_t release, odd;
    uint64_t high;  /* bytes from 0x80 on: 0 means the block is pure ASCII */
    uint64_t count; /* separators */
} dgm_edi_bits;

typedef void dgm_edi_scan(const char *at, size_t blocks, const dgm_edi_alphabet *a, dgm_edi_bits *out);

dgm_edi_scan dgm_edi_scan_plain;
/* By number from 0, narrowest first: what this processor has; NULL past the end. */
dgm_edi_scan *dgm_edi_scan_at(size_t i, const char **name);
/* The widest one. */
dgm_edi_scan *dgm_edi_scan_best(void);

#endif
