/* SPDX-License-Identifier: Apache-2.0
 *
 * amend_edit.c - a document that is changed while its numbers stay (amend.h). One thread.
 */
#include "amend.h"

#include "base/arena.h"

static size_t spot(const dgm_edit *e, uint32_t up, uint32_t slot, uint32_t number)
{
    uint64_t h = ((uint64_t)up << 32 | slot) * 0x9E3779B97F4A7C15u + number;
    h = (h ^ h >> 29) * 0xD6E8FEB86659FD93u;
    size_t i = (size_t)(h >> 20) & (e->index_room - 1);
    for (; e->index[i]; i = (i + 1) & (e->index_room - 1)) {
        const dgm_edited *x = &e->at[e->index[i] >> 1];
        bool first = e->index[i] & 1;
        if (x->up == up && x->slot == slot && (first ? number == 0 : number == x->number && number)) break;
    }
    return i;
}

/* An entry is the node and whether it stands for the first of its slot. */
static bool more_room(dgm_edit *e)
{
    if (2 * (e->indexed + 2) < e->index_room) return true;
    uint32_t *old = e->index;
    size_t had = e->index_room;
    e->index_room = had ? 2 * had : 256;
    e->index = dgm_mem_new(&e->mem, e->index_room * sizeof *e->index);
    if (!e->index) {
        e->index = old;
        e->index_room = had;
        e->failed = DGM_NOMEM;
        return false;
    }
    for (size_t i = 0; i < had; i++)
        if (old[i]) {
            const dgm_edited *x = &e->at[old[i] >> 1];
            e->index[spot(e, x->up, x->slot, old[i] & 1 ? 0 : x->number)] = old[i];
        }
    dgm_mem_free(&e->mem, old, had * sizeof *old);
    return true;
}

static void put_index(dgm_edit *e, uint32_t id, uint32_t number)
{
    const dgm_edited *x = &e->at[id];
    size_t i = spot(e, x->up, x->slot, number);
    if (e->index[i]) {
        const dgm_edited *there = &e->at[e->index[i] >> 1];
        if (!there->gone) return;
        e->at[id].sorted = there->sorted; /* it takes the place of what was taken away */
        e->indexed--;
    }
    e->index[i] = id << 1 | (number == 0);
    e->indexed++;
}

uint32_t dgm_edit_child(const dgm_edit *e, uint32_t up, uint32_t slot, uint32_t number)
{
    return e->index_room ? e->index[spot(e, up, slot, number)] >> 1 : 0;
}

uint32_t dgm_edit_add(dgm_edit *e, uint32_t up, uint32_t slot, uint32_t number, const dgm_tree *from, uint32_t node)
{
    void *all = e->at;
    if (e->failed != DGM_OK || !more_room(e)) return 0;
    if (e->count >= UINT32_MAX / 2 || dgm_mem_reserve(&e->mem, &all, &e->room, e->count + 1, sizeof *e->at) != DGM_OK) {
        e->failed = DGM_NOMEM;
        return 0;
    }
    e->at = all;
    uint32_t id = (uint32_t)e->count++;
    e->at[id] = (dgm_edited){ .up = up, .slot = slot, .number = number, .from = from, .node = node };
    if (id == 0) return 0;
    dgm_edited *above = &e->at[up];
    if (above->last)
        e->at[above->last].next = id;
    else
        above->first = id;
    above->last = id;
    put_index(e, id, 0);
    if (number) put_index(e, id, number);
    return id;
}

/* A list is sorted as long as each new member says a higher number than the one before. */
static void look_at_order(dgm_edit *e, uint32_t id, uint32_t before)
{
    dgm_edited *x = &e->at[id];
    uint32_t head = dgm_edit_child(e, x->up, x->slot, 0);
    bool goes_on = before && before != id && e->at[before].up == x->up && e->at[before].slot == x->slot;
    if (head == id)
        x->sorted = x->numbered;
    else if (!x->numbered || !goes_on || e->at[before].number >= x->number)
        e->at[head].sorted = false;
}

static bool holds_value(const dgm_tree *t, uint32_t node)
{
    return dgm_node_leaf(&t->nodes[node]) && dgm_tree_value(t, node).len > 0;
}

/* What stands beneath a node of a tree, beneath `at`; the node itself is there. */
static void add_beneath(dgm_edit *e, uint32_t at, const dgm_tree *t, uint32_t node)
{
    struct {
        uint32_t end, id;
    } open[DGM_DEPTH_MAX + 3] = { { dgm_tree_next(t, node), at } };
    size_t depth = 0;
    for (uint32_t n = node + 1, end = open[0].end; n < end && e->failed == DGM_OK;) {
        while (n >= open[depth].end) depth--;
        uint32_t slot = dgm_node_slot(&t->nodes[n]), next = dgm_tree_next(t, n), up = open[depth].id;
        if (slot == DGM_SLOT_UNKNOWN || depth > DGM_DEPTH_MAX) {
            n = next;
            continue;
        }
        bool list = dgm_shape_slot(e->shape, slot)->max > 1;
        uint32_t number = list ? dgm_pointer_number(t, n) : 0, before = e->at[up].last;
        uint32_t id = dgm_edit_add(e, up, slot, number, t, n);
        if (!id) return;
        e->at[id].numbered = list && dgm_pointer_own_number(t, n) != 0;
        if (list) look_at_order(e, id, before);
        if (holds_value(t, n))
            for (uint32_t k = id; !e->at[k].fills; k = e->at[k].up) e->at[k].fills = true; /* the root ends it */
        open[++depth].end = next;
        open[depth].id = id;
        n++;
    }
}

dgm_status dgm_edit_begin(dgm_edit *e, const dgm_mem *mem, const dgm_tree *t)
{
    *e = (dgm_edit){ .mem = *mem, .shape = t->shape };
    dgm_edit_add(e, 0, DGM_SLOT_ROOT, 0, NULL, 0);
    if (e->failed == DGM_OK) add_beneath(e, 0, t, 0);
    return e->failed;
}

void dgm_edit_free(dgm_edit *e)
{
    dgm_mem_free(&e->mem, e->at, e->room * sizeof *e->at);
    dgm_mem_free(&e->mem, e->index, e->index_room * sizeof *e->index);
    *e = (dgm_edit){ 0 };
}

void dgm_edit_replace(dgm_edit *e, uint32_t at, const dgm_edit *other, uint32_t peer)
{
    const dgm_edited *x = &other->at[peer];
    for (uint32_t k = e->at[at].first; k; k = e->at[k].next) e->at[k].gone = true;
    e->at[at].from = x->from;
    e->at[at].node = x->node;
    e->at[at].gone = false;
    if (x->from) add_beneath(e, at, x->from, x->node);
}

dgm_status dgm_edit_build(const dgm_edit *e, bool by_number, dgm_builder *out)
{
    uint32_t ids[DGM_DEPTH_MAX + 3] = { 0 }, depth = 0;
    for (uint32_t at = e->at[0].first; at;) {
        const dgm_edited *x = &e->at[at];
        uint32_t id = DGM_NONE;
        if (!x->gone) {
            const dgm_slot *s = dgm_shape_slot(e->shape, x->slot);
            uint32_t order = by_number || e->at[dgm_edit_child(e, x->up, x->slot, 0)].sorted ? x->number : 0;
            dgm_slice value = dgm_edit_value(e, at);
            id = s->kind == DGM_ATTRIBUTE ? dgm_builder_attribute(out, ids[depth], x->slot, value)
                 : dgm_kind_leaf(s->kind) ? dgm_builder_leaf(out, ids[depth], x->slot, order, value)
                                          : dgm_builder_open(out, ids[depth], x->slot, order);
            if (id == DGM_NONE) return dgm_builder_status(out);
        }
        if (!x->gone && x->first && depth < DGM_DEPTH_MAX + 2) {
            ids[++depth] = id;
            at = x->first;
            continue;
        }
        while (at && !e->at[at].next) { /* the last of its parent */
            at = e->at[at].up;
            if (depth) depth--;
        }
        at = at ? e->at[at].next : 0;
    }
    return dgm_builder_status(out);
}

void dgm_edit_pointer(const dgm_edit *e, uint32_t at, dgm_pointer *p)
{
    size_t n = 0;
    for (uint32_t k = at; k; k = e->at[k].up) n++;
    p->count = n = n < DGM_POINTER_STEPS ? n : DGM_POINTER_STEPS;
    for (uint32_t k = at; k && n; k = e->at[k].up) {
        p->slots[--n] = e->at[k].slot;
        p->numbers[n] = e->at[k].number;
    }
}

uint32_t dgm_amend_slot(const dgm_shape *s, uint32_t above, const char *identifier)
{
    const dgm_slot *up = above == DGM_SLOT_NONE ? NULL : dgm_shape_slot(s, above);
    for (uint32_t i = 0; up && i < up->child_count; i++)
        if (dgm_slice_is(dgm_shape_slot(s, up->first_child + i)->tag, identifier)) return up->first_child + i;
    return DGM_SLOT_NONE;
}

bool dgm_amend_own(const dgm_edit *e, uint32_t at)
{
    static const char *const own[] = { "017", "D026", "D013", "D014", "06A" }; /* function, reference, type, number, amendments */
    const dgm_slot *s = dgm_shape_slot(e->shape, e->at[at].slot);
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (dgm_slice_is(s->tag, own[i])) return true;
    if (s->house && !s->tag.len) return true; /* its envelope */
    if (!dgm_slice_is(s->tag, "03A")) return false;
    uint32_t pointer = dgm_amend_slot(e->shape, e->at[at].slot, "97A"); /* remarks on an amendment */
    return pointer != DGM_SLOT_NONE && dgm_edit_child(e, at, pointer, 0) != 0;
}
