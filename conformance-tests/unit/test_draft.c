/* SPDX-License-Identifier: Apache-2.0
 *
 * test_draft.c - drafts: document order, side tables, limits, recycling. One thread.
 */
#include "conformance-tests/support/test.h"
#include "model/tree.h"

static dgm_status small_shape(const dgm_mem *mem, dgm_shape **out)
{
    static const struct {
        uint32_t parent;
        const char *name;
        dgm_kind kind;
        uint32_t max;
    } rows[] = { { DGM_SLOT_NONE, "M", DGM_GROUP, 1 }, { 0, "BGM", DGM_SEGMENT, 1 },  { 0, "FTX", DGM_SEGMENT, 9 },
                 { 1, "1004", DGM_ELEMENT, 1 },        { 1, "1225", DGM_ELEMENT, 1 }, { 2, "C108", DGM_COMPOSITE, 1 },
                 { 5, "4440", DGM_ELEMENT, 1 },        { 5, "4440", DGM_ELEMENT, 1 } };
    dgm_shape_maker *m;
    *out = NULL;
    dgm_status st = dgm_shape_begin(mem, DGM_LITERAL("m"), &m);
    if (st != DGM_OK) return st;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_slot s = { .name = dgm_slice_of(rows[i].name), .kind = rows[i].kind, .max = rows[i].max };
        dgm_shape_add(m, rows[i].parent, &s);
    }
    st = dgm_shape_freeze(m, out);
    dgm_shape_maker_free(m);
    return st;
}

static const char input[] = "BGM+A?+1+9'FTX+x:y'ZZZ+q'"; /* BGM 0, A?+1 4, 9 9, FTX 11, x 15, y 17, ZZZ 19, q 23 */

static void leaf(dgm_draft *d, uint32_t slot, uint32_t at, uint32_t span, uint32_t flags)
{
    dgm_node *n = dgm_draft_reserve(d, 1);
    if (!n) return;
    *n = (dgm_node){ at, span, DGM_TAG(slot, DGM_ELEMENT, flags), DGM_PLACE(1, 0, 1) };
    dgm_draft_commit(d, 1);
}

/* Reads `input` as a codec would. */
static dgm_status draw(dgm_draft *d, const dgm_shape *shape)
{
    dgm_status st = dgm_draft_begin(d, shape);
    if (st != DGM_OK) return st;
    dgm_draft_open(d, 0, DGM_GROUP, 0, 0, 1);
    dgm_draft_open(d, 1, DGM_SEGMENT, 0, 0, 1);
    uint32_t escaped = dgm_draft_count(d);
    leaf(d, 3, 4, 4, 0);
    dgm_draft_decoded(d, escaped, DGM_LITERAL("A+1"));
    leaf(d, 4, 9, 1, 0);
    dgm_draft_close(d);
    dgm_draft_open(d, 2, DGM_SEGMENT, 0, 11, 1);
    dgm_draft_open(d, 5, DGM_COMPOSITE, 0, 15, DGM_PLACE(1, 0, 1));
    dgm_node *n = dgm_draft_reserve(d, 2);
    if (n) {
        n[0] = (dgm_node){ 15, 1, DGM_TAG(6, DGM_ELEMENT, 0), DGM_PLACE(1, 1, 1) };
        n[1] = (dgm_node){ 17, 1, DGM_TAG(7, DGM_ELEMENT, 0), DGM_PLACE(1, 2, 1) };
        dgm_draft_commit(d, 2);
    }
    dgm_draft_close(d);
    dgm_draft_close(d);
    uint32_t odd = dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_SEGMENT, 0, 19, 1);
    dgm_draft_named(d, odd, DGM_LITERAL("ZZZ"));
    uint32_t q = dgm_draft_count(d);
    leaf(d, DGM_SLOT_UNKNOWN, 23, 1, 0);
    dgm_draft_named(d, q, DGM_LITERAL("1"));
    return dgm_draft_status(d); /* finish closes what is open */
}

static void test_document_order(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape;
    dgm_draft *d;
    dgm_tree *t;
    CU_ASSERT_EQUAL_FATAL(small_shape(&mem, &shape), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_draft_new(&mem, NULL, &d), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(draw(d, shape), DGM_OK);
    CU_ASSERT_EQUAL(dgm_draft_depth(d), 2);
    char bytes[sizeof input];
    memcpy(bytes, input, sizeof input);
    CU_ASSERT_EQUAL_FATAL(dgm_draft_finish(d, bytes, sizeof input - 1, 0, true, 100, &t), DGM_OK);
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT_EQUAL(t->node_count, 10);
    CU_ASSERT_EQUAL(t->base, 100);
    CU_ASSERT(t->borrowed);
    static const uint32_t ends[] = { 10, 4, 3, 4, 8, 8, 7, 8, 10, 10 };
    for (uint32_t i = 0; i < t->node_count; i++) CU_ASSERT_EQUAL(dgm_tree_end(t, i), ends[i]);
    TEST_TEXT(dgm_tree_value(t, 2), "A+1");
    TEST_TEXT(dgm_tree_raw(t, 2), "A?+1");
    TEST_TEXT(dgm_tree_value(t, 3), "9");
    TEST_TEXT(dgm_tree_value(t, 1), "");
    TEST_TEXT(dgm_tree_name(t, 4), "FTX");
    TEST_TEXT(dgm_tree_name(t, 8), "ZZZ");
    TEST_TEXT(dgm_tree_name(t, 9), "1");
    char path[32];
    size_t n = dgm_tree_path(t, 7, path, sizeof path);
    TEST_TEXT(((dgm_slice){ path, n }), "FTX#1/C108/4440#2");
    n = dgm_tree_path(t, 9, path, sizeof path);
    TEST_TEXT(((dgm_slice){ path, n }), "ZZZ/1");
    CU_ASSERT_EQUAL(dgm_tree_segment_number(t, 3), 1);
    CU_ASSERT_EQUAL(dgm_tree_segment_number(t, 4), 2);
    CU_ASSERT_EQUAL(dgm_tree_segment_number(t, 7), 2);
    CU_ASSERT_EQUAL(dgm_tree_segment_number(t, 9), 3);
    CU_ASSERT_EQUAL(dgm_tree_segment_number(t, 0), 1);
    dgm_tree_free(t);
    dgm_draft_free(d);
    dgm_shape_free(shape);
}

static void test_limits(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_limits limits = { .nodes_max = 4, .depth_max = 2 };
    dgm_draft *d;
    dgm_tree *t;
    CU_ASSERT_EQUAL_FATAL(dgm_draft_new(&mem, &limits, &d), DGM_OK);
    CU_ASSERT_EQUAL(dgm_draft_finish(d, NULL, 0, 0, true, 0, &t), DGM_USAGE); /* not begun */
    CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
    dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1);
    dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1);
    CU_ASSERT_EQUAL(dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_draft_status(d), DGM_LIMIT);
    CU_ASSERT_PTR_NULL(dgm_draft_reserve(d, 1));
    CU_ASSERT_EQUAL(dgm_draft_finish(d, NULL, 0, 0, true, 0, &t), DGM_LIMIT);
    CU_ASSERT_PTR_NULL(t);
    CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK); /* a new message, a new chance */
    for (int i = 0; i < 4; i++) leaf(d, DGM_SLOT_UNKNOWN, 0, 0, DGM_EMPTY);
    CU_ASSERT_EQUAL(dgm_draft_status(d), DGM_OK);
    CU_ASSERT_PTR_NULL(dgm_draft_reserve(d, 1));
    CU_ASSERT_EQUAL(dgm_draft_status(d), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
    dgm_node *n = dgm_draft_reserve(d, 6); /* room is given, more than may be is not counted */
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    for (int i = 0; i < 6; i++) n[i] = (dgm_node){ 0 };
    dgm_draft_commit(d, 6);
    CU_ASSERT_EQUAL(dgm_draft_count(d), 4);
    CU_ASSERT_EQUAL(dgm_draft_status(d), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
    leaf(d, DGM_SLOT_UNKNOWN, 0, 0, DGM_EMPTY);
    leaf(d, DGM_SLOT_UNKNOWN, 0, 0, DGM_EMPTY);
    CU_ASSERT_EQUAL(dgm_draft_decoded(d, 1, DGM_LITERAL("b")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_draft_decoded(d, 0, DGM_LITERAL("a")), DGM_USAGE); /* rows rise */
    dgm_draft_free(d);
    dgm_draft_free(NULL);
}

/* The value of a leaf further back is given anew, however full the table of values is. */
static void test_given_anew(void)
{
    dgm_mem mem = dgm_mem_default();
    for (uint32_t leaves = 2; leaves < 200; leaves++) {
        dgm_draft *d = NULL;
        dgm_tree *t = NULL;
        CU_ASSERT_EQUAL_FATAL(dgm_draft_new(&mem, NULL, &d), DGM_OK);
        CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
        for (uint32_t i = 0; i < leaves; i++) {
            leaf(d, DGM_SLOT_UNKNOWN, 0, 0, 0);
            CU_ASSERT_EQUAL(dgm_draft_decoded(d, i, DGM_LITERAL("first")), DGM_OK);
        }
        CU_ASSERT_EQUAL(dgm_draft_decoded(d, leaves / 2 - 1, DGM_LITERAL("the second")), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_draft_finish(d, NULL, 0, 0, true, 0, &t), DGM_OK);
        TEST_TEXT(dgm_tree_value(t, leaves / 2 - 1), "the second");
        TEST_TEXT(dgm_tree_value(t, leaves - 1), "first");
        dgm_tree_free(t);
        dgm_draft_free(d);
    }
}

/* A giant among small messages is used again only until the median says it is unusual. */
static void test_recycling(void)
{
    test_mem state = { .left = 1L << 40 };
    dgm_mem mem = test_mem_make(&state);
    dgm_draft *d;
    dgm_tree *t;
    char *bytes;
    size_t capacity;
    CU_ASSERT_EQUAL_FATAL(dgm_draft_new(&mem, NULL, &d), DGM_OK);
    long long small = 0;
    for (int i = 0; i < 40; i++) {
        uint32_t nodes = i == 20 ? 1000000 : 100;
        capacity = nodes * 8;
        bytes = mem.grow(mem.ctx, NULL, 0, capacity);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
        dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1);
        for (uint32_t k = 1; k < nodes; k++) leaf(d, DGM_SLOT_UNKNOWN, 0, 0, DGM_EMPTY);
        CU_ASSERT_EQUAL(dgm_draft_finish(d, bytes, nodes * 8, capacity, false, 0, &t), DGM_OK);
        size_t before = capacity;
        dgm_draft_recycle(d, t, &bytes, &capacity);
        if (i == 20) {
            CU_ASSERT_PTR_NULL(bytes);
            CU_ASSERT_EQUAL(capacity, 0);
        } else {
            CU_ASSERT_EQUAL(capacity, before);
            dgm_mem_free(&mem, bytes, capacity);
        }
        if (i == 10) small = state.bytes_live;
        if (i > 10) CU_ASSERT(state.bytes_live <= small);
    }
    long asked = state.asked;
    CU_ASSERT_EQUAL(dgm_draft_begin(d, NULL), DGM_OK);
    for (int k = 0; k < 100; k++) leaf(d, DGM_SLOT_UNKNOWN, 0, 0, DGM_EMPTY);
    CU_ASSERT_EQUAL(state.asked, asked); /* a usual message asks for nothing */
    dgm_draft_free(d);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_shape *shape;
    dgm_draft *d = NULL;
    dgm_tree *t = NULL, *own = NULL;
    dgm_status st = small_shape(mem, &shape);
    if (st == DGM_OK) st = dgm_draft_new(mem, NULL, &d);
    for (int i = 0; i < 2 && st == DGM_OK; i++) {
        st = draw(d, shape);
        char *bytes = NULL;
        size_t capacity = 64;
        if (st == DGM_OK && !(bytes = mem->grow(mem->ctx, NULL, 0, capacity))) st = DGM_NOMEM;
        if (st == DGM_OK) memcpy(bytes, input, sizeof input);
        if (st == DGM_OK) st = dgm_draft_finish(d, bytes, sizeof input - 1, capacity, false, 0, &t);
        if (st == DGM_OK) st = dgm_tree_own(t, mem, &own);
        if (st == DGM_OK) CU_ASSERT(dgm_tree_sound(own) && dgm_tree_equal(t, own, false, NULL, NULL));
        dgm_tree_free(own);
        own = NULL;
        if (t) {
            dgm_draft_recycle(d, t, &bytes, &capacity);
            dgm_mem_free(mem, bytes, capacity);
        }
        t = NULL;
    }
    dgm_draft_free(d);
    dgm_shape_free(shape);
    return st;
}

static void test_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 8);
}

int main(void)
{
    static const test_case cases[] = {
        { "a tree in document order", test_document_order }, { "limits and wrong calls", test_limits },
        { "a value is given anew", test_given_anew },        { "recycling keeps what is usual", test_recycling },
        { "each allocation may fail", test_memory },         { NULL, NULL },
    };
    return test_main("draft", cases);
}
