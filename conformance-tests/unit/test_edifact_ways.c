/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_ways.c - segments can be taken in runs, by the wide way of the processor or the plain one, or each by itself with
 * care: trees and diagnostics must be the same, whatever is read and however it comes. One thread.
 */
#include "conformance-tests/unit/edifact_tests.h"

#include "codecs/edifact/reader.h"
#include "conformance-tests/bench/corpus.h"

typedef enum way { AS_THE_PROCESSOR_CAN, PLAIN, EACH_BY_ITSELF, BY_TWO, BY_THREE, BY_EIGHT, WAYS } way;

typedef struct answer {
    dgm_buffer text, nodes;
} answer;

static void take(dgm_reader *r, dgm_message *m, answer *a)
{
    if (m->tree) {
        CU_ASSERT(dgm_tree_sound(m->tree));
        CU_ASSERT_EQUAL(edi_dump_tree(m->tree, &a->text), DGM_OK);
        dgm_slice nodes = { (const char *)m->tree->nodes, m->tree->node_count * sizeof *m->tree->nodes };
        CU_ASSERT_EQUAL(dgm_buffer_append(&a->nodes, nodes), DGM_OK);
    }
    dgm_codec_edifact.recycle(r, m);
}

/* chunk 0: whole. */
static void read_in_a_way(dgm_slice input, way w, size_t chunk, dgm_slice level, answer *a)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_mem mem = dgm_mem_default();
    const dgm_setting setting = { DGM_LITERAL("level"), level };
    dgm_limits limits = { 0 }; /* the usual ones */
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    size_t fed = 0;
    if (w == EACH_BY_ITSELF) limits.segment_bytes_max = 700; /* runs are for what can reach no limit */
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 100000, &diags), DGM_OK);
    dgm_host host = dgm_host_make(&mem, &limits, diags, NULL, NULL, 0);
    host.threads = w == BY_TWO ? 2 : w == BY_THREE ? 3 : w == BY_EIGHT ? 8 : 0;
    dgm_status st = chunk ? k->open(&host, &setting, 1, &r) : k->open_whole(&host, &setting, 1, input, &r);
    CU_ASSERT_EQUAL_FATAL(st, DGM_OK);
    if (w == PLAIN) {
        ((dgm_edi_reader *)(void *)r)->wide = false;
        ((dgm_edi_reader *)(void *)r)->order_way = dgm_edi_order_at(0, NULL);
    }
    while (st == DGM_OK || st == DGM_MORE) {
        st = k->next(r, &m);
        if (st == DGM_OK) take(r, &m, a);
        if (st != DGM_MORE) continue;
        size_t n = input.len - fed < chunk ? input.len - fed : chunk;
        st = k->feed(r, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
        fed += n;
    }
    CU_ASSERT_EQUAL(st, DGM_END);
    CU_ASSERT_EQUAL(edi_dump_diags(diags, &a->text), DGM_OK);
    k->close(r);
    dgm_diags_free(diags);
}

static void compare(dgm_slice input, dgm_slice level, size_t chunk)
{
    const dgm_mem mem = dgm_mem_default();
    answer answers[3];
    for (int w = 0; w < 3; w++) {
        dgm_buffer_init(&answers[w].text, &mem);
        dgm_buffer_init(&answers[w].nodes, &mem);
        read_in_a_way(input, (way)w, w == 1 ? 0 : chunk, level, &answers[w]);
    }
    for (int w = 1; w < 3; w++) {
        test_slice_equal(dgm_buffer_slice(&answers[w].text), dgm_buffer_slice(&answers[0].text), __FILE__, __LINE__);
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&answers[w].nodes), dgm_buffer_slice(&answers[0].nodes)));
    }
    CU_ASSERT(answers[0].text.len > input.len / 4); /* there was something to compare */
    for (int w = 0; w < 3; w++) {
        dgm_buffer_free(&answers[w].text);
        dgm_buffer_free(&answers[w].nodes);
    }
}

static void messages_as_they_should_be(void)
{
    for (uint64_t seed = 1; seed <= 4; seed++) {
        corpus_options o = { .seed = seed, .wide = true, .listed = seed % 2, .line_breaks = seed == 3, .utf8 = seed == 4 };
        dgm_slice input = corpus_make(&o, 60000);
        compare(input, o.listed ? DGM_LITERAL("codes") : DGM_LITERAL("directory"), seed == 2 ? 0 : 997);
        free((void *)(uintptr_t)input.at);
    }
}

/* What is wrong is told in the same words at the same place. */
static void messages_with_bytes_changed(void)
{
    static const char bytes[] = "+:'?X9 \n\xE9\x85.,-A1";
    test_random random = { 11 };
    for (uint64_t seed = 10; seed < 30; seed++) {
        dgm_slice input = corpus_make(&(corpus_options){ .seed = seed, .wide = true, .listed = true }, 30000);
        char *at = (char *)(uintptr_t)input.at;
        for (int i = 0; i < 30; i++) {
            size_t place = 100 + test_random_below(&random, (uint32_t)input.len - 200);
            at[place] = bytes[test_random_below(&random, sizeof bytes - 1)];
        }
        compare(input, DGM_LITERAL("advice"), seed % 3 ? 1 + test_random_below(&random, 3000) : 0);
        free(at);
    }
}

/* A text of so many bytes in ISO 8859-1 with releases; what it stands for goes behind `wanted`. */
static void put_text(test_random *random, dgm_buffer *raw, dgm_buffer *wanted, uint32_t bytes)
{
    static const char *const pieces[] = { "a", "Z", "0", "b", "?+", "?'", "??", "?:", "\xE9", "\xFC", "?\xE9" };
    static const char *const stand_for[] = { "a", "Z", "0", "b", "+", "'", "?", ":", "\u00E9", "\u00FC", "\u00E9" };
    const uint32_t variety = test_random_below(random, 3) ? 11 : 5; /* some with few that are special */
    for (uint32_t n = 0; n < bytes;) {
        uint32_t i = test_random_below(random, variety);
        if (n + strlen(pieces[i]) > bytes) i = 0;
        n += (uint32_t)strlen(pieces[i]);
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(raw, dgm_slice_of(pieces[i])), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(wanted, dgm_slice_of(stand_for[i])), DGM_OK);
    }
}

/* The FTX that comes as the i-th, with five texts. */
static void put_free_text(test_random *random, uint32_t i, dgm_buffer *raw, dgm_buffer *wanted)
{
    char place[48];
    int n = snprintf(place, sizeof place, "FTX#%u/4451=AAI\n", i);
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(raw, DGM_LITERAL("FTX+AAI++")), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(wanted, (dgm_slice){ place, (size_t)n }), DGM_OK);
    for (uint32_t k = 1; k <= 5; k++) {
        n = snprintf(place, sizeof place, "FTX#%u/C108/4440#%u=", i, k);
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(wanted, (dgm_slice){ place, (size_t)n }), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(raw, k == 1 ? DGM_LITERAL("+") : DGM_LITERAL(":")), DGM_OK);
        put_text(random, raw, wanted, 1 + test_random_below(random, 70));
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(wanted, DGM_LITERAL("\n")), DGM_OK);
    }
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(raw, DGM_LITERAL("'")), DGM_OK);
}

/* Each text stands for what it was made from: of any length, with anything special first and last, up to the end of the input. */
static void texts_stand_for_what_they_should(void)
{
    const dgm_mem mem = dgm_mem_default();
    dgm_buffer raw, wanted, text;
    test_random random = { 23 };
    dgm_buffer_init(&raw, &mem);
    dgm_buffer_init(&wanted, &mem);
    dgm_buffer_init(&text, &mem);
    for (uint32_t round = 0; round < 60; round++) {
        raw.len = wanted.len = text.len = 0;
        CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(&raw, DGM_LITERAL(EDI_HEAD)), DGM_OK);
        for (uint32_t i = 1; i <= 8; i++) put_free_text(&random, i, &raw, &wanted);
        for (uint32_t i = 0; round % 2 && i < 20; i++) /* in the others nothing stands behind the last text */
            CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(&raw, DGM_LITERAL("LOC+9+XX'")), DGM_OK);
        edi_case c = { .mem = &mem, .text = &text, .chunk = round % 3 * 500 };
        CU_ASSERT_EQUAL(edi_read(&c, dgm_buffer_slice(&raw)), DGM_END);
        dgm_slice all = dgm_buffer_slice(&text);
        size_t from = 0;
        while (from < all.len && memcmp(all.at + from, "FTX", 3) != 0) from++;
        test_slice_equal(dgm_slice_part(all, from, from + wanted.len < all.len ? from + wanted.len : all.len),
                         dgm_buffer_slice(&wanted), __FILE__, __LINE__);
    }
    dgm_buffer_free(&raw);
    dgm_buffer_free(&wanted);
    dgm_buffer_free(&text);
}

/* ---- by several at once --------------------------------------------------------------------------------------------------------
 */

static void compare_with_several(dgm_slice input)
{
    const dgm_mem mem = dgm_mem_default();
    answer one = { 0 };
    dgm_buffer_init(&one.text, &mem);
    dgm_buffer_init(&one.nodes, &mem);
    read_in_a_way(input, AS_THE_PROCESSOR_CAN, 0, DGM_LITERAL("advice"), &one);
    for (way w = BY_TWO; w < WAYS; w++) {
        answer several = { 0 };
        dgm_buffer_init(&several.text, &mem);
        dgm_buffer_init(&several.nodes, &mem);
        read_in_a_way(input, w, 0, DGM_LITERAL("advice"), &several);
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&one.text), dgm_buffer_slice(&several.text)));
        CU_ASSERT(dgm_slice_equal(dgm_buffer_slice(&one.nodes), dgm_buffer_slice(&several.nodes)));
        dgm_buffer_free(&several.text);
        dgm_buffer_free(&several.nodes);
    }
    CU_ASSERT(one.text.len > input.len / 4);
    dgm_buffer_free(&one.text);
    dgm_buffer_free(&one.nodes);
}

/* Bytes changed here and there, and an UNH and its UNT repeated, so that a reference comes twice. */
static void spoil(char *at, size_t len, test_random *random, uint32_t changes)
{
    static const char bytes[] = "+:'?X9 \n\xE9\x85.,-A1";
    for (uint32_t i = 0; i < changes; i++)
        at[100 + test_random_below(random, (uint32_t)len - 200)] = bytes[test_random_below(random, 15)];
}

static void large_inputs_by_several(void)
{
    test_random random = { 3 };
    for (uint64_t seed = 50; seed < 58; seed++) {
        corpus_options o = { .seed = seed, .wide = seed % 2, .listed = true, .line_breaks = seed % 3 == 0 };
        dgm_slice a = corpus_make(&o, 1300000), b = corpus_make(&o, 1200000);
        char *both = malloc(a.len + b.len);
        CU_ASSERT_FATAL(both && a.at && b.at);
        memcpy(both, a.at, a.len);
        memcpy(both + a.len, b.at, b.len); /* two interchanges */
        if (seed > 51) spoil(both, a.len + b.len, &random, seed == 57 ? 2000 : 12);
        compare_with_several((dgm_slice){ both, a.len + b.len });
        free(both);
        free((void *)(uintptr_t)a.at);
        free((void *)(uintptr_t)b.at);
    }
}

/* A group of messages with references that come again, without anything else to be said. */
static void references_by_several(void)
{
    size_t len = 0, room = 1600000;
    char *at = malloc(room);
    CU_ASSERT_FATAL(at != NULL);
    len += (size_t)snprintf(at, room, "UNB+UNOC:3+A+B+260101:1200+1'UNG+CUSDEC+A+B+260101:1200+7+UN+D:96B'");
    unsigned n = 0;
    for (; len < room - 300; n++)
        len += (size_t)snprintf(at + len, room - len, "UNH+%u+CUSDEC:D:96B:UN'BGM+929+X%u+9'UNS+D'UNS+S'UNT+5+%u'", n % 20011, n,
                                n % 20011);
    len += (size_t)snprintf(at + len, room - len, "UNE+%u+7'UNZ+1+1'", n);
    CU_ASSERT(n > 20011);
    compare_with_several((dgm_slice){ at, len });
    free(at);
}

enum { ORDER_SLICES = 600, ORDER_ROOM = 700 };

/* Slices of all kinds with segments' ends among them; returns how many are ready, none of it may be. */
static size_t make_slices(test_random *random, dgm_edi_token *tokens)
{
    static const uint32_t kinds[] = { 1, 2, 2, 2, 4, 4, 6, 2 | 8, 4 | 16, 1 | 24 };
    size_t count = 1 + test_random_below(random, ORDER_SLICES), ready = 0;
    for (size_t i = 0; i < ORDER_SLICES + DGM_EDI_LEX_ROOM; i++) {
        /* what stands behind the last of them is anything */
        uint32_t length = test_random_below(random, 9) ? test_random_below(random, 4) : DGM_EDI_TOKEN_BYTES_MAX;
        tokens[i] = (dgm_edi_token){ UINT32_MAX - (uint32_t)i, length << 5 | kinds[test_random_below(random, 10)] };
        if (i < count && tokens[i].info & DGM_EDI_KIND_TERMINATOR) ready = i + 1;
    }
    return ready;
}

/* Each way of finding where segments begin and what their slices look like, held against the slices and against plain C, bit for
 * bit. */
static void orders_agree(void)
{
    static dgm_edi_token tokens[ORDER_SLICES + DGM_EDI_LEX_ROOM];
    static char blocks[2][16384];
    test_random random = { 5 };
    CU_ASSERT_FATAL(dgm_edi_order_bytes(ORDER_ROOM) <= sizeof blocks[0]);
    for (size_t number = 1; number < 4; number++) {
        const char *name = NULL;
        dgm_edi_order_way *how = dgm_edi_order_at(number, &name);
        if (!how) continue;
        for (int round = 0; round < 300; round++) {
            dgm_edi_order a, b;
            const size_t ready = make_slices(&random, tokens);
            if (ready == 0) continue;
            const size_t first = test_random_below(&random, (uint32_t)ready);
            memset(blocks, round % 2 ? 0xFF : 0, sizeof blocks);
            dgm_edi_order_place(&a, blocks[0], ORDER_ROOM);
            dgm_edi_order_place(&b, blocks[1], ORDER_ROOM);
            dgm_edi_order_make(&a, tokens, first, ready, how);
            dgm_edi_order_make(&b, tokens, first, ready, dgm_edi_order_at(0, NULL));
            CU_ASSERT_FATAL(a.count == b.count);
            CU_ASSERT(memcmp(a.starts, b.starts, (a.count + 1) * sizeof *a.starts) == 0);
            for (uint32_t i = (uint32_t)first; i < ready; i++) {
                uint32_t info = tokens[i].info, looks = (info & 4) / 4 | (uint32_t)(info < 32) << 1;
                CU_ASSERT_EQUAL(dgm_edi_order_looks(a.looks, i) & 3, looks);
                CU_ASSERT_EQUAL(dgm_edi_order_looks(b.looks, i) & 3, looks);
                CU_ASSERT_EQUAL(dgm_edi_order_first(&a, a.odd, i) == i, (info & 24) != 0);
                CU_ASSERT_EQUAL(dgm_edi_order_first(&a, a.repeated, i) == i, (info & 6) == 6);
                CU_ASSERT_EQUAL(dgm_edi_order_first(&a, a.odd, i), dgm_edi_order_first(&b, b.odd, i));
                CU_ASSERT_EQUAL(dgm_edi_order_first(&a, a.repeated, i), dgm_edi_order_first(&b, b.repeated, i));
            }
            /* whole bytes of bits, as far as they are of these slices */
            for (size_t i = (first + 7) / 8; (i + 1) * 8 <= ready; i++) {
                CU_ASSERT(a.odd[i] == b.odd[i] && a.repeated[i] == b.repeated[i]);
                CU_ASSERT(a.looks[2 * i] == b.looks[2 * i] && a.looks[2 * i + 1] == b.looks[2 * i + 1]);
            }
            const uint32_t middle = a.count / 2;
            CU_ASSERT_EQUAL(dgm_edi_order_find(&a, a.starts[middle]), middle);
        }
        printf(" %s", name);
    }
}

int main(void)
{
    static const test_case cases[] = { { "messages as they should be", messages_as_they_should_be },
                                       { "messages with bytes changed", messages_with_bytes_changed },
                                       { "orders agree", orders_agree },
                                       { "texts stand for what they should", texts_stand_for_what_they_should },
                                       { "large inputs by several", large_inputs_by_several },
                                       { "references by several", references_by_several },
                                       { 0 } };
    return test_main("edifact ways", cases);
}
