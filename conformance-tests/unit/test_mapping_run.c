/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_run.c - mappings run both ways over shapes made by hand: what each rule key does, and the laws of the language.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"

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

static void selectors(void)
{
    dgm_mapping *m = load(TOP "- {wire: \"LOC[3227=9]/3225\", model: Declarant/ID}\n"
                              "- {wire: \"LOC[3227=11]/3225\", model: Declarant/Name}\n"
                              "- {wire: \"LOC[3227 in (7, 8)]/3225\", model: Exporter/ID}\n"
                              "- ignore: {wire: \"LOC[3227=ZZZ]\", why: internal}\n");
    READ(m, "LOC\n 3227 9\n C517\n  3225 A\nLOC\n 3227 9\n C517\n  3225 B\n", "Declarant\n ID A\n", "map.several", 2);
    READ(m, "LOC\n 3227 8\n C517\n  3225 A\nLOC\n 3227 ZZZ\n C517\n  3225 B\n", "Exporter\n ID A\n", "", 0);
    WRITE(m, "Exporter\n ID A\n", "LOC\n 3227 7\n C517\n  3225 A\n", "", 0); /* in creates its first value */
    dgm_mapping_free(m);
}

static void a_rule_decides_a_tested_value(void)
{
    dgm_mapping *m = load(TOP "- each: {wire: \"Party[NAD/3035 in (EX, CN)]\", model: Itinerary}\n"
                              "  rules:\n  - {wire: NAD/3035, model: RoutingCountryCode}\n");
    BOTH(m, "SG6\n NAD\n  3035 CN\nSG6\n NAD\n  3035 EX\n",
         "Itinerary\n RoutingCountryCode CN\nItinerary\n RoutingCountryCode EX\n");
    WRITE(m, "Itinerary\n RoutingCountryCode DT\n", NULL, "map.test.value", 0);
    READ(m, "SG6\n NAD\n  3035 DT\n", "", "", 1);
    dgm_mapping_free(m);
}

/* Where in the message a problem is, and which rule says so. */
static void places_of_problems(void)
{
    dgm_mapping *m =
        load(TOP "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n  - {wire: CST/1496, model: SequenceNumeric}\n");
    dgm_tree *in = kit_tree(env.wire, "SG30\n CST\n  1496 1\nSG30\n CST\n  1496 x\n"), *out;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 0, &diags);
    dgm_runner_new(&mem, NULL, &r);
    dgm_param unknown = { DGM_LITERAL("no"), DGM_LITERAL("1") };
    dgm_run_options o = { .accounts = true };
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, in, &o, diags, &out), DGM_INVALID);
    const dgm_diag *d = dgm_diags_at(diags, 0);
    CU_ASSERT_FATAL(d != NULL);
    TEST_TEXT(d->path, "SG30#2/CST/1496");
    CU_ASSERT_EQUAL(d->rule, 2);
    CU_ASSERT_EQUAL(d->node, 6);
    CU_ASSERT_EQUAL(d->at_byte, 1); /* the second value of the tree's bytes */
    CU_ASSERT_EQUAL(d->bytes, 1);
    TEST_TEXT(d->arguments[2].text, "m.yaml:9");
    CU_ASSERT_EQUAL(dgm_runner_accounts(r)[3], DGM_ACCOUNT_MAPPED);
    CU_ASSERT_EQUAL(dgm_runner_rule(r, 3), 2);
    CU_ASSERT_EQUAL(dgm_runner_accounts(r)[6], DGM_ACCOUNT_RESIDUE);
    o.params = &unknown;
    o.param_count = 1;
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, in, &o, diags, &out), DGM_INVALID);
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(dgm_diags_at(diags, 0)->code), "map.parameter.unknown");
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_tree_free(in);
    dgm_mapping_free(m);
}

static void constants(void)
{
    dgm_mapping *m =
        load(HEAD "rules:\n"
                  "- {wire: BGM/C002/1001, is: 929}\n"
                  "- {wire: BGM/1004, model: FunctionalReferenceID}\n"
                  "- {wire: BGM/1225, model: FunctionCode, default: 9}\n"
                  "- {model: TypeCode, is: IM, else: warn}\n"
                  "- each: {wire: Item, model: GoodsShipment/Item}\n"
                  "  rules:\n"
                  "  - {wire: CST/1496, number: order}\n"
                  "  - {model: SequenceNumeric, number: order}\n"
                  "  - {wire: \"CST/C246#1/7361\", model: Commodity/Description, default: {value: none, write: omit}}\n"
                  "  - {wire: \"CST/C246#2/1131\", is: X}\n");
    /* BGM is no group, so its literal is written whatever else there is; TypeCode stands at the top */
    WRITE(m, "", "BGM\n C002\n  1001 929\n 1225 9\n", "", 0);
    READ(m, "", "FunctionCode 9\nTypeCode IM\n", "", 0);
    READ(m, "BGM\n C002\n  1001 830\n", NULL, "map.is", 1);
    WRITE(m, "TypeCode EX\n", "BGM\n C002\n  1001 929\n 1225 9\n", "map.is", 1);
    /* an occurrence with nothing but literals and numbers does not come into being */
    READ(m, "BGM\n C002\n  1001 929\n 1225 1\nSG30\n CST\n  1496 1\nSG30\n CST\n  1496 2\n  C246\n   7361 shirts\n",
         "FunctionCode 1\nTypeCode IM\nGoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description shirts\n", "", 0);
    WRITE(m, "TypeCode IM\nGoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description none\n",
          "BGM\n C002\n  1001 929\n 1225 9\n", "", 0);
    WRITE(m, "TypeCode IM\nGoodsShipment\n Item\n  SequenceNumeric 4\n  Commodity\n   Description hats\n",
          "BGM\n C002\n  1001 929\n 1225 9\nSG30\n CST\n  1496 1\n  C246\n   7361 hats\n  C246#2\n   1131 X\n", "map.order", 1);
    dgm_mapping_free(m);
}

static void always(void)
{
    dgm_mapping *m = load(TOP "- {wire: \"LOC[3227=9]/3225\", is: DEHAM, always: true}\n"
                              "- each: {wire: Item, model: GoodsShipment/Item}\n  always: true\n"
                              "  rules:\n  - {wire: CST/1496, number: order}\n");
    BOTH(m, "LOC\n 3227 9\n C517\n  3225 DEHAM\nSG30\n CST\n  1496 1\nSG30\n CST\n  1496 2\n", "GoodsShipment\n Item\n Item\n");
    WRITE(m, "", "LOC\n 3227 9\n C517\n  3225 DEHAM\n", "", 0);
    dgm_mapping_free(m);
}

static void conditions(void)
{
    dgm_mapping *m = load(HEAD "params: {swap: {as: flag, default: \"false\"}}\nrules:\n"
                               "- {wire: BGM/1225, model: FunctionCode, name: f}\n"
                               "- when: \"$f = 9 or $f in (4, 5)\"\n"
                               "  rules:\n  - {wire: BGM/1004, model: FunctionalReferenceID}\n"
                               "- when: else\n  rules:\n  - {wire: BGM/1004, model: AdditionalText}\n"
                               "- {wire: BGM/C002/1001, model: TypeCode, when: not($swap)}\n"
                               "- {wire: BGM/C002/1001, model: Declarant/ID, when: $swap}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 R\n 1225 9\n", "FunctionalReferenceID R\nFunctionCode 9\nTypeCode T\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 R\n 1225 4\n", "FunctionalReferenceID R\nFunctionCode 4\nTypeCode T\n");
    BOTH(m, "BGM\n C106\n  1004 R\n 1225 7\n", "FunctionCode 7\nAdditionalText R\n");
    BOTH(m, "BGM\n C106\n  1004 R\n", "AdditionalText R\n");
    dgm_mapping_free(m);
}

/* What is nothing decides nothing; numbers are compared as numbers; the right side of `and` and `or` may be left out. */
static void conditions_of_a_name(void)
{
    static const struct {
        const char *value, *when;
        bool yes;
    } rows[] = {
        { "9", "$f = 9.0", true },
        { "09", "$f = 9", true },
        { "A", "$f = 9", false },
        { "9", "$f < 10", true },
        { "B", "$f < A", false },
        { "9", "$f in (8, 9)", true },
        { "09", "$f in (8, 9)", false }, /* a list holds texts */
        { "", "$f in (8, 9)", false },
        { "", "not($f = 9)", true },
        { "", "$f = 9 or 1 = 1", true },
        { "", "$f = 9 and 1 = 1", false },
        { "", "not($f = 9 and 1 = 2)", true },
        { "", "exists($f)", false },
        { "9", "exists($f) and not($f = 8)", true },
        { "", "length($f) < 4", false },
        { "A", "length($f) < 4", true },
        { "12", "length($f) = 02", true },
        { "ABC", "length($f) = 3", true },
        { "ABC", "length($f) != 3", false },
        { "ABC", "length($f) > 2", true },
        { "ABC", "length($f) > 3", false },
        { "ABC", "length($f) >= 3", true },
        { "ABC", "length($f) >= 4", false },
        { "ABC", "length($f) <= 3", true },
        { "ABC", "length($f) <= 2", false },
        { "ABC", "length($f) < 3", false },
        { "\xC3\xBC", "length($f) = 1", true }, /* characters, not bytes */
        { "", "not(length($f) < 4)", true },
        { "9", "(1 = 2 and $f = 9) or $f = 9", true },
        { "9", "(1 = 1 or $f = 8) and $f = 8", false },
        { "9", "(1 = 2 or $f = 8) or ($f = 9 and 1 = 1)", true },
        { "9", "not(($f = 8 or $f = 9) and $f in (9))", false },
        { "1", "$f", true },
        { "0", "$f", false },
        /* ISO 13616 has these two as examples; one with its last digit changed, one in small letters, one that is none. */
        { "NL91ABNA0417164300", "checked(iban, $f)", true },
        { "GB82WEST12345698765432", "checked(iban, $f)", true },
        { "NL91ABNA0417164301", "checked(iban, $f)", false },
        { "nl91abna0417164300", "checked(iban, $f)", false },
        { "4711", "checked(iban, $f)", false },
        { "", "checked(iban, $f)", false },
        { "", "not(checked(iban, $f))", true },
        /* Worked out in test_edifact_check.c. */
        { "CSQU3054383", "checked(container, $f)", true },
        { "CSQU3054384", "checked(container, $f)", false },
        { "9074729", "checked(ship, $f)", true },
        { "4006381333931", "checked(gtin, $f)", true },
        { "02012345675", "checked(air-waybill, $f)", true },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[1024], in[100], wanted[100];
        snprintf(yaml, sizeof yaml,
                 HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n- when: \"%s\"\n"
                      "  rules:\n  - {wire: BGM/1004, model: FunctionalReferenceID}\n"
                      "- when: else\n  rules:\n  - {wire: BGM/1004, model: AdditionalText}\n",
                 rows[i].when);
        bool there = rows[i].value[0];
        snprintf(in, sizeof in, "BGM\n C106\n  1004 R\n%s%s%s", there ? " 1225 " : "", rows[i].value, there ? "\n" : "");
        snprintf(wanted, sizeof wanted, "%s%s%s%s%s", rows[i].yes ? "FunctionalReferenceID R\n" : "", there ? "FunctionCode " : "",
                 rows[i].value, there ? "\n" : "", rows[i].yes ? "" : "AdditionalText R\n");
        dgm_mapping *m = load(yaml);
        READ(m, in, wanted, "", 0);
        dgm_mapping_free(m);
    }
}

/* The number of an occurrence against a literal. */
static void conditions_of_the_index(void)
{
    static const struct {
        const char *when, *wanted; /* which of three items have their number */
        uint32_t residue;          /* the others' numbers */
    } rows[] = {
        { "$i = 2", "GoodsShipment\n Item\n Item\n  SequenceNumeric 2\n Item\n", 2 },
        { "$i != 2", "GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n Item\n  SequenceNumeric 3\n", 1 },
        { "$i < 2", "GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n Item\n", 2 },
        { "$i > 2", "GoodsShipment\n Item\n Item\n Item\n  SequenceNumeric 3\n", 2 },
        { "$i <= 2", "GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n  SequenceNumeric 2\n Item\n", 1 },
        { "$i >= 2", "GoodsShipment\n Item\n Item\n  SequenceNumeric 2\n Item\n  SequenceNumeric 3\n", 1 },
        { "not($i = 2)", "GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n Item\n  SequenceNumeric 3\n", 1 },
        { "$i = 02", "GoodsShipment\n Item\n Item\n  SequenceNumeric 2\n Item\n", 2 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[1024];
        snprintf(yaml, sizeof yaml,
                 TOP "- each: {wire: Item, model: GoodsShipment/Item}\n  always: true\n  rules:\n  - when: \"%s\"\n"
                     "    rules:\n    - {wire: CST/1496, model: SequenceNumeric, as: number}\n",
                 rows[i].when);
        dgm_mapping *m = load(yaml);
        READ(m, "SG30\n CST\n  1496 1\nSG30\n CST\n  1496 2\nSG30\n CST\n  1496 3\n", rows[i].wanted, "", rows[i].residue);
        dgm_mapping_free(m);
    }
}

static void copies(void)
{
    dgm_mapping *m = load(
        HEAD "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID, copies: [\"LOC[3227=9]/3225\", \"LOC[3227=11]/3225\"]}\n");
    BOTH(m, "BGM\n C106\n  1004 R\nLOC\n 3227 9\n C517\n  3225 R\nLOC\n 3227 11\n C517\n  3225 R\n", "FunctionalReferenceID R\n");
    READ(m, "BGM\n C106\n  1004 R\nLOC\n 3227 11\n C517\n  3225 S\n", NULL, "map.disagree", 0);
    READ(m, "LOC\n 3227 11\n C517\n  3225 S\n", "FunctionalReferenceID S\n", "", 0);
    dgm_mapping_free(m);
}

static void lists_and_lines(void)
{
    dgm_mapping *m =
        load(TOP "- {wire: \"LOC[3227=92]#*/3225\", model: \"Itinerary#*/RoutingCountryCode\"}\n"
                 "- {wire: [\"Party[NAD/3035=EX]/NAD/3036#1\", \"Party[NAD/3035=EX]/NAD/3036#2\"], model: Exporter/Name, fold: "
                 "{width: [5, 4], by: width}}\n"
                 "- {wire: \"FTX[4451=AAI]#*/4440#*\", model: AdditionalText, fold: {width: 12, by: line, max: 4}}\n");
    BOTH(m,
         "LOC\n 3227 92\n C517\n  3225 DE\nLOC\n 3227 92\n C517\n  3225 CN\n"
         "FTX\n 4451 AAI\n C108\n  4440 one\n  4440#2 two\n  4440#3 three\nFTX\n 4451 AAI\n C108\n  4440 four\n"
         "SG6\n NAD\n  3035 EX\n  C080\n   3036 abcde\n   3036#2 fg\n",
         "AdditionalText one~two~three~four\nExporter\n Name abcdefg\nItinerary\n RoutingCountryCode DE\nItinerary\n "
         "RoutingCountryCode CN\n");
    dgm_mapping_free(m);
}

static void too_much(void)
{
    dgm_mapping *m =
        load(TOP "- {wire: \"FTX[4451=AAI]#*/4440#*\", model: AdditionalText, fold: {width: 2, by: word, max: 3}}\n"
                 "- {wire: [\"Party[NAD/3035=EX]/NAD/3036#1\", \"Party[NAD/3035=EX]/NAD/3036#2\"], model: Exporter/Name, "
                 "fold: {width: 3, by: width}, lose: the register cuts names}\n"
                 "- each: {wire: \"LOC[3227=92]\", model: Itinerary}\n  rules: [{wire: 3225, model: RoutingCountryCode}]\n");
    WRITE(m, "AdditionalText a b c\n", "FTX\n 4451 AAI\n C108\n  4440 a\n  4440#2 b\n  4440#3 c\n", "", 0);
    WRITE(m, "AdditionalText a b c d\n", NULL, "wire.full.text", 0);
    WRITE(m, "AdditionalText a    b\n", NULL, "map.fold.text", 1);
    WRITE(m, "Exporter\n Name abcdefgh\n", "SG6\n NAD\n  3035 EX\n  C080\n   3036 abc\n   3036#2 def\n", "map.reduced", 0);
    WRITE(m,
          "Itinerary\n RoutingCountryCode A\nItinerary\n RoutingCountryCode B\nItinerary\n RoutingCountryCode C\n"
          "Itinerary\n RoutingCountryCode D\nItinerary\n RoutingCountryCode E\nItinerary\n RoutingCountryCode F\n"
          "Itinerary\n RoutingCountryCode G\nItinerary\n RoutingCountryCode H\nItinerary\n RoutingCountryCode I\n"
          "Itinerary\n RoutingCountryCode K\n",
          NULL, "wire.full", 0);
    dgm_mapping_free(m);
}

static void dates_and_amounts(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: \"DTM[2005=148]\", model: AcceptanceDateTime, as: date 102}\n"
                               "- {wire: \"DTM[2005=137]\", model: IssueDateTime}\n"
                               "- {wire: \"Party[NAD/3035=EX]/NAD/3039\", model: InvoiceAmount, as: amount, currency: \"='EUR'\"}\n"
                               "- {wire: \"CNT[6069=5]/6066\", model: GoodsItemQuantity}\n"
                               "- {wire: BGM/1225, model: Urgent, as: flag Y N}\n");
    BOTH(m,
         "BGM\n 1225 Y\nDTM\n C507\n  2005 148\n  2380 20261121\n  2379 102\nDTM\n C507\n  2005 137\n  2380 202611211405\n  2379 "
         "203\n"
         "SG6\n NAD\n  3035 EX\n  C082\n   3039 12.50\nCNT\n C270\n  6069 5\n  6066 3\n",
         "AcceptanceDateTime 2026-11-21\nIssueDateTime 2026-11-21T14:05\nInvoiceAmount 12.50\n @currencyID EUR\nGoodsItemQuantity "
         "3\nUrgent true\n");
    WRITE(m, "InvoiceAmount 12.50\n @currencyID USD\n", NULL, "map.lossy", 2);
    WRITE(m, "AcceptanceDateTime 2026-11-21T10:00\n", NULL, "map.date.precision", 1);
    READ(m, "DTM\n C507\n  2005 137\n  2380 20261341\n  2379 102\n", NULL, "map.date.invalid", 3);
    READ(m, "CNT\n C270\n  6069 5\n  6066 x\n", NULL, "map.number.invalid", 2);
    READ(m, "BGM\n 1225 Q\n", NULL, "map.flag.invalid", 1);
    dgm_mapping_free(m);
}

static void codes(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, codes: fun}\n"
                               "- {wire: BGM/C002/1001, model: TypeCode, codes: fun(model other)}\n"
                               "- {wire: \"LOC[3227=9]/3225\", model: Declarant/ID, codes: list}\n");
    BOTH(m, "BGM\n C002\n  1001 D\n 1225 1\n", "FunctionCode cancel\nTypeCode cancel\n");
    READ(m, "BGM\n 1225 99\n", "FunctionCode cancel\n", "", 0);        /* > : an alias when reading */
    READ(m, "BGM\n C002\n  1001 Z\n", "TypeCode Z\n", "", 0);          /* = : unchanged */
    READ(m, "BGM\n C002\n  1001 make\n", NULL, "map.code.unknown", 1); /* but the other side knows it with another meaning */
    READ(m, "BGM\n 1225 11\n", NULL, "map.code.unknown", 1);
    READ(m, "LOC\n 3227 9\n C517\n  3225 A\n", "Declarant\n ID A\n", "", 0);
    READ(m, "LOC\n 3227 9\n C517\n  3225 C\n", NULL, "map.code.unknown", 2);
    dgm_mapping_free(m);
}

static void checks_and_totals(void)
{
    dgm_mapping *m = load(
        HEAD "let: {items: =count(GoodsShipment/Item)}\nrules:\n"
             "- {wire: \"CNT[6069=5]/6066\", is: \"=count(GoodsShipment/Item)\", always: true}\n"
             "- {wire: BGM/1225, model: GoodsItemQuantity, name: n}\n"
             "- each: {wire: Item, model: GoodsShipment/Item}\n"
             "  rules:\n  - {wire: CST/1496, model: SequenceNumeric}\n"
             "  - {wire: \"CST/C246#1/7361\", model: Commodity/Description}\n"
             "  checks:\n  - {assert: \"=length(Commodity/Description) < 4\", at: Commodity/Description, code: \"7\", level: warn, "
             "say: too long}\n"
             "checks:\n- {assert: \"=$items = $n\", at: GoodsItemQuantity, code: \"12011\", say: {en: items do not add up}}\n");
    BOTH(m, "BGM\n 1225 2\nSG30\n CST\n  1496 1\nSG30\n CST\n  1496 2\nCNT\n C270\n  6069 5\n  6066 2\n",
         "GoodsItemQuantity 2\nGoodsShipment\n Item\n  SequenceNumeric 1\n Item\n  SequenceNumeric 2\n");
    READ(m, "BGM\n 1225 1\nSG30\n CST\n  1496 1\nCNT\n C270\n  6069 5\n  6066 2\n", NULL, "map.is", 1);
    READ(m, "BGM\n 1225 3\nSG30\n CST\n  1496 1\n", NULL, "map.check", 0);
    WRITE(m, "GoodsItemQuantity 3\nGoodsShipment\n Item\n  SequenceNumeric 1\n", NULL, "map.check", 0);
    READ(m, "SG30\n CST\n  1496 1\n  C246\n   7361 abc\nSG30\n CST\n  1496 2\n  C246\n   7361 abcd\n",
         "GoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description abc\n Item\n  SequenceNumeric 2\n  Commodity\n   "
         "Description abcd\n",
         "map.check", 0);
    dgm_mapping_free(m);
}

static void one_way(void)
{
    dgm_mapping *m =
        load(HEAD "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID, name: id}\n"
                  "- {wire: \"=concat(BGM/1225, '-', count(LOC))\", model: AdditionalText, only: read, why: a summary}\n"
                  "- {wire: BGM/1225, model: \"=upper(cut(FunctionalReferenceID, 2))\", only: write, why: made}\n"
                  "- {wire: BGM/1225, model: TypeCode, only: read, why: kind}\n");
    READ(m, "BGM\n C106\n  1004 R\n 1225 9\nLOC\n 3227 9\nLOC\n 3227 7\n",
         "FunctionalReferenceID R\nTypeCode 9\nAdditionalText 9-2\n", "", 2);
    WRITE(m, "FunctionalReferenceID abc\n", "BGM\n C106\n  1004 abc\n 1225 AB\n", "", 0);
    dgm_mapping_free(m);
}

static void fragments(void)
{
    dgm_mapping *m =
        load(HEAD "fragments:\n  party:\n  - {wire: \"%at[NAD/3035=%role]/NAD/3039\", model: \"%is/ID\"}\n"
                  "  - use: common#name\n    with: {at: \"%at[NAD/3035=%role]\", is: \"%is\"}\n"
                  "rules:\n- {wire: BGM/C002/1001, model: TypeCode}\n- use: party\n  with: {at: Party, role: DT, is: Declarant}\n"
                  "- use: party\n  with: {at: SG6, role: EX, is: Exporter}\n");
    BOTH(m, "SG6\n NAD\n  3035 DT\n  C082\n   3039 1\n  C080\n   3036 A\nSG6\n NAD\n  3035 EX\n  C082\n   3039 2\n",
         "Declarant\n ID 1\n Name A\nExporter\n ID 2\n");
    dgm_mapping_free(m);
}

static void order_of_what_is_made(void)
{
    dgm_mapping *m = load(
        TOP
        "- {wire: \"LOC[3227=11]/3225\", model: Declarant/ID}\n- {wire: \"LOC[3227=9]/3225\", model: "
        "FunctionalReferenceID}\n"
        "- each: {wire: \"LOC[3227=92]\", model: Itinerary}\n  rules: [{wire: 3225, model: RoutingCountryCode}]\n"
        "- {wire: \"FTX[4451=ZZZ]#2/4440#1\", model: Exporter/ID}\n- {wire: \"FTX[4451=ZZZ]#1/4440#1\", model: Exporter/Name}\n");
    /* statements, not values, say which LOC is first; #1 before #2 */
    BOTH(m,
         "LOC\n 3227 11\n C517\n  3225 A\nLOC\n 3227 9\n C517\n  3225 B\nLOC\n 3227 92\n C517\n  3225 C\nLOC\n 3227 92\n C517\n  "
         "3225 D\n"
         "FTX\n 4451 ZZZ\n C108\n  4440 one\nFTX\n 4451 ZZZ\n C108\n  4440 two\n",
         "FunctionalReferenceID B\nDeclarant\n ID A\nExporter\n ID two\n Name one\nItinerary\n RoutingCountryCode C\nItinerary\n "
         "RoutingCountryCode D\n");
    WRITE(m, "Exporter\n ID two\n", NULL, "map.gap", 0);
    dgm_mapping_free(m);
}

/* ----  -------------------------------------------------------------------------------------------------------------------- */

static const char xml_text[] = "Version E 0 1 c\n"
                               "Declaration G 1 1\n"
                               " TypeCode E 0 1 c\n"
                               " AcceptanceDateTime G 0 1 d v=DateTimeString c=DateTimeString/@formatCode\n"
                               "  DateTimeString E 0 1\n"
                               "   @formatCode A 0 1\n"
                               " InvoiceAmount E 0 1 a v=. c=@currencyID\n"
                               "  @currencyID A 0 1 c\n"
                               " Urgent E 0 1 f\n"
                               " Nonsense E 0 1 t\n"
                               " GoodsShipment G 0 1\n"
                               "  TransactionCode E 0 1 c\n"
                               "  Item G 0 u\n"
                               "   SequenceNumeric E 0 1 n\n"
                               "   AdditionalDocument G 0 u\n"
                               "    TypeCode E 0 1 c\n"
                               "    ID E 0 1 i\n"
                               "    Origin E 0 1 c\n"
                               "   Commodity G 0 1\n"
                               "    Description E 0 1 t\n";

static void copy_below(void)
{
    const dgm_shape *w = env.wire;
    dgm_shape *xml = kit_shape("w", xml_text);
    env.wire = xml;
    dgm_mapping *m = load(HEAD "rules:\n- {wire: \"/Declaration/**\", model: \"/**\"}\n"
                               "- {wire: Version, model: AdditionalText}\n"
                               "- {wire: Declaration/GoodsShipment/TransactionCode, model: GoodsShipment/TransactionCode}\n");
    BOTH(m,
         "Version 3\nDeclaration\n TypeCode IM\n AcceptanceDateTime\n  DateTimeString 20261121\n   @formatCode 102\n InvoiceAmount "
         "7.00\n  @currencyID EUR\n"
         " GoodsShipment\n  TransactionCode 11\n  Item\n   SequenceNumeric 1\n   AdditionalDocument\n   AdditionalDocument\n    ID "
         "A\n"
         "   Commodity\n    Description x\n  Item\n",
         "TypeCode IM\nAcceptanceDateTime 2026-11-21\nInvoiceAmount 7.00\n @currencyID EUR\nAdditionalText 3\n"
         "GoodsShipment\n TransactionCode 11\n Item\n  SequenceNumeric 1\n  Commodity\n   Description x\n  AdditionalDocument\n"
         "  AdditionalDocument\n   ID A\n Item\n");
    READ(m, "Declaration\n Nonsense x\n TypeCode\n GoodsShipment\n  Item\n   AdditionalDocument\n    Origin Z\n",
         "GoodsShipment\n Item\n  AdditionalDocument\n", "", 2);
    READ(m, "Declaration\n GoodsShipment\n  Item\n   SequenceNumeric x\n", NULL, "map.number.invalid", 1);
    uint32_t wire, model;
    uint32_t n = m ? dgm_mapping_covered(m, 0, 0, &wire, &model) : 0;
    CU_ASSERT_EQUAL(n, 13); /* all but the two without a twin, the two that rules speak of, and the parts of the date */
    dgm_mapping_free(m);
    m = load(
        HEAD
        "rules:\n- {wire: \"/Declaration/**\", model: \"/**\"}\n"
        "- each: {wire: Declaration/GoodsShipment/Item, model: GoodsShipment/Item}\n  rules:\n"
        "  - {wire: \"**\", model: \"**\"}\n  - {wire: AdditionalDocument#1/Origin, model: AdditionalDocument#1/OriginCode}\n");
    BOTH(m, "Declaration\n GoodsShipment\n  Item\n   SequenceNumeric 1\n   AdditionalDocument\n    Origin CN\n",
         "GoodsShipment\n Item\n  SequenceNumeric 1\n  AdditionalDocument\n   OriginCode CN\n");
    dgm_mapping_free(m);
    env.wire = w;
    dgm_shape_free(xml);
}

/* Sixty leaves that each become the bottom of four groups: far more nodes than came, and nothing but copying. */
static void copy_into_more_than_came(void)
{
    static char wire_shape[8192], model_shape[16384], rules[16384], wire[8192], document[16384];
    size_t w = 0, d = 0, r = 0, i = 0, o = 0;
    for (int k = 10; k < 70; k++) {
        w += (size_t)snprintf(wire_shape + w, sizeof wire_shape - w, "L%d E 0 1 t\n", k);
        d += (size_t)snprintf(model_shape + d, sizeof model_shape - d,
                              "A%d G 0 1\n B%d G 0 1\n  C%d G 0 1\n   D%d G 0 1\n    V E 0 1 t\n", k, k, k, k);
        r += (size_t)snprintf(rules + r, sizeof rules - r, "- {wire: L%d, model: A%d/B%d/C%d/D%d/V}\n", k, k, k, k, k);
        i += (size_t)snprintf(wire + i, sizeof wire - i, "L%d %d\n", k, k);
        o += (size_t)snprintf(document + o, sizeof document - o, "A%d\n B%d\n  C%d\n   D%d\n    V %d\n", k, k, k, k, k);
    }
    snprintf(wire_shape + w, sizeof wire_shape - w, "Body G 0 1\n X E 0 1 t\n");
    snprintf(model_shape + d, sizeof model_shape - d, "Body G 0 1\n X E 0 1 t\n");
    snprintf(wire + i, sizeof wire - i, "Body\n X y\n");
    snprintf(document + o, sizeof document - o, "Body\n X y\n");
    const dgm_shape *old_wire = env.wire, *old_model = env.model;
    dgm_shape *flat = kit_shape("w", wire_shape), *deep = kit_shape("M@1", model_shape);
    env.wire = flat;
    env.model = deep;
    static char text[20000];
    snprintf(text, sizeof text, "%srules:\n- {wire: \"Body/**\", model: \"Body/**\"}\n%s", HEAD, rules);
    dgm_mapping *m = load(text);
    BOTH(m, wire, document);
    dgm_mapping_free(m);
    env.wire = old_wire;
    env.model = old_model;
    dgm_shape_free(flat);
    dgm_shape_free(deep);
}

/* Six conditions on one name at one place of each side, and an else: found by the value, as if they were asked one by one. A number
 * is equal to its other spellings, in a list it is not. */
static void many_conditions_at_one_place(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n"
                               "- {wire: BGM/1004, model: FunctionalReferenceID, when: $f = A}\n"
                               "- {wire: BGM/1004, model: TypeCode, when: \"$f = 4\"}\n"
                               "- {wire: BGM/1004, model: AdditionalText, when: \"$f in (5, 6)\"}\n"
                               "- {wire: BGM/1004, model: Declarant/ID, when: \"$f = 7\"}\n"
                               "- {wire: BGM/1004, model: Declarant/Name, when: \"$f in (X, X, YY)\"}\n"
                               "- {wire: BGM/1004, model: Declarant/Reference, when: \"$f = 008\"}\n"
                               "- {wire: BGM/1004, model: Exporter/ID, when: $f = VERYLONGCODE}\n"
                               "- {wire: BGM/1004, model: Exporter/Name, when: else}\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 A\n", "FunctionalReferenceID v\nFunctionCode A\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 4\n", "FunctionCode 4\nTypeCode v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 04.0\n", "FunctionCode 04.0\nTypeCode v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 6\n", "FunctionCode 6\nAdditionalText v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 06\n", "FunctionCode 06\nExporter\n Name v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 7\n", "FunctionCode 7\nDeclarant\n ID v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 X\n", "FunctionCode X\nDeclarant\n Name v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 8\n", "FunctionCode 8\nDeclarant\n Reference v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 VERYLONGCODE\n", "FunctionCode VERYLONGCODE\nExporter\n ID v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 VERYLONGCODF\n", "FunctionCode VERYLONGCODF\nExporter\n Name v\n");
    BOTH(m, "BGM\n C106\n  1004 v\n", "Exporter\n Name v\n");
    dgm_mapping_free(m);
    /* a place of the model that six of the wire may be, in lists with a condition of their own */
    m = load(HEAD "params: {kind: {default: \"2\"}}\nrules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n"
                  "- {wire: BGM/1004, model: TypeCode, when: $f = A}\n"
                  "- {wire: BGM/1001, model: TypeCode, when: $f = B}\n"
                  "- {when: $f = C, rules: [{wire: \"LOC[3227=9]/3225\", model: TypeCode, when: $kind = 1}, "
                  "{wire: \"LOC[3227=8]/3225\", model: TypeCode, when: $kind = 2}]}\n"
                  "- {when: $f = D, rules: [{wire: \"LOC[3227=7]/3225\", model: TypeCode}]}\n"
                  "- {wire: \"LOC[3227=6]/3225\", model: TypeCode, when: \"$f in (E, F)\"}\n"
                  "- {wire: \"LOC[3227=5]/3225\", model: TypeCode, when: $f = G}\n");
    BOTH(m, "BGM\n C106\n  1004 v\n 1225 A\n", "FunctionCode A\nTypeCode v\n");
    BOTH(m, "BGM\n C002\n  1001 v\n 1225 B\n", "FunctionCode B\nTypeCode v\n");
    BOTH(m, "BGM\n 1225 C\nLOC\n 3227 8\n C517\n  3225 v\n", "FunctionCode C\nTypeCode v\n");
    BOTH(m, "BGM\n 1225 D\nLOC\n 3227 7\n C517\n  3225 v\n", "FunctionCode D\nTypeCode v\n");
    BOTH(m, "BGM\n 1225 F\nLOC\n 3227 6\n C517\n  3225 v\n", "FunctionCode F\nTypeCode v\n");
    READ(m, "BGM\n C106\n  1004 v\n 1225 B\n", "FunctionCode B\n", "", 1);
    WRITE(m, "FunctionCode H\nTypeCode v\n", "BGM\n 1225 H\n", "", 1);
    dgm_mapping_free(m);
    /* the name and more: only what is found by it is asked */
    m = load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n"
                  "- {wire: BGM/1001, model: TypeCode, name: t}\n"
                  "- {wire: BGM/1004, model: AdditionalText, when: \"$f = 1 and $t = A and exists($t)\", only: read, why: test}\n"
                  "- {wire: BGM/1004, model: Declarant/ID, when: \"$f = 1 and not($t = A or $t = B)\", only: read, why: test}\n"
                  "- {wire: BGM/1004, model: Declarant/Name, when: \"$f in (1, 2) and $t = B\", only: read, why: test}\n"
                  "- {wire: BGM/1004, model: Exporter/ID, when: \"$f = 2 and ($t = A or $t = B)\", only: read, why: test}\n"
                  "- {wire: BGM/1004, model: Exporter/Name, when: \"$f = 2 or $t = C\", only: read, why: test}\n");
    READ(m, "BGM\n C002\n  1001 A\n C106\n  1004 v\n 1225 1\n", "FunctionCode 1\nTypeCode A\nAdditionalText v\n", "", 0);
    READ(m, "BGM\n C002\n  1001 B\n C106\n  1004 v\n 1225 1\n", "FunctionCode 1\nTypeCode B\nDeclarant\n Name v\n", "", 0);
    READ(m, "BGM\n C002\n  1001 C\n C106\n  1004 v\n 1225 1\n", "FunctionCode 1\nTypeCode C\nDeclarant\n ID v\nExporter\n Name v\n",
         "", 0);
    READ(m, "BGM\n C002\n  1001 B\n C106\n  1004 v\n 1225 2\n",
         "FunctionCode 2\nTypeCode B\nDeclarant\n Name v\nExporter\n ID v\n Name v\n", "", 0);
    dgm_mapping_free(m);
}

/* "." is the value itself where a value repeats, on either side. */
static void each_over_values(void)
{
    const dgm_shape *old_wire = env.wire, *old_model = env.model;
    dgm_shape *lines = kit_shape("w", "Note E 0 3 t\nBox G 0 9\n Kind E 0 1 t\n Seal E 0 2 t\n"
                                      "Mass E 0 9 q v=. c=@unit\n @unit A 0 1 c\nWeight E 0 9 n\nEnd E 0 1 t\n");
    dgm_shape *classes = kit_shape("M@1", "Info G 0 9\n SequenceNumeric E 0 1 n\n Text E 0 1 t\n Code E 0 1 c\n"
                                          "Equipment G 0 9\n TypeCode E 0 1 c\n Seal E 0 9 i\n"
                                          "Measure E 0 9 q v=. c=@unitCode\n @unitCode A 0 1 c\nPart G 0 9\n Share E 0 1 n\n"
                                          "LastCode E 0 1 c\n");
    env.wire = lines;
    env.model = classes;
    dgm_mapping *m = load(HEAD "rules:\n"
                               "- each: {wire: Note, model: Info}\n  rules:\n"
                               "  - {model: SequenceNumeric, number: order}\n"
                               "  - {wire: \".\", form: \"{code:n2} {text}\", model: {code: Code, text: Text}}\n"
                               "- each: {wire: Box, model: Equipment}\n  rules:\n"
                               "  - {wire: Kind, model: TypeCode}\n"
                               "  - each: {wire: Seal, model: Seal}\n    rules: [{wire: \".\", model: \".\"}]\n"
                               "- each: {wire: Mass, model: Measure}\n  rules: [{wire: \".\", model: \".\", as: quantity}]\n"
                               "- each: {wire: Weight, model: Part, by: {\".\": Share}}\n  rules: []\n"
                               "- {wire: End, model: LastCode}\n");
    BOTH(m,
         "Note 01 first\nNote 02 second one\nBox\n Kind A\n Seal S1\n Seal S2\nBox\n Seal S3\n"
         "Mass 1.50\n @unit KGM\nMass 2\n @unit TNE\nWeight 7\nWeight 8\nEnd z\n",
         "Info\n SequenceNumeric 1\n Text first\n Code 01\nInfo\n SequenceNumeric 2\n Text second one\n Code 02\n"
         "Equipment\n TypeCode A\n Seal S1\n Seal S2\nEquipment\n Seal S3\n"
         "Measure 1.50\n @unitCode KGM\nMeasure 2\n @unitCode TNE\nPart\n Share 7\nPart\n Share 8\nLastCode z\n");
    READ(m, "Note 01 first\nNote second\n", NULL, "map.form.text", 1);
    READ(m, "Weight 7\nWeight 8\nWeight 7\n", "Part\n Share 7\nPart\n Share 8\n", "", 0); /* equal ones are one */
    WRITE(m, "Equipment\n Seal S1\n Seal S2\n Seal S3\n", NULL, "wire.full", 0);
    WRITE(m, "Info\n Text x\n", NULL, "map.form.missing", 0);
    dgm_mapping_free(m);
    static const refusal wrong[] = {
        { "map.writers", HEAD "rules:\n- each: {wire: Note, model: Info}\n  rules:\n  - {wire: \".\", model: Text}\n  - {wire: "
                              "^\".\", model: Code}\n" },
        { "map.type", HEAD "rules:\n- each: {wire: Box, model: Info}\n  rules:\n  - {wire: ^\".\", model: Text}\n" },
    };
    refused_all(wrong, sizeof wrong / sizeof *wrong);
    env.wire = old_wire;
    env.model = old_model;
    dgm_shape_free(lines);
    dgm_shape_free(classes);
    static const refusal places[] = {
        { "map.each.places", TOP "- each: {wire: \"FTX[4451=AAA]/C108/^4440\", model: Itinerary}\n  rules:\n"
                                 "  - {wire: \".\", model: RoutingCountryCode}\n" },
    };
    refused_all(places, 1);
}

static dgm_status work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, items,
                     "BGM\n C106\n  1004 R\nSG30\n CST\n  1496 1\n FTX\n  4451 AAA\n  C108\n   4440 a b\n   4440#2 c\n"
                     " SG33\n  MOA\n   C516\n    5025 40\n    5004 1,00\n    6345 EUR\n");
}

static dgm_status work_with_conditions(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from,
                     HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode, name: f}\n"
                          "- {wire: BGM/1004, model: FunctionalReferenceID, when: $f = A}\n"
                          "- {wire: BGM/1004, model: TypeCode, when: $f = 4}\n"
                          "- {wire: BGM/1004, model: AdditionalText, when: $f = 5}\n"
                          "- {wire: BGM/1004, model: Declarant/ID, when: $f = 6}\n"
                          "- {wire: BGM/1004, model: Declarant/Name, when: else}\n",
                     "BGM\n C106\n  1004 R\n 1225 04.0\n");
}

static void no_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work_with_conditions, NULL) > 20);
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 20);
}

static const kit_file files[] = {
    { "codes", "fun",
      "# source: by hand\n# edition: 1\nmodel\twire\tother\ncancel\t1\tD\n>cancel\t99\t\nmake\t9\tC\n*\t!\t=\n=\t\t*\n" },
    { "codes", "list", "# source: by hand\n# edition: 1\ncode\nA\nB\n" },
    { "rules", "common", "fragments:\n  name:\n  - {wire: \"%at/NAD/3036#1\", model: \"%is/Name\"}\n" },
    { 0 },
};

static const test_case cases[] = {
    { "plain rules", plain_rules },
    { "nothing is made for nothing", nothing_is_made_for_nothing },
    { "items and types", items_and_types },
    { "selectors", selectors },
    { "a rule decides a tested value", a_rule_decides_a_tested_value },
    { "places of problems", places_of_problems },
    { "constants", constants },
    { "always", always },
    { "conditions", conditions },
    { "conditions of a name", conditions_of_a_name },
    { "conditions of the index", conditions_of_the_index },
    { "copies", copies },
    { "lists and lines", lists_and_lines },
    { "too much", too_much },
    { "dates and amounts", dates_and_amounts },
    { "codes", codes },
    { "checks and totals", checks_and_totals },
    { "one way", one_way },
    { "fragments", fragments },
    { "order of what is made", order_of_what_is_made },
    { "** copies what stands below", copy_below },
    { "copying into more than came", copy_into_more_than_came },
    { "many conditions at one place", many_conditions_at_one_place },
    { "each over values that repeat", each_over_values },
    { "each allocation fails", no_memory },
    { 0 },
};

int main(void)
{
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_run", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
