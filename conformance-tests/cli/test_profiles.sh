#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_profiles.sh - the XML formats that come with the project: each message of golden/profiles is known for what it is, whatever
# its file is called, and written again byte for byte, for all are laid out as this writer does; element tables are what their
# outlines make.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

golden=$root/conformance-tests/golden/profiles
count=0
for folder in "$golden"/accept-*; do
    name=${folder##*/accept-}
    cp "$folder/in.xml" message
    run 0 "$DRAGOMAN" inspect message --format json
    format=${name%%--*}
    # a document is what it is, in an envelope too
    if [ "$format" = gacc-dxp-message ]; then format=gacc-dec-message; fi
    title=$(sed -n 's/^title: //p' "$root/mappings/formats/xml/$format.yaml")
    filled out
    run 0 "$DRAGOMAN" inspect message
    has out "$title"
    run 0 "$DRAGOMAN" rewrite message -o again
    same message again
    run 0 "$DRAGOMAN" validate message --from "$format"
    count=$((count + 1))
done
is "$((count >= 6))" 1 'messages of profiles'

run 0 "$DRAGOMAN" format lint "$root"/mappings/formats/xml/*.yaml

# out of an envelope, and what is wrong in one
run 0 "$DRAGOMAN" rewrite "$golden/accept-gacc-dxp-message/in.xml" --set writer.envelope=no -o alone
same alone "$golden/accept-gacc-dec-message/in.xml"
sed 's/<dxp:Data>PD94/<dxp:Data>*D94/' "$golden/accept-gacc-dxp-message/in.xml" >broken
run 1 "$DRAGOMAN" validate broken --format json
has err '"code":"xml.payload.base64"'

# dates of XML Schema become canonical ones, and go back: minutes of zones, digits behind seconds
sed '0,/<CreDtTm>2026-03-03T06:00:00</s//<CreDtTm>2026-03-03T06:00:00.5+01:00</' "$golden/accept-camt-054-001-08/in.xml" >zone.xml
run 0 "$DRAGOMAN" translate --to json zone.xml -o zone.json
has zone.json '"2026-03-03T06:00:00.500+01"'
run 0 "$DRAGOMAN" translate --to camt-054-001-08 zone.json
has out '<CreDtTm>2026-03-03T06:00:00.500+01:00</CreDtTm>'

if command -v python3 >/dev/null; then
    run 0 python3 "$root/codecs/xml/make_table.py" "$root"/codecs/xml/outlines/*.outline --to "$root/mappings/formats/xml" --check
fi
# ---- an envelope with more values than are shown: told, and the document in it is read
cp "$root/conformance-tests/golden/profiles/accept-gacc-dxp-message/in.xml" dxp.xml
python3 - <<'END'
import re
text = open("dxp.xml", encoding="utf-8").read()
one = re.search(r"<(\w+:)?ReceiverId>[^<]*</(\w+:)?ReceiverId>", text).group(0)
for name, n in (("many.xml", 200), ("few.xml", 20)):
    open(name, "w", encoding="utf-8").write(text.replace(one, one * n, 1))
END
run 0 "$DRAGOMAN" inspect few.xml
lacks out xml.payload.values
run 0 "$DRAGOMAN" inspect many.xml
has out 'warning[xml.payload.values]: the envelope <DxpMsg> has more than 128 values: the others are not shown with it'

finish profiles
