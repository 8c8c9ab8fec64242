/* SPDX-License-Identifier: Apache-2.0
 *
 * late.c - occurrences that are entered when the frame around them ends: found by key, made one because their keys are equal, or
 * walked singly beneath such a one. What is to be done is written down as a list of picks, which the walk takes one by one, so that
 * nothing recurses. One thread for each runner.
 */
#include "late.h"

static const map_rule *rule_of(const dgm_runner *r, const map_late *x)
{
    return &r->m->rules[x->rule];
}

static dgm_slice name_at(const dgm_runner *r, uint32_t node)
{
    return dgm_shape_slot(r->p->from, dgm_node_slot(&r->in->nodes[node]))->name;
}

bool dgm_map_where(dgm_runner *r, const map_expr *where, uint32_t frame, uint32_t n)
{
    map_context c = { r->in, n, frame, r->frames[frame].index, 0, 0, r->frames[frame].node };
    return dgm_map_true(r, where, c, false);
}

/* ---- gathering ----------------------------------------------------------------------------------------------------------- */

/* The key of an occurrence, in `values`; false: a part is nothing (told). */
static bool key_of(dgm_runner *r, const map_rule *rule, uint32_t n, dgm_slice *values)
{
    for (uint32_t i = 0; i < rule->key_count; i++) {
        const map_place *p = rule->keys[i].side[r->p->direction];
        uint32_t leaf = dgm_map_find(r->in, n, p);
        values[i] = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, leaf);
        if (values[i].len) continue;
        dgm_map_key_empty(r, n, rule->id, name_at(r, n), p->text);
        return false;
    }
    return true;
}

/* Keys of the model's occurrences tell them apart. */
static bool told_apart(dgm_runner *r, const map_rule *rule, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t n)
{
    uint32_t had = dgm_map_index_find(r, what, base, values, rule->key_count);
    if (had == DGM_NONE || r->entries[had].node == n) return true;
    dgm_map_key_twice(r, n, rule->id, values, rule->key_count, name_at(r, n));
    return false;
}

void dgm_map_gather(dgm_runner *r, uint32_t late, uint32_t frame, uint32_t n)
{
    const map_late *x = &r->p->lates[late];
    const map_rule *rule = rule_of(r, x);
    uint32_t home = dgm_map_frame_of(r, frame, x->home), what = MAP_WHAT_LIST | late;
    dgm_slice values[8];
    if (home == DGM_NONE || !key_of(r, rule, n, values)) return;
    uint32_t *words = r->words + r->frames[home].base + x->word; /* they do not move while no frame opens */
    if (!words[2]) words[2] = ++r->list_count;
    if (!x->merges && !told_apart(r, rule, what, words[2], values, n)) return;
    uint32_t id = dgm_map_index_add(r, what, words[2], values, rule->key_count, n);
    if (id == DGM_NONE) return;
    if (x->merges && rule->where) {
        uint32_t later = dgm_map_where_later(r, frame, x->rule, n, true);
        r->entries[id].later = later;
    }
    if (r->entries[id].head != id) return;
    if (words[1])
        r->entries[words[1] - 1].listed = id + 1;
    else
        words[0] = id + 1;
    words[1] = id + 1;
}

/* ---- picks --------------------------------------------------------------------------------------------------------------- */

static bool pick(dgm_runner *r, map_pick_kind kind, uint32_t node, uint32_t what)
{
    void *all = r->picks;
    bool ok = dgm_map_reserve(r, &all, &r->pick_room, r->pick_count + 1, sizeof *r->picks);
    r->picks = all;
    if (ok) r->picks[r->pick_count++] = (map_pick){ kind, node, what };
    return ok;
}

/* Writing: an occurrence for each of those that are walked singly, with all that is said once. */
static bool pick_written(dgm_runner *r, const map_late *x, uint32_t node)
{
    uint32_t dot = r->p->blocks[x->opens].dot, many = 0;
    if (dot) {
        map_iter it;
        dgm_map_iter_begin(&it, r->in, node, r->p->blocks[dot - 1].dot_place);
        for (uint32_t n; (n = dgm_map_iter_next(&it)) != DGM_NONE; many++)
            if (!pick(r, MAP_PICK_OPEN, node, 0) || !pick(r, MAP_PICK_DOT, n, dot - 1) || !pick(r, MAP_PICK_CLOSE, node, 0))
                return false;
    }
    return many || (pick(r, MAP_PICK_OPEN, node, 0) && pick(r, MAP_PICK_CLOSE, node, 0));
}

/* Reading: all with the key of this head are one occurrence. */
static bool pick_merged(dgm_runner *r, const map_late *x, uint32_t head)
{
    for (uint32_t at = head + 1; at; at = r->entries[at - 1].same) {
        uint32_t n = r->entries[at - 1].node;
        if (!pick(r, at == head + 1 ? MAP_PICK_OPEN : MAP_PICK_WALK, n, 0)) return false;
        for (uint32_t dot = r->p->blocks[x->opens].dot; dot; dot = r->p->blocks[dot - 1].dot_next)
            if (!pick(r, MAP_PICK_DOT, n, dot - 1)) return false;
    }
    return pick(r, MAP_PICK_CLOSE, r->entries[head].node, head + 1);
}

static void load_gathered(dgm_runner *r, const map_late *x, uint32_t frame)
{
    for (uint32_t at = r->words[r->frames[frame].base + x->word]; at; at = r->entries[at - 1].listed)
        if (!(x->merges ? pick_merged(r, x, at - 1) : pick_written(r, x, r->entries[at - 1].node))) return;
}

/* One that a join found: it may be walked from several occurrences around, but has one key among its own. */
static bool pick_joined(dgm_runner *r, const map_late *x, uint32_t frame, uint32_t node, bool asked)
{
    const map_rule *rule = rule_of(r, x);
    dgm_slice values[8];
    if (rule->where && !asked && r->p->direction == DGM_WRITE && !dgm_map_where(r, rule->where, frame, node)) return true;
    if (rule->key_count) {
        uint32_t what = MAP_WHAT_LIST | (uint32_t)(x - r->p->lates);
        if (!key_of(r, rule, node, values) || !told_apart(r, rule, what, 0, values, node)) return true;
        if (dgm_map_index_add(r, what, 0, values, rule->key_count, node) == DGM_NONE) return false;
    }
    dgm_map_join_used(r, &r->p->joins[x->join], node);
    return pick_written(r, x, node);
}

static void load(dgm_runner *r, const map_late *x, uint32_t frame)
{
    if (x->join == DGM_NONE) {
        load_gathered(r, x, frame);
        return;
    }
    const map_rule *rule = rule_of(r, x);
    if (rule->cond != DGM_NONE && !dgm_map_cond(r, rule->cond, frame)) return;
    if (!r->p->joins[x->join].key_count) {
        uint32_t count;
        const uint32_t *nodes = dgm_map_where_nodes(r, frame, x->join, &count);
        for (uint32_t i = 0; i < count; i++)
            if (!pick_joined(r, x, frame, nodes[i], true)) return;
        return;
    }
    uint32_t head = dgm_map_join_head(r, frame, x->join);
    for (uint32_t at = head == DGM_NONE ? 0 : head + 1; at; at = r->entries[at - 1].same)
        if (!pick_joined(r, x, frame, r->entries[at - 1].node, false)) return;
}

/* ---- taking them --------------------------------------------------------------------------------------------------------- */

static bool walk(dgm_runner *r, uint32_t source, uint32_t frame, uint32_t n, bool closes)
{
    const map_source *s = &r->p->sources[source];
    dgm_map_enter_root(r, source, frame, n);
    uint32_t end = dgm_node_leaf(&r->in->nodes[n]) ? dgm_tree_next(r->in, n) : dgm_tree_end(r->in, n);
    return dgm_map_walk_push(r, (map_walk){ n + 1, end, frame, DGM_NONE, s->map, s->first_child, s->child_count, closes });
}

/* Another occurrence goes on in a frame: what counts within one begins anew, and texts are joined within one. */
static void one_more(dgm_runner *r, const map_late *x, uint32_t frame)
{
    const map_plan_block *b = &r->p->blocks[x->opens];
    uint32_t *words = r->words + r->frames[frame].base;
    for (uint32_t i = 0; i < b->end_count; i++) {
        const map_end *e = &r->p->ends[b->end_first + i];
        if (e->kind != MAP_END_FOLD || !words[e->word]) continue;
        if (e->cond == DGM_NONE || dgm_map_cond(r, e->cond, frame)) dgm_map_fold_read(r, frame, e);
        words[e->word] = words[e->word + 1] = 0;
    }
    const map_source *s = &r->p->sources[x->source];
    memset(words + s->reset_from, 0, (s->reset_to - s->reset_from) * sizeof *words);
}

/* What was noted about the members of a group is about the occurrence that they made. */
static void note_made(dgm_runner *r, const map_late *x, uint32_t own, uint32_t head)
{
    uint32_t made = dgm_map_made(r, own, r->p->blocks[x->opens].target);
    for (uint32_t at = head; at; at = r->entries[at - 1].same)
        if (r->entries[at - 1].later) r->later[r->entries[at - 1].later - 1].second = made;
}

static bool take(dgm_runner *r, const map_late *x, uint32_t turn, const map_pick *k)
{
    uint32_t own = r->turns[turn].own;
    switch ((map_pick_kind)k->kind) {
    case MAP_PICK_OPEN:
        own = dgm_map_frame_open(r, x->opens, r->turns[turn].frame, k->node);
        if (own == DGM_NONE) return false;
        r->turns[turn].own = own;
        if (r->p->blocks[x->opens].always) dgm_map_ensure(r, own, r->p->blocks[x->opens].target, k->node, x->rule);
        return walk(r, x->source, own, k->node, false);
    case MAP_PICK_WALK: one_more(r, x, own); return walk(r, x->source, own, k->node, false);
    case MAP_PICK_DOT:
        own = dgm_map_frame_open(r, k->what, own, k->node);
        return own != DGM_NONE && walk(r, r->p->blocks[k->what].source, own, k->node, true);
    case MAP_PICK_CLOSE:
        if (k->what) note_made(r, x, own, k->what);
        return dgm_map_walk_push(r, (map_walk){ 0, 0, own, DGM_NONE, NULL, 0, 0, true });
    }
    return false;
}

static map_turn *turn_of(dgm_runner *r, uint32_t frame)
{
    if (r->turn_count && r->turns[r->turn_count - 1].frame == frame) return &r->turns[r->turn_count - 1];
    void *all = r->turns;
    bool ok = dgm_map_reserve(r, &all, &r->turn_room, r->turn_count + 1, sizeof *r->turns);
    r->turns = all;
    if (!ok) return NULL;
    r->turns[r->turn_count] = (map_turn){ .frame = frame, .late = r->p->blocks[r->frames[frame].block].late };
    return &r->turns[r->turn_count++];
}

bool dgm_map_turn(dgm_runner *r, uint32_t frame)
{
    map_turn *t = turn_of(r, frame);
    while (t && t->late && r->status == DGM_OK) {
        const map_late *x = &r->p->lates[t->late - 1];
        if (!t->loaded) {
            t->first = (uint32_t)r->pick_count;
            load(r, x, frame);
            t->at = 0;
            t->count = (uint32_t)r->pick_count - t->first;
            t->loaded = true;
        }
        if (t->at < t->count) {
            map_pick k = r->picks[t->first + t->at++];
            return take(r, x, (uint32_t)(t - r->turns), &k);
        }
        r->pick_count = t->first;
        t->late = x->next;
        t->loaded = false;
    }
    if (t) r->turn_count--;
    return false;
}

/* ---- keys that are written ----------------------------------------------------------------------------------------------- */

/* The number of an occurrence around that was to be given when that ends: rows with it come before. */
static bool numbered(dgm_runner *r, const map_test *t, uint32_t frame, dgm_slice *out)
{
    const map_instr *i = &t->name->code[0];
    if (i->op != MAP_X_NAME || !r->p->named[i->index].counter) return false;
    return dgm_map_name_number(r, i->index, frame, out);
}

void dgm_map_write_keys(dgm_runner *r, uint32_t frame, const map_end *e)
{
    const map_key_write *k = &r->p->key_writes[e->join];
    dgm_slice values[8];
    if (dgm_map_made(r, frame, k->occurrence) == DGM_NONE) return;
    for (uint32_t i = 0; i < k->count; i++) {
        if (!dgm_map_key_value(r, &k->keys[i], frame, &values[i]) && !numbered(r, &k->keys[i], frame, &values[i])) {
            uint32_t node = r->frames[frame].node;
            dgm_map_key_empty(r, node, k->rule, name_at(r, node), k->keys[i].name->text);
            return;
        }
        dgm_map_put(r, frame, k->targets[i], values[i], DGM_NONE, k->rule);
    }
    uint32_t above = r->p->targets[r->p->targets[k->occurrence].above].block;
    uint32_t home = dgm_map_frame_of(r, frame, above), own = k->each ? r->frames[frame].above : frame;
    if (home == DGM_NONE || own == DGM_NONE) return;
    uint32_t what = MAP_WHAT_KEY | e->join, base = r->frames[home].node, owner = r->frames[own].node;
    uint32_t had = dgm_map_index_find(r, what, base, values, k->count);
    if (had == DGM_NONE)
        (void)dgm_map_index_add(r, what, base, values, k->count, owner);
    else if (r->entries[had].node != owner)
        dgm_map_key_twice(r, owner, k->rule, values, k->count, name_at(r, owner));
}
