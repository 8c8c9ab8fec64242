/* SPDX-License-Identifier: Apache-2.0
 *
 * replay.c - runs a fuzz target over its saved corpus without a fuzzer: every file as it stands, cut at a few places, and with a
 * few bytes changed by a generator with a fixed seed. What goes wrong ends the program (assert, sanitizer); each file is one passed
 * test. One thread.
 *
 *   replay FOLDER...                       the corpus, as `make check` does
 *   replay --seconds N --seed S FOLDER...  mutate until the time is over, as `make torture` does
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MAX = 20000, MUTATIONS = 24, BYTES_MAX = 1 << 22 };

typedef struct corpus {
    char *path[FILES_MAX];
    size_t count;
} corpus;

static uint64_t state;

static uint32_t below(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return n ? (uint32_t)((state >> 32) % n) : 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Folders of corpora are flat or one level deep; the depth is bounded all the same. */
static void collect(corpus *c, const char *path, int depth)
{
    struct stat s;
    if (stat(path, &s) != 0) return;
    if (S_ISREG(s.st_mode) && c->count < FILES_MAX) {
        size_t len = strlen(path) + 1;
        char *copy = malloc(len);
        if (copy) c->path[c->count++] = memcpy(copy, path, len);
    }
    DIR *dir = S_ISDIR(s.st_mode) && depth < 4 ? opendir(path) : NULL;
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));) {
        if (e->d_name[0] == '.') continue;
        char below_it[4096];
        if (snprintf(below_it, sizeof below_it, "%s/%s", path, e->d_name) < (int)sizeof below_it) collect(c, below_it, depth + 1);
    }
    closedir(dir);
}

static uint8_t *load(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *at = f ? malloc(BYTES_MAX) : NULL;
    *size = at ? fread(at, 1, BYTES_MAX, f) : 0;
    if (f) fclose(f);
    return at;
}

static const char *current = "";
static uint64_t seed_of_current;
static char died[4096]; /* where the input goes that ends the program */
static const uint8_t *given;
static size_t given_bytes;

/* The bytes stand in a block of exactly their size, so that a sanitizer sees a read past the end. */
static void give(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact) exit(3);
    if (size) memcpy(exact, bytes, size);
    given = exact;
    given_bytes = size;
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void mutate(const uint8_t *bytes, size_t size)
{
    static const uint8_t telling[] = { '\'', '+', ':', '?',  '<',  '>',  '&',  '"', '{', '}',
                                       '[',  ']', 0,   0xFF, 0xC0, 0x80, '\n', '-', '9', ' ' };
    uint8_t *copy = malloc(size + 64);
    if (!copy) exit(3);
    memcpy(copy, bytes, size);
    size_t now = size;
    for (uint32_t n = 1 + below(4); n--;) {
        size_t at = now ? below((uint32_t)now) : 0;
        switch (now ? below(5) : 0) {
        case 0: /* a telling byte more */
            memmove(copy + at + 1, copy + at, now - at);
            copy[at] = telling[below(sizeof telling)];
            now += now < size + 60;
            break;
        case 1: copy[at] = telling[below(sizeof telling)]; break;
        case 2: copy[at] ^= (uint8_t)(1u << below(8)); break;
        case 3: { /* a piece less */
            size_t end = at + 1 + below(16);
            if (end > now) end = now;
            memmove(copy + at, copy + end, now - end);
            now -= end - at;
            break;
        }
        default: now = at; break; /* cut */
        }
    }
    give(copy, now);
    free(copy);
}

/* Says which input it was when a check of the target ends the program, and keeps it beside the program. */
static void on_abort(int number)
{
    fprintf(stderr, "replay: died of signal %d on %s, seed %llu; the input is in %s\n", number, current,
            (unsigned long long)seed_of_current, died);
    int file = open(died, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file >= 0 && write(file, given, given_bytes) < 0) fprintf(stderr, "replay: it cannot be written\n");
    signal(number, SIG_DFL);
    raise(number);
}

static void run_file(const char *path, unsigned mutations, uint64_t seed)
{
    size_t size;
    uint8_t *bytes = load(path, &size);
    if (!bytes) {
        fprintf(stderr, "replay: cannot read %s\n", path);
        exit(3);
    }
    current = path;
    give(bytes, size);
    for (unsigned i = 0; i < mutations; i++) {
        seed_of_current = seed + i;
        state = (seed + i) * 0x9E3779B97F4A7C15u + 1;
        for (int warm = 0; warm < 4; warm++) below(2);
        mutate(bytes, size);
    }
    free(bytes);
}

int main(int argc, char **argv)
{
    static corpus c;
    long seconds = 0;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = strtol(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            collect(&c, argv[i], 0);
    }
    const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    snprintf(died, sizeof died, "%s.died", argv[0]);
    signal(SIGABRT, on_abort);
    signal(SIGSEGV, on_abort);
    qsort(c.path, c.count, sizeof *c.path, by_name);
    if (c.count == 0) {
        printf("result %s: 0 passed, 1 failed\n%s: the corpus is empty\n", name, name);
        return 1;
    }
    uint64_t runs = 0;
    for (size_t i = 0; i < c.count; i++, runs++) run_file(c.path[i], MUTATIONS, seed);
    time_t end = time(NULL) + seconds;
    for (uint64_t round = 1; seconds && time(NULL) < end; round++)
        for (size_t i = 0; i < c.count && time(NULL) < end; i++, runs++) run_file(c.path[i], MUTATIONS, seed + round * MUTATIONS);
    if (seconds)
        printf("torture %s: %llu files and their mutations, seed %llu\n", name, (unsigned long long)runs, (unsigned long long)seed);
    printf("result %s: %zu passed, 0 failed\n", name, c.count);
    for (size_t i = 0; i < c.count; i++) free(c.path[i]);
    return 0;
}
