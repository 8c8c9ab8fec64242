/* SPDX-License-Identifier: Apache-2.0
 *
 * make.c - see make.h.
 */
#include "make.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint32_t below(uint64_t *random, uint32_t n)
{
    uint64_t x = *random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *random = x;
    return (uint32_t)((x >> 33) % n);
}

static void room(made *m, size_t n)
{
    if (m->room - m->len >= n) return;
    m->room = 2 * m->room + n + 65536;
    m->at = realloc(m->at, m->room);
    if (!m->at) abort();
}

static void add(made *m, const char *at, size_t len)
{
    room(m, len);
    memcpy(m->at + m->len, at, len);
    m->len += len;
}

static void add_char(made *m, char c)
{
    add(m, &c, 1);
}

void put(made *m, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    room(m, 512);
    m->len += (size_t)vsnprintf(m->at + m->len, 512, format, list);
    va_end(list);
}

void made_free(made *m)
{
    free(m->at);
    free(m->starts);
    free(m->places);
}

static void begin_segment(made *m, const place *p)
{
    if (m->segments + 2 > m->segment_room) {
        m->segment_room = 2 * m->segment_room + 64;
        m->starts = realloc(m->starts, m->segment_room * sizeof *m->starts);
        m->places = realloc(m->places, m->segment_room * sizeof *m->places);
        if (!m->starts || !m->places) abort();
    }
    m->starts[m->segments] = m->len;
    m->places[m->segments++] = p;
}

static void end_segment(made *m)
{
    add_char(m, '\'');
    m->starts[m->segments] = m->len;
}

/* ---- values ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";
static const char others[] = " .,-()/=!\"%&*;<>+:'?";

static void add_letter(made *m, char class, bool edge)
{
    uint32_t n = class == 'n' ? 60 : class == 'a' ? 0 : below(&m->random, 100);
    char c = n < 50           ? letters[below(&m->random, 52)]
             : n < 80 || edge ? digits[below(&m->random, 10)]
                              : others[below(&m->random, 20)];
    if (class == 'x' && n == 99 && !edge) c = (char)0xE9; /* é */
    if (strchr("+:'?", c) || (c == '*' && m->syntax >= 4)) add_char(m, '?');
    add_char(m, c);
}

/* So many characters: the first is never one that could be mistaken for filling. */
static void add_text(made *m, char class, size_t length)
{
    for (size_t i = 0; i < length; i++) add_letter(m, class, i == 0 || i + 1 == length);
}

static size_t choose_length(made *m, const element *e)
{
    uint32_t n = below(&m->random, 4);
    if (n == 0) return e->max;
    if (n == 1 || e->min == e->max) return e->min;
    uint32_t most = e->max < 40 ? e->max : 40;
    return e->min + below(&m->random, most - e->min + 1);
}

static void add_number(made *m, const element *e)
{
    size_t length = choose_length(m, e);
    uint32_t kind = e->min == e->max ? 0 : below(&m->random, 8);
    if (kind == 1) add_char(m, '-'); /* neither sign nor decimal mark counts (ISO 9735, 10) */
    for (size_t i = 0; i < length; i++) {
        if (kind == 2 && i == 1)
            add_char(m, m->syntax >= 4 && below(&m->random, 2) ? ',' : '.'); /* ISO 9735-1:2002, 10.2: either */
        add_char(m, i ? digits[below(&m->random, 10)] : (char)('1' + below(&m->random, 9)));
    }
}

static bool is(text t, const char *what)
{
    return t.len == strlen(what) && memcmp(t.at, what, t.len) == 0;
}

/* Control totals that a receiver can count (6069) would have to be right: others are taken. */
static bool can_be_counted(const element *e, text code)
{
    static const char *const totals[] = { "1", "2", "3", "5", "10", "16" };
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++)
        if (is(e->id, "6069") && is(code, totals[i])) return true;
    return false;
}

static bool has_code(const element *e, const char *at, size_t len)
{
    for (size_t i = 0; i < e->code_count; i++)
        if (e->codes[i].len == len && memcmp(e->codes[i].at, at, len) == 0) return true;
    return false;
}

/* A date (2380) must be of the format (2379) beside it, and there must be such a day: a leap
 * year's last of February. False: it is neither. */
static bool add_date(made *m, const element *e)
{
    const char *what = is(e->id, "2380")                                                ? "20240229"
                       : is(e->id, "2379") && (!e->code_count || has_code(e, "102", 3)) ? "102"
                                                                                        : NULL;
    if (what) add(m, what, strlen(what));
    return what;
}

static void add_value(made *m, const element *e)
{
    if (add_date(m, e)) return;
    if (e->coded && e->code_count) {
        text code = e->codes[below(&m->random, (uint32_t)e->code_count)];
        while (can_be_counted(e, code)) code = e->codes[below(&m->random, (uint32_t)e->code_count)];
        add(m, code.at, code.len);
    } else if (e->class == 'n') {
        add_number(m, e);
    } else if (is(e->id, "6069")) { /* of a directory without lists */
        add(m, "ZZ", 2);
    } else {
        add_text(m, e->class, choose_length(m, e));
    }
}

static void add_unknown_code(made *m, const element *e)
{
    for (;;) {
        size_t begun = m->len, length = e->min + below(&m->random, (e->max < 4 ? e->max : 4) - e->min + 1);
        for (size_t i = 0; i < length; i++)
            add_char(m, e->class == 'n' ? digits[below(&m->random, 10)] : letters[below(&m->random, 26)]);
        if (!has_code(e, m->at + begun, length)) return;
        m->len = begun;
    }
}

/* A value that is wrong in the way the wound says; the byte told of is its first. */
static void add_wounded(made *m, const element *e, wound *w)
{
    w->at = m->len;
    w->done = true;
    if (w->harm == HARM_TOO_LONG) {
        if (e->class == 'n')
            for (size_t i = 0; i <= e->max; i++) add_char(m, '1');
        else
            add_text(m, e->class, e->max + 1);
    } else if (w->harm == HARM_CLASS) {
        for (size_t i = 0; i < e->min; i++) add_char(m, e->class == 'n' ? 'X' : '7');
    } else {
        add_unknown_code(m, e);
    }
}

static bool can_wound(const element *e, harm kind)
{
    if (kind == HARM_TOO_LONG) return true;
    if (kind == HARM_CLASS) return e->class != 'x' && !(e->coded && e->class == 'a');
    return kind == HARM_UNKNOWN_CODE && e->coded && e->code_count && e->code_count < (e->max == 1 ? 10 : e->max == 2 ? 90 : 900);
}

/* ---- segments ---- */

typedef struct separators {
    char each;
    size_t owed; /* that stand before the next value */
} separators;

static void pay(made *m, separators *s)
{
    for (; s->owed; s->owed--) add_char(m, s->each);
}

static bool wounded(const wound *w, size_t number, size_t part, harm a, harm b, harm c)
{
    return w && w->item == number && w->part == part && (w->harm == a || w->harm == b || w->harm == c);
}

static void add_composite(made *m, const composite *c, fill how, wound *w, size_t number)
{
    separators s = { ':', 0 };
    bool any = false;
    for (size_t i = 0; i < c->count; i++, s.owed++) {
        const item *part = &c->items[i];
        bool here = wounded(w, number, i, HARM_TOO_LONG, HARM_CLASS, HARM_UNKNOWN_CODE);
        bool gone = wounded(w, number, i, HARM_PART_MISSING, HARM_PART_MISSING, HARM_PART_MISSING);
        bool least = part->mandatory || (!any && i + 1 == c->count);
        /* What follows the missing one makes the composite one that is there. */
        bool after = w && w->harm == HARM_PART_MISSING && w->item == number && i > w->part;
        if (gone) {
            w->done = part->mandatory && c->count > i + 1;
            w->at = m->len + s.owed;
            continue;
        }
        if (!here && !after && !least && how == FILL_LEAST) continue;
        pay(m, &s);
        any = true;
        if (here && can_wound(part->element, w->harm))
            add_wounded(m, part->element, w);
        else
            add_value(m, part->element);
    }
    if (w && w->harm == HARM_PARTS_TOO_MANY && w->item == number) {
        pay(m, &s);
        w->at = m->len;
        w->done = true;
        add_char(m, 'X');
    }
}

static void add_occurrence(made *m, const item *it, fill how, wound *w, size_t number)
{
    if (it->composite)
        add_composite(m, it->composite, how, w, number);
    else if (w && wounded(w, number, 0, HARM_TOO_LONG, HARM_CLASS, HARM_UNKNOWN_CODE) && can_wound(it->element, w->harm))
        add_wounded(m, it->element, w);
    else
        add_value(m, it->element);
}

/* Which occurrence of an item a value that is wrong is in, from 0. */
static uint32_t which_wounded(made *m, const item *it, const wound *w, size_t number, uint32_t most)
{
    if (it->max < 2 || !wounded(w, number, w ? w->part : 0, HARM_TOO_LONG, HARM_CLASS, HARM_UNKNOWN_CODE)) return 0;
    return below(&m->random, it->max < most ? it->max : most);
}

/* In syntax version 4 occurrences stand in one position. A value that is wrong may be in the second. */
static void add_repeated(made *m, const item *it, fill how, bool full, wound *w, size_t number, separators *s)
{
    uint32_t times = full ? it->max : it->max > 1 && how == FILL_MOST ? 2 : 1, which = which_wounded(m, it, w, number, 2);
    if (which >= times) times = which + 1;
    bool over = w && w->harm == HARM_REPEATED && w->item == number;
    if (over) times = it->max + 1;
    pay(m, s);
    for (uint32_t i = 0; i < times; i++) {
        if (i) add_char(m, '*');
        if (over && i == it->max) {
            w->at = m->len;
            w->occurrence = i + 1;
            w->done = true;
        }
        bool before = w && w->done;
        add_occurrence(m, it, how, i == which ? w : NULL, number);
        if (w && w->done && !before && times > 1) w->occurrence = i + 1;
    }
    s->owed++;
}

/* An item may be repeated: in syntax versions 1 to 3 its occurrences have places of their own, one after the other. */
static void add_item(made *m, const item *it, fill how, bool full, wound *w, size_t number, separators *s)
{
    const uint32_t which = which_wounded(m, it, w, number, UINT32_MAX);
    for (uint32_t i = 0; i < it->max; i++, s->owed++) {
        if (i > (how == FILL_MOST) && i != which && !full) continue;
        pay(m, s);
        bool before = w && w->done;
        add_occurrence(m, it, how, i == which ? w : NULL, number);
        if (w && w->done && !before) w->behind = i;
    }
}

/* Of two section controls the first says D, the second S; 0: it may say either. */
static char section_of(const place *p)
{
    bool before = false, behind = false;
    for (size_t i = 0; p->up && i < p->up->count; i++) {
        const place *other = &p->up->places[i];
        if (other == p || !other->segment || !is(other->segment->tag, "UNS")) continue;
        before |= other < p;
        behind |= other > p;
    }
    return behind ? 'D' : before ? 'S' : 0;
}

/* UNS says which sections it stands between: of two, the first header and detail (D), the second detail and summary (S); one alone
 * may be either. */
static void add_section(made *m, const place *p)
{
    size_t before = 0, all = 0;
    for (size_t i = 0; i < p->up->count; i++) {
        if (!p->up->places[i].segment || !text_equal(p->up->places[i].segment->tag, p->segment->tag)) continue;
        all++;
        before += p->up->places + i < p;
    }
    put(m, "UNS+%c", all == 1 ? "DS"[below(&m->random, 2)] : before ? 'S' : 'D');
    end_segment(m);
}

/* Which items a segment shall have, so that it keeps its dependency notes. */
enum { ITEMS_MAX = 128 };

static size_t how_many(const note *n, const bool *wanted)
{
    size_t there = 0;
    for (size_t i = 0; i < n->count; i++) there += wanted[n->of[i]];
    return there;
}

/* Adds what a note asks for and takes what it bars; false when there was nothing to do. */
static bool keep_note(const note *n, bool *wanted)
{
    size_t there = how_many(n, wanted);
    bool first = wanted[n->of[0]], all = (n->kind == 2 && there) || (n->kind == 5 && first);
    bool one = (there == 0 && (n->kind == 1 || n->kind == 3)) || (n->kind == 6 && first && there == 1);
    bool only = ((n->kind == 1 || n->kind == 4) && there > 1) || (n->kind == 7 && first && there > 1);
    if ((all && there == n->count) || (!all && !one && !only)) return false;
    if (one) wanted[n->of[n->kind == 6]] = true;
    bool kept = false;
    for (size_t i = 0; i < n->count && !one; i++) {
        bool here = wanted[n->of[i]];
        wanted[n->of[i]] = all || (here && !kept);
        kept |= here;
    }
    return true;
}

static void choose_items(const segment *g, fill how, const wound *w, bool *wanted)
{
    bool any = false;
    for (size_t i = 0; i < g->count; i++) {
        bool here = w && w->harm != HARM_NOTE && w->item == i && w->harm != HARM_ITEM_MISSING;
        wanted[i] = here || g->items[i].mandatory || how == FILL_MOST || (!any && i + 1 == g->count);
        any |= wanted[i];
    }
    for (size_t round = 0; round < 8; round++)
        for (size_t i = 0; i < g->note_count; i++) keep_note(&g->notes[i], wanted);
    if (!w || w->harm != HARM_NOTE) return;
    const note *n = &g->notes[0];
    for (size_t i = 0; i < n->count; i++) wanted[n->of[i]] = n->kind != 3 && i + 1 < n->count;
}

void make_segment(made *m, const place *p, fill how, wound *w)
{
    const segment *g = p->segment;
    const bool full = m->full == p;
    char section = is(g->tag, "UNS") ? section_of(p) : 0;
    if (w && (w->place != p || w->done)) w = NULL;
    if (full) {
        how = FILL_MOST;
        m->full = NULL;
    }
    begin_segment(m, p);
    if (w) w->segment = m->segments;
    if (!w && text_is(g->tag, "UNS")) {
        add_section(m, p);
        return;
    }
    add(m, g->tag.at, g->tag.len);
    if (section && (!w || w->harm == HARM_ITEMS_TOO_MANY)) {
        add_char(m, '+');
        add_char(m, section);
        if (w) {
            w->at = m->len + 1;
            w->done = true;
            add_char(m, '+');
            add_char(m, 'X');
        }
        end_segment(m);
        return;
    }
    separators s = { '+', 1 };
    bool wanted[ITEMS_MAX];
    if (g->count > ITEMS_MAX) abort();
    choose_items(g, how, w, wanted);
    for (size_t i = 0; i < g->count; i++) {
        const item *it = &g->items[i];
        bool gone = w && w->harm == HARM_ITEM_MISSING && w->item == i;
        if (gone) w->done = it->mandatory;
        if (w && w->harm == HARM_NOTE && g->notes[0].of[g->notes[0].kind == 3 ? 0 : g->notes[0].count - 1] == i)
            gone = w->done = true;
        if (gone) w->at = m->len + s.owed;
        if (gone || !wanted[i]) {
            s.owed += m->syntax >= 4 ? 1 : it->max;
            continue;
        }
        if (m->syntax >= 4)
            add_repeated(m, it, how, full, w, i, &s);
        else
            add_item(m, it, how, full, w, i, &s);
    }
    if (w && w->harm == HARM_ITEMS_TOO_MANY) {
        pay(m, &s);
        w->at = m->len;
        w->done = true;
        add_char(m, 'X');
    }
    /* Empty elements at the end are not written: what is missing there is told of where the segment ends. */
    if (w && (w->harm == HARM_ITEM_MISSING || w->harm == HARM_NOTE) && w->at > m->len) w->at = m->len;
    end_segment(m);
}

/* ---- messages ---- */

static void least(place *p)
{
    p->wanted = p->mandatory;
    for (size_t i = 0; i < p->count; i++) least(&p->places[i]);
    if (!p->segment && p->count) p->places[0].wanted = 1; /* a group that is there has its trigger */
}

void want_least(message *m)
{
    least(&m->all);
}

void want(place *p, uint32_t times)
{
    p->wanted = times;
    for (place *up = p->up; up; up = up->up)
        if (!up->wanted) up->wanted = 1;
}

static size_t sum(const place *p)
{
    if (!p->wanted) return 0;
    size_t n = p->segment != NULL;
    for (size_t i = 0; i < p->count; i++) n += sum(&p->places[i]);
    return n > SIZE_MAX / 2 / p->wanted ? SIZE_MAX / 2 : n * p->wanted;
}

size_t wanted_segments(const message *m)
{
    return sum(&m->all);
}

void want_many(message *m, uint32_t times, size_t most)
{
    want_least(m);
    for (size_t i = 0; i < m->place_count; i++) {
        place *p = m->by_number[i];
        uint32_t before = p->wanted, many = p->max < times ? p->max : times;
        for (; many > before; many--) {
            p->wanted = many;
            if (wanted_segments(m) <= most) break;
            p->wanted = before;
        }
    }
}

static void places(made *out, const place *p, fill how, wound *w);

static void one_place(made *out, const place *p, fill how, wound *w)
{
    for (uint32_t i = 0; i < p->wanted; i++) {
        if (p->segment)
            make_segment(out, p, how, w);
        else
            places(out, p, how, w);
    }
}

static void places(made *out, const place *p, fill how, wound *w)
{
    for (size_t i = 0; i < p->count; i++)
        if (!p->places[i].segment || (!text_is(p->places[i].segment->tag, "UNH") && !text_is(p->places[i].segment->tag, "UNT")))
            one_place(out, &p->places[i], how, w);
}

void make_message(made *out, const directory *d, const message *m, fill how, wound *w)
{
    out->segments = 0;
    begin_segment(out, &m->all.places[0]);
    put(out, "UNH+%u+%.*s:D:%.*s:UN", ++out->reference, (int)m->type.len, m->type.at, (int)d->name.len - 1, d->name.at + 1);
    end_segment(out);
    places(out, &m->all, how, w);
}

void make_message_end(made *out, int wrong)
{
    begin_segment(out, NULL);
    put(out, "UNT+%zu+%u", (size_t)((long)out->segments + wrong), out->reference);
    end_segment(out);
}

/* ---- the receiver's walk ---- */

typedef struct level {
    const place *group;
    size_t at;      /* place of the group in hand */
    uint32_t times; /* it was taken */
} level;

enum { LEVELS = 64 };

static bool is_tag(const place *p, text tag)
{
    return p->segment && text_equal(p->segment->tag, tag);
}

/* Down into a group by its trigger, which may be a group itself. */
static bool enter(level *levels, size_t *depth, const place *p, text tag)
{
    size_t begun = *depth;
    while (p->count) {
        levels[++*depth] = (level){ p, 0, 1 };
        p = &p->places[0];
    }
    if (is_tag(p, tag)) return true;
    *depth = begun;
    return false;
}

/* From the place in hand of one level onwards: the same again, then those behind it, until one that must be there is not. */
static bool forward(level *levels, size_t *depth, text tag, bool *stopped)
{
    level *l = &levels[*depth];
    const place *now = &l->group->places[l->at];
    if (l->times < now->max) {
        if (is_tag(now, tag)) {
            l->times++;
            return true;
        }
        if (!now->segment && enter(levels, depth, now, tag)) {
            l->times++;
            return true;
        }
    }
    if (now->mandatory && !l->times) {
        *stopped = true;
        return false;
    }
    for (size_t i = l->at + 1; i < l->group->count; i++) {
        const place *p = &l->group->places[i];
        size_t begun = *depth;
        if (is_tag(p, tag) || (!p->segment && enter(levels, depth, p, tag))) {
            levels[begun].at = i;
            levels[begun].times = 1;
            return true;
        }
        if (p->mandatory) {
            *stopped = true;
            return false;
        }
    }
    return false;
}

static bool step(level *levels, size_t *depth, text tag)
{
    bool stopped = false;
    for (;;) {
        if (forward(levels, depth, tag, &stopped)) return true;
        if (stopped || *depth == 0) return false;
        --*depth; /* the group is over; above it the group itself may come again */
    }
}

size_t walk(const message *m, const text *tags, size_t count, bool *complete)
{
    level levels[LEVELS];
    size_t depth = 0;
    levels[0] = (level){ &m->all, 0, 0 };
    *complete = false;
    for (size_t i = 0; i < count; i++)
        if (!step(levels, &depth, tags[i])) return i;
    *complete = levels[0].at + 1 == m->all.count && depth == 0;
    return count;
}
