/* SPDX-License-Identifier: Apache-2.0
 *
 * bench.h - what the benchmarks share: what is measured, against what, and how a result is told. One thread, but for what
 * bench_memory.c starts.
 */
#ifndef DGM_BENCH_H
#define DGM_BENCH_H

#include "base/slice.h"
#include "corpus.h"

#define BENCH_CORPUS_BYTES ((size_t)64 << 20)
#define BENCH_ROUNDS       11
#define BENCH_CHUNK        ((size_t)64 << 10)

typedef struct bench_run {
    const char *only; /* name of the one benchmark wanted, or NULL */
    const char *self; /* path of this program, for those that start it again */
    bool json;        /* print nothing but the JSON lines */
    bool cpu;         /* processor seconds of all threads instead of those of the clock on the wall */
    size_t corpus_bytes;
    uint64_t memory_bytes;
    dgm_slice corpus;            /* made when first asked for */
    struct dgm_context *context; /* opened when first asked for */
    int failures;
    char lines[64][256]; /* JSON, printed at the end */
    int line_count;
} bench_run;

/* True when this benchmark was asked for. */
bool bench_wanted(const bench_run *run, const char *name);
dgm_slice bench_corpus(bench_run *run);
struct dgm_context *bench_context(bench_run *run); /* NULL: could not be opened; said on standard error */
void bench_fail(bench_run *run, const char *name, const char *why);

/* One side of a comparison: does its work once over `bytes` bytes; false when it went wrong. */
typedef struct bench_side {
    const char *name;
    bool (*work)(void *ctx);
    void *ctx;
    uint64_t bytes;
    uint64_t pieces; /* what it works on, when so many a second are of interest; else 0 */
    uint64_t values; /* slices in it, when what one costs is of interest; else 0 */
} bench_side;
/* Runs both in turn (A B A B …), BENCH_ROUNDS times after one of each that is not counted, prints the row and keeps the JSON line.
 * MB/s: the median of its rounds; ratio: the median of the rounds' own ratios. `on`: what is switched on, for people. */
void bench_compare(bench_run *run, bench_side measured, bench_side against, const char *on);
void bench_memory_row(bench_run *run, const char *name, int threads, double mb, double before_mb, uint64_t bytes);

/* for (p = b; (p = memchr(p, '\'', end - p)); p++) over the corpus (ctx: a dgm_slice). */
bool bench_memchr(void *ctx);
/* Keeps the compiler from leaving work out. */
extern volatile uint64_t bench_kept;

/* WCO declarations, one behind the other. */
typedef struct bench_documents {
    char *at;
    size_t len, room;
    size_t *starts; /* count + 1 of them */
    size_t count, starts_room;
} bench_documents;
/* Translates as much of the corpus as gives about as many bytes of XML as the corpus has. at and starts are the caller's to free.
 */
bool bench_make_documents(bench_run *run, const struct dgm_context *context, bench_documents *d);

void bench_edifact(bench_run *run);
void bench_translate(bench_run *run);
void bench_memory(bench_run *run);
void bench_flat(bench_run *run);
void bench_xml(bench_run *run);
/* The process that bench_memory starts: reads `bytes` in `threads` threads and prints what it took. */
int bench_memory_child(int threads, uint64_t bytes);
/* The same with one message of so many bytes. */
int bench_message_child(uint64_t bytes);
/* The high-water mark of this process so far. */
double bench_high_water_mb(void);

#endif
