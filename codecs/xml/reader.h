/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - what the files of the XML reader share: reader.c (bytes in, messages out), sax.c (events to tree), watch.c (and to the
 * schema's validator), root.c (formats and names), attributes.c, many.c (documents of many messages), problems.c (what is wrong,
 * kept until the whole message is here). One thread for each reader.
 */
#ifndef DGM_CODECS_XML_READER_H
#define DGM_CODECS_XML_READER_H

#include "schema.h"
#include "xml.h"

#include <libxml/parser.h>

/* Text given to the parser at a time: always the same cuts, however the input was fed, so that everything said is the same too. Of
 * a document of many messages less, for those that end in one piece wait together. */
enum { DGM_XML_SLICE = 16384, DGM_XML_MANY_SLICE = 4096, DGM_XML_CACHE = 1024, DGM_XML_STRANGERS = 16 };

#define DGM_XML_MARKED 0x80000000u /* on a parent: its attributes are asked for */

/* An element with children that is open. */
typedef struct dgm_xml_frame {
    uint32_t slot; /* DGM_SLOT_UNKNOWN: below here nothing is known */
    uint32_t node;
    uint32_t last;   /* slot of the child before, DGM_SLOT_NONE at first */
    uint32_t counts; /* a child's count stands at counts + its slot (modulo 2^32) */
    uint32_t end;    /* where those of a child's children begin */
    uint32_t occurrence;
    const char *name;
    size_t at; /* its "<" in the text */
} dgm_xml_frame;

/* An attribute whose element is not in the tree yet. */
typedef struct dgm_xml_attribute {
    uint32_t slot;     /* or DGM_SLOT_UNKNOWN */
    uint32_t at, span; /* raw bytes of the value */
    bool decoded;
    size_t value, len;     /* in `values` when decoded */
    size_t name, name_len; /* in `values` when unknown: "@prefix:name" */
    size_t text_at;
} dgm_xml_attribute;

/* The innermost element while nothing says that it has children. */
typedef struct dgm_xml_leaf {
    bool on, direct; /* direct: what came so far stands in the text as it is */
    bool bad;        /* something is wrong with its being here */
    uint32_t slot, occurrence;
    const char *name;
    size_t at, content; /* "<" and the first byte behind ">" */
    size_t len;         /* bytes of value so far; in `value` unless direct */
} dgm_xml_leaf;

typedef struct dgm_xml_known {
    const xmlChar *name;   /* as the parser's dictionary holds it: one address for each name */
    const xmlChar *uri;    /* a namespace that is right for it, in the same way */
    uint32_t parent, slot; /* parent | DGM_XML_MARKED for attributes */
    uint32_t max;          /* and flags: of the place */
    uint8_t flags;
} dgm_xml_known;

/* Something to say once the document, or the message of many, is whole. Offsets in the text. */
typedef struct dgm_xml_problem {
    dgm_diag_code code;
    dgm_severity severity;
    uint32_t node;
    bool raw;     /* at is a raw offset: there is no text there */
    bool settled; /* at is an offset of the input, bytes are of it, and the excerpt is here: the text need not be */
    dgm_slice excerpt;
    uint64_t excerpt_at;
    size_t at, bytes;
    dgm_slice path;
    uint32_t argument_count;
    dgm_argument arguments[3];
} dgm_xml_problem;

/* A document in an envelope: its bytes, where they stand, and the reader that reads them. */
typedef struct dgm_xml_reader_payload {
    dgm_reader *reader; /* made when first wanted */
    bool within;        /* this is such a reader: what it reads holds no further document */
    dgm_buffer bytes;
    size_t *marks; /* of each DGM_XML_PAYLOAD_STEP bytes, where they begin in the Base64 */
    size_t mark_room;
} dgm_xml_reader_payload;

/* Where the event stands that the schema's validator has in hand. */
typedef struct dgm_xml_watch {
    size_t at, bytes;
    uint32_t depth, node;
    bool leaf;
} dgm_xml_watch;

/* A message of many that is whole and waits to be asked for, with what is wrong with it. */
typedef struct dgm_xml_ready {
    dgm_message message;
    size_t problems, errors_dropped, warnings_dropped;
} dgm_xml_ready;

/* A document of many messages (many.c). Offsets are in the text, which is the head - what stands before the first message - and
 * behind it what is not read yet; what is done with in between goes, and `gone` counts it. */
typedef struct dgm_xml_many {
    bool on, whole; /* whole: its bytes are the caller's, `rest` what was not taken of them yet */
    bool skipping;  /* the message that is open is given up, its end is waited for */
    bool head_known;
    uint64_t most;                /* messages; 0: any number */
    size_t head_most;             /* bytes of the head */
    startElementNsSAX2Func start; /* what stands behind the handlers of many.c */
    endElementNsSAX2Func end;
    uint32_t open, within; /* open elements; and which of them is the message, 0: none is */
    uint32_t depth, above; /* frames that are open where a message begins; the slot of the last of them */
    const char *name;      /* of a message */
    size_t head, head_raw; /* bytes of the head, in the text and of the input */
    size_t from, at;       /* where what belongs to the message begins: behind the one before; and its own "<" */
    uint64_t at_byte;      /* where its "<" stands in the input */
    uint64_t count;        /* messages begun */
    size_t head_errors;
    uint32_t head_reference;
    dgm_tree *envelope; /* the head as a tree: every message begins with its nodes */
    dgm_slice rest;
    dgm_xml_ready *ready;
    size_t ready_first, ready_count, ready_room;
    size_t problems; /* of the messages that wait: those of the open one follow */
    char *spare;     /* bytes of a message that was given back */
    size_t spare_room;
    dgm_arena texts; /* where those of the open message go when the others are told */
} dgm_xml_many;

typedef struct dgm_xml_reader {
    dgm_reader base;
    dgm_host host;
    dgm_xml_input in;
    char encoding[64];
    dgm_draft *draft;
    xmlParserCtxtPtr parser;
    bool parser_used;                    /* must be made fresh before the next document */
    bool begun, given, over;             /* the document has begun; its message was returned; no more of it is wanted */
    bool stopped, hopeless, terminating; /* nothing more is read; and no tree can be made; the end was told to the parser */
    bool root_open, root_closed, no_memory, too_long;
    dgm_status unusable;                             /* DGM_OK, or why a format that it may be cannot be loaded */
    uint64_t came;                                   /* bytes of the input; those behind what stopped the reading are not kept */
    size_t fed;                                      /* bytes of text given to the parser */
    size_t stalled_at, stalled_seen, stalled_values; /* a tag or comment that is not whole yet */
    char stalled_quote;
    size_t next_at; /* in the text: where the event before ended; 0 when that is not known */
    dgm_slice text; /* as it is during a call of the parser */
    bool in_place;  /* the parser reads the text where it stands */
    bool calm;      /* up to the tag at tag_at comes nothing that was not looked at already */
    size_t tag_at;
    size_t tag_quick, tag_short; /* a tag of no more bytes is below every limit; tag_short: where the depth is not at its own */
    dgm_node *run;               /* nodes of the draft that are filled, but not committed */
    uint32_t run_start, run_used, run_room;
    bool draft_failed; /* there was no room for a node */

    const dgm_format *format;
    const dgm_xml_profile *profile;
    const dgm_xml_place *places;
    uint32_t depth, synthetic; /* open elements; how many of them stand above a root that came without its envelope */
    dgm_xml_frame frames[DGM_DEPTH_MAX + 1];
    uint32_t *counts;
    size_t count_room;
    dgm_xml_leaf leaf;
    dgm_xml_attribute *attributes;
    size_t attribute_count, attribute_room;
    bool attributes_unknown; /* one of them at least */
    dgm_buffer values;       /* of attributes */
    dgm_buffer value;        /* of the leaf, when it is not direct; of text between elements */
    size_t mixed_at;
    bool mixed;
    uint32_t reference_node;
    struct {
        const xmlChar *uri;
        uint32_t ns;
    } strangers[DGM_XML_STRANGERS];
    uint32_t stranger_count;
    dgm_xml_known *known; /* DGM_XML_CACHE of them */
    uint32_t known_count;
    const dgm_format *known_format; /* whose slots they are */

    dgm_xml_reader_payload inside; /* payload.c */
    dgm_arena texts;               /* of problems */
    dgm_xml_problem *problems;
    size_t problem_count, problem_room;
    size_t errors_dropped, warnings_dropped;
    size_t stop_at; /* text offset of what stopped the reading */

    dgm_xml_many many;
    bool watched; /* documents are held against the schema of their format */
    dgm_xml_check check;
    dgm_xml_watch watch;
} dgm_xml_reader;

/* ---- sax.c ---- */
extern const xmlSAXHandler dgm_xml_sax;
/* Offset in the text of a place in the parser's buffer; SIZE_MAX when it is not in it. */
size_t dgm_xml_text_offset(const dgm_xml_reader *r, const xmlChar *at);
/* Offset of the last '<' (or other mark) before `before`. */
size_t dgm_xml_mark_before(dgm_slice text, size_t before, char mark);
/* Appends to one of the reader's buffers; no memory stops the reading. */
void dgm_xml_keep(dgm_xml_reader *r, dgm_buffer *b, dgm_slice bytes);
/* Room for one more node, to be filled at once; NULL: the draft says why not. */
dgm_node *dgm_xml_more_nodes(dgm_xml_reader *r);
static inline dgm_node *dgm_xml_new_node(dgm_xml_reader *r)
{
    return r->run_used < r->run_room ? &r->run[r->run_used++] : dgm_xml_more_nodes(r);
}
/* The node that was filled last. */
static inline uint32_t dgm_xml_last_node(const dgm_xml_reader *r)
{
    return r->run_start + r->run_used - 1;
}
/* Before the draft is asked for anything but room. */
static inline void dgm_xml_commit(dgm_xml_reader *r)
{
    if (r->run_used) r->host.draft_commit(r->draft, r->run_used);
    r->run_start += r->run_used;
    r->run_used = r->run_room = 0;
}
/* A truth is kept in its canonical form, whatever it came in. */
void dgm_xml_keep_flag(dgm_xml_reader *r, uint32_t node, dgm_slice value);
/* An element that has children is open from here on. */
void dgm_xml_push_frame(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t at, uint32_t flags);

static inline bool dgm_xml_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Raw offset, relative to the message as nodes want it. */
static inline uint32_t dgm_xml_raw_of(dgm_xml_reader *r, size_t text_at)
{
    if (r->in.width == DGM_XML_UTF8) return (uint32_t)(text_at + r->in.mark);
    uint64_t raw = dgm_xml_input_offset(&r->in, text_at);
    if (raw == UINT64_MAX) r->no_memory = true;
    return (uint32_t)raw;
}

/* Are the raw bytes of a range of the text the text itself? Always, when the input is UTF-8. */
static inline bool dgm_xml_raw_is_text(const dgm_xml_reader *r, size_t at, size_t len, uint32_t raw, uint32_t span)
{
    return r->in.width == DGM_XML_UTF8 || (len == span && memcmp(r->text.at + at, dgm_xml_input_raw(&r->in).at + raw, len) == 0);
}

/* ---- many.c ---- */
/* The root of a document of many messages was opened. */
void dgm_xml_many_begin(dgm_xml_reader *r);
void dgm_xml_many_forget(dgm_xml_reader *r);
void dgm_xml_many_free(dgm_xml_reader *r);
/* Gives the open message up, and only that; false: there is none, it is the document that cannot be read. */
bool dgm_xml_many_skip(dgm_xml_reader *r);
/* Lets go of what was read, when that is much. Not while the parser is at work. */
void dgm_xml_many_slide(dgm_xml_reader *r);
/* The bytes that the caller lent are read as if they were fed. False: no memory. */
bool dgm_xml_many_take_over(dgm_xml_reader *r);
/* Some more of them; false: that was all. */
bool dgm_xml_many_refill(dgm_xml_reader *r);
/* A message that is whole, with all that is wrong told. False: none is. */
bool dgm_xml_many_give(dgm_xml_reader *r, dgm_message *out);
/* The input is over: what is left to say, with the message that is not whole, or (DGM_END) of none. */
dgm_status dgm_xml_many_end(dgm_xml_reader *r, dgm_message *out);
static inline bool dgm_xml_running(const dgm_xml_reader *r)
{
    return !r->stopped || r->many.skipping;
}
/* Bytes that one message may have: positions in it are kept in 32 bits. */
static inline uint64_t dgm_xml_message_most(const dgm_xml_reader *r)
{
    uint64_t most = r->host.limits.message_bytes_max, room = r->many.on ? UINT32_MAX / 2 : UINT32_MAX - 1;
    return most < room ? most : room;
}
/* The offset in the input of a raw byte that is here. */
static inline uint64_t dgm_xml_input_place(const dgm_xml_reader *r, uint64_t raw)
{
    return raw < r->many.head_raw ? raw : raw + r->in.gone;
}

/* ---- watch.c ---- */
void dgm_xml_watch_init(dgm_xml_reader *r);
/* Puts those that ask the schema before the reader's own. */
void dgm_xml_watch_handlers(xmlSAXHandler *sax);

/* ---- root.c ---- */
/* The root: the format is chosen, the draft begins. Returns the slot. */
uint32_t dgm_xml_begin_root(dgm_xml_reader *r, const char *name, const char *uri, size_t at);
/* An element of a known slot in a namespace that was not yet found right for it; `known` may be NULL. uri NULL: a root in none. */
void dgm_xml_check_namespace(dgm_xml_reader *r, dgm_xml_known *known, uint32_t slot, const char *name, const xmlChar *uri,
                             size_t at);
/* A name beneath a parent (| DGM_XML_MARKED: of an attribute), its slot DGM_SLOT_NONE when there is none; kept for the next time.
 */
dgm_xml_known *dgm_xml_look_up(dgm_xml_reader *r, uint32_t parent, const xmlChar *name, uint32_t from);

/* The dictionary of the parser gives every name one address, so an address and a parent are the whole question. */
static inline dgm_xml_known *dgm_xml_find(dgm_xml_reader *r, uint32_t parent, const xmlChar *name)
{
    uint32_t i = ((uint32_t)((uintptr_t)name >> 2) * 0x9E3779B1u ^ parent * 0x85EBCA6Bu) >> 22; /* the upper 10 bits */
    dgm_xml_known *k = &r->known[i];
    return k->name == name && k->parent == parent ? k : dgm_xml_look_up(r, parent, name, i);
}

/* ---- attributes.c ---- */
/* The value of the nth attribute of that qualified name in the tag at `tag`, between its quotes; false when there is none. */
bool dgm_xml_find_attribute(dgm_slice text, size_t tag, const char *prefix, const char *name, uint32_t nth, size_t *at,
                            size_t *len);
/* Keeps an attribute (as the parser gives it) of an element of that slot. */
void dgm_xml_add_attribute(dgm_xml_reader *r, uint32_t slot, size_t tag, const xmlChar *const *a);
/* Says what is unknown or missing among the kept attributes of an element of the format. */
void dgm_xml_check_attributes(dgm_xml_reader *r, uint32_t slot, const char *name, uint32_t occurrence, size_t tag);
/* Puts the kept attributes behind the node just made. */
void dgm_xml_put_attributes(dgm_xml_reader *r, const char *owner, uint32_t occurrence);

/* ---- payload.c ---- */
/* A message that is an envelope becomes the document in it, with the envelope around its tree; errors are told and counted. */
dgm_status dgm_xml_open_payload(dgm_xml_reader *r, dgm_message *out);
/* The first value of a slot, or empty. */
dgm_slice dgm_xml_value_of(const dgm_tree *t, uint32_t slot);
/* Gives the document's tree back; what is left in the message is the envelope. */
void dgm_xml_recycle_payload(dgm_xml_reader *r, dgm_message *message);
void dgm_xml_payload_free(dgm_xml_reader *r);

/* ---- problems.c ---- */
/* A new problem with the path of the innermost open element, or NULL when it cannot be kept (then it is counted). An error of
 * DGM_ERROR with `stop` ends the reading. */
dgm_xml_problem *dgm_xml_problem_add(dgm_xml_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes);
void dgm_xml_problem_text(dgm_xml_reader *r, dgm_xml_problem *p, dgm_slice text);
void dgm_xml_problem_name(dgm_xml_reader *r, dgm_xml_problem *p, const char *name);
void dgm_xml_problem_number(dgm_xml_problem *p, int64_t number);
/* Adds "/name" behind the path of the problem. */
void dgm_xml_problem_below(dgm_xml_reader *r, dgm_xml_problem *p, const char *name, uint32_t occurrence);
/* What is wrong with a value, said of `name`; `owner`: the element of an attribute or leaf that the path does not have yet. */
void dgm_xml_problem_fault(dgm_xml_reader *r, const dgm_xml_fault *f, uint32_t node, size_t at, size_t len, const char *owner,
                           uint32_t occurrence, dgm_slice name, dgm_slice value);
/* Nothing more is read; no tree comes out of it when `hopeless`. */
void dgm_xml_stop(dgm_xml_reader *r, size_t at, bool hopeless);
/* A limit was passed: told, and stopped. */
void dgm_xml_limit(dgm_xml_reader *r, dgm_diag_code code, size_t at, uint64_t limit);
/* The parser's own errors. */
#if LIBXML_VERSION >= 21200
void dgm_xml_on_error(void *ctx, const xmlError *e);
#else
void dgm_xml_on_error(void *ctx, xmlErrorPtr e);
#endif
/* Gives all of them to the host's list. Returns how many were errors. */
size_t dgm_xml_problems_tell(dgm_xml_reader *r, uint32_t message, dgm_slice reference);
/* The same for `n` of them from `from` on, of that message. */
size_t dgm_xml_problems_tell_some(dgm_xml_reader *r, size_t from, size_t n, uint32_t message, dgm_slice reference);
/* From `from` on they can be told without the text: their places are those of the input. */
void dgm_xml_problems_settle(dgm_xml_reader *r, size_t from);
/* Takes the first `n` away; texts of the others move into another arena when there are many. */
void dgm_xml_problems_drop(dgm_xml_reader *r, size_t n);

#endif
