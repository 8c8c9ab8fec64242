/* SPDX-License-Identifier: Apache-2.0
 *
 * files.c - see files.h. Plain POSIX; nothing is cached, nothing stays open.
 */
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *reason(int error)
{
    switch (error) {
    case ENOENT: return "there is none";
    case EACCES:
    case EPERM: return "not allowed";
    case ENOTDIR: return "not a folder";
    case EISDIR: return "a folder, not a file";
    case ENOMEM: return "no memory";
    default: return "the system refuses";
    }
}

static dgm_status read_all(int fd, char *at, size_t bytes, const char **why)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = read(fd, at + done, bytes - done);
        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0) {
            *why = "it became shorter while it was read";
            return DGM_IO;
        } else if (errno != EINTR) {
            *why = reason(errno);
            return DGM_IO;
        }
    }
    return DGM_OK;
}

dgm_status dgm_file_there(dgm_arena *arena, dgm_slice path, const char **why)
{
    struct stat st;
    dgm_slice name = dgm_arena_copy(arena, path);
    if (!name.at) return DGM_NOMEM;
    if (stat(name.at, &st) != 0)
        *why = reason(errno);
    else if (!S_ISREG(st.st_mode))
        *why = "not a regular file";
    else
        return DGM_OK;
    return DGM_IO;
}

dgm_status dgm_file_read(dgm_arena *arena, dgm_slice path, size_t bytes_max, dgm_slice *out, const char **why)
{
    *out = (dgm_slice){ 0 };
    dgm_slice name = dgm_arena_copy(arena, path);
    if (!name.at) return DGM_NOMEM;
    int fd = open(name.at, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for who writes it */
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        *why = reason(errno);
        if (fd >= 0) close(fd);
        return DGM_IO;
    }
    dgm_status status = DGM_OK;
    char *at = NULL;
    if (!S_ISREG(st.st_mode)) {
        *why = "not a regular file";
        status = DGM_IO;
    } else if ((uint64_t)st.st_size > bytes_max) {
        *why = "too large";
        status = DGM_LIMIT;
    } else if (!(at = dgm_arena_new(arena, 1, 1, (size_t)st.st_size + 1))) {
        status = DGM_NOMEM;
    } else {
        status = read_all(fd, at, (size_t)st.st_size, why);
    }
    close(fd);
    if (status == DGM_OK) *out = (dgm_slice){ at, (size_t)st.st_size };
    return status;
}

static int by_bytes(const void *a, const void *b)
{
    return dgm_slice_compare(*(const dgm_slice *)a, *(const dgm_slice *)b);
}

static bool wanted(DIR *dir, const struct dirent *e, dgm_slice suffix)
{
    if (e->d_name[0] == '.') return false;
    dgm_slice name = dgm_slice_of(e->d_name);
    struct stat st;
    if (fstatat(dirfd(dir), e->d_name, &st, 0) != 0) return false;
    if (suffix.len == 0) return S_ISDIR(st.st_mode);
    return S_ISREG(st.st_mode) && name.len > suffix.len &&
           dgm_slice_equal(dgm_slice_part(name, name.len - suffix.len, name.len), suffix);
}

dgm_status dgm_folder_list(dgm_arena *arena, dgm_slice path, const char *suffix, dgm_names *out, const char **why)
{
    *out = (dgm_names){ 0 };
    dgm_slice name = dgm_arena_copy(arena, path);
    if (!name.at) return DGM_NOMEM;
    DIR *dir = opendir(name.at);
    if (!dir) {
        *why = reason(errno);
        return errno == ENOMEM ? DGM_NOMEM : DGM_IO;
    }
    dgm_mem mem = arena->mem;
    dgm_slice *list = NULL;
    size_t count = 0, capacity = 0;
    dgm_status status = DGM_OK;
    for (const struct dirent *e; status == DGM_OK && (e = readdir(dir));) {
        if (!wanted(dir, e, dgm_slice_of(suffix))) continue;
        void *grown = list;
        status = dgm_mem_reserve(&mem, &grown, &capacity, count + 1, sizeof *list);
        list = grown;
        if (status != DGM_OK) break;
        list[count] = dgm_arena_copy(arena, dgm_slice_of(e->d_name));
        if (!list[count++].at) status = DGM_NOMEM;
    }
    closedir(dir);
    dgm_slice *kept = status == DGM_OK && count ? DGM_NEW(arena, dgm_slice, count) : NULL;
    if (status == DGM_OK && count && !kept) status = DGM_NOMEM;
    if (kept) {
        memcpy(kept, list, count * sizeof *list);
        qsort(kept, count, sizeof *kept, by_bytes);
        *out = (dgm_names){ kept, count };
    }
    dgm_mem_free(&mem, list, capacity * sizeof *list);
    return status;
}

dgm_slice dgm_path_join(dgm_arena *arena, dgm_slice folder, dgm_slice name)
{
    bool slash = folder.len && folder.at[folder.len - 1] == '/';
    return dgm_arena_print(arena, "%.*s%s%.*s", (int)folder.len, folder.at, slash || !folder.len ? "" : "/", (int)name.len,
                           name.at);
}

/* ---- stamps ---- */

/* One step of FNV-1a over eight bytes at a time: nobody is kept out by it. */
static uint64_t mix(uint64_t sum, uint64_t what)
{
    sum = (sum ^ what) * 0x100000001B3u;
    return sum ^ sum >> 29;
}

static uint64_t mix_name(uint64_t sum, const char *name)
{
    for (; *name; name++) sum = mix(sum, (unsigned char)*name);
    return mix(sum, 0x100);
}

static int64_t nanoseconds(struct timespec t)
{
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* The sum of one thing that is there. */
static uint64_t look_at(const char *name, const struct stat *st, dgm_stamp *stamp)
{
    const int64_t written = nanoseconds(st->st_mtim), changed = nanoseconds(st->st_ctim);
    const int64_t newest = (written > changed ? written : changed) / 1000000;
    uint64_t sum = mix(mix_name(0xCBF29CE484222325u, name), st->st_ino);
    if (newest > stamp->newest_ms) stamp->newest_ms = newest;
    if (S_ISDIR(st->st_mode)) return sum; /* what is in it counts */
    return mix(mix(mix(sum, (uint64_t)st->st_size), (uint64_t)written), (uint64_t)changed);
}

/* The sums of what is in a folder are added up, so that the order in which they are given does not matter. */
static dgm_status stamp_folder(int at, const char *name, uint32_t depth, dgm_stamp *stamp)
{
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    dgm_status status = dir || errno != ENOMEM ? DGM_OK : DGM_NOMEM;
    if (!dir && fd >= 0) close(fd);
    for (const struct dirent *e; dir && status == DGM_OK && (e = readdir(dir));) {
        struct stat st;
        if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, 0) != 0) continue;
        stamp->sum += look_at(e->d_name, &st, stamp);
        if (S_ISDIR(st.st_mode) && depth > 1) {
            dgm_stamp inner = { 0, stamp->newest_ms };
            status = stamp_folder(fd, e->d_name, depth - 1, &inner);
            stamp->sum += mix_name(inner.sum, e->d_name);
            stamp->newest_ms = inner.newest_ms;
        }
    }
    if (dir) closedir(dir);
    return status;
}

dgm_status dgm_stamp_add(const dgm_mem *mem, dgm_slice path, dgm_stamp *stamp)
{
    dgm_arena arena;
    struct stat st;
    dgm_arena_init(&arena, mem);
    dgm_slice name = dgm_arena_copy(&arena, path);
    dgm_status status = name.at ? DGM_OK : DGM_NOMEM;
    if (name.at) {
        const bool there = stat(name.at, &st) == 0;
        stamp->sum = mix(stamp->sum, there ? look_at("", &st, stamp) : 1);
        if (there && S_ISDIR(st.st_mode)) status = stamp_folder(AT_FDCWD, name.at, DGM_STAMP_DEPTH, stamp);
    }
    dgm_arena_free(&arena);
    return status;
}
