/* SPDX-License-Identifier: Apache-2.0
 *
 * unwrap.c - inputs that were cut into lines of one length somewhere on their way: with the setting line-breaks=drop every CR and
 * LF is left out as the bytes come in, wherever it stands, and a list of the gaps leads back to the offsets of the input. One
 * thread.
 */
#include "reader.h"

void dgm_edi_unwrap_free(dgm_edi_reader *r)
{
    dgm_mem_free(&r->mem, r->unwrap.gaps, r->unwrap.room * sizeof *r->unwrap.gaps);
}

void dgm_edi_unwrap_reset(dgm_edi_reader *r)
{
    dgm_edi_unwrap *u = &r->unwrap;
    u->count = u->seen = 0;
    u->removed = u->trimmed = 0;
    u->last = 0;
    u->told = false;
}

/* Bytes left out before a gap. */
static uint64_t left_out_before(const dgm_edi_unwrap *u, size_t gap)
{
    return gap ? u->gaps[gap - 1].removed : u->trimmed;
}

uint64_t dgm_edi_unwrap_offset(const dgm_edi_unwrap *u, uint64_t text)
{
    size_t low = 0, high = u->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->gaps[middle].text <= text)
            low = middle + 1;
        else
            high = middle;
    }
    return text + left_out_before(u, low);
}

/* Where lines are joined for one interchange only, the intake has met the break. */
static void tell_intake(dgm_edi_reader *r, uint64_t plain)
{
    dgm_edi_intake *k = &r->intake;
    if (k->joined_told || !k->joined.bytes || k->joined.at >= plain) return;
    k->joined_told = true;
    dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LINES_JOINED, DGM_WARNING, r->segment.at, 0, 0, 0);
    if (!d) return;
    d->position = (dgm_position){ .interchange = r->position.interchange };
    d->at_byte = k->joined.at;
    d->bytes = k->joined.bytes;
}

/* The terminator as it stands in the input; where that is decoded, its last byte there. */
static char raw_terminator(dgm_edi_reader *r)
{
    size_t bad = 0;
    if (!r->intake.on || !r->intake.set) return r->service[3];
    r->decoded.len = 0;
    dgm_status st = dgm_charset_encode(r->intake.set, (dgm_slice){ &r->service[3], 1 }, &r->decoded, &bad);
    if (st == DGM_NOMEM) r->failed = st;
    return st == DGM_OK && r->decoded.len ? r->decoded.at[r->decoded.len - 1] : r->service[3];
}

void dgm_edi_unwrap_tell(dgm_edi_reader *r, uint64_t plain)
{
    dgm_edi_unwrap *u = &r->unwrap;
    if (r->intake.lines) tell_intake(r, plain);
    if (u->seen == u->count || u->gaps[u->seen].text >= plain) return;
    const char terminator = raw_terminator(r);
    for (; u->seen < u->count && u->gaps[u->seen].text < plain; u->seen++) {
        const dgm_edi_gap *gap = &u->gaps[u->seen];
        if (u->told || gap->before == terminator) continue;
        u->told = true;
        dgm_diag *d = dgm_edi_report(r, DGM_D_EDI_LINES_JOINED, DGM_WARNING, r->segment.at, 0, 0, 0);
        uint64_t before = left_out_before(u, u->seen);
        if (!d) continue;
        d->position = (dgm_position){ .interchange = r->position.interchange };
        d->at_byte = gap->text + before;
        d->bytes = gap->removed - before;
    }
}

void dgm_edi_unwrap_begin(dgm_edi_reader *r, size_t at)
{
    dgm_edi_unwrap *u = &r->unwrap;
    while (u->seen < u->count && u->gaps[u->seen].text <= dgm_edi_plain_offset(r, at)) u->seen++;
    u->told = false;
}

/* Gaps before the bytes that are there still are of no more use, once it was looked whether they are to be told of. */
static void forget(dgm_edi_reader *r)
{
    dgm_edi_unwrap *u = &r->unwrap;
    uint64_t first = dgm_edi_plain_offset(r, 0);
    size_t n = 0;
    size_t done = r->phase == DGM_EDI_BETWEEN ? u->count : u->seen;
    while (n < done && u->gaps[n].text <= first) n++;
    if (n == 0) return;
    u->trimmed = u->gaps[n - 1].removed;
    u->count -= n;
    u->seen -= u->seen < n ? u->seen : n;
    memmove(u->gaps, u->gaps + n, u->count * sizeof *u->gaps);
}

static dgm_status add_gap(dgm_edi_reader *r, uint64_t text)
{
    dgm_edi_unwrap *u = &r->unwrap;
    if (u->count && u->gaps[u->count - 1].text == text) {
        u->gaps[u->count - 1].removed = u->removed;
        return DGM_OK;
    }
    void *gaps = u->gaps;
    dgm_status st = dgm_mem_reserve(&r->mem, &gaps, &u->room, u->count + 1, sizeof *u->gaps);
    u->gaps = gaps;
    if (st == DGM_OK) u->gaps[u->count++] = (dgm_edi_gap){ .text = text, .removed = u->removed, .before = u->last };
    return st;
}

dgm_status dgm_edi_unwrap_append(dgm_edi_reader *r, dgm_slice chunk)
{
    dgm_edi_unwrap *u = &r->unwrap;
    dgm_edi_intake *k = &r->intake;
    dgm_status st = k->on ? dgm_buffer_reserve(&k->kept, chunk.len) : DGM_OK;
    if (st != DGM_OK) return st;
    char *to = k->on ? k->kept.at : r->buffer;
    size_t len = k->on ? k->kept.len : r->len;
    uint64_t base = k->on ? k->raw_from : r->base;
    forget(r);
    for (size_t i = 0; i < chunk.len && st == DGM_OK; i++) {
        char c = chunk.at[i];
        if (c != '\r' && c != '\n') {
            to[len++] = u->last = c;
            continue;
        }
        u->removed++;
        st = add_gap(r, base + len);
    }
    *(k->on ? &k->kept.len : &r->len) = len;
    return st;
}
