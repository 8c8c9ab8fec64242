/* SPDX-License-Identifier: Apache-2.0
 *
 * folder.c - folders by descriptor: lists, syncs, and the rename that replaces nothing. One thread.
 */
#include "private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int dgm_folder_open(int at, const char *name, bool make)
{
    if (make && mkdirat(at, name, 0777) != 0 && errno != EEXIST) return -1;
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

dgm_status dgm_folder_sync(const dgm_delivery *d, int folder)
{
    return d->o.world.sync(d->o.world.ctx, folder);
}

static int compare_names(const void *a, const void *b)
{
    const dgm_folder_entry *x = a, *y = b;
    if (x->time_ns != y->time_ns) return x->time_ns < y->time_ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

dgm_status dgm_folder_list_names(const dgm_mem *mem, int folder, bool by_time, bool hidden, dgm_folder_names *out)
{
    *out = (dgm_folder_names){ .mem = *mem };
    int copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = copy >= 0 ? fdopendir(copy) : NULL;
    if (!dir) {
        if (copy >= 0) close(copy);
        return DGM_IO;
    }
    dgm_status status = DGM_OK;
    for (struct dirent *e; status == DGM_OK && (e = readdir(dir));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 || (!hidden && e->d_name[0] == '.')) continue;
        void *at = out->at;
        status = dgm_mem_reserve(mem, &at, &out->capacity, out->count + 1, sizeof *out->at);
        out->at = at;
        if (status != DGM_OK) break;
        dgm_folder_entry *row = &out->at[out->count++];
        snprintf(row->name, sizeof row->name, "%s", e->d_name);
        row->time_ns = 0;
        struct stat s;
        if (by_time && fstatat(folder, e->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0)
            row->time_ns = (int64_t)s.st_mtim.tv_sec * 1000000000 + s.st_mtim.tv_nsec;
    }
    closedir(dir);
    if (status != DGM_OK)
        dgm_folder_list_free(out);
    else if (out->count)
        qsort(out->at, out->count, sizeof *out->at, compare_names);
    return status;
}

void dgm_folder_list_free(dgm_folder_names *names)
{
    if (names->at) names->mem.grow(names->mem.ctx, names->at, names->capacity * sizeof *names->at, 0);
    *names = (dgm_folder_names){ .mem = names->mem };
}

dgm_status dgm_folder_remove(int at, const char *name)
{
    int folder = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    if (folder < 0) return errno == ENOENT ? DGM_OK : DGM_IO;
    dgm_folder_names names;
    dgm_mem mem = dgm_mem_default();
    dgm_status status = dgm_folder_list_names(&mem, folder, false, true, &names);
    for (size_t i = 0; status == DGM_OK && i < names.count; i++)
        if (unlinkat(folder, names.at[i].name, 0) != 0 && errno != ENOENT) status = DGM_IO;
    if (names.at) dgm_folder_list_free(&names);
    close(folder);
    if (status == DGM_OK && unlinkat(at, name, AT_REMOVEDIR) != 0 && errno != ENOENT) status = DGM_IO;
    return status;
}

/* Bytes that are cut from a name must not leave half a UTF-8 character. */
static size_t cut_name(const char *name, size_t most)
{
    size_t n = strlen(name);
    if (n <= most) return n;
    n = most;
    while (n && ((unsigned char)name[n] & 0xC0) == 0x80) n--;
    return n;
}

bool dgm_folder_name(const char *wanted, unsigned n, size_t spare, char out[NAME_MAX + 1])
{
    const char *dot = strrchr(wanted, '.');
    const char *suffix = dot && dot > wanted && strlen(dot) <= 16 ? dot : "";
    char stem[NAME_MAX + 1], number[16] = "";
    size_t len = strlen(wanted) - strlen(suffix);
    if (len > NAME_MAX) return false;
    memcpy(stem, wanted, len);
    stem[len] = 0;
    if (n > 1) snprintf(number, sizeof number, "-%u", n);
    size_t rest = strlen(number) + strlen(suffix) + spare;
    if (rest >= NAME_MAX) return false;
    int got = snprintf(out, NAME_MAX + 1, "%.*s%s%s", (int)cut_name(stem, NAME_MAX - rest), stem, number, suffix);
    return got > 0 && got <= NAME_MAX;
}

dgm_status dgm_folder_put(int from, const char *name, int to, const char *wanted, const char *id, char given[NAME_MAX + 1])
{
    for (unsigned n = 1; n < 1000000; n++) {
        if (!dgm_folder_name(wanted, n, 0, given)) break;
        if (renameat2(from, name, to, given, RENAME_NOREPLACE) == 0) return DGM_OK;
        if (errno == EEXIST) continue;
        if (errno != EINVAL && errno != ENOSYS) return DGM_IO;
        /* No such rename here: a name that only this claim can have makes the plain one safe. */
        char own[NAME_MAX + 1];
        const char *dot = strrchr(wanted, '.');
        int stem = dot && dot > wanted ? (int)(dot - wanted) : (int)strlen(wanted);
        int got = snprintf(own, sizeof own, "%.*s-%s%s", stem > 150 ? 150 : stem, wanted, id, dot && dot > wanted ? dot : "");
        if (got < 0 || (size_t)got >= sizeof own) break;
        memcpy(given, own, (size_t)got + 1);
        return renameat(from, name, to, given) == 0 ? DGM_OK : DGM_IO;
    }
    errno = ENAMETOOLONG;
    return DGM_IO;
}
