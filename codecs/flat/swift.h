/* SPDX-License-Identifier: Apache-2.0
 *
 * swift.h - records that are as they should be, read the short way. When a layout is loaded each of its records gets a plan
 * (swift_plan.c): a row of acts, one a field, without anything that must be decided while reading. A reader looks at the bytes as
 * planes of bits (planes.h) and does the acts by them (swift.c). Nothing is told and nothing is kept before all of a record is
 * known to be right; a record that is not, and all that is unusual, goes the way of reader.c and fields.c, which is the reference.
 * A plan is immutable and shared by threads; what a reader has of it belongs to one.
 */
#ifndef DGM_CODECS_FLAT_SWIFT_H
#define DGM_CODECS_FLAT_SWIFT_H

#include "planes.h"
#include "reader.h"

typedef enum dgm_flat_act {
    DGM_FLAT_ACT_TEXT,     /* to the left, filled up with blanks; or of a delimited record, as it is */
    DGM_FLAT_ACT_RIGHT,    /* to the right, behind blanks */
    DGM_FLAT_ACT_NUMBER,   /* digits and perhaps a mark: as it is, without zeros before it */
    DGM_FLAT_ACT_IMPLIED,  /* digits of which the last are behind the mark */
    DGM_FLAT_ACT_BLANK,    /* nothing stands there */
    DGM_FLAT_ACT_CONSTANT, /* its value, and blanks */
    DGM_FLAT_ACT_FIRST,    /* a text that may go on in other fields of the record, and does not */
    DGM_FLAT_ACT_EMPTY,    /* such a field: no characters at all */
    DGM_FLAT_ACT_ANY       /* whatever value.c makes of it */
} dgm_flat_act;

/* What is done at once, in the loop over the fields, when the value is as most are; else its act is. */
typedef enum dgm_flat_hand {
    DGM_FLAT_HAND_ACT,    /* its act, always */
    DGM_FLAT_HAND_TEXT,   /* of any characters, or those of a set */
    DGM_FLAT_HAND_SINGLE, /* a code of one byte */
    DGM_FLAT_HAND_NUMBER,
    DGM_FLAT_HAND_IMPLIED,
    DGM_FLAT_HAND_BLANK,
    DGM_FLAT_HAND_NONE /* delimited: there are no characters */
} dgm_flat_hand;

enum { DGM_FLAT_NO_SET = 255, DGM_FLAT_NO_MEMO = UINT16_MAX };

/* Planes are of a window; behind those of the sets and that of all bytes beyond ASCII stands one of ones only, so that a field of
 * any characters is looked at as one of a set is. One load gives 57 bits of a plane, wherever they begin: longer fields are not
 * done at once. */
enum {
    DGM_FLAT_WINDOW = 8192,
    DGM_FLAT_STRIDE = DGM_FLAT_WINDOW / DGM_FLAT_BLOCK + 1,
    DGM_FLAT_ONES = DGM_FLAT_PLANES_MAX + 1,
    DGM_FLAT_NEAR = 57
};

typedef struct dgm_flat_op {
    uint32_t tag, place;    /* of the node */
    uint32_t at, len;       /* column and columns; delimited: field and most characters, UINT32_MAX: any number */
    uint32_t least;         /* delimited: characters at least */
    uint32_t lowest, span;  /* what is done at once has so many bytes, and up to `span` more */
    uint32_t plane;         /* of what is done at once: where the plane of its set begins */
    uint32_t step;          /* of the layout */
    const uint32_t *single; /* the codes it takes, each of one byte, as 256 bits; or NULL */
    uint16_t memo;          /* of ANY: where what came last is remembered, or DGM_FLAT_NO_MEMO */
    uint8_t hand, act, set; /* set: that its characters must be of, or DGM_FLAT_NO_SET */
    uint8_t decimals;       /* at most; implied: so many */
    char point;
    bool required, zero_absent;
    bool noted; /* others need its value */
} dgm_flat_op;

typedef struct dgm_flat_way {
    uint32_t first, count;             /* ops */
    uint32_t needed;                   /* ops, behind the last that must be looked at when the record has ended before */
    uint32_t made_room;                /* bytes that values may take which do not stand in the input */
    uint32_t first_asked, asked_count; /* conditions, of which all must hold */
    bool open;                         /* it can be taken */
} dgm_flat_way;

enum { DGM_FLAT_WAY_MADE_MAX = 256, DGM_FLAT_WAY_NOTED_MAX = 16, DGM_FLAT_MEMOS_MAX = 1024 };

struct dgm_flat_swift {
    dgm_flat_sets sets;
    uint8_t end, separator, quote, blank, digit, zero; /* sets */
    bool ends;                                         /* records end with a byte; else they have a length */
    bool returns, alone; /* of line feeds: a carriage return may stand before it; need not. else: of what ends a record */
    uint32_t depth;      /* of the tree */
    uint32_t memo_count;
    dgm_flat_way *ways; /* by place */
    dgm_flat_op *ops;
    const dgm_flat_condition **asked;
};

/* Makes the plan of a layout whose slots are known; l->swift is NULL when it can have none. DGM_NOMEM. */
dgm_status dgm_flat_swift_plan(dgm_flat_layout *l);

/* What a reader has: the planes of the bytes ahead, the fields of the record in hand, values met before. */
struct flat_swift;
dgm_status dgm_flat_swift_new(const dgm_flat_layout *l, const dgm_mem *mem, struct flat_swift **out);
void dgm_flat_swift_free(struct flat_swift *s, const dgm_flat_layout *l, const dgm_mem *mem);
/* The bytes stand elsewhere now. */
void dgm_flat_swift_moved(struct flat_swift *s);
/* Reads records as long as they are as they should be. DGM_OK: what comes next is for reader.c. DGM_NOMEM. */
dgm_status dgm_flat_swift_run(flat_reader *r);

#endif
