/* SPDX-License-Identifier: Apache-2.0
 *
 * test_laws.c - the laws of conformance-tests/laws, each over as many seeds as a few seconds allow; `make torture` goes on from
 * there. One thread.
 */
#include "conformance-tests/bench/corpus.h"
#include "conformance-tests/laws/laws.h"
#include "conformance-tests/support/test.h"

#include "model/check.h"

#include <glob.h>
#include <stdlib.h>

static laws l;
static bool opened;

static bool ready(void)
{
    if (!opened) opened = laws_open(&l);
    CU_ASSERT_FATAL(opened);
    return opened;
}

static void holds(bool good)
{
    if (!good) fprintf(stderr, "%s\n", l.why);
    CU_ASSERT(good);
}

/* Documents of chance are within the vocabulary: what is asked of the laws is then asked fairly. */
static void test_documents_are_valid(void)
{
    for (uint64_t seed = 0; ready() && seed < 60; seed++) {
        dgm_wish wish = { .seed = seed,
                          .presence = (uint32_t)(seed % 10) * 10,
                          .many = 4,
                          .letters = (dgm_letters)(seed % 3),
                          .edges = seed & 1,
                          .ordinal = "SequenceNumeric",
                          .whole = "DocumentMetaData" };
        dgm_tree *t = NULL, *copy = NULL;
        uint32_t a, b;
        CU_ASSERT_EQUAL_FATAL(dgm_generate(l.builder, l.model->shape, &wish, &t), DGM_OK);
        CU_ASSERT(dgm_tree_sound(t));
        dgm_diags_clear(l.diags);
        CU_ASSERT_EQUAL(dgm_model_check(t, l.diags), DGM_OK);
        CU_ASSERT_EQUAL(dgm_diags_errors(l.diags), 0);
        CU_ASSERT_EQUAL_FATAL(dgm_tree_without(l.builder, t, NULL, false, &copy), DGM_OK);
        CU_ASSERT(dgm_tree_equal(t, copy, false, &a, &b));
        dgm_tree_free(copy);
        dgm_tree_free(t);
    }
}

static void campaign(const char *name, laws_of_document *law, uint32_t count, uint32_t held_percent)
{
    ready();
    uint64_t held = l.held;
    CU_ASSERT_EQUAL(laws_campaign(&l, name, law, 1, count), 0);
    CU_ASSERT((l.held - held) * 100 >= (uint64_t)count * held_percent);
}

static void test_json(void)
{
    campaign("json", laws_json, 300, 100);
}

static void test_wco(void)
{
    campaign("wco", laws_wco, 300, 100);
}

static void test_cusdec(void)
{
    campaign("cusdec", laws_cusdec, 300, 95);
}

/* libxml2 hands over "&#38;" for an ampersand in an attribute unless it is told otherwise. */
static void test_ampersand_in_an_attribute(void)
{
    static const char xml[] = "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\">"
                              "<Declaration xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\"><FunctionCode>9</FunctionCode>"
                              "<ID schemeName=\"A &amp; B &#38; C &#x26;amp; &lt;&quot;\">1</ID></Declaration></md:MetaData>";
    for (size_t chunk = 0; ready() && chunk < 2; chunk++) {
        laws_job j;
        laws_run_job(l.context, "", "json", DGM_LITERAL(xml), chunk, &j);
        dgm_buffer_append(&j.outputs, (dgm_slice){ "", 1 });
        CU_ASSERT_PTR_NOT_NULL(strstr(j.outputs.at, "\"A & B & C &amp; <\\\"\""));
        laws_job_free(&j);
    }
}

/* The figures the benchmarks promise, so that the corpus cannot drift away from them. */
static void test_corpus_figures(void)
{
    dgm_slice s = corpus_make(&(corpus_options){ 0 }, 1u << 20);
    CU_ASSERT_PTR_NOT_NULL_FATAL(s.at);
    corpus_figures f = corpus_measure(s);
    CU_ASSERT_EQUAL(f.segments, 40 * f.messages + 2);
    CU_ASSERT(f.bytes >= 22 * f.segments && f.bytes <= 26 * f.segments);
    CU_ASSERT(2 * f.bytes >= 9 * f.separators && 2 * f.bytes <= 11 * f.separators);
    CU_ASSERT(100 * f.empty >= 15 * f.elements && 100 * f.empty <= 25 * f.elements);
    CU_ASSERT(f.releases > f.messages && f.not_ascii > f.messages && f.items >= 2 * f.messages);
    free((void *)(uintptr_t)s.at);
}

static void test_interchanges_are_stable(void)
{
    for (uint64_t seed = 1; ready() && seed <= 12; seed++) {
        dgm_slice s = corpus_make(&(corpus_options){ .seed = seed, .wide = seed % 3 > 0, .line_breaks = seed & 2 }, 6000);
        holds(laws_stable(&l, s));
        free((void *)(uintptr_t)s.at);
    }
}

/* The first message of the corpus: about a kilobyte. */
static dgm_slice one_message(uint64_t seed)
{
    return corpus_make(&(corpus_options){ .seed = seed, .line_breaks = seed & 1 }, 1);
}

static void test_chunks(void)
{
    for (uint64_t seed = 1; ready() && seed <= 3; seed++) {
        dgm_slice s = corpus_make(&(corpus_options){ .seed = seed, .wide = true, .line_breaks = seed & 1 }, 4000);
        holds(laws_chunks(&l, s, seed & 1 ? "wco-declaration" : "cusdec-d96b"));
        laws_job xml;
        dgm_slice one = one_message(seed);
        laws_run_job(l.context, "", "wco-declaration", one, 0, &xml);
        dgm_slice document = dgm_slice_cut(dgm_buffer_slice(&xml.outputs), '\n').tail;
        document.len -= sizeof "\n<<whole>>\n" - 1;
        holds(laws_chunks(&l, document, "cusdec-d96b"));
        laws_job_free(&xml);
        free((void *)(uintptr_t)one.at);
        free((void *)(uintptr_t)s.at);
    }
}

static void test_every_prefix(void)
{
    dgm_slice s = one_message(2);
    ready();
    for (size_t cut = 0; cut < s.len; cut++) {
        bool good = laws_truncation(&l, s, "wco-declaration", cut);
        holds(good);
        if (!good) break;
    }
    free((void *)(uintptr_t)s.at);
}

/* Every beginning of every golden input of at most 4 KB, whatever is wrong with it already: a documented status and no more. */
static void test_every_prefix_of_the_goldens(void)
{
    glob_t found = { 0 };
    size_t tried = 0;
    ready();
    CU_ASSERT_EQUAL_FATAL(glob("conformance-tests/golden/*/*/*.edi", 0, NULL, &found), 0);
    glob("conformance-tests/golden/*/*/*.xml", GLOB_APPEND, NULL, &found);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        dgm_slice input = test_read_file(found.gl_pathv[i]);
        for (size_t cut = 0; input.len <= 4096 && cut < input.len; cut++) {
            laws_job j;
            laws_run_job(l.context, "", cut % 3 ? "wco-declaration" : "cusdec-d96b", dgm_slice_part(input, 0, cut),
                         cut % 2 ? 0 : 61, &j);
            if (!laws_documented(j.status)) fprintf(stderr, "%s cut at %zu: status %d\n", found.gl_pathv[i], cut, (int)j.status);
            CU_ASSERT(laws_documented(j.status));
            laws_job_free(&j);
            tried++;
        }
        free((void *)(uintptr_t)input.at);
    }
    CU_ASSERT(tried > 0);
    globfree(&found);
}

static void test_mutations(void)
{
    for (uint64_t seed = 0; ready() && seed < 300; seed++) {
        bool good = laws_mutation(&l, seed);
        holds(good);
        if (!good) break;
    }
}

static void test_allocations_of_a_job(void)
{
    dgm_slice s = one_message(4);
    ready();
    holds(laws_allocations(&l, "wco-declaration", s, 0, 1));
    holds(laws_allocations(&l, "json", s, 64, 1));
    free((void *)(uintptr_t)s.at);
}

static void test_allocations_of_opening(void)
{
    ready();
    holds(laws_context_allocations(&l, 0, 499));
}

int main(void)
{
    static const test_case cases[] = { { "documents are valid", test_documents_are_valid },
                                       { "law: JSON and back", test_json },
                                       { "law: WCO XML and back", test_wco },
                                       { "law: CUSDEC and back", test_cusdec },
                                       { "XML: an ampersand in an attribute", test_ampersand_in_an_attribute },
                                       { "corpus keeps its figures", test_corpus_figures },
                                       { "interchanges: second pass changes nothing", test_interchanges_are_stable },
                                       { "chunks of any size", test_chunks },
                                       { "every prefix of a message", test_every_prefix },
                                       { "every prefix of the goldens", test_every_prefix_of_the_goldens },
                                       { "one broken message", test_mutations },
                                       { "each allocation of a job", test_allocations_of_a_job },
                                       { "allocations of opening", test_allocations_of_opening },
                                       { 0 } };
    int result = test_main("laws", cases);
    laws_close(&l);
    return result;
}
