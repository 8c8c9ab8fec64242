/* SPDX-License-Identifier: Apache-2.0
 *
 * partner.h - profiles of partners: what was agreed with whoever sends an interchange, read from the files of mappings/partners/
 * and checked whole when a context is opened. Read-only then; any thread.
 */
#ifndef DGM_PARTNER_H
#define DGM_PARTNER_H

#include "base/arena.h"
#include "codecs/codecs.h"

struct dgm_context;

enum { DGM_PARTNER_PEM_MAX = 16 << 20 };

/* One thing that a header must say; any of the values will do. */
typedef enum dgm_partner_key {
    DGM_PARTNER_SENDER,
    DGM_PARTNER_SENDER_QUALIFIER,
    DGM_PARTNER_RECIPIENT,
    DGM_PARTNER_RECIPIENT_QUALIFIER,
    DGM_PARTNER_TYPES,
    DGM_PARTNER_TEST,
    DGM_PARTNER_KEYS
} dgm_partner_key;
extern const char *const dgm_partner_keys[DGM_PARTNER_KEYS];

typedef struct dgm_partner_condition {
    const dgm_slice *at;
    size_t count; /* 0: it is not asked for */
} dgm_partner_condition;

typedef struct dgm_partner_list {
    dgm_setting *at;
    size_t count;
} dgm_partner_list;

/* What was agreed about XML documents. */
typedef struct dgm_partner_xml {
    bool said; /* the profile has a section about them */
    dgm_partner_list reader, writer;
    /* trust: the certificates whom the partner's signatures must lead to; empty: they need not sign. Paths of files as they are
     * opened. others: what is no XML, and so cannot be signed, is taken all the same. */
    struct {
        dgm_slice trust;
        bool sha1, others;
    } verify;
    /* What is sent to the partner is signed with this key; empty: it is not. passphrase: the file whose first line it is. */
    struct {
        dgm_slice key, certificates, passphrase;
        bool xades;
    } sign;
} dgm_partner_xml;

struct dgm_partner {
    dgm_slice path, name, title;
    dgm_partner_condition when[DGM_PARTNER_KEYS];
    dgm_partner_list reader, writer, ack;
    dgm_partner_xml xml;
    dgm_limits limits;
    /* The same as they are told: "sender", "reader.charset", "limits.message-bytes". */
    const dgm_named *conditions, *settings;
    size_t condition_count, setting_count;
};
typedef struct dgm_partner dgm_partner;

/* Whose messages they are: headers that say who sends what to whom; and documents whose formats know where that stands. */
extern const dgm_codec *const dgm_partner_codec, *const dgm_partner_xml_codec;

/* Reads a file; everything lives in the arena. DGM_CONFIG: diags say what is wrong, all of it. */
dgm_status dgm_partner_read(const struct dgm_context *c, dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags,
                            dgm_partner *out);

const dgm_partner *dgm_partner_named(const struct dgm_context *c, dgm_slice name);
/* The nearest of their names; empty when none is near. */
dgm_slice dgm_partner_nearest(const struct dgm_context *c, dgm_slice wrong);
/* The profile for an interchange with this header, whose first message is of that type; NULL: none. Of several the one that asks
 * for what stands first in the list of keys, and then for the longer type. */
const dgm_partner *dgm_partner_choose(const struct dgm_context *c, const dgm_envelope *header, dgm_slice type);
/* The same for an XML document: qualifiers and the mark of a test are EDIFACT's, and not asked for. */
const dgm_partner *dgm_partner_of_document(const struct dgm_context *c, dgm_slice sender, dgm_slice recipient, dgm_slice type);
/* To whom something is written, and what; what is empty is not known. */
typedef struct dgm_partner_goes {
    dgm_slice recipient, recipient_qualifier, sender, type;
} dgm_partner_goes;
/* The profile for what is written: one whose `sender` the recipient is, and whose qualifier; of several the one that asks for more
 * of what is so the other way round (our own identification as its `recipient`, the type of message), and for less of what is not.
 */
const dgm_partner *dgm_partner_of_recipient(const struct dgm_context *c, const dgm_partner_goes *to);
/* Does any of them ask for a type of message? */
bool dgm_partner_by_type(const struct dgm_context *c);

/* Certificates and keys that profiles name (partner_keys.c): loaded when a job first needs them, kept as long as the context, which
 * is locked meanwhile; any thread. What a profile names none of is NULL. DGM_CONFIG: diags say what is wrong, with the file as
 * source. passphrase: of a key that needs one, where the profile names no file it is in. */
dgm_status dgm_partner_keys_prepare(struct dgm_context *c);
void dgm_partner_keys_free(struct dgm_context *c);
dgm_status dgm_partner_trust(const struct dgm_context *c, const dgm_partner *p, dgm_diags *diags, const dgm_trust **out);
dgm_status dgm_partner_signer(const struct dgm_context *c, const dgm_partner *p, dgm_slice passphrase, dgm_diags *diags,
                              const dgm_signer **out);
/* Could they be loaded? Nothing is kept. */
dgm_status dgm_partner_keys_check(const struct dgm_context *c, const dgm_partner *p, dgm_slice passphrase, dgm_diags *diags);

#endif
