/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_syntax4.c - what syntax version 4 adds to batch interchanges: repetition, header and trailer segments as it has
 * them, decimal marks. Expected values come from ISO 9735-1:2002 (and its part 10 for the service segments). One thread.
 */
#include "edifact_tests.h"

static void expect(const char *input, size_t len, const char *wanted)
{
    dgm_mem mem = dgm_mem_default();
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    for (size_t chunk = 0; chunk < 8; chunk++) {
        text.len = 0;
        edi_case c = { .mem = &mem, .chunk = chunk, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, len }), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&text), wanted);
    }
    dgm_buffer_free(&text);
}
#define EXPECT(input, wanted) expect((input), sizeof(input) - 1, (wanted))

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

#define U4      "UNB+UNOA:4+S+R+20260115:1023+1'"
#define H4      "UNH+1+ORDERS:D:96B:UN'"
#define H4_TREE "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\n"
#define B       "BGM+220+A'DTM+137:20260115:102'"
#define B_TREE  "BGM/C002/1001=220\nBGM/C106/1004=A\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n"
#define T       "UNS+S'UNT+5+1'UNZ+1+1'"
#define T_TREE  "UNS/0081=S\nUNT/0074=5\nUNT/0062=1\n"

/* Part 10: S001 has five components, S004 a year of four digits, S002 and S003 an internal identification. */
static void headers_of_version_4(void)
{
    static const char whole[] =
        "UNB+UNOW:4:D00B:1:02+SENDER:14:INT:SUB+RECIPIENT:14:INT:SUB+20260115:1023+REF'" H4 B "UNS+S'UNT+5+1'UNZ+1+REF'";
    EXPECT(U4 H4 B T, H4_TREE B_TREE T_TREE);
    EXPECT("UNB+UNOY:4:D00B:1:02+SENDER:14:INT:SUB+RECIPIENT:14:INT:SUB+20260115:1023+REF'" H4 B "UNS+S'UNT+5+1'UNZ+1+REF'",
           H4_TREE B_TREE T_TREE);
    /* six digits are a date of version 3, eight one of version 4 */
    EXPECT("UNB+UNOA:4+S+R+260115:1023+1'" H4 B T, H4_TREE B_TREE T_TREE "!edifact.value.date-version@15+6 i1 g0 m0 s0 e4 c1\n");
    EXPECT("UNB+UNOA:3+S+R+20260115:1023+1'" H4 B T, H4_TREE B_TREE T_TREE "!edifact.value.date-version@15+8 i1 g0 m0 s0 e4 c1\n");
    /* 0076 has two characters */
    EXPECT("UNB+UNOA:4:::2+S+R+20260115:1023+1'" H4 B T, H4_TREE B_TREE T_TREE "!edifact.value.too-short@13+1 i1 g0 m0 s0 e1 c5\n");
    SWEEP(whole);
}

/* UNH: subset (S016), implementation guideline (S017) and scenario (S018); S009 with 0110 and 0113; 0051 has three characters. */
static void message_header_of_version_4(void)
{
    static const char input[] = U4 "UNH+1+ORDERS:D:96B:XYZ:EAN008:1:SUB+CAR+1:C+SUBSET:1:0:EAN+GUIDE:2:1:EAN+SCENE:3:2:EAN'" B T;
    EXPECT(input, "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=XYZ\nUNH/S009/0057=EAN008\n"
                  "UNH/S009/0110=1\nUNH/S009/0113=SUB\nUNH/0068=CAR\nUNH/S010/0070=1\nUNH/S010/0073=C\n"
                  "UNH/S016/0115=SUBSET\nUNH/S016/0116=1\nUNH/S016/0118=0\nUNH/S016/0051=EAN\n"
                  "UNH/S017/0121=GUIDE\nUNH/S017/0122=2\nUNH/S017/0124=1\nUNH/S017/0051=EAN\n"
                  "UNH/S018/0127=SCENE\nUNH/S018/0128=3\nUNH/S018/0130=2\nUNH/S018/0051=EAN\n" B_TREE T_TREE);
    SWEEP(input);
    /* in version 3 they have no place */
    EXPECT("UNB+UNOA:3+S+R+260115:1023+1'UNH+1+ORDERS:D:96B:UN+CAR+1:C+SUBSET'" B T,
           "UNH/0062=1\nUNH/S009/0065=ORDERS\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nUNH/0068=CAR\nUNH/S010/0070=1\n"
           "UNH/S010/0073=C\nUNH/5=SUBSET\n" B_TREE T_TREE "!edifact.element.too-many@59+6 i1 g0 m1 s1 e5 c0\n");
}

/* Into a shape that was made for a format: the same slots whatever the version. */
static void formats_take_any_version(void)
{
    static const char *const heads[] = { "UNB+UNOA:3+S+R+260115:1023+1'UNH+1+CUSDEC:D:96B:UN+CAR+1:C'",
                                         "UNB+UNOA:4+S+R+20260115:1023+1'UNH+1+CUSDEC:D:96B:UN+CAR+1:C'" };
    dgm_mem mem = dgm_mem_default();
    dgm_shape *shape = NULL;
    dgm_buffer text;
    dgm_buffer_init(&text, &mem);
    CU_ASSERT_EQUAL_FATAL(edi_cusdec_shape(&mem, &shape), DGM_OK);
    dgm_format format = edi_cusdec(shape);
    for (size_t i = 0; i < 2; i++) {
        char input[256];
        int n = snprintf(input, sizeof input, "%sBGM+929+X+9'UNS+D'UNS+S'UNT+5+1'UNZ+1+1'", heads[i]);
        text.len = 0;
        edi_case c = { .mem = &mem, .format = &format, .text = &text };
        CU_ASSERT_EQUAL(edi_read(&c, (dgm_slice){ input, (size_t)n }), DGM_END);
        TEST_TEXT(dgm_buffer_slice(&text),
                  "UNH/0062=1\nUNH/S009/0065=CUSDEC\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nUNH/0068=CAR\n"
                  "UNH/S010/0070=1\nUNH/S010/0073=C\nBGM/C002/1001=929\nBGM/C106/1004=X\nBGM/1225=9\nUNS#1/0081=D\nUNS#2/0081=S\n"
                  "UNT/0074=5\nUNT/0062=1\n");
    }
    dgm_shape_free(shape);
    dgm_buffer_free(&text);
}

/* Either decimal mark, whatever UNA says (part 1, 10.2). */
static void decimal_marks(void)
{
    EXPECT("UNA:+.?*'" U4 "UNH+1+CUSDEC:D:96B:UN'BGM+929'MOA+39:1,5'MOA+40:1.5'UNS+D'UNS+S'UNT+7+1'UNZ+1+1'",
           "UNH/0062=1\nUNH/S009/0065=CUSDEC\nUNH/S009/0052=D\nUNH/S009/0054=96B\nUNH/S009/0051=UN\nBGM/C002/1001=929\n"
           "SG8#1/MOA/C516/5025=39\nSG8#1/MOA/C516/5004=1,5\nSG8#2/MOA/C516/5025=40\nSG8#2/MOA/C516/5004=1.5\n"
           "UNS#1/0081=D\nUNS#2/0081=S\nUNT/0074=7\nUNT/0062=1\n");
}

/* The repetition separator: "*" without UNA, UNA's fifth character with it, none where that is a blank; released like the others.
 */
static void which_character_repeats(void)
{
    EXPECT(U4 H4 "BGM+220+A?*B'DTM+137:20260115:102'" T, H4_TREE "BGM/C002/1001=220\nBGM/C106/1004=A*B\n"
                                                                 "DTM#1/C507/2005=137\nDTM#1/C507/"
                                                                 "2380=20260115\nDTM#1/C507/2379=102\n" T_TREE);
    EXPECT("UNA:+.? '" U4 H4 "BGM+220+A*B'DTM+137:20260115:102'" T,
           H4_TREE "BGM/C002/1001=220\nBGM/C106/1004=A*B\n"
                   "DTM#1/C507/2005=137\n"
                   "DTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n" T_TREE);
    /* BGM's C106 cannot be repeated */
    EXPECT("UNA:+.?#'" U4 H4 "BGM+220+A#B'DTM+137:20260115:102'" T, H4_TREE
           "BGM/C002/1001=220\nBGM/C106/1004=A\nBGM/C106#2/1004=B\nDTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/"
           "2379=102\n" T_TREE "!edifact.element.repetitions@72+1 i1 g0 m1 s2 e2 c0\n");
    SWEEP("UNA:+.?#'" U4 H4 "BGM+220+A#B'DTM+137:20260115:102'" T);
}

/* IDE of D.01B: 7495 C206 C082 4405 1222 C778 (up to 99 times) C240. In version 4 the occurrences of C778 stand in one position, an
 * empty one counts, and C240 is the seventh; in version 3 each has a position of its own. */
static void elements_are_repeated_in_one_position(void)
{
#define UTILMD(ide) "UNH+1+UTILMD:D:01B:UN'BGM+E01'DTM+137:20260115:102'" ide "UNT+5+1'UNZ+1+1'"
#define UTILMD_TREE(ide)                                                                                                           \
    "UNH/0062=1\nUNH/S009/0065=UTILMD\nUNH/S009/0052=D\nUNH/S009/0054=01B\nUNH/S009/0051=UN\nBGM/C002/1001=E01\n"                  \
    "DTM#1/C507/2005=137\nDTM#1/C507/2380=20260115\nDTM#1/C507/2379=102\n" ide "UNT/0074=5\nUNT/0062=1\n"
    static const char input[] = U4 UTILMD("IDE+1++++2+L1:1*L2**:4+C:::T'");
    EXPECT(input,
           UTILMD_TREE("SG4#1/IDE/7495=1\nSG4#1/IDE/1222=2\nSG4#1/IDE/C778#1/7164=L1\nSG4#1/IDE/C778#1/1050=1\n"
                       "SG4#1/IDE/C778#2/7164=L2\nSG4#1/IDE/C778#4/1050=4\nSG4#1/IDE/C240/7037=C\nSG4#1/IDE/C240/7036#1=T\n"));
    SWEEP(input);
    /* once without a repetition separator: the position that follows is still C240's */
    EXPECT(U4 UTILMD("IDE+1++++2+L1:1+C'"),
           UTILMD_TREE(
               "SG4#1/IDE/7495=1\nSG4#1/IDE/1222=2\nSG4#1/IDE/C778#1/7164=L1\nSG4#1/IDE/C778#1/1050=1\nSG4#1/IDE/C240/7037=C\n"));
    /* 1050 has ten characters: blamed is the value in the second occurrence (31 + 22 + 8 + 21 bytes before IDE) */
    EXPECT(U4 UTILMD("IDE+1++++2+L1*L2:12345678901'"),
           UTILMD_TREE("SG4#1/IDE/7495=1\nSG4#1/IDE/1222=2\nSG4#1/IDE/C778#1/7164=L1\nSG4#1/IDE/C778#2/7164=L2\n"
                       "SG4#1/IDE/C778#2/1050=12345678901\n") "!edifact.value.too-long@99+11 i1 g0 m1 s4 e6 c2\n");
    EXPECT("UNB+UNOA:3+S+R+260115:1023+1'" UTILMD("IDE+1++++2+L1:1+L2'"),
           UTILMD_TREE("SG4#1/IDE/7495=1\nSG4#1/IDE/1222=2\nSG4#1/IDE/C778#1/7164=L1\nSG4#1/IDE/C778#1/1050=1\n"
                       "SG4#1/IDE/C778#2/7164=L2\n"));
}

int main(void)
{
    static const test_case cases[] = {
        { "headers of version 4", headers_of_version_4 },
        { "message header of version 4", message_header_of_version_4 },
        { "formats take any version", formats_take_any_version },
        { "decimal marks", decimal_marks },
        { "elements are repeated in one position", elements_are_repeated_in_one_position },
        { "which character repeats", which_character_repeats },
        { 0 },
    };
    return test_main("edifact syntax 4", cases);
}
