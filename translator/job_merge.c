/* SPDX-License-Identifier: Apache-2.0
 *
 * job_merge.c - documents that several messages tell: each part goes into the job's store, what is complete with it is put together
 * and goes on as the canonical document of the message that completed it. The caller's thread.
 */
#include "job.h"

#include "base/diag.h"
#include "base/keyed.h"
#include "mapping/documents.h"
#include "model/check.h"
#include "parts.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

/* What became of a document that was put together in this input. */
enum { MERGED_DONE = 1, MERGED_REFUSED };

/* The document in hand, while it is put together and told of. */
typedef struct whole {
    dgm_arena arena;
    dgm_kept_part *parts; /* in the order they are put together */
    dgm_tree **trees;
    const dgm_origin *whence; /* of the document's nodes: part and node there */
    uint32_t count;
} whole;

typedef struct dgm_merging {
    dgm_mem mem;
    dgm_store store;
    dgm_memory_store *own; /* where the caller gave none */
    bool held;
    dgm_keyed done;  /* by key: MERGED_DONE, MERGED_REFUSED, or DGM_NONE while it was only asked for */
    dgm_keyed named; /* documents whose parts were looked through while it is held, and each of those (PART_NAMED) */
    dgm_arena arena; /* of the part in hand */
    dgm_buffer key, name, json, sent, one;
    whole whole;
} dgm_merging;

/* ---- the store -----------------------------------------------------------------------------------------------------------------
 */

static dgm_merging *merging_of(dgm_job *j)
{
    if (j->merging) return j->merging;
    dgm_merging *g = dgm_mem_new(&j->mem, sizeof *g);
    if (!g) return NULL;
    g->mem = j->mem;
    g->store = j->options.store;
    dgm_keyed_init(&g->done, &j->mem);
    dgm_keyed_init(&g->named, &j->mem);
    dgm_arena_init(&g->arena, &j->mem);
    dgm_arena_init(&g->whole.arena, &j->mem);
    dgm_buffer_init(&g->key, &j->mem);
    dgm_buffer_init(&g->name, &j->mem);
    dgm_buffer_init(&g->json, &j->mem);
    dgm_buffer_init(&g->sent, &j->mem);
    dgm_buffer_init(&g->one, &j->mem);
    j->merging = g;
    return g;
}

static dgm_status hold(dgm_job *j, dgm_merging *g)
{
    dgm_status s = DGM_OK;
    if (!g->store.get) {
        s = dgm_memory_store_new(&j->mem, j->context->limits.store_bytes_max, &g->own);
        if (s == DGM_OK) g->store = dgm_memory_store_use(g->own);
    }
    if (s == DGM_OK && !g->held && g->store.hold) s = g->store.hold(g->store.ctx);
    if (s == DGM_OK) g->held = true;
    return s;
}

static void forget_whole(dgm_merging *g)
{
    whole *w = &g->whole;
    for (uint32_t i = 0; w->trees && i < w->count; i++) dgm_tree_free(w->trees[i]);
    dgm_arena_reset(&w->arena, 1 << 16);
    w->parts = NULL;
    w->trees = NULL;
    w->whence = NULL;
    w->count = 0;
}

void dgm_merge_let_go(dgm_job *j)
{
    dgm_merging *g = j->merging;
    if (!g) return;
    if (g->held && g->store.let_go) g->store.let_go(g->store.ctx);
    g->held = false;
    dgm_keyed_clear(&g->done);
    dgm_keyed_clear(&g->named);
    forget_whole(g);
}

void dgm_merge_free(dgm_job *j)
{
    dgm_merging *g = j->merging;
    if (!g) return;
    dgm_merge_let_go(j);
    dgm_memory_store_free(g->own);
    dgm_keyed_free(&g->done);
    dgm_keyed_free(&g->named);
    dgm_arena_free(&g->arena);
    dgm_arena_free(&g->whole.arena);
    dgm_buffer_free(&g->key);
    dgm_buffer_free(&g->name);
    dgm_buffer_free(&g->json);
    dgm_buffer_free(&g->sent);
    dgm_buffer_free(&g->one);
    dgm_mem_free(&j->mem, g, sizeof *g);
    j->merging = NULL;
}

/* ---- a part as it is kept ------------------------------------------------------------------------------------------------------
 */

static const dgm_model_entry *model_of(const dgm_job *j, const dgm_tree *t)
{
    return dgm_context_model(j->context, dgm_shape_name(t->shape));
}

static dgm_status as_json(const dgm_job *j, const dgm_tree *t, dgm_diags *diags, dgm_buffer *out)
{
    dgm_host host = dgm_host_make(&j->mem, &j->context->limits, diags, &j->context->world, NULL, 0);
    const dgm_model_entry *entry = model_of(j, t);
    dgm_writer *w = NULL;
    out->len = 0;
    if (!entry) return DGM_DEFECT;
    dgm_status s = dgm_codec_json.writer_open(&host, &entry->json, NULL, 0, dgm_buffer_sink(out), &w);
    if (s == DGM_OK) s = dgm_codec_json.write(w, t);
    if (s == DGM_OK) s = dgm_codec_json.finish(w);
    dgm_codec_json.writer_close(w);
    return s;
}

/* For each value of the document, in its order, where the message says it. */
static dgm_status write_sent(const dgm_job *j, const dgm_tree *model, const dgm_tree *wire, dgm_buffer *out)
{
    char path[512];
    uint32_t *parents = dgm_mem_new(&j->mem, (wire->node_count + 1u) * sizeof *parents);
    dgm_status s = parents ? DGM_OK : DGM_NOMEM;
    out->len = 0;
    if (parents) dgm_tree_parents(wire, parents);
    for (uint32_t n = 0; n < model->node_count && s == DGM_OK; n++) {
        if (!dgm_node_leaf(&model->nodes[n])) continue;
        uint32_t from = model->origin ? model->origin[n].source_node : DGM_NONE;
        if (from < wire->node_count) {
            size_t len = dgm_tree_path_up(wire, parents, from, path, sizeof path);
            uint64_t at = dgm_node_leaf(&wire->nodes[from]) && !wire->recoded ? wire->base + wire->nodes[from].at : UINT64_MAX;
            s = dgm_buffer_append(out, (dgm_slice){ path, len < sizeof path ? len : sizeof path });
            if (s == DGM_OK && at != UINT64_MAX)
                s = dgm_buffer_print(out, "\t%llu\t%u", (unsigned long long)at, wire->nodes[from].span);
        }
        if (s == DGM_OK) s = dgm_buffer_append(out, DGM_LITERAL("\n"));
    }
    dgm_mem_free(&j->mem, parents, (wire->node_count + 1u) * sizeof *parents);
    return s;
}

static dgm_slice digest_of(dgm_arena *arena, dgm_slice bytes)
{
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char *text = DGM_NEW(arena, char, DGM_DIGEST_BYTES + 1);
    if (!text || EVP_Digest(bytes.len ? bytes.at : "", bytes.len, d, &len, EVP_sha256(), NULL) != 1 || len != 32)
        return (dgm_slice){ 0 };
    dgm_hex(d, len, text);
    return (dgm_slice){ text, DGM_DIGEST_BYTES };
}

/* Which of the document's parts it is: the number of its mapping's, or the only one, or, where several have no numbers, the one
 * that says this. */
static dgm_status make_part(dgm_lane *lane, dgm_merging *g, dgm_kept_part *p)
{
    dgm_job *j = lane->job;
    const dgm_mapping *m = lane->mapping_in->mapping;
    const dgm_message_report *r = &lane->report;
    dgm_slice name = dgm_mapping_name(m);
    dgm_status s = as_json(j, lane->model, lane->diags, &g->json);
    if (s == DGM_OK) s = write_sent(j, lane->model, lane->message.tree, &g->sent);
    const size_t len = g->json.len; /* what it says of how many there are is no part of the document, but of what it says */
    if (s == DGM_OK) s = dgm_buffer_print(&g->json, "\n%u %d", lane->facts.count, lane->facts.last ? 1 : 0);
    if (s != DGM_OK) return s;
    dgm_slice digest = digest_of(&g->arena, dgm_buffer_slice(&g->json));
    g->json.len = len;
    *p = (dgm_kept_part){
        .digest = digest, .listed = lane->facts.listed, .document = dgm_buffer_slice(&g->json), .sent = dgm_buffer_slice(&g->sent)
    };
    p->info = (dgm_part_info){ name,
                               r->type,
                               r->reference,
                               r->sender,
                               r->recipient,
                               r->interchange_reference,
                               lane->facts.number,
                               j->context->world.now_ms(j->context->world.ctx) };
    if (!p->digest.at) return DGM_NOMEM;
    if (lane->facts.number)
        p->identity = dgm_arena_print(&g->arena, "%.*s#%u", (int)name.len, name.at, lane->facts.number);
    else if (dgm_merge_several(m))
        p->identity = dgm_arena_print(&g->arena, "%.*s %.*s", (int)name.len, name.at, (int)p->digest.len, p->digest.at);
    else
        p->identity = name;
    return p->identity.at ? DGM_OK : DGM_NOMEM;
}

/* ---- a part goes to the others
 * --------------------------------------------------------------------------------------------------- */

typedef struct taking {
    dgm_lane *lane;
    dgm_merging *g;
    dgm_kept kept;
    dgm_kept_part part;
    bool again; /* it was there before and says the same */
} taking;

static dgm_diag *say(taking *t, dgm_diag_code code, dgm_severity severity)
{
    dgm_diag *d = dgm_diags_add(t->lane->diags, code, severity);
    if (d) d->position = t->lane->report.position;
    dgm_diag_reference(t->lane->diags, d, t->lane->report.reference);
    dgm_diag_text(t->lane->diags, d, dgm_buffer_slice(&t->g->name));
    return d;
}

static void begin_kept(taking *t)
{
    const dgm_mapping *m = t->lane->mapping_in->mapping;
    dgm_kept *k = &t->kept;
    *k = (dgm_kept){ .name = dgm_buffer_slice(&t->g->name), .model = dgm_mapping_model(m), .since_ms = t->part.info.since_ms };
    (void)dgm_kept_view_of(k, dgm_mapping_name(m));
    for (uint32_t i = 0; dgm_merge_with(m, i).len; i++) (void)dgm_kept_view_of(k, dgm_merge_with(m, i));
}

/* ---- which parts a document names: a run that ended too soon may have put one that it does not, and another came instead */

enum { PART_NAMED = 1 };

/* The row of a part of the document in hand, or of that itself (empty). */
static dgm_status row_of(dgm_merging *g, dgm_slice identity, dgm_keyed_row **out)
{
    uint32_t number;
    g->one.len = 0;
    dgm_status s = dgm_keyed_append(&g->one, dgm_buffer_slice(&g->key));
    if (s == DGM_OK) s = dgm_keyed_append(&g->one, identity);
    if (s == DGM_OK) s = dgm_keyed_take(&g->named, dgm_buffer_slice(&g->one), &number);
    if (s != DGM_OK) return s;
    *out = &g->named.rows[number];
    return DGM_OK;
}

static dgm_status set_named(dgm_merging *g, dgm_slice identity)
{
    dgm_keyed_row *row;
    dgm_status s = row_of(g, identity, &row);
    if (s == DGM_OK) row->value = PART_NAMED;
    return s;
}

/* Whether the part in hand, which is in the store, is one that its document names. All are looked through once for as long as the
 * store is held, so that many that come again cost no more than they are. */
static dgm_status is_named(taking *t, const dgm_kept_part *part, bool *is)
{
    dgm_merging *g = t->g;
    dgm_keyed_row *row;
    dgm_arena arena;
    dgm_kept_part *parts = NULL;
    *is = false;
    if (part->ordinal > t->kept.parts) return DGM_OK;
    dgm_status s = row_of(g, (dgm_slice){ 0 }, &row);
    if (s != DGM_OK) return s;
    if (row->value != PART_NAMED) {
        dgm_arena_init(&arena, &g->mem);
        s = dgm_kept_parts(&g->store, &g->mem, &arena, dgm_buffer_slice(&g->key), &t->kept, &parts);
        for (uint32_t i = 0; s == DGM_OK && i < t->kept.parts; i++) s = set_named(g, parts[i].identity);
        dgm_arena_free(&arena);
        if (s == DGM_OK) s = set_named(g, (dgm_slice){ 0 });
    }
    if (s == DGM_OK) s = row_of(g, part->identity, &row);
    *is = s == DGM_OK && row->value == PART_NAMED;
    return s;
}

/* The document names one more. */
static dgm_status now_named(taking *t)
{
    dgm_keyed_row *row;
    dgm_status s = row_of(t->g, (dgm_slice){ 0 }, &row);
    return s == DGM_OK && row->value == PART_NAMED ? set_named(t->g, t->part.identity) : s;
}

/* What the message says of how many there are, beside what others said. */
static bool take_facts(taking *t, dgm_kept_view *v, const dgm_kept_part *before)
{
    const dgm_part_facts *f = &t->lane->facts;
    const dgm_mapping *m = t->lane->mapping_in->mapping;
    v->several = dgm_merge_several(m);
    v->numbered = dgm_merge_numbered(m);
    v->ends = dgm_merge_ends(m);
    v->lists = f->lists;
    uint32_t last = f->last ? (f->number ? f->number : 1) : 0;
    if (f->count && v->count && f->count != v->count && !before) {
        dgm_diag *d = say(t, DGM_D_JOB_MERGE_COUNT, DGM_ERROR);
        dgm_diag_number(t->lane->diags, d, v->count);
        dgm_diag_number(t->lane->diags, d, f->count);
        return false;
    }
    if (f->count) v->count = f->count;
    v->parts += before ? 0 : 1;
    v->listed = v->listed + f->listed - (before ? before->listed : 0);
    if (before && f->number && v->last == f->number) v->last = 0; /* it takes back what it said */
    if (last) v->last = last;
    if (f->number > v->highest) v->highest = f->number;
    const uint32_t parts = v->count && !v->lists ? v->count : v->last;
    if (v->numbered && parts && v->highest > parts) { /* else the gap beneath it would look filled */
        dgm_diag *d = say(t, DGM_D_JOB_MERGE_BEYOND, DGM_ERROR);
        dgm_diag_number(t->lane->diags, d, parts);
        dgm_diag_number(t->lane->diags, d, v->highest);
        return false;
    }
    uint32_t most = v->count ? v->count : v->numbered ? v->last : 0, now = v->lists && v->count ? v->listed : v->parts;
    if (!most || now <= most) return true;
    dgm_diag *d = say(t, DGM_D_JOB_MERGE_MANY, DGM_ERROR);
    dgm_diag_number(t->lane->diags, d, most);
    dgm_diag_number(t->lane->diags, d, now);
    return false;
}

/* Into the store: first the part, then the document that names it, so that one without the other is as if it had not come. */
static dgm_status put_part(taking *t, const dgm_kept_part *before)
{
    const dgm_job *j = t->lane->job;
    dgm_merging *g = t->g;
    dgm_slice key = dgm_buffer_slice(&g->key);
    const uint64_t most = j->context->limits.message_bytes_max ? j->context->limits.message_bytes_max : (uint64_t)64 << 20;
    t->part.ordinal = before ? before->ordinal : t->kept.parts + 1;
    t->part.before = before ? before->before : t->kept.last;
    t->kept.bytes += t->part.document.len - (before ? before->document.len : 0);
    if (t->kept.bytes > most) {
        dgm_diag_number(t->lane->diags, say(t, DGM_D_JOB_MERGE_LIMIT, DGM_ERROR), (int64_t)most);
        return DGM_INVALID;
    }
    if (!before) {
        t->kept.parts++;
        t->kept.last = t->part.identity;
    }
    t->kept.state = dgm_kept_complete(&t->kept) ? DGM_WAITS_COMPLETE : DGM_WAITS;
    dgm_status s = dgm_kept_part_put(&g->store, &j->mem, key, &t->part);
    if (s == DGM_OK) s = dgm_kept_put(&g->store, &j->mem, key, &t->kept);
    if (s == DGM_OK) return now_named(t);
    if (s != DGM_LIMIT) return s;
    say(t, DGM_D_JOB_MERGE_FULL, DGM_ERROR);
    return DGM_INVALID;
}

/* Whether this input has put it together already, or one before it whose output is not safe yet; refused: this input has, and it
 * was refused. */
static dgm_status done_here(taking *t, bool *done, bool *refused)
{
    uint32_t number = 0;
    const dgm_store *store = &t->g->store;
    dgm_status s = store->out ? store->out(store->ctx, dgm_buffer_slice(&t->g->key), true) : DGM_END;
    *done = s == DGM_OK;
    *refused = false;
    if (s != DGM_END) return s;
    s = dgm_keyed_take(&t->g->done, dgm_buffer_slice(&t->g->key), &number);
    if (s != DGM_OK) return s;
    *refused = t->g->done.rows[number].value == MERGED_REFUSED;
    *done = t->g->done.rows[number].value == MERGED_DONE;
    return DGM_OK;
}

/* A part that came before, with the same number. */
static dgm_status take_again(taking *t, dgm_kept_view *v, const dgm_kept_part *before)
{
    t->again = dgm_slice_equal(before->digest, t->part.digest);
    bool replaces = dgm_merge_replaces(t->lane->mapping_in->mapping);
    bool done = false, refused;
    dgm_status s = !t->again && replaces ? done_here(t, &done, &refused) : DGM_OK;
    if (s != DGM_OK) return s;
    if (done) {
        say(t, DGM_D_JOB_MERGE_LATE, DGM_ERROR);
        return DGM_INVALID;
    }
    dgm_diag *d = say(t,
                      t->again   ? DGM_D_JOB_MERGE_AGAIN
                      : replaces ? DGM_D_JOB_MERGE_REPLACED
                                 : DGM_D_JOB_MERGE_OTHERWISE,
                      t->again || replaces ? DGM_WARNING : DGM_ERROR);
    dgm_diag_text(t->lane->diags, d, dgm_part_words(&t->g->arena, &before->info));
    if (t->again) return DGM_OK;
    if (!replaces || !take_facts(t, v, before)) return DGM_INVALID;
    return put_part(t, before);
}

/* It was written: what comes again is told, and nothing else can come. */
static dgm_status take_late(taking *t)
{
    dgm_slice was, key = dgm_buffer_slice(&t->g->key);
    dgm_status st = dgm_kept_was(&t->g->store, &t->lane->job->mem, &t->g->arena, key, &t->kept, t->part.identity, &was);
    if (st != DGM_OK) return st;
    t->again = was.len && dgm_slice_equal(was, t->part.digest);
    if (t->kept.parts) { /* a run that ended too soon has left some */
        dgm_status s = dgm_kept_sweep(&t->g->store, &t->lane->job->mem, dgm_buffer_slice(&t->g->key), &t->kept);
        if (s != DGM_OK) return s;
    }
    if (t->again) {
        dgm_diag_text(t->lane->diags, say(t, DGM_D_JOB_MERGE_AGAIN, DGM_WARNING), DGM_LITERAL("a document that is written"));
        return DGM_OK;
    }
    say(t, DGM_D_JOB_MERGE_LATE, DGM_ERROR);
    return DGM_INVALID;
}

static dgm_status take_part(taking *t)
{
    const dgm_job *j = t->lane->job;
    dgm_merging *g = t->g;
    dgm_slice key = dgm_buffer_slice(&g->key);
    dgm_kept_part before;
    dgm_status s = dgm_kept_get(&g->store, &j->mem, &g->arena, key, &t->kept);
    if (s == DGM_END)
        begin_kept(t);
    else if (s != DGM_OK)
        return s;
    if (t->kept.state == DGM_WAITS_WRITTEN) return take_late(t);
    dgm_kept_view *v = dgm_kept_view_of(&t->kept, t->part.info.mapping);
    if (!v) return DGM_INVALID; /* mappings that tell one document name one another: it began under others */
    s = dgm_kept_part_get(&g->store, &j->mem, &g->arena, key, t->part.identity, &before);
    bool named = false;
    if (s == DGM_OK) s = is_named(t, &before, &named);
    if (named) return take_again(t, v, &before);
    if (s != DGM_OK && s != DGM_END) return s; /* one that is not named is as if it had not come */
    if (t->kept.state == DGM_WAITS_COMPLETE) {
        say(t, DGM_D_JOB_MERGE_LATE, DGM_ERROR);
        return DGM_INVALID;
    }
    return take_facts(t, v, NULL) ? put_part(t, NULL) : DGM_INVALID;
}

/* ---- putting together
 * ------------------------------------------------------------------------------------------------------------ */

static dgm_status read_json(const dgm_job *j, dgm_slice bytes, dgm_diags *diags, dgm_tree **out)
{
    const dgm_format_list *known = &j->context->by_codec[dgm_context_codec(DGM_LITERAL("json"))];
    dgm_host host = dgm_host_make(&j->mem, &j->context->limits, diags, &j->context->world, known->at, known->count);
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    dgm_tree *made = NULL;
    dgm_status s = dgm_codec_json.open_whole(&host, NULL, 0, bytes, &r);
    if (s == DGM_OK) s = dgm_codec_json.next(r, &m);
    if (s == DGM_OK && (m.errors || !m.tree)) s = DGM_INVALID;
    if (s == DGM_OK) s = dgm_tree_own(m.tree, &j->mem, &made);
    if (r && m.tree) dgm_codec_json.recycle(r, &m);
    if (r) dgm_codec_json.close(r);
    *out = made;
    return s;
}

typedef struct rank {
    dgm_kept_part part;
    bool believed;
} rank;

static int by_rank(const void *a, const void *b)
{
    const rank *x = a, *y = b;
    if (x->believed != y->believed) return x->believed ? -1 : 1;
    int order = dgm_slice_compare(x->part.info.mapping, y->part.info.mapping);
    if (order) return order;
    if (x->part.info.number != y->part.info.number) return x->part.info.number < y->part.info.number ? -1 : 1;
    return x->part.ordinal < y->part.ordinal ? -1 : 1;
}

/* In an order that does not depend on how they came, where they have numbers: the believed one's first, then by mapping. */
static dgm_status order_parts(dgm_arena *arena, dgm_kept_part *parts, uint32_t count, dgm_slice master)
{
    rank *all = DGM_NEW(arena, rank, count + 1u);
    if (!all) return DGM_NOMEM;
    for (uint32_t i = 0; i < count; i++) all[i] = (rank){ parts[i], master.len && dgm_slice_equal(parts[i].info.mapping, master) };
    qsort(all, count, sizeof *all, by_rank);
    for (uint32_t i = 0; i < count; i++) parts[i] = all[i].part;
    return DGM_OK;
}

static void disagree(void *ctx, uint32_t part, uint32_t node, uint32_t other_part, uint32_t other_node)
{
    taking *t = ctx;
    const whole *w = &t->g->whole;
    dgm_slice master = dgm_merge_master(t->lane->mapping_in->mapping);
    bool believed = master.len && dgm_slice_equal(w->parts[part].info.mapping, master);
    dgm_diags *diags = t->lane->diags;
    char path[256];
    dgm_diag *d =
        dgm_diags_add(diags, believed ? DGM_D_JOB_MERGE_BELIEVED : DGM_D_JOB_MERGE_DISAGREE, believed ? DGM_WARNING : DGM_ERROR);
    size_t n = dgm_tree_path(w->trees[other_part], other_node, path, sizeof path);
    if (d) d->position = t->lane->report.position;
    dgm_diag_path(diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path });
    dgm_diag_text(diags, d, dgm_tree_value(w->trees[part], node));
    dgm_diag_text(diags, d, dgm_part_words(&t->g->whole.arena, &w->parts[part].info));
    dgm_diag_text(diags, d, dgm_part_words(&t->g->whole.arena, &w->parts[other_part].info));
    dgm_diag_text(diags, d, dgm_tree_value(w->trees[other_part], other_node));
}

static dgm_status put_together(taking *t)
{
    dgm_job *j = t->lane->job;
    dgm_merging *g = t->g;
    whole *w = &g->whole;
    const dgm_mapping *m = t->lane->mapping_in->mapping;
    const size_t errors = dgm_diags_errors(t->lane->diags);
    dgm_united *united = DGM_NEW(&w->arena, dgm_united, t->kept.parts + 1u);
    w->trees = DGM_NEW(&w->arena, dgm_tree *, t->kept.parts + 1u);
    if (!united || !w->trees) return DGM_NOMEM;
    dgm_status s = dgm_kept_parts(&g->store, &j->mem, &w->arena, dgm_buffer_slice(&g->key), &t->kept, &w->parts);
    if (s == DGM_OK) s = order_parts(&w->arena, w->parts, t->kept.parts, dgm_merge_master(m));
    for (; s == DGM_OK && w->count < t->kept.parts; w->count++) {
        s = read_json(j, w->parts[w->count].document, t->lane->diags, &w->trees[w->count]);
        const dgm_mapping_entry *whose = dgm_context_mapping(j->context, w->parts[w->count].info.mapping);
        const dgm_status there = whose ? dgm_context_need_mapping(j->context, whose, t->lane->diags) : DGM_UNKNOWN;
        if (there == DGM_NOMEM) s = there;
        united[w->count] = (dgm_united){ w->trees[w->count], there == DGM_OK ? whose->mapping : NULL };
        if (s == DGM_OK && w->trees[w->count]->shape != t->lane->model->shape)
            s = DGM_INVALID; /* of another version of the model */
    }
    if (s == DGM_INVALID) say(t, DGM_D_JOB_MERGE_BROKEN, DGM_ERROR);
    if (s == DGM_OK) s = dgm_merge_trees(&j->mem, &j->context->limits, united, w->count, disagree, t, &t->lane->whole);
    if (s == DGM_LIMIT) {
        dgm_diag_number(t->lane->diags, say(t, DGM_D_JOB_MERGE_LIMIT, DGM_ERROR), (int64_t)t->kept.bytes);
        s = DGM_INVALID;
    }
    if (s != DGM_OK) return s;
    w->whence = t->lane->whole->origin;
    t->lane->whole->origin = NULL; /* what it was made of is no message at hand */
    t->lane->whole->reference = t->lane->message.tree->reference;
    t->lane->whole->position = t->lane->report.position;
    t->lane->report.model = t->lane->whole;
    size_t first = dgm_diags_count(t->lane->diags);
    s = dgm_model_check(t->lane->whole, t->lane->diags);
    dgm_merge_sent(t->lane, first);
    return s == DGM_OK && dgm_diags_errors(t->lane->diags) > errors ? DGM_INVALID : s;
}

/* ---- the place where it was said
 * -------------------------------------------------------------------------------------------------- */

/* The k-th line of a text, from 0. */
static dgm_slice line_of(dgm_slice text, uint32_t k)
{
    dgm_cut line = dgm_slice_cut(text, '\n');
    while (k-- && line.found) line = dgm_slice_cut(line.tail, '\n');
    return line.head;
}

static void point_at(dgm_lane *lane, const whole *w, dgm_diag *d)
{
    dgm_origin from = w->whence[d->node];
    if (from.rule >= w->count) return;
    const dgm_kept_part *p = &w->parts[from.rule];
    const dgm_tree *t = w->trees[from.rule];
    uint32_t n = from.source_node, leaf = 0;
    while (n + 1 < t->node_count && !dgm_node_leaf(&t->nodes[n])) n++; /* of a class the first of its values */
    for (uint32_t k = 0; k < n; k++) leaf += dgm_node_leaf(&t->nodes[k]) ? 1 : 0;
    dgm_slice path = dgm_slice_cut(line_of(p->sent, leaf), '\t').head;
    dgm_diag_sent(lane->diags, d, path);
    if (p->info.reference.len) dgm_diag_reference(lane->diags, d, p->info.reference);
    bool here = dgm_slice_equal(p->info.reference, lane->report.reference) &&
                dgm_slice_equal(p->info.interchange_reference, lane->report.interchange_reference);
    if (!here) d->position = (dgm_position){ 0 }; /* it stands in another input, perhaps */
}

void dgm_merge_sent(dgm_lane *lane, size_t first)
{
    const dgm_merging *g = lane->job->merging;
    const whole *w = &g->whole;
    for (size_t i = first; w->whence && lane->whole && i < dgm_diags_count(lane->diags); i++) {
        dgm_diag *d = dgm_diags_edit(lane->diags, i);
        bool about = d->severity == DGM_ERROR && d->node != DGM_NONE && d->node < lane->whole->node_count && !d->sent.len;
        if (about && d->at_byte == UINT64_MAX) point_at(lane, w, d);
    }
}

/* ---- the whole
 * -------------------------------------------------------------------------------------------------------------------- */

static dgm_status finish_document(taking *t)
{
    dgm_lane *lane = t->lane;
    uint32_t number;
    bool done, refused;
    dgm_status s = done_here(t, &done, &refused);
    if (s != DGM_OK || done) return s;
    if (refused && t->again) return DGM_OK; /* it was told, and nothing is new */
    s = put_together(t);
    if (s != DGM_OK && s != DGM_INVALID) return s;
    dgm_status known = dgm_keyed_take(&t->g->done, dgm_buffer_slice(&t->g->key), &number);
    if (known != DGM_OK) return known;
    t->g->done.rows[number].value = s == DGM_OK ? MERGED_DONE : MERGED_REFUSED;
    lane->merged = number + 1;
    lane->report.part = DGM_PART_WHOLE;
    if (s == DGM_OK) return DGM_OK;
    say(t, DGM_D_JOB_MERGE_REFUSED, DGM_ERROR);
    return DGM_INVALID;
}

dgm_status dgm_merge_take(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    dgm_merging *g = merging_of(j);
    if (!g) return DGM_NOMEM;
    const dgm_mapping *m = lane->mapping_in->mapping;
    taking t = { .lane = lane, .g = g };
    forget_whole(g);
    dgm_arena_reset(&g->arena, 1 << 16);
    g->key.len = g->name.len = 0;
    dgm_status s = dgm_merge_key(lane->runner_in, m, lane->message.tree, lane->model, lane->diags, &g->key, &g->name);
    if (s == DGM_OK) s = make_part(lane, g, &t.part);
    if (s == DGM_OK) s = hold(j, g);
    if (s == DGM_OK) {
        s = take_part(&t);
        if (s == DGM_INVALID && !dgm_diags_errors(lane->diags)) say(&t, DGM_D_JOB_MERGE_BROKEN, DGM_ERROR);
    }
    lane->report.part = t.again ? DGM_PART_AGAIN : DGM_PART_KEPT;
    if (s == DGM_OK && (t.kept.state == DGM_WAITS_COMPLETE || t.kept.state == DGM_WAITS_REFUSED)) s = finish_document(&t);
    if (s == DGM_OK && dgm_diags_failed(lane->diags)) s = DGM_NOMEM;
    lane->status = s;
    return dgm_job_fatal(s) && s != DGM_CONFIG ? s : DGM_OK;
}

void dgm_merge_refused(dgm_job *j, uint32_t merged)
{
    if (j->merging && merged && merged <= j->merging->done.count) j->merging->done.rows[merged - 1].value = MERGED_REFUSED;
}

/* What came of those that are complete is out: they are written, or refused. */
static dgm_status settle(dgm_job *j, dgm_merging *g)
{
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < g->done.count && s == DGM_OK; i++) {
        const dgm_keyed_row *row = &g->done.rows[i];
        if (row->value == DGM_NONE) continue;
        dgm_slice key = { g->done.bytes.at + row->at, row->len };
        dgm_arena_reset(&g->arena, 1 << 16);
        dgm_kept k;
        if (row->value == MERGED_DONE) {
            s = g->store.out ? g->store.out(g->store.ctx, key, false) : dgm_store_settle(&g->store, &j->mem, key);
        } else {
            s = dgm_kept_get(&g->store, &j->mem, &g->arena, key, &k);
            if (s == DGM_OK) k.state = DGM_WAITS_REFUSED;
            if (s == DGM_OK) s = dgm_kept_put(&g->store, &j->mem, key, &k);
        }
        if (s == DGM_INVALID || s == DGM_END) s = DGM_OK; /* told when it was put together */
    }
    return s;
}

static void tell_incomplete(void *ctx, const dgm_waiting *w)
{
    dgm_job *j = ctx;
    if (w->state != DGM_WAITS) return; /* it was told why it is refused */
    dgm_diag *d = dgm_diags_add(j->diags, DGM_D_JOB_MERGE_INCOMPLETE, DGM_ERROR);
    dgm_diag_text(j->diags, d, w->name);
    dgm_diag_text(j->diags, d, w->lacks);
    dgm_diag_text(j->diags, d, dgm_waiting_words(&j->merging->arena, w));
    if (w->part_count) dgm_diag_reference(j->diags, d, w->parts[0].reference);
}

dgm_status dgm_merge_end(dgm_job *j)
{
    dgm_merging *g = j->merging;
    if (!g || !g->held) return DGM_OK;
    dgm_status s = settle(j, g);
    if (s == DGM_OK && g->own) {
        s = dgm_store_waiting(&g->store, &j->mem, false, tell_incomplete, j);
        if (s == DGM_INVALID) s = DGM_OK;
        dgm_memory_store_free(g->own); /* the next input begins anew */
        g->own = NULL;
        g->store = (dgm_store){ 0 };
    }
    dgm_merge_let_go(j);
    return s;
}
