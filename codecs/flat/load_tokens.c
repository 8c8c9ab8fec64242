/* SPDX-License-Identifier: Apache-2.0
 *
 * load_tokens.c - the fields of a record of tokens as a program: patterns as the airlines' manual writes them ("nnn[n][a]",
 * "n[..7]p"), what stands before a field, groups that may be missing or repeat; and how such records are told apart. One thread.
 */
#include "load_tokens.h"

#include <stdlib.h>

const char dgm_flat_token_keys[] =
    "field title as before again times empty type values value date century near point decimals check fields";

enum { PATTERN_MAX = 4000, OPS_OF_RECORD_MAX = 4096, TIMES_MAX = 1 << 20 };

typedef struct flat_owner {
    uint32_t place, slot; /* slot: the maker's */
    uint32_t *ordinal, depth;
    uint32_t low, high; /* steps of its own that were added, or DGM_NONE */
    bool within;        /* what repeats, or a group with a name: no other record can name it */
} flat_owner;

/* ---- ops ---- */

static flat_token_loader *loader(flat_loader *k)
{
    if (!k->tokens) k->tokens = DGM_NEW(&k->temp, flat_token_loader, 1);
    if (!k->tokens) k->status = DGM_NOMEM;
    return k->tokens;
}

static uint32_t push_op(flat_loader *k, const dgm_yaml *n, const dgm_flat_token *op)
{
    flat_token_loader *t = k->tokens;
    if (t->op_count >= DGM_FLAT_TOKENS_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return DGM_NONE;
    }
    void *ops = t->ops, *nodes = (void *)(uintptr_t)t->nodes;
    bool room = dgm_flat_grow(k, &ops, &t->op_room, t->op_count, sizeof *op);
    t->ops = ops;
    if (room) room = dgm_flat_grow(k, &nodes, &t->node_room, t->op_count, sizeof(const dgm_yaml *));
    t->nodes = (const dgm_yaml **)nodes;
    if (!room) return DGM_NONE;
    t->nodes[t->op_count] = n;
    t->ops[t->op_count] = *op;
    return (uint32_t)t->op_count++;
}

static void push_text(flat_loader *k, const dgm_yaml *n, dgm_slice text)
{
    if (!text.len) return;
    push_op(k, n, &(dgm_flat_token){ .op = DGM_FLAT_OP_TEXT, .step = DGM_NONE, .text = text });
}

/* ---- patterns ---- */

static const struct letter {
    char name;
    const char *said, *only;
} letters[] = {
    { 'a', "a letter", "A-Z" },
    { 'n', "a digit", "0-9" },
    { 'p', "a digit or the decimal point", "0-9." },
    { 'm', "a letter or digit", "A-Z0-9" },
    { 't', "a letter, digit, blank, full stop or hyphen", "A-Z0-9 .-" },
    { 'x', "a character that can be printed, other than a slant", " -.0-~" },
    { 'z', "a character that can be printed", " -~" },
};

static const struct letter *letter_of(char c)
{
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].name == c && c != 'p') return &letters[i];
    return NULL;
}

static const dgm_flat_set *set_of(flat_loader *k, const struct letter *l, char point)
{ /* of ranges, a hyphen that is meant stands first or last */
    dgm_flat_set *set = DGM_NEW(&k->l->arena, dgm_flat_set, 1);
    if (!set) k->status = DGM_NOMEM;
    for (const char *s = l->only; set && *s; s++) {
        unsigned char from = (unsigned char)*s, to = from;
        if (from == '.' && l->name == 'p') from = to = (unsigned char)point;
        if (s[1] == '-' && s[2]) to = (unsigned char)s[2], s += 2;
        for (unsigned c = from; c <= to; c++) set->bits[c >> 6] |= (uint64_t)1 << (c & 63);
    }
    return set;
}

static bool push_run(flat_loader *k, const struct letter *l, char point, uint32_t min, uint32_t max)
{
    flat_token_loader *t = k->tokens;
    dgm_flat_run run = { .set = set_of(k, l, point), .said = l->said, .min = (uint16_t)min, .max = (uint16_t)max };
    void *runs = t->runs;
    bool room = run.set && dgm_flat_grow(k, &runs, &t->run_room, t->run_count, sizeof run);
    t->runs = runs;
    if (room) t->runs[t->run_count++] = run;
    return room;
}

static size_t number_at(dgm_slice p, size_t i, uint32_t *out)
{
    size_t from = i;
    while (i < p.len && p.at[i] >= '0' && p.at[i] <= '9' && i < from + 5) i++;
    return dgm_slice_count(dgm_slice_part(p, from, i), out) ? i : from;
}

/* "[..7]", "[3]", "[2..4]" behind a letter: i stands behind the bracket that opens it. Where it ends, or 0. */
static size_t bounds_at(dgm_slice p, size_t i, uint32_t *min, uint32_t *max)
{
    size_t behind = number_at(p, i, min);
    bool lower = behind > i;
    if (!lower) *min = 1;
    i = behind;
    *max = *min;
    size_t dots = 0;
    while (i < p.len && p.at[i] == '.' && dots < 3) i++, dots++;
    if (dots == 1 || (dots == 0 && !lower)) return 0;
    if (dots) {
        behind = number_at(p, i, max);
        if (behind == i) return 0;
        i = behind;
    }
    bool good = i < p.len && p.at[i] == ']' && *max >= *min && *max > 0 && *max <= PATTERN_MAX;
    return good ? i + 1 : 0;
}

/* "(KL)": one of these characters; where it ends, or 0. */
static size_t one_of(flat_loader *k, dgm_slice p, size_t i, struct letter *l)
{
    size_t to = i;
    while (to < p.len && p.at[to] != ')') {
        if (p.at[to] < ' ' || p.at[to] > '~') return 0;
        to++;
    }
    if (to == i || to == p.len) return 0;
    dgm_slice only = dgm_slice_part(p, i, to), said = dgm_arena_print(&k->l->arena, "one of %.*s", (int)only.len, only.at);
    only = dgm_arena_print(&k->l->arena, "%.*s", (int)only.len, only.at);
    if (!said.at || !only.at) k->status = DGM_NOMEM;
    *l = (struct letter){ 0, said.at, only.at };
    return said.at && only.at ? to + 1 : 0;
}

/* A pattern as runs; the number of the first, or DGM_NONE, told. *most: characters at most. */
static uint32_t take_pattern(flat_loader *k, const dgm_yaml *n, dgm_slice p, char point, uint32_t *most, bool *decimal)
{
    flat_token_loader *t = k->tokens;
    uint32_t first = (uint32_t)t->run_count;
    *most = 0;
    *decimal = false;
    size_t i = 0;
    while (i < p.len && k->status != DGM_NOMEM) {
        uint32_t min = 0, max = 1;
        bool optional = p.at[i] == '[';
        const struct letter *l = i + optional < p.len ? letter_of(p.at[i + optional]) : NULL;
        size_t to = 0;
        struct letter own;
        if (p.at[i] == '(') {
            to = one_of(k, p, i + 1, &own);
            l = &own;
            min = 1;
        } else if (l && optional) {
            to = i + 2 < p.len && p.at[i + 2] == ']' ? i + 3 : 0;
        } else if (l) {
            for (min = 0, to = i; to < p.len && p.at[to] == l->name; to++) min++;
            max = min;
            bool bounds = to + 1 < p.len && p.at[to] == '[' && !letter_of(p.at[to + 1]);
            if (bounds) to = min == 1 ? bounds_at(p, to + 1, &min, &max) : 0;
        }
        if (to && to < p.len && p.at[to] == 'p' && l->name == 'n') {
            l = &letters[2];
            *decimal = true;
            to++;
        }
        if (!to || max > PATTERN_MAX) break;
        if (!push_run(k, l, point, min, max)) return DGM_NONE;
        *most += max;
        i = to;
    }
    if (i == p.len && p.len && *most <= PATTERN_MAX) return first;
    if (k->status != DGM_NOMEM)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_TOKEN_PATTERN, p, dgm_slice_part(p, i, p.len), (dgm_slice){ 0 });
    return DGM_NONE;
}

/* ---- one field ---- */

typedef struct flat_item {
    const dgm_yaml *node, *below, *as;
    dgm_slice before, again, title;
    uint32_t min, max;
    bool empty, repeats_literal;
    dgm_type type;
    dgm_flat_step step;
} flat_item;

static bool take_literal(flat_loader *k, const dgm_yaml *n, dgm_slice *out)
{
    if (!dgm_flat_bytes(k, n, out)) return false;
    bool good = out->len <= 64;
    for (size_t i = 0; i < out->len; i++) good = good && ((out->at[i] >= ' ' && out->at[i] <= '~') || out->at[i] == '\n');
    if (!good)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("printable ASCII, or \\n for the end of a line"),
                       (dgm_slice){ 0 });
    return good;
}

static void take_times(flat_loader *k, const dgm_yaml *n, flat_item *f)
{
    if (!dgm_flat_times(k, n, TIMES_MAX, &f->min, &f->max)) f->min = f->max = 1;
}

static void take_key(flat_loader *k, const dgm_yaml *m, flat_owner *o, flat_item *f)
{
    dgm_slice text;
    if (dgm_slice_is(m->key, "field") && dgm_flat_text(k, m, &text)) {
        f->step.name = dgm_flat_copy(k, text);
        if (!dgm_flat_name_like(text)) dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_NAME, m->key, text, (dgm_slice){ 0 });
        if (dgm_flat_name_of(k, "f", o->slot, text, (uint32_t)k->step_count) != DGM_NONE)
            dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_TWICE, text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    }
    if (dgm_slice_is(m->key, "title") && dgm_flat_text(k, m, &text)) f->title = dgm_flat_copy(k, text);
    if (dgm_slice_is(m->key, "before")) take_literal(k, m, &f->before);
    if (dgm_slice_is(m->key, "again") && m->kind == DGM_YAML_TEXT && m->text.len == 0) {
        f->again = (dgm_slice){ "", 0 };
        f->repeats_literal = true;
    } else if (dgm_slice_is(m->key, "again")) {
        f->repeats_literal = take_literal(k, m, &f->again);
    }
    if (dgm_slice_is(m->key, "times")) take_times(k, m, f);
    if (dgm_slice_is(m->key, "empty")) dgm_flat_bool(k, m, &f->empty);
    if (dgm_slice_is(m->key, "as")) f->as = m;
    if (dgm_slice_is(m->key, "fields")) f->below = m;
    static const char *const shared[] = { "type", "values", "value", "date", "century", "point", "decimals", "check" };
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++)
        if (dgm_slice_is(m->key, shared[i])) dgm_flat_value_key(k, m, &f->step, &f->type);
}

static uint32_t add_slot(flat_loader *k, flat_owner *o, const flat_item *f, dgm_kind kind, uint32_t most, bool decimal)
{
    const dgm_flat_step *s = &f->step;
    dgm_slot slot = { .name = s->name, .title = f->title, .max = f->max == TIMES_MAX ? DGM_UNBOUNDED : f->max, .kind = kind };
    slot.min = f->empty ? 0 : f->min;
    slot.part_value = slot.part_code = DGM_SLOT_NONE;
    slot.element = (uint16_t)(++*o->ordinal < UINT16_MAX ? *o->ordinal : UINT16_MAX);
    if (kind == DGM_ELEMENT) {
        bool number = s->type == DGM_FLAT_NUMBER;
        slot.type = number                     ? DGM_TYPE_NUMBER
                    : s->type == DGM_FLAT_DATE ? DGM_TYPE_DATE
                    : f->type != DGM_TYPE_NONE ? f->type
                    : s->codes.len             ? DGM_TYPE_CODE
                                               : DGM_TYPE_TEXT;
        slot.repr = (dgm_repr){ .decimals = 255, .length_max = s->type == DGM_FLAT_DATE ? 0 : most };
        memcpy(slot.repr.class, number ? "n" : "an", number ? 2 : 3);
        if (number) slot.repr.decimals = decimal ? s->decimals : 0;
    }
    uint32_t id = dgm_shape_add(k->shape, o->slot, &slot);
    if (id == DGM_SLOT_NONE && k->status == DGM_OK) k->status = DGM_NOMEM;
    return id;
}

/* A step of the owner's own, numbered as it comes. */
static uint32_t add_step(flat_loader *k, flat_owner *o, const dgm_yaml *n, const dgm_flat_step *s)
{
    uint32_t step = dgm_flat_push_step(k, n, s);
    if (step == DGM_NONE) return step;
    if (o->low == DGM_NONE) o->low = step;
    o->high = step;
    return step;
}

static void take_list(flat_loader *k, flat_owner *o, const dgm_yaml *list);

static void take_leaf(flat_loader *k, flat_owner *o, flat_item *f)
{
    dgm_flat_token op = { .op = DGM_FLAT_OP_FIELD, .step = DGM_NONE, .empty = f->empty };
    uint32_t most = 0, first = (uint32_t)k->tokens->run_count;
    bool decimal = false;
    dgm_slice pattern;
    if (!dgm_flat_text(k, f->as, &pattern)) return;
    op.said = dgm_flat_copy(k, pattern);
    op.first_run = take_pattern(k, f->as, pattern, f->step.point, &most, &decimal);
    if (op.first_run == DGM_NONE) return;
    op.run_count = (uint32_t)k->tokens->run_count - first;
    if (decimal) f->step.type = DGM_FLAT_NUMBER;
    dgm_flat_settle_check(k, f->node, &f->step);
    dgm_flat_check_date(k, f->node, &f->step);
    if (decimal && !f->step.decimals) f->step.decimals = (uint8_t)(most < 18 ? most : 18);
    f->step.class = op.said.at;
    f->step.at = *o->ordinal;
    f->step.len = 0;
    f->step.required = !f->empty;
    f->step.repeats = f->max > 1;
    f->step.slot = add_slot(k, o, f, DGM_ELEMENT, most, decimal);
    op.step = add_step(k, o, f->node, &f->step);
    if (op.step == DGM_NONE) return;
    if (!o->within && f->max == 1) (void)dgm_flat_name_of(k, "s", o->place, f->step.name, op.step);
    const dgm_yaml *near = dgm_yaml_get(f->node, "near");
    if (near)
        dgm_flat_link(k, &(flat_link){ .node = near, .kind = FLAT_NEAR, .place = o->place, .from = op.step, .to = op.step + 1 });
    push_op(k, f->node, &op);
}

/* What repeats, may be missing, or has parts. */
static void take_group(flat_loader *k, flat_owner *o, flat_item *f)
{
    bool named = f->below && f->step.name.len;
    dgm_flat_token g = { .op = DGM_FLAT_OP_GROUP, .step = DGM_NONE, .min = f->min, .max = f->max, .text = f->before };
    g.again = f->repeats_literal ? f->again : f->before;
    g.low = g.high = DGM_NONE;
    g.single = !f->below;
    flat_owner below = *o;
    uint32_t ordinal = 0;
    below.depth++;
    below.low = below.high = DGM_NONE;
    below.within = o->within || named || f->max > 1;
    if (named) {
        f->step.type = DGM_FLAT_OPEN;
        f->step.repeats = f->max > 1;
        below.slot = f->step.slot = add_slot(k, o, f, DGM_COMPOSITE, 0, false);
        below.ordinal = &ordinal;
        g.step = add_step(k, o, f->node, &f->step);
        if (g.step == DGM_NONE) return;
    }
    uint32_t at = push_op(k, f->node, &g);
    if (at == DGM_NONE) return;
    if (f->below)
        take_list(k, &below, f->below);
    else
        take_leaf(k, &below, f);
    flat_token_loader *t = k->tokens;
    uint32_t back = push_op(k, f->node, &(dgm_flat_token){ .op = DGM_FLAT_OP_BACK, .step = DGM_NONE, .other = at });
    if (back == DGM_NONE) return;
    t->ops[at].other = back;
    t->ops[at].low = named ? DGM_NONE : below.low;
    t->ops[at].high = named ? DGM_NONE : below.high;
    if (named) {
        dgm_flat_step close = f->step;
        close.type = DGM_FLAT_CLOSE;
        close.other = g.step;
        uint32_t end = dgm_flat_push_step(k, f->node, &close);
        if (end != DGM_NONE) k->steps[g.step].other = end;
        return;
    }
    if (below.low == DGM_NONE)
        dgm_flat_fault(k, f->node->mark, DGM_D_FLAT_TOKEN_NOTHING, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    if (below.low != DGM_NONE && o->low == DGM_NONE) o->low = below.low;
    if (below.high != DGM_NONE) o->high = below.high;
    if (f->below && f->max > 1)
        dgm_flat_fault(k, f->node->mark, DGM_D_FLAT_LAYOUT_MISSING, DGM_LITERAL("field"), DGM_LITERAL("a name of what repeats"),
                       (dgm_slice){ 0 });
}

static void missing(flat_loader *k, const dgm_yaml *n, const char *key, const char *what)
{
    dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_MISSING, dgm_slice_of(key), dgm_slice_of(what), (dgm_slice){ 0 });
}

static void take_item(flat_loader *k, flat_owner *o, const dgm_yaml *n)
{
    flat_item f = { .node = n, .min = 1, .max = 1 };
    f.step = (dgm_flat_step){ .slot = DGM_SLOT_NONE, .number = 1, .pad = ' ', .point = '.', .century = 70 };
    f.step.name = f.step.value = f.step.codes = f.before = f.again = f.title = (dgm_slice){ "", 0 };
    if (n->kind != DGM_YAML_MAP) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, DGM_LITERAL("a field"), DGM_LITERAL("a map"), (dgm_slice){ 0 });
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next)
        if (dgm_flat_key(k, m, "a field of tokens", dgm_flat_token_keys)) take_key(k, m, o, &f);
    if (k->status != DGM_OK && k->status != DGM_CONFIG) return;
    const dgm_yaml *value = dgm_yaml_get(n, "value");
    if (value) { /* a literal; nothing else goes with it */
        dgm_slice text = { 0 };
        if (n->count != 1)
            dgm_flat_fault(k, value->key_mark, DGM_D_FLAT_LAYOUT_ONLY, value->key, DGM_LITERAL("the only key of a field of tokens"),
                           (dgm_slice){ 0 });
        if (take_literal(k, value, &text)) push_text(k, n, text);
        return;
    }
    if (f.below && f.below->kind != DGM_YAML_LIST) {
        dgm_flat_fault(k, f.below->mark, DGM_D_FLAT_LAYOUT_TYPE, f.below->key, DGM_LITERAL("a list"), (dgm_slice){ 0 });
        return;
    }
    if (!f.below && (!f.as || !f.step.name.len)) {
        missing(k, n, f.step.name.len ? "as" : "field",
                f.step.name.len ? "a pattern: nnn, n[..7]p, t[..35]" : "a name, or a value");
        return;
    }
    if (f.below && f.as) {
        dgm_flat_fault(k, f.as->key_mark, DGM_D_FLAT_LAYOUT_ONLY, f.as->key, DGM_LITERAL("of a field without fields"),
                       (dgm_slice){ 0 });
        return;
    }
    if (o->depth + 1 >= DGM_FLAT_NEST_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_DEEP, f.step.name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    if (f.below || f.min != 1 || f.max != 1) {
        take_group(k, o, &f);
        return;
    }
    push_text(k, n, f.before);
    take_leaf(k, o, &f);
}

static void take_list(flat_loader *k, flat_owner *o, const dgm_yaml *list)
{
    for (const dgm_yaml *n = list->first; n && k->status != DGM_NOMEM; n = n->next) take_item(k, o, n);
}

/* ---- a record ---- */

void dgm_flat_load_tokens(flat_loader *k, uint32_t place, const dgm_yaml *fields)
{
    flat_token_loader *t = loader(k);
    uint32_t ordinal = 0;
    if (!t) return;
    const dgm_yaml *n = k->place_nodes[place];
    flat_owner o = { .place = place, .slot = k->places[place].slot, .ordinal = &ordinal, .low = DGM_NONE, .high = DGM_NONE };
    void *first = t->first, *heads = (void *)(uintptr_t)t->heads;
    bool room = dgm_flat_grow(k, &first, &t->first_room, place, sizeof *t->first);
    t->first = first;
    if (room) room = dgm_flat_grow(k, &heads, &t->head_room, place, sizeof *t->heads);
    t->heads = (const dgm_flat_head **)heads;
    if (!room) return;
    for (size_t i = t->place_count; i <= place; i++) t->first[i] = DGM_NONE, t->heads[i] = NULL;
    t->place_count = place + 1;
    uint32_t from = (uint32_t)t->op_count;
    if (!fields || fields->kind != DGM_YAML_LIST || fields->count == 0) {
        missing(k, n, "fields", "what the record is cut into");
        return;
    }
    dgm_status before = k->status;
    k->status = DGM_OK;
    take_list(k, &o, fields);
    uint32_t done =
        k->status == DGM_NOMEM ? DGM_NONE : push_op(k, n, &(dgm_flat_token){ .op = DGM_FLAT_OP_DONE, .step = DGM_NONE });
    if (done != DGM_NONE && t->op_count - from > OPS_OF_RECORD_MAX)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    if (done != DGM_NONE && k->status == DGM_OK) { /* of what is whole only: a part that is missing would be told twice */
        t->first[place] = from;
        dgm_flat_look_ahead(k, from, (uint32_t)t->op_count, &t->heads[place]);
    }
    if (k->status == DGM_OK) k->status = before;
}

/* ---- records told apart ---- */

static bool same_head(const dgm_flat_head *a, const dgm_flat_head *b)
{
    return a->constant == b->constant && a->count == b->count && memcmp(a->at, b->at, sizeof a->at) == 0;
}

static bool heads_meet(const dgm_flat_head *a, const dgm_flat_head *b)
{
    for (uint32_t i = 0; i < a->count && i < b->count; i++) {
        uint64_t common = 0;
        for (size_t w = 0; w < 2; w++) common |= a->at[i].bits[w] & b->at[i].bits[w];
        if (!common) return false;
    }
    return true;
}

/* The constant that a record begins with, as a name. */
static dgm_slice constant_of(flat_loader *k, const dgm_flat_head *h, char *room)
{
    (void)k;
    for (uint32_t i = 0; i < h->count; i++) {
        uint32_t c = 0;
        while (!dgm_flat_in(&h->at[i], c)) c++;
        room[i] = c == DGM_FLAT_NOTHING ? '\x01' : (char)c;
    }
    return (dgm_slice){ room, h->count };
}

static uint32_t kind_of(flat_loader *k, uint32_t place, uint32_t *loose, uint32_t *loose_count)
{
    dgm_flat_layout *l = k->l;
    const dgm_flat_head *h = k->tokens->heads[place];
    char room[DGM_FLAT_AHEAD];
    if (h->constant) return dgm_flat_name_of(k, "k", 0, constant_of(k, h, room), l->kind_count);
    for (uint32_t i = 0; i < *loose_count; i++) {
        uint32_t other = l->kinds[loose[i]].place;
        if (same_head(h, k->tokens->heads[other])) return loose[i];
        if (heads_meet(h, k->tokens->heads[other]))
            dgm_flat_fault(k, k->place_nodes[place]->mark, DGM_D_FLAT_TOKEN_ALIKE, l->places[place].name, l->places[other].name,
                           (dgm_slice){ 0 });
    }
    if (*loose_count == DGM_FLAT_LOOSE_MAX)
        dgm_flat_fault(k, k->place_nodes[place]->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 },
                       (dgm_slice){ 0 });
    else
        loose[(*loose_count)++] = l->kind_count;
    return DGM_NONE;
}

typedef struct ranked {
    uint32_t rank, kind;
} ranked;

static int by_rank(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? 1 : -1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

void dgm_flat_token_kinds(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    uint32_t loose[DGM_FLAT_LOOSE_MAX], loose_count = 0;
    if (k->status != DGM_OK) return;
    l->kinds = DGM_NEW(&l->arena, dgm_flat_kind, l->place_count + 1);
    l->tests = DGM_NEW(&l->arena, dgm_flat_test, 1);
    dgm_flat_kind *found = DGM_NEW(&k->temp, dgm_flat_kind, l->place_count + 1);
    dgm_flat_head *heads = DGM_NEW(&l->arena, dgm_flat_head, l->place_count + 1);
    ranked *order = DGM_NEW(&k->temp, ranked, l->place_count + 1);
    uint32_t *now = DGM_NEW(&k->temp, uint32_t, l->place_count + 1);
    if (!l->kinds || !l->tests || !found || !heads || !order || !now) {
        k->status = DGM_NOMEM;
        return;
    }
    for (uint32_t i = 1; i < l->place_count && k->status != DGM_NOMEM; i++) {
        uint32_t known = kind_of(k, i, loose, &loose_count);
        l->places[i].kind = known != DGM_NONE ? known : l->kind_count;
        if (known == DGM_NONE) l->kinds[l->kind_count++] = (dgm_flat_kind){ .table = { "", 0 }, .next = DGM_NONE, .place = i };
    }
    if (k->status == DGM_NOMEM) return;
    for (uint32_t i = 0; i < l->kind_count; i++) {
        const dgm_flat_head *h = k->tokens->heads[l->kinds[i].place];
        found[i] = l->kinds[i];
        order[i] = (ranked){ h->constant ? h->count : 0, i };
    }
    qsort(order, l->kind_count, sizeof *order, by_rank);
    for (uint32_t i = 0; i < l->kind_count; i++) {
        l->kinds[i] = found[order[i].kind];
        heads[i] = *k->tokens->heads[l->kinds[i].place];
        now[order[i].kind] = i;
    }
    for (uint32_t i = 1; i < l->place_count; i++) l->places[i].kind = now[l->places[i].kind];
    l->tokens->heads = heads;
}

bool dgm_flat_keep_tokens(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    flat_token_loader *t = k->tokens;
    if (!l->tokens || !t) return true;
    l->tokens->ops = DGM_NEW(&l->arena, dgm_flat_token, t->op_count + 1);
    l->tokens->runs = DGM_NEW(&l->arena, dgm_flat_run, t->run_count + 1);
    l->tokens->first = DGM_NEW(&l->arena, uint32_t, k->place_count + 1);
    if (!l->tokens->ops || !l->tokens->runs || !l->tokens->first) {
        k->status = DGM_NOMEM;
        return false;
    }
    if (t->op_count) memcpy(l->tokens->ops, t->ops, t->op_count * sizeof *t->ops);
    if (t->run_count) memcpy(l->tokens->runs, t->runs, t->run_count * sizeof *t->runs);
    for (size_t i = 0; i < k->place_count; i++) l->tokens->first[i] = i < t->place_count ? t->first[i] : DGM_NONE;
    l->tokens->op_count = (uint32_t)t->op_count;
    l->tokens->run_count = (uint32_t)t->run_count;
    return true;
}

void dgm_flat_free_tokens(flat_loader *k)
{
    flat_token_loader *t = k->tokens;
    if (!t) return;
    const dgm_mem *mem = &k->host->mem;
    dgm_mem_free(mem, t->ops, t->op_room * sizeof *t->ops);
    dgm_mem_free(mem, (void *)(uintptr_t)t->nodes, t->node_room * sizeof *t->nodes);
    dgm_mem_free(mem, t->runs, t->run_room * sizeof *t->runs);
    dgm_mem_free(mem, t->first, t->first_room * sizeof *t->first);
    dgm_mem_free(mem, (void *)(uintptr_t)t->heads, t->head_room * sizeof *t->heads);
}
