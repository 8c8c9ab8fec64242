/* SPDX-License-Identifier: Apache-2.0
 *
 * vocabulary.c - see vocabulary.h. The file is a head of "key: value" lines and a table, one row for each place, parents first. All
 * mistakes are told at once; a row that cannot be used is left out and what stands beneath it is told once. One thread.
 */
#include "vocabulary.h"
#include "base/utf8.h"

enum { COLUMNS = 9, PATH = 0, MIN, MAX, TYPE, FORMAT, WCO_ID, TDED, TITLE, ORIGIN };
enum { ATTRIBUTES_MAX = 128 };

static const char *const column_names[COLUMNS] = { "path", "min", "max", "type", "format", "wco-id", "tded", "title", "origin" };
static const char *const type_names[] = { "-", "text", "code", "id", "number", "date", "amount", "quantity", "flag", "pointer" };
static const char *const head_keys[] = { "dragoman", "model", "root", "title", "source", "edition", "attribute" };
enum { TYPE_COUNT = 10, HEAD_KEYS = 7 };

typedef struct attribute_line { /* "attribute: code @listID code -" */
    dgm_type of;
    dgm_slot slot;
} attribute_line;

typedef struct row_entry {
    dgm_slice path; /* at NULL: free */
    uint32_t id, line;
    dgm_type type;
} row_entry;

typedef struct loader {
    const dgm_mem *mem;
    dgm_diags *diags;
    dgm_slice path, bytes;
    dgm_arena arena;
    dgm_shape_maker *maker;
    row_entry *rows; /* open addressing on the path */
    size_t row_mask;
    attribute_line *attributes;
    size_t attribute_count;
    dgm_slice head[HEAD_KEYS]; /* values */
    dgm_slice line;
    uint32_t line_number;
    size_t next; /* offset of the next line */
    bool wrong, odd_key, nomem;
} loader;

/* ---- diagnostics ---- */

/* An error at `at`, a part of the present line (or the line itself). */
static dgm_diag *complain(loader *l, dgm_diag_code code, dgm_slice at)
{
    l->wrong = true;
    dgm_diag *d = dgm_diags_add(l->diags, code, DGM_ERROR);
    if (!d) return NULL;
    size_t column = at.at && l->line.at && at.at >= l->line.at ? (size_t)(at.at - l->line.at) : 0;
    d->line = l->line_number;
    d->column = (uint32_t)column + 1;
    d->bytes = at.len;
    d->at_byte = l->line.at ? (uint64_t)(l->line.at - l->bytes.at) + column : 0;
    dgm_diag_source(l->diags, d, l->path);
    dgm_diag_excerpt(l->diags, d, l->line, l->line.at ? (uint64_t)(l->line.at - l->bytes.at) : 0);
    return d;
}

static void complain_text(loader *l, dgm_diag_code code, dgm_slice at)
{
    dgm_diag_text(l->diags, complain(l, code, at), at);
}

/* {1} is what was found, {2} the nearest of what is known. */
static void complain_nearest(loader *l, dgm_diag_code code, dgm_slice at, const char *const *names, size_t n)
{
    dgm_slice known[16];
    dgm_diag *d = complain(l, code, at);
    if (!d) return; /* not kept */
    for (size_t i = 0; i < n; i++) known[i] = dgm_slice_of(names[i]);
    int near = dgm_nearest(at, known, n);
    dgm_diag_text(l->diags, d, at);
    if (near >= 0) dgm_diag_text(l->diags, d, known[near]);
}

/* ---- small readers ---- */

static bool next_line(loader *l)
{
    while (l->next < l->bytes.len) {
        dgm_slice rest = dgm_slice_part(l->bytes, l->next, l->bytes.len);
        dgm_cut cut = dgm_slice_cut(rest, '\n');
        l->line = cut.head;
        l->next += cut.head.len + 1;
        l->line_number++;
        if (l->line.len && l->line.at[l->line.len - 1] == '\r') l->line.len--;
        if (dgm_slice_trim(l->line).len && l->line.at[0] != '#') return true;
    }
    return false;
}

static bool read_count(dgm_slice text, uint32_t *out)
{
    uint64_t n = 0;
    if (text.len == 0 || text.len > 9) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    *out = (uint32_t)n;
    return true;
}

static dgm_slice no_dash(dgm_slice text)
{
    return dgm_slice_is(text, "-") ? (dgm_slice){ 0 } : text;
}

static bool read_type(loader *l, dgm_slice text, dgm_type *out)
{
    for (size_t i = 0; i < TYPE_COUNT; i++) {
        if (!dgm_slice_is(text, type_names[i])) continue;
        *out = (dgm_type)i;
        return true;
    }
    complain_nearest(l, DGM_D_MODEL_TYPE_UNKNOWN, text, type_names, TYPE_COUNT);
    return false;
}

/* "an..35", "a2", "n..16,3", "-". */
static bool read_format(loader *l, dgm_slice text, dgm_repr *out)
{
    *out = (dgm_repr){ .decimals = 255 };
    if (dgm_slice_is(text, "-")) return true;
    size_t letters = 0;
    while (letters < text.len && (text.at[letters] == 'a' || text.at[letters] == 'n')) letters++;
    dgm_slice class = dgm_slice_part(text, 0, letters), rest = dgm_slice_part(text, letters, text.len);
    bool good = dgm_slice_is(class, "a") || dgm_slice_is(class, "n") || dgm_slice_is(class, "an");
    bool up_to = rest.len > 2 && memcmp(rest.at, "..", 2) == 0;
    if (up_to) rest = dgm_slice_part(rest, 2, rest.len);
    dgm_cut cut = dgm_slice_cut(rest, ',');
    uint32_t length = 0, decimals = 0;
    good = good && read_count(cut.head, &length) && length > 0;
    if (cut.found)
        good = good && dgm_slice_is(class, "n") && read_count(cut.tail, &decimals) && decimals <= length && decimals < 255;
    if (!good) {
        complain_text(l, DGM_D_MODEL_FORMAT_SYNTAX, text);
        return false;
    }
    memcpy(out->class, class.at, class.len);
    out->decimals = (uint8_t)(dgm_slice_is(class, "n") ? decimals : 255);
    out->length_max = length;
    out->length_min = up_to ? 0 : length;
    return true;
}

static bool name_good(dgm_slice name)
{
    if (name.len == 0) return false;
    for (size_t i = name.at[0] == '@'; i < name.len; i++) {
        char c = name.at[i];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '_' && c != ':' && c != '.') return false;
    }
    return !dgm_slice_is(name, "@");
}

/* ---- head ---- */

static dgm_slice next_word(dgm_slice *rest)
{
    *rest = dgm_slice_trim(*rest);
    size_t n = 0;
    while (n < rest->len && rest->at[n] != ' ' && rest->at[n] != '\t') n++;
    dgm_slice word = dgm_slice_part(*rest, 0, n);
    *rest = dgm_slice_part(*rest, n, rest->len);
    return word;
}

static void read_attribute(loader *l, dgm_slice value)
{
    dgm_slice rest = value;
    dgm_slice of = next_word(&rest), name = next_word(&rest), type = next_word(&rest), format = next_word(&rest);
    attribute_line a = { .slot = { .name = name, .min = 0, .max = 1, .kind = DGM_ATTRIBUTE } };
    if (format.len == 0 || dgm_slice_trim(rest).len || name.at[0] != '@' || !name_good(name) ||
        l->attribute_count == ATTRIBUTES_MAX) {
        complain(l, DGM_D_MODEL_ATTRIBUTE_SYNTAX, value);
        return;
    }
    if (!read_type(l, of, &a.of) || !read_type(l, type, &a.slot.type) || !read_format(l, format, &a.slot.repr)) return;
    if (a.of == DGM_TYPE_NONE || a.slot.type == DGM_TYPE_NONE) {
        complain(l, DGM_D_MODEL_ATTRIBUTE_SYNTAX, value);
        return;
    }
    a.slot.part_value = a.slot.part_code = DGM_SLOT_NONE;
    l->attributes[l->attribute_count++] = a;
}

/* The lines before the table. True when the line of column names was found. */
static bool read_head(loader *l)
{
    bool first = true;
    for (; next_line(l); first = false) {
        dgm_cut cut = dgm_slice_cut(l->line, ':');
        dgm_slice key = dgm_slice_trim(cut.head), value = dgm_slice_trim(cut.tail);
        if (first && (!cut.found || !dgm_slice_is(key, "dragoman") || !dgm_slice_is(value, "model/1"))) {
            complain(l, DGM_D_MODEL_FILE_HEAD, l->line);
            return false;
        }
        if (!cut.found) return true;
        size_t i = 0;
        while (i < HEAD_KEYS && !dgm_slice_is(key, head_keys[i])) i++;
        if (i == HEAD_KEYS) {
            l->odd_key = true; /* perhaps the very key that will be missing */
            complain_nearest(l, DGM_D_MODEL_KEY_UNKNOWN, key, head_keys, HEAD_KEYS);
        } else if (dgm_slice_is(key, "attribute"))
            read_attribute(l, value);
        else if (l->head[i].at)
            complain_text(l, DGM_D_MODEL_KEY_TWICE, key);
        else
            l->head[i] = value;
    }
    complain(l, first ? DGM_D_MODEL_FILE_HEAD : DGM_D_MODEL_FILE_COLUMNS, l->line);
    return false;
}

static dgm_slice head_value(const loader *l, const char *key)
{
    for (size_t i = 0; i < HEAD_KEYS; i++)
        if (strcmp(head_keys[i], key) == 0) return l->head[i];
    return (dgm_slice){ 0 };
}

static dgm_slice required(loader *l, const char *key)
{
    dgm_slice value = head_value(l, key);
    if (value.len) return value;
    if (l->odd_key)
        l->wrong = true;
    else
        dgm_diag_text(l->diags, complain(l, DGM_D_MODEL_KEY_MISSING, l->line), dgm_slice_of(key));
    return value;
}

/* ---- rows ---- */

static size_t split_columns(dgm_slice line, dgm_slice *columns)
{
    size_t n = 0;
    for (dgm_cut cut = { .tail = line, .found = true }; cut.found; n++) {
        cut = dgm_slice_cut(cut.tail, '\t');
        if (n < COLUMNS) columns[n] = cut.head;
    }
    return n;
}

static row_entry *find_row(const loader *l, dgm_slice path)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < path.len; i++) h = (h ^ (unsigned char)path.at[i]) * 0x100000001b3u;
    for (size_t i = (size_t)(h ^ h >> 32) & l->row_mask;; i = (i + 1) & l->row_mask)
        if (!l->rows[i].path.at || dgm_slice_equal(l->rows[i].path, path)) return &l->rows[i];
}

/* The nearest row beside the one that is missing: only told, so a bounded look is enough. */
static dgm_slice nearest_row(const loader *l, dgm_slice wrong)
{
    dgm_slice near[512];
    size_t n = 0;
    for (size_t i = 0; i <= l->row_mask && n < 512; i++)
        if (l->rows[i].path.at && l->rows[i].type == DGM_TYPE_NONE && l->rows[i].id != 0) near[n++] = l->rows[i].path;
    int hit = dgm_nearest(wrong, near, n);
    return hit < 0 ? (dgm_slice){ 0 } : near[hit];
}

static bool read_counts(loader *l, const dgm_slice *c, dgm_slot *slot)
{
    if (!read_count(c[MIN], &slot->min)) {
        complain_text(l, DGM_D_MODEL_COUNT_SYNTAX, c[MIN]);
        return false;
    }
    slot->max = DGM_UNBOUNDED;
    if (dgm_slice_is(c[MAX], "*")) return true;
    if (read_count(c[MAX], &slot->max) && slot->max > 0 && slot->max >= slot->min) return true;
    complain_text(l, DGM_D_MODEL_COUNT_SYNTAX, c[MAX]);
    return false;
}

static bool read_facts(loader *l, const dgm_slice *c, dgm_slot *slot)
{
    uint32_t tded = 0;
    if (!dgm_slice_is(c[TDED], "-") && !(c[TDED].len == 4 && read_count(c[TDED], &tded))) {
        complain_text(l, DGM_D_MODEL_TDED_SYNTAX, c[TDED]);
        return false;
    }
    slot->house = dgm_slice_is(c[ORIGIN], "house");
    if (!slot->house && !dgm_slice_is(c[ORIGIN], "wco")) {
        complain_text(l, DGM_D_MODEL_ORIGIN_UNKNOWN, c[ORIGIN]);
        return false;
    }
    slot->tded = (uint16_t)tded;
    slot->tag = no_dash(c[WCO_ID]);
    slot->title = no_dash(c[TITLE]);
    return true;
}

/* Where the number and the second part of a value stand: the leaf itself and its attribute. */
static void set_parts(loader *l, uint32_t leaf, dgm_type type, uint32_t attribute, dgm_slice name)
{
    bool currency = type == DGM_TYPE_AMOUNT && dgm_slice_is(name, "@currencyID");
    bool unit = type == DGM_TYPE_QUANTITY && dgm_slice_is(name, "@unitCode");
    if (currency || unit) dgm_shape_parts(l->maker, leaf, leaf, attribute);
}

static uint32_t add_slot(loader *l, uint32_t parent, const dgm_slot *slot)
{
    uint32_t id = dgm_shape_add(l->maker, parent, slot);
    if (id == DGM_SLOT_NONE) {
        dgm_shape *none;
        if (dgm_shape_freeze(l->maker, &none) == DGM_NOMEM)
            l->nomem = true;
        else
            complain(l, DGM_D_MODEL_FILE_LIMIT, l->line);
    }
    return id;
}

static void add_row(loader *l, const dgm_slice *c, dgm_slot *slot, const row_entry *above, row_entry *entry)
{
    slot->part_value = slot->part_code = DGM_SLOT_NONE;
    bool attribute = slot->name.at[0] == '@';
    slot->kind = attribute ? DGM_ATTRIBUTE : slot->type == DGM_TYPE_NONE ? DGM_GROUP : DGM_ELEMENT;
    uint32_t id = add_slot(l, above->id, slot);
    if (id == DGM_SLOT_NONE) return;
    *entry = (row_entry){ c[PATH], id, l->line_number, slot->type };
    if (attribute) {
        set_parts(l, above->id, above->type, id, slot->name);
        return;
    }
    if (slot->type == DGM_TYPE_AMOUNT || slot->type == DGM_TYPE_QUANTITY) dgm_shape_parts(l->maker, id, id, DGM_SLOT_NONE);
    for (size_t i = 0; i < l->attribute_count; i++) {
        const attribute_line *a = &l->attributes[i];
        if (a->of != slot->type) continue;
        uint32_t made = add_slot(l, id, &a->slot);
        if (made == DGM_SLOT_NONE) return;
        set_parts(l, id, slot->type, made, a->slot.name);
    }
}

static void read_row(loader *l)
{
    dgm_slice c[COLUMNS];
    size_t n = split_columns(l->line, c);
    if (n != COLUMNS) {
        dgm_diag_number(l->diags, complain(l, DGM_D_MODEL_ROW_COLUMNS, l->line), (int64_t)n);
        return;
    }
    size_t slash = c[PATH].len;
    while (slash && c[PATH].at[slash - 1] != '/') slash--;
    dgm_slice parent = dgm_slice_part(c[PATH], 0, slash ? slash - 1 : 0);
    dgm_slot slot = { .name = dgm_slice_part(c[PATH], slash, c[PATH].len) };
    if (!name_good(slot.name) || slash == 1) {
        complain_text(l, DGM_D_MODEL_PATH_SYNTAX, c[PATH]);
        return;
    }
    row_entry *entry = find_row(l, c[PATH]);
    if (entry->path.at) {
        dgm_diag *d = complain(l, DGM_D_MODEL_PATH_TWICE, c[PATH]);
        dgm_diag_text(l->diags, d, c[PATH]);
        dgm_diag_number(l->diags, d, entry->line);
        return;
    }
    const row_entry *above = find_row(l, parent.len ? parent : DGM_LITERAL("/"));
    if (!above->path.at) {
        dgm_diag *d = complain(l, DGM_D_MODEL_PATH_PARENT, parent);
        dgm_diag_text(l->diags, d, parent);
        dgm_slice near = d ? nearest_row(l, parent) : (dgm_slice){ 0 };
        if (near.at) dgm_diag_text(l->diags, d, near);
        return;
    }
    if (above->type != DGM_TYPE_NONE && slot.name.at[0] != '@') {
        complain_text(l, DGM_D_MODEL_LEAF_CHILD, parent);
        return;
    }
    bool good = read_counts(l, c, &slot);
    good = read_type(l, c[TYPE], &slot.type) && good;
    good = read_format(l, c[FORMAT], &slot.repr) && good;
    good = read_facts(l, c, &slot) && good;
    if (slot.name.at[0] == '@' && slot.type == DGM_TYPE_NONE && good) {
        complain(l, DGM_D_MODEL_ATTRIBUTE_SYNTAX, c[TYPE]);
        good = false;
    }
    if (good) add_row(l, c, &slot, above, entry);
}

static bool columns_right(const loader *l)
{
    dgm_slice c[COLUMNS];
    if (split_columns(l->line, c) != COLUMNS) return false;
    for (size_t i = 0; i < COLUMNS; i++)
        if (!dgm_slice_is(c[i], column_names[i])) return false;
    return true;
}

/* The slot of the document itself: its paths begin beneath it. */
static bool begin_shape(loader *l)
{
    dgm_slice model = required(l, "model"), root = required(l, "root");
    if (model.len == 0 || root.len == 0) return false;
    size_t lines = 1;
    for (size_t i = 0; i < l->bytes.len; i++) lines += l->bytes.at[i] == '\n';
    size_t room = 16;
    while (room < lines * 2) room *= 2;
    l->rows = DGM_NEW(&l->arena, row_entry, room);
    l->row_mask = room - 1;
    dgm_slot slot = { .name = root, .title = head_value(l, "title"), .min = 1, .max = 1, .kind = DGM_GROUP };
    slot.part_value = slot.part_code = DGM_SLOT_NONE;
    if (!l->rows || dgm_shape_begin(l->mem, model, &l->maker) != DGM_OK) {
        l->nomem = true;
        return false;
    }
    uint32_t id = add_slot(l, DGM_SLOT_NONE, &slot);
    if (id == DGM_SLOT_NONE) return false;
    *find_row(l, DGM_LITERAL("/")) = (row_entry){ DGM_LITERAL("/"), id, 0, DGM_TYPE_NONE };
    return true;
}

static void load(loader *l)
{
    size_t bad = dgm_utf8_check(l->bytes);
    if (bad < l->bytes.len) {
        dgm_place place = dgm_locate(l->bytes, bad);
        l->line = place.line_text;
        l->line_number = (uint32_t)place.line;
        complain(l, DGM_D_MODEL_FILE_UTF8, dgm_slice_part(l->bytes, bad, bad + 1));
        return;
    }
    if (!read_head(l)) return;
    if (!columns_right(l)) {
        complain(l, DGM_D_MODEL_FILE_COLUMNS, l->line);
        return;
    }
    if (!begin_shape(l)) return;
    while (!l->nomem && next_line(l)) read_row(l);
}

dgm_status dgm_vocabulary_load(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_shape **out)
{
    *out = NULL;
    loader l = { .mem = mem, .diags = diags, .path = path, .bytes = bytes };
    dgm_arena_init(&l.arena, mem);
    l.attributes = DGM_NEW(&l.arena, attribute_line, ATTRIBUTES_MAX);
    if (l.attributes)
        load(&l);
    else
        l.nomem = true;
    dgm_status st = l.nomem ? DGM_NOMEM : l.wrong ? DGM_CONFIG : DGM_OK;
    if (st == DGM_CONFIG && dgm_diags_failed(diags)) st = DGM_NOMEM; /* a mistake that could not be told */
    if (st == DGM_OK) st = dgm_shape_freeze(l.maker, out);
    dgm_shape_maker_free(l.maker);
    dgm_arena_free(&l.arena);
    return st;
}
