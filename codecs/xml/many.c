/* SPDX-License-Identifier: Apache-2.0
 *
 * many.c - documents of many messages: an element that is repeated makes a tree each time its end tag comes, with what stands
 * before the first of them (the head) as its envelope; what was read is let go of. Handlers stand before those of sax.c and
 * watch.c, for such documents only. A limit that one message breaks costs that message. One thread.
 */
#include "reader.h"

enum { NAMES_MAX = 100000, SLIDE_LEAST = 65536, REFILL = 65536 };

static bool out_of_memory(dgm_xml_reader *r)
{
    r->no_memory = true;
    dgm_xml_stop(r, 0, true);
    return false;
}

static size_t here(const dgm_xml_reader *r)
{
    return dgm_xml_text_offset(r, r->parser->input ? r->parser->input->cur : NULL);
}

/* A node of the draft, committed or not. */
static dgm_node *node_at(dgm_xml_reader *r, uint32_t node)
{
    return node - r->run_start < r->run_used ? &r->run[node - r->run_start] : r->host.draft_node(r->draft, node);
}

/* ---- trees ---- */

/* What stands around the message ends where its tree does. */
static void close_above(dgm_xml_reader *r)
{
    dgm_xml_commit(r);
    uint32_t count = r->host.draft_count(r->draft);
    for (uint32_t i = 0; i < r->many.depth; i++) {
        dgm_node *n = node_at(r, r->frames[i].node);
        if (n) n->span = count;
    }
}

/* The draft begins again, with the nodes of the head. */
static bool begin_tree(dgm_xml_reader *r)
{
    const dgm_tree *e = r->many.envelope;
    r->run_used = r->run_room = 0;
    r->draft_failed = false;
    if (r->host.draft_begin(r->draft, r->format->shape) != DGM_OK) return out_of_memory(r);
    dgm_node *nodes = r->host.draft_reserve(r->draft, e->node_count);
    if (!nodes) return out_of_memory(r);
    memcpy(nodes, e->nodes, e->node_count * sizeof *nodes);
    r->host.draft_commit(r->draft, e->node_count);
    r->run_start = e->node_count;
    for (uint32_t i = 0; i < e->decoded_count; i++)
        r->host.draft_decoded(r->draft, e->decoded[i].node, (dgm_slice){ e->side_bytes + e->decoded[i].at, e->decoded[i].len });
    for (uint32_t i = 0; i < e->unknown_count; i++)
        r->host.draft_named(r->draft, e->unknown[i].node, (dgm_slice){ e->side_bytes + e->unknown[i].at, e->unknown[i].len });
    return r->host.draft_status(r->draft) == DGM_OK || out_of_memory(r);
}

/* Room for the bytes of a tree, those of one that came back where they are enough. */
static char *tree_bytes(dgm_xml_reader *r, size_t wanted, size_t *room)
{
    dgm_xml_many *m = &r->many;
    void *bytes = m->spare;
    *room = m->spare_room;
    m->spare = NULL;
    m->spare_room = 0;
    if (dgm_mem_reserve(&r->host.mem, &bytes, room, wanted ? wanted : 1, 1) == DGM_OK) return bytes;
    dgm_mem_free(&r->host.mem, bytes, *room);
    return NULL;
}

/* The draft as a tree of the head and the bytes from `from` to `to`. */
static dgm_tree *finish_tree(dgm_xml_reader *r, uint64_t from, uint64_t to)
{
    const dgm_xml_many *m = &r->many;
    size_t room, head = m->head_raw, shift = (size_t)from - head;
    uint32_t first = m->envelope ? m->envelope->node_count : UINT32_MAX, count = r->host.draft_count(r->draft);
    char *bytes = tree_bytes(r, head + (size_t)(to - from), &room);
    if (!bytes) return NULL;
    const char *raw = dgm_xml_input_raw(&r->in).at;
    memcpy(bytes, raw, head);
    memcpy(bytes + head, raw + from, (size_t)(to - from));
    dgm_node *nodes = shift && first < count ? r->host.draft_node(r->draft, 0) : NULL;
    for (uint32_t i = first; nodes && i < count; i++) nodes[i].at -= (uint32_t)shift;
    dgm_tree *t;
    if (r->host.draft_finish(r->draft, bytes, (uint32_t)(head + (to - from)), room, false, r->in.gone + shift, &t) != DGM_OK) {
        dgm_mem_free(&r->host.mem, bytes, room);
        return NULL;
    }
    t->head = (uint32_t)head;
    return t;
}

/* The first message begins: what came before it is kept, to stand in every one of them. */
static bool keep_head(dgm_xml_reader *r, size_t at)
{
    dgm_xml_many *m = &r->many;
    uint64_t raw = dgm_xml_input_offset(&r->in, at);
    if (raw == UINT64_MAX) return out_of_memory(r);
    if (raw > m->head_most) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ENVELOPE, at, m->head_most);
        return false;
    }
    close_above(r);
    if (r->host.draft_status(r->draft) != DGM_OK) return false; /* told */
    m->head = m->from = at;
    m->head_raw = (size_t)raw;
    m->head_reference = r->reference_node;
    m->envelope = finish_tree(r, raw, raw);
    if (!m->envelope) return out_of_memory(r);
    m->head_known = true;
    for (size_t i = 0; i < r->problem_count; i++) m->head_errors += r->problems[i].severity == DGM_ERROR;
    m->head_errors += r->errors_dropped;
    return begin_tree(r);
}

/* ---- messages ---- */

/* Does an element of that name begin a message here? */
static bool begins_message(const dgm_xml_reader *r, const char *name)
{
    const dgm_xml_many *m = &r->many;
    return !m->within && !r->stopped && !r->leaf.on && r->depth == m->depth && r->frames[r->depth - 1].slot == m->above &&
           strcmp(name, m->name) == 0;
}

/* False: no more of them is wanted. */
static bool begin_message(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    size_t cur = here(r);
    if (cur >= r->text.len) return true; /* a tag without its end: the parser will say so */
    size_t at = dgm_xml_mark_before(r->text, cur, '<');
    if (m->most && m->count >= m->most) {
        dgm_xml_limit(r, DGM_D_XML_LIMIT_MESSAGES, at, m->most);
        return false;
    }
    if (!m->head_known && !keep_head(r, at)) return false;
    uint64_t raw = dgm_xml_input_offset(&r->in, at);
    if (raw == UINT64_MAX) return out_of_memory(r);
    m->count++;
    m->within = m->open;
    m->at = at;
    m->at_byte = dgm_xml_input_place(r, raw);
    r->reference_node = m->head_reference;
    dgm_xml_check_message(&r->check);
    if (m->count > 1 && m->head_errors)
        dgm_xml_problem_number(dgm_xml_problem_add(r, DGM_D_XML_MESSAGES_ENVELOPE, DGM_ERROR, at, 0), (int64_t)m->head_errors);
    return true;
}

bool dgm_xml_many_skip(dgm_xml_reader *r)
{
    if (!r->many.within || r->no_memory) return false;
    r->stopped = r->many.skipping = true;
    return true;
}

/* While a message is passed over: nothing of it is open but itself. */
static void pass_over(dgm_xml_reader *r)
{
    r->leaf.on = r->mixed = r->calm = false;
    r->attribute_count = 0;
    r->attributes_unknown = false;
    r->depth = r->many.depth;
}

static void stop_skipping(dgm_xml_reader *r, size_t end)
{
    pass_over(r);
    r->many.skipping = r->stopped = false;
    r->next_at = end;
    r->tag_quick = r->depth >= r->host.limits.depth_max ? 0 : r->tag_short;
}

static void fill_message(dgm_xml_reader *r, dgm_message *out, uint64_t at, uint64_t bytes)
{
    uint32_t document = r->profile->document == DGM_SLOT_NONE ? DGM_SLOT_ROOT : r->profile->document;
    *out = (dgm_message){ .format = r->format,
                          .type = dgm_shape_slot(r->format->shape, document)->name,
                          .at_byte = at,
                          .bytes = bytes,
                          .position.message = (uint32_t)(r->many.count ? r->many.count : 1) };
}

static void fill_from_tree(const dgm_xml_reader *r, dgm_message *out)
{
    dgm_tree *t = out->tree;
    t->position = out->position;
    if (r->reference_node != DGM_NONE) t->reference = out->reference = dgm_tree_value(t, r->reference_node);
    out->sender = dgm_xml_value_of(t, r->profile->sender);
    out->recipient = dgm_xml_value_of(t, r->profile->recipient);
}

static dgm_xml_ready *one_more_ready(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    void *room = m->ready;
    dgm_status st = dgm_mem_reserve(&r->host.mem, &room, &m->ready_room, m->ready_first + m->ready_count + 1, sizeof *m->ready);
    m->ready = room;
    if (st != DGM_OK) return NULL;
    dgm_xml_ready *e = &m->ready[m->ready_first + m->ready_count++];
    *e = (dgm_xml_ready){ 0 };
    return e;
}

/* It is longer than one may be; or what stands before the next is. */
static void say_too_long(dgm_xml_reader *r, bool message)
{
    dgm_xml_many *m = &r->many;
    uint32_t depth = r->depth;
    bool on = r->leaf.on;
    r->depth = m->depth + message; /* the path is that of the message */
    r->leaf.on = false;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_LIMIT_MESSAGE, DGM_ERROR, message ? m->at : m->from, 0);
    dgm_xml_problem_number(p, (int64_t)dgm_xml_message_most(r));
    r->depth = depth;
    r->leaf.on = on;
}

/* The tree of a message that is whole, whose end tag ended at `end`. */
static bool take_tree(dgm_xml_reader *r, dgm_message *out, size_t end)
{
    uint64_t from = dgm_xml_input_offset(&r->in, r->many.from), to = dgm_xml_input_offset(&r->in, end);
    if (from == UINT64_MAX || to == UINT64_MAX) return false;
    close_above(r);
    out->tree = finish_tree(r, from, to);
    if (!out->tree) return false;
    fill_from_tree(r, out);
    return true;
}

/* Its end tag ended at `end`. */
static void end_message(dgm_xml_reader *r, size_t end)
{
    dgm_xml_many *m = &r->many;
    bool good = !m->skipping;
    m->within = 0;
    if (m->skipping) stop_skipping(r, end);
    if (good && end - m->from > dgm_xml_message_most(r)) {
        say_too_long(r, true);
        good = false;
    }
    uint64_t to = dgm_xml_input_offset(&r->in, end);
    dgm_xml_ready *e = to == UINT64_MAX ? NULL : one_more_ready(r);
    if (e) fill_message(r, &e->message, m->at_byte, dgm_xml_input_place(r, to) - m->at_byte);
    if (!e || (good && !take_tree(r, &e->message, end))) {
        (void)out_of_memory(r);
        return;
    }
    dgm_xml_problems_settle(r, m->problems);
    e->problems = r->problem_count - m->problems;
    e->errors_dropped = r->errors_dropped;
    e->warnings_dropped = r->warnings_dropped;
    m->problems = r->problem_count;
    r->errors_dropped = r->warnings_dropped = 0;
    m->from = end;
    if (begin_tree(r) && xmlDictSize(r->parser->dict) > NAMES_MAX) dgm_xml_limit(r, DGM_D_XML_LIMIT_NAMES, end, NAMES_MAX);
}

/* ---- handlers ---- */

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    dgm_xml_reader *r = ctx;
    dgm_xml_many *m = &r->many;
    m->open++;
    if (m->skipping) pass_over(r);
    bool message = begins_message(r, (const char *)local);
    if (message && !begin_message(r)) return;
    m->start(ctx, local, prefix, uri, namespaces, declared, attributes, defaulted, list);
    if (!message || !m->within || r->stopped || r->depth <= m->depth) return;
    dgm_node *n = node_at(r, r->frames[m->depth].node);
    if (n) n->place = 1; /* the only one of its tree */
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    dgm_xml_reader *r = ctx;
    dgm_xml_many *m = &r->many;
    bool message = m->within && m->open == m->within;
    size_t end = message ? here(r) : 0;
    if (m->open) m->open--;
    if (m->skipping) pass_over(r);
    m->end(ctx, local, prefix, uri);
    if (message && dgm_xml_running(r)) end_message(r, end);
}

void dgm_xml_many_begin(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    const dgm_shape *s = r->format->shape;
    if (r->inside.within) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_MESSAGES_NESTED, DGM_ERROR, 0, 0);
        dgm_xml_problem_text(r, p, r->format->name);
        return;
    }
    m->on = true;
    if (r->in.borrowed) r->came = m->rest.len;
    m->open = 1;
    m->name = dgm_shape_slot(s, r->profile->message)->name.at;
    m->above = dgm_shape_slot(s, r->profile->message)->parent;
    for (uint32_t i = m->above; i != DGM_SLOT_NONE; i = dgm_shape_slot(s, i)->parent) m->depth++;
    m->start = r->parser->sax->startElementNs;
    m->end = r->parser->sax->endElementNs;
    r->parser->sax->startElementNs = on_start;
    r->parser->sax->endElementNs = on_end;
}

/* ---- the bytes ---- */

static void shift(size_t *at, size_t from, size_t n)
{
    if (*at >= from + n)
        *at -= n;
    else if (*at > from)
        *at = from;
}

static void shift_nodes(dgm_xml_reader *r, uint32_t n)
{
    uint32_t count = r->run_start + r->run_used;
    for (uint32_t i = r->many.envelope->node_count; i < count; i++) {
        dgm_node *node = node_at(r, i);
        if (node) node->at -= n;
    }
}

static void shift_places(dgm_xml_reader *r, size_t n)
{
    dgm_xml_many *m = &r->many;
    size_t head = m->head, *places[] = { &r->fed,          &r->next_at, &r->tag_at,   &r->stalled_at, &r->stalled_seen, &r->stop_at,
                                         &r->leaf.content, &r->leaf.at, &r->mixed_at, &m->at,         &m->from };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) shift(places[i], head, n);
    for (uint32_t i = 0; i < r->depth; i++) shift(&r->frames[i].at, head, n);
    for (size_t i = m->problems; i < r->problem_count; i++)
        if (!r->problems[i].settled && !r->problems[i].raw) shift(&r->problems[i].at, head, n);
}

void dgm_xml_many_slide(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    if (!dgm_xml_running(r) || !m->head_known) return;
    if (!m->skipping && r->fed - m->from > dgm_xml_message_most(r)) {
        say_too_long(r, m->within > 0);
        if (!dgm_xml_many_skip(r)) {
            dgm_xml_stop(r, m->from, true);
            return;
        }
    }
    size_t to = m->skipping ? here(r) : m->from, n = to - m->head, bytes;
    if (to == SIZE_MAX || to <= m->head || n < SLIDE_LEAST || n < dgm_xml_input_text(&r->in).len / 2) return;
    if (m->skipping) dgm_xml_problems_settle(r, m->problems); /* places of the message go, too */
    if (dgm_xml_input_drop(&r->in, m->head, to, &bytes) != DGM_OK) {
        (void)out_of_memory(r);
        return;
    }
    if (!m->skipping) shift_nodes(r, (uint32_t)bytes);
    shift_places(r, n);
    if (r->parser->input) r->parser->input->consumed -= (unsigned long)n;
    r->text = dgm_slice_part(dgm_xml_input_text(&r->in), 0, r->fed);
}

bool dgm_xml_many_refill(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    if (!m->whole || !m->rest.len) return false;
    dgm_slice some = dgm_slice_part(m->rest, 0, REFILL);
    if (dgm_buffer_append(&r->in.raw, some) != DGM_OK) return out_of_memory(r);
    m->rest = dgm_slice_part(m->rest, some.len, m->rest.len);
    r->in.last = m->rest.len == 0;
    return true;
}

bool dgm_xml_many_take_over(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    dgm_slice all = m->rest;
    if (dgm_buffer_append(&r->in.raw, dgm_slice_part(all, 0, r->in.checked)) != DGM_OK) return out_of_memory(r);
    m->rest = dgm_slice_part(all, r->in.checked, all.len);
    m->whole = true;
    r->in.borrowed = false;
    r->in.whole = (dgm_slice){ 0 };
    r->in.last = m->rest.len == 0;
    return true;
}

/* ---- giving ---- */

bool dgm_xml_many_give(dgm_xml_reader *r, dgm_message *out)
{
    dgm_xml_many *m = &r->many;
    if (!m->ready_count) return false;
    dgm_xml_ready e = m->ready[m->ready_first++];
    if (--m->ready_count == 0) m->ready_first = 0;
    e.message.errors =
        e.errors_dropped + dgm_xml_problems_tell_some(r, 0, e.problems, e.message.position.message, e.message.reference);
    for (size_t i = 0; i < e.errors_dropped; i++) dgm_diags_add(r->host.diags, DGM_D_XML_SYNTAX, DGM_ERROR);
    for (size_t i = 0; i < e.warnings_dropped; i++) dgm_diags_add(r->host.diags, DGM_D_XML_SYNTAX, DGM_WARNING);
    dgm_xml_problems_drop(r, e.problems);
    m->problems -= e.problems;
    *out = e.message;
    return true;
}

/* What stands behind the last message is in no tree. */
static void say_behind(dgm_xml_reader *r)
{
    uint32_t first = r->many.envelope->node_count;
    dgm_xml_commit(r);
    if (r->host.draft_count(r->draft) <= first) return;
    const dgm_node *n = r->host.draft_node(r->draft, first);
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_MESSAGES_BEHIND, DGM_WARNING, n->at, 0);
    if (p) p->raw = true;
    bool known = dgm_node_slot(n) != DGM_SLOT_UNKNOWN;
    dgm_xml_problem_text(r, p, known ? dgm_shape_slot(r->format->shape, dgm_node_slot(n))->name : DGM_LITERAL("what is not known"));
    dgm_xml_problem_name(r, p, r->many.name);
}

dgm_status dgm_xml_many_end(dgm_xml_reader *r, dgm_message *out)
{
    dgm_xml_many *m = &r->many;
    bool message = m->within || !m->head_known;
    uint64_t whole = m->count - (m->within ? 1 : 0);
    r->given = true;
    if (r->root_closed && !m->head_known && !r->hopeless) {
        r->depth = 0;
        dgm_xml_problem_name(r, dgm_xml_problem_add(r, DGM_D_XML_MESSAGES_NONE, DGM_ERROR, 0, 0), m->name);
    }
    if (r->root_closed && m->head_known && r->host.draft_status(r->draft) == DGM_OK) say_behind(r);
    if (r->stopped && whole)
        dgm_xml_problem_number(dgm_xml_problem_add(r, DGM_D_XML_MESSAGES_BEFORE, DGM_INFO, r->stop_at, 0), (int64_t)whole);
    fill_message(r, out, m->within ? m->at_byte : 0, 0);
    out->bytes = r->came - out->at_byte;
    out->errors = dgm_xml_problems_tell(r, message ? out->position.message : 0, (dgm_slice){ 0 });
    r->problem_count = 0;
    m->problems = 0;
    return message ? DGM_OK : DGM_END;
}

/* ---- memory ---- */

static void give_back(dgm_xml_reader *r, dgm_tree *t)
{
    char *bytes = NULL;
    size_t room = 0;
    if (t) r->host.draft_recycle(r->draft, t, &bytes, &room);
    dgm_mem_free(&r->host.mem, bytes, room);
}

void dgm_xml_many_forget(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    for (size_t i = 0; i < m->ready_count; i++) give_back(r, m->ready[m->ready_first + i].message.tree);
    give_back(r, m->envelope);
    if (m->on && r->parser) {
        r->parser->sax->startElementNs = m->start;
        r->parser->sax->endElementNs = m->end;
    }
    dgm_arena_reset(&m->texts, 65536);
    *m = (dgm_xml_many){ .most = m->most,
                         .head_most = m->head_most,
                         .ready = m->ready,
                         .ready_room = m->ready_room,
                         .head_reference = DGM_NONE,
                         .spare = m->spare,
                         .spare_room = m->spare_room,
                         .texts = m->texts };
}

void dgm_xml_many_free(dgm_xml_reader *r)
{
    dgm_xml_many *m = &r->many;
    dgm_xml_many_forget(r);
    dgm_mem_free(&r->host.mem, m->ready, m->ready_room * sizeof *m->ready);
    dgm_mem_free(&r->host.mem, m->spare, m->spare_room);
    dgm_arena_free(&m->texts);
}
