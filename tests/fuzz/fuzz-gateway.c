/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* All of masqd, in a network namespace of its own: the Varlink server and each method, with the kernel behind them. The input is what
 * up to three clients send (tests/fuzz/daemon.h); a byte 4 changes the configuration that a reload reads, 5 takes a line's interface
 * down or up, 6 makes it anew. Whatever they send: replies are well-formed, and none too many; the kernel has what the sessions were
 * granted, all of it; nothing had to be repaired; and when all have gone no session of theirs is left. */

#include "config.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "masqd/api.h"
#include "masqd/conntrack.h"
#include "masqd/flush.h"
#include "masqd/follow.h"
#include "masqd/gateway.h"
#include "masqd/hosts.h"
#include "masqd/org.masqgate.Gateway.varlink.h"
#include "masqd/reload.h"
#include "tests/fuzz/daemon.h"
#include "tests/fuzz/memory-file.h"
#include "tests/fuzz/quiet.h"

#define SOCKET "/run/masqd.sock"
#define LINE "ppp1"
enum { LINE_INDEX = 50 };

static const char configuration[] =
	"socket = \"" SOCKET "\"\narpd-socket = \"/run/arpd.sock\"\nstate-directory = \"/run\"\ndefault-policy = full\n"
	"uplink isp { interface = isp0 gateway = \"203.0.113.2\" }\nuplink backup { interface = isp1 }\n"
	"lan office { interface = eth0 proxy-arp = yes }\n"
	"pool dialin { range = { \"192.168.0.100-192.168.0.103\" } prefix = \"2001:db8:1::/64\" }\n"
	"policy full { pool = dialin proxy-arp = yes ipv6 = proxy rules = { \"deny tcp 25\", \"allow any\" }\n"
	"  gateway-services = { \"ping\", \"udp 53\" } forwards = { \"ssh tcp 2222 to 22\" } quota = 10G\n"
	"  over-quota = \"policy slow\" dns = { \"192.0.2.53\" } }\n"
	"policy slow { pool = dialin rate-down = 64kbit rate-up = 64kbit flows = 20 new-flows = 5 uplinks = { isp, backup } }\n"
	"policy blocks { nat = snat snat-address = { \"203.0.113.1\" } port-block = 1024 routes = { \"10.9.0.0/16\" } }\n"
	"policy open { nat = none isolate = no inbound = yes hours = { \"Mon-Sun 00:00-24:00\" } idle-timeout = 1h session-timeout = 2h }\n"
	"user alice { policy = full address = \"192.168.0.110\" flows = 100 }\n"
	"user bob { policy = slow sessions-per-user = 1 duplicate = replace }\n"
	"group staff { users = { \"*@example.net\" } policy = blocks }\ncaller \"030*\" { policy = slow }\nline \"ttyS*\" { policy = open }\n"
	"network house { interface = eth1 prefix = \"10.1.0.0/16\" policy = open }\n";

/* Another one, which takes something from everybody. */
static const char other[] =
	"socket = \"" SOCKET "\"\narpd-socket = \"/run/arpd.sock\"\nstate-directory = \"/run\"\n"
	"uplink isp { interface = isp0 }\npool dialin { range = { \"192.168.0.100-192.168.0.120\" } }\n"
	"policy full { pool = dialin nat = masquerade rate-down = 128kbit }\npolicy open { nat = none }\n"
	"user alice { policy = full }\nline \"ttyS*\" { policy = full }\n";

static const char *const commands[] = {
	"ip link set lo up",
	"for i in ppp0 sl0 isp0 isp1 eth0 eth1; do ip link add $i type veth peer name far-$i && ip link set $i up && "
	"ip link set far-$i up || exit 1; done",
	"ip addr add 203.0.113.1/24 dev isp0 && ip addr add 198.51.100.1/24 dev isp1 && ip addr add 192.168.0.1/24 dev eth0 && "
	"ip addr add 10.1.0.1/16 dev eth1",
	NULL,
};

static struct gateway gw;
static struct api *api;
static struct memory_file file;
static bool is_other;		/* the file has the other configuration */
static int control_fd;		/* for ioctl */
static int line_fd = -1;	/* the line that comes and goes is there as long as this is open */

/* With the same index each time, so that an input can name it. */
static void make_line(void)
{
	struct ifreq request = { .ifr_name = LINE, .ifr_flags = IFF_TUN | IFF_NO_PI };
	int index = LINE_INDEX;

	if (line_fd >= 0)
		close(line_fd);
	line_fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	must(line_fd >= 0 && ioctl(line_fd, TUNSETIFINDEX, &index) == 0 && ioctl(line_fd, TUNSETIFF, &request) == 0);
	request.ifr_flags = IFF_UP;
	must(ioctl(control_fd, SIOCSIFFLAGS, &request) == 0);
}

/* The linker calls these in place of masqd/flush.c's and masqd/conntrack.c's, since the kernel takes long to look through its table of
 * connections. There are none to delete, and one of each session that may have some. */
void __wrap_flush_run(const struct flush_sockets *sockets, struct flush list[], size_t count);
int __wrap_conntrack_flush_forwarded(struct conntrack *ct, const struct in_addr *addresses, unsigned count);
int __wrap_conntrack_flush_unmarked(struct conntrack *ct, flush_is_meant *is_meant, void *ctx);
int __wrap_conntrack_each_mark(struct conntrack *ct, void (*on_mark)(void *ctx, uint32_t mark), void *ctx);
int __wrap_conntrack_each_public(struct conntrack *ct, struct in_addr address, unsigned port,
				 void (*on_flow)(void *ctx, const struct conntrack_flow *flow), void *ctx);

void __wrap_flush_run(const struct flush_sockets *sockets, struct flush list[], size_t count)
{
	(void)sockets;
	for (size_t i = 0; i < count; i++)
		list[i].rc = 0;
}

int __wrap_conntrack_flush_forwarded(struct conntrack *ct, const struct in_addr *addresses, unsigned count)
{
	return 0;
}

int __wrap_conntrack_flush_unmarked(struct conntrack *ct, flush_is_meant *is_meant, void *ctx)
{
	return 0;
}

int __wrap_conntrack_each_mark(struct conntrack *ct, void (*on_mark)(void *ctx, uint32_t mark), void *ctx)
{
	struct session *s, *next;

	on_mark(ctx, UINT32_MAX);
	session_each(&gw.sessions, s, next)
		on_mark(ctx, s->serial);
	return 0;
}

int __wrap_conntrack_each_public(struct conntrack *ct, struct in_addr address, unsigned port,
				 void (*on_flow)(void *ctx, const struct conntrack_flow *flow), void *ctx)
{
	struct conntrack_flow flow = { .protocol = IPPROTO_TCP };
	struct session *s, *next;

	on_flow(ctx, &flow);
	session_each(&gw.sessions, s, next) {
		flow.mark = s->serial;
		on_flow(ctx, &flow);
	}
	return 0;
}

static void start(void)
{
	struct conffile errors;
	struct conf *conf;

	daemon_isolate(commands);
	memory_file_open(&file);
	memory_file_fill(&file, configuration, strlen(configuration));
	conf = conf_load(&errors, file.path);
	must(conf);
	conffile_close(&errors);
	control_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	gw.base = event_base_new();
	make_line();
	must(gw.base && control_fd >= 0);
	must(api_open(&api, gw.base, &gw, SOCKET, varlink_description, geteuid(), getegid()) == 0);
	gw.serials = serial_open("/run", geteuid(), getegid());
	gw.store = store_open("/run", gw.base);
	must(gw.serials && gw.store);
	must(gateway_open(&gw, gw.base, conf, follow_handler(&gw)) == 0 && hosts_open(&gw.hosts, &gw) == 0);
	daemon_settle(gw.base);
}

static void toggle_line(void)
{
	struct ifreq request = { .ifr_name = LINE };

	must(ioctl(control_fd, SIOCGIFFLAGS, &request) == 0);
	request.ifr_flags ^= IFF_UP;
	must(ioctl(control_fd, SIOCSIFFLAGS, &request) == 0);
}

static void on_byte(unsigned char byte)
{
	if (byte == 4) {
		is_other = !is_other;
		memory_file_fill(&file, is_other ? other : configuration, is_other ? strlen(other) : strlen(configuration));
	} else if (byte == 5) {
		toggle_line();
	} else if (byte == 6) {
		make_line();
	}
	daemon_settle(gw.base);
}

/* The kernel has what is granted. */
static void on_end(void)
{
	struct session *s, *next;

	session_each(&gw.sessions, s, next) {
		const char *missing = elements_missing(gw.elements, &s->grant);

		must(s->serial && s->policy && !missing);
		must(s->state == SESSION_OPEN || !s->grant.is_open);
		must(strlen(session_text(s)) < 512);
	}
	must(gw.repairs == 0 && quiet_errors == 0);
}

static bool is_configured(const struct session *s)
{
	return s->type == SESSION_NETWORK || s->type == SESSION_SERIAL || s->type == SESSION_HOST;
}

/* As if nothing had been. */
static void reset(void)
{
	struct session *s, *next;
	struct conffile errors;
	unsigned changed;

	session_each(&gw.sessions, s, next) {
		must(is_configured(s) || s->type == SESSION_ATTACHED);
		if (s->type == SESSION_ATTACHED)
			gateway_end(&gw, s, "over");
		else
			gateway_session_changed(&gw, s);
	}
	reload_confirm(&gw);
	if (is_other)
		on_byte(4);
	if (!conf_find_policy(gw.conf, "slow")) {
		must(reload(&gw, &errors, 0, &changed) == 0);
		conffile_close(&errors);
	}
	daemon_settle(gw.base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct daemon_events events = { .on_byte = on_byte, .on_end = on_end };
	static unsigned runs;

	if (!gw.base)
		start();
	quiet_errors = 0;
	daemon_play(gw.base, SOCKET, &events, data, size);
	reset();
	/* What is kept does not become more and more. */
	if (++runs % 256 == 0)
		must(store_exec(gw.store, "DELETE FROM history; DELETE FROM history_public; DELETE FROM quota; DELETE FROM override") == 0);
	return 0;
}
