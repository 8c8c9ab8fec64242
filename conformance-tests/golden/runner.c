/* SPDX-License-Identifier: Apache-2.0
 *
 * runner.c - runs golden cases: folders with an input, what must come of it, and a case.yaml (README.md beside this file). Anything
 * that comes and is not named fails the case. With --bless it writes what the case names instead of comparing. One thread.
 *
 *   golden [--bless] [FOLDER...]      folders below conformance-tests/golden; none: all of it
 */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/diag.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ROOT "conformance-tests/golden"
enum { KEYS_MAX = 64, OUTPUTS_MAX = 64, DEPTH_MAX = 8 };

typedef struct pair {
    dgm_slice key, value;
} pair;

typedef struct golden {
    const char *folder; /* "conformance-tests/golden/…" */
    dgm_mem mem;
    dgm_arena arena;
    pair pairs[KEYS_MAX];
    size_t pair_count;
    dgm_context *context;
    bool bless, failed;
} golden;

/* What a run gave. */
typedef struct run {
    golden *g;
    dgm_slice input_name, input;
    dgm_buffer outputs[OUTPUTS_MAX];
    size_t output_count;
    dgm_buffer acks; /* all answers, one behind the other */
    dgm_buffer records;
    dgm_job_counts counts;
    dgm_status status;
} run;

static void complain(golden *g, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void complain(golden *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    printf("FAILED %s: ", g->folder + sizeof ROOT);
    vprintf(format, args);
    printf("\n");
    va_end(args);
    g->failed = true;
}

/* ---- files ---- */

static dgm_slice slurp(golden *g, dgm_slice name)
{
    dgm_slice path = dgm_arena_print(&g->arena, "%s/%.*s", g->folder, (int)name.len, name.at);
    FILE *f = path.at ? fopen(path.at, "rb") : NULL;
    struct stat s;
    if (!f || fstat(fileno(f), &s) != 0) {
        if (f) fclose(f);
        return (dgm_slice){ 0 };
    }
    char *at = dgm_arena_new(&g->arena, 1, 1, (size_t)s.st_size + 1);
    size_t n = at ? fread(at, 1, (size_t)s.st_size, f) : 0;
    fclose(f);
    return (dgm_slice){ at, n };
}

static void write_file(golden *g, dgm_slice name, dgm_slice bytes)
{
    dgm_slice path = dgm_arena_print(&g->arena, "%s/%.*s", g->folder, (int)name.len, name.at);
    FILE *f = path.at ? fopen(path.at, "wb") : NULL;
    bool good = f && fwrite(bytes.at ? bytes.at : "", 1, bytes.len, f) == bytes.len;
    if (f && fclose(f) != 0) good = false;
    if (!good) complain(g, "%.*s cannot be written", (int)name.len, name.at);
}

/* The line in which two texts differ, from both. */
static void show_difference(dgm_slice got, dgm_slice wanted)
{
    size_t i = 0;
    while (i < got.len && i < wanted.len && got.at[i] == wanted.at[i]) i++;
    dgm_place a = dgm_locate(got, i), b = dgm_locate(wanted, i);
    size_t from = a.column > 60 ? a.column - 60 : 0;
    dgm_slice x = dgm_slice_part(a.line_text, from, from + 160), y = dgm_slice_part(b.line_text, from, from + 160);
    printf("    byte %zu, line %zu, column %zu\n    got    %.*s\n    wanted %.*s\n", i, a.line, a.column, (int)x.len,
           x.at ? x.at : "", (int)y.len, y.at ? y.at : "");
}

static void compare(golden *g, dgm_slice name, dgm_slice got, const char *what)
{
    dgm_slice wanted = slurp(g, name);
    if (g->bless) {
        if (!wanted.at || !dgm_slice_equal(got, wanted)) {
            write_file(g, name, got);
            printf("wrote %s/%.*s\n", g->folder, (int)name.len, name.at);
        }
        return;
    }
    if (!wanted.at)
        complain(g, "%.*s is not there (make bless CASE=%s)", (int)name.len, name.at, g->folder + sizeof ROOT);
    else if (!dgm_slice_equal(got, wanted)) {
        complain(g, "%s differs from %.*s", what, (int)name.len, name.at);
        show_difference(got, wanted);
    }
}

/* ---- case.yaml ---- */

static dgm_slice value_of(const golden *g, const char *key, const char *standard)
{
    for (size_t i = 0; i < g->pair_count; i++)
        if (dgm_slice_is(g->pairs[i].key, key)) return g->pairs[i].value;
    return dgm_slice_of(standard);
}

static bool yes(const golden *g, const char *key)
{
    return dgm_slice_is(value_of(g, key, "no"), "yes");
}

static unsigned long number_of(const golden *g, const char *key)
{
    dgm_slice v = value_of(g, key, "0");
    unsigned long n = 0;
    for (size_t i = 0; i < v.len && v.at[i] >= '0' && v.at[i] <= '9'; i++) n = n * 10 + (unsigned long)(v.at[i] - '0');
    return n;
}

static bool key_known(dgm_slice key)
{
    static const char *const known[] = { "title",       "source",    "input",       "from",   "to",      "expect",
                                         "output",      "canonical", "diagnostics", "back",   "back-to", "back-from",
                                         "back-refuse", "strict",    "residue",     "unsaid", "ack",     NULL };
    static const char *const open[] = { "set.", "param.", "back-set.", "back-param.", NULL };
    for (size_t i = 0; known[i]; i++)
        if (dgm_slice_is(key, known[i])) return true;
    for (size_t i = 0; open[i]; i++)
        if (dgm_slice_is(dgm_slice_part(key, 0, strlen(open[i])), open[i]) && key.len > strlen(open[i])) return true;
    return false;
}

static dgm_slice unquote(dgm_slice v)
{
    v = dgm_slice_trim(v);
    if (v.len > 1 && (v.at[0] == '"' || v.at[0] == '\'') && v.at[v.len - 1] == v.at[0]) return dgm_slice_part(v, 1, v.len - 1);
    for (size_t i = 1; i < v.len; i++)
        if (v.at[i] == '#' && v.at[i - 1] == ' ') return dgm_slice_trim(dgm_slice_part(v, 0, i));
    return v;
}

static bool parse(golden *g, dgm_slice text)
{
    for (dgm_slice rest = text; rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, '\n');
        rest = line.tail;
        dgm_slice l = dgm_slice_trim(line.head);
        if (!l.len || l.at[0] == '#') continue;
        dgm_cut cut = dgm_slice_cut(l, ':');
        dgm_slice key = dgm_slice_trim(cut.head);
        if (!cut.found || !key_known(key) || g->pair_count == KEYS_MAX) {
            complain(g, "case.yaml: '%.*s' is no key of a case", (int)key.len, key.at);
            return false;
        }
        g->pairs[g->pair_count++] = (pair){ key, unquote(cut.tail) };
    }
    static const char *const needed[] = { "title", "source", "input" };
    for (size_t i = 0; i < 3; i++)
        if (!value_of(g, needed[i], NULL).len) complain(g, "case.yaml: %s is missing", needed[i]);
    return !g->failed;
}

static size_t named(golden *g, const char *prefix, dgm_named *out)
{
    size_t n = 0, k = strlen(prefix);
    for (size_t i = 0; i < g->pair_count; i++)
        if (dgm_slice_is(dgm_slice_part(g->pairs[i].key, 0, k), prefix))
            out[n++] = (dgm_named){ dgm_slice_part(g->pairs[i].key, k, g->pairs[i].key.len), g->pairs[i].value };
    return n;
}

/* ---- one run ---- */

static dgm_status outlet_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    run *r = ctx;
    (void)number, (void)format;
    if (r->output_count == OUTPUTS_MAX) return DGM_LIMIT;
    dgm_buffer_init(&r->outputs[r->output_count], &r->g->mem);
    *out = dgm_buffer_sink(&r->outputs[r->output_count]);
    return DGM_OK;
}

static dgm_status outlet_close(void *ctx, bool complete)
{
    run *r = ctx;
    if (complete)
        r->output_count++;
    else
        dgm_buffer_free(&r->outputs[r->output_count]);
    return DGM_OK;
}

static dgm_status ack_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = dgm_buffer_sink(&((run *)ctx)->acks);
    return DGM_OK;
}

static dgm_status ack_close(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static void keep_records(run *r, const dgm_diags *list)
{
    dgm_diag_style style = { .form = DGM_DIAG_JSON, .input_name = r->input_name, .input = r->input };
    for (size_t i = 0; i < dgm_diags_count(list); i++)
        (void)dgm_diag_print(dgm_diags_at(list, i), &style, dgm_buffer_sink(&r->records));
}

static void report(void *ctx, const dgm_message_report *m)
{
    keep_records(ctx, m->diags);
}

typedef struct way {
    dgm_slice name, bytes, from, to;
    const char *set, *param;
    bool reader_only; /* settings of the writer are not for this target */
    bool answers;     /* answers are wanted; what they are about is only checked, by all rules there are */
} way;

static void go(golden *g, way w, run *r)
{
    dgm_named settings[KEYS_MAX], params[KEYS_MAX];
    memset(r, 0, sizeof *r);
    r->g = g;
    r->input_name = w.name;
    r->input = w.bytes;
    dgm_buffer_init(&r->records, &g->mem);
    dgm_buffer_init(&r->acks, &g->mem);
    size_t setting_count = 0;
    for (size_t i = 0, n = named(g, w.set, settings); i < n; i++)
        if (!w.reader_only || dgm_slice_is(dgm_slice_part(settings[i].name, 0, 7), "reader."))
            settings[setting_count++] = settings[i];
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .from = w.from,
                          .to = w.to,
                          .strict = yes(g, "strict"),
                          .accounts = true,
                          .map = !w.to.len && !w.answers,
                          .level_usual = w.answers ? DGM_LITERAL("codes") : (dgm_slice){ 0 },
                          .ack = { w.answers ? ack_open : NULL, ack_close, r },
                          .settings = settings,
                          .setting_count = setting_count,
                          .params = params,
                          .param_count = named(g, w.param, params),
                          .outlet = { outlet_open, outlet_close, r },
                          .report = report,
                          .report_ctx = r };
    dgm_diags *about = NULL;
    dgm_job *job = NULL;
    r->status = dgm_diags_new(&g->mem, 0, &about);
    if (r->status == DGM_OK) r->status = dgm_job_open(g->context, &o, about, &job);
    if (r->status == DGM_OK) r->status = dgm_job_whole(job, w.bytes);
    if (job) r->counts = dgm_job_count(job);
    if (about) keep_records(r, about);
    dgm_job_close(job);
    dgm_diags_free(about);
}

static void done(run *r)
{
    for (size_t i = 0; i < r->output_count; i++) dgm_buffer_free(&r->outputs[i]);
    dgm_buffer_free(&r->records);
    dgm_buffer_free(&r->acks);
}

/* The files a key names, each against the output of its number; nothing may be left over on either side. */
static void check_outputs(golden *g, const run *r, dgm_slice names, const char *what)
{
    size_t n = 0;
    for (dgm_slice rest = names; rest.len;) {
        dgm_cut cut = dgm_slice_cut(rest, ' ');
        rest = cut.tail;
        if (!cut.head.len) continue;
        if (n < r->output_count) compare(g, cut.head, dgm_buffer_slice(&r->outputs[n]), what);
        n++;
    }
    if (n != r->output_count) {
        complain(g, "%s: %zu documents came, %zu are named", what, r->output_count, n);
        if (r->records.len) printf("%.*s", (int)r->records.len, r->records.at);
    }
}

static bool is_refused(const run *r)
{
    return r->counts.refused > 0 || (r->status != DGM_OK && r->output_count == 0);
}

static bool check_verdict(golden *g, const run *r)
{
    dgm_slice expect = value_of(g, "expect", "accept");
    bool refused = is_refused(r), some = r->counts.messages > r->counts.refused;
    bool as_expected = dgm_slice_is(expect, "accept")   ? !refused && r->status == DGM_OK
                       : dgm_slice_is(expect, "refuse") ? refused && !some
                       : dgm_slice_is(expect, "mixed")  ? refused && some
                                                        : false;
    if (as_expected) return true;
    complain(g, "expected %.*s; %llu messages, %llu refused, status %s", (int)expect.len, expect.at,
             (unsigned long long)r->counts.messages, (unsigned long long)r->counts.refused, dgm_status_text(r->status));
    printf("%.*s", (int)r->records.len, r->records.at ? r->records.at : "");
    return false;
}

static void check_records(golden *g, const run *r)
{
    dgm_slice name = value_of(g, "diagnostics", NULL);
    if (name.len)
        compare(g, name, dgm_buffer_slice(&r->records), "what is said");
    else if (r->records.len) {
        complain(g, "nothing may be said about it, and this was:");
        printf("%.*s", (int)r->records.len, r->records.at);
    }
    if (r->counts.residue != number_of(g, "residue"))
        complain(g, "residue: %llu values, expected %lu", (unsigned long long)r->counts.residue, number_of(g, "residue"));
    if (r->counts.unsaid != number_of(g, "unsaid"))
        complain(g, "unsaid: %llu values, expected %lu", (unsigned long long)r->counts.unsaid, number_of(g, "unsaid"));
}

static void check_back(golden *g, const run *there, dgm_slice input)
{
    dgm_slice back = value_of(g, "back", "no"), from = value_of(g, "from", NULL);
    bool refuse = yes(g, "back-refuse");
    if (dgm_slice_is(back, "no") && !refuse) return;
    if (there->output_count != 1) {
        complain(g, "the way back needs exactly one document");
        return;
    }
    dgm_slice to = value_of(g, "back-to", NULL);
    way w = { DGM_LITERAL("back"),
              dgm_buffer_slice(&there->outputs[0]),
              value_of(g, "back-from", NULL),
              to.len ? to : from,
              "back-set.",
              "back-param.",
              false,
              false };
    if (!w.from.len) w.from = dgm_slice_is(value_of(g, "to", NULL), "json") ? (dgm_slice){ 0 } : value_of(g, "to", NULL);
    run r;
    go(g, w, &r);
    if (refuse != (is_refused(&r) || r.status != DGM_OK)) {
        complain(g, "the way back is %s: status %s", refuse ? "not refused" : "refused", dgm_status_text(r.status));
        printf("%.*s", (int)r.records.len, r.records.at ? r.records.at : "");
    } else if (!refuse && dgm_slice_is(back, "yes")) {
        if (r.output_count != 1 || !dgm_slice_equal(dgm_buffer_slice(&r.outputs[0]), input)) {
            complain(g, "the way back does not give the input");
            if (r.output_count == 1) show_difference(dgm_buffer_slice(&r.outputs[0]), input);
        }
    } else if (!refuse) {
        check_outputs(g, &r, back, "the way back");
    }
    done(&r);
}

/* The answers are what the file holds, and have nothing wrong themselves. */
static void check_answers(golden *g, const run *r, dgm_slice name)
{
    run check;
    compare(g, name, dgm_buffer_slice(&r->acks), "the answer");
    if (r->acks.len == 0) return;
    go(g, (way){ .name = name, .bytes = dgm_buffer_slice(&r->acks), .set = "none.", .param = "none.", .answers = true }, &check);
    if (check.status != DGM_OK || check.counts.errors) {
        complain(g, "the answer is wrong itself:");
        printf("%.*s", (int)check.records.len, check.records.at ? check.records.at : "");
    }
    if (check.acks.len) complain(g, "the answer is answered");
    done(&check);
}

static void run_case(golden *g)
{
    if (!parse(g, slurp(g, DGM_LITERAL("case.yaml")))) return;
    dgm_slice name = value_of(g, "input", NULL), input = slurp(g, name), canonical = value_of(g, "canonical", NULL);
    if (!input.at) {
        complain(g, "%.*s cannot be read", (int)name.len, name.at);
        return;
    }
    run there;
    dgm_slice answer = value_of(g, "ack", NULL);
    go(g, (way){ name, input, value_of(g, "from", NULL), value_of(g, "to", NULL), "set.", "param.", false, answer.len > 0 },
       &there);
    /* Where not even the verdict is right, the rest would only repeat it. */
    if (check_verdict(g, &there)) {
        check_outputs(g, &there, value_of(g, "output", NULL), "the translation");
        check_records(g, &there);
        check_back(g, &there, input);
        if (answer.len) check_answers(g, &there, answer);
    }
    done(&there);
    if (!canonical.len || (g->failed && !g->bless)) return;
    run model;
    go(g, (way){ name, input, value_of(g, "from", NULL), DGM_LITERAL("json"), "set.", "param.", true, false }, &model);
    check_outputs(g, &model, canonical, "the canonical document");
    done(&model);
}

/* ---- all of them ---- */

typedef struct tally {
    golden base;
    unsigned passed, failed;
} tally;

static void visit(tally *t, const char *folder, int depth)
{
    char path[4096];
    struct stat s;
    if (snprintf(path, sizeof path, "%s/case.yaml", folder) >= (int)sizeof path || depth > DEPTH_MAX) return;
    if (stat(path, &s) == 0) {
        golden g = t->base;
        g.folder = folder;
        dgm_arena_init(&g.arena, &g.mem);
        run_case(&g);
        dgm_arena_free(&g.arena);
        if (g.failed)
            t->failed++;
        else
            t->passed++;
        return;
    }
    struct dirent **names;
    int n = scandir(folder, &names, NULL, alphasort);
    if (n < 0) return;
    for (int i = 0; i < n; i++) {
        bool inside =
            names[i]->d_name[0] != '.' && snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name) < (int)sizeof path;
        if (inside && stat(path, &s) == 0 && S_ISDIR(s.st_mode)) visit(t, path, depth + 1);
        free(names[i]);
    }
    free(names);
}

static int64_t fixed_now(void *ctx)
{
    (void)ctx;
    return 1767323045000; /* 2026-01-02T03:04:05Z */
}

static dgm_status fixed_random(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    for (size_t i = 0; i < bytes; i++) ((unsigned char *)out)[i] = (unsigned char)i;
    return DGM_OK;
}

static dgm_status no_sync(void *ctx, int descriptor)
{
    (void)ctx, (void)descriptor;
    return DGM_OK;
}

static dgm_status open_context(tally *t)
{
    const char *told = getenv("DRAGOMAN_MAPPINGS");
    dgm_context_options o = { .struct_bytes = sizeof o,
                              .world = { fixed_now, fixed_random, no_sync, NULL },
                              .mappings = told && *told ? dgm_slice_of(told) : DGM_LITERAL("mappings") };
    dgm_diags *diags = NULL;
    dgm_status status = dgm_diags_new(&t->base.mem, 0, &diags);
    if (status == DGM_OK) status = dgm_context_open(&o, diags, &t->base.context);
    dgm_diag_style style = { 0 };
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        (void)dgm_diag_print(dgm_diags_at(diags, i), &style, dgm_sink_descriptor(1));
    dgm_diags_free(diags);
    return status;
}

int main(int argc, char **argv)
{
    static tally t;
    t.base.mem = dgm_mem_default();
    dgm_status status = open_context(&t);
    if (status != DGM_OK) {
        printf("the mappings cannot be used: %s\nresult golden: 0 passed, 1 failed\n", dgm_status_text(status));
        return 3;
    }
    int folders = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--bless") == 0) {
            t.base.bless = true;
            continue;
        }
        char path[4096];
        folders++;
        if (snprintf(path, sizeof path, "%s/%s", ROOT, argv[i]) < (int)sizeof path) visit(&t, path, 0);
    }
    if (!folders) visit(&t, ROOT, 0);
    dgm_context_free(t.base.context);
    if (t.passed + t.failed == 0) t.failed = 1;
    printf("result golden: %u passed, %u failed\n", t.passed, t.failed);
    return t.failed ? 1 : 0;
}
