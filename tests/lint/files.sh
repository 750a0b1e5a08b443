#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# files.sh [PATTERN...]: the project's files that git keeps, or, outside a clone, what lies here.
cd "$(dirname "$0")/../.."
if git rev-parse --git-dir >/dev/null 2>&1; then
	for file in $(git ls-files "$@"); do
		[ ! -f "$file" ] || echo "$file"
	done
else
	[ $# -gt 0 ] || set -- '*'
	for pattern; do
		find . \( -name build -o -name .git -o -name node_modules -o -name __pycache__ \) -prune -o \
			-type f -name "$pattern" -print
	done | sed 's|^\./||' | sort -u
fi
