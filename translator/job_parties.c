/* SPDX-License-Identifier: Apache-2.0
 *
 * job_parties.c - profiles of partners for XML documents. Whose a document is has to be known before it is read, for its profile
 * says whether it must be signed: it is looked for in its first bytes (codecs/xml/parties.h), and held against what was read in the
 * end. Nobody is believed who only seems to be somebody else. What goes out is written as the profile of who it goes to says. The
 * thread of the input; what goes out any thread.
 */
#include "job.h"

#include "base/diag.h"
#include "codecs/xml/parties.h"

static bool is_xml(const dgm_codec *codec)
{
    return codec == dgm_partner_xml_codec;
}

static dgm_slice text_of(const dgm_party *p)
{
    return (dgm_slice){ p->at, p->len };
}

/* ---- with the terms ---- */

/* Does the job write XML, which a key could sign? */
static bool writes_xml(const dgm_job *j)
{
    return j->options.outlet.open && (j->options.rewrite || (j->to && is_xml(j->to->codec)));
}

dgm_status dgm_job_parties_prepare(dgm_job *j, dgm_diags *diags)
{
    dgm_status all = DGM_OK;
    for (size_t i = 0; i < j->terms_count; i++) {
        dgm_terms *t = &j->terms[i];
        j->parties.asked = j->parties.asked || t->partner->xml.said;
        dgm_status s = DGM_OK;
        if (!j->options.verify) s = dgm_partner_trust(j->context, t->partner, diags, &t->trust);
        if (s == DGM_OK && !j->options.signer && writes_xml(j))
            s = dgm_partner_signer(j->context, t->partner, j->options.passphrase, diags, &t->signer);
        if (s == DGM_NOMEM) return s;
        if (s != DGM_OK) all = s;
    }
    return all;
}

/* ---- whose it is ---- */

static dgm_terms *terms_for(const dgm_job *j, dgm_slice sender, dgm_slice recipient, dgm_slice type)
{
    if (j->terms_named) return j->terms;
    const dgm_partner *p = dgm_partner_of_document(j->context, sender, recipient, type);
    return p ? &j->terms[p - j->context->partners] : NULL;
}

static void tell(dgm_job *j, const dgm_partner *p, dgm_slice sender)
{
    dgm_diag *d = dgm_diags_add(j->diags, p ? DGM_D_JOB_PARTNER_DOCUMENT : DGM_D_JOB_PARTNER_DOCUMENT_NONE, DGM_INFO);
    if (d) d->at_byte = 0;
    dgm_diag_text(j->diags, d, p ? p->name : sender.len ? sender : DGM_LITERAL("nobody it names"));
    if (p) dgm_diag_text(j->diags, d, p->path);
}

static dgm_slice encoding_of(const dgm_job *j)
{
    for (size_t i = 0; i < j->reader_settings.count; i++)
        if (dgm_slice_is(j->reader_settings.at[i].name, "encoding")) return j->reader_settings.at[i].value;
    return (dgm_slice){ 0 };
}

/* Looked at again only when there is twice as much, so that small pieces cost no more than large ones. */
dgm_status dgm_job_parties_look(dgm_job *j, dgm_slice first, bool whole)
{
    if (!j->parties.asked || j->parties.known) return DGM_OK;
    dgm_parties seen = { 0 };
    if (!is_xml(j->reader_codec)) {
        j->parties.known = true;
        return DGM_OK;
    }
    if (!j->terms_named) {
        const dgm_format_list *all = &j->context->by_codec[dgm_context_codec_of(j->context, DGM_LITERAL("xml"))];
        const dgm_format *one = j->from ? &j->from->format : NULL;
        if (!whole && first.len < 2 * j->parties.looked && first.len < DGM_PARTIES_BYTES_MAX) return DGM_MORE;
        dgm_status s = dgm_xml_parties(&j->mem, one ? &one : all->at, one ? 1 : all->count, encoding_of(j), first, whole, &seen);
        j->parties.looked = first.len;
        if (s != DGM_OK) return s;
    }
    j->parties.terms = terms_for(j, text_of(&seen.sender), text_of(&seen.recipient), text_of(&seen.type));
    j->parties.known = true;
    tell(j, j->parties.terms ? j->parties.terms->partner : NULL, text_of(&seen.sender));
    return DGM_OK;
}

void dgm_job_parties_forget(dgm_job *j)
{
    j->parties.terms = NULL;
    j->parties.known = false;
    j->parties.looked = 0;
}

bool dgm_job_parties_open(dgm_job *j, const dgm_setting **settings, size_t *count)
{
    if (!j->parties.asked || !is_xml(j->reader_codec)) return false;
    const dgm_terms *t = j->parties.terms;
    j->host.limits = j->parties.limits;
    if (!t) return false;
    const dgm_limits *l = &t->agreed.limits;
    if (l->message_bytes_max) j->host.limits.message_bytes_max = l->message_bytes_max;
    if (l->segment_bytes_max) j->host.limits.segment_bytes_max = l->segment_bytes_max;
    if (l->nodes_max) j->host.limits.nodes_max = l->nodes_max;
    if (l->depth_max) j->host.limits.depth_max = l->depth_max;
    *settings = t->xml_reader.at;
    *count = t->xml_reader.count;
    return true;
}

/* ---- what was read ---- */

static dgm_diag *refuse(dgm_lane *lane, dgm_diag_code code, const dgm_partner *p)
{
    dgm_diag *d = dgm_diags_add(lane->diags, code, DGM_ERROR);
    if (d) d->position = lane->message.position;
    dgm_diag_reference(lane->diags, d, lane->message.reference);
    if (p) dgm_diag_text(lane->diags, d, p->name);
    lane->message.errors++;
    return d;
}

/* The document as it was looked for: of one in an envelope, the envelope. */
static dgm_slice kind_of(const dgm_message *m)
{
    return m->tree && m->tree->around ? dgm_tree_name(m->tree->around, 0) : m->type;
}

void dgm_job_parties_check(dgm_lane *lane)
{
    const dgm_job *j = lane->job;
    dgm_message *m = &lane->message;
    if (!is_xml(j->reader_codec)) { /* whose it is, the reader knows */
        const dgm_terms *t = dgm_job_terms_of(j, m->agreed);
        if (t && t->trust && !t->partner->xml.verify.others) refuse(lane, DGM_D_JOB_PARTNER_UNSIGNED, t->partner);
        return;
    }
    if (j->parties.terms) m->agreed = &j->parties.terms->agreed;
    if (j->terms_named || !m->tree) return;
    const dgm_terms *is = terms_for(j, m->sender, m->recipient, kind_of(m));
    if (is == j->parties.terms) return;
    const dgm_partner *p = is ? is->partner : j->parties.terms->partner;
    dgm_diag *d = refuse(lane, DGM_D_JOB_PARTNER_OTHER, NULL);
    dgm_diag_text(lane->diags, d, m->sender);
    dgm_diag_text(lane->diags, d, p->name);
}

/* ---- what goes out ---- */

const dgm_terms *dgm_job_parties_to(const dgm_job *j, const dgm_message *m, const dgm_codec *codec)
{
    const dgm_slice none = { 0 };
    if (!j->parties.asked || !is_xml(codec)) return NULL;
    if (j->terms_named) return j->terms;
    const dgm_partner_goes to = { .recipient = m->recipient,
                                  .sender = m->sender,
                                  .type = j->options.rewrite ? m->type
                                          : j->to            ? dgm_xml_document_type(&j->to->format)
                                                             : none };
    const dgm_partner *p = dgm_partner_of_recipient(j->context, &to);
    return p ? &j->terms[p - j->context->partners] : dgm_job_terms_of(j, m->agreed);
}

const dgm_terms *dgm_job_parties_going(dgm_lane *lane, const dgm_codec *codec)
{
    const dgm_terms *t = dgm_job_parties_to(lane->job, &lane->message, codec);
    if (!t) return NULL;
    lane->report.partner_out = t->partner->name;
    dgm_job_tell_writes(lane->job, t, &lane->message, lane->message.recipient, lane->diags);
    return t;
}
