/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_partner.c - whatever bytes: a profile of a partner is loaded or refused with its mistakes named; what one that is loaded
 * asks for is taken by the codec, and it tells all that it holds. One thread.
 */
#include "conformance-tests/support/fuzz_job.h"
#include "partner.h"

typedef struct told {
    const char *section;
    dgm_partner_list list;
} told;

static dgm_status nowhere(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

/* The settings of a section stand among those that are told, as they are, in their order. */
static void told_in_order(const dgm_partner *p, const told *t)
{
    size_t at = 0, len = strlen(t->section);
    for (size_t i = 0; i < p->setting_count; i++) {
        dgm_cut name = dgm_slice_cut(p->settings[i].name, '.');
        fuzz_must(name.found, "a setting is told with its section");
        if (name.head.len != len || memcmp(name.head.at, t->section, len) != 0) continue;
        fuzz_must(at < t->list.count && dgm_slice_equal(name.tail, t->list.at[at].name), "the setting of this place");
        fuzz_must(dgm_slice_equal(p->settings[i].value, t->list.at[at].value), "with its value");
        at++;
    }
    fuzz_must(at == t->list.count, "no setting is left out");
}

/* Each section by itself opens what it is for. */
static void opens(const dgm_partner *p)
{
    const dgm_codec *k = dgm_partner_codec;
    dgm_host host = dgm_host_make(fuzz_memory(), NULL, NULL, NULL, fuzz_formats(), FUZZ_FORMATS);
    dgm_writer *w = NULL;
    if (!p->writer.count) return;
    dgm_status st = k->writer_open(&host, NULL, p->writer.at, p->writer.count, (dgm_sink){ nowhere, NULL }, &w);
    fuzz_must(st == DGM_OK, "a writer opens with what a profile says");
    k->writer_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dgm_context *c = fuzz_context();
    dgm_arena arena;
    dgm_diags *diags;
    dgm_partner p;
    dgm_arena_init(&arena, fuzz_memory());
    fuzz_must(dgm_diags_new(fuzz_memory(), 100, &diags) == DGM_OK, "memory");
    const dgm_slice file = { (const char *)data, size };
    dgm_status st = dgm_partner_read(c, &arena, DGM_LITERAL("p.yaml"), file, diags, &p);
    fuzz_must(st == DGM_OK || st == DGM_CONFIG, "a profile is loaded or refused");
    fuzz_must((st == DGM_OK) == (dgm_diags_errors(diags) == 0), "a refusal has a reason");
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        fuzz_must(d->at_byte == UINT64_MAX || d->at_byte <= size, "a mistake stands in the file");
        fuzz_must(dgm_diag_print(d, &(dgm_diag_style){ .form = DGM_DIAG_TEXT }, (dgm_sink){ nowhere, NULL }) == DGM_OK, "printed");
    }
    if (st == DGM_OK) {
        const told sections[] = { { "reader", p.reader }, { "writer", p.writer }, { "ack", p.ack } };
        fuzz_must(p.name.len > 0, "a profile has a name");
        for (size_t i = 0; i < 3; i++) told_in_order(&p, &sections[i]);
        opens(&p);
    }
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
    return 0;
}
