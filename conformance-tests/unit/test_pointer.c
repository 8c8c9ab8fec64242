/* SPDX-License-Identifier: Apache-2.0
 *
 * test_pointer.c - pointers of the WCO Data Model to places and back.
 */
#include "conformance-tests/support/test.h"

#include "model/pointer.h"
#include "model/vocabulary.h"

#include <string.h>

static const char vocabulary[] = "dragoman: model/1\n"
                                 "model: Declaration@1\nroot: Declaration\ntitle: t\nsource: s\nedition: e\n"
                                 "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"
                                 "ID\t0\t1\tid\tan..35\tD014\t-\tNumber\twco\n"
                                 "House\t0\t1\t-\t-\t-\t-\tOurs\thouse\n"
                                 "House/ID\t0\t1\tid\tan..35\tD014\t-\tNumber\thouse\n"
                                 "GoodsShipment\t0\t1\t-\t-\t67A\t-\tShipment\twco\n"
                                 "GoodsShipment/Item\t0\t99\t-\t-\t68A\t-\tItem\twco\n"
                                 "GoodsShipment/Item/SequenceNumeric\t0\t1\tnumber\tn..5\t006\t-\tNumber\twco\n"
                                 "GoodsShipment/Item/Commodity\t0\t1\t-\t-\t23A\t-\tGoods\twco\n"
                                 "GoodsShipment/Item/Commodity/Description\t0\t1\ttext\tan..512\t137\t-\tText\twco\n";

static dgm_shape *shape;

static void check(const char *chain, dgm_status wanted, const char *places, const char *bad)
{
    uint32_t slots[4], numbers[4];
    size_t count;
    dgm_slice wrong;
    char text[128] = "";
    CU_ASSERT_EQUAL(dgm_pointer_read(shape, dgm_slice_of(chain), slots, numbers, 4, &count, &wrong), wanted);
    for (size_t i = 0; i < count; i++) {
        dgm_slice name = dgm_shape_slot(shape, slots[i])->name;
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, "%s%.*s#%u", i ? " " : "", (int)name.len, name.at, numbers[i]);
    }
    CU_ASSERT_STRING_EQUAL(text, places);
    TEST_TEXT(wrong, bad);
}

static void reading(void)
{
    check("42A 67A 68A#2 23A/137", DGM_OK, "GoodsShipment#0 Item#2 Commodity#0 Description#0", "");
    check("42A 67A#1 68A#12", DGM_OK, "GoodsShipment#0 Item#12", ""); /* a number where one stands says nothing */
    check("42A#2 67A", DGM_OK, "GoodsShipment#0", "");                /* of an amendment */
    check("67A 68A", DGM_OK, "GoodsShipment#0 Item#0", "");
    check("  42A  67A ", DGM_OK, "GoodsShipment#0", "");
    check("42A/D014", DGM_OK, "ID#0", "");
    check("42A 67A 68A#1/337", DGM_UNKNOWN, "GoodsShipment#0 Item#1", "337");
    check("42A 67A 99Z 23A", DGM_UNKNOWN, "GoodsShipment#0", "99Z");
    check("07B 67A", DGM_UNKNOWN, "", "07B"); /* of another document */
    check("42A 67A 68A#x", DGM_UNKNOWN, "GoodsShipment#0", "68A#x");
    check("42A 67A 68A#0", DGM_UNKNOWN, "GoodsShipment#0", "68A#0");
    check("42A 67A/", DGM_UNKNOWN, "GoodsShipment#0", "");
    check("42A 42A", DGM_UNKNOWN, "", "42A");
    CU_ASSERT(dgm_pointer_looks(DGM_LITERAL("42A 67A")));
    CU_ASSERT(dgm_pointer_looks(DGM_LITERAL("68A#2")));
    CU_ASSERT(dgm_pointer_looks(DGM_LITERAL("42A")));
    CU_ASSERT_FALSE(dgm_pointer_looks(DGM_LITERAL("42a 67A")));
    CU_ASSERT_FALSE(dgm_pointer_looks(DGM_LITERAL("42AB")));
    CU_ASSERT_FALSE(dgm_pointer_looks(DGM_LITERAL("SG30")));
    CU_ASSERT_FALSE(dgm_pointer_looks(DGM_LITERAL("7")));
}

static void limit(void)
{
    uint32_t slots[2], numbers[2];
    size_t count;
    dgm_slice bad;
    CU_ASSERT_EQUAL(dgm_pointer_read(shape, DGM_LITERAL("67A 68A 23A"), slots, numbers, 2, &count, &bad), DGM_LIMIT);
    CU_ASSERT_EQUAL(count, 2);
}

/* Every node that has a pointer is found by it again. */
static void writing(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_builder *b;
    dgm_tree *t = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    dgm_builder_begin(b, shape, false);
    uint32_t slots[4], numbers[4], goods = 0;
    size_t count;
    dgm_slice bad;
    CU_ASSERT_EQUAL_FATAL(dgm_pointer_read(shape, DGM_LITERAL("67A 68A 23A/137"), slots, numbers, 4, &count, &bad), DGM_OK);
    goods = dgm_builder_open(b, 0, slots[0], 0);
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t item = dgm_builder_open(b, goods, slots[1], i);
        uint32_t commodity = dgm_builder_open(b, item, slots[2], 0);
        dgm_builder_leaf(b, commodity, slots[3], 0, DGM_LITERAL("tea"));
    }
    uint32_t house = dgm_shape_child(shape, DGM_SLOT_ROOT, DGM_LITERAL("House"), 1);
    dgm_builder_open(b, 0, house, 9);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    static const char *const wanted[] = { "42A 67A",       "42A 67A 68A#1",     "42A 67A 68A#1 23A",    "42A 67A 68A#1 23A/137",
                                          "42A 67A 68A#2", "42A 67A 68A#2 23A", "42A 67A 68A#2 23A/137" };
    size_t at = 0;
    uint32_t parents[64];
    CU_ASSERT_FATAL(t->node_count <= 64);
    dgm_tree_parents(t, parents);
    for (uint32_t n = 0; n < t->node_count; n++) {
        char text[64] = "", again[64] = "";
        CU_ASSERT_EQUAL(dgm_pointer_write(t, parents, n, again, sizeof again), dgm_pointer_write(t, NULL, n, text, sizeof text));
        CU_ASSERT_STRING_EQUAL(text, again);
        size_t used = dgm_pointer_write(t, NULL, n, text, sizeof text);
        if (n == 0 || dgm_node_slot(&t->nodes[n]) == house) {
            CU_ASSERT_EQUAL(used, 0);
            continue;
        }
        CU_ASSERT_FATAL(at < sizeof wanted / sizeof *wanted);
        CU_ASSERT_STRING_EQUAL(text, wanted[at]);
        CU_ASSERT_EQUAL(used, strlen(wanted[at]));
        CU_ASSERT_EQUAL(dgm_pointer_write(t, NULL, n, NULL, 0), used);
        at++;
    }
    CU_ASSERT_EQUAL(at, sizeof wanted / sizeof *wanted);
    dgm_tree_free(t);
    dgm_builder_free(b);
}

static const test_case cases[] = {
    { "pointers to places", reading }, { "more steps than room", limit }, { "places to pointers", writing }, { 0 }
};

int main(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    int failed = 1;
    if (dgm_diags_new(&mem, 0, &diags) == DGM_OK &&
        dgm_vocabulary_load(&mem, DGM_LITERAL("v.tsv"), dgm_slice_of(vocabulary), diags, &shape) == DGM_OK)
        failed = test_main("pointer", cases);
    dgm_shape_free(shape);
    dgm_diags_free(diags);
    return failed;
}
