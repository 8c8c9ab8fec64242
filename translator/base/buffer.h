/* SPDX-License-Identifier: Apache-2.0
 *
 * buffer.h - bytes that grow, and sinks over them and over descriptors. One thread at a time.
 */
#ifndef DGM_BASE_BUFFER_H
#define DGM_BASE_BUFFER_H

#include "slice.h"

typedef struct dgm_buffer {
    dgm_mem mem;
    char *at;
    size_t len, capacity;
    size_t bytes_max; /* 0: no limit */
} dgm_buffer;

void dgm_buffer_init(dgm_buffer *b, const dgm_mem *mem);
void dgm_buffer_free(dgm_buffer *b);
/* Makes room for `more` bytes behind len. DGM_OK, DGM_NOMEM, DGM_LIMIT (bytes_max). */
dgm_status dgm_buffer_reserve(dgm_buffer *b, size_t more);
dgm_status dgm_buffer_append(dgm_buffer *b, dgm_slice bytes);
dgm_status dgm_buffer_print(dgm_buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline dgm_slice dgm_buffer_slice(const dgm_buffer *b)
{
    return (dgm_slice){ b->at, b->len };
}
/* A sink that appends; valid while the buffer is. */
dgm_sink dgm_buffer_sink(dgm_buffer *b);
/* A sink over a file descriptor, which it neither owns nor syncs; short writes and signals are dealt with. DGM_IO on failure. */
dgm_sink dgm_sink_descriptor(int descriptor);

/* A buffering sink over another: collects up to 64 KiB. flush must be called before it is forgotten. What could not be written
 * stays collected, so a flush after a failure tells of it again. */
typedef struct dgm_sink_buffer {
    dgm_sink to;
    size_t used;
    char bytes[65536];
} dgm_sink_buffer;
dgm_sink dgm_sink_buffered(dgm_sink_buffer *b, dgm_sink to);
dgm_status dgm_sink_flush(dgm_sink_buffer *b);
static inline dgm_status dgm_sink_put(dgm_sink s, dgm_slice bytes)
{
    return bytes.len ? s.write(s.ctx, bytes) : DGM_OK;
}

#endif
