#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# test_guide.sh - the integrator's guide, word for word (tutorial.sh).
# shellcheck source=conformance-tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=conformance-tests/cli/tutorial.sh
. "$root/conformance-tests/cli/tutorial.sh"

cp -r "$root/mappings" mappings
mkdir build
ln -s "$DRAGOMAN" build/dragoman
follow "$root/mappings/GUIDE.md"
is "$files" 4 'files the guide writes'
if [ "$commands" -ge 14 ]; then good; else bad "only $commands commands were found in the guide"; fi
if [ "$shown" -ge 6 ]; then good; else bad "only $shown outputs were found in the guide"; fi

finish guide
