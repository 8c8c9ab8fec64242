/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_form.c - forms: what may be written, what is refused because it could be cut in two ways, cutting and gluing as
 * inverses, and rules with a form run both ways.
 */
#include "mapping_kit.h"
#include "mapping_shapes.h"
#include "mapping_run_kit.h"
#include "mapping/form.h"

/* ---- forms by themselves ------------------------------------------------------------------------------------------------- */

/* fields: `name=value` with a bar between them, in the order of the form; NULL: the text does not have the form. */
static const struct {
    const char *form, *text, *fields;
} cuts[] = {
    { "{a}-{b}", "1-2", "a=1|b=2" },
    { "{a}-{b}", "1-2-3", "a=1|b=2-3" }, /* the first mark ends the field */
    { "{a}-{b}", "-2", NULL },           /* a field has a value */
    { "{a}-{b}", "12", NULL },
    { "{prefix:n3}-{serial:n8}", "933-77126685", "prefix=933|serial=77126685" },
    { "{prefix:n3}-{serial:n8}", "93-77126685", NULL },
    { "{prefix:n3}-{serial:n8}", "933-771266850", NULL },
    { "{a:n1}{b:n1}{c:n1}", "019", "a=0|b=1|c=9" },
    { "{crit} {pct:n..3.2}%", "RVC 40%", "crit=RVC|pct=40" },
    { "{crit} {pct:n..5.2}%", "RVC 40.25%", "crit=RVC|pct=40.25" },
    { "{crit} {pct:n..6.2}%", "RVC 40.255%", NULL }, /* three digits behind the point */
    { "{crit} {pct:n..6.2}%", "RVC .5%", NULL },
    { "W{hs:n4}", "W0901", "hs=0901" },
    { "{no}|{date:n8}|{line}", "A-1|20261121|3", "no=A-1|date=20261121|line=3" },
    { "{pieces:n..4}{unit:a1}{weight:n..7.1}{?MC{vol:n..9.2}}", "30K120.5MC1.25", "pieces=30|unit=K|weight=120.5|vol=1.25" },
    { "{pieces:n..4}{unit:a1}{weight:n..7.1}{?MC{vol:n..9.2}}", "30K120.5", "pieces=30|unit=K|weight=120.5|vol=" },
    { "{a:an}{?/{b:an}{?/{c:an}}}", "X/Y", "a=X|b=Y|c=" },
    { "{a:an}{?/{b:an}{?/{c:an}}}", "X/Y/Z", "a=X|b=Y|c=Z" },
    { "{a:an}{?/{b:an}{?/{c:an}}}", "X//Z", NULL },
    { "{a}{?-{b}}", "X", "a=X|b=" },
    { "{a}{?-{b}}", "X-Y", "a=X|b=Y" },
    { "{{{a:n}}}", "{12}", "a=12" },                                      /* braces of the text itself */
    { "{a:x2}{b}", "\xC3\xBC\xC3\xA4rest", "a=\xC3\xBC\xC3\xA4|b=rest" }, /* lengths are characters */
    { "{?{a}}|{?{b}}|{?{c}}", "4|x y|use", "a=4|b=x y|c=use" },           /* lists with holes */
    { "{?{a}}|{?{b}}|{?{c}}", "4||use", "a=4|b=|c=use" },
    { "{?{a}}|{?{b}}|{?{c}}", "||", "a=|b=|c=" },
    { "{?{a}}|{?{b}}|{?{c}}", "4|use", NULL },
    { "{?{a}}--{b}", "x-y--z", "a=x-y|b=z" },
    { "{?{a}}--{b}", "--z", "a=|b=z" },
    { "{a:n}{?-{?{b:n}}}", "1-2", "a=1|b=2" }, /* what is optional is there for a value in it */
    { "{a:n}{?-{?{b:n}}}", "1-", NULL },
    { "{a:a..3}{b:n..3}", "AB12", "a=AB|b=12" },
    { "{a:a..3}{b:n..3}", "ABCD12", NULL },
    { "{a:/[A-Z]{2}|\\//}-{b}", "x-y-z", "a=x|b=y-z" }, /* cutting does not ask the pattern: the literal ends the field */
    { "{a:/\\d\\/?/2}{b:n}", "1/23", "a=1/|b=23" },     /* nor does it need one where the length is fixed */
    { "{a:/./..3}-{b}", "abc-d", "a=abc|b=d" },
    { "{a:/./..3}-{b}", "abcd-d", NULL },
};

static void cut_and_glued(void)
{
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        map_form f;
        map_form_fault fault;
        dgm_slice fields[MAP_FORM_FIELDS];
        char got[256] = "";
        if (!dgm_map_form_read(dgm_slice_of(cuts[i].form), &f, &fault)) {
            fprintf(stderr, "%s: %s\n", cuts[i].form, fault.what);
            CU_FAIL("a form was refused");
            continue;
        }
        bool fits = dgm_map_form_cut(&f, dgm_slice_of(cuts[i].text), fields);
        for (uint32_t k = 0; fits && k < f.field_count; k++)
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s%.*s=%.*s", k ? "|" : "", (int)f.names[k].len, f.names[k].at,
                     (int)fields[k].len, fields[k].len ? fields[k].at : "");
        if (fits != (cuts[i].fields != NULL) || (fits && strcmp(got, cuts[i].fields) != 0))
            fprintf(stderr, "%s of %s: %s\n", cuts[i].form, cuts[i].text, fits ? got : "no");
        CU_ASSERT_EQUAL(fits, cuts[i].fields != NULL);
        if (!fits || !cuts[i].fields) continue;
        CU_ASSERT_STRING_EQUAL(got, cuts[i].fields);
        dgm_buffer out;
        uint32_t missing;
        dgm_buffer_init(&out, &mem);
        CU_ASSERT_EQUAL(dgm_map_form_glue(&f, fields, &out, &missing), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), cuts[i].text);
        dgm_buffer_free(&out);
    }
}

/* at: where in the form the fault is. */
static const struct {
    const char *form;
    size_t at;
    bool ambiguous;
} refused_forms[] = {
    { "", 0, false },
    { "abc", 0, false },         /* nothing to cut out */
    { "{a}{b}", 0, true },       /* where does a end? */
    { "{code}{pct}%", 0, true }, /* the proposal's own example */
    { "{a:n..3}{b:n..3}", 0, true },
    { "{a:an..3}{b:n4}", 0, true },
    { "{a:n..5.2}.{b:n}", 0, true }, /* the point may be the number's */
    { "x{a:an}{?{b:n2}}", 1, true }, /* whether b is there */
    { "{?-{a:n}}-{b:n}", 0, true },
    { "{?{a}}{b:n2}", 2, true },
    { "{?{a}}{?|{b}}{c:n1}", 2, true },
    { "{a:n}{?-{b}}{?--{c}}", 5, true },
    { "{a-{b}", 0, false },
    { "{a} b}", 5, false },
    { "{a} {?b}", 7, false }, /* an option without a field */
    { "{a} {?b{c}", 9, false },
    { "{a}-{a}", 4, false },
    { "{a:/x}-{b}", 3, false }, /* a pattern without end */
    { "{a:/x\\/}-{b}", 3, false },
    { "{a:/x/}{b:n}", 0, true }, /* its end is a literal's beginning, or a length */
    { "{a:/x/..4}{b:n}", 0, true },
    { "{a:/x/600}", 3, false },
    { "{a:/x/q}", 3, false },
    { "{a b}", 0, false },
    { "{a:z3}", 3, false },
    { "{a:n3..2}", 3, false },
    { "{a:n0}", 3, false },
    { "{a:a3.2}", 3, false },
    { "{?a{?b{?c{?d{?e{f:n}}}}}}", 12, false }, /* five deep */
    { "{a}:{b}:{c}:{d}:{e}:{f}:{g}:{h}:{i}:{j}:{k}:{l}:{m}:{n}:{o}:{p}:{q}", 64, false },
};

static void forms_refused(void)
{
    for (size_t i = 0; i < sizeof refused_forms / sizeof *refused_forms; i++) {
        map_form f;
        map_form_fault fault;
        bool ok = dgm_map_form_read(dgm_slice_of(refused_forms[i].form), &f, &fault);
        if (ok || fault.at != refused_forms[i].at || fault.ambiguous != refused_forms[i].ambiguous)
            fprintf(stderr, "%s: %s at %zu, %s\n", refused_forms[i].form, ok ? "taken" : "refused", fault.at, fault.what);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_EQUAL(fault.at, refused_forms[i].at);
        CU_ASSERT_EQUAL(fault.ambiguous, refused_forms[i].ambiguous);
        CU_ASSERT(strlen(fault.what) > 10);
        CU_ASSERT_EQUAL(fault.ambiguous, fault.sample[0] != '\0');
    }
}

/* The text that shows why is made of whole characters. */
static void samples(void)
{
    map_form f;
    map_form_fault fault;
    CU_ASSERT_FALSE(dgm_map_form_read(DGM_LITERAL("{a:x..9}\xC3\xA9{b:n}"), &f, &fault));
    CU_ASSERT_STRING_EQUAL(fault.sample, "4\xC3\xA9\xC3\xA9");
    CU_ASSERT_STRING_EQUAL(fault.one, "4 + \xC3\xA9\xC3\xA9");
    CU_ASSERT_STRING_EQUAL(fault.other, "4\xC3\xA9 + \xC3\xA9");
    CU_ASSERT_FALSE(dgm_map_form_read(DGM_LITERAL("{a}{?\xC3\xA9{b}}\xC3\xA9{c:n}"), &f, &fault));
    CU_ASSERT_STRING_EQUAL(fault.sample, "\xC3\xA9…");
    /* What may follow is looked at whole, however many optional parts there are: the last may begin as the literal does. */
    CU_ASSERT_FALSE(dgm_map_form_read(
        DGM_LITERAL("{a:n1}{?{?{?{?-b{b:n1}}}}}{?{?{?{?-c{c:n1}}}}}{?{?{?{?-d{d:n1}}}}}{?{?{?{?-e{e:n1}}}}}-e"), &f, &fault));
    CU_ASSERT_TRUE(fault.ambiguous);
    CU_ASSERT_TRUE(dgm_map_form_read(
        DGM_LITERAL("{a:n1}{?{?{?{?-b{b:n1}}}}}{?{?{?{?-c{c:n1}}}}}{?{?{?{?-d{d:n1}}}}}{?{?{?{?-e{e:n1}}}}}-f"), &f, &fault));
    /* 64 literals and fields, and one more: told where it stands */
    char text[200];
    size_t len = (size_t)snprintf(text, sizeof text, "{a:n}");
    for (size_t i = 0; i < 64; i++) len += (size_t)snprintf(text + len, sizeof text - len, "}}");
    CU_ASSERT_FALSE(dgm_map_form_read(dgm_slice_of(text), &f, &fault));
    CU_ASSERT_EQUAL(fault.at, 5 + 2 * 63);
}

/* Values that a form cannot hold are refused when they are glued, never escaped by guess: whatever glue takes, cut gives back. */
static void values_of_chance(void)
{
    static const char *const forms[] = { "{a}-{b}",        "{a} - {b}",           "{a}aba{b}",      "{a:an..3}{?-{b}}/{c}",
                                         "{a:x3}{b:n..2}", "{a}{?-{b}}{?/{c:n}}", "{a:n..4.2}%{b}", "{?{a:a2}}{b:n2}{?.{c}}" };
    static const char letters[] = "ab1-/ .%";
    test_random chance = { 4711 };
    uint32_t glued = 0, refused = 0;
    for (uint32_t i = 0; i < 40000; i++) {
        map_form f;
        map_form_fault fault;
        dgm_slice fields[MAP_FORM_FIELDS] = { { 0 } }, again[MAP_FORM_FIELDS];
        char room[MAP_FORM_FIELDS][8];
        dgm_buffer out;
        uint32_t missing;
        CU_ASSERT_FATAL(dgm_map_form_read(dgm_slice_of(forms[i % 8]), &f, &fault));
        for (uint32_t k = 0; k < f.field_count; k++) {
            size_t n = test_random_below(&chance, 5);
            for (size_t c = 0; c < n; c++) room[k][c] = letters[test_random_below(&chance, 8)];
            fields[k] = (dgm_slice){ room[k], n };
        }
        dgm_buffer_init(&out, &mem);
        dgm_status s = dgm_map_form_glue(&f, fields, &out, &missing);
        glued += s == DGM_OK;
        refused += s == DGM_INVALID;
        if (s == DGM_OK) {
            CU_ASSERT(dgm_map_form_cut(&f, dgm_buffer_slice(&out), again));
            for (uint32_t k = 0; k < f.field_count; k++) CU_ASSERT(dgm_slice_equal(fields[k], again[k]));
        }
        dgm_buffer_free(&out);
    }
    CU_ASSERT_EQUAL(glued + refused, 40000);
    CU_ASSERT(glued > 1000); /* so that both happen */
    CU_ASSERT(refused > 1000);
}

/* ---- rules with a form --------------------------------------------------------------------------------------------------- */

#define AWB "- {wire: BGM/1004, form: \"{prefix:n3}-{serial:n8}\", model: {prefix: Declarant/ID, serial: FunctionalReferenceID}}\n"

static void one_text_many_values(void)
{
    dgm_mapping *m = load(TOP AWB);
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 933-77126685\n",
         "FunctionalReferenceID 77126685\nTypeCode T\nDeclarant\n ID 933\n");
    BOTH(m, "BGM\n C002\n  1001 T\n", "TypeCode T\n");
    READ(m, "BGM\n C106\n  1004 933/77126685\n", NULL, "map.form.text", 1);
    WRITE(m, "Declarant\n ID 933\n", NULL, "map.form.missing", 0);
    WRITE(m, "FunctionalReferenceID 7712\nDeclarant\n ID 933\n", NULL, "map.form.value", 0);
    dgm_mapping_free(m);
}

static void an_unfit_text_may_be_residue(void)
{
    dgm_mapping *m =
        load(TOP "- {wire: BGM/1004, form: \"{a:n}-{b:n}\", else: warn, model: {b: Declarant/ID, a: Declarant/Name}}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 1-2\n", "TypeCode T\nDeclarant\n ID 2\n Name 1\n");
    READ(m, "BGM\n C002\n  1001 T\n C106\n  1004 x\n", "TypeCode T\n", "map.form.text", 1);
    dgm_mapping_free(m);
}

static void many_places_one_text(void)
{
    dgm_mapping *m = load(TOP "- {wire: {user: \"Party[NAD/3035=MU]/NAD/3036#1\", domain: \"Party[NAD/3035=MU]/NAD/3036#2\"}, "
                              "model: Declarant/Name, form: \"{user}@{domain}\"}\n");
    BOTH(m, "BGM\n C002\n  1001 T\nSG6\n NAD\n  3035 MU\n  C080\n   3036 anna\n   3036#2 example.org\n",
         "TypeCode T\nDeclarant\n Name anna@example.org\n");
    READ(m, "SG6\n NAD\n  3035 MU\n  C080\n   3036 anna\n", NULL, "map.form.missing", 0);
    WRITE(m, "Declarant\n Name anna\n", NULL, "map.form.text", 1);
    dgm_mapping_free(m);
}

/* Types, codes, defaults and names of single fields; an optional part. */
static void fields_with_keys(void)
{
    dgm_mapping *m = load(HEAD "rules:\n- {wire: BGM/1004, form: \"{kind:a2}{n:n..6.2}{?/{day:n8}}\", model: {"
                               "kind: {place: TypeCode, codes: kinds}, n: {place: GoodsItemQuantity, name: count}, "
                               "day: {place: IssueDateTime, as: date 102}}}\n"
                               "- {wire: BGM/1225, model: FunctionCode, when: \"$count = 7\"}\n");
    BOTH(m, "BGM\n C106\n  1004 AB12.50/20261121\n", "TypeCode 1\nIssueDateTime 2026-11-21\nGoodsItemQuantity 12.50\n");
    BOTH(m, "BGM\n C106\n  1004 CD7\n 1225 9\n", "FunctionCode 9\nTypeCode 2\nGoodsItemQuantity 7\n");
    READ(m, "BGM\n C106\n  1004 XX7\n", NULL, "map.code.unknown", 0);
    READ(m, "BGM\n C106\n  1004 AB7/20261321\n", NULL, "map.date.invalid", 0);
    WRITE(m, "TypeCode 3\nGoodsItemQuantity 7\n", NULL, "map.code.unknown", 1);
    WRITE(m, "TypeCode 1\nGoodsItemQuantity -7\n", NULL, "map.form.value", 0); /* n is digits */
    dgm_mapping_free(m);
}

static void fields_that_are_left_out(void)
{
    dgm_mapping *m = load(TOP "- {wire: BGM/1004, form: \"{a:n1}{b:n1}\", model: {a: {place: Declarant/ID, default: 9}, "
                              "b: {place: FunctionalReferenceID, default: 8}}}\n");
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 12\n", "FunctionalReferenceID 2\nTypeCode T\nDeclarant\n ID 1\n");
    WRITE(m, "Declarant\n ID 1\n", "BGM\n C106\n  1004 18\n", "", 0); /* what did not come has its default */
    dgm_mapping_free(m);
}

/* Inside an each, with one value of the whole message among the fields. */
static void in_items(void)
{
    dgm_mapping *m =
        load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode}\n"
                  "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n"
                  "  - {wire: CST/1496, model: SequenceNumeric, number: keep}\n"
                  "  - {wire: \"CST/C246#1/7361\", form: \"{all}/{own}\", model: {all: /TypeCode, own: Commodity/Description}}\n");
    BOTH(m, "BGM\n 1225 9\nSG30\n CST\n  1496 1\n  C246\n   7361 X/A\nSG30\n CST\n  1496 2\n  C246\n   7361 X/B\n",
         "FunctionCode 9\nTypeCode X\nGoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description A\n"
         " Item\n  SequenceNumeric 2\n  Commodity\n   Description B\n");
    dgm_mapping_free(m);
}

/* Office and serial: two letters and six digits, or ZZ alone; the pattern of b would backtrack for years. */
#define OFFICE                                                                                                                     \
    "- {wire: BGM/1004, form: '{office:/[A-Z]{2}\\d{6}|ZZ/}-{serial:/[0-9]+/}', model: {office: Declarant/ID, serial: "            \
    "FunctionalReferenceID}}\n"
#define HARD "- {wire: BGM/1004, form: '{a:/(a+)+$/}{?-{b:n}}', model: {a: Declarant/ID, b: FunctionCode}}\n"

static void patterns(void)
{
    dgm_mapping *m = load(TOP OFFICE);
    BOTH(m, "BGM\n C002\n  1001 T\n C106\n  1004 NL000396-77\n", "FunctionalReferenceID 77\nTypeCode T\nDeclarant\n ID NL000396\n");
    BOTH(m, "BGM\n C106\n  1004 ZZ-1\n", "FunctionalReferenceID 1\nDeclarant\n ID ZZ\n");
    READ(m, "BGM\n C106\n  1004 NL00396-77\n", NULL, "map.form.text", 1);
    READ(m, "BGM\n C106\n  1004 ZZ-7-7\n", NULL, "map.form.text", 1);      /* the first mark ends the office */
    READ(m, "BGM\n C106\n  1004 ZZ-\xD9\xA3\n", NULL, "map.form.text", 1); /* an Arabic three is no 0-9 */
    WRITE(m, "FunctionalReferenceID 77\nDeclarant\n ID nl000396\n", NULL, "map.form.value", 0);
    WRITE(m, "FunctionalReferenceID 7x\nDeclarant\n ID ZZ\n", NULL, "map.form.value", 0);
    dgm_mapping_free(m);
    m = load(TOP "- {wire: BGM/1004, form: '{a:/[\\p{L}&&[^X]]+/..3}', model: {a: Declarant/Name}}\n"); /* characters, not bytes */
    BOTH(m, "BGM\n C106\n  1004 \xC3\xA9\xF0\x9D\x92\x9C\xCE\xA9\n", "Declarant\n Name \xC3\xA9\xF0\x9D\x92\x9C\xCE\xA9\n");
    READ(m, "BGM\n C106\n  1004 aXb\n", NULL, "map.form.text", 1);
    READ(m, "BGM\n C106\n  1004 abcd\n", NULL, "map.form.text", 1);
    dgm_mapping_free(m);
}

/* A pattern that would try 2^40 ways is given up after some steps, which are counted, not timed; both ways. Whether it is given up
 * depends on the text and the message alone. */
static void patterns_that_take_too_long(void)
{
    dgm_mapping *m = load(TOP HARD);
    BOTH(m, "BGM\n C106\n  1004 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-7\n",
         "FunctionCode 7\nDeclarant\n ID aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
    READ(m, "BGM\n C106\n  1004 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n", NULL, "map.form.effort", 1);
    READ(m, "BGM\n C106\n  1004 aaab\n", NULL, "map.form.text", 1);
    WRITE(m, "Declarant\n ID aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\n", NULL, "map.form.effort", 0);
    dgm_mapping_free(m);
    m = load(HEAD "rules:\n- {wire: BGM/1225, model: FunctionCode}\n"
                  "- each: {wire: Item, model: GoodsShipment/Item}\n  rules:\n"
                  "  - {wire: \"CST/C246#1/7361\", form: '{a:/(a|aa)+b/}', model: {a: Commodity/Description}}\n");
    static char items[64 * 999 + 1]; /* each within what one text may cost, all of them far beyond what the message may */
    size_t at = 0;
    for (int i = 0; i < 999; i++)
        at += (size_t)snprintf(items + at, sizeof items - at, "SG30\n CST\n  C246\n   7361 aaaaaaaaaaaaaaaaaaaa\n");
    dgm_tree *tree = kit_tree(env.wire, items), *out = NULL;
    dgm_diags *diags;
    dgm_runner *r;
    dgm_diags_new(&mem, 1000, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&mem, NULL, &r), DGM_OK);
    CU_ASSERT_EQUAL(dgm_mapping_run(r, m, DGM_READ, tree, NULL, diags, &out), DGM_INVALID);
    size_t texts = 0, efforts = 0, count = dgm_diags_count(diags);
    for (size_t i = 0; i < count; i++) {
        texts += !efforts && dgm_diags_at(diags, i)->code == DGM_D_MAP_FORM_TEXT;
        efforts += dgm_diags_at(diags, i)->code == DGM_D_MAP_FORM_EFFORT;
    }
    CU_ASSERT_EQUAL(texts + efforts, count); /* from some text on none is asked */
    CU_ASSERT(texts > 0 && efforts > 0);
    dgm_runner_free(r);
    dgm_diags_free(diags);
    dgm_tree_free(tree);
    dgm_mapping_free(m);
}

static dgm_status pattern_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from, TOP OFFICE, "BGM\n C106\n  1004 NL000396-77\n");
}

static dgm_status form_work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    return work_with(from,
                     TOP AWB
                     "- {wire: {u: \"Party[NAD/3035=MU]/NAD/3036#1\", d: \"Party[NAD/3035=MU]/NAD/3036#2\"}, model: Exporter/Name, "
                     "form: \"{u}@{d}\"}\n",
                     "BGM\n C106\n  1004 933-77126685\nSG6\n NAD\n  3035 MU\n  C080\n   3036 anna\n   3036#2 example.org\n");
}

static void each_allocation_fails(void)
{
    CU_ASSERT(test_each_allocation_fails(form_work, NULL) > 20);
    CU_ASSERT(test_each_allocation_fails(pattern_work, NULL) > 20);
}

/* ---- mistakes ------------------------------------------------------------------------------------------------------------ */

static const refusal mistakes[] = {
    { "map.form.syntax", TOP "- {wire: BGM/1004, form: \"^{a-{b}\", model: {a: Declarant/ID, b: FunctionCode}}\n" },
    { "map.form.ambiguous", TOP "- {wire: BGM/1004, form: \"^{a}{b}%\", model: {a: Declarant/ID, b: FunctionCode}}\n" },
    { "map.form.pattern", TOP "- {wire: BGM/1004, form: '{a:/x(^b/}-{b}', model: {a: Declarant/ID, b: FunctionCode}}\n" },
    { "map.form.pattern", TOP "- {wire: BGM/1004, form: '{a:/\xC3\xA9*+^*/}-{b}', model: {a: Declarant/ID, b: FunctionCode}}\n" },
    { "map.form.pattern", TOP "- {wire: BGM/1004, form: '{a:/[b-^a]/}', model: {a: Declarant/ID}}\n" },
    { "map.form.pattern", TOP "- {wire: BGM/1004, form: '{a:/^/}', model: {a: Declarant/ID}}\n" },
    { "map.form.syntax", TOP "- {wire: BGM/1004, form: '{a:^/x}', model: {a: Declarant/ID}}\n" },
    { "map.form.field",
      TOP "- {wire: BGM/1004, form: \"{prefix}-{b}\", model: {^perfix: Declarant/ID, b: FunctionCode, prefix: Declarant/Name}}\n" },
    { "map.key.missing", TOP "- {wire: BGM/1004, form: \"{a}-{b}\", model: ^{a: Declarant/ID}}\n" },
    { "map.key.missing", TOP "- ^{wire: BGM/1004, form: \"{a}-{b}\"}\n" },
    { "map.key.missing", TOP "- {wire: BGM/1004, form: \"{a:n}\", model: {a: ^{as: number}}}\n" },
    { "map.key.unknown", TOP "- {wire: BGM/1004, form: \"{a:n}\", model: {a: {place: Declarant/ID, ^cods: x}}}\n" },
    { "map.combination", TOP "- ^{wire: BGM/1004, form: \"{a}\", model: Declarant/ID}\n" },
    { "map.combination", TOP "- {wire: BGM/1004, model: ^{a: Declarant/ID}}\n" },
    { "map.combination", TOP "- ^{wire: BGM/1004, form: \"{a}\", model: {a: Declarant/ID}, name: x}\n" },
    { "map.path.unknown", TOP "- {wire: BGM/1004, form: \"{a}\", model: {a: Declarant/^Id}}\n" },
    { "map.writers", TOP "- {wire: BGM/1004, form: \"{a:n1}{b:n1}\", model: {a: Declarant/ID, b: ^Declarant/ID}}\n" },
};

static void told_at_load(void)
{
    refused_all(mistakes, sizeof mistakes / sizeof *mistakes);
}

int main(void)
{
    static const kit_file files[] = { { "codes", "kinds", "# source: none\n# edition: 1\nmodel\twire\n1\tAB\n2\tCD\n" }, { 0 } };
    static const test_case cases[] = {
        { "cut and glued", cut_and_glued },
        { "forms refused", forms_refused },
        { "texts that show why", samples },
        { "values of chance", values_of_chance },
        { "one text, many values", one_text_many_values },
        { "an unfit text may be residue", an_unfit_text_may_be_residue },
        { "many places, one text", many_places_one_text },
        { "fields with keys", fields_with_keys },
        { "fields that are left out", fields_that_are_left_out },
        { "in items", in_items },
        { "patterns", patterns },
        { "patterns that take too long", patterns_that_take_too_long },
        { "each allocation fails", each_allocation_fails },
        { "told at load", told_at_load },
        { 0 },
    };
    mem = dgm_mem_default();
    dgm_shape *wire = kit_shape("w", wire_text), *model = kit_shape("M@1", model_text);
    env = (kit_env){ wire, model, files };
    int failed = test_main("mapping_form", cases);
    dgm_shape_free(wire);
    dgm_shape_free(model);
    return failed;
}
