/* SPDX-License-Identifier: Apache-2.0
 *
 * form_run.c - texts cut into the fields of their form as they come by, and glued from them when a block ends. mappings/README.md,
 * "Form". One thread for each runner.
 */
#include "run.h"

/* Whether fields are what the patterns of their form say; *spent: nobody knows. */
static bool patterns_fit(dgm_runner *r, const map_form *f, const dgm_slice *fields, bool *spent)
{
    *spent = false;
    for (uint32_t k = 0; f->patterns && k < f->field_count; k++) {
        if (!f->patterns[k] || !fields[k].len) continue;
        map_pattern_says says = dgm_map_pattern_fits(f->patterns[k], fields[k], &r->spent);
        *spent = says == MAP_PATTERN_SPENT;
        if (says == MAP_PATTERN_NOMEM) dgm_map_fail(r, DGM_NOMEM);
        if (says != MAP_PATTERN_FITS) return false;
    }
    return true;
}

static void told_spent(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice text)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_FORM_EFFORT, DGM_ERROR, node, rule->id);
    dgm_diag_text(r->diags, d, text);
    dgm_diag_text(r->diags, d, rule->form->text);
    dgm_map_problem_rule(r, d, rule->id);
}

/* A text without its form: told once, by the rule of the first field. */
static void unfit(dgm_runner *r, const map_rule *rule, const dgm_slice *by, uint32_t node, dgm_slice text)
{
    dgm_severity severity = rule->otherwise ? rule->otherwise : DGM_ERROR;
    if (rule->id != rule->first_field) return;
    if (!rule->cells && r->cut.spent) {
        told_spent(r, rule, node, text);
        return;
    }
    if (rule->cells) {
        dgm_map_code_told(r, rule->cells, by, severity, node, rule, text, dgm_map_cells_nearest(rule->cells, by, text));
        return;
    }
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_FORM_TEXT, severity, node, rule->id);
    dgm_diag_text(r->diags, d, text);
    dgm_diag_text(r->diags, d, rule->form->text);
    dgm_map_problem_rule(r, d, rule->id);
}

bool dgm_map_field(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, bool quietly, dgm_slice *out)
{
    struct map_cut_text *c = &r->cut;
    dgm_slice text = dgm_tree_value(r->in, node), by[MAP_BY_MAX] = { { 0 } };
    if (rule->cells) {
        dgm_map_code_columns(r, frame, rule->cells, rule->cells_by, by);
        c->form = NULL; /* the same text in another frame may be another code */
        c->fits = dgm_map_cells_cut(rule->cells, by, text, c->fields);
    } else if (c->node != node || c->form != rule->form) {
        c->node = node;
        c->form = rule->form;
        c->spent = false;
        c->fits = dgm_map_form_cut(rule->form, text, c->fields) && patterns_fit(r, rule->form, c->fields, &c->spent);
    }
    *out = c->fits ? c->fields[rule->field] : (dgm_slice){ 0 };
    if (!c->fits && !quietly) unfit(r, rule, by, node, text);
    if (c->fits && !quietly && !out->len) dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, rule->id); /* it says that there is none */
    return c->fits;
}

/* The value of a field as it stands in the text; false: there is none, or it is told. */
static bool part(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice *out)
{
    const struct map_typed *t = &r->m->rules[rule->id].typed[r->p->direction];
    const map_op to = { .rule = rule->id, .target = DGM_NONE, .second = DGM_NONE, .star = DGM_NONE };
    uint32_t value = t->value.there ? dgm_map_below(r->in, node, t->value.path, t->value.len) : node;
    uint32_t code = t->code.there ? dgm_map_below(r->in, node, t->code.path, t->code.len) : DGM_NONE;
    map_pair in = { value == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, value), { 0 } }, made;
    if (code != DGM_NONE) in.code = dgm_tree_value(r->in, code);
    if (!in.value.len) return false;
    bool omit = rule->has_default && rule->default_omit && !r->partial && r->p->direction == DGM_WRITE &&
                dgm_map_same(rule, in.value, rule->standard);
    if (!omit && !dgm_map_make_pair(r, frame, &to, rule, in, value, code, &made)) return false;
    dgm_map_mark_node(r, value, DGM_ACCOUNT_MAPPED, rule->id);
    if (in.code.len) dgm_map_mark_node(r, code, DGM_ACCOUNT_MAPPED, rule->id);
    *out = omit ? (dgm_slice){ 0 } : made.value;
    return !omit;
}

/* Fields that did not come have their defaults, now that others did. */
static void defaults(dgm_runner *r, uint32_t frame, const map_rule *first, dgm_slice *fields)
{
    const map_op to = { .rule = first->id, .target = DGM_NONE, .second = DGM_NONE, .star = DGM_NONE };
    for (uint32_t k = 0; k < first->form->field_count; k++) {
        const map_rule *rule = first + k;
        map_pair made;
        if (fields[rule->field].len || !rule->has_default || rule->default_omit || r->p->direction != DGM_WRITE) continue;
        if (dgm_map_make_pair(r, frame, &to, rule, (map_pair){ rule->standard, { 0 } }, DGM_NONE, DGM_NONE, &made))
            fields[rule->field] = made.value;
    }
}

static void unglued(dgm_runner *r, const map_rule *first, uint32_t node, uint32_t missing, dgm_slice text)
{
    const map_form *f = first->form;
    dgm_diag *d =
        dgm_map_problem(r, missing == DGM_FORM_WHOLE ? DGM_D_MAP_FORM_VALUE : DGM_D_MAP_FORM_MISSING, DGM_ERROR, node, first->id);
    dgm_diag_text(r->diags, d, missing == DGM_FORM_WHOLE ? text : f->names[missing]);
    dgm_diag_text(r->diags, d, f->text);
    dgm_map_problem_rule(r, d, first->id);
}

/* What the line of a table says is wrong with the values that would be glued. */
static void unsayable(dgm_runner *r, const map_rule *first, const dgm_slice *by, uint32_t node, const dgm_slice *fields,
                      map_cells_made how, uint32_t field, dgm_slice cell)
{
    const map_codes *t = first->cells;
    if (how == MAP_CELLS_UNKNOWN) {
        dgm_map_code_told(r, t, by, DGM_ERROR, node, first, fields[0], dgm_map_code_nearest(t, r->p->direction, fields[0]));
        return;
    }
    dgm_diag_code code = how == MAP_CELLS_EXTRA  ? DGM_D_MAP_CELL_EXTRA
                         : how == MAP_CELLS_BACK ? DGM_D_MAP_FORM_VALUE
                                                 : DGM_D_MAP_FORM_MISSING;
    dgm_diag *d = dgm_map_problem(r, code, DGM_ERROR, node, first->id);
    dgm_diag_text(r->diags, d, how == MAP_CELLS_BACK ? fields[0] : t->cells->fields.names[field]);
    dgm_diag_text(r->diags, d, cell.len ? cell : t->name);
    dgm_map_problem_rule(r, d, first->id);
}

static void glue_cells(dgm_runner *r, uint32_t frame, const map_op *op, const map_rule *first, const dgm_slice *fields,
                       uint32_t from)
{
    dgm_slice by[MAP_BY_MAX] = { { 0 } }, cell;
    uint32_t field;
    dgm_map_code_columns(r, frame, first->cells, first->cells_by, by);
    r->text.len = 0;
    map_cells_made how = dgm_map_cells_glue(first->cells, by, fields, &r->text, &field, &cell);
    if (how != MAP_CELLS_MADE && how != MAP_CELLS_NOMEM) {
        unsayable(r, first, by, from, fields, how, field, cell);
        return;
    }
    dgm_slice text = how == MAP_CELLS_MADE ? dgm_arena_copy(&r->arena, dgm_buffer_slice(&r->text)) : (dgm_slice){ 0 };
    if (!text.at)
        dgm_map_fail(r, DGM_NOMEM);
    else
        dgm_map_put_parts(r, frame, op, (map_pair){ text, { 0 } }, from, DGM_NONE);
}

void dgm_map_glue(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_op *op = &r->p->ops[e->op];
    const map_rule *first = &r->m->rules[e->rule];
    dgm_slice fields[MAP_FORM_FIELDS] = { { 0 } };
    uint32_t from = DGM_NONE, missing = DGM_FORM_WHOLE, head = r->words[r->frames[frame].base + e->word];
    bool wrong = r->wrong;
    r->wrong = false;
    for (uint32_t at = head; at; at = r->pieces[at - 1].next) {
        const map_rule *rule = first + r->pieces[at - 1].index;
        if (part(r, frame, rule, r->pieces[at - 1].node, &fields[rule->field]) && from == DGM_NONE) from = r->pieces[at - 1].node;
    }
    if (from != DGM_NONE) defaults(r, frame, first, fields);
    bool told = r->wrong;
    r->wrong = wrong || told;
    if (from == DGM_NONE || told || r->status != DGM_OK) return;
    if (first->cells) {
        glue_cells(r, frame, op, first, fields, from);
        return;
    }
    r->text.len = 0;
    bool spent = false;
    dgm_status s = dgm_map_form_glue(first->form, fields, &r->text, &missing);
    if (s == DGM_OK && !patterns_fit(r, first->form, fields, &spent)) s = DGM_INVALID;
    dgm_slice text = s == DGM_OK ? dgm_arena_copy(&r->arena, dgm_buffer_slice(&r->text)) : dgm_buffer_slice(&r->text);
    if (spent)
        told_spent(r, first, from, text);
    else if (s == DGM_INVALID)
        unglued(r, first, from, missing, text);
    else if (s != DGM_OK || !text.at)
        dgm_map_fail(r, DGM_NOMEM);
    else
        dgm_map_put_parts(r, frame, op, (map_pair){ text, { 0 } }, from, DGM_NONE);
}
