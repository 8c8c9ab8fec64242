/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_book.c - directories that are added: what a directory file may say, what is wrong with it told line by line, and
 * messages read by it. The directories here are invented. One thread.
 */
#include "codecs/edifact/directory_book.h"
#include "codecs/edifact/directory_text.h"
#include "edifact_tests.h"

#define HEAD "dragoman directory 1\nname\tD.30A\n"
#define ZEBRA                                                                                                                      \
    HEAD "base\tD.96B\nagency\tZO\n# a comment\n[segments]\nZZB\t9901:an..3\nZZA\tC901 "                                           \
         "9902:an..5?3\n[composites]\nC901\t9901:an..3 "                                                                           \
         "1131:an..3?\n[elements]\n9901\tan..3\ty\tZebra code\n9902\tan..5\tn\tStripes\n[names]\nZZB\tZEBRA BEGIN\n[messages]\n"   \
         "ZEBDEC\tUNH ZZB DTM?9 (ZZA (ZZB)?2)?99 UNT\n[codes]\n9901 X\tQuagga\n9901 GZ\tGrevy\n1225 Z\tNational\n"

static dgm_edi_book *load(const char *text)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags = NULL;
    dgm_edi_book *book = NULL;
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(text), diags, &book), DGM_OK);
    CU_ASSERT_EQUAL(dgm_diags_count(diags), 0);
    dgm_diags_free(diags);
    CU_ASSERT_FATAL(book != NULL);
    return book;
}

static void a_book_answers_before_its_base(void)
{
    dgm_edi_book *book = load(ZEBRA);
    dgm_edi_directory d = dgm_edi_book_directory(book), base;
    CU_ASSERT(dgm_edi_directory_open(DGM_LITERAL("D96B"), &base));
    dgm_edi_list l;
    dgm_edi_element e;
    dgm_edi_message m;
    dgm_edi_code_list codes;
    CU_ASSERT_STRING_EQUAL(d.name, "D.30A");
    CU_ASSERT(dgm_edi_directory_known(&d) && !dgm_edi_directory_same(&d, &base));
    CU_ASSERT(dgm_edi_segment_find(&d, DGM_LITERAL("ZZB"), &l));
    TEST_TEXT(l.name, "ZEBRA BEGIN");
    CU_ASSERT(dgm_edi_segment_find(&d, DGM_LITERAL("DTM"), &l)); /* the base's */
    CU_ASSERT(dgm_edi_segment_find(&d, DGM_LITERAL("UNH"), &l)); /* of ISO 9735 */
    CU_ASSERT(dgm_edi_element_find(&d, DGM_LITERAL("9901"), &e) && e.coded);
    TEST_TEXT(e.repr_text, "an..3");
    CU_ASSERT(dgm_edi_message_find(&d, DGM_LITERAL("CUSDEC"), &m) && dgm_edi_message_find(&d, DGM_LITERAL("ZEBDEC"), &m));
    CU_ASSERT_FALSE(dgm_edi_message_find(&base, DGM_LITERAL("ZEBDEC"), &m));
    CU_ASSERT(dgm_edi_code_list_open(&d, DGM_LITERAL("9901"), &codes) && dgm_edi_code_list_has(&codes, DGM_LITERAL("GZ")));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&codes, DGM_LITERAL("G")));
    TEST_TEXT(dgm_edi_code_list_name(&codes, DGM_LITERAL("X")), "Quagga");
    CU_ASSERT(dgm_edi_code_list_open(&d, DGM_LITERAL("1225"), &codes)); /* codes given replace the base's list */
    CU_ASSERT(dgm_edi_code_list_has(&codes, DGM_LITERAL("Z")) && !dgm_edi_code_list_has(&codes, DGM_LITERAL("9")));
    CU_ASSERT(dgm_edi_code_list_open(&d, DGM_LITERAL("1001"), &codes) && dgm_edi_code_list_has(&codes, DGM_LITERAL("380")));
    /* In one order, each once: of D.96B 136 messages and CONTRL, and the one added. */
    dgm_slice id, before = { 0 };
    size_t n = 0, added = 0;
    for (size_t cursor = 0; dgm_edi_id_each(&d, DGM_EDI_MESSAGES, &cursor, &id); before = id, n++) {
        CU_ASSERT(dgm_slice_compare(before, id) < 0);
        added += dgm_slice_is(id, "ZEBDEC");
    }
    CU_ASSERT(n == 138 && added == 1);
    for (size_t cursor = n = added = 0; dgm_edi_id_each(&d, DGM_EDI_CODES, &cursor, &id); n++) {
        CU_ASSERT_FALSE(dgm_slice_is(id, "1225 9"));
        added += dgm_slice_is(id, "1225 Z");
    }
    CU_ASSERT(n > 6000 && added == 1);
    dgm_edi_book_free(book);
}

static void which_directory_a_message_names(void)
{
    dgm_edi_book *zebra = load(ZEBRA), *own = load("dragoman directory 1\nname\t96B\n");
    const void *books[] = { zebra, own };
    dgm_edi_directory d;
    CU_ASSERT(dgm_edi_directory_choose(books, 2, DGM_LITERAL("D"), DGM_LITERAL("30A"), DGM_LITERAL("ZO"), &d) && d.book == zebra);
    CU_ASSERT_FALSE(dgm_edi_directory_choose(books, 2, DGM_LITERAL("D"), DGM_LITERAL("30A"), DGM_LITERAL("UN"), &d));
    CU_ASSERT_FALSE(dgm_edi_directory_known(&d));
    CU_ASSERT(dgm_edi_directory_choose(books, 2, DGM_LITERAL("D"), DGM_LITERAL("96B"), DGM_LITERAL("UN"), &d) && !d.book);
    CU_ASSERT_STRING_EQUAL(d.name, "D.96B");
    CU_ASSERT(dgm_edi_directory_choose(books, 2, DGM_LITERAL("9"), DGM_LITERAL("6B"), DGM_LITERAL("UN"), &d) && d.book == own);
    CU_ASSERT_FALSE(dgm_edi_directory_choose(NULL, 0, DGM_LITERAL("D"), DGM_LITERAL("3"), DGM_LITERAL("UN"), &d));
    CU_ASSERT_FALSE(dgm_edi_directory_choose(NULL, 0, (dgm_slice){ 0 }, (dgm_slice){ 0 }, (dgm_slice){ 0 }, &d));
    dgm_edi_book_free(zebra);
    dgm_edi_book_free(own);
}

/* Each fault: the file, the code, the line it is told of. */
static void faults_are_told_by_line(void)
{
    static const struct {
        const char *text, *code;
        uint32_t line;
    } cases[] = {
        { "", "directory.file.head", 1 },
        { "hello\n", "directory.file.head", 1 },
        { "dragoman directory 1\n", "directory.file.head", 1 }, /* no name */
        { HEAD "colour\tred\n", "directory.file.head", 3 },
        { HEAD "base\tD.92Z\n", "directory.base.unknown", 3 },
        { HEAD "[zebras]\n", "directory.file.head", 3 },
        { HEAD "[elements]\n9901\tan..3\tZebra\n", "directory.line.invalid", 4 },
        { HEAD "[elements]\n9901\tax..3\ty\tZebra\n", "directory.line.invalid", 4 },
        { HEAD "[elements]\n9901\tan..0\ty\tZebra\n", "directory.line.invalid", 4 },
        { HEAD "[elements]\n99:1\tan..3\ty\tZebra\n", "directory.line.invalid", 4 },
        { HEAD "[elements]\n9901\tan..3\ty\tZebra\n9901\tan..4\ty\tZebra\n", "directory.name.twice", 5 },
        { HEAD "[composites]\nC901\t\n", "directory.line.invalid", 4 },
        { HEAD "[composites]\nC901\tC902\n", "directory.line.invalid", 4 },
        { HEAD "[composites]\nC901\t9901:an..3\n", "directory.reference.missing", 4 },
        { HEAD "[segments]\nZZ\t9901:an..3\n", "directory.line.invalid", 4 },
        { HEAD "[segments]\nZZA\tC901\n", "directory.reference.missing", 4 },
        { HEAD "[segments]\nZZA\tC901?0\n", "directory.line.invalid", 4 },
        { HEAD "[segments]\nZZA\tC901!\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\t\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH UNT)\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH (UNS UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH ((UNS)) UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH () UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH  UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH UNS?9x UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNS UNT\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH UNS\n", "directory.line.invalid", 4 },
        { HEAD "[messages]\nZEBDEC\tUNH BGM UNT\n", "directory.reference.missing", 4 }, /* without a base no BGM */
        { HEAD "[codes]\n9901\tX\n", "directory.line.invalid", 4 },
        { HEAD "[codes]\n9901 \tX\n", "directory.line.invalid", 4 },
    };
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dgm_diags *diags = NULL;
        dgm_edi_book *book = NULL;
        CU_ASSERT_FATAL(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
        dgm_status st = dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(cases[i].text), diags, &book);
        const dgm_diag *d = dgm_diags_at(diags, 0);
        bool good =
            st == DGM_CONFIG && !book && d && strcmp(dgm_diag_name(d->code), cases[i].code) == 0 && d->line == cases[i].line;
        if (!good)
            fprintf(stderr, "%zu: status %d, %s at line %u\n", i, (int)st, d ? dgm_diag_name(d->code) : "nothing", d ? d->line : 0);
        CU_ASSERT(good);
        dgm_diags_free(diags);
    }
}

/* Brackets as deep as can be read, and one more; segments of one message as many as can be told apart, and one more. */
static void structures_at_their_limits(void)
{
    char text[8192];
    const char *why = "";
    for (size_t depth = 1; depth < DGM_DEPTH_MAX; depth++) {
        size_t n = (size_t)snprintf(text, sizeof text, "UNH");
        for (size_t i = 0; i < depth; i++) n += (size_t)snprintf(text + n, sizeof text - n, " (ZZA");
        memset(text + n, ')', depth);
        memcpy(text + n + depth, " UNT", 4);
        CU_ASSERT_EQUAL(dgm_edi_structure_check((dgm_slice){ text, n + depth + 4 }, &why), depth + 8 < DGM_DEPTH_MAX);
    }
    for (size_t tags = 248; tags < 250; tags++) {
        size_t n = (size_t)snprintf(text, sizeof text, "UNH");
        for (size_t i = 0; i < tags; i++)
            n += (size_t)snprintf(text + n, sizeof text - n, " A%c%c", (char)('A' + i / 26), (char)('A' + i % 26));
        memcpy(text + n, " UNT", 4);
        CU_ASSERT_EQUAL(dgm_edi_structure_check((dgm_slice){ text, n + 4 }, &why), tags == 248);
    }
}

static dgm_status read_by(const dgm_edi_book *book, const char *input, dgm_buffer *text)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    const void *books[] = { book };
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_FATAL(dgm_diags_new(&mem, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    host.knowledge = books;
    host.knowledge_count = 1;
    dgm_status st = k->open_whole(&host, NULL, 0, dgm_slice_of(input), &r);
    while (st == DGM_OK && (st = k->next(r, &m)) == DGM_OK) {
        if (m.tree) st = edi_dump_tree(m.tree, text);
        k->recycle(r, &m);
    }
    if (st == DGM_END) st = edi_dump_diags(diags, text);
    k->close(r);
    dgm_diags_free(diags);
    return st;
}

/* A message of the added directory has names and is checked; one of the same directory and another agency is not known. */
static void messages_are_read_by_it(void)
{
    dgm_edi_book *book = load(ZEBRA);
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    CU_ASSERT_EQUAL(
        read_by(book, "UNB+UNOA:3+S+R+961120:1023+1'UNH+1+ZEBDEC:D:30A:ZO'ZZB+GZ'ZZA+X:AB+S+T'ZZB+X'UNT+5+1'UNZ+1+1'", &text),
        DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&text),
              "UNH/0062=1\nUNH/S009/0065=ZEBDEC\nUNH/S009/0052=D\nUNH/S009/0054=30A\nUNH/S009/0051=ZO\n"
              "ZZB/9901=GZ\nSG1#1/ZZA/C901/9901=X\nSG1#1/ZZA/C901/1131=AB\nSG1#1/ZZA/9902#1=S\nSG1#1/ZZA/9902#2=T\n"
              "SG1#1/SG2#1/ZZB/9901=X\nUNT/0074=5\nUNT/0062=1\n");
    text.len = 0;
    CU_ASSERT_EQUAL(read_by(book, "UNB+UNOA:3+S+R+961120:1023+1'UNH+1+ZEBDEC:D:30A:ZO'ZZB+GZ'ZZA'UNT+4+1'UNZ+1+1'", &text), DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.at, "!edifact.")); /* C901 is mandatory */
    text.len = 0;
    CU_ASSERT_EQUAL(read_by(book, "UNB+UNOA:3+S+R+961120:1023+1'UNH+1+ZEBDEC:D:30A:UN'ZZB+GZ'UNT+3+1'UNZ+1+1'", &text), DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(text.at, "!edifact.directory.unknown"));
    dgm_buffer_free(&text);
    dgm_edi_book_free(book);
}

static dgm_status load_work(const dgm_mem *mem, void *ctx)
{
    dgm_edi_book *book = NULL;
    dgm_status st = dgm_edi_book_load(mem, DGM_LITERAL("x"), dgm_slice_of(ctx), NULL, &book);
    dgm_edi_book_free(book);
    return st;
}

static void each_allocation_fails(void)
{
    char text[] = ZEBRA;
    CU_ASSERT(test_each_allocation_fails(load_work, text) > 5);
}

/* A list of many codes, some longer than the eight bytes that the index keeps of them, found and not found. */
static void many_and_long_codes(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    CU_ASSERT(dgm_buffer_print(&text, HEAD "[elements]\n9901\tan..35\ty\tZebra\n[codes]\n") == DGM_OK);
    for (int i = 0; i < 3000; i++) CU_ASSERT(dgm_buffer_print(&text, "9901 PREFIX-AND-%d\tnumber %d\n", i, i) == DGM_OK);
    CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
    dgm_edi_book *book = load(text.at);
    dgm_edi_directory d = dgm_edi_book_directory(book);
    dgm_edi_code_list l;
    CU_ASSERT_FATAL(dgm_edi_code_list_open(&d, DGM_LITERAL("9901"), &l));
    for (int i = 0; i < 3000; i++) {
        char code[32], name[32];
        int n = snprintf(code, sizeof code, "PREFIX-AND-%d", i);
        snprintf(name, sizeof name, "number %d", i);
        TEST_TEXT(dgm_edi_code_list_name(&l, (dgm_slice){ code, (size_t)n }), name);
        code[7] = 'a';
        CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, (dgm_slice){ code, (size_t)n }));
    }
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("PREFIX-AND-3000")));
    CU_ASSERT_FALSE(dgm_edi_code_list_has(&l, DGM_LITERAL("PREFIX-A")));
    dgm_edi_book_free(book);
    dgm_buffer_free(&text);
}

/* The index of codes has eight bytes for the id of an element: a longer one is refused before it is made. */
static void long_ids_of_coded_elements(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_edi_book *book = load(HEAD "[elements]\nZEBRA123\tan..3\ty\tZebra\n[codes]\nZEBRA123 X\tQuagga\n");
    dgm_edi_directory d = dgm_edi_book_directory(book);
    TEST_TEXT(dgm_edi_code_name(&d, DGM_LITERAL("ZEBRA123"), DGM_LITERAL("X")), "Quagga");
    TEST_TEXT(dgm_edi_code_name(&d, DGM_LITERAL("ZEBRA1234"), DGM_LITERAL("X")), "");
    dgm_edi_book_free(book);
    static const char *const wrong[] = {
        HEAD "[codes]\nZEBRA1234 X\tQuagga\n",
        HEAD "[codes]\nZEBRA1234567890123456789012345678901234567890 X\tQuagga\n",
        HEAD "[codes]\n X\tQuagga\n",
        HEAD "[codes]\nZEBRA\tQuagga\n",
        HEAD "[codes]\nZEBRA 012345678901234567890123456789012345\tQuagga\n",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        dgm_diags *diags = NULL;
        CU_ASSERT_FATAL(dgm_diags_new(&mem, 0, &diags) == DGM_OK);
        CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(wrong[i]), diags, &book), DGM_CONFIG);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), 1);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, DGM_D_DIRECTORY_LINE);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->line, 4);
        dgm_diags_free(diags);
    }
}

int main(void)
{
    static const test_case cases[] = {
        { "a book answers before its base", a_book_answers_before_its_base },
        { "long ids of coded elements", long_ids_of_coded_elements },
        { "which directory a message names", which_directory_a_message_names },
        { "faults are told by line", faults_are_told_by_line },
        { "structures at their limits", structures_at_their_limits },
        { "messages are read by it", messages_are_read_by_it },
        { "each allocation fails", each_allocation_fails },
        { "many and long codes", many_and_long_codes },
        { 0 },
    };
    return test_main("edifact book", cases);
}
