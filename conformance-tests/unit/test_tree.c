/* SPDX-License-Identifier: Apache-2.0
 *
 * test_tree.c - comparing trees, and the soundness that readers rely on: each way of breaking a tree is seen. One thread.
 */
#include "conformance-tests/support/test.h"
#include "model/tree.h"

#include <stdio.h>

/* D { A (number) { @u }, G x* { B } } */
enum { ROOT, A, G, U, B };

static dgm_shape *make_shape(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape_maker *m;
    dgm_shape *s = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_shape_begin(&mem, DGM_LITERAL("d"), &m), DGM_OK);
    dgm_slot slot = { .name = DGM_LITERAL("D"), .max = 1 };
    dgm_shape_add(m, DGM_SLOT_NONE, &slot);
    slot = (dgm_slot){ .name = DGM_LITERAL("A"), .max = 1, .kind = DGM_ELEMENT, .type = DGM_TYPE_QUANTITY };
    dgm_shape_add(m, 0, &slot);
    slot = (dgm_slot){ .name = DGM_LITERAL("G"), .max = 9 };
    dgm_shape_add(m, 0, &slot);
    slot = (dgm_slot){ .name = DGM_LITERAL("@u"), .max = 1, .kind = DGM_ATTRIBUTE, .type = DGM_TYPE_CODE };
    dgm_shape_add(m, 1, &slot);
    slot = (dgm_slot){ .name = DGM_LITERAL("B"), .max = 1, .kind = DGM_ELEMENT, .type = DGM_TYPE_TEXT };
    dgm_shape_add(m, 2, &slot);
    CU_ASSERT_EQUAL_FATAL(dgm_shape_freeze(m, &s), DGM_OK);
    dgm_shape_maker_free(m);
    return s;
}

/* A with a unit, then as many G as there are values. */
static dgm_tree *make(const dgm_shape *shape, const char *a, const char *unit, const char *const *values, size_t n)
{
    dgm_mem mem = dgm_mem_default();
    dgm_builder *b;
    dgm_tree *t = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    dgm_builder_begin(b, shape, false);
    uint32_t leaf = dgm_builder_leaf(b, 0, A, 0, dgm_slice_of(a));
    if (unit) dgm_builder_attribute(b, leaf, U, dgm_slice_of(unit));
    for (size_t i = 0; i < n; i++) {
        uint32_t group = dgm_builder_open(b, 0, G, 0);
        if (values[i]) dgm_builder_leaf(b, group, B, 0, dgm_slice_of(values[i]));
    }
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    dgm_builder_free(b);
    return t;
}

static void test_equal(void)
{
    dgm_shape *shape = make_shape(), *twin = make_shape();
    static const char *const two[] = { "x", "y" }, *const other[] = { "x", "z" }, *const hole[] = { NULL, "y" };
    static const char *const empty[] = { "", "y" };
    struct {
        const char *a, *unit;
        const char *const *values;
        size_t n;
        bool typed, same;
        uint32_t why_a, why_b; /* nodes: 0 D, 1 A, 2 @u, 3 G, 4 B, 5 G, 6 B */
    } cases[] = {
        { "1.50", "KGM", two, 2, false, true, DGM_NONE, DGM_NONE },
        { "1.5", "KGM", two, 2, true, true, DGM_NONE, DGM_NONE },
        { "1.5", "KGM", two, 2, false, false, 1, 1 },
        { "1.51", "KGM", two, 2, true, false, 1, 1 },
        { "1.50", "LBR", two, 2, true, false, 2, 2 },
        { "1.50", NULL, two, 2, true, false, 1, 1 },
        { "1.50", "KGM", other, 2, true, false, 6, 6 },
        { "1.50", "KGM", two, 1, true, false, 5, DGM_NONE },
        { "1.50", "KGM", hole, 2, true, false, 4, DGM_NONE },
        { "1.50", "KGM", empty, 2, true, false, 4, 4 },
    };
    dgm_tree *t = make(shape, "1.50", "KGM", two, 2);
    CU_ASSERT(dgm_tree_sound(t));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* by the same shape, and by names of another */
        for (int by_name = 0; by_name < 2; by_name++) {
            uint32_t why_a = 99, why_b = 99;
            dgm_tree *o = make(by_name ? twin : shape, cases[i].a, cases[i].unit, cases[i].values, cases[i].n);
            CU_ASSERT_EQUAL(dgm_tree_equal(t, o, cases[i].typed, &why_a, &why_b), cases[i].same);
            CU_ASSERT_EQUAL(why_a, cases[i].why_a);
            CU_ASSERT_EQUAL(why_b, cases[i].why_b);
            CU_ASSERT_EQUAL(dgm_tree_equal(o, t, cases[i].typed, NULL, NULL), cases[i].same);
            dgm_tree_free(o);
        }
    }
    dgm_tree_free(t);
    dgm_tree_free(NULL);
    dgm_shape_free(shape);
    dgm_shape_free(twin);
}

/* Each row breaks one thing of a sound tree of 7 nodes. */
static void test_sound(void)
{
    dgm_shape *shape = make_shape();
    static const char *const two[] = { "x", "y" };
    dgm_tree *t = make(shape, "1.50", "KGM", two, 2);
    dgm_node nodes[7];
    for (int i = 0; i < 26; i++) {
        dgm_tree broken = *t;
        dgm_side row = { 1, 0, 1 };
        memcpy(nodes, t->nodes, sizeof nodes);
        broken.nodes = nodes;
        broken.decoded = &row;
        broken.side_bytes = "v";
        broken.owner = NULL;
        bool sound = false;
        switch (i) {
        case 0: sound = true; break;
        case 1: broken.node_count = 6; break;
        case 2: broken.node_count = 0; break;
        case 3: nodes[0].span = 6; break;
        case 4: nodes[3].span = 8; break;
        case 5: nodes[3].span = 3; break;
        case 6: nodes[3].span = 6; break;                                         /* the second group inside the first */
        case 7: nodes[1].at = 1000; break;                                        /* behind the bytes */
        case 8: nodes[1].span = UINT32_MAX; break;                                /* at + span must not wrap */
        case 9: nodes[4].tag = DGM_TAG(A, DGM_ELEMENT, 0); break;                 /* not a child of G */
        case 10: nodes[4].tag = DGM_TAG(500, DGM_ELEMENT, 0); break;              /* no such slot */
        case 11: nodes[0].tag = DGM_TAG(G, DGM_GROUP, 0); break;                  /* the root is slot 0 */
        case 12: nodes[1].tag = DGM_TAG(A, DGM_ELEMENT, 0); break;                /* an attribute, but no HAS_MORE */
        case 13: nodes[4].tag |= DGM_TAG(0, 0, DGM_HAS_MORE); break;              /* HAS_MORE, but no attribute */
        case 14: nodes[4].tag |= DGM_TAG(0, 0, DGM_EMPTY); break;                 /* a value that says it is none */
        case 15: nodes[4].span = 0; break;                                        /* none that does not say so */
        case 16: nodes[1].tag |= DGM_TAG(0, 0, DGM_DECODED); break;               /* no row in the table */
        case 17: broken.decoded_count = 1; break;                                 /* a row without a node */
        case 18: nodes[4].tag |= DGM_TAG(0, 0, DGM_UNKNOWN_NAME); break;          /* no name */
        case 19: nodes[4].tag = DGM_TAG(DGM_SLOT_UNKNOWN, DGM_ELEMENT, 0); break; /* unknown that does not say so */
        case 20: nodes[3].place = 0; break;                                       /* occurrences count from 1 */
        case 21: nodes[2].tag = DGM_TAG(U, DGM_ELEMENT, 0); break;                /* an attribute that is none */
        case 22: nodes[3].tag |= DGM_TAG(0, 0, DGM_EMPTY); break;                 /* an empty group with children */
        case 23: nodes[0].tag = DGM_TAG(ROOT, DGM_ELEMENT, 0); break;             /* a leaf as root */
        case 24: nodes[3].tag |= DGM_TAG(0, 7, 0); break;                         /* no such kind */
        default: broken.decoded_count = 1, nodes[1].tag |= DGM_TAG(0, 0, DGM_DECODED), sound = true; break;
        }
        if (dgm_tree_sound(&broken) != sound) {
            CU_FAIL("a broken tree was taken for sound, or a sound one for broken");
            fprintf(stderr, "test_sound: case %d\n", i);
        }
    }
    dgm_tree_free(t);
    dgm_shape_free(shape);
}

/* Text that is not UTF-8 is unsound, in the bytes and in the side table. */
static void test_utf8(void)
{
    dgm_shape *shape = make_shape();
    static const char *const two[] = { "\xc3\xa9", "y" }, *const bad[] = { "\xc3", "y" };
    dgm_tree *t = make(shape, "1", NULL, two, 2), *u = make(shape, "1", NULL, bad, 2);
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT_FALSE(dgm_tree_sound(u));
    dgm_tree_free(t);
    dgm_tree_free(u);
    dgm_shape_free(shape);
}

typedef struct told {
    char text[256];
    size_t used;
} told;

static void tell(void *ctx, uint32_t a, uint32_t b)
{
    told *t = ctx;
    char one[2][16] = { "-", "-" };
    if (a != DGM_NONE) snprintf(one[0], sizeof one[0], "%u", a);
    if (b != DGM_NONE) snprintf(one[1], sizeof one[1], "%u", b);
    t->used += (size_t)snprintf(t->text + t->used, sizeof t->text - t->used, "%s/%s ", one[0], one[1]);
}

/* Which nodes are told: groups G are 3, 5, 7 ..., each with its B behind it (a unit of A being 2). */
static void test_compare(void)
{
    dgm_shape *shape = make_shape();
    static const char *const abc[] = { "a", "b", "c", "d" }, *const abd[] = { "a", "b", "x", "d" }, *const bc[] = { "b", "c", "d" };
    static const char *const xabc[] = { "x", "a", "b", "c" }, *const hole[] = { "a", NULL, "c", "d" }, *const none[] = { NULL };
    const struct {
        const char *a, *unit;
        const char *const *values;
        size_t n;
        bool typed;
        const char *told;
    } cases[] = {
        { "1.50", "KGM", abc, 4, true, "" },
        { "1.5", "KGM", abc, 4, true, "" },
        { "1.5", "KGM", abc, 4, false, "1/1 " },
        { "2", "KGM", abc, 4, true, "1/1 " },
        { "1.50", "LBR", abc, 4, true, "2/2 " },
        { "2", "LBR", abc, 4, true, "1/1 2/2 " },
        { "1.50", "KGM", abd, 4, true, "8/8 " },
        { "1.50", "KGM", bc, 3, true, "3/- " },               /* the first left out */
        { "1.50", "KGM", abc, 3, true, "9/- " },              /* the last left out */
        { "1.50", "KGM", xabc, 4, true, "-/3 9/- " },         /* one put in before, the last left out */
        { "1.50", "KGM", hole, 4, true, "6/- " },             /* nothing in an occurrence */
        { "1.50", "KGM", none, 0, true, "3/- 5/- 7/- 9/- " }, /* all gone */
        { "1.50", NULL, abc, 4, true, "2/- " },
    };
    dgm_tree *t = make(shape, "1.50", "KGM", abc, 4);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        told list = { .used = 0 };
        dgm_tree *o = make(shape, cases[i].a, cases[i].unit, cases[i].values, cases[i].n);
        uint64_t n = dgm_tree_compare(t, o, cases[i].typed, tell, &list), spaces = 0;
        for (const char *at = cases[i].told; *at; at++) spaces += *at == ' ';
        CU_ASSERT_STRING_EQUAL(list.text, cases[i].told);
        CU_ASSERT_EQUAL(n, spaces);
        CU_ASSERT_EQUAL(dgm_tree_compare(o, t, cases[i].typed, NULL, NULL), n);
        dgm_tree_free(o);
    }
    dgm_tree_free(t);
    dgm_shape_free(shape);
}

int main(void)
{
    static const test_case cases[] = {
        { "equal, typed and untyped", test_equal },
        { "what differs, place by place", test_compare },
        { "what is not sound is seen", test_sound },
        { "values are UTF-8", test_utf8 },
        { NULL, NULL },
    };
    return test_main("tree", cases);
}
