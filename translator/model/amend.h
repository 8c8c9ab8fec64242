/* SPDX-License-Identifier: Apache-2.0
 *
 * amend.h - messages that say only what changes, and the document they change: the two become the full document, and two full
 * documents the message between them. Each change is an Amendment (WCO Data Model 06A: reason 099, Pointer 97A): a place that the
 * message fills is set, one that it does not fill is taken away. One thread at a time for each call.
 */
#ifndef DGM_MODEL_AMEND_H
#define DGM_MODEL_AMEND_H

#include "base/diag.h"
#include "pointer.h"

/* What `base` becomes by the changes of `partial`, put into a builder that has begun with their shape. Numbers are those of the
 * base, whatever else the message changes. DGM_OK, perhaps with warnings: what the message says beside its pointers and the base
 * says otherwise, what is taken away and is not there; DGM_INVALID: nothing is amended, a pointer names nothing, the message is
 * about another document (diags); DGM_USAGE: they are of different shapes; DGM_NOMEM, DGM_LIMIT. */
dgm_status dgm_amend_apply(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *partial, dgm_diags *diags, dgm_builder *out);

/* What such a message says of itself: FunctionCode (017), TypeCode (D013), FunctionalReferenceID (D026) and the reason of each
 * change (099); what is empty is left out, but for the reference, which is then that of the full document. */
typedef struct dgm_amend_head {
    dgm_slice function, type, reference, reason;
} dgm_amend_head;
/* The message that makes `full` of `base`. Members of lists without numbers are repeated up to the last that changes. DGM_INVALID:
 * no such message says it, as an order of occurrences that changes (diags); else as above. */
dgm_status dgm_amend_make(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *full, const dgm_amend_head *head,
                          dgm_diags *diags, dgm_builder *out);

/* Whether such a message, frozen, makes the one of the other: DGM_OK; DGM_INVALID: something differs still (diags). */
dgm_status dgm_amend_prove(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *partial, const dgm_tree *full,
                           dgm_diags *diags);

/* ---- for the two of them: a document that is changed ---------------------------------------------------------------------- */

/* A node of it; 0 is the root. Numbers stay what they were in the beginning. */
typedef struct dgm_edited {
    uint32_t up, first, last, next; /* 0: none */
    uint32_t slot, number;          /* of an occurrence in a list, else 0 */
    uint32_t peer;                  /* the node of the other document that is meant; 0: none */
    uint32_t node;                  /* where its value stands in `from`; from NULL: a class without one */
    const dgm_tree *from;
    bool numbered; /* it says its number itself */
    bool sorted;   /* first of a list: all of it are numbered, and rise */
    bool fills;    /* a value stands in it or beneath */
    bool gone, pointed, made;
} dgm_edited;

typedef struct dgm_edit {
    dgm_mem mem;
    const dgm_shape *shape;
    dgm_edited *at;
    size_t count, room;
    uint32_t *index; /* by parent, slot and number: node + 1; of several the first */
    size_t index_room, indexed;
    dgm_status failed;
} dgm_edit;

/* All of a tree; what is in no shape is left out. */
dgm_status dgm_edit_begin(dgm_edit *e, const dgm_mem *mem, const dgm_tree *t);
void dgm_edit_free(dgm_edit *e);
/* The child of that slot and number (0: the first one); 0: none. */
uint32_t dgm_edit_child(const dgm_edit *e, uint32_t up, uint32_t slot, uint32_t number);
/* A new last child; 0: no memory (e->failed). */
uint32_t dgm_edit_add(dgm_edit *e, uint32_t up, uint32_t slot, uint32_t number, const dgm_tree *from, uint32_t node);
/* Takes what stands beneath away, and puts what stands beneath `peer` of another document there, with its value. */
void dgm_edit_replace(dgm_edit *e, uint32_t at, const dgm_edit *other, uint32_t peer);
/* Into a builder. by_number: lists in the order of their numbers; else those that were. */
dgm_status dgm_edit_build(const dgm_edit *e, bool by_number, dgm_builder *out);
/* The place of a node, in canonical words. */
void dgm_edit_pointer(const dgm_edit *e, uint32_t at, dgm_pointer *p);
static inline dgm_slice dgm_edit_value(const dgm_edit *e, uint32_t at)
{
    return e->at[at].from ? dgm_tree_value(e->at[at].from, e->at[at].node) : (dgm_slice){ 0 };
}
/* Identifiers of the WCO Data Model that messages of this kind have at their head. */
uint32_t dgm_amend_slot(const dgm_shape *s, uint32_t above, const char *identifier);
/* Whether what stands there, directly beneath the root, is about the message itself and not about the document. */
bool dgm_amend_own(const dgm_edit *e, uint32_t at);

#endif
