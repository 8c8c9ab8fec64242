/* SPDX-License-Identifier: Apache-2.0
 *
 * foreign_host.c - what a codec built elsewhere is given in place of tree.h, shape.h and diag.h: functions that hide nodes, slots
 * and records. A reader's own objects belong to one thread; shapes are read by any.
 */
#include "codecs.h"

#include "base/diag.h"

/* ---- drafts and trees ---- */

static uint32_t draft_leaf(dgm_draft *d, uint32_t slot, dgm_kind kind, uint32_t flags, uint32_t at, uint32_t span, uint32_t place)
{
    dgm_node *n = dgm_draft_reserve(d, 1);
    if (!n) return DGM_NONE;
    *n = (dgm_node){ .at = at, .span = span, .tag = DGM_TAG(slot, kind, flags), .place = place };
    dgm_draft_commit(d, 1);
    return dgm_draft_count(d) - 1;
}

static uint32_t tree_slot(const dgm_tree *t, uint32_t node)
{
    return node < t->node_count ? dgm_node_slot(&t->nodes[node]) : DGM_SLOT_NOT_KNOWN;
}

static const dgm_shape *tree_shape(const dgm_tree *t)
{
    return t->shape;
}
_Static_assert(DGM_SLOT_NOT_KNOWN == DGM_SLOT_UNKNOWN, "codec.h says it without tree.h");
_Static_assert(DGM_NODE_EMPTY == DGM_EMPTY && DGM_NODE_WRONG == DGM_BAD, "codec.h says it without tree.h");

/* ---- shapes ---- */

static uint32_t shape_add(dgm_shape_maker *m, uint32_t parent, const dgm_slot_info *slot)
{
    const char *c = slot->characters;
    const dgm_slot like = { .name = slot->name,
                            .title = slot->title,
                            .kind = slot->kind,
                            .type = slot->kind == DGM_ELEMENT || slot->kind == DGM_ATTRIBUTE ? DGM_TYPE_TEXT : DGM_TYPE_NONE,
                            .min = slot->min,
                            .max = slot->max ? slot->max : 1,
                            .element = slot->element,
                            .component = slot->component,
                            .repr = { .class = { c[0], c[0] ? c[1] : 0, 0 },
                                      .decimals = slot->decimals,
                                      .length_min = slot->length_min,
                                      .length_max = slot->length_max },
                            .part_value = DGM_SLOT_NONE,
                            .part_code = DGM_SLOT_NONE,
                            .envelope = slot->envelope };
    return dgm_shape_add(m, parent, &like);
}

static bool shape_slot(const dgm_shape *s, uint32_t slot, dgm_slot_info *out)
{
    const dgm_slot *l = dgm_shape_slot(s, slot);
    if (!l) return false;
    *out = (dgm_slot_info){ .name = l->name,
                            .title = l->title,
                            .kind = l->kind,
                            .min = l->min,
                            .max = l->max,
                            .element = l->element,
                            .component = l->component,
                            .characters = { l->repr.class[0], l -> repr.class[1], 0 },
                            .decimals = l->repr.decimals,
                            .length_min = l->repr.length_min,
                            .length_max = l->repr.length_max,
                            .envelope = l->envelope,
                            .parent = l->parent,
                            .first_child = l->first_child,
                            .child_count = l->child_count };
    return true;
}

static uint32_t shape_find(const dgm_shape *s, dgm_slice path, dgm_slice *bad)
{
    dgm_slice failed = { 0 };
    return dgm_shape_find(s, path, bad ? bad : &failed);
}

/* ---- diagnostics ---- */

static dgm_status tell(const dgm_host *host, const dgm_remark *r)
{
    const dgm_severity severity = r->severity == DGM_INFO || r->severity == DGM_WARNING ? r->severity : DGM_ERROR;
    dgm_diag *d = dgm_diags_add(host->diags, DGM_D_CODEC_TOLD, severity);
    if (!d) return dgm_diags_failed(host->diags) ? DGM_NOMEM : DGM_OK;
    d->position = r->position;
    d->at_byte = r->at_byte;
    d->bytes = r->bytes;
    d->node = r->node;
    dgm_diag_text(host->diags, d, dgm_slice_of(r->name && *r->name ? r->name : "codec.unnamed"));
    dgm_diag_text(host->diags, d, r->text);
    if (r->hint.len) dgm_diag_text(host->diags, d, r->hint);
    if (r->path.len) dgm_diag_path(host->diags, d, r->path);
    if (r->reference.len) dgm_diag_reference(host->diags, d, r->reference);
    if (r->around.len) dgm_diag_excerpt(host->diags, d, r->around, r->around_at);
    return dgm_diags_failed(host->diags) ? DGM_NOMEM : DGM_OK;
}

void dgm_host_for_foreign(dgm_host *host)
{
    host->draft_leaf = draft_leaf;
    host->tell = tell;
    host->setting = dgm_setting_get;
    host->tree_view = dgm_tree_view;
    host->tree_slot = tree_slot;
    host->tree_shape = tree_shape;
    host->tree_free = dgm_tree_free;
    host->shape_begin = dgm_shape_begin;
    host->shape_add = shape_add;
    host->shape_alias = dgm_shape_add_alias;
    host->shape_freeze = dgm_shape_freeze;
    host->shape_frozen = dgm_shape_frozen_id;
    host->shape_maker_free = dgm_shape_maker_free;
    host->shape_free = dgm_shape_free;
    host->shape_slot = shape_slot;
    host->shape_child = dgm_shape_child;
    host->shape_find = shape_find;
    host->shape_attach = dgm_shape_attach;
    host->shape_attached = dgm_shape_attached;
}
