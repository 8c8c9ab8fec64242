/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_found.c - what fuzzing found in reading and writing EDIFACT, each as the small thing that it came down to. Expected
 * values come from ISO 9735. One thread.
 */
#include "edifact_tests.h"

#define U3 "UNB+UNOC:3+S+R+260115:1023+1'"
#define U4 "UNB+UNOC:4+S+R+20260115:1023+1'"
#define H  "UNH+1+ORDERS:D:96B:UN'"

static void expect(const char *input, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        text.len = 0;
        edi_case c = { .mem = &mem, .chunk = chunk, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, dgm_slice_of(input)), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}

/* A release character that the input ends behind stands for nothing: the value is there and empty, and its tree says so. */
static void a_value_of_a_release_alone(void)
{
    dgm_reader *r = NULL;
    dgm_message m;
    dgm_host host = dgm_host_make(NULL, NULL, NULL, NULL, NULL, 0);
    CU_ASSERT_FATAL(dgm_codec_edifact.open_whole(&host, NULL, 0, DGM_LITERAL("UNH+?"), &r) == DGM_OK);
    CU_ASSERT_FATAL(dgm_codec_edifact.next(r, &m) == DGM_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
    CU_ASSERT(dgm_tree_sound(m.tree));
    CU_ASSERT_EQUAL_FATAL(m.tree->node_count, 3); /* the message, UNH, its first element */
    CU_ASSERT(dgm_node_flags(&m.tree->nodes[2]) & DGM_EMPTY);
    CU_ASSERT_EQUAL(dgm_tree_value(m.tree, 2).len, 0);
    dgm_codec_edifact.recycle(r, &m);
    dgm_codec_edifact.close(r);
}

/* A service character beyond ASCII that is released is a character of the set like others. */
static void released_service_characters_are_decoded(void)
{
    static const char head[] = "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n";
    static const char tail[] = "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\n"
                               "UNT/0062=1\n";
    char input[256], wanted[512];
    static const struct {
        const char *set, *value, *told;
    } cases[] = { { "UNOC",
                    "A\xC3\xA4"
                    "B",
                    "" },
                  { "UNOY",
                    "A\xEF\xBF\xBD"
                    "B",
                    "!edifact.character.encoding@70+1 i1 g0 m1 s2 e2 c1\n" } };
    for (size_t i = 0; i < 2; i++) {
        snprintf(input, sizeof input,
                 "UNA\xE4+.? 'UNB+%s\xE4"
                 "3+S+R+260115\xE4"
                 "1023+1'UNH+1+ORDERS\xE4"
                 "D\xE4"
                 "96B\xE4UN'BGM+220+A?\xE4"
                 "B'DTM+137\xE4"
                 "20260115\xE4"
                 "102'UNS+S'UNT+5+1'UNZ+1+1'",
                 cases[i].set);
        snprintf(wanted, sizeof wanted, "%sBGM/C002/1001=220\nBGM/C106/1004=%s\n%s%s", head, cases[i].value, tail, cases[i].told);
        expect(input, wanted);
    }
}

/* Where a trailer is told to miss something, its path is its own, whatever stood before it. */
static void the_path_of_a_trailer(void)
{
    static const char input[] = U4 H "USH+1+A'BGM+220+\xE4'DTM+137:20260115:102'UNS+S'UNT+6+1'UNZ+1+1'";
    for (size_t chunk = 1; chunk < sizeof input; chunk++) {
        dgm_diags *diags;
        dgm_reader *r = NULL;
        dgm_message m;
        dgm_status st;
        size_t fed = 0, told = 0;
        CU_ASSERT_FATAL(dgm_diags_new(NULL, 100, &diags) == DGM_OK);
        dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
        CU_ASSERT_FATAL(dgm_codec_edifact.open(&host, NULL, 0, &r) == DGM_OK);
        while ((st = dgm_codec_edifact.next(r, &m)) != DGM_END) {
            size_t to = fed + chunk < sizeof input - 1 ? fed + chunk : sizeof input - 1;
            if (st == DGM_OK) dgm_codec_edifact.recycle(r, &m);
            if (st != DGM_MORE) continue;
            (void)dgm_codec_edifact.feed(r, (dgm_slice){ input + fed, to - fed }, to == sizeof input - 1);
            fed = to;
        }
        for (size_t i = 0; i < dgm_diags_count(diags); i++) {
            if (dgm_diags_at(diags, i)->code != DGM_D_EDI_SECURITY_NO_END) continue;
            TEST_TEXT(dgm_diags_at(diags, i)->path, "UNT");
            told++;
        }
        CU_ASSERT_EQUAL(told, 1);
        dgm_codec_edifact.close(r);
        dgm_diags_free(diags);
    }
}

/* Writes what was read, as UNOC in another version, and counts how often it is told that it cannot be. */
static size_t written_as(const char *input, const char *version, dgm_diag_code code, const char *path)
{
    const dgm_setting syntax = { { "syntax", 6 }, dgm_slice_of(version) };
    dgm_buffer out;
    dgm_diags *diags;
    dgm_reader *r = NULL;
    dgm_writer *w = NULL;
    dgm_message m;
    size_t told = 0;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_FATAL(dgm_diags_new(NULL, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_FATAL(dgm_codec_edifact.open_whole(&host, NULL, 0, dgm_slice_of(input), &r) == DGM_OK);
    CU_ASSERT_FATAL(dgm_codec_edifact.next(r, &m) == DGM_OK && m.tree && m.errors == 0);
    CU_ASSERT_FATAL(dgm_codec_edifact.writer_open(&host, NULL, &syntax, 1, dgm_buffer_sink(&out), &w) == DGM_OK);
    dgm_status st = dgm_codec_edifact.write(w, m.tree);
    CU_ASSERT_EQUAL(st, code == DGM_D_NONE ? DGM_OK : DGM_INVALID);
    for (size_t i = 0; i < dgm_diags_count(diags); i++) {
        if (dgm_diags_at(diags, i)->code != code) continue;
        TEST_TEXT(dgm_diags_at(diags, i)->path, path);
        told++;
    }
    CU_ASSERT_EQUAL(dgm_diags_errors(diags), told);
    dgm_codec_edifact.writer_close(w);
    dgm_codec_edifact.recycle(r, &m);
    dgm_codec_edifact.close(r);
    dgm_buffer_free(&out);
    dgm_diags_free(diags);
    return told;
}

/* UNH of version 4 has a longer 0051 and places that version 3 lacks (ISO 9735-10, S009): refused, and nothing invalid is written.
 */
static void a_header_that_an_older_version_cannot_hold(void)
{
#define BODY "BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+1'"
    static const char agency[] = U4 "UNH+1+ORDERS:D:96B:XYZ'" BODY;
    static const char list[] = U4 "UNH+1+ORDERS:D:96B:UN:EAN008:1'" BODY;
    static const char subset[] = U4 "UNH+1+ORDERS:D:96B:UN+++SUBSET'" BODY;
    CU_ASSERT_EQUAL(written_as(agency, "UNOC:3", DGM_D_EDI_TOO_LONG, "UNH/S009/0051"), 1);
    CU_ASSERT_EQUAL(written_as(list, "UNOC:3", DGM_D_EDI_WRITE_UNKNOWN, "UNH/S009/0110"), 1);
    CU_ASSERT_EQUAL(written_as(subset, "UNOC:3", DGM_D_EDI_WRITE_UNKNOWN, "UNH/S016/0115"), 1);
    static const char access[] = U4 "UNH+1?+\xC4+ORDERS:D:96B:UN+\xD6K'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1?+\xC4'UNZ+1+1'";
    CU_ASSERT_EQUAL(written_as(access, "UNOC:3", DGM_D_NONE, ""), 0);
    CU_ASSERT_EQUAL(written_as(access, "UNOD:4", DGM_D_NONE, ""), 0);
    CU_ASSERT_EQUAL(written_as(agency, "UNOC:4", DGM_D_NONE, ""), 0);
    CU_ASSERT_EQUAL(written_as(list, "UNOC:4", DGM_D_NONE, ""), 0);
    CU_ASSERT_EQUAL(written_as(subset, "UNOC:4", DGM_D_NONE, ""), 0);
#undef BODY
}

/* A code with NULs behind it is no code, also right behind the code itself, which the reader still has at hand. */
static void codes_with_nuls(void)
{
#define MESSAGE(reference, code)                                                                                                   \
    "UNH+" reference "+ORDERS:D:96B:UN'BGM+220+A+" code "'DTM+137:20260115:102'UNS+S'UNT+5+" reference "'"
    static const char input[] =
        "UNB+UNOC:3+S+R+260115:1023+1'" MESSAGE("1", "9") MESSAGE("2", "9\0\0") MESSAGE("3", "9") MESSAGE("4", "9") "UNZ+4+1'";
    static const char wanted[] = "!edifact.character.repertoire@131+2 i1 g0 m2 s2 e3 c0\n"
                                 "!edifact.code.unknown@130+3 i1 g0 m2 s2 e3 c0\n";
    const dgm_setting level = { { "level", 5 }, { "codes", 5 } };
    dgm_buffer text;
    dgm_buffer_init(&text, NULL);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        text.len = 0;
        edi_case c = { .settings = &level, .setting_count = 1, .chunk = chunk, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, sizeof input - 1 }), DGM_END);
        const char *told = text.at ? memchr(text.at, '!', text.len) : NULL;
        CU_ASSERT_PTR_NOT_NULL_FATAL(told);
        TEST_TEXT(((dgm_slice){ told, text.len - (size_t)(told - text.at) }), wanted);
    }
    dgm_buffer_free(&text);
#undef MESSAGE
}

/* What a truncated message that was passed over is told with does not depend on how much of it is still in memory. */
static void the_end_of_what_is_skipped(void)
{
    static const char input[] = U4 "UNO+P1+1++4000000000:EN'octets";
    for (size_t chunk = sizeof input; chunk > 0; chunk--) {
        dgm_diags *diags;
        dgm_reader *r = NULL;
        dgm_message m;
        dgm_status st;
        size_t fed = 0, told = 0;
        CU_ASSERT_FATAL(dgm_diags_new(NULL, 100, &diags) == DGM_OK);
        dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
        CU_ASSERT_FATAL(dgm_codec_edifact.open(&host, NULL, 0, &r) == DGM_OK);
        while ((st = dgm_codec_edifact.next(r, &m)) != DGM_END) {
            size_t to = fed + chunk < sizeof input - 1 ? fed + chunk : sizeof input - 1;
            if (st == DGM_OK) dgm_codec_edifact.recycle(r, &m);
            if (st != DGM_MORE) continue;
            (void)dgm_codec_edifact.feed(r, (dgm_slice){ input + fed, to - fed }, to == sizeof input - 1);
            fed = to;
        }
        for (size_t i = 0; i < dgm_diags_count(diags); i++) {
            const dgm_diag *d = dgm_diags_at(diags, i);
            if (d->code != DGM_D_EDI_MESSAGE_TRUNCATED) continue;
            CU_ASSERT_EQUAL(d->at_byte, sizeof input - 1);
            TEST_TEXT(d->excerpt, "");
            told++;
        }
        CU_ASSERT_EQUAL(told, 1);
        dgm_codec_edifact.close(r);
        dgm_diags_free(diags);
    }
}

/* The first CONTRL, of version 1, is not taken for the later one that came before it. */
static void the_first_contrl_behind_another(void)
{
#define CONTRL(reference, version) "UNH+" reference "+CONTRL:" version ":UN'UCI+R+S+R+7'UNT+3+" reference "'"
    static const char input[] = "UNB+UNOC:3+S+R+260115:1023+1'" CONTRL("1", "D:3") CONTRL("2", "1:1") "UNZ+2+1'";
    expect(input,
           "UNH/0062=1\nUNH/S009/0065=CONTRL\nUNH/S009/0052=D\nUNH/S009/0054=3\nUNH/S009/0051=UN\nUCI/0020=R\n"
           "UCI/S002/0004=S\nUCI/S003/0010=R\nUCI/0083=7\nUNT/0074=3\nUNT/0062=1\n"
           "UNH/0062=2\nUNH/S009/0065=CONTRL\nUNH/S009/0052=1\nUNH/S009/0054=1\nUNH/S009/0051=UN\n"
           "UCI/1=R\nUCI/2=S\nUCI/3=R\nUCI/4=7\nUNT/0074=3\nUNT/0062=2\n!edifact.directory.unknown@82+3 i1 g0 m2 s1 e2 c2\n");
#undef CONTRL
}

/* Where encrypted data stands that nobody keeps: between messages, so that the bytes before the trailer may be gone. */
static void the_place_of_octets_that_are_gone(void)
{
    expect(U4 "UNG+ORDERS+S+R+20260115:1023+1+UN+D:96B'USH+1+A'USD+9'octets'USU+9'UST+A+4'UNE+0+1'UNZ+1+1'",
           "!edifact.security.encrypted@79+6 i1 g1 m0 s0 e0 c0\n!edifact.package.length@85+7 i1 g1 m0 s0 e0 c0\n");
}

/* A percent sign is a line feed of EBCDIC: behind an interchange in EBCDIC, but not in the input behind that. */
static void what_a_reader_forgets(void)
{
    static const char ebcdic[] = "\xE4\xD5\xC2\x4E\xE4\xD5\xD6\xC1\x7A\xF3\x4E\xE2\x4E\xD9\x4E\xF2\xF6\xF0\xF1\xF1\xF5\x7A\xF1\xF0"
                                 "\xF2\xF3\x4E\xF1\x7D\xE4\xD5\xE9\x4E\xF0\x4E\xF1\x7D";
    static const char plain[] = "%UNB+UNOA:3+S+R+260115:1023+1'UNZ+0+1'";
    const dgm_slice inputs[] = { { ebcdic, sizeof ebcdic - 1 }, { plain, sizeof plain - 1 } };
    dgm_diags *diags;
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_FATAL(dgm_diags_new(NULL, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_FATAL(dgm_codec_edifact.open(&host, NULL, 0, &r) == DGM_OK);
    for (size_t i = 0; i < 2; i++) {
        dgm_diags_clear(diags);
        CU_ASSERT_EQUAL(dgm_codec_edifact.feed(r, inputs[i], true), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_edifact.next(r, &m), DGM_END);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 2); /* and that it holds no message */
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 1)->code, DGM_D_EDI_EMPTY);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, i ? DGM_D_EDI_INTERCHANGE_JUNK : DGM_D_EDI_ENCODED);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->at_byte, 0);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->bytes, i ? 1 : 3);
        dgm_codec_edifact.reset(r);
    }
    dgm_codec_edifact.close(r);
    dgm_diags_free(diags);
}

/* An escape sequence that never ended, in an input that a reader is done with, is none of the next one's. */
static void an_escape_of_the_input_before(void)
{
    static const char input[] = "UNB+UNOX:3+S+R+260115:1023+1'UNH+1+ORDERS:D:96B:UN'BGM+220+A\x1B'\x1B";
    dgm_diags *diags;
    dgm_reader *r = NULL;
    dgm_message m;
    CU_ASSERT_FATAL(dgm_diags_new(NULL, 100, &diags) == DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_FATAL(dgm_codec_edifact.open(&host, NULL, 0, &r) == DGM_OK);
    for (size_t i = 0; i < 2; i++) {
        dgm_diags_clear(diags);
        CU_ASSERT_EQUAL(dgm_codec_edifact.feed(r, dgm_slice_of(input), false), DGM_OK);
        CU_ASSERT_EQUAL(dgm_codec_edifact.next(r, &m), DGM_MORE);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_count(diags), 1); /* of the sequence itself */
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, DGM_D_EDI_ENCODING);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->at_byte, 60);
        dgm_codec_edifact.reset(r);
    }
    dgm_codec_edifact.close(r);
    dgm_diags_free(diags);
}

/* A control character may separate, as those of UNOB do; released it stands in a value, where none belongs. */
static void a_released_control(void)
{
    static const char input[] = "UNA:+.\035 '" U3 H "BGM+220+A\035\035B'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+1'";
    expect(input, "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\n"
                  "BGM/C106/1004=A\035B\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\n"
                  "UNT/0074=5\nUNT/0062=1\n!edifact.character.repertoire@70+1 i1 g0 m1 s2 e2 c1\n");
}

/* What stands behind a byte that is no character has the place it came at, not the one in the text with U+FFFD. */
static void a_control_behind_a_bad_byte(void)
{
    expect("UNB+UNOY:4+S+R+20260115:1023+1'" H "BGM+220+A\377B\302\214C'DTM+137:20260115:102'UNS+S'UNT+5+1'UNZ+1+1'",
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\n"
           "BGM/C106/1004=A\357\277\275B\302\214C\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n"
           "UNS/0081=S\nUNT/0074=5\nUNT/0062=1\n!edifact.character.encoding@62+1 i1 g0 m1 s2 e2 c1\n"
           "!edifact.character.repertoire@64+2 i1 g0 m1 s2 e2 c1\n");
}

/* A minus is part of a number (ISO 9735:1988, 10), but no count is below zero. */
static void counts_below_zero(void)
{
    expect("UNB+UNOC:3+S+R+260115:1023+1'UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+-5+1'UNZ+-1+1'",
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\n"
           "BGM/C106/1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=-5\n"
           "UNT/0062=1\n!edifact.count.segments@92+2 i1 g0 m1 s5 e1 c0\n!edifact.count.messages@101+2 i1 g0 m0 s0 e1 c0\n");
}

/* A number that no trailer has is none, however much of it is there already: the octets go on to the end of the message. */
static void a_trailer_with_a_long_number(void)
{
#define LONG "1234567890123456789012345678901234567890123456789012345678901234567890"
    static const char input[] = U4 H "USH+1+A'USD'octetsUSU+" LONG "'UST+A+4'USU+6'UST+A+4'UNT+6+1'UNZ+1+1'";
    dgm_mem mem = dgm_mem_default();
    dgm_buffer whole, pieces;
    dgm_buffer_init(&whole, &mem);
    dgm_buffer_init(&pieces, &mem);
    edi_case a = { .mem = &mem, .text = &whole };
    CU_ASSERT_EQUAL(edi_read(&a, dgm_slice_of(input)), DGM_END);
    const char *data = "data=octetsUSU+" LONG "'UST+A+4'\n";
    CU_ASSERT(whole.at && memmem(whole.at, whole.len, data, strlen(data)));
    for (size_t chunk = 1; chunk < 100; chunk += 3) {
        pieces.len = 0;
        edi_case b = { .mem = &mem, .chunk = chunk, .text = &pieces };
        CU_ASSERT_EQUAL(edi_read(&b, dgm_slice_of(input)), DGM_END);
        test_slice_equal(dgm_buffer_slice(&pieces), dgm_buffer_slice(&whole), __FILE__, __LINE__);
    }
    dgm_buffer_free(&whole);
    dgm_buffer_free(&pieces);
#undef LONG
}

/* An occurrence too many may be empty; those behind it are no less too many, and told of once. */
static void empty_repetitions_too_many(void)
{
    expect("UNB+UNOC:4+S+R+20260115:1023+1'UNH+1+CONTRL:4:1:UN'UCI+R+A**B*C+R+7'UNT+3+1'UNZ+1+1'",
           "UNH/0062=1\nUNH/S009/0065=CONTRL\nUNH/S009/0052=4\nUNH/S009/0054=1\nUNH/S009/0051=UN\nUCI/0020=R\nUCI/S002/0004=A\n"
           "UCI/S002#3/0004=B\nUCI/S002#4/0004=C\nUCI/S003/0010=R\nUCI/0083=7\nUNT/0074=3\nUNT/0062=1\n"
           "!edifact.element.repetitions@60+1 i1 g0 m1 s2 e2 c0\n");
}

int main(void)
{
    const test_case cases[] = { { "a value of a release alone", a_value_of_a_release_alone },
                                { "released service characters are decoded", released_service_characters_are_decoded },
                                { "the path of a trailer", the_path_of_a_trailer },
                                { "a header that an older version cannot hold", a_header_that_an_older_version_cannot_hold },
                                { "codes with NULs", codes_with_nuls },
                                { "the end of what is skipped", the_end_of_what_is_skipped },
                                { "the first CONTRL behind another", the_first_contrl_behind_another },
                                { "the place of octets that are gone", the_place_of_octets_that_are_gone },
                                { "what a reader forgets", what_a_reader_forgets },
                                { "an escape of the input before", an_escape_of_the_input_before },
                                { "a released control", a_released_control },
                                { "a control behind a bad byte", a_control_behind_a_bad_byte },
                                { "counts below zero", counts_below_zero },
                                { "a trailer with a long number", a_trailer_with_a_long_number },
                                { "empty repetitions too many", empty_repetitions_too_many },
                                { 0 } };
    return test_main("edifact found", cases);
}
