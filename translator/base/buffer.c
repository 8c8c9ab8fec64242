/* SPDX-License-Identifier: Apache-2.0
 *
 * buffer.c - see buffer.h: bytes that grow by doubling, and the sinks over them and over descriptors. One thread at a time.
 */
#include "arena.h"
#include "buffer.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

enum { BUFFER_BYTES_MIN = 256 };

void dgm_buffer_init(dgm_buffer *b, const dgm_mem *mem)
{
    *b = (dgm_buffer){ .mem = mem ? *mem : dgm_mem_default() };
}

void dgm_buffer_free(dgm_buffer *b)
{
    if (b->at) b->mem.grow(b->mem.ctx, b->at, b->capacity, 0);
    b->at = NULL;
    b->len = b->capacity = 0;
}

dgm_status dgm_buffer_reserve(dgm_buffer *b, size_t more)
{
    if (b->bytes_max && (b->len > b->bytes_max || more > b->bytes_max - b->len)) return DGM_LIMIT;
    if (more <= b->capacity - b->len) return DGM_OK;
    if (more > SIZE_MAX - b->len) return DGM_NOMEM;
    size_t wanted = b->len + more;
    size_t roomy = b->capacity > SIZE_MAX / 2 ? SIZE_MAX : b->capacity * 2;
    if (roomy < BUFFER_BYTES_MIN) roomy = BUFFER_BYTES_MIN;
    if (b->bytes_max && roomy > b->bytes_max) roomy = b->bytes_max;
    if (roomy < wanted) roomy = wanted;
    char *p = b->mem.grow(b->mem.ctx, b->at, b->capacity, roomy);
    if (!p) return DGM_NOMEM;
    b->at = p;
    b->capacity = roomy;
    return DGM_OK;
}

dgm_status dgm_buffer_append(dgm_buffer *b, dgm_slice bytes)
{
    if (!bytes.len) return DGM_OK;
    dgm_status s = dgm_buffer_reserve(b, bytes.len);
    if (s != DGM_OK) return s;
    memcpy(b->at + b->len, bytes.at, bytes.len);
    b->len += bytes.len;
    return DGM_OK;
}

dgm_status dgm_buffer_print(dgm_buffer *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0) return DGM_DEFECT;
    size_t len = (size_t)n;
    /* vsnprintf writes a NUL behind the text; it is no part of the buffer, so a limit must not count it. */
    char small[256];
    if (len < sizeof small) {
        va_start(args, format);
        vsnprintf(small, sizeof small, format, args);
        va_end(args);
        return dgm_buffer_append(b, (dgm_slice){ small, len });
    }
    size_t limit = b->bytes_max;
    if (limit && (b->len > limit || len > limit - b->len)) return DGM_LIMIT;
    b->bytes_max = 0;
    dgm_status s = dgm_buffer_reserve(b, len + 1);
    b->bytes_max = limit;
    if (s != DGM_OK) return s;
    va_start(args, format);
    vsnprintf(b->at + b->len, len + 1, format, args);
    va_end(args);
    b->len += len;
    return DGM_OK;
}

static dgm_status buffer_write(void *ctx, dgm_slice bytes)
{
    return dgm_buffer_append(ctx, bytes);
}

dgm_sink dgm_buffer_sink(dgm_buffer *b)
{
    return (dgm_sink){ buffer_write, b };
}

static dgm_status descriptor_write(void *ctx, dgm_slice bytes)
{
    int fd = (int)(intptr_t)ctx;
    while (bytes.len) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n > 0) {
            bytes = dgm_slice_part(bytes, (size_t)n, bytes.len);
        } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            struct pollfd p = { .fd = fd, .events = POLLOUT };
            if (poll(&p, 1, -1) < 0 && errno != EINTR) return DGM_IO;
        } else if (n == 0 || errno != EINTR) {
            return DGM_IO;
        }
    }
    return DGM_OK;
}

dgm_sink dgm_sink_descriptor(int descriptor)
{
    return (dgm_sink){ descriptor_write, (void *)(intptr_t)descriptor };
}

static dgm_status collect(void *ctx, dgm_slice bytes)
{
    dgm_sink_buffer *b = ctx;
    if (bytes.len > sizeof b->bytes - b->used) {
        dgm_status s = dgm_sink_flush(b);
        if (s != DGM_OK) return s;
        if (bytes.len >= sizeof b->bytes) return dgm_sink_put(b->to, bytes);
    }
    if (bytes.len) memcpy(b->bytes + b->used, bytes.at, bytes.len);
    b->used += bytes.len;
    return DGM_OK;
}

dgm_sink dgm_sink_buffered(dgm_sink_buffer *b, dgm_sink to)
{
    b->to = to;
    b->used = 0;
    return (dgm_sink){ collect, b };
}

dgm_status dgm_sink_flush(dgm_sink_buffer *b)
{
    dgm_status s = dgm_sink_put(b->to, (dgm_slice){ b->bytes, b->used });
    if (s == DGM_OK) b->used = 0;
    return s;
}
