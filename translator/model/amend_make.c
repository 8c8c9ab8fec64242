/* SPDX-License-Identifier: Apache-2.0
 *
 * amend_make.c - what differs between two full documents becomes the message that says only that (amend.h): a pointer for each
 * place, its value where it has one, and before members of lists without numbers those that stand before them. What was made is
 * tried before it is given out. WCO Data Model: classes Amendment (06A) and Pointer (97A). One thread.
 */
#include "amend.h"

#include "base/arena.h"

enum { TEXT_MAX = 2048 };

typedef struct pair {
    uint32_t base, full;
} pair;

typedef struct making {
    dgm_edit base, full, part;
    const dgm_amend_head *head;
    dgm_diags *diags;
    dgm_builder *out;
    pair *queue; /* what both have, still to be compared */
    size_t queued, queue_room;
    uint32_t amendment; /* slot */
    dgm_status status;
    bool wrong;
    char text[TEXT_MAX];
} making;

static dgm_slice path_of(making *m, const dgm_pointer *p)
{
    size_t n = dgm_pointer_path(m->base.shape, p, m->text, sizeof m->text);
    return (dgm_slice){ m->text, n < sizeof m->text ? n : sizeof m->text - 1 };
}

/* path: where, and the first argument. */
static dgm_diag *tell(making *m, dgm_diag_code code, dgm_severity severity, dgm_slice path)
{
    dgm_diag *d = dgm_diags_add(m->diags, code, severity);
    if (severity == DGM_ERROR) m->wrong = true;
    dgm_diag_path(m->diags, d, path);
    dgm_diag_text(m->diags, d, path);
    return d;
}

/* ---- one change ---------------------------------------------------------------------------------------------------------- */

/* A new leaf of the message that holds a text of ours: it has no tree to stand in. */
static void put_leaf(making *m, uint32_t above, uint32_t slot, dgm_slice value)
{
    if (slot != DGM_SLOT_NONE && value.len) (void)dgm_builder_leaf(m->out, above, slot, 0, value);
}

/* The Amendment itself goes right into the builder: what it points at is said in the words of identifiers. */
static void put_amendment(making *m, const dgm_pointer *p)
{
    const dgm_shape *s = m->base.shape;
    size_t said, n = dgm_pointer_chain(s, p, m->text, sizeof m->text, &said);
    if (said < p->count || n >= sizeof m->text) {
        dgm_slice name = dgm_shape_slot(s, p->slots[said < p->count ? said : 0])->name;
        dgm_diag_text(m->diags, tell(m, DGM_D_AMEND_UNSAID, DGM_ERROR, path_of(m, p)), name);
        return;
    }
    uint32_t id = dgm_builder_open(m->out, 0, m->amendment, 0), pointer = dgm_amend_slot(s, m->amendment, "97A");
    put_leaf(m, id, dgm_amend_slot(s, m->amendment, "099"), m->head->reason);
    for (dgm_slice rest = { m->text, n }; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' '), leaf = dgm_slice_cut(cut.head, '/'), number = dgm_slice_cut(leaf.head, '#');
        uint32_t step = dgm_builder_open(m->out, id, pointer, 0);
        put_leaf(m, step, dgm_amend_slot(s, pointer, "006"), number.tail);
        put_leaf(m, step, dgm_amend_slot(s, pointer, "375"), number.head);
        put_leaf(m, step, dgm_amend_slot(s, pointer, "381"), leaf.tail);
        rest = cut.tail;
    }
    m->status = dgm_builder_status(m->out);
}

/* The place of the message for a node of one of the documents; its peer is the base's, as far as there is one. */
static uint32_t way_to(making *m, const dgm_edit *e, uint32_t at)
{
    uint32_t way[DGM_POINTER_STEPS], n = 0, to = 0;
    for (uint32_t k = at; k && n < DGM_POINTER_STEPS; k = e->at[k].up) way[n++] = k;
    while (n-- > 0 && m->part.failed == DGM_OK) {
        const dgm_edited *x = &e->at[way[n]];
        uint32_t down = dgm_edit_child(&m->part, to, x->slot, x->number);
        if (!down) {
            uint32_t peer = to && !m->part.at[to].peer ? 0 : dgm_edit_child(&m->base, m->part.at[to].peer, x->slot, x->number);
            down = dgm_edit_add(&m->part, to, x->slot, x->number, NULL, 0);
            if (!down) return 0;
            m->part.at[down].peer = peer;
            m->part.at[down].numbered = x->numbered;
            for (uint32_t k = x->first; x->numbered && k; k = e->at[k].next) /* it says its number itself */
                if (dgm_slice_is(dgm_shape_slot(e->shape, e->at[k].slot)->name, "SequenceNumeric"))
                    (void)dgm_edit_add(&m->part, down, e->at[k].slot, 0, e->at[k].from, e->at[k].node);
        }
        to = down;
    }
    return to;
}

/* What stands at a place of the full document. */
static void say(making *m, uint32_t full)
{
    dgm_pointer p;
    dgm_edit_pointer(&m->full, full, &p);
    if (!m->full.at[full].fills) { /* would be read as taken away */
        tell(m, DGM_D_AMEND_CANNOT, DGM_ERROR, path_of(m, &p));
        return;
    }
    put_amendment(m, &p);
    uint32_t to = way_to(m, &m->full, full);
    if (!to) return;
    for (uint32_t k = m->part.at[to].first; k; k = m->part.at[k].next) m->part.at[k].gone = true; /* all of it comes now */
    dgm_edit_replace(&m->part, to, &m->full, full);
    m->part.at[to].pointed = true;
}

/* What the full document does not have; in a list without numbers its place stays, and is empty. */
static void take_away(making *m, uint32_t base)
{
    dgm_pointer p;
    dgm_edit_pointer(&m->base, base, &p);
    put_amendment(m, &p);
    m->base.at[base].gone = true;
}

/* ---- comparing ----------------------------------------------------------------------------------------------------------- */

static bool is_leaf(const dgm_edit *e, uint32_t at)
{
    return dgm_kind_leaf(dgm_shape_slot(e->shape, e->at[at].slot)->kind);
}

/* A leaf with its attributes. */
static bool same_leaf(const making *m, uint32_t base, uint32_t full)
{
    if (!dgm_slice_equal(dgm_edit_value(&m->base, base), dgm_edit_value(&m->full, full))) return false;
    uint32_t a = m->base.at[base].first, b = m->full.at[full].first;
    for (; a && b; a = m->base.at[a].next, b = m->full.at[b].next) {
        if (m->base.at[a].slot != m->full.at[b].slot) return false;
        if (!dgm_slice_equal(dgm_edit_value(&m->base, a), dgm_edit_value(&m->full, b))) return false;
    }
    return !a && !b;
}

/* All of two occurrences. As long as it is, what stands beneath lies alike in both. */
static bool same_all(const making *m, uint32_t base, uint32_t full)
{
    const dgm_edited *x = &m->base.at[base], *y = &m->full.at[full];
    const dgm_tree *a = x->from, *b = y->from;
    uint32_t count = dgm_tree_next(a, x->node) - x->node;
    if (dgm_tree_next(b, y->node) - y->node != count) return false;
    for (uint32_t i = 0; i < count; i++) {
        const dgm_node *p = &a->nodes[x->node + i], *q = &b->nodes[y->node + i];
        if (dgm_node_slot(p) != dgm_node_slot(q) || dgm_node_leaf(p) != dgm_node_leaf(q)) return false;
        if (dgm_node_leaf(p) ? !dgm_slice_equal(dgm_tree_value(a, x->node + i), dgm_tree_value(b, y->node + i))
                             : p->span - x->node != q->span - y->node)
            return false;
    }
    return true;
}

static void compare_later(making *m, uint32_t base, uint32_t full)
{
    void *all = m->queue;
    if (m->status != DGM_OK) return;
    m->status = dgm_mem_reserve(&m->base.mem, &all, &m->queue_room, m->queued + 1, sizeof *m->queue);
    m->queue = all;
    if (m->status == DGM_OK) m->queue[m->queued++] = (pair){ base, full };
}

static void compare_two(making *m, uint32_t base, uint32_t full)
{
    if (!is_leaf(&m->base, base))
        compare_later(m, base, full);
    else if (!same_leaf(m, base, full))
        say(m, full);
}

/* The next sibling of its slot; 0: there is none. */
static uint32_t next_of(const dgm_edit *e, uint32_t at)
{
    uint32_t next = e->at[at].next;
    return next && e->at[next].slot == e->at[at].slot ? next : 0;
}

/* How many there are, and whether each says its own number. */
static uint32_t list_of(const dgm_edit *e, uint32_t first, bool *numbered)
{
    uint32_t n = 0;
    for (uint32_t k = first; k; k = next_of(e, k), n++)
        if (!e->at[k].numbered || dgm_edit_child(e, e->at[k].up, e->at[k].slot, e->at[k].number) != k) *numbered = false;
    return n;
}

static void compare_numbered(making *m, uint32_t base_up, uint32_t full_up, uint32_t base, uint32_t full)
{
    for (uint32_t k = base; k; k = next_of(&m->base, k)) {
        uint32_t other = dgm_edit_child(&m->full, full_up, m->base.at[k].slot, m->base.at[k].number);
        if (other)
            compare_two(m, k, other);
        else
            take_away(m, k);
    }
    for (uint32_t k = full; k; k = next_of(&m->full, k))
        if (!dgm_edit_child(&m->base, base_up, m->full.at[k].slot, m->full.at[k].number)) say(m, k);
}

/* Members without numbers are known by their place: those that are the same stand beside each other as long as there are more to
 * leave out. The full document's have the numbers of the base's from then on. */
static void compare_places(making *m, uint32_t base, uint32_t base_count, uint32_t full, uint32_t full_count)
{
    uint32_t more = base_count > full_count ? base_count - full_count : 0, number = 0;
    while (base) {
        uint32_t next = next_of(&m->base, base);
        number = m->base.at[base].number;
        if (more && (!full || !same_all(m, base, full))) {
            take_away(m, base);
            more--;
        } else {
            uint32_t other = full;
            full = full ? next_of(&m->full, full) : 0;
            if (other) {
                m->full.at[other].number = number;
                compare_two(m, base, other);
            }
        }
        base = next;
    }
    for (; full; full = next_of(&m->full, full)) {
        m->full.at[full].number = ++number;
        say(m, full);
    }
}

static void compare_slot(making *m, uint32_t base_up, uint32_t full_up, uint32_t base, uint32_t full)
{
    bool numbered = true;
    uint32_t slot = base ? m->base.at[base].slot : m->full.at[full].slot;
    if (dgm_shape_slot(m->base.shape, slot)->max <= 1) {
        if (base && full)
            compare_two(m, base, full);
        else if (base)
            take_away(m, base);
        else
            say(m, full);
        return;
    }
    uint32_t x = list_of(&m->base, base, &numbered), y = list_of(&m->full, full, &numbered);
    if (numbered)
        compare_numbered(m, base_up, full_up, base, full);
    else
        compare_places(m, base, x, full, y);
}

/* What stands at the head of an amendment is its own: a difference is told, and stays one. */
static void kept(making *m, uint32_t base, uint32_t full)
{
    uint32_t a = base, b = full;
    dgm_pointer p;
    while (a && b && (is_leaf(&m->base, a) ? same_leaf(m, a, b) : same_all(m, a, b))) {
        a = next_of(&m->base, a);
        b = next_of(&m->full, b);
    }
    if (!a && !b) return;
    dgm_edit_pointer(a ? &m->base : &m->full, a ? a : b, &p);
    if (a && b && dgm_slice_is(dgm_shape_slot(m->base.shape, m->base.at[a].slot)->tag, "D014")) {
        dgm_diag *other = tell(m, DGM_D_AMEND_OTHER, DGM_ERROR, dgm_edit_value(&m->full, b));
        dgm_diag_text(m->diags, other, dgm_edit_value(&m->base, a));
        return;
    }
    dgm_diag *d = tell(m, DGM_D_AMEND_KEPT, DGM_WARNING, path_of(m, &p));
    dgm_diag_text(m->diags, d, a ? dgm_edit_value(&m->base, a) : (dgm_slice){ 0 });
}

/* Remarks are the document's here: those of a message that amends stand in no full document. */
static bool own(const making *m, uint32_t base, uint32_t full)
{
    const dgm_edit *e = base ? &m->base : &m->full;
    uint32_t at = base ? base : full;
    return !e->at[at].up && !dgm_slice_is(dgm_shape_slot(e->shape, e->at[at].slot)->tag, "03A") && dgm_amend_own(e, at);
}

static void compare_children(making *m, pair up)
{
    uint32_t a = m->base.at[up.base].first, b = m->full.at[up.full].first;
    while ((a || b) && m->status == DGM_OK) {
        uint32_t x = a ? m->base.at[a].slot : DGM_SLOT_NONE, y = b ? m->full.at[b].slot : DGM_SLOT_NONE;
        uint32_t base = x <= y ? a : 0, full = y <= x ? b : 0;
        while (a && m->base.at[a].slot == x && x <= y) a = m->base.at[a].next;
        while (b && m->full.at[b].slot == y && y <= x) b = m->full.at[b].next;
        if (own(m, base, full))
            kept(m, base, full);
        else
            compare_slot(m, up.base, up.full, base, full);
    }
}

/* ---- the message --------------------------------------------------------------------------------------------------------- */

/* An occurrence of the base as it is, but for what is taken away in it: to be there would be to stay. */
static void copy_context(making *m, uint32_t id, uint32_t peer)
{
    uint32_t from = (uint32_t)m->part.count;
    dgm_edit_replace(&m->part, id, &m->base, peer);
    for (uint32_t i = from; i < m->part.count; i++) {
        dgm_edited *x = &m->part.at[i];
        x->peer = dgm_edit_child(&m->base, m->part.at[x->up].peer, x->slot, x->number);
        x->gone = x->peer && m->base.at[x->peer].gone;
    }
}

/* Before a member that is known by its place stand those before it, as the base has them; what is taken away holds nothing. */
static void fill_lists(making *m)
{
    for (uint32_t i = 1; i < m->part.count && m->part.failed == DGM_OK; i++) {
        const dgm_edited x = m->part.at[i];
        if (x.gone || x.number < 2 || x.numbered || m->part.at[x.up].pointed) continue;
        for (uint32_t n = x.number - 1; n && !dgm_edit_child(&m->part, x.up, x.slot, n); n--) {
            uint32_t peer = x.up && !m->part.at[x.up].peer ? 0 : dgm_edit_child(&m->base, m->part.at[x.up].peer, x.slot, n);
            uint32_t id = peer ? dgm_edit_add(&m->part, x.up, x.slot, n, NULL, 0) : 0;
            if (!id) break;
            m->part.at[id].peer = peer;
            m->part.at[id].pointed = true;
            if (!m->base.at[peer].gone) copy_context(m, id, peer);
        }
    }
}

static void put_head(making *m)
{
    const dgm_shape *s = m->base.shape;
    uint32_t number = dgm_amend_slot(s, DGM_SLOT_ROOT, "D014"), reference = dgm_amend_slot(s, DGM_SLOT_ROOT, "D026");
    uint32_t mine = dgm_edit_child(&m->base, 0, number, 0), its = dgm_edit_child(&m->full, 0, number, 0);
    uint32_t named = dgm_edit_child(&m->full, 0, reference, 0);
    put_leaf(m, 0, dgm_amend_slot(s, DGM_SLOT_ROOT, "017"), m->head->function);
    put_leaf(m, 0, dgm_amend_slot(s, DGM_SLOT_ROOT, "D013"), m->head->type);
    put_leaf(m, 0, number, its ? dgm_edit_value(&m->full, its) : mine ? dgm_edit_value(&m->base, mine) : (dgm_slice){ 0 });
    if (m->head->reference.len || named)
        put_leaf(m, 0, reference, m->head->reference.len ? m->head->reference : dgm_edit_value(&m->full, named));
}

static dgm_status make(making *m)
{
    m->amendment = dgm_amend_slot(m->base.shape, DGM_SLOT_ROOT, "06A");
    if (dgm_amend_slot(m->base.shape, m->amendment, "97A") == DGM_SLOT_NONE) return DGM_USAGE;
    put_head(m);
    compare_later(m, 0, 0);
    while (m->queued && m->status == DGM_OK && m->part.failed == DGM_OK) {
        pair next = m->queue[--m->queued];
        compare_children(m, next);
    }
    if (m->status == DGM_OK) fill_lists(m);
    if (m->status == DGM_OK) m->status = m->part.failed != DGM_OK ? m->part.failed : m->base.failed;
    if (m->status == DGM_OK) m->status = dgm_edit_build(&m->part, true, m->out);
    if (m->status == DGM_OK && dgm_diags_failed(m->diags)) m->status = DGM_NOMEM;
    return m->status == DGM_OK && m->wrong ? DGM_INVALID : m->status;
}

dgm_status dgm_amend_make(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *full, const dgm_amend_head *head,
                          dgm_diags *diags, dgm_builder *out)
{
    if (!base->shape || base->shape != full->shape) return DGM_USAGE;
    making *m = dgm_mem_new(mem, sizeof *m);
    if (!m) return DGM_NOMEM;
    m->head = head;
    m->diags = diags;
    m->out = out;
    m->part = (dgm_edit){ .mem = *mem, .shape = base->shape };
    dgm_status s = dgm_edit_begin(&m->base, mem, base);
    if (s == DGM_OK) s = dgm_edit_begin(&m->full, mem, full);
    if (s == DGM_OK) (void)dgm_edit_add(&m->part, 0, DGM_SLOT_ROOT, 0, NULL, 0);
    if (s == DGM_OK) s = m->part.failed;
    if (s == DGM_OK) s = make(m);
    dgm_mem_free(mem, m->queue, m->queue_room * sizeof *m->queue);
    dgm_edit_free(&m->base);
    dgm_edit_free(&m->full);
    dgm_edit_free(&m->part);
    dgm_mem_free(mem, m, sizeof *m);
    return s;
}

/* ---- the proof ----------------------------------------------------------------------------------------------------------- */

typedef struct proving {
    const dgm_tree *made, *full;
    dgm_diags *diags;
    uint64_t other;
} proving;

static void differs(void *ctx, uint32_t node_a, uint32_t node_b)
{
    proving *v = ctx;
    const dgm_tree *t = node_b == DGM_NONE ? v->made : v->full;
    uint32_t node = node_b == DGM_NONE ? node_a : node_b;
    static const char *const own_places[] = { "017", "D026", "D013", "D014", "06A" };
    char path[256];
    const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[dgm_tree_towards(t, 0, node)]));
    for (size_t i = 0; i < sizeof own_places / sizeof *own_places; i++)
        if (dgm_slice_is(s->tag, own_places[i])) return;
    if ((s->house && !s->tag.len) || v->other++) return; /* one is enough */
    size_t n = dgm_tree_path(t, node, path, sizeof path);
    dgm_slice where = { path, n < sizeof path ? n : sizeof path - 1 };
    dgm_diag *d = dgm_diags_add(v->diags, DGM_D_AMEND_CANNOT, DGM_ERROR);
    dgm_diag_path(v->diags, d, where);
    dgm_diag_text(v->diags, d, where);
}

dgm_status dgm_amend_prove(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *partial, const dgm_tree *full,
                           dgm_diags *diags)
{
    proving v = { .full = full, .diags = diags };
    dgm_builder *b = NULL;
    dgm_diags *aside = NULL;
    dgm_tree *made = NULL;
    dgm_status s = dgm_diags_new(mem, 16, &aside);
    if (s == DGM_OK) s = dgm_builder_new(mem, NULL, &b);
    if (s == DGM_OK) s = dgm_builder_begin(b, base->shape, false);
    if (s == DGM_OK) s = dgm_amend_apply(mem, base, partial, aside, b);
    bool nothing = s == DGM_INVALID && dgm_diags_count(aside) && dgm_diags_at(aside, 0)->code == DGM_D_AMEND_NONE;
    if (s == DGM_OK) s = dgm_builder_freeze(b, &made, NULL);
    v.made = nothing ? base : made;
    if (s == DGM_OK || nothing) (void)dgm_tree_compare(v.made, full, false, differs, &v);
    if (s == DGM_INVALID && !nothing && dgm_diags_move(diags, aside) != DGM_OK) s = DGM_NOMEM;
    if (made) dgm_tree_free(made);
    dgm_builder_free(b);
    dgm_diags_free(aside);
    if (nothing) s = DGM_OK;
    return s == DGM_OK && v.other ? DGM_INVALID : s;
}
