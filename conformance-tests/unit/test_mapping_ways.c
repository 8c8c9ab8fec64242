/* SPDX-License-Identifier: Apache-2.0
 *
 * test_mapping_ways.c - a run has several ways to the same tree: sheets, relabelling, and the builder, which alone keeps
 * provenance. Documents of chance go through the mappings of the checkout each way, and nothing that can be seen may differ. One
 * thread.
 */
#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/laws/laws.h"
#include "conformance-tests/support/test.h"

#include "mapping/internal.h"

#include <stdlib.h>

static laws l;
static dgm_diags *diags[2];
static dgm_runner *runners[2]; /* with and without provenance */
static uint64_t made, refused;

static bool same_nodes(const dgm_tree *a, const dgm_tree *b)
{
    const uint32_t stored = DGM_TAG(0, 0, DGM_DECODED); /* where a value is kept is no part of it */
    if (a->node_count != b->node_count) return false;
    for (uint32_t i = 0; i < a->node_count; i++) {
        const dgm_node *x = &a->nodes[i], *y = &b->nodes[i];
        bool leaf = dgm_kind_leaf(dgm_node_kind(x));
        if ((x->tag & ~stored) != (y->tag & ~stored) || x->place != y->place || (!leaf && x->span != y->span)) return false;
        if (!dgm_slice_equal(dgm_tree_value(a, i), dgm_tree_value(b, i))) return false;
    }
    return true;
}

static bool same_record(const dgm_diag *a, const dgm_diag *b)
{
    bool same = a->code == b->code && a->severity == b->severity && a->node == b->node && a->rule == b->rule &&
                dgm_slice_equal(a->path, b->path) && a->argument_count == b->argument_count;
    for (uint32_t i = 0; same && i < a->argument_count; i++)
        same = a->arguments[i].number == b->arguments[i].number && dgm_slice_equal(a->arguments[i].text, b->arguments[i].text);
    return same;
}

/* Runs both ways; *out: what was made, or NULL. */
static void both_ways(const dgm_mapping *m, dgm_direction d, const dgm_tree *in, dgm_tree **out)
{
    dgm_tree *trees[2];
    dgm_status status[2];
    for (int k = 0; k < 2; k++) {
        dgm_run_options o = { .accounts = true, .origin = k == 0 };
        dgm_diags_clear(diags[k]);
        status[k] = dgm_mapping_run(runners[k], m, d, in, &o, diags[k], &trees[k]);
    }
    CU_ASSERT_EQUAL_FATAL(status[0], status[1]);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags[0]), dgm_diags_count(diags[1]));
    for (size_t i = 0; i < dgm_diags_count(diags[0]); i++)
        CU_ASSERT(same_record(dgm_diags_at(diags[0], i), dgm_diags_at(diags[1], i)));
    CU_ASSERT_EQUAL(dgm_runner_residue_count(runners[0]), dgm_runner_residue_count(runners[1]));
    bool told_alike = true;
    for (uint32_t n = 0; n < in->node_count; n++)
        told_alike = told_alike && dgm_runner_accounts(runners[0])[n] == dgm_runner_accounts(runners[1])[n] &&
                     dgm_runner_rule(runners[0], n) == dgm_runner_rule(runners[1], n);
    CU_ASSERT(told_alike || status[0] != DGM_OK);
    *out = NULL;
    made += status[0] == DGM_OK;
    refused += status[0] != DGM_OK;
    if (status[0] != DGM_OK) return;
    CU_ASSERT(same_nodes(trees[0], trees[1]));
    CU_ASSERT(dgm_tree_sound(trees[1]));
    CU_ASSERT_EQUAL_FATAL(dgm_tree_own(trees[1], &l.mem, out), DGM_OK);
    for (int k = 0; k < 2; k++) dgm_runner_recycle(runners[k], trees[k]);
}

static void through(const dgm_mapping *m, uint64_t seeds)
{
    made = refused = 0;
    for (uint64_t seed = 0; seed < seeds; seed++) {
        dgm_wish wish = { .seed = seed,
                          .presence = (uint32_t)(seed % 11) * 10,
                          .many = 1 + (uint32_t)(seed % 6),
                          .letters = (dgm_letters)(seed % 3),
                          .edges = seed % 5 == 0,
                          .ordinal = "SequenceNumeric",
                          .whole = "DocumentMetaData" };
        dgm_tree *document = NULL, *wire = NULL, *back = NULL;
        CU_ASSERT_EQUAL_FATAL(dgm_generate(l.builder, l.model->shape, &wish, &document), DGM_OK);
        both_ways(m, DGM_WRITE, document, &wire);
        if (wire) both_ways(m, DGM_READ, wire, &back);
        dgm_tree_free(document);
        dgm_tree_free(wire);
        dgm_tree_free(back);
    }
}

static void test_cusdec(void)
{
    const dgm_mapping *m = l.cusdec->mapping->mapping;
    CU_ASSERT(m->plan[DGM_READ].sheets); /* or this compares the builder with itself */
    CU_ASSERT(m->plan[DGM_WRITE].sheets);
    through(m, 250);
    CU_ASSERT(made > 100);
    CU_ASSERT(refused > 10);
}

static void test_wco(void)
{
    const dgm_mapping *m = l.wco->mapping->mapping;
    CU_ASSERT(m->plan[DGM_READ].relabel != NULL);
    CU_ASSERT(m->plan[DGM_WRITE].relabel != NULL);
    through(m, 120);
    CU_ASSERT(made > 200);
}

/* Interchanges with all that the usual places of a CUSDEC can say, groups and free texts many times over. */
static void test_interchanges(void)
{
    const dgm_codec *codec = l.cusdec->codec;
    int index = dgm_context_codec(dgm_slice_of(codec->name));
    dgm_world world = laws_world();
    dgm_host host = dgm_host_make(&l.mem, NULL, l.diags, &world, l.context->by_codec[index].at, l.context->by_codec[index].count);
    made = refused = 0;
    for (uint64_t seed = 1; seed < 6; seed++) {
        corpus_options wide = { .seed = seed, .wide = true };
        dgm_slice bytes = corpus_make(&wide, 60000);
        dgm_reader *reader = NULL;
        dgm_message message;
        CU_ASSERT_FATAL(bytes.at != NULL);
        CU_ASSERT_EQUAL_FATAL(codec->open(&host, NULL, 0, &reader), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(codec->feed(reader, bytes, true), DGM_OK);
        while (codec->next(reader, &message) == DGM_OK) {
            dgm_tree *model = NULL;
            if (message.tree) both_ways(l.cusdec->mapping->mapping, DGM_READ, message.tree, &model);
            dgm_tree_free(model);
            if (message.tree) codec->recycle(reader, &message);
        }
        codec->close(reader);
        free((void *)(uintptr_t)bytes.at);
    }
    CU_ASSERT(made > 100);
}

int main(void)
{
    static const test_case cases[] = { { "CUSDEC: sheets and builder", test_cusdec },
                                       { "WCO: relabelling and builder", test_wco },
                                       { "interchanges: sheets and builder", test_interchanges },
                                       { 0 } };
    bool ready = laws_open(&l);
    for (int k = 0; k < 2; k++)
        ready = ready && dgm_diags_new(&l.mem, 0, &diags[k]) == DGM_OK && dgm_runner_new(&l.mem, NULL, &runners[k]) == DGM_OK;
    int result = ready ? test_main("mapping_ways", cases) : 1;
    for (int k = 0; k < 2; k++) {
        dgm_runner_free(runners[k]);
        dgm_diags_free(diags[k]);
    }
    laws_close(&l);
    return result;
}
