/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_edifact.c - reading EDIFACT, held against the memchr loop: slices only (tokenize), and messages read, checked against the
 * directory and made into trees, from memory as a whole and in chunks as a pipe gives them. One thread.
 */
#include <pthread.h>
#include "bench.h"

#include "codecs/edifact/lexer.h"
#include "context.h"

#include <stdlib.h>

/* ---- slices ------------------------------------------------------------------------------------------------------------------ */

#define TOKENS 4096u

static bool tokenize(void *ctx)
{
    static dgm_edi_token tokens[TOKENS];
    const dgm_slice *input = ctx;
    dgm_edi_lexer lexer = { 0 };
    dgm_edi_alphabet_make(&lexer.alphabet, ":+?'", true, DGM_EDI_REPERTOIRE_ANY);
    dgm_edi_lexer_start(&lexer, input->at, 0, NULL);
    uint64_t slices = 0, classes = 0;
    while (lexer.at < input->len) {
        size_t n = dgm_edi_lex(&lexer, input->len, tokens, TOKENS);
        if (n == 0 && lexer.at < input->len) return false;
        slices += n;
        classes += tokens[n ? n - 1 : 0].info;
    }
    bench_kept += classes;
    return slices > 0;
}

/* ---- messages ---------------------------------------------------------------------------------------------------------------- */

typedef struct reading {
    dgm_slice input;
    dgm_diags *diags;
    dgm_host host;
    const dgm_setting *settings;
    size_t setting_count;
} reading;

static bool take_messages(dgm_reader *reader, dgm_status wanted, uint64_t *messages)
{
    const dgm_codec *codec = &dgm_codec_edifact;
    for (;;) {
        dgm_message message;
        dgm_status status = codec->next(reader, &message);
        if (status != DGM_OK) return status == wanted;
        if (!message.tree || message.errors || !message.format) return false;
        bench_kept += message.tree->node_count;
        *messages += 1;
        codec->recycle(reader, &message);
    }
}

static bool read_whole(void *ctx)
{
    reading *r = ctx;
    dgm_reader *reader = NULL;
    uint64_t messages = 0;
    if (dgm_codec_edifact.open_whole(&r->host, r->settings, r->setting_count, r->input, &reader) != DGM_OK) return false;
    bool good = take_messages(reader, DGM_END, &messages);
    dgm_codec_edifact.close(reader);
    return good && messages > 0;
}

/* Two readings that have nothing in common, at the same time: what the machine has to give two threads in these seconds. */
typedef struct apart {
    reading *readings[2];
} apart;

static void *read_one(void *ctx)
{
    return read_whole(ctx) ? ctx : NULL;
}

static bool read_apart(void *ctx)
{
    const apart *a = ctx;
    pthread_t thread;
    void *there = NULL;
    if (pthread_create(&thread, NULL, read_one, a->readings[1]) != 0) return false;
    bool here = read_whole(a->readings[0]);
    return pthread_join(thread, &there) == 0 && here && there;
}

static bool read_chunks(void *ctx)
{
    reading *r = ctx;
    dgm_reader *reader = NULL;
    uint64_t messages = 0;
    if (dgm_codec_edifact.open(&r->host, NULL, 0, &reader) != DGM_OK) return false;
    bool good = true;
    for (size_t at = 0; at < r->input.len && good; at += BENCH_CHUNK) {
        bool last = at + BENCH_CHUNK >= r->input.len;
        good = dgm_codec_edifact.feed(reader, dgm_slice_part(r->input, at, at + BENCH_CHUNK), last) == DGM_OK &&
               take_messages(reader, last ? DGM_END : DGM_MORE, &messages);
    }
    dgm_codec_edifact.close(reader);
    return good && messages > 0;
}

/* level: the reader's, over a corpus that has only codes of the lists; NULL: the usual one over the usual corpus. threads: how many
 * may read. */
static void bench_reading(bench_run *run, const char *name, bool (*work)(void *ctx), const char *level, uint32_t threads,
                          const char *on)
{
    if (!bench_wanted(run, name)) return;
    const dgm_context *context = bench_context(run);
    int index = dgm_context_codec(dgm_slice_of(dgm_codec_edifact.name));
    dgm_mem mem = dgm_mem_default();
    dgm_world world = dgm_world_default();
    const dgm_setting setting = { DGM_LITERAL("level"), dgm_slice_of(level ? level : "") };
    const corpus_options listed = { .listed = true };
    reading r = { .input = bench_corpus(run), .settings = &setting, .setting_count = level ? 1 : 0 };
    if (level) r.input = corpus_make(&listed, run->corpus_bytes);
    if (!context || index < 0 || dgm_diags_new(&mem, 1000, &r.diags) != DGM_OK) {
        bench_fail(run, name, "no context");
        return;
    }
    r.host = dgm_host_make(&mem, NULL, r.diags, &world, context->by_codec[index].at, context->by_codec[index].count);
    reading one = r;
    r.host.threads = threads;
    bench_side against = { "memchr", bench_memchr, &r.input, r.input.len, 0, 0 };
    if (threads > 1) against = (bench_side){ "one thread", work, &one, r.input.len, 0, 0 };
    bench_compare(run, (bench_side){ name, work, &r, r.input.len, 0, corpus_measure(r.input).separators }, against, on);
    if (threads > 1) {
        reading other = one;
        apart both = { { &one, &other } };
        if (dgm_diags_new(&mem, 1000, &other.diags) == DGM_OK) {
            other.host.diags = other.diags;
            bench_compare(run, (bench_side){ "edifact-read-2-apart", work, &r, r.input.len, 0, 0 },
                          (bench_side){ "apart", read_apart, &both, 2 * r.input.len, 0, 0 },
                          "the same by two threads, against two readings that share nothing: what the machine can give");
            dgm_diags_free(other.diags);
        }
    }
    dgm_diags_free(r.diags);
    if (level) free((void *)(uintptr_t)r.input.at);
}

/* ---- small interchanges --------------------------------------------------------------------------------------------------- */

typedef struct small {
    reading reading;
    char *at;
    size_t *starts; /* count + 1 of them */
    size_t count;
} small;

/* One reader for all of them, reset in between. */
static bool read_small(void *ctx)
{
    small *s = ctx;
    dgm_reader *reader = NULL;
    uint64_t messages = 0;
    if (dgm_codec_edifact.open(&s->reading.host, NULL, 0, &reader) != DGM_OK) return false;
    bool good = true;
    for (size_t i = 0; i < s->count && good; i++) {
        dgm_slice one = { s->at + s->starts[i], s->starts[i + 1] - s->starts[i] };
        good = dgm_codec_edifact.feed(reader, one, true) == DGM_OK && take_messages(reader, DGM_END, &messages);
        dgm_codec_edifact.reset(reader);
    }
    dgm_codec_edifact.close(reader);
    return good && messages == s->count;
}

/* Interchanges of one message of about 1.5 KB each. */
static bool make_small(small *s, size_t bytes)
{
    corpus c;
    size_t room = bytes + 4 * CORPUS_PIECE_MAX, len = 0, most = bytes / 200 + 1;
    s->at = malloc(room);
    s->starts = calloc(most + 1, sizeof *s->starts);
    if (!s->at || !s->starts) return false;
    for (uint64_t seed = 1; len < bytes && s->count < most; seed++) {
        corpus_start(&c, &(corpus_options){ .seed = seed, .wide = true });
        size_t from = len;
        len += corpus_head(&c, s->at + len);
        len += corpus_message(&c, s->at + len);
        len += corpus_tail(&c, s->at + len);
        if (len - from < 1300 || len - from > 1700)
            len = from;
        else
            s->starts[++s->count] = len;
    }
    return s->count > 0;
}

static void bench_small(bench_run *run)
{
    static const char name[] = "small-interchanges";
    if (!bench_wanted(run, name)) return;
    const dgm_context *context = bench_context(run);
    int index = dgm_context_codec(dgm_slice_of(dgm_codec_edifact.name));
    dgm_mem mem = dgm_mem_default();
    dgm_world world = dgm_world_default();
    small s = { 0 };
    if (context && index >= 0 && dgm_diags_new(&mem, 1000, &s.reading.diags) == DGM_OK && make_small(&s, run->corpus_bytes / 4)) {
        s.reading.host =
            dgm_host_make(&mem, NULL, s.reading.diags, &world, context->by_codec[index].at, context->by_codec[index].count);
        dgm_slice all = { s.at, s.starts[s.count] };
        bench_compare(run, (bench_side){ name, read_small, &s, all.len, s.count, 0 },
                      (bench_side){ "memchr", bench_memchr, &all, all.len, 0, 0 },
                      "interchanges of one message through one reader, reset in between: as edifact-read");
    } else {
        bench_fail(run, name, "no corpus");
    }
    dgm_diags_free(s.reading.diags);
    free(s.starts);
    free(s.at);
}

void bench_edifact(bench_run *run)
{
    if (bench_wanted(run, "tokenize")) {
        dgm_slice input = bench_corpus(run);
        bench_compare(run, (bench_side){ "tokenize", tokenize, &input, input.len, 0, 0 },
                      (bench_side){ "memchr", bench_memchr, &input, input.len, 0, 0 },
                      "every slice with its place, length, delimiter and class; releases resolved");
    }
    bench_reading(run, "edifact-read", read_whole, NULL, 1, "read + directory checks + tree, from memory; character set on");
    bench_reading(run, "edifact-read-codes", read_whole, "codes", 1,
                  "the same with code lists and check digits, over a corpus that has only codes of the lists");
    bench_reading(run, "edifact-read-2", read_whole, "codes", 2, "edifact-read-codes by two threads, against the same by one");
    bench_reading(run, "edifact-read-chunked", read_chunks, NULL, 1, "the first in chunks of 64 KiB, each message copied once");
    bench_small(run);
}
