/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - runs of segments that are as they should be and like others before them (mold.h): placed, checked and made into nodes in
 * one sweep, without anything being written down for each. The first segment that is unusual in any way ends the run untouched, and
 * reader.c takes it the long way. One thread.
 */
#include "digits.h"
#include "reader.h"
#include "run_ways.h"

#define BEYOND    16u /* nodes that may be laid behind the last one */
#define ODD_KINDS ((uint32_t)(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))
#define PLAIN_TAG (3u << 5 | DGM_EDI_KIND_ELEMENT) /* three bytes, and elements follow */
#define READ_ON   16u                              /* bytes that can be read from any value on */

/* Where a run is. */
typedef struct course {
    const uint32_t *start, *end; /* the next segment, and the one where it must end */
    const uint32_t *known;       /* a segment whose codes have been looked at */
    uint32_t odd_at;             /* the first slice from here on that is unusual */
    dgm_edi_mold *mold;          /* of the segment before */
    dgm_node *nodes;             /* all of the draft, with room for what may come */
    uint32_t next;               /* the number of the next node */
    uint32_t open;               /* groups */
} course;

/* Why it stopped, at the segment at start or, ODD, behind it. CARE: something is to be said about it. */
typedef enum stop { STOP_END, STOP_ODD, STOP_CARE, STOP_MOLD, STOP_CODES } stop;

/* Room for the nodes of all segments up to the end: two for each slice, two for each segment, and what is laid beyond. False: there
 * is none, or there may be more than there may be. */
static bool have_room(dgm_edi_reader *r, course *c)
{
    uint32_t slices = *c->end - *c->start, most = 2 * slices + 2 * (uint32_t)(c->end - c->start) + BEYOND;
    if (c->next + most > r->host.limits.nodes_max) return false;
    dgm_node *nodes = r->host.draft_reserve(r->draft, most);
    c->nodes = nodes ? nodes - c->next : NULL;
    return nodes != NULL;
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

/* READ_ON bytes can be read from each value on, here and below. */
static inline bool checks_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in, char bad_mark)
{
    const dgm_edi_mold_check *check = dgm_edi_mold_checks(mold);
    for (uint32_t i = mold->check_count; i; i--, check++) {
        uint32_t at = t[check->token].at, len = t[check->token].info >> 5;
        if (check->class != DGM_EDI_AN) {
            if (len > 16) return false;
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

static bool codes_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->code_count; i++) {
        const dgm_edi_mold_code *code = dgm_edi_mold_code_at(mold, i);
        uint32_t at = t[code->token].at, len = t[code->token].info >> 5;
        if (code->agency && !(t[code->agency].info >> 5 == 1 && in[t[code->agency].at] == '6')) continue;
        if (!dgm_edi_codes_hold(code->list, in + at, len)) return false;
    }
    return true;
}

/* 0: a code that was found lately. It has eight bytes at most: the mold takes no longer ones. */
static inline uint64_t code_off(const dgm_edi_mold_code *code, const dgm_edi_token *t, const char *in)
{
    const dgm_edi_code value = dgm_edi_code_of(in + t[code->token].at, t[code->token].info >> 5);
    return *dgm_edi_codes_cell(code->list, value) ^ value;
}

/* Nearly all codes are of those found lately. Where there is one it stands there twice. */
static inline bool codes_known(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    const dgm_edi_mold_code *code = dgm_edi_mold_near_of(mold)->codes;
    if (mold->code_count == 0) return true;
    uint64_t off = code_off(code, t, in) | code_off(code + 1, t, in);
    for (uint32_t i = DGM_EDI_MOLD_NEAR; i < mold->code_count; i++) off |= code_off(dgm_edi_mold_code_at(mold, i), t, in);
    return off == 0;
}

static bool digits_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->digit_count; i++) {
        const dgm_edi_mold_digit *d = &dgm_edi_mold_digits(mold)[i];
        dgm_slice value = { in + t[d->token].at, t[d->token].info >> 5 }, by = { in, 0 };
        char wanted;
        if (d->by) by = (dgm_slice){ in + t[d->by].at, t[d->by].info >> 5 };
        if (dgm_edi_digit_wrong(d->rule, value, by, &wanted)) return false;
    }
    return true;
}

/* Is there a value whose check digit must be worked out? */
static inline bool digits_meant(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->digit_count; i++) {
        const dgm_edi_mold_digit *d = &dgm_edi_mold_digits(mold)[i];
        uint32_t name = 0, len = t[d->by].info >> 5;
        if (d->by) name = tag_of(in + t[d->by].at) & (len < 4 ? (1u << 8 * len) - 1 : 0);
        if ((name & d->names.mask[0]) == d->names.value[0] || (name & d->names.mask[1]) == d->names.value[1]) return true;
    }
    return false;
}

static inline uint64_t order_of(const uint8_t *looks, uint32_t at, uint32_t slices)
{
    const uint64_t behind = (uint64_t)1 << 2 * slices;
    return (dgm_edi_order_looks(looks, at) & (behind - 1)) | behind;
}

/* What happens to nearly all segments. Nothing is called here, so that all it takes stays in registers: what is rare stops it. */
static inline __attribute__((always_inline)) stop take_known(dgm_edi_reader *r, course *to, dgm_edi_fill_way *fill,
                                                             dgm_edi_clear_way *clear)
{
    const dgm_edi_token *const tokens = r->tokens;
    const uint8_t *const looks = r->order.looks;
    char *const molds = r->molds->lines;
    const char *const in = r->in;
    uint32_t *const counts = r->counts;
    const uint32_t message_at = (uint32_t)r->message_at;
    const uint32_t *start = to->start, *const end = to->end;
    uint32_t next = to->next, *open = r->group_nodes + to->open;
    dgm_edi_mold *mold = to->mold;
    dgm_node *const nodes = to->nodes;
    stop why = STOP_END;
    for (; start != end; start++) {
        const uint32_t at = start[0], slices = start[1] - at;
        const dgm_edi_token *t = tokens + at;
        why = STOP_CARE;
        if (slices > DGM_EDI_MOLD_TOKENS_MAX) break;
        if (t->info != PLAIN_TAG) break;
        const uint64_t order = order_of(looks, at, slices), way = dgm_edi_mold_leads(mold) | tag_of(in + t->at);
        dgm_edi_mold *like =
            (dgm_edi_mold *)(void *)(molds + mold->next[dgm_edi_mold_follower(way, order)] * (size_t)DGM_EDI_MOLD_LINE);
        why = STOP_MOLD;
        if (like->order != order || like->way != way) break;
        dgm_node *n = nodes + next;
        why = STOP_CARE;
        if (counts[like->counted] >= like->max) break;
        if (!fill(n, next, like, t, message_at)) break;
        if (like->check_count && !checks_good(like, t, in, r->mark_wrong)) break;
        why = STOP_CODES;
        if ((!codes_known(like, t, in) || (like->digit_count && digits_meant(like, t, in))) && start != to->known) break;
        for (const uint32_t *keep = r->group_nodes + like->keep; open > keep;) nodes[*--open].span = next;
        if (like->opens) {
            clear(counts + like->first_child, like->child_count);
            *open++ = next;
            n[0].place = ++counts[like->counted];
            n[1].place = counts[like->to] = 1; /* what has been cleared only now is slow to read */
        } else {
            n->place = ++counts[like->to];
        }
        next += like->row_count;
        mold = like;
        why = STOP_ODD;
        if (at + slices > to->odd_at) {
            start++;
            break;
        }
        why = STOP_END;
    }
    to->start = start;
    to->next = next;
    to->open = (uint32_t)(open - r->group_nodes);
    to->mold = mold;
    return why;
}

typedef stop take_way(dgm_edi_reader *r, course *c);

static stop take_plain(dgm_edi_reader *r, course *c)
{
    return take_known(r, c, dgm_edi_fill_plain, dgm_edi_clear_plain);
}

#if defined(__x86_64__)
__attribute__((target(DGM_EDI_WIDE))) static bool lay_wide(dgm_node *n, uint32_t first, const dgm_edi_mold *mold,
                                                           const dgm_edi_token *t, uint32_t message_at)
{
    return dgm_edi_fill_wide(n, first, mold, t, message_at);
}

__attribute__((target(DGM_EDI_WIDE))) static stop take_wide(dgm_edi_reader *r, course *c)
{
    return take_known(r, c, dgm_edi_fill_wide, dgm_edi_clear_wide);
}
#endif

/* The nodes of one segment. */
static bool lay_nodes(const dgm_edi_reader *r, dgm_node *n, const dgm_edi_mold *mold, const dgm_edi_token *t)
{
#if defined(__x86_64__)
    if (r->wide) return lay_wide(n, r->next_node, mold, t, (uint32_t)r->message_at);
#endif
    return dgm_edi_fill_plain(n, r->next_node, mold, t, (uint32_t)r->message_at);
}

static bool is_trailer(const dgm_edi_mold *mold)
{
    return (mold->way & 0xFFFFFF) == DGM_EDI_TAG('U', 'N', 'T');
}

/* Which way the segment at start goes, and its order. */
static uint64_t way_of(const dgm_edi_reader *r, const course *c, uint64_t *order)
{
    *order = order_of(r->order.looks, c->start[0], c->start[1] - c->start[0]);
    return dgm_edi_mold_leads(c->mold) | tag_of(r->in + r->tokens[c->start[0]].at);
}

/* The mold of the segment at start; false when it has none. */
static bool find_mold(dgm_edi_reader *r, const course *c)
{
    uint64_t order, way = way_of(r, c, &order);
    if ((way & 0xFFFFFF) == DGM_EDI_TAG('U', 'N', 'T') && r->syntax_version >= 4) return false; /* it ends security, too */
    if (is_trailer(c->mold)) return false;
    const dgm_edi_mold *like = dgm_edi_mold_find(r->molds, r->program, way, order, r->tokens + c->start[0]);
    if (!like) return false;
    c->mold->next[dgm_edi_mold_follower(way, order)] =
        (uint16_t)((size_t)((const char *)like - r->molds->lines) / DGM_EDI_MOLD_LINE);
    return true;
}

/* Are codes and check digits of the segment at start right? */
static bool codes_found(const dgm_edi_reader *r, course *c)
{
    const dgm_edi_token *t = r->tokens + c->start[0];
    uint64_t order, way = way_of(r, c, &order);
    const dgm_edi_mold *like = dgm_edi_mold_at(r->molds, c->mold->next[dgm_edi_mold_follower(way, order)]);
    c->known = c->start;
    return codes_good(like, t, r->in) && digits_good(like, t, r->in);
}

/* Can none of the segments that are ready come upon a limit of size or depth? */
static bool within_limits(const dgm_edi_reader *r, const dgm_edi_token *first, const dgm_edi_token *last)
{
    size_t end = (size_t)last->at + dgm_edi_token_len(*last) + 1;
    return end - first->at <= (size_t)r->host.limits.segment_bytes_max + 1 &&
           end - r->message_at <= r->host.limits.message_bytes_max && r->program->depth < r->host.limits.depth_max;
}

/* What the reader knows of where it is, as the segment before start left it; `taken` segments since it knew last. */
static void settle_course(dgm_edi_reader *r, const course *c, uint32_t taken)
{
    if (taken == 0) return;
    const dgm_edi_token *t = r->tokens + c->start[-1], *last = r->tokens + c->start[0] - 1;
    if (c->next != r->next_node) r->host.draft_commit(r->draft, c->next - r->next_node);
    r->next_node = c->next;
    r->groups_open = c->open;
    r->position.segment += taken;
    r->molds->last = c->mold;
    r->place = c->mold->to;
    r->token_next = c->start[0];
    r->order.next += taken;
    r->before.at = t->at;
    r->before.end = (size_t)last->at + dgm_edi_token_len(*last) + 1;
    r->before.position = r->position.segment;
    memcpy(r->before.tag, r->in + t->at, 3);
}

/* The segment at t, whose tag is of three bytes. */
static void describe(dgm_edi_reader *r, const dgm_edi_token *t, size_t count)
{
    r->segment = (dgm_edi_segment){ .token = t, .at = t->at, .tag = { r->in + t->at, 3 }, .packed = tag_of(r->in + t->at) };
    dgm_edi_measured(r, count);
}

static const dgm_edi_layout *layout_of(const dgm_edi_reader *r, const dgm_edi_mold *mold)
{
    return &r->program->layouts[r->program->positions[mold->to].layout];
}

static bool unusual(const dgm_edi_mold_row *row, const dgm_edi_token *t)
{
    return row->leaf_bits && t[row->token].info & ODD_KINDS;
}

/* Values with releases or odd characters of the segment taken last: those about which there is nothing to say get what they stand
 * for. Returns the row of the first other one, or row_count. */
static uint32_t decode_plain(dgm_edi_reader *r, const course *c)
{
    char value[DGM_EDI_VALUE_ROOM];
    const dgm_edi_mold *mold = c->mold;
    const dgm_edi_token *t = r->tokens + c->start[-1];
    const dgm_edi_layout *layout = layout_of(r, mold);
    const dgm_edi_mold_row *rows = dgm_edi_mold_rows(mold);
    uint32_t i = 0;
    if (c->next != r->next_node) r->host.draft_commit(r->draft, c->next - r->next_node);
    r->next_node = c->next;
    for (; i < mold->row_count; i++) {
        if (!unusual(&rows[i], t)) continue;
        const dgm_edi_leaf *leaf = &layout->leaves[rows[i].leaf];
        size_t len;
        if (leaf->class != DGM_EDI_AN || leaf->least > 1 || !dgm_edi_value_plain(r, t[rows[i].token], value, &len)) break;
        if (len == 0 || len > (size_t)leaf->least + leaf->more) break; /* no value has more characters than bytes */
        if (r->host.draft_decoded(r->draft, c->next - mold->row_count + i, (dgm_slice){ value, len }) != DGM_OK) break;
    }
    return i;
}

/* The others, from a row on, with all that is to be said about them. */
static void look_again(dgm_edi_reader *r, const course *c, uint32_t from)
{
    const dgm_edi_mold *mold = c->mold;
    const dgm_edi_token *t = r->tokens + c->start[-1];
    const dgm_edi_layout *layout = layout_of(r, mold);
    const dgm_edi_mold_row *rows = dgm_edi_mold_rows(mold);
    describe(r, t, c->start[0] - c->start[-1]);
    r->path_position = r->place;
    r->path_layout = layout;
    r->later_count = 0;
    for (uint32_t i = from; i < mold->row_count; i++) {
        if (!unusual(&rows[i], t)) continue;
        r->later[r->later_count++] =
            (dgm_edi_later){ c->next - mold->row_count + i, rows[i].token, &layout->leaf_names[rows[i].leaf], rows[i].leaf };
    }
    dgm_edi_settle(r, layout);
    dgm_edi_draft_check(r);
}

/* The next segments of the course are those from token_next on. */
static void begin_course(dgm_edi_reader *r, course *c)
{
    dgm_edi_order *o = &r->order;
    dgm_edi_molds *molds = r->molds;
    if (!o->made) dgm_edi_order_make(o, r->tokens, r->token_next, r->token_ready, r->wide);
    const uint32_t number = dgm_edi_order_find(o, r->token_next), first = (uint32_t)r->token_next;
    *c = (course){ .start = o->starts + number, .end = o->starts + o->count, .next = r->next_node, .open = r->groups_open };
    const uint32_t repeated = r->lexer.alphabet.has_repetition ? dgm_edi_order_first(o, o->repeated, first) : UINT32_MAX;
    c->odd_at = dgm_edi_order_first(o, o->odd, first);
    while (c->end > c->start && r->len - r->tokens[*c->end - 1].at < READ_ON) c->end--;
    if (repeated < *c->end)
        for (c->end = c->start; c->end[1] <= repeated;) c->end++;
    const uint64_t leads = dgm_edi_mold_way((uint32_t)(r->kind - r->known), r->place, 0);
    c->mold = molds->last && dgm_edi_mold_leads(molds->last) == leads ? molds->last : &molds->begin;
    molds->begin.way = leads;
    molds->begin.to = (uint16_t)r->place;
}

bool dgm_edi_message_run(dgm_edi_reader *r)
{
    take_way *take = take_plain;
    course c;
    if (!r->program || r->draft_trouble) return false;
    if (!within_limits(r, r->tokens + r->token_next, r->tokens + r->token_ready - 1)) return false;
#if defined(__x86_64__)
    if (r->wide) take = take_wide;
#endif
    dgm_edi_molds_renew(r->molds);
    begin_course(r, &c);
    const uint32_t *settled = c.start;
    const uint32_t first = (uint32_t)(c.start - r->order.starts);
    if (!have_room(r, &c)) return false;
    for (stop why = STOP_ODD; why != STOP_END && why != STOP_CARE;) {
        why = take(r, &c);
        if (why == STOP_MOLD && !find_mold(r, &c)) break;
        if (why == STOP_CODES && !codes_found(r, &c)) break;
        if (why != STOP_ODD) continue;
        uint32_t done = decode_plain(r, &c);
        if (done < c.mold->row_count) {
            settle_course(r, &c, (uint32_t)(c.start - settled));
            settled = c.start;
            look_again(r, &c, done);
            if (r->failed != DGM_OK || r->phase != DGM_EDI_IN_MESSAGE || r->draft_trouble) return true;
        }
        c.odd_at = dgm_edi_order_first(&r->order, r->order.odd, c.start[0]);
        if (!have_room(r, &c)) break;
    }
    settle_course(r, &c, (uint32_t)(c.start - settled));
    if (c.start != r->order.starts + first && is_trailer(c.mold)) {
        describe(r, r->tokens + c.start[-1], c.start[0] - c.start[-1]);
        r->at_trailer = true;
    }
    return c.start == r->order.starts + r->order.count;
}

bool dgm_edi_message_head(dgm_edi_reader *r)
{
    dgm_edi_order *o = &r->order;
    const dgm_edi_token *t = r->segment.token;
    const uint32_t at = (uint32_t)r->token_next, count = (uint32_t)r->segment.count;
    if (t != r->tokens + at || t->info != PLAIN_TAG || r->segment.unterminated || r->draft_trouble) return false;
    if (count > DGM_EDI_MOLD_TOKENS_MAX || r->len - t[count - 1].at < READ_ON) return false;
    dgm_edi_molds_renew(r->molds);
    if (!o->made) dgm_edi_order_make(o, r->tokens, r->token_next, r->token_ready, r->wide);
    if (dgm_edi_order_first(o, o->odd, at) < at + count || dgm_edi_order_first(o, o->repeated, at) < at + count) return false;
    const uint64_t way = dgm_edi_mold_way((uint32_t)(r->kind - r->known), 0, r->segment.packed);
    const dgm_edi_mold *mold = dgm_edi_mold_find(r->molds, r->program, way, order_of(o->looks, at, count), t);
    if (!mold || r->next_node + 2 * count + BEYOND > r->host.limits.nodes_max) return false;
    dgm_node *n = r->host.draft_reserve(r->draft, 2 * count + BEYOND);
    if (!n || !lay_nodes(r, n, mold, t) || !checks_good(mold, t, r->in, r->mark_wrong)) return false;
    n->place = 1;
    r->host.draft_commit(r->draft, mold->row_count);
    r->next_node += mold->row_count;
    r->path_position = 1;
    r->path_layout = layout_of(r, mold);
    return true;
}
