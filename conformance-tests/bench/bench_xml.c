/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_xml.c - WCO declarations, read against a bare libxml2 push SAX2 pass with empty handlers over the same bytes in the same
 * chunks; read and held against an XML Schema, against such a pass with libxml2's own validation plugged into it; and written,
 * against a loop of memchr over the tags of what is written. One thread.
 */
#include "bench.h"

#include "codecs/xml/schema.h"
#include "context.h"
#include "xml_schema.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct xml_bench {
    const bench_documents *documents;
    dgm_host host;
    const dgm_format *format;
    const dgm_setting *settings;
    size_t setting_count;
    dgm_reader *reader;
    xmlParserCtxtPtr parser;
    xmlSchemaPtr schema;
    xmlSchemaValidCtxtPtr valid;
    uint64_t events;
    dgm_tree **trees; /* of the first documents, to be written */
    size_t tree_count;
    dgm_slice written;
} xml_bench;

static dgm_slice document(const xml_bench *b, size_t i)
{
    const bench_documents *d = b->documents;
    return (dgm_slice){ d->at + d->starts[i], d->starts[i + 1] - d->starts[i] };
}

/* ---- reading ---- */

static bool read_one(xml_bench *b, size_t i, dgm_message *m)
{
    dgm_slice whole = document(b, i);
    dgm_status st = DGM_OK;
    for (size_t at = 0; at < whole.len && st == DGM_OK; at += BENCH_CHUNK)
        st = dgm_codec_xml.feed(b->reader, dgm_slice_part(whole, at, at + BENCH_CHUNK), at + BENCH_CHUNK >= whole.len);
    return st == DGM_OK && dgm_codec_xml.next(b->reader, m) == DGM_OK && m->tree && !m->errors;
}

static bool read_all(void *ctx)
{
    xml_bench *b = ctx;
    bool good = true;
    if (!b->reader && dgm_codec_xml.open(&b->host, b->settings, b->setting_count, &b->reader) != DGM_OK) return false;
    for (size_t i = 0; i < b->documents->count && good; i++) {
        dgm_message m;
        good = read_one(b, i, &m);
        if (good) bench_kept += m.tree->node_count;
        dgm_codec_xml.recycle(b->reader, &m);
        dgm_codec_xml.reset(b->reader);
    }
    return good;
}

/* ---- the bare pass, and with the validation plugged in ---- */

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                     const xmlChar **declared, int attributes, int defaulted, const xmlChar **list)
{
    (void)name, (void)prefix, (void)uri, (void)namespaces, (void)declared, (void)attributes, (void)defaulted, (void)list;
    ((xml_bench *)ctx)->events++;
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    ((xml_bench *)ctx)->events++;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    (void)text;
    ((xml_bench *)ctx)->events += (unsigned)len;
}

static bool parse_one(xml_bench *b, size_t i)
{
    dgm_slice whole = document(b, i);
    for (size_t at = 0; at < whole.len; at += BENCH_CHUNK) {
        dgm_slice piece = dgm_slice_part(whole, at, at + BENCH_CHUNK);
        if (xmlParseChunk(b->parser, piece.at, (int)piece.len, at + BENCH_CHUNK >= whole.len) != 0) return false;
    }
    return true;
}

static bool sax_all(void *ctx)
{
    xml_bench *b = ctx;
    bool good = true;
    for (size_t i = 0; i < b->documents->count && good; i++) {
        good = xmlCtxtResetPush(b->parser, NULL, 0, NULL, NULL) == 0;
        b->parser->userData = b;
        xmlSchemaSAXPlugPtr plug = NULL;
        if (good && b->valid) {
            plug = xmlSchemaSAXPlug(b->valid, &b->parser->sax, &b->parser->userData);
            good = plug != NULL;
        }
        good = good && parse_one(b, i);
        if (plug) good = xmlSchemaIsValid(b->valid) == 1 && good;
        if (plug) xmlSchemaSAXUnplug(plug);
    }
    bench_kept += b->events;
    return good && b->events > 0;
}

/* ---- writing ---- */

static dgm_status count_bytes(void *ctx, dgm_slice bytes)
{
    *(uint64_t *)ctx += bytes.len;
    return DGM_OK;
}

static bool write_all(void *ctx)
{
    xml_bench *b = ctx;
    uint64_t bytes = 0;
    dgm_writer *w = NULL;
    const dgm_sink sink = { count_bytes, &bytes };
    bool good = dgm_codec_xml.writer_open(&b->host, b->format, NULL, 0, sink, &w) == DGM_OK;
    for (size_t i = 0; i < b->tree_count && good; i++) {
        if (i) dgm_codec_xml.writer_again(w, sink);
        good = dgm_codec_xml.write(w, b->trees[i]) == DGM_OK && dgm_codec_xml.finish(w) == DGM_OK;
    }
    dgm_codec_xml.writer_close(w);
    return good && bytes == b->written.len;
}

static bool tags(void *ctx)
{
    const xml_bench *b = ctx;
    const char *p = b->written.at, *end = p + b->written.len;
    uint64_t hits = 0;
    for (; (p = memchr(p, '<', (size_t)(end - p))); p++) hits++;
    bench_kept += hits;
    return hits > 0;
}

/* Trees of as many documents as 16 MiB have; what is written is as long as what was read: it was our writer that made it. */
static bool read_trees(xml_bench *b)
{
    size_t most = (size_t)16 << 20;
    b->trees = calloc(b->documents->count, sizeof *b->trees);
    if (!b->trees || dgm_codec_xml.open(&b->host, NULL, 0, &b->reader) != DGM_OK) return false;
    for (size_t i = 0; i < b->documents->count && b->documents->starts[i] < most; i++) {
        dgm_message m;
        if (!read_one(b, i, &m)) return false;
        b->trees[b->tree_count++] = m.tree;
        dgm_codec_xml.reset(b->reader);
    }
    b->written = (dgm_slice){ b->documents->at, b->documents->starts[b->tree_count] };
    return b->tree_count > 0;
}

/* ---- the three ---- */

static const xmlSAXHandler bare = {
    .initialized = XML_SAX2_MAGIC, .startElementNs = on_start, .endElementNs = on_end, .characters = on_text
};

static void forget(xml_bench *b)
{
    for (size_t i = 0; i < b->tree_count; i++) dgm_tree_free(b->trees[i]);
    free(b->trees);
    dgm_codec_xml.close(b->reader);
    if (b->parser) xmlFreeParserCtxt(b->parser);
    if (b->valid) xmlSchemaFreeValidCtxt(b->valid);
    b->trees = NULL;
    b->tree_count = 0;
    b->reader = NULL;
    b->parser = NULL;
    b->valid = NULL;
}

static void bench_reading(bench_run *run, xml_bench *b)
{
    const char *name = b->schema ? "xml-read-xsd" : "xml-read";
    const uint64_t bytes = b->documents->len;
    xmlSAXHandler handler = bare;
    b->parser = xmlCreatePushParserCtxt(&handler, b, NULL, 0, NULL);
    if (b->schema) b->valid = xmlSchemaNewValidCtxt(b->schema);
    if (!b->parser || (b->schema && !b->valid))
        bench_fail(run, name, "no memory");
    else
        bench_compare(run, (bench_side){ name, read_all, b, bytes, b->documents->count, 0 },
                      (bench_side){ b->schema ? "sax+xsd" : "sax", sax_all, b, bytes, 0, 0 },
                      b->schema ? "all checks of the format, XSD, trees" : "all checks of the format, trees; XSD off");
    forget(b);
}

static void with_schema(bench_run *run, xml_bench *b)
{
    static const dgm_setting level[] = { { { "level", 5 }, { "schema", 6 } } };
    xml_schemas schemas;
    dgm_xml_schema *of = NULL;
    bool good = xml_schemas_make(&schemas, b->format);
    if (good) of = dgm_xml_profile_of(&schemas.format)->schema;
    good = good && dgm_xml_schema_get(of, &b->schema) == DGM_OK;
    const dgm_format *formats[] = { &schemas.format }, *const *before = b->host.formats;
    b->host.formats = formats;
    b->settings = level;
    b->setting_count = 1;
    if (good)
        bench_reading(run, b);
    else
        bench_fail(run, "xml-read-xsd", of ? of->why : "no memory for the schema");
    b->host.formats = before;
    b->schema = NULL;
    xml_schemas_free(&schemas);
}

void bench_xml(bench_run *run)
{
    if (!bench_wanted(run, "xml-read") && !bench_wanted(run, "xml-read-xsd") && !bench_wanted(run, "xml-write")) return;
    struct dgm_context *context = bench_context(run);
    const dgm_format_entry *entry = context ? dgm_context_find(context, DGM_LITERAL("wco-declaration")) : NULL;
    bench_documents d = { 0 };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    if (!entry || !bench_make_documents(run, context, &d) || dgm_diags_new(&mem, 100, &diags) != DGM_OK) {
        bench_fail(run, "xml-read", "no declarations");
    } else {
        xml_bench b = { .documents = &d, .format = &entry->format };
        b.host = dgm_host_make(&mem, NULL, diags, NULL, &b.format, 1);
        if (bench_wanted(run, "xml-read")) bench_reading(run, &b);
        if (bench_wanted(run, "xml-read-xsd")) with_schema(run, &b);
        if (bench_wanted(run, "xml-write")) {
            if (read_trees(&b))
                bench_compare(run, (bench_side){ "xml-write", write_all, &b, b.written.len, b.tree_count, 0 },
                              (bench_side){ "memchr", tags, &b, b.written.len, 0, 0 }, "all checks of the format");
            else
                bench_fail(run, "xml-write", "the declarations could not be read");
            forget(&b);
        }
    }
    dgm_diags_free(diags);
    free(d.at);
    free(d.starts);
}
