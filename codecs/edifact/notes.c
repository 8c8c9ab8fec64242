/* SPDX-License-Identifier: Apache-2.0
 *
 * notes.c - dependency notes (ISO 9735-1, D1 to D7): what asks for what, and what bars what, among the elements of a segment, the
 * components of a composite and the parts of a message. Segments that keep them have molds and come by here once for each order of
 * theirs (mold.c). A reader belongs to one thread.
 */
#include "reader.h"

#include <stdio.h>

/* ---- making ---- */

static uint32_t count_notes(dgm_slice notes)
{
    dgm_edi_note note;
    uint32_t n = 0;
    while (dgm_edi_note_next(&notes, &note)) n++;
    return n;
}

/* The element positions that item `item` of a segment takes up. */
static void positions_of(const dgm_edi_directory *d, dgm_slice items, uint32_t item, uint16_t *first, uint16_t *last)
{
    dgm_edi_item it;
    uint32_t at = 1;
    *first = *last = 0;
    for (uint32_t i = 1; dgm_edi_item_next(&items, &it); i++) {
        uint32_t takes = d->syntax4 ? 1 : it.max;
        if (i == item) {
            *first = (uint16_t)at;
            *last = (uint16_t)(at + takes - 1 > UINT16_MAX ? UINT16_MAX : at + takes - 1);
            return;
        }
        at += takes;
        if (at > UINT16_MAX) return;
    }
}

static dgm_edi_rule *add_rule(dgm_edi_layout *l, const dgm_edi_note *note, uint32_t element)
{
    dgm_edi_rule *rule = (dgm_edi_rule *)(uintptr_t)&l->rules[l->rule_count++];
    *rule = (dgm_edi_rule){
        .text = note->text, .kind = (uint8_t)note->kind, .count = (uint8_t)note->count, .element = (uint16_t)element
    };
    return rule;
}

dgm_status dgm_edi_rules_of_layout(dgm_arena *a, const dgm_edi_directory *d, dgm_edi_layout *l)
{
    dgm_edi_list segment;
    dgm_edi_note note;
    dgm_slice notes = dgm_edi_notes_of(d, DGM_EDI_SEGMENTS, l->tag);
    uint32_t n = count_notes(notes);
    for (uint32_t i = 0; i < l->place_count; i++)
        if (l->places[i].count) n += count_notes(dgm_edi_notes_of(d, DGM_EDI_COMPOSITES, l->place_names[i].id));
    if (n == 0) return DGM_OK;
    l->rules = DGM_NEW(a, dgm_edi_rule, n);
    if (!l->rules) return DGM_NOMEM;
    dgm_edi_segment_find(d, l->tag, &segment);
    while (dgm_edi_note_next(&notes, &note)) {
        dgm_edi_rule *rule = add_rule(l, &note, 0);
        for (uint32_t i = 0; i < note.count; i++) positions_of(d, segment.items, note.at[i], &rule->first[i], &rule->last[i]);
    }
    for (uint32_t i = 0, next; i < l->place_count; i = next) {
        const dgm_edi_place *place = &l->places[i];
        for (next = i + 1; next < l->place_count && dgm_slice_equal(l->place_names[next].id, l->place_names[i].id);) next++;
        if (!place->count) continue;
        notes = dgm_edi_notes_of(d, DGM_EDI_COMPOSITES, l->place_names[i].id);
        while (dgm_edi_note_next(&notes, &note)) { /* one for all that follow each other */
            dgm_edi_rule *rule = add_rule(l, &note, place->element);
            rule->until = (uint16_t)dgm_edi_place_last(&l->places[next - 1]);
            for (uint32_t k = 0; k < note.count; k++) rule->first[k] = rule->last[k] = note.at[k];
        }
    }
    return DGM_OK;
}

/* ---- keeping ---- */

static uint32_t how_many(uint32_t bits)
{
    uint32_t n = 0;
    for (; bits; bits &= bits - 1) n++;
    return n;
}

bool dgm_edi_rule_kept(const dgm_edi_rule *rule, uint32_t there)
{
    uint32_t n = how_many(there);
    switch ((dgm_edi_note_kind)rule->kind) {
    case DGM_EDI_NOTE_ONE: return n == 1;
    case DGM_EDI_NOTE_ALL: return n == 0 || n == rule->count;
    case DGM_EDI_NOTE_SOME: return n > 0;
    case DGM_EDI_NOTE_AT_MOST: return n <= 1;
    case DGM_EDI_NOTE_THEN_ALL: return !(there & 1) || n == rule->count;
    case DGM_EDI_NOTE_THEN_SOME: return !(there & 1) || n > 1;
    case DGM_EDI_NOTE_THEN_NONE: return !(there & 1) || n == 1;
    }
    return true;
}

/* ---- telling ---- */

/* Where a thing that a rule speaks of stands, or would, and what it is called. */
typedef struct thing {
    size_t at, bytes;
    uint32_t element, component;
    dgm_slice id, title;
} thing;
typedef void thing_at(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t i, void *ctx, thing *out);

static dgm_diag *tell(dgm_edi_reader *r, dgm_diag_code code, const thing *t)
{
    dgm_diag *d = dgm_edi_report(r, code, DGM_ERROR, t->at, t->bytes, t->element, t->component);
    return d;
}

static void say_rule(dgm_edi_reader *r, dgm_diag *d, const dgm_edi_rule *rule)
{
    char text[160];
    int n = snprintf(text, sizeof text, "%.*s, %s", (int)rule->text.len, rule->text.at,
                     dgm_edi_note_words((dgm_edi_note_kind)rule->kind));
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    dgm_edi_say_slice(r, d, (dgm_slice){ text, len });
}

/* One of them is missing (DGM_D_EDI_PAIRED) or may not be there (DGM_D_EDI_BARRED) because of another. */
static void tell_one(dgm_edi_reader *r, const dgm_edi_rule *rule, dgm_diag_code code, const thing *one, const thing *because)
{
    dgm_diag *d = tell(r, code, one);
    dgm_edi_say_slice(r, d, one->id);
    dgm_edi_say_slice(r, d, one->title);
    dgm_edi_say_slice(r, d, because->id);
    say_rule(r, d, rule);
}

/* None of them is there, or none but the first: told where the first of those that could be would stand. */
static void tell_none(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t from, thing_at *where, void *ctx)
{
    char names[128];
    size_t len = 0;
    thing first = { 0 };
    for (uint32_t i = from; i < rule->count; i++) {
        thing t = { 0 };
        where(r, rule, i, ctx, &t);
        if (i == from) first = t;
        int n = snprintf(names + len, sizeof names - len, "%s%.*s", len ? ", " : "", (int)t.id.len, t.id.at ? t.id.at : "");
        if (n > 0) len = len + (size_t)n < sizeof names ? len + (size_t)n : sizeof names - 1;
    }
    dgm_diag *d = tell(r, DGM_D_EDI_NONE_OF, &first);
    dgm_edi_say_slice(r, d, (dgm_slice){ names, len });
    say_rule(r, d, rule);
}

static void tell_broken(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t there, thing_at *where, void *ctx)
{
    uint32_t first = 0;
    thing one = { 0 };
    while (first < rule->count && !(there >> first & 1)) first++;
    if (first == rule->count || (rule->kind == DGM_EDI_NOTE_THEN_SOME)) {
        tell_none(r, rule, rule->kind == DGM_EDI_NOTE_THEN_SOME, where, ctx);
        return;
    }
    where(r, rule, first, ctx, &one);
    bool wants = rule->kind == DGM_EDI_NOTE_ALL || rule->kind == DGM_EDI_NOTE_THEN_ALL;
    for (uint32_t i = 0; i < rule->count; i++) {
        thing other = { 0 };
        if (i == first || (there >> i & 1) == wants) continue;
        where(r, rule, i, ctx, &other);
        if (wants)
            tell_one(r, rule, DGM_D_EDI_PAIRED, &other, &one);
        else
            tell_one(r, rule, DGM_D_EDI_BARRED, &other, &one);
    }
}

/* ---- segments ---- */

/* The tokens of one occurrence of an element. */
typedef struct stretch {
    const dgm_edi_token *from, *to;
} stretch;

static bool any_value(stretch in)
{
    for (; in.from < in.to; in.from++)
        if (dgm_edi_token_len(*in.from)) return true;
    return false;
}

static void element_thing(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t i, void *ctx, thing *out)
{
    const dgm_edi_layout *l = ctx;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, rule->first[i], 1);
    uint32_t at = dgm_edi_place_at(l, rule->first[i]);
    *out = (thing){ .at = t.at, .bytes = dgm_edi_token_len(t), .element = rule->first[i] };
    if (at < l->place_count) out->id = l->place_names[at].id, out->title = l->place_names[at].title;
}

typedef struct of_composite {
    const dgm_edi_layout *layout;
    uint32_t element;
    stretch in;
} of_composite;

static void component_thing(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t i, void *ctx, thing *out)
{
    const of_composite *c = ctx;
    const dgm_edi_token *t = c->in.from + rule->first[i] - 1;
    const dgm_edi_place *place = &c->layout->places[dgm_edi_place_at(c->layout, c->element)];
    (void)r;
    *out = (thing){ .element = c->element, .component = rule->first[i] };
    if (t < c->in.to)
        out->at = t->at, out->bytes = dgm_edi_token_len(*t);
    else
        out->at = c->in.to[-1].at + dgm_edi_token_len(c->in.to[-1]);
    if (rule->first[i] > place->count) return;
    const dgm_edi_naming *name = &c->layout->leaf_names[place->first + rule->first[i] - 1u];
    out->id = name->id;
    out->title = name->title;
}

/* One occurrence of element e: are the rules of its composite kept? r: tells of those that are not. */
static bool check_composite(dgm_edi_reader *r, const dgm_edi_layout *l, uint32_t e, stretch in)
{
    of_composite ctx = { l, e, in };
    bool good = true;
    for (uint32_t k = 0; k < l->rule_count; k++) {
        const dgm_edi_rule *rule = &l->rules[k];
        uint32_t there = 0;
        if (!rule->element || e < rule->element || e > rule->until || !any_value(in)) continue;
        for (uint32_t i = 0; i < rule->count; i++) {
            const dgm_edi_token *t = in.from + rule->first[i] - 1;
            there |= (uint32_t)(t < in.to && dgm_edi_token_len(*t)) << i;
        }
        if (dgm_edi_rule_kept(rule, there)) continue;
        good = false;
        if (r) tell_broken(r, rule, there, component_thing, &ctx);
    }
    return good;
}

/* All rules of the segment that begins with a token, the last of which ends it. r: tells of those that are not kept. */
static bool check(dgm_edi_reader *r, const dgm_edi_layout *l, const dgm_edi_token *t)
{
    uint32_t there[DGM_EDI_NOTES_MAX] = { 0 }; /* of each rule of the segment itself */
    uint32_t rules = l->rule_count < DGM_EDI_NOTES_MAX ? l->rule_count : DGM_EDI_NOTES_MAX, repetition = 0;
    bool good = true;
    while (dgm_edi_component_follows(*t)) t++; /* nesting, told of elsewhere */
    for (uint32_t e = 0; !(t->info & DGM_EDI_KIND_TERMINATOR);) {
        stretch in = { t + 1, NULL };
        bool more = dgm_edi_repetition_follows(*t);
        for (t++; dgm_edi_component_follows(*t);) t++;
        in.to = t + 1;
        e += !more;
        repetition = more ? repetition + 1 : dgm_edi_repetition_follows(*t);
        if (r) r->repetition = repetition;
        good &= check_composite(r, l, e, in);
        for (uint32_t k = 0; k < rules && any_value(in); k++)
            for (uint32_t i = 0; i < l->rules[k].count && !l->rules[k].element; i++)
                there[k] |= (uint32_t)(l->rules[k].first[i] <= e && e <= l->rules[k].last[i]) << i;
    }
    if (r) r->repetition = 0;
    for (uint32_t k = 0; k < rules; k++) {
        if (l->rules[k].element || dgm_edi_rule_kept(&l->rules[k], there[k])) continue;
        good = false;
        if (r) tell_broken(r, &l->rules[k], there[k], element_thing, (void *)(uintptr_t)l);
    }
    return good;
}

void dgm_edi_check_rules(dgm_edi_reader *r, const dgm_edi_layout *l)
{
    (void)check(r, l, r->segment.token);
}

bool dgm_edi_rules_kept(const dgm_edi_layout *l, const dgm_edi_token *tokens)
{
    return check(NULL, l, tokens);
}

/* ---- messages ---- */

typedef struct of_message {
    const dgm_tree *tree;
    uint32_t group;                        /* the node whose parts are meant */
    uint32_t node[DGM_EDI_NOTE_ITEMS_MAX]; /* the first of each; DGM_NONE: it is not there */
    char names[DGM_EDI_NOTE_ITEMS_MAX][8]; /* "SG3" */
} of_message;

static void part_thing(dgm_edi_reader *r, const dgm_edi_rule *rule, uint32_t i, void *ctx, thing *out)
{
    of_message *c = ctx;
    const dgm_edi_program *p = r->program;
    const dgm_edi_position *pos = &p->positions[rule->first[i]];
    const dgm_edi_layout *l = &p->layouts[pos->group ? p->positions[pos->first_child].layout : pos->layout];
    uint32_t node = c->node[i];
    if (pos->group) {
        int n = snprintf(c->names[i], sizeof c->names[i], "SG%u", pos->number);
        out->id = (dgm_slice){ c->names[i], (size_t)n };
    } else {
        out->id = l->tag;
    }
    out->title = l->title;
    out->at = node == DGM_NONE ? r->segment.at : r->message_at + c->tree->nodes[node].at;
    if (node == DGM_NONE) return;
    if (pos->group) node++; /* the segment that it begins with */
    r->position.segment = dgm_tree_segment_number(c->tree, node);
    out->at = r->message_at + c->tree->nodes[node].at;
    out->bytes = 3;
}

static void check_parts(dgm_edi_reader *r, const dgm_tree *t, const dgm_edi_rule *rule, uint32_t group)
{
    of_message ctx = { .tree = t, .group = group };
    uint32_t there = 0;
    for (uint32_t i = 0; i < rule->count; i++) ctx.node[i] = DGM_NONE;
    for (uint32_t n = group + 1; n < dgm_tree_end(t, group); n = dgm_tree_next(t, n))
        for (uint32_t i = 0; i < rule->count; i++) {
            if (dgm_node_slot(&t->nodes[n]) != r->program->positions[rule->first[i]].slot || (there >> i & 1)) continue;
            there |= 1u << i;
            ctx.node[i] = n;
        }
    dgm_edi_segment now = r->segment;
    dgm_position place = r->position;
    r->segment.tag.len = 0;
    r->segment.end = r->segment.at; /* no excerpt: it may be anywhere in the message */
    if (!dgm_edi_rule_kept(rule, there)) tell_broken(r, rule, there, part_thing, &ctx);
    r->segment = now;
    r->position = place;
}

void dgm_edi_check_message_rules(dgm_edi_reader *r, const dgm_tree *t)
{
    const dgm_edi_program *p = r->program;
    for (uint32_t k = 0; p && k < p->rule_count; k++) {
        const dgm_edi_rule *rule = &p->rules[k];
        uint32_t parent = p->positions[rule->first[0]].parent, slot = p->positions[parent].slot;
        for (uint32_t n = 0; n < t->node_count; n++)
            if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[n])) && dgm_node_slot(&t->nodes[n]) == slot &&
                dgm_node_kind(&t->nodes[n]) == DGM_GROUP)
                check_parts(r, t, rule, n);
    }
}
