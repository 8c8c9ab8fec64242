/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_verify.c - is a document genuine: each signature in it is held against what is allowed, computed with the key of a
 * certificate that somebody trusted vouches for, and one of them at least covers all that will be read. XMLDSig 1.0 and EN 319
 * 132-1 (XAdES baseline). Any thread; one for each document.
 */
#include "sign.h"

#include <openssl/err.h>
#include <openssl/evp.h>

typedef struct verifying {
    const dgm_verify_options *options;
    int64_t at_ms;
    dgm_signed d;
    dgm_one_signature *all;
} verifying;

/* ---- XAdES ---- */

static xmlNodePtr child(xmlNodePtr node, const char *ns, const char *name)
{
    for (xmlNodePtr n = node ? dgm_xml_first(node) : NULL; n; n = dgm_xml_after(n))
        if (dgm_xml_is(n, ns, name)) return n;
    return NULL;
}

/* Is the digest that XAdES has of the signer's certificate that of the one in KeyInfo? */
static bool same_certificate(dgm_signed *d, const dgm_one_signature *s, xmlNodePtr list, bool allow_sha1)
{
    xmlNodePtr digest = child(child(list, DGM_XADES_NS, "Cert"), DGM_XADES_NS, "CertDigest");
    xmlNodePtr method = child(digest, DGM_DSIG_NS, "DigestMethod"), value = child(digest, DGM_DSIG_NS, "DigestValue");
    if (!method || !value) return false;
    const dgm_algorithm *a = dgm_algorithm_of(dgm_digest_methods, dgm_xml_attribute_of(d, method, "Algorithm"));
    dgm_slice said = dgm_signed_base64(&d->arena, dgm_xml_text(d, value, 1024));
    unsigned char is[EVP_MAX_MD_SIZE];
    unsigned int bytes = 0;
    const EVP_MD *md = a && (!a->weak || allow_sha1) ? EVP_get_digestbyname(a->evp) : NULL;
    return md && said.len && X509_digest(s->signer, md, is, &bytes) == 1 &&
           dgm_slice_equal(said, (dgm_slice){ (const char *)is, bytes });
}

static void xades(dgm_signed *d, dgm_one_signature *s, bool allow_sha1)
{
    xmlNodePtr all = child(s->properties, DGM_XADES_NS, "SignedSignatureProperties");
    xmlNodePtr time = child(all, DGM_XADES_NS, "SigningTime");
    xmlNodePtr list = child(all, DGM_XADES_NS, "SigningCertificateV2");
    if (!list) list = child(all, DGM_XADES_NS, "SigningCertificate");
    if (time) s->told.when = dgm_slice_trim(dgm_xml_text(d, time, 64));
    if (list && s->signer && !same_certificate(d, s, list, allow_sha1)) dgm_signature_say(d, s, DGM_D_SIGNATURE_XADES_CERTIFICATE);
}

/* ---- what is covered ---- */

/* Enveloping: the Signature is the document, and every Object in it is covered (sign_form.c has said so otherwise). */
static bool envelops(const dgm_signed *d, const dgm_one_signature *s)
{
    return s->node == d->root && child(s->node, DGM_DSIG_NS, "Object");
}

static void coverage(dgm_signed *d, dgm_one_signature *s)
{
    for (uint32_t i = 0; i < s->reference_count; i++) {
        const xmlNode *target = s->references[i].target;
        if (!target || (s->properties && dgm_signed_within(target, s->node) && s->node != d->root)) continue;
        s->told.whole |= target == d->root;
        dgm_slice path = dgm_signed_path(d, target);
        s->told.covers = s->told.covers.len ? dgm_arena_print(&d->arena, "%.*s %.*s", (int)s->told.covers.len, s->told.covers.at,
                                                              (int)path.len, path.at)
                                            : path;
    }
    s->told.whole |= envelops(d, s);
    s->told.document = s->node == d->root;
}

/* ---- one signature ---- */

static void say_broken(dgm_signed *d, dgm_one_signature *s, uint32_t number)
{
    if (number && number <= s->reference_count) {
        dgm_slice uri = s->references[number - 1].uri;
        dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_DIGEST);
        dgm_diag_number(d->diags, g, number);
        dgm_diag_text(d->diags, g, uri.len ? uri : DGM_LITERAL("the whole document"));
        return;
    }
    dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_VALUE);
    dgm_diag_text(d->diags, g, s->told.subject);
}

static dgm_status verify_one(verifying *v, uint32_t i)
{
    dgm_signed *d = &v->d;
    dgm_one_signature *s = &v->all[i];
    bool intact = false, allow = v->options->allow_sha1;
    uint32_t number = 0;
    s->node = d->signatures[i];
    s->text_at = d->from[i];
    s->told.at_byte = dgm_xml_input_offset(&d->in, d->from[i]);
    s->told.bytes = dgm_xml_input_offset(&d->in, d->to[i]) - s->told.at_byte;
    dgm_status st = dgm_signature_form(d, s, allow);
    bool sound = !s->bad; /* nothing is computed of what is not allowed */
    if (st == DGM_OK) st = dgm_signature_whose(d, s, v->options->trust, v->at_ms, allow);
    if (st == DGM_OK) coverage(d, s);
    EVP_PKEY *key = s->signer ? X509_get0_pubkey(s->signer) : NULL;
    char why[96];
    if (st == DGM_OK && sound && key && s->method && dgm_key_kind_of(key, why, sizeof why) == s->method->key) {
        st = dgm_signature_run(d, s, key, &intact, &number);
        if (st == DGM_OK && !intact) say_broken(d, s, number);
        if (st == DGM_OK && s->properties) xades(d, s, allow);
    }
    ERR_clear_error();
    s->told.intact = intact;
    s->told.genuine = intact && !s->bad && s->told.anchor.len;
    return st;
}

/* ---- all of them ---- */

static void say_part(verifying *v)
{
    dgm_signed *d = &v->d;
    for (uint32_t i = 0; i < d->signature_count; i++)
        if (v->all[i].told.whole) return;
    dgm_slice covered = v->all[0].told.covers;
    dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_PART, d->from[0]);
    dgm_diag_text(d->diags, g, covered.len ? covered : DGM_LITERAL("nothing of it"));
    dgm_diag_text(d->diags, g, dgm_signed_path(d, d->root));
}

static dgm_status verify_all(verifying *v)
{
    dgm_signed *d = &v->d;
    if (!d->signature_count) {
        dgm_signed_say(d, DGM_D_SIGNATURE_NONE, 0);
        return DGM_INVALID;
    }
    v->all = DGM_NEW(&d->arena, dgm_one_signature, d->signature_count);
    dgm_status st = v->all ? DGM_OK : DGM_NOMEM;
    for (uint32_t i = 0; i < d->signature_count && st == DGM_OK; i++) st = verify_one(v, i);
    if (st != DGM_OK) return st;
    say_part(v);
    bool genuine = d->errors == 0;
    for (uint32_t i = 0; i < d->signature_count; i++) {
        genuine = genuine && v->all[i].told.genuine;
        if (v->options->told) v->options->told(v->options->told_ctx, &v->all[i].told);
    }
    return genuine ? DGM_OK : DGM_INVALID;
}

dgm_status dgm_verify(dgm_slice document, const dgm_verify_options *options, dgm_diags *diags)
{
    if (!options || options->struct_bytes != sizeof *options || (!document.at && document.len)) return DGM_USAGE;
    dgm_mem mem = options->mem.grow ? options->mem : dgm_mem_default();
    dgm_world world = options->world.now_ms ? options->world : dgm_world_default();
    verifying v = { .options = options, .at_ms = options->at_ms ? options->at_ms : world.now_ms(world.ctx) };
    dgm_status st = dgm_xmlsec_ready();
    dgm_quiet quiet;
    dgm_quiet_begin(&quiet);
    if (st == DGM_OK) st = dgm_signed_read(&v.d, &mem, &options->limits, document, options->encoding, diags);
    if (st == DGM_OK) st = verify_all(&v);
    for (uint32_t i = 0; v.all && i < v.d.signature_count; i++)
        for (uint32_t k = 0; k < v.all[i].certificate_count; k++) X509_free(v.all[i].certificates[k]);
    if (v.d.mem.grow) dgm_signed_free(&v.d);
    dgm_quiet_end(&quiet);
    return st != DGM_NOMEM && dgm_diags_failed(diags) ? DGM_NOMEM : st;
}
