/* SPDX-License-Identifier: Apache-2.0
 *
 * test_xml_errors.c - everything the XML codec can say, byte for byte as it is printed, one row at least for each code of xml.def:
 * documents, limits, element tables, trees that cannot be written. One thread.
 * long: one table, a row for each thing that can be said.
 */
#include "xml_tests.h"

typedef struct error_row {
    const char *name, *document;
    bool limited, tree; /* read with the small limits below; a tree comes out in spite of it */
    const char *said;
} error_row;

static const dgm_limits small = {
    .message_bytes_max = 200, .segment_bytes_max = 40, .nodes_max = 8, .depth_max = 4, .attributes_max = 2, .name_bytes_max = 12
};

/* clang-format off */
static const error_row rows[] = {
    { "tag mismatch", "<Letter>\n"
      " <Body>\n"
      "  <ID>A</id>\n"
      " </Body></Letter>",
      false, false,
      "in.xml:3:8: error[xml.tag.mismatch]: this end tag does not close <ID>\n"
      "  message 1 (Body/ID), offset 24\n"
      "      <ID>A</id>\n"
      "           ^~~~~\n" },
    { "truncated", "<Letter><Body><ID>A</ID>",
      false, false,
      "in.xml:1:25: error[xml.document.truncated]: the document ends before <Body> is closed\n"
      "  message 1 (Body), offset 24\n"
      "    <Letter><Body><ID>A</ID>\n"
      "                            ^\n"
      "  hint: the end of the file was lost, or the sender was cut off\n" },
    { "truncated in a tag", "<Letter><Body><I",
      false, false,
      "in.xml:1:17: error[xml.document.truncated]: the document ends before <Body> is closed\n"
      "  message 1 (Body), offset 16\n"
      "    <Letter><Body><I\n"
      "                    ^\n"
      "  hint: the end of the file was lost, or the sender was cut off\n" },
    { "empty", "",
      false, false,
      "in.xml:1:1: error[xml.document.empty]: there is no element: this is no XML document\n"
      "  message 1, offset 0\n" },
    { "no markup", "hello",
      false, false,
      "in.xml:1:1: error[xml.document.empty]: there is no element: this is no XML document\n"
      "  message 1, offset 0\n"
      "    hello\n"
      "    ^\n" },
    { "second root", "<Letter><Body><ID>A</ID></Body></Letter><Letter/>",
      false, true,
      "in.xml:1:41: error[xml.document.trailing]: something stands behind the end of the document, from byt"
      "e 40 on\n"
      "  message A, offset 40\n"
      "    <Letter><Body><ID>A</ID></Body></Letter><Letter/>\n"
      "                                            ^\n"
      "  hint: one input holds one document; split several into files of their own\n" },
    { "junk behind", "<Letter><Body><ID>A</ID></Body></Letter>\n"
      "junk",
      false, true,
      "in.xml:2:1: error[xml.document.trailing]: something stands behind the end of the document, from byte"
      " 41 on\n"
      "  message A, offset 41\n"
      "    junk\n"
      "    ^\n"
      "  hint: one input holds one document; split several into files of their own\n" },
    { "open comment behind", "<Letter><Body><ID>A</ID></Body></Letter><!-- x",
      false, true,
      "in.xml:1:41: error[xml.document.trailing]: something stands behind the end of the document, from byt"
      "e 40 on\n"
      "  message A, offset 40\n"
      "    <Letter><Body><ID>A</ID></Body></Letter><!-- x\n"
      "                                            ^\n"
      "  hint: one input holds one document; split several into files of their own\n" },
    { "control character", "<Letter><Body><ID>A\001</ID></Body></Letter>",
      false, false,
      "in.xml:1:20: error[xml.character.forbidden]: a character that XML 1.0 does not allow\n"
      "  message 1 (Body/ID), offset 19\n"
      "    <Letter><Body><ID>A\342\220\201</ID></Body></Letter>\n"
      "                       ^\n"
      "  hint: control characters other than tab, line feed and carriage return have no place in XML, not e"
      "ven as references\n" },
    { "reference to one", "<Letter><Body><ID>&#1;</ID></Body></Letter>",
      false, false,
      "in.xml:1:19: error[xml.character.forbidden]: a character that XML 1.0 does not allow\n"
      "  message 1 (Body/ID), offset 18\n"
      "    <Letter><Body><ID>&#1;</ID></Body></Letter>\n"
      "                      ^~~~\n"
      "  hint: control characters other than tab, line feed and carriage return have no place in XML, not e"
      "ven as references\n" },
    { "unknown entity", "<Letter><Body><ID>&foo;</ID></Body></Letter>",
      false, false,
      "in.xml:1:19: error[xml.entity.undeclared]: the entity &foo; is not one of lt, gt, amp, apos, quot\n"
      "  message 1 (Body/ID), offset 18\n"
      "    <Letter><Body><ID>&foo;</ID></Body></Letter>\n"
      "                      ^~~~~\n"
      "  hint: documents are read without a DTD, so no other entity exists; write & as &amp;\n" },
    { "doctype", "<?xml version=\"1.0\"?>\n"
      "<!DOCTYPE Letter [<!ENTITY a \"b\">]>\n"
      "<Letter><Body><ID>&a;</ID></Body></Letter>",
      false, false,
      "in.xml:2:1: error[xml.doctype.refused]: a document with a DOCTYPE is refused\n"
      "  message 1, offset 22\n"
      "    <!DOCTYPE Letter [<!ENTITY a \"b\">]>\n"
      "    ^~~~~~~~~\n"
      "  hint: trade documents need none, and it could name files or entities without end; remove it\n" },
    { "external entity", "<!DOCTYPE Letter SYSTEM \"file:///etc/passwd\">\n"
      "<Letter/>",
      false, false,
      "in.xml:1:1: error[xml.doctype.refused]: a document with a DOCTYPE is refused\n"
      "  message 1, offset 0\n"
      "    <!DOCTYPE Letter SYSTEM \"file:///etc/passwd\">\n"
      "    ^~~~~~~~~\n"
      "  hint: trade documents need none, and it could name files or entities without end; remove it\n" },
    { "attribute twice", "<Letter><Body><Price currencyID=\"EUR\" currencyID=\"USD\">1</Price></Body></Letter>",
      false, false,
      "in.xml:1:39: error[xml.attribute.duplicate]: the attribute currencyID stands twice in this tag\n"
      "  message 1 (Body), offset 38\n"
      "    <Letter><Body><Price currencyID=\"EUR\" currencyID=\"USD\">1</Price></Body></Letter>\n"
      "                                          ^~~~~~~~~~\n" },
    { "attribute unquoted", "<Letter><Body><Price currencyID=EUR>1</Price></Body></Letter>",
      false, false,
      "in.xml:1:33: error[xml.attribute.syntax]: an attribute is not written as name=\"value\"\n"
      "  message 1 (Body), offset 32\n"
      "    <Letter><Body><Price currencyID=EUR>1</Price></Body></Letter>\n"
      "                                    ^\n" },
    { "bare less-than", "<Letter><Body><ID>a < b</ID></Body></Letter>",
      false, false,
      "in.xml:1:22: error[xml.tag.syntax]: this tag is not well-formed\n"
      "  message 1 (Body/ID), offset 21\n"
      "    <Letter><Body><ID>a < b</ID></Body></Letter>\n"
      "                         ^\n"
      "  hint: a < that is text is written &lt;\n" },
    { "prefix", "<Letter><Body><x:ID>A</x:ID></Body></Letter>",
      false, true,
      "in.xml:1:15: error[xml.namespace.prefix]: the prefix x stands for no namespace\n"
      "  message A (Body), offset 14\n"
      "    <Letter><Body><x:ID>A</x:ID></Body></Letter>\n"
      "                  ^\n"
      "  hint: declare it: xmlns:x=\"...\"\n" },
    { "bare ampersand", "<Letter><Body><ID>A & B</ID></Body></Letter>",
      false, false,
      "in.xml:1:21: error[xml.reference.syntax]: an & that begins no reference\n"
      "  message 1 (Body/ID), offset 20\n"
      "    <Letter><Body><ID>A & B</ID></Body></Letter>\n"
      "                        ^\n"
      "  hint: an & that is text is written &amp;\n" },
    { "reference without end", "<Letter><Body><ID>A&amp</ID></Body></Letter>",
      false, false,
      "in.xml:1:20: error[xml.reference.syntax]: an & that begins no reference\n"
      "  message 1 (Body/ID), offset 19\n"
      "    <Letter><Body><ID>A&amp</ID></Body></Letter>\n"
      "                       ^~~~\n"
      "  hint: an & that is text is written &amp;\n" },
    { "hyphens in a comment", "<Letter><!-- a -- b --></Letter>",
      false, false,
      "in.xml:1:16: error[xml.markup.syntax]: a comment, processing instruction or CDATA section is not wel"
      "l-formed\n"
      "  message 1, offset 15\n"
      "    <Letter><!-- a -- b --></Letter>\n"
      "                   ^\n"
      "  hint: -- may not stand inside a comment, nor ]]> in text\n" },
    { "declaration too late", " <?xml version='1.0'?><Letter/>",
      false, false,
      "in.xml:1:2: error[xml.declaration.syntax]: the XML declaration is not well-formed\n"
      "  message 1, offset 1\n"
      "     <?xml version='1.0'?><Letter/>\n"
      "     ^~~~~\n"
      "  hint: it reads <?xml version=\"1.0\" encoding=\"UTF-8\"?> and stands at the very beginning\n" },
    { "colons", "<a:b:c/>",
      false, false,
      "in.xml:1:5: error[xml.syntax]: the document is not well-formed: Failed to parse QName 'a:b:'\n"
      "  message 1, offset 4\n"
      "    <a:b:c/>\n"
      "        ^\n" },
    { "no format", "<Order/>",
      false, true,
      "in.xml:1:1: error[xml.root.unknown]: no format that is loaded begins with <Order>\n"
      "  message 1, offset 0\n"
      "    <Order/>\n"
      "    ^~~~~~\n"
      "  hint: `dragoman formats` lists what can be read\n" },
    { "no envelope", "<Body><ID>A</ID></Body>",
      false, true,
      "in.xml:1:1: warning[xml.envelope.missing]: <Body> stands without its envelope <Letter>\n"
      "  message A, offset 0\n"
      "    <Body><ID>A</ID></Body>\n"
      "    ^~~~~\n" },
    { "namespace", "<l:Letter xmlns:l=\"urn:letter\"><Body xmlns=\"urn:other\"><ID>A</ID><Land>AT</Land></Body></l:Lette"
      "r>",
      false, true,
      "in.xml:1:32: warning[xml.namespace.unexpected]: <Body> is in the namespace urn:other, expected urn:b"
      "ody; it was read by its name\n"
      "  message A, offset 31\n"
      "    <l:Letter xmlns:l=\"urn:letter\"><Body xmlns=\"urn:other\"><ID>A</ID><Land>AT</Land></Body></l:L"
      "etter>\n"
      "                                   ^~~~~\n" },
    { "element unknown", "<Letter><Body><ID>A</ID><Colour>red<b/></Colour></Body></Letter>",
      false, true,
      "in.xml:1:25: warning[xml.element.unknown]: <Colour> has no place in <Body>\n"
      "  message A (Body/Colour), offset 24\n"
      "    <Letter><Body><ID>A</ID><Colour>red<b/></Colour></Body></Letter>\n"
      "                            ^~~~~~~\n" },
    { "attribute unknown", "<Letter><Body><ID a=\"1\" xml:lang=\"en\">A</ID></Body></Letter>",
      false, true,
      "in.xml:1:22: warning[xml.attribute.unknown]: <ID> has no attribute @a\n"
      "  message A (Body/ID), offset 21\n"
      "    <Letter><Body><ID a=\"1\" xml:lang=\"en\">A</ID></Body></Letter>\n"
      "                         ^\n"
      "in.xml:1:35: warning[xml.attribute.unknown]: <ID> has no attribute @xml:lang\n"
      "  message A (Body/ID), offset 34\n"
      "    <Letter><Body><ID a=\"1\" xml:lang=\"en\">A</ID></Body></Letter>\n"
      "                                      ^\n" },
    { "order", "<Letter><Body><Land>AT</Land><ID>A</ID><Price>1</Price></Body></Letter>",
      false, true,
      "in.xml:1:30: error[xml.element.order]: <ID> must stand before <Land>\n"
      "  message A (Body/ID), offset 29\n"
      "    <Letter><Body><Land>AT</Land><ID>A</ID><Price>1</Price></Body></Letter>\n"
      "                                 ^~~\n"
      "  hint: the format fixes the order of elements\n" },
    { "many", "<Letter><Body><ID>A</ID><Price>1</Price><Price>2</Price><Price>3</Price></Body></Letter>",
      false, true,
      "in.xml:1:57: error[xml.element.many]: <Price> stands more often than 2 times\n"
      "  message A (Body/Price#3), offset 56\n"
      "    <Letter><Body><ID>A</ID><Price>1</Price><Price>2</Price><Price>3</Price></Body></Letter>\n"
      "                                                            ^~~~~~\n" },
    { "missing", "<Letter><Body><Land>AT</Land></Body></Letter>\n",
      false, true,
      "in.xml:1:9: error[xml.element.missing]: <Body> needs <ID>\n"
      "  message 1 (Body), offset 8\n"
      "    <Letter><Body><Land>AT</Land></Body></Letter>\n"
      "            ^~~~~\n" },
    { "attribute missing", "<Letter><Body><ID>A</ID><Sent><DateTimeString>20261121</DateTimeString></Sent></Body></Letter>",
      false, true,
      "in.xml:1:31: error[xml.attribute.missing]: <DateTimeString> needs the attribute @formatCode\n"
      "  message A (Body/Sent/DateTimeString), offset 30\n"
      "    <Letter><Body><ID>A</ID><Sent><DateTimeString>20261121</DateTimeString></Sent></Body></Letter>\n"
      "                                  ^~~~~~~~~~~~~~~\n" },
    { "text between", "<Letter><Body>Dear Sir, <ID>A</ID> &amp;c.</Body></Letter>",
      false, true,
      "in.xml:1:15: error[xml.text.mixed]: text stands between the elements of <Body>\n"
      "  message A (Body), offset 14\n"
      "    <Letter><Body>Dear Sir, <ID>A</ID> &amp;c.</Body></Letter>\n"
      "                  ^~~~~~~~~~\n"
      "in.xml:1:36: error[xml.text.mixed]: text stands between the elements of <Body>\n"
      "  message A (Body), offset 35\n"
      "    <Letter><Body>Dear Sir, <ID>A</ID> &amp;c.</Body></Letter>\n"
      "                                       ^~~~~~~\n" },
    { "child in a value", "<Letter><Body><ID>A<b>x</b></ID></Body></Letter>",
      false, true,
      "in.xml:1:15: error[xml.element.inside]: <ID> holds a value and cannot hold <b>\n"
      "  message 1 (Body/ID), offset 14\n"
      "    <Letter><Body><ID>A<b>x</b></ID></Body></Letter>\n"
      "                  ^~~\n" },
    { "empty value", "<Letter><Body><ID/><Land> </Land></Body></Letter>",
      false, true,
      "in.xml:1:15: warning[xml.value.empty]: ID is empty\n"
      "  message 1 (Body/ID), offset 14\n"
      "    <Letter><Body><ID/><Land> </Land></Body></Letter>\n"
      "                  ^\n"
      "  hint: leave out what has no value\n"
      "in.xml:1:26: warning[xml.value.empty]: Land is empty\n"
      "  message 1 (Body/Land), offset 25\n"
      "    <Letter><Body><ID/><Land> </Land></Body></Letter>\n"
      "                             ^\n"
      "  hint: leave out what has no value\n" },
    { "length", "<Letter><Body><ID>\303\244\303\266\303\274\303\237\342\202\254X</ID><Land>AUT</Land></Body></Letter>",
      false, true,
      "in.xml:1:19: error[xml.value.length]: ID has 6 characters; the format is an..5\n"
      "  message \303\244\303\266\303\274\303\237\342\202\254X (Body/ID), offset 18\n"
      "    <Letter><Body><ID>\303\244\303\266\303\274\303\237\342\202\254X</ID><Land>AUT</Land></Body></Let"
      "ter>\n"
      "                      ^~~~~~\n"
      "in.xml:1:42: error[xml.value.length]: Land has 3 characters; the format is a2\n"
      "  message \303\244\303\266\303\274\303\237\342\202\254X (Body/Land), offset 41\n"
      "    <Letter><Body><ID>\303\244\303\266\303\274\303\237\342\202\254X</ID><Land>AUT</Land></Body></Let"
      "ter>\n"
      "                                       ^~~\n" },
    { "number", "<Letter><Body><ID>A</ID><Price>1,50</Price><Price>x</Price></Body></Letter>",
      false, true,
      "in.xml:1:32: error[xml.value.number]: Price is no number: \"1,50\"\n"
      "  message A (Body/Price), offset 31\n"
      "    <Letter><Body><ID>A</ID><Price>1,50</Price><Price>x</Price></Body></Letter>\n"
      "                                   ^~~~\n"
      "  hint: digits with a full stop as decimal mark, no grouping\n"
      "in.xml:1:51: error[xml.value.number]: Price is no number: \"x\"\n"
      "  message A (Body/Price#2), offset 50\n"
      "    <Letter><Body><ID>A</ID><Price>1,50</Price><Price>x</Price></Body></Letter>\n"
      "                                                      ^\n"
      "  hint: digits with a full stop as decimal mark, no grouping\n" },
    { "digits", "<Letter><Body><ID>A</ID><Price>1.501</Price><Price>1234.56</Price></Body></Letter>",
      false, true,
      "in.xml:1:32: error[xml.value.digits]: Price has more digits than n..5,2 allows: \"1.501\"\n"
      "  message A (Body/Price), offset 31\n"
      "    <Letter><Body><ID>A</ID><Price>1.501</Price><Price>1234.56</Price></Body></Letter>\n"
      "                                   ^~~~~\n"
      "in.xml:1:52: error[xml.value.digits]: Price has more digits than n..5,2 allows: \"1234.56\"\n"
      "  message A (Body/Price#2), offset 51\n"
      "    <Letter><Body><ID>A</ID><Price>1.501</Price><Price>1234.56</Price></Body></Letter>\n"
      "                                                       ^~~~~~~\n" },
    { "characters", "<Letter><Body><ID>A</ID><Land>A1</Land></Body></Letter>",
      false, true,
      "in.xml:1:31: error[xml.value.characters]: Land may hold the letters A to Z only: \"A1\"\n"
      "  message A (Body/Land), offset 30\n"
      "    <Letter><Body><ID>A</ID><Land>A1</Land></Body></Letter>\n"
      "                                  ^~\n" },
    { "code", "<Letter><Body><ID>A</ID><Kind>3</Kind></Body></Letter>",
      false, true,
      "in.xml:1:31: error[xml.value.code]: Kind is \"3\", not one of: 1 2\n"
      "  message A (Body/Kind), offset 30\n"
      "    <Letter><Body><ID>A</ID><Kind>3</Kind></Body></Letter>\n"
      "                                  ^\n" },
    { "attribute value", "<Letter><Body><ID>A</ID><Price currencyID=\"EURO\">1</Price></Body></Letter>",
      false, true,
      "in.xml:1:44: error[xml.value.length]: @currencyID has 4 characters; the format is a3\n"
      "  message A (Body/Price/@currencyID), offset 43\n"
      "    <Letter><Body><ID>A</ID><Price currencyID=\"EURO\">1</Price></Body></Letter>\n"
      "                                               ^\n" },
    { "flag", "<Letter><Body><ID>A</ID><Item><Note>n</Note><Flag>TRUE</Flag></Item></Body></Letter>",
      false, true,
      "in.xml:1:51: error[xml.value.code]: Flag is \"TRUE\", not one of: true false\n"
      "  message A (Body/Item/Flag), offset 50\n"
      "    <Letter><Body><ID>A</ID><Item><Note>n</Note><Flag>TRUE</Flag></Item></Body></Letter>\n"
      "                                                      ^~~~\n" },
    { "second item", "<Letter><Body><ID>A</ID><Item/><Item><Flag>no</Flag></Item></Body></Letter>",
      false, true,
      "in.xml:1:44: error[xml.value.code]: Flag is \"no\", not one of: true false\n"
      "  message A (Body/Item#2/Flag), offset 43\n"
      "    <Letter><Body><ID>A</ID><Item/><Item><Flag>no</Flag></Item></Body></Letter>\n"
      "                                               ^~\n" },
    { "encoding unknown", "<?xml version=\"1.0\" encoding=\"KLINGON\"?><Letter/>",
      false, false,
      "in.xml:1:31: error[xml.encoding.unknown]: the encoding KLINGON is not one that can be read\n"
      "  message 1, offset 30\n"
      "    <?xml version=\"1.0\" encoding=\"KLINGON\"?><Letter/>\n"
      "                                  ^~~~~~~\n"
      "  hint: write the document in UTF-8, or name its encoding with --set encoding=NAME\n" },
    { "bytes of no character", "<Letter><Body><ID>\303(</ID></Body></Letter>",
      false, false,
      "in.xml:1:19: error[xml.encoding.bytes]: these bytes are no character of UTF-8\n"
      "  message 1 (Body/ID), offset 18\n"
      "    <Letter><Body><ID>\n"
      "                      ^\n"
      "  hint: the document is not written in the encoding it names\n" },
    { "encoding conflict", "\357\273\277<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Letter><Body><ID>A</ID></Body></Letter>",
      false, true,
      "in.xml:1:34: warning[xml.encoding.conflict]: the XML declaration says ISO-8859-1, but the document b"
      "egins as UTF-8 does; it is read as UTF-8\n"
      "  message A, offset 33\n"
      "    <?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><Letter><Body><ID>A</ID></Body></Letter>\n"
      "                                  ^~~~~~~~~~\n" },
    { "limit depth", "<Letter><Body><x><y><z/></y></x></Body></Letter>",
      true, false,
      "in.xml:1:15: warning[xml.element.unknown]: <x> has no place in <Body>\n"
      "  message 1 (Body/x), offset 14\n"
      "    <Letter><Body><x><y><z/></y></x></Body></Letter>\n"
      "                  ^~\n"
      "in.xml:1:21: error[xml.limit.depth]: elements are nested deeper than 4\n"
      "  message 1 (Body/x/y), offset 20\n"
      "    <Letter><Body><x><y><z/></y></x></Body></Letter>\n"
      "                        ^\n" },
    { "limit value", "<Letter><Body><ID>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</ID></Body></Letter>",
      true, false,
      "in.xml:1:15: error[xml.limit.element]: one value, tag or comment is longer than 40 bytes\n"
      "  message 1 (Body/ID), offset 14\n"
      "    <Letter><Body><ID>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA</ID></Body></Letter>\n"
      "                  ^\n" },
    { "limit tag", "<Letter><Body a=\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"/></Letter>",
      true, false,
      "in.xml:1:9: error[xml.limit.element]: one value, tag or comment is longer than 40 bytes\n"
      "  message 1, offset 8\n"
      "    <Letter><Body a=\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\"/></Letter>\n"
      "            ^\n" },
    { "limit attributes", "<Letter a=\"1\" b=\"2\" c=\"3\"/>",
      true, false,
      "in.xml:1:1: error[xml.limit.attributes]: a tag has more than 2 attributes\n"
      "  message 1, offset 0\n"
      "    <Letter a=\"1\" b=\"2\" c=\"3\"/>\n"
      "    ^\n" },
    { "limit name", "<Letter><abcdefghijklm/></Letter>",
      true, false,
      "in.xml:1:9: error[xml.limit.name]: a name is longer than 12 bytes\n"
      "  message 1, offset 8\n"
      "    <Letter><abcdefghijklm/></Letter>\n"
      "            ^\n" },
    { "limit nodes", "<Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>",
      true, false,
      "in.xml:1:15: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 14\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                  ^~\n"
      "in.xml:1:19: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 18\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                      ^~\n"
      "in.xml:1:23: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 22\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                          ^~\n"
      "in.xml:1:27: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 26\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                              ^~\n"
      "in.xml:1:31: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 30\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                                  ^~\n"
      "in.xml:1:35: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 34\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                                      ^~\n"
      "in.xml:1:39: warning[xml.element.unknown]: <a> has no place in <Body>\n"
      "  message 1 (Body/a), offset 38\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                                          ^~\n"
      "in.xml:1:39: error[xml.limit.nodes]: the document has more than 8 elements and attributes\n"
      "  message 1 (Body), offset 38\n"
      "    <Letter><Body><a/><a/><a/><a/><a/><a/><a/></Body></Letter>\n"
      "                                          ^\n" },
    { "limit bytes", "<Letter>\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "\n"
      "</Letter>",
      true, false,
      "in.xml:193:1: error[xml.limit.bytes]: the document is longer than 200 bytes\n"
      "  message 1, offset 200\n" },
};
/* clang-format on */

enum { FIRST_CODE = 2000, CODES = 100 };
static bool seen[CODES];

static void note(const dgm_diags *d)
{
    for (size_t i = 0; i < dgm_diags_count(d); i++) {
        uint32_t code = dgm_diags_at(d, i)->code;
        if (code >= FIRST_CODE && code < FIRST_CODE + CODES) seen[code - FIRST_CODE] = true;
    }
}

static void print_all(const dgm_diags *d, dgm_slice input, dgm_buffer *out)
{
    dgm_diag_style style = { .input_name = DGM_LITERAL("in.xml"), .input = input };
    for (size_t i = 0; i < dgm_diags_count(d); i++)
        CU_ASSERT_EQUAL(dgm_diag_print(dgm_diags_at(d, i), &style, dgm_buffer_sink(out)), DGM_OK);
}

static void read_row(const error_row *row, const dgm_format *format, size_t chunk)
{
    const dgm_format *formats[] = { format };
    dgm_diags *d;
    dgm_buffer out;
    dgm_buffer_init(&out, NULL);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, row->limited ? &small : NULL, d, NULL, formats, 1);
    dgm_slice input = dgm_slice_of(row->document);
    dgm_reader *reader;
    dgm_message m;
    CU_ASSERT_EQUAL(xml_read(&host, NULL, 0, input, chunk, &reader, &m), DGM_OK);
    CU_ASSERT_EQUAL(m.tree != NULL, row->tree);
    CU_ASSERT_EQUAL(m.errors, dgm_diags_errors(d));
    if (m.tree) CU_ASSERT(dgm_tree_sound(m.tree));
    print_all(d, input, &out);
    if (!dgm_slice_is(dgm_buffer_slice(&out), row->said)) fprintf(stderr, "row \"%s\", chunks of %zu:\n", row->name, chunk);
    TEST_TEXT(dgm_buffer_slice(&out), row->said);
    note(d);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(reader);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
}

static void documents(void)
{
    xml_format f;
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        read_row(&rows[i], &f.format, 0);
        for (size_t chunk = 1; chunk <= 7; chunk++) read_row(&rows[i], &f.format, chunk);
    }
    xml_format_free(&f);
}

/* ---- element tables ---- */

static const struct {
    const char *yaml, *table, *said;
} tables[] = {
    { "format: t\ncodec: xml\ntable: t.tsv\nroot: A\n", "path\nA\t1\t1\t-\t-\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: fewer than six fields\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\tx\ttext\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: the third field is no number or "
      "below the "
      "second\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\tword\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: no such type\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\ttext\tx3\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: no such format\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\tz\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: the namespace key is not in the "
      "format "
      "file\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nB/C\t0\t1\ttext\t-\t-\n",
      "t.tsv:3:1: error[xml.profile.line]: this line of the element table cannot be understood: the element above it has not been "
      "named\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\nA\t1\t1\t-\t-\t-\nA/B\t0\t1\ttext\t-\t-\nA/B\t0\t1\ttext\t-\t-\n",
      "t.tsv:4:1: error[xml.profile.line]: this line of the element table cannot be understood: the path stands twice\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\n", "path\n",
      "t.tsv:2:1: error[xml.profile.line]: this line of the element table cannot be understood: there is no element\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\ncolour: red\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting colour of the format is wrong: XML formats have no such setting\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nroot: B\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting root of the format is wrong: it is not the first row of the table\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\ndocument: A/B\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.setting]: the setting document of the format is wrong: no such path in the table\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nnamespace.a: urn:a\nnamespace.b: urn:b\n", "path\nA\t1\t1\t-\t-\ta\n",
      "t: error[xml.profile.setting]: the setting prefix of the format is wrong: only one namespace can be without a prefix\n" },
    { "format: t\ncodec: xml\ntable: t.tsv\nnames:\n  Thing: B/C\n", "path\nA\t1\t1\t-\t-\t-\n",
      "t: error[xml.profile.alias]: the short name Thing stands for B/C, which is no path of the format\n" },
};

static void element_tables(void)
{
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        xml_format f = { 0 };
        dgm_diags *d;
        dgm_buffer out;
        dgm_buffer_init(&out, NULL);
        CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
        CU_ASSERT_EQUAL(xml_format_make(&f, NULL, dgm_slice_of(tables[i].yaml), dgm_slice_of(tables[i].table), d), DGM_CONFIG);
        CU_ASSERT_PTR_NULL(f.shape);
        print_all(d, (dgm_slice){ 0 }, &out);
        dgm_slice got = dgm_buffer_slice(&out);
        /* hints follow on a line of their own */
        for (size_t at = 0; at + 7 < got.len; at++)
            if (memcmp(got.at + at, "  hint:", 7) == 0) got.len = at;
        TEST_TEXT(got, tables[i].said);
        note(d);
        dgm_diags_free(d);
        dgm_buffer_free(&out);
        xml_format_free(&f);
    }
}

/* ---- trees that cannot be written ---- */

/* A letter in short: slots by path, "=" and the value for leaves; "." opens an element without value. */
static void build(dgm_builder *b, const dgm_shape *shape, const char *const *steps)
{
    uint32_t ids[16];
    CU_ASSERT_EQUAL_FATAL(dgm_builder_begin(b, shape, false), DGM_OK);
    ids[0] = 0;
    for (uint32_t n = 1; steps[n - 1]; n++) { /* "2 Body/ID=A": beneath the id 2 */
        uint32_t above = (uint32_t)(steps[n - 1][0] - '0');
        dgm_cut cut = dgm_slice_cut(dgm_slice_of(steps[n - 1] + 2), '=');
        uint32_t slot = dgm_shape_find(shape, cut.head, NULL);
        CU_ASSERT_NOT_EQUAL_FATAL(slot, DGM_SLOT_NONE);
        bool attribute = dgm_shape_slot(shape, slot)->kind == DGM_ATTRIBUTE;
        ids[n] = attribute   ? dgm_builder_attribute(b, ids[above], slot, cut.tail)
                 : cut.found ? dgm_builder_leaf(b, ids[above], slot, 0, cut.tail)
                             : dgm_builder_open(b, ids[above], slot, 0);
    }
}

static const struct {
    const char *steps[8];
    const char *said;
} trees[] = {
    { { "0 Body" }, "in.xml: error[xml.element.missing]: <Body> needs <ID>\n  message 1 (Body)\n" },
    { { "0 Sender=x" }, "in.xml: error[xml.element.missing]: <Letter> needs <Body>\n  message 1\n" },
    { { "0 Body", "1 Body/ID=A", "1 Body/Price=1", "1 Body/Price=2", "1 Body/Price=3" },
      "in.xml: error[xml.element.many]: <Price> stands more often than 2 times\n  message 1 (Body/Price#3)\n" },
    { { "0 Body", "1 Body/ID=ABCDEF" },
      "in.xml: error[xml.value.length]: ID has 6 characters; the format is an..5\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=A\001" },
      "in.xml: error[xml.write.character]: ID holds a character that XML 1.0 cannot carry: U+0001\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=\357\277\277" },
      "in.xml: error[xml.write.character]: ID holds a character that XML 1.0 cannot carry: U+FFFF\n  message 1 (Body/ID)\n" },
    { { "0 Body", "1 Body/ID=A", "1 Body/Sent", "3 Body/Sent/DateTimeString=20261121" },
      "in.xml: error[xml.attribute.missing]: <DateTimeString> needs the attribute @formatCode\n  message 1 "
      "(Body/Sent/DateTimeString)\n" },
};

static void refused_trees(void)
{
    xml_format f, other;
    dgm_builder *b;
    dgm_diags *d;
    dgm_buffer out, text;
    dgm_tree *t;
    dgm_buffer_init(&out, NULL);
    dgm_buffer_init(&text, NULL);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&f), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(xml_format_letter(&other), DGM_OK);
    dgm_mem mem = dgm_mem_default();
    CU_ASSERT_EQUAL_FATAL(dgm_builder_new(&mem, NULL, &b), DGM_OK);
    CU_ASSERT_EQUAL_FATAL(dgm_diags_new(NULL, 100, &d), DGM_OK);
    dgm_host host = dgm_host_make(NULL, NULL, d, NULL, NULL, 0);
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        build(b, f.shape, trees[i].steps);
        CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
        t->position.message = 1;
        CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, t, &out), DGM_INVALID);
        CU_ASSERT_EQUAL(out.len, 0); /* nothing of it is written */
        text.len = 0;
        print_all(d, (dgm_slice){ 0 }, &text);
        TEST_TEXT(dgm_buffer_slice(&text), trees[i].said);
        note(d);
        dgm_diags_clear(d);
        dgm_builder_recycle(b, t);
    }
    /* A tree of another shape; a second tree; a tree with an element that the format does not know. */
    build(b, other.shape, (const char *const[]){ "0 Body", "1 Body/ID=A", NULL });
    CU_ASSERT_EQUAL_FATAL(dgm_builder_freeze(b, &t, NULL), DGM_OK);
    CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, t, &out), DGM_INVALID);
    dgm_writer *w;
    CU_ASSERT_EQUAL_FATAL(dgm_codec_xml.writer_open(&host, &other.format, NULL, 0, dgm_buffer_sink(&out), &w), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_xml.write(w, t), DGM_OK);
    CU_ASSERT_EQUAL(dgm_codec_xml.write(w, t), DGM_INVALID);
    dgm_codec_xml.writer_close(w);
    dgm_builder_recycle(b, t);
    const dgm_format *formats[] = { &f.format };
    dgm_host quiet = dgm_host_make(NULL, NULL, NULL, NULL, formats, 1);
    dgm_reader *r;
    dgm_message m;
    dgm_slice strange = DGM_LITERAL("<Letter><Body><ID>A</ID><Colour>red</Colour></Body></Letter>");
    CU_ASSERT_EQUAL(xml_read(&quiet, NULL, 0, strange, 0, &r, &m), DGM_OK);
    CU_ASSERT_EQUAL(xml_write(&host, &f.format, NULL, 0, m.tree, &out), DGM_INVALID);
    text.len = 0;
    print_all(d, (dgm_slice){ 0 }, &text);
    TEST_TEXT(dgm_buffer_slice(&text),
              "in.xml: error[xml.write.format]: the message is not of the format letter\n"
              "in.xml: error[xml.write.second]: one XML document holds one message; this would be the second\n"
              "in.xml: error[xml.write.unknown]: <Colour> is not of the format letter and cannot be written\n"
              "  message A (Body/Colour)\n");
    note(d);
    dgm_tree_free(m.tree);
    dgm_codec_xml.close(r);
    dgm_builder_free(b);
    dgm_diags_free(d);
    dgm_buffer_free(&out);
    dgm_buffer_free(&text);
    xml_format_free(&other);
    xml_format_free(&f);
}

static void every_code_was_said(void)
{
    static const struct {
        uint32_t number;
        const char *name;
    } codes[] = {
#define X(id, number, name, text, hint) { number, name },
#include "base/diag_codes/xml.def"
#undef X
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        CU_ASSERT(codes[i].number >= FIRST_CODE && codes[i].number < FIRST_CODE + CODES);
        if (!seen[codes[i].number - FIRST_CODE]) fprintf(stderr, "no row says %s\n", codes[i].name);
        CU_ASSERT(seen[codes[i].number - FIRST_CODE]);
    }
}

static const test_case cases[] = {
    { "documents, whole and in chunks of 1 to 7", documents },
    { "element tables", element_tables },
    { "trees that cannot be written", refused_trees },
    { "every code has a row", every_code_was_said },
    { 0 },
};

int main(void)
{
    return test_main("xml_errors", cases);
}
