/* SPDX-License-Identifier: Apache-2.0
 *
 * x12.h - what the reader (x12.c) and the writer (writer.c) of the example share. One thread for each of theirs.
 */
#ifndef X12_H
#define X12_H

#include <dragoman/codec.h>

typedef struct x12_bytes {
    char *at;
    size_t len, room;
} x12_bytes;
bool x12_room(const dgm_host *host, x12_bytes *b, size_t more);
bool x12_append(const dgm_host *host, x12_bytes *b, dgm_slice s);
void x12_free(const dgm_host *host, x12_bytes *b);
/* UINT64_MAX: it is none. */
uint64_t x12_number(dgm_slice s);

extern const dgm_codec x12;
extern const dgm_option x12_no_options[], x12_writer_options[], x12_format_options[];

dgm_status x12_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                           dgm_writer **out);
dgm_status x12_write(dgm_writer *w, const dgm_tree *t);
dgm_status x12_flush(dgm_writer *w);
dgm_status x12_finish(dgm_writer *w);
void x12_writer_close(dgm_writer *w);

#endif
