/* SPDX-License-Identifier: Apache-2.0
 *
 * xml_tests.h - what the suites of the XML codec share: a format made of texts or of the files of mappings/formats/xml, a document
 * read in chunks of any size, a tree written. One thread.
 */
#ifndef DGM_XML_TESTS_H
#define DGM_XML_TESTS_H

#include "base/utf8.h"
#include "conformance-tests/support/test.h"
#include "conformance-tests/support/xml_format.h"

#include <stdio.h>

/* The declaration as it stands in the repository. */
static inline dgm_status xml_format_declaration(xml_format *f)
{
    *f = (xml_format){ 0 };
    dgm_slice yaml = test_read_file(DGM_MAPPINGS_DIR "/formats/xml/wco-declaration.yaml");
    dgm_slice table = test_read_file(DGM_MAPPINGS_DIR "/formats/xml/wco-dms2-declaration.tsv");
    f->yaml = (char *)(uintptr_t)yaml.at;
    f->table = (char *)(uintptr_t)table.at;
    return yaml.at && table.at ? xml_format_make(f, NULL, yaml, table, NULL) : DGM_IO;
}

/* Reads a document; chunk 0: as a whole. The caller frees message->tree and closes the reader. */
static inline dgm_status xml_read(const dgm_host *host, const dgm_setting *settings, size_t n, dgm_slice input, size_t chunk,
                                  dgm_reader **reader, dgm_message *message)
{
    const dgm_codec *c = &dgm_codec_xml;
    *message = (dgm_message){ 0 };
    if (chunk == 0) {
        dgm_status st = c->open_whole(host, settings, n, input, reader);
        return st == DGM_OK ? c->next(*reader, message) : st;
    }
    dgm_status st = c->open(host, settings, n, reader);
    for (size_t at = 0; st == DGM_OK; at += chunk) {
        bool last = at + chunk >= input.len;
        st = c->feed(*reader, dgm_slice_part(input, at, at + chunk), last);
        if (st != DGM_OK) break;
        st = c->next(*reader, message);
        if (last) return st;
        if (st == DGM_MORE)
            st = DGM_OK;
        else
            return DGM_DEFECT;
    }
    return st;
}

static inline dgm_status xml_write(const dgm_host *host, const dgm_format *format, const dgm_setting *settings, size_t n,
                                   const dgm_tree *tree, dgm_buffer *out)
{
    dgm_writer *w;
    dgm_status st = dgm_codec_xml.writer_open(host, format, settings, n, dgm_buffer_sink(out), &w);
    if (st != DGM_OK) return st;
    st = dgm_codec_xml.write(w, tree);
    if (st == DGM_OK) st = dgm_codec_xml.finish(w);
    dgm_codec_xml.writer_close(w);
    return st;
}

#endif
