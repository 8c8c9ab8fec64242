/* SPDX-License-Identifier: Apache-2.0
 *
 * test_amend.c - messages that say only what changes: applied to the document they change, and made of two documents. Expected
 * documents are worked out by hand; documents of chance hold the two against each other.
 */
#include "mapping_kit.h"

#include "model/amend.h"
#include "model/generate.h"

static const char shape_text[] = "FunctionCode E 0 1 c id=017\n"
                                 "FunctionalReferenceID E 0 1 i id=D026\n"
                                 "ID E 0 1 i id=D014\n"
                                 "TypeCode E 0 1 c id=D013\n"
                                 "InvoiceAmount E 0 1 a v=. c=@currencyID id=109\n"
                                 " @currencyID A 0 1 c\n"
                                 "AdditionalInformation G 0 u id=03A\n"
                                 " StatementDescription E 0 1 t id=225\n"
                                 " Pointer G 0 u id=97A\n"
                                 "  SequenceNumeric E 0 1 n id=006\n"
                                 "  DocumentSectionCode E 0 1 c id=375\n"
                                 "  TagID E 0 1 i id=381\n"
                                 "Amendment G 0 u id=06A\n"
                                 " ChangeReasonCode E 0 1 c id=099\n"
                                 " Pointer G 0 u id=97A\n"
                                 "  SequenceNumeric E 0 1 n id=006\n"
                                 "  DocumentSectionCode E 0 1 c id=375\n"
                                 "  TagID E 0 1 i id=381\n"
                                 "GoodsShipment G 0 1 id=67A\n"
                                 " Item G 0 u id=68A\n"
                                 "  SequenceNumeric E 0 1 n id=006\n"
                                 "  Document G 0 u id=02A\n"
                                 "   ID E 0 1 i id=D005\n"
                                 "   TypeCode E 0 1 c id=D006\n"
                                 "  Commodity G 0 1 id=23A\n"
                                 "   Description E 0 1 t id=137\n"
                                 "   Weight E 0 1 n id=128\n";

static dgm_mem mem;
static dgm_shape *shape;

static void codes_of(const dgm_diags *diags, char *out, size_t room)
{
    out[0] = '\0';
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        snprintf(out + strlen(out), room - strlen(out), "%s%s", i ? " " : "", dgm_diag_name(dgm_diags_at(diags, i)->code));
}

/* wanted NULL: refused. */
static void check(bool makes, const char *base, const char *other, const char *wanted, const char *codes, int line)
{
    dgm_tree *a = kit_tree(shape, base), *b = kit_tree(shape, other), *made = NULL;
    dgm_diags *diags;
    dgm_builder *out;
    char names[256];
    const dgm_amend_head head = { DGM_LITERAL("13"), DGM_LITERAL("COR"), { 0 }, DGM_LITERAL("32") };
    dgm_diags_new(&mem, 0, &diags);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &out), DGM_OK);
    dgm_builder_begin(out, shape, false);
    dgm_status s = makes ? dgm_amend_make(&mem, a, b, &head, diags, out) : dgm_amend_apply(&mem, a, b, diags, out);
    if (s == DGM_OK) CU_ASSERT_EQUAL(dgm_builder_freeze(out, &made, NULL), DGM_OK);
    if (made) CU_ASSERT(dgm_tree_sound(made));
    if (s == DGM_OK && makes) s = dgm_amend_prove(&mem, a, made, b, diags);
    char *text = made ? kit_text(made) : NULL;
    codes_of(diags, names, sizeof names);
    bool same = wanted ? s == DGM_OK && text && strcmp(text, wanted) == 0 : s == DGM_INVALID;
    if (!same || strcmp(names, codes) != 0) {
        fprintf(stderr, "line %d: status %d, \"%s\"\n%s", line, (int)s, names, text ? text : "");
        kit_show(diags);
    }
    CU_ASSERT(same);
    CU_ASSERT_STRING_EQUAL(names, codes);
    free(text);
    if (made) dgm_tree_free(made);
    dgm_builder_free(out);
    dgm_diags_free(diags);
    dgm_tree_free(a);
    dgm_tree_free(b);
}
#define APPLY(base, partial, wanted, codes) check(false, base, partial, wanted, codes, __LINE__)
#define MAKE(base, full, wanted, codes)     check(true, base, full, wanted, codes, __LINE__)

#define AT(class)                    " Pointer\n  DocumentSectionCode " class "\n"
#define NTH(number, class)           " Pointer\n  SequenceNumeric " number "\n  DocumentSectionCode " class "\n"
#define LEAF(class, tag)             " Pointer\n  DocumentSectionCode " class "\n  TagID " tag "\n"
#define NTH_LEAF(number, class, tag) " Pointer\n  SequenceNumeric " number "\n  DocumentSectionCode " class "\n  TagID " tag "\n"

static const char base[] = "FunctionCode 9\nFunctionalReferenceID LRN1\nTypeCode IMA\nInvoiceAmount 100\n @currencyID EUR\n"
                           "GoodsShipment\n"
                           " Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID B\n"
                           "  Commodity\n   Description tea\n   Weight 5\n"
                           " Item\n  SequenceNumeric 2\n  Commodity\n   Description cups\n";

static void values_are_set(void)
{
    /* one value, another currency, one that was not there; what the message repeats for people says nothing */
    APPLY(base,
          "FunctionCode 13\nFunctionalReferenceID LRN2\nTypeCode COR\nInvoiceAmount 120\n @currencyID GBP\n"
          "AdditionalInformation\n StatementDescription weight\n" NTH("1", "42A")
              NTH("1", "06A") "Amendment\n ChangeReasonCode 28\n" NTH_LEAF(
                  "1", "42A", "109") "Amendment\n ChangeReasonCode 28\n" AT("42A") NTH("1", "67A") NTH("2", "68A")
                  NTH_LEAF("1", "23A",
                           "128") "GoodsShipment\n Item\n  SequenceNumeric 2\n  Commodity\n   Description cups\n   Weight 7.5\n",
          "FunctionCode 9\nFunctionalReferenceID LRN1\nTypeCode IMA\nInvoiceAmount 120\n @currencyID GBP\n"
          "GoodsShipment\n"
          " Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID B\n"
          "  Commodity\n   Description tea\n   Weight 5\n"
          " Item\n  SequenceNumeric 2\n  Commodity\n   Description cups\n   Weight 7.5\n",
          "");
}

static void occurrences_come_and_go(void)
{
    /* the second item goes; a third document behind the two that are sent again; an item with a number of its own */
    APPLY(
        base,
        "Amendment\n" AT("42A") AT("67A") NTH("2", "68A") "Amendment\n" AT("42A") AT("67A") NTH("1", "68A")
            NTH_LEAF("3", "02A", "D005") "Amendment\n" AT("42A") AT("67A") NTH(
                "4", "68A") "GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID B\n"
                            "  Document\n   ID C\n Item\n  SequenceNumeric 4\n  Commodity\n   Description jam\n",
        "FunctionCode 9\nFunctionalReferenceID LRN1\nTypeCode IMA\nInvoiceAmount 100\n @currencyID EUR\n"
        "GoodsShipment\n"
        " Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID B\n  Document\n   ID C\n"
        "  Commodity\n   Description tea\n   Weight 5\n"
        " Item\n  SequenceNumeric 4\n  Commodity\n   Description jam\n",
        "");
    /* numbers are those of the base: both documents go, whichever is told first; a value goes, its class stays */
    APPLY(base,
          "Amendment\n" AT("42A") AT("67A") NTH("1", "68A") NTH("1", "02A") "Amendment\n" AT("42A") AT("67A") NTH("1", "68A")
              NTH("2", "02A") "Amendment\n" AT("42A") AT("67A") NTH("2", "68A") LEAF("23A", "137") "Amendment\n" LEAF("42A", "109"),
          "FunctionCode 9\nFunctionalReferenceID LRN1\nTypeCode IMA\nGoodsShipment\n"
          " Item\n  SequenceNumeric 1\n  Commodity\n   Description tea\n   Weight 5\n"
          " Item\n  SequenceNumeric 2\n  Commodity\n",
          "");
    /* an item made on the way to a value says its number; one between others stands there */
    APPLY("GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n  SequenceNumeric 3\n",
          "Amendment\n" AT("42A") AT("67A") NTH("2", "68A")
              LEAF("23A", "128") "GoodsShipment\n Item\n  SequenceNumeric 2\n  Commodity\n   Weight 1\n",
          "GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n  SequenceNumeric 2\n  Commodity\n   Weight 1\n"
          " Item\n  SequenceNumeric 3\n",
          "");
}

static void what_is_told(void)
{
    APPLY(base, "FunctionCode 13\n", NULL, "amend.none");
    APPLY(base, "Amendment\n ChangeReasonCode 1\n", NULL, "amend.no-pointer");
    APPLY(base, "Amendment\n" AT("42A") AT("99Z"), NULL, "amend.pointer");
    APPLY(base, "Amendment\n" AT("42A"), NULL, "amend.pointer");
    APPLY("ID 1\nInvoiceAmount 1\n", "ID 2\nAmendment\n" LEAF("42A", "109"), NULL, "amend.other");
    APPLY("InvoiceAmount 1\n", "Amendment\n" AT("42A") LEAF("67A", "1"), NULL, "amend.pointer");
    APPLY("InvoiceAmount 1\n", "Amendment\n" AT("42A") AT("67A"), "InvoiceAmount 1\n", "amend.nothing");
    /* the second value differs and nothing points at it */
    APPLY("GoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description tea\n   Weight 5\n",
          "Amendment\n" AT("42A") AT("67A") NTH("1", "68A")
              LEAF("23A", "128") "GoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description coffee\n   Weight 6\n",
          "GoodsShipment\n Item\n  SequenceNumeric 1\n  Commodity\n   Description tea\n   Weight 6\n", "amend.beside");
    APPLY("GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n   ID A\n",
          "Amendment\n" AT("42A") AT("67A") NTH("1", "68A") NTH_LEAF(
              "3", "02A",
              "D005") "GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n   ID A\n  Document\n   ID B\n  Document\n   ID C\n",
          NULL, "amend.gap amend.beside"); /* C is pointed at */
}

static void made_of_two(void)
{
    MAKE(base,
         "FunctionCode 9\nFunctionalReferenceID LRN1\nTypeCode IMA\nInvoiceAmount 100\n @currencyID GBP\n"
         "GoodsShipment\n"
         " Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID X\n"
         "  Commodity\n   Description tea\n"
         " Item\n  SequenceNumeric 3\n  Commodity\n   Description jam\n",
         "FunctionCode 13\nFunctionalReferenceID LRN1\nTypeCode COR\nInvoiceAmount 100\n @currencyID GBP\n"
         "Amendment\n ChangeReasonCode 32\n" LEAF("42A", "109") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A")
             NTH("2", "68A") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A")
                 NTH("3", "68A") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A") NTH("1", "68A")
                     LEAF("23A", "128") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A") NTH("1", "68A")
                         NTH_LEAF("2", "02A",
                                  "D005") "GoodsShipment\n"
                                          " Item\n  SequenceNumeric 1\n  Document\n   ID A\n   TypeCode 380\n  Document\n   ID X\n"
                                          " Item\n  SequenceNumeric 3\n  Commodity\n   Description jam\n",
         "");
    /* the first document goes, and in the one sent again a value that went is not repeated */
    MAKE(
        "GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n   ID A\n  Document\n   ID B\n   TypeCode 1\n  Document\n   ID C\n",
        "GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n   ID B\n  Document\n   ID D\n",
        "FunctionCode 13\nTypeCode COR\n"
        "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A") NTH("1", "68A")
            NTH("1", "02A") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A") NTH("1", "68A")
                NTH_LEAF("3", "02A", "D005") "Amendment\n ChangeReasonCode 32\n" AT("42A") AT("67A") NTH("1", "68A") NTH_LEAF(
                    "2", "02A",
                    "D006") "GoodsShipment\n Item\n  SequenceNumeric 1\n  Document\n  Document\n   ID B\n  Document\n   ID D\n",
        "");
    MAKE("TypeCode IMA\nInvoiceAmount 1\n", "TypeCode EXA\nInvoiceAmount 2\n",
         "FunctionCode 13\nTypeCode COR\nInvoiceAmount 2\nAmendment\n ChangeReasonCode 32\n" LEAF("42A", "109"), "amend.kept");
    MAKE("GoodsShipment\n Item\n  SequenceNumeric 1\n Item\n  SequenceNumeric 2\n",
         "GoodsShipment\n Item\n  SequenceNumeric 2\n Item\n  SequenceNumeric 1\n", NULL, "amend.cannot"); /* another order */
    MAKE("InvoiceAmount 1\n", "InvoiceAmount 1\nGoodsShipment\n", NULL, "amend.cannot");
    MAKE("ID A\n", "ID B\n", NULL, "amend.other");
}

/* A document in which every class holds something. */
static dgm_tree *by_seed(uint64_t seed, dgm_builder *b)
{
    static const dgm_wish_choice numbered[] = { { .path = "GoodsShipment/Item/SequenceNumeric", .needed = true }, { 0 } };
    const dgm_wish wish = { .seed = seed, .presence = 60, .many = 4, .choices = numbered, .ordinal = "SequenceNumeric" };
    dgm_tree *t = NULL, *whole = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_generate(b, shape, &wish, &t), DGM_OK);
    bool *drop = calloc(t->node_count, sizeof *drop);
    CU_ASSERT_FATAL(drop != NULL);
    const uint32_t number = dgm_shape_child(shape, DGM_SLOT_ROOT, DGM_LITERAL("ID"), 1); /* all are one document */
    for (uint32_t n = 1; n < t->node_count; n++) drop[n] = dgm_node_slot(&t->nodes[n]) == number;
    CU_ASSERT_EQUAL_FATAL(dgm_tree_without(b, t, drop, true, &whole), DGM_OK);
    free(drop);
    dgm_tree_free(t);
    return whole;
}

/* Of each two documents of chance the message between them is made, and makes the one of the other; or it is told why not. */
static void by_chance(void)
{
    unsigned made = 0, refused = 0;
    dgm_builder *out;
    dgm_diags *diags;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &out), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        dgm_tree *a = by_seed(seed, out), *b = by_seed(seed + 999, out), *part = NULL;
        const dgm_amend_head head = { .function = DGM_LITERAL("13") };
        dgm_diags_clear(diags);
        dgm_builder_begin(out, shape, false);
        dgm_status s = dgm_amend_make(&mem, a, b, &head, diags, out);
        if (s == DGM_OK) CU_ASSERT_EQUAL(dgm_builder_freeze(out, &part, NULL), DGM_OK);
        if (s == DGM_OK) s = dgm_amend_prove(&mem, a, part, b, diags);
        char names[8192];
        codes_of(diags, names, sizeof names);
        made += s == DGM_OK;
        refused += s == DGM_INVALID && strstr(names, "amend.cannot");
        if (s != DGM_OK && s != DGM_INVALID) kit_show(diags);
        if (part) dgm_tree_free(part);
        dgm_tree_free(a);
        dgm_tree_free(b);
    }
    if (made < 300 || made + refused != 400) fprintf(stderr, "%u made, %u refused\n", made, refused);
    CU_ASSERT(made >= 300);
    CU_ASSERT_EQUAL(made + refused, 400);
    dgm_builder_free(out);
    dgm_diags_free(diags);
}

static dgm_status work(const dgm_mem *from, void *ctx)
{
    (void)ctx;
    dgm_tree *a = kit_tree(shape, base),
             *b = kit_tree(shape, "InvoiceAmount 1\nGoodsShipment\n Item\n  SequenceNumeric 2\n  Document\n   ID Z\n");
    dgm_tree *part = NULL;
    dgm_diags *diags = NULL;
    dgm_builder *out = NULL;
    const dgm_amend_head head = { .function = DGM_LITERAL("13") };
    dgm_status s = dgm_diags_new(from, 0, &diags);
    if (s == DGM_OK) s = dgm_builder_new(from, NULL, &out);
    if (s == DGM_OK) s = dgm_builder_begin(out, shape, false);
    if (s == DGM_OK) s = dgm_amend_make(from, a, b, &head, diags, out);
    if (s == DGM_OK) s = dgm_builder_freeze(out, &part, NULL);
    if (s == DGM_OK) s = dgm_amend_prove(from, a, part, b, diags);
    if (part) dgm_tree_free(part);
    dgm_builder_free(out);
    dgm_diags_free(diags);
    dgm_tree_free(a);
    dgm_tree_free(b);
    return s;
}

static void memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "values are set", values_are_set },
        { "occurrences come and go", occurrences_come_and_go },
        { "what is told", what_is_told },
        { "made of two", made_of_two },
        { "by chance", by_chance },
        { "each allocation fails", memory },
        { 0 },
    };
    mem = dgm_mem_default();
    shape = kit_shape("Declaration@1", shape_text);
    int failed = test_main("amend", cases);
    dgm_shape_free(shape);
    return failed;
}
