/* SPDX-License-Identifier: Apache-2.0
 *
 * join.c - the index of a run: what stands under which key, found by hashing all of its bytes, so that joining costs the same for
 * each row however many there are. Keys that should tie to one thing are held to it. One thread for each runner.
 */
#include "late.h"

#include "base/hash.h"

#include <stdlib.h>

enum { BUCKETS_LEAST = 64, KEYS_MAX = 8 };

/* ---- the index ----------------------------------------------------------------------------------------------------------- */

/* Begins with where the runner lies, so that no sender knows which keys meet. */
static uint64_t hash_of(const dgm_runner *r, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count)
{
    uint64_t h = dgm_hash_number((uintptr_t)r, (uint64_t)what << 32 | base);
    for (uint32_t i = 0; i < count; i++) h = dgm_hash_bytes(h, values[i]);
    return h;
}

static bool same_values(const map_entry *e, const dgm_slice *values)
{
    for (uint32_t i = 0; i < e->value_count; i++)
        if (!dgm_slice_equal(e->values[i], values[i])) return false;
    return true;
}

static bool rehash(dgm_runner *r)
{
    size_t wanted = r->bucket_count ? r->bucket_count * 2 : BUCKETS_LEAST;
    void *buckets = r->buckets;
    bool ok = dgm_map_reserve(r, &buckets, &r->bucket_room, wanted, sizeof *r->buckets);
    r->buckets = buckets;
    if (!ok) return false;
    r->bucket_count = wanted;
    memset(r->buckets, 0, wanted * sizeof *r->buckets);
    for (uint32_t i = 0; i < r->entry_count; i++) {
        map_entry *e = &r->entries[i];
        if (e->head != i) continue;
        uint32_t *b = &r->buckets[e->hash & (wanted - 1)];
        e->chain = *b;
        *b = i + 1;
    }
    return true;
}

static uint32_t find(const dgm_runner *r, uint64_t hash, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count)
{
    for (uint32_t at = r->bucket_count ? r->buckets[hash & (r->bucket_count - 1)] : 0; at; at = r->entries[at - 1].chain) {
        const map_entry *e = &r->entries[at - 1];
        if (e->hash == hash && e->what == what && e->base == base && e->value_count == count && same_values(e, values))
            return at - 1;
    }
    return DGM_NONE;
}

uint32_t dgm_map_index_find(const dgm_runner *r, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count)
{
    return r->entry_count ? find(r, hash_of(r, what, base, values, count), what, base, values, count) : DGM_NONE;
}

uint32_t dgm_map_index_add(dgm_runner *r, uint32_t what, uint32_t base, const dgm_slice *values, uint32_t count, uint32_t node)
{
    uint64_t hash = hash_of(r, what, base, values, count);
    uint32_t head = find(r, hash, what, base, values, count), id = (uint32_t)r->entry_count;
    void *all = r->entries;
    bool ok = id < UINT32_MAX / 2 && dgm_map_reserve(r, &all, &r->entry_room, id + 1u, sizeof *r->entries);
    r->entries = all;
    if (!ok || (r->entry_count >= r->bucket_count && !rehash(r))) return DGM_NONE;
    map_entry e = { .hash = hash, .value_count = count, .what = what, .base = base, .node = node, .head = head, .last = id };
    if (head != DGM_NONE) {
        e.values = r->entries[head].values;
        r->entries[r->entries[head].last].same = id + 1;
        r->entries[head].last = id;
    } else {
        dgm_slice *kept = DGM_NEW(&r->arena, dgm_slice, count + 1u);
        if (!kept) {
            dgm_map_fail(r, DGM_NOMEM);
            return DGM_NONE;
        }
        for (uint32_t i = 0; i < count; i++) kept[i] = values[i];
        e.values = kept;
        e.head = id;
        uint32_t *b = &r->buckets[hash & (r->bucket_count - 1)];
        e.chain = *b;
        *b = id + 1;
    }
    r->entries[r->entry_count++] = e;
    return id;
}

void dgm_map_index_begin(dgm_runner *r)
{
    if (r->entry_count) memset(r->buckets, 0, r->bucket_count * sizeof *r->buckets);
    r->entry_count = 0;
    r->pick_count = r->turn_count = 0;
    r->list_count = 0;
}

/* ---- what is told -------------------------------------------------------------------------------------------------------- */

static dgm_slice first_of(const dgm_slice *values, uint32_t count)
{
    return count ? values[0] : (dgm_slice){ 0 };
}

void dgm_map_key_twice(dgm_runner *r, uint32_t node, uint32_t rule, const dgm_slice *values, uint32_t count, dgm_slice of)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_KEY_TWICE, DGM_ERROR, node, rule);
    dgm_diag_text(r->diags, d, first_of(values, count));
    dgm_diag_text(r->diags, d, of);
    dgm_map_problem_rule(r, d, rule);
}

void dgm_map_key_empty(dgm_runner *r, uint32_t node, uint32_t rule, dgm_slice of, dgm_slice key)
{
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_KEY_EMPTY, DGM_ERROR, node, rule);
    dgm_diag_text(r->diags, d, of);
    dgm_diag_text(r->diags, d, key);
    dgm_map_problem_rule(r, d, rule);
}

/* ---- joins --------------------------------------------------------------------------------------------------------------- */

/* Tests on the way to what a join finds chose it. */
static void mark_way(dgm_runner *r, const map_join *j, uint32_t base)
{
    for (uint32_t i = 0; r->with_accounts && i < j->step; i++) {
        const map_step *s = &j->place->steps[i];
        if (!s->test_count) continue;
        map_place head = *j->place;
        head.step_count = i + 1;
        map_iter it;
        dgm_map_iter_begin(&it, r->in, base, &head);
        for (uint32_t n; (n = dgm_map_iter_next(&it)) != DGM_NONE;)
            for (uint32_t k = 0; k < s->test_count; k++) {
                uint32_t leaf = dgm_map_below(r->in, n, s->tests[k].path, s->tests[k].path_len);
                if (leaf != DGM_NONE && r->accounts[leaf] == DGM_ACCOUNT_NONE)
                    dgm_map_mark_node(r, leaf, DGM_ACCOUNT_SELECTOR, j->rule);
            }
    }
}

static bool add_candidate(dgm_runner *r, uint32_t what, const map_join *j, uint32_t base, uint32_t n)
{
    dgm_slice values[KEYS_MAX];
    if (j->key_count) {
        for (uint32_t k = 0; k < j->key_count; k++) {
            uint32_t leaf = dgm_map_below(r->in, n, j->keys[k].path, j->keys[k].path_len);
            values[k] = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(r->in, leaf);
        }
        return dgm_map_index_add(r, what, base, values, j->key_count, n) != DGM_NONE;
    }
    map_iter it;
    dgm_map_iter_begin(&it, r->in, n, j->left);
    for (uint32_t leaf; (leaf = dgm_map_iter_next(&it)) != DGM_NONE;) {
        values[0] = dgm_tree_value(r->in, leaf);
        if (values[0].len && dgm_map_index_add(r, what, base, values, 1, n) == DGM_NONE) return false;
    }
    return true;
}

/* All occurrences that the join may find from this base, once. */
static bool build(dgm_runner *r, uint32_t join, uint32_t base)
{
    const map_join *j = &r->p->joins[join];
    uint32_t built = MAP_WHAT_BUILT | join;
    if (dgm_map_index_find(r, built, base, NULL, 0) != DGM_NONE) return true;
    if (dgm_map_index_add(r, built, base, NULL, 0, base) == DGM_NONE) return false;
    map_place head = *j->place;
    head.step_count = j->step + 1;
    map_iter it;
    dgm_map_iter_begin(&it, r->in, base, &head);
    for (uint32_t n; (n = dgm_map_iter_next(&it)) != DGM_NONE;)
        if (!add_candidate(r, MAP_WHAT_JOIN | join, j, base, n)) return false;
    mark_way(r, j, base);
    return true;
}

/* Whether a row has the keys that a frame's names are. */
bool dgm_map_has_keys(dgm_runner *r, uint32_t frame, const map_step *s, uint32_t node)
{
    for (uint32_t k = 0; k < s->join_count; k++) {
        dgm_slice wanted;
        uint32_t leaf = dgm_map_below(r->in, node, s->joins[k].path, s->joins[k].path_len);
        if (leaf == DGM_NONE || !dgm_map_key_value(r, &s->joins[k], frame, &wanted)) return false;
        if (!dgm_slice_equal(wanted, dgm_tree_value(r->in, leaf))) return false;
    }
    return true;
}

bool dgm_map_key_value(dgm_runner *r, const map_test *t, uint32_t frame, dgm_slice *out)
{
    const map_instr *i = &t->name->code[0];
    if (i->op == MAP_X_PARAM)
        *out = r->params[i->index];
    else if (!dgm_map_name(r, i->index, frame, out))
        return false;
    return out->len > 0;
}

/* What the values of a test's names are on this side; false: one is nothing, and nothing is found. */
static bool wanted_values(dgm_runner *r, const map_join *j, uint32_t frame, dgm_slice *values)
{
    for (uint32_t k = 0; k < j->key_count; k++)
        if (!dgm_map_key_value(r, &j->keys[k], frame, &values[k])) return false;
    return true;
}

uint32_t dgm_map_join_head(dgm_runner *r, uint32_t frame, uint32_t join)
{
    const map_join *j = &r->p->joins[join];
    dgm_slice values[KEYS_MAX];
    uint32_t base = dgm_map_place_base(r, frame, j->place), owner = r->frames[frame].node + 1;
    if (!wanted_values(r, j, frame, values) || !build(r, join, base)) return DGM_NONE;
    uint32_t head = dgm_map_index_find(r, MAP_WHAT_JOIN | join, base, values, j->key_count);
    if (head == DGM_NONE) return head;
    map_entry *e = &r->entries[head];
    if (!e->owner) e->owner = owner;
    if (e->owner == owner) return head;
    dgm_slice of = dgm_shape_slot(r->p->from, dgm_node_slot(&r->in->nodes[r->frames[frame].node]))->name;
    dgm_map_key_twice(r, r->frames[frame].node, j->rule, values, j->key_count, of);
    return DGM_NONE;
}

void dgm_map_join_used(dgm_runner *r, const map_join *j, uint32_t node)
{
    const map_step *s = &j->place->steps[j->step];
    for (uint32_t k = 0; r->with_accounts && k < j->key_count; k++) {
        uint32_t leaf = dgm_map_below(r->in, node, j->keys[k].path, j->keys[k].path_len);
        if (leaf != DGM_NONE && r->accounts[leaf] == DGM_ACCOUNT_NONE) dgm_map_mark_node(r, leaf, DGM_ACCOUNT_VERIFIED, j->rule);
    }
    for (uint32_t k = 0; r->with_accounts && k < s->test_count; k++) {
        uint32_t leaf = dgm_map_below(r->in, node, s->tests[k].path, s->tests[k].path_len);
        if (leaf != DGM_NONE && r->accounts[leaf] == DGM_ACCOUNT_NONE) dgm_map_mark_node(r, leaf, DGM_ACCOUNT_SELECTOR, j->rule);
    }
}

uint32_t dgm_map_find_joined(dgm_runner *r, uint32_t frame, uint32_t join)
{
    const map_join *j = &r->p->joins[join];
    uint32_t head = dgm_map_join_head(r, frame, join);
    if (head == DGM_NONE) return DGM_NONE;
    uint32_t node = r->entries[head].node;
    if (r->entries[head].same) dgm_map_several(r, r->entries[r->entries[head].same - 1].node, j->rule);
    map_place rest = *j->place; /* what of it stands beneath */
    rest.root = false;
    rest.up = 0;
    rest.way = NULL;
    rest.steps += j->step + 1;
    rest.step_count -= j->step + 1;
    uint32_t found = dgm_map_find(r->in, node, &rest);
    if (found != DGM_NONE) dgm_map_join_used(r, j, node);
    return found;
}

/* ---- where: occurrences from the top by the values beneath the one around ------------------------------------------------- */

static int by_node(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* All that have one of the values, once each and in their order; *count of them. NULL: none. */
const uint32_t *dgm_map_where_nodes(dgm_runner *r, uint32_t frame, uint32_t join, uint32_t *count)
{
    const map_join *j = &r->p->joins[join];
    uint32_t base = dgm_map_place_base(r, frame, j->place), all = 0, n = 0;
    *count = 0;
    if (!build(r, join, base)) return NULL;
    uint32_t up = dgm_map_place_base(r, frame, j->right);
    uint32_t *nodes = NULL;
    for (int pass = 0; pass < 2; pass++) { /* count, then take */
        map_iter it;
        dgm_map_iter_begin(&it, r->in, up, j->right);
        for (uint32_t leaf; (leaf = dgm_map_iter_next(&it)) != DGM_NONE;) {
            dgm_slice v = dgm_tree_value(r->in, leaf);
            uint32_t e = v.len ? dgm_map_index_find(r, MAP_WHAT_JOIN | join, base, &v, 1) : DGM_NONE;
            for (uint32_t at = e == DGM_NONE ? 0 : e + 1; at; at = r->entries[at - 1].same) {
                if (nodes && n < all) nodes[n++] = r->entries[at - 1].node;
                all += !pass;
            }
        }
        if (!all) return NULL;
        if (!pass) nodes = DGM_NEW(&r->arena, uint32_t, all + 1u);
        if (!nodes) {
            dgm_map_fail(r, DGM_NOMEM);
            return NULL;
        }
    }
    qsort(nodes, n, sizeof *nodes, by_node);
    for (uint32_t i = 0; i < n; i++)
        if (!*count || nodes[*count - 1] != nodes[i]) nodes[(*count)++] = nodes[i];
    return nodes;
}

/* ---- after the walk ------------------------------------------------------------------------------------------------------ */

void dgm_map_orphans(dgm_runner *r)
{
    for (size_t join = 0; join < r->p->join_count && r->p->direction == DGM_READ; join++) {
        const map_join *j = &r->p->joins[join];
        uint32_t first = DGM_NONE, count = 0;
        for (size_t i = 0; j->each && i < r->entry_count; i++) {
            const map_entry *e = &r->entries[i];
            if (e->what != (MAP_WHAT_JOIN | join) || r->entries[e->head].owner) continue;
            if (first == DGM_NONE) first = e->node;
            count++;
        }
        if (!count) continue;
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_ORPHAN, DGM_WARNING, first, j->rule);
        dgm_diag_text(r->diags, d, dgm_shape_slot(r->p->from, dgm_node_slot(&r->in->nodes[first]))->name);
        dgm_diag_number(r->diags, d, count);
        dgm_map_problem_rule(r, d, j->rule);
    }
}
