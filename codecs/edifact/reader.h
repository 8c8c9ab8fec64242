/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.h - what the parts of the reader share: reader.c moves bytes to segments, envelope.c deals with UNA UNB UNG UNE UNZ,
 * run.c takes segments like those before, message.c puts the others into their places, segment.c makes nodes of one segment,
 * report.c says what is wrong. A reader belongs to one thread.
 */
#ifndef DGM_EDI_READER_H
#define DGM_EDI_READER_H

#include "base/diag.h"
#include "base/utf8.h"
#include "charsets.h"
#include "codecs/codecs.h"
#include "crew.h"
#include "guide.h"
#include "intake.h"
#include "lexer.h"
#include "mold.h"
#include "order.h"
#include "program.h"
#include "references.h"

/* What the reader is waiting for. SKIPPING: inside a message that will give no tree. IN_OCTETS: inside bytes that are no segments.
 * IN_INTERACTIVE: inside an interactive interchange, which is passed over. */
typedef enum dgm_edi_phase {
    DGM_EDI_BETWEEN,
    DGM_EDI_IN_INTERCHANGE,
    DGM_EDI_IN_MESSAGE,
    DGM_EDI_SKIPPING,
    DGM_EDI_IN_OCTETS,
    DGM_EDI_IN_INTERACTIVE
} dgm_edi_phase;

/* A segment that stands complete in the tokens: its tag is token[0]. Offsets are relative to the reader's bytes. */
typedef struct dgm_edi_segment {
    const dgm_edi_token *token;
    size_t count;   /* tokens, the tag counted */
    size_t at, end; /* bytes, without and with the terminator's */
    dgm_slice tag;
    uint32_t packed;   /* of the tag; 0 when it has not three bytes */
    bool unterminated; /* the input ended before its terminator */
    bool measured;     /* count and end are known: finding them is left to who passes over the tokens anyway */
} dgm_edi_segment;

/* Which rules an input must keep: those of ISO 9735 alone, those of its directory too, codes too. ADVICE: those of its directory,
 * and what is wrong with codes is told as a warning. GUIDE: codes, and those of the guide that fits. In this order. */
typedef enum dgm_edi_level {
    DGM_EDI_LEVEL_SYNTAX,
    DGM_EDI_LEVEL_DIRECTORY,
    DGM_EDI_LEVEL_ADVICE,
    DGM_EDI_LEVEL_CODES,
    DGM_EDI_LEVEL_GUIDE
} dgm_edi_level;

/* How values are to be understood. */
typedef struct dgm_edi_values {
    char identifier[5];     /* "UNOC" */
    const dgm_edi_set *set; /* NULL: an identifier that is not known */
    dgm_slice set_name;     /* for diagnostics */
    dgm_charset *charset;   /* NULL: UTF-8 */
    bool latin1;            /* ISO 8859-1, whose bytes are code points: no converter is asked */
    bool ascii_only;        /* UNOA, UNOB without the setting `charset`: every byte from 0x80 on is wrong */
    bool text;              /* decoded before it was scanned */
    bool narrow;            /* the same, and `set` may lack characters that the encoding of the interchange has */
} dgm_edi_values;

/* What the type that no directory had last is nearest to. Looking for it takes as long as reading many messages: of an input, only
 * the first few types get it. */
typedef struct dgm_edi_unknown {
    dgm_edi_directory directory;
    char type[16];
    size_t len;
    dgm_slice near;
    uint32_t looked;
} dgm_edi_unknown;
#define DGM_EDI_UNKNOWN_LOOKED 100u

/* A kind of message met before. An input may hold any number of kinds, and each takes as much memory as some thousand messages:
 * when those made here take more than the limit kinds-bytes, or there are more kinds, or code lists, than one for each so many of
 * its bytes, all of them are forgotten before another one is learnt, and with them the molds and the code lists that were used. */
#define DGM_EDI_KIND_BYTES      (16u << 10)
#define DGM_EDI_CODE_LIST_BYTES (4u << 10)
#define DGM_EDI_KINDS_MET       256u /* slots of the table that finds them by their names */
typedef struct dgm_edi_known {
    const dgm_edi_program *program;   /* belongs to the shape: attached.h */
    const dgm_format *format;         /* NULL: known by the directory alone */
    const dgm_edi_guide_bound *guide; /* NULL: there is none for it */
    dgm_shape *shape;                 /* made here when there is no format */
} dgm_edi_known;

/* A value that must be decoded, or looked at again, once the nodes of its segment stand. */
typedef struct dgm_edi_later {
    uint32_t node, token;
    const dgm_edi_naming *naming;
    uint16_t leaf;
} dgm_edi_later;
#define DGM_EDI_LATER_MAX 64u

/* Security groups: a header and a trailer with one reference, 0534. Each level has its own. */
#define DGM_EDI_SECURITY_PAIRS_MAX 99u
typedef struct dgm_edi_security_pair {
    char reference[14];
    uint8_t len;
    bool ended;
    uint32_t segments;
} dgm_edi_security_pair;
typedef struct dgm_edi_security {
    uint32_t count, current; /* current == count: none */
    bool trailing;           /* trailers have begun */
    bool awaits_check;       /* told, of the trailer before */
    uint64_t told;
    uint64_t told_from; /* in the input, as told_bytes */
    uint32_t told_bytes;
    dgm_edi_security_pair pairs[DGM_EDI_SECURITY_PAIRS_MAX];
} dgm_edi_security;
typedef enum dgm_edi_scope { DGM_EDI_OF_INTERCHANGE, DGM_EDI_OF_GROUP, DGM_EDI_OF_MESSAGE, DGM_EDI_SCOPES } dgm_edi_scope;

/* Where line breaks were left out: before the byte `text`, counted from the first there ever was; `removed` of them so far;
 * `before` is the byte that stood there. */
typedef struct dgm_edi_gap {
    uint64_t text, removed;
    char before;
} dgm_edi_gap;
typedef struct dgm_edi_unwrap {
    bool on, told;
    char last;
    dgm_edi_gap *gaps;
    size_t count, room, seen;
    uint64_t removed, trimmed;
} dgm_edi_unwrap;

#define DGM_EDI_SERVICE_TAGS 22u
#define DGM_EDI_UNA_BLANKS   16u

#define DGM_EDI_ENVELOPE_TEXT 128u
typedef struct dgm_edi_text {
    char at[DGM_EDI_ENVELOPE_TEXT];
    size_t len;
} dgm_edi_text;
static inline dgm_slice dgm_edi_text_slice(const dgm_edi_text *t)
{
    return (dgm_slice){ t->at, t->len };
}

typedef struct dgm_edi_reader {
    dgm_reader head;
    dgm_host host;
    dgm_mem mem;
    dgm_edi_crew *crew; /* others who read the same input; NULL: none */
    dgm_status failed;  /* DGM_NOMEM and the like: only close is left */
    dgm_edi_level level;
    dgm_severity advice; /* of what is wrong with codes, check digits and control totals */

    /* Input: bytes still wanted. Whole: at moves through the caller's memory; else it is a buffer of capacity bytes. */
    const char *in;
    char *buffer;
    size_t len, capacity;
    uint64_t base; /* absolute offset of in[0] */
    bool whole, last, ended;
    dgm_edi_intake intake; /* where these are not the bytes of the input */

    /* Segments: tokens[next .. ready) are complete ones. */
    dgm_edi_lexer lexer;
    dgm_edi_token *tokens;
    size_t token_next, token_ready, token_count, token_room;
    bool overflow;       /* inside a segment that is too long */
    bool unfinished;     /* the input ended inside the segment that stands at token_next */
    dgm_edi_order order; /* of the tokens that are ready; made when a run wants it */
    void *order_block;
    size_t order_room; /* bytes */
    bool wide;         /* which way run.c goes */
    dgm_edi_order_way *order_way;
    dgm_edi_segment segment;

    /* The interchange. */
    dgm_edi_phase phase;
    size_t at;          /* BETWEEN: next byte to look at */
    uint64_t junk_from; /* in the input */
    bool junk;
    char service[4]; /* component, element, release, terminator */
    char repetition_separator;
    bool has_release, has_repetition, has_una, any;
    uint64_t una_at;                                /* in the input */
    uint32_t una_width;                             /* bytes of each of its characters there */
    char una_decimal, una_repetition, una_reserved; /* as UNA has them; repetition: a blank when it is not usable */
    char mark_wrong;                                /* the decimal mark that may not stand in numbers; 0: both may */
    bool has_header;                                /* UNB was there */
    bool header_seen, headless_told, mixed_told;
    uint32_t interactive_ends; /* the tag, packed, that ends what is passed over */
    uint32_t syntax_version;
    dgm_edi_values values;
    /* Which set has a character that another lacks: asked for lately, for a wrong identifier makes many faults alike. */
    struct dgm_edi_holding {
        uint32_t point; /* 0: nothing was asked */
        const dgm_edi_set *set;
    } holding[16];
    dgm_charset *charset_setting, *charset_known; /* the set of UNB opened last */
    dgm_edi_text charset_name;
    dgm_edi_text sender, recipient, interchange_reference, group_reference;
    uint32_t interchange_messages, interchange_groups, group_messages;
    bool in_group;
    dgm_edi_references references;
    dgm_edi_text group_version, group_release;
    dgm_edi_layout service_layouts[2][DGM_EDI_SERVICE_TAGS]; /* of versions 1 to 3, of version 4; made when they are asked for */
    dgm_arena constants;

    /* The message. */
    dgm_draft *draft;
    dgm_edi_known *known;
    size_t known_count, known_room;
    size_t known_bytes;                    /* of the shapes made here and what is attached to them */
    uint32_t kinds_met[DGM_EDI_KINDS_MET]; /* by a hash: 1 + the kind that was met last with it */
    dgm_edi_unknown unknown;
    const dgm_edi_known *kind;
    dgm_edi_text kind_raw; /* UNH's bytes that said so, while the service characters are the same; may be empty */
    struct {
        bool there, four, has_repetition;
        char service[4], repetition_separator;
        size_t kind;                /* of those known */
        dgm_edi_text type, raw;     /* as kind_raw */
    } lately;                       /* the kind found last, in whatever interchange that was */
    const dgm_edi_program *program; /* NULL: read without names */
    uint32_t place;                 /* position of the last segment that fitted */
    bool at_trailer;                /* a run came to UNT and took it: it is the segment being read */
    uint32_t groups_open;
    uint32_t group_nodes[DGM_DEPTH_MAX]; /* of the groups that are open, outermost first */
    dgm_edi_molds *molds;
    uint32_t *counts; /* occurrences of each position in the groups that are open now */
    size_t counts_room;
    uint32_t next_node;     /* the number the draft will give */
    bool draft_trouble;     /* the draft's status wants looking at */
    uint32_t path_position; /* of the segment being read, for diagnostics; DGM_NONE */
    const dgm_edi_layout *path_layout;
    uint32_t repetition;   /* which occurrence of its element the value being read is, from 1; 0: elements do not repeat here */
    size_t message_at;     /* first byte of the message */
    uint64_t message_from; /* the same in the input */
    uint64_t behind_gone;  /* of an input that is decoded, or joined: the place behind the last byte that is no longer there */
    size_t errors, errors_before;
    dgm_position position;
    dgm_edi_text reference, type, message_reference;
    struct {
        size_t at, end;
        uint32_t position;
        char tag[4];
    } before;                           /* the segment before this one, for "missing after" */
    dgm_buffer plain, decoded;          /* one value without releases; one value in UTF-8 */
    dgm_buffer told_values, told_texts; /* of a segment that surrounds messages, while the host is told of it */
    dgm_edi_later later[DGM_EDI_LATER_MAX];
    uint32_t later_count;
    /* Bytes that are no segments: an object, encrypted data. */
    dgm_edi_phase octets_resume;        /* the phase behind them */
    size_t octets_at, octets_searched;  /* where they begin; before here there is no trailer */
    uint64_t octets_from;               /* the first in the text */
    uint64_t octets_from_byte;          /* the same in the input */
    uint64_t octets_told, octets_count; /* what the header says, what there is */
    bool octets_lost;                   /* their end must be looked for */
    bool package, package_told_known;   /* what is being read is a package, not a message */
    bool encrypted;                     /* the message's body was */
    bool security_astray;               /* the segment of security at hand stands where it may not */
    bool encrypted_around;              /* messages of the interchange were: nobody can count them */
    uint64_t package_told;              /* octets of its object */
    uint32_t package_before;            /* segments that come before the object still */
    dgm_edi_security security[DGM_EDI_SCOPES];
    dgm_edi_unwrap unwrap;
    struct {
        dgm_charset *charset; /* of the setting */
        dgm_edi_text charset_name;
        dgm_slice format, guide;
        dgm_limits limits;
        dgm_severity junk, blanks, headless, trailing;
        dgm_edi_level level;
    } opened;                  /* settings that hold where nothing was agreed */
    const dgm_agreed *agreed;  /* with the sender of the interchange in hand */
    dgm_charset *charset_kept; /* the set agreed on last */
    struct {
        uint64_t at, bytes; /* junk; bytes 0: none */
        uint64_t mark_at;
        bool mark;            /* a byte order mark */
    } around;                 /* an interchange, not told before it is known what was agreed */
    dgm_slice format_setting; /* which directory goes before the one that UNH names, for which senders */
    dgm_slice guide_setting;  /* auto, none, or which guide for which senders */
    void *guide_state;        /* of a message that is held against a guide */
    size_t guide_state_room;
    dgm_severity junk_is, blanks_are, headless_is; /* as the settings say */
    dgm_severity trailing;                         /* separators with nothing behind them; 0: they are nothing to tell of */
    bool blanks_told;
    char *message_bytes; /* a recycled buffer */
    size_t message_bytes_room;
} dgm_edi_reader;

/* ---- choose.c ---- */
/* Takes the setting `format`. DGM_USAGE: it names what is not there. */
dgm_status dgm_edi_choice_open(dgm_edi_reader *r, dgm_slice setting);
/* By which version and release a message of a type is to be read, given what its UNH says; true when the setting says otherwise. */
bool dgm_edi_choose(dgm_edi_reader *r, dgm_slice type, dgm_edi_text *version, dgm_edi_text *release, dgm_edi_text *association);

/* ---- agreed.c ---- */
/* Settings as the reader was opened with, from here on. */
void dgm_edi_agreed_reset(dgm_edi_reader *r);
/* UNB is the segment being read: asks the host what was agreed with its sender, and takes that. type: of the first message. */
dgm_status dgm_edi_agreed_ask(dgm_edi_reader *r, dgm_slice type);
/* From the offset *at on the input is read as was agreed, where it must be decoded or joined before it is cut: *again; *at is then
 * where the segment stands in what is read. */
dgm_status dgm_edi_agreed_decode(dgm_edi_reader *r, size_t *at, bool *again);
/* What stood before the interchange is told, if it waited for that. */
void dgm_edi_agreed_tell(dgm_edi_reader *r);
/* Takes the next item off a list with semicolons: "WHAT", for one sender "SENDER=WHAT", for one type of message "CUSDEC:WHAT", or
 * both. */
bool dgm_edi_choice_item(dgm_slice *list, dgm_slice *sender, dgm_slice *type, dgm_slice *what);
/* What such a list says of the sender of this interchange and a type of message: an item that names the sender goes before one that
 * names none, of these one that names the type. */
dgm_slice dgm_edi_choice_of(const dgm_edi_reader *r, dgm_slice list, dgm_slice of_type);

/* ---- guide_choose.c ---- */
/* Takes the setting `guide`. DGM_CONFIG: it names what is not there. */
dgm_status dgm_edi_guide_open(dgm_edi_reader *r, dgm_slice setting);
/* May the guide of a message depend on who sends it to whom, not on its UNH alone? */
bool dgm_edi_guides_by_partner(const dgm_edi_reader *r);
/* What UNH says of itself, and which format fits it. */
typedef struct dgm_edi_guide_wanted {
    const dgm_format *format;
    dgm_slice type, version, release, agency, association;
} dgm_edi_guide_wanted;
/* The guide for a message; NULL: none, or this level asks for none. */
const dgm_edi_guide_bound *dgm_edi_guide_choose(const dgm_edi_reader *r, const dgm_edi_guide_wanted *w);

/* ---- guide_check.c ---- */
/* A message of this kind begins, at level `guide`: there is room to hold it against its guide, or it is told that it has none. No
 * memory: r->failed. */
void dgm_edi_guide_ready(dgm_edi_reader *r);
/* Holds a message against its guide. */
void dgm_edi_guide_check(dgm_edi_reader *r, const dgm_tree *tree, const dgm_edi_guide_bound *bound);

/* ---- unwrap.c ---- */
void dgm_edi_unwrap_free(dgm_edi_reader *r);
void dgm_edi_unwrap_reset(dgm_edi_reader *r);
/* Puts a chunk behind the reader's bytes, where there is room for all of it, or behind those that are to be decoded; without line
 * breaks. */
dgm_status dgm_edi_unwrap_append(dgm_edi_reader *r, dgm_slice chunk);
/* Where a byte of what is left without line breaks stands in the input. */
uint64_t dgm_edi_unwrap_offset(const dgm_edi_unwrap *u, uint64_t plain);
/* Tells, once for each interchange, of a break that was inside a segment and before an offset (dgm_edi_plain_end). */
void dgm_edi_unwrap_tell(dgm_edi_reader *r, uint64_t plain);
/* An interchange begins at an offset. */
void dgm_edi_unwrap_begin(dgm_edi_reader *r, size_t at);

/* Where a byte stands in the input without its line breaks, where those are left out; else in the input. */
static inline uint64_t dgm_edi_plain_offset(const dgm_edi_reader *r, size_t at)
{
    return r->intake.on ? dgm_edi_intake_offset(&r->intake, at) : r->base + at;
}
/* Behind the byte before `at` there. */
static inline uint64_t dgm_edi_plain_end(const dgm_edi_reader *r, size_t at)
{
    return at ? dgm_edi_plain_offset(r, at - 1) + 1 : 0;
}
/* Where a byte stands in the input. */
static inline uint64_t dgm_edi_offset(const dgm_edi_reader *r, size_t at)
{
    uint64_t plain = dgm_edi_plain_offset(r, at);
    return r->unwrap.on ? dgm_edi_unwrap_offset(&r->unwrap, plain) : plain;
}
/* How many bytes of the input a stretch is; line breaks behind it that were left out are not its own. */
static inline uint64_t dgm_edi_extent(const dgm_edi_reader *r, size_t at, size_t bytes)
{
    if (bytes == 0 || (!r->intake.on && !r->unwrap.on)) return bytes;
    uint64_t end = r->intake.on ? dgm_edi_intake_end(&r->intake, at + bytes) : r->base + at + bytes;
    if (r->unwrap.on) end = dgm_edi_unwrap_offset(&r->unwrap, end - 1) + 1;
    return end - dgm_edi_offset(r, at);
}

/* ---- report.c: where and what. e and c count from 1; 0: not of an element, not of a component ---- */
dgm_diag *dgm_edi_report(dgm_edi_reader *r, dgm_diag_code code, dgm_severity severity, size_t at, size_t bytes, uint32_t e,
                         uint32_t c);
void dgm_edi_say(dgm_edi_reader *r, dgm_diag *d, const char *text);
void dgm_edi_say_slice(dgm_edi_reader *r, dgm_diag *d, dgm_slice text);
void dgm_edi_say_number(dgm_edi_reader *r, dgm_diag *d, uint64_t number);
/* `tag` repeats a reference that differs: element 2 of the segment being read. */
void dgm_edi_report_reference(dgm_edi_reader *r, const char *tag, const dgm_edi_text *first, const dgm_edi_text *second);
/* Steps of a position, "SG30#2/CST", with the occurrences of now. */
size_t dgm_edi_position_path(const dgm_edi_reader *r, uint32_t position, char *out, size_t room);

/* ---- surroundings.c ---- */
/* Tells the host of the UNB, the UNG or the security segment that is being read. */
void dgm_edi_tell_envelope(dgm_edi_reader *r, bool group);
/* Calls with the same: what the host has agreed to. type: of the first message. */
const dgm_agreed *dgm_edi_ask_agreed(dgm_edi_reader *r, dgm_slice type);

/* ---- values.c ---- */
/* The value of a token in UTF-8, valid until the next call; *changed: it is not the raw bytes. Reports what is wrong with its
 * characters. No memory: r->failed. */
dgm_slice dgm_edi_value(dgm_edi_reader *r, dgm_edi_token t, uint32_t e, uint32_t c, bool *changed);
/* The same where nothing can be said about its characters and it takes no converter: in ISO 8859-1 or ASCII, with releases or
 * without; made where the draft will have it. False when that is not so. */
bool dgm_edi_value_plain(const dgm_edi_reader *r, dgm_edi_token t, dgm_slice *value);
/* Where a value stands: its token, its element and component (0 for a simple element). */
typedef struct dgm_edi_where {
    dgm_edi_token token;
    uint32_t element, component;
} dgm_edi_where;
/* Checks length and representation of a value and reports; true when it is right. */
bool dgm_edi_check_value(dgm_edi_reader *r, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, dgm_slice value,
                         const dgm_edi_where *where);
bool dgm_edi_number(dgm_slice text, uint64_t *number);
/* What a trailer counts: a minus, which its representation allows, does not make it right. */
bool dgm_edi_counted(dgm_slice text, int64_t *count);
/* A value of the segment being read, in UTF-8 and without releases; valid until the next one is asked for. */
dgm_slice dgm_edi_plain(dgm_edi_reader *r, dgm_edi_token t);
/* Copies the value of element e, component c of the segment being read, as far as there is room; empty when it is not there. */
void dgm_edi_take(dgm_edi_reader *r, uint32_t e, uint32_t c, dgm_edi_text *out);
dgm_edi_token dgm_edi_token_at(const dgm_edi_segment *s, uint32_t e, uint32_t c);
void dgm_edi_text_set(dgm_edi_text *t, dgm_slice value);
/* Tells how values of the interchange are encoded; DGM_NOMEM or DGM_OK. fill: without a word about what the identifier is. */
dgm_status dgm_edi_values_set(dgm_edi_reader *r, dgm_slice identifier);
dgm_status dgm_edi_values_fill(dgm_edi_reader *r, dgm_slice identifier);

/* ---- check_codes.c ---- */
/* Is a decoded value of its element's code list, or of another agency's? Reports when not; false when that is an error. t: its
 * token, those of its composite behind it. */
bool dgm_edi_check_code(dgm_edi_reader *r, const dgm_edi_leaf *leaf, const dgm_edi_naming *name, dgm_slice value,
                        const dgm_edi_token *t, const dgm_edi_where *where);

/* ---- check_digits.c ---- */
/* Are the check digits of the segment being read right? tell: reports those that are not. */
bool dgm_edi_check_digits(dgm_edi_reader *r, const dgm_edi_layout *layout, bool tell);

/* ---- check_totals.c ---- */
/* Holds the control totals of a message (CNT) against what is in its tree, where they can be counted. */
void dgm_edi_check_totals(dgm_edi_reader *r, const dgm_tree *tree);

/* ---- notes.c ---- */
/* Holds the dependency notes of a segment, and of its composites, against the one being read. */
void dgm_edi_check_rules(dgm_edi_reader *r, const dgm_edi_layout *layout);
/* The same for those of a message, once its tree stands. */
void dgm_edi_check_message_rules(dgm_edi_reader *r, const dgm_tree *tree);

/* ---- segment.c ---- */
/* Puts the segment being read into the draft, beneath what is open. position 0: a segment without a place. */
void dgm_edi_segment_put(dgm_edi_reader *r, uint32_t position, uint32_t occurrence, uint32_t flags);
/* Looks again at the values kept in `later`, which hold releases or odd characters. */
void dgm_edi_settle(dgm_edi_reader *r, const dgm_edi_layout *layout);
/* How long the segment that begins at an offset may be: as the limit says, which stops what has lost its terminators; where nobody
 * set one, also as its directory says (ARR with 10,000 cells of 512 characters, none other). */
uint64_t dgm_edi_segment_most(const dgm_edi_reader *r, size_t at);
/* Checks a segment of the envelope, which comes into no tree. */
void dgm_edi_segment_check(dgm_edi_reader *r, const dgm_edi_layout *layout);

/* ---- run.c ---- */
/* Takes segments from token_next on, within the message being read, as long as there is nothing to say about them. True: the tokens
 * that are ready are used up, or it stopped to look at the state; false: the segment at token_next needs care. */
bool dgm_edi_message_run(dgm_edi_reader *r);
/* Lays the nodes of UNH, which is the segment being read, when there is nothing to say about it. False: nothing was done. */
bool dgm_edi_message_head(dgm_edi_reader *r);

/* ---- message.c ---- */
dgm_status dgm_edi_message_begin(dgm_edi_reader *r);
/* Makes the draft ready for it and puts its first segment there. */
void dgm_edi_message_start(dgm_edi_reader *r);
/* It has more bytes than the limit: told, and given up. */
void dgm_edi_message_too_large(dgm_edi_reader *r);
/* Keeps what "missing after" wants to know of the segment being read. */
void dgm_edi_remember(dgm_edi_reader *r);
/* Takes it where the program leads it and there is nothing to say about its place. False: not so, nothing was done. */
bool dgm_edi_message_plain(dgm_edi_reader *r);
/* Looks at the draft's status where there may have been trouble. */
void dgm_edi_draft_check(dgm_edi_reader *r);
/* Takes the segment being read. DGM_MORE: it must be offered again when more is known of the next one. */
dgm_status dgm_edi_message_segment(dgm_edi_reader *r);
/* Ends the message with the bytes before the offset `end`. whole: with its UNT, which is the segment being read. */
dgm_status dgm_edi_message_end(dgm_edi_reader *r, size_t end, bool whole, dgm_message *out);
/* From here to its end the message is read over. */
void dgm_edi_message_give_up(dgm_edi_reader *r);

/* Groups are closed until `keep` are open; one is opened; the segment being read goes where a move leads. */
void dgm_edi_close_to(dgm_edi_reader *r, uint32_t keep);
void dgm_edi_open_group(dgm_edi_reader *r, uint32_t group, uint32_t flags);
void dgm_edi_take_move(dgm_edi_reader *r, dgm_edi_move m, uint32_t flags);
/* Is the place that a move leads to full already? */
static inline bool dgm_edi_full(const dgm_edi_reader *r, dgm_edi_move m)
{
    uint32_t to = dgm_edi_move_position(m);
    if (dgm_edi_move_opens(m)) to = r->program->positions[to].parent;
    return r->counts[to] >= r->program->positions[to].max;
}

/* ---- strays.c: the segment being read ---- */
/* It is kept, though its place is full; without a place. */
void dgm_edi_take_too_many(dgm_edi_reader *r, dgm_edi_move m);
void dgm_edi_keep_nameless(dgm_edi_reader *r, dgm_diag_code code);
/* A move passes over mandatory places; there is none for its tag, which has this number. DGM_MORE: more must be known of the next
 * segment. */
dgm_status dgm_edi_take_passing(dgm_edi_reader *r, dgm_edi_move m);
dgm_status dgm_edi_take_nowhere(dgm_edi_reader *r, uint32_t number);

/* Forgets all kinds of message, molds and code lists; shapes stay as long as there are trees of them. No message may be in hand. */
void dgm_edi_kinds_forget(dgm_edi_reader *r);
/* The message of a directory whose name is nearest; empty when none is near. */
dgm_slice dgm_edi_nearest_message(const dgm_edi_directory *d, dgm_slice type);

/* ---- service.c ---- */
/* The layout of a service segment in the syntax version of the interchange; NULL: it is none, or there is no memory (r->failed). */
const dgm_edi_layout *dgm_edi_service_layout(dgm_edi_reader *r, uint32_t packed);
/* UNA at an offset; UNB, UNG or UNH without it. 1: an interchange began; 0: nothing of the kind; -1: not to be told yet. */
int dgm_edi_una(dgm_edi_reader *r, size_t at);
int dgm_edi_no_una(dgm_edi_reader *r, size_t at);
/* The text from UNB on, which stands at an offset, is decoded now: service characters that cannot be any there are told, and the
 * usual ones take their place. */
void dgm_edi_service_text(dgm_edi_reader *r, size_t at);
/* What the syntax version, known now, makes of the service characters. unb: it is the segment being read. */
void dgm_edi_service_settle(dgm_edi_reader *r, dgm_slice identifier, bool unb);

/* ---- security.c ---- */
bool dgm_edi_security_tag(uint32_t packed);
void dgm_edi_security_reset(dgm_edi_reader *r, dgm_edi_scope scope);
/* The segment being read is one of security. at_head: only the header and others of this kind stand before it. */
void dgm_edi_security_take(dgm_edi_reader *r, dgm_edi_scope scope, bool at_head);
/* The segment being read ends what the security is of. */
void dgm_edi_security_close(dgm_edi_reader *r, dgm_edi_scope scope);

/* ---- package.c ---- */
/* Behind the segment being read stand octets, as many as told where that is known. */
void dgm_edi_octets_begin(dgm_edi_reader *r, bool known, uint64_t told);
/* DGM_OK: they are over; DGM_MORE: feed again. */
dgm_status dgm_edi_octets(dgm_edi_reader *r);
dgm_status dgm_edi_package_begin(dgm_edi_reader *r);
dgm_status dgm_edi_package_segment(dgm_edi_reader *r);

/* ---- envelope.c ---- */
/* Groups and packages have references of their own: each may come once in an interchange. e: the element that has it. */
void dgm_edi_check_once(dgm_edi_reader *r, const char *tag, const dgm_edi_text *reference, dgm_diag_code code, uint32_t e);
void dgm_edi_interchange_begin(dgm_edi_reader *r);
/* Looks for the next interchange. DGM_OK: the lexer stands at its first segment. */
dgm_status dgm_edi_interchange_find(dgm_edi_reader *r);
/* A segment outside of messages. DGM_OK: go on. */
dgm_status dgm_edi_envelope_segment(dgm_edi_reader *r);
/* Does the segment being read, outside of messages, begin an interactive interchange (UIB) or message (UIH)? Told by name. */
bool dgm_edi_interactive_begins(dgm_edi_reader *r);
/* A segment of it: true, it is passed over; false: it is no part of it, and still to be taken. */
bool dgm_edi_interactive_segment(dgm_edi_reader *r);
/* A message begins: where an interchange has groups, it must be in one. */
void dgm_edi_group_wanted(dgm_edi_reader *r);
/* Tells once that an interchange has no UNB. */
void dgm_edi_headless(dgm_edi_reader *r);
void dgm_edi_interchange_over(dgm_edi_reader *r, bool complete);
/* Goes back to looking for an interchange from an offset on. */
void dgm_edi_leave(dgm_edi_reader *r, size_t at);

/* ---- reader.c ---- */
extern const dgm_option dgm_edi_reader_options[];
dgm_status dgm_edi_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out);
dgm_status dgm_edi_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out);
dgm_status dgm_edi_feed(dgm_reader *reader, dgm_slice chunk, bool last);
dgm_status dgm_edi_next(dgm_reader *reader, dgm_message *out);
/* The same without a crew. */
dgm_status dgm_edi_next_alone(dgm_edi_reader *r, dgm_message *out);
/* Where the next segment begins, in the input; does a message begin with it? */
uint64_t dgm_edi_next_at(const dgm_edi_reader *r);
bool dgm_edi_message_next(dgm_edi_reader *r);
void dgm_edi_recycle(dgm_reader *reader, dgm_message *message);
void dgm_edi_reset(dgm_reader *reader);
void dgm_edi_close(dgm_reader *r);
/* Count and end of the segment being read: found by looking for its terminator, or told. */
static inline void dgm_edi_measured(dgm_edi_reader *r, size_t count)
{
    dgm_edi_segment *s = &r->segment;
    dgm_edi_token last = s->token[count - 1];
    s->count = count;
    s->end = last.at + dgm_edi_token_len(last) + (s->unterminated ? 0 : 1);
    s->measured = true;
}
void dgm_edi_measure(dgm_edi_reader *r);
/* The tag of the segment behind the one being read, packed; 0: no such segment. DGM_MORE: not known yet. */
dgm_status dgm_edi_peek(dgm_edi_reader *r, uint32_t *packed);
/* The type of the first message behind the segment being read, UNB, as UNH says it; empty: not near. DGM_MORE: not known yet. */
dgm_status dgm_edi_peek_type(dgm_edi_reader *r, dgm_edi_text *type);
dgm_edi_level dgm_edi_level_of(dgm_slice name);
dgm_severity dgm_edi_severity_of(dgm_slice word); /* 0: accept */
/* What offsets of tokens can hold. */
void dgm_edi_limits_cut(dgm_limits *l);
extern const dgm_option dgm_edi_format_options[];
/* Bytes of the caller that a tree borrows: the tree never writes to them. */
static inline char *dgm_edi_borrowed(const char *bytes)
{
    return (char *)(uintptr_t)bytes;
}
/* Lexes again from here on, with the service characters and repertoire of now. */
void dgm_edi_lex_from(dgm_edi_reader *r, size_t at);

#endif
