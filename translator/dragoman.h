/* SPDX-License-Identifier: Apache-2.0
 *
 * dragoman.h - the public interface of libdragoman: a translator between the message standards of trade.
 *
 * Bytes of one standard go in (dgm_job_feed), documents of another come out (dgm_outlet), and what was wrong is told in
 * records (dgm_diag), never in text alone.  Whatever is named `out` is set to NULL unless DGM_OK is returned, and belongs to
 * the caller from then on; a returned pointer to const is borrowed from the first argument; every *_free accepts NULL.
 *
 * Threads: a dgm_context is read-only once opened and may be shared; everything made from it belongs to one thread at a time.
 */
#ifndef DRAGOMAN_H
#define DRAGOMAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define DGM_API __attribute__((visibility("default")))
#else
#define DGM_API
#endif

/* ---- status: what a caller branches on --------------------------------------------------------------------------------- */

/* Values never change and are never used again; gaps separate the groups. */
#define DGM_STATUS_LIST(X)                                            \
    X(OK, 0, "success")                                               \
    X(NOMEM, 1, "out of memory")                                      \
    X(MORE, 2, "needs more input to go on")                           \
    X(END, 3, "nothing more will come")                               \
    X(SYNTAX, 10, "input breaks the syntax of its standard")          \
    X(LIMIT, 11, "input is larger than a limit")                      \
    X(INVALID, 12, "input breaks a rule of its message or mapping")   \
    X(UNKNOWN, 13, "no format, mapping or name fits")                 \
    X(CONFIG, 20, "a mapping, format or code table is wrong")         \
    X(IO, 21, "the outside world failed: file, pipe, clock")          \
    X(USAGE, 22, "the function was called in a way it does not allow") \
    X(DEFECT, 90, "a defect of dragoman itself")

typedef enum dgm_status {
#define X(name, number, text) DGM_##name = number,
    DGM_STATUS_LIST(X)
#undef X
} dgm_status;

/* A short English text for a status; never NULL; static. */
DGM_API const char *dgm_status_text(dgm_status status);

/* The version of the library, "MAJOR.MINOR.PATCH"; static. */
DGM_API const char *dgm_version(void);

/* ---- small things everything uses --------------------------------------------------------------------------------------- */

/* A run of bytes, not NUL-terminated, borrowed. `at` may be NULL when `len` is 0. */
typedef struct dgm_slice {
    const char *at;
    size_t len;
} dgm_slice;

/* Where memory comes from. grow() is realloc with the old size told: at NULL allocates, new_bytes 0 frees (and returns NULL).
 * It returns NULL when there is none; what `at` held is then untouched. Aligned as malloc aligns. May be called from the
 * thread that uses the object made with it only. */
typedef struct dgm_mem {
    void *(*grow)(void *ctx, void *at, size_t old_bytes, size_t new_bytes);
    void *ctx;
} dgm_mem;

/* The C library's allocator. */
DGM_API dgm_mem dgm_mem_default(void);

/* The outside world; the engine asks for nothing else. now_ms: UTC milliseconds since 1970. random: fills with unguessable bytes.
 * sync: makes what was written to the descriptor durable. */
typedef struct dgm_world {
    int64_t (*now_ms)(void *ctx);
    dgm_status (*random)(void *ctx, void *out, size_t bytes);
    dgm_status (*sync)(void *ctx, int descriptor);
    void *ctx;
} dgm_world;

/* The real clock, the kernel's randomness, fsync(2). */
DGM_API dgm_world dgm_world_default(void);

/* Where bytes go. write() takes all of them or fails with DGM_IO, DGM_LIMIT or DGM_NOMEM; the bytes are borrowed. */
typedef struct dgm_sink {
    dgm_status (*write)(void *ctx, dgm_slice bytes);
    void *ctx;
} dgm_sink;

/* Limits on what input may cost. Every one can be set; 0 means the default named beside it. */
typedef struct dgm_limits {
    uint64_t message_bytes_max;     /* one message, raw: 64 MiB */
    uint32_t segment_bytes_max;     /* one segment or record: 1 MiB */
    uint32_t nodes_max;             /* nodes of one message tree: 16 Mi */
    uint32_t depth_max;             /* nesting: 64 (DGM_DEPTH_MAX) */
    uint32_t attributes_max;        /* attributes of one XML element: 64 */
    uint32_t name_bytes_max;        /* one XML name: 256 */
    uint32_t diagnostics_max;       /* records kept for one message: 1000; later ones are counted */
} dgm_limits;

#define DGM_DEPTH_MAX 64

/* ---- diagnostics ---------------------------------------------------------------------------------------------------------- */

typedef enum dgm_severity { DGM_INFO = 1, DGM_WARNING = 2, DGM_ERROR = 3 } dgm_severity;

/* Structural position, each counted from 1 as the standard counts; 0 where it does not apply (ISO 9735: what a CONTRL needs). */
typedef struct dgm_position {
    uint32_t interchange, group, message; /* in the input; message in its interchange */
    uint32_t segment;                     /* in its message, UNH being 1 */
    uint16_t element, component, repetition;
} dgm_position;

typedef enum dgm_argument_kind { DGM_ARGUMENT_NONE, DGM_ARGUMENT_TEXT, DGM_ARGUMENT_NUMBER } dgm_argument_kind;

typedef struct dgm_argument {
    dgm_argument_kind kind;
    dgm_slice text;
    int64_t number;
} dgm_argument;

#define DGM_NONE UINT32_MAX

/* One thing worth saying about an input. All slices are copies owned by the list the record stands in. */
typedef struct dgm_diag {
    uint32_t code; /* dgm_diag_name() gives its stable name */
    dgm_severity severity;
    dgm_position position;
    uint64_t at_byte;       /* absolute offset in its source; UINT64_MAX when there is none */
    uint64_t bytes;         /* how many bytes are meant; 0 = a point */
    uint32_t line, column;  /* from 1 when known at creation (mapping files), else 0: see dgm_locate() */
    uint32_t node;          /* node of the tree, or DGM_NONE */
    uint32_t rule;          /* rule of the mapping, or DGM_NONE */
    dgm_slice source;       /* file the bytes stand in, when it is not the input itself (a mapping, a code table) */
    dgm_slice reference;    /* message reference, 0062, when known */
    dgm_slice path;         /* place in the message or document, "SG30/CST/C246/7361" */
    dgm_slice excerpt;      /* at most 256 bytes of the source around the place: one segment or one line */
    uint64_t excerpt_at;    /* absolute offset of the excerpt's first byte */
    uint32_t argument_count;
    dgm_argument arguments[4];
} dgm_diag;

/* A list of records with the memory they need. One thread at a time. */
typedef struct dgm_diags dgm_diags;

DGM_API dgm_status dgm_diags_new(const dgm_mem *mem, uint32_t records_max, dgm_diags **out);
DGM_API void dgm_diags_free(dgm_diags *list);
DGM_API void dgm_diags_clear(dgm_diags *list);
DGM_API size_t dgm_diags_count(const dgm_diags *list);                 /* records kept */
DGM_API const dgm_diag *dgm_diags_at(const dgm_diags *list, size_t i); /* NULL past the end */
DGM_API size_t dgm_diags_errors(const dgm_diags *list);                /* how many errors were added, kept or not */
DGM_API size_t dgm_diags_dropped(const dgm_diags *list);               /* records not kept because of records_max */

/* "edifact.segment.missing"; static; "unknown" for a number that is no code. */
DGM_API const char *dgm_diag_name(uint32_t code);

/* Line and column (from 1, in bytes) of an offset, and the line's text. at past the end gives the end. */
typedef struct dgm_place {
    size_t line, column;
    dgm_slice line_text;
} dgm_place;
DGM_API dgm_place dgm_locate(dgm_slice input, size_t at);

/* How records are printed. */
typedef enum dgm_diag_form { DGM_DIAG_TEXT, DGM_DIAG_JSON } dgm_diag_form;
typedef struct dgm_diag_style {
    dgm_diag_form form;
    bool colour;
    dgm_slice input_name; /* printed where a record has no source of its own */
    dgm_slice input;      /* the whole input if it is at hand: gives lines and columns; else empty, and offsets are printed */
    uint32_t width;       /* columns of the terminal for excerpts; 0 = 120 */
} dgm_diag_style;
/* Prints one record: as compilers do, or as one JSON object on a line. Returns what the sink returns, or DGM_NOMEM. */
DGM_API dgm_status dgm_diag_print(const dgm_diag *d, const dgm_diag_style *style, dgm_sink sink);

#ifdef __cplusplus
}
#endif
#endif
