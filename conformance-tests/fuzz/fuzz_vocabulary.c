/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_vocabulary.c - whatever bytes: a vocabulary becomes a shape or a list of mistakes with their lines, and each slot of the
 * shape is found again by the path it is given. One thread.
 */
#include "model/vocabulary.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_shape *shape;
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    dgm_status st = dgm_vocabulary_load(&mem, DGM_LITERAL("f.tsv"), (dgm_slice){ (const char *)data, size }, diags, &shape);
    must(st == DGM_OK || st == DGM_CONFIG);
    must((st == DGM_OK) == (dgm_diags_errors(diags) == 0) && (st == DGM_OK) == (shape != NULL));
    for (uint32_t i = 0; shape && i < dgm_shape_count(shape); i++) {
        char path[4096];
        size_t n = dgm_shape_path(shape, i, path, sizeof path);
        if (n <= sizeof path) must(dgm_shape_find(shape, (dgm_slice){ path, n }, NULL) == i);
    }
    dgm_shape_free(shape);
    dgm_diags_free(diags);
    return 0;
}
