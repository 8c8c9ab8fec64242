/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens.c - records cut by pattern: one walk over the record's program and its characters, each looked at a bounded number of
 * times, never back. What stands where something else is expected is told once, and reading goes on with the next line that fits.
 * Pure; any thread.
 */
#include "tokens.h"

#include <stdio.h>

typedef struct cut_frame {
    uint32_t group, count; /* occurrences before the one in hand */
} cut_frame;

typedef struct cutter {
    const dgm_flat_layout *l;
    const dgm_flat_tokens *t;
    const dgm_flat_visit *visit;
    dgm_slice text;
    size_t at, done; /* done: behind the last thing that was taken whole */
    cut_frame open[DGM_FLAT_NEST_MAX];
    uint32_t depth;
    dgm_flat_unmet unmet; /* ops that were passed over where unmet.at says */
    bool wrong;
} cutter;

/* ---- characters ---- */

static inline uint32_t symbol(dgm_slice t, size_t at, size_t *width)
{
    *width = 1;
    if (at >= t.len) return DGM_FLAT_NOTHING;
    unsigned char c = (unsigned char)t.at[at];
    if ((c >= ' ' && c < 0x7F) || c == '\n') return c;
    if (c != '\r' || at + 1 >= t.len || t.at[at + 1] != '\n') return 0;
    *width = 2;
    return '\n';
}

/* The character behind one. */
static inline uint32_t behind(dgm_slice t, uint32_t c, size_t *at, size_t *width)
{
    if (c == DGM_FLAT_NOTHING || c == DGM_FLAT_BEYOND) return DGM_FLAT_BEYOND;
    *at += *width;
    return symbol(t, *at, width);
}

static bool chosen(const dgm_flat_choice *choice, dgm_slice t, size_t at)
{
    uint32_t c[DGM_FLAT_AHEAD];
    size_t width;
    c[0] = symbol(t, at, &width);
    if (choice->ahead == 0) return dgm_flat_in(choice->in, c[0]);
    for (uint32_t i = 0; i < choice->ahead; i++) c[i + 1] = behind(t, c[i], &at, &width);
    if (choice->ways == 0) return dgm_flat_in(choice->in, c[choice->ahead]);
    const dgm_flat_set *in = choice->in;
    for (uint32_t w = 0; w < choice->ways; w++, in += choice->ahead + 1) {
        uint32_t i = 0;
        while (i <= choice->ahead && dgm_flat_in(&in[i], c[i])) i++;
        if (i > choice->ahead) return true;
    }
    return false;
}

/* Behind blanks that end a line; at: there are none. */
static size_t behind_blanks(dgm_slice t, size_t at)
{
    size_t to = at, width;
    while (to < t.len && t.at[to] == ' ') to++;
    uint32_t c = symbol(t, to, &width);
    return c == '\n' || c == DGM_FLAT_NOTHING ? to : at;
}

static bool skip_blanks(cutter *c)
{
    size_t to = behind_blanks(c->text, c->at);
    if (to == c->at) return false;
    if (c->visit && c->visit->blanks) c->visit->blanks(c->visit->ctx, c->at, to);
    c->at = c->done = to;
    return true;
}

static bool goes(cutter *c, const dgm_flat_choice *choice)
{
    if (!choice->in) return false;
    if (!choice->blank && c->at < c->text.len && c->text.at[c->at] == ' ') skip_blanks(c);
    return chosen(choice, c->text, c->at);
}

/* ---- what was expected ---- */

/* What was passed over elsewhere is not expected here. */
static void here_only(cutter *c)
{
    if (c->unmet.at == c->at) return;
    c->unmet = (dgm_flat_unmet){ .at = c->at };
}

static void passed_over(cutter *c, uint32_t op)
{
    here_only(c);
    if (c->unmet.count + 1 < DGM_FLAT_UNMET_MAX)
        c->unmet.ops[c->unmet.count++] = op;
    else
        c->unmet.others = true;
}

static void close_group(cutter *c)
{
    const dgm_flat_token *g = &c->t->ops[c->open[--c->depth].group];
    if (g->step != DGM_NONE && c->visit && c->visit->close) c->visit->close(c->visit->ctx, g);
}

static dgm_status open_group(cutter *c, const dgm_flat_token *g)
{
    bool named = g->step != DGM_NONE && c->visit && c->visit->open;
    return named ? c->visit->open(c->visit->ctx, g, c->open[c->depth - 1].count + 1, c->at) : DGM_OK;
}

/* The next line that a group which is open goes on with: *level, and where it begins; false: none. */
static bool next_line(const cutter *c, uint32_t *level, size_t *at)
{
    for (size_t to = c->at; to < c->text.len; to++) {
        if (c->text.at[to] != '\n') continue;
        size_t begin = to > 0 && c->text.at[to - 1] == '\r' ? to - 1 : to;
        if (begin < c->done) continue;
        for (uint32_t i = c->depth; i-- > 0;) {
            const dgm_flat_token *g = &c->t->ops[c->open[i].group];
            bool lines = g->again.len && g->again.at[0] == '\n' && c->open[i].count + 1 < g->max && g->other_choice.in;
            if (!lines || !chosen(&g->other_choice, c->text, begin)) continue;
            *level = i;
            *at = begin;
            return true;
        }
        return false; /* a line that none of them has: what follows it would be put where it does not belong */
    }
    return false;
}

/* Tells what was expected; *op: where reading goes on, DGM_NONE: nowhere. */
static dgm_status fail(cutter *c, uint32_t *op, const dgm_flat_run *run)
{
    uint32_t level = 0;
    size_t to = c->text.len;
    c->wrong = true;
    here_only(c);
    c->unmet.ops[c->unmet.count++] = *op;
    c->unmet.run = run;
    bool goes_on = c->visit && next_line(c, &level, &to);
    dgm_status st = c->visit && c->visit->unmet ? c->visit->unmet(c->visit->ctx, &c->unmet, c->done, to) : DGM_OK;
    c->unmet = (dgm_flat_unmet){ .at = SIZE_MAX };
    *op = DGM_NONE;
    while (c->depth > (goes_on ? level + 1 : 0)) close_group(c);
    if (st != DGM_OK || !goes_on) return st;
    c->at = c->done = to;
    *op = c->t->ops[c->open[level].group].other;
    return DGM_OK;
}

/* ---- one token ---- */

static bool take_text(cutter *c, dgm_slice wanted)
{
    size_t at = c->at, width;
    for (size_t i = 0; i < wanted.len; i++) {
        uint32_t s = symbol(c->text, at, &width);
        if (i == 0 && s == ' ' && wanted.at[0] == '\n' && skip_blanks(c)) s = symbol(c->text, at = c->at, &width);
        if (s != (unsigned char)wanted.at[i]) return false;
        at += width;
    }
    c->at = c->done = at;
    return true;
}

static dgm_status take_field(cutter *c, uint32_t *op)
{
    const dgm_flat_token *f = &c->t->ops[*op];
    if (f->empty && !goes(c, &f->first)) {
        passed_over(c, *op);
        ++*op;
        return DGM_OK;
    }
    size_t from = c->at;
    for (uint32_t k = f->first_run; k < f->first_run + f->run_count; k++) {
        const dgm_flat_run *run = &c->t->runs[k];
        for (uint32_t n = 0; n < run->max; n++) {
            bool another = n < run->min || chosen(&run->more, c->text, c->at);
            if (!another) break;
            size_t width;
            if (!dgm_flat_in(run->set, symbol(c->text, c->at, &width))) {
                return fail(c, op, run);
            }
            c->at++;
        }
    }
    const cut_frame *top = c->depth ? &c->open[c->depth - 1] : NULL;
    uint32_t number = top && c->t->ops[top->group].single ? top->count + 1 : 1;
    c->done = c->at;
    ++*op;
    return c->visit && c->visit->value ? c->visit->value(c->visit->ctx, f, number, from, c->at) : DGM_OK;
}

static dgm_status enter(cutter *c, uint32_t *op)
{
    const dgm_flat_token *g = &c->t->ops[*op];
    if (g->min == 0 && !goes(c, &g->first)) {
        passed_over(c, *op);
        *op = g->other + 1;
        return DGM_OK;
    }
    if (!take_text(c, g->text)) return fail(c, op, NULL);
    c->open[c->depth++] = (cut_frame){ *op, 0 };
    ++*op;
    return open_group(c, g);
}

static dgm_status again(cutter *c, uint32_t *op)
{
    uint32_t group = c->t->ops[*op].other;
    const dgm_flat_token *g = &c->t->ops[group];
    uint32_t count = c->open[c->depth - 1].count + 1;
    bool more = count < g->max && (count < g->min || goes(c, &g->other_choice));
    close_group(c);
    if (!more) {
        if (count < g->max) passed_over(c, group);
        ++*op;
        return DGM_OK;
    }
    if (!take_text(c, g->again)) {
        *op = group;
        return fail(c, op, NULL);
    }
    c->open[c->depth++] = (cut_frame){ group, count };
    *op = group + 1;
    return open_group(c, g);
}

dgm_status dgm_flat_cut(const dgm_flat_layout *l, uint32_t place, dgm_slice text, const dgm_flat_visit *visit)
{
    cutter c = { .l = l, .t = l->tokens, .visit = visit, .text = text };
    uint32_t op = c.t->first[place];
    dgm_status st = DGM_OK;
    while (op != DGM_NONE && st == DGM_OK) {
        const dgm_flat_token *t = &c.t->ops[op];
        switch ((dgm_flat_op)t->op) {
        case DGM_FLAT_OP_TEXT:
            if (take_text(&c, t->text))
                op++;
            else
                st = fail(&c, &op, NULL);
            break;
        case DGM_FLAT_OP_FIELD: st = take_field(&c, &op); break;
        case DGM_FLAT_OP_GROUP: st = enter(&c, &op); break;
        case DGM_FLAT_OP_BACK: st = again(&c, &op); break;
        case DGM_FLAT_OP_DONE:
        default:
            if (c.at < text.len && text.at[c.at] == ' ') skip_blanks(&c);
            if (c.at == text.len)
                op = DGM_NONE;
            else
                st = fail(&c, &op, NULL);
            break;
        }
        if (c.wrong && !visit) return DGM_INVALID;
    }
    return st != DGM_OK ? st : c.wrong ? DGM_INVALID : DGM_OK;
}

size_t dgm_flat_pattern_takes(const dgm_flat_tokens *t, const dgm_flat_token *f, dgm_slice text, const dgm_flat_run **stopped)
{
    size_t at = 0;
    *stopped = NULL;
    for (uint32_t k = f->first_run; k < f->first_run + f->run_count; k++) {
        const dgm_flat_run *run = &t->runs[k];
        uint32_t n = 0;
        size_t width;
        while (n < run->max && dgm_flat_in(run->set, symbol(text, at, &width))) n++, at++;
        if (n < run->min) {
            *stopped = run;
            return at;
        }
    }
    return at;
}

/* ---- which record ---- */

uint32_t dgm_flat_token_kind(const dgm_flat_layout *l, dgm_slice text)
{
    uint32_t first[DGM_FLAT_AHEAD];
    size_t at = 0, width;
    first[0] = symbol(text, at, &width);
    for (uint32_t i = 1; i < DGM_FLAT_AHEAD; i++) first[i] = behind(text, first[i - 1], &at, &width);
    for (uint32_t k = 0; k < l->kind_count; k++) {
        const dgm_flat_head *h = &l->tokens->heads[k];
        uint32_t i = 0;
        while (i < h->count && dgm_flat_in(&h->at[i], first[i])) i++;
        if (i == h->count) return k;
    }
    return DGM_NONE;
}

bool dgm_flat_token_fits(const dgm_flat_layout *l, uint32_t place, dgm_slice text)
{
    return dgm_flat_cut(l, place, text, NULL) == DGM_OK;
}

bool dgm_flat_fold(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out,
                   bool (*line)(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out))
{
    while (line(l, bytes, last, seen, out)) {
        size_t next = out->len + out->end_len;
        if (!l->tokens->continuation || !out->ended) return true;
        if (next >= bytes.len) {
            *seen = out->len;
            return last;
        }
        if (bytes.at[next] != l->tokens->continuation) return true;
        *seen = next;
    }
    return false;
}

/* ---- words ---- */

static size_t literal_words(dgm_slice t, char *out, size_t n)
{
    bool line = t.len && t.at[0] == '\n';
    if (line) t = dgm_slice_part(t, 1, t.len);
    if (line && !t.len) return (size_t)snprintf(out, n, "the end of the line");
    return (size_t)snprintf(out, n, "\"%.*s\"%s", (int)t.len, t.at, line ? " on a new line" : "");
}

size_t dgm_flat_token_words(const dgm_flat_layout *l, uint32_t op, const dgm_flat_run *run, char *out, size_t n)
{
    const dgm_flat_tokens *t = l->tokens;
    while (t->ops[op].op == DGM_FLAT_OP_GROUP && !t->ops[op].text.len && !t->ops[op].again.len) op++;
    const dgm_flat_token *k = &t->ops[op];
    size_t used = 0;
    if (k->op == DGM_FLAT_OP_TEXT || k->op == DGM_FLAT_OP_GROUP) {
        used = literal_words(k->text.len ? k->text : k->again, out, n);
        bool one = k->text.len > 0 && used < n && k[1].op == DGM_FLAT_OP_FIELD;
        dgm_slice name = one ? l->steps[k[1].step].name : (dgm_slice){ 0 };
        if (one) used += (size_t)snprintf(out + used, n - used, " and %.*s", (int)name.len, name.at);
    } else if (k->op == DGM_FLAT_OP_FIELD) {
        dgm_slice name = l->steps[k->step].name;
        used = (size_t)snprintf(out, n, "%s%s%.*s (%.*s)", run ? run->said : "", run ? " of " : "", (int)name.len, name.at,
                                (int)k->said.len, k->said.at);
    } else {
        used = (size_t)snprintf(out, n, "the end of the record");
    }
    return used < n ? used : n ? n - 1 : 0;
}
