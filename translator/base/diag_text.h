/* SPDX-License-Identifier: Apache-2.0
 *
 * diag_text.h - the texts behind a code, for those who print records. Constant; any thread.
 */
#ifndef DGM_BASE_DIAG_TEXT_H
#define DGM_BASE_DIAG_TEXT_H

#include "slice.h"

typedef struct dgm_diag_row {
    const char *name, *text, *hint; /* text and hint hold {1} .. {4} and {1:where it is 1|else}; hint may be empty */
} dgm_diag_row;

/* Never NULL: a number that is no code has the name "unknown". */
const dgm_diag_row *dgm_diag_row_of(uint32_t code);

/* The name of what a record tells: of its code, or the one that a codec built elsewhere gave it. */
dgm_slice dgm_diag_told_name(const dgm_diag *d);

#endif
