/* SPDX-License-Identifier: Apache-2.0
 *
 * attached.h - what is kept beside the shape of a message, made once with it: the program that reads into trees of this shape, and
 * a row for each slot that says all that writing wants to know of it. Readers and writers of one message so cost nothing to open.
 *
 * Read-only once attached; it may then be shared by threads and lives as long as the shape.
 */
#ifndef DGM_EDI_ATTACHED_H
#define DGM_EDI_ATTACHED_H

#include "program.h"

/* One slot, for writing. */
typedef struct dgm_edi_row {
    uint32_t first_child, child_count;
    uint64_t needed;      /* mandatory children of a segment or composite, a bit each */
    uint32_t least, most; /* characters of a value */
    uint32_t tag;         /* of a segment: its three characters, packed */
    uint16_t position;    /* of a segment or group, in the program; of an element or composite: how many places it stands for */
    uint8_t kind;         /* dgm_kind */
    uint8_t class;        /* dgm_edi_class */
    uint16_t element[2];  /* position in the segment, from 1: up to syntax version 3, from version 4 on */
    uint8_t tag_number;   /* of a segment: dgm_edi_tag_number */
    uint8_t component;    /* from 1; 0: a simple element */
    uint8_t again;        /* version 4: how many places before it share its position */
    uint8_t special;      /* of a segment: DGM_EDI_ROW_* */
} dgm_edi_row;
/* NOTED: a segment with dependency notes, or one of its composites has some. WIDE: one of its places stands for several. */
enum { DGM_EDI_ROW_NOTED = 1, DGM_EDI_ROW_WIDE = 2 };

typedef struct dgm_edi_attached {
    const void *mark; /* tells it from what other codecs attach */
    dgm_mem mem;
    dgm_edi_program *programs[2]; /* bound to the shape, up to syntax version 3 and from version 4 on; one of them may be NULL */
    dgm_edi_row *rows;
    uint32_t row_count;
    uint32_t unh, unt, uns[2], uns_count; /* slots; DGM_SLOT_NONE where there is none */
} dgm_edi_attached;

/* Binds programs of one message to the shape that was made of one of them, and attaches them with their rows. They belong to the
 * shape from then on; when this fails they are freed. Either may be NULL, not both; they number places and tags alike. DGM_NOMEM;
 * DGM_USAGE: the shape is of another message. */
dgm_status dgm_edi_attach(const dgm_mem *mem, dgm_shape *shape, dgm_edi_program *three, dgm_edi_program *four);
/* The memory that a shape takes, with what is attached. */
size_t dgm_edi_attached_bytes(const dgm_shape *shape);
/* NULL for a shape that is none of this codec's. */
const dgm_edi_attached *dgm_edi_attached_of(const dgm_shape *shape);
/* Either of the programs, for what both have in common. */
static inline const dgm_edi_program *dgm_edi_attached_program(const dgm_edi_attached *a)
{
    return a->programs[0] ? a->programs[0] : a->programs[1];
}

#endif
