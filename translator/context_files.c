/* SPDX-License-Identifier: Apache-2.0
 *
 * context_files.c - the files of a context: read when it is opened, and kept as they were, so that what is loaded later is what was
 * there then, whatever happens to the folder; and its version, which is of all of them. One thread while the context is opened,
 * then under its lock.
 */
#include "context_load.h"

#include "base/diag.h"

#include <openssl/evp.h>

#define FILE_BYTES_MAX ((size_t)64 << 20)

/* ---- the version ---- */

void dgm_loading_count(dgm_loading *l, dgm_slice path, dgm_slice bytes)
{
    const dgm_slice name = dgm_slice_file_name(path);
    const uint64_t lengths[2] = { name.len, bytes.len };
    if (!l->opening) return;
    if (l->sum && EVP_DigestUpdate(l->sum, lengths, sizeof lengths) == 1 && EVP_DigestUpdate(l->sum, name.at, name.len) == 1 &&
        EVP_DigestUpdate(l->sum, bytes.at, bytes.len) == 1)
        return;
    EVP_MD_CTX_free(l->sum);
    l->sum = NULL;
}

bool dgm_loading_begin(dgm_loading *l)
{
    l->opening = true;
    l->sum = EVP_MD_CTX_new();
    if (l->sum && EVP_DigestInit_ex(l->sum, EVP_sha256(), NULL) == 1)
        dgm_loading_count(l, DGM_LITERAL("version"), DGM_LITERAL(DGM_VERSION));
    return l->sum != NULL;
}

dgm_status dgm_loading_end(dgm_loading *l)
{
    unsigned char sum[EVP_MAX_MD_SIZE] = { 0 };
    const bool good = l->sum && EVP_DigestFinal_ex(l->sum, sum, NULL) == 1;
    EVP_MD_CTX_free(l->sum);
    l->sum = NULL;
    dgm_hex(sum, 8, l->c->version);
    return good ? DGM_OK : DGM_NOMEM;
}

/* ---- files ---- */

void dgm_loading_say(dgm_loading *l, dgm_diag_code code, dgm_slice what, dgm_slice more, dgm_slice source)
{
    dgm_diag *d = dgm_diags_add(l->diags, code, DGM_ERROR);
    dgm_diag_text(l->diags, d, what);
    dgm_diag_text(l->diags, d, more);
    if (source.len) dgm_diag_source(l->diags, d, source);
}

dgm_status dgm_loading_file(dgm_loading *l, dgm_slice folder, dgm_slice name, dgm_slice *path, dgm_slice *bytes)
{
    const char *why = "too large";
    *path = folder.len ? dgm_path_join(&l->c->arena, folder, name) : dgm_arena_print(&l->c->arena, "%.*s", (int)name.len, name.at);
    if (!path->at) return DGM_NOMEM;
    dgm_status s = dgm_file_read(&l->c->arena, *path, FILE_BYTES_MAX, bytes, &why);
    if (s == DGM_OK) dgm_loading_count(l, *path, *bytes);
    if (s == DGM_OK || s == DGM_NOMEM) return s;
    dgm_loading_say(l, DGM_D_CONTEXT_FILE, *path, dgm_slice_of(why), (dgm_slice){ 0 });
    return DGM_CONFIG;
}

dgm_status dgm_loading_list(dgm_loading *l, dgm_slice folder, const char *suffix, dgm_names *names)
{
    const char *why = "";
    dgm_status s = dgm_folder_list(&l->c->arena, folder, suffix, names, &why);
    if (s != DGM_IO) return s;
    dgm_loading_say(l, DGM_D_CONTEXT_FOLDER, folder, dgm_slice_of(why), (dgm_slice){ 0 });
    return DGM_IO;
}

bool dgm_loading_plain(dgm_slice name)
{
    if (!name.len || name.at[0] == '.') return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] == '/' || name.at[i] == '\\' || name.at[i] == 0) return false;
    return true;
}

static bool is_case(dgm_slice name)
{
    static const char suffix[] = ".case.yaml";
    const size_t n = sizeof suffix - 1;
    return name.len >= n && memcmp(name.at + name.len - n, suffix, n) == 0;
}

dgm_status dgm_loading_keep(dgm_loading *l, const char *folder, const char *suffix, dgm_kept_files *out)
{
    dgm_arena *arena = &l->c->arena;
    dgm_names names = { 0 };
    const char *why = "";
    dgm_slice path = dgm_path_join(arena, l->c->folder, dgm_slice_of(folder));
    dgm_status s = path.at ? dgm_folder_list(arena, path, suffix, &names, &why) : DGM_NOMEM;
    if (s != DGM_OK) return s == DGM_IO ? DGM_OK : s; /* who needs one of them says that it is not there */
    out->at = DGM_NEW(arena, dgm_kept_file, names.count + 1);
    if (!out->at) return DGM_NOMEM;
    for (size_t i = 0; i < names.count; i++) {
        dgm_kept_file *f = &out->at[out->count];
        if (is_case(names.at[i])) continue;
        f->path = dgm_path_join(arena, path, names.at[i]);
        s = f->path.at ? dgm_file_read(arena, f->path, FILE_BYTES_MAX, &f->bytes, &why) : DGM_NOMEM;
        if (s == DGM_NOMEM) return s;
        if (s != DGM_OK) continue;
        f->name = dgm_slice_part(names.at[i], 0, names.at[i].len - strlen(suffix));
        dgm_loading_count(l, f->path, f->bytes);
        out->count++;
    }
    return DGM_OK;
}

const dgm_kept_file *dgm_kept_find(const dgm_kept_files *files, dgm_slice name)
{
    for (size_t i = 0; i < files->count; i++)
        if (dgm_slice_equal(files->at[i].name, name)) return &files->at[i];
    return NULL;
}

/* ---- what a mapping may ask for while it is loaded ---- */

/* A code table beside the mapping that is tried, wherever that stands: it goes before one of the folder. */
static dgm_status file_beside(dgm_loading *l, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    const char *why = "";
    dgm_slice last = dgm_slice_file_name(l->given);
    *path = dgm_arena_print(&l->c->arena, "%.*s%.*s.tsv", (int)(l->given.len - last.len), l->given.at, (int)name.len, name.at);
    if (!path->at) return DGM_NOMEM;
    dgm_status s = dgm_file_read(&l->c->arena, *path, FILE_BYTES_MAX, bytes, &why);
    if (s == DGM_OK) dgm_loading_count(l, *path, *bytes);
    return s == DGM_IO ? DGM_UNKNOWN : s;
}

dgm_status dgm_loading_env_file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    dgm_loading *l = ctx;
    *bytes = (dgm_slice){ 0 };
    if (!dgm_loading_plain(name)) return DGM_UNKNOWN;
    bool codes = strcmp(kind, "codes") == 0;
    dgm_status beside = codes && l->given.len ? file_beside(l, name, bytes, path) : DGM_UNKNOWN;
    if (beside != DGM_UNKNOWN) return beside;
    const dgm_kept_file *f = dgm_kept_find(codes ? &l->c->codes : &l->c->rules, name);
    if (!f) return DGM_UNKNOWN;
    *bytes = f->bytes;
    *path = f->path;
    return DGM_OK;
}

size_t dgm_loading_env_names(void *ctx, const char *kind, dgm_slice *out, size_t room)
{
    const dgm_context *c = ((dgm_loading *)ctx)->c;
    const bool codes = strcmp(kind, "codes") == 0, rules = strcmp(kind, "rules") == 0, formats = strcmp(kind, "formats") == 0;
    const dgm_kept_files *files = codes ? &c->codes : &c->rules;
    const size_t n = codes || rules ? files->count : formats ? c->format_count : c->model_count;
    for (size_t i = 0; i < n && i < room; i++)
        out[i] = codes || rules ? files->at[i].name : formats ? c->formats[i].format.name : c->models[i].name;
    return n;
}
