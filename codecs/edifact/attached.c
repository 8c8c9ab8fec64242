/* SPDX-License-Identifier: Apache-2.0
 *
 * attached.c - see attached.h. One thread makes it.
 */
#include "attached.h"

static const char mark_of_edifact;

static void release(void *extra)
{
    dgm_edi_attached *a = extra;
    if (!a) return;
    dgm_mem mem = a->mem;
    dgm_edi_program_free(a->programs[0]);
    dgm_edi_program_free(a->programs[1]);
    dgm_mem_free(&mem, a->rows, a->row_count * sizeof *a->rows);
    dgm_mem_free(&mem, a, sizeof *a);
}

static dgm_edi_class class_of(const dgm_repr *r)
{
    if (r->class[0] == 'n') return DGM_EDI_N;
    return r->class[0] == 0 || r->class[1] == 'n' ? DGM_EDI_AN : DGM_EDI_A;
}

static void fill_rows(dgm_edi_attached *a, const dgm_shape *shape)
{
    const dgm_edi_program *p = dgm_edi_attached_program(a);
    for (uint32_t i = 0; i < a->row_count; i++) {
        const dgm_slot *s = dgm_shape_slot(shape, i);
        a->rows[i] = (dgm_edi_row){ .first_child = s->first_child,
                                    .child_count = s->child_count,
                                    .least = s->repr.length_min,
                                    .most = s->repr.length_max ? s->repr.length_max : UINT32_MAX,
                                    .kind = (uint8_t)s->kind,
                                    .class = (uint8_t)class_of(&s->repr),
                                    .element = { s->element },
                                    .component = (uint8_t)s->component };
    }
    for (uint32_t i = 0; i < a->row_count; i++) {
        const dgm_slot *s = dgm_shape_slot(shape, i);
        if (s->kind < DGM_COMPOSITE) continue;
        a->rows[i].position = (uint16_t)(s->max < UINT16_MAX ? s->max : UINT16_MAX);
        if (s->max > 1) a->rows[s->parent].special |= DGM_EDI_ROW_WIDE;
        if (s->min == 0) continue;
        dgm_edi_row *parent = &a->rows[s->parent];
        uint32_t child = i - parent->first_child;
        if (child < DGM_EDI_NEEDED_MAX) parent->needed |= (uint64_t)1 << child;
    }
    for (uint32_t i = 0; i < p->position_count; i++) {
        const dgm_edi_position *at = &p->positions[i];
        dgm_edi_row *row = &a->rows[at->slot];
        row->position = (uint16_t)i;
        if (at->group) continue;
        row->tag = at->tag;
        row->tag_number = (uint8_t)dgm_edi_tag_number(p, at->tag);
        if (p->layouts[at->layout].rule_count) row->special |= DGM_EDI_ROW_NOTED;
    }
}

/* The elements of a segment as version 4 counts them: repeated ones share a position. The last place of an item may stand for
 * several occurrences. */
static uint32_t count_version_4(const dgm_edi_program *p, const dgm_edi_layout *l, uint16_t element[DGM_EDI_PLACES_MAX],
                                uint8_t again[DGM_EDI_PLACES_MAX])
{
    dgm_edi_list segment;
    dgm_edi_item item;
    uint32_t n = 0;
    if (!dgm_edi_segment_find(&p->directory, l->tag, &segment)) return 0;
    for (uint32_t position = 1; dgm_edi_item_next(&segment.items, &item); position++)
        for (uint32_t i = 0; i < item.max && n < l->place_count && n < DGM_EDI_PLACES_MAX; i += l->places[n++].span) {
            if (i && l->places[n - 1].span > 1) break;
            element[n] = (uint16_t)position;
            again[n] = (uint8_t)i;
        }
    return n;
}

static void fill_version_4(dgm_edi_attached *a)
{
    const dgm_edi_program *p = dgm_edi_attached_program(a);
    uint16_t element[DGM_EDI_PLACES_MAX];
    uint8_t again[DGM_EDI_PLACES_MAX];
    for (uint32_t layout = 0; layout < p->layout_count; layout++) {
        uint32_t n = count_version_4(p, &p->layouts[layout], element, again);
        for (uint32_t i = 1; i < p->position_count; i++) {
            const dgm_edi_position *at = &p->positions[i];
            if (at->group || at->layout != layout) continue;
            const dgm_edi_row *segment = &a->rows[at->slot];
            for (uint32_t e = 0; e < segment->child_count && e < n; e++) {
                dgm_edi_row *row = &a->rows[segment->first_child + e];
                row->element[1] = element[e];
                row->again = again[e];
                for (uint32_t c = 0; c < row->child_count; c++) {
                    a->rows[row->first_child + c].element[1] = element[e];
                    a->rows[row->first_child + c].again = again[e];
                }
            }
        }
    }
}

static void find_service(dgm_edi_attached *a)
{
    const dgm_edi_row *root = &a->rows[DGM_SLOT_ROOT];
    a->unh = a->unt = a->uns[0] = a->uns[1] = DGM_SLOT_NONE;
    for (uint32_t i = root->first_child; i < root->first_child + root->child_count; i++) {
        if (a->rows[i].kind != DGM_SEGMENT) continue;
        if (a->rows[i].tag == DGM_EDI_TAG('U', 'N', 'H')) a->unh = i;
        if (a->rows[i].tag == DGM_EDI_TAG('U', 'N', 'T')) a->unt = i;
        if (a->rows[i].tag == DGM_EDI_TAG('U', 'N', 'S') && a->uns_count < 2) a->uns[a->uns_count++] = i;
    }
}

dgm_status dgm_edi_attach(const dgm_mem *mem, dgm_shape *shape, dgm_edi_program *three, dgm_edi_program *four)
{
    dgm_status st = three ? dgm_edi_program_bind(three, shape) : DGM_OK;
    if (st == DGM_OK && four) st = dgm_edi_program_bind(four, shape);
    dgm_edi_attached *a = st == DGM_OK ? dgm_mem_new(mem, sizeof *a) : NULL;
    if (!a) {
        dgm_edi_program_free(three);
        dgm_edi_program_free(four);
        return st == DGM_OK ? DGM_NOMEM : st;
    }
    *a = (dgm_edi_attached){
        .mark = &mark_of_edifact, .mem = *mem, .programs = { three, four }, .row_count = dgm_shape_count(shape)
    };
    a->rows = dgm_mem_new(mem, a->row_count * sizeof *a->rows);
    if (!a->rows) {
        a->row_count = 0;
        release(a);
        return DGM_NOMEM;
    }
    fill_rows(a, shape);
    fill_version_4(a);
    find_service(a);
    dgm_shape_attach(shape, a, release);
    return DGM_OK;
}

size_t dgm_edi_attached_bytes(const dgm_shape *shape)
{
    const dgm_edi_attached *a = dgm_edi_attached_of(shape);
    size_t bytes = dgm_shape_bytes(shape);
    for (uint32_t i = 0; a && i < 2; i++)
        if (a->programs[i]) bytes += a->programs[i]->arena.bytes_held;
    return a ? bytes + sizeof *a + a->row_count * sizeof *a->rows : bytes;
}

const dgm_edi_attached *dgm_edi_attached_of(const dgm_shape *shape)
{
    const dgm_edi_attached *a = shape ? dgm_shape_attached(shape) : NULL;
    return a && a->mark == &mark_of_edifact ? a : NULL;
}
