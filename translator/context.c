/* SPDX-License-Identifier: Apache-2.0
 *
 * context.c - opens a folder of mappings in the order in which things lean on each other: vocabularies, formats, mappings. Each
 * file is loaded at once, and all mistakes of all files are reported in one go; or it is only looked at, and loaded when it is
 * needed (context_need.c).
 */
#include "context_load.h"

#include "base/diag.h"
#include "mapping/merge.h"
#include "partner.h"

typedef dgm_loading loading;

#define ANSWERS_BYTES_MAX ((size_t)64 << 20)

/* ---- look-ups ---- */

const dgm_mapping_entry *dgm_context_mapping(const dgm_context *c, dgm_slice name)
{
    for (size_t i = 0; i < c->mapping_count; i++)
        if (dgm_slice_equal(c->mappings[i].name, name)) return &c->mappings[i];
    return NULL;
}

int dgm_context_codec(dgm_slice name)
{
    return dgm_codec_list_find(dgm_codecs, name);
}

int dgm_context_codec_of(const dgm_context *c, dgm_slice name)
{
    return dgm_codec_list_find(c->codecs, name);
}

const dgm_format_entry *dgm_context_find(const dgm_context *c, dgm_slice format)
{
    for (size_t i = 0; i < c->format_count; i++)
        if (dgm_slice_equal(c->formats[i].format.name, format)) return &c->formats[i];
    return NULL;
}

const dgm_format_entry *dgm_context_entry(const dgm_context *c, const dgm_format *format)
{
    for (size_t i = 0; i < c->format_count; i++)
        if (&c->formats[i].format == format) return &c->formats[i];
    return NULL;
}

const dgm_mapping_entry *dgm_context_derivation(const dgm_context *c, dgm_slice from, dgm_slice to)
{
    for (size_t i = 0; i < c->mapping_count; i++) {
        const dgm_mapping_entry *m = &c->mappings[i];
        if (m->derives && dgm_slice_equal(m->format, from) && dgm_slice_equal(m->model, to)) return m;
    }
    return NULL;
}

const dgm_model_entry *dgm_context_model(const dgm_context *c, dgm_slice name)
{
    for (size_t i = 0; i < c->model_count; i++)
        if (dgm_slice_equal(c->models[i].name, name)) return &c->models[i];
    return NULL;
}

static size_t format_names(const dgm_context *c, dgm_slice *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < c->format_count; i++, n++)
        if (n < room) out[n] = c->formats[i].format.name;
    return n;
}

static dgm_slice nearest_format(const dgm_context *c, dgm_slice wrong)
{
    dgm_slice names[128];
    size_t n = format_names(c, names, 127);
    if (n > 127) n = 127;
    names[n++] = DGM_LITERAL("json");
    int i = dgm_nearest(wrong, names, n);
    return i < 0 ? (dgm_slice){ 0 } : names[i];
}

dgm_status dgm_context_unknown_format(const dgm_context *c, dgm_slice name, dgm_diags *diags)
{
    dgm_diag *d = dgm_diags_add(diags, DGM_D_JOB_FORMAT_UNKNOWN, DGM_ERROR);
    dgm_diag_text(diags, d, name);
    dgm_diag_text(diags, d, nearest_format(c, name));
    return DGM_UNKNOWN;
}

/* ---- loading ---- */

static void complain_twin(loading *l, dgm_slice kind, dgm_slice name, dgm_slice other, dgm_slice source)
{
    dgm_diag *d = dgm_diags_add(l->diags, DGM_D_CONTEXT_TWICE, DGM_ERROR);
    dgm_diag_text(l->diags, d, kind);
    dgm_diag_text(l->diags, d, name);
    dgm_diag_text(l->diags, d, other);
    dgm_diag_source(l->diags, d, source);
}

/* DGM_CONFIG of one file does not stop the others. */
static bool goes_on(dgm_status s, dgm_status *all)
{
    if (s == DGM_CONFIG)
        *all = DGM_CONFIG;
    else if (s != DGM_OK)
        *all = s;
    return s == DGM_OK || s == DGM_CONFIG;
}

static dgm_status load_model(loading *l, dgm_slice folder, dgm_slice name, dgm_model_entry *m)
{
    *m = (dgm_model_entry){ .json = { .name = DGM_LITERAL("json"), .codec = DGM_LITERAL("json") } };
    dgm_status s = dgm_loading_file(l, folder, name, &m->path, &m->bytes);
    if (s != DGM_OK) return s;
    const bool later = l->c->as_needed && dgm_look_model(m) == DGM_OK;
    if (!later) s = dgm_load_model(l, m);
    if (s != DGM_OK) return s;
    const dgm_model_entry *twin = dgm_context_model(l->c, m->name);
    if (twin) {
        complain_twin(l, DGM_LITERAL("model"), m->name, twin->path, m->path);
        dgm_shape_free(m->shape);
        m->shape = NULL;
        return DGM_CONFIG;
    }
    m->json.title = m->name;
    if (later) m->json.need = dgm_needs_format, m->json.owner = l->c;
    atomic_init(&m->need.state, later ? DGM_SEEN : DGM_LOADED);
    l->c->model_count++;
    return DGM_OK;
}

static dgm_status load_models(loading *l)
{
    dgm_context *c = l->c;
    dgm_slice folder = dgm_path_join(&c->arena, c->folder, DGM_LITERAL("model"));
    dgm_names names;
    dgm_status all = folder.at ? dgm_loading_list(l, folder, ".tsv", &names) : DGM_NOMEM;
    if (all != DGM_OK) return all;
    c->models = DGM_NEW(&c->arena, dgm_model_entry, names.count + 1);
    if (!c->models) return DGM_NOMEM;
    for (size_t i = 0; i < names.count; i++)
        if (!goes_on(load_model(l, folder, names.at[i], &c->models[c->model_count]), &all)) return all;
    return all;
}

/* The codec of a format that is the only one of its name; -1: told why not. */
static int codec_of(loading *l, const dgm_format_file *file, const dgm_format_entry *f)
{
    int codec = dgm_context_codec_of(l->c, file->codec);
    const dgm_format_entry *twin = dgm_context_find(l->c, file->name);
    if (codec < 0)
        dgm_loading_say(l, DGM_D_CONTEXT_CODEC, file->codec, (dgm_slice){ 0 }, f->path);
    else if (twin)
        complain_twin(l, DGM_LITERAL("format"), file->name, twin->path, f->path);
    return twin ? -1 : codec;
}

static dgm_status take_format(loading *l, dgm_slice folder, const dgm_format_file *file, dgm_slice bytes, dgm_format_entry *f)
{
    dgm_context *c = l->c;
    int codec = codec_of(l, file, f);
    if (codec < 0) return DGM_CONFIG;
    f->codec = c->codecs[codec];
    f->format = (dgm_format){ .name = file->name,
                              .title = file->title,
                              .codec = file->codec,
                              .table_name = file->table,
                              .file = bytes,
                              .file_name = f->path,
                              .files = &c->schema_files };
    dgm_status s = dgm_take_settings(c, file, &f->format);
    if (s == DGM_OK && file->table.len) {
        s = dgm_loading_plain(file->table) ? dgm_loading_file(l, folder, file->table, &f->format.table_name, &f->format.table)
                                           : DGM_CONFIG;
        if (s == DGM_CONFIG) dgm_loading_say(l, DGM_D_CONTEXT_TABLE, file->table, (dgm_slice){ 0 }, f->path);
    }
    if (s != DGM_OK) return s;
    const bool later = c->as_needed && f->codec->waits;
    atomic_init(&f->need.state, later ? DGM_SEEN : DGM_LOADED);
    if (!later) return dgm_load_format(l, f);
    f->format.need = dgm_needs_format;
    f->format.owner = c;
    return f->codec->sketch ? f->codec->sketch(&f->format, &c->arena, &f->format.sketch) : DGM_OK;
}

/* Guides stand among formats, and lean on them. */
static bool keep_guide(loading *l, dgm_slice path, dgm_slice bytes)
{
    const dgm_codec *const *all = l->c->codecs;
    for (size_t k = 0; all[k]; k++) {
        if (!all[k]->guide_looks || !all[k]->guide_looks(bytes)) continue;
        l->c->guides[l->c->guide_count++] = (dgm_guide_entry){ path, bytes, all[k], NULL };
        return true;
    }
    return false;
}

/* Of a format that only its content tells, its first lines say enough: the rest is read when it is needed. */
static bool look_at_head(const loading *l, dgm_slice bytes, dgm_format_file *file)
{
    *file = (dgm_format_file){ 0 };
    if (!l->c->as_needed || dgm_look_format(bytes, &file->name, &file->title, &file->codec, &file->table) != DGM_OK) return false;
    int codec = dgm_context_codec_of(l->c, file->codec);
    return codec >= 0 && l->c->codecs[codec]->waits && l->c->codecs[codec]->identify_formats;
}

static dgm_status load_format(loading *l, dgm_slice folder, dgm_slice name, dgm_format_entry *f)
{
    dgm_slice bytes;
    dgm_format_file file;
    *f = (dgm_format_entry){ 0 };
    dgm_status s = dgm_loading_file(l, folder, name, &f->path, &bytes);
    if (s == DGM_OK && keep_guide(l, f->path, bytes)) return DGM_OK;
    if (s == DGM_OK) f->head = look_at_head(l, bytes, &file);
    if (s == DGM_OK && !f->head) s = dgm_format_file_read(&l->c->mem, &l->c->arena, f->path, bytes, l->diags, &file);
    if (s == DGM_OK) s = take_format(l, folder, &file, bytes, f);
    if (s == DGM_OK) l->c->format_count++;
    return s;
}

static dgm_status load_formats(loading *l)
{
    dgm_context *c = l->c;
    dgm_slice top = dgm_path_join(&c->arena, c->folder, DGM_LITERAL("formats"));
    dgm_names folders, files[64];
    dgm_slice paths[64];
    dgm_status all = top.at ? dgm_loading_list(l, top, "", &folders) : DGM_NOMEM;
    size_t count = 0, n = all == DGM_OK && folders.count < 64 ? folders.count : 0;
    for (size_t i = 0; i < n && all == DGM_OK; i++) {
        paths[i] = dgm_path_join(&c->arena, top, folders.at[i]);
        all = paths[i].at ? dgm_loading_list(l, paths[i], ".yaml", &files[i]) : DGM_NOMEM;
        if (all == DGM_OK) count += files[i].count;
    }
    if (all != DGM_OK) return all;
    c->formats = DGM_NEW(&c->arena, dgm_format_entry, count + 1);
    c->guides = DGM_NEW(&c->arena, dgm_guide_entry, count + 1);
    if (!c->formats || !c->guides) return DGM_NOMEM;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < files[i].count; k++)
            if (!goes_on(load_format(l, paths[i], files[i].at[k], &c->formats[c->format_count]), &all)) return all;
    return all;
}

static void say_aside(loading *l, const dgm_mapping_entry *m)
{
    dgm_diag *d = dgm_diags_add(l->diags, DGM_D_CONTEXT_ASIDE, DGM_WARNING);
    dgm_diag_text(l->diags, d, dgm_slice_file_name(m->path));
    dgm_diag_source(l->diags, d, m->path);
}

/* Of two that were only looked at, a broken one is set aside. False: it is, or there is no memory. */
static bool whole(loading *l, dgm_mapping_entry *m, dgm_status *status)
{
    if (atomic_load(&m->need.state) == DGM_LOADED) return true;
    dgm_status s = dgm_load_mapping(l, m);
    if (s == DGM_OK) return true;
    if (s != DGM_CONFIG) *status = s;
    if (s == DGM_CONFIG) say_aside(l, m);
    m->name = m->format = m->model = (dgm_slice){ 0 }; /* nobody finds it */
    m->derives = false;
    atomic_store(&m->need.state, DGM_BROKEN);
    return false;
}

/* A mapping between what another joins already, unless the one was given and the other is of the folder. */
static dgm_status second(loading *l, dgm_mapping_entry *m, dgm_mapping_entry *twin, dgm_mapping_entry **joined)
{
    dgm_status s = DGM_OK;
    if (twin->given && !m->given) return s;
    const dgm_slice format = m->format;
    if (!whole(l, twin, &s)) {
        *joined = m;
        return s;
    }
    if (!whole(l, m, &s)) return s;
    dgm_loading_say(l, DGM_D_CONTEXT_MAPPING_SECOND, format, twin->path, m->path);
    return DGM_CONFIG; /* none may be chosen by chance */
}

static dgm_status join(loading *l, dgm_mapping_entry *m)
{
    dgm_context *c = l->c;
    dgm_status s = DGM_OK;
    dgm_mapping_entry *joined = NULL;
    if (m->derives) {
        const dgm_mapping_entry *found = dgm_context_derivation(c, m->format, m->model);
        dgm_mapping_entry *twin = found ? &c->mappings[found - c->mappings] : NULL;
        return twin != m ? second(l, m, twin, &joined) : DGM_OK;
    }
    for (size_t i = 0; i < c->format_count && s == DGM_OK; i++) {
        dgm_format_entry *f = &c->formats[i];
        if (!dgm_slice_equal(f->format.name, m->format)) continue;
        joined = f->mapping ? f->mapping : m;
        if (f->mapping) s = second(l, m, f->mapping, &joined);
        f->mapping = joined;
    }
    return s;
}

/* given: by the caller, so that it goes before one of the folder's. */
static dgm_status take_mapping(loading *l, dgm_mapping_entry *m)
{
    const bool later = l->c->as_needed && !m->given && dgm_look_mapping(l, m) == DGM_OK;
    l->given = m->given ? m->path : (dgm_slice){ 0 };
    dgm_status s = later ? DGM_OK : dgm_load_mapping(l, m);
    l->given = (dgm_slice){ 0 };
    if (s != DGM_OK) return s;
    atomic_init(&m->need.state, later ? DGM_SEEN : DGM_LOADED);
    l->c->mapping_count++;
    return join(l, m);
}

static dgm_status load_given(loading *l, dgm_slice path)
{
    dgm_mapping_entry *m = &l->c->mappings[l->c->mapping_count];
    *m = (dgm_mapping_entry){ .given = true };
    dgm_status s = dgm_loading_file(l, (dgm_slice){ 0 }, path, &m->path, &m->bytes);
    return s == DGM_OK ? take_mapping(l, m) : s;
}

/* A file of the folder that is a mapping, and in whose place none was given. */
static bool own_mapping(const dgm_context_options *o, dgm_slice name)
{
    static const char cases[] = ".case.yaml";
    size_t n = sizeof cases - 1;
    if (name.len >= n && memcmp(name.at + name.len - n, cases, n) == 0) return false;
    for (size_t i = 0; i < o->rule_file_count; i++)
        if (dgm_slice_equal(dgm_slice_file_name(o->rules[i]), name)) return false;
    return true;
}

static const dgm_mapping *mapping_named(void *ctx, dgm_slice name)
{
    const dgm_mapping_entry *m = dgm_context_mapping(ctx, name);
    return m ? m->mapping : NULL;
}

/* Mappings that tell one document must fit each other; those that are not loaded are held against theirs when they are. */
static dgm_status check_merging(loading *l)
{
    bool good = true;
    for (size_t i = 0; i < l->c->mapping_count && !l->c->as_needed; i++)
        good = dgm_merge_fits(l->c->mappings[i].mapping, mapping_named, l->c, l->diags) && good;
    return good ? DGM_OK : DGM_CONFIG;
}

/* One of the folder's: a broken one may be set aside. */
static dgm_status load_own(loading *l, dgm_slice folder, dgm_slice name, bool set_aside)
{
    const dgm_context *c = l->c;
    const size_t before = c->mapping_count;
    dgm_mapping_entry *m = &c->mappings[before];
    const dgm_kept_file *kept = dgm_kept_find(&c->rules, dgm_slice_part(name, 0, name.len - strlen(".yaml")));
    *m = (dgm_mapping_entry){ 0 };
    dgm_status s = DGM_OK;
    if (kept)
        m->path = kept->path, m->bytes = kept->bytes;
    else
        s = dgm_loading_file(l, folder, name, &m->path, &m->bytes);
    if (s == DGM_OK) s = take_mapping(l, m);
    if (s != DGM_CONFIG || !set_aside || c->mapping_count > before) return s; /* of two good ones none may be chosen by chance */
    say_aside(l, m);
    return dgm_diags_failed(l->diags) ? DGM_NOMEM : DGM_OK;
}

static dgm_status load_mappings(loading *l, const dgm_context_options *o)
{
    dgm_context *c = l->c;
    dgm_slice folder = dgm_path_join(&c->arena, c->folder, DGM_LITERAL("rules"));
    dgm_names names = { 0 };
    dgm_status all = !folder.at ? DGM_NOMEM : o->rules_alone ? DGM_OK : dgm_loading_list(l, folder, ".yaml", &names);
    if (all == DGM_OK) all = dgm_loading_keep(l, "rules", ".yaml", &c->rules);
    if (all == DGM_OK) all = dgm_loading_keep(l, "codes", ".tsv", &c->codes);
    if (all != DGM_OK) return all;
    c->mappings = DGM_NEW(&c->arena, dgm_mapping_entry, names.count + o->rule_file_count + 1);
    if (!c->mappings) return DGM_NOMEM;
    for (size_t i = 0; i < o->rule_file_count; i++)
        if (!goes_on(load_given(l, o->rules[i]), &all)) return all;
    for (size_t i = 0; i < names.count; i++)
        if (own_mapping(o, names.at[i]) && !goes_on(load_own(l, folder, names.at[i], o->set_aside || c->as_needed), &all))
            return all;
    if (all == DGM_OK && !o->rules_alone) all = check_merging(l);
    return all;
}

/* ---- partners ---- */

static bool overlap(const dgm_partner_condition *a, const dgm_partner_condition *b)
{
    if (!a->count || !b->count) return a->count == b->count;
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (dgm_slice_equal(a->at[i], b->at[k])) return true;
    return false;
}

/* Nobody could tell which of two holds. */
static bool twins(const dgm_partner *a, const dgm_partner *b)
{
    bool same = a->when[DGM_PARTNER_SENDER].count > 0;
    for (size_t k = 0; k < DGM_PARTNER_KEYS; k++) same = same && overlap(&a->when[k], &b->when[k]);
    return same;
}

static dgm_status compare_partner(loading *l, const dgm_partner *p)
{
    for (const dgm_partner *other = l->c->partners; other < p; other++) {
        bool named = dgm_slice_equal(other->name, p->name);
        if (!named && !twins(other, p)) continue;
        dgm_diag *d = dgm_diags_add(l->diags, named ? DGM_D_CONTEXT_TWICE : DGM_D_PARTNER_TWIN, DGM_ERROR);
        dgm_diag_text(l->diags, d, named ? DGM_LITERAL("partner") : p->name);
        dgm_diag_text(l->diags, d, other->name);
        dgm_diag_text(l->diags, d, other->path);
        dgm_diag_source(l->diags, d, p->path);
        return DGM_CONFIG;
    }
    return DGM_OK;
}

/* Profiles, when there are any; a folder that was named must be there. */
static dgm_status load_partners(loading *l, dgm_slice named)
{
    dgm_context *c = l->c;
    dgm_names names;
    const char *why = "";
    dgm_status all = DGM_OK;
    dgm_slice folder = named.len ? dgm_arena_copy(&c->arena, named) : dgm_path_join(&c->arena, c->folder, DGM_LITERAL("partners"));
    dgm_status s = folder.at ? dgm_folder_list(&c->arena, folder, ".yaml", &names, &why) : DGM_NOMEM;
    if (s == DGM_IO && named.len) dgm_loading_say(l, DGM_D_CONTEXT_FOLDER, folder, dgm_slice_of(why), (dgm_slice){ 0 });
    if (s != DGM_OK) return s == DGM_IO && !named.len ? DGM_OK : s;
    c->partners = DGM_NEW(&c->arena, dgm_partner, names.count + 1);
    if (!c->partners) return DGM_NOMEM;
    for (size_t i = 0; i < names.count; i++) {
        dgm_slice path, bytes;
        dgm_partner *p = &c->partners[c->partner_count];
        s = dgm_loading_file(l, folder, names.at[i], &path, &bytes);
        if (s == DGM_OK) s = dgm_partner_read(c, &c->arena, path, bytes, l->diags, p);
        if (s == DGM_OK) s = compare_partner(l, p);
        if (s == DGM_OK) c->partner_count++;
        if (!goes_on(s, &all)) return all;
    }
    return all;
}

/* What answers call errors that are not about syntax; a folder without the file is well, too. */
static dgm_status load_answers(loading *l)
{
    dgm_context *c = l->c;
    const char *why = "";
    dgm_slice bytes, path = dgm_arena_print(&c->arena, "%.*s/codes/application-errors.yaml", (int)c->folder.len, c->folder.at);
    if (!path.at) return DGM_NOMEM;
    dgm_status s = dgm_file_read(&c->arena, path, ANSWERS_BYTES_MAX, &bytes, &why);
    if (s == DGM_IO) return DGM_OK;
    if (s == DGM_OK) dgm_loading_count(l, path, bytes);
    return s == DGM_OK ? dgm_answer_codes_read(&c->arena, path, bytes, l->diags, &c->answer_codes, &c->answer_code_count) : s;
}

/* The files that a codec takes; a folder that is not there is no mistake. */
static dgm_status load_knowledge_of(loading *l, const dgm_codec *codec, dgm_format_list *into)
{
    dgm_context *c = l->c;
    dgm_names names;
    const char *why;
    dgm_status all = DGM_OK;
    dgm_slice folder = dgm_path_join(&c->arena, c->folder, dgm_slice_of(codec->knowledge_folder));
    dgm_status s = folder.at ? dgm_folder_list(&c->arena, folder, codec->knowledge_suffix, &names, &why) : DGM_NOMEM;
    if (s != DGM_OK) return s == DGM_IO ? DGM_OK : s;
    into->knowledge = DGM_NEW(&c->arena, void *, names.count + 1);
    if (!into->knowledge) return DGM_NOMEM;
    for (size_t i = 0; i < names.count; i++) {
        dgm_slice path, bytes;
        s = dgm_loading_file(l, folder, names.at[i], &path, &bytes);
        if (s == DGM_OK) s = codec->knowledge_load(&c->mem, path, bytes, l->diags, &into->knowledge[into->knowledge_count]);
        if (s == DGM_OK) into->knowledge_count++;
        if (!goes_on(s, &all)) return all;
    }
    return all;
}

static dgm_status load_knowledge(loading *l)
{
    dgm_status all = DGM_OK;
    size_t n = 0;
    const dgm_codec *const *codecs = l->c->codecs;
    while (codecs[n]) n++;
    l->c->by_codec = DGM_NEW(&l->c->arena, dgm_format_list, n);
    if (!l->c->by_codec) return DGM_NOMEM;
    for (size_t k = 0; k < n; k++)
        if (codecs[k]->knowledge_folder && !goes_on(load_knowledge_of(l, codecs[k], &l->c->by_codec[k]), &all)) return all;
    return all;
}

static dgm_status join_codecs(dgm_context *c)
{
    for (size_t k = 0; c->codecs[k]; k++) {
        dgm_format_list *list_of = &c->by_codec[k];
        list_of->at = DGM_NEW(&c->arena, const dgm_format *, c->format_count + c->model_count + 1);
        if (!list_of->at) return DGM_NOMEM;
        for (size_t i = 0; i < c->format_count; i++)
            if (c->formats[i].codec == c->codecs[k]) list_of->at[list_of->count++] = &c->formats[i].format;
        if (strcmp(c->codecs[k]->name, "json") == 0)
            for (size_t i = 0; i < c->model_count; i++) list_of->at[list_of->count++] = &c->models[i].json;
    }
    return DGM_OK;
}

/* ---- opening ---- */

/* Codecs that were loaded take part in the version as files do. */
static void count_codecs(loading *l, const dgm_codec_set *set)
{
    for (size_t i = 0; set && i < dgm_codec_set_count(set); i++)
        if (dgm_codec_set_sum(set, i).len) dgm_loading_count(l, dgm_codec_set_at(set, i).file, dgm_codec_set_sum(set, i));
}

dgm_status dgm_context_open(const dgm_context_options *options, dgm_diags *diags, dgm_context **out)
{
    *out = NULL;
    if (!options || options->struct_bytes != sizeof *options) return DGM_USAGE;
    dgm_mem mem = options->mem.grow ? options->mem : dgm_mem_default();
    dgm_context *c = dgm_mem_new(&mem, sizeof *c);
    if (!c) return DGM_NOMEM;
    c->mem = mem;
    c->world = options->world.now_ms ? options->world : dgm_world_default();
    c->limits = options->limits;
    dgm_arena_init(&c->arena, &mem);
    loading l = { .c = c, .diags = diags };
    c->folder = dgm_arena_copy(&c->arena, options->mappings.len ? options->mappings : DGM_LITERAL(DGM_MAPPINGS_DIR));
    c->codecs = dgm_codec_set_list(options->codecs);
    c->schemas = options->schemas.len ? dgm_arena_copy(&c->arena, options->schemas) : (dgm_slice){ "", 0 };
    c->schema_files = (dgm_file_source){ dgm_schema_file, c };
    c->as_needed = options->as_needed;
    dgm_status all = c->folder.at && c->schemas.at && dgm_loading_begin(&l) ? dgm_needs_prepare(c) : DGM_NOMEM;
    if (all == DGM_OK) count_codecs(&l, options->codecs);
    if (all == DGM_OK) all = load_models(&l);
    if (all == DGM_OK || all == DGM_CONFIG) {
        dgm_status s = load_knowledge(&l);
        all = s == DGM_OK ? all : s;
    }
    /* A format of a directory that did not load would only repeat its mistake. */
    if (all == DGM_OK) {
        dgm_status s = load_formats(&l);
        all = s == DGM_OK ? all : s;
    }
    /* A mapping of a format that did not load would only repeat its mistake. */
    if (all == DGM_OK) all = join_codecs(c);
    if (all == DGM_OK) all = dgm_context_guides_prepare(c);
    if (all == DGM_OK) all = load_mappings(&l, options);
    if (all == DGM_OK) all = load_answers(&l);
    if (all == DGM_OK) all = load_partners(&l, options->partners);
    if (all == DGM_OK) all = dgm_partner_keys_prepare(c);
    dgm_status summed = dgm_loading_end(&l);
    if (all == DGM_OK) all = summed;
    if (all != DGM_OK) {
        dgm_context_free(c);
        return all;
    }
    *out = c;
    return DGM_OK;
}

void dgm_context_free(dgm_context *c)
{
    if (!c) return;
    dgm_mem mem = c->mem;
    dgm_context_guides_free(c);
    dgm_partner_keys_free(c);
    dgm_needs_free(c);
    for (size_t k = 0; c->by_codec && c->codecs[k]; k++)
        for (size_t i = 0; i < c->by_codec[k].knowledge_count; i++) c->codecs[k]->knowledge_free(c->by_codec[k].knowledge[i]);
    dgm_arena_free(&c->arena);
    dgm_mem_free(&mem, c, sizeof *c);
}

dgm_slice dgm_context_version(const dgm_context *c)
{
    return dgm_slice_of(c->version);
}

size_t dgm_context_format_count(const dgm_context *c)
{
    return c->format_count;
}

dgm_format_info dgm_context_format(const dgm_context *c, size_t i)
{
    const dgm_format_entry *f = &c->formats[i];
    dgm_format_info info = { .name = f->format.name, .title = f->format.title, .codec = f->format.codec };
    if (f->mapping && atomic_load_explicit(&f->mapping->need.state, memory_order_acquire) != DGM_BROKEN) {
        info.mapping = f->mapping->path;
        info.model = f->mapping->model;
        info.rule_count = atomic_load_explicit(&f->mapping->rule_count, memory_order_relaxed);
    }
    return info;
}
