#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_documents.sh - messages that hold several documents: a batch of payment orders in the manner of ISO 20022 and back, a cargo
# report split by consignee, a bad document among good ones, documents of many messages in few.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cp -r "$root/mappings" m
rm m/rules/*.case.yaml
tabbed() { tr '|' '\t'; }
tabbed >m/model/payment.tsv <<'END'
dragoman: model/1
model: BatchedOrder@1
root: BatchedOrder
title: Payment order
source: a test
edition: 1
attribute: amount @currencyID code a3
path|min|max|type|format|wco-id|tded|title|origin
BatchID|0|1|id|an..35|-|-|Which batch it is paid with|house
InitiatorName|0|1|text|an..70|-|-|Who asks for it|house
PaymentGroupID|0|1|id|an..35|-|-|Which group of the batch|house
Debtor|0|1|-|-|-|-|Who pays|house
Debtor/Name|0|1|text|an..70|-|-|Name|house
RemittanceReference|1|1|id|an..35|-|-|What is paid|house
InstructedAmount|0|1|amount|n..16,3|-|-|How much|house
TaxRecord|0|9999|-|-|-|-|A line|house
TaxRecord/SequenceNumeric|0|1|number|n..5|-|-|Number|house
TaxRecord/CountryCode|0|1|code|a2|-|-|From|house
END
tabbed >m/formats/xml/payments.tsv <<'END'
# namespace p|urn:example:payments
path|min|max|type|format|namespace
Document|1|1|-|-|p
Document/CstmrCdtTrfInitn|1|1|-|-|p
Document/CstmrCdtTrfInitn/GrpHdr|1|1|-|-|p
Document/CstmrCdtTrfInitn/GrpHdr/MsgId|1|1|id|an..35|p
Document/CstmrCdtTrfInitn/GrpHdr/NbOfTxs|1|1|number|n..15|p
Document/CstmrCdtTrfInitn/GrpHdr/CtrlSum|0|1|number|n..18,5|p
Document/CstmrCdtTrfInitn/GrpHdr/InitgPty|0|1|-|-|p
Document/CstmrCdtTrfInitn/GrpHdr/InitgPty/Nm|0|1|text|an..140|p
Document/CstmrCdtTrfInitn/PmtInf|1|*|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/PmtInfId|1|1|id|an..35|p
Document/CstmrCdtTrfInitn/PmtInf/NbOfTxs|0|1|number|n..15|p
Document/CstmrCdtTrfInitn/PmtInf/Dbtr|0|1|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/Dbtr/Nm|0|1|text|an..140|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf|0|*|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt|1|1|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt|0|1|number|n..18,5|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt/@Ccy|0|1|code|a3|-
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Tax|0|1|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Tax/Rcrd|0|*|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Tax/Rcrd/Nb|0|1|number|n..5|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Tax/Rcrd/Ctry|0|1|code|a2|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/RmtInf|0|1|-|-|p
Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/RmtInf/Ref|0|1|id|an..35|p
END
cat >m/formats/xml/payments.yaml <<'END'
dragoman: format/1
format: payments
title: Payments, as ISO 20022 has them
codec: xml
table: payments.tsv
root: Document
document: Document
namespace.p: urn:example:payments
END
cat >m/rules/payments.yaml <<'END'
dragoman: mapping/1
mapping: payments
wire: {format: payments}
model: BatchedOrder@1
document:
  wire: CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf
  by: {/CstmrCdtTrfInitn/GrpHdr/MsgId: BatchID, ^/PmtInfId: PaymentGroupID}
rules:
- {wire: /CstmrCdtTrfInitn/GrpHdr/NbOfTxs, is: =count(document)}
- {wire: /CstmrCdtTrfInitn/GrpHdr/CtrlSum, is: =sum(document/InstructedAmount)}
- {wire: ^/NbOfTxs, is: =count(document)}
- {wire: /CstmrCdtTrfInitn/GrpHdr/InitgPty/Nm, model: InitiatorName}
- {wire: ^/Dbtr/Nm, model: Debtor/Name}
- {wire: RmtInf/Ref, model: RemittanceReference}
- {wire: Amt/InstdAmt, model: InstructedAmount, as: number}
- {wire: Amt/InstdAmt/@Ccy, model: InstructedAmount/@currencyID}
- each: {wire: Tax/Rcrd, model: TaxRecord}
  rules:
  - {wire: Nb, model: SequenceNumeric, number: keep}
  - {wire: Ctry, model: CountryCode}
END
run 0 "$DRAGOMAN" map lint --mappings m m/rules/payments.yaml

# ---- a batch into its orders

tx() { # REFERENCE AMOUNT
    printf '<CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">%s</InstdAmt></Amt>' "$2"
    printf '<Tax><Rcrd><Nb>1</Nb><Ctry>NL</Ctry></Rcrd></Tax><RmtInf><Ref>%s</Ref></RmtInf></CdtTrfTxInf>' "$1"
}
batch() { # MSGID NUMBER SUM GROUPS
    printf '<Document xmlns="urn:example:payments"><CstmrCdtTrfInitn><GrpHdr><MsgId>%s</MsgId><NbOfTxs>%s</NbOfTxs>' "$1" "$2"
    printf '<CtrlSum>%s</CtrlSum><InitgPty><Nm>ACME</Nm></InitgPty></GrpHdr>%s</CstmrCdtTrfInitn></Document>\n' "$3" "$4"
}
pay() { # ID NUMBER DEBTOR TRANSACTIONS
    echo "<PmtInf><PmtInfId>$1</PmtInfId><NbOfTxs>$2</NbOfTxs><Dbtr><Nm>$3</Nm></Dbtr>$4</PmtInf>"
}
batch B1 3 60.75 "$(pay G1 2 Left "$(tx R1 10.25)$(tx R2 20.50)")$(pay G2 1 Right "$(tx R3 30)")" >batch.xml
mkdir orders some
run 0 "$DRAGOMAN" translate --mappings m batch.xml --to json -o orders/
is "$(find orders -type f | wc -l)" 3 'three payments, three orders'
for f in orders/*; do has "$f" '"BatchID": "B1"'; has "$f" '"InitiatorName": "ACME"'; done
has orders/batch.json '"RemittanceReference": "R1"'
has orders/batch.json '"Name": "Left"'
has orders/batch-2.json '"InstructedAmount": {"value": 20.50, "currencyID": "EUR"}'
has orders/batch-3.json '"PaymentGroupID": "G2"'
has orders/batch-3.json '"Name": "Right"'

# ---- and back: through one message, and of single orders

run 0 "$DRAGOMAN" translate --mappings m batch.xml --to payments -o again.xml
flat() { tr -d ' \n' <"$1" | sed 's/<?xml[^>]*>//'; }
is "$(flat again.xml)" "$(flat batch.xml)" 'the same batch again'

# Nothing is lost: each value of the batch is told by somebody or verified.
run 0 "$DRAGOMAN" translate --mappings m batch.xml --to payments --strict --format json -o strict.xml
same strict.xml again.xml
lacks err 'job.residue'

# ---- explained: each value goes back to its own bytes

run 0 "$DRAGOMAN" map explain --mappings m batch.xml RemittanceReference
at=$(grep -abo 'R2<' batch.xml | cut -d: -f1)
has out "$at"
has out 'PmtInf#1/CdtTrfTxInf#2/RmtInf/Ref'
has out 'PmtInf#2/CdtTrfTxInf#1/RmtInf/Ref'

# ---- a bad one costs the others nothing

batch B2 3 60 "$(pay G1 3 Left "$(tx R1 10)$(tx "" 20)$(tx R3 30)")" >bad.xml
run 1 "$DRAGOMAN" translate --mappings m bad.xml --to json -o some/
is "$(find some -type f | wc -l)" 2 'two of three come out'
has err 'model.place.missing'
has err 'message 1, document 2'
has err 'map.document.unverified'
is "$(cat some/* | grep -c '"RemittanceReference": "R[13]"')" 2 'those that are good'
run 1 "$DRAGOMAN" translate --mappings m bad.xml --to payments -o some.xml
has some.xml '<NbOfTxs>2</NbOfTxs>'
has some.xml '<CtrlSum>40</CtrlSum>'
lacks some.xml 'R2'

# A total that does not hold says that documents are missing: nothing of it is taken.
batch B3 4 60.75 "$(pay G1 2 Left "$(tx R1 10.25)$(tx R2 20.50)")$(pay G2 1 Right "$(tx R3 30)")" >short.xml
run 1 "$DRAGOMAN" translate --mappings m short.xml --to json
has err 'map.is'
has err 'GrpHdr/NbOfTxs'
empty out
run 1 "$DRAGOMAN" validate --mappings m short.xml
batch B4 0 0 "<PmtInf><PmtInfId>G</PmtInfId></PmtInf>" >none.xml
run 1 "$DRAGOMAN" translate --mappings m none.xml --to json
has err 'map.document.none'

# ---- a cargo report, split by consignee

tabbed >m/model/cargo.tsv <<'END'
dragoman: model/1
model: CargoReport@1
root: CargoReport
title: What one consignee gets
source: a test
edition: 1
attribute: quantity @unitCode code an..3
path|min|max|type|format|wco-id|tded|title|origin
ID|1|1|id|an..35|-|-|Number of the report|house
CarrierID|0|1|id|an..17|-|-|Carrier|house
ListID|0|1|id|an..17|-|-|List in the report|house
Consignee|0|1|-|-|-|-|Who gets it|house
Consignee/ID|0|1|id|an..17|-|-|Number|house
Consignment|1|9999|-|-|-|-|A bill of lading|house
Consignment/ID|1|1|id|an..35|-|-|Number|house
Consignment/Item|0|9999|-|-|-|-|A line|house
Consignment/Item/SequenceNumeric|0|1|number|n..5|-|-|Number|house
END
rm m/rules/cuscar-d95b.* m/rules/gacc-manifest-mt2101.* m/model/cargo-report.tsv # a report of its own, with the same names
cat >m/formats/edifact/cuscar-d95b.yaml <<'END'
dragoman: format/1
format: cuscar-d95b
title: CUSCAR D.95B
codec: edifact
message: CUSCAR
version: D
release: 95B
agency: UN
names:
  Cons: SG4
  Bill: SG4/SG5
  Party: SG4/SG5/SG7
  Goods: SG4/SG5/SG10
END
cat >m/rules/cuscar.yaml <<'END'
dragoman: mapping/1
mapping: cuscar
wire: {format: cuscar-d95b}
model: CargoReport@1
document: {wire: "Cons/Bill[RFF/C506/1153=BM]", by: {^/CNI/1490: ListID, "Party[NAD/3035=CN]/NAD/3039": Consignee/ID}}
rules:
- {wire: /BGM/1004, model: ID}
- {wire: "/NAD[3035=CA]/3039", model: CarrierID}
- each: {wire: ".", model: Consignment}
  rules:
  - {wire: RFF/C506/1154, model: ID}
  - each: {wire: Goods, model: Item}
    rules:
    - {wire: GID/1496, model: SequenceNumeric, number: keep}
END
run 0 "$DRAGOMAN" map lint --mappings m m/rules/cuscar.yaml
bill() { # NUMBER CONSIGNEE ITEMS
    printf "RFF+BM:%s'NAD+CN+%s'" "$1" "$2"
    for i in $(seq "$3"); do printf "GID+%s'" "$i"; done
}
cargo="UNH+1+CUSCAR:D:95B:UN'BGM++REP1'NAD+CA+ACME'CNI+1'$(bill A X 1)$(bill B Y 2)$(bill C X 1)UNT+15+1'"
printf "UNB+UNOC:3+S+R+260115:1023+7'%sUNZ+1+7'" "$cargo" >cargo.edi
mkdir lists
run 0 "$DRAGOMAN" translate --mappings m cargo.edi --to json --strict -o lists/
is "$(find lists -type f | wc -l)" 2 'a report for each consignee'
is "$(grep -c '"ID": "[AC]"' lists/cargo.json)" 2 'both bills of the first'
has lists/cargo.json '"ID": "X"'
has lists/cargo.json '"CarrierID": "ACME"'
has lists/cargo-2.json '"ID": "B"'
has lists/cargo-2.json '"SequenceNumeric": 2'

# Back into one message: bills of one consignee stand together.
sorted="UNH+1+CUSCAR:D:95B:UN'BGM++REP1'NAD+CA+ACME'CNI+1'$(bill A X 1)$(bill C X 1)$(bill B Y 2)UNT+15+1'"
run 0 "$DRAGOMAN" translate --mappings m cargo.edi --to cuscar-d95b -o back.edi
has back.edi "$sorted"

# ---- documents of several messages in one, by a key of the whole message

sed -i 's|by: {^/CNI/1490|by: {/BGM/1004: ID, ^/CNI/1490|' m/rules/cuscar.yaml
one() { # MESSAGE REPORT CARRIER BILL CONSIGNEE
    printf "UNH+%s+CUSCAR:D:95B:UN'BGM++%s'NAD+CA+%s'CNI+1'%sUNT+8+%s'" "$1" "$2" "$3" "$(bill "$4" "$5" 1)" "$1"
}
printf "UNB+UNOC:3+S+R+260115:1023+7'%s%s%s%sUNZ+4+7'" "$(one 1 R1 ACME A X)" "$(one 2 R2 ACME B X)" "$(one 3 R1 ACME C Y)" \
    "$(one 4 R1 OTHER D Z)" >four.edi
run 1 "$DRAGOMAN" translate --mappings m four.edi --to cuscar-d95b --threads 3 -o few.edi
has few.edi "UNH+1+CUSCAR:D:95B:UN'BGM++R1'NAD+CA+ACME'CNI+1'$(bill A X 1)$(bill C Y 1)UNT+11+1'"
has few.edi "UNH+2+CUSCAR:D:95B:UN'BGM++R2'NAD+CA+ACME'CNI+1'$(bill B X 1)UNT+8+2'"
has few.edi "UNZ+2+7'"
has err 'map.document.disagree'
has err 'message 4, document 1'
is "$(grep -c 'error\[' err)" 1 'one of four is refused'
run 1 "$DRAGOMAN" translate --mappings m four.edi --to cuscar-d95b --threads 1 -o again.edi
sed "s/+[0-9]*:[0-9]*+7'/+x+7'/" few.edi >few.clean
sed "s/+[0-9]*:[0-9]*+7'/+x+7'/" again.edi >again.clean
same few.clean again.clean

# What is told comes in the order of the messages, also where some wait for others and some are refused.
sed "s/BGM++R2'/BGM++R2'XQX'/" four.edi >refused.edi
run 1 "$DRAGOMAN" translate --mappings m refused.edi --to cuscar-d95b -o three.edi
has three.edi "BGM++R1'NAD+CA+ACME'CNI+1'$(bill A X 1)$(bill C Y 1)"
lacks three.edi 'R2'
is "$(grep -o 'message [24],' err | sort -u | tr -d '\n')" 'message 2,message 4,' 'both are told'
is "$(grep -o 'message [24],' err | head -n 1)" 'message 2,' 'the second before the fourth'

# The laws hold, for a document alone and for two in one message.
run 0 "$DRAGOMAN" map laws --mappings m --count 150 --seed 1 m/rules/payments.yaml m/rules/cuscar.yaml
has out 'payments: 150 documents'
has out 'cuscar: 150 documents'
lacks out ': 0 hold' # neither of them

# The paper that both sides sign says it.
run 0 "$DRAGOMAN" map doc --mappings m m/rules/cuscar.yaml
has out 'Documents: one for each Cons/Bill'

finish documents
