/* SPDX-License-Identifier: Apache-2.0
 *
 * run.h - what the files that run a plan share.
 */
#ifndef DGM_MAPPING_RUN_H
#define DGM_MAPPING_RUN_H

#include "internal.h"

bool dgm_map_reserve(dgm_runner *r, void **array, size_t *room, size_t wanted, size_t thing_bytes);
void dgm_map_operate(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node); /* all kinds but moves */
/* Operations at one place by the value of a name; whether the value is among those that conditions hold it against. */
void dgm_map_choose_op(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node);
bool dgm_map_among(dgm_runner *r, const map_asked *a, uint32_t frame);
/* A value with its second part on its way to the target of a move. node, code_node: where they came from, or DGM_NONE. */
void dgm_map_deliver(dgm_runner *r, uint32_t frame, const map_op *op, map_pair in, uint32_t node, uint32_t code_node);
void dgm_map_fold_write(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node);
void dgm_map_fold_read(dgm_runner *r, uint32_t frame, const map_end *e);
/* The same for pointers that occurrences of a class spell; head: the first piece. */
void dgm_map_chain_write(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node, dgm_slice text);
void dgm_map_chain_read(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t head);
void dgm_map_piece(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node); /* keeps it for the end of the block */
/* The part of the text at a node that a rule's field is; empty: it is not there. False: the text does not have the form, which is
 * told unless quietly, once for all fields. */
bool dgm_map_field(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, bool quietly, dgm_slice *out);
void dgm_map_glue(dgm_runner *r, uint32_t frame, const map_end *e);
/* What becomes of a value and its second part by a rule; op: where it goes. False: told. */
bool dgm_map_make_pair(dgm_runner *r, uint32_t frame, const map_op *op, const map_rule *rule, map_pair in, uint32_t node,
                       uint32_t code_node, map_pair *out);
/* A code by the table of a rule that has one; false: it is not there. */
bool dgm_map_code_here(dgm_runner *r, uint32_t frame, const map_rule *rule, dgm_slice in, dgm_slice *out);
/* What the further columns of a table are, here. */
void dgm_map_code_columns(dgm_runner *r, uint32_t frame, const map_codes *t, map_expr *const *exprs, dgm_slice *by);
/* A code or text that is not in a table, where its further columns are these. */
void dgm_map_code_told(dgm_runner *r, const map_codes *t, const dgm_slice *by, dgm_severity severity, uint32_t node,
                       const map_rule *rule, dgm_slice in, dgm_slice near);
void dgm_map_refuse(dgm_runner *r, dgm_diag_code code, uint32_t node, const map_rule *rule, dgm_slice value, dgm_slice more);
bool dgm_map_same(const map_rule *rule, dgm_slice a, dgm_slice b); /* typed equality */

/* What making an occurrence means besides the occurrence itself (target.c). */
void dgm_map_count_made(dgm_runner *r, uint32_t frame, uint32_t target,
                        uint32_t rule); /* of an each: what finds no room is named */
bool dgm_map_in_list(dgm_runner *r, uint32_t target, dgm_slice value, uint32_t node, uint32_t rule); /* of its `in` test */
void dgm_map_disagree(dgm_runner *r, dgm_slice before, dgm_slice value, uint32_t node,
                      uint32_t rule); /* unless they are the same */

/* Of a ring of #*: whether the occurrence at hand has no more room for this one. */
bool dgm_map_star_filled(dgm_runner *r, uint32_t frame, uint32_t star);

/* With sheets: whether a cell is there. */
static inline bool dgm_map_ticked(const dgm_runner *r, uint32_t own, const map_bit *b)
{
    return (r->words[r->frames[own].base + b->word] & b->bit) != 0;
}
/* The value of a leaf, there or not; false: the builder keeps the reason. A value as it stands in the source is in the made tree's
 * bytes already (lend in run.c). */
bool dgm_map_keep_value(dgm_runner *r, uint32_t *words, const map_bit *is, dgm_slice value);
static inline bool dgm_map_write_value(dgm_runner *r, uint32_t *words, const map_bit *is, dgm_slice value)
{
    size_t at = (size_t)((uintptr_t)value.at - r->lent);
    if (at >= r->lent_bytes) return dgm_map_keep_value(r, words, is, value);
    words[is->at] = r->lent_to + (uint32_t)at;
    words[is->at + 1] = (uint32_t)value.len;
    words[is->word] |= is->bit;
    return true;
}
/* As dgm_map_put for a value whose spot is known, in a frame of its own block. */
void dgm_map_put_rarely(dgm_runner *r, uint32_t frame, const map_spot *k, uint32_t target, dgm_slice value, uint32_t node,
                        uint32_t rule); /* when it is there, or what it stands in is not */
static inline void dgm_map_put_spot(dgm_runner *r, uint32_t frame, uint32_t *words, const map_spot *k, uint32_t target,
                                    dgm_slice value, uint32_t node, uint32_t rule)
{
    if (!(words[k->is.word] & k->is.bit) && words[k->up_word] & k->up_bit)
        dgm_map_write_value(r, words, &k->is, value);
    else
        dgm_map_put_rarely(r, frame, k, target, value, node, rule);
}
/* As dgm_map_put, for the value of a move and its second part. */
static inline void dgm_map_put_parts(dgm_runner *r, uint32_t frame, const map_op *op, map_pair v, uint32_t node, uint32_t code_node)
{
    const map_tick *k = r->sheets ? &r->p->ticks[op->id] : NULL;
    uint32_t *words = r->words + r->frames[frame].base; /* they do not move while no frame opens */
    if (k && k->value.is.bit)
        dgm_map_put_spot(r, frame, words, &k->value, op->target, v.value, node, op->rule);
    else
        dgm_map_put(r, frame, op->target, v.value, node, op->rule);
    if (!v.code.len) return;
    if (k && k->second.is.bit)
        dgm_map_put_spot(r, frame, words, &k->second, op->second, v.code, code_node, op->rule);
    else
        dgm_map_put(r, frame, op->second, v.code, code_node, op->rule);
}
/* A value for a place of a #*, beneath `base`. */
bool dgm_map_sheet_place(dgm_runner *r, uint32_t frame, uint32_t base, uint32_t target, dgm_slice value, uint32_t node,
                         uint32_t rule);
/* With sheets: an occurrence whose frame closes is laid down, and the whole (sheet.c). */
void dgm_map_sheet_close(dgm_runner *r, uint32_t frame);
dgm_status dgm_map_sheet_finish(dgm_runner *r, dgm_tree **out);

/* Questions after a run (why.c): a source is taken up with nothing but the frame of the whole, number 0, and frames of single
 * occurrences are opened and closed by hand, innermost first. Nothing is told; conditions, names and expressions are as in a run.
 */
dgm_status dgm_map_inquire(dgm_runner *r, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                           const dgm_run_options *options, dgm_diags *diags);
uint32_t dgm_map_inquire_frame(dgm_runner *r, uint32_t block, uint32_t above, uint32_t node, uint32_t index);
void dgm_map_inquire_close(dgm_runner *r, uint32_t frame);

/* The fast way of a plan that only copies: true when it made *out or failed for good (status, wrong); false: the general way is
 * needed. */
bool dgm_map_relabel(dgm_runner *r, dgm_tree **out);

/* The canonical spelling of a decimal, which is nearly always what came. */
static inline bool dgm_map_number_spelled(dgm_slice v)
{
    size_t i = v.at[0] == '-';
    if (i == v.len || v.at[i] < '0' || v.at[i] > '9') return false;
    while (i < v.len && v.at[i] >= '0' && v.at[i] <= '9') i++;
    if (i == v.len) return true;
    if (v.at[i] != '.' || ++i == v.len) return false;
    while (i < v.len && v.at[i] >= '0' && v.at[i] <= '9') i++;
    return i == v.len;
}

/* The same; four to eight bytes are looked at all at once: a mark between the first and the last counts as a digit. */
static inline bool dgm_map_plain_number(dgm_slice v)
{
    const uint64_t ones = 0x0101010101010101u;
    uint32_t head, tail;
    if (v.len < 4 || v.len > 8 || v.at[0] == '-' || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) return dgm_map_number_spelled(v);
    memcpy(&head, v.at, 4);
    memcpy(&tail, v.at + v.len - 4, 4);
    uint64_t x = head | (uint64_t)tail << 8 * (v.len - 4), whole = UINT64_MAX >> (64 - 8 * v.len);
    uint64_t other = x ^ ones * '.', mark = (other - ones) & ~other & ones << 7 & whole >> 8;
    mark &= 0 - mark; /* the first, which alone is sure */
    x = (x ^ (mark >> 7) * ('.' ^ '0')) ^ ones * '0';
    return mark != 0x80 && !((x | (x + ones * 6)) & ones * 0xF0 & whole);
}

#endif
