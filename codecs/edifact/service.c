/* SPDX-License-Identifier: Apache-2.0
 *
 * service.c - service characters: what UNA says and what goes without saying, and how to go on where UNA is not as it should be;
 * and the layouts of service segments. ISO 9735:1988, 5, 7 and annex B; ISO 9735-1:2002, 8 and annex A. One thread.
 */
#include "reader.h"

#include <stdio.h>

/* Separators of level A, and of level B up to version 3 when there is no UNA: IS1, IS3, IS4. */
static const char level_a[4] = { ':', '+', '?', '\'' };
static const char level_b[4] = { 0x1F, 0x1D, ' ', 0x1C };

static bool alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* "+" or 0x1D, for people. */
static const char *shown(char c, char text[8])
{
    unsigned char byte = (unsigned char)c;
    snprintf(text, 8, byte > 0x20 && byte < 0x7F ? "\"%c\"" : "0x%02X", byte);
    return text;
}

static void set_service(dgm_edi_reader *r, const char *characters)
{
    memcpy(r->service, characters, sizeof r->service);
    r->has_release = r->service[2] != ' ';
    r->has_una = false;
    r->una_repetition = ' ';
    r->una_decimal = 0;
    r->mark_wrong = 0;
    r->has_repetition = false;
}

/* ---- layouts ------------------------------------------------------------------------------------------------------------------
 */

/* Those of each message first: they are looked for most. */
static const char tags[DGM_EDI_SERVICE_TAGS][4] = { "UNH", "UNT", "UNS", "UNB", "UNZ", "UNG", "UNE", "UNO", "UNP", "USH", "USA",
                                                    "USB", "USC", "USD", "USE", "USF", "USL", "USR", "UST", "USU", "USX", "USY" };
#define TAGS_OF_VERSION_3 7u

const dgm_edi_layout *dgm_edi_service_layout(dgm_edi_reader *r, uint32_t packed)
{
    bool four = r->syntax_version >= 4;
    const dgm_edi_directory d = { .syntax4 = four };
    uint32_t i = 0, count = four ? DGM_EDI_SERVICE_TAGS : TAGS_OF_VERSION_3;
    while (i < count && dgm_edi_pack(tags[i]) != packed) i++;
    if (i == count) return NULL;
    dgm_edi_layout *l = &r->service_layouts[four][i];
    if (l->packed) return l;
    dgm_status st = dgm_edi_layout_make(&r->constants, &d, dgm_slice_of(tags[i]), true, l);
    if (st == DGM_OK) return l;
    r->failed = st == DGM_UNKNOWN ? DGM_DEFECT : st;
    l->packed = 0;
    return NULL;
}

/* ---- UNA ----------------------------------------------------------------------------------------------------------------------
 */

/* What stands behind UNA, as far as it tells the separators: "UNB+UNOA:". */
typedef struct header {
    bool there;
    char element, component; /* 0: not to be seen */
} header;

static bool header_tag(const char *at)
{
    return at[0] == 'U' && ((at[1] == 'N' && (at[2] == 'B' || at[2] == 'G' || at[2] == 'H')) || (at[1] == 'I' && at[2] == 'B'));
}

static header look_at_header(dgm_slice s)
{
    header h = { 0 };
    h.there = s.len >= 3 && header_tag(s.at);
    if (!h.there || s.len < 4 || alphanumeric(s.at[3]) || s.at[3] == ' ') return h;
    h.element = s.at[3];
    if (s.at[2] != 'B' || s.len < 9) return h; /* UIB begins with S001 too */
    for (size_t i = 4; i < 8; i++)
        if (!alphanumeric(s.at[i])) return h;
    if (!alphanumeric(s.at[8]) && s.at[8] != h.element && s.at[8] != ' ') h.component = s.at[8];
    return h;
}

static bool among(char c, const char *others, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (others[i] == c) return true;
    return false;
}

/* Puts what is best known in the place of what cannot be: the separators as the header shows them, else the usual characters where
 * they are free. NULL: nothing was wrong; else what it was. */
static const char *mend(char service[4], const header *h)
{
    static const char *const same = "two of them are the same", *const letter = "a letter or digit stands among them";
    const char *wrong = NULL;
    for (size_t i = 0; i < 4; i++) {
        if (alphanumeric(service[i])) wrong = letter;
        if (i != 2 && service[i] == ' ' && !wrong) wrong = "a blank stands among them";
        for (size_t k = 0; k < i; k++)
            if (service[i] == service[k] && !wrong) wrong = same;
    }
    if (!wrong && h->element && h->element != service[1]) wrong = "the header that follows has another element separator";
    if (!wrong && h->component && h->component != service[0]) wrong = "the header that follows has another component separator";
    if (!wrong) return NULL;
    char good[4] = { h->component ? h->component : level_a[0], h->element ? h->element : level_a[1], ' ', level_a[3] };
    if (!h->component && !alphanumeric(service[0]) && service[0] != ' ' && service[0] != good[1]) good[0] = service[0];
    if (good[0] == good[1]) good[0] = good[1] == level_a[0] ? level_a[1] : level_a[0];
    if (!alphanumeric(service[3]) && service[3] != ' ' && !among(service[3], good, 2)) good[3] = service[3];
    if (among(good[3], good, 2)) good[3] = '~';
    if (!alphanumeric(service[2]) && !among(service[2], good, 2) && service[2] != good[3])
        good[2] = service[2];
    else if (!among(level_a[2], good, 2) && good[3] != level_a[2])
        good[2] = level_a[2];
    memcpy(service, good, 4);
    return wrong;
}

/* In text that was decoded a byte beyond ASCII is a part of a character: it cannot separate anything. Puts a blank in the place of
 * those among n characters; false: there was none. */
static bool blank_beyond(const dgm_edi_reader *r, char *characters, size_t n)
{
    bool any = false;
    if (!dgm_edi_intake_text(&r->intake)) return false;
    for (size_t i = 0; i < n; i++) {
        if (!((unsigned char)characters[i] & 0x80)) continue;
        characters[i] = ' ';
        any = true;
    }
    return any;
}

/* What the header tells, as far as it can be. */
static header header_of(const dgm_edi_reader *r, dgm_slice s)
{
    header h = look_at_header(s);
    char seen[2] = { h.element, h.component };
    if (!blank_beyond(r, seen, 2)) return h;
    if (seen[0] == ' ') h.element = 0;
    if (seen[1] == ' ') h.component = 0;
    return h;
}

static const char *const beyond_ascii = "a character beyond ASCII stands among them, of which this character set makes others";

static void report_una(dgm_edi_reader *r, size_t at, size_t bytes, const char *wrong)
{
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_UNA, DGM_ERROR, at, bytes, 0, 0);
    dgm_edi_say(r, d, wrong);
}

/* Where the segment behind UNA begins; 0: not here. *more: that cannot be told yet. */
static size_t behind_una(const dgm_edi_reader *r, size_t at, size_t characters, bool *more)
{
    size_t next = at + 3 + characters, last = next + DGM_EDI_UNA_BLANKS;
    while (next < r->len && next < last && (r->in[next] == ' ' || r->in[next] == '\r' || r->in[next] == '\n')) next++;
    if (!r->last && r->len < next + 9) {
        *more = true;
        return 0;
    }
    header h = look_at_header(next < r->len ? (dgm_slice){ r->in + next, r->len - next } : (dgm_slice){ 0 });
    return h.there ? next : 0;
}

int dgm_edi_una(dgm_edi_reader *r, size_t at)
{
    bool more = false;
    size_t characters = 6, next = behind_una(r, at, characters, &more);
    if (!next && !more) { /* the reserved character forgotten, or one too many */
        for (characters = 5; characters <= 7 && !next && !more; characters += 2) next = behind_una(r, at, characters, &more);
        characters -= 2;
    }
    if (more) return -1;
    if (!next) return 0;
    const char *una = r->in + at + 3;
    /* one forgotten, and a line break behind the terminator in its place */
    if (characters == 6 && una[4] == level_a[3] && (una[5] == '\r' || una[5] == '\n')) characters = 5;
    /* A terminator that is a line break may be followed by more of them: what is left out are empty segments. */
    char service[4] = { una[0], una[1], una[3], una[characters - 1] };
    header h = header_of(r, (dgm_slice){ r->in + next, r->len - next });
    dgm_edi_interchange_begin(r);
    const bool beyond = blank_beyond(r, service, 4);
    const char *wrong = mend(service, &h);
    if (beyond) wrong = beyond_ascii;
    if (characters != 6)
        report_una(r, at + 3, characters, characters < 6 ? "one of the six is missing" : "there are more than six");
    else if (wrong)
        report_una(r, at + 3, 6, wrong);
    set_service(r, service);
    r->has_una = true;
    r->una_at = dgm_edi_offset(r, at);
    r->una_width = (uint32_t)(dgm_edi_offset(r, at + 1) - r->una_at);
    r->una_decimal = una[2];
    r->una_repetition = characters > 5 && !among(una[4], service, 4) && !alphanumeric(una[4]) ? una[4] : ' ';
    (void)blank_beyond(r, &r->una_repetition, 1);
    r->una_reserved = characters == 6 ? una[4] : ' ';
    if (r->in[next + 2] != 'B') { /* without UNB nothing else tells the version */
        r->syntax_version = r->una_repetition != ' ' ? 4 : 3;
        dgm_edi_service_settle(r, (dgm_slice){ 0 }, false);
    }
    dgm_edi_lex_from(r, next);
    return 1;
}

/* ---- without UNA ---------------------------------------------------------------------------------------------------------------
 */

#define GUESS_BYTES 1024u

/* The terminator, from what stands before the tag of the segment behind the header; 0: there is none to be seen. */
static char guess_terminator(dgm_slice s, char element)
{
    for (size_t i = 9; i + 4 <= s.len; i++) {
        bool tag = s.at[i] == 'U' && s.at[i + 1] == 'N' && (s.at[i + 2] == 'H' || s.at[i + 2] == 'G') && s.at[i + 3] == element;
        if (!tag) continue;
        size_t before = i;
        while (before > 9 && (s.at[before - 1] == '\r' || s.at[before - 1] == '\n')) before--;
        char c = s.at[before - 1];
        if (alphanumeric(c) || c == ' ') return before < i ? s.at[before] : 0;
        return c == element ? 0 : c;
    }
    return 0;
}

/* UNB with separators of neither level, and no UNA: an error, but they can be seen. */
static int guess(dgm_edi_reader *r, size_t at)
{
    size_t left = r->len - at;
    char text[8];
    if (!r->last && left < GUESS_BYTES) return -1;
    dgm_slice s = { r->in + at, left < GUESS_BYTES ? left : GUESS_BYTES };
    header h = header_of(r, s);
    char terminator = h.component ? guess_terminator(s, h.element) : 0;
    (void)blank_beyond(r, &terminator, 1);
    bool good = terminator && terminator != ' ' && terminator != h.component;
    if (good) dgm_edi_interchange_begin(r);
    if (good || (r->in[at + 2] == 'B' && !alphanumeric(r->in[at + 3]))) {
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SEPARATORS, DGM_ERROR, at + 3, 1, 0, 0);
        dgm_edi_say_slice(r, d, (dgm_slice){ r->in + at, 3 });
        dgm_edi_say(r, d, shown(r->in[at + 3], text));
    }
    if (!good) return 0;
    char release = '?' == h.element || '?' == h.component || '?' == terminator ? ' ' : '?';
    set_service(r, (char[4]){ h.component, h.element, release, terminator });
    dgm_edi_lex_from(r, at);
    return 1;
}

int dgm_edi_no_una(dgm_edi_reader *r, size_t at)
{
    size_t left = r->len - at;
    const char *b = r->in + at;
    if (!header_tag(b)) return 0;
    if (left < 4) return r->last ? 0 : -1;
    if (b[3] != level_a[1] && b[3] != level_b[1]) return b[2] == 'B' && !alphanumeric(b[3]) ? guess(r, at) : 0;
    dgm_edi_interchange_begin(r);
    set_service(r, b[3] == level_a[1] ? level_a : level_b);
    dgm_edi_lex_from(r, at);
    return 1;
}

/* ---- where text begins to be decoded ------------------------------------------------------------------------------------------
 */

void dgm_edi_service_text(dgm_edi_reader *r, size_t at)
{
    const header unknown = { 0 };
    char service[4];
    memcpy(service, r->service, sizeof service);
    if (blank_beyond(r, &r->repetition_separator, 1)) r->has_repetition = false;
    if (!blank_beyond(r, service, sizeof service)) return;
    (void)mend(service, &unknown);
    memcpy(r->service, service, sizeof service);
    r->has_release = service[2] != ' ';
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_UNA, DGM_ERROR, at, 3, 0, 0);
    if (d && r->has_una) d->at_byte = r->una_at; /* its bytes may be gone */
    if (d && r->has_una) d->bytes = 9ull * r->una_width;
    dgm_edi_say(r, d, beyond_ascii);
}

/* ---- what the syntax version makes of them
 * --------------------------------------------------------------------------------------- */

static void report_una_part(dgm_edi_reader *r, dgm_diag_code code, size_t number, char c)
{
    char text[8];
    dgm_diag *d = dgm_edi_report(r, code, DGM_WARNING, r->segment.at, 1, 0, 0);
    if (d) d->at_byte = r->una_at + (2 + number) * r->una_width; /* its bytes may be gone */
    if (d) d->bytes = r->una_width;
    dgm_edi_say(r, d, shown(c, text));
}

/* Up to version 3 UNA's decimal mark binds, and either may stand without it; version 4 lets either stand whatever UNA says. */
static void settle_version_3(dgm_edi_reader *r)
{
    if (!r->has_una) return;
    if (r->una_decimal == '.' || r->una_decimal == ',')
        r->mark_wrong = r->una_decimal == '.' ? ',' : '.';
    else
        report_una_part(r, DGM_D_EDI_UNA_DECIMAL, 3, r->una_decimal);
    if (r->una_reserved != ' ') report_una_part(r, DGM_D_EDI_UNA_RESERVED, 5, r->una_reserved);
}

void dgm_edi_service_settle(dgm_edi_reader *r, dgm_slice identifier, bool unb)
{
    char text[8];
    bool level_b_used = r->service[1] == level_b[1];
    r->mark_wrong = 0;
    r->has_repetition = false;
    if (r->syntax_version >= 4) {
        r->repetition_separator = r->has_una ? r->una_repetition : '*';
        r->has_repetition = r->repetition_separator != ' ' && !among(r->repetition_separator, r->service, 4);
        return;
    }
    settle_version_3(r);
    if (r->has_una || !unb || level_b_used || !dgm_slice_is(identifier, "UNOB")) return;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_UNA_EXPECTED, DGM_INFO, t.at, dgm_edi_token_len(t), 1, 1);
    dgm_edi_say_slice(r, d, identifier);
    dgm_edi_say(r, d, shown(r->service[1], text));
}
