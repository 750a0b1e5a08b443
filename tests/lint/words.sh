#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The committed text speaks of the project alone: no path of somebody's machine, no mark of
# unfinished work, no credential.
set -eu
cd "$(dirname "$0")/../.."
words='(^|[^[:alnum:]_])(TODO|FIXME|XXX|HACK)([^[:alnum:]_]|$)'
words="$words"'|/(work|root|home/[a-z]+)/(main|shared|src|\.library)'
words="$words"'|/tmp/[a-z]+\.md|BEGIN [A-Z ]*PRIVATE KEY'
status=0
for file in $(tests/lint/files.sh); do
	case $file in
	tests/lint/words.sh | */package-lock.json | tests/fuzz/corpus/*) continue ;;
	esac
	if grep -nIHE -e "$words" "$file"; then status=1; fi
done
exit $status
