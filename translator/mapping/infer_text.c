/* SPDX-License-Identifier: Apache-2.0
 *
 * infer_text.c - places of an inference in words of the mapping language: short names, tests, counts. One thread.
 */
#include "infer_internal.h"

typedef struct text {
    char at[INF_TEXT_MAX];
    size_t len;
    bool full;
} text;

static void put(text *t, dgm_slice s)
{
    if (s.len > sizeof t->at - t->len) {
        t->full = true;
        return;
    }
    memcpy(t->at + t->len, s.at, s.len);
    t->len += s.len;
}

static void put_number(text *t, uint32_t number)
{
    char digits[16];
    size_t n = sizeof digits;
    do digits[--n] = (char)('0' + number % 10);
    while (number /= 10);
    digits[--n] = '#';
    put(t, (dgm_slice){ digits + n, sizeof digits - n });
}

/* One step: its short name, or its name with its count where several places have it. */
static void put_step(text *t, const inf *k, uint32_t side, uint32_t slot, bool star)
{
    const dgm_slot *s = dgm_shape_slot(k->shape[side], slot);
    const inf_slot *x = &k->slots[side][slot];
    if (t->len) put(t, DGM_LITERAL("/"));
    put(t, x->alias.len ? x->alias : s->name);
    if (star)
        put(t, DGM_LITERAL("#*"));
    else if (x->family)
        put_number(t, s->ordinal);
}

/* Whether a leaf's name stands once in its segment, so that its composite need not be named. */
static bool once(const dgm_shape *shape, uint32_t leaf)
{
    const dgm_slot *s = dgm_shape_slot(shape, leaf), *composite = dgm_shape_slot(shape, s->parent);
    const dgm_slot *segment = composite->kind == DGM_COMPOSITE ? dgm_shape_slot(shape, composite->parent) : NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; segment && i < segment->child_count; i++) {
        const dgm_slot *x = dgm_shape_slot(shape, segment->first_child + i);
        count += dgm_slice_equal(x->name, s->name);
        for (uint32_t c = 0; x->kind == DGM_COMPOSITE && c < x->child_count; c++)
            count += dgm_slice_equal(dgm_shape_slot(shape, x->first_child + c)->name, s->name);
    }
    return count == 1;
}

/* The steps below `from` down to `to`; brief: without a composite that need not be named. */
static void put_way(text *t, const inf *k, uint32_t side, uint32_t from, uint32_t to, bool star, bool brief)
{
    uint32_t way[DGM_DEPTH_MAX + 2], n = 0;
    bool leave_out = brief && once(k->shape[side], to);
    for (uint32_t slot = to; slot != from && slot != DGM_SLOT_NONE && n < DGM_DEPTH_MAX;
         slot = dgm_shape_slot(k->shape[side], slot)->parent)
        if (!leave_out || dgm_shape_slot(k->shape[side], slot)->kind != DGM_COMPOSITE) way[n++] = slot;
    while (n) {
        n--;
        put_step(t, k, side, way[n], star && n == 0);
    }
}

static bool bare(dgm_slice v)
{
    for (size_t i = 0; i < v.len; i++) {
        char c = v.at[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
        if (!plain) return false;
    }
    return v.len > 0;
}

static void put_tests(text *t, const inf *k, const inf_address *a)
{
    const inf_policy *p = &k->policies[a->policy - 1];
    for (uint32_t i = 0; i < p->count; i++) {
        text way = { .len = 0 };
        put_way(&way, k, WIRE, a->slot, p->selector[i], false, true);
        put(t, i ? DGM_LITERAL(", ") : DGM_LITERAL("["));
        put(t, (dgm_slice){ way.at, way.len });
        put(t, DGM_LITERAL("="));
        if (!bare(a->values[i])) put(t, DGM_LITERAL("'"));
        put(t, a->values[i]);
        if (!bare(a->values[i])) put(t, DGM_LITERAL("'"));
    }
    put(t, DGM_LITERAL("]"));
}

dgm_slice dgm_infer_place(inf *k, const inf_set *s, uint32_t side, uint32_t address, uint32_t slot, inf_star star)
{
    uint32_t chain[DGM_DEPTH_MAX + 2], n = 0, at = s->slot[side];
    text t = { .len = 0 };
    for (uint32_t a = address; a && n < DGM_DEPTH_MAX; a = INF_ADDRESS(s, side, a)->parent) chain[n++] = a;
    while (n) {
        const inf_address *a = INF_ADDRESS(s, side, chain[--n]);
        bool leaf = dgm_kind_leaf(dgm_shape_slot(k->shape[side], a->slot)->kind);
        put_way(&t, k, side, at, a->slot, false, false);
        if (a->policy) put_tests(&t, k, a);
        bool all = a->how == INF_STAR || (!leaf && ((star && a->several) || (star == INF_STAR_MORE && !n)));
        if (all) put(&t, DGM_LITERAL("#*"));
        if (a->how == INF_NUMBER && !all) put_number(&t, a->number);
        at = a->slot;
    }
    if (slot != DGM_SLOT_NONE && slot != at) put_way(&t, k, side, at, slot, star && k->slots[side][slot].family, false);
    if (!t.len) put(&t, DGM_LITERAL("."));
    dgm_slice out = dgm_arena_copy(k->arena, (dgm_slice){ t.at, t.full ? 0 : t.len });
    if (!out.at) k->nomem = true;
    return out;
}
