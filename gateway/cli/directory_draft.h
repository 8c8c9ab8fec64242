/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_draft.h - a directory while it is put together from other files: lines with the places they came from, then written as
 * one directory file and checked as the reader will check it. One thread.
 */
#ifndef DGM_GATEWAY_DIRECTORY_DRAFT_H
#define DGM_GATEWAY_DIRECTORY_DRAFT_H

#include "cli.h"

#include "codecs/edifact/directory_book.h"

/* Where a line came from. */
typedef struct draft_place {
    dgm_slice path, text; /* the file and the line, for whoever reads the mistake */
    uint32_t line;
} draft_place;

typedef struct draft_line {
    dgm_slice key, rest;
    draft_place place;
    uint32_t order; /* of being added; the first of two holds */
} draft_line;

typedef struct draft {
    cli *c;
    dgm_slice name, base, agency;
    draft_line *lines[DGM_EDI_TABLES];
    size_t counts[DGM_EDI_TABLES], rooms[DGM_EDI_TABLES];
} draft;

/* Frees what the draft holds beside the arena of the command. */
void draft_free(draft *d);
/* Slices are kept: they must be of the command's arena or of a file it holds. False: no memory. */
bool draft_add(draft *d, dgm_edi_table table, dgm_slice key, dgm_slice rest, draft_place place);
/* A record about a place of an input. */
dgm_diag *draft_complain(draft *d, dgm_diag_code code, dgm_severity severity, draft_place place);
/* The directory file, sorted, elements marked as coded when they have codes. What is wrong in it is told where it came from, into
 * c->diags. DGM_OK, DGM_CONFIG, DGM_NOMEM. */
dgm_status draft_finish(draft *d, dgm_buffer *out);

/* The file as UTF-8 with plain lines instead of the line-drawing characters of code page 437, in which early directories stand. at
 * NULL: no memory. */
dgm_slice draft_plain_text(draft *d, dgm_slice bytes);

/* One file of an official directory, its kind told by its layout. False: no memory. */
bool draft_take_text(draft *d, dgm_slice path, dgm_slice bytes);
/* An integrator's YAML. */
bool draft_take_yaml(draft *d, dgm_slice path, dgm_slice bytes);

#endif
