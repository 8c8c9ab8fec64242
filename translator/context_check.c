/* SPDX-License-Identifier: Apache-2.0
 *
 * context_check.c - a format file on trial: read as a context would load it, beside what that has, and forgotten again. In any
 * thread.
 */
#include "context.h"

#include "base/diag.h"
#include "files.h"
#include "mapping/format_file.h"

enum { TABLE_BYTES_MAX = 64 << 20 };

static dgm_status refuse(dgm_diags *diags, dgm_diag_code code, dgm_slice what, dgm_slice source)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, what);
    dgm_diag_source(diags, d, source);
    return DGM_CONFIG;
}

/* The table stands beside the file. */
static dgm_status read_table(dgm_arena *arena, dgm_slice path, dgm_slice table, dgm_diags *diags, dgm_format *f)
{
    const char *why = "";
    if (!table.len) return DGM_OK;
    size_t folder = path.len - dgm_slice_file_name(path).len;
    f->table_name = dgm_arena_print(arena, "%.*s%.*s", (int)folder, path.at, (int)table.len, table.at);
    if (!f->table_name.at) return DGM_NOMEM;
    bool plain = table.at[0] != '.' && !memchr(table.at, '/', table.len);
    dgm_status s = plain ? dgm_file_read(arena, f->table_name, TABLE_BYTES_MAX, &f->table, &why) : DGM_IO;
    return s == DGM_OK || s == DGM_NOMEM ? s : refuse(diags, DGM_D_CONTEXT_TABLE, table, path);
}

dgm_status dgm_context_format_read(const dgm_context *c, dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags,
                                   dgm_format *format, dgm_shape **shape)
{
    dgm_format_file file;
    *shape = NULL;
    dgm_status s = dgm_format_file_read(&c->mem, arena, path, bytes, diags, &file);
    if (s != DGM_OK) return s;
    int codec = dgm_context_codec_of(c, file.codec);
    if (codec < 0) return refuse(diags, DGM_D_CONTEXT_CODEC, file.codec, path);
    dgm_setting *settings = DGM_NEW(arena, dgm_setting, file.setting_count + 1);
    dgm_format_alias *aliases = DGM_NEW(arena, dgm_format_alias, file.name_count + 1);
    if (!settings || !aliases) return DGM_NOMEM;
    for (size_t i = 0; i < file.setting_count; i++) settings[i] = (dgm_setting){ file.settings[i].name, file.settings[i].value };
    for (size_t i = 0; i < file.name_count; i++) aliases[i] = (dgm_format_alias){ file.names[i].name, file.names[i].value };
    *format = (dgm_format){ .name = file.name,
                            .title = file.title,
                            .codec = file.codec,
                            .settings = settings,
                            .setting_count = file.setting_count,
                            .aliases = aliases,
                            .alias_count = file.name_count,
                            .file = bytes,
                            .file_name = path,
                            .files = &c->schema_files };
    s = read_table(arena, path, file.table, diags, format);
    if (s != DGM_OK) return s;
    dgm_host host = dgm_host_make(&c->mem, &c->limits, diags, &c->world, NULL, 0);
    host.knowledge = (const void *const *)c->by_codec[codec].knowledge;
    host.knowledge_count = c->by_codec[codec].knowledge_count;
    s = c->codecs[codec]->shape(&host, format, shape);
    format->shape = *shape;
    return s;
}

dgm_status dgm_context_format_check(const dgm_context *c, dgm_slice path, dgm_slice bytes, dgm_diags *diags)
{
    dgm_arena arena;
    dgm_format format;
    dgm_shape *shape = NULL;
    dgm_arena_init(&arena, &c->mem);
    dgm_status s = dgm_context_format_read(c, &arena, path, bytes, diags, &format, &shape);
    dgm_shape_free(shape);
    dgm_arena_free(&arena);
    return s;
}
