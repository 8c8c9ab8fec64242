/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_codes.c - whatever bytes: a code table is loaded or refused with its mistakes named; every two-way line of one that is
 * loaded comes back. One thread.
 */
#include "mapping/internal.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_mem mem = dgm_mem_default();
    dgm_arena arena;
    dgm_diags *diags;
    dgm_arena_init(&arena, &mem);
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    map_file file = { DGM_LITERAL("t"), { (const char *)data, size } };
    dgm_mapping m = { .files = &file, .file_count = 1 };
    const dgm_mapping_env env = { .mem = mem }; /* of no other tables */
    map_loader l = { .m = &m, .env = &env, .arena = &arena, .diags = diags };
    map_codes *t = dgm_map_codes_parse(&l, DGM_LITERAL("t"), 0, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (map_mark){ 0 });
    must((t != NULL) == (dgm_diags_errors(diags) == 0));
    for (uint32_t i = 0; t && i < t->way[DGM_READ].count && i < 1000; i++) {
        dgm_slice model, wire;
        must(dgm_map_code(t, DGM_READ, t->way[DGM_READ].cells[i].key, &model));
        must(dgm_slice_equal(model, t->way[DGM_READ].cells[i].value));
        /* What a model code is written as is read as that model code again, unless only < lines know it. */
        const dgm_slice *back = dgm_map_code_find(&t->way[DGM_WRITE], model);
        if (back && dgm_map_code(t, DGM_READ, *back, &wire)) must(wire.len > 0);
        (void)dgm_map_code_nearest(t, DGM_READ, model);
    }
    dgm_diags_free(diags);
    dgm_arena_free(&arena);
    return 0;
}
