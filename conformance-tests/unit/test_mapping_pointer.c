/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_pointer.c - pointers as values: chains in a text and in occurrences of a class, canonical places, what is kept
 * because it names nothing, other identifiers by a table; and what is refused at load.
 */
#include "mapping_kit.h"
#include "mapping_run_kit.h"

#include "model/generate.h"

static const char wire_text[] = "Number E 0 1 t\n"
                                "Error G 0 u\n"
                                " Code E 0 1 t\n"
                                " Pointer G 0 9\n"
                                "  SequenceNumeric E 0 1 n id=006\n"
                                "  DocumentSectionCode E 0 1 t id=375\n"
                                "  TagID E 0 1 t id=381\n"
                                " Where E 0 1 t\n"
                                " Group G 0 1\n"
                                "  Part E 0 1 t\n"
                                "Change G 0 u\n"
                                " Reason E 0 1 t\n"
                                " Where E 0 1 t\n";
static const char model_text[] = "ID E 0 1 i id=D014\n"
                                 "Error G 0 u id=53A\n"
                                 " ValidationCode E 0 1 c id=377\n"
                                 " Pointer E 0 1 p\n"
                                 " Other E 0 1 p\n"
                                 "Amendment G 0 u id=06A\n"
                                 " ChangeReasonCode E 0 1 c id=099\n"
                                 " Pointer G 0 u id=97A\n"
                                 "  SequenceNumeric E 0 1 n id=006\n"
                                 "  DocumentSectionCode E 0 1 c id=375\n"
                                 "  TagID E 0 1 i id=381\n"
                                 "House G 0 1\n"
                                 " Name E 0 1 t id=R001\n"
                                 "GoodsShipment G 0 1 id=67A\n"
                                 " Item G 0 u id=68A\n"
                                 "  SequenceNumeric E 0 1 n id=006\n"
                                 "  Commodity G 0 1 id=23A\n"
                                 "   Description E 0 1 t id=137\n"
                                 "   Classification G 0 u id=21A\n"
                                 "    ID E 0 1 i id=145\n";

#define POINTERS "dragoman: mapping/1\nmapping: m\nwire: {format: w}\nmodel: Declaration@1\nrules:\n"

static const char rules[] = POINTERS "- each: {wire: Error, model: Error}\n"
                                     "  rules:\n"
                                     "  - {wire: Code, model: ValidationCode}\n"
                                     "  - {wire: Pointer, model: Pointer, as: pointer, of: Declaration, codes: ids}\n"
                                     "  - {wire: Where, model: Other, as: pointer, of: Declaration@1}\n"
                                     "- each: {wire: Change, model: Amendment}\n"
                                     "  rules:\n"
                                     "  - {wire: Reason, model: ChangeReasonCode}\n"
                                     "  - {wire: Where, model: Pointer, as: pointer, of: Declaration}\n";

static const kit_file files[] = { { "codes", "ids", "# source: s\n# edition: e\nmodel\twire\n23A\t23X\n> 137\t337\n" }, { 0 } };

#define STEP(class)            " Pointer\n  DocumentSectionCode " class "\n"
#define STEP_OF(number, class) " Pointer\n  SequenceNumeric " number "\n  DocumentSectionCode " class "\n"

static void a_class_spells_it(void)
{
    dgm_mapping *m = load(rules);
    BOTH(m,
         "Error\n Code 12\n" STEP("42A") STEP("67A") STEP_OF("2", "68A")
             STEP("23X") " Pointer\n  SequenceNumeric 3\n  DocumentSectionCode 21A\n  TagID 145\n"
                         "Error\n Code 13\n" STEP("42A") " Pointer\n  DocumentSectionCode 67A\n",
         "Error\n ValidationCode 12\n Pointer GoodsShipment/Item#2/Commodity/Classification#3/ID\n"
         "Error\n ValidationCode 13\n Pointer GoodsShipment\n");
    BOTH(m, "Error\n" STEP("42A"), "Error\n Pointer /\n");
    /* a number where one stands says nothing, a class that repeats needs none; an answer names itself before the document */
    READ(m, "Error\n" STEP_OF("1", "42A") STEP_OF("1", "67A") STEP("68A"), "Error\n Pointer GoodsShipment/Item\n", "", 0);
    READ(m, "Error\n" STEP("07B") STEP_OF("2", "42A") STEP_OF("2", "06A"), "Error\n Pointer Amendment#2\n", "", 0);
    READ(m, "Error\n" STEP("42A") STEP("67A") STEP_OF("1", "68A") " Pointer\n  DocumentSectionCode 23A\n  TagID 337\n",
         "Error\n Pointer GoodsShipment/Item#1/Commodity/Description\n", "", 0);
    WRITE(m, "Error\n Pointer GoodsShipment/Item#1/Commodity/Description\n",
          "Error\n" STEP("42A") STEP("67A") STEP_OF("1", "68A") " Pointer\n  DocumentSectionCode 23X\n  TagID 137\n", "", 0);
    dgm_mapping_free(m);
}

static void what_names_nothing_is_kept(void)
{
    dgm_mapping *m = load(rules);
    const char *wire = "Error\n" STEP_OF("1", "42A") STEP_OF("4", "99Z") " Pointer\n  DocumentSectionCode 23A\n  TagID 999\n";
    const char *model = "Error\n Pointer 42A#1 99Z#4 23A/999\n";
    READ(m, wire, model, "pointer.unresolved", 0);
    WRITE(m, model, "Error\n" STEP_OF("1", "42A") STEP_OF("4", "99Z") " Pointer\n  DocumentSectionCode 23X\n  TagID 999\n", "", 0);
    READ(m, "Error\n Where 42A 67A/999\n", "Error\n Other 42A 67A/999\n", "pointer.unresolved", 0);
    WRITE(m, "Error\n Other 42A 67A/999\n", "Error\n Where 42A 67A/999\n", "", 0);
    WRITE(m, "Error\n Other GoodsShipment/Itme\n", NULL, "pointer.unknown", 1);
    WRITE(m, "Error\n Other House/Name\n", NULL, "pointer.unsaid", 1);
    READ(m, "Error\n" STEP("4 2"), NULL, "pointer.parts", 0);
    dgm_mapping_free(m);
}

static void a_text_spells_it(void)
{
    dgm_mapping *m = load(rules);
    BOTH(m, "Error\n Where 42A 67A 68A#12/006\n", "Error\n Other GoodsShipment/Item#12/SequenceNumeric\n");
    READ(m, "Error\n Where 67A  68A#1\n", "Error\n Other GoodsShipment/Item#1\n", "", 0);
    BOTH(m, "Change\n Reason 28\n Where 42A 67A 68A#2 23A/137\n",
         "Amendment\n ChangeReasonCode 28\n" STEP("42A") STEP("67A")
             STEP_OF("2", "68A") " Pointer\n  DocumentSectionCode 23A\n  TagID 137\n");
    READ(m, "Change\n Where 42A#1 67A#1 68A#2\n", "Amendment\n" STEP("42A") STEP("67A") STEP_OF("2", "68A"), "", 0);
    WRITE(m, "Amendment\n" STEP_OF("1", "42A") STEP_OF("1", "67A"), "Change\n Where 42A 67A\n", "", 0);
    dgm_mapping_free(m);
}

static void it_may_end_early(void)
{
    dgm_mapping *m = load(POINTERS "- each: {wire: Error, model: Error}\n  rules:\n"
                                   "  - {wire: Where, model: Other, as: pointer, of: Declaration, lose: ours have none}\n");
    WRITE(m, "Error\n Other House/Name\n", "Error\n Where 42A\n", "map.reduced", 0);
    dgm_mapping_free(m);
}

static void no_room(void)
{
    dgm_mapping *m = load(rules);
    char wire[2048] = "Error\n", model[256] = "Error\n Pointer 1ZZ";
    for (int i = 0; i < 9; i++) snprintf(model + strlen(model), sizeof model - strlen(model), " 1ZZ");
    WRITE(m, model, NULL, "wire.full.text", 0);
    for (int i = 0; i < 9; i++) snprintf(wire + strlen(wire), sizeof wire - strlen(wire), STEP("1ZZ"));
    READ(m, wire, "Error\n Pointer 1ZZ 1ZZ 1ZZ 1ZZ 1ZZ 1ZZ 1ZZ 1ZZ 1ZZ\n", "pointer.unresolved", 0);
    dgm_mapping_free(m);
}

/* Documents of chance point at places that any document has, so that the laws can be tried on them. */
static void by_chance(void)
{
    const dgm_wish wish = { .seed = 7, .presence = 100, .many = 1 };
    dgm_builder *b = NULL;
    dgm_tree *t = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_generate(b, env.model, &wish, &t), DGM_OK);
    TEST_TEXT(dgm_tree_text(t, "Error/Pointer"), "/");
    dgm_tree_free(t);
    dgm_builder_free(b);
}

#define IN_ERROR POINTERS "- each: {wire: Error, model: Error}\n  rules:\n"
static const refusal refusals[] = {
    { "map.key.missing", IN_ERROR "  - ^{wire: Where, model: Other, as: pointer}\n" },
    { "map.combination", IN_ERROR "  - {wire: Where, model: ValidationCode, ^of: Declaration}\n" },
    { "map.shape", IN_ERROR "  - {wire: Where, model: Other, as: pointer, of: ^Declaratoin}\n" },
    { "map.type", IN_ERROR "  - {wire: ^Group, model: Other, as: pointer, of: Declaration}\n" },
    { "map.combination", IN_ERROR "  - ^{wire: Where, model: Other, as: pointer, of: Declaration, number: keep}\n" },
    { "map.combination", IN_ERROR "  - ^{wire: Pointer, model: Pointer, as: pointer, of: Declaration, default: x}\n" },
    { "map.combination", IN_ERROR "  - ^{wire: Pointer, as: pointer, of: Declaration, is: x}\n" },
    { "map.path.many", IN_ERROR "  - {wire: ^Pointer, model: Pointer}\n" },
    { "map.combination", "dragoman: mapping/1\nmapping: m\nwire: {model: Declaration@1}\nmodel: Declaration@1\nrules:\n"
                         "- each: {wire: Amendment, model: Amendment}\n  rules:\n"
                         "  - ^{wire: Pointer, model: Pointer, as: pointer, of: Declaration}\n" },
};

static void refused(void)
{
    refused_all(refusals, sizeof refusals / sizeof *refusals);
}

static dgm_status work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, rules,
                     "Error\n Code 1\n" STEP("42A") STEP("67A") STEP_OF("1", "68A") " Where 42A 67A/1\nChange\n Where 42A 67A\n");
}

static void memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 20);
}

int main(void)
{
    static const test_case cases[] = {
        { "a class spells it", a_class_spells_it },
        { "what names nothing is kept", what_names_nothing_is_kept },
        { "a text spells it", a_text_spells_it },
        { "it may end early", it_may_end_early },
        { "no room", no_room },
        { "by chance", by_chance },
        { "refused at load", refused },
        { "each allocation fails", memory },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("Declaration@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_pointer", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
