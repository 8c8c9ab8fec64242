/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees become interchanges. A message is made whole in the buffer, and stays there only when nothing is wrong with it;
 * the sink gets whole messages. One thread.
 */
#include "writer_state.h"

#define FLUSH_AT 65536u

static dgm_status flush(dgm_edi_writer *w, size_t above)
{
    if (w->choices) return dgm_edi_choice_flush(w);
    if (w->out.len <= above) return DGM_OK;
    dgm_status st = dgm_edi_put_out(w, dgm_buffer_slice(&w->out));
    w->out.len = 0;
    return st == DGM_OK ? DGM_OK : (w->failed = st);
}

dgm_status dgm_edi_flush(dgm_edi_writer *w)
{
    return w->failed == DGM_OK ? flush(w, 0) : w->failed;
}

/* ---- interchanges ---------------------------------------------------------------------------------------------------------- */

static bool begin_interchange(dgm_edi_writer *w)
{
    dgm_edi_course *now = &w->now;
    now->messages = now->groups = now->group_messages = 0;
    now->in_group = false;
    if (now->fresh || w->wishes.message_reference.len == 0) {
        now->next = w->wishes.message_reference;
        if (now->next.len == 0) now->next = (dgm_edi_short_text){ .at = "1", .len = 1 };
    }
    const size_t from = w->out.len;
    if (dgm_edi_write_opening(w) != DGM_OK) return false;
    if (w->choices) dgm_edi_choice_begin(w, from);
    now->open = now->begun = true;
    now->fresh = false;
    dgm_edi_references_clear(&w->used, &w->mem, true);
    return true;
}

void dgm_edi_end_interchange(dgm_edi_writer *w)
{
    if (!w->now.open) return;
    (void)dgm_edi_write_closing(w);
    w->now.open = false;
    if (w->choices) dgm_edi_choice_close(w);
}

/* UNZ and UNE count to 999999. */
static uint64_t messages_most(const dgm_edi_writer *w)
{
    return w->wishes.per_interchange && w->wishes.per_interchange < 999999 ? w->wishes.per_interchange : 999999;
}

bool dgm_edi_writer_full(const dgm_writer *writer)
{
    const dgm_edi_writer *w = (const dgm_edi_writer *)(const void *)writer;
    return w->now.open && w->now.messages >= messages_most(w);
}

/* ---- messages -------------------------------------------------------------------------------------------------------------- */

static uint32_t header_of(const dgm_edi_writer *w)
{
    const dgm_tree *t = w->tree;
    for (uint32_t i = 1; i < t->node_count; i = dgm_tree_next(t, i))
        if (dgm_node_slot(&t->nodes[i]) == w->about->unh && dgm_node_kind(&t->nodes[i]) == DGM_SEGMENT) return i;
    return DGM_NONE;
}

/* The tree in hand as a message behind what is there already. False: it cannot be written. */
static bool write_message(dgm_edi_writer *w, dgm_edi_short_text *reference, bool *counted)
{
    w->segments = 0;
    w->stuck = 0;
    w->changed = false;
    const size_t from = w->out.len;
    if (!dgm_edi_write_header(w, header_of(w), reference, counted) || !dgm_edi_write_body(w)) return false;
    dgm_edi_write_trailer(w, reference);
    uint32_t most = w->four ? UINT32_MAX : 999999;
    if (w->segments > most) {
        dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_WRITE_COUNT, 0, (dgm_slice){ 0 });
        dgm_diag_number(w->host.diags, d, w->segments);
        dgm_diag_number(w->host.diags, d, most);
    }
    if (w->failed != DGM_OK || w->segments > most) return false;
    return !w->choices || dgm_edi_choice_narrow(w, from);
}

/* The next message without a reference gets another one. */
static void count_up(dgm_edi_writer *w)
{
    if (dgm_edi_counts(w, DGM_COUNT_MESSAGE))
        dgm_edi_counter_used(w, DGM_COUNT_MESSAGE);
    else
        dgm_edi_count_up(w, &w->now.next);
}

static void refuse_reference(dgm_edi_writer *w, const dgm_edi_short_text *reference)
{
    dgm_diag *d = dgm_edi_complain(w, DGM_D_EDI_REFERENCE_TWICE, 0, (dgm_slice){ 0 });
    dgm_diag_text(w->host.diags, d, (dgm_slice){ reference->at, reference->len });
}

/* A message with a reference of its own that is not used yet; those that are counted are counted past the used ones. */
static bool write_new(dgm_edi_writer *w)
{
    dgm_edi_short_text reference, first = { .len = 0 };
    const size_t mark = w->out.len;
    bool counted = false;
    for (;;) {
        const dgm_edi_course before = w->now;
        if (!write_message(w, &reference, &counted)) {
            if (w->failed == DGM_OK && !w->errors) dgm_edi_write_check(w);
            return false;
        }
        dgm_status st = dgm_edi_references_add(&w->used, &w->mem, (dgm_slice){ reference.at, reference.len });
        if (counted) count_up(w);
        if (st == DGM_NOMEM) w->failed = st;
        if (st != DGM_INVALID) return st != DGM_NOMEM;
        if (!counted || dgm_slice_equal((dgm_slice){ reference.at, reference.len }, (dgm_slice){ first.at, first.len })) {
            refuse_reference(w, &reference); /* all that could be counted are used */
            return false;
        }
        if (first.len == 0) first = reference;
        dgm_edi_short_text next = w->now.next;
        w->now = before;
        w->now.next = next;
        w->out.len = mark;
    }
}

/* The message or package in hand. */
static bool write_one(dgm_edi_writer *w)
{
    if (w->about) return write_new(w);
    if (dgm_edi_write_package(w)) return true;
    if (w->failed == DGM_OK)
        dgm_diag_text(w->host.diags, dgm_edi_complain(w, DGM_D_EDI_WRITE_PACKAGE, 0, (dgm_slice){ 0 }), w->tree->reference);
    return false;
}

dgm_status dgm_edi_write(dgm_writer *writer, const dgm_tree *tree)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    if (w->failed != DGM_OK) return w->failed;
    if (w->finished) return DGM_USAGE;
    w->errors = 0;
    w->tree = NULL;
    w->about = dgm_edi_attached_of(tree->shape);
    bool package = !w->format && dgm_edi_is_package(tree);
    bool ours = package || (w->about && w->about->unh != DGM_SLOT_NONE && w->about->unt != DGM_SLOT_NONE && tree->node_count > 0 &&
                            (!w->format || tree->shape == w->format->shape));
    if (!ours) {
        (void)dgm_edi_complain(w, DGM_D_EDI_WRITE_FORMAT, DGM_NONE, (dgm_slice){ 0 });
        return DGM_INVALID;
    }
    dgm_edi_follow(w, &tree->position);
    const dgm_edi_course before = w->now;
    const size_t mark = w->out.len;
    if (dgm_edi_writer_full(writer)) dgm_edi_end_interchange(w);
    bool good = w->failed == DGM_OK && dgm_edi_secured_may(w) && (w->now.open || begin_interchange(w));
    w->tree = tree;
    good = good && write_one(w);
    if (good && w->about) dgm_edi_tell_changes(w);
    if (good) dgm_edi_tell_secured(w);
    w->tree = NULL;
    if (w->failed != DGM_OK) return w->failed;
    if (!good) {
        w->now = before;
        w->out.len = mark;
        return DGM_INVALID;
    }
    w->now.messages++;
    w->now.group_messages++;
    dgm_edi_counter_used(w, DGM_COUNT_INTERCHANGE);
    dgm_edi_counter_used(w, DGM_COUNT_GROUP);
    return flush(w, FLUSH_AT);
}

dgm_status dgm_edi_writer_flush(dgm_writer *writer)
{
    return dgm_edi_flush(dgm_edi_writer_of(writer));
}

dgm_status dgm_edi_finish(dgm_writer *writer)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    if (w->failed != DGM_OK) return w->failed;
    if (w->finished) return DGM_USAGE;
    w->finished = true;
    if (!w->now.begun && !w->following && begin_interchange(w)) /* of no message, but whole */
        dgm_edi_counter_used(w, DGM_COUNT_INTERCHANGE);
    dgm_edi_end_interchange(w);
    return w->failed == DGM_OK ? flush(w, 0) : w->failed;
}

/* ---- opening and closing --------------------------------------------------------------------------------------------------- */

void dgm_edi_writer_again(dgm_writer *writer, dgm_sink sink)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    w->sink = sink;
    w->out.len = 0;
    w->now.open = w->now.begun = w->finished = false;
    w->now.closed = 0;
}

dgm_status dgm_edi_writer_renew(dgm_writer *writer, const dgm_setting *settings, size_t n, dgm_sink sink)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    if (w->failed != DGM_OK) return w->failed;
    const dgm_edi_short_text before = w->wishes.reference;
    dgm_status st = dgm_edi_wishes_take(w, settings, n);
    if (st != DGM_OK) return st;
    dgm_edi_writer_again(writer, sink);
    const dgm_edi_short_text *now = &w->wishes.reference;
    w->was_fresh = w->now.fresh || !dgm_slice_equal((dgm_slice){ before.at, before.len }, (dgm_slice){ now->at, now->len });
    w->now.fresh = true;
    w->following = w->barred = w->like[0].there = w->like[1].there = false;
    dgm_edi_seal_clear(&w->seals[0]);
    dgm_edi_seal_clear(&w->seals[1]);
    w->input = (dgm_position){ 0 };
    return DGM_OK;
}

void dgm_edi_writer_goes_on(dgm_writer *writer)
{
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    w->now.fresh = w->was_fresh;
}

void dgm_edi_writer_close(dgm_writer *writer)
{
    if (!writer) return;
    dgm_edi_writer *w = dgm_edi_writer_of(writer);
    dgm_mem mem = w->mem;
    dgm_charset_free(w->charset);
    dgm_edi_references_clear(&w->used, &mem, false);
    dgm_buffer_free(&w->out);
    dgm_buffer_free(&w->encoded);
    dgm_edi_charset_forget(w);
    dgm_edi_choices_free(w);
    dgm_buffer_free(&w->adapted[0]);
    dgm_buffer_free(&w->adapted[1]);
    dgm_buffer_free(&w->units);
    for (size_t i = 0; i < 2; i++) {
        dgm_buffer_free(&w->like[i].text);
        dgm_buffer_free(&w->seals[i].head);
        dgm_buffer_free(&w->seals[i].tail);
    }
    dgm_arena_free(&w->constants);
    dgm_mem_free(&mem, w, sizeof *w);
}

dgm_status dgm_edi_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n, dgm_sink sink,
                               dgm_writer **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI || (format && !dgm_edi_attached_of(format->shape))) return DGM_USAGE;
    dgm_edi_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->head.codec = &dgm_codec_edifact;
    w->host = *host;
    w->mem = host->mem;
    w->format = format;
    w->sink = sink;
    w->now.fresh = true;
    dgm_buffer_init(&w->out, &w->mem);
    dgm_buffer_init(&w->encoded, &w->mem);
    dgm_buffer_init(&w->adapted[0], &w->mem);
    dgm_buffer_init(&w->adapted[1], &w->mem);
    dgm_buffer_init(&w->units, &w->mem);
    for (size_t i = 0; i < 2; i++) {
        dgm_buffer_init(&w->like[i].text, &w->mem);
        dgm_buffer_init(&w->seals[i].head, &w->mem);
        dgm_buffer_init(&w->seals[i].tail, &w->mem);
    }
    dgm_arena_init(&w->constants, &w->mem);
    dgm_status st = dgm_edi_wishes_take(w, settings, n);
    if (w->failed != DGM_OK) st = w->failed;
    if (st != DGM_OK) {
        dgm_edi_writer_close(&w->head);
        return st;
    }
    *out = &w->head;
    return DGM_OK;
}
