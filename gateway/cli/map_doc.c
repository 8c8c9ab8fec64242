/* SPDX-License-Identifier: Apache-2.0
 *
 * map_doc.c - `map doc`: a mapping as the table that both sides sign: each place with its name, and what happens on the way; as
 * Markdown, as a page of HTML that prints well, or as JSON. The digest says which mapping it was. One thread.
 */
#include "map.h"

#include "context.h"
#include "mapping/describe.h"

#include <string.h>

typedef enum form { MARKDOWN, HTML, JSON } form;

/* Text as its form wants it. */
static void put(cli_stream *s, form f, dgm_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        const char *as = NULL;
        if (f == HTML) as = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
        if (f == MARKDOWN) as = c == '|' ? "\\|" : c == '\n' ? " " : c == '<' ? "&lt;" : c == '*' ? "\\*" : NULL;
        if (as)
            cli_put(s, as);
        else
            cli_put_slice(s, dgm_slice_part(text, i, i + 1));
    }
}

/* Its title, and the standard's own number for it. */
static void put_name(cli_stream *s, form f, const dgm_slot *slot)
{
    if (!slot) return;
    put(s, f, slot->title);
    if (slot->tag.len && !dgm_slice_equal(slot->tag, slot->name)) {
        cli_put(s, slot->title.len ? " (" : "(");
        put(s, f, slot->tag);
        cli_put(s, ")");
    }
}

static const char *const head_names[] = { "Wire", "What it is", "Canonical", "What it is", "How", "Line" };
enum { COLUMNS = sizeof head_names / sizeof *head_names };

static void put_digest(cli_stream *s, const dgm_mapping *m)
{
    const unsigned char *digest = dgm_mapping_digest(m);
    for (size_t i = 0; i < 32; i++) cli_print(s, "%02x", digest[i]);
}

/* ---- Markdown ---- */

static void code(cli_stream *s, dgm_slice text)
{
    if (!text.len) return;
    cli_put(s, "`");
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '|') cli_put(s, "\\");
        cli_put_slice(s, dgm_slice_part(text, i, i + 1));
    }
    cli_put(s, "`");
}

static void markdown_row(cli_stream *s, const dgm_row *r)
{
    cli_put(s, "| ");
    cli_put_times(s, "› ", r->depth);
    if (r->kind != DGM_STATEMENT_RULE) cli_put(s, r->kind == DGM_STATEMENT_EACH ? "**each** " : "**ignored** ");
    code(s, r->wire);
    cli_put(s, " | ");
    put_name(s, MARKDOWN, r->wire_slot);
    cli_put(s, " | ");
    code(s, r->model);
    cli_put(s, " | ");
    put_name(s, MARKDOWN, r->model_slot);
    cli_put(s, " | ");
    put(s, MARKDOWN, r->notes);
    cli_put(s, " | ");
    put(s, MARKDOWN, dgm_slice_file_name(r->file));
    cli_print(s, ":%u |\n", r->line);
}

static void markdown_begin(cli_stream *s, const dgm_mapping *m)
{
    cli_put(s, "# ");
    put(s, MARKDOWN, dgm_mapping_name(m));
    cli_put(s, ": ");
    put(s, MARKDOWN, dgm_mapping_format(m));
    cli_put(s, " ↔ ");
    put(s, MARKDOWN, dgm_mapping_model(m));
    cli_put(s, "\n\nDigest ");
    put_digest(s, m);
    cli_put(s, "\n\n|");
    for (size_t i = 0; i < COLUMNS; i++) cli_print(s, " %s |", head_names[i]);
    cli_put(s, "\n|");
    cli_put_times(s, "---|", COLUMNS);
    cli_put(s, "\n");
}

/* ---- HTML ---- */

static const char style[] =
    "body{font:14px/1.45 system-ui,sans-serif;margin:2em auto;max-width:110em;padding:0 1em;color:#1b1f24;background:#fff}"
    "h1{font-size:1.5em;margin:0 0 .2em}p.digest{color:#59636e;font-size:.85em;word-break:break-all}"
    "table{border-collapse:collapse;width:100%}th{position:sticky;top:0;background:#f6f8fa;text-align:left}"
    "th,td{border-bottom:1px solid #d1d9e0;padding:.35em .6em;vertical-align:top}"
    "code{font:12.5px ui-monospace,monospace;overflow-wrap:anywhere}td.line{color:#59636e;white-space:nowrap}"
    "tr.each td{background:#eef4fb;font-weight:600}tr.ignored{color:#59636e}ul{padding-left:1.2em}"
    "@media print{body{margin:0;font-size:10px}th{position:static}tr{break-inside:avoid}}"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}th{background:#161b22}"
    "th,td{border-color:#30363d}tr.each td{background:#121d2f}}";

static void html_cell(cli_stream *s, dgm_slice text, uint32_t depth)
{
    cli_print(s, "<td style=\"padding-left:%u.6em\">", depth);
    if (text.len) {
        cli_put(s, "<code>");
        put(s, HTML, text);
        cli_put(s, "</code>");
    }
    cli_put(s, "</td>");
}

static void html_row(cli_stream *s, const dgm_row *r)
{
    static const char *const classes[] = {
        [DGM_STATEMENT_RULE] = "", [DGM_STATEMENT_EACH] = " class=\"each\"", [DGM_STATEMENT_IGNORE] = " class=\"ignored\""
    };
    cli_print(s, "<tr%s>", classes[r->kind]);
    html_cell(s, r->wire, r->depth);
    cli_put(s, "<td>");
    put_name(s, HTML, r->wire_slot);
    cli_put(s, "</td>");
    html_cell(s, r->model, r->depth);
    cli_put(s, "<td>");
    put_name(s, HTML, r->model_slot);
    cli_put(s, "</td><td>");
    if (r->kind != DGM_STATEMENT_RULE) cli_put(s, r->kind == DGM_STATEMENT_EACH ? "for each" : "ignored");
    if (r->kind != DGM_STATEMENT_RULE && r->notes.len) cli_put(s, ": ");
    put(s, HTML, r->notes);
    cli_put(s, "</td><td class=\"line\">");
    put(s, HTML, dgm_slice_file_name(r->file));
    cli_print(s, ":%u</td></tr>\n", r->line);
}

static void html_begin(cli_stream *s, const dgm_mapping *m)
{
    cli_put(s, "<h1>");
    put(s, HTML, dgm_mapping_name(m));
    cli_put(s, ": ");
    put(s, HTML, dgm_mapping_format(m));
    cli_put(s, " ↔ ");
    put(s, HTML, dgm_mapping_model(m));
    cli_put(s, "</h1>\n<p class=\"digest\">Digest ");
    put_digest(s, m);
    cli_put(s, "</p>\n<table><thead><tr>");
    for (size_t i = 0; i < COLUMNS; i++) cli_print(s, "<th>%s</th>", head_names[i]);
    cli_put(s, "</tr></thead><tbody>\n");
}

/* ---- JSON ---- */

static void json_row(cli_stream *s, const dgm_mapping *m, const dgm_row *r)
{
    static const char *const kinds[] = {
        [DGM_STATEMENT_RULE] = "rule", [DGM_STATEMENT_EACH] = "each", [DGM_STATEMENT_IGNORE] = "ignore"
    };
    cli_print(s, "{\"is\":\"%s\",\"depth\":%u", kinds[r->kind], r->depth);
    cli_put_member(s, "mapping", dgm_mapping_name(m));
    if (r->wire.len) cli_put_member(s, "wire", r->wire);
    if (r->wire_slot && r->wire_slot->title.len) cli_put_member(s, "wire_name", r->wire_slot->title);
    if (r->model.len) cli_put_member(s, "model", r->model);
    if (r->model_slot && r->model_slot->title.len) cli_put_member(s, "model_name", r->model_slot->title);
    if (r->notes.len) cli_put_member(s, "notes", r->notes);
    cli_put_member(s, "file", r->file);
    cli_print(s, ",\"line\":%u}\n", r->line);
}

/* ---- the command ---- */

static void checks(cli_stream *s, form f, const dgm_mapping *m, dgm_arena *arena)
{
    dgm_slice text = dgm_mapping_check_text(m, 0, arena);
    if (!text.len || f == JSON) return;
    cli_put(s, f == HTML ? "<h2>Checks</h2>\n<ul>\n" : "\n## Checks\n\n");
    for (uint32_t i = 0; (text = dgm_mapping_check_text(m, i, arena)).len; i++) {
        cli_put(s, f == HTML ? "<li>" : "- ");
        put(s, f, text);
        cli_put(s, f == HTML ? "</li>\n" : "\n");
    }
    if (f == HTML) cli_put(s, "</ul>\n");
}

static void documents(cli_stream *s, form f, const dgm_mapping *m, dgm_arena *arena)
{
    dgm_slice text = dgm_mapping_document_text(m, arena);
    if (!text.len || f == JSON) return;
    cli_put(s, f == HTML ? "<p>Documents: " : "\nDocuments: ");
    put(s, f, text);
    cli_put(s, f == HTML ? "</p>\n" : "\n");
}

static cli_exit document(cli *c, form f, const dgm_mapping *m)
{
    cli_stream *s = &c->out;
    dgm_row r;
    dgm_status status = DGM_OK;
    if (f == MARKDOWN) markdown_begin(s, m);
    if (f == HTML) html_begin(s, m);
    for (uint32_t i = 0; (status = dgm_mapping_row(m, i, &c->arena, &r)) == DGM_OK; i++) {
        uint32_t wire, model, covered = dgm_mapping_covered(m, i, 0, &wire, &model);
        if (covered && !r.notes.len)
            r.notes = dgm_arena_print(&c->arena, "%u %s of the same name and kind on both sides", covered,
                                      covered == 1 ? "place" : "places");
        if (f == MARKDOWN)
            markdown_row(s, &r);
        else if (f == HTML)
            html_row(s, &r);
        else
            json_row(s, m, &r);
    }
    if (f == HTML) cli_put(s, "</tbody></table>\n");
    documents(s, f, m, &c->arena);
    checks(s, f, m, &c->arena);
    if (f == MARKDOWN) cli_put(s, "\n");
    return status == DGM_END ? CLI_DONE : CLI_ENVIRONMENT;
}

cli_exit map_doc(cli *c, const dgm_slice *files, size_t n)
{
    form f = c->json ? JSON : c->args.given[OPT_HTML] ? HTML : MARKDOWN;
    cli_exit code = map_open(c, files, n);
    if (code != CLI_DONE) return code;
    if (f == HTML)
        cli_print(&c->out,
                  "<!doctype html>\n<html lang=\"en\"><head><meta "
                  "charset=\"utf-8\"><title>Mappings</title><style>%s</style></head><body>\n",
                  style);
    for (size_t i = 0; i < c->context->mapping_count && code == CLI_DONE; i++)
        code = document(c, f, c->context->mappings[i].mapping);
    if (f == HTML) cli_put(&c->out, "</body></html>\n");
    return code;
}
