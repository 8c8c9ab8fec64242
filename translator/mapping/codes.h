/* SPDX-License-Identifier: Apache-2.0
 *
 * codes.h - code tables, and the number a code is looked up by. Read-only once loaded.
 */
#ifndef DGM_MAPPING_CODES_H
#define DGM_MAPPING_CODES_H

#include "base/slice.h"

enum { MAP_BY_MAX = 4 };
typedef struct map_code_cell {
    dgm_slice key, value;
    const dgm_slice *by; /* cells of the table's further columns; NULL when it has none */
    uint16_t wild;       /* bits of those for which it holds whatever they are */
    bool alias;          /* of a one-way line */
    uint32_t next;       /* next + 1 in its bucket; 0 ends */
} map_code_cell;
typedef struct map_code_way {
    map_code_cell *cells;
    uint32_t count, mask;
    uint32_t *buckets;
    uint16_t wilds[1 << MAP_BY_MAX]; /* which sets of further columns are left open by some line, the smallest set first */
    uint32_t wild_count;
    dgm_slice other; /* what an unknown code becomes: empty = error, "=" unchanged, else this value */
} map_code_way;
typedef struct map_codes {
    dgm_slice name, path;
    dgm_slice columns[2];     /* model's, wire's */
    map_code_way way[2];      /* by direction: DGM_READ wire → model, DGM_WRITE model → wire */
    dgm_slice by[MAP_BY_MAX]; /* further columns that say for what a line holds */
    uint32_t by_count;
    bool identity;           /* one column: the codes themselves are checked */
    struct map_cells *cells; /* when texts may be forms (cells.h) */
} map_codes;

uint32_t dgm_map_code_hash(dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild);
/* The line of a code that holds for these cells, those of `wild` left open; NULL. */
const map_code_cell *dgm_map_code_line(const map_code_way *w, dgm_slice key, const dgm_slice *by, uint32_t by_count, uint16_t wild);

/* A code of up to eight bytes as a number, of which there is one for each code of that length; other texts mixed into one. */
static inline uint64_t dgm_map_key(dgm_slice v)
{
    uint64_t head = 0, tail = 0;
    if (v.len >= 8) {
        memcpy(&head, v.at, 8);
        memcpy(&tail, v.at + v.len - 8, 8);
        return v.len == 8 ? head : head ^ tail * 31 ^ v.len;
    }
    if (v.len >= 4) {
        uint32_t first, last;
        memcpy(&first, v.at, 4);
        memcpy(&last, v.at + v.len - 4, 4);
        return first | (uint64_t)last << 8 * (v.len - 4);
    }
    if (v.len) /* one byte stands three times, two as the first and twice the second */
        head =
            (unsigned char)v.at[0] | (uint32_t)(unsigned char)v.at[v.len / 2] << 8 | (uint32_t)(unsigned char)v.at[v.len - 1] << 16;
    return head;
}
static inline uint32_t dgm_map_mix(uint64_t key)
{
    return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 32);
}

#endif
