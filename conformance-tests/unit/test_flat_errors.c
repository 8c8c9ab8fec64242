/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_errors.c - each mistake that a flat file, a tree to be written or a layout can have, with its place; fails while a code
 * of flat files is told by none of them. One thread.
 */
#include "flat_tests.h"

#include "base/diag_text.h"

#include <stdarg.h>

/* Codes that were told, by their number. */
enum { FIRST_CODE = 2700, LAST_CODE = 2899 };
static bool told[LAST_CODE - FIRST_CODE + 1];

static void note(const dgm_diags *diags)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        uint32_t code = dgm_diags_at(diags, i)->code;
        if (code >= FIRST_CODE && code <= LAST_CODE) told[code - FIRST_CODE] = true;
    }
}

/* ---- reading ---- */

#define R(fields) "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields: [" fields "]\n"
#define D(fields) "  kind: delimited\n  ends: LF\n  records:\n    - record: R\n      least: 2\n      fields: [" fields "]\n"
#define TREE                                                                                                                       \
    "  kind: fixed\n  ends: LF\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: no, at: 2}]\n      "        \
    "records:\n"                                                                                                                   \
    "        - {record: D, times: 0..2, fields: [{at: 1, value: D}, {field: n, at: 2, type: number}], records: [{record: N, "      \
    "times: 0..1, fields: [{at: 1, value: N}, {width: 1}]}]}\n"                                                                    \
    "        - {record: T, fields: [{at: 1, value: T}, {field: c, at: 2, count: D}]}\n"

#define STORED(how) "  kind: fixed\n  ends: none\n  length: 2\n  records: [{record: R, fields: [{field: a, at: 1-2, " how "}]}]\n"
#define FLOW                                                                                                                       \
    "  kind: fixed\n  ends: LF\n  records:\n    - {record: D, fields: [{at: 1, value: D}, {field: a, at: 2-3}], records: "         \
    "[{record: "                                                                                                                   \
    "C, times: 0..1, fields: [{at: 1, value: C}, {at: 2, continues: D/a}]}]}\n"
#define FORBID                                                                                                                     \
    "  kind: fixed\n  ends: LF\n  records:\n    - {record: H, fields: [{at: 1, value: H}, {field: k, at: 2}], records: [{record: " \
    "D, times: 0..1, when: {k: B}, fields: [{at: 1, value: D}]}]}\n"

static const struct reading_row {
    const char *yaml, *input, *said;
} reading_rows[] = {
    { R("{field: a, at: 1-3}"), "ab\n", "flat.record.short 0+2 R\n" },
    { R("{field: a, at: 1-3}"), "abcd\n", "flat.record.long 0+4 R\n" },
    { R("{field: a, at: 1}, {field: b, at: 3}"), "axb\n", "flat.record.filler 1+1\n" },
    { R("{field: a, at: 1-3, required: yes}"), "   \n", "flat.field.required 0+3 R/a\n" },
    { R("{field: a, at: 1-3, class: n}"), "1x3\n", "flat.field.class 1+1 R/a\n" },
    { R("{field: a, at: 1-3, type: number}"), "1x3\n", "flat.field.number 1+1 R/a\n" },
    { R("{field: a, at: 1-3, type: number}"), "-12\n", "flat.field.number 0+1 R/a\n" },
    { R("{field: a, at: 1-3, implied: 1}"), "1.2\n", "flat.field.number 1+1 R/a\n" },
    { R("{field: a, at: 1-3, implied: 1, sign: overpunch}"), "12?\n", "flat.field.number 2+1 R/a\n" },
    { R("{field: a, at: 1-5, decimals: 1}"), "01.25\n", "flat.field.decimals 0+5 R/a\n" },
    { R("{field: a, at: 1-5, decimals: 2}"), "1.2.3\n", "flat.field.number 3+1 R/a\n" },
    { R("{field: a, at: 1-8, date: YYYYMMDD}"), "20260230\n", "flat.field.date 0+8 R/a\n" },
    { R("{field: a, at: 1-8, date: YYYYMMDD}"), "2026021 \n", "flat.field.date 0+7 R/a\n" },
    { R("{field: a, at: 1-7, date: YYYYJJJ}"), "2025366\n", "flat.field.date 0+7 R/a\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "2026122031XEC\n",
      "flat.field.date 8+5 R/a\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "2026122029FEB\n",
      "flat.field.date 8+5 R/a\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "        31DEC\n",
      "flat.field.near 8+5 R/a\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "2026023031DEC\n",
      "flat.field.date 0+8 R/d\nflat.field.near 8+5 R/a\n" },
    { R("{field: a, at: 1, flag: [Y, N]}"), "X\n", "flat.field.flag 0+1 R/a\n" },
    { R("{field: a, at: 1, values: [A, B]}"), "C\n", "flat.field.code 0+1 R/a\n" },
    { R("{field: a, at: 1}, {field: k, at: 2-3, value: ZZ}"), "aZX\n", "flat.field.constant 1+2\n" },
    { R("{field: a, at: 1}, {field: b, at: 2}"), "\xC3\xA4\n", "flat.field.split 0+2 R/a\nflat.field.split 2+0 R/b\n" },
    { R("{field: a, at: 1}"), "\xFF\n", "flat.encoding 0+1\n" },
    { D("{field: a, length: 1-3}, {field: b}"), "abcd,\n", "flat.field.length 0+4 R/a\n" },
    { D("{field: a, length: 3, decimals: 2}, {field: b}"), "12.34,\n", "flat.field.length 0+5 R/a\n" },
    { D("{field: a}, {field: b}"), "a\n", "flat.fields.few 0+1 R\n" },
    { D("{field: a}, {field: b}"), "a,b,c\n", "flat.fields.many 0+5 R\n" },
    { D("{field: a}, {field: b}"), "\"a\"x,b\n", "flat.quote 0+6 R\n" },
    { R("{field: k, at: 1}, {field: a, at: 2, when: {k: A}}"), "Bx\n", "flat.field.forbidden 1+1 R/a\n" },
    { R("{field: n, at: 1, type: number}, {field: a, width: 1, repeat: 2, counted: n}"), "3ab\n", "flat.field.counted 0+3 R/n\n" },
    { FLOW, "D  \nCx\n", "flat.field.continues 5+1 D/a\n" },
    { FORBID, "HA\nD\n", "flat.record.forbidden 3+1 H/D\n" },
    { R("{field: a, at: 1-11, check: container}"), "MSKU1234566\n", "flat.field.check 10+1 R/a\n" },
    { R("{field: a, at: 1-11, check: container}"), "MSKU1234565\n", "" },
    { R("{field: a, at: 1-11, check: container}"), "MSKU123456 \n", "flat.field.form 0+10 R/a\n" },
    { R("{field: a, at: 1-7, check: ship}"), "9074720\n", "flat.field.check 6+1 R/a\n" },
    { R("{field: a, at: 1-8, check: air-waybill}"), "98381845\n", "flat.field.check 7+1 R/a\n" },
    { R("{field: a, at: 1-8, check: gtin}"), "40170725\n", "" },
    { R("{field: a, at: 1-6, type: number, thousands: \",\"}"), "123,45\n", "flat.field.number 2+1 R/a\n" },
    { R("{field: a, at: 1-6, type: number, thousands: \",\"}"), "1,2345\n", "flat.field.number 1+1 R/a\n" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "H310501\n", "flat.field.date 0+7 R/a\n" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "M051202\n", "flat.field.lunar 0+7 R/a\n" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "M061301\n", "flat.field.date 0+7 R/a\n" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "M060101\n", "" },
    { "  kind: fixed\n  ends: none\n  length: 2\n  records: [{record: R, fields: [{field: a, at: 1-2, packed: signed}]}]\n", "1a",
      "flat.field.packed 1+1 R/a\n" },
    { TREE, "H1\nX1\nT0\n", "flat.record.unknown 3+2\n" },
    { TREE, "H1\nD1\nD1\nD1\nT3\n", "flat.record.many 9+2 H/D\n" },
    { TREE, "H1\nT0\nD1\n", "flat.record.order 6+2 H/D\n" },
    { TREE, "N \nT0\n", "flat.record.orphan 0+2 H/D/N\nflat.control.count 4+1 H/T/c\n" },
    { TREE, "H1\nD1\n", "flat.record.missing 6+0 H/T\n" },
    { TREE, "H1\nD1\nT2\n", "flat.control.count 7+1 H/T/c\n" },
};

static void reading(void)
{
    for (size_t i = 0; i < sizeof reading_rows / sizeof *reading_rows; i++) {
        const struct reading_row *row = &reading_rows[i];
        flat_kit *k = flat_kit_make(NULL, NULL, row->yaml);
        flat_lines l = { 0 };
        dgm_reader *r = NULL;
        dgm_message m;
        flat_put(&l, DGM_LITERAL(""));
        flat_show_diags(&l, k->diags);
        if (k->loaded == DGM_OK) {
            CU_ASSERT_EQUAL(dgm_codec_flat.open_whole(&k->host, NULL, 0, dgm_slice_of(row->input), &r), DGM_OK);
            while (dgm_codec_flat.next(r, &m) == DGM_OK) dgm_codec_flat.recycle(r, &m);
            dgm_codec_flat.close(r);
            flat_show_diags(&l, k->diags);
            note(k->diags);
        }
        test_slice_equal((dgm_slice){ l.at, l.len }, dgm_slice_of(row->said), row->input, (int)i);
        free(l.at);
        flat_kit_free(k);
    }
}

/* ---- writing ---- */

/* Values as "path=value" between blanks, "path/" opening an occurrence: built into a tree. */
static dgm_tree *tree_of(const flat_kit *k, const char *lines)
{
    dgm_builder *b;
    dgm_tree *t = NULL;
    uint32_t ids[64] = { 0 }; /* by slot: the last occurrence */
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&k->mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, k->shape, false), DGM_OK);
    for (dgm_slice rest = dgm_slice_of(lines); rest.len;) {
        dgm_cut line = dgm_slice_cut(rest, ';');
        rest = line.tail;
        dgm_cut pair = dgm_slice_cut(line.head, '=');
        dgm_slice bad, path = pair.head;
        if (!pair.found) path.len--;
        uint32_t slot = dgm_shape_find(k->shape, path, &bad);
        CU_ASSERT_FATAL(slot != DGM_SLOT_NONE && slot < 64);
        uint32_t above = ids[dgm_shape_slot(k->shape, slot)->parent];
        if (pair.found)
            dgm_builder_leaf(b, above, slot, 0, pair.tail);
        else
            ids[slot] = dgm_builder_open(b, above, slot, 0);
    }
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    dgm_builder_free(b);
    return t;
}

static const struct writing_row {
    const char *yaml, *values, *said, *written;
} writing_rows[] = {
    { R("{field: a, at: 1-3}"), "R/;R/a=abcd", "flat.write.long R/a\n", "" },
    { R("{field: a, at: 1-3, long: cut}"), "R/;R/a=abcd", "flat.write.cut\n", "abc\n" },
    { R("{field: a, at: 1-3, long: cut}"), "R/;R/a=ab\xC3\xA4", "flat.write.cut\n", "ab \n" },
    { R("{field: a, at: 1-3}"), "R/;R/a=a\nb", "flat.write.separator R/a\n", "" },
    { R("{field: a, at: 1-3, type: number}"), "R/;R/a=x", "flat.write.number R/a\n", "" },
    { R("{field: a, at: 1-4, decimals: 1}"), "R/;R/a=1.25", "flat.write.decimals R/a\n", "" },
    { R("{field: a, at: 1-4, implied: 1}"), "R/;R/a=1.50", "", "0015\n" },
    { R("{field: a, at: 1-3, type: number}"), "R/;R/a=-1", "flat.write.sign R/a\n", "" },
    { R("{field: a, at: 1-3, type: number, sign: leading}"), "R/;R/a=-1", "", "-01\n" },
    { R("{field: a, at: 1-3, class: n}"), "R/;R/a=1b", "flat.write.class R/a\n", "" },
    { R("{field: a, at: 1, values: [A, B]}"), "R/;R/a=C", "flat.write.code R/a\n", "" },
    { R("{field: a, at: 1-11, check: container}"), "R/;R/a=MSKU1234566", "flat.write.check R/a\n", "" },
    { R("{field: a, at: 1-3, type: number, absent: nines}"), "R/;R/a=999", "flat.write.nines R/a\n", "" },
    { R("{field: a, at: 1-7, type: number, thousands: \",\"}"), "R/;R/a=1234", "", "001,234\n" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "R/;R/a=1800-01-01", "flat.write.lunar R/a\n", "" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "R/;R/a=1872-12-31", "flat.write.lunar R/a\n", "" },
    { R("{field: a, at: 1-7, date: GYYMMDD, era: japanese}"), "R/;R/a=1873-01-01", "", "M060101\n" },
    { R("{field: a, at: 1-8, date: YYYYMMDD}"), "R/;R/a=2026-03", "flat.write.date R/a\n", "" },
    { R("{field: a, at: 1-6, date: YYMMDD}"), "R/;R/a=1969-03-02", "flat.write.date R/a\n", "" },
    { R("{field: a, at: 1-7, date: YYYYJJJ}"), "R/;R/a=2024-12-31", "", "2024366\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "R/;R/d=2026-12-20;R/a=2027-01-15", "",
      "2026122015JAN\n" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "R/;R/d=2026-12-20;R/a=2026-01-15",
      "flat.write.near R/a\n", "" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-13, date: DDMMM, near: d}"), "R/;R/a=2026-01-15",
      "flat.write.near R/a\n", "" },
    { R("{field: d, at: 1-8, date: YYYYMMDD}, {field: a, at: 9-10, date: DD, near: d}"), "R/;R/d=2026-02-02;R/a=2026-01-30", "",
      "2026020230\n" },
    { R("{field: a, at: 1, flag: [Y, N]}"), "R/;R/a=yes", "flat.write.flag R/a\n", "" },
    { R("{field: a, at: 1, required: yes}"), "R/", "flat.write.required R\n", "" },
    { R("{field: k, at: 1}, {field: a, at: 2, when: {k: A}}"), "R/;R/k=B;R/a=x", "flat.write.forbidden R/a\n", "" },
    { R("{field: k, at: 1}, {field: a, at: 2, when: {k: A}}"), "R/;R/k=A;R/a=x", "", "Ax\n" },
    { STORED("packed: signed"), "R/;R/a=12345", "flat.write.large R/a\n", "" },
    { STORED("packed: unsigned"), "R/;R/a=-1", "flat.write.sign R/a\n", "" },
    { STORED("packed: signed"), "R/;R/a=-123", "", "\x12\x3D" },
    { STORED("binary: signed"), "R/;R/a=32768", "flat.write.large R/a\n", "" },
    { STORED("binary: signed"), "R/;R/a=-129", "", "\xFF\x7F" },
    { STORED("binary: unsigned"), "R/", "flat.write.required R\n", "" },
    { FORBID, "H/;H/k=A;H/D/", "flat.write.forbidden H/D\n", "" },
    { FLOW, "D/;D/a=abc", "", "Dab\nCc\n" },
    { FLOW, "D/;D/a=abcd", "flat.write.left D/a\n", "" },
    { FLOW, "D/;D/a=  c", "flat.write.broken D/a\n", "" },
    { TREE, "H/;H/no=1;H/T/", "", "H1\nT0\n" },
    { TREE, "H/;H/no=1", "", "H1\nT0\n" }, /* a trailer of totals is made */
    { TREE, "H/;H/no=1;H/D/;H/D/n=3", "", "H1\nD3\nT1\n" },
    { R("{field: a, at: 1-3}"), "", "flat.write.missing\n", "" },
    { TREE, "H/;H/no=1;H/D/;H/D/;H/D/;H/T/", "flat.write.many H/D#3\n", "" },
    { "  kind: fixed\n  encoding: US-ASCII\n  ends: LF\n  records: [{record: R, fields: [{field: a, at: 1-3}]}]\n",
      "R/;R/a=\xC3\xA4", "flat.write.character R/a\n", "" },
    { "  kind: fixed\n  encoding: GB18030\n  ends: LF\n  records: [{record: R, fields: [{field: a, at: 1-3, long: cut}]}]\n",
      "R/;R/a=\xE5\x9D\xBE\xE5\x9D\xBE", "flat.write.cut\n", "\x88\x7C \n" },
    { "  kind: delimited\n  quote: none\n  ends: LF\n  records: [{record: R, fields: [{field: a}, {field: b}]}]\n", "R/;R/a=x,y",
      "flat.write.separator R/a\n", "" },
    { "  kind: delimited\n  ends: LF\n  records:\n    - {record: A, times: 0..1, fields: [{field: a}]}\n    - {record: B, times: "
      "0..1, fields: [{value: B}, {field: b}]}\n",
      "A/;A/a=B", "flat.write.kind A\n", "" },
    { "  kind: fixed\n  ends: CRLF\n  records: [{record: R, fields: [{field: a, at: 1-4}]}]\n", "R/;R/a=a\r\nb",
      "flat.write.kind R\n", "" },
};

static void writing(void)
{
    for (size_t i = 0; i < sizeof writing_rows / sizeof *writing_rows; i++) {
        const struct writing_row *row = &writing_rows[i];
        flat_kit *k = flat_kit_make(NULL, NULL, row->yaml);
        flat_lines l = { 0 };
        dgm_buffer out;
        dgm_writer *w = NULL;
        dgm_buffer_init(&out, &k->mem);
        flat_put(&l, DGM_LITERAL(""));
        flat_show_diags(&l, k->diags);
        if (k->loaded == DGM_OK) {
            dgm_tree *t = tree_of(k, row->values);
            CU_ASSERT_EQUAL(dgm_codec_flat.writer_open(&k->host, &k->format, NULL, 0, dgm_buffer_sink(&out), &w), DGM_OK);
            dgm_status st = dgm_codec_flat.write(w, t);
            CU_ASSERT_EQUAL(st, *row->written ? DGM_OK : DGM_INVALID);
            CU_ASSERT_EQUAL(dgm_codec_flat.finish(w), DGM_OK);
            dgm_codec_flat.writer_close(w);
            dgm_tree_free(t);
            flat_show_diags(&l, k->diags);
            note(k->diags);
        }
        for (char *hash = strstr(l.at, "#1"); hash; hash = strstr(hash, "#1")) memmove(hash, hash + 2, strlen(hash + 2) + 1);
        test_slice_equal(dgm_slice_of(l.at), dgm_slice_of(row->said), row->values, (int)i);
        test_slice_equal(dgm_buffer_slice(&out), dgm_slice_of(row->written), row->values, (int)i);
        dgm_buffer_free(&out);
        free(l.at);
        flat_kit_free(k);
    }
}

/* ---- layouts ---- */

#define FIELD(text) "  kind: fixed\n  records:\n    - record: R\n      fields:\n        - {" text "}\n"

/* Line 5 of a file is the first below "layout:". */
static const struct layout_row {
    const char *yaml, *said;
} layout_rows[] = {
    { "  kind: fixed\n  ends: LF\n", "flat.layout.missing 5:3\n" },
    { "  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.missing 5:3\n" },
    { "  kind: fix\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.word 5:9\n" },
    { "  kind: fixed\n  kidn: x\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.key 6:3\n" },
    { "  kind: fixed\n  separator: x\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.only 6:3\n" },
    { "  kind: delimited\n  separator: xy\n  records: [{record: R, fields: [{field: a}]}]\n", "flat.layout.type 6:14\n" },
    { "  kind: fixed\n  ends: [LF, CR, CRLF, \"~\", \"!\"]\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n",
      "flat.layout.ends 6:29\n" },
    { "  kind: fixed\n  encoding: GB18031\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n",
      "flat.layout.encoding 6:13\n" },
    { "  kind: fixed\n  encoding: UTF-16LE\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.wide 6:13\n" },
    { "  kind: fixed\n  encoding: GB18030\n  ends: \"~\"\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n",
      "flat.layout.end-set 6:13\n" },
    { "  kind: fixed\n  length: 0\n  records: [{record: R, fields: [{field: a, at: 1}]}]\n", "flat.layout.number 6:11\n" },
    { "  kind: fixed\n  length: 3\n  records: [{record: R, fields: [{field: a, at: 1-4}]}]\n", "flat.layout.wider 7:13\n" },
    { FIELD("field: a, at: 5-3"), "flat.layout.range 9:26\n" },
    { FIELD("field: a b, at: 5"), "flat.layout.name 9:19\n" },
    { FIELD("field: a"), "flat.layout.missing 9:11\n" },
    { FIELD("field: d, at: 1-6, date: YYYYMMDD"), "flat.layout.narrow 9:11\n" },
    { FIELD("field: d, at: 1-6, date: MMDD"), "flat.layout.date 9:37\n" },
    { FIELD("field: d, at: 1-6, date: MMss, near: received"), "flat.layout.date 9:37\n" },
    { FIELD("field: d, at: 1-8, date: YYYYMMDD, near: received"), "flat.layout.date 9:37\n" },
    { FIELD("field: d, at: 1-4, near: received"), "flat.layout.only 9:31\n" },
    { FIELD("field: d, at: 1-4, date: MMDD, near: e}\n        - {field: e, at: 5-12, date: YYYYMMDD"), "flat.layout.later 9:49\n" },
    { FIELD("field: e, at: 1-6, date: YYYYMM}\n        - {field: d, at: 7-10, date: MMDD, near: e"), "flat.layout.only 10:44\n" },
    { FIELD("field: d, at: 1-4, date: MMDD, near: q"), "flat.layout.reference 9:49\n" },
    { FIELD("field: d, at: 1-6}\n        - {field: e, at: 6"), "flat.layout.overlap 10:26\n" },
    { FIELD("field: d, at: 1-6}\n        - {field: d, at: 7"), "flat.layout.twice 10:19\n" },
    { FIELD("field: d, at: 1-6, repeat: 10000, fields: [{field: e, width: 1000}]"), "flat.layout.large 9:11\n" },
    { FIELD("field: d, at: 1, when: {e: A}}\n        - {field: e, at: 2"), "flat.layout.later 9:36\n" },
    { FIELD("field: k, at: 1}\n        - {field: d, at: 2-4, when: {k: A}}\n        - {field: e, at: 4, when: {k: [B, A]}"),
      "flat.layout.both 11:11\n" },
    { FIELD("field: k, at: 1}\n        - {field: d, at: 2, when: {k: }"), "flat.layout.type 10:39\n" },
    { FIELD("field: k, at: 1}\n        - {field: d, at: 2, when: {q: A}"), "flat.layout.reference 10:36\n" },
    { FIELD("field: k, at: 1, type: number}\n        - {at: 2, continues: k"), "flat.layout.only 10:19\n" },
    { FIELD("field: k, at: 1}\n        - {field: d, at: 2, repeat: 2, counted: q"), "flat.layout.reference 10:49\n" },
    { FIELD("field: k, at: 1}\n        - {field: d, at: 2-3, justify: right, split: 2"), "flat.layout.only 10:47\n" },
    { "  kind: delimited\n  ends: file\n  records: [{record: R, fields: [{field: a}]}]\n", "flat.layout.only 6:3\n" },
    { "  kind: delimited\n  separator: CRLF\n  records: [{record: R, fields: [{field: a}]}]\n", "flat.layout.missing 5:3\n" },
    { FIELD("field: a, at: 1-2, packed: signed"), "flat.layout.only 9:31\n" },
    { STORED("packed: signed, sign: trailing"), "flat.layout.only 8:70\n" },
    { STORED("packed: signed, binary: signed"), "flat.layout.only 8:70\n" },
    { "  kind: delimited\n  records:\n    - {record: D, fields: [{value: D}, {field: n, class: n}]}\n    - {record: T, fields: "
      "[{value: T}, "
      "{field: h, hash: D/n}]}\n",
      "flat.layout.only 8:51\n" },
    { STORED("packed: signd"), "flat.layout.word 8:62\n" },
    { "  kind: fixed\n  ends: none\n  length: 9\n  records: [{record: R, fields: [{field: a, at: 1-9, binary: signed}]}]\n",
      "flat.layout.only 8:54\n" },
    { "  kind: fixed\n  ends: none\n  length: 3\n  records: [{record: A, times: 1, fields: [{field: a, at: 1-2, packed: signed}]}, "
      "{record: B, fields: [{field: a, at: 1-3, packed: signed}]}]\n",
      "flat.layout.only 8:83\n" },
    { FIELD("field: d, at: 1-7, date: YYYMMDD"), "flat.layout.date 9:37\n" },
    { FIELD("field: d, at: 1-7, type: number, check: ship"), "flat.layout.only 9:11\n" },
    { FIELD("field: d, at: 1-7, decimals: 2, thousands: \".\""), "flat.layout.only 9:11\n" },
    { FIELD("field: d, at: 1-6, same: R/x"), "flat.layout.reference 9:37\n" },
    { "  kind: fixed\n  records:\n    - {record: R, times: 3..2, fields: [{field: a, at: 1}]}\n", "flat.layout.times 7:26\n" },
    { "  kind: fixed\n  records:\n    - {record: H, fields: [{at: 1, value: H}, {field: a, at: 2}]}\n    - {record: M, times: "
      "100001, "
      "fields: [{at: 1, value: M}]}\n",
      "flat.layout.large 8:26\n" },
    { "  kind: fixed\n  records:\n    - {record: A, times: 0..1, fields: [{field: a, at: 1}]}\n    - {record: B, fields: [{field: "
      "a, at: 1}]}\n",
      "flat.layout.alike 8:7\n" },
    { "  kind: delimited\n  heading: names\n  records: [{record: R, fields: [{value: x}, {field: a}]}]\n",
      "flat.layout.heading 5:3\n" },
    { FIELD("field: d, at: 1-7") "rooot: x\nbelow: {a: 1, b: [2, 3]}\n", "flat.layout.setting 10:1\nflat.layout.setting 11:1\n" },
};

static void layouts(void)
{
    for (size_t i = 0; i < sizeof layout_rows / sizeof *layout_rows; i++) {
        flat_kit *k = flat_kit_make(NULL, NULL, layout_rows[i].yaml);
        flat_lines l = { 0 };
        flat_put(&l, DGM_LITERAL(""));
        CU_ASSERT_EQUAL(k->loaded, DGM_CONFIG);
        for (size_t n = 0; n < dgm_diags_count(k->diags); n++) {
            const dgm_diag *d = dgm_diags_at(k->diags, n);
            flat_put(&l, dgm_slice_of(dgm_diag_name(d->code)));
            flat_put_number(&l, " ", d->line);
            flat_put_number(&l, ":", d->column);
            flat_put(&l, DGM_LITERAL("\n"));
            TEST_TEXT(d->source, "t.yaml");
        }
        note(k->diags);
        test_slice_equal((dgm_slice){ l.at, l.len }, dgm_slice_of(layout_rows[i].said), layout_rows[i].yaml, (int)i);
        free(l.at);
        flat_kit_free(k);
    }
    /* beside the layout: short names */
    flat_kit *k = flat_kit_make(NULL, NULL, R("{field: a, at: 1}"));
    dgm_format_alias alias = { DGM_LITERAL("Item"), DGM_LITERAL("R/Q") };
    dgm_shape *shape = NULL;
    dgm_format f = k->format;
    f.shape = NULL;
    f.aliases = &alias;
    f.alias_count = 1;
    CU_ASSERT_EQUAL(dgm_codec_flat.shape(&k->host, &f, &shape), DGM_CONFIG);
    CU_ASSERT_EQUAL(dgm_diags_errors(k->diags), 1);
    note(k->diags);
    flat_kit_free(k);
}

/* One mistake is told once, however much stands beneath it. */
static void misspelt(void)
{
    static const char file[] = "dragoman: format/1\nformat: t\ncodec: flat\nlayuot:\n  kind: fixed\n  records:\n    - record: R\n"
                               "      fields: [{field: a, at: 1}, {field: b, at: 2}]\n";
    flat_kit *k = flat_kit_make(NULL, NULL, R("{field: a, at: 1}"));
    dgm_shape *shape = NULL;
    dgm_format f = k->format;
    f.shape = NULL;
    f.file = DGM_LITERAL(file);
    CU_ASSERT_EQUAL(dgm_codec_flat.shape(&k->host, &f, &shape), DGM_CONFIG);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(k->diags), 1);
    const dgm_diag *d = dgm_diags_at(k->diags, 0);
    TEST_TEXT(dgm_slice_of(dgm_diag_name(d->code)), "flat.layout.key");
    CU_ASSERT_EQUAL(d->line, 4);
    CU_ASSERT_EQUAL(d->column, 1);
    TEST_TEXT(d->arguments[2].text, "layout");
    flat_kit_free(k);
}

/* Nested deeper than a tree may be. */
static void deep(void)
{
    flat_lines l = { 0 };
    flat_put(&l, DGM_LITERAL("  kind: fixed\n"));
    for (int i = 0; i < 12; i++) { /* YAML itself nests 32 deep */
        char blanks[64];
        memset(blanks, ' ', sizeof blanks);
        blanks[2 + 2 * i] = 0;
        flat_put(&l, dgm_slice_of(blanks));
        flat_put(&l, DGM_LITERAL("records:\n"));
        flat_put(&l, dgm_slice_of(blanks));
        flat_put_number(&l, "- record: R", (uint64_t)i);
        flat_put(&l, DGM_LITERAL("\n"));
        flat_put(&l, dgm_slice_of(blanks));
        flat_put_number(&l, "  fields: [{at: 1, value: \"", (uint64_t)(i % 10));
        flat_put_number(&l, "\"}, {field: f, at: 2, value: \"", (uint64_t)(i / 10));
        flat_put(&l, DGM_LITERAL("\"}]\n"));
    }
    dgm_limits limits = { .depth_max = 6 };
    flat_kit *k = flat_kit_make(NULL, &limits, l.at);
    flat_lines said = { 0 };
    CU_ASSERT_EQUAL(k->loaded, DGM_OK);
    if (k->loaded == DGM_OK)
        CU_ASSERT_EQUAL(flat_read(k, dgm_slice_of("00\n10\n20\n30\n40\n50\n60\n70\n80\n90\n"), 0, &said, NULL), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL(said.at ? strstr(said.at, "flat.limit.depth 15+0") : NULL);
    told[2753 - FIRST_CODE] = true;
    free(said.at);
    free(l.at);
    flat_kit_free(k);
}

/* ---- all of them ---- */

/* Told in other suites: test_flat_read (heading, tables, controls), test_flat_stored (hash totals), test_flat_ways (limits),
 * cli/test_flat.sh (formats). What cannot come through a tree of the shape's own builder: an unknown place, another format, a total
 * of more digits than 36, layouts beyond what YAML nests. */
static const char elsewhere[] =
    " flat.heading flat.table.unknown flat.control.same flat.control.sum flat.control.hash flat.limit.record flat.limit.message "
    "flat.limit.nodes "
    "flat.format.unknown flat.format.ambiguous flat.write.unknown flat.write.format flat.write.sum flat.layout.deep "
    "flat.token.expected flat.token.blanks flat.token.write flat.token.read flat.token.choice flat.token.pattern "
    "flat.token.nothing flat.token.alike ";

static void every_code(void)
{
    for (uint32_t code = FIRST_CODE; code <= LAST_CODE; code++) {
        const char *name = dgm_diag_name(code);
        char padded[80];
        if (strncmp(name, "flat.", 5) != 0) continue;
        snprintf(padded, sizeof padded, " %s ", name);
        if (told[code - FIRST_CODE] || strstr(elsewhere, padded)) continue;
        printf("no row tells %s\n", name);
        CU_FAIL("a code that no test tells");
    }
}

int main(void)
{
    static const test_case cases[] = {
        { "reading", reading },
        { "writing", writing },
        { "layouts", layouts },
        { "a misspelt layout is one mistake", misspelt },
        { "deep", deep },
        { "every code is told", every_code },
        { 0 },
    };
    return test_main("flat_errors", cases);
}
