/* SPDX-License-Identifier: Apache-2.0
 *
 * deliver.c - brings a claim to its end from wherever it stands, in the first run or after a crash (definition D, 5): staged
 * documents are renamed to their targets, what is gone from the stage was delivered, the mark decides that the claim may go. One
 * thread.
 */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool there(int folder, const char *name)
{
    return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static dgm_status documents(dgm_delivery *d, dgm_claim *c, int stage)
{
    dgm_folder_names names;
    dgm_status status = dgm_folder_list_names(&d->o.mem, stage, false, false, &names);
    if (status != DGM_OK) return status;
    for (size_t i = 0; i < names.count && status == DGM_OK; i++) {
        const char *name = names.at[i].name, *wanted = strchr(name, '.');
        char given[NAME_MAX + 1];
        status = dgm_folder_put(stage, name, d->out, wanted ? wanted + 1 : name, c->id, given);
        if (status == DGM_OK) status = dgm_folder_sync(d, d->out);
        if (status == DGM_OK) status = dgm_folder_sync(d, stage);
        if (status == DGM_OK && !c->target[0]) memcpy(c->target, given, sizeof given);
        if (status == DGM_OK) dgm_crash_here(DGM_CRASH_ONE_DELIVERED);
    }
    dgm_folder_list_free(&names);
    if (status == DGM_OK) dgm_crash_here(DGM_CRASH_ALL_DELIVERED);
    return status;
}

/* The first name under which neither the file nor its diagnostics stand in BAD; after a crash between the two moves it is found
 * again, because the diagnostics of a file that is not there count as its own. */
static bool bad_name(const dgm_delivery *d, const dgm_claim *c, const char *suffix, bool moved, char name[NAME_MAX + 1],
                     char beside[NAME_MAX + 1])
{
    for (unsigned n = 1; n < 1000000; n++) {
        if (!dgm_folder_name(c->name, n, strlen(suffix), name)) return false;
        if (snprintf(beside, NAME_MAX + 1, "%s%s", name, suffix) > NAME_MAX) return false;
        if (!there(d->bad, name) && (moved || !there(d->bad, beside))) return true;
    }
    return false;
}

/* Diagnostics first, so that who sees the file finds them beside it. */
static dgm_status refuse(dgm_delivery *d, dgm_claim *c)
{
    const char *suffix = d->o.json ? ".diagnostics.jsonl" : ".diagnostics.txt";
    char name[NAME_MAX + 1], beside[NAME_MAX + 1], given[NAME_MAX + 1];
    if (!c->name[0]) return DGM_OK; /* an earlier run has moved it */
    bool records = there(c->folder, ".records");
    if (!bad_name(d, c, suffix, !records, name, beside)) {
        errno = ENAMETOOLONG;
        return DGM_IO;
    }
    dgm_status status = records ? dgm_folder_put(c->folder, ".records", d->bad, beside, c->id, given) : DGM_OK;
    if (status == DGM_OK) status = dgm_folder_sync(d, d->bad);
    dgm_crash_here(DGM_CRASH_BAD_DIAGNOSTICS);
    if (status == DGM_OK) status = dgm_folder_put(c->folder, c->name, d->bad, name, c->id, given);
    if (status == DGM_OK) status = dgm_folder_sync(d, d->bad);
    if (status == DGM_OK) status = dgm_folder_sync(d, c->folder);
    if (status != DGM_OK) return status;
    dgm_crash_here(DGM_CRASH_BAD_MOVED);
    memcpy(c->target, given, sizeof given);
    c->name[0] = 0; /* nothing is left to drop */
    return DGM_OK;
}

/* What was delivered of a store's documents is written. A run without the store leaves them to be told as complete. */
static dgm_status settle(dgm_delivery *d, int stage)
{
    if (!there(stage, ".store") || !d->o.job.store.get) return DGM_OK;
    if (!d->late.inner.get) dgm_late_store_init(&d->late, d->o.job.store, &d->o.mem);
    int fd = openat(stage, ".store", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return DGM_IO;
    dgm_buffer keys;
    dgm_buffer_init(&keys, &d->o.mem);
    dgm_status status = DGM_OK;
    for (ssize_t n = 1; status == DGM_OK && n;) {
        status = dgm_buffer_reserve(&keys, 4096);
        n = status == DGM_OK ? read(fd, keys.at + keys.len, 4096) : 0;
        if (n < 0 && errno != EINTR) status = DGM_IO;
        if (n > 0) keys.len += (size_t)n;
    }
    close(fd);
    if (status == DGM_OK) status = dgm_late_store_settle(&d->late, dgm_buffer_slice(&keys));
    dgm_buffer_free(&keys);
    return status;
}

static dgm_status from_stage(dgm_delivery *d, dgm_claim *c, const char *mark)
{
    int stage = dgm_folder_open(d->stage, c->id, false);
    if (stage < 0) return DGM_IO;
    c->refused = there(stage, ".refused");
    dgm_status status = documents(d, c, stage);
    if (status == DGM_OK) status = settle(d, stage);
    if (status == DGM_OK && c->refused) status = refuse(d, c);
    close(stage);
    if (status != DGM_OK) return status;
    if (renameat(d->stage, c->id, d->stage, mark) != 0) return DGM_IO;
    status = dgm_folder_sync(d, d->stage);
    dgm_crash_here(DGM_CRASH_MARKED);
    return status;
}

dgm_status dgm_claim_finish(dgm_delivery *d, dgm_claim *c)
{
    char mark[DGM_ID_MAX + 8];
    snprintf(mark, sizeof mark, "%s.done", c->id);
    dgm_status status = DGM_OK;
    if (!there(d->stage, mark)) {
        if (!there(d->stage, c->id) && c->name[0]) status = dgm_stage_make(d, c);
        if (status == DGM_OK && there(d->stage, c->id)) status = from_stage(d, c, mark);
    }
    if (d->late.inner.get) dgm_late_store_end(&d->late);
    d->late.inner = (dgm_store){ 0 };
    if (status == DGM_OK) status = dgm_claim_drop(d, c);
    if (status == DGM_OK) status = dgm_folder_remove(d->stage, mark);
    return status;
}
