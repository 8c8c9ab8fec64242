/* SPDX-License-Identifier: Apache-2.0
 *
 * live.c - contexts that follow their files. A stamp of the folder tells that something changed; files are loaded when it has come
 * to rest, and the context they make takes the place of the one before if its version is another. Contexts are counted: the one
 * that was replaced goes when nobody holds it any more. What `lock` guards is the list; `looking` is held by who loads.
 */
#include "context.h"

#include "files.h"

#include <pthread.h>

typedef struct held {
    dgm_context *context;
    size_t holders;
    struct held *next; /* the one it replaced */
} held;

struct dgm_live {
    dgm_mem mem;
    dgm_world world;
    dgm_arena arena; /* of the options */
    dgm_context_options options;
    dgm_status (*accept)(void *ctx, const dgm_context *c, dgm_diags *diags);
    void *accept_ctx;
    pthread_mutex_t lock, looking;
    held *newest; /* guarded by lock, and so is what it leads to */
    /* Guarded by looking. */
    dgm_stamp loaded; /* the files that were loaded, or refused, last */
    dgm_stamp seen;   /* those seen last */
    int64_t seen_ms;  /* since when */
};

static dgm_status copy_options(dgm_live *l, const dgm_context_options *o)
{
    dgm_slice *rules = DGM_NEW(&l->arena, dgm_slice, o->rule_file_count + 1);
    l->options = *o;
    l->options.as_needed = false; /* what is taken up was checked, all of it */
    l->options.mappings = dgm_arena_copy(&l->arena, o->mappings.len ? o->mappings : DGM_LITERAL(DGM_MAPPINGS_DIR));
    l->options.partners = dgm_arena_copy(&l->arena, o->partners);
    l->options.schemas = dgm_arena_copy(&l->arena, o->schemas);
    l->options.rules = rules;
    if (!rules || !l->options.mappings.at || !l->options.partners.at || !l->options.schemas.at) return DGM_NOMEM;
    for (size_t i = 0; i < o->rule_file_count; i++) {
        rules[i] = dgm_arena_copy(&l->arena, o->rules[i]);
        if (!rules[i].at) return DGM_NOMEM;
    }
    return DGM_OK;
}

static dgm_status stamp(const dgm_live *l, dgm_stamp *out)
{
    const dgm_context_options *o = &l->options;
    *out = (dgm_stamp){ 0 };
    dgm_status s = dgm_stamp_add(&l->mem, o->mappings, out);
    if (s == DGM_OK && o->partners.len) s = dgm_stamp_add(&l->mem, o->partners, out);
    for (size_t i = 0; i < o->rule_file_count && s == DGM_OK; i++) s = dgm_stamp_add(&l->mem, o->rules[i], out);
    return s;
}

dgm_status dgm_live_open(const dgm_context_options *options,
                         dgm_status (*accept)(void *ctx, const dgm_context *c, dgm_diags *diags), void *accept_ctx,
                         dgm_diags *diags, dgm_live **out)
{
    *out = NULL;
    if (!options || options->struct_bytes != sizeof *options) return DGM_USAGE;
    dgm_mem mem = options->mem.grow ? options->mem : dgm_mem_default();
    dgm_live *l = dgm_mem_new(&mem, sizeof *l);
    if (!l) return DGM_NOMEM;
    l->mem = mem;
    l->accept = accept;
    l->accept_ctx = accept_ctx;
    l->world = options->world.now_ms ? options->world : dgm_world_default();
    dgm_arena_init(&l->arena, &l->mem);
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->looking, NULL);
    l->newest = dgm_mem_new(&l->mem, sizeof *l->newest);
    dgm_status s = l->newest ? copy_options(l, options) : DGM_NOMEM;
    /* The stamp before the files: what changes in between is seen as a change. */
    if (s == DGM_OK) s = stamp(l, &l->loaded);
    if (s == DGM_OK) s = dgm_context_open(&l->options, diags, &l->newest->context);
    l->options.set_aside = false; /* from now on there is one before that goes on */
    l->seen = l->loaded;
    if (s == DGM_OK)
        *out = l;
    else
        dgm_live_close(l);
    return s;
}

void dgm_live_close(dgm_live *l)
{
    if (!l) return;
    dgm_mem mem = l->mem;
    for (held *h = l->newest, *next; h; h = next) {
        next = h->next;
        dgm_context_free(h->context);
        dgm_mem_free(&mem, h, sizeof *h);
    }
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->looking);
    dgm_arena_free(&l->arena);
    dgm_mem_free(&mem, l, sizeof *l);
}

const dgm_context *dgm_live_hold(dgm_live *l)
{
    pthread_mutex_lock(&l->lock);
    l->newest->holders++;
    const dgm_context *c = l->newest->context;
    pthread_mutex_unlock(&l->lock);
    return c;
}

/* Takes out of the list what was replaced and is held by nobody. */
static held *unused(dgm_live *l)
{
    held *gone = NULL;
    for (held **at = &l->newest->next; *at;) {
        held *h = *at;
        if (h->holders) {
            at = &h->next;
            continue;
        }
        *at = h->next;
        h->next = gone;
        gone = h;
    }
    return gone;
}

static void free_all(const dgm_live *l, held *gone)
{
    dgm_mem mem = l->mem;
    for (held *next; gone; gone = next) {
        next = gone->next;
        dgm_context_free(gone->context);
        dgm_mem_free(&mem, gone, sizeof *gone);
    }
}

void dgm_live_give_back(dgm_live *l, const dgm_context *c)
{
    if (!c) return;
    pthread_mutex_lock(&l->lock);
    held *h = l->newest;
    while (h && h->context != c) h = h->next;
    if (h && h->holders) h->holders--;
    held *gone = unused(l);
    pthread_mutex_unlock(&l->lock);
    free_all(l, gone);
}

/* The files have changed and come to rest. */
static dgm_status load(dgm_live *l, const dgm_stamp *now, dgm_diags *diags)
{
    held *h = dgm_mem_new(&l->mem, sizeof *h), *gone = h;
    dgm_stamp after;
    if (!h) return DGM_NOMEM;
    dgm_diags_clear(diags);
    dgm_status s = dgm_context_open(&l->options, diags, &h->context), stamped = stamp(l, &after);
    if (stamped == DGM_OK && after.sum != now->sum) { /* changed meanwhile: nothing is known of what was loaded */
        dgm_diags_clear(diags);
        free_all(l, h);
        return DGM_MORE;
    }
    /* Only this thread changes which is the newest. */
    if (s == DGM_OK && strcmp(h->context->version, l->newest->context->version) == 0) s = DGM_END; /* touched, but the same */
    if (s == DGM_OK && l->accept) s = l->accept(l->accept_ctx, h->context, diags);
    if (s != DGM_NOMEM) l->loaded = *now;
    if (s == DGM_OK) {
        pthread_mutex_lock(&l->lock);
        h->next = l->newest;
        l->newest = h;
        gone = unused(l);
        pthread_mutex_unlock(&l->lock);
    }
    free_all(l, gone);
    return s;
}

dgm_status dgm_live_look(dgm_live *l, dgm_diags *diags)
{
    dgm_stamp now;
    if (pthread_mutex_trylock(&l->looking) != 0) return DGM_END;
    dgm_status s = stamp(l, &now);
    const int64_t ms = l->world.now_ms(l->world.ctx);
    if (s == DGM_OK && now.sum != l->seen.sum) {
        l->seen = now;
        l->seen_ms = ms;
    }
    if (s == DGM_OK && now.sum == l->loaded.sum)
        s = DGM_END;
    else if (s == DGM_OK)
        /* A clock that is not the one of the files does not make it wait for ever. */
        s = ms - now.newest_ms < DGM_LIVE_SETTLE_MS && ms - l->seen_ms < DGM_LIVE_SETTLE_MS ? DGM_MORE : load(l, &now, diags);
    pthread_mutex_unlock(&l->looking);
    return s;
}
