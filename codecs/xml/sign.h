/* SPDX-License-Identifier: Apache-2.0
 *
 * sign.h - what the files of XML signatures share: the document as a tree under limits (sign_document.c), libxmlsec1 made ready
 * (sign_run.c), what one Signature says (sign_form.c), whose certificate it is (sign_trust.c), the verdict (sign_verify.c), and the
 * way to a signed document (sign_make.c). One thread for each document.
 */
#ifndef DGM_CODECS_XML_SIGN_H
#define DGM_CODECS_XML_SIGN_H

#include "base/buffer.h"
#include "xml.h"

#include <libxml/tree.h>
#include <openssl/x509.h>

#define DGM_DSIG_NS  "http://www.w3.org/2000/09/xmldsig#"
#define DGM_XADES_NS "http://uri.etsi.org/01903/v1.3.2#"

enum { DGM_SIGNATURES_MAX = 8, DGM_REFERENCES_MAX = 16, DGM_TRANSFORMS_MAX = 2, DGM_CERTIFICATES_MAX = 10 };
enum { DGM_KEY_INFO_BYTES_MAX = 128 << 10, DGM_PREFIXES_MAX = 16 };
enum { DGM_SIGNED_BYTES_A_NODE = 8, DGM_SIGNED_VISITS_A_NODE = 4, DGM_SIGNED_WORK_MAX = 1 << 27, DGM_SIGNED_BYTES = 16 << 20 };

/* ---- sign_document.c ---- */

typedef struct dgm_signed {
    dgm_mem mem;
    dgm_arena arena;
    dgm_limits limits; /* with what 0 stands for */
    dgm_diags *diags;
    dgm_xml_input in;
    xmlDocPtr doc;
    xmlNodePtr root;
    xmlNodePtr signatures[DGM_SIGNATURES_MAX];
    size_t from[DGM_SIGNATURES_MAX], to[DGM_SIGNATURES_MAX]; /* in the text */
    uint32_t signature_count;
    size_t root_end; /* in the text: where the root's end tag begins, or "/>" of a root without content */
    bool root_empty; /* it is "/>" */
    uint32_t errors; /* said by dgm_signed_say */
    /* while it is read */
    uint32_t depth, signature_depth;
    uint32_t namespaces[DGM_DEPTH_MAX + 1]; /* declared on the way down to each level */
    uint64_t nodes, work;
    uint64_t visits; /* of nodes, by all references together, when their canonical forms are made */
    dgm_diag_code stop;
    const char *stop_of; /* of a limit: what there is too much of */
    uint64_t stop_most;
    size_t stop_at;
} dgm_signed;

/* Reads a document that must have no DOCTYPE. DGM_OK; DGM_SYNTAX, DGM_LIMIT, DGM_INVALID said; DGM_NOMEM. dgm_signed_free() in any
 * case. */
dgm_status dgm_signed_read(dgm_signed *d, const dgm_mem *mem, const dgm_limits *limits, dgm_slice document, dgm_slice encoding,
                           dgm_diags *diags);
void dgm_signed_free(dgm_signed *d);
/* An error at an offset of the text. The record is to be filled, or NULL. */
dgm_diag *dgm_signed_say(dgm_signed *d, dgm_diag_code code, size_t text_at);
/* The only attribute that gives this Id; NULL: none does, or *twice. */
xmlAttrPtr dgm_signed_id(const dgm_signed *d, dgm_slice id, bool *twice);
/* "/Envelope/Body" */
dgm_slice dgm_signed_path(dgm_signed *d, const xmlNode *node);
uint64_t dgm_signed_nodes(xmlNodePtr top);                         /* elements and attributes, namespaces among them */
bool dgm_signed_within(const xmlNode *node, const xmlNode *above); /* it is that, or below it */

/* Offset of the last such mark before an offset; 0: none. */
size_t dgm_xml_mark(dgm_slice text, size_t before, char mark);

/* Elements only. */
xmlNodePtr dgm_xml_first(xmlNodePtr parent);
xmlNodePtr dgm_xml_after(xmlNodePtr node);
bool dgm_xml_is(const xmlNode *node, const char *ns, const char *name);
/* All text of an element without children; at NULL when there are such or it is longer than `most`, or no memory. In the arena. */
dgm_slice dgm_xml_text(dgm_signed *d, const xmlNode *node, size_t most);
dgm_slice dgm_xml_attribute_of(dgm_signed *d, const xmlNode *node,
                               const char *name); /* at NULL: it has none, or one of a namespace by that name */
/* Bytes of Base64 text with white space; at NULL when it is none. */
dgm_slice dgm_signed_base64(dgm_arena *a, dgm_slice text);

/* ---- sign_form.c ---- */

typedef enum dgm_key_kind { DGM_KEY_RSA, DGM_KEY_EC, DGM_KEY_NONE } dgm_key_kind;
typedef struct dgm_algorithm {
    const char *uri, *name;
    dgm_key_kind key; /* of signature methods */
    bool weak;
    const char *evp; /* OpenSSL's name of a digest */
} dgm_algorithm;
extern const dgm_algorithm dgm_signature_methods[], dgm_digest_methods[], dgm_canonical_methods[]; /* end with a NULL uri */
const dgm_algorithm *dgm_algorithm_of(const dgm_algorithm *list, dgm_slice uri);

typedef struct dgm_one_reference {
    dgm_slice uri;
    xmlNodePtr target;
    xmlAttrPtr id; /* by which it was found; NULL: the whole document */
} dgm_one_reference;

typedef struct dgm_one_signature {
    dgm_signature told;
    xmlNodePtr node, key_info, properties; /* XAdES SignedProperties */
    size_t text_at;
    const dgm_algorithm *method;
    dgm_one_reference references[DGM_REFERENCES_MAX];
    uint32_t reference_count;
    X509 *certificates[DGM_CERTIFICATES_MAX]; /* of KeyInfo; owned */
    uint32_t certificate_count;
    X509 *signer; /* one of these, or of the trust */
    bool bad;     /* something was said against it */
} dgm_one_signature;

/* What it says, held against what is allowed; what is wrong is said. DGM_OK also then (bad), or DGM_NOMEM. */
dgm_status dgm_signature_form(dgm_signed *d, dgm_one_signature *s, bool allow_sha1);
dgm_diag *dgm_signature_say(dgm_signed *d, dgm_one_signature *s, dgm_diag_code code);

/* ---- sign_trust.c ---- */

/* Whose certificate it is, whether it may sign, and whether it leads to one that is trusted. */
dgm_status dgm_signature_whose(dgm_signed *d, dgm_one_signature *s, const dgm_trust *trust, int64_t at_ms, bool allow_sha1);
dgm_key_kind dgm_key_kind_of(const EVP_PKEY *key, char *why, size_t bytes); /* NONE: `why` says what it is */
dgm_slice dgm_certificate_name(dgm_arena *a, const X509_NAME *name);

/* ---- sign_run.c ---- */

/* libxmlsec1, once for the process. */
dgm_status dgm_xmlsec_ready(void);
/* Nothing is printed by libxml2 or libxmlsec1 in this thread between these. */
typedef struct dgm_quiet {
    void *generic_ctx, *structured_ctx;
    void (*generic)(void *ctx, const char *text, ...);
    void (*structured)(void *ctx, xmlErrorPtr error);
} dgm_quiet;
void dgm_quiet_begin(dgm_quiet *q);
void dgm_quiet_end(const dgm_quiet *q);
/* Digests and value with that key (borrowed). *reference: the number of the reference that differs, from 1; 0: the value does. */
dgm_status dgm_signature_run(dgm_signed *d, dgm_one_signature *s, EVP_PKEY *key, bool *intact, uint32_t *reference);
/* Fills digests and value of a template in the document. */
dgm_status dgm_signature_fill(xmlNodePtr template, EVP_PKEY *key);

#endif
