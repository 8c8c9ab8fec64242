/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml_tidy.h - a YAML file in its tidy form: indentation by two, dashes under their key, one blank where one belongs, no blanks at
 * line ends, at most one empty line in a row. Comments, empty lines, the order of keys and the breaking of lines stay. Pure.
 */
#ifndef DGM_BASE_YAML_TIDY_H
#define DGM_BASE_YAML_TIDY_H

#include "buffer.h"
#include "yaml.h"

/* Appends the tidy form of a file that dgm_yaml_read() takes. What came of it is read again and means the same; where it would
 * not, the file is appended as it stands and a warning says so (yaml.kept). DGM_OK; DGM_CONFIG: the file cannot be read,
 * diagnostics say why; DGM_NOMEM.
 */
dgm_status dgm_yaml_tidy(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_buffer *out);
/* Same maps in the same order, lists and texts. */
bool dgm_yaml_equal(const dgm_yaml *a, const dgm_yaml *b);

#endif
