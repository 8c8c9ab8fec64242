/* SPDX-License-Identifier: Apache-2.0
 *
 * intake.c - see intake.h. Input is decoded a few KiB at a time, when the reader asks for more text. EBCDIC and UTF-16 are known by
 * how UNA and UNB look in them; ISO 2022 by the escape sequences of ISO 2375 (UNOX). One thread.
 */
#include "reader.h"

#define PIECE 4096u /* bytes decoded at a time */

void dgm_edi_intake_free(dgm_edi_intake *k)
{
    dgm_charset_free(k->own);
    dgm_charset_map_free(&k->map);
    dgm_buffer_free(&k->kept);
}

dgm_status dgm_edi_intake_open(dgm_edi_reader *r, const char *name, dgm_charset **out)
{
    dgm_edi_intake *k = &r->intake;
    dgm_status st = DGM_OK;
    if (!k->own || !dgm_slice_is(dgm_charset_name(k->own), name)) {
        dgm_charset_free(k->own);
        k->own = NULL;
        st = dgm_charset_open(&r->mem, dgm_slice_of(name), &k->own);
    } else {
        dgm_charset_reset(k->own); /* what it still holds is of another input */
    }
    *out = k->own;
    k->met = st == DGM_OK;
    return st;
}

bool dgm_edi_intake_met(const dgm_edi_intake *k, const char *name)
{
    return k->met && dgm_slice_is(dgm_charset_name(k->own), name);
}

/* ---- recognition ------------------------------------------------------------------------------------------------------------- */

static bool header(const char *b, char u, char n, const char *thirds)
{
    return b[0] == u && b[1] == n && memchr(thirds, b[2], 3);
}

const char *dgm_edi_intake_detect(dgm_slice s, bool last, bool little_end, bool *more, size_t *mark)
{
    char c[6] = { 0 };
    const char *b = s.at;
    *more = false;
    *mark = 0;
    if (s.len == 0) return NULL;
    unsigned char first = (unsigned char)b[0];
    if (first != 0xE4 && first != 0 && first != 'U' && first != 0xFE && first != 0xFF) return NULL;
    if (s.len < 6 && !last) { /* unless what is there says already that it is none of these */
        memcpy(c, b, s.len);
        bool hopeless = s.len > 1 && (first == 'U' ? c[1] != 0 : first == 0 ? c[1] != 'U' : false);
        *more = !hopeless;
        return NULL;
    }
    memcpy(c, b, s.len < 6 ? s.len : 6);
    if (first == 0xE4) return header(c, '\xE4', '\xD5', "\xC1\xC2\xC8") ? "IBM037" : NULL; /* UNA, UNB, UNH */
    bool big = c[0] == 0 && c[2] == 0 && c[4] == 0 && c[1] == 'U' && c[3] == 'N';
    bool little = c[1] == 0 && c[3] == 0 && c[5] == 0 && c[0] == 'U' && c[2] == 'N';
    if (big && !little_end) return "UTF-16BE";
    if (little) return "UTF-16LE";
    *mark = 2;
    if (first == 0xFE && (unsigned char)c[1] == 0xFF && c[2] == 0 && c[3] == 'U') return "UTF-16BE";
    if (first == 0xFF && (unsigned char)c[1] == 0xFE && c[2] == 'U' && c[3] == 0) return "UTF-16LE";
    *mark = 0;
    return NULL;
}

/* ---- turning it on and off --------------------------------------------------------------------------------------------------- */

/* The reader reads other bytes from now on. */
static void take_over(dgm_edi_reader *r, const char *in, size_t len, bool whole, bool last)
{
    r->in = in;
    r->len = len;
    r->whole = whole;
    r->last = last;
    r->at = 0;
    r->segment.at = r->segment.end = 0;
    r->segment.tag.len = 0;
    r->token_next = r->token_ready = r->token_count = 0;
    r->lexer.base = in;
    r->lexer.at = r->lexer.start = 0;
}

dgm_status dgm_edi_intake_start(dgm_edi_reader *r, size_t at, dgm_charset *set, bool stays)
{
    dgm_edi_intake *k = &r->intake;
    dgm_slice rest = { at ? r->in + at : r->in, r->len - at }; /* there may be no bytes yet, and none is nowhere */
    k->kept.len = 0;
    if (!r->whole) {
        dgm_status st = dgm_buffer_append(&k->kept, rest);
        if (st != DGM_OK) return st;
        rest = dgm_buffer_slice(&k->kept);
    }
    dgm_charset_map_clear(&k->map);
    k->shifts = !set;
    k->set = set;
    if (set) dgm_charset_reset(set);
    if (set) dgm_charset_lines(set);
    k->raw = rest.at;
    k->raw_len = rest.len;
    k->taken = 0;
    k->from = k->raw_from = r->base + at;
    k->whole = r->whole;
    k->last = r->last;
    k->stays = stays;
    k->told = false;
    k->on = true;
    k->lines = false;
    take_over(r, r->buffer ? r->buffer : "", 0, false, false);
    return DGM_OK;
}

dgm_status dgm_edi_intake_lines(dgm_edi_reader *r, size_t at)
{
    dgm_edi_intake *k = &r->intake;
    dgm_status st = dgm_edi_intake_start(r, at, NULL, false);
    k->shifts = k->joined_told = false;
    k->lines = true;
    k->before = r->service[3];
    k->joined.bytes = 0;
    return st;
}

dgm_status dgm_edi_intake_stop(dgm_edi_reader *r, size_t at)
{
    dgm_edi_intake *k = &r->intake;
    uint64_t from = dgm_edi_intake_offset(k, at);
    dgm_slice rest = dgm_slice_part((dgm_slice){ k->raw, k->raw_len }, (size_t)(from - k->raw_from), k->raw_len);
    k->on = k->lines = false;
    r->base = k->ended = from;
    if (k->whole) {
        take_over(r, rest.at, rest.len, true, true);
        return DGM_OK;
    }
    void *buffer = r->buffer;
    dgm_status st = dgm_mem_reserve(&r->mem, &buffer, &r->capacity, rest.len + 1, 1);
    r->buffer = buffer;
    if (st != DGM_OK) return st;
    if (rest.len) memcpy(r->buffer, rest.at, rest.len);
    take_over(r, r->buffer, rest.len, false, k->last);
    return DGM_OK;
}

/* ---- input ------------------------------------------------------------------------------------------------------------------- */

/* The raw bytes that may still be asked for: those that are no text yet, and those the reader goes back to when the interchange
 * ends, which is not before the segment it is in. */
static size_t raw_wanted(const dgm_edi_reader *r)
{
    const dgm_edi_intake *k = &r->intake;
    size_t text = r->phase == DGM_EDI_BETWEEN      ? r->at
                  : r->token_next < r->token_count ? r->tokens[r->token_next].at
                                                   : r->lexer.start;
    size_t back = (size_t)(dgm_edi_intake_offset(k, text) - k->raw_from);
    return k->stays || back > k->taken ? k->taken : back;
}

dgm_status dgm_edi_intake_feed(dgm_edi_reader *r, dgm_slice chunk, bool last)
{
    dgm_edi_intake *k = &r->intake;
    size_t gone = raw_wanted(r);
    if (gone) memmove(k->kept.at, k->kept.at + gone, k->kept.len - gone);
    k->kept.len -= gone;
    k->taken -= gone;
    k->raw_from += gone;
    dgm_status st = r->unwrap.on ? dgm_edi_unwrap_append(r, chunk) : dgm_buffer_append(&k->kept, chunk);
    k->raw = k->kept.at;
    k->raw_len = k->kept.len;
    k->last = last;
    return st;
}

static dgm_status decode(dgm_edi_reader *r, size_t bytes, bool last)
{
    dgm_edi_intake *k = &r->intake;
    dgm_buffer text = { .mem = r->mem, .at = r->buffer, .len = r->len, .capacity = r->capacity };
    dgm_status st = dgm_charset_decode_mapped(k->set, (dgm_slice){ bytes ? k->raw + k->taken : "", bytes }, last, &text, &k->map);
    k->taken += bytes;
    r->buffer = text.at;
    r->capacity = text.capacity;
    r->len = text.len;
    r->in = r->lexer.base = r->buffer ? r->buffer : "";
    return st;
}

/* ---- lines that were cut ----------------------------------------------------------------------------------------------------- */

/* The bytes of a piece without its line breaks. The first break that is not between two segments is remembered. */
static dgm_status pull_lines(dgm_edi_reader *r, size_t bytes)
{
    dgm_edi_intake *k = &r->intake;
    void *buffer = r->buffer;
    dgm_status st = dgm_mem_reserve(&r->mem, &buffer, &r->capacity, r->len + bytes + 1, 1);
    r->buffer = buffer;
    r->in = r->lexer.base = r->buffer ? r->buffer : "";
    if (st != DGM_OK || !r->buffer) return st;
    for (size_t i = 0; i < bytes && st == DGM_OK;) {
        const char *from = k->raw + k->taken;
        size_t n = 0, most = bytes - i;
        bool breaks = *from == '\r' || *from == '\n';
        while (n < most && (from[n] == '\r' || from[n] == '\n') == breaks) n++;
        uint64_t at = k->raw_from + k->taken;
        if (breaks && k->joined.bytes && k->joined.at + k->joined.bytes == at) {
            k->joined.bytes += n; /* the rest of it came in another piece */
        } else if (breaks && k->before != r->service[3] && !k->joined.bytes) {
            k->joined.at = at;
            k->joined.bytes = n;
        }
        if (breaks) {
            dgm_charset_map_skip(&k->map, n);
        } else {
            memcpy(r->buffer + r->len, from, n);
            r->len += n;
            k->before = from[n - 1];
            st = dgm_charset_map_plain(&k->map, n);
        }
        k->taken += n;
        i += n;
    }
    return st;
}

/* ---- ISO 2022 ---------------------------------------------------------------------------------------------------------------- */

typedef struct escape {
    size_t bytes;    /* 0: more is needed */
    const char *set; /* who reads on */
    bool skip;       /* the sequence itself says nothing more to that one */
} escape;

/* Final bytes by which ISO 2375 registers the right halves of ISO 8859 (and TIS 620), for ESC - F: they are read as bytes from
 * 0xA0. */
static const char *right_half(char final)
{
    static const struct {
        char final;
        const char *set;
    } halves[] = { { 'A', "ISO-8859-1" }, { 'B', "ISO-8859-2" }, { 'C', "ISO-8859-3" },  { 'D', "ISO-8859-4" },
                   { 'F', "ISO-8859-7" }, { 'G', "ISO-8859-6" }, { 'H', "ISO-8859-8" },  { 'L', "ISO-8859-5" },
                   { 'M', "ISO-8859-9" }, { 'T', "TIS-620" },    { 'b', "ISO-8859-15" }, { 'Y', "ISO-8859-13" } };
    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
        if (halves[i].final == final) return halves[i].set;
    return NULL;
}

/* The sequence at the beginning of s, which is an escape. */
static escape read_escape(dgm_slice s, bool last, const char *now)
{
    escape e = { .bytes = 0, .set = now };
    size_t i = 1;
    while (i < s.len && i < 4 && s.at[i] >= 0x20 && s.at[i] < 0x30) i++;
    if (i >= s.len && !last) return e;
    e.bytes = i < s.len ? i + 1 : i;
    if (i >= s.len) return e;
    char final = s.at[i];
    dgm_slice middle = dgm_slice_part(s, 1, i);
    if (dgm_slice_is(middle, "-") && right_half(final)) return (escape){ e.bytes, right_half(final), true };
    if (dgm_slice_is(middle, "(") && final == 'B' && memcmp(now, "ISO-2022", 8) != 0) e.skip = true;
    if (dgm_slice_is(middle, "$)")) e.set = final == 'C' ? "ISO-2022-KR" : "ISO-2022-CN-EXT";
    if (dgm_slice_is(middle, "$*") || dgm_slice_is(middle, "$+")) e.set = "ISO-2022-CN-EXT";
    if (e.set == now && !e.skip && middle.len && memcmp(now, "ISO-2022", 8) != 0) e.set = "ISO-2022-JP-2";
    if (e.set == now && (dgm_slice_is(middle, "$") || dgm_slice_is(middle, "$(") || dgm_slice_is(middle, ".")))
        e.set = "ISO-2022-JP-2";
    return e;
}

/* Decodes up to the next escape sequence, or that. */
static dgm_status pull_shifts(dgm_edi_reader *r, size_t bytes, bool last)
{
    dgm_edi_intake *k = &r->intake;
    const char *from = bytes ? k->raw + k->taken : "", *escaped = memchr(from, 0x1B, bytes);
    const char *now = k->set ? dgm_charset_name(k->set).at : "ISO-2022-JP-2";
    char name[64] = { 0 };
    dgm_status st = DGM_OK;
    if (!k->set) st = dgm_edi_intake_open(r, now, &k->set);
    if (st != DGM_OK) return st;
    if (escaped != from) return decode(r, escaped ? (size_t)(escaped - from) : bytes, last && !escaped);
    memcpy(name, now, strlen(now));
    escape e = read_escape((dgm_slice){ from, k->raw_len - k->taken }, k->last, name);
    if (e.bytes == 0) return DGM_MORE;
    if (strcmp(e.set, name) != 0) {
        st = decode(r, 0, true); /* what the other one still holds is cut off here */
        if (st == DGM_OK) st = dgm_edi_intake_open(r, e.set, &k->set);
        if (st != DGM_OK) return st;
    }
    if (!e.skip) return decode(r, e.bytes, k->last && k->taken + e.bytes == k->raw_len);
    k->taken += e.bytes;
    k->map.source_len += e.bytes;
    return DGM_OK;
}

dgm_status dgm_edi_intake_pull(dgm_edi_reader *r)
{
    dgm_edi_intake *k = &r->intake;
    size_t left = k->raw_len - k->taken;
    if (r->last || (left == 0 && !k->last)) return DGM_MORE;
    size_t n = left < PIECE ? left : PIECE;
    bool last = k->last && n == left;
    dgm_status st = k->lines ? pull_lines(r, n) : k->shifts ? pull_shifts(r, n, last) : decode(r, n, last);
    if (st == DGM_OK && k->last && k->taken == k->raw_len) r->last = true;
    return st;
}
