/* SPDX-License-Identifier: Apache-2.0
 *
 * job_respond.c - what customs answers to a document: a canonical Response made of what was said about it, accepted or rejected
 * with an Error for each problem, its code, its words and a pointer to the place of the declaration; written in whatever format it
 * is asked for (CUSRES, WCO XML, JSON). Any thread, of its own lane.
 */
#include "job.h"

#include "base/date.h"
#include "base/diag.h"
#include "base/hash.h"
#include "base/utf8.h"
#include "mapping/describe.h"
#include "mapping/documents.h"
#include "model/pointer.h"

#include <stdio.h>

/* As many errors as the smallest answer has room for (SG4 of CUSRES D.96B), and the longest description (WCO 488). */
enum { ERRORS_MAX = 99, TEXT_MAX = 512, PATH_ROOM = 1024 };

typedef struct responding {
    dgm_lane *lane;
    const dgm_mapping *mapping;   /* of the message that is answered */
    const dgm_tree *wire, *model; /* model: with provenance; NULL: it could not be mapped */
    dgm_builder *b;
    const dgm_shape *shape;
    dgm_buffer text;
    bool plain; /* only the signs that every character set has */
} responding;

/* ---- building ---- */

static uint32_t slot_of(const responding *a, uint32_t parent, const char *name)
{
    return dgm_shape_child(a->shape, parent, dgm_slice_of(name), 1);
}

static uint32_t open_class(responding *a, uint32_t parent, uint32_t parent_slot, const char *name, uint32_t *slot)
{
    *slot = slot_of(a, parent_slot, name);
    return dgm_builder_open(a->b, parent, *slot, 0);
}

static void put(responding *a, uint32_t parent, uint32_t parent_slot, const char *name, dgm_slice value)
{
    uint32_t slot = slot_of(a, parent_slot, name);
    if (slot != DGM_SLOT_NONE && value.len) (void)dgm_builder_leaf(a->b, parent, slot, 0, value);
}

/* The moment in UTC: ISO 8601, or all its digits for a number of one's own. */
static dgm_slice moment(const responding *a, char room[40])
{
    const dgm_world *w = &a->lane->job->context->world;
    const dgm_moment m = dgm_date_moment(w->now_ms(w->ctx));
    int n = snprintf(room, 40, "%04u-%02u-%02uT%02u:%02u:%02u+00", m.year, m.month, m.day, m.hour, m.minute, m.second);
    return (dgm_slice){ room, n > 0 && n < 40 ? (size_t)n : 0 };
}

/* ---- places ---- */

/* The first value of the document that was made of something in a part of the message. */
static uint32_t made_of(const responding *a, uint32_t from, uint32_t end)
{
    const dgm_tree *t = a->model;
    for (uint32_t n = 1; n < t->node_count; n++) {
        uint32_t source = t->origin[n].source_node;
        if (dgm_node_leaf(&t->nodes[n]) && source != DGM_NONE && source >= from && source < end) return n;
    }
    return DGM_NONE;
}

/* As much of a pointer as holds for all that was made of a part of the message: of the classes below that, it says nothing. */
static void keep_common(const responding *a, uint32_t from, uint32_t end, uint32_t first, dgm_pointer *near)
{
    const dgm_tree *t = a->model;
    uint32_t last = first, level = 0;
    for (uint32_t n = first; n < t->node_count; n++) {
        uint32_t source = t->origin[n].source_node;
        if (dgm_node_leaf(&t->nodes[n]) && source != DGM_NONE && source >= from && source < end) last = n;
    }
    for (uint32_t here = 0; level < near->count; level++) {
        uint32_t next = dgm_tree_towards(t, here, first);
        if (dgm_tree_next(t, next) <= last) break;
        here = next;
    }
    near->count = level;
}

/* The innermost part of the message around a node of which anything was made: the classes it is about. */
static bool made_near(const responding *a, uint32_t node, dgm_pointer *near)
{
    uint32_t way[DGM_POINTER_STEPS], depth = 0;
    for (uint32_t at = 0; at != node && depth < DGM_POINTER_STEPS;) {
        way[depth++] = at;
        at = dgm_tree_towards(a->wire, at, node);
    }
    while (depth--) {
        uint32_t from = way[depth], end = dgm_tree_next(a->wire, from), hit = made_of(a, from, end);
        if (hit == DGM_NONE) continue;
        if (!dgm_pointer_of_node(a->model, hit, near)) return false;
        if (near->count) near->count--; /* the value itself */
        keep_common(a, from, end, hit, near);
        return true;
    }
    return false;
}

/* The place of a rule below the class that a neighbour stands in: numbers are the neighbour's as far as the ways are one. */
static bool beside(const responding *a, const dgm_pointer *near, uint32_t slot, dgm_pointer *p)
{
    const dgm_shape *s = a->model->shape;
    uint32_t way[DGM_POINTER_STEPS], steps = 0;
    for (; slot != DGM_SLOT_ROOT && steps < DGM_POINTER_STEPS; slot = dgm_shape_slot(s, slot)->parent) way[steps++] = slot;
    p->count = 0;
    while (steps) {
        uint32_t at = way[--steps];
        bool same = p->count < near->count && near->slots[p->count] == at;
        if (dgm_shape_slot(s, at)->kind == DGM_ATTRIBUTE) break;
        p->slots[p->count] = at;
        p->numbers[p->count] = same ? near->numbers[p->count] : 0;
        p->count++;
    }
    return p->count > 0;
}

/* The node of the message: what mapped it knows it, its reader says the byte, which is in a value or in none: then something that
 * is not there is meant, and nobody knows of which class it would be. */
static uint32_t node_of(const responding *a, const dgm_diag *d)
{
    const dgm_tree *t = a->wire;
    uint32_t hit = DGM_NONE;
    if (d->node != DGM_NONE) return d->node < t->node_count ? d->node : DGM_NONE;
    if (d->at_byte == UINT64_MAX || d->at_byte < t->base || t->recoded) return DGM_NONE;
    const uint64_t at = d->at_byte - t->base;
    for (uint32_t n = 0; n < t->node_count && hit == DGM_NONE; n++) {
        const dgm_node *x = &t->nodes[n];
        if (dgm_node_leaf(x) && x->at <= at && (at < x->at + x->span || (x->at == at && !x->span))) hit = n;
    }
    return hit;
}

/* Of a node of the document; of an attribute its value's, for no identifier leads to it. */
static bool of_node(const responding *a, uint32_t node, dgm_pointer *p)
{
    while (node && dgm_node_kind(&a->model->nodes[node]) == DGM_ATTRIBUTE) node--;
    return dgm_pointer_of_node(a->model, node, p);
}

/* Of a problem met while the message was mapped, or before that: its node is one of the message. */
static bool from_wire(const responding *a, const dgm_diag *d, dgm_pointer *p)
{
    uint32_t node = node_of(a, d);
    if (node == DGM_NONE) return false;
    if (!a->mapping) return of_node(a, node, p); /* it is the document */
    uint32_t exact = made_of(a, node, node + 1);
    if (exact != DGM_NONE) return of_node(a, exact, p);
    uint32_t slot = DGM_SLOT_NONE;
    dgm_pointer near;
    if (!made_near(a, node, &near)) return false;
    uint32_t rule = d->rule != DGM_NONE ? d->rule : dgm_mapping_rule_at(a->mapping, a->wire, node);
    if (rule != DGM_NONE) slot = dgm_mapping_rule_place(a->mapping, rule);
    if (slot == DGM_SLOT_NONE || !beside(a, &near, slot, p)) *p = near;
    return p->count > 0;
}

/* Of a problem of the document: its node, or what is missing below it. */
static bool from_model(const responding *a, const dgm_diag *d, dgm_pointer *p)
{
    if (d->node >= a->model->node_count || !of_node(a, d->node, p)) return false;
    if (d->code != DGM_D_MODEL_PLACE_MISSING || p->count == DGM_POINTER_STEPS) return true;
    uint32_t slot = dgm_shape_child(a->model->shape, dgm_node_slot(&a->model->nodes[d->node]), d->arguments[0].text, 1);
    if (slot == DGM_SLOT_NONE) return true;
    p->slots[p->count] = slot;
    p->numbers[p->count++] = 0;
    return true;
}

/* A place that no identifier leads to is told by the nearest above it that has one, or nobody could write it. */
static void put_pointer(responding *a, uint32_t error, uint32_t slot, size_t i)
{
    const dgm_lane *lane = a->lane;
    const dgm_diag *d = dgm_diags_at(lane->diags, i);
    bool canonical = a->mapping ? i >= lane->canonical[0] && i < lane->canonical[1] : d->node != DGM_NONE;
    char path[PATH_ROOM] = "/", chain[PATH_ROOM];
    dgm_pointer p;
    size_t said = 0, n = 1;
    if (a->model && (canonical ? from_model(a, d, &p) : from_wire(a, d, &p))) {
        (void)dgm_pointer_chain(a->model->shape, &p, chain, sizeof chain, &said);
        p.count = said;
        n = dgm_pointer_path(a->model->shape, &p, path, sizeof path);
    }
    put(a, error, slot, "Pointer", (dgm_slice){ path, n < sizeof path ? n : 1 });
}

/* ---- errors ---- */

/* What is wrong in words, with the place in the sender's terms; cut at a sign, with dots, where it is too long. */
static dgm_slice words(responding *a, const dgm_diag *d)
{
    dgm_buffer *b = &a->text;
    b->len = 0;
    dgm_slice place = d->sent.len ? d->sent : d->path;
    dgm_status s = dgm_diag_sentence(d, dgm_buffer_sink(b));
    if (s == DGM_OK && place.len) s = dgm_buffer_print(b, " (%.*s)", (int)place.len, place.at);
    if (s != DGM_OK) return (dgm_slice){ 0 };
    for (size_t i = 0; i < b->len; i++)
        if ((unsigned char)b->at[i] < ' ' || b->at[i] == 0x7f || (a->plain && (b->at[i] & 0x80))) b->at[i] = '?';
    dgm_slice text = dgm_buffer_slice(b);
    size_t head = dgm_utf8_head(text, TEXT_MAX);
    if (head == text.len) return text;
    head = dgm_utf8_head(text, TEXT_MAX - 3);
    memcpy(b->at + head, "...", 3);
    return dgm_slice_part(text, 0, head + 3);
}

static void put_errors(responding *a, size_t errors)
{
    const dgm_context *c = a->lane->job->context;
    const dgm_diags *diags = a->lane->diags;
    size_t most = errors > ERRORS_MAX ? ERRORS_MAX - 1 : ERRORS_MAX, made = 0;
    uint32_t slot;
    char room[40];
    for (size_t i = 0; i < dgm_diags_count(diags) && made < most; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (d->severity != DGM_ERROR) continue;
        made++;
        uint32_t error = open_class(a, 0, DGM_SLOT_ROOT, "Error", &slot);
        put(a, error, slot, "Description", words(a, d));
        put(a, error, slot, "ValidationCode", dgm_answer_code_of(c->answer_codes, c->answer_code_count, d->code, room));
        put_pointer(a, error, slot, i);
    }
    if (errors <= ERRORS_MAX) return;
    int n = snprintf(room, sizeof room, "and %zu more errors", errors - made);
    uint32_t error = open_class(a, 0, DGM_SLOT_ROOT, "Error", &slot);
    put(a, error, slot, "Description", (dgm_slice){ room, n > 0 ? (size_t)n : 0 });
}

/* ---- the answer ---- */

/* A value of the document that is answered. */
static dgm_slice value_at(const dgm_tree *t, const char *path)
{
    uint32_t slot = t ? dgm_shape_find(t->shape, dgm_slice_of(path), NULL) : DGM_SLOT_NONE;
    for (uint32_t n = 1; slot != DGM_SLOT_NONE && n < t->node_count; n++)
        if (dgm_node_slot(&t->nodes[n]) == slot) return dgm_tree_value(t, n);
    return (dgm_slice){ 0 };
}

static dgm_status build(responding *a, const dgm_tree *document, bool rejected, size_t errors)
{
    dgm_lane *lane = a->lane;
    const dgm_message *m = &lane->message;
    char now[40], number[40];
    uint32_t slot;
    dgm_status s = dgm_builder_begin(a->b, a->shape, false);
    if (s != DGM_OK) return s;
    const dgm_world *w = &lane->job->context->world;
    dgm_slice lrn = value_at(document, "FunctionalReferenceID");
    uint64_t h = dgm_hash_bytes(dgm_hash_bytes(dgm_hash_bytes(m->at_byte, lrn), m->reference), m->interchange_reference);
    /* When, which message of what came, and what it is called: no two answers have one number. */
    int n = snprintf(number, sizeof number, "R%lld-%u-%u-%08x", (long long)w->now_ms(w->ctx), (unsigned)m->position.interchange,
                     (unsigned)m->position.message, (unsigned)(h >> 32));
    put(a, 0, DGM_SLOT_ROOT, "FunctionCode", rejected ? DGM_LITERAL("03") : DGM_LITERAL("01"));
    put(a, 0, DGM_SLOT_ROOT, "FunctionalReferenceID", (dgm_slice){ number, n > 0 && n < 36 ? (size_t)n : 0 });
    dgm_slice at = moment(a, now);
    put(a, 0, DGM_SLOT_ROOT, "IssueDateTime", at);
    if (rejected) put_errors(a, errors);
    uint32_t declaration = open_class(a, 0, DGM_SLOT_ROOT, "Declaration", &slot);
    put(a, declaration, slot, "FunctionalReferenceID", lrn);
    put(a, declaration, slot, "ID", value_at(document, "ID"));
    if (rejected) put(a, declaration, slot, "RejectionDateTime", at);
    s = dgm_builder_status(a->b);
    return s == DGM_OK ? dgm_builder_freeze(a->b, &lane->response, NULL) : s;
}

/* The document once more, with where each value came from; as much of it as there is. */
static dgm_status map_again(responding *a, dgm_runner **runner, dgm_tree **again)
{
    const dgm_job *j = a->lane->job;
    dgm_run_options options = j->run;
    dgm_diags *aside = NULL;
    options.origin = options.partly = true;
    options.accounts = false;
    dgm_status s = dgm_runner_new(&j->mem, &j->context->limits, runner);
    if (s == DGM_OK) s = dgm_diags_new(&j->mem, 1, &aside);
    if (s == DGM_OK) s = dgm_mapping_run(*runner, a->mapping, DGM_READ, a->wire, &options, aside, again);
    dgm_diags_free(aside);
    return s == DGM_INVALID || s == DGM_LIMIT ? DGM_OK : s;
}

/* Sender and recipient change places, and the reference is the answer's own. */
static void turn_round(dgm_message *m)
{
    dgm_slice sender = m->sender;
    m->sender = m->recipient;
    m->recipient = sender;
    m->interchange_reference = (dgm_slice){ 0 };
}

static dgm_status write_out(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    lane->report.model = lane->report.target = lane->response;
    if (!j->to_json) {
        lane->mapping_out = j->to->mapping;
        lane->report.mapping_out = dgm_mapping_name(lane->mapping_out->mapping);
        dgm_status s = dgm_mapping_run(lane->runner_out, lane->mapping_out->mapping, DGM_WRITE, lane->response, &j->run,
                                       lane->diags, &lane->target);
        if (s != DGM_OK) return s;
        lane->report.target = lane->target;
    }
    turn_round(&lane->message);
    lane->responds = true;
    if (!j->pool || !dgm_job_writes_single(j)) return DGM_OK;
    return dgm_job_write_single(j, lane, lane->report.target, dgm_buffer_sink(&lane->bytes));
}

static dgm_status answer(responding *a, bool rejected)
{
    dgm_lane *lane = a->lane;
    dgm_runner *runner = NULL;
    dgm_tree *again = NULL;
    const dgm_tree *document = lane->report.model;
    dgm_status s = DGM_OK;
    if (!a->mapping)
        document = a->model = a->wire;
    else if (rejected && a->wire && !dgm_mapping_splits(a->mapping))
        s = map_again(a, &runner, &again);
    if (again && again->origin && (!lane->model || lane->model->node_count == again->node_count)) a->model = again;
    if (!document) document = again;
    if (s == DGM_OK && !lane->responder) s = dgm_builder_new(&lane->job->mem, &lane->job->context->limits, &lane->responder);
    a->b = lane->responder;
    if (s == DGM_OK) s = build(a, document, rejected, dgm_diags_errors(lane->diags));
    if (again) dgm_runner_recycle(runner, again);
    dgm_runner_free(runner);
    return s == DGM_OK ? write_out(lane) : s;
}

/* What is no document of that kind, or is an answer itself, is not answered. */
dgm_status dgm_lane_respond(dgm_lane *lane, dgm_status status)
{
    const dgm_job *j = lane->job;
    const dgm_message *m = &lane->message;
    const dgm_mapping *mapping = lane->rules ? lane->rules->mapping : NULL;
    const dgm_model_entry *model = dgm_context_model(j->context, DGM_RESPONSE_MODEL);
    dgm_slice kind = { 0 };
    if (mapping) kind = dgm_mapping_model(mapping);
    if (j->reader_codec == &dgm_codec_json && m->tree && m->tree->shape) kind = dgm_shape_name(m->tree->shape);
    if (dgm_job_fatal(status) || lane->merges || !kind.len || !model || dgm_slice_equal(kind, DGM_RESPONSE_MODEL)) return status;
    responding a = { .lane = lane, .mapping = mapping, .wire = m->tree, .shape = model->shape };
    a.plain = j->to && dgm_slice_is(dgm_slice_of(j->to->codec->name), "edifact");
    dgm_buffer_init(&a.text, &j->mem);
    dgm_status s = answer(&a, status != DGM_OK);
    dgm_buffer_free(&a.text);
    return dgm_job_fatal(s) ? s : s != DGM_OK ? DGM_INVALID : status;
}
