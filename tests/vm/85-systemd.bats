#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# The daemons as they are installed: a systemd that has the gateway's network starts them by their units, as users that
# systemd-sysusers makes, and holds their sockets. Anybox is dialled in all the time.

# shellcheck source=tests/vm/gateway.sh disable=SC1091
. "$BATS_TEST_DIRNAME/gateway.sh"

DAEMONS=(masqd masq-arpd)

eval "show_other_logs() $(declare -f show_logs | tail -n +2)"

# The picture with other hands in it: gateway.sh starts daemons by these.
arpd_start() { systemd_is_up && systemctl start masq-arpd; }
masqd_start() { systemd_is_up && systemctl start masqd && masqctl -q wait ready --timeout 60; }

setup_file()
{
	export BATS_TEST_RETRIES=1
	gateway_down
	install_all
}

teardown_file() { gateway_down; }

# What "make install" makes: trixie's tree has it in /usr, the other one beside the build. The folders of the daemons that
# other scenarios have started are another user's.
install_all()
{
	local dir installed
	rm -rf /run/masqgate /run/masq-arpd /var/lib/masqgate
	[[ ! -d $BUILD/installed ]] || cp -a "$BUILD/installed/." /
	for dir in /usr/lib /usr/local/lib; do
		[[ ! -e $dir/sysusers.d/masqgate.conf ]] || installed=$dir
	done
	userdel masqgate && userdel masqgate-arp && systemd-sysusers "$installed/sysusers.d/masqgate.conf" &&
		systemd-tmpfiles --create "$installed/tmpfiles.d/masqgate-tmpfiles.conf" &&
		stat -c '%n %U %G %a' /run/masqgate /run/masq-arpd /var/lib/masqgate >"$WORK/folders"
}

# first: the service manager's own process.
first() { pgrep -P "$(<"$WORK/systemd.pid")"; }

systemctl() { nsenter --target "$(first)" --mount --pid -- systemctl --no-pager "$@"; }

# state NAME PROPERTY: what systemd says of a daemon.
state() { systemctl show --value -p "$2" "$1.service"; }
main_pid() { pgrep -x "$1"; }

show_logs()
{
	dmesg | grep ' systemd\[' | tail -n 40
	show_other_logs
}

# systemd_is_up: one that has no other target than our units, or is made now. Its daemons' words go to where others' are.
systemd_is_up()
{
	local name
	! is_running systemd || return 0
	mkdir -p /run/systemd/system /sys/fs/cgroup/gw
	printf '[Unit]\nWants=%s\n' "${DAEMONS[*]/%/.socket} ${DAEMONS[*]/%/.service}" >/run/systemd/system/gateway.target
	for name in "${DAEMONS[@]}"; do
		mkdir -p "/run/systemd/system/$name.service.d" "/run/systemd/system/$name.socket.d"
		printf '[Service]\nStandardError=append:/run/%s.log\n' "$name" >"/run/systemd/system/$name.service.d/log.conf"
		# ten starts take longer than half a minute in an emulated machine
		printf '[Socket]\nTriggerLimitIntervalSec=5min\n' >"/run/systemd/system/$name.socket.d/slow.conf"
		# a newer one has a /tmp of its own
		: >"/run/$name.log"
		ln -sf "/run/$name.log" "$WORK/$name.log"
	done
	# shellcheck disable=SC2016
	start systemd gw unshare --pid --fork --kill-child --mount --mount-proc --cgroup bash -c '
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			/lib/systemd/systemd --system --unit=gateway.target --log-target=kmsg' || return
	wait_for 180 all_are active
}

# all_are STATE
all_are()
{
	local name
	for name in "${DAEMONS[@]}"; do
		[[ $(state "$name" ActiveState) == "$1" ]] || return
	done
}

# goes_on: Anybox is the same session, passes, and is found on the LAN.
goes_on()
{
	masqctl -q wait user=anybox state=open --timeout 60 && [[ $(column id,started,address user=anybox) == "$session" ]] &&
		pings anybox $FAR && lan_finds $ANYBOX && is_running anybox.gw
}

# have_changed PID...: both daemons run, and neither is what it was.
have_changed()
{
	[[ $(main_pid masqd) && $(main_pid masqd) != "$1" && $(main_pid masq-arpd) && $(main_pid masq-arpd) != "$2" ]] && all_are active
}

limit_is_hit() { [[ $(systemctl show --value -p Result masqd.socket) == trigger-limit-hit && $(state masqd ActiveState) == failed ]]; }

has_policy() { [[ $(masqctl policies -r --no-headings -o name "name=$1") == "$1" ]]; }

# wrong_starts: how often masqd was told of nat.
wrong_starts() { grep -c 'masqd.conf:[0-9]*: .*nat' "$WORK/masqd.log" || :; }

calls_for_ever()
{
	local calls=0
	until [[ -e $WORK/enough ]]; do
		if ! masqctl -q list >/dev/null || ! masqctl -q arp >/dev/null; then
			echo "refused after $calls"
			return 1
		fi
		((++calls))
	done
	echo "$calls calls"
}

@test "systemd: users, sockets and daemons are there as they were installed, and Anybox dials in" {
	local name
	[ "$(getent passwd masqgate masqgate-arp | cut -d: -f1,6,7)" = $'masqgate:/:/usr/sbin/nologin\nmasqgate-arp:/:/usr/sbin/nologin' ]
	[ "$(<"$WORK/folders")" = "/run/masqgate masqgate masqgate 755
/run/masq-arpd masqgate-arp masqgate-arp 755
/var/lib/masqgate masqgate masqgate 750" ]
	for name in "${DAEMONS[@]}"; do
		[ "$(state "$name" ActiveState) $(state "$name" NRestarts) $(state "$name" Result)" = 'active 0 success' ]
	done
	[ "$(ps -o user:20= -C masqd) $(ps -o user:20= -C masq-arpd)" = 'masqgate masqgate-arp' ]
	[ "$(stat -c '%U %a' /run/masqgate/masqd.sock /run/masq-arpd/arpd.sock)" = $'masqgate 666\nmasqgate-arp 666' ]
	anybox_up
	session=$(column id,started,address user=anybox)
	goes_on
}

@test "systemd: a restart of both daemons refuses nobody, and the session stays" {
	anybox_up
	session=$(column id,started,address user=anybox)
	rm -f "$WORK/enough"
	start calls - calls_for_ever
	pids=("$(main_pid masqd)" "$(main_pid masq-arpd)")
	systemctl restart masqd masq-arpd
	wait_for 120 have_changed "${pids[@]}"
	goes_on
	: >"$WORK/enough"
	[ "$(exit_status calls)" -eq 0 ]
	said calls '^[0-9]+ calls$'
}

@test "systemd: daemons that are killed come back at once, and the session stays" {
	anybox_up
	session=$(column id,started,address user=anybox)
	pids=("$(main_pid masqd)" "$(main_pid masq-arpd)")
	kill -KILL "${pids[@]}"
	wait_for 120 have_changed "${pids[@]}"
	[ "$(state masqd NRestarts) $(state masq-arpd NRestarts)" = '1 1' ]
	goes_on
}

@test "systemd: daemons that hang are ended by the watchdog and come back, and the session stays" {
	anybox_up
	session=$(column id,started,address user=anybox)
	pids=("$(main_pid masqd)" "$(main_pid masq-arpd)")
	kill -STOP "${pids[@]}"
	pings anybox $FAR
	wait_for 150 have_changed "${pids[@]}"
	dmesg | grep -q 'masqd\.service: Watchdog timeout'
	dmesg | grep -q 'masq-arpd\.service: Watchdog timeout'
	goes_on
}

@test "systemd: a reload takes over what the configuration says, and nothing of one that is wrong" {
	anybox_up
	session=$(column id,started,address user=anybox)
	pids=("$(main_pid masqd)")
	echo 'policy fresh { }' >>$CONF
	systemctl reload masqd
	wait_for 30 has_policy fresh
	echo 'policy broken { nat = perhaps }' >>$CONF
	systemctl reload masqd
	wait_for 30 said masqd 'masqd.conf:[0-9]+: .*nat'
	[ "$(main_pid masqd) $(state masqd ActiveState)" = "${pids[0]} active" ]
	goes_on
	sed -i '/broken/d' $CONF
}

@test "systemd: masqd does not start with a configuration that is wrong, is not tried for ever, and starts when it is mended" {
	anybox_up
	session=$(column id,started,address user=anybox)
	starts=$(wrong_starts)
	echo 'policy broken { nat = perhaps }' >>$CONF
	systemctl restart masqd || :
	# who calls has the socket start it again, as Anybox's plugin does, but not without end
	wait_for 240 limit_is_hit
	(($(wrong_starts) - starts <= 11))
	[ "$(state masqd ExecMainStatus) $(state masqd NRestarts)" = '78 0' ]
	pings anybox $FAR
	sed -i '/broken/d' $CONF
	systemctl reset-failed
	systemctl start masqd
	goes_on
}

@test "systemd: with both stopped, sockets too, the session passes, and is the same when they return" {
	anybox_up
	session=$(column id,started,address user=anybox)
	systemctl stop "${DAEMONS[@]/%/.socket}" "${DAEMONS[@]/%/.service}"
	[ -z "$(main_pid masqd)$(main_pid masq-arpd)" ]
	pings anybox $FAR
	lan_finds $ANYBOX
	arpd_start
	masqd_start
	goes_on
}
