/* SPDX-License-Identifier: Apache-2.0
 *
 * diag.h - making diagnostics. The one list of codes is the *.def files of diag_codes/, one file for each room, each with a
 * range of numbers of its own; a row is X(ENUM, number, "stable.name", "English text with {1} .. {4}", "hint or empty").
 * A clause behind "; " (in a hint the first one too) is left out when an argument it names is missing or empty, so that
 * "there is no {1}; did you mean {2}?" serves with and without a nearest name. Texts are made only when a record is printed.
 */
#ifndef DGM_BASE_DIAG_H
#define DGM_BASE_DIAG_H

#include "slice.h"

typedef enum dgm_diag_code {
    DGM_D_NONE = 0,
#define X(id, number, name, text, hint) DGM_D_##id = (number),
#include "diag_codes/all.def"
#undef X
} dgm_diag_code;

/* Adds a record and returns it for the caller to fill (position, at_byte …); all-zero but for code, severity, at_byte = UINT64_MAX,
 * node = rule = DGM_NONE. The record is valid until the next add. NULL means it was not kept (records_max, no memory, list NULL):
 * dgm_diags_failed() tells no memory from the limit; the error count is right in either case. */
dgm_diag *dgm_diags_add(dgm_diags *list, dgm_diag_code code, dgm_severity severity);
bool dgm_diags_failed(const dgm_diags *list);

/* Each copies its slice into the list (cut to 256 bytes, never inside a UTF-8 character) and accepts d == NULL. */
void dgm_diag_text(dgm_diags *list, dgm_diag *d, dgm_slice text);   /* next argument */
void dgm_diag_number(dgm_diags *list, dgm_diag *d, int64_t number); /* next argument */
void dgm_diag_path(dgm_diags *list, dgm_diag *d, dgm_slice path);
void dgm_diag_sent(dgm_diags *list, dgm_diag *d, dgm_slice path);
dgm_diag *dgm_diags_edit(dgm_diags *list, size_t i); /* to say more of a record; NULL past the end */
void dgm_diag_reference(dgm_diags *list, dgm_diag *d, dgm_slice reference);
void dgm_diag_source(dgm_diags *list, dgm_diag *d, dgm_slice source);
/* Cuts at most 256 bytes of `around` (whose first byte stands at around_at) so that the place of the record is inside. at_byte
 * must be set before. */
void dgm_diag_excerpt(dgm_diags *list, dgm_diag *d, dgm_slice around, uint64_t around_at);

/* The text of a record as one sentence, in English: without its place and hint. What the sink returns, or DGM_OK. */
dgm_status dgm_diag_sentence(const dgm_diag *d, dgm_sink sink);

/* Copies every record of `from` to the end of `to`, adds its counts, and empties `from`. DGM_NOMEM: neither has changed, but
 * dgm_diags_failed(to). */
dgm_status dgm_diags_move(dgm_diags *to, dgm_diags *from);

/* The same with `from` left as it is, and no record above the severity `most`. */
dgm_status dgm_diags_add_copies(dgm_diags *to, const dgm_diags *from, dgm_severity most);

/* Nearest of n names to a misspelt one (edit distance at most a third of its length), or -1. */
int dgm_nearest(dgm_slice wrong, const dgm_slice *names, size_t n);

#endif
