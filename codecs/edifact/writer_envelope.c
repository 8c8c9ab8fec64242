/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_envelope.c - what surrounds the segments of messages: UNA UNB UNG UNH UNT UNE UNZ, with counts and references. ISO
 * 9735:1988, 5 to 8 and annex B. One thread.
 */
#include "writer_state.h"

#include "base/date.h"

typedef dgm_edi_line line;

static void put(line *l, char c)
{
    dgm_buffer *out = &l->w->out;
    if (out->len == out->capacity) {
        dgm_status st = dgm_buffer_reserve(out, 256);
        if (st != DGM_OK) {
            l->w->failed = st;
            return;
        }
    }
    out->at[out->len++] = c;
}

line dgm_edi_line_begin(dgm_edi_writer *w, const char *tag)
{
    line l = { w, 0, 1, 1 };
    for (; *tag; tag++) put(&l, *tag);
    return l;
}

void dgm_edi_line_close(line *l)
{
    put(l, l->w->marks[DGM_EDI_MARK_TERMINATOR]);
}

void dgm_edi_line_end(line *l)
{
    dgm_edi_line_close(l);
    if (l->w->wishes.breaks) put(l, '\n');
}

void dgm_edi_line_value(line *l, uint32_t element, uint32_t component, dgm_slice v)
{
    dgm_edi_line_occurrence(l, element, 1, component, v);
}

void dgm_edi_line_occurrence(line *l, uint32_t element, uint32_t repetition, uint32_t component, dgm_slice v)
{
    const char *marks = l->w->marks;
    size_t bad = 0;
    if (v.len == 0) return;
    if (l->w->set && !l->w->recode && !dgm_ascii(v)) {
        dgm_status st = dgm_edi_encode(l->w, v, &bad);
        if (st != DGM_OK) l->w->failed = st == DGM_INVALID ? DGM_DEFECT : st; /* whoever gives such a value has tried before */
        v = dgm_buffer_slice(&l->w->encoded);
    }
    for (; l->element < element; l->element++, l->component = l->repetition = 1) put(l, marks[DGM_EDI_MARK_ELEMENT]);
    for (; l->repetition < repetition; l->repetition++, l->component = 1) put(l, marks[DGM_EDI_MARK_REPETITION]);
    for (; l->component < component; l->component++) put(l, marks[DGM_EDI_MARK_COMPONENT]);
    for (size_t i = 0; i < v.len; i++) {
        if (l->w->kind[(unsigned char)v.at[i]] & DGM_EDI_RELEASE) put(l, marks[DGM_EDI_MARK_RELEASE]);
        put(l, v.at[i]);
    }
}

static void put_text(line *l, uint32_t element, uint32_t component, const dgm_edi_short_text *t)
{
    dgm_edi_line_value(l, element, component, (dgm_slice){ t->at, t->len });
}

static dgm_slice digits_of(uint64_t n, char room[20])
{
    size_t at = 20;
    do {
        room[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    return (dgm_slice){ room + at, 20 - at };
}

static void put_number(line *l, uint32_t element, uint64_t n)
{
    char room[20];
    dgm_edi_line_value(l, element, 1, digits_of(n, room));
}

void dgm_edi_count_up(dgm_edi_writer *w, dgm_edi_short_text *t)
{
    size_t i = t->len;
    while (i > 0 && t->at[i - 1] >= '0' && t->at[i - 1] <= '9') {
        if (t->at[i - 1] != '9') {
            t->at[i - 1]++;
            return;
        }
        t->at[--i] = '0';
    }
    if (t->len == DGM_EDI_REFERENCE_MAX) { /* as long as it may be */
        dgm_edi_tell_anew(w, t);
        return;
    }
    memmove(t->at + i + 1, t->at + i, t->len - i);
    t->at[i] = i == t->len ? '2' : '1';
    t->len++;
}

/* ---- date and time --------------------------------------------------------------------------------------------------------- */

static void put_two(char *to, int64_t n)
{
    to[0] = (char)('0' + n / 10 % 10);
    to[1] = (char)('0' + n % 10);
}

/* "19961120" and "1023" of now. */
static void make_stamp(dgm_edi_writer *w)
{
    int64_t minutes = w->clock / 60000;
    if (w->stamp_date[0] && minutes == w->stamp_minute) return;
    const dgm_moment m = dgm_date_moment(w->clock);
    put_two(w->stamp_date, m.year / 100);
    put_two(w->stamp_date + 2, m.year);
    put_two(w->stamp_date + 4, m.month);
    put_two(w->stamp_date + 6, m.day);
    put_two(w->stamp_time, m.hour);
    put_two(w->stamp_time + 2, m.minute);
    w->stamp_minute = minutes;
}

static void put_stamp(line *l, uint32_t element)
{
    const size_t century = l->w->wishes.version < '4' ? 2 : 0;
    dgm_edi_line_value(l, element, 1, (dgm_slice){ l->w->stamp_date + century, 8 - century });
    dgm_edi_line_value(l, element, 2, (dgm_slice){ l->w->stamp_time, 4 });
}

/* ---- the interchange ------------------------------------------------------------------------------------------------------- */

/* The reference of the interchange that begins: counted up from the one that was set, or the clock, which two never share. */
static void next_reference(dgm_edi_writer *w)
{
    char room[20];
    int64_t now = w->host.world.now_ms(w->host.world.ctx);
    if (now < 0) now = 0;
    w->clock = now;
    if (dgm_edi_counts(w, DGM_COUNT_INTERCHANGE)) {
        (void)dgm_edi_counter_take(w, DGM_COUNT_INTERCHANGE, &w->now.reference);
        return;
    }
    if (w->like[0].there && w->wishes.reference.len == 0) {
        if (w->now.taken) /* one that came is written as several */
            dgm_edi_count_up(w, &w->now.reference);
        else
            dgm_edi_like_reference(w, false, &w->now.reference);
        w->now.taken = true;
        return;
    }
    if (w->wishes.reference.len) {
        if (w->now.fresh)
            w->now.reference = w->wishes.reference;
        else
            dgm_edi_count_up(w, &w->now.reference);
        return;
    }
    w->now.last_reference = w->now.last_reference && now <= w->now.last_reference ? w->now.last_reference + 1 : now;
    dgm_slice text = digits_of((uint64_t)w->now.last_reference % 100000000000000u, room);
    memcpy(w->now.reference.at, text.at, text.len);
    w->now.reference.len = text.len;
}

/* UNA where it is wished for, or tells what nobody could guess. */
static void write_una(dgm_edi_writer *w)
{
    if (!w->wishes.una) return;
    line una = dgm_edi_line_begin(w, "UNA");
    put(&una, w->marks[DGM_EDI_MARK_COMPONENT]);
    put(&una, w->marks[DGM_EDI_MARK_ELEMENT]);
    put(&una, w->decimal == ',' ? ',' : '.');
    put(&una, w->marks[DGM_EDI_MARK_RELEASE]);
    put(&una, w->four ? w->marks[DGM_EDI_MARK_REPETITION] : ' ');
    dgm_edi_line_end(&una);
}

dgm_status dgm_edi_write_opening(dgm_edi_writer *w)
{
    const dgm_edi_wishes *s = &w->wishes;
    next_reference(w);
    if (w->failed != DGM_OK) return w->failed;
    make_stamp(w);
    write_una(w);
    if (w->like[0].there) {
        if (!dgm_edi_write_like(w, false)) return w->failed != DGM_OK ? w->failed : DGM_INVALID;
        dgm_edi_seal_open(w, false);
        return w->failed;
    }
    line l = dgm_edi_line_begin(w, "UNB");
    dgm_edi_line_value(&l, 1, 1, (dgm_slice){ s->syntax, 4 });
    dgm_edi_line_value(&l, 1, 2, (dgm_slice){ &s->version, 1 });
    put_text(&l, 2, 1, &s->sender);
    put_text(&l, 2, 2, &s->sender_qualifier);
    put_text(&l, 3, 1, &s->recipient);
    put_text(&l, 3, 2, &s->recipient_qualifier);
    put_stamp(&l, 4);
    put_text(&l, 5, 1, &w->now.reference);
    if (s->test) dgm_edi_line_value(&l, 11, 1, DGM_LITERAL("1"));
    dgm_edi_line_end(&l);
    return w->failed;
}

void dgm_edi_close_group(dgm_edi_writer *w)
{
    if (!w->now.in_group) return;
    if (!w->wishes.groups) dgm_edi_seal_close(w, true);
    line l = dgm_edi_line_begin(w, "UNE");
    put_number(&l, 1, w->now.group_messages);
    put_text(&l, 2, 1, &w->now.group_reference);
    dgm_edi_line_end(&l);
    w->now.in_group = false;
}

dgm_status dgm_edi_write_closing(dgm_edi_writer *w)
{
    dgm_edi_close_group(w);
    dgm_edi_seal_close(w, false);
    line l = dgm_edi_line_begin(w, "UNZ");
    put_number(&l, 1, w->now.groups ? w->now.groups : w->now.messages);
    put_text(&l, 2, 1, &w->now.reference);
    dgm_edi_line_end(&l);
    return w->failed;
}

/* ---- messages and their groups --------------------------------------------------------------------------------------------- */

/* What the format says of UNH where the tree does not: message type, version, release, agency, association. */
static void default_names(dgm_edi_writer *w, dgm_slice names[DGM_EDI_NAMES])
{
    static const char *const settings[DGM_EDI_NAMES] = { "message", "version", "release", "agency", "association" };
    const dgm_edi_program *p = dgm_edi_attached_program(w->about);
    const dgm_format *f = w->format && w->format->shape == w->tree->shape ? w->format : NULL;
    for (size_t i = 0; i < DGM_EDI_NAMES; i++)
        names[i] =
            f ? dgm_setting_get(f->settings, f->setting_count, dgm_codec_edifact.format_options, settings[i]) : (dgm_slice){ 0 };
    if (f) return;
    dgm_slice directory = dgm_slice_of(p->directory.name); /* "D.96B" */
    dgm_cut halves = dgm_slice_cut(directory, '.');
    names[0] = p->type;
    names[1] = halves.head;
    names[2] = halves.tail;
    names[3] = DGM_LITERAL("UN");
}

/* A value of the tree's own UNH. */
static dgm_slice header_value(const dgm_edi_writer *w, uint32_t header, uint32_t element, uint32_t component)
{
    if (header == DGM_NONE) return (dgm_slice){ 0 };
    for (uint32_t i = header + 1, last = dgm_tree_end(w->tree, header); i < last; i++) {
        const dgm_node *n = &w->tree->nodes[i];
        uint32_t slot = dgm_node_slot(n);
        if (!dgm_kind_leaf(dgm_node_kind(n)) || slot >= w->about->row_count) continue;
        const dgm_edi_row *row = &w->about->rows[slot];
        if (row->element[0] == element && row->component == component) return dgm_tree_value(w->tree, i);
    }
    return (dgm_slice){ 0 };
}

static bool open_group(dgm_edi_writer *w, const dgm_slice names[DGM_EDI_NAMES])
{
    const dgm_edi_wishes *s = &w->wishes;
    char room[20];
    w->now.in_group = true;
    w->now.groups++;
    w->now.group_messages = 0;
    const bool counts = dgm_edi_counts(w, DGM_COUNT_GROUP);
    if (counts && !dgm_edi_counter_take(w, DGM_COUNT_GROUP, &w->now.group_reference)) return false;
    if (!w->wishes.groups) {
        if (!counts) dgm_edi_like_reference(w, true, &w->now.group_reference);
        if (!dgm_edi_write_like(w, true)) return false;
        dgm_edi_seal_open(w, true);
        return w->failed == DGM_OK;
    }
    if (!counts) {
        dgm_slice number = digits_of(w->now.groups, room);
        memcpy(w->now.group_reference.at, number.at, number.len);
        w->now.group_reference.len = number.len;
    }
    line l = dgm_edi_line_begin(w, "UNG");
    dgm_edi_line_value(&l, 1, 1, names[0]);
    put_text(&l, 2, 1, &s->sender);
    put_text(&l, 2, 2, &s->sender_qualifier);
    put_text(&l, 3, 1, &s->recipient);
    put_text(&l, 3, 2, &s->recipient_qualifier);
    put_stamp(&l, 4);
    put_text(&l, 5, 1, &w->now.group_reference);
    dgm_edi_line_value(&l, 6, 1, names[3]);
    dgm_edi_line_value(&l, 7, 1, names[1]);
    dgm_edi_line_value(&l, 7, 2, names[2]);
    dgm_edi_line_value(&l, 7, 3, names[4]);
    dgm_edi_line_end(&l);
    return w->failed == DGM_OK;
}

/* A group of our own holds messages of one type: the names of UNH, joined, tell whether it goes on. One that came goes on until
 * another is told of. */
static bool choose_group(dgm_edi_writer *w, const dgm_slice names[DGM_EDI_NAMES])
{
    char all[sizeof w->now.group_of];
    size_t n = 0;
    if (!w->wishes.groups) {
        bool follows = w->like[1].there && !(w->wishes.given & DGM_EDI_GIVEN_GROUPS);
        return !follows || w->now.in_group || open_group(w, names);
    }
    for (size_t i = 0; i < DGM_EDI_NAMES; i++) {
        for (size_t k = 0; k < names[i].len && n < sizeof all - 1; k++) all[n++] = names[i].at[k];
        if (n < sizeof all) all[n++] = ':';
    }
    if (w->now.in_group && n == w->now.group_of_len && memcmp(all, w->now.group_of, n) == 0) return true;
    dgm_edi_close_group(w);
    memcpy(w->now.group_of, all, n);
    w->now.group_of_len = (uint32_t)n;
    return open_group(w, names);
}

bool dgm_edi_header_row(dgm_edi_writer *w, uint32_t slot, dgm_edi_row *out)
{
    *out = w->about->rows[slot];
    const dgm_edi_layout *l = dgm_edi_header_layout(w, 2);
    if (!l) return false;
    uint32_t element = out->element[0], component = out->component;
    const dgm_edi_place *place = element && element <= l->place_count ? &l->places[element - 1] : NULL;
    if (!place || component > place->count || !component != !place->count) return false;
    const dgm_edi_leaf *leaf = &l->leaves[place->first + (component ? component - 1 : 0)];
    out->least = leaf->least;
    out->most = (uint32_t)leaf->least + leaf->more;
    out->class = leaf->class;
    return true;
}

dgm_status dgm_edi_header_holds(dgm_edi_writer *w, dgm_slice v, size_t *bad)
{
    dgm_slice same;
    const dgm_edi_unmappable wish = w->wishes.unmappable;
    if (!(dgm_edi_kinds(w, v) & (DGM_EDI_OUTSIDE | DGM_EDI_WIDE))) return DGM_OK;
    w->wishes.unmappable = DGM_EDI_REFUSE; /* what a message is known by is not changed */
    dgm_status st = dgm_edi_adapt(w, v, &same, bad);
    w->wishes.unmappable = wish;
    return st;
}

/* Can the values of the tree's own UNH be written? */
static bool header_fits(dgm_edi_writer *w, uint32_t header)
{
    if (header == DGM_NONE) return true;
    for (uint32_t i = header + 1, last = dgm_tree_end(w->tree, header); i < last; i++) {
        uint32_t slot = dgm_node_slot(&w->tree->nodes[i]);
        if (slot >= w->about->row_count) return false;
        dgm_edi_row row;
        dgm_slice v = dgm_tree_value(w->tree, i);
        size_t bad = 0;
        if (v.len == 0) continue;
        if (!dgm_edi_header_row(w, slot, &row) || !dgm_edi_value_fits(w, &row, v)) return false;
        dgm_status st = dgm_edi_header_holds(w, v, &bad);
        if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
        if (st != DGM_OK) return false;
    }
    return true;
}

/* Beside reference and names, UNH is as the tree has it. */
static void rest_of_header(dgm_edi_writer *w, line *l, uint32_t header)
{
    if (header == DGM_NONE) return;
    for (uint32_t i = header + 1, last = dgm_tree_end(w->tree, header); i < last; i++) {
        const dgm_edi_row *row = &w->about->rows[dgm_node_slot(&w->tree->nodes[i])];
        dgm_slice v = dgm_tree_value(w->tree, i);
        if (v.len && (row->element[0] > 2 || row->component > DGM_EDI_NAMES))
            dgm_edi_line_value(l, row->element[0], row->component ? row->component : 1, v);
    }
}

/* Syntax version 1 asks for type and version of a message only (ISO 9735:1988, annex B); from version 2 on release and agency are
 * mandatory, and nothing here may make them up. */
static bool names_whole(dgm_edi_writer *w, uint32_t header, const dgm_slice names[DGM_EDI_NAMES])
{
    static const char *const ids[4] = { "S009/0065", "S009/0052", "S009/0054", "S009/0051" };
    for (uint32_t i = 0; i < (w->wishes.version == '1' ? 2u : 4u); i++) {
        if (names[i].len) continue;
        dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_NAMES, header, (dgm_slice){ 0 });
        dgm_diag_text(w->host.diags, d, dgm_slice_of(ids[i]));
        return false;
    }
    return true;
}

bool dgm_edi_write_header(dgm_edi_writer *w, uint32_t header, dgm_edi_short_text *reference, bool *counted)
{
    dgm_slice names[DGM_EDI_NAMES], own = header_value(w, header, 1, 0);
    size_t bad = 0;
    if (!header_fits(w, header)) return false;
    if (own.len == 0) own = w->tree->reference;
    *counted = dgm_edi_counts(w, DGM_COUNT_MESSAGE) || w->wishes.message_reference.len || own.len == 0 ||
               own.len > sizeof reference->at || dgm_edi_header_holds(w, own, &bad) != DGM_OK;
    if (dgm_edi_counts(w, DGM_COUNT_MESSAGE) && !dgm_edi_counter_take(w, DGM_COUNT_MESSAGE, &w->now.next)) return false;
    *reference = w->now.next;
    if (!*counted) {
        memcpy(reference->at, own.at, own.len);
        reference->len = own.len;
    }
    default_names(w, names);
    for (uint32_t i = 0; i < DGM_EDI_NAMES; i++) {
        dgm_slice given = header_value(w, header, 2, i + 1);
        if (given.len) names[i] = given;
    }
    if (!names_whole(w, header, names) || !choose_group(w, names)) return false;
    line l = dgm_edi_line_begin(w, "UNH");
    put_text(&l, 1, 1, reference);
    for (uint32_t i = 0; i < DGM_EDI_NAMES; i++) dgm_edi_line_value(&l, 2, i + 1, names[i]);
    rest_of_header(w, &l, header);
    dgm_edi_line_end(&l);
    w->segments++;
    return w->failed == DGM_OK;
}

void dgm_edi_write_trailer(dgm_edi_writer *w, const dgm_edi_short_text *reference)
{
    line l = dgm_edi_line_begin(w, "UNT");
    w->segments++;
    put_number(&l, 1, w->segments);
    put_text(&l, 2, 1, reference);
    dgm_edi_line_end(&l);
}
