/* SPDX-License-Identifier: Apache-2.0
 *
 * test_arena.c - arenas and the helpers over a dgm_mem: alignment, zeroes, growth, recycling, failing memory. One thread.
 */
#include "base/arena.h"
#include "conformance-tests/support/test.h"

#include <limits.h>

static void gives_zeroed_aligned_memory(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_arena a;
    dgm_arena_init(&a, &mem);
    CU_ASSERT_EQUAL(state.asked, 0);
    for (size_t align = 1; align <= 4096; align *= 2) {
        unsigned char *p = dgm_arena_new(&a, 3, align, 7);
        CU_ASSERT_PTR_NOT_NULL_FATAL(p);
        CU_ASSERT_EQUAL((uintptr_t)p % align, 0);
        for (size_t i = 0; i < 21; i++) CU_ASSERT_EQUAL(p[i], 0);
        memset(p, 0xAA, 21);
    }
    dgm_arena_free(&a);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
    CU_ASSERT_EQUAL(a.bytes_held, 0);
    CU_ASSERT_PTR_NOT_NULL(DGM_NEW(&a, int, 1)); /* usable again */
    dgm_arena_free(&a);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static void refuses_sizes_that_overflow(void)
{
    dgm_arena a;
    dgm_arena_init(&a, NULL);
    CU_ASSERT_PTR_NULL(dgm_arena_new(&a, 16, 8, SIZE_MAX / 8));
    CU_ASSERT_PTR_NULL(dgm_arena_new(&a, 1, 8, SIZE_MAX - 4));
    CU_ASSERT_PTR_NOT_NULL(dgm_arena_new(&a, 16, 8, 0));
    dgm_arena_free(&a);
}

static void large_things_do_not_waste_the_current_block(void)
{
    dgm_arena a;
    dgm_arena_init(&a, NULL);
    char *first = dgm_arena_new(&a, 1, 1, 8);
    char *large = dgm_arena_new(&a, 1, 1, 3 * 1024 * 1024);
    char *second = dgm_arena_new(&a, 1, 1, 8);
    CU_ASSERT_PTR_NOT_NULL(large);
    CU_ASSERT_PTR_EQUAL(second, first + 8);
    dgm_arena_free(&a);
}

static void blocks_double_up_to_a_mebibyte(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_arena a;
    dgm_arena_init(&a, &mem);
    for (int i = 0; i < 100000; i++) CU_ASSERT_PTR_NOT_NULL_FATAL(dgm_arena_new(&a, 100, 1, 1));
    /* 10 MB: 4 K, then doubling what is held up to 1 MiB a block: 9 blocks to 1 MiB and about 9 more. */
    CU_ASSERT(state.asked < 20);
    CU_ASSERT(a.bytes_held >= 10000000 && a.bytes_held < 12000000);
    CU_ASSERT_EQUAL((long long)a.bytes_held, state.bytes_live);
    dgm_arena_free(&a);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static void reset_keeps_one_block(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_arena a;
    dgm_arena_init(&a, &mem);
    for (int i = 0; i < 1000; i++) memset(dgm_arena_new(&a, 100, 1, 1), 0xFF, 100);
    dgm_arena_reset(&a, 16384);
    CU_ASSERT(a.bytes_held > 0 && a.bytes_held <= 16384);
    CU_ASSERT_EQUAL((long long)a.bytes_held, state.bytes_live);
    long asked = state.asked;
    unsigned char *p = dgm_arena_new(&a, 1, 1, 1000);
    for (size_t i = 0; i < 1000; i++) CU_ASSERT_EQUAL(p[i], 0);
    CU_ASSERT_EQUAL(state.asked, asked);
    dgm_arena_reset(&a, 0);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
    dgm_arena_free(&a);
}

static void copies_and_prints(void)
{
    dgm_arena a;
    dgm_arena_init(&a, NULL);
    char text[] = "GIN+BN+12";
    dgm_slice copy = dgm_arena_copy(&a, dgm_slice_of(text));
    text[0] = 'X';
    TEST_TEXT(copy, "GIN+BN+12");
    CU_ASSERT_EQUAL(copy.at[copy.len], '\0');
    dgm_slice none = dgm_arena_copy(&a, (dgm_slice){ 0 });
    CU_ASSERT_PTR_NOT_NULL(none.at);
    CU_ASSERT_EQUAL(none.len, 0);
    TEST_TEXT(dgm_arena_print(&a, "SG%d/%s", 30, "CST"), "SG30/CST");
    for (int i = 0; i < 2000; i++) { /* across borders of blocks */
        dgm_slice s = dgm_arena_print(&a, "%05d-%05d", i, i);
        CU_ASSERT_EQUAL_FATAL(s.len, 11);
        CU_ASSERT_EQUAL(s.at[11], '\0');
        CU_ASSERT_EQUAL(s.at[4], (char)('0' + i % 10));
    }
    dgm_slice wide = dgm_arena_print(&a, "%5000d", 7);
    CU_ASSERT_EQUAL(wide.len, 5000);
    CU_ASSERT_EQUAL(wide.at[4999], '7');
    dgm_arena_free(&a);
}

static void arrays_grow(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    uint32_t *array = NULL;
    void *at = NULL;
    size_t capacity = 0;
    for (size_t n = 0; n < 1000; n++) {
        CU_ASSERT_EQUAL_FATAL(dgm_mem_reserve(&mem, &at, &capacity, n + 1, sizeof *array), DGM_OK);
        array = at;
        array[n] = (uint32_t)n;
    }
    for (size_t n = 0; n < 1000; n++) CU_ASSERT_EQUAL(array[n], n);
    CU_ASSERT(state.asked <= 8);
    CU_ASSERT_EQUAL(dgm_mem_reserve(&mem, &at, &capacity, SIZE_MAX / 2, sizeof *array), DGM_NOMEM);
    CU_ASSERT_PTR_EQUAL(at, array);
    CU_ASSERT_EQUAL(array[999], 999);
    dgm_mem_free(&mem, at, capacity * sizeof *array);
    char *one = dgm_mem_new(&mem, 0);
    CU_ASSERT_PTR_NOT_NULL(one);
    dgm_mem_free(&mem, one, 0);
    dgm_mem_free(&mem, NULL, 10);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static dgm_status arena_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_arena a;
    dgm_arena_init(&a, mem);
    dgm_status s = DGM_OK;
    for (int i = 0; i < 300 && s == DGM_OK; i++) {
        if (!dgm_arena_print(&a, "%0100d", i).at || !dgm_arena_copy(&a, DGM_LITERAL("text")).at) s = DGM_NOMEM;
        if (i % 100 == 99 && !DGM_NEW(&a, char, 200000)) s = DGM_NOMEM;
    }
    dgm_arena_free(&a);
    return s;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(arena_work, NULL) >= 5);
}

static void statuses_have_texts(void)
{
    CU_ASSERT_STRING_EQUAL(dgm_status_text(DGM_OK), "success");
    CU_ASSERT_STRING_EQUAL(dgm_status_text(DGM_DEFECT), "a defect of dragoman itself");
    CU_ASSERT_STRING_EQUAL(dgm_status_text((dgm_status)77), "unknown status");
    CU_ASSERT_STRING_EQUAL(dgm_version(), DGM_VERSION);
}

static void the_world_answers(void)
{
    dgm_world w = dgm_world_default();
    int64_t now = w.now_ms(w.ctx);
    CU_ASSERT(now > 1600000000000LL);
    unsigned char one[600] = { 0 }, two[600] = { 0 };
    CU_ASSERT_EQUAL(w.random(w.ctx, one, sizeof one), DGM_OK);
    CU_ASSERT_EQUAL(w.random(w.ctx, two, sizeof two), DGM_OK);
    CU_ASSERT(memcmp(one, two, sizeof one) != 0);
    CU_ASSERT(memcmp(one + 500, two + 500, 100) != 0);
    CU_ASSERT_EQUAL(w.random(w.ctx, one, 0), DGM_OK);
    CU_ASSERT_EQUAL(w.sync(w.ctx, -1), DGM_IO);
}

int main(void)
{
    static const test_case cases[] = {
        { "gives zeroed, aligned memory", gives_zeroed_aligned_memory },
        { "refuses sizes that overflow", refuses_sizes_that_overflow },
        { "large things do not waste the current block", large_things_do_not_waste_the_current_block },
        { "blocks double up to a mebibyte", blocks_double_up_to_a_mebibyte },
        { "reset keeps one block", reset_keeps_one_block },
        { "copies and prints", copies_and_prints },
        { "arrays grow", arrays_grow },
        { "failing memory", failing_memory },
        { "statuses have texts", statuses_have_texts },
        { "the world answers", the_world_answers },
        { 0 },
    };
    return test_main("arena", cases);
}
