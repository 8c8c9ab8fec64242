/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_faults.c - from a diagnostic to what a CONTRL can say of it: a code of list 0085, the segment (0096), element and component
 * (S011). Pure; any thread.
 */
#include "ack.h"

static const dgm_edi_0085 rows[] = {
#define A(id, code, about, why) { DGM_D_##id, (code), DGM_EDI_##about, (why) },
#include "base/diag_codes/edifact_0085.def"
#undef A
};

const dgm_edi_0085 *dgm_edi_0085_of(uint32_t diag)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].diag == diag) return &rows[i];
    return NULL;
}

/* The tag that a path begins with, when it is one of the service segments that UCI, UCF and UCM may name. */
static void tag_of(const dgm_diag *d, const char *const *tags, char out[4])
{
    out[0] = 0;
    for (; *tags; tags++)
        if (d->path.len >= 3 && memcmp(d->path.at, *tags, 3) == 0 && (d->path.len == 3 || d->path.at[3] == '/'))
            memcpy(out, *tags, 4);
}

dgm_edi_fault dgm_edi_fault_of(const dgm_edi_0085 *row, const dgm_diag *d)
{
    static const char *const interchange[] = { "UNB", "UNZ", NULL }, *const group[] = { "UNG", "UNE", NULL },
                             *const message[] = { "UNH", "UNT", NULL };
    static const char named[][4] = { [DGM_EDI_UNA] = "UNA", [DGM_EDI_UNZ] = "UNZ", [DGM_EDI_UNE] = "UNE", [DGM_EDI_UNT] = "UNT" };
    dgm_edi_fault f = { .segment = d->position.segment, .code = row->code };
    if (row->about >= DGM_EDI_UNA) {
        memcpy(f.tag, named[row->about], sizeof f.tag);
        return f;
    }
    if (row->about == DGM_EDI_OUTSIDE) return f;
    tag_of(d, d->position.message ? message : d->position.group ? group : interchange, f.tag);
    if (row->about != DGM_EDI_SEGMENT) {
        f.element = d->position.element;
        f.component = d->position.component;
        f.repetition = d->position.repetition;
    }
    f.whole = row->about == DGM_EDI_BOTH;
    f.behind = row->about == DGM_EDI_SEGMENT && row->code == 13;
    if (f.behind) f.tag[0] = 0; /* what is missing belongs between UNH and UNT, wherever the last one stood */
    return f;
}

/* < 0: a before b. Of one segment: itself, its elements, what is missing behind it. */
static int compare(const dgm_edi_fault *a, const dgm_edi_fault *b)
{
    const uint32_t x[] = { a->segment, a->behind, a->element, a->component, a->repetition },
                   y[] = { b->segment, b->behind, b->element, b->component, b->repetition };
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* They come nearly in order: a segment's own are told together, so nothing moves far. */
size_t dgm_edi_faults_order(dgm_edi_fault *at, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        dgm_edi_fault f = at[i];
        size_t k = kept;
        while (k > 0 && compare(&f, &at[k - 1]) < 0) k--;
        bool twice = false;
        for (size_t same = k; same > 0 && compare(&f, &at[same - 1]) == 0; same--) twice |= at[same - 1].code == f.code;
        if (twice) continue;
        memmove(at + k + 1, at + k, (kept - k) * sizeof *at);
        at[k] = f;
        kept++;
    }
    return kept;
}
