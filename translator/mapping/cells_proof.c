/* SPDX-License-Identifier: Apache-2.0
 *
 * cells_proof.c - whether one text may have two forms. Both become little programs that accept their texts, character by character,
 * and all pairs of places that one text can bring them to are gone through. A pair in which both have accepted is the proof, and
 * the way there a sample. Loading; one thread.
 */
#include "cells.h"

#include "internal.h"

enum { STEPS_MAX = 1024, PAIRS_MAX = 1 << 13, COUNTED = 40, BEYOND_ASCII = 128 };
typedef enum step_kind { STEP_CHARACTER, STEP_EITHER, STEP_END } step_kind;
typedef struct step {
    uint8_t kind; /* step_kind */
    uint8_t classes;
    int16_t literal; /* the one character; -1: one of the classes, but for `not` */
    uint8_t not_count;
    uint8_t not [MAP_FORM_UNTIL];
    uint16_t next, other; /* EITHER goes on with both */
} step;

typedef struct program {
    step *at;
    uint32_t count;
    bool full;
} program;

static step *emit(program *p, step s)
{
    static step nowhere;
    if (p->count == STEPS_MAX) {
        p->full = true;
        return &nowhere;
    }
    s.next = (uint16_t)(p->count + 1);
    p->at[p->count] = s;
    return &p->at[p->count++];
}

static void literal(program *p, dgm_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        if ((c & 0xC0) != 0x80) emit(p, (step){ .kind = STEP_CHARACTER, .literal = c < 0x80 ? c : BEYOND_ASCII });
    }
}

/* least characters, then some more: each may be the last; one beyond COUNTED stands for all. */
static void field(program *p, const map_form_item *i)
{
    step one = { .kind = STEP_CHARACTER, .classes = i->classes, .literal = -1 };
    for (uint32_t k = 0; k < i->until_count; k++)
        if (i->until[k].len == 1) one.not [one.not_count++] = (uint8_t)i->until[k].at[0];
    uint32_t least = i->least < COUNTED ? i->least : COUNTED, more = i->most - i->least;
    for (uint32_t k = 0; k < least; k++) emit(p, one);
    if (!more) return;
    bool bounded = more < COUNTED;
    uint32_t count = bounded ? more : 1, first = p->count;
    for (uint32_t k = 0; k < count; k++) {
        emit(p, (step){ .kind = STEP_EITHER })->other = (uint16_t)(first + 2 * count);
        emit(p, one);
    }
    if (!bounded && !p->full) p->at[p->count - 1].next = (uint16_t)first;
}

static bool compile(const map_form *f, program *p)
{
    uint32_t ends[MAP_FORM_NEST] = { 0 }, open[MAP_FORM_NEST] = { 0 }, depth = 0;
    for (uint32_t k = 0; k <= f->item_count; k++) {
        while (depth && ends[depth - 1] == k) p->at[open[--depth]].other = (uint16_t)p->count;
        if (k == f->item_count || p->full) break;
        const map_form_item *i = &f->items[k];
        if (i->kind == MAP_FORM_LITERAL) literal(p, i->text);
        if (i->kind == MAP_FORM_FIELD) field(p, i);
        if (i->kind != MAP_FORM_OPTION) continue;
        open[depth] = p->count;
        ends[depth++] = i->after;
        emit(p, (step){ .kind = STEP_EITHER });
    }
    emit(p, (step){ .kind = STEP_END });
    return !p->full;
}

static bool takes(const step *s, int c)
{
    if (s->literal >= 0) return s->literal == c;
    uint8_t is = MAP_CLASS_OTHER;
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) is = MAP_CLASS_LETTER;
    if (c >= '0' && c <= '9') is = MAP_CLASS_DIGIT;
    if (c == '.') is |= MAP_CLASS_MARK;
    for (uint32_t k = 0; k < s->not_count; k++)
        if (s->not [k] == c) return false;
    return (s->classes & is) != 0;
}

/* A character that both take, one that people write if there is one; 0: none. */
static int common(const step *a, const step *b)
{
    for (const char *c = "40A-. "; *c; c++)
        if (takes(a, *c) && takes(b, *c)) return *c;
    for (int c = ' '; c <= BEYOND_ASCII; c++)
        if (takes(a, c) && takes(b, c)) return c;
    return 0;
}

typedef struct pair {
    uint16_t a, b;
    uint32_t before; /* pair + 1 */
    int16_t by;      /* the character that led here; 0: none */
} pair;

typedef struct search {
    step steps[2][STEPS_MAX];
    pair at[PAIRS_MAX];
    uint32_t count;
    uint64_t seen[STEPS_MAX * STEPS_MAX / 64];
    uint32_t width;
} search;

static void reach(search *s, uint32_t a, uint32_t b, uint32_t before, int by)
{
    uint32_t k = a * s->width + b;
    if (s->seen[k / 64] >> k % 64 & 1 || s->count == PAIRS_MAX) return;
    s->seen[k / 64] |= (uint64_t)1 << k % 64;
    s->at[s->count++] = (pair){ (uint16_t)a, (uint16_t)b, before, (int16_t)by };
}

static void spell(const search *s, uint32_t number, char sample[64])
{
    char back[62];
    uint32_t n = 0;
    for (uint32_t k = number + 1; k && n < sizeof back; k = s->at[k - 1].before)
        if (s->at[k - 1].by) back[n++] = s->at[k - 1].by == BEYOND_ASCII ? '?' : (char)s->at[k - 1].by;
    for (uint32_t k = 0; k < n; k++) sample[k] = back[n - 1 - k];
    sample[n] = '\0';
}

static bool meet(search *s, const map_form *a, const map_form *b, char sample[64])
{
    program p = { .at = s->steps[0] }, q = { .at = s->steps[1] };
    if (!compile(a, &p) || !compile(b, &q)) return true;
    s->width = q.count;
    reach(s, 0, 0, 0, 0);
    for (uint32_t k = 0; k < s->count; k++) {
        const step *c = &p.at[s->at[k].a], *d = &q.at[s->at[k].b];
        if (c->kind == STEP_EITHER) {
            reach(s, c->next, s->at[k].b, k + 1, 0);
            reach(s, c->other, s->at[k].b, k + 1, 0);
        } else if (d->kind == STEP_EITHER) {
            reach(s, s->at[k].a, d->next, k + 1, 0);
            reach(s, s->at[k].a, d->other, k + 1, 0);
        } else if (c->kind == STEP_END && d->kind == STEP_END) {
            spell(s, k, sample);
            return true;
        } else if (c->kind == STEP_CHARACTER && d->kind == STEP_CHARACTER) {
            int by = common(c, d);
            if (by) reach(s, c->next, d->next, k + 1, by);
        }
    }
    return s->count == PAIRS_MAX; /* not gone through to the end: no proof */
}

bool dgm_map_forms_meet(map_loader *l, const map_form *a, const map_form *b, char sample[64])
{
    const map_form_item *x = &a->items[0], *y = &b->items[0];
    size_t n = x->text.len < y->text.len ? x->text.len : y->text.len;
    sample[0] = '\0';
    if (x->kind == MAP_FORM_LITERAL && y->kind == MAP_FORM_LITERAL && memcmp(x->text.at, y->text.at, n) != 0)
        return false; /* nearly all differ in how they begin */
    search *s = (search *)dgm_mem_new(&l->env->mem, sizeof *s);
    if (!s) {
        l->nomem = true;
        return true;
    }
    bool both = meet(s, a, b, sample);
    dgm_mem_free(&l->env->mem, s, sizeof *s);
    return both;
}
