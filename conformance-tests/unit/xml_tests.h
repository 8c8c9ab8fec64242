/* SPDX-License-Identifier: Apache-2.0
 *
 * xml_tests.h - what the suites of the XML codec share: a format made of texts or of the files of mappings/formats/xml, a document
 * read in chunks of any size, a tree written. One thread.
 */
#ifndef DGM_XML_TESTS_H
#define DGM_XML_TESTS_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/utf8.h"
#include "codecs/codec.h"
#include "conformance-tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct xml_format {
    dgm_format format;
    dgm_setting settings[24];
    dgm_format_alias aliases[8];
    dgm_shape *shape;
    char *yaml, *table; /* files, when read */
} xml_format;

/* The flat keys of a format file; `names` have two blanks before them. */
static inline void xml_format_keys(xml_format *f, dgm_slice yaml)
{
    for (dgm_cut cut = { .tail = yaml, .found = true }; cut.found;) {
        cut = dgm_slice_cut(cut.tail, '\n');
        dgm_slice line = cut.head;
        if (!line.len || line.at[0] == '#') continue;
        dgm_cut pair = dgm_slice_cut(line, ':');
        dgm_slice value = dgm_slice_trim(pair.tail);
        if (line.at[0] == ' ')
            f->aliases[f->format.alias_count++] = (dgm_format_alias){ dgm_slice_trim(pair.head), value };
        else if (dgm_slice_is(pair.head, "format"))
            f->format.name = value;
        else if (dgm_slice_is(pair.head, "title"))
            f->format.title = value;
        else if (dgm_slice_is(pair.head, "codec"))
            f->format.codec = value;
        else if (dgm_slice_is(pair.head, "table"))
            f->format.table_name = value;
        else if (!dgm_slice_is(pair.head, "dragoman") && !dgm_slice_is(pair.head, "names"))
            f->settings[f->format.setting_count++] = (dgm_setting){ pair.head, value };
    }
    f->format.settings = f->settings;
    f->format.aliases = f->aliases;
}

/* The shape is made through `mem`; the result is the codec's. */
static inline dgm_status xml_format_make(xml_format *f, const dgm_mem *mem, dgm_slice yaml, dgm_slice table, dgm_diags *diags)
{
    xml_format_keys(f, yaml);
    f->format.table = table;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    dgm_status st = dgm_codec_xml.shape(&host, &f->format, &f->shape);
    f->format.shape = f->shape;
    return st;
}

static inline void xml_format_free(xml_format *f)
{
    dgm_shape_free(f->shape);
    free(f->yaml);
    free(f->table);
    *f = (xml_format){ 0 };
}

/* A small format with one of everything. */
static const char XML_LETTER[] = "dragoman: format/1\n"
                             "format: letter\n"
                             "codec: xml\n"
                             "table: letter.tsv\n"
                             "root: Letter\n"
                             "document: Letter/Body\n"
                             "reference: Letter/Body/ID\n"
                             "namespace.l: urn:letter\n"
                             "prefix.l: l\n"
                             "namespace.b: urn:body\n"
                             "names:\n"
                             "  Line: Body/Item\n";
static const char XML_LETTER_TABLE[] = "path\tmin\tmax\ttype\tformat\tnamespace\tid\tvalues\n"
                                   "Letter\t1\t1\t-\t-\tl\n"
                                   "Letter/@lang\t0\t1\tcode\ta2\t-\n"
                                   "Letter/Sender\t0\t1\ttext\tan..10\tl\n"
                                   "Letter/Body\t1\t1\t-\t-\tb\n"
                                   "Letter/Body/ID\t1\t1\tid\tan..5\tb\n"
                                   "Letter/Body/Kind\t0\t1\tcode\tn1\tb\t-\t1 2\n"
                                   "Letter/Body/Land\t0\t1\tcode\ta2\tb\n"
                                   "Letter/Body/Price\t0\t2\tamount\tn..5,2\tb\n"
                                   "Letter/Body/Price/@currencyID\t0\t1\tcode\ta3\t-\n"
                                   "Letter/Body/Sent\t0\t1\tdate\t-\tb\n"
                                   "Letter/Body/Sent/DateTimeString\t1\t1\ttext\tan..35\tb\n"
                                   "Letter/Body/Sent/DateTimeString/@formatCode\t1\t1\tcode\t-\t-\t-\t102 304\n"
                                   "Letter/Body/Item\t0\t*\t-\t-\tb\t68A\n"
                                   "Letter/Body/Item/Note\t0\t1\ttext\tan..20\tb\n"
                                   "Letter/Body/Item/Flag\t0\t1\tflag\t-\tb\n";

static inline dgm_status xml_format_letter(xml_format *f)
{
    *f = (xml_format){ 0 };
    return xml_format_make(f, NULL, dgm_slice_of(XML_LETTER), dgm_slice_of(XML_LETTER_TABLE), NULL);
}

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
