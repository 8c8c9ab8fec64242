/* SPDX-License-Identifier: Apache-2.0
 *
 * late_store.h - a store whose documents are known to be written later than the job that put them out ends: when a file has got its
 * name. Until then it is held, and remembers them. One thread at a time.
 */
#ifndef DGM_DELIVERY_LATE_STORE_H
#define DGM_DELIVERY_LATE_STORE_H

#include "base/keyed.h"

typedef struct dgm_late_store {
    dgm_store inner;
    dgm_mem mem;
    dgm_keyed known; /* documents that were put out or asked for */
    dgm_buffer keys; /* of those that were put out, one after the other */
    bool held;
} dgm_late_store;

void dgm_late_store_init(dgm_late_store *l, dgm_store inner, const dgm_mem *mem);
/* For jobs; as long as it is there. */
dgm_store dgm_late_store_use(dgm_late_store *l);
/* What was put out is safe: documents of these keys (as they stand in `keys`, here or in an earlier run) are written. */
dgm_status dgm_late_store_settle(dgm_late_store *l, dgm_slice keys);
/* Lets the inner store go, and forgets. */
void dgm_late_store_end(dgm_late_store *l);

#endif
