/* SPDX-License-Identifier: Apache-2.0
 *
 * test_host.c - the host that codecs run on: limits without zeros, a full table of functions, and settings with their defaults.
 * One thread.
 */
#include "codecs/codecs.h"
#include "conformance-tests/support/test.h"

static void test_limits(void)
{
    dgm_host h = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    CU_ASSERT_EQUAL(h.abi, DGM_CODEC_ABI);
    CU_ASSERT_EQUAL(h.struct_bytes, sizeof(dgm_host));
    CU_ASSERT_EQUAL(h.limits.message_bytes_max, 64u << 20); /* the defaults of dragoman.h */
    CU_ASSERT_EQUAL(h.limits.segment_bytes_max, 1u << 20);
    CU_ASSERT_EQUAL(h.limits.nodes_max, 16u << 20);
    CU_ASSERT_EQUAL(h.limits.depth_max, 64);
    CU_ASSERT_EQUAL(h.limits.attributes_max, 64);
    CU_ASSERT_EQUAL(h.limits.name_bytes_max, 256);
    CU_ASSERT_EQUAL(h.limits.kinds_bytes_max, 4u << 20);
    CU_ASSERT_EQUAL(h.limits.diagnostics_max, 1000);
    dgm_limits given = { .nodes_max = 7, .depth_max = 1000 };
    h = dgm_host_make(NULL, &given, NULL, NULL, NULL, 0);
    CU_ASSERT_EQUAL(h.limits.nodes_max, 7);
    CU_ASSERT_EQUAL(h.limits.depth_max, DGM_DEPTH_MAX); /* no deeper than any reader of a tree can follow */
    CU_ASSERT_EQUAL(h.limits.attributes_max, 64);
}

static void test_table(void)
{
    dgm_host h = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    CU_ASSERT(h.draft_new && h.draft_free && h.draft_begin && h.draft_open && h.draft_close && h.draft_reserve && h.draft_commit);
    CU_ASSERT(h.draft_count && h.draft_decoded && h.draft_text && h.draft_named && h.draft_flag && h.draft_node && h.draft_status);
    CU_ASSERT(h.draft_finish && h.draft_recycle);
    CU_ASSERT(h.mem.grow && h.world.now_ms && h.world.random && h.world.sync);
}

static void test_settings(void)
{
    static const dgm_option options[] = { { .name = "indent", .standard = "2" }, { .name = "bare" }, { 0 } };
    const dgm_setting given[] = { { DGM_LITERAL("indent"), DGM_LITERAL("4") }, { DGM_LITERAL("indent"), DGM_LITERAL("8") } };
    TEST_TEXT(dgm_setting_get(given, 2, options, "indent"), "4"); /* the first wins */
    TEST_TEXT(dgm_setting_get(NULL, 0, options, "indent"), "2");
    TEST_TEXT(dgm_setting_get(NULL, 0, options, "bare"), "");
    TEST_TEXT(dgm_setting_get(given, 2, options, "inden"), "");
    TEST_TEXT(dgm_setting_get(given, 2, NULL, "other"), "");
}

int main(void)
{
    static const test_case cases[] = {
        { "limits have no zeros", test_limits },
        { "the table is full", test_table },
        { "settings and their defaults", test_settings },
        { NULL, NULL },
    };
    return test_main("host", cases);
}
