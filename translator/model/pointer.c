/* SPDX-License-Identifier: Apache-2.0
 *
 * pointer.c - see pointer.h. WCO Data Model: class Pointer (97A), its DocumentSectionCode (375), SequenceNumeric (006), TagID
 * (381).
 */
#include "model/pointer.h"

#include <stdio.h>
#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool class_is(dgm_slice s)
{
    return s.len == 3 && digit(s.at[0]) && digit(s.at[1]) && s.at[2] >= 'A' && s.at[2] <= 'Z';
}

bool dgm_pointer_looks(dgm_slice text)
{
    if (text.len < 3 || !class_is(dgm_slice_part(text, 0, 3))) return false;
    return text.len == 3 || text.at[3] == ' ' || text.at[3] == '#' || text.at[3] == '/';
}

/* Classes that are whole documents, whose shapes begin beneath them. */
static const struct whole {
    const char *name, *id;
} wholes[] = { { "Declaration", "42A" }, { "Response", "07B" } };

static const char *whole_id(const dgm_shape *s)
{
    dgm_slice name = dgm_slice_cut(dgm_shape_name(s), '@').head;
    for (size_t i = 0; i < sizeof wholes / sizeof *wholes; i++)
        if (dgm_slice_is(name, wholes[i].name)) return wholes[i].id;
    return NULL;
}

static uint32_t child_of(const dgm_shape *s, uint32_t slot, dgm_slice id, bool leaf)
{
    const dgm_slot *above = dgm_shape_slot(s, slot);
    for (uint32_t i = 0; i < above->child_count; i++) {
        const dgm_slot *c = dgm_shape_slot(s, above->first_child + i);
        if (dgm_slice_equal(c->tag, id) && dgm_kind_leaf(c->kind) == leaf) return above->first_child + i;
    }
    return DGM_SLOT_NONE;
}

static bool number_of(dgm_slice s, uint32_t *n)
{
    *n = 0;
    for (size_t i = 0; i < s.len && *n < 1000000; i++) {
        if (!digit(s.at[i])) return false;
        *n = *n * 10 + (uint32_t)(s.at[i] - '0');
    }
    return s.len > 0 && *n > 0;
}

typedef struct chain_reader {
    const dgm_shape *shape;
    uint32_t slot, *slots, *numbers;
    size_t room, count;
} chain_reader;

static dgm_status go_down(chain_reader *r, uint32_t slot, uint32_t number)
{
    if (r->count == r->room) return DGM_LIMIT;
    r->slots[r->count] = r->slot = slot;
    r->numbers[r->count++] = dgm_shape_slot(r->shape, slot)->max > 1 ? number : 0;
    return DGM_OK;
}

static dgm_status class_step(chain_reader *r, dgm_slice step, bool first)
{
    dgm_cut cut = dgm_slice_cut(step, '#');
    uint32_t number = 0;
    if (!class_is(cut.head) || (cut.found && !number_of(cut.tail, &number))) return DGM_UNKNOWN;
    uint32_t slot = child_of(r->shape, r->slot, cut.head, false);
    const char *whole = whole_id(r->shape);
    if (slot == DGM_SLOT_NONE && first && whole && dgm_slice_is(cut.head, whole)) return DGM_OK;
    return slot == DGM_SLOT_NONE ? DGM_UNKNOWN : go_down(r, slot, number);
}

dgm_status dgm_pointer_read(const dgm_shape *s, dgm_slice chain, uint32_t *slots, uint32_t *numbers, size_t room, size_t *count,
                            dgm_slice *bad)
{
    chain_reader r = { .shape = s, .slot = DGM_SLOT_ROOT, .slots = slots, .numbers = numbers, .room = room };
    dgm_status status = DGM_OK;
    dgm_cut ends = dgm_slice_cut(dgm_slice_trim(chain), '/');
    dgm_slice rest = ends.head, step = { 0 };
    for (bool first = true; rest.len && status == DGM_OK; first = false) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        step = cut.head;
        rest = dgm_slice_trim(cut.tail);
        status = class_step(&r, step, first);
    }
    if (status == DGM_OK && ends.found) {
        step = dgm_slice_trim(ends.tail);
        uint32_t leaf = step.len ? child_of(s, r.slot, step, true) : DGM_SLOT_NONE;
        status = leaf == DGM_SLOT_NONE ? DGM_UNKNOWN : go_down(&r, leaf, 0);
    }
    *count = r.count;
    *bad = status == DGM_OK ? (dgm_slice){ 0 } : step;
    return status;
}

static void put(char *out, size_t room, size_t *used, const char *before, dgm_slice id)
{
    int n = snprintf(*used < room ? out + *used : NULL, *used < room ? room - *used : 0, "%s%.*s", before, (int)id.len, id.at);
    *used += n > 0 ? (size_t)n : 0;
}

size_t dgm_pointer_write(const dgm_tree *t, uint32_t node, char *out, size_t room)
{
    const char *whole = whole_id(t->shape);
    size_t used = 0;
    if (node == 0 || node >= t->node_count) return 0;
    if (whole) put(out, room, &used, "", dgm_slice_of(whole));
    for (uint32_t at = 0; at != node;) {
        uint32_t next = at + 1, end = dgm_tree_end(t, at);
        while (next < end && dgm_tree_next(t, next) <= node) next = dgm_tree_next(t, next);
        if (next >= end || next > node) return 0;
        const dgm_slot *s = dgm_shape_slot(t->shape, dgm_node_slot(&t->nodes[next]));
        bool leaf = dgm_kind_leaf(s->kind);
        if (!s->tag.len || s->kind == DGM_ATTRIBUTE || (!leaf && !class_is(s->tag)) || (leaf && next != node)) return 0;
        put(out, room, &used, leaf ? "/" : used ? " " : "", s->tag);
        char number[16];
        int n = !leaf && s->max > 1 ? snprintf(number, sizeof number, "%u", dgm_tree_number(t, next)) : 0;
        if (n > 0) put(out, room, &used, "#", (dgm_slice){ number, (size_t)n });
        at = next;
    }
    return used;
}
