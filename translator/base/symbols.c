/* SPDX-License-Identifier: Apache-2.0
 *
 * symbols.c - see symbols.h: open addressing with linear probing over numbers, at most half full. The names come from
 * configuration, so the hash need not resist whoever chooses them; a message's names are only looked up.
 */
#include "symbols.h"

enum { SLOTS_MIN = 64 };

static uint32_t hash_of(dgm_slice s)
{
    uint64_t h = 0x9E3779B97F4A7C15u ^ s.len;
    for (; s.len >= 8; s.at += 8, s.len -= 8) {
        uint64_t w;
        memcpy(&w, s.at, 8);
        h = (h ^ w) * 0xFF51AFD7ED558CCDu;
        h ^= h >> 32;
    }
    uint64_t w = 0;
    if (s.len) memcpy(&w, s.at, s.len);
    h = (h ^ w) * 0xC4CEB9FE1A85EC53u;
    return (uint32_t)(h >> 32) ^ (uint32_t)h;
}

void dgm_symbols_init(dgm_symbols *t, const dgm_mem *mem)
{
    *t = (dgm_symbols){ 0 };
    dgm_arena_init(&t->texts, mem);
}

void dgm_symbols_free(dgm_symbols *t)
{
    dgm_mem m = t->texts.mem;
    if (t->symbols) m.grow(m.ctx, t->symbols, t->capacity * sizeof *t->symbols, 0);
    if (t->slots) m.grow(m.ctx, t->slots, t->slot_count * sizeof *t->slots, 0);
    dgm_arena_free(&t->texts);
    dgm_symbols_init(t, &m);
}

/* The slot that holds the name, or the free one where it would stand. */
static size_t slot_of(const dgm_symbols *t, dgm_slice text, uint32_t hash)
{
    size_t mask = t->slot_count - 1;
    size_t i = hash & mask;
    for (; t->slots[i]; i = (i + 1) & mask) {
        const dgm_symbol *s = &t->symbols[t->slots[i] - 1];
        if (s->hash == hash && dgm_slice_equal(s->text, text)) break;
    }
    return i;
}

static dgm_status widen(dgm_symbols *t)
{
    if (t->slot_count && t->count + 1 <= t->slot_count / 2) return DGM_OK;
    size_t wanted = t->slot_count ? t->slot_count * 2 : SLOTS_MIN;
    uint32_t *slots = dgm_mem_new(&t->texts.mem, wanted * sizeof *slots);
    if (!slots) return DGM_NOMEM;
    dgm_mem_free(&t->texts.mem, t->slots, t->slot_count * sizeof *slots);
    t->slots = slots;
    t->slot_count = wanted;
    for (size_t n = 0; n < t->count; n++) {
        size_t i = t->symbols[n].hash & (wanted - 1);
        while (slots[i]) i = (i + 1) & (wanted - 1);
        slots[i] = (uint32_t)n + 1;
    }
    return DGM_OK;
}

dgm_status dgm_symbols_add(dgm_symbols *t, dgm_slice text, uint32_t *number)
{
    uint32_t hash = hash_of(text);
    if (t->slot_count) {
        size_t i = slot_of(t, text, hash);
        if (t->slots[i]) {
            *number = t->slots[i] - 1;
            return DGM_OK;
        }
    }
    if (t->frozen) return DGM_USAGE;
    if (t->count >= DGM_SYMBOLS_MAX) return DGM_LIMIT;
    void *symbols = t->symbols;
    if (dgm_mem_reserve(&t->texts.mem, &symbols, &t->capacity, t->count + 1, sizeof *t->symbols) != DGM_OK) return DGM_NOMEM;
    t->symbols = symbols;
    if (widen(t) != DGM_OK) return DGM_NOMEM;
    dgm_slice copy = dgm_arena_copy(&t->texts, text);
    if (!copy.at) return DGM_NOMEM;
    t->symbols[t->count] = (dgm_symbol){ copy, hash };
    t->slots[slot_of(t, text, hash)] = (uint32_t)t->count + 1;
    *number = (uint32_t)t->count++;
    return DGM_OK;
}

uint32_t dgm_symbols_find(const dgm_symbols *t, dgm_slice text)
{
    if (!t->slot_count) return DGM_NONE;
    size_t i = slot_of(t, text, hash_of(text));
    return t->slots[i] ? t->slots[i] - 1 : DGM_NONE;
}

dgm_slice dgm_symbols_text(const dgm_symbols *t, uint32_t number)
{
    return number < t->count ? t->symbols[number].text : DGM_LITERAL("");
}

size_t dgm_symbols_count(const dgm_symbols *t)
{
    return t->count;
}

void dgm_symbols_freeze(dgm_symbols *t)
{
    t->frozen = true;
}
