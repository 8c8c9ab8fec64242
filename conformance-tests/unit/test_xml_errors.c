/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_errors.c - everything the XML codec can say, byte for byte as it is printed, one row at least for each code of xml.def:
 * documents, limits, element tables, trees that cannot be written. One thread.
 * Documents stand in xml_error_rows.def.
 */
#include "xml_tests.h"

typedef struct error_row {
    const char *name, *document;
    bool limited, tree; /* read with the small limits below; a tree comes out in spite of it */
    const char *said;
} error_row;

static const dgm_limits small = {
    .message_bytes_max = 200, .segment_bytes_max = 40, .nodes_max = 8, .depth_max = 4, .attributes_max = 2, .name_bytes_max = 12
};

/* clang-format off */
static const error_row rows[] = {
#include "xml_error_rows.def"
};
/* clang-format on */

enum { FIRST_CODE = 2000, CODES = 100 };
static bool seen[CODES];

static void note(const dgm_diags *d)
{
    for (size_t i = 0; i < dgm_diags_count(d); i++) {
        uint32_t code = dgm_diags_at(d, i)->code;
        if (code >= FIRST_CODE && code < FIRST_CODE + CODES) seen[code - FIRST_CODE] = true;
    }
}

/* That a document has no namespace is told by rows that say so alone: most rows have none, for brevity. */
static void print_all(const dgm_diags *d, dgm_slice input, const char *wanted, dgm_buffer *out)
{
    bool notes = strstr(wanted, "info[") != NULL;
    dgm_diag_style style = { .input_name = DGM_LITERAL("in.xml"), .input = input };
    for (size_t i = 0; i < dgm_diags_count(d); i++)
        if (notes || dgm_diags_at(d, i)->severity != DGM_INFO)
            CU_ASSERT_EQUAL(dgm_diag_print(dgm_diags_at(d, i), &style, dgm_buffer_sink(out)), DGM_OK);
}

static void read_row(const error_row *row, const dgm_format *format, size_t chunk)
{
    const dgm_format *formats[] = { format };
    dgm_diags *d;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, row->limited ? &small : NULL, d, NULL, formats, 1);
    dgm_slice input = dgm_slice_of(row->document);
    dgm_reader *reader;
    dgm_message m;
    CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, input, chunk, &reader, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.tree != NULL, row->tree);
    CU_ASSERT_EQUAL(m.errors, dgm_diags_errors(d));
    if (m.tree) CU_ASSERT(dgm_tree_sound(m.tree));
    print_all(d, input, row->said, &out);
    if (!dgm_slice_is(dgm_buffer_slice(&out), row->said)) fprintf(stderr, "row \"%s\", chunks of %zu:\n", row->name, chunk);
    TEST_TEXT(dgm_buffer_slice(&out), row->said);
    note(d);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(reader);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
}

static void documents(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_row(&rows[i], &f.format, 0);
        for (size_t chunk = 1; chunk <= 7; chunk++) read_row(&rows[i], &f.format, chunk);
    }
    xml_format_free(&f);
}

/* ---- element tables ---- */

static const struct {
    const char *yaml, *table, *said;
} tables[] = {
    { "format: t\ncodec: xml\ntable: t.tsv\nroot: A\n", "path\nA\t1\t1\t-\t-\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: fewer than six fields\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\tx\ttext\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: the third field is no number or "
      "below the "
      "second\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\tword\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: no such type\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\ttext\tx3\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: no such format\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\tz\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: the namespace key is not in the "
      "format "
      "file\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nB/C\t0\t1\ttext\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: the element above it has not been "
      "named\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\ttext\t-\t-\nA/B\t0\t1\ttext\t-\t-\n",
      "t.tsv:4:1: error[xml.profile.line]: this line of the element table cannot be understood: the path stands twice\n" },
    /* Namespaces tell two of one name apart, but only side by side. */
    { "format: t\ncodec: xml\ntable: t.tsv\nnamespace.a: urn:a\n",
      "path\nA\t1\t1\t-\t-\ta\nA/B\t0\t1\ttext\t-\ta\nA/B\t0\t1\ttext\t-\ta\n",
      "t.tsv:4:1: error[xml.profile.line]: this line of the element table cannot be understood: the path stands twice\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nnamespace.a: urn:a\nnamespace.b: urn:b\nprefix.b: b\n",
      "path\nA\t1\t1\t-\t-\ta\nA/B\t0\t1\ttext\t-\ta\nA/C\t0\t1\ttext\t-\ta\nA/B\t0\t1\ttext\t-\tb\n",
      "t.tsv:5:1: error[xml.profile.line]: this line of the element table cannot be understood: the path stands twice\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: there is no element\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\ncolour: red\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting colour of the format is wrong: XML formats have no such setting\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nroot: B\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting root of the format is wrong: it is not the first row of the table\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\ndocument: A/B\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting document of the format is wrong: no such path in the table\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nnamespace.a: urn:a\nnamespace.b: urn:b\n", "path\nA\t1\t1\t-\t-\ta\n",
      "t: error[xml.profile.setting]: the setting prefix of the format is wrong: only one namespace can be without a prefix\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nnames:\n  Thing: B/C\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.alias]: the short name Thing stands for B/C, which is no path of the format\n" },
};

static void element_tables(void)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        xml_format f = { 0 };
        dgm_diags *d;
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
        CU_ASSERT_EQUAL(xml_format_make(&f, NULL, dgm_slice_of(tables[i].yaml), dgm_slice_of(tables[i].table), d), DGM_CONFIG);
        CU_ASSERT_PTR_NULL(f.shape);
        print_all(d, (dgm_slice){ 0 }, "", &out);
        dgm_slice got = dgm_buffer_slice(&out);
        /* hints follow on a line of their own */
        for (size_t at = 0; at + 7 < got.len; at++)
            if (memcmp(got.at + at, "  hint:", 7) == 0) got.len = at;
        TEST_TEXT(got, tables[i].said);
        note(d);
        dgm_diags_free(d);
        dgm_buffer_free(&out);
        xml_format_free(&f);
    }
}

/* ---- trees that cannot be written ---- */

/* A letter in short: slots by path, "=" and the value for leaves; "." opens an element without value. */
static void build(dgm_builder *b, const dgm_shape *shape, const char *const *steps)
{
    uint32_t ids[16];
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, shape, false), DGM_OK);
    ids[0] = 0;
    for (uint32_t n = 1; steps[n - 1]; n++) { /* "2 Body/ID=A": beneath the id 2 */
        uint32_t above = (uint32_t)(steps[n - 1][0] - '0');
        dgm_cut cut = dgm_slice_cut(dgm_slice_of(steps[n - 1] + 2), '=');
        uint32_t slot = dgm_shape_find(shape, cut.head, NULL);
        CU_ASSERT_NOT_EQUAL_FATAL(slot, DGM_SLOT_NONE);
        bool attribute = dgm_shape_slot(shape, slot)->kind == DGM_ATTRIBUTE;
        ids[n] = attribute   ? dgm_builder_attribute(b, ids[above], slot, cut.tail)
                 : cut.found ? dgm_builder_leaf(b, ids[above], slot, 0, cut.tail)
                             : dgm_builder_open(b, ids[above], slot, 0);
    }
}

static const struct {
    const char *steps[8];
    const char *said;
} trees[] = {
    { { "0 Body" }, "in.xml: error[xml.element.missing]: <Body> needs <ID>\n  message 1 (Body)\n" },
    { { "0 Sender=x" }, "in.xml: error[xml.element.missing]: <Letter> needs <Body>\n  message 1\n" },
    { { "0 Body", "1 Body/ID=A", "1 Body/Price=1", "1 Body/Price=2", "1 Body/Price=3" },
      "in.xml: error[xml.element.many]: <Price> stands more often than 2 times\n  message 1 (Body/Price#3)\n" },
    { { "0 Body", "1 Body/ID=ABCDEF" },
      "in.xml: error[xml.value.length]: ID has 6 characters; the format is an..5\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=A\001" },
      "in.xml: error[xml.write.character]: ID holds a character that XML 1.0 cannot carry: U+0001\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=\357\277\277" },
      "in.xml: error[xml.write.character]: ID holds a character that XML 1.0 cannot carry: U+FFFF\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=A", "1 Body/Sent", "3 Body/Sent/DateTimeString=20261121" },
      "in.xml: error[xml.attribute.missing]: <DateTimeString> needs the attribute @formatCode\n  message 1 "
      "(Body/Sent/DateTimeString)\n" },
};

static void refused_trees(void)
{
    xml_format f, other;
    dgm_builder *b;
    dgm_diags *d;
    dgm_buffer out, text;
    dgm_tree *t;
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&text, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&other), DGM_OK);
    dgm_mem mem = dgm_mem_default();
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        build(b, f.shape, trees[i].steps);
        CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
        t->position.message = 1;
        CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, t, &out), DGM_INVALID);
        CU_ASSERT_EQUAL(out.len, 0); /* nothing of it is written */
        text.len = 0;
        print_all(d, (dgm_slice){ 0 }, "", &text);
        TEST_TEXT(dgm_buffer_slice(&text), trees[i].said);
        note(d);
        dgm_diags_clear(d);
        dgm_builder_recycle(b, t);
    }
    /* A tree of another shape; a second tree; a tree with an element that the format does not know. */
    build(b, other.shape, (const char *const[]){ "0 Body", "1 Body/ID=A", NULL });
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, t, &out), DGM_INVALID);
    dgm_writer *w;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.writer_open(&host, &other.format, NULL, 0, dgm_buffer_sink(&out), &w), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_xml.write(w, t), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_xml.write(w, t), DGM_INVALID);
    dgm_codec_xml.writer_close(w);
    dgm_builder_recycle(b, t);
    const dgm_format *formats[] = { &f.format };
    dgm_host quiet = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    dgm_message m;
    dgm_slice strange = DGM_LITERAL("<Letter><Body><ID>A</ID><Colour>red</Colour></Body></Letter>");
    CU_ASSERT_EQUAL(xml_read(&quiet, NULL, 0, strange, 0, &r, &m), DGM_OK);
    CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, m.tree, &out), DGM_INVALID);
    text.len = 0;
    print_all(d, (dgm_slice){ 0 }, "", &text);
    TEST_TEXT(dgm_buffer_slice(&text),
              "in.xml: error[xml.write.format]: the message is not of the format letter\n"
              "in.xml: error[xml.write.second]: one XML document holds one message; this would be the second\n"
              "in.xml: error[xml.write.unknown]: <Colour> is not of the format letter and cannot be written\n"
              "  message A (Body/Colour)\n");
    note(d);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_builder_free(b);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
    dgm_buffer_free(&text);
    xml_format_free(&other);
    xml_format_free(&f);
}

static void every_code_was_said(void)
{
    static const struct {
        uint32_t number;
        const char *name;
    } codes[] = {
#define X(id, number, name, text, hint) { number, name },
#include "base/diag_codes/xml.def"
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CU_ASSERT(codes[i].number >= FIRST_CODE && codes[i].number < FIRST_CODE + CODES);
        if (!seen[codes[i].number - FIRST_CODE]) fprintf(stderr, "no row says %s\n", codes[i].name);
        CU_ASSERT(seen[codes[i].number - FIRST_CODE]);
    }
}

static const test_case cases[] = {
    { "documents, whole and in chunks of 1 to 7", documents },
    { "element tables", element_tables },
    { "trees that cannot be written", refused_trees },
    { "every code has a row", every_code_was_said },
    { 0 },
};

int main(void)
{
    return test_main("xml_errors", cases);
}
