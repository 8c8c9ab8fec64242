/* SPDX-License-Identifier: Apache-2.0
 *
 * format_import.c - dgm_format_import(): an XML Schema in local files becomes the two files of an XML format. Files are read only
 * from the folder of a schema that was named, from folders below it, and from folders the caller allows; never from a network. Any
 * thread.
 */
#include "base/slice.h"
#include "codecs/xml/xsd.h"
#include "dragoman.h"
#include "files.h"

#include <limits.h>
#include <stdlib.h>

enum { FILE_MAX = 64 << 20, ALL_MAX = 256 << 20 };

struct dgm_imported {
    dgm_xsd xsd;
    const dgm_format_import_wish *wish;
    dgm_slice allowed[DGM_XSD_FILES_MAX]; /* folders, as the system names them, each with a slash at its end */
    uint32_t allowed_count;
    size_t bytes;
    dgm_imported_remark *remarks;
    size_t remark_count;
};

/* ---- files ---- */

/* The path as the system names it, with neither links nor dots in it. Empty: there is no such thing. */
static dgm_slice real_path(dgm_imported *m, dgm_slice path)
{
    char room[PATH_MAX];
    dgm_slice named = dgm_arena_copy(&m->xsd.arena, path);
    if (!named.at || !realpath(named.at, room)) return (dgm_slice){ named.at ? "" : NULL, 0 };
    return dgm_arena_copy(&m->xsd.arena, dgm_slice_of(room));
}

static void allow(dgm_imported *m, dgm_slice folder)
{
    dgm_slice real = folder.at ? real_path(m, folder) : folder;
    if (!real.at) m->xsd.no_memory = true;
    if (!real.at || !real.len || m->allowed_count == DGM_XSD_FILES_MAX) return;
    bool slash = real.at[real.len - 1] == '/';
    dgm_slice kept = slash ? real : dgm_arena_print(&m->xsd.arena, "%.*s/", (int)real.len, real.at);
    if (!kept.at) m->xsd.no_memory = true;
    if (kept.at) m->allowed[m->allowed_count++] = kept;
}

static bool is_allowed(const dgm_imported *m, dgm_slice path)
{
    for (uint32_t i = 0; i < m->allowed_count; i++) {
        dgm_slice folder = m->allowed[i];
        if (path.len > folder.len && memcmp(path.at, folder.at, folder.len) == 0) return true;
    }
    return false;
}

static dgm_slice folder_of(dgm_arena *a, dgm_slice path)
{
    size_t n = path.len - dgm_slice_file_name(path).len;
    return n ? dgm_arena_copy(a, dgm_slice_part(path, 0, n)) : DGM_LITERAL("./");
}

/* "http://…", "file:…"; a drive letter of other systems is none. */
static bool has_scheme(dgm_slice s)
{
    size_t i = 0;
    while (i < s.len && ((s.at[i] | 32) >= 'a' && (s.at[i] | 32) <= 'z')) i++;
    return i > 1 && i < s.len && s.at[i] == ':';
}

static dgm_status read_schema(void *ctx, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes, const char **why)
{
    dgm_imported *m = ctx;
    dgm_arena *a = &m->xsd.arena;
    dgm_slice wanted = location;
    if (from.len) {
        *why = "it is no local file";
        if (has_scheme(location) || memchr(location.at, '\0', location.len)) return DGM_UNKNOWN;
        dgm_slice folder = folder_of(a, from);
        wanted = location.at[0] == '/' || !folder.at ? location : dgm_path_join(a, folder, location);
        if (!folder.at || !wanted.at) return DGM_NOMEM;
    }
    dgm_slice real = real_path(m, wanted);
    if (!real.at) return DGM_NOMEM;
    *why = "there is none";
    if (!real.len) return DGM_UNKNOWN;
    *why = "it stands in no folder that may be read (--schemas names more)";
    if (from.len && !is_allowed(m, real)) return DGM_UNKNOWN;
    *path = real;
    const dgm_xsd_file *known = dgm_xsd_file_read(&m->xsd, real);
    dgm_status s = DGM_OK;
    if (known && !known->borrows) return *bytes = known->bytes, s; /* it is not parsed again */
    if (known)
        *bytes = known->bytes;
    else
        s = dgm_file_read(a, real, FILE_MAX, bytes, why);
    if (s == DGM_NOMEM) return s;
    m->bytes += bytes->len;
    if (m->bytes > ALL_MAX) *why = "the schemas are too large together";
    return s == DGM_OK && m->bytes <= ALL_MAX ? DGM_OK : DGM_UNKNOWN;
}

/* ---- the import ---- */

static void list_remarks(dgm_imported *m)
{
    dgm_xsd *x = &m->xsd;
    m->remarks = DGM_NEW(&x->arena, dgm_imported_remark, x->remark_count + 1);
    if (!m->remarks) x->no_memory = true;
    for (uint32_t i = 0; i != DGM_NONE && !x->no_memory; i = dgm_xsd_next_row(x, i)) {
        for (uint32_t k = x->rows[i].max ? x->rows[i].remarks : DGM_NONE; k != DGM_NONE; k = x->remarks[k].next)
            m->remarks[m->remark_count++] = (dgm_imported_remark){ dgm_xsd_path(x, i), x->remarks[k].text };
    }
}

static void run(dgm_imported *m)
{
    dgm_xsd *x = &m->xsd;
    const dgm_format_import_wish *w = m->wish;
    for (size_t i = 0; i < w->schema_count; i++) allow(m, folder_of(&x->arena, w->schemas[i]));
    for (size_t i = 0; i < w->folder_count; i++) allow(m, w->folders[i]);
    for (size_t i = 0; i < w->schema_count && !x->failed && !x->no_memory; i++) dgm_xsd_load(x, w->schemas[i]);
    if (!x->failed && !x->no_memory) dgm_xsd_lay_out(x);
    dgm_xsd_write(x);
    if (!x->failed && !x->no_memory) list_remarks(m);
}

dgm_status dgm_format_import(const dgm_mem *mem, const dgm_format_import_wish *wish, dgm_diags *diags, dgm_imported **out)
{
    *out = NULL;
    if (!wish->schema_count) return DGM_USAGE;
    dgm_mem own = mem ? *mem : dgm_mem_default();
    dgm_imported *m = dgm_mem_new(&own, sizeof *m);
    if (!m) return DGM_NOMEM;
    dgm_xsd_init(&m->xsd, &own, diags);
    m->wish = wish;
    m->xsd.source = (dgm_xsd_source){ read_schema, m };
    m->xsd.root = wish->root;
    m->xsd.payload = wish->payload;
    m->xsd.name = wish->name;
    if (wish->rows_max) m->xsd.rows_max = wish->rows_max;
    if (wish->depth_max) m->xsd.depth_max = wish->depth_max;
    run(m);
    dgm_status s = m->xsd.no_memory ? DGM_NOMEM : m->xsd.failed ? DGM_CONFIG : DGM_OK;
    if (s == DGM_OK)
        *out = m;
    else
        dgm_imported_free(m);
    return s;
}

dgm_slice dgm_imported_name(const dgm_imported *m)
{
    return m->xsd.name;
}

dgm_slice dgm_imported_format(const dgm_imported *m)
{
    return m->xsd.out_format;
}

dgm_slice dgm_imported_table(const dgm_imported *m)
{
    return m->xsd.out_table;
}

size_t dgm_imported_row_count(const dgm_imported *m)
{
    return m->xsd.row_count;
}

size_t dgm_imported_remark_count(const dgm_imported *m)
{
    return m->remark_count;
}

const dgm_imported_remark *dgm_imported_remark_at(const dgm_imported *m, size_t i)
{
    return i < m->remark_count ? &m->remarks[i] : NULL;
}

void dgm_imported_free(dgm_imported *m)
{
    if (!m) return;
    dgm_mem mem = m->xsd.mem;
    dgm_xsd_free(&m->xsd);
    dgm_mem_free(&mem, m, sizeof *m);
}
