/* SPDX-License-Identifier: Apache-2.0
 *
 * map_laws.c - `map laws [FILE...]`: documents of chance go through a mapping and its codec and back. What was said comes back,
 * what was written is read to the last value, and what was read is written as it was. A document that breaks this is cut down to
 * the smallest that still does. One thread.
 */
#include "map_laws.h"

#include "mapping/documents.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- words --------------------------------------------------------------------------------------------------------------- */

static void because(trying *t, const char *law, const dgm_tree *a, uint32_t node_a, const dgm_tree *b, uint32_t node_b)
{
    char path[2][PATH_BYTES] = { "", "" };
    dgm_slice value[2] = { { 0 }, { 0 } };
    if (node_a != DGM_NONE) {
        dgm_tree_path(a, node_a, path[0], PATH_BYTES - 1);
        value[0] = dgm_tree_value(a, node_a);
    }
    if (node_b != DGM_NONE) {
        dgm_tree_path(b, node_b, path[1], PATH_BYTES - 1);
        value[1] = dgm_tree_value(b, node_b);
    }
    snprintf(t->why, sizeof t->why, "%s: %.200s \"%.*s\" became %.200s \"%.*s\"", law, *path[0] ? path[0] : "nothing",
             (int)(value[0].len > 200 ? 200 : value[0].len), value[0].at ? value[0].at : "", *path[1] ? path[1] : "nothing",
             (int)(value[1].len > 200 ? 200 : value[1].len), value[1].at ? value[1].at : "");
}

/* The first error that was told of. */
void laws_because_of(trying *t, const char *law)
{
    dgm_buffer text;
    dgm_buffer_init(&text, &t->c->mem);
    dgm_diag_style style = { .form = DGM_DIAG_TEXT };
    for (size_t i = 0; i < dgm_diags_count(t->diags) && !text.len; i++)
        if (dgm_diags_at(t->diags, i)->severity == DGM_ERROR)
            (void)dgm_diag_print(dgm_diags_at(t->diags, i), &style, dgm_buffer_sink(&text));
    while (text.len && text.at[text.len - 1] == '\n') text.len--;
    snprintf(t->why, sizeof t->why, "%s: %.*s", law, (int)text.len, text.at ? text.at : "");
    dgm_buffer_free(&text);
}

/* ---- there --------------------------------------------------------------------------------------------------------------- */

/* Nodes of the document that errors are about; those of a codec are about the tree it was to write. */
static void name_refused(trying *t, const dgm_tree *wire)
{
    t->refused_count = 0;
    for (size_t i = 0; i < dgm_diags_count(t->diags) && t->refused_count < REFUSED_MAX; i++) {
        const dgm_diag *d = dgm_diags_at(t->diags, i);
        uint32_t node = d->severity == DGM_ERROR ? d->node : DGM_NONE;
        if (node == DGM_NONE) continue;
        if (wire && !wire->origin) continue; /* a message that documents share: which of them meant it nobody knows */
        if (wire && node < wire->node_count) {
            while (node && wire->origin[node].source_node == DGM_NONE) node--; /* a part that a value brought stands behind it */
            node = wire->origin[node].source_node;
        }
        if (node && node != DGM_NONE) t->refused[t->refused_count++] = node;
    }
}

/* Document → mapping → wire. *out has provenance. unsaid: by node of the document. */
dgm_status laws_to_wire(trying *t, const dgm_tree *document, bool *unsaid, uint32_t *unsaid_count, dgm_tree **out)
{
    dgm_run_options o = { .accounts = true, .origin = true };
    dgm_diags_clear(t->diags);
    *unsaid_count = 0;
    dgm_status s = dgm_mapping_run(t->runner, t->mapping, DGM_WRITE, document, &o, t->diags, out);
    if (s == DGM_INVALID) name_refused(t, NULL);
    const uint8_t *accounts = dgm_runner_accounts(t->runner);
    for (uint32_t n = 0; s == DGM_OK && accounts && n < document->node_count; n++) {
        uint32_t rule = dgm_runner_rule(t->runner, n);
        bool reduced = rule != DGM_NONE && t->loses[rule]; /* what it may lose is no promise */
        if (reduced) t->loose[dgm_node_slot(&document->nodes[n])] = true;
        if (unsaid) unsaid[n] = accounts[n] == DGM_ACCOUNT_RESIDUE;
        *unsaid_count += accounts[n] == DGM_ACCOUNT_RESIDUE;
    }
    return s;
}

dgm_status laws_to_bytes(trying *t, const dgm_tree *wire)
{
    dgm_output *o = NULL;
    t->bytes.len = 0;
    dgm_status s = dgm_output_open(t->c->context, t->format->format.name, NULL, 0, dgm_buffer_sink(&t->bytes), t->diags, &o);
    if (s == DGM_OK) s = dgm_output_write(o, wire);
    if (s == DGM_OK) s = dgm_output_finish(o);
    dgm_output_free(o);
    if (s == DGM_INVALID) name_refused(t, wire);
    return s;
}

/* ---- and back ------------------------------------------------------------------------------------------------------------ */

static void report(void *ctx, const dgm_message_report *m)
{
    trying *t = ctx;
    t->read = m->status;
    t->residue = m->residue;
    dgm_status s = DGM_OK;
    if (m->status != DGM_OK || t->back) {
        for (size_t i = 0; i < dgm_diags_count(m->diags); i++)
            if (dgm_diags_at(m->diags, i)->severity == DGM_ERROR && !*t->why)
                snprintf(t->why, sizeof t->why, "what was written cannot be read: %s",
                         dgm_diag_name(dgm_diags_at(m->diags, i)->code));
        return;
    }
    if (m->model) s = dgm_tree_own(m->model, &t->c->mem, &t->back);
    if (s == DGM_OK) s = dgm_tree_own(m->wire, &t->c->mem, &t->wire);
    if (s != DGM_OK) t->failed = s;
}

dgm_status laws_from_bytes(trying *t)
{
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .from = t->format->format.name,
                          .accounts = true,
                          .map = true,
                          .explain = true,
                          .report = report,
                          .report_ctx = t };
    t->read = DGM_UNKNOWN;
    *t->why = 0;
    dgm_diags_clear(t->diags);
    dgm_status s = dgm_job_open(t->c->context, &o, t->diags, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, dgm_buffer_slice(&t->bytes));
    dgm_job_close(job);
    if (s == DGM_OK) s = t->failed;
    return s == DGM_OK ? t->read : s;
}

/* ---- the laws ------------------------------------------------------------------------------------------------------------ */

/* Every value that was said is at its place. What only came back was completed: a default, a number, a unit that is understood; the
 * second law holds the mapping to that. */
static bool all_there(trying *t, const dgm_tree *said, const dgm_tree *back)
{
    char path[PATH_BYTES];
    for (uint32_t n = 1; n < said->node_count; n++) {
        if (!dgm_tree_value(said, n).len || t->loose[dgm_node_slot(&said->nodes[n])]) continue;
        size_t len = dgm_tree_path(said, n, path, sizeof path);
        uint32_t there = len < sizeof path ? dgm_tree_at(back, 0, (dgm_slice){ path, len }) : DGM_NONE;
        if (there != DGM_NONE && dgm_tree_same_value(said, n, back, there, true)) continue;
        because(t, "read(write(d)) is not d", said, n, back, there);
        return false;
    }
    return true;
}

static bool comes_back(trying *t, const dgm_tree *document, const bool *unsaid)
{
    dgm_tree *said = NULL, *back = NULL;
    dgm_status s = dgm_tree_without(t->builder, document, unsaid, true, &said);
    if (s == DGM_OK) s = dgm_tree_without(t->builder, t->back, NULL, true, &back);
    if (s != DGM_OK) t->failed = s;
    bool good = s == DGM_OK && all_there(t, said, back);
    dgm_tree_free(said);
    dgm_tree_free(back);
    return good;
}

/* What was read is written as it was: write(read(w)) = w, and all of it can be said. */
bool laws_is_written_again(trying *t, const dgm_tree *wire)
{
    dgm_tree *again = NULL;
    uint32_t unsaid = 0, a = DGM_NONE, b = DGM_NONE;
    dgm_status s = laws_to_wire(t, t->back, NULL, &unsaid, &again);
    const bool columns = strcmp(t->format->codec->name, "flat") == 0; /* which fill up a number's digits: 7.5 is 7.50 there */
    bool good = s == DGM_OK && !unsaid && dgm_tree_equal(wire, again, columns, &a, &b);
    if (s == DGM_INVALID)
        laws_because_of(t, "what was read cannot be written");
    else if (s != DGM_OK)
        t->failed = s;
    else if (unsaid)
        snprintf(t->why, sizeof t->why, "of what was read %u values cannot be said", unsaid);
    else if (!good)
        because(t, "write(read(w)) is not w", wire, a, again, b);
    if (again) dgm_runner_recycle(t->runner, again);
    return good;
}

void laws_forget(trying *t)
{
    dgm_tree_free(t->wire);
    dgm_tree_free(t->back);
    t->wire = t->back = NULL;
}

/* ---- documents that share a message -------------------------------------------------------------------------------------- */

typedef struct pair {
    trying *t;
    uint32_t read;
    bool same;
} pair;

static void one_of_pair(void *ctx, const dgm_message_report *m)
{
    pair *p = ctx;
    p->read++;
    p->same = p->same && m->status == DGM_OK && m->model && dgm_tree_equal(p->t->back, m->model, true, NULL, NULL);
}

/* The same document twice in one message is read as two of it, where there is room for two. */
static bool share_a_message(trying *t, const dgm_tree *document, const dgm_tree *wire)
{
    pair p = { .t = t, .same = true };
    dgm_shared *shared = NULL;
    const dgm_tree *both = NULL;
    dgm_job *job = NULL;
    dgm_diags_clear(t->diags);
    dgm_status s = dgm_shared_new(&t->c->mem, NULL, &shared);
    if (s == DGM_OK) {
        dgm_shared_begin(shared, t->mapping);
        for (int i = 0; i < 2 && s == DGM_OK; i++) s = dgm_shared_add(shared, wire, document, t->diags);
    }
    if (s == DGM_OK) s = dgm_shared_finish(shared, t->runner, t->diags, &both);
    if (s == DGM_OK) s = laws_to_bytes(t, both);
    dgm_shared_free(shared);
    if (s == DGM_END || s == DGM_INVALID) return true; /* they do not fit into one */
    dgm_job_options o = {
        .struct_bytes = sizeof o, .from = t->format->format.name, .map = true, .report = one_of_pair, .report_ctx = &p
    };
    if (s == DGM_OK) s = dgm_job_open(t->c->context, &o, t->diags, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, dgm_buffer_slice(&t->bytes));
    dgm_job_close(job);
    if (s != DGM_OK) t->failed = s;
    if (s == DGM_OK && p.read == 2 && p.same) return true;
    snprintf(t->why, sizeof t->why, "written twice into one message, it is read as %u documents%s", p.read,
             p.same ? "" : ", one of them another");
    return false;
}

/* Whether a document can be in a message at all. */
static dgm_status goes_into_a_message(trying *t, const dgm_tree *document, const dgm_tree *wire)
{
    dgm_shared *shared = NULL;
    if (!dgm_mapping_splits(t->mapping)) return DGM_OK;
    dgm_status s = dgm_shared_new(&t->c->mem, NULL, &shared);
    if (s == DGM_OK) {
        dgm_shared_begin(shared, t->mapping);
        s = dgm_shared_add(shared, wire, document, t->diags);
    }
    dgm_shared_free(shared);
    return s == DGM_END ? DGM_INVALID : s;
}

static verdict judge(trying *t, const dgm_tree *document, bool *unsaid, dgm_tree *made)
{
    dgm_tree *wire = NULL;
    if (dgm_tree_own(made, &t->c->mem, &wire) != DGM_OK) return FAILED; /* the runner is used again */
    dgm_status s = laws_from_bytes(t);
    verdict v = BROKEN;
    if (s != DGM_OK && s != DGM_INVALID && s != DGM_UNKNOWN)
        v = FAILED;
    else if ((s != DGM_OK || !t->back) && !*t->why)
        snprintf(t->why, sizeof t->why, "what was written is not read");
    else if (s == DGM_OK && t->back && t->residue)
        snprintf(t->why, sizeof t->why, "of what was written %u values are not read", t->residue);
    else if (s == DGM_OK && t->back && comes_back(t, document, unsaid) && laws_is_written_again(t, wire) &&
             (!dgm_mapping_splits(t->mapping) || share_a_message(t, document, wire)))
        v = HOLDS;
    dgm_tree_free(wire);
    return t->failed != DGM_OK ? FAILED : v;
}

/* ---- keeping them --------------------------------------------------------------------------------------------------------- */

static bool keep_as(trying *t, const char *ending, dgm_slice bytes)
{
    cli *c = t->c;
    dgm_slice name = dgm_mapping_name(t->mapping);
    dgm_slice path = dgm_arena_print(&c->arena, "%.*s/%.*s-%llu.%s", (int)t->folder.len, t->folder.at, (int)name.len, name.at,
                                     (unsigned long long)t->seed, ending);
    return path.at && map_replace(c, path, bytes);
}

/* What was written, and the document it is read as. */
static bool keep(trying *t)
{
    dgm_output *o = NULL;
    dgm_buffer json;
    dgm_buffer_init(&json, &t->c->mem);
    dgm_slice model = dgm_mapping_model(t->mapping), to = dgm_arena_print(&t->c->arena, "json:%.*s", (int)model.len, model.at);
    dgm_status s = dgm_output_open(t->c->context, to, NULL, 0, dgm_buffer_sink(&json), t->diags, &o);
    if (s == DGM_OK) s = dgm_output_write(o, t->back);
    if (s == DGM_OK) s = dgm_output_finish(o);
    dgm_output_free(o);
    const char *codec = t->format->codec->name;
    bool good = s == DGM_OK && keep_as(t, "json", dgm_buffer_slice(&json)) &&
                keep_as(t, strcmp(codec, "edifact") == 0 ? "edi" : codec, dgm_buffer_slice(&t->bytes));
    dgm_buffer_free(&json);
    return good;
}

static verdict try(trying *t, const dgm_tree *document, uint32_t *unsaid_count)
{
    dgm_tree *wire = NULL;
    bool *unsaid = dgm_mem_new(&t->c->mem, document->node_count * sizeof *unsaid);
    if (!unsaid) return FAILED;
    t->failed = DGM_OK;
    dgm_status s = laws_to_wire(t, document, unsaid, unsaid_count, &wire);
    if (s == DGM_OK) s = goes_into_a_message(t, document, wire);
    if (s == DGM_OK) s = laws_to_bytes(t, wire);
    verdict v = FAILED;
    if (s == DGM_INVALID) {
        v = OUTSIDE;
        laws_because_of(t, "refused");
    } else if (s == DGM_OK) {
        v = judge(t, document, unsaid, wire);
        if (v == HOLDS && t->folder.len && !keep(t)) t->unkept = true;
    }
    if (wire) dgm_runner_recycle(t->runner, wire);
    laws_forget(t);
    dgm_mem_free(&t->c->mem, unsaid, document->node_count * sizeof *unsaid);
    return v;
}

/* ---- cutting down -------------------------------------------------------------------------------------------------------- */

/* What a refusal names is taken out, so that the rest can be tried. */
static bool take_out(trying *t, dgm_tree **document)
{
    uint32_t nodes = (*document)->node_count;
    bool *drop = dgm_mem_new(&t->c->mem, nodes * sizeof *drop), any = false;
    dgm_tree *less = NULL;
    for (size_t i = 0; drop && i < t->refused_count; i++)
        if (t->refused[i] < nodes) drop[t->refused[i]] = any = true;
    any = any && dgm_tree_without(t->builder, *document, drop, false, &less) == DGM_OK;
    dgm_mem_free(&t->c->mem, drop, nodes * sizeof *drop);
    if (!any) return false;
    dgm_tree_free(*document);
    *document = less;
    return true;
}

bool laws_valid(trying *t, const dgm_tree *document)
{
    dgm_diags_clear(t->diags);
    return dgm_model_check(document, t->diags) == DGM_OK && dgm_diags_errors(t->diags) == 0;
}

/* One node and all below it less, when the law is broken all the same. */
static bool cut(trying *t, dgm_tree **document, uint32_t node)
{
    uint32_t nodes = (*document)->node_count, unsaid;
    bool *drop = dgm_mem_new(&t->c->mem, nodes * sizeof *drop);
    dgm_tree *less = NULL;
    if (!drop) return false;
    drop[node] = true;
    dgm_status s = dgm_tree_without(t->builder, *document, drop, false, &less);
    dgm_mem_free(&t->c->mem, drop, nodes * sizeof *drop);
    if (s != DGM_OK || !laws_valid(t, less) || try(t, less, &unsaid) != BROKEN) {
        dgm_tree_free(less);
        return false;
    }
    dgm_tree_free(*document);
    *document = less;
    return true;
}

static void cut_down(trying *t, dgm_tree **document)
{
    uint32_t tries = 0, unsaid;
    for (bool progress = true; progress && tries < TRIES_MAX;) {
        progress = false;
        for (uint32_t n = 1; n < (*document)->node_count && tries < TRIES_MAX; tries++) {
            if (cut(t, document, n))
                progress = true;
            else
                n++;
        }
    }
    (void)try(t, *document, &unsaid); /* its reason and its bytes */
}

/* ---- telling ------------------------------------------------------------------------------------------------------------- */

void laws_tell_head(trying *t, const char *what, uint64_t seed)
{
    cli_stream *s = &t->c->out;
    if (t->c->json) {
        cli_put(s, "{\"is\":\"counterexample\",\"mapping\":");
        cli_put_json(s, dgm_mapping_name(t->mapping));
        cli_print(s, ",\"seed\":%llu,\"why\":", (unsigned long long)seed);
        cli_put_json(s, dgm_slice_of(t->why));
    } else {
        cli_print(s, "%s✗%s %.*s: the %s of seed %llu, cut down\n  ", cli_ink_of(s, INK_BAD), cli_ink_of(s, INK_OFF),
                  (int)dgm_mapping_name(t->mapping).len, dgm_mapping_name(t->mapping).at, what, (unsigned long long)seed);
        cli_put_visible(s, dgm_slice_of(t->why), 1000);
        cli_put(s, "\n");
    }
}

void laws_tell_document(trying *t, const char *key, const dgm_tree *d)
{
    cli_stream *s = &t->c->out;
    char path[PATH_BYTES];
    bool json = t->c->json, first = true;
    if (json) cli_print(s, ",\"%s\":[", key);
    for (uint32_t n = 1; n < d->node_count; n++) {
        bool leaf = dgm_node_leaf(&d->nodes[n]);
        if (!leaf && n + 1 < dgm_tree_end(d, n)) continue;
        size_t len = dgm_tree_path(d, n, path, sizeof path);
        dgm_slice at = { path, len < sizeof path ? len : sizeof path - 1 };
        if (json) {
            cli_put(s, first ? "{\"place\":" : ",{\"place\":");
            cli_put_json(s, at);
            cli_put(s, ",\"value\":");
            cli_put_json(s, dgm_tree_value(d, n));
            cli_put(s, "}");
        } else {
            cli_print(s, "    %.*s%s", (int)at.len, at.at, leaf ? " = " : " (holds nothing)");
            cli_put_visible(s, dgm_tree_value(d, n), 400);
            cli_put(s, "\n");
        }
        first = false;
    }
    if (json) cli_put(s, "]");
}

void laws_tell_written(trying *t)
{
    cli_stream *s = &t->c->out;
    cli_put(s, t->c->json ? ",\"written\":" : "  written as\n    ");
    if (t->c->json)
        cli_put_json(s, dgm_buffer_slice(&t->bytes));
    else
        cli_put_visible(s, dgm_buffer_slice(&t->bytes), 2000);
    cli_put(s, t->c->json ? "}\n" : "\n");
}

static void summary(trying *t, uint64_t seed, bool good)
{
    cli_stream *s = &t->c->out;
    if (t->c->json) {
        cli_put(s, "{\"is\":\"mapping\",\"mapping\":");
        cli_put_json(s, dgm_mapping_name(t->mapping));
        cli_print(s, ",\"seed\":%llu,\"documents\":%llu,\"hold\":%llu,\"outside\":%llu,\"values\":%llu,\"unsaid\":%llu",
                  (unsigned long long)seed, (unsigned long long)t->documents, (unsigned long long)t->hold,
                  (unsigned long long)t->outside, (unsigned long long)t->values, (unsigned long long)t->unsaid);
        if (t->amends)
            cli_print(s, ",\"pairs\":%llu,\"pairs_hold\":%llu,\"pairs_outside\":%llu", (unsigned long long)t->pairs,
                      (unsigned long long)t->pairs_hold, (unsigned long long)t->pairs_outside);
        cli_print(s, ",\"good\":%s}\n", good ? "true" : "false");
    } else if (!t->c->quiet || !good) {
        cli_print(s, "%s%s%s %.*s: %llu documents from seed %llu: %llu hold, %llu cannot be written; %llu values, %llu unsaid",
                  cli_ink_of(s, good ? INK_GOOD : INK_BAD), good ? "✓" : "✗", cli_ink_of(s, INK_OFF),
                  (int)dgm_mapping_name(t->mapping).len, dgm_mapping_name(t->mapping).at, (unsigned long long)t->documents,
                  (unsigned long long)seed, (unsigned long long)t->hold, (unsigned long long)t->outside,
                  (unsigned long long)t->values, (unsigned long long)t->unsaid);
        if (t->amends)
            cli_print(s, "; %llu amendments: %llu hold, %llu cannot be said", (unsigned long long)t->pairs,
                      (unsigned long long)t->pairs_hold, (unsigned long long)t->pairs_outside);
        cli_put(s, "\n");
        if (!t->hold && t->outside == t->documents) {
            cli_put(s, "  nothing was tried; of the last one: ");
            cli_put_visible(s, dgm_slice_of(t->why), 1000);
            cli_put(s, "\n");
        }
    }
}

/* ---- documents ----------------------------------------------------------------------------------------------------------- */

static dgm_wish wish_of(const trying *t, uint64_t seed)
{
    static const uint32_t presence[] = { 3, 8, 20, 45, 80, 100 }, many[] = { 1, 2, 3, 5 };
    return (dgm_wish){ .seed = seed,
                       .presence = presence[seed % 6],
                       .many = many[seed / 6 % 4],
                       .letters = seed % 5 == 4 ? DGM_LETTERS_UNICODE
                                  : seed % 2    ? DGM_LETTERS_LATIN
                                                : DGM_LETTERS_ASCII,
                       .edges = seed % 3 == 2,
                       .choices = t->choices,
                       .choice_percent = seed % 7 == 6 ? 60 : 95,
                       .ordinal = "SequenceNumeric",
                       .whole = "DocumentMetaData" };
}

/* A place of the model, and the values it takes of a list. */
static bool choose(trying *t, size_t *made, uint32_t slot, dgm_slice values, bool needed, bool closed)
{
    dgm_arena *arena = &t->c->arena;
    char path[PATH_BYTES];
    size_t len = dgm_shape_path(t->model, slot, path, sizeof path);
    const dgm_repr *repr = t->limits[slot];
    if (len >= sizeof path || (!values.len && !needed && !repr)) return true;
    const char *at = dgm_arena_copy(arena, (dgm_slice){ path, len }).at, *list = dgm_arena_copy(arena, values).at;
    if (!at || !list) return false;
    t->choices[(*made)++] = (dgm_wish_choice){ at, values.len ? list : NULL, repr, needed, closed };
    return true;
}

/* What the mapping compares with, by place: values with a blank in them cannot be told apart and are left out. */
static bool choose_hinted(trying *t, size_t *made, const dgm_hint *hints, size_t count, const dgm_slice *codes)
{
    for (size_t i = 0; i < count; i++) {
        dgm_slice values = { "", 0 };
        bool known = false, needed = false, closed = true;
        for (size_t k = 0; k < i; k++) known = known || hints[k].slot == hints[i].slot;
        for (size_t k = i; k < count && !known; k++) {
            if (hints[k].slot != hints[i].slot) continue;
            needed = needed || hints[k].needed;
            closed = closed && (hints[k].closed || hints[k].needed);
            if (!hints[k].value.len || memchr(hints[k].value.at, ' ', hints[k].value.len)) continue;
            values = dgm_arena_print(&t->c->arena, "%.*s%s%.*s", (int)values.len, values.at, values.len ? " " : "",
                                     (int)hints[k].value.len, hints[k].value.at);
            if (!values.at) return false;
        }
        dgm_slice only = codes[hints[i].slot];
        if (!known && !choose(t, made, hints[i].slot, only.len ? only : values, needed, only.len || closed)) return false;
    }
    return true;
}

/* By place of the model: the codes that the wire's format limits it to, where no table of the mapping stands between. */
static bool take_codes(trying *t, dgm_slice *codes)
{
    const dgm_shape *wire_shape = dgm_mapping_shape(t->mapping, false);
    dgm_slice table, code;
    dgm_row r;
    if (!t->format->codec->codes) return true;
    for (uint32_t i = 0; dgm_mapping_row(t->mapping, i, &t->c->arena, &r) == DGM_OK; i++) {
        uint32_t wire = r.wire_at, model = r.model_at, covered = dgm_mapping_covered(t->mapping, i, 0, &wire, &model);
        if (dgm_mapping_code(t->mapping, i, 0, &table, &code)) continue;
        if (!covered) wire = r.wire_at, model = r.model_at;
        for (uint32_t k = 0; k == 0 || k < covered; k++) {
            if (covered) dgm_mapping_covered(t->mapping, i, k, &wire, &model);
            if (wire != DGM_SLOT_NONE && model != DGM_SLOT_NONE) codes[model] = t->format->codec->codes(wire_shape, wire);
        }
    }
    return true;
}

static bool take_choices(trying *t)
{
    dgm_arena *arena = &t->c->arena;
    dgm_hint *hints = NULL;
    size_t count = 0, made = 0;
    dgm_slice *codes = DGM_NEW(arena, dgm_slice, dgm_shape_count(t->model) + 1u);
    dgm_row r;
    t->loses = DGM_NEW(arena, bool, dgm_mapping_rule_count(t->mapping) + 1u);
    t->limits = DGM_NEW(arena, const dgm_repr *, dgm_shape_count(t->model) + 1u);
    t->loose = DGM_NEW(arena, bool, dgm_shape_count(t->model) + 1u);
    if (!t->loses || !t->loose || !t->limits) return false;
    for (uint32_t i = 0; dgm_mapping_row(t->mapping, i, arena, &r) == DGM_OK; i++) {
        t->loses[i] = r.loses;
        if (r.repr) t->limits[r.model_at] = r.repr;
    }
    if (!codes || dgm_mapping_hints(t->mapping, arena, &hints, &count) != DGM_OK || !take_codes(t, codes)) return false;
    t->choices = DGM_NEW(arena, dgm_wish_choice, count + dgm_shape_count(t->model) + 1);
    if (!t->choices || !choose_hinted(t, &made, hints, count, codes)) return false;
    for (uint32_t slot = 0; slot < dgm_shape_count(t->model); slot++) {
        bool known = !codes[slot].len && !t->limits[slot];
        for (size_t k = 0; k < count && !known; k++) known = hints[k].slot == slot;
        if (!known && !choose(t, &made, slot, codes[slot], false, codes[slot].len > 0)) return false;
    }
    return true;
}

static verdict fit(trying *t, dgm_tree **document, uint32_t *unsaid)
{
    verdict v = try(t, *document, unsaid);
    for (int round = 0; v == OUTSIDE && round < ROUNDS_MAX && take_out(t, document); round++) v = try(t, *document, unsaid);
    return v;
}

verdict laws_fit(trying *t, dgm_tree **document)
{
    uint32_t unsaid;
    const dgm_slice folder = t->folder;
    t->folder = (dgm_slice){ 0 }; /* it is none of those that are kept */
    verdict v = fit(t, document, &unsaid);
    t->folder = folder;
    return v;
}

static cli_exit one_document(trying *t, uint64_t seed)
{
    dgm_wish wish = wish_of(t, seed);
    t->seed = seed;
    dgm_tree *document = NULL;
    uint32_t unsaid = 0;
    if (dgm_generate(t->builder, t->model, &wish, &document) != DGM_OK) return CLI_ENVIRONMENT;
    verdict v = fit(t, &document, &unsaid);
    t->documents++;
    t->hold += v == HOLDS;
    t->outside += v == OUTSIDE;
    for (uint32_t n = 0; v == HOLDS && n < document->node_count; n++) t->values += dgm_tree_value(document, n).len > 0;
    if (v == HOLDS) t->unsaid += unsaid;
    if (v == BROKEN) {
        cut_down(t, &document);
        laws_tell_head(t, "document", seed);
        laws_tell_document(t, "document", document);
        laws_tell_written(t);
    }
    if (v == HOLDS && t->amends) v = laws_amended(t, document, &wish);
    dgm_tree_free(document);
    return v == BROKEN ? CLI_REFUSED : v == FAILED || t->unkept ? CLI_ENVIRONMENT : CLI_DONE;
}

static cli_exit one_mapping(cli *c, const dgm_format_entry *format, uint64_t seed, uint64_t count)
{
    trying *t = dgm_mem_new(&c->mem, sizeof *t);
    if (!t) return CLI_ENVIRONMENT;
    *t = (trying){ .c = c, .mapping = format->mapping->mapping, .format = format };
    t->model = dgm_mapping_shape(t->mapping, true);
    t->folder = c->args.value[OPT_OUTPUT];
    while (t->folder.len > 1 && t->folder.at[t->folder.len - 1] == '/') t->folder.len--;
    dgm_buffer_init(&t->bytes, &c->mem);
    bool ready = dgm_runner_new(&c->mem, NULL, &t->runner) == DGM_OK && dgm_builder_new(&c->mem, NULL, &t->builder) == DGM_OK &&
                 dgm_diags_new(&c->mem, REFUSED_MAX, &t->diags) == DGM_OK && take_choices(t);
    if (ready) laws_amends(t);
    cli_exit code = ready ? CLI_DONE : CLI_ENVIRONMENT;
    for (uint64_t i = 0; i < count && code == CLI_DONE; i++) code = one_document(t, seed + i);
    if (code == CLI_DONE && !t->hold) code = CLI_REFUSED; /* nothing was tried */
    if (ready) summary(t, seed, code == CLI_DONE);
    dgm_runner_free(t->runner);
    dgm_builder_free(t->builder);
    dgm_diags_free(t->diags);
    dgm_buffer_free(&t->bytes);
    dgm_mem_free(&c->mem, t, sizeof *t);
    return code;
}

static bool asked_for(const dgm_slice *files, size_t n, dgm_slice path)
{
    for (size_t i = 0; i < n; i++)
        if (dgm_slice_equal(files[i], path)) return true;
    return n == 0;
}

cli_exit map_laws(cli *c, const dgm_slice *files, size_t n)
{
    uint64_t seed = 1, count = 1000;
    if (c->args.given[OPT_SEED] && !cli_number(c->args.value[OPT_SEED], UINT64_MAX >> 1, &seed))
        return cli_usage(c, "--seed takes a number");
    if (c->args.given[OPT_DOCUMENTS] && (!cli_number(c->args.value[OPT_DOCUMENTS], 100000000, &count) || !count))
        return cli_usage(c, "--count takes a number from 1 to 100000000");
    for (size_t i = 0; i < n; i++) c->args.rules[c->args.rule_count++] = files[i];
    if (c->args.given[OPT_OUTPUT] && mkdir(c->args.value[OPT_OUTPUT].at, 0777) != 0 && errno != EEXIST) {
        cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, c->args.value[OPT_OUTPUT], dgm_slice_of(strerror(errno)));
        return CLI_ENVIRONMENT;
    }
    cli_exit code = cli_context_whole(c);
    for (size_t i = 0; c->context && i < c->context->format_count && code <= CLI_REFUSED; i++) {
        const dgm_format_entry *f = &c->context->formats[i];
        if (f->mapping && asked_for(files, n, f->mapping->path)) code = cli_worse(code, one_mapping(c, f, seed, count));
    }
    return code;
}
