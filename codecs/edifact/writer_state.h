/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_state.h - what the parts of the writer share: writer.c opens, closes and flushes, writer_settings.c understands settings,
 * writer_envelope.c writes UNA UNB UNG UNH UNT UNE UNZ, writer_body.c everything between UNH and UNT at full speed, and
 * writer_check.c finds out what is wrong with a tree that could not be written. A writer belongs to one thread.
 */
#ifndef DGM_EDI_WRITER_STATE_H
#define DGM_EDI_WRITER_STATE_H

#include "attached.h"
#include "base/buffer.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "counted.h"
#include "references.h"
#include "writer.h"

/* What a byte of a value is. WIDE: part of a character beyond ASCII; OUTSIDE: the repertoire lacks it. */
enum { DGM_EDI_RELEASE = 1, DGM_EDI_WIDE = 2, DGM_EDI_OUTSIDE = 4 };

#define DGM_EDI_SERVICE_MAX 5u  /* separators of components, elements, repetitions; release; terminator */
#define DGM_EDI_PARTY_MAX   35u /* 0004, 0010 */

typedef struct dgm_edi_short_text {
    char at[40];
    size_t len;
} dgm_edi_short_text;

/* Service characters in the order of UNA. */
enum {
    DGM_EDI_MARK_COMPONENT,
    DGM_EDI_MARK_ELEMENT,
    DGM_EDI_MARK_DECIMAL,
    DGM_EDI_MARK_RELEASE,
    DGM_EDI_MARK_REPETITION,
    DGM_EDI_MARK_TERMINATOR,
    DGM_EDI_MARKS
};

/* A reference that the host's counter gave and nothing was written with yet. */
typedef struct dgm_edi_spare {
    bool there;
    dgm_edi_short_text recipient, text;
} dgm_edi_spare;
#define DGM_EDI_COUNTS 3u /* as many as dgm_counted_as has */

/* What becomes of characters that the set of the interchange lacks. */
typedef enum dgm_edi_unmappable { DGM_EDI_REFUSE, DGM_EDI_REPLACE, DGM_EDI_TRANSLITERATE } dgm_edi_unmappable;
#define DGM_EDI_STAGES      2u
#define DGM_EDI_RULES_MAX   120u
#define DGM_EDI_CHOICES_MAX 16u /* as many as there are syntax identifiers */

/* What becomes of what came secured. */
typedef enum dgm_edi_security_wish { DGM_EDI_SECURITY_REFUSE, DGM_EDI_SECURITY_DROP, DGM_EDI_SECURITY_KEEP } dgm_edi_security_wish;

/* What the settings say, checked. */
typedef struct dgm_edi_wishes {
    dgm_edi_short_text sender, sender_qualifier, recipient, recipient_qualifier, reference, message_reference;
    char syntax[5];            /* "UNOC" */
    char version;              /* '1' to '4' */
    char decimal;              /* 0: as it is, or the usual one where headers are taken over */
    char marks[DGM_EDI_MARKS]; /* as UNA is to have them; the usual ones */
    bool breaks, una, test, groups;
    dgm_edi_security_wish security;
    uint32_t given;           /* DGM_EDI_GIVEN_* */
    uint32_t counted;         /* what the host's counter counts, a bit each; 0: nothing */
    uint64_t per_interchange; /* messages; 0: any number */
    dgm_edi_unmappable unmappable;
    dgm_edi_short_text replacement;
    struct {
        char at[DGM_EDI_RULES_MAX + 1];
        size_t len;
    } rules; /* of ICU's transliteration; empty: the usual ones */
} dgm_edi_wishes;

/* Which settings were given, rather than left as they are. */
enum {
    DGM_EDI_GIVEN_SENDER = 1,
    DGM_EDI_GIVEN_SENDER_QUALIFIER = 2,
    DGM_EDI_GIVEN_RECIPIENT = 4,
    DGM_EDI_GIVEN_RECIPIENT_QUALIFIER = 8,
    DGM_EDI_GIVEN_SYNTAX = 16,
    DGM_EDI_GIVEN_TEST = 32,
    DGM_EDI_GIVEN_GROUPS = 64
};

/* UNB or UNG as a reader told of it. */
#define DGM_EDI_LIKE_MAX 64u
typedef struct dgm_edi_like_value {
    uint8_t element, component;
    uint32_t at, len;
} dgm_edi_like_value;
typedef struct dgm_edi_like {
    bool there;
    size_t count;
    dgm_edi_like_value values[DGM_EDI_LIKE_MAX];
    dgm_buffer text;
} dgm_edi_like;

/* What secures an interchange or group that is taken over: segments behind its header and before its trailer. */
typedef struct dgm_edi_seal {
    bool there, encrypted; /* a security header came; encrypted data did */
    bool wrong, paired;    /* there is too much, or two of one reference; that was looked for */
    size_t right;          /* bytes of `head` that can be written */
    bool told;             /* what becomes of it */
    dgm_buffer head, tail;
} dgm_edi_seal;
#define DGM_EDI_SEAL_TAGS 5u

/* What changes with each message that is written, and goes back when one is refused. */
typedef struct dgm_edi_course {
    dgm_edi_short_text reference, next; /* of the interchange; of the next message without one */
    dgm_edi_short_text group_reference;
    uint64_t messages, groups, group_messages;
    int64_t last_reference; /* made from the clock */
    bool open, begun;       /* there is one; this output has one */
    bool fresh, taken;      /* references begin as they were set; the one that came was used */
    bool in_group;
    uint32_t may, closed_may;     /* syntax: auto: identifiers whose sets hold all of this interchange, of the one before it */
    size_t header, closed_header; /* where their identifiers stand in `out` */
    size_t closed;                /* bytes of `out` that are an interchange whose identifier can be chosen now */
    uint32_t group_of_len;
    char group_of[96]; /* the names of UNH that messages of the group share */
} dgm_edi_course;

typedef struct dgm_edi_writer {
    dgm_writer head;
    dgm_host host;
    dgm_mem mem;
    const dgm_format *format; /* for trees of its shape; NULL: trees say themselves what they are */
    dgm_sink sink;
    dgm_status failed;
    dgm_edi_wishes wishes;
    /* Characters. */
    char service[DGM_EDI_SERVICE_MAX][16]; /* each character to be released, sixteen times over */
    unsigned char kind[256];
    char marks[DGM_EDI_MARKS];        /* service characters of the interchange; the decimal mark is `decimal` */
    bool marks_wrong;                 /* those wished for cannot be used with its syntax identifier and version */
    char kinds_of[6 + DGM_EDI_MARKS]; /* the syntax identifier, version and wishes that these were made for */
    bool four;                        /* syntax version 4 */
    char decimal;                     /* the mark that numbers get; 0: as it is */
    bool ascii_free;                  /* every printable ASCII character is in the repertoire */
    bool latin;                       /* the set is ISO 8859-1, the beginning of Unicode */
    const char *set;                  /* of bytes from 0x80 on; NULL: UTF-8, or ASCII alone */
    char set_name[64];                /* what it is called */
    dgm_charset *charset;             /* any other than ISO 8859-1 */
    bool own;                         /* it is the one the partner is set to */
    bool recode;                      /* messages are made in UTF-8 and encoded as a whole, on their way to the sink */
    bool changed;                     /* a value of the message in hand was replaced or transliterated */
    uint32_t choices; /* syntax: auto: the identifiers to choose from, a bit each by their number; 0: there is no choice */
    dgm_charset *choice_sets[DGM_EDI_CHOICES_MAX];
    void *stages[DGM_EDI_STAGES]; /* UTransliterator */
    dgm_buffer adapted[2], units; /* a value while it is changed; the same in UTF-16 */
    dgm_buffer out, encoded;      /* whole messages that wait for the sink; one value in the set of the interchange */
    /* The interchange. */
    dgm_edi_course now;
    int64_t clock, stamp_minute;
    char stamp_date[8], stamp_time[4];
    dgm_edi_references used;
    dgm_edi_spare spare[DGM_EDI_COUNTS];
    bool finished;
    bool was_fresh; /* before it was renewed */
    /* Headers that are taken over: of the interchange and of the group. */
    bool following, barred; /* barred: the syntax identifier or version is not known here */
    dgm_position input;     /* what they belong to */
    dgm_edi_like like[2];
    dgm_edi_seal seals[2];
    dgm_edi_layout seal_layouts[DGM_EDI_SEAL_TAGS];
    dgm_edi_layout layouts[3][2]; /* UNB, UNG, UNH; up to version 3, from version 4 on */
    dgm_arena constants;
    /* The message in hand. */
    const dgm_tree *tree;
    const dgm_edi_attached *about; /* its shape */
    uint32_t segments, errors;
    uint32_t stuck; /* the node at which the body could not go on */
} dgm_edi_writer;

static inline dgm_edi_writer *dgm_edi_writer_of(dgm_writer *w)
{
    return (dgm_edi_writer *)(void *)w;
}

/* ---- writer_settings.c ---- */
/* Takes settings over. DGM_CONFIG: one is wrong, and was told. */
dgm_status dgm_edi_wishes_take(dgm_edi_writer *w, const dgm_setting *settings, size_t n);
/* Syntax identifier and version, "UNOC:3", and the set that is used instead of the one it names, or empty. False: not known here.
 */
bool dgm_edi_syntax_take(dgm_edi_writer *w, dgm_slice syntax, dgm_slice own);

/* ---- writer_envelope.c ---- */
#define DGM_EDI_NAMES 5u /* message type, version, release, agency, association */
dgm_status dgm_edi_write_opening(dgm_edi_writer *w);
dgm_status dgm_edi_write_closing(dgm_edi_writer *w);
/* How the syntax version that is written has UNB (0), UNG (1) or UNH (2); NULL: memory failed. */
const dgm_edi_layout *dgm_edi_header_layout(dgm_edi_writer *w, uint32_t which);
/* What the syntax version that is written wants of a value of UNH; false: it has no such place. */
bool dgm_edi_header_row(dgm_edi_writer *w, uint32_t slot, dgm_edi_row *out);
/* Whether a value of UNH can be written as it is: DGM_INVALID where the set lacks a character, *bad being its place. */
dgm_status dgm_edi_header_holds(dgm_edi_writer *w, dgm_slice v, size_t *bad);
/* UNH of the tree in hand, whose own stands at the node `header` (or DGM_NONE), after what begins its group. *counted: the
 * reference is one of ours. False: it holds what cannot be written, or memory failed. */
bool dgm_edi_write_header(dgm_edi_writer *w, uint32_t header, dgm_edi_short_text *reference, bool *counted);
void dgm_edi_write_trailer(dgm_edi_writer *w, const dgm_edi_short_text *reference);
/* Counts the last digits up; what they cannot count any further begins anew, which is told. */
void dgm_edi_count_up(dgm_edi_writer *w, dgm_edi_short_text *text);

void dgm_edi_close_group(dgm_edi_writer *w);
/* One segment of the envelope that is being written. */
typedef struct dgm_edi_line {
    dgm_edi_writer *w;
    uint32_t element, component, repetition;
} dgm_edi_line;
dgm_edi_line dgm_edi_line_begin(dgm_edi_writer *w, const char *tag);
void dgm_edi_line_value(dgm_edi_line *l, uint32_t element, uint32_t component, dgm_slice v);
void dgm_edi_line_occurrence(dgm_edi_line *l, uint32_t element, uint32_t repetition, uint32_t component, dgm_slice v);
void dgm_edi_line_end(dgm_edi_line *l);
void dgm_edi_line_close(dgm_edi_line *l); /* the same with no line break behind it */

/* ---- writer_counter.c ---- */
/* Are these references the host's counter's to give? */
static inline bool dgm_edi_counts(const dgm_edi_writer *w, dgm_counted_as what)
{
    return w->wishes.counted >> what & 1;
}
/* The next one: that which was taken and not used, or another. False: w->failed. */
bool dgm_edi_counter_take(dgm_edi_writer *w, dgm_counted_as what, dgm_edi_short_text *to);
/* What was taken is used. */
void dgm_edi_counter_used(dgm_edi_writer *w, dgm_counted_as what);
void dgm_edi_tell_anew(dgm_edi_writer *w, const dgm_edi_short_text *reference);
/* The value of a header that is taken over; empty where it has none. */
dgm_slice dgm_edi_like_text(const dgm_edi_like *like, uint32_t element, uint32_t component);

/* ---- writer_secured.c ---- */
/* May what comes next be written, in this interchange and group? False: they were secured, which was told. */
bool dgm_edi_secured_may(dgm_edi_writer *w);
/* Is a node a segment of security (USH USA USC USR UST) that stands in a message as it came? */
bool dgm_edi_secures(const dgm_edi_writer *w, uint32_t node);
/* Is it one of encrypted data (USD, what follows it, USU)? */
bool dgm_edi_encrypts(const dgm_edi_writer *w, uint32_t node);
/* Tells that a message, or a package, is written without them, or with them. */
void dgm_edi_tell_secured(dgm_edi_writer *w);
/* Tells why a node of security cannot be written, if so; *told: that goes for all of the message, and was. */
void dgm_edi_complain_secured(dgm_edi_writer *w, uint32_t node, bool *told);

/* ---- writer_seal.c ---- */
void dgm_edi_seal_clear(dgm_edi_seal *s);
/* A segment of security that came outside of messages is kept, when it is to be written. */
dgm_status dgm_edi_seal_take(dgm_edi_writer *w, const dgm_envelope *e);
/* Can what came be written behind the header? False: not, which was told, or memory failed. */
bool dgm_edi_seal_right(dgm_edi_writer *w, bool group);
/* Behind UNB or UNG; before UNE or UNZ. Nothing where nothing is kept. */
void dgm_edi_seal_open(dgm_edi_writer *w, bool group);
void dgm_edi_seal_close(dgm_edi_writer *w, bool group);
/* Appends a segment of the tree in hand; bare: with no line break behind it. False: it cannot be written, or w->failed. */
bool dgm_edi_seal_of_message(dgm_edi_writer *w, uint32_t node, bool bare);
void dgm_edi_seal_check(dgm_edi_writer *w, uint32_t node); /* tells why it cannot */

/* ---- writer_package.c ---- */
bool dgm_edi_is_package(const dgm_tree *t);
/* Appends the package in hand. False: it cannot be written in this syntax version or character set, or is secured. */
bool dgm_edi_write_package(dgm_edi_writer *w);

/* ---- writer_like.c ---- */
/* Before a message that came from there: ends what it does not belong to. */
void dgm_edi_follow(dgm_edi_writer *w, const dgm_position *p);
/* UNB or UNG as they were taken over. False: they cannot be written, which was told, or memory failed. */
bool dgm_edi_write_like(dgm_edi_writer *w, bool group);
void dgm_edi_like_reference(dgm_edi_writer *w, bool group, dgm_edi_short_text *to);

/* ---- writer.c ---- */
void dgm_edi_end_interchange(dgm_edi_writer *w);
/* Gives the sink what waits for it. */
dgm_status dgm_edi_flush(dgm_edi_writer *w);

/* ---- writer_body.c ---- */
/* Appends the segments between UNH and UNT. False: they cannot be written, or memory or a converter failed (w->failed). */
bool dgm_edi_write_body(dgm_edi_writer *w);
/* The bytes of a valid text in the set of the interchange, in w->encoded; *bad: offset of the first character it lacks. */
dgm_status dgm_edi_encode(dgm_edi_writer *w, dgm_slice v, size_t *bad);
/* Length, representation and repertoire, without telling. */
bool dgm_edi_value_fits(const dgm_edi_writer *w, const dgm_edi_row *row, dgm_slice v);
static inline uint32_t dgm_edi_kinds(const dgm_edi_writer *w, dgm_slice v)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < v.len; i++) kinds |= w->kind[(unsigned char)v.at[i]];
    return kinds;
}

/* ---- writer_charset.c ---- */
/* The set that a syntax identifier names, or the partner's own. False: there is none of that name. */
bool dgm_edi_charset_take(dgm_edi_writer *w, dgm_slice identifier, dgm_slice own);
/* Once w->kind is made for the identifier: what the set makes different. */
void dgm_edi_charset_kinds(dgm_edi_writer *w);
bool dgm_edi_rules_take(dgm_edi_writer *w, dgm_slice rules);
void dgm_edi_charset_forget(dgm_edi_writer *w);
void dgm_edi_choices_free(dgm_edi_writer *w);
/* A value as the set of the interchange can hold it, valid until the next call; *bad: offset of the first character it lacks.
 * DGM_INVALID: it cannot be held, or may not be changed. */
dgm_status dgm_edi_adapt(dgm_edi_writer *w, dgm_slice v, dgm_slice *out, size_t *bad);
/* Tells what was changed of the tree in hand, which has been written. */
void dgm_edi_tell_changes(dgm_edi_writer *w);
/* The identifiers to choose from, separated by blanks or commas. False: one is not known, or there is none. */
bool dgm_edi_choices_take(dgm_edi_writer *w, dgm_slice list);
/* Where there is a choice: what stands in `out` from `from` on begins an interchange, or belongs to it, or the interchange ends. */
void dgm_edi_choice_begin(dgm_edi_writer *w, size_t from);
bool dgm_edi_choice_narrow(dgm_edi_writer *w, size_t from);
void dgm_edi_choice_close(dgm_edi_writer *w);
/* Gives the interchange that is whole to the sink, in the smallest set. */
dgm_status dgm_edi_choice_flush(dgm_edi_writer *w);
/* Whole messages to the sink. */
dgm_status dgm_edi_put_out(dgm_edi_writer *w, dgm_slice text);

/* ---- writer_notes.c ---- */
/* Are the dependency notes of a segment and its composites kept, or those of the message? tell: those that are not are told. */
bool dgm_edi_notes_kept(dgm_edi_writer *w, uint32_t segment, bool tell);
bool dgm_edi_message_notes_kept(dgm_edi_writer *w, bool tell);

/* ---- writer_check.c ---- */
/* Tells everything that keeps the tree in hand from being written. */
void dgm_edi_write_check(dgm_edi_writer *w);
/* About a node of the tree in hand, and what stands below it. */
dgm_diag *dgm_edi_remark(dgm_edi_writer *w, dgm_diag_code code, dgm_severity severity, uint32_t node, dgm_slice below);
dgm_diag *dgm_edi_complain(dgm_edi_writer *w, dgm_diag_code code, uint32_t node, dgm_slice below);

#endif
