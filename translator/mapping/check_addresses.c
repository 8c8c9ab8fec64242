/* SPDX-License-Identifier: Apache-2.0
 *
 * check_addresses.c - two addresses of one plan must not be mistaken for each other. Only those that might be are held against
 * each other: of one place, with tests that have values in common. Load time; one thread.
 */
#include "plan.h"

#include <stdlib.h>

/* `PLACE op LITERAL…` of a where. */
static bool plain_where(const map_expr *x)
{
    if (!x || x->count < 3 || x->code[0].op != MAP_X_PLACE) return false;
    const map_instr *last = &x->code[x->count - 1];
    for (uint32_t i = 1; i + 1 < x->count; i++)
        if (x->code[i].op != MAP_X_TEXT) return false;
    return last->op >= MAP_X_IN && last->op <= MAP_X_GE && last->argc == x->count - 1;
}

static bool same_where(const map_expr *x, const map_expr *y, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const map_instr *a = &x->code[i], *b = &y->code[i];
        bool place = a->op == MAP_X_PLACE && b->op == MAP_X_PLACE;
        if (!dgm_map_same_code(a, b) || (place && !dgm_slice_equal(a->place->text, b->place->text))) return false;
    }
    return true;
}

/* No occurrence fits both: one is the `not` of the other, or they compare one place with values that exclude each other. */
static bool where_excludes(const map_expr *x, const map_expr *y)
{
    static const map_opcode opposites[][2] = { { MAP_X_LT, MAP_X_GE }, { MAP_X_GT, MAP_X_LE }, { MAP_X_EQ, MAP_X_NE } };
    if (!x || !y) return false;
    if (y->count == x->count + 1 && y->code[x->count].op == MAP_X_NOT) return same_where(x, y, x->count);
    if (!plain_where(x) || !plain_where(y) || !dgm_slice_equal(x->code[0].place->text, y->code[0].place->text)) return false;
    map_opcode a = x->code[x->count - 1].op, b = y->code[y->count - 1].op;
    for (size_t i = 0; i < sizeof opposites / sizeof *opposites && x->count == 3; i++)
        if (a == opposites[i][0] && b == opposites[i][1] && y->count == 3) return same_where(x, y, 2);
    if ((a != MAP_X_EQ && a != MAP_X_IN) || (b != MAP_X_EQ && b != MAP_X_IN)) return false;
    for (uint32_t i = 1; i + 1 < x->count; i++)
        for (uint32_t k = 1; k + 1 < y->count; k++)
            if (dgm_slice_equal(x->code[i].text, y->code[k].text)) return false;
    return true;
}

static bool apart_by_where(const map_rule *a, const map_rule *b)
{
    return where_excludes(a->where, b->where) || where_excludes(b->where, a->where);
}

/* ---- two addresses --------------------------------------------------------------------------------------------------------- */

static dgm_slice address_text(map_loader *l, const map_rule *r, uint32_t side, const dgm_shape *s, const map_target *t)
{
    return r && r->side_count[side] ? r->side[side][0]->text : dgm_map_slot_text(l, s, t->slot);
}

static bool address_clash(const dgm_mapping *m, const map_target *a, const map_target *b)
{
    bool each_a = a->writer != DGM_NONE && m->rules[a->writer].kind == MAP_EACH;
    bool each_b = b->writer != DGM_NONE && m->rules[b->writer].kind == MAP_EACH;
    if (dgm_map_tests_disjoint(a->tests, a->test_count, b->tests, b->test_count)) return false;
    bool equal = dgm_map_tests_equal(a->tests, a->test_count, b->tests, b->test_count);
    if (equal && a->from && b->from && a->from != b->from && !a->star && !b->star) return false;
    if (each_a && each_b)
        return !dgm_map_disjoint(m, m->rules[a->writer].cond, m->rules[b->writer].cond) &&
               !apart_by_where(&m->rules[a->writer], &m->rules[b->writer]);
    const map_rule *ra = dgm_map_maker(m, a), *rb = dgm_map_maker(m, b);
    return !ra || !rb || !dgm_map_disjoint(m, ra->cond, rb->cond);
}

/* ---- those that might be mistaken for each other ----------------------------------------------------------------------------- */

enum { FEW = 8, PIVOTS_TRIED = 8 };
#define NOBODY UINT32_MAX

/* An address among those of one place, in order of their ids. The links lead to later ones only: of the same tests; of these one
 * that stands for the same number; one that stands for any. */
typedef struct sibling {
    uint32_t id, next, same, any;
} sibling;
typedef struct group { /* equal tests */
    uint32_t first, last;
} group;

typedef struct addresses {
    map_loader scratch; /* its arena is thrown away */
    const map_plan *p;
    uint32_t *clash; /* by target: the first later one it could be mistaken for; 0 none */
    sibling *all;    /* of one place */
    uint32_t count;
    group *groups;
    uint32_t group_count;
} addresses;

static const map_target *target_of(const addresses *x, uint32_t sibling_index)
{
    return &x->p->targets[x->all[sibling_index].id];
}

static const map_target *tests_of(const addresses *x, uint32_t group_index)
{
    return target_of(x, x->groups[group_index].first);
}

/* False: they cannot be mistaken. */
static bool try(addresses *x, uint32_t a, uint32_t b)
{
    uint32_t id = x->all[a].id, other = x->all[b].id;
    if (x->clash[id] && x->clash[id] <= other) return true; /* an earlier one is known */
    if (!address_clash(x->scratch.m, target_of(x, a), target_of(x, b))) return false;
    x->clash[id] = other;
    return true;
}

static void try_all_pairs(addresses *x)
{
    for (uint32_t a = 0; a < x->count; a++)
        for (uint32_t b = a + 1; b < x->count && !try(x, a, b); b++) {
        }
}

static bool any_number(const map_target *t)
{
    return !t->from || t->star;
}

/* Puts those with equal tests into one group. False: no memory. */
static bool make_groups(addresses *x)
{
    map_finder groups = { .count = 0 }, numbers = { .count = 0 };
    x->groups = DGM_NEW(x->scratch.arena, group, x->count);
    x->group_count = 0;
    bool ok = x->groups != NULL;
    for (uint32_t i = 0; i < x->count && ok; i++) {
        const map_target *t = target_of(x, i);
        uint32_t hash = dgm_map_tests_hash(t->tests, t->test_count), g = NOBODY, before = NOBODY;
        for (const struct map_kept *k = NULL; g == NOBODY && (k = dgm_map_kept(&groups, hash, k)) != NULL;) {
            const map_target *of = tests_of(x, k->id);
            if (dgm_map_tests_equal(of->tests, of->test_count, t->tests, t->test_count)) g = k->id;
        }
        x->all[i].next = x->all[i].same = x->all[i].any = NOBODY;
        if (g == NOBODY) {
            g = x->group_count++;
            x->groups[g] = (group){ i, i };
            ok = dgm_map_keep(&x->scratch, &groups, hash, g);
        } else {
            x->all[x->groups[g].last].next = i;
            x->groups[g].last = i;
        }
        hash = dgm_map_hash(g, t->from, 0, 0);
        for (const struct map_kept *k = NULL; before == NOBODY && (k = dgm_map_kept(&numbers, hash, k)) != NULL;)
            if (target_of(x, k->id)->from == t->from) before = k->id; /* the last one kept is the first found */
        if (before != NOBODY) x->all[before].same = i;
        ok = ok && dgm_map_keep(&x->scratch, &numbers, hash, i);
    }
    for (uint32_t g = 0; g < x->group_count && ok; g++) /* the next that stands for any number: seen from the end */
        for (uint32_t i = x->groups[g].first, from = i; i != NOBODY; i = x->all[i].next)
            if (any_number(target_of(x, i)))
                for (; from != i; from = x->all[from].next) x->all[from].any = i;
    return ok;
}

static void try_group(addresses *x, uint32_t g)
{
    for (uint32_t a = x->groups[g].first; a != NOBODY; a = x->all[a].next) {
        bool any = any_number(target_of(x, a)), found = false;
        for (uint32_t b = x->all[a].next; any && !found && b != NOBODY; b = x->all[b].next) found = try(x, a, b);
        for (uint32_t b = x->all[a].same; !any && !found && b != NOBODY; b = x->all[b].same) found = try(x, a, b);
        found = false;
        for (uint32_t b = x->all[a].any; !any && !found && b != NOBODY; b = x->all[b].any) found = try(x, a, b);
    }
}

static void try_groups(addresses *x, uint32_t g, uint32_t h)
{
    const map_target *t = tests_of(x, g), *u = tests_of(x, h);
    if (g == h || dgm_map_tests_disjoint(t->tests, t->test_count, u->tests, u->test_count)) return;
    for (uint32_t a = x->groups[g].first; a != NOBODY; a = x->all[a].next)
        for (uint32_t b = x->groups[h].first; b != NOBODY; b = x->all[b].next)
            if (b > a && try(x, a, b)) break;
}

/* ---- groups by the values of one place that most of them test ---------------------------------------------------------------- */

static const map_test *test_on(const map_target *t, uint32_t slot)
{
    for (uint32_t i = 0; i < t->test_count; i++)
        if (t->tests[i].slot == slot && (t->tests[i].kind == MAP_EQUAL || t->tests[i].kind == MAP_IN)) return &t->tests[i];
    return NULL;
}

/* How many pairs would be looked at if groups were told apart by this place. */
static uint64_t cost_of(const addresses *x, uint32_t slot, uint32_t *counts, uint32_t mask)
{
    uint64_t cost = 0, open = 0;
    memset(counts, 0, ((size_t)mask + 1) * sizeof *counts);
    for (uint32_t g = 0; g < x->group_count; g++) {
        const map_test *t = test_on(tests_of(x, g), slot);
        open += t == NULL;
        for (uint32_t v = 0; t && v < t->value_count; v++) counts[dgm_map_text_hash(t->values[v], 0) & mask]++;
    }
    for (uint32_t i = 0; i <= mask; i++) cost += (uint64_t)counts[i] * counts[i];
    return cost + open * x->group_count;
}

/* The place by which the fewest remain; DGM_SLOT_NONE: none is tested. */
static uint32_t choose_pivot(const addresses *x)
{
    uint32_t slots[PIVOTS_TRIED], n = 0, mask = 63, best = DGM_SLOT_NONE;
    uint64_t least = UINT64_MAX;
    while (mask < 2 * x->group_count) mask = 2 * mask + 1;
    uint32_t *counts = DGM_NEW(x->scratch.arena, uint32_t, (size_t)mask + 1);
    for (uint32_t g = 0; g < x->group_count && n < PIVOTS_TRIED; g++) {
        const map_target *t = tests_of(x, g);
        for (uint32_t i = 0; i < t->test_count && n < PIVOTS_TRIED; i++) {
            uint32_t k = 0;
            while (k < n && slots[k] != t->tests[i].slot) k++;
            if (k == n && test_on(t, t->tests[i].slot)) slots[n++] = t->tests[i].slot;
        }
    }
    for (uint32_t k = 0; k < n && counts; k++) {
        uint64_t cost = cost_of(x, slots[k], counts, mask);
        if (cost < least) least = cost, best = slots[k];
    }
    return best;
}

static bool try_neighbours(addresses *x)
{
    const uint32_t pivot = choose_pivot(x);
    map_finder values = { .count = 0 };
    uint32_t *open = DGM_NEW(x->scratch.arena, uint32_t, (size_t)x->group_count + 1), open_count = 0;
    bool ok = open != NULL;
    for (uint32_t g = 0; g < x->group_count && ok; g++) {
        const map_test *t = test_on(tests_of(x, g), pivot);
        if (!t) open[open_count++] = g;
        for (uint32_t v = 0; t && v < t->value_count && ok; v++)
            ok = dgm_map_keep(&x->scratch, &values, dgm_map_text_hash(t->values[v], 0), g);
    }
    for (uint32_t g = 0; g < x->group_count && ok; g++) {
        const map_test *t = test_on(tests_of(x, g), pivot);
        for (uint32_t h = 0; !t && h < x->group_count; h++) try_groups(x, g, h);
        for (uint32_t v = 0; t && v < t->value_count; v++)
            for (const struct map_kept *k = NULL; (k = dgm_map_kept(&values, dgm_map_text_hash(t->values[v], 0), k)) != NULL;)
                try_groups(x, g, k->id);
        for (uint32_t i = 0; t && i < open_count; i++) try_groups(x, g, open[i]);
    }
    return ok;
}

/* ---- all of a plan ------------------------------------------------------------------------------------------------------------
 */

static int by_slot(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The children of one node: those of each slot by themselves. */
static bool try_children(addresses *x, uint32_t above)
{
    uint32_t n = 0;
    for (uint32_t a = x->p->targets[above].kid; a; a = x->p->targets[a].sibling) n++;
    if (n < 2) return true;
    uint64_t *keys = DGM_NEW(x->scratch.arena, uint64_t, n); /* slot and id */
    x->all = DGM_NEW(x->scratch.arena, sibling, n);
    if (!keys || !x->all) return false;
    n = 0;
    for (uint32_t a = x->p->targets[above].kid; a; a = x->p->targets[a].sibling)
        keys[n++] = (uint64_t)x->p->targets[a].slot << 32 | a;
    qsort(keys, n, sizeof *keys, by_slot);
    bool ok = true;
    for (uint32_t from = 0, to; from < n && ok; from = to) {
        for (to = from; to < n && keys[to] >> 32 == keys[from] >> 32; to++) x->all[to - from].id = (uint32_t)keys[to];
        x->count = to - from;
        if (x->count <= FEW) {
            try_all_pairs(x);
            continue;
        }
        ok = make_groups(x);
        for (uint32_t g = 0; g < x->group_count && ok; g++) try_group(x, g);
        ok = ok && try_neighbours(x);
    }
    return ok;
}

static void tell(map_loader *l, const map_plan *p, const map_target *x, const map_target *y)
{
    uint32_t side = !p->direction;
    const map_rule *rx = dgm_map_maker(l->m, x), *ry = dgm_map_maker(l->m, y);
    dgm_diag *d = dgm_map_fault(l, ry ? dgm_map_place_mark(ry, side) : (map_mark){ 0 }, DGM_D_MAP_ADDRESS);
    dgm_map_say(l, d, address_text(l, ry, side, p->to, y));
    dgm_map_say(l, d, address_text(l, rx, side, p->to, x));
    if (d && rx) dgm_diag_number(l->diags, d, rx->mark.at.line);
    dgm_map_say(l, d, dgm_shape_slot(p->to, x->slot)->name);
}

void dgm_map_check_addresses(map_loader *l, const map_plan *p)
{
    dgm_arena arena;
    dgm_arena_init(&arena, &l->env->mem);
    uint32_t *clash = DGM_NEW(&arena, uint32_t, p->target_count + 1);
    dgm_arena scratch;
    dgm_arena_init(&scratch, &l->env->mem);
    addresses x = { .scratch = *l, .p = p, .clash = clash };
    x.scratch.arena = &scratch;
    bool ok = clash != NULL;
    for (uint32_t t = 0; t < p->target_count && ok; t++) {
        ok = try_children(&x, t);
        dgm_arena_reset(&scratch, 1 << 16);
    }
    for (uint32_t t = 0; t < p->target_count && ok; t++)
        for (uint32_t a = p->targets[t].kid; a; a = p->targets[a].sibling)
            if (clash[a]) tell(l, p, &p->targets[a], &p->targets[clash[a]]); /* one for each place is enough */
    if (!ok) l->nomem = true;
    dgm_arena_free(&scratch);
    dgm_arena_free(&arena);
}
