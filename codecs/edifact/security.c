/* SPDX-License-Identifier: Apache-2.0
 *
 * security.c - security segments (ISO 9735-5 and -7, syntax version 4): header groups (USH USA USC USR) behind the header of a
 * message, package, group or interchange, trailer groups (UST USR) before its trailer. They are not interpreted: their order, their
 * references and their counts are checked, and in a message they stand in its tree. One thread.
 */
#include "reader.h"

bool dgm_edi_security_tag(uint32_t packed)
{
    switch (packed) {
    case DGM_EDI_TAG('U', 'S', 'H'):
    case DGM_EDI_TAG('U', 'S', 'A'):
    case DGM_EDI_TAG('U', 'S', 'C'):
    case DGM_EDI_TAG('U', 'S', 'R'):
    case DGM_EDI_TAG('U', 'S', 'T'):
    case DGM_EDI_TAG('U', 'S', 'D'):
    case DGM_EDI_TAG('U', 'S', 'U'): return true;
    default: return false;
    }
}

void dgm_edi_security_reset(dgm_edi_reader *r, dgm_edi_scope level)
{
    dgm_edi_security *s = &r->security[level];
    s->count = s->current = 0;
    s->trailing = s->awaits_check = false;
}

/* The count of a trailer that stood before this segment, 0588, against what its pair of groups has. */
static void check_count(dgm_edi_reader *r, dgm_edi_security *s)
{
    const dgm_edi_security_pair *pair = &s->pairs[s->current];
    if (!s->awaits_check) return;
    s->awaits_check = false;
    if (s->told == pair->segments) return;
    dgm_edi_segment now = r->segment;
    uint32_t number = r->position.segment;
    const dgm_edi_layout *layout = r->path_layout;
    r->segment.at = r->before.at;
    r->segment.end = r->phase == DGM_EDI_IN_MESSAGE ? r->before.end : r->before.at; /* no excerpt: outside, it may be gone */
    r->segment.tag = DGM_LITERAL("UST");
    r->position.segment = r->before.position;
    r->path_layout = dgm_edi_service_layout(r, DGM_EDI_TAG('U', 'S', 'T'));
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SECURITY_COUNT, DGM_ERROR, r->before.at, 0, 2, 0);
    if (d) d->at_byte = s->told_from; /* its segment may be gone from the reader's bytes */
    if (d) d->bytes = s->told_bytes;
    dgm_edi_say_number(r, d, s->told);
    dgm_edi_say_number(r, d, pair->segments);
    r->segment = now;
    r->position.segment = number;
    r->path_layout = layout;
}

static void out_of_place(dgm_edi_reader *r)
{
    r->security_astray = true;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SECURITY_PLACE, DGM_ERROR, r->segment.at, r->segment.end - r->segment.at, 0, 0);
    dgm_edi_say_slice(r, d, r->segment.tag);
}

static void report_reference(dgm_edi_reader *r, dgm_diag_code code, uint32_t e, const dgm_edi_text *reference)
{
    dgm_edi_token t = dgm_edi_token_at(&r->segment, e, 1);
    dgm_diag *d = dgm_edi_report(r, code, DGM_ERROR, t.at, dgm_edi_token_len(t), e, 0);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(reference));
}

/* The pair with a reference; the number of pairs when there is none. */
static uint32_t find(const dgm_edi_security *s, const dgm_edi_text *reference)
{
    uint32_t i = 0;
    dgm_slice kept = dgm_slice_part(dgm_edi_text_slice(reference), 0, sizeof s->pairs[0].reference); /* as take_header has it */
    while (i < s->count && !dgm_slice_equal((dgm_slice){ s->pairs[i].reference, s->pairs[i].len }, kept)) i++;
    return i;
}

static void take_header(dgm_edi_reader *r, dgm_edi_security *s)
{
    dgm_edi_text reference;
    dgm_edi_take(r, 2, 1, &reference);
    if (s->count == DGM_EDI_SECURITY_PAIRS_MAX) {
        out_of_place(r);
        return;
    }
    if (reference.len && find(s, &reference) < s->count) report_reference(r, DGM_D_EDI_SECURITY_TWICE, 2, &reference);
    dgm_edi_security_pair *pair = &s->pairs[s->count];
    *pair = (dgm_edi_security_pair){ .segments = 1 };
    pair->len = (uint8_t)(reference.len < sizeof pair->reference ? reference.len : sizeof pair->reference);
    memcpy(pair->reference, reference.at, pair->len);
    s->current = s->count++;
}

static void take_trailer(dgm_edi_reader *r, dgm_edi_security *s)
{
    dgm_edi_text reference, count;
    dgm_edi_take(r, 1, 1, &reference);
    dgm_edi_take(r, 2, 1, &count);
    uint32_t which = find(s, &reference);
    s->trailing = true;
    if (which == s->count || s->pairs[which].ended) {
        s->current = s->count;
        if (reference.len) report_reference(r, DGM_D_EDI_SECURITY_REFERENCE, 1, &reference);
        return;
    }
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, 1);
    s->current = which;
    s->pairs[which].segments++;
    s->pairs[which].ended = true;
    s->told_from = dgm_edi_offset(r, t.at);
    s->told_bytes = (uint32_t)dgm_edi_extent(r, t.at, dgm_edi_token_len(t));
    s->awaits_check = dgm_edi_number(dgm_edi_text_slice(&count), &s->told);
}

void dgm_edi_security_take(dgm_edi_reader *r, dgm_edi_scope level, bool at_head)
{
    dgm_edi_security *s = &r->security[level];
    uint32_t packed = r->segment.packed;
    r->security_astray = false;
    bool counted = s->current < s->count;
    if (packed == DGM_EDI_TAG('U', 'S', 'R') && s->trailing) {
        if (s->awaits_check) {
            s->pairs[s->current].segments++;
            check_count(r, s);
        } else if (counted) {
            out_of_place(r);
        }
        return;
    }
    check_count(r, s);
    if (packed == DGM_EDI_TAG('U', 'S', 'T')) {
        take_trailer(r, s);
    } else if (s->trailing || (packed != DGM_EDI_TAG('U', 'S', 'U') && !at_head)) {
        out_of_place(r);
    } else if (packed == DGM_EDI_TAG('U', 'S', 'H')) {
        take_header(r, s);
    } else if (counted) {
        s->pairs[s->current].segments++;
    } else {
        out_of_place(r);
    }
}

void dgm_edi_security_close(dgm_edi_reader *r, dgm_edi_scope level)
{
    dgm_edi_security *s = &r->security[level];
    check_count(r, s);
    if (s->trailing && memcmp(r->before.tag, "US", 2) != 0) { /* something of the body stands behind a trailer */
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SECURITY_PLACE, DGM_ERROR, r->segment.at, 0, 0, 0);
        dgm_edi_say(r, d, "UST");
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->pairs[i].ended) continue;
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_SECURITY_NO_END, DGM_ERROR, r->segment.at, 0, 0, 0);
        dgm_edi_say_slice(r, d, (dgm_slice){ s->pairs[i].reference, s->pairs[i].len });
        dgm_edi_say_slice(r, d, r->segment.tag);
    }
    dgm_edi_security_reset(r, level);
}
