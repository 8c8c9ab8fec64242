/* SPDX-License-Identifier: Apache-2.0
 *
 * job.c - the one place where the halves meet: detect → decode → map (in) → check → map (out) → encode, message by message. A
 * message that is refused costs its neighbours nothing. One thread.
 */
#include "job.h"

#include "base/diag.h"
#include "model/check.h"

#define HEAD_BYTES 1024u

/* ---- opening ---- */

static dgm_status unknown_format(const dgm_context *c, dgm_slice name, dgm_diags *diags)
{
    dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_FORMAT_UNKNOWN, DGM_ERROR);
    dgm_diag_text(diags, d, name);
    dgm_diag_text(diags, d, dgm_context_nearest_format(c, name));
    return DGM_UNKNOWN;
}

static dgm_status find_ends(dgm_job *j, dgm_diags *diags)
{
    const dgm_context *c = j->context;
    const dgm_job_options *o = &j->options;
    if (o->from.len) {
        j->from = dgm_context_find(c, o->from);
        int codec = dgm_context_codec(o->from);
        if (j->from)
            j->reader_codec = j->from->codec;
        else if (codec >= 0)
            j->reader_codec = dgm_codecs[codec];
        else
            return unknown_format(c, o->from, diags);
    }
    if (!o->to.len) return DGM_OK;
    if (!o->outlet.open || !o->outlet.close) return DGM_USAGE;
    j->to_json = dgm_slice_is(o->to, "json");
    const dgm_codec *writer = &dgm_codec_json;
    if (!j->to_json) {
        j->to = dgm_context_find(c, o->to);
        if (!j->to) return unknown_format(c, o->to, diags);
        if (!j->to->mapping) {
            dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_MAPPING_MISSING, DGM_ERROR);
            dgm_diag_text(diags, d, o->to);
            return DGM_UNKNOWN;
        }
        writer = j->to->codec;
    }
    return dgm_job_check_settings(writer, true, &j->writer_settings, diags);
}

static dgm_status open_reader(dgm_job *j, const dgm_slice *whole, dgm_diags *diags)
{
    dgm_status s = dgm_job_check_settings(j->reader_codec, false, &j->reader_settings, diags);
    if (s != DGM_OK) return s;
    const dgm_format_list *known = &j->context->by_codec[dgm_context_codec(dgm_slice_of(j->reader_codec->name))];
    j->host.formats = known->at;
    j->host.format_count = known->count;
    if (j->from) { /* said by the caller: nothing else is considered */
        for (size_t i = 0; i < known->count; i++)
            if (known->at[i] == &j->from->format) j->host.formats = known->at + i;
        j->host.format_count = 1;
    }
    if (whole && j->reader_codec->open_whole)
        return j->reader_codec->open_whole(&j->host, j->reader_settings.at, j->reader_settings.count, *whole, &j->reader);
    return j->reader_codec->open(&j->host, j->reader_settings.at, j->reader_settings.count, &j->reader);
}

dgm_status dgm_job_open(const dgm_context *c, const dgm_job_options *options, dgm_diags *diags, dgm_job **out)
{
    *out = NULL;
    if (!c || !options || options->struct_bytes != sizeof *options) return DGM_USAGE;
    dgm_mem mem = c->mem;
    dgm_job *j = dgm_mem_new(&mem, sizeof *j);
    if (!j) return DGM_NOMEM;
    j->context = c;
    j->mem = mem;
    dgm_arena_init(&j->arena, &mem);
    dgm_buffer_init(&j->head, &mem);
    dgm_status s = dgm_job_settings(j, options, diags);
    if (s == DGM_OK) s = find_ends(j, diags);
    if (s == DGM_OK && j->reader_codec) s = dgm_job_check_settings(j->reader_codec, false, &j->reader_settings, diags);
    if (s == DGM_OK) s = dgm_diags_new(&mem, c->limits.diagnostics_max ? c->limits.diagnostics_max : 1000, &j->diags);
    if (s == DGM_OK) s = dgm_runner_new(&mem, &c->limits, &j->runner_in);
    if (s == DGM_OK) s = dgm_runner_new(&mem, &c->limits, &j->runner_out);
    if (s == DGM_OK) {
        j->host = dgm_host_make(&mem, &c->limits, j->diags, &c->world, NULL, 0);
        j->sink.outlet = j->options.outlet;
        *out = j;
    } else {
        dgm_job_close(j);
    }
    return s;
}

void dgm_job_close(dgm_job *j)
{
    if (!j) return;
    dgm_mem mem = j->mem;
    (void)dgm_job_close_output(j, false);
    if (j->reader) j->reader_codec->close(j->reader);
    dgm_runner_free(j->runner_in);
    dgm_runner_free(j->runner_out);
    dgm_diags_free(j->diags);
    dgm_buffer_free(&j->head);
    dgm_arena_free(&j->arena);
    dgm_mem_free(&mem, j, sizeof *j);
}

dgm_job_counts dgm_job_count(const dgm_job *j)
{
    return j->counts;
}

/* ---- one message ---- */

static dgm_status refuse(dgm_job *j, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c)
{
    dgm_diag *d = dgm_diags_add(j->diags, code, DGM_ERROR);
    dgm_diag_text(j->diags, d, a);
    dgm_diag_text(j->diags, d, b);
    dgm_diag_text(j->diags, d, c);
    return DGM_INVALID;
}

/* Values that would be lost, told; with strict they refuse the message. */
static dgm_status account(dgm_job *j, const dgm_runner *runner, const dgm_tree *tree, const dgm_mapping_entry *m, bool writing,
                          uint32_t *count)
{
    if (!j->run.accounts) return DGM_OK;
    *count = dgm_job_tell_residue(j, runner, tree, m, writing);
    if (!*count || !j->options.strict) return DGM_OK;
    dgm_diag *d = dgm_diags_add(j->diags, DGM_D_JOB_STRICT, DGM_ERROR);
    dgm_diag_number(j->diags, d, *count);
    return DGM_INVALID;
}

/* wire → model. A JSON document is the model already. */
static dgm_status read_in(dgm_job *j, const dgm_message *m, dgm_message_report *r, dgm_tree **model)
{
    if (j->reader_codec == &dgm_codec_json) {
        r->model = m->tree;
        return dgm_model_check(m->tree, j->diags);
    }
    const dgm_format_entry *entry = m->format ? dgm_context_entry(j->context, m->format) : NULL;
    j->mapping_in = entry ? entry->mapping : NULL;
    if (!j->mapping_in) return refuse(j, DGM_D_JOB_MAPPING_MISSING, m->type, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    const dgm_mapping *mapping = j->mapping_in->mapping;
    r->mapping_in = dgm_mapping_name(mapping);
    dgm_status s = dgm_mapping_run(j->runner_in, mapping, DGM_READ, m->tree, &j->run, j->diags, model);
    r->model = *model;
    if (s == DGM_OK) s = account(j, j->runner_in, m->tree, j->mapping_in, false, &r->residue);
    if (s == DGM_OK) s = dgm_model_check(*model, j->diags);
    return s;
}

/* model → wire → bytes. */
static dgm_status write_out(dgm_job *j, const dgm_message *m, dgm_message_report *r, dgm_tree **target)
{
    const dgm_tree *model = r->model;
    dgm_slice model_name = dgm_shape_name(model->shape);
    if (j->to_json) {
        const dgm_model_entry *entry = dgm_context_model(j->context, model_name);
        r->target = model;
        return entry ? dgm_job_write(j, m, model, &entry->json, &dgm_codec_json) : DGM_DEFECT;
    }
    j->mapping_out = j->to->mapping;
    const dgm_mapping *mapping = j->mapping_out->mapping;
    r->mapping_out = dgm_mapping_name(mapping);
    if (!dgm_slice_equal(dgm_mapping_model(mapping), model_name))
        return refuse(j, DGM_D_JOB_MODEL_OTHER, m->type, model_name, j->to->format.name);
    dgm_status s = dgm_mapping_run(j->runner_out, mapping, DGM_WRITE, model, &j->run, j->diags, target);
    r->target = *target;
    if (s == DGM_OK) s = account(j, j->runner_out, model, j->mapping_out, true, &r->unsaid);
    if (s == DGM_OK) s = dgm_job_write(j, m, *target, &j->to->format, j->to->codec);
    return s;
}

static void tell(dgm_job *j, dgm_message_report *r)
{
    j->counts.residue += r->residue;
    j->counts.unsaid += r->unsaid;
    j->counts.errors += dgm_diags_errors(j->diags);
    for (size_t i = 0; i < dgm_diags_count(j->diags); i++)
        if (dgm_diags_at(j->diags, i)->severity == DGM_WARNING) j->counts.warnings++;
    r->diags = j->diags;
    r->job = j;
    if (j->options.report) j->options.report(j->options.report_ctx, r);
    dgm_diags_clear(j->diags);
}

/* Statuses that end a job rather than a message. */
static bool fatal(dgm_status s)
{
    return s == DGM_NOMEM || s == DGM_IO || s == DGM_DEFECT || s == DGM_USAGE || s == DGM_CONFIG;
}

static dgm_status pass(dgm_job *j, dgm_message *m, dgm_message_report *r)
{
    dgm_tree *model = NULL, *target = NULL;
    dgm_status s = m->errors || !m->tree ? DGM_INVALID : DGM_OK;
    r->wire = m->tree;
    if (s == DGM_OK && (j->options.to.len || j->options.map)) s = read_in(j, m, r, &model);
    if (s == DGM_OK && dgm_diags_errors(j->diags)) s = DGM_INVALID;
    if (s == DGM_OK && j->options.to.len) s = write_out(j, m, r, &target);
    if (s == DGM_OK && dgm_diags_failed(j->diags)) s = DGM_NOMEM;
    r->status = s;
    if (!fatal(s)) {
        if (s != DGM_OK) j->counts.refused++;
        tell(j, r);
    }
    if (target) dgm_runner_recycle(j->runner_out, target);
    if (model) dgm_runner_recycle(j->runner_in, model);
    return fatal(s) ? s : DGM_OK;
}

static dgm_status one_message(dgm_job *j, dgm_message *m)
{
    j->mapping_in = j->mapping_out = NULL;
    j->counts.messages++;
    dgm_message_report r = { .codec = j->reader_codec->name,
                             .type = m->type,
                             .reference = m->reference,
                             .sender = m->sender,
                             .recipient = m->recipient,
                             .interchange_reference = m->interchange_reference,
                             .position = m->position,
                             .at_byte = m->at_byte,
                             .bytes = m->bytes };
    if (m->format) r.format = m->format->name;
    dgm_status s = pass(j, m, &r);
    j->reader_codec->recycle(j->reader, m);
    return s;
}

/* ---- feeding ---- */

/* What was said about the input beside its messages: counts of the envelope, trailing bytes, an input nobody knows. */
static void tell_rest(dgm_job *j, dgm_status status)
{
    if (!dgm_diags_count(j->diags)) return;
    dgm_message_report r = { .codec = j->reader_codec ? j->reader_codec->name : "", .status = status };
    if (dgm_diags_errors(j->diags) && status == DGM_OK) r.status = DGM_INVALID;
    tell(j, &r);
}

static dgm_status drain(dgm_job *j)
{
    for (;;) {
        dgm_message m = { 0 };
        dgm_status s = j->reader_codec->next(j->reader, &m);
        if (s == DGM_MORE) return dgm_diags_failed(j->diags) ? DGM_NOMEM : DGM_OK;
        if (s == DGM_END) {
            j->over = true;
            s = dgm_job_close_output(j, true);
            if (s == DGM_OK && dgm_diags_failed(j->diags)) s = DGM_NOMEM;
            if (s == DGM_OK) tell_rest(j, DGM_OK);
            return s;
        }
        if (s == DGM_OK) s = one_message(j, &m);
        if (s != DGM_OK) return s;
    }
}

static dgm_status identify(dgm_job *j, dgm_slice first)
{
    if (j->reader_codec) return DGM_OK;
    int best = 0;
    for (int i = 0; dgm_codecs[i]; i++) {
        int sure = dgm_codecs[i]->identify(dgm_slice_part(first, 0, HEAD_BYTES));
        if (sure > best) best = sure, j->reader_codec = dgm_codecs[i];
    }
    if (j->reader_codec) return DGM_OK;
    dgm_diag *d = dgm_diags_add(j->diags, first.len ? DGM_D_JOB_INPUT_UNKNOWN : DGM_D_JOB_INPUT_EMPTY, DGM_ERROR);
    if (d) d->at_byte = 0;
    dgm_diag_text(j->diags, d, dgm_slice_part(first, 0, 32));
    dgm_diag_excerpt(j->diags, d, dgm_slice_part(first, 0, 64), 0);
    tell_rest(j, DGM_UNKNOWN);
    return DGM_UNKNOWN;
}

static dgm_status fail(dgm_job *j, dgm_status s)
{
    if (s == DGM_OK) return s;
    j->failed = s;
    (void)dgm_job_close_output(j, false);
    return s;
}

dgm_status dgm_job_feed(dgm_job *j, dgm_slice chunk, bool last)
{
    if (j->failed != DGM_OK) return j->failed;
    if (j->over) return chunk.len ? DGM_USAGE : DGM_OK;
    dgm_status s = DGM_OK;
    bool held = false;
    if (!j->reader) {
        if (!j->reader_codec && !last && j->head.len + chunk.len < HEAD_BYTES) return fail(j, dgm_buffer_append(&j->head, chunk));
        if (!j->reader_codec && j->head.len) {
            s = dgm_buffer_append(&j->head, chunk);
            chunk = dgm_buffer_slice(&j->head);
            held = true;
        }
        if (s == DGM_OK) s = identify(j, chunk);
        if (s == DGM_OK) s = open_reader(j, NULL, j->diags);
        if (s == DGM_CONFIG) tell_rest(j, s);
    }
    if (s == DGM_OK) s = j->reader_codec->feed(j->reader, chunk, last);
    if (held) dgm_buffer_free(&j->head);
    if (s == DGM_OK) s = drain(j);
    return fail(j, s);
}

dgm_status dgm_job_whole(dgm_job *j, dgm_slice input)
{
    if (j->failed != DGM_OK) return j->failed;
    if (j->reader || j->over || j->head.len) return fail(j, DGM_USAGE);
    dgm_status s = identify(j, input);
    if (s != DGM_OK) return fail(j, s);
    if (!j->reader_codec->open_whole) return dgm_job_feed(j, input, true);
    s = open_reader(j, &input, j->diags);
    if (s == DGM_CONFIG) tell_rest(j, s);
    if (s == DGM_OK) s = drain(j);
    return fail(j, s);
}
