/* SPDX-License-Identifier: Apache-2.0
 *
 * test_signature.c - documents are signed and verified: what is told of a signature, every byte that is changed, certificates that
 * do not hold, signers that cannot be, XAdES by its rules (EN 319 132-1), enveloping signatures and several of them, memory and
 * threads.
 */
#include "conformance-tests/unit/signature_kit.h"

#include <openssl/x509.h>
#include <pthread.h>

#define LETTER                                                                                                                     \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- before --><l:Letter xmlns:l=\"urn:l\" a=\"1\">\n  <l:Body b='2'>\xC3\x84 "   \
    "&lt;x&gt; "                                                                                                                   \
    "<![CDATA[<c>]]></l:Body>\n  <l:Empty/>\n</l:Letter>\n"
#define DS     "http://www.w3.org/2000/09/xmldsig#"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define EXC    "http://www.w3.org/2001/10/xml-exc-c14n#"

static kit_person authority(void)
{
    return kit_make(&(kit_wish){ .name = "CA", .ca = true, .usage = "keyCertSign,cRLSign" }, NULL);
}

/* ---- there and back ---- */

static void round_trip(EVP_PKEY *key, bool xades, const char *method)
{
    kit_person ca = authority(), p = kit_make(&(kit_wish){ .name = "Trader", .usage = "digitalSignature", .key = key }, &ca);
    dgm_trust *trust = kit_trust(ca.pem);
    dgm_signer *signer = kit_signer(&p, xades);
    char *text = kit_sign(signer, LETTER);
    kit_seen k = kit_verify(text, trust);
    CU_ASSERT(k.status == DGM_OK && k.count == 1 && k.genuine && k.intact && k.whole);
    TEST_TEXT(dgm_slice_of(k.covers), "/Letter");
    TEST_TEXT(dgm_slice_of(k.subject), "CN=Trader,C=DE");
    TEST_TEXT(dgm_slice_of(k.anchor), "CN=CA,C=DE");
    TEST_TEXT(dgm_slice_of(k.method), method);
    TEST_TEXT(dgm_slice_of(k.digest), "SHA-256");
    CU_ASSERT((k.when[0] != 0) == xades);
    /* Without the signature it is what it was. */
    char *from = strstr(text, "<ds:Signature"), *to = strstr(text, "</ds:Signature>");
    CU_ASSERT_FATAL(from && to);
    memmove(from, to + strlen("</ds:Signature>"), strlen(to + strlen("</ds:Signature>")) + 1);
    TEST_TEXT(dgm_slice_of(text), LETTER);
    free(text);
    dgm_signer_free(signer);
    dgm_trust_free(trust);
    kit_free(&p);
    kit_free(&ca);
}

static void test_round_trips(void)
{
    round_trip(EVP_EC_gen("P-256"), false, "ECDSA-SHA256");
    round_trip(EVP_EC_gen("P-384"), true, "ECDSA-SHA256");
    round_trip(EVP_EC_gen("P-521"), true, "ECDSA-SHA256");
    round_trip(EVP_RSA_gen(2048), false, "RSA-SHA256");
    round_trip(EVP_RSA_gen(3072), true, "RSA-SHA256");
}

/* Roots of all shapes. */
static void test_roots(void)
{
    static const char *const documents[] = {
        "<a/>",
        "<a />",
        "<a></a>",
        "<a\n></a\n>",
        "<p:a xmlns:p=\"urn:p\"/>",
        "<a>x</a><!-- </a> --><?x </a> ?>\n",
        "<a b=\"/>\"/>",
        "\xEF\xBB\xBF<a/>",
        "<a><a/></a>",
        "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xC4</a>",
    };
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    dgm_signer *signer = kit_signer(&p, true);
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        char *text = kit_sign(signer, documents[i]);
        kit_seen k = kit_verify(text, trust);
        CU_ASSERT(k.status == DGM_OK && k.whole);
        if (k.status != DGM_OK) printf("\n    %s\n", documents[i]);
        free(text);
    }
    dgm_signer_free(signer);
    dgm_trust_free(trust);
    kit_free(&p);
}

/* Each byte of what is signed, and of what says so, is changed in turn. What may change: the XML declaration, comments, and inside
 * the Signature what is neither signed nor the certificate. */
static void test_each_byte(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    dgm_signer *signer = kit_signer(&p, true);
    char *text = kit_sign(signer, LETTER);
    const char *first = strstr(text, "<l:Letter") + 1, *mark = strstr(text, "<ds:Signature ");
    const char *info = strstr(text, "<ds:SignedInfo") + 1, *value = strstr(text, "</ds:SignatureValue>");
    const char *properties = strstr(text, "<xades:SignedProperties") + 1, *closed = strstr(text, "</xades:SignedProperties>");
    const char *behind = strstr(text, "</l:Letter>");
    struct {
        const char *from, *to;
    } parts[] = { { first, mark }, { info, value }, { properties, closed }, { behind, text + strlen(text) - 1 } };
    size_t tried = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (char *at = text + (parts[i].from - text); at < parts[i].to; at++, tried++) {
            char was = *at;
            if (was == '\n' && at > info && at < value) continue; /* lines of Base64 */
            *at = (char)(was ^ 1);
            kit_seen k = kit_verify(text, trust);
            if (k.status == DGM_OK) printf("\n    %zu: %.40s\n", (size_t)(at - text), at);
            CU_ASSERT(k.status == DGM_INVALID || k.status == DGM_SYNTAX);
            *at = was;
        }
    CU_ASSERT(tried > 1000);
    CU_ASSERT(kit_verify(text, trust).status == DGM_OK);
    free(text);
    dgm_signer_free(signer);
    dgm_trust_free(trust);
    kit_free(&p);
}

/* ---- certificates ---- */

static dgm_diag_code why_not(const kit_wish *w, const kit_person *ca, dgm_verify_options o, bool *ok)
{
    kit_person p = kit_make(w, ca);
    dgm_trust *trust = kit_trust(ca->pem);
    static const char template[] =
        "<Letter><ds:Signature xmlns:ds=\"" DS "\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" EXC
        "\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#%s-sha256\"/>"
        "<ds:Reference URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"" DS
        "enveloped-signature\"/></ds:Transforms><ds:DigestMethod Algorithm=\"" SHA256
        "\"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>"
        "<ds:X509Certificate>@CERT@</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature></Letter>";
    char room[2048];
    snprintf(room, sizeof room, template, EVP_PKEY_is_a(p.key, "RSA") ? "rsa" : "ecdsa");
    char *text = kit_seal(room, &p);
    o.trust = trust;
    kit_seen k = kit_verify_with(dgm_slice_of(text), o);
    *ok = k.status == DGM_OK;
    CU_ASSERT(*ok || k.status == DGM_INVALID);
    free(text);
    dgm_trust_free(trust);
    kit_free(&p);
    return k.code_count ? k.codes[0] : DGM_D_NONE;
}

static void test_certificates(void)
{
    kit_person ca = authority(),
               old = kit_make(&(kit_wish){ .name = "Old", .ca = true, .from_days = -400, .until_days = -30 }, NULL);
    dgm_world world = dgm_world_default();
    int64_t now = world.now_ms(world.ctx), day = (int64_t)KIT_DAY * 1000;
    const struct {
        kit_wish wish;
        const kit_person *ca;
        int at_days;
        bool sha1;
        dgm_diag_code code;
    } rows[] = {
        { { .name = "Good" }, &ca, 0, false, DGM_D_NONE },
        { { .name = "Good", .usage = "nonRepudiation" }, &ca, 0, false, DGM_D_NONE },
        { { .name = "Good", .from_days = -20, .until_days = -10 }, &old, -40, false, DGM_D_SIGNATURE_EARLY },
        { { .name = "Past", .from_days = -20, .until_days = -10 }, &ca, 0, false, DGM_D_SIGNATURE_EXPIRED },
        { { .name = "Past", .from_days = -60, .until_days = -35 }, &old, -40, false, DGM_D_NONE },
        { { .name = "Past", .from_days = -60, .until_days = 35 }, &old, 0, false, DGM_D_SIGNATURE_EXPIRED },
        { { .name = "Future", .from_days = 10, .until_days = 20 }, &ca, 0, false, DGM_D_SIGNATURE_EARLY },
        { { .name = "Future", .from_days = 10, .until_days = 20 }, &ca, 15, false, DGM_D_NONE },
        { { .name = "Encrypts", .usage = "keyEncipherment" }, &ca, 0, false, DGM_D_SIGNATURE_USAGE },
        { { .name = "Weak", .key = EVP_RSA_gen(1024) }, &ca, 0, false, DGM_D_SIGNATURE_KEY_WEAK },
        { { .name = "Odd", .key = EVP_EC_gen("secp256k1") }, &ca, 0, false, DGM_D_SIGNATURE_KEY_WEAK },
        { { .name = "Sha1", .digest = EVP_sha1() }, &ca, 0, false, DGM_D_SIGNATURE_CHAIN },
        { { .name = "Sha1", .digest = EVP_sha1() }, &ca, 0, true, DGM_D_NONE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool ok;
        dgm_verify_options o = { .allow_sha1 = rows[i].sha1, .at_ms = rows[i].at_days ? now + rows[i].at_days * day : 0 };
        dgm_diag_code code = why_not(&rows[i].wish, rows[i].ca, o, &ok);
        if (code != rows[i].code) printf("\n    row %zu: %s\n", i, dgm_diag_name(code));
        CU_ASSERT(code == rows[i].code && ok == (code == DGM_D_NONE));
    }
    kit_free(&ca);
    kit_free(&old);
}

/* A list of its authority is asked when it is there. */
static void test_revoked(void)
{
    kit_person ca = authority(), bad = kit_make(&(kit_wish){ .name = "Bad" }, &ca),
               good = kit_make(&(kit_wish){ .name = "Good" }, &ca);
    X509_CRL *list = X509_CRL_new();
    X509_REVOKED *one = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *later = X509_gmtime_adj(NULL, KIT_DAY);
    X509_CRL_set_version(list, 1);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(ca.certificate));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, later);
    X509_REVOKED_set_serialNumber(one, X509_get_serialNumber(bad.certificate));
    X509_REVOKED_set_revocationDate(one, now);
    X509_CRL_add0_revoked(list, one);
    CU_ASSERT_FATAL(X509_CRL_sign(list, ca.key, EVP_sha256()) > 0);
    BIO *bio = BIO_new(BIO_s_mem());
    char pem[8192];
    CU_ASSERT_FATAL(PEM_write_bio_X509(bio, ca.certificate) == 1 && PEM_write_bio_X509_CRL(bio, list) == 1);
    kit_bio_text(bio, pem, sizeof pem);
    dgm_trust *trust = kit_trust(pem);
    dgm_signer *theirs = kit_signer(&bad, false), *ours = kit_signer(&good, false);
    char *revoked = kit_sign(theirs, LETTER), *kept = kit_sign(ours, LETTER);
    kit_seen k = kit_verify(revoked, trust);
    CU_ASSERT(k.status == DGM_INVALID && k.intact && !k.genuine && kit_said(&k, DGM_D_SIGNATURE_REVOKED));
    CU_ASSERT(kit_verify(kept, trust).status == DGM_OK);
    free(revoked);
    free(kept);
    dgm_signer_free(theirs);
    dgm_signer_free(ours);
    dgm_trust_free(trust);
    ASN1_TIME_free(now);
    ASN1_TIME_free(later);
    X509_CRL_free(list);
    kit_free(&ca);
    kit_free(&bad);
    kit_free(&good);
}

/* Somebody stands between, and comes with the signature. */
static void test_chain(void)
{
    kit_person ca = authority(), between = kit_make(&(kit_wish){ .name = "Between", .ca = true }, &ca);
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, &between), alone = p;
    char pem[sizeof p.pem * 2];
    dgm_trust *trust = kit_trust(ca.pem), *pinned = kit_trust(p.pem);
    snprintf(pem, sizeof pem, "%s%s", p.pem, between.pem);
    dgm_signer *s = NULL, *lonely = kit_signer(&alone, false);
    dgm_signer_options o = { .struct_bytes = sizeof o, .key = dgm_slice_of(p.key_pem), .certificates = dgm_slice_of(pem) };
    CU_ASSERT_FATAL(dgm_signer_new(&o, NULL, &s) == DGM_OK);
    char *text = kit_sign(s, LETTER), *without = kit_sign(lonely, LETTER);
    kit_seen k = kit_verify(text, trust);
    CU_ASSERT(k.status == DGM_OK);
    TEST_TEXT(dgm_slice_of(k.anchor), "CN=CA,C=DE");
    k = kit_verify(without, trust);
    CU_ASSERT(k.intact && kit_said(&k, DGM_D_SIGNATURE_ISSUER));
    k = kit_verify(without, pinned);
    CU_ASSERT(k.status == DGM_OK);
    TEST_TEXT(dgm_slice_of(k.anchor), "CN=Trader,C=DE");
    k = kit_verify(text, NULL);
    CU_ASSERT(k.status == DGM_INVALID && k.intact && !k.genuine && k.code_count == 1 && kit_said(&k, DGM_D_SIGNATURE_TRUST_NONE));
    free(text);
    free(without);
    dgm_signer_free(s);
    dgm_signer_free(lonely);
    dgm_trust_free(trust);
    dgm_trust_free(pinned);
    kit_free(&ca);
    kit_free(&between);
    kit_free(&p);
}

/* ---- signers ---- */

static dgm_diag_code no_signer(dgm_signer_options o)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_signer *s = NULL;
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 10, &diags) == DGM_OK);
    o.struct_bytes = sizeof o;
    CU_ASSERT(dgm_signer_new(&o, diags, &s) == DGM_CONFIG && !s && dgm_diags_count(diags) == 1);
    dgm_diag_code code = dgm_diags_count(diags) ? (dgm_diag_code)dgm_diags_at(diags, 0)->code : DGM_D_NONE;
    dgm_diags_free(diags);
    return code;
}

static void test_signers(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL), q = kit_make(&(kit_wish){ .name = "Other" }, NULL);
    kit_person weak = kit_make(&(kit_wish){ .name = "Weak", .key = EVP_RSA_gen(1024) }, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    char locked[4096];
    CU_ASSERT_FATAL(PEM_write_bio_PKCS8PrivateKey(bio, p.key, EVP_aes_256_cbc(), "sesame", 6, NULL, NULL) == 1);
    kit_bio_text(bio, locked, sizeof locked);
    dgm_slice key = dgm_slice_of(p.key_pem), certificates = dgm_slice_of(p.pem);
    CU_ASSERT(no_signer((dgm_signer_options){ .certificates = certificates }) == DGM_D_SIGNATURE_KEY);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = certificates, .certificates = certificates }) == DGM_D_SIGNATURE_KEY);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = key }) == DGM_D_SIGNATURE_TRUST_FILE);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = key, .certificates = dgm_slice_of(q.pem) }) == DGM_D_SIGNATURE_KEY_OTHER);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = dgm_slice_of(weak.key_pem), .certificates = dgm_slice_of(weak.pem) }) ==
              DGM_D_SIGNATURE_KEY);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = dgm_slice_of(locked), .certificates = certificates }) == DGM_D_SIGNATURE_KEY);
    CU_ASSERT(no_signer((dgm_signer_options){ .key = dgm_slice_of(locked),
                                              .certificates = certificates,
                                              .passphrase = DGM_LITERAL("simsim") }) == DGM_D_SIGNATURE_KEY);
    dgm_signer *s = NULL;
    dgm_signer_options o = {
        .struct_bytes = sizeof o, .key = dgm_slice_of(locked), .certificates = certificates, .passphrase = DGM_LITERAL("sesame")
    };
    CU_ASSERT(dgm_signer_new(&o, NULL, &s) == DGM_OK);
    dgm_signer_free(s);
    dgm_trust *t = NULL;
    CU_ASSERT(dgm_trust_new(NULL, DGM_LITERAL("nothing"), NULL, &t) == DGM_CONFIG && !t);
    CU_ASSERT(dgm_trust_new(NULL, key, NULL, &t) == DGM_CONFIG && !t);
    kit_free(&p);
    kit_free(&q);
    kit_free(&weak);
}

static void unsigned_because(const dgm_signer *s, dgm_slice document, dgm_diag_code code)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_buffer b;
    dgm_buffer_init(&b, &mem);
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 10, &diags) == DGM_OK);
    dgm_status st = dgm_sign(s, document, diags, dgm_buffer_sink(&b));
    CU_ASSERT(st == DGM_INVALID || st == DGM_SYNTAX || st == DGM_LIMIT);
    CU_ASSERT(b.len == 0 && dgm_diags_count(diags) == 1);
    CU_ASSERT(dgm_diags_count(diags) && dgm_diags_at(diags, 0)->code == code);
    dgm_diags_free(diags);
    dgm_buffer_free(&b);
}

static void test_not_signed(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_signer *s = kit_signer(&p, false);
    char *text = kit_sign(s, LETTER);
    unsigned_because(s, dgm_slice_of(text), DGM_D_SIGNATURE_SIGNED);
    unsigned_because(s, DGM_LITERAL(""), DGM_D_SIGNATURE_DOCUMENT);
    unsigned_because(s, DGM_LITERAL("<a>"), DGM_D_SIGNATURE_DOCUMENT);
    unsigned_because(s, DGM_LITERAL("<a>\xFF</a>"), DGM_D_SIGNATURE_DOCUMENT);
    unsigned_because(s, DGM_LITERAL("<!DOCTYPE a><a/>"), DGM_D_SIGNATURE_DOCTYPE);
    unsigned_because(s, DGM_LITERAL("\xFF\xFE<\0a\0/\0>\0"), DGM_D_SIGNATURE_ENCODING);
    free(text);
    dgm_signer_free(s);
    kit_free(&p);
}

/* ---- XAdES ---- */

static const char *below(const char *at, const char *name)
{
    char tag[80];
    snprintf(tag, sizeof tag, "<%s", name);
    return at ? strstr(at, tag) : NULL;
}

static void same_value(const char *at, const char *attribute, const char *other, const char *other_attribute, bool fragment)
{
    char find[80];
    snprintf(find, sizeof find, "%s=\"%s", other_attribute, "");
    const char *b = other ? strstr(other, find) : NULL;
    snprintf(find, sizeof find, "%s=\"%s", attribute, fragment ? "#" : "");
    const char *a = at ? strstr(at, find) : NULL;
    CU_ASSERT_FATAL(a && b);
    a += strlen(find);
    b = strchr(b, '"') + 1;
    size_t n = strcspn(a, "\"");
    CU_ASSERT(n > 8 && n == strcspn(b, "\"") && memcmp(a, b, n) == 0);
}

/* EN 319 132-1, 6.3, table 2, level B-B: SigningTime, SigningCertificateV2, DataObjectFormat with MimeType, the signing certificate
 * in KeyInfo, and a reference of the type of signed properties to them; 4.3.1: Target is the Signature. */
static void test_xades(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL), q = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_signer *s = kit_signer(&p, true);
    char *text = kit_sign(s, LETTER);
    const char *signature = below(text, "ds:Signature "), *object = below(signature, "ds:Object");
    const char *target = below(object, "xades:QualifyingProperties"), *properties = below(target, "xades:SignedProperties");
    const char *own = below(properties, "xades:SignedSignatureProperties"), *time = below(own, "xades:SigningTime>");
    const char *certificate = below(time, "xades:SigningCertificateV2><xades:Cert><xades:CertDigest><ds:DigestMethod");
    const char *data = below(certificate, "xades:SignedDataObjectProperties><xades:DataObjectFormat");
    const char *type = strstr(signature, "Type=\"http://uri.etsi.org/01903#SignedProperties\"");
    CU_ASSERT_FATAL(data && type && type < object && below(data, "xades:MimeType>text/xml<"));
    CU_ASSERT(strstr(target, "xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\"") != NULL);
    CU_ASSERT(strncmp(time + strlen("<xades:SigningTime>20yy-mm-dd"), "T", 1) == 0 &&
              strstr(time, "Z</xades:SigningTime>") != NULL);
    same_value(target, "Target", signature, "Id", true);
    same_value(type, "URI", properties, "Id", true);
    same_value(data, "ObjectReference", below(signature, "ds:Reference"), "Id", true);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int bytes = 0;
    char base64[128];
    CU_ASSERT_FATAL(X509_digest(p.certificate, EVP_sha256(), digest, &bytes) == 1);
    EVP_EncodeBlock((unsigned char *)base64, digest, (int)bytes);
    const char *said = below(certificate, "ds:DigestValue>") + strlen("<ds:DigestValue>");
    CU_ASSERT(strncmp(said, base64, strlen(base64)) == 0);
    /* Another certificate for the same key: what was signed with stands in the properties. */
    kit_person twin = kit_make(&(kit_wish){ .name = "Twin", .key = p.key }, NULL);
    text = kit_put(text, p.base64, twin.base64);
    dgm_trust *trust = kit_trust(twin.pem);
    kit_seen k = kit_verify(text, trust);
    CU_ASSERT(k.status == DGM_INVALID && k.intact && kit_said(&k, DGM_D_SIGNATURE_XADES_CERTIFICATE));
    free(text);
    dgm_trust_free(trust);
    dgm_signer_free(s);
    X509_free(twin.certificate);
    kit_free(&p);
    kit_free(&q);
}

/* ---- other shapes ---- */

#define SIGNED(refs, keys, objects)                                                                                                \
    "<ds:Signature xmlns:ds=\"" DS "\"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"" EXC                                 \
    "\"/><ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\"/>" refs                             \
    "</ds:SignedInfo><ds:SignatureValue/>" keys objects "</ds:Signature>"
#define KEYS "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>@CERT@</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
#define ONE(uri, transforms)                                                                                                       \
    "<ds:Reference URI=\"" uri "\"><ds:Transforms>" transforms "</ds:Transforms><ds:DigestMethod Algorithm=\"" SHA256              \
    "\"/><ds:DigestValue/></ds:Reference>"
#define C(uri) "<ds:Transform Algorithm=\"" uri "\"/>"
#define ENV    C(DS "enveloped-signature")

static void test_shapes(void)
{
    static const struct {
        const char *template;
        bool whole;
        const char *covers;
    } rows[] = {
        /* every canonical form */
        { "<a><b/>" SIGNED(ONE("", ENV), KEYS, "") "</a>", true, "/a" },
        { "<a><b/>" SIGNED(ONE("", ENV C("http://www.w3.org/TR/2001/REC-xml-c14n-20010315")), KEYS, "") "</a>", true, "/a" },
        { "<a><b/><!--c-->" SIGNED(ONE("", ENV C("http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments")), KEYS, "") "</a>",
          true, "/a" },
        { "<a><b/><!--c-->" SIGNED(ONE("", ENV C(EXC "WithComments")), KEYS, "") "</a>", true, "/a" },
        /* enveloping, and not quite */
        { SIGNED(ONE("#o", C(EXC)), KEYS, "<ds:Object Id=\"o\"><a/></ds:Object>"), true, "/Signature/Object" },
        { SIGNED(ONE("#a", C(EXC)), KEYS, "<ds:Object><a Id=\"a\"/></ds:Object>"), true, "/Signature/Object/a" },
        /* a part besides the whole */
        { "<a><b Id=\"b\"/>" SIGNED(ONE("#b", C(EXC)) ONE("", ENV), KEYS, "") "</a>", true, "/a/b /a" },
        { "<a><b Id=\"b\"/><c Id=\"c\"/>" SIGNED(ONE("#b", C(EXC)) ONE("#c", C(EXC)), KEYS, "") "</a>", false, "/a/b /a/c" },
        /* further down */
        { "<a><b><c/>" SIGNED(ONE("", ENV), KEYS, "") "</b></a>", true, "/a" },
        /* no certificate: the one that is trusted */
        { "<a>" SIGNED(ONE("", ENV), "", "") "</a>", true, "/a" },
        { "<a>" SIGNED(ONE("", ENV), "<ds:KeyInfo><ds:KeyName>me</ds:KeyName></ds:KeyInfo>", "") "</a>", true, "/a" },
    };
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = kit_seal(rows[i].template, &p);
        kit_seen k = kit_verify(text, trust);
        if (k.intact && k.genuine && k.whole == rows[i].whole && (k.status == DGM_OK) == rows[i].whole) {
            TEST_TEXT(dgm_slice_of(k.covers), rows[i].covers);
        } else {
            printf("\n    row %zu: %s\n", i, k.code_count ? dgm_diag_name(k.codes[0]) : "nothing said");
            CU_FAIL();
        }
        CU_ASSERT(rows[i].whole || kit_said(&k, DGM_D_SIGNATURE_PART));
        free(text);
    }
    dgm_trust_free(trust);
    kit_free(&p);
}

/* One signs a part, another one the whole with that signature in it; then the part changes. */
static void test_several(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    char *first = kit_seal("<b Id=\"b\">A" SIGNED(ONE("#b", ENV), KEYS, "") "</b>", &p);
    char room[16384];
    /* What is filled is the first Signature that is found: the outer one stands before. */
    snprintf(room, sizeof room, "<a>%s%s</a>", SIGNED(ONE("", ENV), KEYS, ""), first);
    char *text = kit_seal(room, &p);
    kit_seen k = kit_verify(text, trust);
    CU_ASSERT(k.status == DGM_OK && k.count == 2);
    text = kit_put(text, ">A<", ">B<");
    k = kit_verify(text, trust);
    CU_ASSERT(k.status == DGM_INVALID && kit_said(&k, DGM_D_SIGNATURE_DIGEST));
    free(first);
    free(text);
    dgm_trust_free(trust);
    kit_free(&p);
}

/* ---- encodings, memory, threads ---- */

static void test_encoding(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    dgm_signer *s = kit_signer(&p, false);
    char *text = kit_sign(s, "<a>b</a>");
    /* The same document in UTF-16 has the same canonical form. */
    size_t n = strlen(text);
    char *wide = calloc(n + 1, 2);
    CU_ASSERT_FATAL(wide != NULL);
    memcpy(wide, "\xFF\xFE", 2);
    for (size_t i = 0; i < n; i++) wide[2 + 2 * i] = text[i];
    CU_ASSERT(kit_verify_with((dgm_slice){ wide, 2 * n + 2 }, (dgm_verify_options){ .trust = trust }).status == DGM_OK);
    CU_ASSERT(
        kit_verify_with(dgm_slice_of(text), (dgm_verify_options){ .trust = trust, .encoding = DGM_LITERAL("UTF-16") }).status ==
        DGM_SYNTAX);
    CU_ASSERT(kit_verify_with(dgm_slice_of(text), (dgm_verify_options){ .trust = trust, .limits.document_bytes_max = n }).status ==
              DGM_OK);
    CU_ASSERT(
        kit_verify_with(dgm_slice_of(text), (dgm_verify_options){ .trust = trust, .limits.document_bytes_max = n - 1 }).status ==
        DGM_LIMIT);
    free(wide);
    free(text);
    dgm_signer_free(s);
    dgm_trust_free(trust);
    kit_free(&p);
}

typedef struct allocating {
    const kit_person *p;
    dgm_world world;
} allocating;

static dgm_status all_of_it(const dgm_mem *mem, void *ctx)
{
    const allocating *a = ctx;
    dgm_trust *trust = NULL;
    dgm_signer *signer = NULL;
    dgm_diags *diags = NULL;
    dgm_buffer b;
    dgm_buffer_init(&b, mem);
    dgm_signer_options o = { .struct_bytes = sizeof o,
                             .mem = *mem,
                             .key = dgm_slice_of(a->p->key_pem),
                             .certificates = dgm_slice_of(a->p->pem),
                             .xades = true };
    dgm_status st = dgm_diags_new(mem, 10, &diags);
    if (st == DGM_OK) st = dgm_trust_new(mem, dgm_slice_of(a->p->pem), diags, &trust);
    if (st == DGM_OK) st = dgm_signer_new(&o, diags, &signer);
    if (st == DGM_OK) st = dgm_sign(signer, dgm_slice_of("<a>b</a>"), diags, dgm_buffer_sink(&b));
    dgm_verify_options v = { .struct_bytes = sizeof v, .mem = *mem, .trust = trust };
    if (st == DGM_OK) st = dgm_verify(dgm_buffer_slice(&b), &v, diags);
    if (st == DGM_OK) {
        memcpy(strstr(b.at, "b<"), "c", 1);
        st = dgm_verify(dgm_buffer_slice(&b), &v, diags);
        if (st == DGM_INVALID) st = DGM_OK;
    }
    dgm_buffer_free(&b);
    dgm_signer_free(signer);
    dgm_trust_free(trust);
    dgm_diags_free(diags);
    return st;
}

static void test_memory(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    allocating a = { .p = &p };
    CU_ASSERT(test_each_allocation_fails(all_of_it, &a) > 5);
    kit_free(&p);
}

typedef struct crowd {
    const dgm_signer *signer;
    const dgm_trust *trust;
    int good;
} crowd;

static void *one_of_many(void *ctx)
{
    crowd *c = ctx;
    dgm_mem mem = dgm_mem_default();
    for (int i = 0; i < 30; i++) {
        dgm_buffer b;
        dgm_buffer_init(&b, &mem);
        dgm_verify_options o = { .struct_bytes = sizeof o, .trust = c->trust };
        bool good = dgm_sign(c->signer, dgm_slice_of(LETTER), NULL, dgm_buffer_sink(&b)) == DGM_OK &&
                    dgm_verify(dgm_buffer_slice(&b), &o, NULL) == DGM_OK;
        c->good += good;
        dgm_buffer_free(&b);
    }
    return NULL;
}

static void test_threads(void)
{
    kit_person p = kit_make(&(kit_wish){ .name = "Trader" }, NULL);
    dgm_trust *trust = kit_trust(p.pem);
    dgm_signer *signer = kit_signer(&p, true);
    pthread_t threads[4];
    crowd all[4];
    for (int i = 0; i < 4; i++) {
        all[i] = (crowd){ signer, trust, 0 };
        CU_ASSERT_FATAL(pthread_create(&threads[i], NULL, one_of_many, &all[i]) == 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT(all[i].good == 30);
    }
    dgm_signer_free(signer);
    dgm_trust_free(trust);
    kit_free(&p);
}

int main(void)
{
    static const test_case cases[] = {
        { "several threads sign and verify at once", test_threads },
        { "what is signed is genuine, and else what it was", test_round_trips },
        { "roots of all shapes", test_roots },
        { "each byte that is changed is noticed", test_each_byte },
        { "certificates that hold, and that do not", test_certificates },
        { "a list of revoked ones is asked", test_revoked },
        { "a chain, a certificate that is trusted itself, and no trust", test_chain },
        { "keys and certificates that make no signer", test_signers },
        { "documents that cannot be signed", test_not_signed },
        { "XAdES as its rules have it", test_xades },
        { "canonical forms, enveloping, parts, no certificate", test_shapes },
        { "several signatures", test_several },
        { "encodings and the limit of bytes", test_encoding },
        { "each allocation may fail", test_memory },
        { 0 },
    };
    return test_main("signature", cases);
}
