/* SPDX-License-Identifier: Apache-2.0
 *
 * codec.c - the XML codec as codec.h wants it: its settings, and how an XML document is known by its first bytes. Any thread.
 */
#include "xml.h"

const dgm_option dgm_xml_reader_options[] = {
    { "encoding", "", "encoding of the document, whatever it says of itself (empty: byte order mark, XML declaration, else UTF-8)",
      DGM_OPT_TEXT, NULL },
    { "level", "directory",
      "rules a document must keep: those of its format (directory), or of the XML Schema it names, too (schema)", DGM_OPT_TEXT,
      "directory schema" },
    { "messages-max", "0", "messages that one document may hold, where its format says that it holds many (0: any number)",
      DGM_OPT_COUNT, NULL },
    { "envelope-bytes", "65536", "bytes that may stand before the first of them: every message is given what stands there",
      DGM_OPT_COUNT, NULL },
    { 0 },
};

const dgm_option dgm_xml_writer_options[] = {
    { "indent", "2", "blanks for each level of nesting; 0 writes everything on one line", DGM_OPT_TEXT, "0 1 2 3 4 5 6 7 8" },
    { "declaration", "yes", "begin with <?xml version=\"1.0\" encoding=\"UTF-8\"?>", DGM_OPT_BOOL, "yes no" },
    { "encoding", "", "what the document is written in (empty: what its format says, mostly UTF-8)", DGM_OPT_TEXT, NULL },
    { "envelope", "keep", "a document that came in an envelope is written in it again, or alone", DGM_OPT_TEXT, "keep no" },
    { "canonical", "no",
      "write canonical XML (W3C Canonical XML 1.0, or its exclusive form), without the XML declaration; indentation stays as it is "
      "asked for",
      DGM_OPT_TEXT, "no inclusive exclusive" },
    { "level", "directory",
      "rules a document that is written must keep: those of its format (directory), or of the XML Schema it names, too (schema)",
      DGM_OPT_TEXT, "directory schema" },
    { 0 },
};

const dgm_option dgm_xml_format_options[] = {
    { "root", "", "name of the root element; it must be the first row of the table", DGM_OPT_TEXT, NULL },
    { "document", "", "path of the payload in its envelope, from the root: a document may also begin with it", DGM_OPT_TEXT, NULL },
    { "reference", "", "path of the document's own number, from the root", DGM_OPT_TEXT, NULL },
    { "message", "",
      "path of an element that repeats, from the root: each is a message of its own, given as soon as it is read, with what stands "
      "before the first of them as its envelope",
      DGM_OPT_TEXT, NULL },
    { "order", "table", "order of the children of an element: that of the table, or any", DGM_OPT_TEXT, "table any" },
    { "encoding", "UTF-8", "what documents are written in", DGM_OPT_TEXT, NULL },
    { "payload", "", "of an envelope: path of the element that holds another document in Base64", DGM_OPT_TEXT, NULL },
    { "payload-encoding", "UTF-8", "what the document in it is written in", DGM_OPT_TEXT, NULL },
    { "sender", "", "path of who sent it, in the document or in its envelope", DGM_OPT_TEXT, NULL },
    { "recipient", "", "path of whom it is for", DGM_OPT_TEXT, NULL },
    { "currency", "currencyID", "the attribute that says the currency of an amount", DGM_OPT_TEXT, NULL },
    { "namespace.KEY", "", "URI of the namespace the table calls KEY", DGM_OPT_TEXT, NULL },
    { "schema", "",
      "file of the XML Schema, or several of a namespace each: looked for in the folders of --schemas, then in that of the "
      "mappings",
      DGM_OPT_TEXT, NULL },
    { "prefix.KEY", "", "prefix it is written with; none makes it the default namespace", DGM_OPT_TEXT, NULL },
    { 0 },
};

static int identify(dgm_slice first)
{
    const unsigned char *b = (const unsigned char *)first.at;
    size_t n = first.len, i = 0;
    if (n >= 2 && ((b[0] == 0xFF && b[1] == 0xFE) || (b[0] == 0xFE && b[1] == 0xFF))) { /* UTF-16, and UTF-32 little-endian */
        for (i = 2; i < n && i < 8; i++)
            if (b[i] == '<') return 80;
        return 0;
    }
    if (n >= 8 && b[0] == 0 && b[1] == 0 && b[2] == 0xFE && b[3] == 0xFF) return b[7] == '<' ? 80 : 0;
    if (n >= 4 && ((b[0] == 0 && b[1] == '<' && b[2] == 0) || (b[0] == '<' && b[1] == 0 && b[3] == 0))) return 80;
    if (n >= 5 && memcmp(b, "\x4C\x6F\xA7\x94\x93", 5) == 0) return 100; /* <?xml in EBCDIC */
    if (n >= 3 && b[0] == 0xEF && b[1] == 0xBB && b[2] == 0xBF) i = 3;
    size_t start = i;
    while (i < n && (b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n')) i++;
    if (n - i >= 5 && memcmp(b + i, "<?xml", 5) == 0) return i == start ? 100 : 70;
    if (n - i < 2 || b[i] != '<') return 0;
    unsigned char c = b[i + 1];
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '!' || c == '?' || c >= 0x80 ? 80 : 10;
}

static dgm_slice codes(const dgm_shape *shape, uint32_t slot)
{
    const dgm_xml_profile *p = dgm_shape_attached(shape);
    return p && slot < p->count ? (dgm_slice){ p->places[slot].values, p->places[slot].values_len } : (dgm_slice){ 0 };
}

const dgm_codec dgm_codec_xml = {
    .abi = DGM_CODEC_ABI,
    .struct_bytes = sizeof(dgm_codec),
    .name = "xml",
    .reader_options = dgm_xml_reader_options,
    .writer_options = dgm_xml_writer_options,
    .format_options = dgm_xml_format_options,
    .identify = identify,
    .shape = dgm_xml_shape,
    .open = dgm_xml_open,
    .open_whole = dgm_xml_open_whole,
    .feed = dgm_xml_feed,
    .next = dgm_xml_next,
    .recycle = dgm_xml_recycle,
    .reset = dgm_xml_reset,
    .close = dgm_xml_close,
    .writer_open = dgm_xml_writer_open,
    .write = dgm_xml_write,
    .finish = dgm_xml_finish,
    .writer_close = dgm_xml_writer_close,
    .writer_again = dgm_xml_writer_again,
    .single = true,
    .codes = codes,
    .waits = true,
    .sketch = dgm_xml_sketch_make,
};
