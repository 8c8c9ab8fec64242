/* SPDX-License-Identifier: Apache-2.0
 *
 * files.h - the only place of the library that opens files: whole files and sorted folder listings, into an arena. One thread.
 */
#ifndef DGM_FILES_H
#define DGM_FILES_H

#include "base/arena.h"

/* The bytes of a regular file of at most bytes_max. DGM_IO: *why says the reason (static text); DGM_LIMIT; DGM_NOMEM. */
dgm_status dgm_file_read(dgm_arena *arena, dgm_slice path, size_t bytes_max, dgm_slice *out, const char **why);

/* Names in a folder that end in `suffix` ("" for folders), sorted by bytes, without those that begin with a dot. */
typedef struct dgm_names {
    const dgm_slice *at;
    size_t count;
} dgm_names;
dgm_status dgm_folder_list(dgm_arena *arena, dgm_slice path, const char *suffix, dgm_names *out, const char **why);

/* folder/name, NUL-terminated behind len. at NULL: no memory. */
dgm_slice dgm_path_join(dgm_arena *arena, dgm_slice folder, dgm_slice name);

#endif
