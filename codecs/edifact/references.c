/* SPDX-License-Identifier: Apache-2.0
 *
 * references.c - see references.h. One thread.
 */
#include "references.h"

#include "base/hash.h"

static bool as_number(dgm_slice s, uint64_t *number)
{
    uint64_t n = 0;
    if (s.len == 0 || s.len > 18) return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.at[i] < '0' || s.at[i] > '9') return false;
        n = n * 10 + (uint64_t)(s.at[i] - '0');
    }
    *number = n;
    return true;
}

static uint64_t hash_of(dgm_slice s)
{
    uint64_t h = dgm_hash_bytes(0, s);
    return h ? h : 1;
}

/* References chosen to fall together must not make this slow: NULL after so many steps. */
#define STEPS_MAX 256u

static uint64_t *cell_of(uint64_t *hashes, size_t room, uint64_t hash)
{
    size_t i = hash & (room - 1);
    for (uint32_t steps = 0; steps < STEPS_MAX; steps++, i = (i + 1) & (room - 1))
        if (!hashes[i] || hashes[i] == hash) return &hashes[i];
    return NULL;
}

static dgm_status grow(dgm_edi_references *s, const dgm_mem *mem)
{
    size_t room = s->hash_room ? s->hash_room * 2 : 256;
    uint64_t *wider = dgm_mem_new(mem, room * sizeof *wider);
    if (!wider) return DGM_NOMEM;
    for (size_t i = 0; i < s->hash_room; i++) {
        uint64_t *cell = s->hashes[i] ? cell_of(wider, room, s->hashes[i]) : NULL;
        if (cell)
            *cell = s->hashes[i];
        else if (s->hashes[i])
            s->full = true;
    }
    if (s->hashes) dgm_mem_free(mem, s->hashes, s->hash_room * sizeof *s->hashes);
    s->hashes = wider;
    s->hash_room = room;
    return DGM_OK;
}

dgm_status dgm_edi_references_add(dgm_edi_references *s, const dgm_mem *mem, dgm_slice reference)
{
    uint64_t number = 0;
    bool numeric = as_number(reference, &number);
    if (s->full) return DGM_OK;
    dgm_edi_run *last = s->run_count ? &s->runs[s->run_count - 1] : NULL;
    for (uint32_t i = 0; numeric && i < s->run_count; i++) {
        const dgm_edi_run *run = &s->runs[i];
        if (run->digits == reference.len && number >= run->first && number <= run->last) return DGM_INVALID;
    }
    const bool hashed = s->hash_count || s->run_count >= DGM_EDI_RUNS || !numeric;
    uint64_t hash = hashed ? hash_of(reference) : 0;
    uint64_t *cell = hashed && s->hash_room ? cell_of(s->hashes, s->hash_room, hash) : NULL;
    if (cell && *cell) return DGM_INVALID;
    if (numeric && last && last->digits == reference.len && number == last->last + 1) {
        last->last = number;
        return DGM_OK;
    }
    if (numeric && s->run_count < DGM_EDI_RUNS) {
        s->runs[s->run_count++] = (dgm_edi_run){ number, number, (uint32_t)reference.len };
        return DGM_OK;
    }
    bool more = s->hash_count >= s->hash_room / 4 * 3;
    if (more && s->hash_count < DGM_EDI_HASHES_MAX / 4 * 3) {
        if (grow(s, mem) != DGM_OK) return DGM_NOMEM;
        cell = cell_of(s->hashes, s->hash_room, hash);
        more = false;
    }
    if (more || !cell) s->full = true;
    if (s->full) return DGM_LIMIT;
    *cell = hash;
    s->hash_count++;
    return DGM_OK;
}

void dgm_edi_references_clear(dgm_edi_references *s, const dgm_mem *mem, bool keep)
{
    uint64_t *hashes = s->hashes;
    size_t room = s->hash_room;
    *s = (dgm_edi_references){ 0 };
    if (!hashes) return;
    if (keep && room <= 4096) {
        memset(hashes, 0, room * sizeof *hashes);
        s->hashes = hashes;
        s->hash_room = room;
    } else {
        dgm_mem_free(mem, hashes, room * sizeof *hashes);
    }
}
