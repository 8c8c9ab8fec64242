/* SPDX-License-Identifier: Apache-2.0
 *
 * load_each.c - what an each says besides its two places: the keys that make occurrences one (`by`) and the condition that chooses
 * them (`where`); and whether keys and joins can mean what they say. mappings/README.md, "Each". One thread.
 */
#include "load.h"

enum { KEYS_MAX = 8 };

static void combination(map_loader *l, map_mark mark, const char *what)
{
    dgm_diag *d = dgm_map_fault(l, mark, DGM_D_MAP_COMBINATION);
    dgm_map_say(l, d, dgm_slice_of(what));
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

/* A key is a rule as well, unless one of the block says the same two places and perhaps more about them. */
static bool said(const map_loader *l, uint32_t block, const map_by *by)
{
    for (uint32_t i = 0; i < l->m->rule_count; i++) {
        const map_rule *r = &l->m->rules[i];
        if (r->kind != MAP_RULE || r->block != block || r->side_count[0] != 1 || r->side_count[1] != 1) continue;
        if (dgm_slice_equal(r->side[0][0]->text, by->side[0]->text) && dgm_slice_equal(r->side[1][0]->text, by->side[1]->text))
            return true;
    }
    return false;
}

static void take_by(map_loader *l, const dgm_yaml *n, uint32_t block, map_rule *r)
{
    if (n->kind != DGM_YAML_MAP || !n->count || n->count > KEYS_MAX) {
        dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, n), DGM_D_MAP_KIND);
        dgm_map_say(l, d, n->key);
        dgm_map_say(l, d, DGM_LITERAL("a map of one to eight keys: {WIRE-PLACE: MODEL-PLACE}"));
        return;
    }
    map_by *all = DGM_NEW(l->arena, map_by, n->count + 1u);
    if (!all) {
        l->nomem = true;
        return;
    }
    uint32_t count = 0;
    for (const dgm_yaml *k = n->first; k; k = k->next) {
        dgm_slice model;
        if (!dgm_map_text(l, k, &model)) continue;
        map_by *by = &all[count];
        by->side[MAP_WIRE] = dgm_map_place(l, MAP_WIRE, block, k->key, dgm_map_key_mark(l, k), 0);
        by->side[MAP_MODEL] = dgm_map_place(l, MAP_MODEL, block, model, dgm_map_mark(l, k), 0);
        if (by->side[MAP_WIRE] && by->side[MAP_MODEL]) count++;
    }
    r->keys = all;
    r->key_count = count;
}

void dgm_map_take_each_keys(map_loader *l, const dgm_yaml *head, uint32_t rule)
{
    const dgm_yaml *by = dgm_yaml_get(head, "by"), *where = dgm_yaml_get(head, "where");
    uint32_t block = l->m->rules[rule].opens;
    map_rule keys = { 0 };
    dgm_slice t;
    if (by) take_by(l, by, block, &keys);
    if (where && dgm_map_text(l, where, &t)) {
        if (!t.len || t.at[0] != '=') {
            dgm_diag *d = dgm_map_fault(l, dgm_map_mark(l, where), DGM_D_MAP_VALUE);
            dgm_map_say(l, d, where->key);
            dgm_map_say(l, d, DGM_LITERAL("an =expression over the model: \"=TypeCode = 'CN'\""));
        } else {
            keys.where = dgm_map_expr_where(l, block, t, dgm_map_mark(l, where));
        }
    }
    l->m->rules[rule].keys = keys.keys;
    l->m->rules[rule].key_count = keys.key_count;
    l->m->rules[rule].where = keys.where;
}

void dgm_map_add_key_rules(map_loader *l, uint32_t rule)
{
    for (uint32_t i = 0; i < l->m->rules[rule].key_count && !l->nomem; i++) {
        const map_rule *each = &l->m->rules[rule];
        const map_by *by = &each->keys[i];
        if (said(l, each->opens, by)) continue;
        map_rule r = { .kind = MAP_RULE,
                       .block = each->opens,
                       .opens = DGM_NONE,
                       .cond = DGM_NONE,
                       .mark = by->side[MAP_WIRE]->mark,
                       .text = each->text,
                       .scale = -1 };
        for (int side = 0; side < 2; side++) {
            r.side[side] = DGM_NEW(l->arena, const map_place *, 2);
            if (!r.side[side]) {
                l->nomem = true;
                return;
            }
            r.side[side][0] = by->side[side];
            r.side_count[side] = 1;
        }
        dgm_map_store_rule(l, &r);
    }
}

/* ---- checks -------------------------------------------------------------------------------------------------------------- */

static const map_rule *each_of(const dgm_mapping *m, uint32_t block)
{
    uint32_t rule = m->blocks[block].rule;
    return rule == DGM_NONE ? NULL : &m->rules[rule];
}

/* Whether a rule's value is spelled alike on both sides, so that a row's key can be compared with it. */
static bool spelled_alike(const map_rule *r)
{
    return !r->codes && !r->fold && !r->has_is &&
           (r->as == DGM_TYPE_NONE || r->as == DGM_TYPE_TEXT || r->as == DGM_TYPE_CODE || r->as == DGM_TYPE_ID ||
            r->as == DGM_TYPE_NUMBER);
}

static void check_key_name(map_loader *l, const map_place *p, const map_test *t)
{
    const map_instr *i = &t->name->code[0];
    const char *wrong = NULL;
    if (t->name->count != 1 || (i->op != MAP_X_NAME && i->op != MAP_X_PARAM)) {
        wrong = "a key is the name of a rule or a parameter";
    } else if (i->op == MAP_X_NAME) {
        const map_rule *r = &l->m->rules[i->index];
        if (p->side == MAP_WIRE && !spelled_alike(r))
            wrong = "its rule spells it in another way on each side";
        else if (!(r->side_count[0] && r->side_count[1]) && r->number == MAP_NUMBER_NONE)
            wrong = "its rule has one side only and no `number`, so that one direction does not know it";
    }
    if (!wrong) return;
    dgm_diag *d = dgm_map_fault(l, t->name->mark, DGM_D_MAP_KEY_SOURCE);
    dgm_map_say(l, d, i->text.len ? i->text : t->name->text);
    dgm_map_say(l, d, dgm_slice_of(wrong));
}

static void check_named(map_loader *l, const map_rule *r, const map_place *p)
{
    if (p->named == DGM_NONE) return;
    const map_step *s = &p->steps[p->named];
    for (uint32_t i = 0; i < s->join_count; i++) check_key_name(l, p, &s->joins[i]);
    if (s->join_count > KEYS_MAX) combination(l, p->mark, "a join has at most eight keys");
    if (r->kind == MAP_EACH && p->named + 1 != p->step_count)
        combination(l, p->mark, "an each takes the occurrences that its keys choose: names stand in the tests of its last step");
}

void dgm_map_check_places(map_loader *l, const map_rule *r)
{
    bool far = false;
    for (int side = 0; side < 2; side++)
        for (uint32_t k = 0; k < r->side_count[side]; k++) {
            const map_place *p = r->side[side][k];
            far = far || p->up || p->named != DGM_NONE;
            check_named(l, r, p);
        }
    if (!far || r->kind == MAP_EACH) return;
    bool both = r->side_count[0] == 1 && r->side_count[1] == 1;
    bool plain =
        both && r->side[0][0]->star == DGM_NONE && r->side[1][0]->star == DGM_NONE && !r->side[0][0]->deep && !r->side[1][0]->deep;
    if (!plain || r->fold || r->copy_count)
        combination(l, r->mark, "^ and names in tests stand in plain rules of one place on each side");
    else if (r->name.len)
        combination(l, r->mark, "a name belongs to a rule of its own occurrence: name it in the block where the value stands");
}

/* where looks at the occurrence and those around it; its own names are not known before it is chosen. */
static void check_where(map_loader *l, const map_rule *r)
{
    for (uint32_t i = 0; i < r->where->count; i++) {
        const map_instr *x = &r->where->code[i];
        bool own = x->op == MAP_X_NAME && l->m->rules[x->index].block == r->opens;
        own = own || (x->op == MAP_X_LET && l->m->lets[x->index].block == r->opens) || x->op == MAP_X_I;
        if (!own) continue;
        combination(l, x->mark, "where chooses the occurrence, so it looks at places and at names around it");
        return;
    }
}

static void check_by(map_loader *l, const map_rule *r)
{
    for (uint32_t i = 0; i < r->key_count; i++)
        for (int side = 0; side < 2; side++) {
            const map_place *p = r->keys[i].side[side];
            if (p->root || p->star != DGM_NONE || !dgm_kind_leaf(dgm_shape_slot(l->m->shape[side], p->slot)->kind))
                combination(l, p->mark, "a key is one place with a value, beneath the occurrence");
        }
    if (r->side[MAP_WIRE][0]->root || r->side[MAP_WIRE][0]->up || r->side[MAP_WIRE][0]->named != DGM_NONE)
        if (r->block != 0) combination(l, r->mark, "by makes occurrences one where they stand: its wire place is relative");
    /* Stated in many parents: each of them says all of it again. */
    bool singly = false, outside = r->block != 0 && (r->side[MAP_MODEL][0]->root || r->side[MAP_MODEL][0]->up);
    for (uint32_t i = 0; i < l->m->rule_count; i++) {
        const map_rule *x = &l->m->rules[i];
        if (x->kind == MAP_EACH && x->block == r->opens && x->side[MAP_WIRE][0]->step_count == 0) {
            if (singly) combination(l, x->mark, "one each walks the occurrences of `by` singly");
            singly = true;
        }
        if (x->kind == MAP_RULE && x->block == r->opens && x->number == MAP_NUMBER_ORDER && x->side_count[MAP_WIRE])
            combination(l, x->mark, "rows with equal keys have no running number of their own; use number: keep");
    }
    for (uint32_t i = 0; i < l->m->rule_count && (singly || outside); i++) {
        const map_rule *x = &l->m->rules[i];
        if (x->block != r->opens) continue;
        bool list = x->kind == MAP_RULE && x->side_count[0] && x->side[0][0]->star != DGM_NONE && !x->fold;
        if (list || (x->kind == MAP_EACH && x->side[MAP_WIRE][0]->step_count))
            combination(l, x->mark,
                        singly ? "what stands many times is said in the each over \".\", or it would be written in every row"
                               : "what stands many times in an occurrence that several parents state would be read once for each; "
                                 "count it: #1, #2");
    }
}

/* "." walks what `by` made one. */
static bool dot_fits(const map_loader *l, const map_rule *r)
{
    const map_place *p = r->side[MAP_WIRE][0];
    const map_rule *around = each_of(l->m, r->block);
    return p->step_count == 0 && !p->root && around && around->key_count && !r->key_count && r->cond == DGM_NONE && !r->where;
}

void dgm_map_check_each(map_loader *l, const map_rule *r)
{
    for (int side = 0; side < 2; side++) {
        const map_place *p = r->side[side][0];
        if (p->step_count == 0 && !(side == MAP_WIRE && dot_fits(l, r)))
            combination(l, r->mark,
                        "each walks occurrences below this one; \".\" on the wire walks those that `by` of the each around it "
                        "made one, without `when` and `where`");
        else if (p->star != DGM_NONE)
            combination(l, r->mark, "each takes every occurrence; leave the #* out");
    }
    dgm_map_check_places(l, r);
    if (r->key_count && !l->wrong) check_by(l, r);
    if (r->where && !l->wrong) check_where(l, r);
}
