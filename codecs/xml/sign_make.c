/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_make.c - an enveloped signature (XMLDSig 1.0), on wish as XAdES-B-B has it (EN 319 132-1, 5.2 and 6.3): a template is put
 * into the tree of the document, filled by libxmlsec1, and written before the end tag of the root; no other byte changes. A
 * dgm_signer is read-only once made and may be shared by threads.
 */
#include "sign.h"

#include <libxml/parser.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <time.h>

enum { PASSPHRASE_MAX = 1024 };

struct dgm_signer {
    dgm_mem mem;
    dgm_world world;
    dgm_limits limits;
    dgm_arena arena;
    EVP_PKEY *key;
    const char *method;
    dgm_slice certificates; /* as X509Certificate elements */
    dgm_slice digest;       /* of the first, SHA-256, in Base64 */
    bool xades;
};

/* ---- the key ---- */

static int passphrase(char *room, int bytes, int writing, void *ctx)
{
    const dgm_slice *text = ctx;
    (void)writing;
    if (!text->len || text->len > (size_t)bytes) return -1;
    memcpy(room, text->at, text->len);
    return (int)text->len;
}

static BIO *pem_of(dgm_slice text)
{
    return text.len && text.len <= INT32_MAX ? BIO_new_mem_buf(text.at, (int)text.len) : NULL;
}

static dgm_status bad_key(dgm_diags *diags, const char *why)
{
    dgm_diag *g = dgm_diags_add(diags, DGM_D_SIGNATURE_KEY, DGM_ERROR);
    dgm_diag_text(diags, g, dgm_slice_of(why));
    return DGM_CONFIG;
}

static dgm_status load_key(dgm_signer *s, const dgm_signer_options *o, dgm_diags *diags)
{
    dgm_slice word = o->passphrase;
    BIO *bio = pem_of(o->key);
    s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, passphrase, &word) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    if (!s->key) {
        bool locked = o->key.len && memmem(o->key.at, o->key.len, "ENCRYPTED", 9) != NULL;
        if (!locked) return bad_key(diags, "it is no private key in PEM");
        return bad_key(diags, word.len ? "the passphrase does not open it" : "it needs a passphrase");
    }
    char why[96] = "";
    switch (dgm_key_kind_of(s->key, why, sizeof why)) {
    case DGM_KEY_RSA: s->method = dgm_signature_methods[0].uri; return DGM_OK;
    case DGM_KEY_EC: s->method = dgm_signature_methods[3].uri; return DGM_OK;
    case DGM_KEY_NONE: break;
    }
    return bad_key(diags, why);
}

/* ---- the certificates ---- */

static dgm_slice base64_of(dgm_arena *a, const unsigned char *bytes, size_t n)
{
    char *room = n < INT32_MAX / 2 ? DGM_NEW(a, char, (n + 2) / 3 * 4 + 1) : NULL;
    if (!room) return (dgm_slice){ 0 };
    int len = EVP_EncodeBlock((unsigned char *)room, bytes, (int)n);
    return (dgm_slice){ room, len > 0 ? (size_t)len : 0 };
}

static dgm_status add_certificate(dgm_signer *s, dgm_buffer *to, X509 *x)
{
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    dgm_slice text = n > 0 ? base64_of(&s->arena, der, (size_t)n) : (dgm_slice){ 0 };
    OPENSSL_free(der);
    if (!text.at) return DGM_NOMEM;
    return dgm_buffer_print(to, "<ds:X509Certificate>%.*s</ds:X509Certificate>", (int)text.len, text.at);
}

static dgm_status first_certificate(dgm_signer *s, X509 *x, dgm_diags *diags)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int bytes = 0;
    if (X509_check_private_key(x, s->key) != 1) {
        dgm_diag *g = dgm_diags_add(diags, DGM_D_SIGNATURE_KEY_OTHER, DGM_ERROR);
        dgm_diag_text(diags, g, dgm_certificate_name(&s->arena, X509_get_subject_name(x)));
        ERR_clear_error();
        return DGM_CONFIG;
    }
    if (X509_digest(x, EVP_sha256(), digest, &bytes) != 1) return DGM_NOMEM;
    s->digest = base64_of(&s->arena, digest, bytes);
    return s->digest.at ? DGM_OK : DGM_NOMEM;
}

static dgm_status load_certificates(dgm_signer *s, const dgm_signer_options *o, dgm_diags *diags)
{
    BIO *bio = pem_of(o->certificates);
    dgm_buffer text;
    dgm_buffer_init(&text, &s->mem);
    dgm_status st = DGM_OK;
    uint32_t n = 0;
    dgm_slice none = { 0 };
    for (X509 *x; bio && st == DGM_OK && (x = PEM_read_bio_X509(bio, NULL, passphrase, &none)); X509_free(x)) {
        if (n == 0) st = first_certificate(s, x, diags);
        if (st == DGM_OK && n < DGM_CERTIFICATES_MAX) st = add_certificate(s, &text, x);
        n++;
    }
    BIO_free(bio);
    ERR_clear_error();
    if (st == DGM_OK && !n) {
        dgm_diags_add(diags, DGM_D_SIGNATURE_TRUST_FILE, DGM_ERROR);
        st = DGM_CONFIG;
    }
    if (st == DGM_OK) s->certificates = dgm_arena_copy(&s->arena, dgm_buffer_slice(&text));
    dgm_buffer_free(&text);
    return st == DGM_OK && !s->certificates.at ? DGM_NOMEM : st;
}

dgm_status dgm_signer_new(const dgm_signer_options *o, dgm_diags *diags, dgm_signer **out)
{
    *out = NULL;
    if (!o || o->struct_bytes != sizeof *o) return DGM_USAGE;
    dgm_mem mem = o->mem.grow ? o->mem : dgm_mem_default();
    dgm_signer *s = dgm_mem_new(&mem, sizeof *s);
    if (!s) return DGM_NOMEM;
    s->mem = mem;
    s->world = o->world.now_ms ? o->world : dgm_world_default();
    s->limits = o->limits;
    s->xades = o->xades;
    dgm_arena_init(&s->arena, &mem);
    dgm_status st = o->passphrase.len > PASSPHRASE_MAX ? bad_key(diags, "its passphrase is too long") : load_key(s, o, diags);
    if (st == DGM_OK) st = load_certificates(s, o, diags);
    if (st == DGM_CONFIG && dgm_diags_failed(diags)) st = DGM_NOMEM;
    if (st == DGM_OK)
        *out = s;
    else
        dgm_signer_free(s);
    return st;
}

void dgm_signer_free(dgm_signer *s)
{
    if (!s) return;
    dgm_mem mem = s->mem;
    EVP_PKEY_free(s->key);
    dgm_arena_free(&s->arena);
    dgm_mem_free(&mem, s, sizeof *s);
}

/* ---- the template ---- */

#define OPEN_REFERENCE "<ds:Transforms>"
#define EXCLUSIVE      "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>"
#define SHA256         "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>"
#define DIGEST         EXCLUSIVE SHA256 "<ds:DigestValue/></ds:Reference>"

static dgm_status signed_info(const dgm_signer *s, dgm_buffer *b, const char *id)
{
    dgm_status st = dgm_buffer_print(b,
                                     "<ds:Signature xmlns:ds=\"" DGM_DSIG_NS "\" Id=\"sig-%s\"><ds:SignedInfo>"
                                     "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
                                     "<ds:SignatureMethod Algorithm=\"%s\"/>"
                                     "<ds:Reference Id=\"ref-%s\" URI=\"\">" OPEN_REFERENCE "<ds:Transform Algorithm=\"" DGM_DSIG_NS
                                     "enveloped-signature\"/>" DIGEST,
                                     id, s->method, id);
    if (st == DGM_OK && s->xades)
        st = dgm_buffer_print(
            b, "<ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#props-%s\">" OPEN_REFERENCE DIGEST, id);
    if (st == DGM_OK)
        st = dgm_buffer_print(b, "</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data>%.*s</ds:X509Data></ds:KeyInfo>",
                              (int)s->certificates.len, s->certificates.at);
    return st;
}

static dgm_status properties(const dgm_signer *s, dgm_buffer *b, const char *id)
{
    time_t now = (time_t)(s->world.now_ms(s->world.ctx) / 1000);
    struct tm at;
    if (!gmtime_r(&now, &at)) return DGM_DEFECT;
    return dgm_buffer_print(b,
                            "<ds:Object><xades:QualifyingProperties xmlns:xades=\"" DGM_XADES_NS "\" Target=\"#sig-%s\">"
                            "<xades:SignedProperties Id=\"props-%s\"><xades:SignedSignatureProperties>"
                            "<xades:SigningTime>%04d-%02d-%02dT%02d:%02d:%02dZ</xades:SigningTime>"
                            "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest>" SHA256
                            "<ds:DigestValue>%.*s</ds:DigestValue>"
                            "</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties>"
                            "<xades:SignedDataObjectProperties><xades:DataObjectFormat ObjectReference=\"#ref-%s\">"
                            "<xades:MimeType>text/xml</xades:MimeType></xades:DataObjectFormat></xades:SignedDataObjectProperties>"
                            "</xades:SignedProperties></xades:QualifyingProperties></ds:Object>",
                            id, id, at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec,
                            (int)s->digest.len, s->digest.at, id);
}

static dgm_status template_of(const dgm_signer *s, dgm_buffer *b)
{
    unsigned char seed[16];
    char id[2 * sizeof seed + 1];
    dgm_status st = s->world.random(s->world.ctx, seed, sizeof seed);
    for (size_t i = 0; i < sizeof seed; i++) snprintf(id + 2 * i, 3, "%02x", seed[i]);
    if (st == DGM_OK) st = signed_info(s, b, id);
    if (st == DGM_OK && s->xades) st = properties(s, b, id);
    return st == DGM_OK ? dgm_buffer_append(b, DGM_LITERAL("</ds:Signature>")) : st;
}

/* ---- into the document ---- */

static void names_an_id(xmlDocPtr doc, xmlNodePtr node)
{
    for (xmlAttrPtr a = node->properties; a; a = a->next)
        if (strcmp((const char *)a->name, "Id") == 0 && a->children) (void)xmlAddID(NULL, doc, a->children->content, a);
}

/* The template as the last child of the root; its signed properties are known by their Id. */
static dgm_status put_in(dgm_signed *d, dgm_slice text, xmlNodePtr *out)
{
    xmlDocPtr made =
        text.len < INT32_MAX ? xmlReadMemory(text.at, (int)text.len, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE) : NULL;
    xmlNodePtr node = made ? xmlDocCopyNode(xmlDocGetRootElement(made), d->doc, 1) : NULL;
    xmlFreeDoc(made);
    if (!node) return DGM_NOMEM;
    if (!xmlAddChild(d->root, node)) {
        xmlFreeNode(node);
        return DGM_NOMEM;
    }
    xmlNodePtr last = node->last; /* KeyInfo, or the Object with the properties */
    xmlNodePtr all = dgm_xml_is(last, DGM_DSIG_NS, "Object") ? dgm_xml_first(last) : NULL;
    if (all) names_an_id(d->doc, dgm_xml_first(all));
    *out = node;
    return DGM_OK;
}

/* As text: it declares the namespaces it needs itself. */
static dgm_status text_of(dgm_signed *d, xmlNodePtr node, dgm_buffer *b)
{
    xmlBufferPtr room = xmlBufferCreate();
    int n = room ? xmlNodeDump(room, d->doc, node, 0, 0) : -1;
    b->len = 0;
    dgm_status st = n > 0 ? dgm_buffer_append(b, (dgm_slice){ (const char *)xmlBufferContent(room), (size_t)n }) : DGM_NOMEM;
    xmlBufferFree(room);
    return st;
}

/* Is a byte of ASCII that byte in this encoding? Then a signature can be put between the others. */
static bool takes_ascii(const dgm_xml_input *in)
{
    if (in->width == DGM_XML_UTF16 || in->width == DGM_XML_UTF32) return false;
    dgm_slice raw = dgm_xml_input_raw(in);
    return raw.len > in->mark && raw.at[in->mark] != 0x4C; /* what `<` is in EBCDIC */
}

static dgm_status write_all(const dgm_signed *d, dgm_slice document, size_t at, dgm_slice signature, dgm_sink sink)
{
    dgm_slice name = dgm_slice_of((const char *)d->root->name);
    dgm_slice prefix = d->root->ns && d->root->ns->prefix ? dgm_slice_of((const char *)d->root->ns->prefix) : (dgm_slice){ 0 };
    dgm_status st = dgm_sink_put(sink, dgm_slice_part(document, 0, at));
    if (st == DGM_OK && d->root_empty) st = dgm_sink_put(sink, DGM_LITERAL(">"));
    if (st == DGM_OK) st = dgm_sink_put(sink, signature);
    if (!d->root_empty) return st == DGM_OK ? dgm_sink_put(sink, dgm_slice_part(document, at, document.len)) : st;
    if (st == DGM_OK) st = dgm_sink_put(sink, DGM_LITERAL("</"));
    if (st == DGM_OK) st = dgm_sink_put(sink, prefix);
    if (st == DGM_OK && prefix.len) st = dgm_sink_put(sink, DGM_LITERAL(":"));
    if (st == DGM_OK) st = dgm_sink_put(sink, name);
    if (st == DGM_OK) st = dgm_sink_put(sink, DGM_LITERAL(">"));
    return st == DGM_OK ? dgm_sink_put(sink, dgm_slice_part(document, at + 2, document.len)) : st;
}

static dgm_status sign(const dgm_signer *s, dgm_signed *d, dgm_slice document, dgm_buffer *text, dgm_sink sink)
{
    xmlNodePtr node = NULL;
    if (d->signature_count) {
        dgm_signed_say(d, DGM_D_SIGNATURE_SIGNED, d->from[0]);
        return DGM_INVALID;
    }
    bool ascii_name = d->in.width == DGM_XML_UTF8 || !d->root_empty; /* the root's name is written again then */
    if (!takes_ascii(&d->in) || !ascii_name) {
        dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_ENCODING, 0);
        dgm_diag_text(d->diags, g, dgm_slice_of(d->in.name));
        return DGM_INVALID;
    }
    uint64_t at = dgm_xml_input_offset(&d->in, d->root_end);
    dgm_status st = at == UINT64_MAX ? DGM_NOMEM : template_of(s, text);
    if (st == DGM_OK) st = put_in(d, dgm_buffer_slice(text), &node);
    if (st == DGM_OK) st = dgm_signature_fill(node, s->key);
    if (st == DGM_OK) st = text_of(d, node, text);
    return st == DGM_OK ? write_all(d, document, (size_t)at, dgm_buffer_slice(text), sink) : st;
}

dgm_status dgm_sign(const dgm_signer *s, dgm_slice document, dgm_diags *diags, dgm_sink sink)
{
    if (!s || !sink.write || (!document.at && document.len)) return DGM_USAGE;
    dgm_signed d = { 0 };
    dgm_buffer text;
    dgm_buffer_init(&text, &s->mem);
    dgm_quiet quiet;
    dgm_quiet_begin(&quiet);
    dgm_status st = dgm_xmlsec_ready();
    if (st == DGM_OK) st = dgm_signed_read(&d, &s->mem, &s->limits, document, (dgm_slice){ 0 }, diags);
    if (st == DGM_OK) st = sign(s, &d, document, &text, sink);
    if (d.mem.grow) dgm_signed_free(&d);
    dgm_buffer_free(&text);
    dgm_quiet_end(&quiet);
    ERR_clear_error();
    return st != DGM_NOMEM && dgm_diags_failed(diags) ? DGM_NOMEM : st;
}
