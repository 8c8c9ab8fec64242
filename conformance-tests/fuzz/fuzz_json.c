/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_json.c - whatever bytes: the JSON reader gives a sound tree or says why not, gives the same fed in pieces, and what it reads
 * without errors is written and read again as the same document. One thread.
 */
#include "base/buffer.h"
#include "codecs/codecs.h"
#include "model/check.h"
#include "model/vocabulary.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char vocabulary[] = "dragoman: model/1\nmodel: M@1\nroot: Doc\n"
                                 "attribute: amount @currencyID code a3\nattribute: text @languageID code -\n"
                                 "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"
                                 "@id\t0\t1\tid\t-\t-\t-\t-\thouse\n"
                                 "Code\t1\t1\tcode\tan..3\t-\t-\t-\twco\n"
                                 "When\t0\t1\tdate\t-\t-\t-\t-\twco\n"
                                 "Sum\t0\t1\tamount\tn..16,3\t-\t-\t-\twco\n"
                                 "Note\t0\t*\ttext\t-\t-\t-\t-\twco\n"
                                 "Item\t0\t9\t-\t-\t-\t-\t-\twco\n"
                                 "Item/No\t1\t1\tnumber\tn..5\t-\t-\t-\twco\n"
                                 "Item/Done\t0\t1\tflag\t-\t-\t-\t-\twco\n"
                                 "Item/Part\t0\t1\t-\t-\t-\t-\t-\twco\n"
                                 "Item/Part/ID\t0\t1\tid\tan..9\t-\t-\t-\twco\n";

static void must(bool holds)
{
    if (!holds) abort();
}

static dgm_message read_all(const dgm_host *host, dgm_slice text, size_t piece, dgm_reader **reader)
{
    dgm_message m = { 0 };
    if (piece == 0) {
        must(dgm_codec_json.open_whole(host, NULL, 0, text, reader) == DGM_OK);
    } else {
        must(dgm_codec_json.open(host, NULL, 0, reader) == DGM_OK);
        while (text.len > piece) {
            must(dgm_codec_json.feed(*reader, dgm_slice_part(text, 0, piece), false) == DGM_OK);
            text = dgm_slice_part(text, piece, text.len);
        }
        must(dgm_codec_json.feed(*reader, text, true) == DGM_OK);
    }
    must(dgm_codec_json.next(*reader, &m) == DGM_OK);
    must(m.tree || m.errors);
    must(!m.tree || dgm_tree_sound(m.tree));
    return m;
}

static void write_again(const dgm_host *host, const dgm_format *format, const dgm_tree *t)
{
    dgm_buffer out;
    dgm_writer *w;
    dgm_reader *r;
    dgm_buffer_init(&out, &host->mem);
    must(dgm_codec_json.writer_open(host, format, NULL, 0, dgm_buffer_sink(&out), &w) == DGM_OK);
    must(dgm_codec_json.write(w, t) == DGM_OK && dgm_codec_json.finish(w) == DGM_OK);
    dgm_codec_json.writer_close(w);
    dgm_message m = read_all(host, dgm_buffer_slice(&out), 0, &r);
    must(m.tree && m.errors == 0 && dgm_tree_equal(t, m.tree, false, NULL, NULL));
    dgm_codec_json.recycle(r, &m);
    dgm_codec_json.close(r);
    dgm_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dgm_shape *shape;
    static dgm_format format;
    static const dgm_format *formats[] = { &format };
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    must(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    if (!shape) {
        must(dgm_vocabulary_load(&mem, DGM_LITERAL("m.tsv"), dgm_slice_of(vocabulary), diags, &shape) == DGM_OK);
        format = (dgm_format){ .name = DGM_LITERAL("json"), .codec = DGM_LITERAL("json"), .shape = shape };
    }
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, formats, 1);
    dgm_slice text = { (const char *)data, size };
    dgm_reader *whole, *pieces;
    dgm_message a = read_all(&host, text, 0, &whole);
    must(a.errors == dgm_diags_errors(diags));
    dgm_message b = read_all(&host, text, 1 + size % 7, &pieces);
    must(a.errors == b.errors && !a.tree == !b.tree);
    if (a.tree) {
        must(dgm_tree_equal(a.tree, b.tree, false, NULL, NULL));
        if (a.errors == 0) write_again(&host, &format, a.tree);
        must(dgm_model_check(a.tree, diags) == DGM_OK);
    }
    dgm_codec_json.recycle(whole, &a);
    dgm_codec_json.recycle(pieces, &b);
    dgm_codec_json.close(whole);
    dgm_codec_json.close(pieces);
    dgm_diags_free(diags);
    return 0;
}
