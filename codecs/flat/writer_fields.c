/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_fields.c - the fields of one record: values in their wire spelling, padded, quoted, measured in the units of the layout.
 * What does not fit is refused, or cut between two characters where the layout says so, and told. One thread.
 */
#include "writer.h"

#include <stdio.h>

enum { NESTED_MAX = 34 };

/* Where the nodes of a record's fields stand. */
typedef struct flat_cursor {
    uint32_t node, end, record; /* the next node, behind the last, the record's own */
    uint32_t ends[NESTED_MAX], depth;
    uint32_t absent_to; /* steps before this one are of a composite that is not there */
    size_t units;       /* columns of the line so far */
    uint32_t shift;     /* columns that lists leave out before the field in hand */
} flat_cursor;

static const dgm_flat_layout *layout(const flat_writer *w)
{
    return w->l;
}

/* ---- measures ---- */

/* The bytes of a text. DGM_INVALID: it has a character that the set lacks, told. */
static dgm_status measure(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice text, size_t *bytes)
{
    const dgm_flat_layout *l = layout(w);
    *bytes = text.len;
    bool ascii = dgm_ascii(text);
    if (l->utf8 || (ascii && (l->ascii || l->direct))) return DGM_OK;
    size_t bad = 0;
    dgm_status st = DGM_INVALID;
    if (l->ascii)
        while (bad < text.len && (unsigned char)text.at[bad] < 0x80) bad++;
    w->bytes.len = 0;
    if (!l->ascii) st = dgm_charset_encode(w->charset, text, &w->bytes, &bad);
    *bytes = w->bytes.len;
    if (st != DGM_INVALID) return st;
    dgm_slice rest = dgm_slice_part(text, bad, text.len);
    dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_CHARACTER, node, s->name, dgm_slice_part(rest, 0, dgm_utf8_next(rest).bytes));
    dgm_diag_text(w->host.diags, d, l->encoding);
    return DGM_INVALID;
}

static size_t units_of(const flat_writer *w, dgm_slice text, size_t bytes)
{
    return layout(w)->characters ? dgm_utf8_length(text) : bytes;
}

/* The longest beginning of a text that takes no more than so many units. */
size_t dgm_flat_head_of(flat_writer *w, dgm_slice text, size_t most, size_t *taken)
{
    size_t at = 0, units = 0;
    *taken = 0;
    while (at < text.len) {
        dgm_slice one = dgm_slice_part(text, at, at + dgm_utf8_next(dgm_slice_part(text, at, text.len)).bytes);
        size_t bytes = one.len, bad;
        w->bytes.len = 0;
        if (!layout(w)->utf8 && !layout(w)->ascii && dgm_charset_encode(w->charset, one, &w->bytes, &bad) == DGM_OK)
            bytes = w->bytes.len;
        units += units_of(w, one, bytes);
        if (units > most) break;
        *taken = units;
        at += one.len;
    }
    return at;
}

/* ---- one field ---- */

static void too_long(flat_writer *w, const dgm_flat_step *s, uint32_t node, size_t units)
{
    dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_LONG, node, s->name, dgm_buffer_slice(&w->piece));
    dgm_diag_number(w->host.diags, d, (int64_t)units);
    dgm_diag_number(w->host.diags, d, s->len);
}

static void told_cut(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice lost)
{
    dgm_diag *d = dgm_diags_add(w->host.diags, DGM_D_FLAT_WRITE_CUT, DGM_WARNING);
    if (d) d->node = node, d->position = w->tree->position;
    dgm_diag_text(w->host.diags, d, s->name);
    dgm_diag_text(w->host.diags, d, lost);
}

static dgm_status pad(flat_writer *w, char c, size_t n)
{
    dgm_status st = dgm_buffer_reserve(&w->line, n + 1);
    if (st != DGM_OK) return st;
    memset(w->line.at + w->line.len, c, n);
    w->line.len += n;
    return DGM_OK;
}

/* What a field without a value is filled with. */
static char nothing(const dgm_flat_step *s)
{
    return s->zero_absent ? '0' : s->nines_absent ? '9' : ' ';
}

/* A text that takes so many units, filled up to the field's. */
static dgm_status put_filled(flat_writer *w, const dgm_flat_step *s, dgm_slice text, size_t units)
{
    dgm_status st = DGM_OK;
    size_t room = s->len - units, left = s->right ? room : 0;
    bool sign = s->right && s->pad == '0' && s->type == DGM_FLAT_NUMBER && text.len && text.at[0] == '-';
    if (sign) {
        st = dgm_buffer_append(&w->line, DGM_LITERAL("-"));
        text = dgm_slice_part(text, 1, text.len);
    }
    if (st == DGM_OK) st = pad(w, s->type == DGM_FLAT_CONSTANT ? ' ' : s->pad, left);
    if (st == DGM_OK) st = dgm_buffer_append(&w->line, text);
    return st == DGM_OK ? pad(w, s->type == DGM_FLAT_CONSTANT ? ' ' : s->pad, room - left) : st;
}

/* w->piece into its columns. */
static dgm_status put_fixed(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, uint32_t node, bool absent)
{
    size_t bytes;
    size_t at = s->at - c->shift;
    dgm_status st = at > c->units ? pad(w, ' ', at - c->units) : DGM_OK;
    if (st != DGM_OK) return st;
    c->units = at + s->len;
    if (absent) return pad(w, nothing(s), s->len);
    dgm_slice text = dgm_buffer_slice(&w->piece);
    st = measure(w, s, node, text, &bytes);
    if (st != DGM_OK) return st == DGM_INVALID ? DGM_OK : st;
    size_t units = units_of(w, text, bytes);
    if (units > s->len && !s->cut) {
        too_long(w, s, node, units);
        return DGM_OK;
    }
    if (units > s->len) {
        size_t head = dgm_flat_head_of(w, text, s->len, &units);
        told_cut(w, s, node, dgm_slice_part(text, head, text.len));
        text = dgm_slice_part(text, 0, head);
        st = measure(w, s, node, text, &bytes);
        if (st != DGM_OK) return st == DGM_INVALID ? DGM_OK : st;
        units = units_of(w, text, bytes);
    }
    return put_filled(w, s, text, units);
}

/* A number that is no characters: blanks for now, and its bytes when the record is encoded. */
static dgm_status put_stored(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, uint32_t node, bool absent)
{
    unsigned char bytes[DGM_FLAT_PACKED_MOST];
    flat_laid laid = { s->at, s->len };
    dgm_status st = pad(w, ' ', s->at + s->len - c->units);
    c->units = s->at + s->len;
    bool nothing = absent && !s->zero_absent; /* blanks: packed digits only */
    if (st != DGM_OK || nothing) return st;
    dgm_slice digits = absent ? DGM_LITERAL("0") : dgm_buffer_slice(&w->piece);
    if (!dgm_flat_stored_write(s, digits, bytes)) {
        dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_LARGE, node, s->name, digits);
        dgm_diag_number(w->host.diags, d, s->len);
        return DGM_OK;
    }
    st = dgm_buffer_append(&w->laid, (dgm_slice){ (const char *)&laid, sizeof laid });
    return st == DGM_OK ? dgm_buffer_append(&w->laid, (dgm_slice){ (const char *)bytes, s->len }) : st;
}

static dgm_status put_quoted(flat_writer *w, dgm_slice text)
{
    const char quote = layout(w)->quote;
    dgm_status st = dgm_buffer_reserve(&w->line, text.len * 2 + 2);
    if (st != DGM_OK) return st;
    char *to = w->line.at + w->line.len;
    *to++ = quote;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == quote) *to++ = quote;
        *to++ = text.at[i];
    }
    *to++ = quote;
    w->line.len = (size_t)(to - w->line.at);
    return DGM_OK;
}

/* w->piece as a field between separators. */
static dgm_status put_delimited(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, uint32_t node, bool absent)
{
    const dgm_flat_layout *l = layout(w);
    dgm_slice text = dgm_buffer_slice(&w->piece);
    size_t bytes;
    while (c->units < s->at - c->shift) {
        dgm_status st = dgm_buffer_append(&w->line, (dgm_slice){ &l->separator, 1 });
        if (st != DGM_OK) return st;
        c->units++;
    }
    if (absent) return s->padded ? pad(w, nothing(s), s->len) : DGM_OK;
    bool signs = s->sign == DGM_FLAT_TRAILING || s->sign == DGM_FLAT_MARKED;
    while (signs && !s->padded && text.len && text.at[text.len - 1] == ' ') text.len--;
    dgm_status measured = measure(w, s, node, text, &bytes);
    if (measured != DGM_OK) return measured == DGM_INVALID ? DGM_OK : measured;
    size_t units = s->type == DGM_FLAT_NUMBER ? 0 : units_of(w, text, bytes);
    if (s->padded) units = units_of(w, text, bytes);
    for (size_t i = 0; i < text.len && s->type == DGM_FLAT_NUMBER && !s->padded; i++)
        units += text.at[i] >= '0' && text.at[i] <= '9';
    if (s->len && units > s->len && s->cut && s->type == DGM_FLAT_TEXT) {
        size_t head = dgm_flat_head_of(w, text, s->len, &units);
        told_cut(w, s, node, dgm_slice_part(text, head, text.len));
        text.len = head;
    } else if (s->len && units > s->len) {
        too_long(w, s, node, units);
        return DGM_OK;
    }
    if (s->padded) return put_filled(w, s, text, units);
    bool quote = l->quotes && (memchr(text.at, l->separator, text.len) || memchr(text.at, l->quote, text.len));
    return quote ? put_quoted(w, text) : dgm_buffer_append(&w->line, text);
}

/* A character that would end the record or the field. */
static bool barred(flat_writer *w, const dgm_flat_step *s, uint32_t node)
{
    for (size_t i = 0; i < w->piece.len; i++) {
        unsigned char c = (unsigned char)w->piece.at[i];
        if (c >= 128 || !w->barred[c]) continue;
        char shown[8];
        int n = c < 0x20 ? snprintf(shown, sizeof shown, "0x%02X", c) : snprintf(shown, sizeof shown, "%c", c);
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_SEPARATOR, node, s->name, (dgm_slice){ shown, (size_t)n });
        return true;
    }
    return false;
}

/* ---- values ---- */

/* How often a field stands in the record from here on. */
static uint32_t items_of(const flat_writer *w, const flat_cursor *c, uint32_t slot)
{
    uint32_t n = 0;
    for (uint32_t node = c->node; node < c->end && dgm_node_kind(&w->tree->nodes[node]) != DGM_RECORD;
         node = dgm_tree_next(w->tree, node))
        n += dgm_node_slot(&w->tree->nodes[node]) == slot;
    return n;
}

/* What a field that follows from others says. */
static dgm_slice derived(flat_writer *w, const flat_cursor *c, const dgm_flat_step *s, dgm_slice given, char *room)
{
    uint32_t i = s->control - 1u;
    const dgm_flat_control *k = &layout(w)->controls[i];
    dgm_slice v = { room, 0 };
    if (k->kind == DGM_FLAT_COUNT) v.len = (size_t)snprintf(room, 64, "%llu", (unsigned long long)w->counts[i]);
    if (k->kind == DGM_FLAT_SUM) v.len = dgm_flat_sum_text(&w->sums[i], k->scale, room);
    if (k->kind == DGM_FLAT_HASH) v.len = dgm_flat_hash_text(&w->sums[i], k->digits, room);
    if (k->kind == DGM_FLAT_ITEMS) v.len = (size_t)snprintf(room, 64, "%u", items_of(w, c, layout(w)->steps[k->source].slot));
    if (k->kind == DGM_FLAT_SAME) v = dgm_buffer_slice(&w->kept[layout(w)->steps[k->source].kept - 1]);
    return v.len ? v : given;
}

static dgm_status note(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice value)
{
    const dgm_flat_layout *l = layout(w);
    const dgm_flat_control *over = s->tallied ? dgm_flat_tally(l, s, value, w->sums) : NULL;
    if (over) dgm_flat_refuse(w, DGM_D_FLAT_WRITE_SUM, node, l->steps[over->step].name, s->name);
    if (!s->kept) return DGM_OK;
    w->kept[s->kept - 1].len = 0;
    return dgm_buffer_append(&w->kept[s->kept - 1], value);
}

bool dgm_flat_far(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice value)
{
    char other[DGM_FLAT_DATE_MAX];
    size_t n;
    dgm_slice day = dgm_flat_near_what(w->l, s, w->kept, w->today);
    if (dgm_flat_near_holds(s, dgm_buffer_slice(&w->piece), day, value, other, &n)) return false;
    dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_NEAR, node, s->name, value);
    dgm_diag_text(w->host.diags, d, n ? (dgm_slice){ other, n } : DGM_LITERAL("no date"));
    dgm_diag_text(w->host.diags, d, dgm_flat_near_name(w->l, s));
    return true;
}

static dgm_status spell(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice value)
{
    dgm_diag_code code = DGM_D_NONE;
    w->piece.len = 0;
    dgm_status st = dgm_flat_value_write(s, value, &w->piece, &code);
    if (st == DGM_OK && s->near && dgm_flat_far(w, s, node, value)) return DGM_INVALID;
    if (st != DGM_INVALID) return st;
    dgm_diag *d = dgm_flat_refuse(w, code, node, s->name, value);
    if (code == DGM_D_FLAT_WRITE_CLASS) dgm_diag_text(w->host.diags, d, dgm_slice_of(s->class));
    if (code == DGM_D_FLAT_WRITE_CODE) dgm_diag_text(w->host.diags, d, s->codes);
    if (code == DGM_D_FLAT_WRITE_DATE) dgm_diag_text(w->host.diags, d, s->date);
    return DGM_INVALID;
}

/* Would it be read as no value? */
static bool all_nines(const flat_writer *w, const dgm_flat_step *s)
{
    size_t n = 0, end = w->piece.len; /* blanks stand for the sign of what is not negative */
    while (end && w->piece.at[end - 1] == ' ') end--;
    while (n < end && w->piece.at[n] == '9') n++;
    return n && n == end && (w->piece.len == s->len || s->pad != '0' || layout(w)->delimited);
}

static dgm_status write_leaf(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, bool away)
{
    char room[64];
    uint32_t node = c->record;
    dgm_slice value = { 0 };
    bool constant = s->type == DGM_FLAT_CONSTANT;
    if (!constant && !away && c->node < c->end && dgm_node_slot(&w->tree->nodes[c->node]) == s->slot) {
        node = c->node;
        value = dgm_tree_value(w->tree, node);
        c->node = dgm_tree_next(w->tree, node);
    }
    if (s->condition) {
        const dgm_flat_condition *why;
        bool there = dgm_flat_present(layout(w), s->condition, w->kept, NULL, &why) == DGM_FLAT_YES;
        if (!there && s->kept) w->kept[s->kept - 1].len = 0;
        if (!there && value.len) dgm_flat_forbidden(w, node, s->name, why);
        if (!there) return DGM_OK;
    }
    if (s->control && !away) value = derived(w, c, s, value, room);
    if (constant) value = s->value;
    w->piece.len = 0;
    bool absent = value.len == 0;
    dgm_status st = DGM_OK;
    if (absent && s->kept) w->kept[s->kept - 1].len = 0;
    if (absent && s->required && !away)
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_REQUIRED, node, s->name, layout(w)->places[w->levels[w->depth - 1].place].name);
    if (!absent) st = spell(w, s, node, value);
    if (st == DGM_INVALID) return DGM_OK; /* told; the rest is looked at all the same */
    if (st == DGM_OK && !absent) st = note(w, s, node, value);
    if (st != DGM_OK) return st;
    if (!absent && !constant && barred(w, s, node)) return DGM_OK;
    if (st == DGM_OK && s->flow) st = dgm_flat_begin_text(w, s, node);
    if (st != DGM_OK) return st;
    absent = w->piece.len == 0;
    if (s->stored) return put_stored(w, c, s, node, absent);
    if (!absent && s->nines_absent && all_nines(w, s)) {
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_NINES, node, s->name, dgm_buffer_slice(&w->piece));
        return DGM_OK;
    }
    return layout(w)->delimited ? put_delimited(w, c, s, node, absent) : put_fixed(w, c, s, node, absent);
}

/* A piece of a text that was begun. */
static dgm_status write_more(flat_writer *w, flat_cursor *c, const dgm_flat_step *s)
{
    dgm_status st = dgm_flat_next_piece(w, s);
    if (st != DGM_OK) return st;
    bool absent = w->piece.len == 0;
    return layout(w)->delimited ? put_delimited(w, c, s, c->record, absent) : put_fixed(w, c, s, c->record, absent);
}

/* ---- the record ---- */

/* Is this occurrence of a list one more than there are? Then what stands behind the list is next. */
static bool beyond(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, uint32_t *i)
{
    const dgm_flat_array *a = &layout(w)->arrays[s->array - 1];
    if (items_of(w, c, s->slot)) return false;
    c->shift += a->stride * (a->times - (s->number - 1));
    *i = a->to - 1;
    return true;
}

static void enter(flat_writer *w, flat_cursor *c, const dgm_flat_step *s, uint32_t step)
{
    bool there =
        step >= c->absent_to && c->node < c->end && dgm_node_slot(&w->tree->nodes[c->node]) == s->slot && c->depth < NESTED_MAX;
    if (!there) {
        if (c->absent_to < s->other) c->absent_to = s->other;
        return;
    }
    c->ends[c->depth++] = c->end;
    c->end = dgm_tree_end(w->tree, c->node);
    c->node++;
}

static void leave(flat_writer *w, flat_cursor *c)
{
    while (c->node < c->end) {
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_UNKNOWN, c->node, dgm_tree_name(w->tree, c->node), (dgm_slice){ 0 });
        c->node = dgm_tree_next(w->tree, c->node);
    }
    c->end = c->ends[--c->depth];
}

/* Fields that have no step left: too many of a name, or out of order. */
static void say_rest(flat_writer *w, flat_cursor *c)
{
    while (c->node < c->end && dgm_node_kind(&w->tree->nodes[c->node]) != DGM_RECORD) {
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_UNKNOWN, c->node, dgm_tree_name(w->tree, c->node), (dgm_slice){ 0 });
        c->node = dgm_tree_next(w->tree, c->node);
    }
}

/* Separators behind the last value: as many as the layout wants. */
static dgm_status finish_delimited(flat_writer *w, flat_cursor *c, const dgm_flat_place *p)
{
    const char separator = layout(w)->separator;
    dgm_status st = DGM_OK;
    size_t most = c->units + 1; /* fields so far */
    if (!layout(w)->trailing) {
        while (most > p->written && most > 1 && w->line.len && w->line.at[w->line.len - 1] == separator) w->line.len--, most--;
        if (most > 1 && most > p->written && w->line.len == 0) most = 1;
    }
    for (; most < p->written && st == DGM_OK; most++) st = dgm_buffer_append(&w->line, (dgm_slice){ &separator, 1 });
    return st;
}

dgm_status dgm_flat_write_fields(flat_writer *w, uint32_t place, uint32_t node, bool made, uint32_t *next)
{
    const dgm_flat_layout *l = w->l;
    const dgm_flat_place *p = &l->places[place];
    flat_cursor c = { .node = node + 1, .end = made ? node + 1 : dgm_tree_end(w->tree, node), .record = node };
    dgm_status st = DGM_OK;
    w->line.len = w->laid.len = 0;
    if (l->tokens) return dgm_flat_write_tokens(w, place, node, made, next);
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count && st == DGM_OK; i++) {
        const dgm_flat_step *s = &l->steps[i];
        if (s->array && beyond(w, &c, s, &i)) continue;
        if (s->type == DGM_FLAT_MORE) {
            st = write_more(w, &c, s);
        } else if (s->type == DGM_FLAT_OPEN) {
            enter(w, &c, s, i);
        } else if (s->type == DGM_FLAT_CLOSE) {
            if (i > c.absent_to || c.absent_to == 0) leave(w, &c);
        } else {
            st = write_leaf(w, &c, s, i < c.absent_to);
        }
    }
    if (st == DGM_OK) say_rest(w, &c);
    if (st == DGM_OK && l->delimited) st = finish_delimited(w, &c, p);
    if (st == DGM_OK && !l->delimited && c.units + c.shift < p->width) st = pad(w, ' ', p->width - c.shift - c.units);
    if (!made && st == DGM_OK && l->flow_count) dgm_flat_tell_left(w, place, false);
    *next = c.node;
    return st;
}
