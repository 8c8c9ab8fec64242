/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_translate.c - whole jobs through the public interface, in both directions between CUSDEC D.96B and WCO declarations. The
 * way back is held against a bare libxml2 push SAX2 pass with empty handlers over the same bytes in the same chunks. One thread,
 * but for those a job starts.
 */
#include "bench.h"

#include "dragoman.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- CUSDEC → WCO ------------------------------------------------------------------------------------------------------------ */

typedef struct forward {
    const dgm_context *context;
    dgm_slice input;
    uint64_t written;
    uint32_t threads;
} forward;

static dgm_status count_bytes(void *ctx, dgm_slice bytes)
{
    uint64_t *n = ctx;
    *n += bytes.len;
    return DGM_OK;
}

static dgm_status open_count(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number;
    (void)format;
    *out = (dgm_sink){ count_bytes, ctx };
    return DGM_OK;
}

static dgm_status close_count(void *ctx, bool complete)
{
    (void)ctx;
    return complete ? DGM_OK : DGM_IO;
}

static bool translate_whole(void *ctx)
{
    forward *f = ctx;
    dgm_job *job = NULL;
    f->written = 0;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .to = DGM_LITERAL("wco-declaration"),
                                .outlet = { open_count, close_count, &f->written },
                                .threads = f->threads };
    if (dgm_job_open(f->context, &options, NULL, &job) != DGM_OK) return false;
    dgm_status status = dgm_job_whole(job, f->input);
    dgm_job_counts counts = dgm_job_count(job);
    dgm_job_close(job);
    bench_kept += f->written;
    return status == DGM_OK && counts.refused == 0 && counts.errors == 0 && counts.outputs == counts.messages &&
           counts.messages > 0;
}

static void bench_forward_on(bench_run *run, const char *name, uint32_t threads, const char *what)
{
    if (!bench_wanted(run, name)) return;
    forward f = { .context = bench_context(run), .input = bench_corpus(run), .threads = threads };
    if (!f.context) {
        bench_fail(run, name, "no context");
        return;
    }
    bench_compare(run, (bench_side){ name, translate_whole, &f, f.input.len, 0, 0 },
                  (bench_side){ "memchr", bench_memchr, &f.input, f.input.len, 0, 0 }, what);
    if (!run->json) printf("%-22s %10.1f MB of XML in %s from each pass\n", "", (double)f.written / 1e6, "documents of their own");
}

#define WHOLE_WAY "read + validate + map + map + XML; codes on, charset on, accounts off, provenance off, XSD off"

static void bench_forward(bench_run *run)
{
    bench_forward_on(run, "edifact-to-wco", 2, WHOLE_WAY "; 2 threads, as the command does with two cores");
    bench_forward_on(run, "edifact-to-wco-1", 1, WHOLE_WAY "; 1 thread");
}

/* ---- the same declarations as WCO XML -------------------------------------------------------------------------------------- */

static dgm_status keep_bytes(void *ctx, dgm_slice bytes)
{
    bench_documents *d = ctx;
    if (bytes.len > d->room - d->len) return DGM_LIMIT;
    memcpy(d->at + d->len, bytes.at, bytes.len);
    d->len += bytes.len;
    return DGM_OK;
}

static dgm_status open_keep(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number;
    (void)format;
    *out = (dgm_sink){ keep_bytes, ctx };
    return DGM_OK;
}

static dgm_status close_keep(void *ctx, bool complete)
{
    bench_documents *d = ctx;
    if (!complete) return DGM_IO;
    if (d->count + 2 > d->starts_room) {
        size_t room = d->starts_room ? 2 * d->starts_room : 1024;
        size_t *starts = realloc(d->starts, room * sizeof *starts);
        if (!starts) return DGM_NOMEM;
        if (!d->starts) starts[0] = 0;
        d->starts = starts;
        d->starts_room = room;
    }
    d->starts[++d->count] = d->len;
    return DGM_OK;
}

bool bench_make_documents(bench_run *run, const struct dgm_context *context, bench_documents *d)
{
    dgm_slice whole = bench_corpus(run);
    dgm_job *job = NULL;
    d->room = whole.len + 16 * BENCH_CHUNK;
    d->room += d->room / 8;
    d->at = malloc(d->room);
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .to = DGM_LITERAL("wco-declaration"),
                                .outlet = { open_keep, close_keep, d } };
    if (!d->at || dgm_job_open(context, &options, NULL, &job) != DGM_OK) return false;
    dgm_status status = DGM_OK;
    for (size_t at = 0; at < whole.len && d->len < whole.len && status == DGM_OK; at += BENCH_CHUNK)
        status = dgm_job_feed(job, dgm_slice_part(whole, at, at + BENCH_CHUNK), at + BENCH_CHUNK >= whole.len);
    dgm_job_close(job);
    if (d->count) d->len = d->starts[d->count];
    return status == DGM_OK && d->count > 0;
}

/* ---- WCO → CUSDEC, and the bare pass --------------------------------------------------------------------------------------- */

typedef struct backward {
    const dgm_context *context;
    const bench_documents *documents;
    xmlParserCtxtPtr parser;
    uint64_t events, written;
    size_t next, done; /* documents given, and through */
    uint32_t threads;
} backward;

static void sax_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int namespaces,
                      const xmlChar **namespace_list, int attributes, int defaulted, const xmlChar **attribute_list)
{
    (void)name, (void)prefix, (void)uri, (void)namespaces, (void)namespace_list, (void)attributes, (void)defaulted,
        (void)attribute_list;
    ((backward *)ctx)->events++;
}

static void sax_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)name, (void)prefix, (void)uri;
    ((backward *)ctx)->events++;
}

static void sax_text(void *ctx, const xmlChar *text, int len)
{
    (void)text;
    ((backward *)ctx)->events += (unsigned)len;
}

/* One parser for all documents, reset in between: the quickest libxml2 has. */
static bool sax_all(void *ctx)
{
    backward *b = ctx;
    for (size_t i = 0; i < b->documents->count; i++) {
        const char *at = b->documents->at + b->documents->starts[i];
        size_t left = b->documents->starts[i + 1] - b->documents->starts[i];
        if (xmlCtxtResetPush(b->parser, NULL, 0, NULL, NULL) != 0) return false;
        b->parser->userData = b;
        for (; left > 0;) {
            size_t n = left < BENCH_CHUNK ? left : BENCH_CHUNK;
            left -= n;
            if (xmlParseChunk(b->parser, at, (int)n, left == 0) != 0) return false;
            at += n;
        }
    }
    bench_kept += b->events;
    return b->events > 0;
}

static dgm_status next_document(void *ctx, dgm_input *input)
{
    backward *b = ctx;
    const bench_documents *d = b->documents;
    if (b->next == d->count) return DGM_END;
    input->whole = (dgm_slice){ d->at + d->starts[b->next], d->starts[b->next + 1] - d->starts[b->next] };
    b->next++;
    return DGM_OK;
}

static dgm_status document_done(void *ctx, const dgm_input *input, dgm_status status, const dgm_job_counts *counts)
{
    (void)input;
    backward *b = ctx;
    if (status == DGM_OK && (counts->refused || counts->outputs != 1)) status = DGM_INVALID;
    b->done++;
    return status;
}

static bool backward_all(void *ctx)
{
    backward *b = ctx;
    b->written = b->next = b->done = 0;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .from = DGM_LITERAL("wco-declaration"),
                                .to = DGM_LITERAL("cusdec-d96b"),
                                .outlet = { open_count, close_count, &b->written },
                                .threads = b->threads };
    dgm_inputs inputs = { .next = next_document, .end = document_done, .ctx = b };
    dgm_status status = dgm_job_inputs(b->context, &options, &inputs, NULL);
    bench_kept += b->written;
    return status == DGM_OK && b->done == b->documents->count && b->written > 0;
}

static void bench_backward_on(bench_run *run, const char *name, backward *b, uint32_t threads, const char *what)
{
    if (!bench_wanted(run, name)) return;
    const bench_documents *d = b->documents;
    b->threads = threads;
    if (!run->json)
        printf("%-22s %10.1f MB of XML in %zu documents, %.1f KB each, made from the corpus\n", "", (double)d->len / 1e6, d->count,
               (double)d->len / 1e3 / (double)d->count);
    bench_compare(run, (bench_side){ name, backward_all, b, d->len, d->count, 0 }, (bench_side){ "sax", sax_all, b, d->len, 0, 0 },
                  what);
}

#define WHOLE_WAY_BACK                                                                                                             \
    "an interchange for each document: parse + map + map + check + EDIFACT; codes on, accounts off, provenance off, XSD off"

static void bench_backward(bench_run *run)
{
    if (!bench_wanted(run, "wco-to-edifact") && !bench_wanted(run, "wco-to-edifact-1")) return;
    bench_documents d = { 0 };
    backward b = { .context = bench_context(run), .documents = &d };
    xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC, .startElementNs = sax_start, .endElementNs = sax_end, .characters = sax_text
    };
    b.parser = xmlCreatePushParserCtxt(&handler, &b, NULL, 0, NULL);
    if (b.context && b.parser && bench_make_documents(run, b.context, &d)) {
        bench_backward_on(run, "wco-to-edifact", &b, 2, WHOLE_WAY_BACK "; 2 threads, as the command does with two cores");
        bench_backward_on(run, "wco-to-edifact-1", &b, 1, WHOLE_WAY_BACK "; 1 thread");
    } else {
        bench_fail(run, "wco-to-edifact", "the corpus could not be translated to XML");
    }
    if (b.parser) xmlFreeParserCtxt(b.parser);
    free(d.starts);
    free(d.at);
}

void bench_translate(bench_run *run)
{
    bench_forward(run);
    bench_backward(run);
}
