/* SPDX-License-Identifier: Apache-2.0
 *
 * lexer.h - the second pass: the bits of scan.h become slices. Each slice is told where it stands, how long it is, which service
 * character ended it, and whether it holds releases or odd characters; released service characters end nothing (ISO 9735:1988, 5
 * and 7). State is kept between calls, so that input may come in pieces of any size. One thread.
 */
#ifndef DGM_EDI_LEXER_H
#define DGM_EDI_LEXER_H

#include "scan.h"

/* What ended the slice is one of DGM_EDI_KIND_TERMINATOR, _ELEMENT, _COMPONENT, _REPETITION (which has the bits of the two before
 * it); _RELEASE and _ODD say what is inside. */
typedef struct dgm_edi_token {
    uint32_t at;   /* relative to the lexer's base */
    uint32_t info; /* length << 5 | kinds */
} dgm_edi_token;
#define DGM_EDI_TOKEN_BYTES_MAX ((1u << 27) - 1)
static inline uint32_t dgm_edi_token_len(dgm_edi_token t)
{
    return t.info >> 5;
}
/* Is it followed by another component of the same composite, by the next occurrence of its element? */
static inline bool dgm_edi_component_follows(dgm_edi_token t)
{
    return (t.info & DGM_EDI_KIND_REPETITION) == DGM_EDI_KIND_COMPONENT;
}
static inline bool dgm_edi_repetition_follows(dgm_edi_token t)
{
    return (t.info & DGM_EDI_KIND_REPETITION) == DGM_EDI_KIND_REPETITION;
}

typedef struct dgm_edi_lexer {
    dgm_edi_alphabet alphabet;
    dgm_edi_scan *scan;
    const char *base;
    size_t at;     /* next byte to look at, relative to base */
    size_t start;  /* first byte of the slice that is being read */
    uint32_t held; /* kinds already seen inside it */
    bool released; /* the last byte looked at was a release character in force */
    bool fresh;    /* nothing but CR and LF has come since a segment terminator: these are left out */
} dgm_edi_lexer;

/* Puts the lexer at the beginning of a segment. The alphabet must be there. scan may be NULL: the best. */
void dgm_edi_lexer_start(dgm_edi_lexer *x, const char *base, size_t at, dgm_edi_scan *scan);

/* Looks at the bytes up to base + end, which is at most 4 GiB from base, as long as there is room; returns how many slices were put
 * to out. x->at tells how far it came; it stops short of end only when less than DGM_EDI_LEX_ROOM is left. Slices must not grow
 * past DGM_EDI_TOKEN_BYTES_MAX: the caller watches x->at - x->start. */
#define DGM_EDI_LEX_ROOM 72u
size_t dgm_edi_lex(dgm_edi_lexer *x, size_t end, dgm_edi_token *out, size_t room);

#endif
