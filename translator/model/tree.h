/* SPDX-License-Identifier: Apache-2.0
 *
 * tree.h - the message tree: wire messages and canonical documents alike. 16-byte nodes in document order, offsets and indices
 * only.
 *
 * A frozen tree is immutable and may be read by any thread; drafts and builders belong to one thread.
 *   draft    how a codec makes a tree: nodes appended in document order while the message is read
 *   builder  how a mapping makes a tree: occurrences and values put anywhere beneath it; freeze orders children by the shape
 * A value is valid until its tree is freed or recycled, whatever becomes of reader, input or builder.
 */
#ifndef DGM_MODEL_TREE_H
#define DGM_MODEL_TREE_H

#include "shape.h"

/* Node flags (9 bits). DECODED: the value stands in the side table. EMPTY: present without a value. UNKNOWN: not in the shape; its
 * name stands in the table of names. INVALID: a diagnostic was made about it. SYNTHETIC: made by a mapping or by recovery, not in
 * the input. MORE: a leaf whose attributes follow it as DGM_ATTRIBUTE nodes (they are not its descendants). */
enum { DGM_DECODED = 1, DGM_EMPTY = 2, DGM_UNKNOWN_NAME = 4, DGM_BAD = 8, DGM_SYNTHETIC = 16, DGM_HAS_MORE = 32 };

typedef struct dgm_node {
    uint32_t at;    /* first raw byte, relative to the tree's bytes; a builder's tree: offset in its value buffer */
    uint32_t span;  /* leaf: raw bytes; interior: index one past its last descendant (the next sibling) */
    uint32_t tag;   /* slot:20, kind:3, flags:9 */
    uint32_t place; /* group, segment, record: occurrence from 1; leaf, composite: element:8 (255: or behind), component:8,
                       repetition:16 */
} dgm_node;
_Static_assert(sizeof(dgm_node) == 16, "definition A");

#define DGM_TAG(slot, kind, flags) ((uint32_t)(slot) | (uint32_t)(kind) << 20 | (uint32_t)(flags) << 23)
#define DGM_PLACE(element, component, repetition)                                                                                  \
    (((element) + 0u < 255u ? (element) + 0u : 255u) | (uint32_t)(component) << 8 | (uint32_t)(repetition) << 16)
static inline uint32_t dgm_node_slot(const dgm_node *n)
{
    return n->tag & 0xFFFFFu;
}
static inline dgm_kind dgm_node_kind(const dgm_node *n)
{
    return (dgm_kind)(n->tag >> 20 & 7u);
}
static inline uint32_t dgm_node_flags(const dgm_node *n)
{
    return n->tag >> 23;
}
/* Whether it is a leaf, from its tag at once: the leaves' kinds as bits, four times for the two flags beside a kind. */
static inline bool dgm_node_leaf(const dgm_node *n)
{
    const uint32_t leaves = (1u << DGM_ELEMENT | 1u << DGM_ATTRIBUTE | 1u << DGM_OPAQUE) * 0x01010101u;
    return leaves >> (n->tag >> 20 & 31u) & 1u;
}
/* The slot of a node whose name is in no shape; dgm_tree_name() gives its text. */
#define DGM_SLOT_UNKNOWN 0xFFFFFu
static inline bool dgm_kind_leaf(dgm_kind k)
{
    return k == DGM_ELEMENT || k == DGM_ATTRIBUTE || k == DGM_OPAQUE;
}

typedef struct dgm_side {
    uint32_t node, at, len;
} dgm_side; /* rows in node order; bytes in side_bytes */
typedef struct dgm_origin {
    uint32_t source_node, rule;
} dgm_origin; /* provenance of a built node; DGM_NONE: none */

struct dgm_tree {
    const dgm_shape *shape; /* outlives the tree */
    const dgm_node *nodes;
    uint32_t node_count;
    uint32_t byte_count;
    const char *bytes;       /* the message's raw bytes, or the builder's value buffer */
    uint64_t base;           /* absolute offset of bytes[0] in the input; 0 for built trees */
    uint32_t head;           /* so many bytes are those the input begins with: base is of what stands behind them */
    const dgm_side *decoded; /* UTF-8 values of DECODED leaves */
    uint32_t decoded_count;
    uint32_t unknown_count;
    const dgm_side *unknown; /* names of UNKNOWN nodes */
    const char *side_bytes;
    const dgm_origin *origin;     /* parallel to nodes, or NULL */
    dgm_position position;        /* of the message: interchange, group, message */
    dgm_slice reference;          /* 0062 of the message or the document's own number; may be empty */
    bool recoded;                 /* bytes are what the input's were decoded to: only base is a place in the input */
    bool borrowed;                /* bytes belong to the caller of open_whole */
    const dgm_tree *whole;        /* of a part (dgm_tree_part): what it is a part of, which outlives it; else NULL */
    const uint32_t *whole_nodes;  /* and which node of that each of its nodes is */
    struct dgm_tree *around;      /* of a message that came in an envelope of its own: the envelope, freed with it; else NULL */
    struct dgm_tree_owner *owner; /* memory behind it; private to tree.c */
};

void dgm_tree_free(dgm_tree *t);

/* Where the input has the byte of the tree's bytes at `at`. */
static inline uint64_t dgm_tree_place(const dgm_tree *t, uint32_t at)
{
    return at < t->head ? at : t->base + (t->recoded ? 0 : at);
}

dgm_slice dgm_tree_side_value(const dgm_tree *t, uint32_t node); /* the slow part of the next */
/* The UTF-8 value of a leaf; empty for EMPTY leaves and interior nodes. */
static inline dgm_slice dgm_tree_value(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    if (!dgm_node_leaf(n)) return (dgm_slice){ 0 };
    if (dgm_node_flags(n) & DGM_DECODED) return dgm_tree_side_value(t, node);
    return (dgm_slice){ t->bytes + n->at, n->span };
}
/* The raw bytes of a leaf as they were sent. */
dgm_slice dgm_tree_raw(const dgm_tree *t, uint32_t node);
/* Step name of a node, also of an unknown one. */
dgm_slice dgm_tree_name(const dgm_tree *t, uint32_t node);
/* Which of its name beneath its parent, from 1: the occurrence of what may repeat, the ordinal of what stands as places of its own.
 */
uint32_t dgm_tree_number(const dgm_tree *t, uint32_t node);

/* The position in its segment of a simple element, a composite or a component, from 1; 0 for others. A few steps for positions that
 * a node's place cannot hold. */
uint32_t dgm_tree_element(const dgm_tree *t, uint32_t node);

/* Points a diagnostic at a node of a message as it was sent: its segment, the element and component of a leaf, its bytes, and what
 * stands around them. Of a recoded message where it begins, and the text from the node on. Linear: for people. */
void dgm_tree_point(const dgm_tree *t, uint32_t node, dgm_diags *diags, dgm_diag *d);

/* Walking: children of node n are n + 1, then dgm_tree_next() of it, while < dgm_tree_end(n). A leaf's attributes are its next
 * nodes of kind DGM_ATTRIBUTE; next() skips them when it starts from the leaf (constant time each). */
static inline uint32_t dgm_tree_end(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    return dgm_node_leaf(n) ? node + 1 : n->span;
}
static inline uint32_t dgm_tree_next(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    if (!dgm_node_leaf(n)) return n->span;
    uint32_t next = node + 1;
    if (dgm_node_flags(n) & DGM_HAS_MORE)
        while (next < t->node_count && dgm_node_kind(&t->nodes[next]) == DGM_ATTRIBUTE) next++;
    return next;
}
/* The child of `from` that a node beneath it is, or is beneath: the next step of the way down to it. */
static inline uint32_t dgm_tree_towards(const dgm_tree *t, uint32_t from, uint32_t node)
{
    uint32_t n = from + 1;
    for (uint32_t next; (next = dgm_tree_next(t, n)) <= node;) n = next;
    return n;
}
/* Segment number within the message (UNH = 1) of a node of an EDIFACT tree; 0 elsewhere. Linear: for diagnostics only. */
uint32_t dgm_tree_segment_number(const dgm_tree *t, uint32_t node);
/* "SG30#2/CST/C246#3/7361" with the occurrences of this very node. Linear: for people. Returns bytes needed. */
size_t dgm_tree_path(const dgm_tree *t, uint32_t node, char *out, size_t room);
/* For who asks for many: by node (node_count of them) the one it stands beneath, of an attribute its leaf, DGM_NONE for the top;
 * and the path in as many steps as it has. */
void dgm_tree_parents(const dgm_tree *t, uint32_t *out);
size_t dgm_tree_path_up(const dgm_tree *t, const uint32_t *parents, uint32_t node, char *out, size_t room);
/* Same names, values, attributes, order and emptiness (typed: numbers compare as numbers when `typed`). On a difference *why_a and
 * *why_b are the first nodes that differ (DGM_NONE: missing there). */
bool dgm_tree_equal(const dgm_tree *a, const dgm_tree *b, bool typed, uint32_t *why_a, uint32_t *why_b);
/* Whether two leaves hold the same value; typed: numbers compare as numbers. */
bool dgm_tree_same_value(const dgm_tree *a, uint32_t node_a, const dgm_tree *b, uint32_t node_b, bool typed);
/* Tells each place that differs between two trees of one shape, in order: a leaf with another value (both nodes), and what only one
 * of them has (the other is DGM_NONE; all that stands beneath is in it). Occurrences are paired in order, but for those that were
 * put in or left out. Returns how many. Time is linear in the nodes times the depth; tell may be NULL. */
uint64_t dgm_tree_compare(const dgm_tree *a, const dgm_tree *b, bool typed,
                          void (*tell)(void *ctx, uint32_t node_a, uint32_t node_b), void *ctx);
/* A copy that owns all its bytes. */
dgm_status dgm_tree_own(const dgm_tree *t, const dgm_mem *mem, dgm_tree **out);
/* Nodes of a tree as a tree by themselves: those of the ranges, which are in order, have nothing in common, hold the root and
 * whatever stands above a node that they hold. Occurrences keep their numbers, so that paths are those of the whole; values stand
 * in its bytes. Freed with dgm_tree_free. */
typedef struct dgm_range {
    uint32_t from, to;
} dgm_range;
dgm_status dgm_tree_part(const dgm_tree *t, const dgm_mem *mem, const dgm_range *keep, size_t count, dgm_tree **out);
/* The node of the whole that a node of a part is; of another tree the node itself. */
static inline uint32_t dgm_tree_whole_node(const dgm_tree *t, uint32_t node)
{
    return t->whole && node < t->node_count ? t->whole_nodes[node] : node;
}
/* The check every reader of a tree may rely on: spans nest, slots exist and have the parent the shape says, tables are in order.
 * For tests, fuzzers and foreign codecs. */
bool dgm_tree_sound(const dgm_tree *t);

/* ---- draft: document order ------------------------------------------------------------------------------------------------ */

typedef struct dgm_draft dgm_draft;
/* limits NULL = defaults. A draft is recycled: begin, append …, finish, begin … */
dgm_status dgm_draft_new(const dgm_mem *mem, const dgm_limits *limits, dgm_draft **out);
void dgm_draft_free(dgm_draft *d);
dgm_status dgm_draft_begin(dgm_draft *d, const dgm_shape *shape); /* forgets what was there; shape may be NULL: all names unknown */
/* Opens an interior node and returns its index, DGM_NONE on failure (see dgm_draft_status). */
uint32_t dgm_draft_open(dgm_draft *d, uint32_t slot, dgm_kind kind, uint32_t flags, uint32_t at, uint32_t place);
void dgm_draft_close(dgm_draft *d);           /* the innermost open node */
uint32_t dgm_draft_depth(const dgm_draft *d); /* open nodes */
/* Room for n leaves at once; fill dgm_node (at, span = raw bytes, tag, place) and commit how many were filled. NULL on failure.
 * The pointer is valid until the next call on this draft, but for dgm_draft_node. Interior nodes may be made in the same way,
 * instead of with open and close, when their span is filled in before the tree is finished. */
dgm_node *dgm_draft_reserve(dgm_draft *d, uint32_t n);
void dgm_draft_commit(dgm_draft *d, uint32_t n);
uint32_t dgm_draft_count(const dgm_draft *d); /* index the next node will have */
/* The value of leaf `node` (sets DECODED), the name of an unknown node (sets UNKNOWN). Both copied. Nodes must come in rising
 * order. */
dgm_status dgm_draft_decoded(dgm_draft *d, uint32_t node, dgm_slice utf8);
/* Room for so many bytes where the next text will stand: one that is made there is not copied. NULL on failure. Valid until the
 * next text. */
char *dgm_draft_text(dgm_draft *d, size_t bytes);
dgm_status dgm_draft_named(dgm_draft *d, uint32_t node, dgm_slice name);
void dgm_draft_flag(dgm_draft *d, uint32_t node, uint32_t flags); /* sets flags of a node already there */
dgm_node *dgm_draft_node(dgm_draft *d, uint32_t node);            /* to mend a node already there; valid until the next call */
dgm_status dgm_draft_status(const dgm_draft *d); /* the first failure since begin: DGM_NOMEM, DGM_LIMIT (nodes, depth) or DGM_OK */
/* Everything open is closed. The tree takes over nodes and tables and copies nothing. bytes: the message's raw bytes, allocated
 * with the draft's dgm_mem with `capacity` bytes, taken over by the tree (borrowed: true = not taken, must outlive it). On failure
 * the bytes stay the caller's. */
dgm_status dgm_draft_finish(dgm_draft *d, char *bytes, uint32_t byte_count, size_t capacity, bool borrowed, uint64_t base,
                            dgm_tree **out);
/* Gives a tree's memory back for the next begin (instead of dgm_tree_free). *bytes and *capacity receive the message buffer so that
 * the reader can use it again (NULL for borrowed ones). Capacity above four times the running median is freed (definition B5). */
void dgm_draft_recycle(dgm_draft *d, dgm_tree *t, char **bytes, size_t *capacity);

/* ---- builder: any order --------------------------------------------------------------------------------------------------- */

typedef struct dgm_builder dgm_builder;
/* with_origin: keep provenance. */
dgm_status dgm_builder_new(const dgm_mem *mem, const dgm_limits *limits, dgm_builder **out);
void dgm_builder_free(dgm_builder *b);
dgm_status dgm_builder_begin(dgm_builder *b, const dgm_shape *shape, bool with_origin); /* node 0 is the root */
/* A new occurrence or leaf of `slot` beneath `parent` (a builder id). `order` sorts occurrences of one slot: lower first, equal
 * ones as they were added. DGM_NONE on failure. */
uint32_t dgm_builder_open(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order);
uint32_t dgm_builder_leaf(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order, dgm_slice value); /* value is copied */
/* Changes the value of a leaf; the old bytes stay unused. */
dgm_status dgm_builder_set(dgm_builder *b, uint32_t leaf, dgm_slice value);
/* An attribute of a leaf or group. */
uint32_t dgm_builder_attribute(dgm_builder *b, uint32_t owner, uint32_t slot, dgm_slice value);
void dgm_builder_origin(dgm_builder *b, uint32_t id, uint32_t source_node, uint32_t rule);
dgm_slice dgm_builder_value(const dgm_builder *b, uint32_t leaf);
uint32_t dgm_builder_slot(const dgm_builder *b, uint32_t id);
bool dgm_builder_has_children(const dgm_builder *b, uint32_t id);
dgm_status dgm_builder_status(const dgm_builder *b); /* first failure since begin: DGM_NOMEM, DGM_LIMIT */
/* Children ordered by slot, then order, then age; occurrences numbered (place); places of leaves from the shape. The tree owns its
 * memory; the builder can begin again. Linear where children were added in order. new_ids (may be NULL): array of builder-id →
 * node, valid until the next begin. */
dgm_status dgm_builder_freeze(dgm_builder *b, dgm_tree **out, const uint32_t **new_ids);
/* Gives the memory of a tree it made back (instead of dgm_tree_free). */
void dgm_builder_recycle(dgm_builder *b, dgm_tree *t);

/* A builder whose caller knows the order of the tree and lays the nodes down itself, values in the builder's buffer:
 * begin, keep …, nodes, laid. What has an order only by coming is hung beneath a node apart and laid down where it belongs. */
typedef struct dgm_values {
    char *at;
    size_t used, room;
} dgm_values;
dgm_values *dgm_builder_values(dgm_builder *b);            /* stays where it is as long as the builder */
bool dgm_builder_room(dgm_builder *b, size_t len);         /* for so many bytes more; false: see dgm_builder_status */
uint32_t dgm_builder_apart(dgm_builder *b, uint32_t slot); /* a node beneath which others may be put, in no tree yet; DGM_NONE */
uint32_t dgm_builder_count(const dgm_builder *b);          /* nodes made since begin, the root and those apart among them */
/* Lays what is beneath a node apart from nodes[made] on, spans as places in nodes[]; one past the last. Ask dgm_builder_status. */
uint32_t dgm_builder_lay_beneath(dgm_builder *b, uint32_t id, dgm_node *nodes, uint32_t made);
dgm_node *dgm_builder_nodes(dgm_builder *b, uint32_t count);                 /* room for the tree's; NULL on failure */
dgm_status dgm_builder_laid(dgm_builder *b, uint32_t count, dgm_tree **out); /* the nodes are there: as freeze */

/* As memcpy; most values are short, and a call costs more than they do. */
static inline void dgm_copy_short(char *to, const char *from, size_t len)
{
    uint64_t head, tail;
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(&head, from, 8);
        memcpy(&tail, from + len - 8, 8);
        memcpy(to, &head, 8);
        memcpy(to + len - 8, &tail, 8);
    } else if (len >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + len - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + len - 4, &last, 4);
    } else if (len) {
        to[0] = from[0];
        to[len / 2] = from[len / 2];
        to[len - 1] = from[len - 1];
    }
}

/* Copies a value behind the others. */
static inline bool dgm_builder_keep(dgm_builder *b, dgm_values *v, dgm_slice value, uint32_t *at)
{
    if (v->room - v->used < value.len || !v->at)
        if (!dgm_builder_room(b, value.len) || !v->at) return false;
    *at = (uint32_t)v->used;
    dgm_copy_short(v->at + v->used, value.at, value.len);
    v->used += value.len;
    return true;
}

#endif
