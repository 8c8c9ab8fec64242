/* SPDX-License-Identifier: Apache-2.0
 *
 * test_builder.c - the laws of order: however a tree was built, the same occurrences and values give the same frozen tree. One
 * thread.
 */
#include "conformance-tests/support/test.h"
#include "model/tree.h"

#include <stdio.h>

/* D 0 { @id 1, Name 2 { @lang 5 }, Item x* 3 { Code 6, Amount 7 { @cur 9 }, Tag x9 8 }, Note x* 4 } in the frozen numbers. */
enum { ROOT, ID, NAME, ITEM, NOTE, LANG, CODE, AMOUNT, TAG, CUR };

static dgm_status make_shape(const dgm_mem *mem, dgm_shape **out)
{
    static const struct {
        uint32_t parent;
        const char *name;
        dgm_kind kind;
        uint32_t max;
        dgm_type type;
    } rows[] = {
        { DGM_SLOT_NONE, "D", DGM_GROUP, 1, DGM_TYPE_NONE },
        { 0, "@id", DGM_ATTRIBUTE, 1, DGM_TYPE_ID },
        { 0, "Name", DGM_ELEMENT, 1, DGM_TYPE_TEXT },
        { 0, "Item", DGM_GROUP, DGM_UNBOUNDED, DGM_TYPE_NONE },
        { 0, "Note", DGM_ELEMENT, DGM_UNBOUNDED, DGM_TYPE_TEXT },
        { 2, "@lang", DGM_ATTRIBUTE, 1, DGM_TYPE_CODE },
        { 3, "Code", DGM_ELEMENT, 1, DGM_TYPE_CODE },
        { 3, "Amount", DGM_ELEMENT, 1, DGM_TYPE_AMOUNT },
        { 3, "Tag", DGM_ELEMENT, 9, DGM_TYPE_TEXT },
        { 7, "@cur", DGM_ATTRIBUTE, 1, DGM_TYPE_CODE },
    };
    dgm_shape_maker *m;
    *out = NULL;
    dgm_status st = dgm_shape_begin(mem, DGM_LITERAL("d"), &m);
    if (st != DGM_OK) return st;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_slot s = { .name = dgm_slice_of(rows[i].name), .kind = rows[i].kind, .max = rows[i].max, .type = rows[i].type };
        if (rows[i].kind == DGM_ELEMENT) s.element = (uint16_t)i, s.component = 2;
        dgm_shape_add(m, rows[i].parent, &s);
    }
    st = dgm_shape_freeze(m, out);
    dgm_shape_maker_free(m);
    return st;
}

static void test_order_by_shape(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape;
    dgm_builder *b;
    dgm_tree *t;
    CU_ASSERT_EQUAL_FATAL(make_shape(&mem, &shape), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, shape, true), DGM_OK);
    uint32_t note = dgm_builder_leaf(b, 0, NOTE, 0, DGM_LITERAL("n1"));
    uint32_t second = dgm_builder_open(b, 0, ITEM, 20);
    uint32_t first = dgm_builder_open(b, 0, ITEM, 10);
    uint32_t amount = dgm_builder_leaf(b, second, AMOUNT, 0, DGM_LITERAL("12.50"));
    dgm_builder_attribute(b, amount, CUR, DGM_LITERAL("GBP"));
    dgm_builder_leaf(b, second, CODE, 0, DGM_LITERAL("B"));
    dgm_builder_leaf(b, first, CODE, 0, DGM_LITERAL(""));
    dgm_builder_leaf(b, 0, NOTE, 0, DGM_LITERAL("n2"));
    uint32_t name = dgm_builder_leaf(b, 0, NAME, 0, DGM_LITERAL("old"));
    dgm_builder_attribute(b, 0, ID, DGM_LITERAL("7"));
    CU_ASSERT_EQUAL(dgm_builder_set(b, name, DGM_LITERAL("new")), DGM_OK);
    TEST_TEXT(dgm_builder_value(b, name), "new");
    TEST_TEXT(dgm_builder_value(b, first), "");
    CU_ASSERT_EQUAL(dgm_builder_slot(b, amount), AMOUNT);
    CU_ASSERT(dgm_builder_has_children(b, amount));
    CU_ASSERT_FALSE(dgm_builder_has_children(b, note));
    dgm_builder_origin(b, note, 77, 5);
    const uint32_t *ids;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, &ids), DGM_OK);
    CU_ASSERT(dgm_tree_sound(t));
    static const struct {
        uint32_t slot, place, flags;
        const char *value;
    } wanted[] = {
        { ROOT, 1, 0, "" },
        { ID, DGM_PLACE(0, 0, 1), 0, "7" },
        { NAME, DGM_PLACE(2, 2, 1), 0, "new" },
        { ITEM, 1, 0, "" },
        { CODE, DGM_PLACE(6, 2, 1), DGM_EMPTY, "" },
        { ITEM, 2, 0, "" },
        { CODE, DGM_PLACE(6, 2, 1), 0, "B" },
        { AMOUNT, DGM_PLACE(7, 2, 1), DGM_HAS_MORE, "12.50" },
        { CUR, DGM_PLACE(0, 0, 1), 0, "GBP" },
        { NOTE, DGM_PLACE(4, 2, 1), 0, "n1" },
        { NOTE, DGM_PLACE(4, 2, 2), 0, "n2" },
    };
    CU_ASSERT_EQUAL_FATAL(t->node_count, sizeof wanted / sizeof *wanted);
    for (uint32_t i = 0; i < t->node_count; i++) {
        CU_ASSERT_EQUAL(dgm_node_slot(&t->nodes[i]), wanted[i].slot);
        CU_ASSERT_EQUAL(t->nodes[i].place, wanted[i].place);
        CU_ASSERT_EQUAL(dgm_node_flags(&t->nodes[i]), wanted[i].flags);
        TEST_TEXT(dgm_tree_value(t, i), wanted[i].value);
    }
    CU_ASSERT_EQUAL(dgm_tree_end(t, 5), 9);  /* the second item holds its amount's currency */
    CU_ASSERT_EQUAL(dgm_tree_next(t, 7), 9); /* next() skips the attribute of a leaf */
    CU_ASSERT_EQUAL(ids[note], 9);
    CU_ASSERT_EQUAL(ids[first], 3);
    CU_ASSERT(t->origin[9].source_node == 77 && t->origin[9].rule == 5);
    CU_ASSERT(t->origin[10].source_node == DGM_NONE && t->origin[10].rule == DGM_NONE);
    char path[40];
    size_t n = dgm_tree_path(t, 8, path, sizeof path);
    TEST_TEXT(((dgm_slice){ path, n }), "Item#2/Amount/@cur");
    n = dgm_tree_path(t, 10, path, sizeof path);
    TEST_TEXT(((dgm_slice){ path, n }), "Note#2");
    dgm_builder_free(b);
    TEST_TEXT(dgm_tree_value(t, 2), "new"); /* the tree owns its memory */
    dgm_tree_free(t);
    dgm_shape_free(shape);
}

static void test_refused(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_limits limits = { .nodes_max = 3 };
    dgm_shape *shape;
    dgm_builder *b;
    dgm_tree *t;
    CU_ASSERT_EQUAL_FATAL(make_shape(&mem, &shape), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, &limits, &b), DGM_OK);
    CU_ASSERT_EQUAL(dgm_builder_status(b), DGM_USAGE); /* not begun */
    static const struct {
        uint32_t parent, slot;
    } wrong[] = { { 0, CODE }, { 0, 999 }, { 5, NAME }, { 0, ROOT }, { 0, ITEM } };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) { /* no child of it, no slot, no parent, the root, a group as leaf */
        CU_ASSERT_EQUAL(dgm_builder_begin(b, shape, false), DGM_OK);
        CU_ASSERT_EQUAL(dgm_builder_leaf(b, wrong[i].parent, wrong[i].slot, 0, DGM_LITERAL("x")), DGM_NONE);
        CU_ASSERT_EQUAL(dgm_builder_status(b), DGM_USAGE);
        CU_ASSERT_EQUAL(dgm_builder_leaf(b, 0, NAME, 0, DGM_LITERAL("x")), DGM_NONE); /* the first failure stays */
        CU_ASSERT_EQUAL(dgm_builder_freeze(b, &t, NULL), DGM_USAGE);
        CU_ASSERT_PTR_NULL(t);
    }
    CU_ASSERT_EQUAL(dgm_builder_begin(b, shape, false), DGM_OK);
    dgm_builder_open(b, 0, ITEM, 0);
    dgm_builder_open(b, 0, ITEM, 0);
    CU_ASSERT_EQUAL(dgm_builder_open(b, 0, ITEM, 0), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_builder_status(b), DGM_LIMIT);
    CU_ASSERT_EQUAL(dgm_builder_begin(b, shape, false), DGM_OK);
    CU_ASSERT_EQUAL(dgm_builder_freeze(b, &t, NULL), DGM_OK); /* a document that says nothing */
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT_EQUAL(t->node_count, 1);
    CU_ASSERT_EQUAL(dgm_builder_leaf(b, 0, NAME, 0, DGM_LITERAL("x")), DGM_NONE); /* until begin */
    dgm_tree_free(t);
    dgm_builder_free(b);
    dgm_builder_free(NULL);
    dgm_shape_free(shape);
}

/* One random document as a list of what to add; parents stand before children. */
typedef struct plan_row {
    uint32_t parent, slot, order;
    char value[8];
} plan_row;
enum { PLAN = 60 };

static void make_plan(test_random *r, plan_row *plan)
{
    uint32_t items[PLAN], item_count = 0, orders = 0;
    for (uint32_t i = 0; i < PLAN; i++) {
        plan_row *p = &plan[i];
        *p = (plan_row){ .parent = UINT32_MAX, .order = orders += 1 }; /* orders differ, so age never decides */
        uint32_t kind = test_random_below(r, 4);
        if (kind == 0 || item_count == 0) {
            p->slot = ITEM;
            items[item_count++] = i;
        } else if (kind == 1) {
            p->slot = NOTE;
        } else {
            p->slot = kind == 2 ? TAG : CODE;
            p->parent = items[test_random_below(r, item_count)];
        }
        snprintf(p->value, sizeof p->value, "%u", test_random_below(r, 100));
    }
}

static dgm_tree *build_plan(dgm_builder *b, const dgm_shape *shape, const plan_row *plan, const uint32_t *turn)
{
    uint32_t ids[PLAN];
    dgm_tree *t = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, shape, false), DGM_OK);
    for (int leaves = 0; leaves < 2; leaves++) { /* items in any order, then leaves in any order */
        for (uint32_t k = 0; k < PLAN; k++) {
            const plan_row *p = &plan[turn[k]];
            if ((p->slot != ITEM) != leaves) continue;
            uint32_t parent = p->parent == UINT32_MAX ? 0 : ids[p->parent];
            ids[turn[k]] = leaves ? dgm_builder_leaf(b, parent, p->slot, p->order, dgm_slice_of(p->value))
                                  : dgm_builder_open(b, parent, p->slot, p->order);
        }
    }
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    return t;
}

static void test_any_order(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape;
    dgm_builder *b;
    test_random r = { 7 };
    CU_ASSERT_EQUAL_FATAL(make_shape(&mem, &shape), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    for (int round = 0; round < 200; round++) {
        plan_row plan[PLAN];
        uint32_t turn[PLAN];
        make_plan(&r, plan);
        for (uint32_t i = 0; i < PLAN; i++) turn[i] = i;
        dgm_tree *straight = build_plan(b, shape, plan, turn);
        CU_ASSERT(dgm_tree_sound(straight));
        for (uint32_t i = PLAN; i-- > 1;) {
            uint32_t k = test_random_below(&r, i + 1), was = turn[i];
            turn[i] = turn[k];
            turn[k] = was;
        }
        dgm_tree *mixed = build_plan(b, shape, plan, turn);
        uint32_t why_a, why_b;
        CU_ASSERT(dgm_tree_sound(mixed));
        CU_ASSERT_FATAL(dgm_tree_equal(straight, mixed, false, &why_a, &why_b));
        for (uint32_t i = 0; i < mixed->node_count; i++) { /* occurrences are numbered without gaps */
            CU_ASSERT_EQUAL(mixed->nodes[i].place, straight->nodes[i].place);
        }
        dgm_builder_recycle(b, mixed);
        dgm_tree_free(straight);
    }
    dgm_builder_free(b);
    dgm_shape_free(shape);
}

/* Equal orders: as they were added. Many, so that merging has work to do. */
static void test_stable(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape;
    dgm_builder *b;
    dgm_tree *t;
    char text[16];
    CU_ASSERT_EQUAL_FATAL(make_shape(&mem, &shape), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, shape, false), DGM_OK);
    for (uint32_t i = 0; i < 100000; i++) {
        snprintf(text, sizeof text, "%u", i);
        dgm_builder_leaf(b, 0, NOTE, 9 - i % 10, dgm_slice_of(text));
    }
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    bool right = true;
    for (uint32_t i = 0; i < 100000 && right; i++) { /* order 0 holds 9, 19, …; order 1 holds 8, 18, … */
        snprintf(text, sizeof text, "%u", i % 10000 * 10 + 9 - i / 10000);
        right = dgm_slice_is(dgm_tree_value(t, i + 1), text);
        right = right && t->nodes[i + 1].place >> 16 == (i + 1 < 65535 ? i + 1 : 65535);
    }
    CU_ASSERT(right);
    dgm_tree_free(t);
    dgm_builder_free(b);
    dgm_shape_free(shape);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_shape *shape;
    dgm_builder *b = NULL;
    dgm_tree *t = NULL;
    dgm_status st = make_shape(mem, &shape);
    if (st == DGM_OK) st = dgm_builder_new(mem, NULL, &b);
    for (int i = 0; i < 3 && st == DGM_OK; i++) {
        st = dgm_builder_begin(b, shape, i != 1);
        if (st == DGM_OK) {
            for (int k = 0; k < 30; k++) {
                uint32_t item = dgm_builder_open(b, 0, ITEM, (uint32_t)(30 - k));
                dgm_builder_leaf(b, item, TAG, 0, DGM_LITERAL("a value of some length"));
            }
            st = dgm_builder_status(b);
        }
        if (st == DGM_OK) st = dgm_builder_freeze(b, &t, NULL);
        if (t && i < 1)
            dgm_builder_recycle(b, t);
        else
            dgm_tree_free(t);
        t = NULL;
    }
    dgm_builder_free(b);
    dgm_shape_free(shape);
    return st;
}

static void test_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "children are ordered by the shape", test_order_by_shape },
        { "what a builder refuses", test_refused },
        { "any order of adding gives the same tree", test_any_order },
        { "equal orders keep their age", test_stable },
        { "each allocation may fail", test_memory },
        { NULL, NULL },
    };
    return test_main("builder", cases);
}
