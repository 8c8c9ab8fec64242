/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_import.h - what the readers of official directory texts share: the lines of a file, words and marks on them. One
 * thread.
 */
#ifndef DGM_GATEWAY_DIRECTORY_IMPORT_H
#define DGM_GATEWAY_DIRECTORY_IMPORT_H

#include "directory_draft.h"

typedef struct import_file {
    draft *draft;
    dgm_slice path;
    dgm_slice *lines; /* without blanks at their ends */
    size_t count;
    bool minus_is_gone; /* what is marked with "-" is no longer there */
} import_file;

/* The first word, taken off; empty at the end. */
dgm_slice import_word(dgm_slice *rest);
bool import_digits(dgm_slice s, size_t least, size_t most);
/* n capital letters, digits among them but not first. */
bool import_capitals(dgm_slice s, size_t n);
/* A change indicator: + * # | X - */
bool import_is_mark(dgm_slice word);
size_t import_indent(dgm_slice line);
bool import_blank(dgm_slice line);
/* Does the line begin so, perhaps behind a mark? */
bool import_begins(dgm_slice line, const char *word);
draft_place import_place(const import_file *f, size_t i);
void import_complain(const import_file *f, size_t i, const char *what, const char *why);

/* The positions that are printed beside the items that are kept; 0 beside one that has none. */
enum { IMPORT_POSITIONS_MAX = 256 };
typedef struct import_positions {
    uint32_t at[IMPORT_POSITIONS_MAX];
    size_t count;
} import_positions;
/* Dependency notes on lines from..to: behind a line that begins with "Dependency", each as "D5(060,050)". printed may be NULL.
 * False: no memory. */
bool import_take_notes(const import_file *f, size_t from, size_t to, dgm_slice id, const import_positions *printed);

/* A file with a segment table is a message. */
bool import_has_message(const import_file *f);
bool import_take_message(const import_file *f);

#endif
