/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - the only place of the library that opens files: whole files and sorted folder listings, into an arena. One thread.
 */
#ifndef DGM_FILES_H
#define DGM_FILES_H

#include "base/arena.h"

/* The bytes of a regular file of at most bytes_max. DGM_IO: *why says the reason (static text); DGM_LIMIT; DGM_NOMEM. */
dgm_status dgm_file_read(dgm_arena *arena, dgm_slice path, size_t bytes_max, dgm_slice *out, const char **why);

/* Is it a regular file, whoever may read it? DGM_IO: *why says the reason. The arena takes its name. */
dgm_status dgm_file_there(dgm_arena *arena, dgm_slice path, const char **why);

/* Names in a folder that end in `suffix` ("" for folders), sorted by bytes, without those that begin with a dot. */
typedef struct dgm_names {
    const dgm_slice *at;
    size_t count;
} dgm_names;
dgm_status dgm_folder_list(dgm_arena *arena, dgm_slice path, const char *suffix, dgm_names *out, const char **why);

/* What a folder, or one file, looks like from outside: names, lengths and times of everything in it, folders in it up to
 * DGM_STAMP_DEPTH included, without what begins with a dot. Two stamps differ when anything was written, moved or taken away
 * between them. */
#define DGM_STAMP_DEPTH 4u
typedef struct dgm_stamp {
    uint64_t sum;
    int64_t newest_ms; /* of what was written, moved or taken away last, since 1970 */
} dgm_stamp;
/* Adds to a stamp, which begins as zeros; what is not there adds that it is not. DGM_NOMEM. */
dgm_status dgm_stamp_add(const dgm_mem *mem, dgm_slice path, dgm_stamp *stamp);

/* folder/name, NUL-terminated behind len. at NULL: no memory. */
dgm_slice dgm_path_join(dgm_arena *arena, dgm_slice folder, dgm_slice name);

#endif
