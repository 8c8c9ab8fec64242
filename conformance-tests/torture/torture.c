/* SPDX-License-Identifier: Apache-2.0
 *
 * torture.c - long campaigns over the laws: each starts at a seed, goes on until its time is over or something breaks, and tells
 * both. One thread.
 *
 *     torture [CAMPAIGN] [--seconds N] [--seed S]        without a name all of them share the time
 */
#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/laws/laws.h"

#include <stdlib.h>
#include <time.h>

typedef struct campaign {
    const char *name;
    bool (*one)(laws *l, uint64_t seed);
} campaign;

static bool json(laws *l, uint64_t seed)
{
    return laws_campaign(l, "json", laws_json, seed, 1) == 0;
}
static bool wco(laws *l, uint64_t seed)
{
    return laws_campaign(l, "wco", laws_wco, seed, 1) == 0;
}
static bool cusdec(laws *l, uint64_t seed)
{
    return laws_campaign(l, "cusdec", laws_cusdec, seed, 1) == 0;
}

static dgm_slice interchange(uint64_t seed, size_t bytes)
{
    return corpus_make(&(corpus_options){ .seed = seed + 1, .wide = seed % 3 > 0, .utf8 = seed & 1, .line_breaks = seed & 2 },
                       bytes);
}

static bool stable(laws *l, uint64_t seed)
{
    dgm_slice s = corpus_make(&(corpus_options){ .seed = seed + 1, .wide = seed % 3 > 0, .line_breaks = seed & 2 },
                              8000); /* written as UNOC */
    bool good = laws_stable(l, s);
    free((void *)(uintptr_t)s.at);
    return good;
}

static bool chunks(laws *l, uint64_t seed)
{
    static const char *const to[] = { "wco-declaration", "json", "cusdec-d96b" };
    dgm_slice s = interchange(seed, 5000);
    bool good = laws_chunks(l, s, to[seed % 3]);
    free((void *)(uintptr_t)s.at);
    return good;
}

/* Cuts at every delimiter and the bytes beside it. */
static bool truncate_at(laws *l, uint64_t seed)
{
    dgm_slice s = interchange(seed, 5000);
    bool good = true;
    for (size_t i = 0; good && i < s.len; i++) {
        if (!memchr("+:'?", s.at[i], 4)) continue;
        for (size_t cut = i ? i - 1 : 0; good && cut <= i + 1; cut++)
            good = laws_truncation(l, s, seed & 1 ? "json" : "wco-declaration", cut);
    }
    free((void *)(uintptr_t)s.at);
    return good;
}

static bool allocations(laws *l, uint64_t seed)
{
    dgm_slice s = interchange(seed, 1);
    bool good = laws_allocations(l, seed & 1 ? "wco-declaration" : "cusdec-d96b", s, seed % 3 ? 97 : 0, 1);
    free((void *)(uintptr_t)s.at);
    return good;
}

static bool opening(laws *l, uint64_t seed)
{
    return laws_context_allocations(l, (long)(seed % 997), 997);
}

static const campaign campaigns[] = {
    { "json", json },
    { "wco", wco },
    { "cusdec", cusdec },
    { "stable", stable },
    { "chunks", chunks },
    { "mutate", laws_mutation },
    { "truncate", truncate_at },
    { "allocations", allocations },
    { "opening", opening },
};
#define CAMPAIGNS (sizeof campaigns / sizeof campaigns[0])

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool run(laws *l, const campaign *c, uint64_t seed, double seconds)
{
    double end = now() + seconds;
    uint64_t first = seed;
    bool good = true;
    do good = c->one(l, seed++);
    while (good && now() < end);
    printf("torture %-12s seeds %llu to %llu: %s\n", c->name, (unsigned long long)first, (unsigned long long)(seed - 1),
           good ? "held" : "BROKEN");
    if (!good) printf("%s\n    again: torture %s --seed %llu --seconds 0\n", l->why, c->name, (unsigned long long)(seed - 1));
    fflush(stdout);
    return good;
}

int main(int argc, char **argv)
{
    static laws l;
    const char *only = NULL;
    double seconds = 60;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = strtod(argv[++i], NULL);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            only = argv[i];
    }
    if (!laws_open(&l)) {
        fprintf(stderr, "torture: the mappings cannot be opened\n");
        return 3;
    }
    int found = 0, bad = 0;
    for (size_t i = 0; i < CAMPAIGNS; i++) {
        if (only && strcmp(only, campaigns[i].name) != 0) continue;
        found++;
        bad += !run(&l, &campaigns[i], seed, only ? seconds : seconds / CAMPAIGNS);
    }
    printf("torture: documents %llu held, %llu outside, %llu values, %llu of them unsaid\n", (unsigned long long)l.held,
           (unsigned long long)l.outside, (unsigned long long)l.values, (unsigned long long)l.unsaid);
    laws_close(&l);
    if (!found) fprintf(stderr, "torture: no campaign %s\n", only ? only : "");
    return found ? bad != 0 : 2;
}
