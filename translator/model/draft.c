/* SPDX-License-Identifier: Apache-2.0
 *
 * draft.c - trees in document order, as codecs read them (see tree.h). The arrays being filled stand in the owner that the finished
 * tree takes with it, so finishing copies nothing. One thread at a time.
 */
#include "private.h"

struct dgm_draft {
    dgm_tree_owner *work; /* NULL between finish and begin */
    uint32_t count, room; /* nodes; room mirrors work->node_room up to nodes_max */
    uint32_t depth, depth_max, nodes_max;
    dgm_status status;
    const dgm_shape *shape;
    uint32_t decoded_count, unknown_count;
    size_t usual; /* nodes there was room for in a tree before: a new array need not grow to it step by step */
    uint32_t open[DGM_DEPTH_MAX];
    dgm_mem mem;
    dgm_tree_pool pool;
};

dgm_status dgm_draft_new(const dgm_mem *mem, const dgm_limits *limits, dgm_draft **out)
{
    *out = NULL;
    dgm_draft *d = dgm_mem_new(mem, sizeof *d);
    if (!d) return DGM_NOMEM;
    d->mem = *mem;
    d->nodes_max = dgm_limit_nodes(limits);
    d->depth_max = dgm_limit_depth(limits);
    d->status = DGM_USAGE; /* until begin */
    *out = d;
    return DGM_OK;
}

void dgm_draft_free(dgm_draft *d)
{
    if (!d) return;
    dgm_mem mem = d->mem;
    dgm_tree_owner_free(d->work);
    dgm_tree_pool_free(&d->pool);
    dgm_mem_free(&mem, d, sizeof *d);
}

static dgm_status fail(dgm_draft *d, dgm_status status)
{
    if (d->status == DGM_OK) d->status = status;
    d->room = d->count; /* so that the fast paths need no look at the status */
    return d->status;
}

static void measure_room(dgm_draft *d)
{
    size_t room = d->work->node_room;
    d->room = room < d->nodes_max ? (uint32_t)room : d->nodes_max;
}

dgm_status dgm_draft_begin(dgm_draft *d, const dgm_shape *shape)
{
    d->count = d->room = d->depth = d->decoded_count = d->unknown_count = 0;
    d->shape = shape;
    d->status = DGM_OK;
    if (!d->work) d->work = dgm_tree_owner_take(&d->pool, &d->mem);
    if (!d->work) return fail(d, DGM_NOMEM);
    d->work->side_used = 0;
    measure_room(d);
    return DGM_OK;
}

/* Room for n more nodes; false and the status set when there is none. */
static bool grow(dgm_draft *d, uint32_t n)
{
    if (d->status != DGM_OK) return false;
    if (d->count >= d->nodes_max) {
        fail(d, DGM_LIMIT);
        return false;
    }
    size_t wanted = (size_t)d->count + n, usual = d->work->node_room ? 0 : dgm_median_get(&d->pool.nodes);
    if (usual < d->usual) usual = d->usual;
    if (wanted < usual) wanted = usual;
    void *nodes = d->work->nodes;
    dgm_status st = dgm_mem_reserve(&d->mem, &nodes, &d->work->node_room, wanted, sizeof(dgm_node));
    d->work->nodes = nodes;
    if (st != DGM_OK) {
        fail(d, st);
        return false;
    }
    measure_room(d);
    return true;
}

uint32_t dgm_draft_open(dgm_draft *d, uint32_t slot, dgm_kind kind, uint32_t flags, uint32_t at, uint32_t place)
{
    if (d->count == d->room && !grow(d, 1)) return DGM_NONE;
    if (d->depth >= d->depth_max) {
        fail(d, DGM_LIMIT);
        return DGM_NONE;
    }
    uint32_t node = d->count++;
    d->work->nodes[node] = (dgm_node){ .at = at, .tag = DGM_TAG(slot, kind, flags), .place = place };
    d->open[d->depth++] = node;
    return node;
}

void dgm_draft_close(dgm_draft *d)
{
    if (d->depth) d->work->nodes[d->open[--d->depth]].span = d->count;
}

uint32_t dgm_draft_depth(const dgm_draft *d)
{
    return d->depth;
}

dgm_node *dgm_draft_reserve(dgm_draft *d, uint32_t n)
{
    /* the last leaves before nodes_max are given too; commit then counts no more than there may be */
    if ((d->room - d->count < n && !grow(d, n)) || d->status != DGM_OK) return NULL;
    return d->work->nodes + d->count;
}

void dgm_draft_commit(dgm_draft *d, uint32_t n)
{
    if (n <= d->room - d->count) {
        d->count += n;
        return;
    }
    d->count = d->room;
    fail(d, DGM_LIMIT);
}

uint32_t dgm_draft_count(const dgm_draft *d)
{
    return d->count;
}

static dgm_status side_reserve(dgm_draft *d, size_t bytes)
{
    dgm_tree_owner *o = d->work;
    if (bytes > UINT32_MAX - o->side_used) return fail(d, DGM_LIMIT);
    if (o->side_used + bytes <= o->side_room) return DGM_OK;
    void *grown = o->side_bytes;
    dgm_status st = dgm_mem_reserve(&d->mem, &grown, &o->side_room, o->side_used + bytes, 1);
    o->side_bytes = grown;
    return st == DGM_OK ? st : fail(d, st);
}

char *dgm_draft_text(dgm_draft *d, size_t bytes)
{
    if (d->status != DGM_OK || !d->work || side_reserve(d, bytes) != DGM_OK) return NULL;
    return d->work->side_bytes + d->work->side_used;
}

/* Appends a row and its bytes to a table whose rows rise; the last row may be given anew. */
/* The row of a node that has one, among rows in their order. */
static dgm_side *side_of(dgm_side *rows, uint32_t count, uint32_t node)
{
    uint32_t low = 0;
    while (low < count) {
        uint32_t middle = low + (count - low) / 2;
        if (rows[middle].node == node) return &rows[middle];
        if (rows[middle].node < node)
            low = middle + 1;
        else
            count = middle;
    }
    return NULL;
}

static dgm_status add_side(dgm_draft *d, dgm_side **rows, size_t *room, uint32_t *count, uint32_t node, dgm_slice text)
{
    if (d->status != DGM_OK) return d->status;
    dgm_side *before = *count && (*rows)[*count - 1].node > node ? side_of(*rows, *count, node) : NULL;
    if (node >= d->count || (*count && (*rows)[*count - 1].node > node && !before)) return fail(d, DGM_USAGE);
    dgm_tree_owner *o = d->work;
    bool again = *count && (*rows)[*count - 1].node == node;
    if (*count >= *room && !before) { /* a row that is there already must stay where it is */
        void *grown = *rows;
        dgm_status st = dgm_mem_reserve(&d->mem, &grown, room, (size_t)*count + 1, sizeof **rows);
        *rows = grown;
        if (st != DGM_OK) return fail(d, st);
    }
    if (!o->side_bytes || text.at != o->side_bytes + o->side_used) {
        dgm_status st = side_reserve(d, text.len + 1);
        if (st != DGM_OK) return st;
        if (text.len && o->side_bytes) memcpy(o->side_bytes + o->side_used, text.at, text.len);
    }
    if (again) --*count;
    *(before ? before : &(*rows)[(*count)++]) = (dgm_side){ node, (uint32_t)o->side_used, (uint32_t)text.len };
    o->side_used += text.len;
    return DGM_OK;
}

dgm_status dgm_draft_decoded(dgm_draft *d, uint32_t node, dgm_slice utf8)
{
    if (!d->work) return d->status;
    dgm_status st = add_side(d, &d->work->decoded, &d->work->decoded_room, &d->decoded_count, node, utf8);
    if (st == DGM_OK) d->work->nodes[node].tag |= DGM_TAG(0, 0, DGM_DECODED);
    return st;
}

dgm_status dgm_draft_named(dgm_draft *d, uint32_t node, dgm_slice name)
{
    if (!d->work) return d->status;
    dgm_status st = add_side(d, &d->work->unknown, &d->work->unknown_room, &d->unknown_count, node, name);
    if (st == DGM_OK) d->work->nodes[node].tag |= DGM_TAG(DGM_SLOT_UNKNOWN, 0, DGM_UNKNOWN_NAME);
    return st;
}

void dgm_draft_flag(dgm_draft *d, uint32_t node, uint32_t flags)
{
    if (node < d->count) d->work->nodes[node].tag |= DGM_TAG(0, 0, flags);
}

dgm_node *dgm_draft_node(dgm_draft *d, uint32_t node)
{
    return node < d->count ? &d->work->nodes[node] : NULL;
}

dgm_status dgm_draft_status(const dgm_draft *d)
{
    return d->status;
}

dgm_status dgm_draft_finish(dgm_draft *d, char *bytes, uint32_t byte_count, size_t capacity, bool borrowed, uint64_t base,
                            dgm_tree **out)
{
    *out = NULL;
    if (d->status != DGM_OK) return d->status;
    while (d->depth) dgm_draft_close(d);
    dgm_tree_owner *o = d->work;
    if (o->node_room > d->usual && o->node_room * sizeof *o->nodes <= DGM_POOL_SMALL_BYTES) d->usual = o->node_room;
    if (!borrowed) {
        dgm_mem_free(&o->mem, o->bytes, o->byte_room); /* left over from a tree that was built */
        o->bytes = bytes;
        o->byte_room = bytes ? capacity : 0;
    }
    o->keeps = dgm_shape_keep(d->shape);
    o->tree = (dgm_tree){
        .shape = d->shape,
        .nodes = o->nodes,
        .node_count = d->count,
        .byte_count = byte_count,
        .bytes = bytes ? bytes : "",
        .base = base,
        .decoded = o->decoded,
        .decoded_count = d->decoded_count,
        .unknown_count = d->unknown_count,
        .unknown = o->unknown,
        .side_bytes = o->side_bytes,
        .borrowed = borrowed,
        .owner = o,
    };
    *out = &o->tree;
    d->work = NULL;
    d->count = d->room = 0;
    d->status = DGM_USAGE; /* until begin */
    return DGM_OK;
}

void dgm_draft_recycle(dgm_draft *d, dgm_tree *t, char **bytes, size_t *capacity)
{
    if (bytes) *bytes = NULL;
    if (capacity) *capacity = 0;
    if (!t) return;
    dgm_tree_owner *o = t->owner;
    if (bytes && capacity && o->bytes) {
        dgm_median sizes = d->pool.bytes; /* with this message counted, as give() will */
        dgm_median_add(&sizes, t->byte_count);
        if (!dgm_median_too_much(&sizes, o->byte_room, 1)) {
            *bytes = o->bytes;
            *capacity = o->byte_room;
            o->bytes = NULL;
            o->byte_room = 0;
        }
    }
    dgm_mem_free(&o->mem, o->bytes, o->byte_room); /* a draft's owner never keeps message bytes: finish brings its own */
    o->bytes = NULL;
    o->byte_room = 0;
    dgm_tree_owner_give(&d->pool, o);
}
