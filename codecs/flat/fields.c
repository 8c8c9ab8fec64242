/* SPDX-License-Identifier: Apache-2.0
 *
 * fields.c - the fields of one record become nodes: columns are found (in bytes, or in characters that are led back to their
 * bytes), values read and checked, totals made. A value that stands in the record as it is becomes a byte range. One thread.
 */
#include "reader.h"

#include "base/check_digit.h"
#include "base/decimal.h"

#include <stdio.h>

enum { MADE_SHORT = 160 };

/* ---- columns ---- */

/* Bytes of the character at a place of the text, in the text and in the record. */
static size_t width_here(flat_reader *r, size_t text, size_t *n)
{
    unsigned char c = (unsigned char)r->text.at[text];
    *n = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (r->l->characters) return 1;
    if (!r->decoded) return *n;
    while (r->cursor.run + 1 < r->map.count && r->map.runs[r->cursor.run + 1].text <= text) r->cursor.run++;
    return r->map.runs[r->cursor.run].source_width;
}

/* Before a column, so that all that is counted at it lies ahead. */
static void seek_back(flat_reader *r, size_t column)
{
    while (r->cursor.unit >= column && r->cursor.text > 0) {
        size_t at = r->cursor.text - 1, n;
        while (at > 0 && ((unsigned char)r->text.at[at] & 0xC0) == 0x80) at--;
        while (r->cursor.run > 0 && r->map.runs[r->cursor.run].text > at) r->cursor.run--;
        r->cursor.text = at;
        r->cursor.unit -= width_here(r, at, &n);
    }
}

/* Text offset of a column; *split: it is within a character, and what is returned is behind that. */
static size_t seek(flat_reader *r, size_t column, bool *split)
{
    if (column < r->cursor.unit) seek_back(r, column);
    while (r->cursor.unit < column && r->cursor.text < r->text.len) {
        size_t n, units = width_here(r, r->cursor.text, &n);
        r->cursor.text += n;
        r->cursor.unit += units;
    }
    if (r->cursor.text > r->text.len) r->cursor.text = r->text.len;
    *split = r->cursor.unit > column;
    return r->cursor.text;
}

static size_t raw_of(const flat_reader *r, size_t text)
{
    return r->decoded ? dgm_charset_map_source(&r->map, text) : text;
}

static bool inside_character(dgm_slice t, size_t at)
{
    return at < t.len && ((unsigned char)t.at[at] & 0xC0) == 0x80;
}

static inline void find_cell(flat_reader *r, const dgm_flat_step *s, flat_cell_view *c)
{
    size_t from = s->at - r->shift, to = from + s->len;
    if (r->l->delimited) {
        const dgm_flat_cell *cell = from < r->cells.count ? &r->cells.at[from] : NULL;
        from = cell ? cell->at : r->text.len;
        to = cell ? from + cell->len : from;
        c->split = false;
    } else if (r->mode == FLAT_LETTERS) {
        bool first, second;
        from = seek(r, from, &first);
        to = seek(r, to, &second);
        c->split = first || second;
    } else {
        if (from > r->text.len) from = r->text.len;
        if (to > r->text.len) to = r->text.len;
        c->split = r->mode == FLAT_BYTES && (inside_character(r->text, from) || inside_character(r->text, to));
        while (c->split && inside_character(r->text, from)) from++;
        while (c->split && inside_character(r->text, to)) to++;
    }
    c->text = dgm_slice_part(r->text, from, to);
    c->raw_at = from;
    c->raw_len = c->text.len;
    if (!r->decoded) return;
    c->raw_at = raw_of(r, from);
    c->raw_len = raw_of(r, to) - c->raw_at;
}

void dgm_flat_find_cell(flat_reader *r, const dgm_flat_step *s, flat_cell_view *c)
{
    find_cell(r, s, c);
}

/* ---- nodes ---- */

static dgm_status more_nodes(flat_reader *r, flat_nodes *n)
{
    n->at = r->host.draft_reserve(r->draft, n->left);
    n->made = 0;
    return n->at ? DGM_OK : r->host.draft_status(r->draft);
}

static void commit(flat_reader *r, flat_nodes *n)
{
    r->host.draft_commit(r->draft, n->made);
    n->at += n->made;
    n->made = 0;
}

static dgm_status decoded(flat_reader *r, flat_nodes *n, dgm_slice value)
{
    commit(r, n);
    dgm_status st = r->host.draft_decoded(r->draft, r->host.draft_count(r->draft) - 1, value);
    return st == DGM_OK ? more_nodes(r, n) : st;
}

/* Composites that hold the value which comes now get their nodes. */
static void open_composites(flat_reader *r, flat_nodes *n)
{
    for (; n->real < n->depth; n->real++) {
        const dgm_flat_step *s = &r->l->steps[n->open[n->real]];
        const dgm_slot *slot = dgm_shape_slot(r->format->shape, s->slot);
        uint32_t number = s->number < 0xFFFF ? s->number : 0xFFFF;
        n->node[n->real] = r->host.draft_count(r->draft) + n->made;
        n->at[n->made++] = (dgm_node){ .at = (uint32_t)(r->record_at - r->message_at),
                                       .tag = DGM_TAG(s->slot, DGM_COMPOSITE, 0),
                                       .place = DGM_PLACE(slot->element & 0xFF, 0, number) };
        n->left--;
    }
}

static void close_composite(flat_reader *r, flat_nodes *n)
{
    n->depth--;
    if (n->real <= n->depth) return;
    n->real = n->depth;
    commit(r, n);
    dgm_node *node = r->host.draft_node(r->draft, n->node[n->depth]);
    if (node) node->span = r->host.draft_count(r->draft);
}

static dgm_status put_leaf(flat_reader *r, flat_nodes *n, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value,
                           bool as_is, uint32_t flags)
{
    if (n->real < n->depth) open_composites(r, n);
    size_t at = r->record_at - r->message_at + c->raw_at, len = c->raw_len;
    bool here = as_is && !r->decoded;
    if (here) {
        at = r->record_at - r->message_at + (size_t)(value.at - r->text.at);
        len = value.len;
    }
    uint32_t number = s->number < 0xFFFF ? s->number : 0xFFFF;
    n->at[n->made++] = (dgm_node){ (uint32_t)at, (uint32_t)len, DGM_TAG(s->slot, DGM_ELEMENT, flags), DGM_PLACE(0, 0, number) };
    n->left--;
    return here ? DGM_OK : decoded(r, n, value);
}

dgm_status dgm_flat_put_made(flat_reader *r, flat_nodes *n, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value)
{
    return put_leaf(r, n, s, c, value, false, 0);
}

/* ---- what is wrong ---- */

/* Offset in the record of an offset in the cell's text. */
static size_t raw_within(const flat_reader *r, const flat_cell_view *c, size_t at)
{
    return r->decoded && c->text.at ? raw_of(r, (size_t)(c->text.at - r->text.at) + at) : c->raw_at + at;
}

void dgm_flat_tell_value(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c, const dgm_flat_value *v)
{
    size_t from = raw_within(r, c, v->at), to = raw_within(r, c, v->at + v->bytes);
    bool filler = s->type == DGM_FLAT_CONSTANT && s->value.len == 0;
    dgm_diag_code code = filler ? DGM_D_FLAT_RECORD_FILLER : v->code;
    dgm_diag *d = dgm_flat_tell(r, code, filler ? DGM_WARNING : DGM_ERROR, from, to - from, s->slot);
    dgm_slice shown = c->text;
    while (shown.len && shown.at[shown.len - 1] == ' ') shown.len--;
    if (!filler) dgm_diag_text(r->host.diags, d, s->name.len ? s->name : DGM_LITERAL("a constant"));
    dgm_diag_text(r->host.diags, d, shown);
    char lengths[32];
    dgm_slice more = { 0 };
    if (code == DGM_D_FLAT_FIELD_CLASS) more = dgm_slice_of(s->class);
    if (code == DGM_D_FLAT_FIELD_CODE) more = s->codes;
    static const char *const checks[] = { "", "ISO 6346", "IMO", "GTIN", "IATA 600a" };
    if (code == DGM_D_FLAT_FIELD_DATE) more = s->date;
    if (code == DGM_D_FLAT_FIELD_NEAR) more = dgm_flat_near_name(r->l, s);
    if (code == DGM_D_FLAT_FIELD_FORM || code == DGM_D_FLAT_FIELD_CHECK) more = dgm_slice_of(checks[s->check]);
    if (code == DGM_D_FLAT_FIELD_CONSTANT) more = s->value;
    if (code == DGM_D_FLAT_FIELD_FLAG) more = s->yes;
    if (code == DGM_D_FLAT_FIELD_DECIMALS || code == DGM_D_FLAT_FIELD_LENGTH) {
        bool range = code == DGM_D_FLAT_FIELD_LENGTH && s->least && s->least != s->len;
        int n = range ? snprintf(lengths, sizeof lengths, "%u to %u", s->least, s->len)
                      : snprintf(lengths, sizeof lengths, "%u", code == DGM_D_FLAT_FIELD_LENGTH ? s->len : s->decimals);
        more = (dgm_slice){ lengths, (size_t)n };
    }
    if (more.len) dgm_diag_text(r->host.diags, d, more);
    if (code == DGM_D_FLAT_FIELD_FLAG) dgm_diag_text(r->host.diags, d, s->no);
    char wanted = 0;
    dgm_slice number = dgm_slice_part(c->text, 0, v->at + v->bytes);
    while (number.len && number.at[0] == s->pad) number = dgm_slice_part(number, 1, number.len);
    bool check = code == DGM_D_FLAT_FIELD_CHECK && dgm_check_digit((dgm_check_rule)s->check, number, &wanted);
    if (check) dgm_diag_text(r->host.diags, d, (dgm_slice){ &wanted, 1 });
}

static void tell_split(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c)
{
    dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_FIELD_SPLIT, DGM_ERROR, c->raw_at, c->raw_len, s->slot);
    dgm_diag_text(r->host.diags, d, s->name.len ? s->name : DGM_LITERAL("a constant"));
    dgm_diag_text(r->host.diags, d, r->l->encoding);
}

/* ---- what follows from others ---- */

enum { WANTED_BYTES = 64 };

/* Is the value what others have it be? *wanted: that; it may stand in text. */
static bool holds(const flat_reader *r, const dgm_flat_step *s, dgm_slice value, char *text, dgm_slice *wanted)
{
    uint32_t i = s->control - 1u;
    const dgm_flat_control *k = &r->l->controls[i];
    *wanted = (dgm_slice){ text, 0 };
    if (k->kind == DGM_FLAT_ITEMS) return true;
    if (k->kind == DGM_FLAT_COUNT) wanted->len = (size_t)snprintf(text, WANTED_BYTES, "%llu", (unsigned long long)r->counts[i]);
    if (k->kind == DGM_FLAT_SUM) wanted->len = dgm_flat_sum_text(&r->sums[i], k->scale, text);
    if (k->kind == DGM_FLAT_HASH) wanted->len = dgm_flat_hash_text(&r->sums[i], k->digits, text);
    if (k->kind == DGM_FLAT_SAME) {
        *wanted = dgm_buffer_slice(&r->kept[r->l->steps[k->source].kept - 1]);
        return dgm_slice_equal(*wanted, value);
    }
    return !r->sums[i].over && dgm_decimal_valid(value, '.') && dgm_decimal_compare(value, *wanted) == 0;
}

bool dgm_flat_control_holds(const flat_reader *r, const dgm_flat_step *s, dgm_slice value)
{
    char text[WANTED_BYTES];
    dgm_slice wanted;
    return holds(r, s, value, text, &wanted);
}

static void check_control(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value)
{
    const dgm_flat_control *k = &r->l->controls[s->control - 1u];
    char text[WANTED_BYTES];
    dgm_slice wanted;
    if (holds(r, s, value, text, &wanted)) return;
    dgm_diag_code code = k->kind == DGM_FLAT_SUM    ? DGM_D_FLAT_CONTROL_SUM
                         : k->kind == DGM_FLAT_HASH ? DGM_D_FLAT_CONTROL_HASH
                         : k->kind == DGM_FLAT_SAME ? DGM_D_FLAT_CONTROL_SAME
                                                    : DGM_D_FLAT_CONTROL_COUNT;
    dgm_diag *d = dgm_flat_tell(r, code, DGM_ERROR, c->raw_at, c->raw_len, s->slot);
    dgm_diag_text(r->host.diags, d, s->name);
    dgm_diag_text(r->host.diags, d, value);
    dgm_diag_text(r->host.diags, d, wanted.len ? wanted : DGM_LITERAL("nothing"));
    if (k->source == DGM_NONE) return;
    char path[256];
    size_t n = dgm_shape_path(r->format->shape, r->l->steps[k->source].slot, path, sizeof path);
    dgm_diag_text(r->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path - 1 });
}

dgm_status dgm_flat_note_value(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value)
{
    if (s->control) check_control(r, s, c, value);
    if (s->tallied) (void)dgm_flat_tally(r->l, s, value, r->sums);
    if (!s->kept) return DGM_OK;
    dgm_buffer *b = &r->kept[s->kept - 1];
    b->len = 0;
    r->doubtful[s->kept - 1] = false;
    return dgm_buffer_append(b, value);
}

/* ---- one field ---- */

dgm_flat_found dgm_flat_settle_near(const flat_reader *r, const dgm_flat_step *s, dgm_slice cell, char *made, dgm_flat_value *v)
{
    dgm_slice day = dgm_flat_near_what(r->l, s, r->kept, r->today);
    size_t n = dgm_flat_near(v->text, day, made);
    if (n) {
        v->text.len = n;
        return DGM_FLAT_MADE;
    }
    *v = (dgm_flat_value){ cell, day.len ? DGM_D_FLAT_FIELD_DATE : DGM_D_FLAT_FIELD_NEAR, 0, cell.len };
    return DGM_FLAT_WRONG;
}

/* Doubled quotes become single ones, in made. */
static dgm_slice undoubled(dgm_slice t, char quote, char *made)
{
    size_t n = 0;
    for (size_t i = 0; i < t.len; i++) {
        made[n++] = t.at[i];
        if (t.at[i] == quote) i++;
    }
    return (dgm_slice){ made, n };
}

static dgm_status room_for(flat_reader *r, size_t bytes)
{
    r->made.len = 0;
    return dgm_buffer_reserve(&r->made, bytes);
}

static void forget(flat_reader *r, const dgm_flat_step *s, bool doubtful)
{
    r->kept[s->kept - 1].len = 0;
    r->doubtful[s->kept - 1] = doubtful;
}

static inline dgm_status read_value(flat_reader *r, flat_nodes *n, const dgm_flat_step *s)
{
    char quick[MADE_SHORT];
    char *made = quick;
    flat_cell_view c;
    dgm_flat_value v;
    find_cell(r, s, &c);
    if (c.text.len * 2 + DGM_FLAT_MADE_ROOM > sizeof quick && (s->type != DGM_FLAT_TEXT || r->l->delimited)) {
        dgm_status st = room_for(r, c.text.len * 2 + DGM_FLAT_MADE_ROOM);
        if (st != DGM_OK) return st;
        made = r->made.at;
    }
    if (c.split) {
        tell_split(r, s, &c);
        return DGM_OK;
    }
    if (r->dirty && dgm_utf8_check(c.text) != c.text.len) return DGM_OK; /* told with the record */
    dgm_slice text = c.text;
    bool doubled = r->l->delimited && s->at - r->shift < r->cells.count && r->cells.at[s->at - r->shift].doubled;
    if (doubled) {
        text = undoubled(text, r->l->quote, made);
        made += text.len;
    }
    dgm_flat_found found = dgm_flat_value_read(r->l, s, text, made, &v);
    if (s->near && found == DGM_FLAT_MADE) found = dgm_flat_settle_near(r, s, text, made, &v);
    if (r->watch && s->type != DGM_FLAT_CONSTANT)
        r->watch->field(r->watch->ctx, s, c.raw_at, c.raw_len, found == DGM_FLAT_WRONG,
                        found == DGM_FLAT_ABSENT ? (dgm_slice){ 0 } : v.text);
    if (s->kept && found != DGM_FLAT_AS_IS) forget(r, s, found == DGM_FLAT_WRONG && v.code != DGM_D_FLAT_FIELD_REQUIRED);
    if (found == DGM_FLAT_ABSENT) return DGM_OK;
    if (found == DGM_FLAT_WRONG) {
        if (doubled) v.at = 0, v.bytes = c.text.len;
        dgm_flat_tell_value(r, s, &c, &v);
        bool shows = s->slot != DGM_SLOT_NONE && c.text.len && n->at;
        return shows ? put_leaf(r, n, s, &c, c.text, true, DGM_BAD) : DGM_OK;
    }
    dgm_status st = s->control || s->tallied || s->kept ? dgm_flat_note_value(r, s, &c, v.text) : DGM_OK;
    if (st != DGM_OK || !n->at) return st;
    return put_leaf(r, n, s, &c, v.text, found == DGM_FLAT_AS_IS && !doubled, 0);
}

dgm_status dgm_flat_read_value(flat_reader *r, flat_nodes *n, const dgm_flat_step *s)
{
    return read_value(r, n, s);
}

/* Columns that a record has beyond those its lists left out, and did not have before them. */
static void check_shifted(flat_reader *r, const dgm_flat_place *p)
{
    size_t width = r->l->delimited ? r->cells.count : r->l->characters ? dgm_utf8_length(r->text) : r->record.len;
    size_t most = p->width - r->shift;
    bool many = width > most, few = !r->l->delimited && width < most && !r->l->short_ok;
    if (!many && !few) return;
    dgm_diag_code code = r->l->delimited ? DGM_D_FLAT_FIELDS_MANY : many ? DGM_D_FLAT_RECORD_LONG : DGM_D_FLAT_RECORD_SHORT;
    dgm_diag *d = dgm_flat_tell(r, code, DGM_ERROR, 0, r->record.len, p->slot);
    dgm_diag_text(r->host.diags, d, p->name);
    dgm_diag_number(r->host.diags, d, (int64_t)width);
    dgm_diag_number(r->host.diags, d, (int64_t)most);
}

dgm_status dgm_flat_read_fields(flat_reader *r, uint32_t place)
{
    if (r->l->tokens) return dgm_flat_read_tokens(r, place);
    const dgm_flat_place *p = &r->l->places[place];
    const dgm_flat_step *steps = r->l->steps;
    flat_nodes n = { .left = p->leaf_count + 1 };
    dgm_status st = p->begins ? dgm_flat_flush(r, place) : DGM_OK;
    if (st == DGM_OK && !r->hopeless) st = more_nodes(r, &n);
    r->cursor.text = r->cursor.unit = r->cursor.run = r->shift = 0;
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count && st == DGM_OK; i++) {
        const dgm_flat_step *s = &steps[i];
        bool rest = r->l->delimited && s->at - r->shift >= r->cells.count && i >= p->last_required && n.depth == 0;
        if (rest && s->type != DGM_FLAT_CLOSE) break; /* nothing is left, and nothing has to be */
        if (!s->odd)
            st = read_value(r, &n, s);
        else if (s->type == DGM_FLAT_CLOSE)
            close_composite(r, &n);
        else
            st = dgm_flat_read_odd(r, &n, &i);
    }
    if (st == DGM_OK && !r->hopeless) commit(r, &n);
    if (st == DGM_OK && p->conditional) st = dgm_flat_check_absent(r, p);
    if (st == DGM_OK && p->listed) check_shifted(r, p);
    return st;
}
