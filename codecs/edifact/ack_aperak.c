/* SPDX-License-Identifier: Apache-2.0
 *
 * ack_aperak.c - messages that are right as to their syntax and were refused nevertheless: an APERAK names the document (BGM, RFF,
 * DTM) and, for each error, a code (ERC 9321, from the table of the mappings' folder) and what it is in words (FTX). One thread.
 */
#include "ack_letter.h"

#include "base/utf8.h"

#include <stdio.h>

enum { TEXT_MAX = 5 * 512, ERRORS_MAX = 999 };

/* ---- keeping ---- */

/* The first leaf of that name in a segment. */
static dgm_slice leaf_of(const dgm_tree *t, uint32_t segment, const char *name)
{
    for (uint32_t i = segment + 1, end = dgm_tree_end(t, segment); i < end; i++)
        if (dgm_kind_leaf(dgm_node_kind(&t->nodes[i])) && dgm_slice_is(dgm_tree_name(t, i), name)) return dgm_tree_value(t, i);
    return (dgm_slice){ 0 };
}

static bool keep(dgm_arena *arena, dgm_slice *to, dgm_slice text)
{
    *to = text.len ? dgm_arena_copy(arena, text) : (dgm_slice){ 0 };
    return text.len == 0 || to->at;
}

/* What the message calls its document: BGM 1004, and the date of DTM 137. */
static bool keep_document(dgm_arena *arena, dgm_edi_refusal *f, const dgm_tree *t)
{
    for (uint32_t i = 0; t && i < t->node_count; i++) {
        if (dgm_node_kind(&t->nodes[i]) != DGM_SEGMENT) continue;
        dgm_slice tag = dgm_tree_name(t, i);
        if (dgm_slice_is(tag, "BGM") && !f->document.len && !keep(arena, &f->document, leaf_of(t, i, "1004"))) return false;
        if (!dgm_slice_is(tag, "DTM") || f->date.len || !dgm_slice_is(leaf_of(t, i, "2005"), "137")) continue;
        if (!keep(arena, &f->date, leaf_of(t, i, "2380")) || !keep(arena, &f->date_format, leaf_of(t, i, "2379"))) return false;
    }
    return true;
}

static dgm_status keep_errors(dgm_edi_ack *a, dgm_arena *arena, dgm_edi_refusal *f, const dgm_diags *diags)
{
    dgm_status s = DGM_OK;
    dgm_buffer text;
    char room[12];
    dgm_buffer_init(&text, &a->mem);
    for (size_t i = 0; i < dgm_diags_count(diags) && s == DGM_OK && f->error_count < ERRORS_MAX; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (d->severity != DGM_ERROR || dgm_edi_0085_of(d->code)) continue;
        text.len = 0;
        s = dgm_diag_sentence(d, dgm_buffer_sink(&text));
        dgm_slice place = d->sent.len ? d->sent : d->path; /* in the sender's terms, wherever it is known */
        if (s == DGM_OK && place.len) s = dgm_buffer_print(&text, " (%.*s)", (int)place.len, place.at);
        if (s != DGM_OK) break;
        struct dgm_edi_refusal_error *e = &f->errors[f->error_count++];
        if (!keep(arena, &e->code, dgm_answer_code_of(a->host.answer_codes, a->host.answer_code_count, d->code, room)) ||
            !keep(arena, &e->text, dgm_buffer_slice(&text)))
            s = DGM_NOMEM;
    }
    dgm_buffer_free(&text);
    return s;
}

dgm_status dgm_edi_refusal_take(dgm_edi_ack *a, dgm_edi_acked *x, const dgm_message_report *report, const dgm_diags *diags)
{
    size_t n = 0;
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        n += d->severity == DGM_ERROR && !dgm_edi_0085_of(d->code);
    }
    if (n == 0) return DGM_OK;
    dgm_edi_refusal *f = DGM_NEW(&x->arena, dgm_edi_refusal, 1);
    if (!f) return DGM_NOMEM;
    f->errors = DGM_NEW(&x->arena, struct dgm_edi_refusal_error, n < ERRORS_MAX ? n : ERRORS_MAX);
    if (!f->errors || !keep(&x->arena, &f->reference, report->reference) || !keep_document(&x->arena, f, report->wire))
        return DGM_NOMEM;
    dgm_status s = keep_errors(a, &x->arena, f, diags);
    if (s != DGM_OK) return s;
    x->left_out += n - f->error_count;
    if (x->last_refusal)
        x->last_refusal->next = f;
    else
        x->refusals = f;
    x->last_refusal = f;
    return DGM_OK;
}

/* ---- the message ---- */

/* The group that begins with a segment: their numbers differ from directory to directory. */
static dgm_edi_spot open_group(dgm_edi_letter *l, const char *trigger)
{
    const dgm_slot *root = dgm_shape_slot(l->shape, DGM_SLOT_ROOT);
    for (uint32_t i = 0; i < root->child_count; i++) {
        const dgm_slot *g = dgm_shape_slot(l->shape, root->first_child + i);
        if (g->kind != DGM_GROUP || !dgm_slice_is(dgm_shape_slot(l->shape, g->first_child)->name, trigger)) continue;
        return (dgm_edi_spot){ dgm_builder_open(l->b, 0, root->first_child + i, 0), root->first_child + i };
    }
    return (dgm_edi_spot){ DGM_NONE, DGM_SLOT_NONE };
}

static void put_in(dgm_edi_letter *l, dgm_edi_spot segment, const char *composite, const char *const *names,
                   const dgm_slice *values, size_t n)
{
    dgm_edi_spot c = dgm_edi_letter_open(l, segment, composite);
    for (size_t i = 0; i < n; i++) dgm_edi_letter_put(l, c, names[i], values[i]);
}

static void put_date(dgm_edi_letter *l, dgm_edi_spot at, dgm_slice date, dgm_slice format)
{
    static const char *const names[] = { "2005", "2380", "2379" };
    put_in(l, dgm_edi_letter_open(l, at, "DTM"), "C507", names, (const dgm_slice[]){ DGM_LITERAL("137"), date, format }, 3);
}

static void put_reference(dgm_edi_letter *l, const char *qualifier, dgm_slice value, dgm_slice date, dgm_slice format)
{
    static const char *const names[] = { "1153", "1154" };
    if (!value.len) return;
    dgm_edi_spot group = open_group(l, "RFF"), rff = dgm_edi_letter_open(l, group, "RFF");
    put_in(l, rff, "C506", names, (const dgm_slice[]){ dgm_slice_of(qualifier), value }, 2);
    if (date.len) put_date(l, group, date, format);
}

static void put_partner(dgm_edi_letter *l, const char *qualifier, dgm_slice id)
{
    static const char *const names[] = { "3039" };
    dgm_edi_spot nad = dgm_edi_letter_open(l, open_group(l, "NAD"), "NAD");
    dgm_edi_letter_put(l, nad, "3035", dgm_slice_of(qualifier));
    uint32_t c082 = dgm_shape_child(l->shape, nad.slot, DGM_LITERAL("C082"), 1);
    if (dgm_edi_letter_fits(l, dgm_shape_child(l->shape, c082, DGM_LITERAL("3039"), 1), id)) put_in(l, nad, "C082", names, &id, 1);
}

/* UNOA has no lower case, and few signs. */
static char plain(const dgm_edi_letter *l, char c)
{
    if (!dgm_slice_is(l->x->identifier, "UNOA") || (unsigned char)c >= 0x80) return c;
    if (c >= 'a' && c <= 'z') return (char)(c - 'a' + 'A');
    bool there = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr(" .,-()/='+:?!\"%&*;<>", c));
    return there ? c : ' ';
}

/* In as many lines as there are, broken at blanks; what does not fit goes, and ends with dots. */
static void put_text(dgm_edi_letter *l, dgm_edi_spot ftx, dgm_slice text)
{
    dgm_edi_spot c = dgm_edi_letter_open(l, ftx, "C108");
    char line[TEXT_MAX];
    for (uint32_t k = 1; text.len; k++) {
        uint32_t slot = dgm_shape_child(l->shape, c.slot, DGM_LITERAL("4440"), k);
        if (slot == DGM_SLOT_NONE) return;
        bool last = dgm_shape_child(l->shape, c.slot, DGM_LITERAL("4440"), k + 1) == DGM_SLOT_NONE;
        size_t most = dgm_shape_slot(l->shape, slot)->repr.length_max, chars = 0, end = 0, blank = 0;
        while (end < text.len && chars < most) {
            if (text.at[end] == ' ') blank = end;
            end += dgm_utf8_next(dgm_slice_part(text, end, text.len)).bytes;
            chars++;
        }
        bool dots = last && end < text.len && end > 3 && dgm_ascii(dgm_slice_part(text, end - 3, end));
        if (end < text.len && blank && !last) end = blank;
        for (size_t i = 0; i < end && i < sizeof line; i++) line[i] = plain(l, dots && i + 3 >= end ? '.' : text.at[i]);
        (void)dgm_builder_leaf(l->b, c.node, slot, 0, (dgm_slice){ line, end < sizeof line ? end : sizeof line });
        while (end < text.len && text.at[end] == ' ') end++;
        text = dgm_slice_part(text, end, text.len);
    }
}

static void put_head(dgm_edi_letter *l, const dgm_edi_refusal *f, uint64_t number)
{
    static const char *const named[] = { "1001" }, *const numbered[] = { "1004" };
    char text[40], now[16];
    const dgm_edi_wish *counter = dgm_edi_wish_counter(l->a, l->x->wish);
    int n = snprintf(text, sizeof text, "%.*s-%llu", (int)counter->reference_len, counter->reference, (unsigned long long)number);
    const dgm_slice own = { text, (size_t)n };
    const dgm_edi_spot root = { 0, DGM_SLOT_ROOT };
    dgm_edi_spot bgm = dgm_edi_letter_open(l, root, "BGM");
    if (l->x->wish->document_type.len) put_in(l, bgm, "C002", named, &l->x->wish->document_type, 1);
    if (dgm_shape_child(l->shape, bgm.slot, DGM_LITERAL("1004"), 1) != DGM_SLOT_NONE)
        dgm_edi_letter_put(l, bgm, "1004", own);
    else
        put_in(l, bgm, "C106", numbered, &own, 1);
    dgm_edi_letter_put(l, bgm, "1225", DGM_LITERAL("27")); /* not accepted */
    put_date(l, root, dgm_edi_letter_stamp(l, now), DGM_LITERAL("203"));
    put_reference(l, "ACW", f->reference, (dgm_slice){ 0 }, (dgm_slice){ 0 });
    put_reference(l, "AGO", f->document, f->date, f->date_format);
    put_partner(l, "MS", l->x->recipient.id);
    put_partner(l, "MR", l->x->sender.id);
}

static dgm_status make_tree(dgm_edi_letter *l, const dgm_edi_refusal *f, uint64_t number, dgm_tree **out)
{
    static const char *const names[] = { "9321" };
    dgm_status s = dgm_builder_begin(l->b, l->shape, false);
    if (s != DGM_OK) return s;
    put_head(l, f, number);
    for (size_t i = 0; i < f->error_count; i++) {
        dgm_edi_spot group = open_group(l, "ERC"), erc = dgm_edi_letter_open(l, group, "ERC");
        put_in(l, erc, "C901", names, &f->errors[i].code, 1);
        dgm_edi_spot ftx = dgm_edi_letter_open(l, group, "FTX");
        dgm_edi_letter_put(l, ftx, "4451", DGM_LITERAL("AAO"));
        put_text(l, ftx, f->errors[i].text);
    }
    s = dgm_builder_status(l->b);
    return s == DGM_OK ? dgm_builder_freeze(l->b, out, NULL) : s;
}

static dgm_status send(dgm_edi_letter *l, dgm_diags *diags)
{
    size_t count = 0, made = 0;
    for (const dgm_edi_refusal *f = l->x->refusals; f; f = f->next) count++;
    dgm_tree **trees = DGM_NEW(&l->x->arena, dgm_tree *, count);
    dgm_status s = trees ? DGM_OK : DGM_NOMEM;
    for (const dgm_edi_refusal *f = l->x->refusals; f && s == DGM_OK; f = f->next) {
        s = make_tree(l, f, made + 1, &trees[made]);
        if (s == DGM_OK) made++;
    }
    const dgm_cut name = dgm_slice_cut(dgm_slice_of(l->x->wish->directory.name), '.'); /* "D.96B" */
    if (s == DGM_OK) s = dgm_edi_letter_send(l, trees, made, "APERAK", name.head, name.tail, diags);
    for (size_t i = 0; i < made; i++) dgm_tree_free(trees[i]);
    return s == DGM_INVALID ? DGM_OK : s; /* it was told */
}

dgm_status dgm_edi_refusals_write(dgm_edi_ack *a, dgm_edi_acked *x, dgm_diags *diags)
{
    if (!x->refusals) return DGM_OK;
    dgm_edi_letter l = dgm_edi_letter_to(a, x);
    dgm_edi_directory d = x->wish->directory;
    d.syntax4 = l.version == 4;
    if (!x->sender.id.len || !x->recipient.id.len) {
        dgm_edi_letter_impossible(&l, diags, "its UNB has no usable sender or recipient");
        return DGM_OK;
    }
    dgm_status s = dgm_edi_letter_shape(&l, &d, "APERAK", &x->wish->aperaks[l.version == 4]);
    if (s == DGM_OK) s = dgm_builder_new(&a->mem, &a->host.limits, &l.b);
    if (s == DGM_OK) s = send(&l, diags);
    dgm_builder_free(l.b);
    return s;
}
