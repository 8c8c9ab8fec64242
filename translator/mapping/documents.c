/* SPDX-License-Identifier: Apache-2.0
 *
 * documents.c - cuts a message into what each of its documents is read from: the occurrences that are the document's, and all that
 * stands around them. Finding them is one walk; each part costs what is in it. One thread.
 */
#include "documents_run.h"

/* One occurrence of a level. Those of one occurrence above follow one another, and so do their runs: occurrences without anything
 * between them. */
typedef struct cut_row {
    uint32_t node, end;
    uint32_t above; /* row of the level above */
    uint32_t run_first, run_count;
    bool fits; /* its tests */
} cut_row;

typedef struct cut_rows {
    cut_row *at;
    size_t count, room;
} cut_rows;

typedef struct cut_runs {
    dgm_range *at;
    size_t count, room;
} cut_runs;

typedef struct cut_document {
    uint32_t first, last; /* rows of the innermost level, a chain */
    bool keyless;
} cut_document;

struct dgm_cuts {
    dgm_mem mem;
    const dgm_mapping *m;
    const map_prefix *x;
    const dgm_tree *in;
    uint64_t nodes, nodes_max;         /* made so far, and at most */
    cut_rows rows[MAP_LEVELS_MAX + 1]; /* by level, the top being one */
    cut_runs runs[MAP_LEVELS_MAX + 1]; /* by the level of the occurrences in them */
    uint32_t *next;                    /* by innermost row: the next of its document + 1 */
    cut_document *documents;
    size_t document_count, document_room, next_room;
    dgm_range *ranges;
    size_t range_count, range_room;
};

bool dgm_mapping_splits(const dgm_mapping *m)
{
    return m->document && m->document->at[MAP_WIRE].place;
}

bool dgm_mapping_shares(const dgm_mapping *m)
{
    const map_document *d = m->document;
    for (uint32_t i = 0; d && i < d->key_count; i++)
        if (d->keys[i].level == 0) return true;
    return false;
}

/* ---- finding ------------------------------------------------------------------------------------------------------------- */

static bool add_row(dgm_cuts *c, uint32_t level, cut_row row)
{
    cut_rows *r = &c->rows[level];
    void *at = r->at;
    if (dgm_mem_reserve(&c->mem, &at, &r->room, r->count + 1, sizeof *r->at) != DGM_OK) return false;
    r->at = at;
    r->at[r->count++] = row;
    return true;
}

/* The occurrence goes into a run of those around it. */
static bool add_run(dgm_cuts *c, uint32_t level, const cut_row *row)
{
    cut_runs *r = &c->runs[level];
    cut_row *above = &c->rows[level - 1].at[row->above];
    if (above->run_count && r->at[r->count - 1].to == row->node) {
        r->at[r->count - 1].to = row->end;
        return true;
    }
    void *at = r->at;
    if (dgm_mem_reserve(&c->mem, &at, &r->room, r->count + 1, sizeof *r->at) != DGM_OK) return false;
    r->at = at;
    if (!above->run_count++) above->run_first = (uint32_t)r->count;
    r->at[r->count++] = (dgm_range){ row->node, row->end };
    return true;
}

/* The level whose occurrences a step of the place names; 0 for a step that does not repeat. */
static uint32_t level_of(const map_prefix *x, uint32_t step)
{
    for (uint32_t i = 0; i < x->levels; i++)
        if (x->step[i] == step) return i + 1;
    return 0;
}

/* Every occurrence of every level, in the order of the message. */
static bool find_rows(dgm_cuts *c)
{
    const dgm_tree *t = c->in;
    const map_place *p = c->x->place;
    uint32_t at[MAP_STEPS_MAX], end[MAP_STEPS_MAX], above[MAP_STEPS_MAX], d = 0;
    if (!add_row(c, 0, (cut_row){ .node = 0, .end = dgm_tree_end(t, 0), .fits = true })) return false;
    at[0] = 1;
    end[0] = dgm_tree_end(t, 0);
    above[0] = 0;
    for (;;) {
        const map_step *s = &p->steps[d];
        uint32_t n = at[d];
        while (n < end[d] && dgm_node_slot(&t->nodes[n]) != s->slot) n = dgm_tree_next(t, n);
        if (n >= end[d]) {
            if (!d--) return true;
            continue;
        }
        at[d] = dgm_tree_next(t, n);
        uint32_t level = level_of(c->x, d), row = above[d];
        bool fits = dgm_map_tests_pass(t, n, s->tests, s->test_count);
        if (level) {
            cut_row made = { .node = n, .end = at[d], .above = row, .fits = fits };
            row = (uint32_t)c->rows[level].count;
            if (!add_row(c, level, made) || !add_run(c, level, &made)) return false;
        }
        if (!fits || d + 1 == p->step_count) continue;
        above[d + 1] = row;
        end[d + 1] = dgm_tree_end(t, n);
        at[++d] = n + 1;
    }
}

/* ---- grouping ------------------------------------------------------------------------------------------------------------ */

static bool new_document(dgm_cuts *c, uint32_t row, bool keyless)
{
    void *all = c->documents;
    if (dgm_mem_reserve(&c->mem, &all, &c->document_room, c->document_count + 1, sizeof *c->documents) != DGM_OK) return false;
    c->documents = all;
    c->documents[c->document_count++] = (cut_document){ row, row, keyless };
    return true;
}

/* A place seen from an occurrence of a level, of which it begins with the steps. */
static map_place beneath(const map_place *p, const map_prefix *x, uint32_t level)
{
    uint32_t skip = level ? x->step[level - 1] + 1 : 0;
    map_place q = *p;
    q.steps += skip;
    q.step_count -= skip;
    q.root = false;
    q.up = 0;
    q.way = NULL;
    q.whole = false;
    return q;
}

/* The key of an occurrence, which stands in it; false: it has none. */
static bool own_key(const dgm_cuts *c, const cut_row *row, dgm_buffer *out, dgm_status *status)
{
    const map_document *d = c->m->document;
    out->len = 0;
    *status = dgm_keyed_append(out, (dgm_slice){ (const char *)&row->above, sizeof row->above });
    for (uint32_t i = 0; i < d->key_count && *status == DGM_OK; i++) {
        if (d->keys[i].level != c->x->levels) continue;
        map_place p = beneath(d->keys[i].side[MAP_WIRE], c->x, c->x->levels);
        uint32_t leaf = dgm_map_find(c->in, row->node, &p);
        dgm_slice v = leaf == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(c->in, leaf);
        if (!v.len) return false;
        *status = dgm_keyed_append(out, v);
    }
    return *status == DGM_OK;
}

static dgm_status group_rows(dgm_cuts *c)
{
    const cut_rows *r = &c->rows[c->x->levels];
    dgm_keyed known;
    dgm_buffer key;
    dgm_status s = DGM_OK;
    dgm_keyed_init(&known, &c->mem);
    dgm_buffer_init(&key, &c->mem);
    for (uint32_t i = 0; i < r->count && s == DGM_OK; i++) {
        if (!r->at[i].fits) continue;
        if (!c->x->several) {
            s = new_document(c, i, false) ? DGM_OK : DGM_NOMEM;
            continue;
        }
        bool keyed = own_key(c, &r->at[i], &key, &s);
        uint32_t which = (uint32_t)c->document_count;
        if (s == DGM_OK && keyed) s = dgm_keyed_take(&known, dgm_buffer_slice(&key), &which);
        if (s != DGM_OK) break;
        if (which == c->document_count) {
            s = new_document(c, i, !keyed) ? DGM_OK : DGM_NOMEM;
            continue;
        }
        cut_document *d = &c->documents[which];
        c->next[d->last] = i + 1;
        d->last = i;
    }
    dgm_keyed_free(&known);
    dgm_buffer_free(&key);
    return s;
}

static dgm_status find_documents(dgm_cuts *c)
{
    if (!find_rows(c)) return DGM_NOMEM;
    c->next_room = c->rows[c->x->levels].count + 1;
    c->next = dgm_mem_new(&c->mem, c->next_room * sizeof *c->next);
    return c->next ? group_rows(c) : DGM_NOMEM;
}

dgm_status dgm_cuts_make(const dgm_mapping *m, const dgm_tree *in, const dgm_mem *mem, const dgm_limits *limits, dgm_runner *r,
                         dgm_diags *diags, dgm_cuts **out)
{
    *out = NULL;
    if (!dgm_mapping_splits(m) || in->shape != m->shape[MAP_WIRE]) return DGM_USAGE;
    dgm_cuts *c = dgm_mem_new(mem, sizeof *c);
    if (!c) return DGM_NOMEM;
    *c = (dgm_cuts){ .mem = *mem, .m = m, .x = &m->document->at[MAP_WIRE], .in = in };
    c->nodes_max = limits && limits->nodes_max ? limits->nodes_max : 16u << 20;
    dgm_status s = find_documents(c);
    if (s == DGM_OK && !c->document_count) {
        dgm_map_speak(r, m, DGM_READ, in, diags);
        dgm_diag_text(diags, dgm_map_problem(r, DGM_D_MAP_DOCUMENT_NONE, DGM_ERROR, DGM_NONE, DGM_NONE), c->x->place->text);
        s = dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
    }
    if (s == DGM_OK)
        *out = c;
    else
        dgm_cuts_free(c);
    return s;
}

void dgm_cuts_free(dgm_cuts *c)
{
    if (!c) return;
    dgm_mem mem = c->mem;
    for (uint32_t i = 0; i <= MAP_LEVELS_MAX; i++) {
        dgm_mem_free(&mem, c->rows[i].at, c->rows[i].room * sizeof *c->rows[i].at);
        dgm_mem_free(&mem, c->runs[i].at, c->runs[i].room * sizeof *c->runs[i].at);
    }
    dgm_mem_free(&mem, c->next, c->next_room * sizeof *c->next);
    dgm_mem_free(&mem, c->documents, c->document_room * sizeof *c->documents);
    dgm_mem_free(&mem, c->ranges, c->range_room * sizeof *c->ranges);
    dgm_mem_free(&mem, c, sizeof *c);
}

uint32_t dgm_cuts_count(const dgm_cuts *c)
{
    return (uint32_t)c->document_count;
}

/* ---- parts --------------------------------------------------------------------------------------------------------------- */

static bool keep(dgm_cuts *c, uint32_t from, uint32_t to)
{
    if (from >= to) return true;
    c->nodes += to - from;
    if (c->range_count && c->ranges[c->range_count - 1].to == from) {
        c->ranges[c->range_count - 1].to = to;
        return true;
    }
    void *all = c->ranges;
    if (dgm_mem_reserve(&c->mem, &all, &c->range_room, c->range_count + 1, sizeof *c->ranges) != DGM_OK) return false;
    c->ranges = all;
    c->ranges[c->range_count++] = (dgm_range){ from, to };
    return true;
}

/* An occurrence without those of the next level beneath it, but for the document's own. As deep as there are levels. */
static bool keep_around(dgm_cuts *c, uint32_t level, const uint32_t *own, uint32_t *chain)
{
    const cut_row *row = &c->rows[level].at[own[level]];
    uint32_t at = row->node;
    for (uint32_t k = 0; k < row->run_count && level < MAP_LEVELS_MAX; k++) {
        dgm_range run = c->runs[level + 1].at[row->run_first + k];
        if (!keep(c, at, run.from)) return false;
        const cut_row *next = &c->rows[level + 1].at[own[level + 1]];
        if (level + 1 < c->x->levels) {
            if (next->node >= run.from && next->node < run.to && !keep_around(c, level + 1, own, chain)) return false;
        } else {
            const cut_row *rows = c->rows[level + 1].at;
            for (; *chain && rows[*chain - 1].node < run.to; *chain = c->next[*chain - 1])
                if (!keep(c, rows[*chain - 1].node, rows[*chain - 1].end)) return false;
        }
        at = run.to;
    }
    return keep(c, at, row->end);
}

dgm_status dgm_cuts_part(dgm_cuts *c, uint32_t k, dgm_runner *r, dgm_diags *diags, dgm_tree **out)
{
    *out = NULL;
    const cut_document *d = &c->documents[k];
    uint32_t own[MAP_LEVELS_MAX + 1], chain = d->first + 1;
    own[c->x->levels] = d->first;
    for (uint32_t level = c->x->levels; level-- > 0;) own[level] = c->rows[level + 1].at[own[level + 1]].above;
    uint32_t node = c->rows[c->x->levels].at[d->first].node;
    if (d->keyless) {
        dgm_map_speak(r, c->m, DGM_READ, c->in, diags);
        const map_document_key *key = c->m->document->keys;
        while (key->level != c->x->levels) key++;
        dgm_diag *told = dgm_map_problem(r, DGM_D_MAP_KEY_EMPTY, DGM_ERROR, node, DGM_NONE);
        if (told) told->position.document = k + 1;
        dgm_diag_text(diags, told, dgm_tree_name(c->in, node));
        dgm_diag_text(diags, told, key->text[MAP_WIRE]);
        return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
    }
    c->range_count = 0;
    if (!keep_around(c, 0, own, &chain)) return DGM_NOMEM;
    if (c->nodes > c->nodes_max) {
        dgm_map_speak(r, c->m, DGM_READ, c->in, diags);
        dgm_diag *told = dgm_map_problem(r, DGM_D_MAP_DOCUMENT_LIMIT, DGM_ERROR, node, DGM_NONE);
        if (told) told->position.document = k + 1;
        if (told) dgm_diag_number(diags, told, (int64_t)c->nodes_max);
        return dgm_diags_failed(diags) ? DGM_NOMEM : DGM_INVALID;
    }
    dgm_status s = dgm_tree_part(c->in, &c->mem, c->ranges, c->range_count, out);
    if (s == DGM_OK) (*out)->position.document = k + 1;
    return s;
}

bool dgm_cuts_own(const dgm_cuts *c, uint32_t k, uint32_t *row, dgm_range *out)
{
    uint32_t next = *row ? c->next[*row - 1] : c->documents[k].first + 1;
    if (!next) return false;
    const cut_row *r = &c->rows[c->x->levels].at[next - 1];
    *out = (dgm_range){ r->node, r->end };
    *row = next;
    return true;
}

/* ---- what is said of all of them ----------------------------------------------------------------------------------------- */

void dgm_map_speak(dgm_runner *r, const dgm_mapping *m, dgm_direction d, const dgm_tree *in, dgm_diags *diags)
{
    r->m = m;
    r->p = &m->plan[d];
    r->in = in;
    r->diags = diags;
    r->status = DGM_OK;
    r->quiet = r->wrong = r->tops_known = false;
}

bool dgm_map_total(dgm_runner *r, uint32_t rule, const dgm_tree *const *documents, uint32_t count, dgm_slice *out)
{
    if (!count) return false;
    r->documents = documents;
    r->document_count = count;
    map_context c = { .tree = documents[0], .frame = DGM_NONE, .index = 1 };
    bool known = dgm_map_eval(r, r->m->rules[rule].is_expr, c, out);
    r->documents = NULL;
    r->document_count = 0;
    return known;
}

static uint32_t row_of(const dgm_cuts *c, uint32_t document, uint32_t level)
{
    uint32_t row = c->documents[document].first;
    for (uint32_t l = c->x->levels; l > level; l--) row = c->rows[l].at[row].above;
    return row;
}

/* One value of one occurrence, of which documents from `from` to `to` are. */
static void verify(const dgm_cuts *c, dgm_runner *r, const map_total *total, uint32_t row, const dgm_tree *const *models,
                   uint32_t from, uint32_t to)
{
    const map_rule *rule = &c->m->rules[total->rule];
    map_place p = beneath(rule->side[MAP_WIRE][0], c->x, total->level);
    uint32_t node = dgm_map_find(c->in, c->rows[total->level].at[row].node, &p), refused = 0;
    dgm_slice got = node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(c->in, node), wanted;
    if (!got.len) return;
    for (uint32_t k = from; k < to; k++) refused += models[k] == NULL;
    if (refused) { /* it was made of them, too */
        dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_DOCUMENT_UNVERIFIED, DGM_INFO, node, rule->id);
        dgm_diag_text(r->diags, d, got);
        if (d) dgm_diag_number(r->diags, d, refused);
        if (d) dgm_diag_number(r->diags, d, to - from);
        return;
    }
    if (!dgm_map_total(r, total->rule, models + from, to - from, &wanted) || dgm_slice_equal(got, wanted)) return;
    if (dgm_decimal_valid(got, '.') && dgm_decimal_valid(wanted, '.') && dgm_decimal_compare(got, wanted) == 0) return;
    dgm_diag *d = dgm_map_problem(r, DGM_D_MAP_IS, rule->otherwise ? rule->otherwise : DGM_ERROR, node, rule->id);
    dgm_diag_text(r->diags, d, got);
    dgm_diag_text(r->diags, d, wanted);
    dgm_map_problem_rule(r, d, rule->id);
}

dgm_status dgm_cuts_verify(const dgm_cuts *c, dgm_runner *r, const dgm_tree *const *models, dgm_diags *diags)
{
    const map_document *d = c->m->document;
    dgm_map_speak(r, c->m, DGM_READ, c->in, diags);
    for (uint32_t i = 0; i < d->total_count; i++)
        for (uint32_t from = 0, to; from < c->document_count; from = to) { /* those of one occurrence follow one another */
            uint32_t row = row_of(c, from, d->totals[i].level);
            for (to = from + 1; to < c->document_count && row_of(c, to, d->totals[i].level) == row;) to++;
            verify(c, r, &d->totals[i], row, models, from, to);
        }
    if (r->status != DGM_OK) return r->status;
    return dgm_diags_failed(diags) ? DGM_NOMEM : r->wrong ? DGM_INVALID : DGM_OK;
}
