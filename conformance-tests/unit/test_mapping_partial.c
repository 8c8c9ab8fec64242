/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_partial.c - messages that say only what changes: while `partial` holds, what is not said is only not mentioned. The
 * same messages with and without it.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"

#define RULES                                                                                                                      \
    "rules:\n"                                                                                                                     \
    "- {wire: BGM/1225, model: FunctionCode, name: function}\n"                                                                    \
    "- {wire: BGM/1004, model: FunctionalReferenceID, default: NONE}\n"                                                            \
    "- {wire: \"CNT[6069=5]/6066\", is: \"=count(GoodsShipment/Item)\"}\n"                                                         \
    "- each: {wire: Item, model: GoodsShipment/Item}\n"                                                                            \
    "  rules:\n"                                                                                                                   \
    "  - {wire: CST/1496, model: SequenceNumeric, number: keep}\n"                                                                 \
    "  - {wire: \"CST/C246#1/7361\", model: Commodity/Description, default: goods}\n"                                              \
    "  - {wire: \"CST/C246#2/7361\", model: \"AdditionalDocument#1/ID\"}\n"

static void what_is_not_said(void)
{
    dgm_mapping *m = load(HEAD "partial: \"$function in (4, 13)\"\n" RULES);
    /* in a whole message defaults hold and numbers are given */
    READ(m, "BGM\n 1225 9\nSG30\n CST\n  C246#2\n   7361 A\nCNT\n C270\n  6069 5\n  6066 1\n",
         "FunctionalReferenceID NONE\nFunctionCode 9\nGoodsShipment\n Item\n  SequenceNumeric 1\n"
         "  AdditionalDocument\n   ID A\n",
         "", 0);
    READ(m, "BGM\n 1225 9\nCNT\n C270\n  6069 5\n  6066 4\n", NULL, "map.is", 1);
    /* in one that says only what changes they do not, and a total may be of more than is said */
    READ(m, "BGM\n 1225 13\nSG30\n CST\n  C246#2\n   7361 A\nCNT\n C270\n  6069 5\n  6066 4\n",
         "FunctionCode 13\nGoodsShipment\n Item\n  AdditionalDocument\n   ID A\n", "", 0);
    READ(m, "BGM\n 1225 4\nSG30\n CST\n  1496 7\n", "FunctionCode 4\nGoodsShipment\n Item\n  SequenceNumeric 7\n", "", 0);
    /* and the same when writing */
    WRITE(m, "FunctionCode 9\nGoodsShipment\n Item\n  AdditionalDocument\n   ID A\n",
          "BGM\n C106\n  1004 NONE\n 1225 9\nSG30\n CST\n  1496 1\n  C246\n   7361 goods\n  C246#2\n   7361 A\n", "", 0);
    WRITE(m, "FunctionCode 13\nGoodsShipment\n Item\n  AdditionalDocument\n   ID A\n",
          "BGM\n 1225 13\nSG30\n CST\n  C246#2\n   7361 A\n", "", 0);
    dgm_mapping_free(m);
}

/* A value that is usual anyway is said when only what changes is: left out it would not be mentioned. */
static void what_is_usual_is_said(void)
{
    dgm_mapping *m = load(HEAD "partial: \"$function = 13\"\nrules:\n- {wire: BGM/1225, model: FunctionCode, name: function}\n"
                               "- {wire: BGM/C106/1004, model: FunctionalReferenceID, default: {value: NONE, write: omit}}\n");
    WRITE(m, "FunctionalReferenceID NONE\nFunctionCode 9\n", "BGM\n 1225 9\n", "", 0);
    BOTH(m, "BGM\n C106\n  1004 NONE\n 1225 13\n", "FunctionalReferenceID NONE\nFunctionCode 13\n");
    BOTH(m, "BGM\n 1225 13\n", "FunctionCode 13\n");
    dgm_mapping_free(m);
}

static void totals_rest(void)
{
    dgm_mapping *m =
        load(HEAD "partial: \"$function = 13\"\n" RULES "- {wire: \"CNT[6069=16]/6066\", is: \"=count(GoodsShipment/Item)\", "
                  "always: true}\n");
    WRITE(m, "FunctionCode 9\nFunctionalReferenceID R\n", "BGM\n C106\n  1004 R\n 1225 9\nCNT\n C270\n  6069 16\n  6066 0\n", "",
          0);
    WRITE(m, "FunctionCode 13\nFunctionalReferenceID R\n", "BGM\n C106\n  1004 R\n 1225 13\nCNT\n C270\n  6069 16\n", "", 0);
    dgm_mapping_free(m);
}

static const refusal refusals[] = {
    { "map.name.unknown", HEAD "partial: \"^$functoin = 13\"\n" RULES },
    { "map.when.else", HEAD "partial: ^else\n" RULES },
    { "map.kind", HEAD "partial: ^[a]\n" RULES },
    { "map.combination", HEAD RULES "  - {wire: ^\"/**\", model: \"/**\"}\n" },
};

static void refused(void)
{
    refused_all(refusals, sizeof refusals / sizeof *refusals);
}

int main(void)
{
    static const test_case cases[] = { { "what is not said", what_is_not_said },
                                       { "what is usual is said", what_is_usual_is_said },
                                       { "totals rest", totals_rest },
                                       { "refused at load", refused },
                                       { 0 } };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, NULL };
    int failed = test_main("mapping_partial", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
