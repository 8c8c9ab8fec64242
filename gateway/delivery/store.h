/* SPDX-License-Identifier: Apache-2.0
 *
 * store.h - a store (dgm_store) in a folder: parts of documents wait there for the others, over runs and for any number of
 * processes.
 *
 *   DIR/<sha-256 of the key>       the key and what stands under it, put by a rename of a file that is synced
 *   DIR/<sha-256 of the key>.new   being written; worthless after a crash
 *   DIR/lock                       held (flock) by the process that puts parts, from the first of an input to its end
 *
 * One thread at a time.
 */
#ifndef DGM_DELIVERY_STORE_H
#define DGM_DELIVERY_STORE_H

#include "base/buffer.h"

typedef struct dgm_folder_store dgm_folder_store;
/* Makes the folder (not what it stands in) when it is not there, unless it must be `there`. DGM_IO with errno. */
dgm_status dgm_folder_store_open(const dgm_mem *mem, const dgm_world *world, const char *path, bool there, dgm_folder_store **out);
void dgm_folder_store_close(dgm_folder_store *s);
dgm_store dgm_folder_store_use(dgm_folder_store *s); /* as long as it is open */
/* errno of the first failure, which ended a job with DGM_IO; 0: none. */
int dgm_folder_store_failed(const dgm_folder_store *s);

#endif
