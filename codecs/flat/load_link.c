/* SPDX-License-Identifier: Apache-2.0
 *
 * load_link.c - what fields and records of a layout say of each other: when they stand there, which text goes on where, which list
 * stands as often as a number says; and whether fields that share columns can never be there together. One thread.
 */
#include "load.h"

#include <stdlib.h>

static void only(flat_loader *k, const dgm_yaml *n, const char *what)
{
    dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_ONLY, n->key, dgm_slice_of(what), (dgm_slice){ 0 });
}

/* Another field must know the value of a step; false: of too many, told. */
static bool keep(flat_loader *k, dgm_yaml_mark mark, uint32_t step)
{
    dgm_flat_keep(k->l, step);
    if (k->l->steps[step].kept) return true;
    dgm_flat_fault(k, mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return false;
}

/* ---- conditions ---- */

/* Codes with a blank between; false: told. */
static bool take_codes(flat_loader *k, const dgm_yaml *n, dgm_slice *out)
{
    size_t room = n->text.len + 1, len = 0;
    bool good = n->kind == DGM_YAML_TEXT ? n->text.len > 0 : n->kind == DGM_YAML_LIST && n->count > 0;
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : NULL; m; m = m->next) room += m->text.len + 1;
    char *all = dgm_arena_new(&k->l->arena, room, 1, 1);
    if (!all) k->status = DGM_NOMEM;
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : n; m && all; m = n->kind == DGM_YAML_LIST ? m->next : NULL) {
        good = good && m->kind == DGM_YAML_TEXT && m->text.len && !memchr(m->text.at, ' ', m->text.len);
        if (!good) break;
        if (len) all[len++] = ' ';
        memcpy(all + len, m->text.at, m->text.len);
        len += m->text.len;
    }
    *out = (dgm_slice){ all ? all : "", len };
    if (!good)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("a code without a blank in it, or a list of them"),
                       (dgm_slice){ 0 });
    return good && all;
}

/* Puts a condition before a list's first. */
static void add_condition(flat_loader *k, uint32_t *list, dgm_flat_condition c)
{
    c.next = *list;
    k->l->conditions[k->l->condition_count++] = c;
    *list = k->l->condition_count;
}

/* What a condition asks of: a field of the record before it, or of another record. */
static bool take_source(flat_loader *k, const flat_link *w, dgm_yaml_mark mark, dgm_slice path, uint32_t *step)
{
    uint32_t place = 0, own = w->from == w->to ? k->l->places[w->place].parent : w->place;
    *step = dgm_flat_step_named(k, mark, path, own, &place);
    if (*step == DGM_NONE) return false;
    if (place == w->place && (w->from == w->to || *step >= w->from)) {
        dgm_flat_fault(k, mark, DGM_D_FLAT_LAYOUT_LATER, path, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return false;
    }
    return keep(k, mark, *step);
}

static void add_to_all(flat_loader *k, const flat_link *w, dgm_flat_condition c)
{
    dgm_flat_layout *l = k->l;
    if (w->from == w->to) add_condition(k, &l->places[w->place].condition, c);
    if (w->from != w->to) l->places[w->place].conditional = true;
    for (uint32_t i = w->from; i < w->to; i++) {
        bool end = l->steps[i].type == DGM_FLAT_OPEN || l->steps[i].type == DGM_FLAT_CLOSE;
        if (!end) add_condition(k, &l->steps[i].condition, c);
        l->steps[i].odd = true;
    }
}

/* `when: {kind: [C, G]}`, `when: container` (it holds anything), and `unless`. */
static void take_when(flat_loader *k, const flat_link *w)
{
    dgm_flat_condition c = { .unless = w->kind == FLAT_UNLESS, .codes = { "", 0 } };
    if (w->node->kind == DGM_YAML_TEXT) {
        if (take_source(k, w, w->node->mark, w->node->text, &c.source)) add_to_all(k, w, c);
        return;
    }
    if (w->node->kind != DGM_YAML_MAP || !w->node->first) {
        dgm_flat_fault(k, w->node->mark, DGM_D_FLAT_LAYOUT_TYPE, w->node->key,
                       DGM_LITERAL("a field, or fields with the codes they must hold: {kind: [A, B]}"), (dgm_slice){ 0 });
        return;
    }
    for (const dgm_yaml *m = w->node->first; m; m = m->next)
        if (take_source(k, w, m->key_mark, m->key, &c.source) && take_codes(k, m, &c.codes)) add_to_all(k, w, c);
}

/* The conditions within the first occurrence are those of each; lists only grow at their beginning, so they share what there is. */
static void take_copied(flat_loader *k, const flat_link *w)
{
    dgm_flat_layout *l = k->l;
    uint32_t each = w->to - w->from;
    for (uint32_t n = 1; n < w->times; n++)
        for (uint32_t i = w->from; i < w->to; i++) {
            uint64_t to = i + (uint64_t)each * n;
            if (to >= l->step_count) return; /* told: there was no room for it */
            l->steps[to].condition = l->steps[i].condition;
            l->steps[to].odd = l->steps[i].odd;
        }
}

static size_t conditions_of(const flat_loader *k)
{
    size_t n = 0;
    for (size_t i = 0; i < k->link_count; i++) {
        const flat_link *w = &k->links[i];
        size_t fields = w->node->kind == DGM_YAML_MAP ? w->node->count : 1, steps = w->to > w->from ? w->to - w->from : 1;
        if (w->kind == FLAT_WHEN || w->kind == FLAT_UNLESS) n += fields * steps;
    }
    return n;
}

/* ---- never both ---- */

static bool some_shared(dgm_slice a, dgm_slice b)
{
    while (a.len) {
        dgm_cut cut = dgm_slice_cut(a, ' ');
        if (dgm_flat_listed(b, cut.head)) return true;
        a = cut.tail;
    }
    return false;
}

static bool all_within(dgm_slice a, dgm_slice b)
{
    while (a.len) {
        dgm_cut cut = dgm_slice_cut(a, ' ');
        if (!dgm_flat_listed(b, cut.head)) return false;
        a = cut.tail;
    }
    return true;
}

static bool contrary(const dgm_flat_condition *a, const dgm_flat_condition *b)
{
    if (a->source != b->source || (a->unless && b->unless)) return false;
    if (!a->unless && !b->unless) return a->codes.len && b->codes.len && !some_shared(a->codes, b->codes);
    const dgm_flat_condition *when = a->unless ? b : a, *not = a->unless ? a : b;
    return not ->codes.len == 0 || (when->codes.len && all_within(when->codes, not ->codes));
}

bool dgm_flat_exclusive(const dgm_flat_layout *l, uint32_t a, uint32_t b)
{
    for (uint32_t i = a; i; i = l->conditions[i - 1].next)
        for (uint32_t x = b; x; x = l->conditions[x - 1].next)
            if (contrary(&l->conditions[i - 1], &l->conditions[x - 1])) return true;
    return false;
}

static bool has_columns(const dgm_flat_step *s)
{
    return s->type != DGM_FLAT_OPEN && s->type != DGM_FLAT_CLOSE;
}

/* The columns of a field; reach: the end of those so far that go furthest. */
typedef struct stand {
    uint32_t at, end, step, reach;
} stand;

static int by_column(const void *a, const void *b)
{
    const stand *x = a, *y = b;
    if (x->at != y->at) return x->at < y->at ? -1 : 1;
    return x->step < y->step ? -1 : x->step > y->step;
}

/* Where the fields of a record stand, from left to right; NULL: no memory. */
static stand *stands_of(flat_loader *k, const dgm_flat_place *p, size_t *count)
{
    stand *all = DGM_NEW(&k->temp, stand, p->step_count + 1);
    *count = 0;
    if (!all) {
        k->status = DGM_NOMEM;
        return NULL;
    }
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &k->l->steps[i];
        if (has_columns(s)) all[(*count)++] = (stand){ s->at, s->at + (k->l->delimited ? 1 : s->len), i, 0 };
    }
    qsort(all, *count, sizeof *all, by_column);
    for (size_t i = 0; i < *count; i++) all[i].reach = i && all[i - 1].reach > all[i].end ? all[i - 1].reach : all[i].end;
    return all;
}

/* The first that another one, which goes on behind a column, does not end before. */
static size_t first_reaching(const stand *all, size_t count, uint32_t column)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (all[middle].reach > column)
            count = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Fields that stand in the same columns. *pairs: looked at so far. */
static void check_shared(flat_loader *k, const dgm_flat_place *p, uint32_t *pairs)
{
    dgm_flat_layout *l = k->l;
    size_t count;
    const stand *all = stands_of(k, p, &count);
    for (uint32_t i = p->first_step; all && i < p->first_step + p->step_count; i++) {
        dgm_flat_step *s = &l->steps[i];
        if (!s->condition || !has_columns(s)) continue;
        uint32_t end = s->at + (l->delimited ? 1 : s->len), other = DGM_NONE;
        for (size_t n = first_reaching(all, count, s->at); n < count && all[n].at < end; n++) {
            uint32_t x = all[n].step;
            if (++*pairs > DGM_FLAT_SHARED_MAX) {
                dgm_flat_fault(k, k->step_nodes[i]->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 },
                               (dgm_slice){ 0 });
                return;
            }
            if (x == i || all[n].end <= s->at) continue;
            s->shared = true;
            if (x < i && x < other && !dgm_flat_exclusive(l, s->condition, l->steps[x].condition)) other = x;
        }
        if (other == DGM_NONE) continue;
        const dgm_flat_step *o = &l->steps[other];
        dgm_flat_fault(k, k->step_nodes[i]->mark, DGM_D_FLAT_LAYOUT_BOTH, s->name.len ? s->name : s->value,
                       o->name.len ? o->name : o->value, (dgm_slice){ 0 });
        return;
    }
}

/* ---- texts that go on ---- */

static void take_continues(flat_loader *k, const flat_link *w)
{
    dgm_flat_layout *l = k->l;
    const dgm_yaml *n = w->node;
    uint32_t place = 0, source = dgm_flat_step_named(k, n->mark, n->kind == DGM_YAML_TEXT ? n->text : n->key, w->place, &place);
    if (source == DGM_NONE) return;
    dgm_flat_step *s = &l->steps[source], *own = &l->steps[w->from];
    bool text = s->type == DGM_FLAT_TEXT && !s->repeats && !s->right && s->len && own->len && !own->right;
    if (!text || w->to != w->from + 1 || own->condition) {
        only(k, n, "of a text with a length, to the left, not repeated");
        return;
    }
    if (s->flow && (!dgm_slice_equal(s->join, own->join) || s->columns != own->columns)) {
        only(k, n, "joined like the other pieces of the text");
        return;
    }
    if (!s->flow) s->flow = (uint16_t)++l->flow_count;
    s->join = own->join;
    s->columns = own->columns;
    s->odd = own->odd = true;
    own->other = source;
    own->name = s->name;
    own->slot = DGM_SLOT_NONE;
    if (place == w->place) {
        dgm_flat_step *end = s;
        while (end->more) end = &l->steps[end->more];
        if (source >= w->from) dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LATER, n->text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        end->more = w->from;
        return;
    }
    dgm_flat_place *p = &l->places[w->place];
    if (p->parent != place || !p->made || p->min || (p->flow && p->flow != s->flow)) {
        only(k, n, "in a record beneath, with times from 0 and nothing of its own");
        return;
    }
    own->apart = true;
    p->flows = true;
    p->flow = s->flow;
    l->places[place].begins = true;
}

/* ---- counted lists ---- */

static void take_counted(flat_loader *k, const flat_link *w)
{
    dgm_flat_layout *l = k->l;
    const dgm_yaml *n = w->node;
    uint32_t place = 0, source = dgm_flat_step_named(k, n->mark, n->kind == DGM_YAML_TEXT ? n->text : n->key, w->place, &place);
    if (source == DGM_NONE) return;
    dgm_flat_step *s = &l->steps[source];
    if (place != w->place || source >= w->from) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_LATER, n->text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    if (s->type != DGM_FLAT_NUMBER || s->implied || s->decimals || s->control || w->times < 2) {
        only(k, n, "a whole number, of a field with repeat");
        return;
    }
    dgm_flat_place *p = &l->places[place];
    for (uint32_t i = w->to; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *b = &l->steps[i];
        if (b->type != DGM_FLAT_CONSTANT || b->name.len || !b->value.len) continue;
        only(k, n, "behind what tells the record");
        return;
    }
    uint32_t each = (w->to - w->from) / w->times;
    if (each == 0 || (w->to - w->from) % w->times) return; /* told: there was no room for all of them */
    if (!keep(k, n->mark, source)) return;
    p->listed = true;
    l->arrays[l->array_count++] = (dgm_flat_array){ source, w->from, w->to, w->stride, w->times };
    for (uint32_t i = w->from; i < w->to; i += each) {
        l->steps[i].array = (uint16_t)l->array_count;
        l->steps[i].odd = true;
    }
    l->controls[l->control_count++] =
        (dgm_flat_control){ .kind = DGM_FLAT_ITEMS, .step = source, .scope = DGM_NONE, .source = w->from };
    s->control = (uint16_t)l->control_count;
}

/* ---- dates without a year ---- */

/* `near: received`, or a date that is read before it. */
static void take_near(flat_loader *k, const flat_link *w)
{
    uint32_t source = DGM_NONE;
    const dgm_yaml *n = w->node;
    if (n->kind != DGM_YAML_TEXT || !n->text.len) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("a date that is read before, or `received`"),
                       (dgm_slice){ 0 });
        return;
    }
    if (!dgm_slice_is(n->text, "received")) {
        if (!take_source(k, w, n->mark, n->text, &source)) return;
        const dgm_flat_step *s = &k->l->steps[source];
        if (s->type != DGM_FLAT_DATE || (!s->near && !dgm_flat_date_whole(s->date))) {
            only(k, n, "a date with a year and a day");
            return;
        }
    }
    for (uint32_t i = w->from; i < w->to; i++)
        if (k->l->steps[i].type == DGM_FLAT_DATE) k->l->steps[i].near = source == DGM_NONE ? DGM_NONE : source + 1;
}

/* ---- all of them ---- */

void dgm_flat_take_links(flat_loader *k)
{
    uint32_t pairs = 0;
    dgm_flat_layout *l = k->l;
    size_t counted = 0;
    for (size_t i = 0; i < k->link_count; i++) counted += k->links[i].kind == FLAT_COUNTED;
    l->conditions = DGM_NEW(&l->arena, dgm_flat_condition, conditions_of(k) + 1);
    l->arrays = DGM_NEW(&l->arena, dgm_flat_array, counted + 1);
    if (!l->conditions || !l->arrays) {
        k->status = DGM_NOMEM;
        return;
    }
    if (counted > DGM_FLAT_CONTROLS_MAX || l->flow_count >= UINT16_MAX - k->link_count) {
        dgm_flat_fault(k, k->head->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    for (size_t i = 0; i < k->link_count && k->status != DGM_NOMEM; i++) {
        const flat_link *w = &k->links[i];
        if (w->kind == FLAT_CONTINUES)
            take_continues(k, w);
        else if (w->kind == FLAT_COUNTED)
            take_counted(k, w);
        else if (w->kind == FLAT_COPIED)
            take_copied(k, w);
        else if (w->kind == FLAT_NEAR)
            take_near(k, w);
        else
            take_when(k, w);
    }
    for (uint32_t i = 1; i < l->place_count; i++) {
        const dgm_flat_place *p = &l->places[i];
        if (p->conditional && k->status != DGM_NOMEM) check_shared(k, p, &pairs);
        if (p->conditional && p->listed)
            dgm_flat_fault(k, k->place_nodes[i]->mark, DGM_D_FLAT_LAYOUT_ONLY, DGM_LITERAL("counted"),
                           DGM_LITERAL("in a record whose fields have no conditions"), (dgm_slice){ 0 });
    }
    for (uint32_t i = 0; i < l->step_count; i++) {
        dgm_flat_step *s = &l->steps[i];
        s->odd = s->odd || !has_columns(s) || s->type == DGM_FLAT_MORE || s->flow;
    }
}
