/* SPDX-License-Identifier: Apache-2.0
 *
 * help.c - --help and the manual pages, made from the tables of commands.c and from the one list of diagnostics. One thread.
 */
#include "cli.h"

#include "base/diag_text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { WIDTH_MIN = 60, WIDTH_MAX = 110 };

static size_t width_of(const cli_stream *s)
{
    if (s->width == 0) return 100;
    return s->width < WIDTH_MIN ? WIDTH_MIN : s->width > WIDTH_MAX ? WIDTH_MAX : s->width;
}

static void heading(cli_stream *s, const char *text)
{
    cli_print(s, "\n%s%s%s\n", cli_ink_of(s, INK_BOLD), text, cli_ink_of(s, INK_OFF));
}

static void usage_line(cli_stream *s, const cli_command *k)
{
    cli_print(s, "Usage: dragoman %s%s%s", cli_ink_of(s, INK_BOLD), k->name, cli_ink_of(s, INK_OFF));
    for (size_t i = 0; k->needed[i] != OPT_HELP; i++)
        cli_print(s, " --%s %s", cli_options[k->needed[i]].name, cli_options[k->needed[i]].argument);
    cli_print(s, " [OPTION...]%s%s\n", *k->arguments ? " " : "", k->arguments);
}

static void option_help(cli_stream *s, const cli_option *o)
{
    cli_print(s, "  %s%c%c%c --%s%s", cli_ink_of(s, INK_NAME), o->letter ? '-' : ' ', o->letter ? o->letter : ' ',
              o->letter ? ',' : ' ', o->name, cli_ink_of(s, INK_OFF));
    if (o->argument) cli_print(s, " %s", o->argument);
    cli_put(s, "\n        ");
    cli_put_wrapped(s, o->help, 8, width_of(s));
    if (o->standard) cli_print(s, "\n        %sDefault: %s.%s", cli_ink_of(s, INK_DIM), o->standard, cli_ink_of(s, INK_OFF));
    if (o->repeats) cli_print(s, "\n        %sMay be given several times.%s", cli_ink_of(s, INK_DIM), cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
}

static void exit_help(cli_stream *s)
{
    heading(s, "Exit codes");
    for (int i = 0; i < 5; i++) {
        cli_print(s, "  %d  ", i);
        cli_put_wrapped(s, cli_exit_texts[i], 5, width_of(s));
        cli_put(s, "\n");
    }
}

void cli_help(cli_stream *s, const cli_command *k)
{
    usage_line(s, k);
    cli_put(s, "\n");
    cli_put_wrapped(s, k->text, 0, width_of(s));
    cli_put(s, "\n");
    if (*k->examples) heading(s, "Examples");
    for (dgm_slice rest = dgm_slice_of(k->examples); rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, '\n'), says = dgm_slice_cut(line.tail, '\n');
        cli_print(s, "  %.*s\n      %s%.*s%s\n", (int)line.head.len, line.head.at, cli_ink_of(s, INK_DIM), (int)says.head.len,
                  says.head.at, cli_ink_of(s, INK_OFF));
        rest = says.tail;
    }
    heading(s, "Options");
    for (size_t i = 0; k->options[i] != OPT_HELP; i++) option_help(s, &cli_options[k->options[i]]);
    option_help(s, &cli_options[OPT_HELP]);
    exit_help(s);
}

void cli_help_all(cli_stream *s)
{
    cli_print(
        s,
        "%sdragoman%s %s - translates between the message standards of trade\n\nUsage: dragoman COMMAND [OPTION...] [INPUT...]\n",
        cli_ink_of(s, INK_BOLD), cli_ink_of(s, INK_OFF), dgm_version());
    heading(s, "Commands");
    for (const cli_command *k = cli_commands; k->name; k++)
        cli_print(s, "  %s%-10s%s %s\n", cli_ink_of(s, INK_NAME), k->name, cli_ink_of(s, INK_OFF), k->summary);
    cli_put(s, "\n'dragoman COMMAND --help' tells all about a command.\n");
}

/* ---- manual pages: roff with man(7) macros ---- */

/* Backslashes, leading dots and hyphens of options mean something to roff. */
static void roff(cli_stream *s, dgm_slice text)
{
    bool line_begins = true;
    for (size_t i = 0; i < text.len; i++) {
        char ch = text.at[i];
        if (line_begins && (ch == '.' || ch == '\'')) cli_put(s, "\\&");
        line_begins = ch == '\n';
        if (ch == '\\')
            cli_put(s, "\\e");
        else if (ch == '-')
            cli_put(s, "\\-");
        else if (ch == '\n')
            cli_put(s, "\n.PP\n");
        else
            cli_put_slice(s, dgm_slice_part(text, i, i + 1));
    }
}

static void roff_text(cli_stream *s, const char *text)
{
    roff(s, dgm_slice_of(text));
}

static void man_head(cli_stream *s, const char *page, const char *dash, const char *section, const char *summary)
{
    cli_print(s, ".TH \"dragoman%s%s\" %s \"\" \"dragoman %s\" \"Dragoman\"\n.SH NAME\ndragoman%s%s \\- %s\n", dash, page, section,
              dgm_version(), dash, page, summary);
}

static void man_option(cli_stream *s, const cli_option *o)
{
    cli_put(s, ".TP\n");
    if (o->letter) cli_print(s, "\\fB\\-%c\\fR, ", o->letter);
    cli_put(s, "\\fB\\-\\-");
    roff_text(s, o->name);
    cli_put(s, "\\fR");
    if (o->argument) {
        cli_put(s, " \\fI");
        roff_text(s, o->argument);
        cli_put(s, "\\fR");
    }
    cli_put(s, "\n");
    roff_text(s, o->help);
    if (o->standard) {
        cli_put(s, "\nDefault: ");
        roff_text(s, o->standard);
        cli_put(s, ".");
    }
    if (o->repeats) cli_put(s, "\nMay be given several times.");
    cli_put(s, "\n");
}

static void man_tail(cli_stream *s)
{
    cli_put(s, ".SH EXIT STATUS\n");
    for (int i = 0; i < 5; i++) {
        cli_print(s, ".TP\n%d\n", i);
        roff_text(s, cli_exit_texts[i]);
        cli_put(s, "\n");
    }
    cli_put(s, ".PP\nWhen the reader of its output goes away the command ends by SIGPIPE, as tools do.\n.SH "
               "ENVIRONMENT\n.TP\nDRAGOMAN_MAPPINGS\n"
               "Folder of vocabularies, formats and rules, when \\fB\\-\\-mappings\\fR is not given.\n.TP\nNO_COLOR\n"
               "When set, no colour unless \\fB\\-\\-colour always\\fR.\n.TP\nCOLUMNS\nWidth to write for.\n");
}

void cli_man(cli_stream *s, const cli_command *k)
{
    if (!k) {
        man_head(s, "", "", "1", "translate between the message standards of trade");
        cli_put(s, ".SH SYNOPSIS\n\\fBdragoman\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIINPUT\\fR...]\n.SH COMMANDS\n");
        for (k = cli_commands; k->name; k++) {
            cli_print(s, ".TP\n\\fBdragoman\\-%s\\fR(1)\n", k->name);
            roff_text(s, k->summary);
            cli_put(s, "\n");
        }
    } else {
        man_head(s, k->name, "\\-", "1", k->summary);
        cli_print(s, ".SH SYNOPSIS\n\\fBdragoman %s\\fR", k->name);
        for (size_t i = 0; k->needed[i] != OPT_HELP; i++)
            cli_print(s, " \\fB\\-\\-%s\\fR \\fI%s\\fR", cli_options[k->needed[i]].name, cli_options[k->needed[i]].argument);
        cli_print(s, " [\\fIOPTION\\fR...] %s\n.SH DESCRIPTION\n", k->arguments);
        roff_text(s, k->text);
        cli_put(s, "\n.SH OPTIONS\n");
        for (size_t i = 0; k->options[i] != OPT_HELP; i++) man_option(s, &cli_options[k->options[i]]);
        man_option(s, &cli_options[OPT_HELP]);
        if (*k->examples) cli_put(s, ".SH EXAMPLES\n");
        for (dgm_slice rest = dgm_slice_of(k->examples); rest.len;) {
            dgm_cut line = dgm_slice_cut(rest, '\n'), says = dgm_slice_cut(line.tail, '\n');
            cli_put(s, ".TP\n.B ");
            roff(s, line.head);
            cli_put(s, "\n");
            roff(s, says.head);
            cli_put(s, "\n");
            rest = says.tail;
        }
    }
    man_tail(s);
    cli_put(s, ".SH SEE ALSO\n\\fBdragoman\\fR(1), \\fBdragoman\\-diagnostics\\fR(7)\n");
}

void cli_man_diagnostics(cli_stream *s)
{
    static const uint32_t codes[] = {
#define X(id, number, name, text, hint) (number),
#include "base/diag_codes/all.def"
#undef X
    };
    man_head(s, "diagnostics", "\\-", "7", "everything dragoman says about an input");
    cli_put(s, ".SH DESCRIPTION\nEach diagnostic has a name and a number that never change. {1} to {4} stand for what is told of "
               "the case at hand, {1:one|several} for \"one\" where that is 1 and for \"several\" where not. "
               "In JSON the name is \"code\".\n.SH DIAGNOSTICS\n");
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        const dgm_diag_row *row = dgm_diag_row_of(codes[i]);
        cli_print(s, ".TP\n\\fB%s\\fR (%u)\n", row->name, codes[i]);
        roff_text(s, row->text);
        cli_put(s, "\n");
        if (*row->hint) {
            cli_put(s, ".br\n\\fIHint:\\fR ");
            roff_text(s, row->hint);
            cli_put(s, "\n");
        }
    }
    cli_put(s, ".SH SEE ALSO\n\\fBdragoman\\-validate\\fR(1)\n");
}

/* ---- the commands help and version ---- */

static cli_exit page_to(cli *c, dgm_slice folder, const cli_command *k, const char *name)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%.*s/%s", (int)folder.len, folder.at, name);
    int fd = n > 0 && (size_t)n < sizeof path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (fd < 0) {
        cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, n > 0 && (size_t)n < sizeof path ? dgm_slice_of(path) : folder,
                dgm_slice_of(strerror(errno)));
        return CLI_ENVIRONMENT;
    }
    cli_stream page;
    cli_stream_open(&page, fd, DGM_LITERAL("never"));
    if (dgm_slice_is(dgm_slice_of(name), "dragoman-diagnostics.7"))
        cli_man_diagnostics(&page);
    else
        cli_man(&page, k);
    dgm_status status = cli_stream_flush(&page);
    close(fd);
    if (status == DGM_OK) return CLI_DONE;
    cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, dgm_slice_of(path), dgm_slice_of(strerror(page.error)));
    return CLI_ENVIRONMENT;
}

static cli_exit pages_to(cli *c, dgm_slice folder)
{
    cli_exit code = page_to(c, folder, NULL, "dragoman.1");
    for (const cli_command *k = cli_commands; k->name && code == CLI_DONE; k++) {
        char name[64];
        snprintf(name, sizeof name, "dragoman-%s.1", k->name);
        code = page_to(c, folder, k, name);
    }
    return code == CLI_DONE ? page_to(c, folder, NULL, "dragoman-diagnostics.7") : code;
}

cli_exit cli_run_help(cli *c)
{
    if (c->args.given[OPT_MAN_TO]) return pages_to(c, c->args.value[OPT_MAN_TO]);
    dgm_slice word = c->args.input_count ? c->args.inputs[0] : (dgm_slice){ 0 };
    const cli_command *k = cli_command_find(word);
    bool man = c->args.given[OPT_MAN];
    if (man && dgm_slice_is(word, "diagnostics")) {
        cli_man_diagnostics(&c->out);
        return CLI_DONE;
    }
    if (word.len && !k) {
        dgm_slice names[32];
        size_t n = 0;
        for (const cli_command *i = cli_commands; i->name && n < 32; i++) names[n++] = dgm_slice_of(i->name);
        int best = dgm_nearest(word, names, n);
        return cli_usage(c, "there is no command '%.*s'%s%s%s", (int)word.len, word.at, best >= 0 ? "; did you mean " : "",
                         best >= 0 ? cli_commands[best].name : "", best >= 0 ? "?" : "");
    }
    if (man)
        cli_man(&c->out, k);
    else if (k)
        cli_help(&c->out, k);
    else
        cli_help_all(&c->out);
    return CLI_DONE;
}

cli_exit cli_run_version(cli *c)
{
    if (c->json) {
        cli_put(&c->out, "{\"version\":");
        cli_put_json(&c->out, dgm_slice_of(dgm_version()));
        cli_put(&c->out, "}\n");
    } else {
        cli_print(&c->out, "dragoman %s\n", dgm_version());
    }
    return CLI_DONE;
}
