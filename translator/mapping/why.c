/* SPDX-License-Identifier: Apache-2.0
 *
 * why.c - where a value came from: provenance says which node and which rule, the rule says what else belongs to it (pieces of a
 * text, the format of a date, what an expression looks at), and the conversions are done once more to show each step. One thread.
 */
#include "inquiry.h"

const char *dgm_why_kind_text(dgm_why_kind kind)
{
    static const char *const names[] = {
        [DGM_WHY_UNKNOWN] = "unknown", [DGM_WHY_MOVED] = "moved",   [DGM_WHY_COPIED] = "copied",    [DGM_WHY_FOLDED] = "folded",
        [DGM_WHY_PRESENT] = "present", [DGM_WHY_TEST] = "test",     [DGM_WHY_LITERAL] = "constant", [DGM_WHY_COMPUTED] = "computed",
        [DGM_WHY_DEFAULT] = "default", [DGM_WHY_NUMBER] = "number", [DGM_WHY_FORMAT] = "format",    [DGM_WHY_SECOND] = "understood",
    };
    return names[kind];
}

/* ---- opening ------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_inquiry_open(const dgm_mem *mem, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                            const dgm_run_options *options, dgm_inquiry **out)
{
    *out = NULL;
    dgm_inquiry *q = dgm_mem_new(mem, sizeof *q);
    if (!q) return DGM_NOMEM;
    q->mem = *mem;
    dgm_arena_init(&q->arena, mem);
    dgm_run_options o = options ? *options : (dgm_run_options){ 0 };
    o.accounts = o.origin = true;
    dgm_tree *made = NULL;
    dgm_status s = dgm_runner_new(mem, NULL, &q->runner);
    if (s == DGM_OK) s = dgm_diags_new(mem, 0, &q->diags);
    if (s == DGM_OK) s = dgm_mapping_run(q->runner, m, direction, in, &o, q->diags, &made);
    if (made) dgm_runner_recycle(q->runner, made);
    bool ran = s == DGM_OK || s == DGM_INVALID;
    if (ran) {
        q->used = DGM_NEW(&q->arena, uint32_t, in->node_count + 1u);
        s = q->used ? DGM_OK : DGM_NOMEM;
    }
    for (uint32_t n = 0; s == DGM_OK && n < in->node_count; n++)
        q->used[n] = q->runner->accounts[n] == DGM_ACCOUNT_MAPPED ? q->runner->rules[n] : DGM_NONE;
    if (s == DGM_OK) {
        dgm_diags_clear(q->diags);
        o.accounts = false;
        s = dgm_map_inquire(q->runner, m, direction, in, &o, q->diags);
    }
    if (s != DGM_OK) {
        dgm_inquiry_free(q);
        return s;
    }
    *out = q;
    return DGM_OK;
}

void dgm_inquiry_free(dgm_inquiry *q)
{
    if (!q) return;
    dgm_mem mem = q->mem;
    dgm_runner_free(q->runner);
    dgm_diags_free(q->diags);
    dgm_arena_free(&q->arena);
    dgm_mem_free(&mem, q, sizeof *q);
}

dgm_slice dgm_inquiry_copy(dgm_inquiry *q, dgm_slice s)
{
    dgm_slice out = dgm_arena_copy(&q->arena, s);
    if (!out.at) q->status = DGM_NOMEM;
    return out;
}

/* ---- frames -------------------------------------------------------------------------------------------------------------- */

static uint32_t *parents(dgm_inquiry *q, const dgm_tree *t)
{
    uint32_t *of = DGM_NEW(&q->arena, uint32_t, t->node_count + 1u);
    if (of) dgm_tree_parents(t, of);
    return of;
}

uint32_t dgm_inquiry_above(dgm_inquiry *q, const dgm_tree *t, uint32_t node, uint32_t slot)
{
    size_t k = t != q->runner->in;
    if (q->tree[k] != t) {
        q->tree[k] = t;
        q->parent[k] = parents(q, t);
    }
    if (!q->parent[k]) {
        q->status = DGM_NOMEM;
        return DGM_NONE;
    }
    while (node != DGM_NONE && dgm_node_slot(&t->nodes[node]) != slot) node = q->parent[k][node];
    return node;
}

/* Whether two rows have the same keys. */
static bool same_row(const dgm_tree *t, const map_step *s, uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < s->join_count; k++) {
        uint32_t x = dgm_map_below(t, a, s->joins[k].path, s->joins[k].path_len);
        uint32_t y = dgm_map_below(t, b, s->joins[k].path, s->joins[k].path_len);
        if (x == DGM_NONE || y == DGM_NONE || !dgm_slice_equal(dgm_tree_value(t, x), dgm_tree_value(t, y))) return false;
    }
    return true;
}

/* All of them are numbered at once. */
uint32_t dgm_inquiry_index(dgm_inquiry *q, uint32_t block, uint32_t above, uint32_t node)
{
    const dgm_runner *r = q->runner;
    const map_rule *each = &r->m->rules[r->m->blocks[block].rule];
    const map_place *p = each->side_count[r->p->direction] ? each->side[r->p->direction][0] : NULL;
    if (!p) return 1;
    if (!q->numbers) q->numbers = DGM_NEW(&q->arena, inquiry_number, r->in->node_count + 1u);
    if (!q->numbers) {
        q->status = DGM_NOMEM;
        return 1;
    }
    if (q->numbers[node].index && q->numbers[node].block == block) return q->numbers[node].index;
    uint32_t index = 0;
    map_iter i;
    dgm_map_iter_begin(&i, r->in, above, p);
    for (uint32_t n; (n = dgm_map_iter_next(&i)) != DGM_NONE;)
        if (p->named == DGM_NONE || same_row(r->in, &p->steps[p->named], n, node))
            q->numbers[n] = (inquiry_number){ block, ++index };
    return q->numbers[node].block == block && q->numbers[node].index ? q->numbers[node].index : 1;
}

uint32_t dgm_inquiry_occurrence(dgm_inquiry *q, uint32_t block, const dgm_tree *made, uint32_t node, uint32_t source)
{
    const dgm_runner *r = q->runner;
    uint32_t d = r->p->direction, from = r->m->blocks[block].slot[d], to = r->m->blocks[block].slot[1 - d];
    if (made && made->origin) {
        uint32_t above = dgm_inquiry_above(q, made, node, to);
        uint32_t origin = above == DGM_NONE ? DGM_NONE : made->origin[above].source_node;
        if (origin != DGM_NONE && origin < r->in->node_count) {
            uint32_t found = dgm_inquiry_above(q, r->in, origin, from);
            if (found != DGM_NONE) return found;
        }
    }
    return source == DGM_NONE ? DGM_NONE : dgm_inquiry_above(q, r->in, source, from);
}

uint32_t dgm_inquiry_frame(dgm_inquiry *q, uint32_t block, const dgm_tree *made, uint32_t node, uint32_t source)
{
    dgm_runner *r = q->runner;
    uint32_t chain[MAP_DEPTH_MAX + 1], n = 0, frame = 0;
    for (uint32_t b = block; b != DGM_NONE && b != 0 && n <= MAP_DEPTH_MAX; b = r->m->blocks[b].above) chain[n++] = b;
    while (n--) {
        uint32_t at = dgm_inquiry_occurrence(q, chain[n], made, node, source);
        if (at == DGM_NONE) {
            dgm_inquiry_back(q);
            return DGM_NONE;
        }
        uint32_t index = dgm_inquiry_index(q, chain[n], r->frames[frame].node, at);
        frame = dgm_map_inquire_frame(r, chain[n], frame, at, index);
        if (frame == DGM_NONE) {
            q->status = r->status;
            dgm_inquiry_back(q);
            return DGM_NONE;
        }
    }
    return frame;
}

void dgm_inquiry_back(dgm_inquiry *q)
{
    if (q->runner->frame_count > 1) dgm_map_inquire_close(q->runner, 1);
}

/* ---- inputs and steps ---------------------------------------------------------------------------------------------------- */

static void add_input(dgm_inquiry *q, uint32_t node, const char *role, dgm_slice name, dgm_slice value)
{
    for (size_t i = 0; i < q->input_count; i++)
        if (node != DGM_NONE && q->inputs[i].node == node && q->inputs[i].role == role) return;
    if (q->input_count == INQUIRY_INPUTS_MAX) return;
    q->inputs[q->input_count++] = (dgm_why_input){ node, role, name, value };
}

static void add_value(dgm_inquiry *q, uint32_t node, const char *role)
{
    if (node != DGM_NONE) add_input(q, node, role, (dgm_slice){ 0 }, dgm_tree_value(q->runner->in, node));
}

static void add_step(dgm_inquiry *q, dgm_slice what, dgm_slice value)
{
    if (q->step_count < INQUIRY_STEPS_MAX) q->steps[q->step_count++] = (dgm_why_step){ what, dgm_inquiry_copy(q, value) };
}

/* The node that a name's value stands in: as the run looks for it (name_now in ends.c). */
static void add_name(dgm_inquiry *q, uint32_t rule, uint32_t frame, uint32_t depth);

/* What an expression looks at, as far as it is there. Lets and names nest at most MAP_DEPTH_MAX deep. */
void dgm_inquiry_expression(dgm_inquiry *q, const map_expr *x, uint32_t frame, uint32_t depth)
{
    dgm_runner *r = q->runner;
    const map_frame *f = &r->frames[frame];
    for (uint32_t k = 0; x && depth < MAP_DEPTH_MAX && k < x->count; k++) {
        const map_instr *i = &x->code[k];
        char room[16];
        map_iter it;
        if (i->op == MAP_X_LET) dgm_inquiry_expression(q, r->m->lets[i->index].expr, frame, depth + 1);
        if (i->op == MAP_X_NAME) add_name(q, i->index, frame, depth + 1);
        if (i->op == MAP_X_PARAM) add_input(q, DGM_NONE, "parameter", r->m->params[i->index].name, r->params[i->index]);
        if (i->op == MAP_X_I)
            add_input(q, DGM_NONE, "index", DGM_LITERAL("$i"), dgm_inquiry_copy(q, dgm_map_digits(f->index, room)));
        if (i->op != MAP_X_PLACE) continue;
        dgm_map_iter_begin(&it, r->in, f->node, i->place);
        for (uint32_t n; (n = dgm_map_iter_next(&it)) != DGM_NONE;)
            add_input(q, n, "place", i->place->text, dgm_tree_value(r->in, n));
    }
}

static void add_name(dgm_inquiry *q, uint32_t rule, uint32_t frame, uint32_t depth)
{
    dgm_runner *r = q->runner;
    const map_rule *x = &r->m->rules[rule];
    uint32_t d = r->p->direction, own = dgm_map_frame_of(r, frame, r->p->named[rule].block);
    dgm_slice value = { 0 }, name = dgm_arena_print(&q->arena, "$%.*s", (int)x->name.len, x->name.at);
    if (own == DGM_NONE || !name.at) return;
    if (!dgm_map_name(r, rule, frame, &value)) value = (dgm_slice){ 0 };
    if (x->source[d] || !x->side_count[d]) {
        if (x->source[d]) dgm_inquiry_expression(q, x->source[d], own, depth);
        if (x->is_expr) dgm_inquiry_expression(q, x->is_expr, own, depth);
        add_input(q, DGM_NONE, "name", name, value);
        return;
    }
    const struct map_typed *t = &x->typed[d];
    uint32_t node = dgm_map_find(r->in, r->frames[own].node, x->side[d][0]), code = DGM_NONE;
    if (node != DGM_NONE && dgm_node_slot(&r->in->nodes[node]) != t->slot) node = dgm_map_below(r->in, node, &t->slot, 1);
    if (node != DGM_NONE && t->code.there && x->as == DGM_TYPE_DATE) code = dgm_map_below(r->in, node, t->code.path, t->code.len);
    if (node != DGM_NONE && t->value.there) node = dgm_map_below(r->in, node, t->value.path, t->value.len);
    add_input(q, node, "name", name, value);
    if (value.len && code != DGM_NONE) add_input(q, code, "format", name, dgm_tree_value(r->in, code));
}

static void step_codes(dgm_inquiry *q, const map_rule *x, uint32_t frame, dgm_slice *v)
{
    dgm_slice out;
    if (!x->codes || !dgm_map_code_here(q->runner, frame, x, *v, &out)) return;
    dgm_slice from = x->codes->columns[q->runner->p->direction == DGM_READ ? 1 : 0],
              to = x->codes->columns[q->runner->p->direction == DGM_READ ? 0 : 1];
    add_step(q,
             dgm_arena_print(&q->arena, "codes %.*s, %.*s to %.*s", (int)x->codes->name.len, x->codes->name.at, (int)from.len,
                             from.at, (int)to.len, to.at),
             out);
    *v = out;
}

static bool numeric(const map_rule *x)
{
    return x->as == DGM_TYPE_NUMBER || x->as == DGM_TYPE_AMOUNT || x->as == DGM_TYPE_QUANTITY;
}

/* A date from its parts, and into them. given: the format that the target has. */
static void step_date(dgm_inquiry *q, const map_rule *x, uint32_t node, map_pair in, bool from_parts, bool to_parts,
                      dgm_slice given, dgm_slice *v)
{
    map_pair iso = { 0 }, out = { .code = given };
    bool writes = q->runner->p->direction == DGM_WRITE;
    dgm_slice format = from_parts && in.code.len ? in.code : x->format;
    if (!writes && dgm_map_convert_date(q->runner, x, node, in, from_parts, false, &iso) && !dgm_slice_equal(iso.value, *v)) {
        add_step(q, dgm_arena_print(&q->arena, "read as a date of format %.*s", (int)format.len, format.at ? format.at : ""),
                 iso.value);
        *v = iso.value;
    }
    if (!writes || !dgm_map_convert_date(q->runner, x, node, in, from_parts, to_parts, &out)) return;
    if (dgm_slice_equal(out.value, *v)) return;
    dgm_slice wanted = out.code.len ? out.code : x->format;
    add_step(q, dgm_arena_print(&q->arena, "written as a date of format %.*s", (int)wanted.len, wanted.at ? wanted.at : ""),
             out.value);
    *v = out.value;
}

static void step_number(dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t node, dgm_slice *v)
{
    dgm_slice out = { 0 };
    map_rule plain = *x;
    plain.scale = -1;
    plain.scale_expr = plain.round_expr = NULL;
    if (!dgm_map_number(q->runner, frame, &plain, node, *v, &out)) return;
    if (!dgm_slice_equal(out, *v)) add_step(q, x->times.len ? DGM_LITERAL("converted") : DGM_LITERAL("as a number"), out);
    *v = out;
    if ((x->scale < 0 && !x->scale_expr) || !dgm_map_number(q->runner, frame, x, node, *v, &out) || dgm_slice_equal(out, *v))
        return;
    if (x->scale_expr)
        add_step(q,
                 dgm_arena_print(&q->arena, "to as many digits behind the mark as %.*s says", (int)x->scale_expr->text.len,
                                 x->scale_expr->text.at),
                 out);
    else
        add_step(q, dgm_arena_print(&q->arena, "to %d digits behind the mark", (int)x->scale), out);
    *v = out;
}

/* What happens to the text of one value; v: what it is so far. */
static void steps_of(dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t node, dgm_slice *v, dgm_slice made)
{
    if (numeric(x)) step_number(q, x, frame, node, v);
    if (x->as == DGM_TYPE_FLAG) {
        dgm_slice out = { 0 };
        if (dgm_map_convert(q->runner, frame, x, node, *v, &out) && !dgm_slice_equal(out, *v)) {
            add_step(q, DGM_LITERAL("as a flag"), out);
            *v = out;
        }
    }
    if (x->pointer) {
        dgm_slice out = { 0 };
        if (dgm_map_convert(q->runner, frame, x, node, *v, &out) && !dgm_slice_equal(out, *v))
            add_step(q, DGM_LITERAL("as a pointer"), out);
        if (out.len) *v = out;
    } else if (x->as != DGM_TYPE_AMOUNT && x->as != DGM_TYPE_QUANTITY && x->as != DGM_TYPE_FLAG)
        step_codes(q, x, frame, v);
    bool head = made.len < v->len && memcmp(made.at, v->at, made.len) == 0;
    if (!x->lose.len || !head) return;
    add_step(q, dgm_arena_print(&q->arena, "cut to what the place holds: %.*s", (int)x->lose.len, x->lose.at), made);
    *v = made;
}

/* ---- one value ----------------------------------------------------------------------------------------------------------- */

/* Whether a node of the source stands in the occurrence of a frame, or is one that all occurrences see. */
static bool inside(const dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t n)
{
    const dgm_runner *r = q->runner;
    if (frame == DGM_NONE || !frame || (x->side_count[r->p->direction] && x->side[r->p->direction][0]->root)) return true;
    uint32_t from = r->frames[frame].node;
    return n >= from && n < dgm_tree_next(r->in, from);
}

/* The values of the source that a rule used in the occurrence of a frame, in document order. */
static void add_used(dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t source)
{
    const dgm_runner *r = q->runner;
    const dgm_tree *t = r->in;
    uint32_t from = 0, to = t->node_count;
    if (frame != DGM_NONE && frame && !(x->side_count[r->p->direction] && x->side[r->p->direction][0]->root)) {
        const map_place *p = x->side_count[r->p->direction] ? x->side[r->p->direction][0] : NULL;
        from = p ? dgm_map_place_base(r, frame, p) : r->frames[frame].node;
        to = dgm_tree_next(t, from);
    }
    for (uint32_t n = from; n < to; n++)
        if (q->used[n] == x->id) add_value(q, n, "piece");
    if (!q->input_count) add_value(q, source, "piece");
}

/* Where the place of a typed value stands, from the node of its value. */
static uint32_t place_above(dgm_inquiry *q, const dgm_tree *t, uint32_t node, const struct map_typed *typed)
{
    if (!typed->value.there || !typed->value.len) return node;
    return dgm_inquiry_above(q, t, node, typed->slot);
}

static void fold(dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t source, dgm_slice made, dgm_why *out)
{
    static const char *const by[] = {
        [MAP_FOLD_WORD] = "between words", [MAP_FOLD_WIDTH] = "anywhere", [MAP_FOLD_LINE] = "line by line"
    };
    out->kind = DGM_WHY_FOLDED;
    const bool joins = x->fold->many == (uint32_t)q->runner->p->direction;
    if (joins)
        add_used(q, x, frame, source);
    else
        add_value(q, source, "value");
    if (x->pointer) {
        add_step(q, joins ? DGM_LITERAL("its parts, as a pointer") : DGM_LITERAL("a part of the pointer"), made);
        return;
    }
    if (q->runner->p->direction == DGM_READ && q->input_count > 1)
        add_step(q, dgm_arena_print(&q->arena, "%zu pieces joined, cut %s", q->input_count, by[x->fold->by]), made);
    if (q->runner->p->direction == DGM_WRITE && !dgm_slice_equal(dgm_tree_value(q->runner->in, source), made))
        add_step(q, dgm_arena_print(&q->arena, "a piece of it, cut %s", by[x->fold->by]), made);
}

/* Whether a slot is where the format of a date stands. */
static bool says_format(const dgm_shape *s, uint32_t slot)
{
    uint32_t up = slot;
    for (int i = 0; i < 3 && up != DGM_SLOT_ROOT; i++) {
        up = dgm_shape_slot(s, up)->parent;
        const dgm_slot *x = dgm_shape_slot(s, up);
        if (x->type == DGM_TYPE_DATE && x->part_code == slot) return true;
    }
    return false;
}

/* A text that a form glued: all values of its fields. */
static void glued(dgm_inquiry *q, const map_rule *x, uint32_t frame, uint32_t source, dgm_slice made, dgm_why *out)
{
    out->kind = DGM_WHY_FOLDED;
    for (uint32_t k = 0; k < x->form->field_count; k++) {
        const map_rule *field = x + k;
        for (uint32_t n = 0; n < q->runner->in->node_count; n++)
            if (q->used[n] == field->id && inside(q, field, frame, n))
                add_input(q, n, "part", x->form->names[field->field], dgm_tree_value(q->runner->in, n));
    }
    if (!q->input_count) add_value(q, source, "part");
    add_step(
        q,
        dgm_arena_print(&q->arena, "glued by the %s %.*s", x->cells ? "codes" : "form", (int)x->form->text.len, x->form->text.at),
        made);
}

/* `frame`: the occurrence that its rule ran in. */
static void moved(dgm_inquiry *q, const map_rule *x, const dgm_tree *made, uint32_t node, uint32_t frame, uint32_t source,
                  dgm_why *out)
{
    const dgm_runner *r = q->runner;
    const dgm_tree *t = r->in;
    uint32_t d = r->p->direction, code = DGM_NONE;
    const struct map_typed *from = &x->typed[d], *to = &x->typed[1 - d];
    dgm_slice v = dgm_tree_value(t, source), got = dgm_tree_value(made, node), given = { 0 };
    if (!dgm_node_leaf(&t->nodes[source])) {
        out->kind = DGM_WHY_PRESENT;
        add_input(q, source, "occurrence", (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    out->kind = x->side_count[d] && x->side[d][0]->deep ? DGM_WHY_COPIED : DGM_WHY_MOVED;
    add_value(q, source, "value");
    if (x->form && dgm_map_field(q->runner, frame, x, source, true, &v))
        add_step(q,
                 dgm_arena_print(&q->arena, "the part %.*s of the %s %.*s", (int)x->form->names[x->field].len,
                                 x->form->names[x->field].at, x->cells ? "codes" : "form", (int)x->form->text.len,
                                 x->form->text.at),
                 v);
    uint32_t slot = dgm_node_slot(&made->nodes[node]);
    bool second = to->code.there && to->code.len && slot == to->code.path[to->code.len - 1];
    if (says_format(made->shape, slot) && x->as != DGM_TYPE_TEXT && !dgm_slice_equal(v, got)) {
        out->kind = DGM_WHY_FORMAT; /* the value decides which one says it */
        return;
    }
    if (second) {
        if (!dgm_slice_equal(v, got)) step_codes(q, x, frame, &v);
        return;
    }
    if (x->as == DGM_TYPE_DATE) {
        uint32_t place = place_above(q, t, source, from);
        if (from->code.there && place != DGM_NONE) code = dgm_map_below(t, place, from->code.path, from->code.len);
        add_value(q, code, "format");
        uint32_t made_place = to->code.there ? place_above(q, made, node, to) : DGM_NONE;
        uint32_t made_code = made_place == DGM_NONE ? DGM_NONE : dgm_map_below(made, made_place, to->code.path, to->code.len);
        if (made_code != DGM_NONE) given = dgm_tree_value(made, made_code);
        map_pair in = { v, code == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, code) };
        step_date(q, x, source, in, from->code.there, to->code.there, given, &v);
        return;
    }
    steps_of(q, x, frame, source, &v, got);
    if (out->kind == DGM_WHY_COPIED && !dgm_slice_equal(v, got)) add_step(q, DGM_LITERAL("as the kind of its place"), got);
}

/* Whether a slot is where one of the rule's places of a side, or a part of its value, stands. */
static bool ends_there(const map_rule *x, uint32_t side, uint32_t slot)
{
    const struct map_typed *t = &x->typed[side];
    for (uint32_t k = 0; k < x->side_count[side]; k++) {
        const map_place *p = x->side[side][k];
        if (p->slot == slot) return true;
        for (uint32_t i = 0; p->step_count && i < p->steps[p->step_count - 1].slot_count; i++)
            if (p->steps[p->step_count - 1].slots[i] == slot) return true;
    }
    if (side == MAP_WIRE)
        for (uint32_t k = 0; k < x->copy_count; k++)
            if (x->copies[k]->slot == slot) return true;
    return (t->value.there && t->value.len && t->value.path[t->value.len - 1] == slot) ||
           (t->code.there && t->code.len && t->code.path[t->code.len - 1] == slot);
}

/* A value that no value of the source was put into: constants, and what is derived. */
static void made_by_rule(dgm_inquiry *q, const map_rule *x, const dgm_tree *made, uint32_t node, uint32_t frame, dgm_why *out)
{
    uint32_t d = q->runner->p->direction, slot = dgm_node_slot(&made->nodes[node]);
    const struct map_typed *to = &x->typed[1 - d];
    bool second = to->code.there && to->code.len && slot == to->code.path[to->code.len - 1];
    out->words = dgm_tree_value(made, node);
    if (x->kind != MAP_RULE || !ends_there(x, 1 - d, slot)) {
        out->kind = DGM_WHY_TEST;
        for (uint32_t k = 0; k < x->side_count[1 - d]; k++) out->words = x->side[1 - d][k]->text;
        return;
    }
    if (second && x->as == DGM_TYPE_DATE) {
        out->kind = DGM_WHY_FORMAT;
        uint32_t place = dgm_inquiry_above(q, made, node, to->slot);
        uint32_t value = place == DGM_NONE ? DGM_NONE : dgm_map_below(made, place, to->value.path, to->value.len);
        if (value != DGM_NONE && made->origin[value].source_node != DGM_NONE)
            add_value(q, made->origin[value].source_node, "value");
        return;
    }
    if (second && (x->as == DGM_TYPE_AMOUNT || x->as == DGM_TYPE_QUANTITY)) {
        out->kind = DGM_WHY_SECOND;
        if (x->second) out->words = x->second->text;
        if (x->second && frame != DGM_NONE) dgm_inquiry_expression(q, x->second, frame, 0);
        return;
    }
    const map_expr *e = x->source[d] ? x->source[d] : x->is_expr;
    if (e) {
        out->kind = DGM_WHY_COMPUTED;
        out->words = e->text;
        if (frame != DGM_NONE) dgm_inquiry_expression(q, e, frame, 0);
    } else if (x->has_is) {
        out->kind = DGM_WHY_LITERAL;
        out->words = x->is;
    } else if (x->number != MAP_NUMBER_NONE) {
        out->kind = DGM_WHY_NUMBER;
    } else if (x->has_default) {
        out->kind = DGM_WHY_DEFAULT;
        out->words = x->standard;
    }
}

dgm_status dgm_inquiry_why(dgm_inquiry *q, const dgm_tree *made, uint32_t node, dgm_why *out)
{
    const dgm_runner *r = q->runner;
    *out = (dgm_why){ .rule = DGM_NONE };
    if (!made->origin || node >= made->node_count || !dgm_node_leaf(&made->nodes[node])) return DGM_USAGE;
    dgm_origin o = made->origin[node];
    if (o.rule >= r->m->rule_count) return DGM_OK;
    const map_rule *x = &r->m->rules[o.rule];
    out->rule = o.rule;
    q->input_count = q->step_count = 0;
    q->status = DGM_OK;
    uint32_t frame = dgm_inquiry_frame(q, x->block, made, node, o.source_node);
    if (o.source_node != DGM_NONE && x->fold)
        fold(q, x, frame, o.source_node, dgm_tree_value(made, node), out);
    else if (o.source_node != DGM_NONE && x->form && x->form_side != (uint32_t)r->p->direction)
        glued(q, x, frame, o.source_node, dgm_tree_value(made, node), out);
    else if (o.source_node != DGM_NONE)
        moved(q, x, made, node, frame, o.source_node, out);
    else
        made_by_rule(q, x, made, node, frame, out);
    dgm_inquiry_back(q);
    dgm_why_input *inputs = DGM_NEW(&q->arena, dgm_why_input, q->input_count + 1u);
    dgm_why_step *steps = DGM_NEW(&q->arena, dgm_why_step, q->step_count + 1u);
    if (!inputs || !steps || q->status != DGM_OK || r->status != DGM_OK) return r->status != DGM_OK ? r->status : DGM_NOMEM;
    memcpy(inputs, q->inputs, q->input_count * sizeof *inputs);
    memcpy(steps, q->steps, q->step_count * sizeof *steps);
    out->inputs = inputs;
    out->input_count = q->input_count;
    out->steps = steps;
    out->step_count = q->step_count;
    return DGM_OK;
}
