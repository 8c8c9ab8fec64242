/* SPDX-License-Identifier: Apache-2.0
 *
 * input.c - the bytes of a document as UTF-8, and the way back from an offset of that text to the byte it came from. The XML parser
 * gets UTF-8 only; the encoding is decided here (byte order mark, XML declaration, a setting) as XML 1.0, 4.3.3 and appendix F say.
 * One thread at a time.
 */
#include "xml.h"

#include <stdio.h>

enum { PIECE = 4096, HEAD = 1024 };

void dgm_xml_input_init(dgm_xml_input *in, const dgm_mem *mem)
{
    *in = (dgm_xml_input){ .mem = *mem };
    dgm_buffer_init(&in->raw, mem);
    dgm_buffer_init(&in->utf8, mem);
    dgm_buffer_init(&in->spare, mem);
}

static void close_charsets(dgm_xml_input *in)
{
    dgm_charset_free(in->charset);
    dgm_charset_free(in->back);
    in->charset = in->back = NULL;
}

void dgm_xml_input_free(dgm_xml_input *in)
{
    dgm_buffer_free(&in->raw);
    dgm_buffer_free(&in->utf8);
    dgm_buffer_free(&in->spare);
    dgm_mem_free(&in->mem, in->marks, in->mark_room * sizeof *in->marks);
    close_charsets(in);
}

void dgm_xml_input_reset(dgm_xml_input *in)
{
    in->raw.len = in->utf8.len = 0;
    in->whole = (dgm_slice){ 0 };
    in->begun = in->last = in->borrowed = false;
    in->width = DGM_XML_UTF8;
    in->mark = in->checked = in->mark_count = 0;
    in->gone = 0;
    in->here = (dgm_xml_checkpoint){ 0 };
    memset(&in->utf8_like, 0, sizeof in->utf8_like);
    if (in->charset) dgm_charset_reset(in->charset);
    if (in->back) dgm_charset_reset(in->back);
}

dgm_slice dgm_xml_input_raw(const dgm_xml_input *in)
{
    return in->borrowed ? in->whole : dgm_buffer_slice(&in->raw);
}

dgm_slice dgm_xml_input_text(const dgm_xml_input *in)
{
    if (in->width != DGM_XML_UTF8) return dgm_buffer_slice(&in->utf8);
    return dgm_slice_part(dgm_xml_input_raw(in), in->mark, in->checked);
}

char *dgm_xml_input_cut(dgm_xml_input *in, size_t to)
{
    bool decoded = in->width != DGM_XML_UTF8;
    dgm_buffer *b = decoded ? &in->utf8 : &in->raw;
    if (b->len == b->capacity && dgm_buffer_reserve(b, 1) != DGM_OK) return NULL;
    return b->at + (decoded ? 0 : in->mark) + to;
}

/* ---- which encoding ---- */

/* What the first bytes say (XML 1.0, appendix F); the width of an ASCII character and where its byte stands. */
typedef struct first_bytes {
    const char *name; /* NULL: they say nothing but "ASCII is one byte" */
    size_t mark, step, shift;
    bool ebcdic; /* some EBCDIC: which, only the declaration says */
} first_bytes;

static first_bytes look_at(dgm_slice raw)
{
    static const struct {
        const char *bytes;
        size_t count;
        first_bytes say;
    } known[] = {
        { "\x4C\x6F\xA7\x94\x93", 5, { "IBM037", 0, 1, 0, true } },
        { "\xEF\xBB\xBF", 3, { "UTF-8", 3, 1, 0, false } },
        { "\xFF\xFE\0\0", 4, { "UTF-32LE", 4, 4, 0, false } },
        { "\0\0\xFE\xFF", 4, { "UTF-32BE", 4, 4, 3, false } },
        { "\xFF\xFE", 2, { "UTF-16LE", 2, 2, 0, false } },
        { "\xFE\xFF", 2, { "UTF-16BE", 2, 2, 1, false } },
        { "\0\0\0<", 4, { "UTF-32BE", 0, 4, 3, false } },
        { "<\0\0\0", 4, { "UTF-32LE", 0, 4, 0, false } },
        { "\0<\0", 3, { "UTF-16BE", 0, 2, 1, false } },
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (raw.len >= known[i].count && memcmp(raw.at, known[i].bytes, known[i].count) == 0) return known[i].say;
    if (raw.len >= 4 && raw.at[0] == '<' && raw.at[1] == 0 && raw.at[2] != 0 && raw.at[3] == 0)
        return (first_bytes){ "UTF-16LE", 0, 2, 0, false };
    return (first_bytes){ NULL, 0, 1, 0, false };
}

/* What the bytes of an XML declaration stand for in every EBCDIC, as ASCII. */
static char from_ebcdic(char byte)
{
    static const char marks[][2] = { { 0x40, ' ' },  { 0x05, '\t' }, { 0x0D, '\r' }, { 0x15, '\n' }, { 0x25, '\n' },
                                     { 0x4C, '<' },  { 0x6E, '>' },  { 0x6F, '?' },  { 0x7E, '=' },  { 0x7F, '"' },
                                     { 0x7D, '\'' }, { 0x4B, '.' },  { 0x60, '-' },  { 0x6D, '_' },  { 0x7A, ':' } };
    static const char letters[] = "abcdefghi.......jklmnopqr........stuvwxyz";
    unsigned char b = (unsigned char)byte;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (marks[i][0] == byte) return marks[i][1];
    if (b >= 0xF0 && b <= 0xF9) return (char)('0' + (b - 0xF0));
    bool capital = b >= 0xC1 && b <= 0xE9;
    size_t at = capital ? b - 0xC1u : b >= 0x81 && b <= 0xA9 ? b - 0x81u : sizeof letters;
    char c = at < sizeof letters - 1 ? letters[at] : '.';
    return capital && c != '.' ? (char)(c - 32) : c;
}

/* The value of encoding="…" in the XML declaration, as ASCII in `room`. */
static dgm_slice declared_encoding(dgm_slice raw, const first_bytes *first, char *room, size_t bytes)
{
    size_t n = 0;
    for (size_t i = first->mark + first->shift; i < raw.len && n < bytes; i += first->step) {
        room[n++] = first->ebcdic ? from_ebcdic(raw.at[i]) : raw.at[i];
        if (n == 5 && memcmp(room, "<?xml", 5) != 0) return (dgm_slice){ 0 };
        if (room[n - 1] == '>') break;
    }
    dgm_slice head = { room, n };
    dgm_cut end = dgm_slice_cut(head, '>');
    if (!end.found) return (dgm_slice){ 0 };
    for (size_t i = 5; i + 8 < end.head.len; i++) {
        if (memcmp(room + i, "encoding", 8) != 0) continue;
        dgm_slice rest = dgm_slice_trim(dgm_slice_part(end.head, i + 8, end.head.len));
        if (rest.len == 0 || rest.at[0] != '=') continue;
        rest = dgm_slice_trim(dgm_slice_part(rest, 1, rest.len));
        if (rest.len == 0 || (rest.at[0] != '"' && rest.at[0] != '\'')) continue;
        dgm_cut value = dgm_slice_cut(dgm_slice_part(rest, 1, rest.len), rest.at[0]);
        if (value.found) return value.head;
    }
    return (dgm_slice){ 0 };
}

static bool named(dgm_slice name, const char *like, bool whole)
{
    size_t n = strlen(like);
    if (name.len < n || (whole && name.len != n)) return false;
    for (size_t i = 0; i < n; i++) {
        char c = name.at[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 32);
        if (c != like[i]) return false;
    }
    return true;
}

static bool is_utf8(dgm_slice name)
{
    return named(name, "UTF-8", true) || named(name, "UTF8", true);
}

static bool is_wide(dgm_slice name)
{
    return named(name, "UTF-16", false) || named(name, "UTF16", false) || named(name, "UTF-32", false) ||
           named(name, "UCS-", false) || named(name, "ISO-10646", false);
}

/* Sets that keep a state between characters have no way back to an offset, and are a known way to hide markup. */
static bool keeps_state(dgm_slice name)
{
    return named(name, "ISO-2022", false) || named(name, "UTF-7", false) || named(name, "HZ", false) ||
           named(name, "SCSU", false) || named(name, "BOCU", false) || named(name, "IMAP", false) ||
           named(name, "CSISO2022", false) || named(name, "LMBCS", false);
}

/* EBCDIC sets of one byte a character, by the names that are in use. */
static bool is_ebcdic(dgm_slice name)
{
    static const char *const numbers[] = { "037",  "37",   "273",  "277",  "278",  "280",  "284",  "285",  "297",
                                           "420",  "424",  "500",  "838",  "870",  "871",  "875",  "905",  "918",
                                           "1025", "1026", "1047", "1112", "1122", "1123", "1140", "1141", "1142",
                                           "1143", "1144", "1145", "1146", "1147", "1148", "1149" };
    size_t skip = named(name, "IBM-", false)    ? 4
                  : named(name, "IBM", false)   ? 3
                  : named(name, "CP", false)    ? 2
                  : named(name, "CCSID", false) ? 5
                                                : 0;
    dgm_slice number = dgm_slice_part(name, skip, name.len);
    if (number.len && number.at[0] == '0' && number.len == 5) number = dgm_slice_part(number, 1, number.len); /* IBM01140 */
    for (size_t i = 0; skip && i < sizeof numbers / sizeof *numbers; i++)
        if (dgm_slice_is(number, numbers[i])) return true;
    return named(name, "EBCDIC-", false);
}

static dgm_xml_width width_of(dgm_slice name)
{
    if (named(name, "UTF-16", false) || named(name, "UTF16", false) || named(name, "UCS-2", false)) return DGM_XML_UTF16;
    if (named(name, "UTF-32", false) || named(name, "UTF32", false) || named(name, "UCS-4", false)) return DGM_XML_UTF32;
    bool single = is_ebcdic(name) || named(name, "ISO-8859-", false) || named(name, "WINDOWS-125", false) ||
                  named(name, "US-ASCII", true) || named(name, "ASCII", true) || named(name, "KOI8-", false) ||
                  named(name, "LATIN1", true);
    return single ? DGM_XML_SINGLE : DGM_XML_MULTI;
}

static void trouble_is(dgm_xml_trouble *t, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes)
{
    *t = (dgm_xml_trouble){ .code = code, .severity = severity, .raw_at = at, .bytes = bytes };
}

/* Where the name stands, for the caret; the beginning when it cannot be found as it is (wide encodings). */
static size_t place_of(dgm_slice raw, dgm_slice name)
{
    for (size_t i = 0; name.len && i + name.len <= raw.len && i < HEAD; i++)
        if (memcmp(raw.at + i, name.at, name.len) == 0) return i;
    return 0;
}

static dgm_status open_charsets(dgm_xml_input *in, dgm_slice name)
{
    if (in->charset && in->back && dgm_slice_is(name, in->charset_name)) return DGM_OK;
    close_charsets(in);
    dgm_status st = dgm_charset_open(&in->mem, name, &in->charset);
    if (st == DGM_OK) st = dgm_charset_open(&in->mem, name, &in->back);
    if (st == DGM_OK) snprintf(in->charset_name, sizeof in->charset_name, "%.*s", (int)name.len, name.at);
    return st;
}

static void spell(char *room, dgm_slice name)
{
    snprintf(room, 64, "%.*s", (int)(name.len < 63 ? name.len : 63), name.len ? name.at : "");
}

/* Do the first bytes and the declaration say the same? "UTF-16" is right for either order. */
static bool agree(const first_bytes *first, dgm_slice declared)
{
    if (declared.len == 0) return true;
    if (first->ebcdic) return is_ebcdic(declared);
    if (!first->name) return !is_wide(declared) && !is_ebcdic(declared); /* what is not there cannot have been meant */
    if (named(declared, first->name, true)) return true;
    if (first->step == 1) return is_utf8(declared);
    if (first->step == 2) return named(declared, "UTF-16", true) || named(declared, "ISO-10646-UCS-2", true);
    return named(declared, "UTF-32", true) || named(declared, "ISO-10646-UCS-4", true);
}

/* How nearly every document begins; nothing is left to be decided then. */
static const char USUAL[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

static bool begins_as_usual(dgm_slice raw)
{
    return raw.len > sizeof USUAL && memcmp(raw.at, USUAL, sizeof USUAL - 1) == 0;
}

size_t dgm_xml_input_head(const dgm_xml_input *in)
{
    dgm_slice raw = dgm_xml_input_raw(in);
    size_t at = sizeof USUAL - 1;
    if (in->width != DGM_XML_UTF8 || !begins_as_usual(raw)) return 0;
    while (at < raw.len && at < HEAD && (raw.at[at] == '\n' || raw.at[at] == '\r' || raw.at[at] == ' ')) at++;
    return at + 1 < raw.len && raw.at[at] == '<' && raw.at[at + 1] != '?' ? at : 0;
}

dgm_status dgm_xml_input_begin(dgm_xml_input *in, dgm_slice setting, dgm_xml_trouble *trouble)
{
    char room[HEAD] = { 0 };
    dgm_slice raw = dgm_xml_input_raw(in);
    if (!setting.len && begins_as_usual(raw)) {
        *trouble = (dgm_xml_trouble){ 0 };
        in->begun = true;
        in->mark = in->checked = 0;
        in->width = DGM_XML_UTF8;
        memcpy(in->name, "UTF-8", sizeof "UTF-8");
        return DGM_OK;
    }
    first_bytes first = look_at(raw);
    dgm_slice declared = declared_encoding(raw, &first, room, sizeof room);
    bool fits = setting.len || agree(&first, declared);
    dgm_slice name = setting;
    if (!name.len && first.ebcdic && declared.len && fits) name = declared;
    if (!name.len) name = first.name ? dgm_slice_of(first.name) : declared.len && fits ? declared : DGM_LITERAL("UTF-8");
    *trouble = (dgm_xml_trouble){ 0 };
    in->begun = true;
    in->mark = in->checked = first.mark;
    in->width = is_utf8(name) ? DGM_XML_UTF8 : width_of(name);
    spell(in->name, name);
    if (!fits) {
        trouble_is(trouble, DGM_D_XML_ENCODING_CONFLICT, DGM_WARNING, place_of(raw, declared), declared.len);
        spell(trouble->text[0], declared);
        spell(trouble->text[1], name);
    }
    if (in->width == DGM_XML_UTF8) return DGM_OK;
    if (named(name, "UTF-16", true)) name = DGM_LITERAL("UTF-16BE"); /* no mark, forced by the setting: RFC 2781, 4.3 */
    if (named(name, "UTF-32", true)) name = DGM_LITERAL("UTF-32BE");
    if (named(name, "GB2312", true) || named(name, "GBK", true))
        name = DGM_LITERAL("GB18030"); /* what holds both, and is sent as either */
    dgm_status st = keeps_state(name) ? DGM_UNKNOWN : open_charsets(in, name);
    if (st == DGM_OK && is_ebcdic(name)) dgm_charset_lines(in->charset), dgm_charset_lines(in->back);
    in->utf8_like.no = in->width != DGM_XML_MULTI && in->width != DGM_XML_SINGLE;
    if (st == DGM_UNKNOWN) {
        in->width = DGM_XML_UTF8;
        trouble_is(trouble, DGM_D_XML_ENCODING_UNKNOWN, DGM_ERROR, place_of(raw, declared), setting.len ? 0 : declared.len);
        spell(trouble->text[0], name);
    }
    return st;
}

/* ---- more text ---- */

static dgm_status bad_bytes(dgm_xml_input *in, size_t at, dgm_xml_trouble *trouble)
{
    trouble_is(trouble, DGM_D_XML_ENCODING_BYTES, DGM_ERROR, at, 1);
    spell(trouble->text[0], dgm_slice_of(in->name));
    return DGM_SYNTAX;
}

/* UTF-8 is checked where it stands; a character cut by the end of what is here waits. */
static dgm_status check_more(dgm_xml_input *in, dgm_slice raw, size_t room, dgm_xml_trouble *trouble)
{
    size_t n = raw.len - in->checked < room ? raw.len - in->checked : room;
    if (n == 0) return DGM_OK; /* there may be no bytes at all */
    dgm_slice part = { raw.at + in->checked, n };
    size_t good = dgm_utf8_check(part);
    in->checked += good;
    if (good == n) return DGM_OK;
    unsigned char lead = (unsigned char)part.at[good];
    size_t bytes = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    bool cut = lead < 0xF5 && n - good < bytes && !(in->last && in->checked + (n - good) == raw.len);
    for (size_t i = 1; cut && good + i < n; i++) {
        unsigned char next = (unsigned char)part.at[good + i];
        cut = (next & 0xC0) == 0x80;
        /* the second byte of these leads has less room: shortest form, no surrogates, nothing above U+10FFFF */
        if (i == 1 && ((lead == 0xE0 && next < 0xA0) || (lead == 0xED && next > 0x9F) || (lead == 0xF0 && next < 0x90) ||
                       (lead == 0xF4 && next > 0x8F)))
            cut = false;
    }
    return cut ? DGM_OK : bad_bytes(in, in->checked, trouble);
}

static dgm_status add_mark(dgm_xml_input *in)
{
    void *marks = in->marks;
    dgm_status st = dgm_mem_reserve(&in->mem, &marks, &in->mark_room, in->mark_count + 1, sizeof *in->marks);
    in->marks = marks;
    if (st == DGM_OK) in->marks[in->mark_count++] = (dgm_xml_checkpoint){ in->utf8.len, in->checked };
    return st;
}

/* How much of a piece can be decoded so that it ends between characters, 0 when it has to wait for more: sets of several bytes
 * never use a blank or a line feed inside one. */
static size_t clean_end(const dgm_xml_input *in, dgm_slice piece, bool *clean)
{
    *clean = true;
    if (in->width == DGM_XML_SINGLE) return piece.len;
    size_t unit = in->width == DGM_XML_UTF16 ? 2 : 4;
    if (in->width != DGM_XML_MULTI) {
        size_t n = piece.len - piece.len % unit;
        if (n == 0) return 0;
        bool big = in->charset_name[0] && strstr(in->charset_name, "LE") == NULL;
        unsigned char high = (unsigned char)piece.at[n - (big ? 2 : 1)];
        return in->width == DGM_XML_UTF16 && high >= 0xD8 && high < 0xDC ? n - 2 : n; /* the first half of a pair waits */
    }
    if (in->width == DGM_XML_MULTI)
        for (size_t i = piece.len; i > piece.len / 2; i--)
            if (piece.at[i - 1] == '\n' || piece.at[i - 1] == ' ') return i;
    *clean = false;
    return piece.len;
}

/* Characters of two bytes prove little: those of other sets look like them by chance. */
static void look_like_utf8(dgm_xml_input *in, dgm_slice piece)
{
    for (size_t i = 0; i < piece.len && !in->utf8_like.no; i++) {
        unsigned char b = (unsigned char)piece.at[i];
        bool inner = (b & 0xC0) == 0x80;
        if (in->utf8_like.open) {
            in->utf8_like.no = !inner;
            in->utf8_like.open--;
        } else if (b >= 0x80) {
            in->utf8_like.no = b < 0xC2 || b > 0xF4;
            in->utf8_like.open = b >= 0xF0 ? 3 : b >= 0xE0 ? 2 : 1;
            if (b >= 0xE0 && in->utf8_like.count++ == 0) in->utf8_like.first = in->checked + i + (size_t)in->gone;
        }
    }
}

bool dgm_xml_input_doubtful(const dgm_xml_input *in, dgm_xml_trouble *trouble)
{
    enum { ENOUGH = 3 };
    if (in->width == DGM_XML_UTF8 || in->utf8_like.no || in->utf8_like.open || in->utf8_like.count < ENOUGH) return false;
    trouble_is(trouble, DGM_D_XML_ENCODING_DOUBT, DGM_WARNING, in->utf8_like.first, 0);
    spell(trouble->text[0], dgm_slice_of(in->name));
    return true;
}

dgm_status dgm_xml_input_more(dgm_xml_input *in, size_t room, dgm_xml_trouble *trouble)
{
    dgm_slice raw = dgm_xml_input_raw(in);
    trouble->code = DGM_D_NONE;
    if (in->width == DGM_XML_UTF8) return check_more(in, raw, room, trouble);
    size_t end = raw.len - in->checked < room ? raw.len : in->checked + room;
    while (in->checked < end) {
        bool clean = false;
        dgm_slice piece = dgm_slice_part(raw, in->checked, in->checked + PIECE < end ? in->checked + PIECE : end);
        bool last = in->last && in->checked + piece.len == raw.len;
        piece.len = last ? piece.len : clean_end(in, piece, &clean);
        if (piece.len == 0) break;
        size_t consumed, bad_at = 0;
        dgm_status st = dgm_charset_decode_more(in->charset, piece, last, &in->utf8, &consumed, &bad_at);
        if (st == DGM_INVALID) {
            in->checked += consumed;
            return bad_bytes(in, in->mark + bad_at - (size_t)in->gone, trouble);
        }
        if (st != DGM_OK) return st;
        look_like_utf8(in, piece);
        in->checked += piece.len;
        if (!last && clean && (st = add_mark(in)) != DGM_OK) return st;
    }
    return DGM_OK;
}

/* ---- the way back ---- */

/* Raw bytes of the text from `from` to `to`, for sets whose width follows from the character. */
static size_t width_between(const dgm_xml_input *in, const char *from, const char *to)
{
    size_t n = 0;
    for (; from < to; from++) {
        unsigned char c = (unsigned char)*from;
        if ((c & 0xC0) == 0x80) continue;
        n += in->width == DGM_XML_SINGLE ? 1 : in->width == DGM_XML_UTF32 ? 4 : c >= 0xF0 ? 4 : 2;
    }
    return n;
}

/* For the other sets: encode the text and see that it gives the bytes that stand there; where a set has two spellings, decode byte
 * by byte. */
static dgm_status width_by_trial(dgm_xml_input *in, dgm_slice part, size_t raw_at, size_t *width)
{
    dgm_slice raw = dgm_slice_part(dgm_xml_input_raw(in), raw_at, SIZE_MAX);
    size_t bad, consumed;
    in->spare.len = 0;
    dgm_status st = dgm_charset_encode(in->back, part, &in->spare, &bad);
    if (st == DGM_NOMEM) return st;
    *width = in->spare.len;
    if (st == DGM_OK && in->spare.len <= raw.len && memcmp(in->spare.at, raw.at, in->spare.len) == 0) return DGM_OK;
    in->spare.len = 0;
    dgm_charset_reset(in->back);
    for (*width = 0; *width < raw.len && in->spare.len < part.len; ++*width) {
        st = dgm_charset_decode_more(in->back, dgm_slice_part(raw, *width, *width + 1), false, &in->spare, &consumed, &bad);
        if (st == DGM_NOMEM) return st;
        if (st != DGM_OK) break;
    }
    return DGM_OK;
}

uint64_t dgm_xml_input_offset(dgm_xml_input *in, size_t text_at)
{
    dgm_slice text = dgm_xml_input_text(in);
    if (text_at > text.len) text_at = text.len;
    if (in->width == DGM_XML_UTF8) return text_at + in->mark;
    dgm_xml_checkpoint best = { 0, in->mark };
    if (in->here.raw && in->here.text <= text_at) best = in->here;
    size_t low = 0, high = in->mark_count; /* the last mark not behind text_at */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (in->marks[middle].text <= text_at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low && in->marks[low - 1].text > best.text) best = in->marks[low - 1];
    dgm_slice part = dgm_slice_part(text, best.text, text_at);
    size_t width = part.len;
    if (in->width != DGM_XML_MULTI)
        width = part.len ? width_between(in, part.at, part.at + part.len) : 0;
    else if (part.len && width_by_trial(in, part, best.raw, &width) != DGM_OK)
        return UINT64_MAX;
    in->here = (dgm_xml_checkpoint){ text_at, best.raw + width };
    return in->here.raw;
}

/* ---- letting go ---- */

static void take_out(dgm_buffer *b, size_t from, size_t to)
{
    memmove(b->at + from, b->at + to, b->len - to);
    b->len -= to - from;
}

dgm_status dgm_xml_input_drop(dgm_xml_input *in, size_t from, size_t to, size_t *bytes)
{
    uint64_t raw_from = dgm_xml_input_offset(in, from), raw_to = dgm_xml_input_offset(in, to);
    if (raw_from == UINT64_MAX || raw_to == UINT64_MAX) return DGM_NOMEM;
    size_t n = (size_t)(raw_to - raw_from), kept = 0;
    take_out(&in->raw, (size_t)raw_from, (size_t)raw_to);
    if (in->width != DGM_XML_UTF8) take_out(&in->utf8, from, to);
    bool joint = false;
    for (size_t i = 0; i < in->mark_count; i++) {
        dgm_xml_checkpoint m = in->marks[i];
        if (m.text >= from && m.text < to) {
            if (joint) continue;
            joint = true;
            m = (dgm_xml_checkpoint){ from, (size_t)raw_from };
        } else if (m.text >= to) {
            m = (dgm_xml_checkpoint){ m.text - (to - from), m.raw - n };
        }
        in->marks[kept++] = m;
    }
    in->mark_count = kept;
    in->here = (dgm_xml_checkpoint){ 0 };
    in->checked -= n;
    in->gone += n;
    *bytes = n;
    return DGM_OK;
}
