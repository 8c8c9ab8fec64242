/* SPDX-License-Identifier: Apache-2.0
 *
 * guide.c - the command guide: which implementation guides there are, one of them as a table, and checking files before they go
 * into the folder. One thread.
 */
#include "guide.h"

#include "base/slice.h"

/* ---- list ---- */

static void list_row(cli *c, const dgm_guide_info *g)
{
    cli_stream *s = &c->out;
    cli_put(s, "{\"guide\":");
    cli_put_json(s, g->name);
    cli_put_member(s, "title", g->title);
    cli_put_member(s, "message", g->message);
    cli_put_member(s, "format", g->format);
    cli_put_member(s, "chosen_by", g->chosen);
    cli_put_member(s, "file", g->file);
    cli_print(s, ",\"places\":%u,\"rules\":%u}\n", g->place_count, g->rule_count);
}

static cli_exit list(cli *c)
{
    size_t n = dgm_context_guide_count(c->context), widths[] = { 5, 7, 9 };
    for (size_t i = 0; i < n; i++) {
        dgm_guide_info g = dgm_context_guide(c->context, i);
        const dgm_slice cells[] = { g.name, g.message, g.chosen };
        if (c->json) list_row(c, &g);
        for (size_t k = 0; k < 3; k++)
            if (cli_columns(cells[k]) > widths[k]) widths[k] = cli_columns(cells[k]);
    }
    if (c->json) return CLI_DONE;
    cli_stream *s = &c->out;
    dir_cell(s, INK_BOLD, DGM_LITERAL("GUIDE"), widths[0] + 2);
    dir_cell(s, INK_BOLD, DGM_LITERAL("MESSAGE"), widths[1] + 2);
    dir_cell(s, INK_BOLD, DGM_LITERAL("CHOSEN BY"), widths[2] + 2);
    dir_inked(s, INK_BOLD, DGM_LITERAL("WHAT IT IS"));
    cli_put(s, "\n");
    for (size_t i = 0; i < n; i++) {
        dgm_guide_info g = dgm_context_guide(c->context, i);
        dir_cell(s, INK_NAME, g.name, widths[0] + 2);
        dir_cell(s, INK_OFF, g.message, widths[1] + 2);
        dir_cell(s, INK_OFF, g.chosen, widths[2] + 2);
        cli_put_visible(s, g.title, SIZE_MAX);
        cli_put(s, "\n");
    }
    if (n == 0) cli_put(s, "There is no guide in the folder of the mappings (formats/edifact/).\n");
    return CLI_DONE;
}

/* ---- show ---- */

static cli_exit show(cli *c, dgm_slice name)
{
    size_t n = dgm_context_guide_count(c->context);
    dgm_slice *names = DGM_NEW(&c->arena, dgm_slice, n + 1);
    if (!names) return CLI_ENVIRONMENT;
    for (size_t i = 0; i < n; i++) {
        names[i] = dgm_context_guide(c->context, i).name;
        if (dgm_slice_equal(names[i], name)) return cli_guide_show(c, dgm_context_guide_at(c->context, i));
    }
    int best = dgm_nearest(name, names, n);
    if (best >= 0)
        return cli_usage(c, "there is no guide '%.*s'; did you mean %.*s?", (int)name.len, name.at, (int)names[best].len,
                         names[best].at);
    return cli_usage(c, "there is no guide '%.*s'; `dragoman guide list` tells what there is", (int)name.len, name.at);
}

/* ---- the command ---- */

cli_exit cli_run_guide(cli *c)
{
    static const char words[] = "list show lint";
    const dgm_slice *w = c->args.inputs;
    size_t n = c->args.input_count;
    if (n == 0) return cli_usage(c, "guide needs to know what to do: list, show or lint");
    bool wants_list = dgm_slice_is(w[0], "list"), wants_show = dgm_slice_is(w[0], "show"), wants_lint = dgm_slice_is(w[0], "lint");
    if (!wants_list && !wants_show && !wants_lint) {
        dgm_slice near = cli_nearest_word(w[0], words);
        return near.len
                   ? cli_usage(c, "guide does not know '%.*s'; did you mean %.*s?", (int)w[0].len, w[0].at, (int)near.len, near.at)
                   : cli_usage(c, "guide does not know '%.*s': it can list, show and lint", (int)w[0].len, w[0].at);
    }
    if (wants_list && n > 1) return cli_usage(c, "guide list takes nothing");
    if (wants_show && n != 2)
        return cli_usage(c, "guide show takes the name of a guide; `dragoman guide list` tells what there is");
    if (wants_lint && n < 2) return cli_usage(c, "guide lint takes files");
    cli_exit code = cli_context(c);
    if (code != CLI_DONE) return code;
    if (wants_list) return list(c);
    if (wants_show) return show(c, w[1]);
    for (size_t i = 1; i < n; i++) code = cli_worse(code, cli_lint_file(c, w[i], dgm_context_guide_check));
    return code;
}
