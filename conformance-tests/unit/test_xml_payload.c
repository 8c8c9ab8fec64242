/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_payload.c - documents in an envelope, as Base64: read as what they are, told of where they stand, written into it again;
 * documents in other encodings than UTF-8; elements in any order; memory that fails. One thread. The Base64 here was made by
 * base64(1).
 */
#include "xml_tests.h"

static const char ENVELOPE[] = "format: env\ncodec: xml\ntable: e.tsv\nreference: Env/ID\nsender: Env/From\nrecipient: Env/To\n"
                               "payload: Env/Data\nnamespace.e: urn:e\nprefix.e: e\n";
static const char ENVELOPE_TABLE[] = "path\nEnv\t1\t1\t-\t-\te\nEnv/ID\t0\t1\tid\t-\te\nEnv/From\t1\t1\tid\t-\te\n"
                                     "Env/To\t0\t*\tid\t-\te\nEnv/Data\t0\t1\ttext\t-\te\nEnv/Data/@kind\t0\t1\ttext\t-\t-\n";
static const char NOTE[] =
    "format: note\ncodec: xml\ntable: n.tsv\nreference: Note/ID\norder: any\nencoding: GB18030\nnamespace.n: urn:n\n";
static const char NOTE_TABLE[] = "path\nNote\t1\t1\t-\t-\tn\nNote/ID\t1\t1\tid\t-\tn\nNote/Count\t0\t2\tnumber\t-\tn\n"
                                 "Note/Text\t0\t1\ttext\t-\tn\nNote/Text/@lang\t0\t1\tcode\t-\t-\n";

typedef struct two {
    xml_format note, envelope;
    const dgm_format *list[2];
} two;

static void make_both(two *t)
{
    *t = (two){ 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&t->note, NULL, dgm_slice_of(NOTE), dgm_slice_of(NOTE_TABLE), NULL), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&t->envelope, NULL, dgm_slice_of(ENVELOPE), dgm_slice_of(ENVELOPE_TABLE), NULL), DGM_OK);
    t->list[0] = &t->note.format;
    t->list[1] = &t->envelope.format;
}

static void free_both(two *t)
{
    xml_format_free(&t->note);
    xml_format_free(&t->envelope);
}

/* <Note> with ID 7 and the text "a&中", as this writer lays it out, in UTF-8. */
#define GOOD                                                                                                                       \
    "PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz4KPE5vdGUgeG1sbnM9InVybjpuIj4KICA8SUQ+NzwvSUQ+CiAgPFRleHQ+YSZhbXA75LitPC9U" \
    "ZXh0Pgo8L05vdGU+Cg=="

static const char WRITTEN[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                              "<e:Env xmlns:e=\"urn:e\">\n"
                              "  <e:ID>E1</e:ID>\n"
                              "  <e:From>ann</e:From>\n"
                              "  <e:To>bob</e:To>\n"
                              "  <e:Data kind=\"b\">" GOOD "</e:Data>\n"
                              "</e:Env>\n";

typedef struct told {
    int count;
    char text[200];
} told;

static void hear(void *ctx, const dgm_envelope *e)
{
    told *t = ctx;
    size_t n = (size_t)snprintf(t->text, sizeof t->text, "%.*s", (int)e->tag.len, e->tag.at);
    t->count++;
    for (size_t i = 0; i < e->count && n < sizeof t->text; i++)
        n += (size_t)snprintf(t->text + n, sizeof t->text - n, " %.*s=%.*s", (int)e->values[i].name.len, e->values[i].name.at,
                              (int)e->values[i].text.len, e->values[i].text.at);
}

static void opened_and_written(void)
{
    two t;
    make_both(&t);
    for (size_t chunk = 0; chunk < 3; chunk++) {
        told heard = { 0 };
        dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, t.list, 2);
        host.envelope = hear;
        host.envelope_ctx = &heard;
        dgm_reader *r;
        dgm_message m;
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL_FATAL(xml_read(&host, NULL, 0, dgm_slice_of(WRITTEN), chunk * 7, &r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        CU_ASSERT(dgm_tree_sound(m.tree));
        CU_ASSERT_PTR_EQUAL(m.format, &t.note.format);
        TEST_TEXT(m.type, "Note");
        TEST_TEXT(m.reference, "7");
        TEST_TEXT(m.sender, "ann");
        TEST_TEXT(m.recipient, "bob");
        TEST_TEXT(m.interchange_reference, "E1");
        CU_ASSERT_EQUAL(m.bytes, sizeof WRITTEN - 1);
        CU_ASSERT(m.tree->recoded);
        CU_ASSERT_EQUAL(m.tree->base, (uint64_t)(strstr(WRITTEN, "PD94") - WRITTEN));
        CU_ASSERT_EQUAL(heard.count, 1);
        CU_ASSERT_STRING_EQUAL(heard.text, "Env ID=E1 From=ann To=bob @kind=b");
        dgm_host plain = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
        CU_ASSERT_EQUAL(xml_write(&plain, m.format, NULL, 0, m.tree, &out), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), WRITTEN);
        /* a copy has its envelope too */
        dgm_mem mem = dgm_mem_default();
        dgm_tree *copy;
        CU_ASSERT_EQUAL_FATAL(dgm_tree_own(m.tree, &mem, &copy), DGM_OK);
        dgm_codec_xml.recycle(r, &m);
        CU_ASSERT_PTR_NULL(m.tree);
        out.len = 0;
        CU_ASSERT_EQUAL(xml_write(&plain, &t.note.format, NULL, 0, copy, &out), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), WRITTEN);
        /* alone, and in the encoding of its own format */
        const dgm_setting alone[] = { { DGM_LITERAL("envelope"), DGM_LITERAL("no") }, { DGM_LITERAL("indent"), DGM_LITERAL("0") } };
        out.len = 0;
        CU_ASSERT_EQUAL(xml_write(&plain, &t.note.format, alone, 2, copy, &out), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&out), "<?xml version=\"1.0\" encoding=\"GB18030\"?><Note xmlns=\"urn:n\"><ID>7</ID>"
                                          "<Text>a&amp;\xD6\xD0</Text></Note>\n");
        dgm_tree_free(copy);
        dgm_codec_xml.close(r);
        dgm_buffer_free(&out);
    }
    free_both(&t);
}

/* Whichever of the two is asked for, the document comes out. */
static void asked_for_one(void)
{
    two t;
    make_both(&t);
    for (size_t i = 0; i < 2; i++) {
        dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, t.list, 2);
        host.formats = t.list + i;
        host.format_count = 1;
        dgm_reader *r;
        dgm_message m;
        CU_ASSERT_EQUAL_FATAL(xml_read(&host, NULL, 0, dgm_slice_of(WRITTEN), 0, &r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.errors, 0);
        CU_ASSERT_PTR_EQUAL(m.format, &t.note.format);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
    }
    free_both(&t);
}

#define ENV(DATA) "<Env><From>a</From><Data>" DATA "</Data></Env>"
/* long: a table of documents with what is said of each. */
static void what_is_wrong(void)
{
    static const struct {
        const char *document;
        bool tree;
        const char *said;
    } rows[] = {
        { "<Env><From>a</From></Env>", true,
          "in.xml:1:1: error[xml.payload.empty]: the envelope holds no document: <Data> is empty or missing\n"
          "  message 1, offset 0\n"
          "    <Env><From>a</From></Env>\n"
          "    ^\n" },
        { ENV(""), true,
          "in.xml:1:26: error[xml.payload.empty]: the envelope holds no document: <Data> is empty or missing\n"
          "  message 1, offset 25\n"
          "    <Env><From>a</From><Data></Data></Env>\n"
          "                             ^\n" },
        { ENV("QUJD*"), true,
          "in.xml:1:30: error[xml.payload.base64]: <Data> is no Base64: a character that has no place there\n"
          "  message 1, offset 29\n"
          "    <Env><From>a</From><Data>QUJD*</Data></Env>\n"
          "                                 ^\n"
          "  hint: letters, digits, + and /, in groups of four; the last group is filled up with =\n" },
        { ENV("QUJ"), true,
          "in.xml:1:28: error[xml.payload.base64]: <Data> is no Base64: the last group is not whole\n"
          "  message 1, offset 27\n"
          "    <Env><From>a</From><Data>QUJ</Data></Env>\n"
          "                               ^\n"
          "  hint: letters, digits, + and /, in groups of four; the last group is filled up with =\n" },
        { ENV("Q==="), true,
          "in.xml:1:27: error[xml.payload.base64]: <Data> is no Base64: a group begins with =\n"
          "  message 1, offset 26\n"
          "    <Env><From>a</From><Data>Q===</Data></Env>\n"
          "                              ^\n"
          "  hint: letters, digits, + and /, in groups of four; the last group is filled up with =\n" },
        { ENV("QQ==QQ=="), true,
          "in.xml:1:30: error[xml.payload.base64]: <Data> is no Base64: something stands behind its end\n"
          "  message 1, offset 29\n"
          "    <Env><From>a</From><Data>QQ==QQ==</Data></Env>\n"
          "                                 ^\n"
          "  hint: letters, digits, + and /, in groups of four; the last group is filled up with =\n" },
        { ENV("PEVudiB4bWxucz0idXJuOmUiPjxGcm9tPkE8L0Zyb20+PERhdGE+UVE9PTwvRGF0YT48L0Vudj4="), true,
          "in.xml:1:26: error[xml.payload.nested]: the document in the envelope is an envelope itself, <Env>, and is not opened\n"
          "  offset 25\n"
          "    <Env><From>a</From><Data>PEVudiB4bWxucz0idXJuOmUiPjxGcm9tPkE8L0Zyb20+PERhdGE+UVE9PTwvRGF0YT48L0Vudj4=</Data></Env>\n"
          "                             ^\n"
          "  hint: send one envelope around one document\n" },
        { ENV("PEFsaWVuLz4="), true,
          "in.xml:1:26: error[xml.root.unknown]: no format that is loaded begins with <Alien>\n"
          "  message 1, offset 25\n"
          "    <Alien/>\n"
          "    ^~~~~~\n"
          "  hint: `dragoman formats` lists what can be read\n" },
        /* <Note xmlns="urn:n"><ID>7</ID><Count>x</Count></Note>: the x is byte 37, of the group at letter 48, two lines down */
        { ENV("PE5vdGUgeG1sbnM9InVybjpuIj48\nSUQ+NzwvSUQ+PENv\ndW50Png8L0NvdW50PjwvTm90ZT4="), true,
          "in.xml:3:5: error[xml.value.number]: Count is no number: \"x\"\n"
          "  message 7 (Count), offset 75\n"
          "    <Note xmlns=\"urn:n\"><ID>7</ID><Count>x</Count></Note>\n"
          "                                         ^\n"
          "  hint: digits with a full stop as decimal mark, no grouping\n" },
    };
    two t;
    make_both(&t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        dgm_diags *d;
        dgm_buffer out;
        dgm_reader *r;
        dgm_message m;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
        dgm_host host = dgm_host_make(NULL, NULL, d, NULL, t.list, 2);
        CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, dgm_slice_of(rows[i].document), 0, &r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.tree != NULL, rows[i].tree);
        CU_ASSERT_EQUAL(m.errors, 1);
        CU_ASSERT_EQUAL(dgm_diags_errors(d), 1);
        dgm_diag_style style = { .input_name = DGM_LITERAL("in.xml"), .input = dgm_slice_of(rows[i].document) };
        for (size_t k = 0; k < dgm_diags_count(d); k++)
            if (dgm_diags_at(d, k)->severity == DGM_ERROR) (void)dgm_diag_print(dgm_diags_at(d, k), &style, dgm_buffer_sink(&out));
        TEST_TEXT(dgm_buffer_slice(&out), rows[i].said);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
        dgm_diags_free(d);
        dgm_buffer_free(&out);
    }
    free_both(&t);
}

/* A document of more bytes than a value may have; and one beyond what was said to be enough. */
static void long_document(void)
{
    two t;
    make_both(&t);
    const size_t count = 400000; /* groups of "ICAg": three blanks */
    static const char head[] = "<Env><From>a</From><Data>PE5vdGU+PElEPjc8L0lEPiAg", tail[] = "PC9Ob3RlPiAg</Data></Env>";
    char *all = malloc(sizeof head + count * 4 + sizeof tail);
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    size_t n = sizeof head - 1;
    memcpy(all, head, n);
    for (size_t i = 0; i < count; i++, n += 4) memcpy(all + n, "ICAg", 4);
    memcpy(all + n, tail, sizeof tail - 1);
    n += sizeof tail - 1;
    static const dgm_limits set = { .segment_bytes_max = 1 << 20 };
    for (size_t k = 0; k < 4; k++) {
        dgm_reader *r;
        dgm_message m;
        dgm_host host = dgm_host_make(NULL, k & 1 ? &set : NULL, NULL, NULL, t.list, 2);
        CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, (dgm_slice){ all, n }, k & 2 ? 5000 : 0, &r, &m), DGM_OK);
        CU_ASSERT_EQUAL(m.errors, k & 1);
        CU_ASSERT_EQUAL(m.tree != NULL, !(k & 1));
        if (m.tree) TEST_TEXT(m.reference, "7");
        dgm_codec_xml.recycle(r, &m);
        dgm_codec_xml.close(r);
    }
    free(all);
    free_both(&t);
}

static void rewritten(const two *t, const char *input, const dgm_setting *settings, size_t n, const char *wanted, dgm_status status)
{
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, t->list, 2);
    dgm_reader *r;
    dgm_message m;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_read(&host, NULL, 0, dgm_slice_of(input), 0, &r, &m), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
    CU_ASSERT_EQUAL(xml_write(&host, m.format, settings, n, m.tree, &out), status);
    TEST_TEXT(dgm_buffer_slice(&out), wanted);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_buffer_free(&out);
}

static void encodings(void)
{
    two t;
    make_both(&t);
    static const char note[] = "<Note xmlns=\"urn:n\"><ID>7</ID><Text lang=\"\303\244\">\344\270\255&lt;\303\244</Text></Note>";
    dgm_setting s[] = { { DGM_LITERAL("encoding"), DGM_LITERAL("ISO-8859-1") }, { DGM_LITERAL("indent"), DGM_LITERAL("0") } };
    /* what the set lacks becomes a reference: U+4E2D is 20013 */
    rewritten(&t, note, s, 2,
              "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Note xmlns=\"urn:n\"><ID>7</ID>"
              "<Text lang=\"\xE4\">&#20013;&lt;\xE4</Text></Note>\n",
              DGM_OK);
    s[0].value = DGM_LITERAL("US-ASCII");
    rewritten(&t, note, s, 2,
              "<?xml version=\"1.0\" encoding=\"US-ASCII\"?><Note xmlns=\"urn:n\"><ID>7</ID>"
              "<Text lang=\"&#228;\">&#20013;&lt;&#228;</Text></Note>\n",
              DGM_OK);
    s[0].value = DGM_LITERAL("UTF-8");
    rewritten(&t, note, s, 2,
              "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Note xmlns=\"urn:n\"><ID>7</ID>"
              "<Text lang=\"\303\244\">\344\270\255&lt;\303\244</Text></Note>\n",
              DGM_OK);
    s[0].value = DGM_LITERAL("NO-SUCH-SET");
    rewritten(&t, note, s, 2, "", DGM_INVALID);
    free_both(&t);
    /* a name cannot be a reference */
    static const char table[] = "path\n\344\270\255\t1\t1\ttext\t-\t-\n";
    two odd = { 0 };
    CU_ASSERT_EQUAL_FATAL(
        xml_format_make(&odd.note, NULL, DGM_LITERAL("format: o\ncodec: xml\ntable: o.tsv\n"), dgm_slice_of(table), NULL), DGM_OK);
    odd.list[0] = &odd.note.format;
    dgm_diags *d;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 10, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, odd.list, 1);
    dgm_builder *b;
    dgm_tree *tree;
    dgm_mem mem = dgm_mem_default();
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL(dgm_builder_begin(b, odd.note.shape, false), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &tree, NULL), DGM_OK);
    s[0].value = DGM_LITERAL("ISO-8859-1");
    CU_ASSERT_NOT_EQUAL(xml_write(&host, &odd.note.format, s, 2, tree, &out), DGM_OK);
    CU_ASSERT_EQUAL(out.len, 0);
    dgm_builder_recycle(b, tree);
    dgm_builder_free(b);
    dgm_buffer_free(&out);
    dgm_diags_free(d);
    xml_format_free(&odd.note);
}

static void any_order(void)
{
    two t;
    make_both(&t);
    const dgm_setting s[] = { { DGM_LITERAL("declaration"), DGM_LITERAL("no") }, { DGM_LITERAL("indent"), DGM_LITERAL("0") } };
    static const char mixed[] = "<Note xmlns=\"urn:n\"><Count>1</Count><Text>t</Text><Count>2</Count><ID>7</ID></Note>\n";
    rewritten(&t, mixed, s, 2, mixed, DGM_OK);
    /* how often, and what must be there, holds all the same: on the way in and on the way out */
    rewritten(&t, "<Note><Count>1</Count><ID>7</ID><Count>2</Count><Text/><Count>3</Count></Note>", s, 2, "", DGM_INVALID);
    rewritten(&t, "<Note><Text>t</Text><Count>2</Count></Note>", s, 2, "", DGM_INVALID);
    free_both(&t);
}

static void wrong_settings(void)
{
    static const char *const rows[] = { "order: some\n",       "encoding: no name\n", "payload: Env\n",
                                        "payload: Env/None\n", "sender: Env/None\n",  "payload-encoding: -\n" };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[300];
        snprintf(yaml, sizeof yaml, "format: env\ncodec: xml\ntable: e.tsv\nnamespace.e: urn:e\nprefix.e: e\n%s", rows[i]);
        xml_format f = { 0 };
        dgm_diags *d;
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 10, &d), DGM_OK);
        CU_ASSERT_EQUAL(xml_format_make(&f, NULL, dgm_slice_of(yaml), dgm_slice_of(ENVELOPE_TABLE), d), DGM_CONFIG);
        CU_ASSERT_EQUAL(dgm_diags_count(d), 1);
        if (dgm_diags_count(d)) CU_ASSERT_STRING_EQUAL(dgm_diag_name(dgm_diags_at(d, 0)->code), "xml.profile.setting");
        xml_format_free(&f);
        dgm_diags_free(d);
    }
}

/* A root that is called as the payload of another format is: the namespace tells, or what stands first in it. */
static void root_or_payload(void)
{
    static const struct {
        const char *document;
        bool other;
    } rows[] = {
        { "<Body xmlns=\"urn:body\"><ID>1</ID></Body>", false },
        { "<Body xmlns=\"urn:other\"><ID>1</ID></Body>", true },
        { "<Body><ID>1</ID></Body>", false },
        { "<Body><!-- <X/> --><ID>1</ID></Body>", false },
        { "<Body><X>1</X></Body>", true },
        { "<Body xmlns=\"urn:third\"><q:X xmlns:q=\"urn:other\">1</q:X></Body>", true },
        { "<Body/>", true },
    };
    xml_format letter, other = { 0 };
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&letter), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(xml_format_make(&other, NULL,
                                          DGM_LITERAL("format: o\ncodec: xml\ntable: o.tsv\nnamespace.o: urn:other\n"),
                                          DGM_LITERAL("path\nBody\t1\t1\t-\t-\to\nBody/X\t0\t1\ttext\t-\to\n"), NULL),
                          DGM_OK);
    const dgm_format *orders[2][2] = { { &letter.format, &other.format }, { &other.format, &letter.format } };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, orders[i % 2], 2);
        dgm_reader *r;
        dgm_message m;
        CU_ASSERT_EQUAL_FATAL(xml_read(&host, NULL, 0, dgm_slice_of(rows[i / 2].document), 0, &r, &m), DGM_OK);
        CU_ASSERT_PTR_EQUAL(m.format, rows[i / 2].other ? &other.format : &letter.format);
        dgm_tree_free(m.tree);
        dgm_codec_xml.close(r);
    }
    xml_format_free(&letter);
    xml_format_free(&other);
}

static dgm_status read_write(const dgm_mem *mem, void *ctx)
{
    two *t = ctx;
    dgm_host host = dgm_host_make(mem, NULL, NULL, NULL, t->list, 2);
    dgm_reader *r = NULL;
    dgm_message m = { 0 };
    dgm_buffer out;
    dgm_buffer_init(&out, mem);
    dgm_status st = xml_read(&host, NULL, 0, dgm_slice_of(WRITTEN), 20, &r, &m);
    if (st == DGM_OK) {
        const dgm_setting set = { DGM_LITERAL("encoding"), DGM_LITERAL("GB18030") };
        CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
        st = xml_write(&host, m.format, &set, 1, m.tree, &out);
        dgm_tree *copy = NULL;
        if (st == DGM_OK) st = dgm_tree_own(m.tree, mem, &copy);
        dgm_tree_free(copy);
        dgm_codec_xml.recycle(r, &m);
    }
    dgm_codec_xml.close(r);
    dgm_buffer_free(&out);
    return st;
}

static void memory_fails(void)
{
    two t;
    make_both(&t);
    CU_ASSERT(test_each_allocation_fails(read_write, &t) > 10);
    free_both(&t);
}

static const test_case cases[] = {
    { "a document is taken out of its envelope, and written into it again", opened_and_written },
    { "by name of the envelope, or of what is in it", asked_for_one },
    { "what can be wrong, and where", what_is_wrong },
    { "a document longer than any value", long_document },
    { "documents in other encodings", encodings },
    { "elements in any order", any_order },
    { "settings of a format that are wrong", wrong_settings },
    { "a root that is called as a payload is", root_or_payload },
    { "each allocation fails", memory_fails },
    { 0 },
};

int main(void)
{
    return test_main("xml_payload", cases);
}
