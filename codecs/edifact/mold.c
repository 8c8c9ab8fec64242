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
    bool coded; /* codes and check digits are checked: not those of UNH and UNT, by which the message is found */
    dgm_edi_mold_row rows[2 * DGM_EDI_MOLD_TOKENS_MAX + 2]; /* at most two a token, and those of a group and the segment */
    dgm_edi_mold_check checks[DGM_EDI_MOLD_TOKENS_MAX];
    dgm_edi_mold_code codes[DGM_EDI_MOLD_TOKENS_MAX + 1];
    dgm_edi_mold_digit digits[DGM_EDI_DIGITS_MAX];
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
            (dgm_edi_mold_code){ .list = list, .token = (uint8_t)token, .agency = named ? (uint8_t)(agency - tokens) : 0 };
    return true;
}

/* What length can tell is asked of each value anew, and so are the checks. */
static bool add_leaf(making *w, uint32_t which, const dgm_edi_token *tokens, uint32_t token)
{
    const dgm_edi_leaf *leaf = &w->layout->leaves[which];
    const uint32_t codes = w->mold->code_count;
    if (w->coded && leaf->coded && !add_code(w, leaf, tokens, token)) return false;
    if (leaf->class != DGM_EDI_AN || leaf->least > 1)
        w->checks[w->mold->check_count++] =
            (dgm_edi_mold_check){ .least = leaf->least, .more = leaf->more, .token = (uint8_t)token, .class = leaf->class };
    uint32_t most = leaf->class == DGM_EDI_N ? UINT16_MAX : (uint32_t)leaf->least + leaf->more;
    if (codes != w->mold->code_count && most > DGM_EDI_CODE_BYTES_MAX) most = DGM_EDI_CODE_BYTES_MAX; /* longer ones need care */
    w->rows[w->mold->row_count++] =
        (dgm_edi_mold_row){ .tag = DGM_TAG(w->pos->base[leaf->in_composite] + leaf->index, DGM_ELEMENT, 0),
                            .place = leaf->place,
                            .leaf_bits = UINT32_MAX,
                            .most = most,
                            .token = (uint8_t)token,
                            .text = leaf->class == DGM_EDI_AN && leaf->least <= 1,
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
        w->mold->row_count = (uint8_t)composite;
        return token;
    }
    if (place->needed & ~have) return 0;
    w->rows[composite] = (dgm_edi_mold_row){ .tag = DGM_TAG(w->pos->base[0] + which, DGM_COMPOSITE, 0),
                                             .place = place->element,
                                             .composite_bits = UINT32_MAX,
                                             .end = w->mold->row_count,
                                             .token = (uint8_t)first };
    return token;
}

static bool add_elements(making *w, const dgm_edi_token *tokens)
{
    uint64_t present = 0;
    uint32_t token = 1, which = 0;
    do {
        if (which >= w->layout->near) return false;
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
    for (uint32_t i = 0; i < w->layout->digit_count && w->coded; i++) {
        const dgm_edi_digit *d = &w->layout->digits[i];
        uint32_t token = token_of(tokens, d->element, d->component);
        uint32_t by = d->by_element ? token_of(tokens, d->by_element, d->by_component) : 0;
        if (token && (by || !d->by_element))
            w->digits[w->mold->digit_count++] =
                (dgm_edi_mold_digit){ dgm_edi_digit_names_of(d->rule), d->rule, (uint8_t)token, (uint8_t)by };
    }
}

/* Where the tag leads; false when there is anything to say about it. */
static bool add_way(making *w, const dgm_edi_program *p)
{
    dgm_edi_mold *mold = w->mold;
    uint32_t packed = (uint32_t)mold->way & 0xFFFFFF, number = dgm_edi_tag_number(p, packed);
    dgm_edi_move m = number ? dgm_edi_move_get(p, (uint32_t)(mold->way >> 24) & DGM_EDI_POSITIONS_MAX, number) : 0;
    const bool head = packed == DGM_EDI_TAG('U', 'N', 'H'), service = head || packed == DGM_EDI_TAG('U', 'N', 'T');
    if (head) m = mold->way >> 24 & DGM_EDI_POSITIONS_MAX ? 0 : DGM_EDI_MOVE(1, 0, 0); /* there is nothing before it */
    w->coded = w->molds->coded && !service;
    if (m == 0 || dgm_edi_move_passes(m)) return false;
    const dgm_edi_position *pos = &p->positions[dgm_edi_move_position(m)], *group = &p->positions[pos->parent];
    mold->to = (uint16_t)dgm_edi_move_position(m);
    mold->opens = dgm_edi_move_opens(m);
    mold->counted = mold->opens ? pos->parent : mold->to;
    mold->max = p->positions[mold->counted].max;
    mold->keep = (uint8_t)(pos->depth - (uint32_t)mold->opens);
    const uint32_t holds = UINT32_MAX;
    if (mold->opens) /* its end is known later */
        w->rows[mold->row_count++] = (dgm_edi_mold_row){ .tag = DGM_TAG(group->slot, DGM_GROUP, 0), .composite_bits = holds };
    w->rows[mold->row_count++] = (dgm_edi_mold_row){ .tag = DGM_TAG(pos->slot, DGM_SEGMENT, 0), .composite_bits = holds };
    mold->first_child = group->first_child;
    mold->child_count = group->child_count;
    w->layout = &p->layouts[pos->layout];
    w->pos = pos;
    return true;
}

static dgm_edi_mold_reach reach_of(const making *w)
{
    uint32_t last = 0;
    for (uint32_t i = 0; i < w->mold->row_count; i++)
        if (w->rows[i].token > last) last = w->rows[i].token;
    return last < 8 ? DGM_EDI_MOLD_EIGHT : last < 16 ? DGM_EDI_MOLD_SIXTEEN : DGM_EDI_MOLD_ANY;
}

/* A row becomes one of the four nodes of a vector. */
static void lay_row(const dgm_edi_mold_row *row, uint32_t i, dgm_edi_mold_choice *choice, dgm_edi_mold_vector *vector)
{
    uint32_t *same = &vector->same[i * 4];
    uint16_t span = (uint16_t)(2u << i * 4);
    same[0] = row->most;
    same[1] = row->end;
    same[2] = row->tag;
    same[3] = row->place;
    choice->token[i * 2] = (uint8_t)row->token;
    if (row->leaf_bits)
        choice->leaves |= span;
    else
        choice->holders |= span;
}

/* How many lines so many bytes take. */
static uint32_t lines(size_t bytes)
{
    return (uint32_t)((bytes + DGM_EDI_MOLD_LINE - 1) / DGM_EDI_MOLD_LINE);
}

/* Lines that choices of so many vectors take. */
static uint32_t choice_lines(uint32_t vectors)
{
    return lines(vectors * sizeof(dgm_edi_mold_choice));
}

static void lay_vectors(const making *w, char *at, uint32_t count)
{
    dgm_edi_mold_near *near = (dgm_edi_mold_near *)(void *)at;
    const dgm_edi_mold *head = &near->head;
    char *far_choices = at + DGM_EDI_MOLD_NEAR_LINES * (size_t)DGM_EDI_MOLD_LINE;
    char *far_vectors = at + head->vectors * (size_t)DGM_EDI_MOLD_LINE;
    for (uint32_t i = 0; i < count; i++) {
        const bool far = i >= DGM_EDI_MOLD_NEAR;
        dgm_edi_mold_choice *choice = far ? (dgm_edi_mold_choice *)(void *)far_choices + i - DGM_EDI_MOLD_NEAR : &near->choices[i];
        dgm_edi_mold_vector *vector = far ? (dgm_edi_mold_vector *)(void *)far_vectors + i - DGM_EDI_MOLD_NEAR : &near->vectors[i];
        *choice = (dgm_edi_mold_choice){ .token = { 8, 8, 8, 8, 8, 8, 8, 8 } }; /* of eight tokens: a zero */
        *vector = (dgm_edi_mold_vector){ 0 };
        for (uint32_t k = 0; k < 4 && 4 * i + k < head->row_count; k++) lay_row(&w->rows[4 * i + k], k, choice, vector);
    }
}

/* Lays the parts down where they will stay. NULL: there is no room for them. */
static dgm_edi_mold *lay(making *w)
{
    dgm_edi_molds *molds = w->molds;
    dgm_edi_mold *mold = w->mold;
    uint32_t vectors = (mold->row_count + 3u) / 4, codes = mold->code_count;
    if (vectors < DGM_EDI_MOLD_NEAR) vectors = DGM_EDI_MOLD_NEAR;
    if (codes == 1) w->codes[codes++] = w->codes[0];
    const uint32_t far = vectors - DGM_EDI_MOLD_NEAR, far_codes = codes > DGM_EDI_MOLD_NEAR ? codes - DGM_EDI_MOLD_NEAR : 0;
    mold->reach = (uint8_t)reach_of(w);
    mold->vectors = (uint8_t)(DGM_EDI_MOLD_NEAR_LINES + choice_lines(far));
    mold->codes = (uint16_t)((mold->vectors + far) * DGM_EDI_MOLD_LINE);
    mold->digits = (uint16_t)(mold->codes + far_codes * sizeof *w->codes);
    mold->checks = (uint16_t)(mold->digits + mold->digit_count * sizeof *w->digits);
    mold->rows = (uint8_t)lines(mold->checks + mold->check_count * sizeof *w->checks);
    const uint32_t all = mold->rows + lines(mold->row_count * sizeof *w->rows + DGM_EDI_MOLD_TOKENS_MAX);
    if (molds->used + all > DGM_EDI_MOLD_LINES) {
        molds->full = true; /* molds of this run are still in use: they go when the next begins */
        return NULL;
    }
    char *at = molds->lines + molds->used * (size_t)DGM_EDI_MOLD_LINE;
    dgm_edi_mold_near *near = (dgm_edi_mold_near *)(void *)at;
    near->head = *mold;
    lay_vectors(w, at, vectors);
    memcpy(near->codes, w->codes, (codes < DGM_EDI_MOLD_NEAR ? codes : DGM_EDI_MOLD_NEAR) * sizeof *w->codes);
    if (far_codes) memcpy(at + mold->codes, w->codes + DGM_EDI_MOLD_NEAR, far_codes * sizeof *w->codes);
    if (mold->digit_count) memcpy(at + mold->digits, w->digits, mold->digit_count * sizeof *w->digits);
    if (mold->check_count) memcpy(at + mold->checks, w->checks, mold->check_count * sizeof *w->checks);
    memcpy(at + mold->rows * (size_t)DGM_EDI_MOLD_LINE, w->rows, mold->row_count * sizeof *w->rows);
    uint8_t *row_of = (uint8_t *)at + mold->rows * (size_t)DGM_EDI_MOLD_LINE + mold->row_count * sizeof *w->rows;
    memset(row_of, 0, DGM_EDI_MOLD_TOKENS_MAX);
    for (uint32_t i = 0; i < mold->row_count; i++)
        if (w->rows[i].leaf_bits) row_of[w->rows[i].token] = (uint8_t)i;
    molds->used += all;
    return &near->head;
}

dgm_edi_mold *dgm_edi_mold_make(dgm_edi_molds *molds, const dgm_edi_program *p, uint64_t way, uint64_t order,
                                const dgm_edi_token *tokens)
{
    dgm_edi_mold mold = { .order = order, .way = way };
    making w; /* its tables are filled as far as the counts tell */
    w.mold = &mold;
    w.molds = molds;
    w.directory = &p->directory;
    if (molds->full || (molds->trailing && dgm_edi_trails(tokens))) return NULL;
    if (!add_way(&w, p) || !add_elements(&w, tokens)) return NULL;
    if (w.layout->rule_count && !dgm_edi_rules_kept(w.layout, tokens)) return NULL;
    add_digits(&w, tokens);
    if (p->sections[0] && mold.to == p->sections[0] && tokens[1].info >> 5)
        w.codes[mold.code_count++] = (dgm_edi_mold_code){ .list = &molds->section_d, .token = 1 };
    w.rows[mold.opens].end = mold.row_count;
    dgm_edi_mold *laid = lay(&w);
    if (!laid) return NULL;
    dgm_edi_mold **cell = &molds->cells[dgm_edi_mold_cell(way, order)];
    uint32_t i = 0;
    while (i + 1 < DGM_EDI_MOLD_PROBES && cell[i]) i++;
    cell[i] = laid;
    return laid;
}
