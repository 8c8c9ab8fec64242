/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_place.c - places of a guide, in the grammar of mappings (mappings/README.md, section 1), looked up in the shape of the
 * message and made into spots. Tests hold no tests, so nothing here is deeper than two. One thread.
 */
#include "guide_load.h"

enum { STEPS_MAX = 24, TESTS_MAX = 8, VALUES_MAX = 64 };

typedef struct reading {
    guide_loader *l;
    dgm_slice text;
    dgm_yaml_mark mark; /* of the whole text in the file */
    size_t at;
} reading;

typedef struct parsed {
    uint32_t slot, from, to;
    dgm_edi_guide_test *tests;
    uint32_t test_count;
    bool qualified;
} parsed;

typedef struct path {
    parsed at[STEPS_MAX];
    uint32_t count;
} path;

typedef struct values {
    dgm_slice at[VALUES_MAX];
    size_t from[VALUES_MAX]; /* where each stands in the text */
    uint32_t count;
} values;

/* ---- small things ---- */

static char peek(const reading *r)
{
    return r->at < r->text.len ? r->text.at[r->at] : 0;
}

static void blanks(reading *r)
{
    while (peek(r) == ' ') r->at++;
}

static bool take(reading *r, char c)
{
    blanks(r);
    if (peek(r) != c) return false;
    r->at++;
    return true;
}

static bool letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static dgm_yaml_mark here(const reading *r, size_t from, size_t to)
{
    return dgm_edi_guide_part(r->l, r->mark, from, to > from ? to - from : 1);
}

static bool wanted(reading *r, const char *what)
{
    dgm_edi_guide_fault(r->l, here(r, r->at, r->at + 1), DGM_D_GUIDE_PLACE, dgm_slice_of(what), (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return false;
}

static dgm_slice word(reading *r)
{
    size_t from = r->at;
    while (letter(peek(r))) r->at++;
    return dgm_slice_part(r->text, from, r->at);
}

static bool number(reading *r, uint32_t *out)
{
    uint32_t n = 0;
    size_t from = r->at;
    while (peek(r) >= '0' && peek(r) <= '9' && n < 1000000) n = n * 10 + (uint32_t)(r->text.at[r->at++] - '0');
    *out = n;
    return r->at > from && n > 0;
}

/* ---- names ---- */

/* An element that stands in one composite of a segment may be named without it. *several: it stands in more. */
static uint32_t through_composite(const dgm_shape *s, uint32_t slot, dgm_slice name, uint32_t *several)
{
    const dgm_slot *at = dgm_shape_slot(s, slot);
    uint32_t found = DGM_SLOT_NONE;
    *several = DGM_SLOT_NONE;
    for (uint32_t i = 0; at->kind == DGM_SEGMENT && i < at->child_count; i++) {
        const dgm_slot *c = dgm_shape_slot(s, at->first_child + i);
        uint32_t hit = c->kind == DGM_COMPOSITE ? dgm_shape_child(s, at->first_child + i, name, 1) : DGM_SLOT_NONE;
        if (hit == DGM_SLOT_NONE) continue;
        if (found != DGM_SLOT_NONE) *several = found;
        if (found == DGM_SLOT_NONE) found = hit;
    }
    return found;
}

static dgm_slice nearest_step(guide_loader *l, uint32_t slot, dgm_slice name)
{
    const dgm_shape *s = l->guide->shape;
    const dgm_slot *at = dgm_shape_slot(s, slot);
    uint32_t aliases = dgm_shape_alias_count(s), n = 0, of;
    size_t room = at->child_count + aliases + 1;
    for (uint32_t i = 0; i < at->child_count; i++) room += dgm_shape_slot(s, at->first_child + i)->child_count;
    dgm_slice *names = dgm_diags_errors(l->diags) > GUIDE_HINTS_MAX ? NULL : GUIDE_NEW(l, dgm_slice, room);
    if (!names) return (dgm_slice){ 0 };
    for (uint32_t i = 0; i < at->child_count; i++) {
        const dgm_slot *c = dgm_shape_slot(s, at->first_child + i);
        names[n++] = c->name;
        for (uint32_t k = 0; c->kind == DGM_COMPOSITE && k < c->child_count; k++)
            names[n++] = dgm_shape_slot(s, c->first_child + k)->name;
    }
    for (uint32_t i = 0; i < aliases; i++) {
        dgm_slice alias = dgm_shape_alias_name(s, i, &of);
        if (dgm_shape_slot(s, of)->parent == slot) names[n++] = alias;
    }
    int best = dgm_nearest(name, names, n);
    return best < 0 ? (dgm_slice){ 0 } : names[best];
}

static dgm_slice slot_text(guide_loader *l, uint32_t slot)
{
    char text[128];
    if (slot == DGM_SLOT_ROOT) return l->guide->type;
    size_t n = dgm_shape_path(l->guide->shape, slot, text, sizeof text);
    return dgm_arena_copy(l->arena, (dgm_slice){ text, n < sizeof text ? n : sizeof text });
}

static uint32_t find_step(reading *r, uint32_t slot, dgm_slice name, size_t from)
{
    guide_loader *l = r->l;
    const dgm_shape *s = l->guide->shape;
    uint32_t several, hit = dgm_shape_child(s, slot, name, 1);
    if (hit == DGM_SLOT_NONE) hit = dgm_shape_alias_under(s, slot, name);
    if (hit == DGM_SLOT_NONE && slot == DGM_SLOT_ROOT) hit = dgm_shape_alias(s, name);
    if (hit != DGM_SLOT_NONE) return hit;
    hit = through_composite(s, slot, name, &several);
    if (hit == DGM_SLOT_NONE) {
        dgm_edi_guide_fault(l, here(r, from, r->at), DGM_D_GUIDE_STEP, slot_text(l, slot), name, nearest_step(l, slot, name));
        return hit;
    }
    if (several == DGM_SLOT_NONE) return hit;
    const dgm_slot *c = dgm_shape_slot(s, dgm_shape_slot(s, several)->parent);
    dgm_slice better = dgm_arena_print(l->arena, "%.*s/%.*s", (int)c->name.len, c->name.at, (int)name.len, name.at);
    dgm_edi_guide_fault(l, here(r, from, r->at), DGM_D_GUIDE_COMPOSITE, name, slot_text(l, slot), better);
    return DGM_SLOT_NONE;
}

/* Adds the steps that lead from one slot down to another. */
static bool add_steps(reading *r, path *p, uint32_t from, uint32_t to)
{
    uint32_t way[STEPS_MAX], n = 0;
    for (uint32_t at = to; at != from && n < STEPS_MAX; at = dgm_shape_slot(r->l->guide->shape, at)->parent) way[n++] = at;
    if (p->count + n > STEPS_MAX) return wanted(r, "a shorter place");
    while (n--) p->at[p->count++] = (parsed){ .slot = way[n] };
    return true;
}

/* ---- counts, values, tests ---- */

static bool read_count(reading *r, parsed *step)
{
    size_t from = r->at;
    r->at++;
    if (peek(r) == '*') {
        r->at++;
        return true;
    }
    if (!number(r, &step->from)) return wanted(r, "a number from 1, or *");
    step->to = step->from;
    if (r->at + 1 < r->text.len && r->text.at[r->at] == '.' && r->text.at[r->at + 1] == '.') {
        r->at += 2;
        if (!number(r, &step->to) || step->to < step->from) return wanted(r, "a number not below the one before");
    }
    uint32_t most = dgm_edi_guide_most(r->l->guide->shape, step->slot);
    if (step->to <= most) return true;
    dgm_edi_guide_fault(r->l, here(r, from, r->at), DGM_D_GUIDE_COUNT, dgm_edi_guide_called(r->l, step->slot),
                        dgm_arena_print(r->l->arena, "%u", most), (dgm_slice){ 0 });
    return false;
}

static bool read_value(reading *r, values *v)
{
    blanks(r);
    size_t from = r->at;
    if (v->count == VALUES_MAX) return wanted(r, "a shorter list");
    if (peek(r) == '\'') {
        const char *end = memchr(r->text.at + from + 1, '\'', r->text.len - from - 1);
        if (!end) return wanted(r, "a ' behind the value");
        v->at[v->count] = dgm_slice_part(r->text, from + 1, (size_t)(end - r->text.at));
        r->at = (size_t)(end - r->text.at) + 1;
    } else {
        while (r->at < r->text.len && !strchr(" ,)]=", peek(r))) r->at++;
        v->at[v->count] = dgm_slice_part(r->text, from, r->at);
    }
    if (!v->at[v->count].len) return wanted(r, "a value");
    v->from[v->count++] = from;
    return true;
}

/* "= value", "in (value, value)" or nothing. */
static bool read_values(reading *r, values *v)
{
    v->count = 0;
    if (take(r, '=')) return read_value(r, v);
    size_t before = r->at;
    if (!dgm_slice_is(word(r), "in")) {
        r->at = before;
        return true;
    }
    if (!take(r, '(')) return wanted(r, "(");
    do
        if (!read_value(r, v)) return false;
    while (take(r, ','));
    return take(r, ')') || wanted(r, ")");
}

/* The values in memory that stays; each could stand at the slot. */
static const dgm_slice *keep_values(reading *r, const values *v, uint32_t slot, bool listed)
{
    dgm_slice *kept = GUIDE_NEW(r->l, dgm_slice, v->count);
    const dgm_slot *at = dgm_shape_slot(r->l->guide->shape, slot);
    if (!dgm_kind_leaf(at->kind)) {
        dgm_edi_guide_fault(r->l, here(r, v->from[0], v->from[0] + v->at[0].len), DGM_D_GUIDE_LEAF,
                            dgm_edi_guide_called(r->l, slot), DGM_LITERAL("a value"), (dgm_slice){ 0 });
        return NULL;
    }
    for (uint32_t i = 0; kept && i < v->count; i++) {
        kept[i] = dgm_arena_copy(r->l->arena, v->at[i]);
        if (!kept[i].at) r->l->status = DGM_NOMEM;
        dgm_edi_guide_value_check(r->l, slot, listed, v->at[i], here(r, v->from[i], v->from[i] + v->at[i].len));
    }
    return kept;
}

static bool read_path(reading *r, uint32_t slot, bool tests, path *p);

static bool read_test(reading *r, uint32_t slot, bool listed, dgm_edi_guide_test *out)
{
    path p = { .count = 0 };
    values v;
    *out = (dgm_edi_guide_test){ .not = take(r, '!') };
    if (!read_path(r, slot, false, &p) || !read_values(r, &v)) return false;
    dgm_edi_guide_step *steps = GUIDE_NEW(r->l, dgm_edi_guide_step, p.count);
    if (!steps) return false;
    for (uint32_t i = 0; i < p.count; i++) {
        const dgm_slot *s = dgm_shape_slot(r->l->guide->shape, p.at[i].slot);
        bool once = s->kind >= DGM_COMPOSITE ? dgm_edi_guide_most(r->l->guide->shape, p.at[i].slot) == 1 : s->max == 1;
        steps[i] = (dgm_edi_guide_step){ p.at[i].slot, (uint16_t)p.at[i].from, once };
    }
    out->steps = steps;
    out->step_count = p.count;
    out->value_count = v.count;
    if (v.count) out->values = keep_values(r, &v, steps[p.count - 1].slot, listed);
    return v.count == 0 || out->values;
}

static bool has(dgm_slice text, size_t from, const char *part)
{
    size_t n = strlen(part);
    for (size_t i = from; i + n <= text.len && text.at[i] != ']'; i++)
        if (memcmp(text.at + i, part, n) == 0) return true;
    return false;
}

static bool read_tests(reading *r, parsed *step)
{
    r->at++;
    step->qualified = has(r->text, r->at, "1131") || has(r->text, r->at, "3055");
    step->tests = GUIDE_NEW(r->l, dgm_edi_guide_test, TESTS_MAX);
    do {
        if (!step->tests) return false;
        if (step->test_count == TESTS_MAX) return wanted(r, "at most 8 tests");
        if (!read_test(r, step->slot, !step->qualified, &step->tests[step->test_count++])) return false;
    } while (take(r, ','));
    return take(r, ']') || wanted(r, "] or ,");
}

/* step { "/" step }, each with tests and a count where it may have them. */
static bool read_path(reading *r, uint32_t slot, bool tests, path *p)
{
    do {
        blanks(r);
        size_t from = r->at;
        dgm_slice name = word(r);
        if (!name.len) return wanted(r, "a name");
        uint32_t to = find_step(r, slot, name, from);
        if (to == DGM_SLOT_NONE || !add_steps(r, p, slot, to)) return false;
        parsed *step = &p->at[p->count - 1];
        if (peek(r) == '[') {
            if (!tests) {
                dgm_edi_guide_fault(r->l, here(r, r->at, r->at + 1), DGM_D_GUIDE_NEST, (dgm_slice){ 0 }, (dgm_slice){ 0 },
                                    (dgm_slice){ 0 });
                return false;
            }
            if (!read_tests(r, step)) return false;
        }
        if (peek(r) == '#' && !read_count(r, step)) return false;
        slot = to;
    } while (peek(r) == '/' && ++r->at);
    return true;
}

/* ---- spots ---- */

static bool same_values(const dgm_slice *a, const dgm_slice *b, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        if (!dgm_slice_equal(a[i], b[i])) return false;
    return true;
}

static bool same_test(const dgm_edi_guide_test *a, const dgm_edi_guide_test *b)
{
    if (a->not != b->not || a->step_count != b->step_count || a->value_count != b->value_count) return false;
    for (uint32_t i = 0; i < a->step_count; i++)
        if (a->steps[i].slot != b->steps[i].slot || a->steps[i].ordinal != b->steps[i].ordinal) return false;
    return same_values(a->values, b->values, a->value_count);
}

/* In any order. */
static bool same_tests(const dgm_edi_guide_spot *s, const parsed *step)
{
    if (s->test_count != step->test_count) return false;
    for (uint32_t i = 0; i < s->test_count; i++) {
        uint32_t k = 0;
        while (k < step->test_count && !same_test(&s->tests[i], &step->tests[k])) k++;
        if (k == step->test_count) return false;
    }
    return true;
}

static uint32_t mix(uint32_t hash, uint32_t more)
{
    return (hash ^ more) * 0x9E3779B1u + (hash >> 15);
}

static uint32_t hash_texts(uint32_t hash, const dgm_slice *texts, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        hash = mix(hash, (uint32_t)texts[i].len);
        for (size_t k = 0; k < texts[i].len; k++) hash = mix(hash, (unsigned char)texts[i].at[k]);
    }
    return hash;
}

/* Equal for spots that are the same: tests count in any order. */
static uint32_t hash_spot(const guide_spot *parent, const parsed *step, const dgm_slice *wish, uint32_t wishes)
{
    uint32_t tests = 0;
    for (uint32_t i = 0; i < step->test_count; i++) {
        const dgm_edi_guide_test *t = &step->tests[i];
        uint32_t test = t->not ;
        for (uint32_t k = 0; k < t->step_count; k++) test = mix(mix(test, t->steps[k].slot), t->steps[k].ordinal);
        tests += hash_texts(test, t->values, t->value_count);
    }
    uint32_t hash = mix(mix(mix(mix(parent->serial, step->slot), step->from), step->to), tests);
    return hash_texts(hash, wish, wishes);
}

static guide_spot *spot_below(reading *r, guide_spot *parent, const parsed *step, const dgm_slice *wish, uint32_t wishes)
{
    guide_loader *l = r->l;
    guide_spot **bucket = &l->spots[hash_spot(parent, step, wish, wishes) % GUIDE_BUCKETS];
    for (guide_spot *s = *bucket; s; s = s->alike)
        if (s->parent == parent && s->is.slot == step->slot && s->is.from == step->from && s->is.to == step->to &&
            same_tests(&s->is, step) && s->is.value_count == wishes && same_values(s->is.values, wish, wishes))
            return s;
    if (++l->spot_count > GUIDE_SPOTS_MAX) {
        if (l->spot_count == GUIDE_SPOTS_MAX + 1)
            dgm_edi_guide_fault(l, r->mark, DGM_D_GUIDE_LIMIT, DGM_LITERAL("8192 places"), (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return NULL;
    }
    guide_spot *s = GUIDE_NEW(l, guide_spot, 1);
    if (!s) return NULL;
    dgm_kind kind = dgm_shape_slot(l->guide->shape, step->slot)->kind;
    *s = (guide_spot){
        .parent = parent, .serial = l->spot_count, .mark = r->mark, .qualified = parent->qualified || step->qualified
    };
    s->is = (dgm_edi_guide_spot){ .slot = step->slot,
                                  .from = step->from,
                                  .to = step->to,
                                  .ordinal = kind >= DGM_COMPOSITE && step->test_count == 0,
                                  .leaf = dgm_kind_leaf(kind),
                                  .tests = step->tests,
                                  .test_count = step->test_count,
                                  .values = wish,
                                  .value_count = wishes };
    if (parent->last)
        parent->last->next = s;
    else
        parent->first = s;
    parent->last = s;
    s->alike = *bucket;
    *bucket = s;
    return s;
}

/* wish: of its last step, a leaf. */
static guide_spot *spot_of(reading *r, guide_spot *from, const path *p, const dgm_slice *wish, uint32_t wishes)
{
    guide_spot *s = from;
    for (uint32_t i = 0; s && i < p->count; i++) {
        bool last = i + 1 == p->count;
        s = spot_below(r, s, &p->at[i], last ? wish : NULL, last ? wishes : 0);
    }
    return s;
}

static bool usable(guide_loader *l, dgm_slice text, dgm_yaml_mark mark)
{
    if (text.len && text.len <= GUIDE_TEXT_MAX) return true;
    dgm_edi_guide_fault(l, mark, DGM_D_GUIDE_PLACE, DGM_LITERAL("a place of at most 512 bytes"), (dgm_slice){ 0 },
                        (dgm_slice){ 0 });
    return false;
}

guide_spot *dgm_edi_guide_place(guide_loader *l, dgm_slice text, dgm_yaml_mark mark, guide_spot *from)
{
    reading r = { .l = l, .text = text, .mark = mark };
    path p = { .count = 0 };
    if (!usable(l, text, mark) || !read_path(&r, from->is.slot, true, &p)) return NULL;
    blanks(&r);
    if (r.at < text.len) {
        wanted(&r, "the end of the place, or /");
        return NULL;
    }
    guide_spot *s = spot_of(&r, from, &p, NULL, 0);
    for (guide_spot *up = s; up; up = up->parent) up->is.shown = true;
    return s;
}

static bool read_term(reading *r, guide_spot *from, bool condition, guide_terms *out)
{
    guide_loader *l = r->l;
    path p = { .count = 0 };
    values v;
    blanks(r);
    size_t begin = r->at;
    dgm_edi_guide_term *t = &out->terms[out->count];
    *t = (dgm_edi_guide_term){ .not = take(r, '!') };
    if (t->not &&!condition) {
        dgm_edi_guide_fault(l, here(r, begin, r->at), DGM_D_GUIDE_NOT, DGM_LITERAL("what a rule says"), (dgm_slice){ 0 },
                            (dgm_slice){ 0 });
        return false;
    }
    t->top = condition && take(r, '/');
    if (t->top) from = l->root;
    if (!read_path(r, from->is.slot, true, &p)) return false;
    size_t path_end = r->at;
    if (!read_values(r, &v)) return false;
    bool qualified = from->qualified;
    for (uint32_t i = 0; i < p.count; i++) qualified |= p.at[i].qualified;
    const dgm_slice *wish = v.count ? keep_values(r, &v, p.at[p.count - 1].slot, !qualified) : NULL;
    if (v.count && !wish) return false;
    size_t end = v.count ? r->at : path_end;
    t->text = dgm_arena_copy(l->arena, dgm_slice_trim(dgm_slice_part(r->text, begin, end)));
    guide_spot *s = spot_of(r, from, &p, wish, v.count);
    if (!s || !t->text.at) return false;
    s->rule_mark = here(r, begin, end);
    for (guide_spot *up = s; up; up = up->parent) up->ruled = true;
    out->spots[out->count++] = s;
    return true;
}

static bool reserve_terms(guide_loader *l, guide_terms *t, uint32_t count)
{
    if (count <= t->room) return true;
    uint32_t room = count < t->room * 2 ? t->room * 2 : count;
    guide_spot **spots = GUIDE_NEW(l, guide_spot *, room);
    dgm_edi_guide_term *terms = GUIDE_NEW(l, dgm_edi_guide_term, room);
    if (!spots || !terms) return false;
    for (uint32_t i = 0; i < t->count; i++) spots[i] = t->spots[i], terms[i] = t->terms[i];
    *t = (guide_terms){ spots, terms, t->count, room };
    return true;
}

bool dgm_edi_guide_terms(guide_loader *l, dgm_slice text, dgm_yaml_mark mark, guide_spot *from, bool condition, guide_terms *out)
{
    reading r = { .l = l, .text = text, .mark = mark };
    if (!usable(l, text, mark)) return false;
    uint32_t most = 1;
    for (size_t i = 0; i < text.len; i++) most += text.at[i] == ',';
    if (!reserve_terms(l, out, out->count + most)) return false;
    do
        if (!read_term(&r, from, condition, out)) return false;
    while (condition && take(&r, ','));
    blanks(&r);
    return r.at == text.len || wanted(&r, condition ? "a comma and another condition, or the end" : "the end of the place, or /");
}

guide_spot *dgm_edi_guide_below(guide_loader *l, guide_spot *parent, uint32_t slot)
{
    reading r = { .l = l, .mark = parent->mark };
    const parsed step = { .slot = slot };
    return spot_below(&r, parent, &step, NULL, 0);
}
