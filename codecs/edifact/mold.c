/* SPDX-License-Identifier: Apache-2.0
 *
 * mold.c - making molds; see mold.h. What is right here is what segment.c takes the fast way. ISO 9735:1988, 8 and 9. One thread.
 */
#include "mold.h"

#include "model/tree.h"

typedef struct making {
    const dgm_edi_layout *layout;
    const dgm_edi_position *pos;
    dgm_edi_mold *mold;
    dgm_edi_mold_number numbers[DGM_EDI_MOLD_TOKENS_MAX];
} making;

/* Whether a value is right is asked of each segment anew; alphabetic values are looked at elsewhere. */
static bool add_leaf(making *w, uint32_t which, uint32_t token)
{
    const dgm_edi_leaf *leaf = &w->layout->leaves[which];
    dgm_edi_mold_row *row = &w->mold->rows[w->mold->row_count++];
    if (leaf->class == DGM_EDI_A) return false;
    bool number = leaf->class == DGM_EDI_N;
    if (number)
        w->numbers[w->mold->number_count++] =
            (dgm_edi_mold_number){ .least = leaf->least, .more = leaf->more, .token = (uint8_t)token };
    *row = (dgm_edi_mold_row){ .tag = DGM_TAG(w->pos->base[leaf->in_composite] + leaf->index, DGM_ELEMENT, 0),
                               .place = leaf->place,
                               .leaf_bits = UINT32_MAX,
                               .least = number ? 0 : leaf->least,
                               .most = number ? UINT16_MAX : (uint32_t)leaf->least + leaf->more,
                               .token = (uint16_t)token,
                               .leaf = (uint16_t)which };
    return true;
}

/* The element that begins at a token; the token behind it, 0 when it is not right. */
static uint32_t add_element(making *w, const dgm_edi_token *tokens, uint32_t token, uint32_t which)
{
    const dgm_edi_place *place = &w->layout->places[which];
    uint32_t composite = w->mold->row_count, have = 0, c = 0, first = token, kind = tokens[token].info;
    if (place->count == 0) {
        if (kind & DGM_EDI_KIND_COMPONENT) return 0;
        return kind >> 5 && !add_leaf(w, place->first, token) ? 0 : token + 1;
    }
    w->mold->row_count++;
    do {
        if (c == place->count) return 0;
        kind = tokens[token].info;
        if (kind >> 5) {
            if (!add_leaf(w, place->first + c, token)) return 0;
            have |= 1u << c;
        }
        token++;
        c++;
    } while (kind & DGM_EDI_KIND_COMPONENT);
    if (have == 0) {
        w->mold->row_count = composite;
        return token;
    }
    if (place->needed & ~have) return 0;
    w->mold->rows[composite] = (dgm_edi_mold_row){ .tag = DGM_TAG(w->pos->base[0] + which, DGM_COMPOSITE, 0),
                                                   .place = which + 1,
                                                   .composite_bits = UINT32_MAX,
                                                   .end = w->mold->row_count + 1,
                                                   .token = (uint16_t)first };
    return token;
}

static bool add_elements(making *w, const dgm_edi_token *tokens)
{
    uint64_t present = 0;
    uint32_t token = 1, which = 0;
    do {
        if (which == w->layout->place_count) return false;
        uint32_t rows = w->mold->row_count;
        token = add_element(w, tokens, token, which);
        if (token == 0) return false;
        present |= (uint64_t)(w->mold->row_count != rows) << which++;
    } while (!(tokens[token - 1].info & DGM_EDI_KIND_TERMINATOR));
    return !(w->layout->needed & ~present);
}

/* At most two nodes a token, and a number for each. */
#define LARGEST                                                                                                                    \
    (sizeof(dgm_edi_mold) +                                                                                                        \
     DGM_EDI_MOLD_TOKENS_MAX * (2 * sizeof(dgm_edi_mold_row) + sizeof(dgm_edi_mold_number) + _Alignof(dgm_edi_mold)))

const dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint32_t position, uint64_t order,
                                      const dgm_edi_token *tokens)
{
    if (molds->used + LARGEST > sizeof molds->room) {
        memset(molds->cells, 0, sizeof molds->cells);
        molds->used = 0;
    }
    dgm_edi_mold *mold = (dgm_edi_mold *)(void *)(molds->room + molds->used);
    const dgm_edi_position *pos = &p->positions[position];
    making w = { .layout = &p->layouts[pos->layout], .pos = pos, .mold = mold };
    *mold = (dgm_edi_mold){ .order = order, .position = pos };
    if (!add_elements(&w, tokens)) return NULL;
    char *behind = (char *)(mold->rows + mold->row_count);
    mold->numbers = (const dgm_edi_mold_number *)(void *)behind;
    if (mold->number_count) memcpy(behind, w.numbers, mold->number_count * sizeof *mold->numbers);
    behind += mold->number_count * sizeof *mold->numbers;
    molds->used = ((size_t)(behind - molds->room) + _Alignof(dgm_edi_mold) - 1) & ~(_Alignof(dgm_edi_mold) - 1);
    dgm_edi_mold **cell = &molds->cells[dgm_edi_mold_cell(position, order)];
    uint32_t i = 0;
    while (i + 1 < DGM_EDI_MOLD_PROBES && cell[i]) i++;
    cell[i] = mold;
    return mold;
}
