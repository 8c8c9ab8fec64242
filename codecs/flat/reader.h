/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - the reader of flat files from within: bytes, the record in hand, the places that are open. One thread.
 */
#ifndef DGM_CODECS_FLAT_READER_H
#define DGM_CODECS_FLAT_READER_H

#include "flat.h"

/* How the columns of the record in hand are found. */
typedef enum flat_mode {
    FLAT_RAW,    /* a column is a byte, and a byte is a character */
    FLAT_BYTES,  /* UTF-8 where it stands: a column is a byte */
    FLAT_LETTERS /* characters have to be counted, or led back to their bytes */
} flat_mode;

typedef struct flat_level {
    uint32_t place, child, count; /* child: where the next record is looked for from, and how many came of it */
} flat_level;

/* A text that goes on in other fields, as far as it was read. */
typedef struct flat_flow {
    dgm_buffer text;
    uint32_t node;     /* its leaf, or DGM_NONE: nothing of it came */
    uint32_t owed;     /* columns behind the last piece that only filled up */
    bool begun, grown; /* grown: the leaf does not say all of it yet */
} flat_flow;

enum { FLAT_NESTED_MAX = 34 };

typedef struct flat_cell_view {
    dgm_slice text;
    size_t raw_at, raw_len; /* in the record's bytes */
    bool split;             /* its columns cut a character in two */
} flat_cell_view;

/* Nodes on their way into the draft. */
typedef struct flat_nodes {
    dgm_node *at;
    uint32_t made, left;
    uint32_t open[FLAT_NESTED_MAX], node[FLAT_NESTED_MAX], depth, real; /* composites that are begun, and how many have a node */
} flat_nodes;

typedef struct flat_reader {
    dgm_reader base;
    dgm_host host;
    const dgm_format *format;
    const dgm_flat_layout *l;
    const dgm_flat_watch *watch; /* or NULL */
    /* bytes */
    dgm_buffer in;
    dgm_slice whole;
    uint64_t in_base; /* offset of in.at[0] in the input */
    bool borrowed, last, over;
    size_t message_at, record_at, seen;        /* seen: bytes of the record in hand that hold no end */
    uint64_t substitute_stop, substitute_seen; /* offsets: of a byte that is no 0x1A, behind those that are */
    bool skipping;                             /* within a record that is too long */
    char *spare;
    size_t spare_room;
    /* the record in hand */
    dgm_slice record, text; /* bytes; UTF-8, the same where they are */
    flat_mode mode;
    bool decoded, dirty;    /* dirty: some of its bytes are no text */
    size_t bad_at, bad_len; /* the first of them; 0: none */
    dgm_charset *charset;
    dgm_buffer utf8, made, masked, covered; /* masked: the record with blanks for what is no characters; covered: odd.c */
    dgm_charset_map map;
    dgm_flat_cells cells;
    struct {
        size_t text, unit; /* where columns were counted to */
        size_t run;
    } cursor;
    struct flat_swift *swift; /* NULL: its records are all read the long way */
    /* the message in hand */
    dgm_draft *draft;
    bool begun, hopeless, headed;
    uint64_t message_from; /* offset in the input */
    size_t errors, end_at; /* end_at: behind its last record */
    uint32_t records, message;
    flat_level levels[DGM_DEPTH_MAX];
    uint32_t depth;
    dgm_slice table;
    uint64_t *counts;         /* by control */
    dgm_flat_sum *sums;       /* by control */
    dgm_buffer *kept;         /* by number */
    bool *doubtful;           /* by number: what came is wrong */
    uint64_t filled;          /* columns of the message that texts which go on were filled up with */
    flat_flow *flows;         /* by number */
    char today[DGM_FLAT_DAY]; /* as-of */
    uint32_t shift;           /* columns that lists shorter than they could be leave out before the field in hand */
    dgm_buffer names[3];      /* reference, sender, recipient of the message given out */
} flat_reader;

/* report.c */
dgm_slice dgm_flat_view(const flat_reader *r);
/* Something about bytes of the record in hand: at counts from its beginning. slot: what it is about, or DGM_SLOT_NONE. */
dgm_diag *dgm_flat_tell(flat_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes, uint32_t slot);

/* reader.c */
/* The message costs more than it may: told once, and it has no tree. */
void dgm_flat_give_up(flat_reader *r, dgm_diag_code code, int64_t most);
/* A failure of the draft: a limit is told, and the message has no tree; DGM_NOMEM ends everything. */
dgm_status dgm_flat_draft_failed(flat_reader *r, dgm_status st);
/* The record in hand is plain ASCII. */
void dgm_flat_take_plain(flat_reader *r);
/* The record in hand, plain and without quotes, at its place. */
dgm_status dgm_flat_put_plain(flat_reader *r, uint32_t place);

/* place.c */
dgm_status dgm_flat_begin_message(flat_reader *r);
void dgm_flat_end_message(flat_reader *r);
/* Finds the place of a record of this kind and opens the way to it. DGM_NONE: the message is over, the record is of the next. */
uint32_t dgm_flat_take_place(flat_reader *r, uint32_t kind);

/* fields.c */
dgm_status dgm_flat_read_fields(flat_reader *r, uint32_t place);
dgm_status dgm_flat_read_value(flat_reader *r, flat_nodes *n, const dgm_flat_step *s);
void dgm_flat_find_cell(flat_reader *r, const dgm_flat_step *s, flat_cell_view *c);
void dgm_flat_tell_value(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c, const dgm_flat_value *v);
dgm_status dgm_flat_put_made(flat_reader *r, flat_nodes *n, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value);
/* A date of a cell without a year, as dgm_flat_value_read made it in `made`, to the one that is meant. */
dgm_flat_found dgm_flat_settle_near(const flat_reader *r, const dgm_flat_step *s, dgm_slice cell, char *made, dgm_flat_value *v);
/* What follows from others is as they have it. */
bool dgm_flat_control_holds(const flat_reader *r, const dgm_flat_step *s, dgm_slice value);
dgm_status dgm_flat_note_value(flat_reader *r, const dgm_flat_step *s, const flat_cell_view *c, dgm_slice value);

/* stored.c: r->record becomes one whose stored numbers are blanks; a number that is no characters. */
dgm_status dgm_flat_mask(flat_reader *r);
dgm_status dgm_flat_read_stored(flat_reader *r, flat_nodes *n, const dgm_flat_step *s);

/* odd.c: fields that are not simply there. *i: the step; behind it, to the last that is done with. */
dgm_status dgm_flat_read_odd(flat_reader *r, flat_nodes *n, uint32_t *i);
/* Fields that must be empty, once all of the record are known. */
dgm_status dgm_flat_check_absent(flat_reader *r, const dgm_flat_place *p);
/* Texts that went on in records beneath: of a place, or (DGM_NONE) all. */
dgm_status dgm_flat_flush(flat_reader *r, uint32_t place);

/* read_tokens.c: the fields of a record that is cut by pattern. */
dgm_status dgm_flat_read_tokens(flat_reader *r, uint32_t place);

#endif
