/* SPDX-License-Identifier: Apache-2.0
 *
 * tokens.h - records whose fields stand glued together and are cut by pattern: a record is a small program of literals, fields,
 * optional and repeated groups. Each choice in it is made by one character, at most DGM_FLAT_AHEAD ahead; a layout where that is
 * not enough is refused when it is loaded, so that reading never goes back. Immutable once loaded; any thread.
 */
#ifndef DGM_CODECS_FLAT_TOKENS_H
#define DGM_CODECS_FLAT_TOKENS_H

#include "flat.h"

enum {
    DGM_FLAT_AHEAD = 6,            /* characters a choice may look at */
    DGM_FLAT_NOTHING = 1,          /* the character behind the last */
    DGM_FLAT_BEYOND = 2,           /* those behind that */
    DGM_FLAT_TOKENS_MAX = 1 << 16, /* of a layout */
    DGM_FLAT_NEST_MAX = 24,        /* groups within groups */
    DGM_FLAT_LOOSE_MAX = 64,       /* records that begin with no constant */
    DGM_FLAT_UNMET_MAX = 8,
};

/* Characters: what can be printed in ASCII, a line feed for whatever ends a line, DGM_FLAT_NOTHING and DGM_FLAT_BEYOND; 0: any
 * other, which is in no set. */
typedef struct dgm_flat_set {
    uint64_t bits[2];
} dgm_flat_set;
static inline bool dgm_flat_in(const dgm_flat_set *set, uint32_t c)
{
    return set->bits[c >> 6 & 1] >> (c & 63) & 1;
}

/* Which way a choice goes: into it or not. One look at the character `ahead` from here when ways is 0, else at all up to that one:
 * they must be those of one of the ways. */
typedef struct dgm_flat_choice {
    const dgm_flat_set *in; /* NULL: there is none to make */
    uint8_t ahead, ways;
    bool blank; /* a blank may stand here, either way */
} dgm_flat_choice;

/* So many characters of one kind: "n[..4]" is one to four digits. */
typedef struct dgm_flat_run {
    const dgm_flat_set *set;
    const char *said;
    dgm_flat_choice more; /* is there another, when there need not be? */
    uint16_t min, max;
} dgm_flat_run;

typedef enum dgm_flat_op { DGM_FLAT_OP_TEXT, DGM_FLAT_OP_FIELD, DGM_FLAT_OP_GROUP, DGM_FLAT_OP_BACK, DGM_FLAT_OP_DONE } dgm_flat_op;
typedef struct dgm_flat_token {
    uint8_t op;
    bool empty;     /* of a field: nothing may stand there */
    bool single;    /* of a group: all it has is one field that repeats */
    uint32_t step;  /* of a field; of a group with a name: its OPEN; or DGM_NONE */
    uint32_t other; /* of a group: its BACK; of that: the group */
    uint32_t first_run, run_count;
    uint32_t min, max;  /* of a group */
    uint32_t low, high; /* of a group without a name: steps, the first and the last of its own fields; or DGM_NONE */
    dgm_slice text;     /* what stands there; of a group: before its first occurrence */
    dgm_slice again;    /* of a group: before each other one */
    dgm_slice said;     /* the pattern of a field, as it is written */
    dgm_flat_choice first, other_choice; /* into a group for the first time, or a field that may be empty; into it again */
} dgm_flat_token;

/* What a record begins with. */
typedef struct dgm_flat_head {
    uint32_t count;
    bool constant; /* each of them is one character */
    dgm_flat_set at[DGM_FLAT_AHEAD];
} dgm_flat_head;

typedef struct dgm_flat_tokens {
    dgm_flat_token *ops;
    uint32_t op_count;
    dgm_flat_run *runs;
    uint32_t run_count;
    uint32_t *first;      /* op by place; DGM_NONE: a place without fields */
    dgm_flat_head *heads; /* by kind */
    char continuation;    /* a line that begins with it belongs to the one before; 0: none does */
} dgm_flat_tokens;

/* What was expected where something else stands. */
typedef struct dgm_flat_unmet {
    size_t at;
    uint32_t ops[DGM_FLAT_UNMET_MAX], count;
    bool others;             /* more than there was room for */
    const dgm_flat_run *run; /* within the field of the last of them */
} dgm_flat_unmet;

/* Who follows a record being cut; each function may be NULL. Those that return a status end it when that is not DGM_OK. */
typedef struct dgm_flat_visit {
    dgm_status (*open)(void *ctx, const dgm_flat_token *t, uint32_t number, size_t at);
    void (*close)(void *ctx, const dgm_flat_token *t);
    dgm_status (*value)(void *ctx, const dgm_flat_token *t, uint32_t number, size_t from, size_t to);
    void (*blanks)(void *ctx, size_t from, size_t to);                               /* at the end of a line, where none may be */
    dgm_status (*unmet)(void *ctx, const dgm_flat_unmet *u, size_t from, size_t to); /* and what is passed over for it */
    void *ctx;
} dgm_flat_visit;

/* Cuts a record of this place. DGM_OK; DGM_INVALID: it is another than the layout says; what a visitor returned. */
dgm_status dgm_flat_cut(const dgm_flat_layout *l, uint32_t place, dgm_slice text, const dgm_flat_visit *visit);
/* The bytes that a text begins with and a field's pattern takes, when nothing else follows; *run: which part stops there, or NULL.
 */
size_t dgm_flat_pattern_takes(const dgm_flat_tokens *t, const dgm_flat_token *field, dgm_slice text, const dgm_flat_run **run);
uint32_t dgm_flat_token_kind(const dgm_flat_layout *l, dgm_slice text);
/* Is it a record of this place, without anything wrong in its form? */
bool dgm_flat_token_fits(const dgm_flat_layout *l, uint32_t place, dgm_slice text);
/* The record and the lines that go on with it. As dgm_flat_frame_next, of the first line; false: more bytes may change it. */
bool dgm_flat_fold(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out,
                   bool (*line)(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out));
/* What a token is, in words: appended to out (room for n), returns the bytes. */
size_t dgm_flat_token_words(const dgm_flat_layout *l, uint32_t op, const dgm_flat_run *run, char *out, size_t n);

/* The keys that a field of a layout of tokens takes. */
extern const char dgm_flat_token_keys[];

#endif
