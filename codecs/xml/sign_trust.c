/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_trust.c - whose certificate a signature is made with, and who vouches for it: the chain to a trusted certificate (RFC 5280,
 * by OpenSSL), at the time that is asked about. A key is never taken for more than its certificate is trusted. A dgm_trust is
 * read-only once made and may be shared by threads.
 */
#include "sign.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { CHAIN_MAX = 8, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 16384, STRONG = 2 };

struct dgm_trust {
    dgm_mem mem;
    X509_STORE *store;
    X509 *only; /* the single certificate that is of nobody who signs certificates; NULL: none or several. Of the store */
    uint32_t certificates, signers, revocations;
};

static int no_password(char *room, int bytes, int writing, void *ctx)
{
    (void)room, (void)bytes, (void)writing, (void)ctx;
    return -1; /* nobody is ever asked */
}

static bool take(dgm_trust *t, const X509_INFO *info)
{
    if (info->crl) t->revocations++;
    if (info->crl && X509_STORE_add_crl(t->store, info->crl) != 1) return false;
    if (!info->x509) return true;
    t->certificates++;
    bool twice = t->only && X509_cmp(t->only, info->x509) == 0; /* one that stands there again is no second one */
    if (!twice && X509_check_ca(info->x509) == 0) t->only = t->signers++ ? NULL : info->x509;
    return X509_STORE_add_cert(t->store, info->x509) == 1; /* the store keeps it */
}

dgm_status dgm_trust_new(const dgm_mem *mem, dgm_slice pem, dgm_diags *diags, dgm_trust **out)
{
    *out = NULL;
    dgm_mem m = mem && mem->grow ? *mem : dgm_mem_default();
    dgm_trust *t = dgm_mem_new(&m, sizeof *t);
    if (!t) return DGM_NOMEM;
    t->mem = m;
    t->store = X509_STORE_new();
    BIO *bio = pem.len <= INT32_MAX ? BIO_new_mem_buf(pem.at ? pem.at : "", (int)pem.len) : NULL;
    STACK_OF(X509_INFO) *all = bio ? PEM_X509_INFO_read_bio(bio, NULL, no_password, NULL) : NULL;
    bool good = t->store && all;
    for (int i = 0; good && i < sk_X509_INFO_num(all); i++) good = take(t, sk_X509_INFO_value(all, i));
    sk_X509_INFO_pop_free(all, X509_INFO_free);
    BIO_free(bio);
    ERR_clear_error();
    if (t->store && good && t->certificates) {
        *out = t;
        return DGM_OK;
    }
    dgm_status st = t->store ? DGM_CONFIG : DGM_NOMEM;
    if (st == DGM_CONFIG) dgm_diags_add(diags, DGM_D_SIGNATURE_TRUST_FILE, DGM_ERROR);
    dgm_trust_free(t);
    return st;
}

void dgm_trust_free(dgm_trust *t)
{
    if (!t) return;
    dgm_mem m = t->mem;
    X509_STORE_free(t->store);
    dgm_mem_free(&m, t, sizeof *t);
}

/* ---- how certificates are told of ---- */

dgm_slice dgm_certificate_name(dgm_arena *a, const X509_NAME *name)
{
    BIO *bio = BIO_new(BIO_s_mem());
    dgm_slice text = { 0 };
    char *at = NULL;
    if (bio && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
        long n = BIO_get_mem_data(bio, &at);
        text = dgm_arena_copy(a, (dgm_slice){ at, n > 0 ? (size_t)n : 0 });
    }
    BIO_free(bio);
    return text;
}

static dgm_slice date_of(dgm_arena *a, const ASN1_TIME *t)
{
    struct tm at;
    if (!t || ASN1_TIME_to_tm(t, &at) != 1) return (dgm_slice){ 0 };
    return dgm_arena_print(a, "%04d-%02d-%02dT%02d:%02d:%02dZ", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
                           at.tm_sec);
}

static dgm_slice serial_of(dgm_arena *a, const X509 *x)
{
    BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    char *hex = n ? BN_bn2hex(n) : NULL;
    dgm_slice text = hex ? dgm_arena_copy(a, dgm_slice_of(hex)) : (dgm_slice){ 0 };
    OPENSSL_free(hex);
    BN_free(n);
    return text;
}

static void tell(dgm_signed *d, dgm_one_signature *s)
{
    const X509 *x = s->signer;
    s->told.subject = dgm_certificate_name(&d->arena, X509_get_subject_name(x));
    s->told.issuer = dgm_certificate_name(&d->arena, X509_get_issuer_name(x));
    s->told.serial = serial_of(&d->arena, x);
    s->told.valid_from = date_of(&d->arena, X509_get0_notBefore(x));
    s->told.valid_until = date_of(&d->arena, X509_get0_notAfter(x));
}

/* ---- whose it is ---- */

/* The one that issued none of the others. */
static X509 *leaf(const dgm_one_signature *s)
{
    for (uint32_t i = 0; i < s->certificate_count; i++) {
        const X509_NAME *subject = X509_get_subject_name(s->certificates[i]);
        bool issued = false;
        for (uint32_t k = 0; k < s->certificate_count && !issued; k++)
            issued = k != i && X509_NAME_cmp(X509_get_issuer_name(s->certificates[k]), subject) == 0 &&
                     X509_cmp(s->certificates[k], s->certificates[i]) != 0;
        if (!issued) return s->certificates[i];
    }
    return s->certificate_count ? s->certificates[0] : NULL;
}

dgm_key_kind dgm_key_kind_of(const EVP_PKEY *key, char *why, size_t bytes)
{
    char curve[64] = "";
    int bits = EVP_PKEY_get_bits(key);
    if (EVP_PKEY_is_a(key, "RSA")) {
        if (bits >= RSA_BITS_MIN && bits <= RSA_BITS_MAX) return DGM_KEY_RSA;
        snprintf(why, bytes, "RSA of %d bits", bits);
    } else if (EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1) {
        static const char *const curves[] = { "prime256v1", "P-256", "secp384r1", "P-384", "secp521r1", "P-521" };
        for (size_t i = 0; i < sizeof curves / sizeof *curves; i++)
            if (strcmp(curve, curves[i]) == 0) return DGM_KEY_EC;
        snprintf(why, bytes, "EC on %s", curve);
    } else {
        const char *name = EVP_PKEY_get0_type_name(key);
        snprintf(why, bytes, "%s", name ? name : "of an unknown kind");
    }
    return DGM_KEY_NONE;
}

static void say_name(dgm_signed *d, dgm_one_signature *s, dgm_diag_code code, dgm_slice name, dgm_slice second)
{
    dgm_diag *g = dgm_signature_say(d, s, code);
    dgm_diag_text(d->diags, g, name);
    if (second.at) dgm_diag_text(d->diags, g, second);
}

/* ---- who vouches for it ---- */

static void say_chain(dgm_signed *d, dgm_one_signature *s, X509_STORE_CTX *c, int error)
{
    X509 *x = X509_STORE_CTX_get_current_cert(c);
    if (!x) x = s->signer;
    dgm_slice name = dgm_certificate_name(&d->arena, X509_get_subject_name(x));
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        say_name(d, s, DGM_D_SIGNATURE_EXPIRED, name, date_of(&d->arena, X509_get0_notAfter(x)));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        say_name(d, s, DGM_D_SIGNATURE_EARLY, name, date_of(&d->arena, X509_get0_notBefore(x)));
        break;
    case X509_V_ERR_CERT_REVOKED: say_name(d, s, DGM_D_SIGNATURE_REVOKED, name, (dgm_slice){ 0 }); break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        say_name(d, s, DGM_D_SIGNATURE_ISSUER, name, dgm_certificate_name(&d->arena, X509_get_issuer_name(x)));
        break;
    default: say_name(d, s, DGM_D_SIGNATURE_CHAIN, name, dgm_slice_of(X509_verify_cert_error_string(error))); break;
    }
}

/* A list is asked about every certificate of the way that its issuer gave one for; the signer's own issuer must have given one. */
static int without_list(int good, X509_STORE_CTX *c)
{
    bool missing = !good && X509_STORE_CTX_get_error(c) == X509_V_ERR_UNABLE_TO_GET_CRL;
    return good || (missing && X509_STORE_CTX_get_error_depth(c) > 0);
}

static dgm_status chain(dgm_signed *d, dgm_one_signature *s, const dgm_trust *trust, int64_t at_ms, bool allow_sha1)
{
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    bool good = c && others;
    for (uint32_t i = 0; i < s->certificate_count && good; i++) good = sk_X509_push(others, s->certificates[i]) > 0;
    good = good && X509_STORE_CTX_init(c, trust->store, s->signer, others) == 1;
    if (good) {
        X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
        X509_VERIFY_PARAM_set_time(p, (time_t)(at_ms / 1000));
        X509_VERIFY_PARAM_set_depth(p, CHAIN_MAX);
        X509_VERIFY_PARAM_set_auth_level(p, allow_sha1 ? 0 : STRONG);
        /* A partner's own certificate may be what is trusted. */
        const unsigned long lists = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
        X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_PARTIAL_CHAIN | (trust->revocations ? lists : 0));
        X509_STORE_CTX_set_verify_cb(c, without_list);
        int error = X509_verify_cert(c) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(c);
        STACK_OF(X509) *way = X509_STORE_CTX_get0_chain(c);
        if (error == X509_V_ERR_OUT_OF_MEM)
            good = false;
        else if (error != X509_V_OK || !way)
            say_chain(d, s, c, error);
        else
            s->told.anchor = dgm_certificate_name(&d->arena, X509_get_subject_name(sk_X509_value(way, sk_X509_num(way) - 1)));
    }
    sk_X509_free(others);
    X509_STORE_CTX_free(c);
    ERR_clear_error();
    return good ? DGM_OK : DGM_NOMEM;
}

dgm_status dgm_signature_whose(dgm_signed *d, dgm_one_signature *s, const dgm_trust *trust, int64_t at_ms, bool allow_sha1)
{
    char why[96] = "";
    s->signer = leaf(s);
    if (!s->signer && trust) s->signer = trust->only;
    if (!s->signer) {
        if (!s->bad) dgm_signature_say(d, s, DGM_D_SIGNATURE_CERTIFICATE_NONE);
        return DGM_OK;
    }
    tell(d, s);
    const EVP_PKEY *key = X509_get0_pubkey(s->signer);
    dgm_key_kind kind = key ? dgm_key_kind_of(key, why, sizeof why) : DGM_KEY_NONE;
    ERR_clear_error();
    if (kind == DGM_KEY_NONE)
        say_name(d, s, DGM_D_SIGNATURE_KEY_WEAK, s->told.subject, dgm_slice_of(*why ? why : "it cannot be read"));
    else if (s->method && s->method->key != kind)
        say_name(d, s, DGM_D_SIGNATURE_KEY_WEAK, s->told.subject, DGM_LITERAL("not of the kind that the signature method takes"));
    uint32_t usage = X509_get_key_usage(s->signer); /* all bits when it says nothing */
    if (!(usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)))
        say_name(d, s, DGM_D_SIGNATURE_USAGE, s->told.subject, (dgm_slice){ 0 });
    if (trust) return chain(d, s, trust, at_ms, allow_sha1);
    say_name(d, s, DGM_D_SIGNATURE_TRUST_NONE, s->told.subject, (dgm_slice){ 0 });
    return DGM_OK;
}
