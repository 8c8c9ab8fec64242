/* SPDX-License-Identifier: Apache-2.0
 *
 * amend.c - a message that says only what changes, and the document it changes, become the full document (amend.h). WCO Data Model:
 * classes Amendment (06A) and Pointer (97A). One thread.
 */
#include "amend.h"

#include "base/buffer.h"

#include <stdio.h>

enum { TEXT_MAX = 2048 };

typedef struct applying {
    dgm_edit base, part;
    const dgm_tree *tree; /* the message */
    dgm_diags *diags;
    char text[TEXT_MAX];
    bool wrong;
} applying;

static dgm_slice place_text(applying *a, const dgm_pointer *p)
{
    size_t n = dgm_pointer_path(a->base.shape, p, a->text, sizeof a->text);
    return (dgm_slice){ a->text, n < sizeof a->text ? n : sizeof a->text - 1 };
}

static dgm_diag *tell(applying *a, dgm_diag_code code, dgm_severity severity, uint32_t node)
{
    dgm_diag *d = dgm_diags_add(a->diags, code, severity);
    char path[256];
    if (severity == DGM_ERROR) a->wrong = true;
    if (!d) return NULL;
    size_t n = dgm_tree_path(a->tree, node, path, sizeof path);
    d->node = node;
    d->position = a->tree->position;
    dgm_diag_path(a->diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path - 1 });
    dgm_diag_reference(a->diags, d, a->tree->reference);
    return d;
}

/* ---- pointers ------------------------------------------------------------------------------------------------------------ */

static size_t append(applying *a, size_t used, const char *before, dgm_slice v)
{
    int n = used < sizeof a->text
                ? snprintf(a->text + used, sizeof a->text - used, "%s%.*s", before, (int)(v.len & 0xFFFF), v.len ? v.at : "")
                : 0;
    return used + (n > 0 ? (size_t)n : 0);
}

/* What an Amendment points at, as a chain; its length, 0: nothing. */
static size_t chain_of(applying *a, uint32_t amendment)
{
    const dgm_edit *e = &a->part;
    uint32_t pointer = dgm_amend_slot(e->shape, e->at[amendment].slot, "97A");
    uint32_t class = dgm_amend_slot(e->shape, pointer, "375"), number = dgm_amend_slot(e->shape, pointer, "006");
    uint32_t leaf = dgm_amend_slot(e->shape, pointer, "381");
    size_t used = 0;
    a->text[0] = '\0';
    for (uint32_t k = e->at[amendment].first; k; k = e->at[k].next) {
        if (e->at[k].slot != pointer) continue;
        dgm_slice id = { 0 }, own = { 0 }, tag = { 0 };
        for (uint32_t n = e->at[k].first; n; n = e->at[n].next) {
            if (e->at[n].slot == class) id = dgm_edit_value(e, n);
            if (e->at[n].slot == number) own = dgm_edit_value(e, n);
            if (e->at[n].slot == leaf) tag = dgm_edit_value(e, n);
        }
        used = append(a, used, used ? " " : "", id);
        if (own.len) used = append(a, used, "#", own);
        if (tag.len) used = append(a, used, "/", tag);
    }
    return used;
}

/* ---- changes ------------------------------------------------------------------------------------------------------------- */

static uint32_t follow(const dgm_edit *e, const dgm_pointer *p)
{
    uint32_t at = 0;
    for (size_t i = 0; i < p->count; i++) {
        at = dgm_edit_child(e, at, p->slots[i], p->numbers[i]);
        if (!at || e->at[at].gone) return 0;
    }
    return at;
}

/* An occurrence that the document does not have yet; part: the one of the message. */
static uint32_t make_step(applying *a, uint32_t up, uint32_t slot, uint32_t number, uint32_t part)
{
    dgm_edit *e = &a->base;
    const dgm_edited *like = &a->part.at[part];
    uint32_t id = dgm_edit_add(e, up, slot, number, NULL, 0);
    if (!id) return 0;
    uint32_t head = dgm_edit_child(e, up, slot, 0);
    e->at[id].numbered = like->numbered;
    e->at[id].made = true;
    if (head == id && dgm_shape_slot(e->shape, slot)->max > 1) e->at[id].sorted = e->at[id].sorted || like->numbered;
    if (!like->numbered) e->at[head].sorted = false;
    if (!like->numbered || !number) return id;
    for (uint32_t k = like->first; k; k = a->part.at[k].next) { /* it says its number itself */
        const dgm_edited *x = &a->part.at[k];
        if (!dgm_slice_is(dgm_shape_slot(e->shape, x->slot)->name, "SequenceNumeric")) continue;
        a->part.at[k].pointed = true;
        if (!dgm_edit_add(e, id, x->slot, 0, x->from, x->node)) return 0;
    }
    return id;
}

/* Members of a list without numbers are known by their place, so each stands behind another. */
static bool gap(const applying *a, uint32_t up, uint32_t slot, uint32_t number, uint32_t part)
{
    return number > 1 && !a->part.at[part].numbered && !dgm_edit_child(&a->base, up, slot, number - 1);
}

static void set(applying *a, const dgm_pointer *p, uint32_t amendment)
{
    uint32_t at = 0, part = 0;
    for (size_t i = 0; i < p->count && a->base.failed == DGM_OK; i++) {
        uint32_t down = dgm_edit_child(&a->base, at, p->slots[i], p->numbers[i]);
        part = dgm_edit_child(&a->part, part, p->slots[i], p->numbers[i]);
        if (!down || a->base.at[down].gone) {
            bool list = dgm_shape_slot(a->base.shape, p->slots[i])->max > 1;
            uint32_t number = p->numbers[i] ? p->numbers[i] : list ? a->part.at[part].number : 0;
            if (gap(a, at, p->slots[i], number, part)) {
                dgm_diag *d = tell(a, DGM_D_AMEND_GAP, DGM_ERROR, amendment);
                dgm_diag_text(a->diags, d, place_text(a, p));
                dgm_diag_number(a->diags, d, number - 1);
                return;
            }
            down = make_step(a, at, p->slots[i], number, part);
            if (!down) return;
        }
        at = down;
    }
    dgm_edit_replace(&a->base, at, &a->part, part);
    a->part.at[part].pointed = true;
}

static void change(applying *a, uint32_t amendment)
{
    dgm_pointer p;
    dgm_slice bad;
    uint32_t node = a->part.at[amendment].node;
    size_t n = chain_of(a, amendment);
    if (!n) {
        tell(a, DGM_D_AMEND_NO_POINTER, DGM_ERROR, node);
        return;
    }
    dgm_slice chain = { a->text, n < sizeof a->text ? n : sizeof a->text - 1 };
    if (dgm_pointer_of_chain(a->base.shape, chain, &p, &bad) != DGM_OK || !p.count) {
        dgm_diag *d = tell(a, DGM_D_AMEND_POINTER, DGM_ERROR, node);
        dgm_diag_text(a->diags, d, chain);
        dgm_diag_text(a->diags, d, bad.len ? bad : chain);
        return;
    }
    uint32_t part = follow(&a->part, &p), there = follow(&a->base, &p);
    if (part && a->part.at[part].fills)
        set(a, &p, node);
    else if (there)
        a->base.at[there].gone = true;
    else
        dgm_diag_text(a->diags, tell(a, DGM_D_AMEND_NOTHING, DGM_WARNING, node), place_text(a, &p));
    if (part) a->part.at[part].pointed = true;
}

/* ---- what stands beside the changes -------------------------------------------------------------------------------------- */

/* Values that nothing points at: the document's own again, or told. */
static void beside(applying *a)
{
    dgm_edit *e = &a->part;
    for (uint32_t i = 1; i < e->count; i++) { /* parents before children */
        dgm_edited *x = &e->at[i];
        if (e->at[x->up].pointed || (!x->up && !x->pointed && dgm_amend_own(e, i))) {
            x->pointed = true;
            continue;
        }
        x->peer = x->up && !e->at[x->up].peer ? 0 : dgm_edit_child(&a->base, e->at[x->up].peer, x->slot, x->number);
        if (x->pointed || !x->from || !dgm_kind_leaf(dgm_shape_slot(e->shape, x->slot)->kind)) continue;
        dgm_slice said = dgm_edit_value(e, i), stays = x->peer ? dgm_edit_value(&a->base, x->peer) : (dgm_slice){ 0 };
        if (!said.len || (x->peer && !a->base.at[x->peer].gone &&
                          dgm_tree_same_value(x->from, x->node, a->base.at[x->peer].from, a->base.at[x->peer].node, true)))
            continue;
        dgm_pointer p;
        dgm_edit_pointer(e, i, &p);
        dgm_diag *d = tell(a, DGM_D_AMEND_BESIDE, DGM_WARNING, x->node);
        dgm_diag_text(a->diags, d, place_text(a, &p));
        dgm_diag_text(a->diags, d, said);
        dgm_diag_text(a->diags, d, stays);
    }
}

/* Both say which document they are, and it is not the same. */
static void same_document(applying *a)
{
    uint32_t slot = dgm_amend_slot(a->base.shape, DGM_SLOT_ROOT, "D014");
    if (slot == DGM_SLOT_NONE) return;
    uint32_t mine = dgm_edit_child(&a->base, 0, slot, 0), its = dgm_edit_child(&a->part, 0, slot, 0);
    dgm_slice x = mine ? dgm_edit_value(&a->base, mine) : (dgm_slice){ 0 }, y = its ? dgm_edit_value(&a->part, its) : x;
    if (!x.len || !y.len || dgm_slice_equal(x, y)) return;
    dgm_diag *d = tell(a, DGM_D_AMEND_OTHER, DGM_ERROR, a->part.at[its].node);
    dgm_diag_text(a->diags, d, y);
    dgm_diag_text(a->diags, d, x);
}

static dgm_status apply(applying *a, dgm_builder *out)
{
    uint32_t amendments = dgm_amend_slot(a->base.shape, DGM_SLOT_ROOT, "06A"), count = 0;
    same_document(a);
    for (uint32_t k = a->part.at[0].first; k && a->base.failed == DGM_OK; k = a->part.at[k].next)
        if (a->part.at[k].slot == amendments) {
            change(a, k);
            count++;
        }
    if (!count) tell(a, DGM_D_AMEND_NONE, DGM_ERROR, 0);
    if (a->base.failed != DGM_OK) return a->base.failed;
    beside(a);
    if (dgm_diags_failed(a->diags)) return DGM_NOMEM;
    return a->wrong ? DGM_INVALID : dgm_edit_build(&a->base, false, out);
}

dgm_status dgm_amend_apply(const dgm_mem *mem, const dgm_tree *base, const dgm_tree *partial, dgm_diags *diags, dgm_builder *out)
{
    if (!base->shape || base->shape != partial->shape) return DGM_USAGE;
    applying *a = dgm_mem_new(mem, sizeof *a);
    if (!a) return DGM_NOMEM;
    a->tree = partial;
    a->diags = diags;
    dgm_status s = dgm_edit_begin(&a->base, mem, base);
    if (s == DGM_OK) s = dgm_edit_begin(&a->part, mem, partial);
    if (s == DGM_OK) s = apply(a, out);
    dgm_edit_free(&a->base);
    dgm_edit_free(&a->part);
    dgm_mem_free(mem, a, sizeof *a);
    return s;
}
