/* SPDX-License-Identifier: Apache-2.0
 *
 * relabel.c - the fast way of mappings that only copy (** and plain moves): the target is the source's own nodes in the same order
 * with other slots, laid down in one pass over borrowed bytes. Whatever does not fit while it runs (an order that is not the
 * target's, a duty of the general way) is left to the general way, which gives the same tree. One thread for each runner.
 */
#include "plan.h"
#include "run.h"

typedef enum relabel_action { SKIP, PASS, GROUP, LEAF, NUMBER, TYPED } relabel_action;

typedef struct map_relabel {
    uint32_t tag;    /* target slot and kind */
    uint32_t parent; /* target slot above; DGM_SLOT_NONE for the root */
    uint32_t place;  /* element and component of a leaf */
    uint32_t rule;
    uint32_t typed; /* of the plan, when TYPED */
    uint8_t action;
    uint8_t depth; /* of the target slot above: how many stand over it */
} map_relabel;

/* ---- at load ------------------------------------------------------------------------------------------------------------- */

static void set_row(const map_plan *p, uint32_t from, uint32_t to, relabel_action action, uint32_t rule, uint32_t typed)
{
    const dgm_slot *t = dgm_shape_slot(p->to, to);
    uint32_t depth = 0;
    for (uint32_t s = t->parent; s != DGM_SLOT_NONE && s != DGM_SLOT_ROOT; s = dgm_shape_slot(p->to, s)->parent) depth++;
    p->relabel[from] = (map_relabel){ .tag = DGM_TAG(to, t->kind, 0),
                                      .parent = t->parent,
                                      .place = DGM_PLACE(t->element, t->component, 0),
                                      .rule = rule,
                                      .typed = typed,
                                      .action = (uint8_t)action,
                                      .depth = (uint8_t)(depth < UINT8_MAX ? depth : UINT8_MAX) };
}

/* Whether a node of the target trie is a plain place: nothing comes into being with it but its ancestors. */
static bool plain_target(const map_plan *p, uint32_t target)
{
    for (uint32_t t = target; t != DGM_NONE; t = p->targets[t].above) {
        const map_target *x = &p->targets[t];
        if (x->test_count || x->constant_count || x->must || x->from || x->star || x->block) return false;
        if (x->above != DGM_NONE && t != target && dgm_shape_slot(p->to, x->slot)->max > 1) return false;
    }
    return true;
}

/* A source node that only leads to values or moves its own: false when the general way is needed. */
static bool take_source(const map_plan *p, const map_source *s)
{
    const dgm_slot *slot = dgm_shape_slot(p->from, s->slot);
    if (s->test_count || s->from || s->cond != DGM_NONE || s->opens != DGM_NONE || s->op_count > 1) return false;
    if (s->slot != DGM_SLOT_ROOT && slot->max > 1) return false;
    if (p->relabel[s->slot].action != SKIP) return false;
    if (!s->op_count) {
        p->relabel[s->slot].action = PASS;
        return s->mirror_target == DGM_NONE || plain_target(p, s->mirror_target);
    }
    const map_op *op = &p->ops[s->op_first];
    if (op->kind != MAP_OP_MOVE || !op->simple || op->cond != DGM_NONE || !dgm_kind_leaf(slot->kind)) return false;
    if (s->mirror_target != DGM_NONE && s->mirror_target != op->target) return false; /* its attributes go with it */
    if (!plain_target(p, op->target)) return false;
    set_row(p, s->slot, p->targets[op->target].slot, LEAF, op->rule, 0);
    return true;
}

void dgm_map_relabel_plan(map_loader *l, map_plan *p)
{
    const dgm_mapping *m = l->m;
    if (!p->mirror || m->block_count != 1 || m->check_count || m->let_count || m->cond_count || p->end_count) return;
    uint32_t count = dgm_shape_count(p->from);
    p->relabel = DGM_NEW(l->arena, map_relabel, count + 1u);
    if (!p->relabel) {
        l->nomem = true;
        return;
    }
    static const uint8_t actions[] = { [MAP_MIRROR_NONE] = SKIP,
                                       [MAP_MIRROR_GROUP] = GROUP,
                                       [MAP_MIRROR_LEAF] = LEAF,
                                       [MAP_MIRROR_NUMBER] = NUMBER,
                                       [MAP_MIRROR_TYPED] = TYPED };
    bool fits = true;
    for (uint32_t slot = 0; slot < count && fits; slot++) {
        const map_mirror *x = &p->mirror[slot];
        if (x->action == MAP_MIRROR_NONE) continue;
        fits = x->node == DGM_NONE;
        set_row(p, slot, x->target, (relabel_action)actions[x->action], x->rule, x->typed);
    }
    for (size_t i = 1; i < p->source_count && fits; i++) fits = take_source(p, &p->sources[i]);
    if (!fits) p->relabel = NULL;
}

/* ---- running ------------------------------------------------------------------------------------------------------------- */

typedef struct level {
    uint32_t slot, node;
    uint32_t last, count; /* the child slot laid down last (0: none, for that is the root's), and how many of it */
} level;

enum { SPARE = 4 }; /* beyond what is used: a node that finds no room is laid down there and forgotten */

typedef struct relabeller {
    dgm_runner *r;
    const dgm_tree *in;
    dgm_node *nodes;
    uint32_t count, room;
    uint32_t depth;
    level open[DGM_DEPTH_MAX + SPARE];
    bool unfit; /* the general way is needed */
} relabeller;

static void pop(relabeller *k)
{
    const level *v = &k->open[--k->depth];
    k->nodes[v->node].span = k->count;
}

/* One node more beneath a level: its tag, and which occurrence it is in `place`. */
static inline dgm_node *lay_beneath(relabeller *k, level *v, uint32_t tag)
{
    uint32_t slot = tag & 0xFFFFFu;
    if (slot == v->last) {
        v->count++;
    } else {
        if (slot < v->last) k->unfit = true; /* not the order of the target */
        v->last = slot;
        v->count = 1;
    }
    dgm_node *n = &k->nodes[k->count];
    if (k->count == k->room) /* groups that only the target has may outnumber what came */
        k->unfit = true;
    else
        k->count++;
    n->tag = tag;
    n->place = v->count;
    return n;
}

/* The same beneath the innermost open node, with nothing in it. */
static inline dgm_node *lay(relabeller *k, uint32_t tag)
{
    dgm_node *n = lay_beneath(k, &k->open[k->depth - 1], tag);
    n->at = n->span = 0;
    return n;
}

static inline void open_group(relabeller *k, uint32_t tag)
{
    uint32_t node = k->count;
    lay(k, tag);
    if (k->depth > DGM_DEPTH_MAX) {
        k->unfit = true;
        return;
    }
    k->open[k->depth++] = (level){ tag & 0xFFFFFu, node, 0, 0 };
}

static bool above(const dgm_shape *s, uint32_t slot, uint32_t top)
{
    while (slot != top && slot != DGM_SLOT_ROOT) slot = dgm_shape_slot(s, slot)->parent;
    return slot == top;
}

/* Makes `parent` the innermost open node: closes what is over, opens what only the target has. */
static void stand_in(relabeller *k, uint32_t parent)
{
    const dgm_shape *to = k->r->p->to;
    while (k->open[k->depth - 1].slot != parent && !above(to, parent, k->open[k->depth - 1].slot)) pop(k);
    uint32_t way[DGM_DEPTH_MAX], n = 0, top = k->open[k->depth - 1].slot;
    for (uint32_t s = parent; s != top && n < DGM_DEPTH_MAX; s = dgm_shape_slot(to, s)->parent) way[n++] = s;
    while (n-- && !k->unfit) open_group(k, DGM_TAG(way[n], dgm_shape_slot(to, way[n])->kind, 0));
}

static inline void beneath(relabeller *k, uint32_t parent)
{
    if (k->open[k->depth - 1].slot != parent) stand_in(k, parent);
}

/* The same where the depth of the parent is known: what is open stands one level in the other, so that the parent is open at its
 * depth if it is open at all. */
static inline void beneath_row(relabeller *k, const map_relabel *x)
{
    if (x->depth < k->depth && k->open[x->depth].slot == x->parent)
        while (k->depth > x->depth + 1u) pop(k);
    else
        stand_in(k, x->parent);
}

static void side_value(relabeller *k, uint32_t node, dgm_slice value)
{
    dgm_runner *r = k->r;
    void *sides = r->sides;
    bool ok = dgm_map_reserve(r, &sides, &r->side_room, r->side_count + 1, sizeof *r->sides);
    r->sides = sides;
    if (ok) r->sides[r->side_count++] = (map_side){ node, value };
}

/* A leaf whose value stands in the bytes of the source, as nearly all do: place of the leaf laid down. */
static inline uint32_t lay_plain(relabeller *k, level *v, const map_relabel *x, uint32_t n)
{
    const dgm_node *s = &k->in->nodes[n];
    uint32_t id = k->count;
    dgm_node *t = lay_beneath(k, v, x->tag);
    t->place = x->place | (t->place < 0xFFFFu ? t->place : 0xFFFFu) << 16;
    t->at = s->at;
    t->span = s->span;
    dgm_map_mark_node(k->r, n, DGM_ACCOUNT_MAPPED, x->rule);
    return id;
}

/* Whether lay_plain will do. A leaf without any of these flags has a value. */
static inline bool plain(const relabeller *k, const map_relabel *x, const dgm_node *s)
{
    if (dgm_node_flags(s) & (DGM_DECODED | DGM_EMPTY)) return false;
    return x->action == LEAF || (x->action == NUMBER && dgm_map_plain_number((dgm_slice){ k->in->bytes + s->at, s->span }));
}

/* A leaf with the value of source node n, or with another one. */
static dgm_node *lay_leaf(relabeller *k, const map_relabel *x, uint32_t n, dgm_slice v, bool own)
{
    uint32_t id = k->count;
    dgm_node *t = lay(k, x->tag);
    uint32_t repetition = t->place < 0xFFFFu ? t->place : 0xFFFFu;
    t->place = x->place | repetition << 16;
    if (!v.len) {
        t->tag |= DGM_TAG(0, 0, DGM_EMPTY);
        return t;
    }
    const dgm_node *s = &k->in->nodes[n];
    t->at = s->at;
    t->span = s->span;
    if (own || (dgm_node_flags(s) & DGM_DECODED)) side_value(k, id, v);
    if (n != DGM_NONE) dgm_map_mark_node(k->r, n, DGM_ACCOUNT_MAPPED, x->rule);
    return t;
}

static void copy_attributes(relabeller *k, uint32_t leaf, const map_relabel *x, uint32_t from, uint32_t to)
{
    level *hidden = &k->open[k->depth]; /* a leaf holds its attributes for as long as they come */
    bool is_open = leaf != DGM_NONE;
    *hidden = (level){ x->tag & 0xFFFFFu, leaf, 0, 0 };
    for (uint32_t a = from; a < to; a++) {
        uint32_t slot = dgm_node_slot(&k->in->nodes[a]);
        dgm_slice w = dgm_tree_value(k->in, a);
        const map_relabel *y = slot < k->r->slot_count ? &k->r->p->relabel[slot] : NULL;
        if (!y || y->action != LEAF || !w.len) continue;
        if (is_open && plain(k, y, &k->in->nodes[a])) {
            lay_plain(k, hidden, y, a);
            k->nodes[leaf].tag |= DGM_TAG(0, 0, DGM_HAS_MORE);
            continue;
        }
        if (!is_open) {
            leaf = hidden->node = k->count;
            lay_leaf(k, x, DGM_NONE, (dgm_slice){ 0 }, false);
            is_open = true;
        }
        k->depth++;
        lay_leaf(k, y, a, w, false);
        k->depth--;
        k->nodes[leaf].tag |= DGM_TAG(0, 0, DGM_HAS_MORE);
    }
}

static void copy_leaf(relabeller *k, const map_relabel *x, uint32_t n, uint32_t next)
{
    dgm_slice v = dgm_tree_value(k->in, n);
    bool own = false;
    if (x->action == NUMBER && v.len && !dgm_map_plain_number(v)) {
        own = true;
        if (!dgm_map_number(k->r, DGM_NONE, &k->r->m->rules[x->rule], n, v, &v)) return;
    }
    uint32_t id = DGM_NONE;
    if (v.len) {
        id = k->count;
        lay_leaf(k, x, n, v, own);
    }
    if (next > n + 1) copy_attributes(k, id, x, n + 1, next);
}

/* The slot's own leaf, or what stands beneath it on the way to a part. */
static void lay_part(relabeller *k, uint32_t top, const map_way *w, dgm_slice value, uint32_t rule)
{
    const dgm_shape *to = k->r->p->to;
    uint32_t slot = w->len ? w->path[w->len - 1] : top;
    const dgm_slot *s = dgm_shape_slot(to, slot);
    map_relabel x = { .tag = DGM_TAG(slot, s->kind, 0), .place = DGM_PLACE(s->element, s->component, 0), .rule = rule };
    uint32_t parent = s->parent;
    uint32_t last = k->count - 1;
    if (s->kind == DGM_ATTRIBUTE && dgm_node_slot(&k->nodes[last]) == parent && dgm_kind_leaf(dgm_node_kind(&k->nodes[last]))) {
        k->nodes[last].tag |= DGM_TAG(0, 0, DGM_HAS_MORE);
        k->open[k->depth++] = (level){ parent, last, 0, 0 };
        uint32_t id = k->count;
        dgm_node *t = lay(k, x.tag);
        t->place = x.place | 1u << 16;
        k->depth--;
        side_value(k, id, value);
        return;
    }
    if (parent != dgm_shape_slot(to, top)->parent || w->len) beneath(k, parent);
    uint32_t id = k->count;
    dgm_node *t = lay(k, x.tag);
    t->place = x.place | 1u << 16;
    side_value(k, id, value);
}

static void copy_typed(relabeller *k, const map_relabel *x, uint32_t n)
{
    dgm_runner *r = k->r;
    const map_mirror_typed *t = &r->p->typed[x->typed];
    uint32_t value = t->value.there ? dgm_map_below(k->in, n, t->value.path, t->value.len) : n;
    uint32_t code = t->code.there ? dgm_map_below(k->in, n, t->code.path, t->code.len) : DGM_NONE;
    map_pair in = { 0 }, out = { 0 };
    if (value != DGM_NONE) in.value = dgm_tree_value(k->in, value);
    if (code != DGM_NONE) in.code = dgm_tree_value(k->in, code);
    if (!in.value.len) return;
    const map_rule *rule = &r->m->rules[x->rule];
    if (t->type == DGM_TYPE_DATE) {
        if (!dgm_map_convert_date(r, rule, value, in, t->code.there, t->to_code.there, &out)) return;
    } else {
        if (!dgm_map_number(r, DGM_NONE, rule, value, in.value, &out.value)) return;
        out.code = in.code;
    }
    dgm_map_mark_node(r, value, DGM_ACCOUNT_MAPPED, x->rule);
    if (in.code.len) dgm_map_mark_node(r, code, DGM_ACCOUNT_MAPPED, x->rule);
    uint32_t top = x->tag & 0xFFFFFu;
    bool coded = t->to_code.there && out.code.len;
    /* Parts stand in the order of the target: the number first unless the format or unit has the lower slot. */
    bool code_first =
        coded && t->to_value.len && t->to_code.len && t->to_code.len == t->to_value.len && t->to_code.slot < t->to_value.slot;
    if (t->to_value.len) open_group(k, x->tag);
    if (code_first) lay_part(k, top, &t->to_code, out.code, x->rule);
    lay_part(k, top, &t->to_value, out.value, x->rule);
    if (coded && !code_first) lay_part(k, top, &t->to_code, out.code, x->rule);
}

/* Any node but a plain leaf; the next one. */
static uint32_t copy_other(relabeller *k, const map_relabel *x, uint32_t n)
{
    uint32_t next = dgm_tree_next(k->in, n);
    bool leaf = dgm_kind_leaf(dgm_node_kind(&k->in->nodes[n]));
    if (x->action == SKIP) return next;
    if (x->action == PASS) return n + 1;
    beneath_row(k, x);
    if (x->action == GROUP && !leaf) {
        open_group(k, x->tag);
        return n + 1;
    }
    if (x->action == TYPED)
        copy_typed(k, x, n);
    else if (leaf)
        copy_leaf(k, x, n, next);
    return next;
}

/* Groups, and plain leaves without attributes, from n on: nearly all there is, and what changes with each stays in registers. The
 * first node that is something else, or that finds no room, no open parent or no order, is left to the general code; its number. */
static uint32_t copy_usual(relabeller *k, uint32_t n)
{
    const dgm_tree *t = k->in;
    const map_relabel *rows = k->r->p->relabel;
    const uint32_t slots = k->r->slot_count, count = t->node_count;
    dgm_node *const nodes = k->nodes, *const full = nodes + k->room, *to = nodes + k->count;
    level *top = &k->open[k->depth - 1], *const deepest = &k->open[DGM_DEPTH_MAX];
    for (; n < count && to < full; n++, to++) {
        const dgm_node *s = &t->nodes[n];
        const uint32_t slot = dgm_node_slot(s);
        if (slot >= slots) break;
        const map_relabel *x = &rows[slot];
        const bool leaf = dgm_node_leaf(s);
        if (leaf ? dgm_node_flags(s) & DGM_HAS_MORE || !plain(k, x, s) : x->action != GROUP || top == deepest) break;
        if (top->slot != x->parent) {
            if (x->depth > top - k->open || k->open[x->depth].slot != x->parent) break;
            for (const level *parent = &k->open[x->depth]; top > parent; top--) nodes[top->node].span = (uint32_t)(to - nodes);
        }
        const uint32_t tag = x->tag, own = tag & 0xFFFFFu, last = top->last;
        if (own < last) break;
        const uint32_t nth = own == last ? top->count + 1 : 1;
        top->last = own;
        top->count = nth;
        if (leaf) {
            *to = (dgm_node){ s->at, s->span, tag, x->place | (nth < 0xFFFFu ? nth : 0xFFFFu) << 16 };
            dgm_map_mark_node(k->r, n, DGM_ACCOUNT_MAPPED, x->rule);
        } else {
            *to = (dgm_node){ 0, 0, tag, nth };
            *++top = (level){ own, (uint32_t)(to - nodes), 0, 0 };
        }
    }
    k->depth = (uint32_t)(top - k->open) + 1;
    k->count = (uint32_t)(to - nodes);
    return n;
}

static void copy_all(relabeller *k)
{
    const dgm_tree *t = k->in;
    const map_relabel *rows = k->r->p->relabel;
    uint32_t slots = k->r->slot_count;
    for (uint32_t n = 1, count = t->node_count; !k->unfit && (n = copy_usual(k, n)) < count;) {
        const dgm_node *s = &t->nodes[n];
        uint32_t slot = dgm_node_slot(s);
        if (slot >= slots) { /* a name the shape does not know */
            n = dgm_tree_next(t, n);
            continue;
        }
        const map_relabel *x = &rows[slot];
        if (!dgm_kind_leaf(dgm_node_kind(s)) || !plain(k, x, s)) {
            n = copy_other(k, x, n);
            continue;
        }
        level *v = &k->open[k->depth - 1];
        if (v->slot != x->parent) {
            beneath_row(k, x);
            v = &k->open[k->depth - 1];
        }
        uint32_t leaf = lay_plain(k, v, x, n++);
        if (dgm_node_flags(s) & DGM_HAS_MORE) {
            uint32_t next = dgm_tree_next(t, n - 1);
            copy_attributes(k, leaf, x, n, next);
            n = next;
        }
    }
}

/* What the general way opens even when nothing stands beneath it. */
static bool roots_there(const relabeller *k)
{
    const map_plan *p = k->r->p;
    for (size_t i = 1; i < p->source_count; i++) {
        uint32_t target = p->sources[i].mirror_target;
        if (target == DGM_NONE || p->targets[target].slot == DGM_SLOT_ROOT || p->sources[i].op_count) continue;
        bool found = false;
        for (uint32_t n = 1; n < k->count && !found;) { /* among the children of the root */
            found = dgm_node_slot(&k->nodes[n]) == p->targets[target].slot;
            n = dgm_kind_leaf(dgm_node_kind(&k->nodes[n])) ? n + 1 : k->nodes[n].span;
        }
        if (!found) return false;
    }
    return true;
}

bool dgm_map_relabel(dgm_runner *r, dgm_tree **out)
{
    const dgm_tree *in = r->in;
    relabeller k; /* open is written before it is read */
    k.r = r;
    k.in = in;
    k.depth = 1;
    k.unfit = false;
    if (in->node_count > UINT32_MAX / 4) return false;
    if (!r->draft && dgm_draft_new(&r->mem, &r->limits, &r->draft) != DGM_OK) {
        dgm_map_fail(r, DGM_NOMEM);
        return true;
    }
    dgm_status s = dgm_draft_begin(r->draft, r->p->to);
    k.room = 3 * in->node_count + DGM_DEPTH_MAX;
    k.nodes = s == DGM_OK ? dgm_draft_reserve(r->draft, k.room + SPARE) : NULL;
    if (!k.nodes) return false; /* no memory or a limit: the general way says which */
    r->side_count = 0;
    k.nodes[0] = (dgm_node){ .tag = DGM_TAG(DGM_SLOT_ROOT, dgm_shape_slot(r->p->to, DGM_SLOT_ROOT)->kind, 0), .place = 1 };
    k.count = 1;
    k.open[0] = (level){ DGM_SLOT_ROOT, 0, 0, 0 };
    copy_all(&k);
    while (k.depth) pop(&k);
    if (k.unfit || r->wrong || r->status != DGM_OK || !roots_there(&k)) return r->wrong || r->status != DGM_OK;
    dgm_draft_commit(r->draft, k.count);
    for (size_t i = 0; i < r->side_count && s == DGM_OK; i++) s = dgm_draft_decoded(r->draft, r->sides[i].node, r->sides[i].value);
    union {
        const char *from;
        char *to;
    } bytes = { .from = in->bytes }; /* borrowed, never written */
    if (s == DGM_OK) s = dgm_draft_finish(r->draft, bytes.to, in->byte_count, 0, true, in->base, out);
    if (s != DGM_OK) dgm_map_fail(r, s);
    return true;
}
