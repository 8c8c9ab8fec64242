/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - bytes in, messages out: records are cut, decoded, told apart and put into the tree one by one, whatever the pieces
 * they came in. A reader belongs to one thread.
 */
#include "swift.h"

enum { FIRST_BYTES = 1024, BYTE_SUBSTITUTE = 0x1A, SKIP_KEPT = 64, SHOWN_BYTES = 256 };

static flat_reader *self(dgm_reader *r)
{
    return (flat_reader *)(void *)r; /* base is the first member */
}

/* ---- making and ending ---- */

static void forget_input(flat_reader *r)
{
    r->in.len = 0;
    r->in_base = 0;
    r->last = r->borrowed;
    r->over = r->skipping = r->begun = r->hopeless = r->headed = false;
    r->message_at = r->record_at = r->seen = r->end_at = 0;
    r->substitute_stop = r->substitute_seen = 0;
    r->record = r->text = r->table = (dgm_slice){ 0 };
    dgm_flat_swift_moved(r->swift);
    r->records = r->message = r->depth = 0;
    r->errors = 0;
    if (r->charset) dgm_charset_reset(r->charset);
}

static void drop_layout(flat_reader *r)
{
    dgm_mem mem = r->host.mem;
    if (!r->l) return;
    dgm_flat_swift_free(r->swift, r->l, &mem);
    r->swift = NULL;
    dgm_charset_free(r->charset);
    r->charset = NULL;
    dgm_mem_free(&mem, r->counts, (r->l->control_count + 1) * sizeof *r->counts);
    dgm_mem_free(&mem, r->sums, (r->l->control_count + 1) * sizeof *r->sums);
    for (uint32_t i = 0; r->kept && i < r->l->kept_count; i++) dgm_buffer_free(&r->kept[i]);
    for (uint32_t i = 0; r->flows && i < r->l->flow_count; i++) dgm_buffer_free(&r->flows[i].text);
    dgm_mem_free(&mem, r->doubtful, (r->l->kept_count + 1) * sizeof *r->doubtful);
    dgm_mem_free(&mem, r->flows, (r->l->flow_count + 1) * sizeof *r->flows);
    r->doubtful = NULL;
    r->flows = NULL;
    dgm_mem_free(&mem, r->kept, (r->l->kept_count + 1) * sizeof *r->kept);
    r->counts = NULL;
    r->sums = NULL;
    r->kept = NULL;
    r->l = NULL;
    r->format = NULL;
}

static dgm_status take_layout(flat_reader *r, const dgm_format *format)
{
    r->format = format;
    r->l = dgm_flat_layout_of(format->shape);
    const dgm_mem *mem = &r->host.mem;
    r->counts = dgm_mem_new(mem, (r->l->control_count + 1) * sizeof *r->counts);
    r->sums = dgm_mem_new(mem, (r->l->control_count + 1) * sizeof *r->sums);
    r->kept = dgm_mem_new(mem, (r->l->kept_count + 1) * sizeof *r->kept);
    r->doubtful = dgm_mem_new(mem, (r->l->kept_count + 1) * sizeof *r->doubtful);
    r->flows = dgm_mem_new(mem, (r->l->flow_count + 1) * sizeof *r->flows);
    for (uint32_t i = 0; r->kept && i < r->l->kept_count; i++) dgm_buffer_init(&r->kept[i], mem);
    for (uint32_t i = 0; r->flows && i < r->l->flow_count; i++) dgm_buffer_init(&r->flows[i].text, mem);
    if (!r->counts || !r->sums || !r->kept || !r->doubtful || !r->flows) return DGM_NOMEM;
    dgm_status st = dgm_flat_swift_new(r->l, mem, &r->swift);
    if (st != DGM_OK) return st;
    if (r->l->utf8 || r->l->ascii) return DGM_OK;
    return dgm_charset_open(mem, r->l->encoding, &r->charset);
}

dgm_status dgm_flat_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI) return DGM_USAGE;
    flat_reader *r = dgm_mem_new(&host->mem, sizeof *r);
    if (!r) return DGM_NOMEM;
    r->base.codec = &dgm_codec_flat;
    r->host = *host;
    dgm_flat_today(host, dgm_setting_get(settings, n, dgm_flat_reader_options, "as-of"), r->today);
    dgm_buffer_init(&r->in, &host->mem);
    dgm_buffer_init(&r->utf8, &host->mem);
    dgm_buffer_init(&r->made, &host->mem);
    dgm_buffer_init(&r->masked, &host->mem);
    dgm_buffer_init(&r->covered, &host->mem);
    dgm_charset_map_init(&r->map, &host->mem);
    for (size_t i = 0; i < 3; i++) dgm_buffer_init(&r->names[i], &host->mem);
    dgm_status st = host->draft_new(&host->mem, &host->limits, &r->draft);
    if (st != DGM_OK) {
        dgm_flat_close(&r->base);
        return st;
    }
    *out = &r->base;
    return DGM_OK;
}

dgm_status dgm_flat_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out)
{
    dgm_status st = dgm_flat_open(host, settings, n, out);
    if (st != DGM_OK) return st;
    flat_reader *r = self(*out);
    r->borrowed = r->last = true;
    r->whole = input.at ? input : (dgm_slice){ "", 0 };
    return DGM_OK;
}

void dgm_flat_close(dgm_reader *reader)
{
    if (!reader) return;
    flat_reader *r = self(reader);
    dgm_mem mem = r->host.mem;
    drop_layout(r);
    r->host.draft_free(r->draft);
    dgm_buffer_free(&r->in);
    dgm_buffer_free(&r->utf8);
    dgm_buffer_free(&r->made);
    dgm_buffer_free(&r->masked);
    dgm_buffer_free(&r->covered);
    dgm_charset_map_free(&r->map);
    for (size_t i = 0; i < 3; i++) dgm_buffer_free(&r->names[i]);
    dgm_mem_free(&mem, r->cells.at, r->cells.room * sizeof *r->cells.at);
    dgm_mem_free(&mem, r->spare, r->spare_room);
    dgm_mem_free(&mem, r, sizeof *r);
}

void dgm_flat_reset(dgm_reader *reader)
{
    flat_reader *r = self(reader);
    if (r->host.format_count != 1) drop_layout(r);
    forget_input(r);
}

/* ---- bytes ---- */

/* What no message needs any more is forgotten before more comes. */
static void compact(flat_reader *r)
{
    if (r->skipping && r->seen > SKIP_KEPT) {
        r->record_at += r->seen - SKIP_KEPT;
        r->seen = SKIP_KEPT;
    }
    size_t gone = r->begun && !r->hopeless ? r->message_at : r->record_at;
    if (gone == 0 || gone * 2 < r->in.len) return;
    memmove(r->in.at, r->in.at + gone, r->in.len - gone);
    r->in.len -= gone;
    r->in_base += gone;
    r->record_at -= gone;
    r->message_at = r->begun && !r->hopeless ? 0 : r->record_at;
    r->end_at = r->end_at > gone ? r->end_at - gone : 0;
}

dgm_status dgm_flat_feed(dgm_reader *reader, dgm_slice chunk, bool last)
{
    flat_reader *r = self(reader);
    if (r->borrowed || r->last) return DGM_USAGE;
    r->last = last;
    dgm_flat_swift_moved(r->swift);
    if (r->over) return DGM_OK; /* of no layout that is known, which was told */
    compact(r);
    return dgm_buffer_append(&r->in, chunk);
}

/* ---- which layout ---- */

static dgm_status choose(flat_reader *r)
{
    dgm_slice first = dgm_slice_part(dgm_flat_view(r), 0, FIRST_BYTES);
    const dgm_format *second = NULL, *one = r->host.format_count == 1 ? r->host.formats[0] : NULL;
    int sure = 0;
    if (first.len < FIRST_BYTES && !r->last) return DGM_MORE;
    if (!one)
        one = dgm_flat_choose(r->host.formats, r->host.format_count, first, r->last && dgm_flat_view(r).len <= FIRST_BYTES, &sure,
                              &second);
    if (one && dgm_flat_layout_of(one->shape)) return take_layout(r, one);
    r->message = 1;
    r->record = first;
    dgm_diag *d =
        dgm_flat_tell(r, second ? DGM_D_FLAT_FORMAT_AMBIGUOUS : DGM_D_FLAT_FORMAT_UNKNOWN, DGM_ERROR, 0, 0, DGM_SLOT_NONE);
    for (size_t i = 0, told = 0; second && told < 4 && i < r->host.format_count; i++) {
        const dgm_flat_layout *l = dgm_flat_layout_of(r->host.formats[i]->shape);
        if (!l || dgm_flat_fits(l, first, r->last) != sure) continue;
        dgm_diag_text(r->host.diags, d, r->host.formats[i]->name);
        told++;
    }
    return DGM_UNKNOWN;
}

/* ---- the text of a record ---- */

static dgm_status decode(flat_reader *r)
{
    r->utf8.len = 0;
    dgm_charset_map_clear(&r->map);
    dgm_charset_reset(r->charset);
    dgm_status st = dgm_charset_decode_mapped(r->charset, r->record, true, &r->utf8, &r->map);
    if (st != DGM_OK) return st;
    r->text = dgm_buffer_slice(&r->utf8);
    r->decoded = true;
    r->mode = FLAT_LETTERS;
    for (size_t i = 0; i < r->map.count; i++) {
        const dgm_charset_run *run = &r->map.runs[i];
        if (!run->broken) continue;
        r->bad_at = run->source;
        r->bad_len = run->source_width;
        return DGM_OK;
    }
    return DGM_OK;
}

void dgm_flat_take_plain(flat_reader *r)
{
    r->text = r->record;
    r->decoded = r->dirty = false;
    r->bad_len = 0;
    r->mode = FLAT_RAW;
}

static dgm_status take_text(flat_reader *r)
{
    const dgm_flat_layout *l = r->l;
    dgm_flat_take_plain(r);
    bool plain = dgm_ascii(r->record);
    if (plain && l->direct) return DGM_OK;
    if (!l->utf8 && !l->ascii) return decode(r);
    r->mode = l->characters ? FLAT_LETTERS : FLAT_BYTES;
    size_t bad = l->utf8 ? dgm_utf8_check(r->record) : 0;
    while (l->ascii && bad < r->record.len && (unsigned char)r->record.at[bad] < 0x80) bad++;
    if (bad == r->record.len) return DGM_OK;
    r->dirty = true;
    r->mode = FLAT_BYTES;
    r->bad_at = bad;
    r->bad_len = 1;
    return DGM_OK;
}

/* What is no characters is not decoded with the others. */
static dgm_status take_masked(flat_reader *r)
{
    dgm_slice sent = r->record;
    dgm_status st = dgm_flat_mask(r);
    if (st == DGM_OK) st = take_text(r);
    r->record = sent;
    return st;
}

/* Once it is known whose record it is. */
static void tell_bad_bytes(flat_reader *r)
{
    if (!r->bad_len) return;
    dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_ENCODING, DGM_ERROR, r->bad_at, r->bad_len, DGM_SLOT_NONE);
    dgm_diag_text(r->host.diags, d, r->l->encoding);
}

/* ---- records ---- */

void dgm_flat_give_up(flat_reader *r, dgm_diag_code code, int64_t most)
{
    if (r->hopeless) return;
    dgm_diag_number(r->host.diags, dgm_flat_tell(r, code, DGM_ERROR, 0, 0, DGM_SLOT_NONE), most);
    r->hopeless = true;
}

dgm_status dgm_flat_draft_failed(flat_reader *r, dgm_status st)
{
    if (st != DGM_LIMIT) return st;
    bool nodes = r->host.draft_count(r->draft) >= r->host.limits.nodes_max;
    dgm_flat_give_up(r, nodes ? DGM_D_FLAT_LIMIT_NODES : DGM_D_FLAT_LIMIT_DEPTH,
                     nodes ? r->host.limits.nodes_max : r->host.limits.depth_max);
    return DGM_OK;
}

static void check_width(flat_reader *r, const dgm_flat_place *p)
{
    size_t width = r->l->delimited ? r->cells.count : r->l->characters ? dgm_utf8_length(r->text) : r->record.len;
    dgm_diag_code code = DGM_D_NONE;
    if (r->l->delimited) {
        uint32_t extra = p->width;
        while (extra < r->cells.count && r->cells.at[extra].len == 0) extra++;
        if (extra < r->cells.count) code = DGM_D_FLAT_FIELDS_MANY;
        if (width < p->least) code = DGM_D_FLAT_FIELDS_FEW;
    } else if (width > p->width) {
        code = DGM_D_FLAT_RECORD_LONG;
    } else if (width < p->width && !r->l->short_ok) {
        code = DGM_D_FLAT_RECORD_SHORT;
    }
    if (!code || r->l->tokens || (p->listed && code != DGM_D_FLAT_FIELDS_FEW)) return;
    dgm_diag *d = dgm_flat_tell(r, code, DGM_ERROR, 0, r->record.len, p->slot);
    dgm_diag_text(r->host.diags, d, p->name);
    dgm_diag_number(r->host.diags, d, (int64_t)width);
    dgm_diag_number(r->host.diags, d, code == DGM_D_FLAT_FIELDS_FEW ? p->least : p->width);
}

static void show_record(flat_reader *r, uint32_t place)
{
    dgm_slice text = r->dirty ? (dgm_slice){ 0 } : r->text;
    r->watch->record(r->watch->ctx, place, r->in_base + r->record_at, r->record, text, r->records);
}

static dgm_status keep_unknown(flat_reader *r)
{
    dgm_severity severity = r->l->unknown == DGM_FLAT_REFUSE ? DGM_ERROR : DGM_WARNING;
    dgm_slice shown = r->dirty ? (dgm_slice){ 0 } : dgm_slice_part(r->text, 0, dgm_utf8_head(r->text, 12));
    tell_bad_bytes(r);
    if (r->watch) show_record(r, DGM_NONE);
    dgm_diag_text(r->host.diags, dgm_flat_tell(r, DGM_D_FLAT_RECORD_UNKNOWN, severity, 0, r->record.len, DGM_SLOT_NONE), shown);
    if (r->l->unknown != DGM_FLAT_KEEP || r->hopeless || r->record.len == 0) return DGM_OK;
    dgm_node *n = r->host.draft_reserve(r->draft, 1);
    if (!n) return dgm_flat_draft_failed(r, r->host.draft_status(r->draft));
    *n = (dgm_node){ (uint32_t)(r->record_at - r->message_at), (uint32_t)r->record.len, DGM_TAG(0, DGM_OPAQUE, 0),
                     DGM_PLACE(0, 0, 1) };
    r->host.draft_commit(r->draft, 1);
    dgm_status st = r->host.draft_named(r->draft, r->host.draft_count(r->draft) - 1, DGM_LITERAL("#record"));
    return st == DGM_OK ? st : dgm_flat_draft_failed(r, st);
}

/* A line that opens a table; false: it is none. */
static bool table_line(flat_reader *r)
{
    dgm_slice begin = r->l->table_line;
    if (!begin.len || r->text.len < begin.len || memcmp(r->text.at, begin.at, begin.len) != 0) return false;
    if (r->watch) show_record(r, DGM_NONE);
    dgm_slice name = dgm_slice_trim(dgm_slice_part(r->text, begin.len, r->text.len));
    r->table = (dgm_slice){ "", 0 };
    for (uint32_t i = 1; i < r->l->place_count; i++)
        if (r->l->places[i].table.len && dgm_slice_equal(r->l->places[i].table, name)) r->table = r->l->places[i].table;
    if (!r->table.len) {
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_TABLE_UNKNOWN, r->l->unknown == DGM_FLAT_REFUSE ? DGM_ERROR : DGM_WARNING, 0,
                                    r->record.len, DGM_SLOT_NONE);
        dgm_diag_text(r->host.diags, d, name);
    }
    return true;
}

/* A record that only goes on with what stands above it is no place of the tree. */
static dgm_status flow_on(flat_reader *r, uint32_t place)
{
    bool hopeless = r->hopeless;
    r->hopeless = true;
    dgm_status st = dgm_flat_read_fields(r, place);
    r->hopeless = hopeless;
    return st;
}

static dgm_status put_record(flat_reader *r, uint32_t place)
{
    const dgm_flat_place *p = &r->l->places[place];
    const flat_level *v = &r->levels[r->depth - 1];
    bool counted = r->l->places[v->place].first_child + v->child == place;
    uint64_t len = r->record_at + r->record.len - r->message_at, most = r->host.limits.message_bytes_max;
    if (most > UINT32_MAX - 1) most = UINT32_MAX - 1;
    if (len > most) dgm_flat_give_up(r, DGM_D_FLAT_LIMIT_MESSAGE, (int64_t)most);
    if (!p->table.len) r->table = (dgm_slice){ 0 };
    if (r->watch) show_record(r, place);
    check_width(r, p);
    if (p->flows) return flow_on(r, place);
    if (!r->hopeless && r->host.draft_open(r->draft, p->slot, DGM_RECORD, 0, (uint32_t)(r->record_at - r->message_at),
                                           counted ? v->count : 1) == DGM_NONE) {
        dgm_status st = dgm_flat_draft_failed(r, r->host.draft_status(r->draft));
        if (st != DGM_OK) return st;
    }
    dgm_status st = dgm_flat_read_fields(r, place);
    if (st != DGM_OK) st = dgm_flat_draft_failed(r, st);
    if (st != DGM_OK) return st;
    if (p->child_count)
        r->levels[r->depth++] = (flat_level){ .place = place };
    else if (!r->hopeless)
        r->host.draft_close(r->draft);
    return DGM_OK;
}

dgm_status dgm_flat_put_plain(flat_reader *r, uint32_t place)
{
    dgm_status st = r->l->delimited ? dgm_flat_split(r->l, r->text, &r->host.mem, &r->cells) : DGM_OK;
    return st == DGM_OK ? put_record(r, place) : st;
}

/* DGM_OK: taken; DGM_END: it belongs to the next message. */
static dgm_status take_record(flat_reader *r)
{
    if (!r->begun) {
        dgm_status begun = dgm_flat_begin_message(r);
        if (begun != DGM_OK) return dgm_flat_draft_failed(r, begun);
    }
    r->records++;
    dgm_status st = r->l->stores ? take_masked(r) : take_text(r);
    if (st != DGM_OK) return st;
    if (table_line(r)) return DGM_OK;
    if (r->l->delimited) {
        st = dgm_flat_split(r->l, r->text, &r->host.mem, &r->cells);
        if (st != DGM_OK) return st;
    }
    bool raw = !r->l->delimited && !r->l->characters && r->l->direct;
    uint32_t kind = dgm_flat_kind_of(r->l, raw ? r->record : r->text, r->l->delimited ? &r->cells : NULL, r->table);
    if (kind == DGM_NONE) return keep_unknown(r);
    uint32_t place = dgm_flat_take_place(r, kind);
    if (place == DGM_NONE) {
        r->records--;
        return DGM_END;
    }
    tell_bad_bytes(r);
    if (r->l->delimited && r->cells.fault != DGM_NONE) {
        size_t at = r->decoded ? dgm_charset_map_source(&r->map, r->cells.fault) : r->cells.fault;
        dgm_flat_tell(r, DGM_D_FLAT_QUOTE, DGM_ERROR, at, r->record.len - at, r->l->places[place].slot);
    }
    return put_record(r, place);
}

/* The names of the fields, in the first line of all. */
static dgm_status take_heading(flat_reader *r)
{
    const dgm_flat_place *p = &r->l->places[1];
    dgm_status st = dgm_flat_begin_message(r);
    if (st == DGM_OK) st = take_text(r);
    if (st != DGM_OK) return dgm_flat_draft_failed(r, st);
    tell_bad_bytes(r);
    if (r->watch) show_record(r, DGM_NONE);
    st = dgm_flat_split(r->l, r->text, &r->host.mem, &r->cells);
    if (st != DGM_OK) return st;
    uint32_t n = 0;
    for (uint32_t i = p->first_step; i < p->first_step + p->step_count; i++) {
        const dgm_flat_step *s = &r->l->steps[i];
        if (s->type == DGM_FLAT_OPEN || s->type == DGM_FLAT_CLOSE) continue;
        n++;
        if (s->at >= r->cells.count) continue; /* told below, of all of them */
        const dgm_flat_cell *c = &r->cells.at[s->at];
        dgm_slice found = dgm_slice_part(r->text, c->at, c->at + c->len);
        if (dgm_slice_equal(found, s->name)) continue;
        dgm_diag *d = dgm_flat_tell(r, DGM_D_FLAT_HEADING, DGM_ERROR, 0, r->record.len, s->slot);
        dgm_diag_text(r->host.diags, d, r->dirty ? (dgm_slice){ 0 } : found);
        dgm_diag_text(r->host.diags, d, s->name);
    }
    if (r->cells.count != n) {
        dgm_diag_code code = r->cells.count > n ? DGM_D_FLAT_FIELDS_MANY : DGM_D_FLAT_FIELDS_FEW;
        dgm_diag *d = dgm_flat_tell(r, code, DGM_ERROR, 0, r->record.len, p->slot);
        dgm_diag_text(r->host.diags, d, p->name);
        dgm_diag_number(r->host.diags, d, (int64_t)r->cells.count);
        dgm_diag_number(r->host.diags, d, n);
    }
    return DGM_OK;
}

/* ---- messages ---- */

static dgm_status take_bytes(flat_reader *r, dgm_message *out)
{
    dgm_slice all = dgm_flat_view(r);
    size_t len = r->end_at - r->message_at;
    uint64_t base = r->in_base + r->message_at;
    union { /* borrowed bytes are not written to, but the table has one parameter for both */
        const char *in;
        char *out;
    } from = { all.at ? all.at + r->message_at : "" };
    if (r->borrowed) return r->host.draft_finish(r->draft, from.out, (uint32_t)len, 0, true, base, &out->tree);
    void *own = r->spare;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &own, &r->spare_room, len + 1, 1);
    r->spare = own;
    if (st != DGM_OK) return st;
    memcpy(r->spare, from.in, len);
    st = r->host.draft_finish(r->draft, r->spare, (uint32_t)len, r->spare_room, false, base, &out->tree);
    if (st != DGM_OK) return st;
    r->spare = NULL;
    r->spare_room = 0;
    return DGM_OK;
}

static dgm_status keep_names(flat_reader *r, dgm_message *out)
{
    const uint32_t kept[3] = { r->l->reference, r->l->sender, r->l->recipient };
    dgm_slice *const to[3] = { &out->reference, &out->sender, &out->recipient };
    for (size_t i = 0; i < 3; i++) {
        r->names[i].len = 0;
        if (!kept[i]) continue;
        dgm_status st = dgm_buffer_append(&r->names[i], dgm_buffer_slice(&r->kept[kept[i] - 1]));
        if (st != DGM_OK) return st;
        *to[i] = dgm_buffer_slice(&r->names[i]);
    }
    return DGM_OK;
}

static dgm_status finish_message(flat_reader *r, dgm_message *out)
{
    dgm_status st = dgm_flat_flush(r, DGM_NONE);
    if (st != DGM_OK) st = dgm_flat_draft_failed(r, st);
    if (st != DGM_OK) return st;
    dgm_flat_end_message(r);
    r->begun = false;
    out->format = r->format;
    out->type = r->l->message;
    out->position = (dgm_position){ .interchange = 1, .message = r->message };
    out->at_byte = r->message_from;
    out->bytes = r->in_base + r->end_at - r->message_from;
    st = keep_names(r, out);
    if (st == DGM_OK && !r->hopeless) {
        st = take_bytes(r, out);
        if (st == DGM_LIMIT) st = dgm_flat_draft_failed(r, st);
    }
    if (out->tree) {
        out->tree->position = out->position;
        out->tree->reference = out->reference;
    }
    out->errors = r->errors;
    r->message_at = r->record_at;
    return st;
}

/* Bytes of a record of which no end is in sight are not kept. */
static dgm_status skip_long(flat_reader *r, size_t len)
{
    uint32_t most = r->host.limits.segment_bytes_max;
    if (len <= most || r->skipping) return DGM_OK;
    dgm_status st = r->begun ? DGM_OK : dgm_flat_begin_message(r);
    if (st != DGM_OK) return dgm_flat_draft_failed(r, st);
    r->record = dgm_slice_part(dgm_flat_view(r), r->record_at, r->record_at + (most < SHOWN_BYTES ? most : SHOWN_BYTES));
    r->records++;
    dgm_flat_give_up(r, DGM_D_FLAT_LIMIT_RECORD, most);
    r->skipping = true;
    return DGM_OK;
}

/* Is all that follows 0x1A and line ends, which hosts put behind a file? DGM_END: yes; DGM_MORE: so far; DGM_OK: no. */
static dgm_status trailing_substitute(flat_reader *r, dgm_slice rest)
{
    uint64_t begin = r->in_base + r->record_at;
    if (rest.at[0] != BYTE_SUBSTITUTE || begin < r->substitute_stop) return DGM_OK;
    for (size_t i = r->substitute_seen > begin ? (size_t)(r->substitute_seen - begin) : 0; i < rest.len; i++) {
        if (rest.at[i] == BYTE_SUBSTITUTE || rest.at[i] == '\n' || rest.at[i] == '\r') continue;
        r->substitute_stop = begin + i;
        return DGM_OK;
    }
    r->substitute_seen = begin + rest.len;
    return r->last ? DGM_END : DGM_MORE;
}

static bool blank(dgm_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.at[i] != ' ' && s.at[i] != '\t' && s.at[i] != '\r') return false;
    return true;
}

/* Behind a record: the next begins there. */
static void step_over(flat_reader *r, size_t bytes)
{
    r->record_at += bytes;
    r->seen = 0;
    r->end_at = r->record_at;
}

/* One record more. DGM_END: a message is over; DGM_MORE. */
static dgm_status step(flat_reader *r)
{
    dgm_slice rest = dgm_slice_part(dgm_flat_view(r), r->record_at, SIZE_MAX);
    dgm_flat_frame f;
    dgm_status st = rest.len ? trailing_substitute(r, rest) : r->last ? DGM_END : DGM_MORE;
    if (st == DGM_END) r->record = (dgm_slice){ 0 };
    if (st != DGM_OK) return st;
    bool found = dgm_flat_frame_next(r->l, rest, r->last, &r->seen, &f);
    st = skip_long(r, found ? f.len : r->seen);
    if (st != DGM_OK) return st;
    if (!found) return DGM_MORE;
    if (r->skipping) {
        r->skipping = false;
        step_over(r, f.len + f.end_len);
        return DGM_OK;
    }
    r->record = dgm_slice_part(rest, 0, f.len);
    if (r->l->skip_blank && blank(r->record)) {
        step_over(r, f.len + f.end_len);
        if (!r->begun) r->message_at = r->record_at;
        return DGM_OK;
    }
    if (r->l->heading && !r->headed) {
        r->headed = true;
        st = take_heading(r);
        if (st == DGM_OK) step_over(r, f.len + f.end_len);
        return st;
    }
    st = take_record(r);
    if (st == DGM_OK) step_over(r, f.len + f.end_len);
    return st;
}

dgm_status dgm_flat_next(dgm_reader *reader, dgm_message *out)
{
    flat_reader *r = self(reader);
    *out = (dgm_message){ 0 };
    if (r->over) return r->last ? DGM_END : DGM_MORE;
    if (!r->l) {
        dgm_status st = choose(r);
        if (st == DGM_UNKNOWN) {
            r->over = true;
            out->position = (dgm_position){ .interchange = 1, .message = 1 };
            out->errors = r->errors;
            return DGM_OK;
        }
        if (st != DGM_OK) return st;
    }
    for (;;) {
        dgm_status st = r->swift ? dgm_flat_swift_run(r) : DGM_OK;
        if (st == DGM_OK) st = step(r);
        if (st == DGM_OK) continue;
        if (st != DGM_END) return st;
        if (r->begun) return finish_message(r, out);
        r->over = true;
        return DGM_END;
    }
}

dgm_status dgm_flat_watched(const dgm_host *host, dgm_slice input, const dgm_flat_watch *watch)
{
    dgm_reader *reader;
    dgm_message m;
    dgm_status st = dgm_flat_open_whole(host, NULL, 0, input, &reader);
    if (st != DGM_OK) return st;
    self(reader)->watch = watch;
    while ((st = dgm_flat_next(reader, &m)) == DGM_OK) dgm_flat_recycle(reader, &m);
    dgm_flat_close(reader);
    return st == DGM_END ? DGM_OK : st;
}

void dgm_flat_recycle(dgm_reader *reader, dgm_message *message)
{
    flat_reader *r = self(reader);
    char *bytes = NULL;
    size_t room = 0;
    if (!message->tree) return;
    r->host.draft_recycle(r->draft, message->tree, &bytes, &room);
    message->tree = NULL;
    if (bytes && !r->spare) {
        r->spare = bytes;
        r->spare_room = room;
    } else {
        dgm_mem_free(&r->host.mem, bytes, room);
    }
}
