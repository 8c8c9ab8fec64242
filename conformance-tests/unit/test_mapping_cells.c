/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_cells.c - code tables whose cells are forms, both ways: which line a text fits and which one writes, what no line
 * can say, tables of partners, and that no text fits two lines; and numbers whose digits a table says.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"
#include "mapping/internal.h"

#define CELLS                                                                                                                      \
    HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: kind}\n"                                                           \
         "- {wire: BGM/1004, codes: {table: criteria, by: {scheme: $kind}}, "                                                      \
         "model: {code: TypeCode, pct: {place: GoodsItemQuantity, as: number}, hs4: FunctionalReferenceID}}\n"

#define WIRE(kind, text)  "BGM\n C106\n  1004 " text "\n 1225 " kind "\n"
#define MODEL(kind, code) "FunctionCode " kind "\nTypeCode " code "\n"

static void by_line(void)
{
    dgm_mapping *m = load(CELLS);
    BOTH(m, WIRE("1", "WO"), MODEL("1", "W"));
    BOTH(m, WIRE("1", "RVC 40%"), MODEL("1", "V") "GoodsItemQuantity 40\n");
    BOTH(m, WIRE("1", "RVC 40.25%"), MODEL("1", "V") "GoodsItemQuantity 40.25\n");
    BOTH(m, WIRE("2", "Y 12%"), MODEL("2", "V") "GoodsItemQuantity 12\n");
    BOTH(m, WIRE("2", "RVC"), MODEL("2", "V")); /* the same code, without the part: another line */
    BOTH(m, WIRE("2", "W0901"), "FunctionalReferenceID 0901\nFunctionCode 2\nTypeCode H\n");
    BOTH(m, WIRE("3", "ANY"), MODEL("3", "A")); /* a line for all */
    BOTH(m, WIRE("1", "ANY"), MODEL("1", "A"));
    READ(m, WIRE("1", "OLD 7%"), MODEL("1", "V") "GoodsItemQuantity 7\n", "", 0); /* > is only read */
    WRITE(m, MODEL("2", "N") "GoodsItemQuantity 7\n", WIRE("2", "NEW 7%"), "", 0);
    READ(m, WIRE("2", "NEW 7%"), NULL, "map.code.unknown", 1); /* < is only written */
    dgm_mapping_free(m);
}

static void what_no_line_says(void)
{
    dgm_mapping *m = load(CELLS);
    READ(m, WIRE("1", "RVC 40"), NULL, "map.code.unknown", 1);
    READ(m, WIRE("1", "RVC 400000%"), NULL, "map.code.unknown", 1);
    READ(m, WIRE("1", "Y 12%"), NULL, "map.code.unknown", 1); /* of another scheme */
    READ(m, WIRE("2", "WO"), NULL, "map.code.unknown", 1);
    WRITE(m, MODEL("1", "V"), NULL, "map.form.missing", 0);                            /* RVC {pct}% without one */
    WRITE(m, MODEL("1", "W") "GoodsItemQuantity 40\n", NULL, "map.cell.extra", 0);     /* WO has no room */
    WRITE(m, MODEL("1", "V") "GoodsItemQuantity 400.25\n", NULL, "map.form.value", 0); /* n..5.2 */
    WRITE(m, MODEL("1", "H") "GoodsItemQuantity 4\n", NULL, "map.code.unknown", 0);
    WRITE(m, "FunctionCode 1\nGoodsItemQuantity 4\n", NULL, "map.form.missing", 0); /* no code at all */
    dgm_mapping_free(m);
}

/* What is made must come back: the line of scheme 4 says with `RVC {pct}` what `RVC {pct:n..2}` of the same scheme... is told at
 * load; a line for all is hidden by a line of the scheme that fits its text. */
static void what_would_come_back_as_another(void)
{
    dgm_mapping *m = load(CELLS);
    READ(m, WIRE("4", "ANY"), MODEL("4", "Z"), "", 0);
    WRITE(m, MODEL("4", "A"), NULL, "map.form.value", 0);
    dgm_mapping_free(m);
}

static void of_a_partner(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1004, codes: acme, model: {code: TypeCode, pct: GoodsItemQuantity}}\n");
    BOTH(m, "BGM\n C106\n  1004 QVC=7\n", "TypeCode V\nGoodsItemQuantity 7\n");
    READ(m, "BGM\n C106\n  1004 RVC 7%\n", NULL, "map.code.unknown", 1); /* its code is told by the partner's line */
    BOTH(m, "BGM\n C106\n  1004 WO\n", "TypeCode W\n");
    BOTH(m, "BGM\n C106\n  1004 PC 7%\n", "TypeCode P\nGoodsItemQuantity 7\n");
    dgm_mapping_free(m);
    m = load(HEAD "rules:\n- {wire: BGM/1004, codes: open, model: {code: TypeCode, pct: GoodsItemQuantity}}\n");
    BOTH(m, "BGM\n C106\n  1004 RVC 7%\n", "TypeCode V\nGoodsItemQuantity 7\n");
    BOTH(m, "BGM\n C106\n  1004 free\n", "TypeCode free\n"); /* = : as it is */
    WRITE(m, "TypeCode free\nGoodsItemQuantity 7\n", NULL, "map.cell.extra", 0);
    READ(m, "BGM\n C106\n  1004 V\n", NULL, "map.code.unknown", 1); /* V is a code, which means something else */
    dgm_mapping_free(m);
}

/* The wire has the parts, the model the text. */
static void turned_round(void)
{
    dgm_mapping *m = load(TOP "- {model: FunctionalReferenceID, codes: base(wire model), "
                              "wire: {code: BGM/1004, pct: BGM/1225}}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 V\n 1225 7\n", "FunctionalReferenceID RVC 7%\nTypeCode T\n");
    WRITE(m, "FunctionalReferenceID RVC 7\n", NULL, "map.code.unknown", 1);
    dgm_mapping_free(m);
}

static void an_unfit_text_may_be_residue(void)
{
    dgm_mapping *m =
        load(HEAD "rules:\n- {wire: BGM/1004, codes: base, else: warn, model: {code: TypeCode, pct: GoodsItemQuantity}}\n");
    READ(m, "BGM\n C106\n  1004 X\n", "", "map.code.unknown", 1);
    dgm_mapping_free(m);
}

/* ---- digits that a table says --------------------------------------------------------------------------------------------- */

#define DIGITS                                                                                                                     \
    HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: kind}\n"                                                           \
         "- {wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: \"=lookup(rules, $kind, scale)\", "                      \
         "round: \"=lookup(rules, $kind, round)\", lose: by agreement}\n"

static void digits(void)
{
    dgm_mapping *m = load(DIGITS);
    WRITE(m, "FunctionCode 1\nGoodsItemQuantity 40.6\n", WIRE("1", "40"), "", 0);
    WRITE(m, "FunctionCode 2\nGoodsItemQuantity 40.666\n", WIRE("2", "40.67"), "", 0);
    WRITE(m, "FunctionCode 2\nGoodsItemQuantity 40.6\n", WIRE("2", "40.60"), "", 0);
    WRITE(m, "FunctionCode 3\nGoodsItemQuantity 40.666\n", WIRE("3", "40.666"), "", 0); /* in no line: as it is */
    WRITE(m, "FunctionCode 4\nGoodsItemQuantity 40.66\n", NULL, "map.lossy", 1);        /* no way to round */
    READ(m, WIRE("1", "40.6"), "FunctionCode 1\nGoodsItemQuantity 40.6\n", "", 0);      /* as it was sent */
    dgm_mapping_free(m);
    m = load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: kind}\n"
                  "- {wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: =$kind, round: down, lose: x}\n");
    WRITE(m, "FunctionCode 1\nGoodsItemQuantity 40.66\n", WIRE("1", "40.6"), "", 0);
    WRITE(m, "FunctionCode X\nGoodsItemQuantity 40.66\n", NULL, "map.scale", 1);
    WRITE(m, "FunctionCode 65\nGoodsItemQuantity 40.66\n", NULL, "map.scale", 1);
    dgm_mapping_free(m);
}

/* ---- two forms, one text -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *a, *b;
    bool meet;
    const char *sample; /* NULL: any */
} pairs[] = {
    { "RVC {a}%", "RVC {b:n..3}%", true, NULL },
    { "RVC {a}%", "QVC {b}%", false, NULL },
    { "RVC {a:n1}%", "RVC {b:n2}%", false, NULL },
    { "RVC {a:n..2}%", "RVC {b:n2..4}%", true, "RVC 44%" },
    { "{a:a3}", "{b:n3}", false, NULL },
    { "{a:a3}", "{b:an2..3}", true, "AAA" },
    { "{a:a..3}1", "{b:a2}{c:n1}", true, "AA1" },
    { "{a}%", "{b}%{c}", false, NULL }, /* a field ends where the literal behind it begins */
    { "{a} x", "{b}x", true, NULL },
    { "W{a:n4}", "W{b:n..3}", false, NULL },
    { "W{a:n4}{?/{b}}", "W{c:n4}/{d:n}", true, "W4444/4" },
    { "W{a:n4}{?/{b}}", "W{c:n4}-{d:n}", false, NULL },
    { "{?A{a:n1}}B{b}", "B{c}", true, NULL },
    { "{?A{a:n1}}B{b}", "C{c}", false, NULL },
    { "{a:x100}", "{b:x200}", true, NULL }, /* beyond forty characters they are not told apart */
    { "\xC3\xA9{a:n1}", "\xC3\xA9{b:n1}", true, NULL },
    { "{a:n..3.1}", "{b:n1}.{c:n1}", true, "4.4" },
    { "{{{a:n1}}}", "{{{b:a1}}}", false, NULL },
};

static void meetings(void)
{
    const dgm_mapping_env kit = { .mem = mem };
    map_loader l = { .env = &kit };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int turn = 0; turn < 2; turn++) {
            map_form a, b;
            map_form_fault fault;
            dgm_slice fields[MAP_FORM_FIELDS];
            char sample[64];
            CU_ASSERT_FATAL(dgm_map_form_read(dgm_slice_of(turn ? pairs[i].b : pairs[i].a), &a, &fault));
            CU_ASSERT_FATAL(dgm_map_form_read(dgm_slice_of(turn ? pairs[i].a : pairs[i].b), &b, &fault));
            bool meet = dgm_map_forms_meet(&l, &a, &b, sample);
            if (meet != pairs[i].meet) fprintf(stderr, "%s and %s: %s\n", pairs[i].a, pairs[i].b, meet ? sample : "never");
            CU_ASSERT_EQUAL(meet, pairs[i].meet);
            if (!meet || !pairs[i].sample) continue;
            CU_ASSERT_STRING_EQUAL(sample, pairs[i].sample);
            CU_ASSERT(dgm_map_form_cut(&a, dgm_slice_of(sample), fields)); /* the sample is the proof */
            CU_ASSERT(dgm_map_form_cut(&b, dgm_slice_of(sample), fields));
        }
}

/* ---- memory, mistakes ----------------------------------------------------------------------------------------------------- */

static dgm_status cells_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, CELLS, WIRE("1", "RVC 40%"));
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(cells_work, NULL) > 20);
}

#define RULE(table, model) TOP "- {wire: BGM/1004, codes: " table ", model: " model "}\n"
/* Those in tables themselves stand in the catalogue (conformance-tests/mistakes). */
static const refusal mistakes[] = {
    { "map.cell.none", RULE("^plain", "{code: FunctionCode}") },
    { "map.form.field", RULE("base", "{code: FunctionCode, pct: Declarant/ID, ^pc: Declarant/Name}") },
    { "map.key.missing", RULE("base", "^{pct: Declarant/ID}") },
    { "map.key.missing", RULE("base", "^{code: FunctionCode}") },
    { "map.combination", RULE("base", "{code: FunctionCode, ^pct: {place: Declarant/ID, default: 1}}") },
    { "map.inverse", TOP "- {wire: BGM/1004, codes: read-only, model: {^code: FunctionCode, a: Declarant/ID}}\n" },
    { "map.scale", TOP "- {wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: ^\"=lookup(rules, 'x', round)\"}\n" },
    { "map.round",
      TOP "- {wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: 1, round: ^\"=lookup(rules, 'x', scale)\", lose: x}\n" },
    { "map.combination",
      TOP "- ^{wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: 1, round: \"=lookup(rules, 'x', round)\"}\n" },
    { "map.expression.place", TOP "- {wire: BGM/1004, model: GoodsItemQuantity, as: number, scale: ^=TypeCode}\n" },
};

static void told_at_load(void)
{
    refused_all(mistakes, sizeof mistakes / sizeof *mistakes);
}

#define TABLE "# source: by hand\n# edition: 1\n"
int main(void)
{
    static const kit_file files[] = {
        { "codes", "criteria",
          TABLE
          "scheme\tmodel\twire\n1\tW\tWO\n1\tV\tRVC {pct:n..5.2}%\n>1\tV\tOLD {pct:n..5.2}%\n2\tV\tY {pct:n..5.2}%\n2\tV\tRVC\n"
          "2\tH\tW{hs4:n4}\n<2\tN\tNEW {pct:n1}%\n*\tA\tANY\n4\tZ\tANY\n" },
        { "codes", "base", TABLE "model\twire\nW\tWO\nV\tRVC {pct:n..3}%\nP\tPC {pct:n..3}%\n" },
        { "codes", "acme", TABLE "# extends: base\nmodel\twire\nV\tQVC={pct:n..3}\n" },
        { "codes", "open", TABLE "# extends: base\nmodel\twire\n*\t=\n=\t*\n" },
        { "codes", "plain", TABLE "model\twire\nW\tWO\n" },
        { "codes", "read-only", TABLE "model\twire\n>V\tRVC {a}%\n>W\tWO\n" },
        { "codes", "rules", TABLE "kind\tscale\tround\n1\t0\tdown\n2\t2\thalf-up\n4\t1\t\n" },
        { 0 }
    };
    static const test_case cases[] = {
        { "by line", by_line },
        { "what no line says", what_no_line_says },
        { "what would come back as another", what_would_come_back_as_another },
        { "of a partner", of_a_partner },
        { "turned round", turned_round },
        { "an unfit text may be residue", an_unfit_text_may_be_residue },
        { "digits", digits },
        { "meetings", meetings },
        { "each allocation fails", each_allocation_fails },
        { "told at load", told_at_load },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_cells", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
