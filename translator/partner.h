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

struct dgm_partner {
    dgm_slice path, name, title;
    dgm_partner_condition when[DGM_PARTNER_KEYS];
    dgm_partner_list reader, writer, ack;
    dgm_limits limits;
    /* The same as they are told: "sender", "reader.charset", "limits.message-bytes". */
    const dgm_named *conditions, *settings;
    size_t condition_count, setting_count;
};
typedef struct dgm_partner dgm_partner;

/* Whose messages they are: the only headers that say who sends what to whom. */
extern const dgm_codec *const dgm_partner_codec;

/* Reads a file; everything lives in the arena. DGM_CONFIG: diags say what is wrong, all of it. */
dgm_status dgm_partner_read(const struct dgm_context *c, dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags,
                            dgm_partner *out);

const dgm_partner *dgm_partner_named(const struct dgm_context *c, dgm_slice name);
/* The nearest of their names; empty when none is near. */
dgm_slice dgm_partner_nearest(const struct dgm_context *c, dgm_slice wrong);
/* The profile for an interchange with this header, whose first message is of that type; NULL: none. Of several the one that asks
 * for what stands first in the list of keys, and then for the longer type. */
const dgm_partner *dgm_partner_choose(const struct dgm_context *c, const dgm_envelope *header, dgm_slice type);
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

#endif
