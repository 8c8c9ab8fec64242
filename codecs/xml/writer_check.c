/* SPDX-License-Identifier: Apache-2.0
 *
 * writer_check.c - a document that was written is parsed again and held against the schema of its format, or made canonical (W3C
 * Canonical XML 1.0, Exclusive XML Canonicalization 1.0), before a byte of it leaves. One thread.
 */
#include "writer_check.h"

#include "base/buffer.h"

#include <libxml/c14n.h>

enum { PIECE = 65536 };

static void say(void *ctx, const dgm_xml_said *said)
{
    dgm_xml_written *w = ctx;
    w->say(w->ctx, w->in_hand, said);
}

void dgm_xml_written_init(dgm_xml_written *w, const dgm_mem *mem, void (*to)(void *ctx, uint32_t element, const dgm_xml_said *said),
                          void *ctx)
{
    *w = (dgm_xml_written){ .say = to, .ctx = ctx };
    dgm_xml_check_init(&w->check, mem, say, w);
}

void dgm_xml_written_free(dgm_xml_written *w)
{
    dgm_xml_check_free(&w->check);
    if (w->parser) xmlFreeParserCtxt(w->parser);
    w->parser = NULL;
}

static void on_start(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    dgm_xml_written *w = ctx;
    w->in_hand = w->count++;
    if (w->depth < DGM_DEPTH_MAX + 2) w->open[w->depth] = w->in_hand; /* no tree is deeper */
    w->depth++;
    const dgm_xml_tag t = { local, prefix, uri, declared, list, namespaces, attributes, defaulted };
    if (w->check.live) dgm_xml_check_start(&w->check, &t);
}

static void on_text(void *ctx, const xmlChar *text, int n)
{
    dgm_xml_written *w = ctx;
    if (w->check.live) dgm_xml_check_text(&w->check, text, n);
}

static void on_end(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    dgm_xml_written *w = ctx;
    w->depth--;
    if (w->depth < DGM_DEPTH_MAX + 2) w->in_hand = w->open[w->depth];
    if (w->check.live) dgm_xml_check_end(&w->check, local, prefix, uri);
}

static dgm_status make_parser(dgm_xml_written *w)
{
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_start,
                          .endElementNs = on_end,
                          .characters = on_text,
                          .ignorableWhitespace = on_text };
    w->parser = xmlCreatePushParserCtxt(&sax, w, NULL, 0, NULL);
    if (!w->parser) return DGM_NOMEM;
    xmlCtxtUseOptions(w->parser, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_COMPACT | XML_PARSE_NOWARNING | XML_PARSE_NOERROR |
                                     XML_PARSE_IGNORE_ENC); /* it is UTF-8 as yet, whatever it will be */
    w->parser->replaceEntities = 1;                         /* an ampersand in an attribute is one (reader.c) */
    return DGM_OK;
}

dgm_status dgm_xml_written_check(dgm_xml_written *w, xmlSchemaPtr schema, dgm_slice document)
{
    dgm_status st = DGM_OK;
    w->count = w->depth = w->in_hand = 0;
    if (!w->parser)
        st = make_parser(w);
    else if (xmlCtxtResetPush(w->parser, NULL, 0, NULL, NULL) != 0)
        st = DGM_NOMEM;
    if (st == DGM_OK) st = dgm_xml_check_begin(&w->check, schema);
    int wrong = 0;
    for (size_t at = 0; st == DGM_OK && !wrong; at += PIECE) {
        dgm_slice piece = dgm_slice_part(document, at, at + PIECE);
        bool last = at + PIECE >= document.len;
        wrong = xmlParseChunk(w->parser, piece.at, (int)piece.len, last);
        if (last) break;
    }
    /* What our writer makes is well-formed: nothing but memory can be wrong with the parsing of it. */
    if (st == DGM_OK && (wrong || w->check.no_memory)) st = DGM_NOMEM;
    dgm_xml_check_over(&w->check);
    if (st != DGM_OK && w->parser) {
        xmlFreeParserCtxt(w->parser);
        w->parser = NULL;
    }
    return st;
}

static int take(void *ctx, const char *bytes, int n)
{
    return dgm_buffer_append(ctx, (dgm_slice){ bytes, (size_t)n }) == DGM_OK ? n : -1;
}

static int taken(void *ctx)
{
    (void)ctx;
    return 0;
}

/* Who calls sees what came of it; libxml2 would tell the terminal. */
#if LIBXML_VERSION >= 21200
static void not_a_word(void *ctx, const xmlError *e)
#else
static void not_a_word(void *ctx, xmlErrorPtr e)
#endif
{
    (void)ctx, (void)e;
}

dgm_status dgm_xml_canonical(dgm_slice document, bool exclusive, dgm_buffer *out)
{
    out->len = 0;
    if (document.len > INT32_MAX) return DGM_NOMEM;
    xmlStructuredErrorFunc said_before = xmlStructuredError; /* of this thread */
    void *said_before_to = xmlStructuredErrorContext;
    xmlSetStructuredErrorFunc(NULL, not_a_word);
    xmlDocPtr doc = xmlReadMemory(document.at, (int)document.len, NULL, "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOWARNING | XML_PARSE_NOERROR);
    xmlOutputBufferPtr to = doc ? xmlOutputBufferCreateIO(take, taken, out, NULL) : NULL;
    int n = to ? xmlC14NExecute(doc, NULL, NULL, exclusive ? XML_C14N_EXCLUSIVE_1_0 : XML_C14N_1_0, NULL, 0, to) : -1;
    int closed = to ? xmlOutputBufferClose(to) : -1; /* the rest is taken here */
    xmlFreeDoc(doc);
    xmlSetStructuredErrorFunc(said_before_to, said_before);
    return n < 0 || closed < 0 ? DGM_NOMEM : DGM_OK;
}
