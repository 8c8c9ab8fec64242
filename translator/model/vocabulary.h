/* SPDX-License-Identifier: Apache-2.0
 *
 * vocabulary.h - the canonical vocabulary of one document kind, from a file of mappings/model/ to a shape. One thread while
 * loading; the shape may then be shared.
 */
#ifndef DGM_MODEL_VOCABULARY_H
#define DGM_MODEL_VOCABULARY_H

#include "base/diag.h"
#include "shape.h"

/* Reads a vocabulary file. path: its name for diagnostics. DGM_OK: *out is a shape named "Declaration@1", freed with
 * dgm_shape_free; DGM_CONFIG: diagnostics say why, with line and column; DGM_NOMEM. */
dgm_status dgm_vocabulary_load(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_shape **out);

#endif
