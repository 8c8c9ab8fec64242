/* SPDX-License-Identifier: Apache-2.0
 *
 * answers.c - reads the table that gives errors of documents the codes that partners know (APERAK, ERC 9321). One thread.
 */
#include "context.h"

#include "base/diag.h"
#include "base/diag_text.h"
#include "base/yaml.h"

enum { CODE_MAX = 8 };

typedef struct table_reader {
    dgm_slice path, file;
    dgm_diags *diags;
    bool wrong;
} table_reader;

static void fault(table_reader *r, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, code, DGM_ERROR);
    dgm_diag_text(r->diags, d, a);
    if (b.len) dgm_diag_text(r->diags, d, b);
    r->wrong = true;
}

/* Is there a diagnostic of that name, or one that begins so? *near: the one that is nearest. */
static bool names_some(dgm_slice key, dgm_slice *near)
{
    static const char *const names[] = {
#define X(id, number, name, text, hint) name,
#include "base/diag_codes/all.def"
#undef X
    };
    enum { COUNT = sizeof names / sizeof names[0] };
    dgm_slice all[COUNT];
    bool open = key.len && key.at[key.len - 1] == '*';
    if (open) key.len--;
    for (size_t i = 0; i < COUNT; i++) {
        all[i] = dgm_slice_of(names[i]);
        if (open ? dgm_slice_equal(dgm_slice_part(all[i], 0, key.len), key) : dgm_slice_equal(all[i], key)) return true;
    }
    int best = dgm_nearest(key, all, COUNT);
    *near = best < 0 ? (dgm_slice){ 0 } : all[best];
    return false;
}

static void take_codes(table_reader *r, const dgm_yaml *map, dgm_answer_code *codes, size_t *count)
{
    for (const dgm_yaml *m = map->first; m; m = m->next) {
        dgm_slice near = { 0 };
        if (m->kind != DGM_YAML_TEXT || m->text.len == 0 || m->text.len > CODE_MAX)
            fault(r, m->mark, DGM_D_MAP_VALUE, m->key, DGM_LITERAL("a code of 1 to 8 characters"));
        else if (!names_some(m->key, &near))
            fault(r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, near);
        else
            codes[(*count)++] = (dgm_answer_code){ m->key, m->text };
    }
}

dgm_status dgm_answer_codes_read(dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags, const dgm_answer_code **codes,
                                 size_t *count)
{
    table_reader r = { path, bytes, diags, false };
    const dgm_yaml *root = NULL, *list = NULL;
    *codes = NULL;
    *count = 0;
    dgm_status s = dgm_yaml_read(arena, path, bytes, diags, &root);
    if (s != DGM_OK) return s;
    const dgm_yaml *version = root->kind == DGM_YAML_MAP ? dgm_yaml_get(root, "dragoman") : NULL;
    if (!version || !dgm_slice_is(version->text, "answers/1")) {
        fault(&r, root->mark, DGM_D_MAP_VERSION, DGM_LITERAL("answers/1"), (dgm_slice){ 0 });
        return DGM_CONFIG;
    }
    for (const dgm_yaml *m = root->first; m; m = m->next) {
        if (dgm_slice_is(m->key, "codes"))
            list = m;
        else if (!dgm_slice_is(m->key, "dragoman") && !dgm_slice_is(m->key, "source"))
            fault(&r, m->key_mark, DGM_D_MAP_KEY_UNKNOWN, m->key, DGM_LITERAL("codes"));
    }
    if (!list || list->kind != DGM_YAML_MAP) {
        fault(&r, list ? list->mark : root->mark, DGM_D_MAP_KIND, DGM_LITERAL("codes"),
              DGM_LITERAL("a map of diagnostics and codes"));
        return DGM_CONFIG;
    }
    dgm_answer_code *rows = DGM_NEW(arena, dgm_answer_code, list->count + 1);
    if (!rows) return DGM_NOMEM;
    take_codes(&r, list, rows, count);
    *codes = rows;
    return r.wrong ? DGM_CONFIG : DGM_OK;
}
