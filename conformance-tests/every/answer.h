/* SPDX-License-Identifier: Apache-2.0
 *
 * answer.h - the CONTRL that answers an interchange, held against what it has to say of each of its messages: worked out from the
 * facts and the standard (ISO 9735-4, 5.4), not from diagnostics. One thread.
 */
#ifndef DGM_EVERY_ANSWER_H
#define DGM_EVERY_ANSWER_H

#include "dragoman.h"

/* What is said of a message behind its reference and type: action, code and place of UCM, then UCS and UCD, as in
 * "4'UCS+3'UCD+39+2:1'"; empty: it is not named, because nothing is wrong with it; "4": it is rejected, whatever for. */
typedef struct answer_row {
    char text[64];
} answer_row;

/* The last part of a row: the code of a segment as a whole; of a place in it, counted from 1 without the tag (component 0: a simple
 * element, or all of a composite), in an occurrence of an element that is repeated (0: it is not); of UNT's first element. */
answer_row answer_segment(size_t segment, unsigned code);
answer_row answer_place(size_t segment, unsigned whole, unsigned code, size_t element, size_t component, size_t occurrence);
answer_row answer_count(void);

/* Has the interchange answered, whose messages have the references 1, 2 … and are all of one type ("CUSDEC:D:96B:UN"), and which
 * goes from one to the other ("SENDER+RECIPIENT", as UNB says it). NULL: the
 * answer says what the rows say, message by message, and is itself right; else what is wrong with it, in static text. */
const char *answered(const dgm_context *c, dgm_slice interchange, const char *parties, const char *type, const answer_row *rows,
                     size_t count);

#endif
