/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_run.c - mappings run both ways over shapes made by hand: what each rule key does, and the laws of the language.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"

static kit_env env;
static dgm_mem mem;

static dgm_mapping *load(const char *yaml)
{
    dgm_diags *diags;
    dgm_mapping *m = NULL;
    dgm_diags_new(&mem, 0, &diags);
    dgm_mapping_env e = kit_environment(&mem, &env);
    dgm_status s = dgm_mapping_load(&e, DGM_LITERAL("m.yaml"), dgm_slice_of(yaml), diags, &m);
    if (s != DGM_OK) kit_show(diags);
    CU_ASSERT_EQUAL(s, DGM_OK);
    dgm_diags_free(diags);
    return m;
}

/* Runs and compares the text of what is made; wanted NULL: refused. codes: names of the diagnostics, blank between. */
static void run(const dgm_mapping *m, dgm_direction d, const char *in, const char *wanted, const char *codes, uint32_t residue,
                int line)
{
    if (!m) return;
    const dgm_shape *from = d == DGM_READ ? env.wire : env.model;
    dgm_tree *tree = kit_tree(from, in), *out = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    dgm_run_options o = { .accounts = true };
    dgm_status s = dgm_mapping_run(r, m, d, tree, &o, diags, &out);
    char names[512] = "";
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? " " : "",
                 dgm_diag_name(dgm_diags_at(diags, i)->code));
    char *text = out ? kit_text(out) : NULL;
    bool same = wanted ? text && strcmp(text, wanted) == 0 : s == DGM_INVALID;
    if (!same || strcmp(names, codes) != 0 || dgm_runner_residue_count(r) != residue) {
        fprintf(stderr, "line %d: status %d, residue %u, diagnostics \"%s\"\n%s", line, (int)s, dgm_runner_residue_count(r), names,
                text ? text : "");
        kit_show(diags);
    }
    CU_ASSERT(same);
    CU_ASSERT_STRING_EQUAL(names, codes);
    CU_ASSERT_EQUAL(dgm_runner_residue_count(r), residue);
    if (out) CU_ASSERT(dgm_tree_sound(out));
    if (out) dgm_runner_recycle(r, out);
    free(text);
    dgm_tree_free(tree);
    dgm_runner_free(r);
    dgm_diags_free(diags);
}
#define READ(m, in, wanted, codes, residue)  run(m, DGM_READ, in, wanted, codes, residue, __LINE__)
#define WRITE(m, in, wanted, codes, residue) run(m, DGM_WRITE, in, wanted, codes, residue, __LINE__)
/* Reading and writing are each other's inverse here. */
static void both(const dgm_mapping *m, const char *wire, const char *model, int line)
{
    run(m, DGM_READ, wire, model, "", 0, line);
    run(m, DGM_WRITE, model, wire, "", 0, line);
}
#define BOTH(m, wire, model) both(m, wire, model, __LINE__)

static void plain_rules(void)
{
    dgm_mapping *m = load(HEAD "rules:\n"
                               "- {wire: BGM/1004, model: FunctionalReferenceID}\n"
                               "- {wire: BGM/C002/1001, model: TypeCode}\n"
                               "- {wire: \"LOC[3227=9]/3225\", model: Declarant/ID}\n"
                               "- {wire: \"LOC[3227=11]/3225\", model: Declarant/Name}\n"
                               "- {wire: \"Party[NAD/3035=EX]/NAD/3039\", model: Exporter/ID}\n"
                               "- {wire: \"Party[NAD/3035=EX]/NAD/3036#1\", model: Exporter/Name}\n");
    BOTH(m,
         "BGM\n C002\n  1001 929\n C106\n  1004 REF1\n"
         "LOC\n 3227 9\n C517\n  3225 DEHAM\n"
         "LOC\n 3227 11\n C517\n  3225 CNSHA\n"
         "SG6\n NAD\n  3035 EX\n  C082\n   3039 X1\n  C080\n   3036 Acme\n",
         "FunctionalReferenceID REF1\nTypeCode 929\nDeclarant\n ID DEHAM\n Name CNSHA\nExporter\n ID X1\n Name Acme\n");
    dgm_mapping_free(m);
}

static void nothing_is_made_for_nothing(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID}\n"
                               "- {wire: \"LOC[3227=9]/3225\", model: Declarant/ID}\n");
    BOTH(m, "", "");
    READ(m, "LOC\n 3227 9\n", "", "", 1); /* a selector that chose nothing is residue */
    READ(m, "LOC\n 3227 7\n C517\n  3225 DEHAM\n", "", "", 2);
    READ(m, "UNH\n 0062 1\nUNT\n 0074 3\n", "", "", 0); /* the envelope is the format's */
    WRITE(m, "TypeCode 1\nDeclarant\n ID A\n Name B\n", "LOC\n 3227 9\n C517\n  3225 A\n", "", 2);
    dgm_mapping_free(m);
}

static const char items[] =
    HEAD "rules:\n"
         "- {wire: BGM/1004, model: FunctionalReferenceID}\n"
         "- each: {wire: Item, model: GoodsShipment/Item}\n"
         "  rules:\n"
         "  - {wire: CST/1496, model: SequenceNumeric, number: keep}\n"
         "  - {wire: \"CST/C246#1/7361\", model: \"Commodity/Classification[IdentificationTypeCode=TSP]/ID\"}\n"
         "  - {wire: \"CST/C246#2/7361\", model: \"Commodity/Classification[IdentificationTypeCode=TRC]/ID\"}\n"
         "  - {wire: \"FTX[4451=AAA]#*/4440#*\", model: Commodity/Description, fold: {width: 10, by: word}}\n"
         "  - {wire: \"MEA[6311=WT, 6313=AAB]\", model: Commodity/GrossMassMeasure, as: quantity, scale: 2}\n"
         "  - {wire: \"Val[MOA/5025=40]/MOA\", model: CustomsValueAmount, as: amount}\n"
         "  - {wire: \"Val[MOA/5025=123]/MOA\", model: StatisticalValueAmount, as: amount}\n"
         "  - each: {wire: Doc, model: AdditionalDocument}\n"
         "    rules:\n"
         "    - {wire: DOC/1001, model: TypeCode}\n"
         "    - {wire: DOC/1004, model: ID}\n";

static void items_and_types(void)
{
    dgm_mapping *m = load(items);
    BOTH(m,
         "BGM\n C106\n  1004 R\n"
         "SG30\n CST\n  1496 1\n  C246\n   7361 6109\n  C246#2\n   7361 100\n"
         " FTX\n  4451 AAA\n  C108\n   4440 cotton\n   4440#2 shirts for\n FTX\n  4451 AAA\n  C108\n   4440 men\n"
         " MEA\n  6311 WT\n  C502\n   6313 AAB\n  C174\n   6411 KGM\n   6314 12.50\n"
         " SG33\n  MOA\n   C516\n    5025 40\n    5004 100.00\n    6345 EUR\n"
         " SG33\n  MOA\n   C516\n    5025 123\n    5004 99\n"
         " SG37\n  DOC\n   1001 380\n   1004 INV1\n"
         " SG37\n  DOC\n   1001 271\n"
         "SG30\n CST\n  1496 2\n",
         "FunctionalReferenceID R\n"
         "GoodsShipment\n"
         " Item\n  SequenceNumeric 1\n  CustomsValueAmount 100.00\n   @currencyID EUR\n  StatisticalValueAmount 99\n"
         "  Commodity\n   Description cotton shirts for men\n   GrossMassMeasure 12.50\n    @unitCode KGM\n"
         "   Classification\n    ID 6109\n    IdentificationTypeCode TSP\n   Classification\n    ID 100\n    "
         "IdentificationTypeCode TRC\n"
         "  AdditionalDocument\n   TypeCode 380\n   ID INV1\n  AdditionalDocument\n   TypeCode 271\n"
         " Item\n  SequenceNumeric 2\n");
    /* made numbers follow; a comma is a mark; an item that says nothing is no item */
    READ(m,
         "SG30\n CST\n  C246#2\n   7361 7\n MEA\n  6311 WT\n  C502\n   6313 AAB\n  C174\n   6314 1,50\nSG30\n CST\nSG30\n CST\n  "
         "1496 9\n",
         "GoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   GrossMassMeasure 1.50\n   Classification\n    ID 7\n"
         "    IdentificationTypeCode TRC\n Item\n  SequenceNumeric 9\n",
         "", 0);
    dgm_mapping_free(m);
}

static const test_case cases[] = {
    { "plain rules", plain_rules },
    { "nothing is made for nothing", nothing_is_made_for_nothing },
    { "items and types", items_and_types },
    { 0 },
};

int main(void)
{
    mem = dgm_mem_default();
    env.wire = kit_shape("w", wire_text);
    env.model = kit_shape("M@1", model_text);
    return test_main("mapping_run", cases);
}
