/* SPDX-License-Identifier: Apache-2.0
 *
 * describe.c - see describe.h. Notes are made in the order of the language's own table of keys. One thread for each arena.
 */
#include "describe.h"

#include "base/buffer.h"
#include "internal.h"

typedef struct noting {
    dgm_buffer text;
    dgm_status status;
} noting;

static void add(noting *n, const char *text)
{
    if (n->status == DGM_OK) n->status = dgm_buffer_append(&n->text, dgm_slice_of(text));
}

static void add_slice(noting *n, dgm_slice text)
{
    if (n->status == DGM_OK) n->status = dgm_buffer_append(&n->text, text);
}

static void add_number(noting *n, uint32_t number)
{
    char digits[12];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    add_slice(n, (dgm_slice){ digits + at, sizeof digits - at });
}

/* One more note: its first words. */
static void begin(noting *n, const char *words)
{
    if (n->text.len) add(n, "; ");
    add(n, words);
}

static void note(noting *n, const char *words, dgm_slice value)
{
    begin(n, words);
    add_slice(n, value);
}

static void note_more(noting *n, const char *words, dgm_slice value)
{
    add(n, words);
    add_slice(n, value);
}

static const char *type_name(dgm_type type)
{
    static const char *const names[] = { "", "text", "code", "id", "number", "date", "amount", "quantity", "flag", "pointer" };
    return (size_t)type < sizeof names / sizeof *names ? names[type] : "";
}

static void note_fold(noting *n, const map_fold *f)
{
    static const char *const by[] = {
        [MAP_FOLD_WORD] = "between words", [MAP_FOLD_WIDTH] = "anywhere", [MAP_FOLD_LINE] = "a line each"
    };
    begin(n, "one text in pieces of ");
    for (uint32_t i = 0; i < f->width_count; i++) {
        if (i) add(n, ", ");
        add_number(n, f->widths[i]);
    }
    add(n, ", cut ");
    add(n, by[f->by]);
    if (f->max) {
        add(n, ", at most ");
        add_number(n, f->max);
    }
}

static void note_value(noting *n, const map_rule *r)
{
    static const char *const rounding[] = { "", "half-up", "half-even", "down" };
    if (r->as > DGM_TYPE_ID) note(n, "as ", dgm_slice_of(type_name(r->as))); /* the others change nothing */
    if (r->as && r->format.len) note(n, "format ", r->format);
    if (r->yes.len || r->no.len) {
        note(n, "yes is ", r->yes);
        note(n, "no is ", r->no);
    }
    if (r->codes) note(n, "codes ", r->codes->name);
    for (uint32_t i = 0; r->codes && i < r->codes->by_count; i++) {
        note_more(n, i ? ", " : " by ", r->codes->by[i]);
        note_more(n, " ", r->by[i]->text);
    }
    if (r->times.len) {
        note(n, "the model's number is the wire's times ", r->times);
        if (!dgm_slice_is(r->per, "1")) note_more(n, " divided by ", r->per);
    }
    if (r->pointer)
        note(n, "into ", r->pointer->of_name);
    else if (r->fold)
        note_fold(n, r->fold);
    if (r->form) {
        note(n, "the part ", r->form->names[r->field]);
        note_more(n, r->cells ? " of the codes " : " of the form ", r->form->text);
    }
    for (uint32_t i = 0; r->cells && i < r->cells->by_count; i++) {
        note_more(n, i ? ", " : " by ", r->cells->by[i]);
        note_more(n, " ", r->cells_by[i]->text);
    }
    if (r->is_expr)
        note(n, "is ", r->is_expr->text);
    else if (r->has_is)
        note(n, "is always ", r->is);
    if (r->has_default) note(n, r->default_omit ? "not written when it is " : "when missing: ", r->standard);
    if (r->number == MAP_NUMBER_ORDER) begin(n, "a running number from 1");
    if (r->number == MAP_NUMBER_KEEP) begin(n, "a number; where it is missing the next one");
    if (r->scale >= 0) {
        begin(n, "digits behind the mark: ");
        add_number(n, (uint32_t)r->scale);
        if ((size_t)r->rounding < sizeof rounding / sizeof *rounding && *rounding[r->rounding])
            note(n, "rounded ", dgm_slice_of(rounding[r->rounding]));
    }
    if (r->scale_expr) note(n, "digits behind the mark: ", r->scale_expr->text);
    if (r->round_expr || (r->scale_expr && r->rounding))
        note(n, "rounded ", r->round_expr ? r->round_expr->text : dgm_slice_of(rounding[r->rounding]));
    if (r->second) note(n, "its currency or unit is ", r->second->text);
}

/* Conditions of the lists around it, innermost last. */
static void note_when(noting *n, const dgm_mapping *m, uint32_t cond)
{
    const map_cond *chain[16];
    uint32_t count = 0;
    for (uint32_t c = cond; c != DGM_NONE && count < 16; c = m->conds[c].above) chain[count++] = &m->conds[c];
    while (count--) {
        if (chain[count]->when)
            note(n, "when ", chain[count]->when->text);
        else
            begin(n, "when none of those before it holds");
    }
}

/* Which rows of another place belong here: by keys, or by what an each chooses. */
static void note_places(noting *n, const map_rule *r)
{
    for (int side = 0; side < 2; side++)
        for (uint32_t k = 0; k < r->side_count[side]; k++) {
            const map_place *p = r->side[side][k];
            const map_step *s = p->named == DGM_NONE ? NULL : &p->steps[p->named];
            for (uint32_t i = 0; s && i < s->join_count; i++) note(n, "joined by ", s->joins[i].name->text);
        }
    for (uint32_t i = 0; i < r->key_count; i++) {
        note(n, "one for each ", r->keys[i].side[MAP_WIRE]->text);
        note(n, "which is ", r->keys[i].side[MAP_MODEL]->text);
    }
    if (r->where) note(n, "where ", r->where->text);
}

static void note_all(noting *n, const dgm_mapping *m, const map_rule *r)
{
    note_places(n, r);
    note_value(n, r);
    for (uint32_t i = 1; i < r->side_count[0]; i++) note(n, "also over ", r->side[0][i]->text);
    for (uint32_t i = 1; i < r->side_count[1]; i++) note(n, "also over ", r->side[1][i]->text);
    for (uint32_t i = 0; i < r->copy_count; i++) note(n, "said again in ", r->copies[i]->text);
    if (r->source[0]) note(n, "read from ", r->source[0]->text);
    if (r->source[1]) note(n, "written from ", r->source[1]->text);
    if (r->name.len) note(n, "named $", r->name);
    note_when(n, m, r->cond);
    if (r->always) begin(n, "made always");
    if (r->only == MAP_ONLY_READ) begin(n, "only when reading");
    if (r->only == MAP_ONLY_WRITE) begin(n, "only when writing");
    if (r->lose.len) note(n, "may lose: ", r->lose);
    if (r->why.len) note(n, r->kind == MAP_IGNORE ? "" : "because ", r->why);
}

static const dgm_slot *end_of(const dgm_mapping *m, const map_rule *r, uint32_t side)
{
    return r->side_count[side] ? dgm_shape_slot(m->shape[side], r->side[side][0]->slot) : NULL;
}

/* What the wire can hold of a value of the model that goes there as it is. */
static const dgm_repr *straight(const dgm_mapping *m, const map_rule *r)
{
    if (r->kind != MAP_RULE || r->side_count[0] != 1 || r->side_count[1] != 1) return NULL;
    bool between = r->codes || r->cells || r->fold || r->form || r->pointer || r->source[0] || r->source[1] || r->has_is ||
                   r->times.len || r->per.len || r->as == DGM_TYPE_FLAG;
    const dgm_slot *s = dgm_shape_slot(m->shape[0], r->typed[0].value.there ? r->typed[0].value.slot : r->side[0][0]->slot);
    return between || !dgm_kind_leaf(s->kind) || !s->repr.length_max ? NULL : &s->repr;
}

dgm_status dgm_mapping_row(const dgm_mapping *m, uint32_t i, dgm_arena *arena, dgm_row *out)
{
    static const dgm_statement kinds[] = {
        [MAP_RULE] = DGM_STATEMENT_RULE, [MAP_EACH] = DGM_STATEMENT_EACH, [MAP_IGNORE] = DGM_STATEMENT_IGNORE
    };
    if (i >= m->rule_count) return DGM_END;
    const map_rule *r = &m->rules[i];
    noting n = { .status = DGM_OK };
    dgm_buffer_init(&n.text, &m->mem);
    note_all(&n, m, r);
    *out = (dgm_row){ .kind = kinds[r->kind],
                      .depth = m->blocks[r->block].depth,
                      .wire = r->side_count[0] ? r->side[0][0]->text : (dgm_slice){ 0 },
                      .model = r->side_count[1] ? r->side[1][0]->text : (dgm_slice){ 0 },
                      .wire_slot = end_of(m, r, 0),
                      .model_slot = end_of(m, r, 1),
                      .wire_at = r->side_count[0] ? r->side[0][0]->slot : DGM_SLOT_NONE,
                      .model_at = r->side_count[1] ? r->side[1][0]->slot : DGM_SLOT_NONE,
                      .repr = straight(m, r),
                      .loses = r->lose.len > 0,
                      .file = m->files[r->mark.file].name,
                      .line = r->mark.at.line };
    if (n.status == DGM_OK && n.text.len) {
        out->notes = dgm_arena_copy(arena, dgm_buffer_slice(&n.text));
        if (!out->notes.at) n.status = DGM_NOMEM;
    }
    dgm_buffer_free(&n.text);
    return n.status;
}

/* The table of a statement, for whose codes its first field speaks where cells are forms. */
static const map_codes *table_of(const dgm_mapping *m, uint32_t statement)
{
    const map_rule *r = statement < m->rule_count ? &m->rules[statement] : NULL;
    return !r ? NULL : !r->cells ? r->codes : r->id == r->first_field ? r->cells : NULL;
}

/* Lines whose cells are forms stand behind the plain ones; NULL: it is none of them. */
static const map_cell_line *form_line(const map_codes *t, uint32_t i)
{
    uint32_t plain = t->way[DGM_READ].count;
    return t->cells && i >= plain && i - plain < t->cells->count ? t->cells->lines[i - plain] : NULL;
}

bool dgm_mapping_code(const dgm_mapping *m, uint32_t statement, uint32_t i, dgm_slice *table, dgm_slice *code)
{
    const map_codes *t = table_of(m, statement);
    if (!t) return false;
    *table = t->name;
    const map_cell_line *line = form_line(t, i);
    if (!line && i >= t->way[DGM_READ].count) return false;
    *code = !line ? t->way[DGM_READ].cells[i].key : t->cells->side == MAP_WIRE ? line->form.text : line->code;
    return true;
}

bool dgm_mapping_code_is(const dgm_mapping *m, uint32_t statement, uint32_t i, bool model, dgm_slice value)
{
    const map_codes *t = table_of(m, statement);
    const map_cell_line *line = t ? form_line(t, i) : NULL;
    dgm_slice fields[MAP_FORM_FIELDS];
    if (!line && (!t || i >= t->way[DGM_READ].count)) return false;
    if (line) return model == (t->cells->side == MAP_MODEL) && dgm_map_form_cut(&line->form, value, fields);
    const map_code_cell *c = &t->way[DGM_READ].cells[i];
    return dgm_slice_equal(model ? c->value : c->key, value);
}

uint32_t dgm_mapping_code_statement(const dgm_mapping *m, uint32_t statement)
{
    const map_rule *r = statement < m->rule_count ? &m->rules[statement] : NULL;
    return r && r->cells ? r->first_field : statement;
}

bool dgm_mapping_code_forms(const dgm_mapping *m, uint32_t statement, bool *model)
{
    const map_codes *t = table_of(m, statement);
    *model = t && t->cells && t->cells->side == MAP_MODEL;
    return t && t->cells;
}

const dgm_shape *dgm_mapping_shape(const dgm_mapping *m, bool model)
{
    return m->shape[model];
}

dgm_slice dgm_mapping_check_text(const dgm_mapping *m, uint32_t i, dgm_arena *arena)
{
    if (i >= m->check_count) return (dgm_slice){ 0 };
    const map_check *c = &m->checks[i];
    return dgm_arena_print(arena, "%.*s (%.*s)", (int)c->say.len, c->say.at, (int)c->assert->text.len, c->assert->text.at);
}
