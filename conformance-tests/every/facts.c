/* SPDX-License-Identifier: Apache-2.0
 *
 * facts.c - see facts.h. A line's second field says in which directories it holds: single ones or ranges, in the order of their
 * years, or the syntax versions of service segments, of which version 3 is taken.
 */
#include "facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct line {
    text key, dirs, rest;
} line;

typedef struct table {
    char *bytes;
    line *lines;
    size_t count;
} table;

enum { MESSAGES, SEGMENTS, COMPOSITES, ELEMENTS, CODES, NOTES, TABLES };
enum { DIRECTORIES = 128 };

struct facts {
    table tables[TABLES];
    text names[DIRECTORIES]; /* oldest first */
    int years[DIRECTORIES];
    size_t directory_count;
    directory now;
    int year_now;
    struct block *blocks; /* what belongs to the directory in hand */
    element *elements;
    size_t element_count;
    composite *composites;
    size_t composite_count;
};

static void fail(const char *why, text what)
{
    fprintf(stderr, "every: %s: %.*s\n", why, (int)what.len, what.at);
    exit(3);
}

static void *must(void *at)
{
    if (!at) {
        fprintf(stderr, "every: out of memory\n");
        exit(3);
    }
    return at;
}

typedef struct block {
    struct block *next;
    max_align_t data[];
} block;

static void *get(facts *f, size_t n, size_t size)
{
    block *b = must(calloc(1, sizeof *b + n * size));
    b->next = f->blocks;
    f->blocks = b;
    return b->data;
}

static void drop(facts *f)
{
    for (block *b; (b = f->blocks);) {
        f->blocks = b->next;
        free(b);
    }
}

bool text_is(text a, const char *b)
{
    return a.len == strlen(b) && memcmp(a.at, b, a.len) == 0;
}

bool text_equal(text a, text b)
{
    return a.len == b.len && memcmp(a.at, b.at, a.len) == 0;
}

static text part(text t, size_t from, size_t to)
{
    return (text){ t.at + from, to - from };
}

/* Takes what stands before `stop` off the front; the whole when there is none. */
static text take(text *rest, char stop)
{
    size_t n = 0;
    while (n < rest->len && rest->at[n] != stop) n++;
    text head = part(*rest, 0, n);
    *rest = part(*rest, n + (n < rest->len), rest->len);
    return head;
}

static uint32_t number(text *t)
{
    uint32_t n = 0;
    while (t->len && *t->at >= '0' && *t->at <= '9') {
        n = n * 10 + (uint32_t)(*t->at - '0');
        *t = part(*t, 1, t->len);
    }
    return n;
}

static table read_table(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.txt", folder, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail("cannot be read", (text){ path, strlen(path) });
    fseek(f, 0, SEEK_END);
    size_t size = (size_t)ftell(f);
    rewind(f);
    table t = { .bytes = must(malloc(size + 1)) };
    if (fread(t.bytes, 1, size, f) != size) fail("cannot be read", (text){ path, strlen(path) });
    fclose(f);
    size_t lines = 0;
    for (size_t i = 0; i < size; i++) lines += t.bytes[i] == '\n';
    t.lines = must(calloc(lines + 1, sizeof *t.lines));
    for (text rest = { t.bytes, size }; rest.len;) {
        text l = take(&rest, '\n');
        line *one = &t.lines[t.count++];
        one->key = take(&l, '\t');
        one->dirs = take(&l, '\t');
        one->rest = l;
    }
    return t;
}

/* D93A → 279, D01C → 305: what comes later is more. 0 for what is no directory. */
static int year_of(text t)
{
    if (t.len != 4 || t.at[0] != 'D') return 0;
    int year = (t.at[1] - '0') * 10 + (t.at[2] - '0');
    return 3 * (year < 90 ? year + 100 : year) + (t.at[3] - 'A');
}

static bool holds(text dirs, int year)
{
    while (dirs.len) {
        text one = take(&dirs, ',');
        text from = take(&one, '-');
        text to = one.len ? one : from;
        if (from.at[0] == 'V') {
            /* Versions of ISO 9735: the third, and what only the fourth has (which directories from D.99B on refer to). */
            if ((from.at[1] <= '3' && to.at[1] >= '3') || from.at[1] == '4') return true;
        } else if (year_of(from) <= year && year <= year_of(to)) {
            return true;
        }
    }
    return false;
}

/* Notes of service segments are those of version 4, whose segments are other ones. */
static bool holds_notes(text dirs, int year)
{
    return dirs.at[0] != 'V' && holds(dirs, year);
}

/* A line of what only version 4 has comes behind the one that versions 1 to 3 have: the first is taken. */
static bool again(const void *list, size_t count, size_t size, text id)
{
    return count && text_equal(*(const text *)((const char *)list + (count - 1) * size), id);
}

static bool service(text dirs)
{
    return dirs.len && dirs.at[0] == 'V';
}

/* Each directory begins or ends what some line holds for. */
static void note_directories(facts *f, text dirs)
{
    while (dirs.len) {
        text one = take(&dirs, ',');
        text ends[] = { take(&one, '-'), one };
        for (size_t k = 0; k < 2; k++) {
            int year = year_of(ends[k]);
            if (!year) continue;
            size_t i = 0;
            while (i < f->directory_count && f->years[i] < year) i++;
            if (i < f->directory_count && f->years[i] == year) continue;
            memmove(f->years + i + 1, f->years + i, (f->directory_count - i) * sizeof *f->years);
            memmove(f->names + i + 1, f->names + i, (f->directory_count - i) * sizeof *f->names);
            f->years[i] = year;
            f->names[i] = ends[k];
            if (++f->directory_count == DIRECTORIES) fail("more directories than there is room for", ends[k]);
        }
    }
}

facts *facts_read(const char *folder)
{
    static const char *const names[TABLES] = { "messages", "segments", "composites", "elements", "codes", "notes" };
    facts *f = must(calloc(1, sizeof *f));
    for (size_t i = 0; i < TABLES; i++) {
        f->tables[i] = read_table(folder, names[i]);
        for (size_t k = 0; k < f->tables[i].count; k++) note_directories(f, f->tables[i].lines[k].dirs);
    }
    return f;
}

void facts_free(facts *f)
{
    drop(f);
    for (size_t i = 0; i < TABLES; i++) {
        free(f->tables[i].bytes);
        free(f->tables[i].lines);
    }
    free(f);
}

size_t facts_directory_count(const facts *f)
{
    return f->directory_count;
}

/* ---- one directory ---- */

static void representation(text t, element *e)
{
    e->class = t.len > 1 && t.at[0] == 'a' && t.at[1] == 'n' ? 'x' : t.at[0];
    t = part(t, e->class == 'x' ? 2 : 1, t.len);
    bool variable = t.len > 1 && t.at[0] == '.';
    if (variable) t = part(t, 2, t.len);
    e->max = number(&t);
    e->min = variable ? 1 : e->max;
}

static int by_id(const void *a, const void *b)
{
    text x = *(const text *)a, y = *(const text *)b;
    int c = memcmp(x.at, y.at, x.len < y.len ? x.len : y.len);
    return c ? c : x.len < y.len ? -1 : x.len > y.len;
}

/* The codes of all elements that fit what an element may hold. Lines stand by element and code. */
static void give_codes(facts *f)
{
    const table *t = &f->tables[CODES];
    text *all = get(f, t->count + 1, sizeof *all);
    size_t used = 0;
    for (size_t i = 0; i < t->count;) {
        text key = t->lines[i].key, id = take(&key, ' ');
        element *e = bsearch(&id, f->elements, f->element_count, sizeof *e, by_id);
        size_t first = used;
        for (; i < t->count; i++) {
            text code = t->lines[i].key;
            if (!text_equal(take(&code, ' '), id)) break;
            if (e && code.len >= e->min && code.len <= e->max && holds(t->lines[i].dirs, f->year_now)) all[used++] = code;
        }
        if (!e) continue;
        e->codes = all + first;
        e->code_count = used - first;
    }
}

static void elements(facts *f)
{
    const table *t = &f->tables[ELEMENTS];
    f->elements = get(f, t->count, sizeof *f->elements);
    f->element_count = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (!holds(t->lines[i].dirs, f->year_now) || again(f->elements, f->element_count, sizeof *f->elements, t->lines[i].key))
            continue;
        text rest = t->lines[i].rest;
        element *e = &f->elements[f->element_count++];
        e->id = t->lines[i].key;
        representation(take(&rest, '\t'), e);
        e->coded = text_is(take(&rest, '\t'), "y");
    }
    qsort(f->elements, f->element_count, sizeof *f->elements, by_id);
    give_codes(f);
}

/* "1496:n..5? C246?3 3207!2": an element (with a representation of its own) or a composite, conditional with ?, how many at most.
 */
static bool read_item(facts *f, text t, item *out)
{
    size_t n = 0;
    while (n < t.len && t.at[n] != ':' && t.at[n] != '?' && t.at[n] != '!') n++;
    text id = part(t, 0, n);
    t = part(t, n, t.len);
    text repr = { 0 };
    if (t.len && *t.at == ':') {
        t = part(t, 1, t.len);
        n = 0;
        while (n < t.len && t.at[n] != '?' && t.at[n] != '!') n++;
        repr = part(t, 0, n);
        t = part(t, n, t.len);
    }
    *out = (item){ .mandatory = !(t.len && *t.at == '?') };
    if (t.len) t = part(t, 1, t.len);
    out->max = t.len ? number(&t) : 1;
    element *e = bsearch(&id, f->elements, f->element_count, sizeof *e, by_id);
    if (repr.len) {
        element *own = get(f, 1, sizeof *own);
        if (e) *own = *e;
        own->id = id;
        representation(repr, own);
        /* Codes were chosen by the element's own lengths; a place may be narrower. */
        size_t codes = own->code_count;
        text *fit = get(f, codes + 1, sizeof *fit);
        own->code_count = 0;
        for (size_t i = 0; i < codes; i++)
            if (e->codes[i].len >= own->min && e->codes[i].len <= own->max) fit[own->code_count++] = e->codes[i];
        own->codes = fit;
        out->element = own;
        return true;
    }
    out->composite = bsearch(&id, f->composites, f->composite_count, sizeof(composite), by_id);
    if (!out->composite) fprintf(stderr, "every: %.*s: no %.*s\n", (int)f->now.name.len, f->now.name.at, (int)id.len, id.at);
    return out->composite != NULL;
}

static item *read_items(facts *f, text rest, size_t *count)
{
    size_t n = 1;
    for (size_t i = 0; i < rest.len; i++) n += rest.at[i] == ' ';
    item *items = get(f, n, sizeof *items);
    *count = 0;
    while (rest.len) {
        if (read_item(f, take(&rest, ' '), &items[*count]))
            ++*count;
        else
            f->now.broken++;
    }
    return items;
}

static void composites(facts *f)
{
    const table *t = &f->tables[COMPOSITES];
    f->composites = get(f, t->count, sizeof *f->composites);
    f->composite_count = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (!holds(t->lines[i].dirs, f->year_now) ||
            again(f->composites, f->composite_count, sizeof *f->composites, t->lines[i].key))
            continue;
        composite *c = &f->composites[f->composite_count++];
        c->id = t->lines[i].key;
        c->items = read_items(f, t->lines[i].rest, &c->count);
    }
    qsort(f->composites, f->composite_count, sizeof *f->composites, by_id);
}

/* "D5(060,050) D1(070,090)": positions are counted in tens. */
static note *notes_of(facts *f, text id, size_t *count)
{
    const table *t = &f->tables[NOTES];
    text rest = { 0 };
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(t->lines[i].key, id) && holds_notes(t->lines[i].dirs, f->year_now)) rest = t->lines[i].rest;
    note *notes = get(f, rest.len / 4 + 1, sizeof *notes);
    for (*count = 0; rest.len; ++*count) {
        text one = take(&rest, ' '), list = part(one, 3, one.len - 1);
        note *n = &notes[*count];
        n->kind = one.at[1] - '0';
        while (list.len) {
            text at = take(&list, ',');
            n->of[n->count++] = number(&at) / 10 - 1;
        }
    }
    return notes;
}

static void segments(facts *f)
{
    const table *t = &f->tables[SEGMENTS];
    directory *d = &f->now;
    d->segments = get(f, t->count, sizeof *d->segments);
    d->segment_count = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (!holds(t->lines[i].dirs, f->year_now) || again(d->segments, d->segment_count, sizeof *d->segments, t->lines[i].key))
            continue;
        segment *s = &d->segments[d->segment_count++];
        s->tag = t->lines[i].key;
        s->items = read_items(f, t->lines[i].rest, &s->count);
        s->notes = notes_of(f, s->tag, &s->note_count);
    }
    qsort(d->segments, d->segment_count, sizeof *d->segments, by_id);
}

/* "BGM", "DTM?9", "UNS!2"; what stands behind a group's bracket is read the same way. */
static void occurrence(text t, place *p)
{
    p->mandatory = !(t.len && *t.at == '?');
    if (t.len) t = part(t, 1, t.len);
    p->max = t.len ? number(&t) : 1;
}

static size_t word_end(text t)
{
    size_t n = 0;
    while (n < t.len && t.at[n] != ' ' && t.at[n] != '(' && t.at[n] != ')') n++;
    return n;
}

static void read_places(facts *f, message *m, text *rest, place *into)
{
    size_t room = 0;
    while (rest->len && *rest->at != ')') {
        if (*rest->at == ' ') {
            *rest = part(*rest, 1, rest->len);
            continue;
        }
        if (into->count == room) {
            place *more = get(f, room ? 2 * room : 8, sizeof *more);
            if (room) memcpy(more, into->places, room * sizeof *more);
            into->places = more;
            room = room ? 2 * room : 8;
        }
        place *p = &into->places[into->count++];
        *p = (place){ 0 };
        if (*rest->at == '(') {
            *rest = part(*rest, 1, rest->len);
            read_places(f, m, rest, p);
            *rest = part(*rest, rest->len > 0, rest->len);
            size_t n = word_end(*rest);
            occurrence(part(*rest, 0, n), p);
            *rest = part(*rest, n, rest->len);
            continue;
        }
        size_t n = word_end(*rest), tag = n < 3 ? n : 3;
        text id = part(*rest, 0, tag);
        p->segment = bsearch(&id, f->now.segments, f->now.segment_count, sizeof(segment), by_id);
        if (!p->segment) {
            fprintf(stderr, "every: %.*s %.*s: no segment %.*s\n", (int)f->now.name.len, f->now.name.at, (int)m->type.len,
                    m->type.at, (int)id.len, id.at);
            f->now.broken++;
            into->count--;
        }
        occurrence(part(*rest, tag, n), p);
        *rest = part(*rest, n, rest->len);
    }
}

static void number_places(message *m, place *p)
{
    for (size_t i = 0; i < p->count; i++) {
        place *one = &p->places[i];
        one->up = p;
        one->number = (uint32_t)m->place_count;
        if (m->by_number) m->by_number[m->place_count] = one;
        m->place_count++;
        number_places(m, one);
    }
}

static void messages(facts *f)
{
    const table *t = &f->tables[MESSAGES];
    directory *d = &f->now;
    d->messages = get(f, t->count, sizeof *d->messages);
    d->message_count = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (service(t->lines[i].dirs) || !holds(t->lines[i].dirs, f->year_now)) continue;
        message *m = &d->messages[d->message_count++];
        m->type = t->lines[i].key;
        m->all = (place){ .mandatory = true, .max = 1 };
        text rest = t->lines[i].rest;
        read_places(f, m, &rest, &m->all);
        number_places(m, &m->all);
        m->by_number = get(f, m->place_count, sizeof *m->by_number);
        m->place_count = 0;
        number_places(m, &m->all);
    }
}

const directory *facts_directory(facts *f, size_t i)
{
    drop(f);
    f->now = (directory){ .name = f->names[i] };
    f->year_now = f->years[i];
    elements(f);
    composites(f);
    segments(f);
    messages(f);
    return &f->now;
}
