/* SPDX-License-Identifier: Apache-2.0
 *
 * writer.c - trees of a layout to records: a walk over the tree in its order, without recursion. A message is made and checked in
 * memory and given to the sink in one piece, or refused whole. One thread.
 */
#include "writer.h"

static flat_writer *self(dgm_writer *w)
{
    return (flat_writer *)(void *)w; /* base is the first member */
}

dgm_diag *dgm_flat_refuse(flat_writer *w, dgm_diag_code code, uint32_t node, dgm_slice a, dgm_slice b)
{
    w->refused = true;
    dgm_diag *d = dgm_diags_add(w->host.diags, code, DGM_ERROR);
    if (!d) return NULL;
    char path[1024];
    size_t n = dgm_tree_path(w->tree, node, path, sizeof path);
    d->node = node;
    d->position = w->tree->position;
    dgm_diag_path(w->host.diags, d, (dgm_slice){ path, n < sizeof path ? n : sizeof path - 1 });
    dgm_diag_reference(w->host.diags, d, w->tree->reference);
    dgm_diag_text(w->host.diags, d, a);
    if (b.len) dgm_diag_text(w->host.diags, d, b);
    return d;
}

void dgm_flat_forbidden(flat_writer *w, uint32_t node, dgm_slice name, const dgm_flat_condition *why)
{
    const dgm_flat_step *source = &w->l->steps[why->source];
    dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_FORBIDDEN, node, name, source->name);
    dgm_diag_text(w->host.diags, d, dgm_buffer_slice(&w->kept[source->kept - 1]));
}

static bool present(const flat_writer *w, const dgm_flat_place *p, const dgm_flat_condition **why)
{
    return !p->condition || dgm_flat_present(w->l, p->condition, w->kept, NULL, why) == DGM_FLAT_YES;
}

/* ---- layout ---- */

static void drop_layout(flat_writer *w)
{
    if (!w->l) return;
    const dgm_mem *mem = &w->host.mem;
    dgm_charset_free(w->charset);
    dgm_mem_free(mem, w->counts, (w->l->control_count + 1) * sizeof *w->counts);
    dgm_mem_free(mem, w->sums, (w->l->control_count + 1) * sizeof *w->sums);
    for (uint32_t i = 0; w->kept && i < w->l->kept_count; i++) dgm_buffer_free(&w->kept[i]);
    dgm_mem_free(mem, w->kept, (w->l->kept_count + 1) * sizeof *w->kept);
    for (uint32_t i = 0; w->rests && i < w->l->flow_count; i++) dgm_buffer_free(&w->rests[i].text);
    dgm_mem_free(mem, w->rests, (w->l->flow_count + 1) * sizeof *w->rests);
    w->rests = NULL;
    w->charset = NULL;
    w->counts = NULL;
    w->sums = NULL;
    w->kept = NULL;
    w->l = NULL;
}

static dgm_status take_layout(flat_writer *w, const dgm_shape *shape)
{
    const dgm_flat_layout *l = dgm_flat_layout_of(shape);
    if (!l) return DGM_USAGE;
    const dgm_mem *mem = &w->host.mem;
    w->l = l;
    w->shape = shape;
    w->counts = dgm_mem_new(mem, (l->control_count + 1) * sizeof *w->counts);
    w->sums = dgm_mem_new(mem, (l->control_count + 1) * sizeof *w->sums);
    w->kept = dgm_mem_new(mem, (l->kept_count + 1) * sizeof *w->kept);
    w->rests = dgm_mem_new(mem, (l->flow_count + 1) * sizeof *w->rests);
    for (uint32_t i = 0; w->kept && i < l->kept_count; i++) dgm_buffer_init(&w->kept[i], mem);
    for (uint32_t i = 0; w->rests && i < l->flow_count; i++) dgm_buffer_init(&w->rests[i].text, mem);
    if (!w->counts || !w->sums || !w->kept || !w->rests) return DGM_NOMEM;
    memset(w->barred, 0, sizeof w->barred);
    for (uint32_t i = 0; i < l->end_count; i++) /* longer ones are looked for in the whole record */
        if (l->ends[i].len == 1 && l->direct) w->barred[(unsigned char)l->ends[i].at[0] & 127] = true;
    if (l->delimited && !l->quotes) w->barred[(unsigned char)l->separator & 127] = true;
    if (l->lines) w->barred['\r'] = true;
    return l->utf8 || l->ascii ? DGM_OK : dgm_charset_open(mem, l->encoding, &w->charset);
}

/* ---- records ---- */

/* Would a reader find the record's end where it is? */
static dgm_status check_frame(flat_writer *w, uint32_t node, size_t begin)
{
    const dgm_flat_layout *l = w->l;
    size_t len = w->out.len - begin, seen = 0;
    dgm_flat_frame f;
    if (!l->end_count) return DGM_OK;
    dgm_status st = dgm_buffer_append(&w->out, l->ends[0]);
    if (st != DGM_OK) return st;
    dgm_slice record = dgm_slice_part(dgm_buffer_slice(&w->out), begin, w->out.len);
    bool same = dgm_flat_frame_next(l, record, true, &seen, &f) && f.len == len && f.end_len == l->ends[0].len;
    w->out.len -= l->ends[0].len;
    if (!same) dgm_flat_refuse(w, DGM_D_FLAT_WRITE_KIND, node, dgm_tree_name(w->tree, node), (dgm_slice){ 0 });
    return DGM_OK;
}

/* Fields that are lines get their ends: each, the last one too. */
static dgm_status end_lines(flat_writer *w)
{
    size_t n = 1;
    for (size_t i = 0; i < w->line.len; i++) n += w->line.at[i] == '\n';
    dgm_status st = dgm_buffer_reserve(&w->line, w->line.len + n + 2);
    if (st != DGM_OK) return st;
    w->line.at[w->line.len++] = '\n';
    size_t from = w->line.len, to = from + n;
    w->line.len = to;
    while (from > 0) {
        char c = w->line.at[--from];
        w->line.at[--to] = c;
        if (c == '\n') w->line.at[--to] = '\r';
    }
    return DGM_OK;
}

/* Numbers that are no characters into the record that begins there. */
static void lay_over(flat_writer *w, size_t begin)
{
    flat_laid one;
    for (size_t at = 0; at + sizeof one <= w->laid.len; at += sizeof one + one.len) {
        memcpy(&one, w->laid.at + at, sizeof one);
        if (begin + one.at + one.len <= w->out.len) memcpy(w->out.at + begin + one.at, w->laid.at + at + sizeof one, one.len);
    }
    w->laid.len = 0;
}

/* w->line as bytes behind the end of the record before it. */
static dgm_status put_line(flat_writer *w, uint32_t node)
{
    const dgm_flat_layout *l = w->l;
    dgm_status st = l->lines ? end_lines(w) : DGM_OK;
    dgm_slice line = dgm_buffer_slice(&w->line);
    size_t bad;
    if (st == DGM_OK && w->pending_end && l->end_count) st = dgm_buffer_append(&w->out, l->ends[0]);
    w->pending_end = true;
    if (st != DGM_OK) return st;
    size_t begin = w->out.len;
    if (l->utf8 || (dgm_ascii(line) && (l->ascii || l->direct)))
        st = dgm_buffer_append(&w->out, line);
    else
        st = l->ascii ? DGM_INVALID : dgm_charset_encode(w->charset, line, &w->out, &bad);
    if (st == DGM_INVALID) w->refused = true; /* told with its field */
    if (st != DGM_OK || w->refused) return st == DGM_INVALID ? DGM_OK : st;
    if (w->laid.len) lay_over(w, begin);
    return check_frame(w, node, begin);
}

/* Would it be read as what it is? */
static dgm_status check_kind(flat_writer *w, uint32_t place, uint32_t node)
{
    const dgm_flat_layout *l = w->l;
    dgm_slice line = dgm_buffer_slice(&w->line);
    if (w->refused) return DGM_OK;
    dgm_status st = l->delimited ? dgm_flat_split(l, line, &w->host.mem, &w->cells) : DGM_OK;
    if (st != DGM_OK) return st;
    bool table = l->table_line.len && line.len >= l->table_line.len && memcmp(line.at, l->table_line.at, l->table_line.len) == 0;
    bool same = dgm_flat_kind_of(l, line, l->delimited ? &w->cells : NULL, w->table) == l->places[place].kind;
    bool skipped = l->skip_blank && line.len == 0;
    if (table || !same || skipped) dgm_flat_refuse(w, DGM_D_FLAT_WRITE_KIND, node, l->places[place].name, (dgm_slice){ 0 });
    return DGM_OK;
}

static void count_record(flat_writer *w, uint32_t place)
{
    for (uint32_t i = 0; i < w->l->control_count; i++) {
        if (w->l->controls[i].scope != place) continue;
        w->counts[i] = 0;
        w->sums[i] = (dgm_flat_sum){ 0 };
    }
    for (uint32_t i = 0; i < w->l->control_count; i++)
        if (w->l->controls[i].of && w->l->controls[i].of[place]) w->counts[i]++;
}

static dgm_status open_table(flat_writer *w, const dgm_flat_place *p, uint32_t node)
{
    bool same = dgm_slice_equal(w->table, p->table);
    w->table = p->table;
    if (!p->table.len || same) return DGM_OK;
    w->line.len = 0;
    dgm_status st = dgm_buffer_append(&w->line, w->l->table_line);
    if (st == DGM_OK) st = dgm_buffer_append(&w->line, p->table);
    return st == DGM_OK ? put_line(w, node) : st;
}

/* ---- structure ---- */

static dgm_status put_made(flat_writer *w, uint32_t place, uint32_t node)
{
    uint32_t next;
    count_record(w, place);
    dgm_status st = open_table(w, &w->l->places[place], node);
    w->levels[w->depth++] = (flat_written){ .place = place, .node = node };
    if (st == DGM_OK) st = dgm_flat_write_fields(w, place, node, true, &next);
    if (st == DGM_OK) st = check_kind(w, place, node);
    if (st == DGM_OK) st = put_line(w, node);
    w->depth--;
    return st;
}

/* Records that go on with a text of the one above, as many as it takes. */
static dgm_status put_flow(flat_writer *w, uint32_t place, uint32_t node)
{
    const dgm_flat_place *p = &w->l->places[place];
    dgm_status st = DGM_OK;
    for (uint32_t n = 0; n < p->max && dgm_flat_text_left(w, p->flow) && !w->refused && st == DGM_OK; n++)
        st = put_made(w, place, node);
    return st;
}

/* Records up to a child of the innermost open place that must stand there and do not: made where they can be, else told. */
static dgm_status fill_missing(flat_writer *w, uint32_t to)
{
    const flat_written *v = &w->levels[w->depth - 1];
    const dgm_flat_place *p = &w->l->places[v->place];
    const uint32_t node = v->node;
    dgm_status st = DGM_OK;
    for (uint32_t c = v->child; c < to && st == DGM_OK; c++) {
        const dgm_flat_place *child = &w->l->places[p->first_child + c];
        const dgm_flat_condition *why;
        uint32_t came = c == v->child ? v->count : 0;
        if (child->flows) st = put_flow(w, p->first_child + c, node);
        if (!present(w, child, &why)) continue;
        if (came < child->min && !child->made) dgm_flat_refuse(w, DGM_D_FLAT_WRITE_MISSING, node, child->name, p->name);
        for (; came < child->min && child->made && st == DGM_OK; came++) st = put_made(w, p->first_child + c, node);
    }
    return st;
}

static dgm_status close_level(flat_writer *w)
{
    const flat_written *v = &w->levels[w->depth - 1];
    dgm_status st = fill_missing(w, w->l->places[v->place].child_count);
    if (st == DGM_OK && w->l->places[v->place].begins) dgm_flat_tell_left(w, v->place, true);
    w->depth--;
    return st;
}

/* Which child of the innermost open place a node is; DGM_NONE, told: none. */
static uint32_t child_of(flat_writer *w, uint32_t node, dgm_status *st)
{
    flat_written *v = &w->levels[w->depth - 1];
    const dgm_flat_place *p = &w->l->places[v->place];
    uint32_t slot = dgm_node_slot(&w->tree->nodes[node]);
    uint32_t child = p->child_count ? slot - w->l->places[p->first_child].slot : DGM_NONE;
    bool known = !(dgm_node_flags(&w->tree->nodes[node]) & DGM_UNKNOWN_NAME) && child < p->child_count;
    if (!known || child < v->child) {
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_UNKNOWN, node, dgm_tree_name(w->tree, node), (dgm_slice){ 0 });
        return DGM_NONE;
    }
    if (child > v->child) {
        *st = fill_missing(w, child);
        v->child = child;
        v->count = 0;
    }
    const dgm_flat_place *c = &w->l->places[p->first_child + child];
    const dgm_flat_condition *why;
    if (!present(w, c, &why)) dgm_flat_forbidden(w, node, c->name, why);
    if (++v->count == (uint64_t)c->max + 1) {
        dgm_diag *d = dgm_flat_refuse(w, DGM_D_FLAT_WRITE_MANY, node, c->name, (dgm_slice){ 0 });
        dgm_diag_number(w->host.diags, d, c->max);
    }
    return p->first_child + child;
}

static dgm_status write_node(flat_writer *w, uint32_t *node)
{
    dgm_status st = DGM_OK;
    uint32_t at = *node, place = child_of(w, at, &st);
    if (place == DGM_NONE) *node = dgm_tree_next(w->tree, at);
    if (place == DGM_NONE || st != DGM_OK) return st;
    const dgm_flat_place *p = &w->l->places[place];
    count_record(w, place);
    st = open_table(w, p, at);
    w->levels[w->depth++] = (flat_written){ .place = place, .node = at, .end = dgm_tree_end(w->tree, at) };
    if (st == DGM_OK) st = dgm_flat_write_fields(w, place, at, false, node);
    if (st == DGM_OK) st = check_kind(w, place, at);
    if (st == DGM_OK) st = put_line(w, at);
    return st;
}

static dgm_status put_heading(flat_writer *w)
{
    const dgm_flat_place *p = &w->l->places[1];
    w->line.len = 0;
    dgm_status st = DGM_OK;
    for (uint32_t i = p->first_step, n = 0; i < p->first_step + p->step_count && st == DGM_OK; i++) {
        const dgm_flat_step *s = &w->l->steps[i];
        if (s->type == DGM_FLAT_OPEN || s->type == DGM_FLAT_CLOSE) continue;
        if (n++) st = dgm_buffer_append(&w->line, (dgm_slice){ &w->l->separator, 1 });
        if (st == DGM_OK) st = dgm_buffer_append(&w->line, s->name);
    }
    return st == DGM_OK ? put_line(w, 0) : st;
}

static dgm_status write_message(flat_writer *w)
{
    const dgm_tree *t = w->tree;
    dgm_status st = DGM_OK;
    w->out.len = 0;
    w->table = (dgm_slice){ 0 };
    for (uint32_t i = 0; i < w->l->kept_count; i++) w->kept[i].len = 0;
    for (uint32_t i = 0; i < w->l->flow_count; i++) w->rests[i].text.len = w->rests[i].at = 0;
    if (w->l->heading && !w->begun) st = put_heading(w);
    w->depth = 0;
    count_record(w, 0);
    w->levels[w->depth++] = (flat_written){ .end = t->node_count };
    for (uint32_t node = 1; node < t->node_count && st == DGM_OK;) {
        while (w->depth > 1 && w->levels[w->depth - 1].end <= node && st == DGM_OK) st = close_level(w);
        if (st == DGM_OK) st = write_node(w, &node);
    }
    while (w->depth && st == DGM_OK) st = close_level(w);
    return st;
}

/* ---- the codec's functions ---- */

dgm_status dgm_flat_writer_open(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                dgm_sink sink, dgm_writer **out)
{
    *out = NULL;
    if (host->abi != DGM_CODEC_ABI) return DGM_USAGE;
    flat_writer *w = dgm_mem_new(&host->mem, sizeof *w);
    if (!w) return DGM_NOMEM;
    w->base.codec = &dgm_codec_flat;
    w->host = *host;
    w->format = format;
    w->sink = sink;
    dgm_flat_today(host, dgm_setting_get(settings, n, dgm_flat_writer_options, "as-of"), w->today);
    dgm_buffer_init(&w->out, &host->mem);
    dgm_buffer_init(&w->line, &host->mem);
    dgm_buffer_init(&w->piece, &host->mem);
    dgm_buffer_init(&w->bytes, &host->mem);
    dgm_buffer_init(&w->laid, &host->mem);
    dgm_status st = format ? take_layout(w, format->shape) : DGM_OK;
    if (st != DGM_OK) {
        dgm_flat_writer_close(&w->base);
        return st;
    }
    *out = &w->base;
    return DGM_OK;
}

dgm_status dgm_flat_write(dgm_writer *writer, const dgm_tree *tree)
{
    flat_writer *w = self(writer);
    w->tree = tree;
    w->refused = false;
    if (!w->format && w->l && tree->shape != w->shape && !w->begun) drop_layout(w);
    if (!w->l) {
        dgm_status st = take_layout(w, tree->shape);
        if (st != DGM_OK) return st;
    }
    if (tree->shape != w->shape) {
        dgm_flat_refuse(w, DGM_D_FLAT_WRITE_FORMAT, 0, dgm_shape_name(w->shape), (dgm_slice){ 0 });
        return DGM_INVALID;
    }
    bool pending = w->pending_end;
    dgm_status st = write_message(w);
    if (st == DGM_OK && w->refused) st = DGM_INVALID;
    if (st == DGM_OK) st = dgm_sink_put(w->sink, dgm_buffer_slice(&w->out));
    if (st == DGM_OK)
        w->begun = true;
    else
        w->pending_end = pending;
    return st;
}

dgm_status dgm_flat_finish(dgm_writer *writer)
{
    flat_writer *w = self(writer);
    bool end = w->begun && w->pending_end && w->l->end_count && w->l->last_end;
    w->pending_end = false;
    return end ? dgm_sink_put(w->sink, w->l->ends[0]) : DGM_OK;
}

void dgm_flat_writer_again(dgm_writer *writer, dgm_sink sink)
{
    flat_writer *w = self(writer);
    w->sink = sink;
    w->begun = w->pending_end = false;
}

dgm_status dgm_flat_writer_renew(dgm_writer *writer, const dgm_setting *settings, size_t n, dgm_sink sink)
{
    flat_writer *w = self(writer);
    dgm_flat_today(&w->host, dgm_setting_get(settings, n, dgm_flat_writer_options, "as-of"), w->today);
    dgm_flat_writer_again(writer, sink);
    return DGM_OK;
}

void dgm_flat_writer_close(dgm_writer *writer)
{
    if (!writer) return;
    flat_writer *w = self(writer);
    dgm_mem mem = w->host.mem;
    drop_layout(w);
    dgm_buffer_free(&w->out);
    dgm_buffer_free(&w->line);
    dgm_buffer_free(&w->piece);
    dgm_buffer_free(&w->bytes);
    dgm_buffer_free(&w->laid);
    dgm_mem_free(&mem, w->cells.at, w->cells.room * sizeof *w->cells.at);
    dgm_mem_free(&mem, w->values, w->value_room * sizeof *w->values);
    dgm_mem_free(&mem, w, sizeof *w);
}
