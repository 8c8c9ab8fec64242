/* SPDX-License-Identifier: Apache-2.0
 *
 * format_infer.c - `format infer SAMPLE...`: a layout guessed from examples, tried on them before it is given out: it is sound, and
 * reads each sample; where what values look like does not hold for all, their fields are texts. One thread.
 */
#include "format_infer.h"

#include "base/slice.h"
#include "context.h"
#include "map.h"

#include <stdio.h>

/* ---- trying ---- */

static void nobody_record(void *ctx, uint32_t place, uint64_t at, dgm_slice bytes, dgm_slice text, uint32_t number)
{
    (void)place, (void)at, (void)bytes, (void)text, (void)number;
    ++*(size_t *)ctx;
}

static void nobody_field(void *ctx, const dgm_flat_step *s, size_t from, size_t bytes, bool wrong, dgm_slice value)
{
    (void)ctx, (void)s, (void)from, (void)bytes, (void)wrong, (void)value;
}

/* Errors of the layout and of the samples it reads; *residue: columns and fields that it does not have. */
static dgm_status try_layout(inferring *x, dgm_slice yaml, const dgm_slice *samples, size_t *errors, size_t *residue)
{
    dgm_format f;
    dgm_shape *shape = NULL;
    dgm_diags *diags = NULL;
    dgm_status st = dgm_diags_new(&x->c->mem, 0, &diags);
    if (st == DGM_OK) st = dgm_context_format_read(x->c->context, x->a, DGM_LITERAL("inferred.yaml"), yaml, diags, &f, &shape);
    const dgm_format *formats[] = { &f };
    size_t records = 0;
    const dgm_flat_watch nobody = { nobody_record, nobody_field, &records };
    for (size_t i = 0; i < x->file_count && st == DGM_OK; i++) {
        dgm_host host = dgm_host_make(&x->c->mem, NULL, diags, NULL, formats, 1);
        st = dgm_flat_watched(&host, samples[i], &nobody);
    }
    *errors = diags ? dgm_diags_errors(diags) : 0;
    *residue = diags ? dgm_diags_count(diags) - *errors : 0;
    dgm_shape_free(shape);
    dgm_diags_free(diags);
    return st == DGM_CONFIG ? DGM_OK : st;
}

static dgm_status make(inferring *x, dgm_slice name, const dgm_slice *samples, dgm_buffer *out, size_t *errors)
{
    size_t residue = 0;
    dgm_status st = DGM_OK;
    *errors = 1;
    for (int plain = 0; plain < 2 && *errors + residue && st == DGM_OK; plain++) {
        x->plain = plain;
        for (uint32_t i = 0; i < x->kind_count && !x->failed; i++) infer_fields(x, &x->kinds[i]);
        if (x->failed) return DGM_NOMEM;
        out->len = 0;
        st = infer_write(x, name, (dgm_slice){ 0 }, out);
        if (st == DGM_OK) st = try_layout(x, dgm_buffer_slice(out), samples, errors, &residue);
    }
    dgm_slice tried =
        *errors + residue
            ? infer_print(x, "Tried on them: %zu errors and %zu warnings; look at them with format show.", *errors, residue)
            : DGM_LITERAL("Tried on them: they are read without an error and with nothing left over.");
    out->len = 0;
    return st == DGM_OK ? infer_write(x, name, tried, out) : st;
}

/* ---- the command ---- */

static cli_exit give_out(inferring *x, dgm_slice yaml, bool good)
{
    cli *c = x->c;
    dgm_slice path = c->args.value[OPT_OUTPUT];
    if (path.len && !map_replace(c, path, yaml)) return CLI_ENVIRONMENT;
    if (c->json)
        infer_tell_json(x);
    else if (!path.len)
        cli_put_slice(&c->out, yaml);
    else if (!c->quiet)
        cli_print(&c->out, "%.*s: %u kinds of record of %zu lines\n", (int)path.len, path.at, x->kind_count, x->line_count);
    return good ? CLI_DONE : CLI_REFUSED;
}

static cli_exit run(inferring *x)
{
    cli *c = x->c;
    dgm_slice *samples = DGM_NEW(x->a, dgm_slice, x->file_count + 1), name = c->args.value[OPT_NAME];
    x->files = DGM_NEW(x->a, dgm_slice, x->file_count + 1);
    if (!samples || !x->files) return CLI_ENVIRONMENT;
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", name.at[i]))
            return cli_usage(c, "a name is of letters, digits, hyphens, underlines and points");
    for (size_t i = 0; i < x->file_count; i++) {
        cli_exit code = cli_settings_file(c, x->names[i], &samples[i]);
        if (code != CLI_DONE) return code;
        while (samples[i].len && samples[i].at[samples[i].len - 1] == 0x1A) samples[i].len--;
        x->files[i] = samples[i];
    }
    bool lines = infer_lines(x);
    if (!lines && !x->failed)
        return cli_usage(c, "nothing of records is in these files: no line ends, and no length that divides them");
    infer_kinds(x);
    if (x->failed) return CLI_ENVIRONMENT;
    dgm_buffer out;
    size_t errors = 0;
    dgm_buffer_init(&out, &c->mem);
    dgm_status st = make(x, name.len ? name : DGM_LITERAL("inferred"), samples, &out, &errors);
    cli_exit code = st == DGM_OK ? give_out(x, dgm_buffer_slice(&out), errors == 0) : cli_exit_of(st);
    dgm_buffer_free(&out);
    return code;
}

cli_exit cli_format_infer(cli *c, const dgm_slice *samples, size_t n)
{
    dgm_arena arena;
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    dgm_arena_init(&arena, &c->mem);
    inferring x = { .c = c, .a = &arena, .names = samples, .file_count = n };
    code = run(&x);
    dgm_arena_free(&arena);
    return code;
}
