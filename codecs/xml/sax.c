/* SPDX-License-Identifier: Apache-2.0
 *
 * sax.c - the parser's events become nodes of the tree. Behind each tag the text is looked at up to the next one: mostly that is
 * white space or a value that stands as it is, and then what the parser says about it is not needed. The innermost element is kept
 * back until it is known whether it has children. Checks against the profile run on the way. Nothing here recurses; one thread.
 */
#include "reader.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- places ---- */

size_t dgm_xml_text_offset(const dgm_xml_reader *r, const xmlChar *at)
{
    const xmlParserInput *in = r->parser->input;
    if (!in || !at || at < in->base || at > in->end) return SIZE_MAX;
    return (size_t)in->consumed + (size_t)(at - in->base);
}

/* The same for the parser's position, which is in it during an event. */
static inline size_t text_here(const dgm_xml_reader *r)
{
    const xmlParserInput *in = r->parser->input;
    return (size_t)in->consumed + (size_t)(in->cur - in->base);
}

size_t dgm_xml_mark_before(dgm_slice text, size_t before, char mark)
{
    if (before > text.len) before = text.len;
    while (before > 0)
        if (text.at[--before] == mark) return before;
    return 0;
}

/* Leading white space; indentation is mostly one line feed and many blanks. */
static size_t spaces(dgm_slice s)
{
    size_t i = 0;
    uint64_t eight;
    while (i < s.len && dgm_xml_space(s.at[i])) {
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

/* ---- looking ahead ---- */

/* The first byte from `at` on that is no white space, or the end of the text. */
static inline size_t skip_spaces(dgm_slice text, size_t at)
{
#if defined(__SSE2__)
    const __m128i blank = _mm_set1_epi8(' '), tab = _mm_set1_epi8('\t'), lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
    for (; at + 16 <= text.len; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.at + at));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, blank), _mm_cmpeq_epi8(v, lf)),
                                   _mm_or_si128(_mm_cmpeq_epi8(v, tab), _mm_cmpeq_epi8(v, cr)));
        unsigned other = (unsigned)_mm_movemask_epi8(hit) ^ 0xFFFFu;
        if (other) return at + (size_t)__builtin_ctz(other);
    }
#endif
    while (at < text.len && dgm_xml_space(text.at[at])) at++;
    return at;
}

/* The first byte from `at` on that ends or changes a value ("<", "&", CR), or the end of the text. */
static inline size_t skip_value(dgm_slice text, size_t at)
{
#if defined(__SSE2__)
    const __m128i less = _mm_set1_epi8('<'), and = _mm_set1_epi8('&'), cr = _mm_set1_epi8('\r');
    for (; at + 16 <= text.len; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(text.at + at));
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, less), _mm_cmpeq_epi8(v, and)), _mm_cmpeq_epi8(v, cr));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);
        if (mask) return at + (size_t)__builtin_ctz(mask);
    }
#endif
    while (at < text.len && text.at[at] != '<' && text.at[at] != '&' && text.at[at] != '\r') at++;
    return at;
}

/* Calm when nothing but white space stands between `at` and the next tag (no comment, no processing instruction, no CDATA). */
static inline void look_past(dgm_xml_reader *r, size_t at)
{
    size_t to = skip_spaces(r->text, at);
    if (to + 1 >= r->text.len || r->text.at[to] != '<' || r->text.at[to + 1] == '!' || r->text.at[to + 1] == '?') return;
    r->calm = true;
    r->tag_at = to;
}

/* How long the value of the leaf may be: a document in an envelope is no mere value, unless somebody set how long those may be. */
static DGM_XML_COLD size_t longest_value(const dgm_xml_reader *r)
{
    bool payload = r->leaf.on && r->profile && r->leaf.slot == r->profile->payload && r->host.segment_usual;
    return payload ? (size_t)r->host.limits.message_bytes_max : r->host.limits.segment_bytes_max;
}

/* Calm when the value that begins at `at` stands there as it is, up to an end tag. */
static inline void look_into(dgm_xml_reader *r, size_t at)
{
    size_t to = skip_value(r->text, at);
    if (to + 1 >= r->text.len || r->text.at[to] != '<' || r->text.at[to + 1] != '/') return;
    if (to - at > r->host.limits.segment_bytes_max && to - at > longest_value(r)) return;
    r->calm = true;
    r->tag_at = to;
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

void dgm_xml_keep(dgm_xml_reader *r, dgm_buffer *b, dgm_slice bytes)
{
    if (dgm_buffer_append(b, bytes) == DGM_OK) return;
    r->no_memory = true;
    dgm_xml_stop(r, 0, true);
}

enum { RUN = 64 };

dgm_node *dgm_xml_more_nodes(dgm_xml_reader *r)
{
    dgm_xml_commit(r);
    uint32_t count = r->host.draft_count(r->draft), max = r->host.limits.nodes_max;
    uint32_t n = count >= max ? 1 : max - count < RUN ? max - count : RUN; /* the one too many is refused when it comes */
    r->run = r->host.draft_reserve(r->draft, n);
    r->run_start = count;
    r->draft_failed = !r->run;
    if (!r->run) return NULL;
    r->run_room = n;
    r->run_used = 1;
    return r->run;
}

/* A leaf of the tree, false when the draft could not take it: the element `slot` or an unknown one, its value direct (at, len in
 * the text) or in r->value. */
static DGM_XML_COLD bool put_leaf(dgm_xml_reader *r, uint32_t slot, const char *unknown, uint32_t occurrence, bool direct,
                                  size_t at, size_t end, uint32_t flags)
{
    dgm_slice value = direct ? dgm_slice_part(r->text, at, end) : dgm_buffer_slice(&r->value);
    uint32_t raw = dgm_xml_raw_of(r, at), span = dgm_xml_raw_of(r, end) - raw;
    bool decoded = value.len && (!direct || !dgm_xml_raw_is_text(r, at, end - at, raw, span));
    dgm_node *n = dgm_xml_new_node(r);
    if (!n) return false;
    if (!value.len) flags |= DGM_EMPTY;
    *n = (dgm_node){ raw, span, DGM_TAG(slot, DGM_ELEMENT, flags), DGM_PLACE(0, 0, occurrence < 0xFFFF ? occurrence : 0xFFFF) };
    if (!decoded && slot != DGM_SLOT_UNKNOWN) return true;
    uint32_t node = dgm_xml_last_node(r);
    dgm_xml_commit(r);
    if (decoded) r->host.draft_decoded(r->draft, node, value);
    if (slot == DGM_SLOT_UNKNOWN) r->host.draft_named(r->draft, node, dgm_slice_of(unknown));
    return r->host.draft_status(r->draft) == DGM_OK;
}

/* ---- text ---- */

/* Text that stands between elements of a class: kept as an unknown leaf "#text", so that it shows as residue. */
static DGM_XML_COLD void end_mixed(dgm_xml_reader *r, size_t end)
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
        p->node = dgm_xml_last_node(r);
}

static DGM_XML_COLD void mixed_text(dgm_xml_reader *r, size_t at, dgm_slice s)
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
    dgm_xml_keep(r, &r->value, s);
}

/* Text comes in order, so it should stand where the event before ended; if it does not, or only seems to (the "&" of "&amp;"),
 * end_leaf sees that the raw content is longer than the value. */
static void on_text(void *ctx, const xmlChar *ch, int n)
{
    dgm_xml_reader *r = ctx;
    if (r->calm || r->stopped || n <= 0) return;
    dgm_slice s = { (const char *)ch, (size_t)n };
    size_t at = r->next_at;
    bool here = at && at + s.len <= r->text.len && same_bytes(r->text.at + at, s.at, s.len);
    r->next_at = here ? at + s.len : 0;
    if (!r->leaf.on) {
        mixed_text(r, here ? at : SIZE_MAX, s);
        return;
    }
    dgm_xml_leaf *leaf = &r->leaf;
    if (leaf->len + s.len > r->host.limits.segment_bytes_max && leaf->len + s.len > longest_value(r)) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, leaf->at, r->host.limits.segment_bytes_max);
        return;
    }
    if (leaf->direct && !here) {
        leaf->direct = false;
        r->value.len = 0;
        dgm_xml_keep(r, &r->value, dgm_slice_part(r->text, leaf->content, leaf->content + leaf->len));
    }
    if (!leaf->direct) dgm_xml_keep(r, &r->value, s);
    leaf->len += s.len;
}

static void on_cdata(void *ctx, const xmlChar *ch, int n)
{
    on_text(ctx, ch, n);
}

/* ---- elements ---- */

static DGM_XML_COLD bool more_counts(dgm_xml_reader *r, size_t wanted, size_t at)
{
    void *counts = r->counts;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &counts, &r->count_room, wanted, sizeof *r->counts);
    r->counts = counts;
    if (st == DGM_OK) return true;
    r->no_memory = true;
    dgm_xml_stop(r, at, true);
    return false;
}

void dgm_xml_push_frame(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t at, uint32_t flags)
{
    dgm_xml_frame *f = &r->frames[r->depth];
    uint32_t base = r->depth ? f[-1].end : 0, end = base, first = 0;
    if (slot != DGM_SLOT_UNKNOWN) {
        first = r->places[slot].first_child;
        end += r->places[slot].child_count;
    }
    if (end > r->count_room && !more_counts(r, end, at)) return;
    for (uint32_t i = base; i < end; i++) r->counts[i] = 0;
    dgm_node *n = dgm_xml_new_node(r);
    uint32_t node = n ? dgm_xml_last_node(r) : DGM_NONE;
    if (n) {
        n->at = dgm_xml_raw_of(r, at);
        n->span = 0; /* until it is closed */
        n->tag = DGM_TAG(slot, DGM_GROUP, flags);
        n->place = occurrence ? occurrence : 1;
        if (slot == DGM_SLOT_UNKNOWN) {
            dgm_xml_commit(r);
            r->host.draft_named(r->draft, node, dgm_slice_of(name));
        }
    }
    *f = (dgm_xml_frame){ slot, node, DGM_SLOT_NONE, base - first, end, occurrence, name, at };
    if (++r->depth >= r->host.limits.depth_max) r->tag_quick = 0; /* any further tag is looked at */
}

/* An element that seemed to hold a value has a child: it becomes an unknown group, for no place of the format looks like that. */
static DGM_XML_COLD void leaf_opens(dgm_xml_reader *r, const char *child, size_t tag)
{
    dgm_xml_leaf leaf = r->leaf;
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
        dgm_xml_keep(r, &r->values, name);
    }
    dgm_xml_push_frame(r, DGM_SLOT_UNKNOWN, leaf.name, leaf.occurrence, leaf.at, known ? DGM_BAD : 0);
    dgm_xml_put_attributes(r, NULL, 0);
    if (leaf.len) {
        dgm_slice text = leaf.direct ? dgm_slice_part(r->text, leaf.content, leaf.content + leaf.len) : dgm_buffer_slice(&r->value);
        if (dgm_slice_trim(text).len == 0) return;
        if (leaf.direct) {
            r->value.len = 0;
            dgm_xml_keep(r, &r->value, text);
        }
        r->mixed_at = leaf.content;
        end_mixed(r, tag);
    }
}

/* What count_child found odd about the nth element of a slot; false: where any order will do, nothing is wrong with it. */
static DGM_XML_COLD bool say_count(dgm_xml_reader *r, const dgm_xml_frame *f, uint32_t slot, uint32_t n, const char *name,
                                   size_t at)
{
    const dgm_xml_place *place = &r->places[slot];
    bool order = f->last != DGM_SLOT_NONE && slot < f->last && !r->profile->any_order;
    if (order) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_ORDER, DGM_ERROR, at, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, n);
        dgm_xml_problem_name(r, p, name);
        dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, f->last)->name);
    }
    if (n > place->max) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_MANY, DGM_ERROR, at, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, n);
        dgm_xml_problem_name(r, p, name);
        dgm_xml_problem_number(p, place->max);
    }
    return order || n > place->max;
}

/* Occurrence, order and number of a known child. */
static inline uint32_t count_child(dgm_xml_reader *r, dgm_xml_frame *f, uint32_t slot, uint32_t max, const char *name, size_t at,
                                   uint32_t *flags)
{
    uint32_t n = ++r->counts[(uint32_t)(f->counts + slot)];
    if ((slot < f->last && f->last != DGM_SLOT_NONE) || n > max) {
        if (say_count(r, f, slot, n, name, at)) *flags = DGM_BAD;
    }
    f->last = slot;
    return n;
}

/* The root, or an element the format does not have here. */
static DGM_XML_COLD uint32_t place_odd(dgm_xml_reader *r, const char *name, const xmlChar *uri, size_t at, uint32_t *flags)
{
    if (!r->depth) {
        uint32_t slot = dgm_xml_begin_root(r, name, (const char *)uri, at);
        if (r->depth) count_child(r, &r->frames[r->depth - 1], slot, r->places[slot].max, name, at, flags);
        if (r->depth >= r->host.limits.depth_max && !r->stopped)
            dgm_xml_limit(r, DGM_D_XML_LIMIT_DEPTH, at, r->host.limits.depth_max); /* with the envelope that was put above it */
        if (slot != DGM_SLOT_UNKNOWN && !r->stopped) dgm_xml_check_namespace(r, NULL, slot, name, uri, at);
        return slot;
    }
    const dgm_xml_frame *f = &r->frames[r->depth - 1];
    if (f->slot != DGM_SLOT_UNKNOWN) { /* below an unknown element nothing more is said */
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_UNKNOWN, DGM_WARNING, at, strlen(name) + 1);
        dgm_xml_problem_below(r, p, name, 1);
        dgm_xml_problem_name(r, p, name);
        dgm_xml_problem_name(r, p, f->name);
    }
    return DGM_SLOT_UNKNOWN;
}

/* Two places have the name: which of them it is says its namespace, or without one whether the first is taken. */
static DGM_XML_COLD uint32_t choose_twin(const dgm_xml_reader *r, const dgm_xml_frame *f, uint32_t slot, const xmlChar *uri)
{
    for (uint32_t k = 0; uri && k < 2; k++) {
        uint32_t ns = r->places[slot + k].ns;
        if (ns < r->profile->ns_count && strcmp((const char *)uri, r->profile->ns[ns].uri.at) == 0) return slot + k;
    }
    return r->counts[(uint32_t)(f->counts + slot)] < r->places[slot].max ? slot : slot + 1;
}

/* Which slot a new element has, with everything that can be wrong about its being here. */
static inline uint32_t place_element(dgm_xml_reader *r, const xmlChar *local, const xmlChar *uri, size_t at, uint32_t *occurrence,
                                     uint32_t *flags, uint32_t *kind)
{
    const char *name = (const char *)local;
    dgm_xml_frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    if (f && f->slot != DGM_SLOT_UNKNOWN) {
        dgm_xml_known *known = dgm_xml_find(r, f->slot, local);
        uint32_t slot = known->slot;
        if (slot != DGM_SLOT_NONE) {
            uint32_t max = known->max;
            *kind = known->flags;
            if (*kind & DGM_XML_TWIN) {
                slot = choose_twin(r, f, slot, uri);
                max = r->places[slot].max;
                *kind = r->places[slot].flags;
            }
            *occurrence = count_child(r, f, slot, max, name, at, flags);
            if (uri && known->uri != uri) dgm_xml_check_namespace(r, slot == known->slot ? known : NULL, slot, name, uri, at);
            return slot;
        }
    }
    *occurrence = 1;
    uint32_t slot = place_odd(r, name, uri, at, flags);
    *kind = slot == DGM_SLOT_UNKNOWN ? DGM_XML_LEAF : r->places[slot].flags;
    return slot;
}

static DGM_XML_COLD void check_names(dgm_xml_reader *r, const xmlChar *local, const xmlChar *prefix, int attributes,
                                     const xmlChar **list, size_t tag)
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
    if (at && at + 1 < cur && r->text.at[at] == '<' && r->text.at[at + 1] != '!' && r->text.at[at + 1] != '?') return at;
    return dgm_xml_mark_before(r->text, cur, '<');
}

/* What came before a start tag and was not at its end: text between elements, or an element that has a child after all. */
static DGM_XML_COLD void settle(dgm_xml_reader *r, const char *child, size_t tag)
{
    if (r->mixed) end_mixed(r, tag);
    if (r->leaf.on) leaf_opens(r, child, tag);
}

typedef struct start_tag {
    const xmlChar *local, *prefix, **list;
    int namespaces, attributes;
} start_tag;

static DGM_XML_COLD void check_limits(dgm_xml_reader *r, const start_tag *t, size_t tag, size_t cur)
{
    const dgm_limits *limits = &r->host.limits;
    if (cur + 1 - tag > limits->segment_bytes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, tag, limits->segment_bytes_max);
    else if ((uint64_t)t->namespaces + (uint64_t)t->attributes > limits->attributes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ATTRIBUTES, tag, limits->attributes_max);
    else if (r->depth >= limits->depth_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_DEPTH, tag, limits->depth_max);
    else if (cur - tag > limits->name_bytes_max)
        check_names(r, t->local, t->prefix, t->attributes, t->list, tag);
}

static void start_group(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t tag, uint32_t flags)
{
    bool odd = slot == DGM_SLOT_UNKNOWN || r->attribute_count; /* more than a node */
    dgm_xml_push_frame(r, slot, name, occurrence, tag, flags);
    if (r->attribute_count) dgm_xml_put_attributes(r, NULL, 0);
    if (odd || r->draft_failed) check_draft(r, tag);
    look_past(r, r->next_at);
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    dgm_xml_reader *r = ctx;
    (void)declared, (void)defaulted;
    if (r->stopped) return;
    size_t cur = text_here(r);
    if (cur >= r->text.len) return; /* a tag without its end: the parser will say so */
    size_t tag = r->calm ? r->tag_at : tag_of(r, cur);
    const char *name = (const char *)local;
    r->calm = false;
    r->next_at = cur + 1;
    if (r->mixed || r->leaf.on) settle(r, name, tag);
    if (cur + 1 - tag > r->tag_quick) check_limits(r, &(start_tag){ local, prefix, list, namespaces, attributes }, tag, cur);
    if (r->stopped) return;
    uint32_t occurrence, flags = 0, kind;
    uint32_t slot = place_element(r, local, uri, tag, &occurrence, &flags, &kind);
    r->attribute_count = 0;
    if (attributes) {
        r->values.len = 0;
        for (int i = 0; i < attributes && !r->stopped; i++) dgm_xml_add_attribute(r, slot, tag, list + (ptrdiff_t)i * 5);
    }
    if (r->stopped) return;
    if (r->attributes_unknown || kind & DGM_XML_NEEDS_ATTRIBUTE) {
        if (slot != DGM_SLOT_UNKNOWN) dgm_xml_check_attributes(r, slot, name, occurrence, tag);
    }
    if (!(kind & DGM_XML_LEAF) || !r->depth) { /* an unknown root is a group in any case: a tree has one */
        start_group(r, slot, name, occurrence, tag, flags);
        return;
    }
    bool empty = r->text.at[cur] == '/';
    r->leaf = (dgm_xml_leaf){ true, true, flags != 0, slot, occurrence, name, tag, cur + (empty ? 2 : 1), 0 };
    if (!empty) look_into(r, cur + 1);
}

/* The value of the leaf, when the parser had to say what it is. */
static DGM_XML_COLD size_t value_said(dgm_xml_reader *r)
{
    dgm_xml_leaf *leaf = &r->leaf;
    size_t end = leaf->content + leaf->len;
    bool whole = leaf->direct && end + 1 < r->next_at && r->text.at[end] == '<' && r->text.at[end + 1] == '/';
    if (whole || leaf->content >= r->next_at) return end; /* or an empty tag */
    end = dgm_xml_mark_before(r->text, r->next_at, '<');
    if (leaf->direct && leaf->len) {
        r->value.len = 0;
        dgm_xml_keep(r, &r->value, dgm_slice_part(r->text, leaf->content, leaf->content + leaf->len));
    }
    leaf->direct = leaf->len == 0;
    return end;
}

void dgm_xml_keep_flag(dgm_xml_reader *r, uint32_t node, dgm_slice value)
{
    dgm_slice flag = dgm_xml_flag(value);
    if (!flag.len || dgm_slice_equal(flag, value)) return;
    dgm_xml_commit(r);
    r->host.draft_decoded(r->draft, node, flag);
}

static DGM_XML_COLD void keep_date(dgm_xml_reader *r, dgm_slice value)
{
    char room[DGM_XML_DATE_ROOM];
    dgm_slice date = dgm_xml_date_in(value, room);
    if (date.at == value.at) return;
    uint32_t node = dgm_xml_last_node(r);
    dgm_xml_commit(r);
    r->host.draft_decoded(r->draft, node, date);
}

static DGM_XML_COLD void check_value(dgm_xml_reader *r, const dgm_xml_place *place, dgm_slice value, size_t end)
{
    const dgm_xml_leaf *leaf = &r->leaf;
    dgm_xml_fault fault;
    if (place->type == DGM_TYPE_FLAG) dgm_xml_keep_flag(r, dgm_xml_last_node(r), value);
    if (!dgm_xml_value_wrong(place, value, &fault)) return;
    uint32_t node = dgm_xml_last_node(r);
    dgm_xml_commit(r);
    r->host.draft_flag(r->draft, node, DGM_BAD);
    dgm_xml_problem_fault(r, &fault, node, value.len ? leaf->content : leaf->at, value.len ? end - leaf->content : 0, leaf->name,
                          leaf->occurrence, dgm_slice_of(leaf->name), value);
}

/* A leaf as it may come: with references, comments, in another encoding, unknown. */
static DGM_XML_COLD bool put_odd_leaf(dgm_xml_reader *r, size_t end, uint32_t flags)
{
    const dgm_xml_leaf *leaf = &r->leaf;
    return put_leaf(r, leaf->slot, leaf->name, leaf->occurrence, leaf->direct, leaf->content, leaf->len ? end : leaf->content,
                    flags);
}

static inline bool put_plain_leaf(dgm_xml_reader *r, uint32_t flags)
{
    const dgm_xml_leaf *leaf = &r->leaf;
    dgm_node *n = dgm_xml_new_node(r);
    if (!n) return false;
    if (!leaf->len) flags |= DGM_EMPTY;
    n->at = (uint32_t)(leaf->content + r->in.mark);
    n->span = (uint32_t)leaf->len;
    n->tag = DGM_TAG(leaf->slot, DGM_ELEMENT, flags);
    n->place = DGM_PLACE(0, 0, leaf->occurrence < 0xFFFF ? leaf->occurrence : 0xFFFF);
    return true;
}

static inline void end_leaf(dgm_xml_reader *r, bool calm)
{
    dgm_xml_leaf *leaf = &r->leaf;
    leaf->on = false;
    size_t end = calm ? r->tag_at : value_said(r);
    if (calm) leaf->len = end - leaf->content;
    uint32_t flags = (r->attribute_count ? DGM_HAS_MORE : 0u) | (leaf->bad ? DGM_BAD : 0u);
    bool plain = calm && leaf->slot != DGM_SLOT_UNKNOWN && r->in.width == DGM_XML_UTF8;
    if (!(plain ? put_plain_leaf(r, flags) : put_odd_leaf(r, end, flags))) {
        check_draft(r, leaf->at);
        return;
    }
    if (leaf->slot != DGM_SLOT_UNKNOWN) {
        const dgm_xml_place *place = &r->places[leaf->slot];
        dgm_slice value = leaf->direct ? (dgm_slice){ r->text.at + leaf->content, leaf->len } : dgm_buffer_slice(&r->value);
        if (leaf->slot == r->profile->reference) r->reference_node = dgm_xml_last_node(r);
        if (!dgm_xml_value_fine(place, value)) check_value(r, place, value, leaf->len ? end : leaf->content);
        if (place->type == DGM_TYPE_DATE) keep_date(r, value);
    }
    if (r->attribute_count) {
        dgm_xml_put_attributes(r, leaf->name, leaf->occurrence);
        check_draft(r, leaf->at);
    }
}

static DGM_XML_COLD void say_missing(dgm_xml_reader *r, const dgm_xml_frame *f, uint32_t slot)
{
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_ELEMENT_MISSING, DGM_ERROR, f->at, strlen(f->name) + 1);
    if (p) p->node = f->node;
    dgm_xml_problem_text(r, p, dgm_shape_slot(r->format->shape, slot)->name);
    dgm_xml_problem_name(r, p, f->name);
}

static inline void end_group(dgm_xml_reader *r)
{
    const dgm_xml_frame *f = &r->frames[r->depth - 1];
    if (f->slot != DGM_SLOT_UNKNOWN) {
        const dgm_xml_place *place = &r->places[f->slot];
        for (uint32_t i = place->required_child; i != DGM_SLOT_NONE; i = r->places[i].required_behind)
            if (r->counts[(uint32_t)(f->counts + i)] < r->places[i].min) say_missing(r, f, i);
    }
    uint32_t behind = r->run_start + r->run_used;
    dgm_node *n = f->node - r->run_start < r->run_used ? &r->run[f->node - r->run_start] : r->host.draft_node(r->draft, f->node);
    if (n) n->span = behind;
    r->depth--;
    r->tag_quick = r->tag_short;
}

static DGM_XML_COLD void end_root(dgm_xml_reader *r)
{
    while (r->depth && r->depth == r->synthetic) { /* elements that were put above the root are closed with it */
        end_group(r);
        r->synthetic--;
    }
    if (r->depth) return;
    r->root_closed = true;
    dgm_xml_commit(r);
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    dgm_xml_reader *r = ctx;
    (void)local, (void)prefix, (void)uri;
    if (r->stopped) return;
    bool calm = r->calm;
    r->calm = false;
    r->next_at = text_here(r);
    if (r->leaf.on) {
        end_leaf(r, calm);
    } else {
        if (r->mixed) end_mixed(r, dgm_xml_mark_before(r->text, r->next_at, '<'));
        if (r->stopped || r->depth == 0) return;
        end_group(r);
        if (r->depth <= r->synthetic) end_root(r);
    }
    if (r->depth == 0) return;
    look_past(r, r->next_at);
    if (!r->calm) return;
    /* White space that was looked at need not be walked by the parser, byte for byte, too. */
    r->parser->input->cur += r->tag_at - r->next_at;
    r->next_at = r->tag_at;
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
