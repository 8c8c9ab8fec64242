/* SPDX-License-Identifier: Apache-2.0
 *
 * job_documents.c - messages that hold several documents, and documents that share one: read and checked one by one, so that a bad
 * one costs its siblings nothing; put together by their keys when they are written; each with a report of its own. Reading is any
 * thread's, the rest the caller's.
 */
#include "job.h"

#include "base/diag.h"
#include "base/keyed.h"
#include "mapping/documents.h"
#include "model/check.h"

/* ---- what is held -------------------------------------------------------------------------------------------------------- */

static dgm_held *add_held(const dgm_job *j, dgm_desk *desk)
{
    void *all = desk->at;
    dgm_status s = dgm_mem_reserve(&j->mem, &all, &desk->room, desk->count + 1, sizeof *desk->at);
    desk->at = all;
    if (s != DGM_OK) return NULL;
    dgm_held *h = &desk->at[desk->count++];
    *h = (dgm_held){ 0 };
    return h;
}

static void drop_one(dgm_lane *lane, dgm_held *h)
{
    if (h->copied) {
        dgm_tree_free(h->target);
        dgm_tree_free(h->derived);
        dgm_tree_free(h->model);
    } else {
        if (h->target) dgm_runner_recycle(lane->runner_out, h->target);
        if (h->derived) dgm_runner_recycle(lane->runner_between, h->derived);
        if (h->model) dgm_runner_recycle(lane->runner_in, h->model);
    }
    dgm_tree_free(h->part);
    dgm_diags_free(h->diags);
    *h = (dgm_held){ 0 };
}

void dgm_documents_drop(dgm_lane *lane, dgm_desk *desk)
{
    for (size_t i = 0; i < desk->count; i++) drop_one(lane, &desk->at[i]);
    desk->count = 0;
    desk->nodes = 0;
}

static void free_desk(dgm_lane *lane, dgm_desk *desk)
{
    dgm_documents_drop(lane, desk);
    dgm_mem_free(&lane->job->mem, desk->at, desk->room * sizeof *desk->at);
    *desk = (dgm_desk){ 0 };
}

void dgm_documents_free(dgm_job *j)
{
    if (j->lane_count) free_desk(&j->lanes[0], &j->held);
    for (uint32_t i = 0; i < j->lane_count; i++) free_desk(&j->lanes[i], &j->lanes[i].held);
    dgm_shared_free(j->shared);
    dgm_arena_free(&j->held_names);
}

/* What is said of a document, kept until its report. */
static dgm_status keep_diags(const dgm_job *j, dgm_held *h, dgm_diags *from)
{
    if (!dgm_diags_count(from) && !dgm_diags_errors(from)) return dgm_diags_failed(from) ? DGM_NOMEM : DGM_OK;
    uint32_t most = j->context->limits.diagnostics_max;
    dgm_status s = h->diags ? DGM_OK : dgm_diags_new(&j->mem, most ? most : 1000, &h->diags);
    return s == DGM_OK ? dgm_diags_move(h->diags, from) : s;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------- */

/* Values of the message by what became of them in any of its documents. */
typedef struct dgm_ledger {
    uint8_t *at;
    size_t count;
} dgm_ledger;

static void enter(dgm_ledger *l, const uint8_t *accounts, const dgm_tree *part)
{
    for (uint32_t n = 0; l->at && accounts && n < part->node_count; n++) {
        uint8_t *whole = &l->at[dgm_tree_whole_node(part, n)];
        if (accounts[n] != DGM_ACCOUNT_NONE && (*whole == DGM_ACCOUNT_NONE || accounts[n] < *whole)) *whole = accounts[n];
    }
}

/* Occurrences that no document could be made of are told with an error, and not value by value. */
static void enter_refused(dgm_ledger *l, const dgm_cuts *cuts, uint32_t k)
{
    dgm_range own;
    for (uint32_t row = 0; l->at && dgm_cuts_own(cuts, k, &row, &own);)
        for (uint32_t n = own.from; n < own.to; n++)
            if (l->at[n] == DGM_ACCOUNT_NONE) l->at[n] = DGM_ACCOUNT_IGNORED;
}

/* A document: what it is read from, itself, and what is wrong with it. */
static dgm_status read_one(dgm_lane *lane, dgm_cuts *cuts, uint32_t k, dgm_diags *said, dgm_ledger *ledger)
{
    dgm_job *j = lane->job;
    dgm_held *h = add_held(j, &lane->held);
    if (!h) return DGM_NOMEM;
    dgm_status s = dgm_cuts_part(cuts, k, lane->runner_in, said, &h->part);
    if (s == DGM_INVALID) enter_refused(ledger, cuts, k);
    if (s == DGM_OK) {
        s = dgm_mapping_run(lane->runner_in, lane->mapping_in->mapping, DGM_READ, h->part, &j->run, said, &h->model);
        if (!dgm_job_fatal(s)) enter(ledger, dgm_runner_accounts(lane->runner_in), h->part);
    }
    if (s == DGM_OK) s = dgm_model_check(h->model, said);
    if (dgm_job_fatal(s)) return s;
    h->status = s != DGM_OK || dgm_diags_errors(said) ? DGM_INVALID : DGM_OK;
    h->document = h->model;
    if (h->part && !j->run.origin) { /* only explanations go back to it */
        dgm_tree_free(h->part);
        h->part = NULL;
    }
    return keep_diags(j, h, said);
}

static dgm_status tell_left(dgm_lane *lane, dgm_ledger *ledger)
{
    const dgm_tree *t = lane->message.tree;
    if (!ledger->at) return DGM_OK;
    for (uint32_t n = 0; n < t->node_count; n++) { /* what is in no document */
        if (ledger->at[n] != DGM_ACCOUNT_NONE || !dgm_tree_value(t, n).len) continue;
        const dgm_slot *slot = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[n]));
        ledger->at[n] = slot && slot->envelope ? DGM_ACCOUNT_ENVELOPE : DGM_ACCOUNT_RESIDUE;
    }
    lane->report.residue = dgm_job_tell_accounts(lane, ledger->at, t, lane->mapping_in, false);
    if (!lane->report.residue || !lane->job->options.strict) return DGM_OK;
    dgm_diag *d = dgm_diags_add(lane->diags, DGM_D_JOB_STRICT, DGM_ERROR);
    dgm_diag_number(lane->diags, d, lane->report.residue);
    return DGM_INVALID;
}

/* Whether what the message says of all of them holds. */
static dgm_status verify(dgm_lane *lane, const dgm_cuts *cuts)
{
    dgm_job *j = lane->job;
    size_t count = lane->held.count;
    const dgm_tree **models = dgm_mem_new(&j->mem, count * sizeof *models);
    if (!models) return DGM_NOMEM;
    for (size_t k = 0; k < count; k++) models[k] = lane->held.at[k].status == DGM_OK ? lane->held.at[k].model : NULL;
    dgm_status s = dgm_cuts_verify(cuts, lane->runner_in, models, lane->diags);
    dgm_mem_free(&j->mem, models, count * sizeof *models);
    return s;
}

dgm_status dgm_documents_read(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    const dgm_tree *t = lane->message.tree;
    const dgm_limits *limits = &j->context->limits;
    dgm_cuts *cuts = NULL;
    dgm_diags *said = NULL;
    dgm_ledger ledger = { .count = t->node_count };
    dgm_status s = dgm_cuts_make(lane->mapping_in->mapping, t, &j->mem, limits, lane->runner_in, lane->diags, &cuts);
    if (s == DGM_OK) s = dgm_diags_new(&j->mem, limits->diagnostics_max ? limits->diagnostics_max : 1000, &said);
    if (s == DGM_OK && j->run.accounts) {
        ledger.at = dgm_mem_new(&j->mem, ledger.count);
        if (!ledger.at) s = DGM_NOMEM;
    }
    for (uint32_t k = 0; s == DGM_OK && k < dgm_cuts_count(cuts); k++) s = read_one(lane, cuts, k, said, &ledger);
    if (s == DGM_OK) s = verify(lane, cuts);
    if (s == DGM_OK) s = tell_left(lane, &ledger);
    if (ledger.at) dgm_mem_free(&j->mem, ledger.at, ledger.count);
    dgm_diags_free(said);
    dgm_cuts_free(cuts);
    if (s != DGM_OK) dgm_documents_drop(lane, &lane->held);
    return s;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------- */

/* A document is the lane's message for a while: what the steps of a lane work on. */
static dgm_status take_up(dgm_lane *lane, dgm_held *h)
{
    lane->model = h->copied ? NULL : h->model;
    lane->derived = h->copied ? NULL : h->derived;
    lane->target = h->copied ? NULL : h->target;
    lane->report = h->report;
    lane->status = h->status;
    lane->mapping_in = h->mapping_in;
    lane->mapping_out = h->mapping_out;
    return h->diags ? dgm_diags_move(lane->diags, h->diags) : DGM_OK;
}

static void put_down(dgm_lane *lane, dgm_held *h)
{
    if (!h->copied) {
        h->model = lane->model;
        h->derived = lane->derived;
        h->target = lane->target;
    }
    h->report = lane->report;
    h->status = lane->status;
    h->mapping_in = lane->mapping_in;
    h->mapping_out = lane->mapping_out;
    lane->model = lane->derived = lane->target = NULL;
}

/* To the outlet; what is wrong with it goes to the lane. */
dgm_status dgm_documents_write_out(dgm_lane *lane, const dgm_tree *tree)
{
    dgm_job *j = lane->job;
    bool single = dgm_job_writes_single(j);
    dgm_status s, closed = DGM_OK;
    if (single) {
        dgm_slice name = j->to_json ? DGM_LITERAL("json") : j->to->format.name;
        dgm_job_sign_for(j, &lane->message);
        s = dgm_job_write_single(j, lane, tree, dgm_job_late_sink(j, name));
        closed = dgm_job_close_output(j, s == DGM_OK);
    } else {
        s = dgm_job_write(j, lane, tree);
    }
    /* An interchange opens its output with the first byte, which its writer may keep back. */
    if (s == DGM_OK) lane->report.output = single || j->sink.open ? j->sink.number : j->sink.number + 1;
    return s == DGM_OK ? closed : s;
}

/* What a document was written as, in the lane; refused ones have it said. */
static dgm_status write_alone(dgm_lane *lane, bool out)
{
    if (lane->status != DGM_OK || !lane->job->options.to.len) return DGM_OK;
    dgm_status s = dgm_lane_map_out(lane);
    if (s == DGM_OK && out) s = dgm_documents_write_out(lane, lane->report.target);
    lane->status = s;
    return dgm_job_fatal(s) && s != DGM_CONFIG ? s : DGM_OK;
}

static dgm_status tell(dgm_lane *lane, const dgm_held *h)
{
    lane->job->answered = !h->answers;
    dgm_status s = dgm_lane_tell(lane);
    lane->job->answered = false;
    return s;
}

/* ---- messages that documents share --------------------------------------------------------------------------------------- */

static dgm_status nothing_kept(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static void refuse(dgm_held *h, dgm_status s)
{
    if (h->status == DGM_OK) h->status = s;
}

/* What is said about the message, with the first of its documents; the others refer to it. */
static dgm_status refuse_all(dgm_lane *lane, dgm_desk *desk, const uint32_t *now, uint32_t count, dgm_status why)
{
    dgm_status s = keep_diags(lane->job, &desk->at[now[0]], lane->diags);
    for (uint32_t i = 0; i < count && s == DGM_OK; i++) {
        refuse(&desk->at[now[i]], why);
        if (!i) continue;
        dgm_diag *d = dgm_diags_add(lane->diags, DGM_D_JOB_DOCUMENT_SHARED, DGM_ERROR);
        if (d) d->position = desk->at[now[i]].report.position;
        if (d) dgm_diag_number(lane->diags, d, count - 1);
        s = keep_diags(lane->job, &desk->at[now[i]], lane->diags);
    }
    return s;
}

/* Each of the documents by itself: which of them its codec refuses. *left: how many are not. */
static dgm_status try_each(dgm_lane *lane, dgm_desk *desk, uint32_t *now, uint32_t count, uint32_t *left)
{
    dgm_job *j = lane->job;
    *left = 0;
    dgm_diags_clear(lane->diags);
    for (uint32_t i = 0; i < count; i++) {
        dgm_held *h = &desk->at[now[i]];
        lane->message = h->message;
        lane->report.model = h->document;
        dgm_status s = dgm_job_write_single(j, lane, h->target, (dgm_sink){ nothing_kept, NULL });
        if (dgm_job_fatal(s)) return s;
        dgm_status kept = s == DGM_OK ? DGM_OK : keep_diags(j, h, lane->diags);
        dgm_diags_clear(lane->diags);
        if (kept != DGM_OK) return kept;
        if (s == DGM_OK)
            now[(*left)++] = now[i];
        else
            refuse(h, s);
    }
    return DGM_OK;
}

static dgm_status put_together(dgm_lane *lane, const dgm_desk *desk, const uint32_t *now, uint32_t count, const dgm_tree **tree)
{
    dgm_job *j = lane->job;
    dgm_shared_begin(j->shared, j->to->mapping->mapping);
    for (uint32_t i = 0; i < count; i++) {
        const dgm_held *h = &desk->at[now[i]];
        dgm_status s = dgm_shared_add(j->shared, h->target, h->document, lane->diags);
        if (s != DGM_OK) return s == DGM_NOMEM ? s : DGM_DEFECT; /* they fitted before */
    }
    return dgm_shared_finish(j->shared, lane->runner_out, lane->diags, tree);
}

/* One message, of the documents that are put together already; a document that its codec refuses is left out. */
static dgm_status write_shared(dgm_lane *lane, dgm_desk *desk, uint32_t *now, uint32_t count)
{
    dgm_job *j = lane->job;
    const dgm_tree *tree = NULL;
    dgm_status s = dgm_shared_finish(j->shared, lane->runner_out, lane->diags, &tree);
    for (bool again = true; s == DGM_OK; again = false) {
        lane->message = desk->at[now[0]].message;
        lane->report = desk->at[now[0]].report;
        lane->report.model = desk->at[now[0]].document;
        s = dgm_documents_write_out(lane, tree);
        if (s == DGM_OK || dgm_job_fatal(s)) break;
        uint32_t left = count;
        dgm_status tried = again && count > 1 ? try_each(lane, desk, now, count, &left) : DGM_OK;
        if (tried != DGM_OK) return tried;
        if (left == count) return refuse_all(lane, desk, now, count, s);
        if (!left) return DGM_OK;
        count = left;
        s = put_together(lane, desk, now, count, &tree);
    }
    if (s != DGM_OK) return s == DGM_CONFIG ? refuse_all(lane, desk, now, count, s) : s;
    for (uint32_t i = 0; i < count; i++) desk->at[now[i]].report.output = lane->report.output;
    desk->at[now[0]].report.partner_out = lane->report.partner_out;
    return keep_diags(j, &desk->at[now[0]], lane->diags);
}

/* Documents with equal keys: into as few messages as there is room for them in. */
static dgm_status write_chain(dgm_lane *lane, dgm_desk *desk, uint32_t first, uint32_t *now)
{
    dgm_job *j = lane->job;
    uint32_t count = 0;
    dgm_status s = DGM_OK;
    dgm_shared_begin(j->shared, j->to->mapping->mapping);
    for (uint32_t at = first + 1; at && s == DGM_OK;) {
        dgm_held *h = &desk->at[at - 1];
        s = dgm_shared_add(j->shared, h->target, h->document, lane->diags);
        if (s == DGM_END && count) { /* full: another one */
            s = write_shared(lane, desk, now, count);
            dgm_shared_begin(j->shared, j->to->mapping->mapping);
            count = 0;
            continue;
        }
        if (s == DGM_INVALID || s == DGM_END) {
            refuse(h, DGM_INVALID);
            s = keep_diags(j, h, lane->diags);
        } else if (s == DGM_OK) {
            now[count++] = at - 1;
        }
        at = h->next;
    }
    return s == DGM_OK && count ? write_shared(lane, desk, now, count) : s;
}

/* Chains of documents that go into one message, by their keys; heads[]: the first of each, in order. */
static dgm_status find_chains(const dgm_job *j, dgm_desk *desk, uint32_t *heads, uint32_t *tails, uint32_t *count)
{
    dgm_keyed known;
    dgm_buffer key;
    dgm_status s = DGM_OK;
    dgm_keyed_init(&known, &j->mem);
    dgm_buffer_init(&key, &j->mem);
    *count = 0;
    for (uint32_t i = 0; i < desk->count && s == DGM_OK; i++) {
        dgm_held *h = &desk->at[i];
        uint32_t chain = *count, number;
        h->next = 0;
        if (h->status != DGM_OK) continue;
        key.len = 0;
        bool keyed = dgm_mapping_message_key(j->to->mapping->mapping, h->document, &key, &s);
        if (s == DGM_OK && !keyed && !j->gathers) chain = 0; /* those of one message */
        if (s == DGM_OK && keyed) s = dgm_keyed_take(&known, dgm_buffer_slice(&key), &number);
        if (s == DGM_OK && keyed && known.rows[number].value != DGM_NONE) chain = known.rows[number].value;
        if (s == DGM_OK && keyed) known.rows[number].value = chain;
        if (s != DGM_OK) break;
        if (chain == *count)
            heads[(*count)++] = i;
        else
            desk->at[tails[chain]].next = i + 1;
        tails[chain] = i;
    }
    dgm_keyed_free(&known);
    dgm_buffer_free(&key);
    return s;
}

/* Writes what is on the desk and tells of it, in its order. */
static dgm_status clear_desk(dgm_lane *lane, dgm_desk *desk)
{
    dgm_job *j = lane->job;
    dgm_message own = lane->message;
    dgm_message_report report = lane->report;
    uint32_t *room = dgm_mem_new(&j->mem, 3 * desk->count * sizeof *room), chains = 0;
    dgm_status s = room ? DGM_OK : DGM_NOMEM;
    if (s == DGM_OK && !j->shared) s = dgm_shared_new(&j->mem, &j->context->limits, &j->shared);
    if (s == DGM_OK) s = find_chains(j, desk, room, room + 2 * desk->count, &chains);
    for (uint32_t i = 0; i < chains && s == DGM_OK; i++) s = write_chain(lane, desk, room[i], room + desk->count);
    if (j->shared) dgm_shared_begin(j->shared, j->to->mapping->mapping);
    for (size_t i = 0; i < desk->count && s == DGM_OK; i++) {
        dgm_held *h = &desk->at[i];
        s = take_up(lane, h);
        if (h->merged && h->status != DGM_OK) dgm_merge_refused(j, h->merged);
        if (s == DGM_OK) s = tell(lane, h);
        put_down(lane, h);
    }
    dgm_mem_free(&j->mem, room, 3 * desk->count * sizeof *room);
    lane->message = own;
    lane->report = report;
    dgm_documents_drop(lane, desk);
    return s;
}

/* ---- documents that wait for others of the input ------------------------------------------------------------------------- */

static bool keep_name(dgm_job *j, dgm_slice *name)
{
    if (name->len) *name = dgm_arena_copy(&j->held_names, *name);
    return name->at || !name->len;
}

/* What the reader and the lane only lend. */
static dgm_status keep_names(dgm_job *j, dgm_held *h)
{
    dgm_message_report *r = &h->report;
    dgm_slice *names[] = { &r->type, &r->reference, &r->sender, &r->recipient, &r->interchange_reference, &r->partner_out };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!keep_name(j, names[i])) return DGM_NOMEM;
    h->message.type = r->type;
    h->message.reference = r->reference;
    h->message.sender = r->sender;
    h->message.recipient = r->recipient;
    h->message.interchange_reference = r->interchange_reference;
    return DGM_OK;
}

/* Onto the job's desk, as copies: lane and message go on. */
static dgm_status hold(dgm_lane *lane, const dgm_held *from)
{
    dgm_job *j = lane->job;
    dgm_held *h = add_held(j, &j->held);
    if (!h) return DGM_NOMEM;
    h->copied = true;
    h->report = from->report;
    h->message = from->message;
    h->mapping_in = from->mapping_in;
    h->mapping_out = from->mapping_out;
    h->status = from->status;
    h->answers = from->answers;
    h->merged = from->merged;
    dgm_status s = from->document ? dgm_tree_own(from->document, &j->mem, &h->model) : DGM_OK; /* refused: only told in its turn */
    if (s == DGM_OK && from->target) s = dgm_tree_own(from->target, &j->mem, &h->target);
    if (s == DGM_OK && from->diags) s = keep_diags(j, h, from->diags);
    if (s == DGM_OK) s = keep_names(j, h);
    h->document = h->report.model = h->model;
    h->report.target = h->target;
    h->report.wire = NULL;
    if (s == DGM_OK) j->held.nodes += 1u + (h->model ? h->model->node_count : 0) + (h->target ? h->target->node_count : 0);
    return s;
}

dgm_status dgm_documents_flush(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    if (!j->held.count) return DGM_OK;
    dgm_status s = clear_desk(lane, &j->held);
    dgm_arena_reset(&j->held_names, 1 << 16);
    return s;
}

/* No more wait than have room: those that do are written. */
static bool too_many(const dgm_job *j)
{
    uint64_t most = j->context->limits.nodes_max;
    return j->held.nodes > (most ? most : 16u << 20);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

static void begin_held(dgm_lane *lane, dgm_held *h, uint32_t which, uint32_t of)
{
    h->report = lane->report;
    h->report.document = which;
    h->report.documents = of;
    h->report.position.document = which;
    h->report.residue = which == 1 ? lane->report.residue : 0;
    h->report.model = h->document;
    if (h->part) h->report.wire = h->part;
    h->message = lane->message;
    h->message.tree = NULL;
    h->mapping_in = lane->mapping_in;
    h->merged = lane->merged;
}

/* Which report of a message who answers is told: of the first document that is not refused. */
static void choose_answer(dgm_desk *desk)
{
    size_t i = 0;
    while (i < desk->count && desk->at[i].status != DGM_OK) i++;
    desk->at[i < desk->count ? i : 0].answers = true;
}

/* One document, as far as it goes by itself. */
static dgm_status deliver_one(dgm_lane *lane, dgm_held *h)
{
    dgm_job *j = lane->job;
    dgm_status s = take_up(lane, h);
    if (s == DGM_OK) s = write_alone(lane, !j->shares);
    if (s == DGM_OK && !j->shares) s = tell(lane, h);
    put_down(lane, h);
    h->document = h->report.model ? h->report.model : h->document;
    if (s != DGM_OK) return s;
    if (j->shares) return keep_diags(j, h, lane->diags);
    drop_one(lane, h);
    return DGM_OK;
}

static dgm_status gather(dgm_lane *lane, dgm_desk *desk)
{
    dgm_job *j = lane->job;
    dgm_status s = DGM_OK;
    for (size_t i = 0; i < desk->count && s == DGM_OK; i++) s = hold(lane, &desk->at[i]);
    dgm_documents_drop(lane, desk);
    return s == DGM_OK && too_many(j) ? dgm_documents_flush(lane) : s;
}

dgm_status dgm_documents_deliver(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    dgm_desk *desk = &lane->held;
    dgm_status s = DGM_OK;
    bool alone = !desk->count; /* a message that is one document, and waits for others */
    if (alone) {
        dgm_held *h = add_held(j, desk);
        if (!h) return DGM_NOMEM;
        h->model = lane->model;
        h->document = lane->report.model;
        h->status = lane->status;
        lane->model = NULL;
    }
    for (uint32_t i = 0; i < desk->count; i++) begin_held(lane, &desk->at[i], i + 1, (uint32_t)desk->count);
    if (alone) desk->at[0].report.document = desk->at[0].report.documents = desk->at[0].report.position.document = 0;
    choose_answer(desk);
    const dgm_message_report report = lane->report;
    for (size_t i = 0; i < desk->count && s == DGM_OK; i++) s = deliver_one(lane, &desk->at[i]);
    lane->report = report;
    if (s == DGM_OK && j->shares) s = j->gathers ? gather(lane, desk) : clear_desk(lane, desk);
    dgm_documents_drop(lane, desk);
    return s;
}
