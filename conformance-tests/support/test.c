/* SPDX-License-Identifier: Apache-2.0
 *
 * test.c - see test.h. The allocator keeps no headers: sizes are told by the caller, so a wrong size shows as bytes_live != 0.
 */
#include "test.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

int test_main(const char *suite, const test_case *cases)
{
    if (CU_initialize_registry() != CUE_SUCCESS) return 3;
    CU_pSuite s = CU_add_suite(suite, NULL, NULL);
    for (const test_case *c = cases; s && c->name; c++)
        if (!CU_add_test(s, c->name, c->run)) return 3;
    CU_basic_set_mode(CU_BRM_NORMAL);
    CU_basic_run_tests();
    unsigned failed = CU_get_number_of_failures();
    unsigned passed = CU_get_number_of_tests_run() - CU_get_number_of_tests_failed();
    unsigned broken = CU_get_number_of_tests_failed();
    printf("\nresult %s: %u passed, %u failed\n", suite, passed, broken);
    CU_cleanup_registry();
    return failed ? 1 : 0;
}

static void *test_grow(void *ctx, void *at, size_t old_bytes, size_t new_bytes)
{
    test_mem *m = ctx;
    if (new_bytes == 0) {
        free(at);
        m->bytes_live -= (long long)old_bytes;
        return NULL;
    }
    m->asked++;
    if (m->left-- == 0) return NULL;
    void *p = realloc(at, new_bytes);
    if (p) m->bytes_live += (long long)new_bytes - (long long)(at ? old_bytes : 0);
    return p;
}

dgm_mem test_mem_make(test_mem *state)
{
    return (dgm_mem){ test_grow, state };
}

long test_each_allocation_fails(dgm_status (*work)(const dgm_mem *mem, void *ctx), void *ctx)
{
    test_mem m = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&m);
    CU_ASSERT_EQUAL(work(&mem, ctx), DGM_OK);
    CU_ASSERT_EQUAL(m.bytes_live, 0);
    long all = m.asked;
    CU_ASSERT(all > 0);
    for (long n = 0; n < all; n++) {
        m = (test_mem){ .left = n };
        dgm_status got = work(&mem, ctx);
        if ((got != DGM_NOMEM && got != DGM_OK) || m.bytes_live != 0) {
            fprintf(stderr, "allocation %ld of %ld failing: status %d, %lld bytes left\n", n, all, (int)got, m.bytes_live);
            CU_FAIL("an allocation that fails must give DGM_NOMEM and leave nothing behind");
            break;
        }
    }
    return all;
}

void test_slice_equal(dgm_slice got, dgm_slice wanted, const char *file, int line)
{
    bool same = dgm_slice_equal(got, wanted);
    if (!same)
        fprintf(stderr, "%s:%d: got    \"%.*s\"\n%s:%d: wanted \"%.*s\"\n", file, line, (int)got.len, got.at ? got.at : "", file,
                line, (int)wanted.len, wanted.at ? wanted.at : "");
    CU_assertImplementation(same, (unsigned)line, "texts are equal", file, "", CU_FALSE);
}

dgm_slice test_read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return (dgm_slice){ 0 };
    size_t len = 0, room = 65536;
    char *at = malloc(room);
    for (size_t n; at && (n = fread(at + len, 1, room - len, f)) > 0;) {
        len += n;
        if (len == room) {
            char *more = realloc(at, room *= 2);
            if (!more) break;
            at = more;
        }
    }
    fclose(f);
    return (dgm_slice){ at, len };
}

uint32_t test_random_below(test_random *r, uint32_t n)
{
    uint64_t x = r->state ? r->state : 88172645463325252u;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    r->state = x;
    return n ? (uint32_t)((x >> 32) % n) : 0;
}
