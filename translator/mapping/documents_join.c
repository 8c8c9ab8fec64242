/* SPDX-License-Identifier: Apache-2.0
 *
 * documents_join.c - puts together what documents were written as when they share a message: what stands around them is said once,
 * and has to be the same in all; occurrences around them are one where their keys are; totals are of all. One thread.
 */
#include "documents_run.h"

/* What one document was written as. */
typedef struct shared_member {
    const dgm_tree *target;
    uint32_t row[MAP_LEVELS_MAX + 1]; /* by level: its occurrence, the first one of the innermost */
    uint32_t group;                   /* of the level around the innermost */
    uint32_t next;                    /* of that group, + 1 */
} shared_member;

/* An occurrence of a level around the documents; number 0 is the message. */
typedef struct shared_group {
    uint32_t level, above, leader; /* leader: the document that says what stands around */
    uint32_t first, last;          /* groups of the level beneath, or documents, + 1 */
    uint32_t next;                 /* of the group above, + 1 */
    uint32_t count;                /* occurrences of the level beneath */
} shared_group;

struct dgm_shared {
    dgm_mem mem;
    const dgm_mapping *m;
    const map_prefix *x;
    dgm_builder *builder;
    dgm_tree *made;
    dgm_keyed known; /* groups by level, the group above and their keys */
    dgm_buffer key;
    shared_member *members;
    const dgm_tree **models; /* of the members */
    shared_group *groups;
    const dgm_tree **some; /* models of one group */
    size_t count, room, model_room, group_count, group_room, some_room;
};

dgm_status dgm_shared_new(const dgm_mem *mem, const dgm_limits *limits, dgm_shared **out)
{
    *out = NULL;
    dgm_shared *s = dgm_mem_new(mem, sizeof *s);
    if (!s) return DGM_NOMEM;
    s->mem = *mem;
    dgm_keyed_init(&s->known, mem);
    dgm_buffer_init(&s->key, mem);
    dgm_status status = dgm_builder_new(mem, limits, &s->builder);
    if (status == DGM_OK)
        *out = s;
    else
        dgm_shared_free(s);
    return status;
}

static void forget(dgm_shared *s)
{
    if (s->made) dgm_builder_recycle(s->builder, s->made);
    s->made = NULL;
    s->count = s->group_count = 0;
    dgm_keyed_clear(&s->known);
}

void dgm_shared_free(dgm_shared *s)
{
    if (!s) return;
    dgm_mem mem = s->mem;
    forget(s);
    dgm_keyed_free(&s->known);
    dgm_buffer_free(&s->key);
    dgm_builder_free(s->builder);
    dgm_mem_free(&mem, s->members, s->room * sizeof *s->members);
    dgm_mem_free(&mem, s->models, s->model_room * sizeof *s->models);
    dgm_mem_free(&mem, s->groups, s->group_room * sizeof *s->groups);
    dgm_mem_free(&mem, s->some, s->some_room * sizeof *s->some);
    dgm_mem_free(&mem, s, sizeof *s);
}

void dgm_shared_begin(dgm_shared *s, const dgm_mapping *m)
{
    forget(s);
    s->m = m;
    s->x = &m->document->at[MAP_WIRE];
}

uint32_t dgm_shared_count(const dgm_shared *s)
{
    return (uint32_t)s->count;
}

/* ---- keys ---------------------------------------------------------------------------------------------------------------- */

/* The keys of one level, behind what is there; false: one of them is empty. */
static bool keys_of(const dgm_mapping *m, uint32_t level, const dgm_tree *model, dgm_buffer *out, dgm_status *status)
{
    const map_document *d = m->document;
    bool any = false;
    for (uint32_t i = 0; i < d->key_count && *status == DGM_OK; i++) {
        if (d->keys[i].level != level) continue;
        uint32_t leaf = dgm_map_find(model, 0, d->keys[i].side[MAP_MODEL]);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(model, leaf);
        if (!v.len) return false;
        *status = dgm_keyed_append(out, v);
        any = true;
    }
    return any;
}

bool dgm_mapping_message_key(const dgm_mapping *m, const dgm_tree *model, dgm_buffer *out, dgm_status *status)
{
    *status = DGM_OK;
    return m->document && keys_of(m, 0, model, out, status);
}

/* ---- comparing what stands around ---------------------------------------------------------------------------------------- */

typedef struct around {
    const dgm_tree *t;
    uint32_t at, end;
    const map_step *skip; /* occurrences of the level beneath */
} around;

/* Goes on to the next node that is said once. */
static bool next_around(around *a)
{
    while (a->at < a->end) {
        const dgm_node *n = &a->t->nodes[a->at];
        if (dgm_node_slot(n) != a->skip->slot || !dgm_map_tests_pass(a->t, a->at, a->skip->tests, a->skip->test_count)) return true;
        a->at = dgm_tree_next(a->t, a->at);
    }
    return false;
}

/* Whether this node holds a total: those are not compared. */
static bool is_total(const dgm_shared *s, const dgm_tree *t, uint32_t node)
{
    const map_document *d = s->m->document;
    for (uint32_t i = 0; i < d->total_count; i++) {
        const map_place *p = s->m->rules[d->totals[i].rule].side[MAP_WIRE][0];
        if (p->slot == dgm_node_slot(&t->nodes[node]) && dgm_map_find(t, 0, p) == node) return true;
    }
    return false;
}

static void disagree(dgm_diags *diags, const around *mine, const around *before)
{
    const around *shown = mine->at < mine->end ? mine : before;
    dgm_diag *d = dgm_diags_add(diags, DGM_D_MAP_DOCUMENT_DISAGREE, DGM_ERROR);
    if (!d) return;
    char path[512];
    const around *both[2] = { mine, before };
    bool other = mine->at < mine->end && before->at < before->end &&
                 dgm_node_slot(&mine->t->nodes[mine->at]) != dgm_node_slot(&before->t->nodes[before->at]);
    for (int k = 0; k < 2; k++) {
        bool there = both[k]->at < both[k]->end && !(other && both[k] != shown);
        dgm_slice v = there ? dgm_tree_value(both[k]->t, both[k]->at) : (dgm_slice){ 0 };
        dgm_diag_text(diags, d, v.len ? v : there ? dgm_tree_name(both[k]->t, both[k]->at) : DGM_LITERAL("nothing"));
    }
    size_t len = dgm_tree_path(shown->t, shown->at, path, sizeof path);
    dgm_diag_path(diags, d, (dgm_slice){ path, len < sizeof path ? len : sizeof path - 1 });
    d->position = mine->t->position;
}

/* Whether two documents say the same around the occurrences of the level beneath theirs. */
static bool same_around(const dgm_shared *s, const shared_member *mine, const shared_member *before, uint32_t level,
                        dgm_diags *diags)
{
    const map_step *skip = &s->x->place->steps[s->x->step[level]];
    around a = { mine->target, mine->row[level] + 1, dgm_tree_end(mine->target, mine->row[level]), skip };
    around b = { before->target, before->row[level] + 1, dgm_tree_end(before->target, before->row[level]), skip };
    for (;;) {
        bool more = next_around(&a), same = more == next_around(&b);
        if (same && !more) return true;
        const dgm_node *x = &a.t->nodes[a.at], *y = &b.t->nodes[b.at];
        if (same && dgm_node_slot(x) == dgm_node_slot(y)) {
            bool alike = !dgm_node_leaf(x) || dgm_slice_equal(dgm_tree_value(a.t, a.at), dgm_tree_value(b.t, b.at));
            if (alike || (is_total(s, a.t, a.at) && is_total(s, b.t, b.at))) {
                a.at++;
                b.at++;
                continue;
            }
        }
        disagree(diags, &a, &b);
        return false;
    }
}

/* ---- adding -------------------------------------------------------------------------------------------------------------- */

/* The first occurrence of a level in what a document was written as; DGM_NONE. */
static uint32_t row_of(const dgm_shared *s, const dgm_tree *target, uint32_t level)
{
    map_place p = *s->x->place;
    if (!level) return 0;
    p.step_count = s->x->step[level - 1] + 1;
    p.way = NULL;
    p.whole = false;
    return dgm_map_find(target, 0, &p);
}

/* Its occurrences of the innermost level. */
static uint32_t own_count(const dgm_shared *s, const shared_member *m)
{
    const map_step *step = &s->x->place->steps[s->x->step[s->x->levels - 1]];
    uint32_t count = 0, end = dgm_tree_end(m->target, m->row[s->x->levels - 1]);
    for (uint32_t n = m->row[s->x->levels]; n < end; n = dgm_tree_next(m->target, n))
        count +=
            dgm_node_slot(&m->target->nodes[n]) == step->slot && dgm_map_tests_pass(m->target, n, step->tests, step->test_count);
    return count;
}

static dgm_status new_group(dgm_shared *s, shared_group group, uint32_t *id)
{
    void *all = s->groups;
    dgm_status status = dgm_mem_reserve(&s->mem, &all, &s->group_room, s->group_count + 1, sizeof *s->groups);
    s->groups = all;
    if (status != DGM_OK) return status;
    *id = (uint32_t)s->group_count;
    s->groups[s->group_count++] = group;
    return DGM_OK;
}

static uint32_t most_beneath(const dgm_shared *s, uint32_t level)
{
    const map_step *step = &s->x->place->steps[s->x->step[level]];
    return dgm_shape_slot(s->m->shape[MAP_WIRE], step->slot)->max;
}

/* The row of the key by which a document shares a group of a level beneath another one; NULL: it has none, and shares none. */
static dgm_status find_key(dgm_shared *s, uint32_t level, uint32_t above, const dgm_tree *model, dgm_keyed_row **row)
{
    uint32_t at[2] = { level, above }, number;
    *row = NULL;
    s->key.len = 0;
    dgm_status status = dgm_buffer_append(&s->key, (dgm_slice){ (const char *)at, sizeof at });
    if (status != DGM_OK || !keys_of(s->m, level, model, &s->key, &status)) return status;
    status = dgm_keyed_take(&s->known, dgm_buffer_slice(&s->key), &number);
    if (status == DGM_OK) *row = &s->known.rows[number];
    return status;
}

/* Hangs a group or a document beneath a group. */
static void hang(dgm_shared *s, uint32_t above, uint32_t what, bool group)
{
    shared_group *g = &s->groups[above];
    uint32_t *link = !g->last ? &g->first : group ? &s->groups[g->last - 1].next : &s->members[g->last - 1].next;
    *link = g->last = what + 1;
}

/* Whether a group has room for a document: for its occurrences, and for its key, by which it is told from others when it is read.
 */
static dgm_status fits(dgm_shared *s, uint32_t group, uint32_t level, const shared_member *m, const dgm_tree *model)
{
    dgm_keyed_row *row = NULL;
    if (s->groups[group].count + own_count(s, m) > most_beneath(s, level)) return DGM_END;
    dgm_status status = s->x->several ? find_key(s, s->x->levels, group, model, &row) : DGM_OK;
    return status == DGM_OK && row && row->value != DGM_NONE ? DGM_END : status;
}

/* A document of several occurrences has the key that makes them one. */
static bool has_own_key(dgm_shared *s, const dgm_tree *target, const dgm_tree *model, dgm_diags *diags, dgm_status *status)
{
    const map_document_key *key = s->m->document->keys;
    s->key.len = 0;
    *status = DGM_OK;
    if (!s->x->several || keys_of(s->m, s->x->levels, model, &s->key, status) || *status != DGM_OK) return *status == DGM_OK;
    while (key->level != s->x->levels) key++;
    dgm_diag *d = dgm_diags_add(diags, DGM_D_MAP_KEY_EMPTY, DGM_ERROR);
    if (d) d->position = target->position;
    dgm_diag_text(diags, d, dgm_shape_name(model->shape));
    dgm_diag_text(diags, d, key->text[MAP_MODEL]);
    *status = dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
    return false;
}

/* Where a document belongs, when it fits: the group of each level, DGM_NONE from where it begins new ones. */
static dgm_status place_member(dgm_shared *s, const shared_member *m, const dgm_tree *model, uint32_t *groups, dgm_diags *diags)
{
    groups[0] = s->count ? 0 : DGM_NONE;
    if (s->count && s->m->document->max && s->count >= s->m->document->max) return DGM_END;
    for (uint32_t level = 0; level < s->x->levels; level++) {
        uint32_t here = groups[level], next = level + 1;
        if (here == DGM_NONE) {
            if (next < s->x->levels) groups[next] = DGM_NONE;
            continue;
        }
        if (!same_around(s, m, &s->members[s->groups[here].leader], level, diags)) return DGM_INVALID;
        if (next == s->x->levels) return fits(s, here, level, m, model);
        dgm_keyed_row *row;
        dgm_status status = find_key(s, next, here, model, &row);
        if (status != DGM_OK) return status;
        groups[next] = row ? row->value : DGM_NONE;
        if (groups[next] == DGM_NONE && s->groups[here].count >= most_beneath(s, level)) return DGM_END;
    }
    return DGM_OK;
}

/* The groups that a document is the first of. */
static dgm_status make_groups(dgm_shared *s, const dgm_tree *model, uint32_t *groups, uint32_t leader)
{
    for (uint32_t level = 0; level < s->x->levels; level++) {
        if (groups[level] != DGM_NONE) continue;
        uint32_t above = level ? groups[level - 1] : 0;
        dgm_keyed_row *row = NULL;
        dgm_status status = level ? find_key(s, level, above, model, &row) : DGM_OK;
        if (status == DGM_OK)
            status = new_group(s, (shared_group){ .level = level, .above = above, .leader = leader }, &groups[level]);
        if (status != DGM_OK) return status;
        if (!level) continue;
        if (row) row->value = groups[level];
        hang(s, above, groups[level], true);
        s->groups[above].count++;
    }
    return DGM_OK;
}

static dgm_status room_for_one(dgm_shared *s)
{
    void *members = s->members, *models = s->models;
    dgm_status status = dgm_mem_reserve(&s->mem, &members, &s->room, s->count + 1, sizeof *s->members);
    s->members = members;
    if (status == DGM_OK) status = dgm_mem_reserve(&s->mem, &models, &s->model_room, s->count + 1, sizeof *s->models);
    s->models = models;
    return status;
}

dgm_status dgm_shared_add(dgm_shared *s, const dgm_tree *target, const dgm_tree *model, dgm_diags *diags)
{
    shared_member m = { .target = target };
    uint32_t groups[MAP_LEVELS_MAX + 1] = { 0 };
    for (uint32_t level = 0; level <= s->x->levels; level++) {
        m.row[level] = row_of(s, target, level);
        if (m.row[level] != DGM_NONE) continue;
        dgm_diag *d = dgm_diags_add(diags, DGM_D_MAP_DOCUMENT_EMPTY, DGM_ERROR);
        if (d) d->position = target->position;
        dgm_diag_text(diags, d, s->x->place->text);
        return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
    }
    dgm_status status;
    if (!has_own_key(s, target, model, diags, &status)) return status;
    status = room_for_one(s);
    if (status == DGM_OK) status = place_member(s, &m, model, groups, diags);
    if (status == DGM_INVALID && dgm_diags_failed(diags)) status = DGM_NOMEM;
    if (status != DGM_OK) return status;
    status = make_groups(s, model, groups, (uint32_t)s->count);
    if (status != DGM_OK) return status;
    m.group = groups[s->x->levels - 1];
    dgm_keyed_row *row = NULL;
    if (s->x->several) status = find_key(s, s->x->levels, m.group, model, &row);
    if (status != DGM_OK) return status;
    if (row) row->value = (uint32_t)s->count;
    s->members[s->count] = m;
    s->models[s->count++] = model;
    hang(s, m.group, (uint32_t)s->count - 1, false);
    s->groups[m.group].count += own_count(s, &m);
    return DGM_OK;
}

/* ---- the message --------------------------------------------------------------------------------------------------------- */

/* A total of a group: where it stands in what its leader was written as, and what it comes to. */
typedef struct shared_sum {
    uint32_t node;
    dgm_slice value;
} shared_sum;

static dgm_slice value_of(const dgm_tree *t, uint32_t node, const shared_sum *sums, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (sums[i].node == node) return sums[i].value;
    return dgm_tree_value(t, node);
}

/* Copies what stands beneath a node, but for occurrences of the level beneath. *into: what those stand in. */
static bool copy_beneath(dgm_shared *s, const dgm_tree *t, uint32_t node, uint32_t id, const map_step *skip, const shared_sum *sums,
                         uint32_t sum_count, uint32_t *into)
{
    uint32_t ends[DGM_DEPTH_MAX + 1], ids[DGM_DEPTH_MAX + 1], depth = 0;
    uint32_t leaf = DGM_NONE, leaf_slot = DGM_SLOT_NONE, end = dgm_tree_end(t, node);
    ends[0] = end;
    ids[0] = id;
    for (uint32_t n = node + 1; n < end;) {
        while (ends[depth] <= n) depth--;
        const dgm_node *x = &t->nodes[n];
        uint32_t slot = dgm_node_slot(x), above = ids[depth];
        if (skip && slot == skip->slot && dgm_map_tests_pass(t, n, skip->tests, skip->test_count)) {
            *into = above;
            n = dgm_tree_next(t, n);
        } else if (dgm_node_leaf(x)) {
            bool attribute = leaf_slot != DGM_SLOT_NONE && dgm_shape_slot(t->shape, slot)->parent == leaf_slot;
            uint32_t made = dgm_builder_leaf(s->builder, attribute ? leaf : above, slot, 0, value_of(t, n, sums, sum_count));
            if (!attribute) leaf = made, leaf_slot = slot;
            n++;
        } else {
            if (depth == DGM_DEPTH_MAX) return false;
            leaf_slot = DGM_SLOT_NONE;
            ids[++depth] = dgm_builder_open(s->builder, above, slot, 0);
            ends[depth] = dgm_tree_end(t, n);
            n++;
        }
    }
    return true;
}

/* The models of all documents of a group, whatever the level. As deep as there are levels. */
static dgm_status models_of(dgm_shared *s, uint32_t group, uint32_t *count)
{
    const shared_group *g = &s->groups[group];
    bool inner = g->level + 1 == s->x->levels;
    for (uint32_t at = g->first; at; at = inner ? s->members[at - 1].next : s->groups[at - 1].next) {
        dgm_status status = DGM_OK;
        if (!inner) {
            status = models_of(s, at - 1, count);
        } else {
            void *some = s->some;
            status = dgm_mem_reserve(&s->mem, &some, &s->some_room, *count + 1u, sizeof *s->some);
            s->some = some;
            if (status == DGM_OK) s->some[(*count)++] = s->models[at - 1];
        }
        if (status != DGM_OK) return status;
    }
    return DGM_OK;
}

/* What is said of all documents of a group: *sums, in the runner's memory. */
static dgm_status sums_of(dgm_shared *s, dgm_runner *r, uint32_t group, shared_sum **sums, uint32_t *sum_count)
{
    const map_document *d = s->m->document;
    const shared_group *g = &s->groups[group];
    const dgm_tree *t = s->members[g->leader].target;
    uint32_t count = 0;
    *sum_count = 0;
    *sums = DGM_NEW(&r->arena, shared_sum, d->total_count + 1u);
    if (!*sums) return DGM_NOMEM;
    for (uint32_t i = 0; i < d->total_count; i++) {
        if (d->totals[i].level != g->level) continue;
        dgm_status status = count ? DGM_OK : models_of(s, group, &count);
        if (status != DGM_OK) return status;
        shared_sum sum = { .node = dgm_map_find(t, 0, s->m->rules[d->totals[i].rule].side[MAP_WIRE][0]) };
        if (sum.node != DGM_NONE && dgm_map_total(r, d->totals[i].rule, s->some, count, &sum.value)) (*sums)[(*sum_count)++] = sum;
        if (r->status != DGM_OK) return r->status;
    }
    return DGM_OK;
}

/* The innermost occurrences of one document. */
static bool copy_own(dgm_shared *s, const shared_member *m, uint32_t into)
{
    const map_step *step = &s->x->place->steps[s->x->step[s->x->levels - 1]];
    uint32_t end = dgm_tree_end(m->target, m->row[s->x->levels - 1]);
    for (uint32_t n = m->row[s->x->levels]; n < end; n = dgm_tree_next(m->target, n)) {
        if (dgm_node_slot(&m->target->nodes[n]) != step->slot) continue;
        if (!dgm_map_tests_pass(m->target, n, step->tests, step->test_count)) continue;
        uint32_t id = dgm_builder_open(s->builder, into, step->slot, 0);
        if (!copy_beneath(s, m->target, n, id, NULL, NULL, 0, NULL)) return false;
    }
    return true;
}

/* A group with all that is in it, beneath what is made already. As deep as there are levels. */
static dgm_status copy_group(dgm_shared *s, dgm_runner *r, uint32_t group, uint32_t id)
{
    const shared_group g = s->groups[group];
    const map_step *beneath = &s->x->place->steps[s->x->step[g.level]];
    const shared_member *leader = &s->members[g.leader];
    shared_sum *sums;
    uint32_t sum_count, into = id;
    dgm_status status = sums_of(s, r, group, &sums, &sum_count);
    if (status == DGM_OK && !copy_beneath(s, leader->target, leader->row[g.level], id, beneath, sums, sum_count, &into))
        status = DGM_LIMIT;
    bool inner = g.level + 1 == s->x->levels;
    for (uint32_t at = g.first; at && status == DGM_OK; at = inner ? s->members[at - 1].next : s->groups[at - 1].next) {
        if (inner)
            status = copy_own(s, &s->members[at - 1], into) ? DGM_OK : DGM_LIMIT;
        else
            status = copy_group(s, r, at - 1, dgm_builder_open(s->builder, into, beneath->slot, 0));
    }
    return status == DGM_OK ? dgm_builder_status(s->builder) : status;
}

dgm_status dgm_shared_finish(dgm_shared *s, dgm_runner *r, dgm_diags *diags, const dgm_tree **out)
{
    *out = NULL;
    if (!s->count || s->made) return DGM_USAGE;
    dgm_map_speak(r, s->m, DGM_WRITE, s->models[0], diags);
    dgm_arena_reset(&r->arena, 1 << 16);
    dgm_status status = dgm_builder_begin(s->builder, s->m->shape[MAP_WIRE], false);
    if (status == DGM_OK) status = copy_group(s, r, 0, 0);
    if (status == DGM_OK) status = dgm_builder_freeze(s->builder, &s->made, NULL);
    if (status != DGM_OK) return status;
    s->made->position = s->members[0].target->position;
    s->made->reference = (dgm_slice){ 0 };
    *out = s->made;
    return DGM_OK;
}
