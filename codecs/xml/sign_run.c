/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_run.c - libxmlsec1 over OpenSSL: made ready once, when a signature is first asked for, and told to do nothing but what was
 * checked before (sign_form.c): no keys from KeyInfo, no manifests, no transforms but canonical forms and enveloped-signature, no
 * reference out of the document. Any thread.
 */
#include "sign.h"

#include <libxml/xmlerror.h>
#include <pthread.h>
#include <xmlsec/xmlsec.h>

#include <xmlsec/keys.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmldsig.h>

/* The one thing the library keeps for the process: libxmlsec1 has lists of its own that are made once. A program that uses it
 * itself has made them. */
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

static void make_ready(void)
{
    is_ready = xmlSecTransformIdsGet()->id != NULL || (xmlSecInit() == 0 && xmlSecOpenSSLInit() == 0);
}

dgm_status dgm_xmlsec_ready(void)
{
    return pthread_once(&once, make_ready) == 0 && is_ready ? DGM_OK : DGM_NOMEM;
}

static void say_nothing(void *ctx, const char *text, ...)
{
    (void)ctx, (void)text;
}

static void keep_nothing(void *ctx, xmlErrorPtr error)
{
    (void)ctx, (void)error;
}

/* Both are variables of the thread. */
void dgm_quiet_begin(dgm_quiet *q)
{
    *q = (dgm_quiet){ xmlGenericErrorContext, xmlStructuredErrorContext, xmlGenericError, xmlStructuredError };
    xmlSetGenericErrorFunc(NULL, say_nothing);
    xmlSetStructuredErrorFunc(NULL, keep_nothing);
}

void dgm_quiet_end(const dgm_quiet *q)
{
    xmlSetGenericErrorFunc(q->generic_ctx, q->generic);
    xmlSetStructuredErrorFunc(q->structured_ctx, q->structured);
}

static xmlSecKeyPtr key_of(EVP_PKEY *key)
{
    if (EVP_PKEY_up_ref(key) != 1) return NULL;
    xmlSecKeyDataPtr data = xmlSecOpenSSLEvpKeyAdopt(key);
    if (!data) {
        EVP_PKEY_free(key);
        return NULL;
    }
    xmlSecKeyPtr made = xmlSecKeyCreate();
    if (made && xmlSecKeySetValue(made, data) == 0) return made;
    if (made) xmlSecKeyDestroy(made);
    xmlSecKeyDataDestroy(data);
    return NULL;
}

static bool narrow(xmlSecDSigCtxPtr c)
{
    const xmlSecTransformId canonical[] = { xmlSecTransformInclC14NId, xmlSecTransformInclC14NWithCommentsId,
                                            xmlSecTransformExclC14NId, xmlSecTransformExclC14NWithCommentsId };
    const xmlSecTransformId digests[] = { xmlSecTransformEnvelopedId, xmlSecOpenSSLTransformSha256Id,
                                          xmlSecOpenSSLTransformSha384Id, xmlSecOpenSSLTransformSha512Id,
                                          xmlSecOpenSSLTransformSha1Id };
    const xmlSecTransformId methods[] = { xmlSecOpenSSLTransformRsaSha1Id,     xmlSecOpenSSLTransformRsaSha256Id,
                                          xmlSecOpenSSLTransformRsaSha384Id,   xmlSecOpenSSLTransformRsaSha512Id,
                                          xmlSecOpenSSLTransformEcdsaSha1Id,   xmlSecOpenSSLTransformEcdsaSha256Id,
                                          xmlSecOpenSSLTransformEcdsaSha384Id, xmlSecOpenSSLTransformEcdsaSha512Id };
    bool good = true;
    for (size_t i = 0; i < sizeof canonical / sizeof *canonical; i++)
        good = good && xmlSecDSigCtxEnableReferenceTransform(c, canonical[i]) == 0 &&
               xmlSecDSigCtxEnableSignatureTransform(c, canonical[i]) == 0;
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++)
        good = good && xmlSecDSigCtxEnableReferenceTransform(c, digests[i]) == 0;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        good = good && xmlSecDSigCtxEnableSignatureTransform(c, methods[i]) == 0;
    c->enabledReferenceUris = xmlSecTransformUriTypeEmpty | xmlSecTransformUriTypeSameDocument;
    c->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
    return good;
}

static xmlSecDSigCtxPtr open_ctx(EVP_PKEY *key)
{
    xmlSecDSigCtxPtr c = dgm_xmlsec_ready() == DGM_OK ? xmlSecDSigCtxCreate(NULL) : NULL;
    if (!c) return NULL;
    c->signKey = key_of(key);
    if (c->signKey && narrow(c)) return c;
    xmlSecDSigCtxDestroy(c);
    return NULL;
}

/* The number of the reference that broke it. */
static uint32_t broken(xmlSecDSigCtxPtr c)
{
    uint32_t n = (uint32_t)xmlSecPtrListGetSize(&c->signedInfoReferences);
    for (uint32_t i = 0; i < n; i++) {
        xmlSecDSigReferenceCtxPtr r = xmlSecPtrListGetItem(&c->signedInfoReferences, i);
        if (r && r->status != xmlSecDSigStatusSucceeded) return i + 1;
    }
    return 0;
}

dgm_status dgm_signature_run(dgm_signed *d, dgm_one_signature *s, EVP_PKEY *key, bool *intact, uint32_t *reference)
{
    *intact = false;
    *reference = 0;
    for (uint32_t i = 0; i < s->reference_count; i++) {
        xmlAttrPtr id = s->references[i].id;
        if (id && id->atype != XML_ATTRIBUTE_ID && !xmlAddID(NULL, d->doc, id->children->content, id)) return DGM_NOMEM;
    }
    dgm_quiet quiet;
    dgm_quiet_begin(&quiet);
    xmlSecDSigCtxPtr c = open_ctx(key);
    if (c) {
        int failed = xmlSecDSigCtxVerify(c, s->node);
        *intact = failed == 0 && c->status == xmlSecDSigStatusSucceeded;
        if (!*intact) *reference = broken(c);
        xmlSecDSigCtxDestroy(c);
    }
    dgm_quiet_end(&quiet);
    return c ? DGM_OK : DGM_NOMEM;
}

dgm_status dgm_signature_fill(xmlNodePtr template, EVP_PKEY *key)
{
    dgm_quiet quiet;
    dgm_quiet_begin(&quiet);
    xmlSecDSigCtxPtr c = open_ctx(key);
    dgm_status st = c ? DGM_OK : DGM_NOMEM;
    if (c && (xmlSecDSigCtxSign(c, template) != 0 || c->status != xmlSecDSigStatusSucceeded)) st = DGM_DEFECT;
    if (c) xmlSecDSigCtxDestroy(c);
    dgm_quiet_end(&quiet);
    return st;
}
