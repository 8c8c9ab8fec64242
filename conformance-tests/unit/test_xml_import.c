/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_import.c - formats made of XML Schemas: every part of the schema language that a profile can say, remarks for those it
 * cannot, schemas without end, schemas that are wrong. Expected tables are worked out by hand from XML Schema parts 1 and 2.
 */
#include "codecs/xml/xsd.h"
#include "conformance-tests/support/test.h"
#include "conformance-tests/support/xml_format.h"

#include <stdlib.h>

#define XS "http://www.w3.org/2001/XMLSchema"

enum { FIRST_CODE = 2100, CODES = 100 };
static bool seen[CODES];

static void note(const dgm_diags *list)
{
    for (size_t i = 0; i < dgm_diags_count(list); i++) {
        uint32_t code = dgm_diags_at(list, i)->code;
        if (code >= FIRST_CODE && code < FIRST_CODE + CODES) seen[code - FIRST_CODE] = true;
    }
}

/* Files of a folder in memory, NULL-ended: name, text. */
typedef struct shelf {
    const char *const *files;
} shelf;

static dgm_status read_shelf(void *ctx, dgm_slice from, dgm_slice location, dgm_slice *path, dgm_slice *bytes, const char **why)
{
    const shelf *s = ctx;
    (void)from;
    for (const char *const *f = s->files; *f; f += 2)
        if (dgm_slice_is(location, f[0])) {
            *path = dgm_slice_of(f[0]);
            *bytes = dgm_slice_of(f[1]);
            return DGM_OK;
        }
    *why = "there is none";
    return DGM_UNKNOWN;
}

typedef struct import {
    dgm_xsd x;
    dgm_diags *diags;
    shelf files;
} import;

static void begin(import *m, const char *const *files)
{
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &m->diags), DGM_OK);
    m->files = (shelf){ files };
    dgm_xsd_init(&m->x, NULL, m->diags);
    m->x.source = (dgm_xsd_source){ read_shelf, &m->files };
}

static void run(import *m, const char *first)
{
    dgm_xsd_load(&m->x, dgm_slice_of(first));
    if (!m->x.failed) dgm_xsd_lay_out(&m->x);
    dgm_xsd_write(&m->x);
}

static void end(import *m)
{
    note(m->diags);
    dgm_xsd_free(&m->x);
    dgm_diags_free(m->diags);
}

/* The rows without the head, and the remarks without theirs. */
static dgm_slice rows_of(const import *m)
{
    dgm_slice t = m->x.out_table;
    return dgm_slice_cut(dgm_slice_cut(t, '\n').tail, '\n').tail;
}

static dgm_slice remarks_of(const import *m)
{
    static const char head[] = "and this format cannot:\n";
    const char *at = m->x.out_format.at ? strstr(m->x.out_format.at, head) : NULL;
    return at ? dgm_slice_of(at + sizeof head - 1) : (dgm_slice){ "", 0 };
}

/* What is made can be loaded. */
static void expect_loads(const import *m)
{
    xml_format f = { 0 };
    dgm_diags *diags;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL(xml_format_make(&f, NULL, m->x.out_format, m->x.out_table, diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    dgm_diags_free(diags);
    dgm_shape_free(f.shape);
}

/* One schema, whole: rows and remarks. */
static void expect(const char *schema, const char *rows, const char *remarks)
{
    const char *files[] = { "a.xsd", schema, NULL };
import m;
    begin(&m, files);
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    CU_ASSERT_EQUAL(dgm_diags_count(m.diags), 0);
    TEST_TEXT(rows_of(&m), rows);
    TEST_TEXT(remarks_of(&m), remarks);
    if (!m.x.failed) expect_loads(&m);
    end(&m);
}

static void expect_error(const char *const *files, const char *root, const char *payload, dgm_diag_code code, const char *source,
                         uint32_t line)
{
import m;
    begin(&m, files);
    m.x.root = dgm_slice_of(root);
    m.x.payload = dgm_slice_of(payload);
    run(&m, "a.xsd");
    CU_ASSERT_TRUE(m.x.failed);
    CU_ASSERT_EQUAL(dgm_diags_errors(m.diags), 1);
    const dgm_diag *d = dgm_diags_at(m.diags, dgm_diags_count(m.diags) - 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(d);
    CU_ASSERT_EQUAL(d->code, (uint32_t)code);
    CU_ASSERT_EQUAL(d->line, line);
    TEST_TEXT(d->source, source);
    CU_ASSERT_EQUAL(m.x.out_format.len, 0);
    end(&m);
}

#define SCHEMA "<xs:schema xmlns:xs='" XS "' xmlns='urn:a' xmlns:a='urn:a' targetNamespace='urn:a' elementFormDefault='qualified'>"

/* ---- what a profile can say ---- */

static void whole_files(void)
{
    const char *files[] = { "order.xsd",
                            SCHEMA "<xs:element name='PurchaseOrder'><xs:complexType><xs:sequence>"
                                   "<xs:element name='ID' type='xs:token'/>"
                                   "<xs:element name='Note' type='xs:string' minOccurs='0' maxOccurs='unbounded'/>"
                                   "</xs:sequence><xs:attribute name='lang' type='xs:language' use='required'/></xs:complexType>"
                                   "</xs:element></xs:schema>",
                            NULL };
import m;
    begin(&m, files);
    run(&m, "order.xsd");
    TEST_TEXT(m.x.out_format, "# Made by dragoman format import from order.xsd.\n"
                              "dragoman: format/1\n"
                              "format: purchase-order\n"
                              "title: PurchaseOrder\n"
                              "codec: xml\n"
                              "table: purchase-order.tsv\n"
                              "root: PurchaseOrder\n"
                              "# reference: the path of the document's own number\n"
                              "namespace.a: urn:a\n");
    TEST_TEXT(m.x.out_table,
              "# one row for each element and attribute, in the order of the schema; made by dragoman format import\n"
              "path\tmin\tmax\ttype\tformat\tnamespace\tidentifier\tvalues\n"
              "PurchaseOrder\t1\t1\t-\t-\ta\t-\t-\n"
              "PurchaseOrder/@lang\t1\t1\tcode\t-\t-\t-\t-\n"
              "PurchaseOrder/ID\t1\t1\tcode\t-\ta\t-\t-\n"
              "PurchaseOrder/Note\t0\t*\ttext\t-\ta\t-\t-\n");
    expect_loads(&m);
    end(&m);
}

static void values(void)
{
    expect(SCHEMA
           "<xs:simpleType name='Upto35'><xs:restriction base='xs:string'><xs:minLength value='1'/><xs:maxLength value='35'/>"
           "</xs:restriction></xs:simpleType>"
           "<xs:simpleType name='Upto10'><xs:restriction base='Upto35'><xs:maxLength value='10'/></xs:restriction></xs:simpleType>"
           "<xs:simpleType name='AmountBase'><xs:restriction base='xs:decimal'><xs:totalDigits value='16'/><xs:fractionDigits "
           "value='3'/>"
           "</xs:restriction></xs:simpleType>"
           "<xs:complexType name='AmountType'><xs:simpleContent><xs:extension base='AmountBase'>"
           "<xs:attribute name='currencyID' use='required'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern "
           "value='[A-Z]{3}'/>"
           "</xs:restriction></xs:simpleType></xs:attribute></xs:extension></xs:simpleContent></xs:complexType>"
           "<xs:simpleType name='StatusCodeType'><xs:restriction base='xs:string'><xs:enumeration value='OK'/><xs:enumeration "
           "value='NO'/>"
           "<xs:enumeration value='WAIT'/></xs:restriction></xs:simpleType>"
           "<xs:simpleType name='FewerType'><xs:restriction base='StatusCodeType'><xs:enumeration "
           "value='NO'/></xs:restriction></xs:simpleType>"
           "<xs:element name='R'><xs:complexType><xs:sequence>"
           "<xs:element name='a' type='Upto10'/><xs:element name='b' type='AmountType' minOccurs='0'/><xs:element name='c' "
           "type='StatusCodeType'/>"
           "<xs:element name='d' type='FewerType'/><xs:element name='e' type='xs:boolean'/><xs:element name='f' "
           "type='xs:unsignedShort'/>"
           "<xs:element name='g'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern "
           "value='\\d{6}'/></xs:restriction></xs:simpleType></xs:element>"
           "<xs:element name='h' type='xs:string' fixed='X1'/><xs:element name='i' type='xs:dateTime'/>"
           "<xs:element name='j'><xs:simpleType><xs:restriction base='xs:integer'><xs:totalDigits value='4'/><xs:minInclusive "
           "value='1'/>"
           "</xs:restriction></xs:simpleType></xs:element>"
           "<xs:element name='k' type='xs:decimal'/>"
           "</xs:sequence></xs:complexType></xs:element></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\n"
           "R/a\t1\t1\ttext\tan..10\ta\t-\t-\n"
           "R/b\t0\t1\tamount\tn..16,3\ta\t-\t-\n"
           "R/b/@currencyID\t1\t1\ttext\ta3\t-\t-\t-\n"
           "R/c\t1\t1\tcode\t-\ta\t-\tOK NO WAIT\n"
           "R/d\t1\t1\tcode\t-\ta\t-\tNO\n"
           "R/e\t1\t1\tflag\t-\ta\t-\t-\n"
           "R/f\t1\t1\tnumber\tn..5\ta\t-\t-\n"
           "R/g\t1\t1\ttext\tn6\ta\t-\t-\n"
           "R/h\t1\t1\ttext\t-\ta\t-\tX1\n"
           "R/i\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/j\t1\t1\tnumber\tn..4\ta\t-\t-\n"
           "R/k\t1\t1\tnumber\t-\ta\t-\t-\n",
           "# R/b/@currencyID: pattern [A-Z]{3}\n"
           "# R/f: a value of xs:unsignedShort: its range is not checked\n"
           "# R/i: a value of xs:dateTime: its form is not checked\n"
           "# R/j: minInclusive 1\n");
}

static void content_models(void)
{
    expect(SCHEMA "<xs:group name='Pair'><xs:sequence><xs:element name='p' type='xs:string'/><xs:element name='q' type='xs:string' "
                  "minOccurs='0'/>"
                  "</xs:sequence></xs:group>"
                  "<xs:attributeGroup name='Inner'><xs:attribute name='v' type='xs:string'/></xs:attributeGroup>"
                  "<xs:attributeGroup name='Outer'><xs:attributeGroup ref='Inner'/><xs:attribute name='w' "
                  "type='xs:string'/></xs:attributeGroup>"
                  "<xs:complexType name='Base'><xs:sequence><xs:element name='id' type='xs:string'/></xs:sequence>"
                  "<xs:attribute name='x' type='xs:string'/><xs:attribute name='y' type='xs:string'/></xs:complexType>"
                  "<xs:complexType name='More'><xs:complexContent><xs:extension base='Base'><xs:sequence>"
                  "<xs:choice><xs:element name='one' type='xs:string'/><xs:sequence><xs:element name='two' type='xs:string'/>"
                  "<xs:element name='three' type='xs:string'/></xs:sequence></xs:choice>"
                  "<xs:group ref='Pair' minOccurs='0' maxOccurs='2'/></xs:sequence><xs:attributeGroup ref='Outer'/></xs:extension>"
                  "</xs:complexContent></xs:complexType>"
                  "<xs:complexType name='Less'><xs:complexContent><xs:restriction base='Base'><xs:sequence>"
                  "<xs:element name='id' type='xs:token'/></xs:sequence><xs:attribute name='x' use='prohibited'/>"
                  "<xs:attribute name='y' type='xs:string' use='required'/></xs:restriction></xs:complexContent></xs:complexType>"
                  "<xs:element name='R'><xs:complexType><xs:sequence><xs:element name='m' type='More'/><xs:element name='l' "
                  "type='Less' maxOccurs='9'/>"
                  "</xs:sequence></xs:complexType></xs:element></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\n"
           "R/m\t1\t1\t-\t-\ta\t-\t-\n"
           "R/m/@x\t0\t1\ttext\t-\t-\t-\t-\n"
           "R/m/@y\t0\t1\ttext\t-\t-\t-\t-\n"
           "R/m/@v\t0\t1\ttext\t-\t-\t-\t-\n"
           "R/m/@w\t0\t1\ttext\t-\t-\t-\t-\n"
           "R/m/id\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/m/one\t0\t1\ttext\t-\ta\t-\t-\n"
           "R/m/two\t0\t1\ttext\t-\ta\t-\t-\n"
           "R/m/three\t0\t1\ttext\t-\ta\t-\t-\n"
           "R/m/p\t0\t2\ttext\t-\ta\t-\t-\n"
           "R/m/q\t0\t2\ttext\t-\ta\t-\t-\n"
           "R/l\t1\t9\t-\t-\ta\t-\t-\n"
           "R/l/@y\t1\t1\ttext\t-\t-\t-\t-\n"
           "R/l/id\t1\t1\tcode\t-\ta\t-\t-\n",
           "# R/m: only one of: one | two three\n"
           "# R/m: p to q may take turns in the schema; here each must stand together, in this order\n");
}

/* A date around its text, identifiers in annotations, elements without a namespace: then every namespace has a prefix. */
static void conventions(void)
{
    const char *files[] = {
        "a.xsd",
        "<xs:schema xmlns:xs='" XS "' xmlns:t='urn:t' targetNamespace='urn:t'>"
        "<xs:element name='R'><xs:complexType><xs:sequence>"
        "<xs:element name='On'><xs:annotation><xs:documentation><WCOID>023</WCOID><Text>a sentence</Text></xs:documentation>"
        "</xs:annotation><xs:complexType><xs:choice><xs:element name='DateTimeString'><xs:complexType><xs:simpleContent>"
        "<xs:extension base='xs:string'><xs:attribute name='formatCode' type='xs:token' use='required'/></xs:extension>"
        "</xs:simpleContent></xs:complexType></xs:element></xs:choice></xs:complexType></xs:element>"
        "</xs:sequence></xs:complexType></xs:element></xs:schema>",
        NULL
    };
import m;
    begin(&m, files);
    run(&m, "a.xsd");
    TEST_TEXT(rows_of(&m), "R\t1\t1\t-\t-\tt\t-\t-\n"
                           "R/On\t1\t1\tdate\t-\t-\t023\t-\n"
                           "R/On/DateTimeString\t1\t1\ttext\t-\t-\t-\t-\n"
                           "R/On/DateTimeString/@formatCode\t1\t1\tcode\t-\t-\t-\t-\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(m.x.out_format.at, "namespace.t: urn:t\nprefix.t: t\n"));
    expect_loads(&m);
    end(&m);
}

/* Includes (one of them without a namespace of its own), imports, an element that others stand for, an envelope with a payload. */
static void several_files(void)
{
    const char *files[] = {
        "a.xsd",
        "<xs:schema xmlns:xs='" XS "' xmlns='urn:e' xmlns:e='urn:e' targetNamespace='urn:e' elementFormDefault='qualified'>"
        "<xs:include schemaLocation='types.xsd'/>"
        "<xs:element name='Envelope'><xs:complexType><xs:sequence><xs:element name='To' type='Name'/>"
        "<xs:any namespace='##other'/></xs:sequence></xs:complexType></xs:element></xs:schema>",
        "types.xsd",
        "<xs:schema xmlns:xs='" XS "'><xs:simpleType name='Name'><xs:restriction base='Text'/></xs:simpleType>"
        "<xs:simpleType name='Text'><xs:restriction base='xs:string'><xs:maxLength value='7'/></xs:restriction></xs:simpleType>"
        "</xs:schema>",
        "b.xsd",
        "<xs:schema xmlns:xs='" XS "' xmlns='urn:b' xmlns:c='urn:c' targetNamespace='urn:b' elementFormDefault='qualified'>"
        "<xs:import namespace='urn:c' schemaLocation='c.xsd'/>"
        "<xs:element name='Body'><xs:complexType><xs:sequence><xs:element ref='c:Party' maxOccurs='3'/></xs:sequence>"
        "</xs:complexType></xs:element></xs:schema>",
        "c.xsd",
        "<xs:schema xmlns:xs='" XS "' xmlns='urn:c' targetNamespace='urn:c' elementFormDefault='qualified'>"
        "<xs:element name='Party' type='P' abstract='true'/><xs:element name='Buyer' substitutionGroup='Party'/>"
        "<xs:element name='Seller' substitutionGroup='Party'/><xs:element name='Reseller' substitutionGroup='Seller'/>"
        "<xs:complexType name='P'><xs:sequence><xs:element name='ID' type='xs:token'/></xs:sequence></xs:complexType></xs:schema>",
        NULL
    };
import m;
    begin(&m, files);
    dgm_xsd_load(&m.x, DGM_LITERAL("a.xsd"));
    m.x.root = DGM_LITERAL("Envelope");
    m.x.payload = DGM_LITERAL("Body");
    run(&m, "b.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    TEST_TEXT(rows_of(&m), "Envelope\t1\t1\t-\t-\te\t-\t-\n"
                           "Envelope/To\t1\t1\ttext\tan..7\te\t-\t-\n"
                           "Envelope/Body\t1\t1\t-\t-\tmain\t-\t-\n"
                           "Envelope/Body/Buyer\t0\t3\t-\t-\tc\t-\t-\n"
                           "Envelope/Body/Buyer/ID\t1\t1\tcode\t-\tc\t-\t-\n"
                           "Envelope/Body/Seller\t0\t3\t-\t-\tc\t-\t-\n"
                           "Envelope/Body/Seller/ID\t1\t1\tcode\t-\tc\t-\t-\n"
                           "Envelope/Body/Reseller\t0\t3\t-\t-\tc\t-\t-\n"
                           "Envelope/Body/Reseller/ID\t1\t1\tcode\t-\tc\t-\t-\n");
    CU_ASSERT_PTR_NOT_NULL(strstr(m.x.out_format.at, "root: Envelope\ndocument: Envelope/Body\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(m.x.out_format.at, "namespace.e: urn:e\nprefix.e: e\nnamespace.main: urn:b\nnamespace.c: urn:c\nprefix.c: c\n"));
    TEST_TEXT(remarks_of(&m), "# Envelope/Body: where Party may stand, one of 3 elements of its substitution group stands\n");
    expect_loads(&m);
    end(&m);
}

/* Two of one name side by side, told apart by their namespaces: two rows, as a profile may have them. */
static void twins(void)
{
    const char *files[] = {
        "a.xsd",
        "<xs:schema xmlns:xs='" XS "' xmlns='urn:a' xmlns:b='urn:b' targetNamespace='urn:a' elementFormDefault='qualified'>"
        "<xs:import namespace='urn:b' schemaLocation='b.xsd'/><xs:element name='R'><xs:complexType><xs:sequence>"
        "<xs:element name='D' type='xs:string'/><xs:element ref='b:D' minOccurs='0'/><xs:element name='E' type='xs:string'/>"
        "<xs:element name='E' type='xs:string' maxOccurs='300000000'/><xs:element name='E' type='xs:string' maxOccurs='300000000'/>"
        "</xs:sequence></xs:complexType></xs:element></xs:schema>",
        "b.xsd", "<xs:schema xmlns:xs='" XS "' targetNamespace='urn:b'><xs:element name='D' type='xs:boolean'/></xs:schema>", NULL
    };
import m;
    begin(&m, files);
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    TEST_TEXT(rows_of(&m), "R\t1\t1\t-\t-\tmain\t-\t-\n"
                           "R/D\t1\t1\ttext\t-\tmain\t-\t-\n"
                           "R/D\t0\t1\tflag\t-\tb\t-\t-\n"
                           "R/E\t1\t*\ttext\t-\tmain\t-\t-\n");
    TEST_TEXT(remarks_of(&m), "# R: E stands at several places of the schema; taken as one\n");
    expect_loads(&m);
    end(&m);
}

/* ---- what it cannot: remarks ---- */

static void remarks(void)
{
    expect(SCHEMA "<xs:simpleType name='U'><xs:union memberTypes='xs:int xs:date'/></xs:simpleType>"
                  "<xs:simpleType name='L'><xs:list itemType='xs:int'/></xs:simpleType>"
                  "<xs:attribute name='g' type='xs:string'/>"
                  "<xs:element name='R'><xs:complexType mixed='true'><xs:all>"
                  "<xs:element name='u' type='U'/><xs:element name='l' type='L' nillable='true'/>"
                  "<xs:element name='v'><xs:simpleType><xs:restriction base='xs:string'><xs:enumeration value='two "
                  "words'/></xs:restriction></xs:simpleType></xs:element>"
                  "<xs:element name='w' type='Gone'/><xs:element name='x' type='xs:string' default='d' minOccurs='0'/>"
                  "</xs:all><xs:attribute ref='g'/><xs:anyAttribute/></xs:complexType></xs:element></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\n"
           "R/u\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/l\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/v\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/w\t1\t1\ttext\t-\ta\t-\t-\n"
           "R/x\t0\t1\ttext\t-\ta\t-\t-\n",
           "# R: its attribute g has a namespace, which a profile cannot say; left out\n"
           "# R: it may have other attributes (xs:anyAttribute); left out\n"
           "# R: text may stand between its elements; it shows as residue\n"
           "# R: the schema lets its children stand in any order; here they stand in this one\n"
           "# R/u: a union of several simple types; taken as text\n"
           "# R/l: it may be nil (xsi:nil)\n"
           "# R/l: a list of values with blanks between; taken as one text\n"
           "# R/v: only certain values, which a table cannot hold: blanks in them, or too many\n"
           "# R/w: its type Gone is in none of the schemas that were read; taken as text\n"
           "# R/x: when it is missing or empty, d is meant\n");
    expect(SCHEMA "<xs:element name='R'><xs:complexType><xs:sequence><xs:element name='a' type='xs:string' minOccurs='0'/>"
                  "<xs:element name='b' type='xs:string'/><xs:element name='a' "
                  "type='xs:string'/></xs:sequence></xs:complexType></xs:element></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\nR/a\t0\t2\ttext\t-\ta\t-\t-\nR/b\t1\t1\ttext\t-\ta\t-\t-\n",
           "# R: a stands at several places of the schema, with others between; here all stand at the first\n");
}

/* ---- schemas without end ---- */

static void recursion(void)
{
    expect(SCHEMA "<xs:complexType name='Part'><xs:sequence><xs:element name='n' type='xs:string'/><xs:element name='part' "
                  "type='Part' minOccurs='0'"
                  " maxOccurs='unbounded'/></xs:sequence></xs:complexType><xs:element name='R' type='Part'/></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\nR/n\t1\t1\ttext\t-\ta\t-\t-\nR/part\t0\t*\t-\t-\ta\t-\t-\n",
           "# R/part: its type Part is within itself; what it holds is left out\n");
}

/* Two children of the next type each, forty types: 2^40 elements if it were laid out. 1 + 2 + 4 + 8 = 15 rows are the whole levels
 * that fit into 20. */
static void exponential_types(void)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_print(&b, "%s<xs:element name='R' type='T0'/>", SCHEMA);
    for (int i = 0; i < 40; i++)
        dgm_buffer_print(&b,
                         "<xs:complexType name='T%d'><xs:sequence><xs:element name='a' type='T%d'/><xs:element name='b' "
                         "type='T%d'/></xs:sequence></xs:complexType>",
                         i, i + 1, i + 1);
    dgm_buffer_print(&b, "<xs:complexType name='T40'/></xs:schema>%c", 0);
    const char *files[] = { "a.xsd", b.at, NULL };
import m;
    begin(&m, files);
    m.x.rows_max = 20;
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    CU_ASSERT_EQUAL(m.x.row_count, 15);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(m.x.out_format.at, "# R: only 4 levels were laid out (at most 20 rows and 32 levels are): 8 elements hold more\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(m.x.out_format.at, "# R/b/b/b: what it holds is left out: it stands at the deepest level that was laid out\n"));
    expect_loads(&m);
    end(&m);
    begin(&m, files);
    m.x.depth_max = 2;
    run(&m, "a.xsd");
    CU_ASSERT_EQUAL(m.x.row_count, 3);
    end(&m);
    begin(&m, files);
    run(&m, "a.xsd"); /* as it is: 2^14 - 1 = 16383 rows are within 20000 */
    CU_ASSERT_EQUAL(m.x.row_count, 16383);
    CU_ASSERT_TRUE(m.x.steps < DGM_XSD_STEPS_MAX);
    end(&m);
    dgm_buffer_free(&b);
}

/* Groups of two groups each: the limit of work ends it, with an error. */
static void exponential_groups(void)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_print(&b, "%s<xs:element name='R'><xs:complexType><xs:group ref='g0'/></xs:complexType></xs:element>", SCHEMA);
    for (int i = 0; i < 50; i++)
        dgm_buffer_print(&b,
                         "<xs:group name='g%d'><xs:sequence><xs:group ref='g%d'/><xs:group ref='g%d'/></xs:sequence></xs:group>", i,
                         i + 1, i + 1);
    dgm_buffer_print(&b, "<xs:group name='g50'><xs:sequence/></xs:group></xs:schema>%c", 0);
    const char *files[] = { "a.xsd", b.at, NULL };
    expect_error(files, "", "", DGM_D_XML_SCHEMA_WORK, "", 0);
    dgm_buffer_free(&b);
}

/* ---- schemas that are wrong ---- */

static void wrong_schemas(void)
{
    expect_error((const char *const[]){ NULL }, "", "", DGM_D_XML_SCHEMA_FILE, "", 0);
    expect_error((const char *const[]){ "a.xsd", "<a>\n</b>", NULL }, "", "", DGM_D_XML_SCHEMA_SYNTAX, "a.xsd", 2);
    expect_error((const char *const[]){ "a.xsd", "<!DOCTYPE x [<!ENTITY e 'e'>]>\n<x>&e;</x>", NULL }, "", "",
                 DGM_D_XML_SCHEMA_DOCTYPE, "a.xsd", 0);
    expect_error((const char *const[]){ "a.xsd", "<x/>", NULL }, "", "", DGM_D_XML_SCHEMA_NONE, "a.xsd", 1);
    const char *two[] = { "a.xsd", SCHEMA "<xs:element name='A'/>\n<xs:element name='B'/></xs:schema>", NULL };
    expect_error(two, "", "", DGM_D_XML_SCHEMA_ROOT, "", 0);
    expect_error(two, "C", "", DGM_D_XML_SCHEMA_ELEMENT, "", 0);
    expect_error(two, "A", "B", DGM_D_XML_SCHEMA_PAYLOAD, "a.xsd", 1);
    expect_error(
        (const char *const[]){
            "a.xsd", SCHEMA "<xs:simpleType name='T'><xs:restriction base='xs:string'/></xs:simpleType></xs:schema>", NULL },
        "", "", DGM_D_XML_SCHEMA_TYPES, "", 0);
    expect_error(
        (const char *const[]){
            "a.xsd",
            SCHEMA "<xs:element name='R' type='A'/>\n<xs:complexType name='A'><xs:complexContent><xs:extension base='B'/>"
                   "</xs:complexContent></xs:complexType>\n<xs:complexType name='B'><xs:complexContent>"
                   "<xs:extension base='A'/></xs:complexContent></xs:complexType></xs:schema>",
            NULL },
        "", "", DGM_D_XML_SCHEMA_CIRCLE, "a.xsd", 2);
    expect_error(
        (const char *const[]){
            "a.xsd",
            SCHEMA
            "<xs:element name='R' type='A'/>\n<xs:simpleType name='A'><xs:restriction base='A'/></xs:simpleType></xs:schema>",
            NULL },
        "", "", DGM_D_XML_SCHEMA_CIRCLE, "a.xsd", 2);
    expect_error(
        (const char *const[]){ "a.xsd",
                               SCHEMA
                               "<xs:element name='R'><xs:complexType><xs:attributeGroup ref='g'/></xs:complexType></xs:element>\n"
                               "<xs:attributeGroup name='g'><xs:attributeGroup ref='g'/></xs:attributeGroup></xs:schema>",
                               NULL },
        "", "", DGM_D_XML_SCHEMA_CIRCLE, "a.xsd", 2);
    expect_error((const char *const[]){ "a.xsd",
                                        SCHEMA
                                        "<xs:element name='R'><xs:complexType><xs:group ref='g'/></xs:complexType></xs:element>\n"
                                        "<xs:group name='g'><xs:sequence><xs:group ref='g'/></xs:sequence></xs:group></xs:schema>",
                                        NULL },
                 "", "", DGM_D_XML_SCHEMA_WORK, "a.xsd", 2);
}

static void too_many_namespaces(void)
{
    dgm_buffer b[18];
    char names[18][16];
    const char *files[37];
    for (int i = 0; i < 18; i++) {
        snprintf(names[i], sizeof names[i], i ? "%d.xsd" : "a.xsd", i);
        dgm_buffer_init(&b[i], NULL);
        dgm_buffer_print(&b[i],
                         "<xs:schema xmlns:xs='" XS "' xmlns:n='urn:%d' targetNamespace='urn:%d' elementFormDefault='qualified'>",
                         i + 1, i);
        if (i < 17) dgm_buffer_print(&b[i], "<xs:import namespace='urn:%d' schemaLocation='%d.xsd'/>", i + 1, i + 1);
        dgm_buffer_print(&b[i], "<xs:element name='e%d'><xs:complexType><xs:sequence>", i);
        if (i < 17) dgm_buffer_print(&b[i], "<xs:element ref='n:e%d'/>", i + 1);
        dgm_buffer_print(&b[i], "</xs:sequence></xs:complexType></xs:element></xs:schema>%c", 0);
        files[2 * i] = names[i];
        files[2 * i + 1] = b[i].at;
    }
    files[36] = NULL;
    expect_error(files, "", "", DGM_D_XML_SCHEMA_NAMESPACES, "16.xsd", 1);
    for (int i = 0; i < 18; i++) dgm_buffer_free(&b[i]);
}

/* What was not read is a warning, and a remark at each place. */
static void warnings(void)
{
    const char *files[] = { "a.xsd",
                            "<xs:schema xmlns:xs='" XS "' xmlns:n='urn:n'>\n<xs:import namespace='urn:n' schemaLocation='n.xsd'/>\n"
                            "<xs:redefine schemaLocation='b.xsd'/><xs:element name='R'><xs:complexType><xs:sequence>"
                            "<xs:element ref='n:e'/></xs:sequence></xs:complexType></xs:element></xs:schema>",
                            "b.xsd", "<xs:schema xmlns:xs='" XS "'/>", NULL };
import m;
    begin(&m, files);
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_count(m.diags), 2);
    CU_ASSERT_EQUAL(dgm_diags_at(m.diags, 0)->code, DGM_D_XML_SCHEMA_LEFT);
    CU_ASSERT_EQUAL(dgm_diags_at(m.diags, 0)->line, 2);
    CU_ASSERT_EQUAL(dgm_diags_at(m.diags, 1)->code, DGM_D_XML_SCHEMA_REDEFINE);
    TEST_TEXT(rows_of(&m), "R\t1\t1\t-\t-\t-\t-\t-\n");
    TEST_TEXT(remarks_of(&m), "# R: its child e is in none of the schemas that were read; left out\n");
    end(&m);
}

/* ---- names and texts that would break the files that are made ---- */

static void expect_no_name(const char *target, const char *content)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_buffer_print(&b,
                                           "<xs:schema xmlns:xs='" XS "' targetNamespace='%s' elementFormDefault='qualified'>"
                                           "<xs:element name='R'><xs:complexType>\n%s</xs:complexType></xs:element></xs:schema>%c",
                                           target, content, 0),
                          DGM_OK);
    expect_error((const char *const[]){ "a.xsd", b.at, NULL }, "", "", DGM_D_XML_SCHEMA_NAME, "a.xsd", *content ? 2 : 1);
    dgm_buffer_free(&b);
}

static void no_names(void)
{
    static const char *const names[] = { "", "a b", "a&#9;b", "a&#10;b", "a/b", "a:b", "1a", "-a", "a&#xfeff;", "a#x", "&#x2028;" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char content[120];
        snprintf(content, sizeof content, "<xs:sequence><xs:element name='%s'/></xs:sequence>", names[i]);
        expect_no_name("urn:a", content);
        snprintf(content, sizeof content, "<xs:attribute name='%s'/>", names[i]);
        expect_no_name("urn:a", content);
    }
    expect_no_name("urn:a&#10;root: b", "");
    expect_no_name("urn:&#x7f;", "");
    CU_ASSERT_TRUE(dgm_xsd_ncname(DGM_LITERAL("_D\xc3\xa9"
                                              "claration.2-b")));
    CU_ASSERT_FALSE(dgm_xsd_ncname(DGM_LITERAL("a\xc3")));
}

static void awkward_texts(void)
{
    expect(SCHEMA "<xs:element name='R'><xs:complexType><xs:sequence><xs:element name='f' fixed='a&#9;b'/>"
                  "<xs:element name='p'><xs:simpleType><xs:restriction base='xs:string'>"
                  "<xs:pattern value='x&#x2028;root: b&#x7f;&#x85;|&#xe9;'/></xs:restriction></xs:simpleType></xs:element>"
                  "<xs:element name='m' type='xs:token' minOccurs='5' maxOccurs='2'/></xs:sequence></xs:complexType>"
                  "</xs:element></xs:schema>",
           "R\t1\t1\t-\t-\ta\t-\t-\nR/f\t1\t1\ttext\t-\ta\t-\t-\nR/p\t1\t1\ttext\t-\ta\t-\t-\nR/m\t5\t5\tcode\t-\ta\t-\t-\n",
           "# R: m must stand 5 times, and may stand only 2; taken as the former\n# R/f: may hold anything (xs:anyType); taken as "
           "text\n# R/f: always \"a b\"\n# R/p: pattern x   root: b   |\xc3\xa9\n");
    char pattern[1201] = "", schema[2000];
    for (size_t i = 0; i < 600; i++) memcpy(pattern + 2 * i, "\xc3\xa9", 3);
    snprintf(schema, sizeof schema,
             SCHEMA "<xs:element name='R'><xs:simpleType><xs:restriction base='xs:string'><xs:pattern value='%s'/></xs:restriction>"
                    "</xs:simpleType></xs:element></xs:schema>",
             pattern);
import m;
    begin(&m, (const char *const[]){ "a.xsd", schema, NULL });
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    CU_ASSERT_EQUAL(dgm_utf8_check(m.x.out_format), m.x.out_format.len); /* a remark is not cut within a character */
    CU_ASSERT_TRUE(remarks_of(&m).len > 500);
    end(&m);
}

/* A namespace that YAML would read otherwise stands in quotes. */
static void quoted_namespaces(void)
{
    static const char *const pairs[] = { "urn:a: b",
                                         "\nnamespace.main: 'urn:a: b'\n",
                                         "it&apos;s #1",
                                         "\nnamespace.main: 'it''s #1'\n",
                                         "urn:a?b=1",
                                         "\nnamespace.main: urn:a?b=1\n",
                                         NULL };
    for (const char *const *p = pairs; *p; p += 2) {
        char schema[300];
        snprintf(schema, sizeof schema, "<xs:schema xmlns:xs='" XS "' targetNamespace='%s'><xs:element name='R'/></xs:schema>", *p);
import m;
        begin(&m, (const char *const[]){ "a.xsd", schema, NULL });
        run(&m, "a.xsd");
        CU_ASSERT_FALSE(m.x.failed);
        CU_ASSERT_PTR_NOT_NULL(memmem(m.x.out_format.at, m.x.out_format.len, p[1], strlen(p[1])));
        end(&m);
    }
}

/* ---- much of one thing ---- */

/* Each of n elements may stand for H; twice the members are twice the steps, and each is met once, doubled or not. */
static uint64_t steps_of_members(int n, bool doubled)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_print(&b, SCHEMA "<xs:element name='H' abstract='true'/>");
    for (int i = 0; i < n; i++) dgm_buffer_print(&b, "<xs:element name='m%d' substitutionGroup='H'/>", doubled ? i / 2 : i);
    dgm_buffer_print(&b,
                     "<xs:element name='R'><xs:complexType><xs:sequence><xs:element ref='H'/></xs:sequence></xs:complexType>"
                     "</xs:element></xs:schema>%c",
                     0);
import m;
    begin(&m, (const char *const[]){ "a.xsd", b.at, NULL });
    m.x.root = DGM_LITERAL("R");
    run(&m, "a.xsd");
    CU_ASSERT_FALSE(m.x.failed);
    CU_ASSERT_EQUAL(m.x.row_count, (size_t)(doubled ? n / 2 : n) + 1);
    uint64_t steps = m.x.steps;
    end(&m);
    dgm_buffer_free(&b);
    return steps;
}

static void many_members(void)
{
    CU_ASSERT_TRUE(steps_of_members(8000, false) < 3 * steps_of_members(4000, false));
    CU_ASSERT_TRUE(steps_of_members(8000, true) <= steps_of_members(8000, false));
}

static void many_attributes(void)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_print(&b, SCHEMA "<xs:element name='R'><xs:complexType>");
    for (int i = 0; i < 5000; i++) dgm_buffer_print(&b, "<xs:attribute name='a%d'/>\n", i);
    dgm_buffer_print(&b, "</xs:complexType></xs:element></xs:schema>%c", 0);
    expect_error((const char *const[]){ "a.xsd", b.at, NULL }, "", "", DGM_D_XML_SCHEMA_WORK, "a.xsd", 4097);
    dgm_buffer_free(&b);
}

/* A union of one list of codes a thousand times over: what does not fit into a table is text, and a remark. */
static void large_union(void)
{
    dgm_buffer b;
    dgm_buffer_init(&b, NULL);
    dgm_buffer_print(&b, SCHEMA "<xs:simpleType name='C'><xs:restriction base='xs:token'><xs:enumeration value='");
    for (int i = 0; i < 1000; i++) dgm_buffer_print(&b, "0123456789");
    dgm_buffer_print(&b, "'/></xs:restriction></xs:simpleType><xs:element name='R'><xs:simpleType><xs:union memberTypes='");
    for (int i = 0; i < 1000; i++) dgm_buffer_print(&b, "C ");
    dgm_buffer_print(&b, "'/></xs:simpleType></xs:element></xs:schema>%c", 0);
    expect(b.at, "R\t1\t1\ttext\t-\ta\t-\t-\n",
           "# R: a union of several simple types; taken as text\n# R: only certain values, which a table cannot hold: blanks in "
           "them, or "
           "too many\n");
    dgm_buffer_free(&b);
}

static void every_code_was_said(void)
{
    static const struct {
        uint32_t number;
        const char *name;
    } codes[] = {
#define X(id, number, name, text, hint) { number, name },
#include "base/diag_codes/xml_schema.def"
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CU_ASSERT_FATAL(codes[i].number >= FIRST_CODE && codes[i].number < FIRST_CODE + CODES);
        if (!seen[codes[i].number - FIRST_CODE]) fprintf(stderr, "no case says %s\n", codes[i].name);
        CU_ASSERT(seen[codes[i].number - FIRST_CODE]);
    }
}

static dgm_status import_once(const dgm_mem *mem, void *ctx)
{
    dgm_xsd *x = calloc(1, sizeof *x);
    dgm_xsd_init(x, mem, NULL);
    x->source = (dgm_xsd_source){ read_shelf, ctx };
    x->root = DGM_LITERAL("R");
    dgm_xsd_load(x, DGM_LITERAL("a.xsd"));
    if (!x->failed && !x->no_memory) dgm_xsd_lay_out(x);
    dgm_xsd_write(x);
    dgm_status st = x->no_memory ? DGM_NOMEM : x->failed ? DGM_CONFIG : DGM_OK;
    dgm_xsd_free(x);
    free(x);
    return st;
}

static void no_memory(void)
{
    static const char *const files[] = {
        "a.xsd",
        SCHEMA "<xs:element name='H' type='S' abstract='true'/><xs:element name='M' substitutionGroup='H'/><xs:element name='N' "
               "substitutionGroup='H'/>"
               "<xs:simpleType name='S'><xs:restriction base='xs:string'><xs:enumeration value='A'/><xs:enumeration "
               "value='B'/><xs:pattern value='x|y'/>"
               "</xs:restriction></xs:simpleType><xs:element name='R'><xs:complexType><xs:sequence><xs:element ref='H'/><xs:choice>"
               "<xs:element name='a' type='S'/><xs:element name='b' type='xs:date'/></xs:choice></xs:sequence><xs:attribute "
               "name='c'/></xs:complexType>"
               "</xs:element></xs:schema>",
        NULL
    };
    shelf s = { files };
    CU_ASSERT_TRUE(test_each_allocation_fails(import_once, &s) > 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "both files, byte by byte", whole_files },
        { "simple types: lengths, digits, codes, amounts", values },
        { "content models: extension, restriction, choice, groups", content_models },
        { "dates, identifiers, elements without a namespace", conventions },
        { "includes, imports, substitution groups, an envelope", several_files },
        { "two of one name in two namespaces", twins },
        { "what a profile cannot say is a remark", remarks },
        { "a type within itself", recursion },
        { "types that double", exponential_types },
        { "groups that double", exponential_groups },
        { "schemas that are wrong", wrong_schemas },
        { "too many namespaces", too_many_namespaces },
        { "files that are not there, and redefined ones", warnings },
        { "names that are none", no_names },
        { "texts that would break the files", awkward_texts },
        { "namespaces in quotes", quoted_namespaces },
        { "many elements that stand for one", many_members },
        { "many attributes", many_attributes },
        { "a union with many codes", large_union },
        { "every code was said", every_code_was_said },
        { "no memory", no_memory },
        { 0 },
    };
    return test_main("xml import", cases);
}
