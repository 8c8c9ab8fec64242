/* SPDX-License-Identifier: Apache-2.0
 *
 * shape.h - which paths a format or a document kind has: a tree of slots, made once, then read-only and shared by threads.
 *
 * A slot is one place of the format: "the third C246 of the CST of SG30". Slots are numbered so that the children of a slot are
 * contiguous (breadth first, attributes before others); slot 0 is the root (the message, the document). A node of a message tree
 * carries its slot's number, so a mapping knows by one look-up what a node is. Wire standards, XML profiles and the canonical
 * vocabulary all give themselves as shapes; this is how a mapping's paths are checked before any message arrives.
 *
 * Repetition has two forms. EDIFACT elements repeat as places of their own: five slots named C246 with ordinals 1..5 and max 1
 * (where there are very many of them, the last one has a max of its own). Groups, segments and XML elements repeat as
 * occurrences of one slot with max > 1. `#3` is slot ordinal 3 in the first case and the third occurrence in the second.
 */
#ifndef DGM_MODEL_SHAPE_H
#define DGM_MODEL_SHAPE_H

#include "base/arena.h"

#define DGM_SLOT_ROOT 0u
#define DGM_SLOT_NONE UINT32_MAX
#define DGM_SLOTS_MAX (1u << 20) /* definition A: 20 bits in a node */
#define DGM_UNBOUNDED UINT32_MAX

/* What a value is; DGM_TYPE_NONE for places that hold no value of their own. AMOUNT: number + currency (ISO 4217); QUANTITY: number
 * + unit (UN/ECE Rec 20); DATE: canonical ISO 8601 (base/date.h), on a wire text + format. */
typedef enum dgm_type {
    DGM_TYPE_NONE,
    DGM_TYPE_TEXT,
    DGM_TYPE_CODE,
    DGM_TYPE_ID,
    DGM_TYPE_NUMBER,
    DGM_TYPE_DATE,
    DGM_TYPE_AMOUNT,
    DGM_TYPE_QUANTITY,
    DGM_TYPE_FLAG,
    DGM_TYPE_POINTER
} dgm_type;

/* Representation: characters allowed and how many ("an..35", "n5", "n..16,3"). */
typedef struct dgm_repr {
    char class[3];       /* "a", "n", "an"; "" when the format has none */
    uint8_t decimals;    /* n..16,3: at most 3 digits behind the mark; 255 = any number */
    uint32_t length_min; /* fixed length: == length_max */
    uint32_t length_max; /* 0: not limited. Characters, not bytes. n: digits (ISO 9735: sign and mark do not count) */
} dgm_repr;

typedef struct dgm_slot {
    dgm_slice name;  /* step name in a path: "SG30", "CST", "C246", "7361", "GoodsShipment", "@currencyID" */
    dgm_slice title; /* short English name or empty: "Goods item details" */
    dgm_slice tag;   /* the standard's identifier if other than the name: WCO ID "68A", TDED number … or empty */
    uint32_t parent; /* DGM_SLOT_NONE for the root */
    uint32_t first_child, child_count;
    uint32_t min, max; /* occurrences; max DGM_UNBOUNDED */
    uint32_t ordinal;  /* first `#n` this slot stands for among siblings of its name, from 1 */
    dgm_kind kind;
    dgm_type type;
    dgm_repr repr;
    /* EDIFACT position within the segment, from 1; component 0 for a simple element or the composite itself. Else 0. */
    uint16_t element, component;
    /* Where the parts of a date, amount or quantity stand: on the place that has the type, the slots of its number or text and of
     * its format, currency or unit; part_value is the slot itself where the number is the leaf and the second part an attribute of
     * it. DGM_SLOT_NONE where there is no such part. */
    uint32_t part_value, part_code;
    bool needs;    /* some child has min > 0; set by freeze */
    bool envelope; /* belongs to the format's envelope (UNH, UNS, UNT and all below): its codec writes it, no mapping needs to */
    bool house;    /* a name of our own, not of the standard the shape follows */
    uint16_t tded; /* UN/TDED number, 0 when there is none */
} dgm_slot;

typedef struct dgm_shape dgm_shape;

/* ---- reading a shape (pure, any thread) ---- */
dgm_slice dgm_shape_name(const dgm_shape *s);                      /* "cusdec-d96b", "wco-declaration", "Declaration@1" */
uint32_t dgm_shape_count(const dgm_shape *s);                      /* slots */
const dgm_slot *dgm_shape_slot(const dgm_shape *s, uint32_t slot); /* NULL past the end */
/* The child of `slot` with this name whose range of ordinals holds `ordinal` (1 for "the first or only"); DGM_SLOT_NONE. */
uint32_t dgm_shape_child(const dgm_shape *s, uint32_t slot, dgm_slice name, uint32_t ordinal);
/* Short names: "Item" → slot of SG30. Aliases are names of whole slots, usable as a step wherever the slot's parent is current, or
 * directly under the root when the name is unique. DGM_SLOT_NONE when it is no alias, or one of several slots. */
uint32_t dgm_shape_alias(const dgm_shape *s, dgm_slice name);
uint32_t dgm_shape_alias_under(const dgm_shape *s, uint32_t parent, dgm_slice name); /* the alias of a child of `parent` */
uint32_t dgm_shape_alias_count(const dgm_shape *s);
dgm_slice dgm_shape_alias_name(const dgm_shape *s, uint32_t i, uint32_t *slot);
/* One step of a path, "C246#3": its name, and the number behind it (1 when there is none). False: it is no step. */
bool dgm_path_step(dgm_slice step, dgm_slice *name, uint32_t *number);
/* "SG30/CST/C246#3/7361" of a slot, without the root; written to out, cut at room; returns the bytes needed. */
size_t dgm_shape_path(const dgm_shape *s, uint32_t slot, char *out, size_t room);
/* The slot of a plain path (names and #n, aliases at the first step; no tests); DGM_SLOT_NONE, and *bad = the step that failed. */
uint32_t dgm_shape_find(const dgm_shape *s, dgm_slice path, dgm_slice *bad);
/* True when `slot` is `above` or stands beneath it. */
bool dgm_shape_beneath(const dgm_shape *s, uint32_t slot, uint32_t above);

/* ---- making one: give slots in any order parent-first, then freeze ---- */
typedef struct dgm_shape_maker dgm_shape_maker;
dgm_status dgm_shape_begin(const dgm_mem *mem, dgm_slice name, dgm_shape_maker **out);
/* Adds a slot under `parent` (an id this function returned; the first slot is the root: parent DGM_SLOT_NONE). Ordinals, order and
 * children come from the order of adding; `ordinal`, `parent`, `first_child`, `child_count` of the template are ignored, part_value
 * and part_code are maker ids (set later with dgm_shape_parts). Texts are copied. Returns the maker's id or DGM_SLOT_NONE (no
 * memory, DGM_SLOTS_MAX or DGM_DEPTH_MAX reached, no such parent); freeze then fails with the reason. */
uint32_t dgm_shape_add(dgm_shape_maker *m, uint32_t parent, const dgm_slot *like);
void dgm_shape_parts(dgm_shape_maker *m, uint32_t id, uint32_t part_value, uint32_t part_code);
dgm_status dgm_shape_add_alias(dgm_shape_maker *m, dgm_slice name, uint32_t id);
/* The maker's id → slot number, after freeze. Valid until the maker is freed. */
uint32_t dgm_shape_frozen_id(const dgm_shape_maker *m, uint32_t id);
dgm_status dgm_shape_freeze(dgm_shape_maker *m, dgm_shape **out); /* the maker stays, for frozen_id, until dgm_shape_maker_free */
void dgm_shape_maker_free(dgm_shape_maker *m);
void dgm_shape_free(dgm_shape *s);
/* From here on the shape belongs to who made it and to the trees of it: it goes when dgm_shape_free was called and the last of them
 * was freed or recycled, in whatever thread. To be called before it is shared. */
void dgm_shape_share(dgm_shape *s);
/* For trees: one more keeps the shape, which dgm_shape_free ends. NULL: it is not kept like that. */
dgm_shape *dgm_shape_keep(const dgm_shape *s);
/* The memory it takes, without what is attached. */
size_t dgm_shape_bytes(const dgm_shape *s);
/* What the codec that made a shape keeps beside it (tag bytes, namespaces): given once before the shape is shared, freed with the
 * shape by release(extra). Read-only from then on; NULL when there is none. */
void dgm_shape_attach(dgm_shape *s, void *extra, void (*release)(void *extra));
const void *dgm_shape_attached(const dgm_shape *s);

#endif
