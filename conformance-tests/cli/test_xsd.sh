#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_xsd.sh - --level schema: documents that are read and those that are written are held against the XML Schema that their format
# names; where the schemas are looked for, and what is never read.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir -p "with blank/main" "with blank/common" maps
mkdir -p maps/formats/xml maps/rules maps/model
tabbed() { tr '|' '\t'; }
tabbed >maps/model/permit.tsv <<'END'
dragoman: model/1
model: Permit@1
root: Permit
title: Permit
source: a test
edition: 1
path|min|max|type|format|wco-id|tded|title|origin
FunctionalReferenceID|1|1|id|an..9|-|-|Its number|house
TypeCode|0|1|code|an..3|-|-|Kind|house
END
cat >"with blank/main/permit.xsd" <<'XSD'
<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:common" targetNamespace="urn:permit"
    elementFormDefault="qualified">
  <xs:import namespace="urn:common" schemaLocation="../common/common.xsd"/>
  <xs:element name="Permit"><xs:complexType><xs:sequence>
    <xs:element name="FunctionalReferenceID" type="c:Number"/>
    <xs:element name="TypeCode" type="xs:string" minOccurs="0"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>
XSD
cat >"with blank/common/common.xsd" <<'XSD'
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:common">
  <xs:simpleType name="Number"><xs:restriction base="xs:string"><xs:pattern value="[A-Z][0-9]+"/></xs:restriction></xs:simpleType>
</xs:schema>
XSD
cat >maps/formats/xml/permit.yaml <<'YAML'
dragoman: format/1
format: permit
title: a permit
codec: xml
table: permit.tsv
root: Permit
reference: Permit/FunctionalReferenceID
schema: main/permit.xsd
namespace.p: urn:permit
YAML
tabbed >maps/formats/xml/permit.tsv <<'END'
path|min|max|type|format|namespace|id
Permit|1|1|-|-|p
Permit/FunctionalReferenceID|1|1|id|an..9|p
Permit/TypeCode|0|1|code|an..3|p
END
cat >maps/rules/permit.yaml <<'YAML'
dragoman: mapping/1
mapping: permit
wire: { format: permit }
model: Permit@1
rules:
  - { wire: FunctionalReferenceID, model: FunctionalReferenceID }
  - { wire: TypeCode, model: TypeCode }
YAML
permit() { printf '<Permit xmlns="urn:permit"><FunctionalReferenceID>%s</FunctionalReferenceID></Permit>\n' "$1"; }
permit A12 >good.xml
permit 12A >wrong.xml
strict=(--mappings maps --level schema --schemas "with blank")

# ---- what is read
run 0 "$DRAGOMAN" validate --mappings maps good.xml wrong.xml
run 0 "$DRAGOMAN" validate "${strict[@]}" good.xml
empty err
run 1 "$DRAGOMAN" validate "${strict[@]}" good.xml wrong.xml good.xml
has err "wrong.xml:1:51: error[xml.xsd.value]: FunctionalReferenceID breaks the schema: The value '12A' is not accepted by"
lacks err good.xml
run 1 "$DRAGOMAN" validate "${strict[@]}" --format json wrong.xml
has err '"code":"xml.xsd.value","severity":"error"'
has err '"offset":50,"bytes":3'
# by the reader's own setting
run 1 "$DRAGOMAN" validate --mappings maps --schemas "with blank" --set reader.level=schema wrong.xml
# a document names schemas in vain
sed 's,<Permit ,<Permit xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:permit /none/other.xsd" ,' \
    good.xml >names.xml
run 0 "$DRAGOMAN" validate "${strict[@]}" names.xml
empty err
# no namespace
printf '<Permit><FunctionalReferenceID>A1</FunctionalReferenceID></Permit>' >bare.xml
run 1 "$DRAGOMAN" validate "${strict[@]}" bare.xml
has err 'error[xml.xsd.root]: the schema has no document that begins with <Permit>'
# many threads, one schema
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do permit "A$i" >"good-$i.xml"; done
run 0 "$DRAGOMAN" validate "${strict[@]}" --threads 4 good-*.xml
run 1 "$DRAGOMAN" validate "${strict[@]}" --threads 4 good-*.xml wrong.xml

# ---- schemas that are not there
run 1 "$DRAGOMAN" validate --mappings maps --level schema good.xml
has err 'error[xml.xsd.unusable]: the schema of the format permit cannot be used'
has err 'main/permit.xsd: no such file in the folder of the mappings, and --schemas names no other'
run 1 "$DRAGOMAN" validate --mappings maps --level schema --schemas "$scratch/with blank/main" good.xml
has err 'main/permit.xsd: no such file in the folders of --schemas or of the mappings'
# beside the mappings they are found without --schemas
cp -R "with blank/main" "with blank/common" maps/
run 0 "$DRAGOMAN" validate --mappings maps --level schema good.xml
run 1 "$DRAGOMAN" validate --mappings maps --level schema wrong.xml
rm -r maps/main maps/common
# a path of its own: what it names above its folder is not read unless --schemas says so
sed -i "s,^schema:.*,schema: $scratch/with blank/main/permit.xsd," maps/formats/xml/permit.yaml
run 1 "$DRAGOMAN" validate --mappings maps --level schema good.xml
has err 'common/common.xsd, which belongs to it, cannot be read: it stands in no folder that may be read (--schemas names more)'
run 0 "$DRAGOMAN" validate "${strict[@]}" good.xml

# ---- what is written
run 0 "$DRAGOMAN" translate --mappings maps --to json -o good.json good.xml
run 0 "$DRAGOMAN" translate --mappings maps --to json -o wrong.json wrong.xml
run 0 "$DRAGOMAN" translate "${strict[@]}" --to permit good.json
has out '<FunctionalReferenceID>A12</FunctionalReferenceID>'
run 0 "$DRAGOMAN" translate --mappings maps --to permit wrong.json
run 1 "$DRAGOMAN" translate "${strict[@]}" --to permit -o refused.xml wrong.json
has err "error[xml.xsd.value]: FunctionalReferenceID breaks the schema: The value '12A'"
if [ -e refused.xml ]; then bad "a document that breaks its schema was written"; else good; fi
run 1 "$DRAGOMAN" translate --mappings maps --schemas "with blank" --set writer.level=schema --to permit wrong.json
empty out
# a level of XML does not trouble EDIFACT
run 0 "$DRAGOMAN" validate --level schema "$sample"
run 2 "$DRAGOMAN" validate --level scheme good.xml
has err 'did you mean schema?'

# ---- canonical XML
run 0 "$DRAGOMAN" translate --mappings maps --set writer.canonical=exclusive --set writer.indent=0 --to permit good.json
is "$(cat out)" '<Permit xmlns="urn:permit"><FunctionalReferenceID>A12</FunctionalReferenceID></Permit>' 'the canonical form'

finish xsd
