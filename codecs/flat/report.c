/* SPDX-License-Identifier: Apache-2.0
 *
 * report.c - what is wrong with a record, and where: byte, record, field, path, and the line itself. One thread.
 */
#include "reader.h"

dgm_slice dgm_flat_view(const flat_reader *r)
{
    return r->borrowed ? r->whole : dgm_buffer_slice(&r->in);
}

dgm_diag *dgm_flat_tell(flat_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes, uint32_t slot)
{
    if (severity == DGM_ERROR) r->errors++;
    dgm_diag *d = dgm_diags_add(r->host.diags, code, severity);
    if (!d) return NULL;
    uint64_t begin = r->in_base + r->record_at;
    d->position = (dgm_position){ .interchange = 1, .message = r->message, .segment = r->records };
    d->at_byte = begin + at;
    d->bytes = bytes;
    const dgm_slot *s = r->format && slot != DGM_SLOT_NONE ? dgm_shape_slot(r->format->shape, slot) : NULL;
    if (s) {
        char path[512];
        size_t n = dgm_shape_path(r->format->shape, slot, path, sizeof path);
        dgm_diag_path(r->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path - 1 });
        d->position.element = s->element;
    }
    dgm_diag_excerpt(r->host.diags, d, r->record, begin);
    return d;
}
