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

#define DGM_STORE_HEAD "dragoman-store/1 "
/* The key that a file of a store is of, and what stands under it, from `rest` on; false: it is no such file. */
static inline bool dgm_folder_store_parse(dgm_slice file, dgm_slice *key, dgm_slice *rest)
{
    const size_t skip = sizeof DGM_STORE_HEAD - 1;
    uint64_t len = 0;
    if (!dgm_slice_is(dgm_slice_part(file, 0, skip), DGM_STORE_HEAD)) return false;
    dgm_cut line = dgm_slice_cut(dgm_slice_part(file, skip, file.len), '\n');
    for (size_t i = 0; i < line.head.len; i++) {
        if (line.head.at[i] < '0' || line.head.at[i] > '9' || i > 9) return false;
        len = len * 10 + (uint64_t)(line.head.at[i] - '0');
    }
    if (!line.found || !line.head.len || len >= line.tail.len || line.tail.at[len] != '\n') return false;
    *key = dgm_slice_part(line.tail, 0, (size_t)len);
    *rest = dgm_slice_part(line.tail, (size_t)len + 1, line.tail.len);
    return true;
}

/* Makes the folder (not what it stands in) when it is not there, unless it must be `there`. DGM_IO with errno. */
dgm_status dgm_folder_store_open(const dgm_mem *mem, const dgm_world *world, const char *path, bool there, dgm_folder_store **out);
void dgm_folder_store_close(dgm_folder_store *s);
dgm_store dgm_folder_store_use(dgm_folder_store *s); /* as long as it is open */
/* The first file that `each` came upon that has the name of a record and is none; NULL: none. */
const char *dgm_folder_store_strange(const dgm_folder_store *s);
/* errno of the first failure, which ended a job with DGM_IO; 0: none. */
int dgm_folder_store_failed(const dgm_folder_store *s);

#endif
