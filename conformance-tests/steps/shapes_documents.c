/* SPDX-License-Identifier: Apache-2.0
 *
 * shapes_documents.c - hard inputs of WCO XML and of canonical JSON. Constant; any thread.
 */
#include "shapes.h"

#define XML_OPEN                                                                                                                   \
    "<?xml version=\"1.0\"?><md:MetaData xmlns:md=\"urn:wco:datamodel:WCO:DocumentMetaData-DMS:2\"><Declaration "                  \
    "xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\" xmlns:ds=\"urn:wco:datamodel:WCO:Declaration_DS:DMS:2\">"                           \
    "<FunctionCode>9</FunctionCode><FunctionalReferenceID>N1</FunctionalReferenceID>"
#define XML_DONE  "</Declaration></md:MetaData>"
#define XML_ITEMS XML_OPEN "<TypeCode>IMA</TypeCode><GoodsShipment>"
/* There may be 999 items. */
#define LONG                                                                                                                       \
    "of a description that is long, because there may be 999 items in a declaration and no more, and what comes behind them is "   \
    "told of one by one; so it goes on and on for what seems to be a very long time, and says nothing that any customs office "    \
    "would like to be told, unless somebody there is fond of long texts about nothing. Such texts are kept whole, as all others "  \
    "are, and they are neither cut nor folded, whatever comes behind."
#define XML_ITEM                                                                                                                   \
    "<GovernmentAgencyGoodsItem><SequenceNumeric>%i</SequenceNumeric><Commodity><Description>Item %u " LONG "</Description>"       \
    "<Classification><ID>84198120</ID><IdentificationTypeCode>TSP</IdentificationTypeCode></Classification></Commodity>"           \
    "</GovernmentAgencyGoodsItem>"

const shape xml_shapes[] = {
    S("items", XML_ITEMS, XML_ITEM, "</GoodsShipment>" XML_DONE),
    S("elements nobody knows", XML_OPEN, "<Q%u>1</Q%u>", XML_DONE),
    S("one element nobody knows", XML_OPEN, "<Q>1</Q>", XML_DONE),
    S("elements nearly known", XML_OPEN, "<FunctionalReferenceI>1</FunctionalReferenceI>", XML_DONE),
    S("elements too often", XML_OPEN, "<ID>1</ID>", XML_DONE),
    S("elements in the wrong order", XML_OPEN, "<TypeCode>IMA</TypeCode><ID>1</ID><FunctionCode>9</FunctionCode>", XML_DONE),
    S("empty elements", XML_OPEN, "<ID/>", XML_DONE),
    S("values of the wrong kind", XML_OPEN, "<InvoiceAmount currencyID=\"EUR\">X%u</InvoiceAmount>", XML_DONE),
    S("text where none may be", XML_OPEN, "text<ID/>", XML_DONE),
    S("one text where none may be", XML_OPEN, "text", XML_DONE),
    S("one value", XML_OPEN "<ID>", "12345678", "</ID>" XML_DONE),
    S("comments", XML_OPEN, "<!-- c -->", XML_DONE),
    S("comments in a value", XML_OPEN "<ID>", "A<!-- c -->", "</ID>" XML_DONE),
    S("one comment", XML_OPEN "<!--", " c- ", "-->" XML_DONE),
    S("processing instructions", XML_OPEN, "<?p i?>", XML_DONE),
    S("CDATA in a value", XML_OPEN "<ID>", "<![CDATA[A]]>", "</ID>" XML_DONE),
    S("one CDATA", XML_OPEN "<ID><![CDATA[", "]]>", "]]></ID>" XML_DONE),
    S("entities", XML_OPEN "<ID>", "&amp;", "</ID>" XML_DONE),
    S("characters by number", XML_OPEN "<ID>", "&#x41;&#66;", "</ID>" XML_DONE),
    S("entities nobody knows", XML_OPEN "<ID>", "&q;", "</ID>" XML_DONE),
    S("elements in elements", XML_OPEN, "<Q>", ""),
    S("elements in elements, closed", XML_OPEN, "<Q>", XML_DONE, "</Q>"),
    S("ends without a beginning", XML_OPEN, "</Q>", XML_DONE),
    S("attributes", XML_OPEN "<ID", " a%i=\"1\"", ">1</ID>" XML_DONE),
    S("attributes told again", XML_OPEN "<ID", " a=\"1\"", ">1</ID>" XML_DONE),
    S("elements with an attribute nobody knows", XML_OPEN, "<ID a%i=\"1\">1</ID>", XML_DONE),
    S("one attribute", XML_OPEN "<ID a=\"", "A&lt;", "\">1</ID>" XML_DONE),
    S("namespaces of one element", XML_OPEN "<ID", " xmlns:a%i=\"u%i\"", ">1</ID>" XML_DONE),
    S("namespaces of elements", XML_OPEN, "<a%i:Q xmlns:a%i=\"u%i\"/>", XML_DONE),
    S("prefixes nobody declared", XML_OPEN, "<a%i:Q/>", XML_DONE),
    S("one name", XML_OPEN "<", "Name", "/>" XML_DONE),
    S("names with colons", XML_OPEN "<a", ":a", "/>" XML_DONE),
    S("a document type", "<?xml version=\"1.0\"?><!DOCTYPE d [", "<!ENTITY a%i \"x\">", "]><d/>"),
    S("entities of entities", "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY a0 \"xxxxxxxxxx\">", "<!ENTITY a%i \"&a0;&a0;&a0;\">",
      "]><d>&a1;</d>"),
    S("bytes that are no UTF-8", XML_OPEN "<ID>", "\xC3\x28", "</ID>" XML_DONE),
    S("less-than signs", XML_OPEN, "<", XML_DONE),
    S("ampersands", XML_OPEN, "&", XML_DONE),
    S("blanks behind", XML_OPEN XML_DONE, " \r\n", ""),
    S("documents", "", XML_OPEN XML_DONE, ""),
    S("lines", XML_OPEN "<ID>", "\r\n", "</ID>" XML_DONE),
    S("UTF-16", XML_OPEN, "<ID>1</ID>", XML_DONE, NULL, "UTF-16"),
    { 0 },
};

#define JSON_OPEN  "{\"dragoman\": \"document/1\", \"model\": \"Declaration@1\", \"document\": {"
#define JSON_DONE  "\"TypeCode\": \"IMA\"}}"
#define JSON_ITEMS JSON_OPEN "\"GoodsShipment\": {\"GovernmentAgencyGoodsItem\": ["

const shape json_shapes[] = {
    S("items", JSON_ITEMS, "{\"SequenceNumeric\": %i, \"Commodity\": {\"Description\": \"Item %u\"}},", "{}]}," JSON_DONE),
    S("empty items", JSON_ITEMS, "{},", "{}]}," JSON_DONE),
    S("names nobody knows", JSON_OPEN, "\"q%u\": 1,", JSON_DONE),
    S("one name nobody knows", JSON_OPEN, "\"q\": 1,", JSON_DONE),
    S("names nearly known", JSON_OPEN, "\"FunctionCod\": 1,", JSON_DONE),
    S("names told again", JSON_OPEN, "\"ID\": \"1\",", JSON_DONE),
    S("values of the wrong kind", JSON_ITEMS, "{\"SequenceNumeric\": \"x%u\"},", "{}]}," JSON_DONE),
    S("values where objects must be", JSON_ITEMS, "1,null,true,\"x\",[],", "{}]}," JSON_DONE),
    S("lists in lists", "", "[", ""),
    S("objects in objects", "", "{\"a\":", ""),
    S("objects nobody knows", JSON_OPEN "\"q\": ", "{\"a\": ", "1}}"),
    S("lists nobody knows", JSON_OPEN "\"q\": [", "[{\"a\": [1, 2]}],", "1]," JSON_DONE),
    S("escapes", JSON_OPEN "\"ID\": \"", "\\n\\u00e9\\\"", "\"," JSON_DONE),
    S("halves of surrogates", JSON_OPEN "\"ID\": \"", "\\ud83d", "\"," JSON_DONE),
    S("escapes that are none", JSON_OPEN "\"ID\": \"", "\\q", "\"," JSON_DONE),
    S("one text", JSON_OPEN "\"ID\": \"", "long", "\"," JSON_DONE),
    S("one name", JSON_OPEN "\"", "long", "\": 1," JSON_DONE),
    S("one number", JSON_OPEN "\"GoodsItemQuantity\": ", "1", "," JSON_DONE),
    S("blanks", JSON_OPEN, " \n", JSON_DONE),
    S("commas", JSON_OPEN, ",", JSON_DONE),
    S("colons", JSON_OPEN, ":", JSON_DONE),
    S("quotes", JSON_OPEN, "\"", JSON_DONE),
    S("bytes that are no UTF-8", JSON_OPEN "\"ID\": \"", "\xC3\x28", "\"," JSON_DONE),
    S("documents", "", JSON_OPEN JSON_DONE "\n", ""),
    { 0 },
};
