/* SPDX-License-Identifier: Apache-2.0
 *
 * test_document.c - documents made by hand through the public interface: what is set comes out, in the order of the format,
 * whatever the order of setting; wrong paths are told with the nearest name; trees are walked; outputs hold what was written; each
 * allocation may fail.
 */
#include "conformance-tests/support/test.h"

#include "base/buffer.h"
#include "base/diag.h"

#include <limits.h>
#include <stdlib.h>

static dgm_context *context;
static dgm_diags *diags;

static dgm_status set(dgm_document *d, const char *path, const char *value)
{
    return dgm_document_set(d, dgm_slice_of(path), dgm_slice_of(value), diags);
}

static dgm_document *make(const char *format)
{
    dgm_document *d = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_document_new(context, dgm_slice_of(format), diags, &d), DGM_OK);
    return d;
}

static const dgm_tree *tree_of(dgm_document *d)
{
    const dgm_tree *t = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_document_tree(d, &t), DGM_OK);
    return t;
}

/* The record told last, which is taken away: its code, and its last argument. */
static void told(const char *code, const char *last)
{
    size_t n = dgm_diags_count(diags);
    CU_ASSERT_EQUAL(n, 1);
    const dgm_diag *d = dgm_diags_at(diags, 0);
    if (d) {
        CU_ASSERT_STRING_EQUAL(dgm_diag_name(d->code), code);
        CU_ASSERT(d->argument_count > 0);
        if (d->argument_count) TEST_TEXT(d->arguments[d->argument_count - 1].text, last);
    }
    dgm_diags_clear(diags);
}

static const dgm_named settings[] = { { { "sender", 6 }, { "A", 1 } },
                                      { { "recipient", 9 }, { "B", 1 } },
                                      { { "reference", 9 }, { "7", 1 } } };

/* Writes trees as one interchange, from UNH of the first on. */
static dgm_buffer written(const char *to, const dgm_tree *const *trees, size_t n, size_t setting_count)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer b;
    dgm_buffer_init(&b, &mem);
    dgm_output *o = NULL;
    dgm_status s = dgm_output_open(context, dgm_slice_of(to), settings, setting_count, dgm_buffer_sink(&b), diags, &o);
    for (size_t i = 0; i < n && s == DGM_OK; i++) s = dgm_output_write(o, trees[i]);
    if (s == DGM_OK) s = dgm_output_finish(o);
    CU_ASSERT_EQUAL(s, DGM_OK);
    dgm_output_free(o);
    return b;
}

static void has(const dgm_buffer *b, const char *part)
{
    size_t n = strlen(part);
    bool found = false;
    for (size_t i = 0; i + n <= b->len && !found; i++) found = memcmp(b->at + i, part, n) == 0;
    if (!found) fprintf(stderr, "no %s in %.*s\n", part, (int)b->len, b->at);
    CU_ASSERT(found);
}

static void order_is_the_formats(void)
{
    dgm_document *d = make("CUSDEC:D:96B:UN");
    /* Backwards, and groups out of their order. */
    CU_ASSERT_EQUAL(set(d, "UNS/0081", "D"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "SG6#2/NAD/C082/3039", "TWO"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "SG6#2/NAD/3035", "IM"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "SG6/NAD/C080/3036#2", "second line"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "SG6/NAD/3035", "EX"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "BGM/C002/1001", "930"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "BGM/C002/1001", "929"), DGM_OK); /* the last one holds */
    CU_ASSERT_EQUAL(set(d, "UNS#2/0081", "S"), DGM_OK);      /* D.96B has two, each a place of its own */
    CU_ASSERT_EQUAL(set(d, "UNS#3/0081", "S"), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    const dgm_tree *t = tree_of(d);
    CU_ASSERT_EQUAL(set(d, "BGM/1225", "9"), DGM_USAGE); /* it is a tree by now */
    TEST_TEXT(dgm_tree_text(t, "SG6#2/NAD/C082/3039"), "TWO");
    TEST_TEXT(dgm_tree_text(t, "SG6#1/NAD/3035"), "EX");
    TEST_TEXT(dgm_tree_text(t, "SG6/NAD/C080/3036#2"), "second line");
    TEST_TEXT(dgm_tree_text(t, "SG6/NAD/C080/3036"), "");
    TEST_TEXT(dgm_tree_text(t, "SG6#3/NAD/3035"), "");
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    dgm_document_free(d);
}

static void any_directory(void)
{
    dgm_document *d = make("INVOIC:D.01B");
    CU_ASSERT_EQUAL(set(d, "BGM/C106/1004", "X+Y"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "BGM/C002/1001", "380"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "DTM/C507/2005", "137"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "UNS/0081", "S"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "SG50/MOA/C516/5025", "77"), DGM_OK);
    const dgm_tree *t = tree_of(d);
    dgm_document *e = make("INVOIC:D.01B");
    CU_ASSERT_EQUAL(set(e, "BGM/C106/1004", "second"), DGM_OK);
    CU_ASSERT_EQUAL(set(e, "DTM/C507/2005", "137"), DGM_OK);
    CU_ASSERT_EQUAL(set(e, "UNS/0081", "S"), DGM_OK);
    CU_ASSERT_EQUAL(set(e, "SG50/MOA/C516/5025", "9"), DGM_OK);
    const dgm_tree *both[] = { t, tree_of(e) };
    dgm_buffer b = written("edifact", both, 2, 3);
    has(&b, "UNB+UNOC:3+A+B+");
    has(&b, "+7'UNH+1+INVOIC:D:01B:UN'BGM+380+X?+Y'DTM+137'UNS+S'MOA+77'UNT+6+1'"
            "UNH+2+INVOIC:D:01B:UN'BGM++second'DTM+137'UNS+S'MOA+9'UNT+6+2'UNZ+2+7'");
    dgm_buffer_free(&b);
    /* The document may be made anew. */
    dgm_document_clear(e);
    CU_ASSERT_EQUAL(set(e, "BGM/C106/1004", "third"), DGM_OK);
    TEST_TEXT(dgm_tree_text(tree_of(e), "BGM/C106/1004"), "third");
    TEST_TEXT(dgm_tree_text(tree_of(e), "UNS/0081"), "");
    dgm_document_free(e);
    dgm_document_free(d);
}

static void models_and_xml(void)
{
    dgm_document *d = make("wco-declaration");
    CU_ASSERT_EQUAL(set(d, "Declaration/FunctionCode", "9"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "Declaration/GoodsShipment/Invoice/AmountAmount/@currencyID", "EUR"), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(set(d, "Declaration/InvoiceAmount", "12.50"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "Declaration/InvoiceAmount/@currencyID", "EUR"), DGM_OK);
    const dgm_tree *t = tree_of(d);
    TEST_TEXT(dgm_tree_text(t, "Declaration/InvoiceAmount/@currencyID"), "EUR");
    dgm_buffer b = written("wco-declaration", &t, 1, 0);
    has(&b, "<InvoiceAmount currencyID=\"EUR\">12.50</InvoiceAmount>");
    dgm_buffer_free(&b);
    dgm_document_free(d);
    d = make("json:Declaration@1");
    CU_ASSERT_EQUAL(set(d, "FunctionCode", "9"), DGM_OK);
    t = tree_of(d);
    b = written("json:Declaration@1", &t, 1, 0);
    has(&b, "\"FunctionCode\": \"9\"");
    dgm_buffer_free(&b);
    dgm_document_free(d);
}

static void wrong_names_are_told(void)
{
    dgm_document *d = NULL;
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL("cusdec-d96c"), diags, &d), DGM_UNKNOWN);
    CU_ASSERT_PTR_NULL(d);
    told("job.format.unknown", "cusdec-d96b");
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL("CUSDEK:D.96B"), diags, &d), DGM_UNKNOWN);
    told("edifact.format.message", "CUSDEC");
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL("CUSDEC:D.66B"), diags, &d), DGM_UNKNOWN);
    told("edifact.format.directory", "D.93A to D.24A");
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL("json:Declaratoin@1"), diags, &d), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL(""), diags, &d), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(dgm_document_new(context, DGM_LITERAL("::"), diags, &d), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    d = make("CUSDEC:D.96B");
    static const char *const wrong[][2] = {
        { "BGM/C002/1002", "1001" },   { "BGN/C002/1001", "BGM" },   { "BGM//1001", "" },
        { "BGM/C002#2/1001", "C002" }, { "SG6#11/NAD/3035", "SG6" }, { "SG6#0/NAD/3035", "SG6" },
        { "SG6#/NAD/3035", "SG6" },    { "SG6#x/NAD/3035", "SG6" },  { "BGM/C002/1001/1", "" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CU_ASSERT_EQUAL(set(d, wrong[i][0], "1"), DGM_UNKNOWN);
        told("document.path.unknown", wrong[i][1]);
    }
    CU_ASSERT_EQUAL(set(d, "BGM/C002", "1"), DGM_UNKNOWN);
    told("document.path.group", "BGM/C002");
    CU_ASSERT_EQUAL(set(d, "", "1"), DGM_UNKNOWN);
    told("document.path.group", "");
    dgm_document_free(d);
}

static void outputs_refuse(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer b;
    dgm_buffer_init(&b, &mem);
    dgm_output *o = NULL;
    dgm_named wrong = { DGM_LITERAL("sendr"), DGM_LITERAL("A") };
    CU_ASSERT_EQUAL(dgm_output_open(context, DGM_LITERAL("edifact"), &wrong, 1, dgm_buffer_sink(&b), diags, &o), DGM_CONFIG);
    CU_ASSERT_PTR_NULL(o);
    told("job.setting.unknown", "sender");
    CU_ASSERT_EQUAL(dgm_output_open(context, DGM_LITERAL("edifakt"), NULL, 0, dgm_buffer_sink(&b), diags, &o), DGM_UNKNOWN);
    dgm_diags_clear(diags);
    /* A message that lacks what it must have is refused, and the next goes on. */
    dgm_document *d = make("INVOIC:D.01B");
    CU_ASSERT_EQUAL(set(d, "BGM/C106/1004", "1"), DGM_OK);
    dgm_document *good = make("APERAK:D.96B");
    CU_ASSERT_EQUAL(set(good, "BGM/1225", "27"), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_output_open(context, DGM_LITERAL("edifact"), settings, 3, dgm_buffer_sink(&b), diags, &o), DGM_OK);
    CU_ASSERT_EQUAL(dgm_output_write(o, tree_of(d)), DGM_INVALID);
    CU_ASSERT(dgm_diags_errors(diags) >= 2); /* DTM, UNS, SG50 */
    dgm_diags_clear(diags);
    CU_ASSERT_EQUAL(dgm_output_write(o, tree_of(good)), DGM_OK);
    CU_ASSERT_EQUAL(dgm_output_write(o, NULL), DGM_USAGE);
    CU_ASSERT_EQUAL(dgm_output_finish(o), DGM_OK);
    has(&b, "+7'UNH+1+APERAK:D:96B:UN'BGM+++27'UNT+3+1'UNZ+1+7'");
    dgm_output_free(o);
    dgm_document_free(good);
    dgm_document_free(d);
    dgm_buffer_free(&b);
}

/* Every node is reached once, parents before children, by below and after alone. */
static uint32_t count(const dgm_tree *t, uint32_t node, uint32_t wanted)
{
    dgm_view v, child;
    CU_ASSERT_EQUAL(node, wanted);
    CU_ASSERT_FATAL(dgm_tree_view(t, node, &v));
    uint32_t n = 1;
    for (uint32_t c = v.below; c < v.after; c = child.after) {
        CU_ASSERT_FATAL(dgm_tree_view(t, c, &child));
        n += count(t, c, node + n);
    }
    return n;
}

static void walking(void)
{
    dgm_document *d = make("wco-declaration");
    CU_ASSERT_EQUAL(set(d, "Declaration/FunctionCode", "9"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "Declaration/InvoiceAmount", "12.50"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "Declaration/InvoiceAmount/@currencyID", "EUR"), DGM_OK);
    CU_ASSERT_EQUAL(set(d, "Declaration/GoodsShipment/Consignment/ContainerCode", "1"), DGM_OK);
    const dgm_tree *t = tree_of(d);
    /* The envelope and the document; two values, one with an attribute; two groups and a value. */
    CU_ASSERT_EQUAL(count(t, 0, 0), 8);
    dgm_view v;
    CU_ASSERT_FALSE(dgm_tree_view(t, 8, &v));
    uint32_t amount = dgm_tree_at(t, 0, DGM_LITERAL("Declaration/InvoiceAmount"));
    CU_ASSERT_TRUE_FATAL(dgm_tree_view(t, amount, &v));
    CU_ASSERT_EQUAL(v.kind, DGM_ELEMENT);
    CU_ASSERT(v.known);
    CU_ASSERT_EQUAL(v.number, 1);
    CU_ASSERT_EQUAL(v.bytes, 5);
    TEST_TEXT(v.value, "12.50");
    TEST_TEXT(v.name, "InvoiceAmount");
    CU_ASSERT_TRUE_FATAL(dgm_tree_view(t, v.below, &v));
    CU_ASSERT_EQUAL(v.kind, DGM_ATTRIBUTE);
    TEST_TEXT(v.name, "@currencyID");
    uint32_t shipment = dgm_tree_at(t, 0, DGM_LITERAL("Declaration/GoodsShipment"));
    uint32_t inner = dgm_tree_at(t, shipment, DGM_LITERAL("Consignment/ContainerCode"));
    CU_ASSERT_EQUAL(inner, shipment + 2);
    CU_ASSERT_EQUAL(dgm_tree_at(t, inner, DGM_LITERAL("")), inner);
    CU_ASSERT_EQUAL(dgm_tree_at(t, 0, DGM_LITERAL("Nothing")), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_tree_at(t, 99, DGM_LITERAL("GoodsShipment")), DGM_NONE);
    CU_ASSERT_EQUAL(dgm_tree_at(NULL, 0, DGM_LITERAL("GoodsShipment")), DGM_NONE);
    dgm_document_free(d);
}

static void each_allocation_fails(void)
{
    test_mem state = { .left = LONG_MAX };
    dgm_mem mem = test_mem_make(&state);
    dgm_context *own = NULL;
    dgm_context_options c = { .struct_bytes = sizeof c, .mem = mem, .mappings = DGM_LITERAL("mappings") };
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&c, NULL, &own), DGM_OK);
    long long before = state.bytes_live;
    dgm_status s = DGM_NOMEM;
    long failing = 0;
    for (; s == DGM_NOMEM && failing < 10000; failing++) {
        state.left = failing;
        dgm_document *d = NULL;
        dgm_output *o = NULL;
        const dgm_tree *t = NULL;
        char room[64];
        s = dgm_document_new(own, DGM_LITERAL("INVOIC:D.01B"), NULL, &d);
        for (uint32_t i = 1; i <= 60 && s == DGM_OK; i++) {
            int n = snprintf(room, sizeof room, "SG2#%u/NAD/3035", i);
            s = dgm_document_set(d, (dgm_slice){ room, (size_t)n }, DGM_LITERAL("SE"), NULL);
        }
        if (s == DGM_OK) s = dgm_document_set(d, DGM_LITERAL("DTM/C507/2005"), DGM_LITERAL("137"), NULL);
        if (s == DGM_OK) s = dgm_document_set(d, DGM_LITERAL("BGM/C106/1004"), DGM_LITERAL("1"), NULL);
        if (s == DGM_OK) s = dgm_document_set(d, DGM_LITERAL("UNS/0081"), DGM_LITERAL("S"), NULL);
        if (s == DGM_OK) s = dgm_document_set(d, DGM_LITERAL("SG50/MOA/C516/5025"), DGM_LITERAL("9"), NULL);
        if (s == DGM_OK) s = dgm_document_tree(d, &t);
        dgm_buffer b;
        dgm_mem plain = dgm_mem_default();
        dgm_buffer_init(&b, &plain);
        if (s == DGM_OK) s = dgm_output_open(own, DGM_LITERAL("edifact"), settings, 3, dgm_buffer_sink(&b), NULL, &o);
        if (s == DGM_OK) s = dgm_output_write(o, t);
        if (s == DGM_OK) s = dgm_output_finish(o);
        if (s == DGM_OK) has(&b, "UNT+66+1'");
        dgm_output_free(o);
        dgm_document_free(d);
        dgm_buffer_free(&b);
        CU_ASSERT_EQUAL(state.bytes_live, before);
    }
    CU_ASSERT_EQUAL(s, DGM_OK);
    CU_ASSERT(failing > 20);
    state.left = LONG_MAX;
    dgm_context_free(own);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

int main(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_diags_new(&mem, 20, &diags) != DGM_OK || dgm_context_open(&o, diags, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 3;
    }
    static const test_case cases[] = { { "order is the format's", order_is_the_formats },
                                       { "any directory", any_directory },
                                       { "models and XML", models_and_xml },
                                       { "wrong names are told", wrong_names_are_told },
                                       { "outputs refuse", outputs_refuse },
                                       { "walking", walking },
                                       { "each allocation fails", each_allocation_fails },
                                       { 0 } };
    int failed = test_main("document", cases);
    dgm_context_free(context);
    dgm_diags_free(diags);
    return failed;
}
