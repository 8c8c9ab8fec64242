/* SPDX-License-Identifier: Apache-2.0
 *
 * sax.c - the parser's events become nodes of the tree. The innermost element is kept back until it is known whether it has
 * children; values that stand in the text as they are become byte ranges, all others are copied. Checks against the profile run on
 * the way. Nothing here recurses; one thread.
 */
#include "reader.h"

#define MARKED 0x80000000u /* on a parent: its attributes are asked for; on an occurrence: something was wrong with it */

/* ---- places ---- */

size_t dgm_xml_text_offset(const dgm_xml_reader *r, const xmlChar *at)
{
    const xmlParserInput *in = r->parser->input;
    if (!in || !at || at < in->base || at > in->end) return SIZE_MAX;
    return (size_t)in->consumed + (size_t)(at - in->base);
}

size_t dgm_xml_mark_before(dgm_slice text, size_t before, char mark)
{
    if (before > text.len) before = text.len;
    while (before > 0)
        if (text.at[--before] == mark) return before;
    return 0;
}

static bool space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Leading white space; indentation is mostly one line feed and many blanks. */
static size_t spaces(dgm_slice s)
{
    size_t i = 0;
    uint64_t eight;
    while (i < s.len && space(s.at[i])) {
        i++;
        while (i + 8 <= s.len && (memcpy(&eight, s.at + i, 8), eight == 0x2020202020202020u)) i += 8;
    }
    return i;
}

static uint64_t eight_differ(const char *a, const char *b)
{
    uint64_t x, y;
    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    return x ^ y;
}

/* memcmp for values and indentation, most of which are short; parts overlap. */
static bool same_bytes(const char *a, const char *b, size_t n)
{
    if (n > 32) return memcmp(a, b, n) == 0;
    if (n >= 8) {
        uint64_t differ = eight_differ(a, b) | eight_differ(a + n - 8, b + n - 8);
        if (n > 16) differ |= eight_differ(a + 8, b + 8) | eight_differ(a + n - 16, b + n - 16);
        return differ == 0;
    }
    if (n >= 4) {
        uint32_t x, y, z, w;
        memcpy(&x, a, 4);
        memcpy(&y, b, 4);
        memcpy(&z, a + n - 4, 4);
        memcpy(&w, b + n - 4, 4);
        return x == y && z == w;
    }
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

bool dgm_xml_find_attribute(dgm_slice text, size_t tag, const char *prefix, const char *name, uint32_t nth, size_t *at, size_t *len)
{
    size_t n = strlen(name), p = prefix ? strlen(prefix) + 1 : 0, i = tag;
    while (i < text.len && !space(text.at[i]) && text.at[i] != '>') i++;
    for (;;) {
        while (i < text.len && space(text.at[i])) i++;
        size_t from = i;
        while (i < text.len && !space(text.at[i]) && text.at[i] != '=' && text.at[i] != '>' && text.at[i] != '/') i++;
        size_t to = i;
        while (i < text.len && (space(text.at[i]) || text.at[i] == '=')) i++;
        if (to == from || i >= text.len || (text.at[i] != '"' && text.at[i] != '\'')) return false;
        char quote = text.at[i++];
        size_t value = i;
        while (i < text.len && text.at[i] != quote) i++;
        bool same = to - from == n + p && memcmp(text.at + from + p, name, n) == 0 &&
                    (p == 0 || (memcmp(text.at + from, prefix, p - 1) == 0 && text.at[from + p - 1] == ':'));
        if (same && --nth == 0) {
            *at = value;
            *len = i - value;
            return true;
        }
        i++;
    }
}

/* Raw offset, relative to the message as nodes want it. */
static uint32_t raw_of(dgm_xml_reader *r, size_t text_at)
{
    if (r->in.width == DGM_XML_UTF8) return (uint32_t)(text_at + r->in.mark);
    uint64_t raw = dgm_xml_input_offset(&r->in, text_at);
    if (raw == UINT64_MAX) r->no_memory = true;
    return (uint32_t)raw;
}

/* Are the raw bytes of a range of the text the text itself? Always, when the input is UTF-8. */
static bool raw_is_text(const dgm_xml_reader *r, size_t at, size_t len, uint32_t raw, uint32_t span)
{
    return r->in.width == DGM_XML_UTF8 || (len == span && memcmp(r->text.at + at, dgm_xml_input_raw(&r->in).at + raw, len) == 0);
}

/* ---- names to slots ---- */

/* Is it one of the next few children? Senders keep the order, so the look-up by hash is seldom needed. */
static uint32_t look_near(const dgm_xml_reader *r, uint32_t parent, uint32_t from, dgm_slice step)
{
    const dgm_xml_place *p = &r->places[parent];
    uint32_t end = p->first_child + p->child_count;
    if (p->child_count == 0) return DGM_SLOT_NONE;
    if (from < p->first_child || from >= end) from = p->first_child;
    for (uint32_t i = from; i < end && i < from + 10; i++)
        if (dgm_slice_equal(dgm_shape_slot(r->format->shape, i)->name, step)) return i;
    return DGM_SLOT_NONE;
}

static uint32_t look_up(dgm_xml_reader *r, uint32_t parent, const xmlChar *name)
{
    char room[260];
    size_t n = name ? strlen((const char *)name) : 0;
    bool attribute = (parent & MARKED) != 0;
    if (n == 0 || n > 256) return DGM_SLOT_NONE;
    room[0] = '@';
    memcpy(room + 1, name, n);
    dgm_slice step = attribute ? (dgm_slice){ room, n + 1 } : (dgm_slice){ room + 1, n };
    parent &= ~MARKED;
    uint32_t last = attribute || r->depth == 0 ? DGM_SLOT_NONE : r->frames[r->depth - 1].last;
    uint32_t slot = look_near(r, parent, last, step);
    return slot != DGM_SLOT_NONE ? slot : dgm_shape_child(r->format->shape, parent, step, 1);
}

/* The dictionary of the parser gives every name one address, so an address and a parent are the whole question. */
static uint32_t slot_of(dgm_xml_reader *r, uint32_t parent, const xmlChar *name)
{
    uint32_t i = ((uint32_t)((uintptr_t)name >> 2) * 0x9E3779B1u ^ parent * 0x85EBCA6Bu) >> 22; /* the upper 10 bits */
    for (;; i = (i + 1) & (DGM_XML_CACHE - 1)) {
        dgm_xml_known *k = &r->known[i];
        if (k->name == name && k->parent == parent) return k->slot;
        if (k->name) continue;
        if (r->known_count >= DGM_XML_CACHE / 4 * 3) {
            memset(r->known, 0, DGM_XML_CACHE * sizeof *r->known);
            r->known_count = 0;
            k = &r->known[i];
        }
        r->known_count++;
        *k = (dgm_xml_known){ name, parent, look_up(r, parent, name) };
        return k->slot;
    }
}

/* Which of the loaded formats a document is: its root, and where several share it, the payload that comes first in the text. */
static size_t find_tag(dgm_slice text, size_t from, dgm_slice name)
{
    for (size_t i = from; i + name.len + 1 < text.len; i++) {
        const char *hit = memchr(text.at + i, '<', text.len - i);
        if (!hit) return SIZE_MAX;
        i = (size_t)(hit - text.at);
        dgm_slice rest = dgm_slice_part(text, i + 1, i + 1 + name.len + 64);
        size_t end = 0;
        while (end < rest.len && !space(rest.at[end]) && rest.at[end] != '>' && rest.at[end] != '/') end++;
        dgm_slice tag = dgm_slice_part(rest, 0, end);
        dgm_cut cut = dgm_slice_cut(tag, ':');
        if (dgm_slice_equal(cut.found ? cut.tail : tag, name)) return i;
    }
    return SIZE_MAX;
}

static const dgm_format *choose_format(const dgm_xml_reader *r, dgm_slice root, bool payload, size_t at)
{
    const dgm_format *best = NULL;
    size_t best_at = SIZE_MAX;
    for (size_t i = 0; i < r->host.format_count; i++) {
        const dgm_format *f = r->host.formats[i];
        const dgm_xml_profile *p = dgm_xml_profile_of(f);
        if (!p || (payload && p->document == DGM_SLOT_NONE)) continue;
        if (!dgm_slice_equal(dgm_shape_slot(f->shape, payload ? p->document : DGM_SLOT_ROOT)->name, root)) continue;
        size_t found =
            payload || p->document == DGM_SLOT_NONE ? SIZE_MAX : find_tag(r->text, at, dgm_shape_slot(f->shape, p->document)->name);
        if (best && found >= best_at) continue;
        best = f;
        best_at = found;
    }
    return best;
}

/* ---- nodes ---- */

static void check_draft(dgm_xml_reader *r, size_t at)
{
    dgm_status st = r->host.draft_status(r->draft);
    if (st == DGM_OK || r->stopped) return;
    if (st == DGM_LIMIT) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_NODES, at, r->host.limits.nodes_max);
        return;
    }
    r->no_memory = true;
    dgm_xml_stop(r, at, true);
}

static void keep_bytes(dgm_xml_reader *r, dgm_buffer *b, dgm_slice bytes)
{
    if (dgm_buffer_append(b, bytes) == DGM_OK) return;
    r->no_memory = true;
    dgm_xml_stop(r, 0, true);
}

static void say_fault(dgm_xml_reader *r, const dgm_xml_fault *f, uint32_t node, size_t at, size_t len, const char *owner,
                      uint32_t occurrence, dgm_slice name, dgm_slice value)
{
    dgm_xml_problem *p = dgm_xml_problem_add(r, f->code, f->severity, at, len);
    if (owner) dgm_xml_problem_below(r, p, owner, occurrence);
    if (name.len && name.at[0] == '@') dgm_xml_problem_below(r, p, name.at, 1);
    if (p) p->node = node;
    dgm_xml_problem_text(r, p, name);
    if (f->code == DGM_D_XML_VALUE_LENGTH)
        dgm_xml_problem_number(p, f->number);
    else if (f->code != DGM_D_XML_VALUE_EMPTY)
        dgm_xml_problem_text(r, p, value);
    if (f->code != DGM_D_XML_VALUE_EMPTY) dgm_xml_problem_text(r, p, f->rule);
}

static dgm_slice attribute_value(const dgm_xml_reader *r, const dgm_xml_attribute *a)
{
    if (a->decoded) return (dgm_slice){ r->values.at + a->value, a->len };
    return (dgm_slice){ dgm_xml_input_raw(&r->in).at + a->at, a->span };
}

/* Puts the kept attributes behind the node just made. */
static void put_attributes(dgm_xml_reader *r, const char *owner, uint32_t occurrence)
{
    for (size_t i = 0; i < r->attribute_count; i++) {
        const dgm_xml_attribute *a = &r->attributes[i];
        dgm_node *n = r->host.draft_reserve(r->draft, 1);
        if (!n) break;
        dgm_slice value = attribute_value(r, a);
        uint32_t node = r->host.draft_count(r->draft);
        *n = (dgm_node){ a->at, a->span, DGM_TAG(a->slot, DGM_ATTRIBUTE, value.len ? 0 : DGM_EMPTY), DGM_PLACE(0, 0, 1) };
        r->host.draft_commit(r->draft, 1);
        if (a->decoded && value.len) r->host.draft_decoded(r->draft, node, value);
        if (a->slot == DGM_SLOT_UNKNOWN) {
            r->host.draft_named(r->draft, node, (dgm_slice){ r->values.at + a->name, a->name_len });
            continue;
        }
        dgm_xml_fault fault;
        if (!dgm_xml_value_wrong(&r->places[a->slot], value, &fault)) continue;
        r->host.draft_flag(r->draft, node, DGM_BAD);
        say_fault(r, &fault, node, a->text_at, 0, owner, occurrence, dgm_shape_slot(r->format->shape, a->slot)->name, value);
    }
    r->attribute_count = 0;
}

static uint32_t last_node(const dgm_xml_reader *r)
{
    return r->host.draft_count(r->draft) - 1;
}

/* A leaf of the tree, false when the draft could not take it: the element `slot` or an unknown one, its value direct (at, len in
 * the text) or in r->value. */
static bool put_leaf(dgm_xml_reader *r, uint32_t slot, const char *unknown, uint32_t occurrence, bool direct, size_t at, size_t end,
                     uint32_t flags)
{
    dgm_slice value = direct ? dgm_slice_part(r->text, at, end) : dgm_buffer_slice(&r->value);
    uint32_t raw = raw_of(r, at), span = raw_of(r, end) - raw;
    bool decoded = value.len && (!direct || !raw_is_text(r, at, end - at, raw, span));
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return false;
    if (!value.len) flags |= DGM_EMPTY;
    *n = (dgm_node){ raw, span, DGM_TAG(slot, DGM_ELEMENT, flags), DGM_PLACE(0, 0, occurrence < 0xFFFF ? occurrence : 0xFFFF) };
    r->host.draft_commit(r->draft, 1);
    if (!decoded && slot != DGM_SLOT_UNKNOWN) return true;
    uint32_t node = last_node(r);
    if (decoded) r->host.draft_decoded(r->draft, node, value);
    if (slot == DGM_SLOT_UNKNOWN) r->host.draft_named(r->draft, node, dgm_slice_of(unknown));
    return r->host.draft_status(r->draft) == DGM_OK;
}

/* ---- attributes ---- */

static void add_attribute(dgm_xml_reader *r, uint32_t slot, size_t tag, const xmlChar *const *a)
{
    const char *name = (const char *)a[0], *prefix = (const char *)a[1];
    if (prefix && a[2] && strcmp((const char *)a[2], "http://www.w3.org/2001/XMLSchema-instance") == 0)
        return; /* belongs to the format */
    void *room = r->attributes;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &room, &r->attribute_room, r->attribute_count + 1, sizeof *r->attributes);
    r->attributes = room;
    if (st != DGM_OK) {
        r->no_memory = true;
        dgm_xml_stop(r, tag, true);
        return;
    }
    dgm_xml_attribute *kept = &r->attributes[r->attribute_count++];
    *kept = (dgm_xml_attribute){ .slot = DGM_SLOT_UNKNOWN };
    uint32_t found = slot != DGM_SLOT_UNKNOWN && !prefix ? slot_of(r, slot | MARKED, a[0]) : DGM_SLOT_NONE;
    dgm_slice value = { (const char *)a[3], (size_t)(a[4] - a[3]) };
    size_t at = dgm_xml_text_offset(r, a[3]), len = value.len;
    bool direct = at != SIZE_MAX && at + len <= r->text.len && same_bytes(r->text.at + at, value.at, len);
    if (!direct && !dgm_xml_find_attribute(r->text, tag, prefix, name, 1, &at, &len)) at = tag, len = 0;
    kept->text_at = at;
    kept->at = raw_of(r, at);
    kept->span = raw_of(r, at + len) - kept->at;
    kept->decoded = !direct || !raw_is_text(r, at, len, kept->at, kept->span);
    if (kept->decoded) {
        kept->value = r->values.len;
        kept->len = value.len;
        keep_bytes(r, &r->values, value);
    }
    if (found != DGM_SLOT_NONE) {
        kept->slot = found;
        return;
    }
    kept->name = r->values.len;
    keep_bytes(r, &r->values, DGM_LITERAL("@"));
    if (prefix) {
        keep_bytes(r, &r->values, dgm_slice_of(prefix));
        keep_bytes(r, &r->values, DGM_LITERAL(":"));
    }
    keep_bytes(r, &r->values, dgm_slice_of(name));
    kept->name_len = r->values.len - kept->name;
}

/* Says what is unknown or missing among the kept attributes of an element of the format. */
static void check_attributes(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t tag)
{
    for (size_t i = 0; i < r->attribute_count; i++) {
        const dgm_xml_attribute *a = &r->attributes[i];
        if (a->slot != DGM_SLOT_UNKNOWN) continue;
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ATTRIBUTE_UNKNOWN, DGM_WARNING, a->text_at, 0);
        dgm_xml_problem_below(r, p, name, occurrence);
        dgm_xml_problem_text(r, p, (dgm_slice){ r->values.at + a->name, a->name_len });
        dgm_xml_problem_name(r, p, name);
    }
    const dgm_xml_place *place = &r->places[slot];
    if (!(place->flags & DGM_XML_NEEDS_ATTRIBUTE)) return;
    for (uint32_t i = place->first_child; i < place->first_child + place->child_count; i++) {
        bool there = r->places[i].min == 0 || r->places[i].kind != DGM_ATTRIBUTE;
        for (size_t k = 0; k < r->attribute_count && !there; k++) there = r->attributes[k].slot == i;
        if (there) continue;
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ATTRIBUTE_MISSING, DGM_ERROR, tag, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, occurrence);
        dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, i)->name);
        dgm_xml_problem_name(r, p, name);
    }
}

/* ---- text ---- */

/* Text that stands between elements of a class: kept as an unknown leaf "#text", so that it shows as residue. */
static void end_mixed(dgm_xml_reader *r, size_t end)
{
    r->mixed = false;
    if (end < r->mixed_at) end = r->mixed_at;
    const dgm_xml_frame *f = &r->frames[r->depth - 1];
    dgm_xml_problem *p = NULL;
    if (f->slot != DGM_SLOT_UNKNOWN) { /* below an unknown element nothing more is said */
        p = dgm_xml_problem_add(r, DGM_D_XML_TEXT_MIXED, DGM_ERROR, r->mixed_at, end - r->mixed_at);
        dgm_xml_problem_name(r, p, f->name);
    }
    if (!put_leaf(r, DGM_SLOT_UNKNOWN, "#text", 1, false, r->mixed_at, end, DGM_BAD))
        check_draft(r, r->mixed_at);
    else if (p)
        p->node = last_node(r);
}

static void mixed_text(dgm_xml_reader *r, size_t at, dgm_slice s)
{
    if (!r->mixed) {
        size_t i = spaces(s);
        if (i == s.len) return;
        r->mixed = true;
        r->value.len = 0;
        r->mixed_at = at != SIZE_MAX ? at + i : dgm_xml_mark_before(r->text, dgm_xml_text_offset(r, r->parser->input->cur), '&');
        s = dgm_slice_part(s, i, s.len);
    }
    if (r->value.len + s.len > r->host.limits.segment_bytes_max) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, r->mixed_at, r->host.limits.segment_bytes_max);
        return;
    }
    keep_bytes(r, &r->value, s);
}

/* Text comes in order, so it should stand where the event before ended; if it does not, or only seems to (the "&" of "&amp;"),
 * end_leaf sees that the raw content is longer than the value. */
static void on_text(void *ctx, const xmlChar *ch, int n)
{
    dgm_xml_reader *r = ctx;
    if (r->stopped || n <= 0) return;
    dgm_slice s = { (const char *)ch, (size_t)n };
    size_t at = r->next_at;
    bool here = at && at + s.len <= r->text.len && same_bytes(r->text.at + at, s.at, s.len);
    r->next_at = here ? at + s.len : 0;
    if (!r->leaf.on) {
        mixed_text(r, here ? at : SIZE_MAX, s);
        return;
    }
    dgm_xml_leaf *leaf = &r->leaf;
    if (leaf->len + s.len > r->host.limits.segment_bytes_max) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, leaf->at, r->host.limits.segment_bytes_max);
        return;
    }
    if (leaf->direct && !here) {
        leaf->direct = false;
        r->value.len = 0;
        keep_bytes(r, &r->value, dgm_slice_part(r->text, leaf->content, leaf->content + leaf->len));
    }
    if (!leaf->direct) keep_bytes(r, &r->value, s);
    leaf->len += s.len;
}

static void on_cdata(void *ctx, const xmlChar *ch, int n)
{
    on_text(ctx, ch, n);
}

/* ---- elements ---- */

static void push_frame(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t at, uint32_t flags)
{
    dgm_xml_frame *f = &r->frames[r->depth];
    uint32_t base = 0;
    if (r->depth) {
        const dgm_xml_frame *above = f - 1;
        base = above->counts + (above->slot == DGM_SLOT_UNKNOWN ? 0 : r->places[above->slot].child_count);
    }
    uint32_t children = slot == DGM_SLOT_UNKNOWN ? 0 : r->places[slot].child_count;
    void *counts = r->counts;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &counts, &r->count_room, (size_t)base + children + 1, sizeof *r->counts);
    r->counts = counts;
    if (st != DGM_OK) {
        r->no_memory = true;
        dgm_xml_stop(r, at, true);
        return;
    }
    if (children) memset(r->counts + base, 0, children * sizeof *r->counts);
    uint32_t node = r->host.draft_open(r->draft, slot, DGM_GROUP, flags, raw_of(r, at), occurrence ? occurrence : 1);
    if (slot == DGM_SLOT_UNKNOWN && node != DGM_NONE) r->host.draft_named(r->draft, node, dgm_slice_of(name));
    *f = (dgm_xml_frame){ slot, node, DGM_SLOT_NONE, base, occurrence, name, at };
    r->depth++;
}

/* An element that seemed to hold a value has a child: it becomes an unknown group, for no place of the format looks like that. */
static void leaf_opens(dgm_xml_reader *r, const char *child, size_t tag)
{
    dgm_xml_leaf leaf = r->leaf;
    leaf.occurrence &= ~MARKED;
    r->leaf.on = false;
    bool known = leaf.slot != DGM_SLOT_UNKNOWN;
    if (known) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_INSIDE, DGM_ERROR, leaf.at, strlen(leaf.name) + 1);
        dgm_xml_problem_below(r, p, leaf.name, leaf.occurrence);
        dgm_xml_problem_name(r, p, leaf.name);
        dgm_xml_problem_name(r, p, child);
    }
    for (size_t i = 0; i < r->attribute_count; i++) {
        dgm_xml_attribute *a = &r->attributes[i];
        if (a->slot == DGM_SLOT_UNKNOWN) continue;
        dgm_slice name = dgm_shape_slot(r->format->shape, a->slot)->name;
        a->slot = DGM_SLOT_UNKNOWN;
        a->name = r->values.len;
        a->name_len = name.len;
        keep_bytes(r, &r->values, name);
    }
    push_frame(r, DGM_SLOT_UNKNOWN, leaf.name, leaf.occurrence, leaf.at, known ? DGM_BAD : 0);
    put_attributes(r, NULL, 0);
    if (leaf.len) {
        dgm_slice text = leaf.direct ? dgm_slice_part(r->text, leaf.content, leaf.content + leaf.len) : dgm_buffer_slice(&r->value);
        if (dgm_slice_trim(text).len == 0) return;
        if (leaf.direct) {
            r->value.len = 0;
            keep_bytes(r, &r->value, text);
        }
        r->mixed_at = leaf.content;
        end_mixed(r, tag);
    }
}

/* Occurrence, order and number of a known child. */
static uint32_t count_child(dgm_xml_reader *r, dgm_xml_frame *f, uint32_t slot, const char *name, size_t at, bool *bad)
{
    const dgm_xml_place *place = &r->places[slot];
    uint32_t n = ++r->counts[f->counts + (slot - r->places[f->slot].first_child)];
    if (f->last != DGM_SLOT_NONE && slot < f->last) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_ORDER, DGM_ERROR, at, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, n);
        dgm_xml_problem_name(r, p, name);
        dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, f->last)->name);
        *bad = true;
    }
    f->last = slot;
    if (n > place->max) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_MANY, DGM_ERROR, at, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, n);
        dgm_xml_problem_name(r, p, name);
        dgm_xml_problem_number(p, place->max);
        *bad = true;
    }
    return n;
}

static void strange_namespace(dgm_xml_reader *r, uint32_t slot, const char *name, const xmlChar *uri, size_t at)
{
    uint32_t ns = r->places[slot].ns;
    if (strcmp((const char *)uri, r->profile->ns[ns].uri.at) == 0) {
        r->right_uri[ns] = uri;
        return;
    }
    for (uint32_t i = 0; i < r->stranger_count; i++)
        if (r->strangers[i].uri == uri && r->strangers[i].ns == ns) return;
    if (r->stranger_count == DGM_XML_STRANGERS) return;
    r->strangers[r->stranger_count].uri = uri;
    r->strangers[r->stranger_count++].ns = ns;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_NAMESPACE_UNEXPECTED, DGM_WARNING, at, strlen(name) + 1);
    dgm_xml_problem_name(r, p, name);
    dgm_xml_problem_name(r, p, (const char *)uri);
    dgm_xml_problem_text(r, p, r->profile->ns[ns].uri);
}

/* The root: the format is chosen, the draft begins. Returns the slot. */
static uint32_t begin_root(dgm_xml_reader *r, const char *name, size_t at)
{
    r->root_open = true;
    dgm_slice root = dgm_slice_of(name);
    r->format = choose_format(r, root, false, at + 1);
    bool bare = !r->format;
    if (bare) r->format = choose_format(r, root, true, at);
    r->profile = dgm_xml_profile_of(r->format);
    if (r->format && r->format != r->known_format) {
        memset(r->known, 0, DGM_XML_CACHE * sizeof *r->known);
        r->known_count = 0;
        r->known_format = r->format;
    }
    r->places = r->profile ? r->profile->places : NULL;
    if (r->host.draft_begin(r->draft, r->format ? r->format->shape : NULL) != DGM_OK) {
        r->no_memory = true;
        dgm_xml_stop(r, at, true);
        return DGM_SLOT_UNKNOWN;
    }
    if (!r->format || !r->profile) {
        dgm_xml_problem_name(r, dgm_xml_problem_add(r, DGM_D_XML_ROOT_UNKNOWN, DGM_ERROR, at, root.len + 1), name);
        return DGM_SLOT_UNKNOWN;
    }
    if (!bare || r->profile->document == DGM_SLOT_ROOT) return DGM_SLOT_ROOT;
    /* The payload without its envelope: the elements above it are put in its place, marked as not sent. */
    uint32_t path[DGM_DEPTH_MAX], n = 0;
    for (uint32_t s = dgm_shape_slot(r->format->shape, r->profile->document)->parent; s != DGM_SLOT_NONE;
         s = dgm_shape_slot(r->format->shape, s)->parent)
        path[n++] = s;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ENVELOPE_MISSING, DGM_WARNING, at, root.len + 1);
    dgm_xml_problem_name(r, p, name);
    dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, DGM_SLOT_ROOT)->name);
    while (n-- && !r->stopped) push_frame(r, path[n], dgm_shape_slot(r->format->shape, path[n])->name.at, 1, at, DGM_SYNTHETIC);
    r->synthetic = r->depth;
    return r->profile->document;
}

/* Which slot a new element has, with everything that can be wrong about its being here. */
static uint32_t place_element(dgm_xml_reader *r, const xmlChar *local, const xmlChar *uri, size_t at, uint32_t *occurrence,
                              bool *bad)
{
    const char *name = (const char *)local;
    dgm_xml_frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    *occurrence = 1;
    uint32_t slot;
    if (!f) {
        slot = begin_root(r, name, at);
        if (r->depth) count_child(r, &r->frames[r->depth - 1], slot, name, at, bad);
    } else {
        slot = f->slot == DGM_SLOT_UNKNOWN ? DGM_SLOT_NONE : slot_of(r, f->slot, local);
        if (slot != DGM_SLOT_NONE) {
            *occurrence = count_child(r, f, slot, name, at, bad);
        } else {
            if (f->slot != DGM_SLOT_UNKNOWN) { /* below an unknown element nothing more is said */
                dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_UNKNOWN, DGM_WARNING, at, strlen(name) + 1);
                dgm_xml_problem_below(r, p, name, 1);
                dgm_xml_problem_name(r, p, name);
                dgm_xml_problem_name(r, p, f->name);
            }
            slot = DGM_SLOT_UNKNOWN;
        }
    }
    if (slot != DGM_SLOT_UNKNOWN && uri && r->places && r->places[slot].ns < r->profile->ns_count &&
        r->right_uri[r->places[slot].ns] != uri)
        strange_namespace(r, slot, name, uri, at);
    return slot;
}

static void check_names(dgm_xml_reader *r, const xmlChar *local, const xmlChar *prefix, int attributes, const xmlChar **list,
                        size_t tag)
{
    size_t max = r->host.limits.name_bytes_max;
    bool wrong = strlen((const char *)local) + (prefix ? strlen((const char *)prefix) + 1 : 0) > max;
    for (int i = 0; i < attributes && !wrong; i++)
        wrong = strlen((const char *)list[i * 5]) + (list[i * 5 + 1] ? strlen((const char *)list[i * 5 + 1]) + 1 : 0) > max;
    if (wrong) dgm_xml_limit(r, DGM_D_XML_LIMIT_NAME, tag, max);
}

/* Where the tag that ends at `cur` begins: mostly where the event before ended. */
static size_t tag_of(const dgm_xml_reader *r, size_t cur)
{
    size_t at = r->next_at;
    if (at < cur && at + 1 < cur && r->text.at[at] == '<' && r->text.at[at + 1] != '!' && r->text.at[at + 1] != '?') return at;
    return dgm_xml_mark_before(r->text, cur, '<');
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    dgm_xml_reader *r = ctx;
    (void)declared, (void)defaulted;
    if (r->stopped) return;
    size_t cur = dgm_xml_text_offset(r, r->parser->input->cur);
    if (cur >= r->text.len) return; /* a tag without its end: the parser will say so */
    size_t tag = tag_of(r, cur);
    r->next_at = cur + 1;
    if (r->mixed) end_mixed(r, tag);
    if (r->leaf.on) leaf_opens(r, (const char *)local, tag);
    if (r->stopped) return;
    const dgm_limits *limits = &r->host.limits;
    if (cur + 1 - tag > limits->segment_bytes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, tag, limits->segment_bytes_max);
    else if ((uint64_t)namespaces + (uint64_t)attributes > limits->attributes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ATTRIBUTES, tag, limits->attributes_max);
    else if (r->depth >= limits->depth_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_DEPTH, tag, limits->depth_max);
    else if (cur - tag > limits->name_bytes_max)
        check_names(r, local, prefix, attributes, list, tag);
    if (r->stopped) return;

    uint32_t occurrence;
    bool bad = false;
    uint32_t slot = place_element(r, local, uri, tag, &occurrence, &bad);
    const char *name = (const char *)local;
    r->attribute_count = 0;
    r->values.len = 0;
    for (int i = 0; i < attributes && !r->stopped; i++) add_attribute(r, slot, tag, list + i * 5);
    if (r->stopped) return;
    if (slot != DGM_SLOT_UNKNOWN && (r->attribute_count || r->places[slot].flags & DGM_XML_NEEDS_ATTRIBUTE))
        check_attributes(r, slot, name, occurrence, tag);
    if (slot != DGM_SLOT_UNKNOWN && !(r->places[slot].flags & DGM_XML_LEAF)) {
        push_frame(r, slot, name, occurrence, tag, bad ? DGM_BAD : 0);
        if (r->attribute_count) put_attributes(r, NULL, 0);
        check_draft(r, tag);
        return;
    }
    if (!r->depth) { /* an unknown root is a group in any case: a tree has one */
        push_frame(r, DGM_SLOT_UNKNOWN, name, 1, tag, 0);
        if (r->attribute_count) put_attributes(r, NULL, 0);
        check_draft(r, tag);
        return;
    }
    r->leaf = (dgm_xml_leaf){ .on = true, .direct = true, .slot = slot, .occurrence = occurrence, .name = name, .at = tag };
    r->leaf.content = cur + (r->text.at[cur] == '/' ? 2 : 1);
    if (bad) r->leaf.occurrence |= MARKED;
}

static void end_leaf(dgm_xml_reader *r)
{
    dgm_xml_leaf *leaf = &r->leaf;
    bool bad = (leaf->occurrence & MARKED) != 0;
    uint32_t occurrence = leaf->occurrence & ~MARKED;
    leaf->on = false;
    size_t end = leaf->content + leaf->len;
    bool whole = leaf->direct && end + 1 < r->next_at && r->text.at[end] == '<' && r->text.at[end + 1] == '/';
    if (!whole && leaf->content < r->next_at) { /* not an empty tag */
        end = dgm_xml_mark_before(r->text, r->next_at, '<');
        if (leaf->direct && leaf->len) {
            r->value.len = 0;
            keep_bytes(r, &r->value, dgm_slice_part(r->text, leaf->content, leaf->content + leaf->len));
        }
        leaf->direct = leaf->len == 0;
    }
    uint32_t flags = (r->attribute_count ? DGM_HAS_MORE : 0u) | (bad ? DGM_BAD : 0u);
    dgm_slice value = leaf->direct ? dgm_slice_part(r->text, leaf->content, end) : dgm_buffer_slice(&r->value);
    if (leaf->len == 0) end = leaf->content; /* nothing but comments */
    if (!put_leaf(r, leaf->slot, leaf->name, occurrence, leaf->direct, leaf->content, end, flags)) {
        check_draft(r, leaf->at);
        return;
    }
    dgm_xml_fault fault;
    if (leaf->slot != DGM_SLOT_UNKNOWN) {
        const dgm_xml_place *place = &r->places[leaf->slot];
        if (leaf->slot == r->profile->reference) r->reference_node = last_node(r);
        if (place->flags & DGM_XML_RESTRICTED && !dgm_xml_value_plain(place, value) && dgm_xml_value_wrong(place, value, &fault)) {
            uint32_t node = last_node(r);
            r->host.draft_flag(r->draft, node, DGM_BAD);
            say_fault(r, &fault, node, value.len ? leaf->content : leaf->at, value.len ? end - leaf->content : 0, leaf->name,
                      occurrence, dgm_slice_of(leaf->name), value);
        }
    }
    if (r->attribute_count) {
        put_attributes(r, leaf->name, occurrence);
        check_draft(r, leaf->at);
    }
}

static void end_group(dgm_xml_reader *r)
{
    dgm_xml_frame *f = &r->frames[r->depth - 1];
    if (f->slot != DGM_SLOT_UNKNOWN) {
        const dgm_xml_place *place = &r->places[f->slot];
        for (uint32_t i = 0; i < place->child_count; i++) {
            uint32_t slot = r->places[place->first_child + i].next_required;
            if (slot == DGM_SLOT_NONE) { /* of this kind; elements come behind attributes */
                if (r->places[place->first_child + i].kind != DGM_ATTRIBUTE) break;
                continue;
            }
            i = slot - place->first_child;
            if (r->places[slot].kind == DGM_ATTRIBUTE || r->counts[f->counts + i] >= r->places[slot].min) continue;
            dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_MISSING, DGM_ERROR, f->at, strlen(f->name) + 1);
            if (p) p->node = f->node;
            dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, slot)->name);
            dgm_xml_problem_name(r, p, f->name);
        }
    }
    r->host.draft_close(r->draft);
    r->depth--;
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    dgm_xml_reader *r = ctx;
    (void)local, (void)prefix, (void)uri;
    if (r->stopped) return;
    r->next_at = dgm_xml_text_offset(r, r->parser->input->cur);
    if (r->leaf.on) {
        end_leaf(r);
        return;
    }
    if (r->mixed) end_mixed(r, dgm_xml_mark_before(r->text, r->next_at, '<'));
    if (r->stopped || r->depth == 0) return;
    end_group(r);
    while (r->depth && r->depth == r->synthetic) { /* elements that were put above the root are closed with it */
        end_group(r);
        r->synthetic--;
    }
    if (r->depth == 0) r->root_closed = true;
}

static void on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    dgm_xml_reader *r = ctx;
    (void)name, (void)external, (void)system;
    if (r->stopped) return;
    size_t cur = dgm_xml_text_offset(r, r->parser->input->cur);
    size_t at = dgm_xml_mark_before(r->text, cur, '<');
    dgm_xml_problem_add(r, DGM_D_XML_DOCTYPE_REFUSED, DGM_ERROR, at, 9);
    dgm_xml_stop(r, at, true);
    xmlStopParser(r->parser); /* not one declaration is looked at */
}

const xmlSAXHandler dgm_xml_sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text, /* the same function: the parser then does not guess what is ignorable */
    .cdataBlock = on_cdata,
    .internalSubset = on_doctype,
    .serror = dgm_xml_on_error,
};
