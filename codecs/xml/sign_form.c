/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_form.c - what one Signature says (XMLDSig, 4), held against what is allowed before anything is computed: elements in their
 * order, algorithms and transforms of a short list, references to the whole document or to one element by its Id. Whatever is not
 * on a list here is never seen by libxmlsec1. One thread for each document.
 */
#include "sign.h"

#include <stdio.h>

const dgm_algorithm dgm_signature_methods[] = {
    { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "RSA-SHA256", DGM_KEY_RSA, false, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", "RSA-SHA384", DGM_KEY_RSA, false, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", "RSA-SHA512", DGM_KEY_RSA, false, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", "ECDSA-SHA256", DGM_KEY_EC, false, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384", "ECDSA-SHA384", DGM_KEY_EC, false, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", "ECDSA-SHA512", DGM_KEY_EC, false, NULL },
    { DGM_DSIG_NS "rsa-sha1", "RSA-SHA1", DGM_KEY_RSA, true, NULL },
    { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", "ECDSA-SHA1", DGM_KEY_EC, true, NULL },
    { NULL, NULL, DGM_KEY_NONE, false, NULL },
};

const dgm_algorithm dgm_digest_methods[] = {
    { "http://www.w3.org/2001/04/xmlenc#sha256", "SHA-256", DGM_KEY_NONE, false, "SHA256" },
    { "http://www.w3.org/2001/04/xmldsig-more#sha384", "SHA-384", DGM_KEY_NONE, false, "SHA384" },
    { "http://www.w3.org/2001/04/xmlenc#sha512", "SHA-512", DGM_KEY_NONE, false, "SHA512" },
    { DGM_DSIG_NS "sha1", "SHA-1", DGM_KEY_NONE, true, "SHA1" },
    { NULL, NULL, DGM_KEY_NONE, false, NULL },
};

#define C14N     "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"

const dgm_algorithm dgm_canonical_methods[] = {
    { C14N, "inclusive", DGM_KEY_NONE, false, NULL },
    { C14N "#WithComments", "inclusive with comments", DGM_KEY_NONE, false, NULL },
    { EXC_C14N, "exclusive", DGM_KEY_NONE, false, NULL },
    { EXC_C14N "WithComments", "exclusive with comments", DGM_KEY_NONE, false, NULL },
    { NULL, NULL, DGM_KEY_NONE, false, NULL },
};

const dgm_algorithm *dgm_algorithm_of(const dgm_algorithm *list, dgm_slice uri)
{
    for (; list->uri; list++)
        if (dgm_slice_is(uri, list->uri)) return list;
    return NULL;
}

dgm_diag *dgm_signature_say(dgm_signed *d, dgm_one_signature *s, dgm_diag_code code)
{
    dgm_diag *g = dgm_signed_say(d, code, s->text_at);
    if (g) g->bytes = s->told.bytes;
    s->bad = true;
    return g;
}

static void ill(dgm_signed *d, dgm_one_signature *s, const char *what)
{
    dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_FORM);
    dgm_diag_text(d->diags, g, dgm_slice_of(what));
}

static void say_one(dgm_signed *d, dgm_one_signature *s, dgm_diag_code code, dgm_slice text)
{
    dgm_diag *g = dgm_signature_say(d, s, code);
    dgm_diag_text(d->diags, g, text.len ? text : DGM_LITERAL("nothing"));
}

/* ---- algorithms ---- */

/* Words of a list that separates them by white space. */
static uint32_t words(dgm_slice list)
{
    uint32_t n = 0;
    for (size_t i = 0; i < list.len; i++) n += list.at[i] > ' ' && (i == 0 || list.at[i - 1] <= ' ');
    return n;
}

/* The only thing that may stand in one: prefixes of Exclusive XML Canonicalization (its 4.), and only there. */
static bool parameters_allowed(dgm_signed *d, xmlNodePtr node, dgm_slice uri, uint32_t *prefixes)
{
    *prefixes = 0;
    bool exclusive = uri.len >= sizeof EXC_C14N - 1 && memcmp(uri.at, EXC_C14N, sizeof EXC_C14N - 1) == 0;
    xmlNodePtr child = dgm_xml_first(node);
    if (!child) return true;
    dgm_slice list = dgm_xml_attribute_of(d, child, "PrefixList");
    *prefixes = words(list);
    return list.at && exclusive && dgm_xml_is(child, EXC_C14N, "InclusiveNamespaces") && !dgm_xml_after(child) &&
           !dgm_xml_first(child) && *prefixes <= DGM_PREFIXES_MAX;
}

static const dgm_algorithm *algorithm(dgm_signed *d, dgm_one_signature *s, xmlNodePtr node, const dgm_algorithm *list,
                                      const char *as, bool allow_sha1)
{
    dgm_slice uri = dgm_xml_attribute_of(d, node, "Algorithm");
    const dgm_algorithm *a = dgm_algorithm_of(list, uri);
    uint32_t prefixes;
    if (!a) {
        dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_ALGORITHM);
        dgm_diag_text(d->diags, g, uri.len ? uri : DGM_LITERAL("nothing"));
        dgm_diag_text(d->diags, g, dgm_slice_of(as));
    } else if (a->weak && !allow_sha1) {
        say_one(d, s, DGM_D_SIGNATURE_WEAK, dgm_slice_of(a->name));
    } else if (!parameters_allowed(d, node, uri, &prefixes)) {
        ill(d, s, "an algorithm has parameters that change it");
    }
    return a;
}

/* ---- references ---- */

static bool name_byte(char c, bool first)
{
    unsigned char u = (unsigned char)c;
    bool letter = (u >= 'A' && u <= 'Z') || (u >= 'a' && u <= 'z') || u == '_' || u >= 0x80;
    return letter || (!first && ((u >= '0' && u <= '9') || u == '-' || u == '.'));
}

/* "#" and a name without colon; nothing that a pointer could be made of. */
static bool plain_fragment(dgm_slice uri)
{
    if (uri.len < 2 || uri.len > 256 || uri.at[0] != '#') return false;
    for (size_t i = 1; i < uri.len; i++)
        if (!name_byte(uri.at[i], i == 1)) return false;
    return true;
}

static bool transforms(dgm_signed *d, dgm_one_signature *s, xmlNodePtr list, bool *enveloped, uint32_t *prefixes)
{
    uint32_t n = 0;
    for (xmlNodePtr t = dgm_xml_first(list); t; t = dgm_xml_after(t)) {
        if (!dgm_xml_is(t, DGM_DSIG_NS, "Transform")) {
            ill(d, s, "Transforms holds something else");
            return false;
        }
        if (n++ == DGM_TRANSFORMS_MAX) {
            ill(d, s, "a reference has more transforms than enveloped-signature and one canonical form");
            return false;
        }
        dgm_slice uri = dgm_xml_attribute_of(d, t, "Algorithm");
        bool is_enveloped = dgm_slice_is(uri, DGM_DSIG_NS "enveloped-signature");
        if (!is_enveloped && !dgm_algorithm_of(dgm_canonical_methods, uri)) {
            say_one(d, s, DGM_D_SIGNATURE_TRANSFORM, uri);
            return false;
        }
        bool in_place = n == 1 || (*enveloped && !is_enveloped);
        if (!in_place || !parameters_allowed(d, t, uri, prefixes)) {
            ill(d, s, "transforms are enveloped-signature, then a canonical form, without parameters that change them");
            return false;
        }
        *enveloped |= is_enveloped;
    }
    if (!n) ill(d, s, "Transforms is empty");
    return n > 0;
}

static void resolve(dgm_signed *d, dgm_one_signature *s, dgm_one_reference *r, bool enveloped)
{
    bool twice = false;
    if (r->uri.len == 0) {
        r->target = d->root;
    } else if (!plain_fragment(r->uri)) {
        say_one(d, s, DGM_D_SIGNATURE_OUTSIDE, r->uri);
        return;
    } else {
        dgm_slice id = dgm_slice_part(r->uri, 1, r->uri.len);
        r->id = dgm_signed_id(d, id, &twice);
        if (!r->id) {
            say_one(d, s, twice ? DGM_D_SIGNATURE_ID_TWICE : DGM_D_SIGNATURE_UNRESOLVED, id);
            return;
        }
        r->target = r->id->parent;
    }
    bool within = dgm_signed_within(s->node, r->target);
    if (within && !enveloped && s->node != d->root)
        ill(d, s, "it covers itself, without the transform enveloped-signature");
    else if (within && s->node == d->root)
        ill(d, s, "it covers itself");
}

/* Making a canonical form takes a visit to each node, and one more for each prefix; references may cover the same again and again.
 */
static void spend(dgm_signed *d, dgm_one_signature *s, xmlNodePtr target, uint32_t prefixes)
{
    uint64_t most = (uint64_t)d->limits.nodes_max * DGM_SIGNED_VISITS_A_NODE;
    d->visits += dgm_signed_nodes(target) * (1 + (uint64_t)prefixes);
    if (d->visits <= most) return;
    dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_LIMIT);
    dgm_diag_text(d->diags, g, DGM_LITERAL("nodes covered by all references together"));
    dgm_diag_number(d->diags, g, (int64_t)most);
}

static void reference(dgm_signed *d, dgm_one_signature *s, xmlNodePtr node, bool allow_sha1)
{
    if (s->reference_count == DGM_REFERENCES_MAX) {
        dgm_diag *g = dgm_signature_say(d, s, DGM_D_SIGNATURE_LIMIT);
        dgm_diag_text(d->diags, g, DGM_LITERAL("references of one signature"));
        dgm_diag_number(d->diags, g, DGM_REFERENCES_MAX);
        return;
    }
    dgm_one_reference *r = &s->references[s->reference_count++];
    bool enveloped = false;
    uint32_t prefixes = 0;
    xmlNodePtr child = dgm_xml_first(node);
    r->uri = dgm_xml_attribute_of(d, node, "URI");
    if (!r->uri.at) {
        ill(d, s, "a reference has no URI");
        return;
    }
    if (dgm_xml_is(child, DGM_DSIG_NS, "Transforms")) {
        if (!transforms(d, s, child, &enveloped, &prefixes)) return;
        child = dgm_xml_after(child);
    }
    if (!dgm_xml_is(child, DGM_DSIG_NS, "DigestMethod") || !dgm_xml_is(dgm_xml_after(child), DGM_DSIG_NS, "DigestValue") ||
        dgm_xml_after(dgm_xml_after(child))) {
        ill(d, s, "a reference is Transforms, DigestMethod, DigestValue");
        return;
    }
    const dgm_algorithm *digest = algorithm(d, s, child, dgm_digest_methods, "a digest", allow_sha1);
    if (digest && (!s->told.digest.len || digest->weak)) s->told.digest = dgm_slice_of(digest->name);
    resolve(d, s, r, enveloped);
    if (r->target) spend(d, s, r->target, prefixes);
}

static void signed_info(dgm_signed *d, dgm_one_signature *s, xmlNodePtr info, bool allow_sha1)
{
    xmlNodePtr canonical = dgm_xml_first(info), method = canonical ? dgm_xml_after(canonical) : NULL;
    if (!dgm_xml_is(canonical, DGM_DSIG_NS, "CanonicalizationMethod") || !dgm_xml_is(method, DGM_DSIG_NS, "SignatureMethod") ||
        !dgm_xml_after(method)) {
        ill(d, s, "SignedInfo is CanonicalizationMethod, SignatureMethod and one Reference or more");
        return;
    }
    const dgm_algorithm *a = algorithm(d, s, canonical, dgm_canonical_methods, "the canonical form", allow_sha1);
    if (a) s->told.canonical = dgm_slice_of(a->name);
    s->method = algorithm(d, s, method, dgm_signature_methods, "the signature method", allow_sha1);
    if (s->method) s->told.method = dgm_slice_of(s->method->name);
    for (xmlNodePtr n = dgm_xml_after(method); n && s->reference_count <= DGM_REFERENCES_MAX; n = dgm_xml_after(n)) {
        if (!dgm_xml_is(n, DGM_DSIG_NS, "Reference")) {
            ill(d, s, "SignedInfo holds something else than references");
            return;
        }
        bool full = s->reference_count == DGM_REFERENCES_MAX;
        reference(d, s, n, allow_sha1);
        if (full) break;
    }
    s->told.references = s->reference_count;
}

/* ---- certificates ---- */

static bool certificate(dgm_signed *d, dgm_one_signature *s, const xmlNode *node)
{
    dgm_slice bytes = dgm_signed_base64(&d->arena, dgm_xml_text(d, node, DGM_KEY_INFO_BYTES_MAX));
    const unsigned char *at = (const unsigned char *)bytes.at;
    X509 *x = bytes.len && s->certificate_count < DGM_CERTIFICATES_MAX ? d2i_X509(NULL, &at, (long)bytes.len) : NULL;
    if (!x || at != (const unsigned char *)bytes.at + bytes.len) {
        X509_free(x);
        dgm_signature_say(d, s, DGM_D_SIGNATURE_CERTIFICATE_BAD);
        return false;
    }
    s->certificates[s->certificate_count++] = x;
    return true;
}

/* Of KeyInfo only certificates are looked at: a key, a name or a place to get one from is nobody's word. */
static void key_info(dgm_signed *d, dgm_one_signature *s)
{
    for (xmlNodePtr data = dgm_xml_first(s->key_info); data; data = dgm_xml_after(data)) {
        if (!dgm_xml_is(data, DGM_DSIG_NS, "X509Data")) continue;
        for (xmlNodePtr n = dgm_xml_first(data); n; n = dgm_xml_after(n))
            if (dgm_xml_is(n, DGM_DSIG_NS, "X509Certificate") && !certificate(d, s, n)) return;
    }
}

/* ---- objects ---- */

static bool targeted(const dgm_one_signature *s, const xmlNode *node)
{
    for (uint32_t i = 0; i < s->reference_count; i++)
        if (s->references[i].target == node) return true;
    return false;
}

/* An Object is covered, or each element in it is; or it holds XAdES properties, of which the signed ones are. */
static void object(dgm_signed *d, dgm_one_signature *s, xmlNodePtr node)
{
    xmlNodePtr only = dgm_xml_first(node);
    if (dgm_xml_is(only, DGM_XADES_NS, "QualifyingProperties") && !dgm_xml_after(only)) {
        xmlNodePtr properties = dgm_xml_first(only);
        bool is = dgm_xml_is(properties, DGM_XADES_NS, "SignedProperties");
        if (is && !s->properties && (targeted(s, properties) || targeted(s, only) || targeted(s, node)))
            s->properties = properties;
        else
            dgm_signature_say(d, s, DGM_D_SIGNATURE_XADES_OPEN);
        return;
    }
    if (targeted(s, node)) return;
    bool all = only != NULL;
    for (xmlNodePtr n = only; n; n = dgm_xml_after(n)) all &= targeted(s, n);
    for (const xmlNode *n = node->children; n && all; n = n->next) all = n->type != XML_TEXT_NODE || xmlIsBlankNode(n);
    if (!all) dgm_signature_say(d, s, DGM_D_SIGNATURE_OBJECT);
}

dgm_status dgm_signature_form(dgm_signed *d, dgm_one_signature *s, bool allow_sha1)
{
    xmlNodePtr info = dgm_xml_first(s->node), value = info ? dgm_xml_after(info) : NULL;
    if (!dgm_xml_is(info, DGM_DSIG_NS, "SignedInfo") || !dgm_xml_is(value, DGM_DSIG_NS, "SignatureValue") || dgm_xml_first(value)) {
        ill(d, s, "it begins with SignedInfo and SignatureValue");
        return DGM_OK;
    }
    signed_info(d, s, info, allow_sha1);
    xmlNodePtr n = dgm_xml_after(value);
    if (dgm_xml_is(n, DGM_DSIG_NS, "KeyInfo")) {
        s->key_info = n;
        key_info(d, s);
        n = dgm_xml_after(n);
    }
    for (; n; n = dgm_xml_after(n)) {
        if (!dgm_xml_is(n, DGM_DSIG_NS, "Object")) {
            ill(d, s, "behind SignatureValue come KeyInfo and Object only");
            break;
        }
        object(d, s, n);
    }
    return dgm_diags_failed(d->diags) ? DGM_NOMEM : DGM_OK;
}
