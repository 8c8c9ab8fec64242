/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.c - the command codec: which codecs there are, and whether they keep the contract. One thread.
 */
#include "codec.h"

static void json_row(cli_stream *s, const dgm_codec_info *k)
{
    cli_put(s, "{\"codec\":");
    cli_put_json(s, k->name);
    cli_put(s, ",\"title\":");
    cli_put_json(s, k->title);
    cli_put(s, ",\"version\":");
    cli_put_json(s, k->version);
    cli_put(s, ",\"file\":");
    cli_put_json(s, k->file);
    cli_print(s, ",\"abi\":%u,\"answers\":%s,\"single\":%s}\n", k->abi, k->answers ? "true" : "false",
              k->single ? "true" : "false");
}

static void text_row(cli_stream *s, const dgm_codec_info *k)
{
    cli_print(s, "%s%.*s%s", cli_ink_of(s, INK_NAME), (int)k->name.len, k->name.at, cli_ink_of(s, INK_OFF));
    cli_put_times(s, " ", (k->name.len < 12 ? 12 - k->name.len : 0) + 2);
    if (k->file.len)
        cli_put_visible(s, k->file, SIZE_MAX);
    else
        cli_put(s, "built in");
    if (k->answers) cli_put(s, "; answers");
    if (k->title.len) cli_put(s, "; "), cli_put_visible(s, k->title, SIZE_MAX);
    if (k->version.len) cli_put(s, " "), cli_put_visible(s, k->version, SIZE_MAX);
    cli_put(s, "\n");
}

static cli_exit list(cli *c)
{
    cli_exit code = cli_codecs_open(c, (dgm_slice){ 0 });
    if (code != CLI_DONE) return code;
    const dgm_codec *const *all = dgm_codec_set_list(c->codecs);
    for (size_t i = 0; all[i]; i++) {
        dgm_codec_info k = c->codecs ? dgm_codec_set_at(c->codecs, i) : dgm_codec_told(all[i]);
        if (c->json)
            json_row(&c->out, &k);
        else
            text_row(&c->out, &k);
    }
    return CLI_DONE;
}

cli_exit cli_run_codec(cli *c)
{
    const dgm_slice *w = c->args.inputs;
    const size_t n = c->args.input_count;
    if (!n) return cli_usage(c, "codec needs to know what to do: list or check");
    if (dgm_slice_is(w[0], "check"))
        return n > 2 ? cli_codec_check(c, w[1], w + 2, n - 2)
                     : cli_usage(c, "codec check takes a codec (its name, or its file) and samples of what it reads");
    if (!dgm_slice_is(w[0], "list"))
        return cli_usage(c, "codec does not know '%.*s': it can list and check", (int)w[0].len, w[0].at);
    return n == 1 ? list(c) : cli_usage(c, "codec list takes no more words");
}
