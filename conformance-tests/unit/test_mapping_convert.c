/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_convert.c - numbers that the two sides give in other units, exactly or as the rule rounds; and parameters with
 * types.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"
#include "base/decimal.h"
#include "mapping/units.h"

/* 1225 holds a number here, whatever its name is. */
#define RULE(keys) TOP "- {wire: BGM/1225, model: GoodsItemQuantity, as: number, " keys "}\n"

static void numbers(const char *keys, const char *wire, const char *model, bool back, int line)
{
    char yaml[600], in[100] = "", out[100] = "";
    snprintf(yaml, sizeof yaml, RULE("%s"), keys);
    dgm_mapping *m = load(yaml);
    if (wire) snprintf(in, sizeof in, "BGM\n 1225 %s\n", wire);
    if (model) snprintf(out, sizeof out, "GoodsItemQuantity %s\n", model);
    if (wire && model) run(m, DGM_READ, in, out, "", 0, line);
    if (wire && !model) run(m, DGM_READ, in, NULL, "map.lossy", 1, line);
    if (back) run(m, DGM_WRITE, out, in, "", 0, line);
    if (!wire) run(m, DGM_WRITE, out, NULL, "map.lossy", 1, line);
    dgm_mapping_free(m);
}
#define NUMBERS(keys, wire, model, back) numbers(keys, wire, model, back, __LINE__)

static void converted(void)
{
    NUMBERS("convert: {wire: GRM, model: KGM}", "12500", "12.5", true);
    NUMBERS("convert: {wire: KGM, model: GRM}", "0.0005", "0.5", true);
    NUMBERS("convert: {wire: TNE, model: KGM}", "1.25", "1250", true);
    NUMBERS("convert: {wire: LBR, model: KGM}", "100", "45.359237", true);
    NUMBERS("convert: {wire: LBR, model: KGM}", NULL, "1", false); /* 2.2046… pounds: no end */
    NUMBERS("convert: {wire: KGM, model: LBR}", "1", NULL, false);
    NUMBERS("convert: {wire: KGM, model: LBR}", "0.90718474", "2", true);
    NUMBERS("convert: {wire: MIN, model: HUR}", "90", "1.5", true);
    NUMBERS("convert: {wire: MIN, model: HUR}", "10", NULL, false); /* a sixth of an hour */
    NUMBERS("convert: {wire: INH, model: CMT}", "10", "25.4", true);
    NUMBERS("convert: {wire: DZN, model: C62}", "2", "24", true);
    NUMBERS("convert: {wire: GLL, model: LTR}", "1", "3.785411784", true);
    NUMBERS("convert: {factor: 100}", "0.19", "19", true); /* a rate as a fraction, and in per cent */
    NUMBERS("convert: {factor: 0.001}", "1", "0.001", true);
    NUMBERS("convert: {factor: 100}", "-0.5", "-50", true);
}

/* Writing may round when the rule says so; reading never. */
static void rounded(void)
{
    dgm_mapping *m = load(RULE("convert: {wire: LBR, model: KGM}, scale: 2, round: half-up, lose: \"pounds have two digits\""));
    WRITE(m, "GoodsItemQuantity 1\n", "BGM\n 1225 2.20\n", "", 0);
    READ(m, "BGM\n 1225 2.20\n", "GoodsItemQuantity 0.997903214\n", "", 0);
    dgm_mapping_free(m);
}

/* A quantity whose wire has no unit: the number is converted, `unit` says the unit of the model. */
static void quantities(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID}\n"
                               "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n"
                               "  - {wire: CST/1496, model: Commodity/GrossMassMeasure, as: quantity, unit: KGM, scale: 3, "
                               "convert: {wire: GRM, model: KGM}}\n");
    READ(m, "SG30\n CST\n  1496 500\n", "GoodsShipment\n Item\n  Commodity\n   GrossMassMeasure 0.5\n    @unitCode KGM\n", "", 0);
    WRITE(m, "GoodsShipment\n Item\n  Commodity\n   GrossMassMeasure 0.5\n    @unitCode KGM\n", "SG30\n CST\n  1496 500.000\n", "",
          0);
    WRITE(m, "GoodsShipment\n Item\n  Commodity\n   GrossMassMeasure 0.5\n    @unitCode TNE\n", NULL, "map.lossy", 2);
    dgm_mapping_free(m);
}

/* Factors of one kind agree with what is known otherwise. */
static void factors(void)
{
    static const struct {
        const char *one, *many, *times;
    } known[] = {
        { "YRD", "FOT", "3" },     { "FOT", "INH", "12" },   { "SMI", "YRD", "1760" }, { "LBR", "ONZ", "16" },
        { "STN", "LBR", "2000" },  { "LTN", "LBR", "2240" }, { "FTK", "INK", "144" },  { "YDK", "FTK", "9" },
        { "FTQ", "INQ", "1728" },  { "YDQ", "FTQ", "27" },   { "GLL", "INQ", "231" },  { "BLL", "GLL", "42" },
        { "HAR", "MTK", "10000" }, { "HLT", "LTR", "100" },  { "TNE", "DTN", "10" },   { "WEE", "DAY", "7" },
        { "DAY", "HUR", "24" },    { "KWH", "WHR", "1000" }, { "GRO", "DZN", "12" },   { "KGM", "CTM", "5000" },
    };
    dgm_arena a;
    dgm_arena_init(&a, &mem);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const map_unit *one = dgm_map_unit(dgm_slice_of(known[i].one)), *many = dgm_map_unit(dgm_slice_of(known[i].many));
        dgm_slice product = { 0 };
        CU_ASSERT_FATAL(one && many && one->kind == many->kind);
        CU_ASSERT_EQUAL(dgm_decimal_multiply(&a, dgm_slice_of(many->factor), dgm_slice_of(known[i].times), &product), DGM_OK);
        if (dgm_decimal_compare(product, dgm_slice_of(one->factor)) != 0) fprintf(stderr, "%s %s\n", known[i].one, known[i].many);
        CU_ASSERT_EQUAL(dgm_decimal_compare(product, dgm_slice_of(one->factor)), 0);
    }
    dgm_arena_free(&a);
    CU_ASSERT_PTR_NULL(dgm_map_unit(DGM_LITERAL("KG")));
}

static void typed_parameters(void)
{
    dgm_mapping *m =
        load(HEAD "params: {rate: {as: number, default: \"1.5\"}, swap: {as: flag, default: \"false\"}, day: {as: date, default: "
                  "2026-11-21}}\n"
                  "rules:\n- {wire: BGM/1225, model: FunctionCode}\n- {wire: BGM/1004, model: TypeCode, when: \"$swap = true\"}\n");
    static const struct {
        const char *name, *value;
        dgm_status status;
    } given[] = {
        { "rate", "2", DGM_OK },        { "rate", "two", DGM_INVALID },  { "swap", "true", DGM_OK },
        { "swap", "yes", DGM_INVALID }, { "day", "2026-01-01", DGM_OK }, { "day", "20260101", DGM_INVALID },
        { "rates", "2", DGM_INVALID },
    };
    dgm_tree *in = kit_tree(env.wire, "BGM\n 1225 9\n");
    for (size_t i = 0; m && i < sizeof given / sizeof *given; i++) {
        dgm_diags *diags;
        dgm_runner *r;
        dgm_tree *out = NULL;
        dgm_diags_new(&mem, 0, &diags);
        CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
        dgm_param p = { dgm_slice_of(given[i].name), dgm_slice_of(given[i].value) };
        dgm_run_options o = { .params = &p, .param_count = 1 };
        CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, in, &o, diags, &out), given[i].status);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        if (given[i].status != DGM_OK)
            CU_ASSERT_STRING_EQUAL(d ? dgm_diag_name(d->code) : "",
                                   i + 1 < sizeof given / sizeof *given ? "map.parameter.value" : "map.parameter.unknown");
        if (out) dgm_runner_recycle(r, out);
        dgm_runner_free(r);
        dgm_diags_free(diags);
    }
    dgm_tree_free(in);
    dgm_mapping_free(m);
}

static dgm_status convert_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, RULE("convert: {wire: LBR, model: KGM}"), "BGM\n 1225 100\n");
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(convert_work, NULL) > 20);
}

static const refusal mistakes[] = {
    { "map.unit", RULE("convert: {wire: ^GRAM, model: KGM}") },
    { "map.combination", RULE("convert: ^{wire: GRM, model: LTR}") },
    { "map.value", RULE("convert: ^{wire: GRM}") },
    { "map.value", RULE("convert: {factor: ^0}") },
    { "map.value", RULE("convert: ^{factor: 2, wire: GRM}") },
    { "map.key.unknown", RULE("convert: {wire: GRM, model: KGM, ^fator: 2}") },
    { "map.combination", TOP "- ^{wire: BGM/1225, model: FunctionCode, convert: {factor: 2}}\n" },
    { "map.parameter.value",
      HEAD "params: {rate: {as: number, default: ^much}}\nrules:\n- {wire: BGM/1225, model: FunctionCode}\n" },
    { "map.value", HEAD "params: {rate: {as: ^decimal}}\nrules:\n- {wire: BGM/1225, model: FunctionCode}\n" },
};

static void told_at_load(void)
{
    refused_all(mistakes, sizeof mistakes / sizeof *mistakes);
}

int main(void)
{
    static const test_case cases[] = {
        { "converted", converted },
        { "rounded", rounded },
        { "quantities", quantities },
        { "factors", factors },
        { "typed parameters", typed_parameters },
        { "each allocation fails", each_allocation_fails },
        { "told at load", told_at_load },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, NULL };
    int failed = test_main("mapping_convert", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
