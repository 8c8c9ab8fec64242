/* SPDX-License-Identifier: Apache-2.0
 *
 * plan.c - what follows from a layout as a whole: how records are told apart, which fields are counts, totals and repetitions of
 * others, where a message's reference stands. One thread.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- kinds ---- */

static bool is_test(const dgm_flat_step *s)
{
    return s->type == DGM_FLAT_CONSTANT && s->name.len == 0 && s->value.len > 0;
}

static uint32_t tests_of(const dgm_flat_layout *l, const dgm_flat_place *p)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < p->step_count; i++) n += is_test(&l->steps[p->first_step + i]);
    return n;
}

/* What tells a record, as a text: records of one text are of one kind. */
static dgm_slice key_of(flat_loader *k, const dgm_flat_place *p)
{
    dgm_buffer b;
    dgm_buffer_init(&b, &k->host->mem);
    dgm_status st = dgm_buffer_print(&b, "%.*s\n", (int)p->table.len, p->table.at);
    for (uint32_t i = 0; i < p->step_count && st == DGM_OK; i++) {
        const dgm_flat_step *s = &k->l->steps[p->first_step + i];
        if (is_test(s)) st = dgm_buffer_print(&b, "%u %zu %.*s\n", s->at, s->value.len, (int)s->value.len, s->value.at);
    }
    dgm_slice key = st == DGM_OK ? dgm_arena_copy(&k->temp, dgm_buffer_slice(&b)) : (dgm_slice){ 0 };
    if (!key.at) k->status = DGM_NOMEM;
    dgm_buffer_free(&b);
    return key;
}

static void add_kind(flat_loader *k, uint32_t place)
{
    dgm_flat_layout *l = k->l;
    dgm_flat_place *p = &l->places[place];
    dgm_slice key = key_of(k, p);
    uint32_t known = key.at ? dgm_flat_name_of(k, "k", 0, key, l->kind_count) : DGM_NONE;
    if (known != DGM_NONE) p->kind = known;
    if (known != DGM_NONE || k->status == DGM_NOMEM) return;
    dgm_flat_kind *kind = &l->kinds[l->kind_count];
    *kind = (dgm_flat_kind){ .table = p->table, .first_test = l->test_count, .next = DGM_NONE, .place = place };
    for (uint32_t i = 0; i < p->step_count; i++) {
        const dgm_flat_step *s = &l->steps[p->first_step + i];
        if (is_test(s)) l->tests[l->test_count++] = (dgm_flat_test){ .at = s->at, .len = s->len, .value = s->value };
    }
    kind->test_count = l->test_count - kind->first_test;
    p->kind = l->kind_count++;
}

static size_t weight(const dgm_flat_layout *l, const dgm_flat_kind *kind)
{
    size_t n = kind->table.len ? 1 : 0;
    for (uint32_t i = 0; i < kind->test_count; i++) n += l->tests[kind->first_test + i].value.len * 2;
    return n;
}

typedef struct weighed {
    size_t weight;
    uint32_t kind;
} weighed;

static int heavier_first(const void *a, const void *b)
{
    const weighed *x = a, *y = b;
    if (x->weight != y->weight) return x->weight < y->weight ? 1 : -1;
    return x->kind < y->kind ? -1 : x->kind > y->kind;
}

/* What says more is asked first, so that "D1" goes before "D". */
static bool sort_kinds(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    uint32_t *now = DGM_NEW(&k->temp, uint32_t, l->kind_count + 1);
    dgm_flat_kind *sorted = DGM_NEW(&l->arena, dgm_flat_kind, l->kind_count + 1);
    weighed *weights = DGM_NEW(&k->temp, weighed, l->kind_count + 1);
    if (!now || !sorted || !weights) {
        k->status = DGM_NOMEM;
        return false;
    }
    for (uint32_t i = 0; i < l->kind_count; i++) weights[i] = (weighed){ weight(l, &l->kinds[i]), i };
    qsort(weights, l->kind_count, sizeof *weights, heavier_first);
    for (uint32_t i = 0; i < l->kind_count; i++) {
        sorted[i] = l->kinds[weights[i].kind];
        now[weights[i].kind] = i;
    }
    for (uint32_t i = 1; i < l->place_count; i++) l->places[i].kind = now[l->places[i].kind];
    l->kinds = sorted;
    return true;
}

/* One byte tells most records apart where all have a constant at the same column. */
static void index_kinds(dgm_flat_layout *l)
{
    l->quick = !l->delimited && l->kind_count > 0 && !l->table_line.len;
    for (uint32_t i = 0; i < l->kind_count && l->quick; i++) {
        const dgm_flat_kind *kind = &l->kinds[i];
        l->quick = kind->test_count > 0 && l->tests[kind->first_test].at == l->tests[l->kinds[0].first_test].at;
    }
    for (size_t b = 0; b < 256; b++) l->first_kind[b] = DGM_NONE;
    if (!l->quick) return;
    l->quick_at = l->tests[l->kinds[0].first_test].at;
    for (uint32_t i = l->kind_count; i-- > 0;) {
        uint32_t *head = &l->first_kind[(unsigned char)l->tests[l->kinds[i].first_test].value.at[0]];
        l->kinds[i].next = *head;
        *head = i;
    }
}

/* Siblings of one kind: the elder one comes a fixed number of times, so that their order tells them, or conditions do. */
static void check_siblings(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    for (uint32_t i = 1; i < l->place_count; i++) {
        const dgm_flat_place *p = &l->places[i];
        for (uint32_t x = i; x-- > l->places[p->parent].first_child;) {
            const dgm_flat_place *o = &l->places[x];
            if (o->kind != p->kind || dgm_flat_exclusive(l, p->condition, o->condition)) continue;
            bool told = o->min == o->max && !o->condition;
            if (!told) dgm_flat_fault(k, k->place_nodes[i]->mark, DGM_D_FLAT_LAYOUT_ALIKE, p->name, o->name, (dgm_slice){ 0 });
            break;
        }
    }
}

static void make_kinds(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    if (l->tokens) {
        dgm_flat_token_kinds(k);
        return;
    }
    size_t tests = 0;
    for (uint32_t i = 1; i < l->place_count; i++) tests += tests_of(l, &l->places[i]);
    l->kinds = DGM_NEW(&l->arena, dgm_flat_kind, l->place_count + 1);
    l->tests = DGM_NEW(&l->arena, dgm_flat_test, tests + 1);
    if (!l->kinds || !l->tests) {
        k->status = DGM_NOMEM;
        return;
    }
    for (uint32_t i = 1; i < l->place_count && k->status != DGM_NOMEM; i++) add_kind(k, i);
    if (k->status == DGM_NOMEM || !sort_kinds(k)) return;
    index_kinds(l);
}

/* ---- fields of other records ---- */

uint32_t dgm_flat_step_named(flat_loader *k, dgm_yaml_mark mark, dgm_slice path, uint32_t own, uint32_t *place)
{
    dgm_flat_layout *l = k->l;
    dgm_slice names[64];
    size_t slash = path.len, count = 0;
    while (slash && path.at[slash - 1] != '/') slash--;
    dgm_slice record = dgm_slice_part(path, 0, slash ? slash - 1 : 0), field = dgm_slice_part(path, slash, path.len);
    uint32_t p = record.len ? dgm_flat_named(k, "any", 0, record) : own;
    uint32_t step = p == DGM_NONE ? DGM_NONE : dgm_flat_named(k, "s", p, field);
    if (step != DGM_NONE) {
        *place = p;
        return step;
    }
    for (uint32_t i = 1; p == DGM_NONE && i < l->place_count && count < 64; i++) names[count++] = l->places[i].name;
    for (uint32_t i = 0; p != DGM_NONE && i < l->places[p].step_count && count < 64; i++)
        names[count++] = l->steps[l->places[p].first_step + i].name;
    int best = dgm_nearest(p == DGM_NONE ? record : field, names, count);
    dgm_flat_fault(k, mark, DGM_D_FLAT_LAYOUT_REFERENCE, path.len ? path : DGM_LITERAL("this"),
                   p == DGM_NONE ? DGM_LITERAL("RECORD/field") : l->places[p].name, best < 0 ? (dgm_slice){ 0 } : names[best]);
    return DGM_NONE;
}

/* "A/site": the step of a field that is no part of a composite; DGM_NONE, told. */
static uint32_t step_named(flat_loader *k, const dgm_yaml *n, uint32_t *place)
{
    return dgm_flat_step_named(k, n->mark, n->kind == DGM_YAML_TEXT ? n->text : n->key, DGM_NONE, place);
}

/* ---- counts and totals ---- */

static void count_of(flat_loader *k, const flat_wish *w, dgm_flat_control *c)
{
    dgm_flat_layout *l = k->l;
    bool *of = DGM_NEW(&l->arena, bool, l->place_count + 1);
    c->of = of;
    if (!of) {
        k->status = DGM_NOMEM;
        return;
    }
    bool all = w->node->kind == DGM_YAML_TEXT && dgm_slice_is(w->node->text, "all");
    const dgm_yaml *m = w->node->kind == DGM_YAML_LIST ? w->node->first : w->node;
    for (uint32_t i = 1; i < l->place_count && all; i++) {
        uint32_t above = i; /* what is counted stands beneath the record that opens the scope, or is it */
        while (above != c->scope && above) above = l->places[above].parent;
        of[i] = above == c->scope;
    }
    for (; m && !all; m = w->node->kind == DGM_YAML_LIST ? m->next : NULL) {
        bool found = false;
        for (uint32_t i = 1; i < l->place_count; i++) {
            if (m->kind != DGM_YAML_TEXT || !dgm_slice_equal(l->places[i].name, m->text)) continue;
            of[i] = found = true;
        }
        if (!found) dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_REFERENCE, m->text, DGM_LITERAL("a layout"), (dgm_slice){ 0 });
    }
}

void dgm_flat_keep(dgm_flat_layout *l, uint32_t step)
{
    if (!l->steps[step].kept && l->kept_count < UINT16_MAX) l->steps[step].kept = (uint16_t)++l->kept_count;
}

/* What a hash total is: so many of the lowest digits. */
static void take_hash(flat_loader *k, const flat_wish *w, dgm_flat_control *c)
{
    const dgm_flat_step *own = &k->l->steps[w->step];
    uint32_t digits = own->stored ? dgm_flat_stored_digits(own) : own->len;
    c->digits = (uint8_t)(digits < DGM_FLAT_SUM_DIGITS ? digits : DGM_FLAT_SUM_DIGITS);
    if (digits == 0 || own->implied || own->decimals || own->sign != DGM_FLAT_UNSIGNED)
        dgm_flat_fault(k, w->node->key_mark, DGM_D_FLAT_LAYOUT_ONLY, w->node->key,
                       DGM_LITERAL("of a field with a length, without decimals and sign"), (dgm_slice){ 0 });
}

/* `sum: D/amount`, `hash: [D/account, E/account]`: fields that are added up. */
static void add_sources(flat_loader *k, const flat_wish *w, dgm_flat_control *c)
{
    dgm_flat_layout *l = k->l;
    dgm_flat_step *own = &l->steps[w->step];
    const dgm_yaml *list = w->node->kind == DGM_YAML_LIST ? w->node : NULL;
    uint32_t place, *sources = DGM_NEW(&l->arena, uint32_t, (list ? list->count : 1) + 1);
    bool hash = w->kind == DGM_FLAT_HASH, narrow = false;
    if (!sources) k->status = DGM_NOMEM;
    for (const dgm_yaml *n = list ? list->first : w->node; n && sources; n = list ? n->next : NULL) {
        uint32_t step = step_named(k, n, &place);
        if (step == DGM_NONE) continue;
        dgm_flat_step *source = &l->steps[step];
        uint8_t scale = source->implied ? source->implied : source->decimals;
        bool digits = hash && source->type == DGM_FLAT_TEXT && source->class && strcmp(source->class, "digits") == 0;
        if (source->type != DGM_FLAT_NUMBER && !digits)
            dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, source->name, DGM_LITERAL("a number, to be added up"),
                           (dgm_slice){ 0 });
        source->tallied = true;
        sources[c->source_count++] = step;
        if (scale > c->scale) c->scale = scale;
        narrow = narrow || (own->implied && own->implied < scale);
    }
    c->sources = sources;
    if (c->source_count) c->source = sources[0];
    if (hash) take_hash(k, w, c);
    if (hash || !c->source_count) return;
    own->decimals = own->implied ? own->decimals : c->scale;
    if (narrow) dgm_flat_fault(k, w->node->mark, DGM_D_FLAT_LAYOUT_NARROW, own->name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
}

static void add_control(flat_loader *k, const flat_wish *w)
{
    dgm_flat_layout *l = k->l;
    dgm_flat_control *c = &l->controls[l->control_count++];
    uint32_t place = 0;
    *c = (dgm_flat_control){ .kind = w->kind, .step = w->step, .scope = l->places[w->place].parent, .source = DGM_NONE };
    dgm_flat_step *own = &l->steps[w->step];
    own->control = (uint16_t)l->control_count;
    if (l->control_count == DGM_FLAT_CONTROLS_MAX)
        dgm_flat_fault(k, w->node->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    if (own->repeats)
        dgm_flat_fault(k, w->node->key_mark, DGM_D_FLAT_LAYOUT_ONLY, w->node->key, DGM_LITERAL("not repeated"), (dgm_slice){ 0 });
    if (w->kind == DGM_FLAT_COUNT) {
        count_of(k, w, c);
        return;
    }
    if (w->kind != DGM_FLAT_SAME) {
        add_sources(k, w, c);
        return;
    }
    c->source = step_named(k, w->node, &place);
    if (c->source == DGM_NONE) return;
    dgm_flat_keep(l, c->source);
    if (!l->steps[c->source].kept)
        dgm_flat_fault(k, w->node->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
}

/* ---- numbers that are no characters ---- */

/* What tells records apart, as it stands in their bytes. */
static void encode_tests(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    dgm_charset *c = NULL;
    dgm_buffer b;
    size_t bad;
    dgm_buffer_init(&b, &k->host->mem);
    dgm_status st = l->utf8 || l->ascii ? DGM_OK : dgm_charset_open(&k->host->mem, l->encoding, &c);
    for (uint32_t i = 0; i < l->test_count && st == DGM_OK; i++) {
        b.len = 0;
        if (c) st = dgm_charset_encode(c, l->tests[i].value, &b, &bad);
        l->tests[i].bytes = c ? dgm_flat_copy(k, dgm_buffer_slice(&b)) : l->tests[i].value;
    }
    if (st == DGM_NOMEM) k->status = st;
    if (st == DGM_INVALID)
        dgm_flat_fault(k, k->head->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("value"), DGM_LITERAL("of characters of the encoding"),
                       (dgm_slice){ 0 });
    dgm_charset_free(c);
    dgm_buffer_free(&b);
}

/* The next stored number of a place, behind its step i. */
static const dgm_flat_step *next_stored(const dgm_flat_layout *l, const dgm_flat_place *p, uint32_t *i)
{
    while (*i < p->step_count) {
        const dgm_flat_step *s = &l->steps[p->first_step + (*i)++];
        if (s->stored && s->type == DGM_FLAT_NUMBER) return s;
    }
    return NULL;
}

/* Records that look alike hold them in the same columns, always: they are put aside before a record is decoded and its place known.
 */
static void check_stored(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    for (uint32_t i = 1; i < l->place_count; i++) {
        const dgm_flat_place *p = &l->places[i], *first = &l->places[l->kinds[p->kind].place];
        uint32_t a = 0, b = 0;
        const dgm_flat_step *x, *y;
        bool always = true;
        do {
            x = next_stored(l, p, &a);
            y = next_stored(l, first, &b);
            always = always && !(x && (x->condition || p->listed));
        } while (x && y && x->at == y->at && x->len == y->len && always);
        if (always && !x && !y) continue;
        dgm_flat_fault(k, k->place_nodes[i]->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("packed or binary"),
                       DGM_LITERAL("in the same columns of all records told by the same constants, without conditions"),
                       (dgm_slice){ 0 });
    }
    if (k->status == DGM_OK) encode_tests(k);
}

static void named_in_head(flat_loader *k, const char *key, uint32_t *out)
{
    uint32_t place;
    const dgm_yaml *n = dgm_yaml_get(k->head, key);
    uint32_t step = n ? step_named(k, n, &place) : DGM_NONE;
    if (step == DGM_NONE) return;
    dgm_flat_keep(k->l, step);
    *out = k->l->steps[step].kept;
}

void dgm_flat_plan(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    make_kinds(k);
    l->controls = DGM_NEW(&l->arena, dgm_flat_control, k->wish_count + k->link_count + 1);
    if (!l->controls) k->status = DGM_NOMEM;
    for (size_t i = 0; i < k->wish_count && i < DGM_FLAT_CONTROLS_MAX && k->status != DGM_NOMEM; i++) add_control(k, &k->wishes[i]);
    if (k->status != DGM_NOMEM) dgm_flat_take_links(k);
    bool kinds = !l->tokens || k->status == DGM_OK; /* of tokens they are made of what is whole only */
    if (k->status != DGM_NOMEM && kinds) check_siblings(k);
    if (k->status == DGM_OK && l->stores) check_stored(k);
    if (k->status == DGM_NOMEM) return;
    named_in_head(k, "reference", &l->reference);
    named_in_head(k, "sender", &l->sender);
    named_in_head(k, "recipient", &l->recipient);
    for (uint32_t i = 1; i < l->place_count; i++) { /* what is not there has to be forgotten, too */
        dgm_flat_place *p = &l->places[i];
        for (uint32_t s = p->first_step; s < p->first_step + p->step_count; s++)
            if ((l->steps[s].kept || l->steps[s].flow) && s + 1 > p->last_required) p->last_required = s + 1;
    }
    for (uint32_t c = 0; c < l->control_count; c++) {
        const dgm_flat_control *control = &l->controls[c];
        if (control->scope < l->place_count) l->places[control->scope].scopes = true;
        for (uint32_t i = 0; control->of && i < l->place_count; i++) l->places[i].counted = l->places[i].counted || control->of[i];
    }
    if (l->heading && (l->place_count != 2 || l->kinds[0].test_count))
        dgm_flat_fault(k, k->head->mark, DGM_D_FLAT_LAYOUT_HEADING, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
}
