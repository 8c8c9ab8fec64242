/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.h - the writer of flat files from within: the record being made, and what totals have come to. One thread.
 */
#ifndef DGM_CODECS_FLAT_WRITER_H
#define DGM_CODECS_FLAT_WRITER_H

#include "flat.h"

typedef struct flat_written {
    uint32_t place, node;  /* of the tree */
    uint32_t end;          /* node behind its last */
    uint32_t child, count; /* of the record before it, and how many of it there were */
} flat_written;

/* What is left of a text that goes on in other fields. */
typedef struct flat_rest {
    dgm_buffer text;
    size_t at;
    uint32_t node;
} flat_rest;

typedef struct flat_writer {
    dgm_writer base;
    dgm_host host;
    const dgm_format *format; /* NULL: the trees say */
    const dgm_shape *shape;
    const dgm_flat_layout *l;
    dgm_sink sink;
    dgm_charset *charset;
    dgm_buffer out;   /* of the message: bytes */
    dgm_buffer line;  /* of the record: UTF-8 */
    dgm_buffer piece; /* of the field: UTF-8 */
    dgm_buffer bytes; /* of either: encoded */
    dgm_buffer laid;  /* what is laid over the record once it is encoded: numbers that are no characters, by flat_laid */
    dgm_flat_cells cells;
    bool barred[128]; /* characters that would end a record, or a field */
    bool begun, pending_end, refused;
    dgm_slice table;
    const dgm_tree *tree;
    flat_written levels[DGM_DEPTH_MAX];
    uint32_t depth;
    uint64_t *counts;
    dgm_flat_sum *sums;
    dgm_buffer *kept;
    char today[DGM_FLAT_DAY];          /* as-of */
    flat_rest *rests;                  /* by flow */
    struct flat_written_value *values; /* of the record being made, where it is cut by pattern */
    size_t value_count, value_room;
} flat_writer;

/* So many bytes, which follow it, from there on. */
typedef struct flat_laid {
    uint32_t at, len;
} flat_laid;

/* A value in the record being made. */
typedef struct flat_written_value {
    uint32_t step, from, to;
} flat_written_value;

/* write_tokens.c: the same of a record that is cut by pattern. */
dgm_status dgm_flat_write_tokens(flat_writer *w, uint32_t place, uint32_t node, bool made, uint32_t *next);
/* What bars the message. node: what it is about. */
dgm_diag *dgm_flat_refuse(flat_writer *w, dgm_diag_code code, uint32_t node, dgm_slice a, dgm_slice b);
/* The date in w->piece says no year, and would be read as another than it is: told. */
bool dgm_flat_far(flat_writer *w, const dgm_flat_step *s, uint32_t node, dgm_slice value);
/* Something has a value where it must have none. */
void dgm_flat_forbidden(flat_writer *w, uint32_t node, dgm_slice name, const dgm_flat_condition *why);
/* writer_fields.c: the fields of a record into w->line; *next: the first node behind them. made: it is not in the tree, and node is
 * what it stands beneath. */
dgm_status dgm_flat_write_fields(flat_writer *w, uint32_t place, uint32_t node, bool made, uint32_t *next);

/* The longest beginning of a text that takes no more than so many units, in bytes of UTF-8; *taken: its units. */
size_t dgm_flat_head_of(flat_writer *w, dgm_slice text, size_t most, size_t *taken);

/* writer_flow.c: texts that are written in pieces. The first piece, of w->piece, stays there; the rest is kept. */
dgm_status dgm_flat_begin_text(flat_writer *w, const dgm_flat_step *s, uint32_t node);
/* The next piece, into w->piece; empty: nothing is left. */
dgm_status dgm_flat_next_piece(flat_writer *w, const dgm_flat_step *s);
/* Is something left of it? */
bool dgm_flat_text_left(const flat_writer *w, uint32_t flow);
/* What is left of the texts of a place has no place: told. beneath: those that records beneath could take, too. */
void dgm_flat_tell_left(flat_writer *w, uint32_t place, bool beneath);

#endif
