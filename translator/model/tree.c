/* SPDX-License-Identifier: Apache-2.0
 *
 * tree.c - reading a frozen tree (see tree.h), and the memory behind every tree: owners and the pools that recycle them.
 * Frozen trees may be read by any thread; pools belong to the draft or builder they stand in.
 */
#include "private.h"
#include "base/diag.h"
#include "base/utf8.h"

/* ---- memory ---- */

uint32_t dgm_limit_nodes(const dgm_limits *limits)
{
    uint32_t n = limits && limits->nodes_max ? limits->nodes_max : 16u << 20;
    return n < DGM_NONE ? n : DGM_NONE - 1;
}

uint32_t dgm_limit_depth(const dgm_limits *limits)
{
    return limits && limits->depth_max && limits->depth_max < DGM_DEPTH_MAX ? limits->depth_max : DGM_DEPTH_MAX;
}

void dgm_tree_owner_free(dgm_tree_owner *o)
{
    if (!o) return;
    dgm_mem mem = o->mem;
    dgm_tree_free(o->tree.around); /* which has none itself */
    dgm_shape_free(o->keeps);
    dgm_mem_free(&mem, o->nodes, o->node_room * sizeof *o->nodes);
    dgm_mem_free(&mem, o->decoded, o->decoded_room * sizeof *o->decoded);
    dgm_mem_free(&mem, o->unknown, o->unknown_room * sizeof *o->unknown);
    dgm_mem_free(&mem, o->origin, o->origin_room * sizeof *o->origin);
    if (o->whole_nodes) dgm_mem_free(&mem, o->whole_nodes, o->node_room * sizeof *o->whole_nodes);
    dgm_mem_free(&mem, o->side_bytes, o->side_room);
    dgm_mem_free(&mem, o->bytes, o->byte_room);
    dgm_mem_free(&mem, o, sizeof *o);
}

dgm_tree_owner *dgm_tree_owner_take(dgm_tree_pool *pool, const dgm_mem *mem)
{
    dgm_tree_owner *o = pool->first;
    if (o) {
        pool->first = o->next;
        pool->count--;
        o->next = NULL;
        o->side_used = 0;
        o->tree = (dgm_tree){ 0 };
        return o;
    }
    o = dgm_mem_new(mem, sizeof *o);
    if (o) o->mem = *mem;
    return o;
}

/* Frees an array that is larger than recycling keeps. */
static void trim(const dgm_mem *mem, void **array, size_t *room, const dgm_median *median, size_t thing_bytes)
{
    if (!dgm_median_too_much(median, *room, thing_bytes)) return;
    dgm_mem_free(mem, *array, *room * thing_bytes);
    *array = NULL;
    *room = 0;
}

#define TRIM(o, array, room, median)                                                                                               \
    do {                                                                                                                           \
        void *at_ = (o)->array;                                                                                                    \
        trim(&(o)->mem, &at_, &(o)->room, (median), sizeof *(o)->array);                                                           \
        (o)->array = at_;                                                                                                          \
    } while (0)

void dgm_tree_owner_give(dgm_tree_pool *pool, dgm_tree_owner *o)
{
    dgm_tree_free(o->tree.around);
    o->tree.around = NULL;
    dgm_median_add(&pool->nodes, o->tree.node_count);
    dgm_median_add(&pool->side, o->side_used);
    dgm_median_add(&pool->bytes, o->tree.byte_count);
    if (pool->count >= DGM_POOL_KEEPS) {
        dgm_tree_owner_free(o);
        return;
    }
    dgm_shape_free(o->keeps);
    o->keeps = NULL;
    TRIM(o, nodes, node_room, &pool->nodes);
    TRIM(o, decoded, decoded_room, &pool->nodes);
    TRIM(o, unknown, unknown_room, &pool->nodes);
    TRIM(o, origin, origin_room, &pool->nodes);
    TRIM(o, side_bytes, side_room, &pool->side);
    TRIM(o, bytes, byte_room, &pool->bytes);
    o->next = pool->first;
    pool->first = o;
    pool->count++;
}

void dgm_tree_pool_free(dgm_tree_pool *pool)
{
    for (dgm_tree_owner *o = pool->first, *next; o; o = next) {
        next = o->next;
        dgm_tree_owner_free(o);
    }
    *pool = (dgm_tree_pool){ 0 };
}

void dgm_tree_free(dgm_tree *t)
{
    if (t) dgm_tree_owner_free(t->owner);
}

/* ---- values and names ---- */

static dgm_slice side_find(const dgm_side *rows, uint32_t count, const char *bytes, uint32_t node)
{
    const uint32_t low = dgm_side_row(rows, count, node);
    if (low == count || rows[low].node != node) return (dgm_slice){ 0 };
    return (dgm_slice){ bytes + rows[low].at, rows[low].len };
}

dgm_slice dgm_tree_side_value(const dgm_tree *t, uint32_t node)
{
    return side_find(t->decoded, t->decoded_count, t->side_bytes, node);
}

dgm_slice dgm_tree_raw(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    if (!dgm_kind_leaf(dgm_node_kind(n)) || n->span == 0) return (dgm_slice){ 0 };
    return (dgm_slice){ t->bytes + n->at, n->span };
}

dgm_slice dgm_tree_name(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    if (dgm_node_flags(n) & DGM_UNKNOWN_NAME) return side_find(t->unknown, t->unknown_count, t->side_bytes, node);
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, dgm_node_slot(n)) : NULL;
    return slot ? slot->name : (dgm_slice){ 0 };
}

uint32_t dgm_tree_segment_number(const dgm_tree *t, uint32_t node)
{
    uint32_t number = 0, last = 0;
    if (t->whole) return node < t->node_count ? dgm_tree_segment_number(t->whole, t->whole_nodes[node]) : 0;
    for (uint32_t i = 0; i <= node && i < t->node_count; i++) {
        if (dgm_node_kind(&t->nodes[i]) != DGM_SEGMENT) continue;
        number++;
        last = i;
    }
    bool inside = number && (node == last || node < t->nodes[last].span);
    if (inside) return number;
    for (uint32_t i = node; i < t->node_count; i++) /* a group: the segment it begins with */
        if (dgm_node_kind(&t->nodes[i]) == DGM_SEGMENT) return number + 1;
    return 0;
}

uint32_t dgm_tree_number(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    dgm_kind kind = dgm_node_kind(n);
    uint32_t occurrence = dgm_kind_leaf(kind) || kind == DGM_COMPOSITE ? n->place >> 16 : n->place;
    if (occurrence == 0) occurrence = 1;
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, dgm_node_slot(n)) : NULL;
    return slot && !(dgm_node_flags(n) & DGM_UNKNOWN_NAME) ? slot->ordinal + occurrence - 1 : occurrence;
}

/* A name that is a number: elements without a slot are called by their positions. */
static uint32_t number_named(dgm_slice name)
{
    uint32_t n = 0;
    for (size_t i = 0; i < name.len && n <= UINT16_MAX; i++)
        n = name.at[i] >= '0' && name.at[i] <= '9' ? n * 10 + (uint32_t)(name.at[i] - '0') : UINT32_MAX;
    return n;
}

uint32_t dgm_tree_element(const dgm_tree *t, uint32_t node)
{
    const dgm_node *n = &t->nodes[node];
    uint32_t element = n->place & 0xFF, component = n->place >> 8 & 0xFF;
    if (dgm_node_kind(n) < DGM_COMPOSITE || dgm_node_kind(n) > DGM_ELEMENT) return 0;
    if (element < 255 || (component && node == 0)) return element;
    while (component && node && dgm_node_kind(&t->nodes[node]) != DGM_COMPOSITE) node--;
    n = &t->nodes[node];
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, dgm_node_slot(n)) : NULL;
    uint32_t number = n->place >> 16;
    if (slot && !(dgm_node_flags(n) & DGM_UNKNOWN_NAME)) return slot->element + (number ? number - 1 : 0);
    number = number_named(dgm_tree_name(t, node));
    return number > 255 && number <= UINT16_MAX ? number : element;
}

void dgm_tree_point(const dgm_tree *t, uint32_t node, dgm_diags *diags, dgm_diag *d)
{
    const dgm_node *n = &t->nodes[node];
    const bool leaf = dgm_node_leaf(n);
    d->position.segment = dgm_tree_segment_number(t, node);
    if (leaf && d->position.segment) {
        d->position.element = (uint16_t)dgm_tree_element(t, node);
        d->position.component = (uint16_t)(n->place >> 8 & 0xFF);
    }
    dgm_slice text = { t->bytes, t->byte_count };
    d->at_byte = dgm_tree_place(t, n->at);
    d->bytes = leaf && !t->recoded ? n->span : 0;
    bool head = n->at < t->head;
    if (t->head) text = dgm_slice_part(text, head ? 0 : t->head, head ? t->head : text.len);
    dgm_diag_excerpt(diags, d, t->recoded ? dgm_slice_part(text, n->at, text.len) : text, head ? 0 : t->base + t->head);
}

/* The number behind a step of a path, 0 where none is needed. */
static uint32_t step_number(const dgm_tree *t, uint32_t node)
{
    uint32_t number = dgm_tree_number(t, node), slot_number = dgm_node_slot(&t->nodes[node]);
    if (number > 1) return number;
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, slot_number) : NULL;
    if (dgm_node_flags(&t->nodes[node]) & DGM_UNKNOWN_NAME || !slot) return 0;
    return slot->max <= 1 && dgm_shape_same_name(t->shape, slot_number) == 1 ? 0 : number;
}

void dgm_tree_parents(const dgm_tree *t, uint32_t *out)
{
    uint32_t open = DGM_NONE, leaf = DGM_NONE;
    for (uint32_t n = 0; n < t->node_count; n++) {
        bool attribute = dgm_node_kind(&t->nodes[n]) == DGM_ATTRIBUTE;
        while (open != DGM_NONE && n >= dgm_tree_end(t, open)) open = out[open];
        out[n] = attribute && leaf != DGM_NONE && out[leaf] == open ? leaf : open;
        if (attribute) continue;
        leaf = dgm_node_leaf(&t->nodes[n]) ? n : DGM_NONE;
        if (leaf == DGM_NONE) open = n;
    }
}

static size_t put_step(const dgm_tree *t, uint32_t node, char *out, size_t room, size_t used)
{
    uint32_t number = step_number(t, node);
    if (used) used = dgm_path_put(out, room, used, DGM_LITERAL("/"));
    used = dgm_path_put(out, room, used, dgm_tree_name(t, node));
    return number ? dgm_path_put_number(out, room, used, number) : used;
}

size_t dgm_tree_path(const dgm_tree *t, uint32_t node, char *out, size_t room)
{
    size_t used = 0;
    if (node >= t->node_count) return 0;
    for (uint32_t at = 0; at != node;) {
        uint32_t child = at + 1;
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[at])))
            for (uint32_t next = dgm_tree_next(t, child); next <= node; next = dgm_tree_next(t, child)) child = next;
        else
            child = node; /* attributes of a leaf follow it */
        used = put_step(t, child, out, room, used);
        at = child;
    }
    return used;
}

size_t dgm_tree_path_up(const dgm_tree *t, const uint32_t *parents, uint32_t node, char *out, size_t room)
{
    uint32_t steps[DGM_DEPTH_MAX + 2], count = 0;
    size_t used = 0;
    if (node >= t->node_count) return 0;
    for (uint32_t at = node; at != 0 && at != DGM_NONE && count < DGM_DEPTH_MAX + 2; at = parents[at]) steps[count++] = at;
    while (count) used = put_step(t, steps[--count], out, room, used);
    return used;
}

/* ---- comparing ---- */

static bool same_node(const dgm_tree *a, const dgm_tree *b, uint32_t node, bool typed)
{
    const dgm_node *x = &a->nodes[node], *y = &b->nodes[node];
    if (dgm_node_kind(x) != dgm_node_kind(y)) return false;
    if ((dgm_node_flags(x) ^ dgm_node_flags(y)) & (DGM_EMPTY | DGM_HAS_MORE)) return false;
    bool by_slot = a->shape == b->shape && !((dgm_node_flags(x) | dgm_node_flags(y)) & DGM_UNKNOWN_NAME);
    if (by_slot ? dgm_node_slot(x) != dgm_node_slot(y) : !dgm_slice_equal(dgm_tree_name(a, node), dgm_tree_name(b, node)))
        return false;
    return dgm_tree_same_value(a, node, b, node, typed);
}

static bool differ(uint32_t *why_a, uint32_t *why_b, uint32_t a, uint32_t b)
{
    if (why_a) *why_a = a;
    if (why_b) *why_b = b;
    return false;
}

/* As long as the trees are equal their nodes have the same indices, so one index walks both; the stack holds what is open in both
 * and shows where one ends before the other. */
bool dgm_tree_equal(const dgm_tree *a, const dgm_tree *b, bool typed, uint32_t *why_a, uint32_t *why_b)
{
    uint32_t open[DGM_DEPTH_MAX];
    uint32_t depth = 0;
    for (uint32_t i = 0;; i++) {
        while (depth) {
            bool ends_a = dgm_tree_end(a, open[depth - 1]) <= i, ends_b = dgm_tree_end(b, open[depth - 1]) <= i;
            if (ends_a != ends_b) return differ(why_a, why_b, ends_a ? DGM_NONE : i, ends_b ? DGM_NONE : i);
            if (!ends_a) break;
            depth--;
        }
        bool over_a = i >= a->node_count, over_b = i >= b->node_count;
        if (over_a && over_b) break;
        if (over_a || over_b) return differ(why_a, why_b, over_a ? DGM_NONE : i, over_b ? DGM_NONE : i);
        if (!same_node(a, b, i, typed)) return differ(why_a, why_b, i, i);
        if (!dgm_kind_leaf(dgm_node_kind(&a->nodes[i]))) {
            if (depth == DGM_DEPTH_MAX) return differ(why_a, why_b, i, i); /* no sound tree is that deep */
            open[depth++] = i;
        }
    }
    if (why_a) *why_a = DGM_NONE;
    if (why_b) *why_b = DGM_NONE;
    return true;
}

/* ---- copying ---- */

static void *copy_array(const dgm_mem *mem, const void *from, size_t count, size_t thing_bytes, size_t *room, bool *failed)
{
    if (count == 0 || *failed) return NULL;
    void *to = mem->grow(mem->ctx, NULL, 0, count * thing_bytes);
    if (!to) {
        *failed = true;
        return NULL;
    }
    memcpy(to, from, count * thing_bytes);
    *room = count;
    return to;
}

static size_t side_end(const dgm_tree *t)
{
    size_t end = 0;
    for (uint32_t i = 0; i < t->decoded_count; i++)
        if ((size_t)t->decoded[i].at + t->decoded[i].len > end) end = (size_t)t->decoded[i].at + t->decoded[i].len;
    for (uint32_t i = 0; i < t->unknown_count; i++)
        if ((size_t)t->unknown[i].at + t->unknown[i].len > end) end = (size_t)t->unknown[i].at + t->unknown[i].len;
    return end;
}

/* The reference may point anywhere, so the copy keeps it behind the side bytes. */
static void copy_reference(dgm_tree_owner *o, const dgm_tree *t, size_t side, bool *failed)
{
    size_t all = side + t->reference.len;
    if (all == 0 || *failed) return;
    o->side_bytes = o->mem.grow(o->mem.ctx, NULL, 0, all);
    if (!o->side_bytes) {
        *failed = true;
        return;
    }
    o->side_room = all;
    o->side_used = side;
    if (side) memcpy(o->side_bytes, t->side_bytes, side);
    if (t->reference.len) memcpy(o->side_bytes + side, t->reference.at, t->reference.len);
}

dgm_status dgm_tree_own(const dgm_tree *t, const dgm_mem *mem, dgm_tree **out)
{
    *out = NULL;
    dgm_tree_owner *o = dgm_mem_new(mem, sizeof *o);
    if (!o) return DGM_NOMEM;
    o->mem = *mem;
    bool failed = false;
    size_t side = side_end(t);
    o->nodes = copy_array(mem, t->nodes, t->node_count, sizeof *o->nodes, &o->node_room, &failed);
    o->decoded = copy_array(mem, t->decoded, t->decoded_count, sizeof *o->decoded, &o->decoded_room, &failed);
    o->unknown = copy_array(mem, t->unknown, t->unknown_count, sizeof *o->unknown, &o->unknown_room, &failed);
    o->origin = copy_array(mem, t->origin, t->origin ? t->node_count : 0, sizeof *o->origin, &o->origin_room, &failed);
    o->bytes = copy_array(mem, t->bytes, t->byte_count, 1, &o->byte_room, &failed);
    copy_reference(o, t, side, &failed);
    dgm_tree *around = NULL;
    if (!failed && t->around) failed = dgm_tree_own(t->around, mem, &around) != DGM_OK;
    if (failed) {
        dgm_tree_owner_free(o);
        return DGM_NOMEM;
    }
    o->built = t->owner && t->owner->built;
    o->keeps = dgm_shape_keep(t->shape);
    o->tree = *t;
    o->tree.nodes = o->nodes;
    o->tree.decoded = o->decoded;
    o->tree.unknown = o->unknown;
    o->tree.origin = o->origin;
    o->tree.side_bytes = o->side_bytes;
    o->tree.bytes = o->bytes ? o->bytes : "";
    o->tree.reference = (dgm_slice){ t->reference.len ? o->side_bytes + side : NULL, t->reference.len };
    o->tree.borrowed = false;
    o->tree.whole = NULL;
    o->tree.whole_nodes = NULL;
    o->tree.around = around;
    o->tree.owner = o;
    *out = &o->tree;
    return DGM_OK;
}

/* ---- soundness ---- */

static bool side_sound(const dgm_tree *t, const dgm_side *rows, uint32_t count, uint32_t flag)
{
    uint32_t flagged = 0;
    for (uint32_t i = 0; i < t->node_count; i++) flagged += (dgm_node_flags(&t->nodes[i]) & flag) != 0;
    if (flagged != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].node >= t->node_count || (i && rows[i].node <= rows[i - 1].node)) return false;
        if (!(dgm_node_flags(&t->nodes[rows[i].node]) & flag)) return false;
        if (t->owner && (uint64_t)rows[i].at + rows[i].len > t->owner->side_used) return false;
        dgm_slice text = { t->side_bytes + rows[i].at, rows[i].len };
        if (text.len && dgm_utf8_check(text) != text.len) return false;
    }
    return true;
}

/* Slot, parent and name of one node; `above` is the node it stands beneath (for an attribute of a leaf: the leaf). */
static bool slot_sound(const dgm_tree *t, uint32_t node, uint32_t above)
{
    const dgm_node *n = &t->nodes[node];
    uint32_t slot = dgm_node_slot(n);
    bool unknown = (dgm_node_flags(n) & DGM_UNKNOWN_NAME) != 0;
    if (unknown) return slot == DGM_SLOT_UNKNOWN;
    const dgm_slot *s = t->shape ? dgm_shape_slot(t->shape, slot) : NULL;
    if (!s || (s->kind == DGM_ATTRIBUTE) != (dgm_node_kind(n) == DGM_ATTRIBUTE)) return false;
    if (above == DGM_NONE) return slot == DGM_SLOT_ROOT;
    return s->parent == dgm_node_slot(&t->nodes[above]);
}

static bool leaf_sound(const dgm_tree *t, uint32_t node, uint32_t end)
{
    const dgm_node *n = &t->nodes[node];
    uint32_t flags = dgm_node_flags(n);
    if ((uint64_t)n->at + n->span > t->byte_count) return false;
    dgm_slice value = dgm_tree_value(t, node);
    if ((value.len == 0) != ((flags & DGM_EMPTY) != 0)) return false;
    bool text = dgm_node_kind(n) != DGM_OPAQUE; /* octets are what they are */
    if (text && !(flags & DGM_DECODED) && value.len && dgm_utf8_check(value) != value.len) return false;
    bool more = node + 1 < end && dgm_node_kind(&t->nodes[node + 1]) == DGM_ATTRIBUTE;
    return dgm_node_kind(n) == DGM_ATTRIBUTE ? !(flags & DGM_HAS_MORE) : more == ((flags & DGM_HAS_MORE) != 0);
}

bool dgm_tree_sound(const dgm_tree *t)
{
    uint32_t open[DGM_DEPTH_MAX];
    uint32_t depth = 0, leaf = DGM_NONE; /* the leaf whose attributes are being read */
    if (t->node_count == 0 || t->node_count == DGM_NONE || dgm_kind_leaf(dgm_node_kind(&t->nodes[0]))) return false;
    if (!side_sound(t, t->decoded, t->decoded_count, DGM_DECODED)) return false;
    if (!side_sound(t, t->unknown, t->unknown_count, DGM_UNKNOWN_NAME)) return false;
    for (uint32_t i = 0; i < t->node_count; i++) {
        const dgm_node *n = &t->nodes[i];
        while (depth && t->nodes[open[depth - 1]].span <= i) depth--;
        uint32_t end = depth ? t->nodes[open[depth - 1]].span : t->node_count;
        if (i && depth == 0) return false; /* a second root */
        dgm_kind kind = dgm_node_kind(n);
        if (kind > DGM_OPAQUE) return false;
        uint32_t above = depth ? open[depth - 1] : DGM_NONE;
        if (kind == DGM_ATTRIBUTE && leaf != DGM_NONE) above = leaf;
        if (!slot_sound(t, i, above)) return false;
        if (dgm_kind_leaf(kind)) {
            if (!leaf_sound(t, i, end)) return false;
            if (kind != DGM_ATTRIBUTE)
                leaf = dgm_node_flags(n) & DGM_HAS_MORE ? i : DGM_NONE;
            else if (leaf == DGM_NONE && i != above + 1 && dgm_node_kind(n - 1) != DGM_ATTRIBUTE)
                return false;
            continue;
        }
        leaf = DGM_NONE;
        if (n->span <= i || n->span > end || depth == DGM_DEPTH_MAX) return false;
        if (dgm_node_flags(n) & (DGM_DECODED | DGM_HAS_MORE)) return false;
        if (dgm_node_flags(n) & DGM_EMPTY && n->span != i + 1) return false;
        if (i && kind != DGM_COMPOSITE && n->place == 0) return false;
        open[depth++] = i;
    }
    return t->nodes[0].span == t->node_count;
}
