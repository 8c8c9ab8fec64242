/* SPDX-License-Identifier: Apache-2.0
 *
 * documents.h - documents and messages that are not one to one, while they run: a message is cut into what each of its documents is
 * read from, and what documents were written as is put together again. mappings/README.md, "Documents".
 *
 * Cuts and what is put together belong to one thread at a time; the mapping may be shared.
 */
#ifndef DGM_MAPPING_DOCUMENTS_H
#define DGM_MAPPING_DOCUMENTS_H

#include "base/buffer.h"
#include "mapping.h"

/* Does a message hold several documents? Do documents of different messages share one, by a key that says which? */
bool dgm_mapping_splits(const dgm_mapping *m);
bool dgm_mapping_shares(const dgm_mapping *m);

/* ---- reading: the documents of a message ---- */

typedef struct dgm_cuts dgm_cuts;
/* Finds the documents of a message, in its order. The mapping splits, and the tree is of its wire format; it outlives the cuts.
 * DGM_INVALID: there is none (told). */
dgm_status dgm_cuts_make(const dgm_mapping *m, const dgm_tree *in, const dgm_mem *mem, const dgm_limits *limits, dgm_runner *r,
                         dgm_diags *diags, dgm_cuts **out);
void dgm_cuts_free(dgm_cuts *c);
uint32_t dgm_cuts_count(const dgm_cuts *c);
/* What document k is read from: its own occurrences and all that stands around them, a part of the message (dgm_tree_part), freed
 * by the caller. DGM_INVALID: it is refused (told). */
dgm_status dgm_cuts_part(dgm_cuts *c, uint32_t k, dgm_runner *r, dgm_diags *diags, dgm_tree **out);
/* The occurrences that are document k's alone, from the first on: *row is 0 before the first. False: there is none more. */
bool dgm_cuts_own(const dgm_cuts *c, uint32_t k, uint32_t *row, dgm_range *out);
/* Whether the values that the message says of its documents hold: models[k] is document k, NULL where it was refused. Where not, it
 * is told. */
dgm_status dgm_cuts_verify(const dgm_cuts *c, dgm_runner *r, const dgm_tree *const *models, dgm_diags *diags);

/* ---- writing: documents that share a message ---- */

/* The keys by which a document shares its message with others, appended to out; false: it has none, and shares with nobody whom it
 * did not come with. */
bool dgm_mapping_message_key(const dgm_mapping *m, const dgm_tree *model, dgm_buffer *out, dgm_status *status);

typedef struct dgm_shared dgm_shared;
dgm_status dgm_shared_new(const dgm_mem *mem, const dgm_limits *limits, dgm_shared **out);
void dgm_shared_free(dgm_shared *s);
/* Another message. */
void dgm_shared_begin(dgm_shared *s, const dgm_mapping *m);
uint32_t dgm_shared_count(const dgm_shared *s);
/* What one document was written as by itself, and the document; both outlive the message. DGM_END: this message has no room for it,
 * another one may; DGM_INVALID: it says otherwise what the message says once (told), and is not in it. */
dgm_status dgm_shared_add(dgm_shared *s, const dgm_tree *target, const dgm_tree *model, dgm_diags *diags);
/* The message, until the next begin or free. */
dgm_status dgm_shared_finish(dgm_shared *s, dgm_runner *r, dgm_diags *diags, const dgm_tree **out);

#endif
