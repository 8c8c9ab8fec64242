/* SPDX-License-Identifier: Apache-2.0
 *
 * load_rule.c - reads the keys of one rule; load.c reads statements. mappings/README.md, "Rule". One thread.
 */
#include "describe.h"
#include "load.h"
#include "units.h"

static void bad_value(map_loader *l, const dgm_yaml *n, const char *expected)
{
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_VALUE);
    dgm_map_say(l, d, n->key);
    dgm_map_say(l, d, dgm_slice_of(expected));
}

/* The text of a node; false: it is none (told). */
static bool text(map_loader *l, const dgm_yaml *n, dgm_slice *out)
{
    return dgm_map_text(l, n, out);
}

static unsigned place_rights(const map_rule *r)
{
    if (r->kind == MAP_EACH) return MAP_EACH_END | MAP_UP | MAP_NAMES;
    unsigned own = r->pointer ? MAP_EACH_END : 0;
    return r->kind == MAP_IGNORE ? MAP_LISTS | MAP_DEEP : MAP_DEEP | MAP_UP | MAP_NAMES | own;
}

static void one_place(map_loader *l, map_rule *r, uint32_t side, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (t.len && t.at[0] == '=') {
        r->source[side] = dgm_map_expr(l, side, r->block, t, dgm_map_mark(l, n), false);
        return;
    }
    const map_place *p = dgm_map_place(l, side, r->block, t, dgm_map_mark(l, n), place_rights(r));
    if (p && r->pointer && !dgm_kind_leaf(dgm_shape_slot(l->m->shape[side], p->slot)->kind))
        dgm_map_take_chain(l, r, side, p);
    else if (p)
        r->side[side][r->side_count[side]++] = p;
}

void dgm_map_take_side(map_loader *l, map_rule *r, uint32_t side, const dgm_yaml *n)
{
    uint32_t room = n->kind == DGM_YAML_LIST ? n->count : 1;
    r->side[side] = DGM_NEW(l->arena, const map_place *, room + 1);
    if (!r->side[side]) {
        l->nomem = true;
        return;
    }
    if (n->kind == DGM_YAML_MAP) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_COMBINATION);
        dgm_map_say(l, d, DGM_LITERAL("a map of places names the fields of a `form`, which is missing"));
        return;
    }
    if (n->kind == DGM_YAML_TEXT)
        one_place(l, r, side, n);
    else
        for (const dgm_yaml *m = n->first; m; m = m->next) one_place(l, r, side, m);
}

static void key_wire(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_map_take_side(l, r, MAP_WIRE, n);
}

static void key_model(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_map_take_side(l, r, MAP_MODEL, n);
}

static void key_as(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    static const struct {
        const char *name;
        dgm_type type;
    } types[] = {
        { "text", DGM_TYPE_TEXT },     { "code", DGM_TYPE_CODE },         { "id", DGM_TYPE_ID },
        { "number", DGM_TYPE_NUMBER }, { "date", DGM_TYPE_DATE },         { "amount", DGM_TYPE_AMOUNT },
        { "flag", DGM_TYPE_FLAG },     { "quantity", DGM_TYPE_QUANTITY }, { "pointer", DGM_TYPE_POINTER },
    };
    dgm_slice t;
    if (!text(l, n, &t)) return;
    dgm_cut c = dgm_slice_cut(t, ' ');
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (dgm_slice_is(c.head, types[i].name)) r->as = types[i].type;
    dgm_slice rest = dgm_slice_trim(c.tail);
    if (r->as == DGM_TYPE_NONE) {
        bad_value(l, n, "text, code, id, number, date [FORMAT], amount, quantity, flag [YES NO] or pointer");
    } else if (r->as == DGM_TYPE_DATE && rest.len) {
        size_t count;
        const char *const *known = dgm_date_formats(&count);
        for (size_t i = 0; i < count; i++)
            if (dgm_slice_is(rest, known[i])) r->format = rest;
        if (!r->format.len) bad_value(l, n, "a 2379 code that we know after `date`");
    } else if (r->as == DGM_TYPE_FLAG && rest.len) {
        dgm_cut yes_no = dgm_slice_cut(rest, ' ');
        r->yes = yes_no.head;
        r->no = dgm_slice_trim(yes_no.tail);
    } else if (rest.len) {
        bad_value(l, n, "one word");
    }
}

/* NAME or NAME(MODEL-COLUMN WIRE-COLUMN) */
static bool table_name(map_loader *l, const dgm_yaml *n, map_table_wanted *w)
{
    dgm_slice t;
    if (!text(l, n, &t)) return false;
    dgm_cut c = dgm_slice_cut(t, '(');
    w->name = dgm_slice_trim(c.head);
    w->mark = dgm_map_mark(l, n);
    if (!c.found) return true;
    if (c.tail.len && c.tail.at[c.tail.len - 1] == ')') {
        dgm_cut two = dgm_slice_cut(dgm_slice_part(c.tail, 0, c.tail.len - 1), ' ');
        w->model = dgm_slice_trim(two.head);
        w->wire = dgm_slice_trim(two.tail);
        if (w->model.len && w->wire.len) return true;
    }
    bad_value(l, n, "NAME or NAME(MODEL-COLUMN WIRE-COLUMN)");
    return false;
}

/* by: {COLUMN: $name}: further columns, and what they are here. */
static bool table_by(map_loader *l, map_rule *r, const dgm_yaml *n, map_table_wanted *w)
{
    if (n->kind != DGM_YAML_MAP || !n->count) {
        bad_value(l, n, "{COLUMN: $name}");
        return false;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice t;
        if (w->by_count == MAP_BY_MAX) {
            bad_value(l, n, "at most four columns");
            return false;
        }
        if (!text(l, m, &t)) return false;
        w->by[w->by_count] = m->key;
        w->by_mark[w->by_count] = dgm_map_key_mark(l, m);
        r->by[w->by_count] = dgm_map_expr(l, MAP_MODEL, r->block, t, dgm_map_mark(l, m), t.len && t.at[0] != '=');
        if (!r->by[w->by_count++]) return false;
    }
    return true;
}

static void take_codes(map_loader *l, map_rule *r, const dgm_yaml *n, uint32_t forms)
{
    map_table_wanted w = { .forms = forms };
    const dgm_yaml *table = n->kind == DGM_YAML_MAP ? dgm_yaml_get(n, "table") : n;
    bool ok = true;
    for (const dgm_yaml *m = n->kind == DGM_YAML_MAP ? n->first : NULL; m; m = m->next) {
        static const char *const known[] = { "table", "by", NULL };
        if (dgm_slice_is(m->key, "by"))
            ok = table_by(l, r, m, &w) && ok;
        else if (m != table) {
            dgm_map_unknown_key(l, m, known);
            ok = false;
        }
    }
    if (!table) dgm_map_missing(l, dgm_map_mark(l, n), "table");
    if (table && table_name(l, table, &w) && ok) r->codes = dgm_map_codes_by(l, &w);
}

static void key_codes(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    take_codes(l, r, n, 0);
}

void dgm_map_take_cells(map_loader *l, map_rule *r, const dgm_yaml *n, uint32_t side)
{
    take_codes(l, r, n, side + 1);
    if (r->codes) r->form = &r->codes->cells->fields;
    r->cells = r->codes;
    memcpy(r->cells_by, r->by, sizeof r->by);
    r->codes = NULL;
    memset(r->by, 0, sizeof r->by);
}

static bool count(map_loader *l, const dgm_yaml *n, uint32_t most, uint32_t *out)
{
    dgm_slice t;
    if (!text(l, n, &t)) return false;
    uint32_t v = 0;
    for (size_t i = 0; i < t.len && v <= most; i++) {
        if (t.at[i] < '0' || t.at[i] > '9')
            v = most + 1;
        else
            v = v * 10 + (uint32_t)(t.at[i] - '0');
    }
    if (!t.len || v > most) {
        bad_value(l, n, "a number");
        return false;
    }
    *out = v;
    return true;
}

static void fold_widths(map_loader *l, map_fold *f, const dgm_yaml *n)
{
    uint32_t room = n->kind == DGM_YAML_LIST ? n->count : 1;
    f->widths = DGM_NEW(l->arena, uint32_t, room + 1);
    if (!f->widths) {
        l->nomem = true;
        return;
    }
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : n; m; m = n->kind == DGM_YAML_LIST ? m->next : NULL)
        if (count(l, m, 100000, &f->widths[f->width_count]) && f->widths[f->width_count])
            f->width_count++;
        else
            return;
}

static void key_fold(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        bad_value(l, n, "{width: N, by: word}");
        return;
    }
    map_fold *f = DGM_NEW(l->arena, map_fold, 1);
    if (!f) {
        l->nomem = true;
        return;
    }
    dgm_slice t;
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        if (dgm_slice_is(m->key, "width"))
            fold_widths(l, f, m);
        else if (dgm_slice_is(m->key, "max"))
            (void)count(l, m, 1000000, &f->max);
        else if (dgm_slice_is(m->key, "by") && text(l, m, &t)) {
            if (dgm_slice_is(t, "word"))
                f->by = MAP_FOLD_WORD;
            else if (dgm_slice_is(t, "width"))
                f->by = MAP_FOLD_WIDTH;
            else if (dgm_slice_is(t, "line"))
                f->by = MAP_FOLD_LINE;
            else
                bad_value(l, m, "word, width or line");
        } else if (!dgm_slice_is(m->key, "by")) {
            static const char *const known[] = { "width", "by", "max", NULL };
            dgm_map_unknown_key(l, m, known);
        }
    }
    if (!f->width_count && f->by != MAP_FOLD_LINE) bad_value(l, n, "a width: {width: 70, by: word}");
    r->fold = f;
}

static void key_is(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    r->has_is = true;
    r->is_mark = dgm_map_mark(l, n);
    if (t.len && t.at[0] == '=')
        r->is_expr = dgm_map_expr(l, MAP_MODEL, r->block, t, dgm_map_mark(l, n), false);
    else
        r->is = t;
    if (!t.len) bad_value(l, n, "a literal or an =expression");
}

static void key_else(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (dgm_slice_is(t, "error"))
        r->otherwise = DGM_ERROR;
    else if (dgm_slice_is(t, "warn"))
        r->otherwise = DGM_WARNING;
    else
        bad_value(l, n, "error or warn");
}

static void key_default(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    r->has_default = true;
    r->default_mark = dgm_map_mark(l, n);
    if (n->kind != DGM_YAML_MAP) {
        (void)text(l, n, &r->standard);
        return;
    }
    dgm_slice t = { 0 };
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        static const char *const known[] = { "value", "write", NULL };
        if (dgm_slice_is(m->key, "value"))
            r->default_mark = dgm_map_mark(l, m), (void)text(l, m, &r->standard);
        else if (!dgm_slice_is(m->key, "write"))
            dgm_map_unknown_key(l, m, known);
        else if (text(l, m, &t) && dgm_slice_is(t, "omit"))
            r->default_omit = true;
        else
            bad_value(l, m, "omit");
    }
    if (!r->standard.len) bad_value(l, n, "a value, or {value: X, write: omit}");
}

static void key_number(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (dgm_slice_is(t, "order"))
        r->number = MAP_NUMBER_ORDER;
    else if (dgm_slice_is(t, "keep"))
        r->number = MAP_NUMBER_KEEP;
    else
        bad_value(l, n, "order or keep");
}

static void key_name(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (!t.len || dgm_slice_is(t, "i"))
        bad_value(l, n, "a name other than i");
    else
        r->name = t;
}

static void key_copies(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    uint32_t room = n->kind == DGM_YAML_LIST ? n->count : 1;
    r->copies = DGM_NEW(l->arena, const map_place *, room + 1);
    if (!r->copies) {
        l->nomem = true;
        return;
    }
    for (const dgm_yaml *m = n->kind == DGM_YAML_LIST ? n->first : n; m; m = n->kind == DGM_YAML_LIST ? m->next : NULL) {
        dgm_slice t;
        const map_place *p = text(l, m, &t) ? dgm_map_place(l, MAP_WIRE, r->block, t, dgm_map_mark(l, m), 0) : NULL;
        if (p) r->copies[r->copy_count++] = p;
    }
}

static void key_always(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (text(l, n, &t) && !dgm_slice_is(t, "true")) bad_value(l, n, "true");
    r->always = true;
}

static void key_only(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (dgm_slice_is(t, "read"))
        r->only = MAP_ONLY_READ;
    else if (dgm_slice_is(t, "write"))
        r->only = MAP_ONLY_WRITE;
    else
        bad_value(l, n, "read or write");
}

static void key_lose(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    if (text(l, n, &r->lose) && !r->lose.len) bad_value(l, n, "the reason why this may give up information");
}

static void key_why(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    if (text(l, n, &r->why) && !r->why.len) bad_value(l, n, "the reason");
}

bool dgm_map_scale(dgm_slice text, int32_t *out)
{
    int32_t v = 0;
    for (size_t i = 0; i < text.len && v <= 64; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        v = v * 10 + (text.at[i] - '0');
    }
    if (!text.len || v > 64) return false;
    *out = v;
    return true;
}

bool dgm_map_rounding(dgm_slice text, dgm_rounding *out)
{
    static const char *const names[] = {
        [DGM_ROUND_HALF_UP] = "half-up", [DGM_ROUND_HALF_EVEN] = "half-even", [DGM_ROUND_DOWN] = "down"
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && dgm_slice_is(text, names[i])) {
            *out = (dgm_rounding)i;
            return true;
        }
    return false;
}

/* An expression for `scale` or `round`. What a table says alone is looked at now, all of its lines. */
static map_expr *number_expr(map_loader *l, const map_rule *r, const dgm_yaml *n, dgm_slice t, bool scale)
{
    map_expr *x = dgm_map_expr(l, MAP_MODEL, r->block, t, dgm_map_mark(l, n), false);
    const map_instr *last = x && x->count ? &x->code[x->count - 1] : NULL;
    const map_code_way *w = last && last->op == MAP_X_LOOKUP && last->codes ? &last->codes->way[DGM_WRITE] : NULL;
    int32_t digits;
    dgm_rounding rounding;
    for (uint32_t i = 0; w && i < w->count; i++) {
        if (scale ? dgm_map_scale(w->cells[i].value, &digits) : dgm_map_rounding(w->cells[i].value, &rounding)) continue;
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), scale ? DGM_D_MAP_SCALE : DGM_D_MAP_ROUND);
        dgm_map_say(l, d, w->cells[i].value);
        dgm_map_say(l, d,
                    dgm_arena_print(l->arena, "the line of %.*s in %.*s", (int)w->cells[i].key.len, w->cells[i].key.at,
                                    (int)last->codes->name.len, last->codes->name.at));
        return NULL;
    }
    return x;
}

static void key_scale(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    uint32_t v;
    if (n->kind == DGM_YAML_TEXT && n->text.len && n->text.at[0] == '=')
        r->scale_expr = number_expr(l, r, n, n->text, true);
    else if (count(l, n, 64, &v))
        r->scale = (int32_t)v;
}

static void key_round(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    if (t.len && t.at[0] == '=')
        r->round_expr = number_expr(l, r, n, t, false);
    else if (!dgm_map_rounding(t, &r->rounding))
        bad_value(l, n, "half-up, half-even or down");
}

static void key_second(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    if (!text(l, n, &t)) return;
    r->second = dgm_map_expr(l, MAP_MODEL, r->block, t, dgm_map_mark(l, n), t.len && t.at[0] != '=');
}

static bool convert_unit(map_loader *l, const dgm_yaml *n, const map_unit **out)
{
    dgm_slice t, names[128];
    if (!n || !text(l, n, &t)) return false;
    *out = dgm_map_unit(t);
    if (*out) return true;
    int near = dgm_nearest(t, names, dgm_map_unit_names(names, 128));
    dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_UNIT);
    dgm_map_say(l, d, t);
    if (near >= 0) dgm_map_say(l, d, names[near]);
    return false;
}

/* convert: {wire: GRM, model: KGM}, or {factor: 100}: the model's number is the wire's times that. */
static void key_convert(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    static const char *const known[] = { "wire", "model", "factor", NULL };
    const dgm_yaml *wire = dgm_yaml_get(n, "wire"), *model = dgm_yaml_get(n, "model"), *factor = dgm_yaml_get(n, "factor");
    const map_unit *from = NULL, *to = NULL;
    dgm_slice t;
    for (const dgm_yaml *m = n->kind == DGM_YAML_MAP ? n->first : NULL; m; m = m->next)
        if (m != wire && m != model && m != factor) dgm_map_unknown_key(l, m, known);
    if (factor && !wire && !model && text(l, factor, &t)) {
        if (dgm_decimal_valid(t, '.') && dgm_decimal_compare(t, DGM_LITERAL("0")) > 0) {
            r->times = t;
            r->per = DGM_LITERAL("1");
        } else {
            bad_value(l, factor, "a decimal above 0");
        }
        return;
    }
    if (factor || !wire || !model) {
        bad_value(l, n, "{wire: UNIT, model: UNIT} or {factor: NUMBER}");
        return;
    }
    bool both = convert_unit(l, wire, &from);
    both = convert_unit(l, model, &to) && both;
    if (!both) return;
    if (from->kind != to->kind) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_COMBINATION);
        dgm_map_say(l, d, DGM_LITERAL("these units measure different things; none is so many of the other"));
        return;
    }
    r->times = dgm_slice_of(from->factor);
    r->per = dgm_slice_of(to->factor);
}

/* What a mapping that extends this one knows the statement by (load_extends.c). */
static void key_id(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    dgm_slice t;
    (void)r;
    if (text(l, n, &t) && !t.len) bad_value(l, n, "a name");
}

typedef void (*key_reader)(map_loader *l, map_rule *r, const dgm_yaml *n);
static const struct rule_key {
    const char *name;
    key_reader take;
    bool for_each, for_ignore;
} keys[] = {
    { "wire", key_wire, true, true },         { "model", key_model, true, true },
    { "as", key_as, false, false },           { "codes", key_codes, false, false },
    { "fold", key_fold, false, false },       { "is", key_is, false, false },
    { "else", key_else, true, false },        { "default", key_default, false, false },
    { "number", key_number, false, false },   { "name", key_name, false, false },
    { "copies", key_copies, false, false },   { "always", key_always, true, false },
    { "only", key_only, true, false },        { "lose", key_lose, false, false },
    { "why", key_why, true, true },           { "scale", key_scale, false, false },
    { "round", key_round, false, false },     { "currency", key_second, false, false },
    { "unit", key_second, false, false },     { "id", key_id, true, true },
    { "convert", key_convert, false, false }, { "of", dgm_map_take_of, false, false },
};
static const char *const rule_names[] = { "wire",   "model", "as",       "codes",   "fold",   "is",   "else",  "default",
                                          "number", "name",  "copies",   "when",    "always", "only", "lose",  "why",
                                          "scale",  "round", "currency", "unit",    "form",   "each", "rules", "use",
                                          "ignore", "let",   "checks",   "convert", "of",     NULL };

const char *const *dgm_mapping_rule_keys(void)
{
    return rule_names;
}

void dgm_map_take_key(map_loader *l, map_rule *r, const dgm_yaml *n)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (!dgm_slice_is(n->key, keys[i].name)) continue;
        bool fits =
            r->kind == MAP_RULE || (r->kind == MAP_EACH && keys[i].for_each) || (r->kind == MAP_IGNORE && keys[i].for_ignore);
        if (!fits) {
            dgm_diag *d = dgm_map_fault(l, dgm_map_key_mark(l, n), DGM_D_MAP_KEY_PLACE);
            dgm_map_say(l, d, n->key);
            dgm_map_say(l, d, r->kind == MAP_EACH ? DGM_LITERAL("an each") : DGM_LITERAL("an ignore"));
            return;
        }
        keys[i].take(l, r, n);
        return;
    }
    dgm_map_unknown_key(l, n, rule_names);
}
