/* SPDX-License-Identifier: Apache-2.0
 *
 * report.c - diagnostics of the reader: structural position, byte range, path and excerpt of what is being read. One thread.
 */
#include "reader.h"
#include "words.h"

#include <stdio.h>

size_t dgm_edi_position_path(const dgm_edi_reader *r, uint32_t position, char *out, size_t room)
{
    dgm_edi_words p = { out, 0, room };
    uint32_t chain[DGM_DEPTH_MAX], n = 0;
    if (!r->program) return 0;
    for (uint32_t at = position; at != 0 && n < DGM_DEPTH_MAX; at = r->program->positions[at].parent) chain[n++] = at;
    while (n--) {
        const dgm_edi_position *pos = &r->program->positions[chain[n]];
        if (p.len) dgm_edi_words_add(&p, DGM_LITERAL("/"));
        if (pos->group) {
            dgm_edi_words_add(&p, DGM_LITERAL("SG"));
            dgm_edi_words_number(&p, "", pos->number);
        } else {
            dgm_edi_words_add(&p, r->program->layouts[pos->layout].tag);
        }
        dgm_edi_words_ordinal(&p, r->counts[chain[n]]);
    }
    return p.len;
}

/* Which of the equal elements of its segment the first of a place is. */
static uint32_t ordinal_of(const dgm_edi_layout *l, uint32_t at)
{
    uint32_t n = 1;
    for (uint32_t i = 0; i < at; i++)
        if (dgm_slice_equal(l->place_names[i].id, l->place_names[at].id)) n += l->places[i].span;
    return n;
}

static void add_element(dgm_edi_words *p, const dgm_edi_layout *l, uint32_t e, uint32_t c, uint32_t repetition)
{
    dgm_edi_words_add(p, DGM_LITERAL("/"));
    uint32_t at = l ? dgm_edi_place_at(l, e) : 0;
    if (l && at < l->place_count) {
        dgm_edi_words_add(p, l->place_names[at].id);
        const dgm_edi_place *place = &l->places[at];
        dgm_edi_words_ordinal(p, ordinal_of(l, at) + (e - place->element) + (repetition ? repetition - 1 : 0));
        if (c == 0) return;
        if (place->count == 0 && c == 1) return;
        dgm_edi_words_add(p, DGM_LITERAL("/"));
        if (c <= place->count)
            dgm_edi_words_add(p, l->leaf_names[place->first + c - 1].id);
        else
            dgm_edi_words_number(p, "", c);
        return;
    }
    dgm_edi_words_number(p, "", e);
    dgm_edi_words_ordinal(p, repetition);
    if (c == 0) return;
    dgm_edi_words_add(p, DGM_LITERAL("/"));
    dgm_edi_words_number(p, "", c);
}

/* Rules of a directory, which the level `syntax` does not ask for. Those of service segments are ISO 9735's own. */
static bool of_directory(const dgm_edi_reader *r, dgm_diag_code code)
{
    const dgm_edi_layout *l = r->path_layout;
    if (code == DGM_D_EDI_MESSAGE_UNNAMED || code == DGM_D_EDI_MESSAGE_UNKNOWN || code == DGM_D_EDI_DIRECTORY_UNKNOWN) return true;
    if (code == DGM_D_EDI_SEGMENT_EARLY) return true;
    if (code >= DGM_D_EDI_SEGMENT_MISSING && code <= DGM_D_EDI_GROUP_TOO_MANY) return true;
    bool note = code == DGM_D_EDI_PAIRED || code == DGM_D_EDI_BARRED || code == DGM_D_EDI_NONE_OF;
    return (note || (code >= DGM_D_EDI_ELEMENT_MISSING && code <= DGM_D_EDI_NOT_ALPHABETIC)) && l &&
           (l->packed & 0xFFFF) != 0x4E55; /* UN. */
}

dgm_diag *dgm_edi_report(dgm_edi_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes, uint32_t e,
                         uint32_t c)
{
    char text[256];
    if (r->level == DGM_EDI_LEVEL_SYNTAX && of_directory(r, code)) return NULL;
    if (severity == DGM_ERROR) r->errors++;
    dgm_diag *d = dgm_diags_add(r->host.diags, code, severity);
    if (!d) return NULL;
    d->position = r->position;
    d->position.element = (uint16_t)(e > UINT16_MAX ? UINT16_MAX : e);
    d->position.component = (uint16_t)(c > UINT16_MAX ? UINT16_MAX : c);
    d->position.repetition = (uint16_t)(e ? r->repetition : 0);
    d->at_byte = dgm_edi_offset(r, at);
    d->bytes = dgm_edi_extent(r, at, bytes);
    dgm_edi_words p = { text, 0, sizeof text };
    if (r->path_position != DGM_NONE && r->program)
        p.len = dgm_edi_position_path(r, r->path_position, text, sizeof text);
    else if (r->segment.tag.len == 3)
        dgm_edi_words_add(&p, r->segment.tag);
    if (e) add_element(&p, r->path_layout, e, c, r->repetition);
    if (p.len) dgm_diag_path(r->host.diags, d, (dgm_slice){ text, p.len });
    if (r->reference.len) dgm_diag_reference(r->host.diags, d, dgm_edi_text_slice(&r->reference));
    size_t from = r->segment.at, to = r->segment.end;
    if (r->phase != DGM_EDI_BETWEEN && to > from && to <= r->len)
        dgm_diag_excerpt(r->host.diags, d, (dgm_slice){ r->in + from, to - from },
                         d->at_byte - at + from); /* text, where decoded */
    return d;
}

void dgm_edi_say_slice(dgm_edi_reader *r, dgm_diag *d, dgm_slice text)
{
    dgm_diag_text(r->host.diags, d, text);
}

void dgm_edi_say(dgm_edi_reader *r, dgm_diag *d, const char *text)
{
    dgm_diag_text(r->host.diags, d, dgm_slice_of(text));
}

void dgm_edi_say_number(dgm_edi_reader *r, dgm_diag *d, uint64_t number)
{
    dgm_diag_number(r->host.diags, d, number > INT64_MAX ? INT64_MAX : (int64_t)number);
}

void dgm_edi_report_reference(dgm_edi_reader *r, const char *tag, const dgm_edi_text *first, const dgm_edi_text *second)
{
    dgm_edi_token t = dgm_edi_token_at(&r->segment, 2, 1);
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_REFERENCE, DGM_ERROR, t.at, dgm_edi_token_len(t), 2, 0);
    dgm_edi_say(r, d, tag);
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(first));
    dgm_edi_say_slice(r, d, dgm_edi_text_slice(second));
}
