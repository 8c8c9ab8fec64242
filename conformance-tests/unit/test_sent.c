/* SPDX-License-Identifier: Apache-2.0
 *
 * test_sent.c - what is wrong with a canonical document, told in the terms of the message it was made of: its place, segment,
 * element and bytes; and when there is no memory for it.
 */
#include "conformance-tests/support/test.h"
#include "translator/job.h"

#include "base/diag.h"
#include "model/tree.h"

#include <stdio.h>

static dgm_context *context;
static const dgm_format_entry *format;
static dgm_document *message;
static const dgm_tree *wire;

static uint32_t at(const dgm_tree *t, const char *path)
{
    return dgm_tree_at(t, 0, dgm_slice_of(path));
}

static dgm_diag *add(dgm_diags *diags, dgm_diag_code code, dgm_severity severity, uint32_t node, const char *text)
{
    dgm_diag *d = dgm_diags_add(diags, code, severity);
    dgm_diag_text(diags, d, dgm_slice_of(text));
    if (d) d->node = node;
    return d;
}

/* The document that comes of the message, and three records about it. */
static dgm_status tell(const dgm_mem *mem, bool check)
{
    dgm_mem usual = dgm_mem_default();
    dgm_job job = { .mem = *mem, .context = context };
    dgm_lane lane = { .job = &job, .mapping_in = format->mapping };
    dgm_runner *r = NULL;
    dgm_diags *aside = NULL;
    lane.message.tree = (dgm_tree *)(uintptr_t)wire;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&usual, 0, &lane.diags), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&usual, 0, &aside), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_runner_new(&usual, NULL, &r), DGM_OK);
    dgm_status s =
        dgm_mapping_run(r, format->mapping->mapping, DGM_READ, wire, &(dgm_run_options){ .accounts = false }, aside, &lane.model);
    CU_ASSERT_EQUAL_FATAL(s, DGM_OK);
    const dgm_tree *m = lane.model;
    add(lane.diags, DGM_D_MODEL_VALUE_LONG, DGM_ERROR, at(m, "Declarant/ID"), "an..17");
    add(lane.diags, DGM_D_MODEL_PLACE_MISSING, DGM_ERROR, 0, "TypeCode");
    add(lane.diags, DGM_D_MODEL_VALUE_LONG, DGM_WARNING, at(m, "FunctionalReferenceID"), "an..35");
    add(lane.diags, DGM_D_MODEL_PLACE_MANY, DGM_ERROR, at(m, "Declarant"), "Name");
    s = dgm_lane_sent(&lane, 0, 4);
    if (check) {
        const dgm_diag *d = dgm_diags_at(lane.diags, 0);
        CU_ASSERT_EQUAL(s, DGM_OK);
        TEST_TEXT(d->sent, "SG6#1/NAD/C082/3039");
        CU_ASSERT_EQUAL(d->position.element, 2);
        CU_ASSERT_EQUAL(d->position.component, 1);
        CU_ASSERT_EQUAL(d->bytes, 4);
        TEST_TEXT(dgm_diags_at(lane.diags, 1)->sent, "BGM/C002/1000");
        CU_ASSERT_EQUAL(dgm_diags_at(lane.diags, 1)->at_byte, UINT64_MAX);   /* nothing was sent there */
        TEST_TEXT(dgm_diags_at(lane.diags, 2)->sent, "");                    /* no error: nobody is answered */
        TEST_TEXT(dgm_diags_at(lane.diags, 3)->sent, "SG6#1/NAD/C082/3039"); /* the first value of the class */
    }
    dgm_runner_recycle(r, lane.model);
    dgm_runner_free(r);
    dgm_diags_free(aside);
    dgm_diags_free(lane.diags);
    return s;
}

static void told(void)
{
    dgm_mem mem = dgm_mem_default();
    (void)tell(&mem, true);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    return tell(mem, false);
}

static void memory(void)
{
    CU_ASSERT(test_each_allocation_fails(work, NULL) > 5);
}

static bool set(const char *path, const char *value)
{
    return dgm_document_set(message, dgm_slice_of(path), dgm_slice_of(value), NULL) == DGM_OK;
}

int main(void)
{
    static const test_case cases[] = { { "told in the sender's terms", told }, { "each allocation fails", memory }, { 0 } };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    const dgm_context_options o = { .struct_bytes = sizeof o, .mappings = DGM_LITERAL("mappings") };
    if (dgm_diags_new(&mem, 0, &diags) != DGM_OK || dgm_context_open(&o, diags, &context) != DGM_OK) return 1;
    format = dgm_context_find(context, DGM_LITERAL("cusdec-d96b"));
    if (!format || dgm_document_new(context, DGM_LITERAL("cusdec-d96b"), diags, &message) != DGM_OK) return 1;
    bool good = set("BGM/C002/1001", "929") && set("BGM/C106/1004", "REF1") && set("BGM/1225", "9") &&
                set("SG6#1/NAD/3035", "DT") && set("SG6#1/NAD/C082/3039", "NL12");
    if (!good) fprintf(stderr, "the message has no such place\n");
    if (!good || dgm_document_tree(message, &wire) != DGM_OK) return 1;
    int failed = test_main("sent", cases);
    dgm_document_free(message);
    dgm_context_free(context);
    dgm_diags_free(diags);
    return failed;
}
