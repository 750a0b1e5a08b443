#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Includes go one way, and every foreign header has one home. A rule is three fields:
#   deny   FILES  HEADERS   these files never include these headers
#   home   FILES  HEADERS   only these files include these headers (tests may, where it says so)
# FILES and HEADERS are extended regular expressions over whole paths.
set -eu
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- pam_dynamo utils web tests

rules() {
	cat <<'END'
deny pam_dynamo/[^/]*                                  "(core|service|utils|web)/.*"
deny pam_dynamo/ipc/.*                                 "(core|service|utils|web|pam_).*"
deny pam_dynamo/core/.*                                "(ipc|service|utils|web|pam_).*"
deny pam_dynamo/service/.*                             "(utils|web|pam_).*"
deny utils/.*                                          "(service|web|pam_).*"
deny web/.*                                            "(core|service|utils|pam_).*"
deny (pam_dynamo|utils|web)/.*                         "(tests|engines)/.*"
deny .*                                                ".*\.c"
deny .*                                                "\.\./.*"
deny pam_dynamo/core/(buf|clock|digest|json|log|pd_error|secret|strlist)\.[ch]  "core/(conf|user|record|item|password|policy|login|state|store|http|sigv4|aws).*"
deny pam_dynamo/core/(conf|user|record|password|policy|state)[a-z0-9_]*\.[ch]      "core/(login|store|http|sigv4|aws).*"
deny pam_dynamo/core/store[a-z_]*\.[ch]                "core/login.*"
home (pam_dynamo/core/store|tests/(engines|unit|contract|fuzz)/).*              "core/store_(engine|sqlite|dynamodb|cache).*"
home (pam_dynamo/core|tests)/.*                        "core/(http|sigv4|aws|item).*"
home pam_dynamo/core/(secret|password)[a-z0-9_]*\.c|web/secret\.c  <sodium(\.h|/.*)>
home web/language\.c                                   <libintl\.h>
home pam_dynamo/core/digest\.c                         <(openssl/.*|zlib\.h)>
home pam_dynamo/core/json\.c                           <json-c/.*>
home pam_dynamo/core/store_sqlite[a-z_]*\.[ch]         <sqlite3\.h>
home pam_dynamo/core/http\.c                           <curl/.*>
home pam_dynamo/core/conf\.c                           <ini\.h>
home (pam_dynamo/core|web)/email\.c                    <idn2\.h>
home pam_dynamo/core/nfc\.c                            <utf8proc\.h>
home pam_dynamo/core/password_estimate\.c              <zxcvbn\.h>
home pam_dynamo/core/password[a-z0-9_]*\.c                <crypt\.h>
home pam_dynamo/core/password[a-z0-9_]*\.c                <argon2\.h>
home (pam_dynamo/|tests/(lib|module|bench)/)[^/]*      <security/.*>
home pam_dynamo/service/.*                             <systemd/.*>
home tests/.*                                          <cmocka\.h>
home pam_dynamo/[^/]*|pam_dynamo/service/.*|web/(event|main)\.c  <syslog\.h>
END
}

includes() {
	find "$@" -name node_modules -prune -o -name '*.[ch]' -print | sort | xargs -r \
		awk 'match($0, /^[ \t]*#[ \t]*include[ \t]*/) {
			header = substr($0, RSTART + RLENGTH)
			sub(/[ \t]*(\/\*.*)?$/, "", header)
			print FILENAME, FNR, header
		}' /dev/null
}

found=$({ rules; echo; includes "$@"; } | awk '
	NF == 0 { in_files = 1; next }
	!in_files { kind[++n] = $1; files[n] = "^(" $2 ")$"; headers[n] = "^(" $3 ")$"; next }
	{
		for (i = 1; i <= n; i++)
			if ($3 ~ headers[i] && (($1 ~ files[i]) == (kind[i] == "deny")))
				printf "%s:%s: %s against: %s\n", $1, $2, $3, kind[i] " " files[i]
	}')
[ -z "$found" ] || { echo "$found"; exit 1; }
