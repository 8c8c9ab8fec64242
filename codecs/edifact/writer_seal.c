/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_seal.c - security segments written again as they came (ISO 9735-5): those of messages where their trees have them, those
 * of interchanges and groups behind the header and before the trailer, for which they wait here. Each is held against the service
 * directory first, and trailers end exactly what headers begin, with counts that are right: what is written can be read. One
 * thread.
 */
#include "writer_state.h"

#include <stdio.h>

/* One segment; texts are borrowed. */
typedef struct seal_value {
    uint32_t element, component, repetition;
    dgm_slice text;
} seal_value;
enum { VALUES_MAX = 128 };
typedef struct seal_segment {
    char tag[4];
    size_t count;
    bool cut; /* it has more values than any has */
    seal_value values[VALUES_MAX];
} seal_segment;

/* The same while it waits: this, its values, their texts. */
typedef struct record {
    char tag[4];
    uint32_t count;
} record;
typedef struct record_value {
    uint32_t element, component, repetition, bytes;
} record_value;

/* What secures one interchange or group takes some kilobytes; of what takes more than this nothing more is kept, and it cannot be
 * written. */
enum { SEAL_BYTES_MAX = 1 << 20 };

/* ---- keeping --------------------------------------------------------------------------------------------------------------- */

static dgm_status append(dgm_buffer *to, const void *at, size_t bytes)
{
    return bytes ? dgm_buffer_append(to, (dgm_slice){ at, bytes }) : DGM_OK;
}

void dgm_edi_seal_clear(dgm_edi_seal *s)
{
    s->there = s->encrypted = s->wrong = s->paired = s->told = false;
    s->head.len = s->tail.len = s->right = 0;
}

dgm_status dgm_edi_seal_take(dgm_edi_writer *w, const dgm_envelope *e)
{
    dgm_edi_seal *s = &w->seals[e->group];
    const bool opens = dgm_slice_is(e->tag, "USH"), known = opens || dgm_slice_is(e->tag, "USA") || dgm_slice_is(e->tag, "USC") ||
                                                            dgm_slice_is(e->tag, "USR") || dgm_slice_is(e->tag, "UST");
    s->there = s->there || opens;
    s->encrypted = s->encrypted || dgm_slice_is(e->tag, "USD");
    s->paired = s->paired && e->ends;
    dgm_buffer *to = e->ends ? &s->tail : &s->head;
    /* What no header begins, or stands where it may not, was told by the reader; it secures nothing. */
    if (!known || !s->there || e->astray || w->wishes.security != DGM_EDI_SECURITY_KEEP) return DGM_OK;
    record r = { .count = (uint32_t)(e->count < VALUES_MAX ? e->count : VALUES_MAX) };
    if (s->head.len + s->tail.len > SEAL_BYTES_MAX) {
        s->wrong = s->wrong || !e->ends;
        return DGM_OK;
    }
    memcpy(r.tag, e->tag.at, 3);
    dgm_status st = append(to, &r, sizeof r);
    for (size_t i = 0; i < r.count && st == DGM_OK; i++) {
        const dgm_envelope_value *v = &e->values[i];
        const record_value one = { v->element, v->component, v->repetition, (uint32_t)v->text.len };
        st = append(to, &one, sizeof one);
    }
    for (size_t i = 0; i < r.count && st == DGM_OK; i++) st = append(to, e->values[i].text.at, e->values[i].text.len);
    return st;
}

/* The next one that waits; false at the end. */
static bool next(const dgm_buffer *from, size_t *at, seal_segment *s)
{
    record r;
    if (*at >= from->len) return false;
    memcpy(&r, from->at + *at, sizeof r);
    memcpy(s->tag, r.tag, sizeof s->tag);
    s->count = r.count;
    s->cut = false;
    const char *values = from->at + *at + sizeof r, *text = values + r.count * sizeof(record_value);
    for (size_t i = 0; i < s->count; i++) {
        record_value v;
        memcpy(&v, values + i * sizeof v, sizeof v);
        s->values[i] = (seal_value){ v.element, v.component, v.repetition, { text, v.bytes } };
        text += v.bytes;
    }
    *at = (size_t)(text - from->at);
    return true;
}

/* ---- is it right? ---------------------------------------------------------------------------------------------------------- */

static const dgm_edi_layout *layout_of(dgm_edi_writer *w, const char *tag)
{
    static const char *const tags[DGM_EDI_SEAL_TAGS] = { "USH", "USA", "USC", "USR", "UST" };
    const dgm_edi_directory d = { .syntax4 = true };
    size_t i = 0;
    while (i < DGM_EDI_SEAL_TAGS && memcmp(tags[i], tag, 3) != 0) i++;
    if (i == DGM_EDI_SEAL_TAGS) return NULL;
    dgm_edi_layout *l = &w->seal_layouts[i];
    if (l->packed) return l;
    w->failed = dgm_edi_layout_make(&w->constants, &d, dgm_slice_of(tags[i]), true, l);
    return w->failed == DGM_OK ? l : NULL;
}

static bool text_right(dgm_edi_writer *w, const dgm_edi_leaf *leaf, dgm_slice v)
{
    const dgm_edi_row row = { .least = leaf->least, .most = (uint32_t)leaf->least + leaf->more, .class = leaf->class };
    size_t bad = 0;
    if (!dgm_edi_value_fits(w, &row, v)) return false;
    if (dgm_ascii(v)) return true;
    if (w->choices) return false; /* the set is chosen of what messages hold */
    if (!w->set) return true;
    dgm_status st = dgm_edi_encode(w, v, &bad);
    if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
    return st == DGM_OK;
}

static bool value_right(dgm_edi_writer *w, const dgm_edi_layout *l, const seal_value *v)
{
    uint32_t at = dgm_edi_place_at(l, v->element);
    if (at == l->place_count) return false;
    const dgm_edi_place *place = &l->places[at];
    if (v->component > (place->count ? place->count : 1u) || v->repetition > place->most) return false;
    return text_right(w, &l->leaves[place->first + v->component - 1], v->text);
}

/* Which components of an occurrence of an element are there, a bit each. */
static uint32_t there_at(const seal_segment *s, uint32_t element, uint32_t repetition)
{
    uint32_t have = 0;
    for (size_t i = 0; i < s->count; i++)
        if (s->values[i].element == element && s->values[i].repetition == repetition) have |= 1u << (s->values[i].component - 1);
    return have;
}

static bool notes_kept(const seal_segment *s, const dgm_edi_layout *l)
{
    for (uint32_t k = 0; k < l->rule_count; k++) {
        const dgm_edi_rule *rule = &l->rules[k];
        uint32_t there = 0;
        for (uint32_t i = 0; i < rule->count && !rule->element; i++)
            if (there_at(s, rule->first[i], 1)) there |= 1u << i;
        if (!rule->element && !dgm_edi_rule_kept(rule, there)) return false;
    }
    return true;
}

/* Can it be written? *wrong: the element or component that cannot, where it is one; *text: what stands there. */
static bool right(dgm_edi_writer *w, const seal_segment *s, dgm_slice *wrong, dgm_slice *text)
{
    const dgm_edi_layout *l = layout_of(w, s->tag);
    *wrong = DGM_LITERAL("?");
    *text = (dgm_slice){ 0 };
    if (!l || s->cut) return false;
    for (size_t i = 0; i < s->count; i++) {
        const seal_value *v = &s->values[i];
        uint32_t at = dgm_edi_place_at(l, v->element);
        if (value_right(w, l, v)) continue;
        if (at < l->place_count) *wrong = l->place_names[at].id;
        *text = v->text;
        return false;
    }
    for (uint32_t at = 0; at < l->place_count; at++) {
        const dgm_edi_place *place = &l->places[at];
        const uint32_t first = there_at(s, place->element, 1);
        bool good = first || !place->mandatory;
        for (uint32_t r = 1; good && r <= place->most; r++) {
            uint32_t have = there_at(s, place->element, r);
            good = !have || (have & place->needed) == place->needed;
        }
        if (good) continue;
        *wrong = l->place_names[at].id;
        return false;
    }
    return notes_kept(s, l);
}

static void tell_wrong(dgm_edi_writer *w, dgm_severity severity, uint32_t node, const seal_segment *s, dgm_slice wrong,
                       dgm_slice text)
{
    dgm_diag *d = severity == DGM_ERROR ? dgm_edi_complain(w, DGM_D_EDI_WRITE_SEAL, node, (dgm_slice){ 0 })
                                        : dgm_edi_remark(w, DGM_D_EDI_WRITE_SEAL, severity, node, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, dgm_slice_of(s->tag));
    dgm_diag_text(w->host.diags, d, wrong);
    dgm_diag_text(w->host.diags, d, text);
}

/* ---- writing --------------------------------------------------------------------------------------------------------------- */

static void put(dgm_edi_writer *w, const seal_segment *s, bool bare)
{
    dgm_edi_line l = dgm_edi_line_begin(w, s->tag);
    for (size_t i = 0; i < s->count; i++) {
        const seal_value *v = &s->values[i];
        dgm_edi_line_occurrence(&l, v->element, v->repetition, v->component, v->text);
    }
    if (bare)
        dgm_edi_line_close(&l);
    else
        dgm_edi_line_end(&l);
}

/* A header and its trailer, by their reference. */
typedef struct pair {
    dgm_slice reference;
    uint32_t segments;
    bool ended;
} pair;
enum { PAIRS_MAX = 99 };

static dgm_slice value_at(const seal_segment *s, uint32_t element)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->values[i].element == element) return s->values[i].text;
    return (dgm_slice){ 0 };
}

static uint32_t find(const pair *pairs, uint32_t count, dgm_slice reference)
{
    uint32_t i = 0;
    while (i < count && !dgm_slice_equal(pairs[i].reference, reference)) i++;
    return i;
}

/* The pairs that headers begin; DGM_NONE: there are too many, or two of a reference. */
static uint32_t pairs_of(const dgm_edi_seal *seal, pair pairs[PAIRS_MAX])
{
    seal_segment s;
    uint32_t count = 0;
    for (size_t at = 0; next(&seal->head, &at, &s);) {
        if (memcmp(s.tag, "USH", 3) == 0) {
            dgm_slice reference = value_at(&s, 2);
            if (count == PAIRS_MAX || find(pairs, count, reference) < count) return DGM_NONE;
            pairs[count++] = (pair){ .reference = reference };
        }
        if (count) pairs[count - 1].segments++; /* the first is a header, else it would not be kept */
    }
    return count;
}

bool dgm_edi_seal_right(dgm_edi_writer *w, bool group)
{
    dgm_edi_seal *seal = &w->seals[group];
    pair pairs[PAIRS_MAX];
    seal_segment s;
    dgm_slice wrong, text;
    if (!seal->paired && pairs_of(seal, pairs) == DGM_NONE) seal->wrong = true;
    seal->paired = true;
    if (seal->wrong) {
        memcpy(s.tag, "USH", 4);
        tell_wrong(w, DGM_ERROR, DGM_NONE, &s, DGM_LITERAL("0534"), (dgm_slice){ 0 });
        return false;
    }
    for (size_t at = seal->right; next(&seal->head, &at, &s); seal->right = at) {
        if (right(w, &s, &wrong, &text)) continue;
        if (w->failed == DGM_OK) tell_wrong(w, DGM_ERROR, DGM_NONE, &s, wrong, text);
        return false;
    }
    return true;
}

void dgm_edi_seal_open(dgm_edi_writer *w, bool group)
{
    seal_segment s;
    for (size_t at = 0; next(&w->seals[group].head, &at, &s);) put(w, &s, false);
}

/* The trailer of a pair, with the result that stood behind the one that came, if any (else NULL). */
static void put_trailer(dgm_edi_writer *w, const pair *p, const seal_segment *result)
{
    dgm_slice wrong, text;
    char digits[12];
    const bool good = result && right(w, result, &wrong, &text);
    int n = snprintf(digits, sizeof digits, "%u", p->segments + 1 + good);
    seal_segment end_of = { .tag = "UST",
                            .count = 2,
                            .values = { { 1, 1, 1, p->reference }, { 2, 1, 1, { digits, n > 0 ? (size_t)n : 0 } } } };
    put(w, &end_of, false);
    if (good)
        put(w, result, false);
    else if (result && w->failed == DGM_OK)
        tell_wrong(w, DGM_WARNING, DGM_NONE, result, wrong, text);
}

void dgm_edi_seal_close(dgm_edi_writer *w, bool group)
{
    dgm_edi_seal *seal = &w->seals[group];
    pair pairs[PAIRS_MAX];
    seal_segment s;
    const dgm_tree *tree = w->tree;
    uint32_t count = seal->head.len ? pairs_of(seal, pairs) : 0;
    if (!count || count == DGM_NONE) return;
    w->tree = NULL; /* what is told is not of the message in hand */
    for (size_t at = 0; next(&seal->tail, &at, &s);) {
        uint32_t which = memcmp(s.tag, "UST", 3) == 0 ? find(pairs, count, value_at(&s, 1)) : count;
        if (which == count || pairs[which].ended) continue;
        pairs[which].ended = true;
        size_t behind = at;
        const bool any = next(&seal->tail, &behind, &s) && memcmp(s.tag, "USR", 3) == 0;
        put_trailer(w, &pairs[which], any ? &s : NULL);
    }
    for (uint32_t i = 0; i < count; i++)
        if (!pairs[i].ended) put_trailer(w, &pairs[i], NULL);
    w->tree = tree;
}

/* ---- of messages ----------------------------------------------------------------------------------------------------------- */

static void of_node(const dgm_edi_writer *w, uint32_t node, seal_segment *s)
{
    const dgm_tree *t = w->tree;
    dgm_slice name = dgm_tree_name(t, node);
    memcpy(s->tag, name.at, 3);
    s->tag[3] = 0;
    s->count = 0;
    s->cut = false;
    uint32_t inside = 0, occurrence = 0; /* a composite until there, and which one of those that repeat */
    for (uint32_t i = node + 1, end = dgm_tree_end(t, node); i < end; i++) {
        const bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[i]));
        dgm_slice v = leaf ? dgm_tree_value(t, i) : (dgm_slice){ 0 };
        if (!leaf) inside = dgm_tree_end(t, i), occurrence = t->nodes[i].place >> 16;
        if (!v.len) continue;
        if (s->count == VALUES_MAX) {
            s->cut = true;
            return;
        }
        const uint32_t place = t->nodes[i].place, component = place >> 8 & 0xFF, repetition = i < inside ? occurrence : place >> 16;
        s->values[s->count++] = (seal_value){ place & 0xFF, component ? component : 1, repetition ? repetition : 1, v };
    }
}

bool dgm_edi_seal_of_message(dgm_edi_writer *w, uint32_t node, bool bare)
{
    seal_segment s;
    dgm_slice wrong, text;
    if (!w->four) return false;
    of_node(w, node, &s);
    if (!right(w, &s, &wrong, &text)) return false;
    put(w, &s, bare);
    w->segments++;
    return w->failed == DGM_OK;
}

void dgm_edi_seal_check(dgm_edi_writer *w, uint32_t node)
{
    seal_segment s;
    dgm_slice wrong, text;
    of_node(w, node, &s);
    if (!right(w, &s, &wrong, &text) && w->failed == DGM_OK) tell_wrong(w, DGM_ERROR, node, &s, wrong, text);
}
