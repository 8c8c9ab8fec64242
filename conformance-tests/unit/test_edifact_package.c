/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_package.c - what stands beside messages in syntax version 4: packages with an object of any bytes (ISO 9735-8),
 * security segments and encrypted data (ISO 9735-5 and -7), groups, and interactive interchanges, which are refused (ISO 9735-3).
 * Expected values come from those. One thread.
 */
#include "edifact_tests.h"

static void expect_within(const char *input, size_t len, const dgm_limits *limits, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        text.len = 0;
        edi_case c = { .mem = &mem, .limits = limits, .chunk = chunk, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, len }), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}
#define EXPECT(input, wanted)                expect_within((input), sizeof(input) - 1, NULL, (wanted))
#define EXPECT_WITHIN(input, limits, wanted) expect_within((input), sizeof(input) - 1, (limits), (wanted))

/* Every prefix ends well, and says the same whole and in pieces. */
static void sweep(const char *input, size_t len)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer whole, pieces;
    dgm_buffer_init(&whole, &mem);
    dgm_buffer_init(&pieces, &mem);
    for (size_t n = 0; n < len; n++) {
        whole.len = pieces.len = 0;
        edi_case a = { .mem = &mem, .text = &whole }, b = { .mem = &mem, .chunk = n % 7 + 1, .text = &pieces };
        CU_ASSERT_EQUAL(edi_read(&a, (dgm_slice){ input, n }), DGM_END);
        CU_ASSERT_EQUAL(edi_read(&b, (dgm_slice){ input, n }), DGM_END);
        test_slice_equal(dgm_buffer_slice(&pieces), dgm_buffer_slice(&whole), __FILE__, __LINE__);
    }
    dgm_buffer_free(&whole);
    dgm_buffer_free(&pieces);
}
#define SWEEP(input) sweep((input), sizeof(input) - 1)

#define U4          "UNB+UNOA:4+S+R+20260115:1023+1'" /* 31 bytes */
#define UNO(ref, n) "UNO+" ref "+AAS:X1+1:PDF+" n "'"
#define UNO_TREE(ref, n)                                                                                                           \
    "UNO/0800=" ref "\nUNO/S020/0813=AAS\nUNO/S020/0802=X1\nUNO/S021/0805=1\nUNO/S021/0809=PDF\nUNO/S022/0810=" n "\n"
#define UNP(ref, n)      "UNP+" n "+" ref "'"
#define UNP_TREE(ref, n) "UNP/0810=" n "\nUNP/0800=" ref "\n"
#define M(ref)           "UNH+" ref "+ORDERS:D:96B:UN'BGM+220+A'DTM+137:20260115:102'UNS+S'UNT+5+" ref "'"
#define M_TREE(ref)                                                                                                                \
    "UNH/0062=" ref "\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=220\nBGM/C106/"   \
    "1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=5\nUNT/0062=" ref "\n"

/* The object is what its length says, whatever it looks like: service characters, a trailer, line breaks, high bytes. */
static void objects_are_kept(void)
{
    static const char input[] = U4 UNO("P1", "33") "UNP+5+P1'UNT+1+1'\r\n?+\xFF\xFE'UNZ+1+1'?" UNP("P1", "33") M("7") "UNZ+2+1'";
    EXPECT(input, UNO_TREE("P1", "33") "object=UNP+5+P1'UNT+1+1'\r\n?+\xFF\xFE'UNZ+1+1'?\n" UNP_TREE("P1", "33") M_TREE("7"));
    SWEEP(input);
    EXPECT(U4 UNO("P1", "0") UNP("P1", "0") "UNZ+1+1'", UNO_TREE("P1", "0") "object=\n" UNP_TREE("P1", "0"));
    /* lines of their own for the segments */
    EXPECT(U4 "\r\n" UNO("P1", "3") "A'B\r\n" UNP("P1", "3") "\r\nUNZ+1+1'\r\n",
           UNO_TREE("P1", "3") "object=A'B\n" UNP_TREE("P1", "3"));
}

/* The length of the UNO segment with reference P1 and a length of one digit is 22 bytes: the object begins at 31 + 22 = 53. */
static void lengths_that_are_wrong(void)
{
    static const char shorter[] = U4 UNO("P1", "2") "A'BC" UNP("P1", "4") M("7") "UNZ+2+1'";
    static const char longer[] = U4 UNO("P1", "9") "A'BC" UNP("P1", "4") M("7") "UNZ+2+1'";
    EXPECT(shorter,
           UNO_TREE("P1", "2") "object=A'BC\n" UNP_TREE("P1", "4") M_TREE("7") "!edifact.package.length@53+4 i1 g0 m1 s1 e0 c0\n");
    EXPECT(longer,
           UNO_TREE("P1", "9") "object=A'BC\n" UNP_TREE("P1", "4") M_TREE("7") "!edifact.package.length@53+4 i1 g0 m1 s1 e0 c0\n");
    SWEEP(shorter);
    SWEEP(longer);
    /* the trailer's count and reference; the last is found by its place */
    EXPECT(U4 UNO("P1", "4") "A'BC" UNP("P2", "5") "UNZ+1+1'",
           UNO_TREE("P1", "4") "object=A'BC\n" UNP_TREE(
               "P2", "5") "!edifact.count.octets@61+1 i1 g0 m1 s2 e1 c0\n!edifact.reference.differs@63+2 i1 g0 m1 s2 e2 c0\n");
    /* no trailer: what follows is not lost with it */
    EXPECT(U4 UNO("P1", "4") "A'BCUNZ+1+1'",
           UNO_TREE("P1",
                    "4") "object=A'BCUNZ+1+1'\n"
                         "!edifact.message.truncated@65+0 i1 g0 m1 s1 e0 c0\n!edifact.interchange.no-end@65+0 i1 g0 m0 s0 e0 c0\n");
}

/* A package that the input ends in while its message before has no end either: it is asked for twice. */
static void headers_that_are_cut(void)
{
    static const char input[] = U4 "UNH+1+ORDERS:D:96B:UN'" UNO("P1", "1") "X" UNP("P1", "1") "UNZ+2+1'";
    SWEEP(input);
    EXPECT(U4 "UNH+1+ORDERS:D:96B:UN'UNO+P1",
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nUNO/0800=P1\n"
           "!edifact.message.no-end@53+0 i1 g0 m1 s1 e0 c0\n!edifact.element.missing@59+0 i1 g0 m2 s1 e2 c0\n"
           "!edifact.element.missing@59+0 i1 g0 m2 s1 e3 c0\n!edifact.element.missing@59+0 i1 g0 m2 s1 e4 c0\n"
           "!edifact.message.truncated@59+0 i1 g0 m2 s1 e0 c0\n!edifact.interchange.no-end@59+0 i1 g0 m0 s0 e0 c0\n");
}

static void packages_above_the_limit(void)
{
    dgm_limits limits = { .message_bytes_max = 100 };
    static const char input[] =
        U4 UNO("P1", "90") "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
                           "89" UNP("P1", "90") M("7") "UNZ+2+1'";
    /* the message has 67 bytes, the package more than 100 */
    EXPECT_WITHIN(input, &limits, M_TREE("7") "!edifact.limit.message@31+23 i1 g0 m1 s1 e0 c0\n");
}

static void packages_of_one_reference(void)
{
    EXPECT(U4 UNO("1", "1") "X" UNP("1", "1") M("1") UNO("1", "1") "Y" UNP("1", "1") "UNZ+3+1'",
           UNO_TREE("1", "1") "object=X\n" UNP_TREE("1", "1") M_TREE("1")
               UNO_TREE("1", "1") "object=Y\n" UNP_TREE("1", "1") "!edifact.reference.twice@132+1 i1 g0 m3 s1 e1 c0\n");
    /* versions before 4 have none */
    EXPECT("UNB+UNOA:3+S+R+260115:1023+1'" UNO("P", "1") M("7") "UNZ+1+1'",
           M_TREE("7") "!edifact.segment.stray@29+21 i1 g0 m0 s0 e0 c0\n");
}

/* ---- security ------------------------------------------------------------------------------------------------------------------
 */

#define USH(ref)         "USH+1+" ref "'"
#define USH_TREE(ref)    "USH/0501=1\nUSH/0534=" ref "\n"
#define UST(ref, n)      "UST+" ref "+" n "'"
#define UST_TREE(ref, n) "UST/0534=" ref "\nUST/0588=" n "\n"
#define H                "UNH+1+ORDERS:D:96B:UN'"
#define H_TREE           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n"
#define BODY             "BGM+220+A'DTM+137:20260115:102'UNS+S'"
#define BODY_TREE                                                                                                                  \
    "BGM/C002/1001=220\nBGM/C106/1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\nUNS/0081=S\n"

/* Header groups behind UNH, trailer groups before UNT; S503 of USA is repeated. USH USA UST USR are four segments of pair A. */
static void security_of_a_message(void)
{
    static const char input[] = U4 H USH("A") "USA+1:16:1+12:300*13:301'" USH("B")
        BODY UST("B", "3") "USR+1:FF'" UST("A", "4") "USR+1:ABCD'UNT+12+1'UNZ+1+1'";
    EXPECT(input, H_TREE USH_TREE("A") "USA/S502/0523=1\nUSA/S502/0525=16\nUSA/S502/0533=1\nUSA/S503/0531=12\nUSA/S503/0554=300\n"
                                       "USA/S503#2/0531=13\nUSA/S503#2/0554=301\n" USH_TREE("B")
                                           BODY_TREE UST_TREE("B", "3") "USR/S508/0563=1\nUSR/S508/0560=FF\n" UST_TREE(
                                               "A", "4") "USR/S508/0563=1\nUSR/S508/0560=ABCD\nUNT/0074=12\nUNT/0062=1\n");
    SWEEP(input);
}

/* U4 and H are 53 bytes, USH of one letter 8, BODY 37, UST 8. */
static void security_that_is_wrong(void)
{
    EXPECT(U4 H USH("A") BODY UST("A", "3") "UNT+7+1'UNZ+1+1'",
           H_TREE USH_TREE("A") BODY_TREE UST_TREE("A", "3") "UNT/0074=7\nUNT/0062=1\n"
                                                             "!edifact.security.count@104+1 i1 g0 m1 s6 e2 c0\n");
    EXPECT(U4 H USH("A") BODY "UNT+6+1'UNZ+1+1'",
           H_TREE USH_TREE("A") BODY_TREE "UNT/0074=6\nUNT/0062=1\n"
                                          "!edifact.security.no-end@98+0 i1 g0 m1 s6 e0 c0\n");
    EXPECT(U4 H BODY UST("A", "1") "UNT+6+1'UNZ+1+1'",
           H_TREE BODY_TREE UST_TREE("A", "1") "UNT/0074=6\nUNT/0062=1\n"
                                               "!edifact.security.reference@94+1 i1 g0 m1 s5 e1 c0\n");
    EXPECT(U4 H "BGM+220+A'" USH("A") "DTM+137:20260115:102'UNS+S'UNT+6+1'UNZ+1+1'",
           H_TREE "BGM/C002/1001=220\nBGM/C106/1004=A\n" USH_TREE("A") "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\n"
                                                                       "DTM#1/C507/2379=102\nUNS/0081=S\nUNT/0074=6\nUNT/0062=1\n"
                                                                       "!edifact.security.place@63+8 i1 g0 m1 s3 e0 c0\n");
    EXPECT(U4 H USH("A") USH("A") BODY UST("A", "2") UST("A", "2") "UNT+9+1'UNZ+1+1'",
           H_TREE USH_TREE("A") USH_TREE("A") BODY_TREE UST_TREE("A", "2") UST_TREE(
               "A", "2") "UNT/0074=9\nUNT/0062=1\n"
                         "!edifact.security.twice@67+1 i1 g0 m1 s3 e2 c0\n!edifact.security.reference@118+1 i1 g0 m1 s8 e1 c0\n"
                         "!edifact.security.no-end@122+0 i1 g0 m1 s9 e0 c0\n");
}

/* Before and behind the object: 0814 counts the segments between UNO and it. */
static void security_of_a_package(void)
{
    static const char input[] = U4 UNO("P1", "5:2") USH("A") "USA+1'USH'+" UST("A", "4") "USR+1:FF'" UNP("P1", "5") "UNZ+1+1'";
    EXPECT(input, UNO_TREE("P1", "5") "UNO/S022/0814=2\n" USH_TREE("A") "USA/S502/0523=1\nobject=USH'+\n" UST_TREE(
                      "A", "4") "USR/S508/0563=1\nUSR/S508/0560=FF\n" UNP_TREE("P1", "5"));
    SWEEP(input);
}

static void security_of_group_and_interchange(void)
{
    static const char input[] = U4 USH("A") "UNG+ORDERS+S+R+20260115:1023+9+UN+D:96B'" USH("A") M("1")
        UST("A", "2") "UNE+1+9'" UST("A", "3") "USR+1:FF'UNZ+1+1'";
    EXPECT(input, M_TREE("1"));
    SWEEP(input);
    EXPECT(U4 USH("A") M("1") "UNZ+1+1'", M_TREE("1") "!edifact.security.no-end@106+0 i1 g0 m0 s0 e0 c0\n");
}

/* What is encrypted is kept and not read; the mandatory segments in it are not missed. U4, H, USH: 61 bytes; USD+5' 6. */
static void encrypted_data(void)
{
    static const char input[] = U4 H USH("A") "USD+5'\x01'+?\x80USU+5'" UST("A", "4") "UNT+6+1'" M("7") "UNZ+2+1'";
    EXPECT(input, H_TREE USH_TREE("A") "USD/0556=5\ndata=\x01'+?\x80\nUSU/0556=5\n" UST_TREE(
                      "A", "4") "UNT/0074=6\nUNT/0062=1\n" M_TREE("7") "!edifact.security.encrypted@61+6 i1 g0 m1 s3 e0 c0\n");
    SWEEP(input);
    EXPECT(U4 USH("A") "USD+5'\x01'+?\x80USU+5'" UST("A", "4") "UNZ+0+1'", "!edifact.security.encrypted@39+6 i1 g0 m0 s0 e0 c0\n");
}

/* ---- groups ---------------------------------------------------------------------------------------------------------------------
 */

static void groups_of_version_4(void)
{
    /* all but the reference may be left out; 0038, 0051 and S008 only together */
    EXPECT(U4 "UNG+++++9'" M("1") "UNE+1+9'UNZ+1+1'", M_TREE("1"));
    EXPECT(U4 "UNG+ORDERS++++9'" M("1") "UNE+1+9'UNZ+1+1'",
           M_TREE("1") "!edifact.element.paired@46+0 i1 g1 m0 s0 e6 c0\n!edifact.element.paired@46+0 i1 g1 m0 s0 e7 c0\n");
    EXPECT(U4 "UNG+++++9'" M("1") "UNE+1+9'UNG+++++9'" M("2") "UNE+1+9'UNZ+2+1'",
           M_TREE("1") M_TREE("2") "!edifact.group.twice@124+1 i1 g2 m0 s0 e5 c0\n");
    EXPECT(U4 "UNG+++++9'" M("1") "UNE+1+9'" M("2") "UNZ+1+1'",
           M_TREE("1") M_TREE("2") "!edifact.group.mixed@116+22 i1 g0 m0 s0 e0 c0\n");
    EXPECT(U4 M("1") "UNG+++++9'" M("2") "UNE+1+9'UNZ+1+1'",
           M_TREE("1") M_TREE("2") "!edifact.group.mixed@98+10 i1 g0 m0 s0 e0 c0\n");
    /* packages count as messages do */
    EXPECT(U4 "UNG+++++9'" UNO("1", "1") "X" UNP("1", "1") "UNE+2+9'UNZ+1+1'",
           UNO_TREE("1", "1") "object=X\n" UNP_TREE("1", "1") "!edifact.count.messages@75+1 i1 g1 m0 s0 e1 c0\n");
}

/* ---- interactive
 * ------------------------------------------------------------------------------------------------------------------ */

static void interactive_is_refused_by_name(void)
{
    static const char input[] = "UIB+UNOA:4+1'UIH+MSG:D:96B:UN'BGM'UIT+1+3'UIZ+1+1'" U4 M("7") "UNZ+1+1'";
    EXPECT(input, M_TREE("7") "!edifact.interactive@0+13 i1 g0 m0 s0 e0 c0\n");
    SWEEP(input);
    EXPECT(U4 "UIH+MSG:D:96B:UN'BGM'UIT+1+3'" M("7") "UNZ+1+1'", M_TREE("7") "!edifact.interactive@31+17 i1 g0 m0 s0 e0 c0\n");
    EXPECT(U4 M("7") "UIH+MSG:D:96B:UN'BGM'UNZ+1+1'", M_TREE("7") "!edifact.interactive@98+17 i1 g0 m0 s0 e0 c0\n");
    CU_ASSERT(dgm_codec_edifact.identify(DGM_LITERAL("UIB+UNOA:4+1'")) > 90);
}

static dgm_status read_all(const dgm_mem *mem, void *ctx)
{
    static const char input[] = U4 USH("A") UNO("P1", "5:2") USH("A") "USA+1'USH'+" UST("A", "4") "USR+1:FF'" UNP("P1", "5")
        H USH("A") "USD+5'\x01'+?\x80USU+5'" UST("A", "4") "UNT+6+1'" M("7") UST("A", "2") "UNZ+3+1'";
    size_t *chunk = ctx;
    dgm_buffer text;
    dgm_buffer_init(&text, mem);
    edi_case c = { .mem = mem, .chunk = *chunk, .text = &text };
    dgm_status st = edi_read(&c, (dgm_slice){ input, sizeof input - 1 });
    dgm_buffer_free(&text);
    return st == DGM_END ? DGM_OK : st;
}

static void each_allocation_fails(void)
{
    for (size_t chunk = 0; chunk < 60; chunk += 50) test_each_allocation_fails(read_all, &chunk);
}

int main(void)
{
    static const test_case cases[] = {
        { "objects are kept", objects_are_kept },
        { "lengths that are wrong", lengths_that_are_wrong },
        { "headers that are cut", headers_that_are_cut },
        { "packages above the limit", packages_above_the_limit },
        { "packages of one reference", packages_of_one_reference },
        { "security of a message", security_of_a_message },
        { "security that is wrong", security_that_is_wrong },
        { "security of a package", security_of_a_package },
        { "security of group and interchange", security_of_group_and_interchange },
        { "encrypted data", encrypted_data },
        { "groups of version 4", groups_of_version_4 },
        { "interactive is refused by name", interactive_is_refused_by_name },
        { "each allocation fails", each_allocation_fails },
        { 0 },
    };
    return test_main("edifact packages", cases);
}
