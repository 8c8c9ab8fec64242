/* SPDX-License-Identifier: Apache-2.0
 *
 * unite.c - one canonical document put together of what several messages told. Occurrences that are one are chained, and what
 * stands beneath a chain is put together when its turn comes, level after level, so that depth costs nothing. One thread.
 */
#include "documents_run.h"
#include "merge.h"

/* One occurrence of a part, in a chain of those that are one. */
typedef struct member {
    uint32_t part, node, next; /* next + 1 */
} member;

typedef struct chain {
    uint32_t id; /* of the builder */
    uint32_t first, last;
} chain;

typedef struct uniting {
    dgm_mem mem;
    const dgm_united *parts;
    const dgm_shape *shape;
    dgm_builder *b;
    member *members;
    chain *chains;
    size_t member_count, member_room, chain_count, chain_room;
    const map_merge_list **lists; /* by slot */
    uint32_t *once;               /* by slot: the chain of what stands once, + 1 … */
    uint32_t *turn;               /* … in the turn that is named here */
    dgm_keyed keys;
    dgm_buffer key;
    void (*disagree)(void *ctx, uint32_t part, uint32_t node, uint32_t other_part, uint32_t other_node);
    void *ctx;
} uniting;

static bool add_member(uniting *u, uint32_t chain_number, uint32_t part, uint32_t node)
{
    void *all = u->members;
    if (dgm_mem_reserve(&u->mem, &all, &u->member_room, u->member_count + 1, sizeof *u->members) != DGM_OK) return false;
    u->members = all;
    u->members[u->member_count] = (member){ part, node, 0 };
    chain *c = &u->chains[chain_number];
    if (c->first)
        u->members[c->last - 1].next = (uint32_t)u->member_count + 1;
    else
        c->first = (uint32_t)u->member_count + 1;
    c->last = (uint32_t)++u->member_count;
    return true;
}

/* A new node of the result, which begins with this occurrence. */
static dgm_status begin_chain(uniting *u, uint32_t above, uint32_t part, uint32_t node, uint32_t *number)
{
    const dgm_tree *t = u->parts[part].tree;
    uint32_t slot = dgm_node_slot(&t->nodes[node]);
    dgm_kind kind = dgm_node_kind(&t->nodes[node]);
    dgm_slice value = dgm_tree_value(t, node);
    void *all = u->chains;
    if (dgm_mem_reserve(&u->mem, &all, &u->chain_room, u->chain_count + 1, sizeof *u->chains) != DGM_OK) return DGM_NOMEM;
    u->chains = all;
    uint32_t id = kind == DGM_ATTRIBUTE ? dgm_builder_attribute(u->b, above, slot, value)
                  : dgm_kind_leaf(kind) ? dgm_builder_leaf(u->b, above, slot, 0, value)
                                        : dgm_builder_open(u->b, above, slot, 0);
    if (id == DGM_NONE) return dgm_builder_status(u->b);
    dgm_builder_origin(u->b, id, node, part);
    *number = (uint32_t)u->chain_count;
    u->chains[u->chain_count++] = (chain){ .id = id };
    return add_member(u, *number, part, node) ? DGM_OK : DGM_NOMEM;
}

/* One more that is the same: a value must be the one that is there, unless nothing is. */
static dgm_status join_chain(uniting *u, uint32_t number, uint32_t part, uint32_t node)
{
    const dgm_tree *t = u->parts[part].tree;
    if (dgm_node_leaf(&t->nodes[node]) && dgm_tree_value(t, node).len) {
        const member *first = &u->members[u->chains[number].first - 1];
        const dgm_tree *other = u->parts[first->part].tree;
        if (!dgm_builder_value(u->b, u->chains[number].id).len) {
            dgm_status s = dgm_builder_set(u->b, u->chains[number].id, dgm_tree_value(t, node));
            if (s != DGM_OK) return s;
            dgm_builder_origin(u->b, u->chains[number].id, node, part);
            u->members[u->chains[number].first - 1].part = part; /* the one to compare with from now on */
            u->members[u->chains[number].first - 1].node = node;
        } else if (!dgm_tree_same_value(other, first->node, t, node, true) && u->disagree) {
            u->disagree(u->ctx, first->part, first->node, part, node);
        }
    }
    return add_member(u, number, part, node) ? DGM_OK : DGM_NOMEM;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------------------
 */

/* The leaf of a slot beneath an occurrence; what is on the way stands once. */
static uint32_t leaf_beneath(const uniting *u, const dgm_tree *t, uint32_t node, uint32_t slot)
{
    uint32_t way[DGM_DEPTH_MAX], depth = 0, top = dgm_node_slot(&t->nodes[node]);
    for (uint32_t s = slot; s != top && depth < DGM_DEPTH_MAX; s = dgm_shape_slot(u->shape, s)->parent) way[depth++] = s;
    while (depth && node != DGM_NONE) {
        uint32_t wanted = way[--depth], n = node + 1, end = dgm_tree_next(t, node);
        while (n < end && dgm_node_slot(&t->nodes[n]) != wanted) n = dgm_tree_next(t, n);
        node = n < end ? n : DGM_NONE;
    }
    return node;
}

/* The number of an occurrence's key among those of this turn; DGM_NONE: it has none and is one by itself. */
static dgm_status number_of_key(uniting *u, const map_merge_list *by, uint32_t above, uint32_t part, uint32_t node,
                                uint32_t *number)
{
    const dgm_tree *t = u->parts[part].tree;
    uint32_t head[2] = { above, by->slot };
    *number = DGM_NONE;
    u->key.len = 0;
    dgm_status s = dgm_buffer_append(&u->key, (dgm_slice){ (const char *)head, sizeof head });
    for (uint32_t i = 0; i < by->key_count && s == DGM_OK; i++) {
        uint32_t leaf = leaf_beneath(u, t, node, by->keys[i]);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, leaf);
        if (!v.len) return DGM_OK;
        s = dgm_keyed_append(&u->key, v);
    }
    return s == DGM_OK ? dgm_keyed_take(&u->keys, dgm_buffer_slice(&u->key), number) : s;
}

static dgm_status take_keyed(uniting *u, const map_merge_list *by, uint32_t above, uint32_t part, uint32_t node)
{
    uint32_t number, made;
    dgm_status s = number_of_key(u, by, above, part, node, &number);
    if (s != DGM_OK) return s;
    if (number != DGM_NONE && u->keys.rows[number].value != DGM_NONE) return join_chain(u, u->keys.rows[number].value, part, node);
    s = begin_chain(u, above, part, node, &made);
    if (s == DGM_OK && number != DGM_NONE) u->keys.rows[number].value = made;
    return s;
}

/* ---- level after level ---------------------------------------------------------------------------------------------------------
 */

static dgm_status take_child(uniting *u, uint32_t turn, uint32_t above, uint32_t part, uint32_t node)
{
    const dgm_tree *t = u->parts[part].tree;
    uint32_t slot = dgm_node_slot(&t->nodes[node]), made = 0;
    if (slot == DGM_SLOT_UNKNOWN) return DGM_OK;
    if (u->lists[slot]) return take_keyed(u, u->lists[slot], above, part, node);
    bool once = dgm_shape_slot(u->shape, slot)->max <= 1;
    if (once && u->once[slot] && u->turn[slot] == turn) return join_chain(u, u->once[slot] - 1, part, node);
    dgm_status s = begin_chain(u, above, part, node, &made);
    if (s != DGM_OK || !once) return s;
    u->once[slot] = made + 1;
    u->turn[slot] = turn;
    return DGM_OK;
}

/* What stands beneath the occurrences of a chain; of a leaf its attributes. */
static dgm_status take_beneath(uniting *u, uint32_t turn)
{
    uint32_t above = u->chains[turn].id;
    dgm_status s = DGM_OK;
    for (uint32_t at = u->chains[turn].first; at && s == DGM_OK; at = u->members[at - 1].next) {
        member m = u->members[at - 1];
        const dgm_tree *t = u->parts[m.part].tree;
        uint32_t end = dgm_tree_next(t, m.node);
        for (uint32_t n = m.node + 1; n < end && s == DGM_OK; n = dgm_tree_next(t, n)) s = take_child(u, turn, above, m.part, n);
    }
    return s;
}

static void know_lists(uniting *u, uint32_t count)
{
    for (uint32_t p = 0; p < count; p++) {
        const map_merge *g = u->parts[p].whose ? u->parts[p].whose->merge : NULL;
        for (uint32_t i = 0; g && i < g->list_count; i++)
            if (!u->lists[g->lists[i].slot]) u->lists[g->lists[i].slot] = &g->lists[i];
    }
}

static dgm_status unite(uniting *u, uint32_t count)
{
    size_t slots = dgm_shape_count(u->shape);
    u->lists = dgm_mem_new(&u->mem, slots * sizeof *u->lists);
    u->once = dgm_mem_new(&u->mem, slots * sizeof *u->once);
    u->turn = dgm_mem_new(&u->mem, slots * sizeof *u->turn);
    void *all = u->chains;
    if (!u->lists || !u->once || !u->turn) return DGM_NOMEM;
    if (dgm_mem_reserve(&u->mem, &all, &u->chain_room, 1, sizeof *u->chains) != DGM_OK) return DGM_NOMEM;
    u->chains = all;
    know_lists(u, count);
    u->chains[u->chain_count++] = (chain){ .id = 0 };
    for (uint32_t p = 0; p < count; p++)
        if (!add_member(u, 0, p, 0)) return DGM_NOMEM;
    dgm_status s = DGM_OK;
    for (uint32_t turn = 0; turn < u->chain_count && s == DGM_OK; turn++) s = take_beneath(u, turn);
    return s;
}

dgm_status dgm_merge_trees(const dgm_mem *mem, const dgm_limits *limits, const dgm_united *parts, uint32_t count,
                           void (*disagree)(void *ctx, uint32_t part, uint32_t node, uint32_t other_part, uint32_t other_node),
                           void *ctx, dgm_tree **out)
{
    *out = NULL;
    if (!count) return DGM_USAGE;
    uniting u = { .mem = *mem, .parts = parts, .shape = parts[0].tree->shape, .disagree = disagree, .ctx = ctx };
    for (uint32_t p = 1; p < count; p++)
        if (parts[p].tree->shape != u.shape) return DGM_USAGE;
    dgm_keyed_init(&u.keys, mem);
    dgm_buffer_init(&u.key, mem);
    dgm_status s = dgm_builder_new(mem, limits, &u.b);
    if (s == DGM_OK) s = dgm_builder_begin(u.b, u.shape, true);
    if (s == DGM_OK) s = unite(&u, count);
    if (s == DGM_OK) s = dgm_builder_freeze(u.b, out, NULL);
    size_t slots = dgm_shape_count(u.shape);
    dgm_mem_free(mem, u.lists, slots * sizeof *u.lists);
    dgm_mem_free(mem, u.once, slots * sizeof *u.once);
    dgm_mem_free(mem, u.turn, slots * sizeof *u.turn);
    dgm_mem_free(mem, u.members, u.member_room * sizeof *u.members);
    dgm_mem_free(mem, u.chains, u.chain_room * sizeof *u.chains);
    dgm_keyed_free(&u.keys);
    dgm_buffer_free(&u.key);
    dgm_builder_free(u.b);
    return s;
}
