/* SPDX-License-Identifier: Apache-2.0
 *
 * place.c - reads places ("SG8[MOA/5025=39]/CUX/C504#1/6345") and resolves them against a shape, so that a running mapping never
 * compares a name. mappings/README.md, "Places". One thread.
 */
#include "internal.h"

typedef struct place_reader {
    map_loader *l;
    const dgm_shape *shape;
    dgm_slice text;
    map_mark mark;
    size_t at;
    unsigned allow;
    uint32_t side, block;
} place_reader;

static map_mark part(const place_reader *r, dgm_slice piece)
{
    return dgm_map_part(r->l, r->mark, r->text, (size_t)(piece.at - r->text.at), piece.len);
}

static bool syntax(place_reader *r, dgm_slice piece, const char *what)
{
    dgm_diag *d = dgm_map_fault(r->l, part(r, piece), DGM_D_MAP_PATH_SYNTAX);
    dgm_map_say(r->l, d, dgm_slice_of(what));
    return false;
}

static bool composite_slot(const dgm_slot *s)
{
    return s->kind == DGM_COMPOSITE;
}

/* Whether another slot of the same parent has this name. */
/* At how many places of its own a name stands: the five 4440 of a C108. */
static uint32_t places_of(const dgm_shape *s, uint32_t slot)
{
    const dgm_slot *self = dgm_shape_slot(s, slot), *above = dgm_shape_slot(s, self->parent);
    uint32_t count = 0;
    for (uint32_t i = 0; above && i < above->child_count; i++)
        count += dgm_slice_equal(dgm_shape_slot(s, above->first_child + i)->name, self->name);
    return count ? count : 1;
}

static bool has_twins(const dgm_shape *s, uint32_t slot)
{
    return places_of(s, slot) > 1;
}

/* How many steps SLOT stands beneath ABOVE; 0 where it does not. */
static uint32_t steps_below(const dgm_shape *s, uint32_t slot, uint32_t above)
{
    uint32_t steps = 0;
    for (; slot != above; slot = dgm_shape_slot(s, slot)->parent, steps++)
        if (slot == DGM_SLOT_NONE || slot == DGM_SLOT_ROOT) return 0;
    return steps;
}

/* A place of this name further down, as it is written from SLOT: the one with the fewest steps; empty when there is none. */
static dgm_slice further_down(place_reader *r, uint32_t slot, dgm_slice name)
{
    const dgm_shape *s = r->shape;
    uint32_t best = DGM_SLOT_NONE, fewest = UINT32_MAX;
    for (uint32_t i = 0; i < dgm_shape_count(s); i++) {
        if (!dgm_slice_equal(dgm_shape_slot(s, i)->name, name)) continue;
        uint32_t steps = steps_below(s, i, slot);
        if (!steps || steps >= fewest) continue;
        best = i;
        fewest = steps;
    }
    char above[160], path[160];
    if (best == DGM_SLOT_NONE) return (dgm_slice){ 0 };
    size_t skip = slot == DGM_SLOT_ROOT ? 0 : dgm_shape_path(s, slot, above, sizeof above) + 1;
    size_t n = dgm_shape_path(s, best, path, sizeof path);
    if (n >= sizeof path || skip >= n) return (dgm_slice){ 0 };
    dgm_slice out = dgm_arena_copy(r->l->arena, (dgm_slice){ path + skip, n - skip });
    if (!out.at) r->l->nomem = true;
    return out;
}

/* The nearest name that would have stood here, or else where further down this name stands. */
static void unknown(place_reader *r, uint32_t slot, dgm_slice name)
{
    map_loader *l = r->l;
    dgm_diag *d = dgm_map_fault(l, part(r, name), DGM_D_MAP_PATH_UNKNOWN);
    dgm_map_say(l, d, dgm_map_slot_text(l, r->shape, slot));
    dgm_map_say(l, d, name);
    dgm_map_say(l, d, dgm_shape_name(r->shape));
    if (!d) return;
    const dgm_slot *above = dgm_shape_slot(r->shape, slot);
    dgm_slice *names = DGM_NEW(l->arena, dgm_slice, above->child_count + dgm_shape_alias_count(r->shape) + 1);
    if (!names) return;
    size_t n = 0;
    for (uint32_t i = 0; i < above->child_count; i++) names[n++] = dgm_shape_slot(r->shape, above->first_child + i)->name;
    for (uint32_t i = 0, to; i < dgm_shape_alias_count(r->shape); i++) {
        dgm_slice alias = dgm_shape_alias_name(r->shape, i, &to);
        if (dgm_shape_slot(r->shape, to)->parent == slot) names[n++] = alias;
    }
    int best = dgm_nearest(name, names, n);
    dgm_map_say(l, d, best >= 0 ? names[best] : further_down(r, slot, name));
}

/* A composite may be left out where the element stands once beneath all composites of its segment. */
static uint32_t through_composite(place_reader *r, uint32_t slot, dgm_slice name, uint32_t ordinal, bool *told)
{
    const dgm_slot *above = dgm_shape_slot(r->shape, slot);
    uint32_t hit = DGM_SLOT_NONE, in = DGM_SLOT_NONE;
    for (uint32_t i = 0; i < above->child_count; i++) {
        const dgm_slot *c = dgm_shape_slot(r->shape, above->first_child + i);
        if (!composite_slot(c)) continue;
        uint32_t e = dgm_shape_child(r->shape, above->first_child + i, name, ordinal);
        if (e == DGM_SLOT_NONE) continue;
        if (hit != DGM_SLOT_NONE) {
            dgm_diag *d = dgm_map_fault(r->l, part(r, name), DGM_D_MAP_PATH_COMPOSITE);
            dgm_map_say(r->l, d, name);
            dgm_map_say(r->l, d, dgm_map_slot_text(r->l, r->shape, in));
            *told = true;
            return DGM_SLOT_NONE;
        }
        hit = e;
        in = above->first_child + i;
    }
    return hit;
}

/* The slot a name means beneath `slot`; DGM_SLOT_NONE: told. */
static uint32_t resolve(place_reader *r, uint32_t slot, dgm_slice name, uint32_t ordinal, bool first)
{
    uint32_t hit = dgm_shape_child(r->shape, slot, name, ordinal);
    if (hit == DGM_SLOT_NONE) hit = dgm_shape_alias_under(r->shape, slot, name);
    bool told = false;
    if (hit == DGM_SLOT_NONE) hit = through_composite(r, slot, name, ordinal, &told);
    if (hit == DGM_SLOT_NONE && !told && first && slot == DGM_SLOT_ROOT) hit = dgm_shape_alias(r->shape, name);
    if (hit == DGM_SLOT_NONE && !told && ordinal > 1) {
        uint32_t one = dgm_shape_child(r->shape, slot, name, 1);
        if (one != DGM_SLOT_NONE) {
            dgm_diag *d = dgm_map_fault(r->l, part(r, name), DGM_D_MAP_PATH_COUNT);
            dgm_map_say(r->l, d, name);
            if (d) dgm_diag_number(r->l->diags, d, ordinal);
            return DGM_SLOT_NONE;
        }
    }
    if (hit == DGM_SLOT_NONE && !told) unknown(r, slot, name);
    return hit;
}

const uint32_t *dgm_map_slots_between(map_loader *l, const dgm_shape *s, uint32_t above, uint32_t slot, uint32_t *len)
{
    uint32_t n = 0;
    for (uint32_t i = slot; i != above && i != DGM_SLOT_NONE; i = dgm_shape_slot(s, i)->parent) n++;
    uint32_t *path = DGM_NEW(l->arena, uint32_t, n + 1);
    *len = 0;
    if (!path) {
        l->nomem = true;
        return NULL;
    }
    *len = n;
    for (uint32_t i = slot; n > 0; i = dgm_shape_slot(s, i)->parent) path[--n] = i;
    return path;
}

/* ---- tests --------------------------------------------------------------------------------------------------------------- */

/* A name, bound with those of all expressions. */
static bool test_name(place_reader *r, dgm_slice v, map_test *t)
{
    if (!(r->allow & MAP_NAMES)) {
        dgm_diag *d = dgm_map_fault(r->l, part(r, v), DGM_D_MAP_KEY_PLACE);
        dgm_map_say(r->l, d, DGM_LITERAL("a name in a test"));
        dgm_map_say(r->l, d, DGM_LITERAL("this place: only places of rules and of each are joined"));
        return false;
    }
    t->name = dgm_map_expr(r->l, MAP_MODEL, r->block, v, part(r, v), true);
    return t->name != NULL;
}

static bool test_value(place_reader *r, dgm_slice v, dgm_slice *out)
{
    v = dgm_slice_trim(v);
    if (v.len >= 2 && v.at[0] == '\'' && v.at[v.len - 1] == '\'') {
        *out = dgm_slice_part(v, 1, v.len - 1);
        return out->len > 0 || syntax(r, v, "a test compares with a value that is not empty");
    }
    if (!v.len) return syntax(r, r->text, "a value is missing in a test");
    if (v.at[0] == '$') {
        return syntax(r, v, "a name stands alone in its test: [INV=$inv]");
    }
    *out = v;
    return true;
}

static bool test_list(place_reader *r, map_test *t, dgm_slice list)
{
    uint32_t room = 1;
    for (size_t i = 0; i < list.len; i++) room += list.at[i] == ',';
    dgm_slice *values = DGM_NEW(r->l->arena, dgm_slice, room);
    if (!values) {
        r->l->nomem = true;
        return false;
    }
    for (dgm_cut c = { .tail = list, .found = true }; c.found;) {
        c = dgm_slice_cut(c.tail, ',');
        if (!test_value(r, c.head, &values[t->value_count++])) return false;
    }
    t->values = values;
    return true;
}

static bool word_is(char c)
{
    return c == ' ' || c == '\t';
}

/* Where " in " stands outside quotes; SIZE_MAX if nowhere. */
static size_t find_in(dgm_slice s)
{
    for (size_t i = 1; i + 3 < s.len; i++)
        if (word_is(s.at[i - 1]) && s.at[i] == 'i' && s.at[i + 1] == 'n' && (word_is(s.at[i + 2]) || s.at[i + 2] == '(')) return i;
    return SIZE_MAX;
}

static uint32_t test_slot(place_reader *r, uint32_t slot, dgm_slice path)
{
    uint32_t at = slot;
    for (dgm_cut c = { .tail = path, .found = true }; c.found;) {
        c = dgm_slice_cut(c.tail, '/');
        dgm_slice name = dgm_slice_trim(c.head);
        uint32_t ordinal = 1;
        dgm_cut count = dgm_slice_cut(name, '#');
        if (count.found) {
            ordinal = 0;
            for (size_t i = 0; i < count.tail.len && count.tail.at[i] >= '0' && count.tail.at[i] <= '9' && ordinal < 100000; i++)
                ordinal = ordinal * 10 + (uint32_t)(count.tail.at[i] - '0');
            name = count.head;
        }
        if (!name.len || !ordinal) {
            syntax(r, path.len ? path : r->text, "a test names a place: [2005=148]");
            return DGM_SLOT_NONE;
        }
        bool digits = at == slot && name.len <= 3 && name.len == path.len;
        for (size_t i = 0; i < name.len; i++) digits = digits && name.at[i] >= '0' && name.at[i] <= '9';
        if (digits && dgm_shape_child(r->shape, at, name, 1) == DGM_SLOT_NONE) {
            dgm_diag *d = dgm_map_fault(r->l, part(r, name), DGM_D_MAP_PATH_BRACKET);
            dgm_map_say(r->l, d, name);
            dgm_map_say(r->l, d, dgm_map_slot_text(r->l, r->shape, slot));
            return DGM_SLOT_NONE;
        }
        uint32_t hit = resolve(r, at, name, ordinal, false);
        if (hit == DGM_SLOT_NONE) return hit;
        if (dgm_shape_slot(r->shape, hit)->max > 1 || (!count.found && has_twins(r->shape, hit))) {
            dgm_diag *d = dgm_map_fault(r->l, part(r, name), DGM_D_MAP_PATH_TEST_MANY);
            dgm_map_say(r->l, d, name);
            return DGM_SLOT_NONE;
        }
        at = hit;
    }
    return at;
}

static bool read_test(place_reader *r, uint32_t slot, dgm_slice text, map_test *t)
{
    text = dgm_slice_trim(text);
    dgm_slice path = text;
    size_t in = find_in(text);
    dgm_cut equal = dgm_slice_cut(text, '=');
    if (text.len && text.at[0] == '!') {
        t->kind = MAP_LACKS;
        path = dgm_slice_trim(dgm_slice_part(text, 1, text.len));
    } else if (equal.found) {
        t->kind = MAP_EQUAL;
        path = dgm_slice_trim(equal.head);
        dgm_slice *v = DGM_NEW(r->l->arena, dgm_slice, 1);
        if (!v) {
            r->l->nomem = true;
            return false;
        }
        dgm_slice after = dgm_slice_trim(equal.tail);
        if (after.len && after.at[0] == '$') {
            if (!test_name(r, after, t)) return false;
        } else if (!test_value(r, equal.tail.len ? equal.tail : (dgm_slice){ text.at, 0 }, v)) {
            return false;
        }
        t->values = v;
        t->value_count = t->name ? 0 : 1;
    } else if (in != SIZE_MAX) {
        t->kind = MAP_IN;
        path = dgm_slice_trim(dgm_slice_part(text, 0, in));
        dgm_slice list = dgm_slice_trim(dgm_slice_part(text, in + 2, text.len));
        if (list.len < 3 || list.at[0] != '(' || list.at[list.len - 1] != ')')
            return syntax(r, text, "after `in` comes a list: [1153 in (BM, BH)]");
        if (!test_list(r, t, dgm_slice_part(list, 1, list.len - 1))) return false;
    } else {
        t->kind = MAP_HAS;
    }
    if (!path.len) return syntax(r, text.len ? text : r->text, "a test names a place: [2005=148]");
    t->slot = test_slot(r, slot, path);
    if (t->slot == DGM_SLOT_NONE) return false;
    const dgm_slot *s = dgm_shape_slot(r->shape, t->slot);
    if ((t->kind == MAP_EQUAL || t->kind == MAP_IN) && !dgm_kind_leaf(s->kind))
        return syntax(r, path, "this place holds other places and no value to compare");
    t->path = dgm_map_slots_between(r->l, r->shape, slot, t->slot, &t->path_len);
    return t->path != NULL;
}

/* Tests with names behind the others, which alone select and create by themselves. */
static bool part_joins(place_reader *r, map_step *step, const map_test *tests, uint32_t count)
{
    map_test *sorted = DGM_NEW(r->l->arena, map_test, count + 1u);
    if (!sorted) {
        r->l->nomem = true;
        return false;
    }
    uint32_t n = 0;
    for (int joins = 0; joins < 2; joins++)
        for (uint32_t i = 0; i < count; i++)
            if ((tests[i].name != NULL) == joins) sorted[n++] = tests[i];
    step->tests = sorted;
    while (step->test_count < count && !sorted[step->test_count].name) step->test_count++;
    step->joins = sorted + step->test_count;
    step->join_count = count - step->test_count;
    return true;
}

/* Tests between brackets; r->at stands behind "[". */
static bool read_tests(place_reader *r, map_step *step)
{
    size_t from = r->at, depth = 0, n = 1, end = SIZE_MAX;
    bool quoted = false;
    for (size_t i = from; i < r->text.len && end == SIZE_MAX; i++) {
        char c = r->text.at[i];
        if (c == '\'') quoted = !quoted;
        if (quoted) continue;
        if (c == '(') depth++;
        if (c == ')' && depth) depth--;
        if (c == ',' && !depth) n++;
        if (c == ']') end = i;
    }
    if (end == SIZE_MAX) return syntax(r, dgm_slice_part(r->text, from - 1, from), "this [ has no ]");
    map_test *tests = DGM_NEW(r->l->arena, map_test, n);
    if (!tests) {
        r->l->nomem = true;
        return false;
    }
    size_t begin = from;
    uint32_t count = 0;
    quoted = false;
    depth = 0;
    for (size_t i = from; i <= end; i++) {
        char c = r->text.at[i];
        if (c == '\'') quoted = !quoted;
        if (!quoted && c == '(') depth++;
        if (!quoted && c == ')' && depth) depth--;
        if (i != end && (quoted || depth || c != ',')) continue;
        if (!read_test(r, step->slot, dgm_slice_part(r->text, begin, i), &tests[count])) return false;
        count++;
        begin = i + 1;
    }
    r->at = end + 1;
    return part_joins(r, step, tests, count);
}

/* ---- steps --------------------------------------------------------------------------------------------------------------- */

static uint32_t number(place_reader *r)
{
    uint32_t n = 0;
    size_t from = r->at;
    while (r->at < r->text.len && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9' && n < 1000000)
        n = n * 10 + (uint32_t)(r->text.at[r->at++] - '0');
    return r->at == from ? 0 : n;
}

static bool read_which(place_reader *r, uint32_t *from, uint32_t *to)
{
    size_t begin = r->at;
    if (r->at < r->text.len && r->text.at[r->at] == '*') {
        r->at++;
        *from = 1;
        *to = DGM_UNBOUNDED;
        return true;
    }
    *from = *to = number(r);
    if (*from && r->at + 1 < r->text.len && r->text.at[r->at] == '.' && r->text.at[r->at + 1] == '.') {
        r->at += 2;
        *to = number(r);
    }
    if (!*from || *to < *from) return syntax(r, dgm_slice_part(r->text, begin - 1, r->at + 1), "# counts: #2, #1..3 or #*");
    return true;
}

/* Counts over places of their own become a list of slots; what remains counts occurrences. */
static bool spread(place_reader *r, map_step *step, dgm_slice name)
{
    const dgm_slot *s = dgm_shape_slot(r->shape, step->slot), *above = dgm_shape_slot(r->shape, s->parent);
    uint32_t *slots = DGM_NEW(r->l->arena, uint32_t, above->child_count + 1);
    if (!slots) {
        r->l->nomem = true;
        return false;
    }
    if (s->max > 1 || step->to == step->from || !has_twins(r->shape, step->slot)) {
        slots[0] = step->slot;
        step->slot_count = 1;
        if (s->max == 1) step->from = step->to = 0;
    } else {
        for (uint32_t i = 0; i < above->child_count; i++) {
            const dgm_slot *c = dgm_shape_slot(r->shape, above->first_child + i);
            if (dgm_slice_equal(c->name, s->name) && c->ordinal >= step->from && c->ordinal <= step->to)
                slots[step->slot_count++] = above->first_child + i;
        }
        if (step->to != DGM_UNBOUNDED && step->slot_count < step->to - step->from + 1)
            return syntax(r, name, "there are fewer of these than # asks for");
        step->slot = slots[0];
        step->from = step->to = 0;
    }
    step->slots = slots;
    return true;
}

static bool many(place_reader *r, const map_step *step, dgm_slice name, bool counted, bool last)
{
    const dgm_slot *s = dgm_shape_slot(r->shape, step->slot);
    bool selects = step->join_count > 0;
    for (uint32_t i = 0; i < step->test_count; i++) selects = selects || step->tests[i].kind != MAP_LACKS;
    bool repeats = s->max > 1 && !counted && !selects;
    bool twins = !counted && has_twins(r->shape, step->slot);
    if ((repeats && last && (r->allow & MAP_EACH_END)) || (r->allow & MAP_LISTS)) repeats = false;
    if (!repeats && !twins) return false;
    bool walked = twins && s->max == 1 && last && r->allow & MAP_EACH_END;
    dgm_diag *d = dgm_map_fault(r->l, part(r, name), walked ? DGM_D_MAP_EACH_PLACES : DGM_D_MAP_PATH_MANY);
    dgm_map_say(r->l, d, name);
    if (d && s->max == DGM_UNBOUNDED)
        dgm_map_say(r->l, d, DGM_LITERAL("any number of"));
    else if (d)
        dgm_diag_number(r->l->diags, d, s->max > 1 ? s->max : places_of(r->shape, step->slot));
    return true;
}

static bool add_steps(place_reader *r, map_place *p, map_step *steps, map_step step)
{
    uint32_t above = p->slot, len;
    const uint32_t *path = dgm_map_slots_between(r->l, r->shape, above, step.slot, &len);
    if (!path) return false;
    if (p->step_count + len > MAP_STEPS_MAX) return syntax(r, r->text, "this place has too many steps");
    for (uint32_t i = 0; i + 1 < len; i++) /* a composite left out, or groups an alias stands for */
        steps[p->step_count++] = (map_step){ .slot = path[i], .slots = &path[i], .slot_count = 1 };
    steps[p->step_count++] = step;
    p->slot = step.slot;
    return true;
}

static bool read_step(place_reader *r, map_place *p, map_step *steps)
{
    size_t from = r->at;
    while (r->at < r->text.len && r->text.at[r->at] != '/' && r->text.at[r->at] != '[' && r->text.at[r->at] != '#') r->at++;
    dgm_slice name = dgm_slice_part(r->text, from, r->at);
    if (!name.len) return syntax(r, dgm_slice_part(r->text, from ? from - 1 : 0, from + 1), "a step has no name");
    if (name.at[0] == '^') return syntax(r, name, "^ stands at the beginning of a place: ^/Quota/QTY, ^/^/ID");
    if (dgm_slice_is(name, "**")) {
        if (r->at != r->text.len || !(r->allow & MAP_DEEP)) return syntax(r, name, "** may only end both places of a rule");
        p->deep = true;
        return true;
    }
    /* The ordinal decides which slot is meant, so # is looked at before the tests. */
    size_t hash = r->at;
    for (bool quoted = false; hash < r->text.len && (quoted || r->text.at[hash] != '#'); hash++) {
        if (r->text.at[hash] == '\'') quoted = !quoted;
        if (r->text.at[hash] == '/' && r->text.at[r->at] != '[') break;
        if (r->text.at[hash] == ']') {
            hash++;
            break;
        }
    }
    map_step step = { 0 };
    bool tested = r->at < r->text.len && r->text.at[r->at] == '[';
    bool counted = hash < r->text.len && r->text.at[hash] == '#' && (tested ? r->text.at[hash - 1] == ']' : hash == r->at);
    size_t tests_at = r->at;
    if (counted) {
        r->at = hash + 1;
        if (!read_which(r, &step.from, &step.to)) return false;
    }
    size_t after = r->at;
    step.slot = resolve(r, p->slot, name, counted && !tested ? step.from : 1, p->step_count == 0);
    if (step.slot == DGM_SLOT_NONE) return false;
    if (!spread(r, &step, name)) return false;
    if (tested) {
        r->at = tests_at + 1;
        if (!read_tests(r, &step)) return false;
        if (counted) r->at = after;
    }
    const dgm_slot *s = dgm_shape_slot(r->shape, step.slot);
    uint32_t up = s->parent;
    for (; up != p->slot && up != DGM_SLOT_NONE; up = dgm_shape_slot(r->shape, up)->parent)
        if (dgm_shape_slot(r->shape, up)->max > 1 && !(r->allow & MAP_LISTS)) {
            map_step hidden = { .slot = up };
            return !many(r, &hidden, name, false, false) && syntax(r, name, "this short name leads through a place that repeats");
        }
    if (many(r, &step, name, counted, r->at == r->text.len)) return false;
    return add_steps(r, p, steps, step);
}

/* Whether its first node is found by going down slot by slot: without tests, lists and counts other than #1. */
static bool straight(map_loader *l, map_place *p)
{
    uint32_t *way = DGM_NEW(l->arena, uint32_t, p->step_count + 1u);
    if (!way) {
        l->nomem = true;
        return false;
    }
    bool whole = p->step_count > 0;
    for (uint32_t i = 0; i < p->step_count; i++) {
        const map_step *s = &p->steps[i];
        if (s->slot_count != 1 || s->test_count || s->join_count || s->from > 1) return true;
        way[i] = s->slot;
        whole = whole && !s->from;
    }
    if (p->step_count) p->way = way;
    p->whole = whole;
    return true;
}

static const map_prefix *prefix_of(const place_reader *r)
{
    const map_document *d = r->l->m->document;
    return d && d->at[r->side].place ? &d->at[r->side] : NULL;
}

/* Whether the each of a block takes the several occurrences of a document one by one. */
static bool walks_document(const place_reader *r, uint32_t block)
{
    const map_block *b = &r->l->m->blocks[block];
    return b->above == 0 && r->l->m->document->at[r->side].several && b->walks;
}

/* A place outside any each, `beyond` levels above the occurrence that is a document's. */
static bool start_in_document(place_reader *r, map_place *p, map_step *steps, uint32_t beyond)
{
    const map_prefix *x = prefix_of(r);
    bool single = r->block == 0 && r->allow & MAP_EACH_END && dgm_slice_is(r->text, ".");
    if (x->several && !beyond && !single) {
        dgm_diag *d = dgm_map_fault(r->l, part(r, r->text), DGM_D_MAP_DOCUMENT_SEVERAL);
        dgm_map_say(r->l, d, dgm_shape_slot(r->shape, x->place->slot)->name);
        return false;
    }
    uint32_t level = x->levels - beyond;
    p->step_count = level ? x->step[level - 1] + 1 : 0;
    if (p->step_count) memcpy(steps, x->place->steps, p->step_count * sizeof *steps);
    p->slot = p->step_count ? steps[p->step_count - 1].slot : DGM_SLOT_ROOT;
    return true;
}

/* Where a place starts: the top, its own occurrence, or with ^ one around that. r->at stands behind it then. */
static bool read_start(place_reader *r, map_place *p, map_step *steps)
{
    const map_block *blocks = r->l->m->blocks;
    const map_prefix *x = prefix_of(r);
    size_t ups = 0;
    uint32_t beyond = 0; /* of the levels of documents */
    p->base = r->block;
    p->root = r->text.at[0] == '/';
    r->at = p->root ? 1 : 0;
    while (!p->root && r->at < r->text.len && r->text.at[r->at] == '^') {
        dgm_slice sign = dgm_slice_part(r->text, r->at, r->at + 1);
        bool top = blocks[p->base].above == DGM_NONE;
        if (!(r->allow & MAP_UP) && !(x && r->block == 0)) {
            dgm_diag *d = dgm_map_fault(r->l, part(r, sign), DGM_D_MAP_KEY_PLACE);
            dgm_map_say(r->l, d, DGM_LITERAL("^"));
            dgm_map_say(r->l, d, DGM_LITERAL("this place: only plain rules, each and where go up"));
            return false;
        }
        if (top && (!x || beyond == x->levels)) return syntax(r, sign, "there is no occurrence around this one for ^");
        if (top || (x && walks_document(r, p->base))) beyond++;
        if (!top) p->base = blocks[p->base].above;
        ups++;
        if (r->at + 2 >= r->text.len || r->text.at[r->at + 1] != '/') return syntax(r, sign, "after ^ comes /: ^/Quota/QTY");
        r->at += 2;
    }
    bool begins = x && !p->root && p->base == 0;
    if ((ups && p->base == 0) || begins) p->root = true;
    p->up = p->root ? 0 : (uint32_t)ups;
    if (p->root) p->base = 0;
    p->from = p->slot = p->root ? DGM_SLOT_ROOT : blocks[p->base].slot[r->side];
    return !begins || start_in_document(r, p, steps, beyond);
}

/* Its steps move from the reader's table to one of their number. */
static const map_place *keep_steps(map_loader *l, map_place *p, const map_step *steps)
{
    map_step *own = DGM_NEW(l->arena, map_step, p->step_count + 1);
    if (!own) {
        l->nomem = true;
        return NULL;
    }
    memcpy(own, steps, p->step_count * sizeof *own);
    p->steps = own;
    return p;
}

const map_place *dgm_map_place(map_loader *l, uint32_t side, uint32_t block, dgm_slice text, map_mark mark, unsigned allow)
{
    place_reader r = {
        .l = l, .shape = l->m->shape[side], .text = text, .mark = mark, .allow = allow, .side = side, .block = block
    };
    if (!r.shape) return NULL;
    map_place *p = DGM_NEW(l->arena, map_place, 1);
    map_step steps[MAP_STEPS_MAX + 1] = { 0 };
    if (!p) {
        l->nomem = true;
        return NULL;
    }
    *p = (map_place){ .side = side, .text = text, .mark = mark, .steps = steps, .star = DGM_NONE, .named = DGM_NONE };
    if (!text.len) {
        syntax(&r, text, "a place is missing");
        return NULL;
    }
    if (!read_start(&r, p, steps)) return NULL;
    if (p->root && block != 0) p->known = ++l->m->known_count;
    if (dgm_slice_is(text, ".")) return keep_steps(l, p, steps);
    for (bool more = r.at < text.len; more;) {
        if (!read_step(&r, p, steps)) return NULL;
        more = r.at < text.len;
        if (!more) break;
        if (text.at[r.at] != '/') {
            syntax(&r, dgm_slice_part(text, r.at, r.at + 1), "after a step comes / or the end");
            return NULL;
        }
        if (++r.at == text.len) {
            syntax(&r, dgm_slice_part(text, r.at - 1, r.at), "a place does not end with /");
            return NULL;
        }
    }
    for (uint32_t i = p->step_count; i-- > 0;)
        if (steps[i].slot_count > 1 || steps[i].to > steps[i].from) p->star = i;
    for (uint32_t i = 0; i < p->step_count; i++) {
        if (!steps[i].join_count) continue;
        if (p->named != DGM_NONE || steps[i].from || steps[i].slot_count > 1 || p->star != DGM_NONE) {
            syntax(&r, text, "names stand in the tests of one step, without # in this place");
            return NULL;
        }
        p->named = i;
    }
    return keep_steps(l, p, steps) && straight(l, p) ? p : NULL;
}
