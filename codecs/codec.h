/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.h - what a codec is: one const struct that turns the bytes of one syntax into message trees and back. It knows nothing of
 * business. This header and dragoman.h are all that a codec built elsewhere needs (codecs/WRITING.md); both are installed.
 *
 * A codec sees trees, shapes and lists of diagnostics only through the host's table of functions (built-in ones read trees through
 * tree.h, too), takes memory only from the host, and reports everything that is wrong as diagnostics. ABI 0: exact match; nothing
 * is promised between versions yet. Threads: the codec struct is constant; a reader or writer belongs to one thread.
 */
#ifndef DGM_CODEC_H
#define DGM_CODEC_H

#include "dragoman.h"

#ifdef __cplusplus
extern "C" {
#endif

#define DGM_CODEC_ABI 0u

/* What only the host looks into. */
typedef struct dgm_shape dgm_shape;
typedef struct dgm_shape_maker dgm_shape_maker;
typedef struct dgm_draft dgm_draft;
typedef struct dgm_node dgm_node;
typedef struct dgm_arena dgm_arena;

/* ---- settings: one table gives parser, help and error messages for every codec ---- */
typedef enum dgm_option_kind { DGM_OPT_TEXT, DGM_OPT_BOOL, DGM_OPT_COUNT, DGM_OPT_DAY /* YYYY-MM-DD, or empty */ } dgm_option_kind;
typedef struct dgm_option {
    const char *name;     /* "line-breaks"; {0} ends the table */
    const char *standard; /* default, as text */
    const char *help;
    dgm_option_kind kind;
    const char *values; /* space-separated list of what a text may be, or NULL */
} dgm_option;

typedef struct dgm_setting {
    dgm_slice name, value;
} dgm_setting;

/* ---- files that a format names and that name others (XML Schemas): a codec opens none itself. read: from is the file that names
 * it, as it was given before, empty for the format; path and bytes go into the arena. DGM_UNKNOWN: there is none, or it may not be
 * read, and *why says so (static text); DGM_NOMEM. Any thread. ---- */
typedef struct dgm_file_source {
    dgm_status (*read)(void *ctx, dgm_arena *arena, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes,
                       const char **why);
    void *ctx;
} dgm_file_source;

/* ---- a format: one message of one standard, as a YAML file of mappings/formats/ declares it ---- */
typedef struct dgm_format_alias {
    dgm_slice name, path;
} dgm_format_alias; /* Item → SG30 */
typedef struct dgm_format {
    dgm_slice name;              /* "cusdec-d96b" */
    dgm_slice title;             /* "CUSDEC D.96B - customs declaration" */
    dgm_slice codec;             /* "edifact" */
    const dgm_setting *settings; /* message: CUSDEC, version: D, release: 96B …: what the codec's formats take */
    size_t setting_count;
    const dgm_format_alias *aliases;
    size_t alias_count;
    dgm_slice table;              /* bytes of the file named by `table:` (the element table of an XML profile), or empty */
    dgm_slice table_name;         /* its name, for diagnostics */
    dgm_slice file, file_name;    /* the format file itself, for codecs that read their part of it (`layout:`) */
    const dgm_shape *shape;       /* made by the codec when the format is loaded */
    const dgm_file_source *files; /* outlives the shape; NULL: it can name none */
    /* Formats may wait until a message needs them: who looks at the shape of one it was given calls this first, in any thread.
     * DGM_OK: it is loaded, and stays so. DGM_CONFIG: it is broken (diags tell it), DGM_NOMEM. NULL: it was loaded at once. */
    dgm_status (*need)(const struct dgm_format *format, dgm_diags *diags);
    void *owner;        /* whom `need` asks */
    const void *sketch; /* made by dgm_codec.sketch, or NULL */
} dgm_format;

/* ---- what was agreed with the sender of an interchange: settings that hold for it instead of those a reader (or who answers) was
 * opened with, all of them; whatever stands in neither is at its default ---- */
struct dgm_agreed {
    const dgm_setting *reader, *ack;
    size_t reader_count, ack_count;
    dgm_limits limits; /* 0: as the host has it */
};

/* The code that an answer gives a diagnostic which is not about syntax: by the diagnostic's name, or its beginning with * behind.
 */
typedef struct dgm_answer_code {
    dgm_slice diag, code;
} dgm_answer_code;

/* ---- a place of a format, as it is given to the maker of a shape and told of a shape: all that is not set is 0 ---- */
typedef struct dgm_slot_info {
    dgm_slice name, title; /* step of a path: "SG30", "N1", "C246", "@currencyID"; a short English name, or empty */
    dgm_kind kind;         /* DGM_GROUP, DGM_SEGMENT, DGM_RECORD, DGM_COMPOSITE hold others; DGM_ELEMENT, DGM_ATTRIBUTE a value */
    uint32_t min, max;     /* occurrences; max 0: 1; UINT32_MAX: any number */
    uint16_t element, component;     /* position in its segment, from 1; component 0: a simple element, or the composite itself */
    char characters[3];              /* "a", "n", "an" or "": whatever */
    uint8_t decimals;                /* digits behind the mark at most; 255: any number */
    uint32_t length_min, length_max; /* characters; length_max 0: any number */
    bool envelope;                   /* its codec writes it: no mapping needs to */
    uint32_t parent, first_child, child_count; /* told only; children have numbers in a row. parent of the root: UINT32_MAX */
} dgm_slot_info;

/* ---- something that is wrong with an input, as a codec says it ---- */
typedef struct dgm_remark {
    dgm_severity severity;
    const char *name; /* stable, the codec's own name first: "x12.segment.unknown" */
    dgm_slice text;   /* one English sentence without its end: "segment ZZ is not part of 850" */
    dgm_slice hint;   /* what to do about it; may be empty */
    dgm_position position;
    uint64_t at_byte, bytes; /* in the input; at_byte UINT64_MAX: no place */
    uint32_t node;           /* of the tree that is made, or DGM_NONE */
    dgm_slice path, reference;
    dgm_slice around; /* the bytes around the place, of which an excerpt is kept, and where they begin */
    uint64_t around_at;
} dgm_remark;

/* ---- what the host gives a codec ---- */
typedef struct dgm_host {
    uint32_t abi; /* DGM_CODEC_ABI */
    uint32_t struct_bytes;
    dgm_mem mem;
    dgm_limits limits;  /* all set, no zeros */
    bool segment_usual; /* nobody set how long a segment may be: one that its standard lets be longer may */
    dgm_diags *diags;   /* where diagnostics of this reader or writer go */
    dgm_world world;    /* for date and time of an interchange written */
    uint32_t threads;   /* a reader may use so many for one input; 0 and 1: the caller's alone */
    /* Called by a reader for what surrounds its messages as it is met, in the thread that reads: what stands before a message
     * before that is given out. An interchange's header has what was agreed with its sender. May be NULL. */
    void (*envelope)(void *ctx, const dgm_envelope *e);
    void *envelope_ctx;
    bool envelope_names; /* with what the standard calls segments and values, and with the meanings of codes */
    /* Called by a reader for each interchange whose header it can read, before anything else of it is looked at: what was agreed
     * with who sent it; NULL: nothing, its own settings hold. type: of its first message ("CUSDEC:D:96B:UN"), asked for with
     * agreed_by_type only; else empty. What is returned outlives the reader. May be NULL. */
    const dgm_agreed *(*agreed)(void *ctx, const dgm_envelope *e, dgm_slice type);
    void *agreed_ctx;
    bool agreed_by_type;
    dgm_register seen;                   /* for answers: interchanges taken before; has may be NULL */
    dgm_counter counter;                 /* for writers, and for answers; take NULL: they count by themselves */
    const dgm_answer_code *answer_codes; /* for answers, from the mappings' folder; borrowed */
    size_t answer_code_count;
    /* Formats of this codec that are loaded, for readers that meet several kinds of message; borrowed, outlive the reader. */
    const dgm_format *const *formats;
    size_t format_count;
    /* All of them that are loaded, also those that are not asked for: what an envelope holds, what a payload stands in. */
    const dgm_format *const *known;
    size_t known_count;
    /* What this codec was given to know beside what is linked in (dgm_codec.knowledge_load); borrowed, outlives the reader. */
    const void *const *knowledge;
    size_t knowledge_count;
    /* Implementation guides of messages of this codec that are loaded (dgm_codec.guide_load); borrowed, outlive the reader. */
    const void *const *guides;
    size_t guide_count;
    /* Trees (tree.h). Never NULL. */
    dgm_status (*draft_new)(const dgm_mem *mem, const dgm_limits *limits, dgm_draft **out);
    void (*draft_free)(dgm_draft *d);
    dgm_status (*draft_begin)(dgm_draft *d, const dgm_shape *shape);
    uint32_t (*draft_open)(dgm_draft *d, uint32_t slot, dgm_kind kind, uint32_t flags, uint32_t at, uint32_t place);
    void (*draft_close)(dgm_draft *d);
    dgm_node *(*draft_reserve)(dgm_draft *d, uint32_t n);
    void (*draft_commit)(dgm_draft *d, uint32_t n);
    uint32_t (*draft_count)(const dgm_draft *d);
    dgm_status (*draft_decoded)(dgm_draft *d, uint32_t node, dgm_slice utf8);
    char *(*draft_text)(dgm_draft *d, size_t bytes);
    dgm_status (*draft_named)(dgm_draft *d, uint32_t node, dgm_slice name);
    void (*draft_flag)(dgm_draft *d, uint32_t node, uint32_t flags);
    dgm_node *(*draft_node)(dgm_draft *d, uint32_t node);
    dgm_status (*draft_status)(const dgm_draft *d);
    dgm_status (*draft_finish)(dgm_draft *d, char *bytes, uint32_t byte_count, size_t capacity, bool borrowed, uint64_t base,
                               dgm_tree **out);
    void (*draft_recycle)(dgm_draft *d, dgm_tree *t, char **bytes, size_t *capacity);
    /* A leaf whose value is span raw bytes from `at` on (draft_decoded gives it another one): its index, DGM_NONE on failure. */
    uint32_t (*draft_leaf)(dgm_draft *d, uint32_t slot, dgm_kind kind, uint32_t flags, uint32_t at, uint32_t span, uint32_t place);

    /* For codecs built elsewhere: what is in tree.h, shape.h and diag.h for the others. Never NULL. */
    /* Says that something is wrong. DGM_NOMEM: it could not be kept. */
    dgm_status (*tell)(const struct dgm_host *host, const dgm_remark *remark);
    /* A setting's value, or the default of the table. */
    dgm_slice (*setting)(const dgm_setting *settings, size_t n, const dgm_option *options, const char *name);
    /* Trees that are written. Nodes are numbered in document order, 0 being the message: dgm_tree_view() of dragoman.h says how one
     * walks. slot: DGM_SLOT_NOT_KNOWN where the shape does not have it. element: position in its segment, 0: none. shape: of the
     * tree. */
    bool (*tree_view)(const dgm_tree *t, uint32_t node, dgm_view *out);
    uint32_t (*tree_slot)(const dgm_tree *t, uint32_t node);
    const dgm_shape *(*tree_shape)(const dgm_tree *t);
    void (*tree_free)(dgm_tree *t);
    /* Shapes. begin, add (the first is the root, parent UINT32_MAX; gives the maker's number, UINT32_MAX on failure), alias,
     * freeze, maker_free. After freeze the slots stand breadth first: shape_frozen tells the slot of a maker's number. shape_child:
     * the slot of the ordinal-th child of that name (1: the first), UINT32_MAX: none. shape_attach: what the codec keeps beside a
     * shape, freed with it. */
    dgm_status (*shape_begin)(const dgm_mem *mem, dgm_slice name, dgm_shape_maker **out);
    uint32_t (*shape_add)(dgm_shape_maker *m, uint32_t parent, const dgm_slot_info *slot);
    dgm_status (*shape_alias)(dgm_shape_maker *m, dgm_slice name, uint32_t id);
    dgm_status (*shape_freeze)(dgm_shape_maker *m, dgm_shape **out);
    uint32_t (*shape_frozen)(const dgm_shape_maker *m, uint32_t id);
    void (*shape_maker_free)(dgm_shape_maker *m);
    void (*shape_free)(dgm_shape *s);
    bool (*shape_slot)(const dgm_shape *s, uint32_t slot, dgm_slot_info *out);
    uint32_t (*shape_child)(const dgm_shape *s, uint32_t slot, dgm_slice name, uint32_t ordinal);
    uint32_t (*shape_find)(const dgm_shape *s, dgm_slice path, dgm_slice *bad); /* of names and aliases, "SG30/CST" */
    void (*shape_attach)(dgm_shape *s, void *extra, void (*release)(void *extra));
    const void *(*shape_attached)(const dgm_shape *s);
} dgm_host;

/* The slot of a node whose name is in no shape (its name is given by draft_named), in a tree and for draft_open and draft_leaf. */
#define DGM_SLOT_NOT_KNOWN 0xFFFFFu
/* What a node may be flagged with: its value is there, but empty; a diagnostic was made about it. */
#define DGM_NODE_EMPTY 2u
#define DGM_NODE_WRONG 8u
/* The last argument of draft_open and draft_leaf: the occurrence of a group, segment or record, from 1; of what stands in a segment
 * its element, component (0: none) and repetition. */
#define DGM_PLACE_OF(element, component, repetition)                                                                               \
    (((element) < 255u ? (uint32_t)(element) : 255u) | (uint32_t)(component) << 8 | (uint32_t)(repetition) << 16)

/* Every reader and writer struct of a codec begins with one of these; the codec's own fields follow. */
typedef struct dgm_reader {
    const struct dgm_codec *codec;
} dgm_reader;
typedef struct dgm_writer {
    const struct dgm_codec *codec;
} dgm_writer;

/* What a reader says beside the tree. Slices are valid until the next call of next() or recycle(). */
typedef struct dgm_message {
    dgm_tree *tree;           /* NULL when the message could not be made into one (diagnostics say why) */
    const dgm_format *format; /* the loaded format it fits, or NULL: only the codec's own knowledge was used */
    dgm_slice type;           /* what it calls itself: "CUSDEC:D:96B:UN", "Declaration" */
    dgm_slice reference;      /* 0062 or empty */
    dgm_slice sender, recipient, interchange_reference; /* of its envelope; empty where there is none */
    dgm_position position;
    uint64_t at_byte, bytes;  /* of the whole message in the input */
    size_t errors;            /* errors reported about this message */
    const dgm_agreed *agreed; /* what the host agreed to for its interchange, or NULL */
    const void *guide;        /* the implementation guide that is for it, where one was asked for; or NULL */
} dgm_message;

struct dgm_buffer;

/* Messages left out of the interchange and the group that are being copied. */
typedef struct dgm_left_out {
    uint32_t of_interchange, of_group;
    bool groups;    /* the interchange has groups, and counts them alone */
    char component; /* its component separator, as far as it is known */
} dgm_left_out;

/* Answers to what was read (the struct of a codec begins with it). */
typedef struct dgm_ack {
    const struct dgm_codec *codec;
} dgm_ack;

typedef struct dgm_codec {
    uint32_t abi;                                                       /* DGM_CODEC_ABI the codec was built with; never moves */
    uint32_t struct_bytes;                                              /* sizeof(dgm_codec) in that build; never moves */
    const char *name;                                                   /* "edifact" */
    const dgm_option *reader_options, *writer_options, *format_options; /* tables; never NULL */

    /* How sure it is that the first bytes of an input (up to 1 KiB) are its own: 0 (no) .. 100. */
    int (*identify)(dgm_slice first_bytes);
    /* The shape of a format; problems go to host->diags with the format's file as source. DGM_CONFIG when there is none. */
    dgm_status (*shape)(const dgm_host *host, const dgm_format *format, dgm_shape **out);

    /* Reading. open: the host is copied. feed: the chunk is borrowed only during the call; `last` says that no more will come
     * (chunk may then be empty). open_whole: the bytes are borrowed and must outlive every tree; feed must not be called; slot may
     * be NULL. next: DGM_OK and a message; DGM_MORE feed again; DGM_END the input is over; DGM_NOMEM, DGM_IO: the reader may only
     * be closed. A broken message is a DGM_OK with errors > 0 (and perhaps no tree): the rest of the input goes on. recycle: gives
     * the tree of a message back (instead of dgm_tree_free), sets message->tree to NULL. reset: ready for another input with the
     * same settings. close accepts NULL. */
    dgm_status (*open)(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out);
    dgm_status (*open_whole)(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out);
    dgm_status (*feed)(dgm_reader *r, dgm_slice chunk, bool last);
    dgm_status (*next)(dgm_reader *r, dgm_message *out);
    void (*recycle)(dgm_reader *r, dgm_message *message);
    void (*reset)(dgm_reader *r);
    void (*close)(dgm_reader *r);

    /* Writing: one writer writes one interchange or document file: write each message, then finish. A tree that cannot be written
     * whole (length, repertoire, mandatory place missing, too many) is refused with diagnostics and DGM_INVALID, and nothing of it
     * is written. `format` is the trees'; NULL, where a codec can: each tree says itself what it is. single: true when one output
     * holds one message only (XML). */
    dgm_status (*writer_open)(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                              dgm_writer **out);
    dgm_status (*write)(dgm_writer *w, const dgm_tree *tree);
    dgm_status (*finish)(dgm_writer *w);
    void (*writer_close)(dgm_writer *w);
    /* Makes a writer that finished one document or interchange, or is to give up the one it has, ready for another with the same
     * settings, much cheaper than opening: references go on counting where it counts them. May be NULL; not after DGM_NOMEM or
     * DGM_IO. writer_renew: the same with other settings, as if it were opened anew; what is wrong with them is told and the writer
     * may then only be closed. May be NULL. */
    void (*writer_again)(dgm_writer *w, dgm_sink sink);
    dgm_status (*writer_renew)(dgm_writer *w, const dgm_setting *settings, size_t n, dgm_sink sink);
    /* After writer_renew: what comes belongs to what was written before, so references that settings begin count on when they still
     * begin alike. May be NULL. */
    void (*writer_goes_on)(dgm_writer *w);
    /* Writing again what was read: what surrounds the messages that come next, as a reader of this codec told it (host.envelope),
     * is what will surround them in the output, but for what settings say. What cannot be written is told with the first message,
     * and bars all of them. May be NULL. */
    dgm_status (*writer_envelope)(dgm_writer *w, const dgm_envelope *e);
    /* Has the interchange as many messages as a setting lets it have? write() then begins another one in the same sink; who wants
     * it in another finishes this one and uses the writer again. May be NULL. */
    bool (*writer_full)(const dgm_writer *w);
    /* Bytes between two messages of an input, or behind the last, appended to `out` as they stand, but for counts that have
     * messages in them which were left out of what surrounds them; *left goes from one call to the next. May be NULL: messages of
     * this codec cannot be put out as they came. */
    dgm_status (*recount)(dgm_slice between, dgm_left_out *left, struct dgm_buffer *out);
    bool single;
    /* The meaning of a coded value in words ("Original"), for people; empty when not known. May be NULL. */
    dgm_slice (*meaning)(const dgm_shape *shape, uint32_t slot, dgm_slice value);

    /* Files that a codec can be given to know more by (directories of messages): those in this folder of the mappings that end in
     * the suffix are loaded before any format. folder NULL: it takes none. load: DGM_CONFIG, when diags say why not. What is loaded
     * is read-only then. */
    const char *knowledge_folder, *knowledge_suffix;
    dgm_status (*knowledge_load)(const dgm_mem *mem, dgm_slice path, dgm_slice bytes, dgm_diags *diags, void **out);
    void (*knowledge_free)(void *knowledge);

    /* Implementation guides: files beside those of the formats. NULL: the codec has none. guide_looks: is it one, and no format?
     * guide_load: host has the formats and the knowledge that are loaded; DGM_CONFIG, when diags say why not; what is loaded is
     * read-only then. guide_clash: are
     * both for the same messages? */
    bool (*guide_looks)(dgm_slice bytes);
    dgm_status (*guide_load)(const dgm_host *host, dgm_slice path, dgm_slice bytes, void **out);
    void (*guide_free)(void *guide);
    dgm_guide_info (*guide_info)(const void *guide);
    bool (*guide_clash)(const void *a, const void *b);
    /* Tells in document order which nodes of a tree a guide has names of its own for. DGM_UNKNOWN: it is not for such a tree. */
    dgm_status (*guide_names)(const void *guide, const dgm_tree *tree, const dgm_mem *mem,
                              void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx);

    /* Acknowledging; ack_open is NULL when the standard has no answers. ack_envelope is what a reader's host must call (ctx: the
     * dgm_ack). ack_take: the reports of the input, in its order, each with all diagnostics about it; it may add to them. An answer
     * goes to the outlet, one output each, as soon as all of what it answers was taken; ack_finish: the input is over. ack_rejects:
     * what surrounds the messages of this interchange is refused already. All of them: one thread at a time. */
    const dgm_option *ack_options;
    dgm_status (*ack_open)(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_outlet outlet, dgm_ack **out);
    void (*ack_envelope)(void *ack, const dgm_envelope *e);
    dgm_status (*ack_take)(dgm_ack *a, const dgm_message_report *report, dgm_diags *diags);
    bool (*ack_rejects)(const dgm_ack *a, uint32_t interchange);
    dgm_status (*ack_finish)(dgm_ack *a, dgm_diags *diags);
    void (*ack_close)(dgm_ack *a);
    /* Reads an acknowledgement: items in the arena, texts there or borrowed from tree and directories. DGM_UNKNOWN: the message is
     * none. May be NULL. */
    dgm_status (*ack_read)(const dgm_tree *tree, dgm_slice type, dgm_arena *arena, dgm_acked_item **items, size_t *count);

    /* The codes that alone a place takes, a blank between them; empty where its format does not say. May be NULL. */
    dgm_slice (*codes)(const dgm_shape *shape, uint32_t slot);

    /* How sure it is that an input is of one of its formats, of a syntax that only they know: 0 .. 100. first: as for identify;
     * whole: that is all of it. May be NULL. */
    int (*identify_formats)(const dgm_format *const *formats, size_t n, dgm_slice first, bool whole);

    /* Whether its readers ask for a format (dgm_format.need) before they look at its shape; else all of its formats are loaded when
     * the context is opened. Where it has identify_formats they are all loaded before that is called. */
    bool waits;
    /* What its readers tell formats apart by before one is loaded, from settings and table alone; in the arena. May be NULL. */
    dgm_status (*sketch)(const dgm_format *format, dgm_arena *arena, const void **out);

    /* Whatever a writer holds back of what was written goes to the sink. May be NULL: it holds nothing back. */
    dgm_status (*flush)(dgm_writer *w);

    /* Of a codec built elsewhere: what it is in one line, and its version; and what tells that it was built with these headers
     * (DGM_CODEC_BUILD). Of a built-in one not set. */
    const char *title, *version;
    uint64_t build;
} dgm_codec;

/* Sizes of what codec and host share: with other headers it is another number. */
#define DGM_CODEC_BUILD                                                                                                            \
    ((uint64_t)sizeof(dgm_codec) | (uint64_t)sizeof(dgm_host) << 12 | (uint64_t)sizeof(dgm_message) << 24 |                        \
     (uint64_t)sizeof(dgm_limits) << 36 | (uint64_t)(sizeof(dgm_slot_info) + sizeof(dgm_remark) + sizeof(dgm_format)) << 48)
#ifndef __cplusplus
_Static_assert(offsetof(dgm_codec, struct_bytes) == 4, "abi and size never move");
#endif

/* The one symbol that a codec built as a shared object has: DGM_CODEC_ENTRY(codec) defines it, behind the struct. */
#define DGM_CODEC_SYMBOL "dragoman_codec"
#define DGM_CODEC_ENTRY(codec)                                                                                                     \
    DGM_API const dgm_codec *dragoman_codec(void);                                                                                 \
    const dgm_codec *dragoman_codec(void)                                                                                          \
    {                                                                                                                              \
        return &(codec);                                                                                                           \
    }

#ifdef __cplusplus
}
#endif

#endif
