/* SPDX-License-Identifier: Apache-2.0
 *
 * watch.c - a reader that holds its documents against their XML Schema: handlers that stand before those of sax.c, and hand on to
 * the validator what these have done with. Readers that do not are not touched by it. One thread.
 */
#include "reader.h"

/* Is what was found wrong here already, as an error of the format? One for the cause. */
static bool told(const dgm_xml_reader *r, size_t at)
{
    enum { LOOK_BACK = 8 };
    size_t own = r->problem_count - r->many.problems; /* of this message */
    size_t least = r->problem_count - (own > LOOK_BACK ? LOOK_BACK : own);
    for (size_t i = r->problem_count; i-- > least;) {
        const dgm_xml_problem *p = &r->problems[i];
        bool schema = p->code >= DGM_D_XML_XSD_ROOT && p->code <= DGM_D_XML_XSD_NONE;
        if (p->at == at && p->severity == DGM_ERROR && !schema) return true;
    }
    return false;
}

static dgm_xml_problem *add(dgm_xml_reader *r, const dgm_xml_said *s, size_t at, size_t bytes)
{
    dgm_xml_problem *p = dgm_xml_problem_add(r, s->code, DGM_ERROR, at, bytes);
    if (p && r->watch.node != DGM_NONE) p->node = r->watch.node;
    if (s->code == DGM_D_XML_XSD_MANY) {
        dgm_xml_problem_number(p, DGM_XML_CHECK_ERRORS);
        return p;
    }
    bool attribute = s->attribute.len > 0;
    if (attribute && s->code == DGM_D_XML_XSD_VALUE)
        dgm_xml_problem_text(r, p, s->attribute);
    else
        dgm_xml_problem_text(r, p, s->name);
    bool named = s->code == DGM_D_XML_XSD_ATTRIBUTE || s->code == DGM_D_XML_XSD_ATTRIBUTE_MISSING;
    if (s->code != DGM_D_XML_XSD_ROOT) dgm_xml_problem_text(r, p, named ? s->attribute : s->what);
    return p;
}

/* The validator speaks while it has an event in hand; the place is that event's. */
static void say(void *ctx, const dgm_xml_said *s)
{
    dgm_xml_reader *r = ctx;
    const dgm_xml_watch *w = &r->watch;
    size_t at = w->at, bytes = w->bytes, value, len;
    char name[128];
    uint32_t depth = r->depth;
    bool on = r->leaf.on;
    if (s->attribute.len && s->code != DGM_D_XML_XSD_ATTRIBUTE_MISSING && s->attribute.len < sizeof name) {
        memcpy(name, s->attribute.at, s->attribute.len);
        name[s->attribute.len] = 0;
        if (dgm_xml_find_attribute(r->text, w->at, NULL, name, 1, &value, &len)) at = value, bytes = len;
    }
    if (s->code != DGM_D_XML_XSD_MANY && told(r, at)) return;
    r->depth = w->depth; /* as it was when the element was open */
    r->leaf.on = w->leaf;
    dgm_xml_problem *p = add(r, s, at, bytes);
    r->depth = depth;
    r->leaf.on = on;
    if (at == w->at || s->attribute.len == 0 || !p) return;
    char step[130];
    memcpy(step + 1, name, s->attribute.len + 1);
    step[0] = '@';
    dgm_xml_problem_below(r, p, step, 1);
}

void dgm_xml_watch_init(dgm_xml_reader *r)
{
    dgm_xml_check_init(&r->check, &r->host.mem, say, r);
}

static void no_memory(dgm_xml_reader *r, size_t at)
{
    r->no_memory = true;
    dgm_xml_stop(r, at, true);
}

/* The root is known, and the format with it: the check of the document begins. */
static void begin(dgm_xml_reader *r, size_t tag)
{
    if (!r->profile) return; /* no format, which was told */
    dgm_xml_schema *schema = r->profile->schema;
    if (!schema) {
        dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_XSD_NONE, DGM_WARNING, tag, 0);
        dgm_xml_problem_text(r, p, r->format->name);
        return;
    }
    xmlSchemaPtr compiled;
    dgm_status st = dgm_xml_schema_get(schema, &compiled);
    if (st == DGM_OK) st = dgm_xml_check_begin(&r->check, compiled);
    if (st == DGM_NOMEM) no_memory(r, tag);
    if (st != DGM_CONFIG) return;
    dgm_xml_problem *p = dgm_xml_problem_add(r, DGM_D_XML_XSD_UNUSABLE, DGM_ERROR, tag, 0);
    dgm_xml_problem_text(r, p, r->format->name);
    dgm_xml_problem_name(r, p, schema->why);
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    dgm_xml_reader *r = ctx;
    bool first = !r->root_open;
    size_t cur = dgm_xml_text_offset(r, r->parser->input->cur);
    dgm_xml_sax.startElementNs(ctx, local, prefix, uri, namespaces, declared, attributes, defaulted, list);
    if (!dgm_xml_running(r) || cur >= r->text.len) return;
    const dgm_xml_frame *f = r->depth ? &r->frames[r->depth - 1] : NULL;
    size_t tag = r->leaf.on ? r->leaf.at : f ? f->at : 0;
    if (r->many.skipping) tag = dgm_xml_mark_before(r->text, cur, '<');
    if (first) begin(r, tag);
    if (!r->check.live || !dgm_xml_running(r)) return;
    r->watch = (dgm_xml_watch){ .at = tag,
                                .bytes = strlen((const char *)local) + 1,
                                .depth = r->depth,
                                .leaf = r->leaf.on,
                                .node = r->leaf.on || !f ? DGM_NONE : f->node };
    const dgm_xml_tag t = { local, prefix, uri, declared, list, namespaces, attributes, defaulted };
    dgm_xml_check_start(&r->check, &t);
    if (r->check.no_memory) no_memory(r, tag);
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
    dgm_xml_reader *r = ctx;
    dgm_xml_sax.characters(ctx, text, n);
    if (!r->check.live || !dgm_xml_running(r) || n <= 0) return;
    r->watch = (dgm_xml_watch){ .at = r->leaf.on ? r->leaf.content
                                      : r->depth ? r->frames[r->depth - 1].at
                                                 : 0,
                                .depth = r->depth,
                                .leaf = r->leaf.on,
                                .node = DGM_NONE };
    if (r->many.skipping) r->watch.at = dgm_xml_text_offset(r, r->parser->input->cur);
    dgm_xml_check_text(&r->check, text, n);
    if (r->check.no_memory) no_memory(r, r->watch.at);
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    dgm_xml_reader *r = ctx;
    uint32_t depth = r->depth, next = r->run_start + r->run_used;
    bool leaf = r->leaf.on;
    size_t cur = dgm_xml_text_offset(r, r->parser->input->cur);
    dgm_xml_sax.endElementNs(ctx, local, prefix, uri);
    if (!r->check.live || !dgm_xml_running(r) || !depth) return;
    const dgm_xml_frame *f = &r->frames[depth - 1]; /* still as it was */
    r->watch = (dgm_xml_watch){ .at = f->at, .bytes = strlen(f->name) + 1, .depth = depth, .leaf = leaf, .node = f->node };
    if (r->many.skipping) {
        r->watch = (dgm_xml_watch){ .at = dgm_xml_mark_before(r->text, cur, '<'), .depth = depth, .node = DGM_NONE };
    } else if (leaf) {
        size_t end = dgm_xml_mark_before(r->text, cur, '<');
        bool empty = r->leaf.len == 0 || end <= r->leaf.content;
        r->watch.at = empty ? r->leaf.at : r->leaf.content;
        r->watch.bytes = empty ? 0 : end - r->leaf.content;
        r->watch.node = next;
    }
    dgm_xml_check_end(&r->check, local, prefix, uri);
    if (r->check.no_memory) no_memory(r, f->at);
}

void dgm_xml_watch_handlers(xmlSAXHandler *sax)
{
    sax->startElementNs = on_start;
    sax->endElementNs = on_end;
    sax->characters = sax->ignorableWhitespace = sax->cdataBlock = on_text;
}
