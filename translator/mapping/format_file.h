/* SPDX-License-Identifier: Apache-2.0
 *
 * format_file.h - reads a `dragoman: format/1` file of mappings/formats/: plain structs, because this room knows no codec. One
 * thread.
 */
#ifndef DGM_MAPPING_FORMAT_FILE_H
#define DGM_MAPPING_FORMAT_FILE_H

#include "base/arena.h"
#include "base/diag.h"

typedef struct dgm_pair {
    dgm_slice name, value;
} dgm_pair;

typedef struct dgm_format_file {
    dgm_slice name, title, codec, table; /* table: file name beside it, or empty */
    const dgm_pair *settings;            /* every key the format file itself does not know: nested maps are flattened with dots */
    size_t setting_count;
    const dgm_pair *names; /* short name → path, in file order */
    size_t name_count;
} dgm_format_file;

/* All slices live in the arena. DGM_OK; DGM_CONFIG: diagnostics say why, with line and column; DGM_NOMEM. */
dgm_status dgm_format_file_read(const dgm_mem *mem, dgm_arena *arena, dgm_slice path, dgm_slice yaml, dgm_diags *diags,
                                dgm_format_file *out);

#endif
