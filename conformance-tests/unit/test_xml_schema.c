/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_schema.c - documents held against the XML Schema of their format: what is said of each kind of fault, in any chunking;
 * one document after the other; schemas that cannot be used; many threads, one schema; documents that are written; memory that
 * fails.
 */
#include "xml_tests.h"

#include "base/arena.h"

#include <pthread.h>
#include <stdatomic.h>

#define XS      "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" "
#define STRINGS "<xs:restriction base=\"xs:string\">"

static const char LETTER_XSD[] =
    XS "targetNamespace=\"urn:letter\" xmlns:b=\"urn:body\" elementFormDefault=\"qualified\">\n"
       "<xs:import namespace=\"urn:body\" schemaLocation=\"parts/body.xsd\"/>\n"
       "<xs:element name=\"Letter\"><xs:complexType><xs:sequence>\n"
       "<xs:element name=\"Sender\" minOccurs=\"0\"><xs:simpleType>" STRINGS "<xs:pattern value=\"[A-Z]{2}.*\"/>\n"
       "</xs:restriction></xs:simpleType></xs:element>\n"
       "<xs:element ref=\"b:Body\"/>\n"
       "</xs:sequence><xs:attribute name=\"lang\"><xs:simpleType>" STRINGS "<xs:enumeration value=\"de\"/>\n"
       "<xs:enumeration value=\"en\"/></xs:restriction></xs:simpleType></xs:attribute></xs:complexType></xs:element>\n"
       "</xs:schema>\n";
static const char BODY_XSD[] =
    XS "targetNamespace=\"urn:body\" xmlns=\"urn:body\" elementFormDefault=\"qualified\">\n"
       "<xs:element name=\"Body\"><xs:complexType><xs:sequence>\n"
       "<xs:element name=\"ID\" type=\"xs:token\"/>\n"
       "<xs:element name=\"Kind\" minOccurs=\"0\" type=\"xs:int\"/>\n"
       "<xs:element name=\"Land\" minOccurs=\"0\" type=\"xs:token\"/>\n"
       "<xs:element name=\"Price\" minOccurs=\"0\" maxOccurs=\"unbounded\"><xs:complexType><xs:simpleContent>\n"
       "<xs:extension base=\"xs:decimal\"><xs:attribute name=\"currencyID\" use=\"required\" type=\"xs:token\"/></xs:extension>\n"
       "</xs:simpleContent></xs:complexType></xs:element>\n"
       "<xs:element name=\"Item\" maxOccurs=\"unbounded\"><xs:complexType><xs:sequence>\n"
       "<xs:element name=\"Note\" type=\"xs:string\"/><xs:element name=\"Flag\" minOccurs=\"0\" type=\"xs:boolean\"/>\n"
       "</xs:sequence></xs:complexType></xs:element>\n"
       "</xs:sequence></xs:complexType>\n"
       "<xs:unique name=\"notes\"><xs:selector xpath=\"o:Item\" xmlns:o=\"urn:body\"/>"
       "<xs:field xpath=\"o:Note\" xmlns:o=\"urn:body\"/></xs:unique>\n"
       "</xs:element></xs:schema>\n";

/* Files by name; a name is found whatever folder it is asked for in. */
typedef struct files {
    const char *const (*at)[2]; /* ends with NULL */
    atomic_uint asked;
} files;

static dgm_status read_file(void *ctx, dgm_arena *arena, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes,
                            const char **why)
{
    files *f = ctx;
    (void)from;
    atomic_fetch_add(&f->asked, 1u);
    for (size_t i = 0; f->at[i][0]; i++) {
        if (!dgm_slice_is(dgm_slice_file_name(location), f->at[i][0])) continue;
        *path = dgm_arena_print(arena, "/schemas/%s", f->at[i][0]);
        *bytes = dgm_slice_of(f->at[i][1]);
        return path->at ? DGM_OK : DGM_NOMEM;
    }
    *why = "no such file";
    return DGM_UNKNOWN;
}

static const char *const letter_files[][2] = { { "letter.xsd", LETTER_XSD }, { "body.xsd", BODY_XSD }, { NULL, NULL } };

typedef struct kit {
    files files;
    dgm_file_source source;
    char yaml[1024];
    xml_format format;
} kit;

/* The letter, with these lines in its format file; `at` are the files there are. */
static void kit_open(kit *k, const char *schemas, const char *const (*at)[2])
{
    *k = (kit){ .files = { .at = at } };
    k->source = (dgm_file_source){ read_file, &k->files };
    k->format.format.files = &k->source;
    snprintf(k->yaml, sizeof k->yaml, "%s%s", schemas, XML_LETTER);
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&k->format, NULL, dgm_slice_of(k->yaml), dgm_slice_of(XML_LETTER_TABLE), NULL), DGM_OK);
}

static const dgm_setting level[] = { { { "level", 5 }, { "schema", 6 } } };

#define ROOT "<l:Letter xmlns:l='urn:letter' xmlns='urn:body' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"
#define ITEM "<Item><Note>n</Note></Item>"

enum { FIRST_CODE = 2120, CODES = 20 };
static bool seen[CODES];

static void note(uint32_t code)
{
    if (code >= FIRST_CODE && code < FIRST_CODE + CODES) seen[code - FIRST_CODE] = true;
}

/* What is said of a document: code, place and path of each, a line each. */
static void told(const dgm_diags *d, dgm_slice input, dgm_buffer *out)
{
    out->len = 0;
    for (size_t i = 0; i < dgm_diags_count(d); i++) {
        const dgm_diag *g = dgm_diags_at(d, i);
        note(g->code);
        dgm_slice at = dgm_slice_part(input, (size_t)g->at_byte, (size_t)(g->at_byte + g->bytes));
        dgm_buffer_print(out, "%s%s %.*s [%.*s] ", g->severity == DGM_ERROR ? "" : "~", dgm_diag_name(g->code), (int)g->path.len,
                         g->path.at, (int)at.len, at.at ? at.at : "");
        (void)dgm_diag_sentence(g, dgm_buffer_sink(out));
        dgm_buffer_print(out, "\n");
    }
}

static void read_as(kit *k, const char *document, size_t chunk, const char *wanted)
{
    const dgm_format *formats[] = { &k->format.format };
    dgm_slice input = dgm_slice_of(document);
    dgm_diags *d;
    dgm_buffer out;
    dgm_reader *r;
    dgm_message m;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 200, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    CU_ASSERT_EQUAL(xml_read(&host, level, 1, input, chunk, &r, &m), DGM_OK);
    told(d, input, &out);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    CU_ASSERT_EQUAL(m.errors, dgm_diags_errors(d));
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
}

static const char VALID[] = ROOT " xsi:schemaLocation='urn:letter other.xsd' lang='de'><l:Sender>ACME &amp; S</l:Sender>\n"
                                 "  <Body><ID> A1 </ID><!-- c --><Kind>2</Kind><Price currencyID='EUR'>1.5</Price>\n"
                                 "  <Item>\n<Note><![CDATA[a]]></Note><Flag>true</Flag></Item>" ITEM "</Body></l:Letter>";

static const struct {
    const char *document, *said;
} rows[] = {
    { VALID, "" },
    /* the root: by its namespace */
    { "<Letter><Body><ID>1</ID>" ITEM "</Body></Letter>",
      "~xml.namespace.none  [<Letter] the document has no namespace, expected urn:letter; it was read by its names\n"
      "xml.xsd.root  [<Letter] the schema has no document that begins with <Letter>\n" },
    /* values, in elements and attributes */
    { ROOT "><l:Sender>acme</l:Sender><Body><ID>1</ID>" ITEM "</Body></l:Letter>",
      "xml.xsd.value Sender [acme] Sender breaks the schema: The value 'acme' is not accepted by the pattern '[A-Z]{2}.*'\n" },
    { ROOT "><l:Sender>a&amp;b</l:Sender><Body><ID>1</ID>" ITEM "</Body></l:Letter>",
      "xml.xsd.value Sender [a&amp;b] Sender breaks the schema: The value 'a&b' is not accepted by the pattern '[A-Z]{2}.*'\n" },
    { ROOT " lang='fr'><Body><ID>1</ID>" ITEM "</Body></l:Letter>",
      "xml.xsd.value @lang [fr] lang breaks the schema: The value 'fr' is not an element of the set {'de', 'en'}\n" },
    { ROOT "><Body><ID>1</ID><Item><Note>n</Note><Flag/></Item></Body></l:Letter>",
      "~xml.value.empty Body/Item/Flag [] Flag is empty\n"
      "xml.xsd.value Body/Item/Flag [] Flag breaks the schema: '' is not a valid value of the atomic type 'xs:boolean'\n" },
    /* elements */
    { ROOT "><Body><ID>1</ID><Zone>1</Zone>" ITEM "</Body></l:Letter>",
      "~xml.element.unknown Body/Zone [<Zone] <Zone> has no place in <Body>\n"
      "xml.xsd.element Body/Zone [<Zone] the schema has no <Zone> here; it expects Kind, Land, Price, Item\n" },
    { ROOT "><Body><ID>1</ID></Body></l:Letter>",
      "xml.xsd.missing Body [<Body] <Body> lacks what the schema expects: Kind, Land, Price, Item\n" },
    { ROOT "><Body><ID>1</ID><Item/></Body></l:Letter>",
      "xml.xsd.missing Body/Item [<Item] <Item> lacks what the schema expects: Note\n" },
    /* what the format says already is said once */
    { ROOT "><Body>" ITEM "</Body></l:Letter>", "xml.xsd.element Body/Item [<Item] the schema has no <Item> here; it expects ID\n"
                                                "xml.element.missing Body [<Body] <Body> needs <ID>\n" },
    { ROOT "><Body><ID>1</ID>" ITEM "<Kind>1</Kind></Body></l:Letter>",
      "xml.element.order Body/Kind [<Kind] <Kind> must stand before <Item>\n" },
    /* attributes */
    { ROOT "><Body><ID>1</ID><Price>1</Price>" ITEM "</Body></l:Letter>",
      "xml.xsd.attribute-missing Body/Price [<Price] the schema asks for the attribute currencyID of <Price>\n" },
    { ROOT "><Body n='1'><ID>1</ID>" ITEM "</Body></l:Letter>",
      "~xml.attribute.unknown Body [] <Body> has no attribute @n\n"
      "xml.xsd.attribute Body/@n [1] the schema has no attribute n of <Body>\n" },
    /* content, keys, and the rest */
    { ROOT "><Body><ID xsi:nil='true'/>" ITEM "</Body></l:Letter>",
      "xml.xsd.content Body/ID [<ID] the content of <ID> breaks the schema: The element is not 'nillable'\n"
      "~xml.value.empty Body/ID [] ID is empty\n" },
    { ROOT "><Body><ID>1</ID>" ITEM ITEM "</Body></l:Letter>",
      "xml.xsd.key Body/Item#2 [<Item] <Item> breaks a key of the schema: Duplicate key-sequence ['n'] in unique "
      "identity-constraint '{urn:body}notes'\n" },
    { ROOT "><Body><ID xsi:type='None'>1</ID>" ITEM "</Body></l:Letter>",
      "xml.xsd.rule Body/ID [<ID] <ID> breaks the schema: The QName value '{urn:body}None' of the xsi:type attribute does not "
      "resolve to a type definition\n" },
};

static void faults(void)
{
    kit k;
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_as(&k, rows[i].document, 0, rows[i].said);
        for (size_t chunk = 1; chunk < 12; chunk++) read_as(&k, rows[i].document, chunk, rows[i].said);
    }
    CU_ASSERT_EQUAL(k.files.asked, 3); /* the first file to know where it is, then both: never again, and none of a document's */
    xml_format_free(&k.format);
}

/* UTF-16 and others: places are those of the bytes that came. */
static void other_encodings(void)
{
    static const char text[] = ROOT "><l:Sender>acme</l:Sender><Body><ID>1</ID>" ITEM "</Body></l:Letter>";
    char wide[2 * sizeof text] = "\xFF\xFE";
    for (size_t i = 0; i + 1 < sizeof text; i++) wide[2 + 2 * i] = text[i];
    kit k;
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    const dgm_format *formats[] = { &k.format.format };
    dgm_diags *d;
    dgm_reader *r;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 200, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    CU_ASSERT_EQUAL(xml_read(&host, level, 1, (dgm_slice){ wide, 2 * sizeof text }, 5, &r, &m), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(d), 1);
    CU_ASSERT_EQUAL(dgm_diags_at(d, 0)->at_byte, 2 + 2 * (uint64_t)(strstr(text, "acme") - text));
    CU_ASSERT_EQUAL(dgm_diags_at(d, 0)->bytes, 8);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    xml_format_free(&k.format);
}

/* A reader that takes one document after the other: none knows of the one before it. */
static void one_after_the_other(void)
{
    static const char broken[] = ROOT "><l:Sender>acme</l:Sender><Body><ID>1</ID><It";
    static const size_t order[] = { 2, 0, 7, SIZE_MAX, 0, 1, 0, 14, 0 };
    kit k;
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    const dgm_format *formats[] = { &k.format.format };
    dgm_diags *d;
    dgm_reader *r;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 200, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.open(&host, level, 1, &r), DGM_OK);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        bool cut = order[i] == SIZE_MAX;
        dgm_slice input = dgm_slice_of(cut ? broken : rows[order[i]].document);
        dgm_message m;
        CU_ASSERT_EQUAL(dgm_codec_xml.feed(r, input, true), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_xml.next(r, &m), DGM_OK);
        told(d, input, &out);
        TEST_TEXT(dgm_buffer_slice(&out),
                  cut ? "xml.xsd.value Sender [acme] Sender breaks the schema: The value 'acme' is not accepted by the pattern "
                        "'[A-Z]{2}.*'\nxml.document.truncated Body [] the document ends before <Body> is closed\n"
                      : rows[order[i]].said);
        dgm_codec_xml.recycle(r, &m);
        dgm_codec_xml.reset(r);
        dgm_diags_clear(d);
    }
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
    xml_format_free(&k.format);
}

/* More than anyone reads is not told, and the check ends. */
static void too_many(void)
{
    kit k;
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    const dgm_format *formats[] = { &k.format.format };
    dgm_diags *d;
    dgm_reader *r;
    dgm_message m;
    dgm_buffer text;
    dgm_buffer_init(&text, NULL);
    dgm_buffer_print(&text, ROOT "><Body><ID>1</ID>");
    for (int i = 0; i < 150; i++) dgm_buffer_print(&text, "<Item><Note>%d</Note><Flag/></Item>", i);
    dgm_buffer_print(&text, "</Body></l:Letter>");
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 1000, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    CU_ASSERT_EQUAL(xml_read(&host, level, 1, dgm_buffer_slice(&text), 0, &r, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.errors, 101);
    size_t values = 0, many = 0;
    for (size_t i = 0; i < dgm_diags_count(d); i++) {
        values += dgm_diags_at(d, i)->code == DGM_D_XML_XSD_VALUE;
        many += dgm_diags_at(d, i)->code == DGM_D_XML_XSD_MANY && dgm_diags_at(d, i)->arguments[0].number == 100;
    }
    CU_ASSERT_EQUAL(values, 100);
    CU_ASSERT_EQUAL(many, 1);
    if (many) note(DGM_D_XML_XSD_MANY);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    dgm_buffer_free(&text);
    xml_format_free(&k.format);
}

/* ---- schemas ---- */

#define UNUSABLE "xml.xsd.unusable  [] the schema of the format letter cannot be used, so the document is not known to be valid: "

static void unusable(void)
{
    static const char doctype[] = "<!-- a schema -->\n<!DOCTYPE xs:schema [<!ENTITY e 'x'>]>\n" XS "/>";
    static const char includes[] = XS "><xs:include schemaLocation=\"none.xsd\"/></xs:schema>";
    static const char fetches[] = XS "><xs:import namespace=\"urn:x\" schemaLocation=\"http://127.0.0.1:9/x.xsd\"/></xs:schema>";
    static const char no_type[] = XS ">\n<xs:element name=\"Letter\" type=\"None\"/></xs:schema>";
    static const struct {
        const char *schemas, *name, *text, *said;
    } wrong[] = {
        { "schema: none.xsd\n", "x", "", UNUSABLE "none.xsd: no such file\n" },
        { "schema: a.xsd\n", "a.xsd", doctype,
          UNUSABLE "/schemas/a.xsd, which belongs to it, cannot be read: it has a DOCTYPE, which is not read\n" },
        { "schema: a.xsd\n", "a.xsd", "\xFF\xFE<",
          UNUSABLE "/schemas/a.xsd, which belongs to it, cannot be read: it is not XML in UTF-8 or a set that has ASCII in it\n" },
        { "schema: a.xsd\n", "a.xsd", includes, UNUSABLE "/schemas/none.xsd, which belongs to it, cannot be read: no such file\n" },
        { "schema: a.xsd\n", "a.xsd", fetches,
          UNUSABLE "http://127.0.0.1:9/x.xsd, which belongs to it, cannot be read: no such file\n" },
        { "schema: a.xsd\n", "a.xsd", no_type,
          UNUSABLE "a.xsd, line 2: element decl. 'Letter', attribute 'type': The QName value 'None' does not resolve to a(n) type "
                   "definition.\n" },
        { "schema: a.xsd\n", "a.xsd", "<a>", UNUSABLE "a.xsd, line 1: Premature end of data in tag a line 1\n" },
        { "schema: a.xsd\nschema: letter.xsd\n", "a.xsd", "<a/>", UNUSABLE "a.xsd is no XML Schema\n" },
        { "schema: a.xsd\nschema: letter.xsd\n", "a.xsd", LETTER_XSD,
          UNUSABLE "two of its files are of the namespace urn:letter\n" },
        { "", "x", "", "~xml.xsd.none  [] the format letter names no schema: the document was held against the format alone\n" },
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *const at[][2] = {
            { wrong[i].name, wrong[i].text }, { "letter.xsd", LETTER_XSD }, { "body.xsd", BODY_XSD }, { NULL, NULL }
        };
        kit k;
        kit_open(&k, wrong[i].schemas, at);
        read_as(&k, VALID, 0, wrong[i].said);
        unsigned asked = k.files.asked;
        read_as(&k, VALID, 3, wrong[i].said); /* and the next document is told the same, without another try */
        CU_ASSERT_EQUAL(k.files.asked, asked);
        xml_format_free(&k.format);
    }
}

/* Several files, a namespace each, and in any order. */
static void several_files(void)
{
    static const char alone[] = XS "targetNamespace=\"urn:letter\" xmlns:b=\"urn:body\" elementFormDefault=\"qualified\">"
                                   "<xs:import namespace=\"urn:body\"/><xs:element name=\"Letter\"><xs:complexType><xs:sequence>"
                                   "<xs:any namespace=\"##other\"/></xs:sequence></xs:complexType></xs:element></xs:schema>";
    const char *const at[][2] = { { "a&b.xsd", alone }, { "body.xsd", BODY_XSD }, { NULL, NULL } };
    kit k;
    kit_open(&k, "schema: body.xsd\nschema: a&b.xsd\n", at);
    read_as(&k, ROOT "><Body><ID>1</ID>" ITEM "</Body></l:Letter>", 0, "");
    read_as(&k, rows[8].document, 0, rows[8].said);
    xml_format_free(&k.format);
}

/* No level: the schema is not even looked for. */
static void not_asked(void)
{
    kit k;
    kit_open(&k, "schema: none.xsd\n", letter_files);
    const dgm_format *formats[] = { &k.format.format };
    dgm_diags *d;
    dgm_reader *r;
    dgm_message m;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 200, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
    CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_slice_of(rows[2].document), 0, &r, &m), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(d), 0);
    CU_ASSERT_EQUAL(k.files.asked, 0);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_diags_free(d);
    xml_format_free(&k.format);
}

/* ---- threads ---- */

static void *read_many(void *ctx)
{
    kit *k = ctx;
    const dgm_format *formats[] = { &k->format.format };
    uintptr_t wrong = 0;
    for (int i = 0; i < 40; i++) {
        dgm_diags *d = NULL;
        dgm_reader *r = NULL;
        dgm_message m;
        if (dgm_diags_new(NULL, 20, &d) != DGM_OK) return (void *)1;
        dgm_host host = dgm_host_make(NULL, NULL, d, NULL, formats, 1);
        wrong += xml_read(&host, level, 1, dgm_slice_of(rows[i % 3].document), (size_t)(i % 5), &r, &m) != DGM_OK;
        wrong += m.errors != (i % 3 ? 1 : 0);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
        dgm_diags_free(d);
    }
    return (void *)wrong;
}

static void threads(void)
{
    kit k;
    pthread_t at[6];
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    for (size_t i = 0; i < 6; i++) CU_ASSERT_EQUAL_FATAL(pthread_create(&at[i], NULL, read_many, &k), 0);
    for (size_t i = 0; i < 6; i++) {
        void *wrong;
        CU_ASSERT_EQUAL(pthread_join(at[i], &wrong), 0);
        CU_ASSERT_PTR_NULL(wrong);
    }
    CU_ASSERT_EQUAL(k.files.asked, 3); /* compiled once */
    xml_format_free(&k.format);
}

/* ---- writing ---- */

static dgm_status written(const dgm_mem *mem, const dgm_format *format, const char *document, const dgm_setting *settings, size_t n,
                          dgm_diags *d, dgm_buffer *out)
{
    const dgm_format *formats[] = { format };
    dgm_host host = dgm_host_make(mem, NULL, d, NULL, formats, 1);
    dgm_reader *r = NULL;
    dgm_message m;
    dgm_status st = xml_read(&host, NULL, 0, dgm_slice_of(document), 0, &r, &m);
    if (st == DGM_OK) dgm_diags_clear(d);
    if (st == DGM_OK) st = xml_write(&host, format, settings, n, m.tree, out);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    return st;
}

static void writing(void)
{
    static const struct {
        size_t row;
        const char *said;
    } refused[] = {
        { 2, "xml.xsd.value Sender Sender breaks the schema: The value 'acme' is not accepted by the pattern '[A-Z]{2}.*'\n" },
        { 4, "xml.xsd.value  lang breaks the schema: The value 'fr' is not an element of the set {'de', 'en'}\n" },
        { 8, "xml.xsd.missing Body/Item#1 <Item> lacks what the schema expects: Note\n" },
        { 11, "xml.xsd.attribute-missing Body/Price#1 the schema asks for the attribute currencyID of <Price>\n" },
        { 14, "xml.xsd.key Body/Item#2 <Item> breaks a key of the schema: Duplicate key-sequence ['n'] in unique "
              "identity-constraint '{urn:body}notes'\n" },
    };
    kit k;
    dgm_diags *d;
    dgm_buffer out, said;
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&said, NULL);
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 200, &d), DGM_OK);
    CU_ASSERT_EQUAL(written(NULL, &k.format.format, VALID, level, 1, d, &out), DGM_OK);
    CU_ASSERT(out.len > 100);
    CU_ASSERT_EQUAL(dgm_diags_count(d), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        out.len = said.len = 0;
        CU_ASSERT_EQUAL(written(NULL, &k.format.format, rows[refused[i].row].document, level, 1, d, &out), DGM_INVALID);
        CU_ASSERT_EQUAL(out.len, 0); /* not a byte leaves */
        for (size_t n = 0; n < dgm_diags_count(d); n++) {
            const dgm_diag *g = dgm_diags_at(d, n);
            dgm_buffer_print(&said, "%s %.*s ", dgm_diag_name(g->code), (int)g->path.len, g->path.at);
            (void)dgm_diag_sentence(g, dgm_buffer_sink(&said));
            dgm_buffer_print(&said, "\n");
        }
        TEST_TEXT(dgm_buffer_slice(&said), refused[i].said);
        CU_ASSERT_EQUAL(written(NULL, &k.format.format, rows[refused[i].row].document, NULL, 0, d, &out), DGM_OK);
    }
    xml_format_free(&k.format);
    kit_open(&k, "schema: none.xsd\n", letter_files);
    out.len = 0;
    CU_ASSERT_EQUAL(written(NULL, &k.format.format, VALID, level, 1, d, &out), DGM_INVALID);
    CU_ASSERT_EQUAL(dgm_diags_at(d, 0)->code, DGM_D_XML_XSD_UNUSABLE);
    CU_ASSERT_EQUAL(out.len, 0);
    xml_format_free(&k.format);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
    dgm_buffer_free(&said);
}

/* Canonical XML 1.0: no declaration, empty elements as two tags, references in capitals; the exclusive form declares a namespace
 * where it is used. */
static void canonical(void)
{
    static const char document[] = ROOT "><Body><ID>1</ID><Item/><Item><Note>a&gt;&#13;&quot;</Note></Item></Body></l:Letter>";
    static const struct {
        const char *form, *wanted;
    } forms[] = {
        { "no", "<l:Letter xmlns:l=\"urn:letter\"><Body xmlns=\"urn:body\"><ID>1</ID><Item/><Item><Note>a&gt;&#13;\"</Note></Item>"
                "</Body></l:Letter>\n" },
        { "inclusive", "<l:Letter xmlns:l=\"urn:letter\"><Body xmlns=\"urn:body\"><ID>1</ID><Item></Item><Item>"
                       "<Note>a&gt;&#xD;\"</Note></Item></Body></l:Letter>" },
        { "exclusive", "<l:Letter xmlns:l=\"urn:letter\"><Body xmlns=\"urn:body\"><ID>1</ID><Item></Item><Item>"
                       "<Note>a&gt;&#xD;\"</Note></Item></Body></l:Letter>" },
    };
    kit k;
    dgm_diags *d;
    kit_open(&k, "schema: letter.xsd\n", letter_files);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 20, &d), DGM_OK);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const dgm_setting settings[] = { { DGM_LITERAL("indent"), DGM_LITERAL("0") },
                                         { DGM_LITERAL("declaration"), DGM_LITERAL("no") },
                                         { DGM_LITERAL("canonical"), dgm_slice_of(forms[i].form) } };
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL(written(NULL, &k.format.format, document, settings, 3, d, &out), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), forms[i].wanted);
        dgm_buffer_free(&out);
    }
    dgm_diags_free(d);
    xml_format_free(&k.format);
}

/* ---- memory ---- */

static dgm_status all_of_it(const dgm_mem *mem, void *ctx)
{
    const dgm_setting settings[] = { { DGM_LITERAL("level"), DGM_LITERAL("schema") },
                                     { DGM_LITERAL("canonical"), DGM_LITERAL("exclusive") } };
    kit *k = ctx;
    dgm_diags *d = NULL;
    dgm_buffer out;
    xml_format f = { .format = { .files = &k->source } };
    dgm_buffer_init(&out, mem);
    dgm_status st = dgm_diags_new(mem, 20, &d);
    if (st == DGM_OK) st = xml_format_make(&f, mem, dgm_slice_of(k->yaml), dgm_slice_of(XML_LETTER_TABLE), d);
    const dgm_format *formats[] = { &f.format };
    dgm_host host = dgm_host_make(mem, NULL, d, NULL, formats, 1);
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    if (st == DGM_OK) st = xml_read(&host, level, 1, dgm_slice_of(rows[2].document), 7, &r, &m);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    if (st == DGM_OK) st = written(mem, &f.format, VALID, settings, 2, d, &out);
    if (st == DGM_OK && dgm_diags_failed(d)) st = DGM_NOMEM;
    xml_format_free(&f);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
    return st;
}

static void memory_fails(void)
{
    kit k;
    kit_open(&k, "schema: body.xsd\nschema: letter.xsd\n", letter_files);
    CU_ASSERT(test_each_allocation_fails(all_of_it, &k) > 20);
    xml_format_free(&k.format);
}

static void every_code_was_said(void)
{
    static const struct {
        uint32_t number;
        const char *name;
    } codes[] = {
#define X(id, number, name, text, hint) { number, name },
#include "base/diag_codes/xml_xsd.def"
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CU_ASSERT_FATAL(codes[i].number >= FIRST_CODE && codes[i].number < FIRST_CODE + CODES);
        if (!seen[codes[i].number - FIRST_CODE]) fprintf(stderr, "no row says %s\n", codes[i].name);
        CU_ASSERT(seen[codes[i].number - FIRST_CODE]);
    }
}

static const test_case cases[] = {
    { "what is said of each kind of fault, in any chunking", faults },
    { "places in other encodings", other_encodings },
    { "one document after the other", one_after_the_other },
    { "more faults than are told", too_many },
    { "schemas that cannot be used", unusable },
    { "several files, a namespace each", several_files },
    { "without the level nothing is looked for", not_asked },
    { "threads share a schema", threads },
    { "what is written is held against it, too", writing },
    { "canonical XML", canonical },
    { "each allocation fails", memory_fails },
    { "every code has a row", every_code_was_said },
    { 0 },
};

int main(void)
{
    return test_main("xml_schema", cases);
}
