/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_check.c - why a tree cannot be written: everything that is missing, too many, too long, or not in the repertoire, each
 * with its path. It runs only over trees that the writer came to grief over, so it takes its time. ISO 9735:1988, 5 to 10. One
 * thread.
 */
#include "charsets.h"
#include "writer_state.h"

#include <stdio.h>

typedef struct check {
    dgm_edi_writer *w;
    const dgm_tree *tree;
    const dgm_shape *shape;
    const dgm_edi_row *rows;
    const dgm_edi_attached *about;
    bool secured;     /* that it holds security segments was told */
    uint32_t *counts; /* occurrences of each slot in the parts that are open now */
    bool in_header;   /* UNH, whose values depend on the syntax version */
} check;

dgm_diag *dgm_edi_remark(dgm_edi_writer *w, dgm_diag_code code, dgm_severity severity, uint32_t node, dgm_slice below)
{
    char path[256];
    dgm_diag *d = dgm_diags_add(w->host.diags, code, severity);
    if (!d) return NULL;
    d->position.message = (uint32_t)(w->now.messages + 1);
    d->node = node;
    size_t n = node == DGM_NONE || !w->tree ? 0 : dgm_tree_path(w->tree, node, path, sizeof path);
    if (n > sizeof path) n = sizeof path;
    if (below.len && n && n < sizeof path) path[n++] = '/';
    for (size_t i = 0; i < below.len && n < sizeof path; i++) path[n++] = below.at[i];
    dgm_diag_path(w->host.diags, d, (dgm_slice){ path, n });
    if (w->tree) dgm_diag_reference(w->host.diags, d, w->tree->reference);
    return d;
}

dgm_diag *dgm_edi_complain(dgm_edi_writer *w, dgm_diag_code code, uint32_t node, dgm_slice below)
{
    w->errors++;
    return dgm_edi_remark(w, code, DGM_ERROR, node, below);
}

static dgm_diag *complain_of(check *c, dgm_diag_code code, uint32_t node, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(c->shape, slot);
    dgm_diag *d = dgm_edi_complain(c->w, code, node, (dgm_slice){ 0 });
    dgm_diag_text(c->w->host.diags, d, s->name);
    dgm_diag_text(c->w->host.diags, d, s->title);
    return d;
}

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

static void refuse_character(check *c, uint32_t node, uint32_t slot, dgm_slice v, size_t at)
{
    char text[128];
    dgm_edi_writer *w = c->w;
    dgm_rune rune = dgm_utf8_next(dgm_slice_part(v, at, v.len));
    dgm_diag *d = complain_of(c, DGM_D_EDI_WRITE_CHARACTER, node, slot);
    if (!d) return;
    dgm_diag_text(w->host.diags, d, (dgm_slice){ text, dgm_edi_character(rune.point, text, sizeof text) });
    if (w->charset && !dgm_slice_is(dgm_charset_name(w->charset), dgm_edi_set_of((dgm_slice){ w->wishes.syntax, 4 })->set)) {
        dgm_diag_text(w->host.diags, d, dgm_charset_name(w->charset)); /* the partner's own */
        return;
    }
    const dgm_edi_set *holder = dgm_edi_set_holding(&w->mem, rune.point);
    int n =
        snprintf(text, sizeof text, holder ? "%s (%s could hold it)" : "%s", w->wishes.syntax, holder ? holder->identifier : "");
    dgm_diag_text(w->host.diags, d, (dgm_slice){ text, (size_t)n });
}

static bool digits_of(dgm_slice v, uint32_t *digits)
{
    uint32_t n = 0, marks = 0;
    for (size_t i = 0; i < v.len; i++) {
        char ch = v.at[i];
        if (ch >= '0' && ch <= '9')
            n++;
        else if (ch == '.' || ch == ',')
            marks++;
        else if (ch != '-' || i)
            return false;
    }
    *digits = n;
    return n > 0 && marks <= 1;
}

static bool no_digits(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] >= '0' && v.at[i] <= '9') return false;
    return true;
}

/* Length and representation. */
static void check_form(check *c, uint32_t node, uint32_t slot, dgm_slice v)
{
    dgm_edi_row own;
    const dgm_edi_row *row = &c->rows[slot];
    if (c->in_header) {
        row = &own;
        if (!dgm_edi_header_row(c->w, slot, &own)) { /* of version 4 alone */
            (void)complain_of(c, DGM_D_EDI_WRITE_UNKNOWN, node, slot);
            return;
        }
    }
    uint32_t length = 0;
    dgm_diag_code code = DGM_D_NONE;
    if (row->class == DGM_EDI_N) {
        if (!digits_of(v, &length)) code = DGM_D_EDI_NOT_NUMERIC;
    } else {
        length = (uint32_t)dgm_utf8_length(v);
        if (row->class == DGM_EDI_A && !no_digits(v)) code = DGM_D_EDI_NOT_ALPHABETIC;
    }
    if (code != DGM_D_NONE) {
        dgm_diag_text(c->w->host.diags, complain_of(c, code, node, slot), v);
        return;
    }
    if (length >= row->least && length <= row->most) return;
    bool shorter = length < row->least;
    dgm_diag *d = complain_of(c, shorter ? DGM_D_EDI_TOO_SHORT : DGM_D_EDI_TOO_LONG, node, slot);
    dgm_diag_number(c->w->host.diags, d, length);
    dgm_diag_number(c->w->host.diags, d, shorter ? row->least : row->most);
}

static void check_value(check *c, uint32_t node, uint32_t slot, dgm_slice v)
{
    dgm_edi_writer *w = c->w;
    dgm_slice made = v;
    size_t bad = 0;
    dgm_status st = DGM_OK;
    if (dgm_edi_kinds(w, v) & (DGM_EDI_OUTSIDE | DGM_EDI_WIDE)) {
        st = c->in_header ? dgm_edi_header_holds(w, v, &bad) : dgm_edi_adapt(w, v, &made, &bad);
        if (st == DGM_INVALID)
            refuse_character(c, node, slot, v, bad);
        else if (st != DGM_OK)
            w->failed = st;
    }
    check_form(c, node, slot, c->rows[slot].class == DGM_EDI_N || st != DGM_OK ? v : made);
}

/* ---- occurrences ----------------------------------------------------------------------------------------------------------- */

/* One occurrence more of a slot beneath its parent. */
static void count_slot(check *c, uint32_t node, uint32_t slot)
{
    const dgm_slot *s = dgm_shape_slot(c->shape, slot);
    if (++c->counts[slot] <= s->max) return;
    if (s->kind == DGM_ELEMENT || s->kind == DGM_COMPOSITE) {
        (void)complain_of(c, DGM_D_EDI_WRITE_TWICE, node, slot);
    } else if (c->counts[slot] == s->max + 1) {
        dgm_diag *d = dgm_edi_complain(c->w, s->kind == DGM_GROUP ? DGM_D_EDI_GROUP_TOO_MANY : DGM_D_EDI_SEGMENT_TOO_MANY, node,
                                       (dgm_slice){ 0 });
        uint32_t all = s->max;
        dgm_diag_text(c->w->host.diags, d, s->name);
        for (uint32_t i = node; i < c->tree->node_count && c->tree->nodes[i].tag == c->tree->nodes[node].tag;
             i = dgm_tree_next(c->tree, i))
            all++;
        dgm_diag_number(c->w->host.diags, d, all);
        dgm_diag_number(c->w->host.diags, d, s->max);
    }
}

static void forget_children(check *c, uint32_t slot)
{
    const dgm_edi_row *row = &c->rows[slot];
    if (row->child_count) memset(c->counts + row->first_child, 0, row->child_count * sizeof *c->counts);
}

static void missing_child(check *c, uint32_t node, uint32_t slot, uint32_t parent_slot)
{
    static const dgm_diag_code codes[] = { [DGM_GROUP] = DGM_D_EDI_GROUP_MISSING,
                                           [DGM_SEGMENT] = DGM_D_EDI_SEGMENT_MISSING,
                                           [DGM_COMPOSITE] = DGM_D_EDI_ELEMENT_MISSING,
                                           [DGM_ELEMENT] = DGM_D_EDI_ELEMENT_MISSING };
    const dgm_slot *s = dgm_shape_slot(c->shape, slot);
    dgm_diags *diags = c->w->host.diags;
    dgm_diag *d = dgm_edi_complain(c->w, s->component ? DGM_D_EDI_COMPONENT_MISSING : codes[s->kind], node, s->name);
    dgm_diag_text(diags, d, s->name);
    dgm_diag_text(diags, d, s->kind == DGM_GROUP ? dgm_shape_slot(c->shape, s->first_child)->name : s->title);
    const dgm_slot *before = slot > c->rows[parent_slot].first_child && s->kind <= DGM_SEGMENT
                                 ? dgm_shape_slot(c->shape, slot - 1)
                                 : dgm_shape_slot(c->shape, parent_slot);
    if (s->kind <= DGM_SEGMENT || s->component) dgm_diag_text(diags, d, before->name);
}

/* A trigger that may stand without elements, and UNS, are written by themselves. */
static bool written_anyway(const check *c, uint32_t slot, uint32_t parent_slot)
{
    if (slot == c->about->unh || slot == c->about->unt) return true;
    for (uint32_t i = 0; i < c->about->uns_count; i++)
        if (slot == c->about->uns[i]) return true;
    const dgm_slot *s = dgm_shape_slot(c->shape, slot);
    return s->kind == DGM_SEGMENT && parent_slot != DGM_SLOT_ROOT && slot == c->rows[parent_slot].first_child &&
           !c->rows[slot].needed;
}

static void check_children(check *c, uint32_t node, uint32_t slot)
{
    const dgm_edi_row *row = &c->rows[slot];
    for (uint32_t child = row->first_child; child < row->first_child + row->child_count; child++)
        if (dgm_shape_slot(c->shape, child)->min && c->counts[child] == 0 && !written_anyway(c, child, slot))
            missing_child(c, node, child, slot);
}

static bool known_node(check *c, uint32_t node, uint32_t parent_slot)
{
    const dgm_edi_row *row = &c->rows[parent_slot];
    const dgm_node *n = &c->tree->nodes[node];
    uint32_t child = dgm_node_slot(n) - row->first_child;
    if (child < row->child_count && c->rows[row->first_child + child].kind == dgm_node_kind(n)) return true;
    if (dgm_node_slot(n) == DGM_SLOT_UNKNOWN && (dgm_edi_secures(c->w, node) || dgm_edi_encrypts(c->w, node))) {
        dgm_edi_complain_secured(c->w, node, &c->secured);
        return false;
    }
    dgm_diag_text(c->w->host.diags, dgm_edi_complain(c->w, DGM_D_EDI_WRITE_UNKNOWN, node, (dgm_slice){ 0 }),
                  dgm_tree_name(c->tree, node));
    return false;
}

/* ---- segments and groups --------------------------------------------------------------------------------------------------- */

/* The leaves of a segment or composite; true when there is something in it. */
static bool check_leaf(check *c, uint32_t node, uint32_t slot)
{
    dgm_slice v = dgm_tree_value(c->tree, node);
    if (v.len == 0) return false;
    count_slot(c, node, slot);
    check_value(c, node, slot, v);
    return true;
}

static void check_composite(check *c, uint32_t node, uint32_t slot)
{
    uint32_t end = dgm_tree_end(c->tree, node);
    bool any = false;
    forget_children(c, slot);
    for (uint32_t i = node + 1; i < end; i = dgm_tree_next(c->tree, i))
        if (known_node(c, i, slot)) any |= check_leaf(c, i, dgm_node_slot(&c->tree->nodes[i]));
    if (!any) return; /* nothing in it: as if it were not there */
    count_slot(c, node, slot);
    check_children(c, node, slot);
}

static void check_segment(check *c, uint32_t node, uint32_t slot)
{
    uint32_t end = dgm_tree_end(c->tree, node);
    count_slot(c, node, slot);
    forget_children(c, slot);
    c->in_header = slot == c->about->unh;
    for (uint32_t i = node + 1; i < end; i = dgm_tree_next(c->tree, i)) {
        if (!known_node(c, i, slot)) continue;
        uint32_t child = dgm_node_slot(&c->tree->nodes[i]);
        if (c->rows[child].kind == DGM_COMPOSITE)
            check_composite(c, i, child);
        else
            check_leaf(c, i, child);
    }
    c->in_header = false;
    if (slot != c->about->unh) check_children(c, node, slot); /* the format knows what is missing in UNH */
    if (c->rows[slot].special & DGM_EDI_ROW_NOTED) (void)dgm_edi_notes_kept(c->w, node, true);
}

typedef struct open_group {
    uint32_t node, slot, end;
} open_group;

static void check_tree(check *c)
{
    const dgm_tree *t = c->tree;
    open_group open[DGM_DEPTH_MAX];
    uint32_t depth = 1, i = 1;
    open[0] = (open_group){ 0, DGM_SLOT_ROOT, t->node_count };
    forget_children(c, DGM_SLOT_ROOT);
    for (;;) {
        open_group *g = &open[depth - 1];
        if (i >= g->end) {
            check_children(c, g->node, g->slot);
            if (--depth == 0) return;
            continue;
        }
        if (!known_node(c, i, g->slot)) {
            i = dgm_tree_next(t, i);
            continue;
        }
        uint32_t slot = dgm_node_slot(&t->nodes[i]);
        if (c->rows[slot].kind == DGM_SEGMENT) {
            if (slot != c->about->unt) check_segment(c, i, slot);
            i = dgm_tree_next(t, i);
        } else if (depth == DGM_DEPTH_MAX) {
            (void)dgm_edi_complain(c->w, DGM_D_EDI_WRITE_FORMAT, i, (dgm_slice){ 0 });
            return;
        } else {
            count_slot(c, i, slot);
            forget_children(c, slot);
            open[depth++] = (open_group){ i, slot, dgm_tree_end(t, i) };
            i++;
        }
    }
}

/* Nothing is wrong with any part, but a reader would not find the way from one to the next. */
static void complain_of_place(check *c)
{
    uint32_t at = c->w->stuck;
    bool end = at >= c->tree->node_count;
    dgm_diag *d = dgm_edi_complain(c->w, DGM_D_EDI_WRITE_PLACE, end ? 0 : at, (dgm_slice){ 0 });
    dgm_diag_text(c->w->host.diags, d, end ? DGM_LITERAL("UNT") : dgm_tree_name(c->tree, at));
}

void dgm_edi_write_check(dgm_edi_writer *w)
{
    check c = { .w = w, .tree = w->tree, .shape = w->tree->shape, .rows = w->about->rows, .about = w->about };
    uint32_t before = w->errors;
    size_t bytes = w->about->row_count * sizeof *c.counts;
    c.counts = dgm_mem_new(&w->mem, bytes);
    if (!c.counts) {
        w->failed = DGM_NOMEM;
        return;
    }
    check_tree(&c);
    (void)dgm_edi_message_notes_kept(w, true);
    if (w->errors == before && w->failed == DGM_OK) complain_of_place(&c);
    dgm_mem_free(&w->mem, c.counts, bytes);
}
