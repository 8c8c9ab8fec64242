/* SPDX-License-Identifier: Apache-2.0
 *
 * parts.h - what stands in a store (dgm_store) of documents that several messages tell: a record for each document, and one for
 * each part, which names the part before it. So a part that comes costs the same however many came before. One thread at a time.
 */
#ifndef DGM_PARTS_H
#define DGM_PARTS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "dragoman.h"

enum { DGM_VIEWS_MAX = 9, DGM_DIGEST_BYTES = 64 /* in hexadecimal digits */ };

/* What came by one mapping. */
typedef struct dgm_kept_view {
    dgm_slice mapping;
    uint32_t parts;
    uint32_t count;                      /* how many there are, as far as a message said; 0: none did */
    uint32_t listed;                     /* occurrences counted, where those are */
    uint32_t last;                       /* number of the last part, or 1 where parts have none; 0: it has not come */
    uint32_t highest;                    /* number of a part that has come */
    bool lists, several, numbered, ends; /* several: a rule says when it is complete; ends: by a last part */
} dgm_kept_view;

/* A document. */
typedef struct dgm_kept {
    dgm_slice name, model;
    dgm_waits state;
    int64_t since_ms;
    uint32_t parts; /* that count */
    uint64_t bytes; /* of all of them */
    dgm_slice last; /* which part came last */
    dgm_slice were; /* of one that was written, of few parts: identity and digest of each, as fields */
    uint32_t lists; /* of one of many: records that tell that (dgm_kept_was) */
    dgm_kept_view views[DGM_VIEWS_MAX];
    uint32_t view_count;
} dgm_kept;

/* A part. */
typedef struct dgm_kept_part {
    dgm_slice identity, before; /* which one it is, and the one that came before it (empty: none) */
    dgm_slice digest;           /* of what it says */
    uint32_t ordinal;           /* from 1, as they came */
    uint32_t listed;
    dgm_part_info info;
    dgm_slice document; /* what it says, as JSON */
    dgm_slice sent;     /* a line for each of its values: path, offset and bytes in the message */
} dgm_kept_part;

/* Keys of the store. */
dgm_status dgm_kept_key(dgm_buffer *out, dgm_slice document);
dgm_status dgm_kept_part_key(dgm_buffer *out, dgm_slice document, dgm_slice identity);

/* DGM_END: nothing is there; DGM_INVALID: what is there is no such record. What is read lives in the arena. */
dgm_status dgm_kept_get(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_kept *out);
dgm_status dgm_kept_put(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept *k);
dgm_status dgm_kept_part_get(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_slice identity,
                             dgm_kept_part *out);
dgm_status dgm_kept_part_put(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept_part *p);
/* All parts of a document, the first that came first. DGM_INVALID: one of them is not there, or no part of it. */
dgm_status dgm_kept_parts(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, const dgm_kept *k,
                          dgm_kept_part **out);
/* Of one that was written (dgm_store_settle): parts that are left go. */
dgm_status dgm_kept_sweep(const dgm_store *s, const dgm_mem *mem, dgm_slice document, dgm_kept *k);
/* Of one that was written: the digest of a part; empty when it had no such part. Costs the same however many it had. As
 * dgm_kept_get. */
dgm_status dgm_kept_was(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, const dgm_kept *k,
                        dgm_slice identity, dgm_slice *digest);

/* Is it complete? What it lacks, in words, into the arena. */
bool dgm_kept_complete(const dgm_kept *k);
dgm_slice dgm_kept_lacks(const dgm_kept *k, dgm_arena *arena);
/* A message in words: "message 4711 of interchange 88 (part 2) by cusrep"; the first three of a document, since when. */
dgm_slice dgm_part_words(dgm_arena *arena, const dgm_part_info *i);
dgm_slice dgm_waiting_words(dgm_arena *arena, const dgm_waiting *w);
/* Of one mapping, made when it is new; NULL: there are too many. */
dgm_kept_view *dgm_kept_view_of(dgm_kept *k, dgm_slice mapping);

#endif
