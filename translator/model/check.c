/* SPDX-License-Identifier: Apache-2.0
 *
 * check.c - see check.h. One walk over the document: children of one parent stand in the order of the vocabulary, so occurrences
 * are counted as they pass, and the places that were passed over are looked at once for each parent. One thread.
 */
#include "check.h"
#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"
#include "private.h"

typedef struct checker {
    const dgm_tree *tree;
    dgm_diags *diags;
    bool partial; /* what is missing is only not mentioned */
} checker;

static dgm_diag *complain(const checker *c, dgm_diag_code code, uint32_t node)
{
    dgm_diag *d = dgm_diags_add(c->diags, code, DGM_ERROR);
    if (!d) return NULL;
    char path[256];
    size_t n = dgm_tree_path(c->tree, node, path, sizeof path);
    d->node = node;
    d->position = c->tree->position;
    const dgm_node *at = &c->tree->nodes[node];
    bool input = !(c->tree->owner && c->tree->owner->built);
    if (input && dgm_kind_leaf(dgm_node_kind(at))) {
        d->at_byte = dgm_tree_place(c->tree, at->at);
        d->bytes = at->span;
    }
    dgm_diag_path(c->diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path });
    dgm_diag_reference(c->diags, d, c->tree->reference);
    return d;
}

/* "n..16,3" of a representation, for people. */
static dgm_slice repr_text(const dgm_repr *r, char out[32])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof r->class && r->class[i]; i++) out[n++] = r->class[i];
    if (r->length_min != r->length_max) out[n++] = '.', out[n++] = '.';
    uint32_t numbers[2] = { r->length_max, r->decimals };
    for (int k = 0; k < (r->decimals && r->decimals != 255 ? 2 : 1); k++) {
        char digits[10];
        int count = 0;
        if (k) out[n++] = ',';
        do digits[count++] = (char)('0' + numbers[k] % 10);
        while ((numbers[k] /= 10) > 0);
        while (count) out[n++] = digits[--count];
    }
    return (dgm_slice){ out, n };
}

static void complain_size(const checker *c, dgm_diag_code code, uint32_t node, const dgm_repr *r, uint64_t found, uint64_t wanted)
{
    char text[32];
    dgm_diag *d = complain(c, code, node);
    dgm_diag_text(c->diags, d, repr_text(r, text));
    dgm_diag_number(c->diags, d, (int64_t)found);
    dgm_diag_number(c->diags, d, (int64_t)wanted);
}

/* Digits that carry value: no leading zeros before the mark, no trailing ones behind it. */
static void check_number(const checker *c, uint32_t node, const dgm_repr *r, dgm_slice value)
{
    if (!dgm_decimal_valid(value, '.')) {
        dgm_diag_text(c->diags, complain(c, DGM_D_MODEL_VALUE_NUMBER, node), value);
        return;
    }
    if (value.at[0] == '-') value = dgm_slice_part(value, 1, value.len);
    dgm_cut cut = dgm_slice_cut(value, '.');
    while (cut.head.len && cut.head.at[0] == '0') cut.head = dgm_slice_part(cut.head, 1, cut.head.len);
    while (cut.tail.len && cut.tail.at[cut.tail.len - 1] == '0') cut.tail.len--;
    if (r->length_max && cut.head.len + cut.tail.len > r->length_max)
        complain_size(c, DGM_D_MODEL_VALUE_DIGITS, node, r, cut.head.len + cut.tail.len, r->length_max);
    else if (r->decimals != 255 && cut.tail.len > r->decimals)
        complain_size(c, DGM_D_MODEL_VALUE_DECIMALS, node, r, cut.tail.len, r->decimals);
}

/* Whether an ASCII character is of the class: a has no digits, n nothing else; what is not ASCII is left to the code lists. */
static bool class_fits(const dgm_repr *r, dgm_slice value)
{
    bool only_letters = r->class[0] == 'a' && !r->class[1], only_digits = r->class[0] == 'n';
    for (size_t i = 0; i < value.len && (only_letters || only_digits); i++) {
        bool digit = value.at[i] >= '0' && value.at[i] <= '9';
        if (only_letters ? digit : !digit) return false;
    }
    return true;
}

static void check_text(const checker *c, uint32_t node, const dgm_repr *r, dgm_slice value)
{
    if (r->length_max == 0) return;
    size_t length = value.len <= r->length_max && value.len <= r->length_min ? value.len : dgm_utf8_length(value);
    if (length > r->length_max)
        complain_size(c, DGM_D_MODEL_VALUE_LONG, node, r, length, r->length_max);
    else if (length < r->length_min)
        complain_size(c, DGM_D_MODEL_VALUE_SHORT, node, r, length, r->length_min);
    if (!class_fits(r, value)) {
        char text[32];
        dgm_diag *d = complain(c, DGM_D_MODEL_VALUE_CHARACTERS, node);
        dgm_diag_text(c->diags, d, repr_text(r, text));
        dgm_diag_text(c->diags, d, value);
    }
}

static void check_value(const checker *c, uint32_t node, const dgm_slot *slot)
{
    dgm_slice value = dgm_tree_value(c->tree, node);
    if (value.len == 0) return; /* a place that is there and says nothing */
    switch (slot->type) {
    case DGM_TYPE_NUMBER:
    case DGM_TYPE_AMOUNT:
    case DGM_TYPE_QUANTITY: check_number(c, node, &slot->repr, value); break;
    case DGM_TYPE_DATE:
        if (!dgm_date_valid(value)) dgm_diag_text(c->diags, complain(c, DGM_D_MODEL_VALUE_DATE, node), value);
        break;
    case DGM_TYPE_FLAG:
        if (!dgm_slice_is(value, "true") && !dgm_slice_is(value, "false"))
            dgm_diag_text(c->diags, complain(c, DGM_D_MODEL_VALUE_FLAG, node), value);
        break;
    case DGM_TYPE_TEXT:
    case DGM_TYPE_CODE:
    case DGM_TYPE_ID: check_text(c, node, &slot->repr, value); break;
    case DGM_TYPE_NONE:
    case DGM_TYPE_POINTER: break;
    }
}

/* ---- the first look: most values need no second one ------------------------------------------------------------------------- */

static dgm_check_form form_of(const dgm_slot *s)
{
    const dgm_repr *r = &s->repr;
    switch (s->type) {
    case DGM_TYPE_NUMBER:
    case DGM_TYPE_AMOUNT:
    case DGM_TYPE_QUANTITY: return DGM_CHECK_NUMBER;
    case DGM_TYPE_TEXT:
    case DGM_TYPE_CODE:
    case DGM_TYPE_ID:
        if (r->length_max == 0) return DGM_CHECK_NOTHING;
        if (r->length_min >= UINT16_MAX) return DGM_CHECK_SLOWLY;
        if (r->class[0] == 'n') return DGM_CHECK_DIGITS;
        return r->class[0] == 'a' && !r->class[1] ? DGM_CHECK_LETTERS : DGM_CHECK_TEXT;
    case DGM_TYPE_DATE: return DGM_CHECK_DATE;
    case DGM_TYPE_FLAG: return DGM_CHECK_SLOWLY;
    case DGM_TYPE_NONE:
    case DGM_TYPE_POINTER: break;
    }
    return DGM_CHECK_NOTHING;
}

/* Any text of not more bytes than characters allowed, where one character is enough. */
static uint32_t sure_length(const dgm_slot *s)
{
    dgm_check_form form = form_of(s);
    if (form == DGM_CHECK_NOTHING) return UINT32_MAX;
    return form == DGM_CHECK_TEXT && s->repr.length_min <= 1 ? s->repr.length_max : 0;
}

void dgm_check_rows(dgm_shape *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        const dgm_slot *x = &s->slots[i];
        s->check[i] = (dgm_slot_check){ .first_child = x->child_count ? x->first_child : 0,
                                        .last_child = x->child_count ? x->first_child + x->child_count : 0,
                                        .min = x->min,
                                        .max = x->max,
                                        .length_max = x->repr.length_max,
                                        .length_min = (uint16_t)(x->repr.length_min < UINT16_MAX ? x->repr.length_min : UINT16_MAX),
                                        .decimals = x->repr.decimals,
                                        .form = (uint8_t)(form_of(x) & 0x7F),
                                        .sure = sure_length(x),
                                        .needs = x->needs };
    }
    for (uint32_t i = 0; i < s->count; i++) {
        const dgm_slot_check *above = &s->check[i];
        uint32_t needed = above->last_child;
        for (uint32_t k = above->last_child; k-- > above->first_child;) {
            if (s->check[k].min) needed = k;
            s->check[k].needed = needed;
            if (!s->check[k].max) s->check[i].needs = true; /* one of it is one too many */
        }
    }
}

static inline bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* digits[.digits] of which neither part can be too long. */
static inline bool sure_number(const dgm_slot_check *k, dgm_slice v)
{
    size_t i = 0;
    while (i < v.len && digit(v.at[i])) i++;
    size_t whole = i, behind = 0;
    if (!whole) return false;
    if (i < v.len) {
        if (v.at[i] != '.') return false;
        size_t from = ++i;
        while (i < v.len && digit(v.at[i])) i++;
        behind = i - from;
        if (i < v.len || !behind) return false;
    }
    return (!k->length_max || whole + behind <= k->length_max) && (k->decimals == 255 || behind <= k->decimals);
}

/* True when the value surely keeps the rules of its place; false: look again. Bytes are never fewer than characters. */
static inline bool sure(const dgm_slot_check *k, dgm_slice v)
{
    if (v.len == 0 || k->form == DGM_CHECK_NOTHING) return true;
    if (k->form == DGM_CHECK_SLOWLY) return false;
    if (k->form == DGM_CHECK_NUMBER) return sure_number(k, v);
    if (k->form == DGM_CHECK_DATE) return dgm_date_plain(v);
    if (v.len > k->length_max || (v.len < k->length_min || k->length_min > 1)) {
        if (v.len != k->length_max || v.len != k->length_min) return false;
        for (size_t i = 0; i < v.len; i++)
            if (v.at[i] & 0x80) return false; /* fewer characters than bytes */
    }
    if (k->form == DGM_CHECK_TEXT) return true;
    for (size_t i = 0; i < v.len; i++)
        if (digit(v.at[i]) != (k->form == DGM_CHECK_DIGITS)) return false;
    return true;
}

/* ---- how often ----------------------------------------------------------------------------------------------------------------
 */

/* What is open: the parent, the child slot whose occurrences are being counted, and how many there were. */
typedef struct level {
    uint32_t node, end, slot, seen;
    uint32_t last; /* one past the last child slot */
    bool needs;
} level;

/* Too few or too many of a place. */
static void complain_count(const checker *c, const level *v, const dgm_slot *slot)
{
    if (c->partial && v->seen < slot->min) return;
    bool few = v->seen < slot->min, once = !few && slot->max == 1, simple = few && slot->min == 1;
    dgm_diag_code code = few ? DGM_D_MODEL_PLACE_MISSING : once ? DGM_D_MODEL_PLACE_ONCE : DGM_D_MODEL_PLACE_MANY;
    dgm_diag *d = complain(c, code, v->node);
    dgm_diag_text(c->diags, d, slot->name);
    if (!once && !simple) dgm_diag_number(c->diags, d, few ? slot->min : slot->max);
    if (!simple) dgm_diag_number(c->diags, d, v->seen);
}

static inline void check_run(const checker *c, const level *v)
{
    const dgm_slot_check *s = &c->tree->shape->check[v->slot];
    if (v->seen < s->min || v->seen > s->max) complain_count(c, v, &c->tree->shape->slots[v->slot]);
}

/* The run of one slot is over, the next begins at `slot` (or the parent ends): tells the run, and the places between if any of the
 * parent's must be there. */
static inline void finish_run(const checker *c, level *v, uint32_t slot)
{
    if (slot > v->last) slot = v->last;
    if (v->slot >= slot) return;
    check_run(c, v);
    v->seen = 0;
    if (v->needs) { /* of those passed over, the ones that must be there */
        const dgm_slot_check *check = c->tree->shape->check;
        for (v->slot++; v->slot < slot && (v->slot = check[v->slot].needed) < slot; v->slot++) check_run(c, v);
    }
    v->slot = slot;
}

/* Whether the run in hand may be wrong, or what was passed over: a place that may be missing and stands there once never is. */
static inline bool doubtful(const level *v)
{
    return v->needs || v->seen > 1;
}

static inline level open_level(const checker *c, uint32_t node, uint32_t end)
{
    const dgm_slot_check *s = &c->tree->shape->check[dgm_node_slot(&c->tree->nodes[node])];
    return (level){ node, end, s->first_child, 0, s->last_child, s->needs };
}

static dgm_status check(const dgm_tree *document, dgm_diags *diags, bool partial)
{
    checker c = { document, diags, partial };
    level open[DGM_DEPTH_MAX + 1], *v = open; /* the first one holds the root and never ends */
    if (!document->shape) return DGM_USAGE;
    const dgm_slot_check *check = document->shape->check;
    const dgm_node *nodes = document->nodes;
    *v = (level){ .end = UINT32_MAX };
    for (uint32_t i = 0, count = document->node_count; i < count; i++) {
        for (; v->end <= i; v--)
            if (doubtful(v)) finish_run(&c, v, DGM_SLOT_NONE);
        const dgm_node *n = &nodes[i];
        if (dgm_node_flags(n) & DGM_UNKNOWN_NAME) {
            dgm_diag_text(diags, complain(&c, DGM_D_MODEL_PLACE_UNKNOWN, i), dgm_tree_name(document, i));
            if (!dgm_node_leaf(n)) i = n->span - 1; /* told once for all that stands beneath */
            continue;
        }
        uint32_t slot = dgm_node_slot(n);
        if (v->slot != slot) {
            if (doubtful(v)) finish_run(&c, v, slot);
            v->slot = slot;
            v->seen = 0;
        }
        v->seen++;
        if (dgm_node_leaf(n)) {
            const dgm_slot_check *k = &check[slot];
            bool stored = (dgm_node_flags(n) & DGM_DECODED) != 0;
            if ((stored || n->span > k->sure) &&
                !sure(k, stored ? dgm_tree_side_value(document, i) : (dgm_slice){ document->bytes + n->at, n->span }))
                check_value(&c, i, &document->shape->slots[slot]);
            if (!(k->needs || dgm_node_flags(n) & DGM_HAS_MORE) || dgm_node_kind(n) == DGM_ATTRIBUTE) continue;
            uint32_t next = dgm_tree_next(document, i);
            if ((next > i + 1 || k->needs) && v < open + DGM_DEPTH_MAX) *++v = open_level(&c, i, next);
        } else if (v < open + DGM_DEPTH_MAX) {
            *++v = open_level(&c, i, n->span);
        }
    }
    for (; v > open; v--)
        if (doubtful(v)) finish_run(&c, v, DGM_SLOT_NONE);
    return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_OK;
}

dgm_status dgm_model_check(const dgm_tree *document, dgm_diags *diags)
{
    return check(document, diags, false);
}

dgm_status dgm_model_check_partial(const dgm_tree *document, dgm_diags *diags)
{
    return check(document, diags, true);
}
