/* SPDX-License-Identifier: Apache-2.0
 *
 * values.c - from bytes to values: releases taken out, characters decoded and checked against the repertoire of the interchange,
 * length and representation. ISO 9735:1988, 5 to 10; character sets: ISO 9735 amendment 1 (UNOC to UNOF). One thread.
 */
#include "reader.h"
#include "charsets.h"

#include <stdio.h>
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

/* What does not fit is cut between two characters. */
void dgm_edi_text_set(dgm_edi_text *t, dgm_slice value)
{
    t->len = value.len <= sizeof t->at ? value.len : dgm_utf8_check((dgm_slice){ value.at, sizeof t->at });
    if (t->len) memcpy(t->at, value.at, t->len);
}

/* The set of that name, opened once: most interchanges of an input name the same. */
static dgm_status open_set(dgm_edi_reader *r, dgm_slice name)
{
    if (r->charset_known && dgm_slice_equal(dgm_charset_name(r->charset_known), name)) return DGM_OK;
    dgm_charset_free(r->charset_known);
    r->charset_known = NULL;
    return dgm_charset_open(&r->mem, name, &r->charset_known);
}

static void report_unknown_set(dgm_edi_reader *r, dgm_slice identifier)
{
    dgm_slice names[32];
    size_t n = 0;
    while (n < 32 && dgm_edi_set_at(n)) names[n] = dgm_slice_of(dgm_edi_set_at(n)->identifier), n++;
    int near = dgm_nearest(identifier, names, n);
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_CHARSET, DGM_WARNING, t.at, dgm_edi_token_len(t), 1, 1);
    dgm_edi_say_slice(r, d, identifier);
    dgm_edi_say_slice(r, d, r->values.set_name);
    dgm_edi_say_slice(r, d, near < 0 ? (dgm_slice){ 0 } : names[near]);
}

dgm_status dgm_edi_values_fill(dgm_edi_reader *r, dgm_slice identifier)
{
    dgm_edi_values *v = &r->values;
    const dgm_edi_set *set = dgm_edi_set_of(identifier);
    dgm_slice name = dgm_slice_of(set && !set->ascii ? set->set : "UTF-8");
    *v = (dgm_edi_values){ .set = set, .set_name = name };
    size_t n = identifier.len < 4 ? identifier.len : 4;
    if (n) memcpy(v->identifier, identifier.at, n);
    r->lexer.alphabet.repertoire = set ? set->repertoire : DGM_EDI_REPERTOIRE_ANY;
    if (set && set->ascii) v->set_name = dgm_slice_of(v->identifier);
    if (dgm_edi_intake_text(&r->intake)) {
        const bool agreed = r->charset_setting != NULL; /* whatever UNB says */
        v->text = true;
        if (!agreed && set && !set->shifts && !set->ascii) v->narrow = name.len != 5;
        if (agreed || !set || !set->ascii) v->set_name = dgm_charset_name(r->intake.set);
        v->ascii_only = set && set->ascii && !agreed;
    } else if (r->charset_setting) {
        v->charset = r->charset_setting;
        v->set_name = dgm_edi_text_slice(&r->charset_name);
    } else {
        v->ascii_only = set && set->ascii;
        v->latin1 = dgm_slice_is(name, "ISO-8859-1");
    }
    if (!v->text && !v->charset && !v->ascii_only && !v->latin1 && !dgm_slice_is(name, "UTF-8") && !(set && set->shifts)) {
        dgm_status st = open_set(r, name);
        if (st != DGM_OK) return st;
        v->charset = r->charset_known;
    }
    return DGM_OK;
}

dgm_status dgm_edi_values_set(dgm_edi_reader *r, dgm_slice identifier)
{
    dgm_status st = dgm_edi_values_fill(r, identifier);
    if (st == DGM_OK && !r->values.set && identifier.len) report_unknown_set(r, identifier);
    return st;
}

/* What is wrong with the characters of one value: one diagnostic for each run of them that stand side by side. Runs are told in the
 * order of the value, so that finding their raw bytes passes over it once. */
typedef struct faults {
    dgm_edi_reader *r;
    dgm_slice plain, raw;
    dgm_edi_token t;
    uint32_t e, c;
    size_t plain_at, raw_at; /* how far this pass has come: the same byte, without and with releases */
    dgm_diag_code code;      /* DGM_D_NONE: no run is open */
    size_t plain_end;        /* of the run */
    size_t from, to;         /* its raw bytes */
    uint32_t what;           /* its first byte or character */
} faults;

/* Offset in the raw bytes of a byte of the value without its releases. */
static size_t raw_offset(faults *f, size_t plain_at)
{
    if (!(f->t.info & DGM_EDI_KIND_RELEASE)) return plain_at;
    for (; f->plain_at < plain_at; f->plain_at++, f->raw_at++)
        if (f->raw.at[f->raw_at] == f->r->service[2]) f->raw_at++;
    return f->raw_at + (f->raw_at + 1 < f->raw.len && f->raw.at[f->raw_at] == f->r->service[2]);
}

static bool control(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

static void say_character(dgm_edi_reader *r, dgm_diag *d, uint32_t point)
{
    char text[128];
    dgm_edi_say_slice(r, d, (dgm_slice){ text, dgm_edi_character(point, text, sizeof text) });
}

static const dgm_edi_set *set_holding(dgm_edi_reader *r, uint32_t point)
{
    struct dgm_edi_holding *h = &r->holding[point % (sizeof r->holding / sizeof *r->holding)];
    if (h->point != point) *h = (struct dgm_edi_holding){ point, dgm_edi_set_holding(&r->mem, point) };
    return h->set;
}

/* Which syntax identifier would be right, or what a byte is where a mistake is common. */
static void say_remedy(dgm_edi_reader *r, dgm_diag *d, uint32_t what, bool byte)
{
    uint32_t windows = what < 0xA0 ? dgm_edi_windows_1252((unsigned char)what) : 0;
    const dgm_edi_set *holder = windows || (byte && what < 0xA0) ? NULL : set_holding(r, what);
    if (r->values.text && byte) holder = NULL; /* half of a character: it says nothing elsewhere */
    if (windows && (r->values.text || dgm_slice_is(r->values.set_name, "windows-1252"))) windows = 0;
    if (!windows && !holder) return;
    dgm_edi_say(r, d, windows ? "windows-1252" : holder->identifier);
    say_character(r, d, windows ? windows : what);
}

static void tell_run(faults *f)
{
    dgm_edi_reader *r = f->r;
    if (f->code == DGM_D_NONE) return;
    char text[8];
    const bool byte = f->code == DGM_D_EDI_ENCODING, wrong = byte || !(f->what < 0x80 || control(f->what));
    dgm_diag *d = dgm_edi_report(r, f->code, wrong ? DGM_ERROR : DGM_WARNING, f->t.at + f->from, f->to - f->from, f->e, f->c);
    f->code = DGM_D_NONE;
    if (!d) return;
    snprintf(text, sizeof text, "0x%02X", f->what & 0xFF);
    if (byte || control(f->what))
        dgm_edi_say(r, d, text);
    else
        say_character(r, d, f->what);
    if (byte)
        dgm_edi_say_slice(r, d, r->values.set_name);
    else
        dgm_edi_say(r, d, r->values.identifier[0] ? r->values.identifier : "EDIFACT");
    say_remedy(r, d, f->what, byte);
}

static void fault(faults *f, dgm_diag_code code, size_t at, size_t bytes, uint32_t what)
{
    size_t from = raw_offset(f, at), to = raw_offset(f, at + bytes - 1) + 1;
    if (f->code == code && f->plain_end == at) {
        f->to = to;
        f->plain_end += bytes;
        return;
    }
    tell_run(f);
    f->code = code;
    f->from = from;
    f->to = to;
    f->plain_end = at + bytes;
    f->what = what;
}

static void end_pass(faults *f)
{
    tell_run(f);
    f->plain_at = f->raw_at = 0;
}

static dgm_status take_releases(dgm_edi_reader *r, dgm_slice raw, dgm_slice *plain)
{
    r->plain.len = 0;
    dgm_status st = dgm_buffer_reserve(&r->plain, raw.len + 1);
    if (st != DGM_OK) return st;
    char *to = r->plain.at;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] == r->service[2] && i + 1 < raw.len)
            i++;
        else if (raw.at[i] == r->service[2])
            break; /* the input ends behind it */
        *to++ = raw.at[i];
    }
    r->plain.len = (size_t)(to - r->plain.at);
    *plain = dgm_buffer_slice(&r->plain);
    return DGM_OK;
}

/* Decodes; what stands for nothing becomes U+FFFD and is told. */
static dgm_status decode(faults *f)
{
    dgm_edi_reader *r = f->r;
    dgm_charset *set = r->values.charset;
    r->decoded.len = 0;
    for (size_t from = 0; from < f->plain.len;) {
        size_t bad = 0;
        dgm_slice rest = dgm_slice_part(f->plain, from, f->plain.len);
        dgm_status st = DGM_OK;
        if (set) {
            st = dgm_charset_decode(set, rest, &r->decoded, &bad);
            if (st == DGM_OK) break;
            if (st != DGM_INVALID) return st;
        } else {
            bad = r->values.ascii_only ? 0 : dgm_utf8_check(rest);
            while (r->values.ascii_only && bad < rest.len && (unsigned char)rest.at[bad] < 0x80) bad++;
            st = dgm_buffer_append(&r->decoded, dgm_slice_part(rest, 0, bad));
            if (st != DGM_OK) return st;
            if (bad == rest.len) break;
        }
        fault(f, DGM_D_EDI_ENCODING, from + bad, 1, (unsigned char)rest.at[bad]);
        st = dgm_buffer_append(&r->decoded, DGM_LITERAL("\xEF\xBF\xBD"));
        if (st != DGM_OK) return st;
        from += bad + 1;
    }
    end_pass(f);
    return DGM_OK;
}

/* A control character of ASCII. Where it serves as a separator it is not odd; released it is a character like others. */
static bool control_byte(unsigned char byte)
{
    return byte < 0x20 || byte == 0x7F;
}

static bool has_controls(dgm_slice plain)
{
    bool any = false;
    for (size_t i = 0; i < plain.len; i++) any = any || control_byte((unsigned char)plain.at[i]);
    return any;
}

/* ASCII characters that the repertoire lacks, and control characters: kept, but told. */
static void check_repertoire(faults *f)
{
    const unsigned char *kind = f->r->lexer.alphabet.kind;
    const bool released = f->t.info & DGM_EDI_KIND_RELEASE;
    for (size_t i = 0; i < f->plain.len; i++) {
        unsigned char byte = (unsigned char)f->plain.at[i];
        const bool odd = kind[byte] & DGM_EDI_KIND_ODD || (released && control_byte(byte));
        if (byte < 0x80 ? odd : f->r->values.latin1 && byte < 0xA0) fault(f, DGM_D_EDI_CHARACTER, i, 1, byte);
    }
    end_pass(f);
}

/* Control characters from U+0080 to U+009F in a value that has been decoded. In the sets that have them each is the byte of the
 * same number. */
static void check_controls(faults *f, dgm_slice value)
{
    size_t at = 0;
    for (const char *p = value.at, *end = p + value.len; (p = memchr(p, 0xC2, (size_t)(end - p))) && p + 1 < end; p += 2) {
        unsigned char byte = (unsigned char)p[1];
        if (byte >= 0xA0) continue;
        const size_t bytes = f->r->values.charset ? 1 : 2;
        /* what stood for nothing before it is longer in the value than it was */
        const char *found = memmem(f->plain.at + at, f->plain.len - at, p + 2 - bytes, bytes);
        if (!found) break;
        at = (size_t)(found - f->plain.at) + bytes;
        fault(f, DGM_D_EDI_CHARACTER, at - bytes, bytes, byte);
    }
    end_pass(f);
}

/* A value of an input that was decoded before it was scanned: what stood for nothing is told now, and characters that the set does
 * not have which UNB names. */
static void check_text(faults *f)
{
    dgm_edi_reader *r = f->r;
    for (size_t at = 0; at < f->plain.len;) {
        dgm_rune c = dgm_utf8_next(dgm_slice_part(f->plain, at, f->plain.len));
        const dgm_charset_run *run = NULL;
        if (c.point == 0xFFFD) run = dgm_charset_map_at(&r->intake.map, f->t.at + raw_offset(f, at));
        if (run && run->broken)
            fault(f, DGM_D_EDI_ENCODING, at, c.bytes, run->byte);
        else if (c.point >= 0x80 && (control(c.point) || r->values.ascii_only))
            fault(f, DGM_D_EDI_CHARACTER, at, c.bytes, c.point);
        at += c.bytes;
    }
    end_pass(f);
    if (!r->values.narrow) return;
    dgm_status st = open_set(r, dgm_slice_of(r->values.set->set));
    for (size_t from = 0, bad = 0; from < f->plain.len && st == DGM_OK; from += bad) {
        dgm_slice rest = dgm_slice_part(f->plain, from, f->plain.len);
        r->decoded.len = 0;
        st = dgm_charset_encode(r->charset_known, rest, &r->decoded, &bad);
        if (st != DGM_INVALID) break;
        dgm_rune c = dgm_utf8_next(dgm_slice_part(rest, bad, rest.len));
        if (c.point != 0xFFFD) fault(f, DGM_D_EDI_CHARACTER, from + bad, c.bytes, c.point);
        bad += c.bytes;
        st = DGM_OK;
    }
    end_pass(f);
    if (st != DGM_OK) r->failed = st;
}

/* Copies bytes while they are printable ASCII, 0x20 to 0x7E, and there are eight more to read and room for as many; returns how
 * many it was. */
static inline size_t copy_printable(char *to, const char *from, size_t len)
{
    const uint64_t each = 0x0101010101010101u;
    size_t i = 0;
    while (len - i >= 8) {
        uint64_t eight;
        memcpy(&eight, from + i, sizeof eight);
        memcpy(to + i, &eight, sizeof eight);
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        uint64_t other = (eight | (eight + each) | (eight - 0x20 * each)) & 0x80 * each;
        if (other) return i + (size_t)__builtin_ctzll(other) / 8;
        i += 8;
    }
    return i;
}

/* Bytes from 0x80 to 0x9F are the control characters C1 in ISO 8859-1, as ICU reads them too. *odd: one of these, or an
 * ASCII character that the repertoire lacks, is among them. */
static dgm_slice latin1(dgm_edi_reader *r, dgm_slice plain, bool *odd)
{
    const unsigned char *kind = r->lexer.alphabet.kind;
    unsigned any = 0;
    r->decoded.len = 0;
    dgm_status st = dgm_buffer_reserve(&r->decoded, plain.len * 2);
    if (st != DGM_OK) return r->failed = st, plain;
    char *to = r->decoded.at;
    const bool any_printable = r->lexer.alphabet.repertoire == DGM_EDI_REPERTOIRE_ANY;
    for (size_t i = 0; i < plain.len; i++) {
        if (any_printable && plain.len - i >= 8) {
            size_t n = copy_printable(to, plain.at + i, plain.len - i);
            to += n;
            i += n;
            if (i == plain.len) break;
        }
        unsigned c = (unsigned char)plain.at[i], high = c >> 7;
        any |= (kind[c] & ~(c >> 3)) | (c - 0x80u < 0x20u ? DGM_EDI_KIND_ODD : 0u);
        to[0] = (char)(high ? 0xC0 | c >> 6 : c);
        to[1] = (char)(0x80 | (c & 0x3F)); /* kept when it is needed: there are two bytes for each */
        to += 1 + high;
    }
    *odd = any & DGM_EDI_KIND_ODD;
    r->decoded.len = (size_t)(to - r->decoded.at);
    return dgm_buffer_slice(&r->decoded);
}

#define SHORT 64u /* bytes that are looked at together */

#if defined(__x86_64__)
/* Bits of the SHORT bytes from `at` on that do not stand for themselves: all but printable ASCII, and the release character. */
static inline uint64_t special_bits(const char *at, char release)
{
    const __m128i lowest = _mm_set1_epi8(0x20), last = _mm_set1_epi8(0x7F), other = _mm_set1_epi8(release);
    uint64_t bits = 0;
    for (unsigned i = 0; i < SHORT; i += 16) {
        const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)(at + i)); /* from 0x80 on: less than all */
        const __m128i odd =
            _mm_or_si128(_mm_cmplt_epi8(v, lowest), _mm_or_si128(_mm_cmpeq_epi8(v, last), _mm_cmpeq_epi8(v, other)));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(odd) << i;
    }
    return bits;
}
#else
static inline uint64_t special_bits(const char *at, char release)
{
    uint64_t bits = 0;
    for (unsigned i = 0; i < SHORT; i++) bits |= (uint64_t)(at[i] < 0x20 || (unsigned char)at[i] >= 0x7F || at[i] == release) << i;
    return bits;
}
#endif

/* A character of ISO 8859-1 that may stand in a value. */
static inline bool printable(unsigned c)
{
    return c >= 0x20 && (c < 0x7F || c >= 0xA0);
}

/* In UTF-8; returns how many bytes it has. There is room for two. */
static inline size_t put_latin1(char *to, unsigned c)
{
    const bool high = c >= 0x80;
    to[0] = (char)(high ? 0xC0 | c >> 6 : c);
    to[1] = (char)(0x80 | (c & 0x3F));
    return 1u + high;
}

/* A value of at most SHORT bytes where twice as many can be read: it is copied as it is, and from each character on that does not
 * stand for itself again, to where it belongs. 0: it is not plain. */
static size_t short_plain(const char *at, unsigned len, char release, char *out)
{
    char *to = out; /* where at[done] goes */
    unsigned done = 0;
    memcpy(to, at, SHORT);
    for (uint64_t special = special_bits(at, release) & UINT64_MAX >> (SHORT - len); special; special &= special - 1) {
        unsigned i = (unsigned)__builtin_ctzll(special);
        to += i - done;
        if (release && at[i] == release) {
            if (++i == len) return 0;
            special = (special & (special - 1)) | (uint64_t)1 << i; /* the one behind it is done now, special or not */
        }
        if (!printable((unsigned char)at[i])) return 0;
        to += put_latin1(to, (unsigned char)at[i]);
        done = i + 1;
        memcpy(to, at + done, SHORT);
    }
    return (size_t)(to - out) + (len - done);
}

/* Any length, byte by byte. */
static size_t long_plain(const char *at, size_t len, char release, char *out)
{
    char *to = out;
    for (size_t i = 0; i < len; i++) {
        if (release && at[i] == release && ++i == len) return 0;
        if (!printable((unsigned char)at[i])) return 0;
        to += put_latin1(to, (unsigned char)at[i]);
    }
    return (size_t)(to - out);
}

bool dgm_edi_value_plain(const dgm_edi_reader *r, dgm_edi_token t, dgm_slice *value)
{
    const size_t bytes = dgm_edi_token_len(t);
    const char *at = r->in + t.at, release = r->has_release ? r->service[2] : 0;
    if (t.info & DGM_EDI_KIND_ODD && (!r->values.latin1 || r->lexer.alphabet.repertoire != DGM_EDI_REPERTOIRE_ANY)) return false;
    char *out = r->host.draft_text(r->draft, 2 * bytes + 2 * (size_t)SHORT);
    if (bytes == 0 || !out) return false;
    const bool few = bytes <= SHORT && r->len - t.at >= 2 * (size_t)SHORT;
    *value = (dgm_slice){ out, few ? short_plain(at, (unsigned)bytes, release, out) : long_plain(at, bytes, release, out) };
    if (!(t.info & DGM_EDI_KIND_ODD) && !dgm_ascii(*value)) return false; /* a released service character beyond ASCII */
    return value->len > 0;
}

dgm_slice dgm_edi_value(dgm_edi_reader *r, dgm_edi_token t, uint32_t e, uint32_t c, bool *changed)
{
    dgm_slice raw = { r->in + t.at, dgm_edi_token_len(t) }, plain = raw;
    bool controls = false;
    *changed = false;
    if (t.info & DGM_EDI_KIND_RELEASE) {
        dgm_status st = take_releases(r, raw, &plain);
        if (st != DGM_OK) return r->failed = st, raw;
        *changed = true;
        controls = has_controls(plain);
    }
    /* A service character beyond ASCII is not odd where it serves; released it is a character like others. */
    if (!(t.info & DGM_EDI_KIND_ODD) && !controls && (!*changed || dgm_ascii(plain))) return plain;
    faults f = { .r = r, .plain = plain, .raw = raw, .t = t, .e = e, .c = c };
    if (r->values.latin1) {
        bool odd = false;
        dgm_slice value = latin1(r, plain, &odd);
        if (odd || controls) check_repertoire(&f);
        if (value.len == plain.len) return plain; /* nothing beyond ASCII */
        *changed = true;
        return value;
    }
    check_repertoire(&f);
    if (dgm_ascii(plain)) return plain;
    if (r->values.text) {
        check_text(&f);
        return plain;
    }
    if (!r->values.charset && !r->values.ascii_only && dgm_utf8_check(plain) == plain.len) {
        check_controls(&f, plain);
        return plain;
    }
    dgm_status st = decode(&f);
    if (st != DGM_OK) return r->failed = st, raw;
    *changed = true;
    if (!r->values.ascii_only) check_controls(&f, dgm_buffer_slice(&r->decoded));
    return dgm_buffer_slice(&r->decoded);
}

/* ---- length and representation (ISO 9735:1988, 10) ------------------------------------------------------------------------- */

/* Digits of a number; sign and one decimal mark, either of the two, do not count. exponent: E, perhaps a minus and digits may end
 * it, and count no more than sign and mark do (version 4). False when it is no number. */
static bool number_digits(dgm_slice v, bool exponent, uint32_t *digits)
{
    uint32_t n = 0, marks = 0;
    for (size_t i = 0; i < v.len; i++) {
        char ch = v.at[i];
        if (exponent && ch == 'E' && n) {
            dgm_slice rest = dgm_slice_part(v, i + 1, v.len);
            uint64_t power;
            if (rest.len && rest.at[0] == '-') rest = dgm_slice_part(rest, 1, rest.len);
            *digits = n;
            return marks <= 1 && rest.len <= 3 && dgm_edi_number(rest, &power);
        }
        if (ch >= '0' && ch <= '9')
            n++;
        else if (ch == '.' || ch == ',')
            marks++;
        else if (!(ch == '-' && i == 0))
            return false;
    }
    *digits = n;
    return n > 0 && marks <= 1;
}

/* The mark that UNA does not name (ISO 9735:1988, 10.1): a warning, for it is clear what is meant. */
static void check_mark(dgm_edi_reader *r, const dgm_edi_naming *name, dgm_slice value, dgm_edi_token t, uint32_t e, uint32_t c)
{
    const char *at = memchr(value.at, r->mark_wrong, value.len);
    char marks[2] = { r->mark_wrong, r->una_decimal };
    if (!at) return;
    size_t place = value.len == dgm_edi_token_len(t) ? (size_t)(at - value.at) : 0;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DECIMAL_MARK, DGM_WARNING, t.at + place, 1, e, c);
    dgm_edi_say_slice(r, d, name->id);
    dgm_edi_say_slice(r, d, name->title);
    dgm_edi_say_slice(r, d, (dgm_slice){ marks, 1 });
    dgm_edi_say_slice(r, d, (dgm_slice){ marks + 1, 1 });
}

/* A decimal mark has a digit on either side (ISO 9735:1988, 10.1); where it has not, the number is told but can be read. */
static void check_mark_digits(dgm_edi_reader *r, const dgm_edi_naming *name, dgm_slice value, dgm_edi_token t, uint32_t e,
                              uint32_t c)
{
    size_t at = 0;
    while (at < value.len && value.at[at] != '.' && value.at[at] != ',') at++;
    if (at == value.len) return;
    bool before = at && value.at[at - 1] != '-', behind = at + 1 < value.len && value.at[at + 1] != 'E';
    if (before && behind) return;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DECIMAL_DIGIT, DGM_WARNING, t.at, dgm_edi_token_len(t), e, c);
    dgm_edi_say_slice(r, d, name->id);
    dgm_edi_say_slice(r, d, name->title);
    dgm_edi_say(r, d, before ? "behind" : "before");
    dgm_edi_say_slice(r, d, value);
}

static bool alphabetic(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++)
        if (v.at[i] >= '0' && v.at[i] <= '9') return false;
    return true;
}

/* 0017 has six digits up to syntax version 3 and eight from version 4 on. Many senders of version 4 leave the century out, as the
 * passenger lists of airlines do by their own rules, and some of the others put it in; what is meant is not in doubt. */
static bool date_of_other_version(const dgm_edi_naming *name, dgm_slice value)
{
    if (!dgm_slice_is(name->id, "0017") || (value.len != 6 && value.len != 8)) return false;
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] < '0' || value.at[i] > '9') return false;
    return true;
}

bool dgm_edi_check_value(dgm_edi_reader *r, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, dgm_slice value,
                         const dgm_edi_where *where)
{
    const dgm_edi_token t = where->token;
    uint32_t e = where->element, c = where->component, length = 0;
    dgm_diag_code wrong = DGM_D_NONE;
    /* No value has more characters than bytes. */
    if (leaf->class == DGM_EDI_AN && leaf->least <= 1 && value.len && value.len <= (size_t)leaf->least + leaf->more) return true;
    if (leaf->class == DGM_EDI_N) {
        if (!number_digits(value, r->syntax_version >= 4, &length))
            wrong = DGM_D_EDI_NOT_NUMERIC;
        else {
            if (r->mark_wrong) check_mark(r, name, value, t, e, c);
            check_mark_digits(r, name, value, t, e, c);
        }
    } else {
        length = (uint32_t)dgm_utf8_length(value);
        if (leaf->class == DGM_EDI_A && !alphabetic(value)) wrong = DGM_D_EDI_NOT_ALPHABETIC;
    }
    uint32_t most = name->repr.length_max ? name->repr.length_max : UINT32_MAX;
    size_t len = dgm_edi_token_len(t);
    if (wrong != DGM_D_NONE) {
        dgm_diag *d = dgm_edi_report(r, wrong, DGM_ERROR, t.at, len, e, c);
        dgm_edi_say_slice(r, d, name->id);
        dgm_edi_say_slice(r, d, name->title);
        dgm_edi_say_slice(r, d, value);
        return false;
    }
    if (length >= leaf->least && length <= most) return true;
    if (date_of_other_version(name, value)) {
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DATE_VERSION, DGM_WARNING, t.at, len, e, c);
        dgm_edi_say_slice(r, d, name->id);
        dgm_edi_say_slice(r, d, name->title);
        dgm_edi_say_number(r, d, length);
        dgm_edi_say_number(r, d, r->syntax_version);
        return true;
    }
    bool shorter = length < leaf->least;
    dgm_diag *d = dgm_edi_report(r, shorter ? DGM_D_EDI_TOO_SHORT : DGM_D_EDI_TOO_LONG, DGM_ERROR, t.at, len, e, c);
    dgm_edi_say_slice(r, d, name->id);
    dgm_edi_say_slice(r, d, name->title);
    dgm_edi_say_number(r, d, length);
    dgm_edi_say_number(r, d, shorter ? leaf->least : most);
    return false;
}

/* ---- values of the envelope ------------------------------------------------------------------------------------------------- */

dgm_edi_token dgm_edi_token_at(const dgm_edi_segment *s, uint32_t e, uint32_t c)
{
    uint32_t element = 0, component = 1;
    for (size_t i = 0; i < s->count; i++) {
        if (element == e && component == c) return s->token[i];
        if (dgm_edi_repetition_follows(s->token[i])) {
            component = UINT32_MAX / 2; /* what is asked for is of the first occurrence */
        } else if (dgm_edi_component_follows(s->token[i])) {
            component++;
        } else {
            element++;
            component = 1;
        }
        if (element > e) break;
    }
    bool ended = s->end > s->at && !s->unterminated;
    return (dgm_edi_token){ (uint32_t)(ended ? s->end - 1 : s->end), 0 };
}

dgm_slice dgm_edi_plain(dgm_edi_reader *r, dgm_edi_token t)
{
    dgm_slice raw = { r->in + t.at, dgm_edi_token_len(t) }, plain = raw;
    if (!(t.info & (DGM_EDI_KIND_RELEASE | DGM_EDI_KIND_ODD))) return raw; /* ASCII as it stands */
    if (t.info & DGM_EDI_KIND_RELEASE) {
        dgm_status st = take_releases(r, raw, &plain);
        if (st != DGM_OK) r->failed = st;
    }
    if (r->values.latin1 && dgm_utf8_check(plain) != plain.len) {
        bool odd = false;
        plain = latin1(r, plain, &odd);
    } else if (dgm_utf8_check(plain) != plain.len && r->values.charset) {
        size_t bad = 0;
        r->decoded.len = 0;
        dgm_status st = dgm_charset_decode(r->values.charset, plain, &r->decoded, &bad);
        if (st != DGM_OK && st != DGM_INVALID) r->failed = st;
        plain = dgm_buffer_slice(&r->decoded);
    }
    return dgm_slice_part(plain, 0, dgm_utf8_check(plain));
}

void dgm_edi_take(dgm_edi_reader *r, uint32_t e, uint32_t c, dgm_edi_text *out)
{
    dgm_edi_text_set(out, dgm_edi_plain(r, dgm_edi_token_at(&r->segment, e, c)));
}

bool dgm_edi_counted(dgm_slice text, int64_t *count)
{
    uint64_t n = 0;
    const bool minus = text.len > 1 && text.at[0] == '-';
    if (!dgm_edi_number(minus ? dgm_slice_part(text, 1, text.len) : text, &n)) return false;
    if (n > INT64_MAX) n = INT64_MAX;
    *count = minus ? -(int64_t)n : (int64_t)n;
    return true;
}

bool dgm_edi_number(dgm_slice text, uint64_t *number)
{
    uint64_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || n > UINT64_MAX / 100) return false;
        n = n * 10 + (uint64_t)(text.at[i] - '0');
    }
    *number = n;
    return text.len > 0;
}
