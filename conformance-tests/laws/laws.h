/* SPDX-License-Identifier: Apache-2.0
 *
 * laws.h - what must hold for every document and every interchange, as functions that any campaign can call: short ones in `make
 * check`, long ones in `make torture`. A document that breaks a law is cut down to what still breaks it and printed with its seed.
 * One thread.
 */
#ifndef DGM_LAWS_H
#define DGM_LAWS_H

#include "base/buffer.h"
#include "context.h"
#include "model/generate.h"

#include <stdio.h>

#define LAWS_REFUSED_MAX 256u

typedef struct laws {
    dgm_mem mem;
    dgm_context *context;
    dgm_diags *diags;
    dgm_builder *builder;
    dgm_runner *runner;
    const dgm_format_entry *wco, *cusdec;
    const dgm_model_entry *model;
    dgm_slice equal_paths;              /* the committed list: paths that CUSDEC D.96B always gives back */
    uint32_t refused[LAWS_REFUSED_MAX]; /* nodes of a document that the last refusal named */
    size_t refused_count;
    bool show;                              /* print the bytes of a document that breaks its law */
    char why[2048];                         /* of the last law that did not hold */
    uint64_t held, outside, values, unsaid; /* counted by the laws of documents */
} laws;

/* Opens the mappings of the checkout with a clock that stands still. False: said on standard error. */
bool laws_open(laws *l);
void laws_close(laws *l);
/* The world those contexts live in: 2026-11-21T20:04:00Z, and random bytes that are all alike. */
dgm_world laws_world(void);

/* Path of a node without occurrence numbers: "GoodsShipment/Consignee/Name"; cut at room. */
void laws_plain_path(const dgm_tree *t, uint32_t node, char *out, size_t room);

/* One line a value: path and text. */
void laws_print(const dgm_tree *t, FILE *to);

/* ---- documents -------------------------------------------------------------------------------------------------------------- */

typedef enum laws_verdict { LAWS_HOLDS, LAWS_OUTSIDE, LAWS_BROKEN } laws_verdict;
typedef laws_verdict laws_of_document(laws *l, const dgm_tree *document);

laws_verdict laws_json(laws *l, const dgm_tree *document); /* read(write(d)) = d */
laws_verdict laws_wco(laws *l, const dgm_tree *document);  /* through the mapping and XML and back = d */
laws_verdict laws_cusdec(laws *l,
                         const dgm_tree *document); /* through CUSDEC D.96B and back = d without what was reported unsaid */

/* Documents of seeds first .. first + count - 1; the first that breaks the law is cut down and printed. Returns how many broke it
 * (it stops there: 0 or 1). */
uint32_t laws_campaign(laws *l, const char *name, laws_of_document *law, uint64_t first, uint32_t count);

/* ---- interchanges, through the public interface ----------------------------------------------------------------------------- */

typedef struct laws_job {
    dgm_buffer outputs;  /* all outputs, one behind the other, each opened with a line "<<n>>" */
    dgm_buffer said;     /* every diagnostic as one JSON object a line */
    dgm_buffer messages; /* a line for each message: reference, status */
    dgm_job_counts counts;
    dgm_status status; /* of the first call that failed, or DGM_OK */
} laws_job;
/* chunk 0: as a whole (dgm_job_whole). The result is freed with laws_job_free. */
void laws_run_job(const dgm_context *context, const char *from, const char *to, dgm_slice input, size_t chunk, laws_job *out);
void laws_run_threads(const dgm_context *context, const char *from, const char *to, dgm_slice input, size_t chunk, uint32_t threads,
                      laws_job *out);
void laws_job_free(laws_job *j);
/* A status that feed and whole may end with, whatever the input. */
bool laws_documented(dgm_status status);

/* Each returns true when the law holds and says why not in l->why. */
bool laws_chunks(laws *l, dgm_slice input, const char *to); /* chunks of any size and one to three threads do the same */
bool laws_truncation(laws *l, dgm_slice input, const char *to, size_t cut); /* messages complete before the cut come out */
bool laws_stable(laws *l, dgm_slice interchange); /* CUSDEC → model → CUSDEC: same segments; nothing changes the second time */
bool laws_mutation(laws *l, uint64_t seed);       /* one broken message costs its neighbours nothing */
/* Allocations of a job from `step` to `step`, each failing in turn; the context is opened before. */
bool laws_allocations(laws *l, const char *to, dgm_slice input, size_t chunk, long step);
bool laws_context_allocations(laws *l, long first, long step);

#endif
