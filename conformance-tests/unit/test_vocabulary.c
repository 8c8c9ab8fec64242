/* SPDX-License-Identifier: Apache-2.0
 *
 * test_vocabulary.c - vocabulary files: the declaration that is shipped, every mistake with its place, and the checks of documents.
 * One thread.
 */
#include "conformance-tests/support/test.h"
#include "model/check.h"
#include "model/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>

#define HEAD    "dragoman: model/1\nmodel: M@1\nroot: Doc\nattribute: amount @currencyID code a3\n"
#define COLUMNS "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"

static dgm_status load(const char *text, dgm_diags *diags, dgm_shape **out)
{
    dgm_mem mem = dgm_mem_default();
    return dgm_vocabulary_load(&mem, DGM_LITERAL("m.tsv"), dgm_slice_of(text), diags, out);
}

static dgm_diags *new_diags(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *d = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &d), DGM_OK);
    return d;
}

static void test_declaration(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = new_diags();
    dgm_shape *s;
    dgm_slice file = test_read_file(DGM_MAPPINGS_DIR "/model/declaration.tsv");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file.at);
    CU_ASSERT_EQUAL_FATAL(dgm_vocabulary_load(&mem, DGM_LITERAL("declaration.tsv"), file, diags, &s), DGM_OK);
    union {
        const char *in;
        char *out;
    } bytes = { file.at };
    free(bytes.out); /* the shape borrows nothing */
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    TEST_TEXT(dgm_shape_name(s), "Declaration@1");
    TEST_TEXT(dgm_shape_slot(s, 0)->name, "Declaration");
    TEST_TEXT(dgm_shape_slot(s, dgm_shape_slot(s, 0)->first_child)->name, "DocumentMetaData");
    CU_ASSERT(dgm_shape_slot(s, dgm_shape_slot(s, 0)->first_child)->house);
    static const struct {
        const char *path, *tag;
        dgm_type type;
        uint32_t min, max, length;
        uint8_t decimals;
        uint16_t tded;
    } facts[] = {
        { "FunctionCode", "017", DGM_TYPE_CODE, 1, 1, 2, 0, 1225 },
        { "FunctionalReferenceID", "D026", DGM_TYPE_ID, 0, 1, 35, 255, 1154 },
        { "AcceptanceDateTime", "023", DGM_TYPE_DATE, 0, 1, 0, 255, 2380 },
        { "InvoiceAmount", "109", DGM_TYPE_AMOUNT, 0, 1, 16, 3, 5072 },
        { "TotalGrossMassMeasure", "131", DGM_TYPE_QUANTITY, 0, 1, 16, 6, 6092 },
        { "GoodsItemQuantity", "228", DGM_TYPE_QUANTITY, 0, 1, 5, 0, 6061 },
        { "GoodsShipment/Importer/Name", "R037", DGM_TYPE_TEXT, 0, 1, 70, 255, 3036 },
        { "GoodsShipment/GovernmentAgencyGoodsItem", "68A", DGM_TYPE_NONE, 0, 999, 0, 255, 0 },
        { "GoodsShipment/GovernmentAgencyGoodsItem/SequenceNumeric", "006", DGM_TYPE_NUMBER, 1, 1, 5, 0, 1050 },
        { "DocumentMetaData/WCOTypeName", "", DGM_TYPE_TEXT, 0, 1, 0, 255, 0 },
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        uint32_t at = dgm_shape_find(s, dgm_slice_of(facts[i].path), NULL);
        CU_ASSERT_NOT_EQUAL_FATAL(at, DGM_SLOT_NONE);
        const dgm_slot *slot = dgm_shape_slot(s, at);
        TEST_TEXT(slot->tag, facts[i].tag);
        CU_ASSERT(slot->type == facts[i].type && slot->min == facts[i].min && slot->max == facts[i].max);
        CU_ASSERT(slot->repr.length_max == facts[i].length && slot->repr.decimals == facts[i].decimals);
        CU_ASSERT_EQUAL(slot->tded, facts[i].tded);
        CU_ASSERT_EQUAL(slot->kind, facts[i].type == DGM_TYPE_NONE ? DGM_GROUP : DGM_ELEMENT);
    }
    uint32_t amount = dgm_shape_find(s, DGM_LITERAL("InvoiceAmount"), NULL);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->part_value, amount);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->part_code, dgm_shape_find(s, DGM_LITERAL("InvoiceAmount/@currencyID"), NULL));
    CU_ASSERT_NOT_EQUAL(dgm_shape_find(s, DGM_LITERAL("ID/@schemeID"), NULL), DGM_SLOT_NONE);
    CU_ASSERT_NOT_EQUAL(dgm_shape_find(s, DGM_LITERAL("GoodsShipment/Importer/Name/@languageID"), NULL), DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_find(s, DGM_LITERAL("AcceptanceDateTime/DateTimeString"), NULL), DGM_SLOT_NONE);
    /* the order of the schema, not of the alphabet */
    CU_ASSERT(dgm_shape_find(s, DGM_LITERAL("TypeCode"), NULL) < dgm_shape_find(s, DGM_LITERAL("GoodsItemQuantity"), NULL));
    dgm_shape_free(s);
    dgm_diags_free(diags);
}

/* The slot of a path of the XML profile, or NONE for what is an artefact of the XML; *wanted: it must be there. */
static uint32_t profile_slot(const dgm_shape *s, dgm_slice path, bool *wanted)
{
    static const char above[] = "MetaData/Declaration/", date[] = "/DateTimeString";
    *wanted = path.len > sizeof above && memcmp(path.at, above, sizeof above - 1) == 0 &&
              !memmem(path.at, path.len, date, sizeof date - 1);
    return *wanted ? dgm_shape_find(s, dgm_slice_part(path, sizeof above - 1, path.len), NULL) : DGM_SLOT_NONE;
}

static uint32_t count_of(dgm_slice digits)
{
    uint32_t n = 0;
    for (size_t i = 0; i < digits.len; i++) n = n * 10 + (uint32_t)(digits.at[i] - '0');
    return n;
}

/* What the XML profile can say, the vocabulary can hold: each place is there, with the same type and as many times, and children
 * stand in the same order, so that copying one to the other needs no sorting. */
static void test_holds_the_profile(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = new_diags();
    dgm_shape *s;
    dgm_slice file = test_read_file(DGM_MAPPINGS_DIR "/model/declaration.tsv");
    dgm_slice profile = test_read_file(DGM_MAPPINGS_DIR "/formats/xml/wco-dms2-declaration.tsv");
    CU_ASSERT_FATAL(file.at && profile.at);
    CU_ASSERT_EQUAL_FATAL(dgm_vocabulary_load(&mem, DGM_LITERAL("declaration.tsv"), file, diags, &s), DGM_OK);
    static const char *const types[] = { "-", "text", "code", "id", "number", "date", "amount", "quantity", "flag", "pointer" };
    size_t places = 0;
    uint32_t *last = calloc(dgm_shape_count(s), sizeof *last); /* of each parent: the child met last */
    CU_ASSERT_PTR_NOT_NULL_FATAL(last);
    for (dgm_cut line = { .tail = profile, .found = true }; line.found;) {
        line = dgm_slice_cut(line.tail, '\n');
        dgm_slice c[8] = { { 0 } };
        dgm_cut cell = { .tail = line.head, .found = true };
        for (size_t i = 0; i < 8 && cell.found; i++) {
            cell = dgm_slice_cut(cell.tail, '\t');
            c[i] = cell.head;
        }
        bool wanted;
        uint32_t at = profile_slot(s, c[0], &wanted);
        if (!wanted) continue;
        places++;
        if (at == DGM_SLOT_NONE) {
            fprintf(stderr, "no place for %.*s\n", (int)c[0].len, c[0].at);
            CU_FAIL("the vocabulary cannot hold what the profile can say");
            continue;
        }
        const dgm_slot *slot = dgm_shape_slot(s, at);
        bool attribute = slot->kind == DGM_ATTRIBUTE;
        CU_ASSERT(attribute || dgm_slice_is(c[3], types[slot->type]));
        CU_ASSERT(slot->max == DGM_UNBOUNDED || (!dgm_slice_is(c[2], "*") && count_of(c[2]) <= slot->max));
        CU_ASSERT(slot->min <= count_of(c[1]));
        CU_ASSERT(attribute || at > last[slot->parent]);
        last[slot->parent] = at;
    }
    CU_ASSERT(places > 2000);
    free(last);
    union {
        const char *in;
        char *out;
    } a = { file.at }, b = { profile.at };
    free(a.out);
    free(b.out);
    dgm_shape_free(s);
    dgm_diags_free(diags);
}

/* Each file has one mistake; line and column are counted by hand. */
static void test_mistakes(void)
{
    static const struct {
        const char *text, *code;
        uint32_t line, column;
    } cases[] = {
        { "", "model.file.head", 0, 1 },
        { "model: M@1\n", "model.file.head", 1, 1 },
        { "dragoman: model/2\n", "model.file.head", 1, 1 },
        { "dragoman: model/1\nmodel: M@1\n", "model.file.columns", 2, 1 },
        { "dragoman: model/1\nmodel: M@1\n" COLUMNS, "model.key.missing", 3, 1 },
        { "dragoman: model/1\nmodle: M@1\nroot: D\n" COLUMNS, "model.key.unknown", 2, 1 },
        { "dragoman: model/1\nmodel: M@1\nmodel: N\nroot: D\n" COLUMNS, "model.key.twice", 3, 1 },
        { "dragoman: model/1\nattribute: code listID code -\nmodel: M\nroot: D\n" COLUMNS, "model.attribute.syntax", 2, 12 },
        { HEAD "path\tmin\n", "model.file.columns", 5, 1 },
        { HEAD COLUMNS "A\t0\t1\ttext\n", "model.row.columns", 6, 1 },
        { HEAD COLUMNS "A b\t0\t1\ttext\t-\t-\t-\t-\twco\n", "model.path.syntax", 6, 1 },
        { HEAD COLUMNS "/A\t0\t1\ttext\t-\t-\t-\t-\twco\n", "model.path.syntax", 6, 1 },
        { HEAD COLUMNS "A/B\t0\t1\ttext\t-\t-\t-\t-\twco\n", "model.path.parent", 6, 1 },
        { HEAD COLUMNS "A\t0\t1\ttext\t-\t-\t-\t-\twco\nA\t0\t1\ttext\t-\t-\t-\t-\twco\n", "model.path.twice", 7, 1 },
        { HEAD COLUMNS "A\t0\t1\ttext\t-\t-\t-\t-\twco\nA/B\t0\t1\ttext\t-\t-\t-\t-\twco\n", "model.leaf.child", 7, 1 },
        { HEAD COLUMNS "A\tx\t1\ttext\t-\t-\t-\t-\twco\n", "model.count.syntax", 6, 3 },
        { HEAD COLUMNS "A\t2\t1\ttext\t-\t-\t-\t-\twco\n", "model.count.syntax", 6, 5 },
        { HEAD COLUMNS "A\t0\t0\ttext\t-\t-\t-\t-\twco\n", "model.count.syntax", 6, 5 },
        { HEAD COLUMNS "A\t0\t1\ttxt\t-\t-\t-\t-\twco\n", "model.type.unknown", 6, 7 },
        { HEAD COLUMNS "A\t0\t1\ttext\tx..3\t-\t-\t-\twco\n", "model.format.syntax", 6, 12 },
        { HEAD COLUMNS "A\t0\t1\ttext\tan..\t-\t-\t-\twco\n", "model.format.syntax", 6, 12 },
        { HEAD COLUMNS "A\t0\t1\ttext\tan3,1\t-\t-\t-\twco\n", "model.format.syntax", 6, 12 },
        { HEAD COLUMNS "A\t0\t1\ttext\t-\t-\t10\t-\twco\n", "model.tded.syntax", 6, 16 },
        { HEAD COLUMNS "A\t0\t1\ttext\t-\t-\t-\t-\twho\n", "model.origin.unknown", 6, 20 },
        { HEAD COLUMNS "A\t0\t1\ttext\t-\t-\t-\t\xff\twco\n", "model.file.utf8", 6, 18 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_diags *diags = new_diags();
        dgm_shape *s;
        CU_ASSERT_EQUAL(load(cases[i].text, diags, &s), DGM_CONFIG);
        CU_ASSERT_PTR_NULL(s);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), 1);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(d);
        TEST_TEXT(dgm_slice_of(dgm_diag_name(d->code)), cases[i].code);
        TEST_TEXT(d->source, "m.tsv");
        if (d->line != cases[i].line || d->column != cases[i].column) {
            fprintf(stderr, "case %zu (%s): %u:%u\n", i, cases[i].code, d->line, d->column);
            CU_FAIL("the place of the mistake is wrong");
        }
        dgm_diags_free(diags);
    }
    /* all mistakes at once */
    dgm_diags *diags = new_diags();
    dgm_shape *s;
    CU_ASSERT_EQUAL(load(HEAD COLUMNS "A\tx\t1\ttxt\tq\t-\t1\t-\tme\nB\t0\t1\tcod\t-\t-\t-\t-\twco\n", diags, &s), DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 5);
    TEST_TEXT(dgm_diags_at(diags, 4)->arguments[1].text, "code"); /* did you mean */
    dgm_diags_free(diags);
}

static const char small[] = HEAD COLUMNS "Code\t1\t1\tcode\tan..3\t-\t-\t-\twco\n"
                                         "When\t0\t1\tdate\t-\t-\t-\t-\twco\n"
                                         "Sum\t0\t1\tamount\tn..5,2\t-\t-\t-\twco\n"
                                         "Land\t0\t1\tcode\ta2\t-\t-\t-\twco\r\n"
                                         "# a remark\n\n"
                                         "Item\t0\t2\t-\t-\t-\t-\t-\thouse\n"
                                         "Item/No\t1\t1\tnumber\tn..3\t-\t-\t-\twco\n"
                                         "Item/Flag\t0\t1\tflag\t-\t-\t-\t-\twco\n"
                                         "Item/Word\t0\t1\ttext\tan..4\t-\t-\t-\twco\n"
                                         "Item/Digits\t0\t1\tid\tn4\t-\t-\t-\twco\n";

static const dgm_shape *checked; /* for slots by name */

static uint32_t put(dgm_builder *b, uint32_t parent, const char *path, const char *value)
{
    uint32_t slot = dgm_shape_find(checked, dgm_slice_of(path), NULL);
    CU_ASSERT_NOT_EQUAL_FATAL(slot, DGM_SLOT_NONE);
    return value ? dgm_builder_leaf(b, parent, slot, 0, dgm_slice_of(value)) : dgm_builder_open(b, parent, slot, 0);
}

static void test_check(void)
{
    static const struct {
        const char *place, *value, *code, *path; /* value put beneath a sound document; code NULL: nothing is wrong */
    } cases[] = {
        { "When", "2026-11-21T20:04Z", NULL, NULL },
        { "When", "20261121", "model.value.date", "When" },
        { "When", "2026-02-30", "model.value.date", "When" },
        { "Sum", "123.45", NULL, NULL },
        { "Sum", "-00123.4500", NULL, NULL }, /* zeros without value do not count */
        { "Sum", "12,5", "model.value.number", "Sum" },
        { "Sum", "1234.56", "model.value.digits", "Sum" },
        { "Sum", "1.234", "model.value.decimals", "Sum" },
        { "Land", "GB", NULL, NULL },
        { "Land", "G", "model.value.short", "Land" },
        { "Land", "GBR", "model.value.long", "Land" },
        { "Land", "G1", "model.value.characters", "Land" },
        { "Item/Flag", "true", NULL, NULL },
        { "Item/Flag", "Y", "model.value.flag", "Item#1/Flag" },
        { "Item/Word", "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", NULL, NULL }, /* characters, not bytes */
        { "Item/Word", "words", "model.value.long", "Item#1/Word" },
        { "Item/Digits", "0012", NULL, NULL },
        { "Item/Digits", "001X", "model.value.characters", "Item#1/Digits" },
        { "Item/No", "1000", "model.value.digits", "Item#1/No#1" },
        { "Code", "X", "model.place.once", "" },           /* a second one */
        { "Item", NULL, "model.place.missing", "Item#2" }, /* an item without a number */
    };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = new_diags();
    dgm_shape *s;
    dgm_builder *b;
    CU_ASSERT_EQUAL_FATAL(load(small, diags, &s), DGM_OK);
    checked = s;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_tree *t;
        dgm_diags_clear(diags);
        dgm_builder_begin(b, s, false);
        put(b, 0, "Code", "ABC");
        uint32_t item = put(b, 0, "Item", NULL);
        bool in_item = strncmp(cases[i].place, "Item/", 5) == 0, number = strcmp(cases[i].place, "Item/No") == 0;
        if (!number) put(b, item, "Item/No", "1");
        put(b, in_item ? item : 0, cases[i].place, cases[i].value);
        CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
        CU_ASSERT_EQUAL(dgm_model_check(t, diags), DGM_OK);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), cases[i].code ? 1 : 0);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        if (cases[i].code && d) {
            TEST_TEXT(dgm_slice_of(dgm_diag_name(d->code)), cases[i].code);
            TEST_TEXT(d->path, number ? "Item#1/No" : cases[i].path);
        }
        dgm_tree_free(t);
    }
    /* nothing at all: the mandatory code is missing; three items: one too many, each without its number */
    dgm_tree *t;
    dgm_diags_clear(diags);
    dgm_builder_begin(b, s, false);
    for (int i = 0; i < 3; i++) put(b, 0, "Item", NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    CU_ASSERT_EQUAL(dgm_model_check(t, diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_errors(diags), 5);
    dgm_tree_free(t);
    dgm_builder_free(b);
    dgm_shape_free(s);
    dgm_diags_free(diags);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    dgm_diags *diags;
    dgm_shape *s = NULL;
    dgm_status st = dgm_diags_new(mem, 0, &diags);
    if (st != DGM_OK) return st;
    st = dgm_vocabulary_load(mem, DGM_LITERAL("m.tsv"), dgm_slice_of(ctx), diags, &s);
    dgm_shape_free(s);
    dgm_diags_free(diags);
    return st == DGM_CONFIG ? DGM_OK : st;
}

static void test_memory(void)
{
    char good[sizeof small], bad[] = HEAD COLUMNS "A\tx\t1\ttxt\tq\t-\t1\t-\tme\n";
    memcpy(good, small, sizeof small);
    CU_ASSERT(test_each_allocation_fails(work, good) > 3);
    CU_ASSERT(test_each_allocation_fails(work, bad) > 3);
}

int main(void)
{
    static const test_case cases[] = {
        { "the declaration that is shipped", test_declaration },
        { "it holds what the XML profile can say", test_holds_the_profile },
        { "each mistake has its place", test_mistakes },
        { "documents are checked", test_check },
        { "each allocation may fail", test_memory },
        { NULL, NULL },
    };
    return test_main("vocabulary", cases);
}
