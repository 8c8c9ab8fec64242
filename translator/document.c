/* SPDX-License-Identifier: Apache-2.0
 *
 * document.c - messages and documents made by hand, path by path, and trees written one by one. What a path leads to is looked up
 * in the shape of its format, so a document can only hold what its format has. One thread for each.
 */
#include "context.h"
#include "job.h"
#include "model/amend.h"

#include "base/diag.h"

/* ---- which format is meant ---- */

typedef struct target {
    const dgm_format *format;
    const dgm_codec *codec;
    /* of a message that no loaded format declares */
    dgm_format own;
    dgm_setting settings[4];
    dgm_shape *own_shape;
} target;

/* "CUSDEC:D.96B", "CUSDEC:D:96B", "CUSDEC:D:96B:UN": a message of a directory. */
static dgm_status by_directory(const dgm_context *c, dgm_slice name, dgm_diags *diags, target *out)
{
    dgm_cut type = dgm_slice_cut(name, ':');
    bool dotted = type.tail.len > 2 && type.tail.at[1] == '.';
    dgm_cut version = dgm_slice_cut(type.tail, dotted ? '.' : ':'), release = dgm_slice_cut(version.tail, ':');
    if (!type.head.len || !version.head.len || !release.head.len) return dgm_context_unknown_format(c, name, diags);
    const dgm_slice values[] = { type.head, version.head, release.head };
    static const char *const names[] = { "message", "version", "release" };
    for (size_t i = 0; i < 3; i++) out->settings[i] = (dgm_setting){ dgm_slice_of(names[i]), values[i] };
    out->codec = &dgm_codec_edifact;
    out->own = (dgm_format){ .name = name, .codec = DGM_LITERAL("edifact"), .settings = out->settings, .setting_count = 3 };
    dgm_host host = dgm_host_make(&c->mem, &c->limits, diags, &c->world, NULL, 0);
    dgm_status s = out->codec->shape(&host, &out->own, &out->own_shape);
    out->own.shape = out->own_shape;
    out->format = &out->own;
    return s == DGM_CONFIG ? DGM_UNKNOWN : s;
}

static dgm_status find_target(const dgm_context *c, dgm_slice name, dgm_diags *diags, target *out)
{
    const dgm_format_entry *entry = dgm_context_find(c, name);
    if (entry) {
        dgm_status s = dgm_context_need_format(c, entry, diags);
        if (s != DGM_OK) return s;
        out->format = &entry->format;
        out->codec = entry->codec;
        return DGM_OK;
    }
    dgm_cut cut = dgm_slice_cut(name, ':');
    if (dgm_slice_is(cut.head, "json") && cut.found) {
        const dgm_model_entry *model = dgm_context_model(c, cut.tail);
        if (!model) return dgm_context_unknown_format(c, name, diags);
        dgm_status s = dgm_context_need_model(c, model, diags);
        if (s != DGM_OK) return s;
        out->format = &model->json;
        out->codec = &dgm_codec_json;
        return DGM_OK;
    }
    return cut.found ? by_directory(c, name, diags, out) : dgm_context_unknown_format(c, name, diags);
}

/* ---- documents ---- */

/* What stands where: builder ids by parent, slot and occurrence, in a table with open addresses. */
typedef struct place {
    uint32_t parent, slot, occurrence, id;
} place;

struct dgm_document {
    const dgm_context *context;
    dgm_mem mem;
    dgm_slice name; /* of the format, a copy */
    char *name_at;
    target target;
    dgm_builder *builder;
    dgm_tree *tree;
    place *places;
    uint32_t place_count, place_room; /* room: a power of two, or 0 */
};

static uint32_t hash(uint32_t parent, uint32_t slot, uint32_t occurrence)
{
    uint64_t h = ((uint64_t)parent << 32 | slot) * 0x9E3779B97F4A7C15u + occurrence;
    return (uint32_t)(h * 0xD6E8FEB86659FD93u >> 33);
}

static place *find_place(dgm_document *d, uint32_t parent, uint32_t slot, uint32_t occurrence)
{
    uint32_t i = hash(parent, slot, occurrence) & (d->place_room - 1);
    for (; d->places[i].occurrence; i = (i + 1) & (d->place_room - 1)) {
        const place *p = &d->places[i];
        if (p->parent == parent && p->slot == slot && p->occurrence == occurrence) break;
    }
    return &d->places[i];
}

static dgm_status more_places(dgm_document *d)
{
    if (2 * (d->place_count + 1) < d->place_room) return DGM_OK;
    dgm_document old = *d;
    d->place_room = old.place_room ? 2 * old.place_room : 64;
    d->places = dgm_mem_new(&d->mem, d->place_room * sizeof *d->places);
    if (!d->places) {
        d->places = old.places;
        d->place_room = old.place_room;
        return DGM_NOMEM;
    }
    for (uint32_t i = 0; i < old.place_room; i++) {
        const place *p = &old.places[i];
        if (p->occurrence) *find_place(d, p->parent, p->slot, p->occurrence) = *p;
    }
    dgm_mem_free(&d->mem, old.places, old.place_room * sizeof *old.places);
    return DGM_OK;
}

dgm_status dgm_document_new(const dgm_context *c, dgm_slice format, dgm_diags *diags, dgm_document **out)
{
    *out = NULL;
    if (!c) return DGM_USAGE;
    dgm_mem mem = c->mem;
    dgm_document *d = dgm_mem_new(&mem, sizeof *d);
    if (!d) return DGM_NOMEM;
    d->context = c;
    d->mem = mem;
    d->name_at = dgm_mem_new(&mem, format.len + 1);
    if (d->name_at && format.len) memcpy(d->name_at, format.at, format.len);
    d->name = (dgm_slice){ d->name_at, format.len };
    dgm_status s = d->name_at ? find_target(c, d->name, diags, &d->target) : DGM_NOMEM;
    if (s == DGM_OK) s = dgm_builder_new(&d->mem, &c->limits, &d->builder);
    if (s == DGM_OK) s = dgm_builder_begin(d->builder, d->target.format->shape, false);
    if (s == DGM_OK)
        *out = d;
    else
        dgm_document_free(d);
    return s;
}

void dgm_document_free(dgm_document *d)
{
    if (!d) return;
    dgm_mem mem = d->mem;
    dgm_tree_free(d->tree);
    dgm_builder_free(d->builder);
    dgm_shape_free(d->target.own_shape);
    dgm_mem_free(&mem, d->places, d->place_room * sizeof *d->places);
    dgm_mem_free(&mem, d->name_at, d->name.len + 1);
    dgm_mem_free(&mem, d, sizeof *d);
}

void dgm_document_clear(dgm_document *d)
{
    dgm_tree_free(d->tree);
    d->tree = NULL;
    d->place_count = 0;
    if (d->places) memset(d->places, 0, d->place_room * sizeof *d->places);
    (void)dgm_builder_begin(d->builder, d->target.format->shape, false); /* a failure stays with the builder and is told by set() */
}

static dgm_status no_such_step(dgm_document *d, uint32_t slot, dgm_slice step, dgm_slice path, dgm_diags *diags)
{
    const dgm_shape *shape = d->target.format->shape;
    const dgm_slot *at = dgm_shape_slot(shape, slot);
    dgm_slice near = { 0 }, names[256];
    size_t n = 0;
    for (uint32_t i = 0; at && i < at->child_count && n < 256; i++) names[n++] = dgm_shape_slot(shape, at->first_child + i)->name;
    int nearest = dgm_nearest(dgm_slice_cut(step, '#').head, names, n);
    if (nearest >= 0) near = names[nearest];
    dgm_diag *diag = dgm_diags_add(diags, DGM_D_DOCUMENT_PATH, DGM_ERROR);
    dgm_diag_text(diags, diag, path);
    dgm_diag_text(diags, diag, d->target.format->name.len ? d->target.format->name : d->name);
    dgm_diag_text(diags, diag, step);
    dgm_diag_text(diags, diag, near);
    return DGM_UNKNOWN;
}

/* The node of a step, made when it is not there yet. */
static uint32_t step_into(dgm_document *d, uint32_t parent, uint32_t slot, uint32_t occurrence)
{
    if (more_places(d) != DGM_OK) return DGM_NONE;
    place *p = find_place(d, parent, slot, occurrence);
    if (p->occurrence) return p->id;
    dgm_kind kind = dgm_shape_slot(d->target.format->shape, slot)->kind;
    uint32_t id = kind == DGM_ATTRIBUTE ? dgm_builder_attribute(d->builder, parent, slot, (dgm_slice){ 0 })
                  : dgm_kind_leaf(kind) ? dgm_builder_leaf(d->builder, parent, slot, occurrence, (dgm_slice){ 0 })
                                        : dgm_builder_open(d->builder, parent, slot, occurrence);
    if (id == DGM_NONE) return id;
    *p = (place){ parent, slot, occurrence, id };
    d->place_count++;
    return id;
}

dgm_status dgm_document_set(dgm_document *d, dgm_slice path, dgm_slice value, dgm_diags *diags)
{
    if (d->tree) return DGM_USAGE;
    const dgm_shape *shape = d->target.format->shape;
    uint32_t id = 0, slot = DGM_SLOT_ROOT;
    for (dgm_cut cut = { .tail = path, .found = path.len > 0 }; cut.found;) {
        cut = dgm_slice_cut(cut.tail, '/');
        dgm_slice name, step = cut.head;
        uint32_t number = 0;
        bool good = dgm_path_step(step, &name, &number);
        uint32_t child = good ? dgm_shape_child(shape, slot, name, number) : DGM_SLOT_NONE;
        if (child == DGM_SLOT_NONE) return no_such_step(d, slot, step, path, diags);
        id = step_into(d, id, child, number - dgm_shape_slot(shape, child)->ordinal + 1);
        if (id == DGM_NONE) {
            dgm_status s = dgm_builder_status(d->builder);
            return s == DGM_OK ? DGM_NOMEM : s;
        }
        slot = child;
    }
    if (!dgm_kind_leaf(dgm_shape_slot(shape, slot)->kind)) {
        dgm_diag *diag = dgm_diags_add(diags, DGM_D_DOCUMENT_VALUE, DGM_ERROR);
        dgm_diag_text(diags, diag, path);
        return DGM_UNKNOWN;
    }
    return dgm_builder_set(d->builder, id, value);
}

dgm_status dgm_document_amend(dgm_document *d, const dgm_tree *base, const dgm_tree *partial, dgm_diags *diags)
{
    if (d->tree || dgm_builder_has_children(d->builder, 0) || base->shape != d->target.format->shape) return DGM_USAGE;
    return dgm_amend_apply(&d->mem, base, partial, diags, d->builder);
}

dgm_status dgm_document_difference(dgm_document *d, const dgm_tree *base, const dgm_tree *full, const dgm_amendment *options,
                                   dgm_diags *diags)
{
    if (d->tree || dgm_builder_has_children(d->builder, 0) || base->shape != d->target.format->shape) return DGM_USAGE;
    if (options->struct_bytes != sizeof *options) return DGM_USAGE;
    const dgm_amend_head head = { options->function, options->type, options->reference, options->reason };
    dgm_status s = dgm_amend_make(&d->mem, base, full, &head, diags, d->builder);
    if (s == DGM_OK) s = dgm_builder_freeze(d->builder, &d->tree, NULL);
    return s == DGM_OK ? dgm_amend_prove(&d->mem, base, d->tree, full, diags) : s;
}

dgm_status dgm_document_tree(dgm_document *d, const dgm_tree **out)
{
    *out = NULL;
    dgm_status s = d->tree ? DGM_OK : dgm_builder_freeze(d->builder, &d->tree, NULL);
    if (s == DGM_OK) *out = d->tree;
    return s;
}

/* ---- writing ---- */

struct dgm_output {
    dgm_mem mem;
    dgm_arena arena;
    target target;
    dgm_host host;
    dgm_writer *writer;
};

dgm_status dgm_output_open(const dgm_context *c, dgm_slice to, const dgm_named *settings, size_t setting_count, dgm_sink sink,
                           dgm_diags *diags, dgm_output **out)
{
    *out = NULL;
    if (!c || !sink.write) return DGM_USAGE;
    dgm_mem mem = c->mem;
    dgm_output *o = dgm_mem_new(&mem, sizeof *o);
    if (!o) return DGM_NOMEM;
    o->mem = mem;
    dgm_arena_init(&o->arena, &mem);
    dgm_settings s = { 0 };
    dgm_slice name = dgm_arena_copy(&o->arena, to);
    dgm_status status = name.at ? dgm_settings_copy(&o->arena, settings, setting_count, "", &s) : DGM_NOMEM;
    int codec = dgm_context_codec_of(c, name);
    if (status == DGM_OK && codec >= 0)
        o->target.codec = c->codecs[codec]; /* each tree says itself what it is */
    else if (status == DGM_OK)
        status = find_target(c, name, diags, &o->target);
    if (status == DGM_OK) status = dgm_job_check_settings(o->target.codec, true, &s, diags);
    o->host = dgm_host_make(&mem, &c->limits, diags, &c->world, NULL, 0);
    /* A message of a directory that was made here has a shape of its own: the writer goes by the tree's. */
    const dgm_format *format = o->target.own_shape ? NULL : o->target.format;
    if (status == DGM_OK) status = o->target.codec->writer_open(&o->host, format, s.at, s.count, sink, &o->writer);
    if (status == DGM_OK)
        *out = o;
    else
        dgm_output_free(o);
    return status;
}

dgm_status dgm_output_write(dgm_output *o, const dgm_tree *tree)
{
    return tree ? o->target.codec->write(o->writer, tree) : DGM_USAGE;
}

dgm_status dgm_output_finish(dgm_output *o)
{
    return o->target.codec->finish(o->writer);
}

void dgm_output_free(dgm_output *o)
{
    if (!o) return;
    dgm_mem mem = o->mem;
    if (o->writer) o->target.codec->writer_close(o->writer);
    dgm_shape_free(o->target.own_shape);
    dgm_arena_free(&o->arena);
    dgm_mem_free(&mem, o, sizeof *o);
}
