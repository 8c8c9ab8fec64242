#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_partner.sh - the command partner, and profiles in every command that reads EDIFACT: chosen by the header, named, left out;
# beneath what the command line says.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

mkdir profiles
cat >profiles/acme.yaml <<'END'
dragoman: partner/1
partner: acme
title: ACME Brokers
when:
  sender: [ACME, ACME-2]
  sender-qualifier: ZZ
  types: CUSDEC
reader: { line-breaks: drop, charset: windows-1252, level: codes }
writer: { syntax: "UNOC:3", una: yes, unmappable: replace }
ack: { when: rejected, syntax: "UNOA:2" }
limits: { segment-bytes: 64K }
END
message="UNH+1+CUSDEC:D:96B:UN'BGM+929+X"
tail="+9'UNS+D'UNS+S'UNT+5+1'"
{
    printf "UNB+UNOC:3+ACME:ZZ+R+260101:1023+R1'%s\n\x80%sUNZ+1+R1'" "$message" "$tail"
    printf "UNB+UNOC:3+OTHER+R+260101:1023+R2'%sY%sUNZ+1+R2'" "$message" "$tail"
} >two.edi

# ---- the command
run 0 "$DRAGOMAN" partner list
has out 'no profiles'
run 0 "$DRAGOMAN" partner list --format json
empty out
run 0 "$DRAGOMAN" partner list --partners profiles
has out 'acme  sender ACME,ACME-2, sender-qualifier ZZ, types CUSDEC  ACME Brokers'
run 0 "$DRAGOMAN" partner list --partners profiles --format json
json_lines out
has out '{"partner":"acme","title":"ACME Brokers","file":"profiles/acme.yaml",'
has out '"when":{"sender":"ACME,ACME-2","sender-qualifier":"ZZ","types":"CUSDEC"}'
has out '"reader.charset":"windows-1252"'
run 0 "$DRAGOMAN" partner show acme --partners profiles
has out '  ack.syntax            UNOA:2'
has out '  limits.segment-bytes  64K'
run 2 "$DRAGOMAN" partner show acmee --partners profiles
has err 'nearest: acme'
run 2 "$DRAGOMAN" partner shw
has err 'did you mean show?'
run 2 "$DRAGOMAN" partner show
run 3 "$DRAGOMAN" partner list --partners nowhere
has err 'context.folder.unreadable'
run 0 "$DRAGOMAN" partner lint --partners profiles
has out '1 profiles are right'
run 0 "$DRAGOMAN" partner lint profiles/acme.yaml
has out 'profiles/acme.yaml: partner acme, 3 conditions, 9 settings'
sed 's/charset: windows-1252/charset: windows-1252x/; s/when: rejected/wen: rejected/' profiles/acme.yaml >wrong.yaml
run 1 "$DRAGOMAN" partner lint wrong.yaml profiles/acme.yaml
has err 'wrong.yaml:8:39: error[partner.setting.refused]'
has err 'did you mean windows-1252?'
has err 'wrong.yaml:10:8: error[partner.setting.unknown]'
has err 'did you mean when?'
has out 'profiles/acme.yaml: partner acme'
run 3 "$DRAGOMAN" partner lint nowhere.yaml

# ---- every command that reads EDIFACT
run 0 "$DRAGOMAN" validate two.edi --partners profiles
has err 'info[job.partner.chosen]: the profile of partner acme holds for this interchange (profiles/acme.yaml)'
has err 'info[job.partner.none]: no partner has a profile for interchanges from OTHER'
has err 'warning[edifact.segment.lines]'
input=two.edi
run 0 "$DRAGOMAN" validate - --partners profiles
has err 'job.partner.chosen'
has err 'warning[edifact.segment.lines]'
input=/dev/null
run 0 "$DRAGOMAN" validate two.edi --partners profiles -q
empty err
run 0 "$DRAGOMAN" validate two.edi --partners profiles --format json
json_lines err
run 0 "$DRAGOMAN" validate two.edi
lacks err 'job.partner'
has err 'edifact.character.repertoire'
run 0 "$DRAGOMAN" validate two.edi --partners profiles --partner none
lacks err 'job.partner'
run 2 "$DRAGOMAN" validate two.edi --partners profiles --partner acmee
has err 'nearest: acme'
run 0 "$DRAGOMAN" validate two.edi --partners profiles --set reader.line-breaks=keep
lacks err 'edifact.segment.lines'
run 0 "$DRAGOMAN" inspect two.edi --partners profiles
has out 'X€'
run 0 "$DRAGOMAN" translate two.edi --to json --partners profiles -o json/
has json/two.json 'X€'
run 0 "$DRAGOMAN" rewrite two.edi --partners profiles -o again/
cat again/* >both
has both "UNA:+.? 'UNB+UNOC:3+ACME:ZZ+R+260101:1023+R1'"
has both "BGM+929+X??+9'"
has both "UNB+UNOC:3+OTHER+R+260101:1023+R2'"
lacks both "UNA:+.? 'UNB+UNOC:3+OTHER"
run 0 "$DRAGOMAN" ack two.edi --partners profiles
lacks out 'UCI+R1'
has out 'UCI+R2+OTHER+R+7'
# ---- written as the partner wants it to whom it goes
xml=$root/mappings/samples/import-declaration.xml
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --partners profiles --set writer.recipient=ACME-2 --set writer.reference=1
has out "UNA:+.? 'UNB+UNOC:3+SENDER+ACME-2+"
has err 'job.partner.writes'
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --partners profiles --set writer.recipient=ACME-2 \
    --set writer.recipient-qualifier=14
lacks out 'UNA'
lacks err 'job.partner'
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --partners profiles --set writer.recipient=ACME --set writer.una=no
lacks out 'UNA'
run 0 "$DRAGOMAN" translate "$xml" --to cusdec-d96b --partners profiles --set writer.recipient=ACME --partner none
lacks out 'UNA'
run 0 "$DRAGOMAN" partner for ACME-2 --partners profiles
has out 'acme  ACME Brokers'
has out 'those of the writer hold for what goes to ACME,ACME-2'
run 0 "$DRAGOMAN" partner for ACME:ZZ CUSDEC --partners profiles --format json
json_lines out
has out '{"partner":"acme"'
run 1 "$DRAGOMAN" partner for ACME:14 --partners profiles --format json
empty out
has err 'job.partner.writes-none'
run 2 "$DRAGOMAN" partner for --partners profiles
has err 'needs a recipient'

sed 's/BGM+929/BGM+QQ9/' two.edi >coded.edi
run 1 "$DRAGOMAN" ack coded.edi --partners profiles
has out 'UNB+UNOA:2+R+ACME:ZZ+'
has out "UCI+R1+ACME:ZZ+R+7'"
has out 'UCI+R2+OTHER+R+7'
# its level goes before what is usual, and beneath what is asked for
run 1 "$DRAGOMAN" validate coded.edi --partners profiles
has err 'error[edifact.code.unknown]'
has err 'warning[edifact.code.unknown]'
run 0 "$DRAGOMAN" validate coded.edi --partners profiles --level advice
lacks err 'error[edifact.code.unknown]'
# limits
sed 's/64K/30/' profiles/acme.yaml >profiles/small.yaml
sed -i 's/partner: acme/partner: small/; s/types: CUSDEC/test: no/' profiles/small.yaml
run 1 "$DRAGOMAN" validate two.edi --partners profiles --partner small
has err 'edifact.limit.segment'
run 0 "$DRAGOMAN" validate two.edi --partners profiles --partner small --limit segment-bytes=1K
# two that nobody can tell apart; a name twice
sed 's/partner: acme/partner: twin/; s/ACME, ACME-2/X, ACME-2/' profiles/acme.yaml >profiles/twin.yaml
run 3 "$DRAGOMAN" validate two.edi --partners profiles
has err 'twin.yaml: error[partner.condition.twice]: twin and acme'
cp profiles/acme.yaml profiles/twin.yaml
run 3 "$DRAGOMAN" partner list --partners profiles
has err 'error[context.name.twice]: partner acme is declared here and in profiles/acme.yaml'
rm profiles/twin.yaml
# a gateway takes them too
mkdir in
cp two.edi in/
run 0 "$DRAGOMAN" watch --once --in in --to json --out out.d --partners profiles
has out.d/two.json 'X€'

finish partner
