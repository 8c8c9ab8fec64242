/* SPDX-License-Identifier: Apache-2.0
 *
 * sheet.h - sheets: the addresses of a block in the order of the target's document. Made with the plan (plan_sheet.c), ticked by a
 * run (tick.c) and laid down as nodes (sheet.c). Read-only once loaded, but for what stands in a frame's words.
 */
#ifndef DGM_MAPPING_SHEET_H
#define DGM_MAPPING_SHEET_H

#include "base/slice.h"

typedef enum map_cell_kind {
    MAP_CELL_LEAF,
    MAP_CELL_GROUP,
    MAP_CELL_ATTRIBUTE, /* of a leaf */
    MAP_CELL_EACH,      /* occurrences of a block beneath */
    MAP_CELL_STAR       /* what a #* brings */
} map_cell_kind;
typedef struct map_cell {
    uint32_t tag, place; /* of the node; place without the occurrence when that is counted */
    uint32_t counter;    /* frame word: occurrences of the slot so far; DGM_NONE when there can be no other */
    uint8_t kind;        /* map_cell_kind */
    uint8_t depth;       /* groups above it in the sheet */
    bool wide;           /* the occurrence stands in the upper half of `place` */
    bool rare;           /* there is a counter, or it is neither a leaf nor a group */
} map_cell;
typedef struct map_bit { /* of a cell: its tick in a frame's words, and the first of the two words it holds */
    uint32_t word, bit;
    /* leaf: offset and bytes of the value; each: first and last of its occurrences; star: the node they hang beneath */
    uint32_t at;
} map_bit;
typedef struct map_address { /* what a run with sheets needs of a target trie node */
    map_bit is;
    uint32_t up_word, up_bit; /* of the address above; up_bit 0 when that is another block's */
    uint32_t block, above;
    uint32_t bring_first; /* what comes with an occurrence: the values its tests say */
    uint16_t bring_count;
    bool leaf, must, each;
    bool plain;   /* a value is put there without more ado: no `in` list, no occurrence of an each */
    bool up_each; /* the address above is the occurrence of this block, and brings nothing along */
    bool up_easy; /* the address above is a group of this block that brings nothing along: it is made by its tick */
} map_address;
typedef struct map_bring { /* a cell ticked with the occurrence above; leaves: a part of the plan's constant text */
    map_bit is;
    uint32_t offset, bytes;
} map_bring;
typedef struct map_spot { /* where a value is put in a frame of its own block */
    map_bit is;           /* bit 0: there is no such place, or more to it */
    uint32_t up_word, up_bit;
} map_spot;
typedef struct map_tick { /* an operation that moves a value */
    map_spot value;
    bool plain;  /* it puts a plain value to its spot and does no more */
    bool number; /* which is a number, and goes its whole way unless it is spelled as it has to be */
    map_spot second;
} map_tick;

typedef struct map_gate { /* with sheets: an end has nothing to do unless one of these bits of its frame is set; 0: it always may */
    uint32_t word, bits;
} map_gate;

typedef struct map_chunk {
    uint32_t from, count, next;
} map_chunk; /* an occurrence laid down: nodes of runner.laid, spans counted from the first of them; next + 1 */

#endif
