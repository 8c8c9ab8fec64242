/* SPDX-License-Identifier: Apache-2.0
 *
 * flat.h - what the files of the flat codec share: a layout as reader and writer need it (made by load.c and plan.c from a format's
 * YAML), and values between their wire spelling and their canonical one. Nobody outside codecs/flat includes it but the command
 * that shows layouts. A layout is immutable and shared by threads; everything else belongs to one thread.
 */
#ifndef DGM_CODECS_FLAT_FLAT_H
#define DGM_CODECS_FLAT_FLAT_H

#include "base/diag.h"
#include "base/utf8.h"
#include "codecs/codecs.h"

enum {
    DGM_FLAT_ENDS_MAX = 4,
    DGM_FLAT_END_BYTES = 8,
    DGM_FLAT_COLUMNS_MAX = 1 << 20,
    DGM_FLAT_STEPS_MAX = 1 << 18,
    DGM_FLAT_REPEAT_MAX = 10000,
    DGM_FLAT_SUM_DIGITS = 36, /* what a total can hold */
    DGM_FLAT_DATE_MAX = 40,
};

typedef enum dgm_flat_type {
    DGM_FLAT_TEXT,
    DGM_FLAT_NUMBER,
    DGM_FLAT_DATE,
    DGM_FLAT_FLAG,
    DGM_FLAT_CONSTANT, /* syntax: no place of the tree */
    DGM_FLAT_OPEN,     /* an occurrence of a composite begins */
    DGM_FLAT_CLOSE,
    DGM_FLAT_MORE /* the rest of a text that another field begins */
} dgm_flat_type;

/* MARKED: letters behind it; of a step `yes` says plus, or is empty, `no` minus. */
typedef enum dgm_flat_sign {
    DGM_FLAT_UNSIGNED,
    DGM_FLAT_LEADING,
    DGM_FLAT_TRAILING,
    DGM_FLAT_OVERPUNCH,
    DGM_FLAT_MARKED
} dgm_flat_sign;
/* How a number stands in the bytes, where these are no characters. BARE: packed digits without a sign. */
typedef enum dgm_flat_store {
    DGM_FLAT_IN_CHARACTERS,
    DGM_FLAT_PACKED_SIGNED,
    DGM_FLAT_PACKED_UNSIGNED,
    DGM_FLAT_PACKED_BARE,
    DGM_FLAT_BINARY_SIGNED,
    DGM_FLAT_BINARY_UNSIGNED,
    DGM_FLAT_BINARY_SIGNED_LITTLE,
    DGM_FLAT_BINARY_UNSIGNED_LITTLE
} dgm_flat_store;
enum { DGM_FLAT_PACKED_MOST = 18, DGM_FLAT_BINARY_MOST = 8 }; /* bytes */
/* Years are counted from another beginning. */
typedef enum dgm_flat_era { DGM_FLAT_COMMON, DGM_FLAT_BUDDHIST, DGM_FLAT_REPUBLIC, DGM_FLAT_JAPANESE } dgm_flat_era;

/* A field, or a record, stands only where (unless: where not) another field holds one of some codes, or anything at all. All of a
 * list must hold. */
typedef struct dgm_flat_condition {
    uint32_t source; /* step */
    uint32_t next;   /* the next of the list, from 1, or 0 */
    dgm_slice codes; /* a blank between; or empty: any value */
    bool unless;
} dgm_flat_condition;

/* A field, or several, that stand as often as another field says; what is behind them moves up. */
typedef struct dgm_flat_array {
    uint32_t source, from, to; /* steps: of the number, and the array's */
    uint32_t stride, times;
} dgm_flat_array;

/* One step through a record: a field, or where an occurrence of several begins and ends. */
typedef struct dgm_flat_step {
    dgm_slice name, value; /* value: of a constant */
    dgm_slice codes;       /* the only ones it takes, a blank between; or empty */
    dgm_slice yes, no;     /* of a flag */
    dgm_slice date;        /* pattern */
    const uint32_t *only;  /* 256 bits: bytes it takes; NULL: any */
    const char *class;     /* how that is said: "n", "A-Z0-9" */
    uint32_t slot;         /* DGM_SLOT_NONE for constants */
    uint32_t at, len;      /* fixed: column from 0 and columns; delimited: field from 0 and most characters, 0: any */
    uint32_t least;        /* delimited: characters at least */
    uint32_t number;       /* which of its name, from 1 */
    uint32_t other;        /* of OPEN: its CLOSE; of CLOSE: its OPEN */
    uint8_t type, sign, implied, decimals, century;
    uint8_t check, era, stored; /* dgm_check_rule, dgm_flat_era, dgm_flat_store */
    char pad, point, thousands;
    bool right, required, upper, cut, zero_absent, bare, repeats;
    bool nines_absent;  /* nines all over say that there is no value */
    bool padded;        /* delimited: filled up to its length */
    uint16_t kept;      /* from 1: another field, or the message, must know its value; 0: nobody */
    uint16_t control;   /* from 1: it follows from others by this control; 0: it does not */
    bool tallied;       /* totals are made of it */
    bool odd;           /* not simply a field: one of what follows, or a composite */
    bool shared;        /* its columns are others' too, under other conditions */
    bool apart;         /* it goes on with a text of another record */
    bool columns;       /* a text goes on where the columns end: what fills them up belongs to it */
    uint16_t flow;      /* from 1: a text that goes on in others */
    uint16_t array;     /* from 1: an occurrence of it begins here */
    uint32_t near;      /* from 1: the step of the date that is nearest to its year; DGM_NONE: the day of reading; 0: it has one */
    uint32_t condition; /* from 1: when it stands there */
    uint32_t more;      /* the next step of the same record that its text goes on in, or 0 */
    dgm_slice join;     /* what stands between the pieces of such a text */
} dgm_flat_step;

/* How a record is known: constants at columns or in fields, behind a line that opens its table. */
typedef struct dgm_flat_test {
    uint32_t at, len;
    dgm_slice value, bytes; /* bytes: as it stands in a record, in a layout that has stored numbers */
} dgm_flat_test;
typedef struct dgm_flat_kind {
    dgm_slice table;
    uint32_t first_test, test_count;
    uint32_t next;  /* of those whose first constant begins with the same byte, or DGM_NONE */
    uint32_t place; /* the first place that has it */
} dgm_flat_kind;

/* A place of the structure. Number 0 is the message itself; children of a place are contiguous. */
typedef struct dgm_flat_place {
    dgm_slice name, title, table;
    uint32_t slot, parent, depth;
    uint32_t first_child, child_count;
    uint32_t min, max;
    uint32_t first_step, step_count, leaf_count; /* leaf_count: steps that may become nodes */
    uint32_t last_required;                      /* behind the last step that must hold something */
    uint32_t width;                              /* fixed: columns; delimited: fields */
    uint32_t least, written;                     /* delimited: fields at least; fields that are always written */
    uint32_t kind;
    bool made;                        /* all it holds follows from other records: the writer makes it where it must stand */
    bool scopes, counted;             /* totals are made within it; it is counted */
    bool flows;                       /* it goes on with a text of the record above, and is no place of the tree */
    bool conditional, begins, listed; /* it has fields with conditions; texts that go on in other records; counted lists */
    uint32_t condition, flow;         /* from 1: when it stands there; of `flows`: the text */
} dgm_flat_place;

typedef enum dgm_flat_control_kind {
    DGM_FLAT_SAME,
    DGM_FLAT_COUNT,
    DGM_FLAT_SUM,
    DGM_FLAT_HASH,
    DGM_FLAT_ITEMS
} dgm_flat_control_kind;
/* A field whose value follows from others. */
typedef struct dgm_flat_control {
    uint8_t kind;
    uint32_t step;           /* the field */
    uint32_t scope;          /* place within whose occurrence is counted: the parent of the field's record */
    uint32_t source;         /* step it must equal, or that is added up */
    const bool *of;          /* COUNT: by place */
    const uint32_t *sources; /* SUM, HASH: steps that are added up; source is the first */
    uint32_t source_count;
    uint8_t scale;  /* SUM, HASH: digits behind the mark */
    uint8_t digits; /* HASH: those of the total that are kept, from the right */
} dgm_flat_control;

typedef enum dgm_flat_policy { DGM_FLAT_REFUSE, DGM_FLAT_KEEP, DGM_FLAT_SKIP } dgm_flat_policy;

typedef struct dgm_flat_layout {
    uint32_t magic;
    dgm_arena arena; /* holds everything, this struct too */
    dgm_mem mem;
    dgm_slice message, encoding;
    bool delimited, characters; /* characters: columns and lengths count characters, not bytes */
    bool utf8, ascii, direct;   /* direct: what looks like ASCII in the bytes is ASCII */
    bool quotes, trailing, last_end, short_ok, skip_blank, heading;
    bool lines;                      /* fields are lines, which end with CRLF or, when read, LF alone; separator: the LF */
    bool all;                        /* the whole input is one record */
    char separator, quote, end_byte; /* end_byte: the last of the first end; a quick look */
    bool stores;                     /* some of its numbers are no characters */
    char blank;                      /* the byte of a blank */
    dgm_flat_policy unknown;
    dgm_slice ends[DGM_FLAT_ENDS_MAX]; /* bytes; none: records have a length */
    uint32_t end_count;
    uint32_t length;      /* of every record, in units; 0: of each its own */
    dgm_slice table_line; /* what a line that opens a table begins with */
    dgm_flat_place *places;
    uint32_t place_count;
    dgm_flat_step *steps;
    uint32_t step_count;
    dgm_flat_kind *kinds;
    uint32_t kind_count;
    dgm_flat_test *tests;
    uint32_t test_count;
    bool quick; /* kinds are found by one byte at quick_at */
    uint32_t quick_at;
    uint32_t first_kind[256];
    dgm_flat_control *controls;
    uint32_t control_count;
    uint32_t kept_count;
    dgm_flat_condition *conditions;
    dgm_flat_array *arrays;
    uint32_t condition_count, array_count, flow_count;
    uint32_t reference, sender, recipient; /* which value that is kept, or 0 */
    struct dgm_flat_tokens *tokens;        /* of records that are cut by pattern (tokens.h), or NULL */
    struct dgm_flat_swift *swift;          /* how records are read that are as they should be (swift.h), or NULL */
} dgm_flat_layout;

#define DGM_FLAT_MAGIC 0x464C4154u

extern const dgm_option dgm_flat_reader_options[], dgm_flat_writer_options[], dgm_flat_format_options[];
dgm_status dgm_flat_shape(const dgm_host *host, const dgm_format *format, dgm_shape **out);
/* NULL when the shape is not of this codec. */
const dgm_flat_layout *dgm_flat_layout_of(const dgm_shape *shape);

/* ---- identify.c ---- */

/* How sure a layout is that an input is its own, 0..100. first: its beginning; whole: that is all of it. */
int dgm_flat_fits(const dgm_flat_layout *l, dgm_slice first, bool whole);
/* The one of several formats that is surest; NULL: none is, or (*second set) two are alike. */
const dgm_format *dgm_flat_choose(const dgm_format *const *formats, size_t n, dgm_slice first, bool whole, int *sure,
                                  const dgm_format **second);

/* ---- frame.c ---- */

typedef struct dgm_flat_frame {
    size_t len, end_len; /* of the record, and of what ends it */
    bool ended;
} dgm_flat_frame;
/* The record at the beginning of bytes. False: its end may come with more of them. last: no more will. seen: bytes that are known
 * to hold no end; kept up to date. */
bool dgm_flat_frame_next(const dgm_flat_layout *l, dgm_slice bytes, bool last, size_t *seen, dgm_flat_frame *out);

/* Fields of a delimited record of text. */
typedef struct dgm_flat_cell {
    uint32_t at, len;
    bool quoted, doubled; /* doubled: quotes in it stand twice */
} dgm_flat_cell;
typedef struct dgm_flat_cells {
    dgm_flat_cell *at;
    size_t count, room;
    uint32_t fault; /* offset where quoting is wrong, or DGM_NONE */
} dgm_flat_cells;
dgm_status dgm_flat_split(const dgm_flat_layout *l, dgm_slice text, const dgm_mem *mem, dgm_flat_cells *cells);

/* Which record a text is; DGM_NONE: none. cells: of delimited records. */
uint32_t dgm_flat_kind_of(const dgm_flat_layout *l, dgm_slice text, const dgm_flat_cells *cells, dgm_slice table);

/* What a reader tells who watches it: each record with the place it was given (DGM_NONE: none, a heading or a line that opens a
 * table), then each field of it with its bytes in the record. */
typedef struct dgm_flat_watch {
    void (*record)(void *ctx, uint32_t place, uint64_t at, dgm_slice bytes, dgm_slice text, uint32_t number);
    void (*field)(void *ctx, const struct dgm_flat_step *s, size_t from, size_t bytes, bool wrong, dgm_slice value);
    void *ctx;
} dgm_flat_watch;
/* Reads an input that the layout of host->formats[0] is for; what is wrong goes to host->diags. DGM_NOMEM. */
dgm_status dgm_flat_watched(const dgm_host *host, dgm_slice input, const dgm_flat_watch *watch);

/* The keys that a layout, a record and a field take, with blanks between. */
extern const char dgm_flat_layout_keys[], dgm_flat_record_keys[], dgm_flat_field_keys[];

/* ---- presence.c ---- */

typedef enum dgm_flat_holds { DGM_FLAT_NO, DGM_FLAT_YES, DGM_FLAT_UNSURE } dgm_flat_holds;
/* Do the conditions of a list hold? kept: values by number; doubtful: those that are wrong, or NULL. *why: the first that does
 * not. */
dgm_flat_holds dgm_flat_present(const dgm_flat_layout *l, uint32_t first, const dgm_buffer *kept, const bool *doubtful,
                                const dgm_flat_condition **why);

/* ---- value.c, date.c ---- */

typedef enum dgm_flat_found { DGM_FLAT_ABSENT, DGM_FLAT_AS_IS, DGM_FLAT_MADE, DGM_FLAT_WRONG } dgm_flat_found;
typedef struct dgm_flat_value {
    dgm_slice text;     /* as it is: within the cell; made: in `made` */
    dgm_diag_code code; /* what is wrong */
    size_t at, bytes;   /* and where in the cell */
} dgm_flat_value;
/* Bytes that a value may need beyond those of its cell. */
#define DGM_FLAT_MADE_ROOM 48
/* Is it one of these words (one blank between)? */
bool dgm_flat_listed(dgm_slice list, dgm_slice value);
/* A cell of UTF-8 to its value. made: room for cell.len + DGM_FLAT_MADE_ROOM bytes. */
dgm_flat_found dgm_flat_value_read(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice cell, char *made,
                                   dgm_flat_value *out);
/* A value to its wire spelling without padding, appended to out. DGM_OK, DGM_INVALID with *code, DGM_NOMEM. */
dgm_status dgm_flat_value_write(const dgm_flat_step *s, dgm_slice value, dgm_buffer *out, dgm_diag_code *code);

/* A pattern of a layout: false, and *why. near: it has no year, for another date tells (near.c). */
bool dgm_flat_date_pattern(dgm_slice pattern, dgm_flat_era era, bool near, const char **why);
/* Is it a whole day, perhaps with a time? */
bool dgm_flat_date_whole(dgm_slice pattern);
size_t dgm_flat_date_read(const dgm_flat_step *s, dgm_slice text, char *iso); /* bytes; 0: it is no such date */
/* Of an era of Japan: a day that was counted by the moon, of which no day of our calendar is made; the same of a canonical one. */
bool dgm_flat_date_lunar(const dgm_flat_step *s, dgm_slice text);
bool dgm_flat_date_before_solar(const dgm_flat_step *s, dgm_slice iso);
size_t dgm_flat_date_write(const dgm_flat_step *s, dgm_slice iso, char *text);

/* ---- near.c: dates without a year ---- */

/* Such a date as dgm_flat_date_read gives it ("--03-15", "---15", either with a time) to the one nearest to a day (YYYY-MM-DD...),
 * at most a year away; of two as near, the later. out: room for DGM_FLAT_DATE_MAX bytes; 0: there is none. */
size_t dgm_flat_near(dgm_slice partial, dgm_slice day, char *out);
/* The day that a step's date is near to; empty: none is known. kept: values by number; today: of DGM_FLAT_DAY bytes. */
dgm_slice dgm_flat_near_what(const dgm_flat_layout *l, const dgm_flat_step *s, const dgm_buffer *kept, const char *today);
/* What that day is called in a diagnostic. */
dgm_slice dgm_flat_near_name(const dgm_flat_layout *l, const dgm_flat_step *s);
/* Would a value that is written so be read as it is? out: as what it would be, of DGM_FLAT_DATE_MAX bytes; *n of them. */
bool dgm_flat_near_holds(const dgm_flat_step *s, dgm_slice piece, dgm_slice day, dgm_slice value, char *out, size_t *n);
enum { DGM_FLAT_DAY = 10 };
/* The day that a setting `as-of` says, or that of the clock. */
void dgm_flat_today(const dgm_host *host, dgm_slice as_of, char *day);

/* ---- stored.c: numbers that are no characters ---- */

/* As dgm_flat_value_read, of the bytes of one. */
dgm_flat_found dgm_flat_stored_read(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice bytes, char *made,
                                    dgm_flat_value *out);
/* Digits as dgm_flat_value_write makes them to the bytes of the field; false: they do not fit. */
bool dgm_flat_stored_write(const dgm_flat_step *s, dgm_slice number, unsigned char *to);
/* The digits that such a field can hold. */
uint32_t dgm_flat_stored_digits(const dgm_flat_step *s);

/* ---- totals: exact, of up to DGM_FLAT_SUM_DIGITS digits; base/decimal.h would take memory for each value ---- */
typedef struct dgm_flat_sum {
    uint64_t limbs[4]; /* base 10^9 each, lowest first */
    bool negative, over;
} dgm_flat_sum;
void dgm_flat_sum_add(dgm_flat_sum *sum, dgm_slice decimal, uint32_t scale);
/* The same of its digits alone, without sign and mark; what is beyond DGM_FLAT_SUM_DIGITS is left out. text: the lowest digits. */
void dgm_flat_hash_add(dgm_flat_sum *sum, dgm_slice decimal, uint32_t scale);
size_t dgm_flat_hash_text(const dgm_flat_sum *sum, uint32_t digits, char *out);
/* Adds what a field holds to each total it belongs to; the first that is too long, or NULL. */
const dgm_flat_control *dgm_flat_tally(const dgm_flat_layout *l, const dgm_flat_step *s, dgm_slice value, dgm_flat_sum *sums);
size_t dgm_flat_sum_text(const dgm_flat_sum *sum, uint32_t scale, char *out); /* room for 48 */

/* ---- reader.c, writer.c: the functions of the codec ---- */

dgm_status dgm_flat_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out);
dgm_status dgm_flat_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out);
dgm_status dgm_flat_feed(dgm_reader *r, dgm_slice chunk, bool last);
dgm_status dgm_flat_next(dgm_reader *r, dgm_message *out);
void dgm_flat_recycle(dgm_reader *r, dgm_message *message);
void dgm_flat_reset(dgm_reader *r);
void dgm_flat_close(dgm_reader *r);
dgm_status dgm_flat_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                dgm_sink sink, dgm_writer **out);
dgm_status dgm_flat_write(dgm_writer *w, const dgm_tree *tree);
dgm_status dgm_flat_finish(dgm_writer *w);
void dgm_flat_writer_close(dgm_writer *w);
void dgm_flat_writer_again(dgm_writer *w, dgm_sink sink);
dgm_status dgm_flat_writer_renew(dgm_writer *w, const dgm_setting *settings, size_t n, dgm_sink sink);

#endif
