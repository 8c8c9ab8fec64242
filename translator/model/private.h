/* SPDX-License-Identifier: Apache-2.0
 *
 * private.h - what shape.c, tree.c, draft.c and builder.c share: the inside of a shape, the memory behind a tree, and the running
 * median that says how much of it is worth keeping (definition B5). Nobody outside translator/model includes it.
 */
#ifndef DGM_MODEL_PRIVATE_H
#define DGM_MODEL_PRIVATE_H

#include "tree.h"

#include <stdatomic.h>

/* ---- the inside of a shape ---- */

/* What builder and freeze need of a slot, small enough to stay in the cache. */
typedef struct dgm_slot_hot {
    uint32_t parent;
    uint32_t tag;   /* slot and kind, no flags */
    uint32_t place; /* element and component */
} dgm_slot_hot;

typedef struct dgm_shape_bucket {
    uint32_t first, count; /* in ranked[]: the slots of one name beneath one parent, by ordinal; count 0: free */
} dgm_shape_bucket;

typedef struct dgm_shape_alias_row {
    dgm_slice name;
    uint32_t slot;
} dgm_shape_alias_row;

/* What checking a document needs of a slot, in half a cache line. */
typedef struct dgm_slot_check {
    uint32_t first_child, last_child; /* last_child: one past */
    uint32_t min, max;
    uint32_t length_max;
    uint32_t sure;       /* a value of so many bytes needs no look at all */
    uint32_t needed;     /* this slot or the next one of its parent that must be there; one past the last when there is none */
    uint16_t length_min; /* more than there is room for: the form is DGM_CHECK_SLOWLY */
    uint8_t decimals;
    uint8_t form : 7; /* dgm_check_form: what a value must look like to need no second look */
    bool needs : 1;
} dgm_slot_check;
typedef enum dgm_check_form {
    DGM_CHECK_NOTHING,
    DGM_CHECK_TEXT,
    DGM_CHECK_LETTERS,
    DGM_CHECK_DIGITS,
    DGM_CHECK_NUMBER,
    DGM_CHECK_DATE,
    DGM_CHECK_SLOWLY
} dgm_check_form;
void dgm_check_rows(dgm_shape *s); /* when a shape is frozen */

struct dgm_shape {
    dgm_arena arena; /* holds everything, this struct too */
    dgm_slice name;
    uint32_t count, alias_count;
    dgm_slot *slots;
    dgm_slot_hot *hot;
    dgm_slot_check *check;
    uint32_t *ranked;
    dgm_shape_bucket *buckets; /* open addressing on (parent, name); never full */
    uint32_t bucket_mask;
    dgm_shape_alias_row *aliases; /* by name, then slot */
    void *extra;                  /* dgm_shape_attach() */
    void (*release)(void *extra);
    bool shared;               /* dgm_shape_share() */
    _Atomic(uint32_t) keepers; /* who made it, and trees */
};

/* How many slots of this slot's name its parent has. */
uint32_t dgm_shape_same_name(const dgm_shape *s, uint32_t slot);

/* ---- the memory behind a tree ---- */

#define DGM_MEDIAN_WINDOW 9u

/* The median of the last nine sizes; found when it is asked for, which is seldom. */
typedef struct dgm_median {
    size_t recent[DGM_MEDIAN_WINDOW];
    uint32_t count, next;
} dgm_median;

static inline void dgm_median_add(dgm_median *m, size_t value)
{
    m->recent[m->next] = value;
    m->next = m->next + 1 < DGM_MEDIAN_WINDOW ? m->next + 1 : 0;
    if (m->count < DGM_MEDIAN_WINDOW) m->count++;
}

static inline size_t dgm_median_get(const dgm_median *m)
{
    size_t sorted[DGM_MEDIAN_WINDOW] = { 0 };
    for (uint32_t n = 0; n < m->count; n++) {
        uint32_t i = n;
        for (; i > 0 && sorted[i - 1] > m->recent[n]; i--) sorted[i] = sorted[i - 1];
        sorted[i] = m->recent[n];
    }
    return sorted[m->count / 2];
}

#define DGM_POOL_SMALL_BYTES 65536u

/* True when an array of this capacity holds more than recycling keeps: a quarter of it is above the median. Small arrays are always
 * kept. That is so when more than half of the sizes are below that quarter. */
static inline bool dgm_median_too_much(const dgm_median *m, size_t capacity, size_t thing_bytes)
{
    if (capacity * thing_bytes <= DGM_POOL_SMALL_BYTES) return false;
    size_t quarter = capacity / 4;
    uint32_t less = 0;
    for (uint32_t n = 0; n < m->count; n++) less += m->recent[n] < quarter;
    return m->count ? less > m->count / 2 : quarter > 0;
}

typedef struct dgm_tree_owner {
    dgm_tree tree; /* first: a tree and its owner are one allocation */
    dgm_mem mem;
    dgm_node *nodes;
    dgm_side *decoded, *unknown;
    dgm_origin *origin;
    char *side_bytes, *bytes;
    size_t node_room, decoded_room, unknown_room, origin_room, side_room, byte_room; /* in things; frees need them */
    size_t side_used;
    uint32_t *whole_nodes;       /* of a part */
    bool built;                  /* by a builder: its bytes are no input */
    dgm_shape *keeps;            /* the tree's, when trees keep it; else NULL */
    struct dgm_tree_owner *next; /* in a pool */
} dgm_tree_owner;

/* Owners waiting to be used again, with the sizes of the messages that went through. */
typedef struct dgm_tree_pool {
    dgm_tree_owner *first;
    uint32_t count;
    dgm_median nodes, side, bytes;
} dgm_tree_pool;

#define DGM_POOL_KEEPS 96u

/* A clean owner, from the pool or new; NULL when there is no memory. */
dgm_tree_owner *dgm_tree_owner_take(dgm_tree_pool *pool, const dgm_mem *mem);
/* Puts it back, without what is above four times the median, or frees it when the pool has enough. bytes of a borrowed tree are not
 * touched. */
void dgm_tree_owner_give(dgm_tree_pool *pool, dgm_tree_owner *o);
void dgm_tree_owner_free(dgm_tree_owner *o);
void dgm_tree_pool_free(dgm_tree_pool *pool);

/* The limits with the defaults of dragoman.h in place of zeros; depth never above DGM_DEPTH_MAX. */
uint32_t dgm_limit_nodes(const dgm_limits *limits);
uint32_t dgm_limit_depth(const dgm_limits *limits);

/* The first row of a side table at or behind a node, by halving. */
static inline uint32_t dgm_side_row(const dgm_side *rows, uint32_t count, uint32_t node)
{
    uint32_t low = 0, high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (rows[middle].node < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Bytes into out[used..room), as many as fit; used + len either way. For paths. */
static inline size_t dgm_path_put(char *out, size_t room, size_t used, dgm_slice text)
{
    if (used < room && text.len) memcpy(out + used, text.at, text.len < room - used ? text.len : room - used);
    return used + text.len;
}
size_t dgm_path_put_number(char *out, size_t room, size_t used, uint32_t number); /* "#3" */

#endif
