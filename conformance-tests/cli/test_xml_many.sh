#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_xml_many.sh - XML documents of many messages: each is validated and translated by itself, what is wrong with one costs that
# one, and memory does not grow with the document. MEGABYTES says how large one is made (2048 for the whole promise).
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# document BYTES: answers to orders, at least so many bytes of them.
document() {
    awk -v bytes="$1" 'BEGIN {
        id = "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"
        print "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
        print "<c:CEB312Message xmlns:c=\"http://www.chinaport.gov.cn/ceb\" guid=\"" id "\" version=\"1.0\">"
        for (n = 1; made < bytes; n++) {
            s = "  <c:OrderReturn>\n    <c:guid>" id "</c:guid>\n    <c:ebpCode>ebpA</c:ebpCode>\n" \
                "    <c:ebcCode>ebcA</c:ebcCode>\n    <c:orderNo>order" n "</c:orderNo>\n" \
                "    <c:returnStatus>2</c:returnStatus>\n    <c:returnTime>20160301101010100</c:returnTime>\n" \
                "    <c:returnInfo>taken</c:returnInfo>\n  </c:OrderReturn>"
            print s
            made += length(s) + 1
        }
        print "</c:CEB312Message>"
    }'
}

document 4000 >some.xml
n=$(grep -c "<c:OrderReturn>" some.xml)
run 0 "$DRAGOMAN" validate some.xml
run 0 "$DRAGOMAN" codec check xml some.xml

# One that is wrong costs itself; its place and number are told.
sed "s/>order2</>$(printf '%070d' 2)</" some.xml >wrong.xml
run 1 "$DRAGOMAN" validate --format json wrong.xml
has err '"code":"xml.value.length"'
has err '"message_number":2,'
has err '"path":"OrderReturn#2/orderNo"'
is "$(grep -c '"severity":"error"' err)" 1 "errors"
has out "\"messages\":$n,\"refused\":1"

# What is not well-formed ends it; those before were read.
head -n $((2 + 9 * 4 + 3)) some.xml >cut.xml
run 1 "$DRAGOMAN" validate cut.xml
has err "4 messages before this place were read"

# Held against an XML Schema, an error is that of the message it stands in.
cp -r "$root/mappings" maps
{
    echo '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.chinaport.gov.cn/ceb"'
    echo '  elementFormDefault="qualified"><xs:element name="CEB312Message"><xs:complexType><xs:sequence>'
    echo '  <xs:element name="OrderReturn" maxOccurs="unbounded"><xs:complexType><xs:sequence>'
    for e in guid ebpCode ebcCode; do echo "  <xs:element name=\"$e\" type=\"xs:string\"/>"; done
    echo '  <xs:element name="orderNo"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="order[0-9]+"/>'
    echo '  </xs:restriction></xs:simpleType></xs:element>'
    for e in returnStatus returnTime returnInfo; do echo "  <xs:element name=\"$e\" type=\"xs:string\"/>"; done
    echo '  </xs:sequence></xs:complexType></xs:element></xs:sequence>'
    echo '  <xs:attribute name="guid"/><xs:attribute name="version"/></xs:complexType></xs:element></xs:schema>'
} >maps/formats/xml/answers.xsd
sed -i 's|^root:.*|&\nschema: formats/xml/answers.xsd|' maps/formats/xml/ceb-312-order-return.yaml
run 0 "$DRAGOMAN" validate --mappings maps --level schema some.xml
sed 's/>order3</>other3</' some.xml >other.xml
run 1 "$DRAGOMAN" validate --mappings maps --level schema --format json other.xml
has err '"code":"xml.xsd.value"'
has err '"path":"OrderReturn#3/orderNo"'
has out "\"messages\":$n,\"refused\":1"

# Through a pipe, in bounded memory.
megabytes=${MEGABYTES:-64}
most_kilobytes() { # COMMAND... : of what it keeps, with a document on its standard input
    document $((megabytes << 20)) | /usr/bin/time -f '%M' -o peak "$@" >/dev/null 2>err
    tail -n 1 peak
}
if [ -x /usr/bin/time ] && ! ldd "$DRAGOMAN" | grep -q 'lib.*asan'; then # a sanitizer keeps what is freed
    peak=$(most_kilobytes "$DRAGOMAN" validate -)
    echo "validate of $megabytes MB: $peak KB" >&2
    if [ "$peak" -le $((48 << 10)) ]; then good; else bad "validate took $peak KB"; fi
fi

finish xml_many
