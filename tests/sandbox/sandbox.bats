#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# That what the namespace tests run daemons in is what their units say: as-unit, seen from inside and outside.

# shellcheck disable=SC2154

bats_require_minimum_version 1.5.0
load ../net/lib
load ../net/gateway

AS_UNIT=$BUILD/tests/sandbox/as-unit

setup()
{
	begin sandbox
	chown masqgate "$dir"
}

teardown() { end; }

# as UNIT COMMAND...
as() { "$AS_UNIT" "$BUILD/conf/$1.service" "$dir" "${@:2}"; }

# state PID: what the kernel says of its rights.
state() { sed -n 's/^\(Uid\|Cap...\|NoNewPrivs\|Seccomp\):[[:space:]]*\([^[:space:]]*\).*/\1 \2/p' "/proc/$1/status"; }

@test "the daemons of the namespace tests run as their units say" {
	[[ $(type -P masqd) == */tests/sandbox/bin/masqd && $(type -P masq-arpd) == */tests/sandbox/bin/masq-arpd ]]
	end
	gateway_setup sandbox
	# CAP_NET_ADMIN; the ambient ones are given up when it has begun
	is "$(state "$masqd")" "Uid $(id -u masqgate)
CapInh 0000000000000000
CapPrm 0000000000001000
CapEff 0000000000001000
CapBnd 0000000000001000
CapAmb 0000000000000000
NoNewPrivs 1
Seccomp 2"
	chown masqgate-arp "$dir"
	echo "socket = \"$dir/arpd/socket\"" >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -f "$dir/arpd.conf" 2>>log
	until_true grep -q 'masq-arpd: ready$' log
	# and CAP_NET_RAW and CAP_BPF
	is "$(state "$last")" "Uid $(id -u masqgate-arp)
CapInh 0000000000000000
CapPrm 0000008000003000
CapEff 0000008000003000
CapBnd 0000008000003000
CapAmb 0000000000000000
NoNewPrivs 1
Seccomp 2"
	# It sees no process of others, and no file of this machine can be written.
	[[ $(readlink "/proc/$masqd/ns/mnt") != "$(readlink /proc/self/ns/mnt)" ]]
	grep -q ' /proc .*hidepid=\(invisible\|2\)' "/proc/$masqd/mounts"
	# network namespaces that others make meanwhile aside
	is "$(awk '$3 != "nsfs" && $2 !~ /^\/(tmp|var\/tmp|proc)$/ && $4 ~ /(^|,)rw(,|$)/ { print $2 }' "/proc/$masqd/mounts")" "$dir"
}

# What a daemon must not be able to do, tried by tests/sandbox/probe inside.
@test "what the units forbid cannot be done, what they allow can" {
	cp "$BATS_TEST_DIRNAME/probe" .
	chmod 755 probe
	as masqd /usr/bin/python3 -B ./probe >masqd.probe
	rm probe.written
	chown masqgate-arp .
	as masq-arpd /usr/bin/python3 -B ./probe >arpd.probe
	diff masqd.probe - <<-'END'
		socket AF_INET: EAFNOSUPPORT
		socket AF_INET6: EAFNOSUPPORT
		socket AF_PACKET: EAFNOSUPPORT
		socket AF_VSOCK: EAFNOSUPPORT
		socket AF_UNIX: done
		socket AF_NETLINK: done
		write /etc/masqgate-probe: EROFS
		write /usr/masqgate-probe: EROFS
		write /proc/sys/net/ipv4/ip_forward: EROFS
		write /sys/kernel/mm/ksm/run: EROFS
		write probe.written: done
		look into /home: EACCES
		look into /root: EACCES
		read /proc/kallsyms: EACCES
		read /dev/kmsg: ENOENT
		read /dev/mem: ENOENT
		processes of others: none
		folders in /tmp of others: none
		memory to write and execute: EPERM
		memory to execute that was written: EPERM
		mode with suid: EPERM
		folder with sgid: EPERM
		new user namespace: EPERM
		thread: done
		mount: EPERM
		hostname: EPERM
		clock: EPERM
		personality: EPERM
		realtime: EPERM
		chown: EPERM
		ptrace: EPERM
		bpf: EPERM
		new privileges: EPERM
	END
	# and here two more can
	diff arpd.probe - <<<"$(sed -e 's/^\(socket AF_PACKET\): .*/\1: done/' -e 's/^bpf: .*/bpf: EINVAL/' masqd.probe)"
}

@test "a line of a unit that as-unit does not know is an error, and so is an unknown value" {
	refuses()
	{
		sed "$1" "$BUILD/conf/masqd.service" >unit
		run -78 "$AS_UNIT" unit "$dir" /bin/true
		echo "$output"
		[[ $output == "as-unit: "*"$2" ]]
	}
	refuses 's/^UMask=.*/&\nProtectAnything=yes/' 'ProtectAnything= is not known: it must be applied, or listed as what cannot be'
	refuses 's/^ProtectHome=.*/ProtectHome=tmpfs/' 'ProtectHome=tmpfs is not known, only yes is'
	refuses 's/^ProtectSystem=.*/ProtectSystem=full/' 'ProtectSystem= is not known but for strict'
	refuses '/^PrivateTmp=/d' 'the unit has no PrivateTmp=, and without it this program does not know what to do'
	refuses 's/^RestrictAddressFamilies=.*/& AF_INET/' 'RestrictAddressFamilies=: not known: AF_INET'
	refuses 's/^SystemCallFilter=capset.*/& nosuchcall/' 'SystemCallFilter=: not known: nosuchcall'
	refuses 's/^SystemCallFilter=@system-service/&s/' 'no such set: @system-services'
	refuses 's/^AmbientCapabilities=.*/& CAP_NOTHING/' '=: no such capability: CAP_NOTHING'
}
