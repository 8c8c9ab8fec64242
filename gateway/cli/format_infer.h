/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer.h - what the files of `format infer` share: the lines of samples, the kinds of record they are taken for, and the
 * fields of each, with the reason of every guess. One thread.
 */
#ifndef DGM_GATEWAY_FORMAT_INFER_H
#define DGM_GATEWAY_FORMAT_INFER_H

#include "format.h"

enum {
    INFER_KINDS_MAX = 200,
    INFER_TAG_MAX = 4,
    INFER_COLUMNS_MAX = 20000,
    INFER_NAMED_MAX = 2000, /* fields of a record that are called as the first line says */
    INFER_LINES_MAX = 200000,
    INFER_BYTES_MAX = 64 << 20,
};

/* What a byte is: of a digit, a capital, a small letter, a blank, another character of one byte, the first or a later one of a
 * longer character. */
typedef enum infer_class { INFER_DIGIT, INFER_UPPER, INFER_LOWER, INFER_BLANK, INFER_MARK, INFER_WIDE, INFER_WITHIN } infer_class;

typedef struct infer_line {
    dgm_slice bytes;
    const uint8_t *class; /* infer_class by byte */
    uint32_t file, kind;  /* kind: DGM_NONE: a line that opens a table, or names the fields */
    dgm_slice table;
    const dgm_slice *cells; /* of delimited lines: without their quotes */
    uint32_t cell_count;
} infer_line;

typedef struct infer_field {
    dgm_slice name, more, why; /* more: ", date: YYYYMMDD" */
    uint32_t at, len;          /* columns from 0; delimited: the number from 0 */
    bool required;
} infer_field;

typedef struct infer_kind {
    dgm_slice tag, table, name;
    uint32_t count, least, most; /* columns or cells of its lines */
    uint32_t parent;             /* kind, or DGM_NONE */
    uint32_t first, last;        /* lines */
    uint32_t low, high;          /* how often it stands beneath one of its parent */
    uint32_t here;               /* while counting */
    infer_field *fields;
    uint32_t field_count;
} infer_kind;

typedef struct inferring {
    cli *c;
    dgm_arena *a;
    const dgm_slice *names;
    dgm_slice *files;
    size_t file_count;
    infer_line *lines;
    size_t line_count;
    infer_kind *kinds;
    uint32_t kind_count;
    /* what is guessed of all records, and why */
    dgm_slice encoding, encoding_why, ends, ends_why, shape_why, kinds_why;
    bool delimited, quotes, heading, trailing, last_end;
    char separator;
    dgm_slice tables;
    uint32_t length; /* of each record; 0: of different length, or delimited */
    bool uneven;     /* lines of one kind differ in length */
    bool plain;      /* fields as texts: what their values look like did not hold */
    bool failed;     /* no memory */
} inferring;

dgm_slice infer_print(inferring *x, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* format_infer_lines.c: encoding, ends, separator; the lines. False: told why not. */
bool infer_lines(inferring *x);
/* format_infer_kinds.c: which lines are records of one kind, and which stand beneath which. */
void infer_kinds(inferring *x);
/* format_infer_fields.c: where the fields of a kind stand and what they hold. */
void infer_fields(inferring *x, infer_kind *k);
/* format_infer_write.c: the layout as YAML. */
dgm_status infer_write(const inferring *x, dgm_slice name, dgm_slice tried, dgm_buffer *out);
/* Each guess with its evidence, one JSON object a line. */
void infer_tell_json(const inferring *x);

#endif
