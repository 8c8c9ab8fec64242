/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_like.c - headers of interchanges and groups as they came: what a reader told of UNB and UNG goes into those that are
 * written, but for what settings say otherwise, and only when it is right. ISO 9735:1988, annex B; ISO 9735-1:2002, annex C. One
 * thread.
 */
#include "writer_state.h"

/* One value of the header to be written. */
typedef struct header_value {
    uint32_t element, component;
    dgm_slice text;
} header_value;

typedef struct header {
    dgm_edi_writer *w;
    bool group;
    header_value values[DGM_EDI_LIKE_MAX + 8];
    size_t count;
    char date[8];
} header;

/* ---- taking over ----------------------------------------------------------------------------------------------------------- */

static bool copy_values(dgm_edi_writer *w, dgm_edi_like *like, const dgm_envelope *e)
{
    like->count = 0;
    like->text.len = 0;
    for (size_t i = 0; i < e->count && like->count < DGM_EDI_LIKE_MAX; i++) {
        const dgm_envelope_value *v = &e->values[i];
        dgm_status st = dgm_buffer_append(&like->text, v->text);
        if (st != DGM_OK) {
            w->failed = st;
            return false;
        }
        like->values[like->count++] = (dgm_edi_like_value){ (uint8_t)(v->element > 255 ? 255 : v->element),
                                                            (uint8_t)(v->component > 255 ? 255 : v->component),
                                                            (uint32_t)(like->text.len - v->text.len), (uint32_t)v->text.len };
    }
    return like->there = true;
}

dgm_slice dgm_edi_like_text(const dgm_edi_like *like, uint32_t element, uint32_t component)
{
    for (size_t i = 0; i < like->count; i++)
        if (like->values[i].element == element && like->values[i].component == component)
            return (dgm_slice){ like->text.at + like->values[i].at, like->values[i].len };
    return (dgm_slice){ 0 };
}

void dgm_edi_follow(dgm_edi_writer *w, const dgm_position *p)
{
    if (!w->following || p->interchange == 0) return;
    if (p->interchange != w->input.interchange) { /* one without a header: nobody told of it */
        dgm_edi_end_interchange(w);
        w->like[0].there = w->like[1].there = w->barred = false;
        dgm_edi_seal_clear(&w->seals[0]);
        dgm_edi_seal_clear(&w->seals[1]);
        w->input = (dgm_position){ .interchange = p->interchange };
    }
    if (w->like[1].there && p->group != w->input.group) {
        dgm_edi_close_group(w);
        w->like[1].there = false;
        dgm_edi_seal_clear(&w->seals[1]);
    }
}

dgm_status dgm_edi_writer_envelope(dgm_writer *writer, const dgm_envelope *e)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    if (w->failed != DGM_OK) return w->failed;
    if (w->finished) return DGM_USAGE;
    w->following = true;
    if (e->secures) return w->failed = dgm_edi_seal_take(w, e);
    w->decimal = w->wishes.decimal ? w->wishes.decimal : '.';
    if (e->group) {
        dgm_edi_close_group(w);
    } else {
        dgm_edi_end_interchange(w);
        w->like[1].there = w->barred = w->now.taken = false;
        dgm_edi_seal_clear(&w->seals[0]);
    }
    dgm_edi_seal_clear(&w->seals[1]);
    w->input = e->position;
    if (!copy_values(w, &w->like[e->group], e)) return w->failed;
    if (e->group || (w->wishes.given & DGM_EDI_GIVEN_SYNTAX)) return DGM_OK;
    char syntax[8];
    dgm_slice identifier = dgm_edi_like_text(&w->like[0], 1, 1), version = dgm_edi_like_text(&w->like[0], 1, 2);
    if (identifier.len == 4 && version.len == 1) {
        memcpy(syntax, identifier.at, 4);
        syntax[4] = ':';
        syntax[5] = version.at[0];
    }
    /* What waits is still in the set of the interchange before. */
    char own[sizeof w->set_name];
    size_t own_len = w->own ? strlen(w->set_name) : 0;
    memcpy(own, w->set_name, sizeof own);
    if (dgm_edi_flush(w) != DGM_OK) return w->failed;
    w->barred =
        identifier.len != 4 || version.len != 1 || !dgm_edi_syntax_take(w, (dgm_slice){ syntax, 6 }, (dgm_slice){ own, own_len });
    return w->failed;
}

/* ---- what is to be written ------------------------------------------------------------------------------------------------- */

static void add(header *h, uint32_t element, uint32_t component, dgm_slice text)
{
    if (text.len) h->values[h->count++] = (header_value){ element, component, text };
}

/* YYMMDD up to version 3, CCYYMMDD from version 4 on. */
static dgm_slice date_of(header *h, dgm_slice date)
{
    if (h->w->four && date.len == 6) {
        memcpy(h->date, date.at[0] >= '5' ? "19" : "20", 2);
        memcpy(h->date + 2, date.at, 6);
        return (dgm_slice){ h->date, 8 };
    }
    return !h->w->four && date.len == 8 ? dgm_slice_part(date, 2, 8) : date;
}

/* What a setting says of a value of UNB; at NULL: nothing. */
static dgm_slice wished(const dgm_edi_writer *w, uint32_t element, uint32_t component)
{
    const dgm_edi_wishes *s = &w->wishes;
    const struct {
        uint32_t element, component, given;
        dgm_slice text;
    } rows[] = {
        { 1, 1, DGM_EDI_GIVEN_SYNTAX, { s->syntax, 4 } },
        { 1, 2, DGM_EDI_GIVEN_SYNTAX, { &s->version, 1 } },
        { 2, 1, DGM_EDI_GIVEN_SENDER, { s->sender.at, s->sender.len } },
        { 2, 2, DGM_EDI_GIVEN_SENDER_QUALIFIER, { s->sender_qualifier.at, s->sender_qualifier.len } },
        { 3, 1, DGM_EDI_GIVEN_RECIPIENT, { s->recipient.at, s->recipient.len } },
        { 3, 2, DGM_EDI_GIVEN_RECIPIENT_QUALIFIER, { s->recipient_qualifier.at, s->recipient_qualifier.len } },
        { 11, 1, DGM_EDI_GIVEN_TEST, { "1", s->test } },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].element == element && rows[i].component == component && (s->given & rows[i].given)) return rows[i].text;
    return (dgm_slice){ 0 };
}

static void gather(header *h)
{
    static const uint32_t most[2] = { 11, 8 };
    dgm_edi_writer *w = h->w;
    const dgm_edi_like *like = &w->like[h->group];
    uint32_t last = most[h->group];
    for (size_t i = 0; i < like->count; i++)
        if (like->values[i].element > last) last = like->values[i].element;
    for (uint32_t e = 1; e <= last; e++)
        for (uint32_t c = 1; c <= DGM_EDI_COMPONENTS_MAX && h->count < DGM_EDI_LIKE_MAX; c++) {
            dgm_slice text = dgm_edi_like_text(like, e, c), wish = h->group ? (dgm_slice){ 0 } : wished(w, e, c);
            if (wish.at) text = wish;
            if (e == 4 && c == 1) text = date_of(h, text);
            const dgm_edi_short_text *reference = h->group ? &w->now.group_reference : &w->now.reference;
            if (e == 5 && c == 1) text = (dgm_slice){ reference->at, reference->len };
            add(h, e, c, text);
        }
}

/* ---- is it right? ---------------------------------------------------------------------------------------------------------- */

const dgm_edi_layout *dgm_edi_header_layout(dgm_edi_writer *w, uint32_t which)
{
    static const char *const tags[] = { "UNB", "UNG", "UNH" };
    dgm_edi_layout *l = &w->layouts[which][w->four];
    const dgm_edi_directory d = { .syntax4 = w->four };
    if (l->packed) return l;
    w->failed = dgm_edi_layout_make(&w->constants, &d, dgm_slice_of(tags[which]), true, l);
    return w->failed == DGM_OK ? l : NULL;
}

static bool bar(header *h, const dgm_edi_naming *name, dgm_slice value)
{
    dgm_edi_writer *w = h->w;
    dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_HEADER, DGM_NONE, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, h->group ? DGM_LITERAL("UNG") : DGM_LITERAL("UNB"));
    dgm_diag_text(w->host.diags, d, name ? name->id : DGM_LITERAL("?"));
    dgm_diag_text(w->host.diags, d, value);
    return false;
}

/* The service characters that were wished for cannot be used in this interchange. */
static bool bar_marks(dgm_edi_writer *w)
{
    char syntax[7] = { 0 };
    memcpy(syntax, w->wishes.syntax, 4);
    syntax[4] = ':';
    syntax[5] = w->wishes.version;
    dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_MARKS, DGM_NONE, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, (dgm_slice){ w->wishes.marks, DGM_EDI_MARKS });
    dgm_diag_text(w->host.diags, d, dgm_slice_of(syntax));
    return false;
}

/* The value of a place; empty when there is none. */
static dgm_slice value_at(const header *h, uint32_t element, uint32_t component)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->values[i].element == element && h->values[i].component == component) return h->values[i].text;
    return (dgm_slice){ 0 };
}

static bool element_right(header *h, const dgm_edi_layout *l, uint32_t e)
{
    const dgm_edi_place *place = &l->places[e - 1];
    uint32_t leaves = place->count ? place->count : 1, missing = leaves;
    bool any = false;
    for (uint32_t c = 0; c < leaves; c++) {
        const dgm_edi_leaf *leaf = &l->leaves[place->first + c];
        const dgm_edi_row row = { .least = leaf->least, .most = (uint32_t)leaf->least + leaf->more, .class = leaf->class };
        dgm_slice v = value_at(h, e, c + 1);
        size_t bad = 0;
        if (v.len == 0) {
            bool needed = place->count ? place->needed >> c & 1 : place->mandatory;
            if (needed && missing == leaves) missing = c;
            continue;
        }
        any = true;
        if (!dgm_edi_value_fits(h->w, &row, v)) return bar(h, &l->leaf_names[place->first + c], v);
        if (h->w->set && !dgm_ascii(v) && dgm_edi_encode(h->w, v, &bad) != DGM_OK)
            return bar(h, &l->leaf_names[place->first + c], v);
    }
    if (any ? missing != leaves : place->mandatory) return bar(h, &l->place_names[e - 1], (dgm_slice){ 0 });
    return true;
}

static bool any_at(const header *h, uint32_t element)
{
    for (size_t i = 0; i < h->count; i++)
        if (h->values[i].element == element) return true;
    return false;
}

/* Dependency notes of UNG: its type, agency and version, all or none. */
static bool notes_right(header *h, const dgm_edi_layout *l)
{
    for (uint32_t k = 0; k < l->rule_count; k++) {
        const dgm_edi_rule *rule = &l->rules[k];
        uint32_t there = 0, lacks = 0;
        for (uint32_t i = 0; i < rule->count; i++) {
            if (any_at(h, rule->first[i]))
                there |= 1u << i;
            else
                lacks = rule->first[i];
        }
        if (rule->element || dgm_edi_rule_kept(rule, there)) continue;
        uint32_t place = lacks ? dgm_edi_place_at(l, lacks) : l->place_count;
        return bar(h, place < l->place_count ? &l->place_names[place] : NULL, (dgm_slice){ 0 });
    }
    return true;
}

static bool right(header *h)
{
    static const dgm_edi_naming syntax = { .id = { "S001", 4 } };
    if (h->w->barred && h->w->marks_wrong) return bar_marks(h->w);
    if (h->w->barred) return bar(h, &syntax, value_at(h, 1, 1));
    const dgm_edi_layout *l = dgm_edi_header_layout(h->w, h->group);
    if (!l) return false;
    for (size_t i = 0; i < h->count; i++) {
        const header_value *v = &h->values[i];
        uint32_t parts = v->element <= l->place_count ? l->places[v->element - 1].count : 0;
        if (v->element > l->place_count || v->component > (parts ? parts : 1)) return bar(h, NULL, v->text);
    }
    for (uint32_t e = 1; e <= l->place_count; e++)
        if (!element_right(h, l, e)) return false;
    return notes_right(h, l);
}

/* ---- writing --------------------------------------------------------------------------------------------------------------- */

bool dgm_edi_write_like(dgm_edi_writer *w, bool group)
{
    header h = { .w = w, .group = group };
    gather(&h);
    if (!right(&h)) return false;
    dgm_edi_line l = dgm_edi_line_begin(w, group ? "UNG" : "UNB");
    for (size_t i = 0; i < h.count; i++) dgm_edi_line_value(&l, h.values[i].element, h.values[i].component, h.values[i].text);
    dgm_edi_line_end(&l);
    return w->failed == DGM_OK;
}

void dgm_edi_like_reference(dgm_edi_writer *w, bool group, dgm_edi_short_text *to)
{
    dgm_slice text = dgm_edi_like_text(&w->like[group], 5, 1);
    to->len = text.len < sizeof to->at ? text.len : sizeof to->at;
    if (to->len) memcpy(to->at, text.at, to->len);
}
