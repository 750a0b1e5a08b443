#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deps.sh [PROFILES]: installs what debian/control's Build-Depends name under these build profiles.
# Silent and offline when nothing is missing. With root, or with sudo.
set -eu
cd "$(dirname "$0")/../.."
profiles=${1-}
unset DEB_BUILD_PROFILES
log=build/log/apt.log
mkdir -p build/log

missing() {
	if ! command -v dpkg-checkbuilddeps >/dev/null; then
		echo 'dpkg-checkbuilddeps: not installed'
		return
	fi
	dpkg-checkbuilddeps ${profiles:+-P "$profiles"} debian/control 2>&1 || true
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

lacking=$(missing)
[ -n "$lacking" ] || exit 0
command='apt-get build-dep --no-install-recommends'" ${profiles:+-P $profiles} ./"

if ! command -v apt-get >/dev/null; then
	echo 'This is not Debian: install what debian/control lists as Build-Depends by hand.' >&2
	exit 1
fi
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
	echo "$lacking" >&2
	echo "Not root and no sudo: as root, in $PWD, run: $command" >&2
	exit 1
fi

# Packages come without their services: neither a demonstration nor a test opens a port.
services=
for pair in sshd:ssh nginx:nginx lighttpd:lighttpd fcgiwrap:fcgiwrap vsftpd:vsftpd cron:cron; do
	[ -e "/usr/sbin/${pair%:*}" ] || services="$services $pair"
done
policy=/usr/sbin/policy-rc.d
tidy() {
	[ -z "${placed-}" ] || as_root rm -f "$policy"
}
trap tidy EXIT
trap 'exit 1' INT TERM HUP
if [ ! -e "$policy" ]; then
	placed=yes
	printf '#!/bin/sh\nexit 101\n' | as_root sh -c "cat >$policy && chmod 755 $policy"
fi

build_dep() {
	as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get -y -q \
		-o Dpkg::Use-Pty=0 build-dep --no-install-recommends ${profiles:+-P "$profiles"} ./ \
		>>"$log" 2>&1 </dev/null
}

echo "Installing what is missing (log: $log)"
: >"$log"
if ! build_dep; then
	as_root apt-get -q update >>"$log" 2>&1
	if ! build_dep; then
		tail -n 20 "$log" >&2
		echo "Failed: $command" >&2
		exit 1
	fi
fi
for pair in $services; do
	[ -e "/usr/sbin/${pair%:*}" ] || continue
	if command -v systemctl >/dev/null; then
		as_root systemctl -q disable "${pair#*:}.service" >>"$log" 2>&1 || true
	fi
	echo "${pair%:*} is new here: it is neither started nor enabled."
done
lacking=$(missing)
if [ -n "$lacking" ]; then
	echo "$lacking" >&2
	exit 1
fi
