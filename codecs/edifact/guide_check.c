/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_check.c - holds a message against its guide in one walk over its nodes. Each node knows by its slot which spots it may fit;
 * what no spot lies below is passed over whole. Counting and rules are decided when an occurrence is over. Nothing is allocated,
 * and the work is linear in the message for any one guide. One thread.
 */
#include "guide_check.h"

#include "base/decimal.h"

#include <stdio.h>

/* ---- room ---- */

static size_t room_for(const dgm_edi_guide *g)
{
    return g->spot_count * (sizeof(guide_state) + sizeof(guide_frame)) + (g->rule_count + 1) * sizeof(guide_pair);
}

/* At UNH, where it says what it is. */
static void tell_none(dgm_edi_reader *r)
{
    const bool any = r->host.guide_count > 0;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, 1), last = t;
    for (uint32_t c = 5; c > 1 && last.at == t.at; c--)
        if (dgm_edi_token_len(dgm_edi_token_at(&r->segment, 2, c))) last = dgm_edi_token_at(&r->segment, 2, c);
    size_t end = last.at + dgm_edi_token_len(last);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_GUIDE_NONE, DGM_WARNING, t.at, end - t.at, 2, 0);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(&r->type));
    dgm_edi_say(r, d, any ? "" : ", none is loaded");
}

void dgm_edi_guide_ready(dgm_edi_reader *r)
{
    if (!r->kind->guide) {
        tell_none(r);
        return;
    }
    dgm_status st = dgm_mem_reserve(&r->mem, &r->guide_state, &r->guide_state_room, room_for(r->kind->guide->guide), 1);
    if (st != DGM_OK) r->failed = st;
}

/* ---- tests ---- */

static bool among(const dgm_slice *values, uint32_t n, dgm_slice value)
{
    for (uint32_t i = 0; i < n; i++)
        if (dgm_slice_equal(values[i], value)) return true;
    return false;
}

static inline uint32_t same_of(const guide_walk *w, uint32_t node)
{
    uint32_t slot = dgm_node_slot(&w->t->nodes[node]);
    return slot < w->bound->slot_count ? w->bound->same[slot] : DGM_SLOT_NONE;
}

static inline uint32_t which_of(const guide_walk *w, uint32_t node)
{
    const dgm_node *n = &w->t->nodes[node];
    uint32_t more = n->place >> 16; /* of a slot that stands for several */
    return dgm_node_kind(n) < DGM_COMPOSITE ? n->place : w->bound->ordinal[dgm_node_slot(n)] + (more ? more - 1 : 0);
}

/* Is there a node of the test's place below this one, with one of its values? */
static bool stands_below(const guide_walk *w, const dgm_edi_guide_test *test, uint32_t node)
{
    uint32_t ends[DGM_DEPTH_MAX], k = 0, i = node + 1;
    ends[0] = dgm_tree_end(w->t, node);
    for (;;) {
        while (i >= ends[k]) {
            if (k == 0) return false;
            k--;
        }
        const dgm_edi_guide_step *step = &test->steps[k];
        bool fits = same_of(w, i) == step->slot && (step->ordinal == 0 || step->ordinal == which_of(w, i));
        if (fits && k + 1 == test->step_count) {
            if (test->value_count == 0 || among(test->values, test->value_count, dgm_tree_value(w->t, i))) return true;
            if (step->once) i = ends[k] - 1; /* nothing behind it can be meant */
        } else if (fits && k + 1 < DGM_DEPTH_MAX) {
            uint32_t end = dgm_tree_end(w->t, i);
            if (step->once) ends[k] = end;
            ends[++k] = end;
            i++;
            continue;
        }
        i = dgm_tree_next(w->t, i);
    }
}

static bool tests_hold(const guide_walk *w, const dgm_edi_guide_spot *s, uint32_t node)
{
    for (uint32_t i = 0; i < s->test_count; i++)
        if (stands_below(w, &s->tests[i], node) == s->tests[i].not ) return false;
    return true;
}

/* ---- what is said of a place ---- */

static void tell(guide_walk *w, uint32_t spot, uint32_t node, dgm_diag_code code, dgm_slice found)
{
    char what[256];
    const dgm_edi_guide_entry *e = w->g->spots[spot].entry;
    const guide_fault f = { code, e->severity, e->line, dgm_edi_guide_what(w, spot, what, sizeof what), found, e->why };
    dgm_edi_guide_tell(w, spot, node, &f);
}

static void check_codes(guide_walk *w, uint32_t spot, uint32_t node, dgm_slice value)
{
    char what[256], takes[256];
    const dgm_edi_guide_entry *e = w->g->spots[spot].entry;
    if (dgm_edi_guide_codes_has(&e->codes, value)) return;
    int n = e->why.len ? snprintf(takes, sizeof takes, "%.*s; it takes ", (int)e->why.len, e->why.at)
                       : snprintf(takes, sizeof takes, "it takes ");
    size_t len = n < 0 || (size_t)n >= sizeof takes ? sizeof takes - 1 : (size_t)n;
    for (uint32_t i = 0; i < e->codes.count && len + 5 < sizeof takes; i++) {
        const dgm_edi_guide_code *c = &e->codes.at[i];
        n = snprintf(takes + len, sizeof takes - len, c->name.len ? "%s%.*s (%.*s)" : "%s%.*s", i ? ", " : "", (int)c->code.len,
                     c->code.at, (int)c->name.len, c->name.at);
        if (n < 0 || (size_t)n + 5 >= sizeof takes - len) {
            memcpy(takes + len, " ...", 5); /* what does not fit is left out whole */
            len += 4;
            break;
        }
        len += (size_t)n;
    }
    const guide_fault f = { DGM_D_EDI_GUIDE_CODE, e->severity, e->line, dgm_edi_guide_what(w, spot, what, sizeof what), value,
                            { takes, len } };
    dgm_edi_guide_tell(w, spot, node, &f);
}

/* Digits before and behind the mark, and whether there is nothing else. */
static bool digits_of(dgm_slice v, uint32_t *all, uint32_t *behind)
{
    bool mark = false;
    *all = *behind = 0;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        if (c >= '0' && c <= '9')
            ++*all, *behind += mark;
        else if ((c == '.' || c == ',') && !mark)
            mark = true;
        else if (c != '-' || i)
            return false;
    }
    return *all > 0;
}

static void check_format(guide_walk *w, uint32_t spot, uint32_t node, dgm_slice value)
{
    char text[96];
    const dgm_edi_guide_entry *e = w->g->spots[spot].entry;
    uint32_t length, behind = 0;
    bool number = e->repr.class[0] == 'n', letters = e->repr.class[0] == 'a' && e->repr.class[1] == 0;
    bool good = !number || digits_of(value, &length, &behind);
    if (!number) length = (uint32_t)dgm_utf8_length(value);
    for (size_t i = 0; letters && i < value.len; i++) good &= value.at[i] < '0' || value.at[i] > '9';
    if (!good || (number && behind > e->repr.decimals)) {
        int n = good ? snprintf(text, sizeof text, "written with %u decimals, and %.*s is asked for", behind, (int)e->repr_text.len,
                                e->repr_text.at)
                     : snprintf(text, sizeof text, "\"%.*s\", and %.*s is asked for", (int)dgm_utf8_head(value, 20), value.at,
                                (int)e->repr_text.len, e->repr_text.at);
        tell(w, spot, node, DGM_D_EDI_GUIDE_CLASS, (dgm_slice){ text, (size_t)n });
        return;
    }
    if (length >= e->repr.length_min && length <= e->repr.length_max) return;
    bool shorter = length < e->repr.length_min;
    int n = snprintf(text, sizeof text, "%u %s%s, and %.*s is asked for", length, number ? "digit" : "character",
                     length == 1 ? "" : "s", (int)e->repr_text.len, e->repr_text.at);
    tell(w, spot, node, shorter ? DGM_D_EDI_GUIDE_TOO_SHORT : DGM_D_EDI_GUIDE_TOO_LONG, (dgm_slice){ text, (size_t)n });
}

static void check_entry(guide_walk *w, uint32_t spot, uint32_t node, uint32_t hits)
{
    const dgm_edi_guide_spot *s = &w->g->spots[spot];
    const dgm_edi_guide_entry *e = s->entry;
    const dgm_node *n = &w->t->nodes[node];
    if (e->use == DGM_EDI_UNUSED) {
        tell(w, spot, node, DGM_D_EDI_GUIDE_UNUSED, (dgm_slice){ 0 });
        return;
    }
    if (e->max && hits > e->max) {
        char text[64];
        int len = snprintf(text, sizeof text, "%u times, %u at most", hits, e->max);
        bool group = dgm_node_kind(n) == DGM_GROUP;
        tell(w, spot, node, group ? DGM_D_EDI_GUIDE_GROUP_TOO_MANY : DGM_D_EDI_GUIDE_TOO_MANY, (dgm_slice){ text, (size_t)len });
    }
    if (!s->leaf || dgm_node_flags(n) & DGM_BAD) return; /* what is wrong already is told already */
    if (e->codes.count) check_codes(w, spot, node, dgm_tree_value(w->t, node));
    if (e->repr_text.len) check_format(w, spot, node, dgm_tree_value(w->t, node));
}

/* ---- rules ---- */

static bool equal(dgm_slice a, dgm_slice b)
{
    if (dgm_slice_equal(a, b)) return true;
    return dgm_decimal_valid(a, '.') && dgm_decimal_valid(b, '.') && dgm_decimal_compare(a, b) == 0;
}

static void watch(guide_walk *w, const dgm_edi_guide_spot *s, uint32_t node)
{
    for (uint32_t i = 0; i < s->watch_count; i++) {
        uint32_t which = w->g->watches[s->first_watch + i];
        guide_pair *p = &w->pairs[which];
        if (p->first <= w->states[w->g->rules[which].scope].last)
            *p = (guide_pair){ node, 0 };
        else if (p->other == 0 && !equal(dgm_tree_value(w->t, p->first), dgm_tree_value(w->t, node)))
            p->other = node;
    }
}

static bool stands(const guide_walk *w, const dgm_edi_guide_rule *rule, const dgm_edi_guide_term *term)
{
    return w->states[term->spot].last > (term->top ? 0 : w->states[rule->scope].last);
}

static size_t append(char *to, size_t len, size_t room, dgm_slice text)
{
    for (size_t i = 0; i < text.len && len < room; i++) to[len++] = text.at[i];
    return len;
}

/* Where the rule began to hold; else where its occurrence begins. */
static uint32_t anchor(const guide_walk *w, const dgm_edi_guide_rule *rule, uint32_t *spot)
{
    for (uint32_t i = 0; i < rule->when_count; i++)
        if (!rule->whens[i].not ) {
            *spot = rule->whens[i].spot;
            return w->states[*spot].first;
        }
    *spot = rule->scope;
    return w->states[rule->scope].last;
}

static void tell_rule(guide_walk *w, const dgm_edi_guide_rule *rule, dgm_diag_code code, dgm_slice what, uint32_t spot,
                      uint32_t node)
{
    char cause[256];
    size_t len = 0;
    if (rule->when.len) {
        len = append(cause, len, sizeof cause, DGM_LITERAL(" when "));
        len = append(cause, len, sizeof cause, rule->when);
    }
    if (rule->each.len) {
        len = append(cause, len, sizeof cause, rule->when.len ? DGM_LITERAL(", in each ") : DGM_LITERAL(" in each "));
        len = append(cause, len, sizeof cause, rule->each);
    }
    const guide_fault f = { code, rule->severity, rule->line, what, { cause, len }, rule->why };
    dgm_edi_guide_tell(w, spot, node, &f);
}

static dgm_slice list_of(const dgm_edi_guide_rule *rule, char *room, size_t bytes)
{
    size_t len = 0;
    for (uint32_t i = 0; i < rule->term_count; i++) {
        if (i) len = append(room, len, bytes, DGM_LITERAL(", "));
        len = append(room, len, bytes, rule->terms[i].text);
    }
    return (dgm_slice){ room, len };
}

static void check_count(guide_walk *w, const dgm_edi_guide_rule *rule)
{
    char list[256];
    uint32_t there = 0, spot = 0, node = 0, second = 0, second_spot = 0;
    for (uint32_t i = 0; i < rule->term_count; i++) {
        if (!stands(w, rule, &rule->terms[i])) continue;
        there++;
        if (there < 2) continue;
        second_spot = rule->terms[i].spot;
        second = w->states[second_spot].first;
    }
    if (there == 1 || (there && rule->kind == DGM_EDI_ANY_OF)) return;
    node = anchor(w, rule, &spot);
    tell_rule(w, rule, rule->kind == DGM_EDI_ANY_OF ? DGM_D_EDI_GUIDE_ANY_OF : DGM_D_EDI_GUIDE_ONE_OF,
              list_of(rule, list, sizeof list), there ? second_spot : spot, there ? second : node);
}

static void check_rule(guide_walk *w, uint32_t which)
{
    const dgm_edi_guide_rule *rule = &w->g->rules[which];
    char list[256];
    for (uint32_t i = 0; i < rule->when_count; i++)
        if (stands(w, rule, &rule->whens[i]) == rule->whens[i].not ) return;
    if (rule->kind == DGM_EDI_EQUAL) {
        const guide_pair *p = &w->pairs[which];
        if (p->other <= w->states[rule->scope].last) return;
        uint32_t spot = rule->terms[0].spot;
        for (uint32_t i = 0; i < rule->term_count; i++)
            if (w->g->spots[rule->terms[i].spot].slot == same_of(w, p->other)) spot = rule->terms[i].spot;
        tell_rule(w, rule, DGM_D_EDI_GUIDE_EQUAL, list_of(rule, list, sizeof list), spot, p->other);
        return;
    }
    if (rule->kind >= DGM_EDI_ONE_OF) {
        check_count(w, rule);
        return;
    }
    for (uint32_t i = 0; i < rule->term_count; i++) {
        const dgm_edi_guide_term *term = &rule->terms[i];
        bool there = stands(w, rule, term);
        uint32_t spot = term->spot, node;
        if (there == (rule->kind == DGM_EDI_REQUIRE)) continue;
        node = there ? w->states[spot].first : anchor(w, rule, &spot);
        tell_rule(w, rule, there ? DGM_D_EDI_GUIDE_FORBIDDEN : DGM_D_EDI_GUIDE_REQUIRED, term->text, spot, node);
    }
}

/* ---- the walk ---- */

static void missing(guide_walk *w, uint32_t spot, uint32_t hits)
{
    const dgm_edi_guide_entry *e = w->g->spots[spot].entry;
    char what[256], text[64];
    int n = e->min == 1 ? snprintf(text, sizeof text, "it is required")
                        : snprintf(text, sizeof text, "%u are required, there are %u", e->min, hits);
    dgm_kind kind = dgm_shape_slot(w->g->shape, w->g->spots[spot].slot)->kind;
    const guide_fault f = { kind >= DGM_COMPOSITE ? DGM_D_EDI_GUIDE_ELEMENT_MISSING : DGM_D_EDI_GUIDE_SEGMENT_MISSING,
                            e->severity,
                            e->line,
                            dgm_edi_guide_what(w, spot, what, sizeof what),
                            { text, (size_t)n },
                            e->why };
    dgm_edi_guide_tell_missing(w, spot, hits, &f);
}

/* An occurrence is over: is all in it that must be, and do its rules hold? A composite that is not there is no occurrence: what
 * must be in it is missing in its segment. */
static void close(guide_walk *w, uint32_t spot)
{
    const dgm_edi_guide_spot *s = &w->g->spots[spot];
    for (uint32_t i = s->first_child; i < s->first_child + s->child_count; i++) {
        const dgm_edi_guide_spot *child = &w->g->spots[i];
        uint32_t hits = w->states[i].hits;
        if (child->entry && hits < child->entry->min) {
            missing(w, i, hits);
            continue;
        }
        if (hits || child->test_count || dgm_shape_slot(w->g->shape, child->slot)->kind != DGM_COMPOSITE) continue;
        for (uint32_t k = child->first_child; k < child->first_child + child->child_count; k++)
            if (w->g->spots[k].entry && w->g->spots[k].entry->min) missing(w, k, 0);
    }
    for (uint32_t i = 0; i < s->rule_count; i++) check_rule(w, s->first_rule + i);
}

/* What a node is called that fits a spot. */
static void name(guide_walk *w, const dgm_edi_guide_spot *s)
{
    if (!s->entry || !s->entry->name.len) return;
    if (!w->name.len || s->test_count || s->value_count || s->from) w->name = s->entry->name;
}

/* Does a node fit a spot that its slot has? If it does, whatever is said of it is looked at. */
static bool meet(guide_walk *w, uint32_t spot, uint32_t node)
{
    const dgm_edi_guide_spot *s = &w->g->spots[spot];
    guide_state *st = &w->states[spot];
    if (w->states[s->parent].end <= node) return false;
    if (s->test_count && !tests_hold(w, s, node)) return false;
    if (s->value_count && !among(s->values, s->value_count, dgm_tree_value(w->t, node))) return false;
    st->seen++;
    uint32_t number = s->test_count ? st->seen : which_of(w, node);
    if (s->from && (number < s->from || number > s->to)) return false;
    st->hits++;
    if (st->last <= w->states[s->home].last) st->first = node;
    st->last = node;
    st->end = dgm_tree_end(w->t, node);
    for (uint32_t i = s->first_child; i < s->first_child + s->child_count; i++) w->states[i].hits = w->states[i].seen = 0;
    if (w->called) {
        name(w, s);
        return !s->leaf;
    }
    if (s->closes) w->frames[w->frame_count++] = (guide_frame){ spot, st->end };
    if (s->entry) check_entry(w, spot, node, st->hits);
    if (s->watch_count) watch(w, s, node);
    return !s->leaf;
}

static void walk(guide_walk *w)
{
    const uint32_t *from = w->g->uses_from;
    w->states[0].end = w->t->node_count;
    for (uint32_t i = 1; i < w->t->node_count;) {
        while (w->frame_count && w->frames[w->frame_count - 1].end <= i) close(w, w->frames[--w->frame_count].spot);
        uint32_t slot = same_of(w, i);
        bool deeper = false;
        if (slot != DGM_SLOT_NONE)
            for (uint32_t k = from[slot]; k < from[slot + 1]; k++) deeper |= meet(w, w->g->uses[k], i);
        if (w->name.len) {
            w->called(w->called_ctx, i, w->name);
            w->name.len = 0;
        }
        i = deeper ? i + 1 : dgm_tree_next(w->t, i);
    }
    while (w->frame_count) close(w, w->frames[--w->frame_count].spot);
    if (!w->called) close(w, 0);
}

static void lay_out(guide_walk *w, char *room)
{
    const dgm_edi_guide *g = w->g;
    w->states = (guide_state *)(void *)room;
    w->frames = (guide_frame *)(void *)(room + g->spot_count * sizeof(guide_state));
    w->pairs = (guide_pair *)(void *)(room + g->spot_count * (sizeof(guide_state) + sizeof(guide_frame)));
    memset(w->states, 0, g->spot_count * sizeof *w->states);
    memset(w->pairs, 0, g->rule_count * sizeof *w->pairs);
}

dgm_status dgm_edi_guide_names(const dgm_edi_guide *g, const dgm_tree *t, const dgm_mem *mem,
                               void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx)
{
    guide_walk w = { .t = t, .g = g, .called = called, .called_ctx = ctx };
    for (uint32_t i = 0; i < g->bound_count; i++)
        if (g->bound[i].shape == t->shape) w.bound = &g->bound[i];
    if (!w.bound || t->node_count == 0) return DGM_UNKNOWN;
    char *room = dgm_mem_new(mem, room_for(g));
    if (!room) return DGM_NOMEM;
    lay_out(&w, room);
    walk(&w);
    dgm_mem_free(mem, room, room_for(g));
    return DGM_OK;
}

void dgm_edi_guide_check(dgm_edi_reader *r, const dgm_tree *tree, const dgm_edi_guide_bound *bound)
{
    const dgm_edi_guide *g = bound->guide;
    if (tree->node_count == 0 || tree->shape != bound->shape) return;
    guide_walk w = { .r = r, .t = tree, .bound = bound, .g = g };
    lay_out(&w, r->guide_state);
    walk(&w);
}
