/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - runs of segments that are as they should be and like others before them (mold.h): placed, checked and made into nodes in
 * one sweep, without anything being written down for each. The first segment that is unusual in any way ends the run untouched, and
 * reader.c takes it the long way. One thread.
 */
#include "digits.h"
#include "reader.h"

#define ROOM      192u /* nodes asked for at a time */
#define ROWS_MOST (2 * DGM_EDI_MOLD_TOKENS_MAX + 2)
#define ODD_KINDS ((uint32_t)(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))
#define PLAIN_TAG (3u << 5 | DGM_EDI_KIND_ELEMENT) /* three bytes, and elements follow */

/* Where a run stands in the draft. */
typedef struct draft_room {
    dgm_node *nodes; /* all of the draft */
    uint32_t end;    /* the first number there is no room for */
} draft_room;

/* Hands over the nodes up to `next` and asks for more room. end == next: there is none. */
static draft_room more_room(dgm_edi_reader *r, uint32_t next)
{
    draft_room given = { .end = next };
    if (next != r->next_node) r->host.draft_commit(r->draft, next - r->next_node);
    r->next_node = next;
    if (next + ROWS_MOST >= r->host.limits.nodes_max) return given;
    dgm_node *nodes = r->host.draft_reserve(r->draft, ROOM);
    if (!nodes) return given;
    uint32_t left = r->host.limits.nodes_max - next;
    given.nodes = nodes - next;
    given.end = next + (left < ROOM ? left : ROOM);
    return given;
}

/* A tag with an element separator behind it. */
static inline uint32_t tag_of(const char *at)
{
    uint32_t four;
    memcpy(&four, at, sizeof four);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    four = __builtin_bswap32(four);
#endif
    return four & 0xFFFFFF;
}

/* The last token of the segment at t, the order of those behind the tag, and all that is in them. Repetitions have no order: NULL.
 */
static inline __attribute__((always_inline)) const dgm_edi_token *order_of(const dgm_edi_token *t, uint64_t *order, uint32_t *kinds,
                                                                           const bool repetitions)
{
    uint64_t empty = 1, components = 0;
    uint32_t all = 0, info;
    do {
        info = (++t)->info;
        all |= info;
        if (repetitions && dgm_edi_repetition_follows(*t)) return NULL;
        empty = empty * 2 + (info < 32);
        components = components * 2 + (info & DGM_EDI_KIND_COMPONENT);
    } while (!(info & DGM_EDI_KIND_TERMINATOR));
    *order = empty << 32 | components / DGM_EDI_KIND_COMPONENT;
    *kinds = all;
    return t;
}

/* The nodes from number `first` on, without occurrences; false when a value is too long. */
static inline bool fill(dgm_node *n, uint32_t first, const dgm_edi_mold *mold, const dgm_edi_token *t, uint32_t message_at)
{
    const dgm_edi_mold_row *row = mold->rows, *end = row + mold->row_count;
    uint32_t wrong = 0; /* the highest bit: a difference was below zero */
    for (; row != end; row++, n++) {
        const dgm_edi_token *token = t + row->token;
        uint32_t len = token->info >> 5 & row->leaf_bits;
        wrong |= row->most - len;
        n->at = token->at - message_at;
        n->span = len + row->end + (first & row->composite_bits);
        memcpy(&n->tag, &row->tag, 8); /* and place */
    }
    return !(wrong >> 31);
}

static inline bool checks_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in, size_t in_len, char bad_mark)
{
    const dgm_edi_mold_check *check = mold->checks;
    for (uint32_t i = mold->check_count; i; i--, check++) {
        uint32_t at = t[check->token].at, len = t[check->token].info >> 5;
        if (check->class != DGM_EDI_AN) {
            if (len > 16 || in_len - at < 16) return false;
            if (check->class == DGM_EDI_N)
                len = dgm_edi_digits16(in + at, len, bad_mark);
            else if (dgm_edi_any_digit16(in + at, len))
                return false;
            if (len == 0) return false;
        }
        if (len - check->least > check->more) return false;
    }
    return true;
}

/* last: the last token of the segment. */
static inline bool codes_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const dgm_edi_token *last, const char *in,
                              size_t in_len)
{
    const dgm_edi_mold_code *code = mold->codes, *end = code + mold->code_count;
    if (code != end && in_len - last->at < DGM_EDI_CODE_BYTES_MAX) return false;
    for (; code != end; code++) {
        uint32_t at = t[code->token].at, len = t[code->token].info >> 5;
        if (code->agency && !(t[code->agency].info >> 5 == 1 && in[t[code->agency].at] == '6')) continue;
        if (len > DGM_EDI_CODE_BYTES_MAX || !dgm_edi_codes_hold(code->list, in + at, len)) return false;
    }
    return true;
}

static bool digits_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->digit_count; i++) {
        const dgm_edi_mold_digit *d = &mold->digits[i];
        dgm_slice value = { in + t[d->token].at, t[d->token].info >> 5 }, by = { NULL, 0 };
        char wanted;
        if (d->by) by = (dgm_slice){ in + t[d->by].at, t[d->by].info >> 5 };
        if (dgm_edi_digit_wrong(d->rule, value, by, &wanted)) return false;
    }
    return true;
}

/* Values with releases or odd characters of the segment taken last, whose nodes begin with `node`. */
static void look_again(dgm_edi_reader *r, const dgm_edi_mold *mold, const dgm_edi_token *t, size_t tokens, uint32_t node)
{
    const dgm_edi_layout *layout = mold->layout;
    r->segment =
        (dgm_edi_segment){ .token = t, .at = t->at, .tag = { r->in + t->at, 3 }, .packed = (uint32_t)mold->way & 0xFFFFFF };
    dgm_edi_measured(r, tokens);
    r->path_position = r->place;
    r->path_layout = layout;
    r->later_count = 0;
    for (uint32_t i = 0; i < mold->row_count; i++) {
        const dgm_edi_mold_row *row = &mold->rows[i];
        if (!row->leaf_bits || !(t[row->token].info & ODD_KINDS)) continue;
        r->later[r->later_count++] = (dgm_edi_later){ node + i, row->token, &layout->leaf_names[row->leaf], row->leaf };
    }
    dgm_edi_settle(r, layout);
    dgm_edi_draft_check(r);
}

/* Can none of the segments that are ready come upon a limit of size or depth? */
static bool within_limits(const dgm_edi_reader *r, const dgm_edi_token *first, const dgm_edi_token *last)
{
    size_t end = (size_t)last->at + dgm_edi_token_len(*last) + 1;
    return end - first->at <= (size_t)r->host.limits.segment_bytes_max + 1 &&
           end - r->message_at <= r->host.limits.message_bytes_max && r->program->depth < r->host.limits.depth_max;
}

/* Where the run ended: the segment taken last, which begins at t and has its last token before `behind`. */
static void settle_run(dgm_edi_reader *r, const dgm_edi_mold *mold, const dgm_edi_token *t, const dgm_edi_token *behind, bool odd)
{
    r->place = mold->to;
    r->token_next = (size_t)(behind - r->tokens);
    if (odd) look_again(r, mold, t, (size_t)(behind - t), r->next_node - mold->row_count);
    r->before.at = t->at;
    r->before.end = (size_t)behind[-1].at + dgm_edi_token_len(behind[-1]) + 1;
    r->before.position = r->position.segment;
    memcpy(r->before.tag, r->in + t->at, 3);
}

/* long: all that a segment takes stays in registers only while it is one function that calls nothing but the rare. */
static inline __attribute__((always_inline)) bool run(dgm_edi_reader *r, const bool repetitions)
{
    const dgm_edi_program *const p = r->program;
    const dgm_edi_token *t = r->tokens + r->token_next, *last = NULL;
    const dgm_edi_token *const ready = r->tokens + r->token_ready;
    const dgm_edi_mold *mold = NULL;
    const char *const in = r->in;
    uint32_t *const counts = r->counts;
    const uint32_t message_at = (uint32_t)r->message_at;
    uint32_t open = r->groups_open, segments = 0, kinds = 0, next = r->next_node;
    if (!p || r->draft_trouble || !within_limits(r, t, ready - 1)) return false;
    dgm_edi_molds_renew(r->molds);
    uint64_t from = dgm_edi_mold_way((uint32_t)(r->kind - r->known), r->place, 0);
    const uint64_t kind = dgm_edi_mold_way((uint32_t)(r->kind - r->known), 0, 0);
    draft_room room = more_room(r, next);
    while (t != ready && !(kinds & ODD_KINDS)) {
        if (t->info != PLAIN_TAG) break;
        const uint32_t at = t->at, packed = tag_of(in + at);
        if (packed == DGM_EDI_TAG('U', 'N', 'T')) break;
        uint64_t order;
        uint32_t these;
        const dgm_edi_token *behind = order_of(t, &order, &these, repetitions);
        if (repetitions && !behind) break;
        if (behind - t > DGM_EDI_MOLD_TOKENS_MAX) break;
        const dgm_edi_mold *like = dgm_edi_mold_find(r->molds, p, from | packed, order, t);
        if (!like || counts[like->counted] >= like->max) break;
        if (room.end - next < ROWS_MOST) room = more_room(r, next);
        if (room.end == next) break;
        dgm_node *n = room.nodes + next;
        if (!fill(n, next, like, t, message_at) || !checks_good(like, t, in, r->len, r->mark_wrong) ||
            !codes_good(like, t, behind, in, r->len) || (like->digit_count && !digits_good(like, t, in)))
            break;
        while (open > like->keep) room.nodes[r->group_nodes[--open]].span = next;
        if (like->opens) {
            memset(counts + like->first_child, 0, like->child_count * sizeof *counts);
            r->group_nodes[open++] = next;
            n++->place = ++counts[like->counted];
        }
        n->place = ++counts[like->to];
        next += like->row_count;
        from = kind | (uint64_t)like->to << 24;
        segments++;
        last = t;
        mold = like;
        kinds = these;
        t = behind + 1;
    }
    if (segments == 0) return false;
    if (next != r->next_node) r->host.draft_commit(r->draft, next - r->next_node);
    r->next_node = next;
    r->groups_open = open;
    r->position.segment += segments;
    settle_run(r, mold, last, t, kinds & ODD_KINDS);
    return t == ready || kinds & ODD_KINDS;
}

bool dgm_edi_message_run(dgm_edi_reader *r)
{
    return r->lexer.alphabet.has_repetition ? run(r, true) : run(r, false);
}
