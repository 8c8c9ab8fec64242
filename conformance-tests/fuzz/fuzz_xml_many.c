/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_xml_many.c - whatever bytes, as a document of many messages: each has a sound tree or says why not, and all are the same
 * however the input is cut. The first byte chooses the chunk, and the limit of a message. One thread.
 */
#include "conformance-tests/support/fuzz_kit.h"
#include "conformance-tests/support/xml_format.h"

enum { MESSAGES_MAX = 4096 };

typedef struct reading {
    dgm_reader *reader;
    dgm_diags *diags;
    dgm_message messages[MESSAGES_MAX];
    size_t count, diag_count[MESSAGES_MAX + 1]; /* of diagnostics, once the message had come */
} reading;

static const dgm_format *letter(void)
{
    static const char keys[] = "dragoman: format/1\nformat: many\ncodec: xml\ntable: letter.tsv\nroot: Letter\n"
                               "message: Letter/Body/Item\nreference: Letter/Body/Item/Note\nsender: Letter/Sender\n"
                               "namespace.l: urn:letter\nprefix.l: l\nnamespace.b: urn:body\n";
    static xml_format f;
    if (f.shape) return &f.format;
    fuzz_must(xml_format_make(&f, NULL, dgm_slice_of(keys), dgm_slice_of(XML_LETTER_TABLE), NULL) == DGM_OK, "a format");
    return &f.format;
}

static void take(reading *r, dgm_message *m)
{
    fuzz_must(!m->tree || dgm_tree_sound(m->tree), "a tree is sound");
    fuzz_must(m->tree || m->errors, "why there is no tree is said");
    if (r->count < MESSAGES_MAX) {
        r->messages[r->count] = *m;
        r->diag_count[r->count++] = dgm_diags_count(r->diags);
    } else {
        dgm_codec_xml.recycle(r->reader, m);
    }
}

static dgm_status take_all(reading *r)
{
    for (;;) {
        dgm_message m;
        dgm_status st = dgm_codec_xml.next(r->reader, &m);
        if (st != DGM_OK) return st;
        take(r, &m);
    }
}

static void read_in(reading *r, dgm_slice input, size_t chunk, uint64_t most)
{
    const dgm_format *format = letter();
    const dgm_codec *c = &dgm_codec_xml;
    const dgm_limits limits = { .message_bytes_max = most };
    r->reader = NULL;
    r->count = 0;
    fuzz_must(dgm_diags_new(NULL, 500, &r->diags) == DGM_OK, "diagnostics");
    dgm_host host = dgm_host_make(NULL, &limits, r->diags, NULL, &format, 1);
    dgm_status st;
    if (chunk == 0) {
        fuzz_must(c->open_whole(&host, NULL, 0, input, &r->reader) == DGM_OK, "a reader");
        st = take_all(r);
    } else {
        fuzz_must(c->open(&host, NULL, 0, &r->reader) == DGM_OK, "a reader");
        for (size_t at = 0; at < input.len || at == 0; at += chunk) {
            fuzz_must(take_all(r) == DGM_MORE, "more is asked for");
            st = c->feed(r->reader, dgm_slice_part(input, at, at + chunk), at + chunk >= input.len);
            fuzz_must(st == DGM_OK, "bytes are taken");
        }
        st = take_all(r);
    }
    fuzz_must(st == DGM_END, "there is an end");
}

static void done(reading *r)
{
    for (size_t i = 0; i < r->count; i++) dgm_tree_free(r->messages[i].tree);
    dgm_codec_xml.close(r->reader);
    dgm_diags_free(r->diags);
}

static void same(const reading *a, const reading *b)
{
    fuzz_must(a->count == b->count, "as many messages");
    for (size_t i = 0; i < a->count; i++) {
        const dgm_message *x = &a->messages[i], *y = &b->messages[i];
        fuzz_must((x->tree != NULL) == (y->tree != NULL) && x->errors == y->errors, "a tree, or errors");
        fuzz_must(x->at_byte == y->at_byte && x->bytes == y->bytes && x->position.message == y->position.message, "its place");
        fuzz_must(!x->tree || dgm_tree_equal(x->tree, y->tree, false, NULL, NULL), "the same tree");
        fuzz_must(a->diag_count[i] == b->diag_count[i], "as much is said of it");
    }
    fuzz_must(dgm_diags_count(a->diags) == dgm_diags_count(b->diags), "as much is said");
    for (size_t i = 0; i < dgm_diags_count(a->diags); i++)
        fuzz_must(fuzz_same_diag(dgm_diags_at(a->diags, i), dgm_diags_at(b->diags, i)), "the same is said");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static reading whole, pieces;
    if (size == 0) return 0;
    const dgm_slice input = { (const char *)data + 1, size - 1 };
    const uint64_t most = data[0] % 4 == 3 ? 20000 : 0;
    read_in(&whole, input, 0, most);
    read_in(&pieces, input, (size_t)data[0] % 31 + 1, most);
    /* One that is not known to be of many messages, and is too long for a single one, says whatever stopped it first. */
    const bool hopeless = most && input.len > most && whole.count == 1 && !whole.messages[0].tree && !whole.messages[0].format;
    if (!hopeless) same(&whole, &pieces);
    done(&pieces);
    done(&whole);
    return 0;
}
