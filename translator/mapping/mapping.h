/* SPDX-License-Identifier: Apache-2.0
 *
 * mapping.h - what the rest of the library needs of the mapping room: load a mapping file, run it in either direction, account for
 * every value, explain it. The language is specified in mappings/README.md.
 *
 * A dgm_mapping is immutable once loaded and shared by threads; a dgm_runner (scratch memory) belongs to one thread.
 */
#ifndef DGM_MAPPING_MAPPING_H
#define DGM_MAPPING_MAPPING_H

#include "base/diag.h"
#include "model/tree.h"

/* read: wire → model; write: model → wire. */
typedef enum dgm_direction { DGM_READ = 0, DGM_WRITE = 1 } dgm_direction;

/* What loading may ask for; everything it returns is borrowed and outlives the mapping (shapes) or the load (bytes). */
typedef struct dgm_mapping_env {
    dgm_mem mem;
    void *ctx;
    const dgm_shape *(*format)(void *ctx, dgm_slice name); /* "cusdec-d96b"; NULL when there is none */
    const dgm_shape *(*model)(void *ctx, dgm_slice name);  /* "Declaration@1" */
    /* Bytes of a code table, fragment or extended mapping: kind "codes", "rules"; name as the mapping spells it. *path receives the
     * name for diagnostics. DGM_UNKNOWN when there is none. */
    dgm_status (*file)(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path);
    /* Names there are of kind "formats", "models", "codes": for "did you mean"; returns how many, fills at most room. */
    size_t (*names)(void *ctx, const char *kind, dgm_slice *out, size_t room);
} dgm_mapping_env;

typedef struct dgm_mapping dgm_mapping;

/* Loads, checks and compiles both directions. All mistakes of the file go to diags at once, each with file, line, column and
 * nearest name. path: the file's name for diagnostics. DGM_OK, DGM_CONFIG (diagnostics say why), DGM_NOMEM. */
dgm_status dgm_mapping_load(const dgm_mapping_env *env, dgm_slice path, dgm_slice yaml, dgm_diags *diags, dgm_mapping **out);
void dgm_mapping_free(dgm_mapping *m);
dgm_slice dgm_mapping_name(const dgm_mapping *m);
dgm_slice dgm_mapping_format(const dgm_mapping *m); /* name of its wire format; of a derivation the model it starts from */
bool dgm_mapping_derives(const dgm_mapping *m);     /* from one canonical document to another: it is only read */
dgm_slice dgm_mapping_model(const dgm_mapping *m);  /* "Declaration@1" */
/* Digest of the plan (SHA-256, 32 bytes): equal for equal behaviour of equal files. */
const unsigned char *dgm_mapping_digest(const dgm_mapping *m);

/* A rule for people: where it stands and its text. */
typedef struct dgm_rule_info {
    dgm_slice file;
    uint32_t line, column;
    dgm_slice wire, model; /* its places as written */
    dgm_slice text;        /* its line(s) of YAML, at most 256 bytes */
} dgm_rule_info;
uint32_t dgm_mapping_rule_count(const dgm_mapping *m);
dgm_rule_info dgm_mapping_rule(const dgm_mapping *m, uint32_t rule);
/* What a ** rule covers: how many pairs of slots, and pair i of them (DGM_SLOT_NONE past the end). 0 for other rules. */
uint32_t dgm_mapping_covered(const dgm_mapping *m, uint32_t rule, uint32_t i, uint32_t *wire, uint32_t *model);

typedef struct dgm_param {
    dgm_slice name, value;
} dgm_param;
typedef struct dgm_run_options {
    bool accounts; /* account for every value: residue and unsaid are found */
    bool origin;   /* provenance in the tree that is made */
    bool partly;   /* what could be mapped is made although other values could not: DGM_INVALID, and *out is not NULL */
    const dgm_param *params;
    size_t param_count;
} dgm_run_options;

typedef struct dgm_runner dgm_runner;
dgm_status dgm_runner_new(const dgm_mem *mem, const dgm_limits *limits, dgm_runner **out);
void dgm_runner_free(dgm_runner *r);

/* Maps one tree. Problems of the message go to diags (position and bytes of the source node, rule). DGM_OK: *out is a whole
 * document, perhaps with warnings (its values may stand in the bytes of `in`: dgm_tree_own what is to outlive it); DGM_INVALID:
 * values could not be mapped (diagnostics, at least one an error), *out NULL; DGM_NOMEM; DGM_LIMIT; DGM_USAGE: the tree is of
 * another shape than the mapping reads in this direction (a derivation writes nothing). */
dgm_status dgm_mapping_run(dgm_runner *r, const dgm_mapping *m, dgm_direction direction, const dgm_tree *in,
                           const dgm_run_options *options, dgm_diags *diags, dgm_tree **out);
/* Gives a tree made by the runner back (instead of dgm_tree_free). */
void dgm_runner_recycle(dgm_runner *r, dgm_tree *t);

/* Accounts of the last run (options.accounts): every non-empty leaf of the source is in exactly one. */
typedef enum dgm_account {
    DGM_ACCOUNT_NONE, /* interior node or empty leaf */
    DGM_ACCOUNT_MAPPED,
    DGM_ACCOUNT_SELECTOR,
    DGM_ACCOUNT_VERIFIED,
    DGM_ACCOUNT_IGNORED,
    DGM_ACCOUNT_ENVELOPE,
    DGM_ACCOUNT_RESIDUE /* reading: residue; writing: unsaid */
} dgm_account;
/* One entry for each node of the source tree of the last run; NULL when accounts were off. Valid until the next run. */
const uint8_t *dgm_runner_accounts(const dgm_runner *r);
/* The rule that used (or ignored) a source node in the last run, or DGM_NONE. */
uint32_t dgm_runner_rule(const dgm_runner *r, uint32_t node);
/* Whether messages of a mapping may say only what changes (`partial`). */
bool dgm_mapping_partial(const dgm_mapping *m);
/* Whether what was mapped last says only what changes (`partial`), so that what it lacks is only not mentioned. */
bool dgm_runner_partial(const dgm_runner *r);
uint32_t dgm_runner_residue_count(const dgm_runner *r);

#endif
