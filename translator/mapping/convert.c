/* SPDX-License-Identifier: Apache-2.0
 *
 * convert.c - what becomes of a value between the two trees: numbers, dates, codes, flags, second parts; and what is said when it
 * cannot become anything. One thread for each runner.
 */
#include "run.h"

#include <stdio.h>

dgm_diag *dgm_map_problem(dgm_runner *r, dgm_diag_code code, dgm_severity severity, uint32_t node, uint32_t rule)
{
    if (r->quiet) return NULL;
    if (severity == DGM_ERROR) r->wrong = true;
    dgm_diag *d = dgm_diags_add(r->diags, code, severity);
    if (!d) return NULL;
    const dgm_tree *t = r->in;
    d->position = t->position;
    d->node = node;
    d->rule = rule;
    if (t->reference.len) dgm_diag_reference(r->diags, d, t->reference);
    if (node == DGM_NONE || node >= t->node_count) return d;
    char path[512];
    size_t len = dgm_tree_path(t, node, path, sizeof path);
    dgm_diag_path(r->diags, d, (dgm_slice){ path, len < sizeof path ? len : sizeof path - 1 });
    if (r->p->direction == DGM_WRITE) return d; /* a canonical document has no bytes of its own */
    dgm_tree_point(t, node, r->diags, d);
    return d;
}

void dgm_map_problem_rule(dgm_runner *r, dgm_diag *d, uint32_t rule)
{
    if (!d || rule >= r->m->rule_count) return;
    const map_rule *x = &r->m->rules[rule];
    dgm_slice file = r->m->files[x->mark.file].name;
    char text[256];
    int n = snprintf(text, sizeof text, "%.*s:%u", (int)(file.len < 200 ? file.len : 200), file.at, x->mark.at.line);
    dgm_diag_text(r->diags, d, (dgm_slice){ text, n > 0 ? (size_t)n : 0 });
}

/* A problem with a value and the rule that has it. */
void dgm_map_refuse(dgm_runner *r, dgm_diag_code code, uint32_t node, const map_rule *rule, dgm_slice value, dgm_slice more)
{
    dgm_diag *d = dgm_map_problem(r, code, DGM_ERROR, node, rule->id);
    dgm_diag_text(r->diags, d, value);
    dgm_diag_text(r->diags, d, more);
    dgm_map_problem_rule(r, d, rule->id);
}

static bool wire_is_target(const dgm_runner *r)
{
    return r->p->direction == DGM_WRITE;
}

/* A number that is spelled as it has to be, and need not be rounded. */
static inline bool stays(const dgm_runner *r, const map_rule *rule, dgm_slice in)
{
    return in.len && !rule->times.len && ((rule->scale < 0 && !rule->scale_expr) || !wire_is_target(r)) && dgm_map_plain_number(in);
}

/* The digits behind the mark that are written, -1 for all there are, and how they are rounded. */
typedef struct digits {
    int32_t scale;
    dgm_rounding rounding;
} digits;

static bool ask(dgm_runner *r, uint32_t frame, const map_expr *x, dgm_slice *out)
{
    const map_frame *f = &r->frames[frame];
    *out = (dgm_slice){ 0 };
    return x && frame != DGM_NONE && dgm_map_eval(r, x, (map_context){ r->in, f->node, frame, f->index, 0, 0, 0 }, out) && out->len;
}

/* As the rule has them, or as its expressions say here. False: they say nothing of use (told). */
static bool digits_here(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, digits *out)
{
    dgm_slice said;
    *out = (digits){ rule->scale, rule->rounding };
    if (ask(r, frame, rule->scale_expr, &said) && !dgm_map_scale(said, &out->scale)) {
        dgm_map_refuse(r, DGM_D_MAP_SCALE, node, rule, said, rule->scale_expr->text);
        return false;
    }
    if (ask(r, frame, rule->round_expr, &said) && !dgm_map_rounding(said, &out->rounding)) {
        dgm_map_refuse(r, DGM_D_MAP_ROUND, node, rule, said, rule->round_expr->text);
        return false;
    }
    return true;
}

/* x * times / per, exactly, or rounded as the rule says. */
static dgm_status converted(dgm_runner *r, const map_rule *rule, digits to, dgm_slice *x)
{
    bool writes = wire_is_target(r);
    dgm_slice times = writes ? rule->per : rule->times, per = writes ? rule->times : rule->per, whole, out, back;
    uint32_t before, behind;
    dgm_status s = dgm_decimal_multiply(&r->arena, *x, times, &whole);
    if (s != DGM_OK) return s;
    dgm_decimal_digits(whole, &before, &behind);
    s = dgm_decimal_divide(&r->arena, whole, per, behind + 32, DGM_ROUND_DOWN, &out); /* more digits no exact quotient has */
    if (s == DGM_OK) s = dgm_decimal_multiply(&r->arena, out, per, &back);
    if (s != DGM_OK) return s;
    if (dgm_decimal_compare(back, whole) == 0) {
        return dgm_decimal_normal(&r->arena, out, x);
    }
    if (!writes || to.scale < 0 || to.rounding == DGM_ROUND_NONE) return DGM_INVALID;
    return dgm_decimal_divide(&r->arena, whole, per, (uint32_t)to.scale, to.rounding, x);
}

bool dgm_map_number(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out)
{
    digits to = { rule->scale, rule->rounding };
    if (stays(r, rule, in)) {
        *out = in;
        return true;
    }
    if (!dgm_decimal_valid(in, '\0')) {
        dgm_map_refuse(r, DGM_D_MAP_NUMBER, node, rule, in, rule->text);
        return false;
    }
    if (wire_is_target(r) && (rule->scale_expr || rule->round_expr) && !digits_here(r, frame, rule, node, &to)) return false;
    dgm_status s = dgm_decimal_read(&r->arena, in, '\0', out);
    if (s == DGM_OK && rule->times.len) {
        s = converted(r, rule, to, out);
        if (s == DGM_INVALID || s == DGM_LIMIT)
            dgm_map_refuse(r, DGM_D_MAP_LOSSY, node, rule, in, DGM_LITERAL("the conversion does not come out even"));
    }
    if (s == DGM_OK && to.scale >= 0 && wire_is_target(r)) {
        s = dgm_decimal_scale(&r->arena, *out, (uint32_t)to.scale, to.rounding, out);
        if (s == DGM_INVALID)
            dgm_map_refuse(r, DGM_D_MAP_LOSSY, node, rule, in, DGM_LITERAL("digits behind the mark would be lost"));
    }
    if (s == DGM_NOMEM) dgm_map_fail(r, s);
    return s == DGM_OK;
}

/* ---- dates: the day alone and the second in UTC, which are nearly all of them, without a look at the formats -------------------
 */

/* 102 and 304 with Z as they stand on the wire; false: dgm_date_read says what it is. */
static bool usual_date_read(dgm_runner *r, dgm_slice text, dgm_slice format, dgm_slice *iso)
{
    bool day = text.len == 8 && dgm_slice_equal(format, DGM_LITERAL("102"));
    bool moment = text.len == 15 && text.at[14] == 'Z' && dgm_slice_equal(format, DGM_LITERAL("304"));
    if (!day && !moment) return false;
    char out[20];
    static const unsigned char to[14] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18 };
    memcpy(out, "    -  -  T  :  :  Z", sizeof out);
    for (size_t i = 0; i < text.len && i < sizeof to; i++) out[to[i]] = text.at[i];
    dgm_slice made = { out, day ? 10 : sizeof out };
    if (!dgm_date_plain(made)) return false;
    *iso = dgm_arena_copy(&r->arena, made);
    return iso->at != NULL;
}

/* The same back. */
static bool usual_date_write(dgm_runner *r, dgm_slice iso, dgm_slice wanted, dgm_slice *text, dgm_slice *chosen)
{
    if ((iso.len != 10 && (iso.len != 20 || iso.at[19] != 'Z')) || !dgm_date_plain(iso)) return false;
    dgm_slice format = iso.len == 10 ? DGM_LITERAL("102") : DGM_LITERAL("304");
    if (wanted.len && !dgm_slice_equal(wanted, format)) return false;
    static const unsigned char from[15] = { 0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19 };
    char out[sizeof from];
    const size_t n = iso.len == 10 ? 8 : sizeof out;
    for (size_t i = 0; i < n; i++) out[i] = iso.at[from[i]];
    *text = dgm_arena_copy(&r->arena, (dgm_slice){ out, n });
    *chosen = wanted.len ? wanted : format;
    return text->at != NULL;
}

static bool date_read(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice text, dgm_slice format, dgm_slice *iso)
{
    dgm_status s = DGM_OK;
    if (format.len && usual_date_read(r, text, format, iso)) return true;
    if (format.len)
        s = dgm_date_read(&r->arena, text, format, iso);
    else if (dgm_date_plain(text) || dgm_date_valid(text))
        *iso = text;
    else
        s = DGM_INVALID;
    if (s == DGM_NOMEM)
        dgm_map_fail(r, s);
    else if (s != DGM_OK)
        dgm_map_refuse(r, DGM_D_MAP_DATE, node, rule, text, format.len ? format : DGM_LITERAL("ISO 8601"));
    return s == DGM_OK;
}

bool dgm_map_convert_date(dgm_runner *r, const map_rule *rule, uint32_t node, map_pair in, bool from_parts, bool to_parts,
                          map_pair *out)
{
    dgm_slice iso = { 0 }, given = out->code; /* a format that a test of the target fixes */
    bool writes = wire_is_target(r);
    dgm_slice format = from_parts && in.code.len ? in.code : (from_parts || !writes) ? rule->format : (dgm_slice){ 0 };
    if (!date_read(r, rule, node, in.value, format, &iso)) return false;
    *out = (map_pair){ iso, { 0 } };
    dgm_slice wanted = given.len ? given : writes ? rule->format : (dgm_slice){ 0 };
    if (!to_parts && !wanted.len) return true;
    dgm_slice chosen = wanted;
    if (usual_date_write(r, iso, wanted, &out->value, &chosen)) {
        if (to_parts) out->code = chosen;
        return true;
    }
    dgm_status s = dgm_date_write(&r->arena, iso, wanted, &out->value, &chosen);
    if (s == DGM_NOMEM)
        dgm_map_fail(r, s);
    else if (s != DGM_OK)
        dgm_map_refuse(r, DGM_D_MAP_DATE_WRITE, node, rule, iso, wanted.len ? wanted : DGM_LITERAL("any known"));
    if (to_parts) out->code = chosen;
    return s == DGM_OK;
}

void dgm_map_code_columns(dgm_runner *r, uint32_t frame, const map_codes *t, map_expr *const *exprs, dgm_slice *by)
{
    const map_frame *f = &r->frames[frame];
    for (uint32_t i = 0; i < t->by_count; i++)
        if (!dgm_map_eval(r, exprs[i], (map_context){ r->in, f->node, frame, f->index, 0, 0, 0 }, &by[i])) by[i] = (dgm_slice){ 0 };
}

bool dgm_map_code_here(dgm_runner *r, uint32_t frame, const map_rule *rule, dgm_slice in, dgm_slice *out)
{
    dgm_slice by[MAP_BY_MAX] = { { 0 } };
    if (rule->codes->by_count && frame != DGM_NONE) dgm_map_code_columns(r, frame, rule->codes, rule->by, by);
    return dgm_map_code_by(rule->codes, r->p->direction, by, in, out);
}

void dgm_map_code_told(dgm_runner *r, const map_codes *t, const dgm_slice *by, dgm_severity severity, uint32_t node,
                       const map_rule *rule, dgm_slice in, dgm_slice near)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_CODE_UNKNOWN, severity, node, rule->id);
    dgm_diag_text(r->diags, d, in);
    dgm_slice column = t->columns[r->p->direction == DGM_READ ? 1 : 0];
    char table[400];
    int n = snprintf(table, sizeof table, "%.*s(%.*s)", (int)(t->name.len & 63), t->name.at, (int)(column.len & 31), column.at);
    for (uint32_t i = 0; n > 0 && i < t->by_count; i++) /* at most 48 bytes each */
        n += snprintf(table + n, sizeof table - (size_t)n, "%s%.*s %.*s", i ? ", " : " where ", (int)(t->by[i].len & 15),
                      t->by[i].at, (int)(by[i].len & 31), by[i].len ? by[i].at : "");
    dgm_diag_text(r->diags, d, (dgm_slice){ table, n > 0 ? (size_t)n : 0 });
    dgm_diag_text(r->diags, d, near.len ? near : DGM_LITERAL("none"));
    dgm_map_problem_rule(r, d, rule->id);
}

static bool code(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out)
{
    dgm_slice by[MAP_BY_MAX] = { { 0 } };
    if (rule->codes && rule->codes->by_count) dgm_map_code_columns(r, frame, rule->codes, rule->by, by);
    if (!rule->codes || dgm_map_code_by(rule->codes, r->p->direction, by, in, out)) {
        if (!rule->codes) *out = in;
        return true;
    }
    dgm_map_code_told(r, rule->codes, by, DGM_ERROR, node, rule, in, dgm_map_code_nearest(rule->codes, r->p->direction, in));
    return false;
}

static bool flag(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice in, dgm_slice *out)
{
    bool reads = r->p->direction == DGM_READ, yes, no;
    if (reads && rule->yes.len) {
        yes = dgm_slice_equal(in, rule->yes);
        no = dgm_slice_equal(in, rule->no);
    } else {
        yes = dgm_slice_is(in, "true") || dgm_slice_is(in, "1");
        no = dgm_slice_is(in, "false") || dgm_slice_is(in, "0");
    }
    if (!yes && !no) {
        dgm_map_refuse(r, DGM_D_MAP_FLAG, node, rule, in, rule->yes);
        return false;
    }
    *out = yes ? DGM_LITERAL("true") : DGM_LITERAL("false");
    if (!reads && rule->yes.len) *out = yes ? rule->yes : rule->no;
    return true;
}

/* A wire text that holds fewer characters than the model's: cut only when the rule says why. */
static dgm_slice fitted(dgm_runner *r, const map_rule *rule, const map_op *op, uint32_t node, dgm_slice v)
{
    if (!rule->lose.len || !wire_is_target(r) || op->target == DGM_NONE) return v;
    uint32_t most = dgm_shape_slot(r->p->to, r->p->targets[op->target].slot)->repr.length_max;
    if (!most || v.len <= most) return v;
    size_t head = dgm_utf8_head(v, most);
    if (head == v.len) return v;
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_REDUCED, DGM_INFO, node, rule->id);
    dgm_diag_text(r->diags, d, v);
    dgm_diag_number(r->diags, d, most);
    dgm_diag_text(r->diags, d, rule->lose);
    dgm_map_problem_rule(r, d, rule->id);
    while (head && v.at[head - 1] == ' ') head--;
    return dgm_slice_part(v, 0, head);
}

bool dgm_map_convert(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node, dgm_slice value, dgm_slice *out)
{
    *out = value;
    switch (rule->as) {
    case DGM_TYPE_NUMBER: return dgm_map_number(r, frame, rule, node, value, out) && code(r, frame, rule, node, *out, out);
    case DGM_TYPE_FLAG: return flag(r, rule, node, value, out);
    case DGM_TYPE_NONE:
    case DGM_TYPE_TEXT:
    case DGM_TYPE_CODE:
    case DGM_TYPE_ID: return code(r, frame, rule, node, value, out);
    case DGM_TYPE_POINTER: return dgm_map_point(r, frame, rule, node, value, out);
    case DGM_TYPE_AMOUNT:
    case DGM_TYPE_QUANTITY: return dgm_map_number(r, frame, rule, node, value, out);
    case DGM_TYPE_DATE: return true; /* convert_date */
    }
    return false;
}

bool dgm_map_same(const map_rule *rule, dgm_slice a, dgm_slice b)
{
    if (dgm_slice_equal(a, b)) return true;
    bool number = rule->as == DGM_TYPE_NUMBER || rule->as == DGM_TYPE_AMOUNT || rule->as == DGM_TYPE_QUANTITY || rule->number;
    return number && dgm_decimal_valid(a, '.') && dgm_decimal_valid(b, '.') && dgm_decimal_compare(a, b) == 0;
}

/* ---- second parts: currency and unit ------------------------------------------------------------------------------------- */

static inline dgm_slice expected_second(dgm_runner *r, const map_rule *rule, uint32_t frame)
{
    dgm_slice out = { 0 };
    if (!rule->second) return out;
    const map_frame *f = &r->frames[frame];
    if (!dgm_map_eval(r, rule->second, (map_context){ r->in, f->node, frame, f->index, 0, 0, 0 }, &out)) return (dgm_slice){ 0 };
    return out;
}

static bool second_part(dgm_runner *r, uint32_t frame, const map_op *op, const map_rule *rule, dgm_slice in, uint32_t node,
                        dgm_slice *out)
{
    dgm_slice expected = expected_second(r, rule, frame);
    bool needed = op->second != DGM_NONE && dgm_shape_slot(r->p->to, r->p->targets[op->second].slot)->min > 0;
    *out = in.len ? in : r->p->direction == DGM_READ || needed ? expected : (dgm_slice){ 0 };
    if (r->p->direction == DGM_WRITE && in.len && dgm_slice_equal(in, expected) && !needed) {
        *out = (dgm_slice){ 0 };
        return true;
    }
    if (out->len && rule->codes && !code(r, frame, rule, node, *out, out)) return false;
    if (out->len && op->second == DGM_NONE) {
        if (rule->lose.len) {
            *out = (dgm_slice){ 0 };
            return true;
        }
        dgm_map_refuse(r, DGM_D_MAP_LOSSY, node, rule, *out, DGM_LITERAL("the place has no room for its currency or unit"));
        return false;
    }
    return true;
}

/* ---- values on their way ------------------------------------------------------------------------------------------------- */

static inline bool make_pair(dgm_runner *r, uint32_t frame, const map_op *op, const map_rule *rule, map_pair in, uint32_t node,
                             uint32_t code_node, map_pair *out)
{
    *out = (map_pair){ 0 };
    if (rule->as == DGM_TYPE_DATE) {
        const map_test *fixed = op->second == DGM_NONE ? NULL : r->p->targets[op->second].must;
        if (fixed && fixed->kind == MAP_EQUAL) out->code = fixed->values[0];
        return dgm_map_convert_date(r, rule, node, in, op->code.there, op->second != DGM_NONE, out);
    }
    bool pair = rule->as == DGM_TYPE_AMOUNT || rule->as == DGM_TYPE_QUANTITY, number = pair || rule->as == DGM_TYPE_NUMBER;
    bool as_is = rule->as >= DGM_TYPE_FLAG ? false : number ? stays(r, rule, in.value) : true;
    if (as_is && (pair || !rule->codes))
        out->value = in.value; /* as dgm_map_convert would say */
    else if (!dgm_map_convert(r, frame, rule, node, in.value, &out->value))
        return false;
    if (!pair) {
        if (rule->lose.len) out->value = fitted(r, rule, op, node, out->value);
        return true;
    }
    return second_part(r, frame, op, rule, in.code, code_node == DGM_NONE ? node : code_node, &out->code);
}

bool dgm_map_make_pair(dgm_runner *r, uint32_t frame, const map_op *op, const map_rule *rule, map_pair in, uint32_t node,
                       uint32_t code_node, map_pair *out)
{
    return make_pair(r, frame, op, rule, in, node, code_node, out);
}

static inline void deliver(dgm_runner *r, uint32_t frame, const map_op *op, map_pair in, uint32_t node, uint32_t code_node)
{
    const map_rule *rule = &r->m->rules[op->rule];
    map_pair out;
    bool omit = rule->has_default && rule->default_omit && !r->partial && r->p->direction == DGM_WRITE &&
                dgm_map_same(rule, in.value, rule->standard);
    if (!omit && !make_pair(r, frame, op, rule, in, node, code_node, &out)) return;
    dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, op->rule);
    if (in.code.len) dgm_map_mark_node(r, code_node, DGM_ACCOUNT_MAPPED, op->rule);
    if (op->word != DGM_NONE) r->words[r->frames[frame].base + op->word] = node == DGM_NONE ? 1 : node + 2;
    if (omit) return;
    if (op->star != DGM_NONE) {
        dgm_map_put_star(r, frame, op->star, out.value, node, op->rule);
        return;
    }
    if (op->second == DGM_NONE) out.code.len = 0;
    dgm_map_put_parts(r, frame, op, out, node, code_node);
}

void dgm_map_deliver(dgm_runner *r, uint32_t frame, const map_op *op, map_pair in, uint32_t node, uint32_t code_node)
{
    deliver(r, frame, op, in, node, code_node);
}

/* A flag on an occurrence: it is there. */
static void move_presence(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node, dgm_slice v)
{
    bool from_occurrence = !dgm_node_leaf(&r->in->nodes[node]);
    const map_rule *rule = &r->m->rules[op->rule];
    bool to_occurrence = !dgm_kind_leaf(r->p->targets[op->target].kind);
    dgm_map_mark_node(r, node, from_occurrence ? DGM_ACCOUNT_NONE : DGM_ACCOUNT_MAPPED, op->rule);
    if (to_occurrence) {
        dgm_slice out = DGM_LITERAL("true");
        if (!from_occurrence && !dgm_map_convert(r, frame, rule, node, v, &out)) return;
        if (dgm_slice_is(out, "true") || (rule->yes.len && dgm_slice_equal(out, rule->yes)))
            dgm_map_ensure(r, frame, op->target, node, op->rule);
    } else {
        dgm_map_put(r, frame, op->target, wire_is_target(r) && rule->yes.len ? rule->yes : DGM_LITERAL("true"), node, op->rule);
    }
}

/* Where both parts stand that differ in their last slot only: as dgm_map_below for each, in one pass over what is beside them. */
static inline void both_parts(const dgm_tree *t, const map_op *op, uint32_t node, uint32_t *value, uint32_t *second)
{
    uint32_t len = op->value.len, first = op->value.path[len - 1], other = op->code.path[len - 1];
    *value = *second = DGM_NONE;
    uint32_t above = dgm_map_below(t, node, op->value.path, len - 1);
    if (above == DGM_NONE) return;
    for (uint32_t n = above + 1, end = dgm_tree_next(t, above); n < end; n = dgm_tree_next(t, n)) {
        uint32_t slot = dgm_node_slot(&t->nodes[n]);
        if (slot == first && *value == DGM_NONE)
            *value = n;
        else if (slot == other && *second == DGM_NONE)
            *second = n;
        else
            continue;
        if (*value != DGM_NONE && *second != DGM_NONE) return;
    }
}

/* An amount or quantity as nearly all are; false: move_any() does it, or says what is wrong. */
static bool move_pair(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node, uint32_t code_node)
{
    map_pair in = { dgm_tree_value(r->in, node), { 0 } };
    if (code_node != DGM_NONE) in.code = dgm_tree_value(r->in, code_node);
    if (!in.value.len || !dgm_map_plain_number(in.value)) return false;
    dgm_slice second = in.code.len || op->unsaid ? in.code : op->usual;
    if (op->unsaid && second.len && dgm_slice_equal(second, op->usual)) second.len = 0; /* goes without saying */
    if (second.len && op->second == DGM_NONE) return false;
    if (r->with_accounts) {
        dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, op->rule);
        if (in.code.len) dgm_map_mark_node(r, code_node, DGM_ACCOUNT_MAPPED, op->rule);
    }
    dgm_map_put_parts(r, frame, op, (map_pair){ in.value, second }, node, code_node);
    return true;
}

static __attribute__((noinline)) void move_any(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t value, uint32_t second)
{
    const map_rule *rule = &r->m->rules[op->rule];
    map_pair in = { dgm_tree_value(r->in, value), { 0 } };
    if (second != DGM_NONE) in.code = dgm_tree_value(r->in, second);
    if (op->cut && (!in.value.len || !dgm_map_field(r, frame, rule, value, false, &in.value))) return;
    if (!op->pair && rule->as == DGM_TYPE_FLAG &&
        (!dgm_node_leaf(&r->in->nodes[value]) || (op->target != DGM_NONE && !dgm_kind_leaf(r->p->targets[op->target].kind)))) {
        if (in.value.len || !dgm_node_leaf(&r->in->nodes[value])) move_presence(r, frame, op, value, in.value);
        return;
    }
    if (in.value.len) deliver(r, frame, op, in, value, second);
}

/* A text, or a number that is spelled as it has to be. */
static __attribute__((noinline)) void move_plain(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    dgm_slice v = dgm_tree_value(r->in, node);
    if (!v.len || (op->cond != DGM_NONE && !dgm_map_cond(r, op->cond, frame))) return;
    if (op->number && !dgm_map_plain_number(v) && !dgm_map_number(r, frame, &r->m->rules[op->rule], node, v, &v)) return;
    dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, op->rule);
    dgm_map_put_parts(r, frame, op, (map_pair){ v, { 0 } }, node, DGM_NONE);
}

static void move_parts(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    uint32_t value, second;
    if (op->cond != DGM_NONE && !dgm_map_cond(r, op->cond, frame)) return;
    if (op->beside) {
        both_parts(r->in, op, node, &value, &second);
    } else {
        value = op->value.len ? dgm_map_below(r->in, node, op->value.path, op->value.len) : node;
        second = op->code.there ? dgm_map_below(r->in, node, op->code.path, op->code.len) : DGM_NONE;
    }
    if (value != DGM_NONE && !(op->pair && move_pair(r, frame, op, value, second))) move_any(r, frame, op, value, second);
}

void dgm_map_move(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    if (op->simple || op->number)
        move_plain(r, frame, op, node);
    else if (op->pair || !r->m->rules[op->rule].fold)
        move_parts(r, frame, op, node);
    else if (op->cond == DGM_NONE || dgm_map_cond(r, op->cond, frame))
        dgm_map_fold_write(r, frame, op, node);
}
