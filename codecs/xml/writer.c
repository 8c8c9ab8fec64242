/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees of an XML format to a document: the tag bytes stand ready in the profile, so writing is copying. The document is
 * made and checked in memory in one walk (no recursion) and given to the sink in one piece, or refused whole. One thread.
 */
#include "writer_check.h"
#include "xml.h"

#include <stdio.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define NO_POINT UINT32_MAX

enum { FIRST_BYTES = 16384, ROOM = 128 }; /* ROOM: blocks of 32 bytes may run over, and a few bytes need no question */

typedef struct open_element {
    uint32_t node, slot, end; /* end: node behind its last */
    uint32_t first, children; /* slots of its children */
    uint32_t last, count;     /* the child before, and how many of it there were */
    uint32_t need;            /* the next child from here on that must not be missing, or DGM_SLOT_NONE */
    bool empty;               /* no child element was written: the start tag is still open */
} open_element;

typedef struct xml_writer {
    dgm_writer base;
    dgm_host host;
    const dgm_format *format;
    const dgm_xml_profile *profile;
    dgm_sink sink;
    dgm_buffer out;
    dgm_buffer encoded, payload; /* in another set than UTF-8; a document that goes into its envelope again, in Base64 */
    dgm_xml_encoder encoder;
    char set[64]; /* the setting: what documents are written in */
    bool alone;   /* without the envelopes they came in */
    uint32_t indent;
    bool declaration, written;
    bool checks; /* documents are held against the schema of their format */
    dgm_xml_written check;
    enum { AS_IT_IS, INCLUSIVE, EXCLUSIVE } canonical;
    dgm_buffer other; /* the canonical form */
    /* during write */
    const dgm_tree *tree;
    uint32_t payload_node; /* of an envelope: whose value is `payload` */
    char *end;             /* of the room, ROOM before the end of the buffer */
    bool refused;
    open_element *top;                    /* the innermost that is open */
    open_element open[DGM_DEPTH_MAX + 1]; /* open[0] stands above the root */
} xml_writer;

static xml_writer *self(dgm_writer *w)
{
    return (xml_writer *)(void *)w; /* base is the first member */
}

/* ---- diagnostics ---- */

static DGM_XML_COLD dgm_diag *say(xml_writer *w, dgm_diag_code code, dgm_severity severity, uint32_t node)
{
    if (severity == DGM_ERROR) w->refused = true;
    dgm_diag *d = dgm_diags_add(w->host.diags, code, severity);
    if (!d) return NULL;
    char path[1024];
    size_t n = dgm_tree_path(w->tree, node, path, sizeof path);
    d->node = node;
    d->position = w->tree->position;
    dgm_diag_path(w->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path });
    dgm_diag_reference(w->host.diags, d, w->tree->reference);
    return d;
}

static DGM_XML_COLD void say_two(xml_writer *w, dgm_diag_code code, uint32_t node, dgm_slice one, dgm_slice two)
{
    dgm_diag *d = say(w, code, DGM_ERROR, node);
    dgm_diag_text(w->host.diags, d, one);
    dgm_diag_text(w->host.diags, d, two);
}

static dgm_slice slot_name(const xml_writer *w, uint32_t slot)
{
    return dgm_shape_slot(w->tree->shape, slot)->name;
}

static DGM_XML_COLD void say_fault(xml_writer *w, const dgm_xml_fault *f, uint32_t node, uint32_t slot, dgm_slice value)
{
    dgm_diag *d = say(w, f->code, f->severity, node);
    dgm_diag_text(w->host.diags, d, slot_name(w, slot));
    if (f->code == DGM_D_XML_VALUE_LENGTH)
        dgm_diag_number(w->host.diags, d, f->number);
    else if (f->code != DGM_D_XML_VALUE_EMPTY)
        dgm_diag_text(w->host.diags, d, value);
    if (f->code != DGM_D_XML_VALUE_EMPTY) dgm_diag_text(w->host.diags, d, f->rule);
}

static DGM_XML_COLD void say_character(xml_writer *w, uint32_t node, uint32_t slot, uint32_t point)
{
    char text[16];
    int n = snprintf(text, sizeof text, "U+%04X", (unsigned)point);
    say_two(w, DGM_D_XML_WRITE_CHARACTER, node, slot_name(w, slot), (dgm_slice){ text, (size_t)n });
}

/* ---- bytes ---- */

/* `to` is where the next byte goes; NULL stands for no memory. */
static DGM_XML_COLD char *more_room(xml_writer *w, char *to, size_t n)
{
    w->out.len = to ? (size_t)(to - w->out.at) : 0;
    if (dgm_buffer_reserve(&w->out, n + ROOM) != DGM_OK) return NULL;
    w->end = w->out.at + w->out.capacity - ROOM;
    return w->out.at + w->out.len;
}

/* Room for n bytes and a little more, so that short copies may run over. */
static inline char *room_for(xml_writer *w, char *to, size_t n)
{
    return w->end - to >= (ptrdiff_t)n ? to : more_room(w, to, n);
}

static inline char *put(char *to, const char *at, size_t n)
{
    memcpy(to, at, n);
    return to + n;
}

/* Bytes of a tag: DGM_XML_PADDING bytes may be read behind them, and written. Few are longer than one block. */
static inline char *put_padded(char *to, const char *at, size_t n)
{
    memcpy(to, at, DGM_XML_PADDING);
    for (size_t i = DGM_XML_PADDING; i < n; i += DGM_XML_PADDING) memcpy(to + i, at + i, DGM_XML_PADDING);
    return to + n;
}

/* A byte that needs care: < & > " and control characters; 0xEF begins U+FFFE and U+FFFF. */
static inline bool careful(unsigned char c)
{
    return c < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || c == 0xEF;
}

/* XML 1.0, 2.4 and 3.3.3: what would be read back as something else is written as a reference. A character XML has no way to say
 * ends it and is given in *point. */
static DGM_XML_COLD char *put_escaped(char *to, dgm_slice v, bool attribute, uint32_t *point)
{
    for (size_t i = 0; i < v.len;) {
        unsigned char c = (unsigned char)v.at[i++];
        if (!careful(c)) {
            *to++ = (char)c;
            continue;
        }
        switch (c) {
        case '&': to = put(to, "&amp;", 5); break;
        case '<': to = put(to, "&lt;", 4); break;
        case '>': to = put(to, "&gt;", 4); break;
        case '\r': to = put(to, "&#13;", 5); break;
        case '"': to = attribute ? put(to, "&quot;", 6) : put(to, "\"", 1); break;
        case '\t': to = attribute ? put(to, "&#9;", 4) : put(to, "\t", 1); break;
        case '\n': to = attribute ? put(to, "&#10;", 5) : put(to, "\n", 1); break;
        default:
            if (c < 0x20 || (c == 0xEF && dgm_xml_forbidden(dgm_slice_part(v, i - 1, i + 2)) == 0)) {
                *point = dgm_utf8_next(dgm_slice_part(v, i - 1, v.len)).point;
                return to;
            }
            *to++ = (char)c;
        }
    }
    return to;
}

#if defined(__SSE2__)
static inline bool careful_any(__m128i v)
{
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
    __m128i hit = _mm_or_si128(_mm_or_si128(low, _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))),
                               _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')), _mm_cmpeq_epi8(v, _mm_set1_epi8('>'))));
    hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xEF))));
    return _mm_movemask_epi8(hit) != 0;
}

/* Copies a value of which no byte needs care; false: one does, and what was copied is to be written over. Blocks overlap. */
static inline bool put_plain(char *to, dgm_slice v)
{
    size_t n = v.len;
    if (n >= 16) {
        for (size_t i = 0;; i = i + 32 <= n ? i + 16 : n - 16) {
            __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(v.at + i));
            if (careful_any(b)) return false;
            _mm_storeu_si128((__m128i *)(void *)(to + i), b);
            if (i + 16 == n) return true;
        }
    }
    if (n >= 4) {
        uint64_t a, b;
        if (n >= 8) {
            memcpy(&a, v.at, 8);
            memcpy(&b, v.at + n - 8, 8);
            memcpy(to, &a, 8);
            memcpy(to + n - 8, &b, 8);
        } else {
            uint32_t c, d;
            memcpy(&c, v.at, 4);
            memcpy(&d, v.at + n - 4, 4);
            memcpy(to, &c, 4);
            memcpy(to + n - 4, &d, 4);
            a = b = (uint64_t)c << 32 | d;
        }
        return !careful_any(_mm_set_epi64x((long long)b, (long long)a));
    }
    for (size_t i = 0; i < n; i++) {
        if (careful((unsigned char)v.at[i])) return false;
        to[i] = v.at[i];
    }
    return true;
}
#else
static inline bool put_plain(char *to, dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++) {
        if (careful((unsigned char)v.at[i])) return false;
        to[i] = v.at[i];
    }
    return true;
}
#endif

/* The value of a node, or of an attribute; the room was asked for. */
static inline char *put_value(xml_writer *w, char *to, dgm_slice v, bool attribute, uint32_t node, uint32_t slot)
{
    if (put_plain(to, v)) return to + v.len;
    uint32_t point = NO_POINT;
    to = put_escaped(to, v, attribute, &point);
    if (point != NO_POINT) say_character(w, node, slot, point);
    return to;
}

static DGM_XML_COLD char *put_line(const xml_writer *w, char *to, const dgm_xml_place *p)
{
    if (w->indent == 0) return to;
    *to++ = '\n';
    size_t n = (size_t)p->depth * w->indent;
    memset(to, ' ', n);
    return to + n;
}

/* "\n" and the indentation, then the tag; without indentation the tag alone. More bytes than the tag has can be asked for (">"
 * behind it). */
static inline char *put_tag(const xml_writer *w, char *to, const dgm_xml_place *p, uint32_t len)
{
    if (w->indent == 2) return put_padded(to, p->open, len);
    uint32_t lead = 1 + p->depth * 2u;
    return put_padded(put_line(w, to, p), p->open + lead, len - lead);
}

/* ---- nodes ---- */

static DGM_XML_COLD void say_many(xml_writer *w, uint32_t node, uint32_t slot, uint32_t max)
{
    dgm_diag *d = say(w, DGM_D_XML_ELEMENT_MANY, DGM_ERROR, node);
    dgm_diag_text(w->host.diags, d, slot_name(w, slot));
    dgm_diag_number(w->host.diags, d, max);
}

static DGM_XML_COLD void check_value(xml_writer *w, const dgm_xml_place *p, uint32_t slot, uint32_t node, dgm_slice v)
{
    dgm_xml_fault f;
    if (dgm_xml_value_wrong(p, v, &f)) say_fault(w, &f, node, slot, v);
}

static DGM_XML_COLD void say_attributes_missing(xml_writer *w, uint32_t slot, uint32_t node, uint32_t end)
{
    const dgm_tree *t = w->tree;
    const dgm_xml_place *places = w->profile->places;
    for (uint32_t a = places[slot].first_child; a < places[slot].first_child + places[slot].child_count; a++) {
        bool there = places[a].kind != DGM_ATTRIBUTE || places[a].min == 0;
        for (uint32_t k = node + 1; k < end && !there; k++) there = dgm_node_slot(&t->nodes[k]) == a;
        if (!there) say_two(w, DGM_D_XML_ATTRIBUTE_MISSING, node, slot_name(w, a), slot_name(w, slot));
    }
}

/* Attributes that stand behind `*node`, which becomes the node behind them. The start tag is open. */
static char *write_attributes(xml_writer *w, char *to, uint32_t slot, uint32_t *node)
{
    const dgm_tree *t = w->tree;
    const dgm_xml_place *places = w->profile->places, *owner = &places[slot];
    uint32_t first = *node + 1, i = first;
    for (; to && i < t->node_count && dgm_node_kind(&t->nodes[i]) == DGM_ATTRIBUTE; i++) {
        uint32_t a = dgm_node_slot(&t->nodes[i]);
        if (a >= w->profile->count || a - owner->first_child >= owner->child_count || places[a].kind != DGM_ATTRIBUTE) {
            say_two(w, DGM_D_XML_WRITE_UNKNOWN, i, dgm_tree_name(t, i), w->format->name);
            continue;
        }
        for (uint32_t k = first; k < i; k++)
            if (dgm_node_slot(&t->nodes[k]) == a) say_many(w, i, a, 1);
        dgm_slice v = dgm_tree_value(t, i);
        if (!dgm_xml_value_fine(&places[a], v)) check_value(w, &places[a], a, i, v);
        to = room_for(w, to, places[a].room + v.len * 6);
        if (!to) return NULL;
        to = put_padded(to, places[a].open, places[a].open_len);
        to = put_value(w, to, v, true, i, a);
        *to++ = '"';
    }
    if (owner->flags & DGM_XML_NEEDS_ATTRIBUTE) say_attributes_missing(w, slot, *node, i);
    *node = i;
    return to;
}

/* Elements that must stand before `slot` (DGM_SLOT_NONE: before the end) and do not. */
static DGM_XML_COLD void say_missing(xml_writer *w, const open_element *e, uint32_t slot, uint32_t node)
{
    const dgm_xml_place *places = w->profile->places;
    for (uint32_t need = e->need; need < slot; need = places[need].required_behind)
        say_two(w, DGM_D_XML_ELEMENT_MISSING, node, slot_name(w, need), slot_name(w, dgm_shape_slot(w->tree->shape, need)->parent));
}

/* Where any order will do: the number of a child, by the number it has; what must be there is asked for at the end. */
static DGM_XML_COLD void next_of_any(xml_writer *w, open_element *e, const dgm_xml_place *p, uint32_t slot, uint32_t node)
{
    uint64_t nth = (uint64_t)dgm_tree_number(w->tree, node) - dgm_shape_slot(w->tree->shape, slot)->ordinal + 1;
    if (nth == (uint64_t)p->max + 1) say_many(w, node, slot, p->max);
    e->last = slot;
}

static DGM_XML_COLD void say_missing_of_any(xml_writer *w, const open_element *e)
{
    const dgm_tree *t = w->tree;
    const dgm_xml_place *places = w->profile->places;
    for (uint32_t need = places[e->slot].required_child; need != DGM_SLOT_NONE; need = places[need].required_behind) {
        bool there = false;
        for (uint32_t k = e->node + 1; k < e->end && !there; k = dgm_tree_next(t, k)) there = dgm_node_slot(&t->nodes[k]) == need;
        if (!there) say_two(w, DGM_D_XML_ELEMENT_MISSING, e->node, slot_name(w, need), slot_name(w, e->slot));
    }
}

/* Order and number of a child. */
static inline void next_child(xml_writer *w, open_element *e, const dgm_xml_place *p, uint32_t slot, uint32_t node)
{
    if (w->profile->any_order) {
        next_of_any(w, e, p, slot, node);
        return;
    }
    if (e->last == slot) {
        if (++e->count == (uint64_t)p->max + 1) say_many(w, node, slot, p->max);
        return;
    }
    if (slot < e->last && e->last != DGM_SLOT_NONE) {
        say_two(w, DGM_D_XML_ELEMENT_ORDER, node, slot_name(w, slot), slot_name(w, e->last));
        return;
    }
    if (e->need < slot) say_missing(w, e, slot, node);
    e->need = p->required_behind;
    e->last = slot;
    e->count = 1;
}

static char *close_element(xml_writer *w, char *to)
{
    const open_element *e = w->top--;
    const dgm_xml_place *p = &w->profile->places[e->slot];
    if (w->profile->any_order)
        say_missing_of_any(w, e);
    else if (e->need != DGM_SLOT_NONE)
        say_missing(w, e, DGM_SLOT_NONE, e->node);
    to = room_for(w, to, p->room);
    if (!to || e->empty) return to ? put(to, "/>", 2) : NULL;
    to = w->indent == 2 ? put_padded(to, p->open, 1 + p->depth * 2u) : put_line(w, to, p);
    return put_padded(to, p->close, p->close_len);
}

/* Writes what begins at `*node`, which becomes the next node to look at. */
static inline char *write_leaf(xml_writer *w, char *to, const dgm_xml_place *p, uint32_t slot, uint32_t *node)
{
    const dgm_tree *t = w->tree;
    uint32_t at = *node;
    dgm_slice v = dgm_tree_value(t, at);
    char room[DGM_XML_DATE_ROOM];
    if (p->type == DGM_TYPE_DATE) v = dgm_xml_date_out(v, room);
    if (!dgm_xml_value_fine(p, v)) check_value(w, p, slot, at, v);
    to = room_for(w, to, p->room + v.len * 6);
    if (!to) return NULL;
    if (dgm_node_flags(&t->nodes[at]) & DGM_HAS_MORE || p->flags & DGM_XML_NEEDS_ATTRIBUTE) {
        to = write_attributes(w, put_tag(w, to, p, p->open_len), slot, node);
        if (to) to = room_for(w, to, p->room + v.len * 6);
        if (!to) return NULL;
        if (v.len) *to++ = '>';
    } else {
        to = put_tag(w, to, p, v.len ? p->open_len + 1 : p->open_len);
        *node = at + 1;
    }
    if (v.len == 0) return put(to, "/>", 2);
    to = put_value(w, to, v, false, at, slot);
    return put_padded(to, p->close, p->close_len);
}

/* The document in its envelope: nothing of it needs care. */
static DGM_XML_COLD char *write_payload(xml_writer *w, char *to, const dgm_xml_place *p, uint32_t slot, uint32_t *node)
{
    dgm_slice v = dgm_buffer_slice(&w->payload);
    to = room_for(w, to, p->room + v.len);
    if (to) to = write_attributes(w, put_tag(w, to, p, p->open_len), slot, node);
    if (to) to = room_for(w, to, p->room + v.len);
    if (!to) return NULL;
    *to++ = '>';
    to = put(to, v.at, v.len);
    return put_padded(to, p->close, p->close_len);
}

static DGM_XML_COLD void say_unknown(xml_writer *w, uint32_t *node)
{
    const dgm_tree *t = w->tree;
    say_two(w, DGM_D_XML_WRITE_UNKNOWN, *node, dgm_tree_name(t, *node), w->format->name);
    *node = dgm_tree_next(t, *node);
}

static inline char *write_group(xml_writer *w, char *to, const dgm_xml_place *p, uint32_t slot, uint32_t *node)
{
    const dgm_tree *t = w->tree;
    uint32_t at = *node;
    if (w->top == w->open + DGM_DEPTH_MAX) {
        *node = dgm_tree_next(t, at);
        return to;
    }
    to = room_for(w, to, p->room);
    if (!to) return NULL;
    to = put_tag(w, to, p, p->open_len);
    *++w->top = (open_element){
        at, slot, t->nodes[at].span, p->first_child, p->child_count, DGM_SLOT_NONE, 0, p->required_child, true,
    };
    bool attributes = at + 1 < t->node_count && dgm_node_kind(&t->nodes[at + 1]) == DGM_ATTRIBUTE;
    if (attributes || p->flags & DGM_XML_NEEDS_ATTRIBUTE) return write_attributes(w, to, slot, node);
    *node = at + 1;
    return to;
}

static inline char *write_node(xml_writer *w, char *to, uint32_t *node)
{
    const dgm_node *n = &w->tree->nodes[*node];
    uint32_t slot = dgm_node_slot(n);
    open_element *above = w->top;
    bool leaf = dgm_node_leaf(n), placed = slot - above->first < above->children;
    const dgm_xml_place *p = &w->profile->places[slot];
    if (!placed || (p->flags & (DGM_XML_LEAF | DGM_XML_IN_TAG)) != (leaf ? DGM_XML_LEAF : 0)) {
        say_unknown(w, node);
        return to;
    }
    next_child(w, above, p, slot, *node);
    if (above->empty) {
        *to++ = '>'; /* there is always room for one */
        above->empty = false;
    }
    if (*node == w->payload_node) return write_payload(w, to, p, slot, node);
    return leaf ? write_leaf(w, to, p, slot, node) : write_group(w, to, p, slot, node);
}

static char *put_declaration(char *to, dgm_slice encoding)
{
    to = put(to, "<?xml version=\"1.0\" encoding=\"", 30);
    return put(put(to, encoding.at, encoding.len), "\"?>", 3);
}

static dgm_status write_document(xml_writer *w, const dgm_tree *t, dgm_slice encoding)
{
    w->tree = t;
    w->out.len = 0;
    w->end = w->out.capacity > ROOM ? w->out.at + w->out.capacity - ROOM : w->out.at;
    w->top = w->open;
    *w->top = (open_element){ DGM_NONE, DGM_SLOT_NONE, UINT32_MAX, DGM_SLOT_ROOT, 1, DGM_SLOT_NONE, 0, DGM_SLOT_NONE, false };
    /* A guess that is seldom too small: the bytes of the values, and two tags for each node. */
    char *to = room_for(w, w->out.at, FIRST_BYTES + t->byte_count + (size_t)t->node_count * 48);
    if (to && w->declaration) to = put_declaration(to, encoding);
    for (uint32_t node = 0; to && node < t->node_count;) {
        while (to && w->top->end <= node) to = close_element(w, to);
        if (to) to = write_node(w, to, &node);
    }
    while (to && w->top > w->open) to = close_element(w, to);
    if (!to) return DGM_NOMEM;
    *to++ = '\n';
    w->out.len = (size_t)(to - w->out.at);
    return w->refused ? DGM_INVALID : DGM_OK;
}

/* ---- what is done with the whole ---- */

/* The node of the nth element: every node that is no attribute was written as one. */
static uint32_t node_of(const dgm_tree *t, uint32_t element)
{
    for (uint32_t i = 0; i < t->node_count; i++)
        if (dgm_node_kind(&t->nodes[i]) != DGM_ATTRIBUTE && element-- == 0) return i;
    return 0;
}

static void say_schema(void *ctx, uint32_t element, const dgm_xml_said *s)
{
    xml_writer *w = ctx;
    dgm_diag *d = say(w, s->code, DGM_ERROR, node_of(w->tree, element));
    if (s->code == DGM_D_XML_XSD_MANY) {
        dgm_diag_number(w->host.diags, d, DGM_XML_CHECK_ERRORS);
        return;
    }
    bool named = s->code == DGM_D_XML_XSD_ATTRIBUTE || s->code == DGM_D_XML_XSD_ATTRIBUTE_MISSING;
    dgm_diag_text(w->host.diags, d, s->code == DGM_D_XML_XSD_VALUE && s->attribute.len ? s->attribute : s->name);
    if (s->code != DGM_D_XML_XSD_ROOT) dgm_diag_text(w->host.diags, d, named ? s->attribute : s->what);
}

static dgm_status check_schema(xml_writer *w, dgm_slice document)
{
    xmlSchemaPtr compiled;
    dgm_xml_schema *schema = w->profile->schema;
    if (!schema) {
        dgm_diag_text(w->host.diags, say(w, DGM_D_XML_XSD_NONE, DGM_WARNING, 0), dgm_shape_name(w->tree->shape));
        return DGM_OK;
    }
    dgm_status st = dgm_xml_schema_get(schema, &compiled);
    if (st == DGM_OK) return dgm_xml_written_check(&w->check, compiled, document);
    if (st != DGM_CONFIG) return st;
    dgm_diag *d = say(w, DGM_D_XML_XSD_UNUSABLE, DGM_ERROR, 0);
    dgm_diag_text(w->host.diags, d, dgm_shape_name(w->tree->shape));
    dgm_diag_text(w->host.diags, d, dgm_slice_of(schema->why));
    return DGM_OK;
}

/* The document in another set than UTF-8. */
static dgm_status encode_document(xml_writer *w, dgm_slice encoding, dgm_slice *bytes)
{
    size_t bad = 0;
    w->encoded.len = 0;
    dgm_status st = dgm_xml_encode(&w->encoder, encoding, *bytes, &w->encoded, &bad);
    if (st == DGM_UNKNOWN) dgm_diag_text(w->host.diags, say(w, DGM_D_XML_ENCODING_UNKNOWN, DGM_ERROR, 0), encoding);
    if (st == DGM_INVALID)
        say_two(w, DGM_D_XML_WRITE_ENCODING, 0,
                dgm_slice_part(*bytes, bad, bad + dgm_utf8_next(dgm_slice_part(*bytes, bad, bytes->len)).bytes), encoding);
    if (w->refused) return DGM_INVALID;
    *bytes = dgm_buffer_slice(&w->encoded);
    return st;
}

/* A tree as a document, in its encoding. */
static dgm_status make_document(xml_writer *w, const dgm_tree *t, dgm_slice encoding, dgm_slice *bytes)
{
    bool utf8 = w->canonical || dgm_xml_is_utf8(encoding); /* canonical XML has no other */
    dgm_status st = write_document(w, t, utf8 ? DGM_LITERAL("UTF-8") : encoding);
    if (st != DGM_OK) return st;
    *bytes = dgm_buffer_slice(&w->out);
    if (w->indent && !w->declaration) *bytes = dgm_slice_part(*bytes, 1, bytes->len); /* the root's own line feed */
    if (w->canonical) {
        st = dgm_xml_canonical(*bytes, w->canonical == EXCLUSIVE, &w->other);
        *bytes = dgm_buffer_slice(&w->other);
    }
    if (st == DGM_OK && w->checks) st = check_schema(w, *bytes);
    if (st != DGM_OK || w->refused) return st == DGM_OK ? DGM_INVALID : st;
    return utf8 ? DGM_OK : encode_document(w, encoding, bytes);
}

/* A document that came in an envelope goes into it again. */
static dgm_status make_enveloped(xml_writer *w, const dgm_tree *t, const dgm_xml_profile *around, dgm_slice *bytes)
{
    const dgm_xml_profile *own = w->profile;
    const dgm_tree *envelope = t->around;
    dgm_status st = make_document(w, t, around->payload_encoding, bytes);
    w->payload.len = 0;
    if (st == DGM_OK) st = dgm_xml_base64(*bytes, &w->payload);
    if (st != DGM_OK) return st;
    for (w->payload_node = 0; w->payload_node < envelope->node_count; w->payload_node++)
        if (dgm_node_slot(&envelope->nodes[w->payload_node]) == around->payload) break;
    w->profile = around;
    st = make_document(w, envelope, w->set[0] ? dgm_slice_of(w->set) : around->encoding, bytes);
    w->profile = own;
    w->payload_node = DGM_NONE;
    return st;
}

/* ---- the codec's functions ---- */

dgm_status dgm_xml_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                               dgm_writer **out)
{
    *out = NULL;
    const dgm_xml_profile *profile = dgm_xml_profile_of(format);
    if (!profile) return DGM_USAGE;
    dgm_slice indent = dgm_setting_get(settings, n, dgm_xml_writer_options, "indent");
    if (indent.len != 1 || indent.at[0] < '0' || indent.at[0] > '0' + (int)DGM_XML_INDENT_MAX) return DGM_USAGE;
    xml_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->base.codec = &dgm_codec_xml;
    w->host = *host;
    w->format = format;
    w->profile = profile;
    w->sink = sink;
    w->indent = (uint32_t)(indent.at[0] - '0');
    w->declaration = !dgm_slice_is(dgm_setting_get(settings, n, dgm_xml_writer_options, "declaration"), "no");
    w->alone = dgm_slice_is(dgm_setting_get(settings, n, dgm_xml_writer_options, "envelope"), "no");
    dgm_slice set = dgm_setting_get(settings, n, dgm_xml_writer_options, "encoding");
    snprintf(w->set, sizeof w->set, "%.*s", (int)(set.len < 63 ? set.len : 63), set.len ? set.at : "");
    w->payload_node = DGM_NONE;
    w->encoder.mem = host->mem;
    w->checks = dgm_slice_is(dgm_setting_get(settings, n, dgm_xml_writer_options, "level"), "schema");
    dgm_slice canonical = dgm_setting_get(settings, n, dgm_xml_writer_options, "canonical");
    w->canonical = dgm_slice_is(canonical, "inclusive") ? INCLUSIVE : dgm_slice_is(canonical, "exclusive") ? EXCLUSIVE : AS_IT_IS;
    dgm_xml_written_init(&w->check, &host->mem, say_schema, w);
    dgm_buffer_init(&w->out, &host->mem);
    dgm_buffer_init(&w->encoded, &host->mem);
    dgm_buffer_init(&w->payload, &host->mem);
    dgm_buffer_init(&w->other, &host->mem);
    if (w->checks || w->canonical) xmlInitParser(); /* under its lock, once */
    *out = &w->base;
    return DGM_OK;
}

dgm_status dgm_xml_write(dgm_writer *writer, const dgm_tree *tree)
{
    xml_writer *w = self(writer);
    w->tree = tree;
    w->refused = false;
    if (w->written)
        say(w, DGM_D_XML_WRITE_SECOND, DGM_ERROR, 0);
    else if (tree->shape != w->format->shape)
        dgm_diag_text(w->host.diags, say(w, DGM_D_XML_WRITE_FORMAT, DGM_ERROR, 0), w->format->name);
    if (w->refused) return DGM_INVALID;
    const dgm_xml_profile *around = tree->around && !w->alone ? dgm_shape_attached(tree->around->shape) : NULL;
    dgm_slice bytes = { 0 };
    dgm_status st = around ? make_enveloped(w, tree, around, &bytes)
                           : make_document(w, tree, w->set[0] ? dgm_slice_of(w->set) : w->profile->encoding, &bytes);
    if (st != DGM_OK) return st;
    w->written = true;
    return dgm_sink_put(w->sink, bytes);
}

dgm_status dgm_xml_finish(dgm_writer *writer)
{
    return self(writer)->written ? DGM_OK : DGM_USAGE;
}

void dgm_xml_writer_again(dgm_writer *writer, dgm_sink sink)
{
    xml_writer *w = self(writer);
    w->sink = sink;
    w->written = false;
}

void dgm_xml_writer_close(dgm_writer *writer)
{
    if (!writer) return;
    xml_writer *w = self(writer);
    dgm_mem mem = w->host.mem;
    dgm_xml_written_free(&w->check);
    dgm_buffer_free(&w->out);
    dgm_buffer_free(&w->encoded);
    dgm_buffer_free(&w->payload);
    dgm_buffer_free(&w->other);
    dgm_xml_encoder_free(&w->encoder);
    dgm_mem_free(&mem, w, sizeof *w);
}
