/* SPDX-License-Identifier: Apache-2.0
 *
 * run.h - what the files that run a plan share.
 */
#ifndef DGM_MAPPING_RUN_H
#define DGM_MAPPING_RUN_H

#include "internal.h"

bool dgm_map_reserve(dgm_runner *r, void **array, size_t *room, size_t wanted, size_t thing_bytes);
void dgm_map_operate(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node); /* all kinds but moves */
/* A value with its second part on its way to the target of a move. node, code_node: where they came from, or DGM_NONE. */
void dgm_map_deliver(dgm_runner *r, uint32_t frame, const map_op *op, map_pair in, uint32_t node, uint32_t code_node);
void dgm_map_fold_write(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node);
void dgm_map_fold_read(dgm_runner *r, uint32_t frame, const map_end *e);
bool dgm_map_same(const map_rule *rule, dgm_slice a, dgm_slice b); /* typed equality */

/* What making an occurrence means besides the occurrence itself (target.c). */
void dgm_map_count_made(dgm_runner *r, uint32_t frame, uint32_t target,
                        uint32_t rule); /* of an each: what finds no room is named */
bool dgm_map_in_list(dgm_runner *r, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule); /* of its `in` test */
void dgm_map_disagree(dgm_runner *r, dgm_slice before, dgm_slice value, uint32_t node,
                      uint32_t rule); /* unless they are the same */

/* With sheets: whether a cell is there. */
static inline bool dgm_map_ticked(const dgm_runner *r, uint32_t own, const map_bit *b)
{
    return (r->words[r->frames[own].base + b->word] & b->bit) != 0;
}
/* The value of a leaf, there or not; false: the builder keeps the reason. */
static inline bool dgm_map_write_value(dgm_runner *r, uint32_t *words, const map_bit *is, dgm_slice value)
{
    if (!dgm_builder_keep(r->builder, r->values, value, &words[is->at])) return false;
    words[is->at + 1] = (uint32_t)value.len;
    words[is->word] |= is->bit;
    return true;
}
/* As dgm_map_put, for the hot paths: the usual case, an absent leaf of an occurrence of this very frame, without a call. */
static inline void dgm_map_put_value(dgm_runner *r, uint32_t frame, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule)
{
    if (r->sheets) {
        const map_address *a = &r->p->addresses[target];
        const map_frame *f = &r->frames[frame];
        uint32_t *words = r->words + f->base;
        if (f->block == a->block && !a->must && !a->each && !(words[a->is.word] & a->is.bit) && words[a->up_word] & a->up_bit)
            dgm_map_write_value(r, words, &a->is, value);
        else
            dgm_map_sheet_put(r, frame, target, value, node, rule);
    } else {
        dgm_map_build_put(r, frame, target, value, node, rule);
    }
}
/* A value for a place of a #*, beneath `base`. */
bool dgm_map_sheet_place(dgm_runner *r, uint32_t frame, uint32_t base, uint32_t target, dgm_slice value, uint32_t node,
                         uint32_t rule);
/* With sheets: an occurrence whose frame closes is laid down, and the whole (sheet.c). */
void dgm_map_sheet_close(dgm_runner *r, uint32_t frame);
dgm_status dgm_map_sheet_finish(dgm_runner *r, dgm_tree **out);

/* The fast way of a plan that only copies: true when it made *out or failed for good (status, wrong); false: the general way is
 * needed. */
bool dgm_map_relabel(dgm_runner *r, dgm_tree **out);

/* The canonical spelling of a decimal, which is nearly always what came. */
static inline bool dgm_map_plain_number(dgm_slice v)
{
    size_t i = v.at[0] == '-';
    if (i == v.len || v.at[i] < '0' || v.at[i] > '9') return false;
    while (i < v.len && v.at[i] >= '0' && v.at[i] <= '9') i++;
    if (i == v.len) return true;
    if (v.at[i] != '.' || ++i == v.len) return false;
    while (i < v.len && v.at[i] >= '0' && v.at[i] <= '9') i++;
    return i == v.len;
}

#endif
