/* SPDX-License-Identifier: Apache-2.0
 *
 * documents_run.h - what documents.c and documents_join.c share: speaking of a tree that no run is about. One thread.
 */
#ifndef DGM_MAPPING_DOCUMENTS_RUN_H
#define DGM_MAPPING_DOCUMENTS_RUN_H

#include "base/keyed.h"
#include "documents.h"
#include "run.h"

/* What follows is told of this tree. */
void dgm_map_speak(dgm_runner *r, const dgm_mapping *m, dgm_direction d, const dgm_tree *in, dgm_diags *diags);
/* What a rule says of all documents; false: nothing. */
bool dgm_map_total(dgm_runner *r, uint32_t rule, const dgm_tree *const *documents, uint32_t count, dgm_slice *out);

#endif
