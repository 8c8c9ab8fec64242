/* SPDX-License-Identifier: Apache-2.0
 *
 * count.c - see count.h. The library is compiled with -fsanitize-coverage=trace-pc, which calls the first function below at each
 * basic block; memory and string functions of the C library are defined here too, so that whoever calls them calls these. Each
 * thread counts by itself.
 */
#include "count.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 4096, LINE = 64 };

typedef struct counter {
    _Alignas(LINE) uint64_t steps;
    uint64_t cleared; /* of these: bytes of memset, many of which are done at a time */
} counter;

static counter counters[THREADS_MAX];
static atomic_uint counters_taken;
static _Thread_local counter *mine;

static counter *take_counter(void)
{
    unsigned n = atomic_fetch_add(&counters_taken, 1);
    if (n >= THREADS_MAX) abort();
    return mine = &counters[n];
}

static inline void count(size_t steps)
{
    counter *at = mine;
    (at ? at : take_counter())->steps += steps;
}

uint64_t steps_counted(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < atomic_load(&counters_taken) && i < THREADS_MAX; i++) sum += counters[i].steps;
    return sum;
}

uint64_t steps_cleared(void)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < atomic_load(&counters_taken) && i < THREADS_MAX; i++) sum += counters[i].cleared;
    return sum;
}

void __sanitizer_cov_trace_pc(void); /* the compiler's name */
void __sanitizer_cov_trace_pc(void)
{
    count(1);
}

/* The C library's own function of a name: looked for once, again if two threads ask at a time. */
#define REAL(name)                                                                                                                 \
    static _Atomic(__typeof__(&name)) found;                                                                                       \
    __typeof__(&name) real = atomic_load_explicit(&found, memory_order_relaxed);                                                   \
    if (!real) {                                                                                                                   \
        void *symbol = dlsym(RTLD_NEXT, #name);                                                                                    \
        if (!symbol) abort();                                                                                                      \
        *(void **)&real = symbol;                                                                                                  \
        atomic_store_explicit(&found, real, memory_order_relaxed);                                                                 \
    }

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    REAL(memcpy)
    count(n + 1);
    return real(to, from, n);
}

void *memmove(void *to, const void *from, size_t n)
{
    REAL(memmove)
    count(n + 1);
    return real(to, from, n);
}

void *memset(void *at, int c, size_t n)
{
    REAL(memset)
    count(n + 1);
    mine->cleared += n;
    return real(at, c, n);
}

/* Those that stop early count what they went over, as far as that can be known; memcmp and its like all of it. */
int memcmp(const void *a, const void *b, size_t n)
{
    REAL(memcmp)
    count(n + 1);
    return real(a, b, n);
}

void *memchr(const void *at, int c, size_t n)
{
    REAL(memchr)
    char *found_at = real(at, c, n);
    count((found_at ? (size_t)(found_at - (const char *)at) : n) + 1);
    return found_at;
}

size_t strlen(const char *s)
{
    REAL(strlen)
    size_t n = real(s);
    count(n + 1);
    return n;
}

int strcmp(const char *a, const char *b)
{
    REAL(strcmp)
    size_t n = 0;
    while (a[n] && a[n] == b[n]) n++;
    count(n + 1);
    return real(a, b);
}

int strncmp(const char *a, const char *b, size_t most)
{
    REAL(strncmp)
    size_t n = 0;
    while (n < most && a[n] && a[n] == b[n]) n++;
    count(n + 1);
    return real(a, b, most);
}

char *strchr(const char *s, int c)
{
    REAL(strchr)
    char *found_at = real(s, c);
    size_t n = 0;
    while (found_at ? s + n < found_at : s[n] != 0) n++;
    count(n + 1);
    return found_at;
}

/* What was there may have to be copied. */
void *realloc(void *at, size_t n)
{
    REAL(realloc)
    size_t had = at ? malloc_usable_size(at) : 0;
    count((had < n ? had : n) + 1);
    return real(at, n);
}
