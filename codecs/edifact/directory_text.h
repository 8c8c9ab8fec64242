/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_text.h - the lines that directories are made of, linked in or added (directory_book.c): found by halving, gone through
 * in order. README.md, "The directories". Constant texts; any thread.
 */
#ifndef DGM_EDI_DIRECTORY_TEXT_H
#define DGM_EDI_DIRECTORY_TEXT_H

#include "directory.h"

#include "base/arena.h"

/* A line: key, where it holds, and what it says. */
typedef struct dgm_edi_line {
    dgm_slice key, where, rest;
} dgm_edi_line;

/* A directory that was added: its lines, which hold in it alone, and the index of its codes. */
struct dgm_edi_book {
    char name[DGM_EDI_NAME_ROOM];
    dgm_edi_directory base; /* number 0: none */
    dgm_slice agency;
    dgm_slice texts[DGM_EDI_TABLES];
    dgm_slice code_index;
};

/* The linked text of a table, and the index of the linked codes (directory_codes.c). */
dgm_slice dgm_edi_linked(dgm_edi_table table);
dgm_slice dgm_edi_linked_code_index(void);

/* The line at an offset; *next: the offset of the one behind it. False at the end. */
bool dgm_edi_line_at(dgm_slice text, size_t at, dgm_edi_line *out, size_t *next);
/* Offset of the first line whose key is not below `key`. */
size_t dgm_edi_line_first(dgm_slice text, dgm_slice key);
bool dgm_edi_where_holds(dgm_slice where, const dgm_edi_directory *d);
/* Of service directories ("V1-V3"). */
bool dgm_edi_where_service(dgm_slice where);

/* The line of this key in this directory. What only syntax version 4 has is found in any. */
bool dgm_edi_line_find(const dgm_edi_directory *d, dgm_edi_table table, dgm_slice key, dgm_edi_line *out);
/* All lines of a directory by key, those added before those linked in that they replace: *cursor = 0 first; false at the end. */
bool dgm_edi_line_each(const dgm_edi_directory *d, dgm_edi_table table, size_t *cursor, dgm_edi_line *out);
/* True when an added directory (may be NULL) has codes of its own for the element; they are then all that it has. */
bool dgm_edi_book_lists(const struct dgm_edi_book *book, dgm_slice element);

/* The index of the codes of a sorted text. DGM_LIMIT: an element has more than DGM_EDI_CODES_MAX. */
enum { DGM_EDI_CODES_MAX = 32000 };
dgm_status dgm_edi_code_index_make(dgm_arena *arena, dgm_slice text, dgm_slice *out);

#endif
