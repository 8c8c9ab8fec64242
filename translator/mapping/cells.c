/* SPDX-License-Identifier: Apache-2.0
 *
 * cells.c - forms in the cells of code tables: lines taken in and held against each other at load, texts cut and glued by them.
 * mappings/README.md, "Codes". Loading is one thread's; the rest any thread's.
 */
#include "cells.h"

#include "internal.h"

/* ---- loading ------------------------------------------------------------------------------------------------------------- */

map_cells *dgm_map_cells_new(map_loader *l, dgm_slice name, uint32_t side)
{
    map_cells *c = DGM_NEW(l->arena, map_cells, 1);
    if (!c) {
        l->nomem = true;
        return NULL;
    }
    c->side = side;
    c->fields.text = name;
    c->fields.names[c->fields.field_count++] = DGM_LITERAL("code");
    return c;
}

static bool told(map_loader *l, map_mark mark, const char *what)
{
    dgm_map_say(l, dgm_map_fault(l, mark, DGM_D_MAP_FORM_SYNTAX), dgm_slice_of(what));
    return false;
}

static map_mark part_of(map_mark mark, size_t at, size_t bytes)
{
    mark.at.byte += at;
    mark.at.column += (uint32_t)at;
    mark.at.bytes = (uint32_t)bytes;
    return mark;
}

static bool read_form(map_loader *l, map_cell_line *line, dgm_slice text)
{
    map_form_fault fault;
    if (dgm_map_form_read(text, &line->form, &fault)) {
        for (uint32_t k = 0; k < line->form.item_count; k++) { /* that no text fits two lines could not be proven */
            const map_form_item *i = &line->form.items[k];
            if (i->pattern.at)
                return told(l, part_of(line->mark, (size_t)(i->text.at - text.at), i->text.len),
                            "a pattern stands in the form of a rule; in a cell use a class: a, n, an, x");
        }
        return true;
    }
    map_mark mark = part_of(line->mark, fault.at, fault.bytes);
    if (!fault.ambiguous) return told(l, mark, fault.what);
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_FORM_AMBIGUOUS);
    const char *const words[] = { fault.what, fault.sample, fault.one, fault.other };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) dgm_map_say(l, d, dgm_slice_of(words[i]));
    return false;
}

/* The fields of a line among those of the table. */
static bool number_fields(map_loader *l, map_cells *c, map_cell_line *line)
{
    map_form *all = &c->fields;
    for (uint32_t k = 0; k < line->form.field_count; k++) {
        dgm_slice name = line->form.names[k];
        uint32_t n = 0;
        while (n < all->field_count && !dgm_slice_equal(all->names[n], name)) n++;
        if (!n) return told(l, line->mark, "`code` names what stands in the other column; give this field another name");
        if (n == MAP_FORM_FIELDS) return told(l, line->mark, "the cells of a table have at most 15 fields of different names");
        if (n == all->field_count) all->names[all->field_count++] = name;
        line->to[k] = (uint8_t)n;
    }
    return true;
}

bool dgm_map_cells_add(map_loader *l, map_cells *c, dgm_slice text, map_cell_line head)
{
    if (c->count == MAP_CELL_LINES) return told(l, head.mark, "at most 256 cells of a table are forms");
    map_cell_line *line = DGM_NEW(l->arena, map_cell_line, 1);
    void *lines = c->lines;
    if (!line || !dgm_map_room(l, &lines, &c->room, c->count + 1, sizeof(map_cell_line *))) {
        l->nomem = true;
        return false;
    }
    c->lines = lines;
    *line = head;
    if (!read_form(l, line, text) || !number_fields(l, c, line)) return false;
    c->lines[c->count++] = line;
    return true;
}

static bool same_key(const map_codes *t, const map_cell_line *line, const dgm_slice *by, uint16_t wild)
{
    if (line->wild != wild) return false;
    for (uint32_t i = 0; i < t->by_count; i++)
        if (!(wild >> i & 1) && !dgm_slice_equal(line->by[i], by[i])) return false;
    return true;
}

bool dgm_map_cells_told(map_loader *l, const map_codes *t, size_t before, const map_cell_line *line, dgm_slice text)
{
    dgm_slice fields[MAP_FORM_FIELDS];
    char sample[64];
    for (size_t i = 0; i < before && i < t->cells->count; i++) {
        const map_cell_line *x = t->cells->lines[i];
        if (!same_key(t, x, line->by, line->wild)) continue;
        if (dgm_slice_equal(x->code, line->code)) return true;
        if (text.len ? dgm_map_form_cut(&x->form, text, fields) : dgm_map_forms_meet(l, &x->form, &line->form, sample)) return true;
    }
    return false;
}

static void two_fit(map_loader *l, const map_cell_line *line, dgm_slice other, dgm_slice sample)
{
    dgm_diag *d = dgm_map_fault(l, line->mark, DGM_D_MAP_CELL_TWICE);
    dgm_map_say(l, d, sample);
    dgm_map_say(l, d, line->form.text);
    dgm_map_say(l, d, other);
}

/* No text fits a line and another before it, or a plain cell. */
static void prove(map_loader *l, const map_codes *t, size_t number)
{
    const map_cells *c = t->cells;
    const map_cell_line *line = c->lines[number];
    const map_code_way *w = &t->way[c->side];
    dgm_slice fields[MAP_FORM_FIELDS];
    char sample[64];
    if (!line->way[c->side]) return;
    for (uint32_t i = 0; i < w->count; i++)
        if (same_key(t, line, w->cells[i].by, w->cells[i].wild) && dgm_map_form_cut(&line->form, w->cells[i].key, fields)) {
            two_fit(l, line, w->cells[i].key, w->cells[i].key);
            return;
        }
    for (size_t i = 0; i < number; i++) {
        const map_cell_line *x = c->lines[i];
        if (!x->way[c->side] || !same_key(t, x, line->by, line->wild)) continue;
        if (!dgm_map_forms_meet(l, &x->form, &line->form, sample)) continue;
        two_fit(l, line, x->form.text, dgm_slice_of(sample));
        return;
    }
}

void dgm_map_cells_finish(map_loader *l, map_codes *t, map_mark asked)
{
    map_cells *c = t->cells;
    if (!c->count) {
        dgm_diag *d = dgm_map_fault(l, asked, DGM_D_MAP_CELL_NONE);
        dgm_map_say(l, d, t->columns[!c->side]);
        dgm_map_say(l, d, t->name);
        return;
    }
    uint32_t size = 16;
    while (size < 2 * c->count) size *= 2;
    c->mask = size - 1;
    c->texts = DGM_NEW(l->arena, uint32_t, size);
    c->codes = DGM_NEW(l->arena, uint32_t, size);
    if (!c->texts || !c->codes) {
        l->nomem = true;
        return;
    }
    for (size_t i = c->count; i-- > 0;) { /* so that the first line is the first of its chain */
        map_cell_line *line = c->lines[i];
        uint32_t *text = &c->texts[dgm_map_code_hash((dgm_slice){ 0 }, line->by, t->by_count, line->wild) & c->mask];
        uint32_t *code = &c->codes[dgm_map_code_hash(line->code, line->by, t->by_count, line->wild) & c->mask];
        line->next_text = *text;
        line->next_code = *code;
        *text = *code = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < c->count && !l->nomem; i++) prove(l, t, i);
}

/* ---- running ------------------------------------------------------------------------------------------------------------- */

/* Which further columns a line leaves open, the fewest first. */
static const uint8_t open_sets[1 << MAP_BY_MAX] = { 0, 1, 2, 4, 8, 3, 5, 6, 9, 10, 12, 7, 11, 13, 14, 15 };

static bool known_code(const map_codes *t, const dgm_slice *by, dgm_slice code)
{
    for (size_t i = 0; i < t->cells->count; i++)
        if (dgm_slice_equal(t->cells->lines[i]->code, code) && same_key(t, t->cells->lines[i], by, t->cells->lines[i]->wild))
            return true;
    return false;
}

bool dgm_map_cells_cut(const map_codes *t, const dgm_slice *by, dgm_slice text, dgm_slice fields[MAP_FORM_FIELDS])
{
    const map_cells *c = t->cells;
    const dgm_direction d = (dgm_direction)c->side;
    dgm_slice own[MAP_FORM_FIELDS];
    memset(fields, 0, sizeof *fields * MAP_FORM_FIELDS);
    for (size_t k = 0; k < sizeof open_sets; k++) {
        if (open_sets[k] >> t->by_count) continue;
        const map_code_cell *plain = dgm_map_code_line(&t->way[d], text, by, t->by_count, open_sets[k]);
        if (plain) {
            fields[0] = plain->value;
            return true;
        }
        uint32_t i = c->texts[dgm_map_code_hash((dgm_slice){ 0 }, by, t->by_count, open_sets[k]) & c->mask];
        for (; i; i = c->lines[i - 1]->next_text) {
            const map_cell_line *line = c->lines[i - 1];
            if (!line->way[d] || !same_key(t, line, by, open_sets[k]) || !dgm_map_form_cut(&line->form, text, own)) continue;
            for (uint32_t f = 0; f < line->form.field_count; f++) fields[line->to[f]] = own[f];
            fields[0] = line->code;
            return true;
        }
    }
    return dgm_map_code_by(t, d, by, text, &fields[0]) && !(fields[0].at == text.at && known_code(t, by, text));
}

typedef struct gluing {
    const map_codes *t;
    const dgm_slice *fields;
    dgm_buffer *out;
    map_cells_made fault; /* the first that was met */
    uint32_t field;
    dgm_slice cell;
} gluing;

static void fault(gluing *g, map_cells_made what, uint32_t field, dgm_slice cell)
{
    if (g->fault != MAP_CELLS_UNKNOWN) return;
    g->fault = what;
    g->field = field;
    g->cell = cell;
}

/* A field with a value that is none of a line's; line NULL: of a plain cell's, or of the code alone. */
static uint32_t extra(const gluing *g, const map_cell_line *line)
{
    for (uint32_t k = 1; k < g->t->cells->fields.field_count; k++) {
        bool has = false;
        for (uint32_t f = 0; line && f < line->form.field_count && !has; f++) has = line->to[f] == k;
        if (!has && g->fields[k].len) return k;
    }
    return 0;
}

static map_cells_made by_line(gluing *g, const map_cell_line *line)
{
    dgm_slice own[MAP_FORM_FIELDS] = { { 0 } };
    uint32_t missing, field = extra(g, line);
    if (field) {
        fault(g, MAP_CELLS_EXTRA, field, line->form.text);
        return MAP_CELLS_EXTRA;
    }
    for (uint32_t f = 0; f < line->form.field_count; f++) own[f] = g->fields[line->to[f]];
    size_t from = g->out->len;
    dgm_status s = dgm_map_form_glue(&line->form, own, g->out, &missing);
    if (s == DGM_OK) return MAP_CELLS_MADE;
    g->out->len = from;
    if (s == DGM_NOMEM) return MAP_CELLS_NOMEM;
    map_cells_made what = missing == DGM_FORM_WHOLE ? MAP_CELLS_BACK : MAP_CELLS_MISSING;
    fault(g, what, missing == DGM_FORM_WHOLE ? 0 : line->to[missing], line->form.text);
    return what;
}

static map_cells_made plain(gluing *g, dgm_slice text)
{
    uint32_t field = extra(g, NULL);
    if (field) {
        fault(g, MAP_CELLS_EXTRA, field, text);
        return MAP_CELLS_EXTRA;
    }
    return dgm_buffer_append(g->out, text) == DGM_OK ? MAP_CELLS_MADE : MAP_CELLS_NOMEM;
}

/* What was made is cut into the same again. */
static map_cells_made comes_back(gluing *g, const dgm_slice *by, size_t from, dgm_slice cell)
{
    dgm_slice again[MAP_FORM_FIELDS];
    bool same = dgm_map_cells_cut(g->t, by, dgm_slice_part(dgm_buffer_slice(g->out), from, g->out->len), again);
    for (uint32_t k = 0; k < g->t->cells->fields.field_count && same; k++) same = dgm_slice_equal(g->fields[k], again[k]);
    if (same) return MAP_CELLS_MADE;
    fault(g, MAP_CELLS_BACK, 0, cell);
    return MAP_CELLS_BACK;
}

static map_cells_made made_by(gluing *g, const dgm_slice *by, size_t from)
{
    const map_codes *t = g->t;
    const dgm_direction d = t->cells->side == MAP_WIRE ? DGM_WRITE : DGM_READ;
    const dgm_slice code = g->fields[0];
    for (size_t k = 0; k < sizeof open_sets; k++) {
        if (open_sets[k] >> t->by_count) continue;
        const map_code_cell *c = dgm_map_code_line(&t->way[d], code, by, t->by_count, open_sets[k]);
        map_cells_made m = c ? plain(g, c->value) : MAP_CELLS_UNKNOWN;
        if (m == MAP_CELLS_MADE) return c->alias ? m : comes_back(g, by, from, c->value);
        uint32_t i = t->cells->codes[dgm_map_code_hash(code, by, t->by_count, open_sets[k]) & t->cells->mask];
        for (; i && m != MAP_CELLS_NOMEM; i = t->cells->lines[i - 1]->next_code) {
            const map_cell_line *line = t->cells->lines[i - 1];
            if (!line->way[d] || !dgm_slice_equal(line->code, code) || !same_key(t, line, by, open_sets[k])) continue;
            m = by_line(g, line);
            if (m == MAP_CELLS_MADE) return line->way[!d] ? comes_back(g, by, from, line->form.text) : m;
        }
        if (m == MAP_CELLS_NOMEM) return m;
    }
    dgm_slice text;
    if (g->fault != MAP_CELLS_UNKNOWN || !dgm_map_code_by(t, d, by, code, &text)) return g->fault;
    map_cells_made m = plain(g, text);
    return m == MAP_CELLS_MADE ? comes_back(g, by, from, text) : m;
}

map_cells_made dgm_map_cells_glue(const map_codes *t, const dgm_slice *by, const dgm_slice fields[MAP_FORM_FIELDS], dgm_buffer *out,
                                  uint32_t *field, dgm_slice *cell)
{
    gluing g = { .t = t, .fields = fields, .out = out, .fault = MAP_CELLS_UNKNOWN };
    size_t from = out->len;
    map_cells_made m;
    if (fields[0].len)
        m = made_by(&g, by, from);
    else
        m = g.fault = MAP_CELLS_MISSING;
    *field = g.field;
    *cell = g.cell;
    return m == MAP_CELLS_MADE || m == MAP_CELLS_NOMEM ? m : g.fault;
}

dgm_slice dgm_map_cells_nearest(const map_codes *t, const dgm_slice *by, dgm_slice text)
{
    dgm_slice best = { 0 };
    size_t most = 0;
    for (size_t i = 0; i < t->cells->count; i++) {
        const map_cell_line *line = t->cells->lines[i];
        dgm_slice form = line->form.text;
        size_t n = 0;
        if (!same_key(t, line, by, line->wild)) continue;
        while (n < form.len && n < text.len && form.at[n] == text.at[n] && form.at[n] != '{') n++;
        if (n > most) {
            most = n;
            best = form;
        }
    }
    return best.len ? best : dgm_map_code_nearest(t, (dgm_direction)t->cells->side, text);
}
