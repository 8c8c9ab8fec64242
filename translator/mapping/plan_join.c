/* SPDX-License-Identifier: Apache-2.0
 *
 * plan_join.c - plans every each, and what joins need: which occurrences are entered as the walk meets them, and which when the
 * frame around them ends, by key (join.h); and which keys are written with an occurrence. One thread.
 */
#include "plan.h"

/* ---- joins --------------------------------------------------------------------------------------------------------------- */

static map_join *add_join(map_planner *n, const map_join *j)
{
    map_plan *p = n->p;
    void *all = p->joins;
    if (!dgm_map_room(n->l, &all, &n->join_room, p->join_count + 1, sizeof *p->joins)) return NULL;
    p->joins = all;
    p->joins[p->join_count] = *j;
    return &p->joins[p->join_count++];
}

uint32_t dgm_map_plan_join(map_planner *n, const map_place *place, uint32_t rule)
{
    const map_step *s = &place->steps[place->named];
    map_join j = { .place = place,
                   .step = place->named,
                   .base = place->base,
                   .keys = s->joins,
                   .key_count = s->join_count,
                   .rule = rule,
                   .each = n->l->m->rules[rule].kind == MAP_EACH };
    return add_join(n, &j) ? (uint32_t)n->p->join_count - 1 : DGM_NONE;
}

/* `=PLACE in ^/PLACE` or `=PLACE = ^/PLACE`: what is wanted is looked up by its value. */
static bool where_join(const map_expr *x, map_join *j)
{
    if (!x || x->count != 3 || (x->code[2].op != MAP_X_IN && x->code[2].op != MAP_X_EQ) || x->code[2].argc != 2) return false;
    if (x->code[0].op != MAP_X_PLACE || x->code[1].op != MAP_X_PLACE) return false;
    const map_place *a = x->code[0].place, *b = x->code[1].place;
    bool turned = a->up || a->root;
    j->left = turned ? b : a;
    j->right = turned ? a : b;
    return !j->left->root && !j->left->up && (j->right->root || j->right->up);
}

/* ---- keys that are written ----------------------------------------------------------------------------------------------- */

bool dgm_map_plan_keys(map_planner *n, uint32_t occurrence, const map_step *s, const map_rule *r)
{
    map_plan *p = n->p;
    uint32_t *targets = DGM_NEW(n->l->arena, uint32_t, s->join_count + 1u);
    if (!targets) {
        n->l->nomem = true;
        return false;
    }
    for (uint32_t i = 0; i < s->join_count; i++) {
        uint32_t at = occurrence;
        for (uint32_t k = 0; k < s->joins[i].path_len; k++) {
            map_step down = { .slot = s->joins[i].path[k], .slot_count = 1 };
            at = dgm_map_target_step(n, at, down.slot, &down, p->targets[at].block, p->targets[occurrence].order);
            if (at == DGM_NONE) return false;
        }
        targets[i] = at;
    }
    void *all = p->key_writes;
    if (!dgm_map_room(n->l, &all, &n->key_write_room, p->key_write_count + 1, sizeof *p->key_writes)) return false;
    p->key_writes = all;
    bool each = r->kind == MAP_EACH;
    p->key_writes[p->key_write_count++] = (map_key_write){
        .keys = s->joins, .targets = targets, .count = s->join_count, .occurrence = occurrence, .rule = r->id, .each = each
    };
    map_end *e = dgm_map_add_end(n, MAP_END_KEY, r, DGM_NONE);
    if (!e) return false;
    e->target = targets[0];
    e->join = (uint32_t)p->key_write_count - 1;
    e->cond = DGM_NONE;
    if (each) e->block = r->opens; /* the frames that the occurrences are made in */
    return true;
}

static uint32_t joined_hash(uint32_t above, uint32_t slot, uint32_t block, const map_test *tests, uint32_t count)
{
    return dgm_map_hash(above, slot, block, dgm_map_tests_hash(tests, count));
}

static uint32_t joined_known(const map_planner *n, uint32_t above, uint32_t slot, uint32_t block, const map_step *s)
{
    uint32_t hash = joined_hash(above, slot, block, s->tests, s->test_count);
    for (const struct map_kept *k = NULL; (k = dgm_map_kept(&n->joined, hash, k)) != NULL;) {
        const map_target *x = &n->p->targets[k->id];
        bool same = x->above == above && x->slot == slot && x->block == block && x->join_count == s->join_count &&
                    dgm_map_tests_equal(x->tests, x->test_count, s->tests, s->test_count);
        for (uint32_t i = 0; same && i < s->join_count; i++)
            same = x->joins[i].slot == s->joins[i].slot && dgm_slice_equal(x->joins[i].name->text, s->joins[i].name->text);
        if (same) return k->id;
    }
    return DGM_NONE;
}

bool dgm_map_keep_joined(map_planner *n, uint32_t id)
{
    const map_target *t = &n->p->targets[id];
    const map_step s = { .tests = t->tests, .test_count = t->test_count, .joins = t->joins, .join_count = t->join_count };
    if (joined_known(n, t->above, t->slot, t->block, &s) != DGM_NONE) return true;
    return dgm_map_keep(n->l, &n->joined, joined_hash(t->above, t->slot, t->block, t->tests, t->test_count), id);
}

uint32_t dgm_map_target_joined(map_planner *n, uint32_t above, const map_step *s, uint32_t block, const map_rule *r)
{
    uint32_t known = joined_known(n, above, s->slot, block, s);
    if (known != DGM_NONE) return known;
    uint32_t id = dgm_map_target_own(n, above, s->slot, s, block, dgm_map_order_of(r));
    return id == DGM_NONE || !dgm_map_plan_keys(n, id, s, r) ? DGM_NONE : id;
}

/* ---- each ---------------------------------------------------------------------------------------------------------------- */

static uint32_t apart(map_planner *n, uint32_t slot, uint32_t block, uint32_t rule)
{
    uint32_t id = dgm_map_source_new(n, DGM_NONE, slot, block);
    if (id == DGM_NONE) return id;
    n->p->sources[id].apart = n->p->sources[id].skip_several = true;
    n->p->sources[id].rule = rule;
    return id;
}

static bool add_late(map_planner *n, const map_late *x)
{
    map_plan *p = n->p;
    void *all = p->lates;
    if (!dgm_map_room(n->l, &all, &n->late_room, p->late_count + 1, sizeof *p->lates)) return false;
    p->lates = all;
    p->lates[p->late_count++] = *x;
    uint32_t *link = &p->blocks[x->home].late; /* in the order of statements */
    while (*link) link = &p->lates[*link - 1].next;
    *link = (uint32_t)p->late_count;
    return true;
}

/* Where the occurrences of an each are made. */
static bool each_target(map_planner *n, const map_rule *r, const map_place *target)
{
    map_plan *p = n->p;
    map_plan_block *b = &p->blocks[r->opens];
    if (target->step_count == 0) { /* "." beneath `by`: the occurrence around, made once for each of these */
        b->target = p->blocks[r->block].target;
        return true;
    }
    uint32_t above = dgm_map_target_above(n, target, r);
    if (above == DGM_NONE) return false;
    const map_step *last = &target->steps[target->step_count - 1];
    b->target = dgm_map_target_own(n, above, target->slot, last, r->opens, dgm_map_order_of(r));
    if (b->target == DGM_NONE) return false;
    b->most = dgm_shape_slot(p->to, target->slot)->max;
    b->made_word = p->blocks[p->targets[above].block].words++;
    p->targets[b->target].writer = r->id;
    p->targets[b->target].occurrence = true;
    return true;
}

static bool entered_singly(map_planner *n, const map_rule *r, const map_place *source)
{
    map_plan *p = n->p;
    map_plan_block *b = &p->blocks[r->opens], *around = &p->blocks[r->block];
    b->source = apart(n, source->slot, r->opens, r->id);
    if (b->source == DGM_NONE) return false;
    b->index_word = around->words++;
    b->dot_next = around->dot;
    around->dot = r->opens + 1;
    if (p->direction == DGM_WRITE) b->dot_place = source;
    return true;
}

/* Over occurrences that stand elsewhere: by key, or by where. */
static bool entered_by_key(map_planner *n, const map_rule *r, const map_place *source)
{
    map_plan *p = n->p;
    map_plan_block *b = &p->blocks[r->opens];
    map_late late = { .rule = r->id, .opens = r->opens, .home = r->block, .join = DGM_NONE };
    if (source->named != DGM_NONE) {
        late.join = dgm_map_plan_join(n, source, r->id);
    } else {
        map_join j = { .place = source, .step = source->step_count - 1, .base = source->base, .rule = r->id };
        if (p->direction == DGM_READ || !where_join(r->where, &j)) {
            dgm_diag *d = dgm_map_fault(n->l, source->mark, DGM_D_MAP_JOIN_NEED);
            dgm_map_say(n->l, d, dgm_shape_slot(p->from, source->slot)->name);
            return true;
        }
        if (add_join(n, &j)) late.join = (uint32_t)p->join_count - 1;
    }
    if (late.join == DGM_NONE) return false;
    late.source = b->source = apart(n, source->slot, r->opens, r->id);
    b->index_word = p->blocks[r->block].words++;
    return b->source != DGM_NONE && add_late(n, &late);
}

/* Names of occurrences that a merged one no longer stands in. */
static void check_shared_names(map_planner *n, const map_rule *r, uint32_t home)
{
    const dgm_mapping *m = n->l->m;
    for (size_t k = 0; k < n->l->expr_count; k++) {
        const map_expr *x = n->l->exprs[k];
        uint32_t b = x->block;
        while (b != DGM_NONE && b != r->opens) b = m->blocks[b].above;
        if (b == DGM_NONE || x == r->where) continue;
        for (uint32_t i = 0; i < x->count; i++) {
            if (x->code[i].op != MAP_X_NAME) continue;
            for (uint32_t lost = r->block; lost != home && lost != DGM_NONE; lost = m->blocks[lost].above) {
                if (m->rules[x->code[i].index].block != lost) continue;
                dgm_diag *d = dgm_map_fault(n->l, x->mark, DGM_D_MAP_KEY_SOURCE);
                dgm_map_say(n->l, d, x->code[i].text);
                dgm_map_say(n->l, d, DGM_LITERAL("`by` makes one occurrence of several, which stand in different ones around"));
                return;
            }
        }
    }
}

/* by: the walk gathers them; reading, equal keys are one. */
static bool gathered(map_planner *n, const map_rule *r, const map_place *source)
{
    map_plan *p = n->p;
    map_plan_block *b = &p->blocks[r->opens];
    map_late late = { .rule = r->id, .opens = r->opens, .home = r->block, .join = DGM_NONE };
    if (p->direction == DGM_READ) {
        late.home = p->targets[p->targets[b->target].above].block;
        late.merges = true;
        check_shared_names(n, r, late.home);
    }
    b->around = late.home;
    b->index_word = p->blocks[late.home].words++;
    late.word = p->blocks[late.home].words;
    p->blocks[late.home].words += 3;
    if (!dgm_map_source_place_of(n, source, r->block, r->id, true)) return false;
    uint32_t found = n->found[0];
    if (!dgm_map_source_known(n, found)) return false;
    late.source = b->source = apart(n, source->slot, r->opens, r->id);
    if (b->source == DGM_NONE || !add_late(n, &late)) return false;
    map_source *s = &p->sources[found];
    s->gathers = (uint32_t)p->late_count;
    s->cond = r->cond;
    s->skip_several = true;
    if (p->direction == DGM_WRITE) s->where = r->where;
    return true;
}

bool dgm_map_plan_each(map_planner *n, map_rule *r)
{
    map_plan *p = n->p;
    uint32_t from = p->direction, parent = r->block;
    const map_place *source = r->side[from][0], *target = r->side[!from][0];
    map_plan_block *b = &p->blocks[r->opens];
    b->always = r->always;
    if (!each_target(n, r, target)) return false;
    bool singly = source->step_count == 0 || target->step_count == 0;
    bool far = (source->root && parent != 0) || source->up || source->named != DGM_NONE;
    bool ok = true;
    if (singly)
        ok = entered_singly(n, r, source);
    else if (far)
        ok = entered_by_key(n, r, source);
    else if (r->key_count)
        ok = gathered(n, r, source);
    else {
        b->index_word = p->blocks[parent].words++;
        if (!dgm_map_source_place_of(n, source, parent, r->id, true)) return false;
        map_source *s = &p->sources[n->found[0]];
        s->opens = r->opens;
        s->cond = r->cond;
        s->skip_several = true;
        if (p->direction == DGM_WRITE) s->where = r->where;
        b->source = n->found[0];
    }
    const map_step *last = target->step_count ? &target->steps[target->step_count - 1] : NULL;
    return ok && (!last || !last->join_count || dgm_map_plan_keys(n, b->target, last, r));
}
