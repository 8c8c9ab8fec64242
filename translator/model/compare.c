/* SPDX-License-Identifier: Apache-2.0
 *
 * compare.c - what differs between two trees of one shape, place by place. Children of one parent stand in the order of the shape,
 * so both are walked once; occurrences of one place are paired in order, unless one of the next few is the same and those before it
 * were put in or left out. One thread; pure.
 */
#include "tree.h"

#include "base/decimal.h"

enum { AHEAD = 8 }; /* so many occurrences are looked at for the same again: work stays linear */

typedef struct level {
    uint32_t a, end_a, b, end_b; /* children that are still to be compared */
} level;

typedef struct comparing {
    const dgm_tree *a, *b;
    bool typed;
    void (*tell)(void *ctx, uint32_t node_a, uint32_t node_b);
    void *ctx;
    uint64_t count;
} comparing;

static bool number_type(const dgm_tree *t, uint32_t node)
{
    const dgm_slot *slot = t->shape ? dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[node])) : NULL;
    return slot && (slot->type == DGM_TYPE_NUMBER || slot->type == DGM_TYPE_AMOUNT || slot->type == DGM_TYPE_QUANTITY);
}

bool dgm_tree_same_value(const dgm_tree *a, uint32_t node_a, const dgm_tree *b, uint32_t node_b, bool typed)
{
    dgm_slice x = dgm_tree_value(a, node_a), y = dgm_tree_value(b, node_b);
    if (dgm_slice_equal(x, y)) return true;
    if (!typed || !number_type(a, node_a) || !number_type(b, node_b)) return false;
    return dgm_decimal_valid(x, '.') && dgm_decimal_valid(y, '.') && dgm_decimal_compare(x, y) == 0;
}

static bool same_place(const comparing *c, uint32_t a, uint32_t b)
{
    uint32_t slot = dgm_node_slot(&c->a->nodes[a]);
    if (slot != dgm_node_slot(&c->b->nodes[b])) return false;
    return slot != DGM_SLOT_UNKNOWN || dgm_slice_equal(dgm_tree_name(c->a, a), dgm_tree_name(c->b, b));
}

/* All of two occurrences is the same: as long as it is, the nodes have the same distances. */
static bool same_all(const comparing *c, uint32_t a, uint32_t b)
{
    uint32_t count = dgm_tree_next(c->a, a) - a;
    if (dgm_tree_next(c->b, b) - b != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        bool leaf = dgm_kind_leaf(dgm_node_kind(&c->a->nodes[a + i]));
        if (!same_place(c, a + i, b + i) || leaf != dgm_kind_leaf(dgm_node_kind(&c->b->nodes[b + i]))) return false;
        if (leaf ? !dgm_tree_same_value(c->a, a + i, c->b, b + i, c->typed)
                 : c->a->nodes[a + i].span - a != c->b->nodes[b + i].span - b)
            return false;
    }
    return true;
}

static void differ(comparing *c, uint32_t a, uint32_t b)
{
    c->count++;
    if (c->tell) c->tell(c->ctx, a, b);
}

/* Whether one of the next occurrences of this place in t, from `at` on, is all the same as the other tree's `other`: how far it is.
 */
static uint32_t found_ahead(const comparing *c, bool in_a, uint32_t at, uint32_t end, uint32_t other)
{
    const dgm_tree *t = in_a ? c->a : c->b;
    uint32_t slot = dgm_node_slot(&t->nodes[at]);
    for (uint32_t k = 1; k <= AHEAD; k++) {
        at = dgm_tree_next(t, at);
        if (at >= end || dgm_node_slot(&t->nodes[at]) != slot) return 0;
        if (in_a ? same_all(c, at, other) : same_all(c, other, at)) return k;
    }
    return 0;
}

static void only_in(comparing *c, level *v, bool in_a)
{
    if (in_a) {
        differ(c, v->a, DGM_NONE);
        v->a = dgm_tree_next(c->a, v->a);
    } else {
        differ(c, DGM_NONE, v->b);
        v->b = dgm_tree_next(c->b, v->b);
    }
}

/* Where what is below a node begins and ends; the attributes of a leaf are below it here. */
static level beneath(const comparing *c, uint32_t a, uint32_t b)
{
    return (level){ a + 1, dgm_tree_next(c->a, a), b + 1, dgm_tree_next(c->b, b) };
}

/* Two occurrences of one place that are not all the same. True: *down is to be looked at. */
static bool pair(comparing *c, level *v, level *down)
{
    uint32_t a = v->a, b = v->b, ahead_a = found_ahead(c, true, a, v->end_a, b), ahead_b = found_ahead(c, false, b, v->end_b, a);
    if (ahead_a || ahead_b) {
        bool in_a = ahead_a && (!ahead_b || ahead_a <= ahead_b);
        for (uint32_t k = in_a ? ahead_a : ahead_b; k--;) only_in(c, v, in_a);
        return false;
    }
    v->a = dgm_tree_next(c->a, a);
    v->b = dgm_tree_next(c->b, b);
    if (dgm_kind_leaf(dgm_node_kind(&c->a->nodes[a])) && !dgm_tree_same_value(c->a, a, c->b, b, c->typed)) differ(c, a, b);
    *down = beneath(c, a, b);
    return true;
}

uint64_t dgm_tree_compare(const dgm_tree *a, const dgm_tree *b, bool typed,
                          void (*tell)(void *ctx, uint32_t node_a, uint32_t node_b), void *ctx)
{
    comparing c = { a, b, typed, tell, ctx, 0 };
    level open[DGM_DEPTH_MAX + 2], *v = open;
    *v = (level){ 0, a->node_count, 0, b->node_count };
    while (v >= open) {
        if (v->a >= v->end_a && v->b >= v->end_b) {
            v--;
        } else if (v->a >= v->end_a) {
            only_in(&c, v, false);
        } else if (v->b >= v->end_b) {
            only_in(&c, v, true);
        } else if (!same_place(&c, v->a, v->b)) {
            only_in(&c, v, dgm_node_slot(&a->nodes[v->a]) <= dgm_node_slot(&b->nodes[v->b]));
        } else if (same_all(&c, v->a, v->b)) {
            v->a = dgm_tree_next(a, v->a);
            v->b = dgm_tree_next(b, v->b);
        } else {
            level down;
            if (pair(&c, v, &down) && v < open + DGM_DEPTH_MAX + 1) *++v = down;
        }
    }
    return c.count;
}
