/* SPDX-License-Identifier: Apache-2.0
 *
 * xml_format.h - XML formats for suites and fuzz targets, made of texts: the flat keys of a format file and an element table. One
 * thread.
 */
#ifndef DGM_XML_FORMAT_H
#define DGM_XML_FORMAT_H

#include "base/arena.h"
#include "base/diag.h"
#include "codecs/codecs.h"

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

#endif
