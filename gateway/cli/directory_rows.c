/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_rows.c - the parts of a message, segment or composite as rows in order, positions counted in tens as directories print
 * them. One thread.
 */
#include "directory.h"

#include "base/slice.h"

static dir_row *add(const dir *d, dir_rows *rows, size_t *room)
{
    if (rows->count == *room) {
        size_t wanted = *room ? *room * 2 : 32;
        dir_row *at = DGM_NEW(&d->c->arena, dir_row, wanted);
        if (!at) return NULL;
        if (rows->count) memcpy(at, rows->at, rows->count * sizeof *at);
        rows->at = at;
        *room = wanted;
    }
    return &rows->at[rows->count++];
}

static bool message_rows(const dir *d, const dir_thing *thing, dir_rows *rows)
{
    enum { DEPTH = DGM_DEPTH_MAX };
    size_t room = 0, open[DEPTH] = { 0 };
    uint32_t depth = 0, groups = 0;
    dgm_edi_part part;
    for (dgm_slice left = thing->line.rest; dgm_edi_part_next(&left, &part);) {
        if (part.kind == DGM_EDI_PART_CLOSE) {
            if (depth == 0) continue;
            dir_row *group = &rows->at[open[--depth]];
            group->mandatory = part.mandatory;
            group->max = part.max;
            continue;
        }
        dir_row *row = add(d, rows, &room);
        if (!row) return false;
        *row = (dir_row){
            .position = (uint32_t)rows->count * 10, .depth = depth, .id = part.tag, .mandatory = part.mandatory, .max = part.max
        };
        if (part.kind == DGM_EDI_PART_OPEN) {
            row->group = true;
            row->id = dgm_arena_print(&d->c->arena, "SG%u", ++groups);
            if (depth + 1 < DEPTH) open[depth++] = rows->count - 1;
            continue;
        }
        dgm_edi_list segment;
        if (dgm_edi_segment_find(&thing->in, part.tag, &segment)) row->name = dir_quiet(d, segment.name);
    }
    return true;
}

static bool item_rows(const dir *d, const dgm_edi_directory *in, dgm_slice items, uint32_t depth, dir_rows *rows, size_t *room)
{
    dgm_edi_item item;
    for (uint32_t n = 1; dgm_edi_item_next(&items, &item); n++) {
        dgm_edi_element e;
        dgm_edi_list composite;
        dir_row *row = add(d, rows, room);
        if (!row) return false;
        *row = (dir_row){
            .position = n * 10, .depth = depth, .id = item.id, .repr = item.repr_text, .mandatory = item.mandatory, .max = item.max
        };
        if (item.repr_text.len) {
            if (dgm_edi_element_find(in, item.id, &e)) row->name = e.name, row->coded = e.coded;
        } else if (dgm_edi_composite_find(in, item.id, &composite)) {
            row->name = dir_quiet(d, composite.name);
            if (depth == 0 && !item_rows(d, in, composite.items, 1, rows, room)) return false;
        }
    }
    return true;
}

bool dir_rows_of(const dir *d, const dir_thing *thing, dir_rows *out)
{
    size_t room = 0;
    *out = (dir_rows){ 0 };
    if (thing->kind == DGM_EDI_MESSAGES) return message_rows(d, thing, out);
    if (thing->kind == DGM_EDI_SEGMENTS) return item_rows(d, &thing->in, thing->line.rest, 0, out, &room);
    if (thing->kind == DGM_EDI_COMPOSITES) return item_rows(d, &thing->in, thing->line.rest, 1, out, &room);
    return true;
}
