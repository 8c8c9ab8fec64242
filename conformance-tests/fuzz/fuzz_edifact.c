/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_edifact.c - any bytes as an interchange: reading in pieces gives what reading whole gives; what was read without errors can
 * be written, and reading that gives the same trees. Readers and writers are kept from run to run; for one input in 128 the
 * one that reads it whole is a new one, over the bytes where they lie. One thread.
 */
#include "base/buffer.h"
#include "conformance-tests/support/fuzz_kit.h"

enum { TREES_MAX = 64, INPUT_MAX = 1 << 16 };

typedef struct result {
    dgm_tree *tree;
    bool good; /* without errors, and all of it has a place in its format */
} result;

/* The syntax versions that headers named: 0 where there was none. A tree is written again in its own. */
enum { INTERCHANGES_MAX = 64 };
static char versions[INTERCHANGES_MAX];
static bool noting;

static void note_version(void *ctx, const dgm_envelope *e)
{
    (void)ctx;
    if (!noting || e->group || e->secures || e->position.interchange >= INTERCHANGES_MAX) return;
    for (size_t i = 0; i < e->count; i++)
        if (e->values[i].element == 1 && e->values[i].component == 2) versions[e->position.interchange] = e->values[i].text.at[0];
}

/* What is kept for one level of checks. */
typedef struct bench {
    fuzz_edi reader, fresh;
    dgm_diags *first;       /* what reading whole said */
    dgm_writer *writers[2]; /* of syntax versions 3 and 4 */
    dgm_buffer written;
} bench;

static fuzz_edi_setup setup_of(bool codes)
{
    static const dgm_setting levels[] = { { { "level", 5 }, { "directory", 9 } }, { { "level", 5 }, { "codes", 5 } } };
    return (fuzz_edi_setup){ .settings = &levels[codes], .count = 1, .envelope = note_version };
}

static size_t read_whole(fuzz_edi *r, result *out)
{
    dgm_message m;
    size_t n = 0;
    while (fuzz_edi_next(r, &m)) {
        if (n < TREES_MAX)
            out[n] = (result){ m.tree, m.errors == 0 && m.tree->shape && m.tree->unknown_count == 0 };
        else
            dgm_codec_edifact.recycle(r->reader, &m);
        n++;
    }
    return n;
}

/* Reads in pieces and holds each tree against the one that reading whole gave. */
static void read_pieces(fuzz_edi *r, const result *whole, size_t count, bool fresh)
{
    dgm_message m;
    size_t n = 0;
    while (fuzz_edi_next(r, &m)) {
        if (n < TREES_MAX && n < count) {
            uint32_t x, y;
            const dgm_tree *t = whole[n].tree;
            fuzz_must(!t == !m.tree, "trees in both");
            if (t && (t->shape == m.tree->shape || !fresh)) fuzz_must(dgm_tree_equal(t, m.tree, false, &x, &y), "equal trees");
        }
        dgm_codec_edifact.recycle(r->reader, &m);
        n++;
    }
    fuzz_must(n == count, "as many messages");
}

static bool write_tree(bench *b, const dgm_tree *tree, bool four)
{
    const dgm_setting utf8 = { { "syntax", 6 }, { four ? "UNOY:4" : "UNOY:3", 6 } };
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_writer **w = &b->writers[four];
    dgm_sink sink = dgm_buffer_sink(&b->written);
    b->written.len = 0;
    if (*w) {
        k->writer_again(*w, sink);
    } else {
        dgm_host host = dgm_host_make(fuzz_memory(), NULL, NULL, NULL, NULL, 0);
        fuzz_must(k->writer_open(&host, NULL, &utf8, 1, sink, w) == DGM_OK, "a writer opens");
    }
    dgm_status st = k->write(*w, tree);
    fuzz_must(st == DGM_OK || st == DGM_INVALID, "a tree is written or refused");
    fuzz_must(k->finish(*w) == DGM_OK, "an interchange ends");
    return st == DGM_OK;
}

/* UNT is made anew: its number of segments is as it should be. All else is to the letter. */
static bool same_but_for_count(const dgm_tree *a, const dgm_tree *b)
{
    uint32_t x, y;
    if (dgm_tree_equal(a, b, false, &x, &y)) return true;
    return x != DGM_NONE && dgm_slice_is(dgm_tree_name(a, x), "0074") && dgm_tree_compare(a, b, false, NULL, NULL) == 1;
}

/* What was read without complaint can be written, and is read again. */
static void there_and_back(bench *b, const fuzz_edi_setup *s, const dgm_tree *tree, bool warned)
{
    dgm_message m;
    uint32_t interchange = tree->position.interchange;
    if (interchange >= INTERCHANGES_MAX || !versions[interchange]) return;
    if (!write_tree(b, tree, versions[interchange] == '4')) {
        /* version 1 asks for less in UNH than those that are written here */
        fuzz_must(warned || versions[interchange] == '1', "what was read without complaint can be written");
        return;
    }
    dgm_slice written = dgm_buffer_slice(&b->written);
    fuzz_edi_begin(&b->reader, s, written, written.len);
    bool any = fuzz_edi_next(&b->reader, &m);
    fuzz_no_errors(b->reader.diags, written, "what was written is read without errors");
    fuzz_must(any, "what was written is read");
    /* version 1 needs no agency in UNH, which is written here */
    if (tree->shape == m.tree->shape && versions[interchange] != '1')
        fuzz_must(same_but_for_count(tree, m.tree) || warned, "what was written reads back equal");
    dgm_codec_edifact.recycle(b->reader.reader, &m);
    fuzz_must(!fuzz_edi_next(&b->reader, &m), "what was written is one message");
    fuzz_no_errors(b->reader.diags, written, "what was written ends without errors");
}

static bool warned(const dgm_diags *diags)
{
    for (size_t i = 0; i < dgm_diags_count(diags); i++)
        if (dgm_diags_at(diags, i)->severity == DGM_WARNING) return true;
    return false;
}

static void let_go(bench *b)
{
    fuzz_edi_close(&b->reader);
    fuzz_edi_close(&b->fresh);
    dgm_diags_free(b->first);
    for (int i = 0; i < 2; i++) dgm_codec_edifact.writer_close(b->writers[i]);
    dgm_buffer_free(&b->written);
    *b = (bench){ 0 };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bench kept[2];
    result results[TREES_MAX];
    if (size > INPUT_MAX) return 0;
    bool codes = size % 4 == 0, fresh = fuzz_choice(data, size) % 128 == 0;
    bench *b = &kept[codes];
    dgm_slice input = { (const char *)data, size };
    const fuzz_edi_setup s = setup_of(codes);
    fuzz_edi *whole = fresh ? &b->fresh : &b->reader;
    if (!b->first) dgm_buffer_init(&b->written, fuzz_memory());
    if (!b->first) fuzz_must(dgm_diags_new(fuzz_memory(), 1000, &b->first) == DGM_OK, "memory");
    dgm_diags_clear(b->first);
    memset(versions, 0, sizeof versions);
    noting = true;
    fuzz_edi_begin(whole, &s, input, fresh ? 0 : size + 1);
    size_t count = read_whole(whole, results);
    noting = false;
    fuzz_must(dgm_diags_move(b->first, whole->diags) == DGM_OK, "memory");
    fuzz_edi_begin(&b->reader, &s, input, size ? 1 + data[size / 2] % 97u : 1);
    read_pieces(&b->reader, results, count, fresh);
    fuzz_same_diags(b->first, b->reader.diags);
    for (size_t i = 0; i < count && i < TREES_MAX; i++) {
        if (results[i].good) there_and_back(b, &s, results[i].tree, warned(b->first));
        dgm_tree_free(results[i].tree);
    }
    if (fresh) fuzz_edi_close(whole); /* its input goes */
    if (fuzz_tired()) {
        let_go(&kept[0]);
        let_go(&kept[1]);
        fuzz_must(fuzz_live == 0, "all memory is given back");
    }
    return 0;
}
