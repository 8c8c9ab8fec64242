/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.h - what the files that make a plan share.
 */
#ifndef DGM_MAPPING_PLAN_H
#define DGM_MAPPING_PLAN_H

#include "find.h"

typedef struct map_planner {
    map_loader *l;
    map_plan *p;
    size_t source_room, target_room, star_room, end_room, op_room, op_count, found_room, found_count, choice_room, gap_room,
        typed_room, join_room, late_room, key_write_room;
    struct map_planned_op {
        map_op op;
        uint32_t node;
    } * ops; /* node DGM_NONE: used by ends and folds only */
    uint32_t *found;
    map_finder source_steps, target_steps, joined, counted; /* trie nodes by the step that leads to them */
    uint32_t *source_last, *target_last;                    /* the last child of each */
    size_t source_last_room, target_last_room;
} map_planner;

uint32_t dgm_map_target_step(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t order);
/* From now on steps that are equal lead there. False: no memory. */
bool dgm_map_source_known(map_planner *n, uint32_t id);
uint32_t dgm_map_source_new(map_planner *n, uint32_t above, uint32_t slot, uint32_t block);
bool dgm_map_source_place_of(map_planner *n, const map_place *place, uint32_t block, uint32_t rule, bool each);
uint32_t dgm_map_target_own(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t order);
uint32_t dgm_map_target_above(map_planner *n, const map_place *place, const map_rule *r); /* of the place's last step */
map_end *dgm_map_add_end(map_planner *n, map_end_kind kind, const map_rule *r, uint32_t op);
bool dgm_map_plan_each(map_planner *n, map_rule *r);
/* plan_join.c: what a joined place finds, and what it creates: one occurrence for each frame of `block`. DGM_NONE: no memory. */
uint32_t dgm_map_plan_join(map_planner *n, const map_place *place, uint32_t rule);
bool dgm_map_keep_joined(map_planner *n, uint32_t id); /* a joined address, for those that name it too */
uint32_t dgm_map_target_joined(map_planner *n, uint32_t above, const map_step *s, uint32_t block, const map_rule *r);
bool dgm_map_plan_keys(map_planner *n, uint32_t occurrence, const map_step *s, const map_rule *r); /* that it writes */
static inline uint32_t dgm_map_order_of(const map_rule *r)
{
    return (r->id + 1) << MAP_ORDER_BITS;
}
void dgm_map_two_writers(map_planner *n, const map_target *t, const map_rule *r); /* unless their conditions exclude each other */
/* check_plan.c: the rule that made an address, and its place of a side; NULL: none did. */
const map_rule *dgm_map_maker(const dgm_mapping *m, const map_target *t);
map_mark dgm_map_place_mark(const map_rule *r, uint32_t side);
bool dgm_map_same_code(const map_instr *a, const map_instr *b);
void dgm_map_check_addresses(map_loader *l, const map_plan *p);
bool dgm_map_source_place(map_planner *n, const map_place *place, uint32_t block, uint32_t rule);
uint32_t dgm_map_target_place(map_planner *n, const map_place *place, uint32_t block, const map_rule *r);
void dgm_map_mirror(map_planner *n);
void dgm_map_relabel_plan(map_loader *l, map_plan *p); /* after all else: whether the plan only copies */
void dgm_map_plan_sheets(map_planner *n);              /* after the operations have their order */
void dgm_map_finish_plan(map_planner *n);              /* counters, switches, order of ops and ends */

#endif
