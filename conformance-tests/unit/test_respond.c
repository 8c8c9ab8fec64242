/* SPDX-License-Identifier: Apache-2.0
 *
 * test_respond.c - what customs answers to a declaration (job_respond.c): accepted, or each error with its code and its place in
 * the declaration, whether the value is in the document, is missing there, or never reached it. Codes are those of
 * mappings/codes/application-errors.yaml. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/test.h"
#include "translator/context.h"

#include <stdio.h>

static dgm_context *context;

typedef struct answering {
    const dgm_mem *mem;
    dgm_slice input, to;
    dgm_buffer out;
    uint32_t outputs;
    bool refused;
} answering;

static dgm_status open_output(void *ctx, uint32_t number, dgm_slice format, dgm_sink *out)
{
    answering *a = ctx;
    (void)number, (void)format;
    a->outputs++;
    *out = dgm_buffer_sink(&a->out);
    return DGM_OK;
}

static dgm_status close_output(void *ctx, bool complete)
{
    (void)ctx, (void)complete;
    return DGM_OK;
}

static void report(void *ctx, const dgm_message_report *r)
{
    if (r->position.message && r->status != DGM_OK) ((answering *)ctx)->refused = true;
}

static int64_t at_noon(void *ctx)
{
    (void)ctx;
    return 1767355200000; /* 2026-01-02T12:00:00Z */
}

static dgm_status run(answering *a)
{
    dgm_context c = *context;
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o, .to = a->to, .respond = true, .report = report, .report_ctx = a };
    o.outlet = (dgm_outlet){ open_output, close_output, a };
    c.mem = *a->mem;
    c.world.now_ms = at_noon;
    dgm_status s = dgm_job_open(&c, &o, NULL, &job);
    if (s == DGM_OK) s = dgm_job_whole(job, a->input);
    dgm_job_close(job);
    return s;
}

#define TOP    "UNB+UNOC:3+S+R+260115:0930+1'UNH+1+CUSDEC:D:96B:UN'"
#define END(n) "UNT+" n "+1'UNZ+1+1'"
#define HEAD(f)                                                                                                                    \
    "{\n  \"dragoman\": \"document/1\",\n  \"model\": \"Response@1\",\n  \"document\": {\n    \"FunctionCode\": \"" f "\",\n"      \
    "    \"FunctionalReferenceID\": \"R1767355200000-1-1-"
#define WHEN        "\",\n    \"IssueDateTime\": \"2026-01-02T12:00:00+00\",\n"
#define ANSWER(f)   HEAD(f), WHEN
#define DECLARATION "    \"Declaration\": {\n      \"FunctionalReferenceID\": \"L1\""
#define JSON        "{\"dragoman\":\"document/1\",\"model\":\"Declaration@1\",\"document\":{"
#define L1          "\"FunctionalReferenceID\":\"L1\",\"TypeCode\":\"IMA\""
#define ITEMS(amount, currency)                                                                                                    \
    ",\"GoodsShipment\":{\"GovernmentAgencyGoodsItem\":[{\"SequenceNumeric\":1},{\"SequenceNumeric\":7,\"Commodity\":{"            \
    "\"InvoiceLine\":{\"ItemChargeAmount\":{\"value\":" amount ",\"currencyID\":\"" currency "\"}}}}]}}}"
#define REJECTED DECLARATION ",\n      \"RejectionDateTime\": \"2026-01-02T12:00:00+00\"\n    }\n  }\n}\n"

static const struct {
    const char *input, *wanted[4]; /* parts that stand in the answer, in this order */
    bool refused;
} rows[] = {
    { TOP "BGM+929:::IMA+L1+9'UNS+D'UNS+S'" END("5"), { HEAD("01"), WHEN DECLARATION "\n    }\n  }\n}\n" }, false },
    /* The function (BGM 1225) is missing in the document. */
    { TOP "BGM+929:::IMA+L1'UNS+D'UNS+S'" END("5"),
      { ANSWER("03"), "\"ValidationCode\": \"1\",\n        \"Pointer\": \"FunctionCode\"", REJECTED },
      true },
    /* A reader's problem, of a value that never reaches the document: its rule is found by its place. */
    { TOP "BGM+929:::IMA+L1+9'UNS+D'UNS+S'CNT+5:2X'" END("6"),
      { ANSWER("03"), "\"ValidationCode\": \"10\",\n        \"Pointer\": \"GoodsItemQuantity\"", REJECTED },
      true },
    /* What is not there at all has no place but the whole declaration. */
    { TOP "BGM+929:::IMA+L1+9'UNS+D'" END("4"),
      { ANSWER("03"), "\"ValidationCode\": \"10\",\n        \"Pointer\": \"/\"", REJECTED },
      true },
    /* In the second item, told by what the item says of itself. */
    { TOP "BGM+929:::IMA+L1+9'UNS+D'CST+1+100:122'CST+7+200:122'MOA+38:1.2.3:EUR'UNS+S'" END("8"),
      { ANSWER("03"),
        "\"ValidationCode\": \"10\",\n        \"Pointer\": "
        "\"GoodsShipment/GovernmentAgencyGoodsItem#7/Commodity/InvoiceLine/ItemChargeAmount\"",
        REJECTED },
      true },
    /* And in the only one. */
    { TOP "BGM+929:::IMA+L1+9'UNS+D'CST+1+100:122'MOA+38:x:EUR'UNS+S'" END("7"),
      { ANSWER("03"), "\"Pointer\": \"GoodsShipment/GovernmentAgencyGoodsItem#1/Commodity/InvoiceLine/ItemChargeAmount\"",
        REJECTED },
      true },
    /* The amount of the second tax. */
    { TOP
      "BGM+929:::IMA+L1+9'UNS+D'CST+1+100:122'TAX+1+A00+100+10+:::2'MOA+55:1:EUR'TAX+1+B00+100+10+:::2'MOA+55:1x:EUR'UNS+S'" END(
          "10"),
      { ANSWER("03"), "\"Pointer\": \"GoodsShipment/GovernmentAgencyGoodsItem#1/Commodity/DutyTaxFee#2/Payment/TaxAssessedAmount\"",
        REJECTED },
      true },
    /* Of the second tax nothing was made: it is not taken for the first. */
    { TOP "BGM+929:::IMA+L1+9'UNS+D'CST+1+100:122'TAX+1+A00+100+10+:::2'MOA+55:1:EUR'TAX+1'MOA+55:1x:EUR'UNS+S'" END("10"),
      { ANSWER("03"), "\"Pointer\": \"GoodsShipment/GovernmentAgencyGoodsItem#1/Commodity/DutyTaxFee/Payment/TaxAssessedAmount\"",
        REJECTED },
      true },
    /* A document that came as it is: good, without its function, and wrong in a value and beside one of the second item. */
    { JSON "\"FunctionCode\":\"9\"," L1 "}}", { HEAD("01"), WHEN DECLARATION "\n    }\n  }\n}\n" }, false },
    { JSON L1 "}}", { ANSWER("03"), "\"ValidationCode\": \"1\",\n        \"Pointer\": \"FunctionCode\"", REJECTED }, true },
    { JSON "\"FunctionCode\":\"9\"," L1 ITEMS("\"12x\"", "EUR"),
      { ANSWER("03"), "\"Pointer\": \"GoodsShipment/GovernmentAgencyGoodsItem#7/Commodity/InvoiceLine/ItemChargeAmount\"",
        REJECTED },
      true },
    { JSON "\"FunctionCode\":\"9\"," L1 ITEMS("12", "EURO"),
      { ANSWER("03"), "\"Pointer\": \"GoodsShipment/GovernmentAgencyGoodsItem#7/Commodity/InvoiceLine/ItemChargeAmount\"",
        REJECTED },
      true },
};

static void answers(void)
{
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        answering a = { .mem = &mem, .input = dgm_slice_of(rows[i].input), .to = DGM_LITERAL("json") };
        dgm_buffer_init(&a.out, &mem);
        CU_ASSERT_EQUAL(run(&a), DGM_OK);
        CU_ASSERT_EQUAL(a.outputs, 1);
        CU_ASSERT_EQUAL(a.refused, rows[i].refused);
        CU_ASSERT_EQUAL(dgm_buffer_append(&a.out, (dgm_slice){ "", 1 }), DGM_OK);
        const char *at = a.out.at;
        for (size_t k = 0; k < 4 && rows[i].wanted[k] && at; k++) {
            const char *hit = strstr(at, rows[i].wanted[k]);
            if (!hit) printf("row %zu, part %zu is not there:\n%s\nin\n%s\n", i, k, rows[i].wanted[k], at);
            CU_ASSERT_PTR_NOT_NULL(hit);
            at = hit;
        }
        dgm_buffer_free(&a.out);
    }
}

/* More errors than an answer has room for are counted; and there is one answer for each message. */
static void many(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer in;
    dgm_buffer_init(&in, &mem);
    CU_ASSERT_EQUAL(dgm_buffer_print(&in, "%s", TOP "BGM+929:::IMA+L1+9'UNS+D'"), DGM_OK);
    for (int i = 1; i <= 120; i++) CU_ASSERT_EQUAL(dgm_buffer_print(&in, "CST+%d+100:122'MOA+38:x:EUR'", i), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_print(&in, "%s", "UNS+S'" END("245")), DGM_OK);
    answering a = { .mem = &mem, .input = dgm_buffer_slice(&in), .to = DGM_LITERAL("cusres-d96b") };
    dgm_buffer_init(&a.out, &mem);
    CU_ASSERT_EQUAL(run(&a), DGM_OK);
    uint32_t points = 0;
    CU_ASSERT_EQUAL(dgm_buffer_append(&a.out, (dgm_slice){ "", 1 }), DGM_OK);
    for (const char *p = a.out.at; (p = strstr(p, "ERP+")) != NULL; p++) points++;
    CU_ASSERT_EQUAL(points, 99);
    CU_ASSERT_PTR_NOT_NULL(strstr(a.out.at, "FTX+AAO+++and 22 more errors'"));
    CU_ASSERT_PTR_NOT_NULL(strstr(a.out.at, "ERP+10:98+"));
    dgm_buffer_free(&a.out);
    dgm_buffer_free(&in);
}

static dgm_status answer_one(const dgm_mem *mem, void *ctx)
{
    answering *given = ctx, a = { .mem = mem, .input = given->input, .to = given->to };
    dgm_buffer_init(&a.out, mem);
    dgm_status s = run(&a);
    dgm_buffer_free(&a.out);
    return s;
}

static void each_allocation_fails(void)
{
    answering a = { .input = dgm_slice_of(rows[4].input), .to = DGM_LITERAL("cusres-d96b") };
    CU_ASSERT(test_each_allocation_fails(answer_one, &a) > 0);
    a.to = DGM_LITERAL("wco-response");
    a.input = dgm_slice_of(rows[1].input);
    CU_ASSERT(test_each_allocation_fails(answer_one, &a) > 0);
}

static const test_case cases[] = { { "what is answered", answers },
                                   { "more errors than there is room for", many },
                                   { "each allocation fails", each_allocation_fails },
                                   { 0 } };

int main(void)
{
    dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_context_open(&o, NULL, &context) != DGM_OK) {
        fprintf(stderr, "the mappings of this folder do not load; run from the top of the project\n");
        return 1;
    }
    int code = test_main("respond", cases);
    dgm_context_free(context);
    return code;
}
