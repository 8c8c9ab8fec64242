/* SPDX-License-Identifier: Apache-2.0
 *
 * advise.c - a word at the end: many codes that no list of the directory has are often agreed nationally, and an implementation
 * guide that nobody chose may name them. One thread.
 */
#include "cli.h"

#include "base/slice.h"

#include <stdio.h>
#include <string.h>

/* The guide that was chosen by nobody although it is for this message. */
static bool find_guide(cli_feeding *f, dgm_slice message)
{
    for (size_t i = 0; i < dgm_context_guide_count(f->c->context); i++) {
        dgm_guide_info g = dgm_context_guide(f->c->context, i);
        if (!dgm_slice_equal(g.message, message)) continue;
        f->fits = g;
        return true;
    }
    return false;
}

void cli_advise_seen(cli_feeding *f, const dgm_message_report *r)
{
    if (f->c->args.given[OPT_GUIDE] || f->c->quiet || strcmp(r->codec, "edifact") != 0) return;
    uint64_t unknown = 0;
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++) unknown += dgm_diags_at(r->diags, i)->code == DGM_D_EDI_CODE_UNKNOWN;
    if (!unknown) return;
    if (f->fits.name.len ? dgm_slice_equal(f->fits.message, r->type) : find_guide(f, r->type)) f->codes_unknown += unknown;
}

void cli_advise(cli_feeding *f)
{
    char count[24];
    if (!f->codes_unknown) return;
    dgm_diags *list = NULL;
    if (dgm_diags_new(&f->c->mem, 1, &list) != DGM_OK) return;
    dgm_diag *d = dgm_diags_add(list, DGM_D_GATEWAY_GUIDE_FITS, DGM_INFO);
    int n = snprintf(count, sizeof count, "%llu", (unsigned long long)f->codes_unknown);
    dgm_diag_text(list, d, (dgm_slice){ count, (size_t)n });
    dgm_diag_text(list, d, f->fits.name);
    dgm_diag_text(list, d, f->fits.message);
    dgm_diag_style style = { .form = f->c->json ? DGM_DIAG_JSON : DGM_DIAG_TEXT,
                             .colour = f->c->err.colour,
                             .input_name = DGM_LITERAL("dragoman"),
                             .width = f->c->err.width };
    if (d) (void)dgm_diag_print(d, &style, cli_stream_sink(&f->c->err));
    dgm_diags_free(list);
    (void)cli_stream_flush(&f->c->err);
}
