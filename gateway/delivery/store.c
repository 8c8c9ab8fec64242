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

struct dgm_folder_store {
    dgm_mem mem;
    dgm_world world;
    int folder, lock;
    int failed;
    char strange[NAME_DIGITS + 8]; /* name of the first file that should be a record and is none */
};

static dgm_status trouble(dgm_folder_store *s)
{
    if (!s->failed) s->failed = errno ? errno : EIO;
    return DGM_IO;
}

/* A folder that was made is there after a power loss when the one it stands in is safe. */
static void above_safe(dgm_folder_store *s)
{
    int above = openat(s->folder, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (above < 0 && errno == EACCES) return; /* who may not read it cannot sync it */
    if (above < 0 || s->world.sync(s->world.ctx, above) != DGM_OK) (void)trouble(s);
    if (above >= 0) close(above);
}

dgm_status dgm_folder_store_open(const dgm_mem *mem, const dgm_world *world, const char *path, bool there, dgm_folder_store **out)
{
    *out = NULL;
    dgm_folder_store *s = dgm_mem_new(mem, sizeof *s);
    if (!s) return DGM_NOMEM;
    *s = (dgm_folder_store){ .mem = *mem, .world = *world, .lock = -1 };
    bool made = !there && mkdirat(AT_FDCWD, path, 0777) == 0;
    s->folder = made || there || errno == EEXIST ? dgm_folder_open(AT_FDCWD, path, false) : -1;
    if (made && s->folder >= 0) above_safe(s);
    if (s->folder >= 0 && !s->failed) s->lock = openat(s->folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (s->lock >= 0) {
        *out = s;
        return DGM_OK;
    }
    int why = s->failed ? s->failed : errno;
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

const char *dgm_folder_store_strange(const dgm_folder_store *s)
{
    return s->strange[0] ? s->strange : NULL;
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
    dgm_hex(d, len, name);
    name[NAME_DIGITS] = 0;
    return true;
}

/* At most so many bytes of a file; DGM_END: it is not there; DGM_INVALID: what has this name is no file. */
static dgm_status read_file(dgm_folder_store *s, const char *name, size_t most, dgm_buffer *out)
{
    int fd = openat(s->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat is;
    out->len = 0;
    if (fd < 0) return errno == ENOENT ? DGM_END : errno == ELOOP || errno == ENXIO ? DGM_INVALID : trouble(s);
    dgm_status st = fstat(fd, &is) == 0 ? DGM_OK : trouble(s);
    if (st == DGM_OK && !S_ISREG(is.st_mode)) st = DGM_INVALID;
    size_t size = st == DGM_OK && (uint64_t)is.st_size < most ? (size_t)is.st_size : most;
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
    if (st == DGM_OK && (!dgm_folder_store_parse(dgm_buffer_slice(&file), &is, &rest) || !dgm_slice_equal(is, key)))
        st = DGM_INVALID;
    if (st == DGM_OK) st = dgm_sink_put(to, rest);
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
    char name[NAME_DIGITS + 8], fresh[NAME_DIGITS + 8], first[HEAD_MOST + sizeof DGM_STORE_HEAD];
    if (!name_of(key, name)) return DGM_NOMEM;
    snprintf(fresh, sizeof fresh, "%.*s.new", NAME_DIGITS, name);
    int n = snprintf(first, sizeof first, DGM_STORE_HEAD "%zu\n", key.len);
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

/* Whether a file has a name that only records have. */
static bool record_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == NAME_DIGITS && !name[NAME_DIGITS];
}

/* DGM_INVALID: it is no record, or another one's. */
static dgm_status tell_key(dgm_folder_store *s, const char *name, dgm_slice prefix, dgm_buffer *file,
                           dgm_status (*called)(void *called_ctx, dgm_slice key), void *called_ctx)
{
    enum { LOOK = 4096 };
    dgm_slice key = { 0 }, rest;
    char wanted[NAME_DIGITS + 8];
    dgm_status st = read_file(s, name, LOOK, file);
    bool good = st == DGM_OK && dgm_folder_store_parse(dgm_buffer_slice(file), &key, &rest);
    if (st == DGM_OK && !good && file->len == LOOK) {
        st = read_file(s, name, SIZE_MAX / 2, file); /* a long key */
        good = st == DGM_OK && dgm_folder_store_parse(dgm_buffer_slice(file), &key, &rest);
    }
    if (st == DGM_END) return DGM_OK; /* taken away meanwhile */
    if (good && !name_of(key, wanted)) return DGM_NOMEM;
    if (st == DGM_INVALID || (st == DGM_OK && (!good || strcmp(name, wanted) != 0))) {
        if (!s->strange[0]) snprintf(s->strange, sizeof s->strange, "%.*s", NAME_DIGITS, name);
        return DGM_INVALID;
    }
    if (st != DGM_OK || !dgm_slice_equal(dgm_slice_part(key, 0, prefix.len), prefix)) return st;
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
    bool strange = false;
    for (size_t i = 0; i < names.count && st == DGM_OK; i++) {
        if (!record_name(names.at[i].name)) continue;
        st = tell_key(s, names.at[i].name, prefix, &file, called, called_ctx);
        strange = strange || st == DGM_INVALID;
        if (st == DGM_INVALID) st = DGM_OK; /* the others are told */
    }
    dgm_folder_list_free(&names);
    dgm_buffer_free(&file);
    return st == DGM_OK && strange ? DGM_INVALID : st;
}

dgm_store dgm_folder_store_use(dgm_folder_store *s)
{
    return (dgm_store){ .hold = hold, .let_go = let_go, .get = get, .put = put, .remove = remove_key, .each = each, .ctx = s };
}
