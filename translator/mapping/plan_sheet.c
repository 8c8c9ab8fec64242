/* SPDX-License-Identifier: Apache-2.0
 *
 * plan_sheet.c - sheets: for each block its addresses in the order of the target's document, so that a run only ticks what is there
 * and lays it down in one pass (sheet.c). Finds out whether the plan has such an order: what only the time of its coming puts in
 * order, and **, take the builder's way. One thread.
 */
#include "plan.h"

/* A child of an address: another address, an each, or what a #* brings. */
typedef struct sheet_item {
    uint32_t slot, last, order; /* last: of the slots it may take */
    uint32_t target, star;      /* one of them DGM_NONE */
    bool each;
} sheet_item;

typedef struct sheet_maker {
    map_planner *n;
    map_plan *p;
    map_cell *cells; /* of the block being made */
    uint32_t count;
    bool fits;
    dgm_buffer text; /* of constants */
    size_t bring_room;
} sheet_maker;

/* Steps of a #* stand in the trie for the checks; only a list of single places is written there. */
static void mark_apart(map_plan *p, uint32_t target)
{
    for (uint32_t k = p->targets[target].kid; k; k = p->targets[k].sibling) {
        p->targets[k].apart = p->targets[k].apart || p->targets[target].apart;
        mark_apart(p, k);
    }
}

/* One #* over places of their own beneath what is written anyway: each of its places is an address like any other. */
static bool list_of_places(const sheet_maker *k, const map_star *s)
{
    const map_star_step *x = &s->steps[0];
    return s->step_count == 1 && x->slot_count > 1 && !x->test_count && k->p->targets[s->base].block == s->block &&
           !k->p->targets[s->base].apart;
}

static void take_lists(sheet_maker *k)
{
    for (size_t i = 0; i < k->p->star_count; i++) {
        map_star *s = &k->p->stars[i];
        s->places = list_of_places(k, s);
        for (uint32_t j = 0; s->places && j < s->steps[0].slot_count; j++) k->p->targets[s->steps[0].targets[j]].apart = false;
    }
}

static bool before(const sheet_item *a, const sheet_item *b)
{
    return a->slot != b->slot ? a->slot < b->slot : a->order < b->order;
}

static void insert(sheet_maker *k, sheet_item *items, uint32_t *count, sheet_item item)
{
    uint32_t at = (*count)++;
    for (; at && before(&item, &items[at - 1]); at--) items[at] = items[at - 1];
    items[at] = item;
    if (at && items[at - 1].slot == item.slot && items[at - 1].order == item.order) k->fits = false; /* the older one first */
}

/* The children of an address in their order; NULL: no memory. */
static sheet_item *children(sheet_maker *k, uint32_t target, uint32_t *count)
{
    const map_plan *p = k->p;
    uint32_t most = 0;
    for (uint32_t t = p->targets[target].kid; t; t = p->targets[t].sibling) most++;
    for (size_t i = 0; i < p->star_count; i++) most += p->stars[i].base == target;
    sheet_item *items = DGM_NEW(k->n->l->arena, sheet_item, most + 1u);
    *count = 0;
    if (!items) {
        k->n->l->nomem = true;
        return NULL;
    }
    for (uint32_t t = p->targets[target].kid; t; t = p->targets[t].sibling) {
        const map_target *x = &p->targets[t];
        if (x->apart) continue;
        uint32_t order = x->kind == DGM_ATTRIBUTE ? 0 : x->order;
        insert(k, items, count, (sheet_item){ x->slot, x->slot, order, t, DGM_NONE, x->block != p->targets[target].block });
    }
    for (uint32_t i = 0; i < p->star_count; i++) {
        const map_star *s = &p->stars[i];
        if (s->base != target || s->places) continue;
        const map_star_step *x = &s->steps[0];
        uint32_t least = x->slots[0], last = x->slots[0];
        for (uint32_t j = 1; j < x->slot_count; j++) {
            if (x->slots[j] < least) least = x->slots[j];
            if (x->slots[j] > last) last = x->slots[j];
        }
        insert(k, items, count, (sheet_item){ least, last, s->order, DGM_NONE, i, false });
    }
    for (uint32_t i = 0; i + 1 < *count; i++) /* nothing between the places of a #* */
        if (items[i].last > items[i].slot && items[i + 1].slot <= items[i].last) k->fits = false;
    for (uint32_t i = 1; i < *count; i++)
        if (items[i].last > items[i].slot && items[i - 1].slot == items[i].slot) k->fits = false;
    return items;
}

/* counter: where occurrences of the slot are counted; DGM_NONE: this is the one there can be. */
static uint32_t add_cell(sheet_maker *k, uint32_t slot, map_cell_kind kind, uint32_t depth, uint32_t counter)
{
    const dgm_slot *s = dgm_shape_slot(k->p->to, slot);
    bool wide = dgm_kind_leaf(s->kind) || s->kind == DGM_COMPOSITE;
    uint32_t once = counter != DGM_NONE ? 0 : 1;
    k->cells[k->count] = (map_cell){ .tag = DGM_TAG(slot, s->kind, 0),
                                     .place = wide ? DGM_PLACE(s->element, s->component, once) : once,
                                     .counter = counter,
                                     .kind = (uint8_t)kind,
                                     .depth = (uint8_t)depth,
                                     .wide = wide,
                                     .rare = counter != DGM_NONE || kind > MAP_CELL_GROUP };
    return k->count++;
}

/* Cells of an address and all beneath it. Depth is the shape's. */
static void add_address(sheet_maker *k, uint32_t target, uint32_t depth, uint32_t counter)
{
    map_plan *p = k->p;
    map_target *t = &p->targets[target];
    bool leaf = dgm_kind_leaf(t->kind), under_leaf = t->above != DGM_NONE && dgm_kind_leaf(p->targets[t->above].kind);
    map_cell_kind kind = !leaf ? MAP_CELL_GROUP : under_leaf ? MAP_CELL_ATTRIBUTE : MAP_CELL_LEAF;
    t->cell = add_cell(k, t->slot, kind, depth, counter);
    uint32_t count, below = leaf ? depth : depth + 1, own = DGM_NONE, *words = &p->blocks[t->block].others;
    sheet_item *items = children(k, target, &count);
    for (uint32_t i = 0; items && i < count && k->fits; i++) {
        const sheet_item *x = &items[i];
        bool again = i && items[i - 1].slot == x->slot, more = i + 1 < count && items[i + 1].slot == x->slot;
        bool several = (x->star != DGM_NONE && x->last == x->slot) || x->each || more;
        if (!again) own = several ? (*words)++ : DGM_NONE; /* the counter of a slot */
        if (x->star != DGM_NONE)
            p->stars[x->star].cell = add_cell(k, x->slot, MAP_CELL_STAR, below, own);
        else if (x->each)
            p->blocks[p->targets[x->target].block].list_cell = add_cell(k, x->slot, MAP_CELL_EACH, below, own);
        else
            add_address(k, x->target, below, own);
    }
}

/* The words of a frame: what is set back when it opens, ticks last; then two words for each cell. */
static void make_sheet(sheet_maker *k, uint32_t block)
{
    map_plan *p = k->p;
    map_plan_block *b = &p->blocks[block];
    if (b->target == DGM_NONE) return; /* does not run this way */
    k->cells += k->count;
    k->count = 0;
    add_address(k, b->target, 0, DGM_NONE); /* one of several is numbered where it is copied to */
    b->cells = k->cells;
    b->cell_count = k->count;
    b->ticks = b->others;
    b->tick_words = (k->count + 31) / 32;
    b->held = b->ticks + b->tick_words;
    b->sheet_words = b->held + 2 * k->count;
}

static map_bit bit_of(const map_plan_block *b, uint32_t cell)
{
    return (map_bit){ b->ticks + cell / 32, 1u << cell % 32, b->held + 2 * cell };
}

/* What the tests of an address say, beneath it: the way there and the value, unless a rule writes it. */
static bool make_brings(sheet_maker *k, uint32_t target)
{
    map_plan *p = k->p;
    const map_target *t = &p->targets[target];
    map_address *a = &p->addresses[target];
    a->bring_first = (uint32_t)p->bring_count;
    for (uint32_t i = 0; i < t->constant_count; i++) {
        const map_constant *c = &t->constants[i];
        if (p->targets[c->target].writer != DGM_NONE) continue;
        for (uint32_t at = c->target; at != target; at = p->targets[at].above) {
            void *all = p->brings;
            if (!dgm_map_room(k->n->l, &all, &k->bring_room, p->bring_count + 1, sizeof *p->brings)) return false;
            p->brings = all;
            map_bring *b = &p->brings[p->bring_count++];
            *b = (map_bring){ .is = bit_of(&p->blocks[t->block], p->targets[at].cell) };
            if (at != c->target) continue;
            b->offset = (uint32_t)k->text.len;
            b->bytes = (uint32_t)c->value.len;
            if (dgm_buffer_append(&k->text, c->value) != DGM_OK) k->n->l->nomem = true;
        }
    }
    if (p->bring_count - a->bring_first > UINT16_MAX) k->fits = false;
    a->bring_count = (uint16_t)(p->bring_count - a->bring_first);
    return !k->n->l->nomem;
}

static bool make_addresses(sheet_maker *k)
{
    map_plan *p = k->p;
    p->addresses = DGM_NEW(k->n->l->arena, map_address, p->target_count + 1);
    if (!p->addresses) return false;
    for (uint32_t i = 0; i < p->target_count; i++) {
        const map_target *t = &p->targets[i];
        map_address *a = &p->addresses[i];
        if (t->apart) continue;
        const map_target *up = t->above == DGM_NONE ? NULL : &p->targets[t->above];
        *a = (map_address){ .is = bit_of(&p->blocks[t->block], t->cell),
                            .block = t->block,
                            .above = t->above,
                            .leaf = dgm_kind_leaf(t->kind),
                            .must = t->must != NULL,
                            .each = t->block && p->blocks[t->block].target == i };
        if (up && up->block == t->block) {
            map_bit above = bit_of(&p->blocks[up->block], up->cell);
            a->up_word = above.word;
            a->up_bit = above.bit;
        }
        if (t->constant_count && !make_brings(k, i)) return false;
        a->plain = !a->must && !a->each && a->above != DGM_NONE;
    }
    for (uint32_t i = 0; i < p->target_count; i++) {
        map_address *a = &p->addresses[i];
        const map_address *up = a->up_bit ? &p->addresses[a->above] : NULL;
        a->up_each = up && up->each && !up->leaf && !up->bring_count && up->above != DGM_NONE;
        a->up_easy = up && !up->leaf && !up->each && !up->bring_count;
    }
    return true;
}

static void make_lists(map_planner *n)
{
    map_plan *p = n->p;
    for (size_t i = 0; i < p->star_count; i++) {
        map_star *s = &p->stars[i];
        s->list_block = p->targets[s->base].block;
        if (!s->places) s->list = bit_of(&p->blocks[s->list_block], s->cell);
    }
    for (uint32_t b = 1; b < n->l->m->block_count; b++) {
        map_plan_block *x = &p->blocks[b];
        if (x->target == DGM_NONE) continue;
        x->list_block = p->targets[p->targets[x->target].above].block;
        x->list = bit_of(&p->blocks[x->list_block], x->list_cell);
    }
}

/* A step of a #* that something else writes too stands twice: once by its address, once by the #*. */
static bool reached(const map_plan *p, uint32_t target)
{
    return target == DGM_NONE || !p->targets[target].apart;
}

static bool all_reached(const map_plan *p, uint32_t blocks)
{
    bool ok = true;
    for (size_t i = 0; i < p->op_count; i++)
        ok = ok && (p->ops[i].star != DGM_NONE || (reached(p, p->ops[i].target) && reached(p, p->ops[i].second)));
    for (uint32_t b = 0; b < blocks; b++) ok = ok && reached(p, p->blocks[b].target);
    for (size_t i = 0; i < p->end_count; i++) ok = ok && reached(p, p->ends[i].target);
    for (size_t i = 0; i < p->star_count; i++) ok = ok && reached(p, p->stars[i].base);
    for (size_t i = 0; i < p->target_count && ok; i++) {
        if (p->targets[i].apart) continue;
        ok = !p->targets[i].star;
        for (uint32_t j = 0; j < p->targets[i].constant_count; j++) ok = ok && reached(p, p->targets[i].constants[j].target);
    }
    return ok;
}

void dgm_map_plan_sheets(map_planner *n)
{
    map_plan *p = n->p;
    uint32_t blocks = n->l->m->block_count;
    sheet_maker k = { .n = n, .p = p, .fits = !p->mirror };
    for (uint32_t b = 1; b < blocks; b++) k.fits = k.fits && !p->blocks[b].kept && !p->blocks[b].dot_place;
    for (size_t i = 1; i < p->target_count; i++) { /* an occurrence in another block's, for each frame */
        const map_target *t = &p->targets[i];
        bool each = t->block && p->blocks[t->block].target == i;
        k.fits = k.fits && (!t->join_count || each || t->block == p->targets[t->above].block);
    }
    if (!k.fits) return;
    mark_apart(p, 0);
    take_lists(&k);
    k.fits = all_reached(p, blocks);
    k.cells = DGM_NEW(n->l->arena, map_cell, p->target_count + p->star_count + blocks + 1); /* of all sheets */
    if (!k.cells) n->l->nomem = true;
    for (uint32_t b = 0; b < blocks && k.fits && !n->l->nomem; b++) make_sheet(&k, b);
    if (k.fits && !n->l->nomem) {
        dgm_buffer_init(&k.text, &n->l->m->mem);
        bool ok = make_addresses(&k);
        p->constants = dgm_arena_copy(n->l->arena, dgm_buffer_slice(&k.text));
        dgm_buffer_free(&k.text);
        if (!ok || !p->constants.at) n->l->nomem = true;
        make_lists(n);
    }
    p->sheets = k.fits && !n->l->nomem;
}
