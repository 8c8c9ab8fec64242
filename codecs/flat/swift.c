/* SPDX-License-Identifier: Apache-2.0
 *
 * swift.c - records that are as they should be, by the plan of their layout; see swift.h. One thread.
 */
#include "swift.h"

#include "model/tree.h"

enum { WINDOW = DGM_FLAT_WINDOW, STRIDE = DGM_FLAT_STRIDE, CELLS_MAX = 2048, MEMO_BYTES = 16, MEMO_MADE = 28 };

/* What a field was made of last: bytes alike give the same, always. */
typedef struct memo {
    uint64_t raw[2];
    uint8_t len, found, from, size; /* found: dgm_flat_found; from: within the field, of what stands there as it is */
    char text[MEMO_MADE];
} memo;

typedef struct span {
    size_t from, to, behind; /* of a record in the window; behind what ends it */
} span;

struct finds;
typedef bool fields_way(flat_reader *r, struct finds *f, const dgm_flat_way *way, const char *in, span at);

typedef struct flat_swift {
    dgm_flat_look *look;
    fields_way *fields;
    size_t from, len;  /* the bytes that were looked at: offset in the view, how many */
    bool high, quoted; /* is any of them beyond ASCII, a quote */
    uint32_t cell_count;
    uint32_t cells[CELLS_MAX + 64]; /* where each begins, as an offset from `from`; and one behind the last's separator */
    uint64_t planes[(DGM_FLAT_ONES + 1) * STRIDE];
    memo memos[];
} flat_swift;

void dgm_flat_swift_moved(struct flat_swift *s)
{
    if (s) s->len = 0;
}

/* ---- planes ---- */

/* Looks at the bytes from an offset of the view on. */
static void look_from(flat_swift *s, const struct dgm_flat_swift *plan, dgm_slice view, size_t from)
{
    size_t left = view.len - from, len = left < WINDOW ? left : WINDOW;
    size_t blocks = len / DGM_FLAT_BLOCK, rest = len % DGM_FLAT_BLOCK;
    uint64_t high = 0, quotes = 0;
    s->look(view.at + from, blocks, &plan->sets, s->planes, STRIDE);
    if (rest) {
        char last[DGM_FLAT_BLOCK] = { 0 };
        memcpy(last, view.at + from + blocks * DGM_FLAT_BLOCK, rest);
        s->look(last, 1, &plan->sets, s->planes + blocks, STRIDE);
        blocks++;
    }
    const uint64_t *h = s->planes + plan->sets.count * (size_t)STRIDE;
    const uint64_t *q = plan->quote == DGM_FLAT_NO_SET ? NULL : s->planes + plan->quote * (size_t)STRIDE;
    for (size_t i = 0; i < blocks; i++) high |= h[i];
    for (size_t i = 0; i < blocks && q; i++) quotes |= q[i];
    s->from = from;
    s->len = len;
    s->high = high != 0;
    s->quoted = quotes != 0;
}

static inline uint64_t lowest(size_t n)
{
    return (n < 64 ? (uint64_t)1 << n : 0) - 1;
}

/* 64 bits of a plane from one on; what is behind the window is of no meaning. */
static inline uint64_t bits_at(const uint64_t *plane, size_t at)
{
    const uint64_t *p = plane + (at >> 6);
    return p[0] >> (at & 63) | p[1] << 1 << (~at & 63);
}

static bool any_in(const uint64_t *plane, size_t from, size_t to)
{
    for (; from < to; from += 64)
        if (bits_at(plane, from) & lowest(to - from < 64 ? to - from : 64)) return true;
    return false;
}

static inline bool all_in(const uint64_t *plane, size_t from, size_t to)
{
    for (; from < to; from += 64)
        if (~bits_at(plane, from) & lowest(to - from < 64 ? to - from : 64)) return false;
    return true;
}

/* The first bit of a plane from one on, or SIZE_MAX. */
static inline size_t first_in(const uint64_t *plane, size_t from, size_t len)
{
    size_t word = from >> 6, words = (len + 63) / 64;
    if (from >= len) return SIZE_MAX;
    uint64_t bits = plane[word] & ~(uint64_t)0 << (from & 63);
    while (!bits && ++word < words) bits = plane[word];
    size_t at = bits ? word * 64 + (size_t)__builtin_ctzll(bits) : SIZE_MAX;
    return at < len ? at : SIZE_MAX;
}

static inline const uint64_t *plane_of(const flat_swift *s, uint32_t set)
{
    return s->planes + set * (size_t)STRIDE;
}

/* ---- records ---- */

/* The record at record_at, if all of it is in the window, or can be. */
static inline bool find_record(flat_reader *r, flat_swift *s, dgm_slice view, span *out)
{
    const struct dgm_flat_swift *plan = r->l->swift;
    bool inside = r->record_at >= s->from && r->record_at < s->from + s->len;
    for (;;) {
        if (!inside) look_from(s, plan, view, r->record_at);
        size_t from = r->record_at - s->from, end;
        if (plan->ends) {
            end = first_in(plane_of(s, plan->end), from, s->len);
            *out = (span){ from, end, end + 1 };
            if (end != SIZE_MAX && plan->returns && end > from && view.at[s->from + end - 1] == '\r')
                out->to--;
            else if (end != SIZE_MAX && !plan->alone)
                return false;
        } else {
            end = from + r->l->length <= s->len ? from + r->l->length : SIZE_MAX;
            *out = (span){ from, end, end };
        }
        if (end != SIZE_MAX) return true;
        if (!inside || from == 0) return false;
        inside = false;
    }
}

/* Fields between separators; false: too many. */
static bool find_cells(flat_swift *s, const uint64_t *plane, span at)
{
    uint32_t *to = s->cells, *last = s->cells + CELLS_MAX;
    *to++ = (uint32_t)at.from;
    for (size_t from = at.from; from < at.to; from += 64) {
        uint64_t bits = bits_at(plane, from) & lowest(at.to - from < 64 ? at.to - from : 64);
        const uint32_t behind = (uint32_t)from + 1;
        if (to >= last) return false;
        for (; bits; bits &= bits - 1) *to++ = behind + (uint32_t)__builtin_ctzll(bits);
    }
    *to = (uint32_t)at.to + 1;
    s->cell_count = (uint32_t)(to - s->cells);
    return true;
}

static bool cell_is(const flat_swift *s, const char *in, const dgm_flat_test *t)
{
    if (t->at >= s->cell_count) return false;
    const char *at = in + s->cells[t->at];
    size_t len = s->cells[t->at + 1] - s->cells[t->at] - 1u;
    return len == t->value.len && (!len || (*at == *t->value.at && memcmp(at, t->value.at, len) == 0));
}

/* As dgm_flat_kind_of. */
static uint32_t kind_of_cells(const flat_reader *r, const char *in)
{
    const dgm_flat_layout *l = r->l;
    for (uint32_t i = 0; i < l->kind_count; i++) {
        const dgm_flat_kind *kind = &l->kinds[i];
        bool same = kind->table.len == r->table.len && kind->table.at == r->table.at;
        if (kind->table.len && !same && !dgm_slice_equal(kind->table, r->table)) continue;
        uint32_t k = 0;
        while (k < kind->test_count && cell_is(r->swift, in, &l->tests[kind->first_test + k])) k++;
        if (k == kind->test_count) return i;
    }
    return DGM_NONE;
}

/* As dgm_flat_kind_of. */
static uint32_t kind_of_columns(const dgm_flat_layout *l, dgm_slice record, dgm_slice table)
{
    if (!l->quick) return dgm_flat_kind_of(l, record, NULL, table);
    if (record.len <= l->quick_at) return DGM_NONE;
    uint32_t i = l->first_kind[(unsigned char)record.at[l->quick_at]];
    for (; i < l->kind_count; i = l->kinds[i].next) {
        const dgm_flat_kind *kind = &l->kinds[i];
        uint32_t k = 0;
        for (; k < kind->test_count; k++) {
            const dgm_flat_test *t = &l->tests[kind->first_test + k];
            size_t n = 0;
            if (record.len < t->at + t->value.len) break;
            while (n < t->value.len && record.at[t->at + n] == t->value.at[n]) n++;
            if (n < t->value.len) break;
        }
        if (k == kind->test_count) return i;
    }
    return DGM_NONE;
}

/* ---- fields ---- */

/* What was found of a record, before any of it is kept. */
typedef struct finds {
    dgm_node *node; /* the next */
    char *text;     /* where the next value goes that is made, or NULL: none was */
    size_t text_room;
    uint32_t made_count, note_count, first, moved; /* first: of the nodes' numbers; moved: from the window to the message */
    struct {
        uint32_t node;
        dgm_slice text;
    } made[DGM_FLAT_WAY_MADE_MAX];
    struct {
        const dgm_flat_op *op;
        dgm_slice value; /* at NULL: there is none */
    } notes[DGM_FLAT_WAY_NOTED_MAX];
    dgm_node *nodes;
} finds;

static inline void put_node(finds *f, const dgm_flat_op *o, size_t from, size_t len)
{
    *f->node++ = (dgm_node){ f->moved + (uint32_t)from, (uint32_t)len, o->tag, o->place };
}

/* The value of a field is known (value.at NULL: it has none): what others need of it. False: it is not what they say. */
static bool note(flat_reader *r, finds *f, const dgm_flat_op *o, dgm_slice value)
{
    const dgm_flat_step *s = &r->l->steps[o->step];
    if (value.at && s->control && !dgm_flat_control_holds(r, s, value)) return false;
    f->notes[f->note_count].op = o;
    f->notes[f->note_count++].value = value;
    return true;
}

static inline bool as_it_is(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t len)
{
    put_node(f, o, from, len);
    return !o->noted || note(r, f, o, (dgm_slice){ in + from, len });
}

/* Is there room where values are made? Of most records none is. */
static bool can_make(flat_reader *r, finds *f)
{
    if (!f->text) f->text = r->host.draft_text(r->draft, f->text_room);
    return f->text != NULL; /* else the draft knows why, and says so again */
}

/* A value of so many bytes stands at f->text. */
static inline bool made(flat_reader *r, finds *f, const dgm_flat_op *o, size_t from, size_t to, size_t len)
{
    dgm_slice text = { f->text, len };
    f->made[f->made_count].node = (uint32_t)(f->node - f->nodes);
    f->made[f->made_count++].text = text;
    f->text += len;
    put_node(f, o, from, to - from);
    return !o->noted || note(r, f, o, text);
}

static inline bool absent(flat_reader *r, finds *f, const dgm_flat_op *o)
{
    if (o->required) return false;
    return !o->noted || note(r, f, o, (dgm_slice){ 0 });
}

/* Up to 16 bytes as two words; of one length only the same bytes give the same. */
static inline void words_of(const char *at, size_t len, uint64_t out[2])
{
    out[0] = out[1] = 0;
    if (len >= 8) {
        memcpy(&out[0], at, 8);
        memcpy(&out[1], at + len - 8, 8);
    } else if (len >= 4) {
        uint32_t head, tail;
        memcpy(&head, at, 4);
        memcpy(&tail, at + len - 4, 4);
        out[0] = head;
        out[1] = tail;
    } else if (len) {
        out[0] = (unsigned char)at[0] | (uint64_t)(unsigned char)at[len / 2] << 8 | (uint64_t)(unsigned char)at[len - 1] << 16;
    }
}

/* A field that was met before, or is asked of value.c. */
static bool any_value(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    const size_t len = to - from;
    memo *m = o->memo != DGM_FLAT_NO_MEMO && len <= MEMO_BYTES ? &r->swift->memos[o->memo] : NULL;
    uint64_t raw[2];
    if (m) {
        words_of(in + from, len, raw);
        if (m->len == len && m->raw[0] == raw[0] && m->raw[1] == raw[1]) {
            if (m->found == DGM_FLAT_ABSENT) return absent(r, f, o);
            if (m->found == DGM_FLAT_AS_IS) return as_it_is(r, f, o, in, from + m->from, m->size);
            if (!can_make(r, f)) return false;
            memcpy(f->text, m->text, sizeof m->text);
            return made(r, f, o, from, to, m->size);
        }
    }
    dgm_flat_value v;
    const dgm_flat_step *s = &r->l->steps[o->step];
    if (!can_make(r, f)) return false;
    dgm_flat_found found = dgm_flat_value_read(r->l, s, (dgm_slice){ in + from, len }, f->text, &v);
    if (found == DGM_FLAT_WRONG) return false;
    if (m && (found != DGM_FLAT_MADE || v.text.len <= MEMO_MADE)) {
        *m = (memo){ .raw = { raw[0], raw[1] }, .len = (uint8_t)len, .found = (uint8_t)found };
        m->size = (uint8_t)v.text.len;
        if (found == DGM_FLAT_AS_IS) m->from = (uint8_t)(v.text.at - (in + from));
        if (found == DGM_FLAT_MADE) memcpy(m->text, v.text.at, v.text.len);
    }
    if (found == DGM_FLAT_ABSENT) return absent(r, f, o);
    if (found == DGM_FLAT_AS_IS) return as_it_is(r, f, o, in, (size_t)(v.text.at - in), v.text.len);
    return made(r, f, o, from, to, v.text.len);
}

/* Digits with the last of them behind the mark. */
static bool put_implied(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to, size_t digits,
                        size_t behind, size_t zeros)
{
    size_t total = behind - digits, fraction = o->decimals, whole = total > fraction ? total - fraction : 0;
    size_t skip = whole == 0 ? 0 : zeros < whole ? zeros : whole - 1;
    const char *d = in + digits;
    if (!can_make(r, f)) return false;
    char *t = f->text;
    if (whole == 0) *t++ = '0';
    dgm_copy_short(t, d + skip, whole - skip);
    t += whole - skip;
    *t++ = '.';
    for (size_t k = total; k < fraction; k++) *t++ = '0';
    dgm_copy_short(t, d + whole, total - whole);
    t += total - whole;
    return made(r, f, o, from, to, (size_t)(t - f->text));
}

/* A number without a sign. */
static inline bool number(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to, bool delimited)
{
    const struct dgm_flat_swift *plan = r->l->swift;
    const flat_swift *s = r->swift;
    size_t begin = from, end = to;
    if (to - from > 64) return any_value(r, f, o, in, from, to);
    uint64_t others = ~bits_at(plane_of(s, plan->digit), from) & lowest(to - from);
    if (others || to == from) {
        uint64_t solid = ~bits_at(plane_of(s, plan->blank), from) & lowest(to - from);
        if (!solid) return absent(r, f, o);
        unsigned before = (unsigned)__builtin_ctzll(solid);
        end = from + 64 - (unsigned)__builtin_clzll(solid);
        begin = from + before;
        others = others >> before & lowest(end - begin);
    }
    size_t len = end - begin, mark = len;
    if (others) {
        mark = (size_t)__builtin_ctzll(others);
        bool one = !(others & (others - 1)) && in[begin + mark] == o->point && o->point == '.';
        if (!one || o->act == DGM_FLAT_ACT_IMPLIED || mark == 0 || mark + 1 == len || len - mark - 1 > o->decimals)
            return any_value(r, f, o, in, from, to);
    }
    if (delimited && len - (mark < len) > o->len) return false;
    uint64_t solid = ~bits_at(plane_of(s, plan->zero), begin) & lowest(len);
    if (o->zero_absent && !(mark < len ? solid & ~((uint64_t)1 << mark) : solid)) return absent(r, f, o);
    size_t zeros = solid ? (size_t)__builtin_ctzll(solid) : len;
    if (o->act == DGM_FLAT_ACT_IMPLIED) return put_implied(r, f, o, in, from, to, begin, end, zeros);
    size_t skip = zeros < mark ? zeros : mark - 1;
    return as_it_is(r, f, o, in, begin + skip, len - skip);
}

/* The columns from `from` on that are not the blanks at the end. */
static inline size_t trimmed(const uint64_t *blank, size_t from, size_t to)
{
    while (from < to) {
        size_t n = to - from < 64 ? to - from : 64;
        uint64_t solid = ~bits_at(blank, to - n) & lowest(n);
        if (solid) return to - n + 64 - (unsigned)__builtin_clzll(solid);
        to -= n;
    }
    return from;
}

static inline bool text_put(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    if (o->set != DGM_FLAT_NO_SET && !all_in(plane_of(r->swift, o->set), from, to)) return false;
    unsigned char c = (unsigned char)in[from];
    if (o->single && (to - from != 1 || !(o->single[c >> 5] >> (c & 31) & 1))) return false;
    return as_it_is(r, f, o, in, from, to - from);
}

static bool to_the_right(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    const uint64_t *blank = plane_of(r->swift, r->l->swift->blank);
    if (to - from > 64) return any_value(r, f, o, in, from, to);
    uint64_t solid = ~bits_at(blank, from) & lowest(to - from);
    return solid ? text_put(r, f, o, in, from + (unsigned)__builtin_ctzll(solid), to) : absent(r, f, o);
}

static bool constant(const flat_reader *r, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    dgm_slice value = r->l->steps[o->step].value;
    const uint64_t *blank = plane_of(r->swift, r->l->swift->blank);
    return to - from >= value.len && memcmp(in + from, value.at, value.len) == 0 && all_in(blank, from + value.len, to);
}

/* All of a text that may go on: it stands beside the tree, as one that does. */
static bool first_piece(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    const bool delimited = r->l->delimited;
    size_t end = delimited ? to : trimmed(plane_of(r->swift, r->l->swift->blank), from, to);
    if (end == from) return absent(r, f, o);
    if (delimited && (to - from > o->len || to - from < o->least)) return false;
    if (o->set != DGM_FLAT_NO_SET && !all_in(plane_of(r->swift, o->set), from, end)) return false;
    if (!can_make(r, f)) return false;
    memcpy(f->text, in + from, end - from);
    return made(r, f, o, from, to, end - from);
}

/* The act of a field, whatever its value is. */
static bool act_on(flat_reader *r, finds *f, const dgm_flat_op *o, const char *in, size_t from, size_t to)
{
    const bool delimited = r->l->delimited;
    switch ((dgm_flat_act)o->act) {
    case DGM_FLAT_ACT_TEXT: {
        size_t end = delimited ? to : trimmed(plane_of(r->swift, r->l->swift->blank), from, to);
        if (end == from) return absent(r, f, o);
        if (delimited && (to - from > o->len || to - from < o->least)) return false;
        return text_put(r, f, o, in, from, end);
    }
    case DGM_FLAT_ACT_RIGHT: return to_the_right(r, f, o, in, from, to);
    case DGM_FLAT_ACT_FIRST: return first_piece(r, f, o, in, from, to);
    case DGM_FLAT_ACT_EMPTY: return to == from;
    case DGM_FLAT_ACT_NUMBER:
    case DGM_FLAT_ACT_IMPLIED: return number(r, f, o, in, from, to, delimited);
    case DGM_FLAT_ACT_BLANK: return all_in(plane_of(r->swift, r->l->swift->blank), from, to);
    case DGM_FLAT_ACT_CONSTANT: return constant(r, o, in, from, to);
    case DGM_FLAT_ACT_ANY:
    default: return any_value(r, f, o, in, from, to);
    }
}

/* What the loops over the fields need at hand. */
typedef struct hands {
    const uint64_t *planes, *blank, *digit, *zero;
    const char *in;
    uint32_t moved;
} hands;

#define INLINE static inline __attribute__((always_inline))

INLINE hands hands_of(const flat_reader *r, const finds *f, const char *in)
{
    const struct dgm_flat_swift *plan = r->l->swift;
    const flat_swift *s = r->swift;
    return (hands){ s->planes, plane_of(s, plan->blank), plane_of(s, plan->digit), plane_of(s, plan->zero), in, f->moved };
}

INLINE void lay(dgm_node *n, const hands *h, const dgm_flat_op *o, size_t from, size_t len)
{
    n->at = h->moved + (uint32_t)from;
    n->span = (uint32_t)len;
    memcpy(&n->tag, &o->tag, sizeof o->tag + sizeof o->place); /* both at once */
}
_Static_assert(offsetof(dgm_node, place) - offsetof(dgm_node, tag) == offsetof(dgm_flat_op, place) - offsetof(dgm_flat_op, tag),
               "tag and place stand side by side");

typedef enum outcome { LAID, PASSED, BAD, OTHER } outcome; /* PASSED: there is no node; OTHER: its act knows */

/* DGM_FLAT_NEAR bits of a plane from one on; those above them are of no meaning. */
INLINE uint64_t near_bits(const uint64_t *plane, size_t at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t bits;
    memcpy(&bits, (const char *)plane + (at >> 3), sizeof bits);
    return bits >> (at & 7);
#else
    return bits_at(plane, at);
#endif
}

/* Which of 1 to DGM_FLAT_NEAR bytes are in no set of a plane: the last one is the highest bit. */
INLINE uint64_t outside(const uint64_t *plane, size_t from, size_t len)
{
    return ~near_bits(plane, from) << (64 - len);
}

INLINE outcome text_at_once(dgm_node *n, const hands *h, const dgm_flat_op *o, size_t from, size_t len, bool delimited)
{
    if (!delimited) {
        uint64_t solid = outside(h->blank, from, len);
        if (!solid) return o->required ? BAD : PASSED;
        len -= (unsigned)__builtin_clzll(solid);
    }
    if (outside(h->planes + o->plane, from, len)) return BAD;
    lay(n, h, o, from, len);
    return LAID;
}

INLINE outcome single_at_once(dgm_node *n, const hands *h, const dgm_flat_op *o, size_t from, size_t len, bool delimited)
{
    outcome is = text_at_once(n, h, o, from, len, delimited);
    const unsigned char c = (unsigned char)h->in[from];
    return is != LAID || (n->span == 1 && o->single[c >> 5] >> (c & 31) & 1) ? is : BAD;
}

/* Of digits: those before the last of `whole` that are zeros. */
INLINE size_t zeros_before(const hands *h, size_t from, size_t whole)
{
    return (size_t)__builtin_ctzll(~near_bits(h->zero, from) | (uint64_t)1 << (whole - 1));
}

/* Digits only, or with one point among them. */
INLINE outcome number_at_once(dgm_node *n, const hands *h, const dgm_flat_op *o, size_t from, size_t len)
{
    uint64_t others = outside(h->digit, from, len);
    size_t whole = len;
    if (others) {
        whole = (size_t)__builtin_ctzll(others) - (64 - len);
        if (!whole || others & (others - 1) || h->in[from + whole] != '.' || o->point != '.') return OTHER;
        if (whole + 1 == len || len - whole - 1 > o->decimals) return OTHER;
    }
    size_t skip = zeros_before(h, from, whole);
    lay(n, h, o, from + skip, len - skip);
    return LAID;
}

/* Bytes of a field, as many as may be done at once. */
INLINE outcome at_once(dgm_node *n, const hands *h, const dgm_flat_op *o, size_t from, size_t len, bool delimited)
{
    if (o->hand == DGM_FLAT_HAND_TEXT) return text_at_once(n, h, o, from, len, delimited);
    if (o->hand == DGM_FLAT_HAND_NUMBER) return number_at_once(n, h, o, from, len);
    if (o->hand == DGM_FLAT_HAND_SINGLE) return single_at_once(n, h, o, from, len, delimited);
    if (!delimited && o->hand == DGM_FLAT_HAND_BLANK) return outside(h->blank, from, len) ? BAD : PASSED;
    return OTHER;
}

INLINE bool fixed_with(flat_reader *r, finds *f, const dgm_flat_way *way, const char *in, span at)
{
    const dgm_flat_op *o = r->l->swift->ops + way->first, *end = o + way->count;
    const hands h = hands_of(r, f, in);
    dgm_node *n = f->node;
    for (; o < end; o++) {
        size_t from = at.from + o->at, to = from + o->len;
        outcome is = to <= at.to ? at_once(n, &h, o, from, o->len, false) : OTHER;
        if (is == BAD) return false;
        n += is == LAID;
        if (is != OTHER) continue;
        if (to > at.to) to = at.to; /* the record ends within it, or before */
        if (from > to) from = to;
        f->node = n;
        if (!act_on(r, f, o, in, from, to)) return false;
        n = f->node;
    }
    f->node = n;
    return true;
}

INLINE bool delimited_with(flat_reader *r, finds *f, const dgm_flat_way *way, const char *in, span at)
{
    const flat_swift *s = r->swift;
    const dgm_flat_op *o = r->l->swift->ops + way->first, *needed = o + way->needed, *end = o + way->count;
    const uint32_t *cells = s->cells, count = s->cell_count;
    const hands h = hands_of(r, f, in);
    dgm_node *n = f->node;
    while (end > o && end[-1].at >= count) end--; /* the record ends before it */
    for (; o < end; o++) {
        const uint32_t *cell = cells + o->at;
        size_t from = cell[0], len = cell[1] - 1 - cell[0];
        outcome is = OTHER;
        if (len - o->lowest <= o->span)
            is = at_once(n, &h, o, from, len, true);
        else if (!len && o->hand != DGM_FLAT_HAND_ACT)
            is = o->required ? BAD : PASSED;
        if (is == BAD) return false;
        n += is == LAID;
        if (is != OTHER) continue;
        f->node = n;
        if (!act_on(r, f, o, in, from, from + len)) return false;
        n = f->node;
    }
    f->node = n;
    for (; o < needed; o++)
        if (!act_on(r, f, o, in, at.to, at.to)) return false;
    return true;
}

static bool fields_plain(flat_reader *r, finds *f, const dgm_flat_way *way, const char *in, span at)
{
    return r->l->delimited ? delimited_with(r, f, way, in, at) : fixed_with(r, f, way, in, at);
}

#if defined(__x86_64__)
/* The same with the instructions for bits that processors have which have AVX2. */
__attribute__((target("avx2,bmi,bmi2"))) static bool fields_wide(flat_reader *r, finds *f, const dgm_flat_way *way, const char *in,
                                                                 span at)
{
    return r->l->delimited ? delimited_with(r, f, way, in, at) : fixed_with(r, f, way, in, at);
}
#endif

static fields_way *best_fields(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2")) return fields_wide;
#endif
    return fields_plain;
}

dgm_status dgm_flat_swift_new(const dgm_flat_layout *l, const dgm_mem *mem, struct flat_swift **out)
{
    *out = NULL;
    if (!l->swift) return DGM_OK;
    flat_swift *s = dgm_mem_new(mem, sizeof *s + l->swift->memo_count * sizeof *s->memos);
    if (!s) return DGM_NOMEM;
    s->look = dgm_flat_look_best();
    s->fields = best_fields();
    for (uint32_t i = 0; i < STRIDE; i++) s->planes[DGM_FLAT_ONES * STRIDE + i] = UINT64_MAX;
    for (uint32_t i = 0; i < l->swift->memo_count; i++) s->memos[i].len = UINT8_MAX;
    *out = s;
    return DGM_OK;
}

void dgm_flat_swift_free(struct flat_swift *s, const dgm_flat_layout *l, const dgm_mem *mem)
{
    if (s) dgm_mem_free(mem, s, sizeof *s + l->swift->memo_count * sizeof *s->memos);
}

/* Has the record as many columns, or fields, as it may? */
static bool right_width(const flat_reader *r, const dgm_flat_place *p, span at)
{
    const flat_swift *s = r->swift;
    if (!r->l->delimited) {
        size_t width = at.to - at.from;
        return width == p->width || (width < p->width && r->l->short_ok);
    }
    uint32_t extra = p->width;
    while (extra < s->cell_count && s->cells[extra + 1] - s->cells[extra] == 1) extra++;
    return extra >= s->cell_count && s->cell_count >= p->least;
}

/* What others need, then the values that are made. */
static dgm_status keep_finds(flat_reader *r, finds *f)
{
    dgm_status st = DGM_OK;
    for (uint32_t i = 0; i < f->note_count && st == DGM_OK; i++) {
        const dgm_flat_step *s = &r->l->steps[f->notes[i].op->step];
        if (f->notes[i].value.at) {
            st = dgm_flat_note_value(r, s, NULL, f->notes[i].value);
        } else if (s->kept) {
            r->kept[s->kept - 1].len = 0;
            r->doubtful[s->kept - 1] = false;
        }
    }
    for (uint32_t i = 0; i < f->made_count && st == DGM_OK; i++)
        st = r->host.draft_decoded(r->draft, f->first + f->made[i].node, f->made[i].text);
    return st;
}

/* Do all fields with conditions stand there? As dgm_flat_present, with the values of this record, which nobody keeps yet. A field
 * that does not is for odd.c. */
static bool all_present(const flat_reader *r, const finds *f, const dgm_flat_way *way)
{
    for (uint32_t i = 0; i < way->asked_count; i++) {
        const dgm_flat_condition *c = r->l->swift->asked[way->first_asked + i];
        const uint32_t number = r->l->steps[c->source].kept;
        dgm_slice value = dgm_buffer_slice(&r->kept[number - 1]);
        bool doubtful = r->doubtful[number - 1];
        for (uint32_t k = 0; k < f->note_count; k++) {
            if (r->l->steps[f->notes[k].op->step].kept != number) continue;
            value = f->notes[k].value;
            doubtful = false;
        }
        bool met = c->codes.len ? value.len && dgm_flat_listed(c->codes, value) : value.len > 0;
        if (doubtful || met == c->unless) return false;
    }
    return true;
}

/* The record at a place, if it is as it should be: *done. */
static dgm_status put_swiftly(flat_reader *r, uint32_t place, const char *in, span at, bool *done)
{
    const dgm_flat_layout *l = r->l;
    const dgm_flat_place *p = &l->places[place];
    const dgm_flat_way *way = &l->swift->ways[place];
    const uint32_t first = r->host.draft_count(r->draft), room = way->count + 1;
    const flat_level *v = &r->levels[r->depth - 1];
    const uint32_t number = l->places[v->place].first_child + v->child == place ? v->count : 1;
    finds f;
    *done = false;
    if (!way->open || r->hopeless || !right_width(r, p, at)) return DGM_OK;
    if (room >= r->host.limits.nodes_max || first >= r->host.limits.nodes_max - room) return DGM_OK; /* a limit is near */
    f.text = NULL;
    f.text_room = way->made_room + (at.to - at.from) * 2;
    f.nodes = r->host.draft_reserve(r->draft, room);
    if (!f.nodes) return DGM_OK;
    f.node = f.nodes + 1;
    f.first = first;
    f.made_count = f.note_count = 0;
    f.moved = (uint32_t)(r->swift->from - r->message_at);
    if (!r->swift->fields(r, &f, way, in, at) || (way->asked_count && !all_present(r, &f, way))) return DGM_OK;
    *done = true;
    const uint32_t made = (uint32_t)(f.node - f.nodes), begin = (uint32_t)(r->record_at - r->message_at);
    if (!p->table.len) r->table = (dgm_slice){ 0 };
    if (p->child_count) {
        (void)r->host.draft_open(r->draft, p->slot, DGM_RECORD, 0, begin, number);
        r->host.draft_commit(r->draft, made - 1);
        r->levels[r->depth++] = (flat_level){ .place = place };
    } else {
        f.nodes[0] = (dgm_node){ begin, first + made, DGM_TAG(p->slot, DGM_RECORD, 0), number };
        r->host.draft_commit(r->draft, made);
    }
    return f.made_count || f.note_count ? keep_finds(r, &f) : DGM_OK;
}

static bool blank(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ' && s.at[i] != '\t' && s.at[i] != '\r') return false;
    return true;
}

/* Is what is about to be read a record like others, and nothing of what only reader.c knows? */
static inline bool usual(const flat_reader *r, const flat_swift *s, dgm_slice record, span at)
{
    const dgm_flat_layout *l = r->l;
    const struct dgm_flat_swift *plan = l->swift;
    uint64_t most = r->host.limits.message_bytes_max < UINT32_MAX - 1 ? r->host.limits.message_bytes_max : UINT32_MAX - 1;
    size_t begin = r->begun ? r->message_at : r->record_at;
    if (record.len && record.at[0] == 0x1A) return false;
    if (record.len > r->host.limits.segment_bytes_max || r->record_at + record.len - begin > most) return false;
    if (s->high && any_in(plane_of(s, plan->sets.count), at.from, at.to)) return false;
    if (s->quoted && any_in(plane_of(s, plan->quote), at.from, at.to)) return false;
    if (l->skip_blank && blank(record)) return false;
    dgm_slice table = l->table_line;
    return !table.len || record.len < table.len || memcmp(record.at, table.at, table.len) != 0;
}

dgm_status dgm_flat_swift_run(flat_reader *r)
{
    flat_swift *s = r->swift;
    const dgm_flat_layout *l = r->l;
    const dgm_slice view = dgm_flat_view(r);
    if (r->watch || (l->heading && !r->headed) || l->swift->depth + 1 >= r->host.limits.depth_max) return DGM_OK;
    while (!r->hopeless && !r->skipping && r->seen == 0 && r->record_at < view.len) {
        span at;
        if (!find_record(r, s, view, &at)) return DGM_OK;
        const char *in = view.at + s->from;
        dgm_slice record = { in + at.from, at.to - at.from };
        if (!usual(r, s, record, at)) return DGM_OK;
        if (l->delimited && !find_cells(s, plane_of(s, l->swift->separator), at)) return DGM_OK;
        uint32_t kind = l->delimited ? kind_of_cells(r, in) : kind_of_columns(l, record, r->table);
        if (kind == DGM_NONE) return DGM_OK;
        if (!r->begun) {
            dgm_status begun = dgm_flat_begin_message(r);
            if (begun != DGM_OK) return dgm_flat_draft_failed(r, begun);
        }
        r->record = record;
        dgm_flat_take_plain(r);
        r->records++;
        uint32_t place = dgm_flat_take_place(r, kind);
        if (place == DGM_NONE) {
            r->records--;
            return DGM_OK;
        }
        bool done;
        dgm_status st = put_swiftly(r, place, in, at, &done);
        if (st == DGM_OK && !done) st = dgm_flat_put_plain(r, place);
        if (st != DGM_OK && (st = dgm_flat_draft_failed(r, st)) != DGM_OK) return st;
        r->record_at = s->from + at.behind;
        r->end_at = r->record_at;
    }
    return DGM_OK;
}
