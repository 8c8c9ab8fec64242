/* SPDX-License-Identifier: Apache-2.0
 *
 * odd.c - fields that are not simply there: those with conditions, lists as long as a number says, texts that go on in other fields
 * and records. One thread.
 */
#include "reader.h"

enum { MADE_MOST = 256 };

static bool blank(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ') return false;
    return true;
}

/* ---- conditions ---- */

static dgm_flat_holds present(const flat_reader *r, const dgm_flat_step *s, const dgm_flat_condition **why)
{
    return s->condition ? dgm_flat_present(r->l, s->condition, r->kept, r->doubtful, why) : DGM_FLAT_YES;
}

static void forget(flat_reader *r, const dgm_flat_step *s, bool doubtful)
{
    if (!s->kept) return;
    r->kept[s->kept - 1].len = 0;
    r->doubtful[s->kept - 1] = doubtful;
}

static bool has_columns(const dgm_flat_step *s)
{
    return s->type != DGM_FLAT_OPEN && s->type != DGM_FLAT_CLOSE;
}

static uint32_t end_of(const flat_reader *r, const dgm_flat_step *s)
{
    return s->at + (r->l->delimited ? 1 : s->len);
}

enum { COVERED = 1 << 30 }; /* columns are fewer */

/* For each column of a record where it changes whether a field that is there has it, and (COVERED) whether one has. */
static dgm_status find_covered(flat_reader *r, const dgm_flat_place *p, uint32_t **out)
{
    const dgm_flat_step *steps = r->l->steps + p->first_step;
    const dgm_flat_condition *why;
    uint32_t width = 0, open = 0;
    for (uint32_t i = 0; i < p->step_count; i++)
        if (has_columns(&steps[i]) && end_of(r, &steps[i]) > width) width = end_of(r, &steps[i]);
    r->covered.len = 0;
    dgm_status st = dgm_buffer_reserve(&r->covered, (width + (size_t)1) * sizeof **out);
    if (st != DGM_OK) return st;
    uint32_t *at = (uint32_t *)(void *)r->covered.at;
    memset(at, 0, (width + (size_t)1) * sizeof *at);
    for (uint32_t i = 0; i < p->step_count; i++) { /* how many begin, less how many end there */
        if (!has_columns(&steps[i]) || present(r, &steps[i], &why) != DGM_FLAT_YES) continue;
        at[steps[i].at]++;
        at[end_of(r, &steps[i])]--;
    }
    for (uint32_t c = 0; c < width; c++) {
        open += at[c];
        at[c] = open ? COVERED : 0;
    }
    at[width] = width;
    for (uint32_t c = width; c-- > 0;) {
        bool same = c + 1 < width && (at[c + 1] & COVERED) == at[c];
        at[c] |= same ? at[c + 1] & ~(uint32_t)COVERED : c + 1;
    }
    *out = at;
    return DGM_OK;
}

/* The columns of an absent field from `from` on that no field has which is there; false: none. covered: NULL: nobody shares any. */
static bool uncovered(const uint32_t *covered, uint32_t end, uint32_t *from, uint32_t *to)
{
    *to = end;
    if (!covered) return *from < end;
    if (*from < end && covered[*from] & COVERED) *from = covered[*from] & ~(uint32_t)COVERED;
    if (*from >= end) return false;
    if (covered[*from] < end) *to = covered[*from];
    return true;
}

/* *covered: of this record, once it is known. */
static dgm_status check_empty(flat_reader *r, const dgm_flat_place *p, const dgm_flat_step *s, const dgm_flat_condition *why,
                              uint32_t **covered)
{
    char made[MADE_MOST + DGM_FLAT_MADE_ROOM];
    flat_cell_view c;
    dgm_flat_value v;
    dgm_flat_step part = *s;
    const uint32_t end = end_of(r, s);
    dgm_flat_find_cell(r, s, &c);
    if (blank(c.text)) return DGM_OK;
    part.required = false;
    bool nothing = c.text.len <= MADE_MOST && s->type != DGM_FLAT_CONSTANT &&
                   dgm_flat_value_read(r->l, &part, c.text, made, &v) == DGM_FLAT_ABSENT;
    if (!nothing && s->shared && !*covered) {
        dgm_status st = find_covered(r, p, covered);
        if (st != DGM_OK) return st;
    }
    for (uint32_t from = s->at, to; !nothing && uncovered(s->shared ? *covered : NULL, end, &from, &to); from = to) {
        part.at = from;
        part.len = to - from;
        dgm_flat_find_cell(r, &part, &c);
        if (blank(c.text)) continue;
        const dgm_flat_step *source = &r->l->steps[why->source];
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_FIELD_FORBIDDEN, DGM_ERROR, c.raw_at, c.raw_len, s->slot);
        dgm_diag_text(r->host.diags, d, s->name.len ? s->name : DGM_LITERAL("a constant"));
        dgm_diag_text(r->host.diags, d, c.text);
        dgm_diag_text(r->host.diags, d, source->name);
        dgm_diag_text(r->host.diags, d, dgm_buffer_slice(&r->kept[source->kept - 1]));
        break;
    }
    return DGM_OK;
}

dgm_status dgm_flat_check_absent(flat_reader *r, const dgm_flat_place *p)
{
    const dgm_flat_condition *why = NULL;
    uint32_t *covered = NULL;
    dgm_status st = DGM_OK;
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count && !r->dirty && st == DGM_OK; i++) {
        const dgm_flat_step *s = &r->l->steps[i];
        if (s->condition && present(r, s, &why) == DGM_FLAT_NO) st = check_empty(r, p, s, why, &covered);
    }
    return st;
}

/* ---- lists ---- */

/* Is this occurrence one more than there are? Then what stands behind the list is next. */
static bool beyond(flat_reader *r, const dgm_flat_step *s, uint32_t *i)
{
    const dgm_flat_array *a = &r->l->arrays[s->array - 1];
    const dgm_flat_step *source = &r->l->steps[a->source];
    dgm_slice value = dgm_buffer_slice(&r->kept[source->kept - 1]);
    uint32_t count = 0;
    if (value.len && !dgm_slice_count(value, &count)) count = UINT32_MAX;
    if (s->number == 1 && count > a->times) {
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_FIELD_COUNTED, DGM_ERROR, 0, r->record.len, source->slot);
        dgm_diag_text(r->host.diags, d, source->name);
        dgm_diag_text(r->host.diags, d, value);
        dgm_diag_number(r->host.diags, d, a->times);
    }
    if (s->number <= count) return false;
    r->shift += a->stride * (a->times - (s->number - 1));
    *i = a->to - 1;
    return true;
}

/* ---- texts that go on ---- */

static flat_flow *flow_of(flat_reader *r, const dgm_flat_step *s)
{
    return &r->flows[(s->type == DGM_FLAT_MORE ? r->l->steps[s->other].flow : s->flow) - 1];
}

/* One piece: DGM_FLAT_ABSENT, WRONG (told), or its text. */
static dgm_flat_found read_piece(flat_reader *r, const dgm_flat_step *s, flat_cell_view *c, dgm_flat_value *v)
{
    char made[DGM_FLAT_MADE_ROOM]; /* a text is always as it is */
    dgm_flat_step piece = *s;
    dgm_flat_find_cell(r, s, c);
    if (r->dirty && dgm_utf8_check(c->text) != c->text.len) return DGM_FLAT_ABSENT; /* told with the record */
    piece.type = DGM_FLAT_TEXT;
    piece.required = false;
    dgm_flat_found found = c->split ? DGM_FLAT_ABSENT : dgm_flat_value_read(r->l, &piece, c->text, made, v);
    if (r->watch)
        r->watch->field(r->watch->ctx, s, c->raw_at, c->raw_len, found == DGM_FLAT_WRONG,
                        found == DGM_FLAT_ABSENT ? (dgm_slice){ 0 } : v->text);
    if (found == DGM_FLAT_WRONG) dgm_flat_tell_value(r, s, c, v);
    if (c->split) {
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_FIELD_SPLIT, DGM_ERROR, c->raw_at, c->raw_len, s->slot);
        dgm_diag_text(r->host.diags, d, s->name);
        dgm_diag_text(r->host.diags, d, r->l->encoding);
    }
    return found;
}

/* Doubled quotes become single ones. */
static dgm_status append_cell(flat_reader *r, const dgm_flat_step *s, dgm_buffer *b, dgm_slice text)
{
    size_t cell = s->at - r->shift;
    bool doubled = r->l->delimited && cell < r->cells.count && r->cells.at[cell].doubled;
    dgm_status st = dgm_buffer_reserve(b, text.len + 1);
    for (size_t i = 0; i < text.len && st == DGM_OK; i++) {
        b->at[b->len++] = text.at[i];
        if (doubled && text.at[i] == r->l->quote) i++;
    }
    return st;
}

static dgm_status append_piece(flat_reader *r, const dgm_flat_step *s, flat_flow *f, const flat_cell_view *c, dgm_slice text)
{
    dgm_status st = DGM_OK;
    if (s->columns && f->owed) {
        uint64_t most = r->host.limits.message_bytes_max;
        r->filled += f->owed; /* blanks that nobody sent, a record's columns for each few bytes */
        if (r->filled > most) {
            dgm_flat_give_up(r, DGM_D_FLAT_LIMIT_MESSAGE, (int64_t)most);
            f->owed = 0;
            return DGM_OK;
        }
        st = dgm_buffer_reserve(&f->text, f->owed + 1);
        if (st != DGM_OK) return st;
        memset(f->text.at + f->text.len, s->pad, f->owed);
        f->text.len += f->owed;
    } else if (f->begun) {
        st = dgm_buffer_append(&f->text, s->join);
    }
    size_t trimmed = c->text.len - text.len, units = r->l->characters ? dgm_utf8_length(c->text) : c->raw_len;
    f->owed = (uint32_t)(trimmed + (s->len > units ? s->len - units : 0));
    f->begun = true;
    return st == DGM_OK ? append_cell(r, s, &f->text, text) : st;
}

/* A piece of blanks, of a text that goes on where the columns end: they belong to it if more of it comes. */
static void owe_piece(const flat_reader *r, const dgm_flat_step *s, flat_flow *f)
{
    if (s->columns && (!r->l->delimited || s->padded)) f->owed += s->len < UINT32_MAX - f->owed ? s->len : 0;
}

static dgm_status read_long(flat_reader *r, flat_nodes *n, const dgm_flat_step *s)
{
    flat_flow *f = flow_of(r, s);
    flat_cell_view c, first;
    dgm_flat_value v;
    *f = (flat_flow){ .text = f->text, .node = DGM_NONE };
    f->text.len = 0;
    dgm_flat_find_cell(r, s, &first);
    dgm_status st = DGM_OK;
    bool wrong = false;
    for (const dgm_flat_step *q = s; q && st == DGM_OK; q = q->more ? &r->l->steps[q->more] : NULL) {
        dgm_flat_found found = read_piece(r, q, &c, &v);
        wrong = wrong || found == DGM_FLAT_WRONG;
        if (found == DGM_FLAT_AS_IS) st = append_piece(r, q->type == DGM_FLAT_MORE ? q : s, f, &c, v.text);
        if (found == DGM_FLAT_ABSENT && !c.split) owe_piece(r, q, f);
    }
    if (st != DGM_OK) return st;
    if (!f->begun) {
        forget(r, s, wrong);
        if (!s->required || wrong) return DGM_OK;
        v = (dgm_flat_value){ .code = DGM_D_FLAT_FIELD_REQUIRED, .bytes = first.text.len };
        dgm_flat_tell_value(r, s, &first, &v);
        return DGM_OK;
    }
    dgm_slice text = dgm_buffer_slice(&f->text);
    if (s->kept) st = dgm_flat_note_value(r, s, &first, text);
    if (st != DGM_OK || !n->at) return st;
    st = dgm_flat_put_made(r, n, s, &first, text);
    if (st == DGM_OK) f->node = r->host.draft_count(r->draft) - 1;
    return st;
}

/* A piece in a record beneath. */
static dgm_status read_more(flat_reader *r, const dgm_flat_step *s)
{
    flat_flow *f = flow_of(r, s);
    flat_cell_view c;
    dgm_flat_value v;
    dgm_flat_found found = read_piece(r, s, &c, &v);
    if (found == DGM_FLAT_ABSENT && f->begun && !c.split) owe_piece(r, s, f);
    if (found != DGM_FLAT_AS_IS) return DGM_OK;
    if (!f->begun) {
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_FIELD_CONTINUES, DGM_ERROR, c.raw_at, c.raw_len, r->l->steps[s->other].slot);
        dgm_diag_text(r->host.diags, d, s->name);
        dgm_diag_text(r->host.diags, d, v.text);
        return DGM_OK;
    }
    f->grown = true;
    return append_piece(r, s, f, &c, v.text);
}

dgm_status dgm_flat_flush(flat_reader *r, uint32_t place)
{
    const dgm_flat_place *p = place == DGM_NONE ? NULL : &r->l->places[place];
    for (uint32_t i = 0; i < (p ? p->step_count : r->l->step_count) && r->l->flow_count; i++) {
        const dgm_flat_step *s = &r->l->steps[(p ? p->first_step : 0) + i];
        if (s->type == DGM_FLAT_MORE || !s->flow) continue;
        flat_flow *f = &r->flows[s->flow - 1];
        bool all = f->grown && f->node != DGM_NONE && !r->hopeless;
        f->grown = false;
        dgm_status st = all ? r->host.draft_decoded(r->draft, f->node, dgm_buffer_slice(&f->text)) : DGM_OK;
        if (st != DGM_OK) return st;
    }
    return DGM_OK;
}

/* ---- each ---- */

dgm_status dgm_flat_read_odd(flat_reader *r, flat_nodes *n, uint32_t *i)
{
    const dgm_flat_step *s = &r->l->steps[*i];
    const dgm_flat_condition *why;
    if (s->array && beyond(r, s, i)) return DGM_OK;
    if (s->type == DGM_FLAT_OPEN) {
        if (n->depth < FLAT_NESTED_MAX) n->open[n->depth++] = *i;
        return DGM_OK;
    }
    if (s->stored) return dgm_flat_read_stored(r, n, s);
    if (s->type == DGM_FLAT_MORE) return s->apart ? read_more(r, s) : DGM_OK; /* those of its own record were read with the first */
    dgm_flat_holds there = present(r, s, &why);
    if (there != DGM_FLAT_YES) {
        forget(r, s, there == DGM_FLAT_UNSURE);
        return DGM_OK;
    }
    return s->flow ? read_long(r, n, s) : dgm_flat_read_value(r, n, s);
}
