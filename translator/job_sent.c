/* SPDX-License-Identifier: Apache-2.0
 *
 * job_sent.c - answers in the sender's terms: what is wrong with a canonical document is told with the place of the message that it
 * was made of, down to its bytes; of a value that is missing, with the place where its rule looked. Only for messages that are
 * refused, which are mapped once more for it. Any thread, of its own lane.
 */
#include "job.h"

#include "base/diag.h"
#include "mapping/documents.h"
#include "mapping/why.h"

#include <stdio.h>

enum { PATH_ROOM = 512 };

typedef struct asking {
    dgm_lane *lane;
    const dgm_tree *wire, *model; /* model: with provenance */
    const dgm_mapping *mapping;
    dgm_inquiry *inquiry; /* made when first wanted */
} asking;

/* The node that a place of the document was made of; DGM_NONE: nothing that was sent. */
static uint32_t source_of(const asking *a, uint32_t node)
{
    const dgm_tree *t = a->model;
    if (node >= t->node_count || !t->origin) return DGM_NONE;
    uint32_t from = t->origin[node].source_node;
    for (uint32_t n = node + 1, end = dgm_tree_next(t, node); n < end && from == DGM_NONE && !dgm_node_leaf(&t->nodes[node]); n++)
        from = t->origin[n].source_node; /* a class is where the first of its values is */
    return from < a->wire->node_count ? from : DGM_NONE;
}

static void point_at(const asking *a, dgm_diag *d, uint32_t node)
{
    char path[PATH_ROOM];
    size_t len = dgm_tree_path(a->wire, node, path, sizeof path);
    dgm_diag_sent(a->lane->diags, d, (dgm_slice){ path, len < sizeof path ? len : sizeof path - 1 });
    dgm_tree_point(a->wire, node, a->lane->diags, d);
}

/* Where the rule of a value that is missing looked: the occurrence, and the steps of its place that are not there. */
static dgm_status point_beside(asking *a, dgm_diag *d, uint32_t above, dgm_slice name)
{
    const dgm_tree *t = a->model;
    dgm_lack *lacks = NULL;
    size_t count = 0;
    char path[PATH_ROOM];
    uint32_t slot = dgm_shape_child(t->shape, dgm_node_slot(&t->nodes[above]), name, 1);
    if (slot == DGM_SLOT_NONE) return DGM_OK;
    dgm_status s =
        a->inquiry ? DGM_OK : dgm_inquiry_open(&a->lane->job->mem, a->mapping, DGM_READ, a->wire, &a->lane->job->run, &a->inquiry);
    if (s == DGM_OK) s = dgm_inquiry_lacks(a->inquiry, t, above, slot, 1, &lacks, &count);
    if (s != DGM_OK || !count || !lacks[0].source.len) return s;
    uint32_t at = lacks[0].at == DGM_NONE ? 0 : lacks[0].at;
    if (at) point_at(a, d, at);
    if (at && dgm_node_kind(&a->wire->nodes[at]) == DGM_GROUP) d->position.segment = 0; /* which of its segments is not known */
    size_t used = at ? dgm_tree_path(a->wire, at, path, sizeof path) : 0;
    if (used >= sizeof path) return DGM_OK;
    dgm_slice rest = lacks[0].source;
    for (uint32_t n = 0; n != at; n = dgm_tree_towards(a->wire, n, at)) /* its steps down to the occurrence are its path's */
        rest = dgm_slice_cut(rest, '/').tail;
    int n =
        snprintf(path + used, sizeof path - used, "%s%.*s", used && rest.len ? "/" : "", (int)rest.len, rest.len ? rest.at : "");
    used += n > 0 ? (size_t)n : 0;
    dgm_diag_sent(a->lane->diags, d, (dgm_slice){ path, used < sizeof path ? used : sizeof path - 1 });
    return DGM_OK;
}

static dgm_status tell(asking *a, size_t first, size_t last)
{
    dgm_status s = DGM_OK;
    for (size_t i = first; i < last && s == DGM_OK; i++) {
        dgm_diag *d = dgm_diags_edit(a->lane->diags, i);
        if (d->severity != DGM_ERROR || d->node == DGM_NONE || d->at_byte != UINT64_MAX) continue;
        uint32_t from = source_of(a, d->node);
        if (d->code == DGM_D_MODEL_PLACE_MISSING && d->node < a->model->node_count)
            s = point_beside(a, d, d->node, d->arguments[0].text);
        else if (from != DGM_NONE)
            point_at(a, d, from);
    }
    return s;
}

dgm_status dgm_lane_sent(dgm_lane *lane, size_t first, size_t last)
{
    const dgm_job *j = lane->job;
    asking a = { .lane = lane, .wire = lane->message.tree, .model = lane->model };
    dgm_runner *runner = NULL;
    dgm_tree *again = NULL;
    dgm_diags *aside = NULL;
    bool wanted = false;
    for (size_t i = first; i < last; i++) wanted = wanted || dgm_diags_at(lane->diags, i)->severity == DGM_ERROR;
    if (!wanted || !lane->model || !lane->mapping_in || !a.wire) return DGM_OK;
    a.mapping = lane->mapping_in->mapping;
    if (dgm_mapping_splits(a.mapping)) return DGM_OK; /* its documents are told of by themselves */
    dgm_status s = DGM_OK;
    if (!a.model->origin) {
        dgm_run_options options = j->run;
        options.origin = true;
        options.accounts = false;
        s = dgm_runner_new(&j->mem, &j->context->limits, &runner);
        if (s == DGM_OK) s = dgm_diags_new(&j->mem, 1, &aside);
        if (s == DGM_OK) s = dgm_mapping_run(runner, a.mapping, DGM_READ, a.wire, &options, aside, &again);
        a.model = again;
        if (s == DGM_INVALID || s == DGM_LIMIT) s = DGM_OK;
    }
    if (s == DGM_OK && a.model && a.model->node_count == lane->model->node_count) s = tell(&a, first, last);
    dgm_inquiry_free(a.inquiry);
    if (again) dgm_runner_recycle(runner, again);
    dgm_runner_free(runner);
    dgm_diags_free(aside);
    return s;
}
