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
    dgm_edi_molds *molds;
    const dgm_edi_directory *directory;
    dgm_edi_mold_check checks[DGM_EDI_MOLD_TOKENS_MAX];
    dgm_edi_mold_code codes[DGM_EDI_MOLD_TOKENS_MAX];
} making;

/* Whether 1131 names another list is the same for all segments of this order; which agency 3055 names is not. False: no memory. */
static bool add_code(making *w, const dgm_edi_leaf *leaf, const dgm_edi_token *tokens, uint32_t token)
{
    dgm_edi_codes *list = NULL;
    const dgm_edi_token *other = leaf->list_ahead ? dgm_edi_sibling(tokens + token, leaf->list_ahead) : NULL;
    const dgm_edi_token *agency = leaf->agency_ahead ? dgm_edi_sibling(tokens + token, leaf->agency_ahead) : NULL;
    if (other && other->info >> 5) return true;
    if (dgm_edi_codes_find(&w->molds->lists, w->directory, leaf->coded, &list) != DGM_OK) return false;
    bool named = agency && agency->info >> 5;
    if (list->listed)
        w->codes[w->mold->code_count++] =
            (dgm_edi_mold_code){ .list = list, .token = (uint16_t)token, .agency = named ? (uint16_t)(agency - tokens) : 0 };
    return true;
}

/* What length can tell is asked of each value anew, and so are the checks. */
static bool add_leaf(making *w, uint32_t which, const dgm_edi_token *tokens, uint32_t token)
{
    const dgm_edi_leaf *leaf = &w->layout->leaves[which];
    if (w->molds->coded && leaf->coded && !add_code(w, leaf, tokens, token)) return false;
    if (leaf->class != DGM_EDI_AN || leaf->least > 1)
        w->checks[w->mold->check_count++] =
            (dgm_edi_mold_check){ .least = leaf->least, .more = leaf->more, .token = (uint8_t)token, .class = leaf->class };
    w->mold->rows[w->mold->row_count++] =
        (dgm_edi_mold_row){ .tag = DGM_TAG(w->pos->base[leaf->in_composite] + leaf->index, DGM_ELEMENT, 0),
                            .place = leaf->place,
                            .leaf_bits = UINT32_MAX,
                            .most = leaf->class == DGM_EDI_N ? UINT16_MAX : (uint32_t)leaf->least + leaf->more,
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
        if (kind >> 5 && !add_leaf(w, place->first, tokens, token)) return 0;
        return token + 1;
    }
    w->mold->row_count++;
    do {
        if (c == place->count) return 0;
        kind = tokens[token].info;
        if (kind >> 5) {
            if (!add_leaf(w, place->first + c, tokens, token)) return 0;
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
                                                   .place = place->element,
                                                   .composite_bits = UINT32_MAX,
                                                   .end = w->mold->row_count,
                                                   .token = (uint16_t)first };
    return token;
}

static bool add_elements(making *w, const dgm_edi_token *tokens)
{
    uint64_t present = 0;
    uint32_t token = 1, which = 0;
    do {
        if (which >= w->layout->place_count || which >= DGM_EDI_NEEDED_MAX) return false;
        uint32_t rows = w->mold->row_count;
        token = add_element(w, tokens, token, which);
        if (token == 0) return false;
        present |= (uint64_t)(w->mold->row_count != rows) << which;
        which += w->layout->places[which].times;
    } while (!(tokens[token - 1].info & DGM_EDI_KIND_TERMINATOR));
    return !(w->layout->needed & ~present);
}

/* The token of an element and component; 0 when it is not there or empty. */
static uint32_t token_of(const dgm_edi_token *tokens, uint32_t element, uint32_t component)
{
    uint32_t e = 0, c = 1, token = 0;
    for (; e != element || c != component; token++) {
        uint32_t kind = tokens[token].info;
        if (kind & DGM_EDI_KIND_TERMINATOR || e > element) return 0;
        c = kind & DGM_EDI_KIND_COMPONENT ? c + 1 : 1;
        e += !(kind & DGM_EDI_KIND_COMPONENT);
    }
    return tokens[token].info >> 5 ? token : 0;
}

static void add_digits(making *w, const dgm_edi_token *tokens)
{
    for (uint32_t i = 0; i < w->layout->digit_count && w->molds->coded; i++) {
        const dgm_edi_digit *d = &w->layout->digits[i];
        uint32_t token = token_of(tokens, d->element, d->component);
        uint32_t by = d->by_element ? token_of(tokens, d->by_element, d->by_component) : 0;
        if (token && (by || !d->by_element))
            w->mold->digits[w->mold->digit_count++] = (dgm_edi_mold_digit){ d->rule, (uint8_t)token, (uint8_t)by };
    }
}

/* Where the tag leads; false when there is anything to say about it. */
static bool add_way(dgm_edi_mold *mold, const dgm_edi_program *p)
{
    uint32_t packed = (uint32_t)mold->way & 0xFFFFFF, number = dgm_edi_tag_number(p, packed);
    dgm_edi_move m = number ? dgm_edi_move_get(p, (uint32_t)(mold->way >> 24) & DGM_EDI_POSITIONS_MAX, number) : 0;
    if (m == 0 || dgm_edi_move_passes(m)) return false;
    const dgm_edi_position *pos = &p->positions[dgm_edi_move_position(m)], *group = &p->positions[pos->parent];
    mold->to = dgm_edi_move_position(m);
    mold->opens = dgm_edi_move_opens(m);
    mold->counted = mold->opens ? pos->parent : mold->to;
    mold->max = p->positions[mold->counted].max;
    mold->keep = pos->depth - (uint32_t)mold->opens;
    const uint32_t holds = UINT32_MAX;
    if (mold->opens) /* its end is known later */
        mold->rows[mold->row_count++] = (dgm_edi_mold_row){ .tag = DGM_TAG(group->slot, DGM_GROUP, 0), .composite_bits = holds };
    mold->rows[mold->row_count++] = (dgm_edi_mold_row){ .tag = DGM_TAG(pos->slot, DGM_SEGMENT, 0), .composite_bits = holds };
    mold->first_child = group->first_child;
    mold->child_count = group->child_count;
    mold->layout = &p->layouts[pos->layout];
    return true;
}

/* At most two nodes a token, the tag's too, and a check and a code for each. */
#define LARGEST                                                                                                                    \
    (sizeof(dgm_edi_mold) + (DGM_EDI_MOLD_TOKENS_MAX + 1) * (2 * sizeof(dgm_edi_mold_row) + sizeof(dgm_edi_mold_check) +           \
                                                             sizeof(dgm_edi_mold_code) + _Alignof(dgm_edi_mold)))

/* Up to the next place where a type of this alignment may stand. */
static size_t rounded(size_t at, size_t alignment)
{
    return (at + alignment - 1) & ~(alignment - 1);
}

const dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                      const dgm_edi_token *tokens)
{
    if (molds->used + LARGEST > sizeof molds->room) {
        molds->full = true; /* molds of this run are still in use: they go when the next begins */
        return NULL;
    }
    dgm_edi_mold *mold = (dgm_edi_mold *)(void *)(molds->room + molds->used);
    *mold = (dgm_edi_mold){ .order = order, .way = way };
    if (!add_way(mold, p)) return NULL;
    making w = { .layout = mold->layout, .pos = &p->positions[mold->to], .mold = mold, .molds = molds, .directory = &p->directory };
    if (!add_elements(&w, tokens)) return NULL;
    add_digits(&w, tokens);
    if (p->sections[0] && mold->to == p->sections[0] && tokens[1].info >> 5)
        w.codes[mold->code_count++] = (dgm_edi_mold_code){ .list = &molds->section_d, .token = 1 };
    mold->rows[mold->opens].end = mold->row_count;
    char *behind = (char *)(mold->rows + mold->row_count);
    behind = molds->room + rounded((size_t)(behind - molds->room), _Alignof(dgm_edi_mold_code));
    mold->codes = (const dgm_edi_mold_code *)(void *)behind;
    if (mold->code_count) memcpy(behind, w.codes, mold->code_count * sizeof *mold->codes);
    behind += mold->code_count * sizeof *mold->codes;
    mold->checks = (const dgm_edi_mold_check *)(void *)behind;
    if (mold->check_count) memcpy(behind, w.checks, mold->check_count * sizeof *mold->checks);
    behind += mold->check_count * sizeof *mold->checks;
    molds->used = rounded((size_t)(behind - molds->room), _Alignof(dgm_edi_mold));
    dgm_edi_mold **cell = &molds->cells[dgm_edi_mold_cell(way, order)];
    uint32_t i = 0;
    while (i + 1 < DGM_EDI_MOLD_PROBES && cell[i]) i++;
    cell[i] = mold;
    return mold;
}
