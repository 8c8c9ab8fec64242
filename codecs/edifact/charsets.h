/* SPDX-License-Identifier: Apache-2.0
 *
 * charsets.h - the syntax identifiers of UNB (0001), the character sets they name, and what to say of a character that is not in
 * one. ISO 9735:1988, 5 with amendment 1; ISO 9735-1:2002, annex A. Constant; any thread.
 */
#ifndef DGM_EDI_CHARSETS_H
#define DGM_EDI_CHARSETS_H

#include "base/utf8.h"
#include "scan.h"

typedef struct dgm_edi_set {
    char identifier[5];            /* "UNOC" */
    char set[16];                  /* as dgm_charset_open knows it; of UNOA and UNOB "US-ASCII" */
    dgm_edi_repertoire repertoire; /* what of ASCII may stand in values */
    bool ascii;                    /* nothing above ASCII */
    bool shifts;                   /* ISO 2022: escape sequences say what bytes mean */
    bool version_4;                /* not in syntax versions 1 to 3 */
} dgm_edi_set;

/* By number from 0 in the order of the code list; NULL past the end. */
const dgm_edi_set *dgm_edi_set_at(size_t i);
/* NULL when there is none of that name. */
const dgm_edi_set *dgm_edi_set_of(dgm_slice identifier);
/* The first identifier of the list whose set holds a character, NULL when none does or there is no memory to find out. */
const dgm_edi_set *dgm_edi_set_holding(const dgm_mem *mem, uint32_t point);
/* How a character is shown: "é" (U+00E9 LATIN SMALL LETTER E WITH ACUTE). Writes no NUL; returns the bytes, at most room. */
size_t dgm_edi_character(uint32_t point, char *out, size_t room);
/* What windows-1252 has for a byte from 0x80 to 0x9F, 0 for nothing: it is sent by mistake where ISO 8859-1 is announced. */
uint32_t dgm_edi_windows_1252(unsigned char byte);

#endif
