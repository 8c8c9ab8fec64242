#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_derive.sh - one canonical document made of another: a payment order of the duties of a declaration.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$root/mappings" m
tabbed() { tr '|' '\t'; }
tabbed >m/model/payment.tsv <<'END'
dragoman: model/1
model: TestedOrder@1
root: TestedOrder
title: Payment order
source: a test
edition: 1
attribute: amount @currencyID code a3
path|min|max|type|format|wco-id|tded|title|origin
RemittanceReference|1|1|id|an..35|-|-|What is paid|house
RequestedExecutionDate|0|1|date|-|-|-|When|house
InstructedAmount|0|1|amount|n..16,3|-|-|How much|house
Creditor|0|1|-|-|-|-|Who gets it|house
Creditor/ID|0|1|id|an..17|-|-|Its number|house
Creditor/TypeCode|0|1|code|an..3|-|-|Kind|house
TaxRecord|0|9999|-|-|-|-|A line|house
TaxRecord/SequenceNumeric|0|1|number|n..5|-|-|Number|house
TaxRecord/CountryCode|0|1|code|a2|-|-|From|house
END
cat >m/rules/payment-from-declaration.yaml <<'END'
dragoman: mapping/1
mapping: payment-from-declaration
wire: {model: Declaration@1}
model: TestedOrder@1
rules:
- {wire: ID, model: RemittanceReference}
- {wire: AcceptanceDateTime, model: RequestedExecutionDate}
- {wire: InvoiceAmount, model: InstructedAmount}
- {wire: DeclarationOfficeID, model: Creditor/ID}
- {model: Creditor/TypeCode, is: TAX}
- each: {wire: GoodsShipment/GovernmentAgencyGoodsItem, model: TaxRecord}
  rules:
  - {wire: SequenceNumeric, model: SequenceNumeric, number: keep}
  - {wire: "Origin#1/CountryCode", model: CountryCode}
END
run 0 "$DRAGOMAN" map lint --mappings m m/rules/payment-from-declaration.yaml
run 0 "$DRAGOMAN" translate --mappings m "$sample" --to TestedOrder@1
has out '"model": "TestedOrder@1"'
has out '"RemittanceReference": "26NL000396D1X2Y3Z4"'
has out '"RequestedExecutionDate": "2026-01-15T09:42:10+01"'
has out '"InstructedAmount": {"value": 61250, "currencyID": "EUR"}'
has out '"ID": "NL000396"'
has out '"TypeCode": "TAX"'
is "$(grep -c '"CountryCode"' out)" 2 'a record for each item'
cp out order.json

# Of the document itself, as JSON, the same comes; the document as it is, is asked for by its name as well.
"$DRAGOMAN" translate "$sample" --to json >declaration.json
run 0 "$DRAGOMAN" translate --mappings m declaration.json --to TestedOrder@1
same out order.json
run 0 "$DRAGOMAN" translate --mappings m declaration.json --to Declaration@1
same out declaration.json
run 0 "$DRAGOMAN" validate --mappings m order.json

# The way back is nobody's.
run 1 "$DRAGOMAN" translate --mappings m order.json --to Declaration@1
has err 'job.model.other'
run 1 "$DRAGOMAN" translate --mappings m order.json --to cusdec-d96b
has err 'job.model.other'

# Two that make the same are one too many; a derivation writes nothing.
sed 's/^mapping: .*/mapping: again/' m/rules/payment-from-declaration.yaml >m/rules/payment-again.yaml
run 3 "$DRAGOMAN" translate --mappings m "$sample" --to TestedOrder@1
has err 'context.mapping.second'
sed 's/model: RemittanceReference}/model: RemittanceReference, only: write, why: x}/' m/rules/payment-from-declaration.yaml \
    >m/rules/payment-again.yaml
run 1 "$DRAGOMAN" map lint --mappings m m/rules/payment-again.yaml
has out 'map.combination'

finish derive
