/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - runs of segments that are as they should be and like others before them (mold.h): placed, checked and made into nodes in
 * one sweep, without anything being written down for each. The first segment that is unusual in any way ends the run untouched, and
 * reader.c takes it the long way. One thread.
 */
#include "digits.h"

#include "base/date.h"
#include "reader.h"
#include "run_ways.h"

#define BEYOND    16u /* nodes that may be laid behind the last one */
#define ODD_KINDS ((uint32_t)(DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))
#define PLAIN_TAG (3u << 5 | DGM_EDI_KIND_ELEMENT) /* three bytes, and elements follow */
#define READ_ON   16u                              /* bytes that can be read from any value on */

/* Where a run is. */
typedef struct course {
    const uint32_t *start, *end; /* the next segment, and the one where it must end */
    uint32_t odd_at;             /* the first slice from here on that is unusual */
    uint32_t odd_row;            /* of the segment taken last: the first row about whose value something may have to be said */
    dgm_edi_mold *mold;          /* of the segment before */
    dgm_node *nodes;             /* all of the draft, with room for what may come */
    uint32_t next;               /* the number of the next node */
    uint32_t open;               /* groups */
} course;

/* Why it stopped, at the segment at start or, ODD, behind it. CARE: something may have to be said about it. */
typedef enum stop { STOP_END, STOP_ODD, STOP_CARE } stop;
#define RARE __attribute__((noinline))

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

/* A value that is not of the bytes it stands for is judged with care (check_digits.c). */
enum { OTHER_BYTES = DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD };

static bool digits_good(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->digit_count; i++) {
        const dgm_edi_mold_digit *d = &dgm_edi_mold_digits(mold)[i];
        dgm_slice value = { in + t[d->token].at, t[d->token].info >> 5 }, by = { in, 0 };
        char wanted;
        if ((t[d->token].info | t[d->by].info) & OTHER_BYTES) return false;
        if (d->by) by = (dgm_slice){ in + t[d->by].at, t[d->by].info >> 5 };
        if (dgm_edi_digit_wrong(d->rule, value, by, &wanted)) return false;
    }
    return true;
}

/* Nearly all dates are days as CCYYMMDD, alone or with a time to the minute. */
static inline bool date_plain(const dgm_edi_mold_digit *d, const dgm_edi_token *t, const char *in)
{
    const char *at = in + t[d->token].at;
    uint32_t len = t[d->token].info >> 5, format = tag_of(in + t[d->by].at), bytes = t[d->by].info >> 5;
    if (bytes != 3 || len < 8 || !dgm_date_plain_day(at)) return false;
    if (format == DGM_EDI_TAG('1', '0', '2')) return len == 8;
    return format == DGM_EDI_TAG('2', '0', '3') && len == 12 && dgm_date_two(at + 8, 0, 23) && dgm_date_two(at + 10, 0, 59);
}

/* Is there a value whose check digit must be worked out, or a date that must be looked at? */
static inline bool digits_meant(const dgm_edi_mold *mold, const dgm_edi_token *t, const char *in)
{
    for (uint32_t i = 0; i < mold->digit_count; i++) {
        const dgm_edi_mold_digit *d = &dgm_edi_mold_digits(mold)[i];
        uint32_t name = 0, len = t[d->by].info >> 5;
        if ((t[d->token].info | t[d->by].info) & OTHER_BYTES) return true;
        if (d->rule == DGM_EDI_DIGIT_DATE) {
            if (!date_plain(d, t, in)) return true;
            continue;
        }
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

static bool is_trailer(const dgm_edi_mold *mold)
{
    return (mold->way & 0xFFFFFF) == DGM_EDI_TAG('U', 'N', 'T');
}

static const dgm_edi_layout *layout_of(const dgm_edi_reader *r, const dgm_edi_mold *mold)
{
    return &r->program->layouts[r->program->positions[mold->to].layout];
}

/* The mold of a segment that another one followed lately; NULL when it has none. */
static RARE dgm_edi_mold *find_mold(dgm_edi_reader *r, dgm_edi_mold *before, uint64_t way, uint64_t order, const dgm_edi_token *t)
{
    if ((way & 0xFFFFFF) == DGM_EDI_TAG('U', 'N', 'T') && r->syntax_version >= 4) return NULL; /* it ends security, too */
    if (is_trailer(before)) return NULL;
    dgm_edi_mold *like = dgm_edi_mold_find(r->molds, r->program, way, order, t);
    if (like)
        before->next[dgm_edi_mold_follower(way, order)] =
            (uint16_t)((size_t)((const char *)like - r->molds->lines) / DGM_EDI_MOLD_LINE);
    return like;
}

/* Is a code among what is unusual? NULs behind it are not seen at one look. */
static inline bool codes_unusual(const dgm_edi_mold *mold, const dgm_edi_token *t)
{
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < mold->code_count; i++) kinds |= t[dgm_edi_mold_code_at(mold, i)->token].info;
    return kinds & ODD_KINDS;
}

/* Are codes and check digits right that were not found lately? */
static RARE bool codes_right(const dgm_edi_reader *r, const dgm_edi_mold *mold, const dgm_edi_token *t)
{
    return codes_good(mold, t, r->in) && digits_good(mold, t, r->in);
}

/* Values with releases or odd characters of the segment at a slice, whose nodes stand from `first` on: those about which there is
 * nothing to say get what they stand for. Returns the row of the first other one, or row_count. */
static RARE uint32_t decode_plain(dgm_edi_reader *r, course *c, const dgm_edi_mold *mold, const uint32_t *start, uint32_t first)
{
    const dgm_edi_order *o = &r->order;
    const dgm_edi_mold_row *rows = dgm_edi_mold_rows(mold);
    const uint8_t *row_of = dgm_edi_mold_row_of(mold);
    uint32_t at = c->odd_at, row = mold->row_count;
    r->host.draft_commit(r->draft, first + row - r->next_node);
    r->next_node = first + row;
    for (; at < start[1]; at = dgm_edi_order_first(o, o->odd, at + 1)) {
        dgm_slice value;
        row = row_of[at - start[0]]; /* no value has more characters than bytes: none becomes too long */
        if (!rows[row].text || !dgm_edi_value_plain(r, r->tokens[at], &value)) break;
        if (r->host.draft_decoded(r->draft, first + row, value) != DGM_OK) break;
        row = mold->row_count;
    }
    c->odd_at = at < start[1] ? dgm_edi_order_first(o, o->odd, start[1]) : at;
    return row;
}

/* A segment that is about to be taken: which way it goes, and the mold that it has if it is like one before. */
typedef struct ahead {
    const dgm_edi_token *t;
    uint32_t slices;
    uint64_t order, way;
    dgm_edi_mold *like;
} ahead;

/* `before` is the mold of the segment before. What a mold stands in is fetched here, while the segment before is still being taken:
 * on it depends each decision that the processor has to guess, and where it guesses wrong it waits for no more than that. */
static inline __attribute__((always_inline)) ahead look_ahead(const dgm_edi_reader *r, const uint32_t *start,
                                                              const dgm_edi_mold *before)
{
    ahead a = { .t = r->tokens + start[0], .slices = start[1] - start[0] };
    a.order = order_of(r->order.looks, start[0], a.slices & 31); /* what has more is not taken here */
    a.way = dgm_edi_mold_leads(before) | tag_of(r->in + a.t->at);
    a.like = dgm_edi_mold_at(r->molds, before->next[dgm_edi_mold_follower(a.way, a.order)]);
    for (uint32_t i = 0; i < DGM_EDI_MOLD_NEAR_LINES; i++) __builtin_prefetch(dgm_edi_mold_line(a.like, i));
    return a;
}

/* What happens to nearly all segments. What is called here is rare, so that all it takes stays in registers. */
static inline __attribute__((always_inline)) stop take_known(dgm_edi_reader *r, course *to, dgm_edi_fill_way *fill,
                                                             dgm_edi_clear_way *clear)
{
    const char *const in = r->in;
    uint32_t *const counts = r->counts;
    const uint32_t message_at = (uint32_t)r->message_at;
    const uint32_t *start = to->start, *const end = to->end;
    uint32_t next = to->next, *open = r->group_nodes + to->open, no_group;
    dgm_edi_mold *mold = to->mold;
    dgm_node *const nodes = to->nodes;
    stop why = STOP_END;
    ahead a = { 0 };
    if (start != end) a = look_ahead(r, start, mold);
    for (; start != end; start++) {
        const dgm_edi_token *const t = a.t;
        const uint32_t behind = start[1];
        why = STOP_CARE;
        if (a.slices > DGM_EDI_MOLD_TOKENS_MAX) break;
        if (t->info != PLAIN_TAG) break;
        dgm_edi_mold *like = a.like;
        if (like->order != a.order || like->way != a.way) {
            like = find_mold(r, mold, a.way, a.order, t);
            if (!like) break;
        }
        a = look_ahead(r, start + (start + 1 != end), like);
        dgm_node *n = nodes + next;
        if (counts[like->counted] >= like->max) break;
        if (!fill(n, next, like, t, message_at)) break;
        if (like->check_count && !checks_good(like, t, in, r->mark_wrong)) break;
        if (!codes_known(like, t, in) || (like->digit_count && digits_meant(like, t, in)) ||
            (behind > to->odd_at && codes_unusual(like, t)))
            if (!codes_right(r, like, t)) break;
        const uint32_t *const keep = r->group_nodes + like->keep;
        *(open > keep ? &nodes[open[-1]].span : &no_group) = next; /* most often none ends or one: without a decision */
        open -= open > keep;
        while (open > keep) nodes[*--open].span = next;
        if (like->opens) {
            clear(counts + like->first_child, like->child_count);
            *open++ = next;
            n[0].place = ++counts[like->counted];
            n[1].place = counts[like->to] = 1; /* what has been cleared only now is slow to read */
        } else {
            n->place = ++counts[like->to];
        }
        const uint32_t first = next;
        next += like->row_count;
        mold = like;
        why = STOP_END;
        if (behind <= to->odd_at) continue;
        to->odd_row = decode_plain(r, to, like, start, first);
        if (to->odd_row == like->row_count) continue;
        why = STOP_ODD;
        start++;
        break;
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

static bool unusual(const dgm_edi_mold_row *row, const dgm_edi_token *t)
{
    return row->leaf_bits && t[row->token].info & ODD_KINDS;
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
    if (!o->made) dgm_edi_order_make(o, r->tokens, r->token_next, r->token_ready, r->order_way);
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
    while (take(r, &c) == STOP_ODD) {
        settle_course(r, &c, (uint32_t)(c.start - settled));
        settled = c.start;
        look_again(r, &c, c.odd_row);
        if (r->failed != DGM_OK || r->phase != DGM_EDI_IN_MESSAGE || r->draft_trouble) return true;
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
    if (!o->made) dgm_edi_order_make(o, r->tokens, r->token_next, r->token_ready, r->order_way);
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
