/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_surroundings.c - interchanges as they come over real lines: service characters misused, lines cut at 80 columns,
 * blanks, junk, several interchanges, missing headers and trailers; and that a broken message costs its neighbours nothing.
 * Expected values come from ISO 9735:1988, 5 to 7 and annex B, worked out by hand. One thread.
 */
#include "edifact_tests.h"

static void read_with(const char *input, size_t len, const dgm_setting *settings, size_t n, size_t chunk, dgm_buffer *text)
{
    dgm_mem mem = dgm_mem_default();
    text->len = 0;
    edi_case c = { .mem = &mem, .chunk = chunk, .text = text, .settings = settings, .setting_count = n };
    CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, len }), DGM_END);
}

static void expect_with(const char *input, size_t len, const dgm_setting *settings, size_t n, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        read_with(input, len, settings, n, chunk, &text);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}
#define EXPECT(input, wanted) expect_with((input), sizeof(input) - 1, NULL, 0, (wanted))

/* Every prefix ends well, and says the same whole and in pieces. */
static void sweep(const char *input, size_t len, const dgm_setting *settings, size_t count)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer whole, pieces;
    dgm_buffer_init(&whole, &mem);
    dgm_buffer_init(&pieces, &mem);
    for (size_t n = 0; n < len; n++) {
        read_with(input, n, settings, count, 0, &whole);
        read_with(input, n, settings, count, n % 7 + 1, &pieces);
        test_slice_equal(dgm_buffer_slice(&pieces), dgm_buffer_slice(&whole), __FILE__, __LINE__);
    }
    dgm_buffer_free(&whole);
    dgm_buffer_free(&pieces);
}
#define SWEEP(input) sweep((input), sizeof(input) - 1, NULL, 0)

#define U           "UNB+UNOA:3+S+R+260115:1023+1'"                                                   /* 29 bytes */
#define M(ref)      "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+" ref "'" /* 67 bytes */
#define HEAD(ref)   "UNH/0062=" ref "\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n"
#define DATE        "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n"
#define BODY        "BGM/C002/1001=220\nBGM/C106/1004=A\n" DATE "UNS/0081=S\n"
#define M_TREE(ref) HEAD(ref) BODY "UNT/0074=5\nUNT/0062=" ref "\n"
#define Z           "UNZ+1+1'"

/* ---- UNA
 * ------------------------------------------------------------------------------------------------------------------------- */

static void una_as_partners_send_it(void)
{
    /* no release character: "?" is itself */
    EXPECT("UNA:+.  '" U "UNH+1+ORDERS:D:96B:UN'BGM+220+A?'DTM+137:20260115:102'UNS+S'UNT+5+1'" Z,
           HEAD("1") "BGM/C002/1001=220\nBGM/C106/1004=A?\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n"
                     "UNS/0081=S\nUNT/0074=5\nUNT/0062=1\n");
    /* the same character twice: the header shows which it is */
    EXPECT("UNA++.? '" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA::.? '" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.+ '" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.? +" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    /* the header contradicts it */
    EXPECT("UNA;|.? '" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.? '"
           "UNB|UNOA;3|S|R|260115;1023|1'UNH|1|ORDERS;D;96B;UN'BGM|220|A'DTM|137;20260115;102'UNS|S'UNT|5|1'UNZ|1|1'",
           M_TREE("1") "!edifact.una.invalid@3+6 i1 g0 m0 s0 e0 c0\n");
    /* the reserved character forgotten; one too many; line ends behind it */
    EXPECT("UNA:+.?'" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+5 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.?'\r\n" U "\r\n" M("1") Z, M_TREE("1") "!edifact.una.invalid@3+5 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.?  '" U M("1") Z, M_TREE("1") "!edifact.una.invalid@3+7 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNA:+.? '\r\n\r\n" U M("1") Z, M_TREE("1"));
    EXPECT("UNA:+.? \n"
           "UNB+UNOA:3+S+R+260115:1023+1\nUNH+1+ORDERS:D:96B:UN\nBGM+220+A\n\nDTM+137:20260115:102\nUNS+S\nUNT+5+1\nUNZ+1+1\n",
           M_TREE("1"));
    SWEEP("UNA:+.?'" U M("1") Z);
    SWEEP("UNA++.? '" U M("1") Z);
}

/* Separators of neither level without UNA: they can be seen in UNB, and the terminator before UNH. */
static void separators_without_una(void)
{
    EXPECT("UNB|UNOA;3|S|R|260115;1023|1~UNH|1|ORDERS;D;96B;UN~BGM|220|A~DTM|137;20260115;102~UNS|S~UNT|5|1~UNZ|1|1~",
           M_TREE("1") "!edifact.una.missing@3+1 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNB|UNOA;3|S|R|260115;1023|1\r\nUNH|1|ORDERS;D;96B;UN\r\nBGM|220|A\r\nDTM|137;20260115;102\r\nUNS|S\r\nUNT|5|1\r\nUNZ|"
           "1|1\r\n",
           M_TREE("1") "!edifact.una.missing@3+1 i1 g0 m0 s0 e0 c0\n");
    SWEEP("UNB|UNOA;3|S|R|260115;1023|1~UNH|1|ORDERS;D;96B;UN~BGM|220|A~UNT|5|1~UNZ|1|1~");
}

/* ---- lines
 * ------------------------------------------------------------------------------------------------------------------------ */

/* Cut at 30 columns: inside UNH's type, a tag, a value, between a release and what it releases, and behind terminators. */
static void lines_cut_at_a_length(void)
{
    static const dgm_setting drop[] = { { { "line-breaks", 11 }, { "drop", 4 } } };
    static const char input[] = "UNB+UNOA:3+S+R+260115:1023+1'U\r\n"
                                "NH+1+ORDERS:D:96B:UN'BGM+220+A\r\n"
                                "?\r\n+B'DTM+137:2026\r\n0115:102'\r\nUNS+S'UNT+5+\r\n1'UNZ+1+1'\r\n";
    static const char wanted[] = HEAD("1") "BGM/C002/1001=220\nBGM/C106/1004=A+B\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\n"
                                           "DTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n"
                                           "!edifact.segment.lines@30+2 i1 g0 m0 s0 e0 c0\n";
    expect_with(input, sizeof input - 1, drop, 1, wanted);
    sweep(input, sizeof input - 1, drop, 1);
    /* one segment a line: nothing to say; and offsets stay those of the input */
    static const char lines[] = U "\r\nUNH+1+ORDERS:D:96B:UN'\r\nBGM+220+A'\r\nDTM+137:20260115:102'\r\nUNS+S'\r\nUNT+6+1'\r\n" Z;
    expect_with(lines, sizeof lines - 1, drop, 1,
                HEAD("1") BODY "UNT/0074=6\nUNT/0062=1\n!edifact.count.segments@102+1 i1 g0 m1 s5 e1 c0\n");
    /* a value that holds a break is that long in the input: S002's 0004 may have 35 characters, these are 36 and two */
    static const char longer[] = "UNB+UNOA:3+AAAAAAAAAAAAAAAAAA\r\nBBBBBBBBBBBBBBBBBB+R+260115:1023+1'" M("1") Z;
    expect_with(longer, sizeof longer - 1, drop, 1,
                M_TREE("1") "!edifact.segment.lines@29+2 i1 g0 m0 s0 e0 c0\n!edifact.value.too-long@11+38 i1 g0 m0 s0 e2 c1\n");
}

/* ---- what stands around
 * ----------------------------------------------------------------------------------------------------------- */

static void settings_say_how_bad_it_is(void)
{
    static const dgm_setting strict[] = { { { "junk", 4 }, { "error", 5 } },
                                          { { "blanks", 6 }, { "error", 5 } },
                                          { { "headless", 8 }, { "error", 5 } } };
    static const char *const inputs[] = { "junk " U M("1") Z, "\xEF\xBB\xBF" U M("1") Z, U " " M("1") Z, M("1") };
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++)
        for (size_t n = 0; n < 4; n += 3) {
            text.len = 0;
            edi_case c = { .mem = &mem, .text = &text, .settings = strict, .setting_count = n };
            CU_ASSERT_EQUAL(edi_read(&c, dgm_slice_of(inputs[i])), DGM_END);
            CU_ASSERT_EQUAL(c.messages, 1);
            CU_ASSERT_EQUAL(c.errors, n ? 1 : 0);
        }
    dgm_buffer_free(&text);
}

static void several_interchanges_and_padding(void)
{
    static const char input[] = "\xEF\xBB\xBF" U M("1") Z "\r\n\0\0\x1A" U M("2") Z "some text\r\nUNA:+.? '" U M("3") Z "   \r\n\0";
    EXPECT(input, M_TREE("1") M_TREE("2") M_TREE("3") "!edifact.interchange.bom@0+3 i0 g0 m0 s0 e0 c0\n"
                                                      "!edifact.interchange.junk@216+11 i2 g0 m0 s0 e0 c0\n");
    SWEEP(input);
}

/* ---- by which directory
 * ------------------------------------------------------------------------------------------------------------ */

#define O(version) U "UNH+1+ORDERS" version "'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'" Z

/* In D.96B BGM has 1004 as an element of its own composite C106, in D.93A as an element. */
static void settings_choose_the_directory(void)
{
    static const char by_93a[] = "BGM/C002/1001=220\nBGM/1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\n"
                                 "DTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n";
    static const struct {
        const char *setting;
        bool other;
    } rows[] = {
        { "D.93A", true }, { "S=D93A", true }, { "X=D.93A", false }, { "X=D.01B;S=D.93A;D.96B", true }, { "D.93A; S=D.96B", false }
    };
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text, wanted;
    dgm_buffer_init(&text, &mem);
    dgm_buffer_init(&wanted, &mem);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dgm_setting format = { DGM_LITERAL("format"), dgm_slice_of(rows[i].setting) };
        wanted.len = 0;
        CU_ASSERT_EQUAL(dgm_buffer_print(&wanted, "%s%s%s", HEAD("1"), rows[i].other ? by_93a : BODY "UNT/0074=5\nUNT/0062=1\n",
                                         rows[i].other ? "!edifact.directory.chosen@42+5 i1 g0 m1 s1 e2 c2\n" : ""),
                        DGM_OK);
        read_with(O(":D:96B:UN"), sizeof O(":D:96B:UN") - 1, &format, 1, i, &text);
        test_slice_equal(dgm_buffer_slice(&text), dgm_buffer_slice(&wanted), __FILE__, __LINE__);
    }
    dgm_buffer_free(&text);
    dgm_buffer_free(&wanted);
}

static void settings_that_name_nothing(void)
{
    static const char *const wrong[] = { "D.92A", "S=", "cusdec", "D.96B;X=Y" };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        dgm_mem mem = dgm_mem_default();
        dgm_diags *diags = NULL;
        dgm_reader *r = NULL;
        dgm_setting format = { DGM_LITERAL("format"), dgm_slice_of(wrong[i]) };
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 10, &diags), DGM_OK);
        dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
        CU_ASSERT_EQUAL(dgm_codec_edifact.open(&host, &format, 1, &r), DGM_CONFIG);
        CU_ASSERT_PTR_NULL(r);
        CU_ASSERT_EQUAL(dgm_diags_at(diags, 0)->code, DGM_D_EDI_SETTING);
        dgm_diags_free(diags);
    }
}

/* Version 1 lets UNH go without version and release: those of the group, S008, are meant. */
static void groups_tell_the_version(void)
{
    EXPECT("UNB+UNOA:1+S+R+260115:1023+1'UNG+ORDERS+S+R+260115:1023+9+UN+D:96B'UNH+1+ORDERS'BGM+220+A'DTM+137:20260115:102'UNS+S'"
           "UNT+5+1'UNE+1+9'UNZ+1+1'",
           "UNH/0062=1\nUNH/S009/0065=ORDERS\n" BODY "UNT/0074=5\nUNT/0062=1\n!edifact.component.missing@79+0 i1 g1 m1 s1 e2 c2\n");
}

/* ---- recovery
 * ---------------------------------------------------------------------------------------------------------------------- */

/* Whatever becomes of the first message, the second and the third come out whole. */
static void a_broken_message_costs_itself(void)
{
    static const char *const broken[] = {
        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'",          /* no UNT */
        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+9+1'",  /* wrong count */
        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+X'",  /* wrong reference */
        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+SUNT+5+1'",   /* a terminator lost */
        "UNH+1+ORDERS:D:96B:UN'BGM+220+ADTM+137:20260115:102'UNS+S'UNT+5+1'",   /* another */
        "UNH+1+ORDERS:D:96B:UNBGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1'",   /* that of UNH */
        "UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+1?'", /* a terminator released */
        "UNH+2+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+2'",  /* a reference used twice */
        "UNH+1+ORDERS:D:96B:UN'XYZ+220+A'*'+'::'UNS+S'UNT+5+1'",                /* no segments at all */
        "UNH'BGM'UNT'",                                                         /* nothing in them */
        "UNT+5+1'BGM+220'",                                                     /* no UNH */
        "UNH+1+ORDERS:D:96B:UN'UNH+4+ORDERS:D:96B:UN'UNT+2+4'",                 /* two heads */
    };
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        char input[512];
        int n = snprintf(input, sizeof input, "%s%s%s%sUNZ+3+1'", U, broken[i], M("2"), M("3"));
        for (size_t chunk = 0; chunk < 8; chunk++) {
            read_with(input, (size_t)n, NULL, 0, chunk, &text);
            CU_ASSERT_EQUAL_FATAL(dgm_buffer_append(&text, (dgm_slice){ "", 1 }), DGM_OK);
            const char *third = strstr(text.at, M_TREE("3")), *second = strstr(text.at, M_TREE("2"));
            bool good = third && strchr(text.at, '!');
            /* a trailer that lost its terminator takes the header behind it along, and with it that message's name */
            if (i != 6) good &= second != NULL;
            if (!good) fprintf(stderr, "after %s:\n%s\n", broken[i], text.at);
            CU_ASSERT(good);
        }
    }
    dgm_buffer_free(&text);
}

static dgm_status read_cut_lines(const dgm_mem *mem, void *ctx)
{
    static const dgm_setting drop[] = { { { "line-breaks", 11 }, { "drop", 4 } } };
    static const char input[] = " " U "UNH+1+ORD\r\nERS:D:96B:UN' BGM+2\n20+A'\nDTM+137:20260115:102'UNS+S'UNT+5+1'" Z;
    size_t *chunk = ctx;
    dgm_buffer text;
    dgm_buffer_init(&text, mem);
    edi_case c = { .mem = mem, .chunk = *chunk, .text = &text, .settings = drop, .setting_count = 1 };
    dgm_status st = edi_read(&c, (dgm_slice){ input, sizeof input - 1 });
    dgm_buffer_free(&text);
    return st == DGM_END ? DGM_OK : st;
}

static void each_allocation_fails(void)
{
    for (size_t chunk = 0; chunk < 60; chunk += 50) test_each_allocation_fails(read_cut_lines, &chunk);
}

int main(void)
{
    static const test_case cases[] = {
        { "UNA as partners send it", una_as_partners_send_it },
        { "separators without UNA", separators_without_una },
        { "lines cut at a length", lines_cut_at_a_length },
        { "settings say how bad it is", settings_say_how_bad_it_is },
        { "several interchanges and padding", several_interchanges_and_padding },
        { "settings choose the directory", settings_choose_the_directory },
        { "settings that name nothing", settings_that_name_nothing },
        { "groups tell the version", groups_tell_the_version },
        { "a broken message costs itself", a_broken_message_costs_itself },
        { "each allocation fails", each_allocation_fails },
        { 0 },
    };
    return test_main("edifact surroundings", cases);
}
