/* SPDX-License-Identifier: Apache-2.0
 *
 * shapes_flat.c - hard inputs of flat files, by the layouts that are shipped, and hard layouts. Constant; any thread.
 */
#include "shapes.h"

#define CATAIR_A    "A1001TSTPASSWD261121     FT          03                                         \r\n"
#define CATAIR_B    "B  2704TSTFT                                03                                  \r\n"
#define CATAIR_F10  "10A0002020012600000042N2704NTST                                                 \r\n"
#define CATAIR_F20  "20A11TSTL                                                                       \r\n"
#define CATAIR_F40  "40TSTL000000001                                          0000000012             \r\n"
#define CATAIR_F50  "50000018471500150    DE000000001200NO 000000000000                              \r\n"
#define CATAIR_Y    "Y  2704TSTFT                                03                                  \r\n"
#define CATAIR_Z    "Z1001TST      261121                 03                                         \r\n"
#define CATAIR_OPEN CATAIR_A CATAIR_B CATAIR_F10
#define CATAIR_DONE CATAIR_Y CATAIR_Z
#define CSV_OPEN                                                                                                                   \
    "vessel,imo,voyage,loading,discharge,arrival,bill,shipper,consignee,container,seal,packages,package,gross,commodity,goods\n"
#define ICE_OPEN                                                                                                                   \
    "HREC\x1DZZ\x1DTESTCHA\x1DZZ\x1DINBLR1\x1D"                                                                                    \
    "ICES1_5\x1DT\x1D\x1D"                                                                                                         \
    "CACHI01\x1D"                                                                                                                  \
    "9001\x1D"                                                                                                                     \
    "20261121\x1D"                                                                                                                 \
    "0930\n<TABLE>ITEMS\n"
#define ICE_KEY                                                                                                                    \
    "F\x1DINBLR1\x1D"                                                                                                              \
    "77\x1D"                                                                                                                       \
    "20261121\x1D\x1D\x1D"

const shape flat_shapes[] = {
    S("lines", CATAIR_OPEN CATAIR_F20 CATAIR_F40, CATAIR_F50, CATAIR_DONE),
    S("batches", "", CATAIR_OPEN CATAIR_DONE, ""),
    S("batches without an end", "", CATAIR_A, ""),
    S("records out of their place", CATAIR_OPEN, CATAIR_F50, CATAIR_DONE),
    S("records out of order", CATAIR_OPEN, CATAIR_Y CATAIR_F10, CATAIR_DONE),
    S("records nobody knows", CATAIR_OPEN, "XX%i\r\n", CATAIR_DONE),
    S("records that are too short", CATAIR_OPEN CATAIR_F20, "40\r\n", CATAIR_DONE),
    S("one record", CATAIR_OPEN CATAIR_F20, "40        ", "\r\n" CATAIR_DONE),
    S("carriage returns", CATAIR_OPEN, "\r", CATAIR_DONE),
    S("rows", CSV_OPEN, "V,,%i,CNSHA,GBFXT,,B%u,,,,,1,CT,1.5,,goods\n", ""),
    S("rows of quotes", CSV_OPEN, "\"\"\"\",\"\n", ""),
    S("one row of quotes", CSV_OPEN, "\"\"", "\n"),
    S("one row of quotes that do not end", CSV_OPEN, "\"a\"\"b,", "\n"),
    S("one row of fields", CSV_OPEN, "x,", "\n"),
    S("one field", CSV_OPEN "V,,", "abcdefgh", ",\n"),
    S("values that are wrong", CSV_OPEN, "V,x%i,1,a,b,c,d,e,f,g,h,i,j,k,l,m\n", ""),
    S("bytes that are no UTF-8", CSV_OPEN, "\xC3\x28,", "\n"),
    S("ends of a file", CSV_OPEN, "\x1A\n", "x\n"),
    S("items", ICE_OPEN,
      ICE_KEY "1\x1D%i\x1D"
              "1.5\x1DKGS\x1D"
              "84715000\x1DGOODS\n",
      "TREC\x1D"
      "9001\n"),
    S("tables", ICE_OPEN, "<TABLE>CONTAINER\n<TABLE>ITEMS\n",
      "TREC\x1D"
      "9001\n"),
    S("tables nobody knows", ICE_OPEN, "<TABLE>Q%i\n" ICE_KEY "\n",
      "TREC\x1D"
      "9001\n"),
    { 0 },
};

#define LAYOUT "dragoman: format/1\nformat: f\ncodec: flat\nlayout:\n  kind: delimited\n  records:\n"
#define FIELDS LAYOUT "    - record: R\n      fields:\n"

const shape layout_shapes[] = {
    S("fields", FIELDS, "        - {field: f%i}\n", ""),
    S("fields of one name", FIELDS, "        - {field: f}\n", ""),
    S("fields that are wrong", FIELDS, "        - {feld: f%i}\n", ""),
    S("fields that repeat", FIELDS, "        - {field: f%i, repeat: 9}\n", ""),
    S("codes", FIELDS "        - {field: f, values: [", "c%i, ", "c]}\n"),
    S("fields that equal the first", FIELDS "        - {field: a}\n", "        - {field: f%i, same: R/a}\n", ""),
    S("counts", FIELDS, "        - {field: f%i, count: all}\n", ""),
    S("records", LAYOUT, "    - {record: R%i, fields: [{value: k%i}]}\n", ""),
    S("records of one name", LAYOUT, "    - {record: R, fields: [{value: k%i}]}\n", ""),
    S("records nobody tells apart", LAYOUT, "    - {record: R%i, fields: [{value: k}]}\n", ""),
    S("records of several constants", LAYOUT, "    - {record: R%i, fields: [{value: a}, {value: b}, {value: k%i}]}\n", ""),
    { 0 },
};
