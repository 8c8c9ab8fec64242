/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_flat.c - whatever bytes, by one of several layouts that have every trait: sound trees, the same in pieces, and what was read
 * without errors is written and read again as the same. The first byte chooses the layout; 7 and beyond them: the bytes are a
 * layout themselves. One thread.
 */
#include "base/buffer.h"
#include "codecs/flat/flat.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD "dragoman: format/1\nformat: f\ncodec: flat\nlayout:\n"
static const char *const layouts[] = {
    HEAD "  kind: fixed\n  ends: [CRLF, LF]\n  short: accept\n  reference: H/no\n  records:\n    - record: H\n"
         "      fields: [{at: 1, value: H}, {field: no, at: 2-4, class: an}, {field: d, at: 5-10, date: YYMMDD}]\n      records:\n"
         "        - {record: D, times: 0..*, fields: [{at: 1, value: D}, {field: n, at: 2-5, implied: 2, sign: overpunch},"
         " {field: s, at: 6, width: 2, repeat: 2}], records: [{record: N, times: 0..2, fields: [{at: 1, value: N}, {field: t, at: "
         "2-6}]}]}\n"
         "        - {record: T, fields: [{at: 1, value: T}, {field: c, at: 2-3, count: all}, {field: x, at: 4-9, implied: 2,"
         " sign: overpunch, sum: D/n}, {field: no, at: 10-12, same: H/no}]}\n",
    HEAD
    "  kind: delimited\n  ends: LF\n  records: [{record: R, least: 2, fields: [{field: a}, {field: b, decimals: 2, sign: leading},"
    " {field: g, repeat: 2, fields: [{field: x, class: a}, {field: y, length: 1-2}]}]}]\n",
    HEAD "  kind: fixed\n  encoding: GB18030\n  ends: none\n  length: 8\n  records: [{record: R, fields: [{field: a, at: 1-5}, "
         "{field: b, at: 6-8,"
         " justify: right}]}]\n",
    HEAD "  kind: delimited\n  separator: '|'\n  quote: none\n  encoding: Shift_JIS\n  tables: \"<T>\"\n  unknown: keep\n  "
         "trailing: keep\n  records:\n"
         "    - record: H\n      fields: [{value: H}, {field: a}]\n      records:\n        - {record: A, table: A, times: 0..*, "
         "fields: [{field: x}, {field: y}]}\n"
         "        - {record: B, table: B, times: 0..*, fields: [{field: x, flag: [Y, N]}]}\n",
    HEAD "  kind: fixed\n  unit: characters\n  ends: [CR, CRLF]\n  blank-lines: skip\n  records: [{record: R, fields: [{field: a, "
         "at: 1-3},"
         " {field: n, at: 4-8, decimals: 2, point: ',', sign: trailing, pad: ' '}]}]\n",
    HEAD
    "  kind: delimited\n  heading: names\n  ends: LF\n  records: [{record: R, times: 0..*, fields: [{field: a}, {field: b}]}]\n",
    HEAD
    "  kind: fixed\n  encoding: IBM037\n  ends: none\n  length: 5\n  records: [{record: R, times: 1..3, fields: [{at: 1, value: R},"
    " {field: n, at: 2-5, implied: 1, sign: overpunch}]}, {record: S, times: 0..1, fields: [{field: a, at: 1-5}]}]\n",
    HEAD
    "  kind: fixed\n  ends: LF\n  short: accept\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: k, at: 2}, "
    "{field: a, at: 3-4, when: {k: A}}, {field: b, at: 3, when: {k: B}}, {field: name, at: 5-6, split: 2}, {at: 9-10, continues: "
    "name}]\n      records:\n"
    "        - {record: C, times: 0..9, fields: [{at: 1, value: C}, {at: 2-3, continues: H/name}]}\n"
    "        - {record: L, times: 0..9, unless: {k: B}, fields: [{at: 1, value: L}, {field: n, at: 2}, {field: x, repeat: 3, "
    "width: "
    "2, counted: n}]}\n",
    HEAD "  kind: tokens\n  ends: [LF, CRLF]\n  continuation: /\n  unknown: keep\n  reference: A/serial\n  records:\n"
         "    - {record: A, fields: [{field: serial, as: 'n[8]', check: air-waybill}, {field: w, before: /, as: 'n[..5]p'}, "
         "{times: 0..1, "
         "fields: [{field: u, as: (CM)a}, {field: d, as: nnaaann, date: DDMMMYY}]}]}\n"
         "    - record: O\n      times: 0..*\n      fields: [{value: OCI}, {field: row, before: /, again: '\\n/', times: 1..9, "
         "fields: [{field: c, as: aa, empty: yes}, {field: t, before: /, again: '', as: 'a[n]', times: 0..3}]}]\n"
         "      records: [{record: T, times: 0..2, fields: [{value: T/}, {field: x, as: 't[..9]'}]}]\n",
    HEAD "  kind: fixed\n  encoding: Shift_JIS\n  ends: none\n  length: 6\n  records: [{record: D, times: 0..*, fields: [{at: 1, "
         "value: D}, {field: n, at: 2-3, packed: signed, implied: 1}, {field: b, at: 4, binary: signed}, {field: t, at: 5-6}]}, "
         "{record: T, fields: [{at: 1, value: T}, {field: n, at: 2-4, packed: bare, sum: D/n, implied: 1}, {field: c, at: 5-6, "
         "binary: unsigned-little, count: all}]}]\n",
};
enum { COUNT = sizeof layouts / sizeof *layouts };

static void must(bool holds)
{
    if (!holds) abort();
}

static dgm_reader *open_reader(const dgm_host *host, dgm_slice text, size_t piece)
{
    dgm_reader *r = NULL;
    if (piece)
        must(dgm_codec_flat.open(host, NULL, 0, &r) == DGM_OK);
    else
        must(dgm_codec_flat.open_whole(host, NULL, 0, text, &r) == DGM_OK);
    return r;
}

static dgm_status next(dgm_reader *r, dgm_slice *rest, size_t piece, dgm_message *m)
{
    dgm_status st = dgm_codec_flat.next(r, m);
    while (st == DGM_MORE && piece) {
        size_t n = rest->len < piece ? rest->len : piece;
        must(dgm_codec_flat.feed(r, dgm_slice_part(*rest, 0, n), n == rest->len) == DGM_OK);
        *rest = dgm_slice_part(*rest, n, rest->len);
        st = dgm_codec_flat.next(r, m);
    }
    must(st == DGM_OK || st == DGM_END);
    return st;
}

static dgm_status write_tree(const dgm_host *host, const dgm_tree *t, dgm_buffer *out)
{
    dgm_writer *w = NULL;
    dgm_buffer_init(out, &host->mem);
    must(dgm_codec_flat.writer_open(host, host->formats[0], NULL, 0, dgm_buffer_sink(out), &w) == DGM_OK);
    dgm_status st = dgm_codec_flat.write(w, t);
    must(st == DGM_OK || st == DGM_INVALID);
    if (st == DGM_OK) must(dgm_codec_flat.finish(w) == DGM_OK);
    dgm_codec_flat.writer_close(w);
    return st;
}

/* What was written is read again as the same tree, but for counts and totals that were left out, and written as the same bytes. */
static void write_again(const dgm_host *host, const dgm_tree *t)
{
    dgm_buffer out, again;
    dgm_message m;
    if (write_tree(host, t, &out) == DGM_OK) {
        dgm_slice text = dgm_buffer_slice(&out);
        dgm_reader *r = open_reader(host, text, 0);
        must(next(r, &text, 0, &m) == DGM_OK);
        must(m.tree && m.errors == 0);
        must(dgm_flat_layout_of(t->shape)->control_count || dgm_tree_equal(m.tree, t, false, NULL, NULL));
        must(write_tree(host, m.tree, &again) == DGM_OK);
        must(dgm_slice_equal(dgm_buffer_slice(&again), dgm_buffer_slice(&out)));
        dgm_buffer_free(&again);
        dgm_codec_flat.recycle(r, &m);
        must(next(r, &text, 0, &m) == DGM_END);
        dgm_codec_flat.close(r);
    }
    dgm_buffer_free(&out);
}

static void both_ways(const dgm_host *host, dgm_slice text)
{
    dgm_slice rest = text, all = text;
    size_t piece = 1 + text.len % 5;
    dgm_reader *a = open_reader(host, text, 0), *b = open_reader(host, text, piece);
    for (;;) {
        dgm_message m, n;
        dgm_status st = next(a, &all, 0, &m);
        must(next(b, &rest, piece, &n) == st);
        if (st != DGM_OK) break;
        must(m.errors == n.errors && m.at_byte == n.at_byte && m.bytes == n.bytes && !m.tree == !n.tree && (m.tree || m.errors));
        if (m.tree) {
            must(dgm_tree_sound(m.tree) && dgm_tree_sound(n.tree) && dgm_tree_equal(m.tree, n.tree, false, NULL, NULL));
            if (m.errors == 0) write_again(host, m.tree);
        }
        dgm_codec_flat.recycle(a, &m);
        dgm_codec_flat.recycle(b, &n);
    }
    dgm_codec_flat.close(a);
    dgm_codec_flat.close(b);
}

static dgm_shape *load(const dgm_mem *mem, dgm_slice file, dgm_format *format, dgm_diags *diags)
{
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    *format =
        (dgm_format){ .name = DGM_LITERAL("f"), .codec = DGM_LITERAL("flat"), .file = file, .file_name = DGM_LITERAL("f.yaml") };
    dgm_shape *shape = NULL;
    dgm_status st = dgm_codec_flat.shape(&host, format, &shape);
    must(st == DGM_OK ? shape != NULL : st == DGM_CONFIG && dgm_diags_errors(diags) > 0);
    format->shape = shape;
    return shape;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dgm_format formats[COUNT];
    if (size == 0) return 0;
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    dgm_slice text = { (const char *)data + 1, size - 1 };
    size_t number = data[0] & 15, which = number > 7 ? number - 1 : number;
    if (number != 7 && which < COUNT) {
        dgm_format *f = &formats[which];
        if (!f->shape) must(load(&mem, dgm_slice_of(layouts[which]), f, diags) != NULL);
        const dgm_format *only[] = { f };
        dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, only, 1);
        both_ways(&host, text);
    } else {
        dgm_format f;
        dgm_shape *shape = load(&mem, text, &f, diags);
        dgm_shape_free(shape);
    }
    dgm_diags_free(diags);
    return 0;
}
