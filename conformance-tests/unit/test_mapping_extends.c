/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_extends.c - mappings built on others: what is inherited, replaced, gone into, dropped and added; and what is wrong
 * with them, told at its place in its own file.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"

#define OWN "dragoman: mapping/1\nmapping: own\nextends: base\n"

static void as_it_is(void)
{
    dgm_mapping *m = load(OWN);
    TEST_TEXT(dgm_mapping_name(m), "own");
    TEST_TEXT(dgm_mapping_format(m), "w");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 R\n 1225 9\nSG30\n CST\n  1496 1\n  C246\n   7361 100\n",
         "FunctionalReferenceID R\nFunctionCode 9\nTypeCode T\nGoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n"
         "   Classification\n    ID 100\n    IdentificationTypeCode TSP\n");
    dgm_mapping_free(m);
}

static void replaced_added_dropped(void)
{
    dgm_mapping *m = load(OWN "drop: [TypeCode]\nrules:\n"
                              "- {wire: \"Party[NAD/3035=EX]/NAD/3039\", model: FunctionalReferenceID}\n" /* by model place */
                              "- {wire: BGM/1225, model: Declarant/ID, name: function}\n"                 /* by name */
                              "- {wire: BGM/C106/1004, model: Declarant/Name}\n");                        /* new */
    CU_ASSERT_EQUAL(dgm_mapping_rule_count(m), 6);
    BOTH(m, "BGM\n C106\n  1004 N\n 1225 9\nSG6\n NAD\n  3035 EX\n  C082\n   3039 E\n",
         "FunctionalReferenceID E\nDeclarant\n ID 9\n Name N\n");
    READ(m, "BGM\n C002\n  1001 T\n", "", "", 1); /* nothing reads 1001 any more */
    dgm_mapping_free(m);
}

/* Replaced where it stood, in an each that is gone into and in a list with a condition; the each's other rules stay. */
static void gone_into(void)
{
    dgm_mapping *m = load(OWN "rules:\n"
                              "- each: {wire: Item, model: GoodsShipment/Item}\n  drop: [\"class\"]\n  rules:\n"
                              "  - {wire: \"CST/C246#1/7361\", model: Commodity/Description}\n"
                              "- {wire: BGM/C106/1004, model: FunctionalReferenceID, default: none}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 none\n 1225 9\nSG30\n CST\n  1496 1\n  C246\n   7361 100\n",
         "FunctionalReferenceID none\nFunctionCode 9\nTypeCode T\nGoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n"
         "   Description 100\n");
    READ(m, "BGM\n C106\n  1004 R\n 1225 4\n", "FunctionCode 4\n", "", 1); /* the condition around it still holds */
    dgm_mapping_free(m);
}

/* Parameters, lets, fragments and checks of both; own ones before the base's. */
static void heads(void)
{
    dgm_mapping *m = load(OWN "params: {country: DE}\n"
                              "fragments: {party: [{wire: \"%at/NAD/3039\", model: \"%is/Name\"}]}\n"
                              "checks:\n- {assert: \"=FunctionCode = 4\", at: FunctionCode, code: c1, level: warn}\n"
                              "rules:\n- use: party\n  with: {at: \"Party[NAD/3035=EX]\", is: Exporter}\n"
                              "- {wire: BGM/C002/1001, model: TypeCode, when: \"$country = DE\"}\n");
    READ(m, "BGM\n C002\n  1001 T\n 1225 9\nSG6\n NAD\n  3035 EX\n  C082\n   3039 E\n",
         "FunctionCode 9\nTypeCode T\nExporter\n Name E\n", "map.check", 0);
    dgm_mapping_free(m);
}

static void twice_over(void)
{
    dgm_mapping *m =
        load("dragoman: mapping/1\nmapping: third\nextends: second\nrules:\n- {wire: BGM/C106/1004, model: Declarant/ID}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 R\n 1225 9\n", "FunctionCode 9\nDeclarant\n ID R\n Name T\n");
    dgm_rule_info info = dgm_mapping_rule(m, 0);
    TEST_TEXT(info.file, "base"); /* each rule knows the file it stands in */
    CU_ASSERT_EQUAL(info.line, 6);
    dgm_mapping_free(m);
}

static dgm_status extends_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, OWN "drop: [TypeCode]\nrules:\n- each: {wire: Item, model: GoodsShipment/Item}\n  rules: []\n",
                     "BGM\n 1225 9\n");
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(extends_work, NULL) > 20);
}

static const refusal mistakes[] = {
    { "map.extends", "dragoman: mapping/1\nmapping: own\nextends: ^bsae\n" },
    { "map.drop", OWN "drop: [^TypeCod]\n" },
    { "map.kind", OWN "drop: ^TypeCode\n" },
    { "map.combination", HEAD "drop: ^[TypeCode]\nrules:\n- {wire: BGM/1225, model: FunctionCode}\n" },
    { "map.combination", OWN
      "rules:\n- each: {wire: Party, model: Itinerary}\n  ^drop: [x]\n  rules: [{wire: NAD/3035, model: RoutingCountryCode}]\n" },
    { "map.extends.several",
      "dragoman: mapping/1\nmapping: own\nextends: twins\nrules:\n- ^{wire: BGM/C106/1004, model: FunctionalReferenceID}\n" },
    { "map.path.unknown", OWN "rules:\n- {wire: BGM/C106/^1040, model: FunctionalReferenceID}\n" },
    { "map.writers", OWN "rules:\n- {wire: \"LOC[3227=9]/3225\", id: new, model: ^TypeCode}\n" },
};

static void told_at_load(void)
{
    refused_all(mistakes, sizeof mistakes / sizeof *mistakes);
}

/* A mistake of the base is told at its place in the base. */
static void mistakes_of_the_base(void)
{
    dgm_diags *diags;
    dgm_mapping *m = NULL;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    CU_ASSERT_EQUAL(
        dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), DGM_LITERAL("dragoman: mapping/1\nmapping: x\nextends: broken\n"), diags, &m),
        DGM_CONFIG);
    const dgm_diag *d = dgm_diags_at(diags, 0);
    CU_ASSERT_FATAL(d != NULL);
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(d->code), "map.path.unknown");
    TEST_TEXT(d->source, "broken");
    CU_ASSERT_EQUAL(d->line, 6);
    CU_ASSERT_EQUAL(d->column, 14);
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(
        dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), DGM_LITERAL("dragoman: mapping/1\nmapping: x\nextends: round\n"), diags, &m),
        DGM_CONFIG);
    d = dgm_diags_at(diags, 0);
    CU_ASSERT_STRING_EQUAL(d ? dgm_diag_name(d->code) : "", "map.extends.circle");
    TEST_TEXT(d ? d->source : (dgm_slice){ 0 }, "round");
    dgm_diags_free(diags);
}

static const kit_file files[] = {
    { "rules", "base",
      HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: function}\n"
           "- {wire: BGM/C002/1001, model: TypeCode}\n"
           "- when: \"$function = 9\"\n  rules:\n  - {wire: BGM/C106/1004, model: FunctionalReferenceID}\n"
           "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: CST/1496, model: SequenceNumeric, number: keep}\n"
           "  - {wire: \"CST/C246#1/7361\", id: class, model: \"Commodity/Classification[IdentificationTypeCode=TSP]/ID\"}\n" },
    { "rules", "second",
      "dragoman: mapping/1\nmapping: second\nextends: base\ndrop: [FunctionalReferenceID, GoodsShipment/Item]\n"
      "rules:\n- {wire: BGM/C002/1001, id: TypeCode, model: Declarant/Name}\n" },
    { "rules", "twins",
      HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n"
           "- {wire: BGM/C106/1004, model: FunctionalReferenceID, when: \"$f = 9\"}\n"
           "- {wire: BGM/C002/1001, model: FunctionalReferenceID, when: \"$f = 4\"}\n" },
    { "rules", "broken", HEAD "rules:\n- {wire: BGM/1004x, model: TypeCode}\n" },
    { "rules", "round", "dragoman: mapping/1\nmapping: round\nextends: round\n" },
    { 0 },
};

int main(void)
{
    static const test_case cases[] = {
        { "as it is", as_it_is },
        { "replaced, added, dropped", replaced_added_dropped },
        { "gone into", gone_into },
        { "heads", heads },
        { "twice over", twice_over },
        { "each allocation fails", each_allocation_fails },
        { "told at load", told_at_load },
        { "mistakes of the base", mistakes_of_the_base },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_extends", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
