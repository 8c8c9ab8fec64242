/* SPDX-License-Identifier: Apache-2.0
 *
 * map.c - the command map: mappings checked without a message (lint), and the cases that stand beside them (test); their
 * paper (doc) is made in map_doc.c. One thread.
 */
#include "map.h"

#include "files.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* ---- lint ---------------------------------------------------------------------------------------------------------------- */

static void tell_mapping(cli *c, const dgm_format_info *f)
{
    cli_stream *s = &c->out;
    if (c->json) {
        cli_put(s, "{\"file\":");
        cli_put_json(s, f->mapping);
        cli_put(s, ",\"format\":");
        cli_put_json(s, f->name);
        cli_put(s, ",\"model\":");
        cli_put_json(s, f->model);
        cli_print(s, ",\"rules\":%u}\n", f->rule_count);
        return;
    }
    cli_print(s, "%s✓%s ", cli_ink_of(s, INK_GOOD), cli_ink_of(s, INK_OFF));
    cli_put_slice(s, f->mapping);
    cli_print(s, "  %u rules: %.*s, %.*s\n", f->rule_count, (int)f->name.len, f->name.at, (int)f->model.len, f->model.at);
}

static bool asked_for(const cli *c, dgm_slice path)
{
    if (!c->args.rule_count) return true;
    for (size_t i = 0; i < c->args.rule_count; i++)
        if (dgm_slice_equal(c->args.rules[i], path)) return true;
    return false;
}

cli_exit map_open(cli *c, const dgm_slice *files, size_t n)
{
    for (size_t i = 0; i < n; i++) c->args.rules[c->args.rule_count++] = files[i];
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.rules_alone = n > 0;
    dgm_status status = dgm_context_open(&o, c->diags, &c->own);
    c->context = c->own;
    size_t errors = dgm_diags_errors(c->diags);
    cli_print_own_to(c, &c->out);
    if (status == DGM_CONFIG) {
        if (!c->quiet && !c->json)
            cli_print(&c->out, "%s✗%s %zu %s\n", cli_ink_of(&c->out, INK_BAD), cli_ink_of(&c->out, INK_OFF), errors,
                      errors == 1 ? "mistake" : "mistakes");
        return CLI_REFUSED;
    }
    if (status != DGM_OK) cli_say_unusable(c, o.mappings, status);
    return cli_exit_of(status);
}

static cli_exit lint(cli *c, const dgm_slice *files, size_t n)
{
    cli_exit code = map_open(c, files, n);
    for (size_t i = 0; code == CLI_DONE && i < dgm_context_format_count(c->context); i++) {
        dgm_format_info f = dgm_context_format(c->context, i);
        if (f.mapping.len && asked_for(c, f.mapping)) tell_mapping(c, &f);
    }
    return code;
}

/* ---- test ---------------------------------------------------------------------------------------------------------------- */

static bool ends_in(dgm_slice text, const char *end)
{
    size_t n = strlen(end);
    return text.len >= n && memcmp(text.at + text.len - n, end, n) == 0;
}

static bool is_folder(dgm_slice path)
{
    struct stat s;
    return stat(path.at, &s) == 0 && S_ISDIR(s.st_mode);
}

typedef struct testing {
    cli *c;
    map_cases cases;
    bool wrong; /* a file cannot be used */
} testing;

static void take_file(testing *t, dgm_slice path)
{
    if (!map_cases_read(t->c, path, &t->cases)) t->wrong = true;
}

static void take_folder(testing *t, dgm_slice folder)
{
    dgm_names names = { 0 };
    const char *why = "";
    if (dgm_folder_list(&t->c->arena, folder, ".case.yaml", &names, &why) != DGM_OK) {
        cli_say(t->c, DGM_D_GATEWAY_FOLDER, DGM_ERROR, folder, dgm_slice_of(why));
        t->wrong = true;
    }
    for (size_t i = 0; i < names.count; i++) {
        dgm_slice path = dgm_path_join(&t->c->arena, folder, names.at[i]);
        if (path.at) take_file(t, path);
    }
}

/* A mapping NAME.yaml is tried with the cases of NAME.case.yaml beside it. */
static void take_mapping(testing *t, dgm_slice path)
{
    cli *c = t->c;
    c->args.rules[c->args.rule_count++] = path;
    dgm_slice stem = dgm_slice_part(path, 0, path.len - strlen(".yaml"));
    dgm_slice cases = dgm_arena_print(&c->arena, "%.*s.case.yaml", (int)stem.len, stem.at);
    if (cases.at) take_file(t, cases);
}

static int64_t fixed_now(void *ctx)
{
    (void)ctx;
    return INT64_C(1767323045000); /* 2026-01-02T03:04:05Z */
}

static dgm_status fixed_random(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    for (size_t i = 0; i < bytes; i++) ((unsigned char *)out)[i] = (unsigned char)i;
    return DGM_OK;
}

static cli_exit open_fixed(cli *c)
{
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.world = dgm_world_default();
    o.world.now_ms = fixed_now;
    o.world.random = fixed_random;
    dgm_status status = dgm_context_open(&o, c->diags, &c->own);
    c->context = c->own;
    cli_print_own_to(c, &c->out);
    return status == DGM_OK ? CLI_DONE : status == DGM_CONFIG ? CLI_REFUSED : cli_exit_of(status);
}

static void summary(cli *c, const map_totals *n, int64_t microseconds)
{
    cli_stream *s = &c->out;
    size_t all = n->passed + n->failed;
    if (c->json || c->quiet) return;
    cli_print(s, "%s%s%s %zu %s: %zu passed, %zu failed (%lld.%03lld s)\n", cli_ink_of(s, n->failed ? INK_BAD : INK_GOOD),
              n->failed ? "✗" : "✓", cli_ink_of(s, INK_OFF), all, all == 1 ? "case" : "cases", n->passed, n->failed,
              (long long)(microseconds / 1000000), (long long)(microseconds / 1000 % 1000));
}

static int64_t clock_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static cli_exit test(cli *c, const dgm_slice *files, size_t n)
{
    testing t = { .c = c };
    int64_t begun = clock_us();
    dgm_slice folder = cli_mappings(c);
    if (!folder.len) folder = DGM_LITERAL(DGM_MAPPINGS_DIR);
    dgm_slice rules = dgm_path_join(&c->arena, folder, DGM_LITERAL("rules"));
    if (!rules.at) return CLI_ENVIRONMENT;
    if (!n) take_folder(&t, rules);
    for (size_t i = 0; i < n; i++) {
        if (is_folder(files[i]))
            take_folder(&t, files[i]);
        else if (ends_in(files[i], ".yaml") && !ends_in(files[i], ".case.yaml"))
            take_mapping(&t, files[i]);
        else
            take_file(&t, files[i]);
    }
    cli_print_own_to(c, &c->out);
    cli_exit code = t.wrong ? CLI_REFUSED : CLI_DONE;
    if (!t.cases.count) {
        if (!t.wrong) cli_say(c, DGM_D_GATEWAY_CASE_NONE, DGM_ERROR, n ? files[0] : rules, (dgm_slice){ 0 });
        return CLI_REFUSED;
    }
    cli_exit opened = open_fixed(c);
    if (opened != CLI_DONE) return cli_worse(code, opened);
    map_totals totals = { 0 };
    for (size_t i = 0; i < t.cases.count; i++)
        code = cli_worse(code, map_case_run(c, &t.cases.at[i], c->args.given[OPT_BLESS], &totals));
    summary(c, &totals, clock_us() - begun);
    return code;
}

/* What the command can do; the words of help and of mistakes come from here. */
static const char actions[] = "lint test doc diff new explain coverage laws infer fmt";

/* How many of the words behind it are mappings: where they are, their names will do. */
static size_t mappings_of(dgm_slice action)
{
    if (dgm_slice_is(action, "new") || dgm_slice_is(action, "explain")) return 0;
    return dgm_slice_is(action, "diff") ? 2 : dgm_slice_is(action, "coverage") ? 1 : SIZE_MAX;
}

cli_exit cli_run_map(cli *c)
{
    dgm_slice *w = c->args.inputs;
    size_t n = c->args.input_count;
    if (n == 0) return cli_usage(c, "map needs to know what to do: %s", actions);
    for (size_t i = 1; i < n && i <= mappings_of(w[0]); i++) cli_mapping_named(c, &w[i]);
    if (dgm_slice_is(w[0], "lint")) return lint(c, w + 1, n - 1);
    bool again = c->args.given[OPT_AGAIN];
    if (dgm_slice_is(w[0], "test")) return again ? map_test_watch(c, test, w + 1, n - 1) : test(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "doc")) return map_doc(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "diff")) return map_diff(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "new")) return map_new(c, n - 1);
    if (dgm_slice_is(w[0], "explain")) return map_explain(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "coverage")) return map_coverage(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "laws")) return map_laws(c, w + 1, n - 1);
    if (dgm_slice_is(w[0], "infer")) return map_infer(c, n - 1);
    if (dgm_slice_is(w[0], "fmt")) return map_fmt(c, w + 1, n - 1);
    dgm_slice near = cli_nearest_word(w[0], actions);
    if (near.len)
        return cli_usage(c, "map does not know '%.*s'; did you mean %.*s?", (int)w[0].len, w[0].at, (int)near.len, near.at);
    return cli_usage(c, "map does not know '%.*s': it can %s", (int)w[0].len, w[0].at, actions);
}
