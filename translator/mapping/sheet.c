/* SPDX-License-Identifier: Apache-2.0
 *
 * sheet.c - lays down what frames ticked: cells stand in the order of the document, so that a tree is made in one pass and nothing
 * is sorted. Occurrences of a block are laid down when their frame closes and copied to where they belong with the frame around it.
 * One thread for each runner.
 */
#include "run.h"

/* `place` of one occurrence more of a slot. */
static inline uint32_t numbered(uint32_t *words, const map_cell *c)
{
    uint32_t n = ++words[c->counter];
    return c->place + (c->wide ? (n < 0xFFFFu ? n : 0xFFFFu) << 16 : n);
}

/* The occurrences of a block, one behind the other; one past the last node. */
static uint32_t lay_chunks(const dgm_runner *r, uint32_t *words, const map_cell *c, uint32_t first, dgm_node *nodes, uint32_t made)
{
    for (uint32_t at = first; at; at = r->chunks[at - 1].next) {
        const map_chunk *x = &r->chunks[at - 1];
        const dgm_node *from = r->laid + x->from;
        dgm_node *to = nodes + made;
        for (uint32_t i = 0; i < x->count; i++) {
            to[i] = from[i];
            if (!dgm_node_leaf(&from[i])) to[i].span += made;
        }
        to[0].place = numbered(words, c);
        made += x->count;
    }
    return made;
}

/* What came with a #*: numbered anew where others of the slot may stand before it. */
static uint32_t lay_star(dgm_runner *r, uint32_t *words, const map_cell *c, uint32_t id, dgm_node *nodes, uint32_t made)
{
    uint32_t end = dgm_builder_lay_beneath(r->builder, id, nodes, made);
    for (uint32_t n = made; n < end && c->counter != DGM_NONE;) {
        dgm_node *x = &nodes[n];
        bool leaf = dgm_node_leaf(x);
        x->place = numbered(words, c);
        n = leaf ? n + 1 : x->span;
        while (leaf && n < end && dgm_node_kind(&nodes[n]) == DGM_ATTRIBUTE) n++;
    }
    return end;
}

/* What is neither a leaf nor a group of the sheet itself; one past the last node. */
static __attribute__((noinline)) dgm_node *lay_list(dgm_runner *r, uint32_t *words, const map_cell *c, uint32_t first,
                                                    dgm_node *nodes, dgm_node *n)
{
    uint32_t made = (uint32_t)(n - nodes);
    return nodes +
           (c->kind == MAP_CELL_EACH ? lay_chunks(r, words, c, first, nodes, made) : lay_star(r, words, c, first, nodes, made));
}

/* All cells of a frame that are ticked; one past the last node. What a leaf holds, and tag and place of its cell, are the halves of
 * a node as they stand. */
static uint32_t lay_frame(dgm_runner *r, uint32_t frame, dgm_node *nodes)
{
    const map_plan_block *b = &r->p->blocks[r->frames[frame].block];
    uint32_t *words = r->words + r->frames[frame].base;
    const uint32_t *ticks = words + b->ticks, *end = ticks + b->tick_words, *held = words + b->held;
    const map_cell *cells = b->cells;
    dgm_node *open[DGM_DEPTH_MAX + 1], **top = open, *n = nodes, *leaf = nodes; /* open: groups that have not ended */
    for (; ticks < end; ticks++, cells += 32, held += 64)
        for (uint32_t bits = *ticks; bits; bits &= bits - 1) {
            const uint32_t i = (uint32_t)__builtin_ctz(bits);
            const map_cell *c = &cells[i];
            for (dgm_node **still = open + c->depth; top > still;) (*--top)->span = (uint32_t)(n - nodes);
            if (c->rare && c->kind > MAP_CELL_ATTRIBUTE) {
                n = lay_list(r, words, c, held[2 * i], nodes, n);
                continue;
            }
            memcpy(&n->tag, &c->tag, 2 * sizeof n->tag);
            memcpy(&n->at, &held[2 * i], 2 * sizeof n->at);
            if (c->rare && c->counter != DGM_NONE) n->place = numbered(words, c);
            if (c->kind == MAP_CELL_GROUP) {
                n->at = 0;
                *top++ = n++;
                continue;
            }
            if (!n->span) n->tag |= DGM_TAG(0, 0, DGM_EMPTY);
            if (c->rare && c->kind == MAP_CELL_ATTRIBUTE)
                leaf->tag |= DGM_TAG(0, 0, DGM_HAS_MORE);
            else
                leaf = n;
            n++;
        }
    while (top > open) (*--top)->span = (uint32_t)(n - nodes);
    return (uint32_t)(n - nodes);
}

/* What a frame can have at most: its cells, what hangs apart, and what was laid down already. */
static size_t most_nodes(const dgm_runner *r, uint32_t frame)
{
    return r->p->blocks[r->frames[frame].block].cell_count + dgm_builder_count(r->builder) + r->laid_count;
}

static bool more_room(dgm_runner *r, size_t nodes)
{
    void *laid = r->laid, *chunks = r->chunks;
    bool ok = dgm_map_reserve(r, &laid, &r->laid_room, nodes, sizeof *r->laid);
    r->laid = laid;
    ok = ok && dgm_map_reserve(r, &chunks, &r->chunk_room, r->chunk_count + 1, sizeof *r->chunks);
    r->chunks = chunks;
    return ok;
}

void dgm_map_sheet_close(dgm_runner *r, uint32_t frame)
{
    const map_plan_block *b = &r->p->blocks[r->frames[frame].block];
    const map_bit *is = &r->p->addresses[b->target].is;
    if (!(r->words[r->frames[frame].base + is->word] & is->bit)) return; /* nothing came of it */
    size_t most = r->laid_count + most_nodes(r, frame);
    uint32_t own = dgm_map_frame_of(r, r->frames[frame].above, b->list_block);
    if (own == DGM_NONE || ((r->laid_room < most || r->chunk_room == r->chunk_count) && !more_room(r, most))) return;
    uint32_t count = lay_frame(r, frame, r->laid + r->laid_count);
    if (r->laid_count + count > UINT32_MAX / 2) {
        dgm_map_fail(r, DGM_LIMIT);
        return;
    }
    r->chunks[r->chunk_count++] = (map_chunk){ (uint32_t)r->laid_count, count, 0 };
    r->laid_count += count;
    uint32_t *words = r->words + r->frames[own].base, *list = words + b->list.at;
    if (words[b->list.word] & b->list.bit)
        r->chunks[list[1] - 1].next = (uint32_t)r->chunk_count;
    else
        list[0] = (uint32_t)r->chunk_count;
    list[1] = (uint32_t)r->chunk_count;
    words[b->list.word] |= b->list.bit;
}

dgm_status dgm_map_sheet_finish(dgm_runner *r, dgm_tree **out)
{
    *out = NULL;
    size_t most = most_nodes(r, 0);
    if (most > UINT32_MAX / 2) return DGM_LIMIT;
    dgm_node *nodes = dgm_builder_nodes(r->builder, (uint32_t)most);
    if (!nodes) return dgm_builder_status(r->builder);
    uint32_t count = lay_frame(r, 0, nodes);
    return dgm_builder_laid(r->builder, count, out);
}
