/* SPDX-License-Identifier: Apache-2.0
 *
 * builder.c - trees in any order, as mappings write them (see tree.h). Nodes are linked beneath their parents as they come; freeze
 * sorts only the children that came out of order and lays everything down in one pass. One thread at a time.
 */
#include "private.h"

typedef struct build_node { /* definition A8 */
    uint32_t parent, first, last, next;
    uint32_t slot, order; /* slot: with UNSORTED when children came out of order */
    uint32_t at, len;     /* of a leaf: its value in the buffer */
} build_node;
_Static_assert(sizeof(build_node) == 32, "definition A8");

#define NO_NODE    DGM_NONE
#define UNSORTED   (1u << 31)
#define SLOT_OF(n) ((n)->slot & DGM_SLOT_UNKNOWN)

struct dgm_builder {
    const dgm_shape *shape;
    build_node *nodes;
    uint32_t count, room; /* room mirrors node_room up to nodes_max */
    dgm_status status;
    uint32_t nodes_max;
    dgm_values values;
    dgm_tree_owner *laying; /* of a tree whose nodes the caller lays down */
    dgm_origin *origin;
    uint32_t *ids; /* builder id -> node, filled by freeze */
    bool with_origin;
    size_t node_room, origin_room, id_room;
    dgm_mem mem;
    dgm_tree_pool pool;
    dgm_median sizes; /* nodes of the trees frozen */
};

dgm_status dgm_builder_new(const dgm_mem *mem, const dgm_limits *limits, dgm_builder **out)
{
    *out = NULL;
    dgm_builder *b = dgm_mem_new(mem, sizeof *b);
    if (!b) return DGM_NOMEM;
    b->mem = *mem;
    b->nodes_max = dgm_limit_nodes(limits);
    b->status = DGM_USAGE; /* until begin */
    *out = b;
    return DGM_OK;
}

static void free_arrays(dgm_builder *b)
{
    dgm_mem_free(&b->mem, b->nodes, b->node_room * sizeof *b->nodes);
    dgm_mem_free(&b->mem, b->origin, b->origin_room * sizeof *b->origin);
    dgm_mem_free(&b->mem, b->ids, b->id_room * sizeof *b->ids);
    b->nodes = NULL;
    b->origin = NULL;
    b->ids = NULL;
    b->node_room = b->origin_room = b->id_room = 0;
}

void dgm_builder_free(dgm_builder *b)
{
    if (!b) return;
    dgm_mem mem = b->mem;
    free_arrays(b);
    dgm_mem_free(&mem, b->values.at, b->values.room);
    dgm_tree_owner_free(b->laying);
    dgm_tree_pool_free(&b->pool);
    dgm_mem_free(&mem, b, sizeof *b);
}

static uint32_t fail(dgm_builder *b, dgm_status status)
{
    if (b->status == DGM_OK) b->status = status;
    b->room = b->count; /* so that the fast path needs no look at the status */
    return NO_NODE;
}

static bool reserve(dgm_builder *b, void **array, size_t *room, size_t wanted, size_t thing_bytes)
{
    dgm_status st = dgm_mem_reserve(&b->mem, array, room, wanted, thing_bytes);
    if (st != DGM_OK) fail(b, st);
    return st == DGM_OK;
}

/* Room for one more node, and for its origin when that is kept. */
static bool grow_nodes(dgm_builder *b)
{
    if (b->status != DGM_OK) return false;
    if (b->count >= b->nodes_max) {
        fail(b, DGM_LIMIT);
        return false;
    }
    void *nodes = b->nodes, *origin = b->origin;
    bool ok = reserve(b, &nodes, &b->node_room, (size_t)b->count + 1, sizeof *b->nodes);
    b->nodes = nodes;
    if (ok && b->with_origin) {
        ok = reserve(b, &origin, &b->origin_room, b->node_room, sizeof *b->origin);
        b->origin = origin;
    }
    if (ok) b->room = b->node_room < b->nodes_max ? (uint32_t)b->node_room : b->nodes_max;
    return ok;
}

dgm_status dgm_builder_begin(dgm_builder *b, const dgm_shape *shape, bool with_origin)
{
    if (dgm_median_too_much(&b->sizes, b->node_room, sizeof *b->nodes)) free_arrays(b);
    b->shape = shape;
    b->count = b->room = 0;
    b->values.used = 0;
    b->with_origin = with_origin;
    b->status = DGM_OK;
    if (!grow_nodes(b)) return b->status;
    b->nodes[0] = (build_node){ .parent = NO_NODE, .first = NO_NODE, .last = NO_NODE, .next = NO_NODE };
    if (with_origin) b->origin[0] = (dgm_origin){ DGM_NONE, DGM_NONE };
    b->count = 1;
    return DGM_OK;
}

/* Hangs a new node beneath its parent, there being room. The slot must be a child of the parent's slot, so the shape bounds the
 * depth. */
static inline uint32_t hang(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order, uint32_t at, uint32_t len)
{
    build_node *nodes = b->nodes, *above = &nodes[parent];
    uint32_t id = b->count, last = above->last;
    if (b->shape->hot[slot].parent != SLOT_OF(above)) return fail(b, DGM_USAGE);
    b->count = id + 1;
    above->last = id;
    if (last == NO_NODE) {
        above->first = id;
    } else {
        build_node *before = &nodes[last];
        uint32_t slot_before = SLOT_OF(before);
        before->next = id;
        if (slot_before == slot ? before->order > order : slot_before > slot) above->slot |= UNSORTED;
    }
    nodes[id] = (build_node){ parent, NO_NODE, NO_NODE, NO_NODE, slot, order, at, len };
    if (b->with_origin) b->origin[id] = (dgm_origin){ DGM_NONE, DGM_NONE };
    return id;
}

static inline uint32_t add(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order, uint32_t at, uint32_t len)
{
    if (b->count == b->room && !grow_nodes(b)) return NO_NODE;
    if (parent >= b->count || slot >= b->shape->count) return fail(b, DGM_USAGE);
    return hang(b, parent, slot, order, at, len);
}

static bool leaf_slot(const dgm_builder *b, uint32_t slot)
{
    return slot < b->shape->count && dgm_kind_leaf((dgm_kind)(b->shape->hot[slot].tag >> 20 & 7u));
}

bool dgm_builder_room(dgm_builder *b, size_t len)
{
    if (b->status != DGM_OK) return false;
    if (len > UINT32_MAX - b->values.used) {
        fail(b, DGM_LIMIT);
        return false;
    }
    void *values = b->values.at;
    size_t wanted = b->values.used + len, usual = dgm_median_get(&b->pool.bytes);
    if (!values && wanted < usual) wanted = usual;
    bool ok = reserve(b, &values, &b->values.room, wanted < 256 ? 256 : wanted, 1);
    b->values.at = values;
    return ok;
}

dgm_values *dgm_builder_values(dgm_builder *b)
{
    return &b->values;
}

/* Copies a value behind the others; false when there is no room for it. */
static inline bool keep(dgm_builder *b, dgm_slice value)
{
    uint32_t at;
    return dgm_builder_keep(b, &b->values, value, &at);
}

uint32_t dgm_builder_open(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order)
{
    return add(b, parent, slot, order, 0, 0);
}

static uint32_t leaf_slowly(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order, dgm_slice value)
{
    if (b->status == DGM_OK && !leaf_slot(b, slot)) return fail(b, DGM_USAGE);
    size_t at = b->values.used;
    if (!keep(b, value)) return NO_NODE;
    return add(b, parent, slot, order, (uint32_t)at, (uint32_t)value.len);
}

uint32_t dgm_builder_leaf(dgm_builder *b, uint32_t parent, uint32_t slot, uint32_t order, dgm_slice value)
{
    dgm_values *v = &b->values;
    size_t at = v->used;
    bool room = b->count < b->room && parent < b->count && v->at && v->room - at >= value.len; /* none after a failure */
    if (!room || !leaf_slot(b, slot)) return leaf_slowly(b, parent, slot, order, value);
    dgm_copy_short(v->at + at, value.at, value.len);
    v->used = at + value.len;
    return hang(b, parent, slot, order, (uint32_t)at, (uint32_t)value.len);
}

dgm_status dgm_builder_set(dgm_builder *b, uint32_t leaf, dgm_slice value)
{
    if (b->status != DGM_OK) return b->status;
    if (leaf >= b->count || !leaf_slot(b, SLOT_OF(&b->nodes[leaf]))) {
        fail(b, DGM_USAGE);
        return b->status;
    }
    size_t at = b->values.used;
    if (!keep(b, value)) return b->status;
    b->nodes[leaf].at = (uint32_t)at;
    b->nodes[leaf].len = (uint32_t)value.len;
    return DGM_OK;
}

uint32_t dgm_builder_attribute(dgm_builder *b, uint32_t owner, uint32_t slot, dgm_slice value)
{
    return dgm_builder_leaf(b, owner, slot, 0, value);
}

void dgm_builder_origin(dgm_builder *b, uint32_t id, uint32_t source_node, uint32_t rule)
{
    if (b->with_origin && b->status == DGM_OK && id < b->count) b->origin[id] = (dgm_origin){ source_node, rule };
}

dgm_slice dgm_builder_value(const dgm_builder *b, uint32_t leaf)
{
    if (b->status == DGM_USAGE || leaf >= b->count || !b->values.at || b->nodes[leaf].len == 0) return (dgm_slice){ 0 };
    return (dgm_slice){ b->values.at + b->nodes[leaf].at, b->nodes[leaf].len };
}

uint32_t dgm_builder_slot(const dgm_builder *b, uint32_t id)
{
    return id < b->count ? SLOT_OF(&b->nodes[id]) : DGM_SLOT_NONE;
}

bool dgm_builder_has_children(const dgm_builder *b, uint32_t id)
{
    return id < b->count && b->nodes[id].first != NO_NODE;
}

dgm_status dgm_builder_status(const dgm_builder *b)
{
    return b->status;
}

/* ---- freeze ---- */

static bool comes_after(const build_node *x, const build_node *y)
{
    return SLOT_OF(x) != SLOT_OF(y) ? SLOT_OF(x) > SLOT_OF(y) : x->order > y->order;
}

/* Merges two sorted lists; equal ones of `older` come first. */
static uint32_t merge(dgm_builder *b, uint32_t older, uint32_t newer)
{
    uint32_t head = NO_NODE, *tail = &head;
    while (older != NO_NODE && newer != NO_NODE) {
        uint32_t *from = comes_after(&b->nodes[older], &b->nodes[newer]) ? &newer : &older;
        *tail = *from;
        tail = &b->nodes[*from].next;
        *from = *tail;
    }
    *tail = older != NO_NODE ? older : newer;
    return head;
}

/* Stable merge sort of a child list, bottom up: run[i] is a sorted list of 2^i children, older than those of lower i. */
static void sort_many(dgm_builder *b, build_node *above)
{
    uint32_t run[32];
    uint32_t used = 0;
    for (uint32_t id = above->first, next; id != NO_NODE; id = next) {
        next = b->nodes[id].next;
        b->nodes[id].next = NO_NODE;
        uint32_t i = 0, carry = id;
        for (; i < used && run[i] != NO_NODE; i++) {
            carry = merge(b, run[i], carry);
            run[i] = NO_NODE;
        }
        if (i == used) used++;
        run[i] = carry;
    }
    uint32_t all = NO_NODE;
    for (uint32_t i = 0; i < used; i++)
        if (run[i] != NO_NODE) all = all == NO_NODE ? run[i] : merge(b, run[i], all);
    above->first = all;
}

/* A few children, as nearly all have, are put in order in a row: slot, order and age in one number. They come nearly in order. */
static void sort_children(dgm_builder *b, build_node *above)
{
    enum { AGE_BITS = 6, FEW = 1 << AGE_BITS };
    uint64_t keys[FEW];
    uint32_t ids[FEW], n = 0;
    build_node *nodes = b->nodes;
    above->slot &= ~UNSORTED;
    for (uint32_t id = above->first; id != NO_NODE; id = nodes[id].next, n++) {
        if (n == FEW) {
            sort_many(b, above);
            return;
        }
        uint64_t key = (uint64_t)SLOT_OF(&nodes[id]) << (32 + AGE_BITS) | (uint64_t)nodes[id].order << AGE_BITS | n;
        uint32_t at = n;
        ids[n] = id;
        for (; at && keys[at - 1] > key; at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
    uint32_t *tail = &above->first;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = ids[keys[i] & (FEW - 1)];
        *tail = id;
        tail = &nodes[id].next;
    }
    *tail = NO_NODE;
}

/* Parents before children, children in order, each node written once; an order that has been obeyed gives its room to the
 * occurrence counted, from 1 for each slot beneath a parent. Lays down `top` and all beneath it, or only what is beneath it, from
 * nodes[made] on; returns one past the last. */
static inline uint32_t lay(dgm_builder *b, uint32_t top, bool itself, dgm_node *nodes, uint32_t made)
{
    const dgm_slot_hot *hots = b->shape->hot;
    build_node *from = b->nodes;
    uint32_t *ids = b->ids, id = top, occurrence = 1;
    if (!itself) {
        if (from[top].first == NO_NODE) return made;
        if (from[top].slot & UNSORTED) sort_children(b, &from[top]);
        id = from[top].first;
    }
    for (;;) {
        build_node *n = &from[id];
        const dgm_slot_hot *hot = &hots[SLOT_OF(n)];
        dgm_kind kind = (dgm_kind)(hot->tag >> 20 & 7u);
        uint32_t repetition = hot->place | (occurrence < 0xFFFFu ? occurrence : 0xFFFFu) << 16;
        ids[id] = made;
        n->order = occurrence;
        if (dgm_kind_leaf(kind)) {
            uint32_t flags = (n->len ? 0u : (uint32_t)DGM_EMPTY) | (n->first != NO_NODE ? (uint32_t)DGM_HAS_MORE : 0u);
            nodes[made++] = (dgm_node){ n->at, n->len, hot->tag | DGM_TAG(0, 0, flags), repetition };
        } else {
            nodes[made] = (dgm_node){ 0, made + 1, hot->tag, kind == DGM_COMPOSITE ? repetition : occurrence };
            made++;
        }
        if (n->first != NO_NODE) {
            if (n->slot & UNSORTED) sort_children(b, n);
            id = n->first;
            occurrence = 1;
            continue;
        }
        while (n->next == NO_NODE) { /* the last child: its parent ends here */
            if (id == top) return made;
            id = n->parent;
            n = &from[id];
            if (id == top && !itself) return made;
            dgm_node *above = &nodes[ids[id]];
            if (!dgm_kind_leaf(dgm_node_kind(above))) above->span = made;
        }
        id = n->next;
        occurrence = SLOT_OF(&from[id]) == SLOT_OF(n) ? n->order + 1 : 1;
    }
}

static bool room_for_tree(dgm_builder *b, dgm_tree_owner *o)
{
    void *nodes = o->nodes, *origin = o->origin, *ids = b->ids;
    bool ok = reserve(b, &nodes, &o->node_room, b->count, sizeof *o->nodes);
    o->nodes = nodes;
    ok = ok && reserve(b, &ids, &b->id_room, b->count, sizeof *b->ids);
    b->ids = ids;
    ok = ok && (!b->with_origin || reserve(b, &origin, &o->origin_room, b->count, sizeof *o->origin));
    o->origin = origin;
    return ok;
}

/* The owner becomes the tree, with the values; the builder waits for begin. */
static dgm_tree *hand_over(dgm_builder *b, dgm_tree_owner *o, uint32_t count)
{
    dgm_values spare = { o->bytes, 0, o->byte_room }; /* of a recycled tree: the next value buffer */
    o->bytes = b->values.at;
    o->byte_room = b->values.room;
    o->built = true;
    o->keeps = dgm_shape_keep(b->shape);
    o->tree = (dgm_tree){
        .shape = b->shape,
        .nodes = o->nodes,
        .node_count = count,
        .byte_count = (uint32_t)b->values.used,
        .bytes = o->bytes ? o->bytes : "",
        .origin = b->with_origin ? o->origin : NULL,
        .owner = o,
    };
    b->values = spare;
    dgm_median_add(&b->sizes, b->count);
    fail(b, DGM_USAGE); /* until begin; count stays for new_ids */
    return &o->tree;
}

dgm_status dgm_builder_freeze(dgm_builder *b, dgm_tree **out, const uint32_t **new_ids)
{
    *out = NULL;
    if (new_ids) *new_ids = NULL;
    if (b->status != DGM_OK) return b->status;
    dgm_tree_owner *o = dgm_tree_owner_take(&b->pool, &b->mem);
    if (!o || !room_for_tree(b, o)) {
        dgm_tree_owner_free(o);
        fail(b, DGM_NOMEM);
        return b->status;
    }
    lay(b, 0, true, o->nodes, 0);
    if (b->with_origin)
        for (uint32_t id = 0; id < b->count; id++) o->origin[b->ids[id]] = b->origin[id];
    *out = hand_over(b, o, b->count);
    if (new_ids) *new_ids = b->ids;
    return DGM_OK;
}

/* ---- laid down by the caller ---- */

uint32_t dgm_builder_apart(dgm_builder *b, uint32_t slot)
{
    if (b->count == b->room && !grow_nodes(b)) return NO_NODE;
    if (slot >= b->shape->count) return fail(b, DGM_USAGE);
    b->nodes[b->count] = (build_node){ NO_NODE, NO_NODE, NO_NODE, NO_NODE, slot, 0, 0, 0 };
    return b->count++;
}

uint32_t dgm_builder_count(const dgm_builder *b)
{
    return b->count;
}

uint32_t dgm_builder_lay_beneath(dgm_builder *b, uint32_t id, dgm_node *nodes, uint32_t made)
{
    void *ids = b->ids;
    bool ok = b->status == DGM_OK && reserve(b, &ids, &b->id_room, b->count, sizeof *b->ids);
    b->ids = ids;
    return ok ? lay(b, id, false, nodes, made) : made;
}

dgm_node *dgm_builder_nodes(dgm_builder *b, uint32_t count)
{
    if (b->status != DGM_OK) return NULL;
    if (!b->laying) b->laying = dgm_tree_owner_take(&b->pool, &b->mem);
    if (!b->laying) {
        fail(b, DGM_NOMEM);
        return NULL;
    }
    void *nodes = b->laying->nodes;
    bool ok = reserve(b, &nodes, &b->laying->node_room, count, sizeof *b->laying->nodes);
    b->laying->nodes = nodes;
    return ok ? b->laying->nodes : NULL;
}

dgm_status dgm_builder_laid(dgm_builder *b, uint32_t count, dgm_tree **out)
{
    *out = NULL;
    if (b->status == DGM_OK && count > b->nodes_max) fail(b, DGM_LIMIT);
    if (b->status != DGM_OK) return b->status;
    dgm_tree_owner *o = b->laying;
    b->laying = NULL;
    *out = hand_over(b, o, count);
    return DGM_OK;
}

void dgm_builder_recycle(dgm_builder *b, dgm_tree *t)
{
    if (t) dgm_tree_owner_give(&b->pool, t->owner);
}
