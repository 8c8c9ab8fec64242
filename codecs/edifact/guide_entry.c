/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_entry.c - what a guide says of one place: use, occurrences, representation, codes, name. A guide only restricts: whatever
 * would let more through than the directory does is a mistake. One thread.
 */
#include "base/utf8.h"
#include "guide_load.h"

#include <stdio.h>

const char dgm_edi_guide_entry_keys[] = "use min max format codes name others why level";

/* ---- codes ---- */

bool dgm_edi_guide_codes_has(const dgm_edi_guide_codes *c, dgm_slice code)
{
    uint32_t low = 0, high = c->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = dgm_slice_compare(c->sorted[middle], code);
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

const dgm_edi_guide_list *dgm_edi_guide_list_of(const dgm_edi_guide_list *lists, uint32_t n, dgm_slice element)
{
    uint64_t number = 0;
    for (size_t i = 0; i < element.len; i++) {
        if (element.at[i] < '0' || element.at[i] > '9' || number > 9999) return NULL;
        number = number * 10 + (uint64_t)(element.at[i] - '0');
    }
    for (uint32_t i = 0; i < n; i++)
        if (lists[i].element == number) return &lists[i];
    return NULL;
}

static dgm_slice nearest_code(guide_loader *l, const dgm_edi_code_list *list, const dgm_edi_guide_list *own, dgm_slice wrong)
{
    size_t n = 0, room = own ? own->codes.count : 0;
    if (dgm_diags_errors(l->diags) > GUIDE_HINTS_MAX) return (dgm_slice){ 0 };
    dgm_slice code, name;
    for (size_t cursor = 0; dgm_edi_code_list_each(list, &cursor, &code, &name);) room++;
    dgm_slice *all = GUIDE_NEW(l, dgm_slice, room + 1);
    if (!all) return (dgm_slice){ 0 };
    for (size_t cursor = 0; dgm_edi_code_list_each(list, &cursor, &code, &name);) all[n++] = code;
    for (uint32_t i = 0; own && i < own->codes.count; i++) all[n++] = own->codes.at[i].code;
    int best = dgm_nearest(wrong, all, n);
    if (best < 0) return DGM_LITERAL("codes of your own are given under `codes` of the guide");
    return dgm_arena_print(l->arena, "did you mean %.*s? Codes of your own are given under `codes` of the guide",
                           (int)all[best].len, all[best].at);
}

/* Some lists name nothing but a standard that has the codes, which are longer or shorter than the element. */
static bool any_fits(const dgm_edi_code_list *list, const dgm_repr *repr)
{
    dgm_slice code, name;
    for (size_t cursor = 0; dgm_edi_code_list_each(list, &cursor, &code, &name);)
        if (!repr->length_max || code.len <= repr->length_max) return true;
    return false;
}

static bool fits(guide_loader *l, const dgm_slot *s, dgm_slice value, dgm_yaml_mark mark)
{
    size_t n = dgm_utf8_length(value);
    bool digits = s->repr.class[0] != 'n';
    for (size_t i = 0; i < value.len && !digits; i++) {
        bool good = (value.at[i] >= '0' && value.at[i] <= '9') || value.at[i] == '.' || value.at[i] == ',' || value.at[i] == '-';
        if (!good) break;
        digits = i + 1 == value.len;
    }
    if (digits && n >= s->repr.length_min && (!s->repr.length_max || n <= s->repr.length_max)) return true;
    char text[32];
    int len = s->repr.length_min == s->repr.length_max
                  ? snprintf(text, sizeof text, "it is %s%u", s->repr.class, s->repr.length_max)
                  : snprintf(text, sizeof text, "it is %s..%u", s->repr.class, s->repr.length_max);
    dgm_edi_guide_fault(l, mark, DGM_D_GUIDE_CODE_LONG, value, s->name, (dgm_slice){ text, (size_t)len });
    return false;
}

void dgm_edi_guide_value_check(guide_loader *l, uint32_t slot, bool listed, dgm_slice value, dgm_yaml_mark mark)
{
    const dgm_slot *s = dgm_shape_slot(l->guide->shape, slot);
    dgm_edi_code_list list;
    if (!fits(l, s, value, mark) || !listed) return;
    if (!dgm_edi_code_list_open(&l->guide->directory, s->name, &list) || !any_fits(&list, &s->repr)) return;
    const dgm_edi_guide_list *own = dgm_edi_guide_list_of(l->lists, l->guide->national_count, s->name);
    if (dgm_edi_code_list_has(&list, value) || (own && (own->any || dgm_edi_guide_codes_has(&own->codes, value)))) return;
    dgm_diag *d = dgm_edi_guide_fault(l, mark, DGM_D_GUIDE_CODE, s->name, value, dgm_slice_of(l->guide->directory.name));
    if (d) dgm_diag_text(l->diags, d, nearest_code(l, &list, own, value));
}

/* What a code is called: by the guide, by its national list, by the directory. */
static dgm_slice code_name(guide_loader *l, dgm_slice element, dgm_slice code, dgm_slice given)
{
    if (given.len) return given;
    const dgm_edi_guide_list *own = dgm_edi_guide_list_of(l->lists, l->guide->national_count, element);
    for (uint32_t i = 0; own && i < own->codes.count; i++)
        if (dgm_slice_equal(own->codes.at[i].code, code)) return own->codes.at[i].name;
    return dgm_edi_code_name(&l->guide->directory, element, code);
}

/* Stable, by merging runs that double. */
static void sort(dgm_slice *a, dgm_slice *spare, size_t n)
{
    for (size_t run = 1; run < n; run *= 2)
        for (size_t from = 0; from + run < n; from += 2 * run) {
            size_t middle = from + run, end = middle + run < n ? middle + run : n, i = from, k = middle;
            memcpy(spare + from, a + from, (end - from) * sizeof *a);
            for (size_t to = from; to < end; to++)
                a[to] = k == end || (i < middle && dgm_slice_compare(spare[i], spare[k]) <= 0) ? spare[i++] : spare[k++];
        }
}

bool dgm_edi_guide_codes_take(guide_loader *l, const dgm_yaml *n, uint32_t slot, bool listed, dgm_edi_guide_codes *out)
{
    if (n->kind == DGM_YAML_TEXT || n->count == 0) {
        dgm_edi_guide_fault(l, n->kind == DGM_YAML_TEXT ? n->mark : n->key_mark, DGM_D_GUIDE_KIND, DGM_LITERAL("codes"),
                            DGM_LITERAL("a list of codes, or a map of codes and what they mean"), (dgm_slice){ 0 });
        return false;
    }
    if (n->count > GUIDE_CODES_MAX) {
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_LIMIT, DGM_LITERAL("10000 codes in a list"), (dgm_slice){ 0 },
                            (dgm_slice){ 0 });
        return false;
    }
    const dgm_slot *s = dgm_shape_slot(l->guide->shape, slot);
    dgm_edi_guide_code *codes = GUIDE_NEW(l, dgm_edi_guide_code, n->count);
    dgm_slice *sorted = GUIDE_NEW(l, dgm_slice, 2 * (size_t)n->count);
    if (!codes || !sorted) return false;
    uint32_t count = 0;
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        bool map = n->kind == DGM_YAML_MAP;
        dgm_slice code = map ? m->key : m->text, name = map ? m->text : (dgm_slice){ 0 };
        if (m->kind != DGM_YAML_TEXT || code.len == 0) {
            dgm_edi_guide_fault(l, m->mark, DGM_D_GUIDE_KIND, map ? m->key : DGM_LITERAL("a code"), DGM_LITERAL("a text"),
                                (dgm_slice){ 0 });
            continue;
        }
        dgm_edi_guide_value_check(l, slot, listed, code, map ? m->key_mark : m->mark);
        codes[count] = (dgm_edi_guide_code){ code, code_name(l, s->name, code, name) };
        sorted[count++] = code;
    }
    sort(sorted, sorted + n->count, count);
    *out = (dgm_edi_guide_codes){ codes, sorted, count };
    for (uint32_t i = 1, told = 0; i < count && told < 16; i++)
        if (dgm_slice_equal(sorted[i], sorted[i - 1])) {
            told++;
            const dgm_yaml *twin = n->first; /* the later of the two */
            for (const dgm_yaml *m = n->first; m; m = m->next)
                if (dgm_slice_equal(m->text, sorted[i])) twin = m;
            dgm_edi_guide_fault(l, twin->mark, DGM_D_GUIDE_CODE_TWICE, sorted[i], (dgm_slice){ 0 }, (dgm_slice){ 0 });
        }
    return true;
}

/* ---- representation ---- */

static bool class_fits(const dgm_repr *wide, const dgm_repr *narrow)
{
    bool an = wide->class[0] == 'a' && wide->class[1] == 'n';
    return an || strcmp(wide->class, narrow->class) == 0 || wide->class[0] == 0;
}

/* "an..17"; "n..15,2": with at most so many decimals. */
static bool repr_of(dgm_slice text, dgm_repr *out)
{
    dgm_cut cut = dgm_slice_cut(text, ',');
    if (!dgm_edi_repr_parse(cut.head, out) || out->length_max == 0) return false;
    out->decimals = 255;
    if (!cut.found) return true;
    if (cut.tail.len != 1 || cut.tail.at[0] < '0' || cut.tail.at[0] > '9' || out->class[0] != 'n') return false;
    out->decimals = (uint8_t)(cut.tail.at[0] - '0');
    return true;
}

static void take_format(guide_loader *l, const dgm_yaml *n, uint32_t slot, dgm_edi_guide_entry *e)
{
    const dgm_slot *s = dgm_shape_slot(l->guide->shape, slot);
    dgm_slice text;
    if (!dgm_edi_guide_text(l, n, "format", &text)) return;
    if (!repr_of(text, &e->repr)) {
        dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_REPR, text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    e->repr_text = text;
    bool longer = s->repr.length_max && e->repr.length_max > s->repr.length_max, shorter = e->repr.length_min < s->repr.length_min;
    if (class_fits(&s->repr, &e->repr) && !longer && !shorter) return;
    dgm_edi_element element;
    bool known = dgm_edi_element_find(&l->guide->directory, s->name, &element);
    dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_WIDER, dgm_edi_guide_called(l, slot), known ? element.repr_text : (dgm_slice){ 0 },
                        text);
}

/* ---- numbers and words ---- */

static bool take_number(guide_loader *l, const dgm_yaml *n, uint32_t least, uint32_t most, uint32_t *out)
{
    uint64_t value = 0;
    bool good = n->kind == DGM_YAML_TEXT && n->text.len > 0 && n->text.len < 10;
    for (size_t i = 0; good && i < n->text.len; i++) {
        good = n->text.at[i] >= '0' && n->text.at[i] <= '9';
        value = value * 10 + (uint64_t)(n->text.at[i] - '0');
    }
    if (good && value >= least && value <= most) {
        *out = (uint32_t)value;
        return true;
    }
    dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_NUMBER, n->key, dgm_arena_print(l->arena, "%u", least),
                        dgm_arena_print(l->arena, "%u", most));
    return false;
}

static void take_use(guide_loader *l, const dgm_yaml *n, const guide_spot *spot, dgm_edi_guide_entry *e)
{
    static const dgm_edi_use uses[] = { DGM_EDI_REQUIRED, DGM_EDI_OPTIONAL, DGM_EDI_DEPENDENT, DGM_EDI_UNUSED };
    int which = dgm_edi_guide_word(l, n, "required optional dependent unused");
    if (which < 0) return;
    e->use = uses[which];
    if (e->use == DGM_EDI_REQUIRED && e->min == 0) e->min = 1;
    const dgm_slot *s = dgm_shape_slot(l->guide->shape, spot->is.slot);
    if (e->use != DGM_EDI_UNUSED || s->min == 0 || spot->is.test_count || spot->is.from) return;
    dgm_edi_guide_fault(l, n->mark, DGM_D_GUIDE_MANDATORY, dgm_edi_guide_called(l, spot->is.slot),
                        dgm_slice_of(l->guide->directory.name), (dgm_slice){ 0 });
}

static bool value_only(guide_loader *l, const dgm_yaml *n, const guide_spot *spot)
{
    if (spot->is.leaf) return true;
    dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_LEAF, dgm_edi_guide_called(l, spot->is.slot), n->key, (dgm_slice){ 0 });
    return false;
}

static void take_others(guide_loader *l, const dgm_yaml *n, const guide_spot *spot, dgm_edi_guide_entry *e)
{
    if (dgm_edi_guide_word(l, n, "unused") < 0) return;
    e->others = !spot->is.leaf;
    if (spot->is.leaf)
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_KIND, DGM_LITERAL("`others`"),
                            DGM_LITERAL("of a place with others below it"), (dgm_slice){ 0 });
}

static void take_key(guide_loader *l, const dgm_yaml *n, const guide_spot *spot, dgm_edi_guide_entry *e)
{
    uint32_t most = dgm_edi_guide_most(l->guide->shape, spot->is.slot);
    if (spot->is.from && spot->is.ordinal) most = 1;
    if (dgm_slice_is(n->key, "use"))
        take_use(l, n, spot, e);
    else if (dgm_slice_is(n->key, "max"))
        take_number(l, n, 1, most, &e->max);
    else if (dgm_slice_is(n->key, "min"))
        take_number(l, n, 2, most, &e->min);
    else if (dgm_slice_is(n->key, "format") && value_only(l, n, spot))
        take_format(l, n, spot->is.slot, e);
    else if (dgm_slice_is(n->key, "codes") && value_only(l, n, spot))
        (void)dgm_edi_guide_codes_take(l, n, spot->is.slot, !spot->qualified, &e->codes);
    else if (dgm_slice_is(n->key, "name"))
        (void)dgm_edi_guide_text(l, n, "name", &e->name);
    else if (dgm_slice_is(n->key, "why"))
        (void)dgm_edi_guide_text(l, n, "why", &e->why);
    else if (dgm_slice_is(n->key, "others"))
        take_others(l, n, spot, e);
    else if (dgm_slice_is(n->key, "level")) {
        static const dgm_severity levels[] = { DGM_ERROR, DGM_WARNING, DGM_INFO };
        int which = dgm_edi_guide_word(l, n, "error warn info");
        if (which >= 0) e->severity = levels[which];
    }
}

void dgm_edi_guide_entry_take(guide_loader *l, const dgm_yaml *n)
{
    guide_spot *spot = dgm_edi_guide_place(l, n->key, n->key_mark, l->root);
    if (n->kind != DGM_YAML_MAP || n->count == 0) {
        dgm_edi_guide_fault(l, n->kind == DGM_YAML_MAP ? n->key_mark : n->mark, DGM_D_GUIDE_KIND, n->key,
                            DGM_LITERAL("a map of what is said of it"), DGM_LITERAL("{use: required}"));
        return;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) (void)dgm_edi_guide_key(l, m, "a place", dgm_edi_guide_entry_keys);
    if (!spot) return;
    if (spot->entry) {
        dgm_edi_guide_fault(l, n->key_mark, DGM_D_GUIDE_TWICE, n->key, dgm_arena_print(l->arena, "%u", spot->entry->line),
                            (dgm_slice){ 0 });
        return;
    }
    spot->entry = GUIDE_NEW(l, dgm_edi_guide_entry, 1);
    if (!spot->entry) return;
    spot->mark = n->key_mark;
    *spot->entry = (dgm_edi_guide_entry){ .place = n->key, .line = n->key_mark.line, .severity = DGM_ERROR };
    for (const dgm_yaml *m = n->first; m; m = m->next) take_key(l, m, spot, spot->entry);
    l->guide->entry_count++;
    const dgm_edi_guide_entry *e = spot->entry;
    if (e->min && e->max && e->min > e->max)
        dgm_edi_guide_fault(l, dgm_yaml_get(n, "max")->mark, DGM_D_GUIDE_NUMBER, DGM_LITERAL("max"),
                            dgm_arena_print(l->arena, "%u", e->min),
                            dgm_arena_print(l->arena, "%u", dgm_edi_guide_most(l->guide->shape, spot->is.slot)));
    if (e->use == DGM_EDI_UNUSED && n->count > 1)
        for (const dgm_yaml *m = n->first; m; m = m->next)
            if (!dgm_slice_is(m->key, "use") && !dgm_slice_is(m->key, "why") && !dgm_slice_is(m->key, "level"))
                dgm_edi_guide_fault(l, m->key_mark, DGM_D_GUIDE_CONFLICT, n->key, dgm_arena_print(l->arena, "%u", e->line),
                                    (dgm_slice){ 0 });
}
