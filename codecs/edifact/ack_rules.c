/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_rules.c - what a receiver may refuse although its syntax is right: an interchange for somebody else, from somebody unknown,
 * too old, a test, sent twice, or of messages nobody agreed to (codes 7, 17, 23, 24, 25, 26 of list 0085). One thread.
 */
#include "ack.h"

#include "base/date.h"

#include <stdio.h>

static bool listed(dgm_slice list, dgm_slice value)
{
    while (list.len) {
        dgm_cut cut = dgm_slice_cut(list, ',');
        if (dgm_slice_equal(dgm_slice_trim(cut.head), value)) return true;
        list = cut.tail;
    }
    return false;
}

static dgm_diag *refuse(dgm_diags *diags, const dgm_envelope *e, dgm_diag_code code, uint16_t element, uint16_t component,
                        const char *path)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    if (!d) return NULL;
    d->position = e->position;
    d->position.element = element;
    d->position.component = component;
    d->at_byte = e->at_byte;
    d->bytes = e->bytes;
    dgm_diag_path(diags, d, dgm_slice_of(path));
    return d;
}

/* YYMMDD or CCYYMMDD; a year of two digits is of the hundred years around now. */
static bool date_days(dgm_slice date, int64_t today, int64_t *days)
{
    int64_t n = 0;
    if (date.len != 6 && date.len != 8) return false;
    for (size_t i = 0; i < date.len; i++) {
        if (date.at[i] < '0' || date.at[i] > '9') return false;
        n = n * 10 + (date.at[i] - '0');
    }
    int64_t year = n / 10000, month = n / 100 % 100, day = n % 100;
    if (month < 1 || month > 12 || day < 1 || day > 31) return false;
    if (date.len == 6) {
        year += 1900;
        while (dgm_date_days(year + 50, month, day) < today) year += 100;
    }
    *days = dgm_date_days(year, month, day);
    return true;
}

static void check_age(const dgm_edi_ack *a, const dgm_edi_wish *wish, const dgm_envelope *e, dgm_diags *diags)
{
    const int64_t day_ms = 86400000;
    int64_t today = a->host.world.now_ms(a->host.world.ctx) / day_ms, prepared = 0;
    dgm_slice date = { 0 };
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == 4 && e->values[i].component == 1) date = e->values[i].text;
    if (!date_days(date, today, &prepared) || today - prepared <= (int64_t)wish->max_age) return;
    dgm_diag *d = refuse(diags, e, DGM_D_EDI_ACK_OLD, 4, 1, "UNB/S004/0017");
    dgm_diag_text(diags, d, date);
    dgm_diag_number(diags, d, (int64_t)wish->max_age);
}

static void put_part(char *line, size_t room, size_t *n, dgm_slice part, char end)
{
    for (size_t i = 0; part.at && i < part.len && *n + 4 < room; i++) {
        unsigned char c = (unsigned char)part.at[i];
        if (c > 0x20 && c != '%' && c != 0x7F)
            line[(*n)++] = (char)c;
        else
            *n += (size_t)snprintf(line + *n, room - *n, "%%%02X", c);
    }
    if (*n + 1 < room) line[(*n)++] = end;
}

dgm_slice dgm_edi_ack_line(const dgm_edi_acked *x, char *line, size_t room)
{
    const dgm_slice parts[] = { x->sender.id, x->sender.qualifier, x->recipient.id, x->recipient.qualifier, x->reference };
    size_t n = 0;
    for (size_t i = 0; i < 5; i++) put_part(line, room, &n, parts[i], i < 4 ? ' ' : 0);
    return (dgm_slice){ line, n ? n - 1 : 0 };
}

/* Taken before, as whoever keeps a register says. */
static bool known(const dgm_edi_ack *a, const dgm_edi_acked *x)
{
    char line[DGM_EDI_ACK_LINE];
    return a->host.seen.has && x->reference.len && a->host.seen.has(a->host.seen.ctx, dgm_edi_ack_line(x, line, sizeof line));
}

/* The same reference from the same sender, since this acknowledgement was opened or before. */
static void check_twice(dgm_edi_ack *a, const dgm_edi_acked *x, const dgm_envelope *e, dgm_diags *diags)
{
    char key[2 * 140];
    if (x->reference.len == 0 || x->sender.id.len + x->sender.qualifier.len + x->reference.len + 2 > sizeof key) return;
    int n = snprintf(key, sizeof key, "%.*s\x1f%.*s\x1f%.*s", (int)x->sender.id.len, x->sender.id.at ? x->sender.id.at : "",
                     (int)x->sender.qualifier.len, x->sender.qualifier.at ? x->sender.qualifier.at : "", (int)x->reference.len,
                     x->reference.at);
    dgm_status s = dgm_edi_references_add(&a->seen, &a->mem, (dgm_slice){ key, (size_t)n });
    if (s == DGM_NOMEM) a->failed = s;
    if (s != DGM_INVALID && !known(a, x)) return;
    dgm_diag *d = refuse(diags, e, DGM_D_EDI_ACK_DUPLICATE, 5, 0, "UNB/0020");
    dgm_diag_text(diags, d, x->reference);
    dgm_diag_text(diags, d, x->sender.id);
}

void dgm_edi_ack_check_interchange(dgm_edi_ack *a, const dgm_edi_acked *x, const dgm_envelope *e, dgm_diags *diags)
{
    if (x->wish->senders.len && !listed(x->wish->senders, x->sender.id))
        dgm_diag_text(diags, refuse(diags, e, DGM_D_EDI_ACK_SENDER, 2, 1, "UNB/S002/0004"), x->sender.id);
    if (x->wish->recipients.len && !listed(x->wish->recipients, x->recipient.id))
        dgm_diag_text(diags, refuse(diags, e, DGM_D_EDI_ACK_RECIPIENT, 3, 1, "UNB/S003/0010"), x->recipient.id);
    if (x->wish->max_age) check_age(a, x->wish, e, diags);
    check_twice(a, x, e, diags);
    if (!x->wish->test && x->test.len && !dgm_slice_is(x->test, "0"))
        dgm_diag_text(diags, refuse(diags, e, DGM_D_EDI_ACK_TEST, 11, 0, "UNB/0035"), x->test);
}

/* CUSDEC fits CUSDEC:D:96B:UN, and so does every beginning of it that ends where a component does. */
static bool agreed(dgm_slice list, dgm_slice type)
{
    while (list.len) {
        dgm_cut cut = dgm_slice_cut(list, ',');
        dgm_slice one = dgm_slice_trim(cut.head);
        bool begins = one.len && one.len <= type.len && dgm_slice_equal(dgm_slice_part(type, 0, one.len), one);
        if (begins && (one.len == type.len || type.at[one.len] == ':')) return true;
        list = cut.tail;
    }
    return false;
}

static dgm_diag *refuse_type(const dgm_message_report *r, dgm_diag_code code, uint16_t component, const char *path,
                             dgm_diags *diags)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    if (!d) return NULL;
    d->position = r->position;
    d->position.segment = 1;
    d->position.element = 2;
    d->position.component = component;
    d->at_byte = r->at_byte;
    dgm_diag_path(diags, d, dgm_slice_of(path));
    dgm_diag_reference(diags, d, r->reference);
    return d;
}

/* Up to syntax version 3 the messages of a group are of one type. */
static void check_group(dgm_edi_ack *a, dgm_edi_acked *x, dgm_edi_acked_group *g, const dgm_message_report *r, dgm_diags *diags)
{
    dgm_slice type = dgm_slice_cut(r->type, ':').head;
    if (dgm_slice_is(x->version, "4") || type.len == 0) return;
    if (!g->type.len) {
        g->type = dgm_arena_copy(&x->arena, type);
        if (!g->type.at) a->failed = DGM_NOMEM;
        return;
    }
    if (dgm_slice_equal(g->type, type)) return;
    dgm_diag *d = refuse_type(r, DGM_D_EDI_ACK_TYPES, 1, "UNH/S009/0065", diags);
    dgm_diag_text(diags, d, g->reference);
    dgm_diag_text(diags, d, g->type);
    dgm_diag_text(diags, d, type);
}

void dgm_edi_ack_check_message(dgm_edi_ack *a, dgm_edi_acked *x, dgm_edi_acked_group *g, const dgm_message_report *r,
                               dgm_diags *diags)
{
    if (g) check_group(a, x, g, r, diags);
    if (x->wish->types.len == 0 || agreed(x->wish->types, r->type)) return;
    dgm_diag_text(diags, refuse_type(r, DGM_D_EDI_ACK_AGREEMENT, 0, "UNH/S009", diags), r->type);
}

static void tell_empty(dgm_edi_acked *x, dgm_edi_fault *own, uint32_t group, const char *what, dgm_slice reference,
                       dgm_diags *diags)
{
    if (own->code) return; /* something else is wrong with it already */
    dgm_diag *d = dgm_diags_add(diags, DGM_D_EDI_ACK_EMPTY, DGM_ERROR);
    if (d) d->position = (dgm_position){ .interchange = x->number, .group = group };
    dgm_diag_text(diags, d, dgm_slice_of(what));
    dgm_diag_text(diags, d, reference);
    own->code = dgm_edi_0085_of(DGM_D_EDI_ACK_EMPTY)->code;
}

void dgm_edi_ack_check_whole(dgm_edi_acked *x, dgm_diags *diags)
{
    if (x->messages == 0 && !x->groups) tell_empty(x, &x->own, 0, "interchange", x->reference, diags);
    for (dgm_edi_acked_group *g = x->groups; g; g = g->next)
        if (g->messages == 0) tell_empty(x, &g->own, g->number, "group", g->reference, diags);
}
