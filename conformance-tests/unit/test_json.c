/* SPDX-License-Identifier: Apache-2.0
 *
 * test_json.c - the canonical document as JSON: round trips, the place of each mistake, pieces and prefixes, no memory. One thread.
 */
#include "base/buffer.h"
#include "codecs/codecs.h"
#include "conformance-tests/support/test.h"
#include "model/vocabulary.h"

#include <stdio.h>
#include <stdlib.h>

static const char vocabulary[] =
    "dragoman: model/1\nmodel: M@1\nroot: Doc\n"
    "attribute: amount @currencyID code a3\nattribute: text @languageID code -\nattribute: text @value code -\n"
    "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"
    "@id\t0\t1\tid\t-\t-\t-\t-\thouse\n"
    "Code\t1\t1\tcode\tan..3\t-\t-\t-\twco\n"
    "Sum\t0\t1\tamount\tn..16,3\t-\t-\t-\twco\n"
    "Note\t0\t*\ttext\t-\t-\t-\t-\twco\n"
    "Item\t0\t99\t-\t-\t-\t-\t-\twco\n"
    "Item/No\t0\t1\tnumber\tn..5\t-\t-\t-\twco\n"
    "Item/Done\t0\t1\tflag\t-\t-\t-\t-\twco\n"
    "Item/Part\t0\t1\t-\t-\t-\t-\t-\twco\n"
    "Item/Part/ID\t0\t1\tid\t-\t-\t-\t-\twco\n";

typedef struct bench { /* all that a reader or writer needs */
    dgm_mem mem;
    dgm_diags *diags;
    dgm_shape *shape;
    dgm_format format;
    const dgm_format *formats[1];
    dgm_host host;
} bench;

static dgm_status bench_open(bench *b, const dgm_mem *mem, const dgm_limits *limits)
{
    dgm_mem plain = dgm_mem_default(); /* what is not under test must not fail */
    *b = (bench){ .mem = mem ? *mem : plain };
    dgm_status st = dgm_diags_new(&plain, 0, &b->diags);
    if (st == DGM_OK) st = dgm_vocabulary_load(&plain, DGM_LITERAL("m.tsv"), dgm_slice_of(vocabulary), b->diags, &b->shape);
    b->format = (dgm_format){ .name = DGM_LITERAL("json"), .codec = DGM_LITERAL("json"), .shape = b->shape };
    b->formats[0] = &b->format;
    b->host = dgm_host_make(&b->mem, limits, b->diags, NULL, b->formats, 1);
    return st;
}

static void bench_close(bench *b)
{
    dgm_shape_free(b->shape);
    dgm_diags_free(b->diags);
}

#define BLANK "                                                       " /* as long as OPEN */
#define OPEN  "{\"dragoman\": \"document/1\", \"model\": \"M@1\", \"document\": "

static const char full[] = "{\n"
                           "  \"dragoman\": \"document/1\",\n"
                           "  \"model\": \"M@1\",\n"
                           "  \"document\": {\n"
                           "    \"@id\": \"7\",\n"
                           "    \"Code\": \"A\\\"\\\\\\u0001\\n\xc3\xa9\",\n"
                           "    \"Sum\": {\"value\": 12.50, \"currencyID\": \"GBP\"},\n"
                           "    \"Note\": [\n"
                           "      \"one\",\n"
                           "      {\"value\": \"two\", \"languageID\": \"en\", \"@value\": \"x\"},\n"
                           "      \"\"\n"
                           "    ],\n"
                           "    \"Item\": [\n"
                           "      {\n"
                           "        \"No\": 1,\n"
                           "        \"Done\": true,\n"
                           "        \"Part\": {\n"
                           "          \"ID\": \"007\"\n"
                           "        }\n"
                           "      },\n"
                           "      {},\n"
                           "      {\n"
                           "        \"No\": \"01.\",\n"
                           "        \"Part\": {}\n"
                           "      }\n"
                           "    ]\n"
                           "  }\n"
                           "}\n";

static dgm_status write_text(bench *b, const dgm_tree *t, const char *indent, dgm_buffer *out)
{
    dgm_writer *w;
    dgm_setting s = { DGM_LITERAL("indent"), dgm_slice_of(indent) };
    dgm_buffer_init(out, &b->mem);
    dgm_status st = dgm_codec_json.writer_open(&b->host, &b->format, &s, indent ? 1 : 0, dgm_buffer_sink(out), &w);
    if (st == DGM_OK) {
        st = w->codec->write(w, t);
        if (st == DGM_OK) CU_ASSERT_EQUAL(w->codec->write(w, t), DGM_USAGE); /* one document in one output */
        if (st == DGM_OK) st = w->codec->finish(w);
    }
    dgm_codec_json.writer_close(w);
    return st;
}

static void test_round_trip(void)
{
    bench b;
    dgm_reader *r;
    dgm_message m;
    dgm_buffer out;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_json.open_whole(&b.host, NULL, 0, dgm_slice_of(full), &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(r->codec->next(r, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.errors, 0);
    CU_ASSERT_PTR_EQUAL(m.format, &b.format);
    TEST_TEXT(m.type, "M@1");
    CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
    CU_ASSERT(dgm_tree_sound(m.tree));
    CU_ASSERT(m.tree->borrowed);
    /* Doc 0, @id 1, Code 2, Sum 3 + currency 4, Note 5, Note 6 + 2 attributes, Note 9, Item 10 … */
    TEST_TEXT(dgm_tree_value(m.tree, 2), "A\"\\\x01\n\xc3\xa9");
    TEST_TEXT(dgm_tree_raw(m.tree, 2), "A\\\"\\\\\\u0001\\n\xc3\xa9");
    TEST_TEXT(dgm_tree_value(m.tree, 3), "12.50");
    CU_ASSERT(dgm_node_flags(&m.tree->nodes[9]) & DGM_EMPTY);
    CU_ASSERT_EQUAL(m.tree->nodes[9].place >> 16, 3);
    CU_ASSERT_EQUAL(write_text(&b, m.tree, NULL, &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), full);
    dgm_buffer_free(&out);
    CU_ASSERT_EQUAL(write_text(&b, m.tree, "0", &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out),
              "{\"dragoman\":\"document/1\",\"model\":\"M@1\",\"document\":{\"@id\":\"7\",\"Code\":\"A\\\"\\\\\\u0001\\n\xc3\xa9\","
              "\"Sum\":{\"value\":12.50,\"currencyID\":\"GBP\"},\"Note\":[\"one\",{\"value\":\"two\",\"languageID\":\"en\",\"@"
              "value\":\"x\"},"
              "\"\"],\"Item\":[{\"No\":1,\"Done\":true,\"Part\":{\"ID\":\"007\"}},{},{\"No\":\"01.\",\"Part\":{}}]}}\n");
    dgm_buffer_free(&out);
    r->codec->recycle(r, &m);
    CU_ASSERT_PTR_NULL(m.tree);
    CU_ASSERT_EQUAL(r->codec->next(r, &m), DGM_END);
    r->codec->reset(r);
    CU_ASSERT_EQUAL(r->codec->next(r, &m), DGM_OK); /* the same once more */
    r->codec->recycle(r, &m);
    r->codec->close(r);
    dgm_codec_json.close(NULL);
    bench_close(&b);
}

/* Reads a text in one piece; the tree is freed by the caller. */
static dgm_message read_text(bench *b, dgm_slice text)
{
    dgm_reader *r;
    dgm_message m = { 0 };
    CU_ASSERT_EQUAL_FATAL(dgm_codec_json.open(&b->host, NULL, 0, &r), DGM_OK);
    CU_ASSERT_EQUAL(r->codec->next(r, &m), DGM_MORE);
    CU_ASSERT_EQUAL(r->codec->feed(r, text, true), DGM_OK);
    CU_ASSERT_EQUAL(r->codec->feed(r, text, true), DGM_USAGE);
    CU_ASSERT_EQUAL(r->codec->next(r, &m), DGM_OK);
    dgm_message after;
    CU_ASSERT_EQUAL(r->codec->next(r, &after), DGM_END);
    dgm_codec_json.close(r); /* a tree outlives its reader */
    return m;
}

/* Keys in any order, escaped keys, null, one member without its array: the same document. */
static void test_any_order(void)
{
    static const char *const same[] = {
        OPEN "{\"Code\": \"X\", \"Sum\": {\"value\": 1, \"currencyID\": \"EUR\"}, \"Note\": [\"n\"], \"Item\": [{\"No\": 2}]}}",
        "\xEF\xBB\xBF{\"document\":{\"Item\":{\"No\":2},\"Note\":\"n\",\"Sum\":{\"currencyID\":\"EUR\",\"value\":1},\"Code\":\"X\"}"
        ","
        "\"model\":\"M@1\",\"dragoman\":\"document/1\"}",
        OPEN "{\"\\u0043ode\": \"\\u0058\", \"@id\": null, \"Note\": [\"n\"], \"Item\": [{\"Part\": null, \"No\": 2}], "
             "\"Sum\": {\"@currencyID\": \"EUR\", \"value\": 1}}} \n",
    };
    bench b;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    dgm_message first = read_text(&b, dgm_slice_of(same[0]));
    CU_ASSERT_PTR_NOT_NULL_FATAL(first.tree);
    CU_ASSERT_EQUAL(first.tree->node_count, 7);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        dgm_message m = read_text(&b, dgm_slice_of(same[i]));
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        CU_ASSERT(dgm_tree_sound(m.tree));
        CU_ASSERT(dgm_tree_equal(first.tree, m.tree, false, NULL, NULL));
        dgm_tree_free(m.tree);
    }
    dgm_tree_free(first.tree);
    CU_ASSERT_EQUAL(dgm_diags_count(b.diags), 0);
    bench_close(&b);
}

/* The second text has a ^ under the first byte that is blamed (one column for each byte). */
static void test_carets(void)
{
    static const struct {
        const char *text, *caret, *code;
        bool tree;
    } cases[] = {
        { "", "^", "json.document.empty", false },
        { "  \n", "   ^", "json.document.empty", false },
        { "[]", "^", "json.document.kind", false },
        { "{", " ^", "json.document.truncated", false },
        { "{\"a\" 1}", "     ^", "json.syntax", false },
        { "{\"a\":}", "     ^", "json.syntax", false },
        { "{\"a\":1,}", "       ^", "json.syntax", false },
        { "[1 2]", "   ^", "json.syntax", false },
        { "[1,]", "   ^", "json.syntax", false },
        { "[1}", "  ^", "json.syntax", false },
        { "{'a':1}", " ^", "json.syntax", false },
        { "[truE]", " ^", "json.syntax", false },
        { "[\"a", "   ^", "json.document.truncated", false },
        { "[\"a\tb\"]", "   ^", "json.string.control", false },
        { "[\"\\x\"]", "  ^", "json.string.escape", false },
        { "[\"\\u12G4\"]", "  ^", "json.string.escape", false },
        { "[\"\\uD800x\"]", "  ^", "json.string.surrogate", false },
        { "[\"\\uDC00\"]", "  ^", "json.string.surrogate", false },
        { "[01]", " ^", "json.number.syntax", false },
        { "[1.]", " ^", "json.number.syntax", false },
        { "[-]", " ^", "json.number.syntax", false },
        { "[1e]", " ^", "json.number.syntax", false },
        { "[.5]", " ^", "json.syntax", false },
        { "[\"\xff\"]", "  ^", "json.utf8", false },
        { "{} x", "   ^", "json.document.trailing", false },
        { "{\"dragoman\":\"document/2\"}", "             ^", "json.document.kind", false },
        { "{\"dragoman\":\"document/1\"}", "^", "json.document.kind", false },
        { "{\"dragoman\":\"document/1\",\"model\":\"M@2\"}", "                                  ^", "json.model.unknown", false },
        { OPEN "[]}", BLANK "^", "json.document.kind", false },
        { OPEN "{\"Cod\":\"\"}}", BLANK "  ^", "json.key.unknown", true },
        { OPEN "{\"Qqqqqq\":\"\"}}", BLANK "  ^", "json.key.unknown", true },
        { OPEN "{\"Code\":\"\",\"Code\":\"\"}}", BLANK "            ^", "json.key.duplicate", true },
        { OPEN "{\"Code\":1}}", BLANK "        ^", "json.value.kind", true },
        { OPEN "{\"Sum\":true}}", BLANK "       ^", "json.value.kind", true },
        { OPEN "{\"Sum\":1e2}}", BLANK "       ^", "json.number.exponent", true },
        { OPEN "{\"Item\":[1]}}", BLANK "         ^", "json.value.kind", true },
        { OPEN "{\"Note\":[[]]}}", BLANK "         ^", "json.value.kind", true },
        { OPEN "{\"Sum\":{\"value\":1,\"curencyID\":\"\"}}}", BLANK "                   ^", "json.key.unknown", true },
    };
    bench b;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dgm_diags_clear(b.diags);
        dgm_message m = read_text(&b, dgm_slice_of(cases[i].text));
        const dgm_diag *d = dgm_diags_at(b.diags, 0);
        CU_ASSERT_EQUAL(m.errors, 1);
        CU_ASSERT_EQUAL(dgm_diags_count(b.diags), 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(d);
        TEST_TEXT(dgm_slice_of(dgm_diag_name(d->code)), cases[i].code);
        size_t caret = strlen(cases[i].caret) - 1;
        if (d->at_byte != caret || (m.tree != NULL) != cases[i].tree) {
            fprintf(stderr, "case %zu: %s\n%s\nat %llu, wanted %zu\n", i, cases[i].code, cases[i].text,
                    (unsigned long long)d->at_byte, caret);
            CU_FAIL("the place of the mistake is wrong");
        }
        CU_ASSERT(!m.tree || dgm_tree_sound(m.tree));
        dgm_tree_free(m.tree);
    }
    bench_close(&b);
}

/* Fed in pieces of every size up to 40, the tree is the one of a whole input. */
static void test_pieces(void)
{
    bench b;
    dgm_reader *r;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    dgm_message whole = read_text(&b, dgm_slice_of(full));
    CU_ASSERT_EQUAL_FATAL(dgm_codec_json.open(&b.host, NULL, 0, &r), DGM_OK);
    for (size_t size = 1; size <= 40; size++) {
        dgm_slice rest = dgm_slice_of(full);
        while (rest.len) {
            dgm_slice piece = dgm_slice_part(rest, 0, size);
            char copy[40]; /* the piece is borrowed during the call only */
            memcpy(copy, piece.at, piece.len);
            CU_ASSERT_EQUAL(r->codec->next(r, &m), DGM_MORE);
            CU_ASSERT_EQUAL(r->codec->feed(r, (dgm_slice){ copy, piece.len }, false), DGM_OK);
            memset(copy, 0xff, sizeof copy);
            rest = dgm_slice_part(rest, piece.len, rest.len);
        }
        CU_ASSERT_EQUAL(r->codec->feed(r, (dgm_slice){ 0 }, true), DGM_OK);
        CU_ASSERT_EQUAL_FATAL(r->codec->next(r, &m), DGM_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        CU_ASSERT(dgm_tree_equal(whole.tree, m.tree, false, NULL, NULL));
        r->codec->recycle(r, &m);
        r->codec->reset(r);
    }
    r->codec->close(r);
    dgm_tree_free(whole.tree);
    bench_close(&b);
}

/* Every beginning of a document is refused with one diagnostic; every byte struck out gives some answer and no crash. */
static void test_prefixes(void)
{
    bench b;
    char text[sizeof full];
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    for (size_t n = 0; n + 2 < sizeof full - 1; n++) { /* without its last brace */
        dgm_diags_clear(b.diags);
        dgm_message m = read_text(&b, (dgm_slice){ full, n });
        CU_ASSERT_EQUAL(m.errors, 1);
        CU_ASSERT_PTR_NULL(m.tree);
        dgm_tree_free(m.tree);
    }
    for (size_t n = 0; n < sizeof full - 1; n++) {
        dgm_diags_clear(b.diags);
        memcpy(text, full, n);
        memcpy(text + n, full + n + 1, sizeof full - 1 - n);
        dgm_message m = read_text(&b, (dgm_slice){ text, sizeof full - 2 });
        CU_ASSERT(m.tree || m.errors);
        CU_ASSERT(!m.tree || dgm_tree_sound(m.tree));
        dgm_tree_free(m.tree);
    }
    bench_close(&b);
}

static const char *only_code(const bench *b)
{
    const dgm_diag *d = dgm_diags_at(b->diags, 0);
    return d ? dgm_diag_name(d->code) : "";
}

static void test_limits(void)
{
    static const struct {
        dgm_limits limits;
        const char *text, *code;
    } cases[] = {
        { { .message_bytes_max = 20 }, full, "json.limit.bytes" },
        { { .depth_max = 2 }, OPEN "{\"Item\":[{\"Part\":{}}]}}", "json.limit.depth" },
        { { .nodes_max = 3 }, OPEN "{\"Code\":\"\",\"Note\":[\"\",\"\",\"\"]}}", "json.limit.nodes" },
        { { .name_bytes_max = 8 }, OPEN "{\"Codecodec\":\"\"}}", "json.limit.name" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b;
        CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, &cases[i].limits), DGM_OK);
        dgm_message m = read_text(&b, dgm_slice_of(cases[i].text));
        CU_ASSERT_EQUAL(m.errors, 1);
        CU_ASSERT_PTR_NULL(m.tree);
        TEST_TEXT(dgm_slice_of(only_code(&b)), cases[i].code);
        dgm_tree_free(m.tree);
        bench_close(&b);
    }
    /* brackets without end: no recursion, one diagnostic */
    enum { DEEP = 1000000 };
    char *deep = malloc(DEEP);
    CU_ASSERT_PTR_NOT_NULL_FATAL(deep);
    memset(deep, '[', DEEP);
    bench b;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    dgm_message m = read_text(&b, (dgm_slice){ deep, DEEP });
    CU_ASSERT_PTR_NULL(m.tree);
    TEST_TEXT(dgm_slice_of(only_code(&b)), "json.limit.depth");
    bench_close(&b);
    free(deep);
}

/* A random value that its type allows, or none. */
static dgm_slice random_value(test_random *r, dgm_type type, char out[32])
{
    static const char *const texts[] = { "",     "a",   "\"", "\\", "\t\n\x01", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x9a\xa2",
                                         "null", "[1]", " x " };
    static const char *const numbers[] = { "0", "-1.50", "007", ".5", "5.", "12345678901234567890.123", "1e5", "" };
    switch (type) {
    case DGM_TYPE_NUMBER:
    case DGM_TYPE_AMOUNT:
    case DGM_TYPE_QUANTITY: return dgm_slice_of(numbers[test_random_below(r, 8)]);
    case DGM_TYPE_FLAG: return dgm_slice_of(test_random_below(r, 2) ? "true" : "maybe");
    case DGM_TYPE_NONE:
    case DGM_TYPE_TEXT:
    case DGM_TYPE_CODE:
    case DGM_TYPE_ID:
    case DGM_TYPE_DATE:
    case DGM_TYPE_POINTER: break;
    }
    snprintf(out, 32, "%s%u", texts[test_random_below(r, 9)], test_random_below(r, 50));
    return test_random_below(r, 5) ? dgm_slice_of(out) : dgm_slice_of(texts[test_random_below(r, 9)]);
}

/* Any sound document of the declaration is written, read, and the same: text that looks like syntax, numbers JSON cannot spell,
 * empty classes, attributes, what stands more often than it may. */
static void test_random_documents(void)
{
    enum { CLASSES = 60 };
    bench b;
    dgm_builder *builder;
    test_random r = { 11 };
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    dgm_slice file = test_read_file(DGM_MAPPINGS_DIR "/model/declaration.tsv");
    dgm_shape *shape;
    CU_ASSERT_EQUAL_FATAL(dgm_vocabulary_load(&b.mem, DGM_LITERAL("declaration.tsv"), file, b.diags, &shape), DGM_OK);
    dgm_shape_free(b.shape);
    b.format.shape = b.shape = shape;
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&b.mem, NULL, &builder), DGM_OK);
    for (int round = 0; round < 300; round++) {
        uint32_t ids[CLASSES] = { 0 }, count = 1;
        dgm_tree *t;
        char text[32];
        CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(builder, shape, false), DGM_OK);
        for (int i = 0; i < 150; i++) {
            uint32_t parent = ids[test_random_below(&r, count)];
            const dgm_slot *above = dgm_shape_slot(shape, dgm_builder_slot(builder, parent));
            if (above->child_count == 0) continue;
            uint32_t slot = above->first_child + test_random_below(&r, above->child_count);
            const dgm_slot *s = dgm_shape_slot(shape, slot);
            if (s->kind == DGM_GROUP) {
                uint32_t id = dgm_builder_open(builder, parent, slot, 0);
                if (count < CLASSES) ids[count++] = id;
                continue;
            }
            uint32_t id = dgm_builder_leaf(builder, parent, slot, 0, random_value(&r, s->type, text));
            if (s->child_count && test_random_below(&r, 3) == 0)
                dgm_builder_attribute(builder, id, s->first_child + test_random_below(&r, s->child_count),
                                      random_value(&r, DGM_TYPE_TEXT, text));
        }
        CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(builder, &t, NULL), DGM_OK);
        dgm_buffer out;
        CU_ASSERT_EQUAL_FATAL(write_text(&b, t, round % 2 ? "0" : "2", &out), DGM_OK);
        dgm_message m = read_text(&b, dgm_buffer_slice(&out));
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        CU_ASSERT(dgm_tree_sound(m.tree));
        CU_ASSERT(dgm_tree_equal(t, m.tree, false, NULL, NULL));
        dgm_tree_free(m.tree);
        dgm_buffer_free(&out);
        dgm_builder_recycle(builder, t);
    }
    dgm_builder_free(builder);
    union {
        const char *in;
        char *out;
    } bytes = { file.at };
    free(bytes.out);
    bench_close(&b);
}

static void test_identify(void)
{
    CU_ASSERT_EQUAL(dgm_codec_json.identify(dgm_slice_of(full)), 100);
    CU_ASSERT_EQUAL(dgm_codec_json.identify(DGM_LITERAL("\xEF\xBB\xBF {\"dragoman\" : \"document/1\"")), 100);
    CU_ASSERT_EQUAL(dgm_codec_json.identify(DGM_LITERAL("{ \"a\"")), 30);
    CU_ASSERT_EQUAL(dgm_codec_json.identify(DGM_LITERAL("{4:")), 0); /* a SWIFT block */
    CU_ASSERT_EQUAL(dgm_codec_json.identify(DGM_LITERAL("UNA:+.? '")), 0);
    CU_ASSERT_EQUAL(dgm_codec_json.identify((dgm_slice){ 0 }), 0);
}

/* What is no place of the model cannot be written, and nothing is. */
static void test_refused(void)
{
    bench b;
    dgm_draft *d;
    dgm_tree *t;
    dgm_buffer out;
    CU_ASSERT_EQUAL_FATAL(bench_open(&b, NULL, NULL), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_draft_new(&b.mem, NULL, &d), DGM_OK);
    dgm_draft_begin(d, b.shape);
    dgm_draft_open(d, 0, DGM_GROUP, 0, 0, 1);
    uint32_t odd = dgm_draft_open(d, DGM_SLOT_UNKNOWN, DGM_GROUP, 0, 0, 1);
    dgm_draft_named(d, odd, DGM_LITERAL("Odd"));
    CU_ASSERT_EQUAL_FATAL(dgm_draft_finish(d, NULL, 0, 0, true, 0, &t), DGM_OK);
    CU_ASSERT(dgm_tree_sound(t));
    CU_ASSERT_EQUAL(write_text(&b, t, NULL, &out), DGM_INVALID);
    CU_ASSERT_EQUAL(out.len, 0);
    TEST_TEXT(dgm_slice_of(only_code(&b)), "json.write.unknown");
    dgm_buffer_free(&out);
    dgm_draft_recycle(d, t, NULL, NULL);
    /* an item before the code */
    dgm_diags_clear(b.diags);
    dgm_draft_begin(d, b.shape);
    dgm_draft_open(d, 0, DGM_GROUP, 0, 0, 1);
    dgm_draft_open(d, dgm_shape_find(b.shape, DGM_LITERAL("Item"), NULL), DGM_GROUP, 0, 0, 1);
    dgm_draft_close(d);
    dgm_node *n = dgm_draft_reserve(d, 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(n);
    *n =
        (dgm_node){ 0, 0, DGM_TAG(dgm_shape_find(b.shape, DGM_LITERAL("Code"), NULL), DGM_ELEMENT, DGM_EMPTY), DGM_PLACE(0, 0, 1) };
    dgm_draft_commit(d, 1);
    CU_ASSERT_EQUAL_FATAL(dgm_draft_finish(d, NULL, 0, 0, true, 0, &t), DGM_OK);
    CU_ASSERT_EQUAL(write_text(&b, t, NULL, &out), DGM_INVALID);
    TEST_TEXT(dgm_slice_of(only_code(&b)), "json.write.order");
    dgm_buffer_free(&out);
    dgm_draft_recycle(d, t, NULL, NULL);
    dgm_draft_free(d);
    dgm_writer *w;
    dgm_setting s = { DGM_LITERAL("indent"), DGM_LITERAL("x") };
    CU_ASSERT_EQUAL(dgm_codec_json.writer_open(&b.host, &b.format, &s, 1, dgm_buffer_sink(&out), &w), DGM_USAGE);
    CU_ASSERT_PTR_NULL(w);
    dgm_shape *shape;
    CU_ASSERT_EQUAL(dgm_codec_json.shape(&b.host, &b.format, &shape), DGM_CONFIG);
    bench_close(&b);
}

static dgm_status work(const dgm_mem *mem, void *ctx)
{
    bench b;
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    dgm_status st = bench_open(&b, mem, NULL);
    if (st == DGM_OK) st = dgm_codec_json.open(&b.host, NULL, 0, &r);
    for (int i = 0; i < 2 && st == DGM_OK; i++) {
        st = r->codec->feed(r, dgm_slice_of(ctx), true);
        if (st == DGM_OK) st = r->codec->next(r, &m);
        if (st == DGM_OK && m.tree) {
            dgm_buffer out;
            st = write_text(&b, m.tree, NULL, &out);
            dgm_buffer_free(&out);
        }
        dgm_codec_json.recycle(r, &m);
        dgm_codec_json.reset(r);
    }
    dgm_codec_json.close(r);
    bench_close(&b);
    return st;
}

static void test_memory(void)
{
    char text[sizeof full];
    memcpy(text, full, sizeof full);
    CU_ASSERT(test_each_allocation_fails(work, text) > 8);
}

int main(void)
{
    static const test_case cases[] = {
        { "a document comes back byte for byte", test_round_trip },
        { "keys may come in any order", test_any_order },
        { "each mistake has its caret", test_carets },
        { "pieces of any size", test_pieces },
        { "every prefix, every byte struck out", test_prefixes },
        { "random documents", test_random_documents },
        { "limits", test_limits },
        { "identify", test_identify },
        { "what cannot be written", test_refused },
        { "each allocation may fail", test_memory },
        { NULL, NULL },
    };
    return test_main("json", cases);
}
