/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_flow.c - a text that is longer than its field is written in pieces: in other fields of its record, in records beneath. It
 * is broken only so that it is read as what it was. One thread.
 */
#include "writer.h"

/* What has been taken of a text ends at `at`: does a reader know where? */
static bool readable(const dgm_flat_step *s, dgm_slice rest, size_t at)
{
    return at > 0 && rest.at[at - 1] != s->pad;
}

/* Bytes of the next piece, and those of the join behind it; 0: it cannot be broken. */
static size_t piece_of(flat_writer *w, const dgm_flat_step *s, dgm_slice rest, size_t *behind)
{
    size_t units, head = dgm_flat_head_of(w, rest, s->len, &units);
    *behind = 0;
    if (head == rest.len) return head;
    if (s->columns) return units == s->len ? head : 0; /* a reader would take what fills up for a part of it */
    if (!s->join.len) {
        while (head && !readable(s, rest, head)) head--;
        return head;
    }
    *behind = s->join.len;
    for (size_t at = head; at > 0; at--) {
        bool here = rest.len - at >= s->join.len && memcmp(rest.at + at, s->join.at, s->join.len) == 0;
        if (here && readable(s, rest, at) && rest.len > at + s->join.len) return at;
    }
    return 0;
}

/* Would a reader take it for nothing? */
static bool blank_piece(const dgm_flat_step *s, dgm_slice piece)
{
    size_t i = 0;
    while (i < piece.len && piece.at[i] == s->pad) i++;
    return i == piece.len;
}

static dgm_status take_piece(flat_writer *w, const dgm_flat_step *s, flat_rest *r)
{
    size_t behind;
    dgm_slice rest = dgm_slice_part(dgm_buffer_slice(&r->text), r->at, r->text.len);
    size_t len = piece_of(w, s, rest, &behind);
    bool first = r->at == 0 && len < rest.len; /* a text that begins with nothing is none in the record beneath */
    if (s->columns && first && blank_piece(s, dgm_slice_part(rest, 0, len))) len = 0;
    if (!len) dgm_flat_refuse(w, DGM_D_FLAT_WRITE_BROKEN, r->node, s->name, rest);
    w->piece.len = 0;
    dgm_status st = dgm_buffer_append(&w->piece, dgm_slice_part(rest, 0, len));
    r->at = len ? r->at + len + behind : r->text.len;
    return st;
}

dgm_status dgm_flat_begin_text(flat_writer *w, const dgm_flat_step *s, uint32_t node)
{
    flat_rest *r = &w->rests[s->flow - 1];
    r->text.len = r->at = 0;
    r->node = node;
    if (!w->piece.len) return DGM_OK;
    dgm_status st = dgm_buffer_append(&r->text, dgm_buffer_slice(&w->piece));
    return st == DGM_OK ? take_piece(w, s, r) : st;
}

dgm_status dgm_flat_next_piece(flat_writer *w, const dgm_flat_step *s)
{
    flat_rest *r = &w->rests[w->l->steps[s->other].flow - 1];
    w->piece.len = 0;
    return r->at < r->text.len ? take_piece(w, s, r) : DGM_OK;
}

bool dgm_flat_text_left(const flat_writer *w, uint32_t flow)
{
    return w->rests[flow - 1].at < w->rests[flow - 1].text.len;
}

static bool goes_on_beneath(const dgm_flat_layout *l, const dgm_flat_place *p, uint32_t flow)
{
    for (uint32_t c = 0; c < p->child_count; c++)
        if (l->places[p->first_child + c].flow == flow) return true;
    return false;
}

void dgm_flat_tell_left(flat_writer *w, uint32_t place, bool beneath)
{
    const dgm_flat_place *p = &w->l->places[place];
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &w->l->steps[i];
        if (s->type == DGM_FLAT_MORE || !s->flow || !dgm_flat_text_left(w, s->flow)) continue;
        if (!beneath && goes_on_beneath(w->l, p, s->flow)) continue;
        flat_rest *r = &w->rests[s->flow - 1];
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_LEFT, r->node, s->name, dgm_slice_part(dgm_buffer_slice(&r->text), r->at, r->text.len));
        r->at = r->text.len;
    }
}
