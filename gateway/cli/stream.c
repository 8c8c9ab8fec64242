/* SPDX-License-Identifier: Apache-2.0
 *
 * stream.c - standard output and standard error: buffered, with colour where it is wanted, and with what a terminal needs to know
 * of a text (its width in columns, nothing in it that moves the cursor). One thread.
 */
#include "cli.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* The descriptor's sink keeps the reason of the first failure, because what is said about a full disk differs from a closed pipe.
 */
static dgm_status descriptor_write(void *ctx, dgm_slice bytes)
{
    cli_stream *s = ctx;
    while (bytes.len && !s->error) {
        ssize_t n = write(s->fd, bytes.at, bytes.len);
        if (n >= 0)
            bytes = dgm_slice_part(bytes, (size_t)n, bytes.len);
        else if (errno != EINTR)
            s->error = errno;
    }
    return s->error ? DGM_IO : DGM_OK;
}

dgm_slice cli_environment(const char *name)
{
    return dgm_slice_of(getenv(name));
}

void cli_stream_open(cli_stream *s, int fd, dgm_slice colour_wish)
{
    s->fd = fd;
    s->error = 0;
    s->tty = isatty(fd);
    s->width = 0;
    struct winsize w;
    if (s->tty && ioctl(fd, TIOCGWINSZ, &w) == 0 && w.ws_col >= 20) s->width = w.ws_col;
    uint64_t columns;
    if (cli_number(cli_environment("COLUMNS"), 1000, &columns) && columns >= 20) s->width = (uint32_t)columns;
    if (dgm_slice_is(colour_wish, "always"))
        s->colour = true;
    else if (dgm_slice_is(colour_wish, "never"))
        s->colour = false;
    else
        s->colour = s->tty && cli_environment("NO_COLOR").len == 0 && !dgm_slice_is(cli_environment("TERM"), "dumb");
    s->used = 0;
}

static dgm_status stream_write(void *ctx, dgm_slice bytes)
{
    cli_stream *s = ctx;
    cli_put_slice(s, bytes);
    return s->error ? DGM_IO : DGM_OK;
}

dgm_sink cli_stream_sink(cli_stream *s)
{
    return (dgm_sink){ stream_write, s };
}

void cli_put_slice(cli_stream *s, dgm_slice text)
{
    /* A failure stays in s->error and is told of once, at the end or at the next flush. */
    while (text.len && !s->error) {
        size_t room = sizeof s->bytes - s->used;
        size_t n = text.len < room ? text.len : room;
        memcpy(s->bytes + s->used, text.at, n);
        s->used += n;
        text = dgm_slice_part(text, n, text.len);
        if (s->used == sizeof s->bytes) (void)cli_stream_flush(s);
    }
}

dgm_status cli_stream_flush(cli_stream *s)
{
    dgm_slice bytes = { s->bytes, s->used };
    s->used = 0;
    return descriptor_write(s, bytes);
}

void cli_put(cli_stream *s, const char *text)
{
    cli_put_slice(s, dgm_slice_of(text));
}

void cli_put_times(cli_stream *s, const char *text, size_t n)
{
    while (n--) cli_put(s, text);
}

void cli_print(cli_stream *s, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n > 0) cli_put_slice(s, (dgm_slice){ text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
}

void cli_put_json(cli_stream *s, dgm_slice text)
{
    cli_put(s, "\"");
    while (text.len) {
        dgm_rune r = dgm_utf8_next(text);
        if (r.point == '"' || r.point == '\\') {
            cli_print(s, "\\%c", (int)r.point);
        } else if (r.point < 0x20) {
            cli_print(s, "\\u%04x", (unsigned)r.point);
        } else {
            char out[4];
            cli_put_slice(s, (dgm_slice){ out, dgm_utf8_put(r.point, out) });
        }
        text = dgm_slice_part(text, r.bytes, text.len);
    }
    cli_put(s, "\"");
}

void cli_put_member(cli_stream *s, const char *name, dgm_slice text)
{
    cli_print(s, ",\"%s\":", name);
    cli_put_json(s, text);
}

const char *cli_ink_of(const cli_stream *s, cli_ink ink)
{
    static const char *const codes[INK_COUNT] = {
        [INK_OFF] = "\033[0m",     [INK_BOLD] = "\033[1m",    [INK_DIM] = "\033[2m",
        [INK_NAME] = "\033[36m",   [INK_VALUE] = "\033[1m",   [INK_CODE] = "\033[32m",
        [INK_GOOD] = "\033[1;32m", [INK_WARN] = "\033[1;33m", [INK_BAD] = "\033[1;31m",
    };
    return s->colour ? codes[ink] : "";
}

/* ---- columns --------------------------------------------------------------------------------------------------------------- */

typedef struct range {
    uint32_t from, to;
} range;

static bool within(uint32_t c, const range *ranges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].from && c <= ranges[i].to) return true;
    return false;
}

/* East Asian wide and full-width letters, and pictures, take two columns (UAX #11); combining marks none. */
static size_t rune_columns(uint32_t c)
{
    static const range none[] = {
        { 0x300, 0x36F }, { 0x1AB0, 0x1AFF }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F }, { 0xFE20, 0xFE2F }
    };
    static const range two[] = { { 0x1100, 0x115F }, { 0x2E80, 0x303E },   { 0x3041, 0xA4CF },   { 0xA960, 0xA97C },
                                 { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },   { 0xFE30, 0xFE6F },   { 0xFF01, 0xFF60 },
                                 { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD } };
    if (c < 0x300) return 1;
    if (within(c, none, sizeof none / sizeof *none)) return 0;
    return within(c, two, sizeof two / sizeof *two) ? 2 : 1;
}

/* What turns the writing round, or cannot be seen, is shown as a replacement. */
static uint32_t shown(uint32_t c)
{
    static const range hidden[] = { { 0x80, 0x9F },     { 0xAD, 0xAD },     { 0x200B, 0x200F }, { 0x2028, 0x202E },
                                    { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB }, { 0xE0000, 0xE0FFF } };
    if (c < 0x20) return 0x2400 + c;
    if (c == 0x7F) return 0x2421;
    return within(c, hidden, sizeof hidden / sizeof *hidden) ? 0xFFFD : c;
}

size_t cli_columns(dgm_slice text)
{
    size_t n = 0;
    while (text.len) {
        dgm_rune r = dgm_utf8_next(text);
        n += rune_columns(shown(r.point));
        text = dgm_slice_part(text, r.bytes, text.len);
    }
    return n;
}

void cli_put_visible(cli_stream *s, dgm_slice text, size_t columns_max)
{
    bool cut = columns_max < text.len && cli_columns(text) > columns_max;
    size_t room = cut && columns_max ? columns_max - 1 : columns_max;
    while (text.len) {
        dgm_rune r = dgm_utf8_next(text);
        uint32_t c = shown(r.point);
        size_t columns = rune_columns(c);
        if (columns > room) break;
        room -= columns;
        char out[4];
        cli_put_slice(s, (dgm_slice){ out, dgm_utf8_put(c, out) });
        text = dgm_slice_part(text, r.bytes, text.len);
    }
    if (cut && columns_max) cli_put(s, "…");
}

void cli_put_wrapped(cli_stream *s, const char *text, size_t indent, size_t width)
{
    size_t column = indent;
    bool first = true;
    while (*text) {
        if (*text == '\n' || *text == ' ') {
            if (*text == '\n') {
                cli_put(s, "\n\n");
                cli_put_times(s, " ", indent);
                column = indent;
                first = true;
            }
            text++;
            continue;
        }
        size_t len = strcspn(text, " \n");
        if (!first && column + 1 + len > width) {
            cli_put(s, "\n");
            cli_put_times(s, " ", indent);
            column = indent;
        } else if (!first) {
            cli_put(s, " ");
            column++;
        }
        cli_put_slice(s, (dgm_slice){ text, len });
        column += len;
        text += len;
        first = false;
    }
}
