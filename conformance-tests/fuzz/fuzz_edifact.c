/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_edifact.c - any bytes as an interchange: reading in pieces gives what reading whole gives; what was read without errors can
 * be written, and reading that gives the same trees. One thread.
 */
#include "base/buffer.h"
#include "base/diag.h"
#include "codecs/codec.h"

#include <stdio.h>
#include <stdlib.h>

#define TREES_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds, const char *what)
{
    if (holds) return;
    fprintf(stderr, "fuzz_edifact: %s\n", what);
    abort();
}

static const dgm_setting settings[] = { { { "message", 7 }, { "CUSDEC", 6 } }, { { "release", 7 }, { "96B", 3 } } };

typedef struct result {
    dgm_tree *trees[TREES_MAX];
    bool ours[TREES_MAX]; /* of the format, without errors */
    size_t count, errors, warnings, more;
    uint64_t sum; /* over all diagnostics */
    dgm_reader *reader;
    dgm_diags *diags;
} result;

static const dgm_mem *memory(void)
{
    static dgm_mem mem;
    mem = dgm_mem_default();
    return &mem;
}

static void note_diags(result *r)
{
    for (size_t i = 0; i < dgm_diags_count(r->diags); i++) {
        const dgm_diag *d = dgm_diags_at(r->diags, i);
        uint64_t one = d->code * 31u + d->at_byte * 131u + d->bytes * 17u + d->position.segment * 7u + d->position.element;
        r->sum = (r->sum ^ one) * 0x100000001B3u;
        r->warnings += d->severity == DGM_WARNING;
    }
    r->errors = dgm_diags_errors(r->diags);
}

static bool codes; /* of the input being tried: its codes must be of the lists */

static void read_all(result *r, const dgm_format *format, dgm_slice input, size_t chunk)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_format *formats[] = { format };
    *r = (result){ 0 };
    must(dgm_diags_new(memory(), 1000, &r->diags) == DGM_OK, "no memory");
    dgm_host host = dgm_host_make(memory(), NULL, r->diags, NULL, formats, 1);
    const dgm_setting level = { { "level", 5 }, dgm_slice_of(codes ? "codes" : "directory") };
    dgm_status st = chunk ? k->open(&host, &level, 1, &r->reader) : k->open_whole(&host, &level, 1, input, &r->reader);
    must(st == DGM_OK, "a reader opens");
    for (size_t fed = 0;;) {
        dgm_message m;
        st = k->next(r->reader, &m);
        if (st == DGM_MORE) {
            size_t n = input.len - fed < chunk ? input.len - fed : chunk;
            must(k->feed(r->reader, dgm_slice_part(input, fed, fed + n), fed + n == input.len) == DGM_OK, "a chunk is taken");
            fed += n;
            continue;
        }
        if (st != DGM_OK) break;
        must(m.errors > 0 || m.tree, "a message without errors has a tree");
        must(!m.tree || dgm_tree_sound(m.tree), "a tree is sound");
        if (r->count < TREES_MAX) {
            r->ours[r->count] = m.format && m.errors == 0;
            r->trees[r->count++] = m.tree;
        } else {
            r->more++;
            k->recycle(r->reader, &m);
        }
    }
    must(st == DGM_END, "reading ends with DGM_END");
    note_diags(r);
}

static void let_go(result *r)
{
    for (size_t i = 0; i < r->count; i++) dgm_tree_free(r->trees[i]);
    dgm_codec_edifact.close(r->reader);
    dgm_diags_free(r->diags);
}

static void compare(const result *a, const result *b)
{
    must(a->count == b->count && a->more == b->more, "as many messages");
    must(a->sum == b->sum && a->errors == b->errors, "the same diagnostics");
    for (size_t i = 0; i < a->count; i++) {
        uint32_t x, y;
        must(!a->trees[i] == !b->trees[i], "trees in both");
        if (a->trees[i])
            must(dgm_tree_equal(a->trees[i], b->trees[i], false, &x, &y) || a->trees[i]->shape != b->trees[i]->shape,
                 "equal trees");
    }
}

static void there_and_back(const result *a, const dgm_format *format)
{
    const dgm_setting utf8 = { { "syntax", 6 }, { "UNOY", 4 } };
    const dgm_codec *k = &dgm_codec_edifact;
    for (size_t i = 0; i < a->count; i++) {
        if (!a->ours[i] || a->trees[i]->shape != format->shape) continue;
        dgm_buffer out;
        dgm_writer *w = NULL;
        dgm_buffer_init(&out, memory());
        dgm_host host = dgm_host_make(memory(), NULL, NULL, NULL, NULL, 0);
        must(k->writer_open(&host, format, &utf8, 1, dgm_buffer_sink(&out), &w) == DGM_OK, "a writer opens");
        dgm_status st = k->write(w, a->trees[i]);
        must(st == DGM_OK || (st == DGM_INVALID && a->warnings), "what was read without complaint can be written");
        must(k->finish(w) == DGM_OK, "an interchange ends");
        k->writer_close(w);
        if (st == DGM_OK) {
            result back;
            uint32_t x, y;
            read_all(&back, format, dgm_buffer_slice(&out), 0);
            must(back.count == 1 && back.errors == 0, "what was written is read without errors");
            must(dgm_tree_equal(a->trees[i], back.trees[0], false, &x, &y) || a->warnings, "what was written reads back equal");
            let_go(&back);
        }
        dgm_buffer_free(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dgm_format format = {
        .name = { "cusdec-d96b", 11 }, .codec = { "edifact", 7 }, .settings = settings, .setting_count = 2
    };
    static dgm_shape *shape;
    dgm_host host = dgm_host_make(memory(), NULL, NULL, NULL, NULL, 0);
    if (size > 65536) return 0;
    codes = size % 4 == 0;
    if (!shape) must(dgm_codec_edifact.shape(&host, &format, &shape) == DGM_OK, "the format has a shape");
    format.shape = shape;
    dgm_slice input = { (const char *)data, size };
    result whole, pieces;
    read_all(&whole, &format, input, 0);
    read_all(&pieces, &format, input, size ? 1 + data[size / 2] % 97u : 1);
    compare(&whole, &pieces);
    there_and_back(&whole, &format);
    let_go(&pieces);
    let_go(&whole);
    return 0;
}
