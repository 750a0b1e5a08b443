#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Manual pages are free of warnings; every program, the module and the configuration has one.
set -eu
cd "$(dirname "$0")/../.."
for page in pam_dynamo/pam_dynamo.8 pam_dynamo/pam-dynamod.8 utils/pam-dynamo.8 \
	web/pam-dynamo.cgi.8 conf/pam_dynamo.conf.5 conf/web.conf.5; do
	[ -f "$page" ] || { echo "$page: missing"; exit 1; }
done
# A page of another package, or of ours in another folder, is not on the manual path here; a PAM
# module has return values, whatever its section.
out=$(mandoc -T lint -W warning $(tests/lint/files.sh '*.[58]') 2>&1 |
	grep -v -e 'referenced manual not found' -e 'unexpected section: Sh RETURN VALUES' || true)
[ -z "$out" ] || { echo "$out"; exit 1; }
