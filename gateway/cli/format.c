/* SPDX-License-Identifier: Apache-2.0
 *
 * format.c - the command format: checking format files before they go into the folder, layouts of flat files as a table or laid
 * over a file, formats made of XML Schemas. One thread.
 */
#include "format.h"

#include "base/slice.h"
#include "context.h"

/* ---- which format ---- */

/* One that is loaded, by its name; or the file of one, on trial: then *shape is the caller's to free. */
static cli_exit find(cli *c, dgm_slice name, dgm_format *f, dgm_shape **shape)
{
    *shape = NULL;
    size_t n = c->context->format_count;
    const dgm_format_entry *e = dgm_context_find(c->context, name);
    if (e) {
        dgm_status st = dgm_context_need_format(c->context, e, c->diags);
        cli_print_own(c);
        *f = e->format;
        return cli_exit_of(st);
    }
    bool file = memchr(name.at, '/', name.len) || (name.len > 5 && memcmp(name.at + name.len - 5, ".yaml", 5) == 0);
    if (file) {
        dgm_slice bytes;
        if (cli_settings_file(c, name, &bytes) != CLI_DONE) return CLI_ENVIRONMENT;
        dgm_diags_clear(c->diags);
        dgm_status st = dgm_context_format_read(c->context, &c->arena, name, bytes, c->diags, f, shape);
        cli_print_own(c);
        return cli_exit_of(st);
    }
    dgm_slice *names = DGM_NEW(&c->arena, dgm_slice, n + 1);
    if (!names) return CLI_ENVIRONMENT;
    for (size_t i = 0; i < n; i++) names[i] = c->context->formats[i].format.name;
    int best = dgm_nearest(name, names, n);
    if (best >= 0)
        return cli_usage(c, "there is no format '%.*s'; did you mean %.*s?", (int)name.len, name.at, (int)names[best].len,
                         names[best].at);
    return cli_usage(c, "there is no format '%.*s'; `dragoman formats` tells what there is", (int)name.len, name.at);
}

static cli_exit with_layout(cli *c, dgm_slice name, dgm_slice file)
{
    dgm_format f = { 0 };
    dgm_shape *shape = NULL;
    cli_exit code = find(c, name, &f, &shape);
    if (code == CLI_DONE && !dgm_flat_layout_of(f.shape))
        code = cli_usage(c, "%.*s is no layout of flat files but a format of the codec %.*s", (int)f.name.len, f.name.at,
                         (int)f.codec.len, f.codec.at);
    else if (code == CLI_DONE)
        code = file.len ? cli_format_show(c, &f, file) : cli_format_doc(c, &f);
    dgm_shape_free(shape);
    return code;
}

/* A format that is loaded is checked as its file stands now. */
static cli_exit lint_one(cli *c, dgm_slice name)
{
    const dgm_format_entry *e = dgm_context_find(c->context, name);
    bool file = memchr(name.at, '/', name.len) || memchr(name.at, '.', name.len);
    dgm_format f;
    dgm_shape *shape;
    if (e) return cli_lint_file(c, e->path, dgm_context_format_check);
    return file ? cli_lint_file(c, name, dgm_context_format_check) : find(c, name, &f, &shape);
}

/* ---- the command ---- */

cli_exit cli_run_format(cli *c)
{
    static const char words[] = "lint doc show infer import";
    const dgm_slice *w = c->args.inputs;
    size_t n = c->args.input_count;
    if (n == 0) return cli_usage(c, "format needs to know what to do: lint, doc, show, infer or import");
    bool lint = dgm_slice_is(w[0], "lint"), doc = dgm_slice_is(w[0], "doc"), show = dgm_slice_is(w[0], "show");
    bool import = dgm_slice_is(w[0], "import"), infer = dgm_slice_is(w[0], "infer");
    if (!lint && !doc && !show && !import && !infer) {
        dgm_slice near = cli_nearest_word(w[0], words);
        return near.len
                   ? cli_usage(c, "format does not know '%.*s'; did you mean %.*s?", (int)w[0].len, w[0].at, (int)near.len, near.at)
                   : cli_usage(c, "format does not know '%.*s': it can lint, doc, show, infer and import", (int)w[0].len, w[0].at);
    }
    if (lint && n < 2) return cli_usage(c, "format lint takes files, or names of formats");
    if (doc && n != 2) return cli_usage(c, "format doc takes a layout: its name, or its file");
    if (show && n != 3) return cli_usage(c, "format show takes a layout (its name, or its file) and a file");
    if (import && n < 2) return cli_usage(c, "format import takes XML Schemas; the first has the root");
    if (infer && n < 2) return cli_usage(c, "format infer takes samples, all of one format");
    if (infer) return cli_format_infer(c, w + 1, n - 1);
    if (import) return cli_format_import(c, w + 1, n - 1);
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    if (!lint) return with_layout(c, w[1], show ? w[2] : (dgm_slice){ 0 });
    for (size_t i = 1; i < n; i++) code = cli_worse(code, lint_one(c, w[i]));
    return code;
}
