/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_odd.c - fields and records that are not simply there: conditions, columns with several meanings, lists as long as a
 * number says, texts over several fields and records, records that nest by what is open. Each input that is right is written again
 * as the same bytes. One thread.
 */
#include "flat_tests.h"

#define FIXED "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n"
#define BOTH(yaml, input, wanted)                                                                                                  \
    do {                                                                                                                           \
        FLAT_READS(yaml, input, wanted);                                                                                           \
        FLAT_RETURNS(yaml, input);                                                                                                 \
    } while (0)

/* ---- conditions ---- */

static void conditions(void)
{
    static const char yaml[] = FIXED "        - {field: type, at: 1, values: [A, D, Z]}\n"
                                     "        - {field: date, at: 2-9, date: YYYYMMDD, required: yes, unless: {type: [D, Z]}}\n"
                                     "        - {field: port, at: 10-12, when: date}\n"
                                     "        - {field: note, at: 13, unless: port}\n";
    BOTH(yaml, "A20260302DE  \n", "message 1 at 0+14: 0 errors\nR/type=A\nR/date=2026-03-02\nR/port=DE\n");
    BOTH(yaml, "D           x\n", "message 1 at 0+14: 0 errors\nR/type=D\nR/note=x\n");
    FLAT_READS(yaml, "A           x\n",
               "message 1 at 0+14: 1 errors\nR/type=A\nR/date=         (bad)\nR/note=x\nflat.field.required 1+8 R/date\n");
    FLAT_READS(
        yaml, "D20260302DE x\n",
        "message 1 at 0+14: 2 errors\nR/type=D\nR/note=x\nflat.field.forbidden 1+8 R/date\nflat.field.forbidden 9+3 R/port\n");
    /* a wrong code is told alone: what it decides is not judged */
    FLAT_READS(yaml, "X20260302DE x\n", "message 1 at 0+14: 1 errors\nR/type=X (bad)\nflat.field.code 0+1 R/type\n");
    /* what one record holds decides in another, and nothing of the one before it stays */
    static const char mode[] =
        "  kind: delimited\n  ends: LF\n  records:\n    - record: H\n      fields: [{value: H}, {field: mode}]\n      records:\n"
        "        - {record: D, times: 0..*, fields: [{value: D}, {field: key, required: yes, when: {H/mode: [A, S]}}, {field: "
        "x}]}\n";
    BOTH(mode, "H,F\nD,,1\nH,A\nD,k,1\nH\nD,,2\n",
         "message 1 at 0+9: 0 errors\nH/mode=F\nH/D/x=1\nmessage 2 at 9+10: 0 errors\nH/mode=A\nH/D/key=k\nH/D/x=1\n"
         "message 3 at 19+7: 0 errors\nH/D/x=2\n");
    FLAT_READS(mode, "H,A\nD\nH,F\nD,k\n",
               "message 1 at 0+6: 1 errors\nH/mode=A\nH/D\nflat.field.required 5+0 H/D/key\n"
               "message 2 at 6+8: 1 errors\nH/mode=F\nH/D\nflat.field.forbidden 12+1 H/D/key\n");
}

/* Columns that mean what another field says; records that do. */
static void alternatives(void)
{
    static const char yaml[] = FIXED
        "        - {field: kind, at: 1, values: [C, G, V]}\n        - {field: container, at: 2-6, required: yes, when: {kind: C}}\n"
        "        - {field: bulk, at: 2-3, when: {kind: G}}\n        - {field: weight, width: 2, type: number, when: {kind: G}}\n"
        "        - {field: vin, at: 2-6, when: {kind: V}, fields: [{field: make, width: 2}, {field: no, width: 3}]}\n"
        "        - {field: end, at: 7}\n";
    BOTH(yaml, "CABCDE.\nGxy07 .\nVzz1 3.\nV     .\n",
         "message 1 at 0+8: 0 errors\nR/kind=C\nR/container=ABCDE\nR/end=.\nmessage 2 at 8+8: 0 errors\nR/kind=G\nR/bulk=xy\n"
         "R/weight=7\nR/end=.\nmessage 3 at 16+8: 0 errors\nR/kind=V\nR/vin/make=zz\nR/vin/no=1 3\nR/end=.\n"
         "message 4 at 24+8: 0 errors\nR/kind=V\nR/end=.\n");
    /* the sixth column is of none of the fields that are there */
    FLAT_READS(yaml, "Gxy07E.\n",
               "message 1 at 0+8: 2 errors\nR/kind=G\nR/bulk=xy\nR/weight=7\nR/end=.\nflat.field.forbidden 5+1 R/container\n"
               "flat.field.forbidden 5+1 R/vin/no\n");
    FLAT_READS(yaml, "C     .\n",
               "message 1 at 0+8: 1 errors\nR/kind=C\nR/container=      (bad)\nR/end=.\nflat.field.required 1+5 R/container\n");
    static const char records[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: mode, at: 2}]\n"
        "      records:\n        - {record: Full, times: 1..9, when: {mode: F}, fields: [{at: 1, value: D}, {field: all, at: "
        "2-4}]}\n"
        "        - {record: Part, times: 0..9, when: {mode: [P, Q]}, fields: [{at: 1, value: D}, {field: a, at: 2}, {field: b, at: "
        "3-4}]}\n"
        "        - {record: End, times: 0..1, unless: {mode: F}, fields: [{at: 1, value: E}]}\n";
    BOTH(records, "HF\nDabc\nHQ\nDabc\nD c \nE\n",
         "message 1 at 0+8: 0 errors\nH/mode=F\nH/Full/all=abc\nmessage 2 at 8+15: 0 errors\nH/mode=Q\nH/Part/a=a\nH/Part/b=bc\n"
         "H/Part#2/b=c\nH/End\n");
    FLAT_READS(records, "HF\nDabc\nE\nHP\n",
               "message 1 at 0+10: 1 errors\nH/mode=F\nH/Full/all=abc\nH/End\nflat.record.forbidden 8+1 H/End\n"
               "message 2 at 10+3: 0 errors\nH/mode=P\n");
    FLAT_READS(records, "HF\n", "message 1 at 0+3: 1 errors\nH/mode=F\nflat.record.missing 3+0 H/Full\n");
}

/* ---- lists ---- */

static void lists(void)
{
    static const char fixed[] =
        FIXED "        - {field: n, at: 1-2}\n"
              "        - {field: item, width: 3, repeat: 4, counted: n, fields: [{field: a, width: 1}, {field: "
              "b, width: 2}]}\n        - {field: end, width: 1}\n";
    BOTH(fixed, "02x12y  .\n00!\n",
         "message 1 at 0+10: 0 errors\nR/n=2\nR/item/a=x\nR/item/b=12\nR/item#2/a=y\nR/end=.\nmessage 2 at 10+4: 0 errors\nR/n=0\n"
         "R/end=!\n");
    FLAT_RETURNS(fixed, "04a11b22c33d44?\n");
    FLAT_READS(
        fixed, "05a11b22c33d44?\n",
        "message 1 at 0+16: 1 errors\nR/n=5\nR/item/a=a\nR/item/b=11\nR/item#2/a=b\nR/item#2/b=22\nR/item#3/a=c\nR/item#3/b=33\n"
        "R/item#4/a=d\nR/item#4/b=44\nR/end=?\nflat.field.counted 0+15 R/n\n");
    FLAT_READS(fixed, "01x12.?\n", "message 1 at 0+8: 1 errors\nR/n=1\nR/item/a=x\nR/item/b=12\nR/end=.\nflat.record.long 0+7 R\n");
    FLAT_READS(fixed, "02x12.\n",
               "message 1 at 0+7: 1 errors\nR/n=2\nR/item/a=x\nR/item/b=12\nR/item#2/a=.\nflat.record.short 0+6 R\n");
    static const char delimited[] =
        "  kind: delimited\n  ends: LF\n  records:\n    - record: R\n      fields: [{field: n, required: "
        "yes}, {field: v, repeat: 3, counted: n}, {field: m}, {field: w, repeat: 2, counted: m}, {field: "
        "end}]\n";
    BOTH(delimited, "2,a,b,1,c,!\n0,2,d,e\n",
         "message 1 at 0+12: 0 errors\nR/n=2\nR/v=a\nR/v#2=b\nR/m=1\nR/w=c\nR/end=!\nmessage 2 at 12+8: 0 errors\nR/n=0\nR/m=2\n"
         "R/w=d\nR/w#2=e\n");
    FLAT_READS(delimited, "0,0,x,y\n", "message 1 at 0+8: 1 errors\nR/n=0\nR/m=0\nR/end=x\nflat.fields.many 0+7 R\n");
}

/* ---- texts ---- */

static void texts(void)
{
    /* over fields of one record */
    static const char split[] =
        "  kind: delimited\n  quote: none\n  separator: '|'\n  trailing: keep\n  ends: LF\n  records:\n    - record: R\n"
        "      fields: [{field: k}, {field: text, length: 5, split: 3}, {field: z}]\n";
    BOTH(split, "1|abcde|fgh||x\n", "message 1 at 0+15: 0 errors\nR/k=1\nR/text=abcdefgh\nR/z=x\n");
    BOTH(split, "1||||\n", "message 1 at 0+6: 0 errors\nR/k=1\n");
    FLAT_BECOMES(split, "1|abc|de|fgh|x\n", "1|abcde|fgh||x\n");
    /* a blank at a break goes with what is behind it, or it would be lost */
    static const char parted[] = FIXED "        - {field: text, at: 1-4}\n        - {field: k, at: 5}\n"
                                       "        - {at: 6-9, continues: text}\n        - {at: 10-12, continues: text}\n";
    BOTH(parted, "abc K defgh \n", "message 1 at 0+13: 0 errors\nR/text=abc defgh\nR/k=K\n");
    static const char words[] =
        FIXED "        - {field: text, at: 1-8, join: \" \"}\n        - {at: 9-16, continues: text, join: \" \"}\n";
    BOTH(words, "goods ofa kind  \n", "message 1 at 0+17: 0 errors\nR/text=goods of a kind\n");
    static const char columns[] = FIXED "        - {field: text, at: 1-4}\n        - {at: 5-8, continues: text, join: columns}\n";
    BOTH(columns, "ab  cd  \n", "message 1 at 0+9: 0 errors\nR/text=ab  cd\n");
    /* bytes are counted, and no character is cut: the column left over fills up */
    static const char gb[] = "  kind: fixed\n  encoding: GB18030\n  ends: LF\n  records:\n    - record: R\n      fields:\n"
                             "        - {field: text, at: 1-5}\n        - {at: 6-10, continues: text}\n";
    BOTH(gb, "\x88\x7C\x88\x7C \x95\x32\x82\x36 \n",
         "message 1 at 0+11: 0 errors\nR/text=\xE5\x9D\xBE\xE5\x9D\xBE\xF0\xA0\x80\x80\n");
}

static const char flowing[] = "  kind: fixed\n  ends: LF\n  short: accept\n  records:\n    - record: D\n      times: 1..*\n"
                              "      fields: [{at: 1, value: D}, {field: no, at: 2}, {field: name, at: 3-6}]\n      records:\n"
                              "        - {record: C, times: 0..2, fields: [{at: 1, value: C}, {field: no, at: 2, same: D/no}, {at: "
                              "3-8, continues: D/name}]}\n"
                              "        - {record: N, times: 0..*, fields: [{at: 1, value: N}, {field: x, at: 2}]}\n";

static void records(void)
{
    BOTH(flowing, "D1abcd\nC1efghij\nC1k     \nNx\nD2abc \nD3abcd\nC3e     \n",
         "message 1 at 0+51: 0 errors\nD/no=1\nD/name=abcdefghijk\nD/N/x=x\nD#2/no=2\nD#2/name=abc\nD#3/no=3\nD#3/name=abcde\n");
    FLAT_READS(flowing, "D1\nC1efg\nD2abcd\nC1e\n",
               "message 1 at 0+20: 2 errors\nD/no=1\nD#2/no=2\nD#2/name=abcde\nflat.field.continues 5+3 D/name\n"
               "flat.control.same 17+1 D/C/no\n");
    FLAT_READS(flowing, "D1abcd\nC1e\nC1f\nC1g\n",
               "message 1 at 0+19: 1 errors\nD/no=1\nD/name=abcdefg\nflat.record.many 15+3 D/C\n");
}

/* ---- what is open ---- */

/* A line of a container applies to the bills below it; bills may stand above the first, too. */
static void contexts(void)
{
    static const char yaml[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: Flight\n      fields: [{at: 1, value: F}, {field: no, at: 2}]\n"
        "      records:\n        - {record: Bill, times: 0..*, fields: [{at: 1, value: B}, {field: no, at: 2}]}\n"
        "        - record: Unit\n          times: 0..*\n          fields: [{at: 1, value: U}, {field: no, at: 2}]\n"
        "          records: [{record: Bill, times: 0..*, fields: [{at: 1, value: B}, {field: no, at: 2}]}]\n";
    BOTH(yaml, "F1\nB1\nU1\nB2\nB3\nU2\nB4\n",
         "message 1 at 0+21: 0 "
         "errors\nFlight/no=1\nFlight/Bill/no=1\nFlight/Unit/no=1\nFlight/Unit/Bill/no=2\nFlight/Unit/Bill#2/no=3\n"
         "Flight/Unit#2/no=2\nFlight/Unit#2/Bill/no=4\n");
}

/* Records that nothing but their order tells. */
static void ordinals(void)
{
    static const char yaml[] = "  kind: fixed\n  ends: CRLF\n  records:\n    - record: H\n      length: 4\n      fields: [{at: 1, "
                               "value: H}, {field: no, at: 2}]\n"
                               "      records:\n        - {record: A, length: 2, fields: [{field: value, width: 2}]}\n"
                               "        - {record: B, length: 3, times: 2, fields: [{field: value, width: 3, type: number}]}\n"
                               "        - {record: C, length: 1, fields: [{field: value, width: 1}]}\n";
    BOTH(yaml, "H1  \r\n  \r\n001\r\n002\r\nx\r\nH2  \r\nab\r\n   \r\n004\r\n \r\n",
         "message 1 at 0+23: 0 errors\nH/no=1\nH/A\nH/B/value=1\nH/B#2/value=2\nH/C/value=x\n"
         "message 2 at 23+23: 0 errors\nH/no=2\nH/A/value=ab\nH/B\nH/B#2/value=4\nH/C\n");
    FLAT_READS(yaml, "H1  \r\nab\r\n01\r\n002\r\nx\r\n",
               "message 1 at 0+22: 1 errors\nH/no=1\nH/A/value=ab\nH/B/value=1\nH/B#2/value=2\nH/C/value=x\nflat.record.short 10+2 "
               "H/B\n");
}

/* Fields that are lines, filled up or not, of which a file has as many as the layout. */
static void lines(void)
{
    static const char yaml[] =
        "  kind: delimited\n  separator: CRLF\n  ends: file\n  trailing: keep\n  records:\n    - record: R\n"
        "      least: 6\n      fields: [{field: a, required: yes}, {field: b, width: 3}, {field: g, repeat: 2, fields: "
        "[{field: x}, {field: n, width: 3, type: number}]}]\n";
    BOTH(yaml, "one\r\nq  \r\nx1\r\n007\r\n\r\n   \r\n", "message 1 at 0+26: 0 errors\nR/a=one\nR/b=q\nR/g/x=x1\nR/g/n=7\n");
    FLAT_BECOMES(yaml, "one\nq  \n\n\nx2\n008", "one\r\nq  \r\nx2\r\n008\r\n\r\n   \r\n");
    FLAT_READS(yaml, "one\r\nq\r\n\r\n\r\n\r\n",
               "message 1 at 0+14: 2 errors\nR/a=one\nR/b=q (bad)\nflat.fields.few 0+14 R\nflat.field.length 5+1 R/b\n");
    FLAT_READS(yaml, "\r\n   \r\n\r\n\r\n\r\n\r\nz\r\n",
               "message 1 at 0+18: 2 errors\nR\nflat.fields.many 0+18 R\nflat.field.required 0+0 R/a\n");
}

/* ---- pieces, beginnings, memory ---- */

static void ways(void)
{
    static const char input[] = "D1abcd\nC1efghij\nC1k     \nNx\nD2abc \nC1\nC2zz\nD3abcd\nC3e     \n";
    flat_kit *k = flat_kit_make(NULL, NULL, flowing);
    CU_ASSERT_EQUAL_FATAL(k->loaded, DGM_OK);
    for (size_t n = 0; n < sizeof input; n++) {
        flat_lines whole = { 0 }, l = { 0 };
        flat_put(&whole, DGM_LITERAL(""));
        flat_put(&l, DGM_LITERAL(""));
        CU_ASSERT_EQUAL(flat_read(k, (dgm_slice){ input, n }, 0, &whole, NULL), DGM_OK);
        CU_ASSERT_EQUAL(flat_read(k, (dgm_slice){ input, n }, 1 + n % 5, &l, NULL), DGM_OK);
        TEST_TEXT(((dgm_slice){ l.at, l.len }), whole.at);
        free(whole.at);
        free(l.at);
    }
    flat_kit_free(k);
}

int main(void)
{
    static const test_case cases[] = {
        { "conditions", conditions },
        { "columns and records with several meanings", alternatives },
        { "lists as long as a number says", lists },
        { "texts over several fields", texts },
        { "texts over several records", records },
        { "records nest by what is open", contexts },
        { "records told by their order", ordinals },
        { "fields that are lines", lines },
        { "pieces of any size, every beginning", ways },
        { 0 },
    };
    return test_main("flat_odd", cases);
}
