#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# private_machine.sh COMMAND...: runs it as root in mount, process and IPC namespaces of its own, in
# which /etc, /usr, /var, /home, /root and /srv can be changed and nothing is left behind, /run is
# empty as on a machine that just booted without systemd (no bus, no resolver, no login manager to
# talk to), and everything that was started ends with it. Ends as the command ends; 77 and a line on
# standard error where such a machine cannot be had.
set -eu

if [ "${1-}" != --inside ]; then
	if [ "$(id -u)" != 0 ]; then
		echo 'a private machine needs root' >&2
		exit 77
	fi
	if ! why=$(unshare --mount --pid --ipc --fork --kill-child --mount-proc true 2>&1); then
		echo "no namespaces here: $why" >&2
		exit 77
	fi
	exec unshare --mount --pid --ipc --fork --kill-child --mount-proc --propagation private \
		"$0" --inside "$@"
fi
shift

mount -t tmpfs -o mode=0755,nosuid,nodev private_machine /run
mkdir -m 0700 /run/.layers
# The project itself stays the real one: logs and results are to last.
project=$(cd "$(dirname "$0")/../.." && pwd -P)
mkdir /run/.layers/project
mount --bind "$project" /run/.layers/project
for dir in etc usr var home root srv; do
	[ -d "/$dir" ] && [ ! -L "/$dir" ] || continue
	mkdir "/run/.layers/$dir" "/run/.layers/$dir.work"
	chmod --reference="/$dir" "/run/.layers/$dir"
	if ! mount -t overlay overlay \
		-o "lowerdir=/$dir,upperdir=/run/.layers/$dir,workdir=/run/.layers/$dir.work" "/$dir"; then
		echo "no overlay over /$dir here" >&2
		exit 77
	fi
done
mount --bind /run/.layers/project "$project"
cd "$(pwd -P)"
mkdir -p /run/sshd /run/lock /run/systemd/userdb
chmod 1777 /run/lock
export PRIVATE_MACHINE=1

# Process 1 of the namespace: it reaps what is orphaned, and passes on how the command ended.
status=0
"$@" || status=$?
exit "$status"
