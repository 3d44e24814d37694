/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* Tunnels with pppd's names stand in for lines, since not every kernel has PPP: they are made by a file each, too, and are point to
 * point. */

#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "bench/programming-lines.h"
#include "bench/measure.h"
#include "lib/netlink.h"

/* By which they are removed: one after the other it would take minutes. */
#define GROUP 77
/* One transfer's; lib/netlink.h. */
#define TRANSFER 512
#define LOCAL	 0xc0a80001	/* 192.168.0.1 */
#define FIRST	 0x0a400001	/* 10.64.0.1 */

static struct nl_msg *begin(int type, int flags, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, NLM_F_REQUEST | flags);

	if (!msg || nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO))
		fail("message");
	return msg;
}

/* Each stays as long as its file is open, as pppd's does. */
static void create(unsigned i)
{
	struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "ppp%u", i);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &request))
		fail("/dev/net/tun");
}

static double create_all(unsigned count)
{
	struct rlimit files = { .rlim_cur = count + 100, .rlim_max = count + 100 };
	uint64_t start;

	if (setrlimit(RLIMIT_NOFILE, &files))
		fail("open files");
	start = now_ns();
	for (unsigned i = 0; i < count; i++)
		create(i);
	return (double)(now_ns() - start) / 1e6;
}

static unsigned index_of(unsigned i)
{
	char name[IFNAMSIZ];
	unsigned index;

	snprintf(name, sizeof(name), "ppp%u", i);
	index = if_nametoindex(name);
	if (!index)
		fail(name);
	return index;
}

static struct nl_msg *give_address(unsigned i)
{
	struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_prefixlen = 32, .ifa_index = index_of(i) };
	struct nl_msg *msg = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));

	nla_put_u32(msg, IFA_LOCAL, htonl(LOCAL));
	nla_put_u32(msg, IFA_ADDRESS, htonl(FIRST + i));
	return msg;
}

static struct nl_msg *set_up(unsigned i)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index_of(i), .ifi_flags = IFF_UP, .ifi_change = IFF_UP };

	return begin(RTM_NEWLINK, 0, &info, sizeof(info));
}

static struct nl_msg *put_into_group(unsigned i)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_index = (int)index_of(i) };
	struct nl_msg *msg = begin(RTM_NEWLINK, 0, &info, sizeof(info));

	nla_put_u32(msg, IFLA_GROUP, GROUP);
	return msg;
}

static void on_done(void *ctx, size_t i, int rc)
{
	(void)i;
	if (!rc)
		return;
	errno = -rc;
	fail(ctx);
}

/* One request after the other, and only their answers: how long the kernel takes. */
static double request_all(struct nl_sock *sock, unsigned count, struct nl_msg *(*make)(unsigned i), char *what)
{
	struct nl_msg *msgs[TRANSFER];
	uint64_t passed = 0;

	for (unsigned done = 0; done < count; done += TRANSFER) {
		unsigned now = count - done < TRANSFER ? count - done : TRANSFER;
		uint64_t start;

		for (unsigned i = 0; i < now; i++)
			msgs[i] = make(done + i);
		start = now_ns();
		netlink_request_many(sock, msgs, now, on_done, what);
		passed += now_ns() - start;
		for (unsigned i = 0; i < now; i++)
			nlmsg_free(msgs[i]);
	}
	return (double)passed / 1e6;
}

void lines_make(unsigned count)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);

	if (!sock)
		fail("rtnetlink");
	printf("create_ms=%.1f ", create_all(count));
	printf("address_ms=%.1f ", request_all(sock, count, give_address, "address"));
	printf("up_ms=%.1f ", request_all(sock, count, set_up, "up"));
	nl_socket_free(sock);
}

void lines_remove(unsigned count)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = begin(RTM_DELLINK, 0, &info, sizeof(info));
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	int rc;

	if (!sock)
		fail("rtnetlink");
	request_all(sock, count, put_into_group, "group");
	nla_put_u32(msg, IFLA_GROUP, GROUP);
	rc = netlink_request(sock, msg, NULL, NULL);
	/* If that takes longer than an answer is waited for, they go with this process. */
	if (rc && rc != -ETIMEDOUT)
		on_done("remove", 0, rc);
	nlmsg_free(msg);
	nl_socket_free(sock);
}
