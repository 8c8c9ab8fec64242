/* SPDX-License-Identifier: Apache-2.0
 *
 * ends.c - what is done when a block ends: texts are joined, copies compared, defaults, numbers and literals put where something
 * lives; and after the tree is frozen, checks and totals. mappings/README.md, "Writing, exactly". One thread for each runner.
 */
#include "late.h"

#include <stdio.h>

static uint32_t *word_of(dgm_runner *r, uint32_t frame, uint32_t word)
{
    return &r->words[r->frames[frame].base + word];
}

static map_context context_of(const dgm_runner *r, uint32_t frame)
{
    return (map_context){ r->in, r->frames[frame].node, frame, r->frames[frame].index, 0, 0, 0 };
}

bool dgm_map_keep_name(dgm_runner *r, uint32_t *word, dgm_slice value)
{
    if (r->name_count == r->name_room) {
        void *names = r->names;
        bool ok = dgm_map_reserve(r, &names, &r->name_room, r->name_count + 1, sizeof *r->names);
        r->names = names;
        if (!ok) return false;
    }
    r->names[r->name_count++] = value;
    *word = (uint32_t)r->name_count + 1;
    return true;
}

/* ---- folding ------------------------------------------------------------------------------------------------------------- */

static uint32_t width_of(const map_rule *rule, uint32_t index)
{
    const map_fold *f = rule->fold;
    if (!f->width_count) return 0;
    return f->widths[f->width_count > 1 ? index : 0];
}

void dgm_map_piece(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    if (r->piece_count == r->piece_room) {
        void *pieces = r->pieces;
        bool ok = dgm_map_reserve(r, &pieces, &r->piece_room, r->piece_count + 1, sizeof *r->pieces);
        r->pieces = pieces;
        if (!ok) return;
    }
    r->pieces[r->piece_count] = (map_piece){ node, op->index, 0 };
    uint32_t *head = word_of(r, frame, op->word), *tail = word_of(r, frame, op->word + 1);
    r->piece_count++;
    if (*tail)
        r->pieces[*tail - 1].next = (uint32_t)r->piece_count;
    else
        *head = (uint32_t)r->piece_count;
    *tail = (uint32_t)r->piece_count;
}

void dgm_map_fold_read(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_op *op = &r->p->ops[e->op];
    const map_rule *rule = &r->m->rules[e->rule];
    if (rule->pointer) {
        dgm_map_chain_read(r, frame, e, *word_of(r, frame, e->word));
        return;
    }
    dgm_slice before = { 0 };
    uint32_t before_width = 0, first = DGM_NONE, empty = 0;
    r->text.len = 0;
    uint32_t head = *word_of(r, frame, e->word);
    if (head && !r->pieces[head - 1].next) { /* all in one piece */
        uint32_t node = r->pieces[head - 1].node;
        dgm_slice v = dgm_tree_value(r->in, node);
        if (!v.len) return;
        dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, e->rule);
        dgm_map_put_parts(r, frame, op, (map_pair){ v, { 0 } }, node, DGM_NONE);
        return;
    }
    for (uint32_t at = head; at; at = r->pieces[at - 1].next) {
        const map_piece *p = &r->pieces[at - 1];
        dgm_slice v = dgm_tree_value(r->in, p->node);
        if (!v.len) { /* a line may be empty when another follows */
            empty += rule->fold->by == MAP_FOLD_LINE;
            continue;
        }
        dgm_status s = DGM_OK;
        for (; empty && s == DGM_OK; empty--) s = dgm_buffer_append(&r->text, DGM_LITERAL("\n"));
        if (s == DGM_OK) s = dgm_map_fold_join(rule->fold->by, &r->text, v, before, before_width);
        if (s != DGM_OK) {
            dgm_map_fail(r, s);
            return;
        }
        if (first == DGM_NONE) first = p->node;
        before = v;
        before_width = width_of(rule, p->index);
        if (!before_width) before_width = 1;
        dgm_map_mark_node(r, p->node, DGM_ACCOUNT_MAPPED, e->rule);
    }
    if (first == DGM_NONE) return;
    dgm_slice text = dgm_arena_copy(&r->arena, dgm_buffer_slice(&r->text));
    if (!text.at)
        dgm_map_fail(r, DGM_NOMEM);
    else
        dgm_map_put(r, frame, op->target, text, first, e->rule);
}

static void told_whole(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_diag_code code, dgm_slice value,
                       dgm_severity severity)
{
    dgm_diag *d = dgm_map_problem(r, code, severity, node, rule->id);
    dgm_diag_text(r->diags, d, value);
    if (severity == DGM_INFO) {
        dgm_diag_number(r->diags, d, 0);
        dgm_diag_text(r->diags, d, rule->lose);
    }
    dgm_map_problem_rule(r, d, rule->id);
}

static bool fold_put(dgm_runner *r, uint32_t frame, const map_op *to, dgm_slice piece, uint32_t node)
{
    if (to->star == DGM_NONE) {
        if (piece.len) dgm_map_put(r, frame, to->target, piece, node, to->rule);
        return true;
    }
    return dgm_map_put_star(r, frame, to->star, piece, node, to->rule);
}

/* Whether the odometer of a star plan stands at its last place. */
static bool star_full(dgm_runner *r, uint32_t frame, uint32_t star)
{
    const map_star *s = &r->p->stars[star];
    const uint32_t *state = word_of(r, frame, s->word);
    if (!state[1]) return false;
    for (uint32_t i = 0; i < s->step_count; i++) {
        const map_star_step *x = &s->steps[i];
        if (x->star && state[2 * i] < (x->slot_count > 1 ? x->slot_count : x->max)) return false;
    }
    return true;
}

/* The place of the list that takes the next piece. Those of one repeated occurrence are filled in turn, then comes the next one. */
static uint32_t next_place(dgm_runner *r, uint32_t frame, const map_rule *rule, const map_op *op, uint32_t list)
{
    const uint32_t count = rule->side_count[MAP_WIRE], *ring = rule->fold->ring;
    while (list < count) {
        uint32_t star = r->p->ops[op->index + list].star, first = ring[list];
        bool last = list + 1 == count || ring[list + 1] != first;
        if (star == DGM_NONE) return list;
        if (first == list && last ? !star_full(r, frame, star) : !dgm_map_star_filled(r, frame, star)) return list;
        if (last && first != list) { /* another occurrence, if there is room for one */
            const map_star *leader = &r->p->stars[r->p->ops[op->index + first].star];
            if (*word_of(r, frame, leader->word) < leader->steps[0].max) return first;
        }
        list++;
    }
    return list;
}

void dgm_map_fold_write(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    const map_rule *rule = &r->m->rules[op->rule];
    const map_fold *f = rule->fold;
    dgm_slice text = dgm_tree_value(r->in, node), rest = text;
    if (!text.len) return;
    if (rule->pointer) {
        dgm_map_chain_write(r, frame, op, node, text);
        return;
    }
    bool refused = false;
    uint32_t list = 0, pieces = 0;
    while (rest.len && !refused) {
        list = next_place(r, frame, rule, op, list);
        bool no_room = list >= rule->side_count[MAP_WIRE] || (f->max && pieces == f->max);
        if (no_room) {
            told_whole(r, rule, node, rule->lose.len ? DGM_D_MAP_REDUCED : DGM_D_MAP_FULL_TEXT, rest,
                       rule->lose.len ? DGM_INFO : DGM_ERROR);
            break;
        }
        dgm_slice piece;
        const map_op *to = &r->p->ops[op->index + list];
        refused = dgm_map_fold_cut(f->by, width_of(rule, list), &rest, &piece) != DGM_OK ||
                  (f->by != MAP_FOLD_LINE && !dgm_slice_trim(piece).len); /* a piece of blanks would be read as nothing */
        if (refused) break;
        if (!fold_put(r, frame, to, piece, node)) return;
        pieces++;
        if (to->star == DGM_NONE) list++;
    }
    if (refused)
        told_whole(r, rule, node, DGM_D_MAP_FOLD_TEXT, text, DGM_ERROR);
    else
        dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, rule->id);
}

/* ---- verifying ----------------------------------------------------------------------------------------------------------- */

static void verify_failed(dgm_runner *r, const map_rule *rule, uint32_t node, dgm_slice got, dgm_slice wanted, dgm_diag_code code,
                          dgm_severity usual)
{
    dgm_diag *d = dgm_map_problem(r, code, rule->otherwise ? rule->otherwise : usual, node, rule->id);
    dgm_diag_text(r->diags, d, got);
    dgm_diag_text(r->diags, d, wanted);
    dgm_map_problem_rule(r, d, rule->id);
}

/* Keeps the names an expression wants while their frames are there; lets nest at most MAP_DEPTH_MAX deep. */
static void save_names(dgm_runner *r, const map_expr *x, uint32_t frame)
{
    for (uint32_t i = 0; i < x->count; i++) {
        dgm_slice v;
        if (x->code[i].op == MAP_X_LET) save_names(r, r->m->lets[x->code[i].index].expr, frame);
        if (x->code[i].op != MAP_X_NAME || !dgm_map_name(r, x->code[i].index, frame, &v)) continue;
        void *all = r->saved;
        bool ok = dgm_map_reserve(r, &all, &r->saved_room, r->saved_count + 1, sizeof *r->saved);
        r->saved = all;
        if (!ok) return;
        r->saved[r->saved_count++] = (map_saved){ x->code[i].index, v };
    }
}

static bool later(dgm_runner *r, uint32_t kind, uint32_t what, const map_expr *x, uint32_t frame, uint32_t node)
{
    uint32_t saved = (uint32_t)r->saved_count;
    save_names(r, x, frame);
    const map_frame *f = &r->frames[frame];
    uint32_t occurrence = f->block ? dgm_map_made(r, frame, r->p->blocks[f->block].target) : 0;
    void *all = r->later;
    bool ok = dgm_map_reserve(r, &all, &r->later_room, r->later_count + 1, sizeof *r->later);
    r->later = all;
    if (ok)
        r->later[r->later_count++] =
            (map_later){ kind, what, f->block, occurrence, node, f->index, saved, (uint32_t)r->saved_count, DGM_NONE };
    return ok;
}

enum { LATER_CHECK, LATER_VERIFY, LATER_WHERE, LATER_SHARED }; /* shared: noted in the frame around, about a merged one */

uint32_t dgm_map_where_later(dgm_runner *r, uint32_t frame, uint32_t rule, uint32_t node, bool shared)
{
    if (!later(r, shared ? LATER_SHARED : LATER_WHERE, rule, r->m->rules[rule].where, frame, node)) return 0;
    map_later *x = &r->later[r->later_count - 1];
    uint32_t above = r->frames[frame].above;
    x->second = DGM_NONE;
    if (!shared && above != DGM_NONE)
        x->second = r->frames[above].block ? dgm_map_made(r, above, r->p->blocks[r->frames[above].block].target) : 0;
    return (uint32_t)r->later_count;
}

static bool same_value(dgm_slice a, dgm_slice b)
{
    if (dgm_slice_equal(a, b)) return true;
    return dgm_decimal_valid(a, '.') && dgm_decimal_valid(b, '.') && dgm_decimal_compare(a, b) == 0;
}

static void verify(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node)
{
    dgm_slice got = dgm_tree_value(r->in, node), wanted = rule->is;
    if (!got.len) return;
    bool known = !rule->is_expr;
    if (rule->is_expr && r->partial) { /* a total is of all of the document */
        dgm_map_mark_node(r, node, DGM_ACCOUNT_VERIFIED, rule->id);
        return;
    }
    if (rule->is_expr && !(rule->is_expr->places && r->p->direction == DGM_READ)) /* else it is verified when the model is there */
        known = dgm_map_eval(r, rule->is_expr, context_of(r, frame), &wanted);
    if (!known || same_value(got, wanted))
        dgm_map_mark_node(r, node, DGM_ACCOUNT_VERIFIED, rule->id);
    else
        verify_failed(r, rule, node, got, wanted, DGM_D_MAP_IS, DGM_ERROR);
}

static void verify_order(dgm_runner *r, uint32_t frame, const map_rule *rule, uint32_t node)
{
    dgm_slice got = dgm_tree_value(r->in, node);
    if (!got.len) return;
    char text[16];
    uint32_t index = r->frames[frame].index ? r->frames[frame].index : 1;
    dgm_slice wanted = dgm_map_digits(index, text);
    if (same_value(got, wanted) || r->partial) /* some of them are not mentioned */
        dgm_map_mark_node(r, node, DGM_ACCOUNT_VERIFIED, rule->id);
    else
        verify_failed(r, rule, node, got, wanted, DGM_D_MAP_ORDER,
                      DGM_WARNING); /* and it is residue: this number is told nowhere */
}

static void ignore(dgm_runner *r, const map_op *op, uint32_t node)
{
    if (!r->with_accounts) return;
    uint32_t end = dgm_node_leaf(&r->in->nodes[node]) ? dgm_tree_next(r->in, node) : dgm_tree_end(r->in, node);
    for (uint32_t n = node; n < end; n++)
        if (r->accounts[n] == DGM_ACCOUNT_NONE && dgm_tree_value(r->in, n).len)
            dgm_map_mark_node(r, n, DGM_ACCOUNT_IGNORED, op->rule);
}

void dgm_map_operate(dgm_runner *r, uint32_t frame, const map_op *op, uint32_t node)
{
    if (op->cond != DGM_NONE && !dgm_map_cond(r, op->cond, frame)) return;
    const map_rule *rule = &r->m->rules[op->rule];
    switch (op->kind) {
    case MAP_OP_FOLD:
    case MAP_OP_PART: dgm_map_piece(r, frame, op, node); break;
    case MAP_OP_VERIFY:
        verify(r, frame, rule, node);
        if (rule->is_expr && rule->is_expr->places && !rule->is_expr->documents && r->p->direction == DGM_READ && !r->partial &&
            dgm_tree_value(r->in, node).len)
            later(r, LATER_VERIFY, op->rule, rule->is_expr, frame, node);
        break;
    case MAP_OP_ORDER: verify_order(r, frame, rule, node); break;
    case MAP_OP_COPY:
        if (dgm_tree_value(r->in, node).len) *word_of(r, frame, op->word) = node + 2;
        break;
    case MAP_OP_IGNORE: ignore(r, op, node); break;
    case MAP_OP_CHOOSE: dgm_map_choose_op(r, frame, op, node); break;
    case MAP_OP_MOVE: break;
    }
}

/* ---- ends ---------------------------------------------------------------------------------------------------------------- */

/* The occurrence whose life decides whether a constant at this target is written. */
static bool lives(const dgm_runner *r, uint32_t frame, uint32_t target)
{
    uint32_t at = r->p->targets[target].above;
    while (at != DGM_NONE && at != 0 && !r->p->targets[at].occurrence) at = r->p->targets[at].above;
    return at == DGM_NONE || dgm_map_made(r, frame, at) != DGM_NONE;
}

static void end_expression(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_op *op = &r->p->ops[e->op];
    const map_rule *rule = &r->m->rules[e->rule];
    dgm_slice v;
    map_pair in = { 0 };
    if (!dgm_map_eval(r, rule->source[r->p->direction], context_of(r, frame), &v)) return;
    in.value = v;
    if (op->star != DGM_NONE || !v.len) return;
    dgm_map_deliver(r, frame, op, in, DGM_NONE, DGM_NONE);
    if (!r->with_accounts) return;
    r->taker = rule->id + 1; /* once more, for it came to something: what it looks at was read by this rule */
    (void)dgm_map_eval(r, rule->source[r->p->direction], context_of(r, frame), &v);
    r->taker = 0;
}

/* The tests on the way to a value that was looked up: they chose what gave it. */
static void lookup_selectors(dgm_runner *r, const map_place *place, uint32_t base, uint32_t rule)
{
    for (uint32_t i = 0; r->with_accounts && i < place->step_count; i++) {
        const map_step *s = &place->steps[i];
        if (!s->test_count) continue;
        map_place head = *place;
        head.step_count = i + 1;
        uint32_t node = dgm_map_find(r->in, base, &head);
        for (uint32_t k = 0; node != DGM_NONE && k < s->test_count; k++) {
            uint32_t leaf = dgm_map_below(r->in, node, s->tests[k].path, s->tests[k].path_len);
            if (leaf != DGM_NONE && r->accounts[leaf] == DGM_ACCOUNT_NONE) dgm_map_mark_node(r, leaf, DGM_ACCOUNT_SELECTOR, rule);
        }
    }
}

/* A place beneath an occurrence around, looked for once in its frame: node + 2, or 1 when there is none. */
static uint32_t find_above(dgm_runner *r, uint32_t frame, const map_end *e, uint32_t *base)
{
    uint32_t own = dgm_map_frame_of(r, frame, e->place->base);
    if (own == DGM_NONE) return DGM_NONE;
    *base = r->frames[own].node;
    uint32_t *known = word_of(r, own, e->counter);
    if (!*known) {
        uint32_t found = dgm_map_find(r->in, *base, e->place);
        *known = found == DGM_NONE ? 1 : found + 2;
    }
    return *known == 1 ? DGM_NONE : *known - 2;
}

static void end_lookup(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_op *op = &r->p->ops[e->op];
    if (op->cond != DGM_NONE && !dgm_map_cond(r, op->cond, frame)) return;
    uint32_t base = 0;
    uint32_t node = e->join != DGM_NONE ? dgm_map_find_joined(r, frame, e->join)
                    : e->place->up      ? find_above(r, frame, e, &base)
                                        : dgm_map_find_once(r, 0, e->place);
    if (node == DGM_NONE) return;
    const struct map_typed *t = &r->m->rules[e->rule].typed[r->p->direction];
    const uint32_t slot = dgm_node_slot(&r->in->nodes[node]);
    if (slot != t->slot) { /* on to the composite the value stands in */
        uint32_t path[2] = { t->slot, 0 };
        node = dgm_map_below(r->in, node, path, 1);
    }
    if (node == DGM_NONE) return;
    if (op->kind == MAP_OP_PART)
        dgm_map_piece(r, frame, op, node);
    else
        dgm_map_move(r, frame, op, node);
    if (e->join == DGM_NONE) lookup_selectors(r, e->place, base, e->rule);
}

/* Copies: written alike, read equal. */
static void end_copies(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_op *op = &r->p->ops[e->op];
    const map_rule *rule = &r->m->rules[e->rule];
    uint32_t first = *word_of(r, frame, op->word);
    if (r->p->direction == DGM_WRITE) {
        if (first < 2) return;
        map_op copy = *op;
        copy.word = DGM_NONE;
        dgm_slice v = dgm_tree_value(r->in, first - 2);
        map_pair in = { v, { 0 } };
        if (v.len) dgm_map_deliver(r, frame, &copy, in, first - 2, DGM_NONE);
        return;
    }
    uint32_t copy = *word_of(r, frame, e->word);
    if (copy < 2) return;
    dgm_slice v = dgm_tree_value(r->in, copy - 2);
    if (first < 2) { /* only the copy says it */
        dgm_map_deliver(r, frame, op, (map_pair){ v, { 0 } }, copy - 2, DGM_NONE);
        return;
    }
    dgm_map_mark_node(r, copy - 2, DGM_ACCOUNT_VERIFIED, e->rule);
    dgm_slice told = dgm_tree_value(r->in, first - 2);
    if (!same_value(v, told)) verify_failed(r, rule, copy - 2, v, told, DGM_D_MAP_DISAGREE, DGM_ERROR);
}

static void end_default(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_rule *rule = &r->m->rules[e->rule];
    const map_op *op = &r->p->ops[e->op];
    if (*word_of(r, frame, e->word) || r->partial || !lives(r, frame, e->target)) return;
    if (r->p->direction == DGM_READ)
        dgm_map_put(r, frame, e->target, rule->standard, DGM_NONE, e->rule);
    else if (!rule->default_omit)
        dgm_map_deliver(r, frame, op, (map_pair){ rule->standard, { 0 } }, DGM_NONE, DGM_NONE);
}

static void end_is(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_rule *rule = &r->m->rules[e->rule];
    dgm_slice v = rule->is;
    if ((r->partial && rule->is_expr) || !lives(r, frame, e->target)) return;
    if (rule->is_expr && !dgm_map_eval(r, rule->is_expr, context_of(r, frame), &v)) return;
    if (v.len) dgm_map_put(r, frame, e->target, v, DGM_NONE, e->rule);
}

/* A fold without pieces, a copy that was not there, a literal of an occurrence that is not there: most ends of most blocks. */
static inline bool nothing_came(dgm_runner *r, uint32_t frame, const map_end *e)
{
    if ((e->kind == MAP_END_NUMBER || e->kind == MAP_END_IS) && e->cond != DGM_NONE) return !lives(r, frame, e->target);
    return (e->kind == MAP_END_FOLD || e->kind == MAP_END_FORM || (e->kind == MAP_END_COPIES && r->p->direction == DGM_READ)) &&
           !*word_of(r, frame, e->word);
}

static void end_one(dgm_runner *r, uint32_t frame, const map_end *e)
{
    if (e->cond != DGM_NONE && !dgm_map_cond(r, e->cond, frame)) return;
    switch (e->kind) {
    case MAP_END_FOLD: dgm_map_fold_read(r, frame, e); break;
    case MAP_END_COPIES: end_copies(r, frame, e); break;
    case MAP_END_EXPR: end_expression(r, frame, e); break;
    case MAP_END_LOOKUP: end_lookup(r, frame, e); break;
    case MAP_END_FORM: dgm_map_glue(r, frame, e); break;
    case MAP_END_ALWAYS:
        if (r->p->targets[e->target].above != DGM_NONE) dgm_map_ensure(r, frame, r->p->targets[e->target].above, DGM_NONE, e->rule);
        break;
    case MAP_END_KEEP: dgm_map_keep_number(r, frame, e, lives(r, frame, e->target)); break;
    case MAP_END_DEFAULT: end_default(r, frame, e); break;
    case MAP_END_NUMBER:
        if (lives(r, frame, e->target) && !dgm_map_number_given(r, frame, e->rule))
            dgm_map_give_number(r, frame, e, e->counter == DGM_NONE ? 1 : ++*word_of(r, r->frames[frame].above, e->counter));
        break;
    case MAP_END_IS: end_is(r, frame, e); break;
    case MAP_END_KEY: dgm_map_write_keys(r, frame, e); break;
    }
}

/* The target of the occurrence before t in its list, or DGM_NONE when no rule writes there. */
static uint32_t target_before(const dgm_runner *r, const map_target *t)
{
    for (uint32_t k = r->p->targets[t->above].kid; k; k = r->p->targets[k].sibling) {
        const map_target *x = &r->p->targets[k];
        if (x->slot == t->slot && x->from + 1 == t->from && dgm_map_tests_equal(x->tests, x->test_count, t->tests, t->test_count))
            return k;
    }
    return DGM_NONE;
}

/* #2 without #1 would be #1 when it is read back. An occurrence may hold nothing and still be there, so #1 is made; a value cannot.
 */
static void check_gaps(dgm_runner *r, uint32_t frame, const map_plan_block *b)
{
    for (uint32_t i = b->gap_count; i-- > 0;) { /* the last of a list first */
        uint32_t gap = r->p->gaps[b->gap_first + i];
        if (r->sheets ? !dgm_map_ticked(r, frame, &r->p->addresses[gap].is) : dgm_map_made(r, frame, gap) == DGM_NONE) continue;
        const map_target *t = &r->p->targets[gap];
        uint32_t before = target_before(r, t), rule = (t->order >> MAP_ORDER_BITS) - 1;
        if (before != DGM_NONE && dgm_map_made(r, frame, before) != DGM_NONE) continue;
        if (before != DGM_NONE && r->p->direction == DGM_READ && !dgm_kind_leaf(t->kind)) {
            dgm_map_ensure(r, frame, before, DGM_NONE, rule);
            continue;
        }
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_GAP, DGM_ERROR, r->frames[frame].node, rule);
        dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->to, t->slot)->name);
        dgm_diag_number(r->diags, d, t->from);
        dgm_diag_number(r->diags, d, t->from - 1);
        dgm_map_problem_rule(r, d, rule);
    }
}

/* ---- checks -------------------------------------------------------------------------------------------------------------- */

static void check_failed(dgm_runner *r, const map_check *c, uint32_t node)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_CHECK, c->level, node ? node : DGM_NONE, DGM_NONE); /* the root is no place */
    dgm_diag_text(r->diags, d, c->say.len ? c->say : c->assert->text);
    dgm_diag_text(r->diags, d, c->code);
    dgm_diag_text(r->diags, d, c->at->text);
    dgm_slice file = r->m->files[c->mark.file].name;
    char text[256];
    int n = snprintf(text, sizeof text, "%.*s:%u", (int)(file.len < 200 ? file.len : 200), file.at, c->mark.at.line);
    dgm_diag_text(r->diags, d, (dgm_slice){ text, n > 0 ? (size_t)n : 0 });
}

static void check_block(dgm_runner *r, uint32_t frame, const map_plan_block *b)
{
    const map_frame *f = &r->frames[frame];
    uint32_t each = r->m->blocks[f->block].rule;
    const map_rule *own = each == DGM_NONE ? NULL : &r->m->rules[each];
    if (own && own->where && !own->key_count && r->p->direction == DGM_READ) dgm_map_where_later(r, frame, each, f->node, false);
    for (uint32_t i = 0; b->kept && i < r->m->check_count; i++) {
        const map_check *c = &r->m->checks[i];
        if (c->block != f->block) continue;
        if (r->p->direction == DGM_READ) {
            later(r, LATER_CHECK, i, c->assert, frame, f->node);
            continue;
        }
        if (dgm_map_true(r, c->assert, context_of(r, frame), true)) continue;
        uint32_t at = dgm_map_find(r->in, f->node, c->at);
        check_failed(r, c, at == DGM_NONE ? f->node : at);
    }
}

void dgm_map_end(dgm_runner *r, uint32_t frame)
{
    const map_plan_block *b = &r->p->blocks[r->frames[frame].block];
    const map_end *ends = r->p->ends + b->end_first;
    const map_gate *gates = r->p->gates + b->end_first;
    const uint32_t *words = r->words + r->frames[frame].base; /* they do not move while no frame opens */
    for (uint32_t i = 0, count = b->end_count; i < count; i++) {
        if (r->sheets) {
            while (i < count && gates[i].bits && !(words[gates[i].word] & gates[i].bits)) i++;
            if (i == count) break;
        } else if (nothing_came(r, frame, &ends[i])) {
            continue;
        }
        end_one(r, frame, &ends[i]);
        if (r->status != DGM_OK) break;
    }
    if (b->gap_count) check_gaps(r, frame, b);
    if (b->kept) {
        check_block(r, frame, b);
        if (r->p->direction == DGM_READ) { /* an occurrence may have come into being after its values were looked at */
            uint32_t made = r->frames[frame].block ? dgm_map_made(r, frame, b->target) : 0;
            for (size_t i = r->frames[frame].later_from; i < r->later_count; i++)
                if (r->later[i].frame_block == r->frames[frame].block && r->later[i].index == r->frames[frame].index)
                    r->later[i].occurrence = made;
        }
    }
}

static void after_where(dgm_runner *r, const map_later *x, const dgm_tree *made, const uint32_t *ids)
{
    uint32_t own = x->kind == LATER_SHARED ? x->second : x->occurrence;
    uint32_t up = x->kind == LATER_SHARED ? x->occurrence : x->second;
    const map_rule *rule = &r->m->rules[x->what];
    if (own == DGM_NONE) return; /* nothing came of it */
    if (up != DGM_NONE) {
        map_context c = { made, ids[own], DGM_NONE, x->index, x->saved, x->saved_to, ids[up] };
        if (dgm_map_true(r, rule->where, c, false)) return;
    }
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_WHERE, rule->otherwise ? rule->otherwise : DGM_ERROR, x->node, x->what);
    dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->from, dgm_node_slot(&r->in->nodes[x->node]))->name);
    dgm_map_problem_rule(r, d, x->what);
}

void dgm_map_after(dgm_runner *r, const dgm_tree *made, const uint32_t *ids)
{
    for (size_t i = 0; i < r->later_count && r->status == DGM_OK; i++) {
        const map_later *x = &r->later[i];
        if (x->kind >= LATER_WHERE) {
            after_where(r, x, made, ids);
            continue;
        }
        if (x->occurrence == DGM_NONE) continue;
        map_context c = { made, ids[x->occurrence], DGM_NONE, x->index, x->saved, x->saved_to, 0 };
        if (x->kind == LATER_CHECK) {
            const map_check *k = &r->m->checks[x->what];
            if (!dgm_map_true(r, k->assert, c, true)) check_failed(r, k, x->node);
            continue;
        }
        const map_rule *rule = &r->m->rules[x->what];
        dgm_slice wanted, got = dgm_tree_value(r->in, x->node);
        if (!dgm_map_eval(r, rule->is_expr, c, &wanted) || same_value(got, wanted)) continue;
        verify_failed(r, rule, x->node, got, wanted, DGM_D_MAP_IS, DGM_ERROR);
        dgm_map_mark_node(r, x->node, DGM_ACCOUNT_RESIDUE, rule->id);
        r->residue += r->with_accounts;
    }
}

/* ---- names --------------------------------------------------------------------------------------------------------------- */

static bool name_now(dgm_runner *r, const map_rule *rule, uint32_t frame, dgm_slice *out)
{
    uint32_t d = r->p->direction;
    /* Whatever the rule's own `when` says, for it may be about this very name. */
    if (rule->source[d]) return dgm_map_eval(r, rule->source[d], context_of(r, frame), out);
    if (!rule->side_count[d]) {
        *out = rule->is;
        return rule->is_expr ? dgm_map_eval(r, rule->is_expr, context_of(r, frame), out) : rule->is.len > 0;
    }
    const struct map_typed *t = &rule->typed[d];
    uint32_t node = dgm_map_find_once(r, r->frames[frame].node, rule->side[d][0]);
    if (node != DGM_NONE && dgm_node_slot(&r->in->nodes[node]) != t->slot) node = dgm_map_below(r->in, node, &t->slot, 1);
    uint32_t value = node != DGM_NONE && t->value.there ? dgm_map_below(r->in, node, t->value.path, t->value.len) : node;
    dgm_slice v = value == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, value);
    if (v.len && rule->form && rule->form_side == d && !dgm_map_field(r, frame, rule, value, true, &v)) return false;
    *out = v.len ? v : rule->standard;
    if (!v.len || d == DGM_WRITE) return out->len > 0;
    bool quiet = r->quiet, ok;
    r->quiet = true; /* what is wrong with it is told where it is mapped */
    if (rule->as == DGM_TYPE_DATE) {
        uint32_t code = t->code.there ? dgm_map_below(r->in, node, t->code.path, t->code.len) : DGM_NONE;
        map_pair in = { v, code == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, code) }, pair = { 0 };
        ok = dgm_map_convert_date(r, rule, value, in, t->code.there, false, &pair);
        *out = pair.value;
    } else {
        ok = dgm_map_convert(r, frame, rule, value, v, out);
    }
    r->quiet = quiet;
    return ok && out->len > 0;
}

/* A name's value: looked up when first wanted, then kept in its frame: 1 nothing, otherwise its number + 2. */
bool dgm_map_name(dgm_runner *r, uint32_t rule, uint32_t frame, dgm_slice *out)
{
    const map_named *x = &r->p->named[rule];
    uint32_t own = frame == DGM_NONE ? DGM_NONE : dgm_map_frame_of(r, frame, x->block);
    if (own == DGM_NONE) return false;
    uint32_t *word = word_of(r, own, x->word); /* they do not move while no frame opens */
    if (*word == 1) return false;
    if (*word) {
        *out = r->names[*word - 2];
        return true;
    }
    *word = 1; /* a name that needs itself is nothing */
    if (x->place) {
        uint32_t node = dgm_map_find_once(r, r->frames[own].node, x->place);
        *out = node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, node);
        if (!out->len) *out = r->m->rules[rule].standard;
        if (!out->len) return false;
    } else if (!name_now(r, &r->m->rules[rule], own, out)) {
        return false;
    }
    return dgm_map_keep_name(r, word, *out);
}
