/* SPDX-License-Identifier: Apache-2.0
 *
 * bench.c - the benchmarks' main: a table for people, then one JSON object a line. See README.md for what each figure means. One
 * thread.
 *
 *     dragoman-bench [NAME] [--format json] [--cpu] [--mib N]
 */
#include "bench.h"

#include "dragoman.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

volatile uint64_t bench_kept;

bool bench_wanted(const bench_run *run, const char *name)
{
    return !run->only || strcmp(run->only, name) == 0;
}

void bench_fail(bench_run *run, const char *name, const char *why)
{
    run->failures++;
    fprintf(stderr, "dragoman-bench: %s: %s\n", name, why);
}

static void print_corpus(const bench_run *run)
{
    corpus_figures f = corpus_measure(run->corpus);
    double messages = (double)f.messages;
    printf("corpus   CUSDEC D.96B, seed fixed, %.1f MiB, %llu messages: %.1f segments and %.1f items a message, %.1f bytes a "
           "segment,\n"
           "         %.2f bytes a separator, %.1f %% empty elements, %.2f releases and %.1f bytes beyond ASCII a message (UNOC)\n",
           (double)f.bytes / (1 << 20), (unsigned long long)f.messages, (double)f.segments / messages, (double)f.items / messages,
           (double)f.bytes / (double)f.segments, (double)f.bytes / (double)f.separators,
           100.0 * (double)f.empty / (double)f.elements, (double)f.releases / messages, (double)f.not_ascii / messages);
    printf("clock    %s, median of %d rounds, each round one pass of either side over the same bytes, in turn\n\n",
           run->cpu ? "processor seconds, of all threads together" : "wall", BENCH_ROUNDS);
    printf("%-22s %10s   %-8s %10s %8s   %s\n", "", "MB/s", "of", "MB/s", "ratio", "on");
}

dgm_slice bench_corpus(bench_run *run)
{
    if (run->corpus.at) return run->corpus;
    corpus_options options = { 0 };
    run->corpus = corpus_make(&options, run->corpus_bytes);
    if (!run->corpus.at) {
        fprintf(stderr, "dragoman-bench: no memory for the corpus\n");
        exit(3);
    }
    if (!run->json) print_corpus(run);
    return run->corpus;
}

static dgm_status to_stderr(void *ctx, dgm_slice bytes)
{
    (void)ctx;
    return fwrite(bytes.at, 1, bytes.len, stderr) == bytes.len ? DGM_OK : DGM_IO;
}

struct dgm_context *bench_context(bench_run *run)
{
    if (run->context) return run->context;
    dgm_context_options options = { .struct_bytes = sizeof options };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    if (dgm_diags_new(&mem, 100, &diags) != DGM_OK) return NULL;
    dgm_status status = dgm_context_open(&options, diags, &run->context);
    if (status != DGM_OK) {
        fprintf(stderr, "dragoman-bench: the mappings cannot be loaded: %s\n", dgm_status_text(status));
        for (size_t i = 0; i < dgm_diags_count(diags); i++)
            dgm_diag_print(dgm_diags_at(diags, i), &(dgm_diag_style){ 0 }, (dgm_sink){ to_stderr, NULL });
    }
    dgm_diags_free(diags);
    return run->context;
}

/* ---- comparing -------------------------------------------------------------------------------------------------------------- */

static double seconds(const bench_run *run)
{
    struct timespec t;
    clock_gettime(run->cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values)
{
    qsort(values, BENCH_ROUNDS, sizeof *values, by_size);
    return values[BENCH_ROUNDS / 2];
}

static double mb_s(const bench_run *run, const bench_side *side, bool *good)
{
    double start = seconds(run);
    if (!side->work(side->ctx)) *good = false;
    double took = seconds(run) - start;
    return (double)side->bytes / 1e6 / (took > 1e-9 ? took : 1e-9);
}

/* How many steps a second this processor takes now: additions of which each waits for the one before take one each. */
static double steps_a_second(const bench_run *run)
{
    double best = 0;
    for (int round = 0; round < 5; round++) {
        uint64_t n = 1;
        double start = seconds(run);
        for (int i = 0; i < 1000000; i++) {
            n += (uint64_t)round;
#if defined(__GNUC__)
            __asm__ volatile("" : "+r"(n));
#endif
        }
        double took = seconds(run) - start;
        bench_kept += n;
        if (took > 1e-9 && 1e6 / took > best) best = 1e6 / took;
    }
    return best;
}

/* What a value costs: of the slices between two separators, empty ones too. */
static void print_values(const bench_run *run, const bench_side *side, double mb)
{
    if (run->json || !side->values) return;
    double each = (double)side->bytes / 1e6 / mb / (double)side->values;
    printf("%-22s %10.1f cycles a value, of %.2f bytes each with its separator, at %.2f GHz\n", "", each * steps_a_second(run),
           (double)side->bytes / (double)side->values, steps_a_second(run) / 1e9);
}

static char *next_line(bench_run *run)
{
    return run->lines[run->line_count < 63 ? run->line_count++ : 63];
}

void bench_compare(bench_run *run, bench_side measured, bench_side against, const char *on)
{
    double a[BENCH_ROUNDS], b[BENCH_ROUNDS], ratio[BENCH_ROUNDS];
    bool good = true;
    mb_s(run, &measured, &good);
    mb_s(run, &against, &good);
    for (int i = 0; i < BENCH_ROUNDS && good; i++) {
        a[i] = mb_s(run, &measured, &good);
        b[i] = mb_s(run, &against, &good);
        ratio[i] = a[i] / b[i];
    }
    if (!good) {
        bench_fail(run, measured.name, "the work itself went wrong, so there is no figure");
        return;
    }
    double of = median(ratio), fast = median(a), base = median(b);
    if (!run->json) {
        printf("%-22s %10.1f   %-8s %10.1f %8.4f   %s\n", measured.name, fast, against.name, base, of, on);
        fflush(stdout);
    }
    char rate[64] = "";
    double a_second = fast * 1e6 * (double)measured.pieces / (double)measured.bytes;
    if (measured.pieces) snprintf(rate, sizeof rate, ", \"per_second\": %.0f", a_second);
    if (measured.pieces && !run->json)
        printf("%-22s %10.0f a second, of %.0f bytes each\n", "", a_second, (double)measured.bytes / (double)measured.pieces);
    print_values(run, &measured, fast);
    snprintf(next_line(run), sizeof run->lines[0], "{\"name\": \"%s\", \"mb_s\": %.1f, \"of\": \"%s\", \"ratio\": %.4f%s}",
             measured.name, fast, against.name, of, rate);
}

void bench_memory_row(bench_run *run, const char *name, int threads, double mb, double before_mb, uint64_t bytes)
{
    if (!run->json)
        printf(
            "%-22s %10.1f MB at most, %.1f of it before the first byte   %d thread%s, %.2f GB made while it is read, not mapped; "
            "%.2f times that\n",
            name, mb, before_mb, threads, threads == 1 ? "" : "s", (double)bytes / 1e9, mb * 1e6 / (double)bytes);
    snprintf(next_line(run), sizeof run->lines[0], "{\"name\": \"%s\", \"threads\": %d, \"mb\": %.1f, \"bytes\": %llu}", name,
             threads, mb, (unsigned long long)bytes);
}

bool bench_memchr(void *ctx)
{
    const dgm_slice *input = ctx;
    const char *p = input->at, *end = p + input->len;
    uint64_t hits = 0;
    for (; (p = memchr(p, '\'', (size_t)(end - p))); p++) hits++;
    bench_kept += hits;
    return hits > 0;
}

/* ---- main ------------------------------------------------------------------------------------------------------------------- */

static int usage(void)
{
    fprintf(stderr,
            "usage: dragoman-bench [NAME] [--format json] [--cpu] [--mib N]\n"
            "names: tokenize edifact-read edifact-read-codes edifact-read-2 edifact-read-chunked small-interchanges edifact-to-wco "
            "edifact-to-wco-1 wco-to-edifact wco-to-edifact-1 flat-fixed flat-delimited xml-read "
            "xml-read-xsd xml-write memory memory-one-message\n");
    return 2;
}

int main(int argc, char **argv)
{
    static bench_run run = { .corpus_bytes = BENCH_CORPUS_BYTES, .memory_bytes = 1000000000u };
    run.self = "/proc/self/exe";
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--memory-child") == 0 && i + 2 < argc)
            return bench_memory_child((int)strtol(argv[i + 1], NULL, 10), strtoull(argv[i + 2], NULL, 10));
        if (strcmp(argv[i], "--cpu") == 0)
            run.cpu = true;
        else if (strcmp(argv[i], "--format") == 0 && i + 1 < argc && strcmp(argv[i + 1], "json") == 0)
            run.json = true, i++;
        else if (strcmp(argv[i], "--mib") == 0 && i + 1 < argc && strtol(argv[i + 1], NULL, 10) > 0)
            run.corpus_bytes = (size_t)strtoul(argv[++i], NULL, 10) << 20;
        else if (argv[i][0] != '-' && !run.only)
            run.only = argv[i];
        else
            return usage();
    }
    bench_edifact(&run);
    bench_translate(&run);
    bench_flat(&run);
    bench_xml(&run);
    bench_memory(&run);
    if (run.only && !run.line_count && !run.failures) return usage();
    if (!run.json) printf("\n");
    for (int i = 0; i < run.line_count; i++) printf("%s\n", run.lines[i]);
    dgm_context_free(run.context);
    free((void *)(uintptr_t)run.corpus.at);
    return run.failures ? 3 : 0;
}
