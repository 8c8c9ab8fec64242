/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_stored.c - numbers that are no characters (packed digits, binary integers) in records of ASCII, EBCDIC, Shift_JIS and
 * UTF-8: worked out by hand from the bytes of a host. One thread.
 */
#include "flat_tests.h"

#define ONE(encoding, length, fields)                                                                                              \
    "  kind: fixed\n  encoding: " encoding "\n  ends: none\n  length: " length "\n  records: [{record: R, fields: [" fields "]}]"  \
    "\n"

static void both(const char *yaml, dgm_slice bytes, const char *wanted, int line)
{
    flat_reads(yaml, bytes, wanted, __FILE__, line);
    flat_returns(yaml, bytes, bytes, __FILE__, line);
}
#define BOTH(yaml, bytes, wanted) both(yaml, (dgm_slice){ (bytes), sizeof(bytes) - 1 }, wanted, __LINE__)

static void packed(void)
{
    static const char yaml[] =
        ONE("US-ASCII", "8",
            "{field: a, at: 1-3, packed: signed, implied: 2}, {field: b, at: 4-5, packed: unsigned}, {field: "
            "c, at: 6-7, packed: bare}, {field: t, at: 8}");
    BOTH(yaml, "\x12\x34\x5C\x67\x8F\x09\x12x", "message 1 at 0+8: 0 errors\nR/a=123.45\nR/b=678\nR/c=912\nR/t=x\n");
    BOTH(yaml, "\x00\x00\x1D\x00\x0F\x20\x20y\x99\x99\x9C  \x99\x99z",
         "message 1 at 0+8: 0 errors\nR/a=-0.01\nR/b=0\nR/c=2020\nR/t=y\nmessage 2 at 8+8: 0 "
         "errors\nR/a=999.99\nR/c=9999\nR/t=z\n");
    /* other signs of a host, and nothing that is less than nothing, become the usual ones */
    FLAT_READS(yaml, "\x00\x00\x0D\x67\x8C\x00\x00 \x00\x10\x0B\x67\x8A\x00\x00 ",
               "message 1 at 0+8: 0 errors\nR/a=0.00\nR/b=678\nR/c=0\nmessage 2 at 8+8: 0 errors\nR/a=-1.00\nR/b=678\nR/c=0\n");
    FLAT_BECOMES(yaml, "\x00\x00\x0D\x67\x8C\x00\x00 ", "\x00\x00\x0C\x67\x8F\x00\x00 ");
    FLAT_READS(yaml, "\x12\x3A\x5C\x67\x8F\x09\x12x",
               "message 1 at 0+8: 1 errors\nR/b=678\nR/c=912\nR/t=x\nflat.field.packed 1+1 R/a\n");
    FLAT_READS(
        yaml, "\x12\x34\x55\x67\x8D\x09\x1Fx",
        "message 1 at 0+8: 3 errors\nR/t=x\nflat.field.packed 2+1 R/a\nflat.field.packed 4+1 R/b\nflat.field.packed 6+1 R/c\n");
    static const char nothing[] = ONE("US-ASCII", "4",
                                      "{field: a, at: 1-2, packed: signed, absent: zero}, {field: b, at: 3-4, packed: "
                                      "signed, required: yes, values: [12, -7]}");
    BOTH(nothing, "\x00\x0C\x01\x2C\x00\x1D\x00\x7D",
         "message 1 at 0+4: 0 errors\nR/b=12\nmessage 2 at 4+4: 0 errors\nR/a=-1\nR/b=-7\n");
    FLAT_READS(nothing, "\x00\x0C  ", "message 1 at 0+4: 1 errors\nR\nflat.field.required 2+2 R/b\n");
    FLAT_READS(nothing, "\x00\x0C\x01\x3C", "message 1 at 0+4: 1 errors\nR\nflat.field.code 2+2 R/b\n");
}

static void binary(void)
{
    static const char yaml[] =
        ONE("US-ASCII", "16",
            "{field: a, at: 1-2, binary: signed}, {field: b, at: 3-4, binary: unsigned-little}, {field: c, at: "
            "5-8, binary: signed-little, implied: 3}, {field: d, at: 9-16, binary: unsigned}");
    BOTH(yaml, "\xFF\xFE\x01\x02\x00\x00\x00\x80\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
         "message 1 at 0+16: 0 errors\nR/a=-2\nR/b=513\nR/c=-2147483.648\nR/d=18446744073709551615\n");
    BOTH(yaml, "\x7F\xFF\x0A\x0D\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x0A",
         "message 1 at 0+16: 0 errors\nR/a=32767\nR/b=3338\nR/c=0.001\nR/d=10\n");
    static const char large[] =
        ONE("US-ASCII", "9", "{field: a, at: 1-8, binary: signed}, {field: b, at: 9, binary: signed, absent: zero}");
    BOTH(large, "\x80\x00\x00\x00\x00\x00\x00\x00\x80\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00",
         "message 1 at 0+9: 0 errors\nR/a=-9223372036854775808\nR/b=-128\nmessage 2 at 9+9: 0 errors\nR/a=9223372036854775807\n");
}

/* Bytes that would be letters, or half of one, beside text that is decoded. */
static void encodings(void)
{
#define KEYED(encoding) ONE(encoding, "6", "{at: 1, value: D}, {field: n, at: 2-4, packed: signed}, {field: t, at: 5-6}")
    BOTH(KEYED("IBM037"), "\xC4\x15\x25\x0D\xC1\xC2", "message 1 at 0+6: 0 errors\nR/n=-15250\nR/t=AB\n");
    BOTH(KEYED("IBM037"), "\xC4\x40\x40\x40\xC1\x40", "message 1 at 0+6: 0 errors\nR/t=A\n");
    BOTH(KEYED("Shift_JIS"), "D\x83\x41\x8C\x83\x41", "message 1 at 0+6: 0 errors\nR/n=83418\nR/t=\xE3\x82\xA2\n");
    BOTH(KEYED("UTF-8"), "D\x91\x29\x2D\xC3\xA9", "message 1 at 0+6: 0 errors\nR/n=-91292\nR/t=\xC3\xA9\n");
    FLAT_READS(KEYED("UTF-8"), "X\x91\x29\x2D  ",
               "message 1 at 0+6: 3 errors\nflat.encoding 1+1\nflat.record.unknown 0+6\nflat.record.missing 6+0 R\n");
}

/* A trailer of packed totals is checked, and made. */
static void totals(void)
{
    static const char yaml[] =
        "  kind: fixed\n  encoding: US-ASCII\n  ends: none\n  length: 5\n  records:\n"
        "    - {record: D, times: 0..*, fields: [{at: 1, value: D}, {field: a, at: 2-5, packed: signed, implied: 2}]}\n"
        "    - {record: T, fields: [{at: 1, value: T}, {field: n, at: 2-3, packed: unsigned, count: D}, {field: s, "
        "at: 4-5, packed: signed, implied: 2, sum: D/a}]}\n";
    BOTH(yaml,
         "D\x00\x00\x10\x0C"
         "D\x00\x00\x02\x5D"
         "T\x00\x2F\x07\x5C",
         "message 1 at 0+15: 0 errors\nD/a=1.00\nD#2/a=-0.25\nT/n=2\nT/s=0.75\n");
    FLAT_READS(yaml,
               "D\x00\x00\x10\x0C"
               "T\x00\x2F\x07\x5C",
               "message 1 at 0+10: 2 errors\nD/a=1.00\nT/n=2\nT/s=0.75\nflat.control.count 6+2 T/n\nflat.control.sum 8+2 T/s\n");
}

/* Account numbers and amounts of two kinds of records; what does not fit the field is left out at its left. */
static void hashes(void)
{
    static const char yaml[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: H\n      fields: [{at: 1, value: H}]\n      records:\n"
        "        - {record: D, times: 0..*, fields: [{at: 1, value: D}, {field: account, at: 2-9, class: n}, {field: a, at: 10-13, "
        "implied: 2}]}\n        - {record: E, times: 0..*, fields: [{at: 1, value: E}, {field: account, at: 2-9, class: n}, "
        "{field: a, "
        "at: 10-13, type: number, sign: trailing}]}\n"
        "        - {record: T, fields: [{at: 1, value: T}, {field: h, at: 2-9, hash: [D/account, E/account]}, {field: s, at: "
        "10-15, "
        "sign: leading, implied: 2, sum: [D/a, E/a]}, {field: g, at: 16-19, hash: [D/a, E/a]}]}\n";
    /* 99999999 + 12345678 + 00000007 = 112345684; 1.50 + 20 - 3 = 18.50; 150 + 2000 + 300 = 2450, 4 digits */
    BOTH(yaml, "H\nD999999990150\nE12345678020 \nE00000007003-\nT123456840018502450\n",
         "message 1 at 0+64: 0 errors\nH/D/account=99999999\nH/D/a=1.50\nH/E/account=12345678\nH/E/a=20\nH/E#2/account=00000007\n"
         "H/E#2/a=-3\nH/T/h=12345684\nH/T/s=18.50\nH/T/g=2450\n");
    FLAT_READS(yaml, "H\nD999999990150\nT999999980001500151\n",
               "message 1 at 0+36: 2 errors\nH/D/account=99999999\nH/D/a=1.50\nH/T/h=99999998\nH/T/s=1.50\nH/T/g=151\n"
               "flat.control.hash 17+8 H/T/h\nflat.control.hash 31+4 H/T/g\n");
    /* 5 times 99999999999999999999 (20 digits) is 499999999999999999995; of them 3 */
    static const char large[] =
        "  kind: delimited\n  ends: LF\n  records:\n    - {record: D, times: 0..*, fields: [{value: D}, {field: n, class: n}]}\n"
        "    - {record: T, fields: [{value: T}, {field: h, length: 3, hash: D/n}]}\n";
#define N20 "D,99999999999999999999\n"
    FLAT_RETURNS(large, N20 N20 N20 N20 N20 "T,995\n");
    FLAT_RETURNS(large, "D,1000000000000000000000000000000000000000\nD,12\nT,12\n");
}

/* In pieces of any size, and with each allocation failing. */
typedef struct job {
    const char *yaml;
    dgm_slice input;
} job;

static dgm_status run(const dgm_mem *mem, void *ctx)
{
    const job *j = ctx;
    dgm_buffer out;
    dgm_writer *w = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    flat_kit *k = flat_kit_make(mem, NULL, j->yaml);
    dgm_status st = k->loaded;
    dgm_buffer_init(&out, mem);
    if (st == DGM_OK) st = dgm_codec_flat.writer_open(&k->host, &k->format, NULL, 0, dgm_buffer_sink(&out), &w);
    if (st == DGM_OK) st = dgm_codec_flat.open_whole(&k->host, NULL, 0, j->input, &r);
    while (st == DGM_OK && (st = dgm_codec_flat.next(r, &m)) == DGM_OK) {
        if (m.tree && !m.errors) st = dgm_codec_flat.write(w, m.tree);
        dgm_codec_flat.recycle(r, &m);
    }
    if (st == DGM_END) st = dgm_codec_flat.finish(w);
    dgm_codec_flat.close(r);
    if (st == DGM_OK && dgm_diags_failed(k->diags)) st = DGM_NOMEM;
    dgm_codec_flat.writer_close(w);
    dgm_buffer_free(&out);
    flat_kit_free(k);
    return st;
}

static void allocations(void)
{
    job a = { KEYED("IBM037"), DGM_LITERAL("\xC4\x15\x25\x0D\xC1\xC2\xC4\x00\x00\x0C\xC1\xC2") };
    CU_ASSERT(test_each_allocation_fails(run, &a) > 10);
    for (size_t piece = 1; piece < 8; piece++) {
        flat_kit *k = flat_kit_make(NULL, NULL, a.yaml);
        flat_lines l = { 0 };
        CU_ASSERT_EQUAL(flat_read(k, a.input, piece, &l, NULL), DGM_OK);
        TEST_TEXT(((dgm_slice){ l.at, l.len }),
                  "message 1 at 0+6: 0 errors\nR/n=-15250\nR/t=AB\nmessage 2 at 6+6: 0 errors\nR/n=0\nR/t=AB\n");
        free(l.at);
        flat_kit_free(k);
    }
}

int main(void)
{
    static const test_case cases[] = {
        { "packed digits", packed },
        { "binary integers", binary },
        { "beside text of all encodings", encodings },
        { "totals", totals },
        { "hash totals", hashes },
        { "pieces and allocations", allocations },
        { 0 },
    };
    return test_main("flat_stored", cases);
}
