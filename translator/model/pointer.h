/* SPDX-License-Identifier: Apache-2.0
 *
 * pointer.h - pointers of the WCO Data Model: a chain of class identifiers with the number of the occurrence, and the identifier
 * of an element behind the last, as answers name what is wrong in a document ("42A 67A 68A#2 23A/137"). Pure; any thread.
 */
#ifndef DGM_MODEL_POINTER_H
#define DGM_MODEL_POINTER_H

#include "model/tree.h"

/* Whether a text begins as a pointer does: two digits, a capital letter, and no more of a name. */
bool dgm_pointer_looks(dgm_slice text);
/* The places a chain goes through, as slots with the numbers of their occurrences (0: whichever). A number at a class that stands
 * once says nothing; the first class may be that of the whole document. DGM_OK, DGM_UNKNOWN: *bad is the step that means nothing
 * here, *count the steps before it; DGM_LIMIT: more steps than there is room for. */
dgm_status dgm_pointer_read(const dgm_shape *s, dgm_slice chain, uint32_t *slots, uint32_t *numbers, size_t room, size_t *count,
                            dgm_slice *bad);
/* The chain of a node, in one spelling: every class from the whole document down, a number where it may stand several times. What
 * it needs, as snprintf; 0: a place on the way has no identifier. */
size_t dgm_pointer_write(const dgm_tree *t, uint32_t node, char *out, size_t room);

#endif
