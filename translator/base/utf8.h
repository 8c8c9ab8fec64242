/* SPDX-License-Identifier: Apache-2.0
 *
 * utf8.h - the inside of dragoman is UTF-8; this is the door. Single-byte sets, UCS-2 and the rest are decoded through ICU
 * converters; pure ASCII never reaches them. A dgm_charset belongs to one thread at a time.
 */
#ifndef DGM_BASE_UTF8_H
#define DGM_BASE_UTF8_H

#include "buffer.h"

/* True when every byte is below 0x80 (checks 32 bytes at a time). */
bool dgm_ascii(dgm_slice s);
/* Offset of the first byte that breaks UTF-8 (RFC 3629: no surrogates, shortest form), or s.len when all is well. */
size_t dgm_utf8_check(dgm_slice s);
/* Characters (code points) in valid UTF-8. */
size_t dgm_utf8_length(dgm_slice s);
/* Bytes of the longest beginning that has at most n characters. */
size_t dgm_utf8_head(dgm_slice s, size_t characters);
/* Next code point and its bytes (1..4); bytes 0 at the end; U+FFFD with bytes 1 for a broken byte. */
typedef struct dgm_rune {
    uint32_t point;
    uint32_t bytes;
} dgm_rune;
dgm_rune dgm_utf8_next(dgm_slice s);
/* Writes a code point to out (room for 4), returns the bytes. */
size_t dgm_utf8_put(uint32_t point, char *out);

typedef struct dgm_charset dgm_charset;

/* name: as ICU or IANA knows it ("ISO-8859-1", "ISO-8859-7", "windows-1252", "UTF-16BE"). DGM_UNKNOWN when ICU has none. */
dgm_status dgm_charset_open(const dgm_mem *mem, dgm_slice name, dgm_charset **out);
void dgm_charset_free(dgm_charset *c);
dgm_slice dgm_charset_name(const dgm_charset *c);
/* Appends the UTF-8 of a whole value. DGM_INVALID and *bad_at = offset of the first byte that stands for nothing;
 * what came before is appended. */
dgm_status dgm_charset_decode(dgm_charset *c, dgm_slice bytes, dgm_buffer *out, size_t *bad_at);
/* The same in pieces, for whole files: state is kept between calls; last flushes. *consumed: bytes of this piece taken (all of
 * them unless DGM_INVALID). *bad_at counts from the first byte since open, reset or the last `last`, because what is wrong may have
 * begun in an earlier piece. */
dgm_status dgm_charset_decode_more(dgm_charset *c, dgm_slice bytes, bool last, dgm_buffer *out, size_t *consumed, size_t *bad_at);
void dgm_charset_reset(dgm_charset *c);
/* Appends the bytes of a UTF-8 text in this set. DGM_INVALID and *bad_at = offset of the first character the set lacks. */
dgm_status dgm_charset_encode(dgm_charset *c, dgm_slice utf8, dgm_buffer *out, size_t *bad_at);

/* True when a byte from 0x20 to 0x7E, CR and LF are always the ASCII characters they look like: never others, never half of one.
 * Such text can be searched for ASCII characters before it is decoded. */
bool dgm_charset_direct(const dgm_charset *c);
/* From now on the next-line character of EBCDIC (U+0085), which ends lines there, is read as a line feed from a single-byte set. */
void dgm_charset_lines(dgm_charset *c);
/* The name among those ICU knows that is nearest to a misspelt one; empty when none is near. Valid for good. */
dgm_slice dgm_charset_nearest(const dgm_mem *mem, dgm_slice name);

/* Where decoded text came from: runs of characters of one width. Offsets count from the text that is kept. */
typedef struct dgm_charset_run {
    uint32_t text, source;            /* of its first character */
    uint8_t text_width, source_width; /* bytes of each */
    bool broken;                      /* one U+FFFD for what stands for nothing; `byte` is its first */
    unsigned char byte;
} dgm_charset_run;
typedef struct dgm_charset_map {
    dgm_mem mem;
    dgm_charset_run *runs;
    size_t count, room;
    uint64_t text_len, source_len; /* both below 4 GiB: the caller drops what it no longer needs */
} dgm_charset_map;
void dgm_charset_map_init(dgm_charset_map *m, const dgm_mem *mem);
void dgm_charset_map_free(dgm_charset_map *m);
void dgm_charset_map_clear(dgm_charset_map *m);
/* Offset in the source of the character that holds an offset of the text; past the end: where the text ends. */
size_t dgm_charset_map_source(const dgm_charset_map *m, size_t text);
/* The run that holds it, or NULL past the end. */
const dgm_charset_run *dgm_charset_map_at(const dgm_charset_map *m, size_t text);
/* Forgets the text before an offset, which is where a character begins; returns how many bytes of the source went with it. */
size_t dgm_charset_map_drop(dgm_charset_map *m, size_t text);

/* Behind the text stand n bytes more that are what they were; n bytes of the source stand for none. DGM_OK or DGM_NOMEM. */
dgm_status dgm_charset_map_plain(dgm_charset_map *m, size_t n);
void dgm_charset_map_skip(dgm_charset_map *m, size_t n);

/* Decodes a piece of a whole input behind `out` and the map; state is kept between calls, `last` flushes and resets. What stands
 * for nothing becomes U+FFFD, marked in the map. DGM_OK, DGM_NOMEM, DGM_LIMIT. */
dgm_status dgm_charset_decode_mapped(dgm_charset *c, dgm_slice bytes, bool last, dgm_buffer *out, dgm_charset_map *map);

#endif
