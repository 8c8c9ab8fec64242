/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_tokens.c - records cut by pattern: what each part of a pattern takes, groups that are missing or repeat, lines that go
 * on, what is told where something else stands, what cannot be told apart, what is written. One thread.
 */
#include "flat_tests.h"

#include "base/diag_text.h"

#define TOKENS                                                                                                                     \
    "  kind: tokens\n  ends: [LF, CRLF]\n  continuation: /\n  records:\n    - record: R\n      times: 1..*\n      fields: ["
#define R(fields) TOKENS fields "]\n"
#define WAYBILL                                                                                                                    \
    R("{field: prefix, as: nnn}, {field: serial, before: '-', as: 'n[8]', check: air-waybill}, {field: origin, as: aaa}, {field: " \
      "destination, as: aaa}, {field: pieces, before: /T, as: 'n[..4]', type: number}, {field: unit, as: (KL)}, {field: weight, "  \
      "as: 'n[..7]p'}, {times: 0..1, fields: [{field: volumeUnit, as: (CM)(CFI)}, {field: volume, as: 'n[..9]p'}]}, {field: "      \
      "density, before: DG, times: 0..1, as: 'n[..2]'}")
#define ROWS                                                                                                                       \
    R("{value: OCI}, {field: row, before: /, again: '\\n/', times: 1..9, fields: [{field: country, as: aa, empty: yes}, {field: "  \
      "what, before: /, as: 'm[..3]', empty: yes}, {field: text, before: /, as: 't[..9]'}]}")

/* ---- patterns ---- */

static void waybills(void)
{
    FLAT_READS(
        WAYBILL, "020-12345675JFKLHR/T10K150.5MC1.2DG3\n",
        "message 1 at 0+37: 0 errors\nR/prefix=020\nR/serial=12345675\nR/origin=JFK\nR/destination=LHR\nR/pieces=10\nR/unit=K\n"
        "R/weight=150.5\nR/volumeUnit=MC\nR/volume=1.2\nR/density=3\n");
    FLAT_READS(
        WAYBILL, "020-12345675JFKLHR/T1L.5DG12",
        "message 1 at 0+28: 0 errors\nR/prefix=020\nR/serial=12345675\nR/origin=JFK\nR/destination=LHR\nR/pieces=1\nR/unit=L\n"
        "R/weight=0.5\nR/density=12\n");
    FLAT_RETURNS(WAYBILL,
                 "020-12345675JFKLHR/T10K150.5MC1.2DG3\n020-12345675JFKLHR/T1234K1234567\n020-12345675JFKLHR/T1K3.10CF9\n");
    FLAT_BECOMES(WAYBILL, "020-12345675JFKLHR/T0010K007\r\n", "020-12345675JFKLHR/T10K7\n"); /* zeros before a number say nothing */
}

/* A number that has to have so many digits gets zeros before it. */
static void digits(void)
{
#define COUNTED R("{field: no, as: 'n[4]', type: number}, {field: weight, before: K, as: 'n[3..7]p', times: 0..1}")
    FLAT_READS(COUNTED, "0050K1.5\n", "message 1 at 0+9: 0 errors\nR/no=50\nR/weight=1.5\n");
    FLAT_RETURNS(COUNTED, "0050K1.5\n9999\n0000K007\n");
    FLAT_BECOMES(COUNTED, "0001K0001.5\n", "0001K1.5\n");
}

static void flights(void)
{
#define FLIGHT R("{field: carrier, as: mm}, {field: number, as: 'nnn[n][a]'}, {field: day, before: /, as: nn}")
    FLAT_READS(FLIGHT, "KZ254/19\n5X0254B/01\n",
               "message 1 at 0+20: 0 errors\nR/carrier=KZ\nR/number=254\nR/day=19\nR#2/carrier=5X\nR#2/number=0254B\nR#2/day=01\n");
    /* a serial of four or five, an owner of two that may be digits: told apart by where the token ends */
#define ULD                                                                                                                        \
    R("{value: ULD/}, {field: type, as: amm}, {field: serial, as: 'm[4..5]'}, {field: owner, as: mm}, {field: loading, before: "   \
      "'-', times: 0..1, as: a}")
    FLAT_READS(ULD, "ULD/PMC920395X\nULD/AKE1234KZ-L\n",
               "message 1 at 0+31: 0 errors\nR/type=PMC\nR/serial=92039\nR/owner=5X\nR#2/type=AKE\nR#2/serial=1234\nR#2/owner=KZ\n"
               "R#2/loading=L\n");
}

/* What stands behind a field may tell where it ends, as far as six characters go. */
static void ends(void)
{
    FLAT_READS(R("{field: a, as: 'n[..3]'}, {field: b, as: n}"), "1234\n12\n",
               "message 1 at 0+8: 0 errors\nR/a=123\nR/b=4\nR#2/a=1\nR#2/b=2\n");
    FLAT_READS(R("{value: A}, {field: a, before: /, as: n, times: 0..*}, {field: b, before: /, as: nn, times: 0..1}"),
               "A/1/2/34\nA/1\nA/12\n", "message 1 at 0+18: 0 errors\nR/a=1\nR/a#2=2\nR/b=34\nR#2/a=1\nR#3/b=12\n");
}

static void repeated(void)
{
#define CHARGES                                                                                                                    \
    R("{value: OTH}, {field: line, before: /, again: '\\n/', times: 1..*, fields: [{field: pay, as: (CP)}, {value: /}, {field: "   \
      "charge, times: 1..*, fields: [{field: code, as: aa}, {field: due, as: (AC)}, {field: amount, as: 'n[..12]p'}]}]}")
    FLAT_READS(CHARGES, "OTH/P/MAA610CGC50SCC3126\n/C/MYC39075.25\n",
               "message 1 at 0+40: 0 errors\nR/line/pay=P\nR/line/charge/code=MA\nR/line/charge/due=A\nR/line/charge/amount=610\n"
               "R/line/charge#2/code=CG\nR/line/charge#2/due=C\nR/line/charge#2/amount=50\nR/line/charge#3/code=SC\n"
               "R/line/charge#3/due=C\nR/line/charge#3/amount=3126\nR/line#2/pay=C\nR/line#2/charge/code=MY\n"
               "R/line#2/charge/due=C\nR/line#2/charge/amount=39075.25\n");
    FLAT_RETURNS(CHARGES, "OTH/P/MAA610CGC50SCC3126\n/C/MYC39075.25\n");
#define CODES R("{value: SPH}, {field: code, before: /, as: aaa, times: 1..3}")
    FLAT_READS(CODES, "SPH/GEN\nSPH/BUC/ELI/MCO\n",
               "message 1 at 0+24: 0 errors\nR/code=GEN\nR#2/code=BUC\nR#2/code#2=ELI\nR#2/code#3=MCO\n");
    FLAT_READS(ROWS, "OCI/US/SHP/T 1\n///X\n/DE//Y\n",
               "message 1 at 0+27: 0 errors\nR/row/country=US\nR/row/what=SHP\nR/row/text=T 1\n"
               "R/row#2/text=X\nR/row#3/country=DE\nR/row#3/text=Y\n");
    FLAT_RETURNS(ROWS, "OCI/US/SHP/T 1\n///X\n/DE//Y\n");
}

/* ---- what is told ---- */

static void told(void)
{
    FLAT_READS(WAYBILL, "020-12345674JFKLHR/T1K1\n",
               "message 1 at 0+24: 1 errors\nR/prefix=020\nR/serial=12345674 "
               "(bad)\nR/origin=JFK\nR/destination=LHR\nR/pieces=1\nR/unit=K\n"
               "R/weight=1\nflat.field.check 11+1 R/serial\n");
    FLAT_READS(WAYBILL, "020-12345675JF1LHR/T1K1\n",
               "message 1 at 0+24: 1 errors\nR/prefix=020\nR/serial=12345675\nR/#rest=JF1LHR/T1K1\n"
               "flat.token.expected 14+1 R/origin\n");
    FLAT_READS(
        WAYBILL, "020-12345675JFKLHR/T1K1XX2\n",
        "message 1 at 0+27: 1 errors\nR/prefix=020\nR/serial=12345675\nR/origin=JFK\nR/destination=LHR\nR/pieces=1\nR/unit=K\n"
        "R/weight=1\nR/#rest=XX2\nflat.token.expected 23+1\n");
    FLAT_READS(
        WAYBILL, "020-12345675JFKLHR/T1K1  \n",
        "message 1 at 0+26: 0 errors\nR/prefix=020\nR/serial=12345675\nR/origin=JFK\nR/destination=LHR\nR/pieces=1\nR/unit=K\n"
        "R/weight=1\nflat.token.blanks 23+2\n");
    FLAT_READS(WAYBILL, "020-1234", "message 1 at 0+8: 1 errors\nR/prefix=020\nR/#rest=1234\nflat.token.expected 8+0 R/serial\n");
    /* a row that is wrong costs its neighbours nothing */
    FLAT_READS(
        ROWS, "OCI/US/SHP/A\n/USA/SHP/B\r\n/DE/CNE/C\n",
        "message 1 at 0+35: 1 errors\nR/row/country=US\nR/row/what=SHP\nR/row/text=A\nR/row#2/country=US\nR/row#2/#rest=A/SHP/B\n"
        "R/row#3/country=DE\nR/row#3/what=CNE\nR/row#3/text=C\nflat.token.expected 16+1\n");
    FLAT_READS(R("{value: A}, {field: n, as: 'n[..5]p'}"), "A1.2.3\n",
               "message 1 at 0+7: 1 errors\nR/n=1.2.3 (bad)\nflat.field.number 4+1 R/n\n");
    FLAT_READS(R("{value: A}, {field: d, as: nnaaann, date: DDMMMYY}"), "A31FEB26\n",
               "message 1 at 0+9: 1 errors\nR/d=31FEB26 (bad)\nflat.field.date 1+7 R/d\n");
}

/* The words of the first thing that is wrong. */
static void says(const char *yaml, const char *input, const char *wanted)
{
    flat_kit *k = flat_kit_make(NULL, NULL, yaml);
    flat_lines l = { 0 };
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_flat.open_whole(&k->host, NULL, 0, dgm_slice_of(input), &r), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_flat.next(r, &m), DGM_OK);
    dgm_buffer b;
    dgm_buffer_init(&b, &k->mem);
    CU_ASSERT_FATAL(dgm_diags_count(k->diags) > 0);
    CU_ASSERT_EQUAL(dgm_diag_sentence(dgm_diags_at(k->diags, 0), dgm_buffer_sink(&b)), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&b), wanted);
    dgm_buffer_free(&b);
    dgm_codec_flat.recycle(r, &m);
    dgm_codec_flat.close(r);
    free(l.at);
    flat_kit_free(k);
}

static void words(void)
{
    says(WAYBILL, "020-12345675JF1LHR/T1K1\n", "\"1LHR/T1K1\" stands where a letter of origin (aaa) is expected");
    says(WAYBILL, "020-12345675JFKLHR/T1K1XX2\n",
         "\"XX2\" stands where volumeUnit ((CM)(CFI)), \"DG\" and density or the end of the record is expected");
    says(WAYBILL, "020-1234", "\"the end of the record\" stands where a digit of serial (n[8]) is expected");
    says(WAYBILL, "020-12345674JFKLHR/T1K1", "serial is \"12345674\": by IATA 600a its last digit must be 5");
}

/* ---- layouts ---- */

static void refused(const char *yaml, const char *wanted)
{
    flat_kit *k = flat_kit_make(NULL, NULL, yaml);
    flat_lines l = { 0 };
    flat_put(&l, DGM_LITERAL(""));
    CU_ASSERT_EQUAL(k->loaded, DGM_CONFIG);
    for (size_t i = 0; i < dgm_diags_count(k->diags); i++) {
        const dgm_diag *d = dgm_diags_at(k->diags, i);
        flat_put(&l, dgm_slice_of(dgm_diag_name(d->code)));
        flat_put_number(&l, " ", d->line);
        flat_put_number(&l, ":", d->column);
        flat_put(&l, DGM_LITERAL("\n"));
    }
    TEST_TEXT(((dgm_slice){ l.at, l.len }), wanted);
    free(l.at);
    flat_kit_free(k);
}

static void layouts(void)
{
    refused(R("{field: a, as: 't[..9]'}, {field: b, as: 't[..9]'}"), "flat.token.choice 11:16\n"); /* where does a end? */
    refused(R("{field: a, as: a, times: 0..1}, {field: b, as: a, times: 0..1}"), "flat.token.choice 11:16\n");
    refused(R("{value: A}, {field: a, before: /, as: 'n[..2]', times: 0..*}, {field: b, before: /, as: nn, times: 0..1}"),
            "flat.token.choice 11:28\nflat.token.choice 11:28\n");
    refused(R("{field: a, as: 'n[..3'}"), "flat.token.pattern 11:31\n");
    refused(R("{field: a, as: 'q'}"), "flat.token.pattern 11:31\n");
    refused(R("{field: a, as: 'n[4..3]'}"), "flat.token.pattern 11:31\n");
    refused(R("{field: a, as: 'nn[4]'}"), "flat.token.pattern 11:31\n");
    refused(R("{field: a, as: '('}"), "flat.token.pattern 11:31\n");
    refused(R("{field: a, as: 'ap'}"), "flat.token.pattern 11:31\n");
    refused(R("{value: A}, {times: 0..1, fields: [{value: B}]}"), "flat.token.nothing 11:28\n");
    refused(R("{value: A}, {times: 0..2, fields: [{field: b, as: n}]}"), "flat.layout.missing 11:28\n");
    refused(R("{field: a}"), "flat.layout.missing 11:16\n");
    refused(R("{field: a, at: 3, as: n}"), "flat.layout.key 11:27\n");
    refused(R("{value: A, as: n}"), "flat.layout.only 11:17\n");
    refused(R("{field: a, as: n, fields: [{field: b, as: n}]}"), "flat.layout.only 11:27\n");
    refused(R("{field: a, as: n}, {field: a, before: /, as: n}"), "flat.layout.twice 11:43\n");
    refused(R("{field: a, before: \"\\t\", as: n}"), "flat.layout.type 11:35\n");
    refused(R("{field: a, as: n, check: mod8}"), "flat.layout.word 11:41\n");
    refused("  kind: tokens\n  records: [{record: R, fields: [{field: a, as: nn}]}, {record: S, fields: [{field: b, as: mm}]}]\n",
            "flat.token.alike 6:56\n");
    refused("  kind: tokens\n  ends: CR\n  records: [{record: R, fields: [{field: a, as: nn}]}]\n", "flat.layout.only 6:9\n");
    refused("  kind: fixed\n  continuation: /\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.only 6:3\n");
    refused("  kind: tokens\n  records: [{record: R}]\n", "flat.layout.missing 6:13\n");
}

/* ---- writing ---- */

/* What is read by one layout and refused by another, which has the same names. */
static void cannot_write(const char *from, const char *to, const char *input, const char *wanted)
{
    flat_kit *a = flat_kit_make(NULL, NULL, from), *b = flat_kit_make(NULL, NULL, to);
    dgm_reader *r = NULL;
    dgm_writer *w = NULL;
    dgm_message m;
    dgm_buffer out;
    flat_lines l = { 0 };
    CU_ASSERT_EQUAL_FATAL(a->loaded, DGM_OK);
    CU_ASSERT_EQUAL_FATAL(b->loaded, DGM_OK);
    dgm_buffer_init(&out, &b->mem);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_flat.open_whole(&a->host, NULL, 0, dgm_slice_of(input), &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_flat.next(r, &m), DGM_OK);
    const dgm_shape *own = m.tree->shape;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_flat.writer_open(&b->host, &b->format, NULL, 0, dgm_buffer_sink(&out), &w), DGM_OK);
    m.tree->shape = b->shape;
    CU_ASSERT_EQUAL(dgm_codec_flat.write(w, m.tree), DGM_INVALID);
    m.tree->shape = own;
    flat_put(&l, DGM_LITERAL(""));
    flat_show_diags(&l, b->diags);
    TEST_TEXT(((dgm_slice){ l.at, l.len }), wanted);
    CU_ASSERT_EQUAL(out.len, 0);
    dgm_codec_flat.writer_close(w);
    dgm_codec_flat.recycle(r, &m);
    dgm_codec_flat.close(r);
    dgm_buffer_free(&out);
    free(l.at);
    flat_kit_free(a);
    flat_kit_free(b);
}

static void writing(void)
{
    cannot_write(R("{field: a, as: 'n[..5]'}"), R("{field: a, as: 'n[..3]'}"), "1234\n", "flat.token.write R#1/a\n");
    cannot_write(R("{field: a, as: 'm[..5]'}"), R("{field: a, as: 'a[..5]'}"), "AB1\n", "flat.token.write R#1/a\n");
    cannot_write(R("{field: a, as: 'm[..5]'}"), R("{field: a, as: 'm[..5]', values: [A, B]}"), "C\n", "flat.write.code R#1/a\n");
    cannot_write(R("{value: X}, {field: a, as: n, times: 0..1}"), R("{value: X}, {field: a, as: n}"), "X\n",
                 "flat.write.required R#1\n");
    cannot_write(R("{value: X}, {field: g, before: /, times: 0..1, fields: [{field: a, as: n}]}"),
                 R("{value: X}, {field: g, before: /, fields: [{field: a, as: n}]}"), "X\n",
                 "flat.write.missing R#1\nflat.write.required R#1\n");
    cannot_write(R("{field: a, before: /, as: n, times: 1..3}"), R("{field: a, before: /, as: n, times: 1..2}"), "/1/2/3\n",
                 "flat.write.unknown R#1/a#3\n");
    /* it would go on with the line before */
    cannot_write(R("{value: '-'}, {field: a, as: 'z[..5]'}"), R("{field: a, as: 'z[..5]'}"), "-/x\n", "flat.token.read R#1\n");
}

/* ---- whatever the pieces, whatever fails ---- */

static const char mixed[] = "020-12345675JFKLHR/T10K150.5MC1.2DG3\r\n020-1\n\n/x\n020-12345675JFKLHR/T10K1  \r\n/";

static void pieces(void)
{
    flat_kit *k = flat_kit_make(NULL, NULL, WAYBILL);
    dgm_slice input = { mixed, sizeof mixed - 1 };
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    for (size_t n = 0; n <= input.len; n++) {
        flat_lines whole = { 0 };
        flat_put(&whole, DGM_LITERAL(""));
        CU_ASSERT_EQUAL(flat_read(k, dgm_slice_part(input, 0, n), 0, &whole, NULL), DGM_OK);
        for (size_t piece = 1; piece < 9; piece++) {
            flat_lines l = { 0 };
            flat_put(&l, DGM_LITERAL(""));
            CU_ASSERT_EQUAL(flat_read(k, dgm_slice_part(input, 0, n), piece, &l, NULL), DGM_OK);
            TEST_TEXT(((dgm_slice){ l.at, l.len }), whole.at);
            free(l.at);
        }
        free(whole.at);
    }
    flat_kit_free(k);
}

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
    job a = { WAYBILL, { mixed, sizeof mixed - 1 } }, b = { ROWS, DGM_LITERAL("OCI/US/SHP/T 1\n///X\n/DE//Y\n") };
    CU_ASSERT(test_each_allocation_fails(run, &a) > 20);
    CU_ASSERT(test_each_allocation_fails(run, &b) > 20);
}

int main(void)
{
    static const test_case cases[] = {
        { "air waybills", waybills },   { "digits that must be there", digits },  { "optional characters", flights },
        { "where a field ends", ends }, { "groups that repeat", repeated },       { "what is told", told },
        { "in which words", words },    { "layouts that are refused", layouts },  { "what cannot be written", writing },
        { "pieces", pieces },           { "each allocation fails", allocations }, { 0 },
    };
    return test_main("flat_tokens", cases);
}
