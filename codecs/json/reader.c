/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - canonical documents from JSON: the whole input is one message; tokens become a tree in the order of the model,
 * whatever the order of the keys. Also the codec's table. A reader belongs to one thread.
 */
#include "json.h"

typedef struct frame {   /* an open object */
    uint32_t member;     /* the next one, or NONE */
    uint32_t item;       /* the next element of the array being read, or NONE */
    uint32_t slot;       /* of the member being read */
    uint32_t occurrence; /* of that slot */
} frame;

typedef struct json_reader {
    dgm_reader base; /* first */
    dgm_host host;
    dgm_draft *draft;
    dgm_json_text text;
    dgm_buffer scratch; /* an unescaped string */
    char *bytes;        /* what was fed */
    size_t len, room;
    dgm_slice whole; /* open_whole: the input */
    bool borrowed, last, over, too_long;
    size_t errors;
    const dgm_format *format;
    dgm_status unusable; /* DGM_OK, or why the format cannot be loaded */
    frame frames[DGM_DEPTH_MAX];
} json_reader;

/* ---- diagnostics ---- */

/* An error at bytes of the input, with the line around them. */
static dgm_diag *complain(json_reader *r, dgm_diag_code code, uint64_t at, uint64_t bytes)
{
    r->errors++;
    dgm_diag *d = dgm_diags_add(r->host.diags, code, DGM_ERROR);
    if (!d) return NULL;
    dgm_slice all = r->text.bytes;
    size_t from = (size_t)at < all.len ? (size_t)at : all.len, to = from;
    while (from && (size_t)at - from < 200 && all.at[from - 1] != '\n') from--;
    while (to < all.len && to - (size_t)at < 200 && all.at[to] != '\n') to++;
    d->position = (dgm_position){ .interchange = 1, .message = 1 };
    d->at_byte = at;
    d->bytes = bytes;
    dgm_diag_excerpt(r->host.diags, d, dgm_slice_part(all, from, to), from);
    return d;
}

static dgm_slice raw_of(const json_reader *r, const dgm_json_token *t)
{
    return (dgm_slice){ r->text.bytes.at + t->at, t->len };
}

static dgm_slice key_of(const json_reader *r, const dgm_json_token *t)
{
    return (dgm_slice){ r->text.bytes.at + t->key_at, t->key_len };
}

static void add_path(json_reader *r, dgm_diag *d, uint32_t slot)
{
    char path[256];
    size_t n = dgm_shape_path(r->format->shape, slot, path, sizeof path);
    dgm_diag_path(r->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path });
}

/* What another kind of value should stand here. */
static void complain_kind(json_reader *r, const dgm_json_token *t, uint32_t slot, const char *wanted)
{
    bool container = t->kind == DGM_JSON_OBJECT || t->kind == DGM_JSON_ARRAY;
    dgm_diag *d = complain(r, DGM_D_JSON_VALUE_KIND, t->at, container ? 1 : t->len);
    dgm_diag_text(r->host.diags, d, dgm_slice_of(wanted));
    dgm_diag_text(r->host.diags, d, dgm_shape_slot(r->format->shape, slot)->name);
    add_path(r, d, slot);
}

/* A key that is no child of the slot, with the nearest that is. */
static void complain_key(json_reader *r, const dgm_json_token *t, uint32_t slot, dgm_slice key)
{
    dgm_diag *d = complain(r, DGM_D_JSON_KEY_UNKNOWN, t->key_at, t->key_len);
    if (!d) return; /* not kept: looking for what is near would be work for nobody */
    const dgm_shape *s = r->format->shape;
    const dgm_slot *above = dgm_shape_slot(s, slot);
    dgm_slice names[256];
    uint32_t n = above->child_count < 256 ? above->child_count : 256;
    bool leaf = dgm_kind_leaf(above->kind);
    for (uint32_t i = 0; i < n; i++) {
        names[i] = dgm_shape_slot(s, above->first_child + i)->name;
        if (leaf && names[i].len && names[i].at[0] == '@') names[i] = dgm_slice_part(names[i], 1, names[i].len);
    }
    int near = dgm_nearest(key, names, n);
    dgm_diag_text(r->host.diags, d, key);
    if (near >= 0) dgm_diag_text(r->host.diags, d, names[near]);
    add_path(r, d, slot);
}

/* ---- members to slots ---- */

static dgm_status key_text(json_reader *r, const dgm_json_token *t, dgm_slice *out)
{
    *out = key_of(r, t);
    if (!t->key_escaped) return DGM_OK;
    r->scratch.len = 0;
    dgm_status st = dgm_json_unescape(*out, &r->scratch);
    *out = dgm_buffer_slice(&r->scratch);
    return st;
}

/* "C246#2" is the second of its name. */
static uint32_t child_named(const dgm_shape *s, uint32_t slot, dgm_slice key)
{
    uint32_t hit = dgm_shape_child(s, slot, key, 1);
    dgm_cut cut = dgm_slice_cut(key, '#');
    if (hit != DGM_SLOT_NONE || !cut.found || cut.tail.len == 0 || cut.tail.len > 9) return hit;
    uint32_t n = 0;
    for (size_t i = 0; i < cut.tail.len; i++) {
        if (cut.tail.at[i] < '0' || cut.tail.at[i] > '9') return DGM_SLOT_NONE;
        n = n * 10 + (uint32_t)(cut.tail.at[i] - '0');
    }
    return dgm_shape_child(s, slot, cut.head, n);
}

/* The slot a key means beneath `slot`: of a leaf, "value" is the leaf itself and the rest its attributes without their @. */
static uint32_t slot_of_key(const dgm_shape *s, uint32_t slot, dgm_slice key)
{
    if (!dgm_kind_leaf(dgm_shape_slot(s, slot)->kind)) return child_named(s, slot, key);
    if (dgm_slice_is(key, "value")) return slot;
    char name[260];
    if (key.len && key.at[0] == '@') return dgm_shape_child(s, slot, key, 1);
    if (key.len + 1 > sizeof name) return DGM_SLOT_NONE;
    name[0] = '@';
    memcpy(name + 1, key.at, key.len);
    return dgm_shape_child(s, slot, (dgm_slice){ name, key.len + 1 }, 1);
}

/* Merges two chains of members by slot; of equal ones the elder comes first. */
static uint32_t merge(json_reader *r, uint32_t elder, uint32_t younger)
{
    dgm_json_token *t = r->text.tokens;
    uint32_t head = DGM_JSON_NONE, *tail = &head;
    while (elder != DGM_JSON_NONE && younger != DGM_JSON_NONE) {
        uint32_t *from = t[elder].slot > t[younger].slot ? &younger : &elder;
        *tail = *from;
        tail = &t[*from].next;
        *from = *tail;
    }
    *tail = elder != DGM_JSON_NONE ? elder : younger;
    return head;
}

/* Stable merge sort, bottom up: run[i] holds 2^i members. */
static uint32_t sort_members(json_reader *r, uint32_t first)
{
    uint32_t run[32], used = 0;
    for (uint32_t next; first != DGM_JSON_NONE; first = next) {
        next = r->text.tokens[first].next;
        r->text.tokens[first].next = DGM_JSON_NONE;
        uint32_t i = 0, carry = first;
        for (; i < used && run[i] != DGM_JSON_NONE; i++) {
            carry = merge(r, run[i], carry);
            run[i] = DGM_JSON_NONE;
        }
        if (i == used) used++;
        run[i] = carry;
    }
    uint32_t all = DGM_JSON_NONE;
    for (uint32_t i = 0; i < used; i++)
        if (run[i] != DGM_JSON_NONE) all = all == DGM_JSON_NONE ? run[i] : merge(r, run[i], all);
    return all;
}

/* Gives each member its slot, brings them into the model's order, and takes out what is unknown or stands twice; null says nothing.
 * *first is the chain that remains. */
static dgm_status resolve(json_reader *r, uint32_t object, uint32_t slot, uint32_t *first)
{
    dgm_json_token *tokens = r->text.tokens;
    uint32_t head = DGM_JSON_NONE, *tail = &head, before = 0;
    bool sorted = true;
    for (uint32_t id = tokens[object].len, next; id != DGM_JSON_NONE; id = next) {
        dgm_json_token *t = &tokens[id];
        next = t->next;
        t->next = DGM_JSON_NONE;
        dgm_slice key;
        dgm_status st = key_text(r, t, &key);
        if (st != DGM_OK) return st;
        t->slot = slot_of_key(r->format->shape, slot, key);
        if (t->slot == DGM_SLOT_NONE) {
            complain_key(r, t, slot, key);
            continue;
        }
        if (head != DGM_JSON_NONE && t->slot <= before) sorted = false;
        before = t->slot;
        *tail = id;
        tail = &t->next;
    }
    if (!sorted) {
        head = sort_members(r, head);
        for (uint32_t id = head; id != DGM_JSON_NONE;) {
            uint32_t next = tokens[id].next;
            if (next == DGM_JSON_NONE || tokens[next].slot != tokens[id].slot) {
                id = next;
                continue;
            }
            dgm_diag *d = complain(r, DGM_D_JSON_KEY_DUPLICATE, tokens[next].key_at, tokens[next].key_len);
            dgm_diag_text(r->host.diags, d, key_of(r, &tokens[next]));
            add_path(r, d, slot);
            tokens[id].next = tokens[next].next;
        }
    }
    *first = head;
    return DGM_OK;
}

/* ---- values to nodes ---- */

static bool number_type(dgm_type type)
{
    return type == DGM_TYPE_NUMBER || type == DGM_TYPE_AMOUNT || type == DGM_TYPE_QUANTITY;
}

/* False and a diagnostic when this scalar cannot be the value of the slot. */
static bool scalar_fits(json_reader *r, const dgm_json_token *t, uint32_t slot)
{
    dgm_type type = dgm_shape_slot(r->format->shape, slot)->type;
    bool word = t->kind == DGM_JSON_TRUE || t->kind == DGM_JSON_FALSE;
    if (t->kind == DGM_JSON_STRING || (word && type == DGM_TYPE_FLAG)) return true;
    if (t->kind != DGM_JSON_NUMBER || !number_type(type)) {
        complain_kind(r, t, slot, number_type(type) ? "a number" : type == DGM_TYPE_FLAG ? "true or false" : "a text in quotes");
        return false;
    }
    if (dgm_json_number(raw_of(r, t))) return true;
    add_path(r, complain(r, DGM_D_JSON_NUMBER_EXPONENT, t->at, t->len), slot);
    return false;
}

/* One leaf; token NONE makes an empty one at `at`. */
static dgm_status leaf(json_reader *r, const dgm_json_token *t, uint32_t slot, uint32_t occurrence, uint32_t at, uint32_t *node)
{
    const dgm_slot *s = dgm_shape_slot(r->format->shape, slot);
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return r->host.draft_status(r->draft);
    uint32_t len = t ? t->len : 0, repetition = occurrence < 0xFFFF ? occurrence : 0xFFFF;
    *n = (dgm_node){ t ? t->at : at, len, DGM_TAG(slot, s->kind, len ? 0 : DGM_EMPTY),
                     DGM_PLACE(s->element, s->component, repetition) };
    r->host.draft_commit(r->draft, 1);
    *node = r->host.draft_count(r->draft) - 1;
    if (!t || !t->escaped) return DGM_OK;
    r->scratch.len = 0;
    dgm_status st = dgm_json_unescape(raw_of(r, t), &r->scratch);
    return st == DGM_OK ? r->host.draft_decoded(r->draft, *node, dgm_buffer_slice(&r->scratch)) : st;
}

/* {"value": 12.50, "currencyID": "GBP"} */
static dgm_status leaf_object(json_reader *r, uint32_t id, uint32_t slot, uint32_t occurrence)
{
    const dgm_json_token *tokens = r->text.tokens;
    uint32_t member, node = 0, attribute;
    dgm_status st = resolve(r, id, slot, &member);
    if (st != DGM_OK) return st;
    const dgm_json_token *value = NULL; /* the first: the leaf's own slot is below those of its attributes */
    if (member != DGM_JSON_NONE && tokens[member].slot == slot) {
        value = &tokens[member];
        member = value->next;
    }
    if (value && (value->kind == DGM_JSON_NULL || !scalar_fits(r, value, slot))) value = NULL;
    st = leaf(r, value, slot, occurrence, tokens[id].at, &node);
    for (; st == DGM_OK && member != DGM_JSON_NONE; member = tokens[member].next) {
        const dgm_json_token *t = &tokens[member];
        if (t->kind == DGM_JSON_NULL || !scalar_fits(r, t, t->slot)) continue;
        st = leaf(r, t, t->slot, 1, 0, &attribute);
        if (st == DGM_OK) r->host.draft_flag(r->draft, node, DGM_HAS_MORE);
    }
    return st;
}

/* One occurrence of a slot. An object of a class is opened: its members follow. */
static dgm_status occurrence(json_reader *r, uint32_t id, uint32_t slot, uint32_t number)
{
    const dgm_json_token *t = &r->text.tokens[id];
    const dgm_slot *s = dgm_shape_slot(r->format->shape, slot);
    uint32_t node;
    if (dgm_kind_leaf(s->kind)) {
        if (t->kind == DGM_JSON_OBJECT && s->kind != DGM_ATTRIBUTE) return leaf_object(r, id, slot, number);
        return scalar_fits(r, t, slot) ? leaf(r, t, slot, number, 0, &node) : DGM_OK;
    }
    if (t->kind != DGM_JSON_OBJECT) {
        complain_kind(r, t, slot, "an object");
        return DGM_OK;
    }
    uint32_t place = s->kind == DGM_COMPOSITE ? DGM_PLACE(s->element, s->component, number < 0xFFFF ? number : 0xFFFF) : number;
    if (r->host.draft_open(r->draft, slot, s->kind, 0, t->at, place) == DGM_NONE) return r->host.draft_status(r->draft);
    return DGM_OK;
}

/* The document object and all below it. */
static dgm_status fill(json_reader *r, uint32_t document)
{
    uint32_t depth = 0, id = document, slot = DGM_SLOT_ROOT, number = 1;
    for (;;) {
        uint32_t nodes = r->host.draft_count(r->draft);
        const dgm_json_token *t = &r->text.tokens[id];
        bool class = t->kind == DGM_JSON_OBJECT && !dgm_kind_leaf(dgm_shape_slot(r->format->shape, slot)->kind);
        dgm_status st = occurrence(r, id, slot, number);
        if (st == DGM_OK && class && r->host.draft_count(r->draft) > nodes && depth < DGM_DEPTH_MAX) {
            frame *f = &r->frames[depth++];
            *f = (frame){ .item = DGM_JSON_NONE, .slot = slot };
            st = resolve(r, id, slot, &f->member);
        }
        if (st != DGM_OK) return st;
        for (bool found = false; !found;) { /* the next occurrence */
            if (depth == 0) return DGM_OK;
            frame *f = &r->frames[depth - 1];
            if (f->item != DGM_JSON_NONE) {
                id = f->item;
                f->item = r->text.tokens[id].next;
                number = ++f->occurrence;
                slot = f->slot;
                found = true;
            } else if (f->member != DGM_JSON_NONE) {
                id = f->member;
                t = &r->text.tokens[id];
                f->member = t->next;
                f->slot = slot = t->slot;
                f->occurrence = 0;
                number = 1;
                if (t->kind == DGM_JSON_ARRAY && dgm_shape_slot(r->format->shape, slot)->kind != DGM_ATTRIBUTE)
                    f->item = t->len;
                else
                    found = t->kind != DGM_JSON_NULL;
            } else {
                r->host.draft_close(r->draft);
                depth--;
            }
        }
    }
}

/* ---- the envelope ---- */

static void complain_document(json_reader *r, const char *what, uint64_t at, uint64_t bytes)
{
    dgm_diag_text(r->host.diags, complain(r, DGM_D_JSON_DOCUMENT_KIND, at, bytes), dgm_slice_of(what));
}

static bool string_is(const json_reader *r, const dgm_json_token *t, const char *text)
{
    return t->kind == DGM_JSON_STRING && !t->escaped && dgm_slice_is(raw_of(r, t), text);
}

static bool take_format(json_reader *r, const dgm_format *f)
{
    dgm_status s = dgm_format_need(f, r->host.diags);
    if (s == DGM_OK)
        r->format = f;
    else
        r->unusable = s;
    return s == DGM_OK;
}

/* The format whose shape has the model's name. */
static bool choose_format(json_reader *r, const dgm_json_token *model)
{
    dgm_slice names[64];
    size_t n = 0;
    for (size_t i = 0; i < r->host.format_count; i++) {
        const dgm_format *f = r->host.formats[i];
        const dgm_slice name = f && f->need ? f->title : f && f->shape ? dgm_shape_name(f->shape) : (dgm_slice){ 0 };
        if (!name.len) continue;
        if (model->kind == DGM_JSON_STRING && dgm_slice_equal(name, raw_of(r, model))) return take_format(r, f);
        if (n < 64) names[n++] = name;
    }
    int near = dgm_nearest(raw_of(r, model), names, n);
    dgm_diag *d = complain(r, DGM_D_JSON_MODEL_UNKNOWN, model->at, model->len);
    dgm_diag_text(r->host.diags, d, raw_of(r, model));
    if (near >= 0 || n == 1) dgm_diag_text(r->host.diags, d, near >= 0 ? names[near] : names[0]);
    return false;
}

/* {"dragoman": "document/1", "model": …, "document": {…}}: the token of the document, or NONE and diagnostics. */
static uint32_t envelope(json_reader *r)
{
    static const char *const names[] = { "dragoman", "model", "document" };
    const dgm_json_token *tokens = r->text.tokens;
    uint32_t found[3] = { DGM_JSON_NONE, DGM_JSON_NONE, DGM_JSON_NONE };
    if (tokens[0].kind != DGM_JSON_OBJECT) {
        complain_document(r, "it is no object", tokens[0].at, 1);
        return DGM_JSON_NONE;
    }
    for (uint32_t id = tokens[0].len; id != DGM_JSON_NONE; id = tokens[id].next) {
        size_t i = 0;
        while (i < 3 && !dgm_slice_is(key_of(r, &tokens[id]), names[i])) i++;
        if (i < 3 && found[i] == DGM_JSON_NONE) {
            found[i] = id;
            continue;
        }
        dgm_diag *d = complain(r, i < 3 ? DGM_D_JSON_KEY_DUPLICATE : DGM_D_JSON_KEY_UNKNOWN, tokens[id].key_at, tokens[id].key_len);
        dgm_diag_text(r->host.diags, d, key_of(r, &tokens[id]));
    }
    if (found[0] == DGM_JSON_NONE || !string_is(r, &tokens[found[0]], "document/1")) {
        const dgm_json_token *at = found[0] == DGM_JSON_NONE ? &tokens[0] : &tokens[found[0]];
        complain_document(r, "\"dragoman\" is not \"document/1\"", at->at, at->kind == DGM_JSON_STRING ? at->len : 1);
        return DGM_JSON_NONE;
    }
    if (found[1] == DGM_JSON_NONE || tokens[found[1]].kind == DGM_JSON_OBJECT || tokens[found[1]].kind == DGM_JSON_ARRAY) {
        complain_document(r, "it names no \"model\"", tokens[0].at, 1);
        return DGM_JSON_NONE;
    }
    if (!choose_format(r, &tokens[found[1]])) return DGM_JSON_NONE;
    if (found[2] != DGM_JSON_NONE && tokens[found[2]].kind == DGM_JSON_OBJECT) return found[2];
    complain_document(r, "it has no object \"document\"", found[2] == DGM_JSON_NONE ? tokens[0].at : tokens[found[2]].at, 1);
    return DGM_JSON_NONE;
}

static void complain_fault(json_reader *r, const dgm_json_fault *f)
{
    dgm_diag *d = complain(r, f->code, f->at, f->bytes);
    if (f->wanted)
        dgm_diag_text(r->host.diags, d, dgm_slice_of(f->wanted));
    else if (f->number)
        dgm_diag_number(r->host.diags, d, f->number);
}

/* A limit that the draft met: told, and the message has no tree. */
static dgm_status draft_failed(json_reader *r, dgm_status st)
{
    if (st != DGM_LIMIT) return st;
    bool nodes = r->host.draft_count(r->draft) >= r->host.limits.nodes_max;
    dgm_diag *d = complain(r, nodes ? DGM_D_JSON_LIMIT_NODES : DGM_D_JSON_LIMIT_DEPTH, 0, 0);
    dgm_diag_number(r->host.diags, d, nodes ? r->host.limits.nodes_max : r->host.limits.depth_max);
    return DGM_OK;
}

static dgm_status read_document(json_reader *r, dgm_message *out)
{
    dgm_json_fault fault;
    dgm_status st = dgm_json_parse(&r->host.mem, &r->host.limits, r->text.bytes, &r->text, &fault);
    if (st == DGM_SYNTAX || st == DGM_LIMIT) {
        complain_fault(r, &fault);
        return DGM_OK;
    }
    if (st != DGM_OK) return st;
    uint32_t document = envelope(r);
    if (document == DGM_JSON_NONE) return r->unusable;
    out->format = r->format;
    out->type = dgm_shape_name(r->format->shape);
    st = r->host.draft_begin(r->draft, r->format->shape);
    if (st == DGM_OK) st = fill(r, document);
    if (st != DGM_OK) return draft_failed(r, st);
    char *bytes = r->bytes;
    union { /* borrowed bytes are not written to, but the table has one parameter for both */
        const char *in;
        char *out;
    } whole = { r->whole.at };
    if (r->borrowed) bytes = whole.out;
    st = r->host.draft_finish(r->draft, bytes, (uint32_t)r->text.bytes.len, r->room, r->borrowed, 0, &out->tree);
    if (st != DGM_OK) return draft_failed(r, st);
    out->tree->position = out->position;
    if (!r->borrowed) {
        r->bytes = NULL; /* the tree's now */
        r->room = 0;
    }
    return DGM_OK;
}

/* ---- the reader's table ---- */

static void json_close(dgm_reader *base)
{
    json_reader *r = (json_reader *)base;
    if (!r) return;
    dgm_mem mem = r->host.mem;
    r->host.draft_free(r->draft);
    dgm_mem_free(&mem, r->text.tokens, r->text.room * sizeof *r->text.tokens);
    dgm_mem_free(&mem, r->bytes, r->room);
    dgm_buffer_free(&r->scratch);
    dgm_mem_free(&mem, r, sizeof *r);
}

static dgm_status json_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    (void)settings;
    (void)n;
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI) return DGM_USAGE;
    json_reader *r = dgm_mem_new(&host->mem, sizeof *r);
    if (!r) return DGM_NOMEM;
    r->base.codec = &dgm_codec_json;
    r->host = *host;
    dgm_buffer_init(&r->scratch, &host->mem);
    dgm_status st = host->draft_new(&host->mem, &host->limits, &r->draft);
    if (st != DGM_OK) {
        json_close(&r->base);
        return st;
    }
    *out = &r->base;
    return DGM_OK;
}

static uint64_t bytes_max(const json_reader *r)
{
    uint64_t most = r->host.limits.message_bytes_max;
    return most < UINT32_MAX ? most : UINT32_MAX - 1; /* nodes count in 32 bits */
}

static dgm_status json_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out)
{
    dgm_status st = json_open(host, settings, n, out);
    if (st != DGM_OK) return st;
    json_reader *r = (json_reader *)*out;
    r->borrowed = r->last = true;
    r->whole = input.at ? input : DGM_LITERAL("");
    r->too_long = input.len > bytes_max(r);
    return DGM_OK;
}

static dgm_status json_feed(dgm_reader *base, dgm_slice chunk, bool last)
{
    json_reader *r = (json_reader *)base;
    if (r->borrowed || r->last) return DGM_USAGE;
    r->last = last;
    if (r->too_long || chunk.len > bytes_max(r) - r->len) {
        r->too_long = true; /* told by next(); the rest is not kept */
        return DGM_OK;
    }
    void *bytes = r->bytes;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &bytes, &r->room, r->len + chunk.len, 1);
    r->bytes = bytes;
    if (st != DGM_OK) return st;
    if (chunk.len) memcpy(r->bytes + r->len, chunk.at, chunk.len);
    r->len += chunk.len;
    return DGM_OK;
}

static dgm_status json_next(dgm_reader *base, dgm_message *out)
{
    json_reader *r = (json_reader *)base;
    *out = (dgm_message){ 0 };
    if (r->over) return DGM_END;
    if (!r->last && !r->too_long) return DGM_MORE;
    r->over = true;
    r->errors = 0;
    r->format = NULL;
    r->unusable = DGM_OK;
    r->text.bytes = r->borrowed ? r->whole : (dgm_slice){ r->bytes ? r->bytes : "", r->len };
    out->position = (dgm_position){ .interchange = 1, .message = 1 };
    out->bytes = r->text.bytes.len;
    dgm_status st = DGM_OK;
    if (r->too_long)
        dgm_diag_number(r->host.diags, complain(r, DGM_D_JSON_LIMIT_BYTES, bytes_max(r), 0), (int64_t)bytes_max(r));
    else
        st = read_document(r, out);
    out->errors = r->errors;
    return st;
}

static void json_recycle(dgm_reader *base, dgm_message *message)
{
    json_reader *r = (json_reader *)base;
    if (!message->tree) return;
    char *bytes;
    size_t room;
    r->host.draft_recycle(r->draft, message->tree, &bytes, &room);
    message->tree = NULL;
    if (r->bytes) { /* the next input is being fed already */
        dgm_mem_free(&r->host.mem, bytes, room);
        return;
    }
    r->bytes = bytes;
    r->room = room;
}

static void json_reset(dgm_reader *base)
{
    json_reader *r = (json_reader *)base;
    r->len = 0;
    r->over = r->too_long = false;
    r->last = r->borrowed; /* a whole input is read again */
    r->too_long = r->borrowed && r->whole.len > bytes_max(r);
}

/* ---- the codec ---- */

static int json_identify(dgm_slice first)
{
    if (first.len >= 3 && memcmp(first.at, "\xEF\xBB\xBF", 3) == 0) first = dgm_slice_part(first, 3, first.len);
    first = dgm_slice_trim(first);
    if (!first.at || first.len == 0 || first.at[0] != '{') return 0;
    bool ours = memmem(first.at, first.len, "\"dragoman\"", 10) && memmem(first.at, first.len, "\"document/1\"", 12);
    if (ours) return 100;
    dgm_slice behind = dgm_slice_trim(dgm_slice_part(first, 1, first.len));
    return behind.len && (behind.at[0] == '"' || behind.at[0] == '}') ? 30 : 0;
}

/* The shape of a JSON document is its model's: whoever loads models sets it. */
static dgm_status json_shape(const dgm_host *host, const dgm_format *format, dgm_shape **out)
{
    (void)host;
    (void)format;
    *out = NULL;
    return DGM_CONFIG;
}

static const dgm_option no_options[] = { { 0 } };

const dgm_codec dgm_codec_json = {
    .abi = DGM_CODEC_ABI,
    .struct_bytes = sizeof(dgm_codec),
    .name = "json",
    .reader_options = no_options,
    .writer_options = dgm_json_writer_options,
    .format_options = no_options,
    .identify = json_identify,
    .shape = json_shape,
    .open = json_open,
    .open_whole = json_open_whole,
    .feed = json_feed,
    .next = json_next,
    .recycle = json_recycle,
    .reset = json_reset,
    .close = json_close,
    .writer_open = dgm_json_writer_open,
    .write = dgm_json_write,
    .finish = dgm_json_finish,
    .writer_close = dgm_json_writer_close,
    .single = true,
};
