/* SPDX-License-Identifier: Apache-2.0
 *
 * cells.h - code tables whose cells are forms: `RVC {pct}%` is the code RVC and a percentage. A text is cut by the line it fits,
 * and glued by the line of its code. mappings/README.md, "Codes". Read-only once loaded; any thread.
 */
#ifndef DGM_MAPPING_CELLS_H
#define DGM_MAPPING_CELLS_H

#include "codes.h"
#include "form.h"
#include "terms.h"

struct map_loader;
enum { MAP_CELL_LINES = 256 };

typedef struct map_cell_line { /* a line whose text is a form */
    map_form form;
    uint8_t to[MAP_FORM_FIELDS]; /* its fields, as the table numbers them */
    dgm_slice code;
    const dgm_slice *by; /* as in map_code_cell */
    uint16_t wild;
    bool way[2]; /* by direction: whether it holds there */
    map_mark mark;
    uint32_t next_text, next_code; /* line + 1 */
} map_cell_line;

typedef struct map_cells {
    uint32_t side;   /* where the texts stand: MAP_WIRE or MAP_MODEL; reading cuts what stands in the wire */
    map_form fields; /* the names of all fields of all lines, and of the code, which is number 0; text: the table's name */
    map_cell_line **lines;
    size_t count, room;
    uint32_t *texts, *codes, mask; /* line + 1, by the further columns, and by these and the code */
} map_cells;

/* Loading. A line of the table; false: no memory, or told. */
map_cells *dgm_map_cells_new(struct map_loader *l, dgm_slice name, uint32_t side);
bool dgm_map_cells_add(struct map_loader *l, map_cells *c, dgm_slice text, map_cell_line head);
/* Whether a line before `before` is about this code, or may fit what this text or form fits, where the further columns are alike.
 */
bool dgm_map_cells_told(struct map_loader *l, const map_codes *t, size_t before, const map_cell_line *line, dgm_slice text);
/* When all lines are there: no text fits two of them. */
void dgm_map_cells_finish(struct map_loader *l, map_codes *t, map_mark asked);
/* Whether a text fits both forms; sample: such a text. */
bool dgm_map_forms_meet(struct map_loader *l, const map_form *a, const map_form *b, char sample[64]);

/* The code of a text (fields[0]) and the other fields of the line it fits; `by` are the further columns. False: it fits none. */
bool dgm_map_cells_cut(const map_codes *t, const dgm_slice *by, dgm_slice text, dgm_slice fields[MAP_FORM_FIELDS]);

typedef enum map_cells_made {
    MAP_CELLS_MADE,
    MAP_CELLS_UNKNOWN, /* no line has this code */
    MAP_CELLS_MISSING, /* *field has no value, and the line *cell needs one */
    MAP_CELLS_EXTRA,   /* *field has a value, and the line *cell has no room for it */
    MAP_CELLS_BACK,    /* what is made by *cell would be read as something else */
    MAP_CELLS_NOMEM
} map_cells_made;
map_cells_made dgm_map_cells_glue(const map_codes *t, const dgm_slice *by, const dgm_slice fields[MAP_FORM_FIELDS], dgm_buffer *out,
                                  uint32_t *field, dgm_slice *cell);
/* The cell that looks most like a text; empty: none. */
dgm_slice dgm_map_cells_nearest(const map_codes *t, const dgm_slice *by, dgm_slice text);

#endif
