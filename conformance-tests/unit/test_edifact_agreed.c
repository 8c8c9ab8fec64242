/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_agreed.c - settings that hold for the interchanges of one sender only: read whole and in pieces of any size, between
 * interchanges of others, which must be read as if nothing had been agreed with anybody. Offsets are counted by hand. One thread.
 */
#include "edifact_tests.h"

#define SETTING(name, value)                                                                                                       \
    {                                                                                                                              \
        { name, sizeof(name) - 1 },                                                                                                \
        {                                                                                                                          \
            value, sizeof(value) - 1                                                                                               \
        }                                                                                                                          \
    }

static const dgm_setting lines[] = { SETTING("line-breaks", "drop") };
static const dgm_setting windows[] = { SETTING("charset", "windows-1252") };
static const dgm_setting japan[] = { SETTING("charset", "Shift_JIS"), SETTING("line-breaks", "drop") };
static const dgm_setting swiss[] = { SETTING("charset", "IBM500") };
static const dgm_setting strict[] = { SETTING("level", "codes"), SETTING("junk", "error") };
static const dgm_setting lax[] = { SETTING("level", "syntax") };
static const dgm_setting directory[] = { SETTING("format", "ORDERS:D.96B;OTHER=D.93A") };

#define AGREED(settings) .reader = (settings), .reader_count = sizeof(settings) / sizeof *(settings)
static const struct {
    const char *sender, *type; /* type NULL: whatever it is */
    dgm_agreed agreed;
} partners[] = {
    { "LINES", NULL, { AGREED(lines) } },
    { "WIN", NULL, { AGREED(windows) } },
    { "JP", NULL, { AGREED(japan) } },
    { "CH", NULL, { AGREED(swiss) } },
    { "STRICT", NULL, { AGREED(strict) } },
    { "LAX", NULL, { AGREED(lax) } },
    { "DIR", NULL, { AGREED(directory) } },
    { "SMALL", NULL, { .limits = { .segment_bytes_max = 40 } } },
    { "FEW", NULL, { .limits = { .nodes_max = 5 } } },
    { "KIND", "ORDERS:D:96B:UN", { AGREED(strict) } },
};

static const dgm_agreed *agreed(void *ctx, const dgm_envelope *e, dgm_slice type)
{
    (void)ctx;
    CU_ASSERT_FALSE(e->group);
    for (size_t i = 0; i < e->count; i++) {
        if (e->values[i].element != 2 || e->values[i].component != 1) continue;
        char id[40];
        size_t n = 0;
        for (size_t k = 0; k < e->values[i].text.len && n < sizeof id; k++)
            if (e->values[i].text.at[k] != '\n') id[n++] = e->values[i].text.at[k];
        for (size_t p = 0; p < sizeof partners / sizeof *partners; p++)
            if (dgm_slice_is((dgm_slice){ id, n }, partners[p].sender) &&
                (!partners[p].type || dgm_slice_is(type, partners[p].type)))
                return &partners[p].agreed;
    }
    return NULL;
}

static size_t read_with(dgm_slice input, size_t chunk, dgm_buffer *text)
{
    dgm_mem mem = dgm_mem_default();
    text->len = 0;
    edi_case c = { .mem = &mem, .chunk = chunk, .text = text, .agreed = agreed, .agreed_by_type = true };
    CU_ASSERT_EQUAL(edi_read(&c, input), DGM_END);
    return c.errors;
}

/* Whole, and in pieces of every small size. */
static void in_pieces(const char *input, size_t len, size_t errors, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 12; chunk++) {
        CU_ASSERT_EQUAL(read_with((dgm_slice){ input, len }, chunk, &text), errors);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}

/* The same; and each beginning of it ends well and says the same whole and in pieces. */
static void expect(const char *input, size_t len, size_t errors, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text, pieces;
    dgm_buffer_init(&text, &mem);
    dgm_buffer_init(&pieces, &mem);
    in_pieces(input, len, errors, wanted);
    for (size_t n = 0; n < len; n++) {
        size_t a = read_with((dgm_slice){ input, n }, 0, &text), b = read_with((dgm_slice){ input, n }, n % 7 + 1, &pieces);
        CU_ASSERT_EQUAL(a, b);
        test_slice_equal(dgm_buffer_slice(&pieces), dgm_buffer_slice(&text), __FILE__, __LINE__);
    }
    dgm_buffer_free(&text);
    dgm_buffer_free(&pieces);
}
#define EXPECT(input, errors, wanted) expect((input), sizeof(input) - 1, (errors), (wanted))

#define PIECES(input, errors, wanted) in_pieces((input), sizeof(input) - 1, (errors), (wanted))

#define U(sender, ref) "UNB+UNOC:3+" sender "+R+260115:1023+" ref "'"
#define Z(ref)         "UNZ+1+" ref "'"
#define H              "UNH+1+ORDERS:D:96B:UN'"
#define D              "DTM+137:20260115:102'"
#define M(value)       H "BGM+220+" value "'" D "UNS+S'UNT+5+1'"
#define HEAD           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n"
#define BGM(value)     "BGM/C002/1001=220\nBGM/C106/1004=" value "\n"
#define TAIL           "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n"
#define TREE(value)                                                                                                                \
    HEAD BGM(value)                                                                                                                \
    TAIL

static void lines_of_one_sender(void)
{
    /* 33 + 22 + 9 bytes before the break; the sender itself is cut, 13 bytes from the start */
    EXPECT(U("LINES", "1") M("A\r\nB") Z("1"), 0, TREE("AB") "!edifact.segment.lines@64+2 i1 g0 m0 s0 e0 c0\n");
    EXPECT("UNB+UNOC:3+LI\nNES+R+260115:1023+1'" M("AB") Z("1"), 0, TREE("AB") "!edifact.segment.lines@13+1 i1 g0 m0 s0 e0 c0\n");
    /* between two others, whose line breaks stay; behind it the bytes are again what they are */
    EXPECT(U("S", "1") M("A\nB") Z("1") "\r\n" U("LINES", "2") M("A\nB") Z("2") "\r\n" U("S", "3") M("A\nB") Z("3"), 0,
           TREE("A\nB") TREE("AB")
               TREE("A\nB") "!edifact.character.repertoire@60+1 i1 g0 m1 s2 e2 c1\n!edifact.segment.lines@172+1 i2 g0 m0 s0 e0 c0\n"
                            "!edifact.character.repertoire@280+1 i3 g0 m1 s2 e2 c1\n");
}

static void charset_of_one_sender(void)
{
    EXPECT(U("WIN", "1") M("\x80") Z("1") U("S", "2") M("\xA4") Z("2"), 0, TREE("\xE2\x82\xAC") TREE("\xC2\xA4"));
    /* 0x95 0x5C is one character; with the lines joined as well, which are text already: offsets have one map */
    EXPECT(U("JP", "1") M("\x95\x5C") Z("1") U("S", "2") M("\xE9") Z("2"), 0, TREE("\xE8\xA1\xA8") TREE("\xC3\xA9"));
}

/* ASCII in EBCDIC, as IBM037 and IBM500 have it alike; what is not there is as it stands. */
static size_t ebcdic(const char *text, char *out)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    size_t n = 0;
    for (; *text; text++) {
        const char *l = strchr(letters, *text);
        int i = l ? (int)(l - letters) : 0;
        int c = l                              ? (i < 9    ? 0xC1 + i
                                                  : i < 18 ? 0xD1 + i - 9
                                                           : 0xE2 + i - 18)
                : *text >= '0' && *text <= '9' ? 0xF0 + *text - '0'
                : *text == '+'                 ? 0x4E
                : *text == ':'                 ? 0x7A
                : *text == '\''                ? 0x7D
                : *text == '!'                 ? 0x4F
                                               : (unsigned char)*text;
        out[n++] = (char)c;
    }
    return n;
}

static void ebcdic_of_one_sender(void)
{
    /* 0x4F is | in IBM037, by which it is recognised, and ! in IBM500 */
    char input[1024];
    size_t n = ebcdic(U("CH", "1") M("A!") Z("1") U("S", "2") M("A!") Z("2"), input);
    expect(input, n, 0,
           TREE("A!") TREE("A|") "!edifact.charset.encoded@0+3 i1 g0 m0 s0 e0 c0\n"
                                 "!edifact.charset.encoded@106+3 i2 g0 m0 s0 e0 c0\n");
}

static void rules_of_one_sender(void)
{
    /* 5025 is no code of 2005 (DTM); only one of them looks; the same segments before and after are read as before */
#define M2(value) H "BGM+220+A'DTM+" value ":20260115:102'UNS+S'UNT+5+1'"
#define TREE2                                                                                                                      \
    HEAD BGM("A") "DTM#1/C507/2005=ZZX\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=1\n"
    EXPECT(U("S", "1") M2("ZZX") Z("1") U("STRICT", "2") M2("ZZX") Z("2") U("S", "3") M2("ZZX") Z("3") U("STRICT", "4") M2("ZZX")
               Z("4"),
           2,
           TREE2 TREE2 TREE2 TREE2
           "!edifact.code.unknown@174+3 i2 g0 m1 s3 e1 c1\n!edifact.code.unknown@387+3 i4 g0 m1 s3 e1 c1\n");
    /* what is before it is its own: a warning, or an error */
    EXPECT("?!" U("S", "1") M("A") Z("1") "?!" U("STRICT", "2") M("A") Z("2"), 1,
           TREE("A")
               TREE("A") "!edifact.interchange.junk@0+2 i0 g0 m0 s0 e0 c0\n!edifact.interchange.junk@106+2 i1 g0 m0 s0 e0 c0\n");
    EXPECT("\xEF\xBB\xBF" U("STRICT", "2") M("A") Z("2"), 1, TREE("A") "!edifact.interchange.bom@0+3 i0 g0 m0 s0 e0 c0\n");
    EXPECT("?!" M("A") "UNZ+1+1'", 0,
           TREE("A") "!edifact.interchange.junk@0+2 i0 g0 m0 s0 e0 c0\n!edifact.interchange.no-header@2+22 i1 g0 m0 s0 e0 c0\n");
    /* syntax only: a segment too many is not looked for */
    EXPECT(
        U("LAX", "1") H "BGM+220+A'BGM+220+A'" D "UNS+S'UNT+6+1'" Z("1"), 0,
        HEAD BGM("A") "BGM#2/C002/1001=220\nBGM#2/C106/1004=A\n"
                      "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=6\nUNT/0062=1\n");
}

static void directory_of_one_sender(void)
{
#define N(release) "UNH+1+ORDERS:D:" release ":UN'BGM+220+A'" D "UNS+S'UNT+5+1'"
    /* 99Z is no directory; what was agreed goes before it, for messages of that type */
    EXPECT(U("DIR", "1") N("99Z") Z("1") U("S", "2") N("96B") Z("2"), 0,
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=99Z\nUNH/S009/0051=UN\n" BGM("A")
               TAIL TREE("A") "!edifact.directory.chosen@44+5 i1 g0 m1 s1 e2 c2\n");
}

static void limits_of_one_sender(void)
{
    /* 43 bytes are too many for one, and not for the other */
#define LONG "12345678901234567890123456789012345"
    PIECES(U("SMALL", "1") M(LONG) Z("1") U("S", "2") M(LONG) Z("2"), 1,
           TREE(LONG) "!edifact.limit.segment@55+0 i1 g0 m1 s2 e0 c0\n");
    EXPECT(U("FEW", "1") M("A") Z("1") U("S", "2") M("A") Z("2"), 1, TREE("A") "!edifact.limit.nodes@31+22 i1 g0 m1 s1 e0 c0\n");
}

static void by_the_first_message(void)
{
    /* in a group; of another type nothing was agreed */
#define G "UNG+ORDERS+A+B+260115:1023+9+UN+D:96B'"
    EXPECT("?!" U("KIND", "1") G M("A") "UNE+1+9'" Z("1"), 1, TREE("A") "!edifact.interchange.junk@0+2 i0 g0 m0 s0 e0 c0\n");
    EXPECT("?!" U("KIND", "1") "UNH+1+ORDERS:D:93A:UN'BGM+220+A'" D "UNS+S'UNT+5+1'" Z("1"), 0,
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=93A\nUNH/S009/0051=UN\n"
           "BGM/C002/1001=220\nBGM/1004=A\n" TAIL "!edifact.interchange.junk@0+2 i0 g0 m0 s0 e0 c0\n");
}

static dgm_status read_once(const dgm_mem *mem, void *ctx)
{
    static const char input[] =
        U("LINES", "1") M("A\nB") Z("1") U("JP", "2") M("\x95\x5C") Z("2") U("FEW", "3") M("A") Z("3") U("S", "4") M("A") Z("4");
    edi_case c = { .mem = mem, .chunk = *(const size_t *)ctx, .agreed = agreed, .agreed_by_type = true };
    dgm_status s = edi_read(&c, (dgm_slice){ input, sizeof input - 1 });
    return s == DGM_END ? DGM_OK : s;
}

static void each_allocation_fails(void)
{
    for (size_t chunk = 0; chunk < 60; chunk += 50) CU_ASSERT(test_each_allocation_fails(read_once, &chunk) > 0);
}

static const test_case cases[] = { { "lines of one sender", lines_of_one_sender },
                                   { "charset of one sender", charset_of_one_sender },
                                   { "EBCDIC of one sender", ebcdic_of_one_sender },
                                   { "rules of one sender", rules_of_one_sender },
                                   { "directory of one sender", directory_of_one_sender },
                                   { "limits of one sender", limits_of_one_sender },
                                   { "by the first message", by_the_first_message },
                                   { "each allocation fails", each_allocation_fails },
                                   { 0 } };

int main(void)
{
    return test_main("edifact_agreed", cases);
}
