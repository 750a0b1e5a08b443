#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# hardening.sh [BUILD]: what is shipped is position independent, fully RELRO with immediate binding,
# without an executable or writable-and-executable segment, with stack protector and fortified
# calls. The module needs libc and libpam alone, the page libc and libsodium;
# the module exports the six entry points alone.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
status=0

bad() {
	echo "$1"
	status=1
}

for elf in "$build/pam_dynamo.so" "$build/pam-dynamod" "$build/pam-dynamo" \
	"$build/pam-dynamo.cgi"; do
	[ -f "$elf" ] || { bad "$elf: missing"; continue; }
	header=$(readelf -hW "$elf")
	segments=$(readelf -lW "$elf")
	dynamic=$(readelf -dW "$elf")
	symbols=$(readelf --dyn-syms -W "$elf")
	echo "$header" | grep -q 'Type: *DYN' || bad "$elf: not position independent"
	echo "$segments" | grep -q GNU_RELRO || bad "$elf: no RELRO"
	echo "$dynamic" | grep -qE 'FLAGS.*NOW|BIND_NOW' || bad "$elf: lazy binding"
	echo "$segments" | grep GNU_STACK | grep -q 'RW ' || bad "$elf: executable stack"
	! echo "$segments" | grep -q RWE || bad "$elf: a segment is writable and executable"
	! echo "$dynamic" | grep -qE 'RPATH|RUNPATH|TEXTREL' || bad "$elf: RPATH or TEXTREL"
	echo "$symbols" | grep -q '__stack_chk_fail' || bad "$elf: no stack protector"
	echo "$symbols" | grep -qE ' UND __[a-z]+_chk' || bad "$elf: no fortified call"
done

module=$build/pam_dynamo.so
needed=$(readelf -dW "$module" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
[ "$needed" = 'libc.so.6 libpam.so.0 ' ] || bad "$module: needs $needed"
page=$build/pam-dynamo.cgi
needed=$(readelf -dW "$page" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort | tr '\n' ' ')
[ "$needed" = 'libc.so.6 libsodium.so.23 ' ] || bad "$page: needs $needed"
exports=$(nm -D --defined-only "$module" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort | tr '\n' ' ')
wanted='pam_sm_acct_mgmt pam_sm_authenticate pam_sm_chauthtok pam_sm_close_session pam_sm_open_session pam_sm_setcred '
[ "$exports" = "$wanted" ] || bad "$module: exports $exports"
data=$(size -A "$module" | awk '$1 == ".data" || $1 == ".bss" { sum += $2 } END { print sum + 0 }')
[ "$data" -le 64 ] || bad "$module: $data bytes of writable data: a module keeps no state"
exit $status
