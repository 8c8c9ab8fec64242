#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_import.sh - format import: an XML Schema becomes a format that is checked, loaded and used; which files are read with it, and
# which never are.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p schemas/main schemas/common elsewhere
cat >schemas/main/permit.xsd <<'XSD'
<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:example:permit" xmlns:c="urn:example:common"
    targetNamespace="urn:example:permit" elementFormDefault="qualified">
  <xs:import namespace="urn:example:common" schemaLocation="../common/common.xsd"/>
  <xs:element name="Permit">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="ID" type="c:Number"/>
        <xs:element name="Holder" type="c:Party"/>
        <xs:element name="Weight" type="c:MassType" minOccurs="0"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>
XSD
cat >schemas/common/common.xsd <<'XSD'
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:example:common" targetNamespace="urn:example:common"
    elementFormDefault="qualified">
  <xs:simpleType name="Number"><xs:restriction base="xs:string"><xs:maxLength value="6"/></xs:restriction></xs:simpleType>
  <xs:complexType name="Party"><xs:sequence><xs:element name="Name" type="xs:string" maxOccurs="2"/></xs:sequence></xs:complexType>
  <xs:complexType name="MassType"><xs:simpleContent><xs:extension base="xs:decimal">
    <xs:attribute name="unitCode" type="xs:token" use="required"/></xs:extension></xs:simpleContent></xs:complexType>
</xs:schema>
XSD

# ---- files: those below the schema's folder, and those that --schemas names
run 0 "$DRAGOMAN" format import schemas/main/permit.xsd
has err 'permit.xsd:4:1: warning[xml.schema.left]: ../common/common.xsd was not read: it stands in no folder that may be read'
has permit.yaml '# Permit/ID: its type Number is in none of the schemas that were read; taken as text'
run 0 "$DRAGOMAN" format import schemas/main/permit.xsd --schemas elsewhere:schemas
empty err
has out 'permit.yaml: 6 elements and attributes'
cat >wanted <<'TSV'
# one row for each element and attribute, in the order of the schema; made by dragoman format import
path	min	max	type	format	namespace	identifier	values
Permit	1	1	-	-	main	-	-
Permit/ID	1	1	text	an..6	main	-	-
Permit/Holder	1	1	-	-	main	-	-
Permit/Holder/Name	1	2	text	-	c	-	-
Permit/Weight	0	1	quantity	-	main	-	-
Permit/Weight/@unitCode	1	1	code	-	-	-	-
TSV
same permit.tsv wanted
cp permit.yaml first
run 0 "$DRAGOMAN" format import schemas/main/permit.xsd --schemas schemas -o permit.yaml --quiet
empty out
same permit.yaml first
run 0 "$DRAGOMAN" format lint permit.yaml
sed 's,../common/common.xsd,http://example.invalid/common.xsd,' schemas/main/permit.xsd >schemas/main/net.xsd
run 0 "$DRAGOMAN" format import schemas/main/net.xsd --schemas schemas -o net.yaml
has err 'http://example.invalid/common.xsd was not read: it is no local file'
ln -s /etc/hostname schemas/main/link.xsd
sed 's,../common/common.xsd,link.xsd,' schemas/main/permit.xsd >schemas/main/linked.xsd
run 0 "$DRAGOMAN" format import schemas/main/linked.xsd -o linked.yaml
has err 'link.xsd was not read: it stands in no folder'

# ---- it is a format like those that are shipped
cp -r "$root/mappings" mappings
cp permit.yaml permit.tsv mappings/formats/xml/
export DRAGOMAN_MAPPINGS=$scratch/mappings
run 0 "$DRAGOMAN" formats
has out 'permit'
cat >good.xml <<'XML'
<Permit xmlns="urn:example:permit" xmlns:c="urn:example:common"><ID>A1</ID>
<Holder><c:Name>N</c:Name></Holder><Weight unitCode="KGM">1.5</Weight></Permit>
XML
run 0 "$DRAGOMAN" validate good.xml
sed 's/A1/A123456/; s/unitCode="KGM"//' good.xml >bad.xml
run 1 "$DRAGOMAN" validate bad.xml
has err 'xml.value.length'
has err 'xml.attribute.missing'

# ---- usage and mistakes
run 2 "$DRAGOMAN" format import
run 2 "$DRAGOMAN" format import schemas/main/permit.xsd -o permit.tsv
run 2 "$DRAGOMAN" format import schemas/main/permit.xsd --rows 0
run 2 "$DRAGOMAN" format import schemas/main/permit.xsd --depth many
run 2 "$DRAGOMAN" format import schemas/main/permit.xsd --name 'a b'
run 1 "$DRAGOMAN" format import nowhere.xsd
has err 'error[xml.schema.file]: the schema nowhere.xsd cannot be read: there is none'
run 1 "$DRAGOMAN" format import schemas/common/common.xsd
has err 'xml.schema.types'
run 1 "$DRAGOMAN" format import schemas/main/permit.xsd --root Permitt
has err 'error[xml.schema.element]: no schema that was read has a global element Permitt'
run 0 "$DRAGOMAN" format import schemas/main/permit.xsd --schemas schemas --depth 1 --name small --format json
json_lines out
has out '{"path":"Permit","remark":"only one level was laid out'
has out '{"format":"small","file":"small.yaml","rows":1,"remarks":2}'

# ---- a pipe is no schema, and nobody waits for it
mkfifo schemas/main/pipe.xsd
sed 's,../common/common.xsd,pipe.xsd,' schemas/main/permit.xsd >schemas/main/piped.xsd
run 0 timeout 20 "$DRAGOMAN" format import schemas/main/piped.xsd -o piped.yaml
has err 'pipe.xsd was not read: not a regular file'

# ---- what format import did not make it does not replace, be it the format or the table
printf 'mine: yes\n' >own.yaml
run 1 "$DRAGOMAN" format import schemas/main/permit.xsd -o own.yaml
has err 'error[gateway.import.other]: own.yaml stands there already, and format import did not make it'
is "$(cat own.yaml)" 'mine: yes' 'a file of someone else'
printf 'mine: too\n' >other.tsv
run 1 "$DRAGOMAN" format import schemas/main/permit.xsd -o other.yaml
has err 'other.tsv stands there already'
is "$(cat other.tsv)$(ls other.yaml 2>/dev/null)" 'mine: too' 'a table of someone else'

# ---- characters that would end a comment, or that YAML does not take, are blanks in what is made
odd='<xs:element name="Odd"><xs:simpleType><xs:restriction base="xs:string">'
odd+='<xs:pattern value="a\&#x2028;root: b\&#x7f;"/></xs:restriction></xs:simpleType></xs:element>'
sed "s,<xs:element name=\"Holder\".*,$odd,; s/urn:example:permit/urn:example: permit/" schemas/main/permit.xsd >schemas/main/odd.xsd
run 0 "$DRAGOMAN" format import schemas/main/odd.xsd --schemas schemas -o odd.yaml
has odd.yaml '# Permit/Odd: pattern a   root: b '
has odd.yaml "namespace.main: 'urn:example: permit'"
run 0 "$DRAGOMAN" format lint odd.yaml

# ---- what was made in this way and is shipped
unset DRAGOMAN_MAPPINGS
certificate=$root/mappings/samples/ubl-certificate-of-origin.xml
run 0 "$DRAGOMAN" validate "$certificate"
has out '1 message, 0 errors, 0 warnings'
run 0 "$DRAGOMAN" inspect "$certificate"
has out '691110'
sed 's/<cbc:OriginalJobID>.*//; s/currencyID="USD"/currency="USD"/; s/1250.5/heavy/' "$certificate" >wrong.xml
run 1 "$DRAGOMAN" validate wrong.xml
has err '<CertificateOfOriginApplication> needs <OriginalJobID>'
has err '<FreeOnBoardValueAmount> needs the attribute @currencyID'
has err 'GrossWeightMeasure is no number: "heavy"'

finish import
