/* SPDX-License-Identifier: Apache-2.0
 *
 * xml.h - what the files of the XML codec share: the profile (what a format's element table says, ready for reading and writing),
 * the input (bytes in any encoding as UTF-8, with the way back to the original offsets), and the checks of values. Nobody outside
 * codecs/xml includes it. A profile is immutable and shared by threads; everything else belongs to one thread.
 */
#ifndef DGM_CODECS_XML_XML_H
#define DGM_CODECS_XML_XML_H

#include "base/diag.h"
#include "base/utf8.h"
#include "codecs/codecs.h"

#define DGM_XML_COLD __attribute__((noinline, cold)) /* kept out of the functions that run for each element */

/* ---- profile.c ---- */

enum { DGM_XML_LEAF = 1, DGM_XML_NEEDS_ATTRIBUTE = 2, DGM_XML_RESTRICTED = 4, DGM_XML_COLLAPSED = 8, DGM_XML_LENGTH_ONLY = 16 };
enum { DGM_XML_TWIN = 32 };   /* the place behind it has the same name, in another namespace */
enum { DGM_XML_IN_TAG = 64 }; /* an attribute */

/* One slot of the shape as reader and writer need it: everything in two cache lines. */
typedef struct dgm_xml_place {
    const char *open; /* line feed, two blanks a level, "<md:Name" and the namespaces declared there; attributes: blank, name, =" */
    const char *close;  /* "</md:Name>" */
    const char *values; /* codes allowed, blanks between */
    uint32_t open_len, close_len, values_len;
    uint32_t room; /* that both tags need at most, with line feed and indentation (DGM_XML_INDENT_MAX a level) before each */
    uint32_t first_child, child_count;
    uint32_t min, max;
    uint32_t next_required;   /* the first sibling from here on with min > 0 (attributes only among attributes), or DGM_SLOT_NONE */
    uint32_t required_behind; /* the same of the siblings behind it */
    uint32_t required_child;  /* the first child element with min > 0, or DGM_SLOT_NONE */
    uint32_t length_min, length_max;
    uint8_t flags, kind, type, depth, decimals, ns;
    char class; /* 'a', 'n' or 0 for any character */
} dgm_xml_place;

#define DGM_XML_NAMESPACES_MAX 16u
#define DGM_XML_INDENT_MAX     8u
#define DGM_XML_PADDING        32u /* bytes that may be read behind the tags of a place */

typedef struct dgm_xml_namespace {
    dgm_slice key, uri, prefix;
} dgm_xml_namespace;

typedef struct dgm_xml_schema dgm_xml_schema; /* schema.h */

typedef struct dgm_xml_profile {
    dgm_arena arena;       /* holds everything, this struct too */
    dgm_xml_place *places; /* one for each slot */
    uint32_t count;
    uint32_t document, reference;         /* slots or DGM_SLOT_NONE */
    uint32_t message;                     /* each element of that slot is a message, what else there is their envelope */
    uint32_t payload, sender, recipient;  /* of an envelope: what holds another document, in Base64; who sent it, and to whom */
    dgm_slice encoding, payload_encoding; /* what is written of it, and in it */
    bool any_order;                       /* children stand in any order */
    dgm_xml_namespace ns[DGM_XML_NAMESPACES_MAX];
    uint32_t ns_count;
    dgm_xml_schema *schema; /* that documents may be held against; NULL: none */
} dgm_xml_profile;

dgm_status dgm_xml_shape(const dgm_host *host, const dgm_format *format, dgm_shape **out);
const dgm_xml_profile *dgm_xml_profile_of(const dgm_format *format); /* NULL when the shape is not of this codec */

/* ---- sketch.c ---- */

/* What tells formats apart; texts are the format's. document: of a format whose documents come in an envelope. carries: it is one
 * that holds another document. URIs are empty where there is no namespace. */
typedef struct dgm_xml_sketch {
    dgm_slice root, root_uri, document, document_uri;
    bool enveloped, carries;
} dgm_xml_sketch;
dgm_status dgm_xml_sketch_make(const dgm_format *format, dgm_arena *arena, const void **out);
/* False: it is of another codec, or cannot be loaded: *status says so, and diags why. */
bool dgm_xml_sketch_of(const dgm_format *format, dgm_diags *diags, dgm_xml_sketch *out, dgm_status *status);

/* ---- input.c ---- */

typedef enum dgm_xml_width { DGM_XML_UTF8, DGM_XML_SINGLE, DGM_XML_UTF16, DGM_XML_UTF32, DGM_XML_MULTI } dgm_xml_width;
typedef struct dgm_xml_checkpoint {
    size_t text, raw;
} dgm_xml_checkpoint;

/* The bytes as they came (`raw`) and as UTF-8 (`text`; the same memory behind a byte order mark when they are UTF-8 already). */
typedef struct dgm_xml_input {
    dgm_mem mem;
    dgm_buffer raw;  /* fed bytes; empty when whole */
    dgm_slice whole; /* open_whole */
    dgm_buffer utf8; /* decoded text; unused for UTF-8 */
    bool begun, last, borrowed;
    dgm_xml_width width;
    size_t mark;                 /* bytes of the byte order mark */
    uint64_t gone;               /* raw bytes that were taken out (dgm_xml_input_drop) */
    size_t checked;              /* raw bytes that are known to be good (UTF-8) or were decoded */
    char name[64];               /* of the encoding, for people */
    dgm_charset *charset, *back; /* decoding; finding the way back */
    char charset_name[64];       /* what they were opened with */
    dgm_buffer spare;            /* of the way back */
    dgm_xml_checkpoint *marks;   /* every 4 KiB, both sides at the beginning of a character */
    size_t mark_count, mark_room;
    dgm_xml_checkpoint here; /* where the last question was answered */
    /* Of a set that is not UTF-8: could the bytes have been UTF-8 all the same? Characters of three bytes and more so far. */
    struct {
        bool no;
        uint8_t open; /* bytes that still belong to the character begun */
        uint32_t count;
        size_t first; /* where the first of them stands */
    } utf8_like;
} dgm_xml_input;

/* A problem of the bytes: code 0 for none. */
typedef struct dgm_xml_trouble {
    dgm_diag_code code;
    dgm_severity severity;
    size_t raw_at, bytes;
    char text[2][64]; /* its arguments */
} dgm_xml_trouble;

void dgm_xml_input_init(dgm_xml_input *in, const dgm_mem *mem);
void dgm_xml_input_free(dgm_xml_input *in);
void dgm_xml_input_reset(dgm_xml_input *in); /* keeps memory and converters */
dgm_slice dgm_xml_input_raw(const dgm_xml_input *in);
dgm_slice dgm_xml_input_text(const dgm_xml_input *in); /* all that is good UTF-8 so far */
/* Where the byte behind the first `to` bytes of the text stands, for the parser's NUL; it may move the text. NULL: no memory. Not
 * for borrowed bytes. */
char *dgm_xml_input_cut(dgm_xml_input *in, size_t to);
/* Decides the encoding, once, from the first bytes. `setting` overrides. DGM_OK, DGM_UNKNOWN (trouble), DGM_NOMEM. */
dgm_status dgm_xml_input_begin(dgm_xml_input *in, dgm_slice setting, dgm_xml_trouble *trouble);
/* Bytes at the beginning that say nothing a parser has to know: the usual XML declaration and the white space behind it; 0 when it
 * is another. Once begun. */
size_t dgm_xml_input_head(const dgm_xml_input *in);
/* Checks or decodes at most `room` more raw bytes. DGM_OK; DGM_SYNTAX with trouble (what came before is good); DGM_NOMEM. */
dgm_status dgm_xml_input_more(dgm_xml_input *in, size_t room, dgm_xml_trouble *trouble);
/* Takes the text from `from` to `to` out, and the raw bytes it came from. DGM_NOMEM. *bytes: how many these were. */
dgm_status dgm_xml_input_drop(dgm_xml_input *in, size_t from, size_t to, size_t *bytes);
/* Once all is decoded: is a document that says it is of another set UTF-8, by every one of its bytes? */
bool dgm_xml_input_doubtful(const dgm_xml_input *in, dgm_xml_trouble *trouble);
/* The raw offset of an offset of the text; exact; cheap when questions rise. UINT64_MAX: no memory. */
uint64_t dgm_xml_input_offset(dgm_xml_input *in, size_t text_at);

/* ---- check.c ---- */

/* What is wrong with a value, or DGM_D_NONE; the arguments of the diagnostic beyond the name are in the two texts. `room` holds
 * them. */
typedef struct dgm_xml_fault {
    dgm_diag_code code;
    dgm_severity severity;
    int64_t number; /* XML_VALUE_LENGTH: characters */
    dgm_slice rule; /* format or values */
    char room[96];
} dgm_xml_fault;
/* The quick yes; no means that dgm_xml_value_wrong has to be asked. */
bool dgm_xml_value_good(const dgm_xml_place *p, dgm_slice value);
static inline bool dgm_xml_value_fine(const dgm_xml_place *p, dgm_slice v)
{
    if (!(p->flags & DGM_XML_RESTRICTED)) return true;
    bool plain = p->flags & DGM_XML_LENGTH_ONLY && v.len && v.len <= p->length_max && (unsigned char)v.at[0] > ' ' &&
                 (unsigned char)v.at[v.len - 1] > ' '; /* short enough, no blank at either end, and only the length counts */
    return plain || dgm_xml_value_good(p, v);
}
/* xs:boolean in its canonical form (XML Schema part 2, 3.2.2): "true" and "1", "false" and "0"; empty when it is none. */
dgm_slice dgm_xml_flag(dgm_slice value);
/* xs:dateTime as canonical documents have it, and back: they leave out the minutes of a zone where there are none, and have three
 * digits behind the seconds or none at all. What is something else stays as it is. */
enum { DGM_XML_DATE_ROOM = 48 };
dgm_slice dgm_xml_date_in(dgm_slice value, char room[DGM_XML_DATE_ROOM]);
dgm_slice dgm_xml_date_out(dgm_slice value, char room[DGM_XML_DATE_ROOM]);
bool dgm_xml_value_wrong(const dgm_xml_place *p, dgm_slice value, dgm_xml_fault *fault);
/* Offset of the first character XML 1.0 (2.2) forbids, or s.len. */
size_t dgm_xml_forbidden(dgm_slice s);

/* ---- encode.c: documents in other sets than UTF-8, and in Base64 ---- */

/* What a document is written in; made when first wanted. */
typedef struct dgm_xml_encoder {
    dgm_mem mem;
    dgm_charset *set;
    char name[64]; /* of `set` */
} dgm_xml_encoder;
bool dgm_xml_is_utf8(dgm_slice encoding);
/* A whole document, UTF-8 with its tags, in another set, behind `out`; characters of values that the set lacks become references.
 * DGM_UNKNOWN: there is no such set. DGM_INVALID: a name has a character that the set lacks; it begins at *bad_at. */
dgm_status dgm_xml_encode(dgm_xml_encoder *e, dgm_slice encoding, dgm_slice document, dgm_buffer *out, size_t *bad_at);
void dgm_xml_encoder_free(dgm_xml_encoder *e);
/* RFC 4648, 4; on one line. */
dgm_status dgm_xml_base64(dgm_slice bytes, dgm_buffer *out);

/* ---- reader.c, writer.c: the functions of the codec ---- */

extern const dgm_option dgm_xml_reader_options[], dgm_xml_writer_options[], dgm_xml_format_options[];
dgm_status dgm_xml_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out);
dgm_status dgm_xml_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out);
dgm_status dgm_xml_feed(dgm_reader *r, dgm_slice chunk, bool last);
dgm_status dgm_xml_next(dgm_reader *r, dgm_message *out);
void dgm_xml_recycle(dgm_reader *r, dgm_message *message);
void dgm_xml_reset(dgm_reader *r);
void dgm_xml_close(dgm_reader *r);
dgm_status dgm_xml_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                               dgm_writer **out);
dgm_status dgm_xml_write(dgm_writer *w, const dgm_tree *tree);
dgm_status dgm_xml_finish(dgm_writer *w);
void dgm_xml_writer_close(dgm_writer *w);
void dgm_xml_writer_again(dgm_writer *writer, dgm_sink sink);

#endif
