/* SPDX-License-Identifier: Apache-2.0
 *
 * mold.h - the nodes of segments met before. Segments that come from the same place with the same tag, and have values, empty
 * elements and separators in the same order, go to the same place and make the same nodes, offsets and lengths apart: which way
 * leads there, which elements are present, whether any is missing and which slots they have is found out once and kept as a mold.
 * Molds belong to one reader and so to one thread; there is a fixed room for them, and when it is full they are all forgotten: a
 * sender who invents new orders without end only loses their use.
 */
#ifndef DGM_EDI_MOLD_H
#define DGM_EDI_MOLD_H

#include "check.h"

/* The order of a segment: two bits for each token, lowest first, that tell whether a component follows it and whether it is empty
 * (order.h), then a one. Segments with repetitions (version 4) have none. */
#define DGM_EDI_MOLD_TOKENS_MAX 27u

typedef struct dgm_edi_mold_row { /* one node */
    uint32_t tag, place;          /* of the node, in its order */
    uint32_t leaf_bits;           /* all of a value, none of what holds others */
    uint32_t composite_bits;      /* the other way round */
    uint32_t most;                /* characters */
    uint32_t end;                 /* of a segment or composite: nodes from the first to its end */
    uint8_t token;                /* counted from the tag */
    bool text;                    /* any characters, and length is all that is asked of them */
    uint16_t leaf;                /* of the layout */
} dgm_edi_mold_row;

typedef struct dgm_edi_mold_check { /* a value that must be a number, be alphabetic, or have more than one character */
    uint16_t least, more;
    uint8_t token, class;
} dgm_edi_mold_check;

typedef struct dgm_edi_mold_code { /* a value that must be in a code list */
    dgm_edi_codes *list;
    uint8_t token;
    uint8_t agency; /* the token that must be "6" for the list to hold; 0: none */
} dgm_edi_mold_code;

typedef struct dgm_edi_mold_digit { /* a value with a check digit; by 0: it needs no qualifier */
    dgm_edi_digit_names names;
    uint8_t rule, token, by;
} dgm_edi_mold_digit;

/* Four nodes as one vector of 64 bytes (run_ways.h): as the words of a node, what is the same in all segments of the mold, with the
 * most bytes of a value where the offset will stand. */
#define DGM_EDI_MOLD_LINE 64u
typedef struct dgm_edi_mold_vector {
    uint32_t same[16];
} dgm_edi_mold_vector;
/* Which token each node is of; a token is two words, and so is what stands behind it in a node. */
typedef struct dgm_edi_mold_choice {
    uint8_t token[8];
    uint16_t leaves, holders; /* a bit for each word: the span of a leaf, of what holds others */
    uint32_t unused;          /* so that four of them take a line */
} dgm_edi_mold_choice;
typedef enum dgm_edi_mold_reach { DGM_EDI_MOLD_ANY, DGM_EDI_MOLD_EIGHT, DGM_EDI_MOLD_SIXTEEN } dgm_edi_mold_reach;

/* What a segment costs is most of all the lines of memory that its mold stands in. The head is one; what nearly all need stands in
 * the three behind it, at places that need not be worked out; what there is beyond that comes behind them, found by its distance
 * from the head. */
#define DGM_EDI_MOLD_FOLLOWERS 8u
#define DGM_EDI_MOLD_NEAR      2u /* vectors, their choices and codes that stand near; all are looked at, whether they are there */
typedef struct dgm_edi_mold {
    uint64_t order;
    uint64_t way;                          /* packed tag, the place it comes from, the kind of message */
    uint16_t next[DGM_EDI_MOLD_FOLLOWERS]; /* lines of molds that came behind this one lately; 0: none */
    uint32_t max;                          /* of the counted one */
    uint16_t to;                           /* its place */
    uint16_t counted;                      /* this place, or the group that it opens */
    uint16_t first_child, child_count;     /* of a group that it opens */
    uint16_t codes, checks, digits;        /* where they stand, in bytes; codes: those that are not near */
    bool opens;
    uint8_t keep;      /* groups that stay open */
    uint8_t row_count; /* that of the group first, if it opens one, then that of the segment */
    uint8_t code_count, check_count, digit_count;
    uint8_t reach;         /* dgm_edi_mold_reach: among how many tokens the values are; vectors can choose from sixteen */
    uint8_t vectors, rows; /* where they stand, in lines; vectors: those that are not near, with their choices before them */
    uint8_t choices;       /* lines of these */
} dgm_edi_mold;
_Static_assert(sizeof(dgm_edi_mold) == DGM_EDI_MOLD_LINE, "one line");

typedef struct dgm_edi_mold_near {
    dgm_edi_mold head;
    dgm_edi_mold_choice choices[DGM_EDI_MOLD_NEAR];
    dgm_edi_mold_code codes[DGM_EDI_MOLD_NEAR];
    dgm_edi_mold_vector vectors[DGM_EDI_MOLD_NEAR];
} dgm_edi_mold_near;
#define DGM_EDI_MOLD_NEAR_LINES 4u
_Static_assert(sizeof(dgm_edi_mold_near) <= DGM_EDI_MOLD_NEAR_LINES * DGM_EDI_MOLD_LINE, "four lines");

/* The way of what follows it, but for its tag. */
static inline uint64_t dgm_edi_mold_leads(const dgm_edi_mold *m)
{
    return (m->way & ~(uint64_t)0xFFFFFFFFFF) | (uint64_t)m->to << 24;
}
static inline const dgm_edi_mold_near *dgm_edi_mold_near_of(const dgm_edi_mold *m)
{
    return (const dgm_edi_mold_near *)(const void *)m;
}
static inline const void *dgm_edi_mold_line(const dgm_edi_mold *m, uint32_t line)
{
    return (const char *)m + line * (size_t)DGM_EDI_MOLD_LINE;
}
static inline const dgm_edi_mold_row *dgm_edi_mold_rows(const dgm_edi_mold *m)
{
    return (const dgm_edi_mold_row *)dgm_edi_mold_line(m, m->rows);
}
/* The row of each token that has one. */
static inline const uint8_t *dgm_edi_mold_row_of(const dgm_edi_mold *m)
{
    return (const uint8_t *)(dgm_edi_mold_rows(m) + m->row_count);
}
static inline const dgm_edi_mold_code *dgm_edi_mold_code_at(const dgm_edi_mold *m, uint32_t i)
{
    const char *far = (const char *)m + m->codes;
    return i < DGM_EDI_MOLD_NEAR ? &dgm_edi_mold_near_of(m)->codes[i]
                                 : (const dgm_edi_mold_code *)(const void *)far + i - DGM_EDI_MOLD_NEAR;
}
static inline const dgm_edi_mold_check *dgm_edi_mold_checks(const dgm_edi_mold *m)
{
    return (const dgm_edi_mold_check *)(const void *)((const char *)m + m->checks);
}
static inline const dgm_edi_mold_digit *dgm_edi_mold_digits(const dgm_edi_mold *m)
{
    return (const dgm_edi_mold_digit *)(const void *)((const char *)m + m->digits);
}

#define DGM_EDI_MOLD_CELLS  1024u
#define DGM_EDI_MOLD_PROBES 4u
#define DGM_EDI_MOLD_LINES  1400u

typedef struct dgm_edi_molds {
    dgm_edi_mold *cells[DGM_EDI_MOLD_CELLS + DGM_EDI_MOLD_PROBES];
    bool coded;    /* codes are checked */
    bool trailing; /* separators with nothing behind them are told of */
    bool full;     /* no room for another: all are to be forgotten */
    dgm_edi_code_lists lists;
    dgm_edi_codes section_d; /* D and nothing else: what the first of two UNS must say to be taken for it */
    dgm_edi_mold *last;      /* of the segment taken last; NULL: unknown */
    dgm_edi_mold begin;      /* stands before a segment when that one is unknown */
    char *lines;             /* within room, where a line of memory begins */
    uint32_t used;           /* lines; the first is never used */
    char room[(DGM_EDI_MOLD_LINES + 1) * DGM_EDI_MOLD_LINE];
} dgm_edi_molds;

static inline void dgm_edi_molds_init(dgm_edi_molds *molds)
{
    molds->lines = molds->room + (DGM_EDI_MOLD_LINE - (uintptr_t)molds->room % DGM_EDI_MOLD_LINE) % DGM_EDI_MOLD_LINE;
    molds->used = 1;
}

static inline uint64_t dgm_edi_mold_way(uint32_t kind, uint32_t from, uint32_t packed)
{
    return packed | (uint64_t)from << 24 | (uint64_t)kind << 40;
}

static inline uint32_t dgm_edi_mold_cell(uint64_t way, uint64_t order)
{
    return (uint32_t)((order * 0x9E3779B97F4A7C15u + way) * 0xD6E8FEB86659FD93u >> 54);
}

/* Forgets all when there was no room for another. No mold may be in use. */
static inline void dgm_edi_molds_renew(dgm_edi_molds *molds)
{
    if (!molds->full) return;
    for (size_t i = 0; i < sizeof molds->cells / sizeof *molds->cells; i++) molds->cells[i] = NULL;
    molds->last = NULL;
    molds->begin = (dgm_edi_mold){ 0 };
    molds->used = 1;
    molds->full = false;
}

static inline dgm_edi_mold *dgm_edi_mold_at(const dgm_edi_molds *molds, uint32_t line)
{
    return (dgm_edi_mold *)(void *)(molds->lines + line * (size_t)DGM_EDI_MOLD_LINE);
}
/* Does an element or the segment at a tag end with a separator that nothing stands behind? (segment.c) */
bool dgm_edi_trails(const dgm_edi_token *tag);

/* Where a mold keeps which one came behind it. Two ways from one place differ in the tag alone. */
static inline uint32_t dgm_edi_mold_follower(uint64_t way, uint64_t order)
{
    return (uint32_t)((order ^ way << 32) * 0x9E3779B97F4A7C15u >> 61);
}

/* Makes the mold of the segment that begins with the first token. NULL: it is not as it should be, or has what molds leave out. */
dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                const dgm_edi_token *tokens);

static inline dgm_edi_mold *dgm_edi_mold_find(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                              const dgm_edi_token *tokens)
{
    dgm_edi_mold *const *cell = &molds->cells[dgm_edi_mold_cell(way, order)];
    for (uint32_t i = 0; i < DGM_EDI_MOLD_PROBES && cell[i]; i++)
        if (cell[i]->order == order && cell[i]->way == way) return cell[i];
    return dgm_edi_mold_make(molds, p, way, order, tokens);
}

#endif
