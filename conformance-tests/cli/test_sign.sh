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

# ---- lists of what was revoked, as `openssl ca` makes them: they are asked about the signer and about every authority on the way
cat >ca.conf <<'END'
[ca]
default_ca = one
[one]
database = $ENV::CA/index
crlnumber = $ENV::CA/number
default_md = sha256
default_crl_days = 30
policy = any
[any]
commonName = supplied
END
middle() { # NAME AUTHORITY
    openssl req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "$1.key" -out "$1.csr" -subj "/C=DE/CN=$1" \
        >/dev/null 2>&1
    printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign,cRLSign\n' >ext
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 365 -extfile ext -out "$1.pem" >/dev/null 2>&1
}
list() { # AUTHORITY [REVOKED]
    mkdir -p "$1.ca"
    : >"$1.ca/index"
    echo 01 >"$1.ca/number"
    if [ $# -gt 1 ]; then CA=$1.ca openssl ca -config ca.conf -keyfile "$1.key" -cert "$1.pem" -revoke "$2" >/dev/null 2>&1; fi
    CA=$1.ca openssl ca -config ca.conf -keyfile "$1.key" -cert "$1.pem" -gencrl -out "$1.crl" >/dev/null 2>&1
    has "$1.crl" 'BEGIN X509 CRL'
}
middle office customs
person clerk office ec -pkeyopt ec_paramgen_curve:P-256
cat clerk.pem office.pem >clerk-way.pem
run 0 "$DRAGOMAN" sign --key clerk.key --cert clerk-way.pem "$xml" -o clerk.xml
run 0 "$DRAGOMAN" verify --trust customs.pem clerk.xml
list office
list customs
cat customs.pem office.crl >below.pem # the authority above has given none
run 0 "$DRAGOMAN" verify --trust below.pem clerk.xml
cat customs.pem office.crl customs.crl >both.pem
run 0 "$DRAGOMAN" verify --trust both.pem clerk.xml
list customs office.pem
cat customs.pem office.crl customs.crl >both.pem
run 1 "$DRAGOMAN" verify --trust both.pem clerk.xml
has err 'error[signature.certificate.revoked]: the certificate of CN=office,C=DE was revoked'
list office clerk.pem
list customs
cat customs.pem office.crl customs.crl >both.pem
run 1 "$DRAGOMAN" verify --trust both.pem clerk.xml
has err 'error[signature.certificate.revoked]: the certificate of CN=clerk,C=DE was revoked'
cat customs.pem customs.crl >above.pem # whoever signs must be in somebody's care
run 1 "$DRAGOMAN" verify --trust above.pem clerk.xml

# ---- one certificate twice is one
cat customs.pem customs.pem >twice.pem
run 0 "$DRAGOMAN" verify --trust twice.pem clerk.xml
cat trader.pem trader.pem >twice.pem
run 0 "$DRAGOMAN" sign --key trader.key --cert trader.pem "$xml" -o bare.xml
python3 - <<'END'
import re
text = open("bare.xml", encoding="utf-8").read()
open("bare.xml", "w", encoding="utf-8").write(re.sub("<ds:KeyInfo>.*</ds:KeyInfo>", "", text, flags=re.S))
END
lacks bare.xml KeyInfo
run 0 "$DRAGOMAN" verify --trust trader.pem bare.xml
run 0 "$DRAGOMAN" verify --trust twice.pem bare.xml
cat trader.pem rsa.pem >two.pem
run 1 "$DRAGOMAN" verify --trust two.pem bare.xml
has err 'error[signature.certificate.missing]'

# ---- a passphrase is as long as its line, or told to be too long
head -c 1024 /dev/zero | tr '\0' x >long
openssl pkcs8 -topk8 -in trader.key -out long.key -v2 aes-256-cbc -passout file:long 2>/dev/null
head -c 1025 /dev/zero | tr '\0' x >longer
run 2 "$DRAGOMAN" sign --key long.key --cert trader.pem --passphrase-from longer "$xml" -o no.xml
has err "the passphrase in 'longer' is longer than 1024 bytes"
is "$(test -e no.xml && echo there)" '' 'nothing was written'

finish sign
