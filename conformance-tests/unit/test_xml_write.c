/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_write.c - trees to documents: the exact bytes with namespaces, prefixes, indentation and references; empty elements;
 * reading what was written gives the same tree; the declaration's own format; memory that fails. One thread.
 */
#include "xml_tests.h"

/* Reads without errors and writes; *out receives the bytes. */
static dgm_status rewrite(const dgm_mem *mem, const dgm_format *format, dgm_slice input, const dgm_setting *settings, size_t n,
                          dgm_buffer *out)
{
    const dgm_format *formats[] = { format };
    dgm_host host = dgm_host_make(mem, NULL, NULL, NULL, formats, 1);
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    dgm_status st = xml_read(&host, NULL, 0, input, 0, &r, &m);
    if (st == DGM_OK) {
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        st = xml_write(&host, format, settings, n, m.tree, out);
    }
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    return st;
}

static const char PLAIN[] =
    "<Letter lang='de'><Sender>a &amp; &lt;b&gt; \"c\"</Sender><Body><ID>A&#13;\n\t</ID><Kind>1</Kind>"
    "<Price currencyID='EUR'>1.50</Price><Sent><DateTimeString formatCode='102'>20261121</DateTimeString></Sent>"
    "<Item/><Item><Note/><Flag>true</Flag></Item></Body></Letter>";

static void exact_bytes(void)
{
    const struct {
        dgm_setting settings[2];
        size_t n;
        const char *wanted;
    } rows[] = {
        { { { { NULL, 0 }, { NULL, 0 } } },
          0,
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<l:Letter xmlns:l=\"urn:letter\" lang=\"de\">\n"
          "  <l:Sender>a &amp; &lt;b&gt; \"c\"</l:Sender>\n"
          "  <Body xmlns=\"urn:body\">\n"
          "    <ID>A&#13;\n\t</ID>\n"
          "    <Kind>1</Kind>\n"
          "    <Price currencyID=\"EUR\">1.50</Price>\n"
          "    <Sent>\n"
          "      <DateTimeString formatCode=\"102\">20261121</DateTimeString>\n"
          "    </Sent>\n"
          "    <Item/>\n"
          "    <Item>\n"
          "      <Note/>\n"
          "      <Flag>true</Flag>\n"
          "    </Item>\n"
          "  </Body>\n"
          "</l:Letter>\n" },
        { { { DGM_LITERAL("indent"), DGM_LITERAL("0") }, { DGM_LITERAL("declaration"), DGM_LITERAL("no") } },
          2,
          "<l:Letter xmlns:l=\"urn:letter\" lang=\"de\"><l:Sender>a &amp; &lt;b&gt; \"c\"</l:Sender><Body xmlns=\"urn:body\">"
          "<ID>A&#13;\n\t</ID><Kind>1</Kind><Price currencyID=\"EUR\">1.50</Price><Sent><DateTimeString formatCode=\"102\">20261121"
          "</DateTimeString></Sent><Item/><Item><Note/><Flag>true</Flag></Item></Body></l:Letter>\n" },
        { { { DGM_LITERAL("indent"), DGM_LITERAL("1") }, { DGM_LITERAL("declaration"), DGM_LITERAL("no") } },
          2,
          "<l:Letter xmlns:l=\"urn:letter\" lang=\"de\">\n"
          " <l:Sender>a &amp; &lt;b&gt; \"c\"</l:Sender>\n"
          " <Body xmlns=\"urn:body\">\n"
          "  <ID>A&#13;\n\t</ID>\n"
          "  <Kind>1</Kind>\n"
          "  <Price currencyID=\"EUR\">1.50</Price>\n"
          "  <Sent>\n"
          "   <DateTimeString formatCode=\"102\">20261121</DateTimeString>\n"
          "  </Sent>\n"
          "  <Item/>\n"
          "  <Item>\n"
          "   <Note/>\n"
          "   <Flag>true</Flag>\n"
          "  </Item>\n"
          " </Body>\n"
          "</l:Letter>\n" },
    };
    xml_format f;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    /* the sender of PLAIN is longer than ten characters: a format without that limit */
    char table[sizeof XML_LETTER_TABLE];
    memcpy(table, XML_LETTER_TABLE, sizeof table);
    char *limit = strstr(table, "an..10");
    memcpy(limit, "an..99", 6);
    f = (xml_format){ 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&f, NULL, dgm_slice_of(XML_LETTER), dgm_slice_of(table), NULL), DGM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        out.len = 0;
        CU_ASSERT_EQUAL(rewrite(NULL, &f.format, dgm_slice_of(PLAIN), rows[i].settings, rows[i].n, &out), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), rows[i].wanted);
    }
    dgm_setting wrong = { DGM_LITERAL("indent"), DGM_LITERAL("9") };
    CU_ASSERT_EQUAL(rewrite(NULL, &f.format, dgm_slice_of(PLAIN), &wrong, 1, &out), DGM_USAGE);
    dgm_buffer_free(&out);
    xml_format_free(&f);
}

/* Every length of value around the block sizes, a careful character at every place of it. */
/* Elements without a namespace leave the default one of those above; those of it within them come back to it. */
static void no_namespace(void)
{
    static const char table[] =
        "path\tmin\tmax\ttype\tformat\tnamespace\nR\t1\t1\t-\t-\tn\nR/x\t0\t1\t-\t-\t-\nR/x/y\t0\t1\ttext\t-\t-\n"
        "R/x/z\t0\t1\ttext\t-\tn\nR/p\t0\t1\t-\t-\tq\nR/p/w\t0\t1\ttext\t-\t-\n";
    static const char input[] = "<R><x><y>1</y><z>2</z></x><p><w>3</w></p></R>";
    xml_format f = { 0 };
    dgm_buffer out;
    dgm_setting settings[] = { { DGM_LITERAL("indent"), DGM_LITERAL("0") }, { DGM_LITERAL("declaration"), DGM_LITERAL("no") } };
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&f, NULL, DGM_LITERAL("format: a\ncodec: xml\nnamespace.n: urn:n\nnamespace.q: urn:q\nprefix.q: q\n"),
                        dgm_slice_of(table), NULL),
        DGM_OK);
    CU_ASSERT_EQUAL(rewrite(NULL, &f.format, dgm_slice_of(input), settings, 2, &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), "<R xmlns=\"urn:n\" xmlns:q=\"urn:q\"><x xmlns=\"\"><y>1</y><z xmlns=\"urn:n\">2</z></x>"
                                      "<q:p><w xmlns=\"\">3</w></q:p></R>\n");
    dgm_buffer_free(&out);
    xml_format_free(&f);
}

static void references(void)
{
    static const char table[] =
        "path\tmin\tmax\ttype\tformat\tnamespace\nA\t1\t1\t-\t-\t-\nA/@t\t0\t1\ttext\t-\t-\nA/B\t0\t*\ttext\t-\t-\n";
    static const struct {
        const char *raw, *text, *attribute;
    } careful[] = {
        { "&", "&amp;", "&amp;" },
        { "<", "&lt;", "&lt;" },
        { ">", "&gt;", "&gt;" },
        { "\"", "\"", "&quot;" },
        { "\t", "\t", "&#9;" },
        { "\n", "\n", "&#10;" },
        { "\r", "&#13;", "&#13;" },
        { "\303\274", "\303\274", "\303\274" },
        { "\357\274\201", "\357\274\201", "\357\274\201" },
    };
    xml_format f = { 0 };
    dgm_mem mem = dgm_mem_default();
    dgm_builder *b;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&f, NULL, DGM_LITERAL("format: a\ncodec: xml\ntable: a.tsv\n"), dgm_slice_of(table), NULL), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    for (size_t len = 0; len < 50; len++) {
        for (size_t k = 0; k < (len + 1) * (sizeof careful / sizeof *careful); k++) {
            size_t i = k / (len + 1), at = k % (len + 1);
            char value[64], wanted[256];
            memset(value, 'x', at);
            size_t n = at + strlen(careful[i].raw);
            memcpy(value + at, careful[i].raw, n - at);
            memset(value + n, 'y', len - at);
            n += len - at;
            int head = (int)at, tail = (int)(len - at);
            snprintf(wanted, sizeof wanted,
                     "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<A t=\"%.*s%s%.*s\">\n  <B>%.*s%s%.*s</B>\n</A>\n", head, value,
                     careful[i].attribute, tail, value + n - tail, head, value, careful[i].text, tail, value + n - tail);
            dgm_tree *t;
            CU_ASSERT_EQUAL(dgm_builder_begin(b, f.shape, false), DGM_OK);
            dgm_builder_attribute(b, 0, dgm_shape_find(f.shape, DGM_LITERAL("@t"), NULL), (dgm_slice){ value, n });
            dgm_builder_leaf(b, 0, dgm_shape_find(f.shape, DGM_LITERAL("B"), NULL), 0, (dgm_slice){ value, n });
            CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
            out.len = 0;
            CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, t, &out), DGM_OK);
            TEST_TEXT(dgm_buffer_slice(&out), wanted);
            dgm_builder_recycle(b, t);
        }
    }
    dgm_builder_free(b);
    dgm_buffer_free(&out);
    xml_format_free(&f);
}

static const char DECLARATION[] =
    "<md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\">\n"
    "  <md:WCODataModelVersionCode>3.6</md:WCODataModelVersionCode>\n"
    "  <md:WCOTypeName>DEC</md:WCOTypeName>\n"
    "  <Declaration xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\" xmlns:ds=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\">\n"
    "    <AcceptanceDateTime>\n"
    "      <ds:DateTimeString formatCode=\"304\">20261121200405Z</ds:DateTimeString>\n"
    "    </AcceptanceDateTime>\n"
    "    <FunctionCode>9</FunctionCode>\n"
    "    <FunctionalReferenceID>LRN-1</FunctionalReferenceID>\n"
    "    <GoodsItemQuantity>2</GoodsItemQuantity>\n"
    "    <InvoiceAmount currencyID=\"EUR\">1250.00</InvoiceAmount>\n"
    "    <TotalGrossMassMeasure unitCode=\"KGM\">12.5</TotalGrossMassMeasure>\n"
    "    <GoodsShipment>\n"
    "      <GovernmentAgencyGoodsItem>\n"
    "        <SequenceNumeric>1</SequenceNumeric>\n"
    "      </GovernmentAgencyGoodsItem>\n"
    "      <GovernmentAgencyGoodsItem>\n"
    "        <SequenceNumeric>2</SequenceNumeric>\n"
    "      </GovernmentAgencyGoodsItem>\n"
    "    </GoodsShipment>\n"
    "  </Declaration>\n"
    "</md:MetaData>\n";

static void declaration(void)
{
    xml_format f;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_declaration(&f), DGM_OK);
    const dgm_setting bare = { DGM_LITERAL("declaration"), DGM_LITERAL("no") };
    CU_ASSERT_EQUAL(rewrite(NULL, &f.format, dgm_slice_of(DECLARATION), &bare, 1, &out), DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&out), DECLARATION);
    /* the parts of dates, amounts and quantities; short names; what the schema says of a few places */
    const dgm_shape *s = f.shape;
    uint32_t date = dgm_shape_find(s, DGM_LITERAL("Declaration/AcceptanceDateTime"), NULL);
    uint32_t text = dgm_shape_find(s, DGM_LITERAL("Declaration/AcceptanceDateTime/DateTimeString"), NULL);
    uint32_t code = dgm_shape_find(s, DGM_LITERAL("Declaration/AcceptanceDateTime/DateTimeString/@formatCode"), NULL);
    CU_ASSERT_NOT_EQUAL_FATAL(date, DGM_SLOT_NONE);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, date)->type, DGM_TYPE_DATE);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, date)->kind, DGM_GROUP);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, date)->part_value, text);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, date)->part_code, code);
    uint32_t amount = dgm_shape_find(s, DGM_LITERAL("Declaration/InvoiceAmount"), NULL);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->type, DGM_TYPE_AMOUNT);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->part_value, amount);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->part_code,
                    dgm_shape_find(s, DGM_LITERAL("Declaration/InvoiceAmount/@currencyID"), NULL));
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->repr.length_max, 16);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, amount)->repr.decimals, 3);
    uint32_t mass = dgm_shape_find(s, DGM_LITERAL("Declaration/TotalGrossMassMeasure"), NULL);
    CU_ASSERT_EQUAL(dgm_shape_slot(s, mass)->part_code,
                    dgm_shape_find(s, DGM_LITERAL("Declaration/TotalGrossMassMeasure/@unitCode"), NULL));
    CU_ASSERT_EQUAL(dgm_shape_alias(s, DGM_LITERAL("Item")),
                    dgm_shape_find(s, DGM_LITERAL("Declaration/GoodsShipment/GovernmentAgencyGoodsItem"), NULL));
    CU_ASSERT_EQUAL(dgm_shape_slot(s, dgm_shape_find(s, DGM_LITERAL("Declaration/FunctionCode"), NULL))->min, 1);
    dgm_buffer_free(&out);
    xml_format_free(&f);
}

static dgm_status read_write(const dgm_mem *mem, void *ctx)
{
    dgm_buffer out;
    dgm_buffer_init(&out, mem);
    dgm_status st = rewrite(mem, ctx, dgm_slice_of(DECLARATION), NULL, 0, &out);
    dgm_buffer_free(&out);
    return st;
}

/* Two elements of one name, told apart by their namespaces, or where there are none by which came first. */
static void twins(void)
{
    static const char yaml[] = "format: t\ncodec: xml\ntable: t.tsv\nnamespace.a: urn:a\nnamespace.b: urn:b\nprefix.b: b\n";
    static const char table[] = "path\nA\t1\t1\t-\t-\ta\nA/B\t0\t1\t-\t-\ta\nA/B/X\t0\t1\ttext\t-\ta\n"
                                "A/B\t0\t1\t-\t-\tb\nA/B/Y\t0\t1\ttext\t-\tb\nA/C\t0\t1\ttext\t-\ta\n";
    static const struct {
        const char *input, *wanted;
    } rows[] = {
        { "<A><B><X>1</X></B><B><Y>2</Y></B><C>3</C></A>", "<B><X>1</X></B><b:B><b:Y>2</b:Y></b:B><C>3</C>" },
        { "<A xmlns='urn:a'><k:B xmlns:k='urn:b'><k:Y>2</k:Y></k:B><C>3</C></A>", "<b:B><b:Y>2</b:Y></b:B><C>3</C>" },
        { "<A xmlns='urn:a'><B><X>1</X></B><B xmlns='urn:b'><Y>2</Y></B></A>", "<B><X>1</X></B><b:B><b:Y>2</b:Y></b:B>" },
        { "<A><B><X>1</X></B></A>", "<B><X>1</X></B>" },
    };
    const dgm_setting plain[] = { { DGM_LITERAL("indent"), DGM_LITERAL("0") }, { DGM_LITERAL("declaration"), DGM_LITERAL("no") } };
    xml_format f = { 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&f, NULL, dgm_slice_of(yaml), dgm_slice_of(table), NULL), DGM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char wanted[300];
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        snprintf(wanted, sizeof wanted, "<A xmlns=\"urn:a\" xmlns:b=\"urn:b\">%s</A>", rows[i].wanted);
        CU_ASSERT_EQUAL(rewrite(NULL, &f.format, dgm_slice_of(rows[i].input), plain, 2, &out), DGM_OK);
        TEST_TEXT(dgm_slice_trim(dgm_buffer_slice(&out)), wanted);
        dgm_buffer_free(&out);
    }
    xml_format_free(&f);
}

static void memory_fails(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_declaration(&f), DGM_OK);
    CU_ASSERT(test_each_allocation_fails(read_write, &f.format) > 5);
    xml_format_free(&f);
}

static const test_case cases[] = {
    { "elements without a namespace", no_namespace },
    { "exact bytes, and how they are laid out", exact_bytes },
    { "references at every place", references },
    { "the declaration: written as it was read; its shape", declaration },
    { "two elements of one name in two namespaces", twins },
    { "each allocation fails", memory_fails },
    { 0 },
};

int main(void)
{
    return test_main("xml_write", cases);
}
