/* SPDX-License-Identifier: Apache-2.0
 *
 * map_run.c - one case of a mapping: its input goes through a job, and what comes is held against what the case names. What a case
 * does not name and comes all the same (a warning, a refusal, a value nobody reads) fails it, too. One thread.
 */
#include "map.h"

#include "model/tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { OUTPUTS_MAX = 64, EXPECTED_MAX = 256, FAULTS_MAX = 50 };

typedef struct running {
    cli *c;
    const map_case *k;
    dgm_buffer outputs[OUTPUTS_MAX];
    size_t output_count;
    bool seen[EXPECTED_MAX]; /* of the diagnostics the case names */
    uint32_t models, targets, residue, unsaid;
    dgm_slice faults[FAULTS_MAX];
    size_t fault_count;
    dgm_slice wanted, got; /* of the first output that differs */
} running;

static void fault(running *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(running *r, const char *format, ...)
{
    char text[1024];
    va_list list;
    va_start(list, format);
    int n = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    size_t len = n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    if (r->fault_count < FAULTS_MAX) r->faults[r->fault_count] = dgm_arena_copy(&r->c->arena, (dgm_slice){ text, len });
    r->fault_count++;
}

/* ---- outputs ---- */

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    running *r = ctx;
    (void)number;
    (void)format;
    if (r->output_count == OUTPUTS_MAX) return DGM_LIMIT;
    dgm_buffer *b = &r->outputs[r->output_count];
    dgm_buffer_init(b, &r->c->mem);
    *out = dgm_buffer_sink(b);
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    running *r = ctx;
    if (complete)
        r->output_count++;
    else
        dgm_buffer_free(&r->outputs[r->output_count]);
    return DGM_OK;
}

static dgm_slice without_line_ends(dgm_slice s)
{
    while (s.len && s.at[s.len - 1] == '\n') s.len--;
    return s;
}

static bool bless(running *r, dgm_slice path, dgm_slice bytes)
{
    FILE *f = fopen(path.at, "wb");
    bool good = f && fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
    if (f && fclose(f) != 0) good = false;
    if (!good) fault(r, "%s cannot be written: %s", path.at, strerror(errno));
    return good;
}

static void check_output(running *r, const dgm_yaml *entry, size_t i, bool blessing)
{
    dgm_slice wanted, path, got = dgm_buffer_slice(&r->outputs[i]);
    const char *why = "";
    bool read = map_case_output(r->c, r->k, entry, &wanted, &path, &why);
    if (blessing && path.at && (!read || !dgm_slice_equal(wanted, got))) {
        if (bless(r, path, got)) cli_print(&r->c->out, "  wrote %s\n", path.at);
        return;
    }
    if (!read) {
        fault(r, "%.*s cannot be read: %s", (int)path.len, path.at, why);
        return;
    }
    if (!path.at) {
        wanted = without_line_ends(wanted);
        got = without_line_ends(got);
    }
    if (dgm_slice_equal(wanted, got)) return;
    fault(r, "output %zu is another%s", i + 1, blessing ? "; it stands in the case itself, where only you can write it" : "");
    if (r->wanted.at) return;
    r->wanted = wanted.at ? wanted : DGM_LITERAL("");
    r->got = got;
}

static void check_outputs(running *r, bool blessing)
{
    const dgm_yaml *y = r->k->output;
    if (!y) return;
    size_t wanted = y->kind == DGM_YAML_LIST ? y->count : 1;
    if (wanted != r->output_count) fault(r, "%zu outputs came instead of %zu", r->output_count, wanted);
    const dgm_yaml *entry = y->kind == DGM_YAML_LIST ? y->first : y;
    for (size_t i = 0; i < wanted && i < r->output_count; i++, entry = entry->next) check_output(r, entry, i, blessing);
}

/* ---- diagnostics ---- */

/* "code" or "code PLACE" of the case is this diagnostic. */
static bool names(dgm_slice text, const dgm_diag *d)
{
    dgm_cut cut = dgm_slice_cut(text, ' ');
    return dgm_slice_is(cut.head, dgm_diag_name(d->code)) && (!cut.tail.len || dgm_slice_equal(cut.tail, d->path));
}

static bool expected(running *r, const dgm_diag *d)
{
    size_t i = 0;
    const dgm_yaml *y = r->k->diagnostics ? r->k->diagnostics->first : NULL;
    for (; y && i < EXPECTED_MAX; y = y->next, i++) {
        if (r->seen[i] || !names(y->text, d)) continue;
        r->seen[i] = true;
        return true;
    }
    return false;
}

/* The first line that a diagnostic is printed as, with its place. */
static void fault_of(running *r, const dgm_diag *d)
{
    dgm_buffer text;
    dgm_buffer_init(&text, &r->c->mem);
    dgm_diag_style style = { .form = DGM_DIAG_TEXT, .input_name = DGM_LITERAL("input"), .input = r->k->input };
    if (dgm_diag_print(d, &style, dgm_buffer_sink(&text)) == DGM_OK) {
        dgm_slice line = dgm_slice_cut(dgm_buffer_slice(&text), '\n').head;
        fault(r, "not named: %.*s%s%.*s", (int)line.len, line.at, d->path.len ? ", at " : "", (int)d->path.len, d->path.at);
    }
    dgm_buffer_free(&text);
}

static void check_diagnostics(running *r, const dgm_diags *list)
{
    for (size_t i = 0; i < dgm_diags_count(list); i++) {
        const dgm_diag *d = dgm_diags_at(list, i);
        bool counted = d->code == DGM_D_JOB_RESIDUE || d->code == DGM_D_JOB_UNSAID;
        if (!expected(r, d) && d->severity != DGM_INFO && !counted) fault_of(r, d);
    }
}

static void check_all_seen(running *r)
{
    size_t i = 0;
    const dgm_yaml *y = r->k->diagnostics ? r->k->diagnostics->first : NULL;
    for (; y && i < EXPECTED_MAX; y = y->next, i++)
        if (!r->seen[i]) fault(r, "did not come: %.*s", (int)y->text.len, y->text.at);
}

/* ---- places ---- */

static void check_place(running *r, const char *side, const dgm_tree *t, const dgm_yaml *m)
{
    dgm_slice bad;
    if (t->shape && dgm_shape_find(t->shape, m->key, &bad) == DGM_SLOT_NONE) {
        fault(r, "%s %.*s: there is no place \"%.*s\"", side, (int)m->key.len, m->key.at, (int)bad.len, bad.at);
        return;
    }
    uint32_t node = dgm_tree_at(t, 0, m->key);
    dgm_slice got = node == DGM_NONE ? (dgm_slice){ 0 } : dgm_tree_value(t, node);
    if (dgm_slice_equal(got, m->text) || (!got.len && !m->text.len)) return;
    if (got.len)
        fault(r, "%s %.*s: wanted \"%.*s\", is \"%.*s\"", side, (int)m->key.len, m->key.at, (int)m->text.len, m->text.at,
              (int)got.len, got.at);
    else
        fault(r, "%s %.*s: wanted \"%.*s\", is not there", side, (int)m->key.len, m->key.at, (int)m->text.len, m->text.at);
}

/* The map for document n, from 0; one map alone is of the first. */
static const dgm_yaml *places_of(const dgm_yaml *y, uint32_t n)
{
    if (!y || y->kind == DGM_YAML_MAP) return n == 0 ? y : NULL;
    const dgm_yaml *m = y->first;
    while (m && n--) m = m->next;
    return m;
}

static void check_places(running *r, const char *side, const dgm_yaml *y, const dgm_tree *t, uint32_t *count)
{
    if (!t) return;
    const dgm_yaml *places = places_of(y, (*count)++);
    for (const dgm_yaml *m = places ? places->first : NULL; m; m = m->next) check_place(r, side, t, m);
}

static void report(void *ctx, const dgm_message_report *m)
{
    running *r = ctx;
    check_diagnostics(r, m->diags);
    r->residue += m->residue;
    r->unsaid += m->unsaid;
    /* A message that waits for others is no document of its own, where documents are written. */
    if (!m->part || m->part == DGM_PART_WHOLE) check_places(r, "model", r->k->model, m->model, &r->models);
    check_places(r, "target", r->k->target, m->target, &r->targets);
}

/* ---- the case ---- */

static void tell(running *r)
{
    cli *c = r->c;
    cli_stream *s = &c->out;
    const map_case *k = r->k;
    size_t kept = r->fault_count < FAULTS_MAX ? r->fault_count : FAULTS_MAX;
    if (c->json) {
        cli_put(s, "{\"file\":");
        cli_put_json(s, k->path);
        cli_print(s, ",\"line\":%u,\"title\":", k->line);
        cli_put_json(s, k->title);
        cli_print(s, ",\"passed\":%s,\"faults\":[", r->fault_count ? "false" : "true");
        for (size_t i = 0; i < kept; i++) {
            if (i) cli_put(s, ",");
            cli_put_json(s, r->faults[i]);
        }
        cli_put(s, "]}\n");
        return;
    }
    if (c->quiet && !r->fault_count) return;
    cli_print(s, "%s%s%s ", cli_ink_of(s, r->fault_count ? INK_BAD : INK_GOOD), r->fault_count ? "✗" : "✓", cli_ink_of(s, INK_OFF));
    cli_put_visible(s, k->title, 200);
    if (r->fault_count) cli_print(s, "  %s%s:%u%s", cli_ink_of(s, INK_DIM), k->path.at, k->line, cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
    for (size_t i = 0; i < kept; i++) {
        cli_put(s, "    ");
        cli_put_visible(s, r->faults[i], 400);
        cli_put(s, "\n");
    }
    if (r->fault_count > kept) cli_print(s, "    and %zu more\n", r->fault_count - kept);
    if (r->wanted.at) map_print_difference(s, r->wanted, r->got);
}

static cli_exit run(running *r, dgm_job_counts *counts)
{
    const map_case *k = r->k;
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o,
                          .from = k->from,
                          .to = k->to,
                          .level = k->level,
                          .strict = k->strict,
                          .accounts = true,
                          .map = true,
                          .settings = k->settings,
                          .setting_count = k->setting_count,
                          .params = k->params,
                          .param_count = k->param_count,
                          .outlet = { open_output, close_output, r },
                          .report = report,
                          .report_ctx = r };
    dgm_status s = dgm_job_open(r->c->context, &o, r->c->diags, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, k->input);
    if (job) *counts = dgm_job_count(job);
    dgm_job_close(job);
    for (size_t i = 0; i < dgm_diags_count(r->c->diags); i++) fault_of(r, dgm_diags_at(r->c->diags, i));
    dgm_diags_clear(r->c->diags);
    if (s == DGM_NOMEM || s == DGM_DEFECT || s == DGM_USAGE) {
        fault(r, "not run to its end: %s", dgm_status_text(s));
        return cli_exit_of(s);
    }
    return CLI_DONE;
}

static void check_counts(running *r, const dgm_job_counts *n)
{
    const map_case *k = r->k;
    if (!n->messages && !r->fault_count) fault(r, "the input holds no message");
    if (!k->refused && n->refused)
        fault(r, "%llu of %llu messages refused", (unsigned long long)n->refused, (unsigned long long)n->messages);
    if (k->refused && n->refused < n->messages) fault(r, "not refused");
    if (r->residue != k->residue) fault(r, "%u values that no rule reads, instead of %u", r->residue, k->residue);
    if (r->unsaid != k->unsaid) fault(r, "%u values that the target cannot say, instead of %u", r->unsaid, k->unsaid);
}

cli_exit map_case_run(cli *c, const map_case *k, bool blessing, map_totals *totals)
{
    running *r = dgm_mem_new(&c->mem, sizeof *r);
    if (!r) return CLI_ENVIRONMENT;
    r->c = c;
    r->k = k;
    dgm_job_counts counts = { 0 };
    cli_exit code = run(r, &counts);
    if (code == CLI_DONE) {
        check_counts(r, &counts);
        check_all_seen(r);
        check_outputs(r, blessing);
        if (places_of(k->model, r->models)) fault(r, "there is no document %u to look for places of `model` in", r->models + 1);
        if (places_of(k->target, r->targets)) fault(r, "there is no document %u to look for places of `target` in", r->targets + 1);
    }
    tell(r);
    if (r->fault_count)
        totals->failed++;
    else
        totals->passed++;
    if (r->fault_count) code = cli_worse(code, CLI_REFUSED);
    for (size_t i = 0; i < r->output_count; i++) dgm_buffer_free(&r->outputs[i]);
    dgm_mem_free(&c->mem, r, sizeof *r);
    return code;
}
