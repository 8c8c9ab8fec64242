/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_signature.c - documents that were signed are changed, and verified: whatever is done to one, it is genuine only as long as
 * it says what its signer said. The input is a list of changes: the first byte chooses the document, then each has four bytes or a
 * few more (see change). Parts are moved and copied from tag to tag, as signatures are wrapped by those who forge. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "dragoman.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

enum { DOCUMENTS = 6, CHANGES_MAX = 24, BYTES_MAX = 1 << 16, TAGS_MAX = 512, CERTIFICATE_SIGNATURE = 71 };
#define NOW_MS INT64_C(1767323045000) /* 2026-01-02T03:04:05Z */

static const char *const letters[DOCUMENTS / 2] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- before --><l:Letter xmlns:l=\"urn:l\" a=\"1\">\n  <l:Body b='2'>\xC3\x84 "
    "&lt;x&gt; "
    "<![CDATA[<c>]]></l:Body>\n  <l:Empty/>\n</l:Letter>\n",
    "<Order Id=\"o1\"><Sum currency=\"EUR\">100.00</Sum><To Id=\"o2\"><Name>A</Name></To><!-- c --><?p q?></Order>",
    "<a xmlns=\"urn:a\"><a Id=\"x\"><a/></a><b:b xmlns:b=\"urn:b\" b:c=\"&quot;\">t</b:b></a>",
};

static struct document {
    dgm_slice text;
    xmlChar *says; /* canonical, without its signature */
} documents[DOCUMENTS];
static dgm_trust *trust;

/* ---- what a document says -----------------------------------------------------------------------------------------------------
 */

/* Canonical without comments and without the one Signature below the root; NULL: it has none, or several. */
static xmlChar *said_by(dgm_slice text)
{
    xmlDocPtr doc = xmlReadMemory(text.at, (int)text.len, NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlNodePtr root = doc ? xmlDocGetRootElement(doc) : NULL, signature = NULL;
    xmlChar *out = NULL;
    int count = 0;
    for (xmlNodePtr n = root ? root->children : NULL; n; n = n->next) {
        if (n->type != XML_ELEMENT_NODE || strcmp((const char *)n->name, "Signature") != 0) continue;
        signature = n;
        count++;
    }
    if (count == 1) {
        xmlUnlinkNode(signature);
        xmlFreeNode(signature);
        if (xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 0, &out) < 0) out = NULL;
    }
    if (doc) xmlFreeDoc(doc);
    return out;
}

/* ---- documents ------------------------------------------------------------------------------------------------------------------
 */

static int64_t fixed_now(void *ctx)
{
    (void)ctx;
    return NOW_MS;
}

static dgm_status fixed_random(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    memset(out, 7, bytes);
    return DGM_OK;
}

/* A key that everybody knows (RFC 5915, without the public part), so that documents stay as long as they are. */
static EVP_PKEY *known_key(void)
{
    unsigned char der[51] = { 0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20 };
    static const unsigned char curve[] = { 0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
    for (size_t i = 0; i < 32; i++) der[7 + i] = (unsigned char)(i + 1);
    memcpy(der + 39, curve, sizeof curve);
    const unsigned char *at = der;
    EVP_PKEY *key = d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, sizeof der);
    fuzz_must(key != NULL, "a key");
    return key;
}

/* Its own certificate. The signature in it is made until it has its usual length. */
static X509 *known_certificate(EVP_PKEY *key)
{
    const ASN1_BIT_STRING *value;
    X509 *x = X509_new();
    fuzz_must(x && X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 4711), "a certificate");
    X509_NAME *name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)"Fuzzing", -1, -1, 0);
    X509_set_issuer_name(x, name);
    ASN1_TIME_set(X509_getm_notBefore(x), NOW_MS / 1000 - 86400);
    ASN1_TIME_set(X509_getm_notAfter(x), NOW_MS / 1000 + 86400);
    X509_set_pubkey(x, key);
    do {
        fuzz_must(X509_sign(x, key, EVP_sha256()) > 0, "a certificate that is signed");
        X509_get0_signature(&value, NULL, x);
    } while (ASN1_STRING_length(value) != CERTIFICATE_SIGNATURE);
    return x;
}

static dgm_slice text_of(BIO *bio)
{
    char *at = NULL;
    long len = BIO_get_mem_data(bio, &at);
    return (dgm_slice){ at, (size_t)len };
}

static void sign_all(void)
{
    EVP_PKEY *key = known_key();
    X509 *certificate = known_certificate(key);
    BIO *key_pem = BIO_new(BIO_s_mem()), *pem = BIO_new(BIO_s_mem());
    fuzz_must(PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) == 1 && PEM_write_bio_X509(pem, certificate) == 1,
              "PEM");
    dgm_world world = dgm_world_default();
    world.now_ms = fixed_now;
    world.random = fixed_random;
    for (size_t i = 0; i < DOCUMENTS; i++) {
        dgm_signer *signer = NULL;
        dgm_buffer out;
        const dgm_signer_options o = {
            .struct_bytes = sizeof o, .world = world, .key = text_of(key_pem), .certificates = text_of(pem), .xades = i % 2 == 1
        };
        dgm_buffer_init(&out, NULL);
        fuzz_must(dgm_signer_new(&o, NULL, &signer) == DGM_OK, "a signer");
        fuzz_must(dgm_sign(signer, dgm_slice_of(letters[i / 2]), NULL, dgm_buffer_sink(&out)) == DGM_OK, "a document is signed");
        dgm_signer_free(signer);
        documents[i].text = dgm_buffer_slice(&out); /* kept */
        documents[i].says = said_by(documents[i].text);
        fuzz_must(documents[i].says != NULL, "and says something");
    }
    fuzz_must(dgm_trust_new(NULL, text_of(pem), NULL, &trust) == DGM_OK, "it is trusted");
    BIO_free(key_pem);
    BIO_free(pem);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* ---- changes --------------------------------------------------------------------------------------------------------------------
 */

typedef struct changed {
    char at[BYTES_MAX];
    size_t len;
} changed;

/* Where the n-th tag begins, counted round and round; the end where there is none. */
static size_t tag_at(const changed *d, size_t n)
{
    static size_t tags[TAGS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < d->len && count < TAGS_MAX; i++)
        if (d->at[i] == '<') tags[count++] = i;
    return count ? tags[n % count] : d->len;
}

static void put(changed *d, size_t at, const void *bytes, size_t n)
{
    if (n > BYTES_MAX - d->len || at > d->len) return;
    memmove(d->at + at + n, d->at + at, d->len - at);
    memcpy(d->at + at, bytes, n);
    d->len += n;
}

static void cut(changed *d, size_t at, size_t n)
{
    if (at > d->len || n > d->len - at) return;
    memmove(d->at + at, d->at + at + n, d->len - at - n);
    d->len -= n;
}

/* What stands between two tags, to a third. */
static void move(changed *d, size_t from, size_t to, size_t where, bool copied)
{
    static char room[BYTES_MAX];
    if (from >= to) return;
    memcpy(room, d->at + from, to - from);
    if (!copied && where >= from && where < to) return;
    put(d, where, room, to - from);
    if (!copied) cut(d, where <= from ? from + (to - from) : from, to - from);
}

/* One change of at least four bytes; how many it took. */
static size_t change(changed *d, const uint8_t *c, size_t left)
{
    size_t at = d->len ? (c[1] | (size_t)c[2] << 8) % d->len : 0;
    size_t text = c[3] % 64u < left - 4 ? c[3] % 64u : left - 4;
    switch (c[0] % 6) {
    case 0: /* other bytes in the place of some */
        for (size_t i = 0; i < text && at + i < d->len; i++) d->at[at + i] = (char)c[4 + i];
        return 4 + text;
    case 1: /* bytes more */ put(d, at, c + 4, text); return 4 + text;
    case 2: /* bytes before a tag */ put(d, tag_at(d, c[1]), c + 4, text); return 4 + text;
    case 3: cut(d, at, c[3] < d->len - at ? c[3] : 0); return 4;
    case 4: move(d, tag_at(d, c[1]), tag_at(d, c[2]), tag_at(d, c[3]), true); return 4;
    default: move(d, tag_at(d, c[1]), tag_at(d, c[2]), tag_at(d, c[3]), false); return 4;
    }
}

static void verify(const struct document *was, const changed *d)
{
    dgm_diags *diags = NULL;
    dgm_world world = dgm_world_default();
    world.now_ms = fixed_now;
    const dgm_verify_options o = { .struct_bytes = sizeof o, .mem = *fuzz_memory(), .world = world, .trust = trust };
    fuzz_must(dgm_diags_new(NULL, 50, &diags) == DGM_OK, "diagnostics");
    dgm_status st = dgm_verify((dgm_slice){ d->at, d->len }, &o, diags);
    fuzz_must(st == DGM_OK || st == DGM_INVALID || st == DGM_SYNTAX || st == DGM_LIMIT, "a document is genuine, or is not");
    fuzz_must((st == DGM_OK) == (dgm_diags_errors(diags) == 0), "why not is said");
    const bool untouched = dgm_slice_equal((dgm_slice){ d->at, d->len }, was->text);
    fuzz_must(!untouched || st == DGM_OK, "what nobody changed is genuine");
    if (st == DGM_OK) {
        xmlChar *says = said_by((dgm_slice){ d->at, d->len });
        fuzz_must(says && xmlStrEqual(says, was->says), "what is genuine says what was signed");
        xmlFree(says);
    }
    dgm_diags_free(diags);
    fuzz_must(fuzz_live == 0, "memory is given back");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static changed d;
    if (!trust) sign_all();
    if (size == 0) return 0;
    const struct document *was = &documents[data[0] % DOCUMENTS];
    memcpy(d.at, was->text.at, was->text.len);
    d.len = was->text.len;
    size_t at = 1;
    for (int n = 0; n < CHANGES_MAX && size - at >= 4; n++) at += change(&d, data + at, size - at);
    verify(was, &d);
    return 0;
}
