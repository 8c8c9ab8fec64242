#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# setup.sh build [lint] - installs the Debian packages that are missing to build and test (and to lint), saying which and why;
# does nothing when all is there. What is there is found by looking for the things themselves, so other systems only need to
# have them.
set -u
missing='' why=''

need() { # PACKAGE REASON TEST...
    package=$1 reason=$2
    shift 2
    if ! "$@" >/dev/null 2>&1; then
        missing="$missing $package"
        why="$why  $package: $reason
"
    fi
}
has_header() { printf '#include <%s>\n' "$1" | cc -E -x c - ; }

for set in "$@"; do
    case $set in
    build)
        need gcc 'C compiler' command -v cc
        need libc6-dev 'headers of the C library' test -e /usr/include/stdio.h
        need pkg-config 'finds the libraries' command -v pkg-config
        need libxml2-dev 'reads and writes XML' pkg-config --exists libxml-2.0
        need libyaml-dev 'reads mapping files' pkg-config --exists yaml-0.1
        need libicu-dev 'character sets' pkg-config --exists icu-uc icu-i18n
        need libssl-dev 'digests and signatures' pkg-config --exists openssl
        need libxmlsec1-dev 'signatures of XML documents' pkg-config --exists xmlsec1-openssl
        need openssl 'keys and certificates, in the tests' command -v openssl
        need libcunit1-dev 'unit tests' has_header CUnit/CUnit.h
        need python3-jsonschema 'holds files against our schemas, in the tests' python3 -c 'import jsonschema'
        need python3-yaml 'reads them for that' python3 -c 'import yaml'
        ;;
    lint)
        need clang 'second compiler, fuzzers' command -v clang
        need clang-tidy 'static checks' command -v clang-tidy
        need clang-format 'one layout' command -v clang-format
        need cppcheck 'static checks' command -v cppcheck
        ;;
    fuzz)
        need clang 'second compiler, fuzzers' command -v clang
        need libclang-rt-14-dev 'libFuzzer and sanitizers of clang' \
            sh -c 'ls /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*.a'
        ;;
    esac
done
[ -n "$missing" ] || exit 0

echo "To build and test, these packages are missing:"
printf '%s' "$why"
if ! command -v apt-get >/dev/null 2>&1; then
    echo "This system has no apt-get; please install their likes by hand." >&2
    exit 3
fi
as_root=''
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "Please run as root: apt-get install$missing" >&2
        exit 3
    fi
    as_root=sudo
fi
echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086 # a list of words on purpose
install_all() {
    $as_root apt-get update -q &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing
}
if ! install_all >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "The packages could not be installed." >&2
    exit 3
fi
echo "Done."
