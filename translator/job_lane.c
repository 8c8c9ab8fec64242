/* SPDX-License-Identifier: Apache-2.0
 *
 * job_lane.c - one message through the house: map in, check, map out, encode; then its output and its report, in the order of the
 * input. A message that is refused costs its neighbours nothing. Work needs nothing but the lane and what is constant, so any
 * thread may do it.
 */
#include "job.h"

#include "base/diag.h"
#include "mapping/documents.h"
#include "model/check.h"

dgm_status dgm_lane_open(dgm_job *j, dgm_lane *lane)
{
    const dgm_limits *limits = &j->context->limits;
    lane->job = j;
    dgm_buffer_init(&lane->names, &j->mem);
    dgm_buffer_init(&lane->bytes, &j->mem);
    dgm_status s = dgm_diags_new(&j->mem, limits->diagnostics_max ? limits->diagnostics_max : 1000, &lane->diags);
    if (s == DGM_OK) s = dgm_runner_new(&j->mem, limits, &lane->runner_in);
    if (s == DGM_OK) s = dgm_runner_new(&j->mem, limits, &lane->runner_out);
    lane->host = dgm_host_make(&j->mem, limits, lane->diags, &j->context->world, NULL, 0);
    return s;
}

void dgm_lane_free(dgm_lane *lane)
{
    dgm_lane_recycle(lane);
    dgm_lane_forget_writer(lane);
    dgm_runner_free(lane->runner_in);
    dgm_runner_free(lane->runner_out);
    dgm_runner_free(lane->runner_between);
    dgm_builder_free(lane->responder);
    dgm_diags_free(lane->diags);
    dgm_buffer_free(&lane->names);
    dgm_buffer_free(&lane->bytes);
}

void dgm_lane_recycle(dgm_lane *lane)
{
    if (lane->held.count) dgm_documents_drop(lane, &lane->held);
    dgm_tree_free(lane->whole);
    lane->whole = NULL;
    if (lane->target) dgm_runner_recycle(lane->runner_out, lane->target);
    if (lane->derived) dgm_runner_recycle(lane->runner_between, lane->derived);
    if (lane->model) dgm_runner_recycle(lane->runner_in, lane->model);
    if (lane->response) dgm_builder_recycle(lane->responder, lane->response);
    lane->target = lane->derived = lane->model = lane->response = NULL;
    if (lane->message.tree) lane->job->reader_codec->recycle(lane->job->reader, &lane->message);
    lane->message = (dgm_message){ 0 };
}

bool dgm_job_fatal(dgm_status s)
{
    return s == DGM_NOMEM || s == DGM_IO || s == DGM_DEFECT || s == DGM_USAGE || s == DGM_CONFIG;
}

/* Copies what the reader only lends, so that it can go on to its next message. */
static dgm_status keep_names(dgm_lane *lane)
{
    dgm_message *m = &lane->message;
    dgm_slice *names[] = { &m->type, &m->reference, &m->sender, &m->recipient, &m->interchange_reference };
    size_t bytes = 0;
    for (size_t i = 0; i < 5; i++) bytes += names[i]->len;
    lane->names.len = 0;
    dgm_status s = bytes ? dgm_buffer_reserve(&lane->names, bytes) : DGM_OK;
    for (size_t i = 0; i < 5 && s == DGM_OK; i++) {
        size_t at = lane->names.len;
        if (names[i]->len) s = dgm_buffer_append(&lane->names, *names[i]);
        *names[i] = names[i]->len ? (dgm_slice){ lane->names.at + at, names[i]->len } : (dgm_slice){ 0 };
    }
    if (m->tree && m->tree->reference.len) m->tree->reference = m->reference;
    return s;
}

/* The mapping of a message that is about to be mapped is loaded in the order of the messages, so that what is wrong with it is told
 * with the first of the input that needs it. What is not refused for it is warned. */
static dgm_status need_rules(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    const dgm_message *m = &lane->message;
    const dgm_job_options *o = &j->options;
    const bool reads = m->tree && !m->errors && !lane->rejected;
    lane->rules = NULL;
    if (!m->format || !(o->to.len || o->map) || !(reads || o->respond)) return DGM_OK;
    const dgm_format_entry *entry = dgm_context_entry(j->context, m->format);
    if (!entry || !entry->mapping) return DGM_OK;
    dgm_status s = dgm_context_need_mapping(j->context, entry->mapping, NULL);
    if (s == DGM_OK) lane->rules = entry->mapping;
    if (s != DGM_CONFIG) return s;
    if (!j->told_aside) j->told_aside = DGM_NEW(&j->arena, bool, j->context->mapping_count);
    if (!j->told_aside) return DGM_NOMEM;
    bool *told = &j->told_aside[entry->mapping - j->context->mappings];
    const size_t errors = dgm_diags_errors(lane->diags);
    if (!*told) dgm_context_tell_aside(entry->mapping, !o->to.len, lane->diags);
    lane->errors_around += dgm_diags_errors(lane->diags) - errors;
    *told = true;
    return DGM_OK;
}

dgm_status dgm_lane_take(dgm_lane *lane, const dgm_message *message)
{
    dgm_job *j = lane->job;
    lane->message = *message;
    lane->mapping_in = lane->mapping_out = NULL;
    lane->put_out = lane->responds = false;
    lane->canonical[0] = lane->canonical[1] = 0;
    lane->merges = false;
    lane->merged = 0;
    lane->rejected = j->ack && j->ack->codec->ack_rejects(j->ack, message->position.interchange);
    lane->bytes.len = 0;
    dgm_status s = keep_names(lane);
    if (s == DGM_OK) s = dgm_rewriting_take(lane);
    if (s == DGM_OK) s = dgm_diags_move(lane->diags, j->diags);
    const dgm_message *m = &lane->message;
    size_t errors = dgm_diags_errors(lane->diags);
    lane->errors_around = errors > m->errors ? errors - m->errors : 0;
    lane->report = (dgm_message_report){ .codec = j->reader_codec->name,
                                         .type = m->type,
                                         .reference = m->reference,
                                         .sender = m->sender,
                                         .recipient = m->recipient,
                                         .interchange_reference = m->interchange_reference,
                                         .format = m->format ? m->format->name : (dgm_slice){ 0 },
                                         .position = m->position,
                                         .at_byte = m->at_byte,
                                         .bytes = m->bytes,
                                         .version = dgm_context_version(j->context),
                                         .wire = m->tree };
    if (j->parties.asked) dgm_job_parties_check(lane);
    if (m->guide) lane->report.guide = j->reader_codec->guide_info(m->guide).name;
    const dgm_terms *terms = dgm_job_terms_of(j, m->agreed);
    if (terms) lane->report.partner = terms->partner->name;
    if (s == DGM_OK) s = need_rules(lane);
    if (s != DGM_OK) dgm_lane_recycle(lane);
    return s;
}

/* ---- work
 * ------------------------------------------------------------------------------------------------------------------------- */

static dgm_status refuse(dgm_lane *lane, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c)
{
    dgm_diag *d = dgm_diags_add(lane->diags, code, DGM_ERROR);
    dgm_diag_text(lane->diags, d, a);
    dgm_diag_text(lane->diags, d, b);
    dgm_diag_text(lane->diags, d, c);
    return DGM_INVALID;
}

/* Values that would be lost, told; with strict they refuse the message. */
static dgm_status account(dgm_lane *lane, const dgm_runner *runner, const dgm_tree *tree, const dgm_mapping_entry *m, bool writing,
                          uint32_t *count)
{
    if (!lane->job->run.accounts) return DGM_OK;
    *count = dgm_job_tell_residue(lane, runner, tree, m, writing);
    if (!*count || !lane->job->options.strict) return DGM_OK;
    dgm_diag *d = dgm_diags_add(lane->diags, DGM_D_JOB_STRICT, DGM_ERROR);
    dgm_diag_number(lane->diags, d, *count);
    return DGM_INVALID;
}

/* wire → model. A JSON document is the model already. */
static dgm_status read_in(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    const dgm_message *m = &lane->message;
    if (j->reader_codec == &dgm_codec_json) {
        lane->report.model = m->tree;
        return dgm_model_check(m->tree, lane->diags);
    }
    lane->mapping_in = lane->rules;
    if (!lane->mapping_in && !j->options.to.len) { /* nothing is to be translated: its standard's own rules it has kept */
        dgm_diag_text(lane->diags, dgm_diags_add(lane->diags, DGM_D_JOB_MAPPING_MISSING, DGM_INFO), m->type);
        return DGM_OK;
    }
    if (!lane->mapping_in) return refuse(lane, DGM_D_JOB_MAPPING_MISSING, m->type, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    const dgm_mapping *mapping = lane->mapping_in->mapping;
    lane->report.mapping_in = dgm_mapping_name(mapping);
    if (dgm_mapping_splits(mapping)) return dgm_documents_read(lane);
    const bool part = dgm_mapping_merges(mapping);
    dgm_run_options run = j->run;
    run.origin = run.origin || part; /* who is told of a document that is put together wants to know whose each value is */
    dgm_status s = dgm_mapping_run(lane->runner_in, mapping, DGM_READ, m->tree, &run, lane->diags, &lane->model);
    lane->report.model = lane->model;
    lane->canonical[0] = dgm_diags_count(lane->diags);
    if (s == DGM_OK && part) s = dgm_merge_facts(lane->runner_in, mapping, m->tree, lane->model, lane->diags, &lane->facts);
    if (s == DGM_OK) s = account(lane, lane->runner_in, m->tree, lane->mapping_in, false, &lane->report.residue);
    lane->merges = part && j->options.to.len;
    bool partial = part || dgm_runner_partial(lane->runner_in);
    if (s == DGM_OK) s = partial ? dgm_model_check_partial(lane->model, lane->diags) : dgm_model_check(lane->model, lane->diags);
    lane->canonical[1] = dgm_diags_count(lane->diags);
    return s;
}

/* The kind of document the output is made from, when another one came: a derivation makes it. What that leaves behind it need not
 * account for. */
static dgm_status derive(dgm_lane *lane)
{
    const dgm_job *j = lane->job;
    dgm_slice wanted = j->to_json ? j->to_model : dgm_mapping_model(j->to->mapping->mapping);
    dgm_slice model = dgm_shape_name(lane->report.model->shape);
    if (!wanted.len || dgm_slice_equal(wanted, model)) return DGM_OK;
    const dgm_mapping_entry *entry = dgm_context_derivation(j->context, model, wanted);
    if (!entry) return refuse(lane, DGM_D_JOB_MODEL_OTHER, lane->message.type, model, j->to_json ? wanted : j->to->format.name);
    dgm_status there = dgm_context_need_mapping(j->context, entry, NULL);
    if (there == DGM_CONFIG) dgm_context_tell_aside(entry, false, lane->diags);
    if (there != DGM_OK) return there == DGM_CONFIG ? DGM_INVALID : there;
    dgm_status s = lane->runner_between ? DGM_OK : dgm_runner_new(&j->mem, &j->context->limits, &lane->runner_between);
    const dgm_tree *from = lane->report.model;
    if (s == DGM_OK)
        s = dgm_mapping_run(lane->runner_between, entry->mapping, DGM_READ, from, &j->run, lane->diags, &lane->derived);
    if (s != DGM_OK) return s;
    lane->report.wire = from; /* what explanations lead back to */
    lane->report.model = lane->derived;
    lane->report.mapping_in = dgm_mapping_name(entry->mapping);
    lane->mapping_in = entry;
    return dgm_model_check(lane->derived, lane->diags);
}

/* model → wire. */
dgm_status dgm_lane_map_out(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    dgm_status derived = derive(lane);
    if (lane->derived) lane->canonical[1] = lane->canonical[0]; /* of another document */
    if (derived != DGM_OK) return derived;
    const dgm_tree *model = lane->report.model;
    if (j->to_json) {
        lane->report.target = model;
        return DGM_OK;
    }
    lane->mapping_out = j->to->mapping;
    const dgm_mapping *mapping = lane->mapping_out->mapping;
    lane->report.mapping_out = dgm_mapping_name(mapping);
    dgm_status s = dgm_mapping_run(lane->runner_out, mapping, DGM_WRITE, model, &j->run, lane->diags, &lane->target);
    lane->report.target = lane->target;
    if (!lane->derived) lane->canonical[1] = dgm_diags_count(lane->diags);
    if (s == DGM_OK) s = account(lane, lane->runner_out, model, lane->mapping_out, true, &lane->report.unsaid);
    return s;
}

bool dgm_job_writes_single(const dgm_job *j)
{
    if (j->options.rewrite) return j->reader_codec && j->reader_codec->single;
    return j->to_json ? dgm_codec_json.single : j->to && j->to->codec->single;
}

/* Beside other lanes a document waits in memory for its turn; alone it goes straight to the outlet when it is delivered. */
static dgm_status encode(dgm_lane *lane)
{
    if (!lane->job->pool || !dgm_job_writes_single(lane->job)) return DGM_OK;
    return dgm_job_write_single(lane->job, lane, lane->report.target, dgm_buffer_sink(&lane->bytes));
}

/* Written again: nothing comes of it but itself. */
static dgm_status as_it_is(dgm_lane *lane)
{
    const dgm_tree *tree = lane->message.tree;
    lane->report.target = tree;
    if (lane->job->reader_codec != &dgm_codec_json) return encode(lane);
    dgm_status s = dgm_model_check(tree, lane->diags);
    return s == DGM_OK ? encode(lane) : s;
}

void dgm_lane_work(dgm_lane *lane)
{
    const dgm_job *j = lane->job;
    const dgm_message *m = &lane->message;
    dgm_status s = m->errors || !m->tree || lane->rejected ? DGM_INVALID : DGM_OK;
    if (s == DGM_OK && (j->options.to.len || j->options.map)) s = read_in(lane);
    /* What is wrong with the envelope around it, or with the one before, is told with a message but does not refuse it. */
    if (s == DGM_OK && dgm_diags_errors(lane->diags) > lane->errors_around) s = DGM_INVALID;
    if (s == DGM_OK && j->options.rewrite) s = as_it_is(lane);
    bool translates = j->options.to.len && !j->options.respond;
    if (s == DGM_OK && translates && !lane->held.count && !j->gathers && !lane->merges) {
        s = dgm_lane_map_out(lane);
        if (s == DGM_OK) s = encode(lane);
    }
    if (s == DGM_INVALID && lane->canonical[1] > lane->canonical[0]) {
        dgm_status told = dgm_lane_sent(lane, lane->canonical[0], lane->canonical[1]);
        if (told == DGM_NOMEM) s = told;
    }
    if (j->options.respond) s = dgm_lane_respond(lane, s);
    lane->status = s;
}

/* ---- delivery
 * --------------------------------------------------------------------------------------------------------------------- */

static dgm_status output(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    if (!dgm_job_writes_single(j)) return dgm_job_write(j, lane, lane->report.target);
    dgm_slice name = j->options.rewrite ? dgm_slice_of(j->reader_codec->name)
                     : j->to_json       ? DGM_LITERAL("json")
                                        : j->to->format.name;
    dgm_sink sink = dgm_job_late_sink(j, name);
    dgm_job_sign_for(j, &lane->message);
    dgm_status s =
        j->pool ? dgm_sink_put(sink, dgm_buffer_slice(&lane->bytes)) : dgm_job_write_single(j, lane, lane->report.target, sink);
    dgm_status closed = dgm_job_close_output(j, s == DGM_OK);
    return s == DGM_OK ? closed : s;
}

void dgm_job_tell(dgm_job *j, dgm_message_report *r, dgm_diags *diags)
{
    dgm_job_tell_envelopes(j, r->at_byte);
    if (j->ack && !j->answered) dgm_job_ack_take(j, r, diags);
    j->counts.residue += r->residue;
    j->counts.unsaid += r->unsaid;
    j->counts.errors += dgm_diags_errors(diags);
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        if (dgm_diags_at(diags, i)->severity == DGM_WARNING) j->counts.warnings++;
    r->diags = diags;
    r->job = j;
    if (j->options.report) j->options.report(j->options.report_ctx, r);
    dgm_diags_clear(diags);
}

void dgm_lane_put_out(dgm_lane *lane)
{
    const dgm_job_options *o = &lane->job->options;
    if (o->rewrite && !dgm_job_writes_single(lane->job) && !dgm_job_fatal(lane->status)) {
        dgm_status s = dgm_rewriting_write(lane, lane->status == DGM_OK);
        if (s != DGM_OK) lane->status = s;
    } else if (o->respond) {
        dgm_status s = lane->responds ? output(lane) : DGM_OK; /* what was refused stays so */
        if (s != DGM_OK) lane->status = s;
    } else if (lane->status == DGM_OK && (o->to.len || o->rewrite)) {
        lane->status = output(lane);
    }
    lane->put_out = true;
}

dgm_status dgm_lane_tell(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    dgm_status s = lane->status;
    if (!dgm_job_fatal(s) && dgm_diags_failed(lane->diags)) s = DGM_NOMEM;
    if (!dgm_job_fatal(s) || s == DGM_CONFIG) { /* a setting of the writer that cannot be was told too */
        lane->report.status = s;
        if (s != DGM_OK) j->counts.refused++;
        j->mapping_in = lane->mapping_in; /* for explanations */
        j->mapping_out = lane->mapping_out;
        dgm_job_tell(j, &lane->report, lane->diags);
        if (s != DGM_CONFIG) s = j->ack_failed;
    }
    return s;
}

/* A part of a document goes to the others; what is complete with it is written. DGM_END: it is only to be told. */
static dgm_status merge(dgm_lane *lane)
{
    const dgm_job *j = lane->job;
    dgm_status s = dgm_merge_take(lane);
    if (s != DGM_OK || !lane->whole || lane->status != DGM_OK) return s == DGM_OK ? DGM_END : s;
    if (j->gathers) return DGM_OK; /* with others of the input */
    size_t first = dgm_diags_count(lane->diags);
    lane->status = dgm_lane_map_out(lane);
    if (lane->status == DGM_OK) lane->status = dgm_documents_write_out(lane, lane->report.target);
    if (lane->status != DGM_OK) dgm_merge_sent(lane, first);
    if (lane->status != DGM_OK) dgm_merge_refused(lane->job, lane->merged);
    return dgm_job_fatal(lane->status) && lane->status != DGM_CONFIG ? lane->status : DGM_END;
}

dgm_status dgm_lane_deliver(dgm_lane *lane)
{
    dgm_status s;
    bool waits = lane->job->gathers && !dgm_job_fatal(lane->status); /* a refused one for its turn to be told */
    if (lane->merges && lane->status == DGM_OK) {
        s = merge(lane);
        if (s == DGM_OK)
            s = dgm_documents_deliver(lane);
        else if (s == DGM_END)
            s = dgm_lane_tell(lane);
    } else if (waits || (lane->status == DGM_OK && lane->held.count)) {
        s = dgm_documents_deliver(lane);
    } else {
        if (!lane->put_out) dgm_lane_put_out(lane);
        s = dgm_lane_tell(lane);
    }
    dgm_lane_recycle(lane);
    return s;
}
