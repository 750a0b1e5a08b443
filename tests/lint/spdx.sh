#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every file of ours says its licence in its first three lines. Data that cannot hold a comment
# (JSON, corpora, pictures, vectors) and the licence texts themselves are left out.
set -eu
cd "$(dirname "$0")/../.."
status=0
for file in $(tests/lint/files.sh); do
	case $file in
	LICENSE | *.json | *.svg | *.png | *.md | *.csv | *.bin | tests/fuzz/corpus/* | tests/vectors/* | \
		*/vectors/* | debian/changelog | debian/copyright | debian/source/* | debian/*.install | \
		debian/*.manpages | debian/*.dirs | .gitignore) ;;
	*)
		head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || {
			echo "$file: no SPDX line"
			status=1
		}
		;;
	esac
done
exit $status
