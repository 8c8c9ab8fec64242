/* SPDX-License-Identifier: Apache-2.0
 *
 * shape.c - see shape.h. A maker keeps slots in the order they were added; freeze numbers them breadth first, gives ordinals, and
 * builds one hash table of (parent, name). A frozen shape is one arena. Reading is pure; a maker belongs to one thread.
 */
#include "private.h"

#include <stdio.h>

typedef struct maker_slot {
    dgm_slot slot;
    uint32_t parent, first, last, next; /* maker ids */
    uint32_t depth;
} maker_slot;

typedef struct maker_alias {
    dgm_slice name;
    uint32_t id;
} maker_alias;

struct dgm_shape_maker {
    dgm_mem mem;
    dgm_arena arena;
    dgm_slice name;
    maker_slot *slots;
    uint32_t *frozen; /* maker id -> slot, once frozen */
    maker_alias *aliases;
    size_t count, room, frozen_room, alias_count, alias_room;
    dgm_status status;
};

/* ---- reading ---- */

dgm_slice dgm_shape_name(const dgm_shape *s)
{
    return s->name;
}

uint32_t dgm_shape_count(const dgm_shape *s)
{
    return s->count;
}

const dgm_slot *dgm_shape_slot(const dgm_shape *s, uint32_t slot)
{
    return slot < s->count ? &s->slots[slot] : NULL;
}

/* Eight bytes a step, each multiplied and folded; the same on every machine of one byte order, and never stored. */
static uint32_t hash_name(uint32_t parent, dgm_slice name)
{
    const uint64_t spread = 0x9e3779b97f4a7c15u;
    uint64_t h = (parent + 1) * spread ^ name.len;
    size_t i = 0;
    for (uint64_t eight; name.len - i >= 8; i += 8) {
        memcpy(&eight, name.at + i, 8);
        h = (h ^ eight) * spread;
        h ^= h >> 29;
    }
    uint64_t rest = 0;
    for (; i < name.len; i++) rest = rest << 8 | (unsigned char)name.at[i];
    h = (h ^ rest) * spread;
    h ^= h >> 29;
    return (uint32_t)(h >> 17);
}

/* The bucket of (parent, name), or the free one where it would stand. */
static dgm_shape_bucket *find_bucket(const dgm_shape *s, uint32_t parent, dgm_slice name)
{
    for (uint32_t i = hash_name(parent, name) & s->bucket_mask;; i = (i + 1) & s->bucket_mask) {
        dgm_shape_bucket *b = &s->buckets[i];
        if (b->count == 0) return b;
        const dgm_slot *first = &s->slots[s->ranked[b->first]];
        if (first->parent == parent && dgm_slice_equal(first->name, name)) return b;
    }
}

static uint32_t ordinals_of(const dgm_slot *slot)
{
    return slot->max ? slot->max : 1; /* a place that is never used still has its number */
}

uint32_t dgm_shape_child(const dgm_shape *s, uint32_t slot, dgm_slice name, uint32_t ordinal)
{
    if (slot >= s->count || ordinal == 0) return DGM_SLOT_NONE;
    const dgm_shape_bucket *b = find_bucket(s, slot, name);
    if (b->count == 0) return DGM_SLOT_NONE;
    uint32_t low = 0, high = b->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (s->slots[s->ranked[b->first + middle]].ordinal <= ordinal)
            low = middle;
        else
            high = middle;
    }
    uint32_t hit = s->ranked[b->first + low];
    const dgm_slot *found = &s->slots[hit];
    return ordinal - found->ordinal < ordinals_of(found) ? hit : DGM_SLOT_NONE;
}

uint32_t dgm_shape_same_name(const dgm_shape *s, uint32_t slot)
{
    const dgm_slot *one = &s->slots[slot];
    return one->parent == DGM_SLOT_NONE ? 1 : find_bucket(s, one->parent, one->name)->count;
}

/* The first alias row whose name is not below `name`. */
static uint32_t alias_lower(const dgm_shape *s, dgm_slice name)
{
    uint32_t low = 0, high = s->alias_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (dgm_slice_compare(s->aliases[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool alias_is(const dgm_shape *s, uint32_t i, dgm_slice name)
{
    return i < s->alias_count && dgm_slice_equal(s->aliases[i].name, name);
}

uint32_t dgm_shape_alias(const dgm_shape *s, dgm_slice name)
{
    uint32_t i = alias_lower(s, name);
    return alias_is(s, i, name) && !alias_is(s, i + 1, name) ? s->aliases[i].slot : DGM_SLOT_NONE;
}

uint32_t dgm_shape_alias_under(const dgm_shape *s, uint32_t parent, dgm_slice name)
{
    for (uint32_t i = alias_lower(s, name); alias_is(s, i, name); i++)
        if (s->slots[s->aliases[i].slot].parent == parent) return s->aliases[i].slot;
    return DGM_SLOT_NONE;
}

uint32_t dgm_shape_alias_count(const dgm_shape *s)
{
    return s->alias_count;
}

dgm_slice dgm_shape_alias_name(const dgm_shape *s, uint32_t i, uint32_t *slot)
{
    if (i >= s->alias_count) {
        if (slot) *slot = DGM_SLOT_NONE;
        return (dgm_slice){ 0 };
    }
    if (slot) *slot = s->aliases[i].slot;
    return s->aliases[i].name;
}

size_t dgm_path_put_number(char *out, size_t room, size_t used, uint32_t number)
{
    char text[16];
    int n = snprintf(text, sizeof text, "#%u", (unsigned)number);
    return dgm_path_put(out, room, used, (dgm_slice){ text, (size_t)n });
}

size_t dgm_shape_path(const dgm_shape *s, uint32_t slot, char *out, size_t room)
{
    uint32_t steps[DGM_DEPTH_MAX];
    uint32_t depth = 0;
    if (slot >= s->count) return 0;
    for (; slot != DGM_SLOT_ROOT; slot = s->slots[slot].parent) steps[depth++] = slot;
    size_t used = 0;
    while (depth-- > 0) {
        const dgm_slot *step = &s->slots[steps[depth]];
        if (used) used = dgm_path_put(out, room, used, DGM_LITERAL("/"));
        used = dgm_path_put(out, room, used, step->name);
        if (dgm_shape_same_name(s, steps[depth]) > 1) used = dgm_path_put_number(out, room, used, step->ordinal);
    }
    return used;
}

bool dgm_path_step(dgm_slice step, dgm_slice *name, uint32_t *number)
{
    dgm_cut cut = dgm_slice_cut(step, '#');
    uint64_t n = cut.found ? 0 : 1;
    for (size_t i = 0; i < cut.tail.len; i++) {
        if (cut.tail.at[i] < '0' || cut.tail.at[i] > '9' || n > UINT32_MAX) return false;
        n = n * 10 + (uint64_t)(cut.tail.at[i] - '0');
    }
    *name = cut.head;
    *number = (uint32_t)n;
    return cut.head.len > 0 && n > 0 && n < UINT32_MAX;
}

/* An alias in place of a name: its slot stands for the ordinals a name would. */
static uint32_t find_alias(const dgm_shape *s, uint32_t slot, dgm_slice name, uint32_t ordinal, bool first)
{
    uint32_t hit = dgm_shape_alias_under(s, slot, name);
    if (hit == DGM_SLOT_NONE && first) hit = dgm_shape_alias(s, name);
    return hit != DGM_SLOT_NONE && ordinal >= 1 && ordinal <= ordinals_of(&s->slots[hit]) ? hit : DGM_SLOT_NONE;
}

uint32_t dgm_shape_find(const dgm_shape *s, dgm_slice path, dgm_slice *bad)
{
    uint32_t slot = DGM_SLOT_ROOT;
    if (bad) *bad = (dgm_slice){ 0 };
    if (path.len && path.at[0] == '/') path = dgm_slice_part(path, 1, path.len);
    bool first = true;
    for (dgm_cut cut = { .tail = path, .found = path.len > 0 }; cut.found; first = false) {
        cut = dgm_slice_cut(cut.tail, '/');
        dgm_slice name;
        uint32_t ordinal, hit = DGM_SLOT_NONE;
        bool good = dgm_path_step(cut.head, &name, &ordinal);
        if (good) hit = dgm_shape_child(s, slot, name, ordinal);
        if (good && hit == DGM_SLOT_NONE) hit = find_alias(s, slot, name, ordinal, first);
        if (hit == DGM_SLOT_NONE) {
            if (bad) *bad = cut.head;
            return DGM_SLOT_NONE;
        }
        slot = hit;
    }
    return slot;
}

bool dgm_shape_beneath(const dgm_shape *s, uint32_t slot, uint32_t above)
{
    if (slot >= s->count || above >= s->count) return false;
    while (slot > above) slot = s->slots[slot].parent; /* a parent's number is always lower */
    return slot == above;
}

/* ---- making ---- */

dgm_status dgm_shape_begin(const dgm_mem *mem, dgm_slice name, dgm_shape_maker **out)
{
    *out = NULL;
    dgm_shape_maker *m = dgm_mem_new(mem, sizeof *m);
    if (!m) return DGM_NOMEM;
    m->mem = *mem;
    dgm_arena_init(&m->arena, mem);
    m->name = dgm_arena_copy(&m->arena, name);
    if (!m->name.at) {
        dgm_shape_maker_free(m);
        return DGM_NOMEM;
    }
    *out = m;
    return DGM_OK;
}

static uint32_t maker_fail(dgm_shape_maker *m, dgm_status status)
{
    if (m->status == DGM_OK) m->status = status;
    return DGM_SLOT_NONE;
}

/* Copies a text unless it is empty. */
static bool keep_text(dgm_shape_maker *m, dgm_slice *text)
{
    if (text->len == 0) {
        *text = (dgm_slice){ 0 };
        return true;
    }
    *text = dgm_arena_copy(&m->arena, *text);
    return text->at != NULL;
}

uint32_t dgm_shape_add(dgm_shape_maker *m, uint32_t parent, const dgm_slot *like)
{
    if ((parent == DGM_SLOT_NONE) != (m->count == 0) || (parent != DGM_SLOT_NONE && parent >= m->count))
        return maker_fail(m, DGM_USAGE);
    /* the last number of 20 bits means "unknown" in a node */
    if (m->count >= DGM_SLOTS_MAX - 1) return maker_fail(m, DGM_LIMIT);
    uint32_t depth = parent == DGM_SLOT_NONE ? 0 : m->slots[parent].depth + 1;
    if (depth >= DGM_DEPTH_MAX) return maker_fail(m, DGM_LIMIT);
    void *slots = m->slots;
    dgm_status st = dgm_mem_reserve(&m->mem, &slots, &m->room, m->count + 1, sizeof *m->slots);
    m->slots = slots;
    if (st != DGM_OK) return maker_fail(m, st);
    maker_slot *made = &m->slots[m->count];
    *made = (maker_slot){ .slot = *like, .parent = parent, .first = DGM_SLOT_NONE, .last = DGM_SLOT_NONE, .next = DGM_SLOT_NONE };
    made->depth = depth;
    if (!keep_text(m, &made->slot.name) || !keep_text(m, &made->slot.title) || !keep_text(m, &made->slot.tag))
        return maker_fail(m, DGM_NOMEM);
    uint32_t id = (uint32_t)m->count++;
    if (parent != DGM_SLOT_NONE) {
        maker_slot *above = &m->slots[parent];
        if (above->last == DGM_SLOT_NONE)
            above->first = id;
        else
            m->slots[above->last].next = id;
        above->last = id;
    }
    return id;
}

void dgm_shape_parts(dgm_shape_maker *m, uint32_t id, uint32_t part_value, uint32_t part_code)
{
    if (id >= m->count) {
        maker_fail(m, DGM_USAGE);
        return;
    }
    m->slots[id].slot.part_value = part_value;
    m->slots[id].slot.part_code = part_code;
}

dgm_status dgm_shape_add_alias(dgm_shape_maker *m, dgm_slice name, uint32_t id)
{
    if (id >= m->count || name.len == 0) return DGM_USAGE;
    void *aliases = m->aliases;
    dgm_status st = dgm_mem_reserve(&m->mem, &aliases, &m->alias_room, m->alias_count + 1, sizeof *m->aliases);
    m->aliases = aliases;
    if (st != DGM_OK || !keep_text(m, &name)) {
        maker_fail(m, DGM_NOMEM);
        return DGM_NOMEM;
    }
    m->aliases[m->alias_count++] = (maker_alias){ name, id };
    return DGM_OK;
}

uint32_t dgm_shape_frozen_id(const dgm_shape_maker *m, uint32_t id)
{
    return m->frozen && id < m->count ? m->frozen[id] : DGM_SLOT_NONE;
}

static uint32_t frozen_part(const dgm_shape_maker *m, uint32_t id)
{
    return id < m->count ? m->frozen[id] : DGM_SLOT_NONE;
}

/* Breadth-first numbers; the slots stand in their final order afterwards, children contiguous. */
static void number_slots(dgm_shape_maker *m, dgm_shape *s, uint32_t *order)
{
    uint32_t made = 1;
    order[0] = 0;
    m->frozen[0] = DGM_SLOT_ROOT;
    for (uint32_t i = 0; i < s->count; i++) {
        const maker_slot *from = &m->slots[order[i]];
        dgm_slot *to = &s->slots[i];
        *to = from->slot;
        to->needs = false;
        to->parent = from->parent == DGM_SLOT_NONE ? DGM_SLOT_NONE : m->frozen[from->parent];
        to->first_child = made;
        for (int attributes = 1; attributes >= 0; attributes--) { /* attributes first, wherever they were added */
            for (uint32_t id = from->first; id != DGM_SLOT_NONE; id = m->slots[id].next) {
                if ((m->slots[id].slot.kind == DGM_ATTRIBUTE) != attributes) continue;
                m->frozen[id] = made;
                order[made++] = id;
            }
        }
        to->child_count = made - to->first_child;
        if (to->child_count == 0) to->first_child = DGM_SLOT_NONE;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        dgm_slot *slot = &s->slots[i];
        /* a leaf holds attributes only: anything else beneath it fits no parent in a builder */
        bool fits = i == 0 || slot->kind == DGM_ATTRIBUTE || !dgm_kind_leaf(s->slots[slot->parent].kind);
        if (i && slot->min > 0) s->slots[slot->parent].needs = true;
        slot->part_value = frozen_part(m, slot->part_value);
        slot->part_code = frozen_part(m, slot->part_code);
        s->hot[i] = (dgm_slot_hot){
            .parent = fits ? slot->parent : DGM_SLOT_NONE,
            .tag = DGM_TAG(i, slot->kind, 0),
            .place = DGM_PLACE(slot->element, slot->component & 0xFFu, 0),
        };
    }
}

#define FIRST_OF_NAME 0x80000000u

/* Two passes over the slots: the first counts the slots of each name, the second gives each name a run of ranked[] and each slot
 * its ordinal. While the first runs, `first` of a bucket is the slot itself, which is what find_bucket needs once ranked is the
 * identity. */
static void index_names(dgm_shape *s, uint32_t *bucket_of)
{
    for (uint32_t i = 0; i < s->count; i++) s->ranked[i] = i;
    s->slots[0].ordinal = 1;
    for (uint32_t i = 1; i < s->count; i++) {
        dgm_shape_bucket *b = find_bucket(s, s->slots[i].parent, s->slots[i].name);
        bucket_of[i] = (uint32_t)(b - s->buckets) | (b->count ? 0u : FIRST_OF_NAME);
        if (b->count++ == 0) b->first = i;
    }
    uint32_t used = 1; /* ranked[0] is the root, which no bucket holds */
    for (uint32_t i = 1; i < s->count; i++) {
        dgm_shape_bucket *b = &s->buckets[bucket_of[i] & ~FIRST_OF_NAME];
        if (bucket_of[i] & FIRST_OF_NAME) { /* reserves the run */
            uint32_t run = b->count;
            b->first = used;
            b->count = 0;
            used += run;
        }
        dgm_slot *slot = &s->slots[i];
        slot->ordinal = 1;
        if (b->count) {
            const dgm_slot *before = &s->slots[s->ranked[b->first + b->count - 1]];
            uint64_t next = (uint64_t)before->ordinal + ordinals_of(before);
            slot->ordinal = next > UINT32_MAX ? UINT32_MAX : (uint32_t)next;
        }
        s->ranked[b->first + b->count++] = i;
    }
}

/* Aliases sorted by name, then slot; bottom-up merging needs no recursion. Twins are dropped. */
static void sort_aliases(const dgm_shape_maker *m, dgm_shape *s, dgm_shape_alias_row *spare)
{
    dgm_shape_alias_row *from = s->aliases, *to = spare;
    uint32_t n = (uint32_t)m->alias_count;
    for (uint32_t i = 0; i < n; i++) from[i] = (dgm_shape_alias_row){ m->aliases[i].name, m->frozen[m->aliases[i].id] };
    for (uint32_t width = 1; width < n; width *= 2) {
        for (uint32_t at = 0; at < n; at += 2 * width) {
            uint32_t a = at, a_end = at + width < n ? at + width : n;
            uint32_t b = a_end, b_end = at + 2 * width < n ? at + 2 * width : n;
            for (uint32_t i = at; i < b_end; i++) {
                bool left = b >= b_end;
                if (!left && a < a_end) {
                    int c = dgm_slice_compare(from[a].name, from[b].name);
                    left = c < 0 || (c == 0 && from[a].slot <= from[b].slot);
                }
                to[i] = left ? from[a++] : from[b++];
            }
        }
        dgm_shape_alias_row *swap = from;
        from = to;
        to = swap;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (kept && from[kept - 1].slot == from[i].slot && dgm_slice_equal(from[kept - 1].name, from[i].name)) continue;
        from[kept++] = from[i];
    }
    s->aliases = from;
    s->alias_count = kept;
}

dgm_status dgm_shape_freeze(dgm_shape_maker *m, dgm_shape **out)
{
    *out = NULL;
    if (m->status != DGM_OK) return m->status;
    if (m->count == 0 || m->frozen) return DGM_USAGE;
    dgm_arena *a = &m->arena;
    size_t n = m->count, buckets = 16;
    while (buckets < n * 2) buckets *= 2;
    uint32_t *frozen = dgm_mem_new(&m->mem, n * sizeof *frozen);
    uint32_t *scratch = dgm_mem_new(&m->mem, n * sizeof *scratch);
    dgm_shape *s = DGM_NEW(a, dgm_shape, 1);
    dgm_shape_alias_row *spare = DGM_NEW(a, dgm_shape_alias_row, m->alias_count + 1);
    if (s) {
        s->slots = DGM_NEW(a, dgm_slot, n);
        s->hot = DGM_NEW(a, dgm_slot_hot, n);
        s->check = DGM_NEW(a, dgm_slot_check, n);
        s->ranked = DGM_NEW(a, uint32_t, n);
        s->buckets = DGM_NEW(a, dgm_shape_bucket, buckets);
        s->aliases = DGM_NEW(a, dgm_shape_alias_row, m->alias_count + 1);
    }
    if (!s || !frozen || !scratch || !spare || !s->slots || !s->hot || !s->check || !s->ranked || !s->buckets || !s->aliases) {
        dgm_mem_free(&m->mem, frozen, n * sizeof *frozen);
        dgm_mem_free(&m->mem, scratch, n * sizeof *scratch);
        return m->status = DGM_NOMEM;
    }
    m->frozen = frozen;
    m->frozen_room = n;
    s->name = m->name;
    s->count = (uint32_t)n;
    s->bucket_mask = (uint32_t)buckets - 1;
    number_slots(m, s, scratch);
    dgm_check_rows(s);
    index_names(s, scratch);
    sort_aliases(m, s, spare);
    dgm_mem_free(&m->mem, scratch, n * sizeof *scratch);
    s->arena = m->arena; /* everything the shape needs stands there; the maker keeps its ids only */
    dgm_arena_init(&m->arena, &m->mem);
    *out = s;
    return DGM_OK;
}

void dgm_shape_maker_free(dgm_shape_maker *m)
{
    if (!m) return;
    dgm_mem mem = m->mem;
    dgm_mem_free(&mem, m->slots, m->room * sizeof *m->slots);
    dgm_mem_free(&mem, m->aliases, m->alias_room * sizeof *m->aliases);
    dgm_mem_free(&mem, m->frozen, m->frozen_room * sizeof *m->frozen);
    dgm_arena_free(&m->arena);
    dgm_mem_free(&mem, m, sizeof *m);
}

void dgm_shape_free(dgm_shape *s)
{
    if (!s || (s->shared && atomic_fetch_sub_explicit(&s->keepers, 1, memory_order_acq_rel) > 1)) return;
    if (s->release) s->release(s->extra);
    dgm_arena arena = s->arena; /* the shape stands inside it */
    dgm_arena_free(&arena);
}

void dgm_shape_share(dgm_shape *s)
{
    s->shared = true;
    atomic_init(&s->keepers, 1);
}

dgm_shape *dgm_shape_keep(const dgm_shape *s)
{
    if (!s || !s->shared) return NULL;
    dgm_shape *kept = (dgm_shape *)(uintptr_t)s; /* the count is all that ever changes */
    atomic_fetch_add_explicit(&kept->keepers, 1, memory_order_relaxed);
    return kept;
}

size_t dgm_shape_bytes(const dgm_shape *s)
{
    return s->arena.bytes_held;
}

void dgm_shape_attach(dgm_shape *s, void *extra, void (*release)(void *extra))
{
    s->extra = extra;
    s->release = release;
}

const void *dgm_shape_attached(const dgm_shape *s)
{
    return s->extra;
}
