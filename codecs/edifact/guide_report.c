/* SPDX-License-Identifier: Apache-2.0
 *
 * guide_report.c - what a message breaks of its guide, as diagnostics: the guide with file and line, the place in the message down
 * to the byte, what is wanted, and why. Places are found from the tree when something is told, and only then. One thread.
 */
#include "attached.h"
#include "guide_check.h"
#include "words.h"

#include <stdio.h>

dgm_slice dgm_edi_guide_what(const guide_walk *w, uint32_t spot, char *room, size_t bytes)
{
    dgm_edi_words t = { room, 0, bytes };
    const dgm_edi_guide_entry *e = w->g->spots[spot].entry;
    dgm_slice name = e->name.len ? e->name : dgm_shape_slot(w->g->shape, w->g->spots[spot].slot)->title;
    dgm_edi_words_add(&t, e->place);
    if (name.len == 0) return (dgm_slice){ room, t.len };
    dgm_edi_words_add(&t, DGM_LITERAL(" ("));
    dgm_edi_words_add(&t, name);
    dgm_edi_words_add(&t, DGM_LITERAL(")"));
    return (dgm_slice){ room, t.len };
}

/* ---- places ---- */

/* Number of the segment that a node is, or that the last segment before it has. Diagnostics come nearly in order, so that the way
 * from the one before is short. */
static uint32_t segment_number(guide_walk *w, uint32_t node)
{
    const dgm_node *n = w->t->nodes;
    while (w->cursor < node) w->segments += dgm_node_kind(&n[++w->cursor]) == DGM_SEGMENT;
    while (w->cursor > node) w->segments -= dgm_node_kind(&n[w->cursor--]) == DGM_SEGMENT;
    return w->segments;
}

/* The segment that a node is in or begins with. */
static uint32_t segment_of(const guide_walk *w, uint32_t node)
{
    const dgm_node *n = w->t->nodes;
    while (node + 1 < w->t->node_count && dgm_node_kind(&n[node]) == DGM_GROUP) node++;
    while (node && dgm_node_kind(&n[node]) != DGM_SEGMENT) node--;
    return node;
}

/* Offset in the reader's bytes of a separator or terminator from `at` on, releases passed over. */
static size_t next_mark(const dgm_edi_reader *r, size_t at, bool terminator_only)
{
    for (; at < r->len; at++) {
        char c = r->in[at];
        if (r->has_release && c == r->service[2]) {
            at++;
            continue;
        }
        if (c == r->service[3]) return at;
        if (terminator_only) continue;
        if (c == r->service[0] || c == r->service[1] || (r->has_repetition && c == r->repetition_separator)) return at;
    }
    return r->len;
}

/* Behind its last value nothing is released. */
static size_t segment_end(const guide_walk *w, uint32_t segment)
{
    const dgm_node *n = &w->t->nodes[segment];
    uint32_t last = dgm_tree_end(w->t, segment) - 1;
    size_t at = w->r->message_at + (last == segment ? n->at + 3 : w->t->nodes[last].at + w->t->nodes[last].span);
    size_t end = next_mark(w->r, at, true);
    return end < w->r->len ? end + 1 : end;
}

/* Where an element (a component of it, one of its occurrences) stands, or would: the end of the segment when there is none. */
static size_t place_in(const guide_walk *w, uint32_t segment, uint32_t e, uint32_t c, uint32_t again)
{
    const dgm_edi_reader *r = w->r;
    size_t at = r->message_at + w->t->nodes[segment].at;
    uint32_t element = 0, occurrence = 0, component = 1;
    for (;;) {
        size_t mark = next_mark(r, at, false);
        char what = mark < r->len ? r->in[mark] : r->service[3];
        bool same = element == e && occurrence == again;
        if (same && component >= (c ? c : 1)) return at;
        if (what == r->service[3]) return mark;
        if (element == e && (what == r->service[1] || (occurrence == again && what != r->service[0]))) return mark;
        if (what == r->service[1])
            element++, occurrence = 0, component = 1;
        else if (what == r->service[0])
            component++;
        else
            occurrence++, component = 1;
        at = mark + 1;
    }
}

static uint32_t same_slot(const guide_walk *w, uint32_t node)
{
    uint32_t slot = dgm_node_slot(&w->t->nodes[node]);
    return slot < w->bound->slot_count ? w->bound->same[slot] : DGM_SLOT_NONE;
}

/* The node of a spot that another one is in: nearly always the one that fitted last. */
static uint32_t around(const guide_walk *w, uint32_t spot, uint32_t node)
{
    uint32_t at = w->states[spot].last, slot = w->g->spots[spot].slot;
    if (at > node || dgm_tree_end(w->t, at) <= node) at = node;
    while (at && (same_slot(w, at) != slot || dgm_tree_end(w->t, at) <= node)) at--;
    return at;
}

static void path_to(const guide_walk *w, uint32_t spot, uint32_t node, dgm_edi_words *t)
{
    uint32_t chain[DGM_DEPTH_MAX], n = 0;
    for (uint32_t s = spot; s != 0 && n < DGM_DEPTH_MAX; s = w->g->spots[s].parent) {
        node = around(w, s, node);
        chain[n++] = node;
    }
    while (n--) {
        const dgm_node *node_there = &w->t->nodes[chain[n]];
        const dgm_slot *slot = dgm_shape_slot(w->bound->shape, dgm_node_slot(node_there));
        if (t->len) dgm_edi_words_add(t, DGM_LITERAL("/"));
        dgm_edi_words_add(t, slot->name);
        dgm_edi_words_ordinal(t, dgm_tree_number(w->t, chain[n]));
    }
}

/* ---- records ---- */

typedef struct where {
    uint32_t segment;
    size_t at, bytes;
    uint32_t element, component, repetition;
} where;

static void put(guide_walk *w, const where *p, dgm_slice path, const guide_fault *f)
{
    dgm_edi_reader *r = w->r;
    char of[256];
    if (f->severity == DGM_ERROR) r->errors++;
    dgm_diag *d = dgm_diags_add(r->host.diags, f->code, f->severity);
    if (!d) return;
    size_t from = r->message_at + w->t->nodes[p->segment].at, to = segment_end(w, p->segment);
    d->position = r->position;
    d->position.segment = segment_number(w, p->segment);
    d->position.element = (uint16_t)p->element;
    d->position.component = (uint16_t)p->component;
    d->position.repetition = (uint16_t)p->repetition;
    d->at_byte = dgm_edi_offset(r, p->at);
    d->bytes = dgm_edi_extent(r, p->at, p->bytes);
    dgm_diag_path(r->host.diags, d, path);
    if (r->reference.len) dgm_diag_reference(r->host.diags, d, dgm_edi_text_slice(&r->reference));
    dgm_diag_excerpt(r->host.diags, d, (dgm_slice){ r->in + from, to - from }, d->at_byte - p->at + from);
    int n =
        snprintf(of, sizeof of, "%.*s (%.*s:%u)", (int)w->g->name.len, w->g->name.at, (int)w->g->file.len, w->g->file.at, f->line);
    dgm_diag_text(r->host.diags, d, f->what);
    dgm_diag_text(r->host.diags, d, f->found);
    dgm_diag_text(r->host.diags, d, (dgm_slice){ of, n > 0 && (size_t)n < sizeof of ? (size_t)n : 0 });
    dgm_diag_text(r->host.diags, d, f->why);
}

void dgm_edi_guide_tell(guide_walk *w, uint32_t spot, uint32_t node, const guide_fault *f)
{
    char room[256];
    dgm_edi_words path = { room, 0, sizeof room };
    const dgm_node *n = &w->t->nodes[node];
    where p = { .segment = segment_of(w, node) };
    path_to(w, spot, node, &path);
    p.at = w->r->message_at + n->at;
    if (dgm_node_kind(n) >= DGM_COMPOSITE) {
        const dgm_node *end = &w->t->nodes[dgm_tree_end(w->t, node) - 1];
        p.bytes = end->at + end->span - n->at;
        p.element = dgm_tree_element(w->t, node);
        p.component = n->place >> 8 & 0xFF;
        p.repetition = n->place >> 16;
    } else {
        p.at = w->r->message_at + w->t->nodes[p.segment].at;
        p.bytes = segment_end(w, p.segment) - p.at;
    }
    put(w, &p, (dgm_slice){ room, path.len }, f);
}

/* The last segment in an occurrence that stands before a slot of it. */
static uint32_t segment_before(const guide_walk *w, uint32_t node, uint32_t slot)
{
    uint32_t before = node + 1;
    for (uint32_t i = node + 1; i < dgm_tree_end(w->t, node); i = dgm_tree_next(w->t, i))
        if (dgm_node_slot(&w->t->nodes[i]) <= slot) before = i;
    uint32_t last = dgm_tree_end(w->t, before) - 1;
    while (last > before && dgm_node_kind(&w->t->nodes[last]) != DGM_SEGMENT) last--;
    return segment_of(w, last);
}

static void add_step(const guide_walk *w, uint32_t spot, uint32_t *slot, dgm_edi_words *path)
{
    const dgm_edi_guide_spot *s = &w->g->spots[spot];
    dgm_slice name = dgm_shape_slot(w->g->shape, s->slot)->name;
    uint32_t ordinal = s->ordinal && s->from ? s->from : 1;
    *slot = dgm_shape_child(w->bound->shape, *slot, name, ordinal);
    if (path->len) dgm_edi_words_add(path, DGM_LITERAL("/"));
    dgm_edi_words_add(path, name);
    dgm_edi_words_ordinal(path, ordinal);
}

void dgm_edi_guide_tell_missing(guide_walk *w, uint32_t spot, uint32_t hits, const guide_fault *f)
{
    char room[256];
    dgm_edi_words path = { room, 0, sizeof room };
    const dgm_edi_guide_spot *s = &w->g->spots[spot], *above = &w->g->spots[s->parent];
    const dgm_edi_attached *about = dgm_edi_attached_of(w->bound->shape);
    bool composite = dgm_shape_slot(w->g->shape, above->slot)->kind == DGM_COMPOSITE && w->states[s->parent].hits == 0;
    uint32_t base = composite ? above->parent : s->parent, parent = w->states[base].last;
    uint32_t slot = dgm_node_slot(&w->t->nodes[parent]);
    path_to(w, base, parent, &path);
    if (composite) add_step(w, s->parent, &slot, &path);
    if (slot != DGM_SLOT_NONE) add_step(w, spot, &slot, &path);
    if (slot == DGM_SLOT_NONE || !about) return;
    const dgm_edi_row *row = &about->rows[slot];
    where p = { 0 };
    if (row->kind >= DGM_COMPOSITE) {
        bool four = w->r->syntax_version >= 4;
        p.segment = segment_of(w, parent);
        p.element = row->element[four];
        p.component = row->component;
        p.repetition = four && row->again ? row->again + 1u : 0;
        p.at = place_in(w, p.segment, p.element, p.component, four ? row->again : 0);
    } else {
        p.segment = segment_before(w, parent, slot);
        p.at = segment_end(w, p.segment);
        dgm_edi_words_ordinal(&path, s->test_count ? 0 : hits + 1);
    }
    put(w, &p, (dgm_slice){ room, path.len }, f);
}
