/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_parties.c - whatever bytes: who a document is from and for is found or not, the same by any beginning that was enough, and
 * it is what the reader finds in a document that is read without errors. The first byte chooses how much is seen at first. One
 * thread.
 */
#include "codecs/xml/parties.h"
#include "conformance-tests/support/fuzz_kit.h"
#include "conformance-tests/support/xml_format.h"

static bool same_party(const dgm_party *a, const dgm_party *b)
{
    return a->len == b->len && memcmp(a->at, b->at, a->len) == 0;
}

static dgm_slice said(const dgm_party *p)
{
    return (dgm_slice){ p->at, p->len };
}

static const xml_format *letter(void)
{
    static xml_format f;
    static char keys[sizeof XML_LETTER + 64];
    if (f.shape) return &f;
    snprintf(keys, sizeof keys, "sender: Letter/Sender\nrecipient: Letter/Body/Land\n%s", XML_LETTER);
    fuzz_must(xml_format_make(&f, NULL, dgm_slice_of(keys), dgm_slice_of(XML_LETTER_TABLE), NULL) == DGM_OK, "a format");
    return &f;
}

/* Held against the document that is read, as a job does. */
static void read_it(const dgm_format *format, dgm_slice input, const dgm_parties *seen)
{
    const dgm_format *formats[] = { format };
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    dgm_message m;
    fuzz_must(dgm_diags_new(NULL, 50, &diags) == DGM_OK, "diagnostics");
    dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, formats, 1);
    fuzz_must(dgm_codec_xml.open_whole(&host, NULL, 0, input, &reader) == DGM_OK, "a reader");
    fuzz_must(dgm_codec_xml.next(reader, &m) == DGM_OK, "a document");
    if (m.tree && m.errors == 0 && m.format) {
        fuzz_must(m.sender.len > DGM_PARTY_BYTES_MAX || dgm_slice_equal(m.sender, said(&seen->sender)), "its sender was seen");
        fuzz_must(m.recipient.len > DGM_PARTY_BYTES_MAX || dgm_slice_equal(m.recipient, said(&seen->recipient)),
                  "its recipient was seen");
    }
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(reader);
    dgm_diags_free(diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const dgm_format *format = &letter()->format;
    static dgm_parties some, all;
    if (size == 0) return 0;
    dgm_slice input = { (const char *)data + 1, size - 1 };
    fuzz_must(dgm_xml_parties(fuzz_memory(), &format, 1, (dgm_slice){ 0 }, input, true, &all) == DGM_OK,
              "a whole document is enough");
    for (size_t seen = data[0]; seen < input.len; seen += seen / 2 + 1) {
        dgm_status st = dgm_xml_parties(fuzz_memory(), &format, 1, (dgm_slice){ 0 }, dgm_slice_part(input, 0, seen), false, &some);
        fuzz_must(st == DGM_OK || st == DGM_MORE, "more is asked for, or not");
        if (st != DGM_OK) continue;
        fuzz_must(same_party(&some.sender, &all.sender) && same_party(&some.recipient, &all.recipient), "enough is enough");
        break;
    }
    read_it(format, input, &all);
    fuzz_must(fuzz_live == 0, "memory is given back");
    return 0;
}
