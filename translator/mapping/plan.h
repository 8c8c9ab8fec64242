/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.h - what the files that make a plan share.
 */
#ifndef DGM_MAPPING_PLAN_H
#define DGM_MAPPING_PLAN_H

#include "internal.h"

typedef struct map_planner {
    map_loader *l;
    map_plan *p;
    size_t source_room, target_room, star_room, end_room, op_room, op_count, found_room, found_count, choice_room, gap_room,
        typed_room;
    struct map_planned_op {
        map_op op;
        uint32_t node;
    } * ops; /* node DGM_NONE: used by ends and folds only */
    uint32_t *found;
} map_planner;

uint32_t dgm_map_target_step(map_planner *n, uint32_t above, uint32_t slot, const map_step *s, uint32_t block, uint32_t order);
void dgm_map_two_writers(map_planner *n, const map_target *t, const map_rule *r); /* unless their conditions exclude each other */
bool dgm_map_source_place(map_planner *n, const map_place *place, uint32_t block, uint32_t rule);
uint32_t dgm_map_target_place(map_planner *n, const map_place *place, uint32_t block, const map_rule *r);
void dgm_map_mirror(map_planner *n);
void dgm_map_relabel_plan(map_loader *l, map_plan *p); /* after all else: whether the plan only copies */
void dgm_map_plan_sheets(map_planner *n);              /* after the operations have their order */
void dgm_map_finish_plan(map_planner *n);              /* counters, switches, order of ops and ends */

#endif
