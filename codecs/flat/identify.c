/* SPDX-License-Identifier: Apache-2.0
 *
 * identify.c - which layout an input is of, told from its first records: constants, lengths, numbers of fields, and whether the
 * values of the first are what the layout says. Its name is not asked. Any thread.
 */
#include "tokens.h"

enum { SURE_HEADING = 95, SURE_LINES = 20, RECORDS_MAX = 8, VALUE_MAX = 200 };

/* Can a message begin with a record of this kind? The place, or DGM_NONE. */
static uint32_t opener(const dgm_flat_layout *l, uint32_t kind)
{
    for (uint32_t c = 0; c < l->places[0].child_count; c++) {
        uint32_t place = l->places[0].first_child + c;
        if (l->places[place].kind == kind) return place;
        if (l->places[place].min > 0) return DGM_NONE;
    }
    return DGM_NONE;
}

static dgm_slice cell_text(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice record, const dgm_flat_cells *cells)
{
    if (!l->delimited) return dgm_slice_part(record, s->at, s->at + s->len);
    if (s->at >= cells->count) return (dgm_slice){ record.at, 0 };
    return dgm_slice_part(record, cells->at[s->at].at, cells->at[s->at].at + cells->at[s->at].len);
}

/* How many values of a record are not what its place says; *lacks: how many are not there and should be. */
static uint32_t values_wrong(const dgm_flat_layout *l, const dgm_flat_place *p, dgm_slice record, const dgm_flat_cells *cells,
                             uint32_t *lacks)
{
    char made[VALUE_MAX + DGM_FLAT_MADE_ROOM];
    uint32_t wrong = 0;
    const bool ascii = dgm_ascii(record);
    *lacks = 0;
    if (!ascii && !l->delimited) return 0; /* where its columns are is not looked at closely */
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &l->steps[i];
        dgm_flat_value v;
        if (s->type == DGM_FLAT_OPEN || s->type == DGM_FLAT_CLOSE || s->condition || s->array || s->stored) continue;
        dgm_slice cell = cell_text(l, s, record, cells);
        if (cell.len > VALUE_MAX || (!ascii && !dgm_ascii(cell))) continue;
        if (dgm_flat_value_read(l, s, cell, made, &v) != DGM_FLAT_WRONG) continue;
        if (cell.len)
            wrong++;
        else
            ++*lacks;
    }
    return wrong;
}

static bool width_fits(const dgm_flat_layout *l, const dgm_flat_place *p, dgm_slice record, const dgm_flat_cells *cells)
{
    if (l->delimited) return cells->count <= p->width && cells->count >= p->least;
    return l->characters ? record.len >= p->width || l->short_ok : record.len == p->width || (record.len < p->width && l->short_ok);
}

static bool heading_fits(const dgm_flat_layout *l, dgm_slice record, const dgm_flat_cells *cells)
{
    const dgm_flat_place *p = &l->places[1];
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &l->steps[i];
        if (s->type == DGM_FLAT_OPEN || s->type == DGM_FLAT_CLOSE) continue;
        if (!dgm_slice_equal(cell_text(l, s, record, cells), s->name)) return false;
    }
    return p->step_count > 0;
}

/* What one record says: 0 that it is none of the layout's; else how much of it is constant. */
static int look(const dgm_flat_layout *l, dgm_slice record, const dgm_flat_cells *cells, bool first, dgm_slice *table)
{
    if (l->table_line.len && record.len >= l->table_line.len && memcmp(record.at, l->table_line.at, l->table_line.len) == 0) {
        dgm_slice name = dgm_slice_trim(dgm_slice_part(record, l->table_line.len, record.len));
        for (uint32_t i = 1; i < l->place_count; i++)
            if (l->places[i].table.len && dgm_slice_equal(l->places[i].table, name)) *table = name;
        return first ? 0 : 1;
    }
    uint32_t kind = dgm_flat_kind_of(l, record, l->delimited ? cells : NULL, *table);
    if (kind == DGM_NONE) return first || l->unknown == DGM_FLAT_REFUSE ? 0 : 1;
    int constant = 1;
    if (l->tokens && l->tokens->heads[kind].constant) constant += (int)l->tokens->heads[kind].count;
    for (uint32_t k = 0; k < l->kinds[kind].test_count; k++)
        constant += (int)(l->tests[l->kinds[kind].first_test + k].value.len & 0xFF);
    if (!first) return constant;
    uint32_t place = opener(l, kind);
    if (place != DGM_NONE && l->tokens) return dgm_flat_token_fits(l, place, record) ? constant : 0;
    if (place == DGM_NONE || !width_fits(l, &l->places[place], record, cells)) return 0;
    uint32_t lacks;
    return values_wrong(l, &l->places[place], record, cells, &lacks) || lacks ? 0 : constant;
}

/* Fields that are lines, of which there are as many as the layout has: of a beginning, those that are whole are looked at. */
static int lines_fit(const dgm_flat_layout *l, dgm_slice first, bool whole)
{
    dgm_flat_cells cells = { 0 };
    const dgm_flat_place *p = &l->places[1];
    while (!whole && first.len && first.at[first.len - 1] != '\n') first.len--;
    bool fits = first.len && dgm_flat_split(l, first, &l->mem, &cells) == DGM_OK && cells.count <= p->width;
    if (fits && whole) fits = cells.count >= p->least;
    dgm_flat_place seen = *p;
    uint32_t lacks;
    for (seen.step_count = 0; seen.step_count < p->step_count; seen.step_count++)
        if (l->steps[p->first_step + seen.step_count].at >= cells.count) break;
    fits = fits && seen.step_count && dgm_flat_kind_of(l, first, &cells, (dgm_slice){ 0 }) == p->kind &&
           values_wrong(l, &seen, first, &cells, &lacks) == 0; /* what lacks does not hide what it is */
    dgm_mem_free(&l->mem, cells.at, cells.room * sizeof *cells.at);
    return fits ? SURE_LINES : 0;
}

int dgm_flat_fits(const dgm_flat_layout *l, dgm_slice first, bool whole)
{
    dgm_flat_cells cells = { 0 };
    if (l->all) return lines_fit(l, first, whole);
    dgm_slice table = { 0 };
    int sure = 0;
    bool told = !l->tokens; /* something but text that may stand anywhere: its lines of addresses say nothing */
    for (int i = 0; i < RECORDS_MAX && first.len; i++) {
        dgm_flat_frame f;
        size_t seen = 0;
        if (!dgm_flat_frame_next(l, first, whole, &seen, &f)) break;
        dgm_slice record = dgm_slice_part(first, 0, f.len);
        first = dgm_slice_part(first, f.len + f.end_len, first.len);
        if (f.len == 0 && (l->skip_blank || first.len == 0)) continue;
        if (f.len > 0 && record.at[0] == 0x1A) break;
        if (l->delimited && dgm_flat_split(l, record, &l->mem, &cells) != DGM_OK) break;
        if (i == 0 && l->heading) {
            sure = heading_fits(l, record, &cells) ? SURE_HEADING : 0;
            break;
        }
        int said = look(l, record, &cells, i == 0, &table);
        told = told || said > 1;
        if (said == 0) {
            sure = 0;
            break;
        }
        if (i == 0)
            sure = said == 1 ? 10 : said == 2 ? 40 : said == 3 ? 55 : 65;
        else
            sure += said > 1 ? 4 : 1;
    }
    dgm_mem_free(&l->mem, cells.at, cells.room * sizeof *cells.at);
    return told ? sure : 0;
}

const dgm_format *dgm_flat_choose(const dgm_format *const *formats, size_t n, dgm_slice first, bool whole, int *sure,
                                  const dgm_format **second)
{
    const dgm_format *best = NULL;
    *sure = 0;
    *second = NULL;
    for (size_t i = 0; i < n; i++) {
        const dgm_flat_layout *l = dgm_flat_layout_of(formats[i]->shape);
        int here = l ? dgm_flat_fits(l, first, whole) : 0;
        if (here == 0 || here < *sure) continue;
        *second = here == *sure ? formats[i] : NULL;
        *sure = here;
        best = formats[i];
    }
    return *second ? NULL : best;
}
