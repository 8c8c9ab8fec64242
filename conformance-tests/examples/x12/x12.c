/* SPDX-License-Identifier: Apache-2.0
 *
 * x12.c - an example of a codec that is built elsewhere: ANSI ASC X12 envelopes (ISA, GS, ST, SE, GE, IEA; X12.5, X12.6) and the
 * segments between, with nothing but the installed headers. Which segments a transaction set has, its format says. One thread for
 * each reader and writer; the codec itself is constant.
 */
#include "x12.h"

#include <string.h>

enum { ISA_BYTES = 106, ELEMENT_AT = 3, TERMINATOR_AT = 105, ELEMENTS_MAX = 99, DEPTH = 8, PLACES = 64 };

/* ---- texts and memory ---- */

static bool is(dgm_slice s, const char *text)
{
    size_t n = strlen(text);
    return s.len == n && (n == 0 || memcmp(s.at, text, n) == 0);
}

static dgm_slice text_of(const char *text)
{
    return (dgm_slice){ text, strlen(text) };
}

static bool same(dgm_slice a, dgm_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool x12_room(const dgm_host *host, x12_bytes *b, size_t more)
{
    if (b->room - b->len >= more) return true;
    size_t room = b->room ? b->room : 256;
    while (room < b->len + more) room *= 2;
    char *grown = host->mem.grow(host->mem.ctx, b->at, b->room, room);
    if (!grown) return false;
    b->at = grown;
    b->room = room;
    return true;
}

bool x12_append(const dgm_host *host, x12_bytes *b, dgm_slice s)
{
    if (!x12_room(host, b, s.len)) return false;
    if (s.len) memcpy(b->at + b->len, s.at, s.len);
    b->len += s.len;
    return true;
}

void x12_free(const dgm_host *host, x12_bytes *b)
{
    if (b->at) host->mem.grow(host->mem.ctx, b->at, b->room, 0);
    *b = (x12_bytes){ 0 };
}

uint64_t x12_number(dgm_slice s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len && i < 12; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return UINT64_MAX;
        n = n * 10 + (uint64_t)(s.at[i] - '0');
    }
    return s.len && s.len <= 12 ? n : UINT64_MAX;
}

/* The n-th element of a segment, from 1; 0 is its tag. */
static dgm_slice element(dgm_slice segment, char separator, size_t n)
{
    for (;;) {
        const char *hit = segment.len ? memchr(segment.at, separator, segment.len) : NULL;
        size_t len = hit ? (size_t)(hit - segment.at) : segment.len;
        if (n-- == 0) return (dgm_slice){ segment.at, len };
        if (!hit) return (dgm_slice){ segment.at + segment.len, 0 };
        segment = (dgm_slice){ hit + 1, segment.len - len - 1 };
    }
}

/* ---- whose is it? ---- */

/* ISA has a fixed length: its separator stands at these places, whatever it is. */
static int identify(dgm_slice first)
{
    static const unsigned char places[] = { 3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103 };
    if (first.len < 4 || memcmp(first.at, "ISA", 3) != 0) return 0;
    char c = first.at[ELEMENT_AT];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return 0;
    for (size_t i = 0; i < sizeof places; i++)
        if (places[i] < first.len && first.at[places[i]] != c) return 0;
    return first.len >= ISA_BYTES ? 98 : 60;
}

/* ---- formats ---- */

const dgm_option x12_no_options[] = { { 0 } };
const dgm_option x12_format_options[] = {
    { "set", "", "transaction set, ST01: 850", DGM_OPT_TEXT, NULL },
    { "group", "", "functional identifier, GS01: PO", DGM_OPT_TEXT, NULL },
    { "segments", "",
      "segments in order: TAG/ELEMENTS, ! behind it: mandatory, * behind it: any number; LOOP(…) repeats what it holds",
      DGM_OPT_TEXT, NULL },
    { 0 }
};

static const char digits[] = "0123456789";

static uint32_t add_segment(const dgm_host *h, dgm_shape_maker *m, uint32_t parent, dgm_slice tag, uint32_t elements,
                            dgm_slot_info how)
{
    how.name = tag;
    how.kind = DGM_SEGMENT;
    uint32_t id = h->shape_add(m, parent, &how);
    for (uint32_t n = 1; n <= elements && id != UINT32_MAX; n++) {
        const char name[2] = { digits[n / 10], digits[n % 10] };
        const dgm_slot_info e = {
            .name = { name, 2 }, .kind = DGM_ELEMENT, .max = 1, .element = (uint16_t)n, .envelope = how.envelope
        };
        if (h->shape_add(m, id, &e) == UINT32_MAX) return UINT32_MAX;
    }
    return id;
}

static dgm_status wrong_format(const dgm_host *h, const dgm_format *f, const char *what)
{
    const dgm_remark r = { .severity = DGM_ERROR,
                           .name = "x12.format.segments",
                           .text = text_of(what),
                           .hint = text_of("segments: BEG/12! N1(N1/4! N2/2* N3/2) CTT/2"),
                           .at_byte = UINT64_MAX,
                           .node = DGM_NONE,
                           .path = f->name };
    return h->tell(h, &r) == DGM_NOMEM ? DGM_NOMEM : DGM_CONFIG;
}

/* One word of "segments": BEG/12!, N1(, PO1(, ) - each from *at on. */
static dgm_status take_word(const dgm_host *h, const dgm_format *f, dgm_shape_maker *m, uint32_t *stack, size_t *depth,
                            dgm_slice *rest)
{
    size_t n = 0;
    dgm_slot_info how = { .max = 1 };
    while (n < rest->len && !strchr("/!*() ", rest->at[n])) n++;
    const dgm_slice tag = { rest->at, n };
    char next = n < rest->len ? rest->at[n] : ' ';
    if (next == ')' && n == 0) {
        if (*depth == 0) return wrong_format(h, f, "a ) closes no loop");
        --*depth;
        *rest = (dgm_slice){ rest->at + 1, rest->len - 1 };
        return DGM_OK;
    }
    if (n == 0) return wrong_format(h, f, "a segment's tag is expected");
    if (next == '(') {
        if (*depth + 1 >= DEPTH) return wrong_format(h, f, "loops are nested too deep");
        how.name = tag;
        how.kind = DGM_GROUP;
        how.max = UINT32_MAX;
        stack[*depth + 1] = h->shape_add(m, stack[*depth], &how);
        ++*depth;
        *rest = (dgm_slice){ rest->at + n + 1, rest->len - n - 1 };
        return stack[*depth] == UINT32_MAX ? DGM_NOMEM : DGM_OK;
    }
    uint32_t elements = 0;
    if (next == '/')
        for (n++; n < rest->len && rest->at[n] >= '0' && rest->at[n] <= '9'; n++)
            elements = elements * 10 + (uint32_t)(rest->at[n] - '0');
    if (elements < 1 || elements > ELEMENTS_MAX) return wrong_format(h, f, "a segment has 1 to 99 elements");
    for (; n < rest->len && (rest->at[n] == '!' || rest->at[n] == '*'); n++)
        if (rest->at[n] == '!')
            how.min = 1;
        else
            how.max = UINT32_MAX;
    *rest = (dgm_slice){ rest->at + n, rest->len - n };
    return add_segment(h, m, stack[*depth], tag, elements, how) == UINT32_MAX ? DGM_NOMEM : DGM_OK;
}

static dgm_status shape(const dgm_host *h, const dgm_format *f, dgm_shape **out)
{
    dgm_slice rest = h->setting(f->settings, f->setting_count, x12_format_options, "segments");
    const dgm_slice set = h->setting(f->settings, f->setting_count, x12_format_options, "set");
    dgm_shape_maker *m = NULL;
    uint32_t stack[DEPTH];
    size_t depth = 0;
    *out = NULL;
    if (!set.len || !rest.len) return wrong_format(h, f, "the format needs set and segments");
    dgm_status st = h->shape_begin(&h->mem, f->name, &m);
    if (st != DGM_OK) return st;
    const dgm_slot_info top = { .name = set, .kind = DGM_GROUP, .min = 1, .max = 1 };
    const dgm_slot_info envelope = { .min = 1, .max = 1, .envelope = true };
    stack[0] = h->shape_add(m, UINT32_MAX, &top);
    if (stack[0] == UINT32_MAX || add_segment(h, m, stack[0], text_of("ST"), 3, envelope) == UINT32_MAX) st = DGM_NOMEM;
    while (st == DGM_OK && rest.len) {
        if (*rest.at == ' ')
            rest = (dgm_slice){ rest.at + 1, rest.len - 1 };
        else
            st = take_word(h, f, m, stack, &depth, &rest);
    }
    if (st == DGM_OK && depth) st = wrong_format(h, f, "a loop is not closed");
    if (st == DGM_OK && add_segment(h, m, stack[0], text_of("SE"), 2, envelope) == UINT32_MAX) st = DGM_NOMEM;
    for (size_t i = 0; i < f->alias_count && st == DGM_OK; i++) (void)i; /* short names need a shape to be found in: none here */
    if (st == DGM_OK) st = h->shape_freeze(m, out);
    h->shape_maker_free(m);
    return st;
}

/* ---- reading ---- */

typedef struct place {
    uint32_t slot, at; /* of the group; which of its children was met last */
    uint32_t seen[PLACES];
} place;

typedef struct x12_reader {
    dgm_reader head; /* first, always */
    dgm_host host;
    x12_bytes input, message; /* what is not read yet; the raw bytes of the message so far */
    size_t from;              /* read of the input */
    uint64_t base;            /* offset of input.at[0] */
    dgm_draft *draft;
    const dgm_format *format;
    uint32_t segments, occurrence;
    place places[DEPTH];
    size_t depth;
    uint64_t started, groups, sets, errors_before;
    size_t errors;
    dgm_position position;
    char separator, terminator;
    bool last, fed, in_interchange, in_group, in_message, dropped, over, junk, skipping;
    char control[16], group_control[16], reference[16];
    size_t control_len, group_control_len, reference_len;
    char type[40], sender[16], recipient[16];
    size_t type_len;
} x12_reader;

static x12_reader *self(dgm_reader *r)
{
    return (x12_reader *)(void *)r;
}

static dgm_status tell(x12_reader *r, dgm_severity severity, const char *name, const char *text, dgm_slice segment, uint64_t at)
{
    r->errors += severity == DGM_ERROR;
    const dgm_remark m = { .severity = severity,
                           .name = name,
                           .text = text_of(text),
                           .position = r->position,
                           .at_byte = at,
                           .bytes = segment.len,
                           .node = DGM_NONE,
                           .reference = { r->reference, r->reference_len },
                           .around = segment,
                           .around_at = at };
    return r->host.tell(&r->host, &m);
}

static void keep(char *room, size_t *len, size_t most, dgm_slice s)
{
    while (s.len && s.at[s.len - 1] == ' ') s.len--;
    *len = s.len < most ? s.len : most;
    for (size_t i = 0; i < *len; i++) room[i] = s.at[i] < ' ' || s.at[i] > '~' ? '?' : s.at[i];
}

static void begin(x12_reader *r)
{
    r->input.len = r->message.len = r->from = r->depth = r->control_len = r->group_control_len = r->reference_len = r->errors = 0;
    r->base = r->started = r->groups = r->sets = 0;
    r->position = (dgm_position){ 0 };
    r->last = r->fed = r->in_interchange = r->in_group = r->in_message = r->dropped = r->over = r->junk = r->skipping = false;
    r->separator = r->terminator = 0; /* of the input before */
    r->sender[0] = r->recipient[0] = 0;
}

static void x12_close(dgm_reader *reader)
{
    if (!reader) return;
    x12_reader *r = self(reader);
    const dgm_host h = r->host;
    x12_free(&h, &r->input);
    x12_free(&h, &r->message);
    h.draft_free(r->draft);
    h.mem.grow(h.mem.ctx, r, sizeof *r, 0);
}

static dgm_status x12_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    (void)settings, (void)n; /* it has none */
    *out = NULL;
    x12_reader *r = host->mem.grow(host->mem.ctx, NULL, 0, sizeof *r);
    if (!r) return DGM_NOMEM;
    *r = (x12_reader){ .head = { &x12 }, .host = *host };
    begin(r);
    if (host->draft_new(&host->mem, &host->limits, &r->draft) != DGM_OK) {
        r->draft = NULL;
        host->mem.grow(host->mem.ctx, r, sizeof *r, 0);
        return DGM_NOMEM;
    }
    *out = &r->head;
    return DGM_OK;
}

static dgm_status x12_feed(dgm_reader *reader, dgm_slice chunk, bool last)
{
    x12_reader *r = self(reader);
    if (r->last) return DGM_USAGE;
    if (r->from) {
        memmove(r->input.at, r->input.at + r->from, r->input.len - r->from);
        r->base += r->from;
        r->input.len -= r->from;
        r->from = 0;
    }
    if (!x12_append(&r->host, &r->input, chunk)) return DGM_NOMEM;
    r->last = last;
    return DGM_OK;
}

static dgm_status x12_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out)
{
    dgm_status st = x12_open(host, settings, n, out);
    if (st == DGM_OK) st = x12_feed(*out, input, true);
    if (st == DGM_OK || !*out) return st;
    x12_close(*out);
    *out = NULL;
    return st;
}

static void x12_reset(dgm_reader *reader)
{
    begin(self(reader));
}

static void x12_recycle(dgm_reader *reader, dgm_message *m)
{
    x12_reader *r = self(reader);
    if (!m->tree) return;
    x12_bytes old = { 0 };
    r->host.draft_recycle(r->draft, m->tree, &old.at, &old.room);
    m->tree = NULL;
    if (!r->message.at)
        r->message = old;
    else
        x12_free(&r->host, &old);
}

/* ---- one message ---- */

static dgm_status open_group(x12_reader *r, uint32_t slot, uint32_t occurrence)
{
    if (r->host.draft_open(r->draft, slot, DGM_GROUP, 0, (uint32_t)r->message.len, occurrence) == DGM_NONE)
        return r->host.draft_status(r->draft);
    r->places[r->depth] = (place){ .slot = slot };
    r->depth++;
    return DGM_OK;
}

/* Leaves the innermost group: what it had to have and has not is told. */
static dgm_status leave_group(x12_reader *r, const dgm_shape *s, uint64_t at)
{
    dgm_slot_info group, child;
    const place *p = &r->places[--r->depth];
    dgm_status st = DGM_OK;
    if (s && r->host.shape_slot(s, p->slot, &group))
        for (uint32_t i = 0; i < group.child_count && i < PLACES && st == DGM_OK; i++)
            if (r->host.shape_slot(s, group.first_child + i, &child) && child.min > p->seen[i] && !child.envelope)
                st = tell(r, DGM_ERROR, "x12.segment.missing", "a mandatory segment is missing before this one", child.name, at);
    if (r->depth) r->host.draft_close(r->draft);
    return st;
}

/* The child of the innermost groups that a segment may be, from where the last one stood on: its slot, or not known. */
static dgm_status find_place(x12_reader *r, const dgm_shape *s, dgm_slice tag, uint64_t at, uint32_t *slot)
{
    dgm_slot_info group, child, first;
    size_t levels = 0;
    *slot = DGM_SLOT_NOT_KNOWN;
    r->occurrence = 1;
    for (size_t d = r->depth; s && d-- > 0; levels++) {
        place *p = &r->places[d];
        if (!r->host.shape_slot(s, p->slot, &group)) continue;
        for (uint32_t i = p->at; i < group.child_count && i < PLACES; i++) {
            if (!r->host.shape_slot(s, group.first_child + i, &child)) continue;
            bool loop = child.kind == DGM_GROUP;
            if (loop && !r->host.shape_slot(s, child.first_child, &first)) continue;
            if (!same(loop ? first.name : child.name, tag) || p->seen[i] >= child.max) continue;
            dgm_status st = DGM_OK;
            for (; levels && st == DGM_OK; levels--) st = leave_group(r, s, at);
            p->at = i;
            r->occurrence = ++p->seen[i];
            *slot = group.first_child + i;
            if (!loop || st != DGM_OK) return st;
            st = open_group(r, *slot, r->occurrence);
            r->places[r->depth - 1].seen[0] = 1;
            r->occurrence = 1;
            *slot = child.first_child;
            return st;
        }
    }
    return DGM_OK;
}

/* X12 is written in ASCII; what is not is told, and kept as Latin-1: names and values of trees are UTF-8. */
static bool plain(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] > 0x7F) return false;
    return true;
}

static dgm_status as_latin(x12_reader *r, uint32_t leaf, dgm_slice value, uint64_t at)
{
    size_t len = 0;
    char *text = r->host.draft_text(r->draft, 2 * value.len);
    if (!text) return r->host.draft_status(r->draft);
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.at[i];
        if (c > 0x7F) text[len++] = (char)(0xC0 | c >> 6);
        text[len++] = (char)(c > 0x7F ? 0x80 | (c & 0x3F) : c);
    }
    dgm_status st = r->host.draft_decoded(r->draft, leaf, (dgm_slice){ text, len });
    return st == DGM_OK ? tell(r, DGM_ERROR, "x12.character", "a value holds what is not ASCII", value, at) : st;
}

/* A segment of the message: its node and its elements. `in` is where it stands in the message's bytes. */
static dgm_status take_segment(x12_reader *r, dgm_slice segment, uint32_t in, uint64_t at)
{
    const dgm_host *h = &r->host;
    const dgm_shape *s = r->format ? r->format->shape : NULL;
    const dgm_slice tag = element(segment, r->separator, 0);
    dgm_slot_info info = { 0 };
    uint32_t slot;
    dgm_status st = find_place(r, s, tag, at, &slot);
    if (st == DGM_OK && s && slot == DGM_SLOT_NOT_KNOWN)
        st = tell(r, DGM_ERROR, "x12.segment.unexpected", "this segment may not stand here", segment, at);
    if (st != DGM_OK) return st;
    const bool known = slot != DGM_SLOT_NOT_KNOWN && h->shape_slot(s, slot, &info);
    uint32_t node = h->draft_open(r->draft, slot, DGM_SEGMENT, 0, in, r->occurrence);
    if (node == DGM_NONE) return h->draft_status(r->draft);
    if (!known && (st = h->draft_named(r->draft, node, plain(tag) && tag.len ? tag : text_of("?"))) != DGM_OK) return st;
    size_t from = tag.len;
    for (uint32_t n = 1; from < segment.len; n++) {
        const dgm_slice rest = { segment.at + from + 1, segment.len - from - 1 };
        const dgm_slice value = element(rest, r->separator, 0);
        const uint32_t at_value = in + (uint32_t)(from + 1);
        from += 1 + value.len;
        if (!value.len || n > ELEMENTS_MAX) continue;
        bool has = known && n <= info.child_count;
        uint32_t leaf = h->draft_leaf(r->draft, has ? info.first_child + n - 1 : DGM_SLOT_NOT_KNOWN, DGM_ELEMENT, 0, at_value,
                                      (uint32_t)value.len, DGM_PLACE_OF(n, 0, 1));
        if (leaf == DGM_NONE) return h->draft_status(r->draft);
        const char name[2] = { digits[n / 10], digits[n % 10] };
        if (!has) st = h->draft_named(r->draft, leaf, (dgm_slice){ name, 2 });
        if (st == DGM_OK && !plain(value)) st = as_latin(r, leaf, value, at + (at_value - in));
        if (st == DGM_OK && known && !has)
            st = tell(r, DGM_ERROR, "x12.element.unexpected", "the segment has fewer elements in its format", value,
                      at + (at_value - in));
        if (st != DGM_OK) return st;
    }
    h->draft_close(r->draft);
    return h->draft_status(r->draft);
}

static const dgm_format *format_of(const x12_reader *r, dgm_slice set)
{
    const dgm_host *h = &r->host;
    for (size_t i = 0; i < h->format_count; i++)
        if (same(h->setting(h->formats[i]->settings, h->formats[i]->setting_count, x12_format_options, "set"), set))
            return h->formats[i];
    return NULL;
}

static dgm_status begin_message(x12_reader *r, dgm_slice segment, uint64_t at)
{
    const dgm_slice set = element(segment, r->separator, 1);
    r->in_message = true;
    r->dropped = false;
    r->started = at;
    r->errors_before = r->errors;
    r->segments = 0;
    r->depth = 0;
    r->message.len = 0;
    r->position.message++;
    keep(r->type, &r->type_len, sizeof r->type, set);
    keep(r->reference, &r->reference_len, sizeof r->reference, element(segment, r->separator, 2));
    r->format = format_of(r, set);
    dgm_status st = r->host.draft_begin(r->draft, r->format ? r->format->shape : NULL);
    if (st == DGM_OK) st = open_group(r, r->format ? 0 : DGM_SLOT_NOT_KNOWN, 1);
    if (st == DGM_OK && !r->format) st = r->host.draft_named(r->draft, 0, (dgm_slice){ r->type, r->type_len });
    return st;
}

/* The message is over, with SE or without. */
static dgm_status finish_message(x12_reader *r, dgm_message *out, uint64_t end)
{
    const dgm_shape *s = r->format ? r->format->shape : NULL;
    dgm_status st = DGM_OK;
    while (r->depth && st == DGM_OK) st = leave_group(r, s, end);
    r->in_message = false;
    if (st != DGM_OK) return st;
    *out = (dgm_message){ .format = r->format,
                          .type = { r->type, r->type_len },
                          .reference = { r->reference, r->reference_len },
                          .sender = text_of(r->sender),
                          .recipient = text_of(r->recipient),
                          .interchange_reference = { r->control, r->control_len },
                          .position = r->position,
                          .at_byte = r->started,
                          .bytes = end - r->started };
    if (!r->dropped) {
        st =
            r->host.draft_finish(r->draft, r->message.at, (uint32_t)r->message.len, r->message.room, false, r->started, &out->tree);
        if (st == DGM_OK) r->message = (x12_bytes){ 0 };
    }
    if (st == DGM_LIMIT) st = DGM_OK; /* told when it was met */
    out->errors = (size_t)(r->errors - r->errors_before);
    return st;
}

/* ---- what surrounds messages ---- */

static dgm_status wrong_count(x12_reader *r, dgm_slice segment, uint64_t counted, uint64_t at)
{
    if (x12_number(element(segment, r->separator, 1)) == counted) return DGM_OK;
    return tell(r, DGM_ERROR, "x12.count.other", "the count does not agree with what was sent", segment, at);
}

static dgm_status other_control(x12_reader *r, dgm_slice segment, dgm_slice opened, uint64_t at)
{
    if (same(element(segment, r->separator, 2), opened)) return DGM_OK;
    return tell(r, DGM_ERROR, "x12.control.other", "the control number is not the one of its header", segment, at);
}

static dgm_status take_envelope(x12_reader *r, dgm_slice segment, uint64_t at)
{
    const dgm_slice tag = element(segment, r->separator, 0);
    dgm_status st = DGM_OK;
    size_t ignored;
    if (is(tag, "ISA")) {
        if (r->in_interchange) st = tell(r, DGM_ERROR, "x12.interchange.no-end", "the interchange before has no IEA", segment, at);
        r->in_interchange = true;
        r->in_group = false;
        r->groups = 0;
        r->position.interchange++;
        r->position.message = 0;
        keep(r->sender, &ignored, sizeof r->sender - 1, element(segment, r->separator, 6));
        r->sender[ignored] = 0;
        keep(r->recipient, &ignored, sizeof r->recipient - 1, element(segment, r->separator, 8));
        r->recipient[ignored] = 0;
        keep(r->control, &r->control_len, sizeof r->control, element(segment, r->separator, 13));
    } else if (is(tag, "GS")) {
        if (r->in_group) st = tell(r, DGM_ERROR, "x12.group.no-end", "the group before has no GE", segment, at);
        r->in_group = true;
        r->sets = 0;
        r->groups++;
        r->position.group++;
        keep(r->group_control, &r->group_control_len, sizeof r->group_control, element(segment, r->separator, 6));
    } else if (is(tag, "GE")) {
        if (!r->in_group) return tell(r, DGM_ERROR, "x12.group.no-header", "GE ends a group that no GS began", segment, at);
        r->in_group = false;
        st = wrong_count(r, segment, r->sets, at);
        if (st == DGM_OK) st = other_control(r, segment, (dgm_slice){ r->group_control, r->group_control_len }, at);
    } else if (is(tag, "IEA")) {
        if (r->in_group) st = tell(r, DGM_ERROR, "x12.group.no-end", "the group has no GE", segment, at);
        r->in_interchange = r->in_group = false;
        if (st == DGM_OK) st = wrong_count(r, segment, r->groups, at);
        if (st == DGM_OK) st = other_control(r, segment, (dgm_slice){ r->control, r->control_len }, at);
    } else {
        st = tell(r, DGM_ERROR, "x12.segment.outside", "this segment stands outside of any transaction set", segment, at);
    }
    return st;
}

/* ---- segments ---- */

/* The next segment of the input, without what stands between: DGM_MORE, DGM_END. *end: behind its terminator. */
static dgm_status next_segment(x12_reader *r, dgm_slice *segment, uint64_t *at, size_t *end)
{
    if (r->skipping && r->from < r->input.len) { /* the rest of one that is beyond the limit, and was told */
        const char *over = memchr(r->input.at + r->from, r->terminator, r->input.len - r->from);
        r->from = over ? (size_t)(over - r->input.at) + 1 : r->input.len;
        r->skipping = !over;
    }
    while (r->from < r->input.len && strchr("\r\n ", r->input.at[r->from]) && r->input.at[r->from]) r->from++;
    const char *here = r->input.at + r->from;
    const size_t left = r->input.len - r->from;
    if (!left) return r->last ? DGM_END : DGM_MORE;
    *at = r->base + r->from;
    if (left < 4 && !r->last) return DGM_MORE;
    if (left >= 3 && memcmp(here, "ISA", 3) == 0 && (!r->in_interchange || !r->in_message)) {
        if (left < ISA_BYTES) {
            if (!r->last) return DGM_MORE;
            r->from = r->input.len;
            r->junk = true;
            return tell(r, DGM_ERROR, "x12.isa.short", "the input ends inside ISA, which has 106 bytes", (dgm_slice){ here, left },
                        *at) == DGM_NOMEM
                       ? DGM_NOMEM
                       : DGM_END;
        }
        if (identify((dgm_slice){ here, ISA_BYTES }) == 98) {
            r->separator = here[ELEMENT_AT];
            r->terminator = here[TERMINATOR_AT];
            *segment = (dgm_slice){ here, TERMINATOR_AT };
            *end = r->from + ISA_BYTES;
            return DGM_OK;
        }
    }
    if (!r->in_interchange && !r->separator) r->separator = '*', r->terminator = '~';
    const char *hit = memchr(here, r->terminator, left);
    size_t len = hit ? (size_t)(hit - here) : left;
    if (!hit && !r->last && len <= r->host.limits.segment_bytes_max) return DGM_MORE;
    *segment = (dgm_slice){ here, len };
    *end = r->from + len + (hit ? 1 : 0);
    if (len > r->host.limits.segment_bytes_max) {
        if (!hit && !r->last) *end = r->from + len;
        return DGM_LIMIT;
    }
    if (hit) return DGM_OK;
    r->from = r->input.len;
    return tell(r, DGM_ERROR, "x12.segment.unterminated", "the input ends inside this segment", *segment, *at) == DGM_NOMEM
               ? DGM_NOMEM
               : DGM_END;
}

/* One segment of a message, or what opens and closes one. *done: a message is given out. */
static dgm_status take(x12_reader *r, dgm_slice segment, uint64_t at, dgm_message *out, bool *done)
{
    const dgm_slice tag = element(segment, r->separator, 0);
    const bool st_tag = is(tag, "ST"), outer = is(tag, "ISA") || is(tag, "GS") || is(tag, "GE") || is(tag, "IEA");
    dgm_status st = DGM_OK;
    if (r->in_message && (st_tag || outer)) { /* the segment is taken again when the message is out */
        st = tell(r, DGM_ERROR, "x12.set.no-end", "the transaction set has no SE", segment, at);
        *done = st == DGM_OK;
        return *done ? finish_message(r, out, at) : st;
    }
    if (!r->in_message && !st_tag) return take_envelope(r, segment, at);
    if (st_tag) {
        r->sets++;
        if (!r->in_group) st = tell(r, DGM_ERROR, "x12.set.no-group", "the transaction set stands in no group", segment, at);
        if (st == DGM_OK) st = begin_message(r, segment, at);
        if (st != DGM_OK && st != DGM_LIMIT) return st;
    }
    r->position.segment = ++r->segments;
    if (!r->dropped && st == DGM_OK) {
        uint32_t in = (uint32_t)r->message.len;
        if (r->message.len + segment.len + 1 > r->host.limits.message_bytes_max)
            st = DGM_LIMIT;
        else if (!x12_append(&r->host, &r->message, segment) ||
                 !x12_append(&r->host, &r->message, (dgm_slice){ &r->terminator, 1 }))
            return DGM_NOMEM;
        else
            st = take_segment(r, segment, in, at);
    }
    if (st == DGM_LIMIT && !r->dropped) {
        r->dropped = true;
        st = tell(r, DGM_ERROR, "x12.set.limit", "the transaction set is beyond a limit of size, nodes or depth", segment, at);
    }
    if (st == DGM_LIMIT) st = DGM_OK;
    if (st != DGM_OK || !is(tag, "SE")) return st;
    st = wrong_count(r, segment, r->segments, at);
    if (st == DGM_OK) st = other_control(r, segment, (dgm_slice){ r->reference, r->reference_len }, at);
    *done = st == DGM_OK;
    return *done ? finish_message(r, out, at + segment.len + 1) : st;
}

static dgm_status at_end(x12_reader *r, dgm_message *out)
{
    const dgm_slice none = { "", 0 };
    const uint64_t end = r->base + r->input.len;
    dgm_status st = DGM_OK;
    if (r->in_message) {
        st = tell(r, DGM_ERROR, "x12.set.no-end", "the input ends inside a transaction set: SE is missing", none, end);
        return st == DGM_OK ? finish_message(r, out, end) : st;
    }
    r->over = true;
    if (r->in_interchange)
        st = tell(r, DGM_ERROR, "x12.interchange.no-end", "the input ends inside an interchange: IEA is missing", none, end);
    return st == DGM_OK ? DGM_END : st;
}

static dgm_status x12_next(dgm_reader *reader, dgm_message *out)
{
    x12_reader *r = self(reader);
    *out = (dgm_message){ 0 };
    while (!r->over) {
        dgm_slice segment = { 0 };
        uint64_t at = 0;
        size_t end = r->from;
        bool done = false;
        dgm_status st = next_segment(r, &segment, &at, &end);
        if (st == DGM_END) return at_end(r, out);
        if (st == DGM_LIMIT) {
            st = tell(r, DGM_ERROR, "x12.segment.limit", "the segment is longer than the limit for one",
                      (dgm_slice){ segment.at, segment.len < 16 ? segment.len : 16 }, at);
            if (r->in_message) r->dropped = true;
            while (end < r->input.len && r->input.at[end - 1] != r->terminator) end++;
            r->skipping = r->input.at[end - 1] != r->terminator;
            r->over = r->over || !r->terminator;
            r->from = end;
            if (st == DGM_OK) continue;
        }
        if (st != DGM_OK) return st;
        const bool inside = r->in_message;
        st = take(r, segment, at, out, &done);
        if (!(done && inside && !is(element(segment, r->separator, 0), "SE"))) r->from = end;
        if (st != DGM_OK || done) return st;
    }
    return DGM_END;
}

const dgm_codec x12 = {
    .abi = DGM_CODEC_ABI,
    .struct_bytes = sizeof(dgm_codec),
    .build = DGM_CODEC_BUILD,
    .name = "x12",
    .title = "ANSI ASC X12: an example",
    .version = "1.0",
    .reader_options = x12_no_options,
    .writer_options = x12_writer_options,
    .format_options = x12_format_options,
    .identify = identify,
    .shape = shape,
    .open = x12_open,
    .open_whole = x12_open_whole,
    .feed = x12_feed,
    .next = x12_next,
    .recycle = x12_recycle,
    .reset = x12_reset,
    .close = x12_close,
    .writer_open = x12_writer_open,
    .write = x12_write,
    .flush = x12_flush,
    .finish = x12_finish,
    .writer_close = x12_writer_close,
};

#ifndef X12_BROKEN
DGM_CODEC_ENTRY(x12)
#endif
