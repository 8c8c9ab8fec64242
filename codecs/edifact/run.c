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

static inline uint32_t token_at(uint64_t token)
{
    return (uint32_t)token;
}

static inline uint32_t token_len(uint64_t token)
{
    return (uint32_t)(token >> 37);
}

/* A tag with an element separator behind it. */
static inline uint32_t tag_of(const char *at)
{
    uint32_t four;
    memcpy(&four, at, sizeof four);
    return four & 0xFFFFFF;
}

/* The last token of the segment at t, and what the segment looks like. */
static inline const dgm_edi_token *order_of(const dgm_edi_token *t, uint64_t *order, uint32_t *kinds)
{
    uint64_t o = 1;
    uint32_t all = 0, info;
    do {
        info = (++t)->info;
        all |= info;
        o = o * 4 + ((info >> 1 & 2) | (info > 31));
    } while (!(info & DGM_EDI_KIND_TERMINATOR));
    *order = o;
    *kinds = all;
    return t;
}

/* The nodes behind that of the segment, whose number is `first`; false when a value is too short or too long. */
static inline bool fill(dgm_node *n, uint32_t first, const dgm_edi_mold *mold, const dgm_edi_token *t, uint32_t message_at)
{
    const dgm_edi_mold_row *row = mold->rows, *end = row + mold->row_count;
    uint32_t wrong = 0; /* the highest bit: a difference was below zero */
    for (; row != end; row++) {
        uint64_t token;
        memcpy(&token, t + row->token, sizeof token);
        uint32_t len = token_len(token) & row->leaf_bits;
        wrong |= (len - row->least) | (row->most - len);
        n++;
        n->at = token_at(token) - message_at;
        n->span = len + row->end + (first & row->composite_bits);
        memcpy(&n->tag, &row->tag, 8); /* and place */
    }
    return !(wrong >> 31);
}

static inline bool numbers_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in, size_t in_len)
{
    const dgm_edi_mold_number *number = mold->numbers;
    for (uint32_t i = mold->number_count; i; i--, number++) {
        uint32_t at = t[number->token].at, len = t[number->token].info >> 5;
        if (len > 16 || in_len - at < 16) return false;
        uint32_t digits = dgm_edi_digits16(in + at, len);
        if (digits == 0 || digits - number->least > number->more) return false;
    }
    return true;
}

static inline dgm_node group_node(dgm_edi_reader *r, const dgm_edi_position *g, uint32_t at, uint32_t occurrence)
{
    memset(r->counts + g->first_child, 0, g->child_count * sizeof *r->counts);
    return (dgm_node){ .at = at, .tag = DGM_TAG(g->slot, DGM_GROUP, 0), .place = occurrence };
}

/* The segment taken last, for what comes behind it. */
static void written_down(dgm_edi_reader *r, const dgm_edi_token *t, size_t end)
{
    r->before.at = t->at;
    r->before.end = end;
    r->before.position = r->position.segment;
    memcpy(r->before.tag, r->in + t->at, 3);
}

/* Values with releases or odd characters of the segment taken last, whose first node is `node`. */
static void look_again(dgm_edi_reader *r, const dgm_edi_mold *mold, const dgm_edi_token *t, size_t tokens, uint32_t node)
{
    const dgm_edi_layout *layout = &r->program->layouts[mold->position->layout];
    r->segment = (dgm_edi_segment){ .token = t, .at = t->at, .tag = { r->in + t->at, 3 }, .packed = mold->position->tag };
    dgm_edi_measured(r, tokens);
    r->path_position = r->place;
    r->path_layout = layout;
    r->later_count = 0;
    for (uint32_t i = 0; i < mold->row_count; i++) {
        const dgm_edi_mold_row *row = &mold->rows[i];
        if (!row->leaf_bits || !(t[row->token].info & ODD_KINDS)) continue;
        r->later[r->later_count++] = (dgm_edi_later){ node + 1 + i, row->token, &layout->leaf_names[row->leaf], row->leaf };
    }
    dgm_edi_settle(r, layout);
    dgm_edi_draft_check(r);
}

/* long: all that a segment takes stays in registers only while it is one function that calls nothing but the rare. */
bool dgm_edi_message_run(dgm_edi_reader *r)
{
    const dgm_edi_program *const p = r->program;
    const dgm_edi_token *t = r->tokens + r->token_next, *last = NULL;
    const dgm_edi_token *const ready = r->tokens + r->token_ready;
    const dgm_edi_mold *mold = NULL;
    const char *const in = r->in;
    uint32_t *const counts = r->counts;
    const uint32_t message_at = (uint32_t)r->message_at;
    const size_t segment_most = (size_t)r->host.limits.segment_bytes_max + 1;
    const size_t end_most = r->message_at + r->host.limits.message_bytes_max;
    uint32_t place = r->place, open = r->groups_open, segments = 0, kinds = 0, next = r->next_node, node = 0;
    size_t end = 0;
    if (!p || r->draft_trouble) return false;
    draft_room room = more_room(r, next);
    while (t != ready && !(kinds & ODD_KINDS)) {
        const uint32_t at = t->at;
        if (t->info != PLAIN_TAG) break;
        const uint32_t packed = tag_of(in + at);
        const dgm_edi_move m = dgm_edi_move_get(p, place, dgm_edi_tag_number(p, packed));
        if (m == 0 || dgm_edi_move_passes(m) || packed == DGM_EDI_TAG('U', 'N', 'T')) break;
        const uint32_t to = dgm_edi_move_position(m), opens = dgm_edi_move_opens(m);
        const dgm_edi_position *pos = &p->positions[to];
        const uint32_t counted = opens ? pos->parent : to, keep = pos->depth - opens;
        if (counts[counted] >= p->positions[counted].max || pos->depth >= r->host.limits.depth_max) break;
        uint64_t order;
        uint32_t these;
        const dgm_edi_token *behind = order_of(t, &order, &these);
        if (behind - t > DGM_EDI_MOLD_TOKENS_MAX) break;
        const size_t ends = (size_t)behind->at + (behind->info >> 5) + 1;
        if (ends - at > segment_most || ends > end_most) break;
        const dgm_edi_mold *like = dgm_edi_mold_find(r->molds, p, to, order, t);
        if (!like) break;
        if (room.end - next < ROWS_MOST) room = more_room(r, next);
        if (room.end == next) break;
        const uint32_t here = next + opens;
        if (!fill(room.nodes + here, here, like, t, message_at) || !numbers_good(like, t, in, r->len)) break;
        while (open > keep) room.nodes[r->group_nodes[--open]].span = next;
        if (opens) {
            r->group_nodes[open++] = next;
            room.nodes[next] = group_node(r, &p->positions[counted], at - message_at, ++counts[counted]);
        }
        next = here + 1 + like->row_count;
        room.nodes[here] =
            (dgm_node){ .at = at - message_at, .span = next, .tag = DGM_TAG(pos->slot, DGM_SEGMENT, 0), .place = ++counts[to] };
        place = to;
        segments++;
        last = t;
        mold = like;
        node = here;
        end = ends;
        kinds = these;
        t = behind + 1;
    }
    if (segments == 0) return false;
    if (next != r->next_node) r->host.draft_commit(r->draft, next - r->next_node);
    r->next_node = next;
    r->place = place;
    r->groups_open = open;
    r->position.segment += segments;
    r->token_next = (size_t)(t - r->tokens);
    if (kinds & ODD_KINDS) look_again(r, mold, last, (size_t)(t - last), node);
    written_down(r, last, end);
    return t == ready || kinds & ODD_KINDS;
}
