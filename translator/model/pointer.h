/* SPDX-License-Identifier: Apache-2.0
 *
 * pointer.h - pointers of the WCO Data Model: a chain of class identifiers with the number of the occurrence, and the identifier
 * of an element behind the last, as answers name what is wrong in a document ("42A 67A 68A#2 23A/137"). Pure; any thread.
 */
#ifndef DGM_MODEL_POINTER_H
#define DGM_MODEL_POINTER_H

#include "model/tree.h"

enum { DGM_POINTER_STEPS = DGM_DEPTH_MAX + 2 };

/* A place with the number of each occurrence on the way (0: whichever, or it stands there once); no step: the whole document. */
typedef struct dgm_pointer {
    uint32_t slots[DGM_POINTER_STEPS], numbers[DGM_POINTER_STEPS];
    size_t count;
} dgm_pointer;

/* Whether a text begins as a pointer does: two digits, a capital letter, and no more of a name. */
bool dgm_pointer_looks(dgm_slice text);
/* The places a chain goes through, as slots with the numbers of their occurrences (0: whichever). A number at a class that stands
 * once says nothing; the first class may be that of the whole document. DGM_OK, DGM_UNKNOWN: *bad is the step that means nothing
 * here, *count the steps before it; DGM_LIMIT: more steps than there is room for. */
dgm_status dgm_pointer_read(const dgm_shape *s, dgm_slice chain, uint32_t *slots, uint32_t *numbers, size_t room, size_t *count,
                            dgm_slice *bad);
/* The same with as many steps as a document can have. A chain may come from an answer, which names the whole it stands in before
 * the document ("07B 42A 67A"). */
dgm_status dgm_pointer_of_chain(const dgm_shape *s, dgm_slice chain, dgm_pointer *p, dgm_slice *bad);
/* And in the canonical spelling, names with numbers: "GoodsShipment/GovernmentAgencyGoodsItem#2/SequenceNumeric"; "/" is the whole
 * document. */
dgm_status dgm_pointer_of_path(const dgm_shape *s, dgm_slice path, dgm_pointer *p, dgm_slice *bad);
/* Both spellings; what they need, as snprintf. *said: how many steps have an identifier in the chain, which ends before the first
 * that has none. */
size_t dgm_pointer_path(const dgm_shape *s, const dgm_pointer *p, char *out, size_t room);
size_t dgm_pointer_chain(const dgm_shape *s, const dgm_pointer *p, char *out, size_t room, size_t *said);

/* The number of an occurrence: what it says itself in its SequenceNumeric, or else its place in the list. */
uint32_t dgm_pointer_own_number(const dgm_tree *t, uint32_t node); /* the former alone; 0: none */
uint32_t dgm_pointer_number(const dgm_tree *t, uint32_t node);
/* The place of a node with those numbers. False: it is in no shape. */
bool dgm_pointer_of_node(const dgm_tree *t, uint32_t node, dgm_pointer *p);
/* The node there; DGM_NONE: none. *steps: how many of its steps are there, *above the node of the last of them (0: the root). Time
 * is linear in what stands beside the way. */
uint32_t dgm_pointer_find(const dgm_tree *t, const dgm_pointer *p, size_t *steps, uint32_t *above);

/* The chain of a node, in one spelling: every class from the whole document down, a number where it may stand several times. What
 * it needs, as snprintf; 0: a place on the way has no identifier. parents: of dgm_tree_parents(), for who asks for many, or
 * NULL. */
size_t dgm_pointer_write(const dgm_tree *t, const uint32_t *parents, uint32_t node, char *out, size_t room);

#endif
