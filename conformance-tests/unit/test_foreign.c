/* SPDX-License-Identifier: Apache-2.0
 *
 * test_foreign.c - sets of codecs, and what a codec built elsewhere is given by its host: drafts without nodes, shapes without
 * slots, diagnostics with names of its own. One thread.
 */
#include "conformance-tests/support/test.h"

#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/foreign.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static dgm_status open_set(const dgm_mem *mem, void *ctx)
{
    dgm_codec_set *set = NULL;
    dgm_status s = dgm_codec_set_open(mem, dgm_slice_of(ctx), (dgm_slice){ 0 }, NULL, &set);
    dgm_codec_set_free(set);
    return s;
}

static void test_set(void)
{
    char folder[] = "/tmp/dragoman-foreign.XXXXXX";
    dgm_codec_set *set = NULL;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT(test_each_allocation_fails(open_set, folder) > 2);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_set_open(NULL, dgm_slice_of(folder), (dgm_slice){ 0 }, NULL, &set), DGM_OK);
    size_t built_in = 0;
    while (dgm_codecs[built_in]) built_in++;
    CU_ASSERT_EQUAL(dgm_codec_set_count(set), built_in);
    TEST_TEXT(dgm_codec_set_at(set, 0).name, "edifact");
    CU_ASSERT_EQUAL(dgm_codec_set_at(set, 0).file.len, 0);
    CU_ASSERT_EQUAL(dgm_codec_list_find(dgm_codec_set_list(set), DGM_LITERAL("json")), 2);
    CU_ASSERT_EQUAL(dgm_codec_list_find(dgm_codec_set_list(NULL), DGM_LITERAL("jso")), -1);
    CU_ASSERT_EQUAL(dgm_codec_set_sum(set, 0).len, 0);
    dgm_codec_set_free(set);
    CU_ASSERT_EQUAL(chmod(folder, 0707), 0);
    CU_ASSERT_EQUAL(dgm_codec_set_open(NULL, dgm_slice_of(folder), (dgm_slice){ 0 }, NULL, &set), DGM_CONFIG);
    CU_ASSERT_PTR_NULL(set);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    CU_ASSERT_EQUAL(dgm_codec_set_open(NULL, dgm_slice_of(folder), (dgm_slice){ 0 }, NULL, &set), DGM_IO);
}

static void test_tell(void)
{
    dgm_diags *diags = NULL;
    dgm_buffer text;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &diags), DGM_OK);
    const dgm_mem mem = dgm_mem_default();
    dgm_buffer_init(&text, &mem);
    const dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
    const dgm_remark r = { .severity = DGM_WARNING,
                           .name = "mine.value.odd",
                           .text = DGM_LITERAL("the value is odd"),
                           .hint = DGM_LITERAL("make it even"),
                           .at_byte = 7,
                           .node = DGM_NONE };
    CU_ASSERT_EQUAL(host.tell(&host, &r), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 1);
    CU_ASSERT_EQUAL(dgm_diags_errors(diags), 0);
    const dgm_diag_style style = { .form = DGM_DIAG_JSON };
    CU_ASSERT_EQUAL(dgm_diag_print(dgm_diags_at(diags, 0), &style, dgm_buffer_sink(&text)), DGM_OK);
    const char wanted[] = "{\"code\":\"mine.value.odd\",\"severity\":\"warning\",\"message\":\"the value is odd\"";
    TEST_TEXT(dgm_slice_part(dgm_buffer_slice(&text), 0, sizeof wanted - 1), wanted);
    CU_ASSERT_PTR_NOT_NULL(memmem(text.at, text.len, "\"hint\":\"make it even\"", 21));
    dgm_buffer_free(&text);
    dgm_diags_free(diags);
}

static void test_tree(void)
{
    const dgm_host h = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    dgm_shape_maker *maker = NULL;
    dgm_shape *shape = NULL;
    dgm_draft *draft = NULL;
    dgm_tree *t = NULL;
    dgm_slot_info told;
    dgm_view v;
    CU_ASSERT_EQUAL_FATAL(h.shape_begin(&h.mem, DGM_LITERAL("mine"), &maker), DGM_OK);
    const dgm_slot_info top = { .name = DGM_LITERAL("850"), .kind = DGM_GROUP };
    const dgm_slot_info segment = { .name = DGM_LITERAL("BEG"), .kind = DGM_SEGMENT, .min = 1, .max = 3 };
    const dgm_slot_info leaf = {
        .name = DGM_LITERAL("03"), .kind = DGM_ELEMENT, .element = 3, .characters = "an", .length_max = 22
    };
    uint32_t id = h.shape_add(maker, UINT32_MAX, &top);
    id = h.shape_add(maker, id, &segment);
    CU_ASSERT_NOT_EQUAL(h.shape_add(maker, id, &leaf), UINT32_MAX);
    CU_ASSERT_EQUAL_FATAL(h.shape_freeze(maker, &shape), DGM_OK);
    CU_ASSERT_EQUAL(h.shape_frozen(maker, id), 1);
    h.shape_maker_free(maker);
    CU_ASSERT(h.shape_slot(shape, 2, &told));
    TEST_TEXT(told.name, "03");
    CU_ASSERT_EQUAL(told.max, 1); /* not set: one */
    CU_ASSERT_EQUAL(told.element, 3);
    CU_ASSERT_EQUAL(told.length_max, 22);
    CU_ASSERT_STRING_EQUAL(told.characters, "an");
    CU_ASSERT_EQUAL(h.shape_child(shape, 0, DGM_LITERAL("BEG"), 1), 1);
    CU_ASSERT_EQUAL(h.shape_find(shape, DGM_LITERAL("BEG/03"), NULL), 2);
    CU_ASSERT_FALSE(h.shape_slot(shape, 3, &told));

    CU_ASSERT_EQUAL_FATAL(h.draft_new(&h.mem, &h.limits, &draft), DGM_OK);
    CU_ASSERT_EQUAL(h.draft_begin(draft, shape), DGM_OK);
    CU_ASSERT_EQUAL(h.draft_open(draft, 0, DGM_GROUP, 0, 0, 1), 0);
    CU_ASSERT_EQUAL(h.draft_open(draft, 1, DGM_SEGMENT, 0, 0, 1), 1);
    CU_ASSERT_EQUAL(h.draft_leaf(draft, 2, DGM_ELEMENT, 0, 6, 4, DGM_PLACE_OF(3, 0, 1)), 2);
    CU_ASSERT_EQUAL(h.draft_finish(draft, (char *)(uintptr_t) "BEG***4711", 10, 10, true, 0, &t), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT(h.tree_view(t, 2, &v));
    TEST_TEXT(v.value, "4711");
    CU_ASSERT_EQUAL(h.tree_slot(t, 2), 2);
    CU_ASSERT_EQUAL(h.tree_slot(t, 3), DGM_SLOT_NOT_KNOWN);
    CU_ASSERT_PTR_EQUAL(h.tree_shape(t), shape);
    h.tree_free(t);
    h.draft_free(draft);
    h.shape_free(shape);
}

int main(void)
{
    return test_main("foreign", (const test_case[]){ { "sets of codecs", test_set },
                                                     { "diagnostics with names of their own", test_tell },
                                                     { "trees and shapes by functions alone", test_tree },
                                                     { 0 } });
}
