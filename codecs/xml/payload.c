/* SPDX-License-Identifier: Apache-2.0
 *
 * payload.c - a document that stands in an envelope as Base64 (RFC 4648, 4) is taken out and read as what it is: by a reader of its
 * own, which opens no further envelope. What is wrong with it is told with its place in the bytes that were sent. One thread.
 */
#include "reader.h"

#include "base/diag.h"

enum { STEP = 12288, STEP_LETTERS = STEP / 3 * 4, VALUES_MAX = 128 };

/* ---- Base64 ---- */

/* What a byte stands for; above 63: nothing. */
enum { PADDING = 64, BLANK = 65, OTHER = 66 };
static unsigned letter(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26u;
    if (c >= '0' && c <= '9') return c - '0' + 52u;
    if (c == '+' || c == '/') return c == '+' ? 62 : 63;
    return c == '=' ? PADDING : dgm_xml_space((char)c) ? BLANK : OTHER;
}

typedef struct decoding {
    uint32_t bits;
    unsigned have, padding; /* letters of the group, and how many of them fill it up */
    size_t bad_at;
    const char *why; /* what is wrong, or NULL */
} decoding;

static dgm_status note_mark(dgm_xml_reader *r, size_t nth, size_t at)
{
    void *marks = r->inside.marks;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &marks, &r->inside.mark_room, nth + 1, sizeof *r->inside.marks);
    r->inside.marks = marks;
    if (st == DGM_OK) r->inside.marks[nth] = at;
    return st;
}

static bool take_letter(decoding *d, unsigned v, char **to)
{
    if (d->padding && v != PADDING) return d->why = "something stands behind its end", false;
    if (v == PADDING && d->have < 2) return d->why = "a group begins with =", false;
    d->padding += v == PADDING;
    d->bits = d->bits << 6 | (v & 63);
    if (++d->have < 4) return true;
    for (unsigned k = 0; k + d->padding < 3; k++) *(*to)++ = (char)(d->bits >> (16 - 8 * k) & 255);
    d->have = 0;
    d->bits = 0;
    return true;
}

/* All of it into inside.bytes, with the marks. */
static dgm_status decode(dgm_xml_reader *r, dgm_slice text, decoding *d)
{
    dgm_buffer *out = &r->inside.bytes;
    out->len = 0;
    dgm_status st = dgm_buffer_reserve(out, text.len / 4 * 3 + 4);
    char *to = out->at;
    *d = (decoding){ 0 };
    for (size_t i = 0; i < text.len && st == DGM_OK && !d->why; i++) {
        unsigned v = letter((unsigned char)text.at[i]);
        if (v == BLANK) continue;
        d->bad_at = i;
        size_t made = (size_t)(to - out->at);
        if (d->have == 0 && made % STEP == 0 && !d->padding) st = note_mark(r, made / STEP, i);
        if (v == OTHER)
            d->why = "a character that has no place there";
        else
            (void)take_letter(d, v, &to);
    }
    if (st != DGM_OK) return st;
    if (!d->why && d->have) d->why = "the last group is not whole";
    out->len = (size_t)(to - out->at);
    return DGM_OK;
}

/* Where in the Base64 the group stands that a byte comes from. */
static size_t place_of(const dgm_xml_reader *r, dgm_slice text, size_t byte)
{
    size_t all = r->inside.bytes.len;
    if (byte >= all) byte = all ? all - 1 : 0;
    size_t at = all ? r->inside.marks[byte / STEP] : 0;
    for (size_t letters = byte % STEP / 3 * 4; at < text.len; at++) {
        if (letter((unsigned char)text.at[at]) == BLANK) continue;
        if (letters-- == 0) break;
    }
    return at;
}

/* ---- telling ---- */

static dgm_diag *say(dgm_xml_reader *r, dgm_message *out, dgm_diag_code code, uint64_t at, uint64_t bytes)
{
    dgm_diag *d = dgm_diags_add(r->host.diags, code, DGM_ERROR);
    out->errors++;
    dgm_diag_text(r->host.diags, d, dgm_shape_slot(r->format->shape, r->profile->payload)->name);
    if (!d) return NULL;
    d->position = out->position;
    d->at_byte = at;
    d->bytes = bytes;
    dgm_diag_reference(r->host.diags, d, out->reference);
    return d;
}

/* Diagnostics about the document say where it stands in what was sent; what they show, and how much of it they mean, is of the
 * document itself. `exact`: the text is the raw bytes. */
static void move_places(dgm_xml_reader *r, size_t from, uint64_t begin, dgm_slice text, bool exact)
{
    for (size_t i = from; i < dgm_diags_count(r->host.diags); i++) {
        dgm_diag *d = dgm_diags_edit(r->host.diags, i);
        if (d->at_byte == UINT64_MAX) continue;
        uint64_t old = d->at_byte;
        d->at_byte = begin + (exact ? place_of(r, text, (size_t)old) : 0);
        d->excerpt_at = d->at_byte - (old - d->excerpt_at);
    }
}

/* The header of the envelope, for who listens. */
static void tell_envelope(dgm_xml_reader *r, const dgm_message *out)
{
    if (!r->host.envelope) return;
    dgm_envelope_value values[VALUES_MAX];
    const dgm_tree *t = out->tree;
    dgm_slice root = dgm_tree_name(t, 0);
    dgm_envelope e = { .tag = root, .title = r->format->title, .position = out->position, .bytes = out->bytes, .values = values };
    for (uint32_t i = 1; i < t->node_count; i++) {
        dgm_slice value = dgm_tree_value(t, i);
        uint32_t slot = dgm_node_slot(&t->nodes[i]);
        if (!value.len || slot == DGM_SLOT_UNKNOWN || slot == r->profile->payload) continue;
        if (e.count == VALUES_MAX) {
            dgm_diag *d = dgm_diags_add(r->host.diags, DGM_D_XML_PAYLOAD_VALUES, DGM_WARNING);
            if (d) d->position = out->position, d->at_byte = t->nodes[i].at, d->bytes = t->nodes[i].span;
            dgm_diag_reference(r->host.diags, d, out->reference);
            dgm_diag_text(r->host.diags, d, root);
            dgm_diag_number(r->host.diags, d, VALUES_MAX);
            break;
        }
        values[e.count] = (dgm_envelope_value){ .element = (uint16_t)(e.count + 1),
                                                .component = 1,
                                                .repetition = 1,
                                                .at_byte = t->nodes[i].at,
                                                .bytes = t->nodes[i].span,
                                                .text = value,
                                                .name = dgm_shape_slot(t->shape, slot)->name };
        e.count++;
    }
    r->host.envelope(r->host.envelope_ctx, &e);
}

/* ---- opening ---- */

static uint32_t find_slot(const dgm_tree *t, uint32_t slot)
{
    for (uint32_t i = 0; slot != DGM_SLOT_NONE && i < t->node_count; i++)
        if (dgm_node_slot(&t->nodes[i]) == slot) return i;
    return DGM_NONE;
}

dgm_slice dgm_xml_value_of(const dgm_tree *t, uint32_t slot)
{
    uint32_t node = find_slot(t, slot);
    return node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, node);
}

static dgm_status ready_reader(dgm_xml_reader *r)
{
    if (r->inside.reader) {
        dgm_xml_reset(r->inside.reader);
        return DGM_OK;
    }
    dgm_host host = r->host;
    bool asked = false; /* was the envelope asked for, and not what is in it? */
    for (size_t i = 0; i < host.format_count; i++) asked = asked || host.formats[i] == r->format;
    if (asked) host.formats = host.known, host.format_count = host.known_count;
    host.envelope = NULL;
    const dgm_setting level = { DGM_LITERAL("level"), DGM_LITERAL("schema") };
    dgm_status st = dgm_xml_open(&host, &level, r->watched ? 1 : 0, &r->inside.reader);
    if (st == DGM_OK) ((dgm_xml_reader *)(void *)r->inside.reader)->inside.within = true;
    return st;
}

/* The document becomes the message. */
static void put_around(const dgm_xml_reader *r, dgm_message *out, const dgm_message *inner, uint64_t begin)
{
    dgm_tree *envelope = out->tree;
    out->format = inner->format;
    out->type = inner->type;
    out->interchange_reference = out->reference;
    out->sender = dgm_xml_value_of(envelope, r->profile->sender);
    out->recipient = dgm_xml_value_of(envelope, r->profile->recipient);
    out->reference = inner->reference;
    out->errors += inner->errors;
    out->tree = inner->tree;
    out->tree->around = envelope;
    out->tree->recoded = true;
    out->tree->base = begin;
    out->tree->position = envelope->position;
}

static dgm_status read_inside(dgm_xml_reader *r, dgm_message *out, uint64_t begin, dgm_slice text, bool exact)
{
    dgm_message inner;
    size_t before = dgm_diags_count(r->host.diags);
    dgm_status st = ready_reader(r);
    if (st == DGM_OK) st = dgm_xml_feed(r->inside.reader, dgm_buffer_slice(&r->inside.bytes), true);
    if (st == DGM_OK) st = dgm_xml_next(r->inside.reader, &inner);
    if (st != DGM_OK) return st;
    move_places(r, before, begin, text, exact);
    tell_envelope(r, out);
    if (inner.tree) {
        put_around(r, out, &inner, begin);
        return DGM_OK;
    }
    /* No tree: the names that the message lends may not stand in the envelope's, which goes. */
    uint64_t bytes = out->bytes;
    size_t errors = out->errors + inner.errors;
    dgm_position position = out->position;
    dgm_xml_recycle(&r->base, out);
    *out = (dgm_message){ .format = inner.format, .type = inner.type, .position = position, .bytes = bytes, .errors = errors };
    return DGM_OK;
}

dgm_status dgm_xml_open_payload(dgm_xml_reader *r, dgm_message *out)
{
    const dgm_tree *t = out->tree;
    if (r->inside.within) {
        dgm_diag *d = dgm_diags_add(r->host.diags, DGM_D_XML_PAYLOAD_NESTED, DGM_ERROR);
        dgm_diag_text(r->host.diags, d, dgm_tree_name(t, 0));
        if (d) d->at_byte = t->nodes[0].at;
        out->errors++;
        return DGM_OK;
    }
    uint32_t node = find_slot(t, r->profile->payload);
    if (node == DGM_NONE || !dgm_tree_value(t, node).len) {
        say(r, out, DGM_D_XML_PAYLOAD_EMPTY, t->nodes[node == DGM_NONE ? 0 : node].at, 0);
        return DGM_OK;
    }
    decoding d;
    uint64_t begin = t->nodes[node].at;
    dgm_slice text = dgm_tree_raw(t, node);
    dgm_status st = decode(r, text, &d);
    bool exact = !d.why;
    if (st == DGM_OK && d.why && dgm_node_flags(&t->nodes[node]) & DGM_DECODED) { /* references, CDATA, another encoding */
        text = dgm_tree_value(t, node);
        st = decode(r, text, &d);
    }
    if (st != DGM_OK) return st;
    if (!d.why) return read_inside(r, out, begin, text, exact);
    bool raw = !(dgm_node_flags(&t->nodes[node]) & DGM_DECODED);
    dgm_diag_text(r->host.diags, say(r, out, DGM_D_XML_PAYLOAD_BASE64, begin + (raw ? d.bad_at : 0), raw), dgm_slice_of(d.why));
    return DGM_OK;
}

/* ---- memory ---- */

void dgm_xml_recycle_payload(dgm_xml_reader *r, dgm_message *message)
{
    dgm_tree *envelope = message->tree->around;
    message->tree->around = NULL;
    dgm_xml_recycle(r->inside.reader, message);
    message->tree = envelope;
}

void dgm_xml_payload_free(dgm_xml_reader *r)
{
    dgm_xml_close(r->inside.reader);
    dgm_buffer_free(&r->inside.bytes);
    dgm_mem_free(&r->host.mem, r->inside.marks, r->inside.mark_room * sizeof *r->inside.marks);
}
