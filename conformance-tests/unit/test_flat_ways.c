/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_ways.c - what must hold whatever the layout: pieces of any size, every beginning of an input, each allocation failing,
 * limits, readers and writers used again, what is read being what is written. One thread.
 */
#include "flat_tests.h"

static const char probe[] =
    "  message: Probe\n  kind: fixed\n  encoding: GB18030\n  ends: [CRLF, LF]\n  reference: H/reference\n  records:\n    - record: "
    "H\n      fields: [{at: 1-3, value: H01}, {field: reference, width: 17},"
    " {field: date, width: 8, date: YYYYMMDD}, {field: time, width: 6, date: hhmmss}, {field: currency, width: 3, class: a}]\n"
    "      records:\n        - record: D\n          times: 0..*\n          fields: [{at: 1, value: D}, {field: sequence, width: 3, "
    "class: n}, {field: name, width: 10},"
    " {field: quantity, width: 6, implied: 3}, {field: amount, width: 5, implied: 2, sign: overpunch}]\n"
    "          records: [{record: C, times: 0..9, fields: [{at: 1, value: C}, {field: sequence, width: 3, same: D/sequence}, "
    "{field: name, width: 10}]}]\n"
    "        - record: T\n          fields: [{at: 1, value: T}, {field: records, width: 5, count: all}, {field: lines, width: 5, "
    "count: D}, {field: amount, width: 9, implied: 2, sign: overpunch, sum: D/amount}]\n";
static const char good[] = "H01REF0001          20260302101500CNY\r\n"
                           "D001\xB5\xE7\xC4\xD4      0012500100{\r\n"
                           "C001\x95\x32\x82\x36\x88\x7C    \r\n"
                           "D002abc       0000010005J\r\n"
                           "T000050000200000094I\r\n";
static const char bad[] = "H01REF0002          20261302101500C1Y\r\n"
                          "D001\xB5\xE7\xC4\xD4\xFF     001x500100{\r\n"
                          "C002too long for it\r\n"
                          "what is this\r\n"
                          "T00005000020000009I\r\n"
                          "H01REF0003          20260302101500CNY\r\n"
                          "T000020000000000000{\r\n";
static const char odd[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: k, at: 2}, "
    "{field: "
    "a, at: 3-4, when: {k: A}}, {field: b, at: 3, when: {k: B}}, {field: name, at: 5-6, split: 2}, {at: 9-10, continues: name}]\n"
    "      records:\n        - {record: C, times: 0..9, fields: [{at: 1, value: C}, {at: 2-3, continues: H/name}]}\n"
    "        - {record: L, times: 0..9, unless: {k: B}, fields: [{at: 1, value: L}, {field: n, at: 2}, {field: x, repeat: 3, "
    "width: 2, "
    "counted: n}]}\n";
static const char odds[] = "HAxyabcdef\nCgh\nCi \nL2aabb\nHBz abc\n";
static const char csv[] = "  kind: delimited\n  heading: names\n  ends: LF\n  records: [{record: Row, times: 1..*, fields: "
                          "[{field: a}, {field: b, decimals: 2}, {field: c, length: 1-2}]}]\n";
static const char rows[] = "a,b,c\n\"x,\"\"y\",1.50,q\n,,long\n\"open,2,3\nz\n";

/* ---- pieces and beginnings ---- */

static void sweep(const char *yaml, dgm_slice input)
{
    flat_kit *k = flat_kit_make(NULL, NULL, yaml);
    flat_lines whole = { 0 };
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    CU_ASSERT_EQUAL(flat_read(k, input, 0, &whole, NULL), DGM_OK);
    for (size_t piece = 1; piece <= input.len + 1; piece++) {
        flat_lines l = { 0 };
        CU_ASSERT_EQUAL(flat_read(k, input, piece, &l, NULL), DGM_OK);
        TEST_TEXT(((dgm_slice){ l.at, l.len }), whole.at);
        free(l.at);
    }
    free(whole.at);
    for (size_t n = 0; n < input.len; n++) { /* every beginning, whole and byte by byte */
        flat_lines a = { 0 }, b = { 0 };
        flat_put(&a, DGM_LITERAL(""));
        flat_put(&b, DGM_LITERAL(""));
        CU_ASSERT_EQUAL(flat_read(k, dgm_slice_part(input, 0, n), 0, &a, NULL), DGM_OK);
        CU_ASSERT_EQUAL(flat_read(k, dgm_slice_part(input, 0, n), 1, &b, NULL), DGM_OK);
        TEST_TEXT(((dgm_slice){ b.at, b.len }), a.at);
        free(a.at);
        free(b.at);
    }
    flat_kit_free(k);
}

static void pieces(void)
{
    sweep(probe, (dgm_slice){ good, sizeof good - 1 });
    sweep(probe, (dgm_slice){ bad, sizeof bad - 1 });
    sweep(csv, (dgm_slice){ rows, sizeof rows - 1 });
    sweep(odd, (dgm_slice){ odds, sizeof odds - 1 });
    static const char substitute[] = "a,b,c\nx,1,q\n\x1A\nz,2,r\n\x1A\x1A\n\x1A";
    sweep(csv, (dgm_slice){ substitute, sizeof substitute - 1 });
}

/* ---- round trip ---- */

static void there_and_back(void)
{
    FLAT_BECOMES(odd, "HAxyabcdef\nCgh\nCi \nL2aabb\nHBz abc\n", "HAxyabcdef\nCgh\nCi \nL2aabb\nHBz abc   \n");
    FLAT_RETURNS(probe, "H01REF0001          20260302101500CNY\r\n"
                        "D001\xB5\xE7\xC4\xD4      0012500100{\r\n"
                        "C001\x95\x32\x82\x36\x88\x7C    \r\n"
                        "D002abc       0000010005J\r\n"
                        "T000050000200000094I\r\n");
}

/* ---- allocations ---- */

typedef struct job {
    const char *yaml;
    dgm_slice input;
    size_t piece;
} job;

static dgm_status run(const dgm_mem *mem, void *ctx)
{
    const job *j = ctx;
    dgm_buffer out;
    flat_lines l = { 0 };
    dgm_writer *w = NULL;
    flat_kit *k = flat_kit_make(mem, NULL, j->yaml);
    dgm_status st = k->loaded;
    dgm_buffer_init(&out, mem);
    flat_put(&l, DGM_LITERAL(""));
    if (st == DGM_OK) st = dgm_codec_flat.writer_open(&k->host, &k->format, NULL, 0, dgm_buffer_sink(&out), &w);
    if (st == DGM_OK) {
        dgm_reader *r = NULL;
        st = dgm_codec_flat.open(&k->host, NULL, 0, &r);
        for (size_t at = 0; st == DGM_OK;) {
            dgm_message m;
            st = dgm_codec_flat.next(r, &m);
            if (st == DGM_MORE) {
                size_t n = j->input.len - at < j->piece ? j->input.len - at : j->piece;
                st = dgm_codec_flat.feed(r, dgm_slice_part(j->input, at, at + n), at + n == j->input.len);
                at += n;
                continue;
            }
            if (st != DGM_OK) break;
            if (m.tree && !m.errors) st = dgm_codec_flat.write(w, m.tree);
            dgm_codec_flat.recycle(r, &m);
        }
        if (st == DGM_END) st = dgm_codec_flat.finish(w);
        dgm_codec_flat.close(r);
    }
    if (st == DGM_OK && dgm_diags_failed(k->diags)) st = DGM_NOMEM;
    dgm_codec_flat.writer_close(w);
    dgm_buffer_free(&out);
    free(l.at);
    flat_kit_free(k);
    return st;
}

static void allocations(void)
{
    job a = { probe, { good, sizeof good - 1 }, 50 }, b = { csv, { rows, sizeof rows - 1 }, 7 };
    CU_ASSERT(test_each_allocation_fails(run, &a) > 20);
    CU_ASSERT(test_each_allocation_fails(run, &b) > 20);
    job c = { odd, { odds, sizeof odds - 1 }, 9 };
    CU_ASSERT(test_each_allocation_fails(run, &c) > 20);
    job wrong = { "  kind: fixed\n  kinds: 2\n  records: [{record: R, fields: [{field: a}]}]\n", { "", 0 }, 1 };
    test_mem state = { .left = 1000000 };
    dgm_mem mem = test_mem_make(&state);
    CU_ASSERT_EQUAL(run(&mem, &wrong), DGM_CONFIG);
    CU_ASSERT_EQUAL(state.bytes_live, 0);
}

/* ---- limits ---- */

#define LINES                                                                                                                      \
    "  kind: fixed\n  ends: LF\n  short: accept\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: a, at: "   \
    "2-9}]\n"

static void limited(const dgm_limits *limits, const char *input, const char *wanted)
{
    for (size_t piece = 0; piece < 40; piece++) {
        flat_kit *k = flat_kit_make(
            NULL, limits, LINES "      records: [{record: D, times: 0..*, fields: [{at: 1, value: D}, {field: b, at: 2-9}]}]\n");
        flat_lines l = { 0 };
        CU_ASSERT_EQUAL(flat_read(k, dgm_slice_of(input), piece, &l, NULL), DGM_OK);
        TEST_TEXT(((dgm_slice){ l.at, l.len }), wanted);
        free(l.at);
        flat_kit_free(k);
    }
}

static void limits(void)
{
    dgm_limits record = { .segment_bytes_max = 9 }, message = { .message_bytes_max = 12 }, nodes = { .nodes_max = 6 };
    limited(&record, "H1\nD234567890123456789012345678901234567890\nD2\nH2\nD3\n",
            "message 1 at 0+47: 1 errors, no tree\nflat.limit.record 3+0\nmessage 2 at 47+6: 0 errors\nH/a=2\nH/D/b=3\n");
    limited(&message, "H1\nD2\nD3\nD4\nD5\nH2\nD3\n",
            "message 1 at 0+15: 1 errors, no tree\nflat.limit.message 12+0\nmessage 2 at 15+6: 0 errors\nH/a=2\nH/D/b=3\n");
    limited(&nodes, "H1\nD2\nD3\nD4\nD5\nH2\nD3\n",
            "message 1 at 0+15: 1 errors, no tree\nflat.limit.nodes 6+0\nmessage 2 at 15+6: 0 errors\nH/a=2\nH/D/b=3\n");
}

/* ---- used again ---- */

static void again(void)
{
    flat_kit *k = flat_kit_make(NULL, NULL, probe);
    dgm_reader *r = NULL;
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_flat.open(&k->host, NULL, 0, &r), DGM_OK);
    for (int i = 0; i < 3; i++) {
        dgm_message m;
        dgm_slice input = DGM_LITERAL("H01REF0001          20260302101500CNY\r\nT000020000000000000{\r\n");
        CU_ASSERT_EQUAL(dgm_codec_flat.feed(r, input, true), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_flat.next(r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.errors, 0);
        TEST_TEXT(m.reference, "REF0001");
        TEST_TEXT(m.type, "Probe");
        CU_ASSERT_EQUAL(m.position.message, 1);
        dgm_codec_flat.recycle(r, &m);
        CU_ASSERT_EQUAL(dgm_codec_flat.next(r, &m), DGM_END);
        CU_ASSERT_EQUAL(dgm_codec_flat.feed(r, DGM_LITERAL("x"), true), DGM_USAGE);
        dgm_codec_flat.reset(r);
    }
    dgm_codec_flat.close(r);
    flat_kit_free(k);
}

int main(void)
{
    static const test_case cases[] = {
        { "pieces of any size, every beginning", pieces },
        { "what is read is written", there_and_back },
        { "each allocation fails", allocations },
        { "limits", limits },
        { "a reader is used again", again },
        { 0 },
    };
    return test_main("flat_ways", cases);
}
