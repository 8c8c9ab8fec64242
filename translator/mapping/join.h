/* SPDX-License-Identifier: Apache-2.0
 *
 * join.h - occurrences that a walk in document order does not meet where they are wanted: rows tied to a parent by keys, rows that
 * are one occurrence because their keys are equal, and what several of them share. Found out at load (plan_join.c), run when the
 * frame around them ends (late.c) over an index that a run makes once (join.c). Read-only once loaded, but for what a runner keeps.
 */
#ifndef DGM_MAPPING_JOIN_H
#define DGM_MAPPING_JOIN_H

#include "base/slice.h"

struct map_place;
struct map_test;
struct map_expr;

/* Occurrences of a place by what stands in them: [X=$name], or `where: =PLACE in ^/PLACE` of an each from the top. */
typedef struct map_join {
    const struct map_place *place;
    uint32_t step; /* the occurrences that are found end with this step of it */
    uint32_t base; /* block whose occurrence the place starts from */
    const struct map_test *keys;
    uint32_t key_count;                   /* 0: where */
    const struct map_place *left, *right; /* of the where: beneath what is found, beneath the occurrence around */
    uint32_t rule;
    bool each; /* what no one asks for is told of */
} map_join;

/* The values of a join when it creates: put when the occurrence lives. */
typedef struct map_key_write {
    const struct map_test *keys;
    const uint32_t *targets; /* by key */
    uint32_t count;
    uint32_t occurrence; /* target trie node */
    uint32_t rule;
    bool each; /* its owner is the occurrence around the block; else the block's own */
} map_key_write;

typedef struct map_by { /* a key of an each: its place on each side */
    const struct map_place *side[2];
} map_by;

/* An each whose occurrences are entered when the frame of its home block ends. */
typedef struct map_late {
    uint32_t rule, opens, home;
    uint32_t source; /* trie node of its own */
    uint32_t join;   /* DGM_NONE: the walk gathers them */
    uint32_t word;   /* gathered: frame word of home: the first of them; then the last, and the number of this frame's list */
    bool merges;     /* equal keys are one occurrence: reading */
    uint32_t next;   /* of the same home, + 1 */
} map_late;

/* ---- of a run --------------------------------------------------------------------------------------------------------------- */

typedef struct map_entry {
    uint64_t hash;
    const dgm_slice *values;
    uint32_t value_count;
    uint32_t what, base, node;
    uint32_t chain;      /* next of the bucket, + 1 */
    uint32_t head;       /* first with this key */
    uint32_t same, last; /* next with this key, + 1; of the head: the last */
    uint32_t owner;      /* of the head: who asked for it, + 1 */
    uint32_t later;      /* what is verified about it, + 1 */
    uint32_t listed;     /* gathered: the next head of its list, + 1 */
} map_entry;

typedef enum map_pick_kind { MAP_PICK_OPEN, MAP_PICK_WALK, MAP_PICK_DOT, MAP_PICK_CLOSE } map_pick_kind;
typedef struct map_pick {      /* one thing to do with an occurrence entered late */
    uint32_t kind, node, what; /* what: block of a dot; entry of a group that closes + 1 */
} map_pick;

typedef struct map_turn {      /* where the late eachs of a frame stand */
    uint32_t frame, late, own; /* own: the frame of the occurrence at hand */
    uint32_t first, at, count; /* of the picks */
    bool loaded;
} map_turn;

#endif
