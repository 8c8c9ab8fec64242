/* SPDX-License-Identifier: Apache-2.0
 *
 * map_fmt.c - `map fmt FILE...`: files of mappings, cases, formats, guides and partners in their tidy form, in place; with --check
 * only told of. A file is replaced by one rename, and only by what means the same. One thread.
 */
#include "map.h"

#include "base/yaml_tidy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Written beside it under another name, then renamed over it; its mode stays. */
bool map_replace(cli *c, dgm_slice path, dgm_slice bytes)
{
    dgm_slice name = dgm_arena_print(&c->arena, "%.*s.XXXXXX", (int)path.len, path.at);
    char *beside = name.at ? DGM_NEW(&c->arena, char, name.len + 1) : NULL;
    struct stat was;
    if (!beside) return false;
    memcpy(beside, name.at, name.len);
    int fd = mkstemp(beside);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    bool good = f && fwrite(bytes.at, 1, bytes.len, f) == bytes.len;
    if (good) { /* a new file is as any other program makes it; mkstemp() made one for its owner alone */
        mode_t mask = umask(0);
        umask(mask);
        good = fchmod(fd, stat(path.at, &was) == 0 ? was.st_mode & 07777 : 0666 & ~mask) == 0;
    }
    if (f && fclose(f) != 0) good = false;
    if (good) good = rename(beside, path.at) == 0;
    if (!good) {
        cli_say(c, DGM_D_GATEWAY_OUTPUT, DGM_ERROR, path, dgm_slice_of(strerror(errno)));
        if (fd >= 0) unlink(beside);
    }
    return good;
}

static void tell(cli *c, dgm_slice path, bool tidy, bool wrote)
{
    cli_stream *s = &c->out;
    if (c->json) {
        cli_put(s, "{\"file\":");
        cli_put_json(s, path);
        cli_print(s, ",\"tidy\":%s,\"wrote\":%s}\n", tidy ? "true" : "false", wrote ? "true" : "false");
        return;
    }
    if (tidy && c->quiet) return;
    bool good = tidy || wrote;
    cli_print(s, "%s%s%s %.*s%s\n", cli_ink_of(s, good ? INK_GOOD : INK_BAD), good ? "✓" : "✗", cli_ink_of(s, INK_OFF),
              (int)path.len, path.at,
              tidy    ? ""
              : wrote ? "  written"
                      : "  is not tidy");
}

static cli_exit one_file(cli *c, dgm_slice path)
{
    const char *why = "";
    dgm_slice bytes;
    dgm_buffer out;
    if (!map_file(c, path, &bytes, &why)) {
        cli_say(c, DGM_D_GATEWAY_INPUT_OPEN, DGM_ERROR, path, dgm_slice_of(why));
        return CLI_ENVIRONMENT;
    }
    dgm_buffer_init(&out, &c->mem);
    dgm_status s = dgm_yaml_tidy(&c->mem, path, bytes, c->diags, &out);
    cli_print_own_to(c, &c->out);
    cli_exit code = s == DGM_CONFIG ? CLI_REFUSED : cli_exit_of(s);
    bool tidy = s == DGM_OK && dgm_slice_equal(dgm_buffer_slice(&out), bytes), check = c->args.given[OPT_CHECK], wrote = false;
    if (s == DGM_OK && !tidy && check) code = CLI_REFUSED;
    if (s == DGM_OK && !tidy && !check) {
        wrote = map_replace(c, path, dgm_buffer_slice(&out));
        if (!wrote) code = CLI_ENVIRONMENT;
    }
    if (s == DGM_OK) tell(c, path, tidy, wrote);
    if (s == DGM_OK && !tidy && check && !c->json && !c->quiet) map_print_difference(&c->out, bytes, dgm_buffer_slice(&out));
    dgm_buffer_free(&out);
    return code;
}

cli_exit map_fmt(cli *c, const dgm_slice *files, size_t n)
{
    if (!n) return cli_usage(c, "map fmt takes the files that are to be tidy");
    cli_exit code = CLI_DONE;
    for (size_t i = 0; i < n; i++) code = cli_worse(code, one_file(c, files[i]));
    return code;
}
