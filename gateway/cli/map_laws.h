/* SPDX-License-Identifier: Apache-2.0
 *
 * map_laws.h - what the files of `map laws` share: documents on their way to the wire and back, and how one is told that does not
 * come back. One thread.
 */
#ifndef DGM_GATEWAY_MAP_LAWS_H
#define DGM_GATEWAY_MAP_LAWS_H

#include "map.h"

#include "context.h"
#include "mapping/describe.h"
#include "model/check.h"
#include "model/generate.h"

enum { REFUSED_MAX = 256, ROUNDS_MAX = 40, TRIES_MAX = 4000, PATH_BYTES = 512 };

typedef enum verdict { HOLDS, OUTSIDE, BROKEN, FAILED } verdict;

typedef struct trying {
    cli *c;
    const dgm_mapping *mapping;
    const dgm_format_entry *format;
    const dgm_shape *model;
    dgm_wish_choice *choices;
    bool *loses;             /* by statement */
    bool *loose;             /* by place of the model: a value of it was written by such a statement */
    const dgm_repr **limits; /* by place of the model: what the wire can hold of it, where nothing stands between */
    dgm_runner *runner;
    dgm_builder *builder;
    dgm_diags *diags;
    dgm_buffer bytes;
    uint32_t refused[REFUSED_MAX]; /* nodes of the document that a refusal named */
    size_t refused_count;
    /* what reading it again gave */
    dgm_tree *wire, *back;
    uint32_t residue;
    dgm_status read, failed;
    char why[1024];
    uint64_t documents, hold, outside, values, unsaid;
    bool amends; /* what changes in a document can be said with it */
    uint64_t pairs, pairs_hold, pairs_outside;
    dgm_slice folder; /* where documents that hold are kept; empty: nowhere */
    uint64_t seed;
    bool unkept;
} trying;

/* Document → mapping → wire, with provenance, of the runner. unsaid: by node of the document, or NULL. */
dgm_status laws_to_wire(trying *t, const dgm_tree *document, bool *unsaid, uint32_t *unsaid_count, dgm_tree **out);
/* What a refusal names is taken out until the rest can be written: whether that holds. */
verdict laws_fit(trying *t, dgm_tree **document);
dgm_status laws_to_bytes(trying *t, const dgm_tree *wire);
/* Reads t->bytes: t->wire, t->back, t->residue; t->why when there is an error. */
dgm_status laws_from_bytes(trying *t);
bool laws_is_written_again(trying *t, const dgm_tree *wire);
void laws_forget(trying *t); /* what was read */
bool laws_valid(trying *t, const dgm_tree *document);
void laws_because_of(trying *t, const char *law); /* t->why: the first error that was told of */
void laws_tell_head(trying *t, const char *what, uint64_t seed);
void laws_tell_document(trying *t, const char *key, const dgm_tree *d);
void laws_tell_written(trying *t);

/* Finds out whether what changes in a document can be said with this mapping, and how (map_laws_amended.c). */
void laws_amends(trying *t);
/* The third law: a base and the message between it and another document, written and read again, are the other document. Tells a
 * pair that breaks it. */
verdict laws_amended(trying *t, const dgm_tree *base, const dgm_wish *wish);

#endif
