/* SPDX-License-Identifier: Apache-2.0
 *
 * load.h - what load.c and load_rule.c share.
 */
#ifndef DGM_MAPPING_LOAD_H
#define DGM_MAPPING_LOAD_H

#include "internal.h"

/* The place of a node's value and of its key in the file being read. */
map_mark dgm_map_mark(const map_loader *l, const dgm_yaml *n);
map_mark dgm_map_key_mark(const map_loader *l, const dgm_yaml *n);
/* A text with %names of the fragment being pasted put in; false: it is no text, or no memory (told). */
bool dgm_map_text(map_loader *l, const dgm_yaml *n, dgm_slice *out);
/* A key nobody knows here, or one of mapping/1 that this version does not read. */
void dgm_map_unknown_key(map_loader *l, const dgm_yaml *n, const char *const *known);
void dgm_map_take_key(map_loader *l, map_rule *r, const dgm_yaml *n);
/* `codes` whose cells are forms, the texts of `side`. */
void dgm_map_take_cells(map_loader *l, map_rule *r, const dgm_yaml *n, uint32_t side);
/* Whether a statement without `form` cuts its text by the cells of its codes. */
bool dgm_map_has_cells(const dgm_yaml *n);
/* The mapping with those it extends put together; itself when it extends none. NULL: told, or no memory. */
const dgm_yaml *dgm_map_extend(map_loader *l, const dgm_yaml *root);
/* A statement with `form`: one rule for each field. r: with what any rule begins. */
void dgm_map_take_form(map_loader *l, const dgm_yaml *n, map_rule r);
uint32_t dgm_map_store_rule(map_loader *l, const map_rule *r); /* its number, or DGM_NONE */
void dgm_map_missing(map_loader *l, map_mark mark, const char *key);
/* `by` and `where` of an each whose block is there; then, when its rules are read, the rules that its keys are. */
void dgm_map_take_each_keys(map_loader *l, const dgm_yaml *head, uint32_t rule);
void dgm_map_add_key_rules(map_loader *l, uint32_t rule);
/* `as: pointer` and `of`; a side that is a class whose occurrences spell the pointer. */
void dgm_map_take_pointer(map_loader *l, map_rule *r);
void dgm_map_take_of(map_loader *l, map_rule *r, const dgm_yaml *n);
void dgm_map_take_chain(map_loader *l, map_rule *r, uint32_t side, const map_place *p);
/* The shape of a format or a document that a node names; NULL: told. */
const dgm_shape *dgm_map_shape_named(map_loader *l, const dgm_yaml *n, dgm_slice name, bool model);
/* The key `document`; when all statements are read, the rules that its keys are; and whether those of the mapping fit it. */
void dgm_map_take_document(map_loader *l, const dgm_yaml *n);
void dgm_map_add_document_rules(map_loader *l);
void dgm_map_check_documents(map_loader *l);
/* The same where it says `merge` (load_merge.c); *last: the condition of `last`, which is a text, or NULL. */
void dgm_map_take_merge(map_loader *l, const dgm_yaml *n, const dgm_yaml **last);
/* A key of documents as a rule, unless there is one of its places in that block. */
void dgm_map_add_document_rule(map_loader *l, const map_document_key *key, uint32_t block);
/* The map of keys `by`, or `merge`: wire places and model places. */
void dgm_map_take_document_keys(map_loader *l, const dgm_yaml *n, map_document_key *keys, uint32_t *count);
/* Why a derivation, or a value that is no map, cannot say what a document is; false: told. */
bool dgm_map_document_possible(map_loader *l, const dgm_yaml *n, const char *wanted);
void dgm_map_take_side(map_loader *l, map_rule *r, uint32_t side, const dgm_yaml *n);

#endif
