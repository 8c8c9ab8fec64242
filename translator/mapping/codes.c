/* SPDX-License-Identifier: Apache-2.0
 *
 * codes.c - code tables: TSV files of mappings/codes, one column a code list, read into a hash for each direction, and looked up.
 * mappings/README.md, "Codes". Loading is one thread's; a loaded table is read-only.
 */
#include "internal.h"

#include <stdio.h>

enum { COLUMNS_MAX = 32, ROWS_MAX = 1 << 20 };

static uint32_t hash(dgm_slice s)
{
    uint32_t h = 2166136261u; /* FNV-1a; tables come from integrators, not from senders */
    for (size_t i = 0; i < s.len; i++) h = (h ^ (unsigned char)s.at[i]) * 16777619u;
    return h ^ h >> 15;
}

static const map_code_cell *find(const map_code_way *w, dgm_slice key)
{
    if (!w->buckets) return NULL;
    for (uint32_t i = w->buckets[hash(key) & w->mask]; i; i = w->cells[i - 1].next)
        if (dgm_slice_equal(w->cells[i - 1].key, key)) return &w->cells[i - 1];
    return NULL;
}

const dgm_slice *dgm_map_code_find(const map_code_way *w, dgm_slice key)
{
    const map_code_cell *c = find(w, key);
    return c ? &c->value : NULL;
}

bool dgm_map_code(const map_codes *t, dgm_direction d, dgm_slice key, dgm_slice *out)
{
    const map_code_way *w = &t->way[d];
    const dgm_slice *hit = dgm_map_code_find(w, key);
    if (hit) {
        *out = *hit;
        return true;
    }
    if (!w->other.len || dgm_slice_is(w->other, "!")) return false;
    if (!dgm_slice_is(w->other, "=")) {
        *out = w->other;
        return true;
    }
    *out = key;
    return dgm_map_code_find(&t->way[!d], key) == NULL; /* the other column knows it with another meaning */
}

dgm_slice dgm_map_code_nearest(const map_codes *t, dgm_direction d, dgm_slice key)
{
    const map_code_way *w = &t->way[d];
    dgm_slice names[256], best = { 0 };
    for (uint32_t from = 0; from < w->count && !best.len; from += 256) {
        size_t n = 0;
        for (uint32_t i = from; i < w->count && n < 256; i++) names[n++] = w->cells[i].key;
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
    int column[2];  /* model's, wire's */
    size_t columns;
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
            uint32_t *b = &w->buckets[hash(w->cells[i].key) & w->mask];
            w->cells[i].next = *b;
            *b = i + 1;
        }
    }
    return ok;
}

/* The first line that fits wins; the others are aliases of the other side. */
static bool add(code_reader *r, int d, dgm_slice key, dgm_slice value)
{
    map_code_way *w = &r->t->way[d];
    if (find(w, key)) return true;
    if (!way_room(r, w, d)) return false;
    uint32_t *b = &w->buckets[hash(key) & w->mask];
    w->cells[w->count] = (map_code_cell){ key, value, *b };
    r->lines[d][w->count] = r->line;
    *b = ++w->count;
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

static bool other_line(code_reader *r, dgm_slice model, dgm_slice wire)
{
    bool unknown_model = dgm_slice_is(model, "*"), unknown_wire = dgm_slice_is(wire, "*");
    if (!unknown_model && !unknown_wire) return false;
    if (unknown_model == unknown_wire) {
        dgm_diag *d = dgm_map_fault(r->l, here(r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(r->l, d, DGM_LITERAL("a * line says on its other side what an unknown code becomes: !, = or a code"));
    } else if (unknown_model) {
        r->t->way[DGM_WRITE].other = wire;
    } else {
        r->t->way[DGM_READ].other = model;
    }
    return true;
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
    if (!model.len || !wire.len) return true; /* a code one of the two lists does not have */
    if (r->lookup) return add(r, DGM_WRITE, model, wire);
    if (other_line(r, model, wire)) return true;
    const map_code_cell *before = find(&r->t->way[DGM_READ], wire);
    if (read && write && before && !dgm_slice_equal(before->value, model)) twice(r, wire, model, before);
    return (!read || add(r, DGM_READ, wire, model)) && (!write || add(r, DGM_WRITE, model, wire));
}

static void take_comment(code_reader *r, dgm_slice line)
{
    line = dgm_slice_trim(dgm_slice_part(line, 1, line.len));
    if (line.len > 7 && memcmp(line.at, "source:", 7) == 0) r->source = true;
    if (line.len > 8 && memcmp(line.at, "edition:", 8) == 0) r->edition = true;
}

static int column_of(code_reader *r, const dgm_slice *names, dgm_slice wanted, int otherwise)
{
    if (!wanted.len) return otherwise;
    for (size_t i = 0; i < r->columns; i++)
        if (dgm_slice_equal(names[i], wanted)) return (int)i;
    dgm_diag *d = dgm_map_fault(r->l, r->asked, DGM_D_MAP_CODE_COLUMN);
    int near = dgm_nearest(wanted, names, r->columns);
    dgm_map_say(r->l, d, r->t->name);
    dgm_map_say(r->l, d, wanted);
    dgm_map_say(r->l, d, near >= 0 ? names[near] : names[0]);
    return -1;
}

static bool take_head(code_reader *r, dgm_slice line, dgm_slice model, dgm_slice wire)
{
    dgm_slice names[COLUMNS_MAX];
    for (dgm_cut c = { .tail = line, .found = true }; c.found && r->columns < COLUMNS_MAX;) {
        c = dgm_slice_cut(c.tail, '\t');
        names[r->columns++] = dgm_slice_trim(c.head);
    }
    r->lookup = dgm_slice_is(model, "*key");
    int first = 0, second = r->columns > 1 ? 1 : 0; /* unless there are columns of these names */
    for (int i = 0; i < (int)r->columns && !r->lookup; i++)
        if (dgm_slice_is(names[i], "model"))
            first = i;
        else if (dgm_slice_is(names[i], "wire"))
            second = i;
    r->column[0] = r->lookup ? 0 : column_of(r, names, model, first);
    r->column[1] = column_of(r, names, wire, second);
    if (r->column[0] < 0 || r->column[1] < 0) return false;
    r->t->columns[0] = names[r->column[0]];
    r->t->columns[1] = names[r->column[1]];
    r->t->identity = r->column[0] == r->column[1];
    return true;
}

map_codes *dgm_map_codes_parse(map_loader *l, dgm_slice name, uint32_t file, dgm_slice model, dgm_slice wire, map_mark mark)
{
    map_codes *t = DGM_NEW(l->arena, map_codes, 1);
    if (!t) {
        l->nomem = true;
        return NULL;
    }
    dgm_slice bytes = l->m->files[file].bytes;
    *t = (map_codes){ .name = name, .path = l->m->files[file].name };
    code_reader r = { .l = l, .t = t, .file = file, .asked = mark };
    bool head = false, ok = true, wrong = l->wrong;
    l->wrong = false;
    if (dgm_utf8_check(bytes) < bytes.len) {
        dgm_diag *d = dgm_map_fault(l, here(&r, 0), DGM_D_MAP_CODE_LINE);
        dgm_map_say(l, d, DGM_LITERAL("the file is no UTF-8"));
        ok = false;
    }
    for (dgm_cut c = { .tail = bytes, .found = bytes.len > 0 }; ok && c.found;) {
        r.line++;
        r.line_at = (uint64_t)(c.tail.at - bytes.at);
        c = dgm_slice_cut(c.tail, '\n');
        dgm_slice line = c.head;
        if (line.len && line.at[line.len - 1] == '\r') line.len--;
        if (!line.len) continue;
        if (line.at[0] == '#')
            take_comment(&r, line);
        else if (head)
            ok = take_line(&r, line);
        else
            ok = head = take_head(&r, line, model, wire);
        if (r.line > ROWS_MAX) break;
    }
    if (ok && (!head || !r.source || !r.edition)) {
        r.line = 1;
        r.line_at = 0;
        dgm_map_fault(l, here(&r, 0), DGM_D_MAP_CODE_HEAD);
    }
    ok = ok && !l->wrong;
    l->wrong = l->wrong || wrong;
    return ok ? t : NULL;
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

map_codes *dgm_map_codes(map_loader *l, dgm_slice name, dgm_slice model, dgm_slice wire, map_mark mark)
{
    for (size_t i = 0; i < l->table_count; i++)
        if (dgm_slice_equal(l->tables[i]->name, name) && dgm_slice_equal(l->tables[i]->columns[0], model) &&
            dgm_slice_equal(l->tables[i]->columns[1], wire))
            return l->tables[i];
    uint32_t file = open_file(l, name, mark);
    if (file == DGM_NONE) return NULL;
    map_codes *t = dgm_map_codes_parse(l, name, file, model, wire, mark);
    void *all = l->tables;
    if (!t || !dgm_map_room(l, &all, &l->table_room, l->table_count + 1, sizeof *l->tables)) return NULL;
    l->tables = all;
    if (dgm_slice_is(model, "*key") || (model.len && wire.len)) l->tables[l->table_count++] = t;
    if (dgm_slice_is(model, "*key")) t->columns[0] = model; /* never taken for a crosswalk of the same columns */
    return t;
}
