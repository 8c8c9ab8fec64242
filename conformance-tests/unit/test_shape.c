/* SPDX-License-Identifier: Apache-2.0
 *
 * test_shape.c - shapes: numbering, ordinals, look-ups, aliases, paths, and what may not be made. One thread.
 */
#include "conformance-tests/support/test.h"
#include "model/shape.h"

#include <stdio.h>

static dgm_slot slot_of(const char *name, dgm_kind kind, uint32_t max)
{
    return (
        dgm_slot){ .name = dgm_slice_of(name), .kind = kind, .max = max, .part_value = DGM_SLOT_NONE, .part_code = DGM_SLOT_NONE };
}

static uint32_t add(dgm_shape_maker *m, uint32_t parent, const char *name, dgm_kind kind, uint32_t max)
{
    dgm_slot s = slot_of(name, kind, max);
    return dgm_shape_add(m, parent, &s);
}

/* MSG { SG30 x99 { CST { 1496, C246 five times { 7361 } }, FTX x9 { 4451 } }, BGM { 1004 @x }, SG30 x1 again } */
static dgm_status make(const dgm_mem *mem, dgm_shape **out)
{
    dgm_shape_maker *m;
    *out = NULL;
    dgm_status st = dgm_shape_begin(mem, DGM_LITERAL("cusdec-d96b"), &m);
    if (st != DGM_OK) return st;
    uint32_t root = add(m, DGM_SLOT_NONE, "CUSDEC", DGM_GROUP, 1);
    uint32_t item = add(m, root, "SG30", DGM_GROUP, 99);
    uint32_t cst = add(m, item, "CST", DGM_SEGMENT, 1);
    add(m, cst, "1496", DGM_ELEMENT, 1);
    for (int i = 0; i < 5; i++) add(m, add(m, cst, "C246", DGM_COMPOSITE, 1), "7361", DGM_ELEMENT, 1);
    uint32_t bgm = add(m, root, "BGM", DGM_SEGMENT, 1); /* out of its parent's order on purpose: children stay contiguous */
    uint32_t ftx = add(m, item, "FTX", DGM_SEGMENT, 9);
    add(m, ftx, "4451", DGM_ELEMENT, 1);
    uint32_t leaf = add(m, bgm, "1004", DGM_ELEMENT, 1);
    uint32_t attribute = add(m, leaf, "@x", DGM_ATTRIBUTE, 1);
    uint32_t again = add(m, root, "SG30", DGM_GROUP, 1);
    add(m, again, "UNT", DGM_SEGMENT, 1);
    if (attribute != DGM_SLOT_NONE) dgm_shape_parts(m, leaf, leaf, attribute);
    if (again != DGM_SLOT_NONE) {
        st = dgm_shape_add_alias(m, DGM_LITERAL("Item"), item);
        if (st == DGM_OK) st = dgm_shape_add_alias(m, DGM_LITERAL("Text"), ftx);
        if (st == DGM_OK) st = dgm_shape_add_alias(m, DGM_LITERAL("Item"), item); /* a twin is dropped */
        if (st == DGM_OK) st = dgm_shape_add_alias(m, DGM_LITERAL("Two"), item);
        if (st == DGM_OK) st = dgm_shape_add_alias(m, DGM_LITERAL("Two"), ftx);
    }
    if (st == DGM_OK) st = dgm_shape_freeze(m, out);
    if (st == DGM_OK) CU_ASSERT(dgm_shape_frozen_id(m, root) == 0 && dgm_shape_frozen_id(m, item) == 1);
    dgm_shape_maker_free(m);
    return st;
}

static dgm_shape *made(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *s = NULL;
    CU_ASSERT_EQUAL_FATAL(make(&mem, &s), DGM_OK);
    return s;
}

static uint32_t at(const dgm_shape *s, const char *path)
{
    return dgm_shape_find(s, dgm_slice_of(path), NULL);
}

static void test_numbers(void)
{
    dgm_shape *s = made();
    TEST_TEXT(dgm_shape_name(s), "cusdec-d96b");
    CU_ASSERT_EQUAL(dgm_shape_count(s), 21);
    for (uint32_t i = 0; i < dgm_shape_count(s); i++) {
        const dgm_slot *slot = dgm_shape_slot(s, i);
        for (uint32_t k = 0; k < slot->child_count; k++) {
            CU_ASSERT_EQUAL(dgm_shape_slot(s, slot->first_child + k)->parent, i);
            CU_ASSERT(slot->first_child > i);
        }
    }
    const dgm_slot *root = dgm_shape_slot(s, 0);
    CU_ASSERT_EQUAL(root->parent, DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(root->child_count, 3);
    TEST_TEXT(dgm_shape_slot(s, root->first_child)->name, "SG30");
    TEST_TEXT(dgm_shape_slot(s, root->first_child + 1)->name, "BGM");
    CU_ASSERT_EQUAL(dgm_shape_slot(s, root->first_child + 2)->ordinal, 100); /* behind the 99 of the first SG30 */
    const dgm_slot *leaf = dgm_shape_slot(s, at(s, "BGM/1004"));
    CU_ASSERT_EQUAL(leaf->part_value, at(s, "BGM/1004"));
    CU_ASSERT_EQUAL(leaf->part_code, at(s, "BGM/1004/@x"));
    CU_ASSERT_EQUAL(dgm_shape_slot(s, 1)->part_value, DGM_SLOT_NONE);
    CU_ASSERT_PTR_NULL(dgm_shape_slot(s, 21));
    dgm_shape_free(s);
}

static void test_children(void)
{
    dgm_shape *s = made();
    uint32_t cst = at(s, "SG30/CST");
    for (uint32_t n = 1; n <= 5; n++) {
        uint32_t c = dgm_shape_child(s, cst, DGM_LITERAL("C246"), n);
        CU_ASSERT_EQUAL_FATAL(dgm_shape_slot(s, c)->ordinal, n);
    }
    CU_ASSERT_EQUAL(dgm_shape_child(s, cst, DGM_LITERAL("C246"), 6), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_child(s, cst, DGM_LITERAL("C246"), 0), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_child(s, cst, DGM_LITERAL("C24"), 1), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_child(s, 99, DGM_LITERAL("C246"), 1), DGM_SLOT_NONE);
    uint32_t first = dgm_shape_child(s, 0, DGM_LITERAL("SG30"), 1);
    CU_ASSERT_EQUAL(dgm_shape_child(s, 0, DGM_LITERAL("SG30"), 99), first);
    CU_ASSERT_EQUAL(dgm_shape_child(s, 0, DGM_LITERAL("SG30"), 100), first + 2);
    CU_ASSERT_EQUAL(dgm_shape_child(s, 0, DGM_LITERAL("SG30"), 101), DGM_SLOT_NONE);
    CU_ASSERT(dgm_shape_beneath(s, at(s, "SG30/CST/C246#3/7361"), first));
    CU_ASSERT(dgm_shape_beneath(s, first, first));
    CU_ASSERT(dgm_shape_beneath(s, first, 0));
    CU_ASSERT_FALSE(dgm_shape_beneath(s, at(s, "BGM/1004"), first));
    CU_ASSERT_FALSE(dgm_shape_beneath(s, first, at(s, "SG30/CST")));
    CU_ASSERT_FALSE(dgm_shape_beneath(s, 4000, 0));
    dgm_shape_free(s);
}

static void test_aliases(void)
{
    dgm_shape *s = made();
    uint32_t item = at(s, "SG30"), ftx = at(s, "SG30/FTX"), slot;
    CU_ASSERT_EQUAL(dgm_shape_alias_count(s), 4);
    TEST_TEXT(dgm_shape_alias_name(s, 0, &slot), "Item");
    CU_ASSERT_EQUAL(slot, item);
    TEST_TEXT(dgm_shape_alias_name(s, 4, &slot), "");
    CU_ASSERT_EQUAL(slot, DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_alias(s, DGM_LITERAL("Item")), item);
    CU_ASSERT_EQUAL(dgm_shape_alias(s, DGM_LITERAL("Two")), DGM_SLOT_NONE); /* of two slots */
    CU_ASSERT_EQUAL(dgm_shape_alias(s, DGM_LITERAL("Three")), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_alias_under(s, 0, DGM_LITERAL("Two")), item);
    CU_ASSERT_EQUAL(dgm_shape_alias_under(s, item, DGM_LITERAL("Two")), ftx);
    CU_ASSERT_EQUAL(dgm_shape_alias_under(s, ftx, DGM_LITERAL("Two")), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(at(s, "Item/Text/4451"), at(s, "SG30/FTX/4451"));
    CU_ASSERT_EQUAL(at(s, "Text"), ftx); /* unique, so it stands beneath the root too */
    CU_ASSERT_EQUAL(at(s, "BGM/Text"), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(at(s, "Item#99"), item);
    CU_ASSERT_EQUAL(at(s, "Item#100"), DGM_SLOT_NONE); /* the alias names the first SG30 only */
    dgm_shape_free(s);
}

static void test_paths(void)
{
    dgm_shape *s = made();
    char out[64];
    static const char *const paths[] = { "BGM/1004/@x", "SG30#1/CST/C246#3/7361", "SG30#100/UNT", "SG30#1/FTX" };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        uint32_t slot = at(s, paths[i]);
        CU_ASSERT_NOT_EQUAL_FATAL(slot, DGM_SLOT_NONE);
        size_t n = dgm_shape_path(s, slot, out, sizeof out);
        TEST_TEXT(((dgm_slice){ out, n }), paths[i]);
    }
    memset(out, '-', sizeof out);
    CU_ASSERT_EQUAL(dgm_shape_path(s, at(s, "BGM/1004"), out, 5), 8); /* cut at room, whole length returned */
    TEST_TEXT(((dgm_slice){ out, 6 }), "BGM/1-");
    CU_ASSERT_EQUAL(dgm_shape_path(s, 0, out, sizeof out), 0);
    CU_ASSERT_EQUAL(at(s, ""), 0);
    CU_ASSERT_EQUAL(at(s, "/"), 0);
    CU_ASSERT_EQUAL(at(s, "/BGM"), at(s, "BGM"));
    dgm_slice bad;
    CU_ASSERT_EQUAL(dgm_shape_find(s, DGM_LITERAL("SG30/CST/C245#1/7361"), &bad), DGM_SLOT_NONE);
    TEST_TEXT(bad, "C245#1");
    static const char *const wrong[] = { "BGM//1004",      "BGM/", "SG30#", "SG30#0", "SG30#x", "SG30#99999999999999999999",
                                         "SG30#4294967297" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) CU_ASSERT_EQUAL(at(s, wrong[i]), DGM_SLOT_NONE);
    dgm_shape_free(s);
}

static void test_refused(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape_maker *m;
    dgm_shape *s;
    CU_ASSERT_EQUAL_FATAL(dgm_shape_begin(&mem, DGM_LITERAL("x"), &m), DGM_OK);
    CU_ASSERT_EQUAL(dgm_shape_freeze(m, &s), DGM_USAGE); /* no root */
    uint32_t id = add(m, DGM_SLOT_NONE, "r", DGM_GROUP, 1);
    CU_ASSERT_EQUAL(id, 0);
    for (uint32_t depth = 1; depth < DGM_DEPTH_MAX; depth++) id = add(m, id, "d", DGM_GROUP, 1);
    CU_ASSERT_NOT_EQUAL(id, DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(add(m, id, "d", DGM_GROUP, 1), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_freeze(m, &s), DGM_LIMIT);
    CU_ASSERT_PTR_NULL(s);
    dgm_shape_maker_free(m);
    CU_ASSERT_EQUAL_FATAL(dgm_shape_begin(&mem, DGM_LITERAL("x"), &m), DGM_OK);
    CU_ASSERT_EQUAL(add(m, 0, "r", DGM_GROUP, 1), DGM_SLOT_NONE); /* the first is the root */
    CU_ASSERT_EQUAL(dgm_shape_freeze(m, &s), DGM_USAGE);
    dgm_shape_maker_free(m);
    dgm_shape_maker_free(NULL);
    dgm_shape_free(NULL);
}

/* Attributes are numbered before their siblings, wherever they were added: so documents list them first. */
static void test_attributes(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape_maker *m;
    dgm_shape *s = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_shape_begin(&mem, DGM_LITERAL("x"), &m), DGM_OK);
    add(m, DGM_SLOT_NONE, "r", DGM_GROUP, 1);
    add(m, 0, "a", DGM_ELEMENT, 1);
    add(m, 0, "@x", DGM_ATTRIBUTE, 1);
    add(m, 0, "b", DGM_ELEMENT, 1);
    add(m, 0, "@y", DGM_ATTRIBUTE, 1);
    CU_ASSERT_EQUAL_FATAL(dgm_shape_freeze(m, &s), DGM_OK);
    static const char *const wanted[] = { "r", "@x", "@y", "a", "b" };
    for (uint32_t i = 0; i < 5; i++) TEST_TEXT(dgm_shape_slot(s, i)->name, wanted[i]);
    CU_ASSERT_EQUAL(dgm_shape_frozen_id(m, 1), 3);
    dgm_shape_maker_free(m);
    dgm_shape_free(s);
}

/* Many names beneath one parent: every one is found, and what is not there is not. */
static void test_many(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape_maker *m;
    dgm_shape *s = NULL;
    char name[16];
    CU_ASSERT_EQUAL_FATAL(dgm_shape_begin(&mem, DGM_LITERAL("many"), &m), DGM_OK);
    add(m, DGM_SLOT_NONE, "r", DGM_GROUP, 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(name, sizeof name, "n%d", i / 2);
        add(m, 0, name, DGM_ELEMENT, i % 2 ? DGM_UNBOUNDED : 3);
    }
    CU_ASSERT_EQUAL_FATAL(dgm_shape_freeze(m, &s), DGM_OK);
    for (uint32_t i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "n%u", i);
        CU_ASSERT_EQUAL_FATAL(dgm_shape_child(s, 0, dgm_slice_of(name), 3), 1 + 2 * i);
        CU_ASSERT_EQUAL_FATAL(dgm_shape_child(s, 0, dgm_slice_of(name), 4), 2 + 2 * i);
        CU_ASSERT_EQUAL_FATAL(dgm_shape_child(s, 0, dgm_slice_of(name), 4000000000u), 2 + 2 * i);
    }
    CU_ASSERT_EQUAL(dgm_shape_child(s, 0, DGM_LITERAL("n10000"), 1), DGM_SLOT_NONE);
    dgm_shape_maker_free(m);
    dgm_shape_free(s);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_shape *s;
    dgm_status st = make(mem, &s);
    dgm_shape_free(s);
    return st;
}

static void test_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 5);
}

int main(void)
{
    static const test_case cases[] = {
        { "slots are numbered breadth first", test_numbers },
        { "a child is found by name and ordinal", test_children },
        { "aliases", test_aliases },
        { "paths are written and found", test_paths },
        { "what may not be made", test_refused },
        { "attributes come first", test_attributes },
        { "many names", test_many },
        { "each allocation may fail", test_memory },
        { NULL, NULL },
    };
    return test_main("shape", cases);
}
