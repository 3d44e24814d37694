/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Masq-Gate developers */

/* lib/netlink and its readers: messages that are shorter than they should be. The linker puts this file in the kernel's place. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <event2/event.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "arpd/route.h"
#include "lib/netlink.h"
#include "masqd/links.h"

/* What the kernel answers to every request, before its acknowledgement. */
static struct nl_msg *answer;
static uint32_t sequence;
static unsigned sent;	/* of the answer's two datagrams */
static unsigned waiting;	/* notifications, behind the word that others were lost */
static bool is_lost;

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
	sequence = ((const struct nlmsghdr *)bytes)->nlmsg_seq;
	sent = 0;
	return (ssize_t)size;
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} end = { .header = { .nlmsg_len = sizeof(end), .nlmsg_type = NLMSG_ERROR, .nlmsg_seq = sequence } };
	const struct nlmsghdr *header = sent++ ? &end.header : nlmsg_hdr(answer);

	if (flags & MSG_DONTWAIT) {
		errno = is_lost ? ENOBUFS : EAGAIN;
		if (is_lost || !waiting)
			return is_lost = false, -1;
		waiting--;
		header = nlmsg_hdr(answer);
	}
	/* What is behind a datagram is nobody's. */
	memset(message->msg_iov[0].iov_base, 'x', message->msg_iov[0].iov_len);
	memcpy(message->msg_iov[0].iov_base, header, header->nlmsg_len);
	((struct nlmsghdr *)message->msg_iov[0].iov_base)->nlmsg_seq = sequence;
	message->msg_flags = 0;
	return (ssize_t)header->nlmsg_len;
}

/* An answer of that type whose payload is the first size bytes of a link's. */
static void begin_answer(int type, size_t size)
{
	struct ifinfomsg info = { .ifi_index = 5, .ifi_flags = 1 };

	nlmsg_free(answer);
	answer = nlmsg_alloc_simple(type, 0);
	assert_non_null(answer);
	assert_int_equal(nlmsg_append(answer, &info, size, NLMSG_ALIGNTO), 0);
}

static void count(void *ctx, struct nlmsghdr *header)
{
	*(unsigned *)ctx += 1;
}

static unsigned messages(void)
{
	struct nl_sock *sock = netlink_request_open(NETLINK_ROUTE);
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETLINK, 0);
	unsigned number = 0;

	assert_int_equal(netlink_request(sock, msg, count, &number), 0);
	nlmsg_free(msg);
	nl_socket_free(sock);
	return number;
}

static void a_message_without_its_header_is_not_handed_on(void **state)
{
	begin_answer(RTM_NEWLINK, sizeof(struct ifinfomsg));
	assert_int_equal(messages(), 1);
	begin_answer(RTM_NEWLINK, 3);
	assert_int_equal(messages(), 0);
	begin_answer(RTM_NEWADDR, sizeof(struct ifaddrmsg));
	assert_int_equal(messages(), 1);
	begin_answer(RTM_NEWADDR, 1);
	assert_int_equal(messages(), 0);
	/* nf_tables */
	begin_answer(0xa00, 3);
	assert_int_equal(messages(), 1);
	begin_answer(0xa00, 0);
	assert_int_equal(messages(), 0);
}

static void a_number_that_is_too_short_is_none(void **state)
{
	char bytes[NLA_HDRLEN + 4];
	struct nlattr *attr = (struct nlattr *)bytes;

	memset(bytes, 0xff, sizeof(bytes));
	for (uint16_t size = 0; size <= 4; size++) {
		attr->nla_len = NLA_HDRLEN + size;
		assert_int_equal(netlink_u32(attr), size == 4 ? UINT32_MAX : 0);
		assert_int_equal(netlink_u8(attr), size ? UINT8_MAX : 0);
	}
	assert_int_equal(netlink_u32(NULL), 0);
	assert_int_equal(netlink_u8(NULL), 0);
}

static void on_overrun(void *ctx)
{
	assert_int_equal(waiting, 0);
	*(unsigned *)ctx += 1000;
}

/* They are older than what is read anew. */
static void what_waits_behind_a_loss_is_not_handed_on(void **state)
{
	static const int no_groups[] = { 0 };
	unsigned number = 0;
	struct netlink_monitor_handler handler = { .on_message = count, .on_overrun = on_overrun, .ctx = &number };
	struct event_base *base = event_base_new();
	struct netlink_monitor *monitor;

	begin_answer(RTM_NEWLINK, sizeof(struct ifinfomsg));
	assert_int_equal(netlink_monitor_open(&monitor, base, NETLINK_ROUTE, no_groups, &handler), 0);
	waiting = 300;
	netlink_monitor_catch_up(monitor);
	assert_int_equal(number, 300);
	waiting = 300;
	is_lost = true;
	netlink_monitor_catch_up(monitor);
	assert_int_equal(number, 1300);
	netlink_monitor_close(monitor);
	event_base_free(base);
}

static void a_code_is_an_error_that_there_is(void **state)
{
	assert_int_equal(netlink_code(0), 0);
	assert_int_equal(netlink_code(-EEXIST), -EEXIST);
	assert_int_equal(netlink_code(EEXIST), -EBADMSG);
	assert_int_equal(netlink_code(INT32_MIN), -EBADMSG);
}

static void no_prefix_is_longer_than_an_address(void **state)
{
	struct rtmsg info = { .rtm_family = AF_INET6, .rtm_dst_len = 129 };
	unsigned char address[16] = { 0x20, 1, 0xd, 0xb8 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWROUTE, 0);
	struct ip_prefix destination;

	assert_int_equal(nlmsg_append(msg, &info, sizeof(info), NLMSG_ALIGNTO), 0);
	assert_int_equal(nla_put(msg, RTA_DST, sizeof(address), address), 0);
	assert_false(route_parse_notice(nlmsg_hdr(msg), &destination));
	((struct rtmsg *)nlmsg_data(nlmsg_hdr(msg)))->rtm_dst_len = 128;
	assert_true(route_parse_notice(nlmsg_hdr(msg), &destination));
	assert_int_equal(destination.length, 128);
	nlmsg_free(msg);
}

static void ignore(void *ctx, const struct link *link)
{
}

/* A name without its zero byte, and a carrier without its byte. */
static void a_name_ends_with_its_attribute(void **state)
{
	static const struct links_handler handler = { .on_link = ignore, .on_gone = ignore };
	struct event_base *base = event_base_new();
	struct links *links;

	begin_answer(RTM_NEWLINK, sizeof(struct ifinfomsg));
	assert_int_equal(nla_put(answer, IFLA_CARRIER, 0, NULL), 0);
	assert_int_equal(nla_put(answer, IFLA_IFNAME, 4, "ppp0"), 0);
	assert_int_equal(links_open(&links, base, &handler), 0);
	assert_string_equal(links_find(links, 5)->name, "ppp0");
	assert_false(links_find(links, 5)->is_up);
	begin_answer(RTM_NEWLINK, sizeof(struct ifinfomsg));
	assert_int_equal(nla_put(answer, IFLA_IFNAME, 40, "a name that is longer than a name may be"), 0);
	links_refresh(links, 5);
	assert_string_equal(links_find(links, 5)->name, "a name that is ");
	links_close(links);
	event_base_free(base);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_without_its_header_is_not_handed_on),
		cmocka_unit_test(a_number_that_is_too_short_is_none),
		cmocka_unit_test(what_waits_behind_a_loss_is_not_handed_on),
		cmocka_unit_test(a_code_is_an_error_that_there_is),
		cmocka_unit_test(no_prefix_is_longer_than_an_address),
		cmocka_unit_test(a_name_ends_with_its_attribute),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	nlmsg_free(answer);
	return rc;
}
