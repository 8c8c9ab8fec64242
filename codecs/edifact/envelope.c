/* SPDX-License-Identifier: Apache-2.0
 *
 * envelope.c - interchanges and functional groups: finding UNA and UNB in whatever surrounds them, versions, counts and
 * references. ISO 9735:1988, 6 and annexes B and C; ISO 9735-1:2002, 7. One thread.
 */
#include "reader.h"

#include "base/date.h"

/* ---- between interchanges -------------------------------------------------------------------------------------------------------
 */

/* Bytes outside of interchanges, up to the one looked at now. */
static void report_junk(dgm_edi_reader *r)
{
    if (!r->junk) return;
    uint64_t bytes = dgm_edi_offset(r, r->at) - r->junk_from;
    if (r->host.agreed) { /* how grave it is depends on whose it is */
        r->around.at = r->junk_from;
        r->around.bytes = bytes;
        r->junk = false;
        return;
    }
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_INTERCHANGE_JUNK, r->junk_is, r->at, 0, 0, 0);
    if (d) d->at_byte = r->junk_from;
    if (d) d->bytes = bytes;
    dgm_edi_say_number(r, d, bytes);
    r->junk = false;
}

/* Told of each interchange whose bytes are not ASCII where they look it. */
static void report_encoding(dgm_edi_reader *r)
{
    dgm_edi_intake *k = &r->intake;
    if (!k->on || k->told) return;
    k->told = true;
    if (k->stays) {
        size_t bad = 0;
        r->decoded.len = 0;
        dgm_status st = dgm_charset_encode(k->set, DGM_LITERAL("UNB"), &r->decoded, &bad);
        if (st != DGM_OK && st != DGM_INVALID) r->failed = st;
        if (st != DGM_OK || dgm_slice_is(dgm_buffer_slice(&r->decoded), "UNB")) return;
    }
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_ENCODED, DGM_WARNING, r->at, 3, 0, 0);
    dgm_edi_say_slice(r, d, dgm_charset_name(k->set));
    if (!k->stays && dgm_slice_is(dgm_charset_name(k->set), "IBM037")) dgm_edi_say(r, d, "IBM500 and IBM1047");
}

void dgm_edi_interchange_begin(dgm_edi_reader *r)
{
    report_junk(r);
    if (r->agreed) dgm_edi_agreed_reset(r);
    r->any = true;
    r->phase = DGM_EDI_IN_INTERCHANGE;
    r->position = (dgm_position){ .interchange = r->position.interchange + 1 };
    report_encoding(r);
    r->has_header = r->header_seen = r->in_group = r->headless_told = r->mixed_told = r->blanks_told = false;
    if (r->unwrap.on) dgm_edi_unwrap_begin(r, r->at);
    dgm_edi_security_reset(r, DGM_EDI_OF_INTERCHANGE);
    dgm_edi_security_reset(r, DGM_EDI_OF_GROUP);
    dgm_edi_values_set(r, (dgm_slice){ 0 });
    r->interchange_messages = r->interchange_groups = r->group_messages = 0;
    r->encrypted_around = false;
    r->syntax_version = 3;
    r->sender.len = r->recipient.len = r->interchange_reference.len = r->group_reference.len = r->reference.len = 0;
    dgm_edi_references_clear(&r->references, &r->mem, true);
}

/* What begins at an offset with 'U': 1 an interchange, 0 nothing, -1 not to be told yet. */
static int interchange_at(dgm_edi_reader *r, size_t at)
{
    size_t left = r->len - at;
    const char *b = r->in + at;
    if (left < 3) return r->last || (left == 2 && b[1] != 'N' && b[1] != 'I') ? 0 : -1;
    return memcmp(b, "UNA", 3) == 0 ? dgm_edi_una(r, at) : dgm_edi_no_una(r, at);
}

static bool blank(const dgm_edi_reader *r, char c)
{
    /* behind an interchange in EBCDIC: NEL, LF and blank of that */
    if ((c == 0x15 || c == 0x25 || c == 0x40) && dgm_edi_intake_met(&r->intake, "IBM037")) return true;
    return c == ' ' || c == '\r' || c == '\n' || c == '\t' || c == 0 || c == 0x1A || c == '\f';
}

/* An interchange in EBCDIC or UTF-16 begins at r->at: from here on it is read as text. 1 it does, 0 not, -1 not to be told yet. */
static int encoded_at(dgm_edi_reader *r)
{
    bool more;
    size_t mark;
    dgm_charset *set;
    if (r->intake.on) return 0;
    dgm_slice rest = { r->in + r->at, r->len - r->at };
    /* the other half of a line end behind an interchange in UTF-16LE */
    bool little_end = (r->base + r->at - r->intake.ended) % 2 && dgm_edi_intake_met(&r->intake, "UTF-16LE");
    const char *name = dgm_edi_intake_detect(rest, r->last, little_end, &more, &mark);
    if (!name) return more ? -1 : 0;
    if (mark) dgm_edi_report(r, DGM_D_EDI_INTERCHANGE_BOM, DGM_WARNING, r->at, mark, 0, 0);
    dgm_status st = dgm_edi_intake_open(r, name, &set);
    if (st == DGM_OK) st = dgm_edi_intake_start(r, r->at + mark, set, false);
    if (st != DGM_OK) r->failed = st;
    return 1;
}

/* The next byte that may begin an interchange in any encoding, or a byte order mark. */
static size_t next_start(const dgm_edi_reader *r, size_t at)
{
    for (; at < r->len; at++) {
        unsigned char c = (unsigned char)r->in[at];
        if (c == 'U' || (!r->intake.on && (c == 0xE4 || c == 0 || c >= 0xFE))) break;
    }
    return at;
}

static dgm_status nothing_more(dgm_edi_reader *r)
{
    if (!r->last) return DGM_MORE;
    bool none = !r->any && !r->ended;
    report_junk(r);
    dgm_edi_agreed_tell(r);
    if (none) dgm_edi_report(r, DGM_D_EDI_INTERCHANGE_NONE, DGM_ERROR, r->len, 0, 0, 0);
    r->ended = true;
    return DGM_END;
}

dgm_status dgm_edi_interchange_find(dgm_edi_reader *r)
{
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    r->segment.at = r->segment.end = r->segment.tag.len = 0; /* the last one is not what is told of here */
    while (r->at < r->len) {
        const char *b = r->in + r->at;
        size_t left = r->len - r->at;
        int encoded = encoded_at(r);
        if (encoded) return r->failed != DGM_OK ? r->failed : DGM_MORE;
        if (b[0] == 'U') {
            int found = interchange_at(r, r->at);
            if (found < 0) return DGM_MORE;
            if (found) return DGM_OK;
        } else if ((unsigned char)b[0] == 0xEF && !r->junk) {
            static const char bom[3] = "\xEF\xBB\xBF";
            size_t n = left < 3 ? left : 3;
            if (memcmp(b, bom, n) == 0 && n < 3 && !r->last) return DGM_MORE;
            if (n == 3 && memcmp(b, bom, 3) == 0) {
                if (r->host.agreed) {
                    dgm_edi_agreed_tell(r); /* one before this one */
                    r->around.mark = true;
                    r->around.mark_at = dgm_edi_offset(r, r->at);
                } else {
                    dgm_edi_report(r, DGM_D_EDI_INTERCHANGE_BOM, r->junk_is, r->at, 3, 0, 0);
                }
                r->at += 3;
                continue;
            }
        } else if (blank(r, b[0]) && !r->junk) {
            r->at++;
            continue;
        }
        if (!r->junk) r->junk_from = dgm_edi_offset(r, r->at);
        r->junk = true;
        r->at = next_start(r, r->at + 1);
    }
    return nothing_more(r);
}

void dgm_edi_leave(dgm_edi_reader *r, size_t at)
{
    r->phase = DGM_EDI_BETWEEN;
    r->at = at;
    r->junk = false;
    r->token_next = r->token_ready = r->token_count = 0;
    r->overflow = false;
    r->position = (dgm_position){ .interchange = r->position.interchange };
    r->reference.len = 0;
    r->intake.told = false;
    if (!r->intake.on || r->intake.stays) return;
    dgm_status st = dgm_edi_intake_stop(r, at);
    if (st != DGM_OK) r->failed = st;
}

/* ---- service segments
 * ------------------------------------------------------------------------------------------------------------ */

static void check_back_reference(dgm_edi_reader *r, const char *tag, const dgm_edi_text *first)
{
    dgm_edi_text second;
    if (r->segment.unterminated) return; /* perhaps not all of it came, which is told */
    dgm_edi_take(r, 2, 1, &second);
    if (second.len && !dgm_slice_equal(dgm_edi_text_slice(first), dgm_edi_text_slice(&second)))
        dgm_edi_report_reference(r, tag, first, &second);
}

static void report_here(dgm_edi_reader *r, dgm_diag_code code, dgm_severity severity, const dgm_slice *said)
{
    dgm_diag *d = dgm_edi_report(r, code, severity, r->segment.at, r->segment.end - r->segment.at, 0, 0);
    if (said) dgm_edi_say_slice(r, d, *said);
}

/* A count of element 1 that differs. */
static void check_count(dgm_edi_reader *r, dgm_diag_code code, const char *tag, uint64_t there)
{
    dgm_edi_text text;
    int64_t told = 0;
    if (r->segment.unterminated && r->segment.count < 3) return; /* perhaps not all of it came, which is told */
    dgm_edi_take(r, 1, 1, &text);
    if (!dgm_edi_counted(dgm_edi_text_slice(&text), &told)) return;
    if (told == (int64_t)there) {
        const dgm_slice around = dgm_slice_of(tag[2] == 'E' ? "functional group" : "interchange");
        if (!there && !r->encrypted_around) report_here(r, DGM_D_EDI_EMPTY, DGM_WARNING, &around);
        return;
    }
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
    dgm_diag *d = dgm_edi_report(r, code, DGM_ERROR, t.at, dgm_edi_token_len(t), 1, 0);
    if (code == DGM_D_EDI_COUNT_MESSAGES) dgm_edi_say(r, d, tag);
    dgm_diag_number(r->host.diags, d, told);
    dgm_edi_say_number(r, d, there);
}

static void set_version(dgm_edi_reader *r, dgm_slice version)
{
    bool known = version.len == 1 && version.at[0] >= '1' && version.at[0] <= '4';
    r->syntax_version = known ? (uint32_t)(version.at[0] - '0') : 3;
    if (known || !version.len) return;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 2);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SYNTAX_VERSION, DGM_WARNING, t.at, dgm_edi_token_len(t), 1, 2);
    dgm_edi_say_slice(r, d, version);
}

/* UNB for the first time: its own values are as it says itself, and as was agreed with its sender; it is looked at again in that
 * light. DGM_MORE: the first message must be seen before that is known. */
static dgm_status take_unb_first(dgm_edi_reader *r)
{
    dgm_edi_text identifier, version, type = { .len = 0 };
    bool again = false;
    dgm_status st = r->host.agreed && r->host.agreed_by_type ? dgm_edi_peek_type(r, &type) : DGM_OK;
    if (st != DGM_OK) return st;
    dgm_edi_take(r, 1, 1, &identifier);
    dgm_edi_take(r, 1, 2, &version);
    dgm_slice id = dgm_edi_text_slice(&identifier);
    set_version(r, dgm_edi_text_slice(&version));
    dgm_edi_service_settle(r, id, true);
    if (r->host.agreed) st = dgm_edi_values_fill(r, id);
    if (st == DGM_OK && r->host.agreed) st = dgm_edi_agreed_ask(r, dgm_edi_text_slice(&type));
    if (st == DGM_OK) st = dgm_edi_values_set(r, id);
    r->header_seen = true;
    size_t at = r->segment.at;
    if (st == DGM_OK) st = dgm_edi_agreed_decode(r, &at, &again);
    if (st == DGM_OK && again) st = dgm_edi_values_fill(r, id);
    if (st == DGM_OK && r->values.set && r->values.set->shifts && !r->intake.on && !r->charset_setting) {
        st = dgm_edi_intake_start(r, at, NULL, false); /* escape sequences from here on */
        r->intake.told = r->values.text = true;
        at = 0;
    }
    if (st == DGM_OK) dgm_edi_service_text(r, at);
    dgm_edi_lex_from(r, at);
    return st;
}

/* The day and the time of preparation (S004), by their lengths; other lengths are told already. */
static void check_prepared(dgm_edi_reader *r)
{
    static const struct {
        const char *id, *title, *format[2], *form[2];
        size_t len[2];
    } rows[] = { { "0017", "Date of preparation", { "101", "102" }, { "YYMMDD", "CCYYMMDD" }, { 6, 8 } },
                 { "0019", "Time of preparation", { "401", "402" }, { "HHMM", "HHMMSS" }, { 4, 6 } } };
    for (uint32_t i = 0; i < 2; i++) {
        dgm_edi_text text;
        dgm_edi_take(r, 4, i + 1, &text);
        const dgm_slice value = dgm_edi_text_slice(&text);
        const bool longer = value.len == rows[i].len[1];
        if ((!longer && value.len != rows[i].len[0]) || dgm_date_fits(value, dgm_slice_of(rows[i].format[longer])) != DGM_INVALID)
            continue;
        dgm_edi_token t = dgm_edi_token_at(&r->segment, 4, i + 1);
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_DATE, DGM_WARNING, t.at, dgm_edi_token_len(t), 4, i + 1);
        dgm_edi_say(r, d, rows[i].id);
        dgm_edi_say(r, d, rows[i].title);
        dgm_edi_say_slice(r, d, value);
        dgm_edi_say(r, d, rows[i].form[longer]);
    }
}

static void take_unb(dgm_edi_reader *r)
{
    dgm_edi_segment_check(r, dgm_edi_service_layout(r, r->segment.packed));
    check_prepared(r);
    dgm_edi_take(r, 2, 1, &r->sender);
    dgm_edi_take(r, 3, 1, &r->recipient);
    dgm_edi_take(r, 5, 1, &r->interchange_reference);
    r->has_header = true;
    dgm_edi_tell_envelope(r, false);
}

static void end_group(dgm_edi_reader *r, bool complete)
{
    if (r->in_group && !complete) {
        dgm_slice reference = dgm_edi_text_slice(&r->group_reference);
        report_here(r, DGM_D_EDI_GROUP_NO_END, DGM_ERROR, &reference);
    }
    r->in_group = false;
    r->position.group = 0;
}

void dgm_edi_check_once(dgm_edi_reader *r, const char *tag, const dgm_edi_text *reference, dgm_diag_code code, uint32_t e)
{
    char key[DGM_EDI_ENVELOPE_TEXT + 4] = { tag[0], tag[1], tag[2], ' ' };
    if (reference->len == 0) return;
    memcpy(key + 4, reference->at, reference->len);
    dgm_status st = dgm_edi_references_add(&r->references, &r->mem, (dgm_slice){ key, reference->len + 4 });
    if (st == DGM_NOMEM) r->failed = st;
    if (st != DGM_INVALID) return;
    dgm_edi_token t = dgm_edi_token_at(&r->segment, e, 1);
    dgm_diag *d = dgm_edi_report(r, code, DGM_ERROR, t.at, dgm_edi_token_len(t), e, 0);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(reference));
}

/* Either all messages of an interchange stand in groups or none does (ISO 9735:1988, 6.1). */
static void report_mixed(dgm_edi_reader *r)
{
    dgm_slice tag = r->segment.tag;
    if (r->mixed_told) return;
    r->mixed_told = true;
    report_here(r, DGM_D_EDI_GROUPS_MIXED, DGM_ERROR, &tag);
}

void dgm_edi_group_wanted(dgm_edi_reader *r)
{
    if (r->interchange_groups && !r->in_group) report_mixed(r);
}

static void take_ung(dgm_edi_reader *r)
{
    end_group(r, false);
    if (r->interchange_messages && !r->interchange_groups) report_mixed(r);
    r->position.group = ++r->interchange_groups;
    dgm_edi_segment_check(r, dgm_edi_service_layout(r, r->segment.packed));
    check_prepared(r);
    dgm_edi_take(r, 5, 1, &r->group_reference);
    dgm_edi_check_once(r, "UNG", &r->group_reference, DGM_D_EDI_GROUP_TWICE, 5);
    dgm_edi_security_reset(r, DGM_EDI_OF_GROUP);
    dgm_edi_take(r, 7, 1, &r->group_version);
    dgm_edi_take(r, 7, 2, &r->group_release);
    r->in_group = true;
    dgm_edi_tell_envelope(r, true);
    r->group_messages = 0;
}

static void take_une(dgm_edi_reader *r)
{
    dgm_edi_segment_check(r, dgm_edi_service_layout(r, r->segment.packed));
    if (r->in_group) {
        if (r->syntax_version >= 4) dgm_edi_security_close(r, DGM_EDI_OF_GROUP);
        check_count(r, DGM_D_EDI_COUNT_MESSAGES, "UNE", r->group_messages);
        check_back_reference(r, "UNE", &r->group_reference);
    } else {
        report_here(r, DGM_D_EDI_GROUP_NO_HEADER, DGM_ERROR, NULL);
    }
    end_group(r, true);
}

static void take_unz(dgm_edi_reader *r)
{
    end_group(r, false);
    if (r->syntax_version >= 4) dgm_edi_security_close(r, DGM_EDI_OF_INTERCHANGE);
    dgm_edi_segment_check(r, dgm_edi_service_layout(r, r->segment.packed));
    if (r->interchange_groups)
        check_count(r, DGM_D_EDI_COUNT_GROUPS, "UNZ", r->interchange_groups);
    else
        check_count(r, DGM_D_EDI_COUNT_MESSAGES, "UNZ", r->interchange_messages);
    if (r->has_header) check_back_reference(r, "UNZ", &r->interchange_reference);
    size_t end = r->segment.end;
    dgm_edi_interchange_over(r, true);
    dgm_edi_leave(r, end);
}

static bool is_una(const dgm_edi_reader *r)
{
    return r->len - r->segment.at >= 3 && memcmp(r->in + r->segment.at, "UNA", 3) == 0;
}

void dgm_edi_interchange_over(dgm_edi_reader *r, bool complete)
{
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    end_group(r, complete);
    size_t last = complete ? r->segment.end : r->segment.at; /* else it begins another one */
    if (r->unwrap.on || r->intake.lines) dgm_edi_unwrap_tell(r, dgm_edi_plain_end(r, last));
    if (complete || !r->has_header) return;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_INTERCHANGE_NO_END, DGM_ERROR, r->segment.at, 0, 0, 0);
    dgm_edi_say(r, d, !r->segment.tag.len ? "the end of the input" : is_una(r) ? "UNA" : "UNB");
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(&r->interchange_reference));
}

/* ---- security of groups and interchanges (ISO 9735-5)
 * ----------------------------------------------------------------------------- */

static void take_security(dgm_edi_reader *r)
{
    bool in_group = r->in_group;
    bool at_head = in_group ? r->group_messages == 0 : r->interchange_messages == 0 && r->interchange_groups == 0;
    dgm_edi_text length;
    uint64_t n = 0;
    r->path_layout = dgm_edi_service_layout(r, r->segment.packed);
    dgm_edi_security_take(r, in_group ? DGM_EDI_OF_GROUP : DGM_EDI_OF_INTERCHANGE, at_head);
    dgm_edi_segment_check(r, r->path_layout);
    dgm_edi_tell_envelope(r, in_group);
    dgm_edi_remember(r);
    if (r->segment.packed != DGM_EDI_TAG('U', 'S', 'D') || r->segment.unterminated) return;
    report_here(r, DGM_D_EDI_ENCRYPTED, DGM_WARNING, NULL);
    r->encrypted_around = true;
    dgm_edi_take(r, 1, 1, &length);
    bool known = dgm_edi_number(dgm_edi_text_slice(&length), &n);
    dgm_edi_octets_begin(r, known, n);
}

/* ---- interactive interchanges (ISO 9735-3), which are refused
 * ---------------------------------------------------------------------- */

bool dgm_edi_interactive_begins(dgm_edi_reader *r)
{
    if (r->segment.packed != DGM_EDI_TAG('U', 'I', 'B') && r->segment.packed != DGM_EDI_TAG('U', 'I', 'H')) return false;
    dgm_slice tag = r->segment.tag;
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    report_here(r, DGM_D_EDI_INTERACTIVE, DGM_ERROR, &tag);
    r->interactive_ends = r->segment.packed == DGM_EDI_TAG('U', 'I', 'B') ? DGM_EDI_TAG('U', 'I', 'Z') : DGM_EDI_TAG('U', 'I', 'T');
    return true;
}

bool dgm_edi_interactive_segment(dgm_edi_reader *r)
{
    bool whole = r->interactive_ends == DGM_EDI_TAG('U', 'I', 'Z');
    bool next = is_una(r) || r->segment.packed == DGM_EDI_TAG('U', 'N', 'B') || r->segment.packed == DGM_EDI_TAG('U', 'N', 'Z');
    if (!next && r->segment.packed != r->interactive_ends) return true;
    r->phase = DGM_EDI_IN_INTERCHANGE;
    if (whole) dgm_edi_leave(r, next ? r->segment.at : r->segment.end);
    return !next && !whole;
}

dgm_status dgm_edi_envelope_segment(dgm_edi_reader *r)
{
    dgm_slice tag = r->segment.tag;
    r->path_position = DGM_NONE;
    r->path_layout = NULL;
    r->position.segment = 0;
    bool first = !r->has_header && r->interchange_messages == 0 && r->interchange_groups == 0;
    if (is_una(r) || (r->segment.packed == DGM_EDI_TAG('U', 'N', 'B') && !first)) {
        size_t at = r->segment.at;
        dgm_edi_interchange_over(r, false);
        dgm_edi_leave(r, at);
        return DGM_OK;
    }
    if (r->segment.unterminated) report_here(r, DGM_D_EDI_UNTERMINATED, DGM_ERROR, NULL);
    if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'B') && !r->header_seen) {
        dgm_status st = take_unb_first(r);
        if (st != DGM_OK && st != DGM_MORE) r->failed = st;
        return st;
    }
    if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'B')) {
        take_unb(r);
        return r->failed;
    }
    if (first && r->segment.packed != DGM_EDI_TAG('U', 'N', 'Z') && tag.len) dgm_edi_headless(r);
    if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'G'))
        take_ung(r);
    else if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'E'))
        take_une(r);
    else if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'Z'))
        take_unz(r);
    else if (r->syntax_version >= 4 && dgm_edi_security_tag(r->segment.packed))
        take_security(r);
    else if (r->segment.packed == DGM_EDI_TAG('U', 'N', 'T'))
        report_here(r, DGM_D_EDI_MESSAGE_NO_HEADER, DGM_ERROR, NULL);
    else
        report_here(r, DGM_D_EDI_SEGMENT_STRAY, DGM_ERROR, &tag);
    return r->failed;
}

/* An interchange that begins without UNB. */
void dgm_edi_headless(dgm_edi_reader *r)
{
    if (r->has_header || r->interchange_messages || r->interchange_groups || r->headless_told) return;
    dgm_slice tag = r->segment.tag;
    report_here(r, DGM_D_EDI_INTERCHANGE_NO_HEADER, r->headless_is, &tag);
    r->headless_told = true;
}
