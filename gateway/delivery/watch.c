/* SPDX-License-Identifier: Apache-2.0
 *
 * watch.c - folders and locks, recovery, and the loop: the kernel tells what was closed or moved in, a scan from time to time finds
 * what it did not tell (another machine's writes, an overflow). Graceful stop on SIGTERM and SIGINT. One thread.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- opening ---- */

static dgm_status folder_wrong(dgm_diags *diags, dgm_diag_code code, const char *first, const char *second, dgm_status status)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, dgm_slice_of(first));
    dgm_diag_text(diags, d, dgm_slice_of(second));
    return status;
}

static dgm_status folder(int at, const char *name, bool make, dgm_diags *diags, int *out)
{
    *out = dgm_folder_open(at, name, make);
    return *out >= 0 ? DGM_OK : folder_wrong(diags, DGM_D_GATEWAY_FOLDER, name, strerror(errno), DGM_IO);
}

static dgm_status lock(int at, const char *of, dgm_diags *diags, int *out)
{
    *out = openat(at, ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (*out < 0) return folder_wrong(diags, DGM_D_GATEWAY_FOLDER, of, strerror(errno), DGM_IO);
    if (flock(*out, LOCK_EX | LOCK_NB) == 0) return DGM_OK;
    return folder_wrong(diags, DGM_D_GATEWAY_WATCH_TAKEN, of, "", DGM_IO);
}

static dgm_status fit_together(const dgm_delivery *d, const char *bad, dgm_diags *diags)
{
    struct stat in, out, aside;
    if (fstat(d->in, &in) != 0 || fstat(d->out, &out) != 0 || fstat(d->bad, &aside) != 0)
        return folder_wrong(diags, DGM_D_GATEWAY_FOLDER, d->o.in, strerror(errno), DGM_IO);
    if (in.st_dev == out.st_dev && in.st_ino == out.st_ino)
        return folder_wrong(diags, DGM_D_GATEWAY_FOLDER_SAME, d->o.in, d->o.out, DGM_USAGE);
    if (in.st_dev == aside.st_dev && in.st_ino == aside.st_ino)
        return folder_wrong(diags, DGM_D_GATEWAY_FOLDER_SAME, d->o.in, bad, DGM_USAGE);
    if (in.st_dev != aside.st_dev) return folder_wrong(diags, DGM_D_GATEWAY_FOLDER_DEVICE, d->o.in, bad, DGM_USAGE);
    return DGM_OK;
}

dgm_status dgm_delivery_open(const dgm_delivery_options *options, dgm_diags *diags, dgm_delivery **out)
{
    dgm_mem mem = options->mem;
    dgm_delivery *d = dgm_mem_new(&mem, sizeof *d);
    *out = NULL;
    if (!d) return DGM_NOMEM;
    d->o = *options;
    d->in = d->claim = d->out = d->stage = d->bad = d->done = d->lock_in = d->lock_out = -1;
    dgm_status s = folder(AT_FDCWD, options->in, false, diags, &d->in);
    if (s == DGM_OK) s = folder(AT_FDCWD, options->out, true, diags, &d->out);
    if (s == DGM_OK)
        s = options->bad ? folder(AT_FDCWD, options->bad, true, diags, &d->bad) : folder(d->in, "bad", true, diags, &d->bad);
    if (s == DGM_OK) s = fit_together(d, options->bad ? options->bad : "bad", diags);
    if (s == DGM_OK) s = folder(d->in, ".claim", true, diags, &d->claim);
    if (s == DGM_OK) s = folder(d->out, ".stage", true, diags, &d->stage);
    if (s == DGM_OK && options->keep) s = folder(d->in, ".done", true, diags, &d->done);
    if (s == DGM_OK) s = lock(d->claim, options->in, diags, &d->lock_in);
    if (s == DGM_OK) s = lock(d->stage, options->out, diags, &d->lock_out);
    d->context = dgm_live_hold(options->live);
    if (s == DGM_OK)
        *out = d;
    else
        dgm_delivery_close(d);
    return s;
}

void dgm_delivery_close(dgm_delivery *d)
{
    if (!d) return;
    int fds[] = { d->in, d->claim, d->out, d->stage, d->bad, d->done, d->lock_in, d->lock_out };
    for (size_t i = 0; i < sizeof fds / sizeof *fds; i++)
        if (fds[i] >= 0) close(fds[i]);
    dgm_live_give_back(d->o.live, d->context);
    dgm_mem mem = d->o.mem;
    dgm_mem_free(&mem, d, sizeof *d);
}

/* ---- one claim ---- */

void dgm_delivery_tell(dgm_delivery *d, dgm_delivery_kind kind, const dgm_claim *c, const char *input, const char *why,
                       int64_t began)
{
    if (!d->o.event) return;
    d->o.event(d->o.ctx, &(dgm_delivery_event){ .kind = kind,
                                                .input = dgm_slice_of(input),
                                                .target = dgm_slice_of(c ? c->target : NULL),
                                                .why = why,
                                                .documents = c ? c->documents : 0,
                                                .errors = c ? c->errors : 0,
                                                .warnings = c ? c->warnings : 0,
                                                .version = dgm_context_version(d->context),
                                                .ms = d->o.world.now_ms(d->o.world.ctx) - began });
}

static dgm_status finish(dgm_delivery *d, dgm_claim *c, bool again)
{
    char name[NAME_MAX + 1];
    memcpy(name, c->name, sizeof name); /* it is emptied when the file has been moved */
    int64_t began = d->o.world.now_ms(d->o.world.ctx);
    errno = 0;
    dgm_status status = dgm_claim_finish(d, c);
    int why = errno;
    dgm_claim_close(c);
    if (status != DGM_OK) {
        d->troubled++;
        dgm_delivery_tell(d, DGM_DELIVERY_TROUBLE, c, name, status == DGM_IO && why ? strerror(why) : dgm_status_text(status),
                          began);
        return status;
    }
    d->refused += c->refused;
    if (again && c->documents == 0 && !name[0]) return DGM_OK; /* only leavings were swept up */
    dgm_delivery_tell(d,
                      c->refused                   ? DGM_DELIVERY_REFUSED
                      : again && c->documents == 0 ? DGM_DELIVERY_FINISHED
                                                   : DGM_DELIVERY_DELIVERED,
                      c, name, NULL, began);
    return DGM_OK;
}

dgm_status dgm_delivery_offer(dgm_delivery *d, const char *name)
{
    dgm_claim c;
    dgm_status status = dgm_claim_take(d, name, &c);
    if (status == DGM_END) return DGM_OK;
    if (status == DGM_OK) return finish(d, &c, false);
    d->troubled++;
    dgm_delivery_tell(d, DGM_DELIVERY_TROUBLE, NULL, name, strerror(errno), d->o.world.now_ms(d->o.world.ctx));
    return status;
}

/* ---- what an earlier run began ---- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n >= k && strcmp(name + n - k, suffix) == 0;
}

/* Marks and half-written stages whose claim has gone are worth nothing any more. Called when every claim has been finished. */
static dgm_status sweep_stage(dgm_delivery *d)
{
    dgm_folder_names names;
    dgm_status status = dgm_folder_list_names(&d->o.mem, d->stage, false, false, &names);
    for (size_t i = 0; status == DGM_OK && i < names.count; i++) {
        const char *name = names.at[i].name;
        char id[NAME_MAX + 1];
        snprintf(id, sizeof id, "%s", name);
        bool part = ends_in(name, ".part"), mark = ends_in(name, ".done");
        if (!part && !mark) continue;
        id[strlen(id) - 5] = 0;
        if (faccessat(d->claim, id, F_OK, 0) != 0) status = dgm_folder_remove(d->stage, name);
    }
    if (names.at) dgm_folder_list_free(&names);
    return status;
}

static dgm_status recover(dgm_delivery *d, bool (*stop)(void *ctx), void *stop_ctx)
{
    dgm_folder_names names;
    dgm_status status = dgm_folder_list_names(&d->o.mem, d->claim, true, false, &names);
    if (status != DGM_OK) return status;
    for (size_t i = 0; i < names.count && !(stop && stop(stop_ctx)); i++) {
        dgm_claim c;
        dgm_status now = dgm_claim_again(d, names.at[i].name, &c);
        if (now == DGM_OK)
            (void)finish(d, &c, true); /* trouble was told; the next pass tries again */
        else if (now != DGM_END)
            status = now;
    }
    dgm_folder_list_free(&names);
    return status == DGM_OK ? sweep_stage(d) : status;
}

dgm_status dgm_delivery_pass(dgm_delivery *d, bool (*stop)(void *ctx), void *stop_ctx, uint64_t *refused, uint64_t *troubled)
{
    d->refused = d->troubled = 0;
    dgm_rules_look(d);
    dgm_status status = recover(d, stop, stop_ctx);
    dgm_folder_names names = { 0 };
    if (status == DGM_OK) status = dgm_folder_list_names(&d->o.mem, d->in, true, false, &names);
    /* After trouble of the surroundings the rest would fail in the same way; the next pass begins again. */
    for (size_t i = 0; status == DGM_OK && !d->troubled && i < names.count && !(stop && stop(stop_ctx)); i++)
        (void)dgm_delivery_offer(d, names.at[i].name);
    if (names.at) dgm_folder_list_free(&names);
    if (refused) *refused = d->refused;
    if (troubled) *troubled = d->troubled;
    return status;
}

/* ---- the loop ---- */

typedef struct loop {
    int events, signals;
} loop;

static bool stopping(void *ctx)
{
    const loop *l = ctx;
    struct pollfd p = { .fd = l->signals, .events = POLLIN };
    return poll(&p, 1, 0) == 1;
}

/* DGM_MORE: events were lost, so a scan is due. */
static dgm_status take_events(dgm_delivery *d, const loop *l)
{
    _Alignas(struct inotify_event) char bytes[16384];
    ssize_t n = read(l->events, bytes, sizeof bytes);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? DGM_OK : DGM_IO;
    dgm_status status = DGM_OK;
    for (ssize_t at = 0; at < n && !stopping((void *)(uintptr_t)l);) {
        struct inotify_event e;
        memcpy(&e, bytes + at, sizeof e);
        if (e.mask & (IN_Q_OVERFLOW | IN_IGNORED))
            status = DGM_MORE;
        else if (e.len && dgm_delivery_offer(d, bytes + at + sizeof e) != DGM_OK)
            status = DGM_MORE;
        at += (ssize_t)(sizeof e + e.len);
    }
    return status;
}

static dgm_status loop_open(dgm_delivery *d, loop *l, sigset_t *before)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, before) != 0) return DGM_IO;
    l->signals = signalfd(-1, &set, SFD_CLOEXEC);
    l->events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (l->signals < 0 || l->events < 0) return DGM_IO;
    /* The folder by descriptor, so that it is the same one even if it has been moved. */
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", d->in);
    return inotify_add_watch(l->events, path, IN_CLOSE_WRITE | IN_MOVED_TO) >= 0 ? DGM_OK : DGM_IO;
}

dgm_status dgm_delivery_watch(dgm_delivery *d)
{
    loop l = { -1, -1 };
    sigset_t before;
    dgm_status status = loop_open(d, &l, &before);
    int64_t now = d->o.world.now_ms(d->o.world.ctx);
    if (status == DGM_OK)
        dgm_delivery_tell(d, DGM_DELIVERY_WATCHING, NULL, d->o.in, NULL, now);
    else
        dgm_delivery_tell(d, DGM_DELIVERY_TROUBLE, NULL, d->o.in, strerror(errno), now);
    bool scan = true;
    while (status == DGM_OK && !stopping(&l)) {
        /* A pass that cannot even list the folders was an accident of the surroundings (a mount that went away): it is tried again.
         */
        if (scan && dgm_delivery_pass(d, stopping, &l, NULL, NULL) != DGM_OK)
            dgm_delivery_tell(d, DGM_DELIVERY_TROUBLE, NULL, d->o.in, strerror(errno), d->o.world.now_ms(d->o.world.ctx));
        struct pollfd p[2] = { { .fd = l.signals, .events = POLLIN }, { .fd = l.events, .events = POLLIN } };
        int n = poll(p, 2, (int)d->o.scan_ms);
        scan = n == 0;
        if (n < 0 && errno != EINTR) status = DGM_IO;
        if (n > 0 && (p[1].revents & POLLIN)) scan = take_events(d, &l) == DGM_MORE;
    }
    if (l.events >= 0) close(l.events);
    if (l.signals >= 0) close(l.signals);
    dgm_delivery_tell(d, DGM_DELIVERY_STOPPED, NULL, d->o.in, NULL, now);
    return status;
}
