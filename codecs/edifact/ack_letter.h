/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_letter.h - an interchange that answers another: its messages are trees made place by place, its envelope has the parties of
 * the other one the other way round. CONTRL (ack_write.c) and APERAK (ack_aperak.c) are written so. One thread.
 */
#ifndef DGM_EDI_ACK_LETTER_H
#define DGM_EDI_ACK_LETTER_H

#include "ack.h"
#include "directory.h"

/* A node of the message being made, and its slot. */
typedef struct dgm_edi_spot {
    uint32_t node, slot;
} dgm_edi_spot;

typedef struct dgm_edi_letter {
    dgm_edi_ack *a;
    dgm_edi_acked *x;
    dgm_builder *b;
    const dgm_shape *shape;
    uint32_t version; /* of the syntax: that of the interchange that is answered */
} dgm_edi_letter;

/* The answer to an interchange, without a builder or shape yet. */
dgm_edi_letter dgm_edi_letter_to(dgm_edi_ack *a, dgm_edi_acked *x);
/* Makes the shape of a message unless it is there. DGM_UNKNOWN: the directory has no such message. */
dgm_status dgm_edi_letter_shape(dgm_edi_letter *l, const dgm_edi_directory *d, const char *type, dgm_shape **shape);

/* A value that the place can take, as to its length and bytes. */
bool dgm_edi_letter_fits(const dgm_edi_letter *l, uint32_t slot, dgm_slice v);
/* A new node beneath a spot. */
dgm_edi_spot dgm_edi_letter_open(dgm_edi_letter *l, dgm_edi_spot parent, const char *name);
/* A value beneath a spot; nothing when it is empty, does not fit, or there is no such place. */
void dgm_edi_letter_put(dgm_edi_letter *l, dgm_edi_spot at, const char *name, dgm_slice v);
void dgm_edi_letter_number(dgm_edi_letter *l, dgm_edi_spot at, const char *name, uint64_t n);

/* Writes the trees as one interchange and gives it to the outlet. names: version and release of the message ("D", "3"). What the
 * character set of the other interchange cannot carry is written in a wider one. DGM_INVALID: it cannot be written at all, diags
 * say why. */
dgm_status dgm_edi_letter_send(dgm_edi_letter *l, dgm_tree *const *trees, size_t n, const char *type, dgm_slice version,
                               dgm_slice release, dgm_diags *diags);

/* "202601020304" of now (format 203). */
dgm_slice dgm_edi_letter_stamp(const dgm_edi_letter *l, char out[16]);

dgm_diag *dgm_edi_letter_tell(const dgm_edi_letter *l, dgm_diags *diags, dgm_diag_code code, dgm_severity severity);
/* There can be no answer, and why. */
void dgm_edi_letter_impossible(const dgm_edi_letter *l, dgm_diags *diags, const char *why);

#endif
