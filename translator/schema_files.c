/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_files.c - the files that formats name for their codec (XML Schemas), and those that they name: found in the folders the
 * caller gave, then in that of the mappings; what a file names, only in its own folder, below it, or in those. Never from a
 * network. Any thread.
 */
#include "context.h"

#include "files.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#define SCHEMA_BYTES_MAX ((size_t)16 << 20)

/* The path as the system names it, with neither links nor dots in it; empty: there is no such file. at NULL: no memory. */
static dgm_slice real_path(dgm_arena *a, dgm_slice path)
{
    char room[PATH_MAX];
    struct stat s;
    dgm_slice named = dgm_arena_copy(a, path);
    if (!named.at) return named;
    if (memchr(path.at, 0, path.len) || !realpath(named.at, room) || stat(room, &s) != 0 || !S_ISREG(s.st_mode))
        return (dgm_slice){ "", 0 };
    return dgm_arena_copy(a, dgm_slice_of(room));
}

/* Does a file, named as the system names it, stand in a folder or below it? */
static bool within(dgm_slice folder, dgm_slice path)
{
    char named[PATH_MAX], room[PATH_MAX];
    if (!folder.len || folder.len >= sizeof named) return false;
    memcpy(named, folder.at, folder.len);
    named[folder.len] = 0;
    if (!realpath(named, room)) return false;
    size_t n = strlen(room);
    bool root = n == 1;
    return path.len > n && memcmp(path.at, room, n) == 0 && (root || path.at[n] == '/');
}

/* The folders of options.schemas, a colon between them, one after the other. */
static bool next_folder(dgm_slice *rest, dgm_slice *folder)
{
    while (rest->len) {
        dgm_cut cut = dgm_slice_cut(*rest, ':');
        *rest = cut.tail;
        *folder = cut.head;
        if (folder->len) return true;
    }
    return false;
}

/* "http://…", "urn:…" */
static bool has_scheme(dgm_slice s)
{
    size_t i = 0;
    while (i < s.len && ((s.at[i] | 32) >= 'a' && (s.at[i] | 32) <= 'z')) i++;
    return i > 1 && i < s.len && s.at[i] == ':';
}

static dgm_status joined(dgm_arena *a, dgm_slice folder, dgm_slice name, dgm_slice *real)
{
    dgm_slice path = dgm_path_join(a, folder, name);
    if (!path.at) return DGM_NOMEM;
    *real = real_path(a, path);
    return !real->at ? DGM_NOMEM : real->len ? DGM_OK : DGM_UNKNOWN;
}

/* A name, in the folders given and then that of the mappings. */
static dgm_status look_up(const dgm_context *c, dgm_arena *a, dgm_slice name, dgm_slice *real)
{
    dgm_slice rest = c->schemas, folder;
    dgm_status s = DGM_UNKNOWN;
    while (s == DGM_UNKNOWN && next_folder(&rest, &folder)) s = joined(a, folder, name, real);
    return s == DGM_UNKNOWN ? joined(a, c->folder, name, real) : s;
}

static bool may_read(const dgm_context *c, dgm_slice from, dgm_slice real)
{
    dgm_slice rest = c->schemas, folder;
    if (within(dgm_slice_part(from, 0, from.len - dgm_slice_file_name(from).len), real) || within(c->folder, real)) return true;
    while (next_folder(&rest, &folder))
        if (within(folder, real)) return true;
    return false;
}

static dgm_status find(const dgm_context *c, dgm_arena *a, dgm_slice from, dgm_slice location, dgm_slice *real, const char **why)
{
    *why = "no such file";
    if (!location.len || memchr(location.at, 0, location.len)) return DGM_UNKNOWN;
    if (has_scheme(location)) { /* what a schema names by a URL is not fetched; a file of that name will do */
        *why = "it is not fetched from a network, and no folder of schemas has a file of its name";
        dgm_slice name = dgm_slice_file_name(location);
        dgm_slice folder = dgm_slice_part(from, 0, from.len - dgm_slice_file_name(from).len);
        dgm_status s = !name.len ? DGM_UNKNOWN : folder.len ? joined(a, folder, name, real) : DGM_UNKNOWN;
        return s == DGM_UNKNOWN && name.len ? look_up(c, a, name, real) : s;
    }
    if (location.at[0] != '/' && !from.len) {
        *why = c->schemas.len ? "no such file in the folders of --schemas or of the mappings"
                              : "no such file in the folder of the mappings, and --schemas names no other";
        return look_up(c, a, location, real);
    }
    dgm_slice folder = dgm_slice_part(from, 0, from.len - dgm_slice_file_name(from).len);
    return joined(a, location.at[0] == '/' ? (dgm_slice){ "", 0 } : folder, location, real);
}

dgm_status dgm_schema_file(void *ctx, dgm_arena *arena, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes,
                           const char **why)
{
    const dgm_context *c = ctx;
    dgm_status s = find(c, arena, from, location, path, why);
    if (s != DGM_OK) return s;
    if (from.len && !may_read(c, from, *path)) {
        *why = "it stands in no folder that may be read (--schemas names more)";
        return DGM_UNKNOWN;
    }
    *why = "it is larger than 16 MiB";
    s = dgm_file_read(arena, *path, SCHEMA_BYTES_MAX, bytes, why);
    return s == DGM_OK || s == DGM_NOMEM ? s : DGM_UNKNOWN;
}
