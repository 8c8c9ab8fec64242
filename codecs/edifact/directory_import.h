/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import.h - what the readers of official directory texts share: the lines of a file, words and marks on them. One
 * thread.
 */
#ifndef DGM_EDIFACT_DIRECTORY_IMPORT_H
#define DGM_EDIFACT_DIRECTORY_IMPORT_H

#include "directory_draft.h"

typedef struct dgm_edi_import_file {
    dgm_edi_draft *draft;
    dgm_slice path;
    dgm_slice *lines; /* without blanks at their ends */
    size_t count;
    bool minus_is_gone; /* what is marked with "-" is no longer there */
} dgm_edi_import_file;

/* The first word, taken off; empty at the end. */
dgm_slice dgm_edi_import_word(dgm_slice *rest);
bool dgm_edi_import_digits(dgm_slice s, size_t least, size_t most);
/* Digits alone, at most `most`. */
bool dgm_edi_import_number(dgm_slice s, uint64_t most, uint64_t *out);
/* n capital letters, digits among them but not first. */
bool dgm_edi_import_capitals(dgm_slice s, size_t n);
/* A change indicator: + * # | X - */
bool dgm_edi_import_is_mark(dgm_slice word);
size_t dgm_edi_import_indent(dgm_slice line);
bool dgm_edi_import_blank(dgm_slice line);
/* Does the line begin so, perhaps behind a mark? */
bool dgm_edi_import_begins(dgm_slice line, const char *word);
dgm_edi_draft_place dgm_edi_import_place(const dgm_edi_import_file *f, size_t i);
void dgm_edi_import_complain(const dgm_edi_import_file *f, size_t i, const char *what, const char *why);

/* The positions that are printed beside the items that are kept; 0 beside one that has none. */
enum { IMPORT_POSITIONS_MAX = 256 };
typedef struct dgm_edi_import_positions {
    uint32_t at[IMPORT_POSITIONS_MAX];
    size_t count;
} dgm_edi_import_positions;
/* Dependency notes on lines from..to: behind a line that begins with "Dependency", each as "D5(060,050)". printed may be NULL.
 * False: no memory. */
bool dgm_edi_import_take_notes(const dgm_edi_import_file *f, size_t from, size_t to, dgm_slice id,
                               const dgm_edi_import_positions *printed);

/* A file with a segment table is a message. */
bool dgm_edi_import_has_message(const dgm_edi_import_file *f);
bool dgm_edi_import_take_message(const dgm_edi_import_file *f);

#endif
