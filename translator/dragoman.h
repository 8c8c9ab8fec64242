/* SPDX-License-Identifier: Apache-2.0
 *
 * dragoman.h - the public interface of libdragoman: a translator between the message standards of trade.
 *
 * Bytes of one standard go in (dgm_job_feed), documents of another come out (dgm_outlet), and what was wrong is told in
 * records (dgm_diag), never in text alone.  Whatever is named `out` is set to NULL unless DGM_OK is returned, and belongs to
 * the caller from then on; a returned pointer to const is borrowed from the first argument; every *_free accepts NULL.
 *
 * Threads: a dgm_context is read-only once opened and may be shared; everything made from it belongs to one thread at a time.
 * long: the whole public interface is one header, which is read from the top.
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
#define DGM_STATUS_LIST(X)                                                                                                         \
    X(OK, 0, "success")                                                                                                            \
    X(NOMEM, 1, "out of memory")                                                                                                   \
    X(MORE, 2, "needs more input to go on")                                                                                        \
    X(END, 3, "nothing more will come")                                                                                            \
    X(SYNTAX, 10, "input breaks the syntax of its standard")                                                                       \
    X(LIMIT, 11, "input is larger than a limit")                                                                                   \
    X(INVALID, 12, "input breaks a rule of its message or mapping")                                                                \
    X(UNKNOWN, 13, "no format, mapping or name fits")                                                                              \
    X(CONFIG, 20, "a mapping, format or code table is wrong")                                                                      \
    X(IO, 21, "the outside world failed: file, pipe, clock")                                                                       \
    X(USAGE, 22, "the function was called in a way it does not allow")                                                             \
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
    uint64_t message_bytes_max;  /* one message, raw: 64 MiB */
    uint32_t segment_bytes_max;  /* one segment or record: 1 MiB, or what its directory lets an EDIFACT segment have, if more */
    uint32_t nodes_max;          /* nodes of one message tree: 16 Mi */
    uint32_t depth_max;          /* nesting: 64 (DGM_DEPTH_MAX) */
    uint32_t attributes_max;     /* attributes of one XML element: 64 */
    uint32_t name_bytes_max;     /* one XML name: 256 */
    uint32_t kinds_bytes_max;    /* kinds of message that no format describes, as a reader knows them: 4 MiB; beyond, learnt anew */
    uint32_t diagnostics_max;    /* records kept for one message: 1000; later ones are counted */
    uint64_t store_bytes_max;    /* what a job keeps in memory of documents that are not complete yet: 256 MiB */
    uint64_t document_bytes_max; /* an XML document whose signature is looked at or made, which is held as a whole: 16 MiB */
} dgm_limits;

#define DGM_DEPTH_MAX 64

/* ---- diagnostics ---------------------------------------------------------------------------------------------------------- */

typedef enum dgm_severity { DGM_INFO = 1, DGM_WARNING = 2, DGM_ERROR = 3 } dgm_severity;

/* Structural position, each counted from 1 as the standard counts; 0 where it does not apply (ISO 9735: what a CONTRL needs). */
typedef struct dgm_position {
    uint32_t interchange, group, message; /* in the input; message in its interchange */
    uint32_t segment;                     /* in its message, UNH being 1 */
    uint16_t element, component, repetition;
    uint32_t document; /* in its message, when that holds several */
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
    uint64_t at_byte;      /* absolute offset in its source; UINT64_MAX when there is none */
    uint64_t bytes;        /* how many bytes are meant; 0 = a point */
    uint32_t line, column; /* from 1 when known at creation (mapping files), else 0: see dgm_locate() */
    uint32_t node;         /* node of the tree, or DGM_NONE */
    uint32_t rule;         /* rule of the mapping, or DGM_NONE */
    dgm_slice source;      /* file the bytes stand in, when it is not the input itself (a mapping, a code table) */
    dgm_slice reference;   /* message reference, 0062, when known */
    dgm_slice path;        /* place in the message or document, "SG30/CST/C246/7361" */
    dgm_slice sent;        /* where path is a place of a canonical document: the one of the message as it was sent, or empty */
    dgm_slice excerpt;     /* at most 256 bytes of the source around the place: one segment or one line */
    uint64_t excerpt_at;   /* absolute offset of the excerpt's first byte */
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

/* ---- codecs: which syntaxes there are --------------------------------------------------------------------------------------
 */

/* The built-in codecs, and those that were built elsewhere as shared objects (codecs/WRITING.md). */
typedef struct dgm_codec_set dgm_codec_set;
typedef struct dgm_codec_info {
    dgm_slice name, title, version; /* "edifact"; a line for people, and a version, where it says so */
    dgm_slice file;                 /* it was loaded from; empty: it is built in */
    uint32_t abi;
    bool answers, single; /* its standard has acknowledgements; an output holds one message only */
} dgm_codec_info;
/* Loads all files ending in .so of a folder, and one file by itself, where they are named (not empty). A file or folder that
 * everybody may write, or that belongs to somebody else but root, is refused; so is what was built with other headers, and a name
 * that another codec has. DGM_CONFIG: diags tell every mistake, and nothing is loaded; DGM_IO: the folder cannot be read. Code of
 * the files runs in this process. mem NULL: the C library's. One thread. */
DGM_API dgm_status dgm_codec_set_open(const dgm_mem *mem, dgm_slice folder, dgm_slice file, dgm_diags *diags, dgm_codec_set **out);
/* Every context opened with it must have been freed. */
DGM_API void dgm_codec_set_free(dgm_codec_set *set);
DGM_API size_t dgm_codec_set_count(const dgm_codec_set *set);
DGM_API dgm_codec_info dgm_codec_set_at(const dgm_codec_set *set, size_t i); /* i < count */

/* ---- contexts: what there is to translate ---------------------------------------------------------------------------------- */

typedef struct dgm_context dgm_context;

typedef struct dgm_context_options {
    uint32_t struct_bytes; /* sizeof(dgm_context_options) */
    dgm_mem mem;           /* grow NULL: dgm_mem_default() */
    dgm_world world;       /* now_ms NULL: dgm_world_default() */
    dgm_limits limits;
    dgm_slice mappings; /* folder with model/ formats/ rules/ codes/; empty: the one the library was built for */
    dgm_slice partners; /* folder with the profiles of partners; empty: partners/ of the mappings, if it is there */
    /* Files of mappings to be tried without putting them into the folder: each takes the place of the folder's file of its name,
     * and of the folder's mapping of its format. rules_alone: no other mapping is loaded. Borrowed during dgm_context_open only. */
    const dgm_slice *rules;
    size_t rule_file_count;
    bool rules_alone;
    /* A mapping of the folder that is broken costs only the messages that need it: its mistakes go to diags, and that it is set
     * aside (`context.mapping.aside`, a warning). Else the context does not open. */
    bool set_aside;
    /* Of vocabularies, formats and mappings that nobody needs yet only the beginning of the file is looked at: what it is, and what
     * it is for. They are loaded when a message or a call needs them, from the bytes that were read when the context was opened;
     * what is wrong with one is told then. A mapping that is broken costs the messages that need it, a format the input. Who wants
     * all mistakes beforehand calls dgm_context_check, or leaves this out. */
    bool as_needed;
    const dgm_codec_set *codecs; /* outlives the context; NULL: the built-in ones */
    dgm_slice schemas; /* folders with the XML Schemas that formats name, a colon between them, before that of the mappings */
} dgm_context_options;

/* Loads every vocabulary, format and mapping of the folder. Mistakes go to diags (all of them) and DGM_CONFIG is returned; the rest
 * is then not usable. DGM_IO: the folder cannot be read. The context may be shared by threads once open. */
DGM_API dgm_status dgm_context_open(const dgm_context_options *options, dgm_diags *diags, dgm_context **out);
DGM_API void dgm_context_free(dgm_context *c);
/* Loads all that was not needed yet (dgm_context_options.as_needed). DGM_CONFIG: something is broken, and diags tell every mistake
 * of it; the rest can be used. In any thread. */
DGM_API dgm_status dgm_context_check(const dgm_context *c, dgm_diags *diags);
/* Which version of its files a context is: sixteen hexadecimal digits that are the same for the same files, wherever they stand. */
DGM_API dgm_slice dgm_context_version(const dgm_context *c);

/* What it can read and write. */
typedef struct dgm_format_info {
    dgm_slice name, title, codec; /* "cusdec-d96b", "CUSDEC D.96B …", "edifact" */
    dgm_slice mapping;            /* file of the mapping that joins it to a model; empty when there is none */
    dgm_slice model;              /* "Declaration@1" or empty */
    uint32_t rule_count;          /* 0 while the mapping was not needed */
} dgm_format_info;
DGM_API size_t dgm_context_format_count(const dgm_context *c);
DGM_API dgm_format_info dgm_context_format(const dgm_context *c, size_t i); /* i < count */

/* A name and a value: a setting of a codec, a parameter of a mapping. Those given to dgm_job_open are borrowed by it only. */
typedef struct dgm_named {
    dgm_slice name, value;
} dgm_named;

/* A partner's profile: what was agreed with whoever sends an interchange (mappings/partners/README.md). */
typedef struct dgm_partner_info {
    dgm_slice name, title, file;
    const dgm_named *conditions; /* what the header must say for it to be chosen: "sender", "types" */
    size_t condition_count;
    const dgm_named *settings; /* "reader.charset", "writer.una", "ack.when", "limits.message-bytes" */
    size_t setting_count;
} dgm_partner_info;
DGM_API size_t dgm_context_partner_count(const dgm_context *c);
DGM_API dgm_partner_info dgm_context_partner(const dgm_context *c, size_t i); /* i < count */

/* An implementation guide: what a partner or an administration makes of one message (`dragoman: guide/1`). The setting
 * "reader.guide" chooses it, the level `guide` holds messages against it. */
typedef struct dgm_guide_info {
    dgm_slice name, title, file; /* "cusdec-import", one line for people, its path */
    dgm_slice format, message;   /* the format it is of, or empty; "CUSDEC:D:96B:UN" */
    dgm_slice chosen;            /* by what it is chosen for a message: "association NL-IM", "all", "name" */
    uint32_t place_count, rule_count;
} dgm_guide_info;
DGM_API size_t dgm_context_guide_count(const dgm_context *c);
DGM_API dgm_guide_info dgm_context_guide(const dgm_context *c, size_t i); /* i < count; of one that is wrong, its file alone */
/* Loads the guides of the folder, which are found when the context is opened and loaded by the first job whose settings ask for one
 * (by name, or by a level that takes their codes), or here, for who wants to know beforehand. DGM_CONFIG: diags tell every mistake
 * of any of them, and none is there. In any thread. */
DGM_API dgm_status dgm_context_guides(const dgm_context *c, dgm_diags *diags);
/* Checks the text of a guide against what the context has; path is for diagnostics. DGM_OK: it could be loaded; DGM_CONFIG: diags
 * tell every mistake, with line and column. */
DGM_API dgm_status dgm_context_guide_check(const dgm_context *c, dgm_slice path, dgm_slice bytes, dgm_diags *diags);

/* Checks the text of a format file (`dragoman: format/1`) as it would be loaded beside those the context has; path is for
 * diagnostics, and for a table that stands beside it. DGM_OK: it could be loaded; DGM_CONFIG: diags tell every mistake. */
DGM_API dgm_status dgm_context_format_check(const dgm_context *c, dgm_slice path, dgm_slice bytes, dgm_diags *diags);

/* Makes the two files of an XML format of XML Schemas: the format file, and the element table that goes beside it as NAME.tsv. What
 * is included and imported is read from local files only: from the folder of each schema that is named and those below it, and from
 * the folders given. The same schemas make the same bytes. In any thread. */
typedef struct dgm_format_import_wish {
    const dgm_slice *schemas; /* paths; the first has the root */
    size_t schema_count;
    dgm_slice root;    /* the element that documents begin with; empty: the one of the first schema that no other refers to */
    dgm_slice payload; /* the element that goes where the root's schema lets other vocabularies in; empty: none */
    dgm_slice name;    /* of the format; empty: made of the root's or the payload's */
    const dgm_slice *folders; /* that may be read as well */
    size_t folder_count;
    uint32_t rows_max, depth_max; /* what is laid out at most, whole levels; 0: 20000 and 32 */
} dgm_format_import_wish;
typedef struct dgm_imported_remark {
    dgm_slice path, text; /* what the schema says of this place, and the format cannot */
} dgm_imported_remark;
typedef struct dgm_imported dgm_imported;
/* wish must outlive the call. mem NULL: the C library's. DGM_CONFIG: diags say why there is none; DGM_OK: diags may hold warnings
 * of files that were not read. */
DGM_API dgm_status dgm_format_import(const dgm_mem *mem, const dgm_format_import_wish *wish, dgm_diags *diags, dgm_imported **out);
DGM_API dgm_slice dgm_imported_name(const dgm_imported *m);
DGM_API dgm_slice dgm_imported_format(const dgm_imported *m); /* has the remarks at its end, as comments */
DGM_API dgm_slice dgm_imported_table(const dgm_imported *m);
DGM_API size_t dgm_imported_row_count(const dgm_imported *m);
DGM_API size_t dgm_imported_remark_count(const dgm_imported *m);
DGM_API const dgm_imported_remark *dgm_imported_remark_at(const dgm_imported *m, size_t i); /* NULL past the end */
DGM_API void dgm_imported_free(dgm_imported *m);

/* ---- contexts that follow their files -------------------------------------------------------------------------------------------
 */

/* The context of a folder whose files change while messages flow: what was changed holds for whoever asks next, what cannot be
 * loaded is refused and the last one that could be stays. Whoever holds a context keeps it as it is, so that no message sees two.
 * May be shared by threads. */
typedef struct dgm_live dgm_live;
/* As dgm_context_open; what the options point to is copied, but for dgm_mem and dgm_world. accept (may be NULL) is asked whether a
 * new context will do before it takes the place of the one that holds: anything but DGM_OK refuses it. */
DGM_API dgm_status dgm_live_open(const dgm_context_options *options,
                                 dgm_status (*accept)(void *ctx, const dgm_context *c, dgm_diags *diags), void *accept_ctx,
                                 dgm_diags *diags, dgm_live **out);
/* Every context must have been given back. */
DGM_API void dgm_live_close(dgm_live *l);
/* The newest context; it stays until it is given back. */
DGM_API const dgm_context *dgm_live_hold(dgm_live *l);
DGM_API void dgm_live_give_back(dgm_live *l, const dgm_context *c);
/* Looks whether files were changed, and loads them: a few hundred system calls when nothing was. DGM_OK: a new context holds from
 * now on. DGM_END: nothing new, or another thread is looking. DGM_MORE: something was written, moved or taken away within
 * DGM_LIVE_SETTLE_MS, perhaps not all that will be: look again. DGM_CONFIG, DGM_IO and others: the files as they are now are
 * refused, once; the context that held stays. diags are of this look alone: what stood there is cleared when files are loaded. */
#define DGM_LIVE_SETTLE_MS 100
DGM_API dgm_status dgm_live_look(dgm_live *l, dgm_diags *diags);

/* ---- stores: documents that several messages tell -----------------------------------------------------------------------------
 */

/* Where parts of documents wait for the others (`document: {merge: …}` of a mapping): bytes by key, and nothing more, so that
 * memory, a folder or a database will do. What is put is there when put returns, whole, whatever happens then; what was there
 * before is there until that moment. A job holds its store from the first part of an input until what came of it is put out, for a
 * document must be written once: who shares it among processes makes the others wait meanwhile. Called in the job's own thread
 * only. */
typedef struct dgm_store {
    dgm_status (*hold)(void *ctx);                                /* alone from now on; NULL: nobody else is there */
    void (*let_go)(void *ctx);                                    /* NULL with hold */
    dgm_status (*get)(void *ctx, dgm_slice key, dgm_sink to);     /* DGM_END: nothing is there; DGM_INVALID: rubbish */
    dgm_status (*put)(void *ctx, dgm_slice key, dgm_slice bytes); /* in place of what was there. DGM_LIMIT: no room */
    dgm_status (*remove)(void *ctx, dgm_slice key);               /* DGM_OK also when nothing is there */
    /* Each key that begins so, in any order; nothing is changed meanwhile. Ends with what `called` returns other than DGM_OK.
     * DGM_INVALID: besides those there is something that cannot be read. */
    dgm_status (*each)(void *ctx, dgm_slice prefix, dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx);
    /* Where what a job puts out is safe only later (a file that gets its name when all is in it): told of each document that was
     * put out, which the caller then settles (dgm_store_settle); and asked whether it was told of that one: DGM_OK or DGM_END.
     * NULL: the job settles it when its output is closed. */
    dgm_status (*out)(void *ctx, dgm_slice key, bool ask);
    void *ctx;
} dgm_store;

/* A store in memory, for the inputs of one process. bytes_max: keys and bytes in it, 0 = 256 MiB; beyond that put gives DGM_LIMIT.
 * One thread at a time. */
typedef struct dgm_memory_store dgm_memory_store;
DGM_API dgm_status dgm_memory_store_new(const dgm_mem *mem, uint64_t bytes_max, dgm_memory_store **out);
DGM_API void dgm_memory_store_free(dgm_memory_store *m);
DGM_API dgm_store dgm_memory_store_use(dgm_memory_store *m); /* as long as it is there */

/* A message that is a part of a document. */
typedef struct dgm_part_info {
    dgm_slice mapping, type, reference, sender, recipient, interchange_reference;
    uint32_t number;  /* which part it is, where it says so; else 0 */
    int64_t since_ms; /* when it came, since 1970 */
} dgm_part_info;

/* A document that a store knows. WAITS: for parts. REFUSED: it is complete, but parts disagree, or it breaks a rule of its model or
 * of what it is written as. COMPLETE: it is, but nobody knows whether it was put out (a run ended in between; it is put out when
 * any of its parts comes again). WRITTEN: it was, and its parts are known only to tell them when they come again. */
typedef enum dgm_waits { DGM_WAITS, DGM_WAITS_REFUSED, DGM_WAITS_COMPLETE, DGM_WAITS_WRITTEN } dgm_waits;
typedef struct dgm_waiting {
    dgm_waits state;
    dgm_slice key;         /* for dgm_store_forget */
    dgm_slice name, model; /* "FunctionalReferenceID 4711", "Declaration@1" */
    dgm_slice lacks;       /* "2 of 3 messages of cuscar; none of cusrep"; empty when it is complete. Or that a part is unreadable,
                            * and then only parts that came behind it are told */
    int64_t since_ms;      /* when its first part came */
    const dgm_part_info *parts;
    size_t part_count;
} dgm_waiting;
/* Tells every document of a store; those that were written only with all. Everything is borrowed until the callback returns.
 * DGM_INVALID: something in it cannot be read (the rest is told). */
DGM_API dgm_status dgm_store_waiting(const dgm_store *store, const dgm_mem *mem, bool all,
                                     void (*called)(void *ctx, const dgm_waiting *w), void *ctx);
/* A document of a store is written: its parts go, and are remembered. DGM_END: there is none of that key. */
DGM_API dgm_status dgm_store_settle(const dgm_store *store, const dgm_mem *mem, dgm_slice key);
/* Takes a document and its parts out of a store. DGM_END: there is none of that key. */
DGM_API dgm_status dgm_store_forget(const dgm_store *store, const dgm_mem *mem, dgm_slice key);

/* ---- signatures of XML documents: XMLDSig and XAdES-B ------------------------------------------------------------------------ */

/* Certificates that are trusted: of authorities, or of partners themselves. Read-only once made; any thread. */
typedef struct dgm_trust dgm_trust;
/* pem: one certificate or more, and revocation lists (CRL) of those, which are then asked about signers. DGM_CONFIG: diags say what
 * is wrong. */
DGM_API dgm_status dgm_trust_new(const dgm_mem *mem, dgm_slice pem, dgm_diags *diags, dgm_trust **out);
DGM_API void dgm_trust_free(dgm_trust *t);

/* What is known of one signature. Everything is borrowed until the callback returns; what is not known is empty. */
typedef struct dgm_signature {
    bool genuine;      /* intact, by somebody who is trusted, with nothing against it */
    bool intact;       /* what it covers is as it was signed with the key of the certificate, whosever that is */
    bool whole;        /* it covers all of the document but itself */
    bool document;     /* it is the root: what is signed stands in it (enveloping) */
    dgm_slice covers;  /* the elements it covers: "/Declaration", or "/Envelope/Body" where it is a part only; blanks between */
    dgm_slice subject; /* who signed, as the certificate has it: "CN=Trader,O=Example,C=DE" */
    dgm_slice issuer, serial, valid_from, valid_until; /* of that certificate; serial in hexadecimal, dates as ISO 8601 */
    dgm_slice anchor;                                  /* the trusted certificate it leads to */
    dgm_slice when;                                    /* XAdES SigningTime: what the signer says of it */
    dgm_slice method, digest, canonical; /* "RSA-SHA256", "SHA-256", "exclusive": algorithms of value, references and SignedInfo */
    uint32_t references;
    uint64_t at_byte, bytes; /* where the Signature stands */
} dgm_signature;

typedef struct dgm_verify_options {
    uint32_t struct_bytes;  /* sizeof(dgm_verify_options) */
    dgm_mem mem;            /* grow NULL: dgm_mem_default() */
    dgm_world world;        /* now_ms NULL: dgm_world_default() */
    dgm_limits limits;      /* document_bytes_max, depth_max, attributes_max, diagnostics_max */
    const dgm_trust *trust; /* NULL: nobody is, and nothing is genuine */
    int64_t at_ms;          /* certificates have to be valid then: since 1970; 0: now */
    bool allow_sha1;
    dgm_slice encoding;                              /* of the document, when it is not what it says itself: as "reader.encoding" */
    void (*told)(void *ctx, const dgm_signature *s); /* of each signature; may be NULL */
    void *told_ctx;
} dgm_verify_options;

/* Is an XML document genuine: is each of its signatures, and does one cover all that will be read of it? DGM_OK: it is.
 * DGM_INVALID: it is not, or has none; DGM_SYNTAX, DGM_LIMIT: it cannot be looked at; diags say why. Nothing is fetched or opened.
 * In any thread. */
DGM_API dgm_status dgm_verify(dgm_slice document, const dgm_verify_options *options, dgm_diags *diags);

/* A private key with its certificate. Read-only once made; any thread. */
typedef struct dgm_signer dgm_signer;
typedef struct dgm_signer_options {
    uint32_t struct_bytes;  /* sizeof(dgm_signer_options) */
    dgm_mem mem;            /* grow NULL: dgm_mem_default() */
    dgm_world world;        /* now_ms NULL: dgm_world_default(); clock and randomness of XAdES */
    dgm_limits limits;      /* as dgm_verify_options */
    dgm_slice key;          /* PEM: RSA, or EC on P-256, P-384 or P-521 */
    dgm_slice passphrase;   /* of the key, if it needs one */
    dgm_slice certificates; /* PEM: the signer's, then those that lead to its authority; all go into KeyInfo */
    bool xades;             /* XAdES-B-B (EN 319 132-1): time and certificate are signed, too */
} dgm_signer_options;
/* DGM_CONFIG: diags say what is wrong. All slices are borrowed by this call only. */
DGM_API dgm_status dgm_signer_new(const dgm_signer_options *options, dgm_diags *diags, dgm_signer **out);
DGM_API void dgm_signer_free(dgm_signer *s);
/* Writes the document with an enveloped signature as the last child of its root; every other byte is as it was. DGM_INVALID,
 * DGM_SYNTAX, DGM_LIMIT: diags say why not, and nothing was written. */
DGM_API dgm_status dgm_sign(const dgm_signer *s, dgm_slice document, dgm_diags *diags, dgm_sink sink);

/* ---- jobs: one input through the house --------------------------------------------------------------------------------------- */

typedef struct dgm_job dgm_job;
typedef struct dgm_tree dgm_tree;

/* One message that went through, told after it is done. Everything is borrowed until the callback returns. */
typedef struct dgm_message_report {
    const char *codec; /* "edifact" */
    dgm_slice type, reference, sender, recipient, interchange_reference;
    dgm_slice format, mapping_in, mapping_out; /* names; empty when the job did not get so far */
    dgm_slice version;                         /* of the context: which rules it went through (dgm_context_version) */
    dgm_slice partner;                         /* whose profile holds for its interchange; empty: nobody's */
    dgm_slice partner_out;                     /* by whose profile it is written: who it goes to; empty: nobody's, or it is not */
    dgm_position position;
    uint64_t at_byte, bytes; /* in the input */
    dgm_status status;       /* DGM_OK: done; DGM_INVALID: refused; diags say why */
    uint32_t residue;        /* values no rule reads (accounts on) */
    uint32_t unsaid;         /* values of the model the target cannot say (accounts on) */
    /* Where a message holds several documents each has a report of its own; what is about the whole message is told with the first
     * of them. document: which of how many it is, from 1; 0: the message is one. wire is then that document's part of the message
     * (with explain), and target what it was written as by itself, whichever others share its message. */
    uint32_t document, documents;
    uint32_t output;                       /* number of the output that it is written to; 0: none */
    const dgm_diags *diags;                /* about this message; cleared after the callback */
    const dgm_tree *wire, *model, *target; /* trees so far as they were made; see model/tree.h */
    const struct dgm_job *job;
    dgm_slice guide; /* the implementation guide that is for it, where one was asked for; else empty */
    /* Of a message that is a part of a document: KEPT, `model` is what it says, and the document waits for others; AGAIN: the same
     * was there before; WHOLE: the document is complete with it, and `model` is the document. */
    enum { DGM_PART_NONE, DGM_PART_KEPT, DGM_PART_AGAIN, DGM_PART_WHOLE } part;
} dgm_message_report;

/* What surrounds messages: the segment that opens an interchange or a functional group, or one that secures it. */
typedef struct dgm_envelope_value {
    uint16_t element, component, repetition; /* from 1; component 1 for a simple element; which occurrence of the element */
    uint64_t at_byte, bytes;                 /* in the input */
    dgm_slice text;                          /* UTF-8 */
    dgm_slice name, title;                   /* "0534", "Security reference number"; empty where the standard has no such value */
    dgm_slice composite, composite_title;    /* "S500", "SECURITY IDENTIFICATION DETAILS"; empty for a simple element */
    dgm_slice meaning;                       /* of a code; empty where it has none, or is not known */
} dgm_envelope_value;
typedef struct dgm_agreed dgm_agreed; /* the library's own */
typedef struct dgm_envelope {
    dgm_slice tag, title; /* "UNB", "INTERCHANGE HEADER" */
    bool group;           /* of a functional group, else of an interchange */
    bool secures;         /* not what opens it, but a segment of its security (ISO 9735-5 and -7: USH USA USC USR UST, USD USU) */
    bool ends;            /* of those: it stands behind the messages, before the trailer */
    bool astray;          /* secures: it stands where no segment of security may, which was told */
    dgm_position position;
    uint64_t at_byte, bytes;
    const dgm_envelope_value *values; /* those that are not empty, in order; at most 128 */
    size_t count;
    const dgm_agreed *agreed;
} dgm_envelope;

/* Where documents go. open is called when the first byte of a new output is ready (an interchange for EDIFACT, one document for XML
 * and JSON); close when it is whole (complete) or given up. number counts outputs of this job from 1. */
typedef struct dgm_outlet {
    dgm_status (*open)(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out);
    dgm_status (*close)(void *ctx, bool complete);
    void *ctx;
} dgm_outlet;

/* What a receiver remembers of interchanges: a line of printable text for each (sender, recipient, control reference). `has` is
 * asked once for each, in their order; `keep` is told of those that were answered and not rejected, for a rejected one may come
 * again under its reference: DGM_OK, or what ends the job. */
typedef struct dgm_register {
    bool (*has)(void *ctx, dgm_slice line);
    dgm_status (*keep)(void *ctx, dgm_slice line);
    void *ctx;
} dgm_register;

/* Where control references come from that are never given twice, whoever asks and whenever: a store of the host's. take: the next
 * number for what goes to a recipient (0010 of UNB), larger than every one that was given for it before and not smaller than
 * `first`; from then on it is used up, even when nothing comes of it. What it returns other than DGM_OK ends the job, whose thread
 * it is called in. */
typedef enum dgm_counted_as { DGM_COUNT_INTERCHANGE, DGM_COUNT_GROUP, DGM_COUNT_MESSAGE } dgm_counted_as;
typedef struct dgm_counter {
    dgm_status (*take)(void *ctx, dgm_counted_as what, dgm_slice recipient, uint64_t first, uint64_t *number);
    void *ctx;
} dgm_counter;

typedef struct dgm_job_options {
    uint32_t struct_bytes;     /* sizeof(dgm_job_options) */
    dgm_slice from;            /* format or codec; empty: found from the first bytes */
    dgm_slice to;              /* format, or "json" for the canonical document; empty: read and check only */
    bool strict;               /* residue or unsaid values refuse a message */
    bool accounts;             /* account for every value; on when strict */
    bool explain;              /* keep provenance; the report's trees then have origins */
    bool map;                  /* with `to` empty: map to the model too, where a mapping can, for its checks and the model's */
    const dgm_named *settings; /* of the codecs: "reader.charset", "writer.line-breaks", "ack.when" */
    size_t setting_count;
    const dgm_named *params; /* of the mappings */
    size_t param_count;
    dgm_outlet outlet;                                           /* may be all NULL when `to` is empty */
    void (*report)(void *ctx, const dgm_message_report *report); /* may be NULL */
    void *report_ctx;
    /* How many threads may work on the messages of one input, the caller's among them; 0 or 1: only the caller's. Outputs, reports
     * and their order are the same whatever the number. The context's dgm_mem must then be usable by several threads at once. */
    uint32_t threads;
    dgm_slice level; /* rules an input must keep, where the reader has the setting `level` (and it is not given in settings) */
    dgm_slice level_usual; /* the same, where a partner's profile says nothing of it either */
    dgm_slice guide; /* implementation guide that messages are held against at level `guide`, as "reader.guide" has it, where the
                      * reader has that setting (and it is not given in settings) */
    /* Profile of a partner that holds for what this job reads and writes, beneath the settings given here; "auto": for each
     * interchange the one that its header asks for, told as information; empty: none. */
    dgm_slice partner;
    /* Every message is written again in its own standard, without a mapping: `to` is empty then. Settings of the writer that its
     * codec has hold. NORMAL: the form a canonical writer gives it, in the headers it came in, an output for each interchange (or
     * document); KEEP: byte for byte as it came, an output for each input: only messages that were refused, and the counts that
     * have them in, are not. */
    enum { DGM_REWRITE_NO, DGM_REWRITE_NORMAL, DGM_REWRITE_KEEP } rewrite;
    /* Where answers go that the standard of the input has for what came (a CONTRL for each EDIFACT interchange), one output each,
     * opened with the name of the codec as its format; open NULL: none are made. Settings "ack.…" say when and how; an interchange
     * that these refuse is not translated either. */
    dgm_outlet ack;
    /* Each message that becomes a document is answered by a canonical Response (accepted, or rejected with an error for each
     * problem), which goes to `outlet` in the format `to`: one made of a Response, or "json". The document itself is not written.
     * Answers themselves are not answered. */
    bool respond;
    dgm_register seen; /* where answers are made: interchanges taken before, which are duplicates now; has NULL: nothing is known */
    /* References of the interchanges that are written, answers among them; the setting "writer.counted" says whether those of
     * groups and messages too. take NULL: they are counted within one input, or those that came are kept. */
    dgm_counter counter;
    /* Told of what surrounds messages, as far as the codec of the input has such (EDIFACT): each header before the reports of the
     * messages behind it, in the order of the input and in the caller's thread. Everything is borrowed until it returns. May be
     * NULL. */
    void (*envelope)(void *ctx, const dgm_envelope *e);
    void *envelope_ctx;
    /* Where parts of documents wait for the others. get NULL: in the job's own memory, for one input; what is not complete at its
     * end is refused then. */
    dgm_store store;
    /* XML documents are verified before they are read, and what stands in the place of their signatures is blank then; one that is
     * not genuine is refused (what is wrong is told in a report of no message), and so is what comes in another syntax. Each input
     * is held as a whole. NULL: what the profile of who it is from says, else signatures are elements like any other. */
    const dgm_verify_options *verify;
    /* Each document that is written gets a signature: `to` is an XML format then. NULL: what the profile of who it goes to says
     * (mappings/partners/README.md). Both as long as the job. */
    const dgm_signer *signer;
    dgm_slice passphrase; /* of keys that profiles of partners name, where they need one and the profile says no file it is in;
                           * borrowed by dgm_job_open only */
} dgm_job_options;

/* DGM_UNKNOWN: no such format or no mapping joins them; DGM_CONFIG: a setting is wrong (diags say what and what there is). */
DGM_API dgm_status dgm_job_open(const dgm_context *c, const dgm_job_options *options, dgm_diags *diags, dgm_job **out);
/* Takes the next bytes (borrowed during the call) and does all that can be done with them. last: no more will come; finishes
 * outputs. DGM_OK; DGM_UNKNOWN when nothing knows the input; DGM_IO from the outlet; DGM_NOMEM. A refused message is no failure of
 * feed. */
DGM_API dgm_status dgm_job_feed(dgm_job *j, dgm_slice chunk, bool last);
/* The same for an input that lies in memory as a whole: borrowed until the job is closed, and not copied. */
DGM_API dgm_status dgm_job_whole(dgm_job *j, dgm_slice input);
/* Makes a job whose input is over ready for another one with the same options, keeping what was made for the last: cheaper than
 * closing and opening when inputs are small. Counts and the numbers of outputs go on. DGM_USAGE while an input is not over; after a
 * failure that ended the job, its status. */
DGM_API dgm_status dgm_job_again(dgm_job *j);
/* Messages read, refused, written so far. */
typedef struct dgm_job_counts {
    uint64_t messages, refused, outputs, errors, warnings, residue, unsaid;
} dgm_job_counts;
DGM_API dgm_job_counts dgm_job_count(const dgm_job *j);
DGM_API void dgm_job_close(dgm_job *j);

/* Many inputs, one after the other, with the same options. Outputs and reports come in the order of the inputs, in the caller's
 * thread, and are the same whatever options.threads; small inputs are worked on by several threads at once. */
typedef struct dgm_input {
    dgm_slice whole;                             /* in memory as a whole: borrowed until end */
    dgm_status (*feed)(void *ctx, dgm_job *job); /* or, when not NULL: gives a job its bytes with dgm_job_feed or dgm_job_whole */
    void *ctx;                                   /* the caller's own, for feed, begin and end to know it by */
} dgm_input;
typedef struct dgm_inputs {
    dgm_status (*next)(void *ctx, dgm_input *input);  /* the next one; DGM_END: no more; others stop everything */
    void (*begin)(void *ctx, const dgm_input *input); /* its turn: what is put out and reported from now on is of it; may be NULL */
    /* Its end, called once for each that next() gave: status is what feeding it came to, DGM_END when it never had its turn because
     * everything was stopped. What it returns other than DGM_OK stops everything. May be NULL. */
    dgm_status (*end)(void *ctx, const dgm_input *input, dgm_status status, const dgm_job_counts *counts);
    void *ctx;
} dgm_inputs;
/* What dgm_job_open() returns, before the first input is asked for; then DGM_OK, DGM_NOMEM or what stopped everything. The number
 * an outlet is opened with counts the outputs of one input. */
DGM_API dgm_status dgm_job_inputs(const dgm_context *c, const dgm_job_options *options, const dgm_inputs *inputs, dgm_diags *diags);

/* ---- trees: walking what was read or made -------------------------------------------------------------------------------------
 */

/* What a node is. group: holds others (the message, a segment group, an element of XML with children, a class of the model). */
typedef enum dgm_kind { DGM_GROUP, DGM_SEGMENT, DGM_COMPOSITE, DGM_ELEMENT, DGM_ATTRIBUTE, DGM_RECORD, DGM_OPAQUE } dgm_kind;

/* One node. Nodes have numbers from 0 (the message or document) in document order. All slices are valid until the tree goes. */
typedef struct dgm_view {
    dgm_kind kind;
    dgm_slice name, title;   /* "7361", "Customs code identification" (empty where the format has none) */
    dgm_slice value;         /* UTF-8; of what holds a value */
    uint32_t number;         /* the `#n` of a path: which of those with its name, from 1 */
    uint32_t below, after;   /* the node behind it; the first behind all that is below it */
    uint64_t at_byte, bytes; /* in the input, of what holds a value and of what begins somewhere; 0 bytes in a tree that was made */
    bool known;              /* its format has it */
} dgm_view;
/* False when the tree has no such node. Constant time. What stands directly below node n:
 * for (c = n.below; c < n.after && dgm_tree_view(t, c, &view); c = view.after) … */
DGM_API bool dgm_tree_view(const dgm_tree *t, uint32_t node, dgm_view *out);
/* Tells in document order which nodes of a tree the guide of that name has names of its own for (`name:` of a place). DGM_UNKNOWN:
 * there is no such guide, or it is not for such a tree. */
DGM_API dgm_status dgm_context_guide_names(const dgm_context *c, dgm_slice guide, const dgm_tree *tree,
                                           void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx);
/* The node at a path below another ("SG30#2/CST/C246/7361", "GoodsShipment/@name"; without `#n` the first), or DGM_NONE. Names are
 * the format's, not its short ones. */
DGM_API uint32_t dgm_tree_at(const dgm_tree *t, uint32_t from, dgm_slice path);
/* The value at a path from the top; empty when there is none. */
DGM_API dgm_slice dgm_tree_text(const dgm_tree *t, const char *path);

/* ---- what partners answered: CONTRL and APERAK of EDIFACT ---------------------------------------------------------------------
 */

typedef enum dgm_acked_level { DGM_ACKED_INTERCHANGE, DGM_ACKED_GROUP, DGM_ACKED_MESSAGE, DGM_ACKED_ERROR } dgm_acked_level;

/* One thing that is said, in document order: of an interchange, then of its groups, messages and errors, an error being about the
 * last message (or group, or interchange) before it. An APERAK speaks of messages and errors alone. */
typedef struct dgm_acked_item {
    dgm_acked_level level;
    const char *verdict; /* "acknowledged", "rejected", "received", or "" where the code is none of these; static */
    /* What is answered, as its sender named it; document: its number (BGM 1004), which an APERAK tells. */
    dgm_slice reference, document, sender, sender_qualifier, recipient, recipient_qualifier, type;
    dgm_slice action;      /* the code of the verdict as it came: 0083; 1225 or 4343 */
    dgm_slice code, text;  /* of an error: 0085 or 9321, and what it means or says; empty where there is none */
    dgm_slice tag;         /* the segment in error, when it is named */
    dgm_position position; /* segment, element, component, repetition, as diagnostics count them; message when it was tied */
    dgm_slice path;        /* "SG7/NAD", when it was tied to a message that has such a segment */
} dgm_acked_item;

typedef struct dgm_acked {
    dgm_slice type, sender, recipient, interchange_reference; /* of the message that says it: "CONTRL:D:3:UN", its UNB */
    const dgm_acked_item *items;
    size_t count;
} dgm_acked;

/* Reads the acknowledgement that the message of a report is; it stands by itself then. DGM_UNKNOWN: the message is none. Called
 * while the report's callback runs; the job's dgm_mem must outlive it. */
DGM_API dgm_status dgm_acked_read(const dgm_message_report *report, dgm_acked **out);
/* Ties it to a message that it may answer, told by a report of a job that reads it again (or keeps its trees): what is said of this
 * message gets its number and the paths of its segments. DGM_UNKNOWN: nothing is said of it that was not tied before. */
DGM_API dgm_status dgm_acked_tie(dgm_acked *a, const dgm_message_report *original);
DGM_API void dgm_acked_free(dgm_acked *a);

/* ---- documents made by hand, and writing trees
 * ------------------------------------------------------------------------------------ */

/* A message or document in the making. One thread at a time. */
typedef struct dgm_document dgm_document;
/* Of a loaded format ("cusdec-d96b"), of the model itself ("json:Declaration@1"), or of any EDIFACT message of any directory
 * ("CUSDEC:D.96B", or as UNH says it, "CUSDEC:D:96B:UN"). DGM_UNKNOWN: there is no such thing (diags say what is near). The context
 * must outlive it. */
DGM_API dgm_status dgm_document_new(const dgm_context *c, dgm_slice format, dgm_diags *diags, dgm_document **out);
/* Sets the value (UTF-8, copied) at a path; whatever is on the way is made. `#n` counts occurrences: those made have to be 1 to n
 * in the end, in any order of making. DGM_UNKNOWN: the format has no such path (diags name the nearest), or its end holds no value.
 */
DGM_API dgm_status dgm_document_set(dgm_document *d, dgm_slice path, dgm_slice value, dgm_diags *diags);
/* Fills a document, in which nothing was set, with what `base` becomes by `partial`: a message that says only what changes, each
 * change an Amendment that points at a place (mappings/README.md, "Messages that say only what changes"). Both are documents of the
 * model that this one is of ("json:Declaration@1"), as report->model. DGM_OK, perhaps with warnings; DGM_INVALID: it cannot be done
 * (diags); DGM_USAGE: they are of another model, or something was set. */
DGM_API dgm_status dgm_document_amend(dgm_document *d, const dgm_tree *base, const dgm_tree *partial, dgm_diags *diags);
/* And the other way: with the message that makes `full` of `base`; the tree is there then. What is empty is not said; of the
 * reference, that of `full` is. */
typedef struct dgm_amendment {
    uint32_t struct_bytes;    /* sizeof(dgm_amendment) */
    dgm_slice function, type; /* FunctionCode and TypeCode of the message: "13", "COR" */
    dgm_slice reference;      /* its FunctionalReferenceID */
    dgm_slice reason;         /* ChangeReasonCode of each Amendment */
} dgm_amendment;
DGM_API dgm_status dgm_document_difference(dgm_document *d, const dgm_tree *base, const dgm_tree *full,
                                           const dgm_amendment *options, dgm_diags *diags);
/* The tree; nothing can be set from then on but after dgm_document_clear(), which ends it. Valid as long as the document. */
DGM_API dgm_status dgm_document_tree(dgm_document *d, const dgm_tree **out);
DGM_API void dgm_document_clear(dgm_document *d);
DGM_API void dgm_document_free(dgm_document *d);

/* Writes trees: of reports (while their callback runs) or of documents. One output is one interchange of EDIFACT, or one document.
 */
typedef struct dgm_output dgm_output;
/* to: as dgm_document_new(), or a codec's name ("edifact") when each tree says itself what it is. settings: of the writer, without
 * "writer." before their names. DGM_CONFIG: one of them is wrong. */
DGM_API dgm_status dgm_output_open(const dgm_context *c, dgm_slice to, const dgm_named *settings, size_t setting_count,
                                   dgm_sink sink, dgm_diags *diags, dgm_output **out);
/* DGM_INVALID: the tree breaks a rule of its format (diags say which), and nothing of it was written. */
DGM_API dgm_status dgm_output_write(dgm_output *o, const dgm_tree *tree);
DGM_API dgm_status dgm_output_finish(dgm_output *o); /* what ends an output is written */
DGM_API void dgm_output_free(dgm_output *o);

/* ---- mappings proposed from examples ------------------------------------------------------------------------------------------
 */

/* What speaks for a proposal, or against it: values of one pair that should go together. */
typedef struct dgm_witness {
    uint32_t pair; /* from 0 */
    bool agrees;
    dgm_slice wire_place, wire, model_place, model; /* empty: nothing is there */
    uint64_t wire_at, wire_bytes;                   /* in its input; 0 bytes: it stands in none */
    uint64_t model_at, model_bytes;
} dgm_witness;

/* A statement that the examples suggest, in words of the mapping language. */
typedef struct dgm_proposal {
    uint32_t parent; /* the each it stands in, by its index, or DGM_NONE */
    bool each;
    bool kept;        /* it is sure enough to stand in the mapping; the others stand there as comments */
    uint32_t percent; /* how sure */
    const char *how;  /* "equal" "number" "date" "amount" "quantity" "fold" "codes" "upper" "padded" "constant" "order" "list" */
    dgm_slice wire, model;            /* places; empty where there is none */
    dgm_slice keys;                   /* the rest of the rule, "as: date"; may be empty */
    dgm_slice against;                /* in words; empty: nothing */
    uint32_t pairs;                   /* that it is seen in */
    uint32_t agree, differ;           /* values that go together, and that do not */
    uint32_t distinct;                /* how many different ones agree */
    uint32_t wire_alone, model_alone; /* where the other side has nothing */
    uint32_t rivals;                  /* other places that fit as well */
    const dgm_slice *codes;           /* of a table: model, wire, model, wire … */
    uint32_t code_count;              /* lines */
    const dgm_witness *witnesses;
    uint32_t witness_count;
} dgm_proposal;

/* Takes messages in pairs, each as it came and as it was made of it by other means, and proposes the rules between them. One side
 * becomes the canonical document: the one that is one, or that a mapping makes one of; the other is the wire. */
typedef struct dgm_inference dgm_inference;
DGM_API dgm_status dgm_infer_new(const dgm_context *c, dgm_inference **out);
/* The next message of one side (target: of the other), while the report's callback runs; from jobs with `map` on. The first of the
 * one goes with the first of the other. DGM_INVALID: it was refused and cannot be one of a pair. */
DGM_API dgm_status dgm_infer_take(dgm_inference *i, bool target, const dgm_message_report *report);
/* Once, when all are there. DGM_USAGE: diags say what does not go together. */
DGM_API dgm_status dgm_infer(dgm_inference *i, dgm_diags *diags);
DGM_API size_t dgm_infer_count(const dgm_inference *i);
DGM_API const dgm_proposal *dgm_infer_at(const dgm_inference *i, size_t n); /* NULL past the end; an each before what is in it */
/* Values of all examples, and those that proposals that are kept speak of. */
typedef struct dgm_infer_sum {
    size_t pairs;
    uint64_t wire_values, wire_taken, model_values, model_taken;
    bool turned;     /* the messages of `target` are the wire */
    dgm_slice to_do; /* what `map lint` would say of the mapping that was written, a sentence a line; empty: nothing */
} dgm_infer_sum;
DGM_API dgm_infer_sum dgm_infer_sums(const dgm_inference *i);
/* The mapping as YAML, of this name (empty: the format's); `dragoman map lint` accepts it with its tables beside it, unless the
 * sums say what is still to do. tables false: where none can be written; what needs one becomes a comment. */
DGM_API dgm_status dgm_infer_mapping(dgm_inference *i, dgm_slice name, bool tables, dgm_sink sink);
/* A file the mapping needs beside it, once it was made: a code table (TSV), a format that no file has yet (YAML). False past the
 * last. */
typedef struct dgm_infer_file {
    const char *folder; /* of the mappings it belongs to: "codes", "formats/edifact" */
    dgm_slice name, bytes;
} dgm_infer_file;
DGM_API bool dgm_infer_files(const dgm_inference *i, size_t n, dgm_infer_file *out);
DGM_API void dgm_infer_free(dgm_inference *i);

/* Explains a node of report->target or report->model (explain on): one line per step, "ID ← CST/1496 (rule cusdec-d96b.yaml:41,
 * bytes 1204..1207 \"0001\")". Prints the whole tree when node is DGM_NONE. */
DGM_API dgm_status dgm_report_explain(const dgm_message_report *report, uint32_t node, dgm_sink sink);
/* The whole way of each value at a place of what was made (of the target, else of the canonical document; explain and map on) and
 * below it, or of all when place is empty: rule, conversions, what it was made of, down to the bytes of the input. Of a place that
 * is empty: each rule that could have written it, and what it lacked. `#n` means that occurrence alone, without it all. json: one
 * object for each value (with its pointer as the WCO Data Model spells it). The place may be such a pointer, as an answer names
 * what is wrong: "42A 67A 68A#2 23A/137". DGM_END: nothing is there, and it was told why; DGM_UNKNOWN: the format has no such
 * place; DGM_INVALID: the message did not get as far as a mapping. */
DGM_API dgm_status dgm_report_explain_place(const dgm_message_report *report, dgm_slice place, bool json, dgm_sink sink);

#ifdef __cplusplus
}
#endif
#endif
