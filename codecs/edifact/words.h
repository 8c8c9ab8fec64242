/* SPDX-License-Identifier: Apache-2.0
 *
 * words.h - a line of words put together in a room of fixed size, for diagnostics: what finds no room is left out. Any thread.
 */
#ifndef DGM_EDI_WORDS_H
#define DGM_EDI_WORDS_H

#include "base/diag.h"

#include <stdio.h>

typedef struct dgm_edi_words {
    char *at;
    size_t len, room;
} dgm_edi_words;

static inline void dgm_edi_words_add(dgm_edi_words *w, dgm_slice s)
{
    for (size_t i = 0; i < s.len && w->len < w->room; i++) w->at[w->len++] = s.at[i];
}

static inline void dgm_edi_words_number(dgm_edi_words *w, const char *before, uint32_t number)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%s%u", before, number);
    dgm_edi_words_add(w, (dgm_slice){ text, (size_t)n });
}

/* "#2"; the first one needs no number. */
static inline void dgm_edi_words_ordinal(dgm_edi_words *w, uint32_t n)
{
    if (n >= 2) dgm_edi_words_number(w, "#", n);
}

#endif
