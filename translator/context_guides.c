/* SPDX-License-Identifier: Apache-2.0
 *
 * context_guides.c - implementation guides of a context: found when it is opened, loaded all together when the first job, or
 * whoever looks at them, asks for one: each takes a message of a directory, which who only translates need not pay for. Loading may
 * be asked for in any thread; one does it, and what was loaded is read-only then.
 */
#include "context.h"

#include "base/diag.h"

static void complain(dgm_diags *diags, dgm_diag_code code, dgm_slice what, dgm_slice more, dgm_slice source)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, what);
    dgm_diag_text(diags, d, more);
    if (source.len) dgm_diag_source(diags, d, source);
}

/* What guides are loaded with: formats and knowledge of their codec. */
static dgm_host host_of(const dgm_context *c, const dgm_codec *codec, dgm_diags *diags)
{
    const dgm_format_list *known = &c->by_codec[dgm_context_codec_of(c, dgm_slice_of(codec->name))];
    dgm_host host = dgm_host_make(&c->mem, &c->limits, diags, &c->world, known->at, known->count);
    host.knowledge = (const void *const *)known->knowledge;
    host.knowledge_count = known->knowledge_count;
    return host;
}

/* Two of a name, or two that nothing tells apart. */
static bool alone(const dgm_guide_entry *e, const dgm_format_list *list, dgm_diags *diags)
{
    dgm_guide_info own = e->codec->guide_info(e->guide);
    for (size_t i = 0; i < list->guide_count; i++) {
        dgm_guide_info other = e->codec->guide_info(list->guides[i]);
        if (dgm_slice_equal(own.name, other.name))
            complain(diags, DGM_D_GUIDE_NAME_TWICE, own.name, other.file, e->path);
        else if (e->codec->guide_clash(e->guide, list->guides[i]))
            complain(diags, DGM_D_GUIDE_CLASH, own.name, other.name, e->path);
        else
            continue;
        return false;
    }
    return true;
}

/* What a failure left is taken down, so that whoever asks next is told the same. */
static void unload(const dgm_context *c)
{
    for (size_t i = 0; i < c->guide_count; i++) {
        if (c->guides[i].guide) c->guides[i].codec->guide_free(c->guides[i].guide);
        c->guides[i].guide = NULL;
    }
    for (size_t k = 0; c->by_codec && c->codecs[k]; k++) c->by_codec[k].guide_count = 0;
}

static dgm_status load_all(const dgm_context *c, dgm_diags *diags)
{
    dgm_status all = DGM_OK;
    for (size_t i = 0; i < c->guide_count; i++) {
        dgm_guide_entry *e = &c->guides[i];
        dgm_format_list *list_of = &c->by_codec[dgm_context_codec_of(c, dgm_slice_of(e->codec->name))];
        dgm_host host = host_of(c, e->codec, diags);
        dgm_status s = e->codec->guide_load(&host, e->path, e->bytes, &e->guide);
        if (s == DGM_OK && !alone(e, list_of, diags)) s = DGM_CONFIG;
        if (s == DGM_OK) list_of->guides[list_of->guide_count++] = e->guide;
        if (s != DGM_OK && s != DGM_CONFIG) return s;
        if (s != DGM_OK) all = s; /* and the others, so that all is told at once */
    }
    return all;
}

dgm_status dgm_context_guides(const dgm_context *c, dgm_diags *diags)
{
    dgm_guides_state *state = c->guides_state;
    dgm_status s = DGM_OK;
    pthread_mutex_lock(&state->lock);
    if (!state->loaded) {
        s = load_all(c, diags);
        if (s == DGM_OK)
            state->loaded = true;
        else
            unload(c);
    }
    pthread_mutex_unlock(&state->lock);
    return s;
}

bool dgm_context_guides_asked(const dgm_setting *reader, size_t n)
{
    static const char *const levels[] = { "advice", "codes", "guide" };
    for (size_t i = 0; i < n; i++) {
        if (dgm_slice_is(reader[i].name, "guide") && reader[i].value.len && !dgm_slice_is(reader[i].value, "none")) return true;
        for (size_t k = 0; k < 3 && dgm_slice_is(reader[i].name, "level"); k++)
            if (dgm_slice_is(reader[i].value, levels[k])) return true;
    }
    return false;
}

/* ---- what there is ---- */

size_t dgm_context_guide_count(const dgm_context *c)
{
    return c->guide_count;
}

dgm_guide_info dgm_context_guide(const dgm_context *c, size_t i)
{
    const dgm_guide_entry *e = &c->guides[i];
    if (dgm_context_guides(c, NULL) != DGM_OK) return (dgm_guide_info){ .file = e->path };
    return e->codec->guide_info(e->guide);
}

dgm_status dgm_context_guide_names(const dgm_context *c, dgm_slice guide, const dgm_tree *tree,
                                   void (*called)(void *ctx, uint32_t node, dgm_slice name), void *ctx)
{
    if (dgm_context_guides(c, NULL) != DGM_OK) return DGM_UNKNOWN;
    for (size_t i = 0; i < c->guide_count; i++) {
        const dgm_guide_entry *e = &c->guides[i];
        if (!dgm_slice_equal(e->codec->guide_info(e->guide).name, guide)) continue;
        return e->codec->guide_names ? e->codec->guide_names(e->guide, tree, &c->mem, called, ctx) : DGM_UNKNOWN;
    }
    return DGM_UNKNOWN;
}

dgm_status dgm_context_guide_check(const dgm_context *c, dgm_slice path, dgm_slice bytes, dgm_diags *diags)
{
    const dgm_codec *codec = &dgm_codec_edifact; /* the one that has guides */
    void *guide = NULL;
    dgm_host host = host_of(c, codec, diags);
    dgm_status s = codec->guide_load(&host, path, bytes, &guide);
    codec->guide_free(guide);
    return s;
}

/* ---- the context ---- */

dgm_status dgm_context_guides_prepare(dgm_context *c)
{
    for (size_t k = 0; c->codecs[k]; k++) {
        c->by_codec[k].guides = DGM_NEW(&c->arena, const void *, c->guide_count + 1);
        if (!c->by_codec[k].guides) return DGM_NOMEM;
    }
    c->guides_state = DGM_NEW(&c->arena, dgm_guides_state, 1);
    if (!c->guides_state) return DGM_NOMEM;
    c->guides_state->there = pthread_mutex_init(&c->guides_state->lock, NULL) == 0;
    return c->guides_state->there ? DGM_OK : DGM_NOMEM;
}

void dgm_context_guides_free(dgm_context *c)
{
    unload(c);
    if (c->guides_state && c->guides_state->there) pthread_mutex_destroy(&c->guides_state->lock);
}
