/* SPDX-License-Identifier: Apache-2.0
 *
 * rules.c - see rules.h. A message costs what is in it, whatever a mapping has rules for beside that. One thread.
 */
#include "rules.h"

#include "conformance-tests/steps/count.h"

#include "base/buffer.h"
#include "context.h"
#include "mapping/mapping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Twice the rules of the mapping that comes with us may add a tenth to the steps of a message. */
#define GROWTH 1.10
/* Of a mapping that has next to nothing for a goods item but rules about others, each such rule may add a few steps to an item:
 * bits and counters that are set back. */
#define A_RULE_AND_ITEM 6.0
enum { ITEMS = 2 }; /* of the sample */
enum { OWN_RULES = 400, RUNS = 3, CLEARED_AT_A_TIME = 32 };

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "steps: rules: %s\n", what);
    abort();
}

/* ---- mappings ---- */

static void put_file(dgm_buffer *out, const char *path)
{
    char piece[4096];
    FILE *f = fopen(path, "rb");
    must(f != NULL, path);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        must(dgm_buffer_append(out, (dgm_slice){ piece, n }) == DGM_OK, "there is memory");
    fclose(f);
}

/* %i in a line is the number of its repetition, %c two characters for it. */
static void put_lines(dgm_buffer *out, const char *line, uint32_t n)
{
    for (uint32_t i = 1; i <= n; i++)
        for (const char *p = line; *p; p++) {
            static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            bool number = p[0] == '%' && p[1] == 'i', code = p[0] == '%' && p[1] == 'c';
            char both[] = { digits[i / 36 % 36], digits[i % 36] };
            dgm_status st = number ? dgm_buffer_print(out, "%u", i)
                                   : dgm_buffer_append(out, code ? (dgm_slice){ both, 2 } : (dgm_slice){ p, 1 });
            must(st == DGM_OK, "there is memory");
            p += number || code;
        }
}

typedef struct kind {
    const char *name;
    const char *before; /* a mapping of its own, NULL: the one of the mappings, whose rules are added to */
    const char *line;
} kind;

#define OWN                                                                                                                        \
    "dragoman: mapping/1\nmapping: m\nwire: {format: cusdec-d96b}\nmodel: Declaration@1\nrules:\n"                                 \
    "- {wire: BGM/C002/1001, model: FunctionCode}\n- {wire: BGM/C106/1004, model: FunctionalReferenceID}\n"                        \
    "- each: {wire: Item, model: GoodsShipment/GovernmentAgencyGoodsItem}\n  rules:\n"                                             \
    "  - {wire: CST/1496, model: SequenceNumeric}\n"                                                                               \
    "  - {wire: \"CST/C246#1/7361\", model: \"Commodity/Classification[ID]#1/ID\", name: class}\n"                                 \
    "  - {wire: \"FTX[4451=AAA]#*/C108/4440#*\", model: Commodity/Description, fold: {width: 70, by: word}}\n"

static const kind kinds[] = {
    { "the declaration, other references", NULL,
      "- {wire: \"Ref[RFF/1153=Q%c]/RFF/1154\", model: \"Amendment#%i/ChangeReasonCode\"}\n" },
    { "the declaration, other parties", NULL,
      "- {wire: \"Party[NAD/3035=Q%c]/NAD/C082/3039\", model: \"Amendment#%i/ChangeReasonCode\"}\n" },
    { "items, other documents", OWN,
      "  - {wire: \"ItemDoc[DOC/C002/1001=Q%c]/DOC/C503/1004\", model: \"AdditionalDocument[TypeCode=Q%c]/ID\"}\n" },
    { "items, other measures", OWN,
      "  - {wire: \"MEA[6311=AAR, 6313=Q%c]/C502/6155\", model: \"AdditionalDocument[TypeCode=Q%c]/ID\"}\n" },
    { "items, other conditions", OWN,
      "  - {wire: \"ItemDoc[DOC/C002/1001=Q%c]/DOC/C503/1004\", model: \"AdditionalDocument[TypeCode=Q%c]/ID\", when: \"$class = "
      "Q%i\"}\n" },
    { "items, conditions at one place of the wire", OWN,
      "  - {wire: CST/1496, model: \"AdditionalDocument[TypeCode=Q%c]/ID\", when: \"$class = Q%i\", only: read, why: steps}\n" },
    { "items, conditions at one place of the model", OWN,
      "  - {wire: \"ItemDoc[DOC/C002/1001=Q%c]/DOC/C503/1004\", model: SequenceNumeric, when: \"$class = Q%i\", only: write, why: "
      "steps}\n" },
    { "items, each of other documents", OWN,
      "  - each: {wire: \"ItemDoc[DOC/C002/1001=Q%c]\", model: \"AdditionalDocument[TypeCode=Q%c]\"}\n    rules:\n"
      "    - {wire: DOC/C503/1004, model: ID}\n" },
};

/* ---- loading and running ---- */

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

static dgm_buffer table; /* the code table that was asked for last */

static dgm_status env_file(void *ctx, const char *what, dgm_slice name, dgm_slice *bytes, dgm_slice *path)
{
    char at[256];
    (void)ctx;
    snprintf(at, sizeof at, "mappings/%s/%.*s.tsv", what, (int)name.len, name.at);
    table.len = 0;
    put_file(&table, at);
    *bytes = dgm_buffer_slice(&table);
    *path = name;
    return DGM_OK;
}

/* The mapping keeps its own copy of the text. */
static dgm_mapping *load(const dgm_context *c, const kind *k, uint32_t more)
{
    dgm_mapping *m = NULL;
    dgm_diags *diags;
    dgm_buffer yaml;
    const dgm_mapping_env env = { dgm_mem_default(), (void *)(uintptr_t)c, env_format, env_model, env_file, NULL };
    dgm_buffer_init(&yaml, NULL);
    must(dgm_diags_new(NULL, 0, &diags) == DGM_OK, "there is memory");
    if (k->before)
        put_lines(&yaml, k->before, 1);
    else
        put_file(&yaml, "mappings/rules/cusdec-d96b.yaml");
    put_lines(&yaml, k->line, more);
    dgm_status st = dgm_mapping_load(&env, DGM_LITERAL("m.yaml"), dgm_buffer_slice(&yaml), diags, &m);
    for (size_t i = 0; st != DGM_OK && i < dgm_diags_count(diags) && i < 3; i++)
        (void)dgm_diag_print(dgm_diags_at(diags, i), &(dgm_diag_style){ .form = DGM_DIAG_TEXT }, dgm_sink_descriptor(2));
    must(st == DGM_OK, k->name);
    dgm_diags_free(diags);
    dgm_buffer_free(&yaml);
    return m;
}

/* text: its bytes, where the tree has its values. */
static dgm_tree *read_sample(const dgm_context *c, dgm_buffer *text, dgm_reader **reader)
{
    const dgm_format *format = &dgm_context_find(c, DGM_LITERAL("cusdec-d96b"))->format;
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, &format, 1);
    dgm_message m;
    put_file(text, "mappings/samples/import-declaration.edi");
    must(dgm_codec_edifact.open_whole(&host, NULL, 0, dgm_buffer_slice(text), reader) == DGM_OK, "a reader opens");
    must(dgm_codec_edifact.next(*reader, &m) == DGM_OK && m.tree, "the sample is read");
    return m.tree;
}

/* The steps of one run, when all that is learnt once is known. */
static double run(const dgm_mapping *m, dgm_direction d, const dgm_tree *in, dgm_tree **out, dgm_runner *r)
{
    dgm_diags *diags;
    double steps = 0;
    must(dgm_diags_new(NULL, 0, &diags) == DGM_OK, "there is memory");
    for (int i = 0; i < RUNS; i++) {
        dgm_run_options o = { .accounts = false };
        dgm_diags_clear(diags);
        uint64_t before = steps_counted(), cleared = steps_cleared();
        dgm_status st = dgm_mapping_run(r, m, d, in, &o, diags, out);
        cleared = steps_cleared() - cleared;
        steps = (double)(steps_counted() - before - cleared) + (double)cleared / CLEARED_AT_A_TIME;
        for (size_t n = 0; st != DGM_OK && n < dgm_diags_count(diags) && n < 3; n++)
            (void)dgm_diag_print(dgm_diags_at(diags, n), &(dgm_diag_style){ .form = DGM_DIAG_TEXT }, dgm_sink_descriptor(2));
        must(st == DGM_OK, "the sample is mapped");
        if (i + 1 < RUNS) dgm_runner_recycle(r, *out);
    }
    dgm_diags_free(diags);
    return steps;
}

static void both_ways(const dgm_context *c, const kind *k, uint32_t more, const dgm_tree *wire, double *steps)
{
    dgm_mapping *m = load(c, k, more);
    dgm_runner *read, *write;
    dgm_tree *model, *back;
    const dgm_mem mem = dgm_mem_default();
    must(dgm_runner_new(&mem, NULL, &read) == DGM_OK && dgm_runner_new(&mem, NULL, &write) == DGM_OK, "there is memory");
    steps[DGM_READ] = run(m, DGM_READ, wire, &model, read);
    steps[DGM_WRITE] = run(m, DGM_WRITE, model, &back, write);
    dgm_runner_recycle(write, back);
    dgm_runner_recycle(read, model);
    dgm_runner_free(read);
    dgm_runner_free(write);
    dgm_mapping_free(m);
}

/* ---- what is kept beside the values -------------------------------------------------------------------------------------------
 */

/* Residue (--strict) and provenance, over the whole way of a message: read, mapped twice, written. */
#define KEPT_GROWTH 1.30
enum { COPIES = 8 };

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

/* The steps of the samples after the first few, in which kinds of segments are learnt. */
static double way_of(const dgm_context *c, dgm_slice input, bool accounts, bool origin)
{
    dgm_job_options o = { .struct_bytes = sizeof o, .to = DGM_LITERAL("wco-declaration"), .accounts = accounts, .explain = origin };
    dgm_job *j = NULL;
    o.outlet = (dgm_outlet){ open_output, close_output, NULL };
    must(dgm_job_open(c, &o, NULL, &j) == DGM_OK, "a job opens");
    uint64_t before = 0, cleared = 0;
    for (int i = 0; i < 2 * COPIES; i++) {
        if (i == COPIES) before = steps_counted(), cleared = steps_cleared();
        must(i == 0 || dgm_job_again(j) == DGM_OK, "a job takes another input");
        must(dgm_job_whole(j, input) == DGM_OK, "the sample is translated");
    }
    cleared = steps_cleared() - cleared;
    double steps = (double)(steps_counted() - before - cleared) + (double)cleared / CLEARED_AT_A_TIME;
    dgm_job_close(j);
    return steps / COPIES;
}

static bool kept_try(const dgm_context *c, bool list, int *passed, int *failed)
{
    static const struct kept {
        const char *name;
        bool accounts, origin;
    } kept[] = { { "residue", true, false }, { "provenance", false, true } };
    dgm_buffer text;
    int bad = 0;
    dgm_buffer_init(&text, NULL);
    put_file(&text, "mappings/samples/import-declaration.edi");
    double none = way_of(c, dgm_buffer_slice(&text), false, false);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        double steps = way_of(c, dgm_buffer_slice(&text), kept[i].accounts, kept[i].origin);
        bool good = steps <= KEPT_GROWTH * none;
        *(good ? passed : failed) += 1;
        bad += !good;
        if (!good || list)
            printf("%-6s rules/%s: %.0f steps for a message, %.0f without: %.3f\n", good ? "ok" : "RULES", kept[i].name, steps,
                   none, steps / none);
    }
    dgm_buffer_free(&text);
    return bad == 0;
}

bool rules_try(const dgm_context *c, bool list, int *passed, int *failed)
{
    static const char *const ways[] = { "reading", "writing" };
    dgm_reader *reader;
    dgm_buffer text;
    dgm_buffer_init(&table, NULL);
    dgm_buffer_init(&text, NULL);
    dgm_tree *wire = read_sample(c, &text, &reader);
    int bad = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        double once[2], twice[2];
        dgm_mapping *m = load(c, &kinds[i], 0);
        uint32_t rules = kinds[i].before ? OWN_RULES : dgm_mapping_rule_count(m);
        dgm_mapping_free(m);
        both_ways(c, &kinds[i], kinds[i].before ? rules : 0, wire, once);
        both_ways(c, &kinds[i], kinds[i].before ? 2 * rules : rules, wire, twice);
        for (int d = 0; d < 2; d++) {
            bool good = kinds[i].before ? twice[d] - once[d] <= A_RULE_AND_ITEM * rules * ITEMS : twice[d] <= GROWTH * once[d];
            *(good ? passed : failed) += 1;
            bad += !good;
            if (!good || list)
                printf("%-6s rules/%s, %s: %.0f steps with %u rules, %.0f with twice as many: %.3f\n", good ? "ok" : "RULES",
                       kinds[i].name, ways[d], once[d], rules, twice[d], twice[d] / once[d]);
        }
    }
    dgm_message m = { .tree = wire };
    dgm_codec_edifact.recycle(reader, &m);
    dgm_codec_edifact.close(reader);
    dgm_buffer_free(&text);
    dgm_buffer_free(&table);
    return kept_try(c, list, passed, failed) && bad == 0;
}
