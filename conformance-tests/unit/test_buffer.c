/* SPDX-License-Identifier: Apache-2.0
 *
 * test_buffer.c - growing buffers with limits, sinks over them and over descriptors, the collecting sink. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/test.h"

#include <limits.h>
#include <unistd.h>

static void appends_and_prints(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_buffer b;
    dgm_buffer_init(&b, &mem);
    CU_ASSERT_EQUAL(dgm_buffer_append(&b, (dgm_slice){ 0 }), DGM_OK);
    CU_ASSERT_EQUAL(state.asked, 0);
    CU_ASSERT_EQUAL(dgm_buffer_append(&b, DGM_LITERAL("UNB")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "+%s:%d", "UNOC", 3), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&b), "UNB+UNOC:3");
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "%1000d", 5), DGM_OK);
    CU_ASSERT_EQUAL(b.len, 1010);
    CU_ASSERT_EQUAL(b.at[1009], '5');
    CU_ASSERT_EQUAL(b.at[10], ' ');
    dgm_buffer_free(&b);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static void respects_its_limit_exactly(void)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    b.bytes_max = 1000;
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "%400d", 1), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "%600d", 1), DGM_OK); /* exactly full */
    CU_ASSERT_EQUAL(b.len, 1000);
    CU_ASSERT_EQUAL(dgm_buffer_append(&b, DGM_LITERAL("x")), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "y"), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_buffer_print(&b, "%600d", 1), DGM_LIMIT);
    CU_ASSERT_EQUAL(b.len, 1000);
    CU_ASSERT_EQUAL(b.bytes_max, 1000);
    CU_ASSERT_EQUAL(dgm_buffer_reserve(&b, SIZE_MAX), DGM_LIMIT);
    b.bytes_max = 0;
    CU_ASSERT_EQUAL(dgm_buffer_reserve(&b, SIZE_MAX), DGM_NOMEM);
    dgm_buffer_free(&b);
}

typedef struct probe {
    dgm_buffer got;
    int calls;
    dgm_status answer;
} probe;

static dgm_status probe_write(void *ctx, dgm_slice bytes)
{
    probe *p = ctx;
    p->calls++;
    return p->answer == DGM_OK ? dgm_buffer_append(&p->got, bytes) : p->answer;
}

static void collects_small_writes(void)
{
    static dgm_sink_buffer collector;
    probe p = { .answer = DGM_OK };
    dgm_buffer_init(&p.got, NULL);
    dgm_sink s = dgm_sink_buffered(&collector, (dgm_sink){ probe_write, &p });
    dgm_buffer wanted;
    dgm_buffer_init(&wanted, NULL);
    for (int i = 0; i < 40000; i++) {
        char text[8];
        int n = snprintf(text, sizeof text, "%d,", i % 1000);
        CU_ASSERT_EQUAL_FATAL(dgm_sink_put(s, (dgm_slice){ text, (size_t)n }), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(&wanted, (dgm_slice){ text, (size_t)n }), DGM_OK);
    }
    CU_ASSERT(p.calls <= 3);
    static char large[200000];
    memset(large, 'L', sizeof large);
    CU_ASSERT_EQUAL(dgm_sink_put(s, (dgm_slice){ large, sizeof large }), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_append(&wanted, (dgm_slice){ large, sizeof large }), DGM_OK);
    CU_ASSERT_EQUAL(dgm_sink_put(s, DGM_LITERAL("end")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_append(&wanted, DGM_LITERAL("end")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_sink_flush(&collector), DGM_OK);
    CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&p.got), dgm_buffer_slice(&wanted)));
    int calls = p.calls;
    CU_ASSERT_EQUAL(dgm_sink_flush(&collector), DGM_OK);
    CU_ASSERT_EQUAL(p.calls, calls);
    dgm_buffer_free(&p.got);
    dgm_buffer_free(&wanted);
}

static void tells_failures_again(void)
{
    static dgm_sink_buffer collector;
    probe p = { .answer = DGM_IO };
    dgm_sink s = dgm_sink_buffered(&collector, (dgm_sink){ probe_write, &p });
    CU_ASSERT_EQUAL(dgm_sink_put(s, DGM_LITERAL("collected")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_sink_flush(&collector), DGM_IO);
    CU_ASSERT_EQUAL(dgm_sink_flush(&collector), DGM_IO);
}

static void writes_to_descriptors(void)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    dgm_sink s = dgm_sink_descriptor(ends[1]);
    CU_ASSERT_EQUAL(dgm_sink_put(s, DGM_LITERAL("UNZ+1+42'")), DGM_OK);
    char got[32];
    ssize_t n = read(ends[0], got, sizeof got);
    TEST_TEXT(((dgm_slice){ got, n > 0 ? (size_t)n : 0 }), "UNZ+1+42'");
    close(ends[0]);
    close(ends[1]);
    CU_ASSERT_EQUAL(dgm_sink_put(dgm_sink_descriptor(-1), DGM_LITERAL("x")), DGM_IO);
}

static dgm_status buffer_work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_buffer b;
    dgm_buffer_init(&b, mem);
    dgm_sink s = dgm_buffer_sink(&b);
    dgm_status status = DGM_OK;
    for (int i = 0; i < 50 && status == DGM_OK; i++) {
        size_t before = b.len;
        status = i % 2 ? dgm_sink_put(s, DGM_LITERAL("0123456789")) : dgm_buffer_print(&b, "%300d", i);
        if (status != DGM_OK) CU_ASSERT_EQUAL(b.len, before);
    }
    dgm_buffer_free(&b);
    return status;
}

static void failing_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(buffer_work, NULL) >= 5);
}

int main(void)
{
    static const test_case cases[] = {
        { "appends and prints", appends_and_prints },
        { "respects its limit exactly", respects_its_limit_exactly },
        { "collects small writes", collects_small_writes },
        { "tells failures again", tells_failures_again },
        { "writes to descriptors", writes_to_descriptors },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("buffer", cases);
}
