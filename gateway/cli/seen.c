/* SPDX-License-Identifier: Apache-2.0
 *
 * seen.c - the register of interchanges that ack --seen keeps: a file with a line for each that was taken, read before the first
 * input and added to when all answers are in place. One thread; other processes are kept out while it is written.
 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int order(const void *a, const void *b)
{
    const dgm_slice *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int c = n ? memcmp(x->at, y->at, n) : 0;
    return c ? c : (x->len > y->len) - (x->len < y->len);
}

static bool has(void *ctx, dgm_slice line)
{
    const cli_seen *s = ctx;
    return s->count && bsearch(&line, s->lines, s->count, sizeof *s->lines, order);
}

static dgm_status keep(void *ctx, dgm_slice line)
{
    cli_seen *s = ctx;
    dgm_status st = dgm_buffer_append(&s->added, line);
    return st == DGM_OK ? dgm_buffer_append(&s->added, DGM_LITERAL("\n")) : st;
}

dgm_register cli_seen_register(cli_seen *s)
{
    return s->name.len ? (dgm_register){ has, keep, s } : (dgm_register){ 0 };
}

cli_exit cli_seen_open(cli *c, dgm_slice name, cli_seen *s)
{
    cli_input in;
    *s = (cli_seen){ .name = name };
    dgm_buffer_init(&s->added, &c->mem);
    if (!name.len) return CLI_DONE;
    int why = cli_input_open(name, &in);
    if (why == ENOENT) return CLI_DONE; /* nobody was seen yet */
    if (why || !in.whole) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, name, dgm_slice_of(why ? strerror(why) : "no regular file"));
        if (!why) cli_input_close(&in);
        return CLI_ENVIRONMENT;
    }
    dgm_slice all = dgm_arena_copy(&c->arena, in.mapped);
    cli_input_close(&in);
    size_t n = 1;
    for (size_t i = 0; i < all.len; i++) n += all.at[i] == '\n';
    s->lines = DGM_NEW(&c->arena, dgm_slice, n);
    if (!all.at || !s->lines) return CLI_ENVIRONMENT;
    for (dgm_slice rest = all; rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, '\n');
        if (line.head.len) s->lines[s->count++] = line.head;
        rest = line.tail;
    }
    qsort(s->lines, s->count, sizeof *s->lines, order);
    return CLI_DONE;
}

/* All of it or nothing: a line that is cut would be somebody else's. */
static int append(const char *name, dgm_slice bytes)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666), why = 0;
    if (fd < 0) return errno;
    off_t before = flock(fd, LOCK_EX) == 0 ? lseek(fd, 0, SEEK_END) : -1;
    for (size_t at = 0; !why && at < bytes.len;) {
        ssize_t n = write(fd, bytes.at + at, bytes.len - at);
        if (n < 0 && errno != EINTR) why = errno;
        if (n > 0) at += (size_t)n;
    }
    if (!why && fsync(fd) != 0) why = errno;
    if (why && before >= 0 && ftruncate(fd, before) != 0) why = errno;
    if (close(fd) != 0 && !why) why = errno;
    return why;
}

cli_exit cli_seen_finish(cli *c, cli_seen *s, bool answered)
{
    int why = answered && s->added.len ? append(s->name.at, dgm_buffer_slice(&s->added)) : 0;
    dgm_buffer_free(&s->added);
    if (!why) return CLI_DONE;
    cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, s->name, dgm_slice_of(strerror(why)));
    return CLI_ENVIRONMENT;
}
