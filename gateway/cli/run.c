/* SPDX-License-Identifier: Apache-2.0
 *
 * run.c - what every command needs of the library: where the mappings are, a context over them, options of a job, and how something
 * about a file is said. One thread.
 */
#include "cli.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

cli_exit cli_worse(cli_exit a, cli_exit b)
{
    static const int rank[] = { [CLI_DONE] = 0, [CLI_REFUSED] = 1, [CLI_USAGE] = 2, [CLI_ENVIRONMENT] = 3, [CLI_DEFECT] = 4 };
    return rank[a] > rank[b] ? a : b;
}

cli_exit cli_exit_of(dgm_status status)
{
    switch (status) {
    case DGM_OK:
    case DGM_MORE:
    case DGM_END: return CLI_DONE;
    case DGM_SYNTAX:
    case DGM_LIMIT:
    case DGM_INVALID: return CLI_REFUSED;
    case DGM_UNKNOWN: return CLI_REFUSED;
    case DGM_NOMEM:
    case DGM_CONFIG:
    case DGM_IO: return CLI_ENVIRONMENT;
    case DGM_USAGE:
    case DGM_DEFECT: return CLI_DEFECT;
    }
    return CLI_DEFECT;
}

static void say(cli *c, dgm_diag_code code, dgm_severity severity, dgm_slice first, dgm_slice second, dgm_slice third)
{
    dgm_diags *list = NULL;
    if (dgm_diags_new(&c->mem, 1, &list) == DGM_OK) {
        dgm_diag *d = dgm_diags_add(list, code, severity);
        dgm_diag_text(list, d, first);
        if (second.at) dgm_diag_text(list, d, second);
        if (third.at) dgm_diag_text(list, d, third);
        dgm_diag_style style = { .form = c->json ? DGM_DIAG_JSON : DGM_DIAG_TEXT,
                                 .colour = c->err.colour,
                                 .input_name = DGM_LITERAL("dragoman"),
                                 .width = c->err.width };
        if (d) (void)dgm_diag_print(d, &style, cli_stream_sink(&c->err));
        dgm_diags_free(list);
    }
    (void)cli_stream_flush(&c->err);
}

void cli_say(cli *c, dgm_diag_code code, dgm_severity severity, dgm_slice first, dgm_slice second)
{
    say(c, code, severity, first, second, (dgm_slice){ 0 });
}

/* A file that is wrong has been told of already: then another folder is no remedy. */
void cli_say_unusable(cli *c, dgm_slice mappings, dgm_status why)
{
    dgm_slice folder = mappings.len ? mappings : DGM_LITERAL(DGM_MAPPINGS_DIR), remedy = { 0 };
    if (why == DGM_CONFIG) remedy = DGM_LITERAL("every file in it must be good: mend what is told above, or move the file away");
    if (why == DGM_IO) remedy = DGM_LITERAL("give their folder with --mappings, or in DRAGOMAN_MAPPINGS");
    say(c, DGM_D_GATEWAY_CONTEXT, DGM_ERROR, folder, dgm_slice_of(dgm_status_text(why)), remedy);
}

static bool is_folder(dgm_slice path)
{
    struct stat s;
    return path.at && stat(path.at, &s) == 0 && S_ISDIR(s.st_mode);
}

/* As short as it can be said: below the working folder without that folder's name. */
static dgm_slice short_path(cli *c, const char *path)
{
    char here[PATH_MAX], real[PATH_MAX];
    if (!realpath(path, real)) return (dgm_slice){ 0 };
    size_t n = getcwd(here, sizeof here) ? strlen(here) : 0;
    bool below = n > 1 && strncmp(real, here, n) == 0 && real[n] == '/';
    return dgm_arena_copy(&c->arena, dgm_slice_of(below ? real + n + 1 : real));
}

/* An installed command finds what was installed with it, wherever the whole was put; one in a build folder finds the source's. */
static dgm_slice beside_executable(cli *c)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return (dgm_slice){ 0 };
    dgm_slice exe = { path, (size_t)n };
    while (exe.len && exe.at[exe.len - 1] != '/') exe.len--;
    static const char *const places[] = { "../share/dragoman/mappings", "../mappings" };
    for (size_t i = 0; i < 2; i++) {
        dgm_slice at = dgm_arena_print(&c->arena, "%.*s%s", (int)exe.len, exe.at, places[i]);
        if (is_folder(at)) return short_path(c, at.at);
    }
    return (dgm_slice){ 0 };
}

dgm_slice cli_codecs(cli *c)
{
    char path[PATH_MAX];
    if (c->args.given[OPT_CODECS]) return c->args.value[OPT_CODECS];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    while (n > 0 && path[n - 1] != '/') n--;
    dgm_slice at = n > 0 ? dgm_arena_print(&c->arena, "%.*s../lib/dragoman/codecs", (int)n, path) : (dgm_slice){ 0 };
    return is_folder(at) ? short_path(c, at.at) : (dgm_slice){ 0 };
}

cli_exit cli_codecs_open(cli *c, dgm_slice file)
{
    const dgm_slice folder = cli_codecs(c);
    if (!folder.len && !file.len) return CLI_DONE;
    dgm_status status = dgm_codec_set_open(&c->mem, folder, file, c->diags, &c->codecs);
    cli_print_own(c);
    return status == DGM_OK ? CLI_DONE : CLI_ENVIRONMENT;
}

dgm_slice cli_mappings(cli *c)
{
    if (c->args.given[OPT_MAPPINGS]) return c->args.value[OPT_MAPPINGS];
    dgm_slice told = cli_environment("DRAGOMAN_MAPPINGS");
    return told.len ? told : beside_executable(c);
}

void cli_mapping_named(cli *c, dgm_slice *word)
{
    struct stat s;
    const dgm_slice folder = cli_mappings(c);
    if (!word->len || memchr(word->at, '/', word->len) || stat(word->at, &s) == 0) return;
    dgm_slice path = dgm_arena_print(&c->arena, "%s/rules/%s%s", folder.len ? folder.at : DGM_MAPPINGS_DIR, word->at,
                                     memchr(word->at, '.', word->len) ? "" : ".yaml");
    if (path.at && stat(path.at, &s) == 0) *word = path;
}

bool cli_limits(cli *c, dgm_limits *out)
{
    static const char names[] =
        "message-bytes segment-bytes nodes depth attributes name-bytes kinds-bytes diagnostics store-bytes document-bytes";
    for (size_t i = 0; i < c->args.limit_count; i++) {
        dgm_named l = c->args.limits[i];
        uint32_t *small = dgm_slice_is(l.name, "segment-bytes") ? &out->segment_bytes_max
                          : dgm_slice_is(l.name, "nodes")       ? &out->nodes_max
                          : dgm_slice_is(l.name, "depth")       ? &out->depth_max
                          : dgm_slice_is(l.name, "attributes")  ? &out->attributes_max
                          : dgm_slice_is(l.name, "name-bytes")  ? &out->name_bytes_max
                          : dgm_slice_is(l.name, "kinds-bytes") ? &out->kinds_bytes_max
                          : dgm_slice_is(l.name, "diagnostics") ? &out->diagnostics_max
                                                                : NULL;
        bool store = dgm_slice_is(l.name, "store-bytes"), document = dgm_slice_is(l.name, "document-bytes");
        if (!small && !store && !document && !dgm_slice_is(l.name, "message-bytes")) {
            dgm_slice near = cli_nearest_word(l.name, names);
            cli_usage(c, "there is no limit '%.*s'%s%.*s%s", (int)l.name.len, l.name.at,
                      near.len ? "; did you mean " : "; there are ", near.len ? (int)near.len : (int)sizeof names - 1,
                      near.len ? near.at : names, near.len ? "?" : "");
            return false;
        }
        uint64_t n, most = small == &out->depth_max ? DGM_DEPTH_MAX : small ? UINT32_MAX : UINT32_MAX - 1;
        if (!cli_number(l.value, most, &n) || n == 0) {
            cli_usage(c, "--limit %.*s takes a number from 1 to %llu; '%.*s' is none", (int)l.name.len, l.name.at,
                      (unsigned long long)most, (int)l.value.len, l.value.at);
            return false;
        }
        if (small)
            *small = (uint32_t)n;
        else if (store)
            out->store_bytes_max = n;
        else if (document)
            out->document_bytes_max = n;
        else
            out->message_bytes_max = n;
    }
    return true;
}

void cli_print_own_to(cli *c, cli_stream *to)
{
    dgm_diag_style style = { .form = c->json ? DGM_DIAG_JSON : DGM_DIAG_TEXT,
                             .colour = to->colour,
                             .width = to->width,
                             .input_name = DGM_LITERAL("dragoman") };
    for (size_t i = 0; i < dgm_diags_count(c->diags); i++) {
        const dgm_diag *d = dgm_diags_at(c->diags, i);
        if (!c->quiet || d->severity == DGM_ERROR) (void)dgm_diag_print(d, &style, cli_stream_sink(to));
    }
    dgm_diags_clear(c->diags);
    (void)cli_stream_flush(to);
}

void cli_print_own(cli *c)
{
    cli_print_own_to(c, &c->err);
}

bool cli_context_options(cli *c, dgm_context_options *out)
{
    for (size_t i = 0; i < c->args.rule_count; i++) cli_mapping_named(c, &c->args.rules[i]);
    *out = (dgm_context_options){ .struct_bytes = sizeof *out,
                                  .mappings = cli_mappings(c),
                                  .rules = c->args.rules,
                                  .rule_file_count = c->args.rule_count,
                                  .partners = c->args.value[OPT_PARTNERS],
                                  .codecs = c->codecs,

                                  .schemas = c->args.value[OPT_SCHEMAS] };
    return cli_limits(c, &out->limits);
}

/* --guide names one that is there; lists of settings are the reader's to judge. */
static cli_exit guide_known(cli *c)
{
    dgm_slice wanted = c->args.value[OPT_GUIDE], names[66];
    size_t n = 2;
    if (!c->args.given[OPT_GUIDE] || dgm_slice_cut(wanted, ';').found || dgm_slice_cut(wanted, '=').found ||
        dgm_slice_cut(wanted, ':').found)
        return CLI_DONE;
    names[0] = DGM_LITERAL("auto");
    names[1] = DGM_LITERAL("none");
    for (size_t i = 0; i < dgm_context_guide_count(c->context) && n < 66; i++) names[n++] = dgm_context_guide(c->context, i).name;
    for (size_t i = 0; i < n; i++)
        if (dgm_slice_equal(names[i], wanted)) return CLI_DONE;
    int best = dgm_nearest(wanted, names, n);
    if (best < 0)
        return cli_usage(c, "there is no guide '%.*s'; `dragoman guide list` tells what there is", (int)wanted.len, wanted.at);
    return cli_usage(c, "there is no guide '%.*s'; did you mean %.*s?", (int)wanted.len, wanted.at, (int)names[best].len,
                     names[best].at);
}

static bool takes_codes(dgm_slice level)
{
    return dgm_slice_is(level, "advice") || dgm_slice_is(level, "codes") || dgm_slice_is(level, "guide");
}

/* Commands that look at guides, and those that are told to: what is wrong with one is told before any input is read. */
static bool asks_for_guides(const cli *c)
{
    const dgm_slice level = c->args.value[OPT_LEVEL];
    if (c->command->run == cli_run_guide || c->command->run == cli_run_validate || c->command->run == cli_run_ack) return true;
    if (c->args.given[OPT_GUIDE] || takes_codes(level)) return true;
    for (size_t i = 0; i < c->args.setting_count; i++) {
        const dgm_named *s = &c->args.settings[i];
        if (dgm_slice_is(s->name, "reader.guide") || (dgm_slice_is(s->name, "reader.level") && takes_codes(s->value))) return true;
    }
    return false;
}

static cli_exit context_opened(cli *c, const dgm_context_options *o, dgm_status status)
{
    if (status == DGM_OK) c->context = c->live ? dgm_live_hold(c->live) : c->own;
    if (status == DGM_OK && asks_for_guides(c)) status = dgm_context_guides(c->context, c->diags);
    cli_print_own(c);
    if (status == DGM_OK) return guide_known(c);
    cli_say_unusable(c, o->mappings, status);
    return status == DGM_DEFECT || status == DGM_USAGE ? CLI_DEFECT : CLI_ENVIRONMENT;
}

cli_exit cli_context(cli *c)
{
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.set_aside = o.as_needed = true;
    return context_opened(c, &o, dgm_context_open(&o, c->diags, &c->own));
}

cli_exit cli_context_whole(cli *c)
{
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.set_aside = true;
    return context_opened(c, &o, dgm_context_open(&o, c->diags, &c->own));
}

enum { THREADS_USUAL = 8 };

cli_exit cli_threads_possible(cli *c)
{
    uint64_t n = 1;
    if (c->args.given[OPT_THREADS] && (!cli_number(c->args.value[OPT_THREADS], 64, &n) || n == 0))
        return cli_usage(c, "--threads takes a number from 1 to 64; '%s' is none", c->args.value[OPT_THREADS].at);
    return CLI_DONE;
}

/* As many as asked for, else as there are processors. */
static uint32_t threads_of(const cli *c)
{
    uint64_t asked;
    if (cli_number(c->args.value[OPT_THREADS], 64, &asked)) return (uint32_t)asked;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > THREADS_USUAL ? THREADS_USUAL : (uint32_t)processors;
}

dgm_job_options cli_job_options(cli *c, dgm_slice to)
{
    return (dgm_job_options){ .struct_bytes = sizeof(dgm_job_options),
                              .from = c->args.value[OPT_FROM],
                              .to = to,
                              .strict = c->args.given[OPT_STRICT],
                              .accounts = !dgm_slice_is(c->args.value[OPT_ACCOUNTS], "off"),
                              .explain = c->args.given[OPT_EXPLAIN],
                              .level = c->args.value[OPT_LEVEL],
                              .guide = c->args.given[OPT_GUIDE] ? c->args.value[OPT_GUIDE] : (dgm_slice){ 0 },
                              .partner = c->args.given[OPT_PARTNER] ? c->args.value[OPT_PARTNER] : DGM_LITERAL("auto"),
                              .settings = c->args.settings,
                              .setting_count = c->args.setting_count,
                              .params = c->args.params,
                              .param_count = c->args.param_count,
                              .threads = threads_of(c) };
}

static dgm_status no_outlet_open(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)ctx, (void)number, (void)format;
    *out = (dgm_sink){ 0 };
    return DGM_IO;
}

static dgm_status no_outlet_close(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

/* Can jobs with these options be opened? */
static dgm_status probe(const dgm_context *context, const dgm_job_options *options, dgm_diags *diags)
{
    dgm_job_options o = *options;
    o.outlet = (dgm_outlet){ no_outlet_open, no_outlet_close, NULL };
    dgm_job *job = NULL;
    dgm_status status = dgm_job_open(context, &o, diags, &job);
    dgm_job_close(job);
    return status;
}

cli_exit cli_job_possible(cli *c, const dgm_job_options *options)
{
    dgm_status status = probe(c->context, options, c->diags);
    cli_print_own(c);
    return status == DGM_UNKNOWN || status == DGM_CONFIG ? CLI_USAGE : cli_exit_of(status);
}

static dgm_status usable(void *ctx, const dgm_context *context, dgm_diags *diags)
{
    return probe(context, ctx, diags);
}

cli_exit cli_context_live(cli *c, dgm_job_options *job)
{
    dgm_context_options o;
    if (!cli_context_options(c, &o)) return CLI_USAGE;
    o.set_aside = true;
    return context_opened(c, &o, dgm_live_open(&o, usable, job, c->diags, &c->live));
}
