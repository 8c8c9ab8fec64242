/* SPDX-License-Identifier: Apache-2.0
 *
 * claim.c - taking a file out of the watched folder so that it is ours alone, finding again what an earlier run had taken, and
 * letting go of it in the end (definition D, 2). One thread.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_in(const char *name, const char *suffix)
{
    size_t n = strlen(name), k = strlen(suffix);
    return n >= k && strcmp(name + n - k, suffix) == 0;
}

/* Somebody still has it open for writing: the kernel grants a read lease only when nobody has. Where leases are not to be had, a
 * file that has not changed for a while is taken to be whole. */
static bool still_written(const dgm_delivery *d, int fd, const struct stat *s)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        (void)fcntl(fd, F_SETLEASE, F_UNLCK);
        return false;
    }
    if (errno == EAGAIN) return true;
    int64_t age_ms = d->o.world.now_ms(d->o.world.ctx) - ((int64_t)s->st_mtim.tv_sec * 1000 + s->st_mtim.tv_nsec / 1000000);
    return age_ms >= 0 && age_ms < (int64_t)d->o.scan_ms;
}

static void claim_id(const struct stat *s, char id[DGM_ID_MAX])
{
    snprintf(id, DGM_ID_MAX, "%llx-%llx%08lx-%llx", (unsigned long long)s->st_ino, (unsigned long long)s->st_mtim.tv_sec,
             (unsigned long)s->st_mtim.tv_nsec, (unsigned long long)s->st_size);
}

void dgm_claim_close(dgm_claim *c)
{
    if (c->folder >= 0) close(c->folder);
    c->folder = -1;
}

dgm_status dgm_claim_take(dgm_delivery *d, const char *name, dgm_claim *out)
{
    *out = (dgm_claim){ .folder = -1 };
    if (name[0] == '.' || ends_in(name, ".tmp") || ends_in(name, ".part")) return DGM_END;
    struct stat s;
    int fd = openat(d->in, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) return errno == ENOENT || errno == ELOOP ? DGM_END : DGM_IO;
    bool take = fstat(fd, &s) == 0 && S_ISREG(s.st_mode) && !still_written(d, fd, &s);
    close(fd);
    if (!take) return DGM_END;
    claim_id(&s, out->id);
    snprintf(out->name, sizeof out->name, "%s", name);
    out->folder = dgm_folder_open(d->claim, out->id, true);
    if (out->folder < 0) return DGM_IO;
    dgm_crash_here(DGM_CRASH_CLAIM_FOLDER);
    dgm_status status = DGM_OK;
    if (renameat(d->in, name, out->folder, name) != 0) {
        status = errno == ENOENT ? DGM_END : DGM_IO; /* someone else took it first */
        int why = errno;
        unlinkat(d->claim, out->id, AT_REMOVEDIR);
        errno = why;
    }
    if (status == DGM_OK) status = dgm_folder_sync(d, out->folder);
    if (status == DGM_OK) status = dgm_folder_sync(d, d->claim);
    if (status == DGM_OK) status = dgm_folder_sync(d, d->in);
    if (status != DGM_OK)
        dgm_claim_close(out);
    else
        dgm_crash_here(DGM_CRASH_CLAIMED);
    return status;
}

dgm_status dgm_claim_again(dgm_delivery *d, const char *id, dgm_claim *out)
{
    *out = (dgm_claim){ .folder = dgm_folder_open(d->claim, id, false) };
    if (out->folder < 0) return errno == ENOENT || errno == ENOTDIR ? DGM_END : DGM_IO;
    if (strlen(id) >= sizeof out->id) { /* none of ours */
        dgm_claim_close(out);
        return DGM_END;
    }
    memcpy(out->id, id, strlen(id) + 1);
    dgm_folder_names names;
    dgm_status status = dgm_folder_list_names(&d->o.mem, out->folder, false, false, &names);
    if (status == DGM_OK && names.count) memcpy(out->name, names.at[0].name, sizeof out->name);
    if (status == DGM_OK) dgm_folder_list_free(&names);
    if (status != DGM_OK) dgm_claim_close(out);
    return status;
}

/* The input goes (or is kept in .done), then the folder of its claim. Each part may have been done by an earlier run. */
dgm_status dgm_claim_drop(dgm_delivery *d, dgm_claim *c)
{
    dgm_status status = DGM_OK;
    if (c->name[0]) {
        char given[NAME_MAX + 1];
        if (d->done >= 0)
            status = dgm_folder_put(c->folder, c->name, d->done, c->name, c->id, given);
        else if (unlinkat(c->folder, c->name, 0) != 0 && errno != ENOENT)
            status = DGM_IO;
        if (status == DGM_OK && d->done >= 0) status = dgm_folder_sync(d, d->done);
    }
    dgm_crash_here(DGM_CRASH_CLAIM_EMPTIED);
    if (status == DGM_OK) status = dgm_folder_remove(d->claim, c->id);
    if (status == DGM_OK) status = dgm_folder_sync(d, d->claim);
    dgm_crash_here(DGM_CRASH_CLAIM_REMOVED);
    return status;
}
