/* SPDX-License-Identifier: Apache-2.0
 *
 * job_signature.c - signatures as steps of a job: an input is verified as a whole before anything of it is decoded, and what
 * stands in the place of its signatures is a comment then, so that nothing is read which nobody signed; a document that is written
 * is kept until it is whole, signed, and passed on. The thread of the input, and that of the outlet.
 */
#include "job.h"

#include "base/diag.h"

/* ---- before decoding ---- */

typedef struct proving {
    dgm_job *job;
    dgm_slice input;
    dgm_status status;
} proving;

/* How a blank is written in the encoding of the document, by the `<` that a signature begins with. */
static size_t blank_width(dgm_slice at)
{
    static const struct {
        const char *bytes;
        size_t width;
    } first[] = { { "<\0\0\0", 4 }, { "\0\0\0<", 4 }, { "<\0", 2 }, { "\0<", 2 }, { "<", 1 } };
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        if (at.len >= first[i].width && memcmp(at.at, first[i].bytes, first[i].width) == 0) return first[i].width;
    return 0; /* EBCDIC */
}

/* The marks of a comment: one character each, at its place in the encoding. */
static void mark(char *at, size_t width, size_t shift, const char *marks)
{
    for (size_t i = 0; marks[i]; i++) at[i * width + shift] = marks[i];
}

/* As a comment, which is nothing: a signature may stand in the middle of a value, where blanks would be taken for a part of it.
 * Line feeds stay, so that lines are counted as they were. */
static void blank(char *at, size_t bytes)
{
    size_t width = blank_width((dgm_slice){ at, bytes });
    size_t shift = width > 1 && at[0] == 0 ? width - 1 : 0;
    for (size_t i = 0; i < bytes; i += width ? width : 1) {
        if (!width) {
            at[i] = 0x40;
            continue;
        }
        if (at[i + shift] == '\n') continue;
        memset(at + i, 0, width <= bytes - i ? width : bytes - i);
        if (i + shift < bytes) at[i + shift] = ' ';
    }
    if (!width) width = 1; /* EBCDIC, whose "!" is not the same everywhere: a processing instruction, "<?x ?>" */
    bool ebcdic = at[shift] == 0x40;
    const char *begins = ebcdic ? "\x4C\x6F\xA7" : "<!--", *ends = ebcdic ? "\x6F\x6E" : "-->";
    if (bytes < (strlen(begins) + 1 + strlen(ends)) * width) return;
    mark(at, width, shift, begins);
    mark(at + bytes - strlen(ends) * width, width, shift, ends);
}

static void take_away(void *ctx, const dgm_signature *s)
{
    proving *p = ctx;
    dgm_job *j = p->job;
    if (p->status == DGM_OK && !j->proof.proved.len) p->status = dgm_buffer_append(&j->proof.proved, p->input);
    if (p->status != DGM_OK || !s->genuine || s->at_byte > p->input.len || s->bytes > p->input.len - s->at_byte) return;
    if (s->document) return; /* it is the document: readers will not know it */
    blank(j->proof.proved.at + s->at_byte, (size_t)s->bytes);
    if (!s->whole) return;
    dgm_diag *g = dgm_diags_add(j->diags, DGM_D_SIGNATURE_GOOD, DGM_INFO);
    if (g) g->at_byte = s->at_byte;
    dgm_diag_text(j->diags, g, s->subject);
    dgm_diag_text(j->diags, g, s->anchor);
}

/* As the reader will be set: by the partner's profile where there is one, in which the caller's settings stand first. */
static dgm_slice encoding_of(const dgm_job *j)
{
    const bool agreed = j->parties.asked && j->parties.terms;
    const dgm_settings *settings = agreed ? &j->parties.terms->xml_reader : &j->reader_settings;
    for (size_t i = 0; i < settings->count; i++)
        if (dgm_slice_is(settings->at[i].name, "encoding")) return settings->at[i].value;
    return (dgm_slice){ 0 };
}

/* The caller's wish goes before what was agreed. */
bool dgm_job_proves(const dgm_job *j)
{
    return j->options.verify || (j->parties.known && j->parties.terms && j->parties.terms->trust);
}

static dgm_verify_options wish_of(const dgm_job *j)
{
    if (j->options.verify) return *j->options.verify;
    return (dgm_verify_options){ .struct_bytes = sizeof(dgm_verify_options),
                                 .trust = j->parties.terms->trust,
                                 .allow_sha1 = j->parties.terms->partner->xml.verify.sha1 };
}

dgm_status dgm_job_prove(dgm_job *j, dgm_slice *input)
{
    if (!dgm_job_proves(j)) return DGM_OK;
    if (strcmp(j->reader_codec->name, "xml") != 0) {
        dgm_diag *g = dgm_diags_add(j->diags, DGM_D_SIGNATURE_NO_XML, DGM_ERROR);
        if (g) g->at_byte = 0;
        return DGM_INVALID;
    }
    proving p = { .job = j, .input = *input };
    dgm_verify_options o = wish_of(j);
    j->proof.proved.len = 0;
    o.mem = j->mem;
    o.world = j->context->world;
    if (!o.limits.document_bytes_max) o.limits = j->context->limits;
    o.encoding = encoding_of(j);
    o.told = take_away;
    o.told_ctx = &p;
    dgm_status st = dgm_verify(*input, &o, j->diags);
    if (st == DGM_OK) st = p.status;
    if (st == DGM_OK) *input = dgm_buffer_slice(&j->proof.proved);
    return st;
}

bool dgm_job_unproved(dgm_job *j, dgm_status status)
{
    if (status != DGM_INVALID && status != DGM_SYNTAX && status != DGM_LIMIT) return false;
    j->counts.messages++;
    j->counts.refused++;
    return true;
}

dgm_status dgm_job_gather(dgm_job *j, dgm_slice chunk)
{
    uint64_t most = j->options.verify ? j->options.verify->limits.document_bytes_max : 0;
    if (!most) most = j->context->limits.document_bytes_max;
    if (!most) most = 16u << 20;
    /* One byte more than is allowed is enough to be refused for. */
    size_t room = j->proof.gathered.len <= most ? (size_t)(most + 1 - j->proof.gathered.len) : 0;
    return dgm_buffer_append(&j->proof.gathered, dgm_slice_part(chunk, 0, chunk.len < room ? chunk.len : room));
}

/* ---- after encoding ---- */

static dgm_status keep(void *ctx, dgm_slice bytes)
{
    return dgm_buffer_append(ctx, bytes);
}

static dgm_status signing_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    dgm_job *j = ctx;
    dgm_status s = j->options.outlet.open(j->options.outlet.ctx, number, format, j->proof.signer ? &j->proof.to : out);
    j->proof.written.len = 0;
    if (!j->proof.signer) return s;
    *out = (dgm_sink){ keep, &j->proof.written };
    return s;
}

static dgm_status signing_close(void *ctx, bool complete)
{
    dgm_job *j = ctx;
    dgm_status s = DGM_OK;
    if (!j->proof.signer) return j->options.outlet.close(j->options.outlet.ctx, complete);
    if (complete) s = dgm_sign(j->proof.signer, dgm_buffer_slice(&j->proof.written), j->diags, j->proof.to);
    dgm_status closed = j->options.outlet.close(j->options.outlet.ctx, complete && s == DGM_OK);
    j->proof.written.len = 0;
    if (s != DGM_OK && s != DGM_NOMEM && s != DGM_IO) {
        dgm_message_report r = { .codec = "xml", .status = s };
        dgm_job_tell(j, &r, j->diags);
    }
    return s == DGM_OK ? closed : s;
}

dgm_status dgm_job_signing_open(dgm_job *j, dgm_diags *diags)
{
    bool agreed = false;
    for (size_t i = 0; i < j->terms_count; i++) agreed = agreed || j->terms[i].signer;
    if (!j->options.signer && !agreed) return DGM_OK;
    if (!j->options.signer) {
        j->sink.outlet = (dgm_outlet){ signing_open, signing_close, j };
        return DGM_OK;
    }
    if (j->options.rewrite || !j->options.to.len) return DGM_USAGE;
    if (j->to_json || strcmp(j->to->codec->name, "xml") != 0) {
        dgm_diag *g = dgm_diags_add(diags, DGM_D_SIGNATURE_TO, DGM_ERROR);
        dgm_diag_text(diags, g, j->options.to);
        return DGM_CONFIG;
    }
    j->sink.outlet = (dgm_outlet){ signing_open, signing_close, j };
    return DGM_OK;
}

void dgm_job_sign_for(dgm_job *j, const dgm_message *m)
{
    const dgm_codec *writer = j->options.rewrite ? j->reader_codec : j->to ? j->to->codec : NULL;
    const dgm_terms *t = writer ? dgm_job_parties_to(j, m, writer) : NULL;
    j->proof.signer = j->options.signer ? j->options.signer : t ? t->signer : NULL;
}

void dgm_job_proof_init(dgm_job *j)
{
    dgm_buffer_init(&j->proof.gathered, &j->mem);
    dgm_buffer_init(&j->proof.proved, &j->mem);
    dgm_buffer_init(&j->proof.written, &j->mem);
}

void dgm_job_proof_free(dgm_job *j)
{
    dgm_buffer_free(&j->proof.gathered);
    dgm_buffer_free(&j->proof.proved);
    dgm_buffer_free(&j->proof.written);
}
