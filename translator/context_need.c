/* SPDX-License-Identifier: Apache-2.0
 *
 * context_need.c - vocabularies, formats and mappings, loaded when something needs them: each once, by whoever asks first, from the
 * bytes that were read when the context was opened. What is broken stays so, and everybody who asks is told the same. In any
 * thread: one loads at a time, behind the lock; what is loaded already costs one look.
 */
#include "context_load.h"

#include "base/diag.h"
#include "mapping/merge.h"
#include "model/vocabulary.h"

/* ---- loading ---- */

/* What something is called is known once it is loaded, or was when its file was looked at: then others read it already. */
static dgm_status name_it(dgm_context *c, dgm_slice *name, dgm_slice loaded)
{
    if (name->len) return dgm_slice_equal(*name, loaded) ? DGM_OK : DGM_DEFECT;
    *name = dgm_arena_copy(&c->arena, loaded);
    return name->at ? DGM_OK : DGM_NOMEM;
}

dgm_status dgm_load_model(dgm_loading *l, dgm_model_entry *m)
{
    dgm_status s = dgm_vocabulary_load(&l->c->mem, m->path, m->bytes, l->diags, &m->shape);
    if (s != DGM_OK) return s;
    s = name_it(l->c, &m->name, dgm_shape_name(m->shape));
    if (l->opening) m->json.title = m->name;
    m->json.shape = m->shape;
    if (s == DGM_OK) return s;
    dgm_shape_free(m->shape);
    m->shape = NULL;
    m->json.shape = NULL;
    return s;
}

dgm_status dgm_take_settings(dgm_context *c, const dgm_format_file *file, dgm_format *f)
{
    dgm_setting *settings = DGM_NEW(&c->arena, dgm_setting, file->setting_count + 1);
    dgm_format_alias *aliases = DGM_NEW(&c->arena, dgm_format_alias, file->name_count + 1);
    if (!settings || !aliases) return DGM_NOMEM;
    for (size_t i = 0; i < file->setting_count; i++) settings[i] = (dgm_setting){ file->settings[i].name, file->settings[i].value };
    for (size_t i = 0; i < file->name_count; i++) aliases[i] = (dgm_format_alias){ file->names[i].name, file->names[i].value };
    f->settings = settings;
    f->setting_count = file->setting_count;
    f->aliases = aliases;
    f->alias_count = file->name_count;
    return DGM_OK;
}

static dgm_status take_rest(dgm_loading *l, dgm_format_entry *f)
{
    dgm_format_file file;
    dgm_status s = dgm_format_file_read(&l->c->mem, &l->c->arena, f->path, f->format.file, l->diags, &file);
    if (s == DGM_OK) s = dgm_take_settings(l->c, &file, &f->format);
    f->head = f->head && s != DGM_OK;
    return s;
}

dgm_status dgm_load_format(dgm_loading *l, dgm_format_entry *f)
{
    dgm_context *c = l->c;
    const dgm_format_list *known = &c->by_codec[dgm_context_codec_of(c, f->format.codec)];
    dgm_status s = f->head ? take_rest(l, f) : DGM_OK;
    if (s != DGM_OK) return s;
    dgm_host host = dgm_host_make(&c->mem, &c->limits, l->diags, &c->world, NULL, 0);
    host.knowledge = (const void *const *)known->knowledge;
    host.knowledge_count = known->knowledge_count;
    s = f->codec->shape(&host, &f->format, &f->shape);
    if (s == DGM_OK) f->format.shape = f->shape;
    return s;
}

typedef dgm_status loader(dgm_loading *l, void *what);
static dgm_status asked(dgm_loading *l, dgm_need *need, void *what, loader *load);

static dgm_status load_model(dgm_loading *l, void *what)
{
    return dgm_load_model(l, what);
}

static dgm_status load_format(dgm_loading *l, void *what)
{
    return dgm_load_format(l, what);
}

/* A mapping asks for shapes; memory that lacks is no reason to say that there is none. */
static const dgm_shape *env_format(void *ctx, dgm_slice name)
{
    dgm_loading *l = ctx;
    const dgm_format_entry *found = dgm_context_find(l->c, name);
    dgm_format_entry *f = found ? &l->c->formats[found - l->c->formats] : NULL;
    const dgm_status s = f ? asked(l, &f->need, f, load_format) : DGM_UNKNOWN;
    l->lacks = l->lacks || s == DGM_NOMEM;
    return s == DGM_OK ? f->shape : NULL;
}

static const dgm_shape *env_model(void *ctx, dgm_slice name)
{
    dgm_loading *l = ctx;
    const dgm_model_entry *found = dgm_context_model(l->c, name);
    dgm_model_entry *m = found ? &l->c->models[found - l->c->models] : NULL;
    const dgm_status s = m ? asked(l, &m->need, m, load_model) : DGM_UNKNOWN;
    l->lacks = l->lacks || s == DGM_NOMEM;
    return s == DGM_OK ? m->shape : NULL;
}

static dgm_status take_head(dgm_context *c, dgm_mapping_entry *m)
{
    const dgm_mapping *loaded = m->mapping;
    const bool looked = m->name.len > 0;
    dgm_status s = name_it(c, &m->name, dgm_mapping_name(loaded));
    if (s == DGM_OK) s = name_it(c, &m->format, dgm_mapping_format(loaded));
    if (s == DGM_OK) s = name_it(c, &m->model, dgm_mapping_model(loaded));
    if (looked && m->derives != dgm_mapping_derives(loaded)) return DGM_DEFECT;
    if (!looked) m->derives = dgm_mapping_derives(loaded);
    atomic_store_explicit(&m->rule_count, dgm_mapping_rule_count(loaded), memory_order_relaxed);
    return s;
}

dgm_status dgm_load_mapping(dgm_loading *l, dgm_mapping_entry *m)
{
    const dgm_mapping_env env = { .mem = l->c->mem,
                                  .ctx = l,
                                  .format = env_format,
                                  .model = env_model,
                                  .file = dgm_loading_env_file,
                                  .names = dgm_loading_env_names };
    if (m->mapping) return DGM_OK;
    l->lacks = false;
    dgm_status s = dgm_mapping_load(&env, m->path, m->bytes, l->diags, &m->mapping);
    if (l->lacks) s = DGM_NOMEM;
    if (s == DGM_OK) s = take_head(l->c, m);
    if (s == DGM_OK) return s;
    dgm_mapping_free(m->mapping);
    m->mapping = NULL;
    return s;
}

static const dgm_mapping *mapping_loaded(void *ctx, dgm_slice name)
{
    const dgm_mapping_entry *m = dgm_context_mapping(ctx, name);
    return m ? m->mapping : NULL;
}

/* With those that it tells documents with, which it must fit. */
static dgm_status load_mapping(dgm_loading *l, void *what)
{
    dgm_mapping_entry *m = what;
    dgm_status s = dgm_load_mapping(l, m);
    for (uint32_t i = 0; s == DGM_OK && dgm_merge_with(m->mapping, i).len; i++) {
        dgm_mapping_entry *other = NULL;
        for (size_t k = 0; k < l->c->mapping_count && !other; k++)
            if (dgm_slice_equal(l->c->mappings[k].name, dgm_merge_with(m->mapping, i))) other = &l->c->mappings[k];
        if (other && atomic_load_explicit(&other->need.state, memory_order_relaxed) != DGM_BROKEN)
            s = dgm_load_mapping(l, other) == DGM_NOMEM ? DGM_NOMEM : DGM_OK; /* one that is not there does not fit */
    }
    m->misfit = s == DGM_OK && !dgm_merge_fits(m->mapping, mapping_loaded, l->c, l->diags);
    if (m->misfit) s = DGM_CONFIG;
    if (s != DGM_CONFIG) return s;
    dgm_mapping_free(m->mapping);
    m->mapping = NULL;
    return s;
}

/* ---- asking ---- */

/* Under the lock. Mistakes go to l->diags. */
static dgm_status asked(dgm_loading *l, dgm_need *need, void *what, loader *load)
{
    const int state = atomic_load_explicit(&need->state, memory_order_relaxed);
    if (state == DGM_LOADED) return DGM_OK;
    if (state == DGM_BROKEN) return dgm_diags_add_copies(l->diags, need->why, DGM_ERROR) == DGM_OK ? DGM_CONFIG : DGM_NOMEM;
    dgm_diags *outer = l->diags, *said = NULL;
    const uint32_t most = l->c->limits.diagnostics_max;
    dgm_status s = dgm_diags_new(&l->c->mem, most ? most : 1000, &said);
    if (s != DGM_OK) return s;
    l->diags = said;
    s = load(l, what);
    l->diags = outer;
    if (s == DGM_CONFIG && dgm_diags_failed(said)) s = DGM_NOMEM; /* not all of it could be told */
    dgm_status told = s == DGM_OK || s == DGM_CONFIG ? dgm_diags_add_copies(outer, said, DGM_ERROR) : DGM_OK;
    if (s == DGM_CONFIG) {
        need->why = said;
        said = NULL;
        atomic_store_explicit(&need->state, DGM_BROKEN, memory_order_release);
    }
    dgm_diags_free(said);
    if (s == DGM_OK) atomic_store_explicit(&need->state, DGM_LOADED, memory_order_release);
    return told == DGM_OK ? s : told;
}

static dgm_status ask(const dgm_context *c, dgm_need *need, void *what, loader *load, dgm_diags *diags)
{
    if (atomic_load_explicit(&need->state, memory_order_acquire) == DGM_LOADED) return DGM_OK;
    pthread_mutex_lock(&c->needs->lock);
    dgm_loading l = { .c = c->needs->c, .diags = diags };
    dgm_status s = asked(&l, need, what, load);
    pthread_mutex_unlock(&c->needs->lock);
    return s;
}

dgm_status dgm_context_need_model(const dgm_context *c, const dgm_model_entry *m, dgm_diags *diags)
{
    dgm_model_entry *own = &c->models[m - c->models];
    return ask(c, &own->need, own, load_model, diags);
}

dgm_status dgm_context_need_format(const dgm_context *c, const dgm_format_entry *f, dgm_diags *diags)
{
    dgm_format_entry *own = &c->formats[f - c->formats];
    return ask(c, &own->need, own, load_format, diags);
}

dgm_status dgm_context_need_mapping(const dgm_context *c, const dgm_mapping_entry *m, dgm_diags *diags)
{
    dgm_mapping_entry *own = &c->mappings[m - c->mappings];
    return ask(c, &own->need, own, load_mapping, diags);
}

dgm_status dgm_context_need_codec(const dgm_context *c, size_t codec, dgm_diags *diags)
{
    dgm_status all = DGM_OK;
    for (size_t i = 0; i < c->format_count && c->as_needed; i++) {
        if (c->formats[i].codec != c->codecs[codec]) continue;
        dgm_status s = dgm_context_need_format(c, &c->formats[i], diags);
        if (s != DGM_OK && all != DGM_NOMEM) all = s;
    }
    return all;
}

dgm_status dgm_needs_format(const dgm_format *f, dgm_diags *diags)
{
    const dgm_context *c = f->owner;
    const dgm_format_entry *entry = dgm_context_entry(c, f);
    if (entry) return dgm_context_need_format(c, entry, diags);
    for (size_t i = 0; i < c->model_count; i++)
        if (&c->models[i].json == f) return dgm_context_need_model(c, &c->models[i], diags);
    return DGM_DEFECT;
}

void dgm_context_tell_aside(const dgm_mapping_entry *m, bool softly, dgm_diags *diags)
{
    if (atomic_load_explicit(&m->need.state, memory_order_acquire) == DGM_BROKEN)
        (void)dgm_diags_add_copies(diags, m->need.why, softly ? DGM_WARNING : DGM_ERROR);
    dgm_diag *d = dgm_diags_add(diags, DGM_D_CONTEXT_ASIDE, DGM_WARNING);
    dgm_diag_text(diags, d, dgm_slice_file_name(m->path));
    dgm_diag_source(diags, d, m->path);
}

/* ---- all of it ---- */

static void let_go_mapping(dgm_mapping_entry *m)
{
    dgm_mapping_free(m->mapping);
    m->mapping = NULL;
    if (atomic_load(&m->need.state) == DGM_LOADED) atomic_store(&m->need.state, DGM_SEEN);
}

static void let_go_format(dgm_format_entry *f)
{
    dgm_shape_free(f->shape);
    f->shape = NULL;
    f->format.shape = NULL;
    if (atomic_load(&f->need.state) == DGM_LOADED) atomic_store(&f->need.state, DGM_SEEN);
}

static void note(dgm_status s, dgm_status *all)
{
    if (s != DGM_OK && *all != DGM_NOMEM) *all = s;
}

/* aside: a mapping that is broken is told as set aside, and is no failure. */
static dgm_status check_mapping(const dgm_context *c, const dgm_mapping_entry *m, bool aside, dgm_diags *diags)
{
    dgm_status s = dgm_context_need_mapping(c, m, diags);
    if (s != DGM_CONFIG || !aside || m->misfit) return s; /* of those that do not fit none is the broken one */
    dgm_diag *d = dgm_diags_add(diags, DGM_D_CONTEXT_ASIDE, DGM_WARNING);
    dgm_diag_text(diags, d, dgm_slice_file_name(m->path));
    dgm_diag_source(diags, d, m->path);
    return DGM_OK;
}

static dgm_status check_all(const dgm_context *c, bool one_by_one, dgm_diags *diags)
{
    dgm_status all = DGM_OK;
    for (size_t i = 0; i < c->model_count; i++) note(dgm_context_need_model(c, &c->models[i], diags), &all);
    for (size_t i = 0; i < c->format_count; i++) {
        dgm_format_entry *f = &c->formats[i];
        dgm_status s = dgm_context_need_format(c, f, diags);
        note(s, &all);
        if (f->mapping && s == DGM_OK) note(check_mapping(c, f->mapping, one_by_one, diags), &all);
        if (f->mapping && one_by_one) let_go_mapping(f->mapping);
        if (one_by_one) let_go_format(f);
    }
    for (size_t i = 0; i < c->mapping_count; i++) { /* derivations */
        const dgm_mapping_entry *m = &c->mappings[i];
        if (atomic_load(&m->need.state) == DGM_SEEN && !atomic_load(&m->rule_count))
            note(check_mapping(c, m, one_by_one, diags), &all);
    }
    return all;
}

dgm_status dgm_context_check(const dgm_context *c, dgm_diags *diags)
{
    return check_all(c, false, diags);
}

dgm_status dgm_context_look_through(dgm_context *c, dgm_diags *diags)
{
    return check_all(c, true, diags);
}

/* ---- the context ---- */

dgm_status dgm_needs_prepare(dgm_context *c)
{
    c->needs = DGM_NEW(&c->arena, dgm_needs, 1);
    if (!c->needs) return DGM_NOMEM;
    c->needs->c = c;
    c->needs->there = pthread_mutex_init(&c->needs->lock, NULL) == 0;
    return c->needs->there ? DGM_OK : DGM_NOMEM;
}

void dgm_needs_free(dgm_context *c)
{
    for (size_t i = 0; i < c->mapping_count; i++) {
        dgm_mapping_free(c->mappings[i].mapping);
        dgm_diags_free(c->mappings[i].need.why);
    }
    for (size_t i = 0; i < c->format_count; i++) {
        dgm_shape_free(c->formats[i].shape);
        dgm_diags_free(c->formats[i].need.why);
    }
    for (size_t i = 0; i < c->model_count; i++) {
        dgm_shape_free(c->models[i].shape);
        dgm_diags_free(c->models[i].need.why);
    }
    if (c->needs && c->needs->there) pthread_mutex_destroy(&c->needs->lock);
}
