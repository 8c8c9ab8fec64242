/* SPDX-License-Identifier: Apache-2.0
 *
 * context_load.h - what the files share that open a context (context.c), keep its files (context_files.c), look at them
 * (context_look.c) and load them (context_need.c). Under the lock of the context, or while nobody else knows it.
 */
#ifndef DGM_CONTEXT_LOAD_H
#define DGM_CONTEXT_LOAD_H

#include "context.h"
#include "files.h"
#include "mapping/format_file.h"

typedef struct dgm_loading {
    dgm_context *c;
    dgm_diags *diags;
    bool opening;    /* files are read, and take part in the version */
    void *sum;       /* of what was read so far; NULL: no memory for it */
    bool lacks;      /* a shape is not there for lack of memory */
    dgm_slice given; /* path of the mapping that is loaded, when the caller gave it; empty */
} dgm_loading;

/* ---- context_files.c ---- */

bool dgm_loading_begin(dgm_loading *l);     /* false: no memory */
dgm_status dgm_loading_end(dgm_loading *l); /* the version is known */
void dgm_loading_count(dgm_loading *l, dgm_slice name, dgm_slice bytes);
/* Says one thing about a file. */
void dgm_loading_say(dgm_loading *l, dgm_diag_code code, dgm_slice what, dgm_slice more, dgm_slice source);
/* Reads folder/name; an unreadable file is told and gives DGM_CONFIG. folder empty: name is a path. */
dgm_status dgm_loading_file(dgm_loading *l, dgm_slice folder, dgm_slice name, dgm_slice *path, dgm_slice *bytes);
/* Lists folder; one that cannot be read is told. */
dgm_status dgm_loading_list(dgm_loading *l, dgm_slice folder, const char *suffix, dgm_names *names);
/* Whether a name is one of a file beside others: no path. */
bool dgm_loading_plain(dgm_slice name);
/* Keeps the files of a folder of the mappings, but for cases; those that cannot be read are left out. */
dgm_status dgm_loading_keep(dgm_loading *l, const char *folder, const char *suffix, dgm_kept_files *out);
const dgm_kept_file *dgm_kept_find(const dgm_kept_files *files, dgm_slice name);
/* dgm_mapping_env.file and .names; ctx: a dgm_loading. */
dgm_status dgm_loading_env_file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path);
size_t dgm_loading_env_names(void *ctx, const char *kind, dgm_slice *out, size_t room);

/* ---- context_look.c: what a file says of itself, without loading it. DGM_UNKNOWN: that can only be told by loading it. ---- */

dgm_status dgm_look_model(dgm_model_entry *m);
dgm_status dgm_look_mapping(dgm_loading *l, dgm_mapping_entry *m);
/* Name, title, codec and table. */
dgm_status dgm_look_format(dgm_slice bytes, dgm_slice *name, dgm_slice *title, dgm_slice *codec, dgm_slice *table);

/* ---- context_need.c: loads at once; the mistakes go to l->diags ---- */

dgm_status dgm_load_model(dgm_loading *l, dgm_model_entry *m);
dgm_status dgm_load_format(dgm_loading *l, dgm_format_entry *f);
/* What it says of itself is known then. Not yet held against those it is to tell documents with. */
dgm_status dgm_load_mapping(dgm_loading *l, dgm_mapping_entry *m);
/* Settings and names of a format file into the arena of the context. */
dgm_status dgm_take_settings(dgm_context *c, const dgm_format_file *file, dgm_format *f);
dgm_status dgm_needs_prepare(dgm_context *c);
void dgm_needs_free(dgm_context *c); /* and all that was loaded */
/* dgm_format.need of the formats of a context; owner: the context. */
dgm_status dgm_needs_format(const dgm_format *f, dgm_diags *diags);

#endif
