/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees of an XML format to a document: the tag bytes stand ready in the profile, so writing is copying. The document is
 * made and checked in memory in one walk (no recursion) and given to the sink in one piece, or refused whole. One thread.
 */
#include "xml.h"

#include <stdio.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { INDENT_MAX = 8, FIRST_BYTES = 16384, ROOM = 1024 };

typedef struct open_element {
    uint32_t node, slot, end; /* end: node behind its last */
    uint32_t last, count;     /* the child before, and how many of it there were */
    bool empty;               /* no child element was written: the start tag is still open */
} open_element;

typedef struct xml_writer {
    dgm_writer base;
    dgm_host host;
    const dgm_format *format;
    const dgm_xml_profile *profile;
    dgm_sink sink;
    dgm_buffer out;
    uint32_t indent;
    bool declaration, written;
    /* during write */
    const dgm_tree *tree;
    bool refused, no_memory;
    uint32_t depth;
    open_element open[DGM_DEPTH_MAX];
} xml_writer;

static const char BLANKS[] =
    "                                                                                                                "
    "                                                                                                                "
    "                                                                                                                "
    "                                                                                                                "
    "                                                                ";
_Static_assert(sizeof BLANKS > DGM_DEPTH_MAX * INDENT_MAX, "enough for the deepest element");

static xml_writer *self(dgm_writer *w)
{
    return (xml_writer *)(void *)w; /* base is the first member */
}

/* ---- diagnostics ---- */

static dgm_diag *say(xml_writer *w, dgm_diag_code code, dgm_severity severity, uint32_t node)
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

static void say_two(xml_writer *w, dgm_diag_code code, uint32_t node, dgm_slice one, dgm_slice two)
{
    dgm_diag *d = say(w, code, DGM_ERROR, node);
    dgm_diag_text(w->host.diags, d, one);
    dgm_diag_text(w->host.diags, d, two);
}

static dgm_slice slot_name(const xml_writer *w, uint32_t slot)
{
    return dgm_shape_slot(w->tree->shape, slot)->name;
}

static void say_fault(xml_writer *w, const dgm_xml_fault *f, uint32_t node, uint32_t slot, dgm_slice value)
{
    dgm_diag *d = say(w, f->code, f->severity, node);
    dgm_diag_text(w->host.diags, d, slot_name(w, slot));
    if (f->code == DGM_D_XML_VALUE_LENGTH)
        dgm_diag_number(w->host.diags, d, f->number);
    else if (f->code != DGM_D_XML_VALUE_EMPTY)
        dgm_diag_text(w->host.diags, d, value);
    if (f->code != DGM_D_XML_VALUE_EMPTY) dgm_diag_text(w->host.diags, d, f->rule);
}

static void say_character(xml_writer *w, uint32_t node, uint32_t slot, uint32_t point)
{
    char text[16];
    int n = snprintf(text, sizeof text, "U+%04X", (unsigned)point);
    say_two(w, DGM_D_XML_WRITE_CHARACTER, node, slot_name(w, slot), (dgm_slice){ text, (size_t)n });
}

/* ---- bytes ---- */

/* Room for n bytes and a little more, so that short copies may run over. */
static inline bool room_for(xml_writer *w, size_t n)
{
    if (w->out.capacity - w->out.len >= n + ROOM) return true;
    if (dgm_buffer_reserve(&w->out, n + ROOM) == DGM_OK) return true;
    w->no_memory = true;
    return false;
}

/* A short copy without a call. */
static inline void copy(char *to, const char *from, size_t n)
{
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n >= 16) {
        memcpy(to, from, 16);
        memcpy(to + n - 16, from + n - 16, 16);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else if (n) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

/* The room was asked for. */
static inline void put(xml_writer *w, const char *at, size_t n)
{
    copy(w->out.at + w->out.len, at, n);
    w->out.len += n;
}

/* Bytes of a tag: DGM_XML_PADDING bytes may be read behind them. */
static inline void put_padded(xml_writer *w, const char *at, size_t n)
{
    char *to = w->out.at + w->out.len;
    for (size_t i = 0; i < n; i += DGM_XML_PADDING) memcpy(to + i, at + i, DGM_XML_PADDING);
    w->out.len += n;
}

/* A byte that needs care: < & > " and control characters; 0xEF begins U+FFFE and U+FFFF. */
static inline bool careful(unsigned char c)
{
    return c < 0x20 || c == '&' || c == '<' || c == '>' || c == '"' || c == 0xEF;
}

#if defined(__SSE2__)
static inline unsigned careful_mask(__m128i v)
{
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
    __m128i hit = _mm_or_si128(_mm_or_si128(low, _mm_cmpeq_epi8(v, _mm_set1_epi8('&'))),
                               _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('<')), _mm_cmpeq_epi8(v, _mm_set1_epi8('>'))));
    hit = _mm_or_si128(hit, _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8((char)0xEF))));
    return (unsigned)_mm_movemask_epi8(hit);
}
#endif

/* Bytes from the front that need no care. */
static inline size_t plain_bytes(const char *at, size_t n)
{
    size_t i = 0;
#if defined(__SSE2__)
    if (n >= 8 && n < 16) { /* two halves that overlap */
        uint64_t a, b;
        memcpy(&a, at, 8);
        memcpy(&b, at + n - 8, 8);
        if (careful_mask(_mm_set_epi64x((long long)b, (long long)a)) == 0) return n;
    }
    for (; i + 16 <= n; i += 16) {
        unsigned mask = careful_mask(_mm_loadu_si128((const __m128i *)(const void *)(at + i)));
        if (mask) return i + (size_t)__builtin_ctz(mask);
    }
    if (i && i < n && careful_mask(_mm_loadu_si128((const __m128i *)(const void *)(at + n - 16))) == 0) return n;
#endif
    while (i < n && !careful((unsigned char)at[i])) i++;
    return i;
}

/* XML 1.0, 2.4 and 3.3.3: what would be read back as something else is written as a reference. False: a character XML has no way to
 * say. */
static bool put_escaped(xml_writer *w, dgm_slice v, bool attribute, uint32_t *point)
{
    for (size_t i = 0; i < v.len;) {
        size_t n = plain_bytes(v.at + i, v.len - i);
        put(w, v.at + i, n);
        i += n;
        if (i == v.len) break;
        unsigned char c = (unsigned char)v.at[i++];
        switch (c) {
        case '&': put(w, "&amp;", 5); break;
        case '<': put(w, "&lt;", 4); break;
        case '>': put(w, "&gt;", 4); break;
        case '\r': put(w, "&#13;", 5); break;
        case '"': put(w, attribute ? "&quot;" : "\"", attribute ? 6 : 1); break;
        case '\t': put(w, attribute ? "&#9;" : "\t", attribute ? 4 : 1); break;
        case '\n': put(w, attribute ? "&#10;" : "\n", attribute ? 5 : 1); break;
        default:
            if (c < 0x20 || (c == 0xEF && dgm_xml_forbidden(dgm_slice_part(v, i - 1, i + 2)) == 0)) {
                *point = dgm_utf8_next(dgm_slice_part(v, i - 1, v.len)).point;
                return false;
            }
            put(w, (const char *)&v.at[i - 1], 1);
        }
    }
    return true;
}

/* "\n" and the indentation, then the tag; without indentation the tag alone. More bytes than the tag has can be asked for (">"
 * behind it). */
static inline void put_tag(xml_writer *w, const dgm_xml_place *p, uint32_t len)
{
    uint32_t lead = 1 + p->depth * 2u;
    if (w->indent == 2) {
        put_padded(w, p->open, len);
        return;
    }
    if (w->indent) {
        put(w, "\n", 1);
        put(w, BLANKS, p->depth * w->indent);
    }
    put(w, p->open + lead, len - lead);
}

static inline void put_line(xml_writer *w, const dgm_xml_place *p)
{
    if (w->indent == 0) return;
    put(w, "\n", 1);
    put(w, BLANKS, p->depth * w->indent);
}

/* ---- nodes ---- */

/* Attributes that stand behind `node`; returns the node behind them. The start tag is open. */
static uint32_t write_attributes(xml_writer *w, uint32_t slot, uint32_t node)
{
    const dgm_tree *t = w->tree;
    const dgm_xml_place *places = w->profile->places;
    uint32_t first = node + 1, i = first;
    for (; i < t->node_count && dgm_node_kind(&t->nodes[i]) == DGM_ATTRIBUTE; i++) {
        uint32_t a = dgm_node_slot(&t->nodes[i]);
        if (a >= w->profile->count || a - places[slot].first_child >= places[slot].child_count || places[a].kind != DGM_ATTRIBUTE) {
            say_two(w, DGM_D_XML_WRITE_UNKNOWN, i, dgm_tree_name(t, i), w->format->name);
            continue;
        }
        dgm_slice v = dgm_tree_value(t, i);
        for (uint32_t k = first; k < i; k++)
            if (dgm_node_slot(&t->nodes[k]) == a) {
                dgm_diag *d = say(w, DGM_D_XML_ELEMENT_MANY, DGM_ERROR, i);
                dgm_diag_text(w->host.diags, d, slot_name(w, a));
                dgm_diag_number(w->host.diags, d, 1);
            }
        dgm_xml_fault f;
        if (dgm_xml_value_wrong(&places[a], v, &f)) say_fault(w, &f, i, a, v);
        if (!room_for(w, places[a].open_len + v.len * 6)) return i;
        put_padded(w, places[a].open, places[a].open_len);
        uint32_t point;
        if (!put_escaped(w, v, true, &point)) say_character(w, i, a, point);
        put(w, "\"", 1);
    }
    if (places[slot].flags & DGM_XML_NEEDS_ATTRIBUTE)
        for (uint32_t a = places[slot].first_child; a < places[slot].first_child + places[slot].child_count; a++) {
            bool there = places[a].kind != DGM_ATTRIBUTE || places[a].min == 0;
            for (uint32_t k = first; k < i && !there; k++) there = dgm_node_slot(&t->nodes[k]) == a;
            if (!there) say_two(w, DGM_D_XML_ATTRIBUTE_MISSING, node, slot_name(w, a), slot_name(w, slot));
        }
    return i;
}

static void say_missing(xml_writer *w, uint32_t slot, uint32_t node)
{
    say_two(w, DGM_D_XML_ELEMENT_MISSING, node, slot_name(w, slot), slot_name(w, dgm_shape_slot(w->tree->shape, slot)->parent));
}

/* Order and number of a child; `slot` DGM_SLOT_NONE stands for the end of the element. */
static void next_child(xml_writer *w, open_element *e, uint32_t slot, uint32_t node)
{
    const dgm_xml_place *places = w->profile->places;
    if (e->last == slot && slot != DGM_SLOT_NONE) {
        if (++e->count == (uint64_t)places[slot].max + 1) {
            dgm_diag *d = say(w, DGM_D_XML_ELEMENT_MANY, DGM_ERROR, node);
            dgm_diag_text(w->host.diags, d, slot_name(w, slot));
            dgm_diag_number(w->host.diags, d, places[slot].max);
        }
        return;
    }
    if (slot < e->last && e->last != DGM_SLOT_NONE) {
        say_two(w, DGM_D_XML_ELEMENT_ORDER, node, slot_name(w, slot), slot_name(w, e->last));
        return;
    }
    const dgm_xml_place *p = &places[e->slot];
    uint32_t from = e->last == DGM_SLOT_NONE ? p->first_child : e->last + 1,
             end = p->child_count ? p->first_child + p->child_count : from;
    while (from < end && places[from].kind == DGM_ATTRIBUTE) from++; /* they were checked with the tag */
    while (from < end && places[from].next_required < (slot == DGM_SLOT_NONE ? end : slot)) {
        say_missing(w, places[from].next_required, node);
        from = places[from].next_required + 1;
    }
    e->last = slot;
    e->count = 1;
}

static void close_element(xml_writer *w)
{
    open_element *e = &w->open[w->depth - 1];
    const dgm_xml_place *p = &w->profile->places[e->slot];
    next_child(w, e, DGM_SLOT_NONE, e->node);
    if (room_for(w, 0)) {
        if (e->empty) {
            put(w, "/>", 2);
        } else {
            put_line(w, p);
            if (room_for(w, p->close_len)) put_padded(w, p->close, p->close_len);
        }
    }
    w->depth--;
}

/* Writes what begins at `node`; returns the next node to look at. */
static uint32_t write_leaf(xml_writer *w, const dgm_xml_place *p, uint32_t slot, uint32_t node)
{
    const dgm_tree *t = w->tree;
    const dgm_node *n = &t->nodes[node];
    dgm_slice v = dgm_tree_value(t, node);
    dgm_xml_fault f;
    if (p->flags & DGM_XML_RESTRICTED && !dgm_xml_value_plain(p, v) && dgm_xml_value_wrong(p, v, &f))
        say_fault(w, &f, node, slot, v);
    if (!room_for(w, (size_t)p->open_len + p->close_len + INDENT_MAX * DGM_DEPTH_MAX + v.len * 5)) return node + 1;
    uint32_t next = node + 1;
    if (dgm_node_flags(n) & DGM_HAS_MORE || p->flags & DGM_XML_NEEDS_ATTRIBUTE) {
        put_tag(w, p, p->open_len);
        next = write_attributes(w, slot, node);
        if (!room_for(w, (size_t)p->close_len + v.len * 5)) return next;
        if (v.len) put(w, ">", 1);
    } else {
        put_tag(w, p, v.len ? p->open_len + 1 : p->open_len);
    }
    if (v.len == 0) {
        put(w, "/>", 2);
        return next;
    }
    uint32_t point;
    if (!put_escaped(w, v, false, &point)) say_character(w, node, slot, point);
    put_padded(w, p->close, p->close_len);
    return next;
}

static uint32_t write_node(xml_writer *w, uint32_t node)
{
    const dgm_tree *t = w->tree;
    const dgm_node *n = &t->nodes[node];
    uint32_t slot = dgm_node_slot(n);
    open_element *above = w->depth ? &w->open[w->depth - 1] : NULL;
    const dgm_xml_place *places = w->profile->places;
    bool placed =
        above ? slot < w->profile->count && slot - places[above->slot].first_child < places[above->slot].child_count : slot == 0;
    const dgm_xml_place *p = placed ? &places[slot] : NULL;
    bool leaf = dgm_kind_leaf(dgm_node_kind(n));
    if (!placed || leaf != ((p->flags & DGM_XML_LEAF) != 0) || p->kind == DGM_ATTRIBUTE) {
        say_two(w, DGM_D_XML_WRITE_UNKNOWN, node, dgm_tree_name(t, node), w->format->name);
        return dgm_tree_next(t, node);
    }
    if (above) {
        next_child(w, above, slot, node);
        if (above->empty && room_for(w, 1)) put(w, ">", 1);
        above->empty = false;
    }
    if (leaf) return write_leaf(w, p, slot, node);
    if (w->depth == DGM_DEPTH_MAX || !room_for(w, (size_t)p->open_len + INDENT_MAX * DGM_DEPTH_MAX)) return dgm_tree_next(t, node);
    put_tag(w, p, p->open_len);
    w->open[w->depth++] = (open_element){ node, slot, n->span, DGM_SLOT_NONE, 0, true };
    return write_attributes(w, slot, node);
}

static dgm_status write_document(xml_writer *w)
{
    const dgm_tree *t = w->tree;
    w->out.len = 0;
    w->depth = 0;
    /* A guess that is seldom too small: the bytes of the values, and two tags for each node. */
    if (!room_for(w, FIRST_BYTES + t->byte_count + (size_t)t->node_count * 48)) return DGM_NOMEM;
    if (w->declaration) put(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", 38);
    for (uint32_t node = 0; node < t->node_count;) {
        while (w->depth && w->open[w->depth - 1].end <= node) close_element(w);
        node = write_node(w, node);
        if (w->no_memory) return DGM_NOMEM;
    }
    while (w->depth) close_element(w);
    if (!room_for(w, 1) || w->no_memory) return DGM_NOMEM;
    put(w, "\n", 1);
    return DGM_OK;
}

/* ---- the codec's functions ---- */

dgm_status dgm_xml_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                               dgm_writer **out)
{
    *out = NULL;
    const dgm_xml_profile *profile = dgm_xml_profile_of(format);
    if (!profile) return DGM_USAGE;
    dgm_slice indent = dgm_setting_get(settings, n, dgm_xml_writer_options, "indent");
    if (indent.len != 1 || indent.at[0] < '0' || indent.at[0] > '0' + INDENT_MAX) return DGM_USAGE;
    xml_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->base.codec = &dgm_codec_xml;
    w->host = *host;
    w->format = format;
    w->profile = profile;
    w->sink = sink;
    w->indent = (uint32_t)(indent.at[0] - '0');
    w->declaration = !dgm_slice_is(dgm_setting_get(settings, n, dgm_xml_writer_options, "declaration"), "no");
    dgm_buffer_init(&w->out, &host->mem);
    *out = &w->base;
    return DGM_OK;
}

dgm_status dgm_xml_write(dgm_writer *writer, const dgm_tree *tree)
{
    xml_writer *w = self(writer);
    w->tree = tree;
    w->refused = w->no_memory = false;
    if (w->written)
        say(w, DGM_D_XML_WRITE_SECOND, DGM_ERROR, 0);
    else if (tree->shape != w->format->shape)
        dgm_diag_text(w->host.diags, say(w, DGM_D_XML_WRITE_FORMAT, DGM_ERROR, 0), w->format->name);
    dgm_status st = w->refused ? DGM_INVALID : write_document(w);
    if (st != DGM_OK) return st;
    if (w->refused) return DGM_INVALID;
    w->written = true;
    dgm_slice bytes = dgm_buffer_slice(&w->out);
    if (w->indent && !w->declaration) bytes = dgm_slice_part(bytes, 1, bytes.len); /* the root's own line feed */
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
    dgm_buffer_free(&w->out);
    dgm_mem_free(&mem, w, sizeof *w);
}
