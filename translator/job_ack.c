/* SPDX-License-Identifier: Apache-2.0
 *
 * job_ack.c - the answers of a job: the codec of the input collects what was said about it and writes them; the job tells it what
 * became of each message (and job_envelope.c what the reader met). One thread.
 */
#include "job.h"

/* The codec of the input, or the first that answers anything while that is not known. */
static const dgm_codec *answering_codec(const dgm_job *j)
{
    if (j->reader_codec) return j->reader_codec->ack_open ? j->reader_codec : NULL;
    const dgm_codec *const *codecs = j->context->codecs;
    size_t i = 0;
    while (codecs[i] && !codecs[i]->ack_open) i++;
    return codecs[i];
}

dgm_status dgm_job_ack_prepare(dgm_job *j, dgm_diags *diags)
{
    const dgm_codec *k = j->options.ack.open ? answering_codec(j) : NULL;
    if (!k) return DGM_OK;
    const dgm_format_list *known = &j->context->by_codec[dgm_context_codec_of(j->context, dgm_slice_of(k->name))];
    j->host.knowledge = (const void *const *)known->knowledge; /* as its reader will have it */
    j->host.knowledge_count = known->knowledge_count;
    j->host.seen = j->options.seen;
    j->host.answer_codes = j->context->answer_codes;
    j->host.answer_code_count = j->context->answer_code_count;
    dgm_status s = dgm_job_check_ack_settings(k, &j->ack_settings, diags);
    if (s == DGM_OK) s = k->ack_open(&j->host, j->ack_settings.at, j->ack_settings.count, j->options.ack, &j->ack);
    if (s == DGM_OK || dgm_diags_count(j->diags) == 0) return s;
    dgm_status moved = dgm_diags_move(diags, j->diags);
    return moved == DGM_OK ? s : moved;
}

void dgm_job_ack_take(dgm_job *j, const dgm_message_report *report, dgm_diags *diags)
{
    if (j->ack_failed == DGM_OK) j->ack_failed = j->ack->codec->ack_take(j->ack, report, diags);
}

dgm_status dgm_job_ack_finish(dgm_job *j)
{
    if (j->ack_failed == DGM_OK) j->ack_failed = j->ack->codec->ack_finish(j->ack, j->diags);
    return j->ack_failed;
}
