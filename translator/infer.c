/* SPDX-License-Identifier: Apache-2.0
 *
 * infer.c - mappings proposed from examples: messages taken in pairs, one side made the canonical document, and what
 * mapping/infer.c finds between them. infer_yaml.c writes it down. One thread.
 */
#include "infer_state.h"

#include "base/diag.h"
#include "codecs/codecs.h"

static bool push(dgm_inference *i, uint32_t side, const taken *x)
{
    void *at = i->taken[side];
    if (dgm_mem_reserve(&i->mem, &at, &i->room[side], i->count[side] + 1, sizeof *x) != DGM_OK) return false;
    i->taken[side] = at;
    i->taken[side][i->count[side]++] = *x;
    return true;
}

dgm_status dgm_infer_new(const dgm_context *c, dgm_inference **out)
{
    *out = NULL;
    if (!c) return DGM_USAGE;
    dgm_inference *i = dgm_mem_new(&c->mem, sizeof *i);
    if (!i) return DGM_NOMEM;
    i->context = c;
    i->mem = c->mem;
    dgm_arena_init(&i->arena, &i->mem);
    *out = i;
    return DGM_OK;
}

void dgm_infer_free(dgm_inference *i)
{
    if (!i) return;
    dgm_mem mem = i->mem;
    for (uint32_t side = 0; side < 2; side++) {
        for (size_t n = 0; n < i->count[side]; n++) {
            dgm_tree_free(i->taken[side][n].wire);
            dgm_tree_free(i->taken[side][n].model);
        }
        dgm_mem_free(&mem, i->taken[side], i->room[side] * sizeof(taken));
    }
    for (size_t n = 0; n < i->own_count; n++) dgm_shape_free(i->own[n].shape);
    dgm_mem_free(&mem, i->own, i->own_room * sizeof *i->own);
    dgm_arena_free(&i->arena);
    dgm_mem_free(&mem, i, sizeof *i);
}

static dgm_status shape_of(dgm_inference *i, dgm_slice type, const dgm_shape **out)
{
    for (size_t n = 0; n < i->own_count; n++)
        if (dgm_slice_equal(i->own[n].type, type)) {
            *out = i->own[n].shape;
            return DGM_OK;
        }
    dgm_cut message = dgm_slice_cut(type, ':'), version = dgm_slice_cut(message.tail, ':'),
            release = dgm_slice_cut(version.tail, ':');
    const dgm_setting settings[] = { { DGM_LITERAL("message"), message.head },
                                     { DGM_LITERAL("version"), version.head },
                                     { DGM_LITERAL("release"), release.head } };
    dgm_format format = { .name = type, .codec = DGM_LITERAL("edifact"), .settings = settings, .setting_count = 3 };
    dgm_host host = dgm_host_make(&i->mem, &i->context->limits, NULL, &i->context->world, NULL, 0);
    void *at = i->own;
    dgm_status s = dgm_mem_reserve(&i->mem, &at, &i->own_room, i->own_count + 1, sizeof *i->own);
    if (s != DGM_OK) return s;
    i->own = at;
    dgm_shape *shape = NULL;
    s = dgm_codec_edifact.shape(&host, &format, &shape);
    if (s != DGM_OK) return s == DGM_NOMEM ? s : DGM_INVALID;
    i->own[i->own_count++] = (own_shape){ type, shape };
    *out = shape;
    return DGM_OK;
}

/* A message of a directory without a format has a shape that goes with its reader: its tree is given the one that a format of it
 * would have, which holds all of every syntax version, so that slots have other numbers. */
static dgm_status keep_shape(dgm_inference *i, dgm_slice type, dgm_tree *tree)
{
    const dgm_shape *from = tree->shape, *to = NULL;
    dgm_status s = shape_of(i, type, &to);
    uint32_t count = dgm_shape_count(from);
    uint32_t *slots = s == DGM_OK ? DGM_NEW(&i->arena, uint32_t, count + 1u) : NULL;
    dgm_node *nodes = slots ? DGM_NEW(&i->arena, dgm_node, tree->node_count + 1u) : NULL;
    if (s != DGM_OK) return s;
    if (!nodes) return DGM_NOMEM;
    for (uint32_t k = 1; k < count; k++) { /* parents come first */
        const dgm_slot *x = dgm_shape_slot(from, k);
        slots[k] = slots[x->parent] == DGM_SLOT_NONE ? DGM_SLOT_NONE : dgm_shape_child(to, slots[x->parent], x->name, x->ordinal);
    }
    for (uint32_t n = 0; n < tree->node_count; n++) {
        uint32_t slot = dgm_node_slot(&tree->nodes[n]);
        nodes[n] = tree->nodes[n];
        if (slot == DGM_SLOT_UNKNOWN) continue;
        if (slots[slot] == DGM_SLOT_NONE) return DGM_INVALID;
        nodes[n].tag = DGM_TAG(slots[slot], dgm_node_kind(&nodes[n]), dgm_node_flags(&nodes[n]));
    }
    tree->nodes = nodes; /* the tree's own are freed with it all the same */
    tree->shape = to;
    return DGM_OK;
}

dgm_status dgm_infer_take(dgm_inference *i, bool target, const dgm_message_report *report)
{
    if (!i || !report || i->done) return DGM_USAGE;
    if (!report->wire || !report->wire->shape) return DGM_INVALID;
    bool good = report->status == DGM_OK, canonical = report->model == report->wire;
    if (canonical && !good) return DGM_INVALID;
    taken x = { .canonical = canonical, .mapped = good && report->model != NULL };
    x.format = dgm_arena_copy(&i->arena, report->format);
    x.type = dgm_arena_copy(&i->arena, report->type);
    x.codec = report->codec;
    dgm_status s = canonical ? DGM_OK : dgm_tree_own(report->wire, &i->mem, &x.wire);
    if (s == DGM_OK && x.mapped) s = dgm_tree_own(report->model, &i->mem, &x.model);
    if (s == DGM_OK && (!x.format.at || !x.type.at)) s = DGM_NOMEM;
    bool nameless = s == DGM_OK && !canonical && !x.format.len;
    if (nameless) s = strcmp(report->codec, "edifact") == 0 ? keep_shape(i, x.type, x.wire) : DGM_INVALID;
    if (s == DGM_OK && !push(i, target, &x)) s = DGM_NOMEM;
    if (s == DGM_OK) return s;
    dgm_tree_free(x.wire);
    dgm_tree_free(x.model);
    return s;
}

/* ---- which side is what -------------------------------------------------------------------------------------------------- */

static bool all_of(const dgm_inference *i, uint32_t side, bool canonical)
{
    for (size_t n = 0; n < i->count[side]; n++)
        if (canonical ? !i->taken[side][n].canonical : !i->taken[side][n].mapped) return false;
    return i->count[side] > 0;
}

static dgm_status wrong(dgm_diags *diags, dgm_diag_code code, dgm_slice a, dgm_slice b)
{
    dgm_diag *d = dgm_diags_add(diags, code, DGM_ERROR);
    dgm_diag_text(diags, d, a);
    dgm_diag_text(diags, d, b);
    return DGM_USAGE;
}

static dgm_slice called(const taken *x)
{
    return x->format.len ? x->format : x->type.len ? x->type : DGM_LITERAL("a canonical document");
}

static dgm_status decide(dgm_inference *i, dgm_diags *diags)
{
    if (!i->count[0] || i->count[0] != i->count[1]) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_INFER_PAIRS, DGM_ERROR);
        dgm_diag_number(diags, d, (int64_t)i->count[0]);
        dgm_diag_number(diags, d, (int64_t)i->count[1]);
        return DGM_USAGE;
    }
    bool canonical[2] = { all_of(i, 0, true), all_of(i, 1, true) }, mapped[2] = { all_of(i, 0, false), all_of(i, 1, false) };
    const taken *a = &i->taken[0][0], *b = &i->taken[1][0];
    if (canonical[0] && canonical[1]) return wrong(diags, DGM_D_INFER_CANONICAL, called(a), called(b));
    if (!mapped[0] && !mapped[1]) return wrong(diags, DGM_D_INFER_UNMAPPED, called(a), called(b));
    i->turned = canonical[1] ? false : canonical[0] ? true : !mapped[1];
    return DGM_OK;
}

static dgm_status pair_up(dgm_inference *i, dgm_example *examples, dgm_diags *diags)
{
    uint32_t wire = i->turned, model = !wire;
    for (size_t n = 0; n < i->count[0]; n++) {
        const taken *a = &i->taken[wire][n], *b = &i->taken[model][n];
        const taken *first = &i->taken[wire][0], *second = &i->taken[model][0];
        if (!a->wire) return wrong(diags, DGM_D_INFER_OTHER, called(a), called(first));
        if (a->wire->shape != first->wire->shape) return wrong(diags, DGM_D_INFER_OTHER, called(a), called(first));
        if (b->model->shape != second->model->shape) return wrong(diags, DGM_D_INFER_OTHER, called(b), called(second));
        examples[n] = (dgm_example){ a->wire, b->model, b->canonical };
    }
    i->wire = &i->taken[wire][0];
    i->model = &i->taken[model][0];
    return DGM_OK;
}

dgm_status dgm_infer(dgm_inference *i, dgm_diags *diags)
{
    if (!i || i->done) return DGM_USAGE;
    dgm_status s = decide(i, diags);
    dgm_example *examples = s == DGM_OK ? DGM_NEW(&i->arena, dgm_example, i->count[0]) : NULL;
    if (s == DGM_OK && !examples) s = DGM_NOMEM;
    if (s == DGM_OK) s = pair_up(i, examples, diags);
    if (s == DGM_OK) s = dgm_infer_rules(&i->arena, examples, i->count[0], &i->found);
    if (s == DGM_LIMIT) {
        dgm_diag *d = dgm_diags_add(diags, DGM_D_INFER_LIMIT, DGM_ERROR);
        dgm_diag_number(diags, d, DGM_INFER_EXAMPLES_MAX);
    }
    i->done = s == DGM_OK;
    return s;
}

size_t dgm_infer_count(const dgm_inference *i)
{
    return i && i->done ? i->found.count : 0;
}

const dgm_proposal *dgm_infer_at(const dgm_inference *i, size_t n)
{
    return n < dgm_infer_count(i) ? &i->found.at[n] : NULL;
}

dgm_infer_sum dgm_infer_sums(const dgm_inference *i)
{
    dgm_infer_sum s = { 0 };
    if (!i || !i->done) return s;
    s.pairs = i->count[0];
    s.wire_values = i->found.values[0];
    s.wire_taken = i->found.taken[0];
    s.model_values = i->found.values[1];
    s.model_taken = i->found.taken[1];
    s.turned = i->turned;
    s.to_do = i->to_do;
    return s;
}

bool dgm_infer_files(const dgm_inference *i, size_t n, dgm_infer_file *out)
{
    if (!i || n >= i->file_count) return false;
    *out = i->files[n];
    return true;
}
