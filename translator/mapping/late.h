/* SPDX-License-Identifier: Apache-2.0
 *
 * late.h - what the files share that enter occurrences late: by key, merged, singly (join.h).
 */
#ifndef DGM_MAPPING_LATE_H
#define DGM_MAPPING_LATE_H

#include "run.h"

/* What an entry of the index is about, with a number in the lower bits. */
enum map_what {
    MAP_WHAT_JOIN = 0,
    MAP_WHAT_BUILT = 1 << 28,
    MAP_WHAT_LIST = 2 << 28,
    MAP_WHAT_KEY = 3 << 28,
    MAP_WHAT_NUMBER = 4 << 28,
    MAP_WHAT_GIVEN = 5 << 28
};

void dgm_map_index_begin(dgm_runner *r);
/* The head of what stands under a key; DGM_NONE. `values` of what is added are the source's or the arena's. */
uint32_t dgm_map_index_find(const dgm_runner *r, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count);
uint32_t dgm_map_index_add(dgm_runner *r, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count, uint32_t node);

void dgm_map_key_twice(dgm_runner *r, uint32_t node, uint32_t rule, const dgm_slice *values, uint32_t count, dgm_slice of);
void dgm_map_key_empty(dgm_runner *r, uint32_t node, uint32_t rule, dgm_slice of, dgm_slice key);
bool dgm_map_key_value(dgm_runner *r, const map_test *t, uint32_t frame, dgm_slice *out);

bool dgm_map_has_keys(dgm_runner *r, uint32_t frame, const map_step *s, uint32_t node);

/* Entries under the keys of this frame; DGM_NONE: none, or another occurrence has them (told). */
uint32_t dgm_map_join_head(dgm_runner *r, uint32_t frame, uint32_t join);
void dgm_map_join_used(dgm_runner *r, const map_join *j, uint32_t node); /* accounts of what chose an occurrence */
const uint32_t *dgm_map_where_nodes(dgm_runner *r, uint32_t frame, uint32_t join, uint32_t *count);
uint32_t dgm_map_find_joined(dgm_runner *r, uint32_t frame, uint32_t join); /* the node of a rule's joined place */
void dgm_map_orphans(dgm_runner *r);

/* Numbers of occurrences (number.c). */
void dgm_map_keep_number(dgm_runner *r, uint32_t frame, const map_end *e, bool lives);
void dgm_map_give_number(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t n);
bool dgm_map_number_given(const dgm_runner *r, uint32_t frame, uint32_t rule); /* a missing one was wanted before */
bool dgm_map_name_number(dgm_runner *r, uint32_t rule, uint32_t frame, dgm_slice *out);
bool dgm_map_keep_name(dgm_runner *r, uint32_t *word, dgm_slice value);

void dgm_map_gather(dgm_runner *r, uint32_t late, uint32_t frame, uint32_t n);
/* The next occurrence that is entered late before this frame ends; false: there is none. */
bool dgm_map_turn(dgm_runner *r, uint32_t frame);
void dgm_map_write_keys(dgm_runner *r, uint32_t frame, const map_end *e);
/* Whether an occurrence that is about to be entered is meant, writing. */
bool dgm_map_where(dgm_runner *r, const map_expr *where, uint32_t frame, uint32_t n);
/* Reading: what was made is held to `where` when the tree is whole. */
uint32_t dgm_map_where_later(dgm_runner *r, uint32_t frame, uint32_t rule, uint32_t node, bool shared);

uint32_t dgm_map_frame_open(dgm_runner *r, uint32_t block, uint32_t above, uint32_t node);
bool dgm_map_walk_push(dgm_runner *r, map_walk w);
void dgm_map_enter_root(dgm_runner *r, uint32_t source, uint32_t frame, uint32_t n); /* what stands at the occurrence itself */
void dgm_map_several(dgm_runner *r, uint32_t n, uint32_t rule);

#endif
