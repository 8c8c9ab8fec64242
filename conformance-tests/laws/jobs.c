/* SPDX-License-Identifier: Apache-2.0
 *
 * jobs.c - the laws of interchanges, all through the public interface: how the bytes arrive makes no difference, a cut or a broken
 * message costs only itself, what comes out a second time is what came out the first. One thread.
 */
#include "laws.h"

#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/support/test.h"

#include <limits.h>
#include <stdlib.h>

/* ---- the laws' own context -------------------------------------------------------------------------------------------------- */

static int64_t still_clock(void *ctx)
{
    (void)ctx;
    return 1795291440000; /* 2026-11-21T20:04:00Z */
}

static dgm_status same_bytes(void *ctx, void *out, size_t bytes)
{
    (void)ctx;
    memset(out, 0x5A, bytes);
    return DGM_OK;
}

static dgm_status no_sync(void *ctx, int descriptor)
{
    (void)ctx, (void)descriptor;
    return DGM_OK;
}

dgm_world laws_world(void)
{
    return (dgm_world){ still_clock, same_bytes, no_sync, NULL };
}

static dgm_status to_stderr(void *ctx, dgm_slice bytes)
{
    (void)ctx;
    return fwrite(bytes.at, 1, bytes.len, stderr) == bytes.len ? DGM_OK : DGM_IO;
}

static dgm_status open_context(const dgm_mem *mem, dgm_diags *diags, dgm_context **out)
{
    dgm_context_options options = { .struct_bytes = sizeof options, .mem = *mem, .world = laws_world() };
    return dgm_context_open(&options, diags, out);
}

bool laws_open(laws *l)
{
    *l = (laws){ .mem = dgm_mem_default() };
    if (dgm_diags_new(&l->mem, 1000, &l->diags) != DGM_OK) return false;
    dgm_status status = open_context(&l->mem, l->diags, &l->context);
    for (size_t i = 0; status != DGM_OK && i < dgm_diags_count(l->diags); i++)
        dgm_diag_print(dgm_diags_at(l->diags, i), &(dgm_diag_style){ 0 }, (dgm_sink){ to_stderr, NULL });
    if (status != DGM_OK) return false;
    l->wco = dgm_context_find(l->context, DGM_LITERAL("wco-declaration"));
    l->cusdec = dgm_context_find(l->context, DGM_LITERAL("cusdec-d96b"));
    l->model = dgm_context_model(l->context, DGM_LITERAL("Declaration@1"));
    l->equal_paths = test_read_file("conformance-tests/paths/cusdec-d96b-equal.txt");
    return l->wco && l->wco->mapping && l->cusdec && l->cusdec->mapping && l->model && l->equal_paths.at &&
           dgm_builder_new(&l->mem, NULL, &l->builder) == DGM_OK && dgm_runner_new(&l->mem, NULL, &l->runner) == DGM_OK;
}

void laws_close(laws *l)
{
    dgm_runner_free(l->runner);
    dgm_builder_free(l->builder);
    dgm_context_free(l->context);
    dgm_diags_free(l->diags);
    free((void *)(uintptr_t)l->equal_paths.at);
}

/* ---- running a job and keeping all it says ---------------------------------------------------------------------------------- */

static dgm_status take_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    laws_job *j = ctx;
    (void)format;
    *out = dgm_buffer_sink(&j->outputs);
    return dgm_buffer_print(&j->outputs, "<<%u>>\n", number);
}

static dgm_status end_output(void *ctx, bool complete)
{
    laws_job *j = ctx;
    return dgm_buffer_append(&j->outputs, complete ? DGM_LITERAL("\n<<whole>>\n") : DGM_LITERAL("\n<<given up>>\n"));
}

static void print_all(const dgm_diags *diags, dgm_buffer *out)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        dgm_diag_print(dgm_diags_at(diags, i), &(dgm_diag_style){ .form = DGM_DIAG_JSON }, dgm_buffer_sink(out));
}

static void take_report(void *ctx, const dgm_message_report *report)
{
    laws_job *j = ctx;
    if (!report->wire && !report->position.message) /* about the input beside its messages */
        dgm_buffer_print(&j->messages, "beside %d.\n", (int)report->status);
    else
        dgm_buffer_print(&j->messages, "%.*s %u %d\n", (int)report->reference.len, report->reference.at ? report->reference.at : "",
                         report->position.message, (int)report->status);
    print_all(report->diags, &j->said);
}

static void run_job(const dgm_context *context, const char *from, const char *to, dgm_slice input, size_t chunk, uint32_t threads,
                    dgm_diags *diags, laws_job *out)
{
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .from = dgm_slice_of(from),
                                .to = dgm_slice_of(to),
                                .accounts = true,
                                .outlet = { take_output, end_output, out },
                                .report = take_report,
                                .report_ctx = out,
                                .threads = threads };
    out->status = dgm_job_open(context, &options, diags, &job);
    if (out->status == DGM_OK && chunk == 0) out->status = dgm_job_whole(job, input);
    for (size_t at = 0; chunk && out->status == DGM_OK; at += chunk) {
        bool last = at + chunk >= input.len;
        out->status = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), last);
        if (last) break;
    }
    if (job) out->counts = dgm_job_count(job);
    dgm_job_close(job);
}

void laws_run_job(const dgm_context *context, const char *from, const char *to, dgm_slice input, size_t chunk, laws_job *out)
{
    laws_run_threads(context, from, to, input, chunk, 1, out);
}

void laws_run_threads(const dgm_context *context, const char *from, const char *to, dgm_slice input, size_t chunk, uint32_t threads,
                      laws_job *out)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    *out = (laws_job){ .status = DGM_NOMEM };
    dgm_buffer_init(&out->outputs, &mem);
    dgm_buffer_init(&out->said, &mem);
    dgm_buffer_init(&out->messages, &mem);
    if (dgm_diags_new(&mem, 1000, &diags) != DGM_OK) return;
    run_job(context, from, to, input, chunk, threads, diags, out);
    print_all(diags, &out->said);
    dgm_diags_free(diags);
}

void laws_job_free(laws_job *j)
{
    dgm_buffer_free(&j->outputs);
    dgm_buffer_free(&j->said);
    dgm_buffer_free(&j->messages);
}

/* ---- chunks ------------------------------------------------------------------------------------------------------------------ */

static bool same_text(laws *l, const char *what, size_t chunk, const dgm_buffer *a, const dgm_buffer *b)
{
    if (dgm_slice_equal(dgm_buffer_slice(a), dgm_buffer_slice(b))) return true;
    size_t at = 0, from;
    while (at < a->len && at < b->len && a->at[at] == b->at[at]) at++;
    from = at > 40 ? at - 40 : 0;
    int left_a = (int)(a->len - from < 160 ? a->len - from : 160), left_b = (int)(b->len - from < 160 ? b->len - from : 160);
    snprintf(l->why, sizeof l->why, "%s differ at byte %zu between the whole and chunks of %zu:\n    %.*s\n    %.*s", what, at,
             chunk, left_a, a->at ? a->at + from : "", left_b, b->at ? b->at + from : "");
    return false;
}

bool laws_chunks(laws *l, dgm_slice input, const char *to)
{
    static const size_t chunks[] = { 1, 2, 3, 4, 5, 6, 7, 64, 4096, 65536 };
    laws_job whole;
    bool good = true;
    laws_run_job(l->context, "", to, input, 0, &whole);
    for (size_t i = 0; good && i < sizeof chunks / sizeof chunks[0]; i++) {
        laws_job pieces;
        laws_run_threads(l->context, "", to, input, chunks[i], (uint32_t)(i % 3 + 1), &pieces);
        good = same_text(l, "outputs", chunks[i], &whole.outputs, &pieces.outputs) &&
               same_text(l, "diagnostics", chunks[i], &whole.said, &pieces.said) &&
               same_text(l, "messages", chunks[i], &whole.messages, &pieces.messages);
        if (good && whole.status != pieces.status) {
            snprintf(l->why, sizeof l->why, "chunks of %zu end with status %d, the whole with %d", chunks[i], (int)pieces.status,
                     (int)whole.status);
            good = false;
        }
        laws_job_free(&pieces);
    }
    laws_job_free(&whole);
    return good;
}

/* ---- truncation -------------------------------------------------------------------------------------------------------------- */

/* Offsets behind each UNT segment of an interchange with the usual service characters: messages complete up to a cut. */
static uint32_t complete_before(dgm_slice input, size_t cut)
{
    uint32_t n = 0;
    for (size_t at = 0, start = 0; at < cut; at++) {
        if (input.at[at] == '?')
            at++;
        else if (input.at[at] == '\'') {
            n += at - start > 3 && memcmp(input.at + start, "UNT", 3) == 0;
            start = at + 1;
            while (start < input.len && (input.at[start] == '\r' || input.at[start] == '\n')) start++;
        }
    }
    return n;
}

static uint32_t count_lines(const dgm_buffer *b, const char *end)
{
    uint32_t n = 0;
    size_t len = strlen(end);
    for (size_t i = 0; i < b->len; i++)
        if (b->at[i] == '\n' && i >= len && memcmp(b->at + i - len, end, len) == 0) n++;
    return n;
}

bool laws_documented(dgm_status status)
{
    return status == DGM_OK || status == DGM_UNKNOWN || status == DGM_SYNTAX || status == DGM_INVALID;
}

/* The cut bytes stand in memory of their own, so that a sanitizer sees a read past the end. */
bool laws_truncation(laws *l, dgm_slice input, const char *to, size_t cut)
{
    laws_job j;
    char *copy = malloc(cut + 1);
    if (!copy) return false;
    memcpy(copy, input.at, cut);
    laws_run_job(l->context, "", to, (dgm_slice){ copy, cut }, cut % 2 ? 0 : 509, &j);
    free(copy);
    uint32_t wanted = complete_before(input, cut), got = count_lines(&j.messages, " 0");
    bool good = laws_documented(j.status) && (input.len < 3 || memcmp(input.at, "UN", 2) != 0 || got >= wanted);
    dgm_slice lost = dgm_slice_trim(dgm_slice_part(input, cut, input.len)); /* a last line break is no loss */
    if (good && lost.len && j.status == DGM_OK && j.counts.errors == 0 && j.said.len == 0) {
        snprintf(l->why, sizeof l->why, "cut at %zu: nothing is said about it", cut);
        good = false;
    } else if (!good) {
        snprintf(l->why, sizeof l->why, "cut at %zu of %zu: status %d, %u messages were complete, %u came out", cut, input.len,
                 (int)j.status, wanted, got);
    }
    laws_job_free(&j);
    return good;
}

/* ---- read, write, read, write ------------------------------------------------------------------------------------------------ */

typedef struct lines {
    dgm_slice *at;
    size_t count, room;
} lines;

/* The segments between UNH and UNT of every message, each with its message's number before it so that a sort keeps messages
 * together. */
static lines segments_of(dgm_slice interchange, bool sorted)
{
    lines s = { 0 };
    for (size_t at = 0, start = 0; at < interchange.len; at++) {
        if (interchange.at[at] == '?') {
            at++;
            continue;
        }
        if (interchange.at[at] != '\'') continue;
        dgm_slice one = dgm_slice_trim(dgm_slice_part(interchange, start, at));
        start = at + 1;
        if (one.len >= 3 && (memcmp(one.at, "UNB", 3) == 0 || memcmp(one.at, "UNZ", 3) == 0 || memcmp(one.at, "UNH", 3) == 0))
            continue;
        if (s.count == s.room) {
            dgm_slice *more = realloc(s.at, (s.room = s.room ? 2 * s.room : 64) * sizeof *more);
            if (!more) break;
            s.at = more;
        }
        s.at[s.count++] = one;
    }
    for (size_t from = 0, to = 0; sorted && to < s.count; to++) { /* insertion sort inside each message */
        if (s.at[to].len >= 3 && memcmp(s.at[to].at, "UNT", 3) == 0) {
            from = to + 1;
            continue;
        }
        for (size_t i = to; i > from && dgm_slice_compare(s.at[i - 1], s.at[i]) > 0; i--) {
            dgm_slice swap = s.at[i];
            s.at[i] = s.at[i - 1];
            s.at[i - 1] = swap;
        }
    }
    return s;
}

static bool same_segments(laws *l, dgm_slice a, dgm_slice b, bool sorted, const char *what)
{
    lines x = segments_of(a, sorted), y = segments_of(b, sorted);
    size_t i = 0;
    bool good = true;
    for (; good && i < x.count && i < y.count; i++) {
        bool trailer = x.at[i].len >= 3 && memcmp(x.at[i].at, "UNT", 3) == 0;
        good = trailer ? y.at[i].len >= 3 && memcmp(y.at[i].at, "UNT", 3) == 0 : dgm_slice_equal(x.at[i], y.at[i]);
    }
    if (good && x.count != y.count) good = false, i++;
    if (!good)
        snprintf(l->why, sizeof l->why, "%s: segment %zu of %zu: wanted %.*s, got %.*s (%zu)", what, i, x.count,
                 i <= x.count ? (int)x.at[i - 1].len : 0, i <= x.count ? x.at[i - 1].at : "",
                 i <= y.count ? (int)y.at[i - 1].len : 0, i <= y.count ? y.at[i - 1].at : "", y.count);
    free(x.at);
    free(y.at);
    return good;
}

/* Between the opening line and the closing one of the only output. */
static dgm_slice only_output(const laws_job *j)
{
    dgm_slice all = dgm_buffer_slice(&j->outputs);
    dgm_cut cut = dgm_slice_cut(all, '\n');
    size_t tail = sizeof "\n<<whole>>\n" - 1;
    return cut.tail.len > tail ? dgm_slice_part(cut.tail, 0, cut.tail.len - tail) : (dgm_slice){ 0 };
}

bool laws_stable(laws *l, dgm_slice interchange)
{
    laws_job once, twice;
    laws_run_job(l->context, "", "cusdec-d96b", interchange, 0, &once);
    dgm_slice first = only_output(&once);
    laws_run_job(l->context, "", "cusdec-d96b", first, 0, &twice);
    bool good = once.status == DGM_OK && once.counts.refused == 0 && once.counts.residue == 0;
    if (!good)
        snprintf(l->why, sizeof l->why, "stable: status %d, %llu refused, %llu residue: %.*s", (int)once.status,
                 (unsigned long long)once.counts.refused, (unsigned long long)once.counts.residue,
                 (int)(once.said.len < 1500 ? once.said.len : 1500), once.said.at ? once.said.at : "");
    good = good && same_segments(l, interchange, first, true, "first pass (segments of each message, sorted)") &&
           same_segments(l, first, only_output(&twice), false, "second pass");
    laws_job_free(&once);
    laws_job_free(&twice);
    return good;
}

/* ---- mutation ---------------------------------------------------------------------------------------------------------------- */

#define MUTANTS 6u

static uint32_t below(uint64_t *state, uint32_t n)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(((*state >> 32) * n) >> 32);
}

/* Breaks one message somewhere between its UNH and its UNT (UNS apart: made into UNZ it would end the interchange): a byte changed,
 * a segment left out, a segment twice. */
static size_t mutate(uint64_t *random, char *at, size_t len, size_t room)
{
    size_t starts[1024], count = 0;
    for (size_t i = 0, start = 0; i < len && count < 1023; i++) {
        if (at[i] == '?')
            i++;
        else if (at[i] == '\'')
            starts[count++] = start, start = i + 1;
    }
    starts[count] = len;
    if (count < 4) return len;
    size_t n = 1 + below(random, (uint32_t)count - 2), from = starts[n], to = starts[n + 1];
    if (memcmp(at + from, "UNS", 3) == 0) return len;
    switch (below(random, 3)) {
    case 0: at[from + below(random, (uint32_t)(to - from - 1))] = (char)below(random, 256); return len;
    case 1: memmove(at + from, at + to, len - to); return len - (to - from);
    default:
        if (len + to - from > room) return len;
        memmove(at + to + (to - from), at + to, len - to);
        memcpy(at + to, at + from, to - from);
        return len + to - from;
    }
}

bool laws_mutation(laws *l, uint64_t seed)
{
    static char room[(MUTANTS + 3) * CORPUS_PIECE_MAX];
    uint64_t random = (seed + 1) * 0x9E3779B97F4A7C15u | 1u;
    corpus c;
    laws_job j;
    corpus_start(&c, &(corpus_options){ .seed = seed + 1, .wide = seed & 1, .utf8 = seed & 2 });
    uint32_t victim = below(&random, MUTANTS);
    size_t len = corpus_head(&c, room);
    for (uint32_t i = 0; i < MUTANTS; i++) {
        size_t n = corpus_message(&c, room + len);
        len += i == victim ? mutate(&random, room + len, n, CORPUS_PIECE_MAX) : n;
    }
    len += corpus_tail(&c, room + len);
    laws_run_job(l->context, "", seed & 4 ? "json" : "wco-declaration", (dgm_slice){ room, len },
                 seed & 8 ? 0 : 1 + (size_t)below(&random, 300), &j);
    uint32_t whole = count_lines(&j.messages, " 0");
    bool good = laws_documented(j.status) && whole >= MUTANTS - 1;
    if (!good) {
        snprintf(l->why, sizeof l->why, "mutation, seed %llu: message %u of %u was broken, %u came out, status %d:\n%.*s%.*s",
                 (unsigned long long)seed, victim + 1, MUTANTS, whole, (int)j.status, (int)j.messages.len,
                 j.messages.at ? j.messages.at : "", (int)(j.said.len < 1200 ? j.said.len : 1200), j.said.at ? j.said.at : "");
        FILE *f = getenv("LAWS_SHOW") ? fopen(getenv("LAWS_SHOW"), "w") : NULL;
        if (f) fwrite(room, 1, len, f), fclose(f);
    }
    laws_job_free(&j);
    return good;
}

/* ---- allocations ------------------------------------------------------------------------------------------------------------- */

static dgm_status count_only(void *ctx, dgm_slice bytes)
{
    (void)ctx, (void)bytes;
    return DGM_OK;
}

static dgm_status drop_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    (void)number, (void)format;
    *out = (dgm_sink){ count_only, ctx };
    return DGM_OK;
}

static dgm_status drop_end(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static dgm_status whole_job(const dgm_context *context, const char *to, dgm_slice input, size_t chunk)
{
    dgm_job *job = NULL;
    dgm_job_options options = { .struct_bytes = sizeof options,
                                .to = dgm_slice_of(to),
                                .accounts = true,
                                .explain = true,
                                .outlet = { drop_output, drop_end, NULL } };
    dgm_status status = dgm_job_open(context, &options, NULL, &job);
    if (status == DGM_OK && chunk == 0) status = dgm_job_whole(job, input);
    for (size_t at = 0; chunk && status == DGM_OK && at < input.len; at += chunk)
        status = dgm_job_feed(job, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len);
    dgm_job_close(job);
    return status;
}

bool laws_allocations(laws *l, const char *to, dgm_slice input, size_t chunk, long step)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_context *context = NULL;
    if (open_context(&mem, NULL, &context) != DGM_OK) return false;
    long long before = state.bytes_live;
    long asked = state.asked;
    dgm_status status = whole_job(context, to, input, chunk);
    long all = state.asked - asked;
    bool good = status == DGM_OK && state.bytes_live == before && all > 0;
    if (!good)
        snprintf(l->why, sizeof l->why, "with all memory there is: status %d, %lld bytes left", (int)status,
                 state.bytes_live - before);
    for (long n = 0; good && n < all; n += step) {
        state.left = n;
        status = whole_job(context, to, input, chunk);
        good = (status == DGM_NOMEM || status == DGM_OK) && state.bytes_live == before;
        if (!good)
            snprintf(l->why, sizeof l->why, "allocation %ld of %ld failing: status %d, %lld bytes left", n, all, (int)status,
                     state.bytes_live - before);
    }
    state.left = LONG_MAX;
    dgm_context_free(context);
    if (good && state.bytes_live != 0) {
        snprintf(l->why, sizeof l->why, "the context leaves %lld bytes", state.bytes_live);
        good = false;
    }
    return good;
}

bool laws_context_allocations(laws *l, long first, long step)
{
    bool good = true;
    long all = LONG_MAX;
    for (long n = first; good && n < all; n += step) {
        test_mem state = { .left = n };
        dgm_mem mem = test_mem_make(&state);
        dgm_context *context = NULL;
        dgm_status status = open_context(&mem, NULL, &context);
        if (status == DGM_OK && state.left >= 0) all = state.asked;
        dgm_context_free(context);
        good = (status == DGM_OK || status == DGM_NOMEM) && state.bytes_live == 0;
        if (!good)
            snprintf(l->why, sizeof l->why, "allocation %ld of opening failing: status %d, %lld bytes left", n, (int)status,
                     state.bytes_live);
    }
    return good;
}
