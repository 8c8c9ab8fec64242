/* SPDX-License-Identifier: Apache-2.0
 *
 * test_edifact_check.c - rules about what values say: code lists, check digits, numbers, control totals, and the levels that switch
 * them on. Each row is a message and all that is printed about it, worked out by hand from the directory and ISO 9735. One thread.
 */
#include "edifact_tests.h"

typedef struct row {
    const char *level, *input, *printed;
} row;

#define U      "UNB+UNOC:3+S+R+961120:1023+1'\n"
#define CUSDEC U "UNH+1+CUSDEC:D:96B:UN'\n"
#define ORDERS U "UNH+1+ORDERS:D:96B:UN'\nBGM+220+1+9'\nDTM+137:19961120:102'\nNAD+BY+1::91'\n"
#define END(n) "UNS+D'\nUNS+S'\nUNT+" n "+1'\nUNZ+1+1'\n"
#define OUT(n) "UNT+" n "+1'\nUNZ+1+1'\n"

static dgm_status read_and_print(const char *level, dgm_slice input, size_t chunk, const dgm_mem *mem, dgm_buffer *out)
{
    const dgm_codec *k = &dgm_codec_edifact;
    dgm_setting settings[] = { { DGM_LITERAL("level"), dgm_slice_of(level ? level : "") } };
    dgm_diags *diags = NULL;
    dgm_reader *reader = NULL;
    dgm_message m;
    size_t fed = 0;
    dgm_status st = dgm_diags_new(mem, 100, &diags);
    if (st != DGM_OK) return st;
    dgm_host host = dgm_host_make(mem, NULL, diags, NULL, NULL, 0);
    st = chunk ? k->open(&host, settings, level ? 1 : 0, &reader) : k->open_whole(&host, settings, level ? 1 : 0, input, &reader);
    while (st == DGM_OK || st == DGM_MORE) {
        st = k->next(reader, &m);
        if (st == DGM_OK) {
            CU_ASSERT(m.tree == NULL || dgm_tree_sound(m.tree));
            k->recycle(reader, &m);
        } else if (st == DGM_MORE) {
            size_t n = input.len - fed < chunk ? input.len - fed : chunk;
            dgm_status fine = k->feed(reader, dgm_slice_part(input, fed, fed + n), fed + n == input.len);
            if (fine != DGM_OK) st = fine;
            fed += n;
        }
    }
    if (st == DGM_END && dgm_diags_failed(diags)) st = DGM_NOMEM;
    dgm_diag_style style = { .form = DGM_DIAG_TEXT, .input_name = DGM_LITERAL("x.edi"), .width = 100 };
    for (size_t i = 0; i < dgm_diags_count(diags) && st == DGM_END && out; i++)
        if (dgm_diag_print(dgm_diags_at(diags, i), &style, dgm_buffer_sink(out)) != DGM_OK) st = DGM_NOMEM;
    k->close(reader);
    dgm_diags_free(diags);
    return st;
}

static void check_rows(const row *rows, size_t n)
{
    dgm_mem mem = dgm_mem_default();
    for (size_t i = 0; i < n; i++)
        for (size_t chunk = 0; chunk < 60; chunk += 29) {
            dgm_buffer out;
            dgm_buffer_init(&out, &mem);
            CU_ASSERT_EQUAL(read_and_print(rows[i].level, dgm_slice_of(rows[i].input), chunk, &mem, &out), DGM_END);
            TEST_TEXT(dgm_buffer_slice(&out), rows[i].printed);
            dgm_buffer_free(&out);
        }
}
#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define IFTMIN "UNB+UNOC:3+A+B+260101:1200+1'\nUNH+1+IFTMIN:D:96B:UN'\nBGM+335+X+9'\nNAD+CN+X'\nGID+1'\n"

/* ---- code lists -------------------------------------------------------------------------------------------------------------- */

/* 1001 of D.96B has 925, 926, 927 and 929, and no 928; 1225 has 9. */
#define BGM_928                                                                                                                    \
    "[edifact.code.unknown]: 1001 (Document/message name, coded) has no code \"928\"\n"                                            \
    "  message 1, segment 2 BGM, element 1 component 1 (BGM/C002/1001), offset 57\n"                                               \
    "    BGM+928+X+9'\n"                                                                                                           \
    "        ^~~\n"                                                                                                                \
    "  hint: D.96B has 925 (Application for exchange allocation), 926 (Foreign exchange permit), 927 (Exchange control "           \
    "declaration (import))\n"

static void codes_are_looked_up(void)
{
    static const row rows[] = {
        { "codes", CUSDEC "BGM+928+X+9'\n" END("5"), "x.edi: error" BGM_928 },
        { "advice", CUSDEC "BGM+928+X+9'\n" END("5"), "x.edi: warning" BGM_928 },
        { "directory", CUSDEC "BGM+928+X+9'\n" END("5"), "" },
        { NULL, CUSDEC "BGM+928+X+9'\n" END("5"), "" },
        { "codes", CUSDEC "BGM+929+X+9'\n" END("5"), "" },
        /* The second BGM of a kind goes another way through the reader than the first; what is said is the same. */
        { "codes", CUSDEC "BGM+929+X+9'\nLOC+5+X'\nLOC+9+X'\nLOC+5Z+X'\nLOC+11+X'\n" END("9"),
          "x.edi: error[edifact.code.unknown]: 3227 (Place/location qualifier) has no code \"5Z\"\n"
          "  message 1, segment 5 LOC, element 1 (LOC#3/3227), offset 88\n"
          "    LOC+5Z+X'\n"
          "        ^~\n"
          "  hint: D.96B has 50 (Customs office of transit), 51 (Country of invalid transit guarantee), 52 (Country of "
          "destination (transit))\n" },
        /* A released code is the code it stands for; one that is much too long has its own fault. */
        { "codes", CUSDEC "BGM+?929+X+9'\n" END("5"), "" },
        /* What D.94A lists for 3239 is no code but the standard that has them. */
        { "codes",
          U "UNH+1+ORDERS:D:94A:UN'\nBGM+220+1+9'\nDTM+137:19961120:102'\nALI+US'\nNAD+BY+1::91'\nLIN+1'\nUNS+S'\n" OUT("8"), "" },
        /* A small list is told whole: 0081 has D and S. */
        { "codes", CUSDEC "BGM+929+X+9'\nUNS+X'\nUNS+S'\nUNT+5+1'\nUNZ+1+1'\n",
          "x.edi: error[edifact.code.unknown]: 0081 (Section identification) has no code \"X\"\n"
          "  message 1, segment 3 UNS, element 1 (UNS/0081), offset 70\n"
          "    UNS+X'\n"
          "        ^\n"
          "  hint: D.96B has D (Header/detail section separation), S (Detail/summary section separation)\n" },
    };
    CHECK(rows);
}

/* In C002 (1001 1131 3055 1000) a code list qualifier, or an agency other than 6, makes 1001 another's; 1131 and 3055 are codes
 * themselves: 1131 has 105, 3055 has 6, 91 and no 7Z. */
static void other_agencies_have_their_own_lists(void)
{
    static const row rows[] = {
        { "codes", CUSDEC "BGM+ZZZ1::91+X+9'\n" END("5"),
          "x.edi: error[edifact.value.too-long]: 1001 (Document/message name, coded) has 4 characters; at most 3 are allowed\n"
          "  message 1, segment 2 BGM, element 1 component 1 (BGM/C002/1001), offset 57\n"
          "    BGM+ZZZ1::91+X+9'\n"
          "        ^~~~\n" },
        { "codes", CUSDEC "BGM+Z1::91+X+9'\n" END("5"), "" },
        { "codes", CUSDEC "BGM+Z1:105+X+9'\n" END("5"), "" },
        { "codes", CUSDEC "BGM+929::6+X+9'\n" END("5"), "" },
        { "codes", CUSDEC "BGM+QQ::6+X+9'\n" END("5"),
          "x.edi: error[edifact.code.unknown]: 1001 (Document/message name, coded) has no code \"QQ\"\n"
          "  message 1, segment 2 BGM, element 1 component 1 (BGM/C002/1001), offset 57\n"
          "    BGM+QQ::6+X+9'\n"
          "        ^~\n"
          "  hint: none of its 340 codes in D.96B is near\n" },
        { "codes", CUSDEC "BGM+929::7Z+X+9'\n" END("5"),
          "x.edi: error[edifact.code.unknown]: 3055 (Code list responsible agency, coded) has no code \"7Z\"\n"
          "  message 1, segment 2 BGM, element 1 component 3 (BGM/C002/3055), offset 62\n"
          "    BGM+929::7Z+X+9'\n"
          "             ^~\n"
          "  hint: D.96B has 70 (MY, Dagang.Net), 71 (US, FCC (Federal Communications Commission)), 72 (US, MARAD (Maritime "
          "Administration))\n" },
    };
    CHECK(rows);
}

/* ---- what surrounds messages ------------------------------------------------------------------------------------------------- */

/* What was cut is not held against its header; what is whole is. CUSDEC and BGM are 62 bytes, UNT 9 behind them. */
static void what_was_cut_or_lost(void)
{
#define LOST "  hint: perhaps it was not sent, or not received, whole\n"
    static const row rows[] = {
        { "syntax", CUSDEC "BGM+929'\nUNT+3+1'\nUNZ+1+9",
          "x.edi: error[edifact.segment.unterminated]: the input ends inside this segment\n  at UNZ, offset 71\n    UNZ+1+9\n"
          "    ^~~~~~~\n" LOST },
        { "syntax", CUSDEC "BGM+929'\nUNT+3+1'\nUNZ+4+9",
          "x.edi: error[edifact.segment.unterminated]: the input ends inside this segment\n  at UNZ, offset 71\n    UNZ+4+9\n"
          "    ^~~~~~~\n" LOST "x.edi: error[edifact.count.messages]: UNZ counts 4 messages; there is one\n"
          "  element 1 (UNZ/0036), offset 75\n    UNZ+4+9\n        ^\n" },
        { "syntax", CUSDEC "BGM+929'\nUNT+3+1'\n",
          "x.edi: error[edifact.interchange.no-end]: the interchange has no UNZ before the end of the input; its reference is 1\n"
          "  offset 71\n" LOST },
        { "syntax", CUSDEC "BGM+929'\nUNT+3+1'\n" U "UNZ+0+1'\n",
          "x.edi: error[edifact.interchange.no-end]: the interchange has no UNZ before UNB; its reference is 1\n"
          "  at UNB, offset 71\n    UNB+UNOC:3+S+R+961120:1023+1'\n    ^\n" LOST
          "x.edi: warning[edifact.interchange.empty]: the interchange holds no message\n"
          "  interchange 2 (UNZ), offset 101\n    UNZ+0+1'\n    ^~~~~~~~\n"
          "  hint: ISO 9735-1 has at least one message or package in it\n" },
        { "syntax", CUSDEC "BGM+929'\nUNT+3+1'\nDTM+137'\nUNZ+1+1'\n",
          "x.edi: error[edifact.segment.stray]: segment DTM stands outside of any message\n  at DTM, offset 71\n    DTM+137'\n"
          "    ^~~~~~~~\n  hint: a UNH is missing before it, or a UNT stands too early\n" },
        { "syntax", CUSDEC "BGM+929'\nUNT+3+2'\nUNZ+1+1'\n",
          "x.edi: error[edifact.reference.differs]: UNT has the reference \"2\", but its header has \"1\"\n"
          "  message 1, segment 3 UNT, element 2 (UNT/0062), offset 68\n    UNT+3+2'\n          ^\n" },
    };
    CHECK(rows);
}

/* ---- levels ------------------------------------------------------------------------------------------------------------------ */

/* Syntax: the directory's rules are not asked for, those of ISO 9735 are (UNT's count). */
static void levels_choose_the_rules(void)
{
    static const row rows[] = {
        { "syntax", CUSDEC "BGM+928+X+9'\nQQQ+1'\nNAD+TOOLONG+1+1+1+1+1+1+1+1+1+1'\nUNT+5+1'\nUNZ+1+1'\n", "" },
        { "syntax", U "UNH+1+CUSDEX:D:96B:UN'\nBGM+1'\nUNT+3+1'\nUNZ+1+1'\n", "" },
        { "syntax", CUSDEC "BGM+929'\nUNT+4+1'\nUNZ+1+1'\n",
          "x.edi: error[edifact.count.segments]: UNT counts 4 segments; there are 3\n"
          "  message 1, segment 3 UNT, element 1 (UNT/0074), offset 66\n"
          "    UNT+4+1'\n"
          "        ^\n"
          "  hint: UNH and UNT are counted too\n" },
        { "syntax", U "UNH+1+CUSDEC:D:96B'\nBGM+929'\nUNT+3+1'\nUNZ+1+1'\n",
          "x.edi: error[edifact.component.missing]: mandatory component 0051 (Controlling agency) of S009 is missing\n"
          "  message 1, segment 1 UNH, element 2 component 4 (UNH/S009/0051), offset 48\n"
          "    UNH+1+CUSDEC:D:96B'\n"
          "                      ^\n" },
        { "directory", CUSDEC "BGM+929'\nUNT+3+1'\nUNZ+1+1'\n",
          "x.edi: error[edifact.segment.missing]: mandatory segment UNS (Section control) is missing after BGM\n"
          "  message 1, behind segment 2 (UNS), offset 61\n"
          "    BGM+929'\n"
          "            ^\n"
          "  hint: the rule: CUSDEC is ..., SG8 25?, [UNS 1], SG10 999?, SG30 9999?, ...\n"
          "x.edi: error[edifact.segment.missing]: mandatory segment UNS (Section control) is missing after BGM\n"
          "  message 1, behind segment 2 (UNS), offset 61\n"
          "    BGM+929'\n"
          "            ^\n"
          "  hint: the rule: CUSDEC is ..., SG30 9999?, [UNS 1], CNT 5?, SG49 50?, ...\n" },
    };
    CHECK(rows);
}

/* ---- check digits ------------------------------------------------------------------------------------------------------------ */

/* CSQU305438: C 13, S 30, Q 28, U 32, then 3 0 5 4 3 8, each times 1, 2, 4 .. 512: 13+60+112+256+48+0+320+512+768+4096 = 6185;
 * 6185 mod 11 = 3. IMO 907472: 9*7+0*6+7*5+4*4+7*3+2*2 = 139: 9. GTIN 400638133393: 3*3+9+3*3+3+3*3+1+8*3+3+6*3+0+0*3+4 = 89:
 * 1. Air waybill 1234567 mod 7 = 5. */
static void check_digits_are_worked_out(void)
{
    static const row rows[] = {
        { "codes", CUSDEC "BGM+929+X+9'\nEQD+CN+CSQU3054383'\nEQD+CN+CSQU3054384'\n" END("7"),
          "x.edi: error[edifact.value.check-digit]: the check digit of container number CSQU3054384 is 4, but 3 is worked out\n"
          "  message 1, segment 4 EQD, element 2 component 1 (EQD#2/C237/8260), offset 93\n"
          "    EQD+CN+CSQU3054384'\n"
          "           ^~~~~~~~~~~\n" },
        /* SGP has nothing but containers: one by itself, and one like another before it. */
        { "codes", IFTMIN "SGP+CSQU3054384'\nSGP+CSQU3054383'\nSGP+CSQU3054384'\n" OUT("8"),
          "x.edi: error[edifact.value.check-digit]: the check digit of container number CSQU3054384 is 4, but 3 is worked out\n"
          "  message 1, segment 5 SGP, element 1 component 1 (SG18/SG29/SGP/C237/8260), offset 87\n"
          "    SGP+CSQU3054384'\n"
          "        ^~~~~~~~~~~\n"
          "x.edi: error[edifact.value.check-digit]: the check digit of container number CSQU3054384 is 4, but 3 is worked out\n"
          "  message 1, segment 7 SGP, element 1 component 1 (SG18/SG29#3/SGP/C237/8260), offset 121\n"
          "    SGP+CSQU3054384'\n"
          "        ^~~~~~~~~~~\n" },
        /* Only containers, and only what is built like a container number. */
        { "codes", CUSDEC "BGM+929+X+9'\nEQD+TE+CSQU3054384'\nEQD+CN+CSQX3054384'\nEQD+CN+4711'\nEQD+CN'\n" END("9"), "" },
        { "directory", CUSDEC "BGM+929+X+9'\nEQD+CN+CSQU3054384'\n" END("6"), "" },
        { "codes", CUSDEC "BGM+929+X+9'\nTDT+20++1++:::X+++9074728::54:N'\n" END("6"),
          "x.edi: error[edifact.value.check-digit]: the check digit of IMO number 9074728 is 8, but 9 is worked out\n"
          "  message 1, segment 3 TDT, element 8 component 1 (SG4/TDT/C222/8213), offset 84\n"
          "    TDT+20++1++:::X+++9074728::54:N'\n"
          "                      ^~~~~~~\n" },
        { "codes", CUSDEC "BGM+929+X+9'\nTDT+20++1++:::X+++9074729::11:N'\n" END("6"), "" },
        { "codes", CUSDEC "BGM+929+X+9'\nTDT+20++1++:::X+++9074728:::N'\n" END("6"), "" },
        { "codes", ORDERS "LIN+1++4006381333931:EN'\nPIA+5+4006381333931:SA+12345678901231:EN+00012348:EN'\nUNS+S'\n" OUT("8"),
          "" },
        { "codes", ORDERS "LIN+1++4006381333932:EN'\nPIA+5+12345678901232:EN+00012349:EN+4006381333932:SA'\nUNS+S'\n" OUT("8"),

          "x.edi: error[edifact.value.check-digit]: the check digit of GTIN 4006381333932 is 2, but 1 is worked out\n"
          "  message 1, segment 5 LIN, element 3 component 1 (SG25/LIN/C212/7140), offset 109\n"
          "    LIN+1++4006381333932:EN'\n"
          "           ^~~~~~~~~~~~~\n"
          "x.edi: error[edifact.value.check-digit]: the check digit of GTIN 12345678901232 is 2, but 1 is worked out\n"
          "  message 1, segment 6 PIA, element 2 component 1 (SG25/PIA/C212/7140), offset 133\n"
          "    PIA+5+12345678901232:EN+00012349:EN+4006381333932:SA'\n"
          "          ^~~~~~~~~~~~~~\n"
          "x.edi: error[edifact.value.check-digit]: the check digit of GTIN 00012349 is 9, but 8 is worked out\n"
          "  message 1, segment 6 PIA, element 3 component 1 (SG25/PIA/C212#2/7140), offset 151\n"
          "    PIA+5+12345678901232:EN+00012349:EN+4006381333932:SA'\n"
          "                            ^~~~~~~~\n" },
        { "codes", CUSDEC "BGM+740+057-12345675+9'\nRFF+AWB:057 12345671'\nDOC+741+05712345674'\n" END("7"),
          "x.edi: error[edifact.value.check-digit]: the check digit of air waybill number 057 12345671 is 1, but 5 is worked out\n"
          "  message 1, segment 3 RFF, element 1 component 2 (SG1/RFF/C506/1154), offset 85\n"
          "    RFF+AWB:057 12345671'\n"
          "            ^~~~~~~~~~~~\n"
          "x.edi: error[edifact.value.check-digit]: the check digit of air waybill number 05712345674 is 4, but 5 is worked out\n"
          "  message 1, segment 4 DOC, element 2 component 1 (SG5/DOC/C503/1004), offset 107\n"
          "    DOC+741+05712345674'\n"
          "            ^~~~~~~~~~~\n" },
        { "codes", CUSDEC "BGM+929+X+9'\nRFF+AWB:057 12345675'\nRFF+AW?B:057 12345?671'\n" END("7"),
          "x.edi: error[edifact.value.check-digit]: the check digit of air waybill number 057 12345671 is 1, but 5 is worked out\n"
          "  message 1, segment 4 RFF, element 1 component 2 (SG1#2/RFF/C506/1154), offset 97\n"
          "    RFF+AW?B:057 12345?671'\n"
          "             ^~~~~~~~~~~~~\n" },
    };
    CHECK(rows);
}

/* ---- dates --------------------------------------------------------------------------------------------------------------------
 */

/* 2024 is a leap year, 2023 is none; a day may end at 24:00. The second DTM of a kind goes the fast way, which must stop at it. */
static void dates_are_of_their_format(void)
{
    static const row rows[] = {
        { "codes", CUSDEC "BGM+929+X+9'\nDTM+9:20240229:102'\nDTM+9:20230229:102'\n" END("7"),
          "x.edi: error[edifact.value.date]: 2380 (Date/time/period) says \"20230229\", which does not fit CCYYMMDD, or there is "
          "no "
          "such time\n"
          "  message 1, segment 4 DTM, element 1 component 2 (DTM#2/C507/2380), offset 92\n"
          "    DTM+9:20230229:102'\n"
          "          ^~~~~~~~\n" },
        { "codes", CUSDEC "BGM+929+X+9'\nDTM+9:202401012400:203'\nDTM+9:202401012460:203'\n" END("7"),
          "x.edi: error[edifact.value.date]: 2380 (Date/time/period) says \"202401012460\", which does not fit CCYYMMDDHHMM, or "
          "there is no such time\n"
          "  message 1, segment 4 DTM, element 1 component 2 (DTM#2/C507/2380), offset 96\n"
          "    DTM+9:202401012460:203'\n"
          "          ^~~~~~~~~~~~\n" },
        { "codes", CUSDEC "BGM+929+X+9'\nDTM+9:20240101:102'\nDTM+9:202401:102'\n" END("7"),
          "x.edi: error[edifact.value.date]: 2380 (Date/time/period) says \"202401\", which does not fit CCYYMMDD, or there is no "
          "such time\n"
          "  message 1, segment 4 DTM, element 1 component 2 (DTM#2/C507/2380), offset 92\n"
          "    DTM+9:202401:102'\n"
          "          ^~~~~~\n" },
        /* The qualifier and the value are what they stand for, whatever is released in them. */
        { "codes", CUSDEC "BGM+929+X+9'\nDTM+9:20240229:102'\nDTM+9:20230229:1?02'\n" END("7"),
          "x.edi: error[edifact.value.date]: 2380 (Date/time/period) says \"20230229\", which does not fit CCYYMMDD, or there is "
          "no "
          "such time\n"
          "  message 1, segment 4 DTM, element 1 component 2 (DTM#2/C507/2380), offset 92\n"
          "    DTM+9:20230229:1?02'\n"
          "          ^~~~~~~~\n" },
        { "codes", CUSDEC "BGM+929+X+9'\nDTM+9:2024?0229:102'\nDTM+9:?:102'\nDTM+9:20230?229:?102'\n" END("8"),
          "x.edi: error[edifact.value.date]: 2380 (Date/time/period) says \"20230229\", which does not fit CCYYMMDD, or there is "
          "no "
          "such time\n"
          "  message 1, segment 5 DTM, element 1 component 2 (DTM#3/C507/2380), offset 106\n"
          "    DTM+9:20230?229:?102'\n"
          "          ^~~~~~~~~\n" },
        /* A zone; a number of days (804); none; nothing. */
        { "codes",
          CUSDEC "BGM+929+X+9'\nDTM+9:202401011200?+01:303'\nDTM+9:3:804'\nDTM+9:X'\nDTM+9::102'\nDTM+9:240230'\n" END("10"), "" },
        { "directory", CUSDEC "BGM+929+X+9'\nDTM+9:20230229:102'\n" END("6"), "" },
        { "codes", "UNB+UNOC:3+A+B+261301:2460+1'\nUNH+1+CUSDEC:D:96B:UN'\nBGM+929+X+9'\n" END("5"),
          "x.edi: warning[edifact.value.date]: 0017 (Date of preparation) says \"261301\", which does not fit YYMMDD, or there is "
          "no "
          "such time\n"
          "  element 4 component 1 (UNB/S004/0017), offset 15\n"
          "    UNB+UNOC:3+A+B+261301:2460+1'\n"
          "                   ^~~~~~\n"
          "x.edi: warning[edifact.value.date]: 0019 (Time of preparation) says \"2460\", which does not fit HHMM, or there is no "
          "such "
          "time\n"
          "  element 4 component 2 (UNB/S004/0019), offset 22\n"
          "    UNB+UNOC:3+A+B+261301:2460+1'\n"
          "                          ^~~~\n" },
    };
    CHECK(rows);
}

/* ---- numbers ----------------------------------------------------------------------------------------------------------------- */

/* ISO 9735:1988, 10: a mark has a digit on either side, no triads, a minus in front only, no plus, no exponent; sign and mark do
 * not count (5004 of MOA is n..18). */
static void numbers_are_as_the_standard_has_them(void)
{
#define NUMERIC(shown, caret)                                                                                                      \
    "x.edi: error[edifact.value.not-numeric]: 5004 (Monetary amount) must be a number, but is \"" shown                            \
    "\"\n  message 1, segment 3 MOA, element 1 component 2 (SG8/MOA/C516/5004), offset 73\n    MOA+39:" caret
    static const row rows[] = {
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:-1234567890123456.78'\nMOA+39:0,5'\nMOA+39:-0.5'\nMOA+39:7'\n" END("9"), "" },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:-1234567890123456.789'\n" END("6"),
          "x.edi: error[edifact.value.too-long]: 5004 (Monetary amount) has 19 characters; at most 18 are allowed\n"
          "  message 1, segment 3 MOA, element 1 component 2 (SG8/MOA/C516/5004), offset 73\n"
          "    MOA+39:-1234567890123456.789'\n"
          "           ^~~~~~~~~~~~~~~~~~~~~\n" },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:,5'\n" END("6"),
          "x.edi: warning[edifact.value.decimal-digit]: 5004 (Monetary amount) has no digit before the decimal mark of \",5\"\n"
          "  message 1, segment 3 MOA, element 1 component 2 (SG8/MOA/C516/5004), offset 73\n"
          "    MOA+39:,5'\n"
          "           ^~\n" },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:5'\nMOA+39:-5.'\n" END("7"),
          "x.edi: warning[edifact.value.decimal-digit]: 5004 (Monetary amount) has no digit behind the decimal mark of \"-5.\"\n"
          "  message 1, segment 4 MOA, element 1 component 2 (SG8#2/MOA/C516/5004), offset 83\n"
          "    MOA+39:-5.'\n"
          "           ^~~\n" },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:1.000,5'\n" END("6"), NUMERIC("1.000,5", "1.000,5'\n           ^~~~~~~\n") },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:?+5'\n" END("6"), NUMERIC("+5", "?+5'\n           ^~~\n") },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:5-'\n" END("6"), NUMERIC("5-", "5-'\n           ^~\n") },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:5E2'\n" END("6"), NUMERIC("5E2", "5E2'\n           ^~~\n") },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:-'\n" END("6"), NUMERIC("-", "-'\n           ^\n") },
        { NULL, CUSDEC "BGM+929+X+9'\nMOA+39:1 000'\n" END("6"), NUMERIC("1 000", "1 000'\n           ^~~~~\n") },
    };
    CHECK(rows);
}

/* ---- control totals ---------------------------------------------------------------------------------------------------------- */

/* 6069: 2 lines, 3 lines and sub-lines, 1 the sum of quantities, 5 customs items; 7 (gross weight) is not counted here. A sub-line
 * (C829) may or may not be a line to 2. Where a line has two quantities or none there is no sum. */
static void control_totals_are_counted(void)
{
#define LINES "LIN+1++X:SA'\nQTY+21:1000,5'\nLIN+2++X:SA'\nQTY+21:-0.25'\nLIN+3++X:SA+1:2'\nQTY+21:1'\nUNS+S'\n"
    static const row rows[] = {
        { NULL, ORDERS LINES "CNT+2:3'\nCNT+1:1001.25'\nCNT+7:99'\n" OUT("15"), "" },
        { NULL, ORDERS LINES "CNT+2:2'\nCNT+3:3'\n" OUT("14"), "" },
        { NULL, ORDERS LINES "CNT+7:1'\nCNT+2:4'\nCNT+1:1001,5'\n" OUT("15"),
          "x.edi: warning[edifact.count.control]: CNT says 4 for 2 (Number of line items in message); there are 3\n"
          "  message 1, segment 13 CNT, element 1 component 2 (CNT#2/C270/6066), offset 206\n"
          "    CNT+2:4'\n"
          "          ^\n"
          "x.edi: warning[edifact.count.control]: CNT says 1001,5 for 1 (Algebraic total of the quantity values in line items in a "
          "message); there are 1001.25\n"
          "  message 1, segment 14 CNT, element 1 component 2 (CNT#3/C270/6066), offset 215\n"
          "    CNT+1:1001,5'\n"
          "          ^~~~~~\n" },
        { "codes", ORDERS LINES "CNT+3:2'\n" OUT("13"),
          "x.edi: error[edifact.count.control]: CNT says 2 for 3 (Number of line and sub items in message); there are 3\n"
          "  message 1, segment 12 CNT, element 1 component 2 (CNT/C270/6066), offset 197\n"
          "    CNT+3:2'\n"
          "          ^\n" },
        { NULL, ORDERS "LIN+1++X:SA'\nQTY+21:1'\nQTY+59:1'\nUNS+S'\nCNT+1:7'\n" OUT("10"), "" },
        { NULL, CUSDEC "BGM+929+X+9'\nCST'\nUNS+D'\nCST+1'\nCST+2'\nUNS+S'\nCNT+5:3'\n" OUT("9"),
          "x.edi: warning[edifact.count.control]: CNT says 3 for 5 (Number of Customs item detail lines); there are 2\n"
          "  message 1, segment 8 CNT, element 1 component 2 (CNT/C270/6066), offset 105\n"
          "    CNT+5:3'\n"
          "          ^\n" },
        { "syntax", CUSDEC "BGM+929+X+9'\nUNS+D'\nCST+1'\nUNS+S'\nCNT+5:3'\n" OUT("7"), "" },
    };
    CHECK(rows);
}

static dgm_status read_with(const dgm_mem *mem, void *ctx)
{
    (void)ctx;
    dgm_slice input = DGM_LITERAL(CUSDEC "BGM+929+X+9'\nLOC+5+X'\nLOC+5Z+X'\n" END("7"));
    dgm_status st = read_and_print("codes", input, 0, mem, NULL);
    return st == DGM_END ? DGM_OK : st;
}

static void nothing_leaks_without_memory(void)
{
    CU_ASSERT(test_each_allocation_fails(read_with, NULL) > 10);
}

int main(void)
{
    static const test_case cases[] = {
        { "codes are looked up", codes_are_looked_up },
        { "other agencies have their own lists", other_agencies_have_their_own_lists },
        { "what was cut or lost", what_was_cut_or_lost },
        { "levels choose the rules", levels_choose_the_rules },
        { "check digits are worked out", check_digits_are_worked_out },
        { "dates are of their format", dates_are_of_their_format },
        { "numbers are as the standard has them", numbers_are_as_the_standard_has_them },
        { "control totals are counted", control_totals_are_counted },
        { "nothing leaks without memory", nothing_leaks_without_memory },
        { 0 },
    };
    return test_main("edifact check", cases);
}
