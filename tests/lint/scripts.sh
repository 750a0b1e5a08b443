#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every script parses, is executable when it starts with #!, and Python's names are bound.
set -eu
cd "$(dirname "$0")/../.."
status=0
for file in $(tests/lint/files.sh); do
	case $(head -n 1 "$file" | tr -d '\0') in
	'#!/bin/sh'*) sh -n "$file" || status=1 ;;
	'#!/bin/bash'*) bash -n "$file" || status=1 ;;
	'#!/usr/bin/python3'*)
		/usr/bin/python3 -c 'import ast, sys; ast.parse(open(sys.argv[1]).read(), sys.argv[1])' \
			"$file" || status=1
		;;
	'#!comment:'*) continue ;;
	'#!'*) ;;
	*) continue ;;
	esac
	case $file in
	debian/*.postinst | debian/*.postrm | debian/*.prerm | debian/*.preinst | tests/*.py) continue ;;
	esac
	[ -x "$file" ] || { echo "$file: not executable"; status=1; }
done
exit $status
