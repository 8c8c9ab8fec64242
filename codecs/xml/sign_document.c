/* SPDX-License-Identifier: Apache-2.0
 *
 * sign_document.c - a document whose signatures are looked at, as a tree of libxml2: the same bytes in the same encoding as the
 * reader takes them (input.c), under limits that hold before a node is made. No DOCTYPE, so no entities and no attributes by
 * default. One thread for each document.
 */
#include "sign.h"

#include <libxml/SAX2.h>
#include <libxml/parserInternals.h>
#include <limits.h>

enum { ROOM = 16384 };

static size_t text_at(const xmlParserCtxt *p)
{
    return (size_t)p->input->consumed + (size_t)(p->input->cur - p->input->base);
}

/* ---- while it is read ---- */

static void stop(xmlParserCtxtPtr p, dgm_diag_code code, const char *of, uint64_t most)
{
    dgm_signed *d = p->_private;
    if (d->stop == DGM_D_NONE) {
        d->stop = code;
        d->stop_of = of;
        d->stop_most = most;
        d->stop_at = text_at(p);
    }
    xmlStopParser(p);
}

static bool count(xmlParserCtxtPtr p, uint64_t nodes)
{
    dgm_signed *d = p->_private;
    d->nodes += nodes;
    if (d->nodes > d->limits.nodes_max) stop(p, DGM_D_SIGNATURE_LIMIT, "nodes", d->limits.nodes_max);
    return d->stop == DGM_D_NONE;
}

static void doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name, (void)external, (void)system;
    stop(ctx, DGM_D_SIGNATURE_DOCTYPE, NULL, 0);
}

/* Canonical XML looks at each namespace in scope for each element, and at each again for that. */
static bool scope(xmlParserCtxtPtr p, int attributes, int declared)
{
    dgm_signed *d = p->_private;
    uint64_t most = d->limits.attributes_max;
    if ((uint64_t)attributes + (uint64_t)declared > most) stop(p, DGM_D_SIGNATURE_LIMIT, "attributes of one element", most);
    if (d->depth >= d->limits.depth_max) stop(p, DGM_D_SIGNATURE_LIMIT, "levels of elements", d->limits.depth_max);
    if (d->stop != DGM_D_NONE) return false;
    uint32_t in_scope = d->namespaces[d->depth] + (uint32_t)declared;
    d->namespaces[d->depth + 1] = in_scope;
    d->work += (uint64_t)in_scope * in_scope + (uint64_t)attributes * (uint64_t)attributes;
    if (d->work > DGM_SIGNED_WORK_MAX) stop(p, DGM_D_SIGNATURE_LIMIT, "namespaces on elements in one another", DGM_SIGNED_WORK_MAX);
    return d->stop == DGM_D_NONE;
}

static void start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int declared,
                  const xmlChar **namespaces, int attributes, int defaulted, const xmlChar **values)
{
    xmlParserCtxtPtr p = ctx;
    dgm_signed *d = p->_private;
    if (!count(p, 1 + (uint64_t)attributes + (uint64_t)declared) || !scope(p, attributes, declared)) return;
    xmlSAX2StartElementNs(ctx, name, prefix, uri, declared, namespaces, attributes, defaulted, values);
    d->depth++;
    if (!p->node || !dgm_xml_is(p->node, DGM_DSIG_NS, "Signature")) return;
    if (d->signature_depth) {
        stop(p, DGM_D_SIGNATURE_NESTED, NULL, 0);
    } else if (d->signature_count == DGM_SIGNATURES_MAX) {
        stop(p, DGM_D_SIGNATURE_LIMIT, "signatures", DGM_SIGNATURES_MAX);
    } else {
        d->from[d->signature_count] = dgm_xml_mark(dgm_xml_input_text(&d->in), text_at(p), '<');
        d->signatures[d->signature_count++] = p->node;
        d->signature_depth = d->depth;
    }
}

static void end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xmlParserCtxtPtr p = ctx;
    dgm_signed *d = p->_private;
    if (d->stop != DGM_D_NONE) return;
    if (d->depth == d->signature_depth) {
        d->to[d->signature_count - 1] = text_at(p);
        d->signature_depth = 0;
    }
    if (--d->depth == 0) {
        dgm_slice text = dgm_xml_input_text(&d->in);
        size_t at = text_at(p);
        d->root_empty = at >= 2 && at <= text.len && memcmp(text.at + at - 2, "/>", 2) == 0;
        d->root_end = d->root_empty ? at - 2 : dgm_xml_mark(text, at, '<');
    }
    xmlSAX2EndElementNs(ctx, name, prefix, uri);
}

static void comment(void *ctx, const xmlChar *text)
{
    if (count(ctx, 1)) xmlSAX2Comment(ctx, text);
}

static void instruction(void *ctx, const xmlChar *target, const xmlChar *data)
{
    if (count(ctx, 1)) xmlSAX2ProcessingInstruction(ctx, target, data);
}

static void characters(void *ctx, const xmlChar *text, int bytes)
{
    xmlParserCtxtPtr p = ctx;
    if (count(p, p->node && (!p->node->last || p->node->last->type != XML_TEXT_NODE) ? 1 : 0)) xmlSAX2Characters(ctx, text, bytes);
}

/* In the canonical form it is text like any other. */
static void cdata(void *ctx, const xmlChar *text, int bytes)
{
    characters(ctx, text, bytes);
}

static void told(void *ctx, xmlErrorPtr error)
{
    (void)ctx, (void)error; /* the parser keeps the last one */
}

/* ---- reading ---- */

static dgm_status bytes_in(dgm_signed *d, dgm_slice document, dgm_slice encoding)
{
    dgm_xml_trouble trouble = { 0 };
    d->in.whole = document.at ? document : DGM_LITERAL("");
    d->in.borrowed = d->in.last = true;
    dgm_status st = dgm_xml_input_begin(&d->in, encoding, &trouble);
    while (st == DGM_OK && d->in.checked < document.len) {
        size_t before = d->in.checked;
        st = dgm_xml_input_more(&d->in, ROOM, &trouble);
        if (st == DGM_OK && d->in.checked == before) st = DGM_SYNTAX;
    }
    if (st == DGM_OK || st == DGM_NOMEM) return st;
    dgm_diag *g = dgm_diags_add(d->diags, DGM_D_SIGNATURE_DOCUMENT, DGM_ERROR);
    if (g) g->at_byte = trouble.raw_at;
    bool unknown = trouble.code == DGM_D_XML_ENCODING_UNKNOWN;
    dgm_diag_text(d->diags, g,
                  unknown ? DGM_LITERAL("its encoding is not one that can be read")
                          : DGM_LITERAL("its bytes are not of the encoding it is said to have"));
    d->errors++;
    return DGM_SYNTAX;
}

static dgm_status say_stop(dgm_signed *d)
{
    dgm_diag *g = dgm_signed_say(d, d->stop, d->stop_at);
    if (d->stop != DGM_D_SIGNATURE_LIMIT) return DGM_INVALID;
    dgm_diag_text(d->diags, g, dgm_slice_of(d->stop_of));
    dgm_diag_number(d->diags, g, (int64_t)d->stop_most);
    return DGM_LIMIT;
}

static dgm_status say_syntax(dgm_signed *d, const xmlParserCtxt *p)
{
    if (p->errNo == XML_ERR_NO_MEMORY) return DGM_NOMEM;
    const char *why = p->lastError.message ? p->lastError.message : "it is not well-formed";
    dgm_slice text = dgm_slice_trim(dgm_slice_of(why));
    dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_DOCUMENT, text_at(p));
    dgm_diag_text(d->diags, g, text);
    return DGM_SYNTAX;
}

/* The first of one character at or behind an offset, or the end. */
static size_t find(dgm_slice text, size_t at, const char *mark)
{
    size_t n = strlen(mark);
    const char *hit = at < text.len ? memmem(text.at + at, text.len - at, mark, n) : NULL;
    return hit ? (size_t)(hit - text.at) + n : text.len;
}

/* Behind a tag; *attributes: how many values it has, at most one more than `most`. */
static size_t behind_tag(dgm_slice text, size_t at, uint64_t most, uint64_t *attributes)
{
    while (at < text.len && text.at[at] != '>' && *attributes <= most) {
        char c = text.at[at++];
        if (c != '"' && c != '\'') continue;
        ++*attributes;
        const char *hit = memchr(text.at + at, c, text.len - at);
        at = hit ? (size_t)(hit - text.at) + 1 : text.len;
    }
    return at;
}

/* A parser compares each attribute of an element with all others before it tells of any: so they are counted first. */
static bool tags_are_short(dgm_signed *d, dgm_slice text)
{
    for (size_t at = find(text, 0, "<"); at < text.len; at = find(text, at, "<")) {
        dgm_slice rest = dgm_slice_part(text, at, at + 8);
        uint64_t attributes = 0;
        size_t began = at;
        if (rest.len > 2 && memcmp(rest.at, "!--", 3) == 0)
            at = find(text, at + 3, "-->");
        else if (rest.len == 8 && memcmp(rest.at, "![CDATA[", 8) == 0)
            at = find(text, at, "]]>");
        else if (rest.at[0] == '?')
            at = find(text, at, "?>");
        else if (rest.at[0] != '!')
            at = behind_tag(text, at, d->limits.attributes_max, &attributes);
        if (attributes <= d->limits.attributes_max) continue;
        d->stop = DGM_D_SIGNATURE_LIMIT;
        d->stop_of = "attributes of one element";
        d->stop_most = d->limits.attributes_max;
        d->stop_at = began - 1;
        return false;
    }
    return true;
}

static dgm_status parse(dgm_signed *d)
{
    dgm_slice text = dgm_xml_input_text(&d->in);
    const char *nul =
        text.len ? memchr(text.at, 0, text.len) : NULL; /* the parser would take it for the end, and read no further */
    if (nul) {
        dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_DOCUMENT, (size_t)(nul - text.at));
        dgm_diag_text(d->diags, g, DGM_LITERAL("it has a byte of zero, which is no character of XML"));
        return DGM_SYNTAX;
    }
    if (!tags_are_short(d, text)) return say_stop(d);
    xmlInitParser(); /* under its lock, once: threads may come here before any reader is open */
    xmlParserCtxtPtr p = text.len && text.len < INT_MAX ? xmlCreateMemoryParserCtxt(text.at, (int)text.len) : NULL;
    if (!p) {
        if (text.len) return DGM_NOMEM;
        dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_DOCUMENT, 0);
        dgm_diag_text(d->diags, g, DGM_LITERAL("it is empty"));
        return DGM_SYNTAX;
    }
    p->_private = d;
    xmlCtxtUseOptions(p, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC | XML_PARSE_HUGE | XML_PARSE_NOWARNING);
    p->sax->internalSubset = doctype;
    p->sax->startElementNs = start;
    p->sax->endElementNs = end;
    p->sax->comment = comment;
    p->sax->processingInstruction = instruction;
    p->sax->characters = p->sax->ignorableWhitespace = characters;
    p->sax->cdataBlock = cdata;
    p->sax->serror = told;
    xmlSwitchEncoding(p, XML_CHAR_ENCODING_UTF8);
    int failed = xmlParseDocument(p);
    d->doc = p->myDoc;
    p->myDoc = NULL;
    dgm_status st = DGM_OK;
    if (d->stop != DGM_D_NONE)
        st = say_stop(d);
    else if (failed != 0 || !p->wellFormed || !d->doc)
        st = say_syntax(d, p);
    xmlFreeParserCtxt(p);
    if (st != DGM_OK) return st;
    d->root = xmlDocGetRootElement(d->doc);
    return d->root ? DGM_OK : DGM_SYNTAX;
}

dgm_status dgm_signed_read(dgm_signed *d, const dgm_mem *mem, const dgm_limits *limits, dgm_slice document, dgm_slice encoding,
                           dgm_diags *diags)
{
    *d = (dgm_signed){ .mem = *mem, .limits = *limits, .diags = diags };
    dgm_arena_init(&d->arena, mem);
    dgm_xml_input_init(&d->in, mem);
    dgm_limits *l = &d->limits;
    if (!l->document_bytes_max) l->document_bytes_max = DGM_SIGNED_BYTES;
    uint64_t nodes = l->document_bytes_max / DGM_SIGNED_BYTES_A_NODE;
    if (!l->nodes_max) l->nodes_max = nodes < UINT32_MAX ? (uint32_t)nodes + 64 : UINT32_MAX;
    if (!l->depth_max || l->depth_max > DGM_DEPTH_MAX) l->depth_max = DGM_DEPTH_MAX;
    if (!l->attributes_max) l->attributes_max = 64;
    if (document.len > l->document_bytes_max) {
        dgm_diag *g = dgm_signed_say(d, DGM_D_SIGNATURE_LIMIT, 0);
        dgm_diag_text(diags, g, DGM_LITERAL("bytes of a document whose signature is asked for"));
        dgm_diag_number(diags, g, (int64_t)l->document_bytes_max);
        dgm_diag_text(diags, g, DGM_LITERAL("--limit document-bytes=N allows more"));
        return DGM_LIMIT;
    }
    dgm_status st = bytes_in(d, document, encoding);
    return st == DGM_OK ? parse(d) : st;
}

void dgm_signed_free(dgm_signed *d)
{
    if (d->doc) xmlFreeDoc(d->doc);
    d->doc = NULL;
    dgm_xml_input_free(&d->in);
    dgm_arena_free(&d->arena);
}

dgm_diag *dgm_signed_say(dgm_signed *d, dgm_diag_code code, size_t at)
{
    dgm_diag *g = dgm_diags_add(d->diags, code, DGM_ERROR);
    d->errors++;
    if (g) g->at_byte = d->in.begun ? dgm_xml_input_offset(&d->in, at) : 0;
    return g;
}

/* ---- looking at it ---- */

size_t dgm_xml_mark(dgm_slice text, size_t before, char mark)
{
    if (before > text.len) before = text.len;
    const char *hit = before ? memrchr(text.at, mark, before) : NULL;
    return hit ? (size_t)(hit - text.at) : 0;
}

static xmlNodePtr element_from(xmlNodePtr n)
{
    while (n && n->type != XML_ELEMENT_NODE) n = n->next;
    return n;
}

xmlNodePtr dgm_xml_first(xmlNodePtr parent)
{
    return element_from(parent->children);
}

xmlNodePtr dgm_xml_after(xmlNodePtr node)
{
    return element_from(node->next);
}

bool dgm_xml_is(const xmlNode *node, const char *ns, const char *name)
{
    return node && node->type == XML_ELEMENT_NODE && node->ns && node->ns->href && strcmp((const char *)node->ns->href, ns) == 0 &&
           strcmp((const char *)node->name, name) == 0;
}

dgm_slice dgm_xml_text(dgm_signed *d, const xmlNode *node, size_t most)
{
    size_t bytes = 0, at = 0;
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (n->type == XML_COMMENT_NODE) continue;
        if (n->type != XML_TEXT_NODE) return (dgm_slice){ 0 };
        bytes += strlen((const char *)n->content);
    }
    char *room = bytes <= most ? DGM_NEW(&d->arena, char, bytes + 1) : NULL;
    if (!room) return (dgm_slice){ 0 };
    for (const xmlNode *n = node->children; n; n = n->next) {
        if (n->type != XML_TEXT_NODE) continue;
        size_t len = strlen((const char *)n->content);
        memcpy(room + at, n->content, len);
        at += len;
    }
    return (dgm_slice){ room, bytes };
}

static bool one_text(const xmlAttr *a)
{
    return !a->children || (a->children->type == XML_TEXT_NODE && !a->children->next);
}

dgm_slice dgm_xml_attribute_of(dgm_signed *d, const xmlNode *node, const char *name)
{
    (void)d;
    dgm_slice value = { 0 };
    for (const xmlAttr *a = node->properties; a; a = a->next) {
        if (strcmp((const char *)a->name, name) != 0) continue;
        /* libxmlsec1 looks at local names only: it would take x:URI for URI, whichever comes first. */
        if (a->ns || !one_text(a)) return (dgm_slice){ 0 };
        value = a->children && a->children->content ? dgm_slice_of((const char *)a->children->content) : DGM_LITERAL("");
    }
    return value;
}

dgm_slice dgm_signed_base64(dgm_arena *a, dgm_slice text)
{
    unsigned char *in = DGM_NEW(a, unsigned char, text.len + 4), *out = DGM_NEW(a, unsigned char, text.len + 4);
    size_t n = 0, pads = 0;
    if (!in || !out) return (dgm_slice){ 0 };
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
        in[n++] = (unsigned char)c;
    }
    while (pads < 2 && pads < n && in[n - 1 - pads] == '=') pads++;
    int len = n && n % 4 == 0 && n < INT_MAX ? EVP_DecodeBlock(out, in, (int)n) : -1;
    return len < (int)pads ? (dgm_slice){ 0 } : (dgm_slice){ (char *)out, (size_t)len - pads };
}

bool dgm_signed_within(const xmlNode *node, const xmlNode *above)
{
    while (node && node != above) node = node->parent;
    return node != NULL;
}

/* The next element in document order below `top`. */
static xmlNodePtr step(xmlNodePtr n, const xmlNode *top)
{
    xmlNodePtr below = dgm_xml_first(n);
    if (below) return below;
    for (; n != top; n = n->parent) {
        xmlNodePtr next = dgm_xml_after(n);
        if (next) return next;
    }
    return NULL;
}

uint64_t dgm_signed_nodes(xmlNodePtr top)
{
    uint64_t n = 0;
    for (xmlNodePtr e = top; e; e = step(e, top)) {
        n++;
        for (const xmlAttr *a = e->properties; a; a = a->next) n++;
        for (const xmlNs *ns = e->nsDef; ns; ns = ns->next) n++;
    }
    return n;
}

/* Whatever could be taken for an Id by anyone: Id, ID, id, xml:id, wsu:Id. */
static bool is_id(const xmlChar *name)
{
    return (name[0] | 0x20) == 'i' && (name[1] | 0x20) == 'd' && name[2] == 0;
}

xmlAttrPtr dgm_signed_id(const dgm_signed *d, dgm_slice id, bool *twice)
{
    xmlAttrPtr found = NULL;
    *twice = false;
    for (xmlNodePtr n = d->root; n; n = step(n, d->root))
        for (xmlAttrPtr a = n->properties; a; a = a->next) {
            if (!is_id(a->name) || !one_text(a) || !a->children) continue;
            if (!dgm_slice_is(id, (const char *)a->children->content)) continue;
            if (found) {
                *twice = true;
                return NULL;
            }
            found = a;
        }
    return found;
}

dgm_slice dgm_signed_path(dgm_signed *d, const xmlNode *node)
{
    const xmlNode *way[DGM_DEPTH_MAX + 1];
    size_t n = 0;
    dgm_slice path = { 0 };
    for (; node && node->type == XML_ELEMENT_NODE && n < DGM_DEPTH_MAX; node = node->parent) way[n++] = node;
    while (n--) path = dgm_arena_print(&d->arena, "%.*s/%s", (int)path.len, path.len ? path.at : "", (const char *)way[n]->name);
    return path;
}
