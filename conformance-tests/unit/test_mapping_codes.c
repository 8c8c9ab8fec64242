/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_codes.c - code tables with further columns (`by`) and tables that extend others: both ways, what is unknown, what
 * would not come back, and what is wrong with them.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"

#define BY    TOP "- {wire: BGM/1225, model: FunctionCode, name: kind}\n"
#define KEYED BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: {scheme: $kind}}}\n"

/* A message whose 1225 is the scheme. */
static void message(char *out, size_t room, const char *scheme, const char *code)
{
    snprintf(out, room, "BGM\n C106\n  1004 %s\n 1225 %s\n", code, scheme);
}

static void document(char *out, size_t room, const char *scheme, const char *code)
{
    snprintf(out, room, "FunctionalReferenceID %s\nFunctionCode %s\n", code, scheme);
}

static void further_columns(void)
{
    static const struct {
        const char *scheme, *wire, *model; /* model NULL: the wire's code is unknown; wire NULL: the model's */
        bool one_way;                      /* read only */
    } rows[] = {
        { "ATIGA", "1", "WO", false },    { "ATIGA", "2", "RVC", false },
        { "RCEP", "1", "WO", false },     { "RCEP", "2", "PE", false },   /* the same code in another scheme */
        { "RCEP", "3", "RVC", false },    { "RCEP", "wo", "WO", true },   /* an alias */
        { "CPTPP", "9", "OTHER", false },                                 /* a line for all schemes */
        { "ATIGA", "9", "OTHER", false }, { "RCEP", "9", "NINE", false }, /* but this one has its own */
        { "ATIGA", "3", NULL, false },    { "ATIGA", NULL, "PE", false },
        { "RCEP", NULL, "OTHER", false }, /* would be written 9, which RCEP reads as NINE */
        { "XX", "7", "X7", true },        /* what XX does not know becomes X7 */
        { "YY", "7", "7", false },        /* YY leaves it as it is, both ways */
    };
    dgm_mapping *m = load(KEYED);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char wire[200], model[200];
        if (rows[i].wire) message(wire, sizeof wire, rows[i].scheme, rows[i].wire);
        if (rows[i].model) document(model, sizeof model, rows[i].scheme, rows[i].model);
        if (rows[i].wire) READ(m, wire, rows[i].model ? model : NULL, rows[i].model ? "" : "map.code.unknown", !rows[i].model);
        if (rows[i].model && !rows[i].one_way)
            WRITE(m, model, rows[i].wire ? wire : NULL, rows[i].wire ? "" : "map.code.unknown", !rows[i].wire);
    }
    READ(m, "BGM\n C106\n  1004 1\n", NULL, "map.code.unknown", 1); /* no scheme: only lines for all hold */
    READ(m, "BGM\n C106\n  1004 9\n", "FunctionalReferenceID OTHER\n", "", 0);
    dgm_mapping_free(m);
}

static void two_columns(void)
{
    dgm_mapping *m = load(BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: rates(name code), "
                             "by: {kind: $kind, side: A}}}\n");
    BOTH(m, "BGM\n C106\n  1004 1\n 1225 K\n", "FunctionalReferenceID ka\nFunctionCode K\n");
    BOTH(m, "BGM\n C106\n  1004 1\n 1225 L\n", "FunctionalReferenceID a\nFunctionCode L\n"); /* kind open, side A */
    BOTH(m, "BGM\n C106\n  1004 2\n 1225 L\n", "FunctionalReferenceID any\nFunctionCode L\n");
    BOTH(m, "BGM\n C106\n  1004 2\n 1225 K\n", "FunctionalReferenceID k\nFunctionCode K\n");
    READ(m, "BGM\n C106\n  1004 3\n 1225 L\n", NULL, "map.code.unknown", 1);
    dgm_mapping_free(m);
}

/* A partner's table: its lines go before those of the one it extends, which hold where it says nothing. */
static void extended(void)
{
    dgm_mapping *m = load(TOP "- {wire: BGM/1225, model: FunctionCode, codes: acme}\n");
    BOTH(m, "BGM\n 1225 1\n", "FunctionCode one\n");  /* of the base */
    BOTH(m, "BGM\n 1225 22\n", "FunctionCode two\n"); /* replaced: no longer 2 */
    BOTH(m, "BGM\n 1225 3\n", "FunctionCode drei\n"); /* the code means another thing with this partner */
    BOTH(m, "BGM\n 1225 4\n", "FunctionCode four\n"); /* added */
    READ(m, "BGM\n 1225 2\n", NULL, "map.code.unknown", 1);
    WRITE(m, "FunctionCode three\n", NULL, "map.code.unknown", 1);
    READ(m, "BGM\n 1225 5\n", NULL, "map.code.unknown", 1);
    dgm_mapping_free(m);
}

static dgm_status codes_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, KEYED "- {wire: \"LOC[3227=9]/3225\", model: Declarant/ID, codes: acme}\n",
                     "BGM\n C106\n  1004 1\n 1225 RCEP\nLOC\n 3227 9\n C517\n  3225 22\n");
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(codes_work, NULL) > 20);
}

static const refusal mistakes[] = {
    { "map.code.column", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: {^shceme: $kind}}}\n" },
    { "map.code.column", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: {\"\": ^$kind}}}\n" },
    { "map.name.unknown", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: {scheme: ^$knd}}}\n" },
    { "map.expression.place",
      BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: {scheme: ^=FunctionCode}}}\n" },
    { "map.code.table", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: ^critera, by: {scheme: $kind}}}\n" },
    { "map.key.missing", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: ^{by: {scheme: $kind}}}\n" },
    { "map.key.unknown", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, ^bye: {scheme: $kind}}}\n" },
    { "map.value", BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: criteria, by: ^scheme}}\n" },
};

static void told_at_load(void)
{
    refused_all(mistakes, sizeof mistakes / sizeof *mistakes);
}

/* ^ stands before the place of the table that must be blamed. */
static void tables_refused(void)
{
    static const struct {
        const char *code, *text;
    } tables[] = {
        { "map.code.twice", "# source: a\n# edition: b\nscheme\tmodel\twire\nA\tx\t1\nB\tx\t1\n^A\ty\t1\n" },
        { "map.code.line", "^# source: a\n# edition: b\n# extends: t\nscheme\tmodel\twire\nA\tx\t1\n" },
        { "map.code.table", "^# source: a\n# edition: b\n# extends: nowhere\nscheme\tmodel\twire\nA\tx\t1\n" },
        { "map.code.line", "# source: a\n# edition: b\nscheme\tmodel\twire\n^A\t*\t*\n" },
    };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char text[500];
        size_t before = strcspn(tables[i].text, "^");
        snprintf(text, sizeof text, "%.*s%s", (int)before, tables[i].text, tables[i].text + before + 1);
        kit_file files[] = { { "codes", "t", text }, { 0 } };
        kit_env own = { env.wire, env.model, files };
        dgm_diags *diags;
        dgm_mapping *m = NULL;
        dgm_diags_new(&mem, 0, &diags);
        dgm_mapping_env e = kit_environment(&mem, &own);
        CU_ASSERT_EQUAL(
            dgm_mapping_load(
                &e, DGM_LITERAL("m.yaml"),
                DGM_LITERAL(BY "- {wire: BGM/1004, model: FunctionalReferenceID, codes: {table: t, by: {scheme: $kind}}}\n"), diags,
                &m),
            DGM_CONFIG);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        dgm_place where = dgm_locate(dgm_slice_of(text), before);
        CU_ASSERT_STRING_EQUAL(d ? dgm_diag_name(d->code) : "", tables[i].code);
        CU_ASSERT(d && d->line == where.line && d->column == where.column && dgm_slice_is(d->source, "t"));
        dgm_mapping_free(m);
        dgm_diags_free(diags);
    }
}

static const kit_file files[] = {
    { "codes", "criteria",
      "# source: by hand\n# edition: 1\nscheme\tmodel\twire\nATIGA\tWO\t1\nATIGA\tRVC\t2\nRCEP\tWO\t1\nRCEP\tPE\t2\nRCEP\tRVC\t3\n"
      ">RCEP\tWO\two\n\tOTHER\t9\nRCEP\tNINE\t9\n>XX\tX7\t*\nYY\t*\t=\nYY\t=\t*\n" },
    { "codes", "rates",
      "# source: by hand\n# edition: 1\nkind\tside\tname\tcode\n*\t*\tany\t2\n*\tA\ta\t1\nK\tA\tka\t1\nK\t\tk\t2\nK\tB\tkb\t3\n" },
    { "codes", "numbers", "# source: by hand\n# edition: 1\nmodel\twire\none\t1\ntwo\t2\nthree\t3\n" },
    { "codes", "acme", "# source: by hand\n# edition: 1\n# extends: numbers\nmodel\twire\ntwo\t22\ndrei\t3\nfour\t4\n" },
    { 0 },
};

int main(void)
{
    static const test_case cases[] = {
        { "further columns", further_columns },
        { "two columns", two_columns },
        { "a table that extends another", extended },
        { "each allocation fails", each_allocation_fails },
        { "told at load", told_at_load },
        { "tables refused", tables_refused },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_codes", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
