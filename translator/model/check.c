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
        d->at_byte = c->tree->base + at->at;
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

/* What is open: the parent, the child slot whose occurrences are being counted, and how many there were. */
typedef struct level {
    uint32_t node, end, slot, seen;
} level;

/* Too few or too many of a place. */
static void complain_count(const checker *c, const level *v, const dgm_slot *slot)
{
    bool few = v->seen < slot->min, once = !few && slot->max == 1, simple = few && slot->min == 1;
    dgm_diag_code code = few ? DGM_D_MODEL_PLACE_MISSING : once ? DGM_D_MODEL_PLACE_ONCE : DGM_D_MODEL_PLACE_MANY;
    dgm_diag *d = complain(c, code, v->node);
    dgm_diag_text(c->diags, d, slot->name);
    if (!once && !simple) dgm_diag_number(c->diags, d, few ? slot->min : slot->max);
    if (!simple) dgm_diag_number(c->diags, d, v->seen);
}

static void check_run(const checker *c, const level *v)
{
    const dgm_slot *s = &c->tree->shape->slots[v->slot];
    bool few = v->seen < s->min, many = s->max != DGM_UNBOUNDED && v->seen > s->max;
    if (few || many) complain_count(c, v, s);
}

/* The run of one slot is over, the next begins at `slot` (or the parent ends): tells the run, and the places between if any of the
 * parent's must be there. */
static void finish_run(const checker *c, level *v, uint32_t slot)
{
    const dgm_slot *parent = &c->tree->shape->slots[dgm_node_slot(&c->tree->nodes[v->node])];
    uint32_t last = parent->child_count ? parent->first_child + parent->child_count : 0;
    if (slot > last) slot = last;
    if (v->slot >= slot) return;
    check_run(c, v);
    v->seen = 0;
    for (v->slot++; v->slot < slot && parent->needs; v->slot++) check_run(c, v);
    v->slot = slot;
}

static level open_level(const checker *c, uint32_t node, uint32_t end)
{
    const dgm_slot *s = &c->tree->shape->slots[dgm_node_slot(&c->tree->nodes[node])];
    return (level){ node, end, s->child_count ? s->first_child : 0, 0 };
}

dgm_status dgm_model_check(const dgm_tree *document, dgm_diags *diags)
{
    checker c = { document, diags };
    level open[DGM_DEPTH_MAX];
    uint32_t depth = 0;
    if (!document->shape) return DGM_USAGE;
    for (uint32_t i = 0; i <= document->node_count; i++) {
        while (depth && open[depth - 1].end <= i) {
            finish_run(&c, &open[depth - 1], DGM_SLOT_NONE);
            depth--;
        }
        if (i == document->node_count) break;
        const dgm_node *n = &document->nodes[i];
        if (dgm_node_flags(n) & DGM_UNKNOWN_NAME) {
            dgm_diag_text(diags, complain(&c, DGM_D_MODEL_PLACE_UNKNOWN, i), dgm_tree_name(document, i));
            if (!dgm_kind_leaf(dgm_node_kind(n))) i = n->span - 1; /* told once for all that stands beneath */
            continue;
        }
        const dgm_slot *slot = &document->shape->slots[dgm_node_slot(n)];
        if (depth) {
            finish_run(&c, &open[depth - 1], dgm_node_slot(n));
            open[depth - 1].seen++;
        }
        if (dgm_kind_leaf(dgm_node_kind(n))) {
            check_value(&c, i, slot);
            uint32_t next = dgm_tree_next(document, i);
            if (dgm_node_kind(n) != DGM_ATTRIBUTE && (next > i + 1 || slot->needs) && depth < DGM_DEPTH_MAX)
                open[depth++] = open_level(&c, i, next);
        } else if (depth < DGM_DEPTH_MAX) {
            open[depth++] = open_level(&c, i, n->span);
        }
    }
    return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_OK;
}
