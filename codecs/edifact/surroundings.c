/* SPDX-License-Identifier: Apache-2.0
 *
 * surroundings.c - tells the host what opens or secures an interchange or a functional group (UNB, UNG; USH to UST of ISO 9735-5,
 * USD and USU of ISO 9735-7), value by value, for whoever answers it, writes it again or wants to see it. One thread.
 */
#include "reader.h"

/* No segment that surrounds messages has half as many places for values; what is beyond is told of as too much already. */
enum { VALUES_MAX = 128 };

/* What the service directory calls a value, and what its code means. */
static void name_value(dgm_edi_reader *r, const dgm_edi_layout *l, dgm_envelope_value *v)
{
    uint32_t at = l ? dgm_edi_place_at(l, v->element) : 0;
    if (!l || at == l->place_count) return;
    const dgm_edi_place *place = &l->places[at];
    if (v->component > (place->count ? place->count : 1)) return;
    const dgm_edi_naming *name = place->count ? &l->leaf_names[place->first + v->component - 1] : &l->place_names[at];
    const dgm_edi_directory d = { .syntax4 = r->syntax_version >= 4 };
    if (place->count) {
        v->composite = l->place_names[at].id;
        v->composite_title = l->place_names[at].title;
    }
    v->name = name->id;
    v->title = name->title;
    if (name->coded) v->meaning = dgm_edi_code_name(&d, name->id, v->text);
}

/* What cannot be decoded at all is as good as empty. */
static dgm_status add(dgm_edi_reader *r, dgm_edi_token t, dgm_envelope_value v)
{
    v.text = dgm_edi_plain(r, t);
    v.at_byte = dgm_edi_offset(r, t.at);
    v.bytes = dgm_edi_extent(r, t.at, dgm_edi_token_len(t));
    if (r->failed != DGM_OK || !v.text.len) return r->failed;
    dgm_status st = dgm_buffer_append(&r->told_texts, v.text);
    if (st == DGM_OK) st = dgm_buffer_append(&r->told_values, (dgm_slice){ (const char *)&v, sizeof v });
    return st;
}

/* The values of the segment being read that are not empty; *values: they stand there until the next call. */
static size_t gather(dgm_edi_reader *r, bool names, dgm_envelope_value **values)
{
    const dgm_edi_segment *s = &r->segment;
    dgm_envelope_value v = { .component = 1, .repetition = 1 };
    r->told_values.len = r->told_texts.len = 0;
    for (size_t i = 0; i < s->count && r->told_values.len < VALUES_MAX * sizeof v; i++) {
        dgm_edi_token t = s->token[i];
        if (v.element && dgm_edi_token_len(t)) {
            dgm_status st = add(r, t, v);
            if (st != DGM_OK) {
                r->failed = st;
                return 0;
            }
        }
        if (dgm_edi_component_follows(t)) {
            if (++v.component == UINT16_MAX) break; /* nothing has as many */
            continue;
        }
        v.component = 1;
        v.repetition = dgm_edi_repetition_follows(t) ? v.repetition + 1u : 1;
        if (v.repetition == UINT16_MAX || (v.repetition == 1 && ++v.element == UINT16_MAX)) break;
    }
    const dgm_edi_layout *l = names ? dgm_edi_service_layout(r, s->packed) : NULL;
    const char *text = r->told_texts.at ? r->told_texts.at : ""; /* values without a text need none */
    const size_t n = r->told_values.len / sizeof v;
    *values = (dgm_envelope_value *)(void *)r->told_values.at;
    for (size_t i = 0; i < n; text += (*values)[i++].text.len) {
        (*values)[i].text.at = text;
        name_value(r, l, &(*values)[i]);
    }
    return n;
}

static const dgm_agreed *tell(dgm_edi_reader *r, bool group, bool ask, dgm_slice type)
{
    const dgm_edi_segment *s = &r->segment;
    const bool names = r->host.envelope_names && !ask;
    const dgm_edi_layout *l = names ? dgm_edi_service_layout(r, s->packed) : NULL;
    dgm_envelope_value *values = NULL;
    size_t n = gather(r, names, &values);
    if (r->failed != DGM_OK) return NULL;
    dgm_envelope e = { .group = group,
                       .secures = s->packed != DGM_EDI_TAG('U', 'N', 'B') && s->packed != DGM_EDI_TAG('U', 'N', 'G'),
                       .tag = s->tag,
                       .title = l ? l->title : (dgm_slice){ 0 },
                       .position = r->position,
                       .at_byte = dgm_edi_offset(r, s->at),
                       .bytes = dgm_edi_extent(r, s->at, s->end - s->at),
                       .values = values,
                       .count = n,
                       .agreed = group || ask ? NULL : r->agreed };
    e.ends = e.secures && r->security[group ? DGM_EDI_OF_GROUP : DGM_EDI_OF_INTERCHANGE].trailing;
    e.astray = e.secures && r->security_astray;
    if (ask) return r->host.agreed(r->host.agreed_ctx, &e, type);
    r->host.envelope(r->host.envelope_ctx, &e);
    return NULL;
}

void dgm_edi_tell_envelope(dgm_edi_reader *r, bool group)
{
    if (r->host.envelope) (void)tell(r, group, false, (dgm_slice){ 0 });
}

const dgm_agreed *dgm_edi_ask_agreed(dgm_edi_reader *r, dgm_slice type)
{
    return tell(r, false, true, type);
}
