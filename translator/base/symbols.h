/* SPDX-License-Identifier: Apache-2.0
 *
 * symbols.h - names as small integers, counted from 0 in the order they were added: the names of shapes and of mappings, never
 * those of a message. Filled by one thread; once frozen it is read-only and may be shared by any number.
 */
#ifndef DGM_BASE_SYMBOLS_H
#define DGM_BASE_SYMBOLS_H

#include "arena.h"

/* A name of a tree's node has 20 bits; the last number is kept free to mean "none of these". */
#define DGM_SYMBOLS_MAX ((1u << 20) - 1)

typedef struct dgm_symbol {
    dgm_slice text;
    uint32_t hash;
} dgm_symbol;

typedef struct dgm_symbols {
    dgm_arena texts;
    dgm_symbol *symbols;
    size_t count, capacity;
    uint32_t *slots; /* number + 1, or 0 where the slot is free; a power of two of them */
    size_t slot_count;
    bool frozen;
} dgm_symbols;

/* Cannot fail: nothing is allocated before the first name. mem NULL: the C library's. */
void dgm_symbols_init(dgm_symbols *t, const dgm_mem *mem);
void dgm_symbols_free(dgm_symbols *t);
/* The number of a name, which is copied when it is new. DGM_OK, DGM_NOMEM, DGM_LIMIT (DGM_SYMBOLS_MAX names are there already),
 * DGM_USAGE (a new name for a frozen table). */
dgm_status dgm_symbols_add(dgm_symbols *t, dgm_slice text, uint32_t *number);
/* The number of a name, or DGM_NONE. */
uint32_t dgm_symbols_find(const dgm_symbols *t, dgm_slice text);
/* The name of a number, NUL behind it; empty for a number that was not given out. Valid while the table is. */
dgm_slice dgm_symbols_text(const dgm_symbols *t, uint32_t number);
size_t dgm_symbols_count(const dgm_symbols *t);
/* From now on no name is added, and threads may share the table. */
void dgm_symbols_freeze(dgm_symbols *t);

#endif
