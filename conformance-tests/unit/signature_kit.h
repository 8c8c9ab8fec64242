/* SPDX-License-Identifier: Apache-2.0
 *
 * signature_kit.h - keys and certificates made on the fly, and documents that are signed as a template of the test's own says, for
 * the suites of signatures. One thread.
 */
#ifndef DGM_SIGNATURE_KIT_H
#define DGM_SIGNATURE_KIT_H

#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/xml/sign.h"
#include "conformance-tests/support/test.h"

#include <libxml/parser.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

enum { KIT_DAY = 86400, KIT_TEXT = 1 << 16 };

typedef struct kit_person {
    EVP_PKEY *key;
    X509 *certificate;
    char key_pem[4096], pem[4096], base64[4096];
} kit_person;

typedef struct kit_wish {
    const char *name, *usage; /* keyUsage; NULL: none */
    EVP_PKEY *key;            /* taken over; NULL: EC P-256 */
    bool ca;
    int from_days, until_days; /* from now; 0, 0: a year from yesterday on */
    const EVP_MD *digest;      /* of the issuer's signature; NULL: SHA-256 */
} kit_wish;

static inline void kit_bio_text(BIO *bio, char *room, size_t bytes)
{
    char *at = NULL;
    long n = BIO_get_mem_data(bio, &at);
    CU_ASSERT_FATAL(n > 0 && (size_t)n < bytes);
    memcpy(room, at, (size_t)n);
    room[n] = 0;
    BIO_free(bio);
}

static inline void kit_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    CU_ASSERT_FATAL(e && X509_add_ext(x, e, -1));
    X509_EXTENSION_free(e);
}

/* issuer NULL: signed by themselves. */
static inline kit_person kit_make(const kit_wish *w, const kit_person *issuer)
{
    static long serial = 4711;
    kit_person p = { .key = w->key ? w->key : EVP_EC_gen("P-256"), .certificate = X509_new() };
    X509 *x = p.certificate;
    CU_ASSERT_FATAL(p.key && x && X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), serial++));
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "C", MBSTRING_UTF8, (const unsigned char *)"DE", -1, -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)w->name, -1, -1, 0);
    X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer->certificate) : name);
    bool given = w->from_days || w->until_days;
    X509_time_adj_ex(X509_getm_notBefore(x), given ? w->from_days : -1, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(x), given ? w->until_days : 365, 0, NULL);
    X509_set_pubkey(x, p.key);
    if (w->ca) kit_extension(x, NID_basic_constraints, "critical,CA:TRUE");
    if (w->usage) kit_extension(x, NID_key_usage, w->usage);
    CU_ASSERT_FATAL(X509_sign(x, issuer ? issuer->key : p.key, w->digest ? w->digest : EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    CU_ASSERT_FATAL(PEM_write_bio_PrivateKey(bio, p.key, NULL, NULL, 0, NULL, NULL) == 1);
    kit_bio_text(bio, p.key_pem, sizeof p.key_pem);
    bio = BIO_new(BIO_s_mem());
    CU_ASSERT_FATAL(PEM_write_bio_X509(bio, x) == 1);
    kit_bio_text(bio, p.pem, sizeof p.pem);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    CU_ASSERT_FATAL(n > 0 && (size_t)n < sizeof p.base64 * 3 / 4 - 4);
    EVP_EncodeBlock((unsigned char *)p.base64, der, n);
    OPENSSL_free(der);
    return p;
}

static inline void kit_free(kit_person *p)
{
    EVP_PKEY_free(p->key);
    X509_free(p->certificate);
}

static inline dgm_trust *kit_trust(const char *pem)
{
    dgm_trust *t = NULL;
    CU_ASSERT_FATAL(dgm_trust_new(NULL, dgm_slice_of(pem), NULL, &t) == DGM_OK);
    return t;
}

static inline dgm_signer *kit_signer(const kit_person *p, bool xades)
{
    dgm_signer *s = NULL;
    dgm_signer_options o = {
        .struct_bytes = sizeof o, .key = dgm_slice_of(p->key_pem), .certificates = dgm_slice_of(p->pem), .xades = xades
    };
    CU_ASSERT_FATAL(dgm_signer_new(&o, NULL, &s) == DGM_OK);
    return s;
}

/* The caller frees it. */
static inline char *kit_sign(const dgm_signer *s, const char *document)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer b;
    dgm_buffer_init(&b, &mem);
    CU_ASSERT_FATAL(dgm_sign(s, dgm_slice_of(document), NULL, dgm_buffer_sink(&b)) == DGM_OK);
    char *text = strndup(b.at, b.len);
    dgm_buffer_free(&b);
    return text;
}

/* Every `from` becomes `to`; text is freed. */
static inline char *kit_put(char *text, const char *from, const char *to)
{
    for (char *at = text; (at = strstr(at, from));) {
        size_t before = (size_t)(at - text), more = strlen(to);
        size_t room = strlen(text) + more + 1;
        char *made = malloc(room);
        CU_ASSERT_FATAL(made != NULL);
        snprintf(made, room, "%.*s%s%s", (int)before, text, to, at + strlen(from));
        free(text);
        text = made;
        at = text + before + more;
    }
    return text;
}

static inline xmlNodePtr kit_find(xmlNodePtr n, const char *name)
{
    for (; n; n = n->next) {
        if (n->type == XML_ELEMENT_NODE && strcmp((const char *)n->name, name) == 0) return n;
        xmlNodePtr below = n->children ? kit_find(n->children, name) : NULL;
        if (below) return below;
    }
    return NULL;
}

static inline void kit_ids(xmlDocPtr doc, xmlNodePtr n)
{
    for (; n; n = n->next) {
        for (xmlAttrPtr a = n->type == XML_ELEMENT_NODE ? n->properties : NULL; a; a = a->next)
            if (strcmp((const char *)a->name, "Id") == 0) (void)xmlAddID(NULL, doc, a->children->content, a);
        if (n->type == XML_ELEMENT_NODE) kit_ids(doc, n->children);
    }
}

/* The document with its Signature filled, the caller's to free. */
static inline char *kit_seal(const char *template, const kit_person *p)
{
    char *text = kit_put(strdup(template), "@CERT@", p->base64), *made = NULL;
    xmlDocPtr doc = xmlReadMemory(text, (int)strlen(text), NULL, NULL, 0);
    CU_ASSERT_FATAL(doc != NULL && dgm_xmlsec_ready() == DGM_OK);
    if (!doc->encoding) doc->encoding = xmlStrdup((const xmlChar *)"UTF-8");
    kit_ids(doc, xmlDocGetRootElement(doc));
    CU_ASSERT_FATAL(dgm_signature_fill(kit_find(xmlDocGetRootElement(doc), "Signature"), p->key) == DGM_OK);
    xmlBufferPtr b = xmlBufferCreate();
    xmlNodeDump(b, doc, xmlDocGetRootElement(doc), 0, 0);
    made = strdup((const char *)xmlBufferContent(b));
    xmlBufferFree(b);
    xmlFreeDoc(doc);
    free(text);
    return made;
}

typedef struct kit_seen {
    dgm_status status;
    uint32_t count;
    bool genuine, intact, whole; /* of the last */
    char covers[256], subject[256], anchor[256], when[64], method[64], digest[64];
    dgm_diag_code codes[32];
    size_t code_count;
} kit_seen;

static inline void kit_keep(void *ctx, const dgm_signature *s)
{
    kit_seen *k = ctx;
    k->count++;
    k->genuine = s->genuine;
    k->intact = s->intact;
    k->whole = s->whole;
    const struct {
        char *room;
        size_t bytes;
        dgm_slice text;
    } all[] = { { k->covers, sizeof k->covers, s->covers }, { k->subject, sizeof k->subject, s->subject },
                { k->anchor, sizeof k->anchor, s->anchor }, { k->when, sizeof k->when, s->when },
                { k->method, sizeof k->method, s->method }, { k->digest, sizeof k->digest, s->digest } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        snprintf(all[i].room, all[i].bytes, "%.*s", (int)all[i].text.len, all[i].text.len ? all[i].text.at : "");
}

static inline kit_seen kit_verify_with(dgm_slice document, dgm_verify_options o)
{
    kit_seen k = { 0 };
    dgm_diags *diags = NULL;
    CU_ASSERT_FATAL(dgm_diags_new(&(dgm_mem){ dgm_mem_default().grow, dgm_mem_default().ctx }, 100, &diags) == DGM_OK);
    o.struct_bytes = sizeof o;
    o.told = kit_keep;
    o.told_ctx = &k;
    k.status = dgm_verify(document, &o, diags);
    for (size_t i = 0; i < dgm_diags_count(diags) && k.code_count < 32; i++)
        k.codes[k.code_count++] = (dgm_diag_code)dgm_diags_at(diags, i)->code;
    CU_ASSERT((k.status == DGM_OK) == (dgm_diags_errors(diags) == 0));
    dgm_diags_free(diags);
    return k;
}

static inline kit_seen kit_verify(const char *document, const dgm_trust *trust)
{
    return kit_verify_with(dgm_slice_of(document), (dgm_verify_options){ .trust = trust });
}

static inline bool kit_said(const kit_seen *k, dgm_diag_code code)
{
    for (size_t i = 0; i < k->code_count; i++)
        if (k->codes[i] == code) return true;
    return false;
}

#endif
