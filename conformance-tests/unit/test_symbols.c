/* SPDX-License-Identifier: Apache-2.0
 *
 * test_symbols.c - names as numbers: order, equality of bytes, growth, freezing, failing memory. One thread.
 */
#include "base/symbols.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>

static void numbers_names_in_order(void)
{
    dgm_symbols t;
    dgm_symbols_init(&t, NULL);
    uint32_t n = 99;
    CU_ASSERT_EQUAL(dgm_symbols_find(&t, DGM_LITERAL("UNH")), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("UNH"), &n), DGM_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("BGM"), &n), DGM_OK);
    CU_ASSERT_EQUAL(n, 1);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("UNH"), &n), DGM_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, (dgm_slice){ 0 }, &n), DGM_OK); /* the empty name is one too */
    CU_ASSERT_EQUAL(n, 2);
    CU_ASSERT_EQUAL(dgm_symbols_count(&t), 3);
    CU_ASSERT_EQUAL(dgm_symbols_find(&t, DGM_LITERAL("")), 2);
    CU_ASSERT_EQUAL(dgm_symbols_find(&t, DGM_LITERAL("bgm")), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_symbols_find(&t, DGM_LITERAL("UNH\0")), DGM_NONE);
    TEST_TEXT(dgm_symbols_text(&t, 1), "BGM");
    TEST_TEXT(dgm_symbols_text(&t, 3), "");
    TEST_TEXT(dgm_symbols_text(&t, DGM_NONE), "");
    dgm_symbols_free(&t);
    CU_ASSERT_EQUAL(dgm_symbols_count(&t), 0);
}

static dgm_slice name_of(char *room, size_t bytes, uint32_t i)
{
    int n = snprintf(room, bytes, i % 3 ? "Name%u" : "GovernmentAgencyGoodsItem/%u/StatisticalValueAmount", i);
    return (dgm_slice){ room, (size_t)n };
}

static void holds_many(void)
{
    dgm_symbols t;
    dgm_symbols_init(&t, NULL);
    char room[80];
    uint32_t n;
    for (uint32_t i = 0; i < 50000; i++) {
        CU_ASSERT_EQUAL_FATAL(dgm_symbols_add(&t, name_of(room, sizeof room, i), &n), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(n, i);
    }
    for (uint32_t i = 0; i < 50000; i++) {
        dgm_slice name = name_of(room, sizeof room, i);
        CU_ASSERT_EQUAL_FATAL(dgm_symbols_find(&t, name), i);
        CU_ASSERT_FATAL(dgm_slice_equal(dgm_symbols_text(&t, i), name));
        CU_ASSERT_EQUAL(dgm_symbols_text(&t, i).at[name.len], '\0');
    }
    for (uint32_t i = 50000; i < 60000; i++) CU_ASSERT_EQUAL_FATAL(dgm_symbols_find(&t, name_of(room, sizeof room, i)), DGM_NONE);
    dgm_symbols_free(&t);
}

static void stops_at_its_limit(void)
{
    dgm_symbols t;
    dgm_symbols_init(&t, NULL);
    char room[16];
    uint32_t n = 0;
    dgm_status s = DGM_OK;
    for (uint32_t i = 0; i < DGM_SYMBOLS_MAX && s == DGM_OK; i++)
        s = dgm_symbols_add(&t, (dgm_slice){ room, (size_t)snprintf(room, sizeof room, "%u", i) }, &n);
    CU_ASSERT_EQUAL(s, DGM_OK);
    CU_ASSERT_EQUAL(n, DGM_SYMBOLS_MAX - 1);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("one more"), &n), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("17"), &n), DGM_OK);
    CU_ASSERT_EQUAL(n, 17);
    dgm_symbols_free(&t);
}

static void frozen_takes_no_new_name(void)
{
    dgm_symbols t;
    dgm_symbols_init(&t, NULL);
    uint32_t n = 7;
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("CST"), &n), DGM_OK);
    dgm_symbols_freeze(&t);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("CST"), &n), DGM_OK);
    CU_ASSERT_EQUAL(n, 0);
    CU_ASSERT_EQUAL(dgm_symbols_add(&t, DGM_LITERAL("FTX"), &n), DGM_USAGE);
    CU_ASSERT_EQUAL(dgm_symbols_find(&t, DGM_LITERAL("FTX")), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_symbols_count(&t), 1);
    dgm_symbols_free(&t);
}

static dgm_status symbols_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_symbols t;
    dgm_symbols_init(&t, mem);
    char room[80];
    uint32_t n;
    dgm_status s = DGM_OK;
    for (uint32_t i = 0; i < 500 && s == DGM_OK; i++) {
        s = dgm_symbols_add(&t, name_of(room, sizeof room, i), &n);
        if (s != DGM_OK) { /* a failure leaves the table as it was, and it can go on */
            CU_ASSERT_EQUAL(dgm_symbols_count(&t), i);
            CU_ASSERT_EQUAL(dgm_symbols_find(&t, name_of(room, sizeof room, i)), DGM_NONE);
            CU_ASSERT_EQUAL(dgm_symbols_add(&t, name_of(room, sizeof room, i), &n), DGM_OK);
        }
    }
    dgm_symbols_free(&t);
    return s;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(symbols_work, NULL) >= 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "numbers names in order", numbers_names_in_order },
        { "holds many", holds_many },
        { "stops at its limit", stops_at_its_limit },
        { "frozen takes no new name", frozen_takes_no_new_name },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("symbols", cases);
}
