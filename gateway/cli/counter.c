/* SPDX-License-Identifier: Apache-2.0
 *
 * counter.c - control references that are never given twice: a file with a line for each recipient and kind of reference, "NUMBER
 * TAB RECIPIENT TAB KIND", the number being the last one that was given. Each change is a new file, synced and renamed over the old
 * one by whoever holds its lock, so that a crash leaves either, and several processes share one. A number is on disk before
 * anything is written with it. One thread.
 */
#include "cli.h"

#include "codecs/codecs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Messages and groups are many: so many numbers are put aside at a time. Those of interchanges are taken one by one, so that a
 * partner who minds holes sees none. */
enum { RESERVE = 64, FILE_MOST = 64 << 20 };

static const char *const kinds[] = { "interchange", "group", "message" };

/* The file while its lock is held. */
typedef struct store {
    int fd;
    dgm_buffer text;
    mode_t mode;
} store;

static const char *const malformed = "each line must be a number, a tab, a recipient, a tab, and interchange, group or message";

/* ---- the lock --------------------------------------------------------------------------------------------------------------- */

/* The file that has the name now, locked: whoever held the lock before may have put another one in its place. */
static int open_locked(const char *name, struct stat *is)
{
    for (;;) {
        struct stat named;
        int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (fd < 0) return -1;
        int locked;
        do locked = flock(fd, LOCK_EX);
        while (locked != 0 && errno == EINTR);
        bool good = locked == 0 && fstat(fd, is) == 0;
        if (good && stat(name, &named) == 0 && named.st_ino == is->st_ino && named.st_dev == is->st_dev) return fd;
        int why = errno;
        (void)close(fd);
        errno = why;
        if (!good) return -1;
    }
}

/* Locks and reads; what cannot be is told as a text, and nothing is held then. */
static const char *store_open(cli_counter *k, store *s)
{
    struct stat is;
    dgm_buffer_init(&s->text, &k->c->mem);
    s->fd = open_locked(k->name.at, &is);
    if (s->fd < 0) return strerror(errno);
    const char *why = !S_ISREG(is.st_mode) ? "no regular file" : is.st_size > FILE_MOST ? "it is too large" : NULL;
    size_t size = why ? 0 : (size_t)is.st_size;
    s->mode = is.st_mode & 07777;
    if (!why && dgm_buffer_reserve(&s->text, size + 1) != DGM_OK) why = "out of memory";
    while (!why && s->text.len < size) {
        ssize_t n = read(s->fd, s->text.at + s->text.len, size - s->text.len);
        if (n > 0) s->text.len += (size_t)n;
        if (n == 0) size = s->text.len;
        if (n < 0 && errno != EINTR) why = strerror(errno);
    }
    if (why) {
        (void)close(s->fd);
        dgm_buffer_free(&s->text);
    }
    return why;
}

static void store_close(store *s)
{
    (void)close(s->fd); /* and the lock goes */
    dgm_buffer_free(&s->text);
}

/* ---- lines ------------------------------------------------------------------------------------------------------------------ */

typedef struct line {
    size_t at, end; /* in the text, without what ends it */
    uint64_t number;
    dgm_slice key; /* recipient, tab, kind */
} line;

/* The next line from *at on; false: there is no more. *good: it is as it should be. */
static bool next_line(dgm_slice text, size_t *at, line *l, bool *good)
{
    if (*at >= text.len) return false;
    dgm_cut rows = dgm_slice_cut(dgm_slice_part(text, *at, text.len), '\n');
    *l = (line){ .at = *at, .end = *at + rows.head.len };
    *at += rows.head.len + (rows.found ? 1 : 0);
    dgm_cut number = dgm_slice_cut(rows.head, '\t'), recipient = dgm_slice_cut(number.tail, '\t');
    *good = rows.found && recipient.found && cli_number(number.head, (uint64_t)1 << 62, &l->number) && number.head.len < 20;
    if (*good && (number.head.at[number.head.len - 1] < '0' || number.head.at[number.head.len - 1] > '9')) *good = false;
    size_t i = 0;
    while (i < 3 && !dgm_slice_is(recipient.tail, kinds[i])) i++;
    *good = *good && i < 3;
    l->key = number.tail;
    return true;
}

/* The line of a key; at == end == the text's length when there is none. False: the file is not what it should be. */
static bool find_line(dgm_slice text, dgm_slice key, line *out)
{
    bool good = true;
    line l;
    *out = (line){ .at = text.len, .end = text.len };
    for (size_t at = 0; next_line(text, &at, &l, &good) && good;)
        if (dgm_slice_equal(l.key, key)) *out = l;
    return good;
}

/* ---- changing --------------------------------------------------------------------------------------------------------------- */

static int sync_folder(const char *name)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(name, '/');
    int n = snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - name) + 1 : 1, slash ? name : ".");
    int fd = n > 0 && (size_t)n < sizeof folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0) return -1;
    int synced = fsync(fd);
    return close(fd) == 0 && (synced == 0 || errno == EINVAL) ? 0 : -1; /* some file systems cannot, and need not */
}

static bool write_all(int fd, dgm_slice bytes)
{
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(fd, bytes.at + at, bytes.len - at);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) at += (size_t)n;
    }
    return true;
}

/* Whoever holds the lock is the only one who writes NAME.new; one that a crash left is written over. */
static const char *replace(const cli_counter *k, const store *s, dgm_slice bytes)
{
    char fresh[PATH_MAX];
    int n = snprintf(fresh, sizeof fresh, "%s.new", k->name.at);
    if (n < 0 || (size_t)n >= sizeof fresh) return strerror(ENAMETOOLONG);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return strerror(errno);
    bool good = fchmod(fd, s->mode) == 0 && write_all(fd, bytes) && fsync(fd) == 0;
    int why = good ? 0 : errno;
    if (close(fd) != 0 && good) why = errno;
    if (!why && (rename(fresh, k->name.at) != 0 || sync_folder(k->name.at) != 0)) why = errno;
    if (why) (void)unlink(fresh);
    return why ? strerror(why) : NULL;
}

/* The line of a key says another number from now on. */
static const char *set_number(const cli_counter *k, const store *s, const line *l, dgm_slice key, uint64_t number)
{
    dgm_slice text = dgm_buffer_slice(&s->text);
    dgm_buffer made;
    dgm_buffer_init(&made, &k->c->mem);
    dgm_status st = dgm_buffer_append(&made, dgm_slice_part(text, 0, l->at));
    if (st == DGM_OK) st = dgm_buffer_print(&made, "%llu\t", (unsigned long long)number);
    if (st == DGM_OK) st = dgm_buffer_append(&made, key);
    if (st == DGM_OK && l->end == text.len) st = dgm_buffer_append(&made, DGM_LITERAL("\n"));
    if (st == DGM_OK) st = dgm_buffer_append(&made, dgm_slice_part(text, l->end, text.len));
    const char *why = st == DGM_OK ? replace(k, s, dgm_buffer_slice(&made)) : "out of memory";
    dgm_buffer_free(&made);
    return why;
}

/* ---- taking ----------------------------------------------------------------------------------------------------------------- */

static dgm_status fail(const cli_counter *k, const char *why)
{
    cli_say(k->c, DGM_D_GATEWAY_COUNTER, DGM_ERROR, k->name, dgm_slice_of(why));
    return DGM_IO;
}

/* The recipient as it stands in the file: control characters and percent signs as %XX. */
static dgm_slice key_of(dgm_slice recipient, dgm_counted_as what, char *room, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < recipient.len && n + 16 < size; i++) {
        unsigned char c = (unsigned char)recipient.at[i];
        if (c < 0x20 || c == 0x7F || c == '%')
            n += (size_t)snprintf(room + n, size - n, "%%%02X", c);
        else
            room[n++] = (char)c;
    }
    n += (size_t)snprintf(room + n, size - n, "\t%s", kinds[what]);
    return (dgm_slice){ room, n };
}

static cli_reserve *reserve_of(cli_counter *k, dgm_slice key)
{
    for (size_t i = 0; i < k->reserve_count; i++)
        if (dgm_slice_equal(k->reserves[i].key, key)) return &k->reserves[i];
    if (k->reserve_count == k->reserve_room) {
        size_t room = k->reserve_room ? 2 * k->reserve_room : 16;
        cli_reserve *more = DGM_NEW(&k->c->arena, cli_reserve, room);
        if (!more) return NULL;
        if (k->reserve_count) memcpy(more, k->reserves, k->reserve_count * sizeof *more);
        k->reserves = more;
        k->reserve_room = room;
    }
    cli_reserve *r = &k->reserves[k->reserve_count];
    *r = (cli_reserve){ .key = dgm_arena_copy(&k->c->arena, key) };
    if (!r->key.at) return NULL;
    k->reserve_count++;
    return r;
}

static dgm_status take(void *ctx, dgm_counted_as what, dgm_slice recipient, uint64_t first, uint64_t *number)
{
    cli_counter *k = ctx;
    char room[512];
    cli_reserve *r = reserve_of(k, key_of(recipient, what, room, sizeof room));
    if (!r) return DGM_NOMEM;
    if (r->next < first && r->next) r->next = first;
    if (r->next == 0 || r->next > r->last) {
        store s;
        line l;
        const char *why = store_open(k, &s);
        if (why) return fail(k, why);
        if (!find_line(dgm_buffer_slice(&s.text), r->key, &l)) why = malformed;
        r->next = l.number + 1 > first ? l.number + 1 : first;
        r->last = r->next + (what == DGM_COUNT_INTERCHANGE ? 0 : RESERVE - 1);
        if (!why) why = set_number(k, &s, &l, r->key, r->last);
        store_close(&s);
        if (why) {
            r->next = 0;
            return fail(k, why);
        }
    }
    *number = r->next++;
    return DGM_OK;
}

dgm_counter cli_counter_of(cli_counter *k)
{
    return k->name.len ? (dgm_counter){ take, k } : (dgm_counter){ 0 };
}

cli_exit cli_counter_open(cli *c, cli_counter *k)
{
    store s;
    line l;
    char real[PATH_MAX];
    *k = (cli_counter){ .c = c, .name = c->args.value[OPT_COUNTER] };
    if (!c->args.given[OPT_COUNTER]) return CLI_DONE;
    if (k->name.len == 0) return cli_usage(c, "--counter takes the name of a file");
    /* A link stays one: what it leads to is replaced. */
    if (realpath(k->name.at, real)) k->name = dgm_arena_copy(&c->arena, dgm_slice_of(real));
    if (!k->name.at) return CLI_ENVIRONMENT;
    const char *why = store_open(k, &s);
    if (!why) {
        if (!find_line(dgm_buffer_slice(&s.text), (dgm_slice){ 0 }, &l)) why = malformed;
        store_close(&s);
    }
    if (why) (void)fail(k, why);
    return why ? CLI_ENVIRONMENT : CLI_DONE;
}

void cli_counter_close(cli_counter *k)
{
    for (size_t i = 0; i < k->reserve_count; i++) {
        cli_reserve *r = &k->reserves[i];
        store s;
        line l;
        if (r->next == 0 || r->next > r->last || store_open(k, &s)) continue;
        /* When that fails nothing is lost but numbers. */
        if (find_line(dgm_buffer_slice(&s.text), r->key, &l) && l.number == r->last)
            (void)set_number(k, &s, &l, r->key, r->next - 1);
        store_close(&s);
        r->next = 0;
    }
}
