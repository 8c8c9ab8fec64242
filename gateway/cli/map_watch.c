/* SPDX-License-Identifier: Apache-2.0
 *
 * map_watch.c - `map test --watch`: the cases again whenever a file is saved. Each run is a process of its own, so that a run
 * leaves nothing behind in the next. The kernel tells of what is saved (inotify on folders, for editors save by renaming). One
 * thread.
 */
#include "map.h"

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH_MAX = 4, QUIET_MS = 8, TOGETHER_MAX = 8 };

typedef struct watching {
    cli *c;
    int fd;
    uint32_t folders;
} watching;

static void watch_folder(watching *w, const char *path)
{
    const uint32_t saved = IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE | IN_ONLYDIR;
    if (inotify_add_watch(w->fd, path, saved) >= 0) w->folders++;
}

/* A folder and those in it. Mappings nest two deep; a little more is looked at, and links are not followed. */
static void watch_below(watching *w, const char *path, int depth)
{
    DIR *d = opendir(path);
    if (!d) return;
    watch_folder(w, path);
    for (struct dirent *e; depth < DEPTH_MAX && (e = readdir(d));) {
        char below[PATH_MAX];
        int n = snprintf(below, sizeof below, "%s/%s", path, e->d_name);
        if (e->d_type == DT_DIR && e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof below) watch_below(w, below, depth + 1);
    }
    closedir(d);
}

static void watch_file(watching *w, dgm_slice file)
{
    char folder[PATH_MAX];
    size_t len = file.len;
    while (len && file.at[len - 1] != '/') len--;
    if (len >= sizeof folder) return;
    memcpy(folder, len ? file.at : ".", len ? len : 1);
    folder[len ? len : 1] = 0;
    watch_folder(w, folder);
}

/* Names that editors use on the way are not what is saved. */
static bool counts(const struct inotify_event *e)
{
    size_t n = e->len ? strlen(e->name) : 0;
    return n && e->name[0] != '.' && e->name[n - 1] != '~' && e->name[0] != '#' && !(n > 4 && strcmp(e->name + n - 4, ".swp") == 0);
}

/* True: something was saved since. */
static bool take_events(int fd)
{
    _Alignas(struct inotify_event) char room[8192];
    bool any = false;
    ssize_t n = read(fd, room, sizeof room);
    for (ssize_t at = 0; at < n;) {
        const struct inotify_event *e = (const struct inotify_event *)(const void *)(room + at);
        any = any || counts(e) || (e->mask & IN_Q_OVERFLOW);
        at += (ssize_t)(sizeof *e + e->len);
    }
    return any;
}

/* Until a file is saved; those saved together are one. False: the watch is broken. */
static bool wait_for_save(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    for (bool saved = false; !saved;) {
        int n = poll(&p, 1, -1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return false;
        saved = take_events(fd);
    }
    for (int k = 0; k < TOGETHER_MAX && poll(&p, 1, QUIET_MS) > 0; k++) take_events(fd);
    return true;
}

static cli_exit run_apart(cli *c, map_test_run *run, const dgm_slice *files, size_t n)
{
    (void)cli_stream_flush(&c->out);
    (void)cli_stream_flush(&c->err);
    pid_t child = fork();
    if (child == 0) {
        cli_exit code = run(c, files, n);
        (void)cli_stream_flush(&c->out);
        (void)cli_stream_flush(&c->err);
        _exit(code);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    return child < 0 ? CLI_ENVIRONMENT : WIFEXITED(status) ? (cli_exit)WEXITSTATUS(status) : CLI_DEFECT;
}

static void progress(watching *w)
{
    cli_stream *s = &w->c->out;
    char now[16] = "";
    time_t t = time(NULL);
    struct tm local;
    if (!s->tty || w->c->json) return;
    if (localtime_r(&t, &local)) (void)strftime(now, sizeof now, "%H:%M:%S", &local);
    cli_print(s, "%s%s  %u folders are watched; Ctrl-C ends it%s\n", cli_ink_of(s, INK_DIM), now, w->folders,
              cli_ink_of(s, INK_OFF));
}

cli_exit map_test_watch(cli *c, map_test_run *run, const dgm_slice *files, size_t n)
{
    watching w = { .c = c, .fd = inotify_init1(IN_CLOEXEC) };
    dgm_slice folder = cli_mappings(c);
    if (w.fd < 0) {
        cli_say(c, DGM_D_GATEWAY_FOLDER, DGM_ERROR, DGM_LITERAL("."), dgm_slice_of(strerror(errno)));
        return CLI_ENVIRONMENT;
    }
    watch_below(&w, folder.len ? folder.at : DGM_MAPPINGS_DIR, 0);
    watch_folder(&w, ".");
    for (size_t i = 0; i < n; i++) watch_file(&w, files[i]);
    cli_exit code = run_apart(c, run, files, n);
    progress(&w);
    (void)cli_stream_flush(&c->out);
    while (code != CLI_USAGE && code != CLI_DEFECT && !c->out.error && wait_for_save(w.fd)) {
        code = run_apart(c, run, files, n);
        progress(&w);
        (void)cli_stream_flush(&c->out);
    }
    close(w.fd);
    return code;
}
