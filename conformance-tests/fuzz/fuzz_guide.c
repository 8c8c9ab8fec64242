/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_guide.c - whatever bytes: an implementation guide is loaded or refused with its mistakes named; messages are held against
 * one that is loaded, and what is told of them stands inside of the input. One thread.
 */
#include "codecs/edifact/guide.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

static const char input[] =
    "UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:96B:UN:EX'BGM+929:::IM+X+9'CST++84:TSP+85'LOC+9+A?'B::6'LOC+11+C+D'"
    "DTM+137:961120:101'GIS+1:109'MEA+WT+AAD+KGM:1.5'FTX+ACB+++A:B'RFF+ABE:1'RFF+ABT:2'TDT+11+V+1'DOC+380:147'"
    "NAD+IM+1:172:20'CTA+IC'COM+A:EM'NAD+EX'TOD++A+CIF'MOA+39:1:EUR'UNS+D'CST+1+84'LOC+27+CN'MOA+38:1:EUR'"
    "CST+2'PAC+1++CT'UNS+S'CNT+5:2'UNT+28+1'UNH+2+CUSCAR:D:95B:UN'BGM+85+X+9'UNT+3+2'UNZ+2+1'";

static void read_all(dgm_host *host, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_setting settings[] = { { DGM_LITERAL("level"), DGM_LITERAL("guide") },
                                     { DGM_LITERAL("guide"), DGM_LITERAL("CUSDEC:auto;auto") } };
    dgm_slice all = { input, sizeof input - 1 };
    dgm_reader *r = NULL;
    dgm_message m;
    size_t fed = 0;
    dgm_status st = chunk ? k->open(host, settings, 2, &r) : k->open_whole(host, settings, 2, all, &r);
    while (st == DGM_OK || st == DGM_MORE) {
        st = k->next(r, &m);
        if (st == DGM_OK) k->recycle(r, &m);
        if (st != DGM_MORE) continue;
        size_t n = all.len - fed < chunk ? all.len - fed : chunk;
        must(k->feed(r, dgm_slice_part(all, fed, fed + n), fed + n == all.len) == DGM_OK);
        fed += n;
    }
    must(st == DGM_END);
    k->close(r);
    for (size_t i = 0; i < dgm_diags_count(host->diags); i++) {
        const dgm_diag *d = dgm_diags_at(host->diags, i);
        must(d->at_byte <= all.len && d->bytes <= all.len - d->at_byte);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_edi_guide *guide = NULL;
    size_t told[2] = { 0 };
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    dgm_status st = dgm_edi_guide_load(&host, DGM_LITERAL("f.yaml"), (dgm_slice){ (const char *)data, size }, &guide);
    must(st == DGM_OK || st == DGM_CONFIG);
    must((st == DGM_OK) == (dgm_diags_errors(diags) == 0) && (st == DGM_OK) == (guide != NULL));
    const void *guides[] = { guide };
    host.guides = guides;
    host.guide_count = 1;
    for (size_t i = 0; guide && i < 2; i++) {
        dgm_diags_clear(diags);
        read_all(&host, i * 41);
        told[i] = dgm_diags_errors(diags);
    }
    must(told[0] == told[1]);
    dgm_edi_guide_free(guide);
    dgm_diags_free(diags);
    return 0;
}
