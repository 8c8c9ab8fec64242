/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_read.c - what a CONTRL says that a partner sent, whatever its form (D.3, 4:1, older ones with their action codes): which
 * interchange, group and message it answers, how, and what was wrong where. ISO 9735-4, 5.4. And what an APERAK of any directory
 * says of a document: accepted or not, and its errors in words. Pure; any thread.
 */
#include "ack.h"

#include "directory.h"

/* A leaf of a segment; composite NULL: a simple element. */
static dgm_slice value_of(const dgm_tree *t, uint32_t segment, const char *composite, const char *name)
{
    for (uint32_t i = segment + 1, end = dgm_tree_end(t, segment); i < end; i = dgm_tree_next(t, i)) {
        bool leaf = dgm_kind_leaf(dgm_node_kind(&t->nodes[i]));
        if (!composite) {
            if (leaf && dgm_slice_is(dgm_tree_name(t, i), name)) return dgm_tree_value(t, i);
            continue;
        }
        if (leaf || !dgm_slice_is(dgm_tree_name(t, i), composite)) continue;
        for (uint32_t k = i + 1; k < dgm_tree_end(t, i); k = dgm_tree_next(t, k))
            if (dgm_slice_is(dgm_tree_name(t, k), name)) return dgm_tree_value(t, k);
    }
    return (dgm_slice){ 0 };
}

static uint32_t number_of(dgm_slice text)
{
    uint32_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || n > 99999999) return 0;
        n = n * 10 + (uint32_t)(text.at[i] - '0');
    }
    return n;
}

static uint16_t small(uint32_t n)
{
    return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

typedef struct reading {
    const dgm_tree *tree;
    dgm_arena *arena;
    dgm_edi_directory service; /* of the syntax version of the CONTRL */
    dgm_acked_item *items;
    size_t count;
    uint32_t segment; /* 0096 of the last UCS */
} reading;

/* Codes up to 3 and 5, 6 were withdrawn, and are still sent. */
static const char *verdict_of(dgm_slice action)
{
    static const struct {
        const char *code, *verdict;
    } words[] = { { "1", "acknowledged" }, { "2", "acknowledged" }, { "4", "rejected" }, { "5", "acknowledged" },
                  { "6", "rejected" },     { "7", "acknowledged" }, { "8", "received" } };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (dgm_slice_is(action, words[i].code)) return words[i].verdict;
    return "";
}

static dgm_slice meaning_of(const reading *r, dgm_slice code)
{
    dgm_slice text = dgm_edi_code_name(&r->service, DGM_LITERAL("0085"), code);
    dgm_edi_directory other = r->service;
    other.syntax4 = !other.syntax4;
    return text.len ? text : dgm_edi_code_name(&other, DGM_LITERAL("0085"), code);
}

/* Error code, tag and place: 0098 counts the tag of the segment as its first. */
static void take_error(const reading *r, uint32_t segment, dgm_acked_item *item)
{
    const dgm_tree *t = r->tree;
    item->code = value_of(t, segment, NULL, "0085");
    item->text = item->code.len ? meaning_of(r, item->code) : (dgm_slice){ 0 };
    item->tag = value_of(t, segment, NULL, "0013");
    if (!item->tag.len) item->tag = value_of(t, segment, NULL, "0135");
    uint32_t element = number_of(value_of(t, segment, "S011", "0098"));
    item->position.element = small(element ? element - 1 : 0);
    item->position.component = small(number_of(value_of(t, segment, "S011", "0104")));
    item->position.repetition = small(number_of(value_of(t, segment, "S011", "0136")));
}

static void take_answer(const reading *r, uint32_t segment, dgm_acked_item *item, dgm_acked_level level)
{
    item->level = level;
    item->action = value_of(r->tree, segment, NULL, "0083");
    item->verdict = verdict_of(item->action);
    take_error(r, segment, item);
}

static void take_parties(const reading *r, uint32_t segment, dgm_acked_item *item, const char *const names[4])
{
    item->sender = value_of(r->tree, segment, names[0], names[1]);
    item->sender_qualifier = value_of(r->tree, segment, names[0], "0007");
    item->recipient = value_of(r->tree, segment, names[2], names[3]);
    item->recipient_qualifier = value_of(r->tree, segment, names[2], "0007");
}

static void take_ucm(const reading *r, uint32_t segment, dgm_acked_item *item, dgm_slice *type)
{
    static const char *const parts[] = { "0065", "0052", "0054", "0051", "0057" };
    char all[5 * 40];
    size_t n = 0;
    item->reference = value_of(r->tree, segment, NULL, "0062");
    if (!item->reference.len) item->reference = value_of(r->tree, segment, NULL, "0800"); /* a package */
    for (size_t i = 0; i < 5; i++) {
        dgm_slice part = value_of(r->tree, segment, "S009", parts[i]);
        if (!part.len) break;
        if (n) all[n++] = ':';
        for (size_t k = 0; k < part.len && k < 35; k++) all[n++] = part.at[k];
    }
    *type = (dgm_slice){ 0 };
    if (n) *type = dgm_arena_copy(r->arena, (dgm_slice){ all, n });
    take_answer(r, segment, item, DGM_ACKED_MESSAGE);
}

/* One segment; false when there is no memory. */
static bool take_segment(reading *r, uint32_t at)
{
    static const char *const interchange[4] = { "S002", "0004", "S003", "0010" }, *const group[4] = { "S006", "0040", "S007",
                                                                                                      "0044" };
    const dgm_tree *t = r->tree;
    dgm_slice tag = dgm_tree_name(t, at);
    dgm_acked_item *item = &r->items[r->count];
    *item = (dgm_acked_item){ .verdict = "" };
    if (dgm_slice_is(tag, "UCI") || dgm_slice_is(tag, "UCF")) {
        bool of_group = tag.at[2] == 'F';
        item->reference = value_of(t, at, NULL, of_group ? "0048" : "0020");
        take_parties(r, at, item, of_group ? group : interchange);
        take_answer(r, at, item, of_group ? DGM_ACKED_GROUP : DGM_ACKED_INTERCHANGE);
    } else if (dgm_slice_is(tag, "UCM")) {
        take_ucm(r, at, item, &item->type);
        if (value_of(t, at, "S009", "0065").len && !item->type.at) return false;
    } else if (dgm_slice_is(tag, "UCS")) {
        r->segment = number_of(value_of(t, at, NULL, "0096"));
        take_error(r, at, item);
        if (!item->code.len) return true; /* what is wrong is told of its elements */
        item->level = DGM_ACKED_ERROR;
        item->position.segment = r->segment;
    } else if (dgm_slice_is(tag, "UCD")) {
        take_error(r, at, item);
        item->level = DGM_ACKED_ERROR;
        item->position.segment = r->segment;
    } else {
        return true;
    }
    r->count++;
    return true;
}

/* ---- APERAK ---- */

/* 1225 and 4343 as far as they say whether a document is taken; many partners send neither, and errors or none. */
static const char *verdict_of_document(dgm_slice code)
{
    static const char *const taken[] = { "28", "29", "30", "32", "34", "44", "45", "AP", "CA", "AC", "AD", "AI" },
                             *const refused[] = { "10", "12", "27", "RE" }, *const came[] = { "AB", "AF" };
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (dgm_slice_is(code, taken[i])) return "acknowledged";
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        if (dgm_slice_is(code, refused[i])) return "rejected";
    for (size_t i = 0; i < sizeof came / sizeof came[0]; i++)
        if (dgm_slice_is(code, came[i])) return "received";
    return "";
}

/* All lines of FTX as one text, in the arena. */
static bool take_text(const reading *r, uint32_t segment, dgm_slice *out)
{
    const dgm_tree *t = r->tree;
    size_t len = 0, at = 0;
    for (uint32_t i = segment + 1; i < dgm_tree_end(t, segment); i++)
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) && dgm_slice_is(dgm_tree_name(t, i), "4440"))
            len += dgm_tree_value(t, i).len + 1;
    if (len == 0) return true;
    char *text = DGM_NEW(r->arena, char, len);
    if (!text) return false;
    for (uint32_t i = segment + 1; i < dgm_tree_end(t, segment); i++) {
        if (!dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) || !dgm_slice_is(dgm_tree_name(t, i), "4440")) continue;
        dgm_slice v = dgm_tree_value(t, i);
        if (at) text[at++] = ' ';
        if (v.len) memcpy(text + at, v.at, v.len);
        at += v.len;
    }
    *out = (dgm_slice){ text, at };
    return true;
}

/* ACW: the message that came; AGO: its sender's own reference. */
static void take_reference(const reading *r, uint32_t segment, dgm_acked_item *message)
{
    dgm_slice qualifier = value_of(r->tree, segment, "C506", "1153"), value = value_of(r->tree, segment, "C506", "1154");
    if (dgm_slice_is(qualifier, "ACW"))
        message->reference = value;
    else if (dgm_slice_is(qualifier, "AGO") || !message->document.len)
        message->document = value;
}

static bool take_aperak_segment(reading *r, uint32_t at)
{
    const dgm_tree *t = r->tree;
    dgm_slice tag = dgm_tree_name(t, at);
    dgm_acked_item *message = r->items, *last = &r->items[r->count - 1];
    if (dgm_slice_is(tag, "BGM")) {
        dgm_slice function = value_of(t, at, NULL, "1225"), response = value_of(t, at, NULL, "4343");
        message->action = *verdict_of_document(response) ? response : function;
        message->verdict = verdict_of_document(message->action);
    } else if (dgm_slice_is(tag, "RFF") && r->count == 1) {
        take_reference(r, at, message);
    } else if (dgm_slice_is(tag, "NAD") && r->count == 1) {
        /* who sends this is who received that */
        dgm_slice party = value_of(t, at, NULL, "3035"), id = value_of(t, at, "C082", "3039");
        if (dgm_slice_is(party, "MS")) message->recipient = id;
        if (dgm_slice_is(party, "MR")) message->sender = id;
    } else if (dgm_slice_is(tag, "ERC")) {
        r->items[r->count++] = (dgm_acked_item){ .level = DGM_ACKED_ERROR, .verdict = "", .code = value_of(t, at, "C901", "9321") };
    } else if (dgm_slice_is(tag, "RFF")) {
        last->reference = value_of(t, at, "C506", "1154");
    } else if (dgm_slice_is(tag, "FTX") && !last->text.len) {
        return take_text(r, at, &last->text);
    }
    return true;
}

static dgm_status read_aperak(reading *r)
{
    r->items[0] = (dgm_acked_item){ .level = DGM_ACKED_MESSAGE, .verdict = "" };
    r->count = 1;
    for (uint32_t i = 0; i < r->tree->node_count; i++)
        if (dgm_node_kind(&r->tree->nodes[i]) == DGM_SEGMENT && !take_aperak_segment(r, i)) return DGM_NOMEM;
    if (!*r->items->verdict && r->count > 1) r->items->verdict = "rejected"; /* who tells errors did not take it */
    return DGM_OK;
}

dgm_status dgm_edi_ack_read(const dgm_tree *tree, dgm_slice type, dgm_arena *arena, dgm_acked_item **items, size_t *count)
{
    dgm_cut name = dgm_slice_cut(type, ':');
    *items = NULL;
    *count = 0;
    bool aperak = dgm_slice_is(name.head, "APERAK");
    if (!dgm_slice_is(name.head, "CONTRL") && !aperak) return DGM_UNKNOWN;
    reading r = { .tree = tree, .arena = arena, .service = { .syntax4 = dgm_slice_is(dgm_slice_cut(name.tail, ':').head, "4") } };
    size_t segments = 0;
    for (uint32_t i = 0; i < tree->node_count; i++) segments += dgm_node_kind(&tree->nodes[i]) == DGM_SEGMENT;
    r.items = DGM_NEW(arena, dgm_acked_item, segments + 1);
    if (!r.items) return DGM_NOMEM;
    if (aperak && read_aperak(&r) != DGM_OK) return DGM_NOMEM;
    for (uint32_t i = 0; i < tree->node_count && !aperak; i++)
        if (dgm_node_kind(&tree->nodes[i]) == DGM_SEGMENT && !take_segment(&r, i)) return DGM_NOMEM;
    *items = r.items;
    *count = r.count;
    return DGM_OK;
}
