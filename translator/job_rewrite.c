/* SPDX-License-Identifier: Apache-2.0
 *
 * job_rewrite.c - messages written again in their own standard, without a mapping: normalised, by the writer of the codec that read
 * them, in the headers that they came in; or as they came, byte for byte, but for messages that were refused and the counts that
 * had them in. One thread.
 */
#include "job.h"

#include "base/diag.h"

/* Memory must not grow with an input that has no messages to write, however long it is: bytes between messages, as they came, wait
 * while no message was accepted, for an input without any gives no output; an input with more of them than HELD_BYTES_MAX begins
 * its output without a message. PASS_BYTES: that much without a message is looked at as soon as it is there. */
enum { PASS_BYTES = 65536, HELD_BYTES_MAX = 1 << 20 };

static dgm_status append(dgm_buffer *to, const void *at, size_t bytes)
{
    return bytes ? dgm_buffer_append(to, (dgm_slice){ at, bytes }) : DGM_OK;
}

/* ---- headers --------------------------------------------------------------------------------------------------------------- */

static dgm_status pass_over(dgm_job *j, uint64_t to);

/* What the interchange that is being written has between a message of it and a place in the input: what secures it ends it, too. */
static dgm_status catch_up(dgm_job *j, uint64_t to)
{
    dgm_envelope_room room;
    dgm_status s = DGM_OK;
    if (!j->writing || !j->writer_wrote) return s;
    while (s == DGM_OK && dgm_envelopes_next(&j->rewriting.headers, to, j->writer_interchange, &room))
        s = j->writer_codec->writer_envelope(j->writer, &room.envelope);
    return s;
}

void dgm_rewriting_met(dgm_job *j, const dgm_envelope *e)
{
    dgm_rewriting *r = &j->rewriting;
    if (r->failed != DGM_OK) return;
    if (j->options.rewrite == DGM_REWRITE_KEEP) {
        if (!e->secures && dgm_job_quiet(j)) r->failed = pass_over(j, e->at_byte);
        return;
    }
    if (dgm_job_quiet(j)) {
        r->failed = catch_up(j, e->at_byte);
        dgm_envelopes_forget(&r->headers, e->position);
    }
    if (r->failed == DGM_OK) r->failed = dgm_envelopes_put(&r->headers, e);
}

/* ---- normalised ------------------------------------------------------------------------------------------------------------ */

/* Another partner's writer is taken out, and the one in hand laid aside. */
static void give_the_word(dgm_job *j, dgm_terms *to)
{
    dgm_rewriting *r = &j->rewriting;
    if (r->own == to) return;
    dgm_writer **aside = r->own ? &r->own->kept : &r->kept, **out = to ? &to->kept : &r->kept;
    bool *aside_goes_on = r->own ? &r->own->goes_on : &r->kept_goes_on, *out_goes_on = to ? &to->goes_on : &r->kept_goes_on;
    *aside = j->writer;
    *aside_goes_on = r->goes_on;
    j->writer = *out;
    r->goes_on = *out_goes_on && j->writer;
    *out = NULL;
    r->own = to;
}

/* A writer with an interchange to be written: the one before, used again, as if it were opened anew when the input is another. */
static dgm_status writer_of(dgm_job *j, const dgm_message *m)
{
    const dgm_codec *codec = j->reader_codec;
    const dgm_settings *given = dgm_job_writer_settings(j, m, codec);
    if (j->writing) return DGM_OK;
    give_the_word(j, dgm_job_terms_going(j, m, codec));
    dgm_sink sink = dgm_job_late_sink(j, dgm_slice_of(codec->name));
    dgm_status s = DGM_OK;
    if (j->writer && j->rewriting.goes_on && codec->writer_again)
        codec->writer_again(j->writer, sink);
    else if (j->writer)
        s = codec->writer_renew(j->writer, given->at, given->count, sink);
    else
        s = codec->writer_open(&j->writer_host, NULL, given->at, given->count, sink, &j->writer);
    j->writer_codec = codec;
    j->rewriting.goes_on = j->writing = s == DGM_OK;
    j->writer_wrote = false;
    return s;
}

/* A codec that only reads envelopes: once for an input, of the first that is lost. */
static void tell_anew(dgm_job *j, const dgm_message *m)
{
    const dgm_codec *codec = j->reader_codec;
    if (codec->writer_envelope || j->rewriting.anew) return;
    if (!m->sender.len && !m->recipient.len && !m->interchange_reference.len) return;
    j->rewriting.anew = true;
    dgm_diag *d = dgm_diags_add(j->writer_diags, DGM_D_JOB_REWRITE_ENVELOPE, DGM_WARNING);
    if (d) d->position.interchange = m->position.interchange;
    dgm_diag_text(j->writer_diags, d, dgm_slice_of(codec->name));
}

static dgm_status write_normal(dgm_job *j, const dgm_message *m)
{
    dgm_envelope_room room;
    const dgm_codec *codec = j->reader_codec;
    tell_anew(j, m);
    bool other = j->writing && ((j->writer_wrote && j->writer_interchange != m->position.interchange) ||
                                j->rewriting.own != dgm_job_terms_going(j, m, codec));
    bool over = other || (j->writing && codec->writer_full && codec->writer_full(j->writer));
    dgm_status s = over ? dgm_job_close_output(j, true) : DGM_OK;
    if (s == DGM_OK) s = writer_of(j, m);
    while (s == DGM_OK && dgm_envelopes_next(&j->rewriting.headers, m->at_byte, 0, &room))
        s = codec->writer_envelope(j->writer, &room.envelope);
    if (s == DGM_OK) s = codec->write(j->writer, m->tree);
    if (s != DGM_OK) return s;
    j->writer_wrote = true;
    j->writer_interchange = m->position.interchange;
    return DGM_OK;
}

/* ---- as it came ------------------------------------------------------------------------------------------------------------ */

/* What the input has from one offset to another. */
static dgm_slice input_part(const dgm_rewriting *r, uint64_t from, uint64_t to)
{
    dgm_slice all = r->whole.at ? r->whole : dgm_buffer_slice(&r->input);
    return dgm_slice_part(all, (size_t)(from - r->input_at), (size_t)(to - r->input_at));
}

static dgm_status put(dgm_job *j, dgm_slice bytes)
{
    return dgm_sink_put(dgm_job_late_sink(j, dgm_slice_of(j->reader_codec->name)), bytes);
}

/* What stands between messages is put out, or waits for the first that is accepted. */
static dgm_status put_between(dgm_job *j, dgm_slice before, bool accepted)
{
    dgm_rewriting *r = &j->rewriting;
    dgm_status s = j->reader_codec->recount(before, &r->left, &r->between);
    if (s != DGM_OK) return s;
    r->wrote = r->wrote || accepted || r->between.len > HELD_BYTES_MAX;
    if (!r->wrote) return DGM_OK;
    s = put(j, dgm_buffer_slice(&r->between));
    r->between.len = 0;
    return s;
}

static dgm_status put_as_it_came(dgm_job *j, dgm_slice before, dgm_slice message, bool accepted)
{
    dgm_rewriting *r = &j->rewriting;
    dgm_status s = put_between(j, before, accepted);
    if (s != DGM_OK || accepted) return s == DGM_OK ? put(j, message) : s;
    r->left.of_group++;
    r->left.of_interchange++;
    return DGM_OK;
}

/* The input up to a header, when there is much of it without a message. */
static dgm_status pass_over(dgm_job *j, uint64_t to)
{
    dgm_rewriting *r = &j->rewriting;
    if (to < r->taken + PASS_BYTES) return DGM_OK;
    dgm_status s = put_between(j, input_part(r, r->taken, to), false);
    r->taken = to;
    return s;
}

dgm_status dgm_rewriting_take(dgm_lane *lane)
{
    dgm_job *j = lane->job;
    dgm_rewriting *r = &j->rewriting;
    const dgm_message *m = &lane->message;
    if (j->options.rewrite != DGM_REWRITE_KEEP) return DGM_OK;
    dgm_slice before = input_part(r, r->taken, m->at_byte), message = input_part(r, m->at_byte, m->at_byte + m->bytes);
    r->taken = m->at_byte + m->bytes;
    lane->before_bytes = before.len;
    lane->bytes.len = 0;
    dgm_status s = append(&lane->bytes, before.at, before.len);
    return s == DGM_OK ? append(&lane->bytes, message.at, message.len) : s;
}

/* ---- for the job ----------------------------------------------------------------------------------------------------------- */

dgm_status dgm_rewriting_write(dgm_lane *lane, bool accepted)
{
    dgm_job *j = lane->job;
    dgm_status s = j->rewriting.failed;
    if (s != DGM_OK) return s;
    s = catch_up(j, lane->message.at_byte);
    if (s != DGM_OK) return s;
    dgm_envelopes_forget(&j->rewriting.headers, lane->message.position);
    if (j->options.rewrite == DGM_REWRITE_KEEP) {
        dgm_slice all = dgm_buffer_slice(&lane->bytes);
        return put_as_it_came(j, dgm_slice_part(all, 0, lane->before_bytes), dgm_slice_part(all, lane->before_bytes, all.len),
                              accepted);
    }
    if (!accepted) return DGM_OK;
    s = write_normal(j, &lane->message);
    if (s == DGM_OK) dgm_job_tell_going(lane, j->reader_codec);
    dgm_status moved = dgm_diags_move(lane->diags, j->writer_diags);
    return s == DGM_OK ? moved : s;
}

dgm_status dgm_rewriting_feed(dgm_job *j, dgm_slice chunk, bool whole)
{
    dgm_rewriting *r = &j->rewriting;
    if (j->options.rewrite != DGM_REWRITE_KEEP) return DGM_OK;
    if (whole) {
        r->whole = chunk;
        return DGM_OK;
    }
    size_t gone = (size_t)(r->taken - r->input_at);
    if (gone) memmove(r->input.at, r->input.at + gone, r->input.len - gone);
    r->input.len -= gone;
    r->input_at = r->taken;
    return append(&r->input, chunk.at, chunk.len);
}

dgm_status dgm_rewriting_end(dgm_job *j)
{
    dgm_rewriting *r = &j->rewriting;
    dgm_status s = r->failed == DGM_OK ? catch_up(j, UINT64_MAX) : r->failed;
    if (j->options.rewrite == DGM_REWRITE_KEEP && r->wrote && s == DGM_OK) {
        dgm_slice rest = input_part(r, r->taken, r->input_at + (r->whole.at ? r->whole.len : r->input.len));
        s = j->reader_codec->recount(rest, &r->left, &r->between);
        if (s == DGM_OK) s = put(j, dgm_buffer_slice(&r->between));
    }
    r->between.len = r->input.len = 0;
    dgm_envelopes_clear(&r->headers);
    r->whole = (dgm_slice){ 0 };
    r->input_at = r->taken = 0;
    r->left = (dgm_left_out){ 0 };
    r->wrote = r->goes_on = r->kept_goes_on = r->anew = false;
    for (size_t i = 0; i < j->terms_count; i++) j->terms[i].goes_on = false;
    return s;
}

dgm_status dgm_rewriting_open(dgm_job *j, dgm_diags *diags)
{
    const dgm_codec *k = j->reader_codec;
    if (!j->options.rewrite) return DGM_OK;
    if (j->options.rewrite == DGM_REWRITE_KEEP && !k->recount) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_KEEP, DGM_ERROR);
        dgm_diag_text(diags, d, dgm_slice_of(k->name));
        return DGM_UNKNOWN;
    }
    return dgm_job_check_settings(k, true, &j->writer_settings, diags);
}

/* While nobody knows what the input is, settings must be those of some codec. */
dgm_status dgm_rewriting_settings(dgm_job *j, dgm_diags *diags)
{
    if (!j->options.rewrite) return DGM_OK;
    if (j->reader_codec) return dgm_job_check_settings(j->reader_codec, true, &j->writer_settings, diags);
    for (size_t i = 0; j->context->codecs[i]; i++)
        if (dgm_job_check_settings(j->context->codecs[i], true, &j->writer_settings, NULL) == DGM_OK) return DGM_OK;
    return dgm_job_check_settings(&dgm_codec_edifact, true, &j->writer_settings, diags);
}

void dgm_rewriting_init(dgm_job *j)
{
    dgm_rewriting *r = &j->rewriting;
    dgm_buffer_init(&r->headers.bytes, &j->mem);
    dgm_buffer_init(&r->input, &j->mem);
    dgm_buffer_init(&r->between, &j->mem);
}

void dgm_rewriting_free(dgm_job *j)
{
    dgm_rewriting *r = &j->rewriting;
    dgm_buffer_free(&r->headers.bytes);
    dgm_buffer_free(&r->input);
    dgm_buffer_free(&r->between);
}
