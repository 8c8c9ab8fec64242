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
} flat_writer;

/* What bars the message. node: what it is about. */
dgm_diag *dgm_flat_refuse(flat_writer *w, dgm_diag_code code, uint32_t node, dgm_slice a, dgm_slice b);
/* writer_fields.c: the fields of a record into w->line; *next: the first node behind them. made: it is not in the tree, and node is
 * what it stands beneath. */
dgm_status dgm_flat_write_fields(flat_writer *w, uint32_t place, uint32_t node, bool made, uint32_t *next);

#endif
