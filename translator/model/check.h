/* SPDX-License-Identifier: Apache-2.0
 *
 * check.h - does a canonical document keep the rules of its vocabulary? Linear in the document. One thread.
 */
#ifndef DGM_MODEL_CHECK_H
#define DGM_MODEL_CHECK_H

#include "base/diag.h"
#include "tree.h"

/* Cardinalities, types, lengths: each breach is a diagnostic (model.*) with path and node. Returns DGM_OK also when there were some
 * (count errors in the list); DGM_NOMEM. */
dgm_status dgm_model_check(const dgm_tree *document, dgm_diags *diags);
/* The same of a document that says only what changes: nothing has to be there. */
dgm_status dgm_model_check_partial(const dgm_tree *document, dgm_diags *diags);

#endif
