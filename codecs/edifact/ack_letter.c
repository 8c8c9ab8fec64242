/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_letter.c - see ack_letter.h: trees place by place, and the interchange around them. ISO 9735:1988, annex B; ISO 9735-1:2002,
 * annex C. One thread.
 */
#include "ack_letter.h"

#include "attached.h"
#include "base/date.h"
#include "base/utf8.h"
#include "counted.h"
#include "writer.h"

#include <stdio.h>

uint32_t dgm_edi_letter_version(const dgm_edi_acked *x)
{
    bool known = x->version.len == 1 && x->version.at[0] >= '1' && x->version.at[0] <= '4';
    char version = x->wish->version ? x->wish->version : known ? x->version.at[0] : '3';
    return (uint32_t)(version - '0');
}

dgm_edi_letter dgm_edi_letter_to(dgm_edi_ack *a, dgm_edi_acked *x)
{
    return (dgm_edi_letter){ .a = a, .x = x, .version = dgm_edi_letter_version(x) };
}

dgm_status dgm_edi_letter_shape(dgm_edi_letter *l, const dgm_edi_directory *d, const char *type, dgm_shape **shape)
{
    const dgm_mem *mem = &l->a->mem;
    dgm_edi_program *p = NULL;
    l->shape = *shape;
    if (*shape) return DGM_OK;
    dgm_status s = dgm_edi_program_make(mem, d, dgm_slice_of(type), &p);
    if (s != DGM_OK) return s;
    s = dgm_edi_program_shape(p, mem, dgm_slice_of(type), NULL, NULL, shape);
    if (s == DGM_OK)
        s = dgm_edi_attach(mem, *shape, d->syntax4 ? NULL : p, d->syntax4 ? p : NULL);
    else
        dgm_edi_program_free(p);
    if (s != DGM_OK) {
        dgm_shape_free(*shape);
        *shape = NULL;
    }
    l->shape = *shape;
    return s;
}

/* ---- a message ---- */

bool dgm_edi_letter_fits(const dgm_edi_letter *l, uint32_t slot, dgm_slice v)
{
    const dgm_slot *s = dgm_shape_slot(l->shape, slot);
    return s && v.len && dgm_utf8_check(v) == v.len && dgm_utf8_length(v) <= s->repr.length_max;
}

dgm_edi_spot dgm_edi_letter_open(dgm_edi_letter *l, dgm_edi_spot parent, const char *name)
{
    uint32_t slot = dgm_shape_child(l->shape, parent.slot, dgm_slice_of(name), 1);
    return (dgm_edi_spot){ dgm_builder_open(l->b, parent.node, slot, 0), slot };
}

void dgm_edi_letter_put(dgm_edi_letter *l, dgm_edi_spot at, const char *name, dgm_slice v)
{
    uint32_t slot = v.len ? dgm_shape_child(l->shape, at.slot, dgm_slice_of(name), 1) : DGM_SLOT_NONE;
    if (slot != DGM_SLOT_NONE && dgm_edi_letter_fits(l, slot, v)) (void)dgm_builder_leaf(l->b, at.node, slot, 0, v);
}

void dgm_edi_letter_number(dgm_edi_letter *l, dgm_edi_spot at, const char *name, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    dgm_edi_letter_put(l, at, name, (dgm_slice){ text, (size_t)len });
}

/* ---- the interchange around them ---- */

/* The reference of the next answer: the last digits count up, and begin anew when they are used up. */
static void count_up(char *text, size_t *len)
{
    size_t i = *len;
    while (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9') {
        if (text[i - 1] != '9') {
            text[i - 1]++;
            return;
        }
        text[--i] = '0';
    }
    if (*len == 14) return;
    memmove(text + i + 1, text + i, *len - i);
    text[i] = i == *len ? '2' : '1';
    ++*len;
}

typedef struct post {
    dgm_tree *const *trees;
    size_t tree_count;
    dgm_edi_counted counted; /* its reference, when the host counts them */
    dgm_setting form[4];
    dgm_buffer bytes;
} post;

dgm_slice dgm_edi_letter_stamp(const dgm_edi_letter *l, char out[16])
{
    const dgm_moment m = dgm_date_moment(l->a->host.world.now_ms(l->a->host.world.ctx));
    int n = snprintf(out, 16, "%04u%02u%02u%02u%02u", m.year % 10000, m.month % 100, m.day % 100, m.hour % 100, m.minute % 100);
    return (dgm_slice){ out, n > 0 && n < 16 ? (size_t)n : 0 };
}

/* UNB of the answer: the parties change places, with qualifiers and addresses; agreement and test indicator stay. */
static dgm_slice reference_of(const dgm_edi_letter *l, const post *p)
{
    const dgm_edi_wish *counter = dgm_edi_wish_counter(l->a, l->x->wish);
    return p->counted.len ? (dgm_slice){ p->counted.at, p->counted.len }
                          : (dgm_slice){ counter->reference, counter->reference_len };
}

typedef struct header {
    dgm_envelope_value values[24];
    size_t count;
} header;

static void put_header(header *h, uint16_t element, uint16_t component, dgm_slice text, size_t most)
{
    if (text.len && dgm_utf8_length(text) <= most)
        h->values[h->count++] = (dgm_envelope_value){ .element = element, .component = component, .text = text };
}

static void put_party(header *h, uint16_t element, const dgm_edi_party *p, bool four)
{
    put_header(h, element, 1, p->id, 35);
    put_header(h, element, 2, p->qualifier, 4);
    put_header(h, element, 3, p->address, four ? 35 : 14);
    if (four) put_header(h, element, 4, p->subaddress, 35);
}

static void make_header(const dgm_edi_letter *l, const post *p, header *h, dgm_slice identifier, dgm_slice version, dgm_slice stamp)
{
    const dgm_edi_acked *x = l->x;
    const bool four = dgm_slice_is(version, "4");
    put_header(h, 1, 1, identifier, 4);
    put_header(h, 1, 2, version, 1);
    put_party(h, 2, &x->recipient, four);
    put_party(h, 3, &x->sender, four);
    put_header(h, 4, 1, dgm_slice_part(stamp, 0, 8), 8);
    put_header(h, 4, 2, dgm_slice_part(stamp, 8, 12), 4);
    put_header(h, 5, 1, reference_of(l, p), 14);
    put_header(h, 6, 1, l->x->wish->recipient_reference, 14);
    put_header(h, 10, 1, x->agreement, 35);
    if (x->test.len && x->test.at[0] >= '1' && x->test.at[0] <= '9') put_header(h, 11, 1, x->test, 1);
}

static dgm_status write_as(dgm_edi_letter *l, post *p, const char *identifier, uint32_t version, dgm_diags *diags)
{
    char syntax[16], now[16];
    header head = { .count = 0 };
    snprintf(syntax, sizeof syntax, "%s:%u", identifier, version);
    const dgm_cut halves = dgm_slice_cut(dgm_slice_of(syntax), ':');
    make_header(l, p, &head, halves.head, halves.tail, dgm_edi_letter_stamp(l, now));
    const dgm_envelope envelope = { .position = { .interchange = 1 }, .values = head.values, .count = head.count };
    const dgm_setting settings[] = {
        { DGM_LITERAL("syntax"), dgm_slice_of(syntax) },
        { DGM_LITERAL("reference"), reference_of(l, p) },
        { DGM_LITERAL("message-reference"), l->x->wish->message_reference },
        { DGM_LITERAL("line-breaks"), l->x->wish->breaks ? DGM_LITERAL("yes") : DGM_LITERAL("no") },
    };
    const dgm_format format = {
        .name = p->form[0].value, .codec = DGM_LITERAL("edifact"), .settings = p->form, .setting_count = 4, .shape = l->shape
    };
    dgm_host host = l->a->host;
    dgm_writer *w = NULL;
    host.diags = diags;
    host.counter = (dgm_counter){ 0 }; /* it has given one already */
    p->bytes.len = 0;
    dgm_status s =
        dgm_edi_writer_open(&host, &format, settings, sizeof settings / sizeof settings[0], dgm_buffer_sink(&p->bytes), &w);
    if (s == DGM_OK) s = dgm_edi_writer_envelope(w, &envelope);
    for (size_t i = 0; i < p->tree_count && s == DGM_OK; i++) s = dgm_edi_write(w, p->trees[i]);
    if (s == DGM_OK) s = dgm_edi_finish(w);
    dgm_edi_writer_close(w);
    return s;
}

/* In the character set of the interchange that is answered; where that cannot carry what must be repeated, in a wider one. */
static dgm_status write_somehow(dgm_edi_letter *l, post *p, dgm_diags *diags)
{
    char own[8] = "";
    if (l->x->wish->version)
        memcpy(own, l->x->wish->identifier, 4);
    else if (l->x->identifier.len == 4)
        memcpy(own, l->x->identifier.at, 4);
    const uint32_t later = l->version < 3 ? 3 : l->version;
    const struct {
        const char *identifier;
        uint32_t version;
    } tries[] = { { own, l->version }, { "UNOC", later }, { later < 4 ? "UNOY" : "UNOW", later } };
    dgm_status s = DGM_INVALID;
    for (size_t i = 0; i < 3 && (s == DGM_INVALID || s == DGM_CONFIG); i++) {
        if (!tries[i].identifier[0]) continue;
        dgm_diags_clear(diags);
        s = write_as(l, p, tries[i].identifier, tries[i].version, diags);
    }
    return s == DGM_CONFIG ? DGM_INVALID : s;
}

static dgm_status give_out(dgm_edi_ack *a, dgm_slice bytes)
{
    dgm_sink sink;
    dgm_status s = a->outlet.open(a->outlet.ctx, ++a->outputs, DGM_LITERAL("edifact"), &sink);
    if (s != DGM_OK) return s;
    s = dgm_sink_put(sink, bytes);
    dgm_status closed = a->outlet.close(a->outlet.ctx, s == DGM_OK);
    return s == DGM_OK ? closed : s;
}

dgm_status dgm_edi_letter_send(dgm_edi_letter *l, dgm_tree *const *trees, size_t n, const char *type, dgm_slice version,
                               dgm_slice release, dgm_diags *diags)
{
    post p = { .trees = trees,
               .tree_count = n,
               .form = { { DGM_LITERAL("message"), dgm_slice_of(type) },
                         { DGM_LITERAL("version"), version },
                         { DGM_LITERAL("release"), release },
                         { DGM_LITERAL("agency"), DGM_LITERAL("UN") } } };
    dgm_diags *said = NULL;
    dgm_buffer_init(&p.bytes, &l->a->mem);
    dgm_status s = dgm_diags_new(&l->a->mem, 16, &said);
    const dgm_counter *counter = &l->a->host.counter;
    if (s == DGM_OK && counter->take)
        s = dgm_edi_counted_next(counter, DGM_COUNT_INTERCHANGE, l->x->sender.id, l->x->wish->reference_first, &p.counted);
    if (s == DGM_OK) s = write_somehow(l, &p, said);
    if (s == DGM_OK) {
        s = give_out(l->a, dgm_buffer_slice(&p.bytes));
        dgm_edi_wish *own = dgm_edi_wish_counter(l->a, l->x->wish);
        count_up(own->reference, &own->reference_len);
    } else if (s == DGM_INVALID) {
        dgm_edi_letter_impossible(l, diags, "what it must repeat cannot be written");
        dgm_status moved = dgm_diags_move(diags, said);
        s = moved == DGM_OK ? DGM_INVALID : moved;
    }
    dgm_diags_free(said);
    dgm_buffer_free(&p.bytes);
    return s;
}

/* ---- what is told beside them ---- */

dgm_diag *dgm_edi_letter_tell(const dgm_edi_letter *l, dgm_diags *diags, dgm_diag_code code, dgm_severity severity)
{
    dgm_diag *d = dgm_diags_add(diags, code, severity);
    if (d) d->position.interchange = l->x->number;
    return d;
}

void dgm_edi_letter_impossible(const dgm_edi_letter *l, dgm_diags *diags, const char *why)
{
    dgm_diag *d = dgm_edi_letter_tell(l, diags, DGM_D_EDI_ACK_IMPOSSIBLE, DGM_ERROR);
    if (l->x->reference.len)
        dgm_diag_text(diags, d, l->x->reference);
    else
        dgm_diag_number(diags, d, l->x->number);
    dgm_diag_text(diags, d, dgm_slice_of(why));
}
