/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_book.h - directories that are added to those linked in: read from a directory file (README.md, "Adding a directory"),
 * checked whole, kept in one piece of memory. Reading is one thread's; a book is only read then.
 */
#ifndef DGM_EDI_DIRECTORY_BOOK_H
#define DGM_EDI_DIRECTORY_BOOK_H

#include "directory.h"

#include "base/diag.h"

/* What a directory file begins with. */
#define DGM_EDI_BOOK_MAGIC "dragoman directory 1"

/* DGM_OK; DGM_CONFIG: diags say, line by line, why not; DGM_NOMEM. */
dgm_status dgm_edi_book_load(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_edi_book **out);
void dgm_edi_book_free(dgm_edi_book *book); /* NULL: nothing */
/* The directory it is; valid as long as the book. */
dgm_edi_directory dgm_edi_book_directory(const dgm_edi_book *book);
/* Controlling agency whose directory it is, or empty: any. */
dgm_slice dgm_edi_book_agency(const dgm_edi_book *book);

/* The directory that UNH or a format names, S009 of ISO 9735: of those added (the codec's knowledge) one called "D.25A", or "D25A",
 * whose agency is that or none; else the one linked in. False when there is none; *out is then all zero. */
bool dgm_edi_directory_choose(const void *const *books, size_t n, dgm_slice version, dgm_slice release, dgm_slice agency,
                              dgm_edi_directory *out);

/* "1225:an..3?": true when it is an item that a segment or composite can have; *why says what is wrong, static text. */
bool dgm_edi_item_check(dgm_slice word, bool composite_allowed, const char **why);
/* The structure of a message, by itself: its words, its groups, UNH first and UNT last. */
bool dgm_edi_structure_check(dgm_slice structure, const char **why);

#endif
