/* SPDX-License-Identifier: Apache-2.0
 *
 * package.c - bytes that are no segments: the object of a package, UNO to UNP (ISO 9735-8), and encrypted data between USD and USU
 * (ISO 9735-7), both of syntax version 4. The header tells how many octets follow its terminator; they are kept as they are. Where
 * something else stands behind them than should, the trailer is looked for instead. One thread.
 */
#include "reader.h"

/* ---- octets -------------------------------------------------------------------------------------------------------------------
 */

static bool in_object(const dgm_edi_reader *r)
{
    return r->package && r->octets_resume != DGM_EDI_IN_INTERCHANGE;
}

void dgm_edi_octets_begin(dgm_edi_reader *r, bool known, uint64_t told)
{
    r->octets_resume = r->phase;
    r->phase = DGM_EDI_IN_OCTETS;
    r->octets_at = r->octets_searched = r->segment.end;
    r->octets_from = r->base + r->octets_at;
    /* directly behind the terminator: what follows may not have come yet */
    r->octets_from_byte = dgm_edi_offset(r, r->octets_at - 1) + dgm_edi_extent(r, r->octets_at - 1, 1);
    r->octets_told = told;
    r->octets_lost = !known;
    r->token_next = r->token_ready = r->token_count = 0;
    r->lexer.at = r->lexer.start = r->octets_at;
    if (r->octets_resume != DGM_EDI_IN_MESSAGE) {
        r->octets_lost = true; /* nothing is kept, so it need not be there as a whole */
        return;
    }
    if (!known || told + (r->octets_at - r->message_at) <= r->host.limits.message_bytes_max) return;
    dgm_edi_message_too_large(r);
    r->octets_resume = r->phase;
    r->phase = DGM_EDI_IN_OCTETS;
    r->octets_lost = true;
}

static size_t skip_breaks(const dgm_edi_reader *r, size_t at)
{
    for (size_t i = 0; i < 2 && at < r->len && (r->in[at] == '\r' || r->in[at] == '\n'); i++) at++;
    return at;
}

static bool tag_at(const dgm_edi_reader *r, size_t at, const char *tag)
{
    return r->len - at >= 4 && memcmp(r->in + at, tag, 3) == 0 && r->in[at + 3] == r->service[1];
}

/* Does a segment stand at this offset that may come behind the octets? */
static bool ends_here(const dgm_edi_reader *r, size_t at)
{
    at = skip_breaks(r, at);
    if (at > r->len) return false;
    return in_object(r) ? tag_at(r, at, "UNP") || tag_at(r, at, "UST") : tag_at(r, at, "USU");
}

#define DIGITS_MOST   18u /* of the number of octets */
#define TRAILER_BYTES 32u /* UNP+18 digits+ and the terminator, without the reference */

/* A trailer at an offset by all that is known of it: its tag, a number, and the reference. */
static bool trailer_at(const dgm_edi_reader *r, size_t at)
{
    size_t i = at + 4, digits = i;
    if (!tag_at(r, at, in_object(r) ? "UNP" : "USU")) return false;
    while (i < r->len && i - digits < DIGITS_MOST && r->in[i] >= '0' && r->in[i] <= '9') i++;
    if (i == digits || i == r->len) return false;
    if (!in_object(r)) return r->in[i] == r->service[1] || r->in[i] == r->service[3];
    dgm_slice reference = dgm_edi_text_slice(&r->reference);
    return r->in[i] == r->service[1] && r->len - i > reference.len + 1 && memcmp(r->in + i + 1, reference.at, reference.len) == 0 &&
           r->in[i + 1 + reference.len] == r->service[3];
}

/* Looks for the trailer. DGM_END: there is none. */
static dgm_status search(dgm_edi_reader *r, size_t *end)
{
    while (r->octets_searched < r->len) {
        const char *from = r->in + r->octets_searched;
        const char *hit = memchr(from, 'U', r->len - r->octets_searched);
        r->octets_searched = hit ? (size_t)(hit - r->in) : r->len;
        if (!hit) break;
        if (!r->last && r->len - r->octets_searched < TRAILER_BYTES + r->reference.len) return DGM_MORE;
        if (trailer_at(r, r->octets_searched)) {
            *end = r->octets_searched;
            return DGM_OK;
        }
        r->octets_searched++;
    }
    return r->last ? DGM_END : DGM_MORE;
}

static void keep(dgm_edi_reader *r, size_t end)
{
    size_t bytes = end - r->octets_at;
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    r->draft_trouble = true;
    if (!n) return;
    *n = (dgm_node){ .at = (uint32_t)(r->octets_at - r->message_at),
                     .span = (uint32_t)bytes,
                     .tag = DGM_TAG(DGM_SLOT_UNKNOWN, DGM_OPAQUE, bytes ? 0 : DGM_EMPTY),
                     .place = 1 };
    r->host.draft_commit(r->draft, 1);
    r->host.draft_named(r->draft, r->host.draft_count(r->draft) - 1, in_object(r) ? DGM_LITERAL("object") : DGM_LITERAL("data"));
    r->next_node = r->host.draft_count(r->draft);
    dgm_edi_draft_check(r);
}

/* The octets end before an offset; segments follow. */
static void over(dgm_edi_reader *r, size_t end)
{
    r->octets_count = r->base + end - r->octets_from;
    r->phase = r->octets_resume;
    if (r->phase == DGM_EDI_IN_MESSAGE) keep(r, end);
    dgm_edi_lex_from(r, end);
}

/* More has come than a message may have, and no trailer. */
static bool beyond_limit(const dgm_edi_reader *r)
{
    return r->octets_resume == DGM_EDI_IN_MESSAGE && r->len - r->message_at > r->host.limits.message_bytes_max;
}

dgm_status dgm_edi_octets(dgm_edi_reader *r)
{
    size_t end = r->octets_at + (size_t)r->octets_told;
    /* the header's own bytes may have moved since it was read */
    r->segment.tag = in_object(r) ? DGM_LITERAL("UNO") : DGM_LITERAL("USD");
    r->segment.at = r->segment.end = r->octets_at;
    if (!r->octets_lost) {
        if (!r->last && r->len < end + 6) return DGM_MORE;
        if (end <= r->len && ends_here(r, end)) {
            over(r, end);
            return DGM_OK;
        }
        r->octets_lost = true;
    }
    if (beyond_limit(r)) {
        r->phase = r->octets_resume;
        dgm_edi_message_too_large(r);
        r->octets_resume = r->phase;
        r->phase = DGM_EDI_IN_OCTETS;
    }
    dgm_status st = search(r, &end);
    if (st == DGM_MORE) return st;
    over(r, st == DGM_OK ? end : r->len);
    if (st == DGM_OK && r->octets_count != r->octets_told) {
        r->segment.at = r->segment.end = end;
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_PACKAGE_LENGTH, DGM_ERROR, end, 0, 0, 0);
        if (d) d->at_byte = r->octets_from_byte; /* those of what is not kept may be gone */
        if (d) d->bytes = dgm_edi_offset(r, end) - r->octets_from_byte;
        dgm_edi_say_number(r, d, r->octets_told);
        dgm_edi_say_number(r, d, r->octets_count);
    }
    return DGM_OK;
}

/* ---- packages ------------------------------------------------------------------------------------------------------------------
 */

/* The object follows the segment taken last, when as many stand before it as UNO says. */
static void object_next(dgm_edi_reader *r)
{
    if (r->package_before == 0 && r->phase == DGM_EDI_IN_MESSAGE && !r->segment.unterminated)
        dgm_edi_octets_begin(r, r->package_told_known, r->package_told);
}

dgm_status dgm_edi_package_begin(dgm_edi_reader *r)
{
    dgm_edi_text length, before;
    uint64_t n = 0;
    r->package = true;
    dgm_edi_take(r, 1, 1, &r->reference);
    dgm_edi_take(r, 4, 1, &length);
    dgm_edi_take(r, 4, 2, &before);
    r->package_told = 0;
    r->package_told_known = dgm_edi_number(dgm_edi_text_slice(&length), &r->package_told);
    r->package_before = dgm_edi_number(dgm_edi_text_slice(&before), &n) && n < 1000 ? (uint32_t)n : 0;
    r->octets_count = 0;
    dgm_edi_text_set(&r->type, DGM_LITERAL("package"));
    r->kind = NULL;
    r->kind_raw.len = 0;
    dgm_edi_check_once(r, "UNO", &r->reference, DGM_D_EDI_REFERENCE_TWICE, 1);
    dgm_edi_message_start(r);
    object_next(r);
    return r->failed;
}

static void check_trailer(dgm_edi_reader *r)
{
    dgm_edi_text count, reference;
    uint64_t n = 0;
    dgm_edi_take(r, 1, 1, &count);
    dgm_edi_take(r, 2, 1, &reference);
    if (dgm_edi_number(dgm_edi_text_slice(&count), &n) && n != r->octets_count) {
        dgm_edi_token t = dgm_edi_token_at(&r->segment, 1, 1);
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_COUNT_OCTETS, DGM_ERROR, t.at, dgm_edi_token_len(t), 1, 0);
        dgm_edi_say_number(r, d, n);
        dgm_edi_say_number(r, d, r->octets_count);
    }
    if (reference.len && !dgm_slice_equal(dgm_edi_text_slice(&reference), dgm_edi_text_slice(&r->reference)))
        dgm_edi_report_reference(r, "UNP", &r->reference, &reference);
}

dgm_status dgm_edi_package_segment(dgm_edi_reader *r)
{
    uint32_t packed = r->segment.packed;
    bool behind = r->package_before == 0;
    r->position.segment++;
    r->path_position = DGM_NONE;
    r->path_layout = dgm_edi_service_layout(r, packed);
    if (r->phase == DGM_EDI_IN_MESSAGE) {
        bool wanted = packed == DGM_EDI_TAG('U', 'N', 'P') || dgm_edi_security_tag(packed);
        if (!wanted) {
            dgm_diag *d =
                dgm_edi_report(r, DGM_D_EDI_SEGMENT_UNEXPECTED, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
            dgm_edi_say_slice(r, d, r->segment.tag);
            dgm_edi_say(r, d, r->before.tag);
        }
        dgm_edi_segment_put(r, 0, 1, wanted ? 0 : DGM_BAD);
    }
    if (dgm_edi_security_tag(packed)) dgm_edi_security_take(r, DGM_EDI_OF_MESSAGE, !behind);
    if (packed == DGM_EDI_TAG('U', 'N', 'P')) {
        dgm_edi_security_close(r, DGM_EDI_OF_MESSAGE);
        check_trailer(r);
    } else if (!behind) {
        r->package_before--;
        object_next(r);
    }
    dgm_edi_draft_check(r);
    dgm_edi_remember(r);
    return r->failed;
}
