# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Masq-Gate developers
#
# A gateway in network namespaces, for tests that look at the far side:
#
#      lan                       gw                               isp
#      192.168.0.9 eth0 ──── eth0 192.168.0.1
#                                 203.0.113.1 isp0 ──────── eth0 203.0.113.9, and the server there
#      c1                             │
#      192.168.0.100 eth0 ──── cl1 ───┤      cl1 and cl2 are attached: no name in the configuration covers them
#      c2                             │      ppp* are lines, closed by their names
#      192.168.0.101 eth0 ──── cl2 ───┘
#
# Nothing is forwarded in gw but what masqd says. In every test all that leaves by isp0 is written to isp.cap (CAPTURED), and a
# private source there fails it, but for those of MEANT_OUTSIDE, a regular expression: a test's own choice.

# shellcheck disable=SC2154,SC2034 # lib.bash and BATS set some, the tests use others

here=$(realpath "${BASH_SOURCE[0]%/*}")
# shellcheck source=tests/first-try.bash
. "$here/../first-try.bash"
SERVER=203.0.113.9
GATEWAY=org.masqgate.Gateway
CAPTURED=(not arp)

# A busy machine may leave a test less time than it needs: what fails is tried once more, and that is told. But what must never happen is
# not forgiven. A file whose tests take longer than two minutes sets TEST_SECONDS.
setup_file() { export BATS_TEST_TIMEOUT=${TEST_SECONDS:-120} BATS_TEST_RETRIES=1; }

unforgiven() { echo "$BATS_FILE_TMPDIR/unforgiven-$BATS_TEST_NUMBER"; }

# gateway_setup NAME: the picture, and masqd in it.
gateway_setup()
{
	begin "$1"
	[[ ! -e $(unforgiven) ]] || { echo "in the first try: $(<"$(unforgiven)")" && return 1; }
	chown masqgate "$dir"
	talk=$here/talk strays=$here/../vm/strays.py
	add_namespaces gw lan isp c1 c2
	wire isp0 isp 203.0.113.9/24
	ip -n "$ns-gw" addr add 203.0.113.1/24 dev isp0
	ip -n "$ns-isp" route add 198.51.100.0/24 via 203.0.113.1
	wire eth0 lan 192.168.0.9/24
	ip -n "$ns-gw" addr add 192.168.0.1/24 dev eth0
	ip -n "$ns-lan" route add default via 192.168.0.1
	add_client cl1 c1 192.168.0.100
	add_client cl2 c2 192.168.0.101
	conf
	capture isp isp eth0 "${CAPTURED[@]}"
	serve isp
	start_masqd
}

# no_mismatch: the kernel is as it should be. So it is at the end of each test, unless that says mismatch_is_meant.
no_mismatch() { [[ $(ctl reconcile --dry-run --json | gojq -c '[.found, .left, .mismatches]') == '[0,0,[]]' ]]; }

gateway_teardown()
{
	local leaks findings mismatches=
	leaks=$(leaked)
	if [[ -n ${BATS_TEST_COMPLETED-} && -e /proc/$masqd && -z ${mismatch_is_meant-} ]] && ! until_true no_mismatch; then
		mismatches=$(ctl reconcile --dry-run)
	fi
	end_process "$masqd"
	[[ -n ${BATS_TEST_COMPLETED-} ]] || within gw nft list ruleset || :
	findings=$(grep -aE 'Sanitizer|runtime error' log | grep -avE "${allowed_findings-^$}" || :)
	tell_first_try tail -n 40 log
	end log far-isp isp.cap
	leaks=${leaks:+private sources outside:$'\n'$leaks}
	mismatches=${mismatches:+not as it should be:$'\n'$mismatches}
	findings=${findings:+masqd, by its sanitizers: $findings}
	[[ -z $leaks$mismatches$findings ]] || {
		printf '%s\n' "$leaks" "$mismatches" "$findings" | tee "$(unforgiven)"
		return 1
	}
}

# wire NAME NAMESPACE [ADDRESS/LENGTH]: an interface of the gateway, whose other end is eth0 in that namespace.
wire()
{
	ip -n "$ns-gw" link add "$1" type veth peer name eth0 netns "$ns-$2"
	ip -n "$ns-gw" link set "$1" up
	ip -n "$ns-$2" link set eth0 up
	[[ -z ${3-} ]] || ip -n "$ns-$2" addr add "$3" dev eth0
}

# add_client NAME NAMESPACE ADDRESS: as a line would be after ip-up.
add_client()
{
	wire "$1" "$2" "$3/32"
	ip -n "$ns-$2" route add 192.168.0.1 dev eth0
	ip -n "$ns-$2" route add default via 192.168.0.1
	route_client "$1" "$3"
}

# add_network: an Ethernet of clients.
#
#      h1 10.1.0.2 ──┐
#      h2 10.1.0.3 ──┼── (a bridge in h0) ──── eth1 10.1.0.1   gw
#      h3 10.1.0.4 ──┘
add_network()
{
	local host
	add_namespaces h0 h1 h2 h3
	ip -n "$ns-h0" link add br0 type bridge
	ip -n "$ns-h0" link set br0 up
	wire eth1 h0
	ip -n "$ns-h0" link set eth0 master br0
	ip -n "$ns-gw" addr add 10.1.0.1/24 dev eth1
	for host in 1 2 3; do
		ip -n "$ns-h0" link add "h$host" type veth peer name eth0 netns "$ns-h$host"
		ip -n "$ns-h0" link set "h$host" master br0 up
		ip -n "$ns-h$host" link set eth0 up
		ip -n "$ns-h$host" addr add "10.1.0.$((host + 1))/24" dev eth0
		ip -n "$ns-h$host" route add default via 10.1.0.1
	done
}

HOME_NETWORK='network home { interface = "eth1" prefix = "10.1.0.0/24" policy = "dialup" }'

# route_client NAME ADDRESS: where the gateway and the hosts on the LAN find it.
route_client()
{
	ip -n "$ns-gw" route replace "$2/32" dev "$1"
	ip -n "$ns-lan" route replace "$2/32" via 192.168.0.1
}

# becomes_slip: cl1 is sl0 from now on, for a serial section.
becomes_slip()
{
	ip -n "$ns-gw" link set cl1 down
	ip -n "$ns-gw" link set cl1 name sl0
	ip -n "$ns-gw" link set sl0 up
	route_client sl0 192.168.0.100
}

# conf [LINE]...: the configuration, with further lines. A policy's line is replaced by one that begins like it.
conf()
{
	local line
	cat >masqd.conf <<-END
		client-interfaces = { "ppp*" }
		default-policy = "dialup"
		uplink isp { interface = "isp0" }
		lan office { interface = "eth0" }
		pool dialin { range = { "192.168.0.100-192.168.0.103" } }
		policy dialup { pool = "dialin" }
		policy friends { isolate = no pool = "dialin" }
		policy plain { nat = none }
		line "ttyP*" { policy = "plain" }
		socket = "$dir/run/socket"
		arpd-socket = "$dir/arpd/socket"
		state-directory = "$dir/state"
	END
	for line; do
		sed -i "/^${line%%\{*}{/d" masqd.conf
		echo "$line" >>masqd.conf
	done
}

# clock_shows HH:MM:SS: what a masqd started from now on takes for the local time.
clock_shows()
{
	local hour minute second west
	IFS=: read -r hour minute second <<<"$1"
	west=$((($(date +%s) - 10#$hour * 3600 - 10#$minute * 60 - 10#$second) % 86400))
	printf -v TZ 'TST%d:%02d:%02d' $((west / 3600)) $((west / 60 % 60)) $((west % 60))
	export TZ
}

start_masqd()
{
	local ready
	ready=$(grep -c ': ready: ' log || :)
	background ip netns exec "$ns-gw" masqd -v -f "$dir/masqd.conf" 2>>log
	masqd=$last
	until_true is_ready $((ready + 1))
	kill -0 "$masqd"
}

is_ready() { (($(grep -c ': ready: ' log || :) >= $1)) || ! kill -0 "$masqd"; }

# run_arpd: the real masq-arpd, where the configuration says that it is; its log is in arpd.log.
run_arpd()
{
	mkdir arpd
	chown masqgate-arp arpd
	echo "socket = \"$dir/arpd/socket\"" >arpd.conf
	background ip netns exec "$ns-gw" masq-arpd -v -f "$dir/arpd.conf" 2>arpd.log
	arpd=$last
	until_true test -S arpd/socket
}

kill_masqd() { end_process "$masqd" KILL; }

ctl() { masqctl --socket "$dir/run/socket" --arp-socket "$dir/arpd/socket" "$@"; }
attach() { ctl attach "$1" --address "$2" "${@:3}"; }
call() { "$here/../varlink-call" run/socket "$@"; }

# sessions MEMBER...: these of each session, a line each, ordered by serial.
sessions()
{
	local members
	printf -v members '.%s, ' "$@"
	ctl list --json --columns all | gojq -cr ".sessions | sort_by(.id)[] | [${members%, }] | map(tostring) | join(\" \")"
}

# repairs: how often somebody else's changes were undone.
repairs() { ctl status --json | gojq .masqd.repairs; }
has_repairs() { (($(repairs) >= $1)); }

logged() { grep -qF -- "$1" log; }
table() { within gw nft -y list table inet masqgate; }
in_table() { table | grep -qF -- "$1"; }
in_conntrack() { within gw conntrack -L 2>/dev/null | grep -q -- "$1"; }
not() { ! "$@"; }

# capture NAME NAMESPACE INTERFACE FILTER...: writes what is seen there to NAME.cap.
capture()
{
	background ip netns exec "$ns-$2" tcpdump -nl --immediate-mode -i "$3" "${@:4}" >>"$1.cap" 2>"$1.err"
	until_true grep -q 'listening on' "$1.err"
}

# settled: all that was sent to the uplink until now is in isp.cap: a ping of the gateway's own with a size that nobody has.
settled()
{
	local size=$((1000 + ++settled))
	within gw ping -q -c 1 -W 2 -s $size $SERVER >/dev/null
	until_true grep -q "echo reply.* length $((size + 8))" isp.cap
}
settled=0

# forget_outside: what has been written down until now.
forget_outside()
{
	settled
	: >isp.cap
}

leaked()
{
	[[ -e isp.cap ]] || return 1
	settled
	grep -E '^[^ ]+ IP (10\.|172\.(1[6-9]|2[0-9]|3[01])\.|192\.168\.)' isp.cap | grep -vE "^[^ ]+ IP (${MEANT_OUTSIDE-^})[. ]"
}

# flood NAMESPACE: pings that go on, 500 packets a second.
flood()
{
	background ip netns exec "$ns-$1" ping -q -i 0.002 $SERVER >/dev/null
	until_true seen_at_isp 'echo request'
}

seen_at_isp() { grep -q "$1" isp.cap; }

# serve NAMESPACE: the server of tests/net/talk.
serve()
{
	background ip netns exec "$ns-$1" "$talk" serve >"far-$1" 2>&1
	until_true grep -q ready "far-$1"
}

# heard_as PROTOCOL NAMESPACE [ADDRESS]: as whom the server there hears somebody; - if not, or not the answer.
heard_as()
{
	local answer
	answer=$(within "$2" "$talk" -w 0.7 "$1" "${3-$SERVER}" <<<hello)
	echo "${answer%% *}"
}

# hears WANTED PROTOCOL NAMESPACE [ADDRESS]
hears()
{
	is "$(heard_as "${@:2}")" "$1"
}

pings() { within "$1" ping -q -c 1 -W 0.7 "${2-$SERVER}" >/dev/null; }

# passes NAMESPACE SOURCE [ADDRESS]: all protocols do, from this source.
passes()
{
	hears "$2" tcp "$1" "${3-$SERVER}"
	hears "$2" udp "$1" "${3-$SERVER}"
	pings "$1" "${3-$SERVER}"
}

# blocked NAMESPACE [ADDRESS]: no protocol passes.
blocked()
{
	local tries=()
	heard_as tcp "$1" "${2-$SERVER}" >heard-tcp 3>&- &
	tries+=($!)
	heard_as udp "$1" "${2-$SERVER}" >heard-udp 3>&- &
	tries+=($!)
	run ! pings "$1" "${2-$SERVER}"
	wait "${tries[@]}"
	is "$(<heard-tcp) $(<heard-udp)" '- -'
}

# opened COUNT NAMESPACE [ADDRESS]: how many of so many UDP flows, one packet each, reach the server there.
opened()
{
	within "$2" python3 - "$1" "${3-$SERVER}" <<-'END'
		import select, socket, sys
		socks = []
		for _ in range(int(sys.argv[1])):
		    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		    s.connect((sys.argv[2], 80))
		    s.send(b"hello\n")
		    socks.append(s)
		waiting = socks
		while ready := select.select(waiting, [], [], 0.7)[0]:
		    waiting = [s for s in waiting if s not in ready]
		print(len(socks) - len(waiting))
	END
}

# converse NAME PROTOCOL NAMESPACE [ADDRESS]: a flow that lasts, to ask in.
converse()
{
	mkfifo "$1.in"
	background ip netns exec "$ns-$3" "$talk" -w 1 "$2" "${4-$SERVER}" <>"$1.in" >"$1.out"
}

# ask NAME LINE: the answer.
ask()
{
	local lines
	lines=$(wc -l <"$1.out")
	echo "$2" >"$1.in"
	until_true has_lines "$1.out" $((lines + 1))
	tail -n 1 "$1.out"
}

has_lines() { (($(wc -l <"$1") >= $2)); }

# answered NAME: the flow still lives.
answered()
{
	asked=$((asked + 1))
	[[ $(ask "$1" "still $asked") == *" still $asked" ]]
}
asked=0

# dial NAME LINE [OPEN]: the plugin's part, by tests/net/line; its replies are in NAME.replies, its orders go to NAME.orders.
dial()
{
	local wanted=1
	[[ -p $1.orders ]] || mkfifo "$1.orders"
	: >"$1.replies"
	background "$here/line" run/socket "${@:2}" <>"$1.orders" >"$1.replies"
	dialled=$last
	# what was admitted before is only opened
	[[ $# -lt 3 || $3 == *serial* ]] || wanted=2
	until_true has_lines_or_end "$1.replies" $wanted
}

has_lines_or_end() { has_lines "$@" || ! kill -0 "$dialled" 2>/dev/null || grep -q error "$1"; }

reply() { sed -n "$2p" "$1.replies" | gojq -cr "$3"; }

# refused WANTED LINE [OPEN]: the line is, for this reason.
refused()
{
	dial refused "${@:2}"
	# one that is let in stays
	until_true not kill -0 "$dialled" 2>/dev/null
	wait "$dialled" && return 1
	is "$(tail -n 1 refused.replies | gojq -r '"\(.error) \(.parameters.reason)"')" "$GATEWAY.Refused $1"
}

# add_line NAME NAMESPACE ADDRESS: a veth that looks like a line of pppd's; its index is in ifindex.
add_line()
{
	add_namespaces "$2"
	add_client "$@"
	ifindex=$(ip -n "$ns-gw" -j link show "$1" | gojq '.[0].ifindex')
}

# probe [OPTION]...: of ping, for a flow that must not notice anything; a hundred packets a second.
probe()
{
	background ip netns exec "$ns-c1" ping -q -i 0.01 "$@" $SERVER >probe.out
	probe=$last
	until_true grep -q 'echo request' isp.cap
}

# lost_nothing: of the probes.
lost_nothing()
{
	kill -INT "$probe"
	wait "$probe" || :
	cat probe.out
	grep -q ' 0% packet loss' probe.out
}

# serials: of the clients that the kernel has; the oracle of what masqd says.
serials()
{
	within gw nft -j list map inet masqgate serial |
		gojq -r '.nftables[].map.elem[]?[1] | if type == "object" then .elem else . end' | sort -n
}
