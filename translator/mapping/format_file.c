/* SPDX-License-Identifier: Apache-2.0
 *
 * format_file.c - see format_file.h: head keys by name, `names` as pairs, all else as settings with dots between levels. One
 * thread.
 */
#include "format_file.h"

#include "base/yaml.h"

typedef struct format_reader {
    dgm_arena *arena;
    dgm_arena scratch; /* YAML, and what is made of it on the way */
    dgm_slice path, file;
    dgm_diags *diags;
    dgm_pair *settings;
    size_t setting_count;
    bool wrong;
} format_reader;

static void fault(format_reader *r, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    dgm_diag *d = dgm_yaml_fault(r->diags, r->path, r->file, mark, code, DGM_ERROR);
    dgm_diag_text(r->diags, d, a);
    if (b.len) dgm_diag_text(r->diags, d, b);
    r->wrong = true;
}

/* How many texts stand beneath a node; the depth is bounded by the reader of YAML. */
static size_t texts_beneath(const dgm_yaml *n)
{
    if (n->kind == DGM_YAML_TEXT) return 1;
    size_t sum = 0;
    for (const dgm_yaml *m = n->first; m; m = m->next) sum += texts_beneath(m);
    return sum;
}

static dgm_status flatten(format_reader *r, const dgm_yaml *n, dgm_slice name)
{
    if (n->kind == DGM_YAML_TEXT) {
        const dgm_pair p = { dgm_arena_copy(r->arena, name), dgm_arena_copy(r->arena, n->text) };
        r->settings[r->setting_count++] = p;
        return p.name.at && p.value.at ? DGM_OK : DGM_NOMEM;
    }
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice below = name;
        if (n->kind == DGM_YAML_MAP)
            below = dgm_arena_print(&r->scratch, "%.*s.%.*s", (int)name.len, name.at, (int)m->key.len, m->key.at);
        if (!below.at) return DGM_NOMEM;
        dgm_status s = flatten(r, m, below);
        if (s != DGM_OK) return s;
    }
    return DGM_OK;
}

static dgm_status take_names(format_reader *r, const dgm_yaml *n, dgm_format_file *out)
{
    if (n->kind != DGM_YAML_MAP) {
        fault(r, n->mark, DGM_D_MAP_KIND, DGM_LITERAL("names"), DGM_LITERAL("a map of short names and paths"));
        return DGM_OK;
    }
    dgm_pair *names = DGM_NEW(r->arena, dgm_pair, n->count + 1);
    if (!names) return DGM_NOMEM;
    size_t count = 0;
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        if (m->kind == DGM_YAML_TEXT) {
            names[count] = (dgm_pair){ dgm_arena_copy(r->arena, m->key), dgm_arena_copy(r->arena, m->text) };
            if (!names[count].name.at || !names[count].value.at) return DGM_NOMEM;
            count++;
        } else
            fault(r, m->mark, DGM_D_MAP_KIND, m->key, DGM_LITERAL("a path"));
    }
    out->names = names;
    out->name_count = count;
    return DGM_OK;
}

static dgm_status take_text(format_reader *r, const dgm_yaml *n, dgm_slice *out)
{
    if (n->kind != DGM_YAML_TEXT) {
        fault(r, n->mark, DGM_D_MAP_KIND, n->key, DGM_LITERAL("a text"));
        return DGM_OK;
    }
    *out = dgm_arena_copy(r->arena, n->text);
    return out->at ? DGM_OK : DGM_NOMEM;
}

static dgm_status take_all(format_reader *r, const dgm_yaml *root, dgm_format_file *out)
{
    dgm_status s = DGM_OK;
    if (root->kind != DGM_YAML_MAP) {
        fault(r, root->mark, DGM_D_MAP_KIND, DGM_LITERAL("a format file"), DGM_LITERAL("a map"));
        return DGM_CONFIG;
    }
    const dgm_yaml *version = dgm_yaml_get(root, "dragoman");
    if (!version || !dgm_slice_is(version->text, "format/1"))
        fault(r, version ? version->mark : root->mark, DGM_D_MAP_VERSION, DGM_LITERAL("format/1"), (dgm_slice){ 0 });
    size_t texts = texts_beneath(root);
    const dgm_yaml *layout = dgm_yaml_get(root, "layout");
    if (layout) texts -= texts_beneath(layout);
    r->settings = DGM_NEW(r->arena, dgm_pair, texts + 1);
    if (!r->settings) return DGM_NOMEM;
    for (const dgm_yaml *m = root->first; m && s == DGM_OK; m = m->next) {
        dgm_slice *head = dgm_slice_is(m->key, "format")  ? &out->name
                          : dgm_slice_is(m->key, "title") ? &out->title
                          : dgm_slice_is(m->key, "codec") ? &out->codec
                          : dgm_slice_is(m->key, "table") ? &out->table
                                                          : NULL;
        if (dgm_slice_is(m->key, "dragoman") || dgm_slice_is(m->key, "layout")) continue; /* a layout is for its codec to read */
        s = head ? take_text(r, m, head) : dgm_slice_is(m->key, "names") ? take_names(r, m, out) : flatten(r, m, m->key);
    }
    if (s != DGM_OK) return s;
    if (!out->name.len) fault(r, root->mark, DGM_D_MAP_KEY_MISSING, DGM_LITERAL("format"), (dgm_slice){ 0 });
    if (!out->codec.len) fault(r, root->mark, DGM_D_MAP_KEY_MISSING, DGM_LITERAL("codec"), (dgm_slice){ 0 });
    out->settings = r->settings;
    out->setting_count = r->setting_count;
    return r->wrong ? DGM_CONFIG : DGM_OK;
}

dgm_status dgm_format_file_read(const dgm_mem *mem, dgm_arena *arena, dgm_slice path, dgm_slice yaml, dgm_diags *diags,
                                dgm_format_file *out)
{
    *out = (dgm_format_file){ 0 };
    const dgm_yaml *root;
    format_reader r = { .arena = arena, .path = path, .file = yaml, .diags = diags };
    dgm_arena_init(&r.scratch, mem);
    dgm_status s = dgm_yaml_read(&r.scratch, path, yaml, diags, &root);
    if (yaml.len >= 3 && memcmp(yaml.at, "\xEF\xBB\xBF", 3) == 0) r.file = dgm_slice_part(yaml, 3, yaml.len);
    if (s == DGM_OK) s = take_all(&r, root, out);
    dgm_arena_free(&r.scratch);
    return s;
}
