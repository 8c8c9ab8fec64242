/* SPDX-License-Identifier: Apache-2.0
 *
 * private.h - what the files of delivery share. One thread.
 */
#ifndef DGM_DELIVERY_PRIVATE_H
#define DGM_DELIVERY_PRIVATE_H

#include "crash.h"
#include "delivery.h"
#include "late_store.h"

#include <stdio.h>

enum { DGM_TRIES_MAX = 8, DGM_ID_MAX = 64 };

struct dgm_delivery {
    dgm_delivery_options o;
    int in, claim, out, stage, bad, done; /* folders; done: -1 unless inputs are kept */
    int lock_in, lock_out;
    uint64_t refused, troubled;
    const dgm_context *context; /* held */
    dgm_late_store late;        /* where parts of documents wait; until what is complete with an input is staged */
};

/* One input on its way. */
typedef struct dgm_claim {
    char id[DGM_ID_MAX];
    char name[NAME_MAX + 1];
    int folder;                /* IN/.claim/<id> */
    char target[NAME_MAX + 1]; /* where the first document, or the refused file, went */
    uint32_t documents;
    uint64_t errors, warnings;
    bool refused;
} dgm_claim;

/* ---- folders (folder.c): DGM_OK or DGM_IO with errno ---- */
int dgm_folder_open(int at, const char *name, bool make);
dgm_status dgm_folder_sync(const dgm_delivery *d, int folder);
/* Removes a folder with the files in it; fine when it is not there. */
dgm_status dgm_folder_remove(int at, const char *name);
/* Names in a folder, sorted by time then name (by_time) or name; hidden: those that begin with a dot too. The caller frees list
 * with dgm_folder_list_free. */
typedef struct dgm_folder_entry {
    char name[NAME_MAX + 1];
    int64_t time_ns;
} dgm_folder_entry;
typedef struct dgm_folder_names {
    dgm_mem mem;
    dgm_folder_entry *at;
    size_t count, capacity;
} dgm_folder_names;
dgm_status dgm_folder_list_names(const dgm_mem *mem, int folder, bool by_time, bool hidden, dgm_folder_names *out);
void dgm_folder_list_free(dgm_folder_names *names);
/* Renames into a folder under `wanted`, or, when that is taken, wanted-2, wanted-3 … (before the suffix that begins at the last
 * dot); nothing is ever replaced. given: the name it got. */
dgm_status dgm_folder_put(int from, const char *name, int to, const char *wanted, const char *id, char given[NAME_MAX + 1]);
/* wanted, or wanted-n before its suffix, cut so that it fits into a name of a file with `spare` more bytes. */
bool dgm_folder_name(const char *wanted, unsigned n, size_t spare, char out[NAME_MAX + 1]);

/* ---- rules.c: which mappings hold ---- */
/* Those that hold now, from the next input on. */
void dgm_rules_look(dgm_delivery *d);

/* watch.c: tells an event about an input or the whole; c may be NULL. */
void dgm_delivery_tell(dgm_delivery *d, dgm_delivery_kind kind, const dgm_claim *c, const char *input, const char *why,
                       int64_t began);

/* ---- steps ---- */
/* claim.c: IN/name → .claim/<id>/name. DGM_END: it is no longer there, or not ours to take. */
dgm_status dgm_claim_take(dgm_delivery *d, const char *name, dgm_claim *out);
/* An earlier run's claim; DGM_END: it is empty (and has been removed). */
dgm_status dgm_claim_again(dgm_delivery *d, const char *id, dgm_claim *out);
dgm_status dgm_claim_drop(dgm_delivery *d, dgm_claim *c);
void dgm_claim_close(dgm_claim *c);
/* stage.c: translates and stages. DGM_OK: staged (c->refused tells the verdict). */
dgm_status dgm_stage_make(dgm_delivery *d, dgm_claim *c);
/* deliver.c: brings a claim to its end from wherever it stands. */
dgm_status dgm_claim_finish(dgm_delivery *d, dgm_claim *c);

#endif
