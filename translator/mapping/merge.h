/* SPDX-License-Identifier: Apache-2.0
 *
 * merge.h - messages that are parts of documents, while they run: what a message says of itself as a part, and one canonical
 * document put together of what several told. mappings/README.md, "Documents".
 *
 * The mapping may be shared; all else belongs to one thread at a time.
 */
#ifndef DGM_MAPPING_MERGE_H
#define DGM_MAPPING_MERGE_H

#include "base/buffer.h"
#include "mapping.h"

/* Is a message a part of a document? */
bool dgm_mapping_merges(const dgm_mapping *m);

/* What `document` says, in words; without memory empty. */
dgm_slice dgm_merge_text(const dgm_mapping *m, dgm_arena *arena);
/* The other mappings that tell such documents: name i, empty past the last; the one that is believed, or empty. */
dgm_slice dgm_merge_with(const dgm_mapping *m, uint32_t i);
dgm_slice dgm_merge_master(const dgm_mapping *m);
/* Whether one that comes again and says otherwise takes the place of the part before. */
bool dgm_merge_replaces(const dgm_mapping *m);
/* Whether a document has several messages of this mapping; else there is one. */
bool dgm_merge_several(const dgm_mapping *m);

/* Whether the parts of a document have numbers; whether one of them says that it is the last. */
bool dgm_merge_numbered(const dgm_mapping *m);
bool dgm_merge_ends(const dgm_mapping *m);

/* What a message says of itself as a part; 0: nothing. */
typedef struct dgm_part_facts {
    uint32_t number, count;
    uint32_t listed; /* occurrences of what `of` counts */
    bool lists;      /* `count` counts those */
    bool last;
} dgm_part_facts;
/* After the runner has read the message: model is what it became. What is used stands in the accounts as verified. DGM_INVALID:
 * told. */
dgm_status dgm_merge_facts(dgm_runner *r, const dgm_mapping *m, const dgm_tree *wire, const dgm_tree *model, dgm_diags *diags,
                           dgm_part_facts *out);
/* Which document it is a part of: bytes that are equal for equal keys, and a text for people, both appended. DGM_INVALID: a key has
 * no value (told at the place of the wire). */
dgm_status dgm_merge_key(dgm_runner *r, const dgm_mapping *m, const dgm_tree *wire, const dgm_tree *model, dgm_diags *diags,
                         dgm_buffer *bytes, dgm_buffer *text);

/* One of the canonical documents that are put together; whose: the mapping it came by. */
typedef struct dgm_united {
    const dgm_tree *tree;
    const dgm_mapping *whose;
} dgm_united;
/* Puts documents of one shape together, the first being believed first: what stands once is taken from the first that says it,
 * occurrences of lists follow one another, those with equal keys (`into` of any of the mappings) are one. disagree is told of each
 * value that is not the one that was taken. The result's origin says of each node which document (rule) and which of its nodes
 * (source_node) it was taken from. Linear but for hashing. DGM_LIMIT: more nodes than there may be. */
dgm_status dgm_merge_trees(const dgm_mem *mem, const dgm_limits *limits, const dgm_united *parts, uint32_t count,
                           void (*disagree)(void *ctx, uint32_t part, uint32_t node, uint32_t other_part, uint32_t other_node),
                           void *ctx, dgm_tree **out);

/* Whether the mappings that this one names in `with` can tell one document with it: they are there, merge, have the same keys, name
 * it as well. Told at the place in the file; false: not. find: a mapping by its name, or NULL. */
bool dgm_merge_fits(const dgm_mapping *m, const dgm_mapping *(*find)(void *ctx, dgm_slice name), void *ctx, dgm_diags *diags);

#endif
