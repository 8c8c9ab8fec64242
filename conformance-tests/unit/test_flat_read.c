/* SPDX-License-Identifier: Apache-2.0
 *
 * test_flat_read.c - each trait of a layout by itself: how records end, where fields stand, how records are told apart and nested,
 * what values become. Each input that is right is written again as the same bytes. One thread.
 */
#include "flat_tests.h"

/* ---- ends ---- */

#define ONE_FIELD "  records:\n    - record: R\n      fields:\n        - {field: a, at: 1-3}\n"

static void ends(void)
{
    FLAT_READS("  kind: fixed\n" ONE_FIELD, "abc\r\ndef\nghi",
               "message 1 at 0+5: 0 errors\nR/a=abc\nmessage 2 at 5+4: 0 errors\nR/a=def\n"
               "message 3 at 9+3: 0 errors\nR/a=ghi\n");
    FLAT_BECOMES("  kind: fixed\n" ONE_FIELD, "abc\r\ndef\nghi", "abc\r\ndef\r\nghi\r\n");
    FLAT_RETURNS("  kind: fixed\n  ends: CR\n" ONE_FIELD, "abc\rd\nf\r");
    FLAT_RETURNS("  kind: fixed\n  ends: [LF, CRLF]\n" ONE_FIELD, "abc\ndef\n");
    FLAT_RETURNS("  kind: fixed\n  ends: \"~\"\n  last-end: no\n" ONE_FIELD, "abc~def");
    FLAT_RETURNS("  kind: fixed\n  ends: '\\x1D\\x1E'\n" ONE_FIELD, "abc\x1D\x1E"
                                                                    "def\x1D\x1E");
    FLAT_RETURNS("  kind: fixed\n  ends: none\n  length: 3\n" ONE_FIELD, "abcdefghi");
    /* a line feed alone ends nothing where only both do */
    FLAT_RETURNS("  kind: fixed\n  ends: CRLF\n" ONE_FIELD, "a\nc\r\n");
    /* the file's own end, as hosts write it */
    FLAT_BECOMES("  kind: fixed\n  ends: LF\n" ONE_FIELD, "abc\ndef\n\x1A", "abc\ndef\n");
    FLAT_BECOMES("  kind: fixed\n  ends: LF\n  blank-lines: skip\n" ONE_FIELD, "\nabc\n\n  \ndef\n", "abc\ndef\n");
}

/* ---- columns ---- */

static void columns(void)
{
    static const char widths[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: a, width: 2}\n"
        "        - {width: 1}\n        - {field: b, width: 3, justify: right}\n        - {field: c, at: 9-10}\n";
    FLAT_READS(widths, "AB   c  DE\n", "message 1 at 0+11: 0 errors\nR/a=AB\nR/b=c\nR/c=DE\n");
    FLAT_RETURNS(widths, "AB   c  DE\n");
    FLAT_READS(widths, "ABx  c  DE\n", "message 1 at 0+11: 0 errors\nR/a=AB\nR/b=c\nR/c=DE\nflat.record.filler 2+1\n");
    /* columns are characters, or bytes */
    static const char letters[] = "  kind: fixed\n  unit: characters\n  ends: LF\n  records:\n    - record: R\n      fields:\n"
                                  "        - {field: a, at: 1-3}\n        - {field: b, at: 4-5}\n";
    FLAT_READS(letters, "\xC3\xA4\xC3\xB6 xy\n", "message 1 at 0+8: 0 errors\nR/a=\xC3\xA4\xC3\xB6\nR/b=xy\n");
    FLAT_RETURNS(letters, "\xC3\xA4\xC3\xB6 xy\n");
    static const char bytes[] = "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n"
                                "        - {field: a, at: 1-3}\n        - {field: b, at: 4-5}\n";
    FLAT_READS(bytes, "\xC3\xA4 xy\n", "message 1 at 0+6: 0 errors\nR/a=\xC3\xA4\nR/b=xy\n");
    FLAT_RETURNS(bytes, "\xC3\xA4 xy\n");
    FLAT_READS(bytes, "a \xC3\xA4y\n", "message 1 at 0+6: 2 errors\nR\nflat.field.split 0+4 R/a\nflat.field.split 4+1 R/b\n");
}

/* ---- numbers ---- */

static void numbers(void)
{
    static const char of[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: n, at: 1-6, %s}\n";
    static const struct {
        const char *trait, *line, *value;
    } rows[] = {
        { "type: number", "000120\n", "120" },
        { "type: number", "000000\n", "0" },
        { "type: number", "      \n", NULL },
        { "\"type\": number, absent: zero", "000000\n", NULL },
        { "type: number, pad: \" \"", "   120\n", "120" },
        { "implied: 2", "019800\n", "198.00" },
        { "implied: 2", "000005\n", "0.05" },
        { "implied: 6", "123456\n", "0.123456" },
        { "decimals: 2", "012.50\n", "12.50" },
        { "decimals: 3, point: \",\"", "01,250\n", "1.250" },
        { "decimals: 3, pad: \" \", whole-zero: no", "  .250\n", "0.250" },
        { "type: number, sign: leading", "-00012\n", "-12" },
        { "type: number, sign: trailing", "00012-\n", "-12" },
        { "type: number, sign: trailing", "00012 \n", "12" },
        { "implied: 2, sign: overpunch", "00012C\n", "1.23" },
        { "implied: 2, sign: overpunch", "00012{\n", "1.20" },
        { "implied: 2, sign: overpunch", "00012}\n", "-1.20" },
        { "implied: 2, sign: overpunch", "00012R\n", "-1.29" },
        { "type: number, sign: overpunch", "00000J\n", "-1" },
        { "type: number, sign: CR", "0012CR\n", "-12" },
        { "type: number, sign: CR", "0012  \n", "12" },
        { "type: number, sign: DB", "0012DB\n", "-12" },
        { "implied: 2, sign: DB/CR", "1250DB\n", "12.50" },
        { "implied: 2, sign: DB/CR", "1250CR\n", "-12.50" },
        { "type: number, absent: nines", "999999\n", NULL },
        { "type: number, absent: nines", "099999\n", "99999" },
        { "type: number, thousands: \",\", pad: \" \"", "12,345\n", "12345" },
        { "type: number, thousands: \",\", pad: \" \"", "   345\n", "345" },
        { "decimals: 1, thousands: \" \", point: \",\", pad: \"*\"", "*234,5\n", "234.5" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[400], wanted[200];
        snprintf(yaml, sizeof yaml, of, rows[i].trait);
        snprintf(wanted, sizeof wanted, rows[i].value ? "message 1 at 0+7: 0 errors\nR/n=%s\n" : "message 1 at 0+7: 0 errors\nR\n",
                 rows[i].value);
        flat_reads(yaml, dgm_slice_of(rows[i].line), wanted, rows[i].trait, (int)i);
        flat_returns(yaml, dgm_slice_of(rows[i].line), dgm_slice_of(rows[i].line), rows[i].trait, (int)i);
    }
}

/* ---- dates ---- */

static void dates(void)
{
    static const char of[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: d, at: 1-14, %s}\n";
    static const struct {
        const char *trait, *line, *value;
    } rows[] = {
        { "date: YYYYMMDD", "20260302      \n", "2026-03-02" },
        { "date: YYMMDD", "260302        \n", "2026-03-02" },
        { "date: YYMMDD", "690302        \n", "2069-03-02" },
        { "date: YYMMDD", "700302        \n", "1970-03-02" },
        { "date: YYMMDD, century: 30", "310302        \n", "1931-03-02" },
        { "date: DDMMYYYY", "02032026      \n", "2026-03-02" },
        { "date: DDMMMYY", "20JUN26       \n", "2026-06-20" },
        { "date: YYYYJJJ", "2024060       \n", "2024-02-29" },
        { "date: YYYYJJJ", "2026365       \n", "2026-12-31" },
        { "date: YYYYMMDDhhmmss", "20260302101500\n", "2026-03-02T10:15:00" },
        { "date: YYYY-MM-DD", "2026-03-02    \n", "2026-03-02" },
        { "date: hhmm", "1015          \n", "T10:15" },
        { "date: YYYYMMDD, absent: zero", "00000000000000\n", NULL },
        { "date: YYYYMM", "202603        \n", "2026-03" },
        { "date: YYYYMMDD, era: buddhist", "25690302      \n", "2026-03-02" },
        { "date: YYYMMDD, era: republic", "1150302       \n", "2026-03-02" },
        { "date: GYYMMDD, era: japanese", "R080302       \n", "2026-03-02" },
        { "date: GYYMMDD, era: japanese", "R010501       \n", "2019-05-01" },
        { "date: GYYMMDD, era: japanese", "H310430       \n", "2019-04-30" },
        { "date: GYY.MM.DD, era: japanese", "S64.01.07     \n", "1989-01-07" },
        { "date: YYYYMMDD, absent: nines", "99999999999999\n", NULL },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char yaml[400], wanted[200];

        snprintf(yaml, sizeof yaml, of, rows[i].trait);
        snprintf(wanted, sizeof wanted,
                 rows[i].value ? "message 1 at 0+15: 0 errors\nR/d=%s\n" : "message 1 at 0+15: 0 errors\nR\n", rows[i].value);
        flat_reads(yaml, dgm_slice_of(rows[i].line), wanted, rows[i].trait, (int)i);
        flat_returns(yaml, dgm_slice_of(rows[i].line), dgm_slice_of(rows[i].line), rows[i].trait, (int)i);
    }
}

/* ---- text ---- */

static void texts(void)
{
    static const char yaml[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: a, at: 1-3, justify: right, pad: "
        "'*'}\n"
        "        - {field: b, at: 4-5, class: an, values: [A1, B2]}\n        - {field: f, at: 6, flag: [Y, N]}\n"
        "        - {field: k, at: 7-9, value: XYZ}\n        - {field: z, at: 10-12, absent: zero, class: n}\n";
    FLAT_READS(yaml, "**qA1YXYZ012\n", "message 1 at 0+13: 0 errors\nR/a=q\nR/b=A1\nR/f=true\nR/z=012\n");
    FLAT_RETURNS(yaml, "**qA1YXYZ012\n");
    FLAT_RETURNS(yaml, "a*cB2NXYZ000\n");
    FLAT_READS(yaml, "***C3 XYZ0 2\n",
               "message 1 at 0+13: 2 errors\nR/b=C3 (bad)\nR/z=0 2 (bad)\nflat.field.code 3+2 R/b\n"
               "flat.field.class 10+1 R/z\n");
    static const char upper[] = "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: a, at: "
                                "1-4, upper: yes, only: \"A-Za-z -\"}\n";
    FLAT_BECOMES(upper, "a-bc\n", "A-BC\n");
    FLAT_READS(upper, "a.bc\n", "message 1 at 0+5: 1 errors\nR/a=a.bc (bad)\nflat.field.class 1+1 R/a\n");
}

/* ---- fields that repeat in place ---- */

static void repeats(void)
{
    static const char yaml[] =
        "  kind: fixed\n  ends: LF\n  records:\n    - record: R\n      fields:\n        - {field: seal, width: 2, repeat: 3}\n"
        "        - {field: block, repeat: 2, fields: [{field: code, width: 1}, {field: text, width: 3}]}\n"
        "        - {field: end, width: 1}\n";
    FLAT_READS(yaml, "S1  S3Aabc dddE\n",
               "message 1 at 0+16: 0 errors\nR/seal=S1\nR/seal#3=S3\nR/block/code=A\nR/block/text=abc\n"
               "R/block#2/text=ddd\nR/end=E\n");
    FLAT_BECOMES(yaml, "S1  S3Aabc dddE\n", "S1S3  Aabc dddE\n"); /* what is empty is dropped */
    FLAT_BECOMES(yaml, "          BfffE\n", "      Bfff    E\n");
    FLAT_RETURNS(yaml, "S1S2S3        E\n");
}

/* ---- records told apart, and nested ---- */

static const char nested[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, {field: no, at: "
    "2-4}]\n"
    "      records:\n        - record: D1\n          times: 0..*\n          fields: [{at: 1-2, value: D1}, {field: x, at: 3-4}]\n"
    "          records:\n            - record: N\n              times: 0..2\n              fields: [{at: 1, value: N}, {field: t, "
    "at: 2-4}]\n"
    "        - record: D\n          times: 0..*\n          fields: [{at: 1, value: D}, {field: y, at: 2-4}]\n"
    "        - record: T\n          fields: [{at: 1, value: T}]\n";

static void structure(void)
{
    FLAT_READS(
        nested, "H001\nD1aa\nNn1\nNn2\nD1bb\nNn3\nDzz\nT\nH002\nT\n",
        "message 1 at 0+33: 0 errors\nH/no=001\nH/D1/x=aa\nH/D1/N/t=n1\nH/D1/N#2/t=n2\nH/D1#2/x=bb\nH/D1#2/N/t=n3\nH/D/y=zz\nH/T\n"
        "message 2 at 33+7: 0 errors\nH/no=002\nH/T\n");
    FLAT_BECOMES(nested, "H001\nD1aa\nNn1\nT\n", "H001\nD1aa\nNn1 \nT\n");
    /* too many, out of order, missing, unknown, nowhere: each told, and its neighbours read */
    FLAT_READS(
        nested, "H001\nD1aa\nNn1\nNn2\nNn3\nDzz\nD1bb\nT\n",
        "message 1 at 0+33: 2 errors\nH/no=001\nH/D1/x=aa\nH/D1/N/t=n1\nH/D1/N#2/t=n2\nH/D1/N#3/t=n3\nH/D/y=zz\nH/D1/x=bb\nH/T\n"
        "flat.record.many 18+3 H/D1/N\nflat.record.order 26+4 H/D1\n");
    FLAT_READS(nested, "H001\nX99\nDzz\nH002\nT\n",
               "message 1 at 0+13: 2 errors\nH/no=001\nH/D/y=zz\nflat.record.unknown 5+3\nflat.record.missing 13+0 H/T\n"
               "message 2 at 13+7: 0 errors\nH/no=002\nH/T\n");
    FLAT_READS(nested, "Nn1\nT\n", "message 1 at 0+6: 1 errors\nH/D1/N/t=n1\nH/T\nflat.record.orphan 0+3 H/D1/N\n");
}

/* ---- delimited ---- */

static const char csv[] = "  kind: delimited\n  ends: LF\n  records:\n    - record: R\n      least: 2\n      fields: [{field: a}, "
                          "{field: b, length: 1-3}, {at: 4, field: d}]\n";

static void delimited(void)
{
    FLAT_READS(csv, "x,yy,,z\n\"a,\"\"b\"\"\",q\n",
               "message 1 at 0+8: 0 errors\nR/a=x\nR/b=yy\nR/d=z\nmessage 2 at 8+12: 0 errors\nR/a=a,\"b\"\nR/b=q\n");
    FLAT_RETURNS(csv, "x,yy,,z\n\"a,\"\"b\"\"\",q\nx,\n");
    FLAT_BECOMES(csv, "\"x\",,,\n", "x,\n");
    FLAT_READS(csv, "x\n", "message 1 at 0+2: 1 errors\nR/a=x\nflat.fields.few 0+1 R\n");
    FLAT_READS(csv, "x,y,z,d,e\n",
               "message 1 at 0+10: 1 errors\nR/a=x\nR/b=y\nR/d=d\nflat.fields.many 0+9 R\nflat.record.filler 4+1\n");
    FLAT_READS(csv, "\"x,y\n", "message 1 at 0+5: 1 errors\nR/a=\"x\nR/b=y\nflat.quote 0+4 R\n");
    FLAT_READS(csv, "x,long\n", "message 1 at 0+7: 1 errors\nR/a=x\nR/b=long (bad)\nflat.field.length 2+4 R/b\n");
    /* counted empties, and a separator that nothing escapes */
    static const char gs[] =
        "  kind: delimited\n  separator: '\\x1D'\n  quote: none\n  trailing: keep\n  ends: LF\n  records:\n    - record: R\n"
        "      fields: [{value: K}, {field: a}, {field: b}]\n";
    FLAT_READS(gs, "K\x1D\"q\x1D\n", "message 1 at 0+6: 0 errors\nR/a=\"q\n");
    FLAT_RETURNS(gs, "K\x1D\"q\x1D\n");
    static const char heading[] = "  kind: delimited\n  heading: names\n  ends: LF\n  records: [{record: Row, times: 0..*, fields: "
                                  "[{field: a}, {field: b}]}]\n";
    FLAT_READS(heading, "a,b\n1,2\n3,4\n", "message 1 at 0+12: 0 errors\nRow/a=1\nRow/b=2\nRow#2/a=3\nRow#2/b=4\n");
    FLAT_RETURNS(heading, "a,b\n1,2\n3,4\n");
    FLAT_READS(heading, "a,c\n1,2\n", "message 1 at 0+8: 1 errors\nRow/a=1\nRow/b=2\nflat.heading 0+3 Row/b\n");
    FLAT_READS(heading, "a\n1,2\n", "message 1 at 0+6: 1 errors\nRow/a=1\nRow/b=2\nflat.fields.few 0+1 Row\n");
    FLAT_READS(heading, "a,b,c\n1,2\n", "message 1 at 0+10: 1 errors\nRow/a=1\nRow/b=2\nflat.fields.many 0+5 Row\n");
}

static void tables(void)
{
    static const char yaml[] = "  kind: delimited\n  separator: '|'\n  quote: none\n  ends: LF\n  tables: \"<T>\"\n  records:\n    "
                               "- record: H\n      fields: [{value: H}]\n"
                               "      records:\n        - {record: A, table: A, times: 0..*, fields: [{field: x}]}\n        - "
                               "{record: B, table: BB, times: 0..*, fields: [{field: y}]}\n"
                               "        - {record: E, fields: [{value: E}]}\n";
    FLAT_READS(yaml, "H\n<T>A\n1\n2\n<T>BB\n3\nE\n", "message 1 at 0+21: 0 errors\nH/A/x=1\nH/A#2/x=2\nH/B/y=3\nH/E\n");
    FLAT_RETURNS(yaml, "H\n<T>A\n1\n2\n<T>BB\n3\nE\n");
    FLAT_READS(yaml, "H\n<T>C\n1\nE\n", "message 1 at 0+11: 2 errors\nH/E\nflat.table.unknown 2+4\nflat.record.unknown 7+1\n");
}

/* ---- totals ---- */

static const char totals[] =
    "  kind: fixed\n  ends: LF\n  short: accept\n  reference: H/no\n  records:\n    - record: H\n      fields: [{at: 1, value: H}, "
    "{field: no, at: 2-4}]\n"
    "      records:\n        - record: D\n          times: 0..*\n          fields: [{at: 1, value: D}, {field: sum, at: 2-6, "
    "implied: 2, sign: overpunch}]\n"
    "        - record: T\n          fields: [{at: 1, value: T}, {field: no, at: 2-4, same: H/no}, {field: all, at: 5-7, count: "
    "all},"
    " {field: ds, at: 8-10, count: D}, {field: sum, at: 11-18, implied: 2, sign: overpunch, sum: D/sum}]\n";

static void controls(void)
{
    FLAT_READS(
        totals, "H007\nD0010{\nD0003J\nT0070040020000006I\n",
        "message 1 at 0+38: 0 errors\nH/no=007\nH/D/sum=1.00\nH/D#2/sum=-0.31\nH/T/no=007\nH/T/all=4\nH/T/ds=2\nH/T/sum=0.69\n");
    FLAT_BECOMES(totals, "H007\nD0010{\nD0003J\nT0070040020000006I\n", "H007\nD0010{\nD0003J\nT0070040020000006I\n");
    FLAT_READS(totals, "H007\nD0010{\nT0080040020000006I\n",
               "message 1 at 0+31: 4 errors\nH/no=007\nH/D/sum=1.00\nH/T/no=008\nH/T/all=4\nH/T/ds=2\nH/T/sum=0.69\n"
               "flat.control.same 13+3 H/T/no\nflat.control.count 16+3 H/T/all\nflat.control.count 19+3 H/T/ds\nflat.control.sum "
               "22+8 H/T/sum\n");
}

/* ---- character sets ---- */

static void charsets(void)
{
    static const char gb[] = "  kind: fixed\n  encoding: GB18030\n  ends: CRLF\n  records:\n    - record: R\n      fields:\n"
                             "        - {field: a, at: 1-6}\n        - {field: b, at: 7-8}\n";
    /* 88 7C is one character whose second byte is a bar; 95 32 82 36 is one of four bytes */
    FLAT_READS(gb, "\x88\x7C\x95\x32\x82\x36xy\r\n", "message 1 at 0+10: 0 errors\nR/a=\xE5\x9D\xBE\xF0\xA0\x80\x80\nR/b=xy\n");
    FLAT_RETURNS(gb, "\x88\x7C\x95\x32\x82\x36xy\r\n");
    FLAT_RETURNS(gb, "\x88\x7C    xy\r\n");
    FLAT_READS(gb, "abcde\x88\x7Cy\r\n", "message 1 at 0+10: 2 errors\nR\nflat.field.split 0+7 R/a\nflat.field.split 7+1 R/b\n");
    FLAT_READS(gb, "ab\xFF   xy\r\n", "message 1 at 0+10: 1 errors\nR/a=ab\xEF\xBF\xBD\nR/b=xy\nflat.encoding 2+1\n");
    static const char sjis[] =
        "  kind: delimited\n  separator: '\\\\'\n  quote: none\n  encoding: Shift_JIS\n  ends: LF\n  records:\n    - record: R\n"
        "      fields: [{field: a}, {field: b}]\n";
    /* 83 5C ends in the byte of the separator */
    FLAT_READS(sjis, "\x83\x5C\\x\n", "message 1 at 0+5: 0 errors\nR/a=\xE3\x82\xBD\nR/b=x\n");
    FLAT_RETURNS(sjis, "\x83\x5C\\x\n");
    static const char ebcdic[] = "  kind: fixed\n  encoding: IBM037\n  ends: none\n  length: 4\n  records:\n    - record: R\n      "
                                 "fields: [{at: 1, value: R}, {field: n, at: 2-4, implied: 1, sign: overpunch}]\n";
    FLAT_READS(ebcdic, "\xD9\xF0\xF1\xD2", "message 1 at 0+4: 0 errors\nR/n=-1.2\n");
    FLAT_RETURNS(ebcdic, "\xD9\xF0\xF1\xD2\xD9\xF0\xF1\xC2");
    static const char latin[] =
        "  kind: fixed\n  encoding: ISO-8859-1\n  ends: LF\n  records:\n    - record: R\n      fields: [{field: a, at: 1-3}]\n";
    FLAT_READS(latin, "\xE9t \n", "message 1 at 0+4: 0 errors\nR/a=\xC3\xA9t\n");
    FLAT_RETURNS(latin, "\xE9t \n");
}

int main(void)
{
    static const test_case cases[] = {
        { "how records end", ends },
        { "where fields stand", columns },
        { "numbers", numbers },
        { "dates", dates },
        { "texts, codes, flags, constants", texts },
        { "fields that repeat in place", repeats },
        { "records nest by order", structure },
        { "delimited records", delimited },
        { "tables opened by a line", tables },
        { "counts, totals, repetitions", controls },
        { "character sets", charsets },
        { 0 },
    };
    return test_main("flat_read", cases);
}
