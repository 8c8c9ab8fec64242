/* SPDX-License-Identifier: Apache-2.0
 *
 * json.h - what the files of this room share: a JSON text (RFC 8259) as a flat row of tokens, and where a mistake stands.
 * One thread at a time.
 */
#ifndef DGM_JSON_H
#define DGM_JSON_H

#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codecs.h"

typedef enum dgm_json_kind {
    DGM_JSON_NULL,
    DGM_JSON_FALSE,
    DGM_JSON_TRUE,
    DGM_JSON_NUMBER,
    DGM_JSON_STRING,
    DGM_JSON_OBJECT,
    DGM_JSON_ARRAY
} dgm_json_kind;

#define DGM_JSON_NONE UINT32_MAX

/* One value, parents before children. Members of an object and elements of an array are chained by next. */
typedef struct dgm_json_token {
    uint32_t key_at;
    uint16_t key_len;
    uint8_t kind;
    bool escaped, key_escaped; /* the string, the key holds a backslash */
    uint32_t at, len; /* the bytes; of a string without its quotes; of an object or array: len is its first child or NONE */
    uint32_t next;
    uint32_t slot; /* for the reader */
} dgm_json_token;

typedef struct dgm_json_text {
    dgm_slice bytes;
    dgm_json_token *tokens;
    uint32_t count;
    size_t room;
} dgm_json_text;

/* What was wrong, when parsing does not give DGM_OK. */
typedef struct dgm_json_fault {
    dgm_diag_code code;
    uint64_t at, bytes;
    const char *wanted; /* argument {1}, or NULL: then number is */
    int64_t number;
} dgm_json_fault;

/* Bytes → tokens; tokens[0] is the document. DGM_OK; DGM_SYNTAX or DGM_LIMIT with *fault; DGM_NOMEM. The array is grown and kept.
 */
dgm_status dgm_json_parse(const dgm_mem *mem, const dgm_limits *limits, dgm_slice bytes, dgm_json_text *out, dgm_json_fault *fault);

/* The text of a string or key whose escapes parse() has checked; appended to out. */
dgm_status dgm_json_unescape(dgm_slice raw, dgm_buffer *out);

/* True for the numbers JSON can write: no leading zeros, digits on both sides of a point, no exponent. */
bool dgm_json_number(dgm_slice text);

extern const dgm_option dgm_json_writer_options[];
dgm_status dgm_json_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                dgm_sink sink, dgm_writer **out);
dgm_status dgm_json_write(dgm_writer *w, const dgm_tree *tree);
dgm_status dgm_json_finish(dgm_writer *w);
void dgm_json_writer_close(dgm_writer *w);

#endif
