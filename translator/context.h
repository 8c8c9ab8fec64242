/* SPDX-License-Identifier: Apache-2.0
 *
 * context.h - the inside of a dgm_context: every vocabulary, format and mapping of a folder, and what joins them. Read-only once
 * open, but for what is loaded when it is needed (context_need.c), for guides, and for keys of partners: each once, and behind a
 * lock.
 */
#ifndef DGM_CONTEXT_H
#define DGM_CONTEXT_H

#include "base/arena.h"
#include "codecs/foreign.h"
#include "dragoman.h"
#include "mapping/mapping.h"

#include <pthread.h>
#include <stdatomic.h>

/* How far something is: its file was only looked at; it is loaded, and stays so; it is broken. Whoever finds it loaded may read it
 * without the lock. */
enum { DGM_SEEN, DGM_LOADED, DGM_BROKEN };
typedef struct dgm_need {
    _Atomic int state;
    dgm_diags *why; /* of what is broken: its mistakes; read-only then */
} dgm_need;

typedef struct dgm_model_entry {
    dgm_slice path, bytes;
    dgm_slice name; /* "Declaration@1" */
    dgm_shape *shape;
    dgm_format json; /* the model itself as a format of the JSON codec; its title is the model's name */
    dgm_need need;
} dgm_model_entry;

typedef struct dgm_mapping_entry {
    dgm_slice path, bytes;
    dgm_slice name, format, model; /* as its file says; format: of a derivation, the model it starts from */
    bool derives, given;           /* given: by the caller, in place of one of the folder */
    bool misfit;                   /* it is well, and does not fit those it is to tell documents with */
    _Atomic uint32_t rule_count;   /* once it was loaded */
    dgm_mapping *mapping;          /* to be read by who asked for it (dgm_context_need_mapping) */
    dgm_need need;
} dgm_mapping_entry;

typedef struct dgm_format_entry {
    dgm_slice path;
    dgm_format format;
    const dgm_codec *codec;
    dgm_shape *shape;           /* owned; format.shape points to it */
    bool head;                  /* only what stands at the beginning of its file was read: neither settings nor names */
    dgm_mapping_entry *mapping; /* what joins it to a model, or NULL */
    dgm_need need;
} dgm_format_entry;

/* A file that others may ask for while they are loaded: as it was when the context was opened. */
typedef struct dgm_kept_file {
    dgm_slice path, name, bytes; /* name: without its suffix */
} dgm_kept_file;
typedef struct dgm_kept_files {
    dgm_kept_file *at;
    size_t count;
} dgm_kept_files;

/* A guide's file, found beside those of formats, and loaded with all others when somebody first asks for one (context_guides.c). */
typedef struct dgm_guide_entry {
    dgm_slice path, bytes;
    const dgm_codec *codec;
    void *guide; /* owned (dgm_codec.guide_free); NULL: not loaded */
} dgm_guide_entry;

/* What changes after a context was opened: whether its guides are loaded; and what was loaded when it was needed, one thing at a
 * time. */
typedef struct dgm_guides_state {
    pthread_mutex_t lock;
    bool there, loaded; /* there: the lock is */
} dgm_guides_state;
typedef struct dgm_needs {
    pthread_mutex_t lock;
    bool there;
    struct dgm_context *c;
} dgm_needs;

/* What readers of one codec are told of. */
typedef struct dgm_format_list {
    const dgm_format **at;
    size_t count;
    void **knowledge; /* owned (dgm_codec.knowledge_free) */
    size_t knowledge_count;
    const void **guides; /* of entries of the context */
    size_t guide_count;
} dgm_format_list;

struct dgm_context {
    dgm_mem mem;
    dgm_world world;
    dgm_limits limits;
    dgm_arena arena;
    dgm_slice folder;
    dgm_slice schemas;            /* folders of schemas, a colon between them; or empty */
    dgm_file_source schema_files; /* for formats: ctx is the context */
    dgm_model_entry *models;
    dgm_mapping_entry *mappings;
    dgm_format_entry *formats;
    dgm_guide_entry *guides;
    dgm_guides_state *guides_state;
    dgm_needs *needs;
    bool as_needed;              /* files are looked at when it is opened, and loaded when they are needed */
    dgm_kept_files rules, codes; /* of the folder, for those who extend them or look codes up */
    size_t model_count, mapping_count, format_count, guide_count;
    const dgm_answer_code *answer_codes; /* codes of application errors, of codes/application-errors.yaml */
    size_t answer_code_count;
    struct dgm_partner *partners; /* by the names of their files */
    size_t partner_count;
    struct dgm_partner_keys *partner_keys; /* their certificates and keys: what else changes after it was opened */
    char version[17];                      /* of all files that were loaded, their names and their bytes */
    const dgm_codec *const *codecs;        /* NULL-ended; the built-in ones first, as in dgm_codecs */
    dgm_format_list *by_codec;             /* parallel to codecs: what readers are told of */
};

/* Index of a built-in codec in dgm_codecs, and so in every context, or -1; and of any codec of a context. */
int dgm_context_codec(dgm_slice name);
int dgm_context_codec_of(const dgm_context *c, dgm_slice name);
const dgm_format_entry *dgm_context_find(const dgm_context *c, dgm_slice format);
/* The entry a loaded dgm_format belongs to; NULL for the JSON form of a model. */
const dgm_format_entry *dgm_context_entry(const dgm_context *c, const dgm_format *format);
const dgm_model_entry *dgm_context_model(const dgm_context *c, dgm_slice name);
const dgm_mapping_entry *dgm_context_mapping(const dgm_context *c, dgm_slice name); /* NULL: none is called that */
/* The mapping that makes one canonical document of another, by the names of their models; NULL: none does. */
const dgm_mapping_entry *dgm_context_derivation(const dgm_context *c, dgm_slice from, dgm_slice to);

/* What is about to be used is loaded, if it is not yet (context_need.c). DGM_OK: it is there, and stays so. DGM_CONFIG: it is
 * broken; diags, which may be NULL, tell its mistakes, each time it is asked for. DGM_NOMEM: the next who asks tries again. In any
 * thread. */
dgm_status dgm_context_need_model(const dgm_context *c, const dgm_model_entry *m, dgm_diags *diags);
dgm_status dgm_context_need_format(const dgm_context *c, const dgm_format_entry *f, dgm_diags *diags);
dgm_status dgm_context_need_mapping(const dgm_context *c, const dgm_mapping_entry *m, dgm_diags *diags);
dgm_status dgm_context_need_codec(const dgm_context *c, size_t codec, dgm_diags *diags); /* all formats of it */
/* That a mapping is set aside, and why, when it was found broken after the context was opened. softly: the mistakes are warnings,
 * for what is told of is not refused for them. */
void dgm_context_tell_aside(const dgm_mapping_entry *m, bool softly, dgm_diags *diags);
/* All of it, as dgm_context_check, but that mappings which are broken are only told, as set aside; each thing is let go again when
 * it was looked at, so that memory is needed for one at a time. Nobody else may use the context meanwhile. */
dgm_status dgm_context_look_through(dgm_context *c, dgm_diags *diags);
/* Says that no format has this name, with the nearest that there is (or "json"): DGM_UNKNOWN. */
dgm_status dgm_context_unknown_format(const dgm_context *c, dgm_slice name, dgm_diags *diags);
/* A format file as it would be loaded, for those who check or try it: format and shape live in the arena, but the shape, which the
 * caller frees. DGM_CONFIG: diags say why not. */
dgm_status dgm_context_format_read(const dgm_context *c, dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags,
                                   dgm_format *format, dgm_shape **shape);
/* Files of schemas, as dgm_file_source.read; ctx is a context (schema_files.c). */
dgm_status dgm_schema_file(void *ctx, dgm_arena *arena, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes,
                           const char **why);
/* Guides: made ready with the formats, before any is loaded; freed with the context. */
dgm_status dgm_context_guides_prepare(dgm_context *c);
void dgm_context_guides_free(dgm_context *c);
/* Do settings of a reader ask for guides: by name, or by a level that takes their codes? */
bool dgm_context_guides_asked(const dgm_setting *reader, size_t n);

/* A table of codes for answers (YAML, answers/1): names of diagnostics, or beginnings with * behind, and their codes. DGM_CONFIG:
 * diags say what is wrong. Everything lives in the arena. */
dgm_status dgm_answer_codes_read(dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags, const dgm_answer_code **codes,
                                 size_t *count);

#endif
