/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_internal.h - what the files of the inference share. Values are looked for inside a set of *frames*: occurrences of both
 * sides that go together, first the whole messages, then those of each list that was found. A place in a frame is an *address*: the
 * steps that may repeat, each chosen by tests, by its number, or starred. What stands at an address over all frames, compared in
 * one way, is a *column*; equal columns of both sides are found through hashes. Room-internal; one thread.
 */
#ifndef DGM_MAPPING_INFER_INTERNAL_H
#define DGM_MAPPING_INFER_INTERNAL_H

#include "infer.h"

enum { WIRE, MODEL };

/* Limits: what is more is not looked at. */
enum {
    INF_ADDRESSES_MAX = 24, /* of one node */
    INF_NUMBER_MAX = 5,     /* occurrences that are told apart by their numbers */
    INF_SELECTORS_MAX = 40, /* different values of what selects */
    INF_POLICIES_MAX = 6,   /* ways to tell the occurrences of one slot apart */
    INF_POSTINGS_MAX = 96,  /* places of one value in one frame: what stands in more says nothing */
    INF_SEEN_MAX = 24,      /* different values that are counted as such */
    INF_CODES_MAX = 200,    /* lines of a code table */
    INF_CODE_BYTES = 17,    /* of a code */
    INF_WITNESS_MAX = 200,  /* of one proposal */
    INF_TRIES_MAX = 400,    /* pairs of lists that are tried in one set of frames */
    INF_TEXT_MAX = 1024
};

typedef enum inf_how { INF_PLAIN, INF_TEST, INF_NUMBER, INF_STAR, INF_EACH } inf_how;

/* Leaves whose values tell the occurrences of a slot apart. */
typedef struct inf_policy {
    uint32_t slot, selector[3], count;
    bool primary; /* what the standard calls qualifiers */
} inf_policy;

typedef struct inf_address {
    uint32_t parent, slot;   /* parent 0: the frame */
    inf_how how;             /* of an each with tests: INF_EACH and a policy */
    uint32_t number, policy; /* policy: index + 1; 0: none */
    const dgm_slice *values; /* of its selectors */
    bool starred;            /* it or one above it is taken with all its likes */
    bool several;            /* it chose two occurrences in one frame */
    uint32_t frame;          /* the last that had it, + 1, and which occurrence above that was of */
    uint32_t in;
} inf_address;

typedef enum inf_kind {
    INF_EQUAL,
    INF_DECIMAL,
    INF_DATE,
    INF_FOLD,
    INF_UPPER,
    INF_LOWER,
    INF_PADDED,
    INF_CODED,
    INF_KINDS
} inf_kind;

typedef struct inf_piece {
    uint32_t node;
    struct inf_piece *next;
} inf_piece;

typedef struct inf_fact {
    uint32_t frame, node;
    uint64_t hash; /* of the value as its kind compares it */
    struct inf_fact *next;
    inf_piece *pieces, *last_piece; /* of a fold: all of them */
} inf_fact;

typedef struct inf_column {
    uint32_t address, slot;
    inf_kind kind;
    const char *format; /* of dates in plain text: 2379 */
    bool several;
    uint32_t count;
    inf_fact *first, *last;
} inf_column;

typedef struct inf_occurrence {
    uint32_t frame, node, number;
} inf_occurrence;

typedef struct inf_list {
    uint32_t address;
    inf_occurrence *at;
    uint32_t count, room, frame, number;
} inf_list;

typedef struct inf_frame {
    uint32_t example, node[2], number;
} inf_frame;

typedef struct inf_table {
    uint64_t *keys;
    uint32_t *values; /* 0: free */
    size_t size, count;
} inf_table;

/* Room that grows in the arena. */
typedef struct inf_vector {
    void *at;
    uint32_t count, room;
} inf_vector;

typedef struct inf_set {
    const inf_frame *frames;
    uint32_t frame_count;
    uint32_t slot[2]; /* that the frames are occurrences of */
    uint32_t parent;  /* the proposal of their each, or DGM_NONE */
    uint32_t depth;
    inf_vector addresses[2], columns[2], lists[2]; /* inf_address, inf_column, inf_list; address 0 is the frame */
    inf_table address_table[2], column_table[2];
} inf_set;

typedef struct inf_slot {
    uint32_t whole; /* the place with a type whose number or text it is; itself: none */
    bool part;      /* it is the format, currency or unit of another */
    bool family;    /* others of its name stand beside it */
    uint32_t most;  /* occurrences in one place, in any example */
    uint32_t policy, policy_count;
    dgm_slice alias;
} inf_slot;

enum { INF_FREE, INF_VALUE, INF_SELECTOR, INF_INSIDE = 4 }; /* of a node; INSIDE: of an each that was found */

/* The hashes of a value as it may be compared. */
enum { INF_HASHES = 16 };
typedef struct inf_hashed {
    uint64_t hash;
    inf_kind kind;
    const char *format;
} inf_hashed;

typedef struct inf_hashes { /* of all leaves of a tree: those of node n are from[n] … from[n + 1] */
    uint32_t *from;
    inf_hashed *at;
} inf_hashes;

/* How the occurrences of a slot are told apart; else the policy + 1. */
#define INF_BY_NUMBER (UINT32_MAX - 1)
#define INF_BY_EACH   UINT32_MAX

typedef struct inf {
    dgm_arena *arena;
    const dgm_example *examples;
    size_t example_count;
    const dgm_shape *shape[2];
    inf_slot *slots[2];
    uint8_t **use[2]; /* by example and node */
    inf_policy *policies;
    uint32_t policy_count;
    uint32_t *favour;      /* by policy: how often something was found with it */
    uint32_t *chosen;      /* by slot of the wire: how its occurrences are told apart */
    inf_hashes *hashes[2]; /* by example */
    inf_table affinity;    /* places of both sides that have values in common */
    inf_vector found;      /* dgm_proposal */
    inf_table rule_of;     /* by example and node of the model: the proposal that writes it, + 1 */
    bool nomem;
} inf;

static inline const dgm_tree *inf_tree(const inf *k, uint32_t example, uint32_t side)
{
    return side == WIRE ? k->examples[example].wire : k->examples[example].model;
}
static inline dgm_slice inf_value(const inf *k, uint32_t example, uint32_t side, uint32_t node)
{
    return dgm_tree_value(inf_tree(k, example, side), node);
}
static inline uint64_t inf_mix(uint64_t h, uint64_t n)
{
    h = (h ^ (n + 0x632BE59BD9B4E019u)) * 0x9E3779B97F4A7C15u; /* small numbers on both sides never meet in 0 */
    h = (h ^ h >> 32) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 29;
}
uint64_t inf_hash(uint64_t h, dgm_slice s);
/* The number kept under a key; 0 when it is new. NULL: no memory. */
uint32_t *inf_at(inf *k, inf_table *t, uint64_t key);
uint32_t inf_get(const inf_table *t, uint64_t key);
/* One more thing at the end, zeroed; NULL: no memory. */
void *inf_push(inf *k, inf_vector *v, size_t bytes);

#define INF_ADDRESS(s, side, i) (&((inf_address *)(s)->addresses[side].at)[i])
#define INF_COLUMN(s, side, i)  (&((inf_column *)(s)->columns[side].at)[i])
#define INF_LIST(s, side, i)    (&((inf_list *)(s)->lists[side].at)[i])

/* infer_prepare.c: what is known of the slots before anything is compared. */
bool dgm_infer_prepare(inf *k);
/* What the standard calls a qualifier. */
bool dgm_infer_qualifies(const dgm_slot *s);
/* infer_collect.c: the addresses, columns and lists of a set of frames. */
bool dgm_infer_collect(inf *k, inf_set *s);
bool dgm_infer_hash_all(inf *k);
/* The node of the second part (format, currency, unit) of a value, or DGM_NONE. */
uint32_t dgm_infer_part(const dgm_tree *t, uint32_t node, uint32_t slot);
/* infer_lists.c: lists that go side by side, each with what is in it. */
void dgm_infer_lists(inf *k, inf_set *s);
/* infer_match.c: places with the same values, then those that change together; infer_rest.c: constants and numbers of order. */
void dgm_infer_match(inf *k, inf_set *s);
void dgm_infer_rest(inf *k, inf_set *s);
/* Whether an address goes with how the occurrences on its way are told apart elsewhere; and that from now on they are so. */
bool dgm_infer_fits(const inf *k, const inf_set *s, uint32_t address);
void dgm_infer_choose(inf *k, const inf_set *s, uint32_t address);
/* infer_text.c: places in words of the language, from the frames of the set. Of a text in pieces: every piece where there were
 * several, or of the last step that may repeat in any case, because longer texts need it. */
typedef enum inf_star { INF_STAR_NONE, INF_STAR_SEEN, INF_STAR_MORE } inf_star;
dgm_slice dgm_infer_place(inf *k, const inf_set *s, uint32_t side, uint32_t address, uint32_t slot, inf_star star);

/* One set of frames and all below it; how much was found in it. */
double dgm_infer_set(inf *k, inf_set *s);
/* Every occurrence has its number there. */
bool dgm_infer_counts(inf *k, const inf_set *s, const inf_column *b);
/* Marks the leaves that choose the occurrences of an address. */
void dgm_infer_selectors(inf *k, const inf_set *s, uint32_t address, uint32_t frame, uint32_t node);

#endif
