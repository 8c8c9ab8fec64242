/* SPDX-License-Identifier: Apache-2.0
 *
 * parts.c - see parts.h. A record is a row of fields, "name bytes VALUE" each on a line, so that people can read it and no value
 * can break it. One thread at a time.
 */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>

/* Parts that the record of a document that is written tells by itself, or else one of its lists, about; lists it can have. */
enum { LIST_PARTS = 64, LISTS_MAX = 1 << 16 };

/* ---- fields --------------------------------------------------------------------------------------------------------------------
 */

static dgm_status put_text(dgm_buffer *out, const char *name, dgm_slice value)
{
    dgm_status s = dgm_buffer_print(out, "%s %zu ", name, value.len);
    if (s == DGM_OK) s = dgm_buffer_append(out, value);
    return s == DGM_OK ? dgm_buffer_append(out, DGM_LITERAL("\n")) : s;
}

static dgm_status put_number(dgm_buffer *out, const char *name, uint64_t n)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    return put_text(out, name, (dgm_slice){ text, (size_t)len });
}

static bool number_of(dgm_slice text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || i >= 19) return false;
        *out = *out * 10 + (uint64_t)(text.at[i] - '0');
    }
    return text.len > 0;
}

/* The next field, which must have this name. */
static bool get_text(dgm_slice *rest, const char *name, dgm_slice *value)
{
    dgm_cut head = dgm_slice_cut(*rest, ' '), size = dgm_slice_cut(head.tail, ' ');
    uint64_t len;
    *value = (dgm_slice){ 0 };
    if (!size.found || !dgm_slice_is(head.head, name) || !number_of(size.head, &len)) return false;
    if (len >= size.tail.len || size.tail.at[len] != '\n') return false;
    *value = dgm_slice_part(size.tail, 0, (size_t)len);
    *rest = dgm_slice_part(size.tail, (size_t)len + 1, size.tail.len);
    return true;
}

static bool get_number(dgm_slice *rest, const char *name, uint64_t most, uint64_t *out)
{
    dgm_slice text;
    return get_text(rest, name, &text) && number_of(text, out) && *out <= most;
}

static bool get_small(dgm_slice *rest, const char *name, uint32_t *out)
{
    uint64_t n;
    bool good = get_number(rest, name, UINT32_MAX, &n);
    *out = good ? (uint32_t)n : 0;
    return good;
}

/* ---- keys ----------------------------------------------------------------------------------------------------------------------
 */

dgm_status dgm_kept_key(dgm_buffer *out, dgm_slice document)
{
    dgm_status s = dgm_buffer_append(out, DGM_LITERAL("document "));
    return s == DGM_OK ? dgm_buffer_append(out, document) : s;
}

dgm_status dgm_kept_part_key(dgm_buffer *out, dgm_slice document, dgm_slice identity)
{
    dgm_status s = dgm_buffer_print(out, "part %zu ", document.len);
    if (s == DGM_OK) s = dgm_buffer_append(out, document);
    return s == DGM_OK ? dgm_buffer_append(out, identity) : s;
}

static dgm_status list_key(dgm_buffer *out, dgm_slice document, uint32_t list)
{
    dgm_status s = dgm_buffer_print(out, "written %u ", list);
    return s == DGM_OK ? dgm_buffer_append(out, document) : s;
}

/* ---- records -------------------------------------------------------------------------------------------------------------------
 */

static dgm_status read_record(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice key, dgm_slice *out)
{
    dgm_buffer bytes;
    dgm_buffer_init(&bytes, mem);
    dgm_status st = s->get(s->ctx, key, dgm_buffer_sink(&bytes));
    if (st == DGM_OK) *out = dgm_arena_copy(arena, dgm_buffer_slice(&bytes));
    if (st == DGM_OK && !out->at) st = DGM_NOMEM;
    dgm_buffer_free(&bytes);
    return st;
}

static bool read_view(dgm_slice *rest, dgm_kept_view *v)
{
    uint32_t flags = 0;
    bool good = get_text(rest, "mapping", &v->mapping) && get_small(rest, "came", &v->parts) &&
                get_small(rest, "count", &v->count) && get_small(rest, "listed", &v->listed) && get_small(rest, "last", &v->last) &&
                get_small(rest, "highest", &v->highest) && get_small(rest, "rules", &flags);
    v->lists = flags & 1;
    v->several = flags & 2;
    v->numbered = flags & 4;
    v->ends = flags & 8;
    return good;
}

static bool read_kept(dgm_slice rest, dgm_kept *k)
{
    uint64_t state, since;
    dgm_slice version;
    *k = (dgm_kept){ 0 };
    bool good = get_text(&rest, "dragoman", &version) && dgm_slice_is(version, "kept-document/2") &&
                get_text(&rest, "name", &k->name) && get_text(&rest, "model", &k->model) &&
                get_number(&rest, "state", DGM_WAITS_WRITTEN, &state) && get_number(&rest, "since", INT64_MAX, &since) &&
                get_small(&rest, "parts", &k->parts) && get_number(&rest, "bytes", UINT64_MAX, &k->bytes) &&
                get_text(&rest, "latest", &k->last) && get_text(&rest, "were", &k->were) && get_small(&rest, "lists", &k->lists) &&
                k->lists <= LISTS_MAX && get_small(&rest, "views", &k->view_count) && k->view_count <= DGM_VIEWS_MAX;
    if (!good) return false;
    k->state = (dgm_waits)state;
    k->since_ms = (int64_t)since;
    for (uint32_t i = 0; i < k->view_count; i++)
        if (!read_view(&rest, &k->views[i])) return false;
    return !rest.len;
}

dgm_status dgm_kept_get(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_kept *out)
{
    dgm_buffer key;
    dgm_slice bytes = { 0 };
    dgm_buffer_init(&key, mem);
    dgm_status st = dgm_kept_key(&key, document);
    if (st == DGM_OK) st = read_record(s, mem, arena, dgm_buffer_slice(&key), &bytes);
    if (st == DGM_OK && !read_kept(bytes, out)) st = DGM_INVALID;
    dgm_buffer_free(&key);
    return st;
}

static dgm_status write_view(dgm_buffer *out, const dgm_kept_view *v)
{
    unsigned flags = (v->lists ? 1u : 0u) | (v->several ? 2u : 0u) | (v->numbered ? 4u : 0u) | (v->ends ? 8u : 0u);
    dgm_status s = put_text(out, "mapping", v->mapping);
    if (s == DGM_OK) s = put_number(out, "came", v->parts);
    if (s == DGM_OK) s = put_number(out, "count", v->count);
    if (s == DGM_OK) s = put_number(out, "listed", v->listed);
    if (s == DGM_OK) s = put_number(out, "last", v->last);
    if (s == DGM_OK) s = put_number(out, "highest", v->highest);
    return s == DGM_OK ? put_number(out, "rules", flags) : s;
}

static dgm_status write_kept(dgm_buffer *out, const dgm_kept *k)
{
    dgm_status s = put_text(out, "dragoman", DGM_LITERAL("kept-document/2"));
    if (s == DGM_OK) s = put_text(out, "name", k->name);
    if (s == DGM_OK) s = put_text(out, "model", k->model);
    if (s == DGM_OK) s = put_number(out, "state", k->state);
    if (s == DGM_OK) s = put_number(out, "since", k->since_ms > 0 ? (uint64_t)k->since_ms : 0);
    if (s == DGM_OK) s = put_number(out, "parts", k->parts);
    if (s == DGM_OK) s = put_number(out, "bytes", k->bytes);
    if (s == DGM_OK) s = put_text(out, "latest", k->last);
    if (s == DGM_OK) s = put_text(out, "were", k->were);
    if (s == DGM_OK) s = put_number(out, "lists", k->lists);
    if (s == DGM_OK) s = put_number(out, "views", k->view_count);
    for (uint32_t i = 0; i < k->view_count && s == DGM_OK; i++) s = write_view(out, &k->views[i]);
    return s;
}

static dgm_status write_record(const dgm_store *s, dgm_buffer *key, dgm_buffer *bytes, dgm_status made)
{
    if (made == DGM_OK) made = s->put(s->ctx, dgm_buffer_slice(key), dgm_buffer_slice(bytes));
    dgm_buffer_free(key);
    dgm_buffer_free(bytes);
    return made;
}

dgm_status dgm_kept_put(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept *k)
{
    dgm_buffer key, bytes;
    dgm_buffer_init(&key, mem);
    dgm_buffer_init(&bytes, mem);
    dgm_status st = dgm_kept_key(&key, document);
    if (st == DGM_OK) st = write_kept(&bytes, k);
    return write_record(s, &key, &bytes, st);
}

static bool read_part(dgm_slice rest, dgm_kept_part *p)
{
    dgm_slice version;
    uint64_t since;
    *p = (dgm_kept_part){ 0 };
    dgm_part_info *i = &p->info;
    bool good = get_text(&rest, "dragoman", &version) && dgm_slice_is(version, "kept-part/1") &&
                get_text(&rest, "identity", &p->identity) && get_text(&rest, "before", &p->before) &&
                get_text(&rest, "digest", &p->digest) && get_small(&rest, "ordinal", &p->ordinal) &&
                get_small(&rest, "listed", &p->listed) && get_text(&rest, "mapping", &i->mapping) &&
                get_small(&rest, "number", &i->number) && get_number(&rest, "since", INT64_MAX, &since) &&
                get_text(&rest, "type", &i->type) && get_text(&rest, "reference", &i->reference) &&
                get_text(&rest, "sender", &i->sender) && get_text(&rest, "recipient", &i->recipient) &&
                get_text(&rest, "interchange", &i->interchange_reference) && get_text(&rest, "document", &p->document) &&
                get_text(&rest, "sent", &p->sent) && !rest.len;
    if (good) i->since_ms = (int64_t)since;
    return good;
}

dgm_status dgm_kept_part_get(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_slice identity,
                             dgm_kept_part *out)
{
    dgm_buffer key;
    dgm_slice bytes = { 0 };
    dgm_buffer_init(&key, mem);
    dgm_status st = dgm_kept_part_key(&key, document, identity);
    if (st == DGM_OK) st = read_record(s, mem, arena, dgm_buffer_slice(&key), &bytes);
    if (st == DGM_OK && (!read_part(bytes, out) || !dgm_slice_equal(out->identity, identity))) st = DGM_INVALID;
    dgm_buffer_free(&key);
    return st;
}

static dgm_status write_part(dgm_buffer *out, const dgm_kept_part *p)
{
    const dgm_part_info *i = &p->info;
    dgm_status s = put_text(out, "dragoman", DGM_LITERAL("kept-part/1"));
    if (s == DGM_OK) s = put_text(out, "identity", p->identity);
    if (s == DGM_OK) s = put_text(out, "before", p->before);
    if (s == DGM_OK) s = put_text(out, "digest", p->digest);
    if (s == DGM_OK) s = put_number(out, "ordinal", p->ordinal);
    if (s == DGM_OK) s = put_number(out, "listed", p->listed);
    if (s == DGM_OK) s = put_text(out, "mapping", i->mapping);
    if (s == DGM_OK) s = put_number(out, "number", i->number);
    if (s == DGM_OK) s = put_number(out, "since", i->since_ms > 0 ? (uint64_t)i->since_ms : 0);
    if (s == DGM_OK) s = put_text(out, "type", i->type);
    if (s == DGM_OK) s = put_text(out, "reference", i->reference);
    if (s == DGM_OK) s = put_text(out, "sender", i->sender);
    if (s == DGM_OK) s = put_text(out, "recipient", i->recipient);
    if (s == DGM_OK) s = put_text(out, "interchange", i->interchange_reference);
    if (s == DGM_OK) s = put_text(out, "document", p->document);
    return s == DGM_OK ? put_text(out, "sent", p->sent) : s;
}

dgm_status dgm_kept_part_put(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept_part *p)
{
    dgm_buffer key, bytes;
    dgm_buffer_init(&key, mem);
    dgm_buffer_init(&bytes, mem);
    dgm_status st = dgm_kept_part_key(&key, document, p->identity);
    if (st == DGM_OK) st = write_part(&bytes, p);
    return write_record(s, &key, &bytes, st);
}

/* From the last part back, as far as each names one that is there: how many, the first that came first. Room is made for what was
 * read and not for what a record says, and as ordinals go down by one, it comes to an end whatever they name. */
static dgm_status read_chain(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, const dgm_kept *k,
                             dgm_kept_part **out, uint32_t *found)
{
    dgm_kept_part *back = NULL;
    size_t room = 0;
    uint32_t n = 0;
    dgm_slice identity = k->last;
    dgm_status st = DGM_OK;
    while (st == DGM_OK && n < k->parts) {
        void *all = back;
        st = dgm_mem_reserve(mem, &all, &room, (size_t)n + 1, sizeof *back);
        back = all;
        if (st == DGM_OK) st = dgm_kept_part_get(s, mem, arena, document, identity, &back[n]);
        if (st == DGM_OK && back[n].ordinal != k->parts - n) st = DGM_INVALID;
        if (st == DGM_OK) identity = back[n++].before;
    }
    *found = n;
    *out = DGM_NEW(arena, dgm_kept_part, (size_t)n + 1);
    for (uint32_t i = 0; *out && i < n; i++) (*out)[i] = back[n - 1 - i];
    dgm_mem_free(mem, back, room * sizeof *back);
    return *out ? st : DGM_NOMEM;
}

dgm_status dgm_kept_parts(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, const dgm_kept *k,
                          dgm_kept_part **out)
{
    uint32_t found;
    dgm_status st = read_chain(s, mem, arena, document, k, out, &found);
    return st == DGM_END ? DGM_INVALID : st;
}

static dgm_status remove_parts(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept_part *parts,
                               uint32_t count)
{
    dgm_buffer key;
    dgm_status st = DGM_OK;
    dgm_buffer_init(&key, mem);
    for (uint32_t i = 0; i < count && st == DGM_OK; i++) {
        key.len = 0;
        st = dgm_kept_part_key(&key, document, parts[i].identity);
        if (st == DGM_OK) st = s->remove(s->ctx, dgm_buffer_slice(&key));
    }
    dgm_buffer_free(&key);
    return st;
}

/* As many as are there: the oldest goes first, so that who is stopped in between finds the rest. */
static dgm_status remove_chain(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept *k)
{
    dgm_arena arena;
    dgm_kept_part *parts = NULL;
    uint32_t found;
    dgm_arena_init(&arena, mem);
    dgm_status st = read_chain(s, mem, &arena, document, k, &parts, &found);
    if (st == DGM_END || st == DGM_INVALID) st = DGM_OK;
    if (st == DGM_OK) st = remove_parts(s, mem, document, parts, found);
    dgm_arena_free(&arena);
    return st;
}

dgm_status dgm_kept_sweep(const dgm_store *s, const dgm_mem *mem, dgm_slice document, dgm_kept *k)
{
    dgm_status st = remove_chain(s, mem, document, k);
    if (st != DGM_OK) return st;
    k->parts = 0;
    k->last = (dgm_slice){ 0 };
    return dgm_kept_put(s, mem, document, k);
}

/* ---- what a document that is written was made of
 * ---------------------------------------------------------------------------------
 *
 * Parts that come again are looked for in the record of the document, or where they are many in one of several lists, chosen by
 * their identity: none grows with the document. Which one also depends on when the document began, so that nobody can send parts
 * that fill a single one.
 */

static uint32_t list_of(const dgm_kept *k, dgm_slice identity)
{
    uint64_t h = 0xCBF29CE484222325u ^ (uint64_t)k->since_ms; /* FNV-1a: the same on every machine */
    for (size_t i = 0; i < identity.len; i++) h = (h ^ (unsigned char)identity.at[i]) * 0x100000001B3u;
    return (uint32_t)((h ^ h >> 32) % k->lists);
}

typedef struct listed {
    uint32_t list, part;
} listed;

static int by_list(const void *a, const void *b)
{
    const listed *x = a, *y = b;
    if (x->list != y->list) return x->list < y->list ? -1 : 1;
    return x->part < y->part ? -1 : x->part > y->part;
}

static dgm_status tell_was(dgm_buffer *out, const dgm_kept_part *p)
{
    dgm_status st = put_text(out, "identity", p->identity);
    return st == DGM_OK ? put_text(out, "digest", p->digest) : st;
}

static dgm_status find_was(dgm_slice rest, dgm_slice identity, dgm_slice *digest)
{
    dgm_slice name, said;
    while (rest.len) {
        if (!get_text(&rest, "identity", &name) || !get_text(&rest, "digest", &said)) return DGM_INVALID;
        if (dgm_slice_equal(name, identity)) *digest = said;
    }
    return DGM_OK;
}

static dgm_status put_list(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept_part *parts,
                           const listed *rows, size_t n)
{
    dgm_buffer key, bytes;
    dgm_buffer_init(&key, mem);
    dgm_buffer_init(&bytes, mem);
    dgm_status st = list_key(&key, document, rows->list);
    if (st == DGM_OK) st = put_text(&bytes, "dragoman", DGM_LITERAL("kept-list/1"));
    for (size_t i = 0; i < n && st == DGM_OK; i++) st = tell_was(&bytes, &parts[rows[i].part]);
    return write_record(s, &key, &bytes, st);
}

/* The document says first how many there are, so that it can be forgotten whole. */
static dgm_status put_lists(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_kept *k,
                            const dgm_kept_part *parts)
{
    k->lists = (k->parts + LIST_PARTS - 1) / LIST_PARTS;
    if (k->lists > LISTS_MAX) k->lists = LISTS_MAX;
    dgm_status st = dgm_kept_put(s, mem, document, k);
    listed *rows = DGM_NEW(arena, listed, k->parts);
    if (!rows) return DGM_NOMEM;
    for (uint32_t i = 0; i < k->parts; i++) rows[i] = (listed){ list_of(k, parts[i].identity), i };
    qsort(rows, k->parts, sizeof *rows, by_list);
    for (uint32_t from = 0, to; from < k->parts && st == DGM_OK; from = to) {
        for (to = from; to < k->parts && rows[to].list == rows[from].list;) to++;
        st = put_list(s, mem, document, parts, rows + from, to - from);
    }
    return st;
}

static dgm_status remove_lists(const dgm_store *s, const dgm_mem *mem, dgm_slice document, const dgm_kept *k)
{
    dgm_buffer key;
    dgm_status st = DGM_OK;
    dgm_buffer_init(&key, mem);
    for (uint32_t i = 0; i < k->lists && st == DGM_OK; i++) {
        key.len = 0;
        st = list_key(&key, document, i);
        if (st == DGM_OK) st = s->remove(s->ctx, dgm_buffer_slice(&key));
    }
    dgm_buffer_free(&key);
    return st;
}

dgm_status dgm_kept_was(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, const dgm_kept *k,
                        dgm_slice identity, dgm_slice *digest)
{
    dgm_slice list = { 0 }, version;
    dgm_buffer key;
    *digest = (dgm_slice){ 0 };
    if (k->lists == 0) return find_was(k->were, identity, digest);
    dgm_buffer_init(&key, mem);
    dgm_status st = list_key(&key, document, list_of(k, identity));
    if (st == DGM_OK) st = read_record(s, mem, arena, dgm_buffer_slice(&key), &list);
    dgm_buffer_free(&key);
    if (st == DGM_END) return DGM_OK; /* no part is of this list */
    if (st != DGM_OK) return st;
    if (!get_text(&list, "dragoman", &version) || !dgm_slice_is(version, "kept-list/1")) return DGM_INVALID;
    return find_was(list, identity, digest);
}

/* What it was made of, then that it is written, and only then its parts go: those that come without it would begin it anew. */
static dgm_status settle_parts(const dgm_store *s, const dgm_mem *mem, dgm_arena *arena, dgm_slice document, dgm_kept *k)
{
    dgm_kept_part *parts = NULL;
    dgm_buffer were;
    dgm_buffer_init(&were, mem);
    dgm_status st = dgm_kept_parts(s, mem, arena, document, k, &parts);
    if (st == DGM_OK && k->parts > LIST_PARTS) st = put_lists(s, mem, arena, document, k, parts);
    for (uint32_t i = 0; st == DGM_OK && k->parts <= LIST_PARTS && i < k->parts; i++) st = tell_was(&were, &parts[i]);
    k->state = DGM_WAITS_WRITTEN;
    k->were = dgm_buffer_slice(&were);
    if (st == DGM_OK) st = dgm_kept_put(s, mem, document, k);
    k->were = (dgm_slice){ 0 };
    if (were.len && st == DGM_OK) {
        k->were = dgm_arena_copy(arena, dgm_buffer_slice(&were));
        if (!k->were.at) st = DGM_NOMEM;
    }
    dgm_buffer_free(&were);
    return st;
}

dgm_status dgm_store_settle(const dgm_store *s, const dgm_mem *mem, dgm_slice document)
{
    dgm_mem own = mem && mem->grow ? *mem : dgm_mem_default();
    dgm_arena arena;
    dgm_kept k;
    dgm_arena_init(&arena, &own);
    dgm_status st = dgm_kept_get(s, &own, &arena, document, &k);
    if (st == DGM_OK && k.state != DGM_WAITS_WRITTEN) st = settle_parts(s, &own, &arena, document, &k);
    if (st == DGM_OK && k.parts) st = dgm_kept_sweep(s, &own, document, &k);
    dgm_arena_free(&arena);
    return st;
}

/* ---- whether it is complete
 * ------------------------------------------------------------------------------------------------------ */

static bool view_complete(const dgm_kept_view *v)
{
    if (!v->parts) return false;
    if (!v->several) return true;
    bool known = v->count || (v->ends && v->last);
    if (v->ends && !v->last && !(v->count && v->parts == v->count && !v->lists)) return false;
    if (v->count && (v->lists ? v->listed != v->count : v->parts != v->count)) return false;
    if (v->ends && v->last && v->numbered && v->parts != v->last) return false;
    return known;
}

bool dgm_kept_complete(const dgm_kept *k)
{
    for (uint32_t i = 0; i < k->view_count; i++)
        if (!view_complete(&k->views[i])) return false;
    return k->view_count > 0;
}

dgm_slice dgm_kept_lacks(const dgm_kept *k, dgm_arena *arena)
{
    dgm_slice all = { 0 };
    for (uint32_t i = 0; i < k->view_count; i++) {
        const dgm_kept_view *v = &k->views[i];
        if (view_complete(v)) continue;
        int len = (int)v->mapping.len;
        const char *at = v->mapping.at;
        uint32_t of = v->count ? v->count : v->numbered ? v->last : 0;
        dgm_slice one = !v->parts ? dgm_arena_print(arena, "none of %.*s", len, at)
                        : v->lists && v->count
                            ? dgm_arena_print(arena, "%u of %u occurrences of %.*s", v->listed, v->count, len, at)
                        : of      ? dgm_arena_print(arena, "%u of %u of %.*s", v->parts, of, len, at)
                        : v->ends ? dgm_arena_print(arena, "%u of %.*s, and not the last", v->parts, len, at)
                                  : dgm_arena_print(arena, "%u of %.*s, which did not say of how many", v->parts, len, at);
        all = all.len ? dgm_arena_print(arena, "%.*s; %.*s", (int)all.len, all.at, (int)one.len, one.at) : one;
        if (!all.at) return all;
    }
    return all;
}

dgm_slice dgm_part_words(dgm_arena *arena, const dgm_part_info *i)
{
    dgm_slice t = dgm_arena_print(arena, "message %.*s", (int)i->reference.len, i->reference.len ? i->reference.at : "");
    if (i->interchange_reference.len && t.at)
        t = dgm_arena_print(arena, "%.*s of interchange %.*s", (int)t.len, t.at, (int)i->interchange_reference.len,
                            i->interchange_reference.at);
    if (!i->reference.len) t = dgm_arena_print(arena, "a message");
    if (i->number && t.at) t = dgm_arena_print(arena, "%.*s (part %u)", (int)t.len, t.at, i->number);
    return t.at ? dgm_arena_print(arena, "%.*s by %.*s", (int)t.len, t.at, (int)i->mapping.len, i->mapping.at) : t;
}

dgm_slice dgm_waiting_words(dgm_arena *arena, const dgm_waiting *w)
{
    enum { NAMED = 3 };
    dgm_slice all = { 0 };
    for (size_t i = 0; i < w->part_count && i < NAMED; i++) {
        dgm_slice one = dgm_part_words(arena, &w->parts[i]);
        all = all.len ? dgm_arena_print(arena, "%.*s, %.*s", (int)all.len, all.at, (int)one.len, one.at) : one;
        if (!all.at) return all;
    }
    if (w->part_count <= NAMED) return all;
    return dgm_arena_print(arena, "%.*s and %zu more", (int)all.len, all.at, w->part_count - NAMED);
}

dgm_kept_view *dgm_kept_view_of(dgm_kept *k, dgm_slice mapping)
{
    for (uint32_t i = 0; i < k->view_count; i++)
        if (dgm_slice_equal(k->views[i].mapping, mapping)) return &k->views[i];
    if (k->view_count == DGM_VIEWS_MAX) return NULL;
    k->views[k->view_count] = (dgm_kept_view){ .mapping = mapping };
    return &k->views[k->view_count++];
}

/* ---- asking --------------------------------------------------------------------------------------------------------------------
 */

typedef struct asking {
    const dgm_store *store;
    dgm_mem mem;
    bool all, broken;
    void (*called)(void *ctx, const dgm_waiting *w);
    void *ctx;
} asking;

static dgm_status tell_one(void *ctx, dgm_slice key)
{
    asking *a = ctx;
    dgm_arena arena;
    dgm_kept k;
    dgm_kept_part *parts = NULL;
    dgm_slice document = dgm_slice_part(key, sizeof "document " - 1, key.len);
    dgm_arena_init(&arena, &a->mem);
    dgm_status s = dgm_kept_get(a->store, &a->mem, &arena, document, &k);
    bool wanted = s == DGM_OK && (a->all || k.state != DGM_WAITS_WRITTEN);
    uint32_t found = 0;
    if (wanted && k.state == DGM_WAITS_WRITTEN) k.parts = 0; /* what may be left of them is about to go */
    if (wanted) s = read_chain(a->store, &a->mem, &arena, document, &k, &parts, &found);
    bool told = wanted && (s == DGM_OK || s == DGM_END || s == DGM_INVALID), whole = s == DGM_OK;
    dgm_part_info *info = told ? DGM_NEW(&arena, dgm_part_info, (size_t)found + 1) : NULL;
    if (told && !info) s = DGM_NOMEM;
    if (info) {
        for (uint32_t i = 0; i < found; i++) info[i] = parts[i].info;
        dgm_waiting w = { .state = k.state,
                          .key = document,
                          .name = k.name,
                          .model = k.model,
                          .lacks = !whole                 ? DGM_LITERAL("the record of one of its parts cannot be read")
                                   : k.state == DGM_WAITS ? dgm_kept_lacks(&k, &arena)
                                                          : (dgm_slice){ 0 },
                          .since_ms = k.since_ms,
                          .parts = info,
                          .part_count = found };
        a->called(a->ctx, &w);
    }
    dgm_arena_free(&arena);
    if (s == DGM_INVALID || s == DGM_END) a->broken = true;
    return s == DGM_INVALID || s == DGM_END ? DGM_OK : s;
}

dgm_status dgm_store_waiting(const dgm_store *store, const dgm_mem *mem, bool all, void (*called)(void *ctx, const dgm_waiting *w),
                             void *ctx)
{
    asking a = { .store = store, .mem = mem && mem->grow ? *mem : dgm_mem_default(), .all = all, .called = called, .ctx = ctx };
    dgm_status s = store->each(store->ctx, DGM_LITERAL("document "), tell_one, &a);
    return s == DGM_OK && a.broken ? DGM_INVALID : s;
}

dgm_status dgm_store_forget(const dgm_store *store, const dgm_mem *mem, dgm_slice document)
{
    dgm_mem own = mem && mem->grow ? *mem : dgm_mem_default();
    dgm_arena arena;
    dgm_buffer key;
    dgm_kept k = { 0 };
    dgm_arena_init(&arena, &own);
    dgm_buffer_init(&key, &own);
    dgm_status s = store->hold ? store->hold(store->ctx) : DGM_OK;
    bool held = s == DGM_OK && store->let_go;
    if (s == DGM_OK) s = dgm_kept_get(store, &own, &arena, document, &k);
    if (s == DGM_OK) s = remove_chain(store, &own, document, &k);
    if (s == DGM_OK) s = remove_lists(store, &own, document, &k);
    if (s == DGM_OK || s == DGM_INVALID) s = dgm_kept_key(&key, document);
    if (s == DGM_OK) s = store->remove(store->ctx, dgm_buffer_slice(&key));
    if (held) store->let_go(store->ctx);
    dgm_buffer_free(&key);
    dgm_arena_free(&arena);
    return s;
}
