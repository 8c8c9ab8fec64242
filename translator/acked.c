/* SPDX-License-Identifier: Apache-2.0
 *
 * acked.c - what partners answered: read by the codec whose message it is, kept beyond the report, and tied to what it answers. One
 * thread at a time.
 */
#include "job.h"

typedef struct acked {
    dgm_acked face; /* what the caller sees */
    dgm_mem mem;
    dgm_arena arena;
    dgm_acked_item *items;
} acked;

static bool copy(acked *a, dgm_slice *text)
{
    if (text->len == 0) *text = (dgm_slice){ 0 };
    if (text->len) *text = dgm_arena_copy(&a->arena, *text);
    return text->len == 0 || text->at;
}

static bool copy_item(acked *a, dgm_acked_item *i)
{
    dgm_slice *texts[] = { &i->reference, &i->document,
                           &i->sender,    &i->sender_qualifier,
                           &i->recipient, &i->recipient_qualifier,
                           &i->type,      &i->action,
                           &i->code,      &i->text,
                           &i->tag,       &i->path };
    bool good = true;
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) good = good && copy(a, texts[t]);
    return good;
}

static const dgm_codec *codec_of(const dgm_message_report *r)
{
    for (size_t i = 0; r->wire && dgm_codecs[i]; i++)
        if (dgm_codecs[i]->ack_read && strcmp(r->codec, dgm_codecs[i]->name) == 0) return dgm_codecs[i];
    return NULL;
}

static dgm_status fill(acked *a, const dgm_message_report *r, const dgm_codec *k)
{
    dgm_acked *face = &a->face;
    size_t n = 0;
    dgm_status s = k->ack_read(r->wire, r->type, &a->arena, &a->items, &n);
    if (s != DGM_OK) return s;
    *face = (dgm_acked){ .type = r->type,
                         .sender = r->sender,
                         .recipient = r->recipient,
                         .interchange_reference = r->interchange_reference,
                         .items = a->items,
                         .count = n };
    bool good =
        copy(a, &face->type) && copy(a, &face->sender) && copy(a, &face->recipient) && copy(a, &face->interchange_reference);
    for (size_t i = 0; i < n && good; i++) good = copy_item(a, &a->items[i]);
    return good ? DGM_OK : DGM_NOMEM;
}

dgm_status dgm_acked_read(const dgm_message_report *report, dgm_acked **out)
{
    *out = NULL;
    const dgm_codec *k = codec_of(report);
    if (!k) return DGM_UNKNOWN;
    dgm_mem mem = report->job->mem;
    acked *a = dgm_mem_new(&mem, sizeof *a);
    if (!a) return DGM_NOMEM;
    a->mem = mem;
    dgm_arena_init(&a->arena, &mem);
    dgm_status s = fill(a, report, k);
    if (s == DGM_OK)
        *out = &a->face;
    else
        dgm_acked_free(&a->face);
    return s;
}

void dgm_acked_free(dgm_acked *face)
{
    acked *a = (acked *)(void *)face;
    if (!a) return;
    dgm_mem mem = a->mem;
    dgm_arena_free(&a->arena);
    dgm_mem_free(&mem, a, sizeof *a);
}

/* ---- what is answered ---- */

/* The first occurrence goes without saying, as in diagnostics. */
static dgm_slice without_ones(char *path, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        bool one = path[i] == '#' && i + 1 < len && path[i + 1] == '1' && (i + 2 == len || path[i + 2] == '/');
        if (one)
            i++;
        else
            path[n++] = path[i];
    }
    return (dgm_slice){ path, n };
}

/* The nodes of all segments, in order. */
static uint32_t *segments_of(dgm_arena *arena, const dgm_tree *t, size_t *count)
{
    size_t n = 0;
    for (uint32_t i = 0; i < t->node_count; i++) n += dgm_node_kind(&t->nodes[i]) == DGM_SEGMENT;
    uint32_t *nodes = DGM_NEW(arena, uint32_t, n + 1);
    *count = 0;
    for (uint32_t i = 0; nodes && i < t->node_count; i++)
        if (dgm_node_kind(&t->nodes[i]) == DGM_SEGMENT) nodes[(*count)++] = i;
    return nodes;
}

/* Where the segments stand that errors are about, and what they are called. */
static dgm_status name_places(acked *a, const dgm_tree *t, dgm_acked_item *item, size_t n)
{
    size_t count = 0;
    dgm_arena arena;
    dgm_arena_init(&arena, &a->mem);
    const uint32_t *nodes = segments_of(&arena, t, &count);
    bool good = nodes != NULL;
    for (size_t i = 0; i < n && good; i++) {
        char path[256];
        uint32_t number = item[i].position.segment;
        if (number == 0 || number > count) continue;
        size_t len = dgm_tree_path(t, nodes[number - 1], path, sizeof path);
        item[i].path = without_ones(path, len < sizeof path ? len : sizeof path);
        if (!item[i].tag.len) item[i].tag = dgm_tree_name(t, nodes[number - 1]);
        good = copy(a, &item[i].path) && copy(a, &item[i].tag);
    }
    dgm_arena_free(&arena);
    return good ? DGM_OK : DGM_NOMEM;
}

/* What its sender calls the document: 1004 of BGM. */
static dgm_slice document_of(const dgm_message_report *r)
{
    dgm_slice named = dgm_tree_text(r->wire, "BGM/C106/1004");
    return named.len ? named : dgm_tree_text(r->wire, "BGM/1004");
}

static bool is_answered(const dgm_acked_item *item, const dgm_message_report *r)
{
    if (item->document.len) return dgm_slice_equal(item->document, document_of(r)); /* its number says more than a reference */
    return item->reference.len && dgm_slice_equal(item->reference, r->reference);
}

dgm_status dgm_acked_tie(dgm_acked *face, const dgm_message_report *original)
{
    acked *a = (acked *)(void *)face;
    bool here = true; /* an APERAK names no interchange */
    uint32_t groups = 0;
    if (original->position.message == 0) return DGM_UNKNOWN;
    for (size_t i = 0; i < face->count; i++) {
        dgm_acked_item *item = &a->items[i];
        if (item->level == DGM_ACKED_INTERCHANGE)
            here = dgm_slice_equal(item->reference, original->interchange_reference) &&
                   dgm_slice_equal(item->sender, original->sender);
        if (item->level == DGM_ACKED_GROUP) groups++;
        if (!here || item->level != DGM_ACKED_MESSAGE || item->position.message || !is_answered(item, original)) continue;
        if (!item->document.len && (groups == 0) != (original->position.group == 0)) continue;
        size_t n = 1;
        while (i + n < face->count && a->items[i + n].level == DGM_ACKED_ERROR) n++;
        for (size_t k = 0; k < n; k++) a->items[i + k].position.message = original->position.message;
        return original->wire ? name_places(a, original->wire, item + 1, n - 1) : DGM_OK;
    }
    return DGM_UNKNOWN;
}
