/* SPDX-License-Identifier: Apache-2.0
 *
 * store.c - see store.h. Every file says which key it is of, so that a name is never believed. One thread at a time.
 */
#include "store.h"

#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_DIGITS = 64, HEAD_MOST = 32 };
static const char head[] = "dragoman-store/1 ";

struct dgm_folder_store {
    dgm_mem mem;
    dgm_world world;
    int folder, lock;
    int failed;
};

static dgm_status trouble(dgm_folder_store *s)
{
    if (!s->failed) s->failed = errno ? errno : EIO;
    return DGM_IO;
}

dgm_status dgm_folder_store_open(const dgm_mem *mem, const dgm_world *world, const char *path, bool there, dgm_folder_store **out)
{
    *out = NULL;
    dgm_folder_store *s = dgm_mem_new(mem, sizeof *s);
    if (!s) return DGM_NOMEM;
    *s = (dgm_folder_store){ .mem = *mem, .world = *world, .lock = -1 };
    s->folder = dgm_folder_open(AT_FDCWD, path, !there);
    if (s->folder >= 0) s->lock = openat(s->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (s->lock >= 0) {
        *out = s;
        return DGM_OK;
    }
    int why = errno;
    dgm_folder_store_close(s);
    errno = why;
    return DGM_IO;
}

void dgm_folder_store_close(dgm_folder_store *s)
{
    if (!s) return;
    if (s->lock >= 0) close(s->lock);
    if (s->folder >= 0) close(s->folder);
    dgm_mem mem = s->mem;
    dgm_mem_free(&mem, s, sizeof *s);
}

int dgm_folder_store_failed(const dgm_folder_store *s)
{
    return s->failed;
}

/* ---- the lock -------------------------------------------------------------------------------------------------------------------
 */

static dgm_status hold(void *ctx)
{
    dgm_folder_store *s = ctx;
    int locked;
    do locked = flock(s->lock, LOCK_EX);
    while (locked != 0 && errno == EINTR);
    return locked == 0 ? DGM_OK : trouble(s);
}

static void let_go(void *ctx)
{
    (void)flock(((dgm_folder_store *)ctx)->lock, LOCK_UN);
}

/* ---- files ----------------------------------------------------------------------------------------------------------------------
 */

static bool name_of(dgm_slice key, char name[NAME_DIGITS + 8])
{
    unsigned char d[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (EVP_Digest(key.len ? key.at : "", key.len, d, &len, EVP_sha256(), NULL) != 1 || 2 * len != NAME_DIGITS) return false;
    for (unsigned i = 0; i < len; i++) snprintf(name + 2 * i, 3, "%02x", d[i]);
    return true;
}

/* What stands behind the key, from `rest` on; false: the file is not one of ours. */
static bool parse(dgm_slice file, dgm_slice *key, dgm_slice *rest)
{
    const size_t skip = sizeof head - 1;
    uint64_t len = 0;
    if (!dgm_slice_is(dgm_slice_part(file, 0, skip), head)) return false;
    dgm_cut line = dgm_slice_cut(dgm_slice_part(file, skip, file.len), '\n');
    for (size_t i = 0; i < line.head.len; i++) {
        if (line.head.at[i] < '0' || line.head.at[i] > '9' || i > 9) return false;
        len = len * 10 + (uint64_t)(line.head.at[i] - '0');
    }
    if (!line.found || !line.head.len || len >= line.tail.len || line.tail.at[len] != '\n') return false;
    *key = dgm_slice_part(line.tail, 0, (size_t)len);
    *rest = dgm_slice_part(line.tail, (size_t)len + 1, line.tail.len);
    return true;
}

/* At most so many bytes of a file; DGM_END: it is not there. */
static dgm_status read_file(dgm_folder_store *s, const char *name, size_t most, dgm_buffer *out)
{
    int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat is;
    if (fd < 0) return errno == ENOENT ? DGM_END : trouble(s);
    dgm_status st = fstat(fd, &is) == 0 ? DGM_OK : trouble(s);
    size_t size = st == DGM_OK && (uint64_t)is.st_size < most ? (size_t)is.st_size : most;
    out->len = 0;
    if (st == DGM_OK) st = dgm_buffer_reserve(out, size + 1);
    while (st == DGM_OK && out->len < size) {
        ssize_t n = read(fd, out->at + out->len, size - out->len);
        if (n > 0) out->len += (size_t)n;
        if (n == 0) break;
        if (n < 0 && errno != EINTR) st = trouble(s);
    }
    close(fd);
    return st;
}

static dgm_status get(void *ctx, dgm_slice key, dgm_sink to)
{
    dgm_folder_store *s = ctx;
    char name[NAME_DIGITS + 8];
    dgm_buffer file;
    dgm_slice is, rest;
    if (!name_of(key, name)) return DGM_NOMEM;
    dgm_buffer_init(&file, &s->mem);
    dgm_status st = read_file(s, name, SIZE_MAX / 2, &file);
    if (st == DGM_OK) { /* a file that is no record is handed on as it is, for who asked to say so */
        bool good = parse(dgm_buffer_slice(&file), &is, &rest) && dgm_slice_equal(is, key);
        st = dgm_sink_put(to, good ? rest : dgm_buffer_slice(&file));
    }
    dgm_buffer_free(&file);
    return st;
}

static bool write_all(int fd, dgm_slice bytes)
{
    while (bytes.len) {
        ssize_t n = write(fd, bytes.at, bytes.len);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) bytes = dgm_slice_part(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static dgm_status put(void *ctx, dgm_slice key, dgm_slice bytes)
{
    dgm_folder_store *s = ctx;
    char name[NAME_DIGITS + 8], fresh[NAME_DIGITS + 8], first[HEAD_MOST + sizeof head];
    if (!name_of(key, name)) return DGM_NOMEM;
    snprintf(fresh, sizeof fresh, "%.*s.new", NAME_DIGITS, name);
    int n = snprintf(first, sizeof first, "%s%zu\n", head, key.len);
    int fd = openat(s->folder, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd < 0) return trouble(s);
    bool good = write_all(fd, (dgm_slice){ first, (size_t)n }) && write_all(fd, key) && write_all(fd, DGM_LITERAL("\n"));
    dgm_crash_here(DGM_CRASH_STORE_WRITING);
    good = good && write_all(fd, bytes) && s->world.sync(s->world.ctx, fd) == DGM_OK;
    if (!good) (void)trouble(s);
    if (close(fd) != 0 && good) good = false;
    dgm_crash_here(DGM_CRASH_STORE_WRITTEN);
    if (good && renameat(s->folder, fresh, s->folder, name) == 0) {
        dgm_crash_here(DGM_CRASH_STORE_PUT);
        if (s->world.sync(s->world.ctx, s->folder) == DGM_OK) return DGM_OK;
    }
    dgm_status st = trouble(s);
    (void)unlinkat(s->folder, fresh, 0);
    return st;
}

static dgm_status remove_key(void *ctx, dgm_slice key)
{
    dgm_folder_store *s = ctx;
    char name[NAME_DIGITS + 8];
    if (!name_of(key, name)) return DGM_NOMEM;
    if (unlinkat(s->folder, name, 0) != 0 && errno != ENOENT) return trouble(s);
    dgm_crash_here(DGM_CRASH_STORE_REMOVED);
    return DGM_OK; /* one that comes back after a power loss is the part of a document that is written: nobody asks for it */
}

static dgm_status tell_key(dgm_folder_store *s, const char *name, dgm_slice prefix, dgm_buffer *file,
                           dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx)
{
    enum { LOOK = 4096 };
    dgm_slice key = { 0 }, rest;
    dgm_status st = read_file(s, name, LOOK, file);
    if (st == DGM_OK && !parse(dgm_buffer_slice(file), &key, &rest) && file->len == LOOK) {
        st = read_file(s, name, SIZE_MAX / 2, file); /* a long key */
        if (st == DGM_OK) (void)parse(dgm_buffer_slice(file), &key, &rest);
    }
    if (st == DGM_END) return DGM_OK; /* taken away meanwhile */
    if (st != DGM_OK || !key.len || !dgm_slice_equal(dgm_slice_part(key, 0, prefix.len), prefix)) return st;
    return called(called_ctx, key);
}

static dgm_status each(void *ctx, dgm_slice prefix, dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx)
{
    dgm_folder_store *s = ctx;
    dgm_folder_names names;
    dgm_buffer file;
    dgm_buffer_init(&file, &s->mem);
    dgm_status st = dgm_folder_list_names(&s->mem, s->folder, false, false, &names);
    if (st != DGM_OK) return st == DGM_IO ? trouble(s) : st;
    for (size_t i = 0; i < names.count && st == DGM_OK; i++)
        if (strlen(names.at[i].name) == NAME_DIGITS) st = tell_key(s, names.at[i].name, prefix, &file, called, called_ctx);
    dgm_folder_list_free(&names);
    dgm_buffer_free(&file);
    return st;
}

dgm_store dgm_folder_store_use(dgm_folder_store *s)
{
    return (dgm_store){ .hold = hold, .let_go = let_go, .get = get, .put = put, .remove = remove_key, .each = each, .ctx = s };
}
