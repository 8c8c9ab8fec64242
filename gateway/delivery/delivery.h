/* SPDX-License-Identifier: Apache-2.0
 *
 * delivery.h - from folder to folder, each input exactly once (definition D of the design, for directories).
 *
 *   IN/name                    lands here
 *   IN/.claim/<id>/name        claimed: one rename; <id> is made of the file's inode, time and length, so it is the same after a
 * crash IN/.claim/<id>/.tries      one byte for each time its translation was begun and not ended by ourselves
 *   IN/.claim/<id>/.records    what was said about it, when it is refused
 *   OUT/.stage/<id>.part/      being written; worthless after a crash
 *   OUT/.stage/<id>/           staged: every document whole and synced (00000001.name.xml …), .refused when the input goes to BAD
 *   OUT/name.xml               delivered: one rename that replaces nothing; what is no longer in .stage/<id> has been delivered
 *   OUT/.stage/<id>.done/      everything was delivered; decides that the claim may go
 *   IN/.done/name              the input, when it is kept;   BAD/name and BAD/name.diagnostics.txt  the input, when it was refused
 *
 * Where the file system has no rename that fails when the target exists (renameat2, EINVAL), the target's name gets the id, so that
 * nothing else can have it. One gateway at a time holds the folders (flock). One thread.
 */
#ifndef DGM_DELIVERY_H
#define DGM_DELIVERY_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"

#include <limits.h>

typedef enum dgm_delivery_kind {
    DGM_DELIVERY_WATCHING, /* ready: what lands from now on is seen */
    DGM_DELIVERY_DELIVERED,
    DGM_DELIVERY_REFUSED,       /* moved to BAD; documents may have been delivered all the same */
    DGM_DELIVERY_FINISHED,      /* what an earlier run began has been brought to its end */
    DGM_DELIVERY_TROUBLE,       /* the surroundings failed; it is tried again */
    DGM_DELIVERY_RULES,         /* the mappings have changed: inputs from now on are translated by them as they are now */
    DGM_DELIVERY_RULES_REFUSED, /* they have changed and cannot be used; those that held still do */
    DGM_DELIVERY_STOPPED
} dgm_delivery_kind;

typedef struct dgm_delivery_event {
    dgm_delivery_kind kind;
    dgm_slice input;   /* name of the file, or the folder watched */
    dgm_slice target;  /* first document delivered, or the file in BAD */
    const char *why;   /* trouble, rules refused: what failed */
    dgm_slice version; /* of the mappings that hold (dgm_context_version) */
    uint32_t documents;
    uint64_t errors, warnings;
    int64_t ms;
} dgm_delivery_event;

typedef struct dgm_delivery_options {
    dgm_live *live;
    bool fixed; /* the mappings stay as they are when the delivery is opened */
    dgm_mem mem;
    dgm_world world;
    dgm_job_options job;        /* to, from, settings …; outlet and report are set here */
    const char *in, *out, *bad; /* bad NULL: IN/bad */
    bool keep, json;            /* json: diagnostics beside refused files are JSON lines */
    uint32_t scan_ms;
    void (*event)(void *ctx, const dgm_delivery_event *e);
    void (*records)(void *ctx, dgm_slice input_name, dgm_slice input, const dgm_diags *list); /* about an accepted input */
    void *ctx;
    dgm_diags *diags; /* what is wrong with mappings that are refused */
} dgm_delivery_options;

typedef struct dgm_delivery dgm_delivery;

/* Makes the folders that are missing, takes the locks. DGM_OK; DGM_USAGE: the folders do not fit together; DGM_IO. On failure a
 * record in diags says why. */
dgm_status dgm_delivery_open(const dgm_delivery_options *options, dgm_diags *diags, dgm_delivery **out);
void dgm_delivery_close(dgm_delivery *d);
/* Finishes what is claimed, then delivers what is there and may be taken. *refused counts refused inputs, *troubled those left for
 * later. DGM_OK also when there was trouble. stop (may be NULL) is asked between files. */
dgm_status dgm_delivery_pass(dgm_delivery *d, bool (*stop)(void *ctx), void *stop_ctx, uint64_t *refused, uint64_t *troubled);
/* One name that the kernel said is closed or moved in. Names that are not ours to take are left alone. */
dgm_status dgm_delivery_offer(dgm_delivery *d, const char *name);
/* Until SIGTERM or SIGINT. */
dgm_status dgm_delivery_watch(dgm_delivery *d);

#endif
