/* SPDX-License-Identifier: Apache-2.0
 *
 * load.c - makes a layout, and the shape that mappings know it by, from the `layout:` of a format file: the records in the order in
 * which they nest. Runs once for each format. One thread.
 */
#include "load.h"
#include "swift.h"

/* ---- mistakes ---- */

dgm_diag *dgm_flat_fault(flat_loader *k, dgm_yaml_mark mark, dgm_diag_code code, dgm_slice a, dgm_slice b, dgm_slice c)
{
    dgm_diags *diags = k->host->diags;
    dgm_diag *d = dgm_yaml_fault(diags, k->format->file_name, k->file, mark, code, DGM_ERROR);
    if (k->status == DGM_OK) k->status = DGM_CONFIG;
    if (a.len || b.len || c.len) dgm_diag_text(diags, d, a);
    if (b.len || c.len) dgm_diag_text(diags, d, b);
    if (c.len) dgm_diag_text(diags, d, c);
    return d;
}

static size_t words_of(const char *words, dgm_slice *out, size_t room)
{
    size_t n = 0;
    for (dgm_slice list = dgm_slice_of(words); list.len && n < room;) {
        dgm_cut cut = dgm_slice_cut(list, ' ');
        out[n++] = cut.head;
        list = cut.tail;
    }
    return n;
}

static int word_in(dgm_slice wanted, const char *words, dgm_slice *near)
{
    dgm_slice names[64];
    size_t n = words_of(words, names, 64);
    for (size_t i = 0; i < n; i++)
        if (dgm_slice_equal(names[i], wanted)) return (int)i;
    int best = dgm_nearest(wanted, names, n);
    *near = best < 0 ? (dgm_slice){ 0 } : names[best];
    return -1;
}

bool dgm_flat_key(flat_loader *k, const dgm_yaml *n, const char *owner, const char *keys)
{
    dgm_slice near;
    if (word_in(n->key, keys, &near) >= 0) return true;
    dgm_flat_fault(k, n->key_mark, DGM_D_FLAT_LAYOUT_KEY, n->key, dgm_slice_of(owner), near);
    return false;
}

bool dgm_flat_text(flat_loader *k, const dgm_yaml *n, dgm_slice *out)
{
    bool text = n->kind == DGM_YAML_TEXT && n->text.len > 0;
    if (text) *out = n->text;
    if (!text) dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, n->key, DGM_LITERAL("a text"), (dgm_slice){ 0 });
    return text;
}

int dgm_flat_word(flat_loader *k, const dgm_yaml *n, const char *words)
{
    dgm_slice near = { 0 };
    int which = n->kind == DGM_YAML_TEXT ? word_in(n->text, words, &near) : -1;
    if (which < 0) dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_WORD, n->key, dgm_slice_of(words), near);
    return which;
}

bool dgm_flat_bool(flat_loader *k, const dgm_yaml *n, bool *out)
{
    int which = dgm_flat_word(k, n, "no yes");
    if (which >= 0) *out = which == 1;
    return which >= 0;
}

bool dgm_flat_number(flat_loader *k, const dgm_yaml *n, uint32_t least, uint32_t most, uint32_t *out)
{
    uint32_t v = 0;
    bool good = n->kind == DGM_YAML_TEXT && dgm_slice_count(n->text, &v) && v >= least && v <= most;
    if (good) *out = v;
    if (good) return true;
    dgm_diag *d = dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_NUMBER, n->key, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    dgm_diag_number(k->host->diags, d, least);
    dgm_diag_number(k->host->diags, d, most);
    return false;
}

bool dgm_flat_range(flat_loader *k, const dgm_yaml *n, uint32_t *from, uint32_t *count, bool *one)
{
    dgm_cut cut = dgm_slice_cut(n->kind == DGM_YAML_TEXT ? n->text : (dgm_slice){ 0 }, '-');
    uint32_t a = 0, b = 0;
    bool good = dgm_slice_count(cut.head, &a) && (!cut.found || dgm_slice_count(cut.tail, &b)) && a > 0;
    if (good && !cut.found) b = a;
    if (!good || b < a || b > DGM_FLAT_COLUMNS_MAX) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_RANGE, n->key, n->text, (dgm_slice){ 0 });
        return false;
    }
    *from = a - 1;
    *count = b - a + 1;
    *one = !cut.found;
    return true;
}

bool dgm_flat_name_like(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.at[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        if (!good) return false;
    }
    return s.len > 0 && s.len < 128;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool dgm_flat_bytes(flat_loader *k, const dgm_yaml *n, dgm_slice *out)
{
    dgm_slice t;
    if (!dgm_flat_text(k, n, &t)) return false;
    char *to = dgm_arena_new(&k->l->arena, t.len + 1, 1, 1);
    if (!to) k->status = DGM_NOMEM;
    if (!to) return false;
    size_t len = 0;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.at[i];
        if (c == '\\' && i + 1 < t.len) {
            char e = t.at[++i];
            bool two = e == 'x' && i + 2 < t.len && hex(t.at[i + 1]) >= 0 && hex(t.at[i + 2]) >= 0;
            c = e == 'n' ? '\n' : e == 'r' ? '\r' : e == 't' ? '\t' : e;
            if (two) {
                c = (char)(hex(t.at[i + 1]) * 16 + hex(t.at[i + 2]));
                i += 2;
            }
        }
        to[len++] = c;
    }
    *out = (dgm_slice){ to, len };
    return true;
}

dgm_slice dgm_flat_copy(flat_loader *k, dgm_slice s)
{
    dgm_slice c = s.len ? dgm_arena_copy(&k->l->arena, s) : (dgm_slice){ "", 0 };
    if (!c.at) k->status = DGM_NOMEM;
    return c.at ? c : (dgm_slice){ "", 0 };
}

bool dgm_flat_grow(flat_loader *k, void **at, size_t *room, size_t count, size_t bytes)
{
    dgm_status st = dgm_mem_reserve(&k->host->mem, at, room, count + 1, bytes);
    if (st != DGM_OK) k->status = st;
    return st == DGM_OK;
}

static dgm_slice key_of(flat_loader *k, const char *kind, uint32_t owner, dgm_slice name)
{
    dgm_slice key = dgm_arena_print(&k->temp, "%s%u/%.*s", kind, owner, (int)name.len, name.at);
    if (!key.at) k->status = DGM_NOMEM;
    return key;
}

uint32_t dgm_flat_named(flat_loader *k, const char *kind, uint32_t owner, dgm_slice name)
{
    dgm_slice key = key_of(k, kind, owner, name);
    uint32_t i = key.at ? dgm_symbols_find(&k->names, key) : DGM_NONE;
    return i == DGM_NONE ? DGM_NONE : k->of[i];
}

uint32_t dgm_flat_name_of(flat_loader *k, const char *kind, uint32_t owner, dgm_slice name, uint32_t number)
{
    size_t before = dgm_symbols_count(&k->names);
    dgm_slice key = key_of(k, kind, owner, name);
    uint32_t i = 0;
    if (!key.at) return DGM_NONE;
    void *of = k->of;
    bool room = dgm_flat_grow(k, &of, &k->of_room, before, sizeof *k->of);
    k->of = of;
    dgm_status st = room ? dgm_symbols_add(&k->names, key, &i) : DGM_NOMEM;
    if (st != DGM_OK) k->status = st == DGM_LIMIT ? DGM_CONFIG : st;
    if (st != DGM_OK || i < before) return st == DGM_OK ? k->of[i] : DGM_NONE;
    k->of[i] = number;
    return DGM_NONE;
}

/* ---- records ---- */

const char dgm_flat_record_keys[] = "record title times table length least when unless fields records";

bool dgm_flat_times(flat_loader *k, const dgm_yaml *n, uint32_t limit, uint32_t *min, uint32_t *max)
{
    dgm_slice t = n->kind == DGM_YAML_TEXT ? n->text : (dgm_slice){ 0 };
    const char *dots = t.len ? memmem(t.at, t.len, "..", 2) : NULL;
    dgm_slice low = dots ? dgm_slice_part(t, 0, (size_t)(dots - t.at)) : t;
    dgm_slice high = dots ? dgm_slice_part(t, (size_t)(dots - t.at) + 2, t.len) : t;
    *max = limit;
    bool good = dgm_slice_count(low, min) && (dgm_slice_is(high, "*") || dgm_slice_count(high, max)) && *max >= *min && *max > 0 &&
                *max <= limit;
    if (!good) dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TIMES, n->text, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    return good;
}

/* Records that the writer makes of itself (they hold no others): so many at most. */
static void check_made(flat_loader *k, const dgm_yaml *n, const dgm_flat_place *p)
{
    const dgm_yaml *times = dgm_yaml_get(n, "times");
    if (p->made && times && p->min > DGM_FLAT_MADE_MAX)
        dgm_flat_fault(k, times->mark, DGM_D_FLAT_LAYOUT_LARGE, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 });
}

static void take_times(flat_loader *k, const dgm_yaml *n, dgm_flat_place *p)
{
    if (dgm_flat_times(k, n, DGM_UNBOUNDED, &p->min, &p->max)) return;
    p->min = 0;
    p->max = DGM_UNBOUNDED;
}

/* Constants, and fields that follow from others, alone. */
static bool all_derived(const dgm_yaml *record)
{
    const dgm_yaml *fields = dgm_yaml_get(record, "fields");
    if (dgm_yaml_get(record, "records") || !fields || fields->kind != DGM_YAML_LIST) return false;
    for (const dgm_yaml *f = fields->first; f; f = f->next) {
        if (f->kind != DGM_YAML_MAP) return false;
        bool derived = dgm_yaml_get(f, "same") || dgm_yaml_get(f, "count") || dgm_yaml_get(f, "sum") || dgm_yaml_get(f, "hash") ||
                       dgm_yaml_get(f, "continues");
        if (dgm_yaml_get(f, "field") && !derived && !dgm_yaml_get(f, "value")) return false;
    }
    return true;
}

static uint32_t add_slot(flat_loader *k, uint32_t parent, const dgm_flat_place *p)
{
    dgm_slot s = { .name = p->name, .title = p->title, .min = p->min, .max = p->max, .kind = DGM_RECORD };
    s.part_value = s.part_code = DGM_SLOT_NONE;
    s.envelope = p->made;
    if (p->conditional) s.min = 0;
    uint32_t id = dgm_shape_add(k->shape, parent, &s);
    if (id == DGM_SLOT_NONE && k->status == DGM_OK) k->status = DGM_NOMEM;
    return id;
}

/* One entry of `records:`, behind its elder siblings. */
static void take_record(flat_loader *k, uint32_t parent, const dgm_yaml *n)
{
    if (n->kind != DGM_YAML_MAP) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TYPE, DGM_LITERAL("a record"), DGM_LITERAL("a map"), (dgm_slice){ 0 });
        return;
    }
    dgm_flat_place p = { .parent = parent, .min = 1, .max = 1, .depth = k->places[parent].depth + 1, .slot = DGM_SLOT_NONE };
    p.table = p.title = (dgm_slice){ "", 0 };
    for (const dgm_yaml *m = n->first; m; m = m->next) {
        dgm_slice text;
        if (!dgm_flat_key(k, m, "a record", dgm_flat_record_keys)) continue;
        if (dgm_slice_is(m->key, "record") && dgm_flat_text(k, m, &text)) p.name = dgm_flat_copy(k, text);
        if (dgm_slice_is(m->key, "title") && dgm_flat_text(k, m, &text)) p.title = dgm_flat_copy(k, text);
        if (dgm_slice_is(m->key, "table") && dgm_flat_text(k, m, &text)) p.table = dgm_flat_copy(k, text);
        if (dgm_slice_is(m->key, "times")) take_times(k, m, &p);
        if (dgm_slice_is(m->key, "length")) dgm_flat_number(k, m, 1, DGM_FLAT_COLUMNS_MAX, &p.width);
        if (dgm_slice_is(m->key, "least")) dgm_flat_number(k, m, 1, 10000, &p.least);
        if (dgm_slice_is(m->key, "fields") || dgm_slice_is(m->key, "records")) {
            if (m->kind != DGM_YAML_LIST)
                dgm_flat_fault(k, m->mark, DGM_D_FLAT_LAYOUT_TYPE, m->key, DGM_LITERAL("a list"), (dgm_slice){ 0 });
        }
    }
    if (!dgm_flat_name_like(p.name)) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_NAME, DGM_LITERAL("record"), p.name, (dgm_slice){ 0 });
        return;
    }
    if (p.table.len && !k->l->table_line.len)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_MISSING, DGM_LITERAL("tables"),
                       DGM_LITERAL("what a line that opens one begins with"), (dgm_slice){ 0 });
    if (dgm_flat_name_of(k, "r", parent, p.name, (uint32_t)k->place_count) != DGM_NONE)
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_TWICE, p.name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    (void)dgm_flat_name_of(k, "any", 0, p.name, (uint32_t)k->place_count);
    if (p.depth >= DGM_DEPTH_MAX - 2) {
        dgm_flat_fault(k, n->mark, DGM_D_FLAT_LAYOUT_DEEP, p.name, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        return;
    }
    p.made = all_derived(n);
    check_made(k, n, &p);
    p.conditional = dgm_yaml_get(n, "when") || dgm_yaml_get(n, "unless"); /* for the slot; then of its fields */
    p.slot = add_slot(k, k->places[parent].slot, &p);
    void *places = k->places, *nodes = (void *)(uintptr_t)k->place_nodes;
    bool room = dgm_flat_grow(k, &places, &k->place_room, k->place_count, sizeof p);
    k->places = places;
    if (room) room = dgm_flat_grow(k, &nodes, &k->place_node_room, k->place_count, sizeof(const dgm_yaml *));
    k->place_nodes = (const dgm_yaml **)nodes;
    if (!room) return;
    const dgm_yaml *when = dgm_yaml_get(n, "when"), *unless = dgm_yaml_get(n, "unless");
    if (when) dgm_flat_link(k, &(flat_link){ .node = when, .kind = FLAT_WHEN, .place = (uint32_t)k->place_count });
    if (unless) dgm_flat_link(k, &(flat_link){ .node = unless, .kind = FLAT_UNLESS, .place = (uint32_t)k->place_count });
    k->place_nodes[k->place_count] = n;
    p.conditional = false;
    k->places[k->place_count++] = p;
    k->places[parent].child_count++;
}

static void take_records(flat_loader *k, uint32_t parent, const dgm_yaml *list)
{
    k->places[parent].first_child = (uint32_t)k->place_count;
    for (const dgm_yaml *m = list && list->kind == DGM_YAML_LIST ? list->first : NULL; m && k->status != DGM_NOMEM; m = m->next)
        take_record(k, parent, m);
}

/* Breadth first, so that the children of a place stand beside each other. */
static void take_places(flat_loader *k)
{
    const dgm_yaml *records = dgm_yaml_get(k->head, "records");
    if (!records || records->kind != DGM_YAML_LIST || records->count == 0) {
        dgm_flat_fault(k, records ? records->mark : k->head->mark, DGM_D_FLAT_LAYOUT_MISSING, DGM_LITERAL("records"),
                       DGM_LITERAL("a list of records"), (dgm_slice){ 0 });
        return;
    }
    take_records(k, 0, records);
    for (uint32_t i = 1; i < k->place_count && k->status != DGM_NOMEM; i++) {
        const dgm_yaml *n = k->place_nodes[i];
        const dgm_yaml *fields = dgm_yaml_get(n, "fields");
        k->places[i].first_step = (uint32_t)k->step_count;
        dgm_flat_load_fields(k, i, fields);
        k->places[i].step_count = (uint32_t)k->step_count - k->places[i].first_step;
        take_records(k, i, dgm_yaml_get(n, "records"));
    }
}

static void take_root(flat_loader *k)
{
    dgm_flat_place root = { .name = k->l->message, .parent = DGM_NONE, .min = 1, .max = 1, .kind = DGM_NONE };
    dgm_slot s = { .name = root.name, .title = k->format->title, .min = 1, .max = 1, .kind = DGM_GROUP };
    s.part_value = s.part_code = DGM_SLOT_NONE;
    root.slot = dgm_shape_add(k->shape, DGM_SLOT_NONE, &s);
    if (root.slot == DGM_SLOT_NONE) k->status = DGM_NOMEM;
    void *places = k->places, *nodes = (void *)(uintptr_t)k->place_nodes;
    bool room = dgm_flat_grow(k, &places, &k->place_room, 0, sizeof root);
    k->places = places;
    if (room) room = dgm_flat_grow(k, &nodes, &k->place_node_room, 0, sizeof(const dgm_yaml *));
    k->place_nodes = (const dgm_yaml **)nodes;
    if (!room) return;
    k->places[0] = root;
    k->place_nodes[0] = k->head;
    k->place_count = 1;
}

/* ---- the shape ---- */

static void release(void *layout)
{
    dgm_flat_layout *l = layout;
    dgm_mem mem = l->mem;
    dgm_arena_free(&l->arena);
    dgm_mem_free(&mem, l, sizeof *l);
}

const dgm_flat_layout *dgm_flat_layout_of(const dgm_shape *shape)
{
    const dgm_flat_layout *l = shape ? dgm_shape_attached(shape) : NULL;
    return l && l->magic == DGM_FLAT_MAGIC ? l : NULL;
}

static void add_aliases(flat_loader *k, dgm_shape *made)
{
    for (size_t i = 0; i < k->format->alias_count; i++) {
        const dgm_format_alias *a = &k->format->aliases[i];
        dgm_slice bad;
        if (dgm_shape_find(made, a->path, &bad) != DGM_SLOT_NONE) continue;
        const dgm_yaml *names = k->head;
        dgm_flat_fault(k, names->mark, DGM_D_FLAT_LAYOUT_ALIAS, a->name, a->path, (dgm_slice){ 0 });
    }
}

/* The place whose record has this path ("A/B"), or NONE. */
static uint32_t slot_of_path(flat_loader *k, dgm_slice path)
{
    uint32_t at = 0;
    while (path.len) {
        dgm_cut cut = dgm_slice_cut(path, '/');
        uint32_t hit = dgm_flat_named(k, "r", at, cut.head);
        if (hit == DGM_NONE) return DGM_NONE;
        at = hit;
        path = cut.tail;
    }
    return k->places[at].slot;
}

static dgm_status freeze(flat_loader *k, dgm_shape **out)
{
    for (size_t i = 0; i < k->format->alias_count && k->status == DGM_OK; i++) {
        uint32_t id = slot_of_path(k, k->format->aliases[i].path);
        if (id != DGM_NONE) k->status = dgm_shape_add_alias(k->shape, k->format->aliases[i].name, id);
    }
    dgm_shape *made = NULL;
    if (k->status == DGM_OK) k->status = dgm_shape_freeze(k->shape, &made);
    if (k->status != DGM_OK) return k->status;
    for (size_t i = 0; i < k->place_count; i++) k->l->places[i].slot = dgm_shape_frozen_id(k->shape, k->places[i].slot);
    for (size_t i = 0; i < k->step_count; i++)
        if (k->steps[i].slot != DGM_SLOT_NONE) k->l->steps[i].slot = dgm_shape_frozen_id(k->shape, k->steps[i].slot);
    add_aliases(k, made);
    if (k->status == DGM_OK) k->status = dgm_flat_swift_plan(k->l);
    if (k->status != DGM_OK) {
        dgm_shape_free(made);
        return k->status;
    }
    dgm_shape_attach(made, k->l, release);
    k->l = NULL;
    *out = made;
    return DGM_OK;
}

static bool keep_arrays(flat_loader *k)
{
    dgm_flat_layout *l = k->l;
    l->places = DGM_NEW(&l->arena, dgm_flat_place, k->place_count + 1);
    l->steps = DGM_NEW(&l->arena, dgm_flat_step, k->step_count + 1);
    if (!l->places || !l->steps) {
        k->status = DGM_NOMEM;
        return false;
    }
    if (k->place_count) memcpy(l->places, k->places, k->place_count * sizeof *l->places);
    if (k->step_count) memcpy(l->steps, k->steps, k->step_count * sizeof *l->steps);
    l->place_count = (uint32_t)k->place_count;
    l->step_count = (uint32_t)k->step_count;
    return dgm_flat_keep_tokens(k);
}

/* The keys beside `layout:`; what stands beneath one that is none is passed over. True: one of them may be meant for `layout`. */
static bool check_head(flat_loader *k, const dgm_yaml *root)
{
    bool meant = false;
    for (const dgm_yaml *m = root->kind == DGM_YAML_MAP ? root->first : NULL; m; m = m->next) {
        dgm_slice near;
        if (word_in(m->key, "dragoman format title codec names layout", &near) >= 0) continue;
        if (near.len)
            dgm_flat_fault(k, m->key_mark, DGM_D_FLAT_LAYOUT_KEY, m->key, DGM_LITERAL("a format of flat files"), near);
        else
            dgm_flat_fault(k, m->key_mark, DGM_D_FLAT_LAYOUT_SETTING, m->key, (dgm_slice){ 0 }, (dgm_slice){ 0 });
        meant = meant || dgm_slice_is(near, "layout") || dgm_yaml_get(m, "records");
    }
    return meant;
}

static void load_layout(flat_loader *k, dgm_shape **out)
{
    const dgm_yaml *root = NULL;
    k->status = dgm_yaml_read(&k->temp, k->format->file_name, k->format->file, k->host->diags, &root);
    if (k->status != DGM_OK) return;
    k->head = root->kind == DGM_YAML_MAP ? dgm_yaml_get(root, "layout") : NULL;
    if (check_head(k, root) && !k->head) return; /* it is there, under another name */
    if (!k->head || k->head->kind != DGM_YAML_MAP) {
        dgm_flat_fault(k, k->head ? k->head->mark : root->mark, DGM_D_FLAT_LAYOUT_MISSING, DGM_LITERAL("layout"),
                       DGM_LITERAL("a map with kind, records and more"), (dgm_slice){ 0 });
        return;
    }
    dgm_flat_load_head(k);
    if (k->status != DGM_NOMEM) take_root(k);
    if (k->status != DGM_NOMEM) take_places(k);
    if (k->status != DGM_NOMEM && keep_arrays(k)) dgm_flat_plan(k);
    if (k->status == DGM_OK) k->status = freeze(k, out);
}

dgm_status dgm_flat_shape(const dgm_host *host, const dgm_format *format, dgm_shape **out)
{
    flat_loader k = { .host = host, .format = format, .file = format->file };
    *out = NULL;
    if (k.file.len >= 3 && memcmp(k.file.at, "\xEF\xBB\xBF", 3) == 0) k.file = dgm_slice_part(k.file, 3, k.file.len);
    dgm_arena_init(&k.temp, &host->mem);
    dgm_symbols_init(&k.names, &host->mem);
    k.l = dgm_mem_new(&host->mem, sizeof *k.l);
    if (k.l) {
        *k.l = (dgm_flat_layout){ .magic = DGM_FLAT_MAGIC, .mem = host->mem };
        dgm_arena_init(&k.l->arena, &host->mem);
        k.status = dgm_shape_begin(&host->mem, format->name, &k.shape);
        if (k.status == DGM_OK) load_layout(&k, out);
    } else {
        k.status = DGM_NOMEM;
    }
    dgm_shape_maker_free(k.shape);
    if (k.l) release(k.l);
    dgm_mem_free(&host->mem, k.places, k.place_room * sizeof *k.places);
    dgm_mem_free(&host->mem, (void *)(uintptr_t)k.place_nodes, k.place_node_room * sizeof *k.place_nodes);
    dgm_mem_free(&host->mem, k.steps, k.step_room * sizeof *k.steps);
    dgm_mem_free(&host->mem, (void *)(uintptr_t)k.step_nodes, k.step_node_room * sizeof *k.step_nodes);
    dgm_mem_free(&host->mem, k.wishes, k.wish_room * sizeof *k.wishes);
    dgm_mem_free(&host->mem, k.links, k.link_room * sizeof *k.links);
    dgm_mem_free(&host->mem, k.of, k.of_room * sizeof *k.of);
    dgm_flat_free_tokens(&k);
    dgm_symbols_free(&k.names);
    dgm_arena_free(&k.temp);
    return k.status;
}
