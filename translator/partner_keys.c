/* SPDX-License-Identifier: Apache-2.0
 *
 * partner_keys.c - the certificates that profiles of partners trust, and the keys with which is signed what goes to them: loaded
 * from the files that a profile names when a job first needs them, and kept as long as the context. Any thread, behind a lock.
 */
#include "context.h"
#include "files.h"
#include "partner.h"

#include "base/diag.h"

#include <openssl/crypto.h>

enum { LINE_MAX_BYTES = 1024, LINE_FILE_MAX = 1 << 16 };

typedef struct keys_of {
    dgm_trust *trust;
    dgm_signer *signer;
} keys_of;

struct dgm_partner_keys {
    pthread_mutex_t lock;
    keys_of *of; /* by partner */
};

dgm_status dgm_partner_keys_prepare(dgm_context *c)
{
    struct dgm_partner_keys *k = DGM_NEW(&c->arena, struct dgm_partner_keys, 1);
    if (!k) return DGM_NOMEM;
    k->of = DGM_NEW(&c->arena, keys_of, c->partner_count + 1);
    if (!k->of || pthread_mutex_init(&k->lock, NULL) != 0) return DGM_NOMEM;
    c->partner_keys = k;
    return DGM_OK;
}

void dgm_partner_keys_free(dgm_context *c)
{
    if (!c->partner_keys) return;
    for (size_t i = 0; i < c->partner_count; i++) {
        dgm_trust_free(c->partner_keys->of[i].trust);
        dgm_signer_free(c->partner_keys->of[i].signer);
    }
    pthread_mutex_destroy(&c->partner_keys->lock);
}

/* ---- files ---- */

static dgm_status unusable(dgm_diags *diags, const dgm_partner *p, const char *key, dgm_slice path, const char *why)
{
    dgm_diag *d = dgm_diags_add(diags, DGM_D_PARTNER_FILE, DGM_ERROR);
    dgm_diag_source(diags, d, p->path);
    dgm_diag_text(diags, d, dgm_slice_of(key));
    dgm_diag_text(diags, d, path);
    dgm_diag_text(diags, d, dgm_slice_of(why));
    return DGM_CONFIG;
}

static dgm_status read_file(dgm_arena *a, dgm_diags *diags, const dgm_partner *p, const char *key, dgm_slice path, size_t most,
                            dgm_slice *out)
{
    const char *why = "";
    dgm_status s = dgm_file_read(a, path, most, out, &why);
    return s == DGM_OK || s == DGM_NOMEM ? s : unusable(diags, p, key, path, why);
}

static void wipe(dgm_slice secret)
{
    if (secret.len) OPENSSL_cleanse((void *)(uintptr_t)secret.at, secret.len);
}

/* What was said from `first` on is about this file. */
static void about(dgm_diags *diags, size_t first, dgm_slice path)
{
    for (size_t i = first; diags && i < dgm_diags_count(diags); i++) dgm_diag_source(diags, dgm_diags_edit(diags, i), path);
}

static dgm_status load_trust(const dgm_context *c, const dgm_partner *p, dgm_diags *diags, dgm_trust **out)
{
    dgm_arena a;
    dgm_slice pem = { 0 };
    const dgm_slice path = p->xml.verify.trust;
    *out = NULL;
    if (!path.len) return DGM_OK;
    dgm_arena_init(&a, &c->mem);
    dgm_status s = read_file(&a, diags, p, "trust", path, DGM_PARTNER_PEM_MAX, &pem);
    size_t first = diags ? dgm_diags_count(diags) : 0;
    if (s == DGM_OK) s = dgm_trust_new(&c->mem, pem, diags, out);
    about(diags, first, path);
    dgm_arena_free(&a);
    return s;
}

/* The first line of the file, which is kept no longer than needed. */
static dgm_status passphrase_of(dgm_arena *a, const dgm_partner *p, dgm_diags *diags, dgm_slice *whole, dgm_slice *line)
{
    const dgm_slice path = p->xml.sign.passphrase;
    if (!path.len) return DGM_OK;
    dgm_status s = read_file(a, diags, p, "passphrase-from", path, LINE_FILE_MAX, whole);
    if (s != DGM_OK) return s;
    *line = dgm_slice_cut(*whole, '\n').head;
    if (line->len && line->at[line->len - 1] == '\r') line->len--;
    return line->len <= LINE_MAX_BYTES ? DGM_OK
                                       : unusable(diags, p, "passphrase-from", path, "its first line is longer than 1024 bytes");
}

static dgm_status load_signer(const dgm_context *c, const dgm_partner *p, dgm_slice passphrase, dgm_diags *diags, dgm_signer **out)
{
    dgm_arena a;
    dgm_slice secret = { 0 };
    dgm_signer_options o = { .struct_bytes = sizeof o,
                             .mem = c->mem,
                             .world = c->world,
                             .limits = c->limits,
                             .passphrase = passphrase,
                             .xades = p->xml.sign.xades };
    *out = NULL;
    if (!p->xml.sign.key.len) return DGM_OK;
    dgm_arena_init(&a, &c->mem);
    dgm_status s = passphrase_of(&a, p, diags, &secret, &o.passphrase);
    if (s == DGM_OK) s = read_file(&a, diags, p, "key", p->xml.sign.key, DGM_PARTNER_PEM_MAX, &o.key);
    if (s == DGM_OK) s = read_file(&a, diags, p, "cert", p->xml.sign.certificates, DGM_PARTNER_PEM_MAX, &o.certificates);
    size_t first = diags ? dgm_diags_count(diags) : 0;
    if (s == DGM_OK) s = dgm_signer_new(&o, diags, out);
    about(diags, first, p->xml.sign.key);
    wipe(secret);
    wipe(o.key);
    dgm_arena_free(&a);
    return s;
}

/* ---- kept ---- */

dgm_status dgm_partner_trust(const dgm_context *c, const dgm_partner *p, dgm_diags *diags, const dgm_trust **out)
{
    struct dgm_partner_keys *k = c->partner_keys;
    keys_of *of = &k->of[p - c->partners];
    pthread_mutex_lock(&k->lock);
    dgm_status s = of->trust ? DGM_OK : load_trust(c, p, diags, &of->trust);
    *out = of->trust;
    pthread_mutex_unlock(&k->lock);
    return s;
}

dgm_status dgm_partner_signer(const dgm_context *c, const dgm_partner *p, dgm_slice passphrase, dgm_diags *diags,
                              const dgm_signer **out)
{
    struct dgm_partner_keys *k = c->partner_keys;
    keys_of *of = &k->of[p - c->partners];
    pthread_mutex_lock(&k->lock);
    dgm_status s = of->signer ? DGM_OK : load_signer(c, p, passphrase, diags, &of->signer);
    *out = of->signer;
    pthread_mutex_unlock(&k->lock);
    return s;
}

dgm_status dgm_partner_keys_check(const dgm_context *c, const dgm_partner *p, dgm_slice passphrase, dgm_diags *diags)
{
    dgm_trust *trust = NULL;
    dgm_signer *signer = NULL;
    dgm_status s = load_trust(c, p, diags, &trust);
    dgm_status other = s == DGM_NOMEM ? s : load_signer(c, p, passphrase, diags, &signer);
    dgm_trust_free(trust);
    dgm_signer_free(signer);
    return s == DGM_OK ? other : s;
}
