/* SPDX-License-Identifier: Apache-2.0
 *
 * test_infer.c - rules proposed from examples, through the library: pairs taken from jobs, proposals and their evidence, the
 * mapping that is written, and memory that fails at any moment. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/test.h"
#include "context.h"

#include <stdio.h>

typedef struct side {
    dgm_inference *inference;
    bool target;
    dgm_status status;
    uint32_t taken;
} side;

static void report(void *ctx, const dgm_message_report *m)
{
    side *s = ctx;
    if (!m->wire) return;
    dgm_status got = dgm_infer_take(s->inference, s->target, m);
    if (got != DGM_OK) s->status = got;
    s->taken += got == DGM_OK;
}

static dgm_status feed(const dgm_context *c, side *s, dgm_slice bytes)
{
    dgm_job *job = NULL;
    dgm_job_options o = { .struct_bytes = sizeof o, .map = true, .report = report, .report_ctx = s };
    dgm_status got = dgm_job_open(c, &o, NULL, &job);
    if (got == DGM_OK) got = dgm_job_whole(job, bytes);
    dgm_job_close(job);
    return got == DGM_OK ? s->status : got;
}

static dgm_context *open_context(void)
{
    dgm_context *c = NULL;
    dgm_context_options o = { .struct_bytes = sizeof o };
    CU_ASSERT_EQUAL_FATAL(dgm_context_open(&o, NULL, &c), DGM_OK);
    return c;
}

/* Three small declarations: numbers, offices and dates differ from each other. */
static dgm_slice message(dgm_arena *a, int n)
{
    return dgm_arena_print(
        a,
        "UNB+UNOC:3+S+R+260301:0800+%d'UNH+1+CUSDEC:D:96B:UN'BGM+929+DOC-%d7+9'DTM+137:2026030%d:102'LOC+22+OFF%d'"
        "UNS+D'CST+1+'LOC+27+%s'CST+2'LOC+27+%s'UNS+S'UNT+10+1'UNZ+1+%d'",
        n, n, n, n, n == 2 ? "ID" : "CN", n == 2 ? "BR" : "US", n);
}

static dgm_slice document(dgm_arena *a, int n)
{
    return dgm_arena_print(
        a,
        "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {\"FunctionCode\": \"9\", "
        "\"ID\": \"DOC-%d7\", \"IssueDateTime\": \"2026-03-0%d\", \"DeclarationOfficeID\": \"OFF%d\", \"GoodsShipment\": "
        "{\"GovernmentAgencyGoodsItem\": [{\"SequenceNumeric\": 1, \"Origin\": [{\"CountryCode\": \"%s\"}]}, "
        "{\"SequenceNumeric\": 2, \"Origin\": [{\"CountryCode\": \"%s\"}]}]}}}",
        n, n, n, n == 2 ? "ID" : "CN", n == 2 ? "BR" : "US");
}

static dgm_status take_pairs(const dgm_context *c, dgm_inference *i, dgm_arena *a, int first, int last)
{
    dgm_status s = DGM_OK;
    for (int n = first; n <= last && s == DGM_OK; n++) {
        side wire = { .inference = i }, model = { .inference = i, .target = true };
        s = feed(c, &wire, message(a, n));
        if (s == DGM_OK) s = feed(c, &model, document(a, n));
    }
    return s;
}

static const dgm_proposal *find(const dgm_inference *i, const char *model)
{
    for (size_t n = 0; n < dgm_infer_count(i); n++)
        if (dgm_slice_is(dgm_infer_at(i, n)->model, model)) return dgm_infer_at(i, n);
    return NULL;
}

static void proposes_with_evidence(void)
{
    dgm_context *c = open_context();
    dgm_arena a;
    dgm_arena_init(&a, NULL);
    dgm_inference *i = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_infer_new(c, &i), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(take_pairs(c, i, &a, 1, 3), DGM_OK);
    CU_ASSERT_EQUAL(dgm_infer_count(i), 0); /* not yet */
    CU_ASSERT_EQUAL_FATAL(dgm_infer(i, NULL), DGM_OK);
    CU_ASSERT_EQUAL(dgm_infer(i, NULL), DGM_USAGE); /* once */
    dgm_infer_sum sum = dgm_infer_sums(i);
    CU_ASSERT_EQUAL(sum.pairs, 3);
    CU_ASSERT_FALSE(sum.turned);

    const dgm_proposal *office = find(i, "DeclarationOfficeID");
    CU_ASSERT_PTR_NOT_NULL_FATAL(office);
    TEST_TEXT(office->wire, "LOC[3227=22]/C517/3225");
    CU_ASSERT_STRING_EQUAL(office->how, "equal");
    CU_ASSERT_TRUE(office->kept);
    CU_ASSERT_EQUAL(office->parent, DGM_NONE);
    CU_ASSERT_EQUAL(office->agree, 3);
    CU_ASSERT_EQUAL(office->distinct, 3);
    CU_ASSERT_EQUAL(office->pairs, 3);
    CU_ASSERT_EQUAL(office->differ + office->wire_alone + office->model_alone + office->rivals, 0);
    CU_ASSERT_EQUAL_FATAL(office->witness_count, 3);
    dgm_slice second = message(&a, 2);
    const dgm_witness *w = &office->witnesses[1];
    CU_ASSERT_EQUAL(w->pair, 1);
    CU_ASSERT_TRUE(w->agrees);
    TEST_TEXT(dgm_slice_part(second, (size_t)w->wire_at, (size_t)(w->wire_at + w->wire_bytes)), "OFF2");
    TEST_TEXT(w->model, "OFF2");
    TEST_TEXT(w->model_place, "DeclarationOfficeID");

    const dgm_proposal *date = find(i, "IssueDateTime");
    CU_ASSERT_PTR_NOT_NULL_FATAL(date);
    TEST_TEXT(date->wire, "DTM[2005=137]");
    TEST_TEXT(date->keys, "as: date");

    const dgm_proposal *items = find(i, "GoodsShipment/GovernmentAgencyGoodsItem");
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    CU_ASSERT_TRUE(items->each);
    TEST_TEXT(items->wire, "Item");
    CU_ASSERT_EQUAL(items->agree, 6);
    const dgm_proposal *number = find(i, "SequenceNumeric"), *country = find(i, "CountryCode");
    CU_ASSERT_PTR_NOT_NULL_FATAL(number);
    CU_ASSERT_PTR_NOT_NULL_FATAL(country);
    TEST_TEXT(number->keys, "number: keep");
    TEST_TEXT(number->wire, "CST/1496");
    CU_ASSERT_PTR_EQUAL(dgm_infer_at(i, number->parent), items);
    TEST_TEXT(country->wire, "C517/3225");
    CU_ASSERT_TRUE(dgm_infer_at(i, country->parent)->each);
    CU_ASSERT_PTR_NULL(dgm_infer_at(i, dgm_infer_count(i)));
    dgm_infer_free(i);
    dgm_arena_free(&a);
    dgm_context_free(c);
}

static void what_does_not_go_together(void)
{
    dgm_context *c = open_context();
    dgm_arena a;
    dgm_arena_init(&a, NULL);
    dgm_diags *diags = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &diags), DGM_OK);
    dgm_inference *i = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_infer_new(c, &i), DGM_OK);
    CU_ASSERT_EQUAL(dgm_infer(i, diags), DGM_USAGE); /* nothing was taken */
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1);
    CU_ASSERT_STRING_EQUAL(dgm_diag_name(dgm_diags_at(diags, 0)->code), "infer.pairs");
    CU_ASSERT_EQUAL(dgm_infer_mapping(i, (dgm_slice){ 0 }, true, (dgm_sink){ 0 }), DGM_USAGE);
    side wire = { .inference = i };
    CU_ASSERT_EQUAL(feed(c, &wire, DGM_LITERAL("{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {}}")),
                    DGM_INVALID); /* FunctionCode is missing */
    CU_ASSERT_EQUAL(wire.taken, 0);
    dgm_infer_free(i);
    CU_ASSERT_EQUAL(dgm_infer_new(NULL, &i), DGM_USAGE);
    CU_ASSERT_PTR_NULL(i);
    CU_ASSERT_EQUAL(dgm_infer_count(NULL), 0);
    dgm_infer_free(NULL);
    dgm_diags_free(diags);
    dgm_arena_free(&a);
    dgm_context_free(c);
}

typedef struct work {
    const dgm_context *context;
    dgm_slice wire, model;
} work;

/* The trees are there; the context lends its shapes and this memory. */
static dgm_status infer_work(const dgm_mem *mem, void *ctx)
{
    const work *w = ctx;
    dgm_context lent = *w->context;
    dgm_inference *i = NULL;
    dgm_buffer out;
    dgm_arena a;
    lent.mem = *mem;
    dgm_arena_init(&a, NULL);
    dgm_buffer_init(&out, NULL);
    dgm_status s = dgm_infer_new(&lent, &i);
    if (s == DGM_OK) s = take_pairs(w->context, i, &a, 1, 3);
    if (s == DGM_OK) s = dgm_infer(i, NULL);
    if (s == DGM_OK) s = dgm_infer_mapping(i, DGM_LITERAL("mine"), true, dgm_buffer_sink(&out));
    if (s == DGM_OK) {
        CU_ASSERT_PTR_NOT_NULL(find(i, "DeclarationOfficeID"));
        CU_ASSERT_EQUAL(dgm_infer_sums(i).to_do.len, 0);
        CU_ASSERT_TRUE(out.len > 400 && memcmp(out.at, "# cusdec-d96b and Declaration@1: proposed from 3 pairs", 40) == 0);
    }
    dgm_infer_free(i);
    dgm_buffer_free(&out);
    dgm_arena_free(&a);
    return s;
}

static void failing_memory(void)
{
    dgm_context *c = open_context();
    work w = { .context = c };
    CU_ASSERT(test_each_allocation_fails(infer_work, &w) >= 30);
    dgm_context_free(c);
}

int main(void)
{
    static const test_case cases[] = {
        { "proposes with evidence", proposes_with_evidence },
        { "what does not go together", what_does_not_go_together },
        { "failing memory", failing_memory },
        { 0 },
    };
    return test_main("infer", cases);
}
