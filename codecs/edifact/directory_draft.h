/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_draft.h - a directory while it is put together from other files: lines with the places they came from, then written as
 * one directory file and checked as the reader will check it. One thread.
 */
#ifndef DGM_EDIFACT_DIRECTORY_DRAFT_H
#define DGM_EDIFACT_DIRECTORY_DRAFT_H

#include "directory_book.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"

/* Where a line came from. */
typedef struct dgm_edi_draft_place {
    dgm_slice path, text; /* the file and the line, for whoever reads the mistake */
    uint32_t line;
} dgm_edi_draft_place;

typedef struct dgm_edi_draft_line {
    dgm_slice key, rest;
    dgm_edi_draft_place place;
    uint32_t order; /* of being added; the first of two holds */
} dgm_edi_draft_line;

typedef struct dgm_edi_draft {
    const dgm_mem *mem;
    dgm_arena *arena; /* of the texts that lines are made of */
    dgm_diags *diags;
    dgm_slice name, base, agency;
    dgm_edi_draft_line *lines[DGM_EDI_TABLES];
    size_t counts[DGM_EDI_TABLES], rooms[DGM_EDI_TABLES];
} dgm_edi_draft;

/* Frees what the draft holds beside the arena of its owner. */
void dgm_edi_draft_free(dgm_edi_draft *d);
/* Slices are kept: they must be of the arena or of a file that its owner holds. False: no memory. */
bool dgm_edi_draft_add(dgm_edi_draft *d, dgm_edi_table table, dgm_slice key, dgm_slice rest, dgm_edi_draft_place place);
/* A record about a place of an input. */
dgm_diag *dgm_edi_draft_complain(dgm_edi_draft *d, dgm_diag_code code, dgm_severity severity, dgm_edi_draft_place place);
/* The directory file, sorted, elements marked as coded when they have codes. What is wrong in it is told where it came from, into
 * diags. DGM_OK, DGM_CONFIG, DGM_NOMEM. */
dgm_status dgm_edi_draft_finish(dgm_edi_draft *d, dgm_buffer *out);

/* The file as UTF-8 with plain lines instead of the line-drawing characters of code page 437, in which early directories stand. at
 * NULL: no memory. */
dgm_slice dgm_edi_draft_plain_text(dgm_edi_draft *d, dgm_slice bytes);

/* One file of an official directory, its kind told by its layout. False: no memory. */
bool dgm_edi_draft_take_text(dgm_edi_draft *d, dgm_slice path, dgm_slice bytes);
/* An integrator's YAML. */
bool dgm_edi_draft_take_yaml(dgm_edi_draft *d, dgm_slice path, dgm_slice bytes);

#endif
