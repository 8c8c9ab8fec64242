/* SPDX-License-Identifier: Apache-2.0
 *
 * job_partner.c - the settings of a job for each partner: what the caller set, then what the partner's profile says, then what is
 * usual. The profile is the one that was named, or for each interchange the one that its header asks for; what was chosen is told.
 * One thread: the one that reads.
 */
#include "job.h"

#include "base/diag.h"

/* a, then b, then usual when its name is set; of two settings of a name the first holds. */
static dgm_status merge(dgm_job *j, const dgm_settings *a, const dgm_partner_list *b, dgm_setting usual, dgm_settings *out)
{
    out->at = DGM_NEW(&j->arena, dgm_setting, a->count + b->count + 2);
    if (!out->at) return DGM_NOMEM;
    out->count = 0;
    for (size_t i = 0; i < a->count; i++) out->at[out->count++] = a->at[i];
    for (size_t i = 0; i < b->count; i++) out->at[out->count++] = b->at[i];
    if (usual.value.len) out->at[out->count++] = usual;
    return DGM_OK;
}

/* What the caller limited stays so. */
static dgm_limits limits_of(const dgm_job *j, const dgm_partner *p)
{
    const dgm_limits *own = &j->context->limits;
    dgm_limits l = p->limits;
    if (own->message_bytes_max) l.message_bytes_max = 0;
    if (own->segment_bytes_max) l.segment_bytes_max = 0;
    if (own->nodes_max) l.nodes_max = 0;
    if (own->depth_max) l.depth_max = 0;
    return l;
}

/* A level that a codec's readers, or writers, know of; else the usual one, or none. */
static dgm_slice level_for(const dgm_job *j, const dgm_option *o, bool usual)
{
    const dgm_slice levels[] = { j->options.level, usual ? j->options.level_usual : (dgm_slice){ 0 } };
    while (o->name && strcmp(o->name, "level") != 0) o++;
    for (size_t i = 0; i < 2 && o->name; i++)
        if (levels[i].len && dgm_option_takes(o, levels[i])) return levels[i];
    return (dgm_slice){ 0 };
}

void dgm_job_level_of_writer(dgm_job *j, const dgm_codec *codec)
{
    dgm_slice level = level_for(j, codec->writer_options, false);
    if (level.len)
        j->writer_settings.at[j->writer_settings.count++] = (dgm_setting){ DGM_LITERAL("level"), level }; /* room: settings.c */
}

static dgm_status make_terms(dgm_job *j, const dgm_partner *p, dgm_terms *t)
{
    const dgm_setting level = { DGM_LITERAL("level"), level_for(j, dgm_partner_codec->reader_options, false) }, none = { 0 };
    const dgm_setting usual = { DGM_LITERAL("level"), j->options.level_usual };
    dgm_settings asked = j->reader_settings, reader = { 0 }, ack = { 0 };
    t->partner = p;
    if (level.value.len) { /* there is room behind the settings (job_settings.c) */
        asked.at[asked.count] = level;
        asked.count++;
    }
    if (j->options.guide.len) {
        asked.at[asked.count] = (dgm_setting){ DGM_LITERAL("guide"), j->options.guide };
        asked.count++;
    }
    dgm_status s = merge(j, &asked, &p->reader, usual, &reader);
    if (s == DGM_OK) s = merge(j, &j->writer_settings, &p->writer, none, &t->writer);
    if (s == DGM_OK) s = merge(j, &j->ack_settings, &p->ack, none, &ack);
    t->agreed = (dgm_agreed){
        .reader = reader.at, .reader_count = reader.count, .ack = ack.at, .ack_count = ack.count, .limits = limits_of(j, p)
    };
    return s;
}

/* The same of XML. The writer's settings are this job's own where it writes XML; else there is nothing to be set. */
static dgm_status make_xml_terms(dgm_job *j, const dgm_partner *p, dgm_terms *t)
{
    const dgm_option *options = dgm_partner_xml_codec->reader_options;
    const dgm_setting level = { DGM_LITERAL("level"), level_for(j, options, false) }, none = { 0 };
    const dgm_setting usual = { DGM_LITERAL("level"), level_for(j, options, true) };
    dgm_settings asked = j->reader_settings;
    if (level.value.len) asked.at[asked.count++] = level; /* there is room behind the settings (job_settings.c) */
    dgm_status s = merge(j, &asked, &p->xml.reader, usual, &t->xml_reader);
    return s == DGM_OK ? merge(j, &j->writer_settings, &p->xml.writer, none, &t->xml_writer) : s;
}

static dgm_status unknown(dgm_job *j, dgm_slice name, dgm_diags *diags)
{
    dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_PARTNER_UNKNOWN, DGM_ERROR);
    dgm_slice near = dgm_partner_nearest(j->context, name);
    dgm_diag_text(diags, d, name);
    if (near.len) dgm_diag_text(diags, d, near);
    return DGM_UNKNOWN;
}

dgm_status dgm_job_partner_prepare(dgm_job *j, dgm_diags *diags)
{
    const dgm_context *c = j->context;
    dgm_slice name = j->options.partner;
    if (!name.len || dgm_slice_is(name, "none")) return DGM_OK;
    bool automatic = dgm_slice_is(name, "auto");
    const dgm_partner *named = automatic ? NULL : dgm_partner_named(c, name);
    if (!automatic && !named) return unknown(j, name, diags);
    size_t n = automatic ? c->partner_count : 1;
    if (n == 0) return DGM_OK;
    j->terms = DGM_NEW(&j->arena, dgm_terms, n);
    if (!j->terms) return DGM_NOMEM;
    for (size_t i = 0; i < n; i++) {
        dgm_status s = make_terms(j, named ? named : &c->partners[i], &j->terms[i]);
        if (s == DGM_OK) s = make_xml_terms(j, j->terms[i].partner, &j->terms[i]);
        if (s != DGM_OK) return s;
    }
    j->terms_count = n;
    j->terms_named = named != NULL;
    dgm_status xml = dgm_job_parties_prepare(j, diags);
    if (xml != DGM_OK) return xml;
    if (named && j->options.ack.open) {
        j->ack_settings.at = (dgm_setting *)(uintptr_t)j->terms->agreed.ack; /* our own: made above */
        j->ack_settings.count = j->terms->agreed.ack_count;
    }
    return DGM_OK;
}

void dgm_job_partner_free(dgm_job *j)
{
    for (size_t i = 0; i < j->terms_count; i++)
        if (j->terms[i].kept) dgm_partner_codec->writer_close(j->terms[i].kept);
}

bool dgm_job_asks_for_guides(const dgm_job *j)
{
    const dgm_setting own[] = { { DGM_LITERAL("level"), level_for(j, dgm_partner_codec->reader_options, true) },
                                { DGM_LITERAL("guide"), j->options.guide } };
    bool asked = dgm_context_guides_asked(own, 2) || dgm_context_guides_asked(j->reader_settings.at, j->reader_settings.count);
    for (size_t i = 0; i < j->terms_count && !asked; i++)
        asked = dgm_context_guides_asked(j->terms[i].agreed.reader, j->terms[i].agreed.reader_count);
    return asked;
}

/* ---- for readers ---- */

static void tell(dgm_job *j, const dgm_envelope *e, const dgm_partner *p)
{
    dgm_diag *d = dgm_diags_add(j->diags, p ? DGM_D_JOB_PARTNER_CHOSEN : DGM_D_JOB_PARTNER_NONE, DGM_INFO);
    if (!d) return;
    d->position.interchange = e->position.interchange;
    d->at_byte = e->at_byte;
    d->bytes = e->bytes;
    dgm_slice sender = { 0 };
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == 2 && e->values[i].component == 1) sender = e->values[i].text;
    dgm_diag_text(j->diags, d, p ? p->name : sender);
    if (p) dgm_diag_text(j->diags, d, p->path);
}

static const dgm_agreed *choose(void *ctx, const dgm_envelope *e, dgm_slice type)
{
    dgm_job *j = ctx;
    const dgm_partner *p = j->terms_named ? j->terms->partner : dgm_partner_choose(j->context, e, type);
    tell(j, e, p);
    if (!p) return NULL;
    return j->terms_named ? &j->terms->agreed : &j->terms[p - j->context->partners].agreed;
}

size_t dgm_job_partner_open(dgm_job *j, const dgm_setting **settings)
{
    size_t n = j->reader_settings.count;
    *settings = j->reader_settings.at;
    j->host.agreed = NULL;
    if (dgm_job_parties_open(j, settings, &n)) return n;
    if (j->reader_codec == dgm_partner_codec && j->terms_count) {
        j->host.agreed = choose;
        j->host.agreed_ctx = j;
        j->host.agreed_by_type = !j->terms_named && dgm_partner_by_type(j->context);
        if (j->terms_named) {
            const dgm_limits *l = &j->terms->agreed.limits;
            if (l->message_bytes_max) j->host.limits.message_bytes_max = l->message_bytes_max;
            if (l->segment_bytes_max) j->host.limits.segment_bytes_max = l->segment_bytes_max, j->host.segment_usual = false;
            if (l->nodes_max) j->host.limits.nodes_max = l->nodes_max;
            if (l->depth_max) j->host.limits.depth_max = l->depth_max;
            *settings = j->terms->agreed.reader;
            return j->terms->agreed.reader_count;
        }
    }
    const dgm_setting more[] = { { DGM_LITERAL("level"), level_for(j, j->reader_codec->reader_options, true) },
                                 { DGM_LITERAL("guide"), j->options.guide } };
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++) {
        const dgm_option *o = j->reader_codec->reader_options;
        while (o->name && !dgm_slice_is(more[i].name, o->name)) o++;
        if (o->name && more[i].value.len) j->reader_settings.at[n++] = more[i];
    }
    return n;
}

/* ---- for writers ---- */

dgm_terms *dgm_job_terms_of(const dgm_job *j, const dgm_agreed *agreed)
{
    if (j->terms_named) return j->terms;
    return agreed ? (dgm_terms *)(uintptr_t)((const char *)agreed - offsetof(dgm_terms, agreed)) : NULL;
}

dgm_slice dgm_job_by_hand(const dgm_job *j, const char *name, dgm_slice otherwise)
{
    for (size_t i = 0; i < j->writer_settings.count; i++)
        if (dgm_slice_is(j->writer_settings.at[i].name, name)) return j->writer_settings.at[i].value;
    return otherwise;
}

/* "CUSDEC:D:96B" of the format that is written; what came when it is written again. */
static dgm_slice type_of(const dgm_job *j, const dgm_message *m, char *room, size_t size)
{
    static const char *const names[] = { "message", "version", "release" };
    const dgm_format *f = j->to ? &j->to->format : NULL;
    size_t n = 0;
    if (j->options.rewrite) return m->type;
    for (size_t i = 0; f && i < 3; i++) {
        dgm_slice v = dgm_setting_get(f->settings, f->setting_count, j->to->codec->format_options, names[i]);
        for (size_t k = 0; k < v.len && n + 1 < size; k++) room[n++] = v.at[k];
        if (i < 2 && n + 1 < size) room[n++] = ':';
    }
    return (dgm_slice){ room, n };
}

/* Told where it is not the one by whom the interchange came, of whom it was told already. */
void dgm_job_tell_writes(const dgm_job *j, const dgm_terms *t, const dgm_message *m, dgm_slice recipient, dgm_diags *diags)
{
    if (!t || t == dgm_job_terms_of(j, m->agreed)) return;
    dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_PARTNER_WRITES, DGM_INFO);
    if (!d) return;
    d->position.interchange = m->position.interchange;
    dgm_diag_text(diags, d, t->partner->name);
    dgm_diag_text(diags, d, recipient);
    dgm_diag_text(diags, d, t->partner->path);
}

dgm_terms *dgm_job_terms_going(dgm_job *j, const dgm_message *m, const dgm_codec *codec)
{
    char room[64];
    if (codec != dgm_partner_codec || !j->terms_count) return NULL;
    if (j->terms_named) return j->terms;
    const dgm_partner_goes to = { .recipient = dgm_job_by_hand(j, "recipient", m->recipient),
                                  .recipient_qualifier = dgm_job_by_hand(j, "recipient-qualifier", (dgm_slice){ 0 }),
                                  .sender = dgm_job_by_hand(j, "sender", m->sender),
                                  .type = type_of(j, m, room, sizeof room) };
    dgm_going *now = &j->going;
    const dgm_slice known = { now->recipient, now->len };
    if (now->known && now->interchange == m->position.interchange && now->agreed == m->agreed &&
        dgm_slice_equal(known, to.recipient))
        return now->terms;
    const dgm_partner *p = dgm_partner_of_recipient(j->context, &to);
    *now = (dgm_going){ .interchange = m->position.interchange, .agreed = m->agreed, .len = to.recipient.len };
    now->known = to.recipient.len <= sizeof now->recipient;
    if (now->known && now->len) memcpy(now->recipient, to.recipient.at, now->len);
    now->terms = p ? &j->terms[p - j->context->partners] : dgm_job_terms_of(j, m->agreed);
    dgm_job_tell_writes(j, now->terms, m, to.recipient, j->writer_diags);
    return now->terms;
}

void dgm_job_tell_going(dgm_lane *lane, const dgm_codec *codec)
{
    const dgm_terms *t = dgm_job_terms_going(lane->job, &lane->message, codec);
    if (t) lane->report.partner_out = t->partner->name;
}

const dgm_settings *dgm_job_writer_settings(dgm_job *j, const dgm_message *m, const dgm_codec *codec)
{
    const dgm_terms *t = dgm_job_terms_going(j, m, codec);
    return t ? &t->writer : &j->writer_settings;
}
