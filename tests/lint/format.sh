#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# format.sh [fix]: clang-format under .clang-format; says what differs, or puts it right.
set -eu
cd "$(dirname "$0")/../.."
files=$(tests/lint/files.sh '*.c' '*.h')
if [ "${1-}" = fix ]; then
	clang-format -i $files
else
	clang-format --dry-run -Werror $files
fi
