/* SPDX-License-Identifier: Apache-2.0
 *
 * make.h - messages made from facts: which places a message shall have, and how full its segments are; and whether a sequence of
 * segments is one a message allows, found by walking its structure. One thread.
 */
#ifndef DGM_EVERY_MAKE_H
#define DGM_EVERY_MAKE_H

#include "facts.h"

/* Text being made, with where each segment of the message in hand begins and of which place it is. */
typedef struct made {
    char *at;
    size_t len, room;
    uint64_t random;
    int syntax;         /* 3, or 4: then what may be repeated stands in one position, with * between */
    uint32_t reference; /* of the message in hand */
    size_t *starts;     /* of its segments, and one more: the end */
    const place **places;
    size_t segments, segment_room;
    const place *full; /* its first segment gets every element as often as it may stand; NULL: none */
} made;

typedef enum fill { FILL_LEAST, FILL_MOST } fill;

/* How a segment of the message in hand is broken on purpose. */
typedef enum harm {
    HARM_NONE,
    HARM_TOO_LONG, /* a value one character longer than it may be */
    HARM_CLASS,    /* a letter where digits are, a digit where letters are */
    HARM_UNKNOWN_CODE,
    HARM_ITEM_MISSING,   /* a mandatory element, all of it */
    HARM_PART_MISSING,   /* a mandatory component of a composite that is there */
    HARM_ITEMS_TOO_MANY, /* an element more than the segment has */
    HARM_PARTS_TOO_MANY,
    HARM_NOTE,     /* an item that a dependency note asks for is not there */
    HARM_REPEATED, /* syntax version 4: an occurrence more of an element than there may be */
    HARM_COUNT
} harm;
typedef struct wound {
    harm harm;
    const place *place; /* its first segment */
    size_t item, part;  /* of the segment, of the composite */
    size_t at;          /* out: the byte that should be told of */
    size_t segment;     /* out: its number in the message, UNH being 1 */
    size_t occurrence;  /* out: in an element that is repeated, which, from 1; else 0 */
    size_t behind;      /* out: so many positions behind the item's first one (syntax versions 1 to 3) */
    bool done;          /* out: it could be done */
} wound;

uint32_t below(uint64_t *random, uint32_t n);
void put(made *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
void made_free(made *m);

/* Makes all places want what they must have. */
void want_least(message *m);
/* The place so often, and what is around it at least once. */
void want(place *p, uint32_t times);
/* Each place `times` times or as often as it may be, when that is less; as far as the message stays below `most` segments. */
void want_many(message *m, uint32_t times, size_t most);
/* How many segments will come of what is wanted; saturates. */
size_t wanted_segments(const message *m);

/* A whole message, UNH to UNT, as wanted. wound may be NULL. */
void make_message(made *out, const directory *d, const message *m, fill how, wound *wound);
/* UNT with the right count plus `wrong`. */
void make_message_end(made *out, int wrong);
void make_segment(made *out, const place *p, fill how, wound *wound);

/* Walks a sequence of tags as a receiver does: each segment is taken at the first place that it can have from where the last one
 * was, and no mandatory place is passed over that has none. Returns how many segments were taken; when that is `count`, *complete
 * says whether nothing mandatory is missing at the end. */
size_t walk(const message *m, const text *tags, size_t count, bool *complete);

#endif
