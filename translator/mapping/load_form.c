/* SPDX-License-Identifier: Apache-2.0
 *
 * load_form.c - a rule with a form: `{wire: PLACE, form: "{a}-{b}", model: {a: PLACE, b: {place: PLACE, as: number}}}`. It becomes
 * one rule for each field, all with the text's place on one side. mappings/README.md, "Form". One thread.
 */
#include "load.h"

static void field_fault(map_loader *l, map_mark mark, dgm_slice text, dgm_slice name, const map_form *f)
{
    int near = f ? dgm_nearest(name, f->names, f->field_count) : -1;
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_FORM_FIELD);
    dgm_map_say(l, d, text);
    if (near >= 0) dgm_map_say(l, d, f->names[near]);
}

static void combination(map_loader *l, map_mark mark, const char *what)
{
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_COMBINATION);
    dgm_map_say(l, d, dgm_slice_of(what));
}

/* The patterns of a form, which live as long as the mapping. False: told, or no memory. */
static bool take_patterns(map_loader *l, map_form *f, map_mark mark)
{
    for (uint32_t k = 0; k < f->item_count; k++) {
        const map_form_item *i = &f->items[k];
        if (!i->pattern.at) continue;
        void *all = l->m->patterns;
        if (!f->patterns) f->patterns = DGM_NEW(l->arena, map_pattern *, MAP_FORM_FIELDS);
        bool room = dgm_map_room(l, &all, &l->pattern_room, l->m->pattern_count + 1u, sizeof(map_pattern *));
        l->m->patterns = all;
        map_pattern_fault fault;
        dgm_status s =
            f->patterns && room ? dgm_map_pattern_open(&l->m->mem, i->pattern, &f->patterns[i->field], &fault) : DGM_NOMEM;
        if (s == DGM_OK) {
            l->m->patterns[l->m->pattern_count++] = f->patterns[i->field];
            continue;
        }
        l->nomem = l->nomem || s == DGM_NOMEM;
        if (s == DGM_NOMEM) return false;
        size_t from = (size_t)(i->pattern.at - f->text.at);
        dgm_diag *d = dgm_map_fault(l, dgm_map_part(l, mark, f->text, from + fault.at, fault.bytes ? fault.bytes : 1),
                                    DGM_D_MAP_FORM_PATTERN);
        dgm_map_say(l, d, i->pattern);
        dgm_map_say(l, d, dgm_slice_of(fault.what ? fault.what : "it is no text in UTF-8"));
        return false;
    }
    return true;
}

static map_form *take_text(map_loader *l, dgm_slice text, map_mark mark)
{
    map_form *f = DGM_NEW(l->arena, map_form, 1);
    map_form_fault fault;
    if (!f) {
        l->nomem = true;
        return NULL;
    }
    if (dgm_map_form_read(text, f, &fault)) return take_patterns(l, f, mark) ? f : NULL;
    mark = dgm_map_part(l, mark, text, fault.at, fault.bytes);
    if (!fault.ambiguous) {
        dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_FORM_SYNTAX);
        dgm_map_say(l, d, dgm_slice_of(fault.what));
        return NULL;
    }
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_FORM_AMBIGUOUS);
    dgm_map_say(l, d, dgm_slice_of(fault.what));
    dgm_map_say(l, d, dgm_slice_of(fault.sample));
    dgm_map_say(l, d, dgm_slice_of(fault.one));
    dgm_map_say(l, d, dgm_slice_of(fault.other));
    return NULL;
}

/* Keys that say something of one field, when it is written as a map. */
static void field_keys(map_loader *l, map_rule *r, uint32_t side, const dgm_yaml *n)
{
    static const char *const known[] = { "place", "as",   "codes", "default",  "name",    "scale",
                                         "round", "lose", "unit",  "currency", "convert", NULL };
    const dgm_yaml *place = dgm_yaml_get(n, "place");
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        size_t i = 0;
        while (known[i] && !dgm_slice_is(m->key, known[i])) i++;
        if (m == place)
            dgm_map_take_side(l, r, side, m);
        else if (known[i])
            dgm_map_take_key(l, r, m);
        else
            dgm_map_unknown_key(l, m, known);
    }
    if (!place) dgm_map_missing(l, dgm_map_mark(l, n), "place");
}

static void take_fields(map_loader *l, const map_rule *whole, const dgm_yaml *places)
{
    const map_form *f = whole->form;
    uint32_t side = !whole->form_side, first = l->m->rule_count;
    bool seen[MAP_FORM_FIELDS] = { false };
    for (const dgm_yaml *m = places->first; m && !l->nomem; m = m->next) {
        map_rule r = *whole;
        while (r.field < f->field_count && !dgm_slice_equal(f->names[r.field], m->key)) r.field++;
        if (r.field == f->field_count) {
            field_fault(l, dgm_map_key_mark(l, m),
                        whole->cells ? DGM_LITERAL("no cell of the table has a field of this name")
                                     : DGM_LITERAL("the form has no field of this name"),
                        m->key, f);
            continue;
        }
        seen[r.field] = true;
        r.mark = dgm_map_key_mark(l, m);
        r.first_field = first;
        if (m->kind == DGM_YAML_MAP)
            field_keys(l, &r, side, m);
        else
            dgm_map_take_side(l, &r, side, m);
        if (r.cells && r.has_default)
            combination(l, r.mark, "whether this field stands in the text is said by the code's line, so it has no default");
        if (r.side_count[side] != 1 && !l->wrong && !l->nomem) combination(l, r.mark, "a field of a form has one place");
        if (r.side_count[side] == 1 && dgm_map_store_rule(l, &r) == DGM_NONE) return;
    }
    for (uint32_t k = 0; k < f->field_count; k++)
        if (!seen[k]) {
            dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, places), DGM_D_MAP_KEY_MISSING);
            dgm_map_say(l, d,
                        dgm_arena_print(l->arena,
                                        !whole->cells ? "%.*s (a field of the form, whose place must be named)"
                                        : k           ? "%.*s (a field of cells of the table, whose place must be named)"
                                                      : "%.*s (the place of the code itself)",
                                        (int)f->names[k].len, f->names[k].at));
        }
}

bool dgm_map_has_cells(const dgm_yaml *n)
{
    const dgm_yaml *sides[2] = { dgm_yaml_get(n, "wire"), dgm_yaml_get(n, "model") };
    if (!dgm_yaml_get(n, "codes")) return false;
    return (sides[0] && sides[0]->kind == DGM_YAML_MAP) || (sides[1] && sides[1]->kind == DGM_YAML_MAP);
}

void dgm_map_take_form(map_loader *l, const dgm_yaml *n, map_rule r)
{
    const dgm_yaml *form = dgm_yaml_get(n, "form"), *sides[2] = { dgm_yaml_get(n, "wire"), dgm_yaml_get(n, "model") };
    bool wrong = l->wrong;
    dgm_slice text;
    l->wrong = false;
    bool maps[2];
    for (int s = 0; s < 2; s++) maps[s] = sides[s] && sides[s]->kind == DGM_YAML_MAP;
    if (!sides[0] || !sides[1])
        dgm_map_missing(l, r.mark, sides[0] ? "model" : "wire");
    else if (maps[0] == maps[1])
        combination(l, r.mark, "a form has a place on one side and a map of its fields on the other: {name: PLACE}");
    r.form_side = maps[MAP_WIRE] ? MAP_MODEL : MAP_WIRE;
    const dgm_yaml *cells = form ? NULL : dgm_yaml_get(n, "codes");
    if (cells)
        dgm_map_take_cells(l, &r, cells, r.form_side);
    else if (dgm_map_text(l, form, &text))
        r.form = take_text(l, text, dgm_map_mark(l, form));
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        bool taken = m == form || m == cells || dgm_slice_is(m->key, "when") ||
                     (m->kind == DGM_YAML_MAP && (m == sides[0] || m == sides[1]));
        if (!taken) dgm_map_take_key(l, &r, m);
    }
    if (l->nomem) return;
    if (r.fold || r.has_is || r.number || r.name.len || r.copy_count || r.has_default || r.always)
        combination(
            l, r.mark,
            "a form cuts one text; fold, is, number, copies and always stand in rules of their own, name and default at a field");
    if (!l->wrong && r.side_count[r.form_side] != 1) combination(l, r.mark, "a form's text stands in one place");
    if (!l->wrong && r.side[r.form_side][0]->star != DGM_NONE)
        combination(l, r.mark, "a form's text stands in one place, not in a list");
    if (!l->wrong && sides[!r.form_side]) take_fields(l, &r, sides[!r.form_side]);
    l->wrong = l->wrong || wrong;
}
