/* SPDX-License-Identifier: Apache-2.0
 *
 * counted.h - references that a counter of the host's gives: its numbers as the control references of interchanges, groups and
 * messages (0020, 0048, 0062), which have fourteen characters. Pure but for what the counter does; one thread.
 */
#ifndef DGM_EDI_COUNTED_H
#define DGM_EDI_COUNTED_H

#include "codecs/codecs.h"

#define DGM_EDI_REFERENCE_MAX 14u /* 0020, 0048, 0062 */

typedef struct dgm_edi_counted {
    char at[DGM_EDI_REFERENCE_MAX];
    size_t len;
    bool anew; /* the numbers that there is room for were used up with the one before */
} dgm_edi_counted;

/* Can numbers stand in the place of the last digits of a pattern ("AB001")? Not when it has fourteen characters and ends in none.
 */
bool dgm_edi_countable(dgm_slice pattern);
/* The next reference: the pattern with a number in the place of its last digits, with as many zeros before it as it takes to be as
 * long. What the pattern itself says is the first one. */
dgm_status dgm_edi_counted_next(const dgm_counter *counter, dgm_counted_as what, dgm_slice recipient, dgm_slice pattern,
                                dgm_edi_counted *out);

#endif
