/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_fold.c - texts cut into places and joined again come back as they were: cases by hand and random texts with a fixed
 * seed; and what expressions give.
 */
#include "mapping/run.h"
#include "mapping_kit.h"
#include "mapping_shapes.h"

/* The pieces with | between; "!" when the text is refused. Checks that they join to the text again. */
static const char *pieces(map_fold_by by, uint32_t width, const char *text)
{
    static char out[4096];
    dgm_mem mem = dgm_mem_default();
    dgm_buffer joined;
    dgm_slice rest = dgm_slice_of(text), before = { 0 };
    uint32_t before_width = 0;
    size_t used = 0;
    dgm_buffer_init(&joined, &mem);
    out[0] = '\0';
    while (rest.len) {
        dgm_slice piece;
        if (dgm_map_fold_cut(by, width, &rest, &piece) != DGM_OK) {
            dgm_buffer_free(&joined);
            return "!";
        }
        CU_ASSERT(dgm_utf8_length(piece) <= width);
        if (rest.len && by != MAP_FOLD_LINE) CU_ASSERT(piece.len && piece.at[piece.len - 1] != ' ');
        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s", used ? "|" : "", (int)piece.len, piece.at);
        CU_ASSERT_EQUAL(dgm_map_fold_join(by, &joined, piece, before, before_width), DGM_OK);
        before = piece;
        before_width = width;
    }
    bool same = dgm_slice_equal(dgm_buffer_slice(&joined), dgm_slice_of(text));
    if (!same) fprintf(stderr, "\"%s\" came back as \"%.*s\"\n", text, (int)joined.len, joined.at);
    CU_ASSERT(same);
    dgm_buffer_free(&joined);
    return out;
}

static void words(void)
{
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 10, "cotton shirts for men"), "cotton|shirts for|men");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 6, "cotton hats"), "cotton| hats");    /* a full word gives its blank on */
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 4, "abcdefghij k"), "abcd|efgh|ij k"); /* a word longer than a place is cut */
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 5, "a  b c"), "a  b|c");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 3, "a  b"), "a| b");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 3, "a    b"), "!"); /* a run of blanks as long as a piece */
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WORD, 3, "\xC3\xA9\xC3\xA9\xC3\xA9\xC3\xA9"), "\xC3\xA9\xC3\xA9\xC3\xA9|\xC3\xA9");
}

static void widths_and_lines(void)
{
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WIDTH, 4, "ab  cd"), "ab|cd");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WIDTH, 4, "abcdefghi"), "abcd|efgh|i");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_WIDTH, 2, "ab  cd"), "!");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_LINE, 9, "one\ntwo\n\nfour"), "one|two||four");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_LINE, 2, "one"), "!");
    CU_ASSERT_STRING_EQUAL(pieces(MAP_FOLD_LINE, 9, "one\n"), "!");
}

static void random_texts(void)
{
    test_random r = { 20260121 };
    uint32_t refused = 0;
    for (uint32_t n = 0; n < 60000; n++) {
        char text[80];
        uint32_t len = 1 + test_random_below(&r, 60), width = 2 + test_random_below(&r, 9);
        for (uint32_t i = 0; i < len; i++) text[i] = test_random_below(&r, 4) ? (char)('a' + test_random_below(&r, 3)) : ' ';
        text[len - 1] = 'z'; /* a text does not end in a blank */
        text[len] = '\0';
        refused += *pieces(n & 1 ? MAP_FOLD_WORD : MAP_FOLD_WIDTH, width, text) == '!';
    }
    CU_ASSERT(refused < 30000);
}

/* ---- expressions --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *expression, *value;
} sums[] = {
    { "1 + 2 * 3", "7" },
    { "(1 + 2) * 3", "9" },
    { "10 / 4", "2.5" },
    { "1 / 0", "" },
    { "0.1 + 0.2", "0.3" },
    { "2 - -3", "5" },
    { "count(GoodsShipment/Item)", "2" },
    { "sum(GoodsShipment/Item/CustomsValueAmount)", "10.25" },
    { "sum(Itinerary/RoutingCountryCode)", "0" },
    { "sum(10.50, 1.5)", "12.00" }, /* as many digits behind the mark as the term that has most */
    { "sum(10.50, 1.50, -12)", "0.00" },
    { "sum(1, 2)", "3" },
    { "sum(GoodsShipment/Item/CustomsValueAmount, 0.750)", "11.000" },
    { "sum(1, 'x')", "" },
    { "10.50 + 1.50", "12.00" },
    { "10.5 - 0.50", "10.00" },
    { "0.5 - 1.50", "-1.00" },
    { "10.50 * 2", "21" },
    { "count(GoodsShipment/Item/AdditionalDocument[TypeCode=380])", "1" },
    { "first(Declarant/Name, 'nobody')", "nobody" },
    { "if(count(GoodsShipment/Item) = 2, 'two', 'other')", "two" },
    { "1 < 2 and not(2 < 1)", "true" },
    { "1.0 = 1", "true" },
    { "'b' > 'a' or 1 = 2", "true" },
    { "FunctionCode in (4, 9)", "true" },
    { "FunctionCode in (4, 5)", "false" },
    { "FunctionCode != 9", "false" },
    { "Declarant/Name = 'x'", "" },
    { "Declarant/Name = 'x' and 1 = 2", "false" },
    { "FunctionCode in GoodsShipment/Item/SequenceNumeric", "true" },
    { "exists(Declarant)", "false" },
    { "exists(GoodsShipment/Item)", "true" },
    { "round(2.345, 2)", "2.35" },
    { "round(2.345, 2, 'down')", "2.34" },
    { "round(2.345, 2, 'half-even')", "2.34" },
    { "concat('a', FunctionCode, 'b')", "a9b" },
    { "concat('a', Declarant/Name)", "" },
    { "cut('abcdef', 2)", "ab" },
    { "cut('abcdef', 3, 2)", "cd" },
    { "upper('abc')", "ABC" },
    { "length('abc')", "3" },
    { "lookup(units, 'KGM')", "035" },
    { "lookup(units, 'KGM', name)", "kilo" },
    { "lookup(units, 'LTR')", "" },
    { "nearest(points, 'A/B#2/C#1/D', segment)", "TAX" }, /* the place itself, numbers aside */
    { "nearest(points, 'A/B#2/C#1/E')", "10" },           /* A/B: the nearest above */
    { "nearest(points, 'A/C', segment)", "BGM" },         /* nothing above but the whole document */
    { "nearest(points, '/', segment)", "BGM" },
    { "nearest(points, 'A/B', colour)", "" },          /* an empty cell is no line: nothing above has one either */
    { "nearest(points, '42A 67A/337', segment)", "" }, /* a chain that was kept as it came */
    { "nearest(points, Declarant/Name, segment)", "" },
    { "step('A/B#2/C#13/D', 1)", "2" },
    { "step('A/B#2/C#13/D', 2)", "13" },
    { "step('A/B#2/C#13/D', 3)", "" },
    { "step('/', 1)", "" },
    { "step('42A 68A#1 21A#3/145', 1)", "" },
    { "step('A/B#2', 0)", "" },
};

static void expressions(void)
{
    dgm_mem mem = dgm_mem_default();
    static const kit_file files[] = { { "codes", "units", "# source: a\n# edition: b\nrec20\tgacc\tname\nKGM\t035\tkilo\n" },
                                      { "codes", "points",
                                        "# source: a\n# edition: b\nplace\tsection\tsegment\tcolour\n/\t1\tBGM\t\n"
                                        "A/B\t10\tCST\t\nA/B/C/D\t10\tTAX\tred\n" },
                                      { 0 } };
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    kit_env env = { wire, model, files };
    dgm_mapping_env e = kit_environment(&mem, &env);
    dgm_tree *in =
        kit_tree(model, "FunctionCode 9\nGoodsShipment\n Item\n  SequenceNumeric 9\n  CustomsValueAmount 10\n  AdditionalDocument\n"
                        "   TypeCode 380\n  AdditionalDocument\n   TypeCode 271\n Item\n  CustomsValueAmount 0.25\n");
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
        char yaml[1024];
        dgm_diags *diags;
        dgm_mapping *m;
        dgm_runner *r;
        dgm_tree *out = NULL;
        snprintf(yaml, sizeof yaml,
                 HEAD
                 "rules:\n- {wire: BGM/1225, model: FunctionCode}\n- {wire: BGM/1004, model: \"=%s\", only: write, why: a test}\n",
                 sums[i].expression);
        dgm_diags_new(&mem, 0, &diags);
        dgm_runner_new(&mem, NULL, &r);
        CU_ASSERT_EQUAL(dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(yaml), diags, &m), DGM_OK);
        if (m) CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_WRITE, in, NULL, diags, &out), DGM_OK);
        kit_show(diags);
        uint32_t slot = dgm_shape_find(wire, DGM_LITERAL("BGM/C106/1004"), NULL);
        dgm_slice got = { 0 };
        for (uint32_t n = 0; out && n < out->node_count; n++)
            if (dgm_node_slot(&out->nodes[n]) == slot) got = dgm_tree_value(out, n);
        TEST_TEXT(got, sums[i].value);
        if (out) dgm_runner_recycle(r, out);
        dgm_runner_free(r);
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
    dgm_tree_free(in);
    dgm_shape_free(wire);
    dgm_shape_free(model);
}

/* Which spellings of a number are the canonical ones; those of four to eight bytes are looked at all at once. */
static void numbers(void)
{
    static const char yes[][16] = { "1",        "-1",       "1.5",     "1234",      "12.4",         "1.23",   "-123",  "-12.5",
                                    "12345678", "123456.7", "1.23456", "123456789", "1234567890.2", "9999.9", "0.000", "00123" };
    static const char no[][16] = { ".",    "-",    "-.5",  ".123",    "123.",     "1.2.3",    "12-4", "12 4",     "12:4",
                                   "12/4", "1..4", "A234", "123456A", "1234567.", ".1234567", "1E23", "1234567:", "12345678." };
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) CU_ASSERT(dgm_map_plain_number(dgm_slice_of(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) CU_ASSERT(!dgm_map_plain_number(dgm_slice_of(no[i])));
    for (int c = 0; c < 256; c++) /* any byte in the midst of digits */
        for (size_t len = 4; len <= 8; len++)
            for (size_t at = 1; at + 1 < len; at++) {
                char text[] = "13579024";
                text[at] = (char)c;
                CU_ASSERT_EQUAL(dgm_map_plain_number((dgm_slice){ text, len }), (c >= '0' && c <= '9') || c == '.');
            }
}

static const test_case cases[] = {
    { "numbers", numbers },
    { "words", words },
    { "widths and lines", widths_and_lines },
    { "random texts", random_texts },
    { "expressions", expressions },
    { 0 },
};

int main(void)
{
    return test_main("mapping_fold", cases);
}
