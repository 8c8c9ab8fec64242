/* SPDX-License-Identifier: Apache-2.0
 *
 * formats.c - the command formats: what can be read and written, and by which mapping; and the settings of the codecs. One thread.
 */
#include "cli.h"

#include "codecs/foreign.h"
#include "context.h"

enum { COLUMNS = 6 };

typedef struct row {
    dgm_slice cell[COLUMNS];
} row;

static const char *directions(const dgm_format_info *f)
{
    return f->mapping.len ? "read, write" : "check";
}

static void json_row(cli_stream *s, const dgm_format_info *f)
{
    cli_put(s, "{\"name\":");
    cli_put_json(s, f->name);
    cli_put(s, ",\"title\":");
    cli_put_json(s, f->title);
    cli_put(s, ",\"codec\":");
    cli_put_json(s, f->codec);
    cli_put(s, ",\"mapping\":");
    cli_put_json(s, f->mapping);
    cli_put(s, ",\"model\":");
    cli_put_json(s, f->model);
    cli_print(s, ",\"rules\":%u,\"directions\":\"%s\"}\n", f->rule_count, directions(f));
}

static void put_cell(cli_stream *s, dgm_slice text, size_t width, cli_ink ink, bool last)
{
    cli_put(s, cli_ink_of(s, ink));
    cli_put_visible(s, text, width);
    cli_put(s, cli_ink_of(s, INK_OFF));
    size_t used = cli_columns(text);
    if (!last) cli_put_times(s, " ", (used < width ? width - used : 0) + 2);
}

/* Columns as wide as their widest cell; when the terminal is too narrow the title (column 1) gives way. */
static void table(cli_stream *s, const row *rows, size_t n)
{
    size_t width[COLUMNS] = { 0 }, all = 2 * (COLUMNS - 1);
    for (size_t k = 0; k < COLUMNS; k++) {
        for (size_t i = 0; i < n; i++) {
            size_t w = cli_columns(rows[i].cell[k]);
            if (w > width[k]) width[k] = w;
        }
        all += width[k];
    }
    size_t room = s->width ? s->width : 132;
    if (all > room) {
        size_t over = all - room;
        width[1] = width[1] > over + 12 ? width[1] - over : width[1] < 12 ? width[1] : 12;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < COLUMNS; k++)
            put_cell(s, rows[i].cell[k], width[k], i == 0 ? INK_BOLD : k == 0 ? INK_NAME : INK_OFF, k + 1 == COLUMNS);
        cli_put(s, "\n");
    }
}

static void settings_of(cli *c, const dgm_codec *codec, const char *side, const dgm_option *options)
{
    cli_stream *s = &c->out;
    for (const dgm_option *o = options; o->name; o++) {
        if (c->json) {
            cli_print(s, "{\"codec\":\"%s\",\"setting\":\"%s.%s\",\"default\":", codec->name, side, o->name);
            cli_put_json(s, dgm_slice_of(o->standard));
            cli_put(s, ",\"values\":");
            cli_put_json(s, dgm_slice_of(o->values));
            cli_put(s, ",\"help\":");
            cli_put_json(s, dgm_slice_of(o->help));
            cli_put(s, "}\n");
            continue;
        }
        cli_print(s, "  %s%s.%s%s", cli_ink_of(s, INK_NAME), side, o->name, cli_ink_of(s, INK_OFF));
        if (o->standard && *o->standard)
            cli_print(s, "  %s(default %s)%s", cli_ink_of(s, INK_DIM), o->standard, cli_ink_of(s, INK_OFF));
        cli_put(s, "\n      ");
        cli_put_wrapped(s, o->help, 6, s->width ? s->width : 100);
        if (o->values)
            cli_print(s, "\n      One of: %s", o->values);
        else if (o->kind != DGM_OPT_TEXT)
            cli_put(s, o->kind == DGM_OPT_BOOL ? "\n      yes or no" : "\n      a number");
        cli_put(s, "\n");
    }
}

static cli_exit settings(cli *c)
{
    const dgm_codec *const *codecs = dgm_codec_set_list(c->codecs);
    for (size_t i = 0; codecs[i]; i++) {
        if (!c->json) cli_print(&c->out, "%s%s%s\n", cli_ink_of(&c->out, INK_BOLD), codecs[i]->name, cli_ink_of(&c->out, INK_OFF));
        settings_of(c, codecs[i], "reader", codecs[i]->reader_options);
        settings_of(c, codecs[i], "writer", codecs[i]->writer_options);
        if (codecs[i]->ack_options) settings_of(c, codecs[i], "ack", codecs[i]->ack_options);
    }
    return CLI_DONE;
}

cli_exit cli_run_formats(cli *c)
{
    if (c->args.given[OPT_SETTINGS]) return settings(c);
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    dgm_status checked = dgm_context_look_through(c->own, c->diags); /* and tells what cannot be used */
    cli_print_own(c);
    if (checked != DGM_OK) return cli_exit_of(checked);
    size_t n = dgm_context_format_count(c->context);
    row *rows = DGM_NEW(&c->arena, row, n + 1);
    if (!rows) return CLI_ENVIRONMENT;
    rows[0] = (row){ { DGM_LITERAL("NAME"), DGM_LITERAL("WHAT IT IS"), DGM_LITERAL("CODEC"), DGM_LITERAL("MAPPING"),
                       DGM_LITERAL("MODEL"), DGM_LITERAL("DOES") } };
    for (size_t i = 0; i < n; i++) {
        dgm_format_info f = dgm_context_format(c->context, i);
        if (c->json) json_row(&c->out, &f);
        dgm_slice mapping = f.mapping.len ? dgm_arena_print(&c->arena, "%.*s (%u rules)", (int)dgm_slice_file_name(f.mapping).len,
                                                            dgm_slice_file_name(f.mapping).at, f.rule_count)
                                          : DGM_LITERAL("-");
        rows[i + 1] =
            (row){ { f.name, f.title, f.codec, mapping, f.model.len ? f.model : DGM_LITERAL("-"), dgm_slice_of(directions(&f)) } };
    }
    if (c->json) return CLI_DONE;
    table(&c->out, rows, n + 1);
    cli_print(&c->out, "\n%sWhat shares a model is translated into each other; --to json gives the canonical document itself.%s\n",
              cli_ink_of(&c->out, INK_DIM), cli_ink_of(&c->out, INK_OFF));
    return CLI_DONE;
}
