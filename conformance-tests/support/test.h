/* SPDX-License-Identifier: Apache-2.0
 *
 * test.h - what every suite needs: a CUnit main that ends with exit code 1 on a failure, an allocator that fails on demand and
 * counts what is not given back, and readable comparisons. One thread.
 */
#ifndef DGM_TEST_H
#define DGM_TEST_H

#include "base/slice.h"

#include <CUnit/Basic.h>
#include <CUnit/CUnit.h>

typedef struct test_case {
    const char *name;
    void (*run)(void);
} test_case;

/* Runs the cases as one CUnit suite; the return value is main's. The table ends with {0}. */
int test_main(const char *suite, const test_case *cases);

/* An allocator that fails the allocation number `left` (0 = the first); LONG_MAX never. asked counts allocations and growths,
 * bytes_live what has not been freed. */
typedef struct test_mem {
    long left, asked;
    long long bytes_live;
} test_mem;
dgm_mem test_mem_make(test_mem *state);

/* Runs work() once to count its allocations and then once for each, with that one failing. work must return DGM_NOMEM whenever an
 * allocation failed (or DGM_OK if it could do without) and leave bytes_live at 0; each breach is a CUnit failure.
 * Returns the number of allocations tried. */
long test_each_allocation_fails(dgm_status (*work)(const dgm_mem *mem, void *ctx), void *ctx);

/* Fails with both texts printed when they differ. */
void test_slice_equal(dgm_slice got, dgm_slice wanted, const char *file, int line);
#define TEST_TEXT(got, wanted) test_slice_equal((got), dgm_slice_of(wanted), __FILE__, __LINE__)

/* A whole file; the caller frees(at). at NULL when it cannot be read. */
dgm_slice test_read_file(const char *path);
/* A small fixed-seed generator (xorshift), so that every run is the same. */
typedef struct test_random {
    uint64_t state;
} test_random;
uint32_t test_random_below(test_random *r, uint32_t n);

#endif
