/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_attacks.c - the catalogue of attacks on XML readers, one row each: entity bombs, DTDs, names and attributes without end,
 * nesting, floods, encodings that hide markup. Each is refused, or read, with the diagnostic named here; whole and in chunks alike;
 * within a processor time and a memory that hold for inputs of this size (1 MiB) with room to spare, and not for anything
 * quadratic.
 */
#include "conformance-tests/unit/xml_tests.h"

#include <sys/resource.h>
#include <time.h>

enum { MIB = 1 << 20, SECONDS_MAX = 3, MEMORY_FACTOR = 96, CHUNK = 1000 };

/* head, unit over and over, tail. In units %d is the number of the repetition. */
typedef struct attack {
    const char *name;
    const char *head, *unit, *tail;
    size_t bytes;       /* of all units together; 0: none of them */
    size_t head_len;    /* 0: a text */
    dgm_diag_code code; /* the first that is said; NONE: nothing is */
    bool refused;       /* no tree comes of it */
} attack;

#define OPEN        "<Letter><Body><ID>A</ID>"
#define CLOSE       "</Body></Letter>"
#define DONE        OPEN CLOSE
#define BYTES(text) (text), "", "", 0, sizeof(text) - 1

static const attack attacks[] = {
    /* entities and document types: refused at <!DOCTYPE, nothing of them is looked at */
    { "entities of entities (billion laughs)",
      "<!DOCTYPE Letter [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
      "\"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">"
      "<!ENTITY d \"&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;\"><!ENTITY e "
      "\"&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;\">]><Letter><Body><ID>&e;</ID></Body></Letter>",
      "", "", 0, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "one long entity, used often (quadratic blow-up)",
      "<!DOCTYPE Letter [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">]><Letter><Body><ID>", "&a;", "</ID></Body></Letter>", MIB,
      0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "an entity of itself", "<!DOCTYPE Letter [<!ENTITY a \"&a;\">]><Letter>&a;</Letter>", "", "", 0, 0, DGM_D_XML_DOCTYPE_REFUSED,
      true },
    { "an external entity, a file",
      "<!DOCTYPE Letter [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Letter><Body><ID>&a;</ID></Body></Letter>", "", "", 0, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "an external entity, a network", "<!DOCTYPE Letter [<!ENTITY a SYSTEM \"http://127.0.0.1:9/a\">]><Letter>&a;</Letter>", "",
      "", 0, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "an unparsed entity and its notation",
      "<!DOCTYPE Letter [<!NOTATION n SYSTEM \"x\"><!ENTITY a SYSTEM \"/dev/zero\" NDATA n>]><Letter/>", "", "", 0, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "a parameter entity that sends a file away",
      "<!DOCTYPE Letter [<!ENTITY % f SYSTEM \"file:///etc/hostname\"><!ENTITY % d SYSTEM "
      "\"http://127.0.0.1:9/d\">%d;%f;]><Letter/>",
      "", "", 0, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "parameter entities of parameter entities", "<!DOCTYPE Letter [<!ENTITY % a \"<!ENTITY b 'c'>\">", "%a;",
      "]><Letter>&b;</Letter>", MIB, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "an external subset", "<!DOCTYPE Letter SYSTEM \"http://127.0.0.1:9/letter.dtd\"><Letter/>", "", "", 0, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "a public external subset", "<!DOCTYPE Letter PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"file:///dev/random\"><Letter/>", "", "",
      0, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "attributes by default", "<!DOCTYPE Letter [<!ATTLIST Letter lang CDATA \"de\">]>" DONE, "", "", 0, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "declarations without end", "<!DOCTYPE Letter [", "<!ENTITY a%d \"x\">", "]>" DONE, MIB, 0, DGM_D_XML_DOCTYPE_REFUSED, true },
    { "a document type behind comments", "", "<!-- c -->", "<!DOCTYPE Letter [<!ENTITY a \"b\">]>" DONE, MIB / 8, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "a document type within the document", "<Letter><!DOCTYPE Letter [<!ENTITY a \"b\">]></Letter>", "", "", 0, 0,
      DGM_D_XML_DOCTYPE_REFUSED, true },
    { "a conditional section", "<![INCLUDE[<!ENTITY a \"b\">]]>" DONE, "", "", 0, 0, DGM_D_XML_TAG_SYNTAX, true },
    { "entities nobody declared", OPEN "<Item><Note>", "&a%d;", "</Note></Item>" CLOSE, MIB, 0, DGM_D_XML_ENTITY_UNDECLARED, true },
    { "an entity in an attribute", "<Letter lang=\"&a;\"/>", "", "", 0, 0, DGM_D_XML_ENTITY_UNDECLARED, true },
    { "the name of an entity without end", OPEN "<Item><Note>&", "aaaaaaaa", ";</Note></Item>" CLOSE, MIB, 0,
      DGM_D_XML_ENTITY_UNDECLARED, true },
    /* what other readers would fetch: names like any other, or set aside */
    { "XInclude of a file",
      OPEN "<xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"file:///etc/passwd\" parse=\"text\"/>" CLOSE, "", "", 0,
      0, DGM_D_XML_ELEMENT_UNKNOWN, false },
    { "a style sheet", "<?xml-stylesheet type=\"text/xsl\" href=\"http://127.0.0.1:9/s.xsl\"?>" DONE, "", "", 0, 0, DGM_D_NONE,
      false },
    { "the place of a schema",
      "<Letter xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation=\"http://127.0.0.1:9/s.xsd\">"
      "<Body><ID>A</ID></Body></Letter>",
      "", "", 0, 0, DGM_D_NONE, false },
    { "a base for names", "<Letter xml:base=\"http://127.0.0.1:9/\"><Body><ID>A</ID></Body></Letter>", "", "", 0, 0,
      DGM_D_XML_ATTRIBUTE_UNKNOWN, false },
    /* sizes */
    { "an attribute without end", "<Letter lang=\"", "aaaaaaaa", "\"/>", 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    { "a name without end", "<", "Letter", "/>", MIB / 2, 0, DGM_D_XML_LIMIT_NAME, true },
    { "the name of an attribute without end", "<Letter ", "lang", "=\"a\"/>", MIB / 2, 0, DGM_D_XML_LIMIT_NAME, true },
    { "a prefix without end", "<", "Letter", ":a/>", MIB / 2, 0, DGM_D_XML_NAMESPACE_PREFIX, true },
    { "attributes without end", "<Letter", " a%d=\"1\"", "/>", MIB / 2, 0, DGM_D_XML_LIMIT_ATTRIBUTES, true },
    { "namespaces without end", "<Letter", " xmlns:a%d=\"u%d\"", "/>", MIB / 2, 0, DGM_D_XML_LIMIT_ATTRIBUTES, true },
    { "one attribute again and again", "<Letter", " a=\"1\"", "/>", MIB / 2, 0, DGM_D_XML_LIMIT_ATTRIBUTES, true },
    { "one attribute by two prefixes", "<Letter xmlns:a=\"u\" xmlns:b=\"u\" a:x=\"1\" b:x=\"2\"/>", "", "", 0, 0,
      DGM_D_XML_ATTRIBUTE_DUPLICATE, true },
    { "a value without end", "<Letter><Body><ID>", "aaaaaaaa", "</ID></Body></Letter>", 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    { "a comment without end", OPEN "<!--", " c- ", "-->" CLOSE, 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    { "an instruction without end", OPEN "<?p", " aaaaaaa", "?>" CLOSE, 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    { "CDATA without end", "<Letter><Body><ID><![CDATA[", "aaaaaaaa", "]]></ID></Body></Letter>", 2 * MIB, 0,
      DGM_D_XML_LIMIT_ELEMENT, true },
    { "a value in very many CDATA sections", "<Letter><Body><ID>", "<![CDATA[a]]>", "</ID></Body></Letter>", MIB, 0,
      DGM_D_XML_VALUE_LENGTH, false },
    { "a value in very many references", "<Letter><Body><ID>", "&#65;", "</ID></Body></Letter>", MIB, 0, DGM_D_XML_VALUE_LENGTH,
      false },
    { "a value between very many comments", "<Letter><Body><ID>", "a<!---->", "</ID></Body></Letter>", MIB, 0,
      DGM_D_XML_VALUE_LENGTH, false },
    { "CDATA that ends markup", "<Letter><Body><ID>A</ID><Item><Note>a<![CDATA[</Note>]]></Note></Item></Body></Letter>", "", "", 0,
      0, DGM_D_NONE, false },
    /* nesting and floods */
    { "elements in elements without end", OPEN, "<x>", "", MIB, 0, DGM_D_XML_ELEMENT_UNKNOWN, true },
    { "elements in elements, all closed within the limit", OPEN, "<x><x><x></x></x></x>", CLOSE, MIB / 2, 0,
      DGM_D_XML_ELEMENT_UNKNOWN, false },
    { "elements of very many names", OPEN, "<x%d/>", CLOSE, MIB / 2, 0, DGM_D_XML_ELEMENT_UNKNOWN, false },
    { "namespaces of very many elements", OPEN, "<a%d:x xmlns:a%d=\"u%d\"/>", CLOSE, MIB / 2, 0, DGM_D_XML_ELEMENT_UNKNOWN, false },
    { "one element too often", OPEN, "<ID>A</ID>", CLOSE, MIB / 2, 0, DGM_D_XML_ELEMENT_MANY, false },
    { "elements in turns", OPEN, "<Price>1</Price><Land>DE</Land>", CLOSE, MIB / 2, 0, DGM_D_XML_ELEMENT_ORDER, false },
    { "elements within a value", "<Letter><Body><ID>", "<x/>", "</ID></Body></Letter>", MIB / 2, 0, DGM_D_XML_ELEMENT_INSIDE,
      false },
    { "text between elements", OPEN, "text<Item/>", CLOSE, MIB / 2, 0, DGM_D_XML_TEXT_MIXED, false },
    { "comments", OPEN, "<!-- c -->", CLOSE, MIB, 0, DGM_D_NONE, false },
    { "instructions", OPEN, "<?p i?>", CLOSE, MIB, 0, DGM_D_NONE, false },
    { "blanks between elements", OPEN, "        ", CLOSE, MIB / 2, 0, DGM_D_NONE, false },
    { "blanks behind the document", DONE, " \r\n", "", MIB, 0, DGM_D_NONE, false },
    { "documents behind the document", DONE, DONE, "", MIB, 0, DGM_D_XML_DOCUMENT_TRAILING, false },
    { "less-than signs", OPEN, "<", CLOSE, MIB, 0, DGM_D_XML_TAG_SYNTAX, true },
    { "ampersands", OPEN, "&", CLOSE, MIB, 0, DGM_D_XML_REFERENCE_SYNTAX, true },
    { "text and no markup", "", "text ", "", MIB, 0, DGM_D_XML_DOCUMENT_EMPTY, true },
    { "ends without a beginning", OPEN, "</x>", "", MIB, 0, DGM_D_XML_TAG_MISMATCH, true },
    { "a tag that never ends", "<Letter ", "a ", "", 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    { "an attribute that never ends", "<Letter lang=\"", "<a>", "", 2 * MIB, 0, DGM_D_XML_ATTRIBUTE_SYNTAX, true },
    { "a comment that never ends", OPEN "<!--", "<a>-", "", 2 * MIB, 0, DGM_D_XML_LIMIT_ELEMENT, true },
    /* names and namespaces */
    { "a prefix nobody declared", "<q:Letter/>", "", "", 0, 0, DGM_D_XML_NAMESPACE_PREFIX, false },
    { "an attribute with a prefix nobody declared", "<Letter q:a=\"1\"/>", "", "", 0, 0, DGM_D_XML_NAMESPACE_PREFIX, false },
    /* encodings */
    { "NUL", BYTES("<Letter><Body><ID>A\0</ID></Body></Letter>"), DGM_D_XML_CHARACTER_FORBIDDEN, true },
    { "NUL by number", "<Letter><Body><ID>&#0;</ID></Body></Letter>", "", "", 0, 0, DGM_D_XML_CHARACTER_FORBIDDEN, true },
    { "half a pair by number", "<Letter><Body><ID>&#xD800;</ID></Body></Letter>", "", "", 0, 0, DGM_D_XML_CHARACTER_FORBIDDEN,
      true },
    { "a number beyond Unicode", "<Letter><Body><ID>&#x110000;</ID></Body></Letter>", "", "", 0, 0, DGM_D_XML_CHARACTER_FORBIDDEN,
      true },
    { "a number without end", "<Letter><Body><ID>&#", "1", ";</ID></Body></Letter>", MIB / 2, 0, DGM_D_XML_CHARACTER_FORBIDDEN,
      true },
    { "a less-than sign in two bytes", BYTES("<Letter><Body><ID>\xC0\xBCx/></ID></Body></Letter>"), DGM_D_XML_ENCODING_BYTES,
      true },
    { "NUL in two bytes", BYTES("<Letter><Body><ID>\xC0\x80</ID></Body></Letter>"), DGM_D_XML_ENCODING_BYTES, true },
    { "a slash in three bytes", BYTES("<Letter><Body><ID>\xE0\x80\xAF</ID></Body></Letter>"), DGM_D_XML_ENCODING_BYTES, true },
    { "half a pair in three bytes", BYTES("<Letter><Body><ID>\xED\xA0\x80</ID></Body></Letter>"), DGM_D_XML_ENCODING_BYTES, true },
    { "five bytes", BYTES("<Letter><Body><ID>\xF8\x88\x80\x80\x80</ID></Body></Letter>"), DGM_D_XML_ENCODING_BYTES, true },
    { "half a character at the end", BYTES(DONE "\xE4\xB8"), DGM_D_XML_ENCODING_BYTES, true },
    { "UTF-7", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-Letter+AD4-", "", "", 0, 0, DGM_D_XML_ENCODING_UNKNOWN, true },
    { "shifts between characters", BYTES("<?xml version=\"1.0\" encoding=\"ISO-2022-KR\"?><Letter>\x0E</Letter>"),
      DGM_D_XML_ENCODING_UNKNOWN, true },
    { "a declaration of UTF-16 in ASCII", "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" DONE, "", "", 0, 0,
      DGM_D_XML_ENCODING_CONFLICT, false },
    { "a mark and another declaration", BYTES("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" DONE),
      DGM_D_XML_ENCODING_CONFLICT, false },
    { "half a pair in UTF-16", BYTES("\xFE\xFF\0<\0L\xD8\0\0>"), DGM_D_XML_ENCODING_BYTES, true },
    { "an odd byte of UTF-16", BYTES("\xFE\xFF\0<\0L\0e\0t\0t\0e\0r\0>\0"), DGM_D_XML_ENCODING_BYTES, true },
    { "a path for an encoding", "<?xml version=\"1.0\" encoding=\"../../etc/passwd\"?>" DONE, "", "", 0, 0,
      DGM_D_XML_ENCODING_UNKNOWN, true },
    { "a declaration without end", "<?xml version=\"1.0\"", " a=\"b\"", "?>" DONE, MIB / 2, 0, DGM_D_XML_DECLARATION_SYNTAX, true },
    { "a second declaration", "<?xml version=\"1.0\"?><?xml version=\"1.0\"?>" DONE, "", "", 0, 0, DGM_D_XML_DECLARATION_SYNTAX,
      true },
};

/* ---- memory: what is held at a time ---- */

typedef struct meter {
    size_t held, most;
} meter;

static void *meter_grow(void *ctx, void *at, size_t before, size_t bytes)
{
    meter *m = ctx;
    if (bytes == 0) {
        m->held -= at ? before : 0;
        free(at);
        return NULL;
    }
    void *grown = realloc(at, bytes);
    if (grown) m->held += bytes - (at ? before : 0);
    if (m->held > m->most) m->most = m->held;
    return grown;
}

/* ---- one attack ---- */

static void put_unit(dgm_buffer *b, const char *unit, size_t number)
{
    for (const char *p = unit; *p; p++) {
        if (p[0] == '%' && p[1] == 'd') {
            dgm_buffer_print(b, "%zu", number);
            p++;
        } else {
            dgm_buffer_append(b, (dgm_slice){ p, 1 });
        }
    }
}

static void make(const attack *a, dgm_buffer *b)
{
    b->len = 0;
    dgm_buffer_append(b, (dgm_slice){ a->head, a->head_len ? a->head_len : strlen(a->head) });
    for (size_t i = 0, end = b->len + a->bytes; b->len < end; i++) put_unit(b, a->unit, i);
    dgm_buffer_append(b, dgm_slice_of(a->tail));
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool try_attack(const attack *a, const dgm_format *format, dgm_slice input, size_t chunk)
{
    meter held = { 0 };
    dgm_mem mem = { meter_grow, &held };
    dgm_diags *diags;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 0, &diags), DGM_OK);
    const dgm_format *formats[] = { format };
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, formats, 1);
    dgm_reader *r;
    dgm_message m;
    double began = seconds();
    dgm_status st = xml_read(&host, NULL, 0, input, chunk, &r, &m);
    double took = seconds() - began;
    const dgm_diag *first = dgm_diags_at(diags, 0);
    if (first && first->severity == DGM_INFO) first = dgm_diags_at(diags, 1); /* that it has no namespace */
    uint32_t code = first ? first->code : 0;
    bool good = st == DGM_OK && code == (uint32_t)a->code && (m.tree == NULL) == a->refused && took < SECONDS_MAX &&
                held.most < (input.len + 65536) * MEMORY_FACTOR && (!a->refused || dgm_diags_errors(diags) > 0);
    if (!good)
        fprintf(stderr, "%s (chunks of %zu): status %d, %s, %s, %.2f s, %zu bytes held of %zu\n", a->name, chunk, (int)st,
                code ? dgm_diag_name(code) : "nothing said", m.tree ? "read" : "refused", took, held.most, input.len);
    if (m.tree) CU_ASSERT(dgm_tree_sound(m.tree));
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    CU_ASSERT_EQUAL(held.held, 0);
    dgm_diags_free(diags);
    return good;
}

static void catalogue(void)
{
    xml_format f;
    dgm_buffer b;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    dgm_buffer_init(&b, NULL);
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        make(&attacks[i], &b);
        CU_ASSERT(try_attack(&attacks[i], &f.format, dgm_buffer_slice(&b), 0));
        CU_ASSERT(try_attack(&attacks[i], &f.format, dgm_buffer_slice(&b), CHUNK));
    }
    dgm_buffer_free(&b);
    xml_format_free(&f);
}

/* The parser's own memory is not the meter's: that of the whole process stays small. */
static void whole_process(void)
{
    struct rusage u;
    CU_ASSERT_EQUAL(getrusage(RUSAGE_SELF, &u), 0);
    if (u.ru_maxrss >= 512 * 1024) fprintf(stderr, "%ld KiB in memory at most\n", u.ru_maxrss);
#ifndef __SANITIZE_ADDRESS__
    CU_ASSERT(u.ru_maxrss < 512 * 1024);
#endif
    CU_ASSERT(sizeof attacks / sizeof *attacks >= 40);
}

int main(void)
{
    static const test_case cases[] = {
        { "each attack", catalogue },
        { "the memory of all of them", whole_process },
        { 0 },
    };
    return test_main("xml attacks", cases);
}
