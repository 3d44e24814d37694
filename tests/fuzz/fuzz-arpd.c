/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* All of masq-arpd, in a network namespace of its own: each method, with the kernel behind it. The input is what up to three clients
 * send (tests/fuzz/daemon.h); a byte 4 is a host on the LAN that probes for an address, 5 one that claims it, 6 takes a LAN down or up,
 * and 7 is a reload with another configuration. Whatever they send: replies are well-formed, and none too many; the table's entries are
 * in it under their address and have whoever claims them; nothing had to be repaired. */

#include "config.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utlist.h>

#include "arpd/api.h"
#include "arpd/packet.h"
#include "tests/fuzz/daemon.h"
#include "tests/fuzz/memory-file.h"

#define SOCKET "/run/arpd.sock"

static const char configuration[] = "socket = \"" SOCKET "\"\nengine = kernel\nprobe-wait = 20\n"
				    "publish \"192.168.0.104/30\" { interface = { eth0 } }\n";
static const char other[] = "socket = \"" SOCKET "\"\nengine = kernel\nprobe = no\nannounce = no\n"
			    "publish \"192.168.0.106\" { interface = { eth0, eth1 } }\npublish \"2001:db8::6\" { interface = { eth0 } }\n";

static const char *const commands[] = {
	"ip link set lo up",
	"for i in ppp0 eth0 eth1; do ip link add $i type veth peer name far-$i && ip link set $i up && ip link set far-$i up || exit 1; done",
	"ip addr add 192.168.0.1/24 dev eth0 && ip addr add 10.2.0.1/16 dev eth1 && ip route add 192.168.0.100/30 dev ppp0 && "
	"ip route add 192.168.0.104/30 dev ppp0 && ip route add 2001:db8::/64 dev ppp0",
	NULL,
};

static struct arpd arpd;
static struct varlink_server *server;
static struct memory_file file;
static bool is_other;
static int wire_fd, control_fd;

static void start(void)
{
	static struct varlink_service service;

	daemon_isolate(commands);
	memory_file_open(&file);
	memory_file_fill(&file, configuration, strlen(configuration));
	arpd.path = file.path;
	arpd.conf = conf_load(arpd.path);
	arpd.base = event_base_new();
	control_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	wire_fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(arpd.conf && arpd.base && control_fd >= 0 && wire_fd >= 0);
	api_init(&service, &arpd);
	must(varlink_server_open(&server, arpd.base, SOCKET, geteuid(), getegid(), &service) == 0);
	must(arpd_open(&arpd) == 0);
	daemon_settle(arpd.base);
}

/* A host at the other end of the LAN says something of the address. */
static void send_arp(bool is_probe)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_halen = ETH_ALEN,
				  .sll_ifindex = (int)if_nametoindex("far-eth0") };
	struct arp_packet packet = { .operation = is_probe ? ARPOP_REQUEST : ARPOP_REPLY, .sender_mac = { 2, 0, 0, 0, 0, 1 } };
	unsigned char payload[PACKET_ARP_LENGTH];

	inet_pton(AF_INET, "192.168.0.100", &packet.target);
	if (!is_probe)
		packet.sender = packet.target;
	packet_build_arp(&packet, payload);
	memset(to.sll_addr, 0xff, ETH_ALEN);
	sendto(wire_fd, payload, sizeof(payload), 0, (struct sockaddr *)&to, sizeof(to));
}

static void toggle_lan(void)
{
	struct ifreq request = { .ifr_name = "eth1" };

	must(ioctl(control_fd, SIOCGIFFLAGS, &request) == 0);
	request.ifr_flags ^= IFF_UP;
	must(ioctl(control_fd, SIOCSIFFLAGS, &request) == 0);
}

static void toggle_configuration(void)
{
	is_other = !is_other;
	memory_file_fill(&file, is_other ? other : configuration, is_other ? strlen(other) : strlen(configuration));
	arpd_reload(&arpd);
}

static void on_byte(unsigned char byte)
{
	if (byte < 6)
		send_arp(byte == 4);
	else if (byte == 6)
		toggle_lan();
	else
		toggle_configuration();
	daemon_settle(arpd.base);
}

static void look_at_entry(const struct lan *lan, struct entry *entry)
{
	struct table *table = &arpd.publisher.table;
	const struct claim *claim;

	must(entry->lan == lan && table_find(lan, &entry->address) == entry && !ip_objection(&entry->address));
	must(memcmp(&entry->address, &table->lowest, sizeof(entry->address)) >= 0);
	must(memcmp(&entry->address, &table->highest, sizeof(entry->address)) <= 0);
	must(entry_state(entry) <= ENTRY_PUBLISHED);
	LL_FOREACH(entry->claims, claim)
		must(claim->holder->claims > 0);
}

static void on_end(void)
{
	struct lan *lan;

	LL_FOREACH(arpd.publisher.table.lans, lan) {
		must(!conf_interface_objection(lan->name) && table_find_lan(&arpd.publisher.table, lan->name) == lan);
		for (struct entry *entry = lan->entries; entry; entry = entry->hh.next)
			look_at_entry(lan, entry);
	}
	must(arpd.publisher.repairs == 0);
}

/* As if nothing had been: nobody but the configuration holds anything. */
static void reset(void)
{
	struct table *table = &arpd.publisher.table;
	struct holder *holder, *next;

	if (is_other)
		toggle_configuration();
	LL_FOREACH_SAFE(table->holders, holder, next) {
		struct holder *again;

		if (strcmp(holder->name, ARPD_CONFIGURATION) == 0)
			continue;
		again = table_hold(table, holder->name, &arpd);
		must(again == holder);
		table_sweep(table, again, true);
		must(again->claims == 0);
		table_leave(table, again);
	}
	arpd.administrator = NULL;
	daemon_settle(arpd.base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct daemon_events events = { .on_byte = on_byte, .on_end = on_end };

	if (!arpd.base)
		start();
	daemon_play(arpd.base, SOCKET, &events, data, size);
	reset();
	return 0;
}
