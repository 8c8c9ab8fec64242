/* SPDX-License-Identifier: Apache-2.0
 *
 * directory.c - the command directory: what it is asked for, directories and things by name, and the list of directories. One
 * thread.
 */
#include "directory.h"

#include "base/slice.h"

#include <stdio.h>

/* ---- directories ---- */

bool dir_at(const dir *d, size_t i, dgm_edi_directory *out)
{
    if (dgm_edi_directory_at(i, out)) return true;
    size_t linked = 0;
    while (dgm_edi_directory_at(linked, out)) linked++;
    if (i - linked >= d->added_count) return false;
    *out = d->added[i - linked];
    return true;
}

bool dir_service_alone(const dgm_edi_directory *in)
{
    return !dgm_edi_directory_known(in);
}

bool dir_known(const dir *d, dgm_slice name, dgm_edi_directory *out)
{
    for (size_t i = 0; i < d->added_count; i++) {
        *out = d->added[i];
        if (dgm_slice_is(name, out->name)) return true;
    }
    if (dgm_edi_directory_open(name, out)) return true;
    bool four = dgm_slice_is(name, "V4");
    if (!four && !dgm_slice_is(name, "V3")) return false;
    *out = (dgm_edi_directory){ .syntax4 = four };
    memcpy(out->name, four ? "V4" : "V3", 3);
    return true;
}

bool dir_open(const dir *d, dgm_slice name, dgm_edi_directory *out)
{
    if (dir_known(d, name, out)) return true;
    dgm_slice known = dgm_edi_directories_text();
    dgm_edi_directory in;
    dgm_slice *names = NULL;
    size_t n = 0;
    while (dir_at(d, n, &in)) n++;
    names = DGM_NEW(&d->c->arena, dgm_slice, n + 1);
    for (size_t i = 0; names && i < n; i++) {
        dir_at(d, i, &in);
        names[i] = dgm_arena_copy(&d->c->arena, dgm_slice_of(in.name));
    }
    int best = names ? dgm_nearest(name, names, n) : -1;
    if (best >= 0)
        cli_usage(d->c, "there is no directory '%.*s'; did you mean %s? Known are %.*s, and V3 and V4 (service)", (int)name.len,
                  name.at, names[best].at, (int)known.len, known.at);
    else
        cli_usage(d->c, "there is no directory '%.*s'; known are %.*s, and V3 and V4 (service)", (int)name.len, name.at,
                  (int)known.len, known.at);
    return false;
}

/* ---- things ---- */

const char *dir_kind_name(dgm_edi_table kind)
{
    static const char *const names[DGM_EDI_TABLES] = { "message", "segment", "composite", "element", "name", "code", "note" };
    return names[kind];
}

static dgm_slice name_of(const dir_thing *t)
{
    dgm_edi_line line;
    dgm_edi_element e;
    switch (t->kind) {
    case DGM_EDI_MESSAGES: return dgm_edi_code_latest(DGM_LITERAL("0065"), t->line.key);
    case DGM_EDI_SEGMENTS:
    case DGM_EDI_COMPOSITES: return dgm_edi_line_find(&t->in, DGM_EDI_NAMES, t->line.key, &line) ? line.rest : (dgm_slice){ 0 };
    case DGM_EDI_ELEMENTS: return dgm_edi_element_find(&t->in, t->line.key, &e) ? e.name : (dgm_slice){ 0 };
    case DGM_EDI_CODES: return t->line.rest;
    case DGM_EDI_NAMES:
    case DGM_EDI_NOTES:
    case DGM_EDI_TABLES: break;
    }
    return (dgm_slice){ 0 };
}

bool dir_find_in(const dir *d, dgm_slice id, const dgm_edi_directory *in, dir_thing *out)
{
    static const dgm_edi_table kinds[] = { DGM_EDI_MESSAGES, DGM_EDI_SEGMENTS, DGM_EDI_COMPOSITES, DGM_EDI_ELEMENTS,
                                           DGM_EDI_CODES };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        *out = (dir_thing){ .kind = kinds[i], .in = *in };
        if (!dgm_edi_line_find(in, kinds[i], id, &out->line)) continue;
        out->service = dgm_edi_where_service(out->line.where);
        out->name = name_of(out);
        if (out->kind == DGM_EDI_SEGMENTS || out->kind == DGM_EDI_COMPOSITES) out->name = dir_quiet(d, out->name);
        return true;
    }
    return false;
}

bool dir_find_latest(const dir *d, dgm_slice id, dir_thing *out)
{
    dgm_edi_directory in;
    size_t n = 0;
    while (dir_at(d, n, &in)) n++;
    while (n-- > 0)
        if (dir_at(d, n, &in) && dir_find_in(d, id, &in, out)) return true;
    return false;
}

static void put_run(dgm_buffer *text, const char *first, const char *last, size_t length)
{
    (void)dgm_buffer_print(text, "%s%s", text->len ? ", " : "", first);
    if (length > 1) (void)dgm_buffer_print(text, "%s%s", length > 2 ? " to " : ", ", last);
}

dgm_slice dir_where(const dir *d, const dir_thing *thing)
{
    if (thing->service) {
        if (thing->line.where.len == 2) return DGM_LITERAL("syntax version 4");
        bool four = thing->line.where.at[thing->line.where.len - 1] == '4';
        return four ? DGM_LITERAL("syntax versions 1 to 4") : DGM_LITERAL("syntax versions 1 to 3");
    }
    dgm_buffer text;
    dgm_buffer_init(&text, &d->c->mem);
    dgm_edi_directory in, first = { 0 }, last = { 0 };
    size_t run = 0;
    for (size_t i = 0; dir_at(d, i, &in); i++) {
        dgm_edi_line line;
        bool holds = dgm_edi_line_find(&in, thing->kind, thing->line.key, &line) && !dgm_edi_where_service(line.where);
        if (run && (!holds || in.book)) {
            put_run(&text, first.name, last.name, run);
            run = 0;
        }
        if (!holds) continue;
        if (run++ == 0) first = in;
        last = in;
    }
    if (run) put_run(&text, first.name, last.name, run);
    dgm_slice kept = dgm_arena_copy(&d->c->arena, dgm_buffer_slice(&text));
    dgm_buffer_free(&text);
    return kept;
}

/* The id nearest to a wrong one, in this directory. */
static dgm_slice nearest_id(const dir *d, dgm_slice wrong, const dgm_edi_directory *in)
{
    dgm_slice id, *ids = NULL;
    for (size_t pass = 0, n = 0; pass < 2; pass++) {
        size_t k = 0;
        for (int table = DGM_EDI_MESSAGES; table <= DGM_EDI_ELEMENTS; table++)
            for (size_t cursor = 0; dgm_edi_id_each(in, (dgm_edi_table)table, &cursor, &id); k++)
                if (ids && k < n) ids[k] = id;
        n = k;
        if (pass == 0) ids = DGM_NEW(&d->c->arena, dgm_slice, n + 1);
        if (pass == 0) continue;
        int best = ids ? dgm_nearest(wrong, ids, n) : -1;
        if (best >= 0) return ids[best];
    }
    return (dgm_slice){ 0 };
}

cli_exit dir_unknown(const dir *d, dgm_slice id, const dgm_edi_directory *in)
{
    dir_thing elsewhere;
    dgm_edi_directory latest = { 0 };
    for (size_t i = 0; dir_at(d, i, &latest);) i++;
    if (in && dir_find_latest(d, id, &elsewhere)) {
        dgm_slice where = dir_where(d, &elsewhere);
        return cli_usage(d->c, "%s has no %.*s; it is in %.*s", in->name, (int)id.len, id.at, (int)where.len, where.at);
    }
    if (!in) dgm_edi_directory_open(DGM_LITERAL("D24A"), &latest);
    dgm_slice near = nearest_id(d, id, in ? in : &latest);
    const char *place = in ? in->name : "any directory";
    if (near.len)
        return cli_usage(d->c, "nothing is called '%.*s' in %s; did you mean %.*s?", (int)id.len, id.at, place, (int)near.len,
                         near.at);
    return cli_usage(d->c, "nothing is called '%.*s' in %s", (int)id.len, id.at, place);
}

/* ---- text ---- */

dgm_slice dir_quiet(const dir *d, dgm_slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] >= 'a' && name.at[i] <= 'z') return name;
    char *quiet = dgm_arena_new(&d->c->arena, 1, 1, name.len + 1);
    if (!quiet || !name.len) return name;
    for (size_t i = 0; i < name.len; i++) {
        char ch = name.at[i];
        quiet[i] = i > 0 && ch >= 'A' && ch <= 'Z' ? (char)(ch - 'A' + 'a') : ch;
    }
    return (dgm_slice){ quiet, name.len };
}

void dir_inked(cli_stream *s, cli_ink ink, dgm_slice text)
{
    cli_put(s, cli_ink_of(s, ink));
    cli_put_visible(s, text, SIZE_MAX);
    cli_put(s, cli_ink_of(s, INK_OFF));
}

void dir_cell(cli_stream *s, cli_ink ink, dgm_slice text, size_t width)
{
    dir_inked(s, ink, text);
    size_t used = cli_columns(text);
    if (used < width) cli_put_times(s, " ", width - used);
}

size_t dir_width(const cli_stream *s)
{
    return s->width == 0 ? 100 : s->width < 60 ? 60 : s->width > 120 ? 120 : s->width;
}

/* ---- list ---- */

typedef struct counts {
    size_t of[DGM_EDI_TABLES], lists;
} counts;

enum { LINKED_MAX = 255 };

/* The directories linked in that a line holds for, by their places: all ranges of it in turn. False at the end. */
static bool next_range(dgm_slice *where, uint8_t *first, uint8_t *last)
{
    dgm_edi_directory in;
    if (!where->len || dgm_edi_where_service(*where)) return false;
    dgm_cut item = dgm_slice_cut(*where, ','), ends = dgm_slice_cut(item.head, '-');
    *where = item.tail;
    *first = dgm_edi_directory_open(ends.head, &in) ? in.ordinal : 1;
    *last = ends.found && dgm_edi_directory_open(ends.tail, &in) ? in.ordinal : *first;
    return true;
}

/* Of all directories linked in, in one go over the lines. */
static void count_linked(counts *all)
{
    for (int table = 0; table < DGM_EDI_TABLES; table++) {
        dgm_slice text = dgm_edi_linked((dgm_edi_table)table), element[LINKED_MAX + 1] = { { 0 } };
        dgm_edi_line line;
        for (size_t at = 0; dgm_edi_line_at(text, at, &line, &at);) {
            dgm_slice of = dgm_slice_cut(line.key, ' ').head, where = line.where;
            uint8_t first, last;
            while (next_range(&where, &first, &last))
                for (size_t i = first; i <= last; i++) {
                    all[i].of[table]++;
                    if (table != DGM_EDI_CODES) continue;
                    all[i].lists += !dgm_slice_equal(of, element[i]);
                    element[i] = of;
                }
        }
    }
}

/* Of one that was added, or of the service directories: what is of it itself, service segments belong to no other. */
static counts count(const dgm_edi_directory *in)
{
    counts n = { { 0 }, 0 };
    bool service = dir_service_alone(in);
    for (int table = 0; table < DGM_EDI_TABLES; table++) {
        dgm_edi_line line;
        dgm_slice element = { 0 };
        for (size_t cursor = 0; dgm_edi_line_each(in, (dgm_edi_table)table, &cursor, &line);) {
            if (dgm_edi_where_service(line.where) != service) continue;
            n.of[table]++;
            dgm_slice of = dgm_slice_cut(line.key, ' ').head;
            if (table == DGM_EDI_CODES && !dgm_slice_equal(of, element)) n.lists++;
            element = of;
        }
    }
    return n;
}

static void list_row(const dir *d, const dgm_edi_directory *in, counts n)
{
    static const char *const keys[] = { "messages", "segments", "composites", "elements" };
    cli_stream *s = &d->c->out;
    const char *base = in->book && in->book->base.number ? in->book->base.name : "";
    const char *what = in->book ? "added" : dir_service_alone(in) ? "service" : "";
    if (d->c->json) {
        cli_print(s, "{\"directory\":\"%s\",\"kind\":\"%s\"", in->name, *what ? what : "published");
        if (*base) cli_print(s, ",\"base\":\"%s\"", base);
        for (int k = 0; k < 4; k++) cli_print(s, ",\"%s\":%zu", keys[k], n.of[k]);
        cli_print(s, ",\"code_lists\":%zu,\"codes\":%zu}\n", n.lists, n.of[DGM_EDI_CODES]);
        return;
    }
    dir_cell(s, INK_NAME, dgm_slice_of(in->name), 12);
    for (int k = 0; k < 4; k++) cli_print(s, "%12zu", n.of[k]);
    cli_print(s, "%12zu%8zu", n.lists, n.of[DGM_EDI_CODES]);
    if (*what) cli_print(s, "  %s%s%s%s%s", cli_ink_of(s, INK_DIM), what, *base ? " to " : "", base, cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
}

cli_exit dir_list(const dir *d)
{
    cli_stream *s = &d->c->out;
    dgm_edi_directory in;
    if (!d->c->json) {
        cli_put(s, cli_ink_of(s, INK_BOLD));
        cli_print(s, "%-12s%12s%12s%12s%12s%12s%8s", "DIRECTORY", "MESSAGES", "SEGMENTS", "COMPOSITES", "ELEMENTS", "CODE LISTS",
                  "CODES");
        cli_print(s, "%s\n", cli_ink_of(s, INK_OFF));
    }
    counts *linked = DGM_NEW(&d->c->arena, counts, LINKED_MAX + 1);
    if (!linked) return CLI_ENVIRONMENT;
    count_linked(linked);
    for (size_t i = 0; dir_at(d, i, &in); i++) list_row(d, &in, in.book ? count(&in) : linked[in.ordinal]);
    for (int i = 3; i <= 4; i++)
        if (dir_known(d, i == 3 ? DGM_LITERAL("V3") : DGM_LITERAL("V4"), &in)) list_row(d, &in, count(&in));
    return CLI_DONE;
}

/* ---- the command ---- */

static cli_exit look(dir *d, dgm_slice what, const dgm_slice *words, size_t n)
{
    if (dgm_slice_is(what, "list")) return n == 0 ? dir_list(d) : cli_usage(d->c, "directory list takes nothing");
    return dgm_slice_is(what, "show") ? dir_show(d, words, n) : dir_diff(d, words, n);
}

cli_exit cli_run_directory(cli *c)
{
    static const char words[] = "list show diff import";
    dir d = { .c = c };
    const dgm_slice *w = c->args.inputs;
    size_t n = c->args.input_count;
    if (n == 0) return cli_usage(c, "directory needs to know what to do: list, show, diff or import");
    if (dgm_slice_is(w[0], "import")) return dir_import(c, w + 1, n - 1);
    for (size_t i = 0; i < 3; i++) {
        static const char *const looks[] = { "list", "show", "diff" };
        if (!dgm_slice_is(w[0], looks[i])) continue;
        cli_exit code = dir_added(&d);
        code = cli_worse(code, look(&d, w[0], w + 1, n - 1));
        dir_forget(&d);
        return code;
    }
    dgm_slice near = cli_nearest_word(w[0], words);
    if (near.len)
        return cli_usage(c, "directory does not know '%.*s'; did you mean %.*s?", (int)w[0].len, w[0].at, (int)near.len, near.at);
    return cli_usage(c, "directory does not know '%.*s': it can list, show, diff and import", (int)w[0].len, w[0].at);
}
