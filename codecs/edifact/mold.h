/* SPDX-License-Identifier: Apache-2.0
 *
 * mold.h - the nodes of segments met before. Segments of one place that have values, empty elements and separators in the same
 * order make the same nodes, offsets and lengths apart; which elements are there, whether any is missing and which slots they have
 * is found out once and kept as a mold. Molds belong to one reader and so to one thread; there is a fixed room for them, and when
 * it is full they are all forgotten: a sender who invents new orders without end only loses their use.
 */
#ifndef DGM_EDI_MOLD_H
#define DGM_EDI_MOLD_H

#include "lexer.h"
#include "program.h"

/* The order of a segment: a bit 1, then for each token behind the tag "a component follows" and "it has a value". */
#define DGM_EDI_MOLD_TOKENS_MAX 31u

typedef struct dgm_edi_mold_row { /* one node behind that of the segment */
    uint32_t tag, place;          /* of the node, in its order */
    uint32_t leaf_bits;           /* all of a value, none of a composite */
    uint32_t composite_bits;      /* the other way round */
    uint32_t least, most;         /* of the length of a value that is neither number nor odd */
    uint32_t end;                 /* of a composite: nodes from that of the segment to its end */
    uint16_t token;               /* counted from the tag */
    uint16_t leaf;                /* of the layout */
} dgm_edi_mold_row;

typedef struct dgm_edi_mold_number { /* a value that must be a number */
    uint16_t least, more;
    uint8_t token;
} dgm_edi_mold_number;

typedef struct dgm_edi_mold {
    uint64_t order;
    const dgm_edi_position *position;
    const dgm_edi_mold_number *numbers;
    uint32_t row_count, number_count;
    dgm_edi_mold_row rows[];
} dgm_edi_mold;

#define DGM_EDI_MOLD_CELLS  1024u
#define DGM_EDI_MOLD_PROBES 4u
#define DGM_EDI_MOLD_BYTES  (48u * 1024u)

typedef struct dgm_edi_molds {
    dgm_edi_mold *cells[DGM_EDI_MOLD_CELLS + DGM_EDI_MOLD_PROBES];
    size_t used;
    _Alignas(8) char room[DGM_EDI_MOLD_BYTES];
} dgm_edi_molds;

static inline uint32_t dgm_edi_mold_cell(uint32_t position, uint64_t order)
{
    return (uint32_t)((order * 0x9E3779B97F4A7C15u ^ position * 0xD6E8FEB86659FD93u) >> 54);
}

/* Makes the mold of a segment of `count` tokens with this order. NULL: it is not as it should be, or has what molds leave out. */
const dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint32_t position, uint64_t order,
                                      const dgm_edi_token *tokens);

static inline const dgm_edi_mold *dgm_edi_mold_find(dgm_edi_molds *molds, const dgm_edi_program *p, uint32_t position,
                                                    uint64_t order, const dgm_edi_token *tokens)
{
    dgm_edi_mold *const *cell = &molds->cells[dgm_edi_mold_cell(position, order)];
    const dgm_edi_position *pos = &p->positions[position];
    for (uint32_t i = 0; i < DGM_EDI_MOLD_PROBES && cell[i]; i++)
        if (cell[i]->order == order && cell[i]->position == pos) return cell[i];
    return dgm_edi_mold_make(molds, p, position, order, tokens);
}

#endif
