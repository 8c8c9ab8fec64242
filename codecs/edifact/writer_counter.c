/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_counter.c - references from the host's counter (counted.h): taken when something begins, kept when nothing comes of it, so
 * that messages that are refused leave no holes. ISO 9735:1988, annex B: 0020, 0048, 0062. One thread.
 */
#include "writer_state.h"

static dgm_edi_short_text recipient_of(const dgm_edi_writer *w)
{
    dgm_edi_short_text to = w->wishes.recipient;
    if (!w->like[0].there || (w->wishes.given & DGM_EDI_GIVEN_RECIPIENT)) return to;
    dgm_slice came = dgm_edi_like_text(&w->like[0], 3, 1);
    to.len = came.len < sizeof to.at ? came.len : sizeof to.at;
    if (to.len) memcpy(to.at, came.at, to.len);
    return to;
}

void dgm_edi_tell_anew(dgm_edi_writer *w, const dgm_edi_short_text *reference)
{
    dgm_diag *d = dgm_edi_remark(w, DGM_D_EDI_WRITE_ANEW, DGM_WARNING, DGM_NONE, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, (dgm_slice){ reference->at, reference->len });
}

bool dgm_edi_counter_take(dgm_edi_writer *w, dgm_counted_as what, dgm_edi_short_text *to)
{
    const dgm_edi_wishes *s = &w->wishes;
    const dgm_edi_short_text none = { .len = 0 }, *pattern = what == DGM_COUNT_INTERCHANGE ? &s->reference
                                                             : what == DGM_COUNT_MESSAGE   ? &s->message_reference
                                                                                           : &none;
    dgm_edi_spare *spare = &w->spare[what];
    const dgm_edi_short_text recipient = recipient_of(w);
    const dgm_slice key = { recipient.at, recipient.len };
    if (!spare->there || !dgm_slice_equal(key, (dgm_slice){ spare->recipient.at, spare->recipient.len })) {
        dgm_edi_counted next;
        w->failed = dgm_edi_counted_next(&w->host.counter, what, key, (dgm_slice){ pattern->at, pattern->len }, &next);
        if (w->failed != DGM_OK) return false;
        *spare = (dgm_edi_spare){ .there = true, .recipient = recipient, .text = { .len = next.len } };
        memcpy(spare->text.at, next.at, next.len);
        if (next.anew) dgm_edi_tell_anew(w, &spare->text);
    }
    *to = spare->text;
    return true;
}

void dgm_edi_counter_used(dgm_edi_writer *w, dgm_counted_as what)
{
    w->spare[what].there = false;
}
