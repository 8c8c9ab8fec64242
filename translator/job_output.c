/* SPDX-License-Identifier: Apache-2.0
 *
 * job_output.c - where a job's documents go: one output for each document of a codec that writes single ones (XML, JSON), one for
 * each interchange of the input otherwise. Single documents may be written in any thread, into a sink of their own; the outlet
 * belongs to the caller's thread.
 */
#include "job.h"

#include "base/diag.h"

static dgm_status late_write(void *ctx, dgm_slice bytes)
{
    dgm_late_sink *s = ctx;
    if (s->hold) return dgm_buffer_append(&s->held, bytes);
    if (!s->open) {
        dgm_status status = s->outlet.open(s->outlet.ctx, s->number + 1, s->format, &s->to);
        if (status != DGM_OK) return status;
        s->number++;
        s->open = true;
    }
    return s->to.write(s->to.ctx, bytes);
}

static bool set_by_hand(const dgm_settings *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (dgm_slice_is(s->at[i].name, name)) return true;
    return false;
}

static bool has_option(const dgm_option *options, const char *name)
{
    for (; options->name; options++)
        if (strcmp(options->name, name) == 0) return true;
    return false;
}

dgm_sink dgm_job_late_sink(dgm_job *j, dgm_slice format)
{
    j->sink.format = format;
    return (dgm_sink){ late_write, &j->sink };
}

dgm_status dgm_job_target(const dgm_job *j, const dgm_tree *model, const dgm_format **format, const dgm_codec **codec)
{
    if (!j->to_json) {
        *format = &j->to->format;
        *codec = j->to->codec;
        return DGM_OK;
    }
    const dgm_model_entry *entry = dgm_context_model(j->context, dgm_shape_name(model->shape));
    if (!entry) return DGM_DEFECT;
    *format = &entry->json;
    *codec = &dgm_codec_json;
    return DGM_OK;
}

/* What the envelope of the input says goes on into the envelope of the output, unless it was set by hand. *out: a writer to be used
 * again, or NULL. */
static dgm_status open_writer(const dgm_host *host, const dgm_message *m, const dgm_format *format, const dgm_codec *codec,
                              const dgm_settings *given, dgm_sink sink, dgm_writer **out)
{
    const struct {
        const char *name;
        dgm_slice value;
    } from_envelope[] = { { "sender", m->sender }, { "recipient", m->recipient }, { "reference", m->interchange_reference } };
    dgm_setting settings[64];
    size_t n = 0;
    for (; n < given->count && n < 60; n++) settings[n] = given->at[n];
    for (size_t i = 0; i < (host->counter.take ? 2 : 3); i++) /* references that are counted owe nothing to those that came */
        if (from_envelope[i].value.len && has_option(codec->writer_options, from_envelope[i].name) &&
            !set_by_hand(given, from_envelope[i].name))
            settings[n++] = (dgm_setting){ dgm_slice_of(from_envelope[i].name), from_envelope[i].value };
    return *out ? codec->writer_renew(*out, settings, n, sink) : codec->writer_open(host, format, settings, n, sink, out);
}

static void forget_writer(dgm_job *j)
{
    if (j->writer) j->writer_codec->writer_close(j->writer);
    j->writer = NULL;
}

dgm_status dgm_job_close_output(dgm_job *j, bool complete)
{
    dgm_status status = DGM_OK;
    if (j->writing) {
        /* An interchange of which every message was refused has no first byte, and so no last one. */
        if (complete && j->writer_wrote) status = j->writer_codec->finish(j->writer);
        j->wrote_of_input = j->wrote_of_input || (complete && j->writer_wrote);
        if (status != DGM_OK || !complete || !j->writer_codec->writer_renew) forget_writer(j);
        j->writing = false;
    }
    if (j->sink.hold) {
        j->sink.held_whole = complete && status == DGM_OK && j->sink.held.len;
        if (!j->sink.held_whole) j->sink.held.len = 0;
    } else if (j->sink.open) {
        bool whole = complete && status == DGM_OK;
        dgm_status closed = j->sink.outlet.close(j->sink.outlet.ctx, whole);
        if (status == DGM_OK) status = closed;
        j->sink.open = false;
        if (whole) j->counts.outputs++;
    }
    return status;
}

dgm_status dgm_job_let_go(dgm_job *j)
{
    dgm_late_sink *s = &j->sink;
    bool whole = s->held_whole;
    s->hold = s->held_whole = false;
    dgm_status status = s->held.len ? late_write(s, dgm_buffer_slice(&s->held)) : DGM_OK;
    s->held.len = 0;
    dgm_status closed = whole || status != DGM_OK ? dgm_job_close_output(j, status == DGM_OK) : DGM_OK;
    return status == DGM_OK ? closed : status;
}

void dgm_lane_forget_writer(dgm_lane *lane)
{
    if (lane->writer) lane->writer->codec->writer_close(lane->writer);
    lane->writer = NULL;
}

/* The same for the document in hand, which may be one that is only written again. */
static dgm_status target_of(const dgm_job *j, const dgm_lane *lane, const dgm_format **format, const dgm_codec **codec)
{
    if (!j->options.rewrite) return dgm_job_target(j, lane->report.model, format, codec);
    *codec = j->reader_codec;
    *format = lane->message.format;
    if (*codec != &dgm_codec_json) return *format ? DGM_OK : DGM_DEFECT;
    const dgm_model_entry *entry = dgm_context_model(j->context, dgm_shape_name(lane->message.tree->shape));
    *format = entry ? &entry->json : NULL;
    return entry ? DGM_OK : DGM_DEFECT;
}

dgm_status dgm_job_write_single(dgm_job *j, dgm_lane *lane, const dgm_tree *tree, dgm_sink sink)
{
    const dgm_format *format = NULL;
    const dgm_codec *codec = NULL;
    dgm_status s = target_of(j, lane, &format, &codec);
    const dgm_terms *terms = s == DGM_OK ? dgm_job_parties_going(lane, codec) : NULL;
    if (s == DGM_OK && lane->writer && lane->writer_format == format && lane->writer_terms == terms)
        codec->writer_again(lane->writer, sink);
    else if (s == DGM_OK) {
        dgm_lane_forget_writer(lane);
        lane->writer_format = format;
        lane->writer_terms = terms;
        s = open_writer(&lane->host, &lane->message, format, codec, terms ? &terms->xml_writer : &j->writer_settings, sink,
                        &lane->writer);
    }
    if (s == DGM_OK) s = codec->write(lane->writer, tree);
    if (s == DGM_OK) s = codec->finish(lane->writer);
    /* What the envelope of a message says may be settings of the next one's writer: only writers without such are kept. */
    if (s != DGM_OK || !codec->writer_again) dgm_lane_forget_writer(lane);
    return s;
}

dgm_status dgm_job_write(dgm_job *j, dgm_lane *lane, const dgm_tree *tree)
{
    const dgm_message *m = &lane->message;
    const dgm_format *format = NULL;
    const dgm_codec *codec = NULL;
    dgm_status s = dgm_job_target(j, lane->report.model, &format, &codec);
    if (s == DGM_OK && j->writing && j->writer_interchange != m->position.interchange) s = dgm_job_close_output(j, true);
    if (s == DGM_OK && !j->writing) {
        if (j->writer_format != format) forget_writer(j);
        j->writer_codec = codec;
        j->writer_format = format;
        s = open_writer(&j->writer_host, m, format, codec, dgm_job_writer_settings(j, m, codec), dgm_job_late_sink(j, format->name),
                        &j->writer);
        if (s != DGM_OK) forget_writer(j);
        if (s == DGM_OK && j->wrote_of_input && codec->writer_goes_on &&
            set_by_hand(dgm_job_writer_settings(j, m, codec), "reference"))
            codec->writer_goes_on(j->writer);
        j->writing = j->writer != NULL;
        j->writer_interchange = m->position.interchange;
        j->writer_wrote = false;
    }
    if (s == DGM_OK) s = codec->write(j->writer, tree);
    if (s == DGM_OK) j->writer_wrote = true;
    if (s == DGM_OK) dgm_job_tell_going(lane, codec);
    dgm_status moved = dgm_diags_move(lane->diags, j->writer_diags);
    return s == DGM_OK ? moved : s;
}
