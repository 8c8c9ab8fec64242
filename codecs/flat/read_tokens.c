/* SPDX-License-Identifier: Apache-2.0
 *
 * read_tokens.c - a record that is cut by pattern becomes nodes: values, the groups that hold them, and what could not be cut,
 * which is told and kept as it stands. One thread.
 */
#include "reader.h"
#include "tokens.h"

#include <stdio.h>

enum { MADE_SHORT = 160, SHOWN = 20, WORDS_MAX = 320 };

static flat_reader *reader(void *ctx)
{
    return ctx;
}

static size_t raw_of(const flat_reader *r, size_t text)
{
    return r->decoded ? dgm_charset_map_source(&r->map, text) : text;
}

static dgm_status open_group(void *ctx, const dgm_flat_token *t, uint32_t number, size_t at)
{
    flat_reader *r = reader(ctx);
    const dgm_flat_step *s = &r->l->steps[t->step];
    const dgm_slot *slot = dgm_shape_slot(r->format->shape, s->slot);
    uint32_t place = DGM_PLACE(slot->element & 0xFF, 0, number < 0xFFFF ? number : 0xFFFF);
    if (r->hopeless) return DGM_OK;
    uint32_t begin = (uint32_t)(r->record_at - r->message_at + raw_of(r, at));
    uint32_t node = r->host.draft_open(r->draft, s->slot, DGM_COMPOSITE, 0, begin, place);
    return node == DGM_NONE ? r->host.draft_status(r->draft) : DGM_OK;
}

static void close_group(void *ctx, const dgm_flat_token *t)
{
    (void)t;
    if (!reader(ctx)->hopeless) reader(ctx)->host.draft_close(reader(ctx)->draft);
}

static dgm_status put_leaf(flat_reader *r, const dgm_flat_step *s, uint32_t number, const flat_cell_view *c, dgm_slice value,
                           bool as_is, uint32_t flags)
{
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return r->host.draft_status(r->draft);
    size_t at = r->record_at - r->message_at + c->raw_at;
    *n = (dgm_node){ (uint32_t)at, (uint32_t)c->raw_len, DGM_TAG(s->slot, DGM_ELEMENT, flags),
                     DGM_PLACE(0, 0, number < 0xFFFF ? number : 0xFFFF) };
    r->host.draft_commit(r->draft, 1);
    if (as_is && !r->decoded && value.len == c->raw_len) return DGM_OK;
    return r->host.draft_decoded(r->draft, r->host.draft_count(r->draft) - 1, value);
}

static dgm_status take_value(void *ctx, const dgm_flat_token *t, uint32_t number, size_t from, size_t to)
{
    flat_reader *r = reader(ctx);
    const dgm_flat_step *s = &r->l->steps[t->step];
    flat_cell_view c = { .text = dgm_slice_part(r->text, from, to), .raw_at = raw_of(r, from) };
    c.raw_len = raw_of(r, to) - c.raw_at;
    char quick[MADE_SHORT], *made = quick;
    if (c.text.len * 2 + DGM_FLAT_MADE_ROOM > sizeof quick) {
        r->made.len = 0;
        dgm_status st = dgm_buffer_reserve(&r->made, c.text.len * 2 + DGM_FLAT_MADE_ROOM);
        if (st != DGM_OK) return st;
        made = r->made.at;
    }
    dgm_flat_value v;
    dgm_flat_found found = dgm_flat_value_read(r->l, s, c.text, made, &v);
    if (s->near && found == DGM_FLAT_MADE) found = dgm_flat_settle_near(r, s, c.text, made, &v);
    if (r->watch)
        r->watch->field(r->watch->ctx, s, c.raw_at, c.raw_len, found == DGM_FLAT_WRONG,
                        found == DGM_FLAT_ABSENT ? (dgm_slice){ 0 } : v.text);
    if (found == DGM_FLAT_ABSENT) return DGM_OK;
    if (found == DGM_FLAT_WRONG) {
        if (s->kept) r->kept[s->kept - 1].len = 0;
        dgm_flat_tell_value(r, s, &c, &v);
        return r->hopeless || !c.text.len ? DGM_OK : put_leaf(r, s, number, &c, c.text, true, DGM_BAD);
    }
    dgm_status st = s->kept ? dgm_flat_note_value(r, s, &c, v.text) : DGM_OK;
    if (st != DGM_OK || r->hopeless) return st;
    return put_leaf(r, s, number, &c, v.text, found == DGM_FLAT_AS_IS, 0);
}

/* ---- what is wrong ---- */

static void tell_blanks(void *ctx, size_t from, size_t to)
{
    flat_reader *r = reader(ctx);
    size_t at = raw_of(r, from);
    (void)dgm_flat_tell(r, DGM_D_FLAT_TOKEN_BLANKS, DGM_WARNING, at, raw_of(r, to) - at, DGM_SLOT_NONE);
}

/* "this", "that" or "another" */
static size_t expected_words(const flat_reader *r, const dgm_flat_unmet *u, char *out, size_t room)
{
    size_t used = 0;
    for (uint32_t i = 0; i < u->count; i++) {
        char words[WORDS_MAX];
        size_t n = dgm_flat_token_words(r->l, u->ops[i], i + 1 == u->count ? u->run : NULL, words, sizeof words);
        const char *between = i == 0 ? "" : i + 1 < u->count ? ", " : u->others ? ", something else or " : " or ";
        if (used + n + 24 >= room) break;
        used += (size_t)snprintf(out + used, room - used, "%s%.*s", between, (int)n, words);
    }
    return used;
}

/* The field that was expected, or NONE. */
static uint32_t slot_of(const flat_reader *r, const dgm_flat_unmet *u)
{
    const dgm_flat_token *t = &r->l->tokens->ops[u->ops[u->count - 1]];
    return t->op == DGM_FLAT_OP_FIELD ? r->l->steps[t->step].slot : DGM_SLOT_NONE;
}

static dgm_status keep_rest(flat_reader *r, size_t from, size_t to)
{
    if (r->hopeless || from >= to) return DGM_OK;
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return r->host.draft_status(r->draft);
    size_t at = raw_of(r, from), end = raw_of(r, to);
    *n = (dgm_node){ (uint32_t)(r->record_at - r->message_at + at), (uint32_t)(end - at), DGM_TAG(0, DGM_OPAQUE, 0),
                     DGM_PLACE(0, 0, 1) };
    r->host.draft_commit(r->draft, 1);
    return r->host.draft_named(r->draft, r->host.draft_count(r->draft) - 1, DGM_LITERAL("#rest"));
}

static const dgm_flat_step rest_step = { .name = { "#rest", 5 } };

static dgm_status tell_unmet(void *ctx, const dgm_flat_unmet *u, size_t from, size_t to)
{
    flat_reader *r = reader(ctx);
    char words[1024];
    size_t n = expected_words(r, u, words, sizeof words);
    dgm_slice here = dgm_slice_part(r->text, u->at, r->text.len);
    const char *end = here.len ? memchr(here.at, '\n', here.len) : NULL;
    if (end) here.len = (size_t)(end - here.at);
    while (here.len && (here.at[here.len - 1] == '\r')) here.len--;
    size_t at = raw_of(r, u->at), bytes = here.len ? raw_of(r, u->at + 1) - at : 0;
    dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_TOKEN_EXPECTED, DGM_ERROR, at, bytes, slot_of(r, u));
    bool more = here.len > SHOWN;
    if (more) here.len = dgm_utf8_head(here, SHOWN);
    if (r->dirty) here = DGM_LITERAL("this");
    dgm_diag_text(r->host.diags, d,
                  here.len ? here
                  : end    ? DGM_LITERAL("the end of the line")
                           : DGM_LITERAL("the end of the record"));
    dgm_diag_text(r->host.diags, d, (dgm_slice){ words, n });
    if (r->watch)
        r->watch->field(r->watch->ctx, &rest_step, raw_of(r, from), raw_of(r, to) - raw_of(r, from), true, (dgm_slice){ 0 });
    return keep_rest(r, from, to);
}

dgm_status dgm_flat_read_tokens(flat_reader *r, uint32_t place)
{
    const dgm_flat_visit visit = { open_group, close_group, take_value, tell_blanks, tell_unmet, r };
    dgm_status st = dgm_flat_cut(r->l, place, r->text, &visit);
    return st == DGM_INVALID ? DGM_OK : st;
}
