/* SPDX-License-Identifier: Apache-2.0
 *
 * reader.c - bytes in, one message out: feeds the parser (libxml2's push SAX2, UTF-8 only) in fixed cuts, watches what it cannot
 * finish, and makes the message when the document is whole. A reader belongs to one thread. The parser's own memory comes from the
 * C library's allocator: libxml2 can be given another for the whole process only, and a library must not do that.
 */
#include "reader.h"

#include <libxml/parserInternals.h>
#include <stdio.h>

static dgm_xml_reader *self(dgm_reader *r)
{
    return (dgm_xml_reader *)(void *)r; /* base is the first member */
}

/* ---- the parser ---- */

static void free_parser(dgm_xml_reader *r)
{
    if (!r->parser) return;
    dgm_xml_check_over(&r->check);                      /* which knows elements by the names that the parser keeps */
    if (r->parser->myDoc) xmlFreeDoc(r->parser->myDoc); /* made by the parser itself in some corners of a DOCTYPE */
    r->parser->myDoc = NULL;
    xmlFreeParserCtxt(r->parser);
    r->parser = NULL;
}

static void drop_parser(dgm_xml_reader *r)
{
    free_parser(r);
    memset(r->known, 0, DGM_XML_CACHE * sizeof *r->known);
    r->known_count = 0;
}

/* libxml2 2.9 reads a text where it stands when its input has no buffer; that saves a copy, and the parser the questions how much
 * of the buffer there is. Others get their pieces pushed. */
static bool can_read_in_place(void)
{
    return LIBXML_VERSION / 100 == 209 && strncmp(xmlParserVersion, "209", 3) == 0;
}

/* No network, no warnings about what is none of ours, no encoding but the one given; our own limits stand in for the parser's. */
static dgm_status new_parser(dgm_xml_reader *r)
{
    xmlSAXHandler sax = dgm_xml_sax;
    if (r->watched) dgm_xml_watch_handlers(&sax);
    r->parser = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (!r->parser) return DGM_NOMEM;
    xmlCtxtUseOptions(r->parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_HUGE | XML_PARSE_COMPACT | XML_PARSE_NOWARNING);
    /* Else the parser hands over "&#38;" for an ampersand in an attribute. There are no entities of the document's own to replace:
     * what comes with a DOCTYPE is refused. */
    r->parser->replaceEntities = 1;
    return DGM_OK;
}

/* A parser ready for the first byte. One that ended well is used again with its dictionary of names, unless that has grown large.
 */
static dgm_status ready_parser(dgm_xml_reader *r)
{
    if (r->parser && r->parser_used && (r->stopped || xmlDictSize(r->parser->dict) > 20000)) drop_parser(r);
    bool fresh = !r->parser;
    if (fresh && new_parser(r) != DGM_OK) return DGM_NOMEM;
    r->in_place = !r->in.borrowed && can_read_in_place();
    if (r->in_place) {
        xmlCtxtReset(r->parser);
        xmlParserInputPtr in = xmlNewInputStream(r->parser);
        if (!in) return DGM_NOMEM;
        in->base = in->cur = in->end = (const xmlChar *)"";
        in->consumed = (unsigned long)dgm_xml_input_head(&r->in);
        if (inputPush(r->parser, in) < 0) {
            xmlFreeInputStream(in);
            return DGM_NOMEM;
        }
    } else if (!fresh && xmlCtxtResetPush(r->parser, NULL, 0, NULL, NULL) != 0) {
        return DGM_NOMEM;
    }
    xmlSwitchEncoding(r->parser, XML_CHAR_ENCODING_UTF8);
    r->parser_used = true;
    return DGM_OK;
}

/* ---- making and ending ---- */

static void forget_document(dgm_xml_reader *r)
{
    r->begun = r->given = r->over = r->stopped = r->hopeless = r->terminating = false;
    r->root_open = r->root_closed = r->no_memory = r->too_long = false;
    r->unusable = DGM_OK;
    r->came = 0;
    r->fed = r->stalled_at = r->stalled_seen = r->stalled_values = r->next_at = 0;
    r->stalled_quote = 0;
    r->text = (dgm_slice){ 0 };
    r->format = NULL;
    r->profile = NULL;
    r->places = NULL;
    r->depth = r->synthetic = 0;
    r->leaf.on = r->mixed = r->calm = false;
    r->tag_quick = r->tag_short;
    r->run_start = r->run_used = r->run_room = 0;
    r->draft_failed = false;
    r->attribute_count = 0;
    r->reference_node = DGM_NONE;
    r->stranger_count = 0;
    r->problem_count = 0;
    r->errors_dropped = r->warnings_dropped = 0;
    r->stop_at = 0;
    dgm_xml_many_forget(r);
    if (r->watched) dgm_xml_check_over(&r->check);
    dgm_arena_reset(&r->texts, 65536);
}

dgm_status dgm_xml_open(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_reader **out)
{
    *out = NULL;
    /* What libxml2 makes once for all is made under its own lock only here; several threads may open readers at a time. */
    xmlInitParser();
    dgm_xml_reader *r = dgm_mem_new(&host->mem, sizeof *r);
    if (!r) return DGM_NOMEM;
    r->base.codec = &dgm_codec_xml;
    r->host = *host;
    dgm_xml_input_init(&r->in, &host->mem);
    dgm_buffer_init(&r->values, &host->mem);
    dgm_buffer_init(&r->value, &host->mem);
    dgm_buffer_init(&r->inside.bytes, &host->mem);
    dgm_arena_init(&r->texts, &host->mem);
    dgm_arena_init(&r->many.texts, &host->mem);
    uint64_t name = host->limits.name_bytes_max, tag = host->limits.segment_bytes_max;
    uint64_t attributes = (uint64_t)host->limits.attributes_max * 5; /* none is shorter than " a=''", and there is a name */
    if (tag > name) tag = name;
    r->tag_short = (size_t)(tag < attributes ? tag : attributes);
    dgm_slice encoding = dgm_setting_get(settings, n, dgm_xml_reader_options, "encoding");
    snprintf(r->encoding, sizeof r->encoding, "%.*s", (int)(encoding.len < 63 ? encoding.len : 63),
             encoding.len ? encoding.at : "");
    r->watched = dgm_slice_is(dgm_setting_get(settings, n, dgm_xml_reader_options, "level"), "schema");
    dgm_xml_watch_init(r);
    uint32_t most = 0, head = 0;
    dgm_slice_count(dgm_setting_get(settings, n, dgm_xml_reader_options, "messages-max"), &most);
    dgm_slice_count(dgm_setting_get(settings, n, dgm_xml_reader_options, "envelope-bytes"), &head);
    r->many.most = most;
    r->many.head_most = head;
    r->known = dgm_mem_new(&host->mem, DGM_XML_CACHE * sizeof *r->known);
    dgm_status st = r->known ? host->draft_new(&host->mem, &host->limits, &r->draft) : DGM_NOMEM;
    if (st != DGM_OK) {
        dgm_xml_close(&r->base);
        return st;
    }
    forget_document(r);
    *out = &r->base;
    return DGM_OK;
}

dgm_status dgm_xml_open_whole(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, dgm_reader **out)
{
    dgm_status st = dgm_xml_open(host, settings, n, out);
    if (st != DGM_OK) return st;
    dgm_xml_reader *r = self(*out);
    r->in.borrowed = r->in.last = true;
    r->in.whole = r->many.rest = input.at ? input : (dgm_slice){ "", 0 };
    return DGM_OK;
}

void dgm_xml_reset(dgm_reader *reader)
{
    dgm_xml_reader *r = self(reader);
    dgm_xml_input_reset(&r->in);
    if (r->parser && r->parser_used && r->stopped) drop_parser(r);
    forget_document(r);
}

void dgm_xml_close(dgm_reader *reader)
{
    if (!reader) return;
    dgm_xml_reader *r = self(reader);
    dgm_mem mem = r->host.mem;
    dgm_xml_many_free(r);
    dgm_xml_check_free(&r->check);
    free_parser(r);
    if (r->draft) r->host.draft_free(r->draft);
    dgm_xml_input_free(&r->in);
    dgm_xml_payload_free(r);
    dgm_buffer_free(&r->values);
    dgm_buffer_free(&r->value);
    dgm_arena_free(&r->texts);
    dgm_mem_free(&mem, r->counts, r->count_room * sizeof *r->counts);
    dgm_mem_free(&mem, r->attributes, r->attribute_room * sizeof *r->attributes);
    dgm_mem_free(&mem, r->problems, r->problem_room * sizeof *r->problems);
    dgm_mem_free(&mem, r->known, r->known ? DGM_XML_CACHE * sizeof *r->known : 0);
    dgm_mem_free(&mem, r, sizeof *r);
}

/* ---- feeding ---- */

/* Looks at a tag or comment of which the end has not come: it may not be too long, nor have too many attributes. The look goes on
 * where it stopped, so that long ones are seen once. */
static void watch_stalled(dgm_xml_reader *r)
{
    size_t at = dgm_xml_text_offset(r, r->parser->input ? r->parser->input->cur : NULL);
    if (at >= r->fed || r->text.at[at] != '<') return;
    if (at != r->stalled_at) {
        r->stalled_at = at;
        r->stalled_seen = at + 1;
        r->stalled_values = 0;
        r->stalled_quote = 0;
    }
    const dgm_limits *l = &r->host.limits;
    bool tag = r->fed - at > 1 && r->text.at[at + 1] != '!' && r->text.at[at + 1] != '?' && r->text.at[at + 1] != '/';
    for (size_t i = r->stalled_seen; tag && i < r->fed; i++) {
        char c = r->text.at[i];
        if (r->stalled_quote ? c == r->stalled_quote : c == '"' || c == '\'') {
            r->stalled_values += r->stalled_quote != 0;
            r->stalled_quote = r->stalled_quote ? 0 : c;
        }
    }
    r->stalled_seen = r->fed;
    /* Not a tag alone: a value that is waiting for its "]]>" or a comment for its "-->" stands here too. */
    if (r->fed - at > l->segment_bytes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ELEMENT, at, l->segment_bytes_max);
    else if (r->stalled_values > l->attributes_max)
        dgm_xml_limit(r, DGM_D_XML_LIMIT_ATTRIBUTES, at, l->attributes_max);
    else
        return;
    dgm_xml_stop(r, at, true); /* the parser waits for its end: there is no going on behind it */
}

/* The text has come to another place, or there is more of it. What the parser is done with is behind it for good: it counts in
 * int. `sentinel` is where the parser wants to see a NUL. */
static void show_more(dgm_xml_reader *r, const char *sentinel)
{
    xmlParserInputPtr in = r->parser->input;
    size_t done = (size_t)in->consumed + (size_t)(in->cur - in->base);
    if (in->cur > in->base) r->parser->checkIndex = 0; /* counts from base */
    in->consumed = done;
    in->base = in->cur = (const xmlChar *)r->text.at + done;
    in->end = (const xmlChar *)sentinel;
    in->length = (int)(in->end - in->base);
}

static void parse_piece(dgm_xml_reader *r, size_t n, bool end)
{
    char *stop = NULL, kept = 0;
    if (r->in_place) {
        size_t to = r->fed + n;
        stop = dgm_xml_input_cut(&r->in, to);
        if (!stop) {
            r->no_memory = true;
            dgm_xml_stop(r, 0, true);
            return;
        }
        kept = *stop;
        *stop = 0;
    }
    dgm_slice text = dgm_xml_input_text(&r->in);
    const char *from = n ? text.at + r->fed : "";
    r->fed += n;
    r->text = dgm_slice_part(text, 0, r->fed);
    r->terminating = end;
    if (stop) {
        show_more(r, stop);
        xmlParseChunk(r->parser, NULL, 0, end);
        *stop = kept;
    } else {
        xmlParseChunk(r->parser, from, (int)n, end);
    }
    if (dgm_xml_running(r) && !end) watch_stalled(r);
    if (r->many.on && !end) dgm_xml_many_slide(r);
}

/* A full piece, not cut inside a character nor between CR and LF. */
static size_t slice_end(const dgm_xml_reader *r)
{
    const char *from = dgm_xml_input_text(&r->in).at + r->fed;
    size_t n = r->many.on ? DGM_XML_MANY_SLICE : DGM_XML_SLICE, least = n - 4;
    while (n > least && ((unsigned char)from[n] & 0xC0) == 0x80) n--;
    return from[n - 1] == '\r' ? n - 1 : n;
}

static void tell_trouble(dgm_xml_reader *r, const dgm_xml_trouble *t)
{
    dgm_xml_problem *p = dgm_xml_problem_add(r, t->code, t->severity, t->raw_at, t->bytes);
    if (p) p->raw = true;
    if (p && t->code == DGM_D_XML_ENCODING_DOUBT) p->settled = r->in.gone > 0; /* it may be gone */
    for (size_t i = 0; i < 2 && t->text[i][0]; i++) dgm_xml_problem_name(r, p, t->text[i]);
    if (t->severity == DGM_ERROR) dgm_xml_stop(r, dgm_xml_input_text(&r->in).len, true);
}

static dgm_status begin_document(dgm_xml_reader *r)
{
    dgm_xml_trouble trouble;
    dgm_status st = dgm_xml_input_begin(&r->in, dgm_slice_of(r->encoding), &trouble);
    if (st == DGM_NOMEM) return st;
    r->begun = true;
    if (trouble.code) tell_trouble(r, &trouble);
    return r->stopped ? DGM_OK : ready_parser(r);
}

/* Gives the parser as many full pieces as there are; the rest when no more comes or what comes is not text. */
static dgm_status parse_more(dgm_xml_reader *r)
{
    dgm_status st = DGM_OK;
    if (!r->begun) {
        if (dgm_xml_input_raw(&r->in).len < 1024 && !r->in.last) return DGM_OK;
        st = begin_document(r);
    }
    while (st == DGM_OK && dgm_xml_running(r) && !r->many.ready_count) {
        dgm_xml_trouble trouble = { 0 };
        size_t before = r->in.checked;
        st = dgm_xml_input_more(&r->in, DGM_XML_SLICE, &trouble);
        if (st == DGM_NOMEM) return st;
        bool bad = st == DGM_SYNTAX;
        st = DGM_OK;
        size_t checked = r->in.checked;
        while (dgm_xml_running(r) && dgm_xml_input_text(&r->in).len - r->fed > (r->many.on ? DGM_XML_MANY_SLICE : DGM_XML_SLICE))
            parse_piece(r, slice_end(r), false);
        bool over = r->in.last && r->in.checked == dgm_xml_input_raw(&r->in).len;
        if (dgm_xml_running(r) && (bad || over)) {
            size_t n = dgm_xml_input_text(&r->in).len - r->fed;
            /* the parser puts CRs at the end of a piece off, but not where the text stands in place */
            while (bad && n && dgm_xml_input_text(&r->in).at[r->fed + n - 1] == '\r') n--;
            parse_piece(r, n, over && !bad);
            if (dgm_xml_running(r) && bad) tell_trouble(r, &trouble);
            if (over && !bad && r->in.width != DGM_XML_UTF8 && dgm_xml_input_doubtful(&r->in, &trouble)) tell_trouble(r, &trouble);
            break;
        }
        if (checked == before) break;
        if (r->many.on && r->in.borrowed && !dgm_xml_many_take_over(r)) break;
    }
    return r->no_memory ? DGM_NOMEM : r->unusable != DGM_OK ? r->unusable : st;
}

/* Bytes in which it shows of what format a document is that is too long to be one message. */
enum { FIRST_BYTES = 65536 };

static dgm_status take(dgm_xml_reader *r, dgm_slice chunk)
{
    uint64_t max = dgm_xml_message_most(r);
    if (!r->many.on && r->in.raw.len + chunk.len > max) {
        chunk.len = max > r->in.raw.len ? (size_t)max - r->in.raw.len : 0;
        r->too_long = true;
    }
    bool done = r->stopped && !r->many.skipping;
    if (r->too_long || (done && dgm_xml_input_text(&r->in).len > r->stop_at + 4096)) chunk.len = 0; /* enough for an excerpt */
    dgm_status st = dgm_buffer_append(&r->in.raw, chunk);
    if (st == DGM_OK && !r->too_long) st = parse_more(r);
    r->no_memory = r->no_memory || st == DGM_NOMEM;
    return st;
}

dgm_status dgm_xml_feed(dgm_reader *reader, dgm_slice chunk, bool last)
{
    dgm_xml_reader *r = self(reader);
    if (r->in.borrowed || r->in.last || r->many.whole) return DGM_USAGE;
    r->came += chunk.len;
    uint64_t most = dgm_xml_message_most(r);
    if (!r->root_open && r->in.raw.len + chunk.len > most) {
        dgm_slice first = dgm_slice_part(chunk, 0, most - r->in.raw.len < FIRST_BYTES ? (size_t)most - r->in.raw.len : FIRST_BYTES);
        dgm_status st = first.len ? take(r, first) : DGM_OK;
        if (st != DGM_OK) return st;
        chunk = dgm_slice_part(chunk, first.len, chunk.len);
    }
    r->in.last = last;
    return take(r, chunk);
}

/* ---- the message ---- */

static void tell_too_long(dgm_xml_reader *r)
{
    uint64_t max = dgm_xml_message_most(r);
    r->problem_count = 0;
    r->errors_dropped = r->warnings_dropped = 0;
    r->depth = 0;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_LIMIT_BYTES, DGM_ERROR, (size_t)max, 0);
    if (p) p->raw = true;
    dgm_xml_problem_number(p, (int64_t)max);
    dgm_xml_stop(r, 0, true);
}

/* What stands behind a place that stopped the reading, for the excerpts. */
static void look_ahead(dgm_xml_reader *r)
{
    dgm_xml_trouble ignored;
    while (r->begun && dgm_xml_input_text(&r->in).len < r->stop_at + 1024) {
        size_t before = r->in.checked;
        if (dgm_xml_input_more(&r->in, 4096, &ignored) != DGM_OK || r->in.checked == before) return;
    }
}

static dgm_status take_tree(dgm_xml_reader *r, dgm_message *out)
{
    dgm_slice raw = dgm_xml_input_raw(&r->in);
    bool borrowed = r->in.borrowed;
    dgm_status st =
        r->host.draft_finish(r->draft, (char *)(uintptr_t)raw.at, (uint32_t)raw.len, r->in.raw.capacity, borrowed, 0, &out->tree);
    if (st != DGM_OK) return st;
    if (!borrowed) {
        r->in.raw.at = NULL;
        r->in.raw.len = r->in.raw.capacity = 0;
    }
    out->tree->position.message = 1;
    return DGM_OK;
}

static dgm_status next_of_many(dgm_xml_reader *r, dgm_message *out)
{
    for (;;) {
        if (dgm_xml_many_give(r, out)) {
            if (!r->no_memory && !dgm_diags_failed(r->host.diags)) return DGM_OK;
            dgm_xml_recycle(&r->base, out);
            return DGM_NOMEM;
        }
        dgm_status st = dgm_xml_running(r) && !r->terminating ? parse_more(r) : DGM_OK;
        if (r->no_memory || st != DGM_OK) return r->no_memory ? DGM_NOMEM : st;
        if (r->many.ready_count) continue;
        bool wanted = dgm_xml_running(r) || dgm_xml_input_text(&r->in).len < r->stop_at + 4096;
        if (!r->terminating && wanted && dgm_xml_many_refill(r)) continue;
        if (r->no_memory) return DGM_NOMEM;
        if (!r->in.last && !r->many.whole && !r->in.borrowed) return DGM_MORE;
        look_ahead(r);
        st = dgm_xml_many_end(r, out);
        return r->no_memory || dgm_diags_failed(r->host.diags) ? DGM_NOMEM : st;
    }
}

/* Whether bytes that were lent are too many, or a document of many messages, show the first of them. */
static dgm_status look_at_first(dgm_xml_reader *r)
{
    dgm_slice whole = r->in.whole;
    r->in.whole = dgm_slice_part(whole, 0, FIRST_BYTES);
    r->in.last = false;
    dgm_status st = parse_more(r);
    if (r->many.on) return st;
    r->in.whole = whole;
    r->in.last = true;
    return st;
}

dgm_status dgm_xml_next(dgm_reader *reader, dgm_message *out)
{
    dgm_xml_reader *r = self(reader);
    *out = (dgm_message){ 0 };
    if (r->given) return DGM_END;
    if (r->no_memory) return DGM_NOMEM;
    if (r->unusable != DGM_OK) return r->unusable;
    if (!r->in.last && !r->many.on) return DGM_MORE;
    dgm_slice raw = dgm_xml_input_raw(&r->in);
    uint64_t max = dgm_xml_message_most(r);
    dgm_status st = DGM_OK;
    if (raw.len > max && r->in.borrowed && !r->begun) st = look_at_first(r);
    if (raw.len > max && !r->many.on) r->too_long = true;
    if (st == DGM_OK && r->in.borrowed && !r->too_long) st = parse_more(r);
    if (st != DGM_OK) return st;
    if (r->many.on) return next_of_many(r, out);
    if (r->too_long)
        tell_too_long(r);
    else
        look_ahead(r);
    r->given = true;
    out->bytes = r->in.borrowed ? raw.len : r->came;
    out->position.message = 1;
    out->format = r->format;
    dgm_slice reference = { 0 };
    bool tree = r->root_closed && !r->hopeless;
    if (r->format) {
        uint32_t document = r->profile->document == DGM_SLOT_NONE ? DGM_SLOT_ROOT : r->profile->document;
        out->type = dgm_shape_slot(r->format->shape, document)->name;
    }
    size_t errors = 0;
    if (!tree) {
        errors = dgm_xml_problems_tell(r, 1, reference);
    } else {
        /* Problems need the raw bytes for their places, so they are told before the tree takes them; the reference comes from the
         * draft. */
        const dgm_node *n = r->reference_node != DGM_NONE ? r->host.draft_node(r->draft, r->reference_node) : NULL;
        if (n && !(dgm_node_flags(n) & (DGM_DECODED | DGM_EMPTY))) reference = (dgm_slice){ raw.at + n->at, n->span };
        errors = dgm_xml_problems_tell(r, 1, reference);
        out->errors = errors;
        if ((st = take_tree(r, out)) != DGM_OK) return st;
        if (r->reference_node != DGM_NONE) out->reference = dgm_tree_value(out->tree, r->reference_node);
        out->tree->reference = out->reference;
        if (r->profile && r->profile->payload != DGM_SLOT_NONE) {
            st = dgm_xml_open_payload(r, out);
            if (st != DGM_OK) return dgm_xml_recycle(reader, out), st;
            errors = out->errors;
        } else if (r->profile) {
            out->sender = dgm_xml_value_of(out->tree, r->profile->sender);
            out->recipient = dgm_xml_value_of(out->tree, r->profile->recipient);
        }
    }
    out->errors = errors;
    return r->no_memory || dgm_diags_failed(r->host.diags) ? (dgm_xml_recycle(reader, out), DGM_NOMEM) : DGM_OK;
}

void dgm_xml_recycle(dgm_reader *reader, dgm_message *message)
{
    dgm_xml_reader *r = self(reader);
    if (!message->tree) return;
    if (message->tree->around) dgm_xml_recycle_payload(r, message);
    char *bytes = NULL;
    size_t capacity = 0;
    r->host.draft_recycle(r->draft, message->tree, &bytes, &capacity);
    message->tree = NULL;
    if (bytes && r->many.on && !r->many.spare) {
        r->many.spare = bytes;
        r->many.spare_room = capacity;
    } else if (bytes && !r->in.raw.at) {
        r->in.raw.at = bytes;
        r->in.raw.capacity = capacity;
        r->in.raw.len = 0;
    } else {
        dgm_mem_free(&r->host.mem, bytes, capacity);
    }
}
