#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_sign.sh - `dragoman sign` and `dragoman verify`, the same as steps of translate, validate and watch, and the command
# xmlsec1 as a witness where it is installed. Keys are made here.
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
xml=$root/mappings/samples/import-declaration.xml

authority() { # NAME
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 3650 \
        -subj "/C=DE/CN=$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign,cRLSign >/dev/null 2>&1
}
person() { # NAME AUTHORITY KEY...
    local name=$1 ca=$2
    shift 2
    openssl req -new -nodes -newkey "$@" -keyout "$name.key" -out "$name.csr" -subj "/C=DE/CN=$name" >/dev/null 2>&1
    printf 'keyUsage=digitalSignature,nonRepudiation\n' >ext
    openssl x509 -req -in "$name.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 365 -extfile ext \
        -out "$name.pem" >/dev/null 2>&1
}
authority customs
authority stranger
person trader customs ec -pkeyopt ec_paramgen_curve:P-256
person rsa customs rsa:2048
person mallory stranger ec -pkeyopt ec_paramgen_curve:P-256
filled mallory.pem

# signed and verified, by both kinds of key, plain and XAdES; the rest of the document is what it was
for who in trader rsa; do
    for how in '' --xades; do
        # shellcheck disable=SC2086 # no word or one
        run 0 "$DRAGOMAN" sign --key $who.key --cert $who.pem $how "$xml" -o signed.xml
        empty out
        empty err
        run 0 "$DRAGOMAN" verify --trust customs.pem signed.xml
        has out '✓ signed.xml: genuine'
        has out "CN=$who,C=DE"
        has out 'vouched by   CN=customs,C=DE'
        has out '/MetaData (the whole document)'
        empty err
        if [ -n "$how" ]; then has out '(the signer says)'; else lacks out '(the signer says)'; fi
    done
done
has out 'RSA-SHA256, SHA-256'
python3 - signed.xml "$xml" <<'END'
import re, sys
signed, plain = (open(f, encoding="utf-8", newline="").read() for f in sys.argv[1:])
sys.exit(re.sub("<ds:Signature.*</ds:Signature>", "", signed, flags=re.S) != plain)
END
is $? 0 'what is not the signature is as it was'

# to standard output, from standard input, many into a folder
input=$xml run 0 "$DRAGOMAN" sign --key trader.key --cert trader.pem -
cp out piped.xml
input=piped.xml run 0 "$DRAGOMAN" verify --trust customs.pem -
has out '✓ <stdin>: genuine'
input=/dev/null
cp "$xml" a.xml
cp "$xml" b.xml
run 0 "$DRAGOMAN" sign --key trader.key --cert trader.pem a.xml b.xml -o made/
run 0 "$DRAGOMAN" verify --trust customs.pem --format json made/a.xml made/b.xml
json_lines out
is "$(grep -c '"genuine":true,"signatures":\[{"genuine":true' out)" 2 'two genuine ones'
has out '"covers":"/MetaData"'
has out '"subject":"CN=trader,C=DE"'

# not genuine, and why
sed 's/EVER PROSPER/EVER EVIL/' signed.xml >changed.xml
run 1 "$DRAGOMAN" verify --trust customs.pem changed.xml signed.xml
has err 'changed.xml:'
has err 'error[signature.digest]'
has out '✗ changed.xml: not genuine'
has out '✓ signed.xml: genuine'
run 1 "$DRAGOMAN" verify --trust stranger.pem signed.xml
has err 'error[signature.certificate.issuer]: nobody who is trusted vouches for CN=rsa,C=DE: its issuer CN=customs,C=DE is unknown'
run 1 "$DRAGOMAN" verify signed.xml
has err 'error[signature.trust.missing]'
has out 'as it was signed'
run 1 "$DRAGOMAN" verify --trust customs.pem --at 2001-01-01 signed.xml
has err 'error[signature.certificate.early]'
run 1 "$DRAGOMAN" verify --trust customs.pem --at 2099-01-01T00:00:00Z signed.xml
has err 'error[signature.certificate.expired]'
run 1 "$DRAGOMAN" verify --trust customs.pem "$xml"
has err 'error[signature.missing]'
run 1 "$DRAGOMAN" verify --trust customs.pem --limit document-bytes=1000 signed.xml
has err 'error[signature.limit]'
run 1 "$DRAGOMAN" sign --key trader.key --cert trader.pem signed.xml
has err 'error[signature.already]'
empty out

# a passphrase comes from a file or a descriptor, never from the command line
openssl pkey -in trader.key -aes256 -passout pass:sesame -out locked.key 2>/dev/null
printf 'sesame\n' >word
run 0 "$DRAGOMAN" sign --key locked.key --cert trader.pem --passphrase-from word a.xml -o l.xml
run 0 "$DRAGOMAN" sign --key locked.key --cert trader.pem --passphrase-from fd:7 a.xml -o l.xml 7<word
run 3 "$DRAGOMAN" sign --key locked.key --cert trader.pem a.xml
has err 'it needs a passphrase'
printf 'simsim' >word
run 3 "$DRAGOMAN" sign --key locked.key --cert trader.pem --passphrase-from word a.xml
has err 'the passphrase does not open it'
run 3 "$DRAGOMAN" sign --key locked.key --cert trader.pem --passphrase-from nowhere a.xml

# wrong usage and surroundings
run 2 "$DRAGOMAN" sign a.xml
run 2 "$DRAGOMAN" verify --trust customs.pem
run 2 "$DRAGOMAN" verify --trust customs.pem --at noon signed.xml
run 2 "$DRAGOMAN" verify --trust customs.pem --allow md5 signed.xml
run 3 "$DRAGOMAN" verify --trust nowhere.pem signed.xml
run 3 "$DRAGOMAN" verify --trust trader.key signed.xml
has err 'signature.trust.unreadable'
run 3 "$DRAGOMAN" verify --trust customs.pem nowhere.xml
run 3 "$DRAGOMAN" sign --key trader.key --cert rsa.pem a.xml
has err 'error[signature.key.other]'

# before decoding: what is genuine is read as if it had never been signed, everything else is refused and costs it nothing
run 0 "$DRAGOMAN" translate --to json "$xml" -o plain.json
run 0 "$DRAGOMAN" translate --to json --verify-trust customs.pem signed.xml -o verified.json
same plain.json verified.json
has err 'info[signature.genuine]: signed by CN=rsa,C=DE, whom CN=customs,C=DE vouches for'
lacks err 'warning'
input=signed.xml run 0 "$DRAGOMAN" translate --to json --verify-trust customs.pem -
same out plain.json
input=/dev/null
run 0 "$DRAGOMAN" sign --key mallory.key --cert mallory.pem "$xml" -o mallory.xml
run 1 "$DRAGOMAN" translate --to json --verify-trust customs.pem changed.xml "$xml" mallory.xml "$sample" signed.xml -o some/
is "$(echo some/*)" some/signed.json 'only the genuine one'
has err 'changed.xml:'
has err 'error[signature.digest]'
has err 'error[signature.missing]'
has err 'error[signature.certificate.issuer]'
has err 'error[signature.format]'
has err '5 messages, 4 refused, 1 document written'
run 1 "$DRAGOMAN" validate --verify-trust customs.pem signed.xml changed.xml
has out '✓ signed.xml: accepted'
has out '✗ changed.xml: refused'
run 1 "$DRAGOMAN" validate --verify-trust customs.pem --limit document-bytes=1000 signed.xml
has err 'error[signature.limit]'
input=signed.xml run 1 "$DRAGOMAN" validate --verify-trust customs.pem --limit document-bytes=1000 -
has err 'error[signature.limit]'
input=/dev/null
# in another encoding it is the same document
iconv -f UTF-8 -t UTF-16 signed.xml >wide.xml
run 0 "$DRAGOMAN" translate --to json --verify-trust customs.pem wide.xml
same out plain.json

# after encoding
run 0 "$DRAGOMAN" translate --to wco-declaration --sign-key trader.key --sign-cert trader.pem --xades "$sample" -o encoded.xml
run 0 "$DRAGOMAN" verify --trust customs.pem encoded.xml
run 0 "$DRAGOMAN" translate --to wco-declaration "$sample" -o unsigned.xml
run 0 "$DRAGOMAN" translate --to json --verify-trust customs.pem encoded.xml -o e.json
run 0 "$DRAGOMAN" translate --to json unsigned.xml -o u.json
same e.json u.json
run 2 "$DRAGOMAN" translate --to cusdec-d96b --sign-key trader.key --sign-cert trader.pem "$xml"
has err 'error[signature.to]'
run 2 "$DRAGOMAN" translate --to wco-declaration --sign-key trader.key "$sample"
has err 'go together'

# watch: signed ones in, signed ones out
mkdir in
cp signed.xml in/good.xml
cp changed.xml in/bad.xml
run 1 "$DRAGOMAN" watch --once --in in --out out.d --to wco-declaration --verify-trust customs.pem \
    --sign-key trader.key --sign-cert trader.pem
run 0 "$DRAGOMAN" verify --trust customs.pem out.d/good*.xml
is "$(find in/bad -name 'bad*.xml' | wc -l)" 1 'the changed one is put aside'

# another program agrees
if command -v xmlsec1 >/dev/null 2>&1; then
    for file in encoded.xml signed.xml; do
        run 0 xmlsec1 --verify --trusted-pem customs.pem --id-attr:Id http://uri.etsi.org/01903/v1.3.2#:SignedProperties $file
    done
    cat >template.xml <<'END'
<Letter><Body>text</Body><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>
<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"/><Reference URI=""><Transforms>
<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></Transforms>
<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha512"/><DigestValue/></Reference></SignedInfo><SignatureValue/>
<KeyInfo><X509Data/></KeyInfo></Signature></Letter>
END
    run 0 xmlsec1 --sign --privkey-pem rsa.key,rsa.pem --output theirs.xml template.xml
    run 0 "$DRAGOMAN" verify --trust customs.pem theirs.xml
    has out 'RSA-SHA512, SHA-512'
fi

# ---- what stands behind a byte of zero is not signed, and there is no 31st of February
{ cat signed.xml; printf '\0<Evil/>'; } >nul.xml
run 1 "$DRAGOMAN" verify --trust customs.pem nul.xml
run 2 "$DRAGOMAN" verify --trust customs.pem --at 2026-02-31 signed.xml

finish sign
