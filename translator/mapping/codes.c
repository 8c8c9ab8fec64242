/* SPDX-License-Identifier: Apache-2.0
 *
 * codes.c - code tables: TSV files of mappings/codes, one column a code list, read into a hash for each direction, and looked up.
 * mappings/README.md, "Codes". Loading is one thread's; a loaded table is read-only.
 */
#include "cells.h"
#include "internal.h"

#include <stdio.h>

enum { COLUMNS_MAX = 32, ROWS_MAX = 1 << 20 };

static uint32_t hash_on(uint32_t h, dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.at[i]) * 16777619u;
    return h;
}

/* FNV-1a; tables come from integrators, not from senders. */
static uint32_t hash(dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild)
{
    uint32_t h = hash_on(2166136261u, key);
    for (uint32_t i = 0; i < by_count; i++)
        if (by && !(wild >> i & 1)) h = hash_on((h ^ (0x100 + i)) * 16777619u, by[i]);
    return h ^ h >> 15;
}

static bool same_by(const map_code_cell *c, const dgm_slice *by, uint32_t by_count)
{
    for (uint32_t i = 0; i < by_count; i++)
        if (!(c->wild >> i & 1) && !dgm_slice_equal(c->by[i], by[i])) return false;
    return true;
}

/* The line of a code that holds for these cells, those of `wild` left open. */
static const map_code_cell *find_by(const map_code_way *w, dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild)
{
    if (!w->buckets) return NULL;
    for (uint32_t i = w->buckets[hash(key, by, by_count, wild) & w->mask]; i; i = w->cells[i - 1].next) {
        const map_code_cell *c = &w->cells[i - 1];
        if (c->wild == wild && dgm_slice_equal(c->key, key) && same_by(c, by, by_count)) return c;
    }
    return NULL;
}

uint32_t dgm_map_code_hash(dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild)
{
    return hash(key, by, by_count, wild);
}

const map_code_cell *dgm_map_code_line(const map_code_way *w, dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild)
{
    return find_by(w, key, by, by_count, wild);
}

static const map_code_cell *find(const map_code_way *w, dgm_slice key)
{
    return find_by(w, key, NULL, 0, 0);
}

/* The line that says most: one that names all further columns goes before one that leaves some open. */
static const map_code_cell *best(const map_codes *t, dgm_direction d, const dgm_slice *by, dgm_slice key)
{
    const map_code_way *w = &t->way[d];
    if (!t->by_count) return find(w, key);
    const map_code_cell *hit = NULL;
    for (uint32_t i = 0; i < w->wild_count && !hit; i++) hit = find_by(w, key, by, t->by_count, w->wilds[i]);
    return hit;
}

const dgm_slice *dgm_map_code_find(const map_code_way *w, dgm_slice key)
{
    const map_code_cell *c = find(w, key);
    return c ? &c->value : NULL;
}

bool dgm_map_code_by(const map_codes *t, dgm_direction d, const dgm_slice *by, dgm_slice key, dgm_slice *out)
{
    const map_code_cell *hit = best(t, d, by, key);
    if (hit) {
        *out = hit->value;
        if (d == DGM_READ || !t->by_count || hit->alias) return true;
        /* A line for some may use the code that a line for all gave to another: it would be read back as that. */
        const map_code_cell *back = best(t, DGM_READ, by, hit->value);
        return !back || dgm_slice_equal(back->value, key);
    }
    dgm_slice other = t->way[d].other;
    if (t->by_count) {
        hit = best(t, d, by, DGM_LITERAL("*"));
        other = hit ? hit->value : (dgm_slice){ 0 };
    }
    if (!other.len || dgm_slice_is(other, "!")) return false;
    if (!dgm_slice_is(other, "=")) {
        *out = other;
        return true;
    }
    *out = key;
    return best(t, !d, by, key) == NULL; /* the other column knows it with another meaning */
}

bool dgm_map_code(const map_codes *t, dgm_direction d, dgm_slice key, dgm_slice *out)
{
    return dgm_map_code_by(t, d, NULL, key, out);
}

dgm_slice dgm_map_code_nearest(const map_codes *t, dgm_direction d, dgm_slice key)
{
    const map_code_way *w = &t->way[d];
    dgm_slice names[256], best = { 0 };
    for (uint32_t from = 0; from < w->count && !best.len; from += 256) {
        size_t n = 0;
        for (uint32_t i = from; i < w->count && n < 256; i++)
            names[n++] = dgm_slice_is(w->cells[i].key, "*") ? (dgm_slice){ 0 } : w->cells[i].key;
        int hit = dgm_nearest(key, names, n);
        if (hit >= 0) best = names[hit];
    }
    if (best.len || key.len < 2) return best;
    for (uint32_t i = 0; i < w->count; i++) { /* short codes: one letter more is near enough */
        dgm_slice k = w->cells[i].key;
        if (k.len + 1 == key.len && memcmp(k.at, key.at, k.len) == 0) return k;
    }
    return best;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

typedef struct code_reader {
    map_loader *l;
    map_codes *t;
    uint32_t file;
    map_mark asked; /* where the mapping names the table */
    map_mark by_asked[MAP_BY_MAX];
    int column[2]; /* model's, wire's */
    int by_column[MAP_BY_MAX];
    size_t columns;
    const dgm_slice *by; /* of the line at hand */
    uint16_t wild;
    bool alias;
    dgm_slice extends; /* a table whose lines hold where this one says nothing */
    uint32_t own[2];   /* cells of the tables before it, by way */
    size_t own_lines;  /* and of those whose cells are forms */
    uint32_t extended; /* how many tables it was told to look into */
    bool lookup, source, edition;
    uint32_t *lines[2]; /* line of each cell, by way */
    size_t room[2];
    uint32_t line;
    uint64_t line_at;
} code_reader;

static map_mark here(const code_reader *r, uint32_t bytes)
{
    return (map_mark){ r->file, { r->line_at, r->line, 1, bytes } };
}

static bool way_room(code_reader *r, map_code_way *w, int d)
{
    bool ok = w->count < r->room[d];
    if (!ok) {
        size_t room = r->room[d];
        void *cells = w->cells, *lines = r->lines[d];
        ok = dgm_map_room(r->l, &cells, &room, w->count + 1, sizeof *w->cells);
        ok = ok && dgm_map_room(r->l, &lines, &r->room[d], room, sizeof *r->lines[d]);
        if (ok) r->room[d] = room;
        w->cells = cells;
        r->lines[d] = lines;
    }
    /* Buckets are twice the room; rebuilt when the room grew. */
    if (ok && (!w->buckets || w->mask + 1 < 2 * r->room[d])) {
        uint32_t size = 32;
        while (size < 2 * r->room[d]) size *= 2;
        w->buckets = DGM_NEW(r->l->arena, uint32_t, size);
        if (!w->buckets) {
            r->l->nomem = true;
            return false;
        }
        w->mask = size - 1;
        for (uint32_t i = 0; i < w->count; i++) {
            const map_code_cell *c = &w->cells[i];
            uint32_t *b = &w->buckets[hash(c->key, c->by, c->by ? r->t->by_count : 0, c->wild) & w->mask];
            w->cells[i].next = *b;
            *b = i + 1;
        }
    }
    return ok;
}

static uint32_t bits(uint16_t set)
{
    uint32_t n = 0;
    for (; set; set = (uint16_t)(set & (set - 1))) n++;
    return n;
}

/* Which columns a line leaves open, kept with the smallest set first. */
static void note_wild(map_code_way *w, uint16_t wild)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < w->wild_count; i++)
        if (w->wilds[i] == wild) return;
    while (at < w->wild_count && bits(w->wilds[at]) <= bits(wild)) at++;
    memmove(&w->wilds[at + 1], &w->wilds[at], (w->wild_count - at) * sizeof *w->wilds);
    w->wilds[at] = wild;
    w->wild_count++;
}

static const map_code_cell *told(const code_reader *r, int d, dgm_slice key)
{
    return find_by(&r->t->way[d], key, r->by, r->t->by_count, r->wild);
}

/* The first line that fits wins; the others are aliases of the other side. */
static bool add(code_reader *r, int d, dgm_slice key, dgm_slice value)
{
    map_code_way *w = &r->t->way[d];
    uint32_t count = r->lookup ? 0 : r->t->by_count;
    if (find_by(w, key, r->by, count, r->wild)) return true;
    if (!way_room(r, w, d)) return false;
    uint32_t *b = &w->buckets[hash(key, r->by, count, r->wild) & w->mask];
    w->cells[w->count] = (map_code_cell){ key, value, r->by, r->wild, r->alias, *b };
    r->lines[d][w->count] = r->line;
    *b = ++w->count;
    note_wild(w, r->wild);
    return true;
}

static void twice(code_reader *r, dgm_slice wire, dgm_slice model, const map_code_cell *c)
{
    map_loader *l = r->l;
    dgm_diag *d = dgm_map_fault(l, here(r, 0), DGM_D_MAP_CODE_TWICE);
    char text[200];
    snprintf(text, sizeof text, "%.*s %.*s", (int)(r->t->columns[1].len & 63), r->t->columns[1].at, (int)(wire.len & 63), wire.at);
    dgm_map_say(l, d, dgm_slice_of(text));
    dgm_map_say(l, d, c->value);
    if (d) dgm_diag_number(l->diags, d, r->lines[DGM_READ][c - r->t->way[DGM_READ].cells]);
    dgm_map_say(l, d, model);
}

static bool other_line(code_reader *r, dgm_slice model, dgm_slice wire, bool *ok)
{
    bool unknown_model = dgm_slice_is(model, "*"), unknown_wire = dgm_slice_is(wire, "*");
    *ok = true;
    if (!unknown_model && !unknown_wire) return false;
    if (unknown_model == unknown_wire) {
        dgm_diag *d = dgm_map_fault(r->l, here(r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(r->l, d, DGM_LITERAL("a * line says on its other side what an unknown code becomes: !, = or a code"));
    } else if (r->t->by_count) {
        *ok = unknown_model ? add(r, DGM_WRITE, model, wire) : add(r, DGM_READ, wire, model);
    } else {
        dgm_slice *other = unknown_model ? &r->t->way[DGM_WRITE].other : &r->t->way[DGM_READ].other;
        if (!other->len || !r->extended) *other = unknown_model ? wire : model;
    }
    return true;
}

/* The cells of the further columns: empty and * hold for all. */
static bool take_by(code_reader *r, const dgm_slice *cells)
{
    r->by = NULL;
    r->wild = 0;
    if (!r->t->by_count) return true;
    dgm_slice *by = DGM_NEW(r->l->arena, dgm_slice, MAP_BY_MAX);
    if (!by) {
        r->l->nomem = true;
        return false;
    }
    for (uint32_t i = 0; i < r->t->by_count; i++) {
        by[i] = cells[r->by_column[i]];
        if (!by[i].len || dgm_slice_is(by[i], "*")) r->wild = (uint16_t)(r->wild | 1u << i);
    }
    r->by = by;
    return true;
}

static map_mark cell_mark(const code_reader *r, dgm_slice cell)
{
    const char *line = r->l->m->files[r->file].bytes.at + r->line_at;
    uint64_t at = (uint64_t)(cell.at - line);
    uint32_t column = 1;
    for (const char *c = line; c < cell.at; c++) column += ((unsigned char)*c & 0xC0) != 0x80;
    return (map_mark){ r->file, { r->line_at + at, r->line, column, (uint32_t)cell.len } };
}

/* What is told of a line of a table that is extended by the forms of the tables before it. */
static bool replaced_by_form(code_reader *r, dgm_slice code, dgm_slice text)
{
    const map_cell_line line = { .code = code, .by = r->by, .wild = r->wild };
    return r->t->cells && dgm_map_cells_told(r->l, r->t, r->own_lines, &line, text);
}

/* A line of a table that is extended: the tables before it have said something of one of its codes. */
static bool replaced(const code_reader *r, dgm_slice model, dgm_slice wire)
{
    const map_code_cell *read = told(r, DGM_READ, wire), *write = told(r, DGM_WRITE, model);
    return (read && read - r->t->way[DGM_READ].cells < r->own[DGM_READ]) ||
           (write && write - r->t->way[DGM_WRITE].cells < r->own[DGM_WRITE]);
}

/* A line whose text is a form, of a table in which texts may be. */
static bool take_form(code_reader *r, dgm_slice code, dgm_slice text, const bool way[2])
{
    map_cells *c = r->t->cells;
    map_cell_line line = { .code = code, .by = r->by, .wild = r->wild, .way = { way[0], way[1] }, .mark = cell_mark(r, text) };
    const map_code_cell *known = told(r, c->side == MAP_WIRE ? DGM_WRITE : DGM_READ, code);
    size_t count = c->count;
    if (!dgm_map_cells_add(r->l, c, text, line)) return false;
    if (!r->extended) return true;
    bool own = known && known - r->t->way[c->side == MAP_WIRE ? DGM_WRITE : DGM_READ].cells <
                            r->own[c->side == MAP_WIRE ? DGM_WRITE : DGM_READ];
    if (own || dgm_map_cells_told(r->l, r->t, r->own_lines, c->lines[count], (dgm_slice){ 0 })) c->count = count;
    return !r->l->nomem;
}

/* A form where the rule has no places for its fields. */
static bool no_form(code_reader *r, dgm_slice cell)
{
    const char *open = cell.len ? memchr(cell.at, '{', cell.len) : NULL;
    size_t rest = open ? (size_t)(cell.at + cell.len - open) : 0;
    if (rest < 3 || open[1] == '{' || !memchr(open, '}', rest)) return true;
    dgm_diag *d = dgm_map_fault(r->l, cell_mark(r, cell), DGM_D_MAP_CELL_FORM);
    dgm_map_say(r->l, d, cell);
    return false;
}

static bool take_line(code_reader *r, dgm_slice line)
{
    bool read = true, write = true;
    if (line.at[0] == '>' || line.at[0] == '<') {
        read = line.at[0] == '>';
        write = !read;
        line = dgm_slice_part(line, 1, line.len);
        while (line.len && (line.at[0] == ' ' || line.at[0] == '\t')) line = dgm_slice_part(line, 1, line.len);
    }
    dgm_slice cells[COLUMNS_MAX] = { 0 };
    size_t n = 0;
    for (dgm_cut c = { .tail = line, .found = true }; c.found && n < COLUMNS_MAX; n++) {
        c = dgm_slice_cut(c.tail, '\t');
        cells[n] = dgm_slice_trim(c.head);
    }
    if (n > r->columns) {
        dgm_diag *d = dgm_map_fault(r->l, here(r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(r->l, d, DGM_LITERAL("this line has more columns than the head"));
        return true;
    }
    dgm_slice model = cells[r->column[0]], wire = cells[r->column[1]];
    bool ok;
    if (!model.len || !wire.len) return true; /* a code one of the two lists does not have */
    if (r->lookup) return add(r, DGM_WRITE, model, wire);
    r->alias = read != write;
    if (!take_by(r, cells)) return false;
    if (other_line(r, model, wire, &ok)) return ok;
    const map_cells *c = r->t->cells;
    dgm_slice code = c && c->side == MAP_MODEL ? wire : model, text = c && c->side == MAP_MODEL ? model : wire;
    if (!no_form(r, code) || (!c && !no_form(r, text))) return true;
    if (c && memchr(text.at, '{', text.len)) return take_form(r, code, text, (bool[2]){ read, write });
    if (r->extended && (replaced(r, model, wire) || replaced_by_form(r, code, text))) return true;
    const map_code_cell *before = told(r, DGM_READ, wire);
    if (read && write && before && !dgm_slice_equal(before->value, model)) twice(r, wire, model, before);
    return (!read || add(r, DGM_READ, wire, model)) && (!write || add(r, DGM_WRITE, model, wire));
}

static void take_comment(code_reader *r, dgm_slice line)
{
    line = dgm_slice_trim(dgm_slice_part(line, 1, line.len));
    if (line.len > 7 && memcmp(line.at, "source:", 7) == 0) r->source = true;
    if (line.len > 8 && memcmp(line.at, "edition:", 8) == 0) r->edition = true;
    if (line.len > 8 && memcmp(line.at, "extends:", 8) == 0) r->extends = dgm_slice_trim(dgm_slice_part(line, 8, line.len));
}

static int column_of(code_reader *r, const dgm_slice *names, dgm_slice wanted, int otherwise, map_mark asked)
{
    if (!wanted.len && otherwise >= 0) return otherwise;
    for (size_t i = 0; i < r->columns; i++)
        if (dgm_slice_equal(names[i], wanted)) return (int)i;
    dgm_diag *d = dgm_map_fault(r->l, asked, DGM_D_MAP_CODE_COLUMN);
    int near = dgm_nearest(wanted, names, r->columns);
    dgm_map_say(r->l, d, r->t->name);
    dgm_map_say(r->l, d, wanted);
    dgm_map_say(r->l, d, near >= 0 ? names[near] : names[0]);
    return -1;
}

/* Each column of the head has a name of its own. */
static bool names_differ(code_reader *r, const dgm_slice *names)
{
    for (size_t i = 0; i < r->columns; i++) {
        size_t k = i;
        while (k > 0 && !dgm_slice_equal(names[k - 1], names[i])) k--;
        if (names[i].len && k == 0) continue;
        dgm_diag *d = dgm_map_fault(r->l, here(r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(r->l, d,
                    names[i].len ? DGM_LITERAL("two columns of the head have the same name")
                                 : DGM_LITERAL("a column of the head has no name"));
        return false;
    }
    return true;
}

static bool take_head(code_reader *r, dgm_slice line, dgm_slice model, dgm_slice wire)
{
    dgm_slice names[COLUMNS_MAX];
    for (dgm_cut c = { .tail = line, .found = true }; c.found && r->columns < COLUMNS_MAX;) {
        c = dgm_slice_cut(c.tail, '\t');
        names[r->columns++] = dgm_slice_trim(c.head);
    }
    if (!names_differ(r, names)) return false;
    r->lookup = dgm_slice_is(model, "*key");
    int first = 0, second = r->columns > 1 ? 1 : 0; /* unless there are columns of these names */
    for (int i = 0; i < (int)r->columns && !r->lookup; i++)
        if (dgm_slice_is(names[i], "model"))
            first = i;
        else if (dgm_slice_is(names[i], "wire"))
            second = i;
    r->column[0] = r->lookup ? 0 : column_of(r, names, model, first, r->asked);
    r->column[1] = column_of(r, names, wire, second, r->asked);
    bool ok = r->column[0] >= 0 && r->column[1] >= 0;
    for (uint32_t i = 0; i < r->t->by_count; i++) {
        r->by_column[i] = column_of(r, names, r->t->by[i], -1, r->by_asked[i]);
        ok = ok && r->by_column[i] >= 0;
    }
    if (!ok) return false;
    r->t->columns[0] = names[r->column[0]];
    r->t->columns[1] = names[r->column[1]];
    r->t->identity = r->column[0] == r->column[1];
    return true;
}

/* The lines of one file. False: told, or no memory. */
static bool read_table(code_reader *r, dgm_slice model, dgm_slice wire)
{
    map_loader *l = r->l;
    dgm_slice bytes = l->m->files[r->file].bytes;
    bool head = false, ok = true;
    r->columns = 0;
    r->line = 0;
    r->line_at = 0;
    r->source = r->edition = false;
    r->extends = (dgm_slice){ 0 };
    if (dgm_utf8_check(bytes) < bytes.len) {
        dgm_diag *d = dgm_map_fault(l, here(r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(l, d, DGM_LITERAL("the file is no UTF-8"));
        ok = false;
    }
    for (dgm_cut c = { .tail = bytes, .found = bytes.len > 0 }; ok && c.found;) {
        r->line++;
        r->line_at = (uint64_t)(c.tail.at - bytes.at);
        c = dgm_slice_cut(c.tail, '\n');
        dgm_slice line = c.head;
        if (line.len && line.at[line.len - 1] == '\r') line.len--;
        if (!line.len) continue;
        if (line.at[0] == '#')
            take_comment(r, line);
        else if (head)
            ok = take_line(r, line);
        else
            ok = head = take_head(r, line, model, wire);
        if (r->line > ROWS_MAX) break;
    }
    if (ok && (!head || !r->source || !r->edition)) {
        r->line = 1;
        r->line_at = 0;
        dgm_map_fault(l, here(r, 0), DGM_D_MAP_CODE_HEAD);
    }
    return ok;
}

static uint32_t open_file(map_loader *l, dgm_slice name, map_mark mark);

/* The tables that this one extends, each by the same names of columns. */
static bool read_extended(code_reader *r)
{
    enum { EXTENDED_MAX = 8 };
    dgm_slice model = r->t->columns[0], wire = r->t->columns[1];
    bool ok = true;
    while (ok && r->extends.len && !r->l->wrong) {
        map_mark mark = { r->file, { 0, 1, 1, 0 } };
        if (r->extended++ == EXTENDED_MAX) {
            dgm_diag *d = dgm_map_fault(r->l, mark, DGM_D_MAP_CODE_LINE);
            dgm_map_say(r->l, d, DGM_LITERAL("tables extend each other more than 8 deep; one extends itself?"));
            return false;
        }
        for (int d = 0; d < 2; d++) r->own[d] = r->t->way[d].count;
        r->own_lines = r->t->cells ? r->t->cells->count : 0;
        uint32_t file = open_file(r->l, r->extends, mark);
        if (file == DGM_NONE) return false;
        r->file = file;
        r->asked = mark;
        ok = read_table(r, r->lookup ? DGM_LITERAL("*key") : model, wire);
    }
    return ok;
}

static map_codes *parse_table(map_loader *l, const map_table_wanted *asked, uint32_t file)
{
    map_codes *t = DGM_NEW(l->arena, map_codes, 1);
    if (!t) {
        l->nomem = true;
        return NULL;
    }
    *t = (map_codes){ .name = asked->name, .path = l->m->files[file].name, .by_count = asked->by_count };
    code_reader r = { .l = l, .t = t, .file = file, .asked = asked->mark };
    for (uint32_t i = 0; i < asked->by_count; i++) {
        t->by[i] = asked->by[i];
        r.by_asked[i] = asked->by_mark[i];
    }
    bool wrong = l->wrong;
    l->wrong = false;
    if (asked->forms && !(t->cells = dgm_map_cells_new(l, asked->name, asked->forms - 1))) return NULL;
    bool ok = read_table(&r, asked->model, asked->wire) && read_extended(&r) && !l->wrong;
    if (ok && t->cells) dgm_map_cells_finish(l, t, asked->mark);
    ok = ok && !l->wrong && !l->nomem;
    l->wrong = l->wrong || wrong;
    return ok ? t : NULL;
}

map_codes *dgm_map_codes_parse(map_loader *l, dgm_slice name, uint32_t file, dgm_slice model, dgm_slice wire, map_mark mark)
{
    return parse_table(l, &(map_table_wanted){ .name = name, .model = model, .wire = wire, .mark = mark }, file);
}

static uint32_t open_file(map_loader *l, dgm_slice name, map_mark mark)
{
    dgm_slice bytes = { 0 }, path = { 0 };
    dgm_status s = l->env->file ? l->env->file(l->env->ctx, "codes", name, &bytes, &path) : DGM_UNKNOWN;
    if (s == DGM_NOMEM) {
        l->nomem = true;
        return DGM_NONE;
    }
    if (s != DGM_OK) {
        dgm_slice names[256];
        size_t n = l->env->names ? l->env->names(l->env->ctx, "codes", names, 256) : 0;
        int near = dgm_nearest(name, names, n < 256 ? n : 256);
        dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_CODE_TABLE);
        dgm_map_say(l, d, name);
        if (near >= 0) dgm_map_say(l, d, names[near]);
        return DGM_NONE;
    }
    for (uint32_t i = 0; i < l->m->file_count; i++)
        if (dgm_slice_equal(l->m->files[i].name, path)) return i;
    void *files = l->m->files;
    if (!dgm_map_room(l, &files, &l->file_room, l->m->file_count + 1, sizeof *l->m->files)) return DGM_NONE;
    l->m->files = files;
    dgm_slice own_path = dgm_arena_copy(l->arena, path), own_bytes = dgm_arena_copy(l->arena, bytes);
    if (!own_path.at || !own_bytes.at) {
        l->nomem = true;
        return DGM_NONE;
    }
    l->m->files[l->m->file_count] = (map_file){ own_path, own_bytes };
    return l->m->file_count++;
}

static bool same_wish(const map_codes *t, const map_table_wanted *asked)
{
    bool same = dgm_slice_equal(t->name, asked->name) && dgm_slice_equal(t->columns[0], asked->model) &&
                dgm_slice_equal(t->columns[1], asked->wire) && t->by_count == asked->by_count &&
                asked->forms == (t->cells ? t->cells->side + 1 : 0);
    for (uint32_t i = 0; i < asked->by_count && same; i++) same = dgm_slice_equal(t->by[i], asked->by[i]);
    return same;
}

map_codes *dgm_map_codes_by(map_loader *l, const map_table_wanted *asked)
{
    for (size_t i = 0; i < l->table_count; i++)
        if (same_wish(l->tables[i], asked)) return l->tables[i];
    uint32_t file = open_file(l, asked->name, asked->mark);
    if (file == DGM_NONE) return NULL;
    map_codes *t = parse_table(l, asked, file);
    void *all = l->tables;
    if (!t || !dgm_map_room(l, &all, &l->table_room, l->table_count + 1, sizeof *l->tables)) return NULL;
    l->tables = all;
    bool lookup = dgm_slice_is(asked->model, "*key");
    if (lookup || (asked->model.len && asked->wire.len)) l->tables[l->table_count++] = t;
    if (lookup) t->columns[0] = asked->model; /* never taken for a crosswalk of the same columns */
    return t;
}

map_codes *dgm_map_codes(map_loader *l, dgm_slice name, dgm_slice model, dgm_slice wire, map_mark mark)
{
    return dgm_map_codes_by(l, &(map_table_wanted){ .name = name, .model = model, .wire = wire, .mark = mark });
}
