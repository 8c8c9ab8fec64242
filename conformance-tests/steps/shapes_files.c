/* SPDX-License-Identifier: Apache-2.0
 *
 * shapes_files.c - hard files of those who set things up: mappings, guides, formats, profiles of partners, code tables,
 * vocabularies, directories. Constant; any thread.
 */
#include "shapes.h"

#define MAPPING "dragoman: mapping/1\nmapping: m\nwire: {format: cusdec-d96b}\nmodel: Declaration@1\n"
#define RULES   MAPPING "rules:\n"

const shape mapping_shapes[] = {
    S("rules about one place", RULES, "- {wire: BGM/1004, model: FunctionalReferenceID}\n", ""),
    S("rules about occurrences", RULES, "- {wire: \"LOC[3227=35]#%i/3225\", model: \"Agent#%i/ID\"}\n", ""),
    S("rules with tests of their own", RULES, "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\"}\n", ""),
    S("places nobody knows", RULES, "- {wire: BGM/Q%u, model: Q%u}\n", ""),
    S("places nearly known", RULES, "- {wire: BGM/1005, model: FunctionalReferenceI}\n", ""),
    S("keys nobody knows", RULES, "- {wire: BGM/1004, q%u: 1}\n", ""),
    S("keys of the file nobody knows", MAPPING, "q%u: 1\n", ""),
    S("keys told again", RULES, "- {wire: BGM/1004, wire: BGM/1004}\n", ""),
    S("one list of keys", RULES "- {", "q%i: 1, ", "wire: BGM/1004}\n"),
    S("conditions", RULES,
      "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\", when: \"$a = 1 and not($b%i = 2)\"}\n", ""),
    S("one condition", RULES "- {wire: BGM/1004, model: FunctionalReferenceID, when: \"$a = 1", " and $a = 1", "\"}\n"),
    S("one condition in parentheses", RULES "- {wire: BGM/1004, model: FunctionalReferenceID, when: \"", "(", "\"}\n"),
    S("conditions in conditions", RULES,
      "- when: \"$a = %i\"\n  rules:\n  - when: \"$b = %i\"\n    rules:\n    - {wire: \"RFF[1153=A%u]/1154\", model: "
      "\"AdditionalDocument#%i/ID\"}\n",
      ""),
    S("names", RULES, "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\", name: n%i}\n", ""),
    S("one path", RULES "- {wire: \"", "SG30/", "\", model: ID}\n"),
    S("one text", RULES "- {wire: \"", "text", "\", model: ID}\n"),
    S("fragments", MAPPING "fragments:\n", "  f%i:\n  - {wire: \"%%at/1004\", model: ID}\n", "rules:\n- {use: f1, at: BGM}\n"),
    S("fragments used", MAPPING "fragments:\n  f:\n  - {wire: \"%%at/1154\", model: \"AdditionalDocument#%%n/ID\"}\nrules:\n",
      "- {use: f, at: \"RFF[1153=A%u]\", n: %i}\n", ""),
    S("fragments nobody knows", RULES, "- {use: f%u, at: BGM}\n", ""),
    S("fragments in fragments", MAPPING "fragments:\n", "  f%i:\n  - {use: f%u}\n", "rules:\n- {use: f1}\n"),
    S("checks", MAPPING "checks:\n", "- assert: \"=count(Agent) < %i\"\n  code: c%i\n  say: {en: \"text\"}\n",
      "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID}\n"),
    S("what is ignored", MAPPING "ignore:\n", "- {wire: \"RFF[1153=A%u]/1154\", why: \"w\"}\n",
      "rules:\n- {wire: BGM/1004, model: FunctionalReferenceID}\n"),
    S("comments", RULES, "# comment\n", ""),
    S("empty lines", RULES, "\n", ""),
    S("blanks", RULES, " ", "\n"),
    S("lists in lists", RULES, "[", ""),
    S("lists in lists, by lines", RULES, "- ", ""),
    S("maps in maps", RULES, "{a: ", ""),
    S("anchors", RULES, "- &a%i {wire: BGM/1004}\n", ""),
    S("quotes", RULES, "\"", ""),
    S("colons", RULES, ": ", ""),
    S("question marks", RULES, "? a\n", ""),
    S("tabs", RULES, "\t", ""),
    S("lines of a text", RULES "- {wire: \"", "a\n  ", "\"}\n"),
    S("a text as it stands", RULES "- |\n", "  line\n", ""),
    S("documents", "", "---\na: b\n", ""),
    S("directives", "", "%%YAML 1.1\n", ""),
    S("bytes that are no UTF-8", RULES "- \"", "\xC3\x28", "\"\n"),
    { 0 },
};

/* As many rules as a file may have come to a quarter of them here. */
const shape large_mapping_shapes[] = {
    S("one place, by test", RULES, "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\"}\n", ""),
    S("one place, by number", RULES, "- {wire: \"LOC[3227=35]#%i/3225\", model: \"Agent#%i/ID\"}\n", ""),
    S("one place, by test and number", RULES, "- {wire: \"LOC[3227=A%u]#1/3225\", model: \"Agent#%i/ID\"}\n", ""),
    S("one place, by one of two tests", RULES, "- {wire: \"NAD[3035=CN, 3039=A%u]/3036#1\", model: \"Agent#%i/ID\"}\n", ""),
    S("one place, by lists", RULES, "- {wire: \"RFF[1153 in (A%u, B%u, C%i)]/1154\", model: \"AdditionalDocument#%i/ID\"}\n", ""),
    S("places that may be one", RULES,
      "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\"}\n- {wire: \"RFF[1154=B%i]/1153\", model: "
      "\"AdditionalDocument#%i/TypeCode\"}\n",
      ""),
    S("names in use", RULES,
      "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\", name: n%i, when: \"$n%i = 1\"}\n", ""),
    S("names nobody gave", RULES,
      "- {wire: \"RFF[1153=A%u]/1154\", model: \"AdditionalDocument#%i/ID\", name: n%i, when: \"$q%i = 1\"}\n", ""),
    S("an each for each test", RULES,
      "- each: {wire: \"RFF[1153=A%u]\", model: \"AdditionalDocument#%i\"}\n  rules:\n  - {wire: 1154, model: ID}\n", ""),
    { 0 },
};

const shape tidy_shapes[] = {
    S("comments", "a: b\n", "# c\n", ""),
    S("comments in a list", "a:\n    - b\n", "    # c\n    - b\n", ""),
    S("comments and empty lines", "a: b\n", "   # c\n\n", "c: d\n"),
    S("lists in flow", "a:\n", "- [ b,c ,d ]\n", ""),
    S("one list in flow", "a: [", "b ,\n", "c]\n"),
    S("lines of a text", "a: |\n", "    b\n", ""),
    S("one line", "a: \"", "b ", "\"\n"),
    S("a folded text", "a: b\n", "    c\n", ""),
    S("maps in lists", "", "-   a:   b\n    c:   {d: e ,f: g}\n", ""),
    S("documents", "", "---\na: b\n", ""),
    { 0 },
};

#define ENTRY "---------------------------------------------\n"
#define TABLE                                                                                                                      \
    "Pos     Tag Name                                     S   R\n00010   UNH Message header                           M   1\n"

const shape import_text_shapes[] = {
    S("segments", "", ENTRY "   ZZB ZEBRA\n\n   Function: x\n\n010 9901 ZEBRA C 1 an..3\n", ""),
    S("segments with three letters", ENTRY, "   ZZA ZEBRA\n\n   Function: x\n\n010 9901 ZEBRA C 1 an..3\n", ""),
    S("one segment", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n", "010 9901 ZEBRA C 1 an..3\n", ""),
    S("items without a status", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n", "010 9901 ZEBRA\n", ""),
    S("heads alone", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n", "   ZZA ZEBRA\n", ""),
    S("heads and empty lines", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n", "   ZZA ZEBRA\n\n", ""),
    S("empty lines", ENTRY "   ZZA ZEBRA\n", "\n", "   Function: x\n"),
    S("marks", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n010 ", "+ ", "9901 ZEBRA C 1 an..3\n"),
    S("words like statuses", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n010 9901 ", "C ", "\n"),
    S("notes", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n010 9901 ZEBRA C 1 an..3\n\nDependency notes:\n", "010 D5(010,020) x\n",
      ""),
    S("notes in one line", ENTRY "   ZZA ZEBRA\n\n   Function: x\n\n010 9901 ZEBRA C 1 an..3\n\nDependency notes:\n", " D5(010",
      ")\n"),
    S("composites", "", ENTRY "   C901 ZEBRA\n\n   Desc: x\n\n010 9901 Zebra C an..3\n", ""),
    S("elements without a representation", "", "   9901 Zebra\n\n   Desc: x\n\n", ""),
    S("elements", "", ENTRY "   9901 Zebra\n\n   Desc: x\n\n   Repr: an..3\n", ""),
    S("codes", ENTRY "     9901 Zebra\n\n     Desc: x\n\n     Repr: an..3\n\n", "     A%i     Name\n", ""),
    S("a name of many lines", ENTRY "     9901 Zebra\n\n     Desc: x\n\n     Repr: an..3\n\n     A     Name\n", "           more\n",
      ""),
    S("rows of a message", TABLE, "00020   ZZB Zebra                                    C   9\n",
      "00030   UNT Message trailer                          M   1\n"),
    S("groups of a message", TABLE,
      "00020       ---- Segment group 1  ------------------ C   99----+\n00040   ZZB Zebra     M   1-----+\n",
      "00030   UNT Message trailer                          M   1\n"),
    S("a message without an end", TABLE, "00020   ZZB Zebra                                    C   9\n", ""),
    S("bytes of early directories", ENTRY, "\xC4\xC4\xB3 x\n", ""),
    S("bytes of Latin-1", ENTRY, "\xE9\xE8 x\n", ""),
    { 0 },
};

#define OWN "directory: D.40A\nbase: D.96B\n"

const shape import_yaml_shapes[] = {
    S("elements", OWN "elements:\n", "  %i: {repr: an..3, name: x}\n", ""),
    S("elements that lose a code", OWN "elements:\n", "  %i: {repr: an..3, remove: [9, 99]}\n", ""),
    S("codes that go", OWN "elements:\n  1001: {remove: [", "A%i, ", "380]}\n"),
    S("codes", OWN "elements:\n  1001: {codes: {", "A%i: x, ", "Z: x}}\n"),
    S("elements in one line", OWN "elements: {", "A%i: {repr: an..3}, ", "Z: {repr: n3}}\n"),
    S("items", OWN "elements: {9950: {repr: an..3}}\nsegments:\n  ZZA: {items: [", "9950 C, ", "1001]}\n"),
    S("segments", OWN "elements: {9950: {repr: an..3}}\nsegments:\n", "  Q%i: {items: [9950, 1001 C 5, 9950, 1001 C 5, 9950]}\n",
      ""),
    S("one message", OWN "messages:\n  NATDEC:\n  - UNH\n", "  - BGM C 9\n", "  - UNT\n"),
    S("groups of a message", OWN "messages:\n  NATDEC:\n  - UNH\n", "  - SG1 C 9: [RFF, DTM C]\n", "  - UNT\n"),
    S("keys nobody knows", OWN, "q%i: 1\n", ""),
    S("notes", OWN "notes:\n  BGM: [", "\"D5(010,020)\", ", "\"D5(010,020)\"]\n"),
    { 0 },
};

#define GUIDE "dragoman: guide/1\nguide: g\ntitle: T\nmessage: CUSDEC:D:96B:UN\nfor: all\n"

const shape guide_shapes[] = {
    S("places", GUIDE "places:\n", "  \"SG1[RFF/1153=A%i]\": {max: 1}\n", ""),
    S("places below places", GUIDE "places:\n", "  \"SG30/SG31[PAC/7224=%i]/SG32/PCI\": {max: 1}\n", ""),
    S("places nobody may use", GUIDE "places:\n", "  \"SG1[RFF/1153=A%i]\": {use: unused}\n", ""),
    S("places that rules should be about", GUIDE "places:\n", "  \"SG1[RFF/1153=A%i]\": {use: dependent}\n", ""),
    S("places with nothing else below", GUIDE "places:\n", "  \"SG1[RFF/1153=A%i]\": {others: unused}\n", ""),
    S("places told again", GUIDE "places:\n", "  BGM/1004: {max: 1}\n", ""),
    S("places nobody knows", GUIDE "places:\n", "  SG1/Q%u: {max: 1}\n", ""),
    S("keys nobody knows", GUIDE "places:\n", "  \"SG1[RFF/1153=A%i]\": {q: 1}\n", ""),
    S("codes of a place", GUIDE "places:\n  BGM/1225: {codes: [", "C%i, ", "1]}\n"),
    S("codes of a place told again", GUIDE "places:\n  BGM/1225: {codes: [", "1, ", "1]}\n"),
    S("codes of elements", GUIDE "codes:\n", "  %i: any\n", ""),
    S("codes with names", GUIDE "codes:\n  1131: {", "C%i: name, ", "X: name}\n"),
    S("rules", GUIDE "rules:\n", "- {when: \"BGM/1225 = %i\", require: \"SG1[RFF/1153=A%u]\"}\n", ""),
    S("rules between places", GUIDE "rules:\n", "- equal: [BGM/C106/1004, \"SG1[RFF/1153=A%u]/RFF/C506/1154\"]\n", ""),
    S("one rule", GUIDE "rules:\n- any-of: [", "\"LOC[3227=%i]\", ", "BGM]\n"),
    S("one condition", GUIDE "rules:\n- {when: \"BGM/1225 = 1", " and BGM/1225 = 1", "\", require: LOC}\n"),
    { 0 },
};

const shape format_shapes[] = {
    S("names", "dragoman: format/1\nformat: f\ntitle: T\ncodec: edifact\nmessage: CUSDEC\nversion: D\nrelease: 96B\nnames:\n",
      "  N%i: SG30\n", ""),
    S("settings", "dragoman: format/1\nformat: f\ntitle: T\ncodec: edifact\n", "s%i: 1\n", ""),
    S("settings in settings", "dragoman: format/1\nformat: f\ntitle: T\ncodec: edifact\n", "s%i: {a: {b: 1}}\n", ""),
    { 0 },
};

const shape partner_shapes[] = {
    S("senders", "dragoman: partner/1\npartner: p\nwhen: {sender: [", "S%i, ", "S]}\n"),
    S("settings nobody knows", "dragoman: partner/1\npartner: p\nreader:\n", "  s%i: 1\n", ""),
    S("settings told again", "dragoman: partner/1\npartner: p\nreader:\n", "  level: codes\n", ""),
    S("types", "dragoman: partner/1\npartner: p\nwhen: {types: [", "CUSDEC:D:%iB, ", "CUSDEC]}\n"),
    { 0 },
};

const shape answer_shapes[] = {
    S("codes", "dragoman: answers/1\nsource: s\ncodes:\n", "  model.q%i: \"1\"\n", ""),
    S("codes of families", "dragoman: answers/1\nsource: s\ncodes:\n", "  map.*: \"%i\"\n", ""),
    { 0 },
};

#define VOCABULARY "dragoman: model/1\nmodel: M@1\nroot: Doc\n"
#define COLUMNS    "path\tmin\tmax\ttype\tformat\twco-id\ttded\ttitle\torigin\n"

const shape vocabulary_shapes[] = {
    S("places", VOCABULARY COLUMNS, "A%i\t0\t1\ttext\t-\t-\t-\t-\twco\n", ""),
    S("places told again", VOCABULARY COLUMNS, "A\t0\t1\ttext\t-\t-\t-\t-\twco\n", ""),
    S("classes with places", VOCABULARY COLUMNS, "C%i\t0\t*\t-\t-\t-\t-\t-\twco\nC%i/A\t0\t1\tamount\t-\t-\t-\t-\twco\n", ""),
    S("places of one class", VOCABULARY COLUMNS "C\t0\t*\t-\t-\t-\t-\t-\twco\n", "C/A%u\t0\t1\ttext\t-\t-\t-\t-\twco\n", ""),
    S("places without a class", VOCABULARY COLUMNS, "Q%u/A\t0\t1\ttext\t-\t-\t-\t-\twco\n", ""),
    S("places with mistakes", VOCABULARY COLUMNS, "A%i\tx\ty\tz\tq\t1\t-\n", ""),
    S("attributes", VOCABULARY, "attribute: text @a%i code -\n", COLUMNS "A\t0\t1\ttext\t-\t-\t-\t-\twco\n"),
    S("one path", VOCABULARY COLUMNS, "A/", "\t0\t1\ttext\t-\t-\t-\t-\twco\n"),
    S("columns", VOCABULARY, "path\t", "\n"),
    S("lines of the head", VOCABULARY, "title: T\n", COLUMNS),
    { 0 },
};

const shape code_table_shapes[] = {
    S("codes", "# source: a\n# edition: b\nm\tw\n", "A%i\tB%u\n", ""),
    S("one code", "# source: a\n# edition: b\nm\tw\n", "A\tB\n", ""),
    S("one code in many ways", "# source: a\n# edition: b\nm\tw\n", "A\tB%u\n", ""),
    S("codes one way", "# source: a\n# edition: b\nm\tw\n", ">A%i\tB\n<C%i\tD\n", ""),
    S("what others become", "# source: a\n# edition: b\nm\tw\n", "*\t=\n", ""),
    S("columns", "# source: a\n# edition: b\n", "c%i\t", "m\tw\n"),
    S("comments", "# source: a\n", "# c\n", "m\tw\nA\tB\n"),
    { 0 },
};

#define DIRECTORY "dragoman directory 1\nname\tD.30A\n"

const shape directory_shapes[] = {
    S("elements", DIRECTORY "[elements]\n", "%i\tan..3\tn\tX\n", ""),
    S("elements told again", DIRECTORY "[elements]\n", "9901\tan..3\tn\tX\n", ""),
    S("segments nobody can read", DIRECTORY "[segments]\n", "Q%u\t9901:an..3\n", ""),
    S("one segment", DIRECTORY "[elements]\n9901\tan..3\tn\tX\n[segments]\nZZA\t9901:an..3", " 9901:an..3?", "\n"),
    S("codes", DIRECTORY "[elements]\n9901\tan..9\ty\tX\n[codes]\n", "9901 %i\tName\n", ""),
    S("codes of nothing", DIRECTORY "[codes]\n", "%i X\tName\n", ""),
    S("notes of one segment",
      DIRECTORY "[elements]\n9901\tan..3\tn\tX\n[segments]\nZZA\t9901:an..3? 9901:an..3?\n[notes]\nZZA\tD1(010,020)",
      " D2(010,020)", "\n"),
    S("one message", DIRECTORY "base\tD.96B\n[messages]\nZEBDEC\tUNH", " BGM?9", " UNT\n"),
    S("one message in groups", DIRECTORY "base\tD.96B\n[messages]\nZEBDEC\tUNH", " (BGM)?9", " UNT\n"),
    S("groups in groups", DIRECTORY "base\tD.96B\n[messages]\nZEBDEC\tUNH", " (BGM", " UNT\n"),
    S("names", DIRECTORY "base\tD.96B\n[names]\n", "ZZ%u\tNAME\n", ""),
    S("parts nobody knows", DIRECTORY, "[q%i]\n", ""),
    { 0 },
};
