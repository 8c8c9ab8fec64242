/* SPDX-License-Identifier: Apache-2.0
 *
 * surroundings.c - tells the host what opens or secures an interchange or a functional group (UNB, UNG, USH), value by value, for
 * whoever answers it or writes it again. One thread.
 */
#include "reader.h"

/* No UNB or UNG of any syntax version has more places for values; what comes behind them is told of as too much already. */
enum { VALUES_MAX = 64 };

static const dgm_agreed *tell(dgm_edi_reader *r, bool group, bool ask, dgm_slice type)
{
    dgm_envelope_value values[VALUES_MAX];
    dgm_edi_text texts[VALUES_MAX];
    const dgm_edi_segment *s = &r->segment;
    size_t n = 0;
    uint16_t element = 0, component = 1;
    for (size_t i = 0; i < s->count && n < VALUES_MAX && element < VALUES_MAX; i++) {
        dgm_edi_token t = s->token[i];
        if (element && dgm_edi_token_len(t)) {
            dgm_edi_take(r, element, component, &texts[n]);
            if (r->failed != DGM_OK) return NULL;
            values[n] = (dgm_envelope_value){ element, component, dgm_edi_text_slice(&texts[n]) };
            n++;
        }
        bool more = t.info & DGM_EDI_KIND_COMPONENT;
        component = more ? component + 1u : 1u;
        element = (uint16_t)(element + (more ? 0 : 1));
    }
    dgm_envelope e = { .group = group,
                       .secures = s->packed == DGM_EDI_TAG('U', 'S', 'H'),
                       .position = r->position,
                       .at_byte = dgm_edi_offset(r, s->at),
                       .bytes = dgm_edi_extent(r, s->at, s->end - s->at),
                       .values = values,
                       .count = n,
                       .agreed = group || ask ? NULL : r->agreed };
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
