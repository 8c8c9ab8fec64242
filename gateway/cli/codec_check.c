/* SPDX-License-Identifier: Apache-2.0
 *
 * codec_check.c - dragoman codec check: runs the conformance kit (gateway/kit) over one codec and samples, and tells what came of
 * each part. One thread.
 */
#include "codec.h"

#include "base/slice.h"
#include "gateway/kit/kit.h"

#include <string.h>

enum { SECONDS_USUAL = 60, RUNS_USUAL = 300 };

typedef struct checking {
    cli *c;
    const dgm_codec *codec;
    dgm_slice file; /* of it; empty: built in */
    kit_sample *samples;
    size_t sample_count;
    kit_options options;
    dgm_limits limits;
} checking;

/* ---- what is said ---- */

static void progress(void *ctx, const char *part, dgm_slice sample, uint64_t work)
{
    cli_stream *s = &((cli *)ctx)->err;
    cli_put(s, "\r\033[K");
    cli_print(s, "  %s %llu ", part, (unsigned long long)work);
    cli_put_visible(s, dgm_slice_file_name(sample), 40);
    (void)cli_stream_flush(s);
}

static const char *signal_text(int number)
{
    const char *name = number ? strsignal(number) : NULL; // NOLINT(concurrency-mt-unsafe): one thread
    return name ? name : "it ended the process";
}

static dgm_slice sample_name(const checking *k, uint32_t sample)
{
    return sample < k->sample_count ? k->samples[sample].name : (dgm_slice){ 0 };
}

static void json_finding(cli_stream *s, const checking *k, uint32_t sample, const char *step, const char *text, bool first)
{
    cli_put(s, first ? "{\"sample\":" : ",{\"sample\":");
    cli_put_json(s, sample_name(k, sample));
    cli_put(s, ",\"step\":");
    cli_put_json(s, dgm_slice_of(step));
    cli_put(s, ",\"text\":");
    cli_put_json(s, dgm_slice_of(text));
    cli_put(s, "}");
}

static uint32_t kept(const kit_board *b)
{
    return b->finding_count < KIT_FINDINGS ? b->finding_count : KIT_FINDINGS;
}

/* What ended a part before its end, as a finding of its own. */
static const char *end_text(const checking *k, const kit_result *r)
{
    dgm_slice t = r->outcome == KIT_CRASHED ? dgm_arena_print(&k->c->arena, "crashed: %s", signal_text(r->signal))
                                            : dgm_arena_print(&k->c->arena, "hangs: no step for %u seconds", k->options.seconds);
    return t.at ? t.at : "ended";
}

static void json_result(const checking *k, const kit_result *r)
{
    cli_stream *s = &k->c->out;
    const kit_board *b = &r->board;
    const bool ended = r->outcome == KIT_CRASHED || r->outcome == KIT_HANGS;
    cli_print(s, "{\"codec\":\"%s\",\"part\":\"%s\",\"outcome\":\"%s\",\"work\":%llu,\"seed\":%llu,\"note\":", k->codec->name,
              r->part->name, kit_outcome_names[r->outcome], (unsigned long long)b->work, (unsigned long long)k->options.seed);
    cli_put_json(s, dgm_slice_of(ended ? "" : b->note));
    cli_put(s, ",\"findings\":[");
    if (ended) json_finding(s, k, b->sample, b->step, end_text(k, r), true);
    for (uint32_t i = 0; i < kept(b); i++)
        json_finding(s, k, b->findings[i].sample, b->findings[i].step, b->findings[i].text, i == 0 && !ended);
    cli_put(s, "]}\n");
}

static void text_finding(cli_stream *s, const checking *k, uint32_t sample, const char *step, const char *text)
{
    cli_print(s, "    %s", cli_ink_of(s, INK_BAD));
    cli_put_visible(s, sample_name(k, sample), SIZE_MAX);
    cli_print(s, "%s, ", cli_ink_of(s, INK_OFF));
    cli_put_visible(s, dgm_slice_of(step), SIZE_MAX);
    cli_put(s, ": ");
    cli_put_visible(s, dgm_slice_of(text), SIZE_MAX);
    cli_put(s, "\n");
}

static void text_result(const checking *k, const kit_result *r)
{
    cli_stream *s = &k->c->out;
    const kit_board *b = &r->board;
    const bool good = r->outcome == KIT_PASSED, ended = r->outcome == KIT_CRASHED || r->outcome == KIT_HANGS;
    if (good && k->c->quiet) return;
    cli_print(s, "%s%s%s %s", cli_ink_of(s, good ? INK_GOOD : INK_BAD), good ? "✓" : "✗", cli_ink_of(s, INK_OFF), r->part->name);
    cli_put_times(s, " ", strlen(r->part->name) < 15 ? 15 - strlen(r->part->name) : 1);
    cli_put(s, good ? r->part->help : kit_outcome_names[r->outcome]);
    if (good)
        cli_print(s, " %s(%llu steps%s%s)%s", cli_ink_of(s, INK_DIM), (unsigned long long)b->work, *b->note ? "; " : "", b->note,
                  cli_ink_of(s, INK_OFF));
    cli_put(s, "\n");
    if (ended) text_finding(s, k, b->sample, b->step, end_text(k, r));
    for (uint32_t i = 0; i < kept(b); i++) text_finding(s, k, b->findings[i].sample, b->findings[i].step, b->findings[i].text);
    if (b->finding_count >= KIT_FINDINGS) cli_put(s, "    and perhaps more: the part ended here\n");
}

/* ---- running ---- */

static cli_exit run_parts(checking *k)
{
    cli *c = k->c;
    size_t good = 0, all = 0;
    for (const kit_part *p = kit_parts; p->name; p++, all++) {
        kit_result r;
        (void)cli_stream_flush(&c->out); /* what is not written yet is not the part's to write */
        (void)cli_stream_flush(&c->err);
        if (!kit_run(k->codec, c->context, k->samples, k->sample_count, &k->options, p, &r)) {
            cli_say(c, DGM_D_CODEC_KIT, DGM_ERROR, dgm_slice_of(p->name), (dgm_slice){ 0 });
            return CLI_ENVIRONMENT;
        }
        if (k->options.progress) cli_put(&c->err, "\r\033[K"), (void)cli_stream_flush(&c->err);
        if (c->json)
            json_result(k, &r);
        else
            text_result(k, &r);
        good += r.outcome == KIT_PASSED;
    }
    if (c->json)
        cli_print(&c->out, "{\"codec\":\"%s\",\"passed\":%s,\"parts\":%zu,\"good\":%zu}\n", k->codec->name,
                  good == all ? "true" : "false", all, good);
    else if (good == all)
        cli_print(&c->out, "%s passes: %zu parts over %zu sample%s, seed %llu\n", k->codec->name, all, k->sample_count,
                  k->sample_count == 1 ? "" : "s", (unsigned long long)k->options.seed);
    else
        cli_print(&c->out, "%s does not pass: %zu of %zu parts\n", k->codec->name, all - good, all);
    return good == all ? CLI_DONE : CLI_REFUSED;
}

static cli_exit read_samples(checking *k, const dgm_slice *names, size_t n)
{
    k->samples = DGM_NEW(&k->c->arena, kit_sample, n);
    if (!k->samples) return CLI_ENVIRONMENT;
    for (; k->sample_count < n; k->sample_count++) {
        kit_sample *s = &k->samples[k->sample_count];
        s->name = names[k->sample_count];
        if (cli_settings_file(k->c, s->name, &s->bytes) != CLI_DONE) return CLI_ENVIRONMENT;
        if (!s->bytes.len) return cli_usage(k->c, "%.*s is empty: a sample has something in it", (int)s->name.len, s->name.at);
    }
    return CLI_DONE;
}

static cli_exit take_settings(checking *k)
{
    cli *c = k->c;
    const size_t n = c->args.setting_count;
    dgm_setting *reader = DGM_NEW(&c->arena, dgm_setting, n + 1), *writer = DGM_NEW(&c->arena, dgm_setting, n + 1);
    if (!reader || !writer) return CLI_ENVIRONMENT;
    for (size_t i = 0; i < n; i++) {
        dgm_cut cut = dgm_slice_cut(c->args.settings[i].name, '.');
        const dgm_setting s = { cut.tail, c->args.settings[i].value };
        if (dgm_slice_is(cut.head, "reader"))
            reader[k->options.reader_count++] = s;
        else if (dgm_slice_is(cut.head, "writer"))
            writer[k->options.writer_count++] = s;
        else
            return cli_usage(c, "--set takes reader.NAME or writer.NAME here");
    }
    k->options.reader = reader;
    k->options.writer = writer;
    return CLI_DONE;
}

static bool number(cli *c, cli_option_id id, uint64_t usual, uint64_t most, uint64_t *out)
{
    *out = usual;
    if (!c->args.given[id] || (cli_number(c->args.value[id], most, out) && *out)) return true;
    (void)cli_usage(c, "--%s takes a number from 1 to %llu", cli_options[id].name, (unsigned long long)most);
    return false;
}

/* ---- finding the codec ---- */

typedef struct trying {
    cli *c;
    dgm_slice file;
} trying;

/* All that runs code of the codec before any sample is there. */
static void load_once(void *ctx)
{
    trying *t = ctx;
    dgm_context_options o = { .struct_bytes = sizeof o,
                              .mappings = cli_mappings(t->c),
                              .partners = t->c->args.value[OPT_PARTNERS] };
    dgm_codec_set *set = NULL;
    dgm_context *context = NULL;
    if (dgm_codec_set_open(NULL, cli_codecs(t->c), t->file, NULL, &set) != DGM_OK) return;
    o.codecs = set;
    if (dgm_context_open(&o, NULL, &context) == DGM_OK) dgm_context_free(context);
    dgm_codec_set_free(set);
}

static cli_exit load(checking *k, dgm_slice word)
{
    cli *c = k->c;
    const bool file = memchr(word.at, '/', word.len) || (word.len > 3 && memcmp(word.at + word.len - 3, ".so", 3) == 0);
    trying t = { c, file ? word : (dgm_slice){ 0 } };
    int number_of_signal = 0;
    kit_outcome outcome = kit_try(load_once, &t, k->options.seconds, &number_of_signal);
    if (outcome != KIT_PASSED) {
        cli_say(c, DGM_D_CODEC_LOADING, DGM_ERROR, word,
                dgm_slice_of(outcome == KIT_HANGS ? "it hangs" : signal_text(number_of_signal)));
        return CLI_REFUSED;
    }
    cli_exit code = cli_codecs_open(c, t.file);
    if (code != CLI_DONE) return file ? CLI_REFUSED : code;
    code = cli_context_whole(c);
    if (code != CLI_DONE) return code;
    const dgm_codec *const *all = c->context->codecs;
    size_t n = 0;
    while (all[n]) n++;
    int i = file ? (int)n - 1 : dgm_codec_list_find(all, word);
    if (i < 0) return cli_usage(c, "there is no codec '%.*s'; `dragoman codec list` tells what there is", (int)word.len, word.at);
    k->codec = all[i];
    return CLI_DONE;
}

cli_exit cli_codec_check(cli *c, dgm_slice word, const dgm_slice *samples, size_t n)
{
    checking k = { .c = c };
    uint64_t runs, seconds;
    if (!number(c, OPT_SEED, 1, UINT64_MAX, &k.options.seed) || !number(c, OPT_RUNS, RUNS_USUAL, UINT32_MAX, &runs) ||
        !number(c, OPT_SECONDS, SECONDS_USUAL, 3600, &seconds))
        return CLI_USAGE;
    k.options.runs = (uint32_t)runs;
    k.options.seconds = (uint32_t)seconds;
    cli_exit code = read_samples(&k, samples, n);
    if (code == CLI_DONE) code = take_settings(&k);
    if (code == CLI_DONE) code = load(&k, word);
    if (code != CLI_DONE) return code;
    if (c->err.tty && !c->quiet && !c->json) k.options.progress = progress, k.options.progress_ctx = c;
    return run_parts(&k);
}
