/* SPDX-License-Identifier: Apache-2.0
 *
 * segment.c - one segment becomes nodes. The fast way takes segments that are as they should be, all nodes at once; whatever is
 * unusual is left to the careful way, which makes the same nodes one by one and reports. ISO 9735:1988, 8 and 9. One thread.
 */
#include "check.h"
#include "digits.h"
#include "reader.h"

#include <stdio.h>

/* ---- the fast way ------------------------------------------------------------------------------------------------------------ */

#define ODD_KINDS ((uint32_t)(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))

typedef struct fast {
    const char *in, *limit;
    uint32_t message_at, first; /* first: number the segment's node will have */
    uint32_t base[2];
    dgm_node *nodes;
    dgm_edi_reader *r;
    const dgm_edi_layout *layout;
    const dgm_edi_token *after; /* behind the last token */
    bool coded;                 /* codes are checked */
} fast;

static bool fast_later(fast *f, uint32_t node, const dgm_edi_token *t, const dgm_edi_leaf *leaf)
{
    dgm_edi_reader *r = f->r;
    if (r->later_count == DGM_EDI_LATER_MAX) return false;
    size_t which = (size_t)(leaf - f->layout->leaves);
    r->later[r->later_count++] =
        (dgm_edi_later){ node, (uint32_t)(t - r->segment.token), &f->layout->leaf_names[which], (uint16_t)which };
    return true;
}

/* Is an ASCII value without releases right? What is not plain to see is left to the careful way. */
static inline bool leaf_fits(const dgm_edi_leaf *leaf, const char *at, uint32_t len, const char *limit, char bad_mark)
{
    char last[16];
    if (leaf->class == DGM_EDI_AN) return len - leaf->least <= leaf->more;
    if (len > 16) return false;
    if (limit - at < 16) { /* the input ends here */
        memset(last, 0, sizeof last);
        memcpy(last, at, len);
        at = last;
    }
    if (leaf->class == DGM_EDI_A) return !dgm_edi_any_digit16(at, len) && len - leaf->least <= leaf->more;
    uint32_t digits = dgm_edi_digits16(at, len, bad_mark);
    return digits && digits - leaf->least <= leaf->more;
}

/* Is a value that has a code list in it, to all that its raw bytes tell? */
static bool code_fits(const fast *f, const dgm_edi_token *t, const dgm_edi_leaf *leaf)
{
    dgm_edi_codes *list = NULL;
    uint32_t len = t->info >> 5;
    if (!dgm_edi_code_of_un(leaf, t, f->in)) return true;
    if (dgm_edi_codes_find(&f->r->molds->lists, &f->r->program->directory, leaf->coded, &list) != DGM_OK) return false;
    return !list->listed || dgm_edi_codes_has(list, (dgm_slice){ f->in + t->at, len });
}

static inline __attribute__((always_inline)) bool fast_leaf(fast *f, dgm_node *n, const dgm_edi_token *t, const dgm_edi_leaf *leaf)
{
    uint32_t info = t->info, len = info >> 5;
    if (leaf->coded && f->coded && !code_fits(f, t, leaf)) return false;
    if (info & ODD_KINDS) {
        if (!fast_later(f, f->first + (uint32_t)(n - f->nodes), t, leaf)) return false;
    } else if (!leaf_fits(leaf, f->in + t->at, len, f->limit, f->r->mark_wrong)) {
        return false;
    }
    *n = (dgm_node){ .at = t->at - f->message_at,
                     .span = len,
                     .tag = DGM_TAG(f->base[leaf->in_composite] + leaf->index, DGM_ELEMENT, 0),
                     .place = leaf->place };
    return true;
}

/* The components of one element; the token behind them, or NULL. */
static inline const dgm_edi_token *fast_composite(fast *f, const dgm_edi_place *place, uint32_t which, const dgm_edi_token *t,
                                                  dgm_node **at)
{
    dgm_node *composite = *at, *n = composite + 1;
    const dgm_edi_leaf *leaf = f->layout->leaves + place->first, *last = leaf + place->count;
    uint32_t have = 0, bit = 1, begin = t->at, kind;
    do {
        if (leaf == last) return NULL;
        kind = t->info;
        if (kind >> 5) {
            if (!fast_leaf(f, n, t, leaf)) return NULL;
            n++;
            have |= bit;
        }
        t++;
        leaf++;
        bit <<= 1;
    } while (kind & DGM_EDI_KIND_COMPONENT);
    if (have == 0) return t;
    if (place->needed & ~have) return NULL;
    *composite = (dgm_node){ .at = begin - f->message_at,
                             .span = f->first + (uint32_t)(n - f->nodes),
                             .tag = DGM_TAG(f->base[0] + which, DGM_COMPOSITE, 0),
                             .place = place->element };
    *at = n;
    return t;
}

/* The nodes of the elements; NULL when the segment needs care. t: the first token behind the tag. */
static inline dgm_node *fast_elements(fast *f, const dgm_edi_token *t, dgm_node *n)
{
    const dgm_edi_layout *l = f->layout;
    uint64_t present = 0;
    uint32_t kind, which = 0;
    const uint32_t most = l->near;
    do {
        if (which >= most) return NULL;
        const dgm_edi_place *place = &l->places[which];
        dgm_node *before = n;
        kind = t->info;
        if (place->count && (kind & (DGM_EDI_KIND_COMPONENT | ~31u))) { /* something may be in it */
            t = fast_composite(f, place, which, t, &n);
            if (!t) return NULL;
            kind = t[-1].info;
        } else {
            if (kind & DGM_EDI_KIND_COMPONENT) return NULL;
            if (kind >> 5 && !fast_leaf(f, n++, t, l->leaves + place->first)) return NULL;
            t++;
        }
        present |= (uint64_t)(n != before) << which;
        which += place->times;
    } while (!(kind & DGM_EDI_KIND_TERMINATOR));
    f->after = t;
    return l->needed & ~present ? NULL : n;
}

void dgm_edi_settle(dgm_edi_reader *r, const dgm_edi_layout *layout)
{
    for (uint32_t i = 0; i < r->later_count && r->failed == DGM_OK; i++) {
        const dgm_edi_later *later = &r->later[i];
        const dgm_edi_leaf *leaf = &layout->leaves[later->leaf];
        dgm_edi_token t = r->segment.token[later->token];
        bool changed = false;
        dgm_slice value = dgm_edi_value(r, t, leaf->place & 0xFF, leaf->place >> 8 & 0xFF, &changed);
        if (r->failed != DGM_OK) return;
        const dgm_edi_where where = { t, leaf->place & 0xFF, leaf->place >> 8 & 0xFF };
        if (!dgm_edi_check_value(r, leaf, later->naming, value, &where)) r->host.draft_flag(r->draft, later->node, DGM_BAD);
        if (changed) r->host.draft_decoded(r->draft, later->node, value);
        if (changed && value.len == 0) r->host.draft_flag(r->draft, later->node, DGM_EMPTY); /* it stood for nothing */
    }
    r->draft_trouble = true; /* side tables may have failed */
}

/* UNH and UNT: their codes are looked up when the message is identified. */
static bool service(const dgm_edi_layout *layout)
{
    return !layout || layout->packed == DGM_EDI_TAG('U', 'N', 'H') || layout->packed == DGM_EDI_TAG('U', 'N', 'T');
}

static bool repeated(const dgm_edi_token *t)
{
    while (!(t->info & DGM_EDI_KIND_TERMINATOR) && !dgm_edi_repetition_follows(*t)) t++;
    return dgm_edi_repetition_follows(*t);
}

bool dgm_edi_trails(const dgm_edi_token *t)
{
    for (size_t i = 1; !(t[i - 1].info & DGM_EDI_KIND_TERMINATOR); i++) {
        bool ends = !dgm_edi_component_follows(t[i]);
        bool behind = i > 1 && (dgm_edi_component_follows(t[i - 1]) || dgm_edi_repetition_follows(t[i - 1]));
        if (t[i].info < 32 && ends && (behind || t[i].info & DGM_EDI_KIND_TERMINATOR)) return true;
    }
    return false;
}

static bool segment_fast(dgm_edi_reader *r, const dgm_edi_position *pos, const dgm_edi_layout *layout, uint32_t occurrence)
{
    const dgm_edi_segment *s = &r->segment;
    uint32_t kind = s->token[0].info;
    if (!layout || kind & (DGM_EDI_KIND_COMPONENT | DGM_EDI_KIND_TERMINATOR) || layout->rule_count) return false;
    if (r->lexer.alphabet.has_repetition && repeated(s->token)) return false;
    if (r->trailing && dgm_edi_trails(s->token)) return false;
    dgm_node *nodes = r->host.draft_reserve(r->draft, 2u + layout->place_count + layout->leaf_count);
    if (!nodes) {
        r->draft_trouble = true;
        return true;
    }
    fast f = { .in = r->in,
               .limit = r->in + r->len,
               .message_at = (uint32_t)r->message_at,
               .first = r->next_node,
               .base = { pos->base[0], pos->base[1] },
               .nodes = nodes,
               .r = r,
               .layout = layout,
               .coded = r->molds->coded && !service(layout) };
    r->later_count = 0;
    dgm_node *end = fast_elements(&f, s->token + 1, nodes + 1);
    if (!end) return false;
    if (!s->measured) dgm_edi_measured(r, (size_t)(f.after - s->token));
    if (f.coded && layout->digit_count && !dgm_edi_check_digits(r, layout, false)) return false;
    nodes[0] = (dgm_node){ .at = (uint32_t)s->at - f.message_at,
                           .span = f.first + (uint32_t)(end - nodes),
                           .tag = DGM_TAG(pos->slot, DGM_SEGMENT, 0),
                           .place = occurrence };
    r->host.draft_commit(r->draft, (uint32_t)(end - nodes));
    r->next_node += (uint32_t)(end - nodes);
    if (r->next_node > r->host.limits.nodes_max) r->draft_trouble = true;
    if (r->later_count) dgm_edi_settle(r, layout);
    return true;
}

#define ENVELOPE_NODES_MAX 96u

/* ---- the careful way --------------------------------------------------------------------------------------------------------- */

typedef struct careful {
    dgm_edi_reader *r;
    const dgm_edi_layout *layout; /* NULL: nothing is known of the segment */
    const dgm_edi_position *pos;  /* NULL: without slots */
    bool tree;                    /* false: only checks */
    bool coded;                   /* codes are checked */
    bool told_elements;
    uint32_t occurrence; /* of the slot, from 2; 0: the first, and nearly always the only one */
    uint32_t place;      /* of the layout, of the element in hand */
    uint32_t elements;   /* there were, occurrences counted */
} careful;

static dgm_slice number_text(uint32_t n, char text[16])
{
    int len = snprintf(text, 16, "%u", n);
    return (dgm_slice){ text, (size_t)len };
}

static uint32_t place_of(uint32_t e, uint32_t c, uint32_t occurrence)
{
    return DGM_PLACE(e > 255 ? 255u : e, c > 255 ? 255u : c, occurrence > UINT16_MAX ? UINT16_MAX : occurrence);
}

/* A leaf with its slot and place, or one without a name that is called by its number. */
static void put_leaf(careful *w, const dgm_edi_token *at, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, uint32_t e,
                     uint32_t c)
{
    dgm_edi_reader *r = w->r;
    dgm_edi_token t = *at;
    bool changed = false, good = true;
    dgm_slice value = { r->in + t.at, dgm_edi_token_len(t) };
    if (t.info & ODD_KINDS) value = dgm_edi_value(r, t, e, c, &changed);
    if (r->failed != DGM_OK) return;
    const dgm_edi_where where = { t, e, c };
    if (leaf) good = dgm_edi_check_value(r, leaf, name, value, &where);
    if (leaf && good && w->coded) good = dgm_edi_check_code(r, leaf, name, value, at, &where);
    if (!w->tree || r->failed != DGM_OK) return;
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return;
    bool slot = leaf && w->pos;
    *n = (dgm_node){ .at = t.at - (uint32_t)r->message_at,
                     .span = dgm_edi_token_len(t),
                     .tag = DGM_TAG(slot ? w->pos->base[leaf->in_composite] + leaf->index : DGM_SLOT_UNKNOWN, DGM_ELEMENT,
                                    good ? 0 : DGM_BAD),
                     .place = place_of(e, c, c ? 0 : w->occurrence) };
    r->host.draft_commit(r->draft, 1);
    uint32_t node = r->host.draft_count(r->draft) - 1;
    if (changed) r->host.draft_decoded(r->draft, node, value);
    if (changed && value.len == 0) r->host.draft_flag(r->draft, node, DGM_EMPTY); /* it stood for nothing */
    char text[16];
    if (!slot) r->host.draft_named(r->draft, node, name ? name->id : number_text(c ? c : e, text));
}

/* at: its place in the layout, or any number past the last. */
static void put_composite(careful *w, const dgm_edi_token *t, uint32_t e, uint32_t at)
{
    dgm_edi_reader *r = w->r;
    char text[16];
    if (!w->tree) return;
    bool known = w->layout && at < w->layout->place_count, slot = known && w->pos;
    uint32_t node = r->host.draft_open(r->draft, slot ? w->pos->base[0] + at : DGM_SLOT_UNKNOWN, DGM_COMPOSITE, 0,
                                       t->at - (uint32_t)r->message_at, place_of(e, 0, w->occurrence));
    if (node != DGM_NONE && !slot)
        r->host.draft_named(r->draft, node, known ? w->layout->place_names[at].id : number_text(e, text));
}

static bool any_value(const dgm_edi_token *t, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (t[i].info >> 5) return true;
    return false;
}

static size_t element_bytes(const dgm_edi_token *t, size_t n)
{
    return t[n - 1].at + dgm_edi_token_len(t[n - 1]) - t[0].at;
}

/* An element that the segment has no place for, or of a segment that nothing is known of. */
static void put_nameless(careful *w, const dgm_edi_token *t, size_t n, uint32_t e)
{
    if (w->layout && !w->told_elements) {
        w->told_elements = true;
        dgm_diag *d = dgm_edi_report(w->r, DGM_D_EDI_ELEMENTS_TOO_MANY, DGM_ERROR, t->at, element_bytes(t, n), e, 0);
        dgm_edi_say_slice(w->r, d, w->layout->tag);
        dgm_edi_say_number(w->r, d, dgm_edi_position_count(w->layout));
        dgm_edi_say_number(w->r, d, e);
    }
    if (!any_value(t, n)) return;
    if (n == 1) {
        put_leaf(w, t, NULL, NULL, e, 0);
        return;
    }
    put_composite(w, t, e, DGM_NONE);
    for (size_t i = 0; i < n; i++)
        if (t[i].info >> 5) put_leaf(w, t + i, NULL, NULL, e, (uint32_t)i + 1);
    if (w->tree) w->r->host.draft_close(w->r->draft);
}

static void too_many_components(careful *w, const dgm_edi_token *t, size_t n, uint32_t e, uint32_t at, uint32_t most)
{
    dgm_edi_reader *r = w->r;
    dgm_diag *d =
        dgm_edi_report(r, DGM_D_EDI_COMPONENTS_TOO_MANY, DGM_ERROR, t[most].at, element_bytes(t + most, n - most), e, most + 1);
    dgm_edi_say_slice(r, d, w->layout->place_names[at].id);
    dgm_edi_say_number(r, d, most);
    dgm_edi_say_number(r, d, most + 1);
}

static void missing_components(careful *w, const dgm_edi_token *t, size_t n, uint32_t e, uint32_t at, uint32_t have)
{
    dgm_edi_reader *r = w->r;
    const dgm_edi_place *place = &w->layout->places[at];
    /* Syntax version 1 asks for type and version of a message only. */
    bool version1 = r->syntax_version == 1 && w->layout->packed == DGM_EDI_TAG('U', 'N', 'H');
    for (uint32_t c = 0; c < place->count && !(version1 && c > 1); c++) {
        if (!(place->needed & ~have & 1u << c)) continue;
        size_t missing = c < n ? t[c].at : t[n - 1].at + dgm_edi_token_len(t[n - 1]);
        const dgm_edi_naming *name = &w->layout->leaf_names[place->first + c];
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_COMPONENT_MISSING, DGM_ERROR, missing, 0, e, c + 1);
        dgm_edi_say_slice(r, d, name->id);
        dgm_edi_say_slice(r, d, name->title);
        dgm_edi_say_slice(r, d, w->layout->place_names[at].id);
    }
}

/* One element, n tokens, with its place in the layout; true when it holds a value. */
static bool put_element(careful *w, const dgm_edi_token *t, size_t n, uint32_t e, uint32_t at)
{
    if (!w->layout || at >= w->layout->place_count) {
        put_nameless(w, t, n, e);
        return false;
    }
    const dgm_edi_place *place = &w->layout->places[at];
    uint32_t most = place->count ? place->count : 1, have = 0;
    bool any = any_value(t, n);
    if (any && place->count) put_composite(w, t, e, at);
    for (size_t i = 0; i < n; i++) {
        if (i == most) too_many_components(w, t, n, e, at, most);
        if (!(t[i].info >> 5)) continue;
        const size_t leaf = place->first + i;
        if (i < most)
            put_leaf(w, t + i, &w->layout->leaves[leaf], &w->layout->leaf_names[leaf], e, place->count ? (uint32_t)i + 1 : 0);
        else
            put_leaf(w, t + i, NULL, NULL, e, (uint32_t)i + 1);
        if (i < DGM_EDI_COMPONENTS_MAX) have |= 1u << i;
    }
    if (any && place->count) missing_components(w, t, n, e, at, have);
    if (any && place->count && w->tree) w->r->host.draft_close(w->r->draft);
    return any;
}

/* More occurrences of an element than its position has room for, the first of them that is not empty at t; n tokens. Told once for
 * each element. */
static void too_many_repetitions(careful *w, const dgm_edi_token *t, size_t n, uint32_t e, uint32_t at, uint32_t most)
{
    dgm_edi_reader *r = w->r;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_REPETITIONS_TOO_MANY, DGM_ERROR, t->at, element_bytes(t, n), e, 0);
    dgm_edi_say_slice(r, d, w->layout->place_names[at].id);
    dgm_edi_say_number(r, d, most);
    dgm_edi_say_number(r, d, r->repetition);
}

/* More elements than can be counted: those behind are not looked at. No number would be theirs, so the bytes alone tell where they
 * begin. Returns the token behind them. */
static const dgm_edi_token *too_many_elements(careful *w, const dgm_edi_token *t, const dgm_edi_token *end)
{
    dgm_edi_reader *r = w->r;
    r->repetition = w->occurrence = 0;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LIMIT_ELEMENTS, DGM_ERROR, t->at, element_bytes(t, (size_t)(end - t)), 0, 0);
    dgm_edi_say_slice(r, d, r->segment.tag);
    dgm_edi_say_number(r, d, DGM_EDI_ELEMENTS_MAX);
    return end;
}

/* All that stands in one position: occurrences with repetition separators between them (ISO 9735-1:2002, 11.5). Returns the token
 * behind it. */
static const dgm_edi_token *put_position(careful *w, const dgm_edi_token *t, const dgm_edi_token *end, uint32_t e,
                                         uint64_t *present)
{
    dgm_edi_reader *r = w->r;
    uint32_t at = w->place, count = 0, times = 1, most = UINT32_MAX, behind = 0;
    if (w->layout) {
        count = w->layout->place_count;
        at = dgm_edi_place_from(w->layout, at, e);
    }
    if (at < count) {
        const dgm_edi_place *place = &w->layout->places[at];
        times = place->times;
        most = place->most;
        behind = e - place->element; /* up to version 3, of a place that stands for several */
    }
    w->place = at;
    bool more = true, told = false;
    for (uint32_t i = 0; more; i++) {
        size_t n = 1;
        if (w->elements++ == DGM_EDI_ELEMENTS_MAX) return too_many_elements(w, t, end);
        while (t + n < end && dgm_edi_component_follows(t[n - 1])) n++;
        more = t + n < end && dgm_edi_repetition_follows(t[n - 1]);
        r->repetition = i || more ? i + 1 : 0;
        w->occurrence = behind ? behind + 1 : i < times ? 0 : i - times + 2;
        if (i >= most && !told && any_value(t, n)) {
            too_many_repetitions(w, t, n, e, at, most);
            told = true;
        }
        if (put_element(w, t, n, e, at + (i < times ? i : times - 1)) && at < DGM_EDI_NEEDED_MAX) *present |= (uint64_t)1 << at;
        t += n;
        if (r->failed != DGM_OK) break;
    }
    r->repetition = w->occurrence = 0;
    return t;
}

static void missing_elements(careful *w, uint64_t present)
{
    dgm_edi_reader *r = w->r;
    for (uint32_t at = 0; w->layout && at < w->layout->place_count && at < DGM_EDI_NEEDED_MAX; at++) {
        if (!(w->layout->needed & ~present & (uint64_t)1 << at)) continue;
        uint32_t e = w->layout->places[at].element;
        dgm_edi_token t = dgm_edi_token_at(&r->segment, e, 1);
        const dgm_edi_naming *name = &w->layout->place_names[at];
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_ELEMENT_MISSING, DGM_ERROR, t.at, 0, e, 0);
        dgm_edi_say_slice(r, d, name->id);
        dgm_edi_say_slice(r, d, name->title);
    }
}

/* Separators with nothing behind them: where the segment ends, where an element or an occurrence of one ends. */
static void tell_trailing(dgm_edi_reader *r)
{
    const dgm_edi_segment *s = &r->segment;
    uint32_t e = 1, c = 1;
    for (size_t i = 1; i < s->count && r->trailing; i++) {
        dgm_edi_token t = s->token[i];
        bool in_element = dgm_edi_component_follows(t), again = dgm_edi_repetition_follows(t), last = i + 1 == s->count;
        bool behind = c > 1 || (i > 1 && dgm_edi_repetition_follows(s->token[i - 1])); /* a separator of the element's own */
        if (t.info < 32 && !in_element && (last || (behind && (c > 1 || !again)))) {
            char text[32];
            int n = snprintf(text, sizeof text, "element %u", e);
            dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_TRAILING, r->trailing, t.at - 1, 1, e, c > 1 ? c : 0);
            dgm_edi_say_slice(r, d, behind ? (dgm_slice){ text, (size_t)n } : DGM_LITERAL("the segment"));
        }
        c = in_element ? c + 1 : 1;
        e += !in_element && !again;
    }
}

static void careful_elements(careful *w)
{
    dgm_edi_reader *r = w->r;
    dgm_edi_measure(r);
    const dgm_edi_segment *s = &r->segment;
    size_t i = 0;
    uint64_t present = 0;
    const dgm_edi_token *end = s->token + s->count;
    while (i + 1 < s->count && (s->token[i].info & DGM_EDI_KIND_COMPONENT)) i++;
    if (i) {
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_NESTING, DGM_WARNING, s->token[1].at, element_bytes(s->token + 1, i), 0, 0);
        dgm_edi_say_slice(r, d, s->tag);
    }
    const dgm_edi_token *t = s->token + i + 1;
    for (uint32_t e = 1; t < end && r->failed == DGM_OK; e++) t = put_position(w, t, end, e, &present);
    if (r->failed != DGM_OK) return;
    missing_elements(w, present);
    if (w->layout && w->layout->rule_count) dgm_edi_check_rules(r, w->layout);
    if (r->trailing) tell_trailing(r);
}

/* A node without a place is called by its tag; whatever that is, a name is short UTF-8. */
static void name_by_tag(dgm_edi_reader *r, uint32_t node)
{
    char name[32];
    size_t n = r->segment.tag.len < sizeof name ? r->segment.tag.len : sizeof name;
    for (size_t i = 0; i < n; i++)
        name[i] = (r->segment.tag.at[i] > 0x20 && r->segment.tag.at[i] < 0x7F) ? r->segment.tag.at[i] : '?';
    r->host.draft_named(r->draft, node, (dgm_slice){ name, n });
}

static void segment_careful(dgm_edi_reader *r, const dgm_edi_position *pos, const dgm_edi_layout *layout, uint32_t occurrence,
                            uint32_t flags)
{
    careful w = { .r = r, .layout = layout, .pos = pos, .tree = true };
    w.coded = pos && r->molds->coded && !service(layout);
    uint32_t node = r->host.draft_open(r->draft, pos ? pos->slot : DGM_SLOT_UNKNOWN, DGM_SEGMENT, flags,
                                       (uint32_t)(r->segment.at - r->message_at), occurrence);
    if (node == DGM_NONE) return;
    if (!pos) name_by_tag(r, node);
    careful_elements(&w);
    if (w.coded && r->failed == DGM_OK) dgm_edi_check_digits(r, layout, true);
    r->host.draft_close(r->draft);
}

void dgm_edi_segment_put(dgm_edi_reader *r, uint32_t position, uint32_t occurrence, uint32_t flags)
{
    const dgm_edi_position *pos = position ? &r->program->positions[position] : NULL;
    const dgm_edi_layout *layout = pos ? &r->program->layouts[pos->layout] : NULL;
    if (!layout && r->segment.packed && !(r->program && (flags & DGM_BAD))) layout = dgm_edi_service_layout(r, r->segment.packed);
    r->path_position = position ? position : DGM_NONE;
    r->path_layout = layout;
    if (pos && flags == 0 && segment_fast(r, pos, layout, occurrence)) return;
    if (r->failed == DGM_OK) segment_careful(r, pos, layout, occurrence, flags);
    r->next_node = r->host.draft_count(r->draft);
    r->draft_trouble = true;
}

uint64_t dgm_edi_segment_most(const dgm_edi_reader *r, size_t at)
{
    const uint32_t most = r->host.limits.segment_bytes_max;
    if (!r->host.segment_usual || most != r->opened.limits.segment_bytes_max || r->phase != DGM_EDI_IN_MESSAGE || !r->program)
        return most;
    while (r->len - at > 3 && (r->in[at] == ' ' || r->in[at] == '\r' || r->in[at] == '\n')) at++;
    if (r->len - at < 3) return most;
    const uint32_t packed = dgm_edi_pack(r->in + at);
    for (uint32_t i = 0; i < r->program->layout_count; i++) {
        if (r->program->layouts[i].packed != packed) continue;
        uint64_t own = dgm_edi_layout_bytes(&r->program->layouts[i]);
        return own < most ? most : own < DGM_EDI_TOKEN_BYTES_MAX / 2 ? own : DGM_EDI_TOKEN_BYTES_MAX / 2;
    }
    return most;
}

/* Is a segment that comes into no tree plainly right? */
static bool plainly_right(dgm_edi_reader *r, const dgm_edi_layout *layout)
{
    dgm_node nodes[ENVELOPE_NODES_MAX];
    const dgm_edi_segment *s = &r->segment;
    if (!layout || s->token[0].info & (DGM_EDI_KIND_COMPONENT | DGM_EDI_KIND_TERMINATOR) || layout->rule_count) return false;
    if (r->trailing && dgm_edi_trails(s->token)) return false;
    if (2u + layout->place_count + layout->leaf_count > ENVELOPE_NODES_MAX) return false;
    if (r->lexer.alphabet.has_repetition && repeated(s->token)) return false;
    fast f = { .in = r->in, .limit = r->in + r->len, .nodes = nodes, .r = r, .layout = layout };
    r->later_count = 0;
    return fast_elements(&f, s->token + 1, nodes + 1) && r->later_count == 0;
}

void dgm_edi_segment_check(dgm_edi_reader *r, const dgm_edi_layout *layout)
{
    careful w = { .r = r, .layout = layout };
    r->path_position = DGM_NONE;
    r->path_layout = layout;
    if (plainly_right(r, layout) && (!layout->rule_count || dgm_edi_rules_kept(layout, r->segment.token))) return;
    careful_elements(&w);
}
