/* SPDX-License-Identifier: Apache-2.0
 *
 * test_signature_attacks.c - the catalogue of attacks on XML signatures, one row each: wrapping (McIntosh and Austel 2005;
 * Somorovsky and others 2012, variants 1 to 8), transforms that compute, references that lead elsewhere, algorithms that prove
 * nothing, keys and certificates of others, floods. Each is refused for the reason that is named here, in bounded time.
 */
#include "conformance-tests/unit/signature_kit.h"

#include <time.h>

#if defined(__SANITIZE_ADDRESS__)
enum { SECONDS_MAX = 30, SANITIZED = 1 };
#else
enum { SECONDS_MAX = 3, SANITIZED = 0 };
#endif

#define DS       "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\""
#define EXC      "http://www.w3.org/2001/10/xml-exc-c14n#"
#define SHA256   "http://www.w3.org/2001/04/xmlenc#sha256"
#define ECDSA    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
#define ENV      "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
#define T(uri)   "<ds:Transform Algorithm=\"" uri "\"/>"
#define TS       "<ds:Transforms>" T(ENV) T(EXC) "</ds:Transforms>"
#define D256     "<ds:DigestMethod Algorithm=\"" SHA256 "\"/><ds:DigestValue></ds:DigestValue>"
#define REF(uri) "<ds:Reference URI=\"" uri "\">" TS D256 "</ds:Reference>"
#define METHODS  "<ds:CanonicalizationMethod Algorithm=\"" EXC "\"/><ds:SignatureMethod Algorithm=\"" ECDSA "\"/>"
#define KEYS     "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>@CERT@</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
#define SIG(refs, more)                                                                                                            \
    "<ds:Signature " DS "><ds:SignedInfo>" METHODS refs "</ds:SignedInfo><ds:SignatureValue/>" KEYS more "</ds:Signature>"
#define BODY "<Body Id=\"body\"><ID>A</ID><N>\xC3\x84</N></Body>"

/* What is signed honestly, and then made use of. */
enum { ALL, BY_ID, PART, BASES };
static const char *const bases[BASES] = {
    [ALL] = "<Letter Id=\"doc\">" BODY SIG(REF(""), "") "</Letter>",
    [BY_ID] = "<Letter Id=\"doc\">" BODY SIG(REF("#doc"), "") "</Letter>",
    [PART] = "<Letter Id=\"doc\">" BODY SIG(REF("#body"), "") "</Letter>",
};

/* made: of @SIG@ (the Signature), @HEAD@ (without its end tag), @ORIGINAL@ (the root without it), @WHOLE@ (the root with it); or
 * the whole with `from` in place of `to`. */
typedef struct attack {
    const char *name;
    int base;
    const char *made, *from, *to;
    dgm_diag_code code;
} attack;

#define EVIL   "<Body><ID>EVIL</ID></Body>"
#define OBJ(x) "@HEAD@<ds:Object>" x "</ds:Object></ds:Signature>"
#define SWAP   "@WHOLE@"

static const attack attacks[] = {
    /* wrapping */
    { "XSW1: original in an Object of the Signature", BY_ID, "<Letter Id=\"evil\">" EVIL OBJ("@ORIGINAL@") "</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_PART },
    { "XSW2: original beside the Signature", BY_ID, "<Letter Id=\"evil\">" EVIL "@SIG@@ORIGINAL@</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_PART },
    { "XSW3: forged one before the original", BY_ID, "<Letters><Letter Id=\"evil\">" EVIL "</Letter>@WHOLE@</Letters>", NULL, NULL,
      DGM_D_SIGNATURE_PART },
    { "XSW4: original in the forged one", BY_ID, "<Letter Id=\"evil\">" EVIL "@WHOLE@</Letter>", NULL, NULL, DGM_D_SIGNATURE_PART },
    { "XSW5: the same Id, original at the end", BY_ID, "<Letter Id=\"doc\">" EVIL "@SIG@@ORIGINAL@</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_ID_TWICE },
    { "XSW6: the same Id, original in an Object", BY_ID, "<Letter Id=\"doc\">" EVIL OBJ("@ORIGINAL@") "</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_ID_TWICE },
    { "XSW7: the same Id, original in an element nobody knows", BY_ID,
      "<Letter Id=\"doc\"><Extensions>@ORIGINAL@</Extensions>" EVIL "@SIG@</Letter>", NULL, NULL, DGM_D_SIGNATURE_ID_TWICE },
    { "XSW8: forged one in an Object of the original", BY_ID,
      "<Letter Id=\"doc\">" BODY OBJ("<Letter Id=\"doc\">" EVIL "</Letter>") "</Letter>", NULL, NULL, DGM_D_SIGNATURE_ID_TWICE },
    { "the same Id spelt ID", BY_ID, "<Letter Id=\"doc\">" EVIL "<x ID=\"doc\"/>@SIG@</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_ID_TWICE },
    { "the same Id as xml:id", BY_ID, "<Letter Id=\"doc\"><x xml:id=\"doc\"/>@SIG@</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_ID_TWICE },
    { "the same Id in another namespace", BY_ID, "<Letter Id=\"doc\"><x xmlns:w=\"urn:w\" w:Id=\"doc\"/>@SIG@</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_ID_TWICE },
    { "a part is signed, the rest is anyone's", PART, "<Letter>" EVIL BODY "@SIG@</Letter>", NULL, NULL, DGM_D_SIGNATURE_PART },
    { "a part is signed, honestly", PART, "@WHOLE@", NULL, NULL, DGM_D_SIGNATURE_PART },
    { "the whole in another root", ALL, "<Letters>@WHOLE@</Letters>", NULL, NULL, DGM_D_SIGNATURE_DIGEST },
    { "an Object nobody signed", ALL, "<Letter Id=\"doc\">" BODY OBJ("<Letter>" EVIL "</Letter>") "</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_OBJECT },
    { "an Object of text nobody signed", ALL, "<Letter Id=\"doc\">" BODY OBJ("evil") "</Letter>", NULL, NULL,
      DGM_D_SIGNATURE_OBJECT },
    { "XAdES properties nobody signed", ALL,
      "<Letter Id=\"doc\">" BODY OBJ("<x:QualifyingProperties xmlns:x=\"http://uri.etsi.org/01903/v1.3.2#\"><x:SignedProperties "
                                     "Id=\"p\"/></x:QualifyingProperties>") "</Letter>",
      NULL, NULL, DGM_D_SIGNATURE_XADES_OPEN },
    { "a Signature in a Signature", ALL, "<Letter Id=\"doc\">" BODY OBJ("@SIG@") "</Letter>", NULL, NULL, DGM_D_SIGNATURE_NESTED },
    { "another element in the Signature", ALL, "<Letter Id=\"doc\">" BODY "@HEAD@" EVIL "</ds:Signature></Letter>", NULL, NULL,
      DGM_D_SIGNATURE_FORM },
    { "the Signature twice", ALL, "<Letter Id=\"doc\">" BODY "@SIG@@SIG@</Letter>", NULL, NULL, DGM_D_SIGNATURE_DIGEST },
    { "content added", ALL, "<Letter Id=\"doc\">" BODY EVIL "@SIG@</Letter>", NULL, NULL, DGM_D_SIGNATURE_DIGEST },
    { "an attribute added", ALL, SWAP, "<Body ", "<Body a=\"b\" ", DGM_D_SIGNATURE_DIGEST },
    { "a processing instruction added", ALL, SWAP, "<ID>A", "<ID><?x y?>A", DGM_D_SIGNATURE_DIGEST },
    { "white space added", ALL, SWAP, "<ID>A", "<ID> A", DGM_D_SIGNATURE_DIGEST },
    { "a namespace changed", ALL, SWAP, "<Letter ", "<Letter xmlns=\"urn:evil\" ", DGM_D_SIGNATURE_DIGEST },
    { "the Signature taken away", ALL, "@ORIGINAL@", NULL, NULL, DGM_D_SIGNATURE_NONE },
    { "the Signature in no namespace", ALL, SWAP, DS, "xmlns:ds=\"urn:other\"", DGM_D_SIGNATURE_NONE },
    { "a URI of another namespace before the Reference's own", ALL, SWAP,
      "<ds:Reference URI=", "<ds:Reference xmlns:x=\"urn:x\" x:URI=\"#xpointer(//b)\" URI=", DGM_D_SIGNATURE_FORM },
    { "no element but the Signature", ALL, "@SIG@", NULL, NULL, DGM_D_SIGNATURE_FORM },
    /* transforms that compute, and bombs of them */
    { "XSLT", ALL, SWAP, T(ENV),
      "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"><xsl:stylesheet "
      "xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"><xsl:template match=\"/\"><xsl:value-of "
      "select=\"document('file:///etc/passwd')\"/></xsl:template></xsl:stylesheet></ds:Transform>",
      DGM_D_SIGNATURE_TRANSFORM },
    { "XPath bomb", ALL, SWAP, T(ENV),
      "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>count(//. | //@* | "
      "//namespace::*)[count(//. "
      "| //@* | //namespace::*)]</ds:XPath></ds:Transform>",
      DGM_D_SIGNATURE_TRANSFORM },
    { "XPath filter 2", ALL, SWAP, T(ENV),
      "<ds:Transform Algorithm=\"http://www.w3.org/2002/06/xmldsig-filter2\"><XPath "
      "xmlns=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">//Body</XPath></ds:Transform>",
      DGM_D_SIGNATURE_TRANSFORM },
    { "Base64", ALL, SWAP, T(EXC) "</ds:Transforms>", T("http://www.w3.org/2000/09/xmldsig#base64") "</ds:Transforms>",
      DGM_D_SIGNATURE_TRANSFORM },
    { "a transform that takes tags away", ALL, SWAP, T(ENV), T("http://www.aleksey.com/xmlsec/2009/01/remove-xml-tags-c14n"),
      DGM_D_SIGNATURE_TRANSFORM },
    { "XPointer as a transform", ALL, SWAP, T(ENV), T("http://www.w3.org/2001/04/xmldsig-more/xptr"), DGM_D_SIGNATURE_TRANSFORM },
    { "decryption", ALL, SWAP, T(ENV), T("http://www.w3.org/2002/07/decrypt#XML"), DGM_D_SIGNATURE_TRANSFORM },
    { "a transform without a name", ALL, SWAP, T(ENV), "<ds:Transform/>", DGM_D_SIGNATURE_TRANSFORM },
    { "transforms without end", ALL, SWAP, T(ENV), T(ENV) T(ENV) T(ENV) T(ENV) T(ENV) T(ENV), DGM_D_SIGNATURE_FORM },
    { "canonical forms in a row", ALL, SWAP, T(ENV), T(EXC) T(EXC) T(EXC), DGM_D_SIGNATURE_FORM },
    { "no transform at all", ALL, SWAP, T(ENV) T(EXC), "", DGM_D_SIGNATURE_FORM },
    { "without enveloped-signature", ALL, SWAP, T(ENV), "", DGM_D_SIGNATURE_FORM },
    { "a canonical form with an XPath in it", ALL, SWAP, T(EXC),
      "<ds:Transform Algorithm=\"" EXC "\"><ds:XPath>//.</ds:XPath></ds:Transform>", DGM_D_SIGNATURE_FORM },
    /* references that lead elsewhere */
    { "a network", ALL, SWAP, "URI=\"\"", "URI=\"http://127.0.0.1:9/a.xml\"", DGM_D_SIGNATURE_OUTSIDE },
    { "a file", ALL, SWAP, "URI=\"\"", "URI=\"file:///etc/passwd\"", DGM_D_SIGNATURE_OUTSIDE },
    { "a file beside", ALL, SWAP, "URI=\"\"", "URI=\"other.xml\"", DGM_D_SIGNATURE_OUTSIDE },
    { "a file and an Id in it", ALL, SWAP, "URI=\"\"", "URI=\"other.xml#doc\"", DGM_D_SIGNATURE_OUTSIDE },
    { "XPointer to the root", ALL, SWAP, "URI=\"\"", "URI=\"#xpointer(/)\"", DGM_D_SIGNATURE_OUTSIDE },
    { "XPointer to an Id", ALL, SWAP, "URI=\"\"", "URI=\"#xpointer(id('doc'))\"", DGM_D_SIGNATURE_OUTSIDE },
    { "XPointer bomb", ALL, SWAP, "URI=\"\"", "URI=\"#xpointer(//*[count(//*[count(//*)])])\"", DGM_D_SIGNATURE_OUTSIDE },
    { "an Id with a quote", ALL, SWAP, "URI=\"\"", "URI=\"#doc')|id('x\"", DGM_D_SIGNATURE_OUTSIDE },
    { "an empty fragment", ALL, SWAP, "URI=\"\"", "URI=\"#\"", DGM_D_SIGNATURE_OUTSIDE },
    { "nobody's Id", ALL, SWAP, "URI=\"\"", "URI=\"#nobody\"", DGM_D_SIGNATURE_UNRESOLVED },
    { "no URI", ALL, SWAP, " URI=\"\"", "", DGM_D_SIGNATURE_FORM },
    { "no reference", ALL, SWAP, "<ds:Reference", "<ds:Refrain", DGM_D_SIGNATURE_DOCUMENT },
    { "an empty SignedInfo", ALL, "<Letter><ds:Signature " DS "><ds:SignedInfo/><ds:SignatureValue/></ds:Signature></Letter>", NULL,
      NULL, DGM_D_SIGNATURE_FORM },
    { "SignedInfo without references", ALL,
      "<Letter><ds:Signature " DS "><ds:SignedInfo>" METHODS "</ds:SignedInfo><ds:SignatureValue/></ds:Signature></Letter>", NULL,
      NULL, DGM_D_SIGNATURE_FORM },
    { "an empty Signature", ALL, "<Letter><ds:Signature " DS "/></Letter>", NULL, NULL, DGM_D_SIGNATURE_FORM },
    { "no digest", ALL, SWAP, "ds:DigestMethod", "ds:DigestMethods", DGM_D_SIGNATURE_FORM },
    /* algorithms that prove nothing */
    { "HMAC with what everybody knows for a key", ALL, SWAP, ECDSA, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
      DGM_D_SIGNATURE_ALGORITHM },
    { "HMAC-SHA1", ALL, SWAP, ECDSA, "http://www.w3.org/2000/09/xmldsig#hmac-sha1", DGM_D_SIGNATURE_ALGORITHM },
    { "a length of HMAC", ALL, SWAP, "\"" ECDSA "\"/>",
      "\"" ECDSA "\"><ds:HMACOutputLength>1</ds:HMACOutputLength></ds:SignatureMethod>", DGM_D_SIGNATURE_FORM },
    { "RSA with a key for ECDSA", ALL, SWAP, ECDSA, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", DGM_D_SIGNATURE_KEY_WEAK },
    { "ECDSA with SHA-1", ALL, SWAP, ECDSA, "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", DGM_D_SIGNATURE_WEAK },
    { "RSA with SHA-1", ALL, SWAP, ECDSA, "http://www.w3.org/2000/09/xmldsig#rsa-sha1", DGM_D_SIGNATURE_WEAK },
    { "RSA with MD5", ALL, SWAP, ECDSA, "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", DGM_D_SIGNATURE_ALGORITHM },
    { "DSA", ALL, SWAP, ECDSA, "http://www.w3.org/2000/09/xmldsig#dsa-sha1", DGM_D_SIGNATURE_ALGORITHM },
    { "no algorithm", ALL, SWAP, ECDSA, "", DGM_D_SIGNATURE_ALGORITHM },
    { "a digest with SHA-1", ALL, SWAP, SHA256, "http://www.w3.org/2000/09/xmldsig#sha1", DGM_D_SIGNATURE_WEAK },
    { "a digest with MD5", ALL, SWAP, SHA256, "http://www.w3.org/2001/04/xmldsig-more#md5", DGM_D_SIGNATURE_ALGORITHM },
    { "a canonical form nobody knows", ALL, SWAP, "CanonicalizationMethod Algorithm=\"" EXC,
      "CanonicalizationMethod Algorithm=\"urn:none", DGM_D_SIGNATURE_ALGORITHM },
    { "the value taken away", ALL, SWAP, "<ds:KeyInfo>", "<ds:Object/><ds:KeyInfo>", DGM_D_SIGNATURE_FORM },
    /* keys of others */
    { "a key alone", ALL, SWAP, "ds:X509Data", "ds:KeyValue", DGM_D_SIGNATURE_CERTIFICATE_NONE },
    { "a key to be fetched", ALL, SWAP, "<ds:X509Data>",
      "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/k\" Type=\"http://www.w3.org/2000/09/xmldsig#X509Data\"/><ds:PGPData>",
      DGM_D_SIGNATURE_DOCUMENT },
    { "no certificate", ALL, SWAP, "X509Certificate", "X509Nothing", DGM_D_SIGNATURE_CERTIFICATE_NONE },
    { "no bytes for a certificate", ALL, SWAP, "<ds:X509Certificate>", "<ds:X509Certificate>AAAA",
      DGM_D_SIGNATURE_CERTIFICATE_BAD },
    { "text for a certificate", ALL, SWAP, "<ds:X509Certificate>", "<ds:X509Certificate>&lt;!&gt;",
      DGM_D_SIGNATURE_CERTIFICATE_BAD },
    { "elements in a certificate", ALL, SWAP, "<ds:X509Certificate>", "<ds:X509Certificate><x/>", DGM_D_SIGNATURE_CERTIFICATE_BAD },
    /* documents that change on the way */
    { "a DOCTYPE", ALL, "<!DOCTYPE Letter>@WHOLE@", NULL, NULL, DGM_D_SIGNATURE_DOCTYPE },
    { "entities of entities", ALL, "<!DOCTYPE Letter [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]>@WHOLE@", NULL, NULL,
      DGM_D_SIGNATURE_DOCTYPE },
    { "attributes by default", ALL, "<!DOCTYPE Letter [<!ATTLIST Body type CDATA \"evil\">]>@WHOLE@", NULL, NULL,
      DGM_D_SIGNATURE_DOCTYPE },
    { "an Id by declaration", ALL, "<!DOCTYPE Letter [<!ATTLIST Body name ID #IMPLIED>]>@WHOLE@", NULL, NULL,
      DGM_D_SIGNATURE_DOCTYPE },
    { "an external subset", ALL, "<!DOCTYPE Letter SYSTEM \"http://127.0.0.1:9/d.dtd\">@WHOLE@", NULL, NULL,
      DGM_D_SIGNATURE_DOCTYPE },
    { "cut short", ALL, "<Letter Id=\"doc\">" BODY "@HEAD@", NULL, NULL, DGM_D_SIGNATURE_DOCUMENT },
    { "a second document behind", ALL, "@WHOLE@@WHOLE@", NULL, NULL, DGM_D_SIGNATURE_DOCUMENT },
    { "another encoding than was signed", ALL, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>@WHOLE@", NULL, NULL,
      DGM_D_SIGNATURE_DIGEST },
    { "nothing", ALL, "", NULL, NULL, DGM_D_SIGNATURE_DOCUMENT },
};

typedef struct stage {
    kit_person ca, honest, evil;
    dgm_trust *trust;
} stage;

static stage open_stage(void)
{
    stage s = { .ca = kit_make(&(kit_wish){ .name = "CA", .ca = true, .usage = "keyCertSign,cRLSign" }, NULL) };
    s.honest = kit_make(&(kit_wish){ .name = "Honest", .usage = "digitalSignature" }, &s.ca);
    s.evil = kit_make(&(kit_wish){ .name = "Honest", .usage = "digitalSignature" }, NULL);
    s.trust = kit_trust(s.ca.pem);
    return s;
}

static void close_stage(stage *s)
{
    kit_free(&s->ca);
    kit_free(&s->honest);
    kit_free(&s->evil);
    dgm_trust_free(s->trust);
}

static char *make(const attack *a, const stage *st)
{
    char *whole = kit_seal(bases[a->base], &st->honest), *sig = strstr(whole, "<ds:Signature"), *end = strstr(sig, "</Letter>");
    char *head = strndup(sig, (size_t)(end - sig) - strlen("</ds:Signature>")), *full = strndup(sig, (size_t)(end - sig));
    char *original = strndup(whole, strlen(whole));
    memcpy(original + (sig - whole), "</Letter>", sizeof "</Letter>");
    char *made = kit_put(strdup(a->made), "@WHOLE@", whole);
    made = kit_put(made, "@SIG@", full);
    made = kit_put(made, "@HEAD@", head);
    made = kit_put(made, "@ORIGINAL@", original);
    if (a->from) {
        char *was = strdup(made);
        made = kit_put(made, a->from, a->to);
        if (strcmp(was, made) == 0) printf("\n    nothing to change: %s\n", a->name);
        CU_ASSERT(strcmp(was, made) != 0);
        free(was);
    }
    free(head);
    free(full);
    free(original);
    free(whole);
    return made;
}

static void refused(const char *name, const char *document, const stage *st, dgm_diag_code code)
{
    clock_t before = clock();
    kit_seen k = kit_verify(document, st->trust);
    clock_t spent = clock() - before;
    CU_ASSERT(k.status != DGM_OK && k.status != DGM_NOMEM && k.status != DGM_DEFECT);
    if (spent >= SECONDS_MAX * CLOCKS_PER_SEC) printf("\n    %s: %ld ms\n", name, (long)(spent * 1000 / CLOCKS_PER_SEC));
    CU_ASSERT(spent < SECONDS_MAX * CLOCKS_PER_SEC);
    if (!kit_said(&k, code))
        printf("\n    %s: wanted %s, got %s\n", name, dgm_diag_name(code), k.code_count ? dgm_diag_name(k.codes[0]) : "nothing");
    CU_ASSERT(kit_said(&k, code));
}

static void test_bases(void)
{
    stage st = open_stage();
    for (int i = 0; i < BASES; i++) {
        char *whole = kit_seal(bases[i], &st.honest);
        kit_seen k = kit_verify(whole, st.trust);
        CU_ASSERT(k.intact && k.genuine);
        CU_ASSERT((k.status == DGM_OK) == (i != PART));
        TEST_TEXT(dgm_slice_of(k.covers), i == PART ? "/Letter/Body" : "/Letter");
        free(whole);
    }
    close_stage(&st);
}

static void test_table(void)
{
    stage st = open_stage();
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        char *document = make(&attacks[i], &st);
        refused(attacks[i].name, document, &st, attacks[i].code);
        free(document);
    }
    close_stage(&st);
}

/* Somebody else of the same name. */
static void test_of_others(void)
{
    stage st = open_stage();
    char *theirs = kit_seal(bases[ALL], &st.evil);
    refused("a certificate of their own", theirs, &st, DGM_D_SIGNATURE_ISSUER);
    theirs = kit_put(theirs, st.evil.base64, st.honest.base64);
    refused("their key, the certificate of another", theirs, &st, DGM_D_SIGNATURE_VALUE);
    char both[2 * sizeof st.honest.base64 + 128];
    snprintf(both, sizeof both, "%s</ds:X509Certificate><ds:X509Certificate>%s", st.honest.base64, st.evil.base64);
    theirs = kit_put(theirs, st.honest.base64, both);
    refused("both", theirs, &st, DGM_D_SIGNATURE_ISSUER);
    free(theirs);
    kit_person below = kit_make(&(kit_wish){ .name = "Below", .usage = "digitalSignature" }, &st.honest);
    char *chained = kit_seal(bases[ALL], &below);
    snprintf(both, sizeof both, "%s</ds:X509Certificate><ds:X509Certificate>%s", below.base64, st.honest.base64);
    chained = kit_put(chained, below.base64, both);
    refused("a certificate issued by one who may not", chained, &st, DGM_D_SIGNATURE_CHAIN);
    free(chained);
    kit_free(&below);
    close_stage(&st);
}

/* head, unit over and over, tail */
typedef struct flood {
    const char *name, *head, *unit, *tail;
    int times;
    dgm_diag_code code;
} flood;

static void test_floods(void)
{
    static const flood floods[] = {
        { "references without end", "<Letter>" BODY "<ds:Signature " DS "><ds:SignedInfo>" METHODS, REF(""),
          "</ds:SignedInfo><ds:SignatureValue/></ds:Signature></Letter>", 5000, DGM_D_SIGNATURE_LIMIT },
        { "signatures without end", "<Letter>", "<ds:Signature " DS "/>", "</Letter>", 5000, DGM_D_SIGNATURE_LIMIT },
        { "certificates without end",
          "<Letter><ds:Signature " DS
          "><ds:SignedInfo>" METHODS REF("") "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>",
          KEYS, "</ds:X509Data></ds:KeyInfo></ds:Signature></Letter>", 5000, DGM_D_SIGNATURE_CERTIFICATE_NONE },
        { "objects without end",
          "<Letter><ds:Signature " DS "><ds:SignedInfo>" METHODS REF("") "</ds:SignedInfo><ds:SignatureValue/>",
          "<ds:Object>a</ds:Object>", "</ds:Signature></Letter>", 20000, DGM_D_SIGNATURE_OBJECT },
        { "elements in elements", "<Letter>", "<a>", "", 100000, DGM_D_SIGNATURE_LIMIT },
        { "attributes of one element", "<Letter ", "a%d=\"b\" ", "/>", 100000, DGM_D_SIGNATURE_LIMIT },
        { "namespaces of one element", "<Letter ", "xmlns:a%d=\"urn:b\" ", "/>", 100000, DGM_D_SIGNATURE_LIMIT },
        { "a prefix for each element in the next",
          "<Letter xmlns:a=\"a\" xmlns:b=\"b\" xmlns:c=\"c\" xmlns:d=\"d\" xmlns:e=\"e\" xmlns:f=\"f\" xmlns:g=\"g\" xmlns:h=\"h\" "
          "xmlns:i=\"i\" xmlns:j=\"j\" xmlns:k=\"k\" xmlns:l=\"l\" xmlns:m=\"m\" xmlns:n=\"n\" xmlns:o=\"o\" xmlns:p=\"p\" "
          "xmlns:q=\"q\" xmlns:r=\"r\" xmlns:s=\"s\" xmlns:t=\"t\" xmlns:u=\"u\" xmlns:v=\"v\" xmlns:w=\"w\" xmlns:y=\"y\">"
          "<Letter xmlns:a=\"A\" xmlns:b=\"B\" xmlns:c=\"C\" xmlns:d=\"D\" xmlns:e=\"E\" xmlns:f=\"F\" xmlns:g=\"G\" "
          "xmlns:h=\"H\">",
          "<a xmlns:z%d=\"urn:z\"/>", "</Letter></Letter>", 400000, DGM_D_SIGNATURE_LIMIT },
        { "empty comments", "<Letter>", "<!---->", "</Letter>", 2300000, DGM_D_SIGNATURE_LIMIT },
        { "a document beyond the limit", "<Letter>", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "</Letter>", 600000,
          DGM_D_SIGNATURE_LIMIT },
    };
    stage st = open_stage();
    for (size_t i = 0; i < sizeof floods / sizeof *floods; i++) {
        const flood *f = &floods[i];
        if (SANITIZED && f->times > 2000000) continue; /* a sanitizer needs minutes for so many nodes of libxml2's own */
        dgm_mem mem = dgm_mem_default();
        dgm_buffer text;
        dgm_buffer_init(&text, &mem);
        dgm_status made = dgm_buffer_append(&text, dgm_slice_of(f->head));
        const char *mark = strstr(f->unit, "%d");
        for (int n = 0; n < f->times && made == DGM_OK; n++)
            made = mark ? dgm_buffer_print(&text, "%.*s%d%s", (int)(mark - f->unit), f->unit, n, mark + 2)
                        : dgm_buffer_append(&text, dgm_slice_of(f->unit));
        if (made == DGM_OK) made = dgm_buffer_append(&text, (dgm_slice){ f->tail, strlen(f->tail) + 1 });
        CU_ASSERT_FATAL(made == DGM_OK);
        refused(f->name, text.at, &st, f->code);
        dgm_buffer_free(&text);
    }
    close_stage(&st);
}

/* The whole is covered again and again, by a document that is large already. */
static void test_again_and_again(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    stage st = open_stage();
    CU_ASSERT(dgm_buffer_append(&text, DGM_LITERAL("<Letter>")) == DGM_OK);
    for (int i = 0; i < 600000; i++) CU_ASSERT(dgm_buffer_append(&text, DGM_LITERAL("<a/>")) == DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, dgm_slice_of("<ds:Signature " DS "><ds:SignedInfo>" METHODS)) == DGM_OK);
    for (int i = 0; i < 15; i++) CU_ASSERT(dgm_buffer_append(&text, dgm_slice_of(REF(""))) == DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, dgm_slice_of("</ds:SignedInfo><ds:SignatureValue/></ds:Signature></Letter>")) == DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
    refused("references to the whole, many times", text.at, &st, DGM_D_SIGNATURE_LIMIT);
    dgm_buffer_free(&text);
    char *prefixes = kit_seal(bases[ALL], &st.honest);
    prefixes = kit_put(prefixes, T(EXC),
                       "<ds:Transform Algorithm=\"" EXC "\"><x:InclusiveNamespaces xmlns:x=\"" EXC
                       "\" PrefixList=\"a b c d e f g h i j k l m n o p q\"/></ds:Transform>");
    refused("prefixes without end", prefixes, &st, DGM_D_SIGNATURE_FORM);
    free(prefixes);
    close_stage(&st);
}

/* Comments are no part of what is signed, and no part of what is read: a value is what it was. */
static void test_comments(void)
{
    stage st = open_stage();
    char *whole = kit_seal(bases[ALL], &st.honest);
    whole = kit_put(whole, "<ID>A</ID>", "<ID>A<!-- evil --></ID>");
    kit_seen k = kit_verify(whole, st.trust);
    CU_ASSERT(k.status == DGM_OK);
    free(whole);
    close_stage(&st);
}

int main(void)
{
    static const test_case cases[] = {
        { "what the attacks begin with is genuine", test_bases },
        { "each attack is refused for its reason", test_table },
        { "keys and certificates of others", test_of_others },
        { "floods are refused in bounded time", test_floods },
        { "what is covered again and again has an end", test_again_and_again },
        { "comments change nothing", test_comments },
        { 0 },
    };
    return test_main("signature_attacks", cases);
}
