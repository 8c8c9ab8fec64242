/* SPDX-License-Identifier: Apache-2.0
 *
 * ways.c - see ways.h. Whether what comes out is right is no matter here; other suites look at that.
 */
#include "ways.h"

#include "base/yaml_tidy.h"
#include "codecs/edifact/directory_draft.h"
#include "context.h"
#include "mapping/format_file.h"
#include "mapping/internal.h"
#include "model/vocabulary.h"
#include "partner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SETTINGS_MAX = 4, BYTES = 10000, CREW_BYTES = (1 << 20) + (1 << 17) };

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "steps: %s\n", what);
    abort();
}

/* ---- jobs ---- */

static dgm_status nowhere(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format;
    *out = (dgm_sink){ nowhere, NULL };
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

/* As a user sees them: each record as text; and where values came from, if that is asked. */
static void print(void *ctx, const dgm_message_report *report)
{
    const way *w = ctx;
    for (int json = 0; w->explained && report->wire && json < 2; json++) {
        dgm_status st = dgm_report_explain_place(report, (dgm_slice){ 0 }, json, (dgm_sink){ nowhere, NULL });
        must(st == DGM_OK || st == DGM_INVALID, "values are explained");
    }
    for (size_t i = 0; i < dgm_diags_count(report->diags); i++)
        must(dgm_diag_print(dgm_diags_at(report->diags, i), &(dgm_diag_style){ .form = DGM_DIAG_TEXT },
                            (dgm_sink){ nowhere, NULL }) == DGM_OK,
             "a record is printed");
}

static void job(const way *w, const dgm_context *c, dgm_slice input, const char *settings)
{
    dgm_named named[SETTINGS_MAX];
    dgm_job_options o = w->job;
    dgm_job *j = NULL;
    o.struct_bytes = sizeof o;
    o.settings = named;
    if (settings) {
        const char *value = strchr(settings, '=') + 1;
        named[o.setting_count++] = (dgm_named){ { settings, (size_t)(value - settings) - 1 }, dgm_slice_of(value) };
    }
    o.outlet = (dgm_outlet){ open_output, close_output, NULL };
    if (w->answered) o.ack = o.outlet;
    o.report = print;
    o.report_ctx = (void *)(uintptr_t)w;
    must(dgm_job_open(c, &o, NULL, &j) == DGM_OK, "a job opens");
    dgm_status status = w->chunk ? DGM_OK : dgm_job_whole(j, input);
    for (size_t at = 0; w->chunk && status == DGM_OK && at < input.len; at += w->chunk)
        status = dgm_job_feed(j, dgm_slice_part(input, at, at + w->chunk), at + w->chunk >= input.len);
    must(status == DGM_OK || status == DGM_UNKNOWN, "a job goes on to the end");
    dgm_job_close(j);
}

/* ---- files: each is loaded, or its mistakes are told ---- */

static void told(dgm_status status)
{
    must(status == DGM_OK || status == DGM_CONFIG || status == DGM_UNKNOWN, "a file is loaded or refused");
}

static const dgm_shape *env_format(void *ctx, dgm_slice name)
{
    const dgm_format_entry *f = dgm_context_find(ctx, name);
    return f ? f->shape : NULL;
}

static const dgm_shape *env_model(void *ctx, dgm_slice name)
{
    const dgm_model_entry *m = dgm_context_model(ctx, name);
    return m ? m->shape : NULL;
}

static dgm_status env_file(void *ctx, const char *kind, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    (void)ctx, (void)kind, (void)name;
    *bytes = *path = (dgm_slice){ 0 };
    return DGM_UNKNOWN;
}

typedef struct desk {
    dgm_mem mem;
    dgm_arena arena;
    dgm_diags *diags;
} desk;

static void desk_open(desk *d)
{
    d->mem = dgm_mem_default();
    dgm_arena_init(&d->arena, &d->mem);
    must(dgm_diags_new(&d->mem, 100, &d->diags) == DGM_OK, "there is memory");
}

static void desk_close(desk *d)
{
    dgm_diags_free(d->diags);
    dgm_arena_free(&d->arena);
}

#define TAKES const way *w, const dgm_context *c, dgm_slice input, const char *settings
#define FILE_TAKER(name, work)                                                                                                     \
    static void name(TAKES)                                                                                                        \
    {                                                                                                                              \
        desk d;                                                                                                                    \
        (void)w, (void)c, (void)settings;                                                                                          \
        desk_open(&d);                                                                                                             \
        work;                                                                                                                      \
        desk_close(&d);                                                                                                            \
    }

static void load_mapping(desk *d, const dgm_context *c, dgm_slice input)
{
    dgm_mapping *m = NULL;
    const dgm_mapping_env env = { d->mem, (void *)(uintptr_t)c, env_format, env_model, env_file, NULL };
    told(dgm_mapping_load(&env, DGM_LITERAL("m.yaml"), input, d->diags, &m));
    dgm_mapping_free(m);
}

static void load_vocabulary(desk *d, dgm_slice input)
{
    dgm_shape *made = NULL;
    told(dgm_vocabulary_load(&d->mem, DGM_LITERAL("v.tsv"), input, d->diags, &made));
    dgm_shape_free(made);
}

static void load_directory(desk *d, dgm_slice input)
{
    dgm_edi_book *book = NULL;
    told(dgm_edi_book_load(&d->mem, DGM_LITERAL("x"), input, d->diags, &book));
    dgm_edi_book_free(book);
}

static void import(desk *d, dgm_slice input, bool yaml)
{
    dgm_buffer out;
    dgm_buffer_init(&out, &d->mem);
    dgm_edi_draft draft = { .mem = &d->mem, .arena = &d->arena, .diags = d->diags, .name = DGM_LITERAL("D.30A") };
    dgm_slice path = DGM_LITERAL("EDSD.30A");
    must(yaml ? dgm_edi_draft_take_yaml(&draft, path, input) : dgm_edi_draft_take_text(&draft, path, input), "a file is taken");
    told(dgm_edi_draft_finish(&draft, &out));
    dgm_edi_draft_free(&draft);
    dgm_buffer_free(&out);
}

static void make_tidy(desk *d, dgm_slice input)
{
    dgm_buffer out;
    dgm_buffer_init(&out, &d->mem);
    told(dgm_yaml_tidy(&d->mem, DGM_LITERAL("f.yaml"), input, d->diags, &out));
    dgm_buffer_free(&out);
}

static void load_codes(desk *d, dgm_slice input)
{
    map_file file = { DGM_LITERAL("t"), input };
    dgm_mapping m = { .files = &file, .file_count = 1 };
    map_loader l = { .m = &m, .arena = &d->arena, .diags = d->diags };
    (void)dgm_map_codes_parse(&l, DGM_LITERAL("t"), 0, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (map_mark){ 0 });
}

static void load_format(desk *d, dgm_slice input)
{
    dgm_format_file f;
    told(dgm_format_file_read(&d->mem, &d->arena, DGM_LITERAL("f.yaml"), input, d->diags, &f));
}

static void load_partner(desk *d, const dgm_context *c, dgm_slice input)
{
    dgm_partner p;
    told(dgm_partner_read(c, &d->arena, DGM_LITERAL("p.yaml"), input, d->diags, &p));
}

static void load_answers(desk *d, dgm_slice input)
{
    const dgm_answer_code *codes;
    size_t count;
    told(dgm_answer_codes_read(&d->arena, DGM_LITERAL("a.yaml"), input, d->diags, &codes, &count));
}

FILE_TAKER(mapping, load_mapping(&d, c, input))
FILE_TAKER(import_text, import(&d, input, false))
FILE_TAKER(import_yaml, import(&d, input, true))
FILE_TAKER(tidy, make_tidy(&d, input))
FILE_TAKER(vocabulary, load_vocabulary(&d, input))
FILE_TAKER(directory, load_directory(&d, input))
FILE_TAKER(code_table, load_codes(&d, input))
FILE_TAKER(guide, told(dgm_context_guide_check(c, DGM_LITERAL("g.yaml"), input, d.diags)))
FILE_TAKER(format, load_format(&d, input))
FILE_TAKER(layout, told(dgm_context_format_check(c, DGM_LITERAL("l.yaml"), input, d.diags)))
FILE_TAKER(partner, load_partner(&d, c, input))
FILE_TAKER(answers, load_answers(&d, input))

/* ---- what is tried ---- */

#define LITERAL(text)                                                                                                              \
    {                                                                                                                              \
        text, sizeof(text) - 1                                                                                                     \
    }
#define GUIDE_LEVEL .level = LITERAL("guide"), .guide = LITERAL("cusdec-d96b-import")

static const way edifact_ways[] = {
    { "check", job, .job = { GUIDE_LEVEL } },
    { "check, chunks", job, .chunk = 4096, .job = { .level = LITERAL("codes") } },
    { "check, byte by byte", job, .chunk = 1, .job = { .level = LITERAL("codes") } },
    { "rewrite", job, .job = { .rewrite = DGM_REWRITE_NORMAL } },
    { "rewrite as it came", job, .job = { .rewrite = DGM_REWRITE_KEEP } },
    { "answer", job, .answered = true, .job = { .level = LITERAL("codes") } },
    { "to XML", job, .job = { .to = LITERAL("wco-declaration"), .accounts = true, .explain = true } },
    { "explain", job, .explained = true, .job = { .to = LITERAL("wco-declaration"), .explain = true } },
    { 0 },
};
static const way lane_ways[] = {
    { "to XML, several threads", job, .job = { .to = LITERAL("wco-declaration"), .threads = 3 } },
    { 0 },
};
static const way crew_ways[] = {
    { "check, several threads", job, .job = { .level = LITERAL("codes"), .threads = 3 } },
    { 0 },
};
static const way document_ways[] = {
    { "check", job, .job = { .map = true, .accounts = true } },
    { "check, byte by byte", job, .chunk = 1 },
    { "to EDIFACT", job, .job = { .to = LITERAL("cusdec-d96b"), .accounts = true, .explain = true } },
    { "to JSON", job, .job = { .to = LITERAL("json") } },
    { "explain", job, .explained = true, .job = { .to = LITERAL("cusdec-d96b"), .explain = true } },
    { 0 },
};
static const way flat_ways[] = {
    { "check", job, .chunk = 0 },
    { "check, byte by byte", job, .chunk = 1 },
    { "rewrite", job, .job = { .rewrite = DGM_REWRITE_NORMAL } },
    { 0 },
};
#define FILES(ways, taker)                                                                                                         \
    static const way ways[] = {                                                                                                    \
        { "load", .take = taker },                                                                                                 \
        { 0 },                                                                                                                     \
    };
FILES(mapping_ways, mapping)
FILES(guide_ways, guide)
FILES(format_ways, format)
FILES(layout_ways, layout)
FILES(partner_ways, partner)
FILES(answer_ways, answers)
FILES(import_text_ways, import_text)
FILES(import_yaml_ways, import_yaml)
FILES(tidy_ways, tidy)
FILES(vocabulary_ways, vocabulary)
FILES(code_table_ways, code_table)
FILES(directory_ways, directory)

const trial trials[] = {
    { "edifact", edifact_shapes, edifact_ways, BYTES, false },
    { "envelope", envelope_shapes, edifact_ways, BYTES, false },
    { "charset", charset_shapes, edifact_ways, BYTES, false },
    { "crew", crew_shapes, crew_ways, CREW_BYTES, true },
    { "lanes", crew_shapes, lane_ways, 4 * BYTES, true },
    { "xml", xml_shapes, document_ways, BYTES, false },
    { "json", json_shapes, document_ways, BYTES, false },
    { "flat", flat_shapes, flat_ways, BYTES, false },
    { "mapping", mapping_shapes, mapping_ways, BYTES, false },
    { "mapping-large", large_mapping_shapes, mapping_ways, 8 * BYTES, false },
    { "tidy", tidy_shapes, tidy_ways, BYTES, false },
    { "import-text", import_text_shapes, import_text_ways, BYTES, false },
    { "import-yaml", import_yaml_shapes, import_yaml_ways, BYTES, false },
    { "guide", guide_shapes, guide_ways, BYTES, false },
    { "format", format_shapes, format_ways, BYTES, false },
    { "layout", layout_shapes, layout_ways, BYTES, false },
    { "partner", partner_shapes, partner_ways, BYTES, false },
    { "answers", answer_shapes, answer_ways, BYTES, false },
    { "vocabulary", vocabulary_shapes, vocabulary_ways, BYTES, false },
    { "code-table", code_table_shapes, code_table_ways, BYTES, false },
    { "directory", directory_shapes, directory_ways, BYTES, false },
    { 0 },
};
