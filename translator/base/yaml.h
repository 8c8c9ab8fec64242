/* SPDX-License-Identifier: Apache-2.0
 *
 * yaml.h - the small YAML that integrators write: maps, lists and text, every scalar being text, each with its place in the file.
 * Anchors, aliases, tags, merges and duplicate keys are refused. YAML 1.1 through libyaml's event parser. One thread; pure.
 */
#ifndef DGM_BASE_YAML_H
#define DGM_BASE_YAML_H

#include "arena.h"
#include "diag.h"

typedef enum dgm_yaml_kind { DGM_YAML_TEXT, DGM_YAML_LIST, DGM_YAML_MAP } dgm_yaml_kind;

/* Where something stands: column and byte count bytes, from 1 and from 0. */
typedef struct dgm_yaml_mark {
    uint64_t byte;
    uint32_t line, column;
    uint32_t bytes; /* of the thing itself in the file, quotes included; 0 for lists and maps */
} dgm_yaml_mark;

typedef struct dgm_yaml dgm_yaml;
struct dgm_yaml {
    dgm_yaml_kind kind;
    bool quoted;
    uint32_t file; /* 0; whoever puts several files together may number them */
    dgm_yaml_mark mark, key_mark;
    dgm_slice key;         /* of a member of a map; else empty */
    dgm_slice text;        /* of a text */
    uint32_t count;        /* members of a list or map */
    const dgm_yaml *first; /* first member */
    const dgm_yaml *next;  /* next member of the same list or map */
};

enum { DGM_YAML_DEPTH_MAX = 32, DGM_YAML_NODES_MAX = 1 << 20, DGM_YAML_BYTES_MAX = 16 << 20 };

/* The root of the one document of a file; nodes and texts live in the arena. DGM_OK; DGM_CONFIG: a diagnostic says why; DGM_NOMEM.
 */
dgm_status dgm_yaml_read(dgm_arena *arena, dgm_slice path, dgm_slice bytes, dgm_diags *diags, const dgm_yaml **out);
/* The member of a map with this key, or NULL. */
const dgm_yaml *dgm_yaml_get(const dgm_yaml *map, const char *key);
/* A diagnostic at a place of a YAML file, with the line as its excerpt; offset and bytes choose a part of the thing marked (bytes
 * 0: all of it). The caller adds arguments. May return NULL, as dgm_diags_add. */
dgm_diag *dgm_yaml_fault(dgm_diags *diags, dgm_slice path, dgm_slice file, dgm_yaml_mark mark, dgm_diag_code code,
                         dgm_severity severity);

#endif
