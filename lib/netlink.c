/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* libnl opens, addresses and numbers; the reading is done here, because libnl's error numbers lose the kernel's. */

#include "lib/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/netconf.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/socket.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lib/log.h"

/* Five thousand interfaces that come up make eleven thousand notifications; this holds them. Memory is used only as it fills. */
#define RECEIVE_BUFFER	(64 * 1024 * 1024)
/* The kernel builds dumps in pieces of up to 32 KiB. */
#define DATAGRAM_MAX	(64 * 1024)
/* Notifications read before other events get their turn. */
#define BATCH		256
/* Messages of one transfer. */
#define MANY_MAX	512
/* The kernel answers at once; this only keeps a daemon from hanging if it does not. */
#define ANSWER_TIMEOUT_S 10

struct netlink_monitor {
	struct nl_sock *sock;
	struct event *readable;
	const struct netlink_monitor_handler *handler;
};

uint32_t netlink_u32(const struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint32_t) ? nla_get_u32(attr) : 0;
}

uint8_t netlink_u8(const struct nlattr *attr)
{
	return attr && nla_len(attr) >= (int)sizeof(uint8_t) ? nla_get_u8(attr) : 0;
}

/* Has it the header of its type? Readers need not ask; about types that nobody here reads nothing is known. */
static bool is_whole(const struct nlmsghdr *header)
{
	static const uint8_t sizes[] = {
		[RTM_FAM(RTM_NEWLINK)] = sizeof(struct ifinfomsg),
		[RTM_FAM(RTM_NEWADDR)] = sizeof(struct ifaddrmsg),
		[RTM_FAM(RTM_NEWROUTE)] = sizeof(struct rtmsg),
		[RTM_FAM(RTM_NEWNEIGH)] = sizeof(struct ndmsg),
		[RTM_FAM(RTM_NEWRULE)] = sizeof(struct fib_rule_hdr),
		[RTM_FAM(RTM_NEWQDISC)] = sizeof(struct tcmsg),
		[RTM_FAM(RTM_NEWTCLASS)] = sizeof(struct tcmsg),
		[RTM_FAM(RTM_NEWTFILTER)] = sizeof(struct tcmsg),
		[RTM_FAM(RTM_NEWNEIGHTBL)] = sizeof(struct ndtmsg),
		[RTM_FAM(RTM_NEWNETCONF)] = sizeof(struct netconfmsg),
		[RTM_FAM(RTM_NEWCHAIN)] = sizeof(struct tcmsg),
		[RTM_FAM(RTM_NEWSTATS)] = sizeof(struct if_stats_msg),
	};
	unsigned type = header->nlmsg_type;
	size_t size = 0;

	/* The types of nfnetlink have a subsystem in their upper half, which is never 0. */
	if (type > UINT8_MAX)
		size = sizeof(struct nfgenmsg);
	else if (type >= RTM_BASE && RTM_FAM(type) < sizeof(sizes))
		size = sizes[RTM_FAM(type)];
	return nlmsg_datalen(header) >= (int)size;
}

static struct nl_sock *open_socket(int protocol)
{
	struct nl_sock *sock = nl_socket_alloc();
	int size = RECEIVE_BUFFER, rc;

	if (!sock) {
		errno = ENOMEM;
		return NULL;
	}
	rc = nl_connect(sock, protocol);
	if (rc < 0) {
		nl_socket_free(sock);
		errno = rc == -NLE_NOMEM ? ENOMEM : EPROTONOSUPPORT;
		return NULL;
	}
	/* Without CAP_NET_ADMIN the system's limit has to do. */
	if (setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return sock;
}

/* Receives one datagram of the kernel's into buffer; its length, 0 if it came from somebody else, or -errno. */
static ssize_t receive(struct nl_sock *sock, void *buffer, size_t size, int flags)
{
	struct sockaddr_nl from = { 0 };
	struct iovec iov = { .iov_base = buffer, .iov_len = size };
	struct msghdr msg = { .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t len;

	do
		len = recvmsg(nl_socket_get_fd(sock), &msg, flags);
	while (len < 0 && errno == EINTR);
	if (len < 0)
		return -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -ENOBUFS;
	return from.nl_pid ? 0 : len;
}

/* What still waits is older than what was lost, and would undo what is read anew; and the kernel adds nothing, nor says that it does not,
 * until all of it is taken. */
static void drop_waiting(struct netlink_monitor *monitor, void *buffer, size_t size)
{
	ssize_t len;

	do
		len = receive(monitor->sock, buffer, size, MSG_DONTWAIT);
	while (len >= 0 || len == -ENOBUFS);
}

/* Hands on at most so many datagrams. False: there are no more. */
static bool read_some(struct netlink_monitor *monitor, int count)
{
	char buffer[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool is_overrun = false;
	ssize_t len = 0;

	while (count-- > 0 && !is_overrun) {
		len = receive(monitor->sock, buffer, sizeof(buffer), MSG_DONTWAIT);
		is_overrun = len == -ENOBUFS;
		if (len < 0 && !is_overrun)
			break;
		int rest = len > 0 ? (int)len : 0;
		for (struct nlmsghdr *header = (struct nlmsghdr *)buffer; nlmsg_ok(header, rest); header = nlmsg_next(header, &rest))
			if (is_whole(header))
				monitor->handler->on_message(monitor->handler->ctx, header);
	}
	if (is_overrun) {
		drop_waiting(monitor, buffer, sizeof(buffer));
		monitor->handler->on_overrun(monitor->handler->ctx);
	}
	return len >= 0 || len == -ENOBUFS;
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_some(arg, BATCH);
}

void netlink_monitor_catch_up(struct netlink_monitor *monitor)
{
	while (read_some(monitor, BATCH))
		;
}

int netlink_monitor_open(struct netlink_monitor **monitor, struct event_base *base, int protocol, const int *groups,
			 const struct netlink_monitor_handler *handler)
{
	struct netlink_monitor *m = calloc(1, sizeof(*m));
	int rc = -ENOMEM;

	if (!m)
		return -ENOMEM;
	m->handler = handler;
	m->sock = open_socket(protocol);
	if (!m->sock) {
		rc = -errno;
		goto fail;
	}
	for (; *groups; groups++) {
		if (setsockopt(nl_socket_get_fd(m->sock), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, groups, sizeof(*groups))) {
			rc = -errno;
			goto fail;
		}
	}
	m->readable = event_new(base, nl_socket_get_fd(m->sock), EV_READ | EV_PERSIST, on_readable, m);
	if (!m->readable || event_add(m->readable, NULL))
		goto fail;
	*monitor = m;
	return 0;
fail:
	netlink_monitor_close(m);
	return rc;
}

void netlink_monitor_ignore(struct netlink_monitor *monitor, uint32_t port)
{
	/* A notification has the port in its header. What a filter loads is in network order, the header is not. */
	struct sock_filter program[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	struct sock_fprog filter = { .len = sizeof(program) / sizeof(program[0]), .filter = program };

	if (setsockopt(nl_socket_get_fd(monitor->sock), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)))
		log_debug("cannot filter notifications: %s", strerror(errno));
}

void netlink_monitor_close(struct netlink_monitor *monitor)
{
	if (!monitor)
		return;
	if (monitor->readable)
		event_free(monitor->readable);
	if (monitor->sock)
		nl_socket_free(monitor->sock);
	free(monitor);
}

struct nl_sock *netlink_request_open(int protocol)
{
	struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT_S };
	struct nl_sock *sock = open_socket(protocol);

	if (sock)
		setsockopt(nl_socket_get_fd(sock), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	return sock;
}

int netlink_code(int error)
{
	/* linux/err.h, MAX_ERRNO */
	return error > 0 || error < -4095 ? -EBADMSG : error;
}

/* What a received message says about the request's end: 1 it goes on, 0 or -errno it is over. */
static int judge(const struct nlmsghdr *header, bool is_interrupted)
{
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = nlmsg_data(header);

		return nlmsg_datalen(header) < (int)sizeof(*error) ? -EBADMSG : netlink_code(error->error);
	}
	if (header->nlmsg_type == NLMSG_DONE) {
		const int *error = nlmsg_data(header);

		if (nlmsg_datalen(header) >= (int)sizeof(*error) && *error < 0)
			return netlink_code(*error);
		return is_interrupted ? -EINTR : 0;
	}
	return 1;
}

int netlink_request(struct nl_sock *sock, struct nl_msg *msg, void (*on_message)(void *ctx, struct nlmsghdr *header), void *ctx)
{
	char buffer[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool is_interrupted = false;
	unsigned sequence;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	nl_complete_msg(sock, msg);
	sequence = nlmsg_hdr(msg)->nlmsg_seq;
	if (send(nl_socket_get_fd(sock), nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		ssize_t len = receive(sock, buffer, sizeof(buffer), 0);

		if (len < 0)
			return len == -EAGAIN ? -ETIMEDOUT : (int)len;
		int rest = (int)len;
		for (struct nlmsghdr *header = (struct nlmsghdr *)buffer; nlmsg_ok(header, rest); header = nlmsg_next(header, &rest)) {
			int verdict;

			/* What an earlier request, given up, left behind. */
			if (header->nlmsg_seq != sequence)
				continue;
			is_interrupted |= header->nlmsg_flags & NLM_F_DUMP_INTR;
			verdict = judge(header, is_interrupted);
			if (verdict <= 0)
				return verdict;
			if (on_message && header->nlmsg_type >= NLMSG_MIN_TYPE && is_whole(header))
				on_message(ctx, header);
		}
	}
}

/* Receives until the request with this sequence number is answered, and puts what failed of the count ones that end with it into
 * codes. 0 or -errno. */
static int receive_many(struct nl_sock *sock, unsigned last, size_t count, int codes[])
{
	char buffer[DATAGRAM_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));

	for (;;) {
		ssize_t len = receive(sock, buffer, sizeof(buffer), 0);

		if (len < 0)
			return len == -EAGAIN ? -ETIMEDOUT : (int)len;
		int rest = (int)len;
		for (struct nlmsghdr *header = (struct nlmsghdr *)buffer; nlmsg_ok(header, rest); header = nlmsg_next(header, &rest)) {
			unsigned before_last = last - header->nlmsg_seq;

			if (before_last >= count || header->nlmsg_type != NLMSG_ERROR)
				continue;
			codes[count - 1 - before_last] = judge(header, false);
			if (!before_last)
				return 0;
		}
	}
}

void netlink_request_many(struct nl_sock *sock, struct nl_msg *const msgs[], size_t count,
			  void (*on_done)(void *ctx, size_t number, int rc), void *ctx)
{
	struct iovec parts[MANY_MAX];
	struct msghdr transfer = { .msg_iov = parts, .msg_iovlen = count };
	int codes[MANY_MAX] = { 0 }, rc = 0;

	if (!count)
		return;
	nlmsg_hdr(msgs[count - 1])->nlmsg_flags |= NLM_F_ACK;
	for (size_t i = 0; i < count; i++) {
		nl_complete_msg(sock, msgs[i]);
		/* libnl asks for an acknowledgement of everything. */
		if (i < count - 1)
			nlmsg_hdr(msgs[i])->nlmsg_flags &= (uint16_t)~NLM_F_ACK;
		parts[i] = (struct iovec){ .iov_base = nlmsg_hdr(msgs[i]), .iov_len = nlmsg_hdr(msgs[i])->nlmsg_len };
	}
	if (sendmsg(nl_socket_get_fd(sock), &transfer, 0) < 0)
		rc = -errno;
	if (!rc)
		rc = receive_many(sock, nlmsg_hdr(msgs[count - 1])->nlmsg_seq, count, codes);
	for (size_t i = 0; i < count; i++)
		on_done(ctx, i, rc ? rc : codes[i]);
}
