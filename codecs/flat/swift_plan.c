/* SPDX-License-Identifier: Apache-2.0
 *
 * swift_plan.c - when a layout is loaded: which of its records can be read the short way, and by which acts. A trait that has no
 * act of its own is read by value.c (DGM_FLAT_ACT_ANY); a record with a field that is not simply there (odd) has no plan. One
 * thread.
 */
#include "swift.h"

#include "model/tree.h"

typedef struct planner {
    dgm_flat_layout *l;
    struct dgm_flat_swift *s;
    uint32_t made, noted; /* of the record in hand */
    dgm_status status;
} planner;

static bool only_feeds(const dgm_flat_layout *l, bool *returns, bool *alone)
{
    *returns = *alone = false;
    for (uint32_t i = 0; i < l->end_count; i++) {
        bool one = l->ends[i].len == 1 && l->ends[i].at[0] == '\n';
        bool two = l->ends[i].len == 2 && l->ends[i].at[0] == '\r' && l->ends[i].at[1] == '\n';
        if (!one && !two) return false;
        *alone = *alone || one;
        *returns = *returns || two;
    }
    return true;
}

/* Where records end: line feeds, one other byte, or a length. False: something else. */
static bool plan_ends(planner *p)
{
    const dgm_flat_layout *l = p->l;
    struct dgm_flat_swift *s = p->s;
    s->ends = l->end_count > 0;
    if (!s->ends) return l->length > 0;
    char end = '\n';
    if (!only_feeds(l, &s->returns, &s->alone)) {
        if (l->end_count != 1 || l->ends[0].len != 1) return false;
        s->returns = false;
        s->alone = true;
        end = l->ends[0].at[0];
    }
    s->end = (uint8_t)dgm_flat_set_of_byte(&s->sets, end);
    return (unsigned char)end < 0x80;
}

static uint8_t set_of(planner *p, const uint32_t *only)
{
    return (uint8_t)(only ? dgm_flat_set_of(&p->s->sets, only) : DGM_FLAT_NO_SET);
}

/* Codes of one byte each, as bits; NULL: they are not, or there is no memory. */
static const uint32_t *single_codes(planner *p, dgm_slice codes)
{
    for (size_t i = 0; i < codes.len; i++)
        if ((codes.at[i] == ' ') != (i % 2 == 1) || (unsigned char)codes.at[i] >= 0x80) return NULL;
    uint32_t *bits = DGM_NEW(&p->l->arena, uint32_t, 8);
    if (!bits) p->status = DGM_NOMEM;
    for (size_t i = 0; bits && i < codes.len; i += 2) bits[(unsigned char)codes.at[i] >> 5] |= 1u << (codes.at[i] & 31);
    return bits;
}

static void plan_text(planner *p, const dgm_flat_step *s, dgm_flat_op *o)
{
    bool loose = p->l->delimited && !s->padded;
    if (s->check || s->zero_absent || s->nines_absent || s->padded || (!loose && s->pad != ' ')) return;
    uint8_t set = set_of(p, s->only);
    if (set == DGM_FLAT_PLANES_MAX) return;
    if (s->codes.len && !(o->single = single_codes(p, s->codes))) return;
    o->act = s->right && !loose ? DGM_FLAT_ACT_RIGHT : DGM_FLAT_ACT_TEXT;
    o->set = set;
}

static void plan_number(planner *p, const dgm_flat_step *s, dgm_flat_op *o)
{
    bool filled = s->pad == ' ' || s->pad == '0';
    if (s->sign != DGM_FLAT_UNSIGNED || s->thousands || s->nines_absent || s->padded || s->codes.len || !filled) return;
    o->act = s->implied ? DGM_FLAT_ACT_IMPLIED : DGM_FLAT_ACT_NUMBER;
    o->decimals = s->implied ? s->implied : s->decimals;
    (void)p;
}

/* A constant; false: it is what tells the record, and known to be there. */
static bool plan_constant(planner *p, const dgm_flat_step *s, dgm_flat_op *o)
{
    bool test = !s->name.len && s->value.len;
    bool whole = p->l->delimited ? !s->padded : s->len == s->value.len;
    if (test && whole) return false;
    if (s->value.len == 0 && s->pad == ' ' && !s->padded)
        o->act = DGM_FLAT_ACT_BLANK;
    else if (!p->l->delimited && !s->right && s->pad == ' ')
        o->act = DGM_FLAT_ACT_CONSTANT;
    return true;
}

/* False: a record with this field is not read the short way. */
static bool plan_control(planner *p, const dgm_flat_step *s, const dgm_flat_place *place)
{
    uint32_t from = place->first_step, to = from + place->step_count;
    p->noted += s->kept || s->control || s->tallied;
    if (!s->control) return true;
    const dgm_flat_control *c = &p->l->controls[s->control - 1];
    bool apart = c->source == DGM_NONE || c->source < from || c->source >= to; /* else it is not known yet when it is asked for */
    for (uint32_t i = 0; i < c->source_count; i++) apart = apart && (c->sources[i] < from || c->sources[i] >= to);
    return apart;
}

/* A text that may go on in the same record, or a field that it goes on in; false: there is more to it. */
static bool plan_flow(planner *p, const dgm_flat_step *s, dgm_flat_op *o)
{
    if (s->condition || s->apart || s->array || o->noted || s->codes.len || s->padded || s->type == DGM_FLAT_OPEN) return false;
    if (s->type == DGM_FLAT_MORE) {
        o->act = p->l->delimited ? DGM_FLAT_ACT_EMPTY : DGM_FLAT_ACT_BLANK;
        return p->l->delimited || s->pad == ' ';
    }
    if (s->type != DGM_FLAT_TEXT || !s->flow) return false;
    plan_text(p, s, o);
    if (o->act != DGM_FLAT_ACT_TEXT) return false;
    o->act = DGM_FLAT_ACT_FIRST;
    return true;
}

static dgm_flat_hand hand_of(const dgm_flat_op *o)
{
    switch ((dgm_flat_act)o->act) {
    case DGM_FLAT_ACT_TEXT:
        if (!o->single) return DGM_FLAT_HAND_TEXT;
        return o->set == DGM_FLAT_NO_SET ? DGM_FLAT_HAND_SINGLE : DGM_FLAT_HAND_ACT;
    case DGM_FLAT_ACT_NUMBER: return o->zero_absent ? DGM_FLAT_HAND_ACT : DGM_FLAT_HAND_NUMBER;
    case DGM_FLAT_ACT_IMPLIED: return o->zero_absent ? DGM_FLAT_HAND_ACT : DGM_FLAT_HAND_IMPLIED;
    case DGM_FLAT_ACT_BLANK: return DGM_FLAT_HAND_BLANK;
    case DGM_FLAT_ACT_EMPTY: return DGM_FLAT_HAND_NONE;
    case DGM_FLAT_ACT_RIGHT:
    case DGM_FLAT_ACT_CONSTANT:
    case DGM_FLAT_ACT_FIRST:
    case DGM_FLAT_ACT_ANY:
    default: return DGM_FLAT_HAND_ACT;
    }
}

/* How a field is done at once, if it is. */
static void plan_hand(const planner *p, dgm_flat_op *o)
{
    const bool delimited = p->l->delimited;
    const uint32_t most = o->len < DGM_FLAT_NEAR ? o->len : DGM_FLAT_NEAR;
    o->hand = (uint8_t)hand_of(o);
    o->lowest = o->hand == DGM_FLAT_HAND_TEXT && o->least ? o->least : 1;
    o->plane = (o->set == DGM_FLAT_NO_SET ? DGM_FLAT_ONES : o->set) * (uint32_t)DGM_FLAT_STRIDE;
    if (o->hand == DGM_FLAT_HAND_SINGLE) o->lowest = o->least > 1 ? o->least : 1;
    const bool wide = !delimited && o->len != most;
    if (o->noted || wide || most < o->lowest || (delimited && o->hand == DGM_FLAT_HAND_BLANK)) o->hand = DGM_FLAT_HAND_ACT;
    if (o->hand == DGM_FLAT_HAND_ACT || o->hand == DGM_FLAT_HAND_NONE) o->lowest = UINT32_MAX;
    if (o->lowest != UINT32_MAX) o->span = most - o->lowest;
}

/* The conditions of a field are asked with those of the others, each once. */
static void plan_conditions(planner *p, uint32_t first, dgm_flat_way *way)
{
    for (uint32_t i = first; i; i = p->l->conditions[i - 1].next) {
        const dgm_flat_condition *c = &p->l->conditions[i - 1], **asked = p->s->asked + way->first_asked;
        uint32_t k = 0;
        while (k < way->asked_count &&
               (asked[k]->source != c->source || asked[k]->unless != c->unless || !dgm_slice_equal(asked[k]->codes, c->codes)))
            k++;
        if (k == way->asked_count) asked[way->asked_count++] = c;
    }
}

/* Conditions are asked when all of a record was read: what they ask of must still be what it was when their field was. */
static bool keeps_once(const dgm_flat_layout *l, const dgm_flat_place *q)
{
    uint32_t kept[DGM_FLAT_WAY_NOTED_MAX], n = 0;
    for (uint32_t i = 0; i < q->step_count; i++) {
        const dgm_flat_step *s = &l->steps[q->first_step + i];
        for (uint32_t k = 0; k < n && s->kept; k++)
            if (kept[k] == s->kept) return false;
        if (s->kept && n == DGM_FLAT_WAY_NOTED_MAX) return false;
        if (s->kept) kept[n++] = s->kept;
    }
    return true;
}

static bool plan_step(planner *p, uint32_t step, const dgm_flat_place *place, dgm_flat_way *way, dgm_flat_op *o)
{
    const dgm_flat_step *s = &p->l->steps[step];
    uint32_t number = s->number < 0xFFFF ? s->number : 0xFFFF;
    const bool flows = s->flow || s->type == DGM_FLAT_MORE;
    if ((s->odd && !flows && !s->condition) || s->array || s->shared || s->stored || s->near) return false;
    bool known = flows || s->type == DGM_FLAT_TEXT || s->type == DGM_FLAT_NUMBER || s->type == DGM_FLAT_DATE ||
                 s->type == DGM_FLAT_FLAG || s->type == DGM_FLAT_CONSTANT;
    if (!known || !plan_control(p, s, place)) return false;
    *o = (dgm_flat_op){ .tag = DGM_TAG(s->slot, DGM_ELEMENT, 0),
                        .place = DGM_PLACE(0, 0, number),
                        .at = s->at,
                        .len = p->l->delimited && !s->len ? UINT32_MAX : s->len,
                        .least = s->least,
                        .step = step,
                        .memo = DGM_FLAT_NO_MEMO,
                        .act = DGM_FLAT_ACT_ANY,
                        .set = DGM_FLAT_NO_SET,
                        .point = s->point,
                        .required = s->required,
                        .zero_absent = s->zero_absent,
                        .noted = s->kept || s->control || s->tallied };
    if (flows && !plan_flow(p, s, o)) return false;
    plan_conditions(p, s->condition, way);
    if (s->type == DGM_FLAT_TEXT && !flows) plan_text(p, s, o);
    if (s->type == DGM_FLAT_NUMBER) plan_number(p, s, o);
    if (s->type == DGM_FLAT_CONSTANT && !plan_constant(p, s, o)) return true;
    bool makes = o->act == DGM_FLAT_ACT_ANY || o->act == DGM_FLAT_ACT_IMPLIED || o->act == DGM_FLAT_ACT_NUMBER ||
                 o->act == DGM_FLAT_ACT_FIRST;
    plan_hand(p, o);
    if (o->act == DGM_FLAT_ACT_ANY && p->s->memo_count < DGM_FLAT_MEMOS_MAX) o->memo = (uint16_t)p->s->memo_count++;
    p->made += makes;
    if (makes) way->made_room += (p->l->delimited ? 0 : s->len) * 2 + DGM_FLAT_MADE_ROOM;
    bool behind = !way->count || o[-1].at <= o->at || !p->l->delimited; /* fields in their order */
    way->count++;
    if (step < place->last_required) way->needed = way->count;
    return behind;
}

static void plan_place(planner *p, uint32_t place, uint32_t *used, uint32_t *asked)
{
    const dgm_flat_place *q = &p->l->places[place];
    dgm_flat_way *way = &p->s->ways[place];
    bool simple = !q->flows && !q->begins && !q->listed && (!q->conditional || keeps_once(p->l, q));
    *way = (dgm_flat_way){ .first = *used, .first_asked = *asked };
    p->made = p->noted = 0;
    for (uint32_t i = 0; i < q->step_count && simple && p->status == DGM_OK; i++)
        simple = plan_step(p, q->first_step + i, q, way, &p->s->ops[way->first + way->count]);
    way->open = simple && p->made <= DGM_FLAT_WAY_MADE_MAX && p->noted <= DGM_FLAT_WAY_NOTED_MAX;
    if (way->open) *used += way->count;
    if (way->open) *asked += way->asked_count;
    if (q->depth > p->s->depth) p->s->depth = q->depth;
}

dgm_status dgm_flat_swift_plan(dgm_flat_layout *l)
{
    static const uint32_t digits[8] = { 0, 0x03FF0000u };
    if (l->tokens || l->all || l->lines || l->stores || !l->direct) return DGM_OK;
    struct dgm_flat_swift *s = DGM_NEW(&l->arena, struct dgm_flat_swift, 1);
    planner p = { .l = l, .s = s };
    if (!s) return DGM_NOMEM;
    if (!plan_ends(&p)) return DGM_OK;
    if (l->delimited && (unsigned char)l->separator >= 0x80) return DGM_OK;
    s->separator = (uint8_t)(l->delimited ? dgm_flat_set_of_byte(&s->sets, l->separator) : 0);
    s->quote = DGM_FLAT_NO_SET;
    if (l->delimited && l->quotes && (unsigned char)l->quote >= 0x80) return DGM_OK;
    if (l->delimited && l->quotes) s->quote = (uint8_t)dgm_flat_set_of_byte(&s->sets, l->quote);
    s->blank = (uint8_t)dgm_flat_set_of_byte(&s->sets, ' ');
    s->zero = (uint8_t)dgm_flat_set_of_byte(&s->sets, '0');
    s->digit = (uint8_t)dgm_flat_set_of(&s->sets, digits);
    s->ways = DGM_NEW(&l->arena, dgm_flat_way, l->place_count + 1);
    s->ops = DGM_NEW(&l->arena, dgm_flat_op, l->step_count + 1);
    s->asked = DGM_NEW(&l->arena, const dgm_flat_condition *, l->condition_count + 1);
    if (!s->ways || !s->ops || !s->asked) return DGM_NOMEM;
    for (uint32_t i = 1, used = 0, asked = 0; i < l->place_count && p.status == DGM_OK; i++) plan_place(&p, i, &used, &asked);
    if (p.status == DGM_OK) l->swift = s;
    return p.status;
}
