/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_book.c - reads a directory file: sections of lines, in any order, checked one by one and then against each other,
 * sorted into the texts that look-ups halve. All mistakes are told in one go. One thread.
 */
#include "directory_book.h"

#include "base/arena.h"
#include "base/slice.h"
#include "directory_text.h"
#include "program.h"

typedef struct entry {
    dgm_slice key, rest;
    size_t at; /* offset of its line */
} entry;

typedef struct owned_book {
    dgm_edi_book book; /* first: a book is one of these */
    dgm_arena arena;
} owned_book;

typedef struct reading {
    owned_book *own;
    dgm_slice path, bytes;
    dgm_diags *diags;
    entry *entries[DGM_EDI_TABLES];
    size_t counts[DGM_EDI_TABLES];
    bool wrong;
    size_t told_at; /* the line that was told of last, and its number less one */
    uint32_t told_lines;
} reading;

static const char *const sections[DGM_EDI_TABLES] = { "messages", "segments", "composites", "elements", "names", "codes", "notes" };

/* ---- telling ---- */

/* Mistakes are mostly told in their order: it counts on from the one before. */
static uint32_t line_number(reading *r, size_t at)
{
    if (at < r->told_at) r->told_at = r->told_lines = 0;
    const char *p = r->bytes.at + r->told_at, *end = r->bytes.at + at;
    for (; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++) r->told_lines++;
    r->told_at = at;
    return r->told_lines + 1;
}

static dgm_diag *complain(reading *r, dgm_diag_code code, size_t at)
{
    dgm_slice line = dgm_slice_cut(dgm_slice_part(r->bytes, at, r->bytes.len), '\n').head;
    dgm_diag *d = dgm_diags_add(r->diags, code, DGM_ERROR);
    r->wrong = true;
    dgm_diag_source(r->diags, d, r->path);
    if (!d) return d;
    d->at_byte = at;
    d->bytes = line.len;
    d->line = line_number(r, at);
    d->column = 1;
    dgm_diag_excerpt(r->diags, d, line, at);
    return d;
}

static void refuse(reading *r, dgm_edi_table table, const entry *e, const char *why)
{
    static const char *const kinds[DGM_EDI_TABLES] = { "message", "segment", "composite", "element", "name", "code", "note" };
    dgm_diag *d = complain(r, DGM_D_DIRECTORY_LINE, e->at);
    dgm_diag_text(r->diags, d, dgm_slice_of(kinds[table]));
    dgm_diag_text(r->diags, d, e->key);
    dgm_diag_text(r->diags, d, dgm_slice_of(why));
}

static void missing(reading *r, const char *kind, const entry *e, dgm_slice used)
{
    dgm_diag *d = complain(r, DGM_D_DIRECTORY_MISSING, e->at);
    dgm_diag_text(r->diags, d, dgm_slice_of(kind));
    dgm_diag_text(r->diags, d, e->key);
    dgm_diag_text(r->diags, d, used);
}

/* ---- lines ---- */

static dgm_status head_line(reading *r, dgm_slice line, size_t at)
{
    dgm_edi_book *b = &r->own->book;
    dgm_cut cut = dgm_slice_cut(line, '\t');
    if (dgm_slice_is(cut.head, "name") && cut.tail.len > 0 && cut.tail.len < DGM_EDI_NAME_ROOM) {
        memcpy(b->name, cut.tail.at, cut.tail.len);
        b->name[cut.tail.len] = 0;
    } else if (dgm_slice_is(cut.head, "agency")) {
        b->agency = dgm_arena_copy(&r->own->arena, cut.tail);
        if (!b->agency.at) return DGM_NOMEM;
    } else if (dgm_slice_is(cut.head, "base")) {
        if (dgm_edi_directory_open(cut.tail, &b->base)) return DGM_OK;
        dgm_diag *d = complain(r, DGM_D_DIRECTORY_BASE, at);
        dgm_diag_text(r->diags, d, cut.tail);
        dgm_diag_text(r->diags, d, dgm_edi_directories_text());
    } else {
        dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, at), DGM_LITERAL("name, base, agency or a [section]"));
    }
    return DGM_OK;
}

/* Which section a "[name]" begins, or DGM_EDI_TABLES. */
static dgm_edi_table section_of(dgm_slice line)
{
    dgm_edi_table t = 0;
    dgm_slice name = dgm_slice_part(line, 1, line.len ? line.len - 1 : 0);
    while (t < DGM_EDI_TABLES && !dgm_slice_is(name, sections[t])) t++;
    return t;
}

/* Goes over all lines; without room it only counts them. */
static dgm_status each_line(reading *r, bool keep)
{
    dgm_edi_table table = DGM_EDI_TABLES;
    memset(r->counts, 0, sizeof r->counts);
    bool first = true;
    for (size_t at = 0, next; at < r->bytes.len; at = next) {
        dgm_slice line = dgm_slice_cut(dgm_slice_part(r->bytes, at, r->bytes.len), '\n').head;
        next = at + line.len + 1;
        if (line.len && line.at[line.len - 1] == '\r') line.len--;
        if (first && !dgm_slice_is(line, DGM_EDI_BOOK_MAGIC)) {
            dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, 0), DGM_LITERAL(DGM_EDI_BOOK_MAGIC));
            return DGM_CONFIG;
        }
        bool skip = first || line.len == 0 || line.at[0] == '#';
        first = false;
        if (skip) continue;
        if (line.at[0] == '[') {
            table = section_of(line);
            if (table < DGM_EDI_TABLES || !keep) continue;
            dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, at), DGM_LITERAL("a section, as [messages] or [codes],"));
            return DGM_CONFIG;
        }
        if (table == DGM_EDI_TABLES) {
            dgm_status st = keep ? DGM_OK : head_line(r, line, at);
            if (st != DGM_OK) return st;
            continue;
        }
        dgm_cut cut = dgm_slice_cut(line, '\t');
        if (keep) r->entries[table][r->counts[table]] = (entry){ cut.head, cut.tail, at };
        r->counts[table]++;
    }
    if (!first) return DGM_OK;
    dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, 0), DGM_LITERAL(DGM_EDI_BOOK_MAGIC));
    return DGM_CONFIG;
}

/* ---- sorted texts ---- */

/* Stable, by merging runs that double: what comes in order costs one comparison a line and run. */
static void merge_sort(entry *a, entry *spare, size_t n)
{
    for (size_t run = 1; run < n; run *= 2)
        for (size_t from = 0; from + run < n; from += 2 * run) {
            size_t middle = from + run, end = middle + run < n ? middle + run : n, i = from, k = middle;
            if (dgm_slice_compare(a[middle - 1].key, a[middle].key) <= 0) continue;
            memcpy(spare + from, a + from, (end - from) * sizeof *a);
            for (size_t to = from; to < end; to++)
                a[to] = k == end || (i < middle && dgm_slice_compare(spare[i].key, spare[k].key) <= 0) ? spare[i++] : spare[k++];
        }
}

static dgm_status sort_table(reading *r, dgm_edi_table table)
{
    size_t n = r->counts[table], bytes = 0;
    entry *e = r->entries[table];
    entry *spare = dgm_mem_new(&r->own->arena.mem, (n + 1) * sizeof *spare);
    if (!spare) return DGM_NOMEM;
    merge_sort(e, spare, n);
    dgm_mem_free(&r->own->arena.mem, spare, (n + 1) * sizeof *spare);
    for (size_t i = 0; i < n; i++) {
        bytes += e[i].key.len + e[i].rest.len + 4;
        if (i == 0 || !dgm_slice_equal(e[i].key, e[i - 1].key)) continue;
        dgm_diag *d = complain(r, DGM_D_DIRECTORY_TWICE, e[i].at);
        dgm_diag_text(r->diags, d, dgm_slice_of(sections[table]));
        dgm_diag_text(r->diags, d, e[i].key);
    }
    char *text = dgm_arena_new(&r->own->arena, 1, 1, bytes + 1), *to = text;
    if (!text) return DGM_NOMEM;
    for (size_t i = 0; i < n; i++) {
        memcpy(to, e[i].key.at, e[i].key.len);
        to += e[i].key.len;
        to[0] = to[2] = '\t';
        to[1] = '*';
        if (e[i].rest.len) memcpy(to + 3, e[i].rest.at, e[i].rest.len);
        to += 3 + e[i].rest.len;
        *to++ = '\n';
    }
    r->own->book.texts[table] = (dgm_slice){ text, bytes };
    return DGM_OK;
}

/* ---- checks: each line by itself, then what it uses ---- */

static bool items_check(const entry *e, bool segment, const char **why)
{
    size_t n = 0, most = segment ? DGM_EDI_PLACES_MAX : DGM_EDI_COMPONENTS_MAX;
    for (dgm_slice rest = e->rest; rest.len; n++) {
        dgm_cut word = dgm_slice_cut(rest, ' ');
        if (!dgm_edi_item_check(word.head, segment, why)) return false;
        rest = word.tail;
    }
    *why = n ? "it has more items than can be read" : "it has no items";
    return n > 0 && n <= most;
}

static bool element_check(const entry *e, const char **why)
{
    dgm_cut repr = dgm_slice_cut(e->rest, '\t'), coded = dgm_slice_cut(repr.tail, '\t');
    dgm_repr r;
    *why = "behind the id there must be a representation (an..35), y or n (coded), and a name, with tabs between";
    if (!coded.found || (!dgm_slice_is(coded.head, "y") && !dgm_slice_is(coded.head, "n"))) return false;
    *why = "a representation is written an..35, n3, a..2";
    return dgm_edi_repr_parse(repr.head, &r) && r.length_max > 0;
}

static bool code_check(const entry *e, const char **why)
{
    dgm_cut key = dgm_slice_cut(e->key, ' ');
    *why = "a code is given as its element, a blank, and up to 35 characters";
    return key.head.len > 0 && key.head.len <= 8 && key.tail.len > 0 && key.tail.len <= 35;
}

static bool notes_check(const entry *e, const char **why)
{
    dgm_edi_note note;
    size_t n = 0;
    *why =
        "a dependency note is written D5(060,050), with positions of three or four digits in tens; notes have blanks between them";
    for (dgm_slice rest = e->rest; rest.len; n++)
        if (!dgm_edi_note_next(&rest, &note)) return false;
    return n > 0 && n <= DGM_EDI_NOTES_MAX;
}

static bool line_check(dgm_edi_table table, const entry *e, const char **why)
{
    *why = "an id has one to eight capital letters and digits";
    if (table != DGM_EDI_CODES && (!dgm_edi_item_check(e->key, true, why) || dgm_slice_cut(e->key, ':').found ||
                                   dgm_slice_cut(e->key, '?').found || dgm_slice_cut(e->key, '!').found))
        return false;
    *why = "a segment's tag has three characters, a message's type up to six";
    if (table == DGM_EDI_SEGMENTS && e->key.len != 3) return false;
    if (table == DGM_EDI_MESSAGES && e->key.len > 6) return false;
    switch (table) {
    case DGM_EDI_MESSAGES: return dgm_edi_structure_check(e->rest, why);
    case DGM_EDI_SEGMENTS: return items_check(e, true, why);
    case DGM_EDI_COMPOSITES: return items_check(e, false, why);
    case DGM_EDI_ELEMENTS: return element_check(e, why);
    case DGM_EDI_CODES: return code_check(e, why);
    case DGM_EDI_NOTES: return notes_check(e, why);
    case DGM_EDI_NAMES:
    case DGM_EDI_TABLES: break;
    }
    return true;
}

static void check_uses(reading *r, const dgm_edi_directory *d, dgm_edi_table table, const entry *e)
{
    dgm_edi_line line;
    dgm_edi_part part;
    dgm_edi_item item;
    dgm_slice rest = e->rest;
    if (table == DGM_EDI_MESSAGES)
        while (dgm_edi_part_next(&rest, &part))
            if (part.kind == DGM_EDI_PART_SEGMENT && !dgm_edi_line_find(d, DGM_EDI_SEGMENTS, part.tag, &line))
                missing(r, "message", e, part.tag);
    if (table == DGM_EDI_SEGMENTS || table == DGM_EDI_COMPOSITES)
        while (dgm_edi_item_next(&rest, &item))
            if (!dgm_edi_line_find(d, item.repr_text.len ? DGM_EDI_ELEMENTS : DGM_EDI_COMPOSITES, item.id, &line))
                missing(r, table == DGM_EDI_SEGMENTS ? "segment" : "composite", e, item.id);
}

static size_t items_of(const dgm_edi_directory *d, dgm_slice id)
{
    dgm_edi_line line;
    dgm_edi_item item;
    dgm_edi_part part;
    size_t n = 0;
    if (dgm_edi_line_find(d, DGM_EDI_MESSAGES, id, &line)) {
        while (dgm_edi_part_next(&line.rest, &part)) n += part.kind != DGM_EDI_PART_CLOSE;
        return n;
    }
    if (!dgm_edi_line_find(d, DGM_EDI_SEGMENTS, id, &line) && !dgm_edi_line_find(d, DGM_EDI_COMPOSITES, id, &line)) return 0;
    while (dgm_edi_item_next(&line.rest, &item)) n++;
    return n;
}

/* Notes are about something that there is, and that has as many items. */
static void check_notes(reading *r, const dgm_edi_directory *d, const entry *e)
{
    dgm_edi_note note;
    size_t n = items_of(d, e->key);
    if (n == 0) missing(r, "note", e, e->key);
    for (dgm_slice rest = e->rest; n && dgm_edi_note_next(&rest, &note);)
        for (uint32_t i = 0; i < note.count; i++)
            if (note.at[i] > n) {
                refuse(r, DGM_EDI_NOTES, e, "a dependency note speaks of a position that is not there");
                return;
            }
}

static dgm_status check_all(reading *r)
{
    for (int t = 0; t < DGM_EDI_TABLES; t++)
        for (size_t i = 0; i < r->counts[t]; i++) {
            const char *why = "";
            if (!line_check((dgm_edi_table)t, &r->entries[t][i], &why)) refuse(r, (dgm_edi_table)t, &r->entries[t][i], why);
        }
    if (!r->own->book.name[0]) dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, 0), DGM_LITERAL("name, a tab and a name"));
    if (r->wrong) return DGM_CONFIG;
    dgm_edi_directory d = dgm_edi_book_directory(&r->own->book);
    for (int t = 0; t < DGM_EDI_TABLES; t++)
        for (size_t i = 0; i < r->counts[t]; i++) check_uses(r, &d, (dgm_edi_table)t, &r->entries[t][i]);
    for (size_t i = 0; i < r->counts[DGM_EDI_NOTES]; i++) check_notes(r, &d, &r->entries[DGM_EDI_NOTES][i]);
    return r->wrong ? DGM_CONFIG : DGM_OK;
}

/* ---- the book ---- */

static dgm_status fill(reading *r)
{
    dgm_status st = each_line(r, false);
    for (int t = 0; st == DGM_OK && t < DGM_EDI_TABLES; t++) {
        r->entries[t] = dgm_mem_new(&r->own->arena.mem, (r->counts[t] + 1) * sizeof(entry));
        if (!r->entries[t]) st = DGM_NOMEM;
    }
    if (st == DGM_OK) st = each_line(r, true);
    for (int t = 0; st == DGM_OK && t < DGM_EDI_TABLES; t++) st = sort_table(r, (dgm_edi_table)t);
    if (st == DGM_OK) st = check_all(r);
    if (st == DGM_OK) st = dgm_edi_code_index_make(&r->own->arena, r->own->book.texts[DGM_EDI_CODES], &r->own->book.code_index);
    if (st != DGM_LIMIT) return st;
    dgm_diag_text(r->diags, complain(r, DGM_D_DIRECTORY_HEAD, 0), DGM_LITERAL("at most 32000 codes for an element"));
    return DGM_CONFIG;
}

dgm_status dgm_edi_book_load(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, dgm_edi_book **out)
{
    *out = NULL;
    owned_book *own = dgm_mem_new(mem, sizeof *own);
    if (!own) return DGM_NOMEM;
    dgm_arena_init(&own->arena, mem);
    reading r = { .own = own, .path = path, .bytes = bytes, .diags = diags };
    size_t rooms[DGM_EDI_TABLES] = { 0 };
    dgm_status st = fill(&r);
    for (int t = 0; t < DGM_EDI_TABLES; t++) {
        rooms[t] = (r.counts[t] + 1) * sizeof(entry);
        if (r.entries[t]) dgm_mem_free(mem, r.entries[t], rooms[t]);
    }
    if (st != DGM_OK) {
        dgm_edi_book_free(&own->book);
        return st;
    }
    *out = &own->book;
    return DGM_OK;
}

void dgm_edi_book_free(dgm_edi_book *book)
{
    if (!book) return;
    owned_book *own = (owned_book *)(void *)book;
    dgm_mem mem = own->arena.mem;
    dgm_arena_free(&own->arena);
    dgm_mem_free(&mem, own, sizeof *own);
}

dgm_edi_directory dgm_edi_book_directory(const dgm_edi_book *book)
{
    dgm_edi_directory d = book->base;
    memcpy(d.name, book->name, sizeof d.name);
    d.book = book;
    return d;
}

dgm_slice dgm_edi_book_agency(const dgm_edi_book *book)
{
    return book->agency;
}

/* "D.25A" or "D25A" for version D and release 25A. */
static bool is_called(const dgm_edi_book *book, dgm_slice version, dgm_slice release)
{
    dgm_slice name = dgm_slice_of(book->name);
    if (name.len <= version.len || !dgm_slice_equal(dgm_slice_part(name, 0, version.len), version)) return false;
    size_t from = version.len + (name.at[version.len] == '.');
    return dgm_slice_equal(dgm_slice_part(name, from, name.len), release);
}

bool dgm_edi_directory_choose(const void *const *books, size_t n, dgm_slice version, dgm_slice release, dgm_slice agency,
                              dgm_edi_directory *out)
{
    char name[8];
    *out = (dgm_edi_directory){ 0 };
    for (size_t i = 0; i < n; i++) {
        const dgm_edi_book *book = books[i];
        if (!is_called(book, version, release) || (book->agency.len && !dgm_slice_equal(book->agency, agency))) continue;
        *out = dgm_edi_book_directory(book);
        return true;
    }
    if (version.len != 1 || version.len + release.len > sizeof name) return false;
    memcpy(name, version.at, version.len);
    if (release.len) memcpy(name + version.len, release.at, release.len);
    return dgm_edi_directory_open((dgm_slice){ name, version.len + release.len }, out);
}
