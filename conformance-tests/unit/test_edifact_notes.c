/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_notes.c - dependency notes, D1 to D7 of ISO 9735-1: of the service segments of version 4, of TDT, of composites,
 * segments and messages of an added directory; what is told, where, and what is not. Expected values come from the notes. One
 * thread.
 */
#include "codecs/edifact/directory_book.h"
#include "edifact_tests.h"

static void expect_at(const char *input, size_t len, const char *level, const void *book, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    const dgm_setting setting = { DGM_LITERAL("level"), dgm_slice_of(level) };
    for (size_t chunk = 0; chunk < 8; chunk += 3) {
        dgm_diags *diags;
        dgm_reader *reader;
        dgm_message m;
        dgm_status st;
        size_t fed = 0;
        text.len = 0;
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
        dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
        host.knowledge = &book;
        host.knowledge_count = book != NULL;
        dgm_slice all = { input, len };
        st = chunk ? dgm_codec_edifact.open(&host, &setting, 1, &reader)
                   : dgm_codec_edifact.open_whole(&host, &setting, 1, all, &reader);
        CU_ASSERT_EQUAL_FATAL(st, DGM_OK);
        while ((st = dgm_codec_edifact.next(reader, &m)) == DGM_OK || st == DGM_MORE) {
            if (st == DGM_OK) dgm_codec_edifact.recycle(reader, &m);
            size_t n = len - fed < chunk ? len - fed : chunk;
            if (st == DGM_MORE)
                CU_ASSERT_EQUAL(dgm_codec_edifact.feed(reader, dgm_slice_part(all, fed, fed + n), fed + n == len), DGM_OK);
            if (st == DGM_MORE) fed += n;
        }
        CU_ASSERT_EQUAL(st, DGM_END);
        CU_ASSERT_EQUAL(edi_dump_diags(diags, &text), DGM_OK);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
        dgm_codec_edifact.close(reader);
        dgm_diags_free(diags);
    }
    dgm_buffer_free(&text);
}
#define EXPECT(input, wanted)          expect_at((input), sizeof(input) - 1, "directory", NULL, (wanted))
#define EXPECT_OF(book, input, wanted) expect_at((input), sizeof(input) - 1, "directory", (book), (wanted))

#define U4     "UNB+UNOA:4+S+R+20260115:1023+1'" /* 31 bytes */
#define CONTRL "UNH+1+CONTRL:4:1:UN'"            /* 20 bytes */
#define END(n) "UNT+" #n "+1'UNZ+1+1'"

/* UCI: D5(060,050), D5(070,060,050), D5(080,060,050,090), D5(090,080,060,050). UCI begins at 51. */
static void if_first_then_all(void)
{
    EXPECT(U4 CONTRL "UCI+9+A+B+7'" END(3), "");
    EXPECT(U4 CONTRL "UCI+9+A+B+4+12'" END(3), "");
    EXPECT(U4 CONTRL "UCI+9+A+B+4+12+UNB'" END(3), "");
    EXPECT(U4 CONTRL "UCI+9+A+B+4+12+UNB+3:1'" END(3), "");
    /* 0135 without 0085: missing at its place, between the separators at 61 and 62 */
    EXPECT(U4 CONTRL "UCI+9+A+B+4++UNB'" END(3), "!edifact.element.paired@63+0 i1 g0 m1 s2 e5 c0\n");
    /* S011 without both: each once, in the order of the note */
    EXPECT(U4 CONTRL "UCI+9+A+B+4+++3'" END(3),
           "!edifact.element.paired@64+0 i1 g0 m1 s2 e6 c0\n!edifact.element.paired@63+0 i1 g0 m1 s2 e5 c0\n");
    /* 0534 and 0138 ask for each other, and both for 0135 and 0085 */
    EXPECT(U4 CONTRL "UCI+9+A+B+4+12+USH++R1'" END(3), "!edifact.element.paired@73+0 i1 g0 m1 s2 e9 c0\n");
    EXPECT(U4 CONTRL "UCI+9+A+B+4+12+USH++R1+2'" END(3), "");
    /* up to version 3 there are no such notes */
    EXPECT("UNB+UNOA:3+S+R+260115:1023+1'UNH+1+CONTRL:D:3:UN'UCI+9+A+B+4++UNB'" END(3), "");
}

/* D4(0030,0080) of CONTRL: groups of messages outside of functional groups, or functional groups, not both. */
static void parts_of_a_message(void)
{
#define UCI "UCI+9+A+B+7'"             /* 12 bytes, from 51 */
#define UCM "UCM+1+ORDERS:D:96B:UN+7'" /* 24 bytes, from 63 */
#define UCF "UCF+8+A+B+7'"
    EXPECT(U4 CONTRL UCI UCM UCM END(5), "");
    EXPECT(U4 CONTRL UCI UCF UCM END(5), "");
    EXPECT(U4 CONTRL UCI UCM UCF END(5), "!edifact.element.barred@87+3 i1 g0 m1 s4 e0 c0\n");
}

/* TDT: D5(040,030) from D.05B on, also where many segments of one order come: the fast way and the careful one agree. */
static void segments_of_directories(void)
{
#define IFTSTA(release) "UNB+UNOA:3+S+R+260115:1023+1'UNH+1+IFTSTA:D:" release ":UN'BGM+23+A+9'CNI+1+X'STS+1+1'"
    EXPECT(IFTSTA("16B") "TDT+20++1+8'TDT+20++1+8'" END(7), "");
    EXPECT(IFTSTA("16B") "TDT+20'TDT+20+V'" END(7), "");
    /* 29 + 22 + 11 + 8 + 8 = 78: the first TDT, of 11 bytes; C220 belongs at 8 in it */
    EXPECT(IFTSTA("16B") "TDT+20+++8'TDT+20+++8'" END(7),
           "!edifact.element.paired@86+0 i1 g0 m1 s5 e3 c0\n!edifact.element.paired@97+0 i1 g0 m1 s6 e3 c0\n");
    EXPECT(IFTSTA("05A") "TDT+20+++8'" END(6), "");
}

/* The level of syntax asks for what ISO 9735 says of its own segments alone. */
static void levels(void)
{
    static const char tdt[] = IFTSTA("16B") "TDT+20+++8'" END(6);
    static const char ung[] = U4 "UNG+ORDERS++++9'UNE+0+9'UNZ+1+1'";
    expect_at(tdt, sizeof tdt - 1, "syntax", NULL, "");
    expect_at(ung, sizeof ung - 1, "syntax", NULL,
              "!edifact.element.paired@46+0 i1 g1 m0 s0 e6 c0\n!edifact.element.paired@46+0 i1 g1 m0 s0 e7 c0\n"
              "!edifact.interchange.empty@47+8 i1 g1 m0 s0 e0 c0\n");
}

/* ---- an added directory with a note of each kind ---- */

static const char directory[] = "dragoman directory 1\n"
                                "name\tD.30A\n"
                                "[messages]\n"
                                "NOTES\tUNH AAA?9 BBB?9 CCC?9 (DDD EEE? FFF?)?9 UNT\n"
                                "[segments]\n"
                                "AAA\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                                "BBB\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                                "CCC\tC901?3 9001:an..3?\n"
                                "DDD\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                                "EEE\t9001:an..3?2 9001:an..3? 9001:an..3?\n"
                                "FFF\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                                "[composites]\n"
                                "C901\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                                "[elements]\n"
                                "9001\tan..3\tn\tThing\n"
                                "[notes]\n"
                                "AAA\tD1(010,020,030)\n"
                                "BBB\tD3(020,030)\n"
                                "C901\tD2(010,030)\n"
                                "DDD\tD6(010,020,030)\n"
                                "EEE\tD7(020,010)\n"
                                "FFF\tD4(010,020,030)\n";

static void each_kind(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_edi_book *book = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(directory), diags, &book), DGM_OK);
#define N(body, n) "UNB+UNOA:4+S+R+20260115:1023+1'UNH+1+NOTES:D:30A:UN'" body "UNT+" #n "+1'UNZ+1+1'" /* the body from 52 on */
    EXPECT_OF(book, N("AAA+++1'BBB++1'CCC+1::1*:2'DDD+1+1'EEE+++1'FFF++1'", 8), "");
    /* D1: none, and two: the second is the one too many */
    EXPECT_OF(book, N("AAA'", 3), "!edifact.element.none-of@55+0 i1 g0 m1 s2 e1 c0\n");
    EXPECT_OF(book, N("AAA+1++2'", 3), "!edifact.element.barred@59+1 i1 g0 m1 s2 e3 c0\n");
    /* D3 */
    EXPECT_OF(book, N("BBB+1'", 3), "!edifact.element.none-of@57+0 i1 g0 m1 s2 e2 c0\n");
    /* D2 of a composite, each of its occurrences; one that is empty asks for nothing */
    EXPECT_OF(book, N("CCC+1:2'", 3), "!edifact.element.paired@59+0 i1 g0 m1 s2 e1 c3\n");
    EXPECT_OF(book, N("CCC+1::1*::3*'", 3), "!edifact.element.paired@61+0 i1 g0 m1 s2 e1 c1\n");
    EXPECT_OF(book, N("CCC++1'", 3), "");
    /* D6: the first alone; D7: the first beside another, which is one of two occurrences; D4: three where one may be */
    EXPECT_OF(book, N("DDD+1'", 3), "!edifact.element.none-of@57+0 i1 g0 m1 s2 e2 c0\n");
    EXPECT_OF(book, N("DDD+++1'", 3), "");
    EXPECT_OF(book, N("DDD++1'EEE+1*2+3'", 4), "!edifact.element.barred@63+1 i1 g0 m1 s3 e1 c0\n");
    EXPECT_OF(book, N("DDD++1'EEE+1*2++3'", 4), "");
    EXPECT_OF(book, N("DDD++1'FFF+1+2+3'", 4),
              "!edifact.element.barred@65+1 i1 g0 m1 s3 e2 c0\n!edifact.element.barred@67+1 i1 g0 m1 s3 e3 c0\n");
    dgm_edi_book_free(book);
    dgm_diags_free(diags);
}

/* In version 3 what repeats has positions of its own: those behind it move, and the notes with them. */
static void versions(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_edi_book *book = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(directory), diags, &book), DGM_OK);
#define N3(body, n) "UNB+UNOA:3+S+R+260115:1023+1'UNH+1+NOTES:D:30A:UN'" body "UNT+" #n "+1'UNZ+1+1'" /* from 50 on */
    /* EEE: 9001 twice, then the second item; D7(020,010) bars the first item beside it, whichever of its occurrences is there */
    EXPECT_OF(book, N3("DDD++1'EEE++2+3'", 4), "!edifact.element.barred@61+0 i1 g0 m1 s3 e1 c0\n");
    EXPECT_OF(book, N3("DDD++1'EEE+++3'", 4), "");
    EXPECT_OF(book, N3("DDD++1'EEE+1+2'", 4), "");
    EXPECT_OF(book, N3("CCC++1::1'", 3), "");
    EXPECT_OF(book, N3("CCC++1'", 3), "!edifact.element.paired@56+0 i1 g0 m1 s2 e2 c3\n");
    dgm_edi_book_free(book);
    dgm_diags_free(diags);
}

/* ---- writing ---- */

/* Reads at the level of syntax, where notes of directories are not held, and writes what was read; wanted: "name path" a line for
 * each diagnostic of the writer, which then wrote nothing of the message. */
static dgm_status write_it(const dgm_mem *mem, const char *input, const char *syntax, const void *book, dgm_buffer *said)
{
    const dgm_codec *k = &dgm_codec_edifact;
    const dgm_setting level = { DGM_LITERAL("level"), DGM_LITERAL("syntax") }, to = { DGM_LITERAL("syntax"), dgm_slice_of(syntax) };
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_writer *w = NULL;
    dgm_message m;
    dgm_buffer out;
    dgm_buffer_init(&out, mem);
    dgm_status st = dgm_diags_new(mem, 0, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    host.knowledge = &book;
    host.knowledge_count = book != NULL;
    st = k->open_whole(&host, &level, 1, dgm_slice_of(input), &r);
    if (st == DGM_OK) st = k->writer_open(&host, NULL, &to, 1, dgm_buffer_sink(&out), &w);
    if (st == DGM_OK) st = k->next(r, &m);
    bool read = st == DGM_OK;
    if (read) {
        dgm_diags_clear(diags);
        st = m.tree ? k->write(w, m.tree) : DGM_DEFECT;
        k->recycle(r, &m);
    }
    for (size_t i = 0; i < dgm_diags_count(diags) && st == DGM_INVALID; i++) {
        const dgm_diag *d = dgm_diags_at(diags, i);
        if (dgm_buffer_print(said, "%s %.*s\n", dgm_diag_name(d->code), (int)d->path.len, d->path.at) != DGM_OK) st = DGM_NOMEM;
    }
    if (st == DGM_INVALID && dgm_diags_failed(diags)) st = DGM_NOMEM;
    k->writer_close(w);
    k->close(r);
    dgm_buffer_free(&out);
    dgm_diags_free(diags);
    return st;
}

static void expect_written(const char *input, const char *syntax, const void *book, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer said;
    dgm_buffer_init(&said, &mem);
    CU_ASSERT_EQUAL(write_it(&mem, input, syntax, book, &said), *wanted ? DGM_INVALID : DGM_OK);
    TEST_TEXT(dgm_buffer_slice(&said), wanted);
    dgm_buffer_free(&said);
}

static void what_breaks_one_is_not_written(void)
{
    expect_written(IFTSTA("16B") "TDT+20++1+8'TDT+20+V'" END(7), "UNOA:3", NULL, "");
    expect_written(IFTSTA("16B") "TDT+20++1+8'TDT+20+++8'" END(7), "UNOA:3", NULL,
                   "edifact.element.paired SG14#1/SG15#1/SG19#2/TDT/C220\n");
    expect_written(IFTSTA("05A") "TDT+20+++8'" END(6), "UNOA:3", NULL, "");
    dgm_mem mem = dgm_mem_default();
    dgm_diags *diags;
    dgm_edi_book *book = NULL;
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
    CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), dgm_slice_of(directory), diags, &book), DGM_OK);
    /* the same that a reader tells of (each kind, versions), by path */
    static const struct {
        const char *body, *wanted;
    } rows[] = {
        { N("AAA+++1'BBB++1'CCC+1::1*:2'DDD+1+1'EEE+++1'FFF++1'", 8), "" },
        { N("AAA'", 3), "edifact.element.none-of AAA#1/9001#1\n" },
        { N("AAA+1++2'", 3), "edifact.element.barred AAA#1/9001#3\n" },
        { N("AAA+++1'BBB+1'", 3), "edifact.element.none-of BBB#1/9001#2\n" },
        { N("CCC+1:2'", 3), "edifact.element.paired CCC#1/C901#1/9001#3\n" },
        { N("CCC+1::1*::3*'", 3), "edifact.element.paired CCC#1/C901#2/9001#1\n" },
        { N("CCC++1'", 3), "" },
        { N("DDD+1'", 3), "edifact.element.none-of SG1#1/DDD/9001#2\n" },
        { N("DDD+++1'", 3), "" },
        { N("DDD++1'EEE+1*2+3'", 4), "edifact.element.barred SG1#1/EEE/9001#1\n" },
        { N("DDD++1'EEE+1*2++3'", 4), "" },
        { N("DDD++1'FFF+1+2+3'", 4), "edifact.element.barred SG1#1/FFF/9001#2\nedifact.element.barred SG1#1/FFF/9001#3\n" },
        { N3("DDD++1'EEE++2+3'", 4), "edifact.element.barred SG1#1/EEE/9001#2\n" },
        { N3("DDD++1'EEE+++3'", 4), "" },
        { N3("CCC++1'", 3), "edifact.element.paired CCC#1/C901#2/9001#3\n" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) /* whichever syntax it goes to */
        for (int version = 3; version <= 4; version++)
            expect_written(rows[i].body, version == 4 ? "UNOC:4" : "UNOC:3", book, rows[i].wanted);
    /* parts of a message */
    expect_written(U4 CONTRL UCI UCM UCM END(5), "UNOC:4", NULL, "");
    expect_written(U4 CONTRL UCI UCM UCF END(5), "UNOC:4", NULL, "edifact.element.barred SG3#1\n");
    expect_written(U4 CONTRL "UCI+9+A+B+4++UNB'" END(3), "UNOC:4", NULL, "edifact.element.paired UCI/0085\n");
    dgm_edi_book_free(book);
    dgm_diags_free(diags);
}

static dgm_status write_broken(const dgm_mem *mem, void *ctx)
{
    dgm_buffer said;
    (void)ctx;
    dgm_buffer_init(&said, mem);
    dgm_status st = write_it(mem, IFTSTA("16B") "TDT+20+++8'" END(6), "UNOA:3", NULL, &said);
    dgm_buffer_free(&said);
    return st == DGM_INVALID ? DGM_OK : st;
}

static void each_allocation_may_fail(void)
{
    CU_ASSERT(test_each_allocation_fails(write_broken, NULL) > 0);
}

/* What cannot be a note is refused when the directory is loaded. */
static void wrong_notes(void)
{
    static const char *const lines[] = {
        "AAA\tD8(010,020)",
        "AAA\tD1(010)",
        "AAA\tD1(010,025)",
        "AAA\tD1(000,010)",
        "AAA\tD1(010 020)",
        "AAA\tD1(010,020",
        "AAA\tD1(010,040)",
        "ZZZ\tD1(010,020)",
        "AAA\t",
        "AAA\tD1(010,020)  D2(010,020)",
        "AAA\tD5(10,20)",
        "AAA\tD1(00010,020)",
        "AAAAAAAAA\tD1(010,020)",
        "AAA\tD1(010,020,030,010,020,030,010,020,030,010,020,030,010,020,030,010,020)",
    };
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        char file[400];
        dgm_diags *diags;
        dgm_edi_book *book = NULL;
        int n = snprintf(file, sizeof file,
                         "dragoman directory 1\nname\tD.30A\n[segments]\nAAA\t9001:an..3? 9001:an..3? 9001:an..3?\n"
                         "[elements]\n9001\tan..3\tn\tThing\n[notes]\n%s\n",
                         lines[i]);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 0, &diags), DGM_OK);
        CU_ASSERT_EQUAL(dgm_edi_book_load(&mem, DGM_LITERAL("x"), (dgm_slice){ file, (size_t)n }, diags, &book), DGM_CONFIG);
        CU_ASSERT_EQUAL(dgm_diags_count(diags), 1);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->line, 8);
        if (dgm_diags_count(diags) != 1) fprintf(stderr, "%s: %zu diagnostics\n", lines[i], dgm_diags_count(diags));
        dgm_edi_book_free(book);
        dgm_diags_free(diags);
    }
}

/* Every note linked in speaks of what is there. */
static void linked_notes(void)
{
    dgm_edi_directory d;
    dgm_slice id;
    size_t notes = 0;
    CU_ASSERT_TRUE_FATAL(dgm_edi_directory_open(DGM_LITERAL("D.24A"), &d));
    d.syntax4 = true;
    for (size_t cursor = 0; dgm_edi_id_each(&d, DGM_EDI_NOTES, &cursor, &id);) {
        static const dgm_edi_table owners[] = { DGM_EDI_MESSAGES, DGM_EDI_SEGMENTS, DGM_EDI_COMPOSITES };
        size_t found = 0;
        for (size_t i = 0; i < 3; i++) {
            dgm_edi_list list = { 0 };
            dgm_edi_message m;
            dgm_edi_item item;
            dgm_edi_part part;
            dgm_edi_note note;
            size_t items = 0;
            if (i == 0 && dgm_edi_message_find(&d, id, &m))
                while (dgm_edi_part_next(&m.structure, &part)) items += part.kind != DGM_EDI_PART_CLOSE;
            if ((i == 1 && dgm_edi_segment_find(&d, id, &list)) || (i == 2 && dgm_edi_composite_find(&d, id, &list)))
                while (dgm_edi_item_next(&list.items, &item)) items++;
            if (!items) continue;
            found++;
            dgm_slice rest = dgm_edi_notes_of(&d, owners[i], id);
            while (rest.len) {
                CU_ASSERT_TRUE_FATAL(dgm_edi_note_next(&rest, &note));
                for (uint32_t k = 0; k < note.count; k++) CU_ASSERT(note.at[k] <= items);
                notes++;
            }
        }
        CU_ASSERT_EQUAL(found, 1);
    }
    CU_ASSERT_EQUAL(notes, 15);
}

int main(void)
{
    static const test_case cases[] = {
        { "if first, then all", if_first_then_all },
        { "parts of a message", parts_of_a_message },
        { "segments of directories", segments_of_directories },
        { "levels", levels },
        { "each kind", each_kind },
        { "versions", versions },
        { "what breaks one is not written", what_breaks_one_is_not_written },
        { "each allocation may fail", each_allocation_may_fail },
        { "wrong notes", wrong_notes },
        { "linked notes", linked_notes },
        { 0 },
    };
    return test_main("edifact notes", cases);
}
