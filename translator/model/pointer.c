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
    return dgm_slice_count(s, n) && *n > 0;
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

dgm_status dgm_pointer_of_chain(const dgm_shape *s, dgm_slice chain, dgm_pointer *p, dgm_slice *bad)
{
    const char *whole = whole_id(s);
    dgm_cut first = dgm_slice_cut(dgm_slice_trim(chain), ' ');
    dgm_slice rest = dgm_slice_trim(first.tail);
    bool inner = whole && rest.len >= 3 && dgm_slice_is(dgm_slice_part(rest, 0, 3), whole);
    for (size_t i = 0; inner && i < sizeof wholes / sizeof *wholes; i++) /* of an answer, which holds the document */
        if (dgm_slice_is(dgm_slice_cut(first.head, '#').head, wholes[i].id)) {
            chain = rest;
            break;
        }
    return dgm_pointer_read(s, chain, p->slots, p->numbers, DGM_POINTER_STEPS, &p->count, bad);
}

/* ---- names --------------------------------------------------------------------------------------------------------------- */

dgm_status dgm_pointer_of_path(const dgm_shape *s, dgm_slice path, dgm_pointer *p, dgm_slice *bad)
{
    uint32_t at = DGM_SLOT_ROOT;
    p->count = 0;
    *bad = path;
    if (!path.len) return DGM_UNKNOWN;
    if (path.at[0] == '/') path = dgm_slice_part(path, 1, path.len);
    while (path.len) {
        dgm_cut cut = dgm_slice_cut(path, '/'), step = dgm_slice_cut(cut.head, '#');
        uint32_t number = 0, i = 0;
        *bad = cut.head;
        if (!step.head.len || (step.found && !number_of(step.tail, &number)) || (cut.found && !cut.tail.len)) return DGM_UNKNOWN;
        const dgm_slot *above = dgm_shape_slot(s, at);
        while (i < above->child_count && !dgm_slice_equal(dgm_shape_slot(s, above->first_child + i)->name, step.head)) i++;
        if (i == above->child_count) return DGM_UNKNOWN;
        if (p->count == DGM_POINTER_STEPS) return DGM_LIMIT;
        at = above->first_child + i;
        p->slots[p->count] = at;
        p->numbers[p->count++] = dgm_shape_slot(s, at)->max > 1 ? number : 0;
        path = cut.tail;
    }
    *bad = (dgm_slice){ 0 };
    return DGM_OK;
}

static void put(char *out, size_t room, size_t *used, const char *before, dgm_slice id)
{
    int n = snprintf(*used < room ? out + *used : NULL, *used < room ? room - *used : 0, "%s%.*s", before, (int)id.len,
                     id.at ? id.at : "");
    *used += n > 0 ? (size_t)n : 0;
}

static void put_number(char *out, size_t room, size_t *used, uint32_t number)
{
    char text[16];
    int n = number ? snprintf(text, sizeof text, "%u", number) : 0;
    if (n > 0) put(out, room, used, "#", (dgm_slice){ text, (size_t)n });
}

size_t dgm_pointer_path(const dgm_shape *s, const dgm_pointer *p, char *out, size_t room)
{
    size_t used = 0;
    if (p->count == 0) put(out, room, &used, "/", (dgm_slice){ 0 });
    for (size_t i = 0; i < p->count; i++) {
        put(out, room, &used, i ? "/" : "", dgm_shape_slot(s, p->slots[i])->name);
        put_number(out, room, &used, p->numbers[i]);
    }
    return used;
}

size_t dgm_pointer_chain(const dgm_shape *s, const dgm_pointer *p, char *out, size_t room, size_t *said)
{
    const char *whole = whole_id(s);
    size_t used = 0, i = 0;
    if (whole) put(out, room, &used, "", dgm_slice_of(whole));
    for (; i < p->count; i++) {
        const dgm_slot *x = dgm_shape_slot(s, p->slots[i]);
        bool leaf = dgm_kind_leaf(x->kind);
        if (!x->tag.len || x->kind == DGM_ATTRIBUTE || (!leaf && !class_is(x->tag)) || (leaf && i + 1 < p->count)) break;
        put(out, room, &used, leaf ? "/" : used ? " " : "", x->tag);
        if (!leaf) put_number(out, room, &used, p->numbers[i]);
    }
    *said = i;
    return used;
}

/* ---- nodes --------------------------------------------------------------------------------------------------------------- */

uint32_t dgm_pointer_own_number(const dgm_tree *t, uint32_t node)
{
    const dgm_slice name = DGM_LITERAL("SequenceNumeric");
    uint32_t number;
    if (dgm_node_leaf(&t->nodes[node]) || dgm_node_slot(&t->nodes[node]) == DGM_SLOT_UNKNOWN) return 0;
    uint32_t slot = dgm_shape_child(t->shape, dgm_node_slot(&t->nodes[node]), name, 1);
    if (slot == DGM_SLOT_NONE) return 0;
    for (uint32_t n = node + 1, end = dgm_tree_end(t, node); n < end; n = dgm_tree_next(t, n))
        if (dgm_node_slot(&t->nodes[n]) == slot && number_of(dgm_tree_value(t, n), &number)) return number;
    return 0;
}

uint32_t dgm_pointer_number(const dgm_tree *t, uint32_t node)
{
    uint32_t own = dgm_pointer_own_number(t, node);
    return own ? own : dgm_tree_number(t, node);
}

/* Goes down to a node; numbers: as the occurrences say them, or by their place alone. */
static bool way_to(const dgm_tree *t, uint32_t node, bool said, dgm_pointer *p)
{
    p->count = 0;
    if (node >= t->node_count) return false;
    for (uint32_t at = 0; at != node;) {
        uint32_t next = at + 1, end = dgm_tree_next(t, at);
        while (next < end && dgm_tree_next(t, next) <= node) next = dgm_tree_next(t, next);
        uint32_t slot = next < end && next <= node ? dgm_node_slot(&t->nodes[next]) : DGM_SLOT_UNKNOWN;
        if (slot == DGM_SLOT_UNKNOWN || p->count == DGM_POINTER_STEPS) return false;
        bool several = dgm_shape_slot(t->shape, slot)->max > 1;
        p->slots[p->count] = slot;
        p->numbers[p->count++] = !several ? 0 : said ? dgm_pointer_number(t, next) : dgm_tree_number(t, next);
        at = next;
    }
    return true;
}

bool dgm_pointer_of_node(const dgm_tree *t, uint32_t node, dgm_pointer *p)
{
    return way_to(t, node, true, p);
}

uint32_t dgm_pointer_find(const dgm_tree *t, const dgm_pointer *p, size_t *steps, uint32_t *above)
{
    *above = 0;
    for (*steps = 0; *steps < p->count; ++*steps) {
        uint32_t hit = DGM_NONE, seen = 0, wanted = p->numbers[*steps];
        for (uint32_t n = *above + 1, end = dgm_tree_next(t, *above); n < end && hit == DGM_NONE; n = dgm_tree_next(t, n)) {
            if (dgm_node_slot(&t->nodes[n]) != p->slots[*steps]) continue;
            uint32_t own = wanted ? dgm_pointer_own_number(t, n) : 0;
            seen++;
            if (!wanted || own == wanted || (!own && seen == wanted)) hit = n;
        }
        if (hit == DGM_NONE) return DGM_NONE;
        *above = hit;
    }
    return *above;
}

/* The same in as many steps as there are. */
static bool way_up(const dgm_tree *t, const uint32_t *parents, uint32_t node, dgm_pointer *p)
{
    uint32_t steps[DGM_POINTER_STEPS], count = 0;
    for (uint32_t at = node; at != 0 && at != DGM_NONE; at = parents[at]) {
        if (count == DGM_POINTER_STEPS || dgm_node_slot(&t->nodes[at]) == DGM_SLOT_UNKNOWN) return false;
        steps[count++] = at;
    }
    for (p->count = 0; count; p->count++) {
        uint32_t at = steps[--count], slot = dgm_node_slot(&t->nodes[at]);
        p->slots[p->count] = slot;
        p->numbers[p->count] = dgm_shape_slot(t->shape, slot)->max > 1 ? dgm_tree_number(t, at) : 0;
    }
    return true;
}

size_t dgm_pointer_write(const dgm_tree *t, const uint32_t *parents, uint32_t node, char *out, size_t room)
{
    dgm_pointer p;
    size_t said, used;
    if (node == 0 || !(parents ? way_up(t, parents, node, &p) : way_to(t, node, false, &p))) return 0;
    used = dgm_pointer_chain(t->shape, &p, out, room, &said);
    return said == p.count ? used : 0;
}
