#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_partner_xml.sh - profiles of partners for XML documents: levels, canonical form, whose documents must be signed and for whom,
# which key signs what goes to them; chosen by what the document says it is from. Keys are made here.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

authority() { # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 3650 \
        -subj "/C=DE/CN=$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign,cRLSign >/dev/null 2>&1
}
person() { # NAME AUTHORITY
    openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "$1.key" -out "$1.csr" -subj "/C=DE/CN=$1" \
        >/dev/null 2>&1
    printf 'keyUsage=digitalSignature,nonRepudiation\n' >ext
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 365 -extfile ext -out "$1.pem" >/dev/null 2>&1
}
mkdir profiles profiles/keys
authority root
authority stranger
person acme root
person mallory stranger
person customs root
openssl pkcs8 -topk8 -in customs.key -out profiles/keys/customs.key -v2 aes-256-cbc -passout pass:word
cp customs.pem root.pem profiles/keys
printf 'word\nsecond line\n' >word
printf 'wrong\n' >wrong-word
filled profiles/keys/customs.key

# a format of our own that says who sent a document; the mapping is what the shipped one is
cp -r "$root/mappings" mine
sed -i 's|^reference: .*|&\nsender: MetaData/Declaration/Agent/ID\nrecipient: MetaData/Declaration/IssueLocationID|' \
    mine/formats/xml/wco-declaration.yaml
has mine/formats/xml/wco-declaration.yaml 'sender: MetaData'
dragoman() { "$DRAGOMAN" "$@" --mappings mine --partners profiles; }

cat >profiles/acme.yaml <<'END'
dragoman: partner/1
partner: acme
when: { sender: [ACME, "A&B"] }
xml:
  reader: { level: directory }
  verify: { trust: keys/root.pem }
END
cat >profiles/customs.yaml <<'END'
dragoman: partner/1
partner: customs
when: { sender: CUSTOMS, sender-qualifier: ZZ }
xml:
  writer: { canonical: exclusive, indent: 0 }
  sign: { key: keys/customs.key, cert: keys/customs.pem, passphrase-from: ../word, xades: yes }
END
cat >profiles/broker.yaml <<'END'
dragoman: partner/1
partner: broker
when: { sender: BRKRS }
xml: { writer: { indent: 4 } }
limits: { depth: 3 }
END

# ---- the command
run 0 dragoman partner lint
has out '3 profiles are right'
run 0 dragoman partner show customs
has out '  xml.sign.key              profiles/keys/customs.key'
has out '  xml.sign.passphrase-from  profiles/../word'
has out '  xml.writer.canonical      exclusive'
run 0 dragoman partner list --format json
json_lines out
has out '"xml.verify.trust":"profiles/keys/root.pem"'
cat >bad.yaml <<'END'
dragoman: partner/1
partner: bad
xml:
  reader: { level: hard, encodng: x, encoding: latin-99 }
  verify: { trust: keys/none.pem, other: taken, allow: md5, others: maybe }
  sign: { key: bad.yaml, passphrase: geheim, xades: perhaps }
  signed: yes
END
run 1 dragoman partner lint bad.yaml
has err 'bad.yaml:4:20: error[partner.setting.value]'
has err 'bad.yaml:4:26: error[partner.setting.unknown]'
has err 'did you mean encoding?'
has err 'bad.yaml:4:48: error[partner.setting.refused]: xml.reader: there is no such encoding'
has err 'bad.yaml:5:20: error[partner.file]: trust: keys/none.pem cannot be used: there is none'
has err 'bad.yaml:5:35: error[map.key.unknown]'
has err 'bad.yaml:5:56: error[map.value]'
has err 'bad.yaml:5:69: error[map.value]'
has err 'bad.yaml:6:26: error[partner.passphrase]'
has err 'bad.yaml:6:53: error[map.value]'
has err 'bad.yaml:6:3: error[map.key.missing]'
has err 'bad.yaml:7:3: error[map.key.unknown]'
lacks err geheim
sed 's|root.pem|../acme.yaml|' profiles/acme.yaml >profiles/keys/no.yaml
run 1 dragoman partner lint profiles/keys/no.yaml
has err 'error[partner.file]'
sed 's|passphrase-from: ../word, ||' profiles/customs.yaml >profiles/locked.yml
run 1 dragoman partner lint profiles/locked.yml
has err 'profiles/keys/customs.key'
has err 'error[signature.key.unreadable]'
run 1 dragoman partner lint profiles/locked.yml --passphrase-from wrong-word
run 0 dragoman partner lint profiles/locked.yml --passphrase-from word
sed 's|customs.pem|root.pem|' profiles/customs.yaml >profiles/other.yml
run 1 dragoman partner lint profiles/other.yml
has err 'error[signature.key.other]'

# ---- who must sign
xml=$root/mappings/samples/import-declaration.xml
from() { # WHO FILE: the declaration from somebody
    sed "0,/<ID>NL851234567/s//<ID>$1/" "$xml" >"$2"
    has "$2" "<ID>$1</ID>"
}
signed() { # KEY FILE TO
    run 0 "$DRAGOMAN" sign --key "$1.key" --cert "$1.pem" "$2" -o "$3"
}
from ACME plain.xml
signed acme plain.xml good.xml
signed mallory plain.xml evil.xml
sed 's/EVER PROSPER/EVER EVIL/' good.xml >changed.xml
run 1 dragoman validate plain.xml
has err 'info[job.partner.document]: the profile of partner acme holds for this document (profiles/acme.yaml)'
has err 'error[signature.missing]'
run 0 dragoman validate good.xml
has err 'info[signature.genuine]'
run 1 dragoman validate evil.xml
has err 'error[signature.certificate.issuer]'
run 1 dragoman validate changed.xml
has err 'error[signature.digest]'
run 1 dragoman translate --to json plain.xml -o made.json
has err 'error[signature.missing]'
is "$(test -e made.json && echo there)" '' 'nothing comes of it'
run 0 dragoman translate --to json good.xml -o made.json
filled made.json
# through a pipe, and many at once on several threads, it is the same
input=plain.xml run 1 dragoman validate -
has err 'error[signature.missing]'
input=good.xml run 0 dragoman validate -
input=/dev/null
from SOMEBODY other.xml
for threads in 1 4; do
    run 1 dragoman validate -T $threads good.xml plain.xml other.xml good.xml
    is "$(grep -c '✓' out)" 3 'three are accepted'
    is "$(grep -c 'signature.missing' err)" 1 'one is refused'
    has err 'info[job.partner.document-none]: no partner has a profile for this document (from SOMEBODY)'
done
# what the command line says goes before: another trust, none, another profile
run 0 dragoman validate --partner none plain.xml
lacks err job.partner
run 1 dragoman validate --verify-trust stranger.pem good.xml
has err 'error[signature.certificate.issuer]'
run 1 dragoman validate --partner acme other.xml
has err 'error[signature.missing]'
run 0 dragoman validate --partner broker other.xml --limit depth=20
run 1 dragoman validate --partner broker other.xml
has err 'xml.limit.depth'
# the name behind a reference, in CDATA, behind a comment, in another encoding: found alike
sed '0,/<ID>NL851234567/s//<ID>A\&amp;B/' "$xml" >plain.xml
run 1 dragoman validate plain.xml
has err 'error[signature.missing]'
sed '0,/<ID>NL851234567/s//<ID>A\&#x26;B/' "$xml" >plain.xml
run 1 dragoman validate plain.xml
has err 'error[signature.missing]'
sed "0,/<ID>NL851234567/s//<ID><![CDATA[ACME]]>/" "$xml" >plain.xml
run 1 dragoman validate plain.xml
has err 'error[signature.missing]'
sed "0,/<ID>NL851234567/s//<ID>AC<!-- -->ME/" "$xml" >plain.xml
run 1 dragoman validate plain.xml
has err 'error[signature.missing]'
from ACME plain.xml
sed '1s/UTF-8/UTF-16/' plain.xml | iconv -f UTF-8 -t UTF-16 >wide.xml
run 1 dragoman validate wide.xml
has err 'error[signature.missing]'
# who has an encoding agreed is proved in it: what is genuine is what is read
cat >profiles/oldie.yaml <<'END'
dragoman: partner/1
partner: oldie
when: { sender: OLDIE }
xml:
  reader: { encoding: windows-1252 }
  verify: { trust: keys/root.pem }
END
from OLDIE oldie.xml
sed 's/EVER PROSPER/ÉVER PROSPER/' oldie.xml >accent.xml
signed acme accent.xml wide.xml
run 1 dragoman translate --to json wide.xml
has err 'error[signature.digest]'
sed '1s/ encoding="[^"]*"//' wide.xml | iconv -f UTF-8 -t windows-1252 >old.xml
run 0 dragoman translate --to json old.xml
has out 'ÉVER PROSPER'
rm profiles/oldie.yaml
# somebody else's name far behind, where nobody looks before it is read
{
    head -n 2 plain.xml
    head -c 1100000 /dev/zero | tr '\0' ' '
    tail -n +3 plain.xml
} >late.xml
run 1 dragoman validate late.xml
has err 'error[job.partner.other]: the document is from ACME, and was not read as the profile acme says'
{
    head -n 2 good.xml
    head -c 1100000 /dev/zero | tr '\0' ' '
    tail -n +3 good.xml
} >late.xml
run 1 dragoman validate late.xml
has err 'error[job.partner.other]'

# ---- EDIFACT of somebody who must sign is refused, unless it is taken
printf "UNA:+.? 'UNB+UNOC:3+ACME+R+260101:1023+R1'UNH+1+CUSDEC:D:96B:UN'BGM+929+X+9'UNS+D'UNS+S'UNT+5+1'UNZ+1+R1'" >acme.edi
run 1 dragoman validate acme.edi --level syntax
has err 'error[job.partner.unsigned]: messages of partner acme must be signed, and only XML documents can be'
sed -i 's|trust: keys/root.pem|&, others: taken|' profiles/acme.yaml
run 0 dragoman validate acme.edi --level syntax
run 1 dragoman validate plain.xml
has err 'error[signature.missing]'

# ---- how what goes to somebody looks, and who signs it
to() { # WHOM FILE
    sed "s/<IssueLocationID>NLRTM/<IssueLocationID>$1/" "$xml" >"$2"
    has "$2" "<IssueLocationID>$1"
}
to BRKRS in.xml
run 0 dragoman rewrite in.xml -o out.xml
has out.xml '        <Declaration'
has err 'info[job.partner.writes]: written as the profile of partner broker says, to whom it goes (BRKRS; profiles/broker.yaml)'
run 0 dragoman rewrite in.xml -o out.xml --set writer.indent=0
lacks out.xml '    <Declaration'
sample=$root/mappings/samples/import-declaration.edi
[ -e "$sample" ] || sample=$(find "$root/mappings/samples" -name '*.edi' | head -n 1)
sed "0,/UNB+\([^+]*\)+\([^+]*\)+[^+]*+/s//UNB+\1+\2+CUSTOMS:ZZ+/" "$sample" >in.edi
has in.edi '+CUSTOMS:ZZ+'
run 0 dragoman translate --to wco-declaration in.edi -o out.xml
has err 'written as the profile of partner customs says'
lacks out.xml '<?xml'
is "$(grep -c '<Declaration.*</Declaration>' out.xml)" 1 'canonical, and on one line'
run 0 "$DRAGOMAN" verify --trust root.pem out.xml
has out 'signed by    CN=customs,C=DE'
has out '(the signer says)'
for threads in 1 3; do
    cp in.edi second.edi
    run 0 dragoman translate -T $threads --to wco-declaration in.edi second.edi "$sample" -o folder/
    is "$(grep -lc '<ds:Signature' folder/*.xml | wc -l)" 2 'two are signed, and what goes to nobody is not'
done
# the passphrase by the command; wrong, or none: nothing is written
sed -i 's|, passphrase-from: ../word||' profiles/customs.yaml
run 2 dragoman translate --to wco-declaration in.edi -o none.xml
has err 'error[signature.key.unreadable]'
run 2 dragoman translate --to wco-declaration in.edi -o none.xml --passphrase-from wrong-word
is "$(test -e none.xml && echo there)" '' 'nothing is written'
run 0 dragoman translate --to wco-declaration in.edi -o out.xml --passphrase-from word
run 0 "$DRAGOMAN" verify --trust root.pem out.xml
# who does not sign needs no key
run 0 dragoman validate in.edi
chmod 600 profiles/keys/customs.key
# the command's key goes before
run 0 dragoman translate --to wco-declaration in.edi -o out.xml --sign-key acme.key --sign-cert acme.pem
run 0 "$DRAGOMAN" verify --trust root.pem out.xml
has out 'signed by    CN=acme,C=DE'
# a passphrase that is too long is told, and not cut
head -c 1025 /dev/zero | tr '\0' x >long
run 2 dragoman translate --to wco-declaration in.edi -o none.xml --passphrase-from long
has err 'is longer than 1024 bytes'

finish partner_xml
