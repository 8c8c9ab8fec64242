/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_xml.c - whatever bytes: the XML reader gives a sound tree or says why not, says and gives the same however the input is cut,
 * and what it reads without errors is written and read again as the same document. The first byte chooses the chunk. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/xml_format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
    if (!right) abort();
}

typedef struct reading {
    dgm_reader *reader;
    dgm_message message;
    dgm_diags *diags;
} reading;

static void read_in(reading *out, const dgm_format *format, dgm_slice input, size_t chunk)
{
    const dgm_format *formats[] = { format };
    const dgm_codec *c = &dgm_codec_xml;
    must(dgm_diags_new(NULL, 200, &out->diags) == DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, out->diags, NULL, formats, 1);
    dgm_status st;
    if (chunk == 0) {
        must(c->open_whole(&host, NULL, 0, input, &out->reader) == DGM_OK);
        st = c->next(out->reader, &out->message);
    } else {
        must(c->open(&host, NULL, 0, &out->reader) == DGM_OK);
        size_t at = 0;
        do {
            must(c->next(out->reader, &out->message) == DGM_MORE);
            must(c->feed(out->reader, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len) == DGM_OK);
            at += chunk;
        } while (at < input.len);
        st = c->next(out->reader, &out->message);
    }
    must(st == DGM_OK);
    must(out->message.tree || dgm_diags_errors(out->diags) > 0);
    must(out->message.errors == dgm_diags_errors(out->diags));
    if (out->message.tree) must(dgm_tree_sound(out->message.tree));
}

static void done(reading *r)
{
    dgm_tree_free(r->message.tree);
    dgm_codec_xml.close(r->reader);
    dgm_diags_free(r->diags);
}

static void same(const reading *a, const reading *b)
{
    must((a->message.tree != NULL) == (b->message.tree != NULL));
    must(a->message.bytes == b->message.bytes && a->message.errors == b->message.errors);
    must(!a->message.tree || dgm_tree_equal(a->message.tree, b->message.tree, false, NULL, NULL));
    must(dgm_diags_count(a->diags) == dgm_diags_count(b->diags));
    for (size_t i = 0; i < dgm_diags_count(a->diags); i++) {
        const dgm_diag *x = dgm_diags_at(a->diags, i), *y = dgm_diags_at(b->diags, i);
        must(x->code == y->code && x->at_byte == y->at_byte && x->bytes == y->bytes && x->node == y->node);
        must(dgm_slice_equal(x->path, y->path) && dgm_slice_equal(x->excerpt, y->excerpt));
    }
}

static void write_and_read(const reading *a, const dgm_format *format)
{
    dgm_buffer out;
    dgm_writer *w;
    dgm_buffer_init(&out, NULL);
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    must(dgm_codec_xml.writer_open(&host, format, NULL, 0, dgm_buffer_sink(&out), &w) == DGM_OK);
    dgm_status st = dgm_codec_xml.write(w, a->message.tree);
    dgm_codec_xml.writer_close(w);
    must(st == DGM_OK || (st == DGM_INVALID && out.len == 0)); /* unknown elements are not written */
    if (st == DGM_OK) {
        reading again = { 0 };
        read_in(&again, format, dgm_buffer_slice(&out), 0);
        must(again.message.errors == 0);
        must(dgm_tree_equal(a->message.tree, again.message.tree, false, NULL, NULL));
        done(&again);
    }
    dgm_buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static xml_format letter;
    if (!letter.shape) must(xml_format_letter(&letter) == DGM_OK);
    if (size == 0) return 0;
    dgm_slice input = { (const char *)data + 1, size - 1 };
    reading whole = { 0 }, pieces = { 0 };
    read_in(&whole, &letter.format, input, 0);
    read_in(&pieces, &letter.format, input, (size_t)data[0] % 31 + 1);
    same(&whole, &pieces);
    if (whole.message.errors == 0 && whole.message.format) write_and_read(&whole, &letter.format);
    done(&pieces);
    done(&whole);
    return 0;
}
