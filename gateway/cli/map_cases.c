/* SPDX-License-Identifier: Apache-2.0
 *
 * map_cases.c - files of cases (NAME.case.yaml) as integrators write them, with every mistake told at its line. One thread.
 */
#include "map.h"

#include "files.h"

#include <string.h>

typedef struct reading {
    cli *c;
    dgm_slice path, folder, bytes;
    dgm_slice from, to; /* of the cases that do not say */
    bool wrong;
} reading;

static dgm_diag *fault(reading *r, dgm_yaml_mark mark, dgm_diag_code code, const char *text)
{
    r->wrong = true;
    dgm_diag *d = dgm_yaml_fault(r->c->diags, r->path, r->bytes, mark, code, DGM_ERROR);
    if (text) dgm_diag_text(r->c->diags, d, dgm_slice_of(text));
    return d;
}

static void must_be(reading *r, const dgm_yaml *y, dgm_slice key, const char *what)
{
    dgm_diag *d = fault(r, y->mark, DGM_D_GATEWAY_CASE_VALUE, NULL);
    dgm_diag_text(r->c->diags, d, key);
    dgm_diag_text(r->c->diags, d, dgm_slice_of(what));
}

bool map_file(cli *c, dgm_slice path, dgm_slice *bytes, const char **why)
{
    *why = "too large";
    return dgm_file_read(&c->arena, path, MAP_BYTES_MAX, bytes, why) == DGM_OK;
}

static dgm_slice beside(cli *c, dgm_slice folder, dgm_slice name)
{
    if (!folder.len || (name.len && name.at[0] == '/')) return dgm_arena_print(&c->arena, "%.*s", (int)name.len, name.at);
    return dgm_path_join(&c->arena, folder, name);
}

bool map_case_output(cli *c, const map_case *k, const dgm_yaml *entry, dgm_slice *bytes, dgm_slice *path, const char **why)
{
    *path = (dgm_slice){ 0 };
    *bytes = entry->text;
    if (entry->kind == DGM_YAML_TEXT) return true;
    *path = beside(c, k->folder, dgm_yaml_get(entry, "file")->text);
    return map_file(c, *path, bytes, why);
}

/* ---- values of keys --------------------------------------------------------------------------------------------------------- */

static bool text_or_file(const dgm_yaml *y)
{
    if (y->kind == DGM_YAML_TEXT) return true;
    const dgm_yaml *file = y->kind == DGM_YAML_MAP && y->count == 1 ? dgm_yaml_get(y, "file") : NULL;
    return file && file->kind == DGM_YAML_TEXT && file->text.len;
}

static bool all_of(const dgm_yaml *list, bool (*good)(const dgm_yaml *))
{
    if (list->kind != DGM_YAML_LIST) return good(list);
    for (const dgm_yaml *y = list->first; y; y = y->next)
        if (!good(y)) return false;
    return true;
}

static bool plain(const dgm_yaml *y)
{
    return y->kind == DGM_YAML_TEXT;
}

static bool map_of_texts(const dgm_yaml *y)
{
    if (y->kind != DGM_YAML_MAP) return false;
    for (const dgm_yaml *m = y->first; m; m = m->next)
        if (m->kind != DGM_YAML_TEXT) return false;
    return true;
}

static void take_input(reading *r, const dgm_yaml *y, map_case *k)
{
    const char *why = "";
    if (!text_or_file(y)) {
        must_be(r, y, y->key, "a text, or {file: NAME}");
        return;
    }
    k->input = y->text;
    if (y->kind == DGM_YAML_TEXT) return;
    const dgm_yaml *file = dgm_yaml_get(y, "file");
    dgm_slice path = beside(r->c, r->folder, file->text);
    if (map_file(r->c, path, &k->input, &why)) return;
    dgm_diag *d = fault(r, file->mark, DGM_D_GATEWAY_INPUT_OPEN, NULL);
    dgm_diag_text(r->c->diags, d, path);
    dgm_diag_text(r->c->diags, d, dgm_slice_of(why));
}

static void take_named(reading *r, const dgm_yaml *y, dgm_named **out, size_t *count)
{
    if (!map_of_texts(y)) {
        must_be(r, y, y->key, "names with their values");
        return;
    }
    *out = DGM_NEW(&r->c->arena, dgm_named, y->count + 1);
    for (const dgm_yaml *m = y->first; m && *out; m = m->next) (*out)[(*count)++] = (dgm_named){ m->key, m->text };
}

static void take_places(reading *r, const dgm_yaml *y, const dgm_yaml **out)
{
    if (!all_of(y, map_of_texts)) must_be(r, y, y->key, "places with their values, or a list of such");
    *out = y;
}

static void take_flag(reading *r, const dgm_yaml *y, bool *out)
{
    *out = dgm_slice_is(y->text, "yes");
    if (y->kind != DGM_YAML_TEXT || (!*out && !dgm_slice_is(y->text, "no"))) must_be(r, y, y->key, "yes or no");
}

static void take_count(reading *r, const dgm_yaml *y, uint32_t *out)
{
    uint64_t n = 0;
    if (y->kind != DGM_YAML_TEXT || !cli_number(y->text, UINT32_MAX, &n)) must_be(r, y, y->key, "a number");
    *out = (uint32_t)n;
}

static void take_text(reading *r, const dgm_yaml *y, dgm_slice *out)
{
    if (y->kind != DGM_YAML_TEXT || !y->text.len) must_be(r, y, y->key, "a text");
    *out = y->text;
}

const char map_case_keys[] =
    "title input from to level strict refused settings params output model target diagnostics residue unsaid";

static void take_key(reading *r, const dgm_yaml *y, map_case *k)
{
    const struct {
        const char *key;
        dgm_slice *text;
        bool *flag;
        uint32_t *count;
        const dgm_yaml **places;
    } plain_keys[] = {
        { "title", &k->title, NULL, NULL, NULL },     { "from", &k->from, NULL, NULL, NULL },
        { "to", &k->to, NULL, NULL, NULL },           { "level", &k->level, NULL, NULL, NULL },
        { "strict", NULL, &k->strict, NULL, NULL },   { "refused", NULL, &k->refused, NULL, NULL },
        { "residue", NULL, NULL, &k->residue, NULL }, { "unsaid", NULL, NULL, &k->unsaid, NULL },
        { "model", NULL, NULL, NULL, &k->model },     { "target", NULL, NULL, NULL, &k->target },
    };
    for (size_t i = 0; i < sizeof plain_keys / sizeof *plain_keys; i++) {
        if (!dgm_slice_is(y->key, plain_keys[i].key)) continue;
        if (plain_keys[i].text) take_text(r, y, plain_keys[i].text);
        if (plain_keys[i].flag) take_flag(r, y, plain_keys[i].flag);
        if (plain_keys[i].count) take_count(r, y, plain_keys[i].count);
        if (plain_keys[i].places) take_places(r, y, plain_keys[i].places);
        return;
    }
    if (dgm_slice_is(y->key, "input")) {
        take_input(r, y, k);
    } else if (dgm_slice_is(y->key, "settings")) {
        take_named(r, y, &k->settings, &k->setting_count);
    } else if (dgm_slice_is(y->key, "params")) {
        take_named(r, y, &k->params, &k->param_count);
    } else if (dgm_slice_is(y->key, "output")) {
        if (!all_of(y, text_or_file)) must_be(r, y, y->key, "a text, {file: NAME}, or a list of these");
        k->output = y;
    } else if (dgm_slice_is(y->key, "diagnostics")) {
        if (y->kind != DGM_YAML_LIST || !all_of(y, plain)) must_be(r, y, y->key, "a list of codes, each with its place behind it");
        k->diagnostics = y;
    } else {
        dgm_diag *d = fault(r, y->key_mark, DGM_D_GATEWAY_CASE_KEY, NULL);
        dgm_diag_text(r->c->diags, d, y->key);
        dgm_slice near = cli_nearest_word(y->key, map_case_keys);
        if (near.len) dgm_diag_text(r->c->diags, d, near);
    }
}

static void take_case(reading *r, const dgm_yaml *y, map_cases *into)
{
    map_case k = { .path = r->path, .folder = r->folder, .line = y->mark.line, .from = r->from, .to = r->to };
    bool wrong_before = r->wrong;
    r->wrong = false;
    if (y->kind != DGM_YAML_MAP) {
        must_be(r, y, DGM_LITERAL("cases"), "a list of maps");
        return;
    }
    for (const dgm_yaml *m = y->first; m; m = m->next) take_key(r, m, &k);
    if (!k.title.len) fault(r, y->mark, DGM_D_GATEWAY_CASE_NEEDS, "title");
    if (!dgm_yaml_get(y, "input")) fault(r, y->mark, DGM_D_GATEWAY_CASE_NEEDS, "input");
    if ((k.output || k.target) && !k.to.len) fault(r, y->mark, DGM_D_GATEWAY_CASE_NEEDS, "to");
    bool wrong = r->wrong;
    r->wrong |= wrong_before;
    if (wrong) return;
    if (into->count == into->room) {
        size_t room = into->room ? 2 * into->room : 64;
        map_case *more = DGM_NEW(&r->c->arena, map_case, room);
        if (!more) return;
        if (into->count) memcpy(more, into->at, into->count * sizeof *more);
        into->at = more;
        into->room = room;
    }
    into->at[into->count++] = k;
}

bool map_cases_read(cli *c, dgm_slice path, map_cases *into)
{
    reading r = { .c = c, .path = path };
    const char *why = "";
    const dgm_yaml *root = NULL;
    if (!map_file(c, path, &r.bytes, &why)) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, path, dgm_slice_of(why));
        return false;
    }
    size_t n = path.len - dgm_slice_file_name(path).len;
    r.folder = dgm_slice_part(path, 0, n > 1 ? n - 1 : n);
    if (dgm_yaml_read(&c->arena, path, r.bytes, c->diags, &root) != DGM_OK) return false;
    const dgm_yaml *head = root && root->kind == DGM_YAML_MAP ? dgm_yaml_get(root, "dragoman") : NULL;
    const dgm_yaml *list = head ? dgm_yaml_get(root, "cases") : NULL;
    if (!list || list->kind != DGM_YAML_LIST || !dgm_slice_is(head->text, "case/1")) {
        fault(&r, root ? root->mark : (dgm_yaml_mark){ .line = 1, .column = 1 }, DGM_D_GATEWAY_CASE_HEAD, NULL);
        return false;
    }
    for (const dgm_yaml *m = root->first; m; m = m->next) {
        if (m == head || m == list) continue;
        dgm_slice *common = dgm_slice_is(m->key, "from") ? &r.from : dgm_slice_is(m->key, "to") ? &r.to : NULL;
        if (common) {
            take_text(&r, m, common);
            continue;
        }
        dgm_diag *d = fault(&r, m->key_mark, DGM_D_GATEWAY_CASE_KEY, NULL);
        dgm_diag_text(c->diags, d, m->key);
    }
    for (const dgm_yaml *y = list->first; y; y = y->next) take_case(&r, y, into);
    return !r.wrong;
}
