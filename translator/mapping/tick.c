/* SPDX-License-Identifier: Apache-2.0
 *
 * tick.c - values put and occurrences made on sheets: what target.c does with a builder is a bit here, and two words for a value.
 * What comes with an occurrence was found out at load. One thread for each runner.
 */
#include "run.h"

enum { CHAIN_MAX = 128 };

static inline uint32_t *words_of(const dgm_runner *r, uint32_t frame)
{
    return r->words + r->frames[frame].base;
}

/* The frame an address belongs to, which is nearly always the one at hand. */
static inline uint32_t owner(const dgm_runner *r, uint32_t frame, uint32_t block)
{
    if (frame == DGM_NONE) return DGM_NONE;
    return r->frames[frame].block == block ? frame : dgm_map_frame_of(r, frame, block);
}

/* Ticks an address whose occurrence above is there, and what its tests bring along. */
static inline void make(dgm_runner *r, uint32_t own, uint32_t *words, const map_address *a, uint32_t target, uint32_t rule)
{
    words[a->is.word] |= a->is.bit;
    if (a->leaf) words[a->is.at] = words[a->is.at + 1] = 0;
    if (a->each) dgm_map_count_made(r, own, target, rule);
    if (!a->bring_count) return;
    for (const map_bring *b = r->p->brings + a->bring_first, *end = b + a->bring_count; b < end; b++) {
        words[b->is.word] |= b->is.bit;
        words[b->is.at] = b->offset;
        words[b->is.at + 1] = b->bytes;
    }
}

/* Calls itself for the block around, so never deeper than blocks nest (MAP_DEPTH_MAX). */
uint32_t dgm_map_sheet_ensure(dgm_runner *r, uint32_t frame, uint32_t target, uint32_t node, uint32_t rule)
{
    const map_address *all = r->p->addresses, *a = &all[target];
    uint32_t chain[CHAIN_MAX], n = 0, own = owner(r, frame, a->block);
    if (own == DGM_NONE) {
        dgm_map_fail(r, DGM_LIMIT);
        return DGM_NONE;
    }
    uint32_t *words = words_of(r, own);
    if (words[a->is.word] & a->is.bit) return 0;
    for (uint32_t at = target;; at = a->above) {
        a = &all[at];
        chain[n++] = at;
        if (words[a->up_word] & a->up_bit) break;
        if (!a->up_bit) { /* the occurrence of a block stands in the block around */
            uint32_t around = r->frames[own].above;
            if (dgm_map_sheet_ensure(r, around, a->above, node, rule) == DGM_NONE) return DGM_NONE;
            break;
        }
        if (n == CHAIN_MAX) {
            dgm_map_fail(r, DGM_LIMIT);
            return DGM_NONE;
        }
    }
    make(r, own, words, &all[chain[n - 1]], chain[n - 1], rule);
    for (n--; n--;) { /* what is not there may have been brought along */
        a = &all[chain[n]];
        if (!(words[a->is.word] & a->is.bit)) make(r, own, words, a, chain[n], rule);
    }
    return 0;
}

/* A value for a leaf that has one, or that came with its occurrence. */
static void put_again(dgm_runner *r, uint32_t *words, const map_bit *is, dgm_slice value, uint32_t node, uint32_t rule)
{
    dgm_slice before = { r->values->at + words[is->at], words[is->at + 1] };
    if (!before.len)
        dgm_map_write_value(r, words, is, value);
    else
        dgm_map_disagree(r, before, value, node, rule);
}

/* Whether what the occurrence of a block stands in is there: in the frame around, as nearly always. */
static inline bool around_is_there(const dgm_runner *r, uint32_t own, const map_address *occurrence)
{
    const map_address *up = &r->p->addresses[occurrence->above];
    uint32_t around = r->frames[own].above;
    return around != DGM_NONE && r->frames[around].block == up->block && dgm_map_ticked(r, around, &up->is);
}

/* What a value's address stands in: usually groups that are made by their ticks. */
static inline bool reach(dgm_runner *r, uint32_t own, uint32_t *words, const map_address *a, uint32_t node, uint32_t rule)
{
    const map_address *all = r->p->addresses;
    for (; !(words[a->up_word] & a->up_bit); a = &all[a->above]) {
        if (a->up_each && around_is_there(r, own, &all[a->above])) {
            words[a->up_word] |= a->up_bit;
            dgm_map_count_made(r, own, a->above, rule);
            return true;
        }
        if (!a->up_easy) return dgm_map_sheet_ensure(r, own, a->above, node, rule) != DGM_NONE;
        words[a->up_word] |= a->up_bit;
    }
    return true;
}

bool dgm_map_keep_value(dgm_runner *r, uint32_t *words, const map_bit *is, dgm_slice value)
{
    if (!dgm_builder_keep(r->builder, r->values, value, &words[is->at])) return false;
    words[is->at + 1] = (uint32_t)value.len;
    words[is->word] |= is->bit;
    return true;
}

void dgm_map_put_rarely(dgm_runner *r, uint32_t frame, const map_spot *k, uint32_t target, dgm_slice value, uint32_t node,
                        uint32_t rule)
{
    uint32_t *words = words_of(r, frame); /* they do not move while no frame opens */
    if (words[k->is.word] & k->is.bit)
        put_again(r, words, &k->is, value, node, rule);
    else if (reach(r, frame, words, &r->p->addresses[target], node, rule))
        dgm_map_write_value(r, words, &k->is, value);
}

void dgm_map_sheet_put(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule)
{
    const map_address *a = &r->p->addresses[target];
    uint32_t own = owner(r, frame, a->block);
    if (own == DGM_NONE || (a->must && !dgm_map_in_list(r, target, value, node, rule))) return;
    uint32_t *words = words_of(r, own); /* words do not move while no frame opens */
    if (words[a->is.word] & a->is.bit) {
        put_again(r, words, &a->is, value, node, rule);
        return;
    }
    if (a->above == DGM_NONE || !reach(r, own, words, a, node, rule)) return;
    bool made = (words[a->is.word] & a->is.bit) != 0; /* came with its occurrence */
    if (dgm_map_write_value(r, words, &a->is, value) && a->each && !made) dgm_map_count_made(r, own, target, rule);
}

bool dgm_map_sheet_place(dgm_runner *r, uint32_t frame, uint32_t base, uint32_t target, dgm_slice value, uint32_t node,
                         uint32_t rule)
{
    if (dgm_map_sheet_ensure(r, frame, base, node, rule) == DGM_NONE) return false;
    return dgm_map_write_value(r, words_of(r, frame), &r->p->addresses[target].is, value);
}
