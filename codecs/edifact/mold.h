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

/* The order of a segment: for each token behind the tag whether it is empty, and whether a component follows it. Segments with
 * repetitions (version 4) have none. */
#define DGM_EDI_MOLD_TOKENS_MAX 31u

typedef struct dgm_edi_mold_row { /* one node */
    uint32_t tag, place;          /* of the node, in its order */
    uint32_t leaf_bits;           /* all of a value, none of what holds others */
    uint32_t composite_bits;      /* the other way round */
    uint32_t most;                /* characters */
    uint32_t end;                 /* of a segment or composite: nodes from the first to its end */
    uint16_t token;               /* counted from the tag */
    uint16_t leaf;                /* of the layout */
} dgm_edi_mold_row;

typedef struct dgm_edi_mold_check { /* a value that must be a number, be alphabetic, or have more than one character */
    uint16_t least, more;
    uint8_t token, class;
} dgm_edi_mold_check;

typedef struct dgm_edi_mold_code { /* a value that must be in a code list */
    dgm_edi_codes *list;
    uint16_t token;
    uint16_t agency; /* the token that must be "6" for the list to hold; 0: none */
} dgm_edi_mold_code;

typedef struct dgm_edi_mold_digit { /* a value with a check digit; by 0: it needs no qualifier */
    uint8_t rule, token, by;
} dgm_edi_mold_digit;

typedef struct dgm_edi_mold {
    uint64_t order;
    uint64_t way;     /* packed tag, the place it comes from, the kind of message */
    uint32_t to;      /* its place */
    uint32_t counted; /* this place, or the group that it opens */
    uint32_t max;     /* of the counted one */
    uint32_t keep;    /* groups that stay open */
    bool opens;
    uint32_t first_child, child_count; /* of a group that it opens */
    uint32_t row_count;                /* that of the group first, if it opens one, then that of the segment */
    uint32_t check_count;
    const dgm_edi_mold_check *checks;
    uint32_t code_count;
    const dgm_edi_mold_code *codes;
    uint32_t digit_count;
    dgm_edi_mold_digit digits[DGM_EDI_DIGITS_MAX];
    const dgm_edi_layout *layout;
    dgm_edi_mold_row rows[];
} dgm_edi_mold;

#define DGM_EDI_MOLD_CELLS  1024u
#define DGM_EDI_MOLD_PROBES 4u
#define DGM_EDI_MOLD_BYTES  (64u * 1024u)

typedef struct dgm_edi_molds {
    dgm_edi_mold *cells[DGM_EDI_MOLD_CELLS + DGM_EDI_MOLD_PROBES];
    bool coded; /* codes are checked */
    bool full;  /* no room for another: all are to be forgotten */
    dgm_edi_code_lists lists;
    dgm_edi_codes section_d; /* D and nothing else: what the first of two UNS must say to be taken for it */
    size_t used;
    _Alignas(8) char room[DGM_EDI_MOLD_BYTES];
} dgm_edi_molds;

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
    molds->used = 0;
    molds->full = false;
}

/* Makes the mold of the segment that begins with the first token. NULL: it is not as it should be, or has what molds leave out. */
const dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                      const dgm_edi_token *tokens);

static inline const dgm_edi_mold *dgm_edi_mold_find(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                                    const dgm_edi_token *tokens)
{
    dgm_edi_mold *const *cell = &molds->cells[dgm_edi_mold_cell(way, order)];
    for (uint32_t i = 0; i < DGM_EDI_MOLD_PROBES && cell[i]; i++)
        if (cell[i]->order == order && cell[i]->way == way) return cell[i];
    return dgm_edi_mold_make(molds, p, way, order, tokens);
}

#endif
