/* SPDX-License-Identifier: Apache-2.0
 *
 * main.c - finds the command, lets it run, and turns what happened into an exit code. One thread.
 */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A pipe whose reader has gone ends the command as it ends every tool: silently, by SIGPIPE. It is ignored until here so that what
 * was begun (files to be renamed or removed) is finished first. */
static void die_of_closed_pipe(void)
{
    signal(SIGPIPE, SIG_DFL);
    raise(SIGPIPE);
}

static cli_exit streams_close(cli *c, cli_exit code)
{
    (void)cli_stream_flush(&c->out);
    if (c->out.error && c->out.error != EPIPE) {
        cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, DGM_LITERAL("standard output"), dgm_slice_of(strerror(c->out.error)));
        code = cli_worse(code, CLI_ENVIRONMENT);
    }
    (void)cli_stream_flush(&c->err);
    if (c->out.error == EPIPE || c->err.error == EPIPE) die_of_closed_pipe();
    return code;
}

static cli_exit unknown_command(cli *c, dgm_slice word)
{
    dgm_slice names[64];
    size_t n = 0;
    for (const cli_command *k = cli_commands; k->name && n < 64; k++) names[n++] = dgm_slice_of(k->name);
    int best = dgm_nearest(word, names, n);
    if (best >= 0)
        return cli_usage(c, "there is no command '%.*s'; did you mean %.*s?", (int)word.len, word.at, (int)names[best].len,
                         names[best].at);
    return cli_usage(c, "there is no command '%.*s'", (int)word.len, word.at);
}

/* Colour is wanted before the options are read, for mistakes in them. */
static dgm_slice colour_wish(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        dgm_cut cut = dgm_slice_cut(dgm_slice_of(argv[i]), '=');
        if (!dgm_slice_is(cut.head, "--colour") && !dgm_slice_is(cut.head, "--color")) continue;
        if (cut.found) return cut.tail;
        if (i + 1 < argc) return dgm_slice_of(argv[i + 1]);
    }
    return DGM_LITERAL("auto");
}

/* Those that look at the codecs themselves load them themselves. */
static bool takes_codecs(const cli_command *k)
{
    for (const cli_option_id *o = k->options; *o != OPT_HELP; o++)
        if (*o == OPT_CODECS) return k->run != cli_run_codec;
    return false;
}

static cli_exit run(cli *c, int argc, char **argv)
{
    dgm_slice word = argc > 1 ? dgm_slice_of(argv[1]) : (dgm_slice){ 0 };
    if (!word.len) {
        cli_help_all(&c->err);
        return CLI_USAGE;
    }
    if (dgm_slice_is(word, "--help") || dgm_slice_is(word, "-h")) {
        cli_help_all(&c->out);
        return CLI_DONE;
    }
    if (dgm_slice_is(word, "--version") || dgm_slice_is(word, "-V")) return cli_run_version(c);
    c->command = cli_command_find(word);
    if (!c->command) return unknown_command(c, word);
    if (!cli_parse(c, argc - 2, argv + 2)) return CLI_USAGE;
    c->json = dgm_slice_is(c->args.value[OPT_FORMAT], "json");
    c->quiet = c->args.given[OPT_QUIET];
    if (c->args.given[OPT_HELP]) {
        cli_help(&c->out, c->command);
        return CLI_DONE;
    }
    cli_exit code = takes_codecs(c->command) ? cli_codecs_open(c, (dgm_slice){ 0 }) : CLI_DONE;
    return code == CLI_DONE ? c->command->run(c) : code;
}

int main(int argc, char **argv)
{
    static cli c; /* two buffers of 32 KiB; not on the stack, and there is one run */
    signal(SIGPIPE, SIG_IGN);
    cli_signals();
    c.mem = dgm_mem_default();
    dgm_arena_init(&c.arena, &c.mem);
    cli_stream_open(&c.out, STDOUT_FILENO, colour_wish(argc, argv));
    cli_stream_open(&c.err, STDERR_FILENO, colour_wish(argc, argv));
    cli_exit code = CLI_ENVIRONMENT;
    if (dgm_diags_new(&c.mem, 0, &c.diags) == DGM_OK)
        code = run(&c, argc, argv);
    else
        cli_put(&c.err, "dragoman: out of memory\n");
    code = streams_close(&c, code);
    if (c.live) dgm_live_give_back(c.live, c.context);
    dgm_live_close(c.live);
    dgm_context_free(c.own);
    dgm_codec_set_free(c.codecs);
    dgm_diags_free(c.diags);
    dgm_arena_free(&c.arena);
    return (int)code;
}
