/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_body.c - the segments between UNH and UNT, in one sweep over the tree. Each segment is placed by the same moves by which a
 * reader will find it (program.h), so that what is written is read again as the tree that was written: order, what is mandatory and
 * which of two like groups is meant are one look-up. Whatever is not as it should be ends the sweep without a word; writer_check.c
 * finds out why. ISO 9735:1988, 5 to 10. One thread.
 */
#include "digits.h"
#include "writer_state.h"

#define ALWAYS     inline __attribute__((always_inline)) /* there are two of put_elements() */
#define MORE_ROOM  4096u
#define SLACK      16u                                                           /* stores are sixteen bytes wide */
#define SEPARATORS (2 * DGM_EDI_PLACES_MAX + DGM_EDI_COMPONENTS_MAX + 2 * SLACK) /* before one value, at most */

/* Where the sweep stands in the output; limit: SLACK bytes before the end of the buffer. */
typedef struct pen {
    char *to, *limit;
    char marks[DGM_EDI_MARKS];               /* service characters */
    uint32_t element, occurrence, component; /* of the segment in hand */
    uint32_t decoded;                        /* next row of the tree's side table */
} pen;

/* A group that is open: its slot, its end among the nodes, and the place of which there were `run` just now. */
typedef struct level {
    const dgm_edi_row *row;
    uint32_t end, last, run;
} level;

typedef struct sweep {
    pen p;
    uint32_t from; /* position of the segment written last */
    uint32_t depth;
    level levels[DGM_DEPTH_MAX];
} sweep;

static bool more_room(dgm_edi_writer *w, pen *p, size_t need)
{
    w->out.len = (size_t)(p->to - w->out.at);
    w->failed = dgm_buffer_reserve(&w->out, need + MORE_ROOM);
    if (w->failed != DGM_OK) return false;
    p->to = w->out.at + w->out.len;
    p->limit = w->out.at + w->out.capacity - SLACK;
    return true;
}

static inline bool has_room(dgm_edi_writer *w, pen *p, size_t need)
{
    return (size_t)(p->limit - p->to) >= need || more_room(w, p, need);
}

/* ---- values ---------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_edi_encode(dgm_edi_writer *w, dgm_slice v, size_t *bad)
{
    w->encoded.len = 0;
    if (!w->latin) {
        dgm_status st = w->charset ? DGM_OK : dgm_charset_open(&w->mem, dgm_slice_of(w->set), &w->charset);
        return st == DGM_OK ? dgm_charset_encode(w->charset, v, &w->encoded, bad) : st;
    }
    dgm_status st = dgm_buffer_reserve(&w->encoded, v.len);
    if (st != DGM_OK) return st;
    for (size_t i = 0; i < v.len;) {
        dgm_rune c = dgm_utf8_next(dgm_slice_part(v, i, v.len));
        *bad = i;
        if (c.point > 0xFF) return DGM_INVALID;
        w->encoded.at[w->encoded.len++] = (char)c.point;
        i += c.bytes;
    }
    return DGM_OK;
}

/* Digits of a number; sign and one decimal mark do not count. 0: it is none. */
static uint32_t digits_of(dgm_slice v)
{
    uint32_t n = 0, marks = 0;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        if (c >= '0' && c <= '9')
            n++;
        else if (c == '.' || c == ',')
            marks++;
        else if (c != '-' || i)
            return 0;
    }
    return marks <= 1 ? n : 0;
}

static bool any_digit(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] >= '0' && v.at[i] <= '9') return true;
    return false;
}

bool dgm_edi_value_fits(const dgm_edi_writer *w, const dgm_edi_row *row, dgm_slice v)
{
    uint32_t kinds = dgm_edi_kinds(w, v);
    if (kinds & DGM_EDI_OUTSIDE) return false;
    if ((kinds & DGM_EDI_WIDE) && dgm_utf8_check(v) != v.len) return false;
    size_t length = kinds & DGM_EDI_WIDE ? dgm_utf8_length(v) : v.len;
    if (row->class == DGM_EDI_N && (length = digits_of(v)) == 0) return false;
    if (row->class == DGM_EDI_A && any_digit(v)) return false;
    return length >= row->least && length <= row->most;
}

/* Any value at all: characters beyond ASCII, releases, what is longer than it looks. */
static __attribute__((noinline)) bool put_any(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, dgm_slice v)
{
    size_t bad = 0;
    if (w->wishes.unmappable != DGM_EDI_REFUSE && row->class != DGM_EDI_N) {
        if ((dgm_edi_kinds(w, v) & (DGM_EDI_OUTSIDE | DGM_EDI_WIDE)) && dgm_edi_adapt(w, v, &v, &bad) != DGM_OK) return false;
    }
    if (!dgm_edi_value_fits(w, row, v)) return false;
    if (w->set && !dgm_ascii(v)) {
        dgm_status st = dgm_edi_encode(w, v, &bad);
        if (st != DGM_OK && st != DGM_INVALID) w->failed = st;
        if (st != DGM_OK) return false;
        if (!w->recode) v = dgm_buffer_slice(&w->encoded);
    }
    if (!has_room(w, p, 2 * v.len)) return false;
    const char mark = row->class == DGM_EDI_N ? w->decimal : 0;
    char *to = p->to;
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        if (mark && (c == '.' || c == ','))
            c = mark;
        else if (w->kind[(unsigned char)c] & DGM_EDI_RELEASE)
            *to++ = p->marks[DGM_EDI_MARK_RELEASE];
        *to++ = c;
    }
    p->to = to;
    return true;
}

#if defined(__x86_64__)
/* Bytes among 16 that are not printable ASCII, or must be released. */
static inline uint32_t odd16(const dgm_edi_writer *w, __m128i x)
{
    __m128i odd = _mm_cmplt_epi8(x, _mm_set1_epi8(0x20));
    odd = _mm_or_si128(odd, _mm_cmpeq_epi8(x, _mm_set1_epi8(0x7F)));
    for (uint32_t i = 0; i < DGM_EDI_SERVICE_MAX; i++)
        odd = _mm_or_si128(odd, _mm_cmpeq_epi8(x, _mm_loadu_si128((const __m128i *)(const void *)w->service[i])));
    return (uint32_t)_mm_movemask_epi8(odd);
}

/* Copies a value and tells whether it may stand as it is. `after`: bytes that can be read from its first one on. */
static inline bool copy_plain(const dgm_edi_writer *w, char *to, dgm_slice v, size_t after)
{
    if (v.len <= 16) {
        if (after >= 16)
            memcpy(to, v.at, 16);
        else
            memcpy(to, v.at, v.len);
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)to);
        return !(odd16(w, x) & ((1u << v.len) - 1));
    }
    uint32_t odd = 0;
    for (size_t i = 0;; i += 16) {
        if (i + 16 > v.len) i = v.len - 16;
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(v.at + i));
        _mm_storeu_si128((__m128i *)(void *)(to + i), x);
        odd |= odd16(w, x);
        if (i + 16 == v.len) return !odd;
    }
}
#else
static inline bool copy_plain(const dgm_edi_writer *w, char *to, dgm_slice v, size_t after)
{
    (void)after;
    if (dgm_edi_kinds(w, v)) return false;
    memcpy(to, v.at, v.len);
    return true;
}
#endif

/* Most values: printable ASCII with nothing to release, as long as they look. */
static ALWAYS bool put_value(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, dgm_slice v, size_t after)
{
    const char *to = p->to;
    uint32_t length = (uint32_t)v.len;
    if (!w->ascii_free || v.len > (size_t)row->most + 2) return put_any(w, p, row, v);
    if (!copy_plain(w, p->to, v, after)) return put_any(w, p, row, v);
    if (row->class != DGM_EDI_AN) {
        if (v.len > 16) return put_any(w, p, row, v);
        if (row->class == DGM_EDI_A) {
            if (dgm_edi_any_digit16(to, length)) return false;
        } else {
            length = dgm_edi_digits16(to, length, 0);
            if (length == 0 || (w->decimal && length != v.len)) return put_any(w, p, row, v);
        }
    }
    if (length - row->least > row->most - row->least) return false;
    p->to += v.len;
    return true;
}

/* ---- segments -------------------------------------------------------------------------------------------------------------- */

/* Many separators, where there need not be room for them and what stands behind. */
static __attribute__((noinline)) bool put_many(dgm_edi_writer *w, pen *p, char c, uint32_t n, size_t behind)
{
    if (!has_room(w, p, n + behind)) return false;
    memset(p->to, c, n);
    p->to += n;
    return true;
}

static ALWAYS bool put_times(dgm_edi_writer *w, pen *p, char c, uint32_t n, size_t behind)
{
    if (n > 16) return put_many(w, p, c, n, behind);
    memset(p->to, c, 16);
    p->to += n;
    return true;
}

/* Separators up to a place; false when it lies behind. occurrence: of its position, from 0, where positions are shared. behind:
 * room for what will stand there. */
static ALWAYS bool go_to(dgm_edi_writer *w, pen *p, uint32_t element, uint32_t occurrence, uint32_t component, size_t behind)
{
    if (element > p->element) {
        if (!put_times(w, p, p->marks[DGM_EDI_MARK_ELEMENT], element - p->element, behind)) return false;
        p->element = element;
        p->occurrence = 0;
        p->component = 1;
    } else if (element < p->element || (occurrence == p->occurrence && component <= p->component)) {
        return false;
    }
    if (occurrence != p->occurrence) {
        if (occurrence < p->occurrence) return false;
        if (!put_times(w, p, p->marks[DGM_EDI_MARK_REPETITION], occurrence - p->occurrence, behind)) return false;
        p->occurrence = occurrence;
        p->component = 1;
    }
    const uint32_t components = component > p->component ? component - p->component : 0;
    p->component = component;
    return !components || put_times(w, p, p->marks[DGM_EDI_MARK_COMPONENT], components, behind);
}

/* Where a simple element or composite stands. Those for which the shape has no slot of their own are told by the node: from version
 * 4 on as occurrences of one position, which repeated elements share, before as positions behind that of the slot. `wide`: there
 * may be such. Element 0: there is no such place, and nothing can be written there. */
typedef struct spot {
    uint32_t element, occurrence;
} spot;
static ALWAYS spot spot_of(const dgm_edi_writer *w, const dgm_edi_row *row, const dgm_node *n, bool wide)
{
    uint32_t more = wide || w->four ? n->place >> 16 : 0;
    if (more) more--;
    if (more && more >= row->position) return (spot){ 0, 0 };
    return (spot){ row->element[w->four] + (w->four ? 0 : more), w->four ? row->again + more : 0 };
}

static dgm_slice decoded_value(const dgm_tree *t, uint32_t node, uint32_t *next)
{
    while (*next < t->decoded_count && t->decoded[*next].node < node) ++*next;
    const dgm_side *s = &t->decoded[*next];
    return *next < t->decoded_count && s->node == node ? (dgm_slice){ t->side_bytes + s->at, s->len } : (dgm_slice){ 0 };
}

/* A leaf of the segment in hand. `bit` is set in *seen when it has a value. */
static ALWAYS bool put_leaf(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, uint32_t node, spot at, uint64_t bit, uint64_t *seen)
{
    const dgm_tree *t = w->tree;
    const dgm_node *n = &t->nodes[node];
    dgm_slice v = { t->bytes + n->at, n->span };
    size_t after = t->byte_count - (size_t)n->at;
    if (dgm_node_flags(n) & DGM_DECODED) {
        v = decoded_value(t, node, &p->decoded);
        after = v.len;
    }
    if (v.len == 0) return true;
    const size_t need = 2 * v.len + SEPARATORS;
    if (!has_room(w, p, need)) return false;
    if (!go_to(w, p, at.element, at.occurrence, row->component ? row->component : 1, need)) return false;
    *seen |= bit;
    return put_value(w, p, row, v, after);
}

/* What is mandatory stands at the front of a segment. */
static inline uint64_t bit_of(uint32_t child)
{
    return child < DGM_EDI_NEEDED_MAX ? (uint64_t)1 << child : 0;
}

static ALWAYS bool put_composite(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, uint32_t node, uint64_t bit, uint64_t *seen,
                                 bool wide)
{
    const dgm_node *nodes = w->tree->nodes;
    const spot at = spot_of(w, row, &nodes[node], wide);
    uint64_t parts = 0;
    for (uint32_t i = node + 1, end = nodes[node].span; i < end; i++) {
        uint32_t child = dgm_node_slot(&nodes[i]) - row->first_child;
        if (child >= row->child_count || dgm_node_kind(&nodes[i]) != DGM_ELEMENT) return false;
        if (!put_leaf(w, p, &w->about->rows[row->first_child + child], i, at, bit_of(child), &parts)) return false;
    }
    if (parts == 0) return true; /* nothing in it: as if it were not there */
    *seen |= bit;
    return !(row->needed & ~parts);
}

static void begin_segment(dgm_edi_writer *w, pen *p, uint32_t tag)
{
    const char text[4] = { (char)tag, (char)(tag >> 8), (char)(tag >> 16), 0 };
    memcpy(p->to, text, 4);
    p->to += 3;
    p->element = p->occurrence = 0;
    p->component = 1;
    w->segments++;
}

static inline void end_segment(const dgm_edi_writer *w, pen *p)
{
    p->to[0] = p->marks[DGM_EDI_MARK_TERMINATOR];
    p->to[1] = '\n';
    p->to += w->wishes.breaks ? 2 : 1;
}

static ALWAYS bool put_elements(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, uint32_t node, uint64_t *seen, bool wide)
{
    const dgm_node *nodes = w->tree->nodes;
    const dgm_edi_row *rows = w->about->rows;
    for (uint32_t i = node + 1, end = nodes[node].span; i < end;) {
        uint32_t slot = dgm_node_slot(&nodes[i]), child = slot - row->first_child;
        dgm_kind kind = dgm_node_kind(&nodes[i]);
        if (child >= row->child_count || kind != rows[slot].kind) return false;
        if (kind == DGM_ELEMENT) {
            if (!put_leaf(w, p, &rows[slot], i, spot_of(w, &rows[slot], &nodes[i], wide), bit_of(child), seen)) return false;
            i++;
        } else {
            if (!put_composite(w, p, &rows[slot], i, bit_of(child), seen, wide)) return false;
            i = nodes[i].span;
        }
    }
    return true;
}

/* What is not so in nearly all segments. */
static __attribute__((noinline)) bool put_special(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, uint32_t node)
{
    uint64_t seen = 0;
    if (!put_elements(w, p, row, node, &seen, true)) return false;
    end_segment(w, p);
    return !(row->needed & ~seen) && (!(row->special & DGM_EDI_ROW_NOTED) || dgm_edi_notes_kept(w, node, false));
}

static bool put_segment(dgm_edi_writer *w, pen *p, const dgm_edi_row *row, uint32_t node)
{
    uint64_t seen = 0;
    if (!has_room(w, p, SEPARATORS)) return false;
    begin_segment(w, p, row->tag);
    if (row->special) return put_special(w, p, row, node);
    if (!put_elements(w, p, row, node, &seen, false)) return false;
    end_segment(w, p);
    return !(row->needed & ~seen);
}

/* ---- places ---------------------------------------------------------------------------------------------------------------- */

/* Is the place that a move leads to full already? */
static bool full(const sweep *s, const dgm_edi_program *p, dgm_edi_move m)
{
    uint32_t to = dgm_edi_move_position(m);
    if (dgm_edi_move_opens(m)) to = p->positions[to].parent;
    const level *l = &s->levels[p->positions[to].depth];
    return l->last == to && l->run >= p->positions[to].max;
}

/* Would a reader take this tag for that move? */
static bool leads(const sweep *s, const dgm_edi_program *p, uint32_t tag_number, dgm_edi_move wanted)
{
    dgm_edi_move m = dgm_edi_move_get(p, s->from, tag_number);
    if (m == wanted) return true;
    return m && full(s, p, m) && dgm_edi_move_find(p, s->from, p->tags[tag_number], m) == wanted;
}

/* One occurrence more of a place in its group; false when there are too many. */
static inline bool count(level *l, const dgm_edi_position *positions, uint32_t position)
{
    l->run = l->last == position ? l->run + 1 : 1;
    l->last = position;
    return l->run <= positions[position].max;
}

/* UNS stands between the sections of a message and says nothing else: where a tree has none, it is written by itself. */
static bool put_section(dgm_edi_writer *w, sweep *s, uint32_t before)
{
    const dgm_edi_attached *a = w->about;
    for (uint32_t i = 0; i < a->uns_count; i++) {
        const dgm_edi_row *row = &a->rows[a->uns[i]];
        if (row->position <= s->levels[0].last || row->position >= before) continue;
        if (!leads(s, dgm_edi_attached_program(a), row->tag_number, DGM_EDI_MOVE(row->position, 0, 0))) return false;
        if (!has_room(w, &s->p, SEPARATORS) || !count(&s->levels[0], dgm_edi_attached_program(a)->positions, row->position))
            return false;
        begin_segment(w, &s->p, row->tag);
        *s->p.to++ = s->p.marks[DGM_EDI_MARK_ELEMENT];
        *s->p.to++ = i + 1 < a->uns_count ? 'D' : 'S';
        end_segment(w, &s->p);
        s->from = row->position;
        return true;
    }
    return false;
}

/* Goes to the place of a segment; `opens`: it begins a group. */
static inline bool step(dgm_edi_writer *w, sweep *s, const dgm_edi_row *row, bool opens)
{
    const dgm_edi_program *p = dgm_edi_attached_program(w->about);
    const dgm_edi_move wanted = DGM_EDI_MOVE(row->position, opens, 0);
    while (dgm_edi_move_get(p, s->from, row->tag_number) != wanted && !leads(s, p, row->tag_number, wanted)) {
        uint32_t top = opens ? p->positions[row->position].parent : row->position;
        if (s->depth > 0 || !put_section(w, s, top)) return false;
    }
    s->from = row->position;
    return true;
}

/* Begins a group; *node: its first node, behind the trigger when that has to be made. A group begins with its trigger, and nothing
 * else tells the reader that it is there: where the tree has none and the directory lets the segment stand without elements, it is
 * written so. */
static bool open_group(dgm_edi_writer *w, sweep *s, const dgm_edi_row *row, uint32_t *node)
{
    const dgm_edi_row *trigger = &w->about->rows[row->first_child];
    const dgm_node *n = &w->tree->nodes[*node];
    if (s->depth + 1 == DGM_DEPTH_MAX || trigger->kind != DGM_SEGMENT || !step(w, s, trigger, true)) return false;
    if (!count(&s->levels[s->depth], dgm_edi_attached_program(w->about)->positions, row->position)) return false;
    s->levels[++s->depth] = (level){ row, n->span, trigger->position, 1 };
    uint32_t first = *node + 1;
    bool there = first < n->span && dgm_node_slot(&n[1]) == row->first_child && dgm_node_kind(&n[1]) == DGM_SEGMENT;
    if (there) {
        *node = n[1].span;
        return put_segment(w, &s->p, trigger, first);
    }
    *node = first;
    if (trigger->needed || !has_room(w, &s->p, SEPARATORS)) return false;
    begin_segment(w, &s->p, trigger->tag);
    end_segment(w, &s->p);
    return true;
}

/* A node that the message has no place for: a segment of security, which is left out or written as it is. */
static __attribute__((noinline)) bool put_secured(dgm_edi_writer *w, pen *p, uint32_t node)
{
    if (w->wishes.security == DGM_EDI_SECURITY_REFUSE || !dgm_edi_secures(w, node)) return false;
    if (w->wishes.security == DGM_EDI_SECURITY_DROP) return true;
    w->out.len = (size_t)(p->to - w->out.at);
    if (!dgm_edi_seal_of_message(w, node, false)) return false;
    p->to = w->out.at + w->out.len;
    return more_room(w, p, SEPARATORS);
}

static bool sweep_all(dgm_edi_writer *w, sweep *s)
{
    const dgm_edi_attached *a = w->about;
    const dgm_node *nodes = w->tree->nodes;
    for (uint32_t i = 1;;) {
        w->stuck = i;
        while (i >= s->levels[s->depth].end) {
            if (s->depth == 0) return step(w, s, &a->rows[a->unt], false);
            s->depth--;
        }
        const level *l = &s->levels[s->depth];
        uint32_t slot = dgm_node_slot(&nodes[i]);
        if (slot - l->row->first_child >= l->row->child_count) {
            if (slot != DGM_SLOT_UNKNOWN || !put_secured(w, &s->p, i)) return false;
            i = nodes[i].span;
            continue;
        }
        const dgm_edi_row *row = &a->rows[slot];
        if (dgm_node_kind(&nodes[i]) != row->kind) return false;
        if (row->kind == DGM_GROUP) {
            if (!open_group(w, s, row, &i)) return false;
            continue;
        }
        if (slot != a->unh && slot != a->unt) {
            if (!step(w, s, row, false) || !count(&s->levels[s->depth], dgm_edi_attached_program(a)->positions, row->position))
                return false;
            if (!put_segment(w, &s->p, row, i)) return false;
        }
        i = nodes[i].span;
    }
}

bool dgm_edi_write_body(dgm_edi_writer *w)
{
    const dgm_edi_attached *a = w->about;
    sweep s;
    s.p = (pen){ .to = w->out.at + w->out.len };
    s.p.limit = s.p.to;
    memcpy(s.p.marks, w->marks, sizeof s.p.marks);
    s.depth = 0;
    s.from = a->rows[a->unh].position;
    s.levels[0] = (level){ &a->rows[DGM_SLOT_ROOT], w->tree->node_count, s.from, 1 };
    if (!more_room(w, &s.p, SEPARATORS)) return false;
    bool good = sweep_all(w, &s) && dgm_edi_message_notes_kept(w, false);
    w->out.len = (size_t)(s.p.to - w->out.at);
    return good;
}
