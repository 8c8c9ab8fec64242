/* SPDX-License-Identifier: Apache-2.0
 *
 * why_not.c - why a place is empty: each rule that could have written it is followed from its direction, its each and its
 * conditions to the value it would have taken, and what stops it first is told in words, with the values that were found. One
 * thread.
 */
#include "inquiry.h"
#include "late.h"

enum { FRAMES_MAX = 4, SHOWN_MAX = 6 };

typedef struct asking {
    dgm_inquiry *q;
    dgm_lack *lacks;
    size_t count, most;
    const dgm_tree *made;
    uint32_t above, slot;
} asking;

const char *dgm_lack_kind_text(dgm_lack_kind kind)
{
    static const char *const names[] = {
        [DGM_LACK_DIRECTION] = "direction", [DGM_LACK_EACH] = "each",       [DGM_LACK_WHEN] = "condition",
        [DGM_LACK_SOURCE] = "missing",      [DGM_LACK_EMPTY] = "empty",     [DGM_LACK_CODE] = "code",
        [DGM_LACK_VALUE] = "value",         [DGM_LACK_NOTHING] = "nothing", [DGM_LACK_LIFE] = "occurrence",
        [DGM_LACK_OMITTED] = "omitted",     [DGM_LACK_OTHER] = "other",
    };
    return names[kind];
}

static void lack(asking *a, const map_rule *x, dgm_lack_kind kind, uint32_t at, dgm_slice words)
{
    if (!words.at) a->q->status = DGM_NOMEM;
    if (a->count < a->most) a->lacks[a->count] = (dgm_lack){ .kind = kind, .rule = x->id, .at = at, .words = words };
    a->count++;
}

/* ---- what an expression found -------------------------------------------------------------------------------------------- */

/* "$type = IMA, $kind is nothing" */
static dgm_slice found(dgm_inquiry *q, const map_expr *x, uint32_t frame)
{
    dgm_buffer *b = &q->runner->text; /* scratch of the runner, which is not running */
    q->input_count = 0;
    dgm_inquiry_expression(q, x, frame, 0);
    b->len = 0;
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < q->input_count && i < SHOWN_MAX && s == DGM_OK; i++) {
        const dgm_why_input *in = &q->inputs[i];
        if (in->role[0] == 'f') continue; /* the format of a date */
        s = dgm_buffer_print(b, "%s%.*s ", b->len ? ", " : "", (int)in->name.len, in->name.at ? in->name.at : "");
        if (s == DGM_OK && in->value.len)
            s = dgm_buffer_print(b, "is \"%.*s\"", (int)(in->value.len > 60 ? 60 : in->value.len), in->value.at);
        else if (s == DGM_OK)
            s = dgm_buffer_append(b, DGM_LITERAL("is nothing"));
    }
    if (s == DGM_OK && q->input_count == 0) s = dgm_buffer_append(b, DGM_LITERAL("it looks at nothing that is there"));
    if (s != DGM_OK) q->status = s;
    return dgm_inquiry_copy(q, dgm_buffer_slice(b));
}

/* The condition that said no, of a rule or an each; true when one did. */
static bool refused(asking *a, const map_rule *x, uint32_t cond, uint32_t frame)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    if (cond == DGM_NONE || dgm_map_cond(r, cond, frame)) return false;
    for (uint32_t c = cond; c != DGM_NONE; c = r->m->conds[c].above) {
        const map_cond *k = &r->m->conds[c];
        uint32_t own = dgm_map_frame_of(r, frame, k->block);
        if (own == DGM_NONE) continue;
        map_context at = { r->in, r->frames[own].node, own, r->frames[own].index, 0, 0, 0 };
        if (k->when && dgm_map_true(r, k->when, at, false)) continue;
        const map_expr *said = k->when;
        for (uint32_t s = k->sibling; !k->when && s != DGM_NONE; s = r->m->conds[s].sibling)
            if (r->m->conds[s].when && dgm_map_true(r, r->m->conds[s].when, at, false)) said = r->m->conds[s].when;
        if (!said) continue;
        dgm_slice values = found(q, said, own);
        lack(a, x, DGM_LACK_WHEN, r->frames[frame].node,
             dgm_arena_print(&q->arena,
                             k->when ? "its condition does not hold: %.*s (%.*s)" : "it is for all else, and %.*s holds (%.*s)",
                             (int)said->text.len, said->text.at, (int)values.len, values.at ? values.at : ""));
        return true;
    }
    lack(a, x, DGM_LACK_WHEN, r->frames[frame].node, DGM_LITERAL("a condition around it does not hold"));
    return true;
}

/* ---- what is at a place -------------------------------------------------------------------------------------------------- */

static bool of_step(const map_step *s, uint32_t slot)
{
    for (uint32_t k = 0; k < s->slot_count; k++)
        if (s->slots[k] == slot) return true;
    return s->slot == slot;
}

/* What the tested place of an occurrence holds: the values that are there instead. */
static dgm_slice tested(asking *a, uint32_t node, const map_step *s)
{
    dgm_inquiry *q = a->q;
    const dgm_tree *t = q->runner->in;
    dgm_buffer *b = &q->runner->text;
    uint32_t shown = 0, end = dgm_tree_end(t, node);
    const map_test *test = s->tests;
    for (uint32_t k = 0; k < s->test_count; k++)
        if (s->tests[k].kind == MAP_EQUAL || s->tests[k].kind == MAP_IN) test = &s->tests[k];
    dgm_status st = DGM_OK;
    b->len = 0;
    for (uint32_t n = node + 1; n < end && st == DGM_OK; n = dgm_tree_next(t, n)) {
        if (!of_step(s, dgm_node_slot(&t->nodes[n]))) continue;
        uint32_t leaf = dgm_map_below(t, n, test->path, test->path_len);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, leaf);
        if (shown++ >= SHOWN_MAX) continue;
        st =
            dgm_buffer_print(b, "%s%.*s", b->len ? ", " : "", v.len ? (int)(v.len > 40 ? 40 : v.len) : 7, v.len ? v.at : "nothing");
    }
    if (shown > SHOWN_MAX && st == DGM_OK) st = dgm_buffer_print(b, " and %u more", shown - SHOWN_MAX);
    if (st != DGM_OK) q->status = st;
    dgm_slice name = dgm_shape_slot(t->shape, test->slot)->name;
    return dgm_arena_print(&q->arena, "%.*s there is %.*s", (int)name.len, name.at, (int)b->len, b->at ? b->at : "");
}

/* Goes down a place and says at which step nothing was found; the node at its end otherwise. */
static uint32_t down(asking *a, uint32_t node, const map_place *p, dgm_slice *words)
{
    dgm_inquiry *q = a->q;
    const dgm_tree *t = q->runner->in;
    map_place head = *p;
    uint32_t at = node;
    uint32_t end = dgm_map_find(t, at, p);
    if (end != DGM_NONE) return end;
    uint32_t reached = at;
    for (head.step_count = 1; head.step_count <= p->step_count; head.step_count++) {
        const map_step *s = &p->steps[head.step_count - 1];
        head.way = NULL;
        uint32_t n = dgm_map_find(t, at, &head);
        if (n != DGM_NONE) {
            reached = n;
            continue;
        }
        dgm_slice name = dgm_shape_slot(t->shape, s->slot)->name, over = dgm_tree_name(t, reached);
        uint32_t there = 0;
        for (uint32_t k = reached + 1; k < dgm_tree_next(t, reached); k = dgm_tree_next(t, k))
            there += of_step(s, dgm_node_slot(&t->nodes[k]));
        if (!reached) over = DGM_LITERAL("the message");
        if (there && s->test_count) {
            dgm_slice values = tested(a, reached, s);
            *words =
                dgm_arena_print(&q->arena, "no %.*s in %.*s passes the test of %.*s: in %u of them %.*s", (int)name.len, name.at,
                                (int)over.len, over.at, (int)p->text.len, p->text.at, there, (int)values.len, values.at);
        } else if (there) {
            *words =
                dgm_arena_print(&q->arena, "%.*s asks for number %u of %.*s in %.*s, and there %s %u", (int)p->text.len, p->text.at,
                                s->from, (int)name.len, name.at, (int)over.len, over.at, there == 1 ? "is" : "are", there);
        } else {
            *words = dgm_arena_print(&q->arena, "%.*s is not there: there is no %.*s in %.*s", (int)p->text.len, p->text.at,
                                     (int)name.len, name.at, (int)over.len, over.at);
        }
        return DGM_NONE;
    }
    *words = dgm_arena_print(&q->arena, "%.*s is not there", (int)p->text.len, p->text.at);
    return DGM_NONE;
}

/* ---- one rule in one frame ----------------------------------------------------------------------------------------------- */

static void from_expression(asking *a, const map_rule *x, uint32_t frame)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    const map_expr *e = x->source[r->p->direction];
    dgm_slice out;
    map_context c = { r->in, r->frames[frame].node, frame, r->frames[frame].index, 0, 0, 0 };
    if (dgm_map_eval(r, e, c, &out)) {
        lack(a, x, DGM_LACK_OTHER, c.node,
             dgm_arena_print(&q->arena, "%.*s is \"%.*s\"", (int)e->text.len, e->text.at, (int)out.len, out.at));
        return;
    }
    dgm_slice values = found(q, e, frame);
    lack(a, x, DGM_LACK_NOTHING, c.node,
         dgm_arena_print(&q->arena, "%.*s is nothing (%.*s)", (int)e->text.len, e->text.at, (int)values.len,
                         values.at ? values.at : ""));
}

/* A value that is there, and what keeps it from the target. */
static void of_value(asking *a, const map_rule *x, uint32_t frame, uint32_t node, dgm_slice v)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    dgm_slice out = { 0 };
    uint32_t d = r->p->direction;
    if (x->form && x->form_side == d) {
        bool fits = dgm_map_field(r, frame, x, node, true, &v);
        if (!fits || !v.len) {
            lack(a, x, DGM_LACK_VALUE, node,
                 dgm_arena_print(&q->arena,
                                 x->cells ? (fits ? "it has no part %.*s in the codes %.*s"
                                                  : "it has no %.*s, for it is in no line of the codes %.*s")
                                 : fits   ? "it has no part %.*s of the form %.*s"
                                          : "it has no %.*s, for its form is not %.*s",
                                 (int)x->form->names[x->field].len, x->form->names[x->field].at, (int)x->form->text.len,
                                 x->form->text.at));
            return;
        }
    }
    if (d == DGM_WRITE && x->has_default && x->default_omit && !r->partial && dgm_map_same(x, v, x->standard)) {
        lack(a, x, DGM_LACK_OMITTED, node, dgm_arena_print(&q->arena, "it is %.*s, which is not written", (int)v.len, v.at));
        return;
    }
    if (x->codes && x->as != DGM_TYPE_AMOUNT && x->as != DGM_TYPE_QUANTITY && !dgm_map_code_here(r, frame, x, v, &out)) {
        dgm_slice near = dgm_map_code_nearest(x->codes, (dgm_direction)d, v), column = x->codes->columns[d == DGM_READ ? 1 : 0];
        lack(a, x, DGM_LACK_CODE, node,
             dgm_arena_print(&q->arena, "the code %.*s is not in the column %.*s of %.*s%s%.*s", (int)v.len, v.at, (int)column.len,
                             column.at, (int)x->codes->name.len, x->codes->name.at, near.len ? "; the nearest is " : "",
                             (int)near.len, near.at ? near.at : ""));
        return;
    }
    if (x->as != DGM_TYPE_DATE && !dgm_map_convert(r, frame, x, node, v, &out)) {
        lack(a, x, DGM_LACK_VALUE, node, dgm_arena_print(&q->arena, "\"%.*s\" is none of what its place holds", (int)v.len, v.at));
        return;
    }
    lack(a, x, DGM_LACK_OTHER, node,
         dgm_arena_print(&q->arena, "it has the value \"%.*s\"%s", (int)(v.len > 60 ? 60 : v.len), v.at,
                         a->made ? ", which went to another occurrence of the place" : ", and the message was refused"));
}

/* The row of a joined place; *words: none has the key. */
static uint32_t joined(asking *a, uint32_t frame, const map_place *p, dgm_slice *words)
{
    dgm_runner *r = a->q->runner;
    if (p->named == DGM_NONE) return DGM_NONE;
    map_place head = *p, rest = *p;
    head.step_count = p->named + 1;
    rest.root = false;
    rest.up = 0;
    rest.way = NULL;
    rest.steps += p->named + 1;
    rest.step_count -= p->named + 1;
    map_iter i;
    dgm_map_iter_begin(&i, r->in, dgm_map_place_base(r, frame, p), &head);
    for (uint32_t n; (n = dgm_map_iter_next(&i)) != DGM_NONE;)
        if (dgm_map_has_keys(r, frame, &p->steps[p->named], n)) return dgm_map_find(r->in, n, &rest);
    dgm_slice name = dgm_shape_slot(r->in->shape, p->steps[p->named].slot)->name;
    *words = dgm_arena_print(&a->q->arena, "no %.*s has the key of this occurrence: %.*s", (int)name.len, name.at, (int)p->text.len,
                             p->text.at);
    return DGM_NONE;
}

static void from_place(asking *a, const map_rule *x, uint32_t frame, const map_place *p)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    const dgm_tree *t = r->in;
    dgm_slice words = { 0 };
    const struct map_typed *typed = &x->typed[r->p->direction];
    uint32_t node = joined(a, frame, p, &words);
    if (node == DGM_NONE && !words.len) node = down(a, dgm_map_place_base(r, frame, p), p, &words);
    if (node == DGM_NONE) {
        lack(a, x, DGM_LACK_SOURCE, r->frames[frame].node, words);
        return;
    }
    uint32_t value = node;
    if (dgm_node_slot(&t->nodes[node]) != typed->slot && typed->value.there) value = dgm_map_below(t, node, &typed->slot, 1);
    if (value != DGM_NONE && typed->value.there) value = dgm_map_below(t, value, typed->value.path, typed->value.len);
    dgm_slice v = value == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, value);
    if (v.len) {
        of_value(a, x, frame, value, v);
        return;
    }
    lack(a, x, DGM_LACK_EMPTY, node, dgm_arena_print(&q->arena, "%.*s is there without a value", (int)p->text.len, p->text.at));
}

/* A constant, a default or a number is written where something else lives. */
static void lifeless(asking *a, const map_rule *x, uint32_t frame)
{
    dgm_runner *r = a->q->runner;
    dgm_slice values = { 0 }, out;
    map_context c = { r->in, r->frames[frame].node, frame, r->frames[frame].index, 0, 0, 0 };
    if (x->is_expr && !dgm_map_eval(r, x->is_expr, c, &out)) {
        values = found(a->q, x->is_expr, frame);
        lack(a, x, DGM_LACK_NOTHING, c.node,
             dgm_arena_print(&a->q->arena, "%.*s is nothing (%.*s)", (int)x->is_expr->text.len, x->is_expr->text.at,
                             (int)values.len, values.at ? values.at : ""));
        return;
    }
    lack(a, x, DGM_LACK_LIFE, c.node,
         DGM_LITERAL("a constant is only written where something else makes its occurrence, and nothing did (always: would)"));
}

static void in_frame(asking *a, const map_rule *x, uint32_t frame)
{
    dgm_inquiry *q = a->q;
    uint32_t d = q->runner->p->direction;
    size_t before = a->count;
    if (refused(a, x, x->cond, frame)) return;
    if (x->source[d]) {
        from_expression(a, x, frame);
        return;
    }
    for (uint32_t k = 0; k < x->side_count[d]; k++) from_place(a, x, frame, x->side[d][k]);
    if (a->count > before + 1) a->count = before + 1; /* of a list the first place is enough */
    if (!x->side_count[d]) lifeless(a, x, frame);
}

/* ---- frames -------------------------------------------------------------------------------------------------------------- */

static void in_blocks(asking *a, const map_rule *x, const uint32_t *chain, uint32_t n, uint32_t frame)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    if (!n) {
        in_frame(a, x, frame);
        return;
    }
    const map_rule *each = &r->m->rules[r->m->blocks[chain[n - 1]].rule];
    uint32_t d = r->p->direction, index = 0;
    if (refused(a, x, each->cond, frame) || !each->side_count[d]) return;
    const map_place *p = each->side[d][0];
    dgm_slice words = { 0 };
    uint32_t above = dgm_map_place_base(r, frame, p),
             only = a->made && a->above ? dgm_inquiry_occurrence(q, chain[n - 1], a->made, a->above, DGM_NONE) : DGM_NONE;
    if (only == DGM_NONE && down(a, above, p, &words) == DGM_NONE) {
        lack(a, x, DGM_LACK_EACH, r->frames[frame].node,
             dgm_arena_print(&q->arena, "its each has no occurrence: %.*s", (int)words.len, words.at ? words.at : ""));
        return;
    }
    map_iter i;
    dgm_map_iter_begin(&i, r->in, above, p);
    for (uint32_t node; (node = dgm_map_iter_next(&i)) != DGM_NONE && index < FRAMES_MAX;) { /* as deep as eaches nest */
        if (only != DGM_NONE && node != only) continue;
        if (p->named != DGM_NONE && !dgm_map_has_keys(r, frame, &p->steps[p->named], node)) continue;
        index++;
        uint32_t number = only == DGM_NONE ? index : dgm_inquiry_index(q, chain[n - 1], above, node);
        uint32_t inner = dgm_map_inquire_frame(r, chain[n - 1], frame, node, number);
        if (inner == DGM_NONE) break;
        in_blocks(a, x, chain, n - 1, inner);
        dgm_map_inquire_close(r, inner);
    }
}

/* In the occurrences that are on the way to the place, and the first few of those that are not. */
static void of_rule(asking *a, const map_rule *x)
{
    dgm_inquiry *q = a->q;
    dgm_runner *r = q->runner;
    uint32_t chain[MAP_DEPTH_MAX + 1], n = 0;
    if (!dgm_map_active(x, r->p->direction)) {
        lack(a, x, DGM_LACK_DIRECTION, DGM_NONE,
             x->only == MAP_ONLY_READ ? DGM_LITERAL("it is only for reading") : DGM_LITERAL("it is only for writing"));
        return;
    }
    for (uint32_t b = x->block; b != DGM_NONE && b != 0 && n <= MAP_DEPTH_MAX; b = r->m->blocks[b].above) chain[n++] = b;
    in_blocks(a, x, chain, n, 0);
}

/* ---- the rules of a place ------------------------------------------------------------------------------------------------ */

static bool writes(const dgm_mapping *m, const map_rule *x, uint32_t side, uint32_t slot)
{
    const dgm_shape *s = m->shape[side];
    const struct map_typed *t = &x->typed[side];
    if (x->kind == MAP_IGNORE) return false;
    if (x->kind == MAP_EACH) return x->side_count[side] && x->side[side][0]->slot == slot;
    for (uint32_t k = 0; k < x->side_count[side]; k++) {
        const map_place *p = x->side[side][k];
        if (p->deep) continue;
        if (dgm_shape_beneath(s, p->slot, slot)) return true;
        const map_step *last = p->step_count ? &p->steps[p->step_count - 1] : NULL;
        for (uint32_t i = 0; last && i < last->slot_count; i++)
            if (last->slots[i] == slot) return true;
    }
    for (uint32_t k = 0; side == MAP_WIRE && k < x->copy_count; k++)
        if (x->copies[k]->slot == slot) return true;
    return (t->value.there && t->value.len && t->value.path[t->value.len - 1] == slot) ||
           (t->code.there && t->code.len && t->code.path[t->code.len - 1] == slot);
}

/* The slot of the source that ** pairs with one of the target. */
static uint32_t covered_by(const dgm_mapping *m, const map_rule *x, uint32_t side, uint32_t slot)
{
    for (uint32_t i = 0; i < x->covered_count; i++) {
        const uint32_t *pair = &m->covered[2 * (x->covered_first + i)];
        if (pair[side] == slot) return pair[1 - side];
    }
    return DGM_SLOT_NONE;
}

static void place_of(asking *a, size_t from, const map_rule *x, uint32_t slot)
{
    dgm_inquiry *q = a->q;
    uint32_t d = q->runner->p->direction;
    const struct map_typed *t = &x->typed[d];
    if (slot == DGM_SLOT_NONE && x->side_count[d] && x->kind == MAP_RULE)
        slot = t->value.there && t->value.len ? t->value.path[t->value.len - 1] : x->side[d][0]->slot;
    if (slot == DGM_SLOT_NONE || from >= a->count || from >= a->most) return;
    char room[512];
    size_t n = dgm_shape_path(q->runner->m->shape[d], slot, room, sizeof room);
    for (size_t i = from; i < a->count && i < a->most; i++)
        a->lacks[i].source = dgm_inquiry_copy(q, (dgm_slice){ room, n < sizeof room ? n : sizeof room - 1 });
}

dgm_status dgm_inquiry_lacks(dgm_inquiry *q, const dgm_tree *made, uint32_t above, uint32_t slot, size_t most, dgm_lack **out,
                             size_t *count)
{
    const dgm_mapping *m = q->runner->m;
    uint32_t d = q->runner->p->direction;
    asking a = { .q = q, .most = most, .made = made && made->origin ? made : NULL, .above = above, .slot = slot };
    *count = 0;
    *out = a.lacks = DGM_NEW(&q->arena, dgm_lack, most + 1u);
    if (!a.lacks) return DGM_NOMEM;
    q->status = DGM_OK;
    for (uint32_t i = 0; i < m->rule_count; i++) {
        const map_rule *x = &m->rules[i];
        size_t from = a.count;
        uint32_t pair = covered_by(m, x, 1 - d, slot);
        if (pair != DGM_SLOT_NONE) {
            char room[512];
            size_t n = dgm_shape_path(m->shape[d], pair, room, sizeof room);
            lack(&a, x, DGM_LACK_SOURCE, DGM_NONE,
                 dgm_arena_print(&q->arena, "it copies %.*s, which is not there", (int)(n < sizeof room ? n : sizeof room - 1),
                                 room));
            place_of(&a, from, x, pair);
        } else if (writes(m, x, 1 - d, slot)) {
            of_rule(&a, x);
            place_of(&a, from, x, DGM_SLOT_NONE);
        }
    }
    *count = a.count;
    return q->status != DGM_OK ? q->status : q->runner->status;
}
