/* SPDX-License-Identifier: Apache-2.0
 *
 * steps.c - inputs made to be hard, once, twice and four times as long: the work that the library does for them must not grow
 * faster than they do. Work is counted (count.h), never timed, but for what other libraries do within. One thread; the library has
 * more in some ways.
 *
 *   steps [--list] [--times N] [TRIAL[/SHAPE]...]     --list: a line for each, with steps a byte
 */
#include "conformance-tests/steps/count.h"
#include "conformance-tests/steps/rules.h"
#include "conformance-tests/steps/ways.h"

#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ucnv.h>

/* Twice the input may cost 2.2 times the steps, of those that it costs at all: what a job costs without an input is taken away. A
 * sort has its logarithm in it, and arrays that are made twice as large are so now or then. */
#define GROWTH      2.2
#define GROWTH_CREW 2.6
#define CONSTANT    100000.0
/* Each byte may be copied once when a buffer grows, of the one input and not of the other. */
#define COPIED 1.0
/* What costs less than that is tried with more of it, as long as that is not too long. */
#define STEPS_LEAST 1000000.0
#define BYTES_MOST  200000u
/* No input costs more steps than these for one of its bytes. */
#define MOST_A_BYTE 5000.0
/* Other libraries' own loops are seen in the time the processor takes: four times the input, ten times the time, at the best of a
 * few attempts. What is beyond linear takes sixteen. */
#define TIME_GROWTH 10.0
#define TIME_LEAST  0.004
enum { LENGTHS = 4, ATTEMPTS = 4 };

typedef struct options {
    bool list;
    double times;
    char **names;
    int name_count;
} options;

typedef struct taken {
    double steps, seconds;
    size_t bytes;
} taken;

static void must(bool holds)
{
    if (!holds) abort();
}

/* ---- inputs ---- */

static void put_text(dgm_buffer *out, const char *text, uint32_t i, uint32_t n)
{
    for (const char *p = text; *p; p++) {
        char word[16];
        size_t len = 1;
        word[0] = *p;
        if (*p == '%') {
            p++;
            if (*p == 'u') len = (size_t)snprintf(word, sizeof word, "%u", i * 7919u % 1000003u);
            if (*p == 'i') len = (size_t)snprintf(word, sizeof word, "%u", i);
            if (*p == 'n') len = (size_t)snprintf(word, sizeof word, "%u", n);
        }
        must(dgm_buffer_append(out, (dgm_slice){ word, len }) == DGM_OK);
    }
}

static void encode(dgm_buffer *text, const char *encoding)
{
    UErrorCode error = U_ZERO_ERROR;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    must(dgm_buffer_reserve(&out, text->len * 4 + 16) == DGM_OK);
    int32_t len = ucnv_convert(encoding, "UTF-8", out.at, (int32_t)(text->len * 4 + 16), text->at, (int32_t)text->len, &error);
    must(U_SUCCESS(error));
    out.len = (size_t)len;
    dgm_buffer_free(text);
    *text = out;
}

static void make(const shape *s, uint32_t n, dgm_buffer *out)
{
    put_text(out, s->texts[BEFORE], 0, n);
    for (uint32_t i = 1; i <= n; i++) put_text(out, s->texts[REPEATED], i, n);
    for (uint32_t i = 1; i <= n && s->texts[AGAIN]; i++) put_text(out, s->texts[AGAIN], i, n);
    put_text(out, s->texts[BEHIND], 0, n);
    if (s->texts[ENCODING]) encode(out, s->texts[ENCODING]);
}

/* ---- measuring ---- */

static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static taken take(const way *w, const dgm_context *c, const shape *s, uint32_t n)
{
    dgm_buffer input;
    dgm_buffer_init(&input, NULL);
    make(s, n, &input);
    taken t = { .bytes = input.len };
    double begun = processor_seconds();
    uint64_t before = steps_counted();
    w->take(w, c, dgm_buffer_slice(&input), s->texts[SETTINGS]);
    t.steps = (double)(steps_counted() - before);
    t.seconds = processor_seconds() - begun;
    dgm_buffer_free(&input);
    return t;
}

static bool steps_linear(const taken *t, double growth)
{
    double cost[LENGTHS];
    for (int k = 1; k < LENGTHS; k++) cost[k] = t[k].steps > t[0].steps ? t[k].steps - t[0].steps : 0;
    for (int k = 2; k < LENGTHS; k++)
        if (cost[k] > growth * cost[k - 1] + CONSTANT + COPIED * (double)t[k].bytes) return false;
    return cost[3] <= MOST_A_BYTE * (double)t[3].bytes;
}

static bool time_linear(const taken *t)
{
    return t[3].seconds <= TIME_GROWTH * t[1].seconds + TIME_LEAST;
}

static void tell(const trial *r, const shape *s, const way *w, const taken *t, const char *verdict)
{
    printf("%-6s %s/%s, %s: %zu %zu %zu bytes; %.0f and %.0f %.0f %.0f steps, times %.2f %.2f, %.0f a byte; %.1f %.1f %.1f ms\n",
           verdict, r->name, s->name, w->name, t[1].bytes, t[2].bytes, t[3].bytes, t[0].steps, t[1].steps - t[0].steps,
           t[2].steps - t[0].steps, t[3].steps - t[0].steps, (t[2].steps - t[0].steps) / (t[1].steps - t[0].steps),
           (t[3].steps - t[0].steps) / (t[2].steps - t[0].steps), (t[3].steps - t[0].steps) / (double)t[3].bytes,
           t[1].seconds * 1e3, t[2].seconds * 1e3, t[3].seconds * 1e3);
    fflush(stdout);
}

/* Steps are the same each time, unless threads have to wait for each other; time never is, so it is given a few chances. Between
 * two lengths may lie the one from which on something is done at all (a queue is gone through that was short before): what grows
 * too much is tried once with inputs four times as long, where that is behind all of them and work that is not linear shows the
 * more. */
static bool try(const options *o, const dgm_context *c, const trial *r, const shape *s, const way *w)
{
    taken t[LENGTHS];
    size_t each = strlen(s->texts[REPEATED]) + (s->texts[AGAIN] ? strlen(s->texts[AGAIN]) : 0);
    uint32_t n = (uint32_t)((double)r->bytes * o->times / (double)each) + 1;
    bool steps = false, time = false, longer = false;
    for (int attempt = 0; attempt < ATTEMPTS && !(steps && time); attempt++) {
        t[0] = take(w, c, s, 1);
        t[1] = take(w, c, s, n);
        for (; t[1].steps - t[0].steps < STEPS_LEAST && t[1].bytes < BYTES_MOST / 4; n *= 4) t[1] = take(w, c, s, n * 4);
        t[2] = take(w, c, s, n * 2);
        t[3] = take(w, c, s, n * 4);
        if (attempt == 0 || r->threaded || longer) steps = steps || steps_linear(t, r->threaded ? GROWTH_CREW : GROWTH);
        time = time || time_linear(t);
        if (steps || r->threaded) continue;
        if (longer) break;
        longer = true;
        n *= 4;
    }
    if (!steps || !time || o->list) tell(r, s, w, t, !steps ? "STEPS" : !time ? "TIME" : "ok");
    return steps && time;
}

static bool wanted(const options *o, const trial *r, const shape *s)
{
    bool any = o->name_count == 0;
    for (int i = 0; i < o->name_count && !any; i++) {
        size_t n = strlen(r->name);
        const char *name = o->names[i];
        any = strncmp(name, r->name, n) == 0 && (!name[n] || (name[n] == '/' && strcmp(name + n + 1, s->name) == 0));
    }
    return any;
}

static int usage(void)
{
    fprintf(stderr, "usage: steps [--list] [--times N] [TRIAL[/SHAPE]...]\n");
    return 2;
}

int main(int argc, char **argv)
{
    options o = { .times = 1 };
    int i = 1, passed = 0, failed = 0;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--list") == 0)
            o.list = true;
        else if (strcmp(argv[i], "--times") == 0 && i + 1 < argc && strtod(argv[i + 1], NULL) > 0)
            o.times = strtod(argv[++i], NULL);
        else
            return usage();
    }
    o.names = argv + i, o.name_count = argc - i;
    dgm_context *c = NULL;
    dgm_context_options opened = { .struct_bytes = sizeof opened, .limits = { .diagnostics_max = 100 } };
    must(dgm_context_open(&opened, NULL, &c) == DGM_OK);
    for (const trial *r = trials; r->name; r++)
        for (const shape *s = r->shapes; s->name; s++) {
            if (!wanted(&o, r, s)) continue;
            for (const way *w = r->ways; w->name; w++) *(try(&o, c, r, s, w) ? &passed : &failed) += 1;
        }
    bool rules = o.name_count == 0;
    for (i = 0; i < o.name_count && !rules; i++) rules = strcmp(o.names[i], "rules") == 0;
    if (rules) (void)rules_try(c, o.list, &passed, &failed);
    dgm_context_free(c);
    printf("result steps: %d passed, %d failed\n", passed, failed);
    return failed > 0 || passed == 0;
}
