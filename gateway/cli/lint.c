/* SPDX-License-Identifier: Apache-2.0
 *
 * lint.c - files of settings checked one by one before they go into their folder: what `format lint` and `guide lint` share. One
 * thread.
 */
#include "cli.h"

#include "base/slice.h"
#include "files.h"

enum { FILE_MAX = 16 << 20 };

cli_exit cli_settings_file(cli *c, dgm_slice path, dgm_slice *bytes)
{
    const char *why = "too large";
    if (dgm_file_read(&c->arena, path, FILE_MAX, bytes, &why) == DGM_OK) return CLI_DONE;
    cli_say(c, DGM_D_CONTEXT_FILE, DGM_ERROR, path, dgm_slice_of(why));
    return CLI_ENVIRONMENT;
}

cli_exit cli_lint_file(cli *c, dgm_slice path, cli_file_check *check)
{
    dgm_slice bytes;
    cli_exit read = cli_settings_file(c, path, &bytes);
    if (read != CLI_DONE) return read;
    dgm_diags_clear(c->diags);
    dgm_status st = check(c->context, path, bytes, c->diags);
    size_t errors = dgm_diags_errors(c->diags);
    cli_print_own(c);
    if (st != DGM_OK && st != DGM_CONFIG) return cli_exit_of(st);
    if (!c->json && !(c->quiet && st == DGM_OK)) {
        cli_stream *s = &c->out;
        cli_print(s, "%s%s%s ", cli_ink_of(s, st == DGM_OK ? INK_GOOD : INK_BAD), st == DGM_OK ? "✓" : "✗", cli_ink_of(s, INK_OFF));
        cli_put_visible(s, path, SIZE_MAX);
        if (st == DGM_OK)
            cli_put(s, ": good\n");
        else
            cli_print(s, ": %zu mistake%s\n", errors, errors == 1 ? "" : "s");
    }
    return st == DGM_OK ? CLI_DONE : CLI_REFUSED;
}
