/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_read.c - interchanges become trees: groups, character sets, service characters, chunks, prefixes, limits. Expected
 * values come from ISO 9735:1988 and the structure of CUSDEC D.96B. One thread.
 */
#include "base/utf8.h"
#include "edifact_tests.h"

#include <limits.h>

static const char sample[] = "UNA:+.? '\r\n"
                             "UNB+UNOC:3+SENDER+RECIPIENT+961120:1023+REF1'\r\n"
                             "UNH+7+CUSDEC:D:96B:UN'\r\n"
                             "BGM+929+ABC?+123+9'\r\n"
                             "CST++DE:122'\r\n"
                             "RFF+ABT:X?'Y'\r\n"
                             "NAD+DT+123::ZZZ++M\xDCLLER'\r\n"
                             "MOA+39:12,50:EUR'\r\n"
                             "UNS+D'\r\n"
                             "CST+1+84713000:122++4000'\r\n"
                             "MEA+WT++KGM:-1234.5'\r\n"
                             "MOA+38:99:EUR'\r\n"
                             "CST+2'\r\n"
                             "UNS+S'\r\n"
                             "CNT+5:2'\r\n"
                             "TAX+1'\r\n"
                             "UNT+15+7'\r\n"
                             "UNZ+1+REF1'\r\n";

static const char sample_tree[] =
    "UNH/0062=7\nUNH/S009/0065=CUSDEC\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n"
    "BGM/C002/1001=929\nBGM/C106/1004=ABC+123\nBGM/1225=9\n"
    "CST/C246#1/7361=DE\nCST/C246#1/1131=122\n"
    "SG1#1/RFF/C506/1153=ABT\nSG1#1/RFF/C506/1154=X'Y\n"
    "SG6#1/NAD/3035=DT\nSG6#1/NAD/C082/3039=123\nSG6#1/NAD/C082/3055=ZZZ\nSG6#1/NAD/C080/3036#1=M\xC3\x9CLLER\n"
    "SG8#1/MOA/C516/5025=39\nSG8#1/MOA/C516/5004=12,50\nSG8#1/MOA/C516/6345=EUR\n"
    "UNS#1/0081=D\n"
    "SG30#1/CST/1496=1\nSG30#1/CST/C246#1/7361=84713000\nSG30#1/CST/C246#1/1131=122\nSG30#1/CST/C246#3/7361=4000\n"
    "SG30#1/MEA#1/6311=WT\nSG30#1/MEA#1/C174/6411=KGM\nSG30#1/MEA#1/C174/6314=-1234.5\n"
    "SG30#1/SG33#1/MOA/C516/5025=38\nSG30#1/SG33#1/MOA/C516/5004=99\nSG30#1/SG33#1/MOA/C516/6345=EUR\n"
    "SG30#2/CST/1496=2\n"
    "UNS#2/0081=S\nCNT#1/C270/6069=5\nCNT#1/C270/6066=2\nSG49#1/TAX/5283=1\nUNT/0074=15\nUNT/0062=7\n"
    /* UNA names the point */
    "!edifact.value.decimal-mark@167+1 i1 g0 m1 s6 e1 c2\n";

/* The text of an input, read in one way. */
static void read_text(const char *input, size_t len, size_t chunk, const dgm_setting *settings, size_t n, dgm_buffer *text)
{
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = NULL;
    CU_ASSERT_FATAL(edi_cusdec_shape(&mem, &shape) == DGM_OK);
    dgm_format format = edi_cusdec(shape);
    text->len = 0;
    edi_case c = { .mem = &mem, .format = &format, .chunk = chunk, .text = text, .settings = settings, .setting_count = n };
    CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, len }), DGM_END);
    dgm_shape_free(shape);
}

static void expect(const char *input, size_t len, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        read_text(input, len, chunk, NULL, 0, &text);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}
#define EXPECT(input, wanted) expect((input), sizeof(input) - 1, (wanted))

static void trees_are_the_same_in_any_chunks(void)
{
    EXPECT(sample, sample_tree);
}

static void two_interchanges_and_groups(void)
{
#define ORDERS(ref) "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+A'DTM+137:19961120:102'UNS+S'UNT+5+" ref "'"
#define ORDERS_TREE(ref)                                                                                                           \
    "UNH/0062=" ref "\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\n"            \
    "BGM/C106/1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=19961120\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=" ref   \
    "\n"
    EXPECT("UNB+UNOA:1+S+R+961120:1023+1'UNG+ORDERS+A+B+961120:1023+9+UN+D:96B'" ORDERS("1")
               ORDERS("2") "UNE+2+9'UNZ+1+1'\n"
                           "UNB+UNOA:1+S+R+961120:1023+2'" ORDERS("1") "UNZ+1+2'",
           ORDERS_TREE("1") ORDERS_TREE("2") ORDERS_TREE("1"));
}

static void unusual_service_characters(void)
{
    EXPECT(
        "UNA|*,\\ ~UNB*UNOC|3*S*R*961120|1023*1~UNH*1*ORDERS|D|96B|UN~BGM*220*A\\*B+C~DTM*137|19961120|102~UNS*S~UNT*5*1~UNZ*1*1~",
        "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\nBGM/C106/"
        "1004=A*B+C\n"
        "DTM#1/C507/2005=137\nDTM#1/C507/2380=19961120\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n");
    EXPECT("UNB\x1DUNOB\x1F"
           "1\x1DS\x1DR\x1D"
           "961120\x1F"
           "1023\x1D"
           "1\x1CUNH\x1D"
           "1\x1DORDERS\x1F"
           "D\x1F"
           "96B\x1FUN\x1C"
           "BGM\x1D"
           "220\x1D"
           "A?+:'\x1C"
           "DTM\x1D"
           "137\x1F"
           "19961120\x1F"
           "102\x1CUNS\x1DS\x1CUNT\x1D"
           "5\x1D"
           "1\x1CUNZ\x1D"
           "1\x1D"
           "1\x1C",
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\nBGM/C106/"
           "1004=A?+:'\n"
           "DTM#1/C507/2005=137\nDTM#1/C507/2380=19961120\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n");
}

/* The value of 1004 of an ORDERS in a character set. */
static void expect_text(const char *level, const char *raw, const char *wanted, const char *setting)
{
    char input[256], line[128];
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    dgm_setting charset = { DGM_LITERAL("charset"), dgm_slice_of(setting) };
    int n = snprintf(input, sizeof input,
                     "UNB+%s:3+S+R+961120:1023+1'UNH+1+ORDERS:D:96B:UN'BGM+220+%s'DTM+137'UNS+S'UNT+5+1'UNZ+1+1'", level, raw);
    snprintf(line, sizeof line, "BGM/C106/1004=%s\n", wanted);
    for (size_t chunk = 0; chunk < 3; chunk++) {
        read_text(input, (size_t)n, chunk, &charset, setting ? 1 : 0, &text);
        CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
        CU_ASSERT_PTR_NOT_NULL(strstr(text.at, line));
        CU_ASSERT_PTR_NULL(strchr(text.at, '!'));
    }
    dgm_buffer_free(&text);
}

static void character_sets(void)
{
    expect_text("UNOC", "\xC4?+\xD6", "\xC3\x84+\xC3\x96", NULL);
    expect_text("UNOD", "\xA3\xF3", "\xC5\x81\xC3\xB3", NULL);             /* ISO 8859-2: A3 Ł, F3 ó */
    expect_text("UNOE", "\xBC\xDE\xE1", "\xD0\x9C\xD0\xBE\xD1\x81", NULL); /* ISO 8859-5: Мос */
    expect_text("UNOF", "\xC1\xE8", "\xCE\x91\xCE\xB8", NULL);             /* ISO 8859-7: Αθ */
    expect_text("UNOY", "\xE6\xB1\x89", "\xE6\xB1\x89", NULL);
    expect_text("UNOC", "\x80\x9A", "\xE2\x82\xAC\xC5\xA1", "windows-1252"); /* € š */
}

static void generic_reading(void)
{
    EXPECT("UNB+UNOC:3+S+R+961120:1023+1'UNH+1+CUSDEC:D:04C:UN'BGM+929+X:Y+9'UNT+3+1'UNZ+1+1'",
           "UNH/0062=1\nUNH/S009/0065=CUSDEC\nUNH/S009/0052=D\nUNH/S009/0054=04C\nUNH/S009/0051=UN\nBGM/1=929\nBGM/2/1=X\nBGM/2/"
           "2=Y\nBGM/3=9\n"
           "UNT/0074=3\nUNT/0062=1\n"
           "!edifact.directory.unknown@42+5 i1 g0 m1 s1 e2 c2\n");
}

/* What is too long to be told whole is cut between two characters: of the name an X and 63 of two bytes fit in 128, and of the type
 * the colon behind them. */
static void long_names_keep_their_characters(void)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_message m;
    dgm_diags *diags = NULL;
    dgm_reader *r = NULL;
    dgm_buffer_init(&text, &mem);
    CU_ASSERT_EQUAL(dgm_buffer_append(&text, DGM_LITERAL("UNB+UNOE:3+S+R+961120:1023+1'UNH+1+X")), DGM_OK);
    for (int i = 0; i < 80; i++) CU_ASSERT_EQUAL(dgm_buffer_append(&text, DGM_LITERAL("\xE4")), DGM_OK);
    CU_ASSERT_EQUAL(dgm_buffer_append(&text, DGM_LITERAL(":D:96B:UN'BGM+929'UNT+3+1'UNZ+1+1'")), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(&mem, 100, &diags), DGM_OK);
    dgm_host host = dgm_host_make(&mem, NULL, diags, NULL, NULL, 0);
    CU_ASSERT_EQUAL_FATAL(k->open_whole(&host, NULL, 0, dgm_buffer_slice(&text), &r), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(k->next(r, &m), DGM_OK);
    CU_ASSERT_PTR_NOT_NULL_FATAL(m.tree);
    CU_ASSERT(dgm_tree_sound(m.tree));
    CU_ASSERT_EQUAL(m.type.len, 128);
    CU_ASSERT_EQUAL(dgm_utf8_check(m.type), 128);
    CU_ASSERT_EQUAL(m.type.at[127], ':');
    k->recycle(r, &m);
    k->close(r);
    dgm_diags_free(diags);
    dgm_buffer_free(&text);
}

static void every_prefix_ends_well(void)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer whole, pieces;
    dgm_buffer_init(&whole, &mem);
    dgm_buffer_init(&pieces, &mem);
    for (size_t n = 0; n < sizeof sample - 1; n++) {
        read_text(sample, n, 0, NULL, 0, &whole);
        read_text(sample, n, 5, NULL, 0, &pieces);
        test_slice_equal(dgm_buffer_slice(&pieces), dgm_buffer_slice(&whole), __FILE__, __LINE__);
        if (n > 12 && n < sizeof sample - 4) CU_ASSERT_PTR_NOT_NULL(memchr(whole.at, '!', whole.len));
    }
    dgm_buffer_free(&whole);
    dgm_buffer_free(&pieces);
}

static dgm_status read_and_write(const dgm_mem *mem, void *ctx)
{
    dgm_shape *shape = NULL;
    dgm_status st = edi_cusdec_shape(mem, &shape);
    if (st != DGM_OK) return st;
    dgm_format format = edi_cusdec(shape);
    dgm_buffer text, written;
    dgm_buffer_init(&text, mem);
    dgm_buffer_init(&written, mem);
    edi_case c = { .mem = mem,
                   .format = ctx ? &format : NULL,
                   .chunk = ctx ? 0 : 40,
                   .text = &text,
                   .written = &written,
                   .round_trip = ctx != NULL };
    st = edi_read(&c, (dgm_slice){ sample, sizeof sample - 1 });
    dgm_buffer_free(&text);
    dgm_buffer_free(&written);
    dgm_shape_free(shape);
    return st == DGM_END ? DGM_OK : st;
}

static void each_allocation_fails(void)
{
    int with_format = 1;
    test_each_allocation_fails(read_and_write, &with_format);
    test_each_allocation_fails(read_and_write, NULL);
}

static size_t messages_within(const dgm_limits *limits, const char *input, size_t chunk, const char *code)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    edi_case c = { .mem = &mem, .limits = limits, .chunk = chunk, .text = &text };
    CU_ASSERT_EQUAL(edi_read(&c, dgm_slice_of(input)), DGM_END);
    CU_ASSERT(dgm_buffer_append(&text, (dgm_slice){ "", 1 }) == DGM_OK);
    if (code) CU_ASSERT_PTR_NOT_NULL(strstr(text.at, code));
    if (!code) CU_ASSERT_PTR_NULL(strchr(text.at, '!'));
    /* The second message comes out whatever becomes of the first. */
    CU_ASSERT_PTR_NOT_NULL(strstr(text.at, "UNT/0062=2"));
    dgm_buffer_free(&text);
    return c.messages;
}

static void limits_at_and_one_past(void)
{
    /* Message 1: UNH 25+1, BGM 16+1, DTM 20+1, UNS 5+1, UNT 7+1 bytes = 78; 21 nodes with the root. */
    static const char input[] = "UNB+UNOA:1+S+R+961120:1023+1'" ORDERS("1") ORDERS("2") "UNZ+2+1'";
    static const char *const first = ORDERS("1");
    for (size_t chunk = 0; chunk < 8; chunk += 3) {
        dgm_limits bytes = { .message_bytes_max = strlen(first) }, segment = { .segment_bytes_max = 28 };
        CU_ASSERT_EQUAL(messages_within(&bytes, input, chunk, NULL), 2);
        CU_ASSERT_EQUAL(messages_within(&segment, input, chunk, NULL), 2);
    }
    static const char longer[] =
        "UNB+UNOA:1+S+R+961120:1023+1'UNH+1+ORDERS:D:96B:UN'BGM+220+ABCDEFGHIJKLMNOPQRSTUVW'DTM+137'UNS+S'UNT+5+1'" ORDERS(
            "2") "UNZ+2+1'";
    for (size_t chunk = 0; chunk < 8; chunk += 3) {
        dgm_limits bytes = { .message_bytes_max = strlen(first) - 1 }, segment = { .segment_bytes_max = 29 };
        dgm_mem mem = dgm_mem_default();
        dgm_buffer text;
        dgm_buffer_init(&text, &mem);
        edi_case c = { .mem = &mem, .limits = &bytes, .chunk = chunk, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, dgm_slice_of(input)), DGM_END);
        CU_ASSERT_EQUAL(c.messages, 2);
        CU_ASSERT_EQUAL(c.errors, 2); /* both are too long */
        dgm_buffer_free(&text);
        CU_ASSERT_EQUAL(messages_within(&segment, longer, chunk, "edifact.limit.segment"), 2);
    }
}

static void nodes_limit(void)
{
    static const char input[] = "UNB+UNOA:1+S+R+961120:1023+1'UNH+1+ORDERS:D:96B:UN'BGM+220+A'DTM+137:19961120:102'DTM+137:"
                                "19961120:102'UNS+S'UNT+6+1'" ORDERS("2") "UNZ+2+1'";
    dgm_limits limits = { .nodes_max = 23 }; /* root, UNH 7, BGM 5, DTM 5, UNS 2, UNT 3 = 23 nodes */
    CU_ASSERT_EQUAL(messages_within(&limits, input, 0, "edifact.limit.nodes"), 2);
    CU_ASSERT_EQUAL(messages_within(&limits, input, 2, "edifact.limit.nodes"), 2);
}

static void identify(void)
{
    CU_ASSERT(dgm_codec_edifact.identify(DGM_LITERAL("UNA:+.? 'UNB+UNOA:1")) >= 95);
    CU_ASSERT(dgm_codec_edifact.identify(DGM_LITERAL("UNB+UNOA:1")) >= 95);
    CU_ASSERT(dgm_codec_edifact.identify(DGM_LITERAL("UNH+1+CUSDEC")) >= 95);
    int shifted = dgm_codec_edifact.identify(DGM_LITERAL("\xEF\xBB\xBF\r\n UNB+UNOA:1"));
    CU_ASSERT(shifted > 50 && shifted < 95);
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(DGM_LITERAL("<UNB/>")), 0);
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify(DGM_LITERAL("UNBELIEVABLE")), 0);
    CU_ASSERT_EQUAL(dgm_codec_edifact.identify((dgm_slice){ 0 }), 0);
}

int main(void)
{
    static const test_case cases[] = {
        { "trees are the same in any chunks", trees_are_the_same_in_any_chunks },
        { "two interchanges and groups", two_interchanges_and_groups },
        { "unusual service characters", unusual_service_characters },
        { "character sets", character_sets },
        { "generic reading", generic_reading },
        { "long names keep their characters", long_names_keep_their_characters },
        { "every prefix ends well", every_prefix_ends_well },
        { "each allocation fails", each_allocation_fails },
        { "limits at and one past", limits_at_and_one_past },
        { "nodes limit", nodes_limit },
        { "identify", identify },
        { 0 },
    };
    return test_main("edifact read", cases);
}
