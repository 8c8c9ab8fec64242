/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_read.c - documents to trees: values and their byte ranges, attributes, what is empty, unknown or written in another
 * encoding; every chunking and every prefix; sizes at and behind the limits; memory that fails. libxml2 takes its own memory from
 * the C library (it can be given another for the whole process only), so the failing allocator reaches everything but the parser
 * itself. One thread.
 */
#include "xml_tests.h"

static const char WHOLE[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                            "<l:Letter xmlns:l=\"urn:letter\" lang=\"de\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
                            "  xsi:schemaLocation=\"urn:letter letter.xsd\">\n"
                            "  <!-- a comment -->\n"
                            "  <l:Sender>M\303\274ller &amp; S\303\266hne</l:Sender>\r\n"
                            "  <Body xmlns=\"urn:body\" xmlns:d=\"urn:body\">\n"
                            "    <ID>A<!-- between -->1</ID>\n"
                            "    <Kind> 2 </Kind>\n"
                            "    <Price currencyID=\"EUR\">1.50</Price>\n"
                            "    <Price currencyID='USD'>2</Price>\n"
                            "    <Sent><d:DateTimeString formatCode=\"102\">20261121</d:DateTimeString></Sent>\n"
                            "    <Item/>\n"
                            "    <Item><Note><![CDATA[<b>]]></Note><Flag>true</Flag></Item>\n"
                            "    <Item><Note></Note></Item>\n"
                            "  </Body>\n"
                            "</l:Letter>\n";

/* The tree as text: a line for each node with its depth, name, flags and value, ranges as raw bytes. */
static void show(const dgm_tree *t, dgm_buffer *out)
{
    uint32_t ends[DGM_DEPTH_MAX], depth = 0;
    out->len = 0;
    for (uint32_t i = 0; i < t->node_count; i++) {
        while (depth && ends[depth - 1] <= i) depth--;
        const dgm_node *n = &t->nodes[i];
        uint32_t f = dgm_node_flags(n);
        dgm_slice name = dgm_tree_name(t, i), value = dgm_tree_value(t, i), raw = dgm_tree_raw(t, i);
        dgm_buffer_print(out, "%*s%.*s%s%s%s%s", (int)depth * 2, "", (int)name.len, name.at, f & DGM_DECODED ? " decoded" : "",
                         f & DGM_EMPTY ? " empty" : "", f & DGM_UNKNOWN_NAME ? " unknown" : "", f & DGM_BAD ? " bad" : "");
        if (!dgm_kind_leaf(dgm_node_kind(n))) {
            dgm_buffer_print(out, " #%u\n", n->place);
            ends[depth++] = n->span;
        } else {
            dgm_buffer_print(out, " [%.*s]", (int)value.len, value.at);
            if (f & DGM_DECODED) dgm_buffer_print(out, " from {%.*s}", (int)raw.len, raw.at);
            dgm_buffer_print(out, "\n");
        }
    }
}

static dgm_slice read_and_show(const dgm_format *format, dgm_slice input, size_t chunk, const dgm_setting *settings, size_t n,
                               dgm_buffer *out, size_t *errors)
{
    const dgm_format *formats[] = { format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    dgm_message m;
    CU_ASSERT_EQUAL(xml_read(&host, settings, n, input, chunk, &r, &m), DGM_OK);
    *errors = m.errors;
    out->len = 0;
    if (m.tree) {
        CU_ASSERT(dgm_tree_sound(m.tree));
        show(m.tree, out);
    }
    dgm_tree_free(m.tree);
    dgm_message again;
    CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &again), DGM_END);
    dgm_codec_xml.close(r);
    return dgm_buffer_slice(out);
}

static void values(void)
{
    static const char wanted[] = "Letter #1\n"
                                 "  @lang [de]\n"
                                 "  Sender decoded bad [M\303\274ller & S\303\266hne] from {M\303\274ller &amp; S\303\266hne}\n"
                                 "  Body #1\n"
                                 "    ID decoded [A1] from {A<!-- between -->1}\n"
                                 "    Kind [ 2 ]\n"
                                 "    Price [1.50]\n"
                                 "    @currencyID [EUR]\n"
                                 "    Price [2]\n"
                                 "    @currencyID [USD]\n"
                                 "    Sent #1\n"
                                 "      DateTimeString [20261121]\n"
                                 "      @formatCode [102]\n"
                                 "    Item #1\n"
                                 "    Item #2\n"
                                 "      Note decoded [<b>] from {<![CDATA[<b>]]>}\n"
                                 "      Flag [true]\n"
                                 "    Item #3\n"
                                 "      Note empty bad []\n";
    xml_format f;
    dgm_buffer out;
    size_t errors;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    for (size_t chunk = 0; chunk <= 7; chunk++) {
        TEST_TEXT(read_and_show(&f.format, dgm_slice_of(WHOLE), chunk, NULL, 0, &out, &errors), wanted);
        /* the sender has 15 characters, its limit is 10; an empty note is a warning */
        CU_ASSERT_EQUAL(errors, 1);
    }
    TEST_TEXT(read_and_show(&f.format, DGM_LITERAL("<Body><ID>A\r\nB\rC</ID><Land>AT</Land></Body>"), 0, NULL, 0, &out, &errors),
              "Letter #1\n  Body #1\n    ID decoded [A\nB\nC] from {A\r\nB\rC}\n    Land [AT]\n");
    CU_ASSERT_EQUAL(errors, 0);
    TEST_TEXT(
        read_and_show(&f.format, DGM_LITERAL("<Order n='&lt;1'>x<a><b c=\"d\">y</b></a>z</Order>"), 0, NULL, 0, &out, &errors),
        "Order unknown #1\n  @n decoded unknown [<1] from {&lt;1}\n  #text decoded unknown bad [x] from {x}\n  a unknown #1\n"
        "    b unknown [y]\n    @c unknown [d]\n  #text decoded unknown bad [z] from {z}\n");
    CU_ASSERT_EQUAL(errors, 1);
    dgm_buffer_free(&out);
    xml_format_free(&f);
}

static void what_the_message_says(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.open(&host, NULL, 0, &r), DGM_OK);
    for (int i = 0; i < 3; i++) { /* one reader, several inputs; the tree given back in between */
        dgm_message m;
        CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_MORE);
        CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, DGM_LITERAL("<Letter><Body><ID>R-7</ID></Body>"), false), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, i == 1 ? DGM_LITERAL("<") : DGM_LITERAL("</Letter>"), true), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, DGM_LITERAL("x"), true), DGM_USAGE);
        CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_OK);
        CU_ASSERT_PTR_EQUAL(m.format, &f.format);
        TEST_TEXT(m.type, "Body");
        CU_ASSERT_EQUAL(m.position.message, 1);
        if (i == 1) {
            CU_ASSERT_PTR_NULL(m.tree);
            CU_ASSERT_EQUAL(m.errors, 1);
        } else {
            TEST_TEXT(m.reference, "R-7");
            CU_ASSERT_EQUAL(m.bytes, 42);
            CU_ASSERT_EQUAL(m.tree->nodes[2].at, 18); /* ID: behind <Letter><Body><ID> */
            CU_ASSERT_EQUAL(m.tree->nodes[2].span, 3);
            CU_ASSERT_EQUAL(m.tree->nodes[1].at, 8);
            CU_ASSERT_EQUAL(m.tree->position.message, 1);
        }
        dgm_codec_xml.recycle(r, &m);
        CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_END);
        dgm_codec_xml.reset(r);
    }
    dgm_codec_xml.close(r);
    dgm_codec_xml.close(NULL);
    xml_format_free(&f);
}

static void identify(void)
{
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("<?xml version")), 100);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("\357\273\277<?xml ")), 100);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("<md:MetaData")), 80);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL(" \n<!-- ")), 80);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("\377\376<\0?\0")), 80);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("\0<\0?\0x")), 80);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("UNA:+.? '")), 0);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("{\"a\": \"<\"}")), 0);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify(DGM_LITERAL("<")), 0);
    CU_ASSERT_EQUAL(dgm_codec_xml.identify((dgm_slice){ 0 }), 0);
}

/* Several formats with one root: the payload decides; without it, the first. One reader for all of them. */
/* Whatever stands between two tags, an element is where its "<" is. */
static void places(void)
{
    static const char *const between[] = {
        "", "\n", "\r\n", "\r", " \t\n                    ", "<!-- \r\n<c> -->", "\n  <?p <i> ?>\r\n", "\r\n<![CDATA[ ]]>\n",
    };
    static const char *const tags[] = { "<Letter>", "<Sender>", "<Body>", "<ID>", "<Item>", "<Note>", "<Item/>" };
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    for (size_t i = 0; i < sizeof between / sizeof *between; i++) {
        char text[1000];
        const char *b = between[i];
        int n = snprintf(text, sizeof text,
                         "<Letter>%s<Sender>a</Sender>%s<Body>%s<ID>1</ID>%s<Land>AT</Land>%s<Item>%s<Note>x</Note>%s</Item>"
                         "%s<Item/>%s</Body>%s</Letter>\n",
                         b, b, b, b, b, b, b, b, b, b);
        for (size_t chunk = 0; chunk < 4; chunk++) {
            dgm_reader *r;
            dgm_message m;
            CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, (dgm_slice){ text, (size_t)n }, chunk, &r, &m), DGM_OK);
            CU_ASSERT_EQUAL(m.errors, 0);
            CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
            CU_ASSERT_EQUAL_FATAL(m.tree->node_count, 8);
            static const size_t nodes[] = { 0, 1, 2, 3, 5, 6, 7 }; /* 4 is Land */
            for (size_t k = 0; k < sizeof nodes / sizeof *nodes; k++) {
                const dgm_node *node = &m.tree->nodes[nodes[k]];
                size_t tag = (size_t)(strstr(text, tags[k]) - text);
                bool leaf = dgm_kind_leaf(dgm_node_kind(node)); /* a leaf is where its value is */
                CU_ASSERT_EQUAL(node->at, leaf ? tag + strlen(tags[k]) : tag);
            }
            dgm_tree_free(m.tree);
            dgm_codec_xml.close(r);
        }
    }
    xml_format_free(&f);
}

/* Every length of value around the block sizes, alone and with what the parser has to say at every place of it; near the end of the
 * text and far from it. */
static void lengths(void)
{
    static const struct {
        const char *raw, *value;
    } odd[] = { { "", "" }, { "&lt;", "<" }, { "\r\n", "\n" }, { "<!-- < -->", "" }, { "<![CDATA[&]]>", "&" }, { "<?p ?>", "" } };
    static const char table[] = "path\tmin\tmax\ttype\tformat\tnamespace\nA\t1\t1\t-\t-\t-\nA/B\t0\t*\ttext\t-\t-\n";
    xml_format f = { 0 };
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&f, NULL, DGM_LITERAL("format: a\ncodec: xml\ntable: a.tsv\n"), dgm_slice_of(table), NULL), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.open(&host, NULL, 0, &r), DGM_OK);
    for (int len = 0; len <= 40; len++)
        for (size_t k = 0; k < (size_t)(len + 1) * (sizeof odd / sizeof *odd) * 2; k++) {
            size_t i = k / 2 / (size_t)(len + 1);
            int before = (int)(k / 2 % (size_t)(len + 1)), after = len - before;
            char text[400], raw[120], value[120];
            snprintf(raw, sizeof raw, "%.*s%s%.*s", before, "0123456789012345678901234567890123456789", odd[i].raw, after,
                     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst");
            snprintf(value, sizeof value, "%.*s%s%.*s", before, "0123456789012345678901234567890123456789", odd[i].value, after,
                     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst");
            snprintf(text, sizeof text, "<A>%*s<B>%s</B>%*s</A>", len, "", raw, k % 2 ? 50 : 0, "");
            dgm_message m;
            CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, dgm_slice_of(text), true), DGM_OK);
            CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_OK);
            CU_ASSERT_EQUAL(m.errors, 0);
            CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
            CU_ASSERT_EQUAL(m.tree->node_count, 2);
            TEST_TEXT(dgm_tree_value(m.tree, 1), value);
            TEST_TEXT(dgm_tree_raw(m.tree, 1), strcmp(odd[i].value, "") == 0 && len == 0 ? "" : raw);
            bool as_it_stands = odd[i].raw[0] == 0 || !value[0];
            CU_ASSERT_EQUAL((dgm_node_flags(&m.tree->nodes[1]) & DGM_DECODED) != 0, !as_it_stands);
            dgm_codec_xml.recycle(r, &m);
            dgm_codec_xml.reset(r);
        }
    dgm_codec_xml.close(r);
    xml_format_free(&f);
}

static void which_format(void)
{
    static const char bill[] = "format: bill\ncodec: xml\ntable: bill.tsv\ndocument: Letter/Bill\n";
    static const char bill_table[] = "path\nLetter\t1\t1\t-\t-\t-\nLetter/Bill\t1\t1\t-\t-\t-\nLetter/Bill/Sum\t0\t1\ttext\t-\t-\n"
                                     "Letter/Bill/ID\t0\t1\ttext\t-\t-\n";
    static const struct {
        const char *document, *format;
    } rows[] = {
        { "<Letter><Body><ID>A</ID></Body></Letter>", "letter" },
        { "<Letter><!-- Body --><x:Bill xmlns:x='urn:x'><ID>A</ID></x:Bill></Letter>", "bill" },
        { "<Letter><Body><ID>A</ID></Body></Letter>", "letter" },
        { "<Bill><Sum>1</Sum><ID>A</ID></Bill>", "bill" },
        { "<Letter><Nothing/></Letter>", "letter" },
    };
    xml_format f, g = { 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&g, NULL, dgm_slice_of(bill), dgm_slice_of(bill_table), NULL), DGM_OK);
    const dgm_format *formats[] = { &f.format, &g.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 2);
    dgm_reader *r;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.open(&host, NULL, 0, &r), DGM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_message m;
        CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, dgm_slice_of(rows[i].document), true), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_OK);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        TEST_TEXT(m.format->name, rows[i].format);
        CU_ASSERT(dgm_tree_sound(m.tree));
        uint32_t last = m.tree->node_count - 1;
        if (i < 4) TEST_TEXT(dgm_tree_value(m.tree, last), "A");
        if (i < 4)
            CU_ASSERT_EQUAL(dgm_node_slot(&m.tree->nodes[last]),
                            dgm_shape_find(m.tree->shape, i % 2 ? DGM_LITERAL("Bill/ID") : DGM_LITERAL("Body/ID"), NULL));
        dgm_codec_xml.recycle(r, &m);
        dgm_codec_xml.reset(r);
    }
    dgm_codec_xml.close(r);
    xml_format_free(&g);
    xml_format_free(&f);
}

/* Every prefix: one error, "truncated" or "empty" until the root is closed, and nothing at all from there on. */
static void prefixes(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_slice whole = { WHOLE, sizeof WHOLE - 1 };
    size_t closed = whole.len - 1; /* all but the last line feed */
    dgm_diags *d;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    for (size_t n = 0; n < closed; n++) {
        dgm_reader *r;
        dgm_message m;
        dgm_diags_clear(d);
        CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_slice_part(whole, 0, n), n % 3, &r, &m), DGM_OK);
        CU_ASSERT_PTR_NULL(m.tree);
        const dgm_diag *last = dgm_diags_at(d, dgm_diags_count(d) - 1);
        bool right = last && (last->code == DGM_D_XML_DOCUMENT_TRUNCATED || last->code == DGM_D_XML_DOCUMENT_EMPTY ||
                              (last->code == DGM_D_XML_ENCODING_BYTES && last->at_byte + 1 == n));
        if (!right) fprintf(stderr, "prefix of %zu: %s\n", n, last ? dgm_diag_name(last->code) : "nothing");
        CU_ASSERT(right);
        dgm_codec_xml.close(r);
    }
    dgm_diags_free(d);
    xml_format_free(&f);
}

/* ---- encodings ---- */

static size_t put_16(char *out, const char *text, size_t n, bool big)
{
    for (size_t i = 0; i < n; i++) {
        out[2 * i + !big] = 0;
        out[2 * i + big] = text[i];
    }
    return 2 * n;
}

static void encodings(void)
{
    static const struct {
        const char *input, *encoding, *wanted;
        size_t len;
        uint32_t at, span;
    } rows[] = {
#define ROW(input, encoding, wanted, at, span) { input, encoding, wanted, sizeof input - 1, at, span }
        ROW("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Body><ID>M\374l</ID></Body>", "", "M\303\274l", 53, 3),
        ROW("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><Body Land=\"\344\"><ID>ABC</ID></Body>", "", "ABC", 62, 3),
        ROW("<?xml version=\"1.0\" encoding=\"GB18030\"?><Body k=\"\326\320\"><ID>\326\320\271\372</ID></Body>", "",
            "\344\270\255\345\233\275", 57, 4),
        ROW("<?xml version=\"1.0\" encoding=\"GB18030\"?><Body><!-- \326\320\n\201\060\204\066 --><ID>AB</ID></Body>", "", "AB", 66,
            2),
        ROW("<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><Body><ID>\223\372\226\173</ID></Body>", "", "\346\227\245\346\234\254",
            52, 4),
        ROW("<?xml version=\"1.0\" encoding=\"Big5\"?><Body><ID>\244\244\260\352</ID></Body>", "", "\344\270\255\345\234\213", 47,
            4),
        ROW("<?xml version=\"1.0\" encoding=\"EUC-KR\"?><Body><ID>\307\321\261\271</ID></Body>", "", "\355\225\234\352\265\255", 49,
            4),
        /* the second character is of GBK, and is sent as GB2312 all the same */
        ROW("<?xml version=\"1.0\" encoding=\"GB2312\"?><Body><ID>\326\320\351\106</ID></Body>", "", "\344\270\255\351\225\225", 49,
            4),
        ROW("<?xml version=\"1.0\" encoding=\"windows-1251\"?><Body><ID>\306</ID></Body>", "", "\320\226", 55, 1),
        /* EBCDIC, by the declaration's first bytes; its next line is a line feed */
        ROW("\114\157\247\224\223\100\245\205\231\242\211\226\225\176\177\361\113\360\177\100\205\225\203\226\204\211\225\207\176"
            "\177\311\302\324\360\363\367\177\157\156\025\114\302\226\204\250\156\114\311\304\156\324\334\223\114\141\311\304\156"
            "\114\141\302\226\204\250\156",
            "", "M\303\274l", 50, 3),
        ROW("\114\157\247\224\223\100\245\205\231\242\211\226\225\176\175\361\113\360\175\100\205\225\203\226\204\211\225\207\176"
            "\175\311\302\324\360\361\361\364\360\175\157\156\114\302\226\204\250\156\114\311\304\156\272\237\273\114\141\311\304"
            "\156\114\141\302\226\204\250\156",
            "", "[\342\202\254]", 51, 3),
        ROW("<Body><ID>M\374l</ID></Body>", "ISO-8859-1", "M\303\274l", 10, 3),
        ROW("\357\273\277<Body><ID>M\303\274l</ID></Body>", "", "M\303\274l", 13, 4),
        ROW("<?xml version=\"1.0\" encoding=\"UTF-16\"?><Body><ID>x</ID></Body>", "", "x", 49, 1), /* with a warning */
#undef ROW
    };
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t chunk = 0; chunk < 5; chunk++) {
            dgm_setting s = { DGM_LITERAL("encoding"), dgm_slice_of(rows[i].encoding) };
            dgm_reader *r;
            dgm_message m;
            CU_ASSERT_EQUAL(xml_read(&host, &s, 1, (dgm_slice){ rows[i].input, rows[i].len }, chunk, &r, &m), DGM_OK);
            CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
            CU_ASSERT(dgm_tree_sound(m.tree));
            uint32_t id = m.tree->node_count - 1;
            TEST_TEXT(dgm_tree_value(m.tree, id), rows[i].wanted);
            if (m.tree->nodes[id].at != rows[i].at) fprintf(stderr, "row %zu: at %u\n", i, m.tree->nodes[id].at);
            CU_ASSERT_EQUAL(m.tree->nodes[id].at, rows[i].at);
            CU_ASSERT_EQUAL(m.tree->nodes[id].span, rows[i].span);
            dgm_tree_free(m.tree);
            dgm_codec_xml.close(r);
        }
    }
    xml_format_free(&f);
}

/* UTF-16 of either order, with and without a mark, values far in: ranges are those of the sixteen-bit bytes. */
static void utf16(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    static char text[20000], wide[40100];
    size_t n = (size_t)snprintf(text, sizeof text, "<Letter><Body><ID>1234</ID>");
    for (int i = 0; i < 700; i++) n += (size_t)snprintf(text + n, sizeof text - n, "<Item/>\n");
    size_t note = n + strlen("<Item><Note>");
    n += (size_t)snprintf(text + n, sizeof text - n, "<Item><Note>far away</Note></Item></Body></Letter>");
    for (int kind = 0; kind < 4; kind++) {
        bool big = kind & 1, mark = kind & 2;
        size_t len = 0;
        if (mark) {
            wide[0] = (char)(big ? 0xFE : 0xFF);
            wide[1] = (char)(big ? 0xFF : 0xFE);
            len = 2;
        }
        len += put_16(wide + len, text, n, big);
        static const size_t chunks[] = { 0, 1, 3, 137, 1000, 2001 }; /* odd ones cut inside a character */
        for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++) {
            dgm_reader *r;
            dgm_message m;
            CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, (dgm_slice){ wide, len }, chunks[k], &r, &m), DGM_OK);
            CU_ASSERT_EQUAL(m.errors, 0);
            CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
            uint32_t last = m.tree->node_count - 1;
            TEST_TEXT(dgm_tree_value(m.tree, last), "far away");
            CU_ASSERT_EQUAL(m.tree->nodes[last].at, note * 2 + (mark ? 2 : 0));
            CU_ASSERT_EQUAL(m.tree->nodes[last].span, 16);
            dgm_tree_free(m.tree);
            dgm_codec_xml.close(r);
        }
    }
    xml_format_free(&f);
}

/* ---- sizes ---- */

/* Reads what `fill` made of `n` under limits; returns the code of the last diagnostic, 0 when there was none. */
static uint32_t last_code(const dgm_format *format, const dgm_limits *limits, const dgm_buffer *input, size_t chunk, uint64_t *at)
{
    const dgm_format *formats[] = { format };
    dgm_diags *d;
    dgm_reader *r;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, limits, d, NULL, formats, 1);
    CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_buffer_slice(input), chunk, &r, &m), DGM_OK);
    uint32_t code = 0;
    for (size_t i = 0; i < dgm_diags_count(d); i++)
        if (dgm_diags_at(d, i)->severity == DGM_ERROR) {
            code = dgm_diags_at(d, i)->code;
            *at = dgm_diags_at(d, i)->at_byte;
        }
    CU_ASSERT_EQUAL(m.errors, code != 0);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    return code;
}

static void repeat(dgm_buffer *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) dgm_buffer_append(b, dgm_slice_of(text));
}

enum {
    LONG_VALUE,
    LONG_ATTRIBUTE,
    LONG_COMMENT,
    MANY_ATTRIBUTES,
    MANY_NAMESPACES,
    LONG_NAME,
    DEEP,
    MANY_NODES,
    LONG_DOCUMENT,
    KINDS
};

/* A document of which something has the size n. */
static void fill(dgm_buffer *b, int kind, size_t n)
{
    b->len = 0;
    repeat(b, "<Unknown>", 1);
    switch (kind) {
    case LONG_VALUE: repeat(b, "<a>", 1), repeat(b, "v", n), repeat(b, "</a>", 1); break;
    case LONG_ATTRIBUTE: repeat(b, "<a b=\"", 1), repeat(b, "v", n - 8), repeat(b, "\">", 1), repeat(b, "</a>", 1); break;
    case LONG_COMMENT: repeat(b, "<!--", 1), repeat(b, "v", n), repeat(b, "-->", 1); break;
    case MANY_ATTRIBUTES:
        repeat(b, "<a", 1);
        for (size_t i = 0; i < n; i++) dgm_buffer_print(b, " a%zu='1'", i);
        repeat(b, "/>", 1);
        break;
    case MANY_NAMESPACES:
        repeat(b, "<a", 1);
        for (size_t i = 0; i < n; i++) dgm_buffer_print(b, " xmlns:a%zu='urn:1'", i);
        repeat(b, "/>", 1);
        break;
    case LONG_NAME: repeat(b, "<", 1), repeat(b, "n", n), repeat(b, "/>", 1); break;
    case DEEP: repeat(b, "<a>", n - 1), repeat(b, "</a>", n - 1); break;
    case MANY_NODES: repeat(b, "<a/>", n - 1); break;
    default: repeat(b, " ", n - 19); break;
    }
    repeat(b, "</Unknown>", 1);
}

static void limits(void)
{
    static const dgm_limits set = { .message_bytes_max = 5000,
                                    .segment_bytes_max = 2000,
                                    .nodes_max = 50,
                                    .depth_max = 9,
                                    .attributes_max = 5,
                                    .name_bytes_max = 30 };
    static const struct {
        int kind;
        size_t max;
        uint32_t code;
        uint64_t at;
    } rows[] = {
        { LONG_VALUE, 2000, DGM_D_XML_LIMIT_ELEMENT, 9 },
        { LONG_ATTRIBUTE, 2000, DGM_D_XML_LIMIT_ELEMENT, 9 },
        { MANY_ATTRIBUTES, 5, DGM_D_XML_LIMIT_ATTRIBUTES, 9 },
        { MANY_NAMESPACES, 5, DGM_D_XML_LIMIT_ATTRIBUTES, 9 },
        { LONG_NAME, 30, DGM_D_XML_LIMIT_NAME, 9 },
        { DEEP, 9, DGM_D_XML_LIMIT_DEPTH, 9 + 8 * 3 },
        { MANY_NODES, 50, DGM_D_XML_LIMIT_NODES, 9 + 49 * 4 },
        { LONG_DOCUMENT, 5000, DGM_D_XML_LIMIT_BYTES, 5000 },
    };
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t chunk = 0; chunk < 40; chunk += 13) {
            uint64_t at = 0;
            fill(&b, rows[i].kind, rows[i].max);
            CU_ASSERT_EQUAL(last_code(NULL, &set, &b, chunk, &at), DGM_D_XML_ROOT_UNKNOWN);
            fill(&b, rows[i].kind, rows[i].max + 1);
            /* the root that no format knows is an error of its own, so errors are counted by their last */
            const dgm_format *none = NULL;
            dgm_diags *d;
            dgm_reader *r;
            dgm_message m;
            CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
            dgm_host host = dgm_host_make(NULL, &set, d, NULL, &none, 0);
            CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_buffer_slice(&b), chunk, &r, &m), DGM_OK);
            CU_ASSERT_PTR_NULL(m.tree);
            const dgm_diag *last = dgm_diags_at(d, dgm_diags_count(d) - 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(last);
            if (last->code != rows[i].code) fprintf(stderr, "kind %d: %s\n", rows[i].kind, dgm_diag_name(last->code));
            CU_ASSERT_EQUAL(last->code, rows[i].code);
            CU_ASSERT_EQUAL(last->at_byte, rows[i].at);
            dgm_codec_xml.close(r);
            dgm_diags_free(d);
        }
    }
    dgm_buffer_free(&b);
}

/* Hostile sizes under the usual limits: told quickly, never a crash. */
static void hostile(void)
{
    xml_format f;
    uint64_t at = 0;
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    for (size_t chunk = 0; chunk <= 100000; chunk += 50000) {
        b.len = 0;
        repeat(&b, "<Letter><Body>", 1);
        repeat(&b, "<a>", 100000);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_LIMIT_DEPTH);
        CU_ASSERT_EQUAL(at, 14 + 62 * 3);
        b.len = 0;
        repeat(&b, "<Letter><Sender>", 1);
        repeat(&b, "0123456789ABCDEF", 65536);
        repeat(&b, "x</Sender></Letter>", 1);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_LIMIT_ELEMENT);
        CU_ASSERT_EQUAL(at, 8);
        b.len = 0;
        repeat(&b, "<Letter", 1);
        for (int i = 0; i < 200000; i++) dgm_buffer_print(&b, " a%d='1'", i);
        repeat(&b, "/>", 1);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_LIMIT_ATTRIBUTES);
        b.len = 0;
        repeat(&b, "<Letter>", 1);
        repeat(&b, "<!-- ", 1000000);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_LIMIT_ELEMENT);
        b.len = 0;
        repeat(&b, "<Letter><!--", 1);
        repeat(&b, "v", 2000000);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_LIMIT_ELEMENT);
        b.len = 0;
        repeat(&b, "<!DOCTYPE l [<!ENTITY a0 \"ha\">", 1);
        for (int i = 1; i < 30; i++) dgm_buffer_print(&b, "<!ENTITY a%d \"&a%d;&a%d;&a%d;&a%d;\">", i, i - 1, i - 1, i - 1, i - 1);
        repeat(&b, "]><Letter>&a29;</Letter>", 1);
        CU_ASSERT_EQUAL(last_code(&f.format, NULL, &b, chunk, &at), DGM_D_XML_DOCTYPE_REFUSED);
        CU_ASSERT_EQUAL(at, 0);
    }
    dgm_buffer_free(&b);
    xml_format_free(&f);
}

/* A megabyte in one element is allowed exactly, also when it arrives in pieces. */
static void large_value(void)
{
    xml_format f;
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    repeat(&b, "<Letter><Other>", 1);
    repeat(&b, "0123456789ABCDE\303\274", 61680); /* 17 bytes */
    repeat(&b, "x", (1u << 20) - 61680 * 17);
    repeat(&b, "</Other><Body><ID>A</ID></Body></Letter>", 1);
    for (size_t chunk = 0; chunk <= 3; chunk++) {
        dgm_reader *r;
        dgm_message m;
        CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_buffer_slice(&b), chunk * 3333, &r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        CU_ASSERT_EQUAL(m.tree->nodes[1].span, 1u << 20);
        CU_ASSERT_EQUAL(dgm_node_flags(&m.tree->nodes[1]) & DGM_DECODED, 0);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
    }
    dgm_buffer_free(&b);
    xml_format_free(&f);
}

/* ---- memory ---- */

static dgm_status make_read(const dgm_mem *mem, void *ctx)
{
    size_t chunk = *(const size_t *)ctx;
    xml_format f = { 0 };
    dgm_diags *d = NULL;
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    dgm_status st = dgm_diags_new(mem, 100, &d);
    if (st == DGM_OK) st = xml_format_make(&f, mem, dgm_slice_of(XML_LETTER), dgm_slice_of(XML_LETTER_TABLE), d);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(mem, NULL, d, NULL, formats, 1);
    static const char latin[] =
        "<?xml version='1.0' encoding='GB18030'?><Letter k='&lt;'><Body>mixed<ID>\326\320</ID><Colour a='b'>\n</Colour>"
        "<Land>X</Land><Price>1</Price></Body></Letter>";
    dgm_slice input = chunk == 5 ? (dgm_slice){ latin, sizeof latin - 1 } : dgm_slice_of(WHOLE);
    if (st == DGM_OK) st = xml_read(&host, NULL, 0, input, chunk, &r, &m);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    xml_format_free(&f);
    dgm_diags_free(d);
    return st;
}

static void memory_fails(void)
{
    for (size_t chunk = 0; chunk <= 5; chunk += 5) CU_ASSERT(test_each_allocation_fails(make_read, &chunk) > 10);
}

/* Where the names are known: the envelope that was not sent counts as deep as if it had been, and the node too many is named. */
static void limits_of_known(void)
{
    static const struct {
        dgm_limits set;
        const char *text;
        uint32_t code;
        uint64_t at;
    } rows[] = {
        { { .depth_max = 1 }, "<Body><ID>1</ID></Body>", DGM_D_XML_LIMIT_DEPTH, 0 },
        { { .depth_max = 2 }, "<Body><ID>1</ID></Body>", DGM_D_XML_LIMIT_DEPTH, 6 },
        { { .nodes_max = 3 }, "<Letter><Body><ID>1</ID><Land>AT</Land></Body></Letter>", DGM_D_XML_LIMIT_NODES, 24 },
        { { .nodes_max = 1 }, "<Letter><Body><ID>1</ID><Land>AT</Land></Body></Letter>", DGM_D_XML_LIMIT_NODES, 8 },
        { { .nodes_max = 1 }, "<Letter lang='de'><Body><ID>1</ID></Body></Letter>", DGM_D_XML_LIMIT_NODES, 0 },
    };
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    const dgm_format *formats[] = { &f.format };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t chunk = 0; chunk < 4; chunk++) {
            dgm_diags *d;
            dgm_reader *r;
            dgm_message m;
            CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
            dgm_host host = dgm_host_make(NULL, &rows[i].set, d, NULL, formats, 1);
            CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_slice_of(rows[i].text), chunk, &r, &m), DGM_OK);
            CU_ASSERT_PTR_NULL(m.tree);
            CU_ASSERT_EQUAL(m.errors, 1);
            const dgm_diag *last = dgm_diags_at(d, dgm_diags_count(d) - 1);
            CU_ASSERT_PTR_NOT_NULL_FATAL(last);
            CU_ASSERT_EQUAL(last->code, rows[i].code);
            CU_ASSERT_EQUAL(last->at_byte, rows[i].at);
            dgm_codec_xml.close(r);
            dgm_diags_free(d);
        }
    xml_format_free(&f);
}

/* Roots of one name: the namespace says which of the formats it is; without one it is the first. */
static void which_namespace(void)
{
    static const char table[] = "path\tmin\tmax\ttype\tformat\tnamespace\nDocument\t1\t1\t-\t-\tn\nDocument/ID\t0\t1\tid\t-\tn\n";
    static const struct {
        const char *text;
        size_t format;
    } rows[] = { { "<Document xmlns='urn:one'/>", 0 },
                 { "<Document xmlns='urn:two'/>", 1 },
                 { "<x:Document xmlns:x='urn:two'/>", 1 },
                 { "<Document/>", 0 } };
    xml_format f[2] = { 0 };
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&f[0], NULL, DGM_LITERAL("format: one\ncodec: xml\nnamespace.n: urn:one\n"), dgm_slice_of(table), NULL),
        DGM_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&f[1], NULL, DGM_LITERAL("format: two\ncodec: xml\nnamespace.n: urn:two\n"), dgm_slice_of(table), NULL),
        DGM_OK);
    const dgm_format *formats[] = { &f[0].format, &f[1].format };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, formats, 2);
        dgm_reader *r;
        dgm_message m;
        CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_slice_of(rows[i].text), 0, &r, &m), DGM_OK);
        CU_ASSERT_PTR_EQUAL(m.format, formats[rows[i].format]);
        CU_ASSERT_EQUAL(m.errors, 0);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
    }
    xml_format_free(&f[0]);
    xml_format_free(&f[1]);
}

/* xs:boolean has two spellings of each truth; the tree has one, and knows what came. */
static void truths(void)
{
    static const char *const spelt[][2] = { { "1", "true" },    { "0", "false" },    { "true", "true" },    { "false", "false" },
                                            { " 1\n", "true" }, { "&#49;", "true" }, { " false ", "false" } };
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    for (size_t i = 0; i < sizeof spelt / sizeof *spelt; i++) {
        for (size_t chunk = 0; chunk < 3; chunk++) {
            char document[200];
            dgm_buffer out;
            size_t errors;
            dgm_buffer_init(&out, NULL);
            snprintf(document, sizeof document, "<Letter><Body><ID>A</ID><Item><Flag>%s</Flag></Item></Body></Letter>",
                     spelt[i][0]);
            char wanted[200];
            bool same = strcmp(spelt[i][0], spelt[i][1]) == 0;
            snprintf(wanted, sizeof wanted, "Letter #1\n  Body #1\n    ID [A]\n    Item #1\n      Flag%s [%s]%s%s%s\n",
                     same ? "" : " decoded", spelt[i][1], same ? "" : " from {", same ? "" : spelt[i][0], same ? "" : "}");
            TEST_TEXT(read_and_show(&f.format, dgm_slice_of(document), chunk, NULL, 0, &out, &errors), wanted);
            CU_ASSERT_EQUAL(errors, 0);
            dgm_buffer_free(&out);
        }
    }
    xml_format_free(&f);
}

static const test_case cases[] = {
    { "truths in either spelling", truths },
    { "which of several namespaces", which_namespace },
    { "values, attributes, emptiness", values },
    { "what the message says; one reader, many inputs", what_the_message_says },
    { "where elements stand", places },
    { "values of each length", lengths },
    { "which of several formats", which_format },
    { "identify", identify },
    { "every prefix", prefixes },
    { "encodings, with exact ranges", encodings },
    { "UTF-16", utf16 },
    { "at each limit and one past it", limits },
    { "limits where the names are known", limits_of_known },
    { "hostile sizes", hostile },
    { "a megabyte in one element", large_value },
    { "each allocation fails", memory_fails },
    { 0 },
};

int main(void)
{
    return test_main("xml_read", cases);
}
