/* SPDX-License-Identifier: Apache-2.0
 *
 * references.h - which message references an interchange has used already. Running numbers, which is what nearly everyone sends,
 * cost nothing: they are kept as runs; the rest as 64-bit hashes, up to a fixed number. One thread.
 */
#ifndef DGM_EDI_REFERENCES_H
#define DGM_EDI_REFERENCES_H

#include "base/arena.h"

#define DGM_EDI_RUNS       32u
#define DGM_EDI_HASHES_MAX (1u << 18)

typedef struct dgm_edi_run {
    uint64_t first, last;
    uint32_t digits;
} dgm_edi_run;

typedef struct dgm_edi_references {
    dgm_edi_run runs[DGM_EDI_RUNS];
    uint32_t run_count;
    uint64_t *hashes; /* open addressing; 0 is free */
    size_t hash_count, hash_room;
    bool full; /* more than can be kept: nothing is said any more */
} dgm_edi_references;

/* DGM_OK: new. DGM_INVALID: used before. DGM_LIMIT: from now on nothing is known (told once). DGM_NOMEM. */
dgm_status dgm_edi_references_add(dgm_edi_references *s, const dgm_mem *mem, dgm_slice reference);
/* Forgets all of them; keep: the memory stays. */
void dgm_edi_references_clear(dgm_edi_references *s, const dgm_mem *mem, bool keep);

#endif
