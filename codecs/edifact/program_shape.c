/* SPDX-License-Identifier: Apache-2.0
 *
 * program_shape.c - a message as a shape, and the way back from a shape to the program that reads into it. One thread makes a
 * shape.
 */
#include "program.h"

#include <stdio.h>

/* Composites whose components are parts of one value (UN/TDID D.96B: dates, amounts, quantities and measures). */
typedef struct parts_row {
    const char *composite, *value, *code;
    dgm_type type;
} parts_row;

static const parts_row parts_table[] = {
    { "C507", "2380", "2379", DGM_TYPE_DATE },     /* date/time/period */
    { "C516", "5004", "6345", DGM_TYPE_AMOUNT },   /* monetary amount */
    { "C186", "6060", "6411", DGM_TYPE_QUANTITY }, /* quantity details */
    { "C174", "6314", "6411", DGM_TYPE_QUANTITY }, /* value/range */
    { "C239", "6246", "6411", DGM_TYPE_QUANTITY }, /* temperature setting */
    { "C527", "6314", "6411", DGM_TYPE_QUANTITY }, /* statistical details */
    { "C223", "7106", "6411", DGM_TYPE_QUANTITY }, /* dangerous goods shipment flashpoint */
    { "C270", "6066", "6411", DGM_TYPE_QUANTITY }, /* control */
};

static const parts_row *parts_of(dgm_slice composite)
{
    for (size_t i = 0; i < sizeof parts_table / sizeof parts_table[0]; i++)
        if (dgm_slice_is(composite, parts_table[i].composite)) return &parts_table[i];
    return NULL;
}

static dgm_type leaf_type(const dgm_edi_naming *n)
{
    static const char *const identifiers[] = { "1004", "1154", "3039", "7402", "8260", "9308", "0062", "0020" };
    if (n->coded) return DGM_TYPE_CODE;
    if (n->repr.class[0] == 'n') return DGM_TYPE_NUMBER;
    for (size_t i = 0; i < sizeof identifiers / sizeof identifiers[0]; i++)
        if (dgm_slice_is(n->id, identifiers[i])) return DGM_TYPE_ID;
    return DGM_TYPE_TEXT;
}

static dgm_slot slot_of(const dgm_edi_naming *n, dgm_kind kind)
{
    dgm_slot s = { .name = n->id, .title = n->title, .min = n->mandatory, .max = 1, .kind = kind, .repr = n->repr };
    if (kind == DGM_ELEMENT) s.type = leaf_type(n);
    s.part_value = s.part_code = DGM_SLOT_NONE;
    return s;
}

/* UNH, UNS and UNT belong to the interchange: the writer makes them, no mapping needs to. */
static bool service_segment(const dgm_edi_layout *l)
{
    return l->tag.len == 3 && l->tag.at[0] == 'U' && l->tag.at[1] == 'N';
}

/* Adds the components of a composite and ties the parts of its value together. *value, *code: the parts, if it has a type. */
static bool add_components(dgm_shape_maker *m, const dgm_edi_layout *l, uint32_t at, uint32_t element, uint32_t id,
                           const parts_row *row, uint32_t part[2])
{
    const dgm_edi_place *place = &l->places[at];
    part[0] = part[1] = DGM_SLOT_NONE;
    for (uint32_t c = 0; c < place->count; c++) {
        const dgm_edi_naming *n = &l->leaf_names[place->first + c];
        dgm_slot s = slot_of(n, DGM_ELEMENT);
        s.element = (uint16_t)element;
        s.component = (uint16_t)(c + 1);
        s.envelope = service_segment(l);
        uint32_t leaf = dgm_shape_add(m, id, &s);
        if (leaf == DGM_SLOT_NONE) return false;
        if (row && part[0] == DGM_SLOT_NONE && dgm_slice_is(n->id, row->value)) part[0] = leaf;
        if (row && part[1] == DGM_SLOT_NONE && dgm_slice_is(n->id, row->code)) part[1] = leaf;
    }
    if (row) dgm_shape_parts(m, id, part[0], part[1]);
    return true;
}

/* The elements of a segment, by their positions up to syntax version 3. A place that stands for several may occur so often. A
 * segment with one such composite has its type and parts too: `MOA` is an amount. */
static bool add_elements(dgm_shape_maker *m, const dgm_edi_layout *l, uint32_t segment)
{
    uint32_t part[2];
    for (uint32_t i = 0, element = 1; i < l->place_count; element += l->places[i++].span) {
        bool composite = l->places[i].count > 0;
        const parts_row *row = composite ? parts_of(l->place_names[i].id) : NULL;
        dgm_slot s = slot_of(&l->place_names[i], composite ? DGM_COMPOSITE : DGM_ELEMENT);
        s.element = (uint16_t)element;
        s.max = l->places[i].span;
        s.envelope = service_segment(l);
        if (row) s.type = row->type;
        uint32_t id = dgm_shape_add(m, segment, &s);
        if (id == DGM_SLOT_NONE) return false;
        if (!composite) continue;
        if (!add_components(m, l, i, element, id, row, part)) return false;
        if (row) dgm_shape_parts(m, segment, part[0], part[1]);
    }
    return true;
}

/* The type of a segment that holds exactly one composite with a type. */
static dgm_type segment_type(const dgm_edi_layout *l)
{
    dgm_type found = DGM_TYPE_NONE;
    for (uint32_t i = 0; i < l->place_count; i++) {
        const parts_row *row = l->places[i].count ? parts_of(l->place_names[i].id) : NULL;
        if (row && found != DGM_TYPE_NONE) return DGM_TYPE_NONE;
        if (row) found = row->type;
    }
    return found;
}

static uint32_t add_position(dgm_shape_maker *m, const dgm_edi_program *p, uint32_t at, const uint32_t *ids)
{
    const dgm_edi_position *pos = &p->positions[at];
    char name[16];
    dgm_slot s = { .min = pos->min, .max = pos->max, .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
    if (at == 0) {
        s.name = s.title = p->type;
        s.kind = DGM_GROUP;
        return dgm_shape_add(m, DGM_SLOT_NONE, &s);
    }
    if (pos->group) {
        int n = snprintf(name, sizeof name, "SG%u", pos->number);
        s.name = (dgm_slice){ name, (size_t)n };
        s.title = p->layouts[p->positions[pos->first_child].layout].title;
        s.kind = DGM_GROUP;
        return dgm_shape_add(m, ids[pos->parent], &s);
    }
    const dgm_edi_layout *l = &p->layouts[pos->layout];
    s.name = l->tag;
    s.title = l->title;
    s.envelope = service_segment(l);
    s.kind = DGM_SEGMENT;
    s.type = segment_type(l);
    uint32_t id = dgm_shape_add(m, ids[pos->parent], &s);
    if (id == DGM_SLOT_NONE || !add_elements(m, l, id)) return DGM_SLOT_NONE;
    if (s.type == DGM_TYPE_NONE) dgm_shape_parts(m, id, DGM_SLOT_NONE, DGM_SLOT_NONE);
    return id;
}

dgm_status dgm_edi_program_shape(const dgm_edi_program *p, const dgm_mem *mem, dgm_slice name, dgm_edi_aliases *names, void *ctx,
                                 dgm_shape **out)
{
    dgm_shape_maker *m = NULL;
    size_t bytes = p->position_count * sizeof(uint32_t);
    *out = NULL;
    dgm_status st = dgm_shape_begin(mem, name, &m);
    if (st != DGM_OK) return st;
    uint32_t *ids = dgm_mem_new(mem, bytes);
    if (!ids) st = DGM_NOMEM;
    for (uint32_t i = 0; st == DGM_OK && i < p->position_count; i++) {
        ids[i] = add_position(m, p, i, ids);
        if (ids[i] == DGM_SLOT_NONE) st = DGM_NOMEM;
    }
    if (st == DGM_OK && names) st = names(ctx, m, ids);
    if (st == DGM_OK) st = dgm_shape_freeze(m, out);
    if (ids) dgm_mem_free(mem, ids, bytes);
    dgm_shape_maker_free(m);
    return st;
}

/* Shapes number breadth first, so the components of a segment's composites follow each other; that is checked, not believed. */
static bool fits(uint32_t slots, uint32_t places, const dgm_edi_layout *l)
{
    return slots == places || (slots > places && service_segment(l));
}

/* Of UNH and UNT the shape may have what later syntax versions added behind: the components are then counted as it counts them. */
static bool bind_segment(dgm_edi_position *pos, const dgm_edi_layout *l, const dgm_shape *shape)
{
    const dgm_slot *segment = dgm_shape_slot(shape, pos->slot);
    if (!dgm_slice_equal(segment->name, l->tag) || !fits(segment->child_count, l->place_count, l)) return false;
    pos->base[0] = segment->first_child;
    pos->base[1] = DGM_SLOT_NONE;
    for (uint32_t i = 0; i < l->place_count; i++) {
        const dgm_edi_place *place = &l->places[i];
        if (place->count == 0) continue;
        const dgm_slot *composite = dgm_shape_slot(shape, pos->base[0] + i);
        if (pos->base[1] == DGM_SLOT_NONE) pos->base[1] = composite->first_child;
        uint32_t index = composite->first_child - pos->base[1];
        if (!fits(composite->child_count, place->count, l)) return false;
        if (service_segment(l))
            for (uint32_t c = 0; c < place->count; c++) l->leaves[place->first + c].index = (uint16_t)(index + c);
        else if (index != l->leaves[place->first].index)
            return false;
    }
    return true;
}

dgm_status dgm_edi_program_bind(dgm_edi_program *p, const dgm_shape *shape)
{
    p->shape = NULL;
    p->positions[0].slot = DGM_SLOT_ROOT;
    for (uint32_t i = 0; i < p->position_count; i++) {
        dgm_edi_position *pos = &p->positions[i];
        if (i) {
            const dgm_edi_position *parent = &p->positions[pos->parent];
            pos->slot = dgm_shape_slot(shape, parent->slot)->first_child + (i - parent->first_child);
        }
        const dgm_slot *slot = dgm_shape_slot(shape, pos->slot);
        if (!slot || slot->max != pos->max || slot->min != pos->min) return DGM_USAGE;
        if (pos->group ? slot->kind != DGM_GROUP || slot->child_count != pos->child_count
                       : slot->kind != DGM_SEGMENT || !bind_segment(pos, &p->layouts[pos->layout], shape))
            return DGM_USAGE;
    }
    p->shape = shape;
    return DGM_OK;
}
