/* SPDX-License-Identifier: Apache-2.0
 *
 * directory_diff.c - what one directory has that another has not, or has differently: by kind, and within one thing line by line.
 * Two sorted lists are walked side by side; rows are matched by their longest common sequence. One thread.
 */
#include "directory.h"

#include "base/slice.h"

enum { CELLS_MAX = 4 << 20 }; /* of the table that matches rows: some 2000 rows against as many */

typedef enum change { SAME, ADDED, REMOVED, CHANGED } change;

typedef struct diffing {
    const dir *d;
    dgm_edi_directory a, b;
    bool one; /* one thing: in full */
} diffing;

typedef struct tally {
    size_t of[4];
} tally;

static const char *mark_of(change c)
{
    return c == ADDED ? "+" : c == REMOVED ? "-" : "~";
}

static cli_ink ink_of(change c)
{
    return c == ADDED ? INK_GOOD : c == REMOVED ? INK_BAD : INK_WARN;
}

static const char *word_of(change c)
{
    return c == ADDED ? "added" : c == REMOVED ? "removed" : "changed";
}

static void put_mark(const diffing *f, change c, size_t indent)
{
    cli_stream *s = &f->d->c->out;
    cli_put_times(s, " ", indent);
    cli_print(s, "%s%s%s ", cli_ink_of(s, ink_of(c)), mark_of(c), cli_ink_of(s, INK_OFF));
}

static void json_begin(const diffing *f, const char *kind, dgm_slice id, change c)
{
    cli_stream *s = &f->d->c->out;
    cli_print(s, "{\"kind\":\"%s\"", kind);
    cli_put_member(s, "id", id);
    cli_print(s, ",\"change\":\"%s\"", word_of(c));
}

static void put_tally(const diffing *f, tally t)
{
    cli_stream *s = &f->d->c->out;
    const char *comma = "";
    for (int c = ADDED; c <= CHANGED; c++) {
        if (!t.of[c]) continue;
        cli_print(s, "%s%zu %s", comma, t.of[c], word_of((change)c));
        comma = ", ";
    }
}

static size_t sum(tally t)
{
    return t.of[ADDED] + t.of[REMOVED] + t.of[CHANGED];
}

/* ---- rows ---- */

/* Groups are known by what they begin with: their numbers move when one is added before them. */
static dgm_slice identity(const dir_rows *r, size_t i)
{
    while (r->at[i].group && i + 1 < r->count) i++;
    return r->at[i].id;
}

static bool alike(const dir_rows *a, size_t i, const dir_rows *b, size_t k)
{
    return a->at[i].depth == b->at[k].depth && a->at[i].group == b->at[k].group && dgm_slice_equal(identity(a, i), identity(b, k));
}

static void put_row(const diffing *f, const dir_row *r, change c, const dir_row *was)
{
    cli_stream *s = &f->d->c->out;
    if (f->d->c->json) {
        json_begin(f, r->group ? "group" : "place", r->id, c);
        cli_print(s, ",\"position\":%u,\"level\":%u", r->position, r->depth);
        if (was) cli_print(s, ",\"was\":{\"status\":\"%c\",\"max\":%u", was->mandatory ? 'M' : 'C', was->max);
        if (was && was->repr.len) cli_put_member(s, "representation", was->repr);
        if (was) cli_put(s, "}");
        cli_print(s, ",\"status\":\"%c\",\"max\":%u", r->mandatory ? 'M' : 'C', r->max);
        if (r->repr.len) cli_put_member(s, "representation", r->repr);
        cli_put(s, "}\n");
        return;
    }
    put_mark(f, c, 0);
    cli_print(s, "%04u  ", r->position);
    cli_put_times(s, "  ", r->depth);
    dir_cell(s, r->group ? INK_BOLD : INK_NAME, r->id, 4);
    cli_print(s, "  %.*s%s", (int)r->name.len, r->name.at, r->name.len ? "  " : "");
    if (was && (was->mandatory != r->mandatory || was->max != r->max))
        cli_print(s, "%c %u → %c %u", was->mandatory ? 'M' : 'C', was->max, r->mandatory ? 'M' : 'C', r->max);
    else if (!was)
        cli_print(s, "%c %u", r->mandatory ? 'M' : 'C', r->max);
    if (was && !dgm_slice_equal(was->repr, r->repr))
        cli_print(s, "  %.*s → %.*s", (int)was->repr.len, was->repr.at, (int)r->repr.len, r->repr.at);
    else if (!was && r->repr.len)
        cli_print(s, "  %.*s", (int)r->repr.len, r->repr.at);
    cli_put(s, "\n");
}

/* Table of the longest common sequences of what is left of both, or NULL: no room, or too much to match. */
static uint32_t *matching(const diffing *f, const dir_rows *a, const dir_rows *b)
{
    size_t columns = b->count + 1;
    if ((a->count + 1) > CELLS_MAX / columns) return NULL;
    uint32_t *t = DGM_NEW(&f->d->c->arena, uint32_t, (a->count + 1) * columns);
    for (size_t i = a->count; t && i-- > 0;)
        for (size_t k = b->count; k-- > 0;) {
            uint32_t down = t[(i + 1) * columns + k], right = t[i * columns + k + 1];
            t[i * columns + k] = alike(a, i, b, k) ? t[(i + 1) * columns + k + 1] + 1 : down > right ? down : right;
        }
    return t;
}

static tally diff_rows(const diffing *f, const dir_rows *a, const dir_rows *b, bool print)
{
    tally n = { { 0 } };
    const uint32_t *t = matching(f, a, b);
    size_t columns = b->count + 1, i = 0, k = 0;
    while (i < a->count || k < b->count) {
        change c = SAME;
        const dir_row *was = NULL;
        if (i < a->count && k < b->count && alike(a, i, b, k)) {
            const dir_row *x = was = &a->at[i++], *y = &b->at[k];
            if (x->mandatory != y->mandatory || x->max != y->max || !dgm_slice_equal(x->repr, y->repr)) c = CHANGED;
        } else if (k == b->count || (i < a->count && (!t || t[(i + 1) * columns + k] >= t[i * columns + k + 1]))) {
            c = REMOVED;
        } else {
            c = ADDED;
        }
        const dir_row *row = c == REMOVED ? &a->at[i++] : &b->at[k++];
        n.of[c]++;
        if (print && c != SAME) put_row(f, row, c, was);
    }
    return n;
}

/* ---- codes ---- */

static void put_code(const diffing *f, dgm_slice element, dgm_slice code, change c, dgm_slice was, dgm_slice name)
{
    cli_stream *s = &f->d->c->out;
    if (f->d->c->json) {
        json_begin(f, "code", code, c);
        cli_put_member(s, "element", element);
        if (c != ADDED) cli_put_member(s, "was", was);
        if (c != REMOVED) cli_put_member(s, "name", name);
        cli_put(s, "}\n");
        return;
    }
    put_mark(f, c, 0);
    dir_cell(s, INK_CODE, code, 4);
    cli_put(s, "  ");
    cli_put_visible(s, c == ADDED ? name : was, SIZE_MAX);
    if (c == CHANGED) cli_put(s, " → ");
    if (c == CHANGED) cli_put_visible(s, name, SIZE_MAX);
    cli_put(s, "\n");
}

static tally diff_codes(const diffing *f, dgm_slice element, bool print)
{
    tally n = { { 0 } };
    dgm_edi_code_list a, b;
    dgm_edi_code_list_open(&f->a, element, &a);
    dgm_edi_code_list_open(&f->b, element, &b);
    size_t at_a = 0, at_b = 0;
    dgm_slice code_a, code_b, name_a, name_b;
    bool left = dgm_edi_code_list_each(&a, &at_a, &code_a, &name_a), right = dgm_edi_code_list_each(&b, &at_b, &code_b, &name_b);
    while (left || right) {
        int order = !left ? 1 : !right ? -1 : dgm_slice_compare(code_a, code_b);
        change c = order < 0 ? REMOVED : order > 0 ? ADDED : dgm_slice_equal(name_a, name_b) ? SAME : CHANGED;
        n.of[c]++;
        if (print && c != SAME) put_code(f, element, order <= 0 ? code_a : code_b, c, name_a, name_b);
        if (order <= 0) left = dgm_edi_code_list_each(&a, &at_a, &code_a, &name_a);
        if (order >= 0) right = dgm_edi_code_list_each(&b, &at_b, &code_b, &name_b);
    }
    return n;
}

/* ---- things ---- */

static bool element_changed(const dir_thing *a, const dir_thing *b, dgm_edi_element *x, dgm_edi_element *y)
{
    dgm_edi_element_find(&a->in, a->line.key, x);
    dgm_edi_element_find(&b->in, b->line.key, y);
    return !dgm_slice_equal(x->repr_text, y->repr_text) || !dgm_slice_equal(x->name, y->name);
}

static void put_from_to(const diffing *f, dgm_slice from, dgm_slice to)
{
    cli_stream *s = &f->d->c->out;
    if (dgm_slice_equal(from, to)) return;
    cli_put(s, "  ");
    cli_put_visible(s, from, SIZE_MAX);
    cli_put(s, " → ");
    cli_put_visible(s, to, SIZE_MAX);
}

/* One that both have. Says nothing when it is the same in both. */
static change diff_thing(const diffing *f, const dir_thing *a, const dir_thing *b)
{
    cli_stream *s = &f->d->c->out;
    dir_rows x, y;
    dgm_edi_element from = { 0 }, to = { 0 };
    bool element = a->kind == DGM_EDI_ELEMENTS, json = f->d->c->json;
    bool said = element ? element_changed(a, b, &from, &to) : !dgm_slice_equal(a->name, b->name);
    tally codes = { { 0 } }, rows = { { 0 } };
    if (element) codes = diff_codes(f, a->line.key, false);
    if (!element && dir_rows_of(f->d, a, &x) && dir_rows_of(f->d, b, &y)) rows = diff_rows(f, &x, &y, false);
    if (!said && !sum(codes) && !sum(rows)) return SAME;
    if (json) {
        json_begin(f, dir_kind_name(a->kind), a->line.key, CHANGED);
        if (!dgm_slice_equal(a->name, b->name)) cli_put_member(s, "was_named", a->name);
        cli_put_member(s, "name", b->name);
        if (element) cli_put_member(s, "was", from.repr_text);
        if (element) cli_put_member(s, "representation", to.repr_text);
        tally n = element ? codes : rows;
        cli_print(s, ",\"%s\":{\"added\":%zu,\"removed\":%zu,\"changed\":%zu}}\n", element ? "codes" : "places", n.of[ADDED],
                  n.of[REMOVED], n.of[CHANGED]);
    } else {
        put_mark(f, CHANGED, f->one ? 0 : 2);
        dir_cell(s, INK_NAME, a->line.key, 6);
        cli_print(s, "  %.*s", (int)b->name.len, b->name.at);
        if (element) put_from_to(f, from.repr_text, to.repr_text);
        if (!dgm_slice_equal(a->name, b->name)) cli_print(s, "  (was: %.*s)", (int)a->name.len, a->name.at);
        if (sum(rows) || sum(codes)) cli_put(s, element ? "  codes: " : "  ");
        put_tally(f, element ? codes : rows);
        cli_put(s, "\n");
    }
    if (f->one || json) {
        if (element) diff_codes(f, a->line.key, true);
        if (sum(rows)) diff_rows(f, &x, &y, true);
    }
    return CHANGED;
}

static void put_whole(const diffing *f, const dir_thing *t, change c)
{
    cli_stream *s = &f->d->c->out;
    if (f->d->c->json) {
        json_begin(f, dir_kind_name(t->kind), t->line.key, c);
        cli_put_member(s, "name", t->name);
        cli_put(s, "}\n");
        return;
    }
    put_mark(f, c, 2);
    dir_cell(s, INK_NAME, t->line.key, 6);
    cli_put(s, "  ");
    cli_put_visible(s, t->name, SIZE_MAX);
    cli_put(s, "\n");
}

/* The next id of a table, without service segments unless that is what the directory has. */
static bool next_id(const dgm_edi_directory *in, dgm_edi_table table, size_t *cursor, dgm_slice *id)
{
    dgm_edi_line line;
    while (dgm_edi_line_each(in, table, cursor, &line)) {
        *id = line.key;
        if (dgm_edi_where_service(line.where) == dir_service_alone(in)) return true;
    }
    return false;
}

static size_t diff_kind(const diffing *f, dgm_edi_table table)
{
    cli_stream *s = &f->d->c->out;
    size_t at_a = 0, at_b = 0, n = 0;
    dgm_slice a, b;
    bool left = next_id(&f->a, table, &at_a, &a), right = next_id(&f->b, table, &at_b, &b);
    if (!f->d->c->json) {
        cli_put(s, cli_ink_of(s, INK_BOLD));
        cli_print(s, "%c%ss%s\n", dir_kind_name(table)[0] - 'a' + 'A', dir_kind_name(table) + 1, cli_ink_of(s, INK_OFF));
    }
    while (left || right) {
        int order = !left ? 1 : !right ? -1 : dgm_slice_compare(a, b);
        dir_thing x, y;
        if (order <= 0) dir_find_in(f->d, a, &f->a, &x);
        if (order >= 0) dir_find_in(f->d, b, &f->b, &y);
        if (order == 0)
            n += diff_thing(f, &x, &y) != SAME;
        else
            put_whole(f, order < 0 ? &x : &y, order < 0 ? REMOVED : ADDED), n++;
        if (order <= 0) left = next_id(&f->a, table, &at_a, &a);
        if (order >= 0) right = next_id(&f->b, table, &at_b, &b);
    }
    if (n == 0 && !f->d->c->json) cli_put(s, "  the same in both\n");
    return n;
}

cli_exit dir_diff(const dir *d, const dgm_slice *words, size_t count)
{
    diffing f = { .d = d, .one = count == 3 };
    cli_stream *s = &d->c->out;
    if (count < 2 || count > 3) return cli_usage(d->c, "directory diff takes two directories, and what is to be compared in them");
    if (!dir_open(d, words[0], &f.a) || !dir_open(d, words[1], &f.b)) return CLI_USAGE;
    if (!f.one) {
        for (int table = DGM_EDI_MESSAGES; table <= DGM_EDI_ELEMENTS; table++) (void)diff_kind(&f, (dgm_edi_table)table);
        return CLI_DONE;
    }
    dir_thing a, b;
    bool left = dir_find_in(d, words[2], &f.a, &a), right = dir_find_in(d, words[2], &f.b, &b);
    if (!left && !right) return dir_unknown(d, words[2], &f.b);
    if (!left || !right) {
        put_whole(&f, left ? &a : &b, left ? REMOVED : ADDED);
        return CLI_DONE;
    }
    if (a.kind != b.kind || diff_thing(&f, &a, &b) == SAME) {
        if (!d->c->json) cli_print(s, "%.*s is the same in %s and %s\n", (int)a.line.key.len, a.line.key.at, f.a.name, f.b.name);
    }
    return CLI_DONE;
}
