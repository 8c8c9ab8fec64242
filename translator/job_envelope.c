/* SPDX-License-Identifier: Apache-2.0
 *
 * job_envelope.c - what a reader tells of headers of interchanges and groups, and of what secures them, goes to whoever wants it:
 * the answers at once, messages written again and the caller of the job when the messages behind it have their turn. Until then it
 * waits in a queue. The job's thread, or whichever reads an input ahead of its turn.
 */
#include "job.h"

/* One that waits; its values and their texts follow in the queue. Names, titles and meanings are constant. */
typedef struct record {
    dgm_envelope about;
    char tag[DGM_ENVELOPE_TAG_MAX];
    size_t bytes; /* of all texts */
} record;

/* What waits must not grow with an input that has no messages, however long it is: from FORGET_BYTES on, headers whose messages
 * have all had their turn are forgotten. Nobody secures one header with more than SECURED_BYTES: what comes beyond has no values.
 */
enum { FORGET_BYTES = 65536, SECURED_BYTES = 1 << 20 };

/* ---- the queue ------------------------------------------------------------------------------------------------------------- */

static dgm_status append(dgm_buffer *to, const void *at, size_t bytes)
{
    return bytes ? dgm_buffer_append(to, (dgm_slice){ at, bytes }) : DGM_OK;
}

dgm_status dgm_envelopes_put(dgm_envelopes *q, const dgm_envelope *e)
{
    record r = { .about = *e };
    r.about.agreed = NULL;
    if (r.about.tag.len > sizeof r.tag) r.about.tag.len = sizeof r.tag;
    for (size_t i = 0; i < r.about.tag.len; i++) r.tag[i] = e->tag.at[i];
    if (r.about.count > DGM_ENVELOPE_VALUES_MAX) r.about.count = DGM_ENVELOPE_VALUES_MAX;
    if (e->secures && q->bytes.len - q->at > SECURED_BYTES) {
        if (q->cut) return DGM_OK;
        r.about.count = 0;
    }
    q->cut = e->secures && r.about.count == 0;
    for (size_t i = 0; i < r.about.count; i++) r.bytes += e->values[i].text.len;
    const size_t from = q->bytes.len;
    dgm_status s = append(&q->bytes, &r, sizeof r);
    if (s == DGM_OK) s = append(&q->bytes, e->values, r.about.count * sizeof *e->values);
    for (size_t i = 0; i < r.about.count && s == DGM_OK; i++) s = append(&q->bytes, e->values[i].text.at, e->values[i].text.len);
    if (s != DGM_OK) q->bytes.len = from;
    return s;
}

bool dgm_envelopes_next(dgm_envelopes *q, uint64_t before, uint32_t interchange, dgm_envelope_room *room)
{
    record r;
    if (q->at == q->bytes.len) {
        q->at = q->bytes.len = 0;
        return false;
    }
    memcpy(&r, q->bytes.at + q->at, sizeof r);
    if (r.about.at_byte >= before || (interchange && r.about.position.interchange != interchange)) return false;
    const char *at = q->bytes.at + q->at + sizeof r, *text = at + r.about.count * sizeof *room->values;
    if (r.about.count) memcpy(room->values, at, r.about.count * sizeof *room->values);
    for (size_t i = 0; i < r.about.count; text += room->values[i++].text.len) room->values[i].text.at = text;
    memcpy(room->tag, r.tag, sizeof r.tag);
    room->envelope = r.about;
    room->envelope.tag.at = room->tag;
    room->envelope.values = room->values;
    q->at = (size_t)(text - q->bytes.at);
    return true;
}

void dgm_envelopes_forget(dgm_envelopes *q, dgm_position now)
{
    size_t kept = 0, at = q->at;
    if (q->bytes.len <= (q->most ? q->most : FORGET_BYTES)) return;
    while (at < q->bytes.len) {
        record r;
        memcpy(&r, q->bytes.at + at, sizeof r);
        size_t bytes = sizeof r + r.about.count * sizeof(dgm_envelope_value) + r.bytes;
        const dgm_position *p = &r.about.position;
        if (p->interchange > now.interchange || (p->interchange == now.interchange && (!r.about.group || p->group >= now.group))) {
            memmove(q->bytes.at + kept, q->bytes.at + at, bytes);
            kept += bytes;
        }
        at += bytes;
    }
    q->at = 0;
    q->bytes.len = kept;
    q->most = kept > FORGET_BYTES / 2 ? 2 * kept : FORGET_BYTES;
}

void dgm_envelopes_clear(dgm_envelopes *q)
{
    q->bytes.len = q->at = q->most = 0;
    q->cut = false;
}

/* ---- who is told ----------------------------------------------------------------------------------------------------------- */

bool dgm_job_quiet(const dgm_job *j)
{
    return !j->sink.hold && (!j->pool || dgm_pool_oldest(j->pool) == DGM_NONE);
}

void dgm_job_tell_envelopes(dgm_job *j, uint64_t before)
{
    dgm_envelope_room room;
    if (!j->options.envelope) return;
    while (dgm_envelopes_next(&j->told, before, 0, &room)) j->options.envelope(j->options.envelope_ctx, &room.envelope);
}

static void met(void *ctx, const dgm_envelope *e)
{
    dgm_job *j = ctx;
    if (j->ack && j->ack->codec == j->reader_codec && j->reader_codec->ack_envelope) j->reader_codec->ack_envelope(j->ack, e);
    if (j->options.rewrite && j->reader_codec->writer_envelope) dgm_rewriting_met(j, e);
    if (!j->options.envelope) return;
    if (dgm_job_quiet(j)) {
        dgm_job_tell_envelopes(j, e->at_byte);
        j->options.envelope(j->options.envelope_ctx, e);
    } else if (j->told_failed == DGM_OK) {
        j->told_failed = dgm_envelopes_put(&j->told, e);
    }
}

void dgm_job_envelopes_open(dgm_job *j)
{
    bool answers = j->ack && j->ack->codec == j->reader_codec;
    bool rewrites = j->options.rewrite && j->reader_codec->writer_envelope;
    j->host.envelope = answers || rewrites || j->options.envelope ? met : NULL;
    j->host.envelope_ctx = j;
    j->host.envelope_names = j->options.envelope != NULL;
}
