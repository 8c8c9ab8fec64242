/* SPDX-License-Identifier: Apache-2.0
 *
 * input.c - inputs of the command: regular files are mapped and given whole (so that lines and columns can be told), everything
 * else is fed in chunks; with a progress bar when someone looks on and it takes a while. One thread.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK_BYTES = 65536, SHOW_AFTER_MS = 500, SHOW_EVERY_MS = 100, EXCERPT_BYTES = 1000 };

int cli_input_open(dgm_slice name, cli_input *in)
{
    *in = (cli_input){ .name = name, .fd = -1 };
    bool standard = dgm_slice_is(name, "-");
    if (standard) in->name = DGM_LITERAL("<stdin>");
    in->fd = standard ? STDIN_FILENO : open(name.at, O_RDONLY | O_CLOEXEC);
    struct stat s;
    if (in->fd < 0 || fstat(in->fd, &s) != 0 || (S_ISDIR(s.st_mode) && (errno = EISDIR))) {
        int why = errno;
        cli_input_close(in);
        in->name = name;
        return why;
    }
    if (!S_ISREG(s.st_mode)) return 0;
    off_t from = standard ? lseek(in->fd, 0, SEEK_CUR) : 0;
    if (from != 0) return 0; /* someone has read a part of it already */
    in->total_bytes = (uint64_t)s.st_size;
    if (s.st_size == 0) {
        in->mapped = DGM_LITERAL("");
        in->whole = true;
        return 0;
    }
    void *at = mmap(NULL, (size_t)s.st_size, PROT_READ, MAP_PRIVATE, in->fd, 0);
    if (at == MAP_FAILED) return 0; /* it is read in chunks, then */
    (void)madvise(at, (size_t)s.st_size, MADV_SEQUENTIAL);
    in->mapped = (dgm_slice){ at, (size_t)s.st_size };
    in->whole = true;
    return 0;
}

void cli_input_close(cli_input *in)
{
    if (in->mapped.len) {
        /* Mapped memory was never ours to write; munmap only takes void pointers. */
        munmap((void *)(uintptr_t)in->mapped.at, in->mapped.len);
    }
    if (in->fd > STDIN_FILENO) close(in->fd);
    *in = (cli_input){ .fd = -1 };
}

/* ---- progress ---- */

static uint64_t now_ms(void)
{
    dgm_world w = dgm_world_default();
    return (uint64_t)w.now_ms(w.ctx);
}

cli_feeding cli_feeding_begin(cli *c)
{
    return (cli_feeding){ .c = c, .started_ms = now_ms(), .wanted = c->err.tty && !c->quiet && !c->json };
}

void cli_feeding_turn(cli_feeding *f, cli_input *in)
{
    f->in = in;
    f->known_at = f->searched_to = 0;
    f->known_line = 1;
}

void cli_feeding_over(cli_feeding *f, uint64_t messages)
{
    f->bytes_before += f->in->total_bytes;
    f->messages_before += messages;
    f->inputs_before++;
    cli_progress_step(f, 0, 0);
}

void cli_progress_clear(cli_feeding *f)
{
    if (!f->shown) return;
    cli_put(&f->c->err, "\r\033[K");
    (void)cli_stream_flush(&f->c->err);
    f->shown = false;
}

static void put_bar(cli_stream *s, uint64_t done, uint64_t total)
{
    size_t room = s->width > 90 ? 24 : 12;
    size_t full = total ? (size_t)(done * room / total) : 0;
    cli_put(s, cli_ink_of(s, INK_CODE));
    cli_put_times(s, "━", full);
    cli_put(s, cli_ink_of(s, INK_OFF));
    cli_put(s, cli_ink_of(s, INK_DIM));
    cli_put_times(s, "─", room - full);
    cli_print(s, "%s %3u%%  ", cli_ink_of(s, INK_OFF), (unsigned)(total ? done * 100 / total : 0));
}

void cli_progress_step(cli_feeding *f, uint64_t bytes_done, uint64_t messages)
{
    if (!f->wanted) return;
    bytes_done += f->bytes_before;
    messages += f->messages_before;
    uint64_t now = now_ms(), spent = now - f->started_ms;
    if (spent < SHOW_AFTER_MS || now - f->shown_ms < SHOW_EVERY_MS) return;
    f->shown_ms = now;
    cli_stream *s = &f->c->err;
    cli_put(s, "\r");
    if (f->total_bytes) put_bar(s, bytes_done, f->total_bytes);
    if (f->total_inputs > 1) cli_print(s, "%zu of %zu inputs  ", f->inputs_before, f->total_inputs);
    uint64_t per_second = bytes_done * 1000 / spent;
    cli_print(s, "%llu.%llu MB  %llu messages  %llu.%llu MB/s", (unsigned long long)(bytes_done / 1000000),
              (unsigned long long)(bytes_done / 100000 % 10), (unsigned long long)messages,
              (unsigned long long)(per_second / 1000000), (unsigned long long)(per_second / 100000 % 10));
    if (f->total_bytes > bytes_done && per_second)
        cli_print(s, "  %llu s left", (unsigned long long)((f->total_bytes - bytes_done) / per_second + 1));
    cli_put(s, "\033[K");
    (void)cli_stream_flush(s);
    f->shown = true;
}

/* ---- what was said about the input ---- */

/* The line of an offset, counted on (or back) from the last one asked for: records come nearly in the order of the input, which may
 * be one line of many megabytes. */
static uint64_t line_of(cli_feeding *f, uint64_t at)
{
    dgm_slice all = f->in->mapped;
    while (at < f->known_at) {
        const char *hit = f->known_at > 1 ? memrchr(all.at, '\n', (size_t)f->known_at - 1) : NULL;
        f->known_at = hit ? (uint64_t)(hit - all.at) + 1 : 0;
        f->known_line--;
        f->searched_to = 0;
    }
    uint64_t from = f->searched_to > f->known_at ? f->searched_to : f->known_at;
    while (from < at) {
        const char *hit = memchr(all.at + from, '\n', (size_t)(at - from));
        f->searched_to = at;
        if (!hit) break;
        f->known_at = from = (uint64_t)(hit - all.at) + 1;
        f->known_line++;
    }
    return f->known_line;
}

/* A record without an excerpt gets the line around its place, or as much of it as a screen could show. */
static void excerpt_of(const cli_feeding *f, dgm_diag *d, uint64_t at)
{
    dgm_slice all = f->in->mapped;
    uint64_t from = at - f->known_at > EXCERPT_BYTES ? at - EXCERPT_BYTES : f->known_at;
    dgm_slice rest = dgm_slice_part(all, (size_t)from, (size_t)at + EXCERPT_BYTES);
    const char *end = memchr(rest.at + (at - from), '\n', rest.len - (size_t)(at - from));
    d->excerpt = end ? dgm_slice_part(rest, 0, (size_t)(end - rest.at)) : rest;
    d->excerpt_at = from;
}

void cli_print_diags(cli_feeding *f, cli_stream *to, const dgm_diags *list)
{
    cli *c = f->c;
    dgm_diag_style style = {
        .form = c->json ? DGM_DIAG_JSON : DGM_DIAG_TEXT, .colour = to->colour, .input_name = f->in->name, .width = to->width
    };
    size_t n = dgm_diags_count(list);
    if (n) cli_progress_clear(f);
    for (size_t i = 0; i < n; i++) {
        dgm_diag d = *dgm_diags_at(list, i);
        if (c->quiet && d.severity != DGM_ERROR) continue;
        if (f->in->mapped.at && d.line == 0 && d.source.len == 0 && d.at_byte != UINT64_MAX) {
            uint64_t at = d.at_byte < f->in->mapped.len ? d.at_byte : f->in->mapped.len;
            uint64_t line = line_of(f, at);
            d.line = line < UINT32_MAX ? (uint32_t)line : 0;
            d.column = d.line && at - f->known_at < UINT32_MAX ? (uint32_t)(at - f->known_at) + 1 : 0;
            if (d.excerpt.len == 0) excerpt_of(f, &d, at);
        }
        (void)dgm_diag_print(&d, &style, cli_stream_sink(to));
    }
    size_t dropped = dgm_diags_dropped(list);
    if (dropped && !c->quiet) {
        char text[32];
        int len = snprintf(text, sizeof text, "%zu", dropped);
        cli_say(c, DGM_D_BASE_DROPPED, DGM_WARNING, (dgm_slice){ text, (size_t)len }, (dgm_slice){ 0 });
    }
    if (n) (void)cli_stream_flush(to);
}
