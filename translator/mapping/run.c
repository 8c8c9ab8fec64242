/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - walks a message once against the plan: what each value costs does not depend on how many rules there are. Stacks are kept
 * in the runner, so that a run in steady state allocates nothing and nothing recurses. One thread for each runner.
 */
#include "late.h"

enum { ARENA_KEEP = 1 << 18, LENT_MAX = 1 << 20 };

dgm_status dgm_runner_new(const dgm_mem *mem, const dgm_limits *limits, dgm_runner **out)
{
    *out = NULL;
    dgm_runner *r = dgm_mem_new(mem, sizeof *r);
    if (!r) return DGM_NOMEM;
    r->mem = *mem;
    if (limits) r->limits = *limits;
    dgm_arena_init(&r->arena, mem);
    dgm_buffer_init(&r->text, mem);
    dgm_status s = dgm_builder_new(mem, limits, &r->builder);
    if (s != DGM_OK) {
        dgm_runner_free(r);
        return s;
    }
    r->values = dgm_builder_values(r->builder);
    *out = r;
    return DGM_OK;
}

void dgm_runner_free(dgm_runner *r)
{
    if (!r) return;
    dgm_mem mem = r->mem;
    dgm_builder_free(r->builder);
    dgm_draft_free(r->draft);
    dgm_mem_free(&mem, r->sides, r->side_room * sizeof *r->sides);
    dgm_arena_free(&r->arena);
    dgm_buffer_free(&r->text);
    dgm_mem_free(&mem, r->words, r->word_room * sizeof *r->words);
    dgm_mem_free(&mem, r->frames, r->frame_room * sizeof *r->frames);
    dgm_mem_free(&mem, r->walks, r->walk_room * sizeof *r->walks);
    dgm_mem_free(&mem, r->pieces, r->piece_room * sizeof *r->pieces);
    dgm_mem_free(&mem, r->later, r->later_room * sizeof *r->later);
    dgm_mem_free(&mem, r->laid, r->laid_room * sizeof *r->laid);
    dgm_mem_free(&mem, r->chunks, r->chunk_room * sizeof *r->chunks);
    dgm_mem_free(&mem, r->saved, r->saved_room * sizeof *r->saved);
    dgm_mem_free(&mem, r->chosen, r->chosen_room * sizeof *r->chosen);
    dgm_mem_free(&mem, r->names, r->name_room * sizeof *r->names);
    dgm_mem_free(&mem, r->params, r->param_room * sizeof *r->params);
    dgm_mem_free(&mem, r->known, r->known_room * sizeof *r->known);
    dgm_mem_free(&mem, r->tops, r->tops_room * sizeof *r->tops);
    dgm_mem_free(&mem, r->entries, r->entry_room * sizeof *r->entries);
    dgm_mem_free(&mem, r->buckets, r->bucket_room * sizeof *r->buckets);
    dgm_mem_free(&mem, r->picks, r->pick_room * sizeof *r->picks);
    dgm_mem_free(&mem, r->turns, r->turn_room * sizeof *r->turns);
    dgm_mem_free(&mem, r->accounts, r->account_room);
    dgm_mem_free(&mem, r->rules, r->rule_room * sizeof *r->rules);
    dgm_mem_free(&mem, r, sizeof *r);
}

void dgm_runner_recycle(dgm_runner *r, dgm_tree *t)
{
    if (t && t->borrowed)
        dgm_draft_recycle(r->draft, t, NULL, NULL);
    else
        dgm_builder_recycle(r->builder, t);
}

void dgm_map_fail(dgm_runner *r, dgm_status status)
{
    if (r->status == DGM_OK) r->status = status;
}

bool dgm_map_reserve(dgm_runner *r, void **array, size_t *room, size_t wanted, size_t thing_bytes)
{
    dgm_status s = dgm_mem_reserve(&r->mem, array, room, wanted, thing_bytes);
    if (s != DGM_OK) dgm_map_fail(r, s);
    return s == DGM_OK;
}

/* ---- stacks -------------------------------------------------------------------------------------------------------------- */

uint32_t dgm_map_frame_open(dgm_runner *r, uint32_t block, uint32_t above, uint32_t node)
{
    const map_plan_block *b = &r->p->blocks[block];
    if (r->frame_count == r->frame_room) {
        void *frames = r->frames;
        bool ok = dgm_map_reserve(r, &frames, &r->frame_room, r->frame_count + 1, sizeof *r->frames);
        r->frames = frames;
        if (!ok) return DGM_NONE;
    }
    uint32_t all = r->sheets ? b->sheet_words : b->words, clean = r->sheets ? b->held : b->words;
    if (r->word_room - r->word_count < all) {
        void *words = r->words;
        bool ok = dgm_map_reserve(r, &words, &r->word_room, r->word_count + all, sizeof *r->words);
        r->words = words;
        if (!ok) return DGM_NONE;
    }
    uint32_t base = (uint32_t)r->word_count;
    if (clean) memset(r->words + base, 0, clean * sizeof *r->words);
    r->word_count += all;
    uint32_t own = above != DGM_NONE && r->frames[above].block != b->around ? dgm_map_frame_of(r, above, b->around) : above;
    uint32_t index = own == DGM_NONE ? 0 : ++r->words[r->frames[own].base + b->index_word];
    r->frames[r->frame_count] = (map_frame){ block, above, base, node, index, (uint32_t)r->later_count };
    return (uint32_t)r->frame_count++;
}

static void frame_close(dgm_runner *r, uint32_t frame)
{
    const map_plan_block *b = &r->p->blocks[r->frames[frame].block];
    if (b->end_count || b->gap_count || b->kept) dgm_map_end(r, frame);
    if (r->sheets) dgm_map_sheet_close(r, frame);
    r->frame_count = frame;
    r->word_count = r->frames[frame].base;
}

bool dgm_map_walk_push(dgm_runner *r, map_walk w)
{
    if (r->walk_count == r->walk_room) {
        void *walks = r->walks;
        bool ok = dgm_map_reserve(r, &walks, &r->walk_room, r->walk_count + 1, sizeof *r->walks);
        r->walks = walks;
        if (!ok) return false;
    }
    r->walks[r->walk_count++] = w;
    return true;
}

/* ---- copying what stands below ------------------------------------------------------------------------------------------- */

static inline uint32_t rule_order(uint32_t rule)
{
    return (rule + 1) << MAP_ORDER_BITS;
}

static uint32_t mirror_leaf(dgm_runner *r, uint32_t frame, const map_mirror *m, uint32_t above, uint32_t node, dgm_slice v)
{
    uint32_t id;
    if (m->node != DGM_NONE) {
        dgm_map_put(r, frame, m->node, v, node, m->rule);
        id = dgm_map_made(r, frame, m->node);
    } else {
        id = dgm_builder_leaf(r->builder, above, m->target, rule_order(m->rule), v);
        if (r->with_origin) dgm_builder_origin(r->builder, id, node, m->rule);
    }
    if (v.len) dgm_map_mark_node(r, node, DGM_ACCOUNT_MAPPED, m->rule);
    return id;
}

static void mirror_value(dgm_runner *r, uint32_t frame, const map_mirror *m, uint32_t above, uint32_t n, uint32_t next)
{
    dgm_slice v = dgm_tree_value(r->in, n);
    uint32_t id = DGM_NONE;
    if (v.len && m->action == MAP_MIRROR_NUMBER && !dgm_map_plain_number(v) &&
        !dgm_map_number(r, DGM_NONE, &r->m->rules[m->rule], n, v, &v))
        return;
    if (v.len) id = mirror_leaf(r, frame, m, above, n, v);
    for (uint32_t a = n + 1; a < next; a++) {
        uint32_t slot = dgm_node_slot(&r->in->nodes[a]);
        if (slot >= r->slot_count || r->p->mirror[slot].action != MAP_MIRROR_LEAF) continue;
        dgm_slice w = dgm_tree_value(r->in, a);
        if (!w.len) continue;
        if (id == DGM_NONE) id = mirror_leaf(r, frame, m, above, n, v);
        mirror_leaf(r, frame, &r->p->mirror[slot], id, a, w);
    }
}

/* Opens what a path leads through and puts a value at its end; ids holds what was opened before along the same path. */
static void mirror_path(dgm_runner *r, uint32_t top, const map_way *w, dgm_slice v, uint32_t *ids, uint32_t *slots, uint32_t order)
{
    uint32_t above = top;
    for (uint32_t k = 0; k < w->len && k < MAP_STEPS_MAX; k++) {
        if (slots[k] == w->path[k]) {
            above = ids[k];
            continue;
        }
        bool last = k + 1 == w->len;
        ids[k] = last ? dgm_builder_leaf(r->builder, above, w->path[k], order, v)
                      : dgm_builder_open(r->builder, above, w->path[k], order);
        slots[k] = w->path[k];
        above = ids[k];
    }
}

static void mirror_typed(dgm_runner *r, const map_mirror *m, uint32_t above, uint32_t n)
{
    const map_mirror_typed *t = &r->p->typed[m->typed];
    const map_rule *rule = &r->m->rules[m->rule];
    uint32_t value = t->value.there ? dgm_map_below(r->in, n, t->value.path, t->value.len) : n;
    uint32_t code = t->code.there ? dgm_map_below(r->in, n, t->code.path, t->code.len) : DGM_NONE;
    map_pair in = { 0 }, out = { 0 };
    if (value != DGM_NONE) in.value = dgm_tree_value(r->in, value);
    if (code != DGM_NONE) in.code = dgm_tree_value(r->in, code);
    if (!in.value.len) return;
    if (t->type == DGM_TYPE_DATE) {
        if (!dgm_map_convert_date(r, rule, value, in, t->code.there, t->to_code.there, &out)) return;
    } else {
        if (!dgm_map_number(r, DGM_NONE, rule, value, in.value, &out.value)) return;
        out.code = in.code;
    }
    dgm_map_mark_node(r, value, DGM_ACCOUNT_MAPPED, m->rule);
    if (in.code.len) dgm_map_mark_node(r, code, DGM_ACCOUNT_MAPPED, m->rule);
    uint32_t ids[MAP_STEPS_MAX] = { 0 }, slots[MAP_STEPS_MAX], order = rule_order(m->rule);
    memset(slots, 0xFF, sizeof slots);
    uint32_t top = t->to_value.len ? dgm_builder_open(r->builder, above, m->target, order)
                                   : dgm_builder_leaf(r->builder, above, m->target, order, out.value);
    mirror_path(r, top, &t->to_value, out.value, ids, slots, order);
    uint32_t made = t->to_value.len ? ids[t->to_value.len - 1] : top;
    if (t->to_code.there && out.code.len) mirror_path(r, top, &t->to_code, out.code, ids, slots, order);
    if (!r->with_origin) return;
    dgm_builder_origin(r->builder, made, value, m->rule);
    if (t->to_code.there && out.code.len && t->to_code.len)
        dgm_builder_origin(r->builder, ids[t->to_code.len - 1], t->type == DGM_TYPE_DATE ? value : code, m->rule);
}

/* ---- the source trie ----------------------------------------------------------------------------------------------------- */

__attribute__((noinline)) void dgm_map_several(dgm_runner *r, uint32_t n, uint32_t rule)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_SEVERAL, DGM_WARNING, n, rule);
    dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->from, dgm_node_slot(&r->in->nodes[n]))->name);
    dgm_map_problem_rule(r, d, rule);
}

/* Counts an occurrence; false: it is not one that is meant. */
static inline bool counted(dgm_runner *r, const map_source *s, uint32_t frame, uint32_t n)
{
    uint32_t owner = r->frames[frame].block == s->block ? frame : dgm_map_frame_of(r, frame, s->block);
    uint32_t seen = ++r->words[r->frames[owner].base + s->counter];
    if (s->from) return seen >= s->from && seen <= s->to;
    if (seen == 2) dgm_map_several(r, n, s->rule);
    return seen == 1;
}

static void remember_selectors(dgm_runner *r, const map_source *s, uint32_t n)
{
    bool always = s->opens != DGM_NONE && r->p->blocks[s->opens].always; /* that it is there is told, if nothing else */
    for (uint32_t i = 0; i < s->test_count; i++) {
        const map_test *t = &s->tests[i];
        if (t->kind != MAP_EQUAL && t->kind != MAP_IN) continue;
        uint32_t leaf = dgm_map_below(r->in, n, t->path, t->path_len);
        if (always && leaf != DGM_NONE) {
            dgm_map_mark_node(r, leaf, DGM_ACCOUNT_SELECTOR, s->rule);
            continue;
        }
        void *chosen = r->chosen;
        bool ok = leaf != DGM_NONE && dgm_map_reserve(r, &chosen, &r->chosen_room, r->chosen_count + 1, sizeof *r->chosen);
        r->chosen = chosen;
        if (ok) r->chosen[r->chosen_count++] = (map_chosen){ leaf, n, dgm_tree_end(r->in, n) };
    }
}

/* A plain value to a place of this block: nearly all there is to do in a message. */
static inline void put_tick(dgm_runner *r, uint32_t frame, uint32_t *words, const map_tick *k, const map_op *op, uint32_t n,
                            dgm_slice v)
{
    if (k->number && !dgm_map_plain_number(v)) {
        dgm_map_move(r, frame, op, n);
        return;
    }
    if (r->with_accounts) dgm_map_mark_node(r, n, DGM_ACCOUNT_MAPPED, op->rule);
    dgm_map_put_spot(r, frame, words, &k->value, op->target, v, n, op->rule);
}

static inline void operate(dgm_runner *r, uint32_t first, uint32_t count, uint32_t frame, uint32_t n)
{
    const map_tick *k = &r->p->ticks[first];
    for (const map_op *op = &r->p->ops[first], *end = op + count; op < end; op++, k++) {
        if (k->plain && r->sheets) {
            dgm_slice v = dgm_tree_value(r->in, n);
            if (v.len) put_tick(r, frame, r->words + r->frames[frame].base, k, op, n, v);
        } else if (op->kind == MAP_OP_MOVE) {
            dgm_map_move(r, frame, op, n);
        } else {
            dgm_map_operate(r, frame, op, n);
        }
    }
}

void dgm_map_enter_root(dgm_runner *r, uint32_t source, uint32_t frame, uint32_t n)
{
    const map_source *s = &r->p->sources[source];
    if (s->op_count) operate(r, s->op_first, s->op_count, frame, n);
}

/* The values beneath a node whose trie has nothing special: one after another, composites and all. */
static void flat(dgm_runner *r, const map_hot *h, uint32_t frame, uint32_t n, uint32_t end)
{
    const dgm_tree *t = r->in;
    const dgm_node *nodes = t->nodes;
    uint32_t *words = r->words + r->frames[frame].base; /* they do not move while no frame opens */
    const uint32_t *near = h->near, *deep = h->deep;
    uint32_t first = h->first_child, count = h->child_count, deep_first = h->deep_first, deep_count = h->deep_count;
    for (uint32_t i = n + 1; i < end; i++) {
        const dgm_node *x = &nodes[i];
        uint32_t slot = dgm_node_slot(x), at = slot - first, below = slot - deep_first;
        uint32_t to = at < count ? near[at] : below < deep_count ? deep[below] : 0;
        if (!to) continue;
        if (to & MAP_TICKED && r->sheets) { /* a leaf */
            dgm_slice v = { t->bytes + x->at, x->span };
            if (dgm_node_flags(x) & DGM_DECODED) v = dgm_tree_side_value(t, i);
            uint32_t which = to & ~MAP_TICKED;
            if (v.len) put_tick(r, frame, words, &r->p->ticks[which], &r->p->ops[which], i, v);
        } else if (to & MAP_TICKED) {
            operate(r, to & ~MAP_TICKED, 1, frame, i);
        } else {
            const map_hot *y = &r->p->hot[to & ~MAP_DIRECT];
            operate(r, y->op_first, y->op_count, frame, i);
        }
    }
}

/* What is beneath a node that was entered: with its twin, if it has one, and closing its frame. */
static inline void go_beneath(dgm_runner *r, const map_hot *h, uint32_t frame, uint32_t n, uint32_t next, uint32_t twin,
                              bool closes, uint32_t *mirror)
{
    bool leaf = dgm_node_leaf(&r->in->nodes[n]);
    if (twin == DGM_NONE && h->flat && !leaf) {
        flat(r, h, frame, n, dgm_tree_end(r->in, n));
    } else if (h->map || twin != DGM_NONE) {
        if (dgm_map_walk_push(r, (map_walk){ n + 1, leaf ? next : dgm_tree_end(r->in, n), frame, twin, h->map, h->first_child,
                                             h->child_count, closes }))
            *mirror = DGM_NONE;
        return;
    }
    if (closes) frame_close(r, frame);
}

static __attribute__((noinline)) void enter_rare(dgm_runner *r, const map_source *s, uint32_t id, uint32_t frame, uint32_t n,
                                                 uint32_t next, uint32_t *mirror)
{
    if (s->cond != DGM_NONE && !dgm_map_cond(r, s->cond, frame)) return;
    if (s->where && !dgm_map_where(r, s->where, frame, n)) return;
    if (r->with_accounts && s->test_count) remember_selectors(r, s, n);
    if (s->gathers) {
        dgm_map_gather(r, s->gathers - 1, frame, n);
        return;
    }
    bool opens = s->opens != DGM_NONE;
    if (s->reset_to > s->reset_from) {
        uint32_t base = r->frames[dgm_map_frame_of(r, frame, s->block)].base;
        memset(r->words + base + s->reset_from, 0, (s->reset_to - s->reset_from) * sizeof *r->words);
    }
    if (opens) {
        frame = dgm_map_frame_open(r, s->opens, frame, n);
        if (frame == DGM_NONE) return;
        if (r->p->blocks[s->opens].always) dgm_map_ensure(r, frame, r->p->blocks[s->opens].target, n, s->rule);
    }
    if (s->op_count) operate(r, s->op_first, s->op_count, frame, n);
    uint32_t twin = *mirror;
    if (s->mirror_target != DGM_NONE) twin = dgm_map_ensure(r, frame, s->mirror_target, n, s->rule);
    if (opens && r->p->blocks[s->opens].late) { /* its frame does not end with what stands beneath */
        uint32_t end = dgm_node_leaf(&r->in->nodes[n]) ? next : dgm_tree_end(r->in, n);
        if (dgm_map_walk_push(r, (map_walk){ n + 1, end, frame, twin, s->map, s->first_child, s->child_count, true }))
            *mirror = DGM_NONE;
        return;
    }
    go_beneath(r, &r->p->hot[id], frame, n, next, twin, opens, mirror);
}

/* A source node that fits a trie node. *mirror: builder id of its twin, taken by the first walk over it. */
static inline __attribute__((always_inline)) void enter(dgm_runner *r, uint32_t id, uint32_t frame, uint32_t n, uint32_t next,
                                                        uint32_t *mirror)
{
    const map_hot *h = &r->p->hot[id];
    if (h->counter != DGM_NONE && !counted(r, &r->p->sources[id], frame, n)) return;
    if (h->rare) {
        enter_rare(r, &r->p->sources[id], id, frame, n, next, mirror);
        return;
    }
    if (r->with_accounts && h->tested) remember_selectors(r, &r->p->sources[id], n);
    if (h->op_count) operate(r, h->op_first, h->op_count, frame, n);
    go_beneath(r, h, frame, n, next, *mirror, false, mirror);
}

/* The variants of a slot that no one value tells apart. */
static void choose_each(dgm_runner *r, const map_choice *c, uint32_t frame, uint32_t n, uint32_t next, uint32_t *mirror)
{
    for (uint32_t k = 0; k < c->count; k++) {
        const map_source *s = &r->p->sources[c->nodes[k]];
        if (!s->test_count || dgm_map_tests_pass(r->in, n, s->tests, s->test_count)) enter(r, c->nodes[k], frame, n, next, mirror);
    }
}

static void choose(dgm_runner *r, const map_choice *c, uint32_t frame, uint32_t n, uint32_t next, uint32_t *mirror)
{
    uint32_t leaf = dgm_map_below(r->in, n, c->path, c->path_len);
    if (leaf == DGM_NONE) return;
    dgm_slice v = dgm_tree_value(r->in, leaf);
    uint64_t key = dgm_map_key(v);
    const struct map_case *cases = c->cases;
    for (uint32_t k = c->buckets[dgm_map_mix(key) & c->mask]; k; k = cases[k - 1].next) {
        const struct map_case *x = &cases[k - 1];
        if (x->key != key || x->value.len != v.len || (v.len > 8 && !dgm_slice_equal(x->value, v))) continue;
        if (x->test != DGM_NONE) {
            const map_source *s = &r->p->sources[x->node];
            if (!dgm_map_tests_pass_but(r->in, n, s->tests, s->test_count, x->test)) continue;
        }
        enter(r, x->node, frame, n, next, mirror);
    }
}

static inline void take(dgm_runner *r, const map_choice *c, uint32_t frame, uint32_t n, uint32_t next, uint32_t *mirror)
{
    if (c->path)
        choose(r, c, frame, n, next, mirror);
    else
        choose_each(r, c, frame, n, next, mirror);
}

/* One source node under the innermost walk. */
static inline void visit(dgm_runner *r, map_walk *w)
{
    const dgm_tree *t = r->in;
    uint32_t n = w->at, frame = w->frame, next = dgm_tree_next(t, n);
    w->at = next;
    uint32_t slot = dgm_node_slot(&t->nodes[n]);
    uint32_t at = slot - w->first_child, choice = at < w->child_count ? w->map[at] : 0;
    if (!choice && w->mirror == DGM_NONE) return;
    uint32_t twin = DGM_NONE;
    if (w->mirror != DGM_NONE && slot < r->slot_count) {
        const map_mirror *m = &r->p->mirror[slot];
        uint32_t above = w->mirror;
        if (m->action == MAP_MIRROR_GROUP) {
            twin = m->node != DGM_NONE ? dgm_map_ensure(r, frame, m->node, n, m->rule)
                                       : dgm_builder_open(r->builder, above, m->target, rule_order(m->rule));
            if (r->with_origin) dgm_builder_origin(r->builder, twin, n, m->rule);
        } else if (m->action == MAP_MIRROR_TYPED) {
            mirror_typed(r, m, above, n);
        } else if (m->action != MAP_MIRROR_NONE && dgm_node_leaf(&t->nodes[n])) {
            mirror_value(r, frame, m, above, n, next);
        }
    }
    if (choice & MAP_DIRECT) {
        const map_hot *h = &r->p->hot[choice & ~MAP_DIRECT];
        if (h->special) {
            enter(r, choice & ~MAP_DIRECT, frame, n, next, &twin);
        } else {
            if (h->op_count) operate(r, h->op_first, h->op_count, frame, n);
            if (h->flat && twin == DGM_NONE && !dgm_node_leaf(&t->nodes[n])) {
                flat(r, h, frame, n, dgm_tree_end(t, n));
                return;
            }
            if (h->map) {
                uint32_t end = dgm_node_leaf(&t->nodes[n]) ? next : dgm_tree_end(t, n);
                dgm_map_walk_push(r, (map_walk){ n + 1, end, frame, twin, h->map, h->first_child, h->child_count, false });
                return;
            }
        }
    } else if (choice) {
        take(r, &r->p->choices[choice - 1], frame, n, next, &twin);
    }
    if (twin != DGM_NONE) dgm_map_walk_push(r, (map_walk){ n + 1, dgm_tree_end(t, n), frame, twin, NULL, 0, 0, false });
}

/* The same in a plan without **, for all that is left of the innermost walk or until another one is begun or over. */
static void visit_plain(dgm_runner *r, const map_walk *walk)
{
    const dgm_tree *t = r->in;
    const map_walk w = *walk;
    const size_t depth = r->walk_count;
    for (uint32_t n = w.at, next; n < w.end && r->walk_count == depth; n = next) {
        uint32_t at = dgm_node_slot(&t->nodes[n]) - w.first_child, none = DGM_NONE;
        uint32_t choice = at < w.child_count ? w.map[at] : 0;
        next = dgm_tree_next(t, n);
        r->walks[depth - 1].at = next; /* the stack may move */
        if (choice & MAP_DIRECT)
            enter(r, choice & ~MAP_DIRECT, w.frame, n, next, &none);
        else if (choice)
            take(r, &r->p->choices[choice - 1], w.frame, n, next, &none);
    }
}

/* All bytes of the source go into the tree being made at once: a value that stays what it is needs but to be pointed at. Those of a
 * large one are copied value by value, so that nothing that is not wanted takes room. */
static void lend(dgm_runner *r)
{
    const dgm_tree *t = r->in;
    if (!r->sheets || !t->byte_count || t->byte_count > LENT_MAX) return;
    if (!dgm_builder_keep(r->builder, r->values, (dgm_slice){ t->bytes, t->byte_count }, &r->lent_to)) return;
    r->lent = (uintptr_t)t->bytes;
    r->lent_bytes = t->byte_count;
}

static void walk_all(dgm_runner *r)
{
    const dgm_tree *t = r->in;
    const map_source *s = &r->p->sources[1];
    uint32_t root = dgm_map_frame_open(r, 0, DGM_NONE, 0);
    if (root == DGM_NONE) return;
    if (r->m->partial) r->partial = dgm_map_cond(r, r->m->partial - 1, root);
    if (r->m->merge && r->m->merge->last_cond) r->last = dgm_map_cond(r, r->m->merge->last_cond - 1, root);
    lend(r);
    uint32_t *words = r->words + r->frames[root].base; /* the root is there */
    if (r->sheets)
        words[r->p->addresses[0].is.word] |= r->p->addresses[0].is.bit;
    else
        words[r->p->targets[0].word] = 1;
    operate(r, r->p->sources[1].op_first, r->p->sources[1].op_count, root, 0);
    uint32_t twin = DGM_NONE;
    if (r->p->sources[1].mirror_target != DGM_NONE)
        twin = dgm_map_ensure(r, root, r->p->sources[1].mirror_target, 0, r->p->sources[1].rule);
    dgm_map_walk_push(r, (map_walk){ 1, dgm_tree_end(t, 0), root, twin, s->map, s->first_child, s->child_count, true });
    while (r->walk_count && r->status == DGM_OK) {
        map_walk *w = &r->walks[r->walk_count - 1];
        if (w->at < w->end) {
            if (r->p->mirror)
                visit(r, w);
            else
                visit_plain(r, w);
            continue;
        }
        uint32_t frame = w->frame;
        bool closes = w->closes;
        if (closes && r->p->blocks[r->frames[frame].block].late && dgm_map_turn(r, frame)) continue;
        r->walk_count--;
        if (closes && frame != root)
            frame_close(r, frame);
        else if (closes)
            dgm_map_end(r, root);
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

static bool take_params(dgm_runner *r, const dgm_run_options *o)
{
    void *params = r->params;
    bool ok = dgm_map_reserve(r, &params, &r->param_room, r->m->param_count + 1u, sizeof *r->params);
    r->params = params;
    if (!ok) return false;
    for (uint32_t i = 0; i < r->m->param_count; i++) r->params[i] = r->m->params[i].standard;
    for (size_t k = 0; o && k < o->param_count; k++) {
        uint32_t i = 0;
        while (i < r->m->param_count && !dgm_slice_equal(r->m->params[i].name, o->params[k].name)) i++;
        if (i < r->m->param_count) {
            r->params[i] = o->params[k].value;
            const char *unfit = dgm_map_param_unfit(r->m->params[i].type, r->params[i]);
            if (!unfit) continue;
            dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_PARAM_VALUE, DGM_ERROR, DGM_NONE, DGM_NONE);
            dgm_diag_text(r->diags, d, r->m->params[i].name);
            dgm_diag_text(r->diags, d, dgm_slice_of(unfit));
            dgm_diag_text(r->diags, d, r->params[i]);
            continue;
        }
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_PARAM_UNKNOWN, DGM_ERROR, DGM_NONE, DGM_NONE);
        dgm_diag_text(r->diags, d, o->params[k].name);
        dgm_diag_text(r->diags, d, r->m->name);
    }
    return true;
}

static bool begin(dgm_runner *r, const dgm_run_options *o)
{
    r->with_accounts = o && o->accounts;
    r->with_origin = o && o->origin;
    r->status = DGM_OK;
    r->wrong = r->partial = r->last = false;
    r->residue = 0;
    r->sheets = r->p->sheets && !r->with_origin;
    r->laid_count = r->chunk_count = 0;
    dgm_map_index_begin(r);
    r->lent_bytes = 0;
    r->tops_known = false;
    r->tops_asked = 0;
    r->frame_count = r->word_count = r->walk_count = r->piece_count = r->later_count = r->chosen_count = r->name_count =
        r->saved_count = 0;
    r->slot_count = r->p->mirror ? dgm_shape_count(r->p->from) : 0;
    dgm_arena_reset(&r->arena, ARENA_KEEP);
    if (!take_params(r, o)) return false;
    void *known = r->known;
    bool room = dgm_map_reserve(r, &known, &r->known_room, r->m->known_count + 1u, sizeof *r->known);
    r->known = known;
    if (!room) return false;
    r->cut.node = DGM_NONE;
    r->spent = 0;
    memset(r->known, 0, (r->m->known_count + 1u) * sizeof *r->known);
    dgm_status s = dgm_builder_begin(r->builder, r->p->to, r->with_origin);
    uint32_t first;
    if (s == DGM_OK && r->sheets && !dgm_builder_keep(r->builder, r->values, r->p->constants, &first)) s = DGM_NOMEM;
    if (s != DGM_OK) dgm_map_fail(r, s);
    if (!r->with_accounts) return s == DGM_OK;
    void *accounts = r->accounts, *rules = r->rules;
    bool ok = dgm_map_reserve(r, &accounts, &r->account_room, r->in->node_count + 1u, 1);
    r->accounts = accounts;
    ok = ok && dgm_map_reserve(r, &rules, &r->rule_room, r->in->node_count + 1u, sizeof *r->rules);
    r->rules = rules;
    if (!ok) return false;
    memset(r->accounts, DGM_ACCOUNT_NONE, r->in->node_count);
    memset(r->rules, 0xFF, r->in->node_count * sizeof *r->rules);
    return s == DGM_OK;
}

dgm_status dgm_mapping_run(dgm_runner *r, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                           const dgm_run_options *options, dgm_diags *diags, dgm_tree **out)
{
    *out = NULL;
    r->m = m;
    r->p = &m->plan[direction];
    r->in = in;
    r->diags = diags;
    if (!r->p->from || in->shape != r->p->from) return DGM_USAGE;
    bool ok = begin(r, options);
    dgm_tree *made = NULL;
    const uint32_t *ids = NULL;
    bool fast = ok && !r->wrong && r->p->relabel && !r->with_origin && dgm_map_relabel(r, &made);
    if (!fast && r->p->relabel && ok) ok = begin(r, options); /* what the fast way noted is forgotten */
    if (!fast && ok && !r->wrong) walk_all(r);
    if (r->status == DGM_OK && !fast) dgm_map_fail(r, dgm_builder_status(r->builder));
    if (r->status == DGM_OK && r->p->join_count) dgm_map_orphans(r);
    if (r->status == DGM_OK && r->with_accounts) dgm_map_account_all(r);
    static const uint32_t top[1] = { 0 };
    const bool wanted = !r->wrong || (ok && options && options->partly);
    if (r->status == DGM_OK && wanted && r->sheets && !fast) {
        dgm_map_fail(r, dgm_map_sheet_finish(r, &made));
        ids = top; /* nothing else is asked for after it (plan_sheet.c) */
    } else if (r->status == DGM_OK && wanted && !fast) {
        dgm_map_fail(r, dgm_builder_freeze(r->builder, &made, &ids));
    }
    if (r->status == DGM_OK && made) {
        made->position = in->position;
        made->reference = (dgm_slice){ 0 };
        if (ids) dgm_map_after(r, made, ids);
    }
    if (r->status == DGM_OK && dgm_diags_failed(diags)) dgm_map_fail(r, DGM_NOMEM);
    if (r->status == DGM_OK && (!r->wrong || (made && options && options->partly))) {
        *out = made;
        return r->wrong ? DGM_INVALID : DGM_OK;
    }
    if (made) dgm_runner_recycle(r, made);
    return r->status != DGM_OK ? r->status : DGM_INVALID;
}

dgm_status dgm_map_inquire(dgm_runner *r, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                           const dgm_run_options *options, dgm_diags *diags)
{
    r->m = m;
    r->p = &m->plan[direction];
    r->in = in;
    r->diags = diags;
    if (in->shape != r->p->from) return DGM_USAGE;
    uint32_t root = begin(r, options) ? dgm_map_frame_open(r, 0, DGM_NONE, 0) : DGM_NONE;
    r->quiet = true;
    if (root != DGM_NONE && m->partial) r->partial = dgm_map_cond(r, m->partial - 1, root);
    return r->status;
}

uint32_t dgm_map_inquire_frame(dgm_runner *r, uint32_t block, uint32_t above, uint32_t node, uint32_t index)
{
    uint32_t frame = dgm_map_frame_open(r, block, above, node);
    if (frame != DGM_NONE) r->frames[frame].index = index;
    return frame;
}

void dgm_map_inquire_close(dgm_runner *r, uint32_t frame)
{
    r->frame_count = frame;
    r->word_count = r->frames[frame].base;
}

const uint8_t *dgm_runner_accounts(const dgm_runner *r)
{
    return r->with_accounts ? r->accounts : NULL;
}

uint32_t dgm_runner_rule(const dgm_runner *r, uint32_t node)
{
    return r->with_accounts && r->in && node < r->in->node_count ? r->rules[node] : DGM_NONE;
}

bool dgm_runner_partial(const dgm_runner *r)
{
    return r->partial;
}

uint32_t dgm_runner_residue_count(const dgm_runner *r)
{
    return r->residue;
}
